#include "net/imap_fetch.h"
#include "net/imap_write.h"

#include "tests/unit/t.h"

static bool parse(struct arena *a, const char *text, struct imap_resp *r)
{
	return imap_parse(a, (struct imap_raw){.text = sv_of(text)}, r, NULL);
}

static void a_line_announces_its_literal(void **state)
{
	static const struct {
		const char *line;
		bool found, bad;
		uint64_t len;
	} rows[] = {
		{"* LIST () \"/\" {5}", true, false, 5},
		{"* LIST () \"/\" {5+}", true, false, 5},
		{"* 1 FETCH (BODY[] ~{7}", true, false, 7},
		{"* 1 FETCH (BODY[] {0}", true, false, 0},
		{"* LIST () \"/\" \"a{5}\"", false, false, 0},
		{"{", false, false, 0},
		{"}", false, false, 0},
		{"{}", false, false, 0},
		{"* x {}", false, true, 0},
		{"* x {-1}", false, true, 0},
		{"* x {18446744073709551615}", true, false, UINT64_MAX},
		{"* x {18446744073709551616}", false, true, 0},
		{"* x {9999999999999999999999999999999999999999}", false, true, 0},
		{"* x 5}", false, false, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint64_t len = 0;
		bool bad;

		if (imap_line_literal(sv_of(rows[i].line), &len, &bad) != rows[i].found ||
			bad != rows[i].bad || len != rows[i].len)
			fail_msg("%s", rows[i].line);
	}
}

static void responses_have_kinds(void **state)
{
	static const struct {
		const char *line;
		enum imap_resp_kind kind;
		bool broken;
	} rows[] = {
		{"+ idling", RESP_CONTINUE, false},
		{"+", RESP_CONTINUE, false},
		{"f1 OK done", RESP_TAGGED, false},
		{"f1 NO", RESP_TAGGED, false},
		{"* OK", RESP_STATUS, false},
		{"* BYE later", RESP_STATUS, false},
		{"* CAPABILITY IMAP4rev1 X", RESP_CAPABILITY, false},
		{"* CAPABILITY", RESP_CAPABILITY, false},
		{"* ENABLED QRESYNC", RESP_ENABLED, false},
		{"* FLAGS (\\Seen)", RESP_FLAGS, false},
		{"* LIST () NIL INBOX", RESP_LIST, false},
		{"* LSUB () \"/\" x", RESP_LIST, false},
		{"* STATUS x (MESSAGES 3)", RESP_MAILBOX, false},
		{"* STATUS x ()", RESP_MAILBOX, false},
		{"* SEARCH", RESP_SEARCH, false},
		{"* SEARCH 1 2 (MODSEQ 9)", RESP_SEARCH, false},
		{"* ESEARCH (TAG \"a\") UID ALL 1:3", RESP_SEARCH, false},
		{"* 3 EXISTS", RESP_EXISTS, false},
		{"* 0 EXISTS", RESP_EXISTS, false},
		{"* 0 RECENT", RESP_RECENT, false},
		{"* 3 EXPUNGE", RESP_EXPUNGE, false},
		{"* VANISHED (EARLIER) 1:3,5", RESP_VANISHED, false},
		{"* VANISHED (EARLIER) ", RESP_VANISHED, false},
		{"* 3 FETCH (UID 4)", RESP_FETCH, false},
		{"* NAMESPACE ((\"\" \"/\")) NIL NIL", RESP_NAMESPACE, false},
		{"* QUOTA \"\" (STORAGE 1 2)", RESP_QUOTA, false},
		{"* 0 EXPUNGE", RESP_OTHER, true},
		{"* 0 FETCH (UID 4)", RESP_OTHER, true},
		{"* 4294967296 EXISTS", RESP_OTHER, true},
		{"* VANISHED 1,", RESP_OTHER, true},
		{"* VANISHED 1:", RESP_OTHER, true},
		{"* VANISHED :*", RESP_OTHER, true},
		{"* VANISHED 0", RESP_OTHER, true},
		{"* SEARCH x", RESP_OTHER, true},
		{"* SEARCH 4294967296", RESP_OTHER, true},
		{"* STATUS x (MESSAGES)", RESP_OTHER, true},
		{"* LIST (", RESP_OTHER, true},
	};
	static const char *const nothing[] = {"", "*", "*OK", "f1", "f1 ", "f1 BYE x",
		"f1 PREAUTH x", "OK hello", "\r", "garbage here now"};
	struct arena *a = arena_new();
	struct imap_resp r;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (!parse(a, rows[i].line, &r))
			fail_msg("%s", rows[i].line);
		if (r.kind != rows[i].kind || r.broken != rows[i].broken)
			fail_msg("%s: kind %d broken %d", rows[i].line, r.kind, r.broken);
	}
	for (size_t i = 0; i < ARRAY_LEN(nothing); i++)
		if (parse(a, nothing[i], &r))
			fail_msg("\"%s\" is no response", nothing[i]);
	arena_free(a);
}

static void codes_carry_their_arguments(void **state)
{
	struct arena *a = arena_new();
	struct imap_resp r;

	(void)state;
	assert_true(parse(a, "f1 OK [APPENDUID 38505 3955] done", &r));
	assert_int_equal(r.code, CODE_APPENDUID);
	assert_int_equal(r.uidvalidity, 38505);
	assert_int_equal(r.set.r[0].lo, 3955);
	assert_true(sv_is(r.text, "done"));

	assert_true(parse(a, "f1 OK [COPYUID 38505 304,319:320 3956:3958] Done", &r));
	assert_int_equal(r.code, CODE_COPYUID);
	assert_int_equal(imap_set_count(&r.set), 3);
	assert_int_equal(imap_set_count(&r.set2), 3);
	assert_true(imap_set_has(&r.set, 320));
	assert_false(imap_set_has(&r.set, 305));

	/* Sets of different sizes say nothing about who went where. */
	assert_true(parse(a, "f1 OK [COPYUID 38505 1:3 7] Done", &r));
	assert_int_equal(r.code, CODE_OTHER);
	assert_int_equal(r.set.n, 0);

	assert_true(parse(a, "* OK [UIDNEXT 99] x", &r));
	assert_int_equal(r.code, CODE_UIDNEXT);
	assert_int_equal(r.number, 99);

	assert_true(parse(a, "* OK [UIDNEXT] x", &r));
	assert_int_equal(r.code, CODE_OTHER);

	assert_true(parse(a, "* OK [PERMANENTFLAGS (\\Seen \\*)] x", &r));
	assert_int_equal(r.words.n, 2);
	assert_true(sv_is(r.words.w[1], "\\*"));

	/* A bracket that never closes is text. */
	assert_true(parse(a, "* OK [ALERT this is odd", &r));
	assert_int_equal(r.code, CODE_NONE);
	assert_true(sv_is(r.text, "[ALERT this is odd"));

	assert_true(parse(a, "* OK [X-THING \"a]b\" c] text", &r));
	assert_int_equal(r.code, CODE_OTHER);
	assert_true(sv_is(r.text, "text"));
	arena_free(a);
}

static void strings_in_every_form(void **state)
{
	static const char *const forms[] = {
		"* LIST () \"/\" name",
		"* LIST () \"/\" \"name\"",
		"* LIST () \"/\" {4}\r\nname",
		"* LIST () \"/\" {4+}\r\nname",
		"* LIST () \"/\" ~{4}\r\nname",
		"* LIST ()  \"/\"   \"na\\me\"",
		"* LIST (\\X \\Sent) NIL name (\"OLDNAME\" (\"x\"))",
	};
	struct arena *a = arena_new();
	struct imap_resp r;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		if (!parse(a, forms[i], &r) || r.kind != RESP_LIST || !sv_is(r.mailbox, "name"))
			fail_msg("%s", forms[i]);
	}
	assert_true(sv_is(r.special, "Sent"));
	assert_true(sv_is(r.old_name, "x"));
	assert_int_equal(r.delim, 0);
	/* A literal longer than what is there is not read. */
	assert_true(parse(a, "* LIST () \"/\" {400}\r\nname", &r));
	assert_true(r.broken);
	arena_free(a);
}

static void nesting_has_an_end(void **state)
{
	struct arena *a = arena_new();
	struct imap_resp r;
	struct imap_msg m;
	struct str s;

	(void)state;
	str_init(&s, 4u << 20);
	str_adds(&s, "* 1 FETCH (UID 7 X-THING ");
	str_addn(&s, '(', 500000);
	str_addn(&s, ')', 500000);
	str_adds(&s, " BODYSTRUCTURE ");
	str_addn(&s, '(', 100000);
	str_adds(&s, "\"text\" \"plain\" NIL NIL NIL \"7bit\" 1 1");
	str_addn(&s, ')', 100000);
	str_adds(&s, " FLAGS (\\Seen))");
	assert_true(imap_parse(a, (struct imap_raw){.text = str_sv(&s)}, &r, NULL));
	assert_true(imap_parse_fetch(&r, &m, NULL));
	assert_int_equal(m.uid, 7);
	assert_int_equal(m.flags, IMAP_SEEN);
	arena_free(a);
	str_fini(&s);
}

static void commands_are_quoted(void **state)
{
	static const struct {
		const char *in, *want;
		bool utf8;
		size_t plus;
	} rows[] = {
		{"plain", "\"plain\"", false, 0},
		{"", "\"\"", false, 0},
		{"a\"b\\c", "\"a\\\"b\\\\c\"", false, 0},
		{"a\r\nf2 DELETE x", "{14}\r\na\r\nf2 DELETE x", false, 0},
		{"a\r\nb", "{4+}\r\na\r\nb", false, SIZE_MAX},
		{"gr\xc3\xbcn", "{5}\r\ngr\xc3\xbcn", false, 0},
		{"gr\xc3\xbcn", "\"gr\xc3\xbcn\"", true, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct imap_out o;

		imap_out_init(&o, rows[i].plus, rows[i].utf8);
		imap_out_astring(&o, sv_of(rows[i].in));
		assert_false(o.failed);
		t_streq(o.text.s, rows[i].want, rows[i].in);
		imap_out_fini(&o);
	}
}

static void a_nul_never_gets_into_a_command(void **state)
{
	struct imap_out o;

	(void)state;
	imap_out_init(&o, SIZE_MAX, false);
	imap_out_astring(&o, sv_make("a\0b", 3));
	assert_true(o.failed);
	imap_out_fini(&o);
	imap_out_init(&o, 0, false);
	imap_out_mailbox(&o, SV("\xff\xfe"));
	assert_true(o.failed);
	imap_out_fini(&o);
}

static void keywords_are_atoms(void **state)
{
	static const char *const good[] = {"$Forwarded", "work", "Junk", "a.b-c"};
	static const char *const bad[] = {
		"", "\\Seen", "a b", "a)", "a\r", "a\"", "a*", "a]", "gr\xc3\xbcn"};
	struct sv words[] = {SV("ok"), SV("no) EXPUNGE ("), SV("fine")};
	struct imap_out o;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_true(imap_is_keyword(sv_of(good[i])));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(imap_is_keyword(sv_of(bad[i])));
	imap_out_init(&o, 0, false);
	imap_out_flags(&o, IMAP_SEEN | IMAP_DRAFT | IMAP_RECENT, words, 3);
	assert_string_equal(o.text.s, "(\\Seen \\Draft ok fine)");
	imap_out_fini(&o);
}

static void sets_are_compact(void **state)
{
	static const uint32_t uids[] = {1, 2, 3, 5, 7, 8, 4294967295u};
	uint32_t many[20000];
	size_t at = 0, commands = 0;
	struct str s;

	(void)state;
	str_init(&s, 1u << 20);
	assert_true(imap_write_set(&s, uids, 7, &at));
	assert_string_equal(s.s, "1:3,5,7:8,4294967295");
	assert_false(imap_write_set(&s, uids, 7, &at));
	for (size_t i = 0; i < ARRAY_LEN(many); i++)
		many[i] = (uint32_t)i * 2 + 1;
	at = 0;
	for (;;) {
		str_clear(&s);
		if (!imap_write_set(&s, many, ARRAY_LEN(many), &at))
			break;
		assert_true(s.len <= IMAP_SET_TEXT_MAX + 24);
		commands++;
	}
	assert_true(commands > 10);
	str_fini(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_announces_its_literal),
		cmocka_unit_test(responses_have_kinds),
		cmocka_unit_test(codes_carry_their_arguments),
		cmocka_unit_test(strings_in_every_form),
		cmocka_unit_test(nesting_has_an_end),
		cmocka_unit_test(commands_are_quoted),
		cmocka_unit_test(a_nul_never_gets_into_a_command),
		cmocka_unit_test(keywords_are_atoms),
		cmocka_unit_test(sets_are_compact),
	};

	return t_run(tests);
}
