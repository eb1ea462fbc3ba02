/*
 * The mechanisms of one or two lines.
 */
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "net/sasl_priv.h"

bool sasl_too_long(struct err *e)
{
	return err_set(e, ERR_LIMIT, "the user name or password is too long");
}

bool no_more_step(struct sasl *s, struct sv challenge, struct err *e)
{
	(void)challenge;
	return err_set(e, ERR_PROTO, "the server asks for more than %s has", s->mech->name);
}

/* RFC 4616. */
bool plain_first(struct sasl *s, struct err *e)
{
	return (str_addc(&s->out, 0) && str_adds(&s->out, s->server->user) &&
		       str_addc(&s->out, 0) && str_adds(&s->out, secret_text(s->secret))) ||
	       sasl_too_long(e);
}

/* "Username:" and "Password:" in whatever words: the order is what counts. */
bool login_step(struct sasl *s, struct sv challenge, struct err *e)
{
	if (s->round > 2)
		return no_more_step(s, challenge, e);
	return str_adds(&s->out, s->round == 1 ? s->server->user : secret_text(s->secret)) ||
	       sasl_too_long(e);
}

/* RFC 2195: "user hex(HMAC-MD5(password, challenge))" */
bool cram_md5_step(struct sasl *s, struct sv challenge, struct err *e)
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	bool ok;

	if (s->round > 1)
		return no_more_step(s, challenge, e);
	if (challenge.len == 0)
		return err_set(e, ERR_PROTO, "CRAM-MD5: the server's challenge is empty");
	if (!HMAC(EVP_md5(), secret_text(s->secret), (int)secret_len(s->secret),
		    (const unsigned char *)challenge.p, challenge.len, md, &n))
		return err_set(e, ERR_AUTH, "CRAM-MD5: no MD5 here");
	ok = str_addf(&s->out, "%s ", s->server->user);
	for (unsigned i = 0; ok && i < n; i++)
		ok = str_addf(&s->out, "%02x", md[i]);
	return ok || sasl_too_long(e);
}

/* ---- OAuth ---- */

/* A token with a control character would begin another field of the message. */
static bool token_fits(struct sasl *s, struct err *e)
{
	for (const char *p = secret_text(s->secret); *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 127)
			return err_set(e, ERR_AUTH,
				"the token command printed something that is no token");
	return true;
}

bool xoauth2_first(struct sasl *s, struct err *e)
{
	if (!token_fits(s, e))
		return false;
	return str_addf(&s->out, "user=%s\001auth=Bearer %s\001\001", s->server->user,
		       secret_text(s->secret)) ||
	       sasl_too_long(e);
}

/*
 * The challenge is a JSON object with the reason; the answer to it says nothing, then the refusal
 * comes.
 */
bool xoauth2_step(struct sasl *s, struct sv challenge, struct err *e)
{
	if (s->round > 1)
		return no_more_step(s, challenge, e);
	str_clear(&s->error);
	str_add(&s->error, challenge);
	return true;
}

/* RFC 7628: a user name in the gs2 header has "=" and "," escaped. */
bool oauthbearer_first(struct sasl *s, struct err *e)
{
	bool ok = token_fits(s, e) && str_adds(&s->out, "n,a=");

	if (!ok)
		return false;
	for (const char *p = s->server->user; ok && *p; p++)
		ok = *p == '='   ? str_adds(&s->out, "=3D")
		     : *p == ',' ? str_adds(&s->out, "=2C")
				 : str_addc(&s->out, *p);
	return (ok && str_addf(&s->out, ",\001host=%s\001port=%u\001auth=Bearer %s\001\001",
			      s->server->host, s->server->port, secret_text(s->secret))) ||
	       sasl_too_long(e);
}

bool oauthbearer_step(struct sasl *s, struct sv challenge, struct err *e)
{
	return xoauth2_step(s, challenge, e) && str_addc(&s->out, 1);
}

/* ---- without a secret ---- */

/*
 * RFC 4422 appendix A: who we are stands in the certificate. No other identity is asked for: a
 * server that does not find the user in the certificate refuses, and then the password is next.
 */
bool external_first(struct sasl *s, struct err *e)
{
	(void)s;
	(void)e;
	return true;
}

/* RFC 4505: a trace, not the user's address. */
bool anonymous_first(struct sasl *s, struct err *e)
{
	return str_adds(&s->out, "feist") || sasl_too_long(e);
}
