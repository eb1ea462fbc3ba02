/*
 * Between reading HTML (html.c, html_tags.c) and laying it out (html_layout.c, html_table.c): cells
 * that hold blocks. The document is one cell; each table holds cells of its own. Everything lives in
 * one arena that dies with the part.
 */
#ifndef RENDER_HTML_PRIV_H
#define RENDER_HTML_PRIV_H

#include "render/html.h"
#include "render/html_css.h"

/* ---- elements ---- */

enum html_el {
	EL_OTHER,
	EL_A,
	EL_BASE,
	EL_BLOCKQUOTE,
	EL_BODY,
	EL_BR,
	EL_BUTTON,
	EL_CAPTION,
	EL_CODE,
	EL_DD,
	EL_FONT,
	EL_HEAD,
	EL_HR,
	EL_IMG,
	EL_INPUT,
	EL_LI,
	EL_META,
	EL_OL,
	EL_OPTION,
	EL_P,
	EL_PRE,
	EL_Q,
	EL_RT,
	EL_SELECT,
	EL_SUP,
	EL_TABLE,
	EL_TBODY,
	EL_TD,
	EL_TEXTAREA,
	EL_TH,
	EL_THEAD,
	EL_TR,
	EL_UL,
	EL_WBR,
};

enum {
	TAG_BLOCK = 1, /* starts and ends a line */
	TAG_SKIP = 2,  /* nothing in it is for readers */
	TAG_HEAD = 4,  /* a heading */
	TAG_PRE = 8,
};

struct html_tag {
	const char *name;
	enum html_el el;
	unsigned char flags, gap; /* gap: empty lines around it */
	uint16_t style;           /* enum doc_style */
};
/* Never NULL: unknown elements are inline and mean nothing. */
const struct html_tag *html_tag(const char *name);

/* ---- what is laid out ---- */

enum indent_kind { INDENT_BLANK, INDENT_QUOTE, INDENT_MARK };

/* One step of what stands before a line, inside those up from it. */
struct html_indent {
	struct html_indent *up;
	enum indent_kind kind;
	int columns;
	unsigned depth, quote; /* steps, and quotes among them, this one included */
	struct sv mark;        /* "* " or "12. " */
	bool used;             /* the mark has been written: blanks from now on */
};

enum block_kind { BLOCK_TEXT, BLOCK_RULE, BLOCK_TABLE };

struct html_block {
	struct html_block *next;
	enum block_kind kind;
	struct html_indent *indent;
	unsigned char gap;   /* empty lines before it */
	unsigned char align; /* enum css_align */
	bool pre;
	struct sv text; /* may hold LF: forced line ends */
	struct doc_span *spans;
	uint32_t span_count;
	struct html_table *table;
};

struct html_line {
	struct html_line *next;
	struct sv text;
	struct doc_span *spans;
	uint32_t span_count;
	uint8_t quote;
	bool cont, pre, right;
};

struct html_lines {
	struct html_line *first, *last;
	uint32_t count;
};

struct html_cell {
	struct html_cell *next; /* in its row */
	struct html_block *first, *last;
	unsigned blocks;
	int column, columns, rows;   /* place in the grid */
	bool head, nested;           /* <th>; holds a table */
	bool room_above, room_below; /* by its padding */
	int min, max;                /* columns: of its longest word, of its longest line */
	int width;                   /* what it is given */
	struct html_lines lines;
};

struct html_row {
	struct html_row *next;
	struct html_cell *first, *last;
};

enum table_mode {
	TABLE_STACK, /* one cell under the other */
	TABLE_GRID,  /* side by side */
};

struct html_table {
	struct html_table *next_open, *prev_open; /* in the order of opening: outer ones first */
	struct html_row *first, *last;
	unsigned rows;
	int columns;
	bool data_said, layout_said, is_data; /* by its markup; by what it holds */
	enum table_mode mode;
	int min, max, width; /* as for a cell */
	int column_min[HTML_COLUMNS_MAX], column_max[HTML_COLUMNS_MAX],
		column_width[HTML_COLUMNS_MAX];
	struct html_lines lines;
};

struct html_layout {
	struct arena *arena;
	struct html_table *first_table, *last_table;
	struct html_cell root;
	const struct html_opts *opts;
	bool cut; /* the memory limit was reached */
};

/* Reading stops early enough that what was read can still be laid out. */
static inline bool html_read_full(const struct html_layout *l)
{
	return arena_used(l->arena) > HTML_MEMORY_MAX / 2;
}
static inline bool html_full(const struct html_layout *l)
{
	return arena_used(l->arena) > HTML_MEMORY_MAX;
}

/* Lays everything out for opts->width: the lines are in root.lines afterwards. */
void html_lay_out(struct html_layout *);

/* ---- a paragraph under construction (html_para.c) ---- */

#define PARA_MAX (8u << 20)

struct html_para {
	struct str text;
	struct doc_span *spans;
	size_t count, cap;
	bool visible;    /* something a reader can see is in it */
	bool broken;     /* an empty line or a blank was asked for */
	bool pre_start;  /* <pre> has just begun: its first line end does not count */
	unsigned blanks; /* at the end */
	size_t unbroken; /* bytes since a line may end */
	bool emoji;
};
void para_init(struct html_para *);
void para_fini(struct html_para *);
/* Text with white space collapsed, or kept (pre). */
void para_text(struct html_para *, struct sv text, const struct doc_span *look, bool pre);
/* As it is: our own words (safe, no white space to collapse). */
void para_raw(struct html_para *, struct sv text, const struct doc_span *look);
void para_break(struct html_para *); /* <br> */
void para_drop(struct html_para *);  /* forgets what is there */
/* Takes a blank off the end; true when there was one. */
bool para_unblank(struct html_para *);
/*
 * Moves what is there into a block (text, spans) and starts anew. False when nothing can be seen in it:
 * *gap is then 1 when it stood for an empty line, else as it was. gap_after: wanted behind it.
 */
bool para_take(struct html_para *, struct arena *, struct html_block *block, unsigned char *gap,
	unsigned char *gap_after);

/* html_layout.c, for tables: */
void html_line_append(struct html_lines *, struct html_line *);
void html_lines_take(struct html_lines *to, struct html_lines *from);
struct html_line *html_line_new(struct html_layout *, struct sv text, uint32_t spans);
/* html_table.c: */
void html_measure_table(struct html_table *);
void html_place_table(struct html_table *); /* its width is known: those of its cells */
void html_lay_out_table(struct html_layout *, struct html_table *); /* its cells have their lines */

#endif
