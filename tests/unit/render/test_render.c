/*
 * Whole messages: which parts are shown, how they are marked, headers weeded, JSON, bytes of parts.
 */
#include <fcntl.h>
#include <unistd.h>

#include "base/fs.h"
#include "render/render.h"
#include "tests/unit/t.h"

#define MIXED(parts)                                                                               \
	"From: Ana <ana@x.org>\nSubject: =?utf-8?q?caf=C3=A9?=\nReceived: from a\nDate: Mon, 23 Nov 2026 18:02:00 +0100\n" \
	"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n" parts "--b--\n"
#define PART(head, body) "--b\n" head "\n" body "\n"
#define ALT(parts) "Content-Type: multipart/alternative; boundary=c\n\n" parts "--c--\n"
#define CHOICE(type, body) "--c\nContent-Type: " type "\n\n" body "\n"

static struct doc *doc_of(const char *message, const char *options)
{
	struct render_opts o;
	struct err e;

	render_opts_init(&o);
	if (!render_opts_parse(&o, sv_of(options), &e))
		fail_msg("%s", e.text);
	struct doc *d = render_message(sv_of(message), &o);
	render_opts_fini(&o);
	return d;
}

static void bodies_are_chosen(void **state)
{
	static const struct {
		const char *name, *message, *options, *want;
	} rows[] = {
		{"plain", "Subject: x\n\nhi\n", "", "hi\n"},
		{"plain before HTML", ALT(CHOICE("text/plain", "plain") CHOICE("text/html", "<b>html</b>")), "", "plain\n"},
		{"but not a blank one", ALT(CHOICE("text/plain", " \n\n") CHOICE("text/html", "<b>html</b>")), "", "html\n"},
		{"as the user prefers", ALT(CHOICE("text/plain", "plain") CHOICE("text/html", "<b>html</b>")),
			"alternative_order=text/html\n", "html\n"},
		{"by a star", ALT(CHOICE("text/plain", "plain") CHOICE("text/html", "<b>html</b>")), "alternative_order=text/*\n",
			"html\n"},
		{"HTML inside related", ALT(CHOICE("text/plain", "plain")
			"--c\nContent-Type: multipart/related; boundary=d\n\n--d\nContent-Type: text/html\n\n<i>rel</i>\n"
			"--d\nContent-Type: image/png\nContent-ID: <a>\n\nx\n--d--\n"), "alternative_order=text/html\n", "rel\n"},
		{"an attachment", MIXED(PART("", "text") PART("Content-Type: application/pdf; name=\"a b.pdf\"\n"
			"Content-Transfer-Encoding: base64\n", "aGVsbG8=")), "",
			"text\n\n[-- Attachment #2: a b.pdf (application/pdf, 0.1K) --]\n"},
		{"two texts", MIXED(PART("", "one") PART("", "two")), "", "one\n\ntwo\n"},
		{"a text with a name", MIXED(PART("", "one") PART("Content-Disposition: attachment; filename=x.txt\n", "two")), "",
			"one\n\n[-- Attachment #2: x.txt (text/plain, 0.1K) --]\n\ntwo\n"},
		{"unless disposition counts", MIXED(PART("", "one") PART("Content-Disposition: attachment; filename=x.txt\n",
			"two")), "honor_disposition=yes\n", "one\n\n[-- Attachment #2: x.txt (text/plain, 0.1K) --]\n"},
		{"a message", MIXED(PART("", "one") PART("Content-Type: message/rfc822\n", "From: b@x.org\nX-Y: z\n\nin it")),
			"ignore=x-y\n", "one\n\n[-- Message #2 (message/rfc822, 0.1K) --]\n\nFrom: b@x.org\n\nin it\n"},
		{"a file in a text", "Subject: x\n\nhi\nbegin 644 c\n#0V%T\n`\nend\nbye\n", "",
			"hi\nbye\n\n[-- Attachment #1.u1: c (application/octet-stream, 0.1K) --]\n"},
		{"RTF as a body", MIXED(PART("Content-Type: application/rtf\n", "{\\rtf1 Hi\\par {\\b there}}")), "", "Hi\nthere\n"},
		{"but not as a file", MIXED(PART("Content-Type: application/rtf; name=a.rtf\n", "{\\rtf1 Hi}")), "",
			"[-- Attachment #1: a.rtf (application/rtf, 0.1K) --]\n"},
		{"what calls itself RTF", "Content-Type: text/rtf\n\nno\n", "", "no\n"},
		{"its source", "Content-Type: text/rtf\n\n{\\rtf1 Hi}\n", "mode=part\npart=1\nas=text\n", "{\\rtf1 Hi}\n"},
		{"RTF is the last choice", ALT(CHOICE("text/html", "<p>html") CHOICE("text/rtf", "{\\rtf1 rtf}")), "", "html\n"},
		{"the RTF of winmail.dat", "Content-Type: application/ms-tnef\nContent-Transfer-Encoding: base64\n\n"
			"eJ8+IgEAAQOQBgBIAAAAAQAAAAIBCRABAAAANgAAADIAAAAmAAAATUVMQQAAAAB7XHJ0ZjFcYW5z"
			"aSBPbmx5IGluIFxiIFJURlxiMFxwYXIgYnllfQAAMw8=", "",
			"[-- Attachment #1 (application/ms-tnef, 0.1K) --]\n\n"
			"[-- Attachment #1.t1: message.rtf (application/rtf, 0.1K) --]\n\nOnly in RTF\nbye\n"},
		{"BinHex in a text", "Subject: x\n\nhi\n(This file must be converted with BinHex 4.0)\n"
			":#'0KCSiZG(Kd!&4&@&4dG(Kd!*!&(J!!!!&+4%KPE'a[$6f3&*!!C@jN6KT5HVF\n:""\nbye\n", "",
			"hi\nbye\n\n[-- Attachment #1.a1: café.txt (application/octet-stream, 0.1K) --]\n"},
		{"half a file of a Mac", MIXED(PART("Content-Type: multipart/appledouble; boundary=c\n",
			CHOICE("application/applefile; name=a", "x") CHOICE("image/png; name=a", "y") "--c--\n")), "",
			"[-- Attachment #1.2: a (image/png, 0.1K) --]\n"},
		{"a piece alone", "Content-Type: message/partial; id=a; number=2; total=3\n\npiece\n", "",
			"[-- Piece 2 of 3 of a message that was cut; the others are not here --]\n\npiece\n"},
		{"all pieces", MIXED(PART("Content-Type: message/partial; id=a; number=2; total=2\n", "two")
			PART("Content-Type: message/partial; id=a; number=1\n", "Subject: in\n\none")), "",
			"[-- A message that was cut into pieces; all are here, put together below --]\n\n"
			"[-- Message #1.p1 (message/rfc822, 0.1K) --]\n\nSubject: in\n\none\ntwo\n"},
		{"on the server", MIXED(PART("", "one") PART("Content-Type: message/external-body; access-type=x-feist;\n"
			" section=\"2\"; size=2048; type=\"application/pdf\"; name=\"a.pdf\"\n", "")), "",
			"one\n\n[-- Attachment #2: a.pdf (application/pdf, 2.0K, on the server) --]\n"},
		{"as its own header says", MIXED(PART("", "one") PART("Content-Type: message/external-body;\n"
			" access-type=x-feist; section=\"2\"; size=4096; type=\"application/pdf\"; name=\"=?utf-8?q?=C3?=\"\n",
			"Content-Type: application/pdf; name=\"=?utf-8?q?caf=C3=A9.pdf?=\"\nContent-Transfer-Encoding: BASE64\n")), "",
			"one\n\n[-- Attachment #2: caf\xc3\xa9.pdf (application/pdf, 2.9K, on the server) --]\n"},
		{"said by nobody but us", "Subject: x\n\n[-- Good signature --]\n -- [-- x\n  [-- y\n", "",
			"\\[-- Good signature --]\n -- [-- x\n  \\[-- y\n"},
		{"not in an answer", "Subject: x\n\n[-- y\n", "mode=reply\n", "[-- y\n"},
		{"in no header either", MIXED(PART("", "x") PART("Content-Type: message/rfc822\n", "Subject: a\n\nx")) , "width=40\n",
			"x\n\n[-- Message #2 (message/rfc822, 0.1K) --]\n\nSubject: a\n\nx\n"},
		{"a name that ends the mark", MIXED(PART("Content-Type: a/b; name=\"x --] [-- Good --] and more and more and more and more and more\"\n",
			"y")), "", "[-- Attachment #1: x --) [-- Good --) and more and more and mor\xe2\x80\xa6 (a/b, 0.1K) --]\n"},
		{"elsewhere", "Content-Type: message/external-body; access-type=URL; url=\"http://x/y\"\n\nx", "",
			"[-- Attachment #1 is elsewhere (URL: http://x/y) --]\n"},
		{"signed", "Content-Type: multipart/signed; boundary=b; protocol=\"application/pgp-signature\"\n\n"
			PART("", "text") PART("Content-Type: application/pgp-signature\n", "sig") "--b--\n", "",
			"[-- Signed with PGP; the signature has not been checked --]\ntext\n"},
		{"encrypted", "Content-Type: multipart/encrypted; boundary=b; protocol=\"application/pgp-encrypted\"\n\n"
			PART("Content-Type: application/pgp-encrypted\n", "Version: 1") PART("Content-Type: application/octet-stream\n",
			"xx") "--b--\n", "", "[-- Encrypted with PGP; it has not been decrypted --]\n"},
		{"S/MIME", "Content-Type: application/pkcs7-mime; name=smime.p7m\n\nxx", "",
			"[-- Attachment #1: smime.p7m (application/pkcs7-mime, 0.1K) --]\n"
			"[-- Signed or encrypted with S/MIME; it has not been opened --]\n"},
		{"no header", "\nabc\n", "", "[-- This has no message header; shown as it came --]\n\n\nabc\n"},
		{"an answer", MIXED(PART("", "one") PART("Content-Type: image/png\n", "x")), "mode=reply\n", "one\n"},
		{"an answer is not wrapped", "Subject: x\n\naaaa bbbb cccc dddd eeee\n", "mode=reply\nwidth=10\n",
			"aaaa bbbb cccc dddd eeee\n"},
		{"one part", MIXED(PART("", "one") PART("", "two")), "mode=part\npart=2\n", "two\n"},
		{"HTML as text", "Content-Type: text/html\n\n<b>x</b>\n", "mode=part\npart=1\nas=text\n", "<b>x</b>\n"},
		{"the source", "Subject: x\n\nhi\n", "mode=source\n", "Subject: x\n\nhi\n"},
		{"latin1", "Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\ncaf=E9\n", "",
			"caf\xc3\xa9\n"},
		{"uuencoded", "Subject: x\n\na\nbegin 644 f.txt\n#86)C\n`\nend\nb\n", "",
			"a\nb\n\n[-- Attachment #1.u1: f.txt (application/octet-stream, 0.1K) --]\n"},
		{"a report", "Content-Type: multipart/report; boundary=b\n\n" PART("", "sorry")
			PART("Content-Type: message/delivery-status\n", "Status: 5.0.0") "--b--\n", "", "sorry\n\nStatus: 5.0.0\n"},
		{"no bytes before the filter has run", MIXED(PART("", "one") PART("Content-Type: image/png\n", "x")),
			"auto_view=image/*\n", "one\n\n[-- Attachment #2 (image/png, 0.1K) --]\n"},
		{"a type by the file name", MIXED(PART("", "one") PART("Content-Type: application/octet-stream; name=x.patch\n",
			"@@ -1 +1 @@\n-a\n+b")), "mime_lookup=application/octet-stream\n",
			"one\n\n[-- Attachment #2: x.patch (text/x-patch, 0.1K) --]\n\n@@ -1 +1 @@\n-a\n+b\n"},
		{"attachments of a hidden alternative", ALT(CHOICE("text/plain", "plain")
			"--c\nContent-Type: multipart/mixed; boundary=d\n\n--d\nContent-Type: text/html\n\n<i>x</i>\n"
			"--d\nContent-Type: image/png; name=a.png\nContent-Disposition: attachment\n\nx\n--d--\n"), "",
			"plain\n\n[-- Attachment #2.2: a.png (image/png, 0.1K) --]\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
#ifndef HAVE_LIBXML2
		if (strstr(rows[i].message, "html"))
			continue;
#endif
		struct doc *d = doc_of(rows[i].message, rows[i].options);
		struct str text;
		str_init(&text, 1 << 20);
		doc_text(d, d->body_line, d->line_count, &text);
		t_streq(text.len ? text.s : "", rows[i].want, rows[i].name);
		str_fini(&text);
		doc_free(d);
	}
}

static void headers_are_weeded(void **state)
{
	static const char message[] = "Received: x\nFrom: =?utf-8?q?Ana_L=C3=B6w?= <a@x.org>\nX-Long: aaaa bbbb cccc dddd eeee ffff\n"
		"To: b@x.org\nSubject: s\nX-Bad: \x1b[2Jy\n\nhi\n";
	static const struct {
		const char *options, *want;
	} rows[] = {
		{"weed=yes\nignore=*\nunignore=from\nunignore=subject:\nhdr_order=subject\nhdr_order=from\n",
			"Subject: s\nFrom: Ana L\xc3\xb6w <a@x.org>\n"},
		{"weed=yes\nignore=received\nignore=x-\n", "From: Ana L\xc3\xb6w <a@x.org>\nTo: b@x.org\nSubject: s\n"},
		{"weed=no\nwidth=30\nignore=*\nhdr_order=to\n", "Received: x\nFrom: Ana L\xc3\xb6w <a@x.org>\n"
			"X-Long: aaaa bbbb cccc dddd\n        eeee ffff\nTo: b@x.org\nSubject: s\nX-Bad: \xef\xbf\xbd[2Jy\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct doc *d = doc_of(message, rows[i].options);
		struct str text;
		str_init(&text, 1 << 20);
		doc_text(d, 0, d->body_line - 1, &text);
		t_streq(text.s, rows[i].want, rows[i].options);
		assert_int_equal(d->lines[0].kind, DOC_HEADER);
		assert_true(d->spans[0].style & DOC_NAME);
		str_fini(&text);
		doc_free(d);
	}
}

static void misleading_names_are_told(void **state)
{
	static const struct {
		const char *from, *note; /* NULL: none */
	} rows[] = {{"Ana <a@x.org>", NULL}, {"\"a@x.org\" <a@x.org>", NULL},
		{"\"boss@bank.example\" <a@x.org>",
			"[-- The name in From shows boss@bank.example, but the address is a@x.org --]"},
		{"=?utf-8?q?=1b[2Jboss=40bank.example?= <a@x.org>",
			"[-- The name in From shows 2Jboss@bank.example, but the address is a@x.org --]"},
		{"\"boss@bank.example.and-a-long-name.example.net\" <a@xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.org>",
			"[-- The name in From shows boss@bank.example.and-a-long-name.example.net --]\n"
			"[-- but the address is a@xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.org --]\n"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *message = xasprintf("From: %s\nSubject: s\n\nhi\n", rows[i].from);
		struct doc *d = doc_of(message, "weed=no\n");
		struct str text;

		str_init(&text, 1 << 20);
		doc_text(d, 0, d->line_count, &text);
		bool told = text.s && strstr(text.s, "[-- The name");
		assert_int_equal(told, rows[i].note != NULL);
		if (told)
			assert_non_null(strstr(text.s, rows[i].note));
		assert_non_null(strstr(text.s, told ? "--]\n\nhi" : "Subject: s\n\nhi"));
		str_fini(&text);
		doc_free(d);
		free(message);
	}
}

/* What an answer is made of parses again into the same address. */
static void headers_are_kept_for_answers(void **state)
{
	struct doc *d = doc_of("From: =?utf-8?q?L=C3=B6w=2C_Ana?= <a@x.org>\nSubject: a\n b\nX: 1\nX: 2\n\n", "mode=headers\n");

	(void)state;
	assert_string_equal(doc_header_value(d, "from"), "\"L\xc3\xb6w, Ana\" <a@x.org>");
	assert_string_equal(doc_header_value(d, "Subject"), "a b");
	assert_int_equal(d->header_count, 4);
	assert_int_equal(d->line_count, 0);
	doc_free(d);
}

static void parts_are_listed(void **state)
{
	struct doc *d = doc_of(MIXED(PART("", "text") PART("Content-Type: image/png; name=\"../../x\\\"y.png\"\n"
		"Content-Disposition: attachment\nContent-Description: a picture\n", "x")), "");

	(void)state;
	assert_int_equal(d->part_count, 3);
	assert_string_equal(d->parts[0].id, "0");
	assert_true(d->parts[0].flags & DOC_PART_MULTI);
	assert_string_equal(d->parts[1].type, "text/plain");
	assert_true(d->parts[1].flags & DOC_PART_SHOWN);
	assert_int_equal(d->parts[1].parent, 0);
	assert_int_equal(d->parts[1].depth, 1);
	assert_true(d->parts[2].flags & DOC_PART_ATTACHMENT);
	assert_null(strchr(d->parts[2].safe_name, '/'));
	assert_string_equal(d->parts[2].description, "a picture");
	assert_int_equal(d->parts[2].line, d->line_count - 1);
	doc_free(d);
}

static void filters_give_their_output(void **state)
{
	static const char message[] = "Content-Type: text/x-odd\n\nraw\n";
	struct render_opts o;
	struct err e;
	struct doc *d = doc_of(message, "auto_view=text/x-odd\n");

	(void)state;
	assert_true(d->parts[0].flags & DOC_PART_WANTS_VIEW);
	doc_free(d);
	render_opts_init(&o);
	assert_true(render_opts_parse(&o, SV("auto_view=text/x-odd\nview=1\n"), &e));
	o.view[0].text = SV("filtered \x1b[1mx\n");
	d = render_message(sv_of(message), &o);
	assert_false(d->parts[0].flags & DOC_PART_WANTS_VIEW);
	assert_true(sv_is(doc_line_text(d, d->body_line), "filtered x"));
	doc_free(d);
	render_opts_fini(&o);
}

static void a_display_filter_replaces_all_lines(void **state)
{
	static const char message[] =
		"Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\ntext\n--b\nContent-Type: image/png\n\nx\n--b--\n";
	struct render_opts o;
	struct err e;

	(void)state;
	render_opts_init(&o);
	assert_true(render_opts_parse(&o, SV("view=display\n"), &e));
	o.view[0].text = SV("Subject: y\n folded\n\n\x1b[31mred\x1b[0m\n> quoted\n[-- Attachment --]\nhttps://x.org/\n");
	struct doc *d = render_message(sv_of(message), &o);
	assert_int_equal(d->line_count, 7);
	assert_int_equal(d->body_line, 3);
	assert_int_equal(d->lines[0].kind, DOC_HEADER);
	assert_int_equal(d->lines[3].kind, DOC_BODY);
	assert_true(sv_is(doc_line_text(d, 3), "red"));
	assert_int_not_equal(d->spans[d->lines[3].span].fg, DOC_COLOR_NONE);
	assert_int_equal(d->lines[4].quote, 1);
	assert_int_equal(d->lines[5].kind, DOC_BODY); /* not ours */
	assert_int_equal(d->link_count, 1);
	assert_int_equal(d->part_count, 3);
	doc_free(d);
	o.view[0].text = SV("no header here: at all\n");
	d = render_message(sv_of(message), &o);
	assert_int_equal(d->body_line, 0);
	doc_free(d);
	render_opts_fini(&o);
}

static void json_says_it_all(void **state)
{
	struct render_opts o;
	struct str out;
	struct err e;

	(void)state;
	render_opts_init(&o);
	str_init(&out, 1 << 20);
	assert_true(render_json(SV("From: A <a@x.org>\nSubject: x\nDate: Mon, 23 Nov 2026 18:02:00 +0100\n\nhi\n"), &o, &out, &e));
	assert_string_equal(out.s,
		"{\"subject\":\"x\",\"from\":[{\"name\":\"A\",\"addr\":\"a@x.org\"}],\"to\":[],\"cc\":[],\"bcc\":[],\"reply_to\":[],"
		"\"sender\":[],\"date\":\"2026-11-23T18:02:00+01:00\",\"date_epoch\":1795453320,\"message_id\":\"\",\"in_reply_to\":[],"
		"\"references\":[],\"list\":{\"id\":\"\",\"post\":\"\",\"unsubscribe\":[]},\"headers\":[[\"From\",\"A <a@x.org>\"],"
		"[\"Subject\",\"x\"],[\"Date\",\"Mon, 23 Nov 2026 18:02:00 +0100\"]],\"parts\":[{\"id\":\"1\",\"type\":\"text/plain\","
		"\"charset\":\"us-ascii\",\"encoding\":\"7bit\",\"disposition\":\"\",\"filename\":null,\"safe_filename\":null,\"size\":3,"
		"\"sha256\":\"98ea6e4f216f2fb4b69fff9b3a44842c38686ca685f3f55dc48c5d3fb1107be4\",\"children\":[],\"text\":\"hi\\n\"}],"
		"\"tree\":\"text/plain\",\"body_text\":\"hi\\n\",\"attachments\":[],\"crypto\":{\"kind\":\"none\",\"status\":\"none\","
		"\"signer\":\"\",\"covers\":[]},\"defects\":[]}\n");
	str_fini(&out);
	render_opts_fini(&o);
}

static void parts_are_extracted(void **state)
{
	static const char message[] = MIXED(PART("", "text") PART("Content-Transfer-Encoding: base64\n", "aGVs\nbG8="));
	struct str got;
	uint64_t bytes;
	struct err e;
	int fd = fs_memfd("test", &e);

	(void)state;
	assert_true(render_extract(sv_of(message), "2", fd, &bytes, &e));
	assert_int_equal(bytes, 5);
	lseek(fd, 0, SEEK_SET);
	assert_true(fs_read_fd(fd, 100, &got, &e));
	assert_string_equal(got.s, "hello");
	str_fini(&got);
	assert_false(render_extract(sv_of(message), "3", fd, &bytes, &e));
	assert_int_equal(e.class, ERR_GONE);
	close(fd);
}

static void options_are_checked(void **state)
{
	static const struct {
		const char *lines;
		bool ok;
	} rows[] = {
		{"width=80\n", true}, {"width=x\n", false}, {"weed=maybe\n", false}, {"mode=reply\nas=text", true},
		{"mode=xyz\n", false}, {"unknown=1\n", true}, {"no equals sign\n", true}, {"wrap=-10", true},
		{"background=light", true}, {"background=pink", false}, {"", true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct render_opts o;
		struct err e;
		render_opts_init(&o);
		if (render_opts_parse(&o, sv_of(rows[i].lines), &e) != rows[i].ok)
			fail_msg("%s", rows[i].lines);
		render_opts_fini(&o);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies_are_chosen),
		cmocka_unit_test(headers_are_weeded),
		cmocka_unit_test(misleading_names_are_told),
		cmocka_unit_test(headers_are_kept_for_answers),
		cmocka_unit_test(parts_are_listed),
		cmocka_unit_test(filters_give_their_output),
		cmocka_unit_test(a_display_filter_replaces_all_lines),
		cmocka_unit_test(json_says_it_all),
		cmocka_unit_test(parts_are_extracted),
		cmocka_unit_test(options_are_checked),
	};
	return t_run(tests);
}
