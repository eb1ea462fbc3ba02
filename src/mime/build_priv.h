/*
 * Between the header and the body of a message that is written.
 */
#ifndef MIME_BUILD_PRIV_H
#define MIME_BUILD_PRIV_H

#include "mime/build.h"

/* Where the bytes go, and what all parts share. */
struct build_out {
	struct str *out;
	const struct build *b;
	const char *send_charset;
	unsigned boundaries; /* made so far */
	struct err *e;
};

/* "Name: value" folded; false with ERR_INPUT or ERR_LIMIT. */
bool build_put_field(struct build_out *, const char *name, struct sv value);
bool build_full(struct build_out *); /* sets ERR_LIMIT, returns false */
/* The MIME fields of a part, the empty line and its body. depth counts multiparts. */
bool build_put_part(struct build_out *, const struct build_part *, int depth);

#endif
