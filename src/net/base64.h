/*
 * Base64 as SASL carries it: no line ends, no blanks, padding where it belongs.
 */
#ifndef NET_BASE64_H
#define NET_BASE64_H

#include "base/str.h"

bool base64_add(struct str *out, struct sv raw); /* false at out's maximum */
/* Strict: false on anything that is not base64. */
bool base64_decode(struct str *out, struct sv text);

#endif
