/*
 * Threads: which message hangs under which. As mutt does it: In-Reply-To and References first, then (unless
 * $strict_threads) roots that look like answers go under the message whose subject they carry. The result
 * depends on the set of messages in mailbox order only, not on the order in which they became known: a
 * change takes the trees apart that it may touch, and builds just these again as if they were all there is.
 *
 * Messages are rows of a view, ids and lists of ids numbers of core/idpool.h, subjects numbers of their own,
 * so comparing them is comparing integers. Nothing here recurses; the work is linear, but for the moves of
 * messages that share a subject, which are bounded.
 */
#ifndef CORE_THREAD_H
#define CORE_THREAD_H

#include "core/idpool.h"

#define THREAD_REFS_MAX 500        /* ids of one message that are looked at, the newest */
#define THREAD_MOVES_MAX 20000000u /* of messages from one parent to another by subject */
#define THREAD_NONE UINT32_MAX
/* A node is a message (its row) or a missing one that others refer to (with this bit). */
#define THREAD_GHOST 0x80000000u

struct thread_msg {
	uint32_t msgid;     /* 0: none */
	uint32_t ancestors; /* list of ids, nearest first */
	uint32_t subject;   /* without Re:, 0: none */
	bool is_reply;      /* something was cut off the subject */
	int64_t date;       /* sent, or received when $thread_received */
	uint64_t place;     /* mailbox order */
};

/*
 * Where messages come from. cmp: which of two comes first by the keys of an order, never 0 for two rows.
 * last: a thread counts as the greatest of its messages, not as its root. A missing message counts as its
 * least (or with last greatest) child.
 */
struct thread_order {
	int (*cmp)(void *data, uint32_t row_a, uint32_t row_b);
	bool reverse, last;
};

struct thread_in {
	void *data;
	void (*msg)(void *data, uint32_t row, struct thread_msg *out);
	struct thread_order inner; /* of siblings */
	struct thread_order roots; /* only for the message that stands for a thread */
	bool strict;     /* $strict_threads */
	bool sort_re;    /* $sort_re */
	bool duplicates; /* $duplicate_threads */
};

struct thread_node {
	uint32_t parent, first_child;
	uint32_t next, prev; /* siblings; of a root: nothing, and the row that stands for its thread */
};

enum thread_flag {
	THREAD_IN = 1,              /* it is in the forest */
	THREAD_FAKE = 2,            /* where it is because of its subject */
	THREAD_DUPLICATE = 4,       /* same Message-ID as its parent */
	THREAD_SUBJECT_CHANGED = 8, /* differs from the nearest message above */
	THREAD_LINKED = 16,         /* is in a list of siblings (while building) */
	THREAD_CHAINED = 32,        /* is in the list of its subject */
};

struct thread_ghost {
	struct thread_node node;
	uint32_t id; /* 0: not in use */
	uint8_t flags;
};

struct threads {
	struct thread_in in;
	struct thread_node *nodes; /* by row */
	uint8_t *flags;            /* enum thread_flag, by row */
	uint32_t *subject_next;    /* by row: another one with the same subject */
	uint32_t rows;             /* there is room for these */
	struct thread_ghost *ghosts;
	uint32_t ghost_count, ghost_cap, ghost_free;
	uint32_t *by_id; /* number of an id -> node */
	uint32_t by_id_cap;
	uint32_t *subject_first; /* number of a subject -> row */
	uint32_t *answers;       /* number of a subject -> rows that look for somebody with it */
	uint32_t subject_cap;
	const struct idpool *ids;
	bool forgot; /* threads_forget was called */
};

void threads_init(struct threads *, const struct thread_in *, const struct idpool *);
void threads_fini(struct threads *); /* fine on zeroes */

/*
 * A forest of these rows (in mailbox order, none twice) in place of what there was. Done in pieces: step
 * does some thousand small things and returns true until it is finished; rows must not change meanwhile.
 * roots: all of them, in no order; lent until the end.
 */
struct thread_build;
struct thread_build *threads_build(struct threads *, const uint32_t *rows, uint32_t count);
bool threads_build_step(struct thread_build *);
uint32_t threads_build_roots(const struct thread_build *, const uint32_t **roots);
void threads_build_free(struct thread_build *); /* NULL is fine */

/*
 * Before the id or the subject of a row change: what is known by them is forgotten. The row is to be among
 * those of the next threads_change.
 */
void threads_forget(struct threads *, uint32_t row);

/*
 * Rows that came, went (in `gone`) or are not what they were. The trees that this may touch are built again.
 * Whose place in the list is void is in `out`, whoever comes into it in the trees of `roots`. At most about
 * `most` messages are looked at: else false, and all is to be built anew (as when messages go without
 * $duplicate_threads).
 */
struct thread_change {
	const uint32_t *rows; /* that are there, now */
	uint32_t count;
	const uint32_t *gone;
	uint32_t gone_count;
	uint32_t most;
	uint32_t *out, *roots; /* the result: freed by threads_change_fini */
	uint32_t out_count, root_count;
};
bool threads_change(struct threads *, struct thread_change *);
void threads_change_fini(struct thread_change *);

/* ---- asking ---- */
static inline bool thread_is_msg(uint32_t n)
{
	return !(n & THREAD_GHOST);
}
static inline struct thread_node *thread_node(const struct threads *t, uint32_t n)
{
	return thread_is_msg(n) ? &t->nodes[n] : &t->ghosts[n ^ THREAD_GHOST].node;
}
static inline uint8_t *thread_flags(const struct threads *t, uint32_t n)
{
	return thread_is_msg(n) ? &t->flags[n] : &t->ghosts[n ^ THREAD_GHOST].flags;
}
static inline bool thread_has(const struct threads *t, uint32_t row)
{
	return row < t->rows && (t->flags[row] & THREAD_IN);
}
/* Depth first inside the tree of top: the node after n, THREAD_NONE at the end. */
uint32_t thread_walk(const struct threads *, uint32_t n, uint32_t top);
uint32_t thread_root(const struct threads *, uint32_t n);
/* The message that stands for the thread of a root among the others. */
uint32_t thread_stands_for(const struct threads *, uint32_t root);
/* Nearest message above n (missing ones skipped). */
uint32_t thread_parent_msg(const struct threads *, uint32_t n);
/* The sibling before n; THREAD_NONE also for roots. */
uint32_t thread_prev(const struct threads *, uint32_t n);
/* Who answers to an id; THREAD_NONE. */
uint32_t thread_by_id(const struct threads *, uint32_t id);

#endif
