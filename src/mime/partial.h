/*
 * A message that was sent in pieces (message/partial, RFC 2046 section 5.2.2) put together again.
 */
#ifndef MIME_PARTIAL_H
#define MIME_PARTIAL_H

#include "mime/header.h"
#include "mime/param.h"

#define PARTIAL_PIECES_MAX 1000

struct partial_piece {
	struct sv id;
	uint32_t number, total; /* total: 0 when this piece does not say */
	struct sv body;
	/* Of the message whose body the piece is; NULL when it is a part of something else. */
	const struct headers *headers;
};

/* id and number from the parameters of Content-Type; false when they make no sense. */
bool partial_piece_read(struct partial_piece *, const struct params *ctype);
/*
 * Sorts the pieces of one message by number and says whether all are there. *count loses those that
 * came twice; *total is how many there should be, 0 when no piece says.
 */
bool partial_complete(struct partial_piece *, size_t *count, uint32_t *total);
/* Appends the message made of complete pieces; false when out is at its max. */
bool partial_join(struct str *out, const struct partial_piece *, size_t count);

#endif
