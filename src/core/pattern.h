/*
 * mutt's pattern language: `~f alice ~d >1w !~D | ~(~F)`. Compiled once to a tree in an array (no
 * recursion on what somebody typed), then matched against messages by the thousand. What only a worker
 * can answer (bodies, whole headers) is kept apart: pattern_body_term gives it out, pattern_set_found
 * takes the ids that the worker found.
 */
#ifndef CORE_PATTERN_H
#define CORE_PATTERN_H

#include "base/err.h"
#include "conf/conf.h"
#include "core/msg.h"

#define PATTERN_TEXT_MAX 16384 /* bytes of a pattern */
#define PATTERN_NODES_MAX 2048
#define PATTERN_DEPTH_MAX 64 /* nesting of parentheses */

struct pattern;

enum {
	PATTERN_SIMPLE =
		1, /* a text without ~ = % goes through $simple_search; short words (all, new ...) are known */
	PATTERN_FULL =
		2, /* addresses match by name, too, and bodies may be asked for (limit, search; not hooks) */
};

/* now: seconds since 1970, for relative dates (clock_now()). ERR_INPUT names what is wrong and where. */
struct pattern *pattern_compile(const struct conf *, const char *text, unsigned flags, int64_t now,
	struct err *e) MUST_CHECK;
void pattern_free(struct pattern *);              /* NULL is fine */
const char *pattern_text(const struct pattern *); /* as given */
/*
 * Canonical form: one blank between terms, quotes where needed, parentheses where they mean
 * something, simple words written out. Caller frees.
 */
char *pattern_canonical(const struct pattern *);

/* What a pattern may ask about besides the message; any member may be NULL or 0. */
struct pattern_env {
	const struct conf *conf; /* groups and aliases: %f GROUP, @~f X */
	uint32_t current, count; /* message numbers for ~m . ^ $ */
	int64_t now;             /* for ~E */
	struct pattern_memo *memo; /* NULL: none */
	/*
	 * When the facts given lack texts (PATTERN_NEEDS_TEXTS): completes them, when a term wants one. NULL: they are
	 * complete.
	 */
	void (*complete)(void *data, struct msg_facts *);
	void *data;
};

/*
 * Remembers how texts with numbers (msg_facts) did, for going through all messages of one view: a subject
 * or a sender stands in many of them. For one pattern and one view, and no longer than its texts keep their numbers.
 */
struct pattern_memo *pattern_memo_new(const struct pattern *);
void pattern_memo_free(struct pattern_memo *); /* NULL is fine */

/* What it looks at that is not in memory for every message, or has to be worked out first. */
enum pattern_needs {
	PATTERN_NEEDS_TEXTS = 1,  /* more than subject, sender, label and keywords */
	PATTERN_NEEDS_FLAGS = 2,  /* whose it is, or duplicates */
	PATTERN_NEEDS_NUMBER = 4, /* its number or its score */
	PATTERN_NEEDS_WIDE = 8,   /* a date or size, which rows hold as far as 32 bits go */
};
unsigned pattern_needs(const struct pattern *);

/*
 * The relatives of a message, for ~(P) ~<(P) ~>(P) ~$; NULL where there are no threads. any: does test hold
 * for one of them? It may call any again for that one.
 */
enum pattern_relation { PATTERN_MEMBER, PATTERN_PARENT, PATTERN_CHILD };
typedef bool pattern_test_fn(void *ctx, const struct msg_facts *);
struct pattern_thread {
	void *data;
	bool (*any)(void *data, uint32_t row, enum pattern_relation, pattern_test_fn *, void *ctx);
};

bool pattern_match(const struct pattern *, const struct msg_facts *, const struct pattern_thread *,
	const struct pattern_env *);

/*
 * What fits now also fitted before: somebody went on typing the last word. Not certain: false.
 */
bool pattern_is_finer(const struct pattern *now, const struct pattern *before);

/*
 * How well a message fits that matches: more is better. Looks at subject and sender alone, so that it may be asked for
 * every row. 0: what is looked for stands in its text, at best.
 */
unsigned pattern_fit(const struct pattern *, const struct msg_facts *);

/*
 * The pattern as a search on a server: lines as box.h describes them (sync), for all messages that match
 * and maybe more, since a server knows neither expressions nor threads. NULL: it could narrow nothing.
 * Caller frees.
 */
char *pattern_server_query(const struct pattern *);

/* True when a term needs what the cache rows do not hold. */
bool pattern_needs_bodies(const struct pattern *);
/*
 * The body terms in canonical form, one by one (for a worker's SEARCH): n from 0; NULL at the end;
 * lent. Answers come back through pattern_set_found; until then such a term matches nothing.
 */
const char *pattern_body_term(const struct pattern *, size_t n);
/* ids: in any order; copied. */
void pattern_set_found(struct pattern *, size_t n, const int64_t *ids, size_t count);

#endif
