#include "ui/line.h"

#include <stdlib.h>

#include "tests/unit/t.h"

/* Text with | for the cursor, operations, the same after them. */
static const struct {
	const char *before;
	enum line_op op;
	bool done;
	const char *after;
} cases[] = {
	{"abc|", LINE_BACKSPACE, true, "ab|"},
	{"|abc", LINE_BACKSPACE, false, "|abc"},
	{"a\xcc\x81|", LINE_BACKSPACE, true, "|"},
	{"a|bc", LINE_DELETE_CHAR, true, "a|c"},
	{"abc|", LINE_DELETE_CHAR, false, "abc|"},
	{"a|bc", LINE_BOL, true, "|abc"},
	{"a|bc", LINE_EOL, true, "abc|"},
	{"\xe6\x97\xa5|x", LINE_BACKWARD_CHAR, true, "|\xe6\x97\xa5x"},
	{"|\xe6\x97\xa5x", LINE_FORWARD_CHAR, true, "\xe6\x97\xa5|x"},
	{"one two|", LINE_BACKWARD_WORD, true, "one |two"},
	{"|one two", LINE_FORWARD_WORD, true, "one| two"},
	{"one two three|", LINE_KILL_WORD, true, "one two |"},
	{"a@b.example, c@d|", LINE_KILL_WORD, true, "a@b.example, |"},
	{"one |two", LINE_KILL_LINE, true, "|two"},
	{"one |two", LINE_KILL_WHOLE_LINE, true, "|"},
	{"one |two", LINE_KILL_EOL, true, "one |"},
	{"one| two three", LINE_KILL_EOW, true, "one| three"},
	{"|one two", LINE_CAPITALIZE_WORD, true, "One| two"},
	{"|one two", LINE_UPCASE_WORD, true, "ONE| two"},
	{"|\xc3\x84rger", LINE_DOWNCASE_WORD, true, "\xc3\xa4rger|"},
	{"ab|", LINE_TRANSPOSE_CHARS, true, "ba|"},
	{"a|bc", LINE_TRANSPOSE_CHARS, true, "ba|c"},
	{"|ab", LINE_TRANSPOSE_CHARS, false, "|ab"},
};

static void operations(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct line l;
		struct sv before = sv_of(cases[i].before);
		size_t at = (size_t)sv_chr(before, '|');
		line_init(&l, sv_head(before, at), NULL);
		line_insert(&l, sv_from(before, at + 1));
		l.cursor = at;
		assert_int_equal(line_do(&l, cases[i].op), cases[i].done);
		struct str got;
		str_init(&got, 1000);
		str_add(&got, str_sv(&l.text));
		str_insert(&got, l.cursor, SV("|"));
		if (strcmp(got.s, cases[i].after) != 0)
			fail_msg("case %zu: got %s, want %s", i, got.s, cases[i].after);
		str_fini(&got);
		line_fini(&l);
	}
}

static void kills_gather_and_come_back(void **state)
{
	(void)state;
	struct line l;
	line_init(&l, SV("one two three"), NULL);
	line_do(&l, LINE_KILL_WORD);
	line_do(&l, LINE_KILL_WORD);
	assert_string_equal(l.text.s, "one ");
	line_do(&l, LINE_BOL);
	assert_true(line_do(&l, LINE_YANK));
	assert_string_equal(l.text.s, "two threeone ");
	line_fini(&l);
}

static void history_keeps_what_is_being_typed(void **state)
{
	(void)state;
	struct history h;
	history_init(&h, 3);
	history_add(&h, SV("first"), false);
	history_add(&h, SV("second"), false);
	history_add(&h, SV("second"), false);
	assert_int_equal(h.n, 2);
	struct line l;
	line_init(&l, SV("typ"), &h);
	assert_false(line_do(&l, LINE_HISTORY_DOWN));
	assert_true(line_do(&l, LINE_HISTORY_UP));
	assert_string_equal(l.text.s, "second");
	assert_true(line_do(&l, LINE_HISTORY_UP));
	assert_string_equal(l.text.s, "first");
	assert_false(line_do(&l, LINE_HISTORY_UP));
	line_do(&l, LINE_HISTORY_DOWN);
	line_do(&l, LINE_HISTORY_DOWN);
	assert_string_equal(l.text.s, "typ");
	assert_true(line_history_search(&l, SV("fir")));
	assert_string_equal(l.text.s, "first");
	line_fini(&l);
	history_add(&h, SV("third"), false);
	history_add(&h, SV("second"), true);
	assert_int_equal(h.n, 3);
	assert_string_equal(h.v[2], "second");
	history_add(&h, SV("fourth"), false);
	assert_int_equal(h.n, 3);
	assert_string_equal(h.v[0], "third");
	history_fini(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operations),
		cmocka_unit_test(kills_gather_and_come_back),
		cmocka_unit_test(history_keeps_what_is_being_typed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
