/*
 * SASL, the client's side: SCRAM-SHA-256(-PLUS) and SCRAM-SHA-1(-PLUS) through libgsasl; PLAIN,
 * LOGIN, XOAUTH2 and OAUTHBEARER (RFC 4616, RFC 7628) here. Answers and challenges are base64, as
 * all three protocols carry them.
 *
 * Which one: the strongest that the server offers and the configuration allows. Mechanisms that
 * show the password never without TLS. When a server that once offered -PLUS does not do so any
 * more, that is a downgrade: ERR_AUTH.
 */
#ifndef NET_SASL_H
#define NET_SASL_H

#include "net/server.h"

#define SASL_CHALLENGE_MAX 16384

struct sasl;

/*
 * Chooses a mechanism and gets the secret for it. offered: names, separated by blanks. skip: names
 * (separated by blanks) that the server refused already. ERR_AUTH says why none fits.
 */
bool sasl_new(struct server *, const struct conn *, struct sv offered, const char *skip,
	struct sasl **, struct err *e) MUST_CHECK;
void sasl_free(struct sasl *); /* wipes; NULL is fine */

const char *sasl_mechanism(const struct sasl *); /* "SCRAM-SHA-256-PLUS" */
/* The password or token as it is, for commands that are no SASL (LOGIN, PASS). Lent. */
const char *sasl_password(const struct sasl *);
/*
 * The client speaks first: *first is its answer in base64 ("=" when that is empty); lent until
 * sasl_step.
 */
bool sasl_first(struct sasl *, struct sv *first);
/*
 * The answer to a challenge (base64 text without the line's prefix). answer is lent until the next
 * step. ERR_AUTH when the server cannot prove that it knows the password.
 */
bool sasl_step(struct sasl *, struct sv challenge, struct sv *answer, struct err *e) MUST_CHECK;
/* The server says that we are in; final is what came with it ("" mostly). Is it allowed to? */
bool sasl_finish(struct sasl *, struct sv final, struct err *e) MUST_CHECK;
/* What the server said in its error (OAuth: JSON status); "" when nothing. */
const char *sasl_server_error(const struct sasl *);
/*
 * Refused: may another mechanism do? SCRAM fails before its first challenge for a user whose
 * password the server stores in another form; after that, the password is wrong.
 */
bool sasl_may_try_another(const struct sasl *);
#define SASL_SCRAM_NAMES \
	"SCRAM-SHA-256-PLUS SCRAM-SHA-256 SCRAM-SHA-1-PLUS SCRAM-SHA-1" /* then: to be skipped */

bool base64_add(struct str *out, struct sv raw);
bool base64_decode(
	struct str *out, struct sv text); /* strict: false on anything that is not base64 */

#endif
