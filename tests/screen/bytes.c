/*
 * What the screen costs on a slow line: the real program in a pty of 80x24. A step of the cursor may
 * take 250 bytes, a whole page 6 KB, the questions to the terminal at the start 200. And what was
 * switched on in the terminal is switched off at the end.
 */
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define QUIET_MS 300 /* no more output for that long: the step is done */
#define START_MS 20000
#define STEP_MAX 250
#define PAGE_MAX 6144
#define QUERY_MAX 200

static char seen[1 << 20];
static size_t seen_len;
static int pty_fd;

/* Reads until the program is quiet (or has said the word). Returns the bytes of this step. */
static size_t drain(const char *until, int limit_ms)
{
	size_t start = seen_len;
	struct pollfd p = {.fd = pty_fd, .events = POLLIN};
	while (seen_len < sizeof(seen) - 1) {
		if (poll(&p, 1, until ? limit_ms : QUIET_MS) <= 0)
			break;
		ssize_t n = read(pty_fd, seen + seen_len, sizeof(seen) - 1 - seen_len);
		if (n <= 0)
			break;
		seen_len += (size_t)n;
		seen[seen_len] = '\0';
		if (until && strstr(seen + start, until))
			until = NULL;
	}
	return seen_len - start;
}

static void type(const char *keys)
{
	if (write(pty_fd, keys, strlen(keys)) < 0)
		perror("write");
}

static int failures;

static void check(const char *what, size_t bytes, size_t max)
{
	printf("%s - %s: %zu bytes, at most %zu\n", bytes <= max ? "ok" : "not ok", what, bytes, max);
	failures += bytes > max;
}

static void check_pair(const char *on, const char *off)
{
	bool used = strstr(seen, on) != NULL;
	bool ok = !used || strstr(seen, off) != NULL;
	printf("%s - %s is undone at the end\n", ok ? "ok" : "not ok", on + 1);
	failures += !ok;
}

static const char *need(const char *name)
{
	const char *v = getenv(name);
	if (!v || !*v) {
		fprintf(stderr, "%s is not set\n", name);
		exit(77);
	}
	return v;
}

static pid_t start(const char *dir)
{
	struct winsize size = {.ws_row = 24, .ws_col = 80};
	char command[4096];
	snprintf(command, sizeof(command), "sh '%s/contrib/install-sample' '%s/mail'", need("FEIST_SRCDIR"), dir);
	if (system(command) != 0)
		exit(99);
	char rc[512];
	snprintf(rc, sizeof(rc), "%s/rc", dir);
	FILE *f = fopen(rc, "w");
	if (!f)
		exit(99);
	fprintf(f, "set defaults=modern\nset folder=%s/mail spoolfile==inbox quit=yes send_delay=0\n", dir);
	fclose(f);
	pid_t pid = forkpty(&pty_fd, NULL, NULL, &size);
	if (pid == 0) {
		static const char *const homes[] = {"HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"};
		char path[512];
		for (size_t i = 0; i < sizeof(homes) / sizeof(homes[0]); i++) {
			snprintf(path, sizeof(path), "%s/%zu", dir, i);
			setenv(homes[i], path, 1);
		}
		setenv("TERM", "xterm-256color", 1);
		setenv("COLORTERM", "truecolor", 1);
		setenv("LC_ALL", "C.UTF-8", 1);
		unsetenv("TMUX");
		unsetenv("STY");
		snprintf(path, sizeof(path), "%s/feist", need("FEIST_BUILDDIR"));
		execl(path, path, "-F", rc, (char *)NULL);
		_exit(127);
	}
	return pid;
}

int main(void)
{
	char dir[] = "/tmp/feist-bytes-XXXXXX";
	char command[128];
	if (!mkdtemp(dir))
		return 99;
	pid_t pid = start(dir);
	drain("24 msgs", START_MS);
	drain(NULL, 0);
	const char *query = strstr(seen, "\033[>0q");
	check("questions to the terminal", query ? strspn(query, "\033[>0q?u2026$pP+524742\\c") : 0, QUERY_MAX);
	size_t all = 0;
	for (int i = 0; i < 12; i++) {
		type("j");
		size_t n = drain(NULL, 0);
		all += n;
	}
	/* On the average: names in Japanese take three bytes for two columns. */
	check("a step of the cursor", all / 12, STEP_MAX);
	type("\033[6~");
	drain(NULL, 0);
	type("\f"); /* ^L draws everything */
	check("a whole page", drain(NULL, 0), PAGE_MAX);
	type("q");
	drain(NULL, 0);
	check_pair("\033[?2004h", "\033[?2004l");
	check_pair("\033[?1004h", "\033[?1004l");
	check_pair("\033[?1049h", "\033[?1049l");
	check_pair("\033[?1h", "\033[?1l");
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	if (system(command) != 0)
		return 99;
	return failures > 0;
}
