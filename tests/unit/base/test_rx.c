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

static bool by_lines(struct rx *r, struct sv text)
{
	struct sv line;

	while (sv_line(&text, &line)) {
		if (rx_match(r, line))
			return true;
	}
	return false;
}

/* Texts of few letters, so that expressions often fit, and often over the end of a line. */
static struct sv some_text(uint32_t *seed, char *room, size_t max)
{
	static const char letters[] = "abA \n\n.\rz\xff";
	size_t len;

	*seed = *seed * 1103515245 + 12345;
	len = (*seed >> 16) % max;
	for (size_t i = 0; i < len; i++) {
		*seed = *seed * 1103515245 + 12345;
		room[i] = letters[(*seed >> 16) % (sizeof(letters) - 1 - 2 * ((*seed >> 8) % 2))];
	}
	return sv_make(room, len);
}

/* The whole text at once says what its lines say one by one. */
static void lines_match_each_for_itself(void **state)
{
	static const char *const patterns[] = {"a", "^a", "a$", "^$", "^", "$", "", "a*", "[^a]", "[^a]*z", "a[^z]*z", "a.*z", "\\s", "\\sa",
		"a\\s", "\\<a\\>", "b\\b", "\\Ba", "z|a b", "(a|b)+z", "^[^a]+$", "a(?=[^b])", "a(?![^b])", "[^b]++a", "\\`a", "a\\'", "A",
		"^ *$", "..........", "[[:space:]][[:space:]]", "(^| )a", "a($| )", "\\W\\W", "a{2,}[^a]b", "z?^a"};
	uint32_t seed = 1;
	char room[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
		struct err e;
		struct rx *r = rx_new(patterns[i], RX_SMARTCASE | RX_NOSUB, &e);

		if (!r)
			fail_msg("%s", e.text);
		for (unsigned n = 0; n < 3000; n++) {
			struct sv text = some_text(&seed, room, sizeof(room));

			if (rx_match_line(r, text) != by_lines(r, text))
				fail_msg("'%s' in '" SV_FMT "'", patterns[i], SV_ARG(text));
		}
		rx_free(r);
	}
}

/* Too much for one call becomes many small ones: what stands far behind is found. */
static void long_texts_are_no_runaways(void **state)
{
	struct rx *r = rx_new("(a+)+b$", RX_NOSUB, NULL), *many = rx_new("x[^y]*y.*z", RX_NOSUB, NULL);
	struct str s;

	(void)state;
	str_init(&s, 1u << 24);
	for (unsigned i = 0; i < 20000; i++)
		assert_true(str_adds(&s, "aaaa aaaa aaaa c x\n"));
	assert_false(rx_match_line(r, str_sv(&s)));
	assert_false(rx_match_line(many, str_sv(&s)));
	assert_true(str_adds(&s, "aab\nx y z"));
	assert_true(rx_match_line(r, str_sv(&s)));
	assert_true(rx_match_line(many, str_sv(&s)));
	str_fini(&s);
	rx_free(r);
	rx_free(many);
}

/* The start of a line, and what one byte of it rules out. */
static void matches_at_the_start(void **state)
{
	static const struct {
		const char *pattern, *subject;
		int len; /* -1: no match */
	} rows[] = {
		{"^([ \t]*[|>:}#])+", "> > a", 3}, {"^([ \t]*[|>:}#])+", "a > b", -1},
		{"^([ \t]*[|>:}#])+", "a", -1}, {"^([ \t]*[|>:}#])+", " x", -1}, {"^([ \t]*[|>:}#])+", " >", 2},
		{"^([ \t]*[|>:}#])+", "", -1}, {"^([ \t]*[|>:}#])+", "\xc3\xa9>", -1}, {"x*", "ab", 0}, {"x*", "", 0},
		{"a$", "a", 1}, {"a$", "ab", -1}, {"ab?", "ac", 1}, {"\\<a", "a", 1}, {"b", "ab", -1}, {"\xc3\xa9", "\xc3\xa9", 2},
		{"^From |^>From ", ">From x", 6},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err e;
		struct rx *r = rx_new(rows[i].pattern, 0, &e);
		ptrdiff_t g[RX_GROUPS][2];
		assert_non_null(r);
		rx_find_start(r, sv_of(rows[i].subject), g);
		bool hit = rx_find_start(r, sv_of(rows[i].subject), g);
		if (hit != (rows[i].len >= 0) || (hit && (g[0][0] != 0 || g[0][1] != rows[i].len)))
			fail_msg("%s on %s", rows[i].pattern, rows[i].subject);
		rx_free(r);
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
		cmocka_unit_test(lines_match_each_for_itself),
		cmocka_unit_test(long_texts_are_no_runaways),
		cmocka_unit_test(matches_at_the_start),
	};

	return t_run(tests);
}
