#include "mime/addr.h"

#include "tests/unit/t.h"

/* "name|addr" of each entry, "{name" and "}" around groups. */
static void check(const char *in, const char *want)
{
	struct arena *arena = arena_new();
	struct addr_list list;
	struct str s;
	size_t i;

	str_init(&s, 10000);
	addr_parse(arena, sv_of(in), NULL, &list);
	for (i = 0; i < list.count; i++) {
		const struct addr *a = &list.list[i];

		str_adds(&s, i ? " ; " : "");
		if (a->kind == ADDR_MAILBOX)
			str_addf(&s, "%s|%s", a->name, a->addr);
		else
			str_addf(&s, a->kind == ADDR_GROUP ? "{%s" : "}%s", a->name);
	}
	t_streq(s.s ? s.s : "", want, in);
	str_fini(&s);
	arena_free(arena);
}

static void lists_are_read(void **state)
{
	static const char *const rows[][2] = {
		{"", ""},
		{"a@b.test", "|a@b.test"},
		{"Ann Lee <a@b.test>", "Ann Lee|a@b.test"},
		{"\"Lee, Ann\" <a@b.test>, c@d.test", "Lee, Ann|a@b.test ; |c@d.test"},
		{"a@b.test (Ann Lee)", "Ann Lee|a@b.test"},
		{"Ann (Sales) <a@b.test>", "Ann (Sales)|a@b.test"},
		{"A Group:Chris <c@a.test>,joe@b.test;",
			"{A Group ; Chris|c@a.test ; |joe@b.test ; }"},
		{"undisclosed-recipients:;", "{undisclosed-recipients ; }"},
		{"Mary <@x.test,@y.test:mary@example.net>", "Mary|mary@example.net"},
		{"first . last @ example . org", "|first.last@example.org"},
		{"\"quoted local\"@example.org", "|\"quoted local\"@example.org"},
		{"\"plain\"@example.org", "|plain@example.org"},
		{"\"!\"@example.org", "|\"!\"@example.org"},
		{"\"Only A Name\"", "Only A Name|"},
		{"a@[IPv6:::1]", "|a@[IPv6:::1]"},
		{"root", "|root"},
		{"Only A Name", "Only A Name|"},
		{"a@b.test; c@d.test", "|a@b.test ; |c@d.test"},
		{"=?utf-8?Q?M=C3=BCller=2C_J=2E?= <m@x.test>", "Müller, J.|m@x.test"},
		{"\"=?utf-8?Q?M=C3=BCller?=\" <m@x.test>", "Müller|m@x.test"},
		{"J\xf6rg <j@x.test>", "Jörg|j@x.test"},
		{"用户@例子.广告", "|用户@例子.广告"},
		{"<mailto:a@b.test>", "|a@b.test"},
		{"a@b.test Ann Lee", "Ann Lee|a@b.test"},
		/* the comma is missing; but with nothing between the addresses the last is the one */
		{"Ann <a@b.test> Bob <c@d.test> Eve <e@f.test>", "Ann|a@b.test ; Bob|c@d.test ; Eve|e@f.test"},
		{"a@b.test c@d.test e@f.test", "|a@b.test ; |c@d.test ; |e@f.test"},
		{"a@b.test c@d.test Ann", "|a@b.test ; Ann|c@d.test"},
		{"Ann <a@b.test> <c@d.test>", "Ann <a@b.test>|c@d.test"},
		{"name@one.test <real@two.test>", "name@one.test|real@two.test"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++)
		check(rows[i][0], rows[i][1]);
}

static void garbage_keeps_what_it_has(void **state)
{
	static const char *const rows[][2] = {
		{"\"Joe <joe@example.com>, Bob <bob@example.com>",
			"Joe|joe@example.com ; Bob|bob@example.com"},
		{"<another@example.net", "|another@example.net"},
		{"second@example.org>", "|second@example.org"},
		{",,;;, ,", ""},
		{"<>", ""},
		{"me <old@x.test> <new@x.test>", "me <old@x.test>|new@x.test"},
		{"(((((((", "(((((((|"},
		/* a name padded so that the address leaves the screen */
		{"Bank\xe2\x80\x8b\xe2\x80\x8b\xe2\x80\x8b \xe2\x80\x8b <evil@x.test>",
			"Bank|evil@x.test"},
		/* what is hidden in an encoded word cannot break the line */
		{"=?utf-8?Q?a=0D=0ABcc:_x@y.test?= <a@b.test>", "a Bcc: x@y.test|a@b.test"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++)
		check(rows[i][0], rows[i][1]);
}

static void addresses_are_written(void **state)
{
	static const struct {
		const char *name, *addr;
		unsigned flags;
		const char *want;
	} rows[] = {
		{"", "a@b.test", ADDR_HEADER, "a@b.test"},
		{"Ann Lee", "a@b.test", ADDR_HEADER, "Ann Lee <a@b.test>"},
		{"Lee, Ann", "a@b.test", ADDR_HEADER, "\"Lee, Ann\" <a@b.test>"},
		{"O\"Neil", "a@b.test", ADDR_HEADER, "\"O\\\"Neil\" <a@b.test>"},
		{"Müller", "a@b.test", ADDR_HEADER, "=?utf-8?Q?M=C3=BCller?= <a@b.test>"},
		{"Müller", "a@b.test", ADDR_HEADER | ADDR_UTF8, "Müller <a@b.test>"},
		{"Müller", "a@b.test", ADDR_DISPLAY, "Müller <a@b.test>"},
		{"=?utf-8?Q?x?=", "a@b.test", ADDR_HEADER,
			"=?us-ascii?Q?=3D=3Futf-8=3FQ=3Fx=3F=3D?= <a@b.test>"},
		{"evil\nBcc: x", "a@b.test", ADDR_DISPLAY, "\"evil Bcc: x\" <a@b.test>"},
#ifdef HAVE_IDN2
		{"", "a@bücher.test", ADDR_HEADER, "a@xn--bcher-kva.test"},
		{"", "a@bücher.test", ADDR_HEADER | ADDR_UTF8, "a@bücher.test"},
#endif
		{"", "a@xn--bcher-kva.test", ADDR_DISPLAY, "a@bücher.test"},
		{"", "a@www.XN--BCHER-KVA.xn--p1ai", ADDR_DISPLAY, "a@www.bücher.рф"},
		{"", "a@xn--ihqwcrb4cv8a8dqg056pqjye", ADDR_DISPLAY, "a@他们为什么不说中文"},
		/* Cyrillic letters that look Latin are not shown as letters */
		{"", "a@xn--80ak6aa92e.test", ADDR_DISPLAY, "a@xn--80ak6aa92e.test"},
		/* no punycode, nothing behind it, nothing in it, a number too big, a surrogate */
		{"", "a@xn--bücher.test", ADDR_DISPLAY, "a@xn--bücher.test"},
		{"", "a@xn--.test", ADDR_DISPLAY, "a@xn--.test"},
		{"", "a@xn--abc-.test", ADDR_DISPLAY, "a@xn--abc-.test"},
		{"", "a@xn--99999999.test", ADDR_DISPLAY, "a@xn--99999999.test"},
		{"", "a@xn--ib9b.test", ADDR_DISPLAY, "a@xn--ib9b.test"},
		/* a capital, a mark that stands on the dot before it */
		{"", "a@xn--bcher-2pa.test", ADDR_DISPLAY, "a@xn--bcher-2pa.test"},
		{"", "a@xn--lsa.test", ADDR_DISPLAY, "a@xn--lsa.test"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		const struct addr a = {ADDR_MAILBOX, rows[i].name, rows[i].addr};
		struct str s;

		str_init(&s, 1000);
		assert_true(addr_format(&s, &a, rows[i].flags, NULL));
		t_streq(s.s, rows[i].want, rows[i].want);
		str_fini(&s);
	}
}

static void long_lists_fold(void **state)
{
	struct arena *arena = arena_new();
	struct addr_list list;
	struct str s;

	(void)state;
	str_init(&s, 1000);
	addr_parse(arena,
		SV("first person <first@example.org>, second person <second@example.org>, g: "
		   "third@example.org;"),
		NULL, &list);
	assert_true(addr_list_format(&s, &list, ADDR_HEADER, NULL, 4));
	assert_string_equal(s.s, "first person <first@example.org>, second person "
				 "<second@example.org>,\n g: third@example.org;");
	str_fini(&s);
	arena_free(arena);
}

static void lists_lose_their_doubles(void **state)
{
	struct arena *arena = arena_new();
	struct addr_list list, mine;
	struct str s;

	(void)state;
	str_init(&s, 1000);
	addr_parse(arena, SV("A@x.test, b@x.test, a@X.TEST, me@x.test, \"b\"@x.test"), NULL, &list);
	addr_parse(arena, SV("ME@x.test"), NULL, &mine);
	addr_list_dedup(&list, &mine);
	assert_true(addr_list_format(&s, &list, ADDR_DISPLAY, NULL, 0));
	assert_string_equal(s.s, "A@x.test, b@x.test");
	assert_true(addr_list_has(&list, "a@x.test"));
	assert_int_equal(addr_list_mailboxes(&list), 2);
	str_fini(&s);
	arena_free(arena);
}

static void validity(void **state)
{
	static const char *const good[] = {"a@b", "a.b+c@d.example", "\"a b\"@c.test",
		"\"a\\\"b\"@c.test", "a@[127.0.0.1]", "a@[IPv6:2001:db8::1]", "üser@example.org",
		"a@xn--p1ai", "o'neil@x.test"};
	static const char *const bad[] = {"", "a", "@b", "a@", ".a@b", "a.@b", "a..b@c", "a b@c",
		"a@b..c", "a@-b", "a@b-", "a@b c", "\"a@b", "a\"b@c", "a@[IPv6:1::2::3]", "a@b.",
		"a@[x", "a\n@b", "a@b@c"};
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(good); i++) {
		if (!addr_is_valid(sv_of(good[i]), &why))
			fail_msg("%s: %s", good[i], why);
		assert_null(why);
	}
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		if (addr_is_valid(sv_of(bad[i]), &why))
			fail_msg("%s is taken", bad[i]);
		assert_non_null(why);
	}
}

static void names_that_mislead(void **state)
{
	static const struct {
		const char *name, *addr, *shown; /* NULL: all is well */
	} rows[] = {{"Ana", "ana@x.org", NULL}, {"", "ana@x.org", NULL}, {"ana@x.org", "ana@x.org", NULL},
		{"ANA@X.ORG", "ana@x.org", NULL}, {"Ana (ana@x.org)", "ana@x.org", NULL}, {"Ana @ Work", "ana@x.org", NULL},
		{"Ana@Work", "ana@x.org", NULL}, {"@ana.example", "ana@x.org", NULL}, {"ana@x.org.", "ana@x.org", NULL},
		{"@@@@", "ana@x.org", NULL}, {"a@", "ana@x.org", NULL}, {"a@.", "ana@x.org", NULL},
		{"boss@bank.example", "evil@x.org", "boss@bank.example"},
		{"The Boss <boss@bank.example>", "evil@x.org", "boss@bank.example"},
		{"ana@x.org, boss@bank.example", "ana@x.org", "boss@bank.example"},
		{"boss\xef\xbc\xa0" "bank.example", "evil@x.org", "boss\xef\xbc\xa0" "bank.example"},
		{"boss\xef\xb9\xab" "bank.example", "evil@x.org", "boss\xef\xb9\xab" "bank.example"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct sv shown = sv_make("", 0);
		bool misleads = addr_name_misleads(sv_of(rows[i].name), sv_of(rows[i].addr), &shown);

		if (misleads != (rows[i].shown != NULL) || (misleads && !sv_is(shown, rows[i].shown)))
			fail_msg("%s <%s>: %d, " SV_FMT, rows[i].name, rows[i].addr, misleads, SV_ARG(shown));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_read),
		cmocka_unit_test(garbage_keeps_what_it_has),
		cmocka_unit_test(addresses_are_written),
		cmocka_unit_test(long_lists_fold),
		cmocka_unit_test(lists_lose_their_doubles),
		cmocka_unit_test(validity),
		cmocka_unit_test(names_that_mislead),
	};

	return t_run(tests);
}
