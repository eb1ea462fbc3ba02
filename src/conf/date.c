/*
 * Dates as formats show them, and the units of NeoMutt's date conditions.
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "conf/expando_priv.h"
#include "text/utf8.h"

#define DATE_TEXT_MAX 512

void date_format(struct str *out, struct sv fmt, int64_t when, int zone_min, bool local)
{
	date_format_in(out, fmt, when, zone_min, local, NULL);
}

void date_format_in(
	struct str *out, struct sv fmt, int64_t when, int zone_min, bool local, const char *locale)
{
	char text[DATE_TEXT_MAX], zone[16];
	struct tm tm = {0};
	time_t t = (time_t)(local ? when : when + (int64_t)zone_min * 60);
	bool english = fmt.len && fmt.p[0] == '!';
	char *format;

	if (english)
		fmt = sv_from(fmt, 1);
	if (fmt.len == 0 || !(local ? localtime_r(&t, &tm) : gmtime_r(&t, &tm)))
		return;
	if (!local) {
		int minutes = zone_min < 0 ? -zone_min : zone_min;
		snprintf(zone, sizeof(zone), "%c%02d%02d", zone_min < 0 ? '-' : '+',
			minutes / 60 % 100, minutes % 60);
		tm.tm_gmtoff = (long)zone_min * 60;
		tm.tm_zone = zone;
	}
	/* a blank more, because strftime says 0 both for no text and for too much of it */
	format = xasprintf(SV_FMT " ", SV_ARG(fmt));
	const char *name = english ? "C" : locale && *locale ? locale : NULL;
	locale_t loc = name ? newlocale(LC_TIME_MASK, name, (locale_t)0) : (locale_t)0;
	size_t n = loc ? strftime_l(text, sizeof(text), format, &tm, loc)
		       : strftime(text, sizeof(text), format, &tm);
	if (loc)
		freelocale(loc);
	free(format);
	if (n > 0)
		utf8_add_fixed(out, sv_make(text, n - 1));
}

/* y m w d H M with a number before it: that long ago; without: the start of the present one. */
bool exp_date_is_new(struct sv unit, int64_t when, int64_t now)
{
	struct scan s = scan_of(unit);
	uint64_t count = 0;
	struct tm tm;
	time_t t = (time_t)now;

	if (!localtime_r(&t, &tm))
		return false;
	bool counted = scan_u64(&s, &count) && count > 0;
	int n = (int)MIN(count, 100000);
	switch (scan_peek(&s)) {
	case 'y':
		tm.tm_year -= n;
		if (!counted)
			tm.tm_mon = 0, tm.tm_mday = 1;
		break;
	case 'm':
		tm.tm_mon -= n;
		if (!counted)
			tm.tm_mday = 1;
		break;
	case 'w':
		tm.tm_mday -= counted ? 7 * n : tm.tm_wday;
		break;
	case 'd':
		tm.tm_mday -= n;
		break;
	case 'H':
		tm.tm_hour -= n;
		break;
	case 'M':
		tm.tm_min -= n;
		break;
	default:
		return false;
	}
	if (!counted) {
		bool in_day = scan_peek(&s) == 'H' || scan_peek(&s) == 'M';
		tm.tm_sec = 0;
		if (scan_peek(&s) != 'M')
			tm.tm_min = 0;
		if (!in_day)
			tm.tm_hour = 0;
	}
	tm.tm_isdst = -1;
	return when >= (int64_t)mktime(&tm);
}
