/*
 * From a name and a port to a connection. Addresses are tried in the resolver's order with the
 * families taking turns, each next one 300 ms after the one before without an answer (the idea of
 * RFC 8305); the first that answers wins.
 *
 * Errors: ERR_NET with a text that says which it was: unknown host, refused, timed out; ERR_INPUT
 * for a host name that cannot be one; ERR_CANCEL.
 */
#ifndef NET_DIAL_H
#define NET_DIAL_H

#include "net/conn.h"

#define DIAL_ADDRESSES_MAX 16
#define DIAL_STAGGER_MS 300
#define DIAL_TIMEOUT_MS 30000

bool dial(const char *host, unsigned port, int timeout_ms, struct wake wake, struct conn **,
	struct err *e) MUST_CHECK;
/* The standard input and output of a shell command that the user configured ($tunnel). */
bool dial_tunnel(const char *command, struct conn **, struct err *e) MUST_CHECK;
/* A Unix socket (LMTP). */
bool dial_unix(const char *path, struct conn **, struct err *e) MUST_CHECK;
/* The host name as the resolver and certificates want it (A-labels, no final dot). Caller frees. */
bool dial_ascii_host(const char *host, char **ascii, struct err *e) MUST_CHECK;

#endif
