/*
 * The picture: a model of the screen's cells. Views draw into it, the terminal shows it, tests dump
 * it. Nothing here knows a terminal.
 *
 * Text given to a grid is UTF-8. Control characters and what the width rules call unsafe never
 * become cells: they are shown as '?'. Wide characters take two cells, combining ones join theirs.
 */
#ifndef UI_GRID_H
#define UI_GRID_H

#include "base/str.h"
#include "ui/style.h"

#define GRID_CELL_CHARS 4 /* code points in one cell: more combining characters are dropped */
#define GRID_ROWS_MAX 1000
#define GRID_COLS_MAX 2000
#define GRID_LINKS_MAX 2000

struct cell {
	uint32_t ch[GRID_CELL_CHARS]; /* 0 ended; ch[0] == 0: the second half of a wide character */
	uint32_t width;               /* 1 or 2; 0 for a second half */
	struct style style;
};

struct grid;
/* A part of the screen. Drawing never leaves it. */
struct area {
	struct grid *grid;
	int row, col, rows, cols;
};

struct grid *grid_new(int rows, int cols); /* clamped to 1..max */
void grid_free(struct grid *);
void grid_resize(struct grid *, int rows, int cols); /* contents are cleared */
int grid_rows(const struct grid *);
int grid_cols(const struct grid *);
/* The cells (not the links) of another grid; takes its size. */
void grid_copy(struct grid *to, const struct grid *from);
/* All cells blank in this style; links are forgotten. */
void grid_clear(struct grid *, struct style);
const struct cell *grid_cell(const struct grid *, int row, int col);
struct area grid_area(struct grid *);

/* A number for style.link; 0 when there are too many. */
uint16_t grid_link(struct grid *, const char *url);
const char *grid_link_url(const struct grid *, uint16_t link); /* NULL when unknown */

/* A part of an area, clipped to it. */
struct area area_part(struct area, int row, int col, int rows, int cols);
static inline bool area_empty(struct area a)
{
	return a.rows <= 0 || a.cols <= 0;
}

/* Writes text at (row, col) of the area up to its right edge. Returns the column after it. */
int area_put(struct area, int row, int col, struct sv text, struct style);
int area_puts(struct area, int row, int col, const char *text, struct style);
/* Text in at most width columns; cut text ends in an ellipsis when mark is set. */
int area_put_width(struct area, int row, int col, int width, struct sv text, struct style, bool mark);
/* n cells of one character. */
void area_fill(struct area, int row, int col, int n, uint32_t ch, struct style);
/* Blank from col to the right edge. */
void area_clear_from(struct area, int row, int col, struct style);
void area_clear(struct area, struct style);
/* A line around the edge. */
void area_frame(struct area, struct style, bool ascii);
/* Lays a style over n cells that are there. */
void area_restyle(struct area, int row, int col, int n, struct style over);

/* Rows as text, each ended by a newline, blanks at the end cut. */
bool grid_dump(const struct grid *, struct str *out);
/*
 * The looks: a grid of the same size with a letter per distinct style ('.' is the plain one),
 * then a line "a: bold fg=2 bg=#102030" for each. Trailing '.' cut.
 */
bool grid_dump_styles(const struct grid *, struct str *out);
void style_describe(struct style, struct str *out);

#endif
