/*
 * Starting programs: the only fork and exec. argv is never seen by a shell; proc_shell is for
 * commands that the user wrote.
 */
#ifndef BASE_PROC_H
#define BASE_PROC_H

#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

struct proc_opts {
	int in, out, err;      /* descriptors for 0, 1, 2; -1: inherit; PROC_NULL: /dev/null */
	int keep, keep_as;     /* one descriptor more for the child under the number keep_as; -1: none */
	const char *dir;       /* working directory, NULL: ours */
	const char *const *env;/* "NAME=value" added to the environment, NULL ended; NULL: none */
	bool new_group;        /* its own process group (not a terminal program) */
};
#define PROC_NULL (-2)
#define PROC_OPTS_INIT {.in = -1, .out = -1, .err = -1, .keep = -1}

/* Every descriptor but those named is closed on exec; signals are reset to their defaults. */
bool proc_spawn(const char *const *argv, const struct proc_opts *, pid_t *pid, struct err *e) MUST_CHECK;
/* sh -c command. Only for text that the user wrote in configuration or at a prompt. */
bool proc_shell(const char *command, const struct proc_opts *, pid_t *pid, struct err *e) MUST_CHECK;
/*
 * Runs fn in a copy of this process, for a library call that cannot be interrupted (the resolver):
 * what it writes to its descriptor comes out of *fd. It ends after seconds at the latest; kill it
 * before, and proc_wait. The copy has no other descriptor above 2, and must not use what we share
 * with others (databases, connections).
 */
bool proc_copy(void (*fn)(void *data, int fd), void *data, unsigned seconds, int *fd, pid_t *pid,
	struct err *e) MUST_CHECK;
/* Waits (EINTR safe). Status as a shell gives it: exit code, or 128 + signal. */
int proc_wait(pid_t pid);
/*
 * Runs a shell command with in as its standard input, reads at most max bytes of its output.
 * Blocks: for batch use and configuration (backticks), or short helpers. *status as proc_wait.
 * *out is initialised here on success.
 */
bool proc_shell_read(const char *command, struct sv in, size_t max, int timeout_ms, struct str *out,
	int *status, struct err *e) MUST_CHECK;
bool proc_read(const char *const *argv, struct sv in, size_t max, int timeout_ms, struct str *out,
	int *status, struct err *e) MUST_CHECK;

/* s in single quotes for sh; appended to out. */
bool proc_quote(struct str *out, struct sv s);
/* Finds a helper program of ours: $FEIST_LIBEXEC, beside this program, then PKGLIBEXECDIR. Caller frees. */
char *proc_helper(const char *name);

/* A stream socket pair or pipe, close-on-exec. */
bool proc_socketpair(int fds[2], struct err *e) MUST_CHECK;
bool proc_pipe(int fds[2], struct err *e) MUST_CHECK;

#endif
