/*
 * Documents as bytes. The encoding is made for one pass: lists with their counts, numbers as
 * LEB128, each line's text directly behind the one before; the lines come last, so that the rest is read
 * at once and they when somebody looks. It lives only between two processes of one build, so there is one
 * version and no promise.
 *
 * The decoder trusts nothing (see doc.h): a count is believed only as far as bytes for it are left,
 * every string and every line goes through utf8_is_safe.
 */
#include "text/doc.h"

#include <stdlib.h>

#include "text/utf8.h"

#define DOC_MAGIC "FDOC\002"
#define DOC_MAGIC_LEN 5

/* What of a span's look is written: absent means zero. */
enum { LOOK_STYLE = 1, LOOK_LINK = 2, LOOK_FG = 4, LOOK_BG = 8, LOOK_ALL = 15 };

#define U64_MAX_LEN 10
#define LINE_NUMBERS 6
#define SPAN_NUMBERS 6

static char *write_u64(char *p, uint64_t v)
{
	while (v >= 0x80) {
		*p++ = (char)(v | 0x80);
		v >>= 7;
	}
	*p++ = (char)v;
	return p;
}

static void put_u64(struct str *out, bool *ok, uint64_t v)
{
	char buf[U64_MAX_LEN];

	*ok = *ok && str_add(out, sv_make(buf, (size_t)(write_u64(buf, v) - buf)));
}

static void put_bytes(struct str *out, bool *ok, struct sv v)
{
	put_u64(out, ok, v.len);
	*ok = *ok && str_add(out, v);
}

static void put_string(struct str *out, bool *ok, const char *s)
{
	put_bytes(out, ok, sv_of(s));
}

static char *write_span(char *p, const struct doc_span *s, bool last)
{
	unsigned look = (s->style ? LOOK_STYLE : 0u) | (s->link ? LOOK_LINK : 0u) |
			(s->fg ? LOOK_FG : 0u) | (s->bg ? LOOK_BG : 0u);

	p = write_u64(p, look);
	if (!last)
		p = write_u64(p, s->len);
	if (s->style)
		p = write_u64(p, s->style);
	if (s->link)
		p = write_u64(p, s->link);
	if (s->fg)
		p = write_u64(p, s->fg & 0xffffff);
	if (s->bg)
		p = write_u64(p, s->bg & 0xffffff);
	return p;
}

/* Hundreds of thousands of these: room is made once for each. */
static bool put_line(struct str *out, const struct doc *d, const struct doc_line *l)
{
	char *start = str_reserve(out, (LINE_NUMBERS + (size_t)l->spans * SPAN_NUMBERS) * U64_MAX_LEN), *p = start;

	if (!start)
		return false;
	p = write_u64(p, l->len);
	p = write_u64(p, l->part);
	p = write_u64(p, l->kind);
	p = write_u64(p, l->quote);
	p = write_u64(p, l->flags);
	p = write_u64(p, l->spans);
	for (uint32_t i = 0; i < l->spans; i++)
		p = write_span(p, &d->spans[l->span + i], i + 1 == l->spans);
	str_commit(out, (size_t)(p - start));
	return true;
}

static void put_part(struct str *out, bool *ok, const struct doc_part *p)
{
	const char *const strings[] = {p->id, p->type, p->charset, p->encoding, p->disposition,
		p->filename, p->safe_name, p->description, p->content_id, p->summary};

	for (size_t i = 0; i < ARRAY_LEN(strings); i++)
		put_string(out, ok, strings[i]);
	put_u64(out, ok, p->param_count);
	for (uint32_t i = 0; i < p->param_count; i++) {
		put_string(out, ok, p->params[i].name);
		put_string(out, ok, p->params[i].value);
	}
	put_u64(out, ok, p->flags);
	put_u64(out, ok, p->size);
	put_u64(out, ok, p->depth);
	put_u64(out, ok, p->line);
	put_u64(out, ok, (uint64_t)(p->parent + 1));
}

bool doc_encode(const struct doc *d, struct str *out, struct err *e)
{
	bool ok = str_add(out, sv_make(DOC_MAGIC, DOC_MAGIC_LEN));

	put_u64(out, &ok, d->flags);
	put_u64(out, &ok, d->images_blocked);
	put_u64(out, &ok, d->body_line);
	put_u64(out, &ok, d->crypto);
	put_string(out, &ok, d->body_type);
	put_bytes(out, &ok, sv_make(d->text, d->text_len));
	put_u64(out, &ok, d->part_count);
	for (uint32_t i = 0; i < d->part_count; i++)
		put_part(out, &ok, &d->parts[i]);
	put_u64(out, &ok, d->link_count);
	for (uint32_t i = 0; i < d->link_count; i++) {
		put_string(out, &ok, d->links[i].url);
		put_string(out, &ok, d->links[i].text);
		put_u64(out, &ok, d->links[i].line);
	}
	put_u64(out, &ok, d->header_count);
	for (uint32_t i = 0; i < d->header_count; i++) {
		put_string(out, &ok, d->headers[i].name);
		put_string(out, &ok, d->headers[i].value);
	}
	put_u64(out, &ok, d->defect_count);
	for (uint32_t i = 0; i < d->defect_count; i++)
		put_string(out, &ok, d->defects[i]);
	put_u64(out, &ok, d->span_count);
	put_u64(out, &ok, d->line_count);
	for (uint32_t i = 0; i < d->line_count && ok; i++)
		ok = put_line(out, d, doc_line(d, i));
	if (!ok)
		return err_set(e, ERR_LIMIT, "the document is too big");
	return true;
}

/* ---- decoding ---- */

struct reader {
	const unsigned char *p, *end;
	struct doc *d;
	struct err *e;
	bool bad;
};

/* Where the lines go on. */
struct doc_rest {
	struct reader r;
	struct err e;
	struct sv bytes;
	doc_release_fn *release;
	uint32_t ready; /* lines so far */
	uint32_t at, span; /* of the next */
};

static void fail(struct reader *r, const char *what)
{
	if (!r->bad)
		err_set(r->e, ERR_PROTO, "bad document: %s", what);
	r->bad = true;
	r->p = r->end;
}

static uint64_t get_u64(struct reader *r)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 63; shift += 7) {
		if (r->p == r->end) {
			fail(r, "it ends early");
			return 0;
		}
		unsigned char c = *r->p++;
		v |= (uint64_t)(c & 0x7f) << shift;
		if (!(c & 0x80))
			return v;
	}
	fail(r, "a number is too long");
	return 0;
}

/* A number that must be at most max. */
static uint32_t get_max(struct reader *r, uint32_t max, const char *what)
{
	uint64_t v = get_u64(r);

	if (v > max) {
		fail(r, what);
		return 0;
	}
	return (uint32_t)v;
}

/* A count of things of at least one byte each. */
static uint32_t get_count(struct reader *r, uint32_t max, const char *what)
{
	uint32_t n = get_max(r, max, what);

	if (n > (size_t)(r->end - r->p)) {
		fail(r, what);
		return 0;
	}
	return n;
}

static struct sv get_bytes(struct reader *r, uint32_t max, const char *what)
{
	uint32_t n = get_count(r, max, what);
	struct sv v = sv_make((const char *)r->p, n);

	r->p += n;
	if (!utf8_is_safe(v, UTF8_SAFE_EMOJI)) {
		fail(r, "text that must not be shown");
		return SV("");
	}
	return v;
}

/* A line may be unsafe though the whole text is not: isolates must close in their line. */
static void check_line(struct reader *r, const struct doc_line *l)
{
	if (!r->bad && !utf8_is_safe(sv_make(r->d->text + l->at, l->len), UTF8_SAFE_EMOJI))
		fail(r, "a line that must not be shown");
}

static const char *get_string(struct reader *r, uint32_t max)
{
	struct sv v = get_bytes(r, max, "a string is too long");

	return v.len ? arena_strndup(r->d->arena, v.p, v.len) : "";
}

static void *get_list(struct reader *r, uint32_t count, size_t size)
{
	return count && !r->bad ? arena_alloc(r->d->arena, count * size) : NULL;
}

static void get_part(struct reader *r, struct doc_part *p, uint32_t index)
{
	const char **const strings[] = {&p->id, &p->type, &p->charset, &p->encoding,
		&p->disposition, &p->filename, &p->safe_name, &p->description, &p->content_id,
		&p->summary};

	for (size_t i = 0; i < ARRAY_LEN(strings); i++)
		*strings[i] = get_string(r, DOC_NAME_MAX);
	if (strchr(p->safe_name, '/') || p->safe_name[0] == '.')
		fail(r, "an unsafe file name");
	p->param_count = get_count(r, DOC_PARTS_MAX, "too many parameters");
	p->params = get_list(r, p->param_count, sizeof(*p->params));
	for (uint32_t i = 0; i < p->param_count && !r->bad; i++) {
		p->params[i].name = get_string(r, DOC_NAME_MAX);
		p->params[i].value = get_string(r, DOC_NAME_MAX);
	}
	if (r->bad)
		p->param_count = 0;
	p->flags = get_max(r, DOC_PART_FLAGS, "unknown flags of a part");
	p->size = get_u64(r);
	p->depth = get_max(r, DOC_PARTS_MAX, "a part lies too deep");
	p->line = get_max(r, DOC_LINES_MAX, "a part's line is out of range");
	p->parent = (int32_t)get_max(r, index, "a part's parent comes after it") - 1;
}

static void get_parts(struct reader *r)
{
	struct doc *d = r->d;

	d->part_count = get_count(r, DOC_PARTS_MAX, "too many parts");
	d->parts = get_list(r, d->part_count, sizeof(*d->parts));
	for (uint32_t i = 0; i < d->part_count && !r->bad; i++)
		get_part(r, &d->parts[i], i);
}

static void get_links(struct reader *r)
{
	struct doc *d = r->d;

	d->link_count = get_count(r, DOC_LINKS_MAX, "too many links");
	d->links = get_list(r, d->link_count, sizeof(*d->links));
	for (uint32_t i = 0; i < d->link_count && !r->bad; i++) {
		d->links[i].url = get_string(r, DOC_URL_MAX);
		d->links[i].text = get_string(r, DOC_URL_MAX);
		d->links[i].line = get_max(r, DOC_LINES_MAX, "a link's line is out of range");
	}
}

static bool cuts_character(const struct doc *d, uint32_t at)
{
	return at < d->text_len && ((unsigned char)d->text[at] & 0xc0) == 0x80;
}

static uint32_t get_color(struct reader *r)
{
	return DOC_COLOR_RGB | get_max(r, 0xffffff, "a colour is out of range");
}

/* The last span has no length of its own: it takes what is left of the line. */
static void get_spans(struct reader *r, const struct doc_line *l)
{
	struct doc *d = r->d;
	uint32_t at = l->at, left = l->len;

	for (uint32_t i = 0; i < l->spans && !r->bad; i++) {
		struct doc_span *s = &d->spans[l->span + i];
		unsigned look = get_max(r, LOOK_ALL, "a span's look");

		s->len = i + 1 < l->spans ? get_max(r, left, "a span is longer than its line")
					  : left;
		s->style = look & LOOK_STYLE ? (uint16_t)get_max(r, DOC_STYLES, "an unknown style")
					     : 0;
		s->link = look & LOOK_LINK
				  ? (uint16_t)get_max(r, d->link_count, "a link that is not there")
				  : 0;
		s->fg = look & LOOK_FG ? get_color(r) : DOC_COLOR_NONE;
		s->bg = look & LOOK_BG ? get_color(r) : DOC_COLOR_NONE;
		at += s->len;
		left -= s->len;
		if (cuts_character(d, at))
			fail(r, "a span cuts a character");
	}
}

static void get_line(struct doc_rest *rest, struct doc_line *l)
{
	struct reader *r = &rest->r;
	struct doc *d = r->d;
	uint32_t part_max = d->part_count ? d->part_count - 1 : 0;

	l->at = rest->at;
	l->len = get_max(r, MIN(DOC_LINE_MAX, d->text_len - l->at), "a line is longer than the text");
	l->part = (uint16_t)get_max(r, part_max, "a line of a part that is not there");
	l->kind = (uint8_t)get_max(r, DOC_KINDS - 1, "an unknown kind of line");
	l->quote = (uint8_t)get_max(r, UINT8_MAX, "a quote level");
	l->flags = (uint8_t)get_max(r, DOC_LINE_CONT, "unknown flags of a line");
	l->span = rest->span;
	l->spans = get_max(r, d->span_count - l->span, "more spans than announced");
	if ((l->spans == 0) != (l->len == 0) || cuts_character(d, l->at))
		fail(r, "spans do not cover their line");
	get_spans(r, l);
	check_line(r, l);
	rest->at += l->len;
	rest->span += l->spans;
}

void doc_read_to(const struct doc *d, uint32_t line)
{
	struct doc_rest *rest = d->rest;

	for (; rest->ready <= line && rest->ready < d->line_count; rest->ready++) {
		struct doc_line *l = &rest->r.d->lines[rest->ready];
		if (!rest->r.bad)
			get_line(rest, l);
		if (rest->r.bad) {
			*l = (struct doc_line){.at = 0};
			rest->r.d->flags |= DOC_CUT;
		}
	}
}

/* Their memory is touched as they are decoded. */
static void start_lines(struct reader *r)
{
	struct doc *d = r->d;

	d->span_count = get_count(r, DOC_SPANS_MAX, "too many spans");
	d->line_count = get_count(r, DOC_LINES_MAX, "too many lines");
	if (r->bad)
		return;
	d->spans = xcalloc(d->span_count, sizeof(*d->spans));
	d->lines = xcalloc(d->line_count, sizeof(*d->lines));
}

/* All lines, and nothing but them. */
static bool read_all(const struct doc *d)
{
	struct doc_rest *rest = d->rest;

	if (d->line_count)
		doc_read_to(d, d->line_count - 1);
	if (!rest->r.bad && (rest->at != d->text_len || rest->span != d->span_count))
		fail(&rest->r, "text or spans without a line");
	if (!rest->r.bad && rest->r.p != rest->r.end)
		fail(&rest->r, "bytes after its end");
	return !rest->r.bad;
}

static void get_headers(struct reader *r)
{
	struct doc *d = r->d;

	d->header_count = get_count(r, DOC_HEADERS_MAX, "too many headers");
	d->headers = get_list(r, d->header_count, sizeof(*d->headers));
	for (uint32_t i = 0; i < d->header_count && !r->bad; i++) {
		d->headers[i].name = get_string(r, DOC_NAME_MAX);
		d->headers[i].value = get_string(r, DOC_VALUE_MAX);
	}
	d->defect_count = get_count(r, DOC_DEFECTS_MAX, "too many defects");
	d->defects = get_list(r, d->defect_count, sizeof(*d->defects));
	for (uint32_t i = 0; i < d->defect_count && !r->bad; i++)
		d->defects[i] = get_string(r, DOC_NAME_MAX);
}

static void get_head(struct reader *r)
{
	struct doc *d = r->d;
	struct sv text;

	d->flags = get_max(r, DOC_FLAGS, "unknown flags");
	d->images_blocked = get_max(r, UINT32_MAX, "a count of images");
	d->body_line = get_max(r, DOC_LINES_MAX, "the body's line is out of range");
	d->crypto = (uint8_t)get_max(r, DOC_CRYPTO_KINDS - 1, "an unknown kind of crypto");
	d->body_type = get_string(r, DOC_NAME_MAX);
	text.len = get_count(r, DOC_TEXT_MAX, "too much text");
	text.p = (const char *)r->p;
	r->p += text.len;
	d->text = text.p;
	d->text_len = (uint32_t)text.len;
}

/* Line numbers come before the lines do, so they are checked at the end. */
static void check_lines(struct reader *r)
{
	struct doc *d = r->d;
	bool ok = d->body_line <= d->line_count;

	for (uint32_t i = 0; i < d->part_count && ok; i++)
		ok = d->parts[i].line <= d->line_count;
	for (uint32_t i = 0; i < d->link_count && ok; i++)
		ok = d->links[i].line <= d->line_count;
	if (!ok)
		fail(r, "a line number is out of range");
}

void doc_free(struct doc *d)
{
	if (!d)
		return;
	if (d->rest) {
		free(d->lines);
		free(d->spans);
		d->rest->release(d->rest->bytes);
	}
	arena_free(d->arena); /* d itself lies there, too */
}

static void get_all_but_lines(struct reader *r)
{
	get_head(r);
	get_parts(r);
	get_links(r);
	get_headers(r);
	start_lines(r);
	if (!r->bad)
		check_lines(r);
}

static struct doc *new_doc(struct sv bytes, doc_release_fn *release)
{
	struct arena *arena = arena_new();
	struct doc *d = arena_alloc(arena, sizeof(*d));
	struct doc_rest *rest = arena_alloc(arena, sizeof(*rest));

	d->arena = arena;
	d->rest = rest;
	rest->bytes = bytes;
	rest->release = release;
	rest->r = (struct reader){.d = d, .e = &rest->e, .p = (const unsigned char *)bytes.p};
	rest->r.end = rest->r.p + bytes.len;
	return d;
}

struct doc *doc_open(struct sv bytes, doc_release_fn *release, struct err *e)
{
	struct doc *d = new_doc(bytes, release);
	struct reader *r = &d->rest->r;

	if (bytes.len > DOC_BYTES_MAX) {
		err_set(&d->rest->e, ERR_LIMIT, "the document is too big");
		r->bad = true;
	} else if (!sv_starts(bytes, sv_make(DOC_MAGIC, DOC_MAGIC_LEN))) {
		fail(r, "not one at all");
	} else {
		r->p += DOC_MAGIC_LEN;
		get_all_but_lines(r);
	}
	if (!r->bad)
		return d;
	*e = d->rest->e;
	doc_free(d);
	return NULL;
}

static void release_copy(struct sv bytes)
{
	free((char *)bytes.p);
}

struct doc *doc_decode(struct sv bytes, struct err *e)
{
	if (bytes.len > DOC_BYTES_MAX) {
		err_set(e, ERR_LIMIT, "the document is too big");
		return NULL;
	}
	struct doc *d = doc_open(sv_make(xstrndup(bytes.p, bytes.len), bytes.len), release_copy, e);
	if (d && !read_all(d)) {
		*e = d->rest->e;
		doc_free(d);
		return NULL;
	}
	return d;
}
