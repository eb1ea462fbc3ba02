/*
 * A screen that is a list of texts with something to say about the one under the cursor: log, outbox,
 * queue, actions, accounts. The list is a snapshot; a change makes it anew.
 */
#ifndef UI_ITEMS_H
#define UI_ITEMS_H

#include "ui/ui_priv.h"

struct item {
	int64_t id;
	char *text;   /* the line */
	char *detail; /* all of it: URL, error, cure; lines of any length */
	char *name;   /* of what it is about, or NULL */
	int64_t *ids; /* when it stands for several things; NULL */
	size_t id_count;
	int level;    /* enum log_level: its colour */
	bool dim;     /* of no importance any more */
	bool tagged, deleted;
};

struct items;
struct items_kind {
	int id;
	const char *title;   /* N_() */
	const char *nothing; /* N_(): what an empty list says */
	void (*fill)(struct items *); /* adds all; NULL: filled once by who opens it */
	void (*say_title)(struct items *, struct str *out); /* NULL: title and number */
	bool detail; /* the current one is explained under the list */
};

struct items {
	struct screen base;
	struct list list;
	const struct items_kind *kind;
	struct item *v;
	size_t n, cap;
};

/* Makes the screen and fills it. */
struct items *items_open(struct ui *, const struct screen_ops *, const struct items_kind *);
struct item *items_add(struct items *, int64_t id, char *take_text, char *take_detail);
void items_fill(struct items *); /* anew; the cursor stays on its entry */
struct item *items_current(struct items *); /* NULL: the list is empty */
char *items_time(int64_t when, const char *format); /* caller frees */
/* Text in so many columns: cut or padded. columns < 0: at the right edge. */
void items_column(struct str *out, const char *text, int columns);
/* "10:58" of today, else "23 Nov"; six columns. Caller frees. */
char *items_when(int64_t when);
/* For handler tables. */
enum run_result items_run_copy(struct ui *, struct screen *, enum func_id);
enum run_result items_run_exit(struct ui *, struct screen *, enum func_id);
enum run_result items_run_detail(struct ui *, struct screen *, enum func_id);

/* For tables of struct screen_ops. */
void items_draw(struct screen *);
void items_status(struct screen *, struct str *out, int width);
struct list *items_list(struct screen *);
void items_entry(struct screen *, int n, struct str *out);
void items_shown(struct screen *);
void items_free(struct screen *);
#define ITEM_OPS(n, m, h, f)                                                                       \
	{                                                                                          \
		.name = n, .menu = m, .layout = LAYOUT_FULL, .draw = items_draw, .status = items_status, \
		.list = items_list, .entry = items_entry, .shown = items_shown, .free = f, .hints = h, \
	}

#endif
