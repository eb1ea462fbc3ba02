/*
 * What we know of the messages of a POP3 server: one small database beside the account's Maildir. It
 * is not part of the cache, because it cannot be rebuilt: without it everything left on the server
 * would be fetched again. Written only by the account's worker; synchronous=FULL: what a function
 * wrote is durable when it returns, or with uidl_commit.
 */
#ifndef STORE_UIDL_H
#define STORE_UIDL_H

#include "base/err.h"
#include "base/hash.h"
#include "base/str.h"

#define UIDL_MAX 1024     /* bytes of one; RFC 1939 says 70, servers differ */
#define UIDL_BASE_MAX 256 /* name of a file in the Maildir, without flags */
#define UIDL_CONTENTS_MAX 200000 /* hashes of messages that are remembered; the oldest go */

struct uidl;

enum uidl_state {
	UIDL_NEW,     /* never seen, or begun and not finished (tries) */
	UIDL_FETCHED, /* in the Maildir, durably; still on the server */
	UIDL_DELETE,  /* in the Maildir, or deleted here; to be deleted on the server */
	UIDL_PREVIEW, /* only its beginning is in the Maildir, for it is large */
	UIDL_WHOLE,   /* its preview is being replaced: base is the whole message, once it is there */
	UIDL_LEFT,    /* not ours: read elsewhere before we came ($pop_last) */
	UIDL_COMING,  /* complete and durable, about to be in the Maildir as base */
};

struct uidl_row {
	enum uidl_state state;
	int64_t since;                /* seconds since 1970: when it came here; 0: now */
	int64_t size;                 /* what LIST said; -1: not known */
	unsigned tries;               /* connections that ended in the middle of it */
	char base[UIDL_BASE_MAX + 1]; /* its file; "" none */
	char head[SHA256_HEX_LEN + 1]; /* hash of its header, "" not known: the same message under another UIDL */
};

bool uidl_open(struct uidl **out, const char *path, struct err *e) MUST_CHECK;
void uidl_close(struct uidl *); /* NULL is fine */

/* One that is not there is UIDL_NEW. */
bool uidl_get(struct uidl *, struct sv uidl, struct uidl_row *out, struct err *e) MUST_CHECK;
bool uidl_put(struct uidl *, struct sv uidl, const struct uidl_row *, struct err *e) MUST_CHECK;
bool uidl_set_state(struct uidl *, struct sv uidl, enum uidl_state, struct err *e) MUST_CHECK;
/* The row of from is now that of to. */
bool uidl_rename(struct uidl *, struct sv from, struct sv to, struct err *e) MUST_CHECK;
/* Whatever is known by that file is to be deleted on the server, too. */
bool uidl_delete_base(struct uidl *, struct sv base, struct err *e) MUST_CHECK;
/* ERR_GONE: none with that file. out is cleared and filled. */
bool uidl_by_base(struct uidl *, struct sv base, struct str *out, struct err *e) MUST_CHECK;
/* Those of a state, each with a copy of its row; fn may change the table. False ends it early. */
typedef bool uidl_fn(void *data, struct sv uidl, const struct uidl_row *);
bool uidl_count(struct uidl *, enum uidl_state, size_t *n, struct err *e) MUST_CHECK;
bool uidl_each(struct uidl *, enum uidl_state, uidl_fn *, void *data, struct err *e) MUST_CHECK;

/* Several changes that are durable together. */
bool uidl_begin(struct uidl *, struct err *e) MUST_CHECK;
bool uidl_commit(struct uidl *, struct err *e) MUST_CHECK;
void uidl_rollback(struct uidl *); /* fine without a transaction */

/* ---- what the server has now ---- */

/*
 * A listing is kept in memory only: begin forgets the last one, then each of the server's messages
 * in the order of index, then end.
 */
bool uidl_listing_begin(struct uidl *, struct err *e) MUST_CHECK;
bool uidl_listing_add(struct uidl *, size_t index, struct sv uidl, struct err *e) MUST_CHECK;
bool uidl_listing_end(struct uidl *, struct err *e) MUST_CHECK;
/* In the order of index; row NULL: not in the table. fn must not change the table. */
typedef void uidl_listing_fn(void *data, size_t index, const struct uidl_row *);
bool uidl_listing_each(struct uidl *, uidl_listing_fn *, void *data, struct err *e) MUST_CHECK;
/* Rows that the listing does not have: how many; one with that header (ERR_GONE: none). */
bool uidl_vanished(struct uidl *, size_t *n, struct err *e) MUST_CHECK;
bool uidl_vanished_by_head(struct uidl *, const char *head, struct str *uidl, struct err *e) MUST_CHECK;
bool uidl_forget_vanished(struct uidl *, struct err *e) MUST_CHECK;

/* ---- by content, and about the server ---- */

/* The file of a message with that content. False: none that we remember. */
bool uidl_content(struct uidl *, const char *hash, char base[UIDL_BASE_MAX + 1]);
bool uidl_content_put(struct uidl *, const char *hash, const char *base, struct err *e) MUST_CHECK;
/* A note on the server ("odd"); false: there is none. */
bool uidl_note(struct uidl *, const char *key, struct str *out);
bool uidl_note_put(struct uidl *, const char *key, const char *value, struct err *e) MUST_CHECK;

#endif
