/*
 * The stage before the play: the private servers start, take mail, deliver it, stop and come back.
 * What fails here is the test environment, not feist.
 */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int teardown(void **state)
{
	world_free(*state);
	*state = NULL;
	return 0;
}

static void dovecot_takes_and_shows_mail(void **state)
{
	struct world *w = *state = world_new(WORLD_IMAP);

	world_deliver(w, "alice", "INBOX", "From: bob@feist.test\nSubject: hello\n\nHello.\n");
	world_expect_doveadm(w, NULL, "fetch -u alice@feist.test hdr.subject mailbox INBOX ALL", "subject: hello");
	world_say(w, "stop imap");
	world_say(w, "start imap");
	world_expect_doveadm(w, NULL, "mailbox list -u bob@feist.test", "^Archive$");
}

/* Sends with a client that is not ours, and that waits for each answer. */
static void submit(struct world *w, const char *rcpt)
{
	static const char client[] =
		"import smtplib, ssl, sys\n"
		"port, rcpt = int(sys.argv[1]), sys.argv[2]\n"
		"tls = ssl.create_default_context(cafile='servers/ca.pem')\n"
		"with smtplib.SMTP_SSL('localhost', port, context=tls) as s:\n"
		"    s.login('alice', 'secret-alice')\n"
		"    s.sendmail('alice@feist.test', [rcpt], 'From: alice@feist.test\\r\\nSubject: through smtp\\r\\n\\r\\nHi.\\r\\n')\n";
	char port[16], out[4096];

	if (system("command -v python3 >/dev/null") != 0) {
		print_message("no python3: skipped\n");
		skip();
	}
	snprintf(port, sizeof(port), "%d", world_port(w, "SMTPS"));
	assert_int_equal(world_run(w, NULL, out, sizeof(out), "python3", "-c", client, port, rcpt, NULL), 0);
}

static void postfix_delivers(void **state)
{
	struct world *w = *state = world_new(WORLD_POSTFIX);

	submit(w, "bob@feist.test");
	world_expect_doveadm(w, NULL, "fetch -u bob@feist.test hdr.subject mailbox INBOX ALL", "subject: through smtp");
}

static void mini_smtpd_delivers(void **state)
{
	struct world *w = *state = world_new(WORLD_MINI);

	submit(w, "bob@feist.test");
	world_expect_doveadm(w, NULL, "fetch -u bob@feist.test hdr.subject mailbox INBOX ALL", "subject: through smtp");
}

static void the_terminal_works(void **state)
{
	struct world *w = *state = world_new(WORLD_LOCAL);
	char *argv[] = {"/bin/sh", "-c", "stty -echo; printf '\\033[2J\\033[3;5Hready \\342\\202\\254'; read x; echo \"got $x\"; exit 3", NULL};
	char *env[] = {"TERM=xterm-256color", NULL};
	struct term *t = term_start(argv, env, 24, 80);

	assert_non_null(world_dir(w));
	term_expect(t, "^    ready \u20ac$");
	term_type(t, "keys\n");
	term_expect(t, "got keys");
	assert_int_equal(term_wait_exit(t), 3);
	term_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(the_terminal_works, teardown),
		cmocka_unit_test_teardown(dovecot_takes_and_shows_mail, teardown),
		cmocka_unit_test_teardown(mini_smtpd_delivers, teardown),
		cmocka_unit_test_teardown(postfix_delivers, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
