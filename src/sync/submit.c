/*
 * Role "submit": rows of the outbox go out by SMTP, one connection for as many as there are. What
 * becomes of a row is said in one word, and the word is true: "sent" after the server's 250,
 * "queued" while nothing can have reached it, "unknown" when the end of the message went out and no
 * answer came.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "net/smtp.h"
#include "store/outbox.h"
#include "sync/host_priv.h"
#include "sync/remote.h"

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

/* "name=value" lines; NULL when it is not there. */
static const char *option_of(const struct letter *l, const char *name)
{
	struct sv rest = sv_of(l->options), line;
	size_t n = strlen(name);

	while (sv_line(&rest, &line))
		if (sv_starts(line, sv_make(name, n)) && line.len > n + 1 && line.p[n] == '=')
			return arena_strndup(l->arena, line.p + n + 1, line.len - n - 1);
	return NULL;
}

/* ---- the message ---- */

struct reader {
	int fd;
	char buf[READ_SIZE];
	struct host *host;
	uint64_t job;
	int64_t outbox;
};

static bool read_piece(void *data, struct sv *piece, struct err *e)
{
	struct reader *r = data;
	ssize_t n;

	do
		n = read(r->fd, r->buf, sizeof(r->buf));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_sys(e, "reading the message");
	*piece = sv_make(r->buf, (size_t)n);
	return true;
}

static bool ask_commit(void *data, struct err *e)
{
	struct reader *r = data;

	host_step("before commit");
	if (!host_may_commit(r->host, r->job, r->outbox, e))
		return false;
	host_step("committing");
	return true;
}

/* Size on the wire, and what kind of bytes there are. */
static bool survey(struct reader *r, struct smtp_mail *mail, struct err *e)
{
	bool in_header = true;
	char before = '\n';

	for (;;) {
		struct sv piece;

		if (!read_piece(r, &piece, e))
			return false;
		if (piece.len == 0)
			break;
		for (size_t i = 0; i < piece.len; i++) {
			char c = piece.p[i];

			mail->size += c == '\n' && before != '\r' ? 2 : 1;
			if ((unsigned char)c >= 128)
				*(in_header ? &mail->utf8_headers : &mail->eight_bit) = true;
			if (c == '\n' && before == '\n')
				in_header = false;
			if (c != '\r')
				before = c;
		}
	}
	return lseek(r->fd, 0, SEEK_SET) == 0 || err_sys(e, "reading the message");
}

/* ---- the connection ---- */

static bool open_session(void *data, struct err *e)
{
	struct submit *s = data;

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
	if (s->smtp && smtp_is_dead(s->smtp))
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

/* Those who were refused while others got it. */
static void add_refused(struct str *words, const struct smtp_mail *mail)
{
	for (size_t i = 0; i < mail->nrcpts; i++)
		if (mail->rcpts[i].result != SMTP_SENT)
			str_addf(words, "\nnot for %s: %s", mail->rcpts[i].addr,
				mail->rcpts[i].text);
}

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

/* A kept connection may have died of old age: that is no failure of this message. */
static bool is_stale(struct submit *s, bool reused, enum smtp_result result)
{
	return reused && result == SMTP_LATER && smtp_is_dead(s->smtp);
}

static enum smtp_result transmit(struct submit *s, struct smtp_mail *mail, struct reader *r,
	struct str *words, struct err *e)
{
	enum smtp_result result = SMTP_LATER;
	bool reused = s->smtp && !smtp_is_dead(s->smtp);

	if (!ensure_session(s, e))
		return e->class == ERR_INPUT ? SMTP_NEVER : SMTP_LATER;
	host_sent(s->host, r->job, r->outbox, "sending", ERR_NONE, "");
	if (smtp_send(s->smtp, mail, false, &result, words, e) || !is_stale(s, reused, result))
		return result;
	hang_up(s);
	str_clear(words);
	if (lseek(r->fd, 0, SEEK_SET) != 0 || !ensure_session(s, e))
		return SMTP_LATER;
	if (!smtp_send(s->smtp, mail, false, &result, words, e))
		log_write(LOG_INFO, "smtp", "%s: %s", host_account(s->host), e->text);
	return result;
}

static void send_letter(struct submit *s, struct letter *l, struct reader *r)
{
	const char *notify = option_of(l, "dsn_notify"), *ret = option_of(l, "dsn_return");
	struct smtp_mail mail = {.from = l->from,
		.rcpts = l->rcpts,
		.nrcpts = l->nrcpts,
		.read = read_piece,
		.commit = ask_commit,
		.data = r};
	enum smtp_result result;
	struct err e = {0};
	struct str words;

	mail.dsn_return = ret ? ret : host_conf(s->host, "dsn_return");
	if (!notify)
		notify = host_conf(s->host, "dsn_notify");
	if (mail.dsn_return && !*mail.dsn_return)
		mail.dsn_return = NULL;
	for (size_t i = 0; i < l->nrcpts; i++)
		l->rcpts[i].notify = notify && *notify ? notify : NULL;
	str_init(&words, WORDS_MAX);
	result = survey(r, &mail, &e) ? transmit(s, &mail, r, &words, &e) : SMTP_LATER;
	if (result == SMTP_SENT)
		add_refused(&words, &mail);
	else
		str_clear(&words), str_adds(&words, e.text);
	/*
	 * What the server refuses to all is for good; a login that is refused waits for the user.
	 */
	host_sent(s->host, r->job, r->outbox, state_of(result),
		result == SMTP_SENT ? ERR_NONE : e.class, words.s);
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
		*r = (struct reader){.host = h, .job = job, .outbox = outbox};
		r->fd = open(l.file, O_RDONLY | O_CLOEXEC);
		if (r->fd < 0) {
			err_sys(e, "%s", l.file);
			host_sent(h, job, outbox, "failed", e->class, e->text);
			ok = false;
		} else {
			send_letter(s, &l, r);
			close(r->fd);
		}
		free(r);
	}
	arena_free(l.arena);
	return ok;
}

const struct submit_ops submit_smtp_ops = {
	.send = submit_send,
	.disconnect = submit_disconnect,
};
