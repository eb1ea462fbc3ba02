/*
 * Stories with local mailboxes: the sample mail in Maildir and mbox, no server anywhere.
 */
#include "story.h"

static void reads_a_maildir(void **state)
{
	struct story *s = story_new(state, WORLD_LOCAL);

	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "Keiko Sato .*See you on Saturday");
	term_expect(s->t, "24");
	term_type(s->t, "*\r");
	term_expect(s->t, "^Subject: See you on Saturday");
	term_expect(s->t, "^07:12, main station, platform 4");
	term_type(s->t, "i");
	term_expect(s->t, "Dev Eloper .*PATCH");
	/* Having been read it is no longer new: the file is in cur with S. */
	story_quit(s);
	world_expect_shell(s->w, NULL, "ls home/Mail/inbox/cur | grep -q '24-latest.*:2,.*S'");
}

static void shows_html_and_charsets(void **state)
{
	struct story *s = story_new(state, WORLD_LOCAL);

	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "See you on Saturday");
	term_type(s->t, "8\r\r");
	term_expect(s->t, "Subject: The Mountain Letter");
	term_expect(s->t, "The Mountain Letter");
	term_expect(s->t, "Kreuzjoch +1,910");
	assert_false(term_shows(s->t, "alert\\(|<td>|hidden"));
	term_type(s->t, "i" "10\r\r");
	term_expect(s->t, "\u5c71\u7530\u592a\u90ce");
	term_expect(s->t, "\u3053\u3093\u306b\u3061\u306f");
	term_type(s->t, "i" "11\r\r");
	term_expect(s->t, "\u0417\u0434\u0440\u0430\u0432\u0441\u0442\u0432\u0443\u0439\u0442\u0435");
	term_type(s->t, "i" "12\r\r");
	term_expect(s->t, "\u4f60\u597d");
	/* A message that tries to rule the terminal: title and colours stay ours, and it can be read. */
	term_type(s->t, "i" "20\r\r");
	term_expect(s->t, "A terminal that obeys mail would be red now");
	term_type(s->t, "i" "21\r\r");
	term_expect(s->t, "This mailer forgot a quote");
	term_type(s->t, "i");
	story_quit(s);
}

static void deletes_flags_and_files(void **state)
{
	struct story *s = story_new(state, WORLD_LOCAL);

	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "See you on Saturday");
	term_type(s->t, "=");
	term_expect(s->t, "Welcome to feist");
	term_type(s->t, "d");
	term_expect(s->t, "D.*Welcome");
	term_type(s->t, "2\rF");
	term_expect(s->t, "! .*Winter hike");
	term_type(s->t, "3\rs\x15=Archive\r");
	term_expect(s->t, "D.*Ole Lund");
	term_type(s->t, "$");
	term_expect_gone(s->t, "Welcome to feist");
	world_expect_shell(s->w, s->t, "[ $(ls home/Mail/Archive/cur home/Mail/Archive/new | grep -c feist\\\\\\|:2) = 1 ] || [ $(find home/Mail/Archive/cur home/Mail/Archive/new -type f | wc -l) = 1 ]");
	world_expect_shell(s->w, s->t, "! ls home/Mail/inbox/cur | grep -q 01-welcome");
	world_expect_shell(s->w, s->t, "ls home/Mail/inbox/cur | grep -q '02-hike-1.*:2,F.*'");
	story_quit(s);
}

static void works_with_an_mbox(void **state)
{
	struct story *s = story_new(state, WORLD_LOCAL);

	s->t = world_feist(s->w, "-f", "=lists", NULL);
	term_expect(s->t, "Wood or gas");
	term_expect(s->t, "Mice");
	term_type(s->t, "2\r\r");
	term_expect(s->t, "^>?From our side of the valley it is cheaper, too");
	term_type(s->t, "i" "3\rd$");
	term_expect_gone(s->t, "Per Dahl .*Wood or gas");
	world_expect_shell(s->w, s->t, "[ $(grep -c '^From ' home/Mail/lists) = 6 ]");
	world_expect_shell(s->w, s->t, "grep -q '^>From our side' home/Mail/lists");
	story_quit(s);
}

static void limits_searches_and_threads(void **state)
{
	struct story *s = story_new(state, WORLD_LOCAL);

	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "See you on Saturday");
	term_type(s->t, "l~f ole\r");
	term_expect_gone(s->t, "See you on Saturday");
	term_expect(s->t, "Ole Lund .*Winter hike");
	term_type(s->t, "l\x15" "all\r");
	term_expect(s->t, "See you on Saturday");
	term_type(s->t, "/~s PATCH\r");
	term_type(s->t, "\r");
	term_expect(s->t, "Signed-off-by");
	term_type(s->t, "i" "ot");
	term_expect(s->t, "Winter hike");
	term_expect(s->t, "(->|\u25b6|>|\u251c|\u2514).*");
	term_type(s->t, "l\x15~b 'peppermint|gloves? here'\r");
	term_expect(s->t, "Lost glove");
	term_expect_gone(s->t, "See you on Saturday");
	story_quit(s);
}

static void resizes_at_any_time(void **state)
{
	struct story *s = story_new(state, WORLD_LOCAL);

	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "See you on Saturday");
	term_resize(s->t, 40, 120);
	term_expect(s->t, "Welcome to feist");
	term_type(s->t, "*\r");
	term_expect(s->t, "07:12, main station");
	term_resize(s->t, 10, 40);
	term_expect(s->t, "See you on Sat");
	term_resize(s->t, 32, 100);
	term_expect(s->t, "07:12, main station, platform 4\\. I bring the snow shoes\\.");
	term_type(s->t, "i");
	/* A question stays while the window changes. */
	term_type(s->t, "l");
	term_expect(s->t, "Limit");
	term_resize(s->t, 30, 100);
	term_expect(s->t, "Limit");
	term_type(s->t, "\x07");
	story_quit(s);
}

static void sees_what_other_programs_do(void **state)
{
	struct story *s = story_new(state, WORLD_LOCAL);

	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "See you on Saturday");
	world_expect_shell(s->w, s->t, "printf 'From: postman@feist.example\\nSubject: fresh from the other program\\n"
			   "Date: Sat, 14 Nov 2026 08:00:00 +0100\\n\\nHello.\\n' >home/Mail/inbox/tmp/x && mv home/Mail/inbox/tmp/x home/Mail/inbox/new/99-fresh");
	term_expect(s->t, "fresh from the other program");
	world_expect_shell(s->w, s->t, "rm home/Mail/inbox/cur/01-welcome*");
	term_type(s->t, "=");
	term_expect_gone(s->t, "Welcome to feist");
	story_quit(s);
}

static void saves_an_attachment_under_a_safe_name(void **state)
{
	struct story *s = story_new(state, WORLD_LOCAL);

	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "See you on Saturday");
	term_type(s->t, "9\rv");
	term_expect(s->t, "hut\\.png");
	term_expect(s->t, "Karte Kreuzjoch");
	term_type(s->t, "jj"); /* text, png, pdf */
	term_type(s->t, "s\x15");
	term_type(s->t, world_path(s->w, "home/map.pdf"));
	term_type(s->t, "\r");
	world_expect_shell(s->w, s->t, "head -c 5 home/map.pdf | grep -q '%PDF-' && tail -c 6 home/map.pdf | grep -q EOF");
	term_type(s->t, "q");
	/* The name that would have left the folder. */
	term_type(s->t, "20\rvj");
	term_expect(s->t, "bashrc");
	term_type(s->t, "s");
	term_expect(s->t, "Save to file: [^./][^/]*$");
	assert_false(term_shows(s->t, "Save.*\\.\\./"));
	term_type(s->t, "\x07q");
	story_quit(s);
}

static void answers_into_a_draft_and_comes_back(void **state)
{
	struct story *s = story_new(state, WORLD_LOCAL);

	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "See you on Saturday");
	term_type(s->t, "*r");
	term_expect(s->t, "Subject: Re: See you on Saturday");
	term_type(s->t, "P");
	term_expect(s->t, "[Pp]ostponed");
	world_expect_shell(s->w, s->t, "grep -rlq 'Subject: Re: See you on Saturday' home/Mail/Drafts");
	world_expect_shell(s->w, s->t, "grep -rhq '^> 07:12, main station' home/Mail/Drafts");
	world_expect_shell(s->w, s->t, "grep -rhq '^A line from the editor' home/Mail/Drafts");
	story_quit(s);
	/* The one that feist knows of goes on at once. */
	s->t = world_feist(s->w, "-p", NULL);
	term_expect(s->t, "Subject: Re: See you on Saturday");
	term_type(s->t, "q");
	term_expect(s->t, "Postpone");
	term_type(s->t, "y");
	/* One that another program has written: R in its mailbox. */
	term_type(s->t, "c\x15=Drafts\r");
	term_expect(s->t, "Six places on the 21st");
	term_type(s->t, "1\rR");
	term_expect(s->t, "To: The hut <hut@kreuzjoch\\.example>");
	term_expect(s->t, "Subject: Six places on the 21st");
	term_expect(s->t, "we would like to come");
	term_type(s->t, "q");
	term_expect(s->t, "Postpone");
	term_type(s->t, "y");
	story_quit(s);
}

static void sends_through_sendmail(void **state)
{
	struct story *s = story_new(state, WORLD_LOCAL);

	world_expect_shell(s->w, NULL, "printf '#!/bin/sh\\necho \"$@\" >%s/args; cat >%s/sent\\n' \"$PWD\" \"$PWD\" >sm && chmod 755 sm");
	world_rc(s->w, "set sendmail={DIR}/sm\nunset smtp_url");
	s->t = world_feist(s->w, NULL);
	term_expect(s->t, "See you on Saturday");
	term_type(s->t, "*r");
	term_expect(s->t, "Subject: Re: See you on Saturday");
	term_type(s->t, "y");
	world_expect_shell(s->w, s->t, "grep -q '^Subject: Re: See you on Saturday' sent && grep -q '^In-Reply-To: <saturday@yama.example>' sent");
	world_expect_shell(s->w, s->t, "grep -q keiko@yama.example args");
	world_expect_shell(s->w, s->t, "grep -rlq 'Re: See you on Saturday' home/Mail/Sent");
	term_expect(s->t, "r .*Keiko Sato .*See you");
	story_quit(s);
}

static void works_without_a_terminal(void **state)
{
	struct story *s = story_new(state, WORLD_LOCAL);
	static char out[65536];

	assert_int_equal(world_run(s->w, NULL, out, sizeof(out), "feist", "--list", "-f", "=lists", NULL), 0);
	assert_non_null(strstr(out, "Wood or gas?"));
	assert_int_equal(world_run(s->w, NULL, out, sizeof(out), "feist", "--list=json", "-f", "=inbox", "--limit", "~f ole", NULL), 0);
	assert_non_null(strstr(out, "\"subject\":\"Re: Winter hike\""));
	assert_null(strstr(out, "Saturday"));
	assert_int_equal(world_run(s->w, NULL, out, sizeof(out), "feist", "--dump=text", "--width", "60",
				   world_path(s->w, "home/Mail/inbox/new/08-newsletter.feist"), NULL), 0);
	assert_non_null(strstr(out, "Kreuzjoch"));
	assert_null(strstr(out, "<td"));
	assert_int_equal(world_run(s->w, NULL, out, sizeof(out), "feist", "--mailboxes", NULL), 0);
	assert_int_equal(world_run(s->w, NULL, out, sizeof(out), "feist", "--list", "-f", "/nowhere/at/all", NULL), 66);
	assert_int_equal(world_run(s->w, NULL, out, sizeof(out), "feist", "--no-such-option", NULL), 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(works_without_a_terminal),
		STORY(reads_a_maildir),
		STORY(shows_html_and_charsets),
		STORY(deletes_flags_and_files),
		STORY(works_with_an_mbox),
		STORY(limits_searches_and_threads),
		STORY(resizes_at_any_time),
		STORY(sees_what_other_programs_do),
		STORY(saves_an_attachment_under_a_safe_name),
		STORY(answers_into_a_draft_and_comes_back),
		STORY(sends_through_sendmail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
