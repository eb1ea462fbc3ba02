/*
 * Writing dates (see date.h).
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "mime/date.h"

static const char *const months[] = {
	"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char *const weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

int date_local_offset(int64_t epoch)
{
	const char *tz = getenv("TZ");
	time_t t = (time_t)epoch;
	struct tm tm;

	if (getenv("SOURCE_DATE_EPOCH") && (!tz || !*tz))
		return 0;
	if (!localtime_r(&t, &tm))
		return 0;
	return (int)(tm.tm_gmtoff / 60);
}

/* The offset as hhmm with its sign in front, as one number for "%+05d". */
static int offset_number(int minutes)
{
	int n = abs(minutes);

	n = n / 60 * 100 + n % 60;
	return minutes < 0 ? -n : n;
}

const char *date_rfc5322(char out[DATE_TEXT_MAX], const struct date *d)
{
	struct date_parts p = date_parts_of(d->epoch, d->tz_minutes);
	char zone[8] = "-0000";

	if (d->tz_known)
		snprintf(zone, sizeof(zone), "%+05d", offset_number(d->tz_minutes) % 10000);
	snprintf(out, DATE_TEXT_MAX, "%s, %d %s %04d %02d:%02d:%02d %s", weekdays[p.weekday], p.day,
		months[p.month - 1], p.year, p.hour, p.minute, p.second, zone);
	return out;
}

const char *date_rfc3339(char out[DATE_TEXT_MAX], const struct date *d)
{
	struct date_parts p = date_parts_of(d->epoch, d->tz_minutes);
	char zone[16] = "Z";
	int n = abs(d->tz_minutes);

	if (n != 0)
		snprintf(zone, sizeof(zone), "%c%02d:%02d", d->tz_minutes < 0 ? '-' : '+',
			n / 60 % 100, n % 60);
	snprintf(out, DATE_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02d%s", p.year, p.month, p.day,
		p.hour, p.minute, p.second, zone);
	return out;
}

const char *date_mbox(char out[DATE_TEXT_MAX], int64_t epoch)
{
	struct date_parts p = date_parts_of(epoch, 0);

	snprintf(out, DATE_TEXT_MAX, "%s %s %2d %02d:%02d:%02d %04d", weekdays[p.weekday],
		months[p.month - 1], p.day, p.hour, p.minute, p.second, p.year);
	return out;
}

const char *date_imap(char out[DATE_TEXT_MAX], const struct date *d)
{
	struct date_parts p = date_parts_of(d->epoch, d->tz_minutes);

	snprintf(out, DATE_TEXT_MAX, "%02d-%s-%04d %02d:%02d:%02d %+05d", p.day,
		months[p.month - 1], p.year, p.hour, p.minute, p.second,
		offset_number(d->tz_minutes) % 10000);
	return out;
}
