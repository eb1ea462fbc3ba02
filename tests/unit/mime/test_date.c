#include "mime/date.h"

#include "tests/unit/t.h"

static void dates_are_read(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{"Fri, 21 Nov 1997 09:55:06 -0600", "1997-11-21T09:55:06-06:00"},
		{"21 Nov 97 09:55 GMT", "1997-11-21T09:55:00Z"},
		{"Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", "1997-11-21T09:55:06-06:00"},
		{"Thu, 13 Feb 1969 23:32 -0330 (Newfoundland Time)", "1969-02-13T23:32:00-03:30"},
		{"Tue, 1 Jul 03 10:52:37 PM EDT", "2003-07-01T22:52:37-04:00"},
		{"Sat Jan  3 01:05:34 1996", "1996-01-03T01:05:34Z"},
		{"17-Jul-1996 02:44:25 -0700", "1996-07-17T02:44:25-07:00"},
		{"2024-02-29T23:59:60+05:30", "2024-03-01T00:00:00+05:30"},
		{"2024-02-29 12:30:00 +0100", "2024-02-29T12:30:00+01:00"},
		{"Thu, 23 Jan 2014 16:05:, +0000 (x", "2014-01-23T16:05:00Z"},
		{"01 Jan 2001 00:01+0000", "2001-01-01T00:01:00Z"},
		{"01 Jan 2001 09:55:06-0600", "2001-01-01T09:55:06-06:00"},
		{"1/23/2014 4:05 PM", "2014-01-23T16:05:00Z"},
		{"23.1.2014 16:05 CET", "2014-01-23T16:05:00+01:00"},
		{"Wed, 31 Dec 1969 23:59:59 +0000", "1969-12-31T23:59:59Z"},
	};
	char text[DATE_TEXT_MAX];
	struct date d;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		bool ok = date_parse(sv_of(rows[i].in), &d);

		if (!ok)
			fail_msg("%s is refused", rows[i].in);
		t_streq(date_rfc3339(text, &d), rows[i].want, rows[i].in);
	}
}

static void impossible_dates_are_refused(void **state)
{
	static const char *const rows[] = {"Mon, 29 Feb 2100 00:00:00 +0000",
		"Tue, 31 Apr 2020 00:00:00 +0000", "nonsense", "",
		"Wed, 13 Jun 10000 12:34:56 +0100", "Wed, 13 Jun -1 12:34:56 +0100", "12:34:56"};
	struct date d;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++)
		if (date_parse(sv_of(rows[i]), &d))
			fail_msg("%s is taken", rows[i]);
}

static void dates_are_written(void **state)
{
	const struct date d = {880127706, -360, true}, unknown = {0, 0, false};
	char text[DATE_TEXT_MAX];

	(void)state;
	assert_string_equal(date_rfc5322(text, &d), "Fri, 21 Nov 1997 09:55:06 -0600");
	assert_string_equal(date_rfc5322(text, &unknown), "Thu, 1 Jan 1970 00:00:00 -0000");
	assert_string_equal(date_rfc3339(text, &d), "1997-11-21T09:55:06-06:00");
	assert_string_equal(date_mbox(text, d.epoch), "Fri Nov 21 15:55:06 1997");
	assert_string_equal(date_imap(text, &d), "21-Nov-1997 09:55:06 -0600");
}

static void the_calendar_is_right_both_ways(void **state)
{
	int64_t t;

	(void)state;
	for (t = -62000000000; t < 253402300799; t += 86399 * 997) {
		struct date_parts p = date_parts_of(t, 330);

		assert_true(date_epoch_of(&p, 330) == t);
	}
	assert_int_equal(date_parts_of(0, 0).weekday, 4);
	assert_int_equal(date_parts_of(951782400, 0).day, 29);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates_are_read),
		cmocka_unit_test(impossible_dates_are_refused),
		cmocka_unit_test(dates_are_written),
		cmocka_unit_test(the_calendar_is_right_both_ways),
	};

	return t_run(tests);
}
