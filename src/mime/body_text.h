/*
 * The text of a message as a search sees it: what ~b matches line by line, and what the index of
 * bodies is made of. One after the other: text parts decoded (HTML as its words, html_text.h), also
 * those that came as attachments or are text by another name (JSON, patches, logs), the headers of
 * messages inside, and nothing else. Of alternatives all count.
 */
#ifndef MIME_BODY_TEXT_H
#define MIME_BODY_TEXT_H

#include "mime/part.h"

#define BODY_TEXT_MAX (64u << 20) /* bytes of text of one message */

/* Appends to out what fits. */
void body_text(struct str *out, const struct part_tree *);
/* Header lines, decoded: "Name: value\n" each. Appends what fits. */
void headers_text(struct str *out, const struct headers *);
/* The part has text that body_text takes. */
bool part_has_text(const struct part *);
/* RTF by its type; and its text (rtf_text.h), false when there is none: it is not what it says. */
bool part_is_rtf(const struct part *);
bool part_rtf_text(struct str *out, const struct part_tree *, const struct part *);

#endif
