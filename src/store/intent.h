/*
 * Intents: what the user wants to be done to messages and mailboxes, in state.db. Each is a delta
 * with an id, committed before the screen shows it. The worker of the account carries out the
 * pending ones in the order of ids, idempotently (applied.h), and says APPLIED; then the ui removes
 * it with intent_done, or keeps it with the reason (intent_failed). What the screen shows is the
 * cache overlaid with what is here.
 *
 * Deleting is first a mark (state MARKED, shown as D); leaving the mailbox or `$` makes it pending.
 * Moving to another account is two intents: append there, then delete here, which depends on it.
 */
#ifndef STORE_INTENT_H
#define STORE_INTENT_H

#include "store/state.h"

enum intent_kind {
	INTENT_FLAG,        /* add and del flags, add_words and del_words */
	/*
	 * For good: flag \Deleted and expunge it alone. add MSG_DELETED: past the trash. file: a copy of
	 * the message for undo, or ""; then del, add_words and date are its flags, keywords and date.
	 */
	INTENT_DELETE,
	INTENT_MOVE,        /* to mailbox dest of the same account */
	INTENT_COPY,        /* to mailbox dest of the same account */
	INTENT_APPEND,      /* file into mailbox (no message), with flags add and date */
	INTENT_CREATE,      /* mailbox */
	INTENT_RENAME,      /* mailbox to dest */
	INTENT_REMOVE,      /* mailbox with all in it */
	INTENT_SUBSCRIBE,
	INTENT_UNSUBSCRIBE,
	INTENT_UNMARK,      /* only in the journal: the mark that intent `of` was has been taken away */
	INTENT_KINDS
};

enum intent_state {
	INTENT_MARKED,  /* waits for the user's $ */
	INTENT_PENDING, /* for the worker */
	INTENT_FAILED,  /* refused; error says why; retry makes it pending */
	INTENT_ASIDE,   /* UIDVALIDITY changed (local: and no Message-ID): never applied, shown */
	INTENT_LOCAL,   /* a tag that the other side cannot keep: it lives here, as part of the overlay */
	INTENT_STATES
};

struct intent {
	int64_t id;
	enum intent_kind kind;
	enum intent_state state;
	int64_t group;     /* one key of the user = one group: undo takes all of it */
	int64_t depends;   /* not before that intent has gone from the queue; 0: none */
	bool waits;        /* intent_ready_each: it is there still */
	const char *account;
	const char *mailbox; /* name */
	/*
	 * The message. uid 0 with `of` > 0: the message that intent `of` put there (undo of a
	 * move).
	 */
	uint64_t uidvalidity, uid;
	int64_t of;
	const char *message_id; /* to find it again when the UID does not help; "" */
	unsigned add, del;      /* enum message_flag */
	const char *add_words, *del_words;
	const char *dest;       /* mailbox name, same account */
	const char *file;       /* append: absolute path (state_put_file) */
	int64_t date;           /* append: INTERNALDATE, 0: now */
	int64_t created;
	unsigned tries;
	const char *error;
};

/*
 * NULL texts count as "". i->id is ignored; *id is set. Many of them: between state_begin and
 * state_commit.
 */
bool intent_add(struct state *, const struct intent *i, int64_t *id, struct err *e) MUST_CHECK;
/* A fresh group number. */
bool intent_new_group(struct state *, int64_t *group, struct err *e) MUST_CHECK;

/* In the order of ids; texts are lent during the call; fn returns false to stop. */
typedef bool intent_fn(void *data, const struct intent *);
/* account or mailbox NULL: all. Every state. For the overlay and the lists of the ui. */
bool intent_each(struct state *, const char *account, const char *mailbox, intent_fn *, void *data, struct err *e)
	MUST_CHECK;
/*
 * The worker's queue: pending, id > after, at most limit. Those that depend on one that is in the queue
 * still come, too (waits): nothing later on the same message may overtake them.
 */
bool intent_ready_each(struct state *, const char *account, int64_t after, unsigned limit, intent_fn *, void *data,
	struct err *e) MUST_CHECK;
bool intent_get(struct state *, int64_t id, intent_fn *, void *data, struct err *e) MUST_CHECK; /* ERR_GONE */
/* As intent_each of one mailbox, only those with id > after: what was added since the last look. */
bool intent_each_after(struct state *, const char *account, const char *mailbox, int64_t after, intent_fn *, void *data,
	struct err *e) MUST_CHECK;
/*
 * A queue that is paused gives nothing to the worker (intent_ready_each), in every process and until it is
 * resumed.
 */
bool intent_pause(struct state *, const char *account, bool on, struct err *e) MUST_CHECK;
bool intent_paused(struct state *, const char *account);
/* The file that a delete for good is kept in (see INTENT_DELETE), with what append needs besides. */
bool intent_keep(struct state *, int64_t id, const char *file, unsigned flags, const char *words, int64_t date,
	struct err *e) MUST_CHECK;
/* Counts by state: counts[INTENT_PENDING] ... account NULL: all. */
bool intent_counts(struct state *, const char *account, uint64_t counts[INTENT_STATES], struct err *e) MUST_CHECK;

/* ---- the ui's side ---- */

/* Tags of this message live here only (INTENT_LOCAL). */
bool intent_has_local(struct state *, const char *account, const char *mailbox, uint64_t uidvalidity, uint64_t uid);
/* One of an account waits for this intent to be carried out: its worker should look again. */
bool intent_is_waited_for(struct state *, int64_t id, char **account); /* caller frees */
/* Carried out: out of the queue, kept for undo. */
bool intent_done(struct state *, int64_t id, struct err *e) MUST_CHECK;
bool intent_failed(struct state *, int64_t id, enum intent_state, const char *error, struct err *e) MUST_CHECK;
/*
 * Pending again, with tries and error cleared. One that was set aside names its message by Message-ID
 * from now on, because UIDs mean others now: ERR_INPUT when it has none.
 */
bool intent_retry(struct state *, int64_t id, struct err *e) MUST_CHECK;
/* Taken back before it was carried out, with all that depend on it; no trace is left. */
bool intent_drop(struct state *, int64_t id, struct err *e) MUST_CHECK;
/*
 * `$`: all marks of the mailbox become pending: deletes, or moves to trash when that is not NULL
 * and not the mailbox itself (a delete with add MSG_DELETED is a purge: past the trash; moves stay
 * moves). *count gets their number. One transaction.
 */
bool intent_release_marks(struct state *, const char *account, const char *mailbox, const char *trash, uint64_t *count,
	struct err *e) MUST_CHECK;
const char *intent_kind_name(enum intent_kind);   /* "flag", "move", ... */
const char *intent_state_name(enum intent_state); /* "marked", "pending", "failed", "aside", "local" */

#endif
