/*
 * Questions of workers: passwords and tokens come from options, commands or netrc without a
 * prompt; what was refused, or is nowhere, is asked of the user. Certificates are the user's alone.
 * A secret is handed on and forgotten; it never stands in a log.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "core/gettext.h"
#include "core/session_priv.h"

/* A *_command that is running; its output's first line is the secret. */
struct secret_run {
	struct session *s;
	struct ask *ask;
	int fd, fd_id, child_id;
	pid_t pid;
	char out[SECRET_MAX + 1];
	size_t len;
	bool closed, ended;
	int status;
};

/* ---- memory of what was given ---- */

static struct secret_memo *memo_of(struct session *s, const char *key)
{
	for (size_t i = 0; i < s->memo_count; i++) {
		if (strcmp(s->memos[i].key, key) == 0)
			return &s->memos[i];
	}
	return NULL;
}

static void memo_set(struct session *s, const struct ask *q, const char *text, size_t len)
{
	struct secret_memo *m = memo_of(s, q->key);

	if (!m) {
		array_grow(s->memos, s->memo_count, s->memo_cap);
		m = &s->memos[s->memo_count++];
		*m = (struct secret_memo){.key = xstrdup(q->key)};
	}
	if (text || q->token) {
		secret_free(m->secret);
		m->secret = text ? secret_new(text, len) : NULL;
	}
	m->owner = q->acct ? (const void *)q->acct : q->submit;
	m->given = true;
}

void secret_worked(struct session *s, const void *owner)
{
	for (size_t i = 0; i < s->memo_count; i++) {
		if (s->memos[i].owner == owner)
			s->memos[i].given = s->memos[i].renewed = false;
	}
}

/* ---- asks ---- */

static struct ask *ask_find(struct session *s, uint64_t id)
{
	for (size_t i = 0; i < s->ask_count; i++) {
		if (s->asks[i]->id == id)
			return s->asks[i];
	}
	return NULL;
}

static void run_free(struct secret_run *r)
{
	if (!r)
		return;
	if (r->fd_id)
		loop_remove(r->s->loop, r->fd_id);
	if (r->child_id)
		loop_remove(r->s->loop, r->child_id);
	if (r->fd >= 0)
		close(r->fd);
	mem_wipe(r->out, sizeof(r->out));
	free(r);
}

static void ask_free(struct ask *q)
{
	run_free(q->run);
	free(q->key);
	free(q->text);
	free(q->cause);
	free(q);
}

static void ask_take_out(struct session *s, struct ask *q)
{
	for (size_t i = 0; i < s->ask_count; i++) {
		if (s->asks[i] == q) {
			s->asks[i] = s->asks[--s->ask_count];
			return;
		}
	}
}

static struct ask *ask_new(struct session *s, enum question_kind kind)
{
	struct ask *q = xcalloc(1, sizeof(*q));

	q->id = s->next_id++;
	q->kind = kind;
	array_grow(s->asks, s->ask_count, s->ask_cap);
	s->asks[s->ask_count++] = q;
	return q;
}

static struct role *ask_role(const struct ask *q)
{
	return q->acct ? q->acct->role : q->submit ? submitter_role(q->submit) : NULL;
}

static const char *ask_account(const struct ask *q)
{
	return q->acct ? q->acct->name : q->submit ? submitter_name(q->submit) : "";
}

void secrets_free(struct session *s)
{
	helpers_free(s);
	for (size_t i = 0; i < s->ask_count; i++)
		ask_free(s->asks[i]);
	free(s->asks);
	s->asks = NULL;
	s->ask_count = 0;
	for (size_t i = 0; i < s->memo_count; i++) {
		free(s->memos[i].key);
		secret_free(s->memos[i].secret);
	}
	free(s->memos);
	s->memos = NULL;
	s->memo_count = 0;
}

void secret_owner_died(struct session *s, struct acct *a, struct submitter *submit)
{
	/* What it was given last was not refused: nobody knows. */
	secret_worked(s, a ? (const void *)a : submit);
	helper_owner_gone(s, a ? (const void *)a : submit);
	for (size_t i = s->ask_count; i-- > 0;) {
		struct ask *q = s->asks[i];

		if ((a && q->acct != a) || (submit && q->submit != submit) ||
			(!q->acct && !q->submit))
			continue;
		ask_take_out(s, q);
		if (s->events.question_gone)
			s->events.question_gone(s->events.data, q->id);
		ask_free(q);
	}
}

static void give_secret(struct session *s, struct ask *q, const char *text, size_t len)
{
	struct role *r = ask_role(q);

	ask_take_out(s, q);
	if (r)
		(void)role_tell(r, SECRET, .job = q->need, .value = sv_make(text, len));
	ask_free(q);
}

static void give_answer(struct session *s, struct ask *q, const char *answer)
{
	struct role *r = ask_role(q);

	ask_take_out(s, q);
	if (r)
		(void)role_tell(r, ANSWER, .job = q->need, .value = sv_of(answer));
	ask_free(q);
}

static void put_question(struct session *s, struct ask *q)
{
	struct question question = {.id = q->id,
		.kind = q->kind,
		.account = ask_account(q),
		.text = q->text,
		.cause = q->cause};

	if (!(s->flags & SESSION_BATCH) && s->events.question) {
		s->events.question(s->events.data, &question);
		return;
	}
	/* Nobody is there: "no", and it is said what was asked. */
	session_say(s, LOG_ERROR,
		q->kind == ASK_PASSWORD ? _("%s: a password is needed: %s") : _("%s: %s: refused"),
		question.account, q->text);
	if (q->kind == ASK_PASSWORD)
		give_secret(s, q, "", 0);
	else
		give_answer(s, q, q->kind == ASK_CERTIFICATE ? "reject" : "no");
}

/* ---- commands ---- */

static void run_done(struct secret_run *r)
{
	struct session *s = r->s;
	struct ask *q = r->ask;
	struct sv out = sv_make(r->out, r->len), line = out;

	if (!r->closed || !r->ended)
		return;
	(void)sv_line(&out, &line);
	if (r->status == 0 && line.len > 0) {
		memo_set(s, q, q->token ? NULL : line.p, line.len);
		give_secret(s, q, line.p, line.len);
		return;
	}
	free(q->cause);
	q->cause = xasprintf(
		_("the password command ended with status %d and no password"), r->status);
	session_say(s, LOG_ERROR, "%s: %s", ask_account(q), q->cause);
	run_free(r);
	q->run = NULL;
	put_question(s, q);
}

static void on_output(void *data, int fd, short revents)
{
	struct secret_run *r = data;
	ssize_t n = read(fd, r->out + r->len, SECRET_MAX - r->len);

	(void)revents;
	if (n > 0 && r->len + (size_t)n < SECRET_MAX) {
		r->len += (size_t)n;
		return;
	}
	loop_remove(r->s->loop, r->fd_id);
	r->fd_id = 0;
	close(r->fd);
	r->fd = -1;
	r->closed = true;
	run_done(r);
}

static void on_ended(void *data, pid_t pid, int status)
{
	struct secret_run *r = data;

	(void)pid;
	r->child_id = 0;
	r->ended = true;
	r->status = status;
	run_done(r);
}

static bool run_command(struct session *s, struct ask *q, const char *command)
{
	struct proc_opts opts = PROC_OPTS_INIT;
	struct secret_run *r;
	struct err e;
	int fds[2];
	pid_t pid;

	if (!proc_pipe(fds, &e))
		return false;
	opts.in = PROC_NULL;
	opts.out = fds[1];
	opts.err = s->flags & SESSION_BATCH ? -1 : PROC_NULL;
	if (!proc_shell(command, &opts, &pid, &e)) {
		close(fds[0]);
		close(fds[1]);
		session_fail(s, &e, _("The password command of %s"), ask_account(q));
		return false;
	}
	close(fds[1]);
	r = xcalloc(1, sizeof(*r));
	r->s = s;
	r->ask = q;
	r->fd = fds[0];
	r->pid = pid;
	r->fd_id = loop_fd(s->loop, "password command", r->fd, POLLIN, on_output, r);
	r->child_id = loop_child(s->loop, "password command", pid, on_ended, r);
	q->run = r;
	return true;
}

/* ---- what workers need ---- */

/* From configuration without a prompt. False: ask. */
static bool answer_quietly(struct session *s, struct ask *q)
{
	const struct conf *conf = q->acct ? q->acct->conf : submitter_conf(q->submit);
	const struct server *server = q->acct ? &q->acct->server : submitter_server(q->submit);
	enum secret_source source;
	char *text = NULL;
	bool done = false;

	if (!conf || !server)
		return false;
	source = account_secret(conf, server, q->token, &text);
	if (source == SECRET_COMMAND) {
		done = run_command(s, q, text);
	} else if (source != SECRET_NONE && text) {
		memo_set(s, q, text, strlen(text));
		give_secret(s, q, text, strlen(text));
		done = true;
	}
	free_wiped(text);
	return done;
}

/*
 * The same login at the same host for another service ("imap:993 joe@host", "smtp:465 joe@host"), whose
 * password works: it was asked for once a session.
 */
static struct secret_memo *memo_of_login(struct session *s, const char *key)
{
	const char *login = strchr(key, ' ');

	for (size_t i = 0; login && i < s->memo_count; i++) {
		struct secret_memo *m = &s->memos[i];
		const char *other = strchr(m->key, ' ');

		if (m->secret && !m->given && other && strcmp(other, login) == 0)
			return m;
	}
	return NULL;
}

/*
 * It was given and is asked for again without a login between: the server refused it. A token may
 * have run out, and the command makes a new one, once; a password that is stored would be wrong
 * again, and servers lock accounts after some of those: then only the user can help.
 */
static void given_in_vain(struct session *s, struct ask *q, struct secret_memo *m)
{
	if (q->token && !m->renewed) {
		m->renewed = true;
		if (answer_quietly(s, q))
			return;
	}
	/* The worker tells the server's own words when there are some. */
	if (!strchr(q->text, '\n'))
		q->cause = xstrdup(_("The server refused it."));
	put_question(s, q);
}

/* What worked before works again when the connection is made anew. */
static void need_secret(struct session *s, struct ask *q)
{
	struct secret_memo *m = memo_of(s, q->key);

	if (m && m->given) {
		given_in_vain(s, q, m);
		return;
	}
	if (m && m->secret) {
		m->given = true;
		give_secret(s, q, secret_text(m->secret), secret_len(m->secret));
		return;
	}
	if (answer_quietly(s, q))
		return;
	m = q->token ? NULL : memo_of_login(s, q->key);
	if (m) {
		struct secret *copy = secret_new(secret_text(m->secret), secret_len(m->secret));

		memo_set(s, q, secret_text(copy), secret_len(copy));
		give_secret(s, q, secret_text(copy), secret_len(copy));
		secret_free(copy);
		return;
	}
	put_question(s, q);
}

void secret_need(
	struct session *s, struct acct *a, struct submitter *submit, const struct msg_NEED *m)
{
	bool token = sv_is(m->what, "token");
	enum question_kind kind = token || sv_is(m->what, "password") ? ASK_PASSWORD
				  : sv_is(m->what, "cert")            ? ASK_CERTIFICATE
								      : ASK_YESNO;
	struct ask *q;

	if (helper_need(s, a, submit, m))
		return;
	q = ask_new(s, kind);
	q->acct = a;
	q->submit = submit;
	q->need = m->job;
	q->key = sv_dup(m->key);
	q->text = sv_dup(m->text);
	q->token = token;
	if (kind == ASK_PASSWORD)
		need_secret(s, q);
	else
		put_question(s, q);
}

void session_remember(struct session *s, const struct msg_REMEMBER *m)
{
	char *name = xasprintf("server " SV_FMT, SV_ARG(m->key));
	struct err e;

	if (!state_set(s->state, name, m->value, &e))
		session_fail(s, &e, _("Keeping what is known of a server"));
	free(name);
}

uint64_t ask_unknown_send(struct session *s, int64_t outbox, const char *text)
{
	struct ask *q;

	for (size_t i = 0; i < s->ask_count; i++) {
		if (s->asks[i]->kind == ASK_UNKNOWN_SEND && s->asks[i]->outbox == outbox)
			return s->asks[i]->id;
	}
	if (s->flags & SESSION_BATCH) {
		session_say(s, LOG_ERROR, "%s", text);
		return 0;
	}
	q = ask_new(s, ASK_UNKNOWN_SEND);
	q->outbox = outbox;
	q->text = xstrdup(text);
	q->key = xstrdup("");
	put_question(s, q);
	return q->id;
}

void session_answer_secret(struct session *s, uint64_t question, const char *secret, size_t len)
{
	struct ask *q = ask_find(s, question);

	if (!q || q->kind != ASK_PASSWORD)
		return;
	if (secret)
		memo_set(s, q, secret, len);
	if (q->acct)
		q->acct->declined = !secret;
	give_secret(s, q, secret ? secret : "", secret ? len : 0);
}

/* "always": the line that the worker made of it goes to $certificate_file, where the next worker reads it. */
static void keep_certificate(struct session *s, const struct ask *q)
{
	char *path = *s->conf->certificate_file ? fs_expand(s->conf->certificate_file) : NULL;
	char *line = xasprintf("%s\n", q->key);
	int fd = path ? open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600) : -1;
	struct err e;

	if (fd < 0)
		err_sys(&e, "%s", path ? path : "certificate_file");
	if (fd < 0 || !fs_write_all(fd, sv_of(line), &e))
		session_fail(s, &e, _("Keeping the certificate"));
	if (fd >= 0)
		close(fd);
	free(line);
	free(path);
}

void session_answer(struct session *s, uint64_t question, const char *answer)
{
	struct ask *q = ask_find(s, question);

	if (!q || q->kind == ASK_PASSWORD)
		return;
	if (q->kind == ASK_UNKNOWN_SEND) {
		int64_t outbox = q->outbox;

		ask_take_out(s, q);
		ask_free(q);
		/* Only a plain answer may send it a second time. */
		if (strcmp(answer, "yes") == 0 || strcmp(answer, "no") == 0)
			outbox_answer_unknown(s, outbox, strcmp(answer, "yes") == 0);
		return;
	}
	if (q->kind == ASK_CERTIFICATE && strcmp(answer, "always") == 0)
		keep_certificate(s, q);
	give_answer(s, q, answer);
}
