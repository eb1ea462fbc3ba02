/*
 * Stories of the mail engine as a whole: undo across a restart, the queue, many accounts of which some are
 * wrong, unified mailboxes, several feists on one profile.
 */
#include "story.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define FEISTS 8

static void deliver(struct world *w, const char *user, const char *subject)
{
	static int minute; /* each is younger than the one before, so that the order is certain */
	char message[512];

	snprintf(message, sizeof(message),
		"From: Bob Builder <bob@feist.test>\nTo: %s@feist.test\nSubject: %s\nMessage-ID: <%s@feist.test>\n"
		"Date: Tue, 24 Nov 2026 10:%02d:00 +0100\n\nThis is the text of %s.\n",
		user, subject, subject, minute++ % 60, subject);
	world_deliver(w, user, "INBOX", message);
}

/* ---- undo, the list of actions, the queue ---- */

static void undone_after_a_restart(void **state)
{
	struct story *s = story_new(state, WORLD_IMAP);

	deliver(s->w, "alice", "one");
	deliver(s->w, "alice", "two");
	world_rc_imap(s->w);
	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "Bob Builder .*two");
	term_type(s->t, "1\rF");
	world_expect_doveadm(s->w, s->t, "fetch -u alice@feist.test flags mailbox INBOX subject one", "Flagged");
	term_type(s->t, "2\rd$");
	term_expect(s->t, "1 message moved to =Trash\\.");
	world_expect_doveadm(s->w, s->t, "fetch -u alice@feist.test hdr.subject mailbox Trash ALL", "subject: two");
	story_quit(s);
	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "Bob Builder .*one");
	term_type(s->t, ",h");
	term_expect(s->t, "delete .*two.*done");
	term_expect(s->t, "flags .*one.*done");
	term_type(s->t, "u");
	term_expect(s->t, "Undone: delete: two");
	term_type(s->t, "q");
	term_expect(s->t, "Bob Builder .*two");
	world_expect_doveadm(s->w, s->t, "fetch -u alice@feist.test hdr.subject mailbox INBOX ALL", "subject: two");
	term_type(s->t, ",hju"); /* the older one, by itself */
	term_expect(s->t, "Undone: flags: one");
	world_expect_doveadm(s->w, s->t, "fetch -u alice@feist.test flags mailbox INBOX subject one", "^flags: *(.Seen)?$");
	term_type(s->t, "r");
	world_expect_doveadm(s->w, s->t, "fetch -u alice@feist.test flags mailbox INBOX subject one", "Flagged");
	term_type(s->t, "q");
	story_quit(s);
	story_no_stalls(s);
}

static void the_queue_is_held_back(void **state)
{
	struct story *s = story_new(state, WORLD_IMAP);

	deliver(s->w, "alice", "one");
	deliver(s->w, "alice", "two");
	world_rc_imap(s->w);
	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "Bob Builder .*two");
	term_type(s->t, ":exec pause-queue\r");
	term_expect(s->t, "held back");
	term_type(s->t, "1\rF2\rF,q");
	term_expect(s->t, "paused +2 .*mark as flagged");
	term_type(s->t, "d");
	term_expect(s->t, "2 changes dropped");
	term_type(s->t, "q,h");
	term_expect(s->t, "flags .*undone");
	term_type(s->t, "r");
	term_expect(s->t, "Done again: flags: two");
	term_type(s->t, "q:exec resume-queue\r");
	world_expect_doveadm(s->w, s->t, "fetch -u alice@feist.test flags mailbox INBOX subject two", "Flagged");
	world_expect_doveadm(s->w, s->t, "fetch -u alice@feist.test flags mailbox INBOX subject one", "^flags: *(.Seen)?$");
	story_quit(s);
}

/* ---- many accounts ---- */

/* A server that takes connections and never speaks, or hangs up at once, in a process of its own. */
static pid_t bad_server(int *port, bool hangs_up)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	pid_t pid;

	assert_true(fd >= 0 && bind(fd, (struct sockaddr *)&a, n) == 0 && listen(fd, 20) == 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	*port = ntohs(a.sin_port);
	pid = fork();
	if (pid == 0) {
		for (;;) {
			int c = accept(fd, NULL, NULL);

			if (hangs_up && c >= 0)
				close(c);
		}
	}
	close(fd);
	return pid;
}

static void end_server(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void rc_accounts(struct world *w, int stalls, int dies)
{
	char text[2000];

	world_rc_imap(w);
	snprintf(text, sizeof(text),
		"account-hook bob@ 'set imap_pass=secret-bob'\naccount-hook carol@ 'set imap_pass=secret-carol'\n"
		"account-hook nobody@ 'set imap_pass=wrong'\n"
		"mailboxes imaps://bob@localhost:{IMAPS}/INBOX imaps://carol@localhost:{IMAPS}/INBOX\n"
		"mailboxes imaps://alice@127.0.0.1:{IMAPS}/INBOX imaps://bob@127.0.0.1:{IMAPS}/INBOX\n"
		"mailboxes imaps://carol@127.0.0.1:{IMAPS}/INBOX\n"
		"mailboxes imaps://stalls@127.0.0.1:%d/INBOX imaps://dies@127.0.0.1:%d/INBOX\n"
		"mailboxes imaps://alice@127.0.0.2:{IMAPS}/INBOX imaps://nobody@localhost:{IMAPS}/INBOX\n",
		stalls, dies);
	world_rc(w, text);
}

static void wrong_accounts_disturb_nobody(void **state)
{
	struct story *s = story_new(state, WORLD_IMAP);
	int stalls, dies;
	pid_t a = bad_server(&stalls, false), b = bad_server(&dies, true);

	deliver(s->w, "alice", "one");
	deliver(s->w, "alice", "two");
	deliver(s->w, "bob", "bobs");
	deliver(s->w, "carol", "carols");
	rc_accounts(s->w, stalls, dies);
	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "Bob Builder .*two");
	term_type(s->t, ",a");
	term_expect(s->t, "nobody@.*asks");
	term_expect(s->t, "alice@127.0.0.2.*asks");
	term_expect(s->t, "dies@.*offline");
	term_expect(s->t, "carol@127.0.0.1.*connected");
	term_type(s->t, "q1\rF");
	world_expect_doveadm(s->w, s->t, "fetch -u alice@feist.test flags mailbox INBOX subject one", "Flagged");
	/* All inboxes in one list; what is done to a message goes to its own account. */
	term_type(s->t, "c\x15virtual:inboxes\r");
	term_expect(s->t, "Bob Builder .*bobs");
	term_expect(s->t, "Bob Builder .*carols");
	term_expect(s->t, "All inboxes");
	term_type(s->t, "/carols\rF");
	world_expect_doveadm(s->w, s->t, "fetch -u carol@feist.test flags mailbox INBOX ALL", "Flagged");
	deliver(s->w, "bob", "later");
	term_expect(s->t, "Bob Builder .*later");
	story_no_stalls(s);
	term_type(s->t, "q");
	term_free(s->t);
	s->t = NULL;
	end_server(a);
	end_server(b);
}

/* ---- several feists ---- */

static void a_second_feist_follows_and_takes_over(void **state)
{
	struct story *s = story_new(state, WORLD_IMAP);
	struct term *first;

	deliver(s->w, "alice", "one");
	deliver(s->w, "alice", "two");
	world_rc_imap(s->w);
	first = world_feist(s->w, NULL);
	term_expect(first, "Bob Builder .*two");
	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "Bob Builder .*two");
	term_type(s->t, "1\rF"); /* the other one's worker does it */
	world_expect_doveadm(s->w, first, "fetch -u alice@feist.test flags mailbox INBOX subject one", "Flagged");
	deliver(s->w, "alice", "three"); /* and its news show here */
	term_pump(first, 1000);
	term_expect(s->t, "Bob Builder .*three");
	kill(term_pid(first), SIGKILL);
	term_type(s->t, "2\rF");
	world_expect_doveadm(s->w, s->t, "fetch -u alice@feist.test flags mailbox INBOX subject two", "Flagged");
	term_free(first);
	story_quit(s);
}

/* Eight, all at work, seven of them killed: every change arrives, and the store is whole. */
static void eight_feists_and_seven_kills(void **state)
{
	struct story *s = story_new(state, WORLD_IMAP);
	struct term *t[FEISTS];
	char key[16], subject[16], args[120];

	for (int i = 0; i < FEISTS; i++) {
		snprintf(subject, sizeof(subject), "m%d", i + 1);
		deliver(s->w, "alice", subject);
	}
	world_rc_imap(s->w);
	for (int i = 0; i < FEISTS; i++) {
		t[i] = world_feist(s->w, NULL);
		term_expect(t[i], "Bob Builder .*m8");
	}
	for (int i = 0; i < FEISTS; i++) {
		snprintf(key, sizeof(key), "%d\rF", i + 1);
		term_type(t[i], key);
		snprintf(key, sizeof(key), "^ +%d +[NO+ ]*!", i + 1);
		term_expect(t[i], key); /* it is on disk before it shows */
		if (i + 1 < FEISTS)
			kill(term_pid(t[i]), SIGKILL);
	}
	s->t = t[FEISTS - 1];
	for (int i = 0; i < FEISTS; i++) {
		snprintf(args, sizeof(args), "fetch -u alice@feist.test flags mailbox INBOX subject m%d", i + 1);
		world_expect_doveadm(s->w, s->t, args, "Flagged");
	}
	for (int i = 0; i + 1 < FEISTS; i++)
		term_free(t[i]);
	story_quit(s);
	assert_false(access(world_path(s->w, "home/.local/state/feist/state.db.corrupt"), F_OK) == 0);
	world_expect_shell(s->w, NULL, "! ls home/.local/state/feist/*.bad-* home/.cache/feist/*.bad* 2>/dev/null | grep .");
}

/* On request, for the user alone, without the password and without the text of messages; also in batch. */
static void a_transcript_tells_no_secrets(void **state)
{
	struct story *s = story_new(state, WORLD_IMAP);
	char out[4000];

	deliver(s->w, "alice", "one");
	world_rc_imap(s->w);
	world_rc(s->w, "set imap_authenticators=plain");
	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "Bob Builder .*one");
	world_expect_shell(s->w, s->t, "! ls home/.local/state/feist/transcript 2>/dev/null | grep .");
	term_type(s->t, ",ajt");
	term_expect(s->t, "written down");
	world_expect_shell(s->w, s->t, "grep -q 'Logged in' home/.local/state/feist/transcript/*");
	term_type(s->t, "q\r");
	term_expect(s->t, "This is the text of one\\.");
	world_expect_shell(s->w, s->t, "grep -q 'bytes of a message' home/.local/state/feist/transcript/*");
	world_expect_shell(s->w, s->t, "! grep -qi 'secret\\|c2VjcmV0\\|the text of' home/.local/state/feist/transcript/*");
	world_expect_shell(s->w, s->t, "ls -l home/.local/state/feist/transcript/* | grep -q '^-rw------- '");
	term_type(s->t, "q");
	story_quit(s);
	world_expect_shell(s->w, NULL, "rm -r home/.local/state/feist/transcript");
	assert_int_equal(world_run(s->w, NULL, out, sizeof(out), "feist", "-d", "3", "--list", "-f", "+INBOX", NULL), 0);
	world_expect_shell(s->w, NULL, "grep -q 'Logged in' home/.local/state/feist/transcript/*");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(undone_after_a_restart),
		STORY(the_queue_is_held_back),
		STORY(a_transcript_tells_no_secrets),
		STORY(a_second_feist_follows_and_takes_over),
		STORY(eight_feists_and_seven_kills),
		STORY(wrong_accounts_disturb_nobody),
	};

	return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
