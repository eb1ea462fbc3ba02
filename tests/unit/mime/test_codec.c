#include "mime/codec.h"

#include "mime/text_file.h"
#include "tests/unit/t.h"

static void encodings_have_many_names(void **state)
{
	static const struct {
		const char *name;
		enum codec_kind kind;
	} rows[] = {
		{"base64", CODEC_BASE64},
		{"BASE64", CODEC_BASE64},
		{" Quoted-Printable ", CODEC_QP},
		{"", CODEC_7BIT},
		{"quoted printable", CODEC_QP},
		{"\"base64\"", CODEC_BASE64},
		{"8bit;", CODEC_8BIT},
		{"x-uuencode", CODEC_UU},
		{"x-token", CODEC_OTHER},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(codec_by_name(sv_of(rows[i].name)), rows[i].kind);
}

static void anything_is_decoded(void **state)
{
	static const struct {
		enum codec_kind kind;
		const char *in, *out;
	} rows[] = {
		{CODEC_BASE64, "aGVsbG8gd29ybGQ=", "hello world"},
		{CODEC_BASE64, "aGVsbG8g\r\nd29ybGQ", "hello world"},   /* no padding */
		{CODEC_BASE64, "aGVs!!bG8g*d29y\nbGQ=", "hello world"}, /* garbage inside */
		{CODEC_BASE64, "aGVsbG8=IHdvcmxk", "hello world"},      /* two pieces joined */
		{CODEC_BASE64, "aGk=\n\naG8=\n", "hiho"},
		{CODEC_BASE64, "aGlo\n\n___________\nlist footer\n", "hih"}, /* also without padding */
		{CODEC_BASE64, "_aGlo_aGlo_aGlo_aGlo_aGlo_aGlo_aGlo_aGlo_aGlo", "hihhihhihhihhihhihhihhihhih"},
		{CODEC_BASE64, "aGk=\n_____\nlist footer\n", "hi"}, /* what a list put behind it */
		{CODEC_BASE64, "aGk==\n-- \nsigned\n", "hi"},
		{CODEC_BASE64, "", ""},
		{CODEC_QP, "caf=C3=A9 =\r\nend", "café end"},
		{CODEC_QP, "soft =  \nbreak", "soft break"}, /* blanks behind '=' */
		{CODEC_QP, "trailing  \t\r\nblank", "trailing\r\nblank"},
		{CODEC_QP, "not =XX hex=", "not =XX hex"},
		{CODEC_QP, "lower =c3=a9", "lower é"},
		{CODEC_QP, "a=3D=20\n", "a= \n"},
		{CODEC_UU, "begin 644 x\n#0V%T\n`\nend\n", "Cat"},
		{CODEC_7BIT, "as it is", "as it is"},
	};
	size_t i, piece;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++)
		for (piece = 1; piece < 5; piece++) {
			struct sv in = sv_of(rows[i].in);
			struct codec c;
			struct str s;

			str_init(&s, 1000);
			codec_init(&c, rows[i].kind);
			for (; in.len > 0; in = sv_from(in, MIN(piece, in.len)))
				assert_true(codec_decode(&c, &s, sv_head(in, piece)));
			assert_true(codec_finish(&c, &s));
			t_streq(s.s ? s.s : "", rows[i].out, rows[i].in);
			str_fini(&s);
		}
}

static void qp_survives_the_way(void **state)
{
	static const char *const rows[][2] = {
		{"plain\n", "plain\n"},
		{"blank at end \n", "blank at end=20\n"},
		{"From here\n.\n", "=46rom here\n=2E\n"},
		{"é = ü\n", "=C3=A9 =3D =C3=BC\n"},
		{"0123456789012345678901234567890123456789012345678901234567890123456789012345678",
			"01234567890123456789012345678901234567890123456789012345678901234567890123"
			"4=\n5678"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct str s;

		str_init(&s, 1000);
		assert_true(codec_qp(&s, sv_of(rows[i][0]), true));
		t_streq(s.s, rows[i][1], rows[i][0]);
		str_fini(&s);
	}
}

static void the_lightest_encoding_is_chosen(void **state)
{
	static const struct {
		const char *data;
		bool text, allow_8bit;
		enum codec_kind kind;
	} rows[] = {
		{"plain\n", true, false, CODEC_7BIT},
		{"a few words and one é that is not plain\n", true, true, CODEC_8BIT},
		{"a few words and one é that is not plain\n", true, false, CODEC_QP},
		{"日本語日本語\n", true, false, CODEC_BASE64},
		{"From me\n", true, true, CODEC_QP},
		{"%PDF \x01\xff", false, true, CODEC_BASE64},
		{"plain data\n", false, true, CODEC_7BIT},
		{"no line end", false, true, CODEC_BASE64},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct codec_stats stats;

		codec_scan(sv_of(rows[i].data), &stats);
		if (codec_choose(&stats, rows[i].text, rows[i].allow_8bit) != rows[i].kind)
			fail_msg("%s", rows[i].data);
	}
}

static void files_in_a_text_are_found(void **state)
{
	const struct sv text = SV("Hello\nbegin 644 cat.txt\n#0V%T\n`\nend\nbegin the day\nbegin "
				  "755 a b\n\nend\nbegin 644 x\nno data here\n");
	struct text_file file;
	size_t at = 0;

	(void)state;
	assert_true(text_file_find(text, &at, &file));
	assert_int_equal(file.at, 6);
	assert_true(sv_is(file.name, "cat.txt"));
	assert_true(sv_is(file.data, "#0V%T\n`\n"));
	assert_true(text_file_find(text, &at, &file));
	assert_true(sv_is(file.name, "a b"));
	assert_false(text_file_find(text, &at, &file));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encodings_have_many_names),
		cmocka_unit_test(anything_is_decoded),
		cmocka_unit_test(qp_survives_the_way),
		cmocka_unit_test(the_lightest_encoding_is_chosen),
		cmocka_unit_test(files_in_a_text_are_found),
	};

	return t_run(tests);
}
