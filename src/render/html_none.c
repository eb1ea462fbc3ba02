/*
 * Built without libxml2: HTML is for a mailcap filter (auto_view), and the text says so.
 */
#include "render/html.h"

void html_render(struct doc_build *doc, struct sv html, const struct html_opts *opts)
{
	(void)html;
	doc_put_line(doc,
		SV("This program was built without HTML. Add \"auto_view text/html\" and a mailcap "
		   "entry."),
		DOC_NOTE, 0, 0, opts->part);
}
