#include "sync/row.h"

#include "sync/search.h"
#include "tests/unit/t.h"

static void expect(struct sv got, const char *want, const char *what)
{
	if (!sv_is(got, want))
		fail_msg("%s: got \"" SV_FMT "\", want \"%s\"", what, SV_ARG(got), want);
}

static void a_message_becomes_a_row(void **state)
{
	static const char text[] = "From: =?utf-8?q?J=C3=BCrgen?= <j@example.org>\n"
				   "To: a@x, \"B, C\" <b@x>\nCc: c@x\nReply-To: r@x\nSender: s@x\n"
				   "Subject: =?utf-8?b?R3LDvMOfZQ==?=\n of mine\n"
				   "Date: Mon, 1 Jan 2024 12:00:00 +0200\n"
				   "Message-ID: <1@x>\nIn-Reply-To: <0@x>\nReferences: <a@x>\n <0@x>\n"
				   "List-Post: <mailto:list@x?subject=y>\nX-Label: red\n"
				   "Content-Type: Multipart/Mixed; boundary=b\n\n"
				   "--b\n\ntext\n--b\nContent-Type: application/pdf\n"
				   "Content-Disposition: attachment; filename=x.pdf\n\nx\n--b--\n";
	struct arena *a = arena_new();
	struct message_row r = {.date_received = 5};

	(void)state;
	row_of_bytes(a, sv_of(text), true, NULL, &r);
	expect(r.from, "J\xc3\xbcrgen <j@example.org>", "from");
	expect(r.to, "a@x, \"B, C\" <b@x>", "to");
	expect(r.cc, "c@x", "cc");
	expect(r.bcc, "", "bcc");
	expect(r.reply_to, "r@x", "reply-to");
	expect(r.sender, "s@x", "sender");
	expect(r.subject, "Gr\xc3\xbc\xc3\x9f""e of mine", "subject");
	expect(r.message_id, "<1@x>", "id");
	expect(r.in_reply_to, "<0@x>", "in reply to");
	expect(r.refs, "<a@x> <0@x>", "refs");
	expect(r.list, "list@x", "list");
	expect(r.label, "red", "label");
	expect(r.ctype, "multipart/mixed", "type");
	assert_int_equal(r.date_sent, 1704103200);
	assert_int_equal(r.tz, 120);
	assert_int_equal(r.attachments, 1);
	expect(r.shape, "m/mixed(t/plain,+a/pdf", "shape");
	assert_false(message_parts_unknown(&r));
	assert_int_equal(r.lines, 9);
	r = (struct message_row){.date_received = 5};
	row_of_bytes(a, sv_of(text), false, NULL, &r); /* more may come */
	expect(r.shape, "", "shape of a beginning");
	assert_true(message_parts_unknown(&r));
	arena_free(a);
}

static void what_is_missing_has_a_value(void **state)
{
	struct arena *a = arena_new();
	struct message_row r = {.date_received = 77};

	(void)state;
	row_of_bytes(a, SV("no header at all\n"), true, NULL, &r);
	assert_int_equal(r.date_sent, 77);
	expect(r.ctype, "text/plain", "type");
	expect(r.subject, "", "subject");
	r = (struct message_row){.date_received = 77};
	row_of_bytes(a, SV("Lines: 12\nContent-Type: nonsense\nDate: soon\n\nx"), false, NULL, &r);
	assert_int_equal(r.lines, 12);
	assert_int_equal(r.date_sent, 77);
	expect(r.ctype, "text/plain", "type");
	row_of_bytes(a, SV(""), true, NULL, &r);
	row_of_bytes(a, SV("Subject: k\xf9\xf2\n\n"), true, &(struct row_rules){.assumed = "iso-8859-2"}, &r); /* $assumed_charset */
	expect(r.subject, "kůň", "subject");
	arena_free(a);
}

static void terms(void **state)
{
	static const char message[] = "From: a@x\nSubject: =?utf-8?q?M=C3=BCll?=\nContent-Type: multipart/mixed; boundary=b\n\n"
				      "--b\nContent-Transfer-Encoding: base64\n\nSGVsbG8gKHdvcmxkKQpzZWNvbmQgbGluZQo=\n"
				      "--b\nContent-Type: application/octet-stream\n\nbinary stuff\n--b--\n";
	static const struct {
		const char *query;
		int want; /* -1: not a term */
	} rows[] = {
		{"~b hello", 1}, {"~b Hello", 1}, {"~b HELLO", 0}, {"~b \"hello .world\"", 1}, {"=b \"(world)\"", 1},
		{"=b \"(World)\"", 0}, {"~b ^second", 1}, {"~b \"^hello.*line\"", 0}, {"~b binary", 0}, {"~b subject", 0},
		{"~h subject", 1}, {"~h \"^Subject: M\xc3\xbcll$\"", 1}, {"~h hello", 0}, {"~B hello", 1}, {"~B m\xc3\xbcll", 1},
		{"~b 'a\\.x|world'", 1}, {"~s hello", -1}, {"~b", -1}, {"", -1}, {"~b (", -1}, {"!~b x", -1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct search_term t;
		struct err e;
		int got = -1;

		if (search_term_parse(sv_of(rows[i].query), &t, &e)) {
			got = search_term_matches(&t, sv_of(message));
			search_term_fini(&t);
		} else {
			assert_int_equal(e.class, ERR_INPUT);
		}
		if (got != rows[i].want)
			fail_msg("%s: got %d", rows[i].query, got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_becomes_a_row),
		cmocka_unit_test(what_is_missing_has_a_value),
		cmocka_unit_test(terms),
	};

	return t_run(tests);
}
