/*
 * The lines of the list and the cursor that stays on its message. The sequence of an order is turned round
 * for threads that grow upwards; whoever asks for lines does not notice.
 */
#include "core/view_priv.h"

static uint32_t turned(const struct view_order *o, uint32_t line)
{
	return o->reverse_tree ? seq_lines(o->seq) - 1 - line : line;
}

uint32_t list_row(struct view *v, uint32_t line)
{
	struct view_order *o = v->order;

	return line < seq_lines(o->seq) ? seq_at_line(o->seq, turned(o, line)) : VIEW_NONE;
}

uint32_t list_line(struct view *v, uint32_t row)
{
	uint32_t line = seq_line_of(v->order->seq, row);

	return line == SEQ_NONE ? VIEW_NONE : turned(v->order, line);
}

struct seq_walk list_walk(struct view *v, uint32_t from, int direction)
{
	struct view_order *o = v->order;

	if (from >= seq_lines(o->seq)) /* below 0 as well: unsigned */
		return seq_walk(o->seq, SEQ_NONE, 1, false);
	return seq_walk(o->seq, turned(o, from), o->reverse_tree ? -direction : direction, false);
}

struct seq_walk list_walk_all(struct view *v)
{
	struct view_order *o = v->order;
	uint32_t count = seq_count(o->seq);

	return seq_walk(o->seq, o->reverse_tree && count ? count - 1 : 0, o->reverse_tree ? -1 : 1, true);
}

bool list_has(const struct view *v, uint32_t row)
{
	return seq_has(v->order->seq, row) && v->rows[row].limited;
}

void list_changed(struct view *v)
{
	v->cursor_valid = false;
	view_forget_trees(v);
	view_touch(v, VIEW_LIST | VIEW_COUNTS);
}

/* ---- changing an order's list ---- */

void list_show(struct view_order *o, uint32_t row, bool shown)
{
	uint32_t size = o->view->rows[row].size;

	if (seq_show(o->seq, row, shown))
		o->shown_size += shown ? size : -(uint64_t)size;
}

void list_remove(struct view_order *o, uint32_t row)
{
	if (seq_is_shown(o->seq, row))
		o->shown_size -= o->view->rows[row].size;
	seq_remove(o->seq, row);
}

void list_insert(struct view_order *o, uint32_t index, uint32_t row)
{
	seq_insert(o->seq, index, row);
	o->shown_size += o->view->rows[row].size;
}

/* ---- cursor ---- */

void list_cursor_survivor(struct view *v)
{
	for (int direction = 1; direction >= -1; direction -= 2) {
		struct seq_walk w = list_walk(v, list_line(v, v->cursor_row), direction);

		for (uint32_t row; (row = seq_next(&w)) != SEQ_NONE;) {
			if (!v->rows[row].gone) {
				v->cursor_row = row;
				return;
			}
		}
	}
	v->cursor_row = VIEW_NONE;
}

/* Where the cursor goes: with its message, or the root that hides it, or to what took its place. */
void list_keep_cursor(struct view *v)
{
	struct view_order *o = v->order;
	uint32_t row = v->cursor_row, before = v->cursor, lines = seq_lines(o->seq), line = before;

	v->cursor_valid = true;
	if (row != VIEW_NONE && seq_has(o->seq, row)) {
		if (!seq_is_shown(o->seq, row) && view_head_of(v, row) != VIEW_NONE)
			row = view_head_of(v, row);
		line = list_line(v, row);
		if (line == VIEW_NONE) {
			/* It is behind the limit: the next one that is not. */
			line = seq_lines_before(o->seq, row);
			line = o->reverse_tree ? lines - line : line;
		}
	}
	v->cursor = lines ? MIN(line, lines - 1) : 0;
	v->cursor_row = list_row(v, v->cursor);
	if (v->cursor != before)
		view_touch(v, VIEW_CURSOR);
}
