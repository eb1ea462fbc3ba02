/*
 * The picture: cells that changed go out through curses, and what is a link is written again between
 * OSC 8 marks. The choke point for text on its way to the terminal: one cell, one character with its
 * marks, in the width that we and libc agree on.
 */
#include <stdlib.h>

#include "ui/term_priv.h"

#include "base/mem.h"
#include "text/utf8.h"

static int colour_number(const struct term *t, uint32_t c)
{
	if (c == STYLE_OPEN || c == STYLE_DEFAULT)
		return -1;
	if (c & STYLE_RGB) {
		uint32_t rgb = c & 0xffffff;
		if (!(t->features & TERM_TRUECOLOR) || COLORS <= 256)
			return (int)style_nearest(rgb, t->colours);
		return rgb < 256 ? (int)(rgb + 256) : (int)rgb; /* the darkest blues would be palette numbers */
	}
	unsigned n = c & 0xff;
	if (n >= t->colours) /* a bright colour on a terminal with eight */
		n = t->colours >= 8 && n < 16 ? n - 8 : 7;
	return (int)n;
}

static attr_t attributes(struct style s)
{
	attr_t a = A_NORMAL;
	if (s.attrs & STYLE_BOLD)
		a |= A_BOLD;
	if (s.attrs & STYLE_ITALIC)
		a |= A_ITALIC;
	if (s.attrs & STYLE_UNDERLINE)
		a |= A_UNDERLINE;
	if (s.attrs & STYLE_REVERSE)
		a |= A_REVERSE;
	if (s.attrs & STYLE_DIM)
		a |= A_DIM;
	if (s.attrs & STYLE_BLINK)
		a |= A_BLINK;
	if (s.attrs & STYLE_STANDOUT)
		a |= A_STANDOUT;
	return a;
}

static int pair_of(const struct term *t, struct style s)
{
	if (t->colours == 0)
		return 0;
	int fg = colour_number(t, s.fg), bg = colour_number(t, s.bg);
	if (fg < 0 && bg < 0)
		return 0;
	int pair = alloc_pair(fg, bg);
	return pair < 0 ? 0 : pair;
}

/* What we draw ourselves, for terminals that lack it. */
static wchar_t plain_of(wchar_t c)
{
	switch (c) {
	case 0x2500: case 0x2501: case 0x2550: case 0x2013: case 0x2014:
		return L'-';
	case 0x2502: case 0x2503: case 0x2551:
		return L'|';
	case 0x2514: case 0x2570:
		return L'`';
	case 0x251c: case 0x2524: case 0x252c: case 0x2534: case 0x253c: case 0x250c: case 0x2510: case 0x2518:
		return L'+';
	case 0x2026:
		return L'.';
	case 0x2018: case 0x2019:
		return L'\'';
	case 0x201c: case 0x201d: case 0x201e:
		return L'"';
	case 0x2022: case 0x25cf:
		return L'*';
	case 0xa0: case 0x202f:
		return L' ';
	default:
		return L'?';
	}
}

/* libc may know less (or more) of Unicode than our width rules: then a picture that both agree on. */
static void wide_of(const struct term *t, const struct cell *c, wchar_t out[GRID_CELL_CHARS + 1])
{
	size_t n = 0;
	for (; n < GRID_CELL_CHARS && c->ch[n]; n++)
		out[n] = (wchar_t)c->ch[n];
	out[n] = L'\0';
	if (out[0] >= ' ' && out[0] < 0x7f)
		return;
	int w = wcwidth(out[0]);
	if (!t->utf8 && w < 0 && c->width == 1) {
		out[0] = plain_of(out[0]);
		out[1] = L'\0';
		return;
	}
	if (w != (int)c->width) {
		out[0] = w > (int)c->width || c->width == 1 ? L'?' : 0xff1f; /* a wide question mark */
		out[1] = L'\0';
	}
}

static void send_row(struct term *t, const struct grid *g, int row)
{
	int cols = MIN(grid_cols(g), t->cols);
	int n = 0;
	struct style last = {.fg = 0xffffffff};
	int pair = 0;
	attr_t attrs = A_NORMAL;
	for (int col = 0; col < cols; col++) {
		const struct cell *c = grid_cell(g, row, col);
		wchar_t text[GRID_CELL_CHARS + 1];
		if (c->ch[0] == 0)
			continue;
		if (!style_eq(c->style, last)) {
			last = c->style;
			pair = pair_of(t, last);
			attrs = attributes(last);
		}
		wide_of(t, c, text);
		if (setcchar(&t->line[n], text, attrs, 0, &pair) == ERR)
			setcchar(&t->line[n], L"?", attrs, 0, &pair);
		n++;
	}
	mvadd_wchnstr(row, 0, t->line, n);
}

static bool row_changed(const struct term *t, const struct grid *g, int row)
{
	if (!t->shown)
		return true;
	size_t n = (size_t)grid_cols(g) * sizeof(struct cell);
	return memcmp(grid_cell(t->shown, row, 0), grid_cell(g, row, 0), n) != 0;
}

/* SGR for a cell that is written again around a link. */
static void add_sgr(const struct term *t, struct str *out, struct style s)
{
	static const struct {
		unsigned bit;
		const char *code;
	} codes[] = {{STYLE_BOLD, ";1"}, {STYLE_DIM, ";2"}, {STYLE_ITALIC, ";3"}, {STYLE_UNDERLINE, ";4"},
		{STYLE_BLINK, ";5"}, {STYLE_REVERSE, ";7"}, {STYLE_STANDOUT, ";7"}};
	str_adds(out, "\033[0");
	for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
		if (s.attrs & codes[i].bit)
			str_adds(out, codes[i].code);
	}
	for (int k = 0; k < 2 && t->colours > 0; k++) {
		int c = colour_number(t, k ? s.bg : s.fg);
		int base = k ? 48 : 38;
		if (c >= 256)
			str_addf(out, ";%d;2;%d;%d;%d", base, c >> 16 & 255, c >> 8 & 255, c & 255);
		else if (c >= 8)
			str_addf(out, ";%d;5;%d", base, c);
		else if (c >= 0)
			str_addf(out, ";%d", base - 8 + c);
	}
	str_addc(out, 'm');
}

/* A URL as OSC 8 wants it: printable ASCII, everything else in percent. */
static void add_url(struct str *out, const char *url)
{
	for (const unsigned char *p = (const unsigned char *)url; *p; p++) {
		if (*p > ' ' && *p < 0x7f)
			str_addc(out, (char)*p);
		else
			str_addf(out, "%%%02X", *p);
	}
}

/* Writes the linked cells of a row again, the same text between OSC 8 marks. */
static void send_links(const struct term *t, const struct grid *g, int row, struct str *out)
{
	int cols = grid_cols(g);
	for (int col = 0; col < cols;) {
		const struct cell *c = grid_cell(g, row, col);
		uint16_t link = c->style.link;
		const char *url = grid_link_url(g, link);
		if (!url) {
			col++;
			continue;
		}
		str_addf(out, "\0337\033[%d;%dH\033]8;id=f%u;", row + 1, col + 1, link);
		add_url(out, url);
		str_adds(out, "\033\\");
		struct style last = {.fg = 0xffffffff};
		for (; col < cols && grid_cell(g, row, col)->style.link == link; col++) {
			c = grid_cell(g, row, col);
			if (!style_eq(c->style, last)) {
				last = c->style;
				add_sgr(t, out, last);
			}
			for (size_t n = 0; n < GRID_CELL_CHARS && c->ch[n]; n++)
				utf8_add(out, c->ch[n]);
		}
		str_adds(out, "\033]8;;\033\\\0338");
	}
}

static void remember(struct term *t, const struct grid *g)
{
	if (!t->shown)
		t->shown = grid_new(grid_rows(g), grid_cols(g));
	grid_copy(t->shown, g);
}

void term_show(struct term *t, const struct grid *g, int row, int col, bool visible)
{
	if (t->null || t->suspended)
		return;
	if (t->shown && (grid_rows(t->shown) != grid_rows(g) || grid_cols(t->shown) != grid_cols(g)))
		term_redraw(t);
	if (!t->shown) {
		t->line = xreallocarray(t->line, (size_t)grid_cols(g) + 1, sizeof(*t->line));
		clearok(stdscr, TRUE);
	}
	struct str links;
	str_init(&links, 1 << 20);
	int rows = MIN(grid_rows(g), t->rows);
	int changed = 0;
	for (int r = 0; r < rows; r++) {
		if (!row_changed(t, g, r))
			continue;
		changed++;
		send_row(t, g, r);
		if (t->features & TERM_LINKS)
			send_links(t, g, r, &links);
	}
	bool sync = (t->features & TERM_SYNC) && changed > 2;
	if (sync)
		term_emits(t, "\033[?2026h");
	move(MIN(row, rows - 1), MIN(col, t->cols - 1));
	if (t->cursor_visible != visible) {
		curs_set(visible);
		t->cursor_visible = visible;
	}
	refresh();
	term_emit(t, links.s, links.len);
	if (sync)
		term_emits(t, "\033[?2026l");
	str_fini(&links);
	remember(t, g);
}

void term_redraw(struct term *t)
{
	grid_free(t->shown);
	t->shown = NULL;
}
