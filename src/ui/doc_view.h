/*
 * A document on the screen: which of its lines are visible, where the window stands, how they look.
 * Shared by the pager, the preview and the compose screen.
 */
#ifndef UI_DOC_VIEW_H
#define UI_DOC_VIEW_H

#include "text/doc.h"
#include "ui/ui_priv.h"

struct doc_view {
	struct doc *doc;       /* owned; NULL: nothing yet */
	uint32_t *visible;     /* lines that are shown, in order; NULL: all */
	uint32_t count;
	uint32_t top;          /* index into visible */
	int rows;
	bool hide_quoted;
	unsigned quoted_levels; /* that stay visible then */
	struct rx *search;     /* lent */
	bool highlight;
};

void doc_view_fini(struct doc_view *);
/* The line of the document that is the index-th visible one; index < count. */
uint32_t doc_view_line(const struct doc_view *, uint32_t index);
/* Another document; takes it. keep: the window stays at the same part of the text. */
void doc_view_set(struct doc_view *, struct doc *take, bool keep);
/* Without (or again with) the lines that are quoted deeper than `levels`; the window stays where it is. */
void doc_view_hide_quoted(struct doc_view *, bool hide, unsigned levels);
void doc_view_set_rows(struct doc_view *, int rows);
/* by lines; false when it cannot move that way. */
bool doc_view_scroll(struct doc_view *, long by);
void doc_view_go(struct doc_view *, uint32_t top);
bool doc_view_at_end(const struct doc_view *);
/* "all", "end", "top" or "34%"; buf at least 8 bytes. */
const char *doc_view_position(const struct doc_view *, char *buf);
/* The visible line (index) that matches from `from` on in direction dir; UINT32_MAX. */
uint32_t doc_view_find(const struct doc_view *, struct rx *, long from, int dir);
void doc_view_draw(struct ui *, struct doc_view *, struct area);

#endif
