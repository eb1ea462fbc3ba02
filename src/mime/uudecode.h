/*
 * uuencoded files inside a text: "begin 644 name" ... "end".
 */
#ifndef MIME_UUDECODE_H
#define MIME_UUDECODE_H

#include "base/str.h"

struct uu_block {
	size_t at, len;   /* from the begin line to behind the end line */
	struct sv name;   /* of the file, foreign */
	unsigned mode;
	struct sv data;   /* the encoded lines between */
};

/* The next complete block at or after *at (moves *at behind it). A begin line without lines that
 * fit or without an end is text. */
bool uu_find(struct sv text, size_t *at, struct uu_block *);

#endif
