/*
 * A time in the future as people write it, for sending later: "+2h", "in 90 minutes", "18:00", "tomorrow",
 * "tomorrow 8:00", "Fri 14:30", "next monday 9am", "24 dec 8:00", "24.12. 8:00", "2026-12-24 08:00",
 * "2026-12-24T08:00Z". English words, and the names of days and months in the user's language. In the
 * user's time zone unless one is written.
 */
#ifndef CORE_WHEN_H
#define CORE_WHEN_H

#include "base/err.h"
#include "base/str.h"

#define WHEN_MORNING_H 8             /* a day without a time */
#define WHEN_MAX_S (5 * 366 * 86400) /* further away is a mistake */

/* ERR_INPUT says what is not understood, or that the time is past. */
bool when_parse(struct sv text, int64_t now, int64_t *when, struct err *e) MUST_CHECK;
/* For people: "today 18:00", "tomorrow 08:00", "Fri 14:30", "24 Dec 08:00", "2027-12-24 08:00". */
void when_format(struct str *out, int64_t when, int64_t now);

#endif
