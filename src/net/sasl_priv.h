/*
 * Between sasl.c (choice, the run of an exchange) and the mechanisms.
 */
#ifndef NET_SASL_PRIV_H
#define NET_SASL_PRIV_H

#include "net/sasl.h"
#include "net/scram.h"

enum mech_flags {
	MECH_SCRAM = 1,
	MECH_PLUS = 2, /* bound to the TLS connection */
	MECH_CLEAR =
		4, /* shows the secret, or what is as good: only where server_may_send_password */
	MECH_TOKEN = 8,  /* takes an OAuth token */
	MECH_NAMED = 16, /* only when $*_authenticators names it */
	MECH_NO_SECRET = 32,
	MECH_GSS = 64,
	MECH_EXTERNAL = 128,
};

struct mech {
	const char *name;
	unsigned flags;
	unsigned strength; /* for the question about a weaker one */
	/* Fills out. NULL: the server speaks first. */
	bool (*first)(struct sasl *, struct err *e);
	bool (*step)(struct sasl *, struct sv challenge, struct err *e);
	enum scram_hash hash;
};

struct sasl {
	const struct mech *mech;
	struct server *server;
	struct secret *secret; /* NULL with MECH_NO_SECRET */
	struct str out;        /* answer, raw */
	struct str out64;      /* and in base64 */
	struct str error;      /* what the server said */
	int round;             /* challenges so far */
	bool first_made, failed;
	struct scram *scram;
	struct gss *gss;
};

bool sasl_too_long(struct err *e);

/* sasl_mechs.c */
bool plain_first(struct sasl *, struct err *e);
bool login_step(struct sasl *, struct sv challenge, struct err *e);
bool cram_md5_step(struct sasl *, struct sv challenge, struct err *e);
bool xoauth2_first(struct sasl *, struct err *e);
bool xoauth2_step(struct sasl *, struct sv challenge, struct err *e);
bool oauthbearer_first(struct sasl *, struct err *e);
bool oauthbearer_step(struct sasl *, struct sv challenge, struct err *e);
bool external_first(struct sasl *, struct err *e);
bool anonymous_first(struct sasl *, struct err *e);
bool no_more_step(struct sasl *, struct sv challenge, struct err *e);

/* sasl_gss.c: GSSAPI (RFC 4752) by libgsasl. Without it gss_here is false and nothing is called. */
struct gss;
bool gss_here(void);
/* A ticket may be there: the cache that the environment names, or the usual one. */
bool gss_has_ticket(void);
bool gss_new(const char *service, const char *host, const char *user, struct gss **, struct err *e);
void gss_free(struct gss *);
bool gss_first(struct sasl *, struct err *e);
bool gss_step(struct sasl *, struct sv challenge, struct err *e);
bool gss_finished(const struct gss *);

#endif
