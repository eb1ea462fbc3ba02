/*
 * Stories of trouble: programs killed, certificates questioned, passwords refused, ports closed.
 * The screen says what, why and what to do; nothing is lost.
 */
#include "story.h"

#include <signal.h>

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
		STORY(the_ui_is_killed),
		STORY(questions_a_certificate),
		STORY(a_wrong_password),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
