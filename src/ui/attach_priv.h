/*
 * The attachment menu, for the files that work on it: attach_view.c (the tree, looking at parts,
 * answering), attach_save.c (saving, piping, printing), attach_answer.c (answers), attach_pager.c (keys while a part is looked at).
 */
#ifndef UI_ATTACH_PRIV_H
#define UI_ATTACH_PRIV_H

#include "core/attach.h"
#include "text/doc.h"
#include "ui/index_priv.h"

struct attach {
	struct screen base;
	struct list list;
	struct view *view;
	uint32_t row;
	struct doc *doc;     /* NULL: on its way */
	uint64_t job;
	uint32_t *shown;     /* part indexes in the list (collapsed ones are left out) */
	bool *tagged, *collapsed, *deleted;
	struct {
		bool counts;    /* it is an attachment */
		uint32_t below; /* attachments in it */
	} *counts;
	char *failed;
	enum func_id looked; /* how the part on the screen was opened: view-attach, view-text ... */
};

static inline struct attach *attach_self(struct screen *s)
{
	return (struct attach *)s;
}

/* The menu at the top, or under the pager that shows one of its parts; NULL. */
struct attach *attach_top(struct ui *);
bool attach_is_text(const struct doc_part *); /* our renderer shows it without help */
/* Leaves the menu, and the pager above it. */
void attach_leave(struct ui *);

static inline const struct doc_part *attach_part_at(const struct attach *a, int n)
{
	return &a->doc->parts[a->shown[n]];
}

static inline const struct doc_part *attach_part(struct attach *a)
{
	return a->doc && a->list.count > 0 ? attach_part_at(a, a->list.cursor) : NULL;
}

#endif
