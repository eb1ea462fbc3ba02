/*
 * What a worker may not do itself, because its cage has no exec: $preconnect is run and waited for,
 * and the program of $tunnel is started and its other end handed over, anew for each connection.
 * The worker says only that it needs one; which command that is stands in our own configuration.
 *
 * One tunnel for each connection: when the worker asks again, or is gone, the old one is ended. What
 * these programs write to standard error goes to the message log, and when one fails, its last words
 * are shown.
 */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/proc.h"
#include "core/gettext.h"
#include "core/session_priv.h"

#define LINE_MAX_LOGGED 400

struct helper {
	struct session *s;
	const void *owner; /* acct or submitter */
	char *account;
	const char *what; /* "$tunnel", "$preconnect" */
	struct role *role;
	uint64_t need; /* of the NEED that is not answered yet ($preconnect); 0 */
	pid_t pid;
	int child_id, err_fd, err_id;
	bool ended; /* the process is gone; its last words may still come */
	int status;
	char line[LINE_MAX_LOGGED];
	char last[LINE_MAX_LOGGED + 1]; /* the line before */
	size_t len;
};

static void forget(struct helper *h)
{
	struct session *s = h->s;

	for (size_t i = 0; i < s->helper_count; i++) {
		if (s->helpers[i] == h) {
			s->helpers[i] = s->helpers[--s->helper_count];
			break;
		}
	}
	loop_remove(s->loop, h->child_id);
	loop_remove(s->loop, h->err_id);
	if (h->err_fd >= 0)
		close(h->err_fd);
	free(h->account);
	free(h);
}

/* A tunnel ends by itself when its input does; one that does not is asked to. */
static void end(struct helper *h)
{
	if (!h->ended)
		kill(-h->pid, SIGTERM);
	forget(h);
}

/* ---- what they say ---- */

static void take_line(struct helper *h)
{
	if (h->len == 0)
		return;
	memcpy(h->last, h->line, h->len);
	h->last[h->len] = '\0';
	h->len = 0;
	msglog_add(h->s->log, LOG_INFO, "tunnel", NULL, "%s: %s: %s", h->account, h->what, h->last);
}

/* All that there is to know about it is known. */
static void finish(struct helper *h)
{
	if (!h->ended || h->err_fd >= 0)
		return;
	if (h->status != 0)
		session_say(h->s, LOG_ERROR, _("%s: %s ended with status %d: %s"), h->account,
			h->what, h->status, h->last);
	forget(h);
}

static void on_words(void *data, int fd, short revents)
{
	struct helper *h = data;
	char buf[4096];
	ssize_t n = read(fd, buf, sizeof(buf));

	(void)revents;
	for (ssize_t i = 0; i < n; i++) {
		if (buf[i] == '\n' || h->len == sizeof(h->line))
			take_line(h);
		if (buf[i] != '\n' && buf[i] != '\r')
			h->line[h->len++] = buf[i];
	}
	if (n > 0)
		return;
	take_line(h);
	loop_remove(h->s->loop, h->err_id);
	close(h->err_fd);
	h->err_id = 0;
	h->err_fd = -1;
	finish(h);
}

static void on_end(void *data, pid_t pid, int status)
{
	struct helper *h = data;

	(void)pid;
	h->child_id = 0;
	h->ended = true;
	h->status = status;
	if (h->need)
		(void)role_tell(h->role, ANSWER, .job = h->need,
			.value = status == 0 ? SV("yes") : SV("no"));
	h->need = 0;
	finish(h);
}

/* ---- starting ---- */

/* in_out: both standard input and output, or -1: none. */
static struct helper *start(
	struct session *s, const char *what, const char *command, int in_out, struct err *e)
{
	struct proc_opts opts = PROC_OPTS_INIT;
	struct helper *h;
	int fds[2];
	pid_t pid;

	if (!proc_pipe(fds, e))
		return NULL;
	opts.in = in_out >= 0 ? in_out : PROC_NULL;
	opts.out = in_out >= 0 ? in_out : fds[1];
	opts.err = fds[1];
	opts.new_group = true;
	if (!proc_shell(command, &opts, &pid, e)) {
		close(fds[0]);
		close(fds[1]);
		return NULL;
	}
	close(fds[1]);
	h = xcalloc(1, sizeof(*h));
	h->s = s;
	h->what = what;
	h->pid = pid;
	h->err_fd = fds[0];
	h->err_id = loop_fd(s->loop, what, h->err_fd, POLLIN, on_words, h);
	h->child_id = loop_child(s->loop, what, pid, on_end, h);
	array_grow(s->helpers, s->helper_count, s->helper_cap);
	s->helpers[s->helper_count++] = h;
	return h;
}

static struct helper *start_for(struct session *s, const void *owner, const char *account,
	struct role *role, const char *what, const char *command, int in_out)
{
	struct helper *h;
	struct err e = {0};

	if (!*command)
		return NULL;
	h = start(s, what, command, in_out, &e);
	if (!h) {
		session_fail(s, &e, "%s: %s", account, what);
		return NULL;
	}
	h->owner = owner;
	h->account = xstrdup(account);
	h->role = role;
	return h;
}

/* ---- for the session ---- */

static bool open_tunnel(struct session *s, const void *owner, const char *account,
	struct role *role, const char *command, uint64_t need)
{
	struct helper *h;
	struct err e = {0};
	int fds[2];

	if (!proc_socketpair(fds, &e)) {
		session_fail(s, &e, "%s: %s", account, "$tunnel");
		return false;
	}
	h = start_for(s, owner, account, role, "$tunnel", command, fds[1]);
	close(fds[1]);
	if (h)
		(void)role_tell(role, TUNNEL, .job = need, .fd = fds[0]);
	close(fds[0]);
	return h != NULL;
}

bool helper_need(
	struct session *s, struct acct *a, struct submitter *submit, const struct msg_NEED *m)
{
	const void *owner = a ? (const void *)a : submit;
	const struct conf *conf = a ? a->conf : submitter_conf(submit);
	const char *account = a ? a->name : submitter_name(submit);
	struct role *role = a ? a->role : submitter_role(submit);
	struct helper *h = NULL;
	bool tunnel = sv_is(m->what, "tunnel");

	if (!tunnel && !sv_is(m->what, "preconnect"))
		return false;
	helper_owner_gone(s, owner);
	if (tunnel && open_tunnel(s, owner, account, role, conf->tunnel, m->job))
		return true;
	if (!tunnel)
		h = start_for(s, owner, account, role, "$preconnect", conf->preconnect, -1);
	if (h)
		h->need = m->job;
	else
		(void)role_tell(role, ANSWER, .job = m->job, .value = SV("no"));
	return true;
}

/* What a $preconnect has left in the background (ssh -f) goes on, and may go on to write. */
static bool is_left_behind(const struct helper *h)
{
	return h->ended && h->err_fd >= 0 && strcmp(h->what, "$preconnect") == 0;
}

void helper_owner_gone(struct session *s, const void *owner)
{
	for (size_t i = s->helper_count; i-- > 0;) {
		if (s->helpers[i]->owner == owner && !is_left_behind(s->helpers[i]))
			end(s->helpers[i]);
	}
}

void helpers_free(struct session *s)
{
	while (s->helper_count)
		end(s->helpers[0]);
	free(s->helpers);
	s->helpers = NULL;
}
