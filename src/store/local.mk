noinst_LIBRARIES += src/store/libstore.a
src_store_libstore_a_SOURCES = \
	src/store/applied.c src/store/applied.h \
	src/store/body.c src/store/body.h \
	src/store/cache.c src/store/cache.h src/store/cache_priv.h \
	src/store/db.c src/store/db_priv.h \
	src/store/intent.c src/store/intent.h src/store/intent_priv.h \
	src/store/journal.c src/store/journal.h src/store/journal_priv.h src/store/journal_action.c \
	src/store/journal_rows.c src/store/journal_turn.c \
	src/store/mailbox.c src/store/mailbox.h \
	src/store/message.c src/store/message.h \
	src/store/object.c src/store/object.h \
	src/store/outbox.c src/store/outbox.h \
	src/store/pack.c src/store/pack.h src/store/search_text.c \
	src/store/search.c src/store/search_block.c src/store/search_gather.c src/store/search_query.c \
	src/store/search_plan.c src/store/search_tidy.c src/store/search.h src/store/search_priv.h \
	src/store/state.c src/store/state.h src/store/state_priv.h \
	src/store/uidl.c src/store/uidl.h
