/*
 * Escape attempts: each runs in a child of its own inside the cage and must not succeed. Skipped
 * where the kernel offers no cage (and in builds with sanitizers).
 */
#include "base/sandbox.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/t.h"

static const char *allowed_dir = "/tmp/feist-test-cage";
static const char *const writable[] = {"/tmp/feist-test-cage", NULL};

enum { HELD = 0, ESCAPED = 1, NO_CAGE = 2 };

/* Runs attempt (true: it got out) in a caged child. */
static int caged(enum sandbox_role role, bool (*attempt)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		const char *level = sandbox_enter(role, writable, NULL);
		if (strcmp(level, "full") != 0)
			_exit(NO_CAGE);
		_exit(attempt() ? ESCAPED : HELD);
	}
	assert_true(waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : HELD; /* killed by the filter: held */
}

static bool reads_passwd(void)
{
	return open("/etc/passwd", O_RDONLY) >= 0;
}

static bool writes_tmp(void)
{
	return open("/tmp/feist-test-escape", O_WRONLY | O_CREAT, 0600) >= 0;
}

static bool writes_allowed(void)
{
	return open("/tmp/feist-test-cage/file", O_WRONLY | O_CREAT, 0600) >= 0;
}

static bool opens_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static bool opens_unix_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}

static bool runs_a_program(void)
{
	execl("/bin/true", "true", (char *)NULL);
	return false; /* still here; success would have exited 0 = HELD, so ask the marker */
}

static bool makes_a_process(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid > 0;
}

static bool converts(const char *charset)
{
	iconv_t cd = iconv_open("UTF-8", charset);

	return cd != (iconv_t)-1;
}

static bool converts_japanese(void)
{
	return converts("ISO-2022-JP") && converts("GB18030") && converts("KOI8-R") && converts("EUC-KR");
}

static void check(enum sandbox_role role, bool (*attempt)(void), int want, const char *what)
{
	int got = caged(role, attempt);

	if (got == NO_CAGE)
		skip();
	if (got != want)
		fail_msg("%s: %s", what, got == ESCAPED ? "was possible" : "was refused");
}

static void renderer_has_nothing(void **state)
{
	(void)state;
	check(SANDBOX_RENDER, reads_passwd, HELD, "reading /etc/passwd");
	check(SANDBOX_RENDER, writes_tmp, HELD, "writing a file");
	check(SANDBOX_RENDER, writes_allowed, HELD, "writing even there");
	check(SANDBOX_RENDER, opens_socket, HELD, "a socket");
	check(SANDBOX_RENDER, opens_unix_socket, HELD, "a unix socket");
	check(SANDBOX_RENDER, makes_a_process, HELD, "fork");
}

static void renderer_keeps_its_converters(void **state)
{
	(void)state;
	check(SANDBOX_RENDER, converts_japanese, ESCAPED, "iconv inside the cage");
}

static void remote_worker_sees_its_folders_only(void **state)
{
	(void)state;
	check(SANDBOX_REMOTE, writes_tmp, HELD, "writing elsewhere");
	check(SANDBOX_REMOTE, writes_allowed, ESCAPED, "writing its folder");
	check(SANDBOX_REMOTE, opens_socket, ESCAPED, "its network");
	check(SANDBOX_REMOTE, runs_a_program, HELD, "exec");
}

static void local_worker_has_no_network(void **state)
{
	(void)state;
	check(SANDBOX_LOCAL, opens_socket, HELD, "a socket");
	check(SANDBOX_LOCAL, writes_allowed, ESCAPED, "a mailbox anywhere");
}

static void exec_kills(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		const char *level = sandbox_enter(SANDBOX_REMOTE, writable, NULL);
		if (strcmp(level, "full") != 0)
			_exit(NO_CAGE);
		execl("/bin/true", "true", (char *)NULL);
		_exit(ESCAPED);
	}
	assert_true(waitpid(pid, &status, 0) == pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == NO_CAGE)
		skip();
	assert_true(WIFSIGNALED(status));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(renderer_has_nothing),
		cmocka_unit_test(renderer_keeps_its_converters),
		cmocka_unit_test(remote_worker_sees_its_folders_only),
		cmocka_unit_test(local_worker_has_no_network),
		cmocka_unit_test(exec_kills),
	};

	if (access(allowed_dir, F_OK) != 0 && mkdir(allowed_dir, 0700) != 0 && errno != EEXIST)
		return 1;
	return t_run(tests);
}
