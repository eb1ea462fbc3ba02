#include "base/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/proc.h"

enum kind { KIND_NONE, KIND_FD, KIND_TIMER, KIND_IDLE, KIND_CHILD, KIND_SIGNAL };

struct source {
	enum kind kind; /* KIND_NONE: removed, the place is free after the turn */
	int id;
	const char *name;
	void *data;
	union {
		struct {
			int fd;
			short events;
			loop_fd_fn *fn;
		} io;
		struct {
			int64_t due;
			loop_fn *fn;
		} timer;
		loop_idle_fn *idle;
		struct {
			pid_t pid;
			loop_child_fn *fn;
			bool stops; /* told of, too */
		} child;
		struct {
			int signo;
			loop_signal_fn *fn;
		} signal;
	};
};

struct loop {
	struct source *sources;
	size_t n, cap;
	int next_id;
	struct pollfd *polls;
	int *poll_ids;
	size_t polls_cap;
	int sig_pipe[2];
	bool stopped;
	loop_fn *after;
	void *after_data;
	size_t idle_at; /* round robin over idle sources */
	int stalls;
	int64_t longest_ms;
};

/* A signal handler can reach nothing else. One loop per process. */
static int signal_pipe_fd = -1;

static void on_signal(int signo)
{
	int saved = errno;
	unsigned char c = (unsigned char)signo;

	if (write(signal_pipe_fd, &c, 1) < 0)
		errno = saved; /* pipe full: a wake-up is pending already */
	errno = saved;
}

static void catch_signal(int signo)
{
	struct sigaction sa = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

	sigaction(signo, &sa, NULL);
}

struct loop *loop_new(void)
{
	struct loop *l = xcalloc(1, sizeof(*l));
	struct err e;

	/* The very first thing of a program: there is nothing to save and nobody to tell but the shell. */
	if (!proc_pipe(l->sig_pipe, &e)) {
		fprintf(stderr, "cannot start: %s\n", e.text);
		exit(EX_OSERR);
	}
	for (int i = 0; i < 2; i++)
		fcntl(l->sig_pipe[i], F_SETFL, O_NONBLOCK);
	l->next_id = 1;
	signal_pipe_fd = l->sig_pipe[1];
	return l;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->n; i++)
		if (l->sources[i].kind == KIND_SIGNAL)
			signal(l->sources[i].signal.signo, SIG_DFL);
		else if (l->sources[i].kind == KIND_CHILD)
			signal(SIGCHLD, SIG_DFL);
	signal_pipe_fd = -1;
	close(l->sig_pipe[0]);
	close(l->sig_pipe[1]);
	free(l->sources);
	free(l->polls);
	free(l->poll_ids);
	free(l);
}

static struct source *add(struct loop *l, enum kind kind, const char *name, void *data)
{
	array_grow(l->sources, l->n, l->cap);
	struct source *s = &l->sources[l->n++];
	*s = (struct source){.kind = kind, .id = l->next_id++, .name = name, .data = data};
	return s;
}

static struct source *find(struct loop *l, int id)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->sources[i].id == id && l->sources[i].kind != KIND_NONE)
			return &l->sources[i];
	return NULL;
}

int loop_fd(struct loop *l, const char *name, int fd, short events, loop_fd_fn *fn, void *data)
{
	struct source *s = add(l, KIND_FD, name, data);

	s->io.fd = fd;
	s->io.events = events;
	s->io.fn = fn;
	return s->id;
}

void loop_fd_events(struct loop *l, int id, short events)
{
	struct source *s = find(l, id);

	if (s && s->kind == KIND_FD)
		s->io.events = events;
}

int loop_timer(struct loop *l, const char *name, int after_ms, loop_fn *fn, void *data)
{
	struct source *s = add(l, KIND_TIMER, name, data);

	s->timer.due = clock_ms() + MAX(after_ms, 0);
	s->timer.fn = fn;
	return s->id;
}

int loop_idle(struct loop *l, const char *name, loop_idle_fn *fn, void *data)
{
	struct source *s = add(l, KIND_IDLE, name, data);

	s->idle = fn;
	return s->id;
}

int loop_child(struct loop *l, const char *name, pid_t pid, loop_child_fn *fn, void *data)
{
	struct source *s = add(l, KIND_CHILD, name, data);

	s->child.pid = pid;
	s->child.fn = fn;
	s->child.stops = false;
	catch_signal(SIGCHLD);
	on_signal(SIGCHLD); /* it may have ended before we looked */
	return s->id;
}

void loop_child_stops(struct loop *l, int id)
{
	struct source *s = find(l, id);

	if (!s || s->kind != KIND_CHILD)
		return;
	s->child.stops = true;
	on_signal(SIGCHLD);
}

int loop_signal(struct loop *l, const char *name, int signo, loop_signal_fn *fn, void *data)
{
	struct source *s = add(l, KIND_SIGNAL, name, data);

	s->signal.signo = signo;
	s->signal.fn = fn;
	catch_signal(signo);
	return s->id;
}

void loop_remove(struct loop *l, int id)
{
	struct source *s = id > 0 ? find(l, id) : NULL;

	if (!s)
		return;
	if (s->kind == KIND_SIGNAL)
		signal(s->signal.signo, SIG_DFL);
	s->kind = KIND_NONE;
}

void loop_after_turn(struct loop *l, loop_fn *fn, void *data)
{
	l->after = fn;
	l->after_data = data;
}

void loop_stop(struct loop *l)
{
	l->stopped = true;
}

bool loop_stopped(const struct loop *l)
{
	return l->stopped;
}

int loop_stalls(const struct loop *l)
{
	return l->stalls;
}

int64_t loop_longest_ms(const struct loop *l)
{
	return l->longest_ms;
}

/* Each handler is measured by itself, so that the log can name it. */
static void measured(struct loop *l, const char *name, int64_t start)
{
	int64_t took = clock_ms() - start;

	l->longest_ms = MAX(l->longest_ms, took);
	if (took <= LOOP_STALL_MS)
		return;
	l->stalls++;
	log_write(LOG_WARN, "loop", "stall: %s took %d ms", name, (int)took);
}

static void run_children(struct loop *l)
{
	for (size_t i = 0; i < l->n; i++) {
		struct source s = l->sources[i];
		int status;
		if (s.kind != KIND_CHILD ||
			waitpid(s.child.pid, &status, WNOHANG | (s.child.stops ? WUNTRACED : 0)) != s.child.pid)
			continue;
		int64_t start = clock_ms();
		if (WIFSTOPPED(status)) {
			s.child.fn(s.data, s.child.pid, LOOP_CHILD_STOPPED);
		} else {
			l->sources[i].kind = KIND_NONE;
			s.child.fn(s.data, s.child.pid,
				WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
		}
		measured(l, s.name, start);
	}
}

static void run_signals(struct loop *l)
{
	unsigned char buf[64];
	bool seen[65] = {false};
	ssize_t n;

	while ((n = read(l->sig_pipe[0], buf, sizeof(buf))) > 0)
		for (ssize_t i = 0; i < n; i++)
			seen[MIN(buf[i], (unsigned char)64)] = true;
	if (seen[SIGCHLD])
		run_children(l);
	for (size_t i = 0; i < l->n; i++) {
		struct source s = l->sources[i];
		if (s.kind != KIND_SIGNAL || !seen[s.signal.signo])
			continue;
		int64_t start = clock_ms();
		s.signal.fn(s.data, s.signal.signo);
		measured(l, s.name, start);
	}
}

/* The timer that is due first, or NULL when none is due. */
static struct source *next_due(struct loop *l, int64_t now)
{
	struct source *first = NULL;

	for (size_t i = 0; i < l->n; i++) {
		struct source *s = &l->sources[i];
		if (s->kind == KIND_TIMER && s->timer.due <= now && (!first || s->timer.due < first->timer.due))
			first = s;
	}
	return first;
}

/* What a handler starts anew is for the next turn: now stands still. */
static bool run_timers(struct loop *l)
{
	bool any = false;
	int64_t now = clock_ms();
	int newest = l->next_id;

	for (struct source *s; (s = next_due(l, now)) && s->id < newest; any = true) {
		struct source due = *s;
		s->kind = KIND_NONE;
		int64_t start = clock_ms();
		due.timer.fn(due.data);
		measured(l, due.name, start);
	}
	return any;
}

static bool has_idle(const struct loop *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->sources[i].kind == KIND_IDLE)
			return true;
	return false;
}

/* One slice of one idle source; the next turn takes the next one. */
static void run_idle(struct loop *l)
{
	for (size_t tried = 0; tried < l->n; tried++) {
		size_t i = l->idle_at++ % l->n;
		struct source s = l->sources[i];
		if (s.kind != KIND_IDLE)
			continue;
		int64_t start = clock_ms();
		bool more = s.idle(s.data);
		if (!more)
			loop_remove(l, s.id);
		measured(l, s.name, start);
		return;
	}
}

static size_t fill_polls(struct loop *l)
{
	size_t n = 1;

	if (l->polls_cap < l->n + 1) {
		l->polls_cap = l->n + 16;
		l->polls = xreallocarray(l->polls, l->polls_cap, sizeof(*l->polls));
		l->poll_ids = xreallocarray(l->poll_ids, l->polls_cap, sizeof(*l->poll_ids));
	}
	l->polls[0] = (struct pollfd){.fd = l->sig_pipe[0], .events = POLLIN};
	for (size_t i = 0; i < l->n; i++) {
		if (l->sources[i].kind != KIND_FD)
			continue;
		l->polls[n] = (struct pollfd){.fd = l->sources[i].io.fd, .events = l->sources[i].io.events};
		l->poll_ids[n++] = l->sources[i].id;
	}
	return n;
}

static int wait_ms(const struct loop *l, int timeout_ms)
{
	int64_t now = clock_ms();

	for (size_t i = 0; i < l->n; i++) {
		if (l->sources[i].kind != KIND_TIMER)
			continue;
		int left = (int)MIN(MAX(l->sources[i].timer.due - now, 0), (int64_t)3600000);
		timeout_ms = timeout_ms < 0 ? left : MIN(timeout_ms, left);
	}
	return timeout_ms;
}

static void run_fds(struct loop *l, size_t npolls)
{
	for (size_t i = 1; i < npolls; i++) {
		struct source *s = l->polls[i].revents ? find(l, l->poll_ids[i]) : NULL;
		if (!s)
			continue; /* quiet, or removed by an earlier handler of this turn */
		struct source copy = *s;
		int64_t start = clock_ms();
		copy.io.fn(copy.data, copy.io.fd, l->polls[i].revents);
		measured(l, copy.name, start);
	}
}

static void drop_removed(struct loop *l)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->n; i++)
		if (l->sources[i].kind != KIND_NONE)
			l->sources[kept++] = l->sources[i];
	l->n = kept;
}

void loop_turn(struct loop *l, int timeout_ms)
{
	bool idle = has_idle(l);
	size_t n = fill_polls(l);
	int ready = poll(l->polls, n, idle ? 0 : wait_ms(l, timeout_ms));

	if (ready < 0 && errno != EINTR)
		bug("poll: %d", errno);
	if (ready > 0 && l->polls[0].revents)
		run_signals(l);
	if (ready > 0)
		run_fds(l, n);
	bool any = run_timers(l) || ready > 0;
	if (idle && !any)
		run_idle(l); /* keys and messages first: idle work only in a turn without them */
	drop_removed(l);
	if ((any || idle) && l->after) {
		int64_t start = clock_ms();
		l->after(l->after_data);
		measured(l, "after turn", start);
	}
}

void loop_run(struct loop *l)
{
	l->stopped = false;
	while (!l->stopped)
		loop_turn(l, -1);
}

bool loop_is_idle(struct loop *l)
{
	size_t n = fill_polls(l);

	if (has_idle(l) || wait_ms(l, -1) == 0)
		return false;
	return poll(l->polls, n, 0) <= 0;
}
