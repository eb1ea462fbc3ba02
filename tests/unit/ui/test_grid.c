#include "ui/grid.h"

#include <stdlib.h>

#include "tests/unit/t.h"

static char *dump(struct grid *g)
{
	struct str s;
	str_init(&s, 1 << 16);
	assert_true(grid_dump(g, &s));
	char *text = str_detach(&s);
	str_fini(&s);
	return text;
}

static void check(struct grid *g, const char *want)
{
	char *got = dump(g);
	assert_string_equal(got, want);
	free(got);
}

static void text_is_clipped_to_its_area(void **state)
{
	(void)state;
	struct grid *g = grid_new(3, 10);
	struct area part = area_part(grid_area(g), 1, 2, 1, 5);
	assert_int_equal(area_puts(part, 0, 0, "abcdefgh", (struct style){0}), 5);
	assert_int_equal(area_puts(part, 1, 0, "below", (struct style){0}), 0);
	assert_int_equal(area_puts(part, -1, 0, "above", (struct style){0}), 0);
	check(g, "\n  abcde\n\n");
	struct area outside = area_part(grid_area(g), 5, 50, 9, 9);
	assert_true(area_empty(outside));
	grid_free(g);
}

static void wide_characters_take_two_cells(void **state)
{
	(void)state;
	struct grid *g = grid_new(1, 6);
	struct area a = grid_area(g);
	assert_int_equal(area_puts(a, 0, 0, "\xe6\x97\xa5\xe6\x9c\xac", (struct style){0}), 4);
	assert_int_equal(grid_cell(g, 0, 0)->width, 2);
	assert_int_equal(grid_cell(g, 0, 1)->ch[0], 0);
	/* Writing over one half blanks the other. */
	area_puts(a, 0, 1, "x", (struct style){0});
	check(g, " x\xe6\x9c\xac\n");
	area_puts(a, 0, 2, "y", (struct style){0});
	check(g, " xy\n");
	/* One that does not fit at the edge is left out. */
	assert_int_equal(area_puts(a, 0, 5, "\xe6\x97\xa5", (struct style){0}), 6);
	check(g, " xy\n");
	grid_free(g);
}

static void marks_join_their_character(void **state)
{
	(void)state;
	struct grid *g = grid_new(1, 5);
	assert_int_equal(area_puts(grid_area(g), 0, 0, "e\xcc\x81x", (struct style){0}), 2);
	assert_int_equal(grid_cell(g, 0, 0)->ch[1], 0x301);
	check(g, "e\xcc\x81x\n");
	grid_free(g);
}

static void controls_never_become_cells(void **state)
{
	(void)state;
	struct grid *g = grid_new(1, 8);
	area_put(grid_area(g), 0, 0, SV("a\033[31m\n"), (struct style){0});
	for (int i = 0; i < 8; i++)
		assert_true(grid_cell(g, 0, i)->ch[0] >= ' ');
	grid_free(g);
}

static void long_text_ends_in_an_ellipsis(void **state)
{
	(void)state;
	struct grid *g = grid_new(1, 10);
	assert_int_equal(area_put_width(grid_area(g), 0, 0, 6, SV("abcdefgh"), (struct style){0}, true), 6);
	check(g, "abcde\xe2\x80\xa6\n");
	grid_free(g);
}

static void styles_are_laid_over_each_other(void **state)
{
	(void)state;
	struct grid *g = grid_new(2, 4);
	struct area a = grid_area(g);
	struct style red = {.fg = STYLE_PALETTE | 1};
	area_puts(a, 0, 0, "ab", red);
	area_restyle(a, 0, 0, 4, (struct style){.bg = STYLE_PALETTE | 4, .attrs = STYLE_BOLD});
	struct str s;
	str_init(&s, 4096);
	assert_true(grid_dump_styles(g, &s));
	assert_string_equal(s.s, "aabb\n\na: bold fg=1 bg=4\nb: bold bg=4\n");
	str_fini(&s);
	grid_free(g);
}

static void nearest_colours(void **state)
{
	(void)state;
	assert_int_equal(style_nearest(0xff0000, 256), 196);
	assert_int_equal(style_nearest(0x808080, 256), 244);
	assert_int_equal(style_nearest(0xff0000, 16), 9);
	assert_int_equal(style_nearest(0x101010, 8), 0);
}

static void links_are_numbered_until_the_grid_is_cleared(void **state)
{
	(void)state;
	struct grid *g = grid_new(1, 1);
	assert_int_equal(grid_link(g, "http://a"), 1);
	assert_int_equal(grid_link(g, "http://a"), 1);
	assert_int_equal(grid_link(g, "http://b"), 2);
	assert_string_equal(grid_link_url(g, 2), "http://b");
	grid_clear(g, (struct style){0});
	assert_null(grid_link_url(g, 1));
	grid_free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_clipped_to_its_area),
		cmocka_unit_test(wide_characters_take_two_cells),
		cmocka_unit_test(marks_join_their_character),
		cmocka_unit_test(controls_never_become_cells),
		cmocka_unit_test(long_text_ends_in_an_ellipsis),
		cmocka_unit_test(styles_are_laid_over_each_other),
		cmocka_unit_test(nearest_colours),
		cmocka_unit_test(links_are_numbered_until_the_grid_is_cleared),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
