/*
 * The text of an RTF document (Rich Text Format 1.9.1), as a reader sees it: what Outlook puts into
 * winmail.dat instead of a body, and what comes as text/rtf. One pass, one stack, no tree. Formatting
 * is left out; paragraphs are lines, cells are set apart by tabs, the target of a link stands behind
 * it in angle brackets. Hidden text, pictures, style sheets and whatever calls itself ignorable and is not
 * known here are left out.
 */
#ifndef MIME_RTF_TEXT_H
#define MIME_RTF_TEXT_H

#include "base/str.h"

#define RTF_DEPTH_MAX 256 /* groups inside each other; deeper ones are taken for their parent */
#define RTF_FONTS_MAX 256 /* whose character set is remembered; others are read as the document */
#define RTF_LINK_MAX 2048 /* bytes of the target of a link */

/* By its first bytes. */
bool rtf_is(struct sv bytes);
/* Appends the text in UTF-8. False when it is no RTF (nothing is appended), or does not fit into out (what fits is there). */
bool rtf_text(struct str *out, struct sv rtf);

#endif
