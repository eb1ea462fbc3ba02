/*
 * Carrying out intents: plan.c makes steps of them, the backend does a step, apply.c tells what
 * became of each.
 */
#ifndef SYNC_APPLY_H
#define SYNC_APPLY_H

#include "sync/host_priv.h"

/* A step and what it was made of; see plan_next. */
struct plan {
	struct apply_step step;
	struct mailbox mailbox, dest;
	struct arena *arena; /* texts and ones */
	bool has_step;
	int64_t last;        /* the last intent that was looked at; 0: none was left */
	struct apply_one *told; /* those that need no step: done before, or impossible */
	size_t told_count, told_cap;
};

/*
 * Looks at the ready intents behind `after` and makes the next step: as many as belong together
 * (same kind, mailbox, flags, destination; at most BOX_APPLY_MAX). Those that need no step (carried
 * out before, set aside) are in `told`. has_step false and last 0: nothing left.
 */
bool plan_next(struct host *, int64_t after, struct plan *out, struct err *e) MUST_CHECK;
void plan_fini(struct plan *);

/* One step of the job: plan, backend, reports. *more when there is more to do. */
bool apply_step_run(struct host *, struct box *, struct job *, bool *more, struct err *e) MUST_CHECK;

#endif
