noinst_LIBRARIES += src/conf/libconf.a
src_conf_libconf_a_SOURCES = \
	src/conf/account.h src/conf/color.h src/conf/conf.h src/conf/expando.h src/conf/keys.h \
	src/conf/rc.h src/conf/state.h
