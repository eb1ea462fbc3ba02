/*
 * Text of a paragraph: white space collapsed as HTML does it, invisible filler left out, everything
 * made safe to show. Line breaking comes later, when the width is known.
 */
#include "render/html_priv.h"

#include <stdlib.h>

#include "text/utf8.h"

#define BLANKS_MAX 4         /* non-breaking blanks in a row inside a line */
#define INDENT_BLANKS_MAX 32 /* at the start of one: people indent with them */
#define UNBROKEN_MAX 60      /* text joined by nothing but non-breaking blanks breaks after this */

#define NBSP "\xc2\xa0"

void para_init(struct html_para *p)
{
	*p = (struct html_para){.visible = false};
	str_init(&p->text, PARA_MAX);
}

void para_fini(struct html_para *p)
{
	str_fini(&p->text);
	free(p->spans);
}

static bool same_look(const struct doc_span *a, const struct doc_span *b)
{
	return a->style == b->style && a->link == b->link && a->fg == b->fg && a->bg == b->bg;
}

static void grow_span(struct html_para *p, size_t n, const struct doc_span *look)
{
	if (!n)
		return;
	if (p->count && same_look(&p->spans[p->count - 1], look)) {
		p->spans[p->count - 1].len += (uint32_t)n;
		return;
	}
	array_grow(p->spans, p->count, p->cap);
	p->spans[p->count] = *look;
	p->spans[p->count++].len = (uint32_t)n;
}

static void append(struct html_para *p, struct sv text, const struct doc_span *look)
{
	if (str_add(&p->text, text))
		grow_span(p, text.len, look);
}

static bool at_line_start(const struct html_para *p)
{
	return p->text.len == 0 || p->text.s[p->text.len - 1] == '\n';
}

static void add_visible(struct html_para *p, struct sv text, const struct doc_span *look)
{
	append(p, text, look);
	p->visible = true;
	p->pre_start = false;
	p->blanks = 0;
	p->unbroken += text.len;
}

static void add_space(struct html_para *p, const struct doc_span *look)
{
	if (at_line_start(p) || p->blanks >= BLANKS_MAX || p->text.s[p->text.len - 1] == ' ')
		return;
	append(p, SV(" "), look);
	p->blanks++;
	p->unbroken = 0;
}

static void add_nbsp(struct html_para *p, const struct doc_span *look)
{
	bool start = p->blanks == p->text.len / 2 || at_line_start(p); /* blanks only, so far */

	p->broken = true;
	if (p->blanks >= (start ? INDENT_BLANKS_MAX : BLANKS_MAX))
		return;
	if (p->unbroken > UNBROKEN_MAX) {
		add_space(p, look);
		return;
	}
	append(p, SV(NBSP), look);
	p->blanks++;
}

static void cut_bytes(struct html_para *p, size_t n)
{
	str_cut(&p->text, p->text.len - n);
	while (n > 0 && p->count) {
		struct doc_span *s = &p->spans[p->count - 1];
		size_t step = MIN(n, (size_t)s->len);
		s->len -= (uint32_t)step;
		n -= step;
		if (!s->len)
			p->count--;
	}
}

bool para_unblank(struct html_para *p)
{
	if (!p->text.len || p->text.s[p->text.len - 1] != ' ')
		return false;
	cut_bytes(p, 1);
	p->blanks -= p->blanks > 0;
	return true;
}

/* Blanks of both kinds off the end. */
static void trim_blanks(struct html_para *p)
{
	for (;;) {
		if (sv_ends_case(str_sv(&p->text), SV(NBSP)))
			cut_bytes(p, 2);
		else if (p->text.len && p->text.s[p->text.len - 1] == ' ')
			cut_bytes(p, 1);
		else
			break;
	}
	p->blanks = 0;
}

void para_break(struct html_para *p)
{
	static const struct doc_span plain;
	size_t n;

	p->broken = true;
	trim_blanks(p);
	n = p->text.len;
	if (n >= 2 && p->text.s[n - 1] == '\n' && p->text.s[n - 2] == '\n')
		return; /* one empty line is enough */
	append(p, SV("\n"), &plain);
	p->unbroken = 0;
}

/* ---- characters ---- */

/* What windows-1252 has where Unicode has C1 controls: "&#150;" means a dash. */
static uint32_t from_c1(uint32_t c)
{
	static const uint16_t table[32] = {0x20ac, 0xfffd, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020,
		0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0xfffd, 0x017d, 0xfffd, 0xfffd,
		0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161,
		0x203a, 0x0153, 0xfffd, 0x017e, 0x0178};

	return c >= 0x80 && c < 0xa0 ? table[c - 0x80] : c;
}

/* Soft hyphens and what senders fill preview lines with. */
static bool is_filler(const struct html_para *p, uint32_t c)
{
	if (c == 0xad || c == 0x200b || c == 0xfeff || c == 0x34f || (c >= 0x2060 && c <= 0x2064) ||
		c == 0x180e)
		return true;
	return (c == 0x200c || c == 0x200d || c == 0x200e || c == 0x200f) &&
	       (p->blanks || at_line_start(p));
}

/* They would have to close in each stretch between two blanks, around nothing that matters. */
static bool is_isolate(uint32_t c)
{
	return c >= 0x2066 && c <= 0x2069;
}

static bool is_wide_blank(uint32_t c)
{
	return (c >= 0x2000 && c <= 0x200a && c != 0x2007) || c == 0x2028 || c == 0x2029 ||
	       c == 0x205f;
}

/* A stretch of bytes over 0x7f. */
static void add_foreign(struct html_para *p, struct sv text, const struct doc_span *look)
{
	struct str raw, safe;
	size_t used;

	str_init(&raw, text.len * 3 + 16);
	str_init(&safe, text.len * 9 + 64);
	for (size_t at = 0; at <= text.len; at += used) {
		uint32_t c = at < text.len ? from_c1(utf8_decode(sv_from(text, at), &used)) : ' ';
		bool blank = at == text.len || c == 0xa0 || c == 0x2007 || c == 0x202f ||
			     is_wide_blank(c);
		if (!blank) {
			if (!is_isolate(c) && (raw.len || !is_filler(p, c)))
				utf8_add(&raw, c);
			continue;
		}
		utf8_add_safe(
			&safe, str_sv(&raw), UTF8_SAFE_LINE | (p->emoji ? UTF8_SAFE_EMOJI : 0));
		if (safe.len)
			add_visible(p, str_sv(&safe), look);
		str_clear(&raw);
		str_clear(&safe);
		if (at == text.len)
			break;
		if (is_wide_blank(c))
			add_space(p, look);
		else
			add_nbsp(p, look);
	}
	str_fini(&raw);
	str_fini(&safe);
}

static bool is_plain(char c)
{
	return c > ' ' && c < 0x7f;
}

void para_text(struct html_para *p, struct sv text, const struct doc_span *look, bool pre)
{
	for (size_t at = 0; at < text.len;) {
		size_t start = at;
		char c = text.p[at];
		if (is_plain(c)) {
			while (at < text.len && is_plain(text.p[at]))
				at++;
			add_visible(p, sv_make(text.p + start, at - start), look);
			continue;
		}
		if (c & 0x80) {
			while (at < text.len && (text.p[at] & 0x80))
				at++;
			add_foreign(p, sv_make(text.p + start, at - start), look);
			continue;
		}
		at++;
		if (pre && (c == '\n' || c == ' ' || c == '\t')) {
			if (c == '\n' && p->pre_start)
				p->pre_start = false;
			else
				append(p, sv_make(&c, 1), look);
			p->broken = true;
			p->unbroken = 0;
		} else if (ascii_is_space(c)) {
			add_space(p, look);
		} else {
			add_visible(p, SV("\xef\xbf\xbd"), look); /* a control character */
		}
	}
}

void para_raw(struct html_para *p, struct sv text, const struct doc_span *look)
{
	add_visible(p, text, look);
}

/* Bytes off the start. */
static void cut_start(struct html_para *p, size_t n)
{
	size_t left = n, drop = 0;

	str_remove(&p->text, 0, n);
	while (left > 0 && drop < p->count) {
		size_t step = MIN(left, (size_t)p->spans[drop].len);
		p->spans[drop].len -= (uint32_t)step;
		left -= step;
		if (!p->spans[drop].len)
			drop++;
	}
	if (drop) {
		memmove(p->spans, p->spans + drop, (p->count - drop) * sizeof(*p->spans));
		p->count -= drop;
	}
}

/*
 * Line ends off the start, which ask for an empty line above (true); and a single fixed blank, which
 * held an image and its text apart, and indents nothing.
 */
static bool trim_start(struct html_para *p)
{
	size_t n = 0, rest;

	while (n < p->text.len && p->text.s[n] == '\n')
		n++;
	rest = p->text.len - n;
	bool blank = rest > 2 && memcmp(p->text.s + n, NBSP, 2) == 0 && p->text.s[n + 2] != ' ' &&
		     (rest < 4 || memcmp(p->text.s + n + 2, NBSP, 2) != 0);
	cut_start(p, n + (blank ? 2 : 0));
	return n > 0;
}

void para_drop(struct html_para *p)
{
	str_clear(&p->text);
	p->count = 0;
	p->visible = p->broken = p->pre_start = false;
	p->blanks = 0;
	p->unbroken = 0;
}

bool para_take(struct html_para *p, struct arena *arena, struct html_block *block,
	unsigned char *gap, unsigned char *gap_after)
{
	unsigned ends = 0;

	if (!p->visible) {
		if (p->broken)
			*gap = MAX(*gap, 1);
		para_drop(p);
		return false;
	}
	trim_blanks(p);
	while (p->text.len && p->text.s[p->text.len - 1] == '\n') {
		cut_bytes(p, 1);
		trim_blanks(p);
		ends++;
	}
	*gap_after = ends > 1;
	if (trim_start(p))
		*gap = MAX(*gap, 1);
	block->text = sv_make(arena_strndup(arena, p->text.s, p->text.len), p->text.len);
	block->spans = arena_alloc(arena, p->count * sizeof(*p->spans));
	memcpy(block->spans, p->spans, p->count * sizeof(*p->spans));
	block->span_count = (uint32_t)p->count;
	para_drop(p);
	return true;
}
