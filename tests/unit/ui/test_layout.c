#include "ui/layout.h"

#include "tests/unit/t.h"

static struct layout at(int rows, int cols, enum layout_kind kind)
{
	struct layout out;
	struct layout_in in = {.rows = rows, .cols = cols, .kind = kind, .help = true, .sidebar = LAYOUT_AUTO,
		.preview = LAYOUT_AUTO, .pager_lines = LAYOUT_AUTO};
	layout_compute(&in, &out);
	return out;
}

static bool empty(struct rect r)
{
	return r.rows <= 0 || r.cols <= 0;
}

/* The table of the design: sidebar, preview and index lines by size. */
static void the_rules(void **state)
{
	static const struct {
		int rows, cols, sidebar, preview /* 0 1 below 2 right */, pager_lines;
	} table[] = {
		{24, 50, 0, 0, 0}, {24, 80, 0, 0, 4}, {18, 80, 0, 0, 0}, {40, 80, 0, 0, 8}, {30, 130, 24, 0, 8},
		{45, 130, 24, 1, 8}, {50, 200, 26, 2, -1},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct layout l = at(table[i].rows, table[i].cols, LAYOUT_LIST);
		assert_int_equal(l.sidebar.cols, table[i].sidebar);
		int preview = empty(l.pager) ? 0 : empty(l.pager_divider) ? 1 : 2;
		assert_int_equal(preview, table[i].preview);
		struct layout p = at(table[i].rows, table[i].cols, LAYOUT_PAGER);
		if (table[i].pager_lines >= 0)
			assert_int_equal(p.list.rows, table[i].pager_lines);
		else
			assert_false(empty(p.pager_divider));
	}
}

/* Places never overlap and never leave the screen, whatever the size. */
static void nothing_overlaps(void **state)
{
	static char cells[60][210];
	(void)state;
	for (int rows = 1; rows < 60; rows++) {
		for (int cols = 1; cols < 210; cols += 7) {
			for (int kind = 0; kind < 3; kind++) {
				struct layout l = at(rows, cols, (enum layout_kind)kind);
				struct rect r[] = {l.help, l.sidebar, l.divider, l.list, l.list_status, l.pager,
					l.pager_divider, l.status, l.pager_status, l.message};
				memset(cells, 0, sizeof(cells));
				for (size_t i = 0; i < ARRAY_LEN(r); i++) {
					for (int y = r[i].row; y < r[i].row + r[i].rows; y++) {
						for (int x = r[i].col; x < r[i].col + r[i].cols; x++) {
							assert_true(y >= 0 && y < rows && x >= 0 && x < cols);
							if (cells[y][x]++ != 0)
								fail_msg("%dx%d kind %d: place %zu overlaps at %d,%d", rows, cols, kind, i, y, x);
						}
					}
				}
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rules),
		cmocka_unit_test(nothing_overlaps),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
