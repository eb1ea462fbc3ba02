/*
 * Punycode (RFC 3492), the way back only: what stands behind "xn--" in a label of a domain becomes the
 * letters that it stands for. A renderer has it without a library; who writes domains for the wire asks libidn2.
 */
#ifndef MIME_PUNYCODE_H
#define MIME_PUNYCODE_H

#include "base/str.h"

#define PUNYCODE_LABEL_MAX 63 /* bytes of a label (RFC 1035, 2.3.4) */

/*
 * Appends the label as UTF-8. False, and nothing appended, when it is no punycode, longer than a label can be, or
 * stands for a surrogate, a code past Unicode, or nothing beyond ASCII.
 */
bool punycode_decode(struct str *out, struct sv label);

#endif
