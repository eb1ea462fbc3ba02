/*
 * From a name and a port to a connection. Addresses are tried in the resolver's order with the
 * families taking turns, each next one 250 ms after the one before without an answer (RFC 8305
 * section 5); the first that answers wins. The resolver, which cannot be interrupted, runs in a
 * copy of this process: a name server that is silent costs no more than the timeout, and a cancel
 * is heard at once.
 *
 * Errors: ERR_NET with a text that says which it was: unknown host, refused, timed out; ERR_INPUT
 * for a host name that cannot be one; ERR_CANCEL.
 */
#ifndef NET_DIAL_H
#define NET_DIAL_H

#include "net/conn.h"

#define DIAL_ADDRESSES_MAX 16
#define DIAL_STAGGER_MS 250
#define DIAL_TIMEOUT_MS 30000

struct dial_opts {
	int timeout_ms; /* for all of it; 0: DIAL_TIMEOUT_MS */
	bool no_ipv6;   /* $use_ipv6 = no */
	struct wake wake;
};

bool dial(const char *host, unsigned port, const struct dial_opts *, struct conn **,
	struct err *e) MUST_CHECK;
/*
 * The addresses of a host as text, as many as fit into list (DIAL_ADDRESSES_MAX), in the order in
 * which dial would try them. For a proxy that takes addresses only.
 */
bool dial_addresses(const char *host, const struct dial_opts *, char list[][48], size_t *n,
	struct err *e) MUST_CHECK;
/* A Unix socket (LMTP). */
bool dial_unix(const char *path, struct conn **, struct err *e) MUST_CHECK;
/* The host name as the resolver and certificates want it (A-labels, no final dot). Caller frees. */
bool dial_ascii_host(const char *host, char **ascii, struct err *e) MUST_CHECK;

#endif
