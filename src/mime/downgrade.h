/*
 * A message for a way that carries seven bits only: what RFC 6152 section 3 asks of a client whose
 * server does not offer 8BITMIME.
 */
#ifndef MIME_DOWNGRADE_H
#define MIME_DOWNGRADE_H

#include "mime/part.h"

/*
 * Appends the message (LF line ends) with every body that has bytes over 127, or that is binary,
 * written as quoted-printable or base64, and its Content-Transfer-Encoding with it. Everything else
 * keeps its bytes: header fields, parts that are seven bits already, and what is signed, because a
 * signature covers the encoding (RFC 1847 2.1): *signed_8bit then says that 8-bit bytes are left.
 * ERR_LIMIT when out is full.
 */
bool downgrade_7bit(
	struct str *out, struct sv message, bool *signed_8bit, struct err *e) MUST_CHECK;

#endif
