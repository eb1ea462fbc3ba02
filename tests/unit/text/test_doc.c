#include "tests/unit/t.h"

#include "text/doc.h"
#include "text/utf8.h"

static struct doc *sample(void)
{
	struct doc_build *b = doc_build_new();
	struct doc_span bold = {.style = DOC_BOLD}, red = {.fg = DOC_COLOR_RGB | 0xff8080, .bg = DOC_COLOR_RGB};
	struct doc_part *p = doc_add_part(b);

	p->id = doc_string(b, SV("1"));
	p->type = doc_string(b, SV("text/plain"));
	p->safe_name = doc_string(b, SV("a.txt"));
	p->flags = DOC_PART_SHOWN;
	p->size = 12345678901ull;
	unsigned link = doc_add_link(b, SV("https://example.org/"), SV("here"));
	struct doc_span linked = {.style = DOC_UNDERLINE, .link = (uint16_t)link};
	doc_put_line(b, SV("Subject: x"), DOC_HEADER, 0, 0, 0);
	doc_end_line(b, DOC_BODY, 0, 0, 0);
	doc_add(b, SV("plain "), NULL);
	doc_add(b, SV("bold"), &bold);
	doc_add(b, SV(" red \xc3\xa9"), &red);
	doc_add(b, SV("link"), &linked);
	doc_end_line(b, DOC_BODY, 2, DOC_LINE_CONT, 0);
	doc_add_header(b, SV("Subject"), SV("x"));
	doc_add_defect(b, "part %d is odd", 1);
	struct doc *head = doc_build_head(b);
	head->body_line = 2;
	head->flags = DOC_HAS_HTML;
	head->images_blocked = 3;
	head->crypto = DOC_CRYPTO_PGP;
	head->body_type = "text/html";
	return doc_build_finish(b);
}

static void same(const struct doc *a, const struct doc *b)
{
	assert_int_equal(a->line_count, b->line_count);
	assert_int_equal(a->span_count, b->span_count);
	assert_int_equal(a->text_len, b->text_len);
	assert_memory_equal(a->text, b->text, a->text_len);
	for (uint32_t i = 0; i < a->line_count; i++) {
		const struct doc_line *x = &a->lines[i], *y = &b->lines[i];
		assert_true(x->at == y->at && x->len == y->len && x->span == y->span && x->spans == y->spans);
		assert_true(x->part == y->part && x->kind == y->kind && x->quote == y->quote && x->flags == y->flags);
	}
	assert_memory_equal(a->spans, b->spans, a->span_count * sizeof(*a->spans));
	assert_int_equal(a->flags, b->flags);
	assert_int_equal(a->images_blocked, b->images_blocked);
	assert_int_equal(a->body_line, b->body_line);
	assert_int_equal(a->crypto, b->crypto);
	assert_string_equal(a->body_type, b->body_type);
}

static void encodes_and_decodes(void **state)
{
	struct doc *d = sample(), *back;
	struct str bytes, text;
	struct err e;

	(void)state;
	str_init(&bytes, DOC_BYTES_MAX);
	str_init(&text, 1000);
	assert_true(doc_encode(d, &bytes, &e));
	back = doc_decode(str_sv(&bytes), &e);
	assert_non_null(back);
	same(d, back);
	assert_string_equal(back->parts[0].type, "text/plain");
	assert_true(back->parts[0].size == 12345678901ull);
	assert_int_equal(back->parts[0].parent, -1);
	assert_string_equal(back->links[0].url, "https://example.org/");
	assert_string_equal(doc_header_value(back, "subject"), "x");
	assert_string_equal(back->defects[0], "part 1 is odd");
	assert_non_null(doc_part_by_id(back, "1"));
	assert_null(doc_part_by_id(back, "2"));
	assert_true(doc_text(back, 1, back->line_count, &text));
	assert_string_equal(text.s, "\nplain bold red \xc3\xa9link\n");
	doc_free(back);
	doc_free(d);
	str_fini(&bytes);
	str_fini(&text);
}

static unsigned released;

static void count_release(struct sv bytes)
{
	(void)bytes;
	released++;
}

/* What was opened is decoded as it is asked for, from wherever; the bytes are given back once. */
static void lines_come_when_asked_for(void **state)
{
	struct doc *d = sample(), *back;
	struct str bytes;
	struct err e;

	(void)state;
	str_init(&bytes, DOC_BYTES_MAX);
	assert_true(doc_encode(d, &bytes, &e));
	back = doc_open(str_sv(&bytes), count_release, &e);
	assert_non_null(back);
	assert_int_equal(back->lines[back->line_count - 1].len, 0);
	for (uint32_t i = d->line_count; i-- > 0;) {
		assert_true(sv_eq(doc_line_text(back, i), doc_line_text(d, i)));
		assert_int_equal(doc_line(back, i)->spans, d->lines[i].spans);
	}
	same(d, back);
	doc_free(back);
	assert_int_equal(released, 1);
	assert_null(doc_open(sv_make(bytes.s, 20), count_release, &e));
	assert_int_equal(released, 2);
	/* The end is missing: lines up to there, then empty ones, and it says so. */
	back = doc_open(sv_make(bytes.s, bytes.len - 8), count_release, &e);
	assert_non_null(back);
	assert_true(sv_eq(doc_line_text(back, 0), doc_line_text(d, 0)));
	assert_int_equal(doc_line(back, back->line_count - 1)->len, 0);
	assert_true(back->flags & DOC_CUT);
	doc_free(back);
	doc_free(d);
	str_fini(&bytes);
}

/* Every shorter form is refused; no changed byte makes anything unsafe come out. */
static void decoder_refuses(void **state)
{
	struct doc *d = sample();
	struct str bytes;
	struct err e;

	(void)state;
	str_init(&bytes, DOC_BYTES_MAX);
	assert_true(doc_encode(d, &bytes, &e));
	for (size_t n = 0; n < bytes.len; n++)
		assert_null(doc_decode(sv_make(bytes.s, n), &e));
	for (size_t i = 0; i < bytes.len; i++)
		for (int v = 0; v < 256; v++) {
			char was = bytes.s[i];
			bytes.s[i] = (char)v;
			struct doc *got = doc_decode(str_sv(&bytes), &e);
			for (uint32_t k = 0; got && k < got->line_count; k++)
				assert_true(utf8_is_safe(doc_line_text(got, k), UTF8_SAFE_EMOJI));
			doc_free(got);
			got = doc_open(str_sv(&bytes), count_release, &e);
			for (uint32_t k = got ? got->line_count : 0; k-- > 0;)
				assert_true(utf8_is_safe(doc_line_text(got, k), UTF8_SAFE_EMOJI));
			doc_free(got);
			bytes.s[i] = was;
		}
	doc_free(d);
	str_fini(&bytes);
}

static void builder_makes_safe(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{"a\tb", "a       b"},
		{"\tx", "        x"},
		{"esc \x1b[31mred", "esc \xef\xbf\xbd[31mred"},
		{"bad \xff utf8", "bad \xef\xbf\xbd utf8"},
		{"bidi \xe2\x80\xae" "abc", "bidi abc"},
		{"c1 \xc2\x9b" "31m", "c1 \xef\xbf\xbd" "31m"},
		{"fine \xc3\xa4\xe4\xb8\xad", "fine \xc3\xa4\xe4\xb8\xad"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct doc_build *b = doc_build_new();
		doc_put_line(b, sv_of(rows[i].in), DOC_BODY, 0, 0, 0);
		struct doc *d = doc_build_finish(b);
		char *got = sv_dup(doc_line_text(d, 0));
		t_streq(got, rows[i].out, rows[i].in);
		free(got);
		doc_free(d);
	}
}

/* What we say in brackets and dashes, the message cannot. */
static void marks_are_ours(void **state)
{
	static const struct {
		const char *in, *out;
		enum doc_kind kind;
	} rows[] = {
		{"[-- Good signature --]", "\\[-- Good signature --]", DOC_BODY},
		{"  [-- Good signature --]", "  \\[-- Good signature --]", DOC_SIGNATURE},
		{"\xe2\xa0\x80[-- x", "\xe2\xa0\x80\\[-- x", DOC_BODY},             /* an empty Braille cell */
		{"\xef\xbc\xbb\xe2\x80\x94 x", "\\\xef\xbc\xbb\xe2\x80\x94 x", DOC_BODY}, /* wide bracket, long dash */
		{"[-\xe2\x80\x8b- x", "\\[-- x", DOC_BODY},
		{"[-\xe2\x80\x90 x", "\\[-\xe2\x80\x90 x", DOC_HEADER},
		{"[-] to do", "[-] to do", DOC_BODY},
		{"[1] --", "[1] --", DOC_BODY},
		{"> [-- x", "> [-- x", DOC_BODY},
		{"[-- x --]", "[-- x --]", DOC_NOTE},
		{"[-- x --]", "[-- x --]", DOC_ATTACH},
		{"[-- x --]", "[-- x --]", DOC_SOURCE},
	};
	struct doc_span bold = {.style = DOC_BOLD};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct doc_build *b = doc_build_new();
		doc_build_guard(b, true);
		doc_put_line(b, sv_of(rows[i].in), rows[i].kind, 0, 0, 0);
		struct doc *d = doc_build_finish(b);
		char *got = sv_dup(doc_line_text(d, 0));
		t_streq(got, rows[i].out, rows[i].in);
		free(got);
		doc_free(d);
	}
	struct doc_build *b = doc_build_new(); /* in pieces of different looks */
	doc_build_guard(b, true);
	doc_add(b, SV(" "), NULL);
	doc_add(b, SV("["), &bold);
	doc_add(b, SV("-- x"), NULL);
	doc_end_line(b, DOC_BODY, 0, 0, 0);
	struct doc *d = doc_build_finish(b);
	assert_int_equal(d->lines[0].spans, 3);
	assert_int_equal(d->spans[0].len, 1);
	assert_int_equal(d->spans[1].len, 2);
	assert_int_equal(d->lines[0].len, 7);
	doc_free(d);
}

/* Safe in pieces, not together: the line must still be one that the decoder takes. */
static void pieces_are_safe_together(void **state)
{
	struct doc_span bold = {.style = DOC_BOLD};
	struct doc_build *b = doc_build_new();
	struct str bytes;
	struct err e;

	(void)state;
	doc_add(b, SV("a\xcc\x81\xcc\x81\xcc\x81\xcc\x81"), NULL);
	doc_add(b, SV("\xcc\x81\xcc\x81\xcc\x81"), &bold);
	doc_add(b, SV("\xe2\x81\xa6" "open"), NULL);
	doc_end_line(b, DOC_BODY, 0, 0, 0);
	doc_add(b, SV("closed\xe2\x81\xa9"), NULL);
	doc_end_line(b, DOC_BODY, 0, 0, 0);
	struct doc *d = doc_build_finish(b);
	str_init(&bytes, DOC_BYTES_MAX);
	assert_true(doc_encode(d, &bytes, &e));
	struct doc *back = doc_decode(str_sv(&bytes), &e);
	assert_non_null(back);
	doc_free(back);
	doc_free(d);
	str_fini(&bytes);
}

static void limits_hold(void **state)
{
	struct doc_build *b = doc_build_new();
	struct str url;

	(void)state;
	str_init(&url, 1 << 20);
	str_addn(&url, 'x', DOC_URL_MAX + 1);
	assert_int_equal(doc_add_link(b, str_sv(&url), SV("")), 0);
	assert_true(doc_build_head(b)->flags & DOC_CUT);
	for (unsigned i = 0; i < DOC_PARTS_MAX; i++)
		assert_non_null(doc_add_part(b));
	assert_null(doc_add_part(b));
	for (unsigned i = 0; i < DOC_DEFECTS_MAX + 10; i++)
		doc_add_defect(b, "x");
	struct doc *d = doc_build_finish(b);
	assert_int_equal(d->defect_count, DOC_DEFECTS_MAX);
	doc_free(d);
	str_fini(&url);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encodes_and_decodes),
		cmocka_unit_test(lines_come_when_asked_for),
		cmocka_unit_test(decoder_refuses),
		cmocka_unit_test(builder_makes_safe), cmocka_unit_test(marks_are_ours),
		cmocka_unit_test(pieces_are_safe_together),
		cmocka_unit_test(limits_hold),
	};
	return t_run(tests);
}
