#include "mime/body_text.h"

#include "mime/html_text.h"
#include "tests/unit/t.h"

static void words_of_html(void **state)
{
	static const struct {
		const char *html, *want;
	} rows[] = {
		{"", ""},
		{"plain", "plain\n"},
		{"<p>one</p><p>two</p>", "one\ntwo\n"},
		{"<p>a\n  b\tc</p>", "a b c\n"},
		{"wo<b>rd</b> and<br>line", "word and\nline\n"},
		{"<td>a</td><td>b</td>", "a b\n"},
		{"a&amp;b &lt;c&gt; &eacute;&#233;&#xe9; &nbsp; x", "a&b <c> \xc3\xa9\xc3\xa9\xc3\xa9 x\n"},
		{"AT&T &unknown; &", "AT&T &unknown; &\n"},
		{"&#0;&#x110000;&#;", "\xef\xbf\xbd\xef\xbf\xbd&#;\n"},
		{"so&shy;ft zero\xe2\x80\x8bwidth", "soft zerowidth\n"},
		{"a<!-- hidden <p> --> b", "a b\n"},
		{"<head><title>no</title><style>p{}</style></head><script>if (a<b) x</script>yes", "yes\n"},
		{"<img src=x alt='a picture'> <a href=\"http://x/?a>b\">link</a>", "a picture link\n"},
		{"<pre>one\ntwo</pre>", "one\ntwo\n"},
		{"1 < 2 and 3<4", "1 < 2 and 3<4\n"},
		{"<", "<\n"},
		{"a<p", "a\n"},
		{"a<!--", "a\n"},
		{"<script>never ends", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str out;

		str_init(&out, 10000);
		assert_true(html_text(&out, sv_of(rows[i].html)));
		t_streq(out.s ? out.s : "", rows[i].want, rows[i].html);
		str_fini(&out);
	}
}

static void what_does_not_fit_is_left_out(void **state)
{
	struct str out;

	(void)state;
	str_init(&out, 5);
	assert_false(html_text(&out, SV("<p>abc</p><p>def</p>")));
	assert_true(out.len <= 5);
	str_fini(&out);
}

static void expect_text(const char *message, const char *want)
{
	struct arena *a = arena_new();
	struct str out;

	str_init(&out, BODY_TEXT_MAX);
	body_text(&out, part_parse(a, sv_of(message), NULL));
	t_streq(out.s ? out.s : "", want, message);
	str_fini(&out);
	arena_free(a);
}

static void texts_of_messages(void **state)
{
	(void)state;
	expect_text("Subject: x\n\nhello\n", "hello\n");
	expect_text("Content-Type: text/plain; charset=koi8-r\nContent-Transfer-Encoding: base64\n\n8NLJ18XU\n",
		"\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82\n");
	expect_text("Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nplain\n--b\n"
		    "Content-Type: text/html\n\n<i>html</i>\n--b--\n",
		"plain\nhtml\n");
	expect_text("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: application/json\n\n{\"a\":1}\n--b\n"
		    "Content-Type: image/png\n\nPNG\n--b\nContent-Type: application/octet-stream; name=x.patch\n\n+line\n--b\n"
		    "Content-Type: application/octet-stream; name=x.bin\n\nbinary\n--b--\n",
		"{\"a\":1}\n+line\n");
	expect_text("Content-Type: application/rtf\n\n{\\rtf1 rich\\par {\\b text}}", "rich\ntext\n");
	expect_text("Content-Type: message/rfc822\n\nSubject: =?utf-8?q?caf=C3=A9?=\n\ninside\n", "Subject: caf\xc3\xa9\ninside\n");
	expect_text("Content-Type: image/png\n\nPNG\n", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_of_html),
		cmocka_unit_test(what_does_not_fit_is_left_out),
		cmocka_unit_test(texts_of_messages),
	};

	return t_run(tests);
}
