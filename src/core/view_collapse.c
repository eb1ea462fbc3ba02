/* Collapsed threads: which rows they hide, and collapsing and opening them. */
#include <stdlib.h>

#include "base/mem.h"
#include "core/view_priv.h"

/* ---- what is shown ---- */

/*
 * Some messages of this thread are collapsed and some are not: one has come. With $uncollapse_new an
 * unread newcomer opens the thread.
 */
static bool stays_collapsed(const struct view_order *o, uint32_t root)
{
	const struct view *v = o->view;
	bool collapsed = false, newcomer = false;

	for (uint32_t n = root; n != THREAD_NONE; n = thread_walk(&o->threads, n, root)) {
		unsigned f;

		if (!thread_is_msg(n))
			continue;
		f = v->rows[n].flags;
		collapsed = collapsed || (f & FLAG_IN_COLLAPSED);
		newcomer = newcomer || !(f & (FLAG_IN_COLLAPSED | FLAG_SEEN));
	}
	return collapsed && !(newcomer && v->conf->uncollapse_new);
}

/* Of a collapsed thread the first message (in tree order) that the limit lets through stands for all. */
void view_show_thread(struct view_order *o, uint32_t root)
{
	struct view *v = o->view;
	bool collapsed = stays_collapsed(o, root), head = false;

	for (uint32_t n = root; n != THREAD_NONE; n = thread_walk(&o->threads, n, root)) {
		struct row *r;
		unsigned flags;

		if (!thread_is_msg(n))
			continue;
		r = &v->rows[n];
		flags = r->flags & ~(unsigned)(FLAG_COLLAPSED | FLAG_IN_COLLAPSED);
		if (collapsed)
			flags |= FLAG_IN_COLLAPSED | (r->limited && !head ? FLAG_COLLAPSED : 0);
		r->flags = flags; /* neither is counted */
		list_show(o, n, r->limited && !(collapsed && head));
		head = head || r->limited;
	}
}

void view_show_row(struct view_order *o, uint32_t row)
{
	list_show(o, row, o->view->rows[row].limited);
}

void view_show_all(struct view *v)
{
	struct view_order *o = v->order;
	uint32_t last = THREAD_NONE;
	struct seq_walk w = seq_walk(o->seq, 0, 1, true);

	for (uint32_t row; (row = seq_next(&w)) != SEQ_NONE;) {
		uint32_t root;

		if (!o->threaded || !(v->rows[row].flags & FLAG_IN_COLLAPSED)) {
			view_show_row(o, row);
			continue;
		}
		root = thread_root(&o->threads, row);
		if (root != last)
			view_show_thread(o, root);
		last = root;
	}
	list_changed(v);
}

static uint32_t root_of(struct view *v, uint32_t row)
{
	if (!v->order->threaded || row >= v->count || !thread_has(&v->order->threads, row))
		return THREAD_NONE;
	return thread_root(&v->order->threads, row);
}

uint32_t view_head_of(struct view *v, uint32_t row)
{
	const struct threads *t = &v->order->threads;
	uint32_t root = root_of(v, row);

	if (root == THREAD_NONE || !v->rows[row].limited ||
		(v->rows[row].flags & (FLAG_COLLAPSED | FLAG_IN_COLLAPSED)) != FLAG_IN_COLLAPSED)
		return VIEW_NONE;
	for (uint32_t n = root; n != THREAD_NONE; n = thread_walk(t, n, root)) {
		if (thread_is_msg(n) && (v->rows[n].flags & FLAG_COLLAPSED))
			return n;
	}
	return VIEW_NONE;
}

/* ---- collapsing ---- */

static bool may_collapse(struct view *v, uint32_t root)
{
	const struct threads *t = &v->order->threads;
	uint32_t count = 0;

	for (uint32_t n = root; n != THREAD_NONE; n = thread_walk(t, n, root)) {
		unsigned f;

		if (!thread_is_msg(n))
			continue;
		f = v->rows[n].flags;
		count++;
		if (!(f & FLAG_SEEN) && !v->conf->collapse_unread)
			return false;
		if ((f & FLAG_FLAGGED) && !v->conf->collapse_flagged)
			return false;
	}
	return count > 1;
}

static void set_collapsed(struct view *v, uint32_t root, bool on)
{
	const struct threads *t = &v->order->threads;

	if (on && !may_collapse(v, root))
		return;
	for (uint32_t n = root; n != THREAD_NONE; n = thread_walk(t, n, root)) {
		if (!thread_is_msg(n))
			continue;
		if (on)
			v->rows[n].flags |= FLAG_IN_COLLAPSED;
		else
			v->rows[n].flags &= ~(unsigned)(FLAG_IN_COLLAPSED | FLAG_COLLAPSED);
	}
	view_show_thread(v->order, root);
}

void view_collapse(struct view *v, uint32_t row, bool on)
{
	const struct threads *t = &v->order->threads;
	uint32_t root;

	view_update(v);
	root = root_of(v, row);
	if (root == THREAD_NONE)
		return;
	set_collapsed(v, root, on);
	list_changed(v);
	view_update(v);
	if (on || !v->conf->uncollapse_jump)
		return;
	for (uint32_t n = root; n != THREAD_NONE; n = thread_walk(t, n, root)) {
		if (thread_is_msg(n) && !(v->rows[n].flags & FLAG_SEEN)) {
			view_set_cursor(v, list_line(v, n));
			return;
		}
	}
}

bool view_is_collapsed(struct view *v, uint32_t row)
{
	view_update(v);
	return row < v->count && (v->rows[row].flags & FLAG_IN_COLLAPSED);
}

void view_collapse_all(struct view *v, bool on)
{
	uint32_t last = THREAD_NONE;
	struct seq_walk w;

	view_update(v);
	if (!v->order->threaded)
		return;
	w = seq_walk(v->order->seq, 0, 1, true);
	for (uint32_t row; (row = seq_next(&w)) != SEQ_NONE;) {
		uint32_t root = thread_root(&v->order->threads, row);

		if (root != last)
			set_collapsed(v, root, on);
		last = root;
	}
	list_changed(v);
	view_update(v);
}

uint32_t view_thread_rows(struct view *v, uint32_t row, bool subtree, uint32_t **rows)
{
	const struct threads *t = &v->order->threads;
	uint32_t top, n = 0, cap = 0, *list = NULL;

	*rows = NULL;
	view_update(v);
	if (row >= v->count || v->rows[row].gone)
		return 0;
	top = root_of(v, row);
	if (top == THREAD_NONE) {
		*rows = xcalloc(1, sizeof(**rows));
		(*rows)[0] = row;
		return 1;
	}
	if (subtree)
		top = row;
	for (uint32_t at = top; at != THREAD_NONE; at = thread_walk(t, at, top)) {
		if (!thread_is_msg(at) || v->rows[at].gone)
			continue;
		array_grow(list, n, cap);
		list[n++] = at;
	}
	*rows = list;
	return n;
}
