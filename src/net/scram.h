/*
 * SCRAM, the client's side (RFC 5802, RFC 7677; SHA-512 as in draft-melnikov-scram-sha-512), with
 * channel binding (RFC 5929 tls-server-end-point, RFC 9266 tls-exporter). Pure: no connection, no
 * base64 but that inside of messages, every bound of a message checked here.
 *
 * Errors: ERR_PROTO for a message that is none, and when the server has not proved that it knows the
 * password: another one would not help. ERR_AUTH when it says why it refuses ours (e=). ERR_LIMIT.
 */
#ifndef NET_SCRAM_H
#define NET_SCRAM_H

#include "base/err.h"
#include "base/str.h"

/*
 * RFC 7677 wants 4096 at least, servers use up to some 100,000. Few make our proof easy to crack
 * for who pretends to be the server; each takes us a microsecond, and an absurd number is a way to
 * keep us busy for hours.
 */
#define SCRAM_ROUNDS_MIN 1000
#define SCRAM_ROUNDS_MAX 10000000
#define SCRAM_MESSAGE_MAX 8192
#define SCRAM_NONCE_LEN 24 /* characters of ours, 18 random bytes */

enum scram_hash { SCRAM_SHA1, SCRAM_SHA256, SCRAM_SHA512 };
enum scram_binding {
	SCRAM_NO_BINDING,      /* "n": we cannot, or do not want to */
	SCRAM_BINDING_UNASKED, /* "y": we could, but the server offers no -PLUS; it may know better */
	SCRAM_TLS_EXPORTER,
	SCRAM_TLS_SERVER_END_POINT,
};

struct scram_opts {
	enum scram_hash hash;
	enum scram_binding binding;
	struct sv binding_data;      /* for the last two; copied */
	const char *user, *password; /* UTF-8; lent until scram_free */
	const char *nonce;           /* NULL: a random one (tests give theirs) */
};

struct scram;
/* ERR_AUTH when there are no random bytes or the hash is not to be had. */
bool scram_new(const struct scram_opts *, struct scram **, struct err *e) MUST_CHECK;
void scram_free(struct scram *); /* wipes; NULL is fine */

/* The client-first message. */
bool scram_first(struct scram *, struct str *out, struct err *e) MUST_CHECK;
/*
 * Answers server-first with client-final; takes server-final, answered with nothing. Any third
 * message is ERR_PROTO.
 */
bool scram_step(struct scram *, struct sv message, struct str *out, struct err *e) MUST_CHECK;
/* The server has proved that it knows the password. */
bool scram_finished(const struct scram *);
/* The server said e=unsupported-channel-binding-type: the other type may do. */
bool scram_binding_refused(const struct scram *);

/* RFC 4013 as far as we have it: stringprep of libgsasl, else the text as it is. Caller wipes and frees. */
char *scram_prepare(const char *text);

#endif
