/*
 * Stories of trouble: programs killed, certificates questioned, passwords refused, ports closed.
 * The screen says what, why and what to do; nothing is lost.
 */
#include "story.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define DOVEADM "PATH=$PATH:/usr/sbin doveadm -c servers/dovecot.conf "

static void deliver(struct world *w, const char *user, const char *subject)
{
	static int minute; /* each is younger than the one before, so that the order is certain */
	char message[512];

	snprintf(message, sizeof(message),
		 "From: Bob Builder <bob@feist.test>\nTo: %s@feist.test\nSubject: %s\nMessage-ID: <%s@feist.test>\n"
		 "Date: Tue, 24 Nov 2026 10:%02d:00 +0100\n\nThis is the text of %s.\n", user, subject, subject, minute++ % 60, subject);
	world_deliver(w, user, "INBOX", message);
}

static void a_worker_is_killed(void **state)
{
	struct story *s = story_new(state, WORLD_IMAP);
	pid_t pid;

	deliver(s->w, "alice", "one");
	world_rc_imap(s->w);
	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "Bob Builder .*one");
	pid = world_expect_child(s->t, "feist-worker", 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	/* The ui stays, starts a new one, and what is done meanwhile is carried out. */
	term_type(s->t, "F");
	term_expect(s->t, "! .*Bob Builder .*one");
	world_expect_child(s->t, "feist-worker", 0);
	world_expect_doveadm(s->w, s->t, "fetch -u alice@feist.test flags mailbox INBOX ALL", "Flagged");
	deliver(s->w, "alice", "two");
	term_expect(s->t, "Bob Builder .*two");
	story_quit(s);
}

/* ---- the machine sleeps ---- */

/* ui and worker are stopped, and meanwhile the server throws them out: at once as if nothing had been. */
static void stopped_and_thrown_out(void **state)
{
	struct story *s = story_new(state, WORLD_IMAP);
	pid_t worker;

	deliver(s->w, "alice", "one");
	world_rc_imap(s->w);
	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "Bob Builder .*one");
	worker = world_expect_child(s->t, "feist-worker", 0);
	assert_int_equal(kill(worker, SIGSTOP), 0);
	assert_int_equal(kill(term_pid(s->t), SIGSTOP), 0);
	world_expect_shell(s->w, NULL, DOVEADM "kick 'alice*'");
	world_expect_shell(s->w, NULL, "! " DOVEADM "who -1 | grep -q imap");
	deliver(s->w, "alice", "two");
	assert_int_equal(kill(term_pid(s->t), SIGCONT), 0);
	assert_int_equal(kill(worker, SIGCONT), 0);
	term_type(s->t, "F");
	term_expect(s->t, "Bob Builder .*two");
	world_expect_doveadm(s->w, s->t, "fetch -u alice@feist.test flags mailbox INBOX subject one", "Flagged");
	story_quit(s);
}

/* ---- a line between feist and the server, which can go dead without a word ---- */

static void pass_on(int a, int b)
{
	struct pollfd p[2] = {{.fd = a, .events = POLLIN}, {.fd = b, .events = POLLIN}};
	char buf[16384];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		poll(p, 2, -1);
		for (int i = 0; i < 2; i++) {
			ssize_t n = p[i].revents ? read(p[i].fd, buf, sizeof(buf)) : -1;

			if (p[i].revents && (n <= 0 || write(p[!i].fd, buf, (size_t)n) != n))
				_exit(0);
		}
	}
}

/* A process of its own, leader of a group, with one more for each connection. */
static pid_t line_to(int server, int *port)
{
	struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}, there = here;
	socklen_t len = sizeof(here);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t pid;

	assert_true(bind(listener, (struct sockaddr *)&here, len) == 0 && listen(listener, 5) == 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&here, &len), 0);
	*port = ntohs(here.sin_port);
	there.sin_port = htons((uint16_t)server);
	pid = fork();
	if (pid > 0) {
		setpgid(pid, pid);
		close(listener);
		return pid;
	}
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int client = accept(listener, NULL, NULL), fd = socket(AF_INET, SOCK_STREAM, 0);

		if (connect(fd, (struct sockaddr *)&there, sizeof(there)) == 0 && fork() == 0)
			pass_on(client, fd);
		close(client);
		close(fd);
	}
}

/* All connections that there are fall silent; new ones are passed on. */
static void line_dies(pid_t line)
{
	assert_int_equal(kill(-line, SIGSTOP), 0);
	assert_int_equal(kill(line, SIGCONT), 0);
}

/*
 * An hour passes in no time (a library says so to the worker, as a waking kernel does), and the line is dead without a
 * word. Neither a key nor the clock that looks for mail is needed.
 */
static void awake_on_a_dead_line(void **state)
{
	struct story *s = story_new(state, WORLD_IMAP);
	const char *build = getenv("FEIST_BUILDDIR");
	char text[4200];
	int port;
	pid_t line = line_to(world_port(s->w, "IMAPS"), &port);

	snprintf(text, sizeof(text), "LD_PRELOAD=%s/tests/evil/dns_shim.so", build ? build : ".");
	world_env(s->w, text);
	snprintf(text, sizeof(text), "FEIST_EVIL_JUMP=%s/jump", world_dir(s->w));
	world_env(s->w, text);
#ifdef SANITIZERS
	world_env(s->w, "ASAN_OPTIONS=verify_asan_link_order=0");
#endif
	deliver(s->w, "alice", "one");
	world_rc_imap(s->w);
	snprintf(text, sizeof(text), "set folder=imaps://alice@localhost:%d/ spoolfile=imaps://alice@localhost:%d/INBOX\n",
		port, port);
	world_rc(s->w, text);
	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "Bob Builder .*one");
	line_dies(line);
	deliver(s->w, "alice", "two");
	world_expect_shell(s->w, s->t, "touch jump && for f in jump.*.told; do printf 12345678 >$f; done");
	term_expect(s->t, "Bob Builder .*two");
	story_quit(s);
	kill(-line, SIGKILL);
	waitpid(line, NULL, 0);
}

static void a_renderer_is_killed(void **state)
{
	struct story *s = story_new(state, WORLD_LOCAL);
	pid_t pid;

	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "See you on Saturday");
	term_type(s->t, "*\r");
	term_expect(s->t, "07:12, main station");
	term_type(s->t, "i");
	pid = world_expect_child(s->t, "feist-render", 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	term_type(s->t, "1\r\r");
	term_expect(s->t, "This is the sample mailbox");
	term_type(s->t, "i");
	story_quit(s);
}

static void the_ui_is_killed(void **state)
{
	struct story *s = story_new(state, WORLD_IMAP);

	deliver(s->w, "alice", "one");
	deliver(s->w, "alice", "two");
	world_rc_imap(s->w);
	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "Bob Builder .*two");
	world_say(s->w, "stop imap");
	term_type(s->t, "1\rF2\rd");
	term_expect(s->t, "! .*one");
	term_expect(s->t, "D.*two");
	assert_int_equal(kill(term_pid(s->t), SIGKILL), 0);
	assert_int_equal(term_wait_exit(s->t), 128 + SIGKILL);
	term_free(s->t);
	world_say(s->w, "start imap");
	/* The flag goes to the server; the deletion mark is still a mark. */
	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "! .*one");
	term_expect(s->t, "D.*two");
	world_expect_doveadm(s->w, s->t, "fetch -u alice@feist.test flags mailbox INBOX subject one", "Flagged");
	world_expect_doveadm(s->w, s->t, "mailbox status -u alice@feist.test messages INBOX", "messages=2");
	term_type(s->t, "$");
	world_expect_doveadm(s->w, s->t, "mailbox status -u alice@feist.test messages INBOX", "messages=1");
	story_quit(s);
}

static void killed_while_writing(void **state)
{
	struct story *s = story_new(state, WORLD_LOCAL);

	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "See you on Saturday");
	term_type(s->t, "*r");
	term_expect(s->t, "Subject: Re: See you on Saturday");
	assert_int_equal(kill(term_pid(s->t), SIGKILL), 0);
	assert_int_equal(term_wait_exit(s->t), 128 + SIGKILL);
	/* The text that was written is not lost. */
	world_expect_shell(s->w, NULL, "grep -rlqa 'A line from the editor' home/Mail/Drafts home/.local/state/feist tmp");
}

static void questions_a_certificate(void **state)
{
	static const struct {
		const char *host, *why;
	} cases[] = {
		{"127.0.0.2", "(self|issuer|trust|unknown)"},
		{"127.0.0.3", "(expired|Expired)"},
		{"127.0.0.4", "(name|host|other\\.feist\\.test)"},
	};
	struct story *s = story_new(state, WORLD_IMAP);
	char url[64];

	deliver(s->w, "alice", "one");
	world_rc_imap(s->w);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(url, sizeof(url), "imaps://alice@%s:%d/INBOX", cases[i].host, world_port(s->w, "IMAPS"));
		s->t = world_feist(s->w, "-f", url, NULL);
		term_expect(s->t, cases[i].why);
		term_expect(s->t, "\\(o\\)nce|[Oo]nce");
		term_type(s->t, i == 0 ? "o" : "r");
		if (i == 0)
			term_expect(s->t, "Bob Builder .*one");
		else
			term_expect(s->t, "([Cc]ertificate|TLS|rejected)");
		term_type(s->t, "q");
		term_wait_exit(s->t);
		term_free(s->t);
		s->t = NULL;
	}
}

static void a_wrong_password(void **state)
{
	struct story *s = story_new(state, WORLD_IMAP);
	static char out[4096];
	char url[64];

	deliver(s->w, "alice", "one");
	world_rc_imap(s->w);
	world_rc(s->w, "set imap_pass=wrong");
	snprintf(url, sizeof(url), "imaps://alice@localhost:%d/INBOX", world_port(s->w, "IMAPS"));
	assert_int_equal(world_run(s->w, NULL, out, sizeof(out), "feist", "--list", "-f", url, NULL), 77);
	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "password for alice at localhost: *$");
	term_type(s->t, "secret-alice\r");
	term_expect(s->t, "Bob Builder .*one");
	story_quit(s);
}

static void a_closed_port_and_an_unknown_host(void **state)
{
	struct story *s = story_new(state, WORLD_LOCAL);
	static char out[4096];

	assert_int_equal(world_run(s->w, NULL, out, sizeof(out), "feist", "--list", "-f", "imaps://alice@localhost:9/INBOX", NULL), 69);
	assert_int_equal(world_run(s->w, NULL, out, sizeof(out), "feist", "--list", "-f", "imaps://alice@no.such.host.invalid/INBOX", NULL), 69);
	world_rc(s->w, "set imap_pass=x");
	s->t = world_feist(s->w, "-f", "imaps://alice@localhost:9/INBOX", NULL);
	term_expect(s->t, "([Rr]efused|cannot connect)");
	/* The rest of feist goes on working. */
	term_type(s->t, "c\x15=lists\r");
	term_expect(s->t, "Wood or gas");
	term_type(s->t, "c\x15=inbox\r");
	term_expect(s->t, "See you on Saturday");
	story_quit(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(a_renderer_is_killed),
		STORY(killed_while_writing),
		STORY(a_closed_port_and_an_unknown_host),
		STORY(a_worker_is_killed),
		STORY(stopped_and_thrown_out),
		STORY(awake_on_a_dead_line),
		STORY(the_ui_is_killed),
		STORY(questions_a_certificate),
		STORY(a_wrong_password),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
