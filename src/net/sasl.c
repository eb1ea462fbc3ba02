/*
 * SASL mechanisms and their choice. One table: the order is the order of strength.
 */
#include <stdlib.h>
#ifdef HAVE_GSASL
#include <gsasl.h>
#endif

#include "net/sasl.h"

enum { MECH_SCRAM = 1, MECH_PLUS = 2, MECH_CLEAR = 4, MECH_TOKEN = 8 };

struct mech {
	const char *name;
	unsigned flags;
	bool (*first)(struct sasl *, struct err *e); /* fills out; NULL: server speaks first */
	bool (*step)(struct sasl *, struct sv challenge, struct err *e); /* fills out */
};

struct sasl {
	const struct mech *mech;
	const struct server *server;
	struct secret *secret;
	struct str out;   /* answer, raw */
	struct str out64; /* and in base64 */
	struct str error; /* what the server said */
	int round;
	bool first_made;
	bool finished; /* the mechanism has seen all that it needs */
#ifdef HAVE_GSASL
	Gsasl *gsasl;
	Gsasl_session *session;
#endif
};

/* ---- base64 ---- */

bool base64_add(struct str *out, struct sv raw)
{
	static const char set[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *p = (const unsigned char *)raw.p;

	for (size_t i = 0; i < raw.len; i += 3) {
		size_t n = MIN((size_t)3, raw.len - i);
		uint32_t v = (uint32_t)p[i] << 16 | (n > 1 ? (uint32_t)p[i + 1] << 8 : 0) |
			     (n > 2 ? p[i + 2] : 0u);
		char q[4] = {set[v >> 18], set[v >> 12 & 63], n > 1 ? set[v >> 6 & 63] : '=',
			n > 2 ? set[v & 63] : '='};

		if (!str_add(out, sv_make(q, 4)))
			return false;
	}
	return true;
}

static int base64_value(int c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (ascii_is_digit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool base64_decode(struct str *out, struct sv text)
{
	size_t pad = 0;

	if (text.len % 4 != 0)
		return false;
	while (pad < 2 && text.len > pad && text.p[text.len - 1 - pad] == '=')
		pad++;
	for (size_t i = 0; i < text.len; i += 4) {
		bool last = i + 4 == text.len;
		size_t n = last ? 4 - pad : 4;
		uint32_t v = 0;

		for (size_t k = 0; k < 4; k++) {
			int b = k < n ? base64_value((unsigned char)text.p[i + k]) : 0;

			if (b < 0)
				return false;
			v = v << 6 | (uint32_t)b;
		}
		char raw[3] = {(char)(v >> 16), (char)(v >> 8), (char)v};
		if (!str_add(out, sv_make(raw, n - 1)))
			return false;
	}
	return true;
}

/* ---- one-line mechanisms ---- */

static bool too_long(struct err *e)
{
	return err_set(e, ERR_LIMIT, "the user name or password is too long");
}

static bool plain_first(struct sasl *s, struct err *e)
{
	return (str_addc(&s->out, 0) && str_adds(&s->out, s->server->user) &&
		       str_addc(&s->out, 0) && str_adds(&s->out, secret_text(s->secret))) ||
	       too_long(e);
}

static bool no_more(struct sasl *s, struct sv challenge, struct err *e)
{
	(void)challenge;
	return err_set(e, ERR_AUTH, "the server asks for more than %s has", s->mech->name);
}

/* "Username:" and "Password:" in whatever words: the order is what counts. */
static bool login_step(struct sasl *s, struct sv challenge, struct err *e)
{
	if (s->round > 2)
		return no_more(s, challenge, e);
	return str_adds(&s->out, s->round == 1 ? s->server->user : secret_text(s->secret)) ||
	       too_long(e);
}

static bool xoauth2_first(struct sasl *s, struct err *e)
{
	return str_addf(&s->out, "user=%s\001auth=Bearer %s\001\001", s->server->user,
		       secret_text(s->secret)) ||
	       too_long(e);
}

/*
 * The challenge is a JSON object with the reason; the answer to it says nothing, then the refusal
 * comes.
 */
static bool xoauth2_step(struct sasl *s, struct sv challenge, struct err *e)
{
	(void)e;
	str_clear(&s->error);
	str_add(&s->error, challenge);
	return true;
}

/* RFC 7628: a user name in the gs2 header has "=" and "," escaped. */
static bool oauthbearer_first(struct sasl *s, struct err *e)
{
	bool ok = str_adds(&s->out, "n,a=");

	for (const char *p = s->server->user; ok && *p; p++)
		ok = *p == '='   ? str_adds(&s->out, "=3D")
		     : *p == ',' ? str_adds(&s->out, "=2C")
				 : str_addc(&s->out, *p);
	return (ok && str_addf(&s->out, ",\001host=%s\001port=%u\001auth=Bearer %s\001\001",
			      s->server->host, s->server->port, secret_text(s->secret))) ||
	       too_long(e);
}

static bool oauthbearer_step(struct sasl *s, struct sv challenge, struct err *e)
{
	xoauth2_step(s, challenge, e);
	return str_addc(&s->out, 1);
}

/* ---- SCRAM ---- */

#ifdef HAVE_GSASL
static int gsasl_ask(Gsasl *ctx, Gsasl_session *session, Gsasl_property prop)
{
	struct sasl *s = gsasl_session_hook_get(session);

	(void)ctx;
	switch (prop) {
	case GSASL_AUTHID:
		return gsasl_property_set(session, prop, s->server->user);
	case GSASL_PASSWORD:
		return gsasl_property_set(session, prop, secret_text(s->secret));
	default:
		/* No authorization identity; channel binding was given before or not at all. */
		return GSASL_NO_CALLBACK;
	}
}

static bool scram_run(struct sasl *s, struct sv challenge, struct err *e)
{
	char *out = NULL;
	size_t len = 0;
	int rc = gsasl_step(s->session, challenge.p, challenge.len, &out, &len);
	bool ok = true;

	if (rc != GSASL_OK && rc != GSASL_NEEDS_MORE) {
		gsasl_free(out);
		return err_set(e, ERR_AUTH, "%s: %s", s->mech->name,
			rc == GSASL_AUTHENTICATION_ERROR
				? "the server does not know your password either, "
				  "or sent a broken answer"
				: gsasl_strerror(rc));
	}
	s->finished = rc == GSASL_OK;
	ok = str_add(&s->out, sv_make(out, len));
	if (out)
		mem_wipe(out, len);
	gsasl_free(out);
	return ok || too_long(e);
}

static bool scram_first(struct sasl *s, struct err *e)
{
	return scram_run(s, SV(""), e);
}

/*
 * An absurd number of rounds is a way to keep us busy for hours (RFC 7677 says at least 4096). The
 * number stands in the first challenge: "r=...,s=...,i=4096".
 */
#define SCRAM_ROUNDS_MAX 10000000
static bool scram_rounds_fine(struct sv challenge)
{
	struct sv field;
	uint64_t n;

	while (sv_split(&challenge, ',', &field))
		if (sv_starts(field, SV("i=")))
			return sv_u64(sv_from(field, 2), &n) && n >= 1 && n <= SCRAM_ROUNDS_MAX;
	return true;
}

static bool scram_step(struct sasl *s, struct sv challenge, struct err *e)
{
	if (s->round == 1 && !scram_rounds_fine(challenge))
		return err_set(e, ERR_AUTH, "%s: the server asks for an absurd number of rounds",
			s->mech->name);
	return scram_run(s, challenge, e);
}

/* Starts the library's session; PLUS gets its binding now, the others must not see any. */
static bool scram_open(struct sasl *s, const struct conn *c, struct err *e)
{
	char name[32];
	int rc;

	snprintf(name, sizeof(name), "%s", s->mech->name);
	rc = gsasl_init(&s->gsasl);
	if (rc == GSASL_OK) {
		gsasl_callback_set(s->gsasl, gsasl_ask);
		rc = gsasl_client_start(s->gsasl, name, &s->session);
	}
	if (rc != GSASL_OK)
		return err_set(e, ERR_AUTH, "%s: %s", s->mech->name, gsasl_strerror(rc));
	gsasl_session_hook_set(s->session, s);
	if (s->mech->flags & MECH_PLUS) {
		unsigned char raw[TLS_BINDING_MAX];
		struct str b64;
		size_t len;

		if (!tls_binding_exporter(c, raw, &len))
			return err_set(e, ERR_AUTH, "%s: no channel binding", s->mech->name);
		str_init(&b64, 256);
		base64_add(&b64, sv_make((char *)raw, len));
		rc = gsasl_property_set(s->session, GSASL_CB_TLS_EXPORTER, b64.s);
		str_fini(&b64);
	}
	return rc == GSASL_OK || err_set(e, ERR_AUTH, "%s: %s", s->mech->name, gsasl_strerror(rc));
}
#endif

/* ---- the table ---- */

static const struct mech mechs[] = {
#ifdef HAVE_GSASL
	{"SCRAM-SHA-256-PLUS", MECH_SCRAM | MECH_PLUS, scram_first, scram_step},
	{"SCRAM-SHA-256", MECH_SCRAM, scram_first, scram_step},
	{"SCRAM-SHA-1-PLUS", MECH_SCRAM | MECH_PLUS, scram_first, scram_step},
	{"SCRAM-SHA-1", MECH_SCRAM, scram_first, scram_step},
#endif
	{"PLAIN", MECH_CLEAR, plain_first, no_more},
	{"LOGIN", MECH_CLEAR, NULL, login_step},
};

/* Only when named: a password is not a token, so they are never tried by themselves. */
static const struct mech token_mechs[] = {
	{"OAUTHBEARER", MECH_CLEAR | MECH_TOKEN, oauthbearer_first, oauthbearer_step},
	{"XOAUTH2", MECH_CLEAR | MECH_TOKEN, xoauth2_first, xoauth2_step},
};

static bool has_word(struct sv list, struct sv word)
{
	struct sv w;

	while (sv_split(&list, ' ', &w))
		if (sv_eq_case(w, word))
			return true;
	return false;
}

static const struct mech *mech_by_name(struct sv name)
{
	for (size_t i = 0; i < ARRAY_LEN(mechs); i++)
		if (sv_is_case(name, mechs[i].name))
			return &mechs[i];
	for (size_t i = 0; i < ARRAY_LEN(token_mechs); i++)
		if (sv_is_case(name, token_mechs[i].name))
			return &token_mechs[i];
	return NULL;
}

struct choice {
	const struct server *server;
	const struct conn *conn;
	struct sv offered;
	struct sv skip;
	bool clear_refused; /* a mechanism would do, but it would show the password */
};

static bool usable(struct choice *ch, const struct mech *m)
{
	unsigned char raw[TLS_BINDING_MAX];
	size_t len;

	if (!has_word(ch->offered, sv_of(m->name)) || has_word(ch->skip, sv_of(m->name)))
		return false;
	if ((m->flags & MECH_PLUS) && !tls_binding_exporter(ch->conn, raw, &len))
		return false;
	if ((m->flags & MECH_CLEAR) && !server_may_send_password(ch->server, ch->conn)) {
		ch->clear_refused = true;
		return false;
	}
	return true;
}

/*
 * A name in $imap_authenticators stands for its -PLUS form, too: it is the same password, better
 * kept.
 */
static const struct mech *pick_listed(struct choice *ch, struct sv name)
{
	char plus[64];
	const struct mech *m = mech_by_name(name);

	snprintf(plus, sizeof(plus), SV_FMT "-PLUS", SV_ARG(sv_head(name, 40)));
	if (mech_by_name(sv_of(plus)) && usable(ch, mech_by_name(sv_of(plus))))
		return mech_by_name(sv_of(plus));
	return m && usable(ch, m) ? m : NULL;
}

static const struct mech *pick(struct choice *ch)
{
	struct sv list = sv_of(ch->server->authenticators), name;
	const struct mech *m = NULL;

	if (list.len == 0) {
		for (size_t i = 0; i < ARRAY_LEN(mechs) && !m; i++)
			m = usable(ch, &mechs[i]) ? &mechs[i] : NULL;
		return m;
	}
	while (!m && sv_split(&list, ':', &name))
		m = pick_listed(ch, sv_trim(name));
	return m;
}

static bool no_mechanism(const struct choice *ch, struct err *e)
{
	if (ch->clear_refused)
		return err_set(e, ERR_AUTH,
			"%s offers only logins that would show the password on an unencrypted line",
			ch->server->host);
	if (ch->skip.len)
		return err_set(e, ERR_AUTH, "the login was refused");
	if (ch->offered.len == 0)
		return err_set(e, ERR_AUTH, "%s offers no way to log in", ch->server->host);
	return err_set(e, ERR_AUTH,
		"none of the logins that %s offers (" SV_FMT ") is known or allowed here",
		ch->server->host, SV_ARG(sv_head(ch->offered, 200)));
}

bool sasl_new(struct server *server, const struct conn *c, struct sv offered, const char *skip,
	struct sasl **out, struct err *e)
{
	struct choice ch = {.server = server, .conn = c, .offered = offered, .skip = sv_of(skip)};
	const struct mech *m = pick(&ch);
	struct sasl *s;

	if (!m)
		return no_mechanism(&ch, e);
	if (server->plus_seen && *server->plus_seen && !(m->flags & MECH_PLUS) &&
		!has_word(offered, sv_of(server->plus_seen)))
		return err_set(e, ERR_AUTH,
			"%s used to offer %s and does not any more: somebody may be listening",
			server->host, server->plus_seen);
	s = xcalloc(1, sizeof(*s));
	s->mech = m;
	s->server = server;
	str_init(&s->out, SASL_CHALLENGE_MAX);
	str_init(&s->out64, SASL_CHALLENGE_MAX * 2);
	str_init(&s->error, SASL_CHALLENGE_MAX);
	if (!server->secret(server->data, m->flags & MECH_TOKEN ? SECRET_TOKEN : SECRET_PASSWORD,
		    &s->secret, e)) {
		sasl_free(s);
		return false;
	}
#ifdef HAVE_GSASL
	if ((m->flags & MECH_SCRAM) && !scram_open(s, c, e)) {
		sasl_free(s);
		return false;
	}
#endif
	*out = s;
	return true;
}

static void wipe(struct str *s)
{
	if (s->s)
		mem_wipe(s->s, s->cap);
	str_fini(s);
}

void sasl_free(struct sasl *s)
{
	if (!s)
		return;
#ifdef HAVE_GSASL
	if (s->session)
		gsasl_finish(s->session);
	if (s->gsasl)
		gsasl_done(s->gsasl);
#endif
	secret_free(s->secret);
	wipe(&s->out);
	wipe(&s->out64);
	str_fini(&s->error);
	free(s);
}

const char *sasl_mechanism(const struct sasl *s)
{
	return s->mech->name;
}

const char *sasl_password(const struct sasl *s)
{
	return secret_text(s->secret);
}

bool sasl_may_try_another(const struct sasl *s)
{
	return (s->mech->flags & MECH_SCRAM) && s->round == 0;
}

const char *sasl_server_error(const struct sasl *s)
{
	return s->error.len ? s->error.s : "";
}

bool sasl_first(struct sasl *s, struct sv *first)
{
	if (!s->mech->first)
		return false;
	if (!s->first_made) {
		if (!s->mech->first(s, NULL))
			return false;
		s->first_made = true;
		if (s->out.len == 0)
			str_adds(&s->out64, "=");
		else if (!base64_add(&s->out64, str_sv(&s->out)))
			return false;
	}
	*first = str_sv(&s->out64);
	return true;
}

static bool decode_challenge(struct sv challenge, struct str *raw, struct err *e)
{
	str_init(raw, SASL_CHALLENGE_MAX);
	if (challenge.len > SASL_CHALLENGE_MAX || !base64_decode(raw, sv_trim(challenge))) {
		str_fini(raw);
		return err_set(e, ERR_PROTO, "the server's login challenge is not base64");
	}
	return true;
}

bool sasl_step(struct sasl *s, struct sv challenge, struct sv *answer, struct err *e)
{
	struct str raw;
	bool ok;

	if (!decode_challenge(challenge, &raw, e))
		return false;
	s->round++;
	str_clear(&s->out);
	str_clear(&s->out64);
	/* The last message of SCRAM may come as a challenge; the answer to it is empty. */
	ok = s->mech->step(s, sv_make(raw.s ? raw.s : "", raw.len), e);
	str_fini(&raw);
	if (!ok)
		return false;
	if (!base64_add(&s->out64, str_sv(&s->out)))
		return too_long(e);
	*answer = sv_make(s->out64.s ? s->out64.s : "", s->out64.len);
	return true;
}

bool sasl_finish(struct sasl *s, struct sv final, struct err *e)
{
	struct sv answer;

	if (!(s->mech->flags & MECH_SCRAM))
		return true;
	if (!s->finished && final.len && !sasl_step(s, final, &answer, e))
		return false;
	/*
	 * A yes before the server has shown that it knows the password, too, comes from somebody
	 * else.
	 */
	return s->finished ||
	       err_set(e, ERR_AUTH, "%s: the server let us in without proving who it is",
		       s->mech->name);
}
