#include "mime/param.h"

#include "tests/unit/t.h"

static void parameters_are_read(void **state)
{
	static const struct {
		const char *raw, *value, *name, *want;
	} rows[] = {
		{"text/plain; charset=utf-8", "text/plain", "charset", "utf-8"},
		{"text/plain; CHARSET = \"us-ascii\" (comment)", "text/plain", "charset",
			"us-ascii"},
		{"(c) text (d)/plain", "text /plain", NULL, NULL},
		{"x; name=letter (1).pdf", "x", "name", "letter (1).pdf"},
		{"x; name=a b.pdf ; y=z", "x", "name", "a b.pdf"},
		{"x; name=\"a \\\"b\\\".pdf\"", "x", "name", "a \"b\".pdf"},
		{"x; name=\"open", "x", "name", "open"},
		{"x;\r\n\tname=\"fol\r\n ded\"", "x", "name", "fol ded"},
		{"x; filename*=utf-8'en'%C3%A9%20t", "x", "filename", "é t"},
		{"x; filename*0*=utf-8''%C3%A9; filename*1=\"n.pdf\"; filename=bad", "x",
			"filename", "én.pdf"},
		{"x; filename*0=a; filename*2=c; filename*1=b", "x", "filename", "abc"},
		{"x; filename*0=a; filename*2=c", "x", "filename", "a"},
		{"x; filename*=utf-8''%FF; filename=plain", "x", "filename", "plain"},
		{"x; filename=\"=?utf-8?Q?=C3=A9.pdf?=\"", "x", "filename", "é.pdf"},
		{"x; filename=caf\xe9.pdf", "x", "filename", "café.pdf"},
		{"x; filename*=utf-8''a%E2%80%AEfdp.exe", "x", "filename", "a fdp.exe"},
		{"x; filename*=utf-8''a%0D%0Ab", "x", "filename", "ab"},
		{"text/html charset=utf-8", "text/html", "charset", "utf-8"},
		{"x; a=1; a=2", "x", "a", "1"},
		{"; a=1", "", "a", "1"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena *arena = arena_new();
		struct params p;

		params_parse(arena, sv_of(rows[i].raw), NULL, 0, &p);
		t_streq(p.value, rows[i].value, rows[i].raw);
		if (rows[i].name)
			t_streq(params_get(&p, rows[i].name), rows[i].want, rows[i].raw);
		arena_free(arena);
	}
}

static void parameters_are_written(void **state)
{
	static const struct {
		const char *value, *want;
	} rows[] = {
		{"plain.pdf", "; name=plain.pdf"},
		{"two words.pdf", "; name=\"two words.pdf\""},
		{"a\"b", "; name=\"a\\\"b\""},
		{"", "; name=\"\""},
		{"été.pdf", "; name*=utf-8''%C3%A9t%C3%A9.pdf"},
		{"=?utf-8?Q?x?=", "; name*=utf-8''%3D%3Futf-8%3FQ%3Fx%3F%3D"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		size_t column = 10;
		struct str s;

		str_init(&s, 1000);
		assert_true(params_add(&s, "name", sv_of(rows[i].value), NULL, &column));
		t_streq(s.s, rows[i].want, rows[i].value);
		str_fini(&s);
	}
}

static void long_values_are_cut_and_come_back(void **state)
{
	static const char *const values[] = {
		"a very long name of a file in plain ASCII that does not fit on one line and even "
		"less with its parameter name.pdf",
		"ein sehr länger Name einer Datei mit Ümläuten öhne Ende, der auf keine Zeile "
		"einer Köpfzeile passt und mehr.pdf",
		"日本語の長いファイル名日本語の長いファイル名日本語の長いファイル名.pdf",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(values); i++) {
		struct arena *arena = arena_new();
		size_t column = 31;
		struct sv rest, line;
		struct params p;
		struct str s;

		str_init(&s, 10000);
		str_adds(&s, "Content-Disposition: attachment");
		assert_true(params_add(&s, "filename", sv_of(values[i]), NULL, &column));
		for (rest = str_sv(&s); sv_line(&rest, &line);)
			assert_true(line.len <= 78);
		params_parse(arena, sv_from(str_sv(&s), 21), NULL, 0, &p);
		t_streq(params_get(&p, "filename"), values[i], values[i]);
		str_fini(&s);
		arena_free(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters_are_read),
		cmocka_unit_test(parameters_are_written),
		cmocka_unit_test(long_values_are_cut_and_come_back),
	};

	return t_run(tests);
}
