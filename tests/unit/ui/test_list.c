#include "ui/list.h"

#include "tests/unit/t.h"

static void check(const struct list *l, int top, int cursor)
{
	if (l->top != top || l->cursor != cursor)
		fail_msg("top %d cursor %d, want %d %d", l->top, l->cursor, top, cursor);
}

static void pages_repeat_nothing_without_context(void **state)
{
	(void)state;
	struct list l = {.move_off = true};
	list_set_rows(&l, 10);
	list_set_count(&l, 25);
	check(&l, 0, 0);
	assert_int_equal(list_do(&l, LIST_NEXT_PAGE), LIST_MOVED);
	check(&l, 10, 10);
	list_do(&l, LIST_NEXT_PAGE);
	check(&l, 15, 15);
	list_do(&l, LIST_NEXT_PAGE);
	check(&l, 15, 24);
	assert_int_equal(list_do(&l, LIST_NEXT_PAGE), LIST_AT_LAST);
	list_do(&l, LIST_FIRST);
	check(&l, 0, 0);
	assert_int_equal(list_do(&l, LIST_PREV_ENTRY), LIST_AT_FIRST);
}

static void stepping_over_the_edge_turns_a_page(void **state)
{
	(void)state;
	struct list l = {0};
	list_set_rows(&l, 5);
	list_set_count(&l, 20);
	for (int i = 0; i < 5; i++)
		list_do(&l, LIST_NEXT_ENTRY);
	check(&l, 5, 5);
	list_do(&l, LIST_PREV_ENTRY);
	check(&l, 0, 4);
}

static void scrolling_keeps_context(void **state)
{
	(void)state;
	struct list l = {.scroll = true, .context = 2};
	list_set_rows(&l, 10);
	list_set_count(&l, 30);
	list_set_cursor(&l, 8);
	check(&l, 1, 8);
	list_do(&l, LIST_NEXT_ENTRY);
	check(&l, 2, 9);
	list_set_cursor(&l, 29);
	check(&l, 20, 29);
	list_set_cursor(&l, 20);
	check(&l, 18, 20);
	list_do(&l, LIST_NEXT_LINE);
	check(&l, 19, 21);
}

static void the_window_follows_when_entries_go(void **state)
{
	(void)state;
	struct list l = {.scroll = true};
	list_set_rows(&l, 4);
	list_set_count(&l, 10);
	list_do(&l, LIST_LAST);
	check(&l, 6, 9);
	list_set_count(&l, 3);
	check(&l, 0, 2);
	list_set_count(&l, 0);
	check(&l, 0, 0);
	assert_int_equal(list_do(&l, LIST_NEXT_ENTRY), LIST_EMPTY);
}

static void any_moves_keep_the_cursor_in_the_window(void **state)
{
	(void)state;
	unsigned seed = 1;
	struct list l = {0};
	for (int i = 0; i < 200000; i++) {
		seed = seed * 1103515245u + 12345u;
		unsigned r = seed >> 16;
		if (r % 50 == 0) {
			l.scroll = r & 64;
			l.move_off = r & 128;
			l.context = (int)(r >> 8) % 6;
			list_set_count(&l, (int)(r >> 3) % 40);
			list_set_rows(&l, 1 + (int)(r >> 5) % 12);
		}
		list_do(&l, (enum list_move)(r / 64 % LIST_MOVES));
		if (l.count == 0)
			continue;
		if (l.cursor < 0 || l.cursor >= l.count || l.cursor < l.top || l.cursor >= l.top + l.rows)
			fail_msg("step %d: count %d rows %d top %d cursor %d", i, l.count, l.rows, l.top, l.cursor);
	}
}

static void positions(void **state)
{
	(void)state;
	char buf[8];
	struct list l = {0};
	list_set_rows(&l, 10);
	list_set_count(&l, 5);
	assert_string_equal(list_position(&l, buf), "all");
	list_set_count(&l, 40);
	assert_string_equal(list_position(&l, buf), "top");
	list_do(&l, LIST_NEXT_PAGE);
	assert_string_equal(list_position(&l, buf), "50%");
	list_do(&l, LIST_LAST);
	assert_string_equal(list_position(&l, buf), "end");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_repeat_nothing_without_context),
		cmocka_unit_test(stepping_over_the_edge_turns_a_page),
		cmocka_unit_test(scrolling_keeps_context),
		cmocka_unit_test(the_window_follows_when_entries_go),
		cmocka_unit_test(any_moves_keep_the_cursor_in_the_window),
		cmocka_unit_test(positions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
