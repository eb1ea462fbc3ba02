#include "base/str.h"

#include "tests/unit/t.h"

static void str_never_passes_its_max(void **state)
{
	struct str s;

	(void)state;
	str_init(&s, 5);
	assert_true(str_adds(&s, "abc"));
	assert_false(str_adds(&s, "def"));
	assert_string_equal(s.s, "abc");
	assert_true(str_adds(&s, "de"));
	assert_false(str_addc(&s, 'x'));
	assert_null(str_reserve(&s, SIZE_MAX));
	assert_string_equal(s.s, "abcde");
	str_fini(&s);
}

static void str_edits_in_place(void **state)
{
	struct str s;

	(void)state;
	str_init(&s, 100);
	assert_true(str_addf(&s, "%d-%s", 42, "x"));
	assert_true(str_insert(&s, 2, SV("__")));
	assert_string_equal(s.s, "42__-x");
	str_remove(&s, 2, 2);
	assert_string_equal(s.s, "42-x");
	str_remove(&s, 3, 100);
	assert_string_equal(s.s, "42-");
	char *p = str_detach(&s);
	assert_string_equal(p, "42-");
	assert_int_equal(s.len, 0);
	free(p);
	str_fini(&s);
}

static void an_empty_string_is_terminated(void **state)
{
	struct str s;

	(void)state;
	str_init(&s, 10);
	assert_string_equal(s.s, "");
	str_clear(&s);
	char *p = str_detach(&s);
	assert_string_equal(p, "");
	free(p);
	str_fini(&s);
}

static void json_is_always_valid(void **state)
{
	static const struct {
		const char *in;
		size_t len;
		const char *want;
	} rows[] = {
		{"plain", 5, "\"plain\""},
		{"q\"b\\", 4, "\"q\\\"b\\\\\""},
		{"\x01\n\t\r\x7f", 5, "\"\\u0001\\n\\t\\r\\u007f\""},
		{"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 9, "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\""},
		{"\xff\xc3", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\""},
		{"\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""}, /* surrogate */
		{"\xc0\xaf", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\""},                 /* overlong */
		{"\xf4\x90\x80\x80", 4, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
		{"a\0b", 3, "\"a\\u0000b\""},
		/* what a terminal may obey */
		{"\xc2\x9b" "1m\xc2\xa0", 6, "\"\\u009b1m\xc2\xa0\""},
		{"\xe2\x80\xae" "x\xe2\x80\xa8\xef\xbb\xbf\xe2\x81\xa6", 13, "\"\\u202ex\\u2028\\ufeff\\u2066\""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str s;
		str_init(&s, 1000);
		assert_true(str_add_json(&s, sv_make(rows[i].in, rows[i].len)));
		t_streq(s.s, rows[i].want, rows[i].want);
		str_fini(&s);
	}
}

static void slices_split_and_trim(void **state)
{
	struct sv rest = SV("a,,b,"), piece;
	int n = 0;

	(void)state;
	while (sv_split(&rest, ',', &piece))
		n++;
	assert_int_equal(n, 3);
	rest = SV("one\r\ntwo\n\nlast");
	static const char *const want[] = {"one", "two", "", "last"};
	for (n = 0; sv_line(&rest, &piece); n++)
		assert_true(sv_is(piece, want[n]));
	assert_int_equal(n, 4);
	assert_true(sv_is(sv_trim(SV(" \t x y\r\n")), "x y"));
	assert_true(sv_eq_case(SV("ABC"), SV("abc")));
	assert_int_equal(sv_find_case(SV("xxHeLLo"), SV("hello")), 2);
	assert_int_equal(sv_find(SV("ab"), SV("abc")), -1);
	assert_true(sv_ends_case(SV("photo.JPG"), SV(".jpg")));
	assert_true(sv_cmp(SV("a"), SV("ab")) < 0);
	assert_true(sv_eq(sv_of(NULL), SV("")));
}

/* At every place of a block, and none that only looks like it. */
static void lines_are_found_at_every_place(void **state)
{
	char text[700];

	(void)state;
	for (size_t at = 0; at + 6 <= sizeof(text); at++) {
		memset(text, 'x', sizeof(text));
		memcpy(text + at, "\nFrom ", 6);
		assert_int_equal(sv_find_line(sv_make(text, sizeof(text)), SV("From ")), (ptrdiff_t)at + 1);
		assert_int_equal(sv_find_line(sv_make(text, at + 6), SV("From ")), (ptrdiff_t)at + 1);
		assert_int_equal(sv_find_line(sv_make(text, at + 5), SV("From ")), -1);
		text[at + 3] = 'R';
		assert_int_equal(sv_find_line(sv_make(text, sizeof(text)), SV("From ")), -1);
	}
	assert_int_equal(sv_find_line(SV(""), SV("--")), -1);
	assert_int_equal(sv_find_line(SV("--\n--"), SV("--")), 3);
}

static void bytes_are_counted(void **state)
{
	char text[1000];

	(void)state;
	memset(text, '\n', sizeof(text));
	for (size_t n = 0; n <= sizeof(text); n += 37) {
		assert_int_equal(sv_count(sv_make(text, n), '\n'), n);
		assert_int_equal(sv_count(sv_make(text, n), 'x'), 0);
	}
}

static void numbers_refuse_overflow(void **state)
{
	uint64_t v = 7;

	(void)state;
	assert_true(sv_u64(SV("18446744073709551615"), &v));
	assert_true(v == UINT64_MAX);
	v = 7;
	assert_false(sv_u64(SV("18446744073709551616"), &v));
	assert_false(sv_u64(SV("12x"), &v));
	assert_false(sv_u64(SV(""), &v));
	assert_false(sv_u64(SV("-1"), &v));
	assert_int_equal(v, 7);
}

static void scan_stays_inside(void **state)
{
	struct scan s = scan_of(SV("Subject : x"));

	(void)state;
	assert_true(scan_lit(&s, "subject"));
	scan_spaces(&s);
	assert_true(scan_byte(&s, ':'));
	scan_wsp(&s);
	assert_true(sv_is(scan_until(&s, "\n"), "x"));
	assert_true(scan_end(&s));
	assert_int_equal(scan_peek(&s), -1);
	assert_false(scan_byte(&s, 'x'));
	/* A NUL is a byte like any other, not the end of the stop set. */
	s = scan_of(sv_make("a\0b;", 4));
	assert_int_equal(scan_until(&s, ";").len, 3);
	s = scan_of(sv_make("aa\0", 3));
	assert_int_equal(scan_while(&s, "a").len, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(str_never_passes_its_max),
		cmocka_unit_test(str_edits_in_place),
		cmocka_unit_test(an_empty_string_is_terminated),
		cmocka_unit_test(json_is_always_valid),
		cmocka_unit_test(slices_split_and_trim),
		cmocka_unit_test(lines_are_found_at_every_place),
		cmocka_unit_test(bytes_are_counted),
		cmocka_unit_test(numbers_refuse_overflow),
		cmocka_unit_test(scan_stays_inside),
	};

	return t_run(tests);
}
