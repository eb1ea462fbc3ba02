/*
 * Shapes: written from trees, read back.
 */
#include "mime/shape.h"

#include "tests/unit/t.h"

static void expect(struct sv message, const char *want)
{
	struct arena *a = arena_new();
	struct str s;

	str_init(&s, SHAPE_MAX * 2);
	shape_of_tree(&s, part_parse(a, message, NULL));
	if (strcmp(s.s, want) != 0)
		fail_msg("got %s, want %s", s.s, want);
	str_fini(&s);
	arena_free(a);
}

static void trees_have_shapes(void **state)
{
	(void)state;
	expect(SV("\nx\n"), "t/plain");
	expect(SV("Content-Type: application/PDF\nContent-Disposition: attachment\n\nx\n"), "+a/pdf");
	expect(SV("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/alternative; boundary=c\n\n"
		  "--c\n\nx\n--c\nContent-Type: text/html\n\nx\n--c--\n--b\nContent-Disposition: form-data\n\nx\n--b\n"
		  "Content-Type: message/rfc822\n\nContent-Type: image/png\n\nx\n--b\nContent-Type: audio/ogg\n\nx\n--b--\n"),
		"m/mixed(m/alternative(t/plain,t/html),+t/plain,e/rfc822(i/png),u/ogg");
	/* uuencoded files are no parts */
	expect(SV("\ntext\nbegin 644 a.txt\n#0V%T\n`\nend\n"), "t/plain");
}

/* What BODYSTRUCTURE says is a server's word. */
static void foreign_words_do_not_change_the_tree(void **state)
{
	struct str s;

	(void)state;
	str_init(&s, SHAPE_MAX * 2);
	struct shape w = {.out = &s, .depth = -1};
	shape_add(&w, 0, SV("X-(Thing"), SV("a,b/c)\n"), false);
	shape_add(&w, 1, SV(""), SV(""), true);
	shape_add(&w, 0, SV("TEXT"), SV("plain"), false);
	assert_string_equal(s.s, "x-_thing/a_b_c__(+/),t/plain");
	str_fini(&s);
}

static void a_shape_is_read_back(void **state)
{
	static const struct {
		int depth;
		bool first, attached;
		const char *type, *subtype;
	} want[] = {{0, true, false, "multipart", "mixed"}, {1, true, false, "multipart", "alternative"},
		{2, true, false, "text", "plain"}, {1, false, true, "application", "pdf"},
		{1, false, false, "message", "rfc822"}, {2, true, false, "x", "y"}};
	struct shape_scan s = shape_scan_of(SV("m/mixed(m/alternative(t/plain),+a/pdf,e/rfc822(x/y"));
	struct shape_part p;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		assert_true(shape_next(&s, &p));
		assert_int_equal(p.depth, want[i].depth);
		assert_int_equal(p.first, want[i].first);
		assert_int_equal(p.attached, want[i].attached);
		assert_true(sv_is(p.type, want[i].type) && sv_is(p.subtype, want[i].subtype));
	}
	assert_false(shape_next(&s, &p));
}

/* Rows come out of a file that others may have written. */
static void nonsense_ends(void **state)
{
	static const char *const rows[] = {"", "))))a/b", "(((((", ",,,,", "+", "+/", "///", "a(b)c)d)e", "m/x)("};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct shape_scan s = shape_scan_of(sv_of(rows[i]));
		struct shape_part p;
		size_t n = 0;
		while (shape_next(&s, &p))
			assert_true(++n <= strlen(rows[i]) && p.depth >= 0);
	}
}

static void a_message_of_very_many_parts_is_cut(void **state)
{
	struct shape_part p;
	struct str m, s;
	struct arena *a = arena_new();
	size_t n = 0;

	(void)state;
	str_init(&m, 1u << 20);
	str_init(&s, SHAPE_MAX * 2);
	str_adds(&m, "Content-Type: multipart/mixed; boundary=b\n");
	for (int i = 0; i < 5000; i++)
		str_adds(&m, "\n--b\nContent-Type: image/png\n\nx");
	shape_of_tree(&s, part_parse(a, str_sv(&m), NULL));
	assert_in_range(s.len, SHAPE_MAX - 20, SHAPE_MAX);
	struct shape_scan scan = shape_scan_of(str_sv(&s));
	while (shape_next(&scan, &p))
		assert_true(sv_is(p.type, n++ ? "image" : "multipart"));
	str_fini(&m);
	str_fini(&s);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trees_have_shapes),
		cmocka_unit_test(foreign_words_do_not_change_the_tree),
		cmocka_unit_test(a_shape_is_read_back),
		cmocka_unit_test(nonsense_ends),
		cmocka_unit_test(a_message_of_very_many_parts_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
