/*
 * Character sets. Bytes of mail become UTF-8 here and nowhere else (through iconv), and UTF-8
 * becomes what a message that we send declares. Labels are understood as the WHATWG Encoding
 * Standard lists them ("latin1" is windows-1252), plus what old mailers write ("x-sjis", "cp-850",
 * "unicode-1-1-utf-7"), plus the user's charset-hook. Bytes that are wrong in their character set
 * become U+FFFD: decoding never fails.
 */
#ifndef TEXT_CHARSET_H
#define TEXT_CHARSET_H

#include "base/err.h"
#include "base/str.h"

#define CHARSET_NAME_MAX 48    /* with the NUL; longer labels are unknown */
#define CHARSET_ALIASES_MAX 64 /* charset-hook entries looked at */

struct charset_alias {
	const char *label; /* what mail says, compared without case */
	const char *name;  /* what it shall mean */
};

/* What the user's configuration says about reading; NULL stands for CHARSET_RULES_DEFAULT. */
struct charset_rules {
	/* $assumed_charset: colon list for text without a label; NULL: UTF-8, or what its bytes look like */
	const char *assumed;
	const struct charset_alias *aliases; /* charset-hook */
	size_t n_aliases;
};
#define CHARSET_RULES_DEFAULT {NULL, NULL, 0}

/*
 * The name by which iconv and a reader know the label ("utf-8", "windows-1252", "iso-2022-jp";
 * lower case). False when the label is not known here: *name is then the label itself, cut and
 * lower case.
 */
bool charset_name(struct sv label, const struct charset_rules *, char name[CHARSET_NAME_MAX]);
/* As charset_name, but a label that WHATWG widens keeps its own meaning (latin1 is iso-8859-1):
 * for sending. */
bool charset_name_strict(struct sv label, char name[CHARSET_NAME_MAX]);
/* True when iconv (or this file) can decode it. */
bool charset_known(struct sv label, const struct charset_rules *);
bool charset_is_utf8(struct sv label);  /* "UTF-8", "utf8" ... */
bool charset_is_ascii(struct sv label); /* "us-ascii", "ANSI_X3.4-1968" ... */

/* What a decoding met. */
struct charset_report {
	size_t replaced; /* sequences that became U+FFFD */
	bool unknown;    /* the label was not known and the bytes were read as unlabelled */
	char used[CHARSET_NAME_MAX];
};

/*
 * Appends bytes as UTF-8. label empty: unlabelled: ASCII, else the first of rules->assumed in which
 * all bytes are right, else the last of them with replacements; without rules->assumed UTF-8, the set
 * of another script or region whose letters the bytes would be (Cyrillic, Greek, Hebrew, Arabic, Thai, Central
 * Europe, Baltic, Turkish, Japanese, Korean, Chinese), or windows-1252. A label of "us-ascii" over 8-bit
 * bytes counts as unlabelled. NULs are kept. False only when out is at its max (what fits is
 * there).
 */
bool charset_to_utf8(struct str *out, struct sv bytes, struct sv label, const struct charset_rules *,
	struct charset_report *report /* may be NULL */);
/* Appends text (UTF-8) in the character set name. False with ERR_INPUT when a character has no
 * place there or the set is unknown; out is then as before. */
bool charset_from_utf8(struct str *out, struct sv text, const char *name, struct err *e) MUST_CHECK;
/*
 * The first of a colon list ($send_charset) that holds all of text; name gets it as it is to be
 * declared. "us-ascii" is taken only for pure ASCII. Falls back to utf-8.
 */
void charset_choose(struct sv text, const char *list, char name[CHARSET_NAME_MAX]);
/* A guess for bytes without a label: BOM, UTF-8, ISO-2022 escapes; else the first of
 * rules->assumed that fits. */
void charset_guess(struct sv bytes, const struct charset_rules *, char name[CHARSET_NAME_MAX]);

#endif
