/*
 * mutt's pattern language: `~f alice ~d >1w !~D | ~(~F)`. Compiled once to a flat program (postfix,
 * no recursion on user text), then matched against messages by the thousand. What only a worker can
 * answer (bodies, whole headers) is kept apart: pattern_needs_bodies, and a set of message ids that
 * the worker found (pattern_set_found).
 */
#ifndef CORE_PATTERN_H
#define CORE_PATTERN_H

#include "core/msg.h"
#include "base/err.h"

#define PATTERN_TEXT_MAX 16384 /* bytes of a pattern */
#define PATTERN_NODES_MAX 1024
#define PATTERN_DEPTH_MAX 64 /* nesting of parentheses */

struct pattern;
struct conf;

enum {
	PATTERN_SIMPLE = 1, /* a text without ~ = % goes through $simple_search and the short words (all, new ...) */
	PATTERN_FULL = 2,   /* ~b ~h and the like are allowed to look at bodies (hooks may not) */
};

/* Names that a pattern asks about; any member may be NULL. */
struct pattern_env {
	void *data;
	bool (*in_group)(void *data, struct sv group, struct addr_item addr);
	bool (*is_alias)(void *data, struct addr_item addr); /* @~f: is this one of my aliases? */
};

/* now: seconds since 1970, for relative dates (clock_now()). ERR_INPUT names what is wrong and where. */
struct pattern *pattern_compile(const struct conf *, const char *text, unsigned flags, int64_t now,
	struct err *e) MUST_CHECK;
void pattern_free(struct pattern *); /* NULL is fine */
const char *pattern_text(const struct pattern *); /* as given */
/* Canonical form: one blank between terms, quotes where needed, and `()` only where they matter. Caller frees. */
char *pattern_canonical(const struct pattern *);

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

/* True when a term needs what the cache rows do not hold. */
bool pattern_needs_bodies(const struct pattern *);
/*
 * The body terms, in canonical form, one by one (for a worker's SEARCH): n from 0; NULL at the end.
 * Answers come back through pattern_set_found; until then such a term matches nothing.
 */
const char *pattern_body_term(const struct pattern *, size_t n);
/* ids: sorted ascending; copied. */
void pattern_set_found(struct pattern *, size_t n, const int64_t *ids, size_t count);

#endif
