/* Lines of a document as cells: kinds and quote levels, spans, patterns of `color`, search, links. */
#include "ui/doc_view.h"

#include <stdio.h>
#include <stdlib.h>

#include "text/width.h"

void doc_view_fini(struct doc_view *v)
{
	doc_free(v->doc);
	free(v->visible);
	*v = (struct doc_view){0};
}

uint32_t doc_view_line(const struct doc_view *v, uint32_t index)
{
	return v->visible ? v->visible[index] : index;
}

static void pick_visible(struct doc_view *v)
{
	free(v->visible);
	v->visible = NULL;
	v->count = v->doc ? v->doc->line_count : 0;
	if (!v->doc || !v->hide_quoted)
		return;
	v->visible = xreallocarray(NULL, (size_t)v->count + 1, sizeof(*v->visible));
	v->count = 0;
	for (uint32_t i = 0; i < v->doc->line_count; i++)
		if (doc_line(v->doc, i)->quote <= v->quoted_levels)
			v->visible[v->count++] = i;
}

static uint32_t last_top(const struct doc_view *v)
{
	return v->count > (uint32_t)v->rows ? v->count - (uint32_t)v->rows : 0;
}

/* The visible line that is the given line of the document or the next one after it. */
static uint32_t visible_of(const struct doc_view *v, uint32_t line)
{
	uint32_t lo = 0, hi = v->count;
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		if (doc_view_line(v, mid) < line)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Where the window's first line stands: paragraphs counted, since wrapping changes with the width. */
static uint32_t paragraph_of(const struct doc *d, uint32_t line)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < line && i < d->line_count; i++)
		n += !(doc_line(d, i)->flags & DOC_LINE_CONT);
	return n;
}

static uint32_t line_of_paragraph(const struct doc *d, uint32_t paragraph)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < d->line_count; i++) {
		if (n == paragraph && !(doc_line(d, i)->flags & DOC_LINE_CONT))
			return i;
		n += !(doc_line(d, i)->flags & DOC_LINE_CONT);
	}
	return d->line_count;
}

void doc_view_set(struct doc_view *v, struct doc *take, bool keep)
{
	uint32_t paragraph = 0;
	if (keep && v->doc && v->top < v->count && v->top > 0)
		paragraph = paragraph_of(v->doc, doc_view_line(v, v->top));
	doc_free(v->doc);
	v->doc = take;
	v->top = 0;
	pick_visible(v);
	if (keep && paragraph > 0)
		doc_view_go(v, visible_of(v, line_of_paragraph(take, paragraph)));
}

void doc_view_hide_quoted(struct doc_view *v, bool hide, unsigned levels)
{
	uint32_t line = v->top < v->count ? doc_view_line(v, v->top) : 0;
	v->hide_quoted = hide;
	v->quoted_levels = levels;
	pick_visible(v);
	doc_view_go(v, visible_of(v, line));
}

void doc_view_set_rows(struct doc_view *v, int rows)
{
	v->rows = MAX(1, rows);
	if (v->top > last_top(v))
		v->top = last_top(v);
}

void doc_view_go(struct doc_view *v, uint32_t top)
{
	v->top = MIN(top, v->count > 0 ? v->count - 1 : 0);
}

bool doc_view_at_end(const struct doc_view *v)
{
	return v->top + (uint32_t)v->rows >= v->count;
}

bool doc_view_scroll(struct doc_view *v, long by)
{
	if (by > 0 ? doc_view_at_end(v) : v->top == 0)
		return false;
	long top = (long)v->top + by;
	v->top = (uint32_t)MAX(0, MIN(top, (long)MAX(last_top(v), v->top)));
	return true;
}

const char *doc_view_position(const struct doc_view *v, char *buf)
{
	if (v->count <= (uint32_t)v->rows && v->top == 0)
		return "all";
	if (doc_view_at_end(v))
		return "end";
	if (v->top == 0)
		return "top";
	snprintf(buf, 8, "%u%%", (unsigned)((uint64_t)(v->top + (uint32_t)v->rows) * 100 / v->count) % 100);
	return buf;
}

uint32_t doc_view_find(const struct doc_view *v, struct rx *rx, long from, int dir)
{
	for (long i = from; i >= 0 && i < (long)v->count; i += dir) {
		if (rx_match(rx, doc_line_text(v->doc, doc_view_line(v, (uint32_t)i))))
			return (uint32_t)i;
	}
	return UINT32_MAX;
}

/* ---- looks ---- */

static struct style kind_style(struct ui *ui, const struct doc_line *line)
{
	static const struct {
		enum color_id id;
		uint32_t fallback; /* of kinds that have no object: a palette colour */
	} kinds[DOC_KINDS] = {
		[DOC_BODY] = {COLOR_normal, 0}, [DOC_HEADER] = {COLOR_hdrdefault, 0},
		[DOC_SIGNATURE] = {COLOR_signature, 0}, [DOC_ATTACH] = {COLOR_attachment, 0},
		[DOC_NOTE] = {COLOR_attachment, 0}, [DOC_DIFF_FILE] = {COLOR_normal, 0},
		[DOC_DIFF_HUNK] = {COLOR_normal, 6}, [DOC_DIFF_ADD] = {COLOR_normal, 2},
		[DOC_DIFF_DEL] = {COLOR_normal, 1}, [DOC_SOURCE] = {COLOR_normal, 0},
	};
	struct style s = theme_style(ui->theme, COLOR_normal);
	if (line->kind < DOC_KINDS) {
		s = style_over(s, theme_style(ui->theme, kinds[line->kind].id));
		if (kinds[line->kind].fallback && !theme_is_mono(ui->theme) && ui->conf->profile == CONF_MODERN)
			s.fg = STYLE_PALETTE | kinds[line->kind].fallback;
		if (line->kind == DOC_DIFF_FILE && ui->conf->profile == CONF_MODERN)
			s.attrs |= STYLE_BOLD;
	}
	if (line->quote > 0)
		s = style_over(s, theme_quoted(ui->theme, line->quote));
	return s;
}

static struct style span_style(struct ui *ui, const struct doc_span *span, struct style under)
{
	static const struct {
		unsigned bit;
		uint16_t attr;
	} attrs[] = {{DOC_BOLD, STYLE_BOLD}, {DOC_ITALIC, STYLE_ITALIC}, {DOC_UNDERLINE, STYLE_UNDERLINE},
		{DOC_STRIKE, STYLE_STRIKE}, {DOC_DIM, STYLE_DIM}, {DOC_HEADING, STYLE_BOLD}};
	struct style s = under;
	if (span->style & DOC_BOLD)
		s = style_over(s, theme_style(ui->theme, COLOR_bold));
	if (span->style & DOC_UNDERLINE)
		s = style_over(s, theme_style(ui->theme, COLOR_underline));
	if (span->style & DOC_ITALIC)
		s = style_over(s, theme_style(ui->theme, COLOR_italic));
	if (span->style & DOC_WRAPMARK)
		s = style_over(s, theme_style(ui->theme, COLOR_markers));
	if ((span->style & DOC_NAME) && ui->conf->profile == CONF_MODERN)
		s.attrs |= STYLE_BOLD;
	for (size_t i = 0; i < ARRAY_LEN(attrs); i++) {
		if (span->style & attrs[i].bit)
			s.attrs |= attrs[i].attr;
	}
	if (!theme_is_mono(ui->theme)) {
		if (span->fg & DOC_COLOR_RGB)
			s.fg = STYLE_RGB | (span->fg & 0xffffff);
		if (span->bg & DOC_COLOR_RGB)
			s.bg = STYLE_RGB | (span->bg & 0xffffff);
	}
	if (span->link)
		s = style_over(s, theme_style(ui->theme, COLOR_link));
	return s;
}

static void paint_matches(struct area a, int row, struct sv text, struct rx *rx, struct style over)
{
	ptrdiff_t g[RX_GROUPS][2];
	for (size_t at = 0; at <= text.len && rx_find(rx, text, at, g);) {
		if (g[0][1] > g[0][0]) {
			int col = width_of(sv_head(text, (size_t)g[0][0]));
			area_restyle(a, row, col, width_of(sv_make(text.p + g[0][0], (size_t)(g[0][1] - g[0][0]))), over);
		}
		at = g[0][1] > (ptrdiff_t)at ? (size_t)g[0][1] : at + 1;
	}
}

/* `color body RX` and `color header RX`; a header match colours the whole line unless told otherwise. */
static void paint_patterns(struct ui *ui, struct area a, int row, const struct doc_line *line, struct sv text)
{
	const struct rc_colors *c = &ui->conf->rc.colors;
	bool header = line->kind == DOC_HEADER;
	bool body = line->kind == DOC_BODY || line->kind == DOC_SIGNATURE;
	bool mono = theme_is_mono(ui->theme);
	if (!header && !body)
		return;
	for (size_t i = 0; i < c->n; i++) {
		const struct rc_color *rule = &c->v[i];
		if (!rule->rx || rule->mono != mono || rule->object != (header ? COLOR_header : COLOR_body))
			continue;
		if (header && !ui->conf->header_color_partial) {
			if (rx_match(rule->rx, text))
				area_restyle(a, row, 0, a.cols, theme_of(rule->style));
		} else {
			paint_matches(a, row, text, rule->rx, theme_of(rule->style));
		}
	}
}

static void draw_line(struct ui *ui, struct doc_view *v, struct area a, int row, uint32_t n)
{
	const struct doc *d = v->doc;
	const struct doc_line *line = doc_line(d, n);
	struct style base = kind_style(ui, line);
	struct sv text = doc_line_text(d, n);
	size_t at = 0;
	int col = 0;
	area_clear_from(a, row, 0, style_over(theme_style(ui->theme, COLOR_normal), (struct style){.bg = base.bg}));
	for (uint32_t i = 0; i < line->spans && at < text.len; i++) {
		const struct doc_span *span = &d->spans[line->span + i];
		struct sv part = sv_head(sv_from(text, at), span->len);
		struct style s = span_style(ui, span, base);
		if (span->link > 0 && span->link <= d->link_count)
			s.link = grid_link(a.grid, d->links[span->link - 1].url);
		col = area_put(a, row, col, part, s);
		at += span->len;
	}
	if (at < text.len)
		area_put(a, row, col, sv_from(text, at), base);
	paint_patterns(ui, a, row, line, text);
	if (v->search && v->highlight)
		paint_matches(a, row, text, v->search, theme_style(ui->theme, COLOR_search));
}

void doc_view_draw(struct ui *ui, struct doc_view *v, struct area a)
{
	struct style normal = theme_style(ui->theme, COLOR_normal);
	doc_view_set_rows(v, a.rows);
	for (int row = 0; row < a.rows; row++) {
		if (v->top + (uint32_t)row < v->count)
			draw_line(ui, v, a, row, doc_view_line(v, v->top + (uint32_t)row));
		else if (ui->conf->tilde)
			area_puts(a, row, 0, "~", style_over(normal, theme_style(ui->theme, COLOR_tilde)));
	}
}
