noinst_LIBRARIES += src/ipc/libipc.a
src_ipc_libipc_a_SOURCES = \
	src/ipc/chan.c src/ipc/chan.h \
	src/ipc/messages.def \
	src/ipc/wire.c src/ipc/wire.h
