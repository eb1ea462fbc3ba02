/*
 * Stories with POP3 against a real Dovecot: the server's mail comes into a mailbox of our own, and what is left there is
 * the user's choice.
 */
#include "story.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

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

/* Text, and an attachment of 1.5 MB. */
static void deliver_large(struct world *w, const char *user)
{
	static const char head[] =
		"From: Bob Builder <bob@feist.test>\nTo: alice@feist.test\nSubject: large\nMessage-ID: <large@feist.test>\n"
		"Date: Tue, 24 Nov 2026 11:00:00 +0100\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"b\"\n\n"
		"--b\nContent-Type: text/plain\n\nThis is the text of large.\n--b\nContent-Type: application/octet-stream\n"
		"Content-Disposition: attachment; filename=\"large.bin\"\n\n";
	size_t lines = 20000, at = sizeof(head) - 1;
	char *text = malloc(at + lines * 77 + 16);

	memcpy(text, head, at);
	for (size_t i = 0; i < lines; i++) {
		memset(text + at, 'A', 76);
		text[at + 76] = '\n';
		at += 77;
	}
	memcpy(text + at, "--b--\n", sizeof("--b--\n"));
	world_deliver(w, user, "INBOX", text);
	free(text);
}

/* An account of the test server: what a user of several writes. */
static void rc_account(struct world *w, const char *user, const char *password)
{
	char line[512];

	snprintf(line, sizeof(line),
		 "account-hook pops://%s@localhost:{POP3S}/ 'set pop_user=%s pop_pass=%s'\nmailboxes pops://%s@localhost:{POP3S}/",
		 user, user, password, user);
	world_rc(w, line);
}

static void rc_pop(struct world *w)
{
	world_rc(w, "set ssl_ca_certificates_file={DIR}/servers/ca.pem pop_checkinterval=1\n"
		    "set spoolfile=pops://alice@localhost:{POP3S}/");
	rc_account(w, "alice", "secret-alice");
}

/* Files below the data folder of all accounts, or of those whose name has the word. */
static void expect_files(struct story *s, const char *word, int n)
{
	char command[256];

	snprintf(command, sizeof(command), "test $(find home/.local/share/feist/mail/*%s*/INBOX/new home/.local/share/feist/mail/*%s*/INBOX/cur"
		 " -type f | wc -l) = %d", word, word, n);
	world_expect_shell(s->w, s->t, command);
}

static void downloads_with_pop3(void **state)
{
	struct story *s = story_new(state, WORLD_IMAP);
	static char out[65536];
	char url[64];

	deliver(s->w, "bob", "first");
	deliver(s->w, "bob", "second");
	world_rc(s->w, "set ssl_ca_certificates_file={DIR}/servers/ca.pem\nset pop_user=bob pop_pass=secret-bob pop_delete=no");
	snprintf(url, sizeof(url), "pops://bob@localhost:%d/", world_port(s->w, "POP3S"));
	assert_int_equal(world_run(s->w, NULL, out, sizeof(out), "feist", "--list", "-f", url, NULL), 0);
	assert_non_null(strstr(out, "first"));
	assert_non_null(strstr(out, "second"));
	/* No message twice; what comes later comes, too. */
	deliver(s->w, "bob", "third");
	assert_int_equal(world_run(s->w, NULL, out, sizeof(out), "feist", "--list", "-f", url, NULL), 0);
	assert_non_null(strstr(out, "third"));
	assert_null(strstr(strstr(out, "first") + 1, "first"));
	world_expect_doveadm(s->w, NULL, "mailbox status -u bob@feist.test messages INBOX", "messages=3");
	/* With pop_delete they leave the server, and stay here. */
	world_rc(s->w, "set pop_delete=yes");
	assert_int_equal(world_run(s->w, NULL, out, sizeof(out), "feist", "--list", "-f", url, NULL), 0);
	assert_non_null(strstr(out, "first"));
	world_expect_doveadm(s->w, NULL, "mailbox status -u bob@feist.test messages INBOX", "messages=0");
	s->t = world_feist(s->w, "-f", url, NULL);
	term_expect(s->t, "Bob Builder .*second");
	term_expect(s->t, "Msgs:3"); /* all of the first frame */
	term_type(s->t, "2\r");
	term_expect_gone(s->t, "Jump to");
	term_type(s->t, "\r");
	term_expect(s->t, "This is the text of second");
	term_type(s->t, "i");
	story_quit(s);
}

static void a_large_message_is_asked_about(void **state)
{
	struct story *s = story_new(state, WORLD_IMAP);
	static char out[4096];

	deliver(s->w, "alice", "small");
	deliver_large(s->w, "alice");
	rc_pop(s->w);
	world_rc(s->w, "set pop_max_size=1");
	/* A script is told that not all is here. */
	assert_int_equal(world_run(s->w, NULL, out, sizeof(out), "feist", "--sync", NULL), 0);
	world_expect_shell(s->w, NULL, "grep -q 'of 1 large message' stderr");
	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "Bob Builder .*large");
	term_type(s->t, "*\r");
	term_expect(s->t, "This is the text of large");
	term_expect(s->t, "Only the beginning is here. Fetch all of it \\(1\\.5M\\)\\?");
	term_type(s->t, "n");
	term_expect(s->t, "fetch-message gets the rest");
	expect_files(s, "", 2);
	world_expect_shell(s->w, s->t, "ls home/.local/share/feist/mail/*/INBOX/*/ | grep -q feist-part=");
	term_type(s->t, "q");
	term_type(s->t, "*\r");
	term_expect(s->t, "Fetch all of it");
	term_type(s->t, "y");
	term_expect(s->t, "large.bin \\(application/octet-stream, 1\\.5M\\)");
	world_expect_shell(s->w, s->t, "! ls home/.local/share/feist/mail/*/INBOX/*/ | grep -q feist-part=");
	expect_files(s, "", 2);
	term_type(s->t, "i");
	story_quit(s);
	world_expect_doveadm(s->w, NULL, "mailbox status -u alice@feist.test messages INBOX", "messages=2");
}

static void what_is_deleted_here_is_deleted_there(void **state)
{
	struct story *s = story_new(state, WORLD_IMAP);

	deliver(s->w, "alice", "one");
	deliver(s->w, "alice", "two");
	deliver(s->w, "alice", "three");
	rc_pop(s->w);
	world_rc(s->w, "set delete=yes");
	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "Bob Builder .*one");
	term_expect(s->t, "Bob Builder .*three");
	term_expect(s->t, "Msgs:3");
	/* Offline nothing waits: the server hears of it later. */
	term_type(s->t, ",f");
	term_expect(s->t, "[Oo]ffline");
	term_type(s->t, "=d$");
	term_expect(s->t, "Msgs:2");
	world_expect_doveadm(s->w, s->t, "mailbox status -u alice@feist.test messages INBOX", "messages=3");
	term_type(s->t, ",f");
	world_expect_doveadm(s->w, s->t, "mailbox status -u alice@feist.test messages INBOX", "messages=2");
	expect_files(s, "", 2);
	story_quit(s);
}

/* A server that takes connections and never says a word. */
static int silent_server(int *port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 && listen(fd, 8) == 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

static void ten_accounts_at_once(void **state)
{
	struct story *s = story_new(state, WORLD_IMAP);
	char line[256], user[8];
	int port, fd = silent_server(&port);

	for (int i = 0; i < 7; i++) {
		snprintf(line, sizeof(line), "echo 'u%d@feist.test:{PLAIN}pw::::::\\nu%d:{PLAIN}pw::::::' >>servers/passwd", i, i);
		world_expect_shell(s->w, NULL, line);
	}
	rc_pop(s->w);
	rc_account(s->w, "bob", "secret-bob");
	rc_account(s->w, "carol", "secret-carol");
	deliver(s->w, "alice", "to alice");
	deliver(s->w, "bob", "to bob");
	deliver(s->w, "carol", "to carol");
	for (int i = 0; i < 7; i++) {
		snprintf(user, sizeof(user), "u%d", i);
		rc_account(s->w, user, "pw");
		deliver(s->w, user, user);
		deliver(s->w, user, "second");
	}
	/* Two more that are no good disturb nobody. */
	snprintf(line, sizeof(line), "mailboxes pop://x@localhost:%d/ pop://x@localhost:9/\nset pop_pass=x", port);
	world_rc(s->w, line);
	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "Bob Builder .*to alice");
	expect_files(s, "", 3 + 7 * 2);
	/* Each goes on looking by itself. */
	deliver(s->w, "u3", "later");
	deliver(s->w, "carol", "later");
	deliver(s->w, "alice", "here");
	expect_files(s, "u3", 3);
	expect_files(s, "carol", 2);
	term_expect(s->t, "Bob Builder .*here");
	story_quit(s);
	story_no_stalls(s);
	close(fd);
}

/* Killed somewhere on the way, time and again: it goes on where it was. */
static void killed_while_it_downloads(void **state)
{
	struct story *s = story_new(state, WORLD_IMAP);
	pid_t pid;

	deliver(s->w, "alice", "one");
	/* Many, without a program for each: copies of the first beside it. */
	world_expect_shell(s->w, NULL, "cd servers/mail/alice/Maildir && f=$(ls -d new/* cur/* | head -1) && for i in $(seq 1500); do"
				       " sed \"s/^Subject: .*/Subject: number $i/; s/<one/<n$i/\" \"$f\" >tmp/x && "
				       "chown --reference=\"$f\" tmp/x && mv tmp/x new/17000$i.M$i.test; done");
	rc_pop(s->w);
	s->t = world_feist(s->w, NULL);
	for (int i = 0; i < 4; i++) {
		pid = world_expect_child(s->t, "feist-worker", i % 2);
		kill(pid, SIGKILL);
	}
	expect_files(s, "", 1501);
	world_expect_shell(s->w, s->t, "test $(cat home/.local/share/feist/mail/*/INBOX/*/* | grep -a '^Subject: number' | sort -u | wc -l) = 1500");
	term_expect(s->t, "Msgs:1501");
	story_quit(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(downloads_with_pop3),
		STORY(a_large_message_is_asked_about),
		STORY(what_is_deleted_here_is_deleted_there),
		STORY(ten_accounts_at_once),
		STORY(killed_while_it_downloads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
