/*
 * Threads: which message hangs under which. As mutt does it: In-Reply-To and References first,
 * then (unless $strict_threads) roots that look like answers go under the message whose subject they
 * carry. Pure and deterministic: the result depends on the set of messages in mailbox order only, not
 * on the order in which they became known. Ids and subjects come in as numbers (core/strpool.h), so
 * comparing them is comparing integers. Nothing here recurses; the work is linear, but for the moves
 * of messages that share a subject, which are bounded.
 */
#ifndef CORE_THREAD_H
#define CORE_THREAD_H

#include "base/util.h"

#define THREAD_REFS_MAX 500        /* ids of one message that are looked at, the newest */
#define THREAD_MOVES_MAX 20000000u /* of messages from one parent to another by subject */
#define THREAD_NONE UINT32_MAX

struct thread_msg {
	uint32_t msgid;        /* number of its Message-ID, 0: none */
	uint32_t refs;         /* where its ids begin in thread_in.refs */
	uint16_t irt_count;    /* In-Reply-To ids, newest first, then ... */
	uint16_t ref_count;    /* ... References ids, newest first */
	uint32_t real_subject; /* number of the subject without Re:, 0: none */
	bool is_reply;         /* something was cut off the subject */
	int64_t date;          /* sent, or received when $thread_received */
};

struct thread_in {
	const struct thread_msg *msgs; /* in mailbox order */
	uint32_t count;
	const uint32_t *refs;
	uint32_t limit;  /* all numbers of ids and subjects are below */
	bool strict;     /* $strict_threads */
	bool sort_re;    /* $sort_re */
	bool duplicates; /* $duplicate_threads */
};

/*
 * A node is a message (index below count) or a missing one that others refer to (count and above).
 * Siblings are a list; the order of building means nothing: threads_sort makes it one to show.
 */
struct thread_node {
	uint32_t parent, first_child, next, prev; /* THREAD_NONE: none */
	bool fake;                                /* here because of its subject */
	bool duplicate;                           /* same Message-ID as its parent */
	bool subject_changed;                     /* differs from the nearest message above */
	bool linked;                              /* is in a list of siblings (while building) */
};

struct threads {
	struct thread_node *nodes;
	uint32_t count; /* messages */
	uint32_t total; /* and missing ones */
	uint32_t first_root;
};

void threads_build(struct threads *, const struct thread_in *);
void threads_fini(struct threads *); /* fine on zeroes */

/*
 * Sorts siblings by ranks of messages (a permutation of 0 .. count-1). last: a thread counts as the
 * greatest of its messages, not as its root. A missing message counts as its least (or with last greatest) child.
 */
struct thread_order {
	const uint32_t *rank;
	bool reverse, last;
};
void threads_sort(struct threads *, struct thread_order inner, struct thread_order roots);

/* Depth first: the node after n, THREAD_NONE at the end. */
uint32_t thread_walk(const struct threads *, uint32_t n);
/* The same inside the subtree of top. */
uint32_t thread_walk_in(const struct threads *, uint32_t n, uint32_t top);
uint32_t thread_root(const struct threads *, uint32_t n);
/* Nearest message above n (missing ones skipped). */
uint32_t thread_parent_msg(const struct threads *, uint32_t n);
static inline bool thread_is_msg(const struct threads *t, uint32_t n)
{
	return n < t->count;
}

#endif
