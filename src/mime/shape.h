/*
 * The shape of a message: types and dispositions of its parts in one short line, kept with its row, so
 * that "how many attachments" can be asked again when the user's rules change, and without the bytes.
 *
 *   m/mixed(m/alternative(t/plain,t/html),+a/pdf
 *
 * A '+' is a part whose disposition is not inline; the well-known major types are one letter; closing
 * brackets at the end are left out. Shapes of different messages are often equal: keep them interned.
 */
#ifndef MIME_SHAPE_H
#define MIME_SHAPE_H

#include "base/str.h"
#include "mime/part.h"

#define SHAPE_MAX 8000 /* bytes; the parts behind are left out */

/* Writing: parts in the order of the message, the message itself has depth 0. */
struct shape {
	struct str *out; /* lent */
	int depth;       /* of the last part, -1: none yet */
	bool full;
};
void shape_add(struct shape *, int depth, struct sv type, struct sv subtype, bool attached);

/*
 * Of a parsed message. What was packed inside a leaf is no part here, as it is none for mutt and servers.
 */
void shape_of_tree(struct str *out, const struct part_tree *);

/* Reading. */
struct shape_part {
	int depth;
	bool first;              /* of the parts of its parent */
	bool attached;
	struct sv type, subtype; /* lower case */
};
struct shape_scan {
	struct sv rest;
	int depth;
	bool first;
};
struct shape_scan shape_scan_of(struct sv shape);
bool shape_next(struct shape_scan *, struct shape_part *);

#endif
