/*
 * Encoded words, RFC 2047 (and the language tag of RFC 2231 section 5): =?charset?B|Q?text?=.
 */
#ifndef MIME_ENCWORD_H
#define MIME_ENCWORD_H

#include "base/str.h"
#include "text/charset.h"

#define ENCWORD_MAX 75 /* of one encoded word that we write */

/*
 * Appends text (unfolded) with its encoded words decoded; what is not one stays, raw 8-bit bytes
 * are read as UTF-8 or by rules. Neighbouring words of one charset and encoding are joined before
 * decoding (mailers cut characters in two); blanks between words vanish. Lenient as mutt: words may
 * be longer than 75, hold blanks in Q, miss padding, stand inside quotes or touch other text.
 */
bool encword_decode(struct str *, struct sv text, const struct charset_rules *);

enum {
	ENCWORD_TEXT = 0,   /* unstructured (Subject) */
	ENCWORD_PHRASE = 1, /* a display name: the narrow set of Q characters */
};
/*
 * Appends UTF-8 text as a field body: ASCII stays as it is unless it would be read as an encoded
 * word; what needs it becomes encoded words in the first fitting charset of send_charset (colon
 * list; NULL: "us-ascii:utf-8"), B or Q whichever is shorter, folded with LF + blank so that no
 * line exceeds 76. column: where the value starts on its first line.
 */
bool encword_encode(struct str *, struct sv text, const char *send_charset, unsigned flags,
	size_t column);
/* True when text can stand in a header as it is. */
bool encword_is_plain(struct sv text);

#endif
