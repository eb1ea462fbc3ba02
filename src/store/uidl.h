/*
 * Which messages of a POP3 server we have: one small database beside the account's Maildir. It is
 * not part of the cache, because it cannot be rebuilt: without it everything left on the server
 * would be fetched again. Written only by the account's worker; synchronous=FULL.
 */
#ifndef STORE_UIDL_H
#define STORE_UIDL_H

#include "base/err.h"
#include "base/str.h"

#define UIDL_MAX 1024 /* bytes of one; RFC 1939 says 70, servers differ */

struct uidl;

enum uidl_state {
	UIDL_NEW,     /* never seen */
	UIDL_FETCHED, /* in the Maildir, durably; still on the server */
	UIDL_DELETE,  /* in the Maildir; to be deleted on the server */
};

bool uidl_open(struct uidl **out, const char *path, struct err *e) MUST_CHECK;
void uidl_close(struct uidl *);
bool uidl_get(struct uidl *, struct sv uidl, enum uidl_state *out, int64_t *since, struct err *e) MUST_CHECK;
/* Durable on return. */
bool uidl_set(struct uidl *, struct sv uidl, enum uidl_state, struct err *e) MUST_CHECK;
/*
 * Between begin and end of a listing every uidl the server names is marked; end forgets the others.
 */
bool uidl_list_begin(struct uidl *, struct err *e) MUST_CHECK;
bool uidl_list_seen(struct uidl *, struct sv uidl, struct err *e) MUST_CHECK;
bool uidl_list_end(struct uidl *, struct err *e) MUST_CHECK;
/* The listing broke off: nothing is forgotten. */
void uidl_list_abort(struct uidl *);

#endif
