/*
 * The world of an end-to-end test: see world.h.
 */
#include "world.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <regex.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATH_BYTES = 1024, ARGS_MAX = 40, OUT_MAX = 1 << 20 };

struct world {
	char dir[PATH_BYTES];
	char src[PATH_BYTES], build[PATH_BYTES];
	char *env[16];
	pid_t servers;
	int servers_in;     /* commands go in here; closing it ends the servers */
	FILE *servers_out;
	char ports[512];    /* the text of DIR/servers/env */
};

static struct world *current; /* for the failure hook */

static void show_file(const char *path)
{
	char command[PATH_BYTES + 64];

	snprintf(command, sizeof(command), "for f in %s; do [ -s \"$f\" ] && echo \"== $f\" && tail -n 25 \"$f\"; done >&2", path);
	if (system(command) != 0)
		return;
}

static void show_logs(void)
{
	if (!current)
		return;
	show_file(world_path(current, "home/.local/state/feist/log"));
	show_file(world_path(current, "stderr"));
	show_file(world_path(current, "servers/log/*.log"));
}

const char *world_dir(const struct world *w)
{
	return w->dir;
}

const char *world_path(const struct world *w, const char *format, ...)
{
	static char ring[8][2 * PATH_BYTES];
	static unsigned next;
	char *buf = ring[next++ % 8];
	size_t n = (size_t)snprintf(buf, sizeof(ring[0]), "%s/", w->dir);
	va_list ap;

	va_start(ap, format);
	vsnprintf(buf + n, sizeof(ring[0]) - n, format, ap);
	va_end(ap);
	return buf;
}

int world_port(const struct world *w, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = w->ports; (p = strstr(p, name)); p += n)
		if ((p == w->ports || p[-1] == ' ') && p[n] == '=')
			return (int)strtol(p + n + 1, NULL, 10);
	return 0;
}

static void add_env(struct world *w, const char *format, ...)
{
	char buf[2 * PATH_BYTES];
	size_t i = 0;
	va_list ap;

	va_start(ap, format);
	vsnprintf(buf, sizeof(buf), format, ap);
	va_end(ap);
	while (w->env[i])
		i++;
	if (i + 1 >= sizeof(w->env) / sizeof(w->env[0]) || !(w->env[i] = strdup(buf)))
		abort();
}

/* A line of the servers' answer; skips the test when they say that something is not installed. */
static void servers_answer(struct world *w, const char *want)
{
	char line[256] = "";

	if (!fgets(line, sizeof(line), w->servers_out))
		line[0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	if (strcmp(line, want) == 0)
		return;
	if (strncmp(line, "failed: no ", 11) == 0) {
		print_message("skipped: %s\n", line + 8);
		skip();
	}
	show_logs();
	fail_msg("the servers say \"%s\", not \"%s\"", line, want);
}

static void start_servers(struct world *w, enum world_servers kind)
{
	int in[2], out[2];
	FILE *f;
	size_t n;

	if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
		fail_msg("pipe: %s", strerror(errno));
	w->servers = fork();
	if (w->servers == 0) {
		char script[PATH_BYTES + 64], dir[PATH_BYTES + 64], mini[PATH_BYTES + 64];

		snprintf(script, sizeof(script), "%s/tests/e2e/servers", w->src);
		snprintf(dir, sizeof(dir), "%s/servers", w->dir);
		snprintf(mini, sizeof(mini), "%s/tests/e2e/mini-smtpd", w->build);
		dup2(in[0], 0);
		dup2(out[1], 1);
		setpgid(0, 0);
		execl(script, script, dir, kind == WORLD_MINI ? mini : kind == WORLD_IMAP ? "none" : NULL, NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	w->servers_in = in[1];
	w->servers_out = fdopen(out[0], "r");
	servers_answer(w, "ready");
	f = fopen(world_path(w, "servers/env"), "r");
	if (!f)
		fail_msg("no servers/env");
	n = fread(w->ports, 1, sizeof(w->ports) - 1, f);
	w->ports[n] = '\0';
	fclose(f);
	if (kind == WORLD_POSTFIX && !strstr(w->ports, "HAVE_SMTP=yes")) {
		print_message("skipped: Postfix needs root, or is not installed\n");
		skip();
	}
}

static void make_dirs(struct world *w)
{
	char command[4 * PATH_BYTES];

	snprintf(command, sizeof(command),
		"cd '%s' && mkdir -p home/.config/feist home/.cache home/.local/state home/.local/share tmp && chmod 700 home "
		"&& '%s/contrib/install-sample' home/Mail && : >home/.config/feist/muttrc", w->dir, w->src);
	if (system(command) != 0)
		fail_msg("cannot make the profile in %s", w->dir);
}

struct world *world_new(enum world_servers kind)
{
	struct world *w = calloc(1, sizeof(*w));
	const char *tmp = getenv("TMPDIR"), *src = getenv("FEIST_SRCDIR"), *build = getenv("FEIST_BUILDDIR");

	if (!w)
		abort();
	snprintf(w->src, sizeof(w->src), "%s", src ? src : ".");
	snprintf(w->build, sizeof(w->build), "%s", build ? build : ".");
	snprintf(w->dir, sizeof(w->dir), "%s/feist-e2e.XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(w->dir))
		fail_msg("mkdtemp %s: %s", w->dir, strerror(errno));
	chmod(w->dir, 0711); /* the mail user of the servers must reach its own folders */
	current = w;
	term_on_failure(show_logs);
	w->servers_in = -1;
	make_dirs(w);
	add_env(w, "HOME=%s/home", w->dir);
	add_env(w, "TMPDIR=%s/tmp", w->dir);
	add_env(w, "XDG_CONFIG_HOME=%s/home/.config", w->dir);
	add_env(w, "XDG_CACHE_HOME=%s/home/.cache", w->dir);
	add_env(w, "XDG_STATE_HOME=%s/home/.local/state", w->dir);
	add_env(w, "XDG_DATA_HOME=%s/home/.local/share", w->dir);
	world_env(w, "TERM=xterm-256color");
	world_env(w, "LC_ALL=C.UTF-8");
	add_env(w, "FEIST_LIBEXEC=%s", w->build);
	add_env(w, "EDITOR=%s/tests/e2e/editor", w->src);
	add_env(w, "VISUAL=%s/tests/e2e/editor", w->src);
	add_env(w, "USER=alice");
	world_rc(w, "set defaults=mutt\nset realname=\"Alice Test\"\nset from=alice@feist.test\nset folder={DIR}/home/Mail\n"
		    "set spoolfile=+inbox record=+Sent postponed=+Drafts\nset confirmappend=no delete=yes\n"
		    "set fast_reply=yes include=yes sort=date mbox_type=Maildir wait_key=no");
	if (kind != WORLD_LOCAL)
		start_servers(w, kind);
	return w;
}

void world_free(struct world *w)
{
	char command[PATH_BYTES + 64];

	if (!w)
		return;
	if (w->servers > 0) {
		close(w->servers_in);
		fclose(w->servers_out);
		waitpid(w->servers, NULL, 0);
	}
	if (getenv("FEIST_E2E_KEEP")) {
		print_message("kept: %s\n", w->dir);
	} else {
		snprintf(command, sizeof(command), "rm -rf '%s'", w->dir);
		if (system(command) != 0)
			print_message("cannot remove %s\n", w->dir);
	}
	for (size_t i = 0; w->env[i]; i++)
		free(w->env[i]);
	if (current == w)
		current = NULL;
	free(w);
}

void world_rc(struct world *w, const char *text)
{
	FILE *f = fopen(world_path(w, "home/.config/feist/muttrc"), "a");

	if (!f)
		fail_msg("feistrc: %s", strerror(errno));
	while (*text) {
		char name[32];
		size_t n = *text == '{' ? strspn(text + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ3") : 0;

		if (n == 0 || n >= sizeof(name) || text[1 + n] != '}') {
			fputc(*text++, f);
			continue;
		}
		memcpy(name, text + 1, n);
		name[n] = '\0';
		if (strcmp(name, "DIR") == 0)
			fputs(w->dir, f);
		else
			fprintf(f, "%d", world_port(w, name));
		text += n + 2;
	}
	fputc('\n', f);
	fclose(f);
}

void world_rc_imap(struct world *w)
{
	world_rc(w, "set ssl_ca_certificates_file={DIR}/servers/ca.pem\n"
		    "set certificate_file={DIR}/home/certificates\n"
		    "set imap_user=alice imap_pass=secret-alice\n"
		    "set folder=imaps://alice@localhost:{IMAPS}/\n"
		    "set spoolfile=+INBOX record=+Sent postponed=+Drafts trash=+Trash\n"
		    "mailboxes +INBOX +Sent +Drafts +Trash +Archive");
	if (strstr(w->ports, "HAVE_SMTP=yes"))
		world_rc(w, "set smtp_url=smtps://alice@localhost:{SMTPS}/\nset smtp_pass=secret-alice");
}

void world_say(struct world *w, const char *command)
{
	char line[64];
	int n = snprintf(line, sizeof(line), "%s\n", command);

	if (write(w->servers_in, line, (size_t)n) != n)
		fail_msg("the servers are gone");
	servers_answer(w, "ok");
}

/* "feist" and its helpers are those of the build tree. */
static const char *program_path(struct world *w, const char *name)
{
	static char path[PATH_BYTES + 64];

	if (strncmp(name, "feist", 5) != 0)
		return name;
	snprintf(path, sizeof(path), "%s/%s", w->build, name);
	return path;
}

void world_env(struct world *w, const char *setting)
{
	add_env(w, "%s", setting);
}

struct term *world_feist(struct world *w, ...)
{
	char program[PATH_BYTES + 64];
	char *argv[ARGS_MAX] = {program};
	size_t n = 1;
	va_list ap;

	snprintf(program, sizeof(program), "%s", program_path(w, "feist"));
	va_start(ap, w);
	while (n + 3 < ARGS_MAX && (argv[n] = va_arg(ap, char *)))
		n++;
	va_end(ap);
	argv[n++] = (char *)"-d"; /* a log: stalls of the loop stand in it (story_no_stalls) */
	argv[n++] = (char *)"1";
	argv[n] = NULL;
	return term_start(argv, w->env, 32, 100);
}

/* Runs argv with stdin from a file that holds input; stdout into out. */
static int run(struct world *w, const char *input, char *out, size_t size, char *const argv[])
{
	size_t len = 0;
	int fd[2], in, status;
	pid_t pid;
	FILE *f = tmpfile();

	if (!f || pipe2(fd, O_CLOEXEC) != 0)
		fail_msg("pipe: %s", strerror(errno));
	if (input)
		fputs(input, f);
	fflush(f);
	in = fileno(f);
	lseek(in, 0, SEEK_SET);
	pid = fork();
	if (pid == 0) {
		int err = open(world_path(w, "stderr"), O_WRONLY | O_CREAT | O_APPEND, 0600);

		for (size_t i = 0; w->env[i]; i++)
			putenv(w->env[i]);
		if (chdir(w->dir) != 0)
			_exit(127);
		dup2(in, 0);
		dup2(fd[1], 1);
		dup2(err, 2);
		execvp(program_path(w, argv[0]), argv);
		_exit(127);
	}
	close(fd[1]);
	fclose(f);
	for (;;) {
		char buf[8192];
		ssize_t k = read(fd[0], buf, sizeof(buf));

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			break;
		if (out && len + 1 < size) {
			size_t keep = (size_t)k < size - 1 - len ? (size_t)k : size - 1 - len;

			memcpy(out + len, buf, keep);
			len += keep;
		}
	}
	if (out && size)
		out[len] = '\0';
	close(fd[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int world_run(struct world *w, const char *input, char *out, size_t size, ...)
{
	char *argv[ARGS_MAX];
	size_t n = 0;
	va_list ap;

	va_start(ap, size);
	while (n + 1 < ARGS_MAX && (argv[n] = va_arg(ap, char *)))
		n++;
	va_end(ap);
	argv[n] = NULL;
	return run(w, input, out, size, argv);
}

static int shell(struct world *w, const char *input, char *out, size_t size, const char *command)
{
	char *argv[] = {"sh", "-c", (char *)command, NULL};

	return run(w, input, out, size, argv);
}

void world_deliver(struct world *w, const char *user, const char *mailbox, const char *message)
{
	char command[512];

	snprintf(command, sizeof(command), "PATH=$PATH:/usr/sbin doveadm -c servers/dovecot.conf save -u %s@feist.test -m '%s'",
		 user, mailbox);
	if (shell(w, message, NULL, 0, command) != 0) {
		show_logs();
		fail_msg("cannot deliver to %s of %s", mailbox, user);
	}
}

static void settle(struct term *t, int ms)
{
	if (t)
		term_pump(t, ms);
	else
		poll(NULL, 0, ms);
}

static long seconds_limit(void)
{
	const char *s = getenv("FEIST_E2E_SECONDS");
	long n = s ? strtol(s, NULL, 10) : 0;

	return n > 0 ? n : 30;
}

void world_expect_doveadm(struct world *w, struct term *t, const char *args, const char *regex)
{
	char command[1024];
	char *out = malloc(OUT_MAX);
	time_t end = time(NULL) + seconds_limit();
	regex_t re;
	bool found;

	if (!out || regcomp(&re, regex, REG_EXTENDED | REG_NOSUB | REG_NEWLINE) != 0)
		fail_msg("bad regex in the test: %s", regex);
	snprintf(command, sizeof(command), "PATH=$PATH:/usr/sbin doveadm -c servers/dovecot.conf %s", args);
	do {
		shell(w, NULL, out, OUT_MAX, command);
		found = regexec(&re, out, 0, NULL, 0) == 0;
		if (!found)
			settle(t, 100);
	} while (!found && time(NULL) <= end);
	regfree(&re);
	if (!found) {
		fprintf(stderr, "doveadm %s prints:\n%s", args, out);
		free(out);
		if (t)
			term_fail(t, "the server does not have", regex);
		show_logs();
		fail_msg("the server does not have: %s", regex);
	}
	free(out);
}

void world_expect_shell(struct world *w, struct term *t, const char *command)
{
	time_t end = time(NULL) + seconds_limit();

	while (shell(w, NULL, NULL, 0, command) != 0) {
		if (time(NULL) > end) {
			if (t)
				term_fail(t, "never true", command);
			show_logs();
			fail_msg("never true: %s", command);
		}
		settle(t, 100);
	}
}

/* The parent of a process and the name of its program, from /proc. */
static bool process(const char *pid, pid_t *parent, char *name, size_t size)
{
	char path[300], line[512] = "";
	FILE *f;
	char *open_p, *close_p;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	if (!(f = fopen(path, "r")))
		return false;
	if (!fgets(line, sizeof(line), f))
		line[0] = '\0';
	fclose(f);
	open_p = strchr(line, '(');
	close_p = strrchr(line, ')');
	if (!open_p || !close_p || close_p[1] != ' ' || close_p[2] == 'Z')
		return false;
	*close_p = '\0';
	snprintf(name, size, "%s", open_p + 1);
	*parent = (pid_t)strtol(close_p + 4, NULL, 10);
	return true;
}

pid_t world_child(pid_t parent, const char *name, int nth)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	pid_t found = 0;

	while (d && (e = readdir(d))) {
		char comm[64];
		pid_t pp;

		if (e->d_name[0] < '1' || e->d_name[0] > '9' || !process(e->d_name, &pp, comm, sizeof(comm)))
			continue;
		if (pp == parent && strncmp(comm, name, 15) == 0 && nth-- == 0) {
			found = (pid_t)strtol(e->d_name, NULL, 10);
			break;
		}
	}
	if (d)
		closedir(d);
	return found;
}

pid_t world_expect_child(struct term *t, const char *name, int nth)
{
	time_t end = time(NULL) + seconds_limit();
	pid_t pid;

	while ((pid = world_child(term_pid(t), name, nth)) == 0) {
		if (time(NULL) > end)
			term_fail(t, "there is no child", name);
		term_pump(t, 20);
	}
	return pid;
}
