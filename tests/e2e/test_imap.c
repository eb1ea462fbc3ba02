/*
 * Stories with IMAP against a real Dovecot: reading, changing, new mail, going offline and coming back.
 */
#include "story.h"

static void deliver(struct world *w, const char *user, const char *subject)
{
	static int minute; /* each is younger than the one before, so that the order is certain */
	char message[512];

	snprintf(message, sizeof(message),
		 "From: Bob Builder <bob@feist.test>\nTo: alice@feist.test\nSubject: %s\nMessage-ID: <%s@feist.test>\n"
		 "Date: Tue, 24 Nov 2026 10:%02d:00 +0100\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n"
		 "This is the text of %s.\n", subject, subject, minute++ % 60, subject);
	world_deliver(w, user, "INBOX", message);
}

static struct story *with_three_messages(void **state)
{
	struct story *s = story_new(state, WORLD_IMAP);

	deliver(s->w, "alice", "one");
	deliver(s->w, "alice", "two");
	deliver(s->w, "alice", "three");
	world_rc_imap(s->w);
	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "Bob Builder .*one");
	term_expect(s->t, "Bob Builder .*three");
	return s;
}

static void reads_and_marks_as_read(void **state)
{
	struct story *s = with_three_messages(state);

	term_type(s->t, "2\r\r");
	term_expect(s->t, "This is the text of two\\.");
	world_expect_doveadm(s->w, s->t, "fetch -u alice@feist.test flags mailbox INBOX subject two", "Seen");
	term_type(s->t, "i");
	story_quit(s);
	story_no_stalls(s);
}

static void flags_deletes_and_moves(void **state)
{
	struct story *s = with_three_messages(state);

	term_type(s->t, "1\rF");
	world_expect_doveadm(s->w, s->t, "fetch -u alice@feist.test flags mailbox INBOX subject one", "Flagged");
	term_type(s->t, "2\rd$");
	term_expect_gone(s->t, "Bob Builder .*two");
	world_expect_doveadm(s->w, s->t, "fetch -u alice@feist.test hdr.subject mailbox Trash ALL", "subject: two");
	term_type(s->t, "*s\x15=Archive\r$");
	term_expect_gone(s->t, "Bob Builder .*three");
	world_expect_doveadm(s->w, s->t, "fetch -u alice@feist.test hdr.subject mailbox Archive ALL", "subject: three");
	world_expect_doveadm(s->w, s->t, "mailbox status -u alice@feist.test messages INBOX", "messages=1");
	story_quit(s);
}

static void new_mail_arrives_while_one_looks(void **state)
{
	struct story *s = with_three_messages(state);

	deliver(s->w, "alice", "four");
	term_expect(s->t, "Bob Builder .*four");
	world_expect_doveadm(s->w, s->t, "expunge -u alice@feist.test mailbox INBOX subject one; echo done", "done");
	term_expect_gone(s->t, "Bob Builder .*one");
	story_quit(s);
}

static void an_offline_day(void **state)
{
	struct story *s = with_three_messages(state);

	term_type(s->t, "2\r\r");
	term_expect(s->t, "This is the text of two\\.");
	term_type(s->t, "i");
	world_say(s->w, "stop imap");
	/* What was read can be read again; flagging, deleting and filing work and are shown at once. */
	term_type(s->t, "2\r\r");
	term_expect(s->t, "This is the text of two\\.");
	term_type(s->t, "i" "1\rF");
	term_expect(s->t, "! .*Bob Builder .*one");
	term_type(s->t, "2\rs\x15=Archive\r$");
	term_expect_gone(s->t, "Bob Builder .*two");
	story_quit(s);
	/* Still there after coming back without a network. */
	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "! .*Bob Builder .*one");
	assert_false(term_shows(s->t, "Bob Builder .*two"));
	world_say(s->w, "start imap");
	world_expect_doveadm(s->w, s->t, "fetch -u alice@feist.test flags mailbox INBOX subject one", "Flagged");
	world_expect_doveadm(s->w, s->t, "fetch -u alice@feist.test hdr.subject mailbox Archive ALL", "subject: two");
	world_expect_doveadm(s->w, s->t, "mailbox status -u alice@feist.test messages INBOX", "messages=2");
	story_quit(s);
	story_no_stalls(s);
}

static void the_mailbox_list_and_another_mailbox(void **state)
{
	struct story *s = with_three_messages(state);

	world_deliver(s->w, "alice", "Archive", "From: carol@feist.test\nSubject: from long ago\nDate: Mon, 1 Jun 2026 10:00:00 +0200\n\nOld.\n");
	term_type(s->t, "c\x15=Archive\r");
	term_expect(s->t, "carol.*from long ago");
	term_type(s->t, "c\x15!\r");
	term_expect(s->t, "Bob Builder .*three");
	term_type(s->t, "y");
	term_expect(s->t, "Archive");
	term_expect(s->t, "Trash");
	term_type(s->t, "q");
	term_expect(s->t, "Bob Builder .*three");
	story_quit(s);
}

static void without_a_terminal(void **state)
{
	struct story *s = story_new(state, WORLD_IMAP);
	static char out[65536];
	char url[128];

	deliver(s->w, "alice", "one");
	deliver(s->w, "alice", "two");
	world_rc_imap(s->w);
	snprintf(url, sizeof(url), "imaps://alice@localhost:%d/INBOX", world_port(s->w, "IMAPS"));
	assert_int_equal(world_run(s->w, NULL, out, sizeof(out), "feist", "--list", "-f", url, NULL), 0);
	assert_non_null(strstr(out, "one"));
	assert_non_null(strstr(out, "two"));
	snprintf(url, sizeof(url), "imap://alice@localhost:%d/INBOX", world_port(s->w, "IMAP"));
	assert_int_equal(world_run(s->w, NULL, out, sizeof(out), "feist", "--list=json", "-f", url, NULL), 0); /* STARTTLS */
	assert_non_null(strstr(out, "\"subject\":\"two\""));
	snprintf(url, sizeof(url), "imaps://alice@localhost:%d", world_port(s->w, "IMAPS"));
	assert_int_equal(world_run(s->w, NULL, out, sizeof(out), "feist", "--mailboxes", "-f", url, NULL), 0);
	assert_non_null(strstr(out, "Archive"));
	assert_int_equal(world_run(s->w, NULL, out, sizeof(out), "feist", "--sync", NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(without_a_terminal),
		STORY(reads_and_marks_as_read),
		STORY(flags_deletes_and_moves),
		STORY(new_mail_arrives_while_one_looks),
		STORY(an_offline_day),
		STORY(the_mailbox_list_and_another_mailbox),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
