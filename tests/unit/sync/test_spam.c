#include "sync/spam.h"

#include "mime/part.h"
#include "tests/unit/t.h"

static const char message[] = "From: a@b\nX-Spam-Score: 7.5\nX-Spam-Status: Yes, score=7.5\n\ttests=BAYES,HTML\nX-DCC-x: bulk\n"
			      "Subject: =?utf-8?q?X-Spam-Score:_99?=\n\nX-Spam-Score: 100\n";

static void lines_get_tags(void **state)
{
	static const struct {
		const char *rules, *tag;
	} rows[] = {
		{"+^X-Spam-Score: ([0-9.]+)\x1fSA/%1\n", "SA/7.5"},
		{"+^x-spam-score: ([0-9.]+)\x1f%1%2%%\n", "7.5%%"}, /* case is ignored; a group that is not there is nothing */
		{"+^X-Spam-Status: (yes|no).*tests=([a-z]+)\x1f%1 %2\n", "Yes BAYES"}, /* folds are undone */
		{"+^X-Spam-Score: ([0-9.]+)\x1fSA/%1\n+^X-DCC\x1f" "DCC\n,, \n", "SA/7.5, DCC"},
		{"+^X-Spam-Score: ([0-9.]+)\x1fSA/%1\n+^X-DCC\x1f" "DCC\n", "DCC"}, /* without a separator the last wins */
		{"+^X-Spam\x1f" "first\n+^X-Spam-Score\x1f" "second\n,+\n", "first+first"},
		{"+^X-Spam\x1f" "tag\n-score: 7\n", "tag"},
		{"+^X-Spam-Score\x1f" "tag\n-score: 7\n", ""}, /* nospam */
		{"+^Subject\x1f" "%0\n", "Subject"}, /* as it stands there, not decoded */
		{"+100\x1f" "body\n", ""},
		{"+^X-Spam\x1f\n", ""},
		{"+(\x1f" "x\n+^X-DCC\x1f" "DCC\n", "DCC"}, /* what is wrong is left out */
		{"", ""},
		{",;\n", ""},
	};
	struct arena *a = arena_new();
	struct headers h;

	(void)state;
	headers_parse(a, sv_of(message), &h);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct spam_rules *s = spam_rules_new(rows[i].rules);
		struct sv tag = spam_tag(s, a, &h);

		if (!sv_is(tag, rows[i].tag))
			fail_msg("row %zu: '" SV_FMT "'", i, SV_ARG(tag));
		spam_rules_free(s);
	}
	assert_null(spam_rules_new(NULL));
	arena_free(a);
}

static void fields_to_fetch(void **state)
{
	struct spam_rules *s = spam_rules_new("+^X-Spam-Score: ([0-9.]+)\x1f" "a\n+X-DCC[^:]*: bulk\x1f" "b\n+Bogosity:\x1f" "c\n-^X-Ok:\n+^X Y:\x1f" "d\n");
	struct str out;

	(void)state;
	str_init(&out, 1000);
	spam_fields(s, &out);
	assert_true(sv_is(str_sv(&out), " X-Spam-Score Bogosity X-Ok"));
	str_clear(&out);
	spam_fields(NULL, &out);
	assert_int_equal(out.len, 0);
	str_fini(&out);
	spam_rules_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_get_tags),
		cmocka_unit_test(fields_to_fetch),
	};

	return t_run(tests);
}
