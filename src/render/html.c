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

#include "render/html_color.h"
#include "render/html_read.h"
#include "text/utf8.h"

#define CHUNK 4096  /* bytes given to libxml2 at a time */
#define TINY_FONT 1 /* px: nobody is meant to read that */
#define GAP_PX 8    /* margins from here on are an empty line */

bool html_is_visible(const struct html *h, const struct frame *f)
{
	if (f->hidden || h->opts->hidden)
		return !f->hidden;
	return !f->invisible && f->font_px > TINY_FONT &&
	       !(f->color && f->background && !f->image_behind &&
		       color_same(f->color, f->background));
}

/* ---- attributes ---- */

static void read_attrs(struct attrs *a, const xmlChar **list)
{
	static const struct {
		const char *name;
		size_t at;
	} known[] = {
#define ATTR(name) {#name, offsetof(struct attrs, name)}
		ATTR(style),
		ATTR(class),
		ATTR(id),
		ATTR(href),
		ATTR(src),
		ATTR(alt),
		ATTR(title),
		ATTR(width),
		ATTR(height),
		ATTR(align),
		ATTR(bgcolor),
		ATTR(color),
		ATTR(type),
		ATTR(value),
		ATTR(start),
		ATTR(colspan),
		ATTR(rowspan),
		ATTR(border),
		ATTR(role),
		ATTR(background),
		ATTR(scope),
#undef ATTR
	};

	*a = (struct attrs){.hidden = false};
	for (; list && list[0]; list += 2) {
		const char *name = (const char *)list[0];
		a->hidden |= strcmp(name, "hidden") == 0;
		a->checked |= strcmp(name, "checked") == 0;
		for (size_t i = 0; list[1] && i < ARRAY_LEN(known); i++)
			if (name[0] == known[i].name[0] && strcmp(name, known[i].name) == 0)
				*(struct sv *)((char *)a + known[i].at) =
					sv_of((const char *)list[1]);
	}
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
	f->node = (struct css_node){.up = h->depth > 1 ? &f[-1].node : NULL,
		.name = sv_of(name),
		.id = sv_make(names->id, m),
		.classes = sv_make(names->classes, n)};
}

static bool css_hides(const struct css *c)
{
	if ((c->set & CSS_DISPLAY) && c->display == CSS_NONE)
		return true;
	if (c->no_max_height || c->transparent || c->out_of_sight)
		return true;
	if (c->clipped && (c->no_height || c->no_width))
		return true;
	return c->mso_hide &&
	       (c->flat || ((c->set & CSS_FONT_SIZE) && c->font_size >= 0 && c->font_size <= 2));
}

static void set_style(struct frame *f, uint16_t bit, bool on)
{
	f->look.style = (uint16_t)(on ? f->look.style | bit : f->look.style & ~bit);
}

/* What an element says about the text in it. */
static void inherit(struct html *h, struct frame *f, const struct css *c, const struct attrs *a)
{
	uint32_t color = a->color.len ? css_color(a->color) : 0;

	f->hidden |= (f->tag->flags & TAG_SKIP) ||
		     (!h->opts->hidden && (a->hidden || css_hides(c)));
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
		f->look.fg =
			h->opts->colors ? color_readable(color, h->opts->light) : DOC_COLOR_NONE;
	}
	uint32_t back = c->set & CSS_BACKGROUND ? c->background
			: a->bgcolor.len        ? css_color(a->bgcolor)
						: 0;
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
	if (el == EL_TR || el == EL_TBODY || el == EL_THEAD || el == EL_BR || el == EL_IMG ||
		el == EL_OPTION)
		return false;
	if (f->in_button)
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

	html_want_gap(h, nested_list ? 0 : gap_of(f, c, CSS_SPACE_ABOVE, c->above));
	f->gap_below = nested_list ? 0 : gap_of(f, c, CSS_SPACE_BELOW, c->below);
}

static void pop(struct html *h)
{
	struct frame *f = html_top(h);
	bool cell = f->tag->el == EL_TD || f->tag->el == EL_TH || f->tag->el == EL_CAPTION;

	if (f->block && f->tag->el != EL_A)
		html_flush(h);
	html_close(h, f);
	if (f->block && f->tag->el == EL_A)
		html_flush(h);
	h->indent = f->indent;
	h->depth--;
	if (f->block && !cell && !f->hidden) {
		h->item_start = false;
		html_want_gap(h, f->gap_below);
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
	f->is_mark = (css.set & CSS_MSO_LIST) && css.mso_list == CSS_MSO_MARK;
	f->block = is_block(f, &css);
	if (f->block && !f->hidden) {
		h->depth--; /* what was said before belongs to the parent */
		html_flush(h);
		h->depth++;
	}
	inherit(h, f, &css, &a);
	f->indent = h->indent;
	if (f->block && !f->hidden)
		open_block(h, f, &css);
	else if (!f->block && (css.set & CSS_DISPLAY) && css.display == CSS_INLINE_BLOCK)
		html_add_text(h, SV(" "));
	html_open(h, f, &a, &css);
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

static void on_text(void *data, const xmlChar *s, int len)
{
	struct html *h = data;

	if (html_read_full(&h->layout)) {
		h->layout.cut = true;
		return;
	}
	html_add_text(h, sv_make((const char *)s, (size_t)len));
}

static htmlParserCtxtPtr parser_new(struct html *h)
{
	xmlSAXHandler sax;

	memset(&sax, 0, sizeof(sax));
	sax.startElement = on_start;
	sax.endElement = on_end;
	sax.characters = on_text;
	sax.ignorableWhitespace = on_text;
	sax.cdataBlock = on_text;
	htmlParserCtxtPtr ctxt =
		htmlCreatePushParserCtxt(&sax, h, NULL, 0, NULL, XML_CHAR_ENCODING_UTF8);
	if (!ctxt)
		bug("no memory for the HTML parser");
	htmlCtxtUseOptions(ctxt, HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
					 HTML_PARSE_NONET | HTML_PARSE_IGNORE_ENC |
					 HTML_PARSE_NODEFDTD);
	h->xml_depth = 0;
	return ctxt;
}

static void close_all(struct html *h)
{
	h->overflow = 0;
	while (h->depth > 1)
		pop(h);
	html_flush(h);
}

static void feed(struct html *h, struct sv rest, bool has_body)
{
	htmlParserCtxtPtr ctxt = parser_new(h);

	/* Text outside of a body gets a paragraph from libxml2 that nobody asked for. */
	if (!has_body)
		htmlParseChunk(ctxt, "<body>", 6, 0);
	while (rest.len && !h->layout.cut) {
		struct sv chunk = sv_head(rest, CHUNK);
		ptrdiff_t tag = chunk.len < rest.len ? sv_rchr(chunk, '<') : 0;
		if (tag > 0)
			chunk.len = (size_t)
				tag; /* do not cut tags: a fresh parser could start with half of one */
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
		if (s->link && s->link <= head->link_count &&
			head->links[s->link - 1].line == UINT32_MAX)
			head->links[s->link - 1].line = doc_build_lines(h->doc);
		put_span(h->doc, sv_make(line->text.p + at, s->len), s);
		at += s->len;
	}
	doc_end_line(h->doc, DOC_BODY, line->quote, line->cont ? DOC_LINE_CONT : 0, h->opts->part);
}

static bool is_blank(const struct html_line *l)
{
	return sv_trim(l->text).len == 0;
}

static void put_lines(struct html *h)
{
	bool empty = true;

	for (const struct html_line *l = h->layout.root.lines.first; l; l = l->next) {
		if (is_blank(l) && empty && !l->pre)
			continue;
		empty = is_blank(l);
		put_line(h, l);
	}
}

/* ---- all of it ---- */

static void start_frames(struct html *h)
{
	static const struct html_tag root = {"", EL_OTHER, 0, 0, 0};

	h->frame = xreallocarray(NULL, HTML_DEPTH_MAX, sizeof(*h->frame));
	h->names = xreallocarray(NULL, HTML_DEPTH_MAX, sizeof(*h->names));
	h->depth = 1;
	h->frame[0] = (struct frame){.tag = &root, .font_px = 16};
}

static struct html *html_new(struct doc_build *doc, const struct html_opts *opts)
{
	struct html *h = xcalloc(1, sizeof(*h));

	h->layout.arena = arena_new();
	h->layout.opts = h->opts = opts;
	h->doc = doc;
	h->cell = &h->layout.root;
	h->sheet = css_sheet_new(h->layout.arena);
	h->urls = map_new();
	h->first_link = doc_build_head(doc)->link_count;
	str_init(&h->anchor.text, LINK_TEXT_MAX);
	para_init(&h->para);
	h->para.emoji = opts->emoji;
	start_frames(h);
	return h;
}

static void html_free(struct html *h)
{
	str_fini(&h->anchor.text);
	para_fini(&h->para);
	map_free(h->urls);
	free(h->shown);
	free(h->frame);
	free(h->names);
	arena_free(h->layout.arena);
	free(h);
}

static bool has_lines(const struct html *h)
{
	for (const struct html_line *l = h->layout.root.lines.first; l; l = l->next)
		if (!is_blank(l))
			return true;
	return false;
}

/* False, and nothing done, when the reader would see nothing. */
static bool draw(struct doc_build *doc, struct sv html, const struct html_opts *opts, bool cut)
{
	struct html *h = html_new(doc, opts);
	struct doc *head = doc_build_head(doc);
	uint32_t first_line = doc_build_lines(doc);

	struct str cleaned;
	str_init(&cleaned, 3 * (size_t)HTML_INPUT_MAX);
	bool has_body = html_clean(&cleaned, html, h->sheet);
	feed(h, str_sv(&cleaned), has_body);
	str_fini(&cleaned);
	cut |= h->layout.cut;
	h->layout.cut = false;
	html_lay_out(&h->layout);
	cut |= h->layout.cut;
	bool seen = opts->hidden || cut || has_lines(h);
	if (seen) {
		put_lines(h);
		html_settle_links(h, first_line);
		if (opts->link_list)
			html_put_link_list(h);
		head->images_blocked += h->images;
	}
	if (cut) {
		head->flags |= DOC_CUT;
		doc_add_defect(doc, "HTML too big to show whole");
	}
	html_free(h);
	return seen;
}

void html_render(struct doc_build *doc, struct sv html, const struct html_opts *opts)
{
	struct str fixed;
	bool cut = html.len > HTML_INPUT_MAX;

	html = sv_head(html, HTML_INPUT_MAX);
	str_init(&fixed, 3 * (size_t)HTML_INPUT_MAX);
	if (!utf8_is_valid(html))
		utf8_add_fixed(&fixed, html), html = str_sv(&fixed);
	if (!draw(doc, html, opts, cut)) {
		struct html_opts all = *opts;
		all.hidden = true;
		draw(doc, html, &all, cut);
	}
	str_fini(&fixed);
}
