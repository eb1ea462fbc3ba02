#include "base/rx.h"

#include "base/clock.h"
#include "tests/unit/t.h"

static void patterns_mean_what_a_muttrc_means(void **state)
{
	static const struct {
		const char *pattern;
		unsigned flags;
		const char *subject;
		bool want;
	} rows[] = {
		{"hello", 0, "say hello", true},
		{"hello", 0, "Hello", false},
		{"hello", RX_SMARTCASE, "HELLO", true},
		{"Hello", RX_SMARTCASE, "hello", false},
		{"\\Wx", RX_SMARTCASE, " X", true},
		{"\\<cat\\>", 0, "a cat!", true},
		{"\\<cat\\>", 0, "concat", false},
		{"^(re|aw):", RX_ICASE, "Re: x", true},
		{"[[:alpha:]]+", 0, "12a", true},
		{"[[:space:]-]", 0, "-", true},
		{"^[]>|}]", 0, "> quoted", true},
		{"[^]]", 0, "]", false},
		{"[\\.]", 0, ".", true},
		{"[][]", 0, "[", true},
		{"*x", 0, "a*x", true},
		{"(*a)", 0, "*a", true},
		{"a{2}", 0, "aa", true},
		{"\xc3\xa4rger", RX_ICASE, "\xc3\x84RGER", true},
		{"^.$", 0, "\xc3\xa4", true},
		{"b", 0, "\xff\xfe" "b", true},
		{"a.b", 0, "a\xff" "b", false},
		{"^([ \t]*[|>:}#])+", 0, " > > x", true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err e = {0};
		struct rx *r = rx_new(rows[i].pattern, rows[i].flags, &e);
		if (!r)
			fail_msg("%s: %s", rows[i].pattern, e.text);
		if (rx_match(r, sv_of(rows[i].subject)) != rows[i].want)
			fail_msg("%s on %s", rows[i].pattern, rows[i].subject);
		rx_free(r);
	}
}

static void bad_patterns_are_explained(void **state)
{
	static const char *const rows[] = {"(", "[a", "a\\", "x{3,1}", "[[:nosuch:]]"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err e = {0};
		assert_null(rx_new(rows[i], 0, &e));
		assert_int_equal(e.class, ERR_INPUT);
		assert_non_null(strstr(e.text, rows[i]));
	}
}

static void groups_have_offsets(void **state)
{
	struct err e;
	ptrdiff_t g[RX_GROUPS][2];
	struct rx *r = rx_new("(a+)(x)?(b)", 0, &e);

	(void)state;
	assert_non_null(r);
	assert_true(rx_find(r, SV("zaab aab"), 0, g));
	assert_int_equal(g[0][0], 1);
	assert_int_equal(g[0][1], 4);
	assert_int_equal(g[1][1], 3);
	assert_int_equal(g[2][0], -1);
	assert_true(rx_find(r, SV("zaab aab"), 4, g));
	assert_int_equal(g[0][0], 5);
	assert_false(rx_find(r, SV("zaab"), 99, g));
	rx_free(r);
}

/* CVE class: a pattern from a config (or mail quoted into one) must not stop the ui. */
static void runaway_patterns_end(void **state)
{
	char subject[5000];
	struct err e;
	struct rx *r = rx_new("^(a|aa)+$", 0, &e);

	(void)state;
	assert_non_null(r);
	memset(subject, 'a', sizeof(subject) - 1);
	subject[sizeof(subject) - 2] = 'b';
	subject[sizeof(subject) - 1] = 0;
	int64_t start = clock_ms();
	assert_false(rx_match(r, sv_of(subject)));
	assert_true(clock_ms() - start < 2000);
	rx_free(r);
}

/* What must be there whenever the pattern matches; nothing rather than something wrong. */
static void literals_are_certain(void **state)
{
	static const struct {
		const char *pattern, *literal; /* NULL: none */
		bool whole;
	} rows[] = {
		{"invoice", "invoice", true},
		{"two words", "two words", true},
		{"^Invoice [0-9]+$", "Invoice ", false},
		{"few.words", "words", false},
		{"colou?r", "colo", false},
		{"ab*cd", "cd", false},
		{"abc+d", "abc", false},
		{"a{2,3}bcd", "bcd", false},
		{"a|b", NULL, false},
		{"foo|bar", NULL, false},
		{"(foo|bar)baz", "baz", false},
		{"(maybe)?sure", "sure", false},
		{"[abc]def[^]x]gh", "def", false},
		{"[[:digit:]]]ab", "]ab", false},
		{"a\\.b\\*c", "a.b*c", false},
		{"\\<word\\>", "word", false},
		{"\\w+@example", "@example", false},
		{"grü?n", "gr", false},
		{"für", "für", true},
		{".*", NULL, false},
		{"x", NULL, false},
		{"", NULL, false},
		{"open[", "open", false},
		{"end\\", "end", false},
		{"((((ab", NULL, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str s;
		bool whole, got;

		str_init(&s, 1000);
		got = rx_literal(rows[i].pattern, &s, &whole);
		if (got != (rows[i].literal != NULL) || (got && (!sv_is(str_sv(&s), rows[i].literal) || whole != rows[i].whole)))
			fail_msg("%s: %s%s", rows[i].pattern, got ? s.s : "nothing", got && whole ? ", whole" : "");
		str_fini(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_mean_what_a_muttrc_means),
		cmocka_unit_test(bad_patterns_are_explained),
		cmocka_unit_test(groups_have_offsets),
		cmocka_unit_test(runaway_patterns_end),
		cmocka_unit_test(literals_are_certain),
	};

	return t_run(tests);
}
