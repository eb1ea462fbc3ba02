/*
 * Contacts (vCard 2.1, RFC 2426, RFC 6350) as cards that can be read.
 */
#ifndef RENDER_VCARD_H
#define RENDER_VCARD_H

#include "text/doc.h"

#define VCARD_CONTACTS_MAX 100 /* of one part */
#define VCARD_ROWS_MAX 200     /* of one contact */

/*
 * text: UTF-8. Adds lines; *summary (may be NULL) gets the first name. False when no contact is in it:
 * show it as text.
 */
bool vcard_render(struct doc_build *, struct sv text, int width, unsigned part, const char **summary);

#endif
