/*
 * A session with a server that takes mail: greeting, EHLO (LHLO), TLS, login. What is sent in it is
 * in smtp_send.c.
 */
#include <stdlib.h>

#include "net/sasl.h"
#include "net/smtp_priv.h"

#define EHLO_WORDS_MAX 8192
/*
 * What we call ourselves to a server that knows us by a login: it needs no name, and a real one would
 * stand in the Received fields of everything we send.
 */
#define NOBODY "[127.0.0.1]"

/* ---- replies ---- */

bool smtp_die(struct smtp *m)
{
	m->dead = true;
	return false;
}

void smtp_phase(struct smtp *m, int ms)
{
	int wanted = m->server->timeout_ms;

	if (ms == SMTP_DOT_MS)
		wanted = MAX(wanted, SMTP_DOT_MS);
	conn_set_timeout(m->conn, wanted ? wanted : ms);
}

bool smtp_read_reply(struct smtp *m, struct err *e)
{
	bool last = false, first = true;

	str_clear(&m->reply.text);
	m->reply.klass = m->reply.subject = m->reply.detail = 0;
	while (!last) {
		struct sv line, words;
		int code;

		if (!conn_read_line(m->conn, SMTP_LINE_MAX, &line, e))
			return smtp_die(m);
		if (!smtp_parse_line(line, &code, &last, &words)) {
			err_set(e, ERR_PROTO, "%s does not speak SMTP: " SV_FMT, conn_peer(m->conn),
				SV_ARG(sv_head(line, 80)));
			return smtp_die(m);
		}
		if (!smtp_add_line(&m->reply, first, code, words, e))
			return smtp_die(m);
		first = false;
	}
	if (m->reply.code == 421)
		m->dead = true; /* "closing the connection", whatever was asked */
	return true;
}

/* "554 5.7.1 text" in one line. */
void smtp_words(const struct smtp_reply *r, char *out, size_t size)
{
	size_t n;

	if (r->klass)
		snprintf(out, size, "%d %d.%d.%d %s", r->code, r->klass, r->subject, r->detail,
			r->text.s ? r->text.s : "");
	else
		snprintf(out, size, "%d %s", r->code, r->text.s ? r->text.s : "");
	n = strlen(out);
	for (size_t i = 0; i < n; i++)
		if (out[i] == '\n')
			out[i] = ' ';
}

bool smtp_refused(struct smtp *m, const char *what, struct err *e)
{
	char words[SMTP_WORDS_MAX];

	smtp_words(&m->reply, words, sizeof(words));
	return err_set(e, m->reply.code / 100 == 4 ? ERR_NET : ERR_PROTO, "%s: %s", what, words);
}

bool smtp_is_silent(struct smtp *m, struct err *e)
{
	enum conn_event event;

	if (!conn_wait(m->conn, 0, &event, e))
		return smtp_die(m);
	if (event != CONN_INPUT)
		return true;
	/* It speaks out of turn. That may be the reason why it hangs up; else we cannot know what answers what. */
	m->reply.code = 0;
	if (!smtp_read_reply(m, e)) {
		m->reply.code = 0;
		return false;
	}
	if (m->reply.code >= 400)
		smtp_refused(m, "the server gave up", e);
	else
		err_set(e, ERR_PROTO, "%s answered before it was asked: the session is out of step",
			conn_peer(m->conn));
	return smtp_die(m);
}

bool smtp_is_fresh(struct smtp *m)
{
	struct err e;

	return !m->dead && smtp_is_silent(m, &e);
}

bool smtp_command(struct smtp *m, const char *line, struct err *e)
{
	if (m->dead)
		return err_set(e, ERR_NET, "the connection is over");
	/* What is here already answers nothing that we are going to ask. */
	if (conn_buffered(m->conn) > 0 && !smtp_is_silent(m, e))
		return false;
	smtp_phase(m, SMTP_COMMAND_MS);
	if (!conn_write(m->conn, sv_of(line), e) || !conn_write(m->conn, SV("\r\n"), e))
		return smtp_die(m);
	return smtp_read_reply(m, e);
}

/* ---- EHLO ---- */

/* A keyword line: its word, and what follows it. */
bool smtp_ehlo_find(const struct smtp *m, const char *keyword, struct sv *rest)
{
	struct sv lines = sv_make(m->ehlo.s ? m->ehlo.s : "", m->ehlo.len), line, word;

	while (sv_split(&lines, '\n', &line)) {
		*rest = line;
		if (sv_split(rest, ' ', &word) && sv_is_case(word, keyword))
			return true;
		/* "AUTH=PLAIN LOGIN": the form before RFC 4954, still sent beside the right one. */
	}
	return false;
}

bool smtp_has(const struct smtp *m, const char *keyword)
{
	struct sv rest;

	return smtp_ehlo_find(m, keyword, &rest);
}

static void take_ehlo(struct smtp *m)
{
	struct sv lines = str_sv(&m->reply.text), line, rest;

	str_clear(&m->ehlo);
	m->max_size = 0;
	if (!sv_split(&lines, '\n', &line)) /* the greeting */
		return;
	while (sv_split(&lines, '\n', &line)) {
		str_add(&m->ehlo, sv_trim(line));
		str_addc(&m->ehlo, '\n');
	}
	if (smtp_ehlo_find(m, "SIZE", &rest) && !sv_u64(sv_trim(rest), &m->max_size))
		m->max_size = 0;
}

static bool ehlo(struct smtp *m, struct err *e)
{
	char line[320];

	snprintf(line, sizeof(line), "%s %s", m->server->lmtp ? "LHLO" : "EHLO", m->helo);
	if (!smtp_command(m, line, e))
		return false;
	if (m->reply.code == 250) {
		take_ehlo(m);
		return true;
	}
	if (m->reply.code / 100 != 5 || m->dead || m->server->lmtp)
		return smtp_refused(m, m->server->lmtp ? "LHLO" : "EHLO", e);
	snprintf(line, sizeof(line), "HELO %s", m->helo);
	if (!smtp_command(m, line, e))
		return false;
	str_clear(&m->ehlo);
	return m->reply.code == 250 || smtp_refused(m, "HELO", e);
}

/* The configured name; else none to who knows us by a login, or our address (RFC 5321 4.1.3). */
static char *make_helo(const char *given, const struct smtp *m)
{
	bool login = m->server->user && *m->server->user;
	bool fine = given && *given && strlen(given) <= 255;

	for (const char *p = given; fine && *p; p++)
		fine = (unsigned char)*p > ' ' && (unsigned char)*p < 127;
	if (fine)
		return xstrdup(given);
	return login ? xstrdup(NOBODY) : conn_own_literal(m->conn);
}

/* ---- opening ---- */

static bool starttls(struct smtp *m, struct err *e)
{
	if (!smtp_has(m, "STARTTLS")) {
		if (m->server->security == SERVER_TLS_IF_OFFERED)
			return true;
		return err_set(e, ERR_TLS,
			"%s does not offer STARTTLS, and without it nothing is sent",
			conn_peer(m->conn));
	}
	if (!smtp_command(m, "STARTTLS", e))
		return false;
	if (m->reply.code != 220) {
		smtp_refused(m, "STARTTLS", e);
		if (e)
			e->class = ERR_TLS;
		return false;
	}
	if (!server_starttls(m->server, m->conn, e))
		return smtp_die(m);
	str_clear(&m->ehlo);
	m->max_size = 0;
	return ehlo(m, e);
}

static bool send_answer(struct smtp *m, struct sv answer, struct err *e)
{
	if (!conn_write_secret(m->conn, answer, e) || !conn_write(m->conn, SV("\r\n"), e))
		return smtp_die(m);
	return smtp_read_reply(m, e);
}

static bool exchange(struct smtp *m, struct sasl *s, struct err *e)
{
	struct err why = {0};
	struct sv first;
	bool has_first = sasl_first(s, &first, &why);

	if (why.class != ERR_NONE)
		return err_set(e, why.class, "%s", why.text);
	/* RFC 4954: a first answer goes along when the line stays under 512 bytes. */
	bool along = has_first && first.len < 400;

	if (!conn_writef(m->conn, e, "AUTH %s", sasl_mechanism(s)) ||
		(along && (!conn_write(m->conn, SV(" "), e) ||
				  !conn_write_secret(m->conn, first, e))) ||
		!conn_write(m->conn, SV("\r\n"), e))
		return smtp_die(m);
	if (!smtp_read_reply(m, e))
		return false;
	if (has_first && !along && m->reply.code == 334 && !send_answer(m, first, e))
		return false;
	while (m->reply.code == 334) {
		struct sv answer;

		if (!sasl_step(s, str_sv(&m->reply.text), &answer, e)) {
			if (conn_write(m->conn, SV("*\r\n"), NULL) && conn_flush(m->conn, NULL))
				m->dead = true;
			return smtp_die(m);
		}
		if (!send_answer(m, answer, e))
			return false;
	}
	if (m->reply.code != 235)
		return true; /* refused; the caller reads m->reply */
	/* The end of SCRAM may come with the 235. */
	return sasl_finish(s, sv_trim(str_sv(&m->reply.text)), e) || smtp_die(m);
}

/* One mechanism. */
static bool attempt(
	struct smtp *m, struct sv offered, struct sasl_tries *tries, bool *again, struct err *e)
{
	struct sasl *s;
	bool ok, refused;

	*again = false;
	if (!sasl_new(m->server, m->conn, offered, tries, &s, e))
		return false;
	ok = exchange(m, s, e);
	refused = ok && m->reply.code != 235;
	conn_note(
		m->conn, "login by %s: %s", sasl_mechanism(s), ok && !refused ? "done" : "refused");
	if (refused) {
		ok = smtp_refused(m, "the server refused the login", e);
		if (e && m->reply.code / 100 == 5)
			e->class = ERR_AUTH;
		if (sasl_server_error(s)[0])
			err_at(e, "%s", sasl_server_error(s));
		*again = !m->dead && m->reply.code / 100 == 5 && sasl_again(s, tries);
	} else if (ok) {
		sasl_worked(m->server, m->conn, sasl_mechanism(s));
	}
	sasl_free(s);
	return ok;
}

static bool log_in(struct smtp *m, struct err *e)
{
	struct sasl_tries tries = {0};
	struct sv offered;
	struct str copy;
	bool ok = false, again = true;

	if (!m->server->user || !*m->server->user)
		return true;
	if (!smtp_ehlo_find(m, "AUTH", &offered))
		return err_set(e, ERR_AUTH, "%s offers no login", conn_peer(m->conn));
	str_init(&copy, EHLO_WORDS_MAX);
	str_add(&copy, offered);
	while (again && !ok)
		ok = attempt(m, str_sv(&copy), &tries, &again, e);
	str_fini(&copy);
	return ok;
}

static bool start(struct smtp *m, struct err *e)
{
	bool plain = server_wants_starttls(m->server, m->conn);

	smtp_phase(m, SMTP_GREETING_MS);
	if (!smtp_read_reply(m, e))
		return false;
	if (m->reply.code != 220)
		return smtp_refused(m, "the server does not want us", e);
	return ehlo(m, e) && (!plain || starttls(m, e)) && log_in(m, e);
}

bool smtp_open(struct server *server, const char *helo, struct smtp **out, struct err *e)
{
	struct conn *c;

	return server_connect(server, &c, e) && smtp_open_on(c, server, helo, out, e);
}

bool smtp_open_on(
	struct conn *c, struct server *server, const char *helo, struct smtp **out, struct err *e)
{
	struct smtp *m = xcalloc(1, sizeof(*m));

	m->server = server;
	m->conn = c;
	str_init(&m->ehlo, EHLO_WORDS_MAX * 4);
	str_init(&m->reply.text, SMTP_REPLY_MAX);
	m->helo = make_helo(helo, m);
	if (!start(m, e)) {
		err_at(e, "%s", server->host ? server->host : "the tunnel");
		smtp_free(m);
		return false;
	}
	*out = m;
	return true;
}

void smtp_free(struct smtp *m)
{
	if (!m)
		return;
	if (!m->dead && m->conn && conn_buffered(m->conn) == 0 &&
		conn_write(m->conn, SV("QUIT\r\n"), NULL)) {
		conn_set_timeout(m->conn, 1000);
		m->dead = !conn_flush(m->conn, NULL);
	}
	conn_free(m->conn);
	str_fini(&m->ehlo);
	str_fini(&m->reply.text);
	free(m->helo);
	free(m);
}

bool smtp_is_dead(const struct smtp *m)
{
	return m->dead;
}

uint64_t smtp_max_size(const struct smtp *m)
{
	return m->max_size;
}

enum smtp_result smtp_result_of(int code)
{
	return code / 100 == 2 ? SMTP_SENT : code / 100 == 4 ? SMTP_LATER : SMTP_NEVER;
}

bool smtp_can_hold(const struct smtp *m, int64_t now, int64_t until)
{
	struct sv rest, word;
	uint64_t longest;

	/* RFC 4865 3: "FUTURERELEASE max-interval max-date-time" */
	if (!smtp_ehlo_find(m, "FUTURERELEASE", &rest) || until <= now)
		return false;
	rest = sv_trim(rest);
	return !sv_split(&rest, ' ', &word) || !sv_u64(word, &longest) ||
	       (uint64_t)(until - now) <= longest;
}
