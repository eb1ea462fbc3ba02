/* The compiled form of a pattern, shared by its parser, matcher and printer. */
#ifndef CORE_PATTERN_PRIV_H
#define CORE_PATTERN_PRIV_H

#include "core/idset.h"
#include "core/pattern.h"

#define PATTERN_NONE UINT32_MAX
#define PATTERN_BODY_TERMS_MAX 64

enum pnode_op { P_AND, P_OR, P_TERM, P_RELATION };

/* Where a bound of ~m is counted from. */
enum pbase { BASE_ABSOLUTE, BASE_CURRENT, BASE_LAST };

struct pnode {
	enum pnode_op op;
	bool not ;
	uint32_t first, last, next, parent; /* children of P_AND, P_OR and P_RELATION */
	enum pattern_relation relation;
	/* P_TERM */
	const struct pat *pat;
	enum pat_id id;
	char prefix;      /* ~ = % */
	bool all, alias;  /* ^ and @ */
	char *arg;        /* the argument as text, without quotes; NULL: none */
	struct rx *rx;    /* ~ */
	bool ignore_case; /* = */
	int64_t min, max; /* ranges and dates */
	enum pbase min_base, max_base;
	int body; /* index of a body term, -1: answered from the row */
};

struct body_term {
	char *text;
	struct idset *ids; /* NULL: no answer yet */
};

struct pattern {
	char *text;
	unsigned flags;
	struct pnode *nodes;
	uint32_t count, cap;
	uint32_t root; /* PATTERN_NONE: matches everything (empty) */
	struct body_term body[PATTERN_BODY_TERMS_MAX];
	size_t body_count;
};

/* pattern_date.c */
bool pattern_date_range(
	struct sv text, int64_t now, int64_t *min, int64_t *max, struct err *e) MUST_CHECK;
/* pattern_range.c: ~n ~X ~z, and ~m with its marks. Takes what it understands off *rest. */
bool pattern_number_range(struct scan *rest, int64_t *min, int64_t *max, struct err *e) MUST_CHECK;
bool pattern_message_range(struct scan *rest, struct pnode *node, struct err *e) MUST_CHECK;
/* pattern_print.c */
bool pattern_print_term(const struct pnode *, struct str *out);

#endif
