/* Inside of struct cache, for the files of store/ that work on its tables. */
#ifndef STORE_CACHE_PRIV_H
#define STORE_CACHE_PRIV_H

#include "store/cache.h"
#include "store/db_priv.h"

#define CACHE_APP 0x66737463 /* "fstc" */
#define CACHE_VERSION 2
extern const char *const cache_steps[CACHE_VERSION];

/*
 * total, unseen and fresh of a mailbox follow its rows: what a transaction changes is gathered here and put into the
 * mailbox's row with its commit, as long as that row's counts are exact (MAILBOX_EXACT; mailbox_count makes them so).
 * Counting the rows anew would read all of them.
 */
#define COUNT_DELTAS 16 /* mailboxes of one transaction; of more the oldest goes into its row early */
struct count_delta {
	uint64_t mailbox;
	int64_t total, unseen, fresh;
};
#define MAILBOX_EXACT (1u << 30) /* of mailbox.flags, unknown to all others */

/* One row more (n 1) or less (-1) with these flags. False: the database failed. */
bool counts_note(struct cache *, uint64_t message, unsigned flags, int n, struct err *e) MUST_CHECK;
bool counts_flush(struct cache *, struct err *e) MUST_CHECK;

struct cache {
	struct db db;
	enum cache_mode mode;
	enum cache_fate fate;
	char *bodies;
	bool noted_corrupt;
	struct count_delta delta[COUNT_DELTAS];
	size_t deltas;
};

#endif
