/*
 * Header blocks inside a multipart: a boundary ends them, too.
 */
#ifndef MIME_HEADER_PRIV_H
#define MIME_HEADER_PRIV_H

#include "mime/header.h"

/* Where fields are collected before their number is known; reused from part to part. */
struct header_buffer {
	struct header *list;
	size_t cap;
};
/* Asked for each line that starts with '-': does the block end before it? */
typedef bool header_stop_fn(void *data, struct sv line);
void headers_parse_until(struct arena *, struct header_buffer *, struct sv text, header_stop_fn *, void *data,
	struct headers *);

#endif
