noinst_LIBRARIES += src/core/libcore.a
src_core_libcore_a_SOURCES = \
	src/core/attach.c src/core/attach.h \
	src/core/attach_views.c src/core/display_filter.c \
	src/core/parts.c src/core/parts.h \
	src/core/pieces.c src/core/pieces.h \
	src/core/draft.c src/core/draft.h src/core/draft_priv.h \
	src/core/draft_answer.c src/core/draft_bounce.c \
	src/core/draft_edit.c \
	src/core/draft_parts.c \
	src/core/draft_outbox.c \
	src/core/draft_reply.c src/core/draft_second.c \
	src/core/draft_id.c \
	src/core/draft_send.c src/core/draft_sending.c \
	src/core/draft_store.c \
	src/core/format.c src/core/format.h \
	src/core/func.c src/core/func.h src/core/func_priv.h \
	src/core/func_leave.c src/core/func_replace.c \
	src/core/func_queue.c \
	src/core/func_save.c \
	src/core/func_sync.c \
	src/core/gettext.h \
	src/core/hook.c src/core/hook.h \
	src/core/idpool.c src/core/idpool.h \
	src/core/slots.c src/core/slots.h \
	src/core/identity.c src/core/identity.h \
	src/core/mailboxes.c src/core/mailboxes.h \
	src/core/mailcap.c src/core/mailcap.h \
	src/core/msg.c src/core/msg.h \
	src/core/msglog.c src/core/msglog.h \
	src/core/idset.c src/core/idset.h \
	src/core/pattern.c src/core/pattern.h src/core/pattern_priv.h \
	src/core/pattern_date.c \
	src/core/pattern_fit.c \
	src/core/pattern_match.c \
	src/core/pattern_print.c \
	src/core/pattern_server.c \
	src/core/radix.c src/core/radix.h \
	src/core/replace.c src/core/replace.h \
	src/core/role.c src/core/role.h \
	src/core/saved.c src/core/saved.h \
	src/core/seq.c src/core/seq.h \
	src/core/session.c src/core/session.h src/core/session_priv.h \
	src/core/session_account.c \
	src/core/session_accounts.c \
	src/core/session_jobs.c \
	src/core/when.c src/core/when.h \
	src/core/session_outbox.c src/core/outbox_priv.h src/core/outbox_cause.c src/core/outbox_rows.c \
	src/core/outbox_sendmail.c src/core/outbox_submit.c src/core/outbox_end.c \
	src/core/session_search.c \
	src/core/session_secret.c \
	src/core/session_tunnel.c \
	src/core/sort.c src/core/sort.h \
	src/core/strpool.c src/core/strpool.h \
	src/core/thread.c src/core/thread.h src/core/thread_priv.h \
	src/core/thread_change.c \
	src/core/undo.c \
	src/core/unified.c src/core/unified.h \
	src/core/query.c src/core/query.h \
	src/core/word_search.c src/core/word_search.h \
	src/core/view.c src/core/view.h src/core/view_priv.h \
	src/core/view_cold.c \
	src/core/view_collapse.c \
	src/core/view_key.c \
	src/core/view_limit.c \
	src/core/view_list.c \
	src/core/view_load.c \
	src/core/view_narrow.c \
	src/core/view_order.c \
	src/core/view_overlay.c \
	src/core/view_refs.c \
	src/core/view_step.c \
	src/core/view_score.c \
	src/core/view_score.c \
	src/core/view_tree.c
