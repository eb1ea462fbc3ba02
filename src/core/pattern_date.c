/*
 * Dates and ranges of patterns, in all of mutt's forms: 24/12/2025, 24/12, 24, 20251224, A-B, A-, -B,
 * A+2w, A*3d, <2w, >1m, =1d, -3d, and H M S beside y m w d in relative ones. Days are those of the
 * user's time zone.
 */
#include <limits.h>
#include <stdlib.h>
#include <time.h>

#include "core/pattern_priv.h"

#define OFFSET_MAX 100000 /* of any unit */

/* Beyond every date of mail, but inside what mktime takes everywhere. */
static const struct tm first_day = {.tm_year = -70, .tm_mday = 1}; /* 1830 */
static const struct tm last_day = {
	.tm_year = 1100, .tm_mon = 11, .tm_mday = 31, .tm_hour = 23, .tm_min = 59, .tm_sec = 59};

static void today(int64_t now, struct tm *out)
{
	time_t t = (time_t)now;

	if (!localtime_r(&t, out))
		*out = first_day;
	out->tm_isdst = -1;
}

static int64_t seconds(struct tm t)
{
	t.tm_isdst = -1;
	return (int64_t)mktime(&t);
}

static void day_start(struct tm *t)
{
	t->tm_hour = t->tm_min = t->tm_sec = 0;
}

static void day_end(struct tm *t)
{
	t->tm_hour = 23;
	t->tm_min = t->tm_sec = 59;
}

static bool number(struct scan *in, int digits_max, int *value)
{
	int n = 0, digits = 0;

	while (digits < digits_max && ascii_is_digit(scan_peek(in))) {
		n = n * 10 + *in->p++ - '0';
		digits++;
	}
	*value = n;
	return digits > 0;
}

/* YYYYMMDD */
static bool packed_date(struct scan *in, struct tm *t)
{
	struct scan s = *in;
	int y, m, d;

	for (int i = 0; i < 8; i++) {
		if (in->end - in->p <= i || !ascii_is_digit((unsigned char)in->p[i]))
			return false;
	}
	number(&s, 4, &y);
	number(&s, 2, &m);
	number(&s, 2, &d);
	if (m < 1 || m > 12 || d < 1 || d > 31)
		return false;
	t->tm_year = y - 1900;
	t->tm_mon = m - 1;
	t->tm_mday = d;
	*in = s;
	return true;
}

/* DD[/MM[/[CC]YY]]; what is missing is this month and this year. */
static bool take_date(struct scan *in, int64_t now, struct tm *t, struct err *e)
{
	struct sv at = scan_rest(in);
	struct tm now_tm;
	int n;

	if (packed_date(in, t))
		return true;
	today(now, &now_tm);
	t->tm_mon = now_tm.tm_mon;
	t->tm_year = now_tm.tm_year;
	if (!number(in, 4, &n) || n < 1 || n > 31)
		return err_set(e, ERR_INPUT, "invalid day of month: " SV_FMT, SV_ARG(at));
	t->tm_mday = n;
	if (!scan_byte(in, '/'))
		return true;
	if (!number(in, 4, &n) || n < 1 || n > 12)
		return err_set(e, ERR_INPUT, "invalid month: " SV_FMT, SV_ARG(at));
	t->tm_mon = n - 1;
	if (!scan_byte(in, '/'))
		return true;
	if (!number(in, 4, &n))
		return err_set(e, ERR_INPUT, "invalid year: " SV_FMT, SV_ARG(at));
	t->tm_year = n < 70 ? n + 100 : n > 1900 ? n - 1900 : n;
	return true;
}

/* "3d" with or without a sign before it; direction gives the sign. False when it is no offset. */
static bool take_offset(struct scan *in, int direction, struct tm *t, bool *of_day)
{
	struct scan s = *in;
	int n, unit;

	if (scan_peek(&s) == '-' || scan_peek(&s) == '+' || scan_peek(&s) == '*')
		s.p++;
	if (!number(&s, 6, &n) || n > OFFSET_MAX)
		return false;
	n *= direction;
	unit = scan_peek(&s);
	switch (unit) {
	case 'y':
		t->tm_year += n;
		break;
	case 'm':
		t->tm_mon += n;
		break;
	case 'w':
		t->tm_mday += 7 * n;
		break;
	case 'd':
		t->tm_mday += n;
		break;
	case 'H':
		t->tm_hour += n;
		break;
	case 'M':
		t->tm_min += n;
		break;
	case 'S':
		t->tm_sec += n;
		break;
	default:
		return false;
	}
	s.p++;
	t->tm_isdst = -1;
	mktime(t); /* 31 + 3 days becomes the 3rd */
	if (of_day)
		*of_day = !(unit == 'H' || unit == 'M' || unit == 'S');
	*in = s;
	return true;
}

/* <2w: younger than; >2w: older than; =2w: that day. */
static bool relative_to_now(
	struct scan *in, char how, int64_t now, struct tm *min, struct tm *max, struct err *e)
{
	struct tm t, probe;
	bool of_day = true;
	struct scan ahead = *in;
	struct sv at = scan_rest(in);

	today(now, &probe);
	if (!take_offset(&ahead, -1, &probe, &of_day))
		return err_set(e, ERR_INPUT, "invalid relative date: " SV_FMT, SV_ARG(at));
	today(now, &t);
	if (of_day)
		day_end(&t);
	(void)take_offset(in, -1, &t, NULL);
	if (how == '<') {
		*min = t;
		return true;
	}
	*max = t;
	if (how == '=') {
		*min = t;
		if (of_day)
			day_start(min);
	}
	return true;
}

static void copy_day(struct tm *to, const struct tm *from)
{
	to->tm_year = from->tm_year;
	to->tm_mon = from->tm_mon;
	to->tm_mday = from->tm_mday;
}

struct range {
	struct tm min, max, open_min; /* open_min: the beginning of all time, for "-B" */
	bool have_min;                /* a first date was given */
	bool first;                   /* nothing was read behind it yet */
};

/* "-B", "-3d", "+2w" or "*1m" behind the first date (or without one, from today). */
static bool range_piece(struct scan *in, int64_t now, struct range *r, struct err *e)
{
	struct sv at = scan_rest(in);
	int c = scan_peek(in);
	struct tm max = r->max, min = r->min;
	struct scan copy = *in;

	switch (c) {
	case '-':
		if (take_offset(in, -1, &r->min, NULL)) {
			if (r->first && !r->have_min)
				copy_day(&r->max, &r->min);
			return true;
		}
		in->p++;
		scan_spaces(in);
		if (!r->first || !take_date(in, now, &r->max, e))
			return r->first ? false
					: err_set(e, ERR_INPUT, "invalid relative date: " SV_FMT,
						  SV_ARG(at));
		if (!r->have_min)
			r->min = r->open_min;
		return scan_end(in) || err_set(e, ERR_INPUT, "something behind the date: " SV_FMT,
					       SV_ARG(scan_rest(in)));
	case '+':
		if (take_offset(in, 1, &r->max, NULL))
			return true;
		break;
	case '*':
		if (take_offset(&copy, -1, &min, NULL) && take_offset(in, 1, &max, NULL)) {
			r->min = min;
			r->max = max;
			return true;
		}
		break;
	default:
		break;
	}
	return err_set(e, ERR_INPUT, "invalid relative date: " SV_FMT, SV_ARG(at));
}

static bool absolute(struct scan *in, int64_t now, struct tm *min, struct tm *max, struct err *e)
{
	struct range r = {.min = first_day, .max = last_day, .open_min = first_day, .first = true};

	if (ascii_is_digit(scan_peek(in))) {
		if (!take_date(in, now, &r.min, e))
			return false;
		r.have_min = true;
		scan_spaces(in);
		if (scan_peek(in) == '-' && sv_trim(sv_from(scan_rest(in), 1)).len == 0) {
			*min = r.min; /* "A-": until the end */
			*max = r.max;
			return true;
		}
	} else {
		today(now, &r.min);
		day_start(&r.min);
	}
	copy_day(&r.max, &r.min);
	scan_spaces(in);
	if (!r.have_min && scan_end(in))
		return err_set(e, ERR_INPUT, "no date");
	while (!scan_end(in)) {
		if (!range_piece(in, now, &r, e))
			return false;
		r.first = false;
		scan_spaces(in);
	}
	*min = r.min;
	*max = r.max;
	return true;
}

static bool later_day(const struct tm *a, const struct tm *b)
{
	if (a->tm_year != b->tm_year)
		return a->tm_year > b->tm_year;
	return a->tm_mon != b->tm_mon ? a->tm_mon > b->tm_mon : a->tm_mday > b->tm_mday;
}

bool pattern_date_range(struct sv text, int64_t now, int64_t *min, int64_t *max, struct err *e)
{
	struct scan in = scan_of(text);
	struct tm from = first_day, to = last_day, swap;
	int c = scan_peek(&in);

	if (c == '<' || c == '>' || c == '=') {
		in.p++;
		scan_spaces(&in);
		if (!relative_to_now(&in, (char)c, now, &from, &to, e))
			return false;
		if (!scan_end(&in))
			return err_set(e, ERR_INPUT, "something behind the date: " SV_FMT,
				SV_ARG(scan_rest(&in)));
	} else if (!absolute(&in, now, &from, &to, e))
		return false;
	if (later_day(&from, &to)) {
		swap = from;
		copy_day(&from, &to);
		copy_day(&to, &swap);
		day_start(&from);
		day_end(&to);
	}
	*min = seconds(from);
	*max = seconds(to);
	return true;
}

/* ---- numbers ---- */

static bool big_number(struct scan *in, int64_t *value)
{
	uint64_t n;
	int64_t unit = 1;
	int c;

	if (!scan_u64(in, &n) || n > INT64_MAX / (1 << 21))
		return false;
	c = scan_peek(in);
	if (c == 'k' || c == 'K')
		unit = 1024;
	else if (c == 'm' || c == 'M')
		unit = 1024 * 1024;
	if (unit > 1)
		in->p++;
	*value = (int64_t)n * unit;
	return true;
}

static bool signed_number(struct scan *in, int64_t *value)
{
	struct scan s = *in;
	bool minus = scan_byte(&s, '-');

	if (!big_number(&s, value))
		return false;
	if (minus)
		*value = -*value;
	*in = s;
	return true;
}

/* <n  >n  a-b  a-  -b  n; scores may be negative in "a" of a-b only with < and >. */
bool pattern_number_range(struct scan *in, int64_t *min, int64_t *max, struct err *e)
{
	*min = INT64_MIN;
	*max = INT64_MAX;
	if (scan_byte(in, '<')) {
		scan_spaces(in);
		if (!signed_number(in, max))
			return err_set(e, ERR_INPUT, "a number is missing");
		--*max;
		return true;
	}
	if (scan_byte(in, '>')) {
		scan_spaces(in);
		if (!signed_number(in, min))
			return err_set(e, ERR_INPUT, "a number is missing");
		++*min;
		return true;
	}
	if (scan_byte(in, '-'))
		return big_number(in, max) || err_set(e, ERR_INPUT, "a number is missing");
	if (!big_number(in, min))
		return err_set(e, ERR_INPUT, "a number is missing");
	if (!scan_byte(in, '-')) {
		*max = *min;
		return true;
	}
	if (ascii_is_digit(scan_peek(in)) && !big_number(in, max))
		return err_set(e, ERR_INPUT, "number too big");
	return true;
}

/* A bound of ~m: . the current message, ^ the first, $ the last, or a number. False: nothing there. */
static bool message_bound(struct scan *in, bool relative, int64_t *value, enum pbase *base)
{
	*base = BASE_ABSOLUTE;
	scan_spaces(in);
	if (scan_byte(in, '.')) {
		*value = 0;
		*base = BASE_CURRENT;
		return true;
	}
	if (scan_byte(in, '^')) {
		*value = 1;
		return true;
	}
	if (scan_byte(in, '$')) {
		*value = 0;
		*base = BASE_LAST;
		return true;
	}
	if (!(relative ? signed_number(in, value) : big_number(in, value)))
		return false;
	if (relative)
		*base = BASE_CURRENT;
	return true;
}

bool pattern_message_range(struct scan *in, struct pnode *n, struct err *e)
{
	struct scan probe;
	struct sv rest = scan_rest(in);
	ptrdiff_t comma = sv_chr(rest, ',');
	size_t word = 0;
	bool relative, has_min, has_max;

	if (scan_peek(in) == '<' || scan_peek(in) == '>')
		return pattern_number_range(in, &n->min, &n->max, e);
	while (word < rest.len && !ascii_is_space((unsigned char)rest.p[word]))
		word++;
	relative = comma >= 0 && (size_t)comma < word;
	has_min = message_bound(in, relative, &n->min, &n->min_base);
	if (!has_min) {
		n->min = 1;
		n->min_base = BASE_ABSOLUTE;
	}
	scan_spaces(in);
	probe = *in;
	if (!scan_byte(&probe, relative ? ',' : '-')) {
		if (!has_min)
			return err_set(e, ERR_INPUT, "a number is missing");
		n->max = n->min;
		n->max_base = n->min_base;
		return true;
	}
	*in = probe;
	has_max = message_bound(in, relative, &n->max, &n->max_base);
	if (!has_max) {
		n->max = 0;
		n->max_base = BASE_LAST;
	}
	return has_min || has_max || err_set(e, ERR_INPUT, "a number is missing");
}
