/* Collapsed threads: which rows they hide, and collapsing and opening them. */
#include <stdlib.h>

#include "base/mem.h"
#include "core/view_priv.h"

/*
 * Some messages of this thread are collapsed and some are not: one has come. With $uncollapse_new an
 * unread newcomer opens the thread.
 */
static bool stays_collapsed(struct view *v, uint32_t top)
{
	bool collapsed = false, newcomer = false;

	for (uint32_t n = top; n != THREAD_NONE; n = thread_walk_in(&v->threads, n, top)) {
		unsigned f;

		if (!thread_is_msg(&v->threads, n))
			continue;
		f = v->rows[v->perm[n]].flags;
		collapsed = collapsed || (f & FLAG_IN_COLLAPSED);
		newcomer = newcomer || !(f & (FLAG_IN_COLLAPSED | FLAG_SEEN));
	}
	return collapsed && !(newcomer && v->conf->uncollapse_new);
}

/* Of a collapsed thread the first shown message (in tree order) stands for all. */
void view_hide_collapsed(struct view *v, uint32_t top)
{
	bool collapsed = stays_collapsed(v, top);
	uint32_t head = VIEW_NONE;

	for (uint32_t n = top; n != THREAD_NONE; n = thread_walk_in(&v->threads, n, top)) {
		uint32_t row;

		if (!thread_is_msg(&v->threads, n))
			continue;
		row = v->perm[n];
		v->rows[row].hidden_under = VIEW_NONE;
		v->rows[row].flags &= ~(unsigned)(FLAG_COLLAPSED | FLAG_IN_COLLAPSED);
		if (!collapsed)
			continue;
		v->rows[row].flags |= FLAG_IN_COLLAPSED;
		if (!v->rows[row].limited)
			continue;
		if (head == VIEW_NONE) {
			head = row;
			v->rows[row].flags |= FLAG_COLLAPSED;
		} else
			v->rows[row].hidden_under = head;
	}
}

static uint32_t root_place(struct view *v, uint32_t row)
{
	view_update(v);
	if (!v->threaded || row >= v->count || v->place[row] == VIEW_NONE)
		return THREAD_NONE;
	return thread_root(&v->threads, v->place[row]);
}

static bool may_collapse(struct view *v, uint32_t top)
{
	uint32_t count = 0;

	for (uint32_t n = top; n != THREAD_NONE; n = thread_walk_in(&v->threads, n, top)) {
		unsigned f;

		if (!thread_is_msg(&v->threads, n))
			continue;
		f = v->rows[v->perm[n]].flags;
		count++;
		if (!(f & FLAG_SEEN) && !v->conf->collapse_unread)
			return false;
		if ((f & FLAG_FLAGGED) && !v->conf->collapse_flagged)
			return false;
	}
	return count > 1;
}

static void set_collapsed(struct view *v, uint32_t top, bool on)
{
	if (on && !may_collapse(v, top))
		return;
	for (uint32_t n = top; n != THREAD_NONE; n = thread_walk_in(&v->threads, n, top)) {
		if (!thread_is_msg(&v->threads, n))
			continue;
		if (on)
			v->rows[v->perm[n]].flags |= FLAG_IN_COLLAPSED;
		else
			v->rows[v->perm[n]].flags &=
				~(unsigned)(FLAG_IN_COLLAPSED | FLAG_COLLAPSED);
	}
	v->lines_valid = false;
	view_touch(v, VIEW_LIST);
}

void view_collapse(struct view *v, uint32_t row, bool on)
{
	uint32_t top = root_place(v, row);

	if (top == THREAD_NONE)
		return;
	set_collapsed(v, top, on);
	view_update(v);
	if (on || !v->conf->uncollapse_jump)
		return;
	for (uint32_t n = top; n != THREAD_NONE; n = thread_walk_in(&v->threads, n, top)) {
		if (thread_is_msg(&v->threads, n) && !(v->rows[v->perm[n]].flags & FLAG_SEEN)) {
			view_set_cursor(v, v->rows[v->perm[n]].line);
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
	view_update(v);
	if (!v->threaded)
		return;
	for (uint32_t top = v->threads.first_root; top != THREAD_NONE;
		top = v->threads.nodes[top].next)
		set_collapsed(v, top, on);
	view_update(v);
}

uint32_t view_thread_rows(struct view *v, uint32_t row, bool subtree, uint32_t **rows)
{
	uint32_t top = root_place(v, row), n = 0;

	*rows = NULL;
	if (row >= v->count || v->rows[row].gone)
		return 0;
	if (top == THREAD_NONE) {
		*rows = xcalloc(1, sizeof(**rows));
		(*rows)[0] = row;
		return 1;
	}
	if (subtree)
		top = v->place[row];
	*rows = xcalloc((size_t)v->perm_len + 1, sizeof(**rows));
	for (uint32_t at = top; at != THREAD_NONE; at = thread_walk_in(&v->threads, at, top)) {
		if (thread_is_msg(&v->threads, at))
			(*rows)[n++] = v->perm[at];
	}
	return n;
}
