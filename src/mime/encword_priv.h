/*
 * One encoded word found in a text.
 */
#ifndef MIME_ENCWORD_PRIV_H
#define MIME_ENCWORD_PRIV_H

#include "base/str.h"

struct encword {
	struct sv charset; /* without its language tag */
	char kind;         /* 'b' or 'q' */
	struct sv text;
	size_t len; /* of the whole word */
};

/* Does s start with one? */
bool encword_match(struct sv s, struct encword *out);

#endif
