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
	bool looked;         /* there was something to do or to tell */
	struct apply_one *told; /* those that need no step: done before, or impossible */
	size_t told_count, told_cap;
};

/*
 * Looks at the ready intents that are not in seen (host_priv.h) and makes the next step: as many as
 * belong together (same kind, mailbox, flags, destination; at most BOX_APPLY_MAX) and can be put beside
 * each other. Those that need no step (carried out before, set aside) are in `told`. All of them are in
 * seen then. looked false: nothing left. Of the box it is asked what it can do (append_max, own_uids).
 */
bool plan_next(struct host *, struct plan_seen *seen, const struct box *, struct plan *out, struct err *e) MUST_CHECK;
void plan_fini(struct plan *);

/* One step of the job: plan, backend, reports. *more when there is more to do. */
bool apply_step_run(struct host *, struct box *, struct job *, bool *more, struct err *e) MUST_CHECK;

#endif
