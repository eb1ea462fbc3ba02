/* Private to conf/: a compiled format string. */
#ifndef CONF_EXPANDO_PRIV_H
#define CONF_EXPANDO_PRIV_H

#include "base/mem.h"
#include "conf/expando.h"

enum exp_node_kind { EXP_TEXT, EXP_VALUE, EXP_IF, EXP_PAD };

/* The numbers and flags between % and the letter. */
struct exp_width {
	int min, max; /* columns; max -1: no limit */
	char align;   /* '-' left, '=' centre, 0 right */
	bool zero, lower, nodots;
	bool given; /* any of them */
};

struct exp_node {
	struct exp_node *next;
	enum exp_node_kind kind;
	struct sv text; /* EXP_TEXT; EXP_PAD: the character */
	char pad;       /* EXP_PAD: > | or * */
	struct exp_width width;
	struct expando_ref ref;    /* EXP_VALUE, EXP_IF */
	struct exp_node *yes, *no; /* EXP_IF */
};

struct expando {
	struct arena *arena;
	char *source;
	enum expando_set set;
	struct exp_node *nodes;
	/* a filter: one list for each word of the command */
	bool filter;
	struct exp_node **words;
	size_t nwords;
};

/* Compares a time with a condition such as [1d or (y: is it that new? */
bool exp_date_is_new(struct sv unit, int64_t time, int64_t now);

#endif
