/*
 * text/enriched (RFC 1896), and its forerunner text/richtext (RFC 1341), as HTML that html_render
 * understands.
 */
#ifndef RENDER_ENRICHED_H
#define RENDER_ENRICHED_H

#include "base/str.h"

/* text: UTF-8 with LF. False when out is full. */
bool enriched_to_html(struct str *out, struct sv text, bool richtext);

#endif
