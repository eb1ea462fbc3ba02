/*
 * One line of plain text (see line.h). Escape sequences are recognised as ECMA-48 section 5 has them,
 * so that none of their letters stays behind as text.
 */
#include "render/line.h"

#include <stdlib.h>

#include "render/html_color.h"
#include "render/html_css.h"
#include "text/utf8.h"
#include "text/width.h"

#define LINE_TEXT_MAX (4u << 20)
#define TAB 8
#define SGR_PARAMS_MAX 16
#define ESC 0x1b

void line_init(struct line *l)
{
	*l = (struct line){.count = 0};
	str_init(&l->text, LINE_TEXT_MAX);
	str_init(&l->raw, LINE_TEXT_MAX);
}

void line_fini(struct line *l)
{
	str_fini(&l->text);
	str_fini(&l->raw);
	free(l->spans);
}

static bool same_look(const struct doc_span *a, const struct doc_span *b)
{
	return a->style == b->style && a->link == b->link && a->fg == b->fg && a->bg == b->bg;
}

static void grow(struct line *l, size_t n, const struct doc_span *look)
{
	if (!n)
		return;
	if (l->count && same_look(&l->spans[l->count - 1], look)) {
		l->spans[l->count - 1].len += (uint32_t)n;
		return;
	}
	array_grow(l->spans, l->count, l->cap);
	l->spans[l->count] = *look;
	l->spans[l->count++].len = (uint32_t)n;
}

/* Text without escapes and overstrike; tabs are still in it. */
static void append(struct line *l, struct sv text, const struct doc_span *look, bool emoji)
{
	size_t before = l->text.len;

	while (text.len) {
		ptrdiff_t tab = sv_chr(text, '\t');
		struct sv piece = tab < 0 ? text : sv_head(text, (size_t)tab);
		utf8_add_safe(&l->text, piece, UTF8_SAFE_LINE | (emoji ? UTF8_SAFE_EMOJI : 0));
		if (tab < 0)
			break;
		str_addn(&l->text, ' ', (size_t)(TAB - width_of(str_sv(&l->text)) % TAB));
		text = sv_from(text, (size_t)tab + 1);
	}
	grow(l, l->text.len - before, look);
}

/* ---- escape sequences ---- */

/* How long the sequence at the start of s is. *sgr gets the parameters of a CSI ... m. */
static size_t sequence(struct sv s, struct sv *sgr)
{
	size_t i = 2;

	*sgr = SV("");
	if (s.len < 2)
		return s.len;
	char kind = s.p[1];
	if (kind == '[') { /* CSI: parameters, intermediates, one final byte */
		while (i < s.len && (unsigned char)s.p[i] >= 0x20 && (unsigned char)s.p[i] < 0x40)
			i++;
		if (i < s.len && s.p[i] == 'm')
			*sgr = sv_make(s.p + 2, i - 2);
		return i < s.len && (unsigned char)s.p[i] >= 0x40 && (unsigned char)s.p[i] < 0x7f
			       ? i + 1
			       : i;
	}
	if (kind == ']' || kind == 'P' || kind == 'X' || kind == '^' ||
		kind == '_') { /* strings up to BEL or ST */
		for (; i < s.len; i++) {
			if (s.p[i] == 7)
				return i + 1;
			if (s.p[i] == ESC && i + 1 < s.len && s.p[i + 1] == '\\')
				return i + 2;
		}
		return s.len;
	}
	if ((unsigned char)kind >= 0x20 &&
		(unsigned char)kind < 0x30) { /* intermediates, final byte */
		while (i < s.len && (unsigned char)s.p[i] >= 0x20 && (unsigned char)s.p[i] < 0x30)
			i++;
		return MIN(i + 1, s.len);
	}
	return (unsigned char)kind >= 0x30 && (unsigned char)kind < 0x7f ? 2 : 1;
}

/* xterm's colours: 16 named, a 6x6x6 cube, 24 greys. */
static uint32_t palette(unsigned n)
{
	static const uint32_t named[16] = {0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee,
		0xcd00cd, 0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff,
		0xff00ff, 0x00ffff, 0xffffff};

	if (n < 16)
		return DOC_COLOR_RGB | named[n];
	if (n < 232) {
		unsigned v[3] = {(n - 16) / 36, (n - 16) / 6 % 6, (n - 16) % 6};
		uint32_t rgb = 0;
		for (int i = 0; i < 3; i++)
			rgb = rgb << 8 | (v[i] ? 55 + v[i] * 40 : 0);
		return DOC_COLOR_RGB | rgb;
	}
	uint32_t grey = 8 + (n - 232) * 10;
	return DOC_COLOR_RGB | grey << 16 | grey << 8 | grey;
}

/* "38;5;n" and "38;2;r;g;b"; returns how many numbers it took. *color is 0 when it is neither. */
static int extended_color(const unsigned *n, int count, uint32_t *color)
{
	*color = 0;
	if (count >= 3 && n[1] == 5) {
		*color = palette(MIN(n[2], 255u));
		return 3;
	}
	if (count >= 5 && n[1] == 2) {
		*color = DOC_COLOR_RGB | (n[2] & 255) << 16 | (n[3] & 255) << 8 | (n[4] & 255);
		return 5;
	}
	return count;
}

static int sgr_one(struct doc_span *look, const unsigned *n, int count, bool light)
{
	static const struct {
		unsigned code;
		uint16_t on, off;
	} styles[] = {{1, DOC_BOLD, 0}, {2, DOC_DIM, 0}, {3, DOC_ITALIC, 0}, {4, DOC_UNDERLINE, 0},
		{9, DOC_STRIKE, 0}, {22, 0, DOC_BOLD | DOC_DIM}, {23, 0, DOC_ITALIC},
		{24, 0, DOC_UNDERLINE}, {29, 0, DOC_STRIKE}};
	uint32_t color;

	if (n[0] == 0)
		*look = (struct doc_span){.style = 0};
	for (size_t i = 0; i < ARRAY_LEN(styles); i++)
		if (styles[i].code == n[0])
			look->style = (uint16_t)((look->style | styles[i].on) & ~styles[i].off);
	if (n[0] >= 30 && n[0] <= 37)
		look->fg = color_readable(palette(n[0] - 30), light);
	else if (n[0] >= 90 && n[0] <= 97)
		look->fg = color_readable(palette(n[0] - 90 + 8), light);
	else if (n[0] == 39)
		look->fg = DOC_COLOR_NONE;
	else if (n[0] == 38 || n[0] == 48) { /* backgrounds are not ours to give away */
		int took = extended_color(n, count, &color);
		if (n[0] == 38 && color)
			look->fg = color_readable(color, light);
		return took;
	}
	return 1;
}

static void apply_sgr(struct line *l, struct sv params, bool light)
{
	unsigned n[SGR_PARAMS_MAX] = {0};
	int count = 0;
	struct scan s = scan_of(params);

	do {
		uint64_t v = 0;
		scan_u64(&s, &v);
		n[count++] = (unsigned)MIN(v, 100000u);
	} while (count < SGR_PARAMS_MAX && (scan_byte(&s, ';') || scan_byte(&s, ':')));
	for (int i = 0; i < count;)
		i += sgr_one(&l->sgr, n + i, count - i, light);
}

/* ---- overstrike ---- */

/* Text with backspaces: "_\bx" underlines, "x\bx" is bold, any other backspace takes a character away. */
static void append_overstruck(struct line *l, struct sv text, bool emoji)
{
	size_t at = 0;

	while (at < text.len) {
		size_t n = utf8_next(text, at) - at;
		struct sv one = sv_make(text.p + at, n);
		struct doc_span look = l->sgr;
		at += n;
		while (at + 1 < text.len && text.p[at] == '\b') {
			size_t m = utf8_next(text, at + 1) - (at + 1);
			struct sv over = sv_make(text.p + at + 1, m);
			if (sv_eq(one, over))
				look.style |= DOC_BOLD;
			else if (sv_is(one, "_") || sv_is(over, "_"))
				look.style |= DOC_UNDERLINE;
			if (!sv_is(over, "_"))
				one = over;
			at += 1 + m;
		}
		if (one.len && one.p[0] != '\b')
			append(l, one, &look, emoji);
	}
}

static void append_piece(struct line *l, struct sv text, bool emoji)
{
	if (sv_chr(text, '\b') < 0)
		append(l, text, &l->sgr, emoji);
	else
		append_overstruck(l, text, emoji);
}

void line_read(struct line *l, struct sv raw, bool sgr, bool light, bool emoji)
{
	str_clear(&l->text);
	l->count = 0;
	if (!sgr)
		l->sgr = (struct doc_span){.style = 0};
	while (raw.len) {
		ptrdiff_t esc = sv_chr(raw, ESC);
		struct sv params;
		append_piece(l, esc < 0 ? raw : sv_head(raw, (size_t)esc), emoji);
		if (esc < 0)
			break;
		raw = sv_from(raw, (size_t)esc);
		raw = sv_from(raw, sequence(raw, &params));
		if (sgr && (params.len || (raw.p[-1] == 'm')))
			apply_sgr(l, params, light);
	}
}

/* ---- links ---- */

static bool is_url_char(int c)
{
	return c > ' ' && c != 0x7f && !strchr("<>\"\\^`{|}", c);
}

/* A mark that ends a sentence is not part of a URL, nor is a closing bracket that was not opened in it. */
static size_t trim_url(struct sv url)
{
	size_t n = url.len;
	ptrdiff_t round = 0, square = 0;

	for (size_t i = 0; i < n; i++) {
		round += (url.p[i] == '(') - (url.p[i] == ')');
		square += (url.p[i] == '[') - (url.p[i] == ']');
	}
	for (; n > 0; n--) {
		char c = url.p[n - 1];
		if (c == ')' && round < 0)
			round++;
		else if (c == ']' && square < 0)
			square++;
		else if (!strchr(".,;:!?'*_~", c))
			break;
	}
	return n;
}

static bool may_start_url(char c)
{
	switch (c | 0x20) {
	case 'h':
	case 'f':
	case 'm':
	case 'w':
	case 'g':
		return true;
	default:
		return false;
	}
}

/* Length of the URL that starts at text[at], 0: none. */
static size_t url_at(struct sv text, size_t at)
{
	static const char *const starts[] = {
		"https://", "http://", "ftp://", "mailto:", "gopher://", "gemini://", "www."};
	struct sv rest = sv_from(text, at);

	if (at > 0 && (ascii_is_alnum((unsigned char)text.p[at - 1]) || text.p[at - 1] == '.'))
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
		struct sv s = sv_of(starts[i]);
		if (!sv_starts_case(rest, s))
			continue;
		size_t n = s.len;
		while (n < rest.len && is_url_char((unsigned char)rest.p[n]))
			n++;
		n = trim_url(sv_head(rest, n));
		return n > s.len + 1 ? n : 0;
	}
	return 0;
}

/* The spans between from and to get the link. */
static void set_link(struct line *l, size_t from, size_t to, unsigned link)
{
	struct doc_span *old = l->spans;
	size_t count = l->count, at = 0;

	l->spans = NULL;
	l->count = l->cap = 0;
	for (size_t i = 0; i < count; i++) {
		size_t start = at, end = at + old[i].len;
		size_t cut[4] = {start, MIN(MAX(from, start), end), MIN(MAX(to, start), end), end};
		for (int k = 0; k < 3; k++) {
			struct doc_span look = old[i];
			if (k == 1)
				look.link = (uint16_t)link;
			grow(l, cut[k + 1] - cut[k], &look);
		}
		at = end;
	}
	free(old);
}

#define LINKS_ON_LINE_MAX 200

/* Each URL has a ':' or begins with "www.": most lines need not be looked at byte by byte. */
static bool may_have_url(struct sv text)
{
	const char *p = text.p, *end = text.p + text.len;

	if (memchr(p, ':', text.len))
		return true;
	while (p < end && (p = memchr(p, '.', (size_t)(end - p)))) {
		if (p - text.p >= 3 && sv_is_case(sv_make(p - 3, 3), "www"))
			return true;
		p++;
	}
	return false;
}

void line_links(struct line *l, struct doc_build *doc)
{
	struct sv text = str_sv(&l->text);
	int found = 0;

	if (text.len == 0 || !may_have_url(text))
		return;
	for (size_t at = 0; at < text.len && found < LINKS_ON_LINE_MAX; at++) {
		if (!may_start_url(text.p[at]))
			continue;
		size_t n = url_at(text, at);
		if (!n)
			continue;
		struct sv shown = sv_make(text.p + at, n);
		struct str url;
		str_init(&url, DOC_URL_MAX);
		if (sv_starts_case(shown, SV("www.")))
			str_adds(&url, "http://");
		if (str_add(&url, shown)) {
			unsigned link = doc_add_link(doc, str_sv(&url), SV(""));
			if (link)
				set_link(l, at, at + n, link);
		}
		str_fini(&url);
		found++;
		at += n - 1;
	}
}

/* ---- writing ---- */

struct line_cursor line_cursor(const struct line *l)
{
	return (struct line_cursor){.line = l};
}

/* Steps over n bytes, and adds them to doc unless that is NULL. */
static void advance(struct line_cursor *c, struct doc_build *doc, size_t n)
{
	const struct line *l = c->line;

	while (n > 0 && c->span < l->count) {
		const struct doc_span *s = &l->spans[c->span];
		size_t step = MIN(n, s->len - c->in);
		if (doc)
			doc_add(doc, sv_make(l->text.s + c->at, step), s);
		c->at += step;
		c->in += step;
		n -= step;
		if (c->in == s->len) {
			c->span++;
			c->in = 0;
		}
	}
}

void line_skip(struct line_cursor *c, size_t bytes)
{
	advance(c, NULL, bytes);
}

void line_put(struct line_cursor *c, struct doc_build *doc, size_t bytes)
{
	advance(c, doc, bytes);
}
