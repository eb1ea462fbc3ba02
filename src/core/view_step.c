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
static bool line_is(struct view *v, uint32_t line, enum want want)
{
	const struct row *r = &v->rows[v->lines[line]];
	unsigned hidden;

	if (row_is(r, want))
		return true;
	if (!(r->flags & FLAG_COLLAPSED) || view_hidden_count(v, v->lines[line]) == 0)
		return false;
	hidden = view_hidden_flags(v, v->lines[line]);
	return want == WANT_UNREAD ? !(hidden & FLAG_SEEN)
				   : want == WANT_NEW && !(hidden & (FLAG_SEEN | FLAG_OLD));
}

static uint32_t find_line(
	struct view *v, uint32_t line, int direction, enum want want, bool wrap, bool *wrapped)
{
	uint32_t at = line;

	for (uint32_t i = 0; i < v->line_count; i++) {
		at += (uint32_t)direction;
		if (at >= v->line_count) { /* below 0 as well: unsigned */
			if (!wrap)
				return VIEW_NONE;
			at = direction > 0 ? 0 : v->line_count - 1;
			*wrapped = true;
		}
		if (line_is(v, at, want))
			return at;
	}
	return VIEW_NONE;
}

/* The next line in this direction that begins another thread. */
static uint32_t find_thread(struct view *v, uint32_t line, int direction, bool subthread)
{
	uint32_t depth = view_depth(v, v->lines[line]);

	for (uint32_t at = line + (uint32_t)direction; at < v->line_count;
		at += (uint32_t)direction) {
		uint32_t d = view_depth(v, v->lines[at]);

		if (subthread ? d <= depth : view_parent_row(v, v->lines[at]) == VIEW_NONE)
			return at;
	}
	return VIEW_NONE;
}

static uint32_t shown_line(struct view *v, uint32_t row)
{
	if (row == VIEW_NONE)
		return VIEW_NONE;
	if (v->rows[row].line == VIEW_NONE && v->rows[row].hidden_under != VIEW_NONE)
		row = v->rows[row].hidden_under;
	return v->rows[row].line;
}

static uint32_t find_parent(struct view *v, uint32_t line)
{
	/* The nearest one that is shown: a limit may hide some between. */
	for (uint32_t row = view_parent_row(v, v->lines[line]); row != VIEW_NONE;
		row = view_parent_row(v, row)) {
		uint32_t at = shown_line(v, row);

		if (at != VIEW_NONE)
			return at;
	}
	return VIEW_NONE;
}

static uint32_t plain_step(struct view *v, uint32_t line, int direction)
{
	line += (uint32_t)direction;
	return line < v->line_count ? line : VIEW_NONE;
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
	bool ignored = false, reverse = v->reverse_tree;

	wrapped = wrapped ? wrapped : &ignored;
	*wrapped = false;
	if (view_lines(v) == 0)
		return VIEW_NONE;
	line = MIN(line, v->line_count - 1);
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
		return v->threaded ? find_thread(v, line, 1, false) : VIEW_NONE;
	case STEP_PREV_THREAD:
		return v->threaded ? find_thread(v, line, -1, false) : VIEW_NONE;
	case STEP_NEXT_SUBTHREAD:
		return v->threaded ? find_thread(v, line, 1, !reverse) : VIEW_NONE;
	case STEP_PREV_SUBTHREAD:
		return v->threaded ? find_thread(v, line, -1, true) : VIEW_NONE;
	case STEP_PARENT:
		return find_parent(v, line);
	case STEP_ROOT:
		return shown_line(v, view_thread_root(v, v->lines[line]));
	case STEP_FIRST:
		return 0;
	case STEP_LAST:
		return v->line_count - 1;
	case STEP_STEPS:
		break;
	}
	return VIEW_NONE;
}

uint32_t view_start_line(struct view *v)
{
	uint32_t total = view_lines(v), old = VIEW_NONE;
	bool newest_first = v->sort.reverse;

	for (uint32_t i = 0; i < total; i++) {
		uint32_t line = newest_first ? total - 1 - i : i;

		if (line_is(v, line, WANT_NEW))
			return line;
		if (old == VIEW_NONE && line_is(v, line, WANT_UNREAD))
			old = line;
	}
	if (old != VIEW_NONE)
		return old;
	return newest_first || total == 0 ? 0 : total - 1;
}
