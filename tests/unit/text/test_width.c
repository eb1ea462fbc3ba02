#include "text/width.h"

#include "tests/unit/t.h"
#include "text/wrap.h"

static void columns(void **state)
{
	static const struct {
		const char *text;
		int columns;
	} rows[] = {
		{"", 0},
		{"abc", 3},
		{"日本", 4},
		{"e\xcc\x81", 1},
		{"ü", 1},
		{"👍", 2},
		{"한", 2},
		{"\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", 2},
		{"a\xe2\x80\x8b", 1},
		{"\xef\xbf\xbd", 1},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(width_of(sv_of(rows[i].text)), rows[i].columns);
	assert_int_equal(width_of_tabs(SV("\tx\t"), 3), 13);
}

static void cutting_keeps_characters_whole(void **state)
{
	int used;

	(void)state;
	assert_true(sv_is(width_head(SV("日本語"), 5, &used), "日本"));
	assert_int_equal(used, 4);
	assert_true(sv_is(width_head(SV("e\xcc\x81x"), 1, &used), "e\xcc\x81"));
	assert_true(sv_is(width_tail(SV("日本語"), 5, &used), "本語"));
	assert_true(sv_is(width_tail(SV("e\xcc\x81x"), 1, &used), "x"));
}

static void fields_have_exactly_their_width(void **state)
{
	static const struct {
		const char *text;
		int columns;
		enum width_align align;
		const char *out;
	} rows[] = {
		{"ab", 5, WIDTH_LEFT, "ab   "},
		{"ab", 5, WIDTH_RIGHT, "   ab"},
		{"ab", 5, WIDTH_CENTER, " ab  "},
		{"abcdef", 4, WIDTH_LEFT, "abc…"},
		{"日本語", 4, WIDTH_LEFT, "日… "},
		{"日本", 1, WIDTH_LEFT, "…"},
		{"x", 0, WIDTH_LEFT, ""},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct str s;

		str_init(&s, 100);
		assert_true(
			width_add(&s, sv_of(rows[i].text), rows[i].columns, rows[i].align, "…"));
		assert_string_equal(s.s ? s.s : "", rows[i].out);
		str_fini(&s);
	}
}

static void paragraphs_wrap(void **state)
{
	static const struct {
		const char *in;
		int columns;
		const char *out;
	} rows[] = {
		{"one two three", 8, "one two\nthree\n"},
		{"one two three", 7, "one two\nthree\n"},
		{"averylongword x", 5, "avery\nlongw\nord x\n"},
		{"one  two", 4, "one\ntwo\n"},
		{"a well-known thing", 8, "a well-\nknown\nthing\n"},
		{"since 2026-01-02", 13, "since\n2026-01-02\n"},
		{"日本語の文章です。終", 10, "日本語の文\n章です。終\n"},
		{"日本語、です", 6, "日本\n語、で\nす\n"},
		{"short\nlines\n\nstay", 10, "short\nlines\n\nstay\n"},
		{"    indented text here", 14, "    indented\ntext here\n"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct str s;

		str_init(&s, 1000);
		assert_true(wrap_text(&s, sv_of(rows[i].in), rows[i].columns, ""));
		assert_string_equal(s.s, rows[i].out);
		str_fini(&s);
	}
}

static void prefixes_count(void **state)
{
	struct str s;

	(void)state;
	str_init(&s, 1000);
	assert_true(wrap_text(&s, SV("one two three"), 9, "> "));
	assert_string_equal(s.s, "> one two\n> three\n");
	str_fini(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns),
		cmocka_unit_test(cutting_keeps_characters_whole),
		cmocka_unit_test(fields_have_exactly_their_width),
		cmocka_unit_test(paragraphs_wrap),
		cmocka_unit_test(prefixes_count),
	};

	return t_run(tests);
}
