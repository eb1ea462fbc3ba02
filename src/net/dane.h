/*
 * TLSA records (RFC 6698) of a server, when the resolver vouches for them: $ssl_dane. Only an answer
 * with the AD bit counts, and the AD bit only when the resolver may be believed: it is on this
 * machine, or the administrator says so ("options trust-ad" in resolv.conf). Anything else is "no
 * TLSA records", as for the many servers without; but a resolver that refuses the answer (SERVFAIL:
 * the signatures are wrong) is an error, because that is what an attack looks like (RFC 7672 2.1).
 */
#ifndef NET_DANE_H
#define NET_DANE_H

#include "net/dial.h"

#define DANE_MAX 16
#define DANE_DATA_MAX 2048

struct dane_record {
	unsigned char usage, selector, matching;
	size_t len;
	unsigned char data[DANE_DATA_MAX];
};

struct dane {
	size_t n; /* 0: none, or not secure */
	struct dane_record v[DANE_MAX];
};

/*
 * _PORT._tcp.HOST (ASCII). resolver: "127.0.0.1:5353" for tests; NULL: the system's. ERR_NET:
 * the resolver says that something is wrong, or nothing. ERR_CANCEL.
 */
bool dane_lookup(const char *host, unsigned port, const char *resolver, const struct dial_opts *,
	struct dane **, struct err *e) MUST_CHECK;
/* The part without the network, for tests: a DNS answer. */
bool dane_parse(struct sv answer, struct dane *, struct err *e) MUST_CHECK;

#endif
