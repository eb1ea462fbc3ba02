/*
 * What messages are sorted by: keys that are numbers, keys that are texts, and which of two messages or threads
 * comes first. Labels, scores, spam marks and recipients are columns that exist only when needed.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/radix.h"
#include "core/view_priv.h"

/* ---- columns ---- */

uint32_t view_column(const struct view *v, enum view_column column, uint32_t row)
{
	return v->columns[column] ? v->columns[column][row] : 0;
}

void view_set_column(struct view *v, enum view_column column, uint32_t row, uint32_t value)
{
	if (!v->columns[column]) {
		if (!value)
			return;
		v->columns[column] = xcalloc(v->cap, sizeof(**v->columns));
	}
	v->columns[column][row] = value;
}

bool view_lacks_key(const struct view *v, enum sort_key key)
{
	return key == SORT_TO && !v->to_known;
}

void view_learn_to(struct view *v, uint32_t source, const struct message_row *m)
{
	uint32_t row = view_find_id(v, row_key(source, m->id));

	if (row != VIEW_NONE)
		view_set_column(v, COLUMN_TO, row, strpool_add(v->pool, m->to));
}

/* ---- texts ---- */

bool view_key_is_text(enum sort_key key)
{
	return key == SORT_SUBJECT || key == SORT_FROM || key == SORT_TO || key == SORT_LABEL || key == SORT_SPAM;
}

uint32_t view_key_number(struct view *v, enum sort_key key, uint32_t row)
{
	switch (key) {
	case SORT_SUBJECT:
		return view_real_subject(v, v->rows[row].subject, NULL);
	case SORT_FROM:
		return v->rows[row].from;
	case SORT_TO:
		return view_column(v, COLUMN_TO, row);
	case SORT_LABEL:
		return view_column(v, COLUMN_LABEL, row);
	case SORT_SPAM:
		return view_column(v, COLUMN_SPAM, row);
	default:
		return 0;
	}
}

struct sv view_key_text(struct view *v, enum sort_key key, uint32_t number)
{
	struct sv text = strpool_text(v->pool, number);
	struct addr_item item;

	if (key != SORT_FROM && key != SORT_TO)
		return text;
	return addr_next(&text, &item) ? addr_label(item) : sv_of("");
}

/* As mutt: by the number that it begins with, then by the rest. */
static int spam_cmp(struct sv a, struct sv b)
{
	double x = strtod(a.len ? a.p : "", NULL), y = strtod(b.len ? b.p : "", NULL);

	if (!a.len || !b.len)
		return (a.len > 0) - (b.len > 0);
	return x < y ? -1 : x > y ? 1 : sv_cmp_case(a, b);
}

int view_text_cmp(enum sort_key key, struct sv a, struct sv b)
{
	if (key == SORT_SPAM)
		return spam_cmp(a, b);
	if (key == SORT_LABEL && (!a.len || !b.len))
		return (a.len == 0) - (b.len == 0); /* those without one come last */
	return sv_cmp_case(a, b);
}

/* ---- numbers ---- */

static unsigned fit_of(struct view *v, uint32_t row)
{
	const struct pattern *p = v->limit ? v->limit : v->filter;
	struct msg_facts m;

	if (!p)
		return 0;
	view_facts_bare(v, row, &m);
	return pattern_fit(p, &m);
}

uint32_t view_key_value(struct view *v, enum sort_key key, uint32_t row)
{
	const struct row *r = &v->rows[row];

	switch (key) {
	case SORT_DATE_RECEIVED:
		return r->received;
	case SORT_SIZE:
		return r->size;
	case SORT_SCORE:
		return radix_signed(view_score(v, row));
	case SORT_RELEVANCE:
		return UINT32_MAX - fit_of(v, row);
	case SORT_MAILBOX_ORDER:
		return 0;
	default:
		return r->sent;
	}
}

/* ---- comparing ---- */

static int place_cmp(const struct view *v, uint32_t a, uint32_t b)
{
	uint64_t x = v->rows[a].id, y = v->rows[b].id;

	return x < y ? -1 : x > y;
}

/* By the key alone. */
static int only_key_cmp(struct view *v, enum sort_key key, uint32_t a, uint32_t b)
{
	uint32_t x, y;

	if (view_key_is_text(key)) {
		x = view_key_number(v, key, a);
		y = view_key_number(v, key, b);
		return x == y ? 0 : view_text_cmp(key, view_key_text(v, key, x), view_key_text(v, key, y));
	}
	x = view_key_value(v, key, a);
	y = view_key_value(v, key, b);
	return x < y ? -1 : x > y;
}

int view_key_cmp(struct view *v, enum sort_key key, uint32_t a, uint32_t b)
{
	int c = only_key_cmp(v, key, a, b);

	return c ? c : place_cmp(v, a, b);
}

static int turned(int c, bool reverse)
{
	return reverse ? -c : c;
}

int view_flat_cmp(struct view_order *o, uint32_t a, uint32_t b)
{
	int c = 0;

	if (o->main.key != SORT_MAILBOX_ORDER) {
		c = turned(only_key_cmp(o->view, o->main.key, a, b), o->main.reverse);
		if (c == 0 && o->aux.key != SORT_MAILBOX_ORDER)
			c = turned(only_key_cmp(o->view, o->aux.key, a, b), o->aux.reverse);
	}
	/* Equal ones stay in mailbox order, or go backwards with a reversed key, as in mutt. */
	return c ? c
		 : turned(place_cmp(o->view, a, b),
			   o->aux.key == SORT_MAILBOX_ORDER && o->main.key != SORT_MAILBOX_ORDER ? o->aux.reverse
												 : o->main.reverse);
}

int view_root_cmp(struct view_order *o, uint32_t root_a, uint32_t root_b)
{
	uint32_t a = thread_stands_for(&o->threads, root_a), b = thread_stands_for(&o->threads, root_b);

	return turned(view_key_cmp(o->view, o->roots.key, a, b), o->roots.reverse);
}
