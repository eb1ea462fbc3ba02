/*
 * The index screen, for the files that work on it: index_view.c (lines, moving), message.c (what is
 * done to messages), mailbox.c (opening and leaving mailboxes).
 */
#ifndef UI_INDEX_PRIV_H
#define UI_INDEX_PRIV_H

#include "conf/expando.h"
#include "core/pattern.h"
#include "core/view.h"
#include "ui/ui_priv.h"

struct index_pattern {
	struct pattern *pattern;
	enum color_id object;
	struct style style;
};

struct index {
	struct screen base;
	struct view *view; /* NULL: no mailbox is open */
	struct list list;
	struct expando *format;
	struct index_pattern *patterns; /* of `color index`, the last line first */
	size_t npatterns;
	struct pattern *search;
	char *search_text;
	uint32_t hook_row;
	bool placed;  /* the cursor was put on the first new message after loading */
	bool touched; /* the user has moved: leave the cursor alone */
	bool all_collapsed;
	int64_t moved_ms;
	struct flow *limit_flow; /* waits until the list is what the limit says; NULL: none */
	bool limit_back;         /* a limit was cancelled: when the old list is there again, */
	int64_t limit_back_id;   /* this message is under the cursor, */
	int limit_back_above;    /* so many lines below the first one */
};

struct index *index_of(struct ui *ui); /* NULL: none on the stack */
uint32_t index_row(struct index *);    /* under the cursor; VIEW_NONE */
bool index_step(struct ui *, enum func_id);
void index_sync(struct index *); /* the list on the screen has as many lines as the view */
/* ---- narrow.c ---- */
void narrow_changed(struct index *);                     /* the view has changed */
void narrow_tally(struct flow *, const char *text);      /* flow.typed: says how many a pattern would find */
/* ---- */
bool index_search_next(struct ui *, bool opposite);
void index_replace_view(struct index *, struct view *take);
void index_new_mail(struct index *);
void index_run_new_mail_command(struct index *);

/*
 * Asks the worker for the messages that match the body terms of a pattern, then goes on with next
 * (at once when it has none).
 */
enum flow_state bodies_search(struct flow *, struct view *, struct pattern *, flow_step *next);

#endif
