#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/close_range.h>
#endif

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"

/*
 * ---- in the child, between vfork and exec ----
 *
 * It runs in the memory of its parent, which waits: a session with a million messages starts an editor as
 * fast as an empty one. Only system calls, and nothing of the parent's memory is changed but what
 * `struct launch` has for it.
 */

struct launch {
	const char *const *argv;
	const char **env;
	const struct proc_opts *o;
	volatile int failed; /* errno of the step that did not work */
};

static void child_fail(struct launch *l)
{
	l->failed = errno;
	_exit(127);
}

/* Puts fd on `as` with close-on-exec off. fd is >= 10 here (child_lift), so nothing is overwritten. */
static void child_place(struct launch *l, int fd, int as)
{
	if (fd == -1)
		return;
	if (fd == PROC_NULL)
		fd = open("/dev/null", O_RDWR);
	if (fd < 0 || dup2(fd, as) < 0)
		child_fail(l);
}

static int child_lift(struct launch *l, int fd)
{
	if (fd < 0)
		return fd;
	int high = fcntl(fd, F_DUPFD_CLOEXEC, 10);
	if (high < 0)
		child_fail(l);
	return high;
}

static void child_signals(void)
{
	static const int list[] = {SIGPIPE, SIGINT, SIGQUIT, SIGTSTP, SIGTTOU, SIGTTIN, SIGWINCH, SIGTERM, SIGHUP,
		SIGCHLD, SIGCONT};
	sigset_t none;

	for (size_t i = 0; i < ARRAY_LEN(list); i++)
		signal(list[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void child(struct launch *l)
{
	const struct proc_opts *o = l->o;
	int in = child_lift(l, o->in), out = child_lift(l, o->out), err = child_lift(l, o->err);
	int keep = child_lift(l, o->keep);

#ifdef CLOSE_RANGE_CLOEXEC
	close_range(3, ~0u, CLOSE_RANGE_CLOEXEC); /* what a library or who started us left open */
#endif
	child_place(l, in, STDIN_FILENO);
	child_place(l, out, STDOUT_FILENO);
	child_place(l, err, STDERR_FILENO);
	child_place(l, keep, o->keep_as);
	if (o->new_group)
		setpgid(0, 0);
	if (o->dir && chdir(o->dir) != 0)
		child_fail(l);
	child_signals();
	environ = (char **)l->env;
	execvp(l->argv[0], (char *const *)l->argv);
	child_fail(l);
}

/* ---- in the parent ---- */

/* Ours with `added`, which win. The strings are borrowed. */
static const char **environment(const char *const *added)
{
	size_t count = 0, more = 0, n = 0;

	while (environ[count])
		count++;
	while (added && added[more])
		more++;
	const char **env = xcalloc(count + more + 1, sizeof(*env));
	for (size_t i = 0; i < count; i++) {
		size_t name = strcspn(environ[i], "=") + 1;
		size_t j = 0;
		while (j < more && strncmp(environ[i], added[j], name) != 0)
			j++;
		if (j == more)
			env[n++] = environ[i];
	}
	for (size_t j = 0; j < more; j++)
		env[n++] = added[j];
	return env;
}

/* A function of its own: nothing but its frame is used by both. */
static pid_t launch(struct launch *l)
{
	pid_t p = vfork();

	if (p == 0)
		child(l);
	return p;
}

bool proc_spawn(const char *const *argv, const struct proc_opts *o, pid_t *pid, struct err *e)
{
	struct launch l = {.argv = argv, .env = environment(o->env), .o = o};
	char **ours = environ;
	sigset_t all, old;

	/* No handler of ours may run in the child. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	pid_t p = launch(&l);
	environ = ours;
	int sys = p < 0 ? errno : l.failed;
	sigprocmask(SIG_SETMASK, &old, NULL);
	free(l.env);
	if (p < 0) {
		errno = sys;
		return err_sys(e, "fork");
	}
	if (sys) {
		proc_wait(p);
		errno = sys;
		return err_sys(e, "starting %s", argv[0]);
	}
	*pid = p;
	return true;
}

static void close_all_but(int fd)
{
#ifdef CLOSE_RANGE_CLOEXEC
	if (fd > 3)
		close_range(3, (unsigned)fd - 1, 0);
	close_range((unsigned)fd + 1, ~0u, 0);
#else
	for (int i = (int)sysconf(_SC_OPEN_MAX) - 1; i > 2; i--)
		if (i != fd)
			close(i);
#endif
}

bool proc_copy(void (*fn)(void *data, int fd), void *data, unsigned seconds, int *fd, pid_t *pid,
	struct err *e)
{
	int pipe_fds[2];

	if (!proc_pipe(pipe_fds, e))
		return false;
	pid_t p = fork();
	if (p < 0) {
		err_sys(e, "fork");
		close(pipe_fds[0]);
		close(pipe_fds[1]);
		return false;
	}
	if (p == 0) {
		child_signals();
		close_all_but(pipe_fds[1]);
		alarm(seconds);
		fn(data, pipe_fds[1]);
		_exit(0);
	}
	close(pipe_fds[1]);
	*fd = pipe_fds[0];
	*pid = p;
	return true;
}

bool proc_shell(const char *command, const struct proc_opts *o, pid_t *pid, struct err *e)
{
	const char *argv[] = {"/bin/sh", "-c", command, NULL};

	return proc_spawn(argv, o, pid, e);
}

int proc_wait(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 127;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Feeds in to the child, closes *to, and collects its output until it ends or the time is over. */
static bool talk(int *to, int from, struct sv in, int64_t deadline, struct str *out, struct err *e)
{
	char buf[65536];

	for (;;) {
		if (in.len == 0 && *to >= 0) {
			close(*to);
			*to = -1;
		}
		struct pollfd p[2] = {{.fd = from, .events = POLLIN}, {.fd = *to, .events = POLLOUT}};
		int64_t left = deadline - clock_ms();
		if (left <= 0)
			return err_set(e, ERR_LIMIT, "no end within its time");
		if (poll(p, 2, (int)MIN(left, (int64_t)60000)) < 0 && errno != EINTR)
			return err_sys(e, "poll");
		if (p[1].revents) {
			ssize_t n = write(*to, in.p, in.len);
			/* A program that does not want all its input is fine. */
			in = n < 0 && errno != EAGAIN ? sv_from(in, in.len) : sv_from(in, n > 0 ? (size_t)n : 0);
		}
		if (!p[0].revents)
			continue;
		ssize_t n = read(from, buf, sizeof(buf));
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			return true;
		if (n > 0 && !str_add(out, sv_make(buf, (size_t)n)))
			return err_set(e, ERR_LIMIT, "more than %zu bytes of output", out->max);
	}
	return true;
}

bool proc_read(const char *const *argv, struct sv in, size_t max, int timeout_ms, struct str *out,
	int *status, struct err *e)
{
	int to[2], from[2];
	pid_t pid;

	if (!proc_pipe(to, e))
		return false;
	if (!proc_pipe(from, e)) {
		close(to[0]);
		close(to[1]);
		return false;
	}
	struct proc_opts o = {.in = to[0], .out = from[1], .err = -1, .keep = -1, .new_group = true};
	bool ok = proc_spawn(argv, &o, &pid, e);
	close(to[0]);
	close(from[1]);
	if (ok) {
		struct str s;
		str_init(&s, max);
		fcntl(to[1], F_SETFL, O_NONBLOCK);
		fcntl(from[0], F_SETFL, O_NONBLOCK);
		void (*old)(int) = signal(SIGPIPE, SIG_IGN);
		ok = talk(&to[1], from[0], in, clock_ms() + timeout_ms, &s, e);
		signal(SIGPIPE, old);
		if (!ok)
			kill(-pid, SIGKILL);
		*status = proc_wait(pid);
		if (ok)
			*out = s;
		else
			str_fini(&s);
	}
	if (to[1] >= 0)
		close(to[1]);
	close(from[0]);
	return ok || err_at(e, "%s", argv[0]);
}

bool proc_shell_read(const char *command, struct sv in, size_t max, int timeout_ms, struct str *out,
	int *status, struct err *e)
{
	const char *argv[] = {"/bin/sh", "-c", command, NULL};

	return proc_read(argv, in, max, timeout_ms, out, status, e);
}

bool proc_quote(struct str *out, struct sv s)
{
	bool ok = str_addc(out, '\'');

	for (size_t i = 0; ok && i < s.len; i++)
		ok = s.p[i] == '\'' ? str_adds(out, "'\\''") : s.p[i] == 0 || str_addc(out, s.p[i]);
	return ok && str_addc(out, '\'');
}

static char *beside_us(const char *name)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n <= 0)
		return NULL;
	self[n] = 0;
	char *dir = fs_dirname(self);
	char *path = fs_join(dir, name);
	free(dir);
	if (access(path, X_OK) == 0)
		return path;
	free(path);
	return NULL;
}

char *proc_helper(const char *name)
{
	const char *dir = getenv("FEIST_LIBEXEC");

	if (dir && *dir)
		return fs_join(dir, name);
	char *path = beside_us(name);
	return path ? path : fs_join(PKGLIBEXECDIR, name);
}

bool proc_socketpair(int fds[2], struct err *e)
{
	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0 || err_sys(e, "socketpair");
}

bool proc_pipe(int fds[2], struct err *e)
{
	return pipe2(fds, O_CLOEXEC) == 0 || err_sys(e, "pipe");
}
