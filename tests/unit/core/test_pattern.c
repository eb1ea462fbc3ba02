#include "core/pattern.h"

#include "base/clock.h"
#include "tests/unit/t.h"

#define NOW 1764000000 /* Mon 24 Nov 2025 16:00:00 UTC; tests run in UTC */
#define DAY 86400

static struct conf *conf;

static int setup(void **state)
{
	(void)state;
	conf = conf_new(CONF_MUTT);
	return conf ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	conf_free(conf);
	return 0;
}

static const struct msg_facts ann = {
	.id = 7,
	.number = 12,
	.flags = FLAG_FLAGGED | FLAG_TO_ME | FLAG_SIGNED,
	.date_sent = NOW - 3 * DAY,
	.date_received = NOW - 2 * DAY,
	.size = 20000,
	.score = 5,
	.attachments = 2,
	.subject = {"Re: lunch (friday) at noon", 26},
	.from = {"\"Lee, Ann\" <ann@example.org>", 28},
	.to = {"Bob <bob@example.org>, carl@example.com", 39},
	.cc = {"list@lists.example.org", 22},
	.message_id = {"<m7@example.org>", 16},
	.in_reply_to = {"<m6@example.org>", 16},
	.references = {"<m1@example.org> <m5@example.org>", 33},
	.label = {"food", 4},
	.keywords = {"work $Phishing", 14},
	.content_type = {"multipart/signed", 16},
};

static const struct {
	const char *pattern;
	bool want;
} matches[] = {
	{"~A", true},
	{"~f ann", true},
	{"~f ANN", false}, /* an upper case letter makes it exact */
	{"~f lee", true},
	{"~f ^ann@", true},
	{"~f ^lee", true},
	{"=f Lee,", true},
	{"=f 'lee, a'", true},
	{"~t bob", true},
	{"~t carl ~t bob", true},
	{"^~t example.org", false},
	{"^~t example", true},
	{"~c list", true},
	{"~C list", true},
	{"~C ann", false},
	{"~L ann", true},
	{"~e ann", false}, /* there is no Sender */
	{"~s lunch", true},
	{"~s 'lunch \\(fri'", true},
	{"=s \"(friday)\"", true},
	{"~s breakfast", false},
	{"!~s breakfast", true},
	{"!!~s lunch", true},
	{"~F", true},
	{"~D", false},
	{"~N", true},
	{"~O", false},
	{"~U", true},
	{"~R", false},
	{"~Q", false},
	{"~p", true},
	{"~P", false},
	{"~g", true},
	{"~G", false},
	{"~i m7", true},
	{"~x m5", true},
	{"~x m6", true},
	{"~x m7", false},
	{"~y food", true},
	{"~Y work", true},
	{"~Y '^phish'", false},
	{"~z >10K", true},
	{"~z >20000", false},
	{"~z 20000-20000", true},
	{"~z 20000", true},
	{"~z -1M", true},
	{"~z <1k", false},
	{"~z 10K-", true},
	{"~X 1-", true},
	{"~X 3-", false},
	{"~X 0", false},
	{"~n 5", true},
	{"~n -5", true},
	{"~m 12", true},
	{"~m 10-12", true},
	{"~m <12", false},
	{"~m >11", true},
	{"~m .,$", true},
	{"~m -2,2", true},
	{"~m .", false},
	{"~m ^-.", false},
	{"~m $", false},
	{"~d <1w", true},
	{"~d >1w", false},
	{"~d =3d", true},
	{"~d =2d", false},
	{"~d 21/11/2025", true},
	{"~d 21/11", true},
	{"~d 21", true},
	{"~d 20251121", true},
	{"~d 20/11/2025-22/11/2025", true},
	{"~d 22/11/2025-20/11/2025", true},
	{"~d 22/11/2025-", false},
	{"~d -22/11/2025", true},
	{"~d 1/11/2025+3w", true},
	{"~d 24/11/2025-3d", true},
	{"~d 20/11/25*2d", true},
	{"~d -1w", false}, /* that very day */
	{"~d -3d", true},
	{"~d -1w+1w", true},
	{"~r <2d", false}, /* days end at midnight: the 22nd is over */
	{"~r <3d", true},
	{"~r =2d", true},
	{"~d <100H", true},
	{"~d <71H", false},
	{"~f ann ~s lunch", true},
	{"~f ann ~s dinner", false},
	{"~f bob | ~s lunch", true},
	{"~f bob ~s lunch | ~F", true},
	{"~F | ~f bob ~s dinner", false}, /* (~F | ~f bob) ~s dinner, as in mutt */
	{"~F | (~f bob ~s dinner)", true},
	{"~D | ~f bob | ~s dinner", false},
	{"(~D | ~F) ~s lunch", true},
	{"(~D | ~F) !~s lunch", false},
	{"!(~D | ~F)", false},
	{"!(~D ~F)", true},
	{"!(~D)(~F)", true},
	{"~f ann~s lunch", true},
	{"~(~F)", false}, /* no threads here */
	{"~M multipart/", true},
	{"~M pdf", false},
	{"~v", false},
	{"~=", false},
	{"~k", false},
	{"~E", false},
	{"lunch", true},
	{"ann", true},
	{"\"noon\"", false}, /* simple words are quoted as they are */
	{"new", true},
	{"flag", true},
	{"del", false},
	{"all", true},
	{".", true},
};

static void messages_match(void **state)
{
	struct pattern_env env = {.conf = conf, .current = 11, .count = 20, .now = NOW};
	struct err e;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(matches); i++) {
		struct pattern *p = pattern_compile(
			conf, matches[i].pattern, PATTERN_SIMPLE | PATTERN_FULL, NOW, &e);

		if (!p)
			fail_msg("%s: %s", matches[i].pattern, e.text);
		if (pattern_match(p, &ann, NULL, &env) != matches[i].want)
			fail_msg("%s: want %d", matches[i].pattern, matches[i].want);
		pattern_free(p);
	}
}

static const char *const wrong[] = {
	"",
	"~",
	"~f",
	"~s ",
	"~j",
	"foo ~f bar",
	"| ~F",
	"~F |",
	"(~F",
	"~F)",
	"()",
	"~()",
	"!",
	"~F !",
	"~F | | ~D",
	"~d 32/1/2020",
	"~d 1/13/2020",
	"~d",
	"~d x",
	"~d <3",
	"~d 1/1/2020x",
	"~z",
	"~z x",
	"~m x",
	"~s '(' ",
	"~f 'open",
	"~d 1/1/2020-1/2/2020-1/3/2020",
	"%s foo",
	"^",
};

static void wrong_patterns_say_why(void **state)
{
	struct err e;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct pattern *p = pattern_compile(conf, wrong[i], PATTERN_FULL, NOW, &e);

		if (p)
			fail_msg("%s: accepted", wrong[i]);
		assert_int_equal(e.class, ERR_INPUT);
		assert_true(strlen(e.text) > 5);
	}
	assert_null(pattern_compile(conf, "~b foo", 0, NOW, &e));
	assert_non_null(strstr(e.text, "bodies"));
}

static const struct {
	const char *pattern, *want;
} canonical[] = {
	{"~A", "~A"},
	{"~f  alice   ~d >1w !~D|~(~F)", "~f alice ~d >1w !~D | ~(~F)"},
	{"~f \"alice\"", "~f alice"},
	{"~s 'two words'", "~s \"two words\""},
	{"~s \"say \\\"hi\\\"\"", "~s \"say \\\"hi\\\"\""},
	{"((~F))", "~F"},
	{"(~F) (~D)", "~F ~D"},
	{"(~F | ~D) ~N", "(~F | ~D) ~N"},
	{"~F (~D ~N)", "~F ~D ~N"},
	{"!(~F)", "!~F"},
	{"!(!~F)", "~F"},
	{"!(~F ~D)", "!(~F ~D)"},
	{"!!~F", "~F"},
	{"~F | (~D | ~N)", "~F | ~D | ~N"},
	{"~<(~f a) ~>(~f b | ~f c)", "~<(~f a) ~>(~f b | ~f c)"},
	{"!~(~F ~D)", "!~(~F ~D)"},
	{"^~C x @~f y", "^~C x @~f y"},
	{"~z 10K-1M", "~z 10K-1M"},
	{"=b foo %f work", "=b foo %f work"},
	{"lunch", "~f lunch | ~s lunch"},
	{"two words", "~f \"two words\" | ~s \"two words\""},
	{"new", "~N"},
};

static void canonical_forms(void **state)
{
	struct err e;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(canonical); i++) {
		struct pattern *p = pattern_compile(conf, canonical[i].pattern,
				       PATTERN_SIMPLE | PATTERN_FULL, NOW, &e),
			       *again;
		char *text, *text2;

		if (!p)
			fail_msg("%s: %s", canonical[i].pattern, e.text);
		text = pattern_canonical(p);
		if (strcmp(text, canonical[i].want) != 0)
			fail_msg("%s: got %s, want %s", canonical[i].pattern, text,
				canonical[i].want);
		again = pattern_compile(conf, text, PATTERN_SIMPLE | PATTERN_FULL, NOW, &e);
		assert_non_null(again);
		text2 = pattern_canonical(again);
		assert_string_equal(text, text2);
		pattern_free(p);
		pattern_free(again);
		free(text);
		free(text2);
	}
}

static void bodies_are_asked_for(void **state)
{
	struct err e;
	struct pattern *p =
		pattern_compile(conf, "~f ann ~b foo | !~h 'X-Y: z'", PATTERN_FULL, NOW, &e);

	(void)state;
	assert_non_null(p);
	assert_true(pattern_needs_bodies(p));
	assert_string_equal(pattern_body_term(p, 0), "~b foo");
	assert_string_equal(pattern_body_term(p, 1), "~h \"X-Y: z\"");
	assert_null(pattern_body_term(p, 2));
	pattern_set_found(p, 1, (int64_t[]){9, 7, 3}, 3);
	assert_false(pattern_match(p, &ann, NULL, NULL));
	pattern_set_found(p, 0, (int64_t[]){8, 7}, 2);
	assert_true(pattern_match(p, &ann, NULL, NULL));
	pattern_set_found(p, 1, NULL, 0);
	pattern_set_found(p, 0, NULL, 0);
	assert_true(pattern_match(p, &ann, NULL, NULL));
	pattern_free(p);
}

/* Deep and wide ones reach a limit, never the end of the stack. */
static void limits_are_reached_politely(void **state)
{
	struct err e;
	struct str s;
	struct pattern *p;

	(void)state;
	str_init(&s, PATTERN_TEXT_MAX);
	while (str_adds(&s, "("))
		;
	assert_null(pattern_compile(conf, s.s, PATTERN_FULL, NOW, &e));
	str_clear(&s);
	while (str_adds(&s, "~F "))
		;
	assert_null(pattern_compile(conf, s.s, PATTERN_FULL, NOW, &e));
	assert_int_equal(e.class, ERR_LIMIT);
	str_clear(&s);
	for (int i = 0; i < 60; i++)
		assert_true(str_adds(&s, i % 2 ? "~(" : "!("));
	assert_true(str_adds(&s, "~F"));
	assert_true(str_addn(&s, ')', 60));
	p = pattern_compile(conf, s.s, PATTERN_FULL, NOW, &e);
	assert_non_null(p);
	(void)pattern_match(p, &ann, NULL, NULL);
	free(pattern_canonical(p));
	pattern_free(p);
	str_fini(&s);
}

/* All that matches and maybe more; "|" stands for a line end. */
static void servers_are_asked_for_enough(void **state)
{
	static const struct {
		const char *pattern, *lines; /* NULL: nothing to ask */
	} rows[] = {
		{"~f alice", "(|from alice|)|"},
		{"~f alice ~s lunch", "(|from alice|subject lunch|)|"},
		{"~f 'al[ie]ce x'", "(|from ce x|)|"},
		{"~f alice | ~t bob", "or|(|from alice|)|(|to bob|)|"},
		{"~f aa | ~f bb | ~f cc", "or|or|(|from aa|)|(|from bb|)|(|from cc|)|"},
		{"~f alice | ~n 5-", NULL},
		{"~f alice ~n 5-", "(|from alice|)|"},
		{"~C bob", "(|or|to bob|or|cc bob|bcc bob|)|"},
		{"~x id", "(|or|header References id|header In-Reply-To id|)|"},
		{"=b 'a b'", "(|body a b|)|"},
		{"~U !~F", "(|unseen|not|flagged|)|"},
		{"~N", "(|unseen|)|"},
		{"!~N", NULL},
		{"!~f alice", NULL},
		{"~s xx !~f alice", "(|subject xx|)|"},
		{"!(~U | ~f alice)", "(|not|(|unseen|)|)|"},
		{"!(~U ~f alice)", NULL},
		{"~z 10K-20K", "(|(|larger 10239|smaller 20481|)|)|"},
		{"~d 10/11/2025-12/11/2025", "(|(|sentsince 2025-11-09|sentbefore 2025-11-14|)|)|"},
		{"~A", NULL},
		{"~(~f alice)", NULL},
		{"~s xx ~(~f alice)", "(|subject xx|)|"},
		{"~s '.*'", NULL},
		{"%f friends", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err e = {0};
		struct pattern *p = pattern_compile(conf, rows[i].pattern, PATTERN_SIMPLE | PATTERN_FULL, NOW, &e);
		char *lines;

		if (!p)
			fail_msg("%s: %s", rows[i].pattern, e.text);
		lines = pattern_server_query(p);
		for (char *c = lines; c && *c; c++)
			*c = *c == '\n' ? '|' : *c;
		if ((lines != NULL) != (rows[i].lines != NULL) || (lines && strcmp(lines, rows[i].lines) != 0))
			fail_msg("%s: %s, not %s", rows[i].pattern, lines ? lines : "nothing",
				rows[i].lines ? rows[i].lines : "nothing");
		free(lines);
		pattern_free(p);
	}
}

/* Subject before sender before text, whole words before parts; what must not be there counts nothing. */
static void how_well_it_fits(void **state)
{
	static const char *const rising[] = {"~s nothing", "~B text", "~f ann", "~f anna", "~s hik", "~s hike", "~s hike ~f anna"};
	static const char *const nothing[] = {"!~s hike", "!(~s hike | ~f anna)", "~A", "~d >1y", "%f friends", "~N"};
	struct msg_facts m = {.subject = SV("Winter hike"), .from = SV("Anna Berg <anna@x.example>")};
	struct err e;
	unsigned last = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rising); i++) {
		struct pattern *p = pattern_compile(conf, rising[i], PATTERN_FULL, 0, &e);
		unsigned fit = p ? pattern_fit(p, &m) : 0;

		if (i > 1 ? fit <= last : fit != 0)
			fail_msg("%s: %u after %u", rising[i], fit, last);
		last = fit;
		pattern_free(p);
	}
	for (size_t i = 0; i < ARRAY_LEN(nothing); i++) {
		struct pattern *p = pattern_compile(conf, nothing[i], PATTERN_FULL, 0, &e);

		if (p)
			assert_int_equal(pattern_fit(p, &m), 0);
		pattern_free(p);
	}
}

/* A letter more can only take away; whatever else was changed may bring something back. */
static void what_is_finer(void **state)
{
	static const struct {
		const char *before, *now;
		bool finer;
	} rows[] = {
		{"~s hi", "~s hik", true}, {"~s hi", "~s hiK", true}, {"hi", "hik", true}, {"~f a ~c b", "~f a ~c bc", true},
		{"~f a | ~c b", "~f a | ~c bc", true}, {"=b wo", "=b wor", true}, {"~s g", "~s gr\xc3\xbc", true},
		{"~s hik", "~s hi", false}, {"!~s hi", "!~s hik", false}, {"!(~s hi)", "!(~s hik)", false},
		{"~s hi", "~s hi*", false}, {"~s hi", "~s hi?", false}, {"~s 'a|b'", "~s 'a|b*'", false}, {"~s hi", "~f hik", false},
		{"~s hi", "=s hik", false}, {"~d <1d", "~d <1w", false}, {"~z -1", "~z -10", false}, {"~s hi", "~s hi ~f a", false},
		{"~s 'a'", "~s 'b'", false}, {"~f a ~s b", "~f a | ~s b", false}, {"%f fri", "%f friends", false}, {"~s a", "~s a.", false},
		{"~s hi", "^~s hik", false}, {"~(~s hi)", "~(~s hik)", true}, {"~<(~s hi)", "~>(~s hik)", false},
	};
	struct err e;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct pattern *before = pattern_compile(conf, rows[i].before, PATTERN_FULL | PATTERN_SIMPLE, 0, &e);
		struct pattern *now = pattern_compile(conf, rows[i].now, PATTERN_FULL | PATTERN_SIMPLE, 0, &e);

		if (!before || !now || pattern_is_finer(now, before) != rows[i].finer)
			fail_msg("%s, then %s", rows[i].before, rows[i].now);
		pattern_free(before);
		pattern_free(now);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(how_well_it_fits),
		cmocka_unit_test(what_is_finer),
		cmocka_unit_test(messages_match),
		cmocka_unit_test(wrong_patterns_say_why),
		cmocka_unit_test(canonical_forms),
		cmocka_unit_test(bodies_are_asked_for),
		cmocka_unit_test(limits_are_reached_politely),
		cmocka_unit_test(servers_are_asked_for_enough),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
