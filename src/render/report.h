/*
 * Reports that servers and programs write for each other, in plain words: what became of a message
 * (RFC 3464), whether it was read (RFC 8098), complaints (RFC 5965).
 */
#ifndef RENDER_REPORT_H
#define RENDER_REPORT_H

#include "text/doc.h"

#define REPORT_RECIPIENTS_MAX 200

/*
 * type: "message/delivery-status" and so on; text: UTF-8. Adds lines. False when it holds nothing that is
 * known: show it as text.
 */
bool report_render(struct doc_build *, const char *type, struct sv text, int width, unsigned part);

#endif
