#include "mime/build.h"

#include "mime/envelope.h"
#include "tests/unit/t.h"

static int reproducible(void **state)
{
	(void)state;
	setenv("SOURCE_DATE_EPOCH", "880127706", 1);
	unsetenv("TZ");
	return 0;
}

static void a_plain_message_is_plain(void **state)
{
	struct arena *arena = arena_new();
	struct addr_list from, to, bcc;
	struct build_part body = {.type = "text/plain", .data = SV("Hello\r\nworld")};
	struct build b = {.from = &from,
		.to = &to,
		.bcc = &bcc,
		.subject = "Grüße",
		.body = &body,
		.message_id = "<1@x.test>",
		.user_agent = "feist/0"};
	struct str s;
	char *id;

	(void)state;
	addr_parse(arena, SV("Ann <ann@x.test>"), NULL, &from);
	addr_parse(arena, SV("bob@x.test"), NULL, &to);
	addr_parse(arena, SV("secret@x.test"), NULL, &bcc);
	str_init(&s, BUILD_MAX);
	assert_true(build_message(&s, &b, &id, NULL));
	assert_string_equal(s.s,
		"Date: Fri, 21 Nov 1997 15:55:06 +0000\nFrom: Ann <ann@x.test>\nTo: bob@x.test\n"
		"Subject: =?iso-8859-1?Q?Gr=FC=DFe?=\nMessage-ID: <1@x.test>\nUser-Agent: "
		"feist/0\nMIME-Version: 1.0\n"
		"Content-Type: text/plain; charset=us-ascii\n\nHello\nworld\n");
	assert_string_equal(id, "<1@x.test>");
	free(id);
	str_fini(&s);
	arena_free(arena);
}

static void parts_come_back(void **state)
{
	struct arena *arena = arena_new();
	struct addr_list from;
	struct build_part parts[] = {
		{.type = "text/plain", .data = SV("größe\n-- \n"), .flowed = true},
		{.type = "application/pdf",
			.data = SV("%PDF\x00\x01\xff"),
			.filename = "übersicht.pdf",
			.description = "Übersicht"},
		{.type = "message/rfc822",
			.data = SV("Subject: inner\n\nbody\n"),
			.disposition = "inline"},
	};
	struct build_part mixed = {.type = "multipart/mixed", .children = parts, .n_children = 3};
	struct build b = {.from = &from, .subject = "x", .body = &mixed};
	struct part_tree *tree;
	struct str s, again;

	(void)state;
	addr_parse(arena, SV("ann@x.test"), NULL, &from);
	str_init(&s, BUILD_MAX);
	str_init(&again, BUILD_MAX);
	assert_true(build_message(&s, &b, NULL, NULL) && build_message(&again, &b, NULL, NULL));
	assert_string_equal(s.s, again.s); /* reproducible */
	tree = part_parse(arena, str_sv(&s), NULL);
	assert_int_equal(tree->defects, 0);
	assert_int_equal(tree->count, 5);
	str_clear(&again);
	assert_true(part_tree_text(&again, tree));
	assert_string_equal(
		again.s, "multipart/mixed(text/plain,application/pdf,message/rfc822(text/plain))");
	assert_string_equal(tree->list[1]->charset, "iso-8859-1");
	assert_string_equal(params_get(&tree->list[1]->ctype, "format"), "flowed");
	str_clear(&again);
	assert_true(part_text(&again, tree, tree->list[1], NULL, NULL, NULL));
	assert_string_equal(again.s, "größe\n-- \n");
	str_clear(&again);
	assert_true(part_decode(&again, tree, tree->list[2], NULL));
	assert_true(sv_eq(str_sv(&again), parts[1].data));
	assert_string_equal(tree->list[2]->filename, "übersicht.pdf");
	assert_string_equal(tree->list[2]->disposition, "attachment");
	str_fini(&s);
	str_fini(&again);
	arena_free(arena);
}

static void nothing_starts_a_new_field(void **state)
{
	struct arena *arena = arena_new();
	struct addr_list from;
	struct build_field field = {"X-Test", "a\nBcc: evil@x.test"}, bad_name = {"Bad Name", "x"};
	struct build_part bad_type = {.type = "text/plain\nBcc: x"};
	struct build b = {.from = &from, .subject = "a\nBcc: evil@x.test"};
	struct str s;
	struct err e;

	(void)state;
	addr_parse(arena, SV("ann@x.test"), NULL, &from);
	str_init(&s, BUILD_MAX);
	assert_false(build_message(&s, &b, NULL, &e));
	assert_int_equal(e.class, ERR_INPUT);
	b.subject = NULL;
	b.fields = &field;
	b.n_fields = 1;
	assert_false(build_message(&s, &b, NULL, &e));
	b.fields = &bad_name;
	assert_false(build_message(&s, &b, NULL, &e));
	b.n_fields = 0;
	b.body = &bad_type;
	assert_false(build_message(&s, &b, NULL, &e));
	assert_int_equal(s.len, 0);
	str_fini(&s);
	arena_free(arena);
}

static void drafts_keep_what_is_private(void **state)
{
	struct arena *arena = arena_new();
	struct addr_list from, bcc;
	struct build b = {.from = &from,
		.bcc = &bcc,
		.keep_bcc = true,
		.no_date = true,
		.no_message_id = true};
	struct str s;

	(void)state;
	addr_parse(arena, SV("ann@x.test"), NULL, &from);
	addr_parse(arena, SV("secret@x.test"), NULL, &bcc);
	str_init(&s, BUILD_MAX);
	assert_true(build_message(&s, &b, NULL, NULL));
	assert_true(
		sv_starts(str_sv(&s), SV("From: ann@x.test\nBcc: secret@x.test\nMIME-Version")));
	b.keep_bcc = false;
	str_clear(&s);
	assert_true(build_message(&s, &b, NULL, NULL));
	assert_true(sv_find(str_sv(&s), SV("secret")) < 0);
	assert_true(sv_find(str_sv(&s), SV("To: undisclosed-recipients:;\n")) >= 0);
	str_fini(&s);
	arena_free(arena);
}

static void eight_bit_is_declared_all_the_way_up(void **state)
{
	struct build_part text = {.type = "text/plain", .data = SV("größe\n")};
	struct build_part mixed = {.type = "multipart/mixed", .children = &text, .n_children = 1};
	struct build b = {.body = &mixed, .allow_8bit = true, .send_charset = "utf-8"};
	struct str s;

	(void)state;
	str_init(&s, BUILD_MAX);
	assert_true(build_message(&s, &b, NULL, NULL));
	assert_true(sv_find(str_sv(&s), SV("\nContent-Transfer-Encoding: 8bit\n\n--=_")) >= 0);
	assert_true(sv_find(str_sv(&s),
			    SV("charset=utf-8\nContent-Transfer-Encoding: 8bit\n\ngröße\n")) >= 0);
	str_fini(&s);
}

static void line_ends_become_crlf(void **state)
{
	struct str s;

	(void)state;
	str_init(&s, 100);
	assert_true(build_crlf(&s, SV("a\nb\r\nc\rd")));
	assert_string_equal(s.s, "a\r\nb\r\nc\r\nd");
	str_fini(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_message_is_plain),
		cmocka_unit_test(parts_come_back),
		cmocka_unit_test(nothing_starts_a_new_field),
		cmocka_unit_test(drafts_keep_what_is_private),
		cmocka_unit_test(eight_bit_is_declared_all_the_way_up),
		cmocka_unit_test(line_ends_become_crlf),
	};

	return cmocka_run_group_tests_name(__FILE__, tests, reproducible, NULL);
}
