/*
 * Where things lie: pure arithmetic from the size of the screen and the settings to rectangles. An
 * empty rectangle (rows or cols 0) is not shown.
 */
#ifndef UI_LAYOUT_H
#define UI_LAYOUT_H

#include "base/util.h"

struct conf;

#define LAYOUT_AUTO (-1)

enum layout_kind {
	LAYOUT_LIST,  /* index: a list with its sidebar and, when there is room, the preview */
	LAYOUT_PAGER, /* message: some lines of the index above, or beside */
	LAYOUT_FULL,  /* compose, help ...: one body, no sidebar */
};

struct rect {
	int row, col, rows, cols;
};

struct layout {
	struct rect help;         /* key hints */
	struct rect sidebar, divider;
	struct rect list;         /* index lines, or the body of a full screen */
	struct rect list_status;  /* under the index part when a message is shown under it */
	struct rect pager;        /* message or preview */
	struct rect pager_divider;/* between index and a preview at its right */
	struct rect status;
	struct rect pager_status; /* of a preview at the right: beside the status */
	struct rect message;
};

struct layout_in {
	int rows, cols;
	enum layout_kind kind;
	bool help, status_on_top;
	int sidebar;       /* LAYOUT_AUTO, 0 off, 1 on */
	int sidebar_width; /* 0: as the screen's size says */
	bool sidebar_right;
	int preview;       /* LAYOUT_AUTO, 0 off, 1 below, 2 right */
	int pager_lines;   /* of the index above a message; LAYOUT_AUTO, 0 ... */
};

void layout_compute(const struct layout_in *, struct layout *out);
/* Columns of the sidebar that the rules give at this width; 0: none. */
int layout_auto_sidebar(int cols);

#endif
