/*
 * Dates of mail: RFC 5322 section 3.3 with the obsolete forms of 4.3, and the other ways in which
 * mailers, mbox "From " lines, IMAP and people write them.
 */
#ifndef MIME_DATE_H
#define MIME_DATE_H

#include "base/str.h"

#define DATE_TEXT_MAX 64

struct date {
	int64_t epoch;  /* seconds since 1970 */
	int tz_minutes; /* of the writer, east is positive */
	bool tz_known;  /* false: none was given or "-0000": epoch is as if it were UTC */
};

/* False when no date can be made of it. Comments are ignored; a wrong day name is ignored. */
bool date_parse(struct sv text, struct date *);

/* Broken down in the offset of tz_minutes: proleptic Gregorian, no time zone database. */
struct date_parts {
	int year, month, day; /* month and day from 1 */
	int hour, minute, second;
	int weekday; /* 0 is Sunday */
};
struct date_parts date_parts_of(int64_t epoch, int tz_minutes);
int64_t date_epoch_of(const struct date_parts *, int tz_minutes); /* weekday is not looked at */
/* The offset of this machine's time zone at that moment (in UTC under SOURCE_DATE_EPOCH with TZ
 * unset). */
int date_local_offset(int64_t epoch);

/* "Fri, 21 Nov 1997 09:55:06 -0600"; tz unknown writes -0000. Each returns out. */
const char *date_rfc5322(char out[DATE_TEXT_MAX], const struct date *);
/* 1997-11-21T09:55:06-06:00, Z for UTC */
const char *date_rfc3339(char out[DATE_TEXT_MAX], const struct date *);
/* "Fri Nov 21 15:55:06 1997" in UTC */
const char *date_mbox(char out[DATE_TEXT_MAX], int64_t epoch);
/* "21-Nov-1997 09:55:06 -0600" */
const char *date_imap(char out[DATE_TEXT_MAX], const struct date *);

#endif
