/* Scrolling, as mutt's menus do it. */
#include "ui/list.h"

#include <stdio.h>

static int max_top(const struct list *l)
{
	return l->move_off ? MAX(0, l->count - 1) : MAX(0, l->count - l->rows);
}

static int context_of(const struct list *l)
{
	return MAX(0, MIN(l->context, (l->rows - 1) / 2));
}

void list_fix(struct list *l)
{
	int rows = MAX(1, l->rows);
	int c = context_of(l);
	l->cursor = MAX(0, MIN(l->cursor, l->count - 1));
	if (l->scroll) {
		if (l->cursor < l->top + c)
			l->top = l->cursor - c;
		if (l->cursor > l->top + rows - 1 - c)
			l->top = l->cursor - rows + 1 + c;
	} else {
		/* A page at a time, the context repeated. */
		int step = MAX(1, rows - c);
		while (l->cursor < l->top + (l->top > 0 ? c : 0) && l->top > 0)
			l->top -= step;
		while (l->cursor > l->top + rows - 1 - (l->top + rows < l->count ? c : 0))
			l->top += step;
	}
	/* Without room below, the last page is full ($menu_move_off is for the asked-for scroll). */
	int limit = l->scroll ? MAX(0, l->count - rows) : max_top(l);
	if (l->top > limit && l->cursor >= limit)
		l->top = limit;
	l->top = MAX(0, MIN(l->top, MAX(0, l->count - 1)));
	if (l->cursor < l->top)
		l->top = l->cursor;
	if (l->cursor >= l->top + rows)
		l->top = l->cursor - rows + 1;
}

void list_set_count(struct list *l, int count)
{
	l->count = MAX(0, count);
	list_fix(l);
}

void list_set_rows(struct list *l, int rows)
{
	rows = MAX(1, rows);
	if (l->rows == rows)
		return;
	l->rows = rows;
	if (l->top > MAX(0, l->count - rows))
		l->top = MAX(0, l->count - rows);
	list_fix(l);
}

void list_set_cursor(struct list *l, int cursor)
{
	l->cursor = cursor;
	list_fix(l);
}

/* Moves the window; the cursor stays inside it. */
static bool scroll_window(struct list *l, int n)
{
	int c = context_of(l);
	int top = MAX(0, MIN(l->top + n, max_top(l)));
	if (top == l->top)
		return false;
	l->top = top;
	int lo = l->top + (l->top > 0 ? c : 0);
	int hi = l->top + l->rows - 1 - (l->top + l->rows < l->count ? c : 0);
	l->cursor = MAX(0, MIN(MAX(lo, MIN(l->cursor, hi)), l->count - 1));
	return true;
}

static enum list_end page(struct list *l, int n)
{
	int last = l->count - 1;
	if (n > 0 && l->cursor == last)
		return LIST_AT_LAST;
	if (n < 0 && l->cursor == 0)
		return LIST_AT_FIRST;
	int offset = l->cursor - l->top;
	int top = MAX(0, MIN(l->top + n, MAX(0, l->count - l->rows)));
	if (top == l->top) {
		l->cursor = n > 0 ? last : 0;
		return LIST_MOVED;
	}
	l->top = top;
	/* mutt puts the cursor on the new page's first entry when it goes down by pages. */
	l->cursor = l->scroll ? top + offset : n > 0 ? top : MIN(top + l->rows - 1, last);
	l->cursor = MAX(0, MIN(l->cursor, last));
	return LIST_MOVED;
}

enum list_end list_do(struct list *l, enum list_move move)
{
	if (l->count == 0)
		return LIST_EMPTY;
	int half = MAX(1, l->rows / 2);
	int bottom = MIN(l->top + l->rows, l->count) - 1;
	switch (move) {
	case LIST_NEXT_ENTRY:
		if (l->cursor >= l->count - 1)
			return LIST_AT_LAST;
		list_set_cursor(l, l->cursor + 1);
		break;
	case LIST_PREV_ENTRY:
		if (l->cursor == 0)
			return LIST_AT_FIRST;
		list_set_cursor(l, l->cursor - 1);
		break;
	case LIST_NEXT_LINE:
		return scroll_window(l, 1) ? LIST_MOVED : LIST_AT_BOTTOM;
	case LIST_PREV_LINE:
		return scroll_window(l, -1) ? LIST_MOVED : LIST_AT_TOP;
	case LIST_NEXT_PAGE:
		return page(l, l->rows);
	case LIST_PREV_PAGE:
		return page(l, -l->rows);
	case LIST_HALF_DOWN:
		return page(l, half);
	case LIST_HALF_UP:
		return page(l, -half);
	case LIST_FIRST:
		list_set_cursor(l, 0);
		break;
	case LIST_LAST:
		list_set_cursor(l, l->count - 1);
		break;
	case LIST_TOP_PAGE:
		l->cursor = MIN(l->top + (l->top > 0 ? context_of(l) : 0), bottom);
		break;
	case LIST_MIDDLE_PAGE:
		l->cursor = l->top + (bottom - l->top) / 2;
		break;
	case LIST_BOTTOM_PAGE:
		l->cursor = MAX(l->top, bottom - (bottom < l->count - 1 ? context_of(l) : 0));
		break;
	case LIST_CURRENT_TOP:
		l->top = MIN(l->cursor, max_top(l));
		break;
	case LIST_CURRENT_MIDDLE:
		l->top = MAX(0, MIN(l->cursor - l->rows / 2, max_top(l)));
		break;
	case LIST_CURRENT_BOTTOM:
		l->top = MAX(0, l->cursor - l->rows + 1);
		break;
	default:
		break;
	}
	return LIST_MOVED;
}

const char *list_position(const struct list *l, char *buf)
{
	int end = l->top + l->rows;
	if (l->count <= l->rows && l->top == 0)
		return "all";
	if (end >= l->count)
		return "end";
	if (l->top == 0)
		return "top";
	snprintf(buf, 8, "%d%%", (int)((unsigned)MIN(99, (int64_t)end * 100 / l->count) % 100));
	return buf;
}
