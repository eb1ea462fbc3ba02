/*
 * The compose screen, for the files that work on it: compose_view.c (fields, editing, sending),
 * compose_parts.c (attachments).
 */
#ifndef UI_COMPOSE_PRIV_H
#define UI_COMPOSE_PRIV_H

#include "core/draft.h"
#include "ui/ui_priv.h"

struct compose {
	struct screen base;
	struct draft *draft;
	struct list list; /* parts */
	bool *tagged;
	size_t tagged_n;
	uint32_t preview_top;
};

static inline struct compose *compose_of(struct screen *s)
{
	return (struct compose *)s;
}

/*
 * compose_second.c: a step before sending. The draft gets its second form, when it is to have one; then next. The
 * data of the flow is ours from here on.
 */
enum flow_state compose_second(struct flow *, flow_step *next);

/* The compose screen on top of the stack. */
static inline struct compose *compose_top(struct ui *ui)
{
	return compose_of(ui_top(ui));
}

#endif
