/*
 * Strings. struct str owns its bytes, is always NUL terminated, may hold NULs, and never grows past
 * its max. struct sv is a borrowed slice, not terminated, passed by value. struct scan is the cursor
 * that parsers move over a slice.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdarg.h>
#include <string.h>

#include "base/util.h"

struct sv {
	const char *p;
	size_t len;
};

#define SV(literal) ((struct sv){(literal), sizeof(literal) - 1})
#define SV_FMT "%.*s"
#define SV_ARG(v) (int)(v).len, (v).p

static inline struct sv sv_of(const char *s) /* NULL gives the empty slice */
{
	return (struct sv){s, s ? strlen(s) : 0};
}
static inline struct sv sv_make(const char *p, size_t len)
{
	return (struct sv){p, len};
}
bool sv_eq(struct sv a, struct sv b);
bool sv_eq_case(struct sv a, struct sv b); /* ASCII case folded */
/* Here, so that the length of a literal is a constant and other lengths cost no call. */
static inline bool sv_is(struct sv a, const char *s)
{
	struct sv b = sv_of(s);

	return a.len == b.len && sv_eq(a, b);
}
static inline bool sv_is_case(struct sv a, const char *s)
{
	struct sv b = sv_of(s);

	return a.len == b.len && sv_eq_case(a, b);
}
bool sv_starts(struct sv a, struct sv prefix);
bool sv_starts_case(struct sv a, struct sv prefix);
bool sv_ends_case(struct sv a, struct sv suffix);
/* Index of the first occurrence, or -1. */
ptrdiff_t sv_find(struct sv a, struct sv needle);
ptrdiff_t sv_find_case(struct sv a, struct sv needle);
ptrdiff_t sv_chr(struct sv a, char c);
/* Where the first line behind a line end starts that begins with start (not empty); -1: none does. */
ptrdiff_t sv_find_line(struct sv a, struct sv start);
size_t sv_count(struct sv a, char c); /* how often c is in there */
ptrdiff_t sv_rchr(struct sv a, char c);
/* From index at (clamped) on; and the first n bytes. */
struct sv sv_from(struct sv a, size_t at);
struct sv sv_head(struct sv a, size_t n);
/* Without spaces, tabs, CR and LF at both ends / at the end. */
struct sv sv_trim(struct sv a);
struct sv sv_rtrim(struct sv a);
/*
 * Takes the next piece up to sep (or up to the end) off *rest. False when *rest is used up; an empty
 * last piece after a final sep is not reported.
 */
bool sv_split(struct sv *rest, char sep, struct sv *piece);
/* The next line without its LF or CRLF; false at the end. */
bool sv_line(struct sv *rest, struct sv *line);
/* The whole slice as a decimal number without sign; false on anything else or overflow. */
bool sv_u64(struct sv a, uint64_t *value);
char *sv_dup(struct sv a); /* caller frees */
int sv_cmp(struct sv a, struct sv b);
int sv_cmp_case(struct sv a, struct sv b);

struct str {
	char *s;
	size_t len, cap, max;
};

/* max: the most bytes it may ever hold. */
void str_init(struct str *, size_t max);
void str_fini(struct str *);
/* str_fini for what was secret. Growing leaves copies behind: reserve enough before the first byte. */
void str_wipe(struct str *);
void str_clear(struct str *); /* keeps the memory */
/* All return false at max and then leave the string as it was. */
bool str_add(struct str *, struct sv);
bool str_adds(struct str *, const char *s);
bool str_addc(struct str *, char c);
bool str_addn(struct str *, char c, size_t n);
bool str_addf(struct str *, const char *fmt, ...) PRINTF_LIKE(2, 3);
bool str_vaddf(struct str *, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);
/* Room for n bytes more at the end: write there, then str_commit. NULL at max. */
char *str_reserve(struct str *, size_t n);
void str_commit(struct str *, size_t n);
void str_cut(struct str *, size_t len);                        /* shorter only */
bool str_insert(struct str *, size_t at, struct sv);           /* at clamped to len */
void str_remove(struct str *, size_t at, size_t n);            /* clamped */
char *str_detach(struct str *);                                /* caller frees; string is empty after */
static inline struct sv str_sv(const struct str *s)
{
	return (struct sv){s->s ? s->s : "", s->len};
}

/*
 * The JSON form of a UTF-8 string with its quotes; bytes that are not UTF-8 become U+FFFD, and what a
 * terminal may obey (C0, C1, marks of direction) is written as \uXXXX.
 */
bool str_add_json(struct str *, struct sv);

struct scan {
	const char *p, *end;
};

static inline struct scan scan_of(struct sv v)
{
	const char *p = v.p ? v.p : ""; /* adding to a null pointer is undefined, even nothing */

	return (struct scan){p, p + v.len};
}
static inline bool scan_end(const struct scan *s)
{
	return s->p >= s->end;
}
/* The byte under the cursor, or -1 at the end. */
static inline int scan_peek(const struct scan *s)
{
	return s->p < s->end ? (unsigned char)*s->p : -1;
}
static inline struct sv scan_rest(const struct scan *s)
{
	return (struct sv){s->p, (size_t)(s->end - s->p)};
}
bool scan_byte(struct scan *, char c);           /* steps over c if it is there */
bool scan_lit(struct scan *, const char *s);     /* steps over the word if it is there, ASCII case folded */
void scan_spaces(struct scan *);                 /* over spaces and tabs */
void scan_wsp(struct scan *);                    /* over spaces, tabs, CR, LF */
/* Up to the first byte of stop (not taken) or the end. */
struct sv scan_until(struct scan *, const char *stop);
/* While bytes are in set. */
struct sv scan_while(struct scan *, const char *set);
bool scan_u64(struct scan *, uint64_t *value);   /* digits; false when none or too big */

bool ascii_is_alpha(int c);
bool ascii_is_digit(int c);
bool ascii_is_alnum(int c);
bool ascii_is_space(int c); /* space, tab, CR, LF, VT, FF */
int ascii_lower(int c);
int ascii_upper(int c);
int ascii_hex(int c); /* value of a hex digit, or -1 */

#endif
