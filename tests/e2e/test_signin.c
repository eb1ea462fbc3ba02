/*
 * Stories of the way in: tunnels, what is asked before a connection, what is remembered of servers.
 */
#include "story.h"

#include <signal.h>

/* A question that comes by itself hears keys when it shows what they can be. */
#define CHOICES "always:|yes/.no."

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

/* $ssl_pin: the first key is kept; another one stops everything until the user has compared. */
static void a_changed_key_is_a_stop(void **state)
{
	struct story *s = story_new(state, WORLD_IMAP);

	deliver(s->w, "one");
	world_rc_imap(s->w);
	world_rc(s->w, "set ssl_pin");
	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "Bob Builder .*one");
	story_quit(s);
	world_say(s->w, "stop imap");
	world_expect_shell(s->w, NULL, "cd servers/tls && cp self.pem good.pem && cp self.key good.key");
	world_say(s->w, "start imap");
	deliver(s->w, "two");
	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "is not the one that was");
	term_expect(s->t, "SHA-256 before:\n.*[0-9a-f]{64}.*\n.*SHA-256 now:\n.*[0-9a-f]{64}");
	term_expect(s->t, "Somebody may be between you");
	term_expect(s->t, CHOICES);
	/* Enter is no yes. */
	term_type(s->t, "\r");
	term_expect_gone(s->t, "SHA-256 now");
	assert_false(term_shows(s->t, "Bob Builder .*two"));
	story_quit(s);
	/* "always" is: and it is asked no more. */
	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "SHA-256 now");
	term_expect(s->t, CHOICES);
	term_type(s->t, "a");
	term_expect(s->t, "Bob Builder .*two");
	story_quit(s);
	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "Bob Builder .*two");
	world_expect_child(s->t, "feist-worker", 0);
	term_expect_gone(s->t, "SHA-256");
	story_quit(s);
}

/* Nothing of a typed password is left: in memory (where gcore is there to look), files, environment. */
static void a_password_leaves_nothing(void **state)
{
	static const char *const wanted = "secret-alice";
	struct story *s = story_new(state, WORLD_IMAP);
	char command[600];

	deliver(s->w, "one");
	/* PLAIN: what is worst for us. */
	world_rc(s->w, "set ssl_ca_certificates_file={DIR}/servers/ca.pem imap_authenticators=plain\n"
		       "set folder=imaps://alice@localhost:{IMAPS}/ spoolfile=+INBOX");
	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "password for alice at localhost");
	term_type(s->t, "hunter2canary\r");
	term_expect(s->t, "the server refused the login");
	term_type(s->t, wanted);
	term_type(s->t, "\r");
	term_expect(s->t, "Bob Builder .*one");
	snprintf(command, sizeof(command),
		"command -v gcore >/dev/null || exit 0; for p in %d $(pgrep -P %d feist-worker); do "
		"gcore -o core $p >/dev/null 2>&1 || exit 0; done; "
		"! grep -qa -e hunter2canary -e secret-alice -e aHVudGVyMmNhbmFyeQ -e c2VjcmV0LWFsaWNl core.*",
		(int)term_pid(s->t), (int)term_pid(s->t));
	world_expect_shell(s->w, s->t, command);
	world_expect_shell(s->w, s->t, "rm -f core.*; ! grep -rqa -e hunter2canary -e 'secret-alice' home");
	story_quit(s);
}

/* One password for the mailbox and for the way out, asked for once. */
static void a_password_is_asked_for_once(void **state)
{
	struct story *s = story_new(state, WORLD_MINI);

	deliver(s->w, "one");
	world_rc_imap(s->w);
	world_rc(s->w, "unset imap_pass smtp_pass\nset edit_headers=no autoedit=no");
	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "password for alice at localhost");
	term_type(s->t, "secret-alice\r");
	term_expect(s->t, "Bob Builder .*one");
	term_type(s->t, "m");
	term_expect(s->t, "To:");
	term_type(s->t, "alice@feist.test\r");
	term_expect(s->t, "Subject:");
	term_type(s->t, "myself\r");
	term_expect(s->t, "y:Send");
	term_type(s->t, "y");
	world_expect_shell(s->w, s->t, "! grep -rq 'password is needed' home");
	term_expect_gone(s->t, "y:Send");
	term_expect_gone(s->t, "password for");
	term_expect(s->t, "sent|Sent|myself");
	story_quit(s);
}

/* A server that took SCRAM and takes only PLAIN now: asked before the password is shown to it. */
static void a_weaker_sign_in_is_a_question(void **state)
{
	struct story *s = story_new(state, WORLD_IMAP);

	deliver(s->w, "one");
	world_rc_imap(s->w);
	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "Bob Builder .*one");
	story_quit(s);
	world_say(s->w, "stop imap");
	world_expect_shell(s->w, NULL,
		"sed -i 's/^auth_mechanisms.*/auth_mechanisms = plain login/' servers/dovecot.conf");
	world_say(s->w, "start imap");
	deliver(s->w, "two");
	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "by SCRAM-SHA-256 before");
	term_expect(s->t, CHOICES);
	term_type(s->t, "n");
	term_expect_gone(s->t, "by SCRAM-SHA-256 before");
	assert_false(term_shows(s->t, "Bob Builder .*two"));
	story_quit(s);
	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "by SCRAM-SHA-256 before");
	term_expect(s->t, CHOICES);
	term_type(s->t, "y");
	term_expect(s->t, "Bob Builder .*two");
	story_quit(s);
}

/* The tunnel leads to a server that takes one token and not the other. */
static void a_token_is_made_anew_once(void **state)
{
	static const char server[] =
		"echo '* OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2 AUTH=PLAIN SASL-IR] hi'\n"
		"read -r tag command mech token\n"
		"case $(printf '%s' \"$token\" | tr -d '\\r' | base64 -d) in *good*) ;; *)\n"
		"\techo '+ eyJzdGF0dXMiOiI0MDEifQ=='; read -r x; echo \"$tag NO expired\"; exit ;; esac\n"
		"echo $mech >in; echo \"$tag OK [CAPABILITY IMAP4rev1] in\"\n"
		"while read -r tag command; do echo \"$tag OK done\"; done\n";
	struct story *s = story_new(state, WORLD_LOCAL);
	FILE *f = fopen(world_path(s->w, "server.sh"), "w");

	assert_non_null(f);
	fputs(server, f);
	fclose(f);
	world_rc(s->w, "set imap_user=alice folder=imap://alice@mail.invalid/ spoolfile=+INBOX\n"
		       "set tunnel=\"cd {DIR} && sh server.sh\"\n"
		       "set imap_oauth_refresh_command=\"cd {DIR} && echo x >>tokens; "
		       "test $(wc -l <tokens) = 1 && echo stale || echo good\"");
	s->t = world_feist(s->w, NULL);
	world_expect_shell(s->w, s->t, "grep -q XOAUTH2 in && test $(wc -l <tokens) = 2");
	assert_false(term_shows(s->t, "token for"));
	story_quit(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(a_tunnel_is_started_again_and_ended),
		STORY(a_tunnel_that_fails_says_why),
		STORY(preconnect_that_fails_makes_no_connection),
		STORY(a_changed_key_is_a_stop),
		STORY(a_password_leaves_nothing),
		STORY(a_password_is_asked_for_once),
		STORY(a_token_is_made_anew_once),
		STORY(a_weaker_sign_in_is_a_question),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
