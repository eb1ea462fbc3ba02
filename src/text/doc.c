/*
 * Building and reading styled documents; doc_code.c turns them into bytes and back. The builder is
 * the last gate before the encoding: whatever the renderer gives it, a finished document is safe.
 */
#include "text/doc.h"

#include <stdio.h>
#include <stdlib.h>

#include "text/utf8.h"
#include "text/width.h"

#define TAB 8

const struct doc_part *doc_part_by_id(const struct doc *d, const char *id)
{
	for (uint32_t i = 0; i < d->part_count; i++)
		if (strcmp(d->parts[i].id, id) == 0)
			return &d->parts[i];
	return NULL;
}

const char *doc_header_value(const struct doc *d, const char *name)
{
	for (uint32_t i = 0; i < d->header_count; i++)
		if (sv_is_case(sv_of(d->headers[i].name), name))
			return d->headers[i].value;
	return NULL;
}

bool doc_text(const struct doc *d, uint32_t from, uint32_t to, struct str *out)
{
	for (uint32_t i = from; i < MIN(to, d->line_count); i++)
		if (!str_add(out, doc_line_text(d, i)) || !str_addc(out, '\n'))
			return false;
	return true;
}

/* ---- building ---- */

struct doc_build {
	struct doc *d;
	struct str text;          /* finished lines */
	struct str line;          /* the one under construction */
	struct doc_span *pending; /* its spans */
	size_t pending_count, pending_cap;
	bool guard;
	size_t lines_cap, spans_cap, parts_cap, links_cap, headers_cap, defects_cap;
};

struct doc_build *doc_build_new(void)
{
	struct doc_build *b = xcalloc(1, sizeof(*b));
	struct arena *arena = arena_new();

	b->d = arena_alloc(arena, sizeof(*b->d));
	b->d->arena = arena;
	b->d->text = b->d->body_type = "";
	str_init(&b->text, DOC_TEXT_MAX);
	str_init(&b->line, DOC_LINE_MAX);
	return b;
}

/* The lists grow on the heap and move into the arena at the end. */
static void free_lists(struct doc_build *b)
{
	free(b->d->lines);
	free(b->d->spans);
	free(b->d->parts);
	free(b->d->links);
	free(b->d->headers);
	free(b->d->defects);
}

static void free_builder(struct doc_build *b)
{
	str_fini(&b->text);
	str_fini(&b->line);
	free(b->pending);
	free(b);
}

void doc_build_free(struct doc_build *b)
{
	if (!b)
		return;
	free_lists(b);
	doc_free(b->d);
	free_builder(b);
}

struct doc *doc_build_head(struct doc_build *b)
{
	return b->d;
}

uint32_t doc_build_lines(const struct doc_build *b)
{
	return b->d->line_count;
}

static bool same_look(const struct doc_span *a, const struct doc_span *b)
{
	return a->style == b->style && a->link == b->link && a->fg == b->fg && a->bg == b->bg;
}

static void add_span(struct doc_build *b, size_t len, const struct doc_span *look)
{
	struct doc_span *last = b->pending_count ? &b->pending[b->pending_count - 1] : NULL;

	if (last && same_look(last, look)) {
		last->len += (uint32_t)len;
		return;
	}
	array_grow(b->pending, b->pending_count, b->pending_cap);
	b->pending[b->pending_count] = *look;
	b->pending[b->pending_count++].len = (uint32_t)len;
}

static void add_with_tabs(struct doc_build *b, struct sv text)
{
	while (text.len) {
		ptrdiff_t tab = sv_chr(text, '\t');
		struct sv piece = tab < 0 ? text : sv_head(text, (size_t)tab);

		if (!str_add(&b->line, piece))
			b->d->flags |= DOC_CUT;
		if (tab < 0)
			return;
		str_addn(&b->line, ' ', (size_t)(TAB - width_of(str_sv(&b->line)) % TAB));
		text = sv_from(text, (size_t)tab + 1);
	}
}

void doc_add(struct doc_build *b, struct sv text, const struct doc_span *look)
{
	static const struct doc_span plain;
	size_t before = b->line.len;

	add_with_tabs(b, text);
	if (b->line.len > before)
		add_span(b, b->line.len - before, look ? look : &plain);
}

/* Each span made safe by itself; that keeps the looks. */
static void clean_spans(struct doc_build *b)
{
	struct str clean;
	size_t at = 0, kept = 0;

	str_init(&clean, DOC_LINE_MAX);
	for (size_t i = 0; i < b->pending_count; i++) {
		struct doc_span s = b->pending[i];
		size_t before = clean.len;

		utf8_add_safe(&clean, sv_make(b->line.s + at, s.len), UTF8_SAFE_EMOJI);
		at += s.len;
		s.len = (uint32_t)(clean.len - before);
		if (s.len)
			b->pending[kept++] = s;
	}
	b->pending_count = kept;
	str_fini(&b->line);
	b->line = clean;
}

/* The line as one span: what is safe in pieces need not be safe together (marks, isolates). */
static void clean_line(struct doc_build *b)
{
	struct str clean;

	str_init(&clean, DOC_LINE_MAX);
	utf8_add_safe(&clean, str_sv(&b->line), UTF8_SAFE_EMOJI);
	str_fini(&b->line);
	b->line = clean;
	b->pending_count = MIN(b->pending_count, 1);
	if (b->pending_count)
		b->pending[0].len = (uint32_t)clean.len;
	if (!clean.len)
		b->pending_count = 0;
}

static bool line_is_safe(const struct doc_build *b)
{
	return utf8_is_safe(str_sv(&b->line), UTF8_SAFE_EMOJI);
}

/* ---- lines that look like ours ---- */

void doc_build_guard(struct doc_build *b, bool on)
{
	b->guard = on;
}

/* What a reader does not see before the bracket: blanks of all kinds, the empty Braille cell, Hangul fillers. */
static bool is_unseen(uint32_t code)
{
	static const uint32_t others[] = {0x115f, 0x1160, 0x2800, 0x3164, 0xffa0};

	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (code == others[i])
			return true;
	return utf8_is_space(code) || width_of_code(code) == 0;
}

static bool is_bracket(uint32_t code)
{
	static const uint32_t brackets[] = {'[', 0x2045, 0x2770, 0x27e6, 0x2e22, 0x3010, 0x3014, 0x3018, 0x301a, 0xfe47, 0xff3b};

	for (size_t i = 0; i < ARRAY_LEN(brackets); i++)
		if (code == brackets[i])
			return true;
	return false;
}

static bool is_dash(uint32_t code)
{
	return code == '-' || (code >= 0x2010 && code <= 0x2015) || code == 0x2043 || code == 0x2212 ||
	       (code >= 0x2500 && code <= 0x2501) || code == 0x2e3a || code == 0x2e3b || code == 0x30fc ||
	       code == 0xfe58 || code == 0xfe63 || code == 0xff0d || code == 0xff70;
}

/* Where the bracket stands of a line that reads like "[-- ... --]"; -1: it does not. */
static ptrdiff_t mark_at(struct sv line)
{
	ptrdiff_t bracket = -1;
	bool dash = false; /* "[-]" is a box to tick: one ASCII dash is not enough */
	size_t used;

	for (size_t at = 0; at < line.len; at += used) {
		uint32_t code = utf8_decode(sv_from(line, at), &used);

		if (is_unseen(code))
			continue;
		if (bracket >= 0 && !is_dash(code))
			return -1;
		if (bracket >= 0 && (dash || code != '-'))
			return bracket;
		if (bracket >= 0) {
			dash = true;
			continue;
		}
		if (!is_bracket(code))
			return -1;
		bracket = (ptrdiff_t)at;
	}
	return -1;
}

static void guard_line(struct doc_build *b)
{
	ptrdiff_t at = mark_at(str_sv(&b->line));
	size_t end = 0;

	if (at < 0 || !str_insert(&b->line, (size_t)at, SV(DOC_GUARD)))
		return;
	for (size_t i = 0; i < b->pending_count; i++) {
		end += b->pending[i].len;
		if (end > (size_t)at || i + 1 == b->pending_count) {
			b->pending[i].len += (uint32_t)strlen(DOC_GUARD);
			return;
		}
	}
}

void doc_end_line(
	struct doc_build *b, enum doc_kind kind, unsigned quote, unsigned flags, unsigned part)
{
	struct doc *d = b->d;

	if (!line_is_safe(b))
		clean_spans(b);
	if (!line_is_safe(b))
		clean_line(b);
	if (b->guard && kind != DOC_ATTACH && kind != DOC_NOTE && kind != DOC_SOURCE)
		guard_line(b);
	if (d->line_count >= DOC_LINES_MAX || d->span_count + b->pending_count > DOC_SPANS_MAX ||
		!str_add(&b->text, str_sv(&b->line))) {
		d->flags |= DOC_CUT;
		str_clear(&b->line);
		b->pending_count = 0;
		return;
	}
	array_grow(d->lines, d->line_count, b->lines_cap);
	d->lines[d->line_count++] = (struct doc_line){
		.at = (uint32_t)(b->text.len - b->line.len),
		.len = (uint32_t)b->line.len,
		.span = d->span_count,
		.spans = (uint32_t)b->pending_count,
		.part = (uint16_t)MIN(part, UINT16_MAX),
		.kind = (uint8_t)kind,
		.quote = (uint8_t)MIN(quote, UINT8_MAX),
		.flags = (uint8_t)flags,
	};
	for (size_t i = 0; i < b->pending_count; i++) {
		array_grow(d->spans, d->span_count, b->spans_cap);
		d->spans[d->span_count++] = b->pending[i];
	}
	str_clear(&b->line);
	b->pending_count = 0;
}

void doc_put_line(struct doc_build *b, struct sv text, enum doc_kind kind, unsigned quote,
	unsigned style, unsigned part)
{
	struct doc_span look = {.style = (uint16_t)style};

	doc_add(b, text, &look);
	doc_end_line(b, kind, quote, 0, part);
}

struct doc *doc_of_text(struct sv text)
{
	struct doc_build *b = doc_build_new();
	struct sv line;

	while (sv_line(&text, &line))
		doc_put_line(b, line, DOC_BODY, 0, 0, 0);
	return doc_build_finish(b);
}

/* Cutting may leave an isolate open, so what is cut is cleaned again (which only shortens it). */
static const char *safe_copy(struct doc_build *b, struct sv text, size_t max)
{
	struct str clean;

	if (!text.len)
		return "";
	if (text.len <= max && utf8_is_safe(text, UTF8_SAFE_EMOJI))
		return arena_strndup(b->d->arena, text.p, text.len);
	str_init(&clean, DOC_VALUE_MAX);
	utf8_add_safe(&clean, utf8_head(text, max), UTF8_SAFE_EMOJI);
	if (clean.len > max) {
		struct str again;

		str_init(&again, DOC_VALUE_MAX);
		utf8_add_safe(&again, utf8_head(str_sv(&clean), max), UTF8_SAFE_EMOJI);
		str_fini(&clean);
		clean = again;
	}
	const char *s = arena_strndup(b->d->arena, clean.len ? clean.s : "", clean.len);
	str_fini(&clean);
	return s;
}

const char *doc_string(struct doc_build *b, struct sv text)
{
	return safe_copy(b, text, DOC_NAME_MAX);
}

struct doc_part *doc_build_part(struct doc_build *b, unsigned index)
{
	return index < b->d->part_count ? &b->d->parts[index] : NULL;
}

struct doc_part *doc_add_part(struct doc_build *b)
{
	struct doc *d = b->d;

	if (d->part_count >= DOC_PARTS_MAX) {
		d->flags |= DOC_CUT;
		return NULL;
	}
	array_grow(d->parts, d->part_count, b->parts_cap);
	struct doc_part *p = &d->parts[d->part_count++];
	*p = (struct doc_part){.id = "",
		.type = "",
		.charset = "",
		.encoding = "",
		.disposition = "",
		.filename = "",
		.safe_name = "",
		.description = "",
		.content_id = "",
		.summary = "",
		.line = d->line_count,
		.parent = -1};
	return p;
}

unsigned doc_add_link(struct doc_build *b, struct sv url, struct sv text)
{
	struct doc *d = b->d;

	if (d->link_count >= DOC_LINKS_MAX || url.len > DOC_URL_MAX) {
		d->flags |= DOC_CUT;
		return 0;
	}
	array_grow(d->links, d->link_count, b->links_cap);
	d->links[d->link_count++] = (struct doc_link){
		.url = safe_copy(b, url, DOC_URL_MAX),
		.text = safe_copy(b, text, DOC_NAME_MAX),
		.line = d->line_count,
	};
	return d->link_count;
}

void doc_add_header(struct doc_build *b, struct sv name, struct sv value)
{
	struct doc *d = b->d;

	if (d->header_count >= DOC_HEADERS_MAX || name.len > DOC_NAME_MAX) {
		d->flags |= DOC_CUT;
		return;
	}
	if (value.len > DOC_VALUE_MAX)
		d->flags |= DOC_CUT;
	array_grow(d->headers, d->header_count, b->headers_cap);
	d->headers[d->header_count++] =
		(struct doc_header){doc_string(b, name), safe_copy(b, value, DOC_VALUE_MAX)};
}

void doc_add_defect(struct doc_build *b, const char *fmt, ...)
{
	struct doc *d = b->d;
	char text[512];
	va_list ap;

	if (d->defect_count >= DOC_DEFECTS_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	array_grow(d->defects, d->defect_count, b->defects_cap);
	d->defects[d->defect_count++] = doc_string(b, sv_of(text));
}

static void *into_arena(struct arena *a, void *list, size_t bytes)
{
	void *copy = bytes ? memcpy(arena_alloc(a, bytes), list, bytes) : NULL;

	free(list);
	return copy;
}

struct doc *doc_build_finish(struct doc_build *b)
{
	struct doc *d = b->d;
	struct arena *a = d->arena;

	if (b->line.len)
		doc_end_line(b, DOC_BODY, 0, 0, 0);
	d->text = b->text.len ? arena_strndup(a, b->text.s, b->text.len) : "";
	d->text_len = (uint32_t)b->text.len;
	d->lines = into_arena(a, d->lines, d->line_count * sizeof(*d->lines));
	d->spans = into_arena(a, d->spans, d->span_count * sizeof(*d->spans));
	d->parts = into_arena(a, d->parts, d->part_count * sizeof(*d->parts));
	d->links = into_arena(a, d->links, d->link_count * sizeof(*d->links));
	d->headers = into_arena(a, d->headers, d->header_count * sizeof(*d->headers));
	d->defects = into_arena(a, d->defects, d->defect_count * sizeof(*d->defects));
	free_builder(b);
	return d;
}
