/*
 * Stories of the outbox against Postfix: mail that some get and others do not, mail for later, identities
 * with ways out of their own, a big one.
 */
#include "story.h"

static struct story *start(void **state, const char *more_rc)
{
	struct story *s = story_new(state, WORLD_POSTFIX);

	world_rc_imap(s->w);
	world_rc(s->w, more_rc);
	world_deliver(s->w, "alice", "INBOX", "From: Bob <bob@feist.test>\nTo: alice@feist.test\nSubject: hello\n\nhi\n");
	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "Bob .*hello");
	return s;
}

static void compose(struct story *s, const char *to, const char *subject)
{
	char shown[100];

	term_type(s->t, "m");
	term_expect(s->t, "To:");
	term_type(s->t, to);
	term_type(s->t, "\r");
	term_expect(s->t, "Subject:");
	term_type(s->t, subject);
	term_type(s->t, "\r");
	/* The prompt had the subject, too: the screen is there when the attachments are. */
	term_expect(s->t, "-- Attachments");
	snprintf(shown, sizeof(shown), "Subject: %s", subject);
	term_expect(s->t, shown);
}

static void set_from(struct story *s, const char *from)
{
	char shown[100];

	term_type(s->t, "\x1b" "f");
	term_expect(s->t, "From: .*$");
	term_type(s->t, "\x15");
	term_type(s->t, from);
	term_type(s->t, "\r");
	snprintf(shown, sizeof(shown), "From: .*%s", from);
	term_expect(s->t, shown);
}

/* So many messages with that subject are in the user's INBOX. */
static void expect_count(struct story *s, const char *user, const char *subject, int n)
{
	char command[300];

	snprintf(command, sizeof(command),
		"test $(doveadm -c servers/dovecot.conf search -u %s@feist.test mailbox INBOX subject '%s' | wc -l) = %d", user,
		subject, n);
	world_expect_shell(s->w, s->t, command);
}

static void outbox(struct story *s)
{
	term_type(s->t, ",o");
	term_expect(s->t, "Outbox: ");
}

static void some_get_it_and_the_rest_is_corrected(void **state)
{
	struct story *s = start(state, "");

	compose(s, "bob@feist.test, nobody@feist.test", "partly");
	term_type(s->t, "y");
	term_expect(s->t, "Sent to 1 of 2\\. Refused for nobody@feist.test: there is no such mailbox");
	expect_count(s, "bob", "partly", 1);
	outbox(s);
	term_expect(s->t, "failed .*nobody@feist.test .*partly");
	term_expect(s->t, "Said: +550 5\\.1\\.1");
	term_expect(s->t, "sent .*bob@feist.test \\+1 .*partly");
	/* Corrected and sent, it goes to the new one alone. */
	term_type(s->t, "e");
	term_expect(s->t, "Not to: bob@feist.test");
	term_type(s->t, "t");
	term_expect(s->t, "To: bob@");
	term_type(s->t, "\x15" "bob@feist.test, carol@feist.test\r");
	term_expect(s->t, "To: bob@feist.test, carol@feist.test");
	term_type(s->t, "y");
	expect_count(s, "carol", "partly", 1);
	expect_count(s, "bob", "partly", 1);
	/* One copy of it all. */
	world_expect_shell(s->w, s->t,
		"test $(doveadm -c servers/dovecot.conf search -u alice@feist.test mailbox Sent subject partly | wc -l) = 1");
	world_expect_shell(s->w, s->t, "test -z \"$(\"$FEIST_LIBEXEC/feist\" --outbox)\"");
	story_quit(s);
	story_no_stalls(s);
}

static void taken_back_held_and_put_off(void **state)
{
	struct story *s = start(state, "set send_delay=60");

	compose(s, "bob@feist.test", "not yet");
	term_type(s->t, "y");
	term_expect(s->t, "Sending in 60 s");
	outbox(s);
	term_expect(s->t, "held +in [0-9]+ s");
	term_type(s->t, "u");
	term_expect(s->t, "The message is back");
	term_type(s->t, "y");
	term_expect(s->t, "Sending in 60 s");
	outbox(s);
	term_type(s->t, "h");
	term_expect(s->t, "State: +waits until you send it");
	term_type(s->t, "s");
	term_expect(s->t, "Send when");
	term_type(s->t, "tomorrow 8:00\r");
	term_expect(s->t, "scheduled +tomorrow 08:00");
	term_type(s->t, "q");
	story_quit(s);
	/* It survives the end of feist, and is not sent before its time. */
	assert_int_equal(world_run(s->w, "", NULL, 0, "feist", "--flush-outbox", NULL), 0);
	world_expect_shell(s->w, NULL, "\"$FEIST_LIBEXEC/feist\" --outbox=json | grep -q '\"state\":\"scheduled\"'");
	expect_count(s, "bob", "not yet", 0);
	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "Bob .*hello");
	outbox(s);
	term_type(s->t, "r");
	expect_count(s, "bob", "not yet", 1);
	/* Its date is that of now, not the one it was put off to. */
	world_expect_shell(s->w, s->t,
		"doveadm -c servers/dovecot.conf fetch -u bob@feist.test date.sent mailbox INBOX subject 'not yet' | grep -q \"$(date +%Y-%m-%d)\"");
	term_expect(s->t, "(sent|filed) ");
	term_type(s->t, "q");
	story_quit(s);
	story_no_stalls(s);
}

static void later_by_itself_and_by_cron(void **state)
{
	struct story *s = start(state, "");

	compose(s, "bob@feist.test", "soon");
	term_type(s->t, "Y");
	term_expect(s->t, "Send when");
	term_type(s->t, "nonsense\r");
	term_expect(s->t, "not a time: nonsense");
	term_type(s->t, "Y");
	term_expect(s->t, "Send when");
	term_type(s->t, "+2s\r");
	term_expect(s->t, "It goes today");
	expect_count(s, "bob", "soon", 1);
	compose(s, "bob@feist.test", "by cron");
	term_type(s->t, "Y");
	term_expect(s->t, "Send when");
	term_type(s->t, "+3s\r");
	term_expect(s->t, "It goes today");
	story_quit(s);
	world_expect_shell(s->w, NULL,
		"\"$FEIST_LIBEXEC/feist\" --flush-outbox && test $(doveadm -c servers/dovecot.conf search -u bob@feist.test mailbox INBOX subject 'by cron' | wc -l) = 1");
	assert_int_equal(world_run(s->w, "x\n", NULL, 0, "feist", "-s", "from a script", "--send-at", "tomorrow 8:00", "--",
				   "bob@feist.test", NULL), 0);
	assert_int_equal(world_run(s->w, "x\n", NULL, 0, "feist", "-s", "x", "--send-at", "yesteryear", "--", "bob@feist.test",
				   NULL), 65);
	world_expect_shell(s->w, NULL, "\"$FEIST_LIBEXEC/feist\" --outbox | grep -q 'scheduled .*from a script; goes at'");
}

/* Each address has its own way out; one whose server does not answer holds up nobody. */
static void identities_have_their_own_servers(void **state)
{
	struct story *s = start(state,
		"identity-hook ^local@ 'set smtp_url=lmtp://{DIR}/servers/run/lmtp-feist record=+Archive'\n"
		"identity-hook ^silent@ 'set smtp_url=smtp://localhost:{IMAPS}/ nossl_force_tls ssl_starttls=no'\n");

	compose(s, "bob@feist.test", "from silent");
	set_from(s, "silent@feist.test");
	term_type(s->t, "y");
	compose(s, "bob@feist.test", "from local");
	set_from(s, "local@feist.test");
	term_expect(s->t, "Fcc: .*Archive");
	term_type(s->t, "y");
	compose(s, "bob@feist.test", "from alice");
	term_type(s->t, "y");
	expect_count(s, "bob", "from local", 1);
	expect_count(s, "bob", "from alice", 1);
	expect_count(s, "bob", "from silent", 0);
	world_expect_doveadm(s->w, s->t, "fetch -u alice@feist.test hdr.subject mailbox Archive ALL", "subject: from local");
	outbox(s);
	term_expect(s->t, "sending .*from silent");
	term_type(s->t, "q");
	story_quit(s);
	/* Nothing was handed over: it waits. */
	world_expect_shell(s->w, NULL, "\"$FEIST_LIBEXEC/feist\" --outbox=json | grep -q '\"state\":\"\\(queued\\|sending\\)\"'");
	story_no_stalls(s);
}

static void lmtp_has_an_answer_for_each(void **state)
{
	struct story *s = story_new(state, WORLD_POSTFIX);

	world_rc_imap(s->w);
	world_rc(s->w, "set smtp_url=lmtp://{DIR}/servers/run/lmtp-feist");
	assert_int_equal(world_run(s->w, "by LMTP\n", NULL, 0, "feist", "-s", "lmtp", "--", "bob@feist.test", "carol@feist.test",
				   NULL), 0);
	world_expect_doveadm(s->w, NULL, "fetch -u carol@feist.test text mailbox INBOX ALL", "^by LMTP");
}

/* 5 MB go out while keys are answered at once. */
static void a_big_one_holds_up_nothing(void **state)
{
	struct story *s = start(state, "");

	world_expect_shell(s->w, s->t, "head -c 3700000 /dev/urandom >home/big.bin");
	compose(s, "bob@feist.test", "big one");
	term_type(s->t, "a");
	term_type(s->t, world_path(s->w, "home/big.bin"));
	term_type(s->t, "\r");
	term_expect(s->t, "big\\.bin");
	term_type(s->t, "y");
	term_type(s->t, "?");
	term_expect(s->t, "Help");
	term_type(s->t, "q");
	expect_count(s, "bob", "big one", 1);
	story_quit(s);
	story_no_stalls(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(some_get_it_and_the_rest_is_corrected),
		STORY(taken_back_held_and_put_off),
		STORY(later_by_itself_and_by_cron),
		STORY(identities_have_their_own_servers),
		STORY(lmtp_has_an_answer_for_each),
		STORY(a_big_one_holds_up_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
