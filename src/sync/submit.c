/*
 * Role "submit": rows of the outbox go out by SMTP or LMTP, one connection for as many as there are.
 * What becomes of a row is said in one word, and the word is true: "sent" after the server's 250,
 * "queued" while nothing can have reached it, "unknown" when the end of the message went out and no
 * answer came. What becomes of each recipient is said before it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "mime/build.h"
#include "mime/downgrade.h"
#include "net/smtp.h"
#include "store/outbox.h"
#include "sync/host_priv.h"
#include "sync/remote.h"
#include "text/utf8.h"

#define READ_SIZE 65536
#define WORDS_MAX 2000

struct submit {
	struct host *host;
	struct remote remote;
	struct smtp *smtp;
};

/* ---- the row ---- */

struct letter {
	struct arena *arena;
	char *from, *file, *options;
	struct smtp_rcpt *rcpts;
	size_t nrcpts;
};

static bool copy_row(void *data, const struct outbox_row *row)
{
	struct letter *l = data;
	struct sv rest = sv_of(row->recipients), line;
	size_t most = 1;

	for (size_t i = 0; i < rest.len; i++)
		most += rest.p[i] == '\n';
	l->from = arena_strdup(l->arena, row->from);
	l->file = arena_strdup(l->arena, row->file);
	l->options = arena_strdup(l->arena, row->options);
	l->rcpts = arena_alloc(l->arena, most * sizeof(*l->rcpts));
	while (sv_line(&rest, &line)) {
		line = sv_trim(line);
		if (line.len)
			l->rcpts[l->nrcpts++].addr = arena_strndup(l->arena, line.p, line.len);
	}
	return false;
}

/* An option of the row, else of the account; NULL when there is none. */
static const char *option_of(
	struct submit *s, const struct letter *l, const char *name, const char *account_name)
{
	struct sv v = outbox_option(sv_of(l->options), name);
	const char *value = v.len ? arena_strndup(l->arena, v.p, v.len) : NULL;

	if (!value && account_name)
		value = host_conf(s->host, account_name);
	return value && *value ? value : NULL;
}

/* ---- the message ---- */

struct reader {
	int fd;
	char buf[READ_SIZE];
	struct str text; /* its form for a way of seven bits; empty: the file is sent */
	size_t at;
	struct submit *submit;
	struct smtp_mail mail;
	uint64_t job;
	int64_t outbox;
};

static bool read_piece(void *data, struct sv *piece, struct err *e)
{
	struct reader *r = data;
	ssize_t n;

	if (r->text.len) {
		*piece = sv_head(sv_from(str_sv(&r->text), r->at), READ_SIZE);
		r->at += piece->len;
		return true;
	}
	do
		n = read(r->fd, r->buf, sizeof(r->buf));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_sys(e, "reading the message");
	*piece = sv_make(r->buf, (size_t)n);
	return true;
}

static bool rewind_message(void *data, struct err *e)
{
	struct reader *r = data;

	r->at = 0;
	return lseek(r->fd, 0, SEEK_SET) == 0 || err_sys(e, "reading the message");
}

/* What is known about each recipient. through: the message is; else "accepted" only means that they would get it. */
static void tell_recipients(struct reader *r, bool through)
{
	static const char *const names[] = {[SMTP_SENT] = "sent",
		[SMTP_LATER] = "later",
		[SMTP_NEVER] = "never",
		[SMTP_UNKNOWN] = "open"};

	for (size_t i = 0; i < r->mail.nrcpts; i++) {
		const struct smtp_rcpt *p = &r->mail.rcpts[i];
		bool refused = p->result == SMTP_LATER || p->result == SMTP_NEVER;

		if (refused ? p->text[0] : through)
			host_rcpt(r->submit->host, r->job, r->outbox, p->addr, names[p->result],
				p->text);
	}
}

static bool ask_commit(void *data, struct err *e)
{
	struct reader *r = data;

	tell_recipients(r, false);
	host_step("before commit");
	if (!host_may_commit(r->submit->host, r->job, r->outbox, e))
		return false;
	host_step("committing");
	return true;
}

/* What a survey of the message finds, byte by byte. */
struct survey {
	bool in_header, after_cr, line_empty;
	struct str header; /* its bytes beyond ASCII: UTF-8, or what old mailers wrote? */
};

static void look_at(struct survey *v, struct smtp_mail *mail, char c)
{
	if (v->after_cr && c != '\n')
		mail->binary = true;
	mail->size += c == '\n' && !v->after_cr ? 2 : 1;
	mail->binary = mail->binary || c == 0;
	if ((unsigned char)c >= 128) {
		if (v->in_header)
			str_addc(&v->header, c);
		else
			mail->eight_bit = true;
	}
	if (c == '\n' && v->line_empty)
		v->in_header = false;
	if (c != '\r')
		v->line_empty = c == '\n';
	v->after_cr = c == '\r';
}

/* Size on the wire, and what kind of bytes there are. */
static bool survey(struct reader *r, struct err *e)
{
	struct survey v = {.in_header = true, .line_empty = true};
	struct smtp_mail *mail = &r->mail;
	bool ok;

	str_init(&v.header, READ_SIZE);
	mail->size = 0;
	mail->eight_bit = mail->binary = false;
	for (;;) {
		struct sv piece;

		ok = read_piece(r, &piece, e);
		if (!ok || piece.len == 0)
			break;
		for (size_t i = 0; i < piece.len; i++)
			look_at(&v, mail, piece.p[i]);
	}
	/* Raw bytes of an old charset in a header (a bounced message) are no reason to ask for SMTPUTF8. */
	mail->utf8_headers = v.header.len > 0 && utf8_is_valid(str_sv(&v.header));
	mail->eight_bit = mail->eight_bit || (v.header.len > 0 && !mail->utf8_headers);
	str_fini(&v.header);
	return ok && rewind_message(r, e);
}

/* RFC 6152 3: without 8BITMIME the message must be written in seven bits. */
static bool to_seven_bits(struct reader *r, struct err *e)
{
	struct str whole, out;
	bool signed_8bit = false, ok;
	struct sv piece;

	str_init(&whole, BUILD_MAX);
	str_init(&out, BUILD_MAX);
	while ((ok = read_piece(r, &piece, e)) && piece.len > 0)
		if (!str_add(&whole, piece)) {
			ok = err_set(e, ERR_LIMIT, "the message is too big");
			break;
		}
	ok = ok && downgrade_7bit(&out, str_sv(&whole), &signed_8bit, e);
	str_fini(&whole);
	if (!ok) {
		str_fini(&out);
		return false;
	}
	if (signed_8bit)
		log_write(LOG_WARN, "smtp",
			"the server does not offer 8BITMIME, and the signed part has 8-bit bytes: "
			"it goes as it is");
	str_fini(&r->text);
	r->text = out;
	return survey(r, e);
}

/* ---- the connection ---- */

static bool open_session(void *data, struct err *e)
{
	struct submit *s = data;

	/* What the user did not set is waited for as long as RFC 5321 wants it (smtp.h). */
	if (host_conf_number(s->host, "socket_receive_timeout", 0) <= 0)
		s->remote.server.timeout_ms = 0;
	return smtp_open(&s->remote.server, host_conf(s->host, "hostname"), &s->smtp, e);
}

static struct submit *submit_of(struct host *h)
{
	struct submit *s = h->submit;

	if (s)
		return s;
	s = xcalloc(1, sizeof(*s));
	s->host = h;
	remote_init(&s->remote, h, "smtp");
	h->submit = s;
	return s;
}

static void hang_up(struct submit *s)
{
	smtp_free(s->smtp);
	s->smtp = NULL;
}

static bool ensure_session(struct submit *s, struct err *e)
{
	/* A kept connection may have died of old age: that is no failure of this message. */
	if (s->smtp && !smtp_is_fresh(s->smtp))
		hang_up(s);
	if (s->smtp)
		return true;
	host_state_say(s->host, "connecting", "");
	if (!remote_open(&s->remote, open_session, s, e))
		return false;
	host_state_say(s->host, "online", "");
	return true;
}

static void submit_disconnect(struct host *h)
{
	struct submit *s = h->submit;

	if (!s)
		return;
	hang_up(s);
	remote_fini(&s->remote);
	free(s);
	h->submit = NULL;
}

/* ---- sending ---- */

static const char *state_of(enum smtp_result r)
{
	switch (r) {
	case SMTP_SENT:
		return "sent";
	case SMTP_LATER:
		return "queued";
	case SMTP_NEVER:
		return "failed";
	case SMTP_UNKNOWN:
		break;
	}
	return "unknown";
}

/* The connection was fresh a moment ago and died before it took anything: once more, on a new one. */
static bool is_stale(struct submit *s, bool reused, enum smtp_result result)
{
	return reused && result == SMTP_LATER && smtp_is_dead(s->smtp);
}

static enum smtp_result attempt(
	struct submit *s, struct reader *r, struct str *words, struct err *e)
{
	enum smtp_result result = SMTP_LATER;

	if (r->mail.eight_bit && !r->text.len && !smtp_has(s->smtp, "8BITMIME") &&
		!to_seven_bits(r, e))
		return SMTP_LATER;
	if (!smtp_send(s->smtp, &r->mail, false, &result, words, e))
		log_write(LOG_INFO, "smtp", "%s: %s", host_account(s->host), e->text);
	return result;
}

static enum smtp_result transmit(
	struct submit *s, struct reader *r, struct str *words, bool *not_held, struct err *e)
{
	bool reused = s->smtp != NULL;
	enum smtp_result result;

	if (!ensure_session(s, e))
		return e->class == ERR_INPUT ? SMTP_NEVER : SMTP_LATER;
	if (r->mail.hold_until && !smtp_can_hold(s->smtp, clock_now(), r->mail.hold_until)) {
		*not_held = true;
		return SMTP_LATER;
	}
	host_sent(s->host, r->job, r->outbox, "sending", ERR_NONE, "");
	result = attempt(s, r, words, e);
	if (!is_stale(s, reused, result) || host_cancelled(s->host))
		return result;
	hang_up(s);
	str_clear(words);
	if (!rewind_message(r, e) || !ensure_session(s, e))
		return SMTP_LATER;
	return attempt(s, r, words, e);
}

static void fill_mail(struct submit *s, struct letter *l, struct reader *r)
{
	const char *notify = option_of(s, l, "dsn_notify", "dsn_notify");
	const char *require = option_of(s, l, "require_tls", "smtp_require_tls");
	uint64_t until;

	r->mail = (struct smtp_mail){.from = l->from,
		.rcpts = l->rcpts,
		.nrcpts = l->nrcpts,
		.dsn_return = option_of(s, l, "dsn_return", "dsn_return"),
		.dsn_envid = notify ? option_of(s, l, "envid", NULL) : NULL,
		.require_tls = require && strcmp(require, "yes") == 0,
		.read = read_piece,
		.rewind = rewind_message,
		.commit = ask_commit,
		.data = r};
	for (size_t i = 0; i < l->nrcpts; i++)
		l->rcpts[i].notify = notify;
	if (sv_u64(outbox_option(sv_of(l->options), "hold"), &until) &&
		(int64_t)until > clock_now())
		r->mail.hold_until = (int64_t)until;
}

static void send_letter(struct submit *s, struct letter *l, struct reader *r)
{
	enum smtp_result result = SMTP_LATER;
	bool not_held = false;
	struct err e = {0};
	struct str words;

	fill_mail(s, l, r);
	str_init(&words, WORDS_MAX);
	if (survey(r, &e))
		result = transmit(s, r, &words, &not_held, &e);
	tell_recipients(r, result == SMTP_SENT || result == SMTP_UNKNOWN);
	/* What the server refuses to all is for good; a login that is refused waits for the user. */
	if (not_held)
		host_sent(s->host, r->job, r->outbox, "scheduled", ERR_NONE, "");
	else
		host_sent(s->host, r->job, r->outbox, state_of(result),
			result == SMTP_SENT ? ERR_NONE : e.class,
			result == SMTP_SENT ? words.s : e.text);
	host_step("said");
	str_fini(&words);
}

static bool submit_send(struct host *h, uint64_t job, int64_t outbox, struct err *e)
{
	struct submit *s = submit_of(h);
	struct letter l = {.arena = arena_new()};
	struct reader *r = NULL;
	bool ok = true;

	if (!host_state(h))
		ok = err_set(e, ERR_GONE, "there is no outbox");
	else if (!outbox_get(host_state(h), outbox, copy_row, &l, e))
		ok = false;
	if (ok) {
		r = xcalloc(1, sizeof(*r));
		*r = (struct reader){.submit = s, .job = job, .outbox = outbox};
		str_init(&r->text, BUILD_MAX);
		r->fd = open(l.file, O_RDONLY | O_CLOEXEC);
		if (r->fd < 0) {
			err_sys(e, "%s", l.file);
			host_sent(h, job, outbox, "failed", e->class, e->text);
			ok = false;
		} else {
			send_letter(s, &l, r);
			close(r->fd);
		}
		str_fini(&r->text);
		free(r);
	}
	arena_free(l.arena);
	return ok;
}

const struct submit_ops submit_smtp_ops = {
	.send = submit_send,
	.disconnect = submit_disconnect,
};
