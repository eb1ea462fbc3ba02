/*
 * What servers know beyond RFC 3501, in cache-A.db: their own ids of messages (EMAILID of RFC 8474,
 * X-GM-MSGID), which stay when a message is moved, so its body need not be fetched again; previews;
 * quotas.
 */
#ifndef STORE_OBJECT_H
#define STORE_OBJECT_H

#include "store/cache.h"

/* ---- bodies by the id of their message ---- */

/*
 * The rows first..last are about to go: what they have of bodies is kept for OBJECT_BODY_DAYS under
 * their object ids. Rows without one are left alone.
 */
#define OBJECT_BODY_DAYS 3
bool object_keep_bodies(struct cache *, uint64_t first, uint64_t last, struct err *e) MUST_CHECK;
/* Gives the message the bodies that another message of the same object has or had. *got: some came. */
bool object_take_bodies(struct cache *, uint64_t message, bool *got, struct err *e) MUST_CHECK;
/* Forgets what was kept for longer. */
bool object_forget_bodies(struct cache *, struct err *e) MUST_CHECK;
/* The mailbox of that object id; ERR_GONE: none. */
bool object_mailbox(struct cache *, const char *object, uint64_t *id, struct err *e) MUST_CHECK;

/* ---- previews ---- */

#define PREVIEW_MAX 1024 /* bytes kept; RFC 8970 allows 256 characters */
bool preview_put(struct cache *, uint64_t message, struct sv text, struct err *e) MUST_CHECK;
/* NULL: there is none. Caller frees. */
char *preview_get(struct cache *, uint64_t message);

/* ---- quotas (RFC 9208) ---- */

struct quota {
	const char *root, *resource; /* "STORAGE" (used and max in KiB), "MESSAGE" ... */
	uint64_t used, max;
};
/* All quotas of the account as they are now. */
bool quota_set(struct cache *, const struct quota *, size_t n, struct err *e) MUST_CHECK;
/* The fullest one of that resource. False: none is known. */
bool quota_get(struct cache *, const char *resource, uint64_t *used, uint64_t *max);

#endif
