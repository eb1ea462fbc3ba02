#include "ui/input.h"

#include <stdlib.h>

#include "tests/unit/t.h"

/* Events written down as text: "a", "<Up>", "[paste:...]" and so on. */
static void note(void *data, const struct input_event *ev)
{
	struct str *out = data;
	switch (ev->kind) {
	case INPUT_KEY:
		key_print(ev->key, out);
		break;
	case INPUT_PASTE:
		str_addf(out, "[paste:" SV_FMT "]", SV_ARG(ev->text));
		break;
	case INPUT_FOCUS_IN:
		str_adds(out, "[in]");
		break;
	case INPUT_FOCUS_OUT:
		str_adds(out, "[out]");
		break;
	case INPUT_MOUSE:
		str_addf(out, "[mouse %d %d,%d %d]", ev->button, ev->x, ev->y, ev->pressed);
		break;
	case INPUT_REPLY:
		str_adds(out, "[reply]");
		break;
	}
}

static const struct {
	const char *bytes, *events;
} cases[] = {
	{"abc", "abc"},
	{"\x01\t\r\n", "^A<Tab><Return><Enter>"},
	{"\033[A\033OB", "<Up><Down>"},
	{"\033[5~\033[6~\033[3~", "<PageUp><PageDown><Delete>"},
	{"\033[1;5A", "<C-Up>"},
	{"\033[1;2P", "<S-F1>"},
	{"\033[15~", "<F5>"},
	{"\x7f", "<BackSpace>"},
	{"\xc3\xa9\xe6\x97\xa5", "\xc3\xa9\xe6\x97\xa5"},
	{"\033v", "<Esc>v"},
	{"\033\t", "<Esc><Tab>"},
	{"\033[200~one\rtwo\033[31m\033[201~x", "[paste:one\ntwo[31m]x"},
	{"\033[I\033[O", "[in][out]"},
	{"\033[<0;10;5M\033[<65;1;1M", "[mouse 0 9,4 1][mouse 65 0,0 1]"},
	{"\033[?62;22c", "[reply]"},
	{"\033P>|XTerm(370)\033\\k", "[reply]k"},
	{"\033]11;rgb:0000/0000/0000\033\\k", "[reply]k"},
	{"\033]11;rgb:0000/0000/0000\aj", "[reply]j"},
	{"\033[?2026;2$yj", "[reply]j"},
	{"\033[97;3u", "<Esc>a"},
	{"\033[105;5u", "<Tab>"},
	{"\033[27u", "<Esc>"},
	{"\033[120;5u", "^X"},
};

static void bytes_become_events(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct sv bytes = sv_of(cases[i].bytes);
		/* Cut at every byte: the events must not depend on how the bytes arrive. */
		for (size_t cut = 0; cut <= bytes.len; cut++) {
			struct str out;
			str_init(&out, 4096);
			struct input *in = input_new(note, &out);
			input_feed(in, sv_head(bytes, cut));
			input_feed(in, sv_from(bytes, cut));
			assert_false(input_pending(in));
			if (strcmp(out.s, cases[i].events) != 0)
				fail_msg("case %zu cut at %zu: got %s, want %s", i, cut, out.s, cases[i].events);
			input_free(in);
			str_fini(&out);
		}
	}
}

static void a_lone_escape_is_a_key_after_a_while(void **state)
{
	(void)state;
	struct str out;
	str_init(&out, 4096);
	struct input *in = input_new(note, &out);
	input_feed(in, SV("\033"));
	assert_int_equal(out.len, 0);
	assert_true(input_pending(in));
	input_timeout(in);
	assert_string_equal(out.s, "<Esc>");
	assert_false(input_pending(in));
	input_free(in);
	str_fini(&out);
}

static void a_late_answer_never_becomes_keys(void **state)
{
	(void)state;
	struct str out;
	str_init(&out, 4096);
	struct input *in = input_new(note, &out);
	input_feed(in, SV("\033[?6"));
	assert_false(input_pending(in)); /* no timer: the rest will come */
	input_timeout(in);
	input_feed(in, SV("2;22c"));
	assert_string_equal(out.s, "[reply]");
	input_free(in);
	str_fini(&out);
}

static void random_bytes_do_no_harm(void **state)
{
	(void)state;
	struct str out;
	str_init(&out, 1 << 22);
	struct input *in = input_new(note, &out);
	unsigned seed = 4711;
	for (int i = 0; i < 20000; i++) {
		char b[16];
		for (size_t n = 0; n < sizeof(b); n++) {
			seed = seed * 1103515245u + 12345u;
			b[n] = (char)(seed >> 16);
			if ((seed >> 8) % 5 == 0)
				b[n] = "\033[]P?;~u<"[(seed >> 20) % 9];
		}
		input_feed(in, sv_make(b, sizeof(b)));
		if (i % 7 == 0)
			input_timeout(in);
		str_clear(&out);
	}
	input_free(in);
	str_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_become_events),
		cmocka_unit_test(a_lone_escape_is_a_key_after_a_while),
		cmocka_unit_test(a_late_answer_never_becomes_keys),
		cmocka_unit_test(random_bytes_do_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
