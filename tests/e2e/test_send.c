/*
 * Stories of writing and sending: Postfix delivers to Dovecot; a server that misbehaves is
 * tests/e2e/mini-smtpd.
 */
#include "story.h"

static void deliver_question(struct world *w)
{
	world_deliver(w, "alice", "INBOX",
		      "From: Bob Builder <bob@feist.test>\nTo: alice@feist.test\nCc: carol@feist.test\nSubject: question\n"
		      "Message-ID: <question@feist.test>\nDate: Tue, 24 Nov 2026 10:00:00 +0100\n\nCan we fix it?\n");
}

static struct story *with_a_question(void **state, enum world_servers servers)
{
	struct story *s = story_new(state, servers);

	deliver_question(s->w);
	world_rc_imap(s->w);
	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "Bob Builder .*question");
	return s;
}

static void answer(struct story *s, const char *key)
{
	term_type(s->t, key);
	term_expect(s->t, "Subject: Re: question");
	term_type(s->t, "y");
}

static void answers_and_it_arrives(void **state)
{
	struct story *s = with_a_question(state, WORLD_POSTFIX);

	answer(s, "g");
	world_expect_doveadm(s->w, s->t, "fetch -u bob@feist.test text mailbox INBOX subject question", "^In-Reply-To: <question@feist.test>");
	world_expect_doveadm(s->w, s->t, "fetch -u bob@feist.test text mailbox INBOX subject question", "^> Can we fix it");
	world_expect_doveadm(s->w, s->t, "fetch -u carol@feist.test hdr.subject mailbox INBOX ALL", "subject: Re: question");
	/* A copy in Sent, and the answered flag on the server and on the screen. */
	world_expect_doveadm(s->w, s->t, "fetch -u alice@feist.test hdr.subject mailbox Sent ALL", "subject: Re: question");
	world_expect_doveadm(s->w, s->t, "fetch -u alice@feist.test flags mailbox INBOX subject question", "Answered");
	term_expect(s->t, "r .*Bob Builder .*question");
	story_quit(s);
	story_no_stalls(s);
}

static void writes_new_mail_with_an_attachment(void **state)
{
	struct story *s = with_a_question(state, WORLD_POSTFIX);

	term_type(s->t, "m");
	term_expect(s->t, "To:");
	term_type(s->t, "bob@feist.test\r");
	term_expect(s->t, "Subject:");
	term_type(s->t, "Gr\u00fc\u00dfe\r");
	term_expect(s->t, "Subject: Gr\u00fc\u00dfe");
	term_type(s->t, "a");
	term_type(s->t, world_path(s->w, "home/Mail/lists"));
	term_type(s->t, "\r");
	term_expect(s->t, "lists");
	term_type(s->t, "y");
	world_expect_doveadm(s->w, s->t, "fetch -u bob@feist.test text mailbox INBOX ALL", "^Subject: =[?][A-Za-z0-9-]+[?].*[?]=");
	world_expect_doveadm(s->w, s->t, "fetch -u bob@feist.test text mailbox INBOX ALL", "filename=\"?lists");
	story_quit(s);
}

static void sends_offline_and_later(void **state)
{
	struct story *s = with_a_question(state, WORLD_MINI);

	term_type(s->t, "\r");
	term_expect(s->t, "Can we fix it");
	term_type(s->t, "i");
	world_say(s->w, "stop smtp");
	world_say(s->w, "stop imap");
	answer(s, "r");
	term_expect(s->t, "question");
	story_quit(s);
	world_say(s->w, "start imap");
	world_say(s->w, "start smtp");
	s->t = world_feist(s->w, NULL);
	world_expect_doveadm(s->w, s->t, "fetch -u bob@feist.test hdr.subject mailbox INBOX ALL", "subject: Re: question");
	world_expect_doveadm(s->w, s->t, "fetch -u alice@feist.test hdr.subject mailbox Sent ALL", "subject: Re: question");
	story_quit(s);
}

static void fault(struct story *s, const char *word)
{
	char command[128];

	snprintf(command, sizeof(command), "echo %s >servers/fault", word);
	world_expect_shell(s->w, s->t, command);
}

static void a_lost_answer_is_never_sent_twice(void **state)
{
	struct story *s = with_a_question(state, WORLD_MINI);

	fault(s, "cut-after-dot");
	answer(s, "r");
	/* It did arrive; feist cannot know, asks, and does not send again by itself. */
	term_expect(s->t, "may or may not have been sent");
	term_type(s->t, "\x07");
	world_expect_doveadm(s->w, s->t, "mailbox status -u bob@feist.test messages INBOX", "messages=1");
	world_expect_shell(s->w, s->t, "\"$FEIST_LIBEXEC/feist\" --outbox | grep -qi unknown");
	fault(s, "none");
	story_quit(s);
	world_expect_shell(s->w, NULL, "\"$FEIST_LIBEXEC/feist\" --sync; \"$FEIST_LIBEXEC/feist\" --outbox | grep -qi unknown");
	s->t = world_feist(s->w, NULL);
	/* Keys that were meant for something else are not taken for an answer: it hears when nobody types. */
	term_expect(s->t, "may or may not have been sent");
	term_type(s->t, "y");
	term_expect(s->t, "yes/no:");
	term_type(s->t, "y");
	/* The user says that it arrived: it counts as sent, and nothing more goes out. */
	world_expect_doveadm(s->w, s->t, "fetch -u alice@feist.test hdr.subject mailbox Sent ALL", "subject: Re: question");
	world_expect_doveadm(s->w, s->t, "mailbox status -u bob@feist.test messages INBOX", "messages=1");
	story_quit(s);
}

static void a_refused_recipient_is_told_and_kept(void **state)
{
	struct story *s = with_a_question(state, WORLD_POSTFIX);

	term_type(s->t, "m");
	term_expect(s->t, "To:");
	term_type(s->t, "nobody.here@feist.test\r");
	term_expect(s->t, "Subject:");
	term_type(s->t, "into the void\r");
	term_expect(s->t, "Subject: into the void");
	term_type(s->t, "y");
	term_expect(s->t, "(nobody\\.here|550|5\\.1\\.1|refused|failed)");
	world_expect_shell(s->w, s->t, "\"$FEIST_LIBEXEC/feist\" --outbox | grep -qi failed");
	story_quit(s);
}

static void sends_from_a_script(void **state)
{
	struct story *s = story_new(state, WORLD_POSTFIX);

	world_rc_imap(s->w);
	assert_int_equal(world_run(s->w, "Body from stdin.\n", NULL, 0, "feist", "-s", "from a script", "-a",
				   world_path(s->w, "home/Mail/lists"), "--", "bob@feist.test", NULL), 0);
	world_expect_doveadm(s->w, NULL, "fetch -u bob@feist.test text mailbox INBOX ALL", "^Body from stdin\\.");
	assert_int_equal(world_run(s->w, "x\n", NULL, 0, "feist", "-s", "y", "--", "nobody.here@feist.test", NULL), 65);
	world_rc(s->w, "set smtp_pass=wrong");
	assert_int_equal(world_run(s->w, "x\n", NULL, 0, "feist", "-s", "y", "--", "bob@feist.test", NULL), 77);
	world_rc(s->w, "set smtp_url=smtps://alice@localhost:9/");
	assert_int_equal(world_run(s->w, "x\n", NULL, 0, "feist", "-s", "y", "--", "bob@feist.test", NULL), 75);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(sends_from_a_script),
		STORY(answers_and_it_arrives),
		STORY(writes_new_mail_with_an_attachment),
		STORY(a_refused_recipient_is_told_and_kept),
		STORY(sends_offline_and_later),
		STORY(a_lost_answer_is_never_sent_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
