/* Moving through the list: where next-new, parent-message and the like lead. */
#include "core/view_priv.h"

enum want { WANT_UNDELETED, WANT_NEW, WANT_UNREAD };

static bool row_is(const struct row *r, enum want want)
{
	switch (want) {
	case WANT_UNDELETED:
		return !(r->flags & FLAG_DELETED);
	case WANT_NEW:
		return !(r->flags & (FLAG_SEEN | FLAG_OLD | FLAG_DELETED));
	case WANT_UNREAD:
		return !(r->flags & (FLAG_SEEN | FLAG_DELETED));
	}
	return false;
}

/* A collapsed root also stands for those behind it. */
static bool stands_for(struct view *v, uint32_t row, enum want want)
{
	const struct row *r = &v->rows[row];
	unsigned hidden;

	if (row_is(r, want))
		return true;
	if (!(r->flags & FLAG_COLLAPSED) || view_hidden_count(v, row) == 0)
		return false;
	hidden = view_hidden_flags(v, row);
	return want == WANT_UNREAD ? !(hidden & FLAG_SEEN)
				   : want == WANT_NEW && !(hidden & (FLAG_SEEN | FLAG_OLD));
}

/* None at all: a mailbox of a million is not looked through. */
static bool are_none(const struct view *v, enum want want)
{
	return (want == WANT_NEW && v->counts.fresh == 0) || (want == WANT_UNREAD && v->counts.unread == 0);
}

static uint32_t find_line(struct view *v, uint32_t line, int direction, enum want want, bool wrap, bool *wrapped)
{
	uint32_t lines = seq_lines(v->order->seq), at = line;
	struct seq_walk w = list_walk(v, line + (uint32_t)direction, direction);

	if (are_none(v, want))
		return VIEW_NONE;
	for (uint32_t i = 0; i < lines; i++) {
		uint32_t row = seq_next(&w);

		at += (uint32_t)direction;
		if (row == SEQ_NONE) {
			if (!wrap)
				return VIEW_NONE;
			at = direction > 0 ? 0 : lines - 1;
			*wrapped = true;
			w = list_walk(v, at, direction);
			row = seq_next(&w);
		}
		if (stands_for(v, row, want))
			return at;
	}
	return VIEW_NONE;
}

/* The next line in this direction that begins another thread. */
static uint32_t find_thread(struct view *v, uint32_t line, int direction, bool subthread)
{
	uint32_t depth = view_depth(v, list_row(v, line)), at = line;
	struct seq_walk w = list_walk(v, line + (uint32_t)direction, direction);

	for (uint32_t row; (row = seq_next(&w)) != SEQ_NONE;) {
		at += (uint32_t)direction;
		if (subthread ? view_depth(v, row) <= depth : view_parent_row(v, row) == VIEW_NONE)
			return at;
	}
	return VIEW_NONE;
}

static uint32_t shown_line(struct view *v, uint32_t row)
{
	uint32_t line;

	if (row == VIEW_NONE)
		return VIEW_NONE;
	line = list_line(v, row);
	if (line == VIEW_NONE && view_head_of(v, row) != VIEW_NONE)
		line = list_line(v, view_head_of(v, row));
	return line;
}

static uint32_t find_parent(struct view *v, uint32_t line)
{
	/* The nearest one that is shown: a limit may hide some between. */
	for (uint32_t row = view_parent_row(v, list_row(v, line)); row != VIEW_NONE; row = view_parent_row(v, row)) {
		uint32_t at = shown_line(v, row);

		if (at != VIEW_NONE)
			return at;
	}
	return VIEW_NONE;
}

static uint32_t plain_step(struct view *v, uint32_t line, int direction)
{
	line += (uint32_t)direction;
	return line < seq_lines(v->order->seq) ? line : VIEW_NONE;
}

static uint32_t new_then_unread(struct view *v, uint32_t line, int direction, bool *wrapped)
{
	uint32_t at = find_line(v, line, direction, WANT_NEW, true, wrapped);

	if (at != VIEW_NONE)
		return at;
	*wrapped = false;
	return find_line(v, line, direction, WANT_UNREAD, true, wrapped);
}

uint32_t view_step(struct view *v, enum view_step step, uint32_t line, bool *wrapped)
{
	bool ignored = false, reverse, threaded;
	uint32_t lines = view_lines(v);

	wrapped = wrapped ? wrapped : &ignored;
	*wrapped = false;
	if (lines == 0)
		return VIEW_NONE;
	line = MIN(line, lines - 1);
	reverse = v->order->reverse_tree;
	threaded = v->order->threaded;
	switch (step) {
	case STEP_NEXT:
		return plain_step(v, line, 1);
	case STEP_PREV:
		return plain_step(v, line, -1);
	case STEP_NEXT_UNDELETED:
		return find_line(v, line, 1, WANT_UNDELETED, false, wrapped);
	case STEP_PREV_UNDELETED:
		return find_line(v, line, -1, WANT_UNDELETED, false, wrapped);
	case STEP_NEXT_NEW:
		return find_line(v, line, 1, WANT_NEW, true, wrapped);
	case STEP_PREV_NEW:
		return find_line(v, line, -1, WANT_NEW, true, wrapped);
	case STEP_NEXT_UNREAD:
		return find_line(v, line, 1, WANT_UNREAD, true, wrapped);
	case STEP_PREV_UNREAD:
		return find_line(v, line, -1, WANT_UNREAD, true, wrapped);
	case STEP_NEXT_NEW_THEN_UNREAD:
		return new_then_unread(v, line, 1, wrapped);
	case STEP_PREV_NEW_THEN_UNREAD:
		return new_then_unread(v, line, -1, wrapped);
	case STEP_NEXT_THREAD:
		return threaded ? find_thread(v, line, 1, false) : VIEW_NONE;
	case STEP_PREV_THREAD:
		return threaded ? find_thread(v, line, -1, false) : VIEW_NONE;
	case STEP_NEXT_SUBTHREAD:
		return threaded ? find_thread(v, line, 1, !reverse) : VIEW_NONE;
	case STEP_PREV_SUBTHREAD:
		return threaded ? find_thread(v, line, -1, true) : VIEW_NONE;
	case STEP_PARENT:
		return find_parent(v, line);
	case STEP_ROOT:
		return shown_line(v, view_thread_root(v, list_row(v, line)));
	case STEP_FIRST:
		return 0;
	case STEP_LAST:
		return lines - 1;
	case STEP_STEPS:
		break;
	}
	return VIEW_NONE;
}

uint32_t view_start_line(struct view *v)
{
	uint32_t total = view_lines(v), old = VIEW_NONE, line = 0;
	bool newest_first = v->sort.reverse;
	struct seq_walk w = list_walk(v, newest_first ? total - 1 : 0, newest_first ? -1 : 1);

	for (uint32_t row; !are_none(v, WANT_UNREAD) && (row = seq_next(&w)) != SEQ_NONE; line++) {
		uint32_t at = newest_first ? total - 1 - line : line;

		if (stands_for(v, row, WANT_NEW))
			return at;
		if (old != VIEW_NONE || !stands_for(v, row, WANT_UNREAD))
			continue;
		old = at;
		if (are_none(v, WANT_NEW))
			break;
	}
	if (old != VIEW_NONE)
		return old;
	return newest_first || total == 0 ? 0 : total - 1;
}
