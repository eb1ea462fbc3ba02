#include "mime/binhex.h"
#include "mime/apple.h"
#include "mime/part.h"
#include "mime/partial.h"
#include "mime/text_file.h"
#include "mime/tnef.h"
#include "tests/unit/t.h"

/* ---- making TNEF ---- */

static void put_number(struct str *s, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		str_addc(s, (char)(v >> (8 * i)));
}

static void put_attribute(struct str *s, int level, uint32_t id, struct sv data)
{
	str_addc(s, (char)level);
	put_number(s, id);
	put_number(s, (uint32_t)data.len);
	str_add(s, data);
	str_add(s, SV("\0\0")); /* nobody checks the sum */
}

static void put_property(struct str *s, uint32_t name, uint32_t type, struct sv value)
{
	put_number(s, name << 16 | type);
	put_number(s, 1);
	put_number(s, (uint32_t)value.len);
	str_add(s, value);
	str_addn(s, 0, (4 - value.len % 4) % 4);
}

/* "{\rtf1\ansi\ok}" as MS-OXRTFCP packs it: from the dictionary, a literal, and the end. */
static const char packed_rtf[] =
	"\x1c\0\0\0\x0d\0\0\0LZFu\0\0\0\0"
	"\x11" "\0\x0a" "ok}" "\x0d\xe0";

static void put_winmail(struct str *s)
{
	struct str props;

	str_init(&props, 10000);
	str_add(s, SV("\x78\x9f\x3e\x22\x01\x00"));
	put_attribute(s, 1, 0x00069007, SV("\xe4\x04\0\0\0\0\0\0")); /* codepage 1252 */
	put_number(&props, 1);
	put_property(&props, 0x1000, 0x1f, SV("h\0\xe9\0\0\0"));
	put_attribute(s, 1, 0x00069003, str_sv(&props));
	put_attribute(s, 2, 0x00069002, SV("\0\0\0\0\0\0\0\0\0\0\0\0\0\0"));
	put_attribute(s, 2, 0x00018010, SV("CAF\xc9~1.DOC\0"));
	put_attribute(s, 2, 0x0006800f, SV("doc bytes"));
	str_clear(&props);
	put_number(&props, 3);
	put_property(&props, 0x3707, 0x1f, SV("c\0a\0f\0\xe9\0.\0d\0o\0c\0\0\0"));
	put_property(&props, 0x370e, 0x1e, SV("application/msword\0"));
	put_number(&props, 0x80000003); /* a named property: GUID, kind, number */
	str_addn(&props, 'G', 16);
	str_add(&props, SV("\0\0\0\0\x07\0\0\0\x09\0\0\0"));
	put_attribute(s, 2, 0x00069005, str_sv(&props));
	put_attribute(s, 2, 0x00069002, SV("\0\0\0\0\0\0\0\0\0\0\0\0\0\0"));
	put_attribute(s, 2, 0x00018010, SV("../\xc9\0"));
	put_attribute(s, 2, 0x0006800f, SV("x"));
	str_fini(&props);
}

static void winmail_has_a_body_and_files(void **state)
{
	struct arena *arena = arena_new();
	struct tnef t;
	struct str s;

	(void)state;
	str_init(&s, 10000);
	put_winmail(&s);
	tnef_parse(arena, str_sv(&s), NULL, 10000, &t);
	assert_false(t.damaged);
	assert_int_equal(t.count, 3);
	assert_true(t.list[0].is_body);
	assert_string_equal(t.list[0].type, "text/plain");
	assert_true(sv_is(t.list[0].data, "hé"));
	assert_string_equal(t.list[1].name, "café.doc"); /* the long one */
	assert_string_equal(t.list[1].type, "application/msword");
	assert_true(sv_is(t.list[1].data, "doc bytes"));
	assert_string_equal(t.list[2].name, "../É");
	str_fini(&s);
	arena_free(arena);
}

/* Cut or changed anywhere: what comes out lies inside what went in. */
static void damaged_winmail_is_read_as_far_as_it_goes(void **state)
{
	struct arena *arena = arena_new();
	struct tnef t;
	struct str s;
	size_t n, i, whole = 0;

	(void)state;
	str_init(&s, 10000);
	put_winmail(&s);
	for (n = 0; n < s.len; n++) {
		char *copy = xmalloc(n + 1); /* so that a sanitizer sees its end */

		memcpy(copy, s.s, n);
		tnef_parse(arena, sv_make(copy, n), NULL, 10000, &t);
		whole += !t.damaged;
		for (i = 0; i < t.count; i++)
			assert_true(t.list[i].data.len <= n);
		free(copy);
	}
	assert_in_range(whole, 8, 10); /* between two attributes nothing is missing */
	for (n = 6; n < s.len; n++) {
		s.s[n] = (char)~s.s[n];
		tnef_parse(arena, str_sv(&s), NULL, 10000, &t);
		s.s[n] = (char)~s.s[n];
	}
	str_fini(&s);
	arena_free(arena);
}

static void packed_rtf_is_unpacked(void **state)
{
	struct str out;

	(void)state;
	str_init(&out, 100);
	assert_true(tnef_rtf(&out, SV(packed_rtf)));
	assert_string_equal(out.s, "{\\rtf1\\ansi\\ok}");
	str_clear(&out);
	assert_true(tnef_rtf(&out, SV("\x1c\0\0\0\x02\0\0\0MELA\0\0\0\0{}")));
	assert_string_equal(out.s, "{}");
	assert_false(tnef_rtf(&out, SV("\x1c\0\0\0\x02\0\0\0XXXX\0\0\0\0{}")));
	str_fini(&out);
}

/* ---- the others ---- */

static const char single[] = /* a name, and the file */
	"\0\x05\x16\0\0\2\0\0................\0\2"
	"\0\0\0\3\0\0\0\x32\0\0\0\4\0\0\0\1\0\0\0\x36\0\0\0\4namedata";

static void apple_single_holds_a_file(void **state)
{
	struct apple_file f;

	(void)state;
	assert_true(apple_single(SV(single), &f));
	assert_true(sv_is(f.name, "name"));
	assert_true(sv_is(f.data, "data"));
	assert_true(apple_single(sv_head(SV(single), 56), &f));
	assert_int_equal(f.data.len, 2);
	assert_false(apple_single(sv_head(SV(single), 40), &f));
	assert_false(apple_single(SV("\0\x05\x16\x07"), &f));
}

static void yenc_is_found_and_decoded(void **state)
{
	const struct sv text = SV("hi\n=ybegin part=1 total=1 line=128 size=5 name=\"a b.bin\"\r\n"
				  "=ypart begin=1 end=5\r\n=@\x8b=n\r\n=M\x8d\r\n=yend size=5\r\nbye\n"
				  "=ybegin size=1 name=no line\n=ybegin line=128 size=1 name=c\nk");
	struct text_file f;
	struct str out;
	size_t at = 0;

	(void)state;
	str_init(&out, 100);
	assert_true(text_file_possible(text));
	assert_true(text_file_find(text, &at, &f));
	assert_int_equal(f.at, 3);
	assert_int_equal(f.kind, CODEC_YENC);
	assert_true(sv_is(f.name, "a b.bin"));
	assert_true(sv_starts(sv_from(text, at), SV("bye")));
	assert_true(codec_decode_all(&out, CODEC_YENC, f.data, NULL));
	assert_true(sv_eq(str_sv(&out), SV("\xd6" "a\x04\xe3" "c")));
	assert_true(text_file_find(text, &at, &f)); /* without an end it goes to the end */
	assert_true(sv_is(f.data, "k"));
	assert_false(text_file_find(text, &at, &f));
	str_fini(&out);
}

/* A message with parts of these types and bodies; caller frees. */
static char *mixed(const char *const (*parts)[2], size_t n)
{
	struct str s;

	str_init(&s, 100000);
	str_adds(&s, "Content-Type: multipart/mixed; boundary=b\n\n");
	for (size_t i = 0; i < n; i++)
		str_addf(&s, "--b\nContent-Type: %s\n\n%s\n", parts[i][0], parts[i][1]);
	str_adds(&s, "--b--\n");
	return str_detach(&s);
}

static void ids_and_types(struct str *s, const struct part_tree *tree)
{
	str_clear(s);
	for (const struct part *p = tree->root; p; p = part_walk(tree->root, p))
		str_addf(s, "%s%s:%s/%s", p == tree->root ? "" : " ", p->id, p->type, p->subtype);
}

static void pieces_become_the_message(void **state)
{
	static const char *const rows[][2] = {
		{"message/partial; id=a; number=2; total=3", "Two"},
		{"message/partial; id=other; number=1; total=2", "x"},
		{"message/partial; id=a; number=3; total=3", "Three"},
		{"message/partial; id=a; number=1", "Subject: whole\nContent-Type: text/html\n\nOne"},
		{"message/partial; id=a; number=1", "once more"},
		{"message/partial; number=1; total=1", "without an id"},
		{"message/partial; id=b; number=0; total=0", "without a number"},
	};
	char *message = mixed(rows, ARRAY_LEN(rows));
	struct arena *arena = arena_new();
	struct part_tree *tree = part_parse(arena, sv_of(message), NULL);
	const struct part *html = part_by_id(tree, "1.p1.1");
	struct str s;

	(void)state;
	str_init(&s, 1000);
	ids_and_types(&s, tree);
	assert_string_equal(s.s,
		"0:multipart/mixed 1:message/partial 1.p1:message/rfc822 1.p1.1:text/html 2:message/partial "
		"3:message/partial 4:message/partial 5:message/partial 6:message/partial 7:message/partial");
	str_clear(&s);
	part_tree_text(&s, tree);
	assert_null(strstr(s.s, "rfc822")); /* what is made does not count there */
	assert_true(sv_is(headers_raw(&html->headers, "subject"), "whole"));
	str_clear(&s);
	assert_true(part_text(&s, tree, html, NULL, NULL, NULL));
	assert_string_equal(s.s, "One\nTwo\nThree");
	assert_false(part_by_id(tree, "1")->defects & PART_PIECES_MISSING);
	assert_true(part_by_id(tree, "2")->defects & PART_PIECES_MISSING);
	assert_true(part_by_id(tree, "6")->defects & PART_PIECES_MISSING);
	assert_true(part_by_id(tree, "7")->defects & PART_PIECES_MISSING);
	str_fini(&s);
	arena_free(arena);
	free(message);
}

/* RFC 2046 section 5.2.2.1, its own example. */
static void fields_come_from_both_messages(void **state)
{
	struct arena *arena = arena_new();
	struct partial_piece list[2] = {{.number = 2, .total = 2, .body = SV("second\n")},
		{.number = 1, .body = SV("Message-ID: <in@x>\nX-In: no\nSubject: in\n\nfirst\n")}};
	struct headers h;
	size_t n = 2;
	uint32_t total;
	struct str s;

	(void)state;
	headers_parse(arena, SV("X-Out: a\n b\nSubject: out (1/2)\nMessage-ID: <out@x>\n\n"), &h);
	list[1].headers = &h;
	assert_true(partial_complete(list, &n, &total));
	str_init(&s, 1000);
	assert_true(partial_join(&s, list, n));
	assert_string_equal(s.s, "X-Out: a\n b\nMessage-ID: <in@x>\nSubject: in\n\nfirst\nsecond\n");
	str_fini(&s);
	arena_free(arena);
}

#define HQX ":#'0KCSiZG(Kd!&4&@&4dG(Kd!*!&(J!!!!&+4%KPE'a[$6f3&*!!C@jN6KT5HVF\n:"
#define HQX_BEGIN "(This file must be converted with BinHex 4.0)\n"

static void binhex_is_unpacked(void **state)
{
	struct binhex_file f;
	struct sv letters;
	struct str out;
	size_t used;

	(void)state;
	str_init(&out, 1000);
	assert_true(binhex_find(SV("\n\n" HQX "\nmore"), &letters, &used));
	assert_int_equal(used, 2 + strlen(HQX) + 1);
	assert_true(binhex_unpack(&out, letters, &f));
	assert_true(sv_is(f.name, "caf\x8e.txt") && !f.damaged);
	assert_true(sv_is(f.data, "Hello\r====================\x90" "end"));
	/* cut, and changed: what is there counts */
	str_clear(&out);
	assert_true(binhex_unpack(&out, sv_head(letters, letters.len - 8), &f) && f.damaged);
	assert_true(sv_starts(f.data, SV("Hello")));
	str_clear(&out);
	char *copy = sv_dup(letters);
	copy[50] = copy[50] == 'A' ? 'B' : 'A';
	assert_true(binhex_unpack(&out, sv_of(copy), &f) && f.damaged);
	free(copy);
	/* no file */
	str_clear(&out);
	assert_false(binhex_unpack(&out, SV("!!!!"), &f));
	assert_false(binhex_find(SV(":s:"), &letters, &used) || binhex_find(SV("text"), &letters, &used) ||
		     binhex_find(SV(""), &letters, &used));
	/* 400 letters that want a megabyte */
	str_fini(&out);
	str_init(&out, 1000);
	char bomb[401];
	memset(bomb, 'r', 400);
	bomb[400] = 0;
	memcpy(bomb, "!N2!N2", 6);
	(void)!binhex_unpack(&out, sv_of(bomb), &f);
	assert_true(out.len <= 1000);
	str_fini(&out);
}

static void binhex_is_a_part(void **state)
{
	static const struct {
		const char *message, *id;
	} rows[] = {
		{"Content-Type: application/mac-binhex40\n\n" HQX_BEGIN HQX "\n", "1.a1"},
		{"Content-Type: application/mac-binhex40; name=x.hqx\n\n" HQX "\n", "1.a1"},
		{"Subject: x\n\nhi\n" HQX_BEGIN "\n" HQX "\nbye\nbegin 644 u\n#0V%T\n`\nend\n", "1.a1"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena *arena = arena_new();
		struct part_tree *tree = part_parse(arena, sv_of(rows[i].message), NULL);
		struct part *file = part_by_id(tree, rows[i].id);
		struct str out;
		assert_non_null(file);
		assert_string_equal(file->filename, "café.txt");
		str_init(&out, 1000);
		assert_true(part_decode(&out, tree, file, NULL));
		assert_true(sv_starts(str_sv(&out), SV("Hello\r===")));
		str_fini(&out);
		if (i == 2)
			assert_string_equal(part_by_id(tree, "1.u2")->filename, "u");
		arena_free(arena);
	}
}

static void what_is_packed_is_a_part(void **state)
{
	struct arena *arena = arena_new();
	struct str s, winmail;
	struct part_tree *tree;

	(void)state;
	str_init(&winmail, 10000);
	str_init(&s, 100000);
	put_winmail(&winmail);
	str_adds(&s, "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n"
		     "=ybegin line=128 size=1 name=y\n=@\n=yend\nbegin 644 u\n#0V%T\n`\nend\n--b\n"
		     "Content-Type: application/ms-tnef\nContent-Transfer-Encoding: base64\n\n");
	codec_base64(&s, str_sv(&winmail), 76);
	str_adds(&s, "--b\nContent-Type: application/applefile\nContent-Transfer-Encoding: base64\n\n");
	codec_base64(&s, SV(single), 76);
	str_adds(&s, "--b--\n");
	tree = part_parse(arena, str_sv(&s), NULL);
	ids_and_types(&winmail, tree);
	assert_string_equal(winmail.s,
		"0:multipart/mixed 1:text/plain 1.u1:application/octet-stream 1.u2:application/octet-stream "
		"2:application/ms-tnef 2.t1:text/plain 2.t2:application/msword 2.t3:application/octet-stream "
		"3:application/applefile 3.a1:application/octet-stream");
	assert_string_equal(part_by_id(tree, "1.u1")->filename, "y");
	assert_string_equal(part_by_id(tree, "2.t2")->filename, "café.doc");
	assert_string_equal(part_by_id(tree, "3.a1")->filename, "name");
	str_clear(&winmail);
	assert_true(part_decode(&winmail, tree, part_by_id(tree, "2.t2"), NULL));
	assert_string_equal(winmail.s, "doc bytes");
	str_fini(&s);
	str_fini(&winmail);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(binhex_is_unpacked),
		cmocka_unit_test(binhex_is_a_part),
		cmocka_unit_test(winmail_has_a_body_and_files),
		cmocka_unit_test(damaged_winmail_is_read_as_far_as_it_goes),
		cmocka_unit_test(packed_rtf_is_unpacked),
		cmocka_unit_test(apple_single_holds_a_file),
		cmocka_unit_test(yenc_is_found_and_decoded),
		cmocka_unit_test(pieces_become_the_message),
		cmocka_unit_test(fields_come_from_both_messages),
		cmocka_unit_test(what_is_packed_is_a_part),
	};

	return t_run(tests);
}
