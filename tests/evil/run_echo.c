/*
 * The screen while servers stall: feist in a pty, looking at a local mailbox, with eight accounts that stall in the
 * eight ways at once (IMAP, POP3), or with a message on its way to a server that stalls (SMTP). A key is answered on the
 * screen within 16 ms (99 of 100), and q leaves within three seconds.
 *
 * Other programs may want the processor, too: what counts then is the same measure of a feist without accounts, taken
 * in the same minute.
 *
 *	run_echo [--every N] [PATTERN]
 */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "tests/evil/stall_server.h"
#include "tests/proto/certs.h"

#define KEYS 200
#define DEAF_MS 2000 /* a key without any answer */
#define ROUNDS 5
#define ECHO_MS 16
#define START_MS 20000
#define QUIT_MS 3000
#define QUIT_SEND_MS 6000 /* a message on its way is given five seconds */
#define MESSAGES 40
#define STATES 12

static const char *const states[3][STATES] = {
	{"connect", "greeting", "capability", "starttls", "handshake", "auth", "capability-in", "list", "select", "fetch",
		NULL},
	{"connect", "greeting", "capa", "stls", "handshake", "auth", "list", "uidl", "retr", "capa-in", "quit", NULL},
	{"connect", "greeting", "ehlo-in", "starttls", "handshake", "auth", "mail", "rcpt", "data", "dot", NULL, NULL},
};

struct show {
	char *dir, *rc;
	struct certs *certs;
	SSL_CTX *ctx;
	struct stall_server *server[STALL_KINDS];
	size_t n;
	pid_t pid;
	int fd;
	double ms[KEYS];
};

static void must(bool ok, const struct err *e)
{
	if (!ok) {
		printf("cannot run: %s\n", e->text);
		exit(2);
	}
}

static void put_file(const char *path, struct sv text)
{
	struct err e = {0};

	must(fs_write_atomic(path, text, 0600, &e), &e);
}

/* ---- the profile ---- */

static void make_mailbox(struct show *s)
{
	char *path = xasprintf("%s/mbox", s->dir);
	struct str t;

	str_init(&t, 1u << 20);
	for (int i = 1; i <= MESSAGES; i++)
		str_addf(&t,
			"From a@example.org Tue Nov 24 10:%02d:00 2026\nFrom: Ann <a@example.org>\nTo: joe@example.org\n"
			"Subject: number %d\nMessage-ID: <%d@example.org>\nDate: Tue, 24 Nov 2026 10:%02d:00 +0000\n\nText.\n\n",
			i, i, i, i);
	put_file(path, str_sv(&t));
	str_fini(&t);
	free(path);
}

static void make_rc(struct show *s, enum model_proto proto, bool starttls)
{
	struct str t;

	str_init(&t, 65536);
	str_addf(&t, "set ssl_ca_certificates_file=%s\nset ssl_usesystemcerts=no ssl_starttls=yes ssl_force_tls=yes\n"
		     "set imap_pass=%s pop_pass=%s smtp_pass=%s\nset connect_timeout=3 socket_receive_timeout=3\n"
		     "set mail_check=5 confirmappend=no folder=%s/Mail spoolfile=%s/mbox record=''\nset quit=yes\n"
		     "set realname=Joe from=joe@example.org\n",
		certs_ca_file(s->certs), MODEL_PASS, MODEL_PASS, MODEL_PASS, s->dir, s->dir);
	for (size_t i = 0; i < s->n; i++) {
		unsigned port = stall_server_port(s->server[i]);

		if (proto == MODEL_SMTP)
			str_addf(&t, "set smtp_url=%s://joe@localhost:%u/\n", starttls ? "smtp" : "smtps", port);
		else if (proto == MODEL_POP)
			str_addf(&t, "mailboxes %s://joe@localhost:%u/\n", starttls ? "pop" : "pops", port);
		else
			str_addf(&t, "mailboxes %s://joe@localhost:%u/INBOX\n", starttls ? "imap" : "imaps", port);
	}
	s->rc = xasprintf("%s/rc", s->dir);
	put_file(s->rc, str_sv(&t));
	str_fini(&t);
}

static void set_env(const struct show *s)
{
	char *path = xasprintf("%s/data", s->dir);

	setenv("HOME", s->dir, 1);
	setenv("XDG_DATA_HOME", path, 1);
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("XDG_CACHE_HOME");
	unsetenv("XDG_STATE_HOME");
	unsetenv("MAIL");
	setenv("TERM", "xterm-256color", 1);
	free(path);
}

static char *program(void)
{
	const char *dir = getenv("FEIST_BUILDDIR");

	return xasprintf("%s/feist", dir ? dir : ".");
}

/* A message that waits to be sent, as one does after a send that was broken off. */
static void queue_message(struct show *s)
{
	char *feist = program();
	pid_t pid = fork();

	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		set_env(s);
		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		alarm(2);
		execl(feist, feist, "-F", s->rc, "-s", "x", "b@example.org", (char *)NULL);
		_exit(127);
	}
	proc_wait(pid);
	free(feist);
}

/* ---- the screen ---- */

static void start(struct show *s)
{
	struct winsize size = {.ws_row = 30, .ws_col = 100};
	char *feist = program(), *mbox = xasprintf("%s/mbox", s->dir);

	s->pid = forkpty(&s->fd, NULL, NULL, &size);
	if (s->pid == 0) {
		set_env(s);
		execl(feist, feist, "-F", s->rc, "-f", mbox, (char *)NULL);
		_exit(127);
	}
	fcntl(s->fd, F_SETFL, O_NONBLOCK);
	free(feist);
	free(mbox);
}

/* Reads what is there. The number of bytes; -1 at the end. */
static ssize_t drain(int fd, struct str *out)
{
	char buf[65536];
	ssize_t n, all = 0;

	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		all += n;
		if (out)
			str_add(out, sv_make(buf, (size_t)n));
	}
	return n == 0 || (n < 0 && errno != EAGAIN && all == 0) ? -1 : all;
}

static bool await_text(struct show *s, const char *text)
{
	int64_t until = clock_ms() + START_MS;
	struct str out;
	bool there = false;

	str_init(&out, 64u << 20);
	while (!there && clock_ms() < until) {
		struct pollfd p = {.fd = s->fd, .events = POLLIN};

		poll(&p, 1, 100);
		if (drain(s->fd, &out) < 0)
			break;
		there = sv_find(str_sv(&out), sv_of(text)) >= 0;
	}
	str_fini(&out);
	return there;
}

/* From the key to the first byte on the screen, in ms; what else comes in between belongs to others. */
static double echo(struct show *s, const char *key)
{
	struct pollfd p = {.fd = s->fd, .events = POLLIN};
	int64_t from;

	do {
		drain(s->fd, NULL);
	} while (poll(&p, 1, 4) > 0 && drain(s->fd, NULL) > 0);
	from = clock_us();
	if (write(s->fd, key, 1) != 1)
		return 9999;
	if (poll(&p, 1, DEAF_MS) <= 0)
		return DEAF_MS;
	return (double)(clock_us() - from) / 1000;
}

static int by_ms(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* The 99th of 100; the best of some rounds, for what others do with the machine only makes it worse. */
static double measure(struct show *s)
{
	double best = 1e9;

	for (int round = 0; round < ROUNDS && best > ECHO_MS; round++) {
		for (int i = 0; i < KEYS; i++) {
			s->ms[i] = echo(s, i % 2 ? "k" : "j");
			/* A password is asked for, and shows nothing: answered is the key that leaves it. */
			if (s->ms[i] >= DEAF_MS)
				s->ms[i] = echo(s, "\007");
			if (s->ms[i] >= DEAF_MS)
				return DEAF_MS;
		}
		qsort(s->ms, KEYS, sizeof(s->ms[0]), by_ms);
		best = MIN(best, s->ms[KEYS * 99 / 100]);
	}
	return best;
}

/* q: how long until it is gone, in ms. */
static int64_t leave(struct show *s)
{
	int64_t from = clock_ms();
	int status;

	/* A question about the message may have come meanwhile: it is left open. */
	(void)!write(s->fd, "\007q", 2);
	while (clock_ms() - from < 2 * QUIT_SEND_MS) {
		struct pollfd p = {.fd = s->fd, .events = POLLIN};

		poll(&p, 1, 20);
		drain(s->fd, NULL);
		if (waitpid(s->pid, &status, WNOHANG) == s->pid) {
			s->pid = 0;
			break;
		}
	}
	return clock_ms() - from;
}

/* ---- one show ---- */

static void show_begin(struct show *s)
{
	struct cert_opts cert = {.names = "DNS:localhost"};
	char dir[] = "/tmp/feist-echo-XXXXXX";

	*s = (struct show){.fd = -1};
	if (!mkdtemp(dir))
		abort();
	s->dir = xstrdup(dir);
	s->certs = certs_new();
	s->ctx = certs_server(s->certs, &cert);
	make_mailbox(s);
}

static void show_end(struct show *s)
{
	char *rm = xasprintf("rm -rf '%s'", s->dir);
	struct proc_opts opts = PROC_OPTS_INIT;
	struct err e = {0};
	pid_t pid;

	if (s->pid > 0) {
		kill(s->pid, SIGKILL);
		proc_wait(s->pid);
	}
	if (s->fd >= 0)
		close(s->fd);
	for (size_t i = 0; i < s->n; i++)
		stall_server_end(s->server[i]);
	SSL_CTX_free(s->ctx);
	certs_free(s->certs);
	if (proc_shell(rm, &opts, &pid, &e))
		proc_wait(pid);
	free(rm);
	free(s->dir);
	free(s->rc);
}

static void add_server(struct show *s, enum model_proto proto, const char *state, enum stall kind)
{
	bool starttls = strcmp(state, "starttls") == 0 || strcmp(state, "stls") == 0;

	s->server[s->n++] = stall_server_start(proto, state, 0, kind, s->ctx, !starttls, starttls);
}

static double baseline(void)
{
	struct show s;
	double ms = -1;

	show_begin(&s);
	make_rc(&s, MODEL_IMAP, false);
	start(&s);
	if (await_text(&s, "number 3"))
		ms = measure(&s);
	show_end(&s);
	return ms;
}

/* VERBOSE: what is on the screen now. */
static void print_screen(struct show *s)
{
	struct str out;

	if (!getenv("VERBOSE") || s->pid <= 0)
		return;
	str_init(&out, 1u << 20);
	(void)!write(s->fd, "\014", 1);
	for (int i = 0; i < 5; i++) {
		poll(&(struct pollfd){.fd = s->fd, .events = POLLIN}, 1, 100);
		drain(s->fd, &out);
	}
	printf("%s\n", out.s ? out.s : "");
	str_fini(&out);
}

static bool judge(struct show *s, const char *name, int64_t quit_ms)
{
	size_t stalled = 0;
	double p99, base = 0;
	int64_t gone;
	bool ok;

	start(s);
	if (!await_text(s, "number 3")) {
		printf("not ok - %s: the mailbox is not on the screen\n", name);
		return false;
	}
	for (size_t i = 0; i < s->n; i++)
		stalled += stall_server_wait(s->server[i], i == 0 ? 3000 : 300);
	p99 = measure(s);
	print_screen(s);
	gone = leave(s);
	print_screen(s);
	ok = p99 <= ECHO_MS;
	if (!ok) { /* is it us, or is it the machine? */
		base = baseline();
		ok = base > 0 && p99 <= MAX(3 * base, base + ECHO_MS);
	}
	ok = ok && stalled > 0 && gone <= quit_ms;
	printf("%s - %s: %zu of %zu stalled, key to screen %.1f ms (median %.1f), gone in %lld ms", ok ? "ok" : "not ok", name,
		stalled, s->n, p99, s->ms[KEYS / 2], (long long)gone);
	if (base > 0)
		printf(" (without accounts %.1f ms)", base);
	printf("\n");
	return ok;
}

static bool run_one(enum model_proto proto, const char *state, int kind, const char *name)
{
	bool starttls = strcmp(state, "starttls") == 0 || strcmp(state, "stls") == 0, ok;
	struct show s;

	show_begin(&s);
	for (int k = 0; k < STALL_KINDS; k++)
		if (kind < 0 || k == kind)
			add_server(&s, proto, state, (enum stall)k);
	make_rc(&s, proto, starttls);
	if (proto == MODEL_SMTP)
		queue_message(&s);
	ok = judge(&s, name, proto == MODEL_SMTP ? QUIT_SEND_MS : QUIT_MS);
	show_end(&s);
	return ok;
}

int main(int argc, char **argv)
{
	const char *pattern = NULL;
	uint64_t every = argc == 1 ? 25 : 1; /* make check has time for a few */
	size_t ran = 0, failed = 0, turn = 0;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--every") == 0 && i + 1 < argc && sv_u64(sv_of(argv[i + 1]), &every))
			i++;
		else
			pattern = argv[i];
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int p = MODEL_IMAP; p <= MODEL_SMTP; p++)
		for (int i = 0; i < STATES && states[p][i]; i++)
			for (int k = p == MODEL_SMTP ? 0 : -1; k < (p == MODEL_SMTP ? (int)STALL_KINDS : 0); k++) {
				char name[100];

				snprintf(name, sizeof(name), "%s/%s/%s", model_proto_name((enum model_proto)p), states[p][i],
					k < 0 ? "all" : stall_name((enum stall)k));
				if (pattern ? fnmatch(pattern, name, 0) != 0 : (turn++ + 16) % every != 0)
					continue;
				failed += !run_one((enum model_proto)p, states[p][i], k, name);
				ran++;
			}
	printf("# %zu shows, %zu failed\n", ran, failed);
	return failed > 0 || ran == 0;
}
