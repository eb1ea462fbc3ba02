/*
 * Stories about parts: programs that mailcap names, beside the screen, in front of it and into the pager.
 */
#include "story.h"

#define PDF "3" /* lines of the sample message in the menu: the map, the table, the picture */
#define CSV "4"
#define PNG "2"

static struct story *parts(void **state, const char *mailcap)
{
	struct story *s = story_new(state, WORLD_LOCAL);
	FILE *f = fopen(world_path(s->w, "mailcap"), "w");

	assert_non_null(f);
	fputs(mailcap, f);
	fclose(f);
	world_rc(s->w, "set mailcap_path={DIR}/mailcap\nset tmpdir={DIR}/parts\n");
	world_expect_shell(s->w, NULL, "mkdir parts && mkfifo gate && sed -i \"s,GATE,$PWD/gate,; s,SEEN,$PWD/seen,\" mailcap");
	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "See you on Saturday");
	term_type(s->t, "/Photos and the map\r");
	term_expect(s->t, "^.*Photos and the map");
	term_type(s->t, "v");
	term_expect(s->t, "Karte Kreuzjoch");
	return s;
}

static void leave(struct story *s)
{
	term_type(s->t, "q");
	term_expect(s->t, "See you on Saturday");
	story_quit(s);
}

/* A viewer that neither says that it needs a terminal nor touches it. */
static void a_viewer_runs_beside_the_screen(void **state)
{
	struct story *s = parts(state, "application/pdf; cat %s > SEEN\\; read x < GATE\\; test -s %s\n");

	term_type(s->t, PDF "\rm");
	world_expect_shell(s->w, s->t, "grep -q PDF seen && ls parts | grep -q 'pdf$'");
	/* It goes on, and so do we. */
	term_type(s->t, "qi");
	term_type(s->t, "8\r\r");
	term_expect(s->t, "The Mountain Letter");
	term_type(s->t, "i");
	term_expect(s->t, "See you on Saturday");
	world_expect_shell(s->w, s->t, "ls parts | grep -q 'pdf$'");
	world_expect_shell(s->w, s->t, "echo > gate");
	world_expect_shell(s->w, s->t, "test -z \"$(ls parts)\"");
	assert_false(term_shows(s->t, "ended with status"));
	story_quit(s);
}

/* One that does touch it has it for itself, also while another one runs beside it. */
static void a_viewer_that_wants_the_terminal_gets_it(void **state)
{
	struct story *s = parts(state, "text/csv; read x < GATE\n"
				       "application/pdf; stty -echo\\; echo showing $(wc -l < %s) lines\\; read x\\; stty echo\n");

	term_type(s->t, CSV "\rm");
	world_expect_shell(s->w, s->t, "ls parts | grep -q csv");
	term_type(s->t, PDF "\rm");
	term_expect(s->t, "^showing [0-9]+ lines");
	term_expect_gone(s->t, "Karte Kreuzjoch");
	term_type(s->t, "\r");
	term_expect(s->t, "Karte Kreuzjoch");
	world_expect_shell(s->w, s->t, "ls parts | grep -q csv && ! ls parts | grep -q pdf && echo > gate");
	world_expect_shell(s->w, s->t, "test -z \"$(ls parts)\"");
	leave(s);
}

static void what_a_viewer_complains_of_is_said(void **state)
{
	struct story *s = parts(state, "application/pdf; echo no such luck >&2\\; exit 3\n");

	term_type(s->t, PDF "\rm");
	term_expect(s->t, "status 3: no such luck");
	world_expect_shell(s->w, s->t, "test -z \"$(ls parts)\"");
	leave(s);
}

/* A filter that takes its time does not hold the loop, and can be given up. */
static void a_filter_comes_into_the_pager(void **state)
{
	struct story *s = parts(state, "image/png; read x < GATE\\; echo a hut, $x; copiousoutput\n");

	term_type(s->t, PNG "\rm");
	world_expect_shell(s->w, s->t, "echo from below > gate");
	term_expect(s->t, "^a hut, from below");
	term_type(s->t, "q");
	term_expect(s->t, "Karte Kreuzjoch");
	term_type(s->t, "m");
	world_expect_shell(s->w, s->t, "ls parts | grep -q png");
	term_type(s->t, "\007");
	world_expect_shell(s->w, s->t, "test -z \"$(ls parts)\"");
	story_no_stalls(s);
	leave(s);
}

/* One by one, into one file, all into a folder; printed as mailcap says. */
static void parts_become_files(void **state)
{
	struct story *s = parts(state, "application/pdf; true; print=wc -l < %s > PRINTED\n");

	world_expect_shell(s->w, s->t, "sed -i s,PRINTED,$PWD/printed, mailcap");
	term_type(s->t, "S\025");
	term_type(s->t, world_path(s->w, "all"));
	term_type(s->t, "\r");
	term_expect(s->t, "3 attachments saved to .*all");
	term_type(s->t, "S\025");
	term_type(s->t, world_path(s->w, "all"));
	term_type(s->t, "\r");
	world_expect_shell(s->w, s->t, "test $(ls all | wc -l) = 6 && ls all | grep -q '^hut-1.png'");
	term_type(s->t, ":set noattach_split attach_sep='=='\r");
	term_type(s->t, PDF "\rt" CSV "\rt;s\025");
	term_type(s->t, world_path(s->w, "both"));
	term_type(s->t, "\r");
	term_expect(s->t, "saved to .*both");
	world_expect_shell(s->w, s->t, "cat all/Karte*Alm.pdf > want; printf == >> want; cat all/places.csv >> want; "
		"printf == >> want; cmp want both");
	term_type(s->t, PDF "\rp");
	term_expect(s->t, "Print attachment");
	term_type(s->t, "y");
	world_expect_shell(s->w, s->t, "test -s printed && test -z \"$(ls parts)\"");
	leave(s);
}

static void a_part_is_sent_on(void **state)
{
	struct story *s = parts(state, "");

	term_type(s->t, PDF "\rf");
	term_expect(s->t, "^To:");
	term_type(s->t, "bob@feist.test\r");
	term_expect(s->t, "Subject: .*Photos and the map");
	term_expect(s->t, "2 Karte Kreuzjoch.*applica/pdf");
	term_type(s->t, "qn");
	term_expect(s->t, "See you on Saturday");
	story_quit(s);
	world_expect_shell(s->w, NULL, "test -z \"$(ls parts)\"");
}

/* Groups in groups, a file that goes when the message has gone, and one that mailcap's program makes. */
static void a_draft_has_parts_of_every_kind(void **state)
{
	struct story *s = parts(state, "image/svg+xml; true; compose=echo made > %s; edit=sed -i s/made/edited/ %s\n");

	world_rc(s->w, "set sendmail=\"{DIR}/take\"\n");
	world_expect_shell(s->w, s->t, "echo '<p>html' > a.html; echo x > pic.png; echo gone > gone.txt; "
		"printf '#!/bin/sh\\ncat > %s/sent\\n' $PWD > take; chmod +x take");
	term_type(s->t, ":set sendmail='");
	term_type(s->t, world_path(s->w, "take"));
	term_type(s->t, "' send_delay=0\rqm");
	term_expect(s->t, "^To:");
	term_type(s->t, "bob@feist.test\r");
	term_expect(s->t, "^Subject:");
	term_type(s->t, "groups\r");
	term_expect(s->t, "1 message text");
	static const char *const files[] = {"a.html", "pic.png", "gone.txt"};
	for (size_t i = 0; i < 3; i++) {
		term_type(s->t, "a\025");
		term_type(s->t, world_path(s->w, "%s", files[i]));
		term_type(s->t, "\r");
		term_expect(s->t, files[i]);
	}
	term_type(s->t, "1\rT2\rT:exec group-alternatives\r");
	term_expect(s->t, "alternative message text");
	term_type(s->t, "1\rT3\rT:exec group-related\r");
	term_expect(s->t, "related .*alternative message text");
	term_type(s->t, "4\ru3\r:exec edit-content-id\r");
	term_expect(s->t, "^Content-ID:");
	term_type(s->t, "pic@x\r2\r:exec edit-language\r");
	term_expect(s->t, "^Content-Language:");
	term_type(s->t, "de\r");
	term_type(s->t, "n\025");
	term_type(s->t, world_path(s->w, "made.svg"));
	term_type(s->t, "\rimage/svg+xml\r");
	world_expect_shell(s->w, s->t, "grep -q made made.svg");
	term_expect(s->t, "made.svg");
	term_type(s->t, "m");
	world_expect_shell(s->w, s->t, "grep -q edited made.svg");
	term_type(s->t, "y");
	world_expect_shell(s->w, s->t, "grep -q '^Subject: groups' sent && ! test -e gone.txt && test -e pic.png");
	term_type(s->t, "q");
	assert_int_equal(term_wait_exit(s->t), 0);
	world_expect_shell(s->w, NULL, "grep -q '^Content-Type: multipart/related; type=\"multipart/alternative\"' sent && "
		"grep -q '^Content-ID: <pic@x>' sent && grep -q '^Content-Language: de' sent && grep -q ^gone sent");
}

/* What stands behind the first look of Maildir counts as well, on the screen a little later. */
static void parts_of_long_messages_count(void **state)
{
	struct story *s = story_new(state, WORLD_LOCAL);
	char out[4096];

	world_expect_shell(s->w, NULL,
		"mkdir -p home/Mail/long/cur home/Mail/long/new home/Mail/long/tmp; { "
		"printf 'From: a@x\\nSubject: long\\nDate: Mon, 23 Nov 2026 10:00:00 +0000\\n"
		"Content-Type: multipart/mixed; boundary=b\\n\\n--b\\n\\n'; "
		"head -c 60000 /dev/zero | tr '\\0' x | fold; "
		"printf '\\n--b\\nContent-Type: image/png\\n\\nx\\n--b\\nContent-Disposition: attachment\\n\\nx\\n--b\\n"
		"Content-Type: application/pdf\\nContent-Disposition: attachment\\n\\nx\\n--b--\\n'; "
		"} > home/Mail/long/cur/1.a.b:2,S");
	world_rc(s->w, "attachments +A text/.* application/.*\nset index_format='%s has %X.'\n");
	s->t = world_feist(s->w, "-f", "=long", NULL);
	term_expect(s->t, "long has 2\\.");
	term_type(s->t, ":attachments +I image/.*\r");
	term_expect(s->t, "long has 3\\.");
	term_type(s->t, "l~X 3-\r");
	term_expect(s->t, "long has 3\\.");
	story_quit(s);
	world_expect_shell(s->w, NULL, "rm -rf home/.cache/feist");
	assert_int_equal(world_run(s->w, NULL, out, sizeof(out), "feist", "--list", "-f", "=long", NULL), 0);
	assert_string_equal(out, "long has 2.\n");
}

/* A program for multiparts gets their parts in files; one for a type of lines gets LF. */
static void a_multipart_is_handed_out(void **state)
{
	struct story *s = parts(state, "multipart/mixed; echo %n parts %F\\; cat %F 2>&1 | wc -c; copiousoutput\n"
				       "text/csv; grep -c . %s; copiousoutput; textualnewlines=1\n");

	/* mutt's menu leaves the container out */
	term_type(s->t, "q:set defaults=modern\rv");
	term_expect(s->t, "5 .*places.csv");
	term_type(s->t, "1\rm");
	term_expect(s->t, "4 parts text/plain /");
	term_expect(s->t, "image/png /");
	term_expect(s->t, "^[1-9][0-9][0-9]+ *$");
	term_type(s->t, "q5\rm");
	term_expect(s->t, "^[1-9]");
	world_expect_shell(s->w, s->t, "test -z \"$(ls parts)\"");
	term_type(s->t, "q");
	leave(s);
}

/* The same from a server, which says the structure: nothing is fetched for it. */
static void parts_on_a_server_count(void **state)
{
	struct story *s = story_new(state, WORLD_IMAP);
	char out[4096];

	world_rc_imap(s->w);
	world_rc(s->w, "attachments +A text/.* application/.*\nattachments +I image/.*\nset index_format='%s has %X.'\n");
	world_deliver(s->w, "alice", "INBOX",
		"From: a@x\nSubject: structure\nDate: Mon, 23 Nov 2026 10:00:00 +0000\nMIME-Version: 1.0\n"
		"Content-Type: multipart/mixed; boundary=b\n\n--b\n\ntext\n--b\nContent-Type: message/rfc822\n\n"
		"Content-Type: multipart/mixed; boundary=c\n\n--c\n\nin\n--c\nContent-Type: image/png\n\nx\n--c--\n--b\n"
		"Content-Type: multipart/alternative; boundary=d\n\n--d\nContent-Type: application/pdf\n"
		"Content-Disposition: attachment\n\nx\n--d--\n--b\nContent-Disposition: attachment\n\nx\n--b--\n");
	assert_int_equal(world_run(s->w, NULL, out, sizeof(out), "feist", "--list", "-f", "=INBOX", "--limit", "~s structure", NULL), 0);
	assert_string_equal(out, "structure has 2.\n");
	assert_int_equal(world_run(s->w, NULL, out, sizeof(out), "feist", "-e", "set count_alternatives", "--list", "-f", "=INBOX",
		"--limit", "~X 3", NULL), 0);
	assert_string_equal(out, "structure has 3.\n");
}

/* A message that was cut in three, on a server: whichever is opened, the others are fetched and it is whole. */
static void a_cut_message_is_put_together(void **state)
{
	static const char *const bodies[] = {
		"Subject: The whole\nContent-Type: text/plain; charset=utf-8\n\nThe first line,\n", "the second line,\n", "and the last.\n"};
	struct story *s = story_new(state, WORLD_IMAP);

	world_rc_imap(s->w);
	for (int i = 0; i < 3; i++) {
		char text[600];
		snprintf(text, sizeof(text),
			"From: a@x\nSubject: piece %d\nDate: Mon, 23 Nov 2026 1%d:00:00 +0000\nMIME-Version: 1.0\n"
			"Content-Type: message/partial; id=\"cut@x\"; number=%d; total=3\n\n%s", i + 1, i, i + 1, bodies[i]);
		world_deliver(s->w, "alice", "INBOX", text);
	}
	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "piece 3");
	term_type(s->t, "/piece 2\r");
	term_expect(s->t, "^.*piece 2");
	term_type(s->t, "\r");
	term_expect(s->t, "The first line,");
	term_expect(s->t, "and the last\\.");
	term_expect(s->t, "Subject: The whole");
	term_type(s->t, "i");
	story_quit(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(a_viewer_runs_beside_the_screen),
		STORY(a_viewer_that_wants_the_terminal_gets_it),
		STORY(what_a_viewer_complains_of_is_said),
		STORY(a_filter_comes_into_the_pager),
		STORY(parts_become_files),
		STORY(a_multipart_is_handed_out),
		STORY(a_part_is_sent_on),
		STORY(a_draft_has_parts_of_every_kind),
		STORY(parts_of_long_messages_count),
		STORY(parts_on_a_server_count),
		STORY(a_cut_message_is_put_together),
	};

	return cmocka_run_group_tests_name("attachments", tests, NULL, NULL);
}
