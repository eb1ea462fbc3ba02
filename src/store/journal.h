/*
 * The journal of actions, in state.db: what the user did, one row for each key, newest last. Its
 * intents (intent.h) have the action's id as their group. An action can be undone and done again
 * at any time: at once, after it was carried out, after a restart. The last JOURNAL_MAX are kept.
 *
 * Undoing looks at each intent by itself. One that the worker cannot have begun is taken back: it
 * leaves the queue and nothing is sent. For one that was begun or carried out its inverse is added
 * to the queue (a move goes back, a copy is deleted, what was deleted for good is appended again
 * from the file that was kept). Doing it again works the same way from the other side.
 *
 * A worker may be carrying out what is being taken back: then its report comes late, and
 * journal_late adds the inverse after all. So it does not matter who was first.
 */
#ifndef STORE_JOURNAL_H
#define STORE_JOURNAL_H

#include "store/intent.h"

#define JOURNAL_MAX 1000 /* actions that are kept */

struct action {
	int64_t id;       /* the group of its intents (intent_new_group) */
	int64_t created;
	const char *what; /* a word for people, not translated yet: "flags", "delete", "save" ... */
	const char *account, *mailbox;
	const char *dest;    /* where to, "" */
	const char *subject; /* of the first message, "" */
	uint64_t count;      /* messages, or mailboxes */
	bool undone;
	/* of its intents as they are now; action_add ignores them */
	uint64_t marked, waiting, failed, aside, done;
	uint64_t lost; /* carried out, and nothing can bring it back */
};

bool action_add(struct state *, const struct action *, struct err *e) MUST_CHECK;
/* Newest first, all that are kept; texts lent during the call; fn returns false to stop. */
typedef bool action_fn(void *data, const struct action *);
bool action_each(struct state *, action_fn *, void *data, struct err *e) MUST_CHECK;
bool action_get(struct state *, int64_t id, action_fn *, void *data, struct err *e) MUST_CHECK; /* ERR_GONE */

/*
 * What undo and redo without an id mean: the newest action that can still be undone, and the one
 * undone last if nothing new was done since. *id 0: there is none.
 */
bool action_newest(struct state *, bool undone, int64_t *id, struct err *e) MUST_CHECK;

/* What the store cannot know. */
struct journal_eye {
	/* The worker may have begun it: its trace is in the cache (applied.h). */
	bool (*begun)(void *data, const struct intent *);
	/* A mailbox that an action made may be removed again: nothing is in it. */
	bool (*removable)(void *data, const struct intent *);
	void *data;
};

struct journal_result {
	unsigned taken;    /* intents taken back, or put in the queue again */
	unsigned inverted; /* intents for which another one was added */
	unsigned lost;     /* those that cannot be undone */
};

/*
 * All of one action, in one transaction. ERR_GONE: no such action, or nothing of it can be undone
 * (result.lost says how many). What depends on it is not touched: see journal_dependents.
 */
bool journal_undo(struct state *, int64_t id, const struct journal_eye *, struct journal_result *, struct err *e)
	MUST_CHECK;
bool journal_redo(struct state *, int64_t id, const struct journal_eye *, struct journal_result *, struct err *e)
	MUST_CHECK;
/*
 * The later actions that must be undone before this one: they moved or deleted what it moved, or
 * used the mailbox that it made. Newest first; *ids for the caller to free.
 */
bool journal_dependents(struct state *, int64_t id, int64_t **ids, size_t *count, struct err *e) MUST_CHECK;

/* Out of the queue, so that it can be put back with journal_redo; what depends on it, too. ERR_GONE. */
bool journal_drop(struct state *, int64_t intent, struct err *e) MUST_CHECK;

/*
 * The worker carried out an intent that is not in the queue: was it taken back, its inverse is added
 * and *added set. Anything else is nothing.
 */
bool journal_late(struct state *, int64_t intent, bool *added, struct err *e) MUST_CHECK;
/* Those of an account that were taken back and for which journal_late might still be called. */
bool journal_taken_each(struct state *, const char *account, intent_fn *, void *data, struct err *e) MUST_CHECK;
/* From now on nobody can carry them out any more: its worker is a new one. */
bool journal_taken_settled(struct state *, const char *account, struct err *e) MUST_CHECK;
/* The worker could not carry it out: an inverse that waits for it has nothing to do. */
bool journal_refused(struct state *, int64_t intent, struct err *e) MUST_CHECK;

/*
 * The delete mark of a message goes (uid 0: all of the mailbox), as part of the action `group`, whose
 * undoing brings it back. *count gets how many.
 */
bool journal_unmark(struct state *, int64_t group, const char *account, const char *mailbox, uint64_t uidvalidity,
	uint64_t uid, uint64_t *count, struct err *e) MUST_CHECK;

#endif
