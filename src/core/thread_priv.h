/*
 * The inside of core/thread.h: thread.c builds trees by ids and by subject, thread_change.c finds out which of
 * them a change touches.
 */
#ifndef CORE_THREAD_PRIV_H
#define CORE_THREAD_PRIV_H

#include "core/radix.h"
#include "core/thread.h"

enum build_phase {
	BUILD_INDEX,
	BUILD_HANG,
	BUILD_COMPARE,
	BUILD_GROUP_DATES,
	BUILD_GROUP_SUBJECTS,
	BUILD_GROUPS,
	BUILD_SUBJECT,
	BUILD_ORDER,
	BUILD_DONE,
};

/*
 * Messages by subject, each subject's by date: a message that looks like an answer goes under the
 * latest one before it. Whoever has become an answer itself is no candidate any more, and never again,
 * so `before` leads past those that are used up.
 */
struct candidates {
	struct radix sort, by_date;
	uint32_t *msgs;        /* rows, by place */
	uint32_t *first, *end; /* number of a subject -> its places */
	uint32_t *before;      /* by place + 1: union-find towards the last place <= it that still counts; 0: none */
	uint32_t *stamp;       /* number of a subject -> last root that asked about it, + 1 */
};

struct thread_build {
	struct threads *t;
	const uint32_t *rows;
	uint32_t count;
	enum build_phase phase;
	uint32_t at;
	uint32_t first_root;
	/* union-find: towards the root of the tree that a node is in; n + 1, 0: the node is not of this build */
	uint32_t *row_set, *ghost_set;
	uint32_t ghost_set_cap;
	uint32_t moves, stamp;
	struct candidates c;
	uint32_t *roots, root_count, root_cap;
	uint32_t foreign; /* a node of a tree outside that must be taken in, THREAD_NONE */
	uint32_t *siblings, siblings_cap;
};

void thread_rows_grow(struct threads *, uint32_t rows);
void thread_numbers_grow(struct threads *, uint32_t subject);
void thread_chain(struct threads *, uint32_t row, const struct thread_msg *);
bool thread_searches(const struct threads *, const struct thread_msg *);
/* Takes a node out of the forest; its relatives still think it is there. A missing one is free again. */
void thread_take_out(struct threads *, uint32_t n, uint32_t msgid);

#endif
