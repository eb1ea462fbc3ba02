/*
 * One line of plain text with its looks: overstrike ("_\bx", "x\bx") and SGR sequences become
 * styles or vanish, tabs become blanks, the rest is made safe; URLs become links.
 */
#ifndef RENDER_LINE_H
#define RENDER_LINE_H

#include "text/doc.h"

struct line {
	struct str text;        /* safe, without tabs */
	struct doc_span *spans; /* cover it */
	size_t count, cap;
	struct doc_span sgr; /* what SGR sequences have set, kept from line to line */
	struct str raw;      /* working space */
};

void line_init(struct line *);
void line_fini(struct line *);
/* Takes the next line in. sgr: its colours and styles are kept (else taken out). */
void line_read(struct line *, struct sv raw, bool sgr, bool light, bool emoji);
/* Finds URLs in it and gives them links of the document. */
void line_links(struct line *, struct doc_build *);

/* A walk over the spans, for writing the line in pieces. */
struct line_cursor {
	const struct line *line;
	size_t at, span, in;
};
struct line_cursor line_cursor(const struct line *);
void line_skip(struct line_cursor *, size_t bytes);
void line_put(struct line_cursor *, struct doc_build *, size_t bytes);

#endif
