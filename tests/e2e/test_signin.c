/*
 * Stories of the way in: tunnels, what is asked before a connection, what is remembered of servers.
 */
#include "story.h"

#include <signal.h>

static void deliver(struct world *w, const char *subject)
{
	char message[400];

	snprintf(message, sizeof(message),
		"From: Bob Builder <bob@feist.test>\nTo: alice@feist.test\nSubject: %s\n"
		"Message-ID: <%s@feist.test>\nDate: Tue, 24 Nov 2026 10:00:00 +0100\n\nText of %s.\n",
		subject, subject, subject);
	world_deliver(w, "alice", "INBOX", message);
}

/* The pipes, because Dovecot's imap takes a socket for inetd when it runs as root. */
static void rc_tunnel(struct world *w)
{
	world_rc(w, "set imap_user=alice\n"
		    "set folder=imap://alice@mail.invalid/\n"
		    "set spoolfile=+INBOX\n"
		    "set preconnect=\"echo before >>{DIR}/before.log\"\n"
		    "set tunnel=\"echo tunnel $$ >>{DIR}/tunnel.log; cat | "
		    "doveadm -c {DIR}/servers/dovecot.conf exec imap -u alice@feist.test | cat\"");
}

static void a_tunnel_is_started_again_and_ended(void **state)
{
	struct story *s = story_new(state, WORLD_IMAP);

	deliver(s->w, "one");
	rc_tunnel(s->w);
	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "Bob Builder .*one");
	world_expect_shell(s->w, s->t, "test $(wc -l <before.log) = 1 && test $(wc -l <tunnel.log) = 1");
	/* What ran is gone: another one, and $preconnect before it. */
	world_expect_shell(s->w, s->t, "kill -- -$(sed -n 's/tunnel //p' tunnel.log)");
	world_expect_shell(s->w, s->t, "test $(wc -l <before.log) -ge 2 && test $(wc -l <tunnel.log) -ge 2");
	deliver(s->w, "two");
	term_expect(s->t, "Bob Builder .*two");
	term_type(s->t, "F");
	world_expect_doveadm(s->w, s->t, "fetch -u alice@feist.test flags mailbox INBOX ALL", "Flagged");
	story_quit(s);
	world_expect_shell(s->w, NULL, "! kill -0 -- -$(tail -n1 tunnel.log | sed 's/tunnel //') 2>/dev/null");
}

static void a_tunnel_that_fails_says_why(void **state)
{
	struct story *s = story_new(state, WORLD_LOCAL);

	world_rc(s->w, "set imap_user=alice folder=imap://alice@mail.invalid/ spoolfile=+INBOX\n"
		       "set tunnel=\"echo no such host >&2; exit 3\"");
	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "tunnel ended with status 3: no such host");
	story_quit(s);
}

static void preconnect_that_fails_makes_no_connection(void **state)
{
	struct story *s = story_new(state, WORLD_IMAP);

	deliver(s->w, "one");
	world_rc_imap(s->w);
	world_rc(s->w, "set preconnect=\"exit 1\"");
	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "preconnect failed");
	assert_false(term_shows(s->t, "Bob Builder"));
	story_quit(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(a_tunnel_is_started_again_and_ended),
		STORY(a_tunnel_that_fails_says_why),
		STORY(preconnect_that_fails_makes_no_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
