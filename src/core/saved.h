/*
 * How many messages saved searches (`virtual-mailboxes` with a pattern) find, for the list of mailboxes and the
 * sidebar, without anybody having opened them: counted from the caches and the index of words in slices of the
 * loop, one search after the other, and again some time after something has changed. No worker is asked.
 */
#ifndef CORE_SAVED_H
#define CORE_SAVED_H

#include "core/session.h"

struct saved_count {
	uint32_t total, unread, fresh;
};
/*
 * False: not counted yet. Asking for one is what makes it be counted, soon; the event `mailboxes` tells when it was.
 * query: what makes it up; another one under the same name is another search.
 */
bool saved_counts(struct session *, const char *name, const char *query, struct saved_count *out);
/* Messages or flags of some mailbox have changed. */
void saved_stale(struct session *);
/* Nothing is being counted, or will be because it has changed (tests wait for that). */
bool saved_is_idle(const struct session *);
void saved_free(struct session *);

#endif
