noinst_LIBRARIES += src/sync/libsync.a
src_sync_libsync_a_SOURCES = \
	src/sync/apply.c src/sync/apply.h \
	src/sync/box.h \
	src/sync/host.c src/sync/host_priv.h \
	src/sync/kinds.c \
	src/sync/local_box.c src/sync/local_box.h \
	src/sync/local_watch.c \
	src/sync/maildir.c \
	src/sync/maildir_box.c \
	src/sync/mbox_box.c \
	src/sync/mbox_lock.c src/sync/mbox_lock.h \
	src/sync/plan.c \
	src/sync/row.c src/sync/row.h \
	src/sync/search.c src/sync/search.h \
	src/sync/worker.c src/sync/worker.h
