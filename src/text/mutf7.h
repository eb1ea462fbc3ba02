/*
 * Modified UTF-7, RFC 3501 section 5.1.3: the names of mailboxes on IMAP servers without
 * UTF8=ACCEPT.
 */
#ifndef TEXT_MUTF7_H
#define TEXT_MUTF7_H

#include "base/err.h"
#include "base/str.h"

#define MUTF7_MAX 8192 /* bytes of one name */

/* Appends the UTF-8 of a server's name. ERR_INPUT when it is not well-formed (8-bit bytes, a
 * form that has a shorter one; then nothing is appended): show such a name raw, and use its raw
 * form in commands. */
bool mutf7_decode(struct str *, struct sv name, struct err *e) MUST_CHECK;
/* Appends the wire form of a UTF-8 name. ERR_INPUT when it is not UTF-8. */
bool mutf7_encode(struct str *, struct sv name, struct err *e) MUST_CHECK;

#endif
