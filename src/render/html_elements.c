/*
 * What elements mean: blocks, text, lists, tables, forms, images (see html_read.h).
 */
#include <stdio.h>

#include "render/html_read.h"
#include "text/utf8.h"

#define ALT_MAX 300    /* of an image's alternative text */
#define TINY_IMAGE 3   /* pixels: nobody is meant to see it */
#define CELL_GAP_PX 16 /* padding of a cell from here on is an empty line */
#define INDENT_PX 20   /* a left margin that is an indent */
#define COLSPAN_MAX 1000

/* ---- blocks ---- */

static void add_block(struct html *h, struct html_block *b)
{
	b->indent = h->indent;
	b->gap = h->cell->last ? h->gap : 0;
	h->gap = 0;
	h->item_start = false;
	if (h->cell->last)
		h->cell->last->next = b;
	else
		h->cell->first = b;
	h->cell->last = b;
	h->cell->blocks++;
}

void html_flush(struct html *h)
{
	struct html_block block = {.kind = BLOCK_TEXT}, *b;
	unsigned char gap = h->gap, after = 0;
	struct frame *f = html_top(h);

	if (!para_take(&h->para, h->layout.arena, &block, &gap, &after)) {
		if (!h->item_start && h->cell->last)
			h->gap = gap;
		return;
	}
	h->link_end = 0;
	h->gap = gap;
	b = arena_alloc(h->layout.arena, sizeof(*b));
	*b = block;
	b->align = f->align;
	b->pre = f->pre;
	add_block(h, b);
	h->gap = after;
}

void html_want_gap(struct html *h, unsigned char gap)
{
	if (!h->item_start)
		h->gap = MAX(h->gap, gap);
}

/* ---- text ---- */

static void look_of(struct html *h, const struct frame *f, struct doc_span *look)
{
	*look = f->look;
	if (h->anchor.open)
		look->link = (uint16_t)h->anchor.number;
}

/* Words of ours: brackets, list marks, replacement for images. */
void html_add_words(struct html *h, const char *words, uint16_t style)
{
	struct doc_span look;

	if (!html_is_visible(h, html_top(h)))
		return;
	look_of(h, html_top(h), &look);
	look.style |= style;
	para_raw(&h->para, sv_of(words), &look);
}

static bool has_ink(struct sv text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!ascii_is_space((unsigned char)text.p[i]))
			return true;
	return false;
}

void html_add_text(struct html *h, struct sv text)
{
	struct frame *f = html_top(h);
	struct doc_span look;

	if (!html_is_visible(h, f))
		return;
	if (h->anchor.open && has_ink(text)) {
		html_number_anchor(h);
		str_add(&h->anchor.text, utf8_head(text, LINK_TEXT_MAX));
	}
	if (f->tag->el == EL_SUP && h->para.visible && !h->para.blanks && text.len &&
		ascii_is_digit(text.p[0]))
		html_add_words(h, "^", 0);
	look_of(h, f, &look);
	para_text(&h->para, text, &look, f->pre);
}

/* ---- attributes ---- */

static bool is_quote(const struct css *c, const struct attrs *a)
{
	if (sv_is_case(a->type, "cite") || sv_find_case(a->class, SV("quote")) >= 0 ||
		c->bordered_left)
		return true;
	return !(c->set & CSS_MARGIN_LEFT) || c->left < INDENT_PX;
}

/* ---- tables ---- */

static void open_table(struct html *h, struct frame *f, const struct attrs *a)
{
	struct html_layout *l = &h->layout;

	f->row = h->row;
	f->table = h->table;
	h->row = NULL;
	h->table = NULL;
	f->in_head_rows = false;
	f->align = CSS_LEFT;
	f->list_depth = 0;
	if (++h->table_depth > HTML_TABLE_DEPTH_MAX || f->hidden)
		return; /* its cells are plain blocks */
	struct html_table *t = arena_alloc(l->arena, sizeof(*t));
	t->prev_open = l->last_table;
	if (l->last_table)
		l->last_table->next_open = t;
	else
		l->first_table = t;
	l->last_table = t;
	t->layout_said = sv_is_case(a->role, "presentation") || sv_is_case(a->role, "none");
	t->data_said = !t->layout_said &&
		       (html_attr_number(a->border, 0, 100, 0) > 0 || sv_is_case(a->role, "grid"));
	struct html_block *b = arena_alloc(l->arena, sizeof(*b));
	b->kind = BLOCK_TABLE;
	b->table = t;
	add_block(h, b);
	h->table = t;
}

static void open_row(struct html *h)
{
	struct html_table *t = h->table;

	if (!t)
		return;
	struct html_row *r = arena_alloc(h->layout.arena, sizeof(*r));
	if (t->last)
		t->last->next = r;
	else
		t->first = r;
	t->last = r;
	t->rows++;
	h->row = r;
}

static void open_cell(struct html *h, struct frame *f, const struct attrs *a, const struct css *css)
{
	f->cell = h->cell;
	f->indent = h->indent;
	f->gap = h->gap;
	if (!h->table || f->hidden)
		return;
	if (!h->row)
		open_row(h);
	struct html_cell *c = arena_alloc(h->layout.arena, sizeof(*c));
	c->columns = html_attr_number(a->colspan, 1, COLSPAN_MAX, 1);
	c->rows = html_attr_number(a->rowspan, 1, COLSPAN_MAX, 1);
	c->head = f->tag->el == EL_TH || f->in_head_rows;
	c->room_above = (css->set & CSS_SPACE_ABOVE) && css->above >= CELL_GAP_PX;
	c->room_below = (css->set & CSS_SPACE_BELOW) && css->below >= CELL_GAP_PX;
	if (f->tag->el == EL_CAPTION)
		c->columns = COLSPAN_MAX;
	if (h->row->last)
		h->row->last->next = c;
	else
		h->row->first = c;
	h->row->last = c;
	h->cell = c;
	h->indent = NULL;
	h->gap = 0;
}

/* ---- things that stand for themselves ---- */

static bool is_tiny(const struct attrs *a, const struct css *c)
{
	return (a->width.len && html_attr_number(a->width, 0, 9999, 9999) <= TINY_IMAGE) ||
	       (a->height.len && html_attr_number(a->height, 0, 9999, 9999) <= TINY_IMAGE) ||
	       c->no_height || c->no_width;
}

static bool is_remote(struct sv src)
{
	src = sv_trim(src);
	return sv_starts_case(src, SV("http:")) || sv_starts_case(src, SV("https:")) ||
	       sv_starts(src, SV("//")) || sv_starts_case(src, SV("ftp:"));
}

/* The picture as a link of its own, also when it stands inside one (images=links). */
static void add_image_link(struct html *h, struct frame *f, struct sv alt, struct sv src)
{
	struct anchor outer = h->anchor;

	h->anchor = (struct anchor){.open = false};
	str_init(&h->anchor.text, LINK_TEXT_MAX);
	html_open_anchor(h, src);
	f->is_link = false; /* it ends here, not with the frame */
	html_add_text(h, SV("["));
	html_add_text(h, alt.len ? alt : SV("image"));
	html_add_text(h, SV("]"));
	if (h->anchor.open)
		html_close_anchor(h);
	str_fini(&h->anchor.text);
	h->anchor = outer;
	html_add_text(h, SV(" "));
}

static void add_image(struct html *h, struct frame *f, const struct attrs *a, const struct css *c)
{
	struct sv alt = sv_trim(utf8_head(a->alt, ALT_MAX));

	h->images += is_remote(a->src);
	if (!html_is_visible(h, f) || is_tiny(a, c) || !h->opts->image_alt)
		return;
	f->look.style |= DOC_ALT;
	f->pre = false;
	if (h->opts->image_links && is_remote(a->src)) {
		add_image_link(h, f, alt, a->src);
	} else if (!alt.len) {
		html_anchor_image(h, a->src);
	} else {
		html_add_text(h, SV("["));
		html_add_text(h, alt);
		html_add_text(h, SV("]"));
	}
}

static void add_input(struct html *h, struct frame *f, const struct attrs *a)
{
	f->pre = false;
	if (sv_is_case(a->type, "hidden"))
		return;
	if (sv_is_case(a->type, "checkbox")) {
		html_add_words(h, a->checked ? "[x]" : "[ ]", 0);
	} else if (sv_is_case(a->type, "radio")) {
		html_add_words(h, a->checked ? "(*)" : "( )", 0);
	} else if (sv_is_case(a->type, "submit") || sv_is_case(a->type, "button") ||
		   sv_is_case(a->type, "reset") || sv_is_case(a->type, "image")) {
		html_add_words(h, "[", 0);
		html_add_text(h, a->value.len ? a->value : a->alt.len ? a->alt : sv_is_case(a->type, "reset") ? SV("reset") : SV("submit"));
		html_add_words(h, "]", 0);
	} else {
		html_add_words(h, "[", 0);
		html_add_text(h, a->value.len ? a->value : SV("____"));
		html_add_words(h, "]", 0);
	}
}

/* Rules in a row are one. */
static void add_rule(struct html *h)
{
	const struct html_block *last = h->cell->last;

	if (!html_is_visible(h, html_top(h)) || (last && last->kind == BLOCK_RULE && last->indent == h->indent))
		return;
	struct html_block *b = arena_alloc(h->layout.arena, sizeof(*b));
	b->kind = BLOCK_RULE;
	add_block(h, b);
}

static void open_option(struct html *h)
{
	if (h->option_seen)
		html_add_words(h, " | ", 0);
	h->option_seen = true;
}

/* What is special about one element, once its frame is there. */
void html_open(struct html *h, struct frame *f, const struct attrs *a, const struct css *c)
{
	switch (f->tag->el) {
	case EL_A:
		html_open_anchor(h, a->href);
		break;
	case EL_BASE:
		html_set_base(h, a->href);
		break;
	case EL_BLOCKQUOTE:
		html_push_indent(h, is_quote(c, a) ? INDENT_QUOTE : INDENT_BLANK, is_quote(c, a) ? 2 : 4,
			NULL);
		break;
	case EL_BR:
		if (html_is_visible(h, f))
			para_break(&h->para);
		break;
	case EL_BUTTON:
		html_add_words(h, "[", 0);
		f->in_button = true;
		break;
	case EL_DD:
		html_push_indent(h, INDENT_BLANK, 4, NULL);
		break;
	case EL_HR:
		add_rule(h);
		break;
	case EL_IMG:
		add_image(h, f, a, c);
		break;
	case EL_INPUT:
		add_input(h, f, a);
		break;
	case EL_LI:
		if (f->block && !f->hidden)
			html_open_item(h, a);
		break;
	case EL_OL:
	case EL_UL:
		html_open_list(f, a);
		break;
	case EL_OPTION:
		open_option(h);
		break;
	case EL_P:
		if (f->block && !f->hidden && (c->set & CSS_MSO_LIST) && c->mso_list > 0)
			html_open_word_item(h, c->mso_list);
		break;
	case EL_PRE:
		h->para.pre_start = true;
		break;
	case EL_Q:
		html_add_words(h, "\xe2\x80\x9c", 0);
		break;
	case EL_RT:
		html_add_words(h, " (", 0);
		break;
	case EL_SELECT:
		h->option_seen = false;
		html_add_words(h, "[", 0);
		break;
	case EL_TABLE:
		open_table(h, f, a);
		break;
	case EL_CAPTION:
		open_row(h);
		open_cell(h, f, a, c);
		if (h->table)
			h->table->data_said = true;
		h->row = NULL;
		break;
	case EL_TD:
	case EL_TH:
		open_cell(h, f, a, c);
		break;
	case EL_THEAD:
		f->in_head_rows = true;
		if (h->table)
			h->table->data_said |= !h->table->layout_said;
		break;
	case EL_TBODY:
		f->in_head_rows = false;
		break;
	case EL_TEXTAREA:
		html_add_words(h, "[", 0);
		break;
	case EL_TR:
		open_row(h);
		break;
	default:
		break;
	}
}

/* Ends with what it had to say; what follows stands outside again. */
void html_close(struct html *h, struct frame *f)
{
	if (f->is_mark && !f->block && !f->hidden)
		html_take_word_mark(h);
	switch (f->tag->el) {
	case EL_A:
		if (f->is_link)
			html_close_anchor(h);
		h->link_end = h->para.text.len;
		break;
	case EL_BUTTON:
	case EL_SELECT:
	case EL_TEXTAREA:
		html_add_words(h, "]", 0);
		break;
	case EL_Q:
		html_add_words(h, "\xe2\x80\x9d", 0);
		break;
	case EL_RT:
		html_add_words(h, ")", 0);
		break;
	case EL_TABLE:
		h->table = f->table;
		h->row = f->row;
		h->table_depth--;
		break;
	case EL_CAPTION:
	case EL_TD:
	case EL_TH:
		h->cell = f->cell;
		h->gap = f->gap;
		h->item_start = false;
		break;
	case EL_TR:
		h->row = NULL;
		break;
	default:
		break;
	}
}
