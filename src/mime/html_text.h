/*
 * The words of an HTML page, for searching (the screen shows what feist-render makes of it). A
 * stripper, no parser: one pass, no tree, no memory but the output, nothing that a page can make deep.
 * What a reader sees in one paragraph stands in one line; blanks in a row are one, and what has no
 * width (soft hyphens, joiners) is left out, so that a word which was broken up is whole.
 * Left out: comments, scripts, style sheets, titles, all attributes but alt.
 */
#ifndef MIME_HTML_TEXT_H
#define MIME_HTML_TEXT_H

#include "base/str.h"

/* html is UTF-8. What does not fit into out is left out (false). */
bool html_text(struct str *out, struct sv html);

#endif
