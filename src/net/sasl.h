/*
 * SASL, the client's side. SCRAM-SHA-512, -256, -1 with and without -PLUS (scram.h), EXTERNAL,
 * PLAIN, LOGIN, CRAM-MD5, XOAUTH2, OAUTHBEARER, ANONYMOUS here; GSSAPI through libgsasl where that
 * has it. Answers and challenges are base64, as all three protocols carry them.
 *
 * Which one: the strongest that the server offers and the configuration allows (the table in
 * sasl.c). Mechanisms that show the password never without TLS. A server where a stronger one
 * worked before (server.login_seen) and that does not take it any more is a downgrade: the user is
 * asked (server.weaker).
 */
#ifndef NET_SASL_H
#define NET_SASL_H

#include "net/base64.h"
#include "net/server.h"

#define SASL_CHALLENGE_MAX 16384
#define SASL_TRIES_MAX \
	4 /* mechanisms tried on one connection: each refusal counts for a lock-out */

struct sasl;

/* What was tried on this connection; starts zeroed. */
struct sasl_tries {
	unsigned n;
	char skip[256]; /* names, each with a blank behind */
};

/*
 * Chooses a mechanism and gets the secret for it. offered: names, separated by blanks. ERR_AUTH says
 * why none fits; ERR_CANCEL: the user does not want a weaker one.
 */
bool sasl_new(struct server *, const struct conn *, struct sv offered, struct sasl_tries *,
	struct sasl **, struct err *e) MUST_CHECK;
void sasl_free(struct sasl *); /* wipes; NULL is fine */

const char *sasl_mechanism(const struct sasl *); /* "SCRAM-SHA-256-PLUS" */
/* The password or token as it is, for commands that are no SASL (LOGIN). Lent. */
const char *sasl_password(const struct sasl *);
/*
 * The client speaks first: *first is its answer in base64 ("=" when that is empty); lent until
 * sasl_step. False: it does not, or (e->class) it cannot.
 */
bool sasl_first(struct sasl *, struct sv *first, struct err *e);
/*
 * The answer to a challenge (base64 text without the line's prefix). answer is lent until the next
 * step. On failure the exchange is over: the caller takes it back ("*"), says nothing more and
 * closes. ERR_PROTO when the server cannot prove that it knows the password.
 */
bool sasl_step(struct sasl *, struct sv challenge, struct sv *answer, struct err *e) MUST_CHECK;
/* The server says that we are in; final is what came with it ("" mostly). Is it allowed to? */
bool sasl_finish(struct sasl *, struct sv final, struct err *e) MUST_CHECK;
/* What the server said in its error (OAuth: JSON status); "" when nothing. */
const char *sasl_server_error(const struct sasl *);
/*
 * Refused: may another mechanism do, on this connection? Not when the password was looked at, which
 * it was not when SCRAM fails before its first challenge (the server stores the password in another
 * form), or EXTERNAL, GSSAPI and the like. *tries remembers.
 */
bool sasl_again(const struct sasl *, struct sasl_tries *tries);

/*
 * For logins that are no SASL ("USER", "APOP", "LOGIN"): is it weaker than what worked before? Then
 * the user is asked. ERR_CANCEL.
 */
bool sasl_strong_enough(
	struct server *, const struct conn *, const char *name, struct err *e) MUST_CHECK;
/* We are in: what this server takes is remembered (server.signed_in), if TLS makes it certain who it is. */
void sasl_worked(struct server *, const struct conn *, const char *name);

#endif
