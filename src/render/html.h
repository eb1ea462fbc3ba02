/*
 * HTML mail as lines of styled text. Our own layout over the events of libxml2's SAX push parser:
 * nothing is fetched, no script runs, hidden text stays out, and the cost is linear in the size of
 * the input whatever stands in it.
 */
#ifndef RENDER_HTML_H
#define RENDER_HTML_H

#include "text/doc.h"

#define HTML_INPUT_MAX (32u << 20)  /* bytes of one HTML part that are looked at */
#define HTML_MEMORY_MAX (40u << 20) /* what one part may take while it is laid out; its lines come on top */
#define HTML_DEPTH_MAX 256          /* open elements; deeper ones are text only */
#define HTML_TABLE_DEPTH_MAX 32     /* nested tables; deeper ones are plain blocks */
#define HTML_COLUMNS_MAX 64         /* of one table; wider ones are read cell by cell */

struct html_opts {
	int width;
	unsigned part;        /* whose lines these are */
	bool colors, light;   /* keep colours; the background is light */
	bool refs, link_list; /* "[1]" behind links; the list of targets at the end */
	bool image_alt;       /* "[text]" for images */
	bool image_links;     /* and a link to where a remote one is */
	bool emoji;           /* emoji sequences stay whole */
	bool hidden;          /* show what style sheets and attributes hide */
};

/*
 * html: UTF-8 (part_text has seen its charset). Adds lines and links to the document. Mail of which
 * nothing is to be seen (AMP hides everything until its script has run) is shown as if it hid nothing.
 */
void html_render(struct doc_build *, struct sv html, const struct html_opts *);

#endif
