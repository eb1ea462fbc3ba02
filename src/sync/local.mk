noinst_LIBRARIES += src/sync/libsync.a
src_sync_libsync_a_SOURCES = \
	src/sync/apply.c src/sync/apply.h \
	src/sync/box.h \
	src/sync/host.c src/sync/host_priv.h \
	src/sync/imap_apply.c src/sync/imap_apply_priv.h \
	src/sync/imap_body.c \
	src/sync/imap_box.c src/sync/imap_box_priv.h \
	src/sync/imap_copy.c \
	src/sync/imap_list_rows.c \
	src/sync/imap_mailbox.c \
	src/sync/imap_row.c src/sync/imap_row.h \
	src/sync/imap_ahead.c \
	src/sync/imap_fill.c src/sync/imap_flags.c \
	src/sync/imap_news.c \
	src/sync/imap_search.c \
	src/sync/imap_sync.c \
	src/sync/imap_watch.c \
	src/sync/imap_upload.c \
	src/sync/index.c src/sync/index.h \
	src/sync/keep.c src/sync/keep.h \
	src/sync/kinds.c \
	src/sync/retag.c src/sync/retag.h src/sync/spam.c src/sync/spam.h \
	src/sync/local_apply.c \
	src/sync/local_box.c src/sync/local_box.h \
	src/sync/local_list.c src/sync/local_priv.h \
	src/sync/local_parts.c \
	src/sync/local_watch.c \
	src/sync/maildir.c src/sync/maildir_words.c \
	src/sync/maildir_box.c src/sync/maildir_priv.h \
	src/sync/maildir_change.c \
	src/sync/maildir_list.c \
	src/sync/mbox_box.c src/sync/mbox_priv.h \
	src/sync/mbox_deliver.c \
	src/sync/mbox_lock.c src/sync/mbox_lock.h \
	src/sync/mbox_rescue.c src/sync/mbox_rescue.h \
	src/sync/mbox_rewrite.c \
	src/sync/mbox_text.c \
	src/sync/plan.c \
	src/sync/pop_arrive.c \
	src/sync/pop_box.c \
	src/sync/pop_hash.c \
	src/sync/pop_priv.h \
	src/sync/pop_rules.c \
	src/sync/pop_visit.c \
	src/sync/pop_visit_priv.h \
	src/sync/pop_who.c \
	src/sync/remote.c src/sync/remote.h \
	src/sync/row.c src/sync/row.h \
	src/sync/search.c src/sync/search.h \
	src/sync/submit.c \
	src/sync/transcript.c src/sync/transcript.h \
	src/sync/worker.c src/sync/worker.h src/sync/worker_priv.h \
	src/sync/worker_jobs.c \
	src/sync/worker_line.c
