/*
 * Plain text as lines: quotes, signature, patches and links found, long lines wrapped, nothing left
 * that could command a terminal. format=flowed (RFC 3676) is put back into paragraphs first.
 */
#ifndef RENDER_PLAIN_H
#define RENDER_PLAIN_H

#include "base/rx.h"
#include "text/doc.h"

#define PLAIN_QUOTE_MAX 64 /* bytes of quote marks repeated before continued lines */

struct plain_opts {
	int width;      /* 0: never wrap */
	int flow_width; /* paragraphs of flowed text; 0: width */
	bool smart, markers;
	bool flowed, delsp, space_quotes;
	bool patch;               /* the part is a patch, from its first line on */
	bool ansi, colors, light; /* SGR sequences become styles; else they are taken out */
	bool emoji;
	bool links;
	struct rx *quote, *smileys; /* NULL: nothing is quoted */
	unsigned part;
	enum doc_kind kind; /* DOC_BODY, or another for lines without structure (DOC_SOURCE) */
};

/* text: UTF-8 with LF. */
void plain_render(struct doc_build *, struct sv text, const struct plain_opts *);

#endif
