/*
 * Threads: which message hangs under which. As mutt does it: In-Reply-To and References first,
 * then (unless $strict_threads) roots that look like answers go under the message whose subject they
 * carry. Pure and deterministic: the result depends on the set of messages in mailbox order only, not
 * on the order in which they became known. Ids and subjects come in as numbers (core/strpool.h), so
 * comparing them is comparing integers. Nothing here recurses.
 */
#ifndef CORE_THREAD_H
#define CORE_THREAD_H

#include "base/util.h"

#define THREAD_REFS_MAX 1000 /* of one message that are looked at, newest first */
#define THREAD_NONE UINT32_MAX

struct thread_msg {
	uint32_t msgid;            /* number of its Message-ID, 0: none */
	uint32_t refs;             /* first in thread_in.refs */
	uint16_t irt_count;        /* In-Reply-To ids, newest first, then ... */
	uint16_t ref_count;        /* ... References ids, newest first */
	uint32_t real_subject;     /* number of the subject without Re:, 0: none */
	bool is_reply;             /* something was cut off the subject */
	int64_t date;              /* sent, or received when $thread_received */
};

struct thread_in {
	const struct thread_msg *msgs; /* in mailbox order */
	uint32_t count;
	const uint32_t *refs;
	uint32_t id_limit;         /* all ids are below */
	uint32_t subject_limit;
	bool strict;               /* $strict_threads */
	bool sort_re;              /* $sort_re */
	bool duplicates;           /* $duplicate_threads */
};

/*
 * A node is a message (index below count) or a missing one that others refer to (count and above).
 * Roots hang under no parent; first_child and next give an order that thread_sort overwrites.
 */
struct thread_node {
	uint32_t parent, first_child, next, prev;
	bool fake;       /* here because of its subject */
	bool duplicate;  /* same Message-ID as its parent */
	bool subject_changed; /* differs from the nearest message above */
};

struct threads {
	struct thread_node *nodes;
	uint32_t count;    /* messages */
	uint32_t total;    /* and missing ones */
	uint32_t first_root;
};

void threads_build(struct threads *, const struct thread_in *);
void threads_fini(struct threads *);

/*
 * Sorts siblings. cmp compares two messages (indexes of thread_in.msgs) and must be a total order;
 * root_cmp is for the roots. last: a thread counts as its greatest message, not its root.
 */
typedef int thread_cmp_fn(void *data, uint32_t a, uint32_t b);
struct thread_order {
	thread_cmp_fn *cmp;
	bool reverse, last;
};
void threads_sort(struct threads *, const struct thread_order *inner, const struct thread_order *roots, void *data);

/* Depth first: the next node after n, THREAD_NONE at the end. */
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
