/*
 * Through a proxy to a server: SOCKS5 (RFC 1928, sign-in RFC 1929) and HTTP CONNECT (RFC 9110
 * section 9.3.6, Basic sign-in RFC 7617). The proxy is a stranger on the line: what it says is
 * bounded, nothing but the host's name and our sign-in for the proxy itself is said to it, and the
 * connection behind it is never "local".
 *
 *	socks5://[user[:password]@]host[:1080]    the name is looked up here
 *	socks5h://...                             the proxy looks the name up
 *	http://[user[:password]@]host[:8080]      CONNECT; the proxy looks the name up
 *
 * Errors: ERR_INPUT for a URL that is none of these; ERR_NET that begins with "the proxy"; ERR_AUTH
 * never, because that class asks for the password of the account.
 */
#ifndef NET_PROXY_H
#define NET_PROXY_H

#include "base/mem.h"
#include "net/dial.h"

enum proxy_kind { PROXY_SOCKS5, PROXY_SOCKS5H, PROXY_HTTP };

struct proxy {
	enum proxy_kind kind;
	char *host, *user; /* user NULL: no sign-in */
	struct secret *pass;
	unsigned port;
	bool refused; /* it did not take user and pass; set by proxy_dial */
};

bool proxy_parse(const char *url, struct proxy *, struct err *e) MUST_CHECK;
void proxy_fini(struct proxy *); /* wipes */

/*
 * Connects to the proxy and asks it for host:port. The connection that comes out is called by that
 * name; what the server said already may be in it.
 */
bool proxy_dial(struct proxy *, const char *host, unsigned port, const struct dial_opts *,
	struct conn **, struct err *e) MUST_CHECK;

#endif
