/*
 * Content lines of iCalendar and vCard (RFC 5545 section 3.1, RFC 6350 section 3.3).
 */
#ifndef RENDER_VOBJECT_H
#define RENDER_VOBJECT_H

#include "base/str.h"

struct property {
	struct sv name, params, value;
};

/* Takes the folds out; CRs go, too. What it returns lies in out. */
struct sv vobject_unfold(struct str *out, struct sv text);
/* NAME;PARAM=x;PARAM="a:b":value; without the group of "item1.NAME". False: that is no property. */
bool vobject_split(struct sv line, struct property *);
/* The first parameter of that name, without its quotes; empty when there is none. */
struct sv vobject_param(struct sv params, const char *name);
/* Takes the next parameter; "TYPE=work" or the bare "WORK" of vCard 2.1 (then name is empty). */
bool vobject_next_param(struct sv *params, struct sv *name, struct sv *value);
/* "\n", "\," and "\\" of text values. */
void vobject_unescape(struct str *out, struct sv value);
/* Takes the next piece of a structured value ("A;B;C", ';' escaped with a backslash). */
bool vobject_piece(struct sv *value, struct sv *piece);

#endif
