/*
 * Format strings: %4C, %-20.20L, %?x?a&b?, %<x?a&b>, %{%d %b}, %>X, %|X, %*X, and a trailing | that
 * pipes through a command. Compiled once, formatted often. Values come from a callback, so this
 * file knows nothing of mail. Widths are screen columns.
 */
#ifndef CONF_EXPANDO_H
#define CONF_EXPANDO_H

#include "base/err.h"
#include "base/str.h"
#include "vocab/vocab.h"

#define EXPANDO_DEPTH 16       /* nested conditionals */
#define EXPANDO_OUT_MAX 65536  /* bytes of a formatted line */
#define EXPANDO_WIDTH_MAX 4096 /* columns of one value */

enum expando_kind { EXPANDO_TEXT, EXPANDO_NUMBER, EXPANDO_TIME };

struct expando_value {
	enum expando_kind kind;
	struct str *text; /* EXPANDO_TEXT: write here (it is empty) */
	long number;
	int64_t time;         /* EXPANDO_TIME: seconds since 1970 */
	int zone_min;         /* minutes east of UTC */
	bool local;           /* in the user's zone; zone_min does not count */
	const char *time_fmt; /* strftime, when the format itself has none (%d: $date_format) */
	int truth; /* in conditionals: 1, 0, or -1: text not empty, number not 0 (the default) */
};

struct expando_ref {
	const struct expando_word *word; /* letter and set; NULL for %@name@, %{...} and the like */
	char kind;                       /* the letter, or one of { [ ( < @ */
	struct sv letters;               /* "s", "zs" */
	struct sv arg;                   /* strftime format or hook name */
	bool in_condition;               /* asked as the condition of %?x? or %<x? */
};

struct expando_env {
	/* Fills *v; false: this expando is not known here (it then prints as nothing). */
	bool (*value)(void *data, const struct expando_ref *, struct expando_value *v);
	void *data;
	int width;          /* columns of the line; 0: no padding and no limit */
	bool no_filter;     /* do not run a trailing | command */
	const char *locale; /* language of dates ("de_DE.UTF-8"); NULL or "": the user's */
	int64_t now;        /* for relative conditions; 0: the clock */
};

/* Where a value stands in the output (for column colours). */
struct expando_span {
	size_t start, len; /* bytes */
	char letter;
};
struct expando_spans {
	struct expando_span v[64];
	size_t n;
};

struct expando;
/*
 * ERR_INPUT names what is wrong (missing '}', bad conditional, unknown expando of this set); the
 * lenient form never fails: what it does not understand prints as mutt would print it.
 */
struct expando *expando_new(enum expando_set, struct sv format, struct err *e) MUST_CHECK;
struct expando *expando_new_lenient(enum expando_set, struct sv format);
void expando_free(struct expando *); /* NULL is fine */
const char *expando_source(const struct expando *);
bool expando_is_filter(const struct expando *); /* ends in | */
/* Appends the line to out. spans may be NULL. */
void expando_format(const struct expando *, const struct expando_env *, struct str *out,
	struct expando_spans *spans);

/*
 * strftime in UTF-8 for mail dates: fmt may start with ! (C locale); zone_min minutes east of UTC,
 * or local. Appends.
 */
void date_format(struct str *out, struct sv fmt, int64_t time, int zone_min, bool local);
/* The same in a language; locale NULL or "": the user's. */
void date_format_in(
	struct str *out, struct sv fmt, int64_t time, int zone_min, bool local, const char *locale);

#endif
