/*
 * Reading HTML: the events of libxml2's push parser become cells and blocks (html_priv.h). A stack of
 * frames, one for each open element, carries what children inherit.
 *
 * libxml2 keeps a stack of names of its own and walks it for end tags that match nothing; a thousand
 * open elements make that expensive, so the parser is replaced by a fresh one when a message goes
 * deeper than HTML_DEPTH_MAX. What such a message looks like then is its own fault.
 */
#include "render/html.h"

#include <libxml/HTMLparser.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "render/html_color.h"
#include "render/html_priv.h"
#include "text/utf8.h"

#define CHUNK 4096          /* bytes given to libxml2 at a time */
#define CLASS_MAX 256       /* bytes of a class attribute that are looked at */
#define LINK_TEXT_MAX 400   /* of a link's text, kept for the list */
#define ALT_MAX 300         /* of an image's alternative text */
#define TINY_IMAGE 3        /* pixels: nobody is meant to see it */
#define TINY_FONT 1         /* px: nor to read that */
#define GAP_PX 8            /* margins from here on are an empty line */
#define CELL_GAP_PX 16      /* the same for the padding of cells, which have it anyway */
#define INDENT_PX 20        /* a left margin that is an indent */
#define COLSPAN_MAX 1000
#define LIST_INDENT 2

struct frame {
	const struct html_tag *tag;
	struct css_node node;
	bool hidden, invisible, pre, block, image_behind, in_head_rows, is_link;
	int font_px;
	uint32_t color, background;
	struct doc_span look;
	unsigned char align, gap_below;
	int counter;        /* of an ordered list */
	char list_style;    /* '1' 'a' 'A' 'i' 'I', '*' for bullets, 0: no list */
	unsigned list_depth;
	/* What to go back to when it closes. */
	struct html_indent *indent;
	struct html_cell *cell;
	struct html_table *table;
	struct html_row *row;
	unsigned char gap;
};

/* What a frame's node points to. */
struct names {
	char classes[CLASS_MAX], id[64];
};

/* The <a> that is open. */
struct anchor {
	bool open;
	char *url;             /* in the arena */
	unsigned number;       /* 0: nothing of it has been seen yet */
	struct str text;
	bool image;
};

struct html {
	struct html_layout layout;
	struct doc_build *doc;
	const struct html_opts *opts;
	struct css_sheet *sheet;
	struct frame frame[HTML_DEPTH_MAX];
	struct names names[HTML_DEPTH_MAX]; /* of each frame */
	int depth;              /* frames in use, at least one */
	unsigned overflow;      /* elements open beyond them */
	unsigned xml_depth;     /* elements open for libxml2 */
	struct html_para para;
	struct str style;       /* text of the <style> that is open */
	bool in_style;
	struct html_cell *cell; /* where blocks go */
	struct html_table *table;
	struct html_row *row;
	struct html_indent *indent;
	unsigned char gap;
	bool item_start;        /* right behind a list mark: gaps do not count */
	unsigned table_depth;
	struct anchor anchor;
	struct map *urls;       /* url -> number */
	char *shown;            /* by number: its "[n]" stands in the text */
	size_t shown_cap;
	const char *base;       /* <base href> */
	unsigned first_link;    /* links that were there before this part */
	unsigned images;        /* remote ones */
	bool option_seen;
};

static struct frame *top(struct html *h)
{
	return &h->frame[h->depth - 1];
}

static bool is_visible(const struct frame *f)
{
	return !f->hidden && !f->invisible && f->font_px > TINY_FONT &&
		!(f->color && f->background && !f->image_behind && color_same(f->color, f->background));
}

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

static void flush(struct html *h)
{
	struct html_block block = {.kind = BLOCK_TEXT}, *b;
	unsigned char gap = h->gap, after = 0;
	struct frame *f = top(h);

	if (!para_take(&h->para, h->layout.arena, &block, &gap, &after)) {
		if (!h->item_start && h->cell->last)
			h->gap = gap;
		return;
	}
	h->gap = gap;
	b = arena_alloc(h->layout.arena, sizeof(*b));
	*b = block;
	b->align = f->align;
	b->pre = f->pre;
	add_block(h, b);
	h->gap = after;
}

static void want_gap(struct html *h, unsigned char gap)
{
	if (!h->item_start)
		h->gap = MAX(h->gap, gap);
}

static struct html_indent *push_indent(struct html *h, enum indent_kind kind, int columns, const char *mark)
{
	struct html_indent *i = arena_alloc(h->layout.arena, sizeof(*i)), *up = h->indent;

	i->up = up;
	i->kind = kind;
	i->columns = columns;
	i->depth = (up ? up->depth : 0) + 1;
	i->quote = (up ? up->quote : 0) + (kind == INDENT_QUOTE);
	i->mark = sv_of(mark ? arena_strdup(h->layout.arena, mark) : "");
	h->indent = i;
	return i;
}

/* ---- text ---- */

static void look_of(struct html *h, const struct frame *f, struct doc_span *look)
{
	*look = f->look;
	if (h->anchor.open)
		look->link = (uint16_t)h->anchor.number;
}

static void number_anchor(struct html *h);

/* Words of ours: brackets, list marks, replacement for images. */
static void add_words(struct html *h, const char *words, uint16_t style)
{
	struct doc_span look;

	if (!is_visible(top(h)))
		return;
	look_of(h, top(h), &look);
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

static void add_text(struct html *h, struct sv text)
{
	struct frame *f = top(h);
	struct doc_span look;

	if (!is_visible(f))
		return;
	if (h->anchor.open && has_ink(text)) {
		number_anchor(h);
		str_add(&h->anchor.text, utf8_head(text, LINK_TEXT_MAX));
	}
	if (f->tag->el == EL_SUP && h->para.visible && !h->para.blanks && text.len && ascii_is_digit(text.p[0]))
		add_words(h, "^", 0);
	look_of(h, f, &look);
	para_text(&h->para, text, &look, f->pre);
}

static void on_text(void *data, const xmlChar *s, int len)
{
	struct html *h = data;

	if (h->in_style) {
		str_add(&h->style, sv_make((const char *)s, (size_t)len));
		return;
	}
	if (html_read_full(&h->layout)) {
		h->layout.cut = true;
		return;
	}
	add_text(h, sv_make((const char *)s, (size_t)len));
}

/* ---- links ---- */

/* Schemes that a reader can follow without harm by looking at them. */
static bool scheme_is_fit(struct sv url)
{
	static const char *const bad[] = {"javascript", "vbscript", "data", "cid", "mid", "about", "blob", "file",
		"res", "jar", "view-source", "livescript", "mocha"};
	ptrdiff_t colon = sv_chr(url, ':');

	if (colon <= 0)
		return false;
	struct sv scheme = sv_head(url, (size_t)colon);
	for (size_t i = 0; i < scheme.len; i++)
		if (!ascii_is_alnum((unsigned char)scheme.p[i]) && !strchr("+-.", scheme.p[i]))
			return false;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (sv_is_case(scheme, bad[i]))
			return false;
	return true;
}

/* Line breaks and tabs vanish from URLs, blanks and bytes over 0x7f are encoded. */
static char *clean_url(struct html *h, struct sv url)
{
	struct str out;
	char *s;

	str_init(&out, DOC_URL_MAX / 4);
	url = sv_trim(url);
	for (size_t i = 0; i < url.len; i++) {
		unsigned char c = (unsigned char)url.p[i];
		if (c == '\n' || c == '\r' || c == '\t')
			continue;
		if (c <= ' ' || c == 0x7f || strchr("\"<>`\\^{|}", c))
			str_addf(&out, "%%%02X", c);
		else
			str_addc(&out, (char)c);
	}
	s = arena_strndup(h->layout.arena, out.len ? out.s : "", out.len);
	str_fini(&out);
	return s;
}

static struct sv url_origin(struct sv base)
{
	ptrdiff_t slashes = sv_find(base, SV("://"));

	if (slashes < 0)
		return SV("");
	ptrdiff_t path = sv_chr(sv_from(base, (size_t)slashes + 3), '/');
	return path < 0 ? base : sv_head(base, (size_t)(slashes + 3 + path));
}

/* The absolute form of an href, or NULL: nothing that a reader could follow. */
static char *resolve(struct html *h, struct sv href)
{
	href = sv_trim(href);
	if (!href.len || href.p[0] == '#' || href.len > DOC_URL_MAX / 8)
		return NULL;
	if (sv_starts(href, SV("//")))
		return clean_url(h, sv_of(arena_printf(h->layout.arena, "https:" SV_FMT, SV_ARG(href))));
	char *url = clean_url(h, href);
	if (scheme_is_fit(sv_of(url)))
		return url;
	ptrdiff_t colon = sv_chr(href, ':'), slash = sv_chr(href, '/');
	if (!h->base || (colon > 0 && (slash < 0 || colon < slash)))
		return NULL;
	struct sv base = sv_of(h->base), origin = url_origin(base);
	ptrdiff_t last = sv_rchr(base, '/');
	if (href.p[0] == '/')
		base = origin;
	else if (last >= (ptrdiff_t)origin.len)
		base = sv_head(base, (size_t)last + 1);
	return arena_printf(h->layout.arena, SV_FMT "%s%s", SV_ARG(base),
		href.p[0] != '/' && base.len && base.p[base.len - 1] != '/' ? "/" : "", url);
}

/* A link gets its number when something of it is seen; the same target, the same number. */
static void number_anchor(struct html *h)
{
	struct anchor *a = &h->anchor;

	if (a->number)
		return;
	struct sv url = sv_of(a->url);
	a->number = (unsigned)(uintptr_t)map_get(h->urls, url);
	if (a->number)
		return;
	a->number = doc_add_link(h->doc, url, SV(""));
	if (!a->number)
		return;
	map_set(h->urls, url, (void *)(uintptr_t)a->number);
	doc_build_head(h->doc)->links[a->number - 1].line = UINT32_MAX; /* not on a line yet */
}

static void open_anchor(struct html *h, struct sv href)
{
	char *url = resolve(h, href);

	if (!url || top(h)->hidden)
		return;
	h->anchor.open = true;
	h->anchor.url = url;
	h->anchor.number = 0;
	h->anchor.image = false;
	str_clear(&h->anchor.text);
	top(h)->is_link = true;
}

/* "www.example.org" says nothing more than its link "https://www.example.org/". */
static bool says_the_same(struct sv text, struct sv url)
{
	static const char *const schemes[] = {"", "http://", "https://", "mailto:", "ftp://", "tel:", "http://www.",
		"https://www."};

	if (url.len && url.p[url.len - 1] == '/')
		url = sv_head(url, url.len - 1);
	if (text.len && text.p[text.len - 1] == '/')
		text = sv_head(text, text.len - 1);
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
		struct sv s = sv_of(schemes[i]);
		if (sv_starts_case(url, s) && sv_eq_case(sv_from(url, s.len), text))
			return true;
	}
	return false;
}

/* Puts "[3]" behind a link, in its last block when that is closed already. */
static void add_ref(struct html *h, unsigned number)
{
	char ref[32];
	struct doc_span look = {.style = DOC_LINKREF, .link = (uint16_t)number};
	struct html_block *b = h->cell->last;

	snprintf(ref, sizeof(ref), "\xc2\xa0[%u]", number);
	if (h->para.visible || !b || b->kind != BLOCK_TEXT) {
		bool blank = para_unblank(&h->para);
		para_raw(&h->para, sv_of(h->para.visible ? ref : ref + 2), &look);
		if (blank)
			para_text(&h->para, SV(" "), &look, false);
	} else if (!html_read_full(&h->layout)) {
		struct sv r = sv_of(ref);
		char *text = arena_alloc(h->layout.arena, b->text.len + r.len + 1);
		struct doc_span *spans = arena_alloc(h->layout.arena, (b->span_count + 1) * sizeof(*spans));
		memcpy(text, b->text.p, b->text.len);
		memcpy(text + b->text.len, r.p, r.len);
		memcpy(spans, b->spans, b->span_count * sizeof(*spans));
		spans[b->span_count] = look;
		spans[b->span_count].len = (uint32_t)r.len;
		b->text = sv_make(text, b->text.len + r.len);
		b->spans = spans;
		b->span_count++;
	}
	if (number >= h->shown_cap) {
		size_t cap = MAX(h->shown_cap * 2, (size_t)number + 64);
		h->shown = xrealloc(h->shown, cap);
		memset(h->shown + h->shown_cap, 0, cap - h->shown_cap);
		h->shown_cap = cap;
	}
	h->shown[number] = 1;
}

static void close_anchor(struct html *h)
{
	struct anchor *a = &h->anchor;
	struct sv text = sv_trim(str_sv(&a->text));

	if (!text.len && a->image && is_visible(top(h)) && h->opts->image_alt) {
		number_anchor(h);
		add_words(h, "[image]", DOC_ALT);
	}
	a->open = false;
	if (!a->number)
		return;
	struct doc_link *link = &doc_build_head(h->doc)->links[a->number - 1];
	if (!link->text[0] && text.len)
		link->text = doc_string(h->doc, text);
	if (h->opts->refs && !says_the_same(text, sv_of(a->url)))
		add_ref(h, a->number);
}

/* ---- attributes ---- */

struct attrs {
	struct sv style, class, id, href, src, alt, title, width, height, align, bgcolor, color, type, value, start;
	struct sv colspan, rowspan, border, role, background, scope;
	bool hidden, checked;
};

static void read_attrs(struct attrs *a, const xmlChar **list)
{
	static const struct {
		const char *name;
		size_t at;
	} known[] = {
#define ATTR(name) {#name, offsetof(struct attrs, name)}
		ATTR(style), ATTR(class), ATTR(id), ATTR(href), ATTR(src), ATTR(alt), ATTR(title), ATTR(width),
		ATTR(height), ATTR(align), ATTR(bgcolor), ATTR(color), ATTR(type), ATTR(value), ATTR(start),
		ATTR(colspan), ATTR(rowspan), ATTR(border), ATTR(role), ATTR(background), ATTR(scope),
#undef ATTR
	};

	*a = (struct attrs){.hidden = false};
	for (; list && list[0]; list += 2) {
		const char *name = (const char *)list[0];
		a->hidden |= strcmp(name, "hidden") == 0;
		a->checked |= strcmp(name, "checked") == 0;
		for (size_t i = 0; list[1] && i < ARRAY_LEN(known); i++)
			if (name[0] == known[i].name[0] && strcmp(name, known[i].name) == 0)
				*(struct sv *)((char *)a + known[i].at) = sv_of((const char *)list[1]);
	}
}

static int attr_number(struct sv v, int least, int most, int otherwise)
{
	struct scan s = scan_of(sv_trim(v));
	uint64_t n;

	if (!scan_u64(&s, &n))
		return otherwise;
	return n < (uint64_t)least ? least : n > (uint64_t)most ? most : (int)n;
}

/* ---- elements ---- */

static void keep_node(struct html *h, struct frame *f, const char *name, const struct attrs *a)
{
	struct names *names = &h->names[f - h->frame];
	size_t n = MIN(a->class.len, sizeof(names->classes)), m = MIN(a->id.len, sizeof(names->id));

	if (n)
		memcpy(names->classes, a->class.p, n);
	if (m)
		memcpy(names->id, a->id.p, m);
	f->node = (struct css_node){.up = h->depth > 1 ? &f[-1].node : NULL, .name = sv_of(name),
		.id = sv_make(names->id, m), .classes = sv_make(names->classes, n)};
}

static bool css_hides(const struct css *c)
{
	if ((c->set & CSS_DISPLAY) && c->display == CSS_NONE)
		return true;
	if (c->no_max_height || c->transparent || c->out_of_sight)
		return true;
	if (c->clipped && (c->no_height || c->no_width))
		return true;
	return c->mso_hide && (c->flat || ((c->set & CSS_FONT_SIZE) && c->font_size >= 0 && c->font_size <= 2));
}

static void set_style(struct frame *f, uint16_t bit, bool on)
{
	f->look.style = (uint16_t)(on ? f->look.style | bit : f->look.style & ~bit);
}

/* What an element says about the text in it. */
static void inherit(struct html *h, struct frame *f, const struct css *c, const struct attrs *a)
{
	uint32_t color = a->color.len ? css_color(a->color) : 0;

	f->hidden |= (f->tag->flags & TAG_SKIP) || a->hidden || css_hides(c);
	if (c->set & CSS_VISIBILITY)
		f->invisible = c->invisible;
	if ((c->set & CSS_FONT_SIZE) && c->font_size != CSS_SIZE_RELATIVE)
		f->font_px = c->font_size;
	f->look.style |= f->tag->style;
	if (c->set & CSS_BOLD && !(f->tag->flags & TAG_HEAD))
		set_style(f, DOC_BOLD, c->bold);
	if (c->set & CSS_ITALIC)
		set_style(f, DOC_ITALIC, c->italic);
	if ((c->set & CSS_DECORATION) && f->tag->el != EL_A) {
		f->look.style |= c->decoration & CSS_UNDERLINE ? DOC_UNDERLINE : 0;
		f->look.style |= c->decoration & CSS_STRIKE ? DOC_STRIKE : 0;
	}
	if (c->set & CSS_COLOR)
		color = c->color;
	if (color) {
		f->color = color;
		f->look.fg = h->opts->colors ? color_readable(color, h->opts->light) : DOC_COLOR_NONE;
	}
	uint32_t back = c->set & CSS_BACKGROUND ? c->background : a->bgcolor.len ? css_color(a->bgcolor) : 0;
	if (back) {
		f->background = back;
		f->image_behind = false;
	}
	f->image_behind |= c->image || a->background.len;
	if (f->tag->flags & TAG_PRE)
		f->pre = true;
	if (c->set & CSS_WHITE_SPACE)
		f->pre = c->pre;
	if (c->set & CSS_ALIGN)
		f->align = c->align;
	else if (a->align.len)
		f->align = sv_is_case(a->align, "right") ? CSS_RIGHT : CSS_LEFT;
}

/* Does it start and end lines? */
static bool is_block(const struct frame *f, const struct css *c)
{
	enum html_el el = f->tag->el;

	if (el == EL_TD || el == EL_TH || el == EL_TABLE || el == EL_HR)
		return true;
	if (el == EL_TR || el == EL_TBODY || el == EL_THEAD || el == EL_BR || el == EL_IMG || el == EL_OPTION)
		return false;
	if ((c->set & CSS_DISPLAY) && c->display <= CSS_INLINE_BLOCK)
		return c->display == CSS_BLOCK;
	return f->tag->flags & TAG_BLOCK;
}

static unsigned char gap_of(const struct frame *f, const struct css *c, uint32_t bit, int px)
{
	enum html_el el = f->tag->el;

	if (el == EL_TD || el == EL_TH || el == EL_BODY)
		return 0;
	if (c->set & bit)
		return px >= GAP_PX || (f->tag->gap && px > 2) ? 1 : 0;
	return f->tag->gap;
}

static void open_block(struct html *h, struct frame *f, const struct css *c)
{
	bool nested_list = (f->tag->el == EL_UL || f->tag->el == EL_OL) && f->list_depth > 0;

	want_gap(h, nested_list ? 0 : gap_of(f, c, CSS_SPACE_ABOVE, c->above));
	f->gap_below = nested_list ? 0 : gap_of(f, c, CSS_SPACE_BELOW, c->below);
}

static bool is_quote(const struct css *c, const struct attrs *a)
{
	if (sv_is_case(a->type, "cite") || sv_find_case(a->class, SV("quote")) >= 0 || c->bordered_left)
		return true;
	return !(c->set & CSS_MARGIN_LEFT) || c->left < INDENT_PX;
}

/* ---- lists ---- */

static void open_list(struct frame *f, const struct attrs *a)
{
	bool ordered = f->tag->el == EL_OL;

	f->list_style = !ordered ? '*' : a->type.len == 1 && strchr("aAiI", a->type.p[0]) ? a->type.p[0] : '1';
	f->counter = ordered ? attr_number(a->start, 0, 1000000, 1) : 0;
	f->list_depth++;
}

static void roman(char *out, size_t size, int n, bool upper)
{
	static const struct {
		int value;
		const char *text;
	} digits[] = {{1000, "m"}, {900, "cm"}, {500, "d"}, {400, "cd"}, {100, "c"}, {90, "xc"}, {50, "l"},
		{40, "xl"}, {10, "x"}, {9, "ix"}, {5, "v"}, {4, "iv"}, {1, "i"}};
	size_t len = 0;

	for (size_t i = 0; i < ARRAY_LEN(digits); i++)
		for (; n >= digits[i].value; n -= digits[i].value)
			for (const char *t = digits[i].text; *t && len + 1 < size; t++)
				out[len++] = upper ? (char)ascii_upper(*t) : *t;
	out[len] = '\0';
}

static void list_mark(struct frame *list, const struct attrs *a, char *out, size_t size)
{
	static const char bullets[] = "*-+";
	char word[32];

	if (!list || list->list_style == '*' || !list->list_style) {
		unsigned depth = list ? list->list_depth - 1 : 0;
		snprintf(out, size, "%c ", bullets[depth % 3]);
		return;
	}
	int n = list->counter = attr_number(a->value, 0, 1000000, list->counter);
	list->counter++;
	switch (list->list_style) {
	case 'a':
	case 'A':
		if (n < 1 || n > 26)
			break;
		snprintf(out, size, "%c. ", list->list_style + n - 1);
		return;
	case 'i':
	case 'I':
		if (n < 1 || n > 3999)
			break;
		roman(word, sizeof(word), n, list->list_style == 'I');
		snprintf(out, size, "%s. ", word);
		return;
	}
	snprintf(out, size, "%d. ", n);
}

static void open_item(struct html *h, const struct attrs *a)
{
	struct frame *list = NULL;
	char mark[64];

	for (int i = h->depth - 2; i >= 0 && !list; i--) {
		enum html_el el = h->frame[i].tag->el;
		if (el == EL_UL || el == EL_OL)
			list = &h->frame[i];
		else if (el == EL_TD || el == EL_TABLE)
			break;
	}
	list_mark(list, a, mark, sizeof(mark));
	if (!list || list->list_depth == 1)
		push_indent(h, INDENT_BLANK, LIST_INDENT, NULL);
	push_indent(h, INDENT_MARK, (int)strlen(mark), mark);
	h->item_start = true;
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
	t->data_said = !t->layout_said && (attr_number(a->border, 0, 100, 0) > 0 || sv_is_case(a->role, "grid"));
	struct html_block *b = arena_alloc(l->arena, sizeof(*b));
	b->kind = BLOCK_TABLE;
	b->table = t;
	add_block(h, b);
	h->table = t;
}

static void open_row(struct html *h, bool head)
{
	struct html_table *t = h->table;

	if (!t)
		return;
	struct html_row *r = arena_alloc(h->layout.arena, sizeof(*r));
	r->head = head;
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
		open_row(h, f->in_head_rows);
	struct html_cell *c = arena_alloc(h->layout.arena, sizeof(*c));
	c->columns = attr_number(a->colspan, 1, COLSPAN_MAX, 1);
	c->rows = attr_number(a->rowspan, 1, COLSPAN_MAX, 1);
	c->head = f->tag->el == EL_TH || f->in_head_rows;
	c->align = f->align;
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
	return (a->width.len && attr_number(a->width, 0, 9999, 9999) <= TINY_IMAGE) ||
		(a->height.len && attr_number(a->height, 0, 9999, 9999) <= TINY_IMAGE) || c->no_height || c->no_width;
}

static bool is_remote(struct sv src)
{
	src = sv_trim(src);
	return sv_starts_case(src, SV("http:")) || sv_starts_case(src, SV("https:")) || sv_starts(src, SV("//")) ||
		sv_starts_case(src, SV("ftp:"));
}

static void add_image(struct html *h, struct frame *f, const struct attrs *a, const struct css *c)
{
	struct sv alt = sv_trim(utf8_head(a->alt, ALT_MAX));

	h->images += is_remote(a->src);
	if (!is_visible(f) || is_tiny(a, c) || !h->opts->image_alt)
		return;
	if (!alt.len) {
		h->anchor.image = h->anchor.open;
		return;
	}
	f->look.style |= DOC_ALT;
	f->pre = false;
	add_text(h, SV("["));
	add_text(h, alt);
	add_text(h, SV("]"));
}

static void add_input(struct html *h, struct frame *f, const struct attrs *a)
{
	f->pre = false;
	if (sv_is_case(a->type, "hidden"))
		return;
	if (sv_is_case(a->type, "checkbox")) {
		add_words(h, a->checked ? "[x]" : "[ ]", 0);
	} else if (sv_is_case(a->type, "radio")) {
		add_words(h, a->checked ? "(*)" : "( )", 0);
	} else if (sv_is_case(a->type, "submit") || sv_is_case(a->type, "button") || sv_is_case(a->type, "reset") ||
		sv_is_case(a->type, "image")) {
		add_words(h, "[", 0);
		add_text(h, a->value.len ? a->value : a->alt.len ? a->alt : SV("submit"));
		add_words(h, "]", 0);
	} else {
		add_words(h, "[", 0);
		add_text(h, a->value.len ? a->value : SV("____"));
		add_words(h, "]", 0);
	}
}

static void add_rule(struct html *h)
{
	if (!is_visible(top(h)))
		return;
	struct html_block *b = arena_alloc(h->layout.arena, sizeof(*b));
	b->kind = BLOCK_RULE;
	add_block(h, b);
}

static void open_option(struct html *h)
{
	if (h->option_seen)
		add_words(h, " | ", 0);
	h->option_seen = true;
}

/* What is special about one element, once its frame is there. */
static void open_special(struct html *h, struct frame *f, const struct attrs *a, const struct css *c)
{
	switch (f->tag->el) {
	case EL_A:
		open_anchor(h, a->href);
		break;
	case EL_BASE:
		if (scheme_is_fit(a->href) && url_origin(a->href).len && !h->base)
			h->base = arena_strndup(h->layout.arena, a->href.p, MIN(a->href.len, (size_t)DOC_NAME_MAX));
		break;
	case EL_BLOCKQUOTE:
		push_indent(h, is_quote(c, a) ? INDENT_QUOTE : INDENT_BLANK, is_quote(c, a) ? 2 : 4, NULL);
		break;
	case EL_BR:
		if (is_visible(f))
			para_break(&h->para);
		break;
	case EL_BUTTON:
		add_words(h, "[", 0);
		break;
	case EL_DD:
		push_indent(h, INDENT_BLANK, 4, NULL);
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
			open_item(h, a);
		break;
	case EL_OL:
	case EL_UL:
		open_list(f, a);
		break;
	case EL_OPTION:
		open_option(h);
		break;
	case EL_PRE:
		h->para.pre_start = true;
		break;
	case EL_Q:
		add_words(h, "\xe2\x80\x9c", 0);
		break;
	case EL_RT:
		add_words(h, " (", 0);
		break;
	case EL_SELECT:
		h->option_seen = false;
		add_words(h, "[", 0);
		break;
	case EL_STYLE:
		h->in_style = true;
		str_clear(&h->style);
		break;
	case EL_TABLE:
		open_table(h, f, a);
		break;
	case EL_CAPTION:
		open_row(h, false);
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
		add_words(h, "[", 0);
		break;
	case EL_TR:
		open_row(h, f->in_head_rows);
		break;
	default:
		break;
	}
}

/* Ends with what it had to say; what follows stands outside again. */
static void close_special(struct html *h, struct frame *f)
{
	switch (f->tag->el) {
	case EL_A:
		if (f->is_link)
			close_anchor(h);
		break;
	case EL_BUTTON:
	case EL_SELECT:
	case EL_TEXTAREA:
		add_words(h, "]", 0);
		break;
	case EL_Q:
		add_words(h, "\xe2\x80\x9d", 0);
		break;
	case EL_RT:
		add_words(h, ")", 0);
		break;
	case EL_STYLE:
		h->in_style = false;
		css_sheet_add(h->sheet, str_sv(&h->style));
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

static void pop(struct html *h)
{
	struct frame *f = top(h);
	bool cell = f->tag->el == EL_TD || f->tag->el == EL_TH || f->tag->el == EL_CAPTION;

	if (f->block && f->tag->el != EL_A)
		flush(h);
	close_special(h, f);
	if (f->block && f->tag->el == EL_A)
		flush(h);
	h->indent = f->indent;
	h->depth--;
	if (f->block && !cell && !f->hidden) {
		h->item_start = false;
		want_gap(h, f->gap_below);
	}
	if (f->tag->el == EL_LI && f->block)
		h->item_start = false;
}

static void on_start(void *data, const xmlChar *name, const xmlChar **list)
{
	struct html *h = data;
	struct css css = {0};
	struct attrs a;

	h->xml_depth++;
	if (h->depth == HTML_DEPTH_MAX || html_read_full(&h->layout)) {
		h->layout.cut |= html_read_full(&h->layout);
		h->overflow++;
		return;
	}
	read_attrs(&a, list);
	struct frame *f = &h->frame[h->depth++];
	*f = f[-1];
	f->tag = html_tag((const char *)name);
	f->gap_below = 0;
	f->is_link = false;
	keep_node(h, f, (const char *)name, &a);
	css_sheet_apply(h->sheet, &f->node, &css);
	if (a.style.len)
		css_declarations(&css, a.style);
	f->block = is_block(f, &css);
	if (f->block && !f->hidden) {
		h->depth--; /* what was said before belongs to the parent */
		flush(h);
		h->depth++;
	}
	inherit(h, f, &css, &a);
	f->indent = h->indent;
	if (f->block && !f->hidden)
		open_block(h, f, &css);
	else if (!f->block && (css.set & CSS_DISPLAY) && css.display == CSS_INLINE_BLOCK)
		add_text(h, SV(" "));
	open_special(h, f, &a, &css);
}

static void on_end(void *data, const xmlChar *name)
{
	struct html *h = data;
	struct sv n = sv_of((const char *)name);
	int at;

	h->xml_depth -= h->xml_depth > 0;
	if (h->overflow > 0) {
		h->overflow--;
		return;
	}
	for (at = h->depth - 1; at > 0 && !sv_eq(h->frame[at].node.name, n); at--)
		;
	if (at == 0)
		return;
	while (h->depth > at)
		pop(h);
}

/* ---- the parser ---- */

static htmlParserCtxtPtr parser_new(struct html *h)
{
	xmlSAXHandler sax;

	memset(&sax, 0, sizeof(sax));
	sax.startElement = on_start;
	sax.endElement = on_end;
	sax.characters = on_text;
	sax.ignorableWhitespace = on_text;
	sax.cdataBlock = on_text;
	htmlParserCtxtPtr ctxt = htmlCreatePushParserCtxt(&sax, h, NULL, 0, NULL, XML_CHAR_ENCODING_UTF8);
	if (!ctxt)
		bug("no memory for the HTML parser");
	htmlCtxtUseOptions(ctxt, HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
		HTML_PARSE_NONET | HTML_PARSE_IGNORE_ENC | HTML_PARSE_NODEFDTD);
	h->xml_depth = 0;
	return ctxt;
}

static void close_all(struct html *h)
{
	h->overflow = 0;
	h->in_style = false;
	while (h->depth > 1)
		pop(h);
	flush(h);
}

static void feed(struct html *h, struct sv rest)
{
	htmlParserCtxtPtr ctxt = parser_new(h);

	/* Text outside of a body gets a paragraph from libxml2 that nobody asked for. */
	if (sv_find_case(rest, SV("<body")) < 0)
		htmlParseChunk(ctxt, "<body>", 6, 0);
	while (rest.len && !h->layout.cut) {
		struct sv chunk = sv_head(rest, CHUNK);
		ptrdiff_t tag = chunk.len < rest.len ? sv_rchr(chunk, '<') : 0;
		if (tag > 0)
			chunk.len = (size_t)tag; /* do not cut tags: a fresh parser could start with half of one */
		htmlParseChunk(ctxt, chunk.p, (int)chunk.len, 0);
		rest = sv_from(rest, chunk.len);
		if (h->xml_depth > HTML_DEPTH_MAX) {
			close_all(h);
			htmlFreeParserCtxt(ctxt);
			ctxt = parser_new(h);
		}
	}
	htmlParseChunk(ctxt, "", 0, 1);
	close_all(h);
	htmlFreeParserCtxt(ctxt);
}

/* libxml2 stops at NUL, and shows "<![if !mso]>" and "<![CDATA[" as text: browsers do not. */
static bool needs_cleaning(struct sv html)
{
	return memchr(html.p, '\0', html.len) || sv_find(html, SV("<![")) >= 0;
}

static void clean(struct str *out, struct sv html)
{
	while (html.len) {
		struct sv plain = html;
		size_t n = 0;
		while (n < html.len && html.p[n] != '\0' && html.p[n] != '<')
			n++;
		plain.len = n;
		str_add(out, plain);
		html = sv_from(html, n);
		if (!html.len)
			return;
		size_t skip = 1;
		if (html.p[0] == '\0') {
			str_adds(out, "\xef\xbf\xbd");
		} else if (sv_starts(html, SV("<!--"))) {
			ptrdiff_t end = sv_find(sv_from(html, 4), SV("-->"));
			skip = end < 0 ? html.len : (size_t)end + 7;
			str_add(out, sv_head(html, skip));
		} else if (sv_starts(html, SV("<!["))) {
			ptrdiff_t end = sv_chr(html, '>');
			skip = end < 0 ? html.len : (size_t)end + 1;
		} else {
			str_addc(out, '<');
		}
		html = sv_from(html, skip);
	}
}

/* ---- into the document ---- */

/* Non-breaking blanks have done their work. */
static void put_span(struct doc_build *doc, struct sv text, const struct doc_span *look)
{
	ptrdiff_t at;

	while ((at = sv_find(text, SV("\xc2\xa0"))) >= 0) {
		doc_add(doc, sv_head(text, (size_t)at), look);
		doc_add(doc, SV(" "), look);
		text = sv_from(text, (size_t)at + 2);
	}
	doc_add(doc, text, look);
}

static void put_line(struct html *h, const struct html_line *line)
{
	struct doc *head = doc_build_head(h->doc);
	size_t at = 0;

	for (uint32_t i = 0; i < line->span_count; i++) {
		const struct doc_span *s = &line->spans[i];
		if (s->link && s->link <= head->link_count && head->links[s->link - 1].line == UINT32_MAX)
			head->links[s->link - 1].line = doc_build_lines(h->doc);
		put_span(h->doc, sv_make(line->text.p + at, s->len), s);
		at += s->len;
	}
	doc_end_line(h->doc, DOC_BODY, line->quote, line->cont ? DOC_LINE_CONT : 0, h->opts->part);
}

static void put_lines(struct html *h)
{
	bool empty = true;

	for (const struct html_line *l = h->layout.root.lines.first; l; l = l->next) {
		bool blank = sv_trim(l->text).len == 0;
		if (blank && empty && !l->pre)
			continue;
		empty = blank;
		put_line(h, l);
	}
}

static struct sv url_host(struct sv url)
{
	ptrdiff_t slashes = sv_find(url, SV("://"));

	if (slashes < 0)
		return SV("");
	struct scan s = scan_of(sv_from(url, (size_t)slashes + 3));
	struct sv host = scan_until(&s, "/?#");
	ptrdiff_t at = sv_rchr(host, '@');
	host = at < 0 ? host : sv_from(host, (size_t)at + 1);
	ptrdiff_t colon = sv_chr(host, ':');
	return colon < 0 ? host : sv_head(host, (size_t)colon);
}

static struct sv without_www(struct sv host)
{
	return sv_starts_case(host, SV("www.")) ? sv_from(host, 4) : host;
}

/* The host that a link's text claims to lead to, when it is another than the link does. */
static struct sv claimed_host(struct sv text, struct sv url)
{
	struct sv claim = SV(""), real = without_www(url_host(url));

	if (sv_starts_case(text, SV("http://")) || sv_starts_case(text, SV("https://")))
		claim = url_host(text);
	else if (sv_starts_case(text, SV("www."))) {
		struct scan s = scan_of(text);
		claim = scan_until(&s, "/?# ");
	}
	claim = without_www(claim);
	if (!claim.len || sv_chr(claim, '.') < 0 || sv_ends_case(real, claim) || sv_ends_case(claim, real))
		return SV("");
	return claim;
}

#define URL_LIST_LINES 1 /* a target takes one line: it can be opened and copied whole from the link menu */

static void put_target(struct html *h, unsigned number)
{
	const struct doc_link *link = &doc_build_head(h->doc)->links[number - 1];
	struct doc_span look = {.style = DOC_LINKREF, .link = (uint16_t)number};
	struct sv url = sv_of(link->url), lie = claimed_host(sv_of(link->text), url);
	char mark[32];
	int room;

	snprintf(mark, sizeof(mark), "[%u] ", number);
	doc_add(h->doc, sv_of(mark), &look);
	room = h->opts->width * URL_LIST_LINES - (int)strlen(mark);
	if ((int)url.len > room && room > 8) {
		doc_add(h->doc, utf8_head(url, (size_t)room - 3), &look);
		doc_add(h->doc, SV("..."), &look);
	} else {
		doc_add(h->doc, url, &look);
	}
	doc_end_line(h->doc, DOC_BODY, 0, 0, h->opts->part);
	if (lie.len) {
		char note[256];
		snprintf(note, sizeof(note), "    (!) its text says " SV_FMT, (int)MIN(lie.len, (size_t)200), lie.p);
		doc_put_line(h->doc, sv_of(note), DOC_NOTE, 0, DOC_BOLD, h->opts->part);
		doc_add_defect(h->doc, "link %u leads elsewhere than its text says", number);
	}
}

static void put_link_list(struct html *h)
{
	unsigned count = doc_build_head(h->doc)->link_count;
	bool first = true;

	for (unsigned n = h->first_link + 1; n <= count; n++) {
		if (n >= h->shown_cap || !h->shown[n])
			continue;
		if (first)
			doc_end_line(h->doc, DOC_BODY, 0, 0, h->opts->part);
		first = false;
		put_target(h, n);
	}
}

/* Links that were numbered but are on no line any more (a limit, a hidden end). */
static void settle_links(struct html *h, uint32_t first_line)
{
	struct doc *head = doc_build_head(h->doc);

	for (unsigned n = h->first_link; n < head->link_count; n++)
		if (head->links[n].line == UINT32_MAX)
			head->links[n].line = first_line;
}

static void start_frames(struct html *h)
{
	static const struct html_tag root = {"", EL_OTHER, 0, 0, 0};

	h->depth = 1;
	h->frame[0] = (struct frame){.tag = &root, .font_px = 16};
}

void html_render(struct doc_build *doc, struct sv html, const struct html_opts *opts)
{
	struct html *h = xcalloc(1, sizeof(*h));
	uint32_t first_line = doc_build_lines(doc);
	struct str cleaned;

	h->layout.arena = arena_new();
	h->layout.opts = h->opts = opts;
	h->doc = doc;
	h->cell = &h->layout.root;
	h->sheet = css_sheet_new(h->layout.arena);
	h->urls = map_new();
	h->first_link = doc_build_head(doc)->link_count;
	str_init(&h->style, CSS_SHEET_MAX);
	str_init(&h->anchor.text, LINK_TEXT_MAX);
	str_init(&cleaned, 3 * (size_t)HTML_INPUT_MAX);
	para_init(&h->para);
	h->para.emoji = opts->emoji;
	start_frames(h);
	if (html.len > HTML_INPUT_MAX)
		h->layout.cut = true;
	html = sv_head(html, HTML_INPUT_MAX);
	bool cut = h->layout.cut;
	h->layout.cut = false;
	if (!utf8_is_valid(html))
		utf8_add_fixed(&cleaned, html), html = str_sv(&cleaned);
	struct str second;
	str_init(&second, 3 * (size_t)HTML_INPUT_MAX);
	if (needs_cleaning(html))
		clean(&second, html), html = str_sv(&second);
	feed(h, html);
	cut |= h->layout.cut;
	h->layout.cut = false;
	html_lay_out(&h->layout);
	put_lines(h);
	settle_links(h, first_line);
	if (opts->link_list)
		put_link_list(h);
	struct doc *head = doc_build_head(doc);
	head->images_blocked += h->images;
	if (cut || h->layout.cut) {
		head->flags |= DOC_CUT;
		doc_add_defect(doc, "HTML too big to show whole");
	}
	str_fini(&second);
	str_fini(&cleaned);
	str_fini(&h->style);
	str_fini(&h->anchor.text);
	para_fini(&h->para);
	map_free(h->urls);
	free(h->shown);
	arena_free(h->layout.arena);
	free(h);
}
