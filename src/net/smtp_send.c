/*
 * One message: its envelope, and what the answers mean for it. The state of a message is never guessed:
 * what happened before its end was sent is "not sent", what happened after it without an answer is
 * "unknown".
 */
#include <stdlib.h>
#include <time.h>

#include "mime/addr.h"
#include "net/smtp_priv.h"
#include "text/utf8.h"

#define PIPELINE_RCPTS 100 /* RCPT commands sent before their replies are read */
#define ADDR_MAX 320       /* RFC 5321 4.5.3.1: 64 and 255, and the @ */

/* ---- addresses ---- */

/* What could end the command or the brackets early never gets into one. */
static bool addr_is_safe(const char *addr)
{
	size_t n = strlen(addr);

	if (n > ADDR_MAX)
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

/* RFC 3461 4: xtext. RFC 6533 3: with SMTPUTF8 bytes over 127 stand for themselves. */
static void add_xtext(struct str *s, const char *text, bool utf8)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if ((c > ' ' && c < 127 && c != '+' && c != '=') || (utf8 && c >= 128))
			str_addc(s, (char)c);
		else
			str_addf(s, "+%02X", c);
	}
}

/*
 * The address as this server can take it. False: it cannot be said without SMTPUTF8. An international
 * domain has an ASCII form (RFC 5891), a local part has none.
 */
static bool wire_addr(const struct smtp *m, const char *addr, struct str *out)
{
	if (utf8_is_ascii(sv_of(addr)) || smtp_has(m, "SMTPUTF8"))
		return str_adds(out, addr);
	return !addr_needs_utf8(sv_of(addr)) && addr_to_ascii(out, sv_of(addr)) &&
	       utf8_is_ascii(str_sv(out));
}

static bool needs_utf8(const struct smtp_mail *mail)
{
	bool yes = mail->utf8_headers || !utf8_is_ascii(sv_of(mail->from));

	for (size_t i = 0; i < mail->nrcpts && !yes; i++)
		yes = !utf8_is_ascii(sv_of(mail->rcpts[i].addr));
	return yes;
}

/* ---- what can be known before a byte is sent ---- */

static bool check_address(struct smtp *m, const char *addr, struct err *e)
{
	struct str out;
	bool ok;

	if (!addr_is_safe(addr))
		return err_set(e, ERR_INPUT, "the address \"%.200s\" cannot be used", addr);
	str_init(&out, 2 * ADDR_MAX);
	ok = wire_addr(m, addr, &out);
	str_fini(&out);
	return ok || err_set(e, ERR_INPUT,
			     "the address %.200s has letters beyond ASCII before the @, and %s "
			     "cannot carry them "
			     "(no SMTPUTF8)",
			     addr, conn_peer(m->conn));
}

static bool check_recipients(struct smtp *m, const struct smtp_mail *mail, struct err *e)
{
	if (mail->nrcpts == 0)
		return err_set(e, ERR_INPUT, "the message has no recipients");
	if (mail->nrcpts > SMTP_RCPTS_MAX)
		return err_set(e, ERR_LIMIT, "the message has too many recipients");
	for (size_t i = 0; i < mail->nrcpts; i++) {
		const struct smtp_rcpt *r = &mail->rcpts[i];

		if (!*r->addr || (r->notify && !word_is_safe(r->notify)))
			return err_set(
				e, ERR_INPUT, "the address \"%.200s\" cannot be used", r->addr);
		if (!check_address(m, r->addr, e))
			return false;
	}
	return true;
}

static bool check_mail(struct smtp *m, const struct smtp_mail *mail, struct err *e)
{
	if (!check_recipients(m, mail, e))
		return false;
	if (!addr_is_safe(mail->from))
		return err_set(e, ERR_INPUT, "the sender's address cannot be used");
	if (!check_address(m, mail->from, e))
		return false;
	if (m->max_size && mail->size > m->max_size)
		return err_set(e, ERR_LIMIT,
			"the message has %llu bytes, and %s takes at most %llu",
			(unsigned long long)mail->size, conn_peer(m->conn),
			(unsigned long long)m->max_size);
	if (mail->utf8_headers && !smtp_has(m, "SMTPUTF8"))
		return err_set(e, ERR_INPUT,
			"%s cannot carry international addresses (no SMTPUTF8)",
			conn_peer(m->conn));
	if (mail->require_tls && (!conn_is_tls(m->conn) || !smtp_has(m, "REQUIRETLS")))
		return err_set(e, ERR_TLS,
			"%s does not promise TLS on all of the way (no REQUIRETLS), and you ask "
			"for it",
			conn_peer(m->conn));
	return true;
}

/* ---- commands ---- */

static bool as_binary(const struct smtp *m, const struct smtp_mail *mail)
{
	return mail->binary && smtp_has(m, "BINARYMIME") && smtp_has(m, "CHUNKING") &&
	       !m->no_chunking;
}

/* RFC 4865 4: an RFC 3339 time in UTC. */
static void add_hold(struct str *s, int64_t until)
{
	time_t t = (time_t)until;
	struct tm tm;
	char text[40];

	if (gmtime_r(&t, &tm) && strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) > 0)
		str_addf(s, " HOLDUNTIL=%s", text);
}

static bool send_mail_from(struct smtp *m, const struct smtp_mail *mail, struct err *e)
{
	struct str s;
	bool ok;

	str_init(&s, 4096);
	str_adds(&s, "MAIL FROM:<");
	(void)wire_addr(m, mail->from, &s); /* it was checked */
	str_addc(&s, '>');
	if (smtp_has(m, "SIZE"))
		str_addf(&s, " SIZE=%llu", (unsigned long long)mail->size);
	if (as_binary(m, mail))
		str_adds(&s, " BODY=BINARYMIME");
	else if (mail->eight_bit && smtp_has(m, "8BITMIME"))
		str_adds(&s, " BODY=8BITMIME");
	if (needs_utf8(mail) && smtp_has(m, "SMTPUTF8"))
		str_adds(&s, " SMTPUTF8");
	if (smtp_has(m, "DSN") && mail->dsn_return && word_is_safe(mail->dsn_return))
		str_addf(&s, " RET=%s",
			sv_is_case(sv_of(mail->dsn_return), "full") ? "FULL" : "HDRS");
	if (smtp_has(m, "DSN") && mail->dsn_envid) {
		str_adds(&s, " ENVID=");
		add_xtext(&s, mail->dsn_envid, false);
	}
	if (mail->hold_until)
		add_hold(&s, mail->hold_until);
	if (mail->require_tls)
		str_adds(&s, " REQUIRETLS");
	str_adds(&s, "\r\n");
	ok = conn_write(m->conn, str_sv(&s), e);
	str_fini(&s);
	return ok || smtp_die(m);
}

/* RFC 3461 4.1, 4.2: what a notice should be sent for, and whom this really is for. */
static void add_dsn(struct smtp *m, const struct smtp_rcpt *r, struct str *s)
{
	bool utf8 = !utf8_is_ascii(sv_of(r->addr));

	str_adds(s, " NOTIFY=");
	for (const char *p = r->notify; *p; p++)
		str_addc(s, (char)ascii_upper((unsigned char)*p));
	if (utf8 && !smtp_has(m, "SMTPUTF8"))
		return;
	str_adds(s, utf8 ? " ORCPT=utf-8;" : " ORCPT=rfc822;");
	add_xtext(s, r->addr, utf8);
}

static bool send_rcpt(struct smtp *m, const struct smtp_rcpt *r, struct err *e)
{
	struct str s;
	bool ok;

	str_init(&s, 4096);
	str_adds(&s, "RCPT TO:<");
	(void)wire_addr(m, r->addr, &s);
	str_addc(&s, '>');
	if (r->notify && *r->notify && smtp_has(m, "DSN"))
		add_dsn(m, r, &s);
	str_adds(&s, "\r\n");
	ok = conn_write(m->conn, str_sv(&s), e);
	str_fini(&s);
	return ok || smtp_die(m);
}

/*
 * RFC 5321 4.5.3.1.10: 552 to RCPT was once the word for "too many recipients in one go", and means
 * "later". With an enhanced code (5.2.2: mailbox full) it means what that says.
 */
static enum smtp_result rcpt_result(const struct smtp_reply *r)
{
	if (r->code == 552 && r->klass == 0)
		return SMTP_LATER;
	return smtp_result_of(r->code);
}

static bool read_rcpt(struct smtp *m, struct smtp_rcpt *r, struct err *e)
{
	if (!smtp_read_reply(m, e))
		return false;
	r->result = rcpt_result(&m->reply);
	smtp_words(&m->reply, r->text, sizeof(r->text));
	return true;
}

struct envelope {
	int code; /* the reply to MAIL */
	char words[SMTP_WORDS_MAX];
	size_t accepted; /* recipients */
};

/* MAIL and RCPT. With PIPELINING in one go. False: the connection broke. */
static bool send_envelope(struct smtp *m, struct smtp_mail *mail, struct envelope *v, struct err *e)
{
	size_t ahead = smtp_has(m, "PIPELINING") ? PIPELINE_RCPTS : 0, sent = 0, read = 0;

	*v = (struct envelope){.code = 0};
	smtp_phase(m, SMTP_COMMAND_MS);
	if (!send_mail_from(m, mail, e))
		return false;
	for (; sent < mail->nrcpts && sent < ahead; sent++)
		if (!send_rcpt(m, &mail->rcpts[sent], e))
			return false;
	if (!smtp_read_reply(m, e))
		return false;
	v->code = m->reply.code;
	smtp_words(&m->reply, v->words, sizeof(v->words));
	if (v->code / 100 != 2 && sent == 0)
		return true;
	while (read < mail->nrcpts && !m->dead) {
		if (sent < mail->nrcpts && sent <= read + ahead && v->code / 100 == 2) {
			if (!send_rcpt(m, &mail->rcpts[sent++], e))
				return false;
			if (sent <= read + ahead)
				continue;
		}
		if (read == sent)
			break;
		if (!read_rcpt(m, &mail->rcpts[read], e))
			return false;
		v->accepted += mail->rcpts[read++].result == SMTP_SENT;
	}
	return true;
}

/* Nothing was sent: back to a clean state for the next message. */
static void reset(struct smtp *m)
{
	if (!m->dead && !smtp_command(m, "RSET", NULL))
		m->dead = true;
}

/* ---- what the answers mean ---- */

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

/* The transaction up to the point where the server waits for the message. */
static bool introduce(struct smtp *m, struct smtp_mail *mail, bool all_or_none,
	enum smtp_result *result, struct err *e)
{
	struct envelope v;

	for (size_t i = 0; i < mail->nrcpts; i++) {
		mail->rcpts[i].result = SMTP_LATER;
		mail->rcpts[i].text[0] = 0;
	}
	if (!send_envelope(m, mail, &v, e))
		return false;
	if (v.code / 100 != 2) {
		*result = v.code / 100 == 4 ? SMTP_LATER : SMTP_NEVER;
		err_set(e, *result == SMTP_LATER ? ERR_NET : ERR_PROTO,
			"the server refused the sender: %s", v.words);
		/* What it says to the recipients then is only an echo of that. */
		for (size_t i = 0; i < mail->nrcpts; i++)
			mail->rcpts[i].text[0] = 0;
		reset(m);
		return false;
	}
	if (m->dead)
		return err_set(e, ERR_NET, "the server ended the session: %s",
			m->reply.text.s ? m->reply.text.s : "");
	return judge_rcpts(m, mail, v.accepted, all_or_none, result, e);
}

/* DATA, and 354 to it. */
static bool ask_data(struct smtp *m, enum smtp_result *result, struct err *e)
{
	if (!smtp_command(m, "DATA", e))
		return false;
	smtp_phase(m, SMTP_DATA_MS);
	if (m->reply.code == 354)
		return true;
	*result = smtp_result_of(m->reply.code) == SMTP_NEVER ? SMTP_NEVER : SMTP_LATER;
	smtp_refused(m, "the server does not take the message", e);
	if (m->reply.code < 400)
		smtp_die(m); /* 2xx to DATA: who knows what it waits for now */
	reset(m);
	return false;
}

/* The answer to the end, for all. */
static bool read_verdict(struct smtp *m, enum smtp_result *result, struct str *words, struct err *e)
{
	char text[SMTP_WORDS_MAX];

	if (!smtp_read_reply(m, e))
		return err_at(e, "the message was handed over, but its receipt was not confirmed");
	smtp_words(&m->reply, text, sizeof(text));
	if (words)
		str_adds(words, text);
	/* A yes is 250; 4xx and 5xx are a no. From anything else nobody can tell what became of it. */
	if (m->reply.code / 10 != 25 && m->reply.code < 400) {
		smtp_die(m);
		smtp_refused(m, "the server's answer makes no sense", e);
		return false;
	}
	*result = smtp_result_of(m->reply.code);
	return *result == SMTP_SENT || smtp_refused(m, "the server refused the message", e);
}

/* LMTP: an answer for each recipient that was accepted (RFC 2033 4.2). */
static bool read_verdicts(struct smtp *m, struct smtp_mail *mail, enum smtp_result *result,
	struct str *words, struct err *e)
{
	enum smtp_result one, all = SMTP_NEVER;
	bool any = false;
	struct err mine = {0};

	for (size_t i = 0; i < mail->nrcpts; i++) {
		struct smtp_rcpt *r = &mail->rcpts[i];
		struct str said;

		if (r->result != SMTP_SENT)
			continue;
		one = r->result = SMTP_UNKNOWN;
		str_init(&said, SMTP_WORDS_MAX);
		bool ok = !m->dead && read_verdict(m, &one, &said, &mine);
		r->result = one;
		snprintf(r->text, sizeof(r->text), SV_FMT, SV_ARG(str_sv(&said)));
		if (words && !words->len)
			str_add(words, str_sv(&said));
		str_fini(&said);
		any = any || ok;
		if (one == SMTP_UNKNOWN)
			all = SMTP_UNKNOWN;
		else if (one == SMTP_LATER && all == SMTP_NEVER)
			all = SMTP_LATER;
	}
	*result = all == SMTP_UNKNOWN ? all : any ? SMTP_SENT : all;
	if (*result == SMTP_SENT)
		return true;
	if (e)
		*e = mine;
	return false;
}

/* The bytes, the caller's leave, the end, the answer. */
static bool transfer(struct smtp *m, struct smtp_mail *mail, bool chunks, bool *fall_back,
	enum smtp_result *result, struct str *words, struct err *e)
{
	bool ended = false, ok;

	*result = SMTP_LATER;
	if (!chunks && !ask_data(m, result, e))
		return false;
	ok = chunks ? smtp_put_chunks(m, mail, result, &ended, fall_back, e)
		    : smtp_put_data(m, mail, result, &ended, e);
	if (!ended) {
		reset(m);
		return false;
	}
	*result = SMTP_UNKNOWN;
	if (!ok)
		return err_at(e, "the message was handed over, but its receipt was not confirmed");
	ok = m->server->lmtp ? read_verdicts(m, mail, result, words, e)
			     : read_verdict(m, result, words, e);
	if (m->dead)
		return ok;
	conn_set_wake(m->conn, m->server->wake);
	smtp_phase(m, SMTP_COMMAND_MS);
	/* The answer to the last "BDAT 0 LAST" or dot ends the transaction; a refused BDAT does not always. */
	if (!ok && chunks)
		reset(m);
	return ok;
}

bool smtp_send(struct smtp *m, struct smtp_mail *mail, bool all_or_none, enum smtp_result *result,
	struct str *words, struct err *e)
{
	bool fall_back = false;

	*result = SMTP_NEVER;
	if (!check_mail(m, mail, e))
		return false;
	*result = SMTP_LATER;
	if (m->dead)
		return err_set(e, ERR_NET, "the connection is over");
	if (!smtp_is_silent(m, e) || !introduce(m, mail, all_or_none, result, e))
		return false;
	bool chunks = smtp_has(m, "CHUNKING") && !m->no_chunking;
	bool ok = transfer(m, mail, chunks, &fall_back, result, words, e);

	if (ok || !fall_back || m->dead)
		return ok;
	m->no_chunking = true;
	conn_note(m->conn, "CHUNKING is offered, but BDAT does not do: DATA is used");
	*result = SMTP_LATER;
	if (mail->rewind && !mail->rewind(mail->data, e))
		return false;
	return introduce(m, mail, all_or_none, result, e) &&
	       transfer(m, mail, false, &fall_back, result, words, e);
}
