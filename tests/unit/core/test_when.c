#include "core/when.h"

#include <time.h>

#include "tests/unit/t.h"

/* Wednesday, 18 November 2026, 10:00 in Berlin. */
#define NOW INT64_C(1794992400)

static void times_are_understood(void **state)
{
	static const struct {
		const char *text, *want; /* local time; NULL: refused */
	} rows[] = {
		{"+2h", "2026-11-18 12:00"}, {"+90m", "2026-11-18 11:30"}, {"+1h30m", "2026-11-18 11:30"}, {"+1d", "2026-11-19 10:00"},
		{"+ 2 hours", "2026-11-18 12:00"}, {"in 2 hours", "2026-11-18 12:00"}, {"in 1 week", "2026-11-25 10:00"},
		{"2h", "2026-11-18 12:00"}, {"30 min", "2026-11-18 10:30"}, {"1 hour 5 minutes", "2026-11-18 11:05"},
		{"18:00", "2026-11-18 18:00"}, {"9:59", "2026-11-19 09:59"}, {"10:00", "2026-11-19 10:00"}, {"14h30", "2026-11-18 14:30"},
		{"6pm", "2026-11-18 18:00"}, {"6 PM", "2026-11-18 18:00"}, {"8:30 am", "2026-11-19 08:30"}, {"12am", "2026-11-19 00:00"},
		{"12 pm", "2026-11-18 12:00"}, {"noon", "2026-11-18 12:00"}, {"tonight", "2026-11-18 20:00"},
		{"tomorrow", "2026-11-19 08:00"}, {"Tomorrow 8:00", "2026-11-19 08:00"}, {"8:00 tomorrow", "2026-11-19 08:00"},
		{"tomorrow 8", "2026-11-19 08:00"}, {"tomorrow at 8 pm", "2026-11-19 20:00"}, {"tomorrow evening", "2026-11-19 18:00"},
		{"today 18:00", "2026-11-18 18:00"}, {"today 9:00", NULL}, {"Fri 14:30", "2026-11-20 14:30"}, {"friday", "2026-11-20 08:00"},
		{"monday, 9:15", "2026-11-23 09:15"}, {"wed 11:00", "2026-11-18 11:00"}, {"wed 9:00", "2026-11-25 09:00"},
		{"wed", "2026-11-25 08:00"}, {"next wed 11:00", "2026-11-25 11:00"}, {"next monday", "2026-11-23 08:00"},
		{"next week", "2026-11-25 08:00"}, {"24 dec", "2026-12-24 08:00"}, {"Dec 24 18:00", "2026-12-24 18:00"},
		{"24th of December 2027 7:00", "2027-12-24 07:00"}, {"24.12. 8:00", "2026-12-24 08:00"}, {"24.12.2027", "2027-12-24 08:00"},
		{"24.12.27 9:00", "2027-12-24 09:00"}, {"1 feb", "2027-02-01 08:00"}, {"24. december 8:00", "2026-12-24 08:00"},
		{"2026-12-24", "2026-12-24 08:00"}, {"2026-12-24 18:05", "2026-12-24 18:05"}, {"2026-12-24T18:05", "2026-12-24 18:05"},
		{"2026-12-24T18:05:30Z", "2026-12-24 19:05"}, {"2026-12-24 18:05 -0500", "2026-12-25 00:05"},
		{"2026-12-24T18:05+01:00", "2026-12-24 18:05"},
		/* over the change of the clock: 28 March 2027, 2:00 becomes 3:00 */
		{"2027-03-28 08:00", "2027-03-28 08:00"}, {"2027-03-28 02:30", "2027-03-28 03:30"},
		{"", NULL}, {"soon", NULL}, {"25:00", NULL}, {"8:61", NULL}, {"32 dec", NULL}, {"2020-01-01", NULL}, {"+", NULL}, {"+2", NULL},
		{"8", NULL}, {"+0h", NULL}, {"-2h", NULL}, {"tomorrow +2h", NULL}, {"2099-01-01", NULL}, {"13pm", NULL}, {"8:00 x", NULL},
		{"tomorrow tomorrow soon", NULL}, {"+99999999999999999999h", NULL}, {"2026-13-01", NULL}, {"\xff\xfe", NULL},
	};

	(void)state;
	setenv("TZ", "Europe/Berlin", 1);
	tzset();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t when = 0;
		struct err e;
		bool ok = when_parse(sv_of(rows[i].text), NOW, &when, &e);
		char text[40] = "";
		time_t t = (time_t)when;
		struct tm tm;

		if (!rows[i].want) {
			if (ok)
				fail_msg("\"%s\" is understood", rows[i].text);
			assert_int_equal(e.class, ERR_INPUT);
			continue;
		}
		if (!ok)
			fail_msg("\"%s\": %s", rows[i].text, e.text);
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M", localtime_r(&t, &tm));
		t_streq(text, rows[i].want, rows[i].text);
	}
}

static void times_are_shown(void **state)
{
	static const struct {
		int64_t when;
		const char *want;
	} rows[] = {
		{NOW + 3600, "today 11:00"}, {NOW + 14 * 3600, "tomorrow 00:00"}, {NOW + 86400, "tomorrow 10:00"}, {NOW + 2 * 86400, "Fri 10:00"},
		{NOW + 7 * 86400, "25 Nov 10:00"}, {NOW + 60 * 86400, "2027-01-17 10:00"}, {NOW - 86400, "17 Nov 10:00"},
	};

	(void)state;
	setenv("TZ", "Europe/Berlin", 1);
	tzset();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str s;

		str_init(&s, 200);
		when_format(&s, rows[i].when, NOW);
		t_streq(s.s, rows[i].want, rows[i].want);
		str_fini(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_understood),
		cmocka_unit_test(times_are_shown),
	};

	return t_run(tests);
}
