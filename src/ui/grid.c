/* The cells of the screen and drawing into them. */
#include "ui/grid.h"

#include <stdlib.h>

#include "base/mem.h"
#include "text/utf8.h"
#include "text/width.h"

struct grid {
	int rows, cols;
	struct cell *cells;
	char **links;
	size_t nlinks, caplinks;
};

static const struct cell blank = {.ch = {' '}, .width = 1};

struct grid *grid_new(int rows, int cols)
{
	struct grid *g = xcalloc(1, sizeof(*g));
	grid_resize(g, rows, cols);
	return g;
}

static void forget_links(struct grid *g)
{
	for (size_t i = 0; i < g->nlinks; i++)
		free(g->links[i]);
	g->nlinks = 0;
}

void grid_free(struct grid *g)
{
	if (!g)
		return;
	forget_links(g);
	free(g->links);
	free(g->cells);
	free(g);
}

void grid_resize(struct grid *g, int rows, int cols)
{
	g->rows = MAX(1, MIN(rows, GRID_ROWS_MAX));
	g->cols = MAX(1, MIN(cols, GRID_COLS_MAX));
	g->cells = xreallocarray(g->cells, (size_t)g->rows * (size_t)g->cols, sizeof(*g->cells));
	grid_clear(g, (struct style){0});
}

int grid_rows(const struct grid *g)
{
	return g->rows;
}

int grid_cols(const struct grid *g)
{
	return g->cols;
}

void grid_clear(struct grid *g, struct style style)
{
	struct cell c = blank;
	c.style = style;
	size_t n = (size_t)g->rows * (size_t)g->cols;
	for (size_t i = 0; i < n; i++)
		g->cells[i] = c;
	forget_links(g);
}

void grid_copy(struct grid *to, const struct grid *from)
{
	if (to->rows != from->rows || to->cols != from->cols)
		grid_resize(to, from->rows, from->cols);
	memcpy(to->cells, from->cells, (size_t)from->rows * (size_t)from->cols * sizeof(*to->cells));
}

static struct cell *at(struct grid *g, int row, int col)
{
	return &g->cells[(size_t)row * (size_t)g->cols + (size_t)col];
}

const struct cell *grid_cell(const struct grid *g, int row, int col)
{
	return &g->cells[(size_t)row * (size_t)g->cols + (size_t)col];
}

struct area grid_area(struct grid *g)
{
	return (struct area){g, 0, 0, g->rows, g->cols};
}

uint16_t grid_link(struct grid *g, const char *url)
{
	if (g->nlinks > 0 && strcmp(g->links[g->nlinks - 1], url) == 0)
		return (uint16_t)g->nlinks;
	if (g->nlinks >= GRID_LINKS_MAX)
		return 0;
	array_grow(g->links, g->nlinks, g->caplinks);
	g->links[g->nlinks++] = xstrdup(url);
	return (uint16_t)g->nlinks;
}

const char *grid_link_url(const struct grid *g, uint16_t link)
{
	return link > 0 && link <= g->nlinks ? g->links[link - 1] : NULL;
}

struct area area_part(struct area a, int row, int col, int rows, int cols)
{
	row = MAX(0, MIN(row, a.rows));
	col = MAX(0, MIN(col, a.cols));
	rows = MAX(0, MIN(rows, a.rows - row));
	cols = MAX(0, MIN(cols, a.cols - col));
	return (struct area){a.grid, a.row + row, a.col + col, rows, cols};
}

/* A wide character that loses one half becomes blanks. */
static void split_wide(struct area a, int row, int col)
{
	struct cell *c = at(a.grid, row, col);
	if (c->width == 0 && col > 0) {
		struct cell *left = at(a.grid, row, col - 1);
		struct style s = left->style;
		*left = blank;
		left->style = s;
	}
	if (c->width == 2 && col + 1 < a.grid->cols) {
		struct cell *right = at(a.grid, row, col + 1);
		struct style s = right->style;
		*right = blank;
		right->style = s;
	}
}

/* Flags are pairs of letters with a column each, as everybody counts them; side by side the terminal joins them. */
static size_t cell_end(struct sv text, size_t at)
{
	size_t used;
	uint32_t code = utf8_decode(sv_from(text, at), &used);
	return code >= 0x1f1e6 && code <= 0x1f1ff ? at + used : utf8_next(text, at);
}

/* One cluster into a cell. Returns its width; 0 when it has none (it joins the cell before). */
static int cell_of(struct sv cluster, struct cell *c)
{
	size_t used, n = 0;
	int width = 0;
	*c = (struct cell){0};
	for (size_t i = 0; i < cluster.len; i += used) {
		uint32_t code = utf8_decode(sv_from(cluster, i), &used);
		if (code < 0x20 || code == 0x7f || (code >= 0x80 && code < 0xa0))
			code = '?';
		int w = width_of_code(code);
		if (n == 0) {
			width = w;
		} else if (w > 0) {
			continue; /* parts of an emoji sequence: the first stands for all */
		}
		if (n < GRID_CELL_CHARS)
			c->ch[n++] = code;
	}
	c->width = (uint32_t)width;
	return width;
}

static void join_marks(struct area a, int row, int col, const struct cell *marks)
{
	if (col <= 0)
		return;
	struct cell *c = at(a.grid, a.row + row, a.col + col - 1);
	if (c->width == 0 && col > 1)
		c = at(a.grid, a.row + row, a.col + col - 2);
	for (size_t n = 1; n < GRID_CELL_CHARS; n++) {
		if (c->ch[n] == 0) {
			c->ch[n] = marks->ch[0];
			return;
		}
	}
}

int area_put(struct area a, int row, int col, struct sv text, struct style style)
{
	if (row < 0 || row >= a.rows || col < 0)
		return col;
	size_t i = 0;
	while (i < text.len && col < a.cols) {
		size_t next;
		struct cell c;
		int width;
		unsigned char byte = (unsigned char)text.p[i];
		if (byte >= ' ' && byte < 0x7f && (i + 1 >= text.len || (unsigned char)text.p[i + 1] < 0x80)) {
			c = blank; /* plain ASCII needs no rules */
			c.ch[0] = byte;
			width = 1;
			next = i + 1;
		} else {
			next = cell_end(text, i);
			width = cell_of(sv_make(text.p + i, next - i), &c);
		}
		i = next;
		if (width == 0) {
			join_marks(a, row, col, &c);
			continue;
		}
		if (col + width > a.cols) {
			area_fill(a, row, col, a.cols - col, ' ', style);
			return a.cols;
		}
		c.style = style;
		split_wide(a, a.row + row, a.col + col);
		if (width == 2)
			split_wide(a, a.row + row, a.col + col + 1);
		*at(a.grid, a.row + row, a.col + col) = c;
		if (width == 2) {
			struct cell half = {.style = style};
			*at(a.grid, a.row + row, a.col + col + 1) = half;
		}
		col += width;
	}
	return col;
}

int area_puts(struct area a, int row, int col, const char *text, struct style style)
{
	return area_put(a, row, col, sv_of(text), style);
}

int area_put_width(struct area a, int row, int col, int width, struct sv text, struct style style, bool mark)
{
	struct area part = area_part(a, row, col, 1, width);
	if (area_empty(part))
		return col;
	int used = width_of(text);
	if (used <= part.cols)
		return col + area_put(part, 0, 0, text, style);
	if (!mark || part.cols < 4)
		return col + area_put(part, 0, 0, width_head(text, part.cols, NULL), style);
	int end = area_put(part, 0, 0, width_head(text, part.cols - 1, NULL), style);
	return col + area_puts(part, 0, end, "\xe2\x80\xa6", style);
}

void area_fill(struct area a, int row, int col, int n, uint32_t ch, struct style style)
{
	if (row < 0 || row >= a.rows || col < 0)
		return;
	n = MIN(n, a.cols - col);
	if (n <= 0)
		return;
	split_wide(a, a.row + row, a.col + col);
	split_wide(a, a.row + row, a.col + col + n - 1);
	for (int i = 0; i < n; i++) {
		struct cell *c = at(a.grid, a.row + row, a.col + col + i);
		*c = blank;
		c->ch[0] = ch;
		c->style = style;
	}
}

void area_clear_from(struct area a, int row, int col, struct style style)
{
	area_fill(a, row, col, a.cols - col, ' ', style);
}

void area_clear(struct area a, struct style style)
{
	for (int row = 0; row < a.rows; row++)
		area_clear_from(a, row, 0, style);
}

void area_frame(struct area a, struct style style, bool ascii)
{
	static const uint32_t lines[2][6] = {
		{0x2500, 0x2502, 0x250c, 0x2510, 0x2514, 0x2518}, {'-', '|', '+', '+', '+', '+'},
	};
	const uint32_t *ch = lines[ascii];
	int bottom = a.rows - 1, right = a.cols - 1;
	area_fill(a, 0, 0, a.cols, ch[0], style);
	area_fill(a, bottom, 0, a.cols, ch[0], style);
	for (int row = 0; row < a.rows; row++) {
		area_fill(a, row, 0, 1, ch[1], style);
		area_fill(a, row, right, 1, ch[1], style);
	}
	area_fill(a, 0, 0, 1, ch[2], style);
	area_fill(a, 0, right, 1, ch[3], style);
	area_fill(a, bottom, 0, 1, ch[4], style);
	area_fill(a, bottom, right, 1, ch[5], style);
}

void area_restyle(struct area a, int row, int col, int n, struct style over)
{
	if (row < 0 || row >= a.rows || col < 0)
		return;
	n = MIN(n, a.cols - col);
	for (int i = 0; i < n; i++) {
		struct cell *c = at(a.grid, a.row + row, a.col + col + i);
		c->style = style_over(c->style, over);
	}
}

bool grid_dump(const struct grid *g, struct str *out)
{
	bool ok = true;
	for (int row = 0; row < g->rows; row++) {
		size_t end = out->len;
		for (int col = 0; col < g->cols; col++) {
			const struct cell *c = grid_cell(g, row, col);
			for (size_t n = 0; n < GRID_CELL_CHARS && c->ch[n]; n++)
				ok = utf8_add(out, c->ch[n]) && ok;
			if (c->ch[0] && c->ch[0] != ' ')
				end = out->len;
		}
		str_cut(out, end);
		ok = str_addc(out, '\n') && ok;
	}
	return ok;
}

static void describe_colour(const char *what, uint32_t c, struct str *out)
{
	if (c == STYLE_OPEN)
		return;
	if (c == STYLE_DEFAULT)
		str_addf(out, " %s=default", what);
	else if (c & STYLE_RGB)
		str_addf(out, " %s=#%06x", what, (unsigned)(c & 0xffffff));
	else
		str_addf(out, " %s=%u", what, (unsigned)(c & 0xff));
}

void style_describe(struct style s, struct str *out)
{
	static const struct {
		unsigned bit;
		const char *name;
	} attrs[] = {
		{STYLE_BOLD, "bold"}, {STYLE_ITALIC, "italic"}, {STYLE_UNDERLINE, "underline"},
		{STYLE_REVERSE, "reverse"}, {STYLE_DIM, "dim"}, {STYLE_BLINK, "blink"},
		{STYLE_STRIKE, "strike"}, {STYLE_STANDOUT, "standout"},
	};
	size_t start = out->len;
	for (size_t i = 0; i < ARRAY_LEN(attrs); i++) {
		if (s.attrs & attrs[i].bit)
			str_addf(out, " %s", attrs[i].name);
	}
	describe_colour("fg", s.fg, out);
	describe_colour("bg", s.bg, out);
	if (s.link)
		str_adds(out, " link");
	if (out->len > start)
		str_remove(out, start, 1);
	else
		str_adds(out, "plain");
}

bool grid_dump_styles(const struct grid *g, struct str *out)
{
	struct style seen[52];
	size_t nseen = 0;
	bool ok = true;
	for (int row = 0; row < g->rows; row++) {
		size_t end = out->len;
		for (int col = 0; col < g->cols; col++) {
			struct style s = grid_cell(g, row, col)->style;
			s.link = s.link ? 1 : 0;
			char letter = '.';
			if (!style_eq(s, (struct style){0})) {
				size_t i = 0;
				while (i < nseen && !style_eq(seen[i], s))
					i++;
				if (i == nseen && nseen < ARRAY_LEN(seen))
					seen[nseen++] = s;
				letter = i >= ARRAY_LEN(seen) ? '*' : (char)(i < 26 ? 'a' + i : 'A' + i - 26);
			}
			ok = str_addc(out, letter) && ok;
			if (letter != '.')
				end = out->len;
		}
		str_cut(out, end);
		ok = str_addc(out, '\n') && ok;
	}
	for (size_t i = 0; i < nseen; i++) {
		str_addf(out, "%c: ", (char)(i < 26 ? 'a' + i : 'A' + i - 26));
		style_describe(seen[i], out);
		ok = str_addc(out, '\n') && ok;
	}
	return ok;
}
