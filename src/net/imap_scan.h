/*
 * The words of IMAP responses (RFC 9051 section 9): atoms, numbers, strings with their literals, lists, sets. Shared
 * by imap_parse.c and imap_fetch.c.
 */
#ifndef NET_IMAP_SCAN_H
#define NET_IMAP_SCAN_H

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

#define IMAP_LINE_MAX (8u << 20)      /* a line without its literals */
#define IMAP_RESPONSE_MAX (16u << 20) /* a response with the literals that stay in memory */
#define IMAP_LITERALS_MAX 65536       /* literals in one response */
#define IMAP_DEPTH_MAX 100            /* nested parentheses that are understood */
#define IMAP_WORDS_MAX 4096           /* capabilities, flags, keywords in one list */

/*
 * The bytes of a response: lines joined by CRLF, literals in their place. A literal that went
 * somewhere else (a body that was written to a file) is not in text: its "{n}CRLF" stands at
 * `streamed` and nothing follows.
 */
struct imap_raw {
	struct sv text;
	bool has_streamed;
	size_t streamed; /* offset of the '{' */
	uint64_t streamed_len;
};

/* The cursor: a scan that knows literals. */
struct imap_scan {
	struct scan s;
	struct imap_raw raw;
	struct arena *arena;
};

struct imap_range {
	uint32_t lo, hi; /* lo <= hi */
};
struct imap_set {
	struct imap_range *r;
	size_t n;
};

struct imap_words {
	struct sv *w;
	size_t n;
};

/*
 * How many bytes of literal follow this line? Looks at the end of the line for "{n}", "{n+}",
 * "~{n}". False when none. *bad: it looks like one but its number cannot be.
 */
bool imap_line_literal(struct sv line, uint64_t *len, bool *bad);

/* All lend from raw or the arena. False: what is there is something else. */
struct imap_scan imap_scan_of(struct arena *, struct imap_raw);
bool imap_scan_space(struct imap_scan *); /* one blank or more (quirk: LOOSE_BLANKS) */
bool imap_scan_atom(struct imap_scan *, struct sv *atom);
/* As an atom, but ']' ends it, too. */
bool imap_scan_code_atom(struct imap_scan *, struct sv *atom);
bool imap_scan_number(struct imap_scan *, uint64_t *n);
bool imap_scan_u32(struct imap_scan *, uint32_t *n);
/*
 * quoted, literal, literal8. A streamed literal gives *out empty and *streamed true (streamed may
 * be NULL: fails).
 */
bool imap_scan_string(struct imap_scan *, struct sv *out, bool *streamed);
/* string or NIL (*nil) */
bool imap_scan_nstring(struct imap_scan *, struct sv *out, bool *nil);
bool imap_scan_astring(struct imap_scan *, struct sv *out);
bool imap_scan_set(struct imap_scan *, struct imap_set *);
/* ( word word ... ) */
bool imap_scan_words(struct imap_scan *, struct imap_words *);
/* Steps over one value of any form, nested to any depth. */
bool imap_scan_skip(struct imap_scan *);

/* How many numbers a set holds; whether it holds one. */
uint64_t imap_set_count(const struct imap_set *);
bool imap_set_has(const struct imap_set *, uint32_t n);

#endif
