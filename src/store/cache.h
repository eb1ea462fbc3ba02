/*
 * cache-A.db: what the server of account A (or the local disk) told us. Only A's worker writes it;
 * everyone else opens it for reading. It can be rebuilt: a file that is corrupt, or was written by
 * a newer feist, is set aside by the writer and started afresh. WAL, synchronous=NORMAL: a power
 * cut may lose the last transactions, never the file.
 *
 * One struct cache belongs to one thread. The functions on its tables are in mailbox.h, message.h,
 * body.h and applied.h.
 */
#ifndef STORE_CACHE_H
#define STORE_CACHE_H

#include "base/err.h"
#include "base/str.h"

struct cache;

enum cache_mode {
	CACHE_READ,  /* the file must be there and of our version: else ERR_GONE (wait for the worker's READY) */
	CACHE_WRITE, /* creates folders and file, migrates, sets aside what cannot be read */
};

/* What CACHE_WRITE found. */
enum cache_fate {
	CACHE_WAS_GOOD,
	CACHE_WAS_NEW,      /* there was none */
	CACHE_WAS_MIGRATED, /* an older version, brought up to date */
	CACHE_WAS_REBUILT,  /* corrupt or newer: moved to cache-A.db.bad, an empty one made */
};

/*
 * dir: the cache folder (fs_cache_dir). account: any name, made safe for a file here.
 * ERR_GONE (CACHE_READ only) or ERR_DISK. Takes about 1 ms.
 */
bool cache_open(struct cache **out, const char *dir, const char *account, enum cache_mode mode, struct err *e)
	MUST_CHECK;
void cache_close(struct cache *); /* NULL is fine */
enum cache_fate cache_fate(const struct cache *);
/* Opened for writing, and found that it can only be read (a moment without descriptors, say): open it anew. */
bool cache_is_stuck(const struct cache *);

/*
 * True when another process has committed since the last call. About 3 us: ask as often as you
 * like.
 */
bool cache_changed(struct cache *);

/*
 * Everything the writer changes between begin and commit becomes visible at once. Without begin
 * each call is a transaction of its own. They do not nest. A failed commit has rolled back.
 */
bool cache_begin(struct cache *, struct err *e) MUST_CHECK;
bool cache_commit(struct cache *, struct err *e) MUST_CHECK;
void cache_rollback(struct cache *); /* fine without a transaction */
bool cache_in_transaction(const struct cache *);

/*
 * While true, what is committed also outlives a power cut (synchronous=FULL): for the notes without which a
 * thing would be done twice (applied.h). Outside of a transaction.
 */
bool cache_set_durable(struct cache *, bool durable, struct err *e) MUST_CHECK;

/* Small facts of the writer (no secrets): NULL when absent; caller frees. */
char *cache_meta(struct cache *, const char *name);
bool cache_set_meta(struct cache *, const char *name, struct sv value, struct err *e) MUST_CHECK;

/* For the writer when it is idle: checkpoint, analysis of the indexes. Bounded, some ms. */
void cache_tidy(struct cache *);

/* Where the bodies of this account lie (cache folder/bodies/A); lent. */
const char *cache_bodies_dir(const struct cache *);

/*
 * The account name as a file name part: letters, digits, '@', '.', '-', '_', others as =XX. Caller
 * frees.
 */
char *store_safe_account(const char *account);

#endif
