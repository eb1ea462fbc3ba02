/*
 * BinHex 4.0 (application/mac-binhex40, RFC 1741; also in the middle of a text): a file of an old Mac as
 * letters between two colons: its name, its data and its resources, packed by runs. Of the resources
 * nothing is kept: nobody but that Mac understands them.
 */
#ifndef MIME_BINHEX_H
#define MIME_BINHEX_H

#include "base/str.h"

struct binhex_file {
	struct sv name; /* foreign, in the character set of an old Mac; in out */
	struct sv data; /* in out */
	bool damaged;   /* a checksum is wrong, or the end is missing */
};

/* The line by which it begins. */
bool binhex_begins(struct sv line);
/*
 * The letters between the colons, from behind that line: *letters, and how many bytes they take with what
 * is around them. False when there are none: it is just text.
 */
bool binhex_find(struct sv text, struct sv *letters, size_t *used);
/* Unpacks the letters into out, which must be empty; false when no file comes of it, or it is more than out may hold. */
bool binhex_unpack(struct str *out, struct sv letters, struct binhex_file *);

#endif
