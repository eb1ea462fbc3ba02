/*
 * Blocks into lines of a given width. Nothing here recurses: tables stand in a list in the order in
 * which they were opened, so inner ones come after outer ones. Measured from the end of the list,
 * widths given from its start, lines made from its end again: each cell finds its tables ready.
 */
#include "render/html_priv.h"

#include "text/utf8.h"
#include "text/width.h"
#include "text/wrap.h"

#define TEXT_WIDTH_MIN 24    /* indents give way before text gets narrower than this */
#define WORD_MIN_MAX 30      /* longer words (URLs) are cut rather than widening a column */
#define QUOTES_SPACED_MAX 12 /* deeper quotes are written without blanks between */

struct html_line *html_line_new(struct html_layout *l, struct sv text, uint32_t spans)
{
	struct html_line *line = arena_alloc(l->arena, sizeof(*line));

	line->text = text;
	line->span_count = spans;
	line->spans = spans ? arena_alloc(l->arena, spans * sizeof(*line->spans)) : NULL;
	return line;
}

void html_line_append(struct html_lines *lines, struct html_line *line)
{
	if (lines->last)
		lines->last->next = line;
	else
		lines->first = line;
	lines->last = line;
	lines->count++;
}

void html_lines_take(struct html_lines *to, struct html_lines *from)
{
	if (!from->first)
		return;
	if (to->last)
		to->last->next = from->first;
	else
		to->first = from->first;
	to->last = from->last;
	to->count += from->count;
	*from = (struct html_lines){NULL, NULL, 0};
}

/* ---- measuring ---- */

static bool breaks_after(uint32_t code)
{
	return code == ' ' || code == '-' || code >= 0x2e80;
}

/* The longest word and the longest line of a text. */
static void measure_text(struct sv text, int *min, int *max)
{
	int word = 0, line = 0;
	size_t used;

	for (size_t at = 0; at < text.len; at += used) {
		uint32_t c = utf8_decode(sv_from(text, at), &used);
		if (c == '\n') {
			word = line = 0;
			continue;
		}
		int w = width_of_code(c);
		line += w;
		word += c == ' ' ? 0 : w;
		*min = MAX(*min, word);
		*max = MAX(*max, line);
		if (breaks_after(c))
			word = 0;
	}
	*min = MIN(*min, WORD_MIN_MAX);
}

static int indent_columns(const struct html_indent *i)
{
	int n = 0;

	for (; i; i = i->up)
		n += i->columns;
	return n;
}

static void measure_cell(struct html_cell *cell)
{
	cell->min = cell->max = 0;
	for (struct html_block *b = cell->first; b; b = b->next) {
		int min = 0, max = 0, indent = indent_columns(b->indent);
		if (b->kind == BLOCK_TEXT) {
			measure_text(b->text, &min, &max);
		} else if (b->kind == BLOCK_TABLE) {
			min = b->table->min;
			max = b->table->max;
			cell->nested = true;
		}
		cell->min = MAX(cell->min, min + MIN(indent, 8));
		cell->max = MAX(cell->max, max + indent);
	}
}

/* ---- what stands before a line ---- */

struct prefix {
	char text[512];
	size_t len;
	int columns;
	uint8_t quote;
	size_t quote_len; /* the first bytes, which are quote markers (0 when they are mixed with marks) */
};

/* The steps from the outermost in; at most n. */
static int indent_steps(struct html_indent *i, struct html_indent **step, int n)
{
	int depth = i ? (int)i->depth : 0;
	int count = MIN(depth, n);

	for (; i; i = i->up, depth--)
		if (depth <= n)
			step[depth - 1] = i;
	return count;
}

static bool prefix_add(struct prefix *p, struct sv s, int columns)
{
	if (p->len + s.len > sizeof(p->text))
		return false;
	memcpy(p->text + p->len, s.p, s.len);
	p->len += s.len;
	p->columns += columns;
	return true;
}

static void prefix_blanks(struct prefix *p, int n)
{
	while (n-- > 0)
		prefix_add(p, SV(" "), 1);
}

/* Builds it for one line; room: the most columns it may take. Marks are used up. */
static void prefix_make(struct prefix *p, struct html_indent *indent, int room)
{
	struct html_indent *step[HTML_DEPTH_MAX];
	int n = indent_steps(indent, step, HTML_DEPTH_MAX);
	bool only_quotes = true;

	*p = (struct prefix){.quote = (uint8_t)MIN(indent ? indent->quote : 0, UINT8_MAX)};
	for (int i = 0; i < n; i++) {
		struct html_indent *s = step[i];
		bool tight = s->kind == INDENT_QUOTE && indent->quote > QUOTES_SPACED_MAX &&
			     s->quote < indent->quote;
		int columns = tight ? 1 : s->columns;
		if (s->kind == INDENT_QUOTE) {
			if (p->columns + columns > MAX(room, 2))
				continue;
			prefix_add(p, tight ? SV(">") : SV("> "), columns);
			if (only_quotes)
				p->quote_len = p->len;
			continue;
		}
		only_quotes = false;
		if (p->columns + columns > room)
			continue;
		if (s->kind == INDENT_MARK && !s->used) {
			prefix_add(p, s->mark, s->columns);
			s->used = true;
		} else {
			prefix_blanks(p, s->columns);
		}
	}
}

/* ---- lines ---- */

/* A line of text: the prefix, and room for `spans` spans of the text behind it. */
static struct html_line *line_make(
	struct html_layout *l, const struct prefix *p, struct sv text, uint32_t spans)
{
	uint32_t before = (p->quote_len > 0) + (p->len > p->quote_len);
	struct html_line *line = html_line_new(l, text, spans + before);

	line->span_count = 0;
	line->quote = p->quote;
	if (!p->len)
		return line; /* the text is lent from its block */
	char *s = arena_alloc(l->arena, p->len + text.len + 1);
	memcpy(s, p->text, p->len);
	if (text.len)
		memcpy(s + p->len, text.p, text.len);
	line->text = sv_make(s, p->len + text.len);
	if (p->quote_len)
		line->spans[line->span_count++] =
			(struct doc_span){.len = (uint32_t)p->quote_len, .style = DOC_QMARK};
	if (p->len > p->quote_len)
		line->spans[line->span_count++] =
			(struct doc_span){.len = (uint32_t)(p->len - p->quote_len)};
	return line;
}

/* Where a walk over a block's spans stands. */
struct cursor {
	const struct doc_span *span, *end;
	uint32_t in; /* bytes of *span that are used */
};

static void cursor_skip(struct cursor *c, size_t n)
{
	while (n > 0 && c->span < c->end) {
		size_t step = MIN(n, (size_t)(c->span->len - c->in));
		n -= step;
		c->in += (uint32_t)step;
		if (c->in == c->span->len) {
			c->span++;
			c->in = 0;
		}
	}
}

/* How many spans the next n bytes touch. */
static uint32_t cursor_count(const struct cursor *c, size_t n)
{
	struct cursor at = *c;
	uint32_t count = 0;

	while (n > 0 && at.span < at.end) {
		size_t step = MIN(n, (size_t)(at.span->len - at.in));
		count++;
		n -= step;
		cursor_skip(&at, step);
	}
	return count;
}

static void cursor_copy(struct cursor *c, size_t n, struct html_line *line)
{
	while (n > 0 && c->span < c->end) {
		size_t step = MIN(n, (size_t)(c->span->len - c->in));
		struct doc_span *s = &line->spans[line->span_count++];
		*s = *c->span;
		s->len = (uint32_t)step;
		n -= step;
		cursor_skip(c, step);
	}
}

/* One forced line of a block: wrapped into as many as it needs. */
static void lay_out_line(struct html_layout *l, struct html_block *b, struct sv text,
	struct cursor *c, int width, struct html_lines *out)
{
	bool cont = false;

	do {
		struct prefix p;
		prefix_make(&p, b->indent, MAX(width - TEXT_WIDTH_MIN, 0));
		size_t next = 0, n = 0;
		if (text.len)
			n = wrap_line(text, 0, MAX(width - p.columns, 1), true, &next);
		if (next < text.len && !b->pre && sv_starts(sv_from(text, next), SV("\xc2\xa0")))
			next += 2; /* a fixed blank beside the one where the line was broken */
		if (!text.len && p.len &&
			!b->pre) /* no blanks at the end of an empty quoted line */
			while (p.len && p.text[p.len - 1] == ' ')
				p.len--, p.columns--, p.quote_len = MIN(p.quote_len, p.len);
		struct html_line *line = line_make(l, &p, sv_head(text, n), cursor_count(c, n));
		cursor_copy(c, n, line);
		cursor_skip(c, next - n);
		line->cont = cont;
		line->pre = b->pre;
		line->right = b->align == CSS_RIGHT;
		html_line_append(out, line);
		text = sv_from(text, next);
		cont = true;
		if (html_full(l)) {
			l->cut = true;
			return;
		}
	} while (text.len);
}

static void lay_out_text(
	struct html_layout *l, struct html_block *b, int width, struct html_lines *out)
{
	struct sv rest = b->text, text;
	struct cursor c = {b->spans, b->spans + b->span_count, 0};

	while (sv_split(&rest, '\n', &text) && !l->cut) {
		lay_out_line(l, b, text, &c, width, out);
		cursor_skip(&c, 1);
	}
}

static void lay_out_rule(
	struct html_layout *l, struct html_block *b, int width, struct html_lines *out)
{
	struct prefix p;

	prefix_make(&p, b->indent, MAX(width - TEXT_WIDTH_MIN, 0));
	int n = MAX(width - p.columns, 1);
	char *dashes = arena_alloc(l->arena, (size_t)n);
	memset(dashes, '-', (size_t)n);
	struct html_line *line = line_make(l, &p, sv_make(dashes, (size_t)n), 1);
	line->spans[line->span_count++] = (struct doc_span){.len = (uint32_t)n, .style = DOC_RULE};
	html_line_append(out, line);
}

/* The lines of a table behind a prefix. */
static void lay_out_nested(
	struct html_layout *l, struct html_block *b, int width, struct html_lines *out)
{
	if (!b->indent) {
		html_lines_take(out, &b->table->lines);
		return;
	}
	for (struct html_line *t = b->table->lines.first, *next; t && !l->cut; t = next) {
		struct prefix p;
		next = t->next;
		prefix_make(&p, b->indent, MAX(width - TEXT_WIDTH_MIN, 0));
		struct html_line *line = line_make(l, &p, t->text, t->span_count);
		if (t->span_count)
			memcpy(line->spans + line->span_count, t->spans,
				t->span_count * sizeof(*t->spans));
		line->span_count += t->span_count;
		line->quote = (uint8_t)MIN(line->quote + t->quote, UINT8_MAX);
		line->cont = t->cont;
		line->pre = t->pre;
		html_line_append(out, line);
		l->cut = html_full(l);
	}
}

/* The steps that two neighbours share stand before the empty line between them. */
static struct html_indent *common_indent(struct html_indent *a, struct html_indent *b)
{
	while (a != b) {
		if (!a || !b)
			return NULL;
		if (a->depth >= b->depth)
			a = a->up;
		else
			b = b->up;
	}
	return a;
}

static void empty_line(
	struct html_layout *l, struct html_indent *indent, int width, struct html_lines *out)
{
	struct prefix p;

	if (indent && indent->kind == INDENT_MARK && !indent->used)
		indent = indent->up;
	prefix_make(&p, indent, MAX(width - TEXT_WIDTH_MIN, 0));
	while (p.len && p.text[p.len - 1] == ' ')
		p.len--, p.columns--;
	p.quote_len = MIN(p.quote_len, p.len);
	html_line_append(out, line_make(l, &p, SV(""), 0));
}

static bool is_tall(const struct html_block *b)
{
	return b->kind == BLOCK_TABLE && b->table->lines.count > 1;
}

static void lay_out_cell(struct html_layout *l, struct html_cell *cell)
{
	struct html_block *before = NULL;

	for (struct html_block *b = cell->first; b; b = b->next) {
		if (b->kind == BLOCK_TABLE && !b->table->lines.first)
			continue;
		if (l->cut && (b->kind != BLOCK_TABLE || b->indent))
			continue; /* no room for new lines, but those of tables are there */
		if (before && !l->cut && (b->gap || is_tall(b) || is_tall(before)))
			empty_line(l, common_indent(before->indent, b->indent), cell->width,
				&cell->lines);
		if (b->kind == BLOCK_TEXT)
			lay_out_text(l, b, cell->width, &cell->lines);
		else if (b->kind == BLOCK_RULE)
			lay_out_rule(l, b, cell->width, &cell->lines);
		else
			lay_out_nested(l, b, cell->width, &cell->lines);
		before = b;
	}
}

/* Gives the tables of one cell their widths. */
static void place_tables(struct html_cell *cell)
{
	for (struct html_block *b = cell->first; b; b = b->next)
		if (b->kind == BLOCK_TABLE)
			b->table->width =
				MAX(cell->width - MIN(indent_columns(b->indent),
							  MAX(cell->width - TEXT_WIDTH_MIN, 0)),
					1);
}

void html_lay_out(struct html_layout *l)
{
	for (struct html_table *t = l->last_table; t; t = t->prev_open) {
		for (struct html_row *r = t->first; r; r = r->next)
			for (struct html_cell *c = r->first; c; c = c->next)
				measure_cell(c);
		html_measure_table(t);
	}
	l->root.width = l->opts->width;
	place_tables(&l->root);
	for (struct html_table *t = l->first_table; t; t = t->next_open) {
		html_place_table(t);
		for (struct html_row *r = t->first; r; r = r->next)
			for (struct html_cell *c = r->first; c; c = c->next)
				place_tables(c);
	}
	for (struct html_table *t = l->last_table; t; t = t->prev_open) {
		for (struct html_row *r = t->first; r; r = r->next)
			for (struct html_cell *c = r->first; c; c = c->next)
				lay_out_cell(l, c);
		html_lay_out_table(l, t);
	}
	lay_out_cell(l, &l->root);
}
