#include "mime/encword.h"

#include "mime/header.h"
#include "tests/unit/t.h"

static void words_are_decoded(void **state)
{
	static const char *const rows[][2] = {
		{"plain", "plain"},
		{"=?iso-8859-1?Q?caf=E9?=", "café"},
		{"=?utf-8?B?w7zDtg==?=", "üö"},
		{"a =?utf-8?Q?b?= c", "a b c"},
		{"=?utf-8?Q?a?= =?utf-8?Q?b?=", "ab"},
		{"=?utf-8?Q?a_?=\n =?utf-8?Q?b?=", "a b"},
		{"=?utf-8?Q?=C3?= =?utf-8?Q?=A9?=", "é"},  /* cut inside a character */
		{"=?utf-8?B?8J+S?= =?UTF-8?Q?=a9?=", "💩"}, /* and between encodings */
		{"=?utf-8?B?w7w?=", "ü"},                  /* no padding */
		{"=?utf-8*en?Q?x?=", "x"},                 /* with a language */
		{"=?utf-8?Q?two words?=", "two words"},
		{"x=?utf-8?Q?y?=z", "xyz"},
		{"=?utf-8?X?y?=", "=?utf-8?X?y?="},
		{"=?utf-8?Q?open", "=?utf-8?Q?open"},
		{"=?iso-2022-jp?B?GyRCJUYlOSVIGyhC?=", "テスト"},
		{"raw caf\xe9 and =?utf-8?Q?=C3=A9?=", "raw café and é"},
		{"raw caf\xc3\xa9", "raw café"},
		{"=?utf-8?Q?a=0D=0Ab=00c?=", "a  b c"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct str s;

		str_init(&s, 1000);
		assert_true(header_text(&s, sv_of(rows[i][0]), NULL));
		t_streq(s.s, rows[i][1], rows[i][0]);
		str_fini(&s);
	}
}

static void texts_are_encoded(void **state)
{
	static const struct {
		const char *text, *charsets, *want;
	} rows[] = {
		{"plain text", NULL, "plain text"},
		{"café at noon", NULL, "=?utf-8?Q?caf=C3=A9?= at noon"},
		{"café at noon", "us-ascii:iso-8859-1:utf-8", "=?iso-8859-1?Q?caf=E9?= at noon"},
		{"聪明的    Hello", NULL, "=?utf-8?B?6IGq5piO55qE?=    Hello"},
		{"é  é", NULL, "=?utf-8?B?w6kgIMOp?="},
		{"about =?utf-8?Q?x?=", NULL, "about =?us-ascii?Q?=3D=3Futf-8=3FQ=3Fx=3F=3D?="},
		{"line\r\nBcc: evil", NULL, "line  Bcc: evil"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct str s;

		str_init(&s, 1000);
		assert_true(
			encword_encode(&s, sv_of(rows[i].text), rows[i].charsets, ENCWORD_TEXT, 9));
		t_streq(s.s, rows[i].want, rows[i].text);
		str_fini(&s);
	}
}

static void long_texts_fold_and_come_back(void **state)
{
	static const char *const texts[] = {
		"a long subject of plain words that does not fit on one line of a header so that "
		"it must be folded",
		"Ein sehr langer Betreff mit Umlauten äöü äöü äöü äöü äöü äöü äöü äöü äöü und "
		"Wörtern in Mengen",
		"これは日本語の長い件名で、一行には収まりませんので、折り返しが必要になります。これ"
		"は日本語の長い件名です",
		"emoji 😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀 end",
	};
	static const char *const charsets[] = {
		"utf-8", "us-ascii:iso-8859-1:iso-2022-jp:utf-8", "gb18030"};
	size_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_LEN(texts); i++)
		for (k = 0; k < ARRAY_LEN(charsets); k++) {
			struct str wire, back;
			struct sv rest, line;

			str_init(&wire, 10000);
			str_init(&back, 10000);
			assert_true(encword_encode(
				&wire, sv_of(texts[i]), charsets[k], ENCWORD_TEXT, 9));
			for (rest = str_sv(&wire); sv_line(&rest, &line);)
				if (line.len > (line.p == wire.s ? 76u - 9 : 76u))
					fail_msg("%zu columns: " SV_FMT, line.len, SV_ARG(line));
			assert_true(header_text(&back, str_sv(&wire), NULL));
			t_streq(back.s, texts[i], charsets[k]);
			str_fini(&wire);
			str_fini(&back);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_decoded),
		cmocka_unit_test(texts_are_encoded),
		cmocka_unit_test(long_texts_fold_and_come_back),
	};

	return t_run(tests);
}
