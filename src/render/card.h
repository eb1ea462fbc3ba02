/*
 * A card: what a program has written for programs (an invitation, a contact, a delivery report), as
 * labelled rows for people.
 */
#ifndef RENDER_CARD_H
#define RENDER_CARD_H

#include "render/line.h"

#define CARD_TEXT_MAX (4u << 20)

struct card {
	struct doc_build *doc;
	int width;
	unsigned part;
	struct line line;
};

void card_init(struct card *, struct doc_build *, int width, unsigned part);
void card_fini(struct card *);
/*
 * "   Where: Room 4", wrapped under itself; URLs are links. value: foreign UTF-8, may hold LFs; when it is
 * empty there is no row.
 */
void card_row(struct card *, const char *label, struct sv value);
void card_gap(struct card *); /* an empty line */

#endif
