/*
 * Handing in mail. The state of a message is never guessed: what happened before the final dot was
 * sent is "not sent", what happened after it without an answer is "unknown".
 */
#include <stdlib.h>

#include "net/sasl.h"
#include "net/smtp.h"

#define EHLO_WORDS_MAX 8192
#define DATA_TIMEOUT_MS (10 * 60 * 1000) /* RFC 5321 4.5.3.2.6 */
#define PIPELINE_RCPTS 100               /* RCPT commands sent before their replies are read */

struct smtp {
	struct server *server;
	struct conn *conn;
	bool dead;
	char *helo;
	struct str ehlo; /* the keyword lines of EHLO, LF between */
	uint64_t max_size;
	struct smtp_reply reply;
};

/* ---- replies ---- */

static bool die(struct smtp *m, struct err *e)
{
	(void)e;
	m->dead = true;
	return false;
}

static bool read_reply(struct smtp *m, struct err *e)
{
	bool last = false, first = true;

	str_clear(&m->reply.text);
	m->reply.klass = m->reply.subject = m->reply.detail = 0;
	while (!last) {
		struct sv line, words;
		int code;

		if (!conn_read_line(m->conn, SMTP_LINE_MAX, &line, e))
			return die(m, e);
		if (!smtp_parse_line(line, &code, &last, &words)) {
			err_set(e, ERR_PROTO, "%s does not speak SMTP: " SV_FMT, conn_peer(m->conn),
				SV_ARG(sv_head(line, 80)));
			return die(m, e);
		}
		if (!smtp_add_line(&m->reply, first, code, words, e))
			return die(m, e);
		first = false;
	}
	if (m->reply.code == 421)
		m->dead = true; /* "closing the connection", whatever was asked */
	return true;
}

/* "554 5.7.1 text" in one line. */
static void reply_words(const struct smtp_reply *r, char *out, size_t size)
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

static bool refused(struct smtp *m, const char *what, struct err *e)
{
	char words[300];

	reply_words(&m->reply, words, sizeof(words));
	return err_set(e, m->reply.code / 100 == 4 ? ERR_NET : ERR_PROTO, "%s: %s", what, words);
}

static bool command(struct smtp *m, const char *line, struct err *e)
{
	if (m->dead)
		return err_set(e, ERR_NET, "the connection is over");
	if (!conn_write(m->conn, sv_of(line), e) || !conn_write(m->conn, SV("\r\n"), e))
		return die(m, e);
	return read_reply(m, e);
}

/* ---- EHLO ---- */

/* A keyword line: its word, and what follows it. */
static bool ehlo_find(const struct smtp *m, const char *keyword, struct sv *rest)
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

	return ehlo_find(m, keyword, &rest);
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
	if (ehlo_find(m, "SIZE", &rest) && !sv_u64(sv_trim(rest), &m->max_size))
		m->max_size = 0;
}

static bool ehlo(struct smtp *m, struct err *e)
{
	char line[320];

	snprintf(line, sizeof(line), "EHLO %s", m->helo);
	if (!command(m, line, e))
		return false;
	if (m->reply.code == 250) {
		take_ehlo(m);
		return true;
	}
	if (m->reply.code / 100 != 5 || m->dead)
		return refused(m, "EHLO", e);
	snprintf(line, sizeof(line), "HELO %s", m->helo);
	if (!command(m, line, e))
		return false;
	str_clear(&m->ehlo);
	return m->reply.code == 250 || refused(m, "HELO", e);
}

/* What we call ourselves: the configured name, else our address as a literal (RFC 5321 4.1.3). */
static char *make_helo(const char *given, const struct conn *c)
{
	bool fine = given && *given && strlen(given) <= 255;

	for (const char *p = given; fine && *p; p++)
		fine = (unsigned char)*p > ' ' && (unsigned char)*p < 127;
	return fine ? xstrdup(given) : conn_own_literal(c);
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
	if (!command(m, "STARTTLS", e))
		return false;
	if (m->reply.code != 220) {
		refused(m, "STARTTLS", e);
		if (e)
			e->class = ERR_TLS;
		return false;
	}
	if (!server_starttls(m->server, m->conn, e))
		return die(m, e);
	str_clear(&m->ehlo);
	m->max_size = 0;
	return ehlo(m, e);
}

static bool send_answer(struct smtp *m, struct sv answer, struct err *e)
{
	if (!conn_write_secret(m->conn, answer, e) || !conn_write(m->conn, SV("\r\n"), e))
		return die(m, e);
	return read_reply(m, e);
}

static bool exchange(struct smtp *m, struct sasl *s, struct err *e)
{
	struct sv first;
	bool has_first = sasl_first(s, &first);

	/* RFC 4954: a first answer goes along when the line stays under 512 bytes. */
	bool along = has_first && first.len < 400;

	if (!conn_writef(m->conn, e, "AUTH %s", sasl_mechanism(s)) ||
		(along && (!conn_write(m->conn, SV(" "), e) ||
				  !conn_write_secret(m->conn, first, e))) ||
		!conn_write(m->conn, SV("\r\n"), e))
		return die(m, e);
	if (!read_reply(m, e))
		return false;
	if (has_first && !along && m->reply.code == 334 && !send_answer(m, first, e))
		return false;
	while (m->reply.code == 334) {
		struct sv answer;

		if (!sasl_step(s, str_sv(&m->reply.text), &answer, e)) {
			if (conn_write(m->conn, SV("*\r\n"), NULL) && conn_flush(m->conn, NULL))
				m->dead = true;
			return die(m, e);
		}
		if (!send_answer(m, answer, e))
			return false;
	}
	if (m->reply.code != 235)
		return true; /* refused; the caller reads m->reply */
	/* The end of SCRAM may come with the 235. */
	return sasl_finish(s, sv_trim(str_sv(&m->reply.text)), e) || die(m, e);
}

static bool log_in(struct smtp *m, struct err *e)
{
	struct sv offered;
	const char *skip = NULL;
	struct str copy;
	bool ok;

	if (!m->server->user || !*m->server->user)
		return true;
	if (!ehlo_find(m, "AUTH", &offered))
		return err_set(e, ERR_AUTH, "%s offers no login", conn_peer(m->conn));
	str_init(&copy, EHLO_WORDS_MAX);
	str_add(&copy, offered);
	for (;;) {
		struct sasl *s;
		bool another;

		ok = sasl_new(m->server, m->conn, str_sv(&copy), skip, &s, e);
		if (!ok)
			break;
		ok = exchange(m, s, e);
		conn_note(m->conn, "login by %s: %s", sasl_mechanism(s),
			ok && m->reply.code == 235 ? "done" : "refused");
		another = sasl_may_try_another(s);
		if (ok && m->reply.code != 235) {
			refused(m, "the server refused the login", e);
			if (e && m->reply.code / 100 == 5)
				e->class = ERR_AUTH;
			ok = false;
			if (sasl_server_error(s)[0])
				err_at(e, "%s", sasl_server_error(s));
			sasl_free(s);
			if (another && !skip && !m->dead && m->reply.code / 100 == 5) {
				skip = SASL_SCRAM_NAMES;
				continue;
			}
			break;
		}
		sasl_free(s);
		break;
	}
	str_fini(&copy);
	return ok;
}

static bool start(struct smtp *m, struct err *e)
{
	bool plain = server_wants_starttls(m->server, m->conn);

	if (!read_reply(m, e))
		return false;
	if (m->reply.code != 220)
		return refused(m, "the server does not want us", e);
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
	m->helo = make_helo(helo, m->conn);
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
	if (!m->dead && m->conn && conn_write(m->conn, SV("QUIT\r\n"), NULL)) {
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

/* ---- addresses ---- */

static bool is_ascii(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s >= 128)
			return false;
	return true;
}

/* What could end the command or the brackets early never gets into one. */
static bool addr_is_safe(const char *addr)
{
	size_t n = strlen(addr);

	if (n > 320)
		return false;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)addr[i] < ' ' || addr[i] == 127 || addr[i] == '<' ||
			addr[i] == '>' || (addr[i] == ' ' && addr[0] != '"'))
			return false;
	return true;
}

static bool word_is_safe(const char *w)
{
	for (; *w; w++)
		if (!ascii_is_alnum((unsigned char)*w) && !strchr(",.-_@;", *w))
			return false;
	return true;
}

/* RFC 3461 4: xtext. */
static void add_xtext(struct str *s, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c > ' ' && c < 127 && c != '+' && c != '=')
			str_addc(s, (char)c);
		else
			str_addf(s, "+%02X", c);
	}
}

static bool needs_utf8(const struct smtp_mail *mail)
{
	bool yes = mail->utf8_headers || !is_ascii(mail->from);

	for (size_t i = 0; i < mail->nrcpts && !yes; i++)
		yes = !is_ascii(mail->rcpts[i].addr);
	return yes;
}

/* ---- the envelope ---- */

static bool never(enum smtp_result *result, struct err *e, const char *text)
{
	*result = SMTP_NEVER;
	return err_set(e, ERR_INPUT, "%s", text);
}

/* What can be known before a byte is sent. */
static bool check_mail(
	struct smtp *m, const struct smtp_mail *mail, enum smtp_result *result, struct err *e)
{
	if (mail->nrcpts == 0)
		return never(result, e, "the message has no recipients");
	if (mail->nrcpts > SMTP_RCPTS_MAX)
		return never(result, e, "the message has too many recipients");
	if (!addr_is_safe(mail->from))
		return never(result, e, "the sender's address cannot be used");
	for (size_t i = 0; i < mail->nrcpts; i++)
		if (!*mail->rcpts[i].addr || !addr_is_safe(mail->rcpts[i].addr) ||
			(mail->rcpts[i].notify && !word_is_safe(mail->rcpts[i].notify))) {
			*result = SMTP_NEVER;
			return err_set(e, ERR_INPUT, "the address \"%.200s\" cannot be used",
				mail->rcpts[i].addr);
		}
	if (m->max_size && mail->size > m->max_size) {
		*result = SMTP_NEVER;
		return err_set(e, ERR_LIMIT,
			"the message has %llu bytes, and %s takes at most %llu",
			(unsigned long long)mail->size, conn_peer(m->conn),
			(unsigned long long)m->max_size);
	}
	if (needs_utf8(mail) && !smtp_has(m, "SMTPUTF8")) {
		*result = SMTP_NEVER;
		return err_set(e, ERR_INPUT,
			"%s cannot carry international addresses (no SMTPUTF8)",
			conn_peer(m->conn));
	}
	return true;
}

static bool send_mail_from(struct smtp *m, const struct smtp_mail *mail, struct err *e)
{
	struct str s;
	bool ok;

	str_init(&s, 2048);
	str_addf(&s, "MAIL FROM:<%s>", mail->from);
	if (smtp_has(m, "SIZE"))
		str_addf(&s, " SIZE=%llu", (unsigned long long)mail->size);
	if (mail->eight_bit && smtp_has(m, "8BITMIME"))
		str_adds(&s, " BODY=8BITMIME");
	if (needs_utf8(mail))
		str_adds(&s, " SMTPUTF8");
	if (smtp_has(m, "DSN") && mail->dsn_return && word_is_safe(mail->dsn_return))
		str_addf(&s, " RET=%s",
			sv_is_case(sv_of(mail->dsn_return), "full") ? "FULL" : "HDRS");
	if (smtp_has(m, "DSN") && mail->dsn_envid) {
		str_adds(&s, " ENVID=");
		add_xtext(&s, mail->dsn_envid);
	}
	str_adds(&s, "\r\n");
	ok = conn_write(m->conn, str_sv(&s), e);
	str_fini(&s);
	return ok || die(m, e);
}

static bool send_rcpt(struct smtp *m, const struct smtp_rcpt *r, struct err *e)
{
	struct str s;
	bool ok;

	str_init(&s, 2048);
	str_addf(&s, "RCPT TO:<%s>", r->addr);
	if (r->notify && *r->notify && smtp_has(m, "DSN"))
		str_addf(&s, " NOTIFY=%s", r->notify);
	str_adds(&s, "\r\n");
	ok = conn_write(m->conn, str_sv(&s), e);
	str_fini(&s);
	return ok || die(m, e);
}

static enum smtp_result result_of(int code)
{
	return code / 100 == 2 ? SMTP_SENT : code / 100 == 4 ? SMTP_LATER : SMTP_NEVER;
}

static bool read_rcpt(struct smtp *m, struct smtp_rcpt *r, struct err *e)
{
	if (!read_reply(m, e))
		return false;
	r->result = result_of(m->reply.code);
	reply_words(&m->reply, r->text, sizeof(r->text));
	return true;
}

/*
 * MAIL and RCPT. With PIPELINING in one go. *accepted: how many recipients; mail_code is the reply
 * to MAIL. False: the connection broke.
 */
static bool envelope(struct smtp *m, struct smtp_mail *mail, int *mail_code, char *mail_words,
	size_t words_size, size_t *accepted, struct err *e)
{
	size_t ahead = smtp_has(m, "PIPELINING") ? PIPELINE_RCPTS : 0, sent = 0, read = 0;

	*accepted = 0;
	if (!send_mail_from(m, mail, e))
		return false;
	for (; sent < mail->nrcpts && sent < ahead; sent++)
		if (!send_rcpt(m, &mail->rcpts[sent], e))
			return false;
	if (!read_reply(m, e))
		return false;
	*mail_code = m->reply.code;
	reply_words(&m->reply, mail_words, words_size);
	if (*mail_code / 100 != 2 && sent == 0)
		return true;
	while (read < mail->nrcpts && !m->dead) {
		if (sent < mail->nrcpts && sent <= read + ahead && *mail_code / 100 == 2) {
			if (!send_rcpt(m, &mail->rcpts[sent++], e))
				return false;
			if (sent <= read + ahead)
				continue;
		}
		if (read == sent)
			break;
		if (!read_rcpt(m, &mail->rcpts[read], e))
			return false;
		*accepted += mail->rcpts[read++].result == SMTP_SENT;
	}
	return true;
}

/* ---- the message ---- */

enum dot_state { AT_LINE_START, IN_LINE, AFTER_CR };

/*
 * CRLF is the only line end on the wire: a lone CR or LF becomes one (no smuggling: RFC 5321
 * 2.3.8), a dot at the start of a line is doubled.
 */
static bool put_piece(struct conn *c, struct sv piece, enum dot_state *st, struct err *e)
{
	size_t from = 0;

	for (size_t i = 0; i < piece.len; i++) {
		char b = piece.p[i];
		struct sv before = sv_make(piece.p + from, i - from);

		if (*st == AFTER_CR && b != '\n') { /* a CR alone */
			if (!conn_write(c, SV("\r\n"), e))
				return false;
			*st = AT_LINE_START;
		}
		if (b == '\r') {
			if (!conn_write(c, before, e))
				return false;
			from = i + 1;
			*st = AFTER_CR;
		} else if (b == '\n') {
			if (!conn_write(c, before, e) || !conn_write(c, SV("\r\n"), e))
				return false;
			from = i + 1;
			*st = AT_LINE_START;
		} else {
			if (*st == AT_LINE_START && b == '.' &&
				(!conn_write(c, before, e) || !conn_write(c, SV("."), e)))
				return false;
			if (*st == AT_LINE_START && b == '.')
				from = i;
			*st = IN_LINE;
		}
	}
	return conn_write(c, sv_from(piece, from), e);
}

static bool put_message(struct conn *c, struct smtp_mail *mail, struct err *e)
{
	enum dot_state st = AT_LINE_START;

	for (;;) {
		struct sv piece;

		if (!mail->read(mail->data, &piece, e))
			return false;
		if (piece.len == 0)
			return st == AT_LINE_START || conn_write(c, SV("\r\n"), e);
		if (!put_piece(c, piece, &st, e))
			return false;
	}
}

/* After 354: bytes, the caller's leave, the dot, the answer. */
static bool transfer(struct smtp *m, struct smtp_mail *mail, enum smtp_result *result,
	struct str *words, struct err *e)
{
	char text[300];

	*result = SMTP_LATER;
	if (!put_message(m->conn, mail, e) || !conn_flush(m->conn, e))
		return die(m, e);
	if (mail->commit && !mail->commit(mail->data, e))
		return die(m, e);
	*result = SMTP_UNKNOWN;
	/* From here on nobody may interrupt: only the answer can say what became of it. */
	conn_set_wake(m->conn, WAKE_NONE);
	conn_set_timeout(m->conn, DATA_TIMEOUT_MS);
	if (!conn_write(m->conn, SV(".\r\n"), e) || !read_reply(m, e)) {
		die(m, e);
		return err_at(e, "the message was handed over, but its receipt was not confirmed");
	}
	conn_set_wake(m->conn, m->server->wake);
	conn_set_timeout(
		m->conn, m->server->timeout_ms ? m->server->timeout_ms : SERVER_TIMEOUT_MS);
	*result = result_of(m->reply.code);
	reply_words(&m->reply, text, sizeof(text));
	if (words)
		str_adds(words, text);
	if (*result == SMTP_SENT || m->reply.code / 100 == 4 || m->reply.code / 100 == 5)
		return *result == SMTP_SENT || refused(m, "the server refused the message", e);
	return refused(m, "the server's answer makes no sense", e);
}

/* Nothing was sent: back to a clean state for the next message. */
static void reset(struct smtp *m)
{
	if (!m->dead && !command(m, "RSET", NULL))
		m->dead = true;
}

/* All or some recipients were refused: what is that for the message? */
static bool judge_rcpts(struct smtp *m, struct smtp_mail *mail, size_t accepted, bool all_or_none,
	enum smtp_result *result, struct err *e)
{
	const struct smtp_rcpt *worst = NULL;

	if (accepted == mail->nrcpts || (accepted > 0 && !all_or_none))
		return true;
	for (size_t i = 0; i < mail->nrcpts; i++)
		if (mail->rcpts[i].result != SMTP_SENT &&
			(!worst || mail->rcpts[i].result == SMTP_LATER))
			worst = &mail->rcpts[i];
	*result = worst->result;
	err_set(e, worst->result == SMTP_LATER ? ERR_NET : ERR_PROTO, "%.200s: %s", worst->addr,
		worst->text);
	reset(m);
	return false;
}

bool smtp_send(struct smtp *m, struct smtp_mail *mail, bool all_or_none, enum smtp_result *result,
	struct str *words, struct err *e)
{
	char text[300];
	size_t accepted;
	int code;

	if (!check_mail(m, mail, result, e))
		return false;
	*result = SMTP_LATER;
	for (size_t i = 0; i < mail->nrcpts; i++) {
		mail->rcpts[i].result = SMTP_LATER;
		mail->rcpts[i].text[0] = 0;
	}
	if (!envelope(m, mail, &code, text, sizeof(text), &accepted, e))
		return false;
	if (code / 100 != 2) {
		*result = result_of(code);
		err_set(e, *result == SMTP_LATER ? ERR_NET : ERR_PROTO,
			"the server refused the sender: %s", text);
		reset(m);
		return false;
	}
	if (m->dead)
		return err_set(e, ERR_NET, "the server ended the session: %s",
			m->reply.text.s ? m->reply.text.s : "");
	if (!judge_rcpts(m, mail, accepted, all_or_none, result, e))
		return false;
	if (!command(m, "DATA", e))
		return false;
	if (m->reply.code != 354) {
		*result = result_of(m->reply.code) == SMTP_NEVER ? SMTP_NEVER : SMTP_LATER;
		refused(m, "the server does not take the message", e);
		if (m->reply.code / 100 == 2)
			die(m, e); /* 2xx to DATA: who knows what it waits for now */
		reset(m);
		return false;
	}
	return transfer(m, mail, result, words, e);
}
