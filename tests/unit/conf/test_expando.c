/* Formats: what they print, at which width, and which are refused. */
#include <time.h>

#include "conf/expando.h"
#include "tests/unit/conf/rc_t.h"

/*
 * C 7, c 1234, l 0, n "Ana M\303\274ller", s "Hi there", a "ana@example.org", X 0, t "", w wide
 * text, d a date.
 */
static bool value(void *data, const struct expando_ref *ref, struct expando_value *v)
{
	(void)data;
	if (ref->letters.len == 2)
		return ref->kind == 'z' && str_addc(v->text, ref->letters.p[1]);
	switch (ref->kind) {
	case 'C':
		v->kind = EXPANDO_NUMBER;
		v->number = 7;
		return true;
	case 'c':
		v->kind = EXPANDO_NUMBER;
		v->number = 1234;
		return true;
	case 'l':
	case 'X':
		v->kind = EXPANDO_NUMBER;
		return true;
	case 'n':
		return str_adds(v->text, "Ana M\303\274ller");
	case 's':
		return str_adds(v->text, "Hi there");
	case 'a':
		return str_adds(v->text, "Ana@example.org");
	case 'L':
		return str_adds(v->text,
			"\346\227\245\346\234\254\350\252\236"); /* three wide characters */
	case 'G':
		return str_adds(v->text, "tags");
	case '@':
		return str_addf(v->text, "hook " SV_FMT, SV_ARG(ref->arg));
	case 'd':
		v->time_fmt = "!%d %b %Y %H:%M %z";
		/* fall through */
	case '{':
	case '[':
	case '(':
		v->kind = EXPANDO_TIME;
		v->time = 86400 * 365 + 3600;
		v->zone_min = 90;
		v->local = ref->kind == '[';
		return true;
	default:
		return ref->word != NULL;
	}
}

static void formatted(void **state)
{
	static const struct {
		const char *format, *want;
		int width;
	} rows[] = {
		{"%C", "7", 0},
		{"%4C/", "   7/", 0},
		{"%-4C/", "7   /", 0},
		{"%04C", "0007", 0},
		{"%4c", "1234", 0},
		{"%-15.15n/", "Ana M\303\274ller     /", 0},
		{"%15n/", "     Ana M\303\274ller/", 0},
		{"%.5n/", "Ana M/", 0},
		{"%.6n/", "Ana M\303\274/", 0},
		{"%=14n/", "  Ana M\303\274ller  /", 0},
		{"%_n", "ana m\303\274ller", 0},
		{"%:a", "Ana@example_org", 0},
		{"%_:a", "ana@example_org", 0},
		{"%%x", "%x", 0},
		{"%.3L/", "\346\227\245/", 0},
		{"%-5.4L/", "\346\227\245\346\234\254 /", 0},
		{"%8L/", "  \346\227\245\346\234\254\350\252\236/", 0},
		{"%?X?a&b?", "b", 0},
		{"%?C?a&b?", "a", 0},
		{"%?X?a?", "", 0},
		{"%?C?%4C&x?/", "   7/", 0},
		{"%?l?%4l&%4c?", "1234", 0},
		{"(%?l?%4l&%4c?) %s", "(1234) Hi there", 0},
		{"%?C?a%%b&c?", "a%b", 0},
		{"%?t?x&y?", "y", 0},
		{"%?n?x&y?", "x", 0},
		{"%?C??", "", 0},
		{"%?C?&b?", "", 0},
		{"%<C?a&b>", "a", 0},
		{"%<X?a&%<C?in&no>>z", "inz", 0},
		{"%<X?a>", "", 0},
		{"%=8<C?ab&c>/", "   ab   /", 0},
		{"%5.1<C?abc&x>/", "    a/", 0},
		{"%<X?<b>&c>", "&c>", 0},
		{"%s%>-%C", "Hi there---7", 12},
		{"%s%>-%C", "Hi there7", 9},
		{"%s%>-%C", "Hi the", 6},
		{"%s%>-%C", "Hi there7", 0},
		{"%s%*-%C", "Hi there---7", 12},
		{"%s%*-%C", "Hi t7", 5},
		{"%s%* x", "Hi there   x", 12},
		{"%s%|.rest", "Hi there....", 12},
		{"%s%|.rest", "Hi t", 4},
		{"%s%|", "Hi there    ", 12},
		{"%|\346\227\245", "\346\227\245\346\227\245 ", 5},
		{"a%>-b%>.c", "ab....c", 7},
		{"%s", "Hi t", 4},
		{"%d", "01 Jan 1971 02:30 +0130", 0},
		{"%{%Y-%m-%d %H:%M}", "1971-01-01 02:30", 0},
		{"%[%H:%M]", "01:00", 0},
		{"%(%d)", "01", 0},
		{"%{!%b}", "Jan", 0},
		{"%6{%H}/", "    02/", 0},
		{"%@name@", "hook name", 0},
		{"%zs%zt", "st", 0},
		{"%G", "tags", 0},
		{"%Gx", "tagsx", 0},
		{"%G x", "tags x", 0},
		{"a\\tb\\n", "a\tb\n", 0},
		{"a\\", "a\\", 0},
		{"%<[1d?new&old>", "old", 0},
		{"%<[60y?new&old>", "new", 0},
		{"%?[60y?new&old?", "new", 0},
		{"%Z", "", 0},
		{"%4Z/", "    /", 0},
	};

	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct expando_env env = {
			.value = value, .width = rows[i].width, .now = 86400LL * 365 * 55};
		struct str out;
		struct err e;
		struct expando *x = expando_new(SET_INDEX, sv_of(rows[i].format), &e);
		if (!x)
			fail_msg("%s: %s", rows[i].format, e.text);
		str_init(&out, 10000);
		expando_format(x, &env, &out, NULL);
		t_streq(out.s, rows[i].want, rows[i].format);
		str_fini(&out);
		expando_free(x);
	}
}

/* What is refused, and what the lenient form makes of it. */
static void refused(void **state)
{
	static const struct {
		const char *format, *lenient;
	} rows[] = {
		{"%", "%"},
		{"x%5", "x%5"},
		{"%{abc", "%{abc"},
		{"%?C?a", "%?C?a"},
		{"%<C?a", "%<C?a"},
		{"%?", "%?"},
		{"%!", "%!"},
		{"%@x", "%@x"},
		{"%j%C", "%j7"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct expando_env env = {.value = value};
		struct str out;
		struct err e;
		if (expando_new(SET_INDEX, sv_of(rows[i].format), &e))
			fail_msg("%s was taken", rows[i].format);
		assert_int_equal(e.class, ERR_INPUT);
		struct expando *x = expando_new_lenient(SET_INDEX, sv_of(rows[i].format));
		str_init(&out, 10000);
		expando_format(x, &env, &out, NULL);
		t_streq(out.s, rows[i].lenient, rows[i].format);
		str_fini(&out);
		expando_free(x);
	}
}

/* A language of its own; one that the system does not have changes nothing. */
static void languages(void **state)
{
	struct str out;

	(void)state;
	str_init(&out, 1000);
	date_format_in(&out, SV("%B|"), 0, 0, false, "C");
	date_format_in(&out, SV("%B|"), 0, 0, false, "xx_NOWHERE");
	date_format_in(&out, SV("!%B|"), 0, 0, false, "de_DE.UTF-8");
	t_streq(out.s, "January|January|January|", "months");
	str_fini(&out);
}

static void depth(void **state)
{
	struct str deep;
	struct err e;

	(void)state;
	str_init(&deep, 100000);
	for (int i = 0; i < 1000; i++)
		str_adds(&deep, "%<C?");
	assert_null(expando_new(SET_INDEX, str_sv(&deep), &e));
	expando_free(expando_new_lenient(SET_INDEX, str_sv(&deep)));
	str_fini(&deep);
}

/* Where values stand, also behind padding and when cut. */
static void spans(void **state)
{
	struct expando_env env = {.value = value, .width = 20};
	struct expando *x = expando_new_lenient(SET_INDEX, SV("%C %s%> %n"));
	struct expando_spans s;
	struct str out;

	(void)state;
	str_init(&out, 10000);
	expando_format(x, &env, &out, &s);
	t_streq(out.s, "7 Hi thereAna M\303\274ller", "line");
	assert_int_equal(s.n, 3);
	assert_true(s.v[0].letter == 'C' && s.v[0].start == 0 && s.v[0].len == 1);
	assert_true(s.v[1].letter == 's' && s.v[1].start == 2 && s.v[1].len == 8);
	assert_true(s.v[2].letter == 'n' && s.v[2].start == 10 && s.v[2].len == 11);
	str_clear(&out);
	env.width = 6;
	expando_format(x, &env, &out, &s);
	assert_true(s.v[1].len == 4 && s.v[2].len == 0);
	str_fini(&out);
	expando_free(x);
}

/*
 * A trailing | runs a command; values are quoted, its output is made safe, output ending in % is a
 * format.
 */
static void filters(void **state)
{
	static const struct {
		const char *format, *want;
	} rows[] = {
		{"echo %s x|", "Hi there x"},
		{"printf '%s.%%s' '%n'|", "Hi there.Ana M\303\274ller"},
		{"echo '$(echo no)'|", "$(echo no)"},
		{"echo '%%C-%%s%%'|", "7-Hi there"},
		{"printf 'a\\\\033b\\\\nc'|", "a\357\277\275b"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct expando_env env = {.value = value};
		struct expando *x = expando_new_lenient(SET_INDEX, sv_of(rows[i].format));
		struct str out;
		assert_true(expando_is_filter(x));
		str_init(&out, 10000);
		expando_format(x, &env, &out, NULL);
		t_streq(out.s, rows[i].want, rows[i].format);
		str_fini(&out);
		expando_free(x);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formatted),
		cmocka_unit_test(refused),
		cmocka_unit_test(languages),
		cmocka_unit_test(depth),
		cmocka_unit_test(spans),
		cmocka_unit_test(filters),
	};

	return t_run(tests);
}
