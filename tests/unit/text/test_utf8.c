#include "text/utf8.h"

#include "tests/unit/t.h"

static void wrong_bytes_become_replacements(void **state)
{
	/* As the Unicode standard recommends: one U+FFFD for each maximal wrong prefix. */
	static const struct {
		const char *in, *out;
	} rows[] = {
		{"plain", "plain"},
		{"gr\xc3\xbc\xc3\x9f", "grüß"},
		{"\xc3", "\xef\xbf\xbd"},
		{"a\xff"
		 "b",
			"a\xef\xbf\xbd"
			"b"},
		{"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},
		{"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
		{"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
		{"\xe2\x82x", "\xef\xbf\xbdx"},
		{"\xf0\x9f\x98\x80", "😀"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct str s;

		str_init(&s, 1000);
		assert_true(utf8_add_fixed(&s, sv_of(rows[i].in)));
		assert_string_equal(s.s, rows[i].out);
		assert_int_equal(
			utf8_is_valid(sv_of(rows[i].in)), strcmp(rows[i].in, rows[i].out) == 0);
		str_fini(&s);
	}
}

static void heads_do_not_cut_characters(void **state)
{
	(void)state;
	assert_int_equal(utf8_head(SV("aüb"), 2).len, 1);
	assert_int_equal(utf8_head(SV("aüb"), 3).len, 3);
	assert_int_equal(utf8_head(SV("a\x80\x80"
				      "b"),
				 2)
				 .len,
		2);
	assert_int_equal(utf8_head(SV("😀"), 3).len, 0);
	assert_int_equal(utf8_count(SV("aü😀")), 3);
}

static void steps_go_by_what_is_seen(void **state)
{
	struct sv s = SV("e\xcc\x81"
			 "👍🏽x");

	(void)state;
	assert_int_equal(utf8_next(s, 0), 3);
	assert_int_equal(utf8_next(s, 3), 11);
	assert_int_equal(utf8_next(s, 11), 12);
	assert_int_equal(utf8_next(s, 12), 12);
	assert_int_equal(utf8_prev(s, 12), 11);
	assert_int_equal(utf8_prev(s, 11), 3);
	assert_int_equal(utf8_prev(s, 3), 0);
	assert_int_equal(utf8_prev(s, 0), 0);
}

static void search_ignores_case_and_marks(void **state)
{
	static const struct {
		const char *in, *folded, *bare;
	} rows[] = {
		{"MixedCase", "mixedcase", "mixedcase"},
		{"Müller", "müller", "muller"},
		{"STRASSE straße", "strasse strasse", "strasse strasse"},
		{"ＡＢＣ", "abc", "abc"},
		{"ΟΔΟΣ", "οδοσ", "οδοσ"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct str s;

		str_init(&s, 1000);
		assert_true(utf8_fold(&s, sv_of(rows[i].in), false));
		assert_string_equal(s.s, rows[i].folded);
		str_clear(&s);
		assert_true(utf8_fold(&s, sv_of(rows[i].in), true));
		assert_string_equal(s.s, rows[i].bare);
		str_fini(&s);
	}
}

static void only_harmless_text_reaches_the_terminal(void **state)
{
	static const struct {
		unsigned flags;
		const char *in, *out;
	} rows[] = {
		{UTF8_SAFE_LINE, "plain text", "plain text"},
		{UTF8_SAFE_LINE, "\033[31mred\033[0m", "\xef\xbf\xbd[31mred\xef\xbf\xbd[0m"},
		{UTF8_SAFE_LINE, "a\r\n\tb", "a b"},
		{UTF8_SAFE_TEXT, "a\r\n\tb\rc",
			"a\n\tb\xef\xbf\xbd"
			"c"},
		{UTF8_SAFE_TEXT,
			"csi \xc2\x9b"
			"31m",
			"csi \xef\xbf\xbd"
			"31m"},
		{UTF8_SAFE_TEXT, "del\x7f", "del\xef\xbf\xbd"},
		/* what would turn the reading direction goes; a closed isolate stays, an open
		 * one is closed */
		{UTF8_SAFE_LINE,
			"a\xe2\x80\xae"
			"cod.exe",
			"acod.exe"},
		{UTF8_SAFE_LINE, "\xe2\x81\xa7x\xe2\x81\xa9y", "\xe2\x81\xa7x\xe2\x81\xa9y"},
		{UTF8_SAFE_LINE, "\xe2\x81\xa7x", "\xe2\x81\xa7x\xe2\x81\xa9"},
		{UTF8_SAFE_LINE, "\xe2\x81\xa9x", "x"},
		/* of a family the first one; no skin, no keycap, no variation */
		{UTF8_SAFE_LINE, "👨‍👩‍👧!", "👨!"},
		{UTF8_SAFE_LINE, "👍🏽", "👍"},
		{UTF8_SAFE_LINE, "❤\xef\xb8\x8f", "❤"},
		{UTF8_SAFE_LINE, "1\xef\xb8\x8f\xe2\x83\xa3", "1"},
		{UTF8_SAFE_LINE | UTF8_SAFE_EMOJI, "👍🏽", "👍🏽"},
		/* invisible: zero width space, soft hyphen, tags */
		{UTF8_SAFE_LINE, "pay\xe2\x80\x8bpal\xc2\xad.com", "paypal.com"},
		/* at most four marks, and none on nothing */
		{UTF8_SAFE_LINE, "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81",
			"e\xcc\x81\xcc\x81\xcc\x81\xcc\x81"},
		{UTF8_SAFE_LINE, "\xcc\x81", "\xe2\x97\x8c\xcc\x81"},
		{UTF8_SAFE_LINE, "bad \xff byte", "bad \xef\xbf\xbd byte"},
		/* ZWNJ belongs to Persian spelling */
		{UTF8_SAFE_LINE, "می‌خواهم", "می‌خواهم"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct str s;

		str_init(&s, 1000);
		assert_true(utf8_add_safe(&s, sv_of(rows[i].in), rows[i].flags));
		assert_string_equal(s.s, rows[i].out);
		assert_int_equal(utf8_is_safe(sv_of(rows[i].in), rows[i].flags),
			strcmp(rows[i].in, rows[i].out) == 0);
		str_fini(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_bytes_become_replacements),
		cmocka_unit_test(heads_do_not_cut_characters),
		cmocka_unit_test(steps_go_by_what_is_seen),
		cmocka_unit_test(search_ignores_case_and_marks),
		cmocka_unit_test(only_harmless_text_reaches_the_terminal),
	};

	return t_run(tests);
}
