#include "net/imap_fetch.h"

#include "tests/unit/t.h"

static bool fetch(struct arena *a, const char *items, struct imap_msg *m)
{
	struct imap_resp r;
	char *text = arena_printf(a, "* 12 FETCH %s", items);

	return imap_parse(a, (struct imap_raw){.text = sv_of(text)}, &r, NULL) &&
	       r.kind == RESP_FETCH && imap_parse_fetch(&r, m, NULL);
}

/* RFC 9051's own example, section 7.5.2. */
static void the_example_of_the_rfc(void **state)
{
	struct arena *a = arena_new();
	struct imap_msg m;

	(void)state;
	assert_true(fetch(a,
		"(FLAGS (\\Seen) INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE 4286 "
		"ENVELOPE "
		"(\"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\" \"IMAP4rev2 WG mtg summary and "
		"minutes\" "
		"((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) ((\"Terry Gray\" NIL "
		"\"gray\" "
		"\"cac.washington.edu\")) ((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
		"((NIL NIL \"imap\" "
		"\"cac.washington.edu\")) ((NIL NIL \"minutes\" \"CNRI.Reston.VA.US\") (\"John "
		"Klensin\" NIL "
		"\"KLENSIN\" \"MIT.EDU\")) NIL NIL \"<B27397-0100000@cac.washington.ed>\") BODY "
		"(\"TEXT\" \"PLAIN\" "
		"(\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" 3028 92))",
		&m));
	assert_int_equal(
		m.has, FETCH_FLAGS | FETCH_INTERNALDATE | FETCH_SIZE | FETCH_ENVELOPE | FETCH_BODY);
	assert_int_equal(m.internaldate, 837596665);
	assert_int_equal(m.tz_minutes, -420);
	assert_int_equal(m.size, 4286);
	assert_true(sv_is(m.envelope.subject, "IMAP4rev2 WG mtg summary and minutes"));
	assert_int_equal(m.envelope.cc.n, 2);
	assert_true(sv_is(m.envelope.cc.a[1].host, "MIT.EDU"));
	assert_null(m.envelope.in_reply_to.p);
	assert_int_equal(m.body.n, 1);
	assert_string_equal(m.body.p[0].id, "1");
	assert_int_equal(m.body.p[0].lines, 92);
	assert_true(
		sv_is(imap_param(m.body.p[0].params, m.body.p[0].nparams, "charset"), "US-ASCII"));
	arena_free(a);
}

/* The numbers of RFC 9051 6.4.5: a message in a message, and a message with a single part. */
static void parts_have_the_numbers_of_the_rfc(void **state)
{
	static const char *const want[] = {
		"", "1", "2", "3", "3.1", "3.2", "4", "4.1", "4.2", "4.2.1", "4.2.2", "5", "5.1"};
	struct arena *a = arena_new();
	struct imap_msg m;

	(void)state;
	assert_true(fetch(a,
		"(BODYSTRUCTURE ((\"text\" \"plain\" NIL NIL NIL \"7bit\" 1 1)"
		"(\"application\" \"octet-stream\" NIL NIL NIL \"base64\" 2)"
		"(\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 3 (NIL NIL NIL NIL NIL NIL NIL NIL "
		"NIL NIL) "
		"((\"text\" \"plain\" NIL NIL NIL \"7bit\" 4 4)(\"application\" \"octet-stream\" "
		"NIL NIL NIL \"base64\" 5) "
		"\"mixed\") 9)"
		"((\"image\" \"gif\" NIL NIL NIL \"base64\" 6)((\"text\" \"plain\" NIL NIL NIL "
		"\"7bit\" 7 7)"
		"(\"text\" \"html\" NIL NIL NIL \"7bit\" 8 8) \"alternative\") \"mixed\")"
		"(\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 3 (NIL NIL NIL NIL NIL NIL NIL NIL "
		"NIL NIL) "
		"(\"text\" \"plain\" NIL NIL NIL \"7bit\" 4 4) 9)"
		" \"mixed\" (\"boundary\" \"x\") NIL NIL NIL))",
		&m));
	/* The multipart inside of 3 goes by 3's own number. */
	assert_int_equal(m.body.n, ARRAY_LEN(want) + 1);
	for (size_t i = 0, k = 0; i < m.body.n; i++) {
		if (i == 4) {
			assert_string_equal(m.body.p[i].id, "3");
			continue;
		}
		t_streq(m.body.p[i].id, want[k], want[k]);
		k++;
	}
	assert_int_equal(m.body.p[4].parent, 3);
	assert_int_equal(m.body.p[9].parent, 7);
	arena_free(a);
}

/* Real servers: each of these was sent by one. */
static void broken_structures_that_are_understood(void **state)
{
	static const struct {
		const char *text;
		size_t parts;
	} rows[] = {
		/* Gmail: a multipart without children */
		{"((\"ALTERNATIVE\" (\"BOUNDARY\" \"==x\") NIL NIL)(\"TEXT\" \"HTML\" NIL NIL NIL "
		 "\"7BIT\" 6 1 NIL NIL NIL) "
		 "\"ALTERNATIVE\" (\"BOUNDARY\" \"==x\") NIL NIL)",
			3},
		/* NIL where a number or a list should be */
		{"(\"text\" \"plain\" NIL NIL NIL NIL NIL NIL NIL NIL NIL)", 1},
		{"(\"text\" \"plain\" NIL NIL NIL \"7bit\" -1 NIL)", 1},
		/* message/rfc822 without its envelope */
		{"(\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 55 NIL NIL NIL)", 1},
		/* fields left out */
		{"(\"text\" \"plain\")", 1},
		{"(\"text\" \"plain\" (\"charset\"))", 1},
		/* a disposition that is a word */
		{"(\"image\" \"png\" NIL NIL NIL \"base64\" 5 NIL \"inline\" NIL)", 1},
		/* no subtype */
		{"((\"AUDIO\" NIL NIL NIL \"base64\" 356) \"MIXED\" (\"BOUNDARY\" \"x\") NIL NIL)",
			2},
		/* no quotes */
		{"(text plain (charset utf-8) NIL NIL 7bit 5 1)", 1},
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct imap_msg m;

		if (!fetch(a, arena_printf(a, "(BODYSTRUCTURE %s UID 4)", rows[i].text), &m) ||
			m.uid != 4)
			fail_msg("%s", rows[i].text);
		if (m.body.n != rows[i].parts)
			fail_msg("%s: %zu parts", rows[i].text, m.body.n);
	}
	arena_free(a);
}

/* A structure or envelope beyond repair does not take the message with it. */
static void nonsense_is_stepped_over(void **state)
{
	struct arena *a = arena_new();
	struct imap_msg m;

	(void)state;
	assert_true(
		fetch(a, "(BODYSTRUCTURE (((((5)))) x) ENVELOPE (1 (2 (3))) UID 4 FLAGS ())", &m));
	assert_int_equal(m.uid, 4);
	assert_true(m.has & FETCH_FLAGS);
	assert_false(fetch(a, "(UID 0)", &m));
	assert_false(fetch(a, "(UID 4294967296)", &m));
	assert_false(fetch(a, "(UID 4", &m));
	assert_false(fetch(a, "(FLAGS (\\Seen)", &m));
	assert_false(fetch(a, "UID 4", &m));
	arena_free(a);
}

static void sections_keep_their_names(void **state)
{
	struct arena *a = arena_new();
	struct imap_msg m;

	(void)state;
	assert_true(fetch(a,
		"(BODY[HEADER.FIELDS (\"x]y\" Z)]<3> {2}\r\nab BODY[] NIL RFC822.HEADER \"h\" "
		"BINARY[1] ~{1}\r\nc "
		"RFC822 {0}\r\n UID 9)",
		&m));
	assert_int_equal(m.nsections, 5);
	assert_true(sv_is(m.sections[0].name, "HEADER.FIELDS (\"x]y\" Z)"));
	assert_true(m.sections[0].partial);
	assert_int_equal(m.sections[0].origin, 3);
	assert_true(sv_is(m.sections[0].data, "ab"));
	assert_true(m.sections[1].nil);
	assert_true(sv_is(m.sections[2].name, "HEADER"));
	assert_true(sv_is(m.sections[3].data, "c"));
	assert_int_equal(m.uid, 9);
	arena_free(a);
}

static void dates(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		int64_t seconds;
		int tz;
	} rows[] = {
		{" 1-Jan-1970 00:00:00 +0000", true, 0, 0},
		{"01-Jan-2026 10:00:00 +0100", true, 1767258000, 60},
		{"29-Feb-2024 23:59:60 -0330", true, 1709263800, -210},
		{"31-Dec-9999 23:59:59 +0000", true, 253402300799, 0},
		{" 1-jan-99 00:00:00 +0000", true, 915148800, 0},
		{"1-Jan-2026", true, 1767225600, 0},
		{"", false, 0, 0},
		{"32-Jan-2026 00:00:00 +0000", false, 0, 0},
		{"1-Foo-2026 00:00:00 +0000", false, 0, 0},
		{"1-Jan-2026 99:00:00 +0000", false, 0, 0},
		{"1-Jan-99999999999999999999 00:00:00 +0000", false, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t s = 0;
		int tz = 0;

		if (imap_parse_date(sv_of(rows[i].text), &s, &tz) != rows[i].ok)
			fail_msg("%s", rows[i].text);
		if (rows[i].ok && (s != rows[i].seconds || tz != rows[i].tz))
			fail_msg("%s: %lld %d", rows[i].text, (long long)s, tz);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_the_rfc),
		cmocka_unit_test(parts_have_the_numbers_of_the_rfc),
		cmocka_unit_test(broken_structures_that_are_understood),
		cmocka_unit_test(nonsense_is_stepped_over),
		cmocka_unit_test(sections_keep_their_names),
		cmocka_unit_test(dates),
	};

	return t_run(tests);
}
