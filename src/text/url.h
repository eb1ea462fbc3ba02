/*
 * URLs as a mail client meets them (RFC 3986): imap, imaps, pop, pops, smtp, smtps, mailto, http,
 * file. Splits and undoes percent-encoding; knows nothing of accounts.
 */
#ifndef TEXT_URL_H
#define TEXT_URL_H

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

#define URL_MAX 65536

struct url {
	const char *scheme; /* lower case, never NULL; the rest is NULL when absent; all decoded */
	const char *user;
	const char *pass;
	const char *auth;   /* ;AUTH=MECH after the user (RFC 5092) */
	const char *host;   /* IPv6 without brackets */
	unsigned port;      /* 0: not said */
	/* without the slash that ends the host; for mailto what stands before '?' */
	const char *path;
	const char *query;  /* raw, without '?'; split with url_query */
	const char *fragment;
};

/* ERR_INPUT says what is wrong. Strings live in the arena. */
bool url_parse(struct arena *, struct sv text, struct url *, struct err *e) MUST_CHECK;
/* Takes the next name=value of a query; both decoded, in the arena. '+' stays '+'. False at the
 * end. */
bool url_query(struct arena *, struct sv *rest, const char **name, const char **value);
/* True when text starts with "scheme:" of a kind known here. */
bool url_is(struct sv text);
/* The port that a scheme has by itself (imap 143, imaps 993 ...), 0 when unknown. */
unsigned url_default_port(const char *scheme);
/*
 * The parameters of a link that tell its sender who follows it and from where, by their well-known names:
 * appends "utm_source, mc_eid". False when there is none.
 */
bool url_trackers(struct str *, struct sv url);
/* The link without them; all other bytes as they were. False at out's max. */
bool url_untracked(struct str *, struct sv url);
/*
 * The host that a link's text claims to lead to, when it is another than the link's (neither within the other,
 * "www." aside). Empty: it claims nothing, or the truth. Lent from text.
 */
struct sv url_claimed_host(struct sv text, struct sv url);
/* Percent-decoding; false when there is a bad %xx (which is kept as it is) or a NUL. */
bool url_decode(struct str *, struct sv);
/* Percent-encoding of everything but unreserved characters and those in `keep`. */
bool url_encode(struct str *, struct sv, const char *keep);
/* scheme://user@host:port/path; a part that is NULL or 0 is left out, the password always. */
bool url_format(struct str *, const struct url *);

#endif
