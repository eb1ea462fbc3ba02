/*
 * SASL: which mechanism, and the run of an exchange. One table, in the order of preference.
 */
#include <stdlib.h>

#include "base/log.h"
#include "net/sasl_priv.h"

/* ---- SCRAM ---- */

static bool offers_plus(struct sv offered)
{
	struct sv word;

	while (sv_split(&offered, ' ', &word))
		if (sv_starts_case(word, SV("SCRAM-")) && word.len > 5 &&
			sv_is_case(sv_from(word, word.len - 5), "-PLUS"))
			return true;
	return false;
}

/* The kind of binding that this connection can give, the newer one first (RFC 9266). */
static enum scram_binding binding_of(const struct server *server, const struct conn *c,
	unsigned char raw[TLS_BINDING_MAX], size_t *len)
{
	if (!server->no_exporter && tls_binding_exporter(c, raw, len))
		return SCRAM_TLS_EXPORTER;
	if (tls_binding_end_point(c, raw, len))
		return SCRAM_TLS_SERVER_END_POINT;
	return SCRAM_NO_BINDING;
}

static bool scram_open(struct sasl *s, const struct conn *c, struct sv offered, struct err *e)
{
	unsigned char raw[TLS_BINDING_MAX];
	size_t len = 0;
	struct scram_opts o = {.hash = s->mech->hash,
		.binding = binding_of(s->server, c, raw, &len),
		.user = s->server->user,
		.password = secret_text(s->secret)};

	if (s->mech->flags & MECH_PLUS)
		o.binding_data = sv_make((char *)raw, len);
	else if (o.binding != SCRAM_NO_BINDING)
		o.binding = offers_plus(offered) ? SCRAM_NO_BINDING : SCRAM_BINDING_UNASKED;
	return scram_new(&o, &s->scram, e);
}

static bool scram_mech_first(struct sasl *s, struct err *e)
{
	return scram_first(s->scram, &s->out, e);
}

static bool scram_mech_step(struct sasl *s, struct sv challenge, struct err *e)
{
	if (scram_step(s->scram, challenge, &s->out, e))
		return true;
	if (scram_binding_refused(s->scram) && !s->server->no_exporter) {
		/* The connection is used up; the next one does it the older way. */
		s->server->no_exporter = true;
		if (e)
			e->class = ERR_NET;
	}
	return false;
}

/* ---- the table ---- */

enum { STRENGTH_SHOWN = 1, STRENGTH_HASHED, STRENGTH_PROVED, STRENGTH_BOUND };

#define SCRAM(name, hash) \
	{ \
		name, MECH_SCRAM, STRENGTH_PROVED, scram_mech_first, scram_mech_step, hash \
	}
#define SCRAM_PLUS(name, hash) \
	{ \
		name, MECH_SCRAM | MECH_PLUS, STRENGTH_BOUND, scram_mech_first, scram_mech_step, \
			hash \
	}

static const struct mech mechs[] = {
	{"EXTERNAL", MECH_EXTERNAL | MECH_NO_SECRET, STRENGTH_BOUND, external_first, no_more_step,
		0},
	{"OAUTHBEARER", MECH_CLEAR | MECH_TOKEN, STRENGTH_PROVED, oauthbearer_first,
		oauthbearer_step, 0},
	{"XOAUTH2", MECH_CLEAR | MECH_TOKEN, STRENGTH_PROVED, xoauth2_first, xoauth2_step, 0},
	SCRAM_PLUS("SCRAM-SHA-512-PLUS", SCRAM_SHA512),
	SCRAM_PLUS("SCRAM-SHA-256-PLUS", SCRAM_SHA256),
	SCRAM_PLUS("SCRAM-SHA-1-PLUS", SCRAM_SHA1),
	{"GSSAPI", MECH_GSS | MECH_NO_SECRET, STRENGTH_PROVED, gss_first, gss_step, 0},
	SCRAM("SCRAM-SHA-512", SCRAM_SHA512),
	SCRAM("SCRAM-SHA-256", SCRAM_SHA256),
	SCRAM("SCRAM-SHA-1", SCRAM_SHA1),
	{"PLAIN", MECH_CLEAR, STRENGTH_SHOWN, plain_first, no_more_step, 0},
	{"LOGIN", MECH_CLEAR, STRENGTH_SHOWN, NULL, login_step, 0},
	/*
	 * MD5 can be undone by who listens: by itself only when a password may be shown as well, and
	 * the server takes nothing else.
	 */
	{"CRAM-MD5", MECH_CLEAR, STRENGTH_HASHED, NULL, cram_md5_step, 0},
	{"ANONYMOUS", MECH_NAMED | MECH_NO_SECRET, STRENGTH_SHOWN, anonymous_first, no_more_step,
		0},
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
	return NULL;
}

/* ---- choice ---- */

struct choice {
	const struct server *server;
	const struct conn *conn;
	struct sv offered, skip;
	bool clear_refused; /* a mechanism would do, but it would show the password */
};

/* A name in $*_authenticators stands for its -PLUS form, too: it is the same password, better kept. */
static bool listed(const struct server *s, const struct mech *m)
{
	struct sv list = sv_of(s->authenticators), name;
	size_t n = strlen(m->name) - (m->flags & MECH_PLUS ? 5 : 0);

	while (sv_split(&list, ':', &name)) {
		name = sv_trim(name);
		if (sv_is_case(name, m->name) || sv_eq_case(name, sv_make(m->name, n)))
			return true;
	}
	return false;
}

/* By configuration and by what this connection can do, whatever the server offers. */
static bool possible(struct choice *ch, const struct mech *m, bool named)
{
	const struct server *s = ch->server;
	unsigned char raw[TLS_BINDING_MAX];
	size_t len;

	if ((m->flags & MECH_NAMED) && !named)
		return false;
	if ((m->flags & MECH_TOKEN) && !named && !s->has_token)
		return false;
	if ((m->flags & MECH_PLUS) && binding_of(s, ch->conn, raw, &len) == SCRAM_NO_BINDING)
		return false;
	if ((m->flags & MECH_EXTERNAL) &&
		(!conn_is_tls(ch->conn) || !s->tls.client_cert || !*s->tls.client_cert))
		return false;
	if ((m->flags & MECH_GSS) && (!gss_here() || (!named && !gss_has_ticket())))
		return false;
	if ((m->flags & MECH_CLEAR) && !server_may_send_password(s, ch->conn) &&
		!(named && m->strength > STRENGTH_SHOWN && !(m->flags & MECH_TOKEN))) {
		ch->clear_refused = true;
		return false;
	}
	return true;
}

static bool usable(struct choice *ch, const struct mech *m, bool named)
{
	return has_word(ch->offered, sv_of(m->name)) && !has_word(ch->skip, sv_of(m->name)) &&
	       possible(ch, m, named);
}

static const struct mech *pick_listed(struct choice *ch, struct sv name)
{
	char plus[64];
	const struct mech *m;

	snprintf(plus, sizeof(plus), SV_FMT "-PLUS", SV_ARG(sv_head(name, 40)));
	m = mech_by_name(sv_of(plus));
	if (m && usable(ch, m, true))
		return m;
	m = mech_by_name(name);
	return m && usable(ch, m, true) ? m : NULL;
}

static const struct mech *pick(struct choice *ch)
{
	struct sv list = sv_of(ch->server->authenticators), name;
	const struct mech *m = NULL;

	if (list.len == 0) {
		for (size_t i = 0; i < ARRAY_LEN(mechs) && !m; i++)
			m = usable(ch, &mechs[i], false) ? &mechs[i] : NULL;
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

/* ---- downgrades ---- */

static unsigned strength_of(const char *name)
{
	const struct mech *m = mech_by_name(sv_of(name));

	/* What is no SASL shows the password (USER, LOGIN) or its MD5. */
	return m ? m->strength : strcmp(name, "APOP") == 0 ? STRENGTH_HASHED : STRENGTH_SHOWN;
}

bool sasl_strong_enough(
	struct server *server, const struct conn *c, const char *name, struct err *e)
{
	struct choice ch = {.server = server, .conn = c};
	const struct mech *seen =
		server->login_seen ? mech_by_name(sv_of(server->login_seen)) : NULL;
	bool by_list = server->authenticators && *server->authenticators;

	if (!seen || !conn_is_tls(c) || strength_of(name) >= seen->strength)
		return true;
	/* The user's own wish, or what this connection cannot do, is no downgrade of the server's. */
	if ((by_list && !listed(server, seen)) || !possible(&ch, seen, by_list))
		return true;
	if (server->weaker)
		return server->weaker(server->data, seen->name, name, e);
	return err_set(e, ERR_CANCEL,
		"%s used to take %s and does not any more: somebody may be listening", server->host,
		seen->name);
}

void sasl_worked(struct server *server, const struct conn *c, const char *name)
{
	if (server->signed_in && conn_is_tls(c))
		server->signed_in(server->data, name);
}

/* ---- a session ---- */

/* Room for all that the mechanisms make, at once: growing would leave copies of the secret behind. */
static void make_room(struct sasl *s)
{
	size_t n = 3 * strlen(s->server->user ? s->server->user : "") + strlen(s->server->host) +
		   (s->secret ? secret_len(s->secret) : 0) + 512;

	str_init(&s->out, SASL_CHALLENGE_MAX);
	str_init(&s->out64, SASL_CHALLENGE_MAX * 2);
	str_init(&s->error, SASL_CHALLENGE_MAX);
	(void)str_reserve(&s->out, n);
	(void)str_reserve(&s->out64, 2 * n);
}

static bool open_mech(struct sasl *s, const struct conn *c, struct sv offered, struct err *e)
{
	struct server *server = s->server;
	unsigned flags = s->mech->flags;
	struct sv first;

	if (!(flags & MECH_NO_SECRET) &&
		!server->secret(server->data, flags & MECH_TOKEN ? SECRET_TOKEN : SECRET_PASSWORD,
			&s->secret, e))
		return false;
	make_room(s);
	if (flags & MECH_SCRAM)
		return scram_open(s, c, offered, e);
	if (!(flags & MECH_GSS))
		return true;
	/* Without a ticket nothing of it need go over the line. */
	return gss_new(server->service, server->host, server->user, &s->gss, e) &&
	       sasl_first(s, &first, e);
}

static void skip(struct sasl_tries *t, const char *name)
{
	size_t n = strlen(t->skip);

	snprintf(t->skip + n, sizeof(t->skip) - n, "%s ", name);
}

bool sasl_new(struct server *server, const struct conn *c, struct sv offered,
	struct sasl_tries *tries, struct sasl **out, struct err *e)
{
	struct choice ch = {.server = server, .conn = c, .offered = offered};
	struct err no_ticket = {0};

	for (;;) {
		const struct mech *m;
		struct sasl *s;

		ch.skip = sv_of(tries->skip);
		m = pick(&ch);
		if (!m && no_ticket.class != ERR_NONE)
			return err_set(e, no_ticket.class, "%s", no_ticket.text);
		if (!m)
			return no_mechanism(&ch, e);
		if (!sasl_strong_enough(server, c, m->name, e))
			return false;
		s = xcalloc(1, sizeof(*s));
		s->mech = m;
		s->server = server;
		if (open_mech(s, c, offered, m->flags & MECH_GSS ? &no_ticket : e)) {
			tries->n++;
			*out = s;
			return true;
		}
		sasl_free(s);
		if (!(m->flags & MECH_GSS))
			return false;
		log_write(LOG_INFO, "sasl", "%s: %s", server->host, no_ticket.text);
		skip(tries, m->name); /* and on with what is left */
	}
}

void sasl_free(struct sasl *s)
{
	if (!s)
		return;
	scram_free(s->scram);
	gss_free(s->gss);
	secret_free(s->secret);
	str_wipe(&s->out);
	str_wipe(&s->out64);
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

bool sasl_again(const struct sasl *s, struct sasl_tries *t)
{
	if (t->n >= SASL_TRIES_MAX || s->failed)
		return false;
	if ((s->mech->flags & MECH_SCRAM) && s->round == 0) {
		for (size_t i = 0; i < ARRAY_LEN(mechs); i++)
			if (mechs[i].flags & MECH_SCRAM)
				skip(t, mechs[i].name);
		return true;
	}
	if (s->mech->flags & (MECH_EXTERNAL | MECH_GSS)) {
		skip(t, s->mech->name);
		return true;
	}
	return false;
}

const char *sasl_server_error(const struct sasl *s)
{
	return s->error.len ? s->error.s : "";
}

bool sasl_first(struct sasl *s, struct sv *first, struct err *e)
{
	if (!s->mech->first)
		return false;
	if (!s->first_made) {
		if (!s->mech->first(s, e))
			return false;
		s->first_made = true;
		if (s->out.len == 0)
			str_adds(&s->out64, "=");
		else if (!base64_add(&s->out64, str_sv(&s->out)))
			return sasl_too_long(e);
	}
	*first = str_sv(&s->out64);
	return true;
}

static bool decode_challenge(struct sv challenge, struct str *raw, struct err *e)
{
	str_init(raw, SASL_CHALLENGE_MAX);
	challenge = sv_trim(challenge);
	/* RFC 5034 and others: "=" is an empty one. */
	if (sv_is(challenge, "="))
		return true;
	if (challenge.len <= SASL_CHALLENGE_MAX && base64_decode(raw, challenge))
		return true;
	str_fini(raw);
	return err_set(e, ERR_PROTO, "the server's login challenge is not base64");
}

static bool take_challenge(struct sasl *s, struct sv challenge, struct err *e)
{
	struct str raw;
	bool ok;

	if (s->failed)
		return err_set(e, ERR_PROTO, "the login is over already");
	if (!decode_challenge(challenge, &raw, e))
		return false;
	s->round++;
	str_clear(&s->out);
	str_clear(&s->out64);
	/* The last message of SCRAM may come as a challenge; the answer to it is empty. */
	ok = s->mech->step(s, str_sv(&raw), e);
	str_fini(&raw);
	return ok && (base64_add(&s->out64, str_sv(&s->out)) || sasl_too_long(e));
}

bool sasl_step(struct sasl *s, struct sv challenge, struct sv *answer, struct err *e)
{
	s->failed = !take_challenge(s, challenge, e);
	*answer = s->failed ? SV("") : str_sv(&s->out64);
	return !s->failed;
}

bool sasl_finish(struct sasl *s, struct sv final, struct err *e)
{
	unsigned flags = s->mech->flags;
	struct sv answer;
	bool proved;

	if (s->failed)
		return err_set(e, ERR_PROTO, "the login is over already");
	if ((flags & MECH_SCRAM) && !scram_finished(s->scram) && final.len &&
		!sasl_step(s, final, &answer, e))
		return false;
	/*
	 * A yes before the server has shown that it knows the password, too, or before it has heard
	 * of ours, comes from somebody else.
	 */
	proved = flags & MECH_SCRAM ? scram_finished(s->scram)
		 : flags & MECH_GSS ? gss_finished(s->gss)
				    : s->mech->first || s->round > 0;
	if (!proved)
		return err_set(e, ERR_PROTO, "%s: the server let us in without proving who it is",
			s->mech->name);
	if (s->error.len)
		return err_set(e, ERR_PROTO, "%s: the server said no and yes", s->mech->name);
	return true;
}
