/*
 * What became of intents, in cache-A.db, so that a worker that was killed between the server's OK
 * and the ui's note of it does not do a thing twice. The row is written in the same transaction as
 * the change of the messages.
 */
#ifndef STORE_APPLIED_H
#define STORE_APPLIED_H

#include "store/cache.h"

enum applied_state {
	APPLIED_NO,
	APPLIED_TRYING, /* begun, outcome unknown: look before you repeat */
	APPLIED_DONE,
};

struct applied {
	enum applied_state state;
	/*
	 * TRYING: UIDVALIDITY and UIDNEXT of the destination before the attempt. DONE: where it is
	 * now; 0: not known.
	 */
	uint64_t uidvalidity, uid;
	int64_t at; /* when it was noted; applied_set takes the present */
};

/* state APPLIED_NO when there is no row. */
bool applied_get(struct cache *, int64_t intent, struct applied *out, struct err *e) MUST_CHECK;
bool applied_set(struct cache *, int64_t intent, const struct applied *, struct err *e) MUST_CHECK;
/* Forgets rows older than days (undo can no longer ask for them). */
bool applied_prune(struct cache *, int days, struct err *e) MUST_CHECK;

#endif
