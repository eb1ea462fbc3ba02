/* Starting, watching and restarting one helper process. */
#include "core/role.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/util.h"

static const int backoff_ms[] = {0, 500, 2000, 5000, 10000, 30000, 60000};

struct role {
	struct loop *loop;
	char *program, *name;
	enum msg_side peer;
	const char *const *env;
	bool quiet; /* its stderr is not for the screen */
	struct role_events events;

	pid_t pid; /* 0: not running */
	struct chan *chan;
	int fd_id, child_id, timer_id;
	bool stopping;   /* we want it to leave */
	bool in_message; /* a callback is running */
	char *why;       /* we killed it because of this */
	unsigned deaths;
	int64_t started_ms;
};

struct role *role_new(struct loop *loop, const char *program, enum msg_side peer, const char *name,
	const char *const *env, bool quiet, const struct role_events *events)
{
	struct role *r = xcalloc(1, sizeof(*r));

	r->loop = loop;
	r->program = xstrdup(program);
	r->name = xstrdup(name);
	r->peer = peer;
	r->env = env;
	r->quiet = quiet;
	r->events = *events;
	return r;
}

static void unwatch(struct role *r)
{
	if (r->fd_id)
		loop_remove(r->loop, r->fd_id);
	r->fd_id = 0;
	chan_free(r->chan);
	r->chan = NULL;
}

static void timer_off(struct role *r)
{
	if (r->timer_id)
		loop_remove(r->loop, r->timer_id);
	r->timer_id = 0;
}

void role_free(struct role *r)
{
	if (!r)
		return;
	timer_off(r);
	unwatch(r);
	if (r->child_id)
		loop_remove(r->loop, r->child_id);
	if (r->pid > 0) {
		kill(r->pid, SIGKILL);
		proc_wait(r->pid);
	}
	free(r->why);
	free(r->program);
	free(r->name);
	free(r);
}

static void start_again(void *data)
{
	struct role *r = data;

	r->timer_id = 0;
	role_start(r);
}

/* The process is gone (or never was): tells, and plans the next start. */
static void report_death(struct role *r, const char *why)
{
	int wait = -1;

	timer_off(r);
	if (!r->stopping) {
		wait = backoff_ms[MIN(r->deaths, ARRAY_LEN(backoff_ms) - 1)];
		r->deaths++;
		r->timer_id = loop_timer(r->loop, "role restart", wait, start_again, r);
		log_write(
			LOG_WARN, "role", "%s: %s; starting it again in %d ms", r->name, why, wait);
	}
	r->stopping = false;
	r->events.died(r->events.data, why, wait);
}

/* Everything that it has said. False: the channel is at its end or broken. */
static bool drain(struct role *r)
{
	struct msg m;
	struct err e;

	while (r->chan) {
		enum chan_got got = chan_next(r->chan, &m, &e);

		if (got == CHAN_EMPTY)
			return true;
		if (got != CHAN_MSG) {
			if (got == CHAN_BAD && !r->why)
				r->why = xasprintf("it broke the protocol: %s", e.text);
			return false;
		}
		r->in_message = true;
		r->events.message(r->events.data, &m);
		r->in_message = false;
	}
	return false;
}

static char *death_text(struct role *r, int status)
{
	if (r->why)
		return xasprintf("%s was ended: %s", r->program, r->why);
	if (status > 128)
		return xasprintf("%s was killed by signal %d", r->program, status - 128);
	return xasprintf("%s ended with status %d", r->program, status);
}

static void on_child(void *data, pid_t pid, int status)
{
	struct role *r = data;
	char *why;

	(void)pid;
	r->pid = 0;
	r->child_id = 0;
	if (r->chan)
		(void)drain(r);
	unwatch(r);
	why = death_text(r, status);
	xfree_null(&r->why);
	report_death(r, why);
	free(why);
}

static void watch_out(struct role *r)
{
	if (r->chan)
		loop_fd_events(r->loop, r->fd_id,
			(short)(POLLIN | (chan_wants_out(r->chan) ? POLLOUT : 0)));
}

static void on_channel(void *data, int fd, short revents)
{
	struct role *r = data;
	struct err e;

	(void)fd;
	if ((revents & POLLOUT) && r->chan && !chan_flush(r->chan, &e)) {
		role_kill(r, e.text);
		return;
	}
	if (!(revents & (POLLIN | POLLHUP | POLLERR)))
		return watch_out(r);
	if (!drain(r)) {
		/* Its side is closed: it is leaving, or hangs without a channel. */
		unwatch(r);
		if (r->pid > 0)
			kill(r->pid, r->stopping && !r->why ? SIGTERM : SIGKILL);
		return;
	}
	watch_out(r);
}

void role_start(struct role *r)
{
	struct proc_opts opts = PROC_OPTS_INIT;
	struct err e = {0};
	int fds[2];
	char *path;

	if (r->pid > 0)
		return;
	timer_off(r);
	path = proc_helper(r->program);
	if (!path) {
		report_death(r, "the program was not found");
		return;
	}
	if (!proc_socketpair(fds, &e)) {
		free(path);
		report_death(r, e.text);
		return;
	}
	opts.keep = fds[1];
	opts.keep_as = CHAN_CHILD_FD;
	opts.in = opts.out = PROC_NULL;
	opts.err = r->quiet ? PROC_NULL : -1;
	opts.env = r->env;
	opts.new_group = true;
	r->started_ms = clock_ms();
	if (!proc_spawn((const char *const[]){path, NULL}, &opts, &r->pid, &e)) {
		r->pid = 0;
		close(fds[0]);
		close(fds[1]);
		free(path);
		report_death(r, e.text);
		return;
	}
	free(path);
	close(fds[1]);
	r->chan = chan_new(fds[0], SIDE_UI, r->peer, r->name);
	r->fd_id = loop_fd(r->loop, r->name, chan_fd(r->chan), POLLIN, on_channel, r);
	r->child_id = loop_child(r->loop, r->name, r->pid, on_child, r);
	r->events.started(r->events.data);
}

bool role_running(const struct role *r)
{
	return r->pid > 0 && r->chan;
}

pid_t role_pid(const struct role *r)
{
	return r->pid;
}

bool role_post(struct role *r, const struct msg *m)
{
	struct err e;

	if (!role_running(r))
		return false;
	if (!chan_post(r->chan, m, &e)) {
		role_kill(r, e.class == ERR_GONE ? NULL : e.text);
		return false;
	}
	watch_out(r);
	return true;
}

static void stop_due(void *data)
{
	struct role *r = data;

	r->timer_id = 0;
	if (r->pid > 0)
		kill(r->pid, SIGKILL);
}

void role_stop(struct role *r, int timeout_ms)
{
	timer_off(r);
	if (r->pid <= 0) {
		r->events.died(r->events.data, "not running", -1);
		return;
	}
	r->stopping = true;
	if (r->chan && r->peer == SIDE_WORKER)
		(void)role_tell(r, QUIT, .job = 0);
	else
		unwatch(r); /* end of file is its sign to leave */
	r->timer_id = loop_timer(r->loop, "role stop", timeout_ms, stop_due, r);
}

void role_kill(struct role *r, const char *why)
{
	if (r->pid <= 0)
		return;
	if (!r->why && why)
		r->why = xstrdup(why);
	kill(r->pid, SIGKILL);
	/* on_child tells. Inside a message the channel is still in use. */
	if (!r->in_message)
		unwatch(r);
}

void role_rest(struct role *r)
{
	if (r->pid <= 0)
		timer_off(r);
}

void role_well(struct role *r)
{
	if (r->deaths && clock_ms() - r->started_ms > 1000)
		r->deaths = 0;
}
