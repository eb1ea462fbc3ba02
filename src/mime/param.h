/*
 * A value with parameters: Content-Type, Content-Disposition (RFC 2045 section 5.1) with the
 * continuations and charsets of RFC 2231, and the encoded words that mailers put there instead.
 */
#ifndef MIME_PARAM_H
#define MIME_PARAM_H

#include "base/mem.h"
#include "base/str.h"
#include "text/charset.h"

#define PARAM_MAX 1000000             /* parameters of one field; more are not looked at */
#define PARAM_VALUE_MAX (1u << 20)    /* bytes of one decoded value */

struct param {
	const char *name;  /* lower case */
	const char *value; /* decoded UTF-8 */
};
struct params {
	/* what stands before the first ';', trimmed, comments gone; never NULL */
	const char *value;
	struct param *list;
	size_t count;
	bool odd; /* something was wrong and was put right */
};

enum { PARAM_NO_2047 = 1 }; /* leave encoded words in values alone */
/* raw: a field body (may be folded). Never fails. When a name comes twice, an RFC 2231 form wins
 * over a plain one, else the first. Strings live in the arena. */
void params_parse(struct arena *, struct sv raw, const struct charset_rules *, unsigned flags,
	struct params *);
const char *params_get(const struct params *, const char *name); /* NULL when absent */

/*
 * Appends "; name=value" as it is written in a header: token, quoted string, or RFC 2231 (percent
 * encoded in `charset`, NULL: utf-8) in pieces; folds with LF + blank at 76 columns. *column is
 * kept.
 */
bool params_add(struct str *, const char *name, struct sv value, const char *charset,
	size_t *column);

#endif
