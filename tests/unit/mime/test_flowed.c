#include "mime/flowed.h"

#include "mime/mailto.h"
#include "tests/unit/t.h"

static void paragraphs_are_joined(void **state)
{
	static const struct {
		const char *in;
		bool delsp;
		int columns;
		const char *out;
	} rows[] = {
		{"one \ntwo\n", false, 0, "one two\n"},
		{"one \ntwo\n", true, 0, "onetwo\n"},
		{"> a \n> b\n>> c\nd\n", false, 0, "> a b\n>> c\nd\n"},
		{"> a \n>> b\n", false, 0, "> a \n>> b\n"},
		{"text \n-- \nsig\n", false, 0, "text \n-- \nsig\n"},
		{" stuffed\n From x\n", false, 0, "stuffed\nFrom x\n"},
		{"> one two \n> three\n", false, 9, "> one two\n> three\n"},
		{"\n\nx\n", false, 0, "\n\nx\n"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct str s;

		str_init(&s, 1000);
		assert_true(flowed_to_text(&s, sv_of(rows[i].in), rows[i].delsp, rows[i].columns));
		t_streq(s.s, rows[i].out, rows[i].in);
		str_fini(&s);
	}
}

static void stuffing_comes_off_again(void **state)
{
	struct str s, back;

	(void)state;
	str_init(&s, 1000);
	str_init(&back, 1000);
	assert_true(flowed_stuff(&s, SV(" indented\nFrom me\n> quote\n-- \nsig")));
	assert_string_equal(s.s, "  indented\n From me\n> quote\n-- \nsig\n");
	assert_true(flowed_to_text(&back, str_sv(&s), false, 0));
	assert_string_equal(back.s, " indented\nFrom me\n> quote\n-- \nsig\n");
	str_fini(&s);
	str_fini(&back);
}

static void mailto_takes_harmless_fields(void **state)
{
	static const char *const all[] = {"*", NULL};
	static const char url[] = "mailto:a%2Cb@x.test,c@x.test?subject=caf%C3%A9%0D%0ABcc:%20evil@"
				  "x.test&body=one%0D%0Atwo"
				  "&cc=d@x.test&bcc=e@x.test&attach=/etc/passwd&to=f@x.test";
	struct arena *arena = arena_new();
	struct mailto m;

	(void)state;
	assert_true(mailto_parse(arena, SV(url), NULL, &m, NULL));
	assert_int_equal(m.to.count, 4);
	assert_string_equal(m.subject, "café  Bcc: evil@x.test");
	assert_string_equal(m.body, "one\ntwo");
	assert_int_equal(m.cc.count, 1);
	assert_int_equal(m.bcc.count, 0);
	assert_int_equal(m.n_fields, 6);
	assert_true(mailto_parse(arena, SV(url), all, &m, NULL));
	assert_int_equal(m.bcc.count, 1);
	assert_false(mailto_parse(arena, SV("http://x"), NULL, &m, NULL));
	assert_false(mailto_parse(arena, SV("mailto:a%zz@x"), NULL, &m, NULL));
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paragraphs_are_joined),
		cmocka_unit_test(stuffing_comes_off_again),
		cmocka_unit_test(mailto_takes_harmless_fields),
	};

	return t_run(tests);
}
