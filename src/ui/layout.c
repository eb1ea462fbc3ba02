/*
 * The rules: under 60 columns nothing beside the list, sidebar from 120, preview under the index
 * from 40 rows and beside it from 160 columns; index lines above a message by the number of rows.
 * What the user has fixed wins as long as it leaves something to read.
 */
#include "ui/layout.h"

#define LIST_MIN_COLS 30  /* what a sidebar must leave */
#define PAGER_MIN_ROWS 4
#define PREVIEW_MIN_COLS 60

int layout_auto_sidebar(int cols)
{
	return cols >= 160 ? 26 : cols >= 120 ? 24 : 0;
}

static int auto_pager_lines(int rows, int cols)
{
	if (cols < 60 || rows < 20)
		return 0;
	return rows < 30 ? 4 : 8;
}

static void place_sidebar(const struct layout_in *in, struct layout *out, struct rect *body)
{
	int width = 0;
	if (in->kind == LAYOUT_FULL || in->sidebar == 0)
		return;
	if (in->sidebar == LAYOUT_AUTO) {
		width = layout_auto_sidebar(in->cols);
		if (width > 0 && in->sidebar_width > 0)
			width = in->sidebar_width;
	} else {
		width = in->sidebar_width > 0 ? in->sidebar_width : MAX(20, layout_auto_sidebar(in->cols));
	}
	width = MIN(width, body->cols - LIST_MIN_COLS - 1);
	if (width < 4)
		return;
	int col = in->sidebar_right ? body->col + body->cols - width : body->col;
	out->sidebar = (struct rect){body->row, col, body->rows, width};
	out->divider = (struct rect){body->row, in->sidebar_right ? col - 1 : col + width, body->rows, 1};
	if (!in->sidebar_right)
		body->col += width + 1;
	body->cols -= width + 1;
}

/* 0 none, 1 below, 2 right */
static int preview_place(const struct layout_in *in, const struct rect *body)
{
	bool right = body->cols >= PREVIEW_MIN_COLS + 62;
	if (in->preview == 0 || body->rows < PAGER_MIN_ROWS)
		return 0;
	if (in->preview == 1)
		return body->rows >= 3 * PAGER_MIN_ROWS ? 1 : 0;
	if (in->preview == 2)
		return right ? 2 : 0;
	if (in->cols >= 160 && right)
		return 2;
	return in->cols >= 120 && in->rows >= 40 ? 1 : 0;
}

static void split_right(struct layout *out, struct rect *body)
{
	int width = MAX(body->cols * 53 / 100, PREVIEW_MIN_COLS);
	int list = body->cols - width - 1;
	out->list = (struct rect){body->row, body->col, body->rows, list};
	out->pager_divider = (struct rect){body->row, body->col + list, body->rows, 1};
	out->pager = (struct rect){body->row, body->col + list + 1, body->rows, width};
}

static void split_below(struct layout *out, struct rect *body, int lines)
{
	out->list = (struct rect){body->row, body->col, lines, body->cols};
	out->list_status = (struct rect){body->row + lines, body->col, 1, body->cols};
	out->pager = (struct rect){body->row + lines + 1, body->col, body->rows - lines - 1, body->cols};
}

void layout_compute(const struct layout_in *in, struct layout *out)
{
	*out = (struct layout){0};
	int rows = MAX(in->rows, 1), cols = MAX(in->cols, 1);
	int top = 0, bottom = rows;
	out->message = (struct rect){--bottom, 0, 1, cols};
	if (bottom > top + 1) {
		if (in->status_on_top)
			out->status = (struct rect){top++, 0, 1, cols};
		else
			out->status = (struct rect){--bottom, 0, 1, cols};
	}
	if (in->help && bottom - top > 3) {
		if (in->status_on_top)
			out->help = (struct rect){--bottom, 0, 1, cols};
		else
			out->help = (struct rect){top++, 0, 1, cols};
	}
	struct rect body = {top, 0, bottom - top, cols};
	place_sidebar(in, out, &body);
	int place = in->kind == LAYOUT_FULL ? 0 : preview_place(in, &body);
	if (in->kind == LAYOUT_PAGER && place != 2) {
		int lines = in->pager_lines == LAYOUT_AUTO ? auto_pager_lines(in->rows, in->cols) : in->pager_lines;
		lines = MIN(lines, body.rows - 1 - PAGER_MIN_ROWS);
		if (lines > 0)
			split_below(out, &body, lines);
		else
			out->pager = body;
		return;
	}
	if (place == 2) {
		split_right(out, &body);
		int col = out->pager_divider.col;
		out->pager_status = (struct rect){out->status.row, col, 1, cols - col};
		out->status.cols = col;
	} else if (place == 1) {
		split_below(out, &body, MAX(PAGER_MIN_ROWS, body.rows * 2 / 5));
	} else {
		out->list = body;
	}
}
