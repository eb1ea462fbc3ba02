noinst_LIBRARIES += src/conf/libconf.a
src_conf_libconf_a_SOURCES = \
	src/conf/account.c src/conf/account.h \
	src/conf/color.c src/conf/color.h \
	src/conf/complete.c \
	src/conf/conf.c src/conf/conf.h \
	src/conf/date.c \
	src/conf/expando.c src/conf/expando.h src/conf/expando_priv.h \
	src/conf/expando_format.c \
	src/conf/keymap.c \
	src/conf/keys.c src/conf/keys.h \
	src/conf/lex.c src/conf/lex.h \
	src/conf/netrc.c \
	src/conf/path.c \
	src/conf/presets.c src/conf/presets.h \
	src/conf/rc.c src/conf/rc.h src/conf/rc_priv.h \
	src/conf/rc_bind.c \
	src/conf/rc_color.c \
	src/conf/rc_hook.c \
	src/conf/rc_lists.c \
	src/conf/rc_match.c \
	src/conf/rc_set.c \
	src/conf/server.c \
	src/conf/state.c src/conf/state.h src/conf/state_priv.h \
	src/conf/value.c src/conf/value.h
