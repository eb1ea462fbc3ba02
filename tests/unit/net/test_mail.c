/* Replies of SMTP and POP3. */
#include "net/pop3.h"
#include "net/smtp.h"

#include "tests/unit/t.h"

static void smtp_replies(void **state)
{
	static const struct {
		const char *text;
		int code; /* 0: not a reply */
		const char *enhanced, *words;
	} rows[] = {
		{"250 ok\r\n", 250, "", "ok"},
		{"250\r\n", 250, "", ""},
		{"250 ", 250, "", ""},
		{"250-a\r\n250-b\r\n250 c\r\n", 250, "", "a\nb\nc"},
		{"250-a\n250 b\n", 250, "", "a\nb"},
		{"550 5.1.1 no such user\r\n", 550, "5.1.1", "no such user"},
		{"550-5.1.1 no\r\n550 5.1.1 user\r\n", 550, "5.1.1", "no\nuser"},
		{"250 2.1000.0 Text", 250, "", "2.1000.0 Text"},
		{"550 2.1.1 other class", 550, "", "2.1.1 other class"},
		{"354 3.0.0 go", 354, "", "3.0.0 go"},
		{"250 2.0.0", 250, "2.0.0", ""},
		{"250-a\r\n", 0, "", ""},
		{"250-a\r\n220 b\r\n", 0, "", ""},
		{"611 x", 0, "", ""},
		{"199 x", 0, "", ""},
		{"25 x", 0, "", ""},
		{"2500 x", 0, "", ""},
		{"99999 x", 0, "", ""},
		{"abc", 0, "", ""},
		{"", 0, "", ""},
		{"2", 0, "", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct smtp_reply r;
		char enhanced[32] = "";
		bool ok = smtp_parse_reply(sv_of(rows[i].text), &r, NULL);

		if (ok != (rows[i].code != 0))
			fail_msg("\"%s\"", rows[i].text);
		if (!ok)
			continue;
		if (r.klass)
			snprintf(enhanced, sizeof(enhanced), "%d.%d.%d", r.klass, r.subject,
				r.detail);
		assert_int_equal(r.code, rows[i].code);
		t_streq(enhanced, rows[i].enhanced, rows[i].text);
		t_streq(r.text.s, rows[i].words, rows[i].text);
		str_fini(&r.text);
	}
}

static void pop3_replies(void **state)
{
	static const struct {
		const char *line;
		int status; /* 1 ok, 2 continue, 0 error, -1 not a reply */
		const char *code, *text;
	} rows[] = {
		{"+OK", 1, "", ""},
		{"+OK hello", 1, "", "hello"},
		{"+ok hello", 1, "", "hello"},
		{"-ERR", 0, "", ""},
		{"-ERR [IN-USE] locked", 0, "IN-USE", "locked"},
		{"-ERR [] x", 0, "", "[] x"},
		{"-ERR [open", 0, "", "[open"},
		{"+ cj1h", 2, "", "cj1h"},
		{"+", 2, "", ""},
		{"+OKAY", -1, "", ""},
		{"-ERROR", -1, "", ""},
		{"", -1, "", ""},
		{"OK", -1, "", ""},
		{"250 ok", -1, "", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct pop3_reply r;
		bool ok = pop3_parse_reply(sv_of(rows[i].line), &r, NULL);

		if (ok != (rows[i].status >= 0))
			fail_msg("\"%s\"", rows[i].line);
		if (!ok)
			continue;
		assert_int_equal(r.ok ? 1 : r.cont ? 2 : 0, rows[i].status);
		if (!sv_is(r.code, rows[i].code) || !sv_is(r.text, rows[i].text))
			fail_msg("\"%s\": " SV_FMT " / " SV_FMT, rows[i].line, SV_ARG(r.code),
				SV_ARG(r.text));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(smtp_replies),
		cmocka_unit_test(pop3_replies),
	};

	return t_run(tests);
}
