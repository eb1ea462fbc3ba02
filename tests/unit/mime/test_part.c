#include "mime/part.h"

#include "mime/envelope.h"
#include "tests/unit/t.h"

/* The tree with ids, and the defects of all parts. */
static void describe(struct str *s, const struct part_tree *tree)
{
	const struct part *at;
	unsigned i;

	for (at = tree->root; at; at = part_walk(tree->root, at))
		str_addf(s, "%s%s:%s/%s", at == tree->root ? "" : " ", at->id, at->type,
			at->subtype);
	for (i = 0; i < PART_DEFECTS; i++)
		if (tree->defects & 1u << i)
			str_addf(s, " !%s", part_defect_name(i));
}

static void messages_become_trees(void **state)
{
	static const char *const rows[][2] = {
		{"", "1:text/plain"},
		{"Subject: x\n\nbody\n", "1:text/plain"},
		{"Content-Type: text/html\n\n<p>", "1:text/html"},
		{"just text without a header\n", "1:text/plain"},
		{"Content-Type: multipart/mixed; boundary='b'\n\n--b\n\none\n--b--\n", "0:multipart/mixed 1:text/plain"},
		{"Content-Type: multipart/mixed; boundary='b'\n\n--'b'\n\n--b\n--'b'\nContent-Type: text/html\n\n--'b'--\n",
			"0:multipart/mixed 1:text/plain 2:text/html"},
		{"Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\nContent-Type: "
		 "text/html\n\ntwo\n--b--\n",
			"0:multipart/mixed 1:text/plain 2:text/html"},
		{"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: "
		 "multipart/alternative; boundary=bb\n\n"
		 "--bb\n\none\n--bb--\n--b\n\ntwo\n--b--\n",
			"0:multipart/mixed 1:multipart/alternative 1.1:text/plain 2:text/plain"},
		/* the inner one is cut off by the outer delimiter */
		{"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: "
		 "multipart/alternative; boundary=bb\n\n"
		 "--bb\n\none\n--b\n\ntwo\n",
			"0:multipart/mixed 1:multipart/alternative 1.1:text/plain 2:text/plain "
			"!unterminated-multipart"},
		{"Content-Type: multipart/mixed\n\ntext\n",
			"0:multipart/mixed 1:text/plain !no-boundary"},
		{"Content-Type: multipart/mixed; boundary=b\n\ntext\n",
			"0:multipart/mixed 1:text/plain !boundary-missing"},
		{"Content-Type: multipart/mixed; boundary=\"\"\n\n--\n\none\n-- "
		 "\nsig\n--\n\ntwo\n----\n",
			"0:multipart/mixed 1:text/plain 2:text/plain"},
		{"Content-Type: message/rfc822\n\nSubject: in\n\nbody\n",
			"1:message/rfc822 1.1:text/plain"},
		{"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: "
		 "message/rfc822\n\n"
		 "Content-Type: multipart/mixed; boundary=c\n\n--c\n\nx\n--c--\n--b--\n",
			"0:multipart/mixed 1:message/rfc822 1.0:multipart/mixed 1.1:text/plain"},
		{"Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: one\n\nx\n--b--\n",
			"0:multipart/digest 1:message/rfc822 1.1:text/plain"},
		{"Content-Type: multipart/mixed; boundary=b\n\n--b\n--b\n\n--b--\n",
			"0:multipart/mixed 1:text/plain 2:text/plain"},
		{"Content-Type: nonsense\n\nx", "1:text/plain !bad-content-type"},
		{"Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: "
		 "base64\n\n--b\n\nx\n--b--\n",
			"0:multipart/mixed 1:text/plain !encoded-multipart"},
		/* encoded messages are opened: "Content-Type: text/html" and a body */
		{"Content-Type: message/rfc822\nContent-Transfer-Encoding: "
		 "base64\n\nQ29udGVudC1UeXBlOiB0ZXh0L2h0bWwKCng=\n",
			"1:message/rfc822 1.1:text/html !encoded-multipart"},
		{"Subject: uu\n\nbegin 644 a.txt\n#0V%T\n`\nend\n",
			"1:text/plain 1.u1:application/octet-stream"},
		{"Subject: x\nContent-Type: text/html\nbody without an empty line\nmore\n",
			"1:text/html !bad-header"},
		{"Subject: x\nno field here\nContent-Type: text/html\n\nx",
			"1:text/html !bad-header"},
		{"Content-Type: multipart/mixed;\r boundary=b\r\r--b\rContent-Type: text/html\r\rone\r--b--\r",
			"0:multipart/mixed 1:text/html"},
		/* the blanks of folds were lost; a line of a body that looks like a field is none */
		{"Received: from a\nby b\nid c; date\nContent-Type: text/html\nSubject: x\n\nx",
			"1:text/html !bad-header"},
		{"Subject: x\ntext\nmore text\nContent-Type: text/html\n\nx", "1:text/plain !bad-header"},
		{"\xef\xbb\xbf"
		 "Content-Type: text/html\n\nx",
			"1:text/html"},
		/* a field name without its colon, which hides in a fold */
		{"From\n : <x@y>\nContent-Type: text/html\n\nx", "1:text/html !bad-header"},
		{"From a@b.test Sat Jan  3 01:05:34 1996\nContent-Type: text/html\n\nx",
			"1:text/html"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena *arena = arena_new();
		struct str s;

		str_init(&s, 10000);
		describe(&s, part_parse(arena, sv_of(rows[i][0]), NULL));
		t_streq(s.s, rows[i][1], rows[i][0]);
		str_fini(&s);
		arena_free(arena);
	}
}

static const char sample[] =
	"Subject: sample\r\nContent-Type: multipart/mixed; boundary=\"b b\"\r\n\r\npreamble\r\n--b "
	"b\r\n"
	"Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: "
	"quoted-printable\r\n\r\ncaf=E9=20\r\nline\r\n"
	"--b b  \r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Disposition: "
	"attachment\r\n"
	"Content-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n--b b--\r\nepilogue\r\n";

static void bodies_have_offsets_and_content(void **state)
{
	struct arena *arena = arena_new();
	struct part_tree *tree = part_parse(arena, SV(sample), NULL);
	struct part *text = part_by_id(tree, "1"), *pdf = part_by_id(tree, "2");
	struct str s;

	(void)state;
	assert_null(part_by_id(tree, "3"));
	assert_true(sv_is(part_raw(tree, text), "caf=E9=20\r\nline"));
	assert_true(sv_is(tree->preamble, "preamble"));
	assert_true(sv_is(tree->epilogue, "epilogue\r\n"));
	str_init(&s, 1000);
	assert_true(part_text(&s, tree, text, NULL, NULL, NULL));
	assert_string_equal(s.s, "café \nline");
	str_clear(&s);
	assert_true(part_decode(&s, tree, pdf, NULL));
	assert_string_equal(s.s, "%PDF");
	assert_int_equal(part_size(tree, pdf), 4);
	assert_string_equal(pdf->filename, "a.pdf");
	assert_true(part_is_attachment(pdf));
	assert_false(part_is_attachment(text));
	str_clear(&s);
	assert_true(part_tree_text(&s, tree));
	assert_string_equal(s.s, "multipart/mixed(text/plain,application/pdf)");
	str_fini(&s);
	str_init(&s, 24); /* the head that fits is there */
	assert_false(part_text(&s, tree, tree->root, NULL, NULL, NULL));
	assert_true(s.len > 0 && s.len <= 24);
	str_fini(&s);
	str_init(&s, 2);
	assert_false(part_decode(&s, tree, pdf, NULL));
	str_fini(&s);
	arena_free(arena);
}

static void a_message_inside_has_its_own_header(void **state)
{
	struct arena *arena = arena_new();
	struct part_tree *tree = part_parse(arena,
		SV("Content-Type: message/rfc822\n\nSubject: inner\nFrom: a@b.test\n\nbody\n"),
		NULL);
	struct envelope env;

	(void)state;
	assert_true(tree->list[1]->is_top);
	envelope_parse(arena, &tree->list[1]->headers, NULL, &env);
	assert_string_equal(env.subject, "inner");
	arena_free(arena);
}

static void html_says_its_charset(void **state)
{
	struct arena *arena = arena_new();
	struct part_tree *tree = part_parse(arena,
		SV("Content-Type: text/html\n\n<html><meta charset=\"koi8-r\">\xd0\xd2"), NULL);
	struct str s;

	(void)state;
	str_init(&s, 1000);
	assert_true(part_text(&s, tree, tree->root, NULL, NULL, NULL));
	assert_string_equal(s.s, "<html><meta charset=\"koi8-r\">пр");
	str_fini(&s);
	arena_free(arena);
}

/* Nothing in the input may cost more than its size: a stack of ours, or a part too many. */
static void limits_hold(void **state)
{
	struct arena *arena = arena_new();
	struct part_tree *tree;
	struct str s;
	int i;

	(void)state;
	str_init(&s, 64u << 20);
	for (i = 0; i < 3000; i++)
		str_addf(&s, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
	tree = part_parse(arena, str_sv(&s), NULL);
	assert_true(tree->defects & PART_TOO_DEEP);
	assert_true(tree->count <= PART_DEPTH_MAX + 2);
	str_clear(&s);
	arena_reset(arena);
	str_adds(&s, "Content-Type: multipart/mixed; boundary=b\n\n");
	for (i = 0; i < PART_COUNT_MAX + 100; i++)
		str_adds(&s, "--b\n\n");
	tree = part_parse(arena, str_sv(&s), NULL);
	assert_true(tree->defects & PART_TOO_MANY);
	assert_int_equal(tree->count, PART_COUNT_MAX);
	str_fini(&s);
	arena_free(arena);
}

static void names_of_files(void **state)
{
	static const struct {
		const char *fields, *want;
	} rows[] = {
		{"Content-Type: a/b; name=x\nContent-Disposition: attachment; filename=y\n", "y"},
		{"Content-Type: a/b; name=x\nContent-Disposition: attachment\n", "x"},
		{"Content-Type: a/b; filename=x\n", "x"},
		{"Content-Type: a/b; name=x\nContent-Disposition: attachment; filename=\"\"\n", "x"},
		{"Content-Disposition: attachment; name=x\n", "x"},
		{"Content-Type: a/b\nContent-Disposition: filename=y\n", "y"},
		{"Content-Disposition: attachment; filename=\"C:\\dir\\a.pdf\"\n", "C:\\dir\\a.pdf"},
		{"Content-Disposition: attachment; filename=\"a\\\"b\\\\c\"\n", "a\"b\\c"},
		/* a name whose letters were lost, beside the same one */
		{"Content-Type: a/b; name=\"=?utf-8?b?zrE=?=.pdf\"\nContent-Disposition: attachment; filename=\"?.pdf\"\n", "α.pdf"},
		{"Content-Type: a/b; name=\"?.pdf\"\nContent-Disposition: attachment; filename=\"why?.pdf\"\n", "why?.pdf"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena *arena = arena_new();
		char *text = xasprintf("%s\nx", rows[i].fields);
		const struct part_tree *tree = part_parse(arena, sv_of(text), NULL);
		t_streq(tree->root->filename ? tree->root->filename : "none", rows[i].want, rows[i].fields);
		free(text);
		arena_free(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_files),
		cmocka_unit_test(messages_become_trees),
		cmocka_unit_test(bodies_have_offsets_and_content),
		cmocka_unit_test(a_message_inside_has_its_own_header),
		cmocka_unit_test(html_says_its_charset),
		cmocka_unit_test(limits_hold),
	};

	return t_run(tests);
}
