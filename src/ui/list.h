/*
 * The one list: entries, a cursor, a window that follows it. Index, mailbox list, attachments,
 * aliases, log, help and history scroll, search and jump through this. Pure arithmetic; what an entry
 * looks like is its owner's.
 */
#ifndef UI_LIST_H
#define UI_LIST_H

#include "base/util.h"

struct list {
	int count;
	int cursor; /* 0 .. count-1; 0 when empty */
	int top;    /* first entry in the window */
	int rows;   /* height of the window */
	/* $menu_scroll, $menu_context, $menu_move_off */
	bool scroll;
	int context;
	bool move_off;
};

enum list_move {
	LIST_NEXT_ENTRY,
	LIST_PREV_ENTRY,
	LIST_NEXT_LINE, /* scrolls; the cursor moves only when it must */
	LIST_PREV_LINE,
	LIST_NEXT_PAGE,
	LIST_PREV_PAGE,
	LIST_HALF_DOWN,
	LIST_HALF_UP,
	LIST_FIRST,
	LIST_LAST,
	LIST_TOP_PAGE,
	LIST_MIDDLE_PAGE,
	LIST_BOTTOM_PAGE,
	LIST_CURRENT_TOP,
	LIST_CURRENT_MIDDLE,
	LIST_CURRENT_BOTTOM,
	LIST_MOVES
};

/* How a move ended; the ui says "You are on the last entry." and so on. */
enum list_end { LIST_MOVED, LIST_AT_FIRST, LIST_AT_LAST, LIST_AT_TOP, LIST_AT_BOTTOM, LIST_EMPTY };

void list_set_count(struct list *, int count);
void list_set_rows(struct list *, int rows);
/* Clamped; the window follows as $menu_scroll and $menu_context say. */
void list_set_cursor(struct list *, int cursor);
enum list_end list_do(struct list *, enum list_move);
/* The window made right for the cursor, after anything changed. */
void list_fix(struct list *);

/* "(top)", "(end)", "(all)" or "(34%)" as status_format's %P. buf at least 8 bytes. */
const char *list_position(const struct list *, char *buf);

#endif
