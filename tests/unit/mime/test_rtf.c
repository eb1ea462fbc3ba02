/* The text of RTF: characters, what is left out, links, and what is no RTF. */
#include "mime/body_text.h"
#include "mime/rtf_text.h"
#include "tests/unit/t.h"

static void check(const char *rtf, const char *want)
{
	struct str out;

	str_init(&out, 100000);
	assert_true(rtf_text(&out, sv_of(rtf)));
	assert_string_equal(out.s ? out.s : "", want);
	str_fini(&out);
}

static void characters(void **state)
{
	static const struct {
		const char *rtf, *want;
	} cases[] = {
		{"{\\rtf1\\ansi Hello\\par World}", "Hello\nWorld"},
		{"{\\rtf1\\ansi a\r\nb\nc}", "abc"},
		{"{\\rtf1 \\{x\\}\\\\ \\~\\_\\-\\emdash\\bullet\\ldblquote q\\rdblquote}",
			"{x}\\ \u00a0\u2011\u2014\u2022\u201cq\u201d"},
		{"{\\rtf1\\ansi Gr\\'fc\\'dfe}", "Grüße"},
		{"{\\rtf1\\ansi\\ansicpg1251 \\'cf\\'f0\\'e8\\'e2\\'e5\\'f2}", "Привет"},
		{"{\\rtf1\\mac \\'8a}", "ä"},
		{"{\\rtf1\\ansi {\\fonttbl{\\f0 Arial;}{\\f1\\fcharset204 Arial Cyr;}{\\f2\\fcharset128 MS Mincho;}}"
		 "\\f0 e\\'e9 {\\f1 \\'e9} \\f2\\'82\\'a0\\'83A}",
			"eé й あア"},
		{"{\\rtf1{\\fonttbl{\\f7\\fnil\\fcharset2 Wingdings;}{\\f8\\fcharset2 Symbol;}}x {\\f7 J} {\\f7\\'e0} {\\f8\\'b7} y}",
			"x ☺ → • y"},
		{"{\\rtf1\\uc1 \\u8364?\\u-4051 ?z}", "€\uf02dz"},
		{"{\\rtf1{\\uc0\\u8364 x}{\\uc2\\u8364 ??y}\\u955\\'3fz}", "€x€yλz"},
		{"{\\rtf1\\u-10179?\\u-8704?}", "\U0001f600"},
		{"{\\rtf1\\u-8704?a}", "\ufffda"},
		{"{\\rtf1 a\\tab b\\cell c\\row d\\line e}", "a\tb\tc\nd\ne"},
		{"{\\rtf1 a\\\nb\\\r\nc}", "a\nb\nc"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check(cases[i].rtf, cases[i].want);
}

static void left_out(void **state)
{
	(void)state;
	check("{\\rtf1{\\info{\\title T}}{\\stylesheet{\\s0 Normal;}}{\\colortbl;\\red0;}{\\*\\generator G;}x}", "x");
	check("{\\rtf1 a{\\v hidden}b{\\v x\\v0 y}c\\v d\\plain e}", "abyce");
	check("{\\rtf1 a{\\pict\\wmetafile8 0102}{\\object{\\*\\objdata 00}{\\result r}}b}", "ab");
	check("{\\rtf1 a\\bin3 {{{b}", "ab");
	check("{\\rtf1 a\\bin999999999 b}", "a");
	/* Outlook's HTML in RTF: the RTF says the same. */
	check("{\\rtf1\\ansi\\fromhtml1 {\\*\\htmltag64 <p>}Hi\\htmlrtf\\par\\htmlrtf0{\\*\\htmltag72 </p>}}", "Hi\n");
	check("{\\rtf1{\\listtext\\'b7\\tab}one}", "·\tone");
}

static void links(void **state)
{
	(void)state;
	check("{\\rtf1{\\field{\\*\\fldinst{HYPERLINK \"http://a.example/x\"}}{\\fldrslt{here}}} now}",
		"here <http://a.example/x> now");
	check("{\\rtf1{\\field{\\*\\fldinst HYPERLINK http://a.example/ }{\\fldrslt http://a.example/}}}", "http://a.example/");
	check("{\\rtf1{\\field{\\*\\fldinst HYPERLINK \"mailto:a@b.example\"}{\\fldrslt Ana}}}", "Ana <a@b.example>");
	check("{\\rtf1{\\field{\\*\\fldinst HYPERLINK \"javascript:x()\"}{\\fldrslt y}}{\\field{\\*\\fldinst PAGE}{\\fldrslt 3}}}", "y3");
}

static void damage(void **state)
{
	struct str out, deep;

	(void)state;
	str_init(&out, 100);
	assert_false(rtf_text(&out, SV("")));
	assert_false(rtf_text(&out, SV("{\\html}")));
	assert_int_equal(out.len, 0);
	str_fini(&out);
	check("{\\rtf1 a}}}}}b", "ab");
	check("{\\rtf1 a\\'4", "a4");
	check("{\\rtf1 a\\", "a");
	check("{\\rtf1 a\\u", "a");
	check("{\\rtf1 a\\f99999999999999999999 b\\u99999999?c", "ab\ufffdc");
	/* Deeper than is remembered: the text is there all the same, and what comes behind it. */
	str_init(&deep, 1 << 20);
	str_adds(&deep, "{\\rtf1 ");
	str_addn(&deep, '{', 100000);
	str_adds(&deep, "in");
	str_addn(&deep, '}', 100000);
	str_adds(&deep, "{\\v no} out}");
	check(deep.s, "in out");
	str_fini(&deep);
	/* What does not fit is left out. */
	str_init(&out, 4);
	assert_false(rtf_text(&out, SV("{\\rtf1 abc\\par\\par\\par def}")));
	assert_true(out.len <= 4);
	str_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(characters),
		cmocka_unit_test(left_out),
		cmocka_unit_test(links),
		cmocka_unit_test(damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
