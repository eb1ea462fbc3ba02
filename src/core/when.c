#include "core/when.h"

#include <langinfo.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "core/gettext.h"

#define TEXT_MAX 200
#define MINUTE 60
#define HOUR 3600
#define DAY 86400

struct when {
	struct scan in;
	struct tm tm; /* local; mday, mon and year are used when has_date */
	bool has_date, has_time, has_year, relative, has_zone;
	bool weekday; /* the date came from a day of the week: today counts while its time is to come */
	int64_t add; /* relative: seconds from now */
	int zone_s;
};

/* ---- words ---- */

static const char *const english_days[] = {
	"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};
static const char *const english_months[] = {"january", "february", "march", "april", "may", "june",
	"july", "august", "september", "october", "november", "december"};
static const nl_item local_days[] = {DAY_1, DAY_2, DAY_3, DAY_4, DAY_5, DAY_6, DAY_7};
static const nl_item local_months[] = {
	MON_1, MON_2, MON_3, MON_4, MON_5, MON_6, MON_7, MON_8, MON_9, MON_10, MON_11, MON_12};
static const nl_item short_days[] = {ABDAY_1, ABDAY_2, ABDAY_3, ABDAY_4, ABDAY_5, ABDAY_6, ABDAY_7};

/* The word is the name or at least three letters of its beginning. */
static bool abbreviates(struct sv word, const char *name)
{
	return word.len >= 3 && sv_starts_case(sv_of(name), word);
}

static int day_of(struct sv word)
{
	for (int i = 0; i < 7; i++)
		if (abbreviates(word, english_days[i]) ||
			abbreviates(word, nl_langinfo(local_days[i])) ||
			(word.len > 0 && sv_is_case(word, nl_langinfo(short_days[i]))))
			return i;
	return -1;
}

static int month_of(struct sv word)
{
	for (int i = 0; i < 12; i++)
		if (abbreviates(word, english_months[i]) ||
			abbreviates(word, nl_langinfo(local_months[i])))
			return i;
	return -1;
}

static bool is_letter(int c)
{
	return ascii_is_alpha(c) || c >= 0x80;
}

static struct sv take_word(struct scan *s)
{
	const char *from = s->p;

	while (is_letter(scan_peek(s)))
		s->p++;
	return sv_make(from, (size_t)(s->p - from));
}

static void skip_blanks(struct scan *s)
{
	while (scan_peek(s) == ' ' || scan_peek(s) == '\t' || scan_peek(s) == ',')
		s->p++;
}

/* ---- relative: +2h, in 1 hour 30 minutes ---- */

static int64_t unit_of(struct sv word)
{
	static const struct {
		const char *word;
		int64_t seconds;
	} units[] = {{"m", MINUTE}, {"min", MINUTE}, {"mins", MINUTE}, {"minute", MINUTE},
		{"minutes", MINUTE}, {"h", HOUR}, {"hour", HOUR}, {"hours", HOUR}, {"hr", HOUR},
		{"hrs", HOUR}, {"d", DAY}, {"day", DAY}, {"days", DAY}, {"w", 7 * DAY},
		{"week", 7 * DAY}, {"weeks", 7 * DAY}, {"s", 1}, {"sec", 1}, {"seconds", 1}};

	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (sv_is_case(word, units[i].word))
			return units[i].seconds;
	return 0;
}

/* "2h", "30 minutes": a number with a unit. False leaves the cursor where it was. */
static bool take_span(struct when *w)
{
	struct scan s = w->in;
	uint64_t n;
	int64_t unit;

	if (!scan_u64(&s, &n) || n > 1000000)
		return false;
	skip_blanks(&s);
	unit = unit_of(take_word(&s));
	/* "14h30" is a time of the day. */
	if (!unit || (unit == HOUR && ascii_is_digit(scan_peek(&s)) && !w->relative))
		return false;
	w->relative = true;
	w->add += (int64_t)n * unit;
	w->in = s;
	return true;
}

/* ---- days ---- */

static void set_day(struct when *w, int days_on)
{
	w->tm.tm_mday += days_on;
	w->has_date = w->has_year = true;
}

static bool set_date(struct when *w, int year, int month, int day)
{
	if (month < 1 || month > 12 || day < 1 || day > 31)
		return false;
	w->has_date = true;
	w->has_year = year >= 0;
	if (year >= 0)
		w->tm.tm_year = (year < 100 ? year + 2000 : year) - 1900;
	w->tm.tm_mon = month - 1;
	w->tm.tm_mday = day;
	return true;
}

static void set_time(struct when *w, int hour, int minute)
{
	w->tm.tm_hour = hour;
	w->tm.tm_min = minute;
	w->tm.tm_sec = 0;
	w->has_time = true;
}

static bool is_either(struct sv word, const char *english, const char *translated)
{
	return sv_is_case(word, english) || (word.len > 0 && sv_is(word, translated));
}

static bool named_day(struct when *w, struct sv word, bool next)
{
	int day = day_of(word);

	if (day < 0)
		return false;
	int on = (day - w->tm.tm_wday + 7) % 7;
	set_day(w, next && on == 0 ? 7 : on);
	w->weekday = on == 0 && !next;
	return true;
}

static bool take_number(struct scan *s, int *n)
{
	uint64_t v;

	if (!scan_u64(s, &v) || v > 9999)
		return false;
	*n = (int)v;
	return true;
}

/* A year that may follow a day; not the hour of "24 dec 18:00". -1: none. */
static int take_year(struct when *w)
{
	struct scan s = w->in;
	int year;

	skip_blanks(&s);
	if (!take_number(&s, &year) || year <= 1900 || scan_peek(&s) == ':')
		return -1;
	w->in = s;
	return year;
}

/* "dec 24", "dec 24 2027" behind the name of the month. */
static bool day_of_month(struct when *w, int month)
{
	int day;

	skip_blanks(&w->in);
	if (!take_number(&w->in, &day))
		return false;
	return set_date(w, take_year(w), month + 1, day);
}

static bool take_named(struct when *w, struct sv word)
{
	static const char *const fillers[] = {
		"at", "on", "the", "um", "am", "th", "uhr", "o", "clock"};
	bool next = sv_is_case(word, "next");

	for (size_t i = 0; i < ARRAY_LEN(fillers); i++)
		if (sv_is_case(word, fillers[i]))
			return true;
	if (next) {
		skip_blanks(&w->in);
		word = take_word(&w->in);
		if (sv_is_case(word, "week"))
			return set_day(w, 7), true;
	}
	if (is_either(word, "today", _("today")))
		return set_day(w, 0), true;
	if (is_either(word, "tomorrow", _("tomorrow")))
		return set_day(w, 1), true;
	if (sv_is_case(word, "tonight"))
		return set_day(w, 0), set_time(w, 20, 0), true;
	if (sv_is_case(word, "noon"))
		return set_time(w, 12, 0), true;
	if (sv_is_case(word, "morning"))
		return set_time(w, WHEN_MORNING_H, 0), true;
	if (sv_is_case(word, "afternoon"))
		return set_time(w, 14, 0), true;
	if (sv_is_case(word, "evening"))
		return set_time(w, 18, 0), true;
	if (named_day(w, word, next))
		return true;
	int month = month_of(word);
	return month >= 0 && day_of_month(w, month);
}

/* ---- numbers: times and dates ---- */

/* Z, +01:00, -0500 behind a time. */
static bool take_zone(struct when *w)
{
	struct scan s = w->in;
	int sign, hour, minute = 0;

	skip_blanks(&s);
	if (scan_peek(&s) == 'Z' || scan_peek(&s) == 'z') {
		s.p++;
		w->has_zone = true;
		w->in = s;
		return true;
	}
	if (scan_peek(&s) != '+' && scan_peek(&s) != '-')
		return true;
	sign = *s.p++ == '-' ? -1 : 1;
	if (!take_number(&s, &hour))
		return false;
	if (hour > 24) {
		minute = hour % 100;
		hour /= 100;
	} else if (scan_byte(&s, ':') && !take_number(&s, &minute)) {
		return false;
	}
	if (hour > 14 || minute > 59)
		return false;
	w->has_zone = true;
	w->zone_s = sign * (hour * HOUR + minute * MINUTE);
	w->in = s;
	return true;
}

/* "am", "pm" behind the hour, with or without a blank. */
static bool take_half(struct when *w, int *hour)
{
	struct scan s = w->in;

	skip_blanks(&s);
	struct sv word = take_word(&s);
	bool am = sv_is_case(word, "am"), pm = sv_is_case(word, "pm");
	if (!am && !pm)
		return false;
	if (*hour < 1 || *hour > 12)
		return false;
	*hour = *hour % 12 + (pm ? 12 : 0);
	w->in = s;
	return true;
}

static bool take_clock(struct when *w, int hour)
{
	int minute = 0, second;

	if (!take_number(&w->in, &minute))
		return false;
	if (scan_byte(&w->in, ':') && !take_number(&w->in, &second))
		return false;
	(void)take_half(w, &hour);
	if (hour > 23 || minute > 59)
		return false;
	set_time(w, hour, minute);
	return take_zone(w);
}

/* Behind "2026-": month, day, and perhaps T and the time. */
static bool take_iso(struct when *w, int year)
{
	int month, day;

	if (!take_number(&w->in, &month) || !scan_byte(&w->in, '-') || !take_number(&w->in, &day))
		return false;
	if (scan_peek(&w->in) == 'T' || scan_peek(&w->in) == 't')
		w->in.p++;
	return year > 1900 && set_date(w, year, month, day);
}

/* Behind "24.": month, a dot, perhaps the year. */
static bool take_dotted(struct when *w, int day)
{
	int month, year = -1;

	if (!take_number(&w->in, &month))
		return false;
	if (scan_byte(&w->in, '.') && ascii_is_digit(scan_peek(&w->in)) &&
		!take_number(&w->in, &year))
		return false;
	return set_date(w, year, month, day);
}

/* "24 dec", "24th of december 2026" */
static bool take_day_month(struct when *w, int day)
{
	struct scan s = w->in;

	skip_blanks(&s);
	struct sv word = take_word(&s);
	if (sv_is_case(word, "th") || sv_is_case(word, "st") || sv_is_case(word, "nd") ||
		sv_is_case(word, "rd")) {
		skip_blanks(&s);
		word = take_word(&s);
	}
	if (sv_is_case(word, "of")) {
		skip_blanks(&s);
		word = take_word(&s);
	}
	int month = month_of(word);
	if (month < 0)
		return false;
	(void)scan_byte(&s, '.');
	w->in = s;
	return set_date(w, take_year(w), month + 1, day);
}

static bool take_numeric(struct when *w)
{
	int n, c;

	if (take_span(w))
		return true;
	if (!take_number(&w->in, &n))
		return false;
	c = scan_peek(&w->in);
	if (c == ':' || ((c == 'h' || c == 'H') && w->in.end - w->in.p > 1 &&
				ascii_is_digit((unsigned char)w->in.p[1]))) {
		w->in.p++;
		return take_clock(w, n);
	}
	if (c == '-') {
		w->in.p++;
		return take_iso(w, n);
	}
	if (c == '.') {
		w->in.p++;
		/* "24. december" */
		skip_blanks(&w->in);
		return is_letter(scan_peek(&w->in)) ? take_day_month(w, n) : take_dotted(w, n);
	}
	if (take_half(w, &n)) {
		set_time(w, n, 0);
		return true;
	}
	if (take_day_month(w, n))
		return true;
	/* "tomorrow 8": an hour, when the day is said. */
	if (!w->has_date || w->has_time || n > 23)
		return false;
	set_time(w, n, 0);
	return true;
}

/* ---- all together ---- */

static bool read_all(struct when *w)
{
	skip_blanks(&w->in);
	if (scan_byte(&w->in, '+') || scan_lit(&w->in, "in "))
		w->relative = true;
	skip_blanks(&w->in);
	if (scan_end(&w->in))
		return false;
	while (!scan_end(&w->in)) {
		const char *before = w->in.p;
		bool ok = is_letter(scan_peek(&w->in)) ? take_named(w, take_word(&w->in))
						       : take_numeric(w);

		if (!ok || w->in.p == before)
			return false;
		skip_blanks(&w->in);
	}
	return w->relative ? w->add > 0 && !w->has_date && !w->has_time
			   : w->has_date || w->has_time;
}

static int64_t to_epoch(const struct when *w)
{
	struct tm tm = w->tm;

	tm.tm_isdst = -1;
	if (!w->has_zone)
		return (int64_t)mktime(&tm);
	return (int64_t)timegm(&tm) - w->zone_s;
}

static int64_t absolute(struct when *w, int64_t now)
{
	int64_t t;

	if (!w->has_time)
		set_time(w, WHEN_MORNING_H, 0);
	t = to_epoch(w);
	if (t > now)
		return t;
	/* A time that is past today is tomorrow's, a day of the week the next one, a date the next year's. */
	if (!w->has_date)
		w->tm.tm_mday++;
	else if (w->weekday)
		w->tm.tm_mday += 7;
	else if (!w->has_year)
		w->tm.tm_year++;
	else
		return t;
	return to_epoch(w);
}

bool when_parse(struct sv text, int64_t now, int64_t *when, struct err *e)
{
	struct when w = {.in = scan_of(text)};
	time_t t = (time_t)now;

	if (text.len > TEXT_MAX || !localtime_r(&t, &w.tm) || !read_all(&w))
		return err_set(e, ERR_INPUT,
			_("not a time: %.*s (try \"tomorrow 8:00\", \"Fri 14:30\", \"+2h\")"),
			(int)MIN(text.len, (size_t)TEXT_MAX), text.p ? text.p : "");
	*when = w.relative ? now + w.add : absolute(&w, now);
	if (*when <= now)
		return err_set(e, ERR_INPUT, "%s", _("That time is past."));
	if (*when > now + WHEN_MAX_S)
		return err_set(e, ERR_INPUT, "%s", _("That time is too far away."));
	return true;
}

/* ---- for people ---- */

static int64_t day_number(const struct tm *tm)
{
	struct tm noon = {.tm_year = tm->tm_year,
		.tm_mon = tm->tm_mon,
		.tm_mday = tm->tm_mday,
		.tm_hour = 12};

	return (int64_t)timegm(&noon) / DAY;
}

void when_format(struct str *out, int64_t when, int64_t now)
{
	time_t t = (time_t)when, n = (time_t)now;
	char text[80] = "";
	struct tm tm, today;

	if (!localtime_r(&t, &tm) || !localtime_r(&n, &today))
		return;
	int64_t days = day_number(&tm) - day_number(&today);
	const char *format = days == 0 || days == 1        ? "%H:%M"
			     : days > 1 && days < 7        ? "%a %H:%M"
			     : tm.tm_year == today.tm_year ? "%d %b %H:%M"
							   : "%Y-%m-%d %H:%M";

	if (days == 0 || days == 1)
		(void)str_addf(out, "%s ", days ? _("tomorrow") : _("today"));
	if (strftime(text, sizeof(text), format, &tm) > 0)
		(void)str_adds(out, text);
}
