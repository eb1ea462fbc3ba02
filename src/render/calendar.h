/*
 * Invitations and other iCalendar objects (RFC 5545, RFC 5546) as a card that can be read.
 */
#ifndef RENDER_CALENDAR_H
#define RENDER_CALENDAR_H

#include "text/doc.h"

#define CALENDAR_EVENTS_MAX 50
#define CALENDAR_PEOPLE_MAX 50

/*
 * text: UTF-8. Adds lines; *summary (may be NULL) gets a few words: "Thu 26 Nov 14:00". timezone_s: east
 * of UTC, for times in UTC. False when it holds no event: show it as text.
 */
bool calendar_render(struct doc_build *, struct sv text, int timezone_s, int width, unsigned part,
	const char **summary);

#endif
