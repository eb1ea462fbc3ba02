noinst_LIBRARIES += src/store/libstore.a
src_store_libstore_a_SOURCES = \
	src/store/applied.h \
	src/store/body.h \
	src/store/cache.h \
	src/store/intent.h \
	src/store/mailbox.h \
	src/store/message.h \
	src/store/outbox.h \
	src/store/state.h \
	src/store/uidl.h
