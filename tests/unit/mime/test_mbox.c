#include "mime/mbox.h"

#include "tests/unit/t.h"

static void from_lines_need_a_date(void **state)
{
	static const struct {
		const char *line, *sender;
		int64_t epoch;
	} rows[] = {
		{"From god@heaven.af.mil Sat Jan  3 01:05:34 1996", "god@heaven.af.mil", 820631134},
		{"From god@heaven.af.mil Sat Jan  3 01:05 1996", "god@heaven.af.mil", 820631100},
		{"From god@heaven.af.mil Fri Apr 17 01:05:26 20", "god@heaven.af.mil", 1587085526},
		{"From x Sat Jan  3 01:05:34 MET DST 1996", "x", 820631134},
		{"From user at host Sat Jan  3 01:05:34 1996", "user at host", 820631134},
		{"From Sat Jan  3 01:05:34 1996", "", 820631134},
		{"From - Sat Jan  3 01:05:34 1996\r", "-", 820631134},
		{"From foo@x.test Thu, 26 May 2011 01:16:54 +0100", "foo@x.test", 1306369014},
		{"From - Sat 23 Jan 2016 22:06:43 +0200", "-", 1453579603},
		{"From 0@xxx 2014-12-12 22:59:42 +0000", "0@xxx", 1418425182},
		{"From here on it is text", NULL, 0},
		{"From Saturday to Monday", NULL, 0},
		{"From: a@b", NULL, 0},
	};
	struct sv sender;
	int64_t epoch;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		if (mbox_is_from(sv_of(rows[i].line), &sender, &epoch) != (rows[i].sender != NULL))
			fail_msg("%s", rows[i].line);
		if (!rows[i].sender)
			continue;
		assert_true(sv_is(sender, rows[i].sender));
		assert_true(epoch == rows[i].epoch);
	}
}

#define F "From a@b.test Sat Jan  3 01:05:34 1996\n"

static void messages_are_found(void **state)
{
	static const struct {
		const char *box, *messages; /* joined with '|' */
	} rows[] = {
		{"", ""},
		{F "S: 1\n\nx\n", "S: 1\n\nx\n"},
		{F "S: 1\n\nx\n\n" F "S: 2\n\ny\n\n", "S: 1\n\nx\n|S: 2\n\ny\n"},
		{"\xef\xbb\xbf" F "S: 1\n\nx\n", "S: 1\n\nx\n"},
		{"\n\n" F "S: 1\n\nx\n", "S: 1\n\nx\n"},
		/* without the empty line: a field must follow */
		{F "S: 1\n\nx\n" F "S: 2\n\ny\n", "S: 1\n\nx\n|S: 2\n\ny\n"},
		{F "S: 1\n\nx\n" F "no field\n", "S: 1\n\nx\n" F "no field\n"},
		/* a true Content-Length is believed, a wrong one is not */
		{F "Content-Length: 46\n\n\n" F "S: i\n\n" F "S: 2\n\n",
			"Content-Length: 46\n\n\n" F "S: i\n\n|S: 2\n"},
		{F "Content-Length: 4\n\nlonger than that\n\n" F "S: 2\n\n",
			"Content-Length: 4\n\nlonger than that\n|S: 2\n"},
		{F "Content-Length: 99999999999\n\nx\n\n" F "S: 2\n\n",
			"Content-Length: 99999999999\n\nx\n|S: 2\n"},
		{F "\n" F "S: 2\n\ny\n", "\n|S: 2\n\ny\n"},
		/* separators without a date: only where the first has none */
		{"From -\nS: 1\n\nx\n\nFrom -\nS: 2\n\ny\nFrom z\nS: 3\n",
			"S: 1\n\nx\n|S: 2\n\ny\nFrom z\nS: 3\n"},
		{F "S: 1\n\nx\n\nFrom -\nS: 2\n", "S: 1\n\nx\n\nFrom -\nS: 2\n"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct sv box = sv_of(rows[i].box);
		struct mbox_entry e;
		struct str s;
		size_t at = 0;

		str_init(&s, 10000);
		while (mbox_next(box, &at, &e)) {
			str_adds(&s, s.len ? "|" : "");
			str_add(&s, sv_make(box.p + e.at, e.len));
		}
		t_streq(s.s ? s.s : "", rows[i].messages, rows[i].box);
		assert_true(mbox_is_mbox(box));
		str_fini(&s);
	}
	assert_false(mbox_is_mbox(SV("Subject: x\n")));
}

static void what_is_written_comes_back(void **state)
{
	static const char message[] =
		"Subject: x\r\n\r\nFrom me\r\n>From you\r\n >From them\r\nend";
	static const char want[] = "Subject: x\n\nFrom me\n>From you\n >From them\nend\n";
	struct mbox_entry e;
	struct str box, back;
	size_t at = 0;

	(void)state;
	str_init(&box, 1000);
	str_init(&back, 1000);
	assert_true(mbox_add_from_line(&box, SV("a b\nc"), 820631134) &&
		    mbox_add_message(&box, SV(message)));
	assert_true(sv_starts(str_sv(&box),
		SV("From a-b-c Wed Jan  3 01:05:34 1996\nSubject: x\n\n>From me\n>>From you\n")));
	assert_true(mbox_next(str_sv(&box), &at, &e));
	assert_true(mbox_unescape(&back, sv_make(box.s + e.at, e.len)));
	assert_string_equal(back.s, want);
	assert_false(mbox_next(str_sv(&box), &at, &e));
	str_fini(&box);
	str_fini(&back);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(from_lines_need_a_date),
		cmocka_unit_test(messages_are_found),
		cmocka_unit_test(what_is_written_comes_back),
	};

	return t_run(tests);
}
