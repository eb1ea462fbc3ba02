/* The tables: every word has what people need of it, and no word is there twice. */
#include "tests/unit/t.h"
#include "vocab/vocab.h"

#define HELP_MAX 110 /* a line of help fits on a screen with its name */

/* One sentence that starts with a capital (or a name with a sign) and has no doubled blanks. */
static void good_help(const char *name, const char *help)
{
	if (!help || !*help)
		fail_msg("%s has no help", name);
	if (strlen(help) > HELP_MAX)
		fail_msg("%s: help is %zu bytes long", name, strlen(help));
	if (strstr(help, "  ") || strchr(help, '\n'))
		fail_msg("%s: help has blanks that do not belong there", name);
}

static void options(void **state)
{
	(void)state;
	for (int i = 0; i < OPT_COUNT; i++) {
		const struct opt *o = &opt_table[i];
		good_help(o->name, o->help);
		if (o->help[strlen(o->help) - 1] != '.')
			fail_msg("%s: help is no sentence", o->name);
		assert_non_null(o->init);
		assert_int_equal(opt_find(sv_of(o->name)), i);
		if ((o->type == OT_SORT || o->type == OT_ENUM) && !o->choices)
			fail_msg("%s has no choices", o->name);
		if (o->type == OT_FORMAT && o->set == SET_NONE)
			fail_msg("%s: which expandos?", o->name);
	}
}

static void synonyms(void **state)
{
	const char *old;
	enum opt_id id;
	enum cmd_id cmd;
	size_t n = 0;

	(void)state;
	for (size_t at = 0; opt_synonym_next(&at, &old, &id); n++) {
		assert_true(id < OPT_COUNT);
		assert_int_equal(opt_find(sv_of(old)), id);
		for (int i = 0; i < OPT_COUNT; i++)
			if (strcmp(opt_table[i].name, old) == 0)
				fail_msg("%s is an option and a synonym", old);
	}
	assert_true(n > 70);
	for (size_t at = 0; cmd_synonym_next(&at, &old, &cmd);)
		assert_int_equal(cmd_find(sv_of(old)), cmd);
}

static void functions(void **state)
{
	const char *name;
	unsigned menus;
	enum func_id id;

	(void)state;
	for (int i = 0; i < FN_COUNT; i++) {
		const struct func *f = &func_table[i];
		good_help(f->name, f->help);
		assert_true(f->menus != 0);
		for (int m = 0; m < MENU_COUNT; m++)
			if ((f->menus & (1u << m)) &&
				func_find((enum menu_id)m, sv_of(f->name)) != (enum func_id)i)
				fail_msg("%s in %s is another function", f->name,
					menu_name((enum menu_id)m));
	}
	/* a synonym works in every menu that it names, unless the menu has a function of that name */
	for (size_t at = 0; func_synonym_next(&at, &name, &menus, &id);)
		for (int m = 0; m < MENU_COUNT; m++)
			if (menus & (1u << m))
				assert_true(func_find((enum menu_id)m, sv_of(name)) != FN_NONE);
}

static void commands(void **state)
{
	(void)state;
	for (int i = 0; i < CMD_COUNT; i++) {
		good_help(cmd_table[i].name, cmd_table[i].help);
		assert_non_null(cmd_table[i].args);
		assert_int_equal(cmd_find(sv_of(cmd_table[i].name)), i);
	}
	assert_int_equal(cmd_find(SV("auto-view")), CMD_auto_view);
	assert_int_equal(cmd_find(SV("folder_hook")), CMD_folder_hook);
	assert_int_equal(cmd_find(SV("Set")), CMD_NONE);
}

static void patterns(void **state)
{
	(void)state;
	for (int i = 0; i < PAT_COUNT; i++) {
		good_help(pat_table[i].name, pat_table[i].help);
		assert_ptr_equal(pat_find(pat_table[i].letter), &pat_table[i]);
	}
	assert_null(pat_find('?'));
}

static void expandos(void **state)
{
	(void)state;
	for (size_t i = 0; i < expando_table_len; i++) {
		const struct expando_word *w = &expando_table[i];
		good_help(w->name, w->help);
		if (expando_find(w->set, sv_of(w->letter)) != w)
			fail_msg("%%%s of %s is there twice", w->letter, expando_set_name(w->set));
	}
	t_streq(expando_find(SET_INDEX, SV("zs foo"))->letter, "zs", "two letters");
	t_streq(expando_find(SET_INDEX, SV("Z foo"))->letter, "Z", "one letter");
	t_streq(expando_find(SET_INDEX, SV("Fa"))->letter, "F", "one letter before another");
	assert_null(expando_find(SET_STATUS, SV("z")));
}

static void colors(void **state)
{
	(void)state;
	for (int i = 0; i < COLOR_COUNT; i++) {
		good_help(color_table[i].name, color_table[i].help);
		assert_int_equal(color_find(sv_of(color_table[i].name)), i);
	}
}

static void menus(void **state)
{
	(void)state;
	for (int m = 0; m < MENU_COUNT; m++)
		assert_int_equal(menu_find(sv_of(menu_name((enum menu_id)m))), m);
	assert_int_equal(menu_find(SV("key_select_pgp")), MENU_PGP);
	assert_int_equal(menu_find(SV("nosuch")), MENU_COUNT);
	assert_false(menu_has_generic(MENU_PAGER));
	assert_false(menu_has_generic(MENU_EDITOR));
	assert_true(menu_has_generic(MENU_INDEX));
}

static void did_you_mean(void **state)
{
	static const struct {
		const char *typed, *candidate;
		bool near;
	} rows[] = {
		{"indexformat", "index_format", true},
		{"index-format", "index_format", true},
		{"indxe_format", "index_format", true},
		{"colour", "color", true},
		{"bnd", "bind", true},
		{"st", "set", true},
		{"x", "set", false},
		{"xyz", "set", false},
		{"pager_contxet", "pager_context", true},
		{"pager", "pager_context", false},
		{"", "set", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct nearest n;
		nearest_init(&n, sv_of(rows[i].typed));
		nearest_try(&n, rows[i].candidate);
		if ((n.best != NULL) != rows[i].near)
			fail_msg("%s ~ %s", rows[i].typed, rows[i].candidate);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options),
		cmocka_unit_test(synonyms),
		cmocka_unit_test(functions),
		cmocka_unit_test(commands),
		cmocka_unit_test(patterns),
		cmocka_unit_test(expandos),
		cmocka_unit_test(colors),
		cmocka_unit_test(menus),
		cmocka_unit_test(did_you_mean),
	};

	return t_run(tests);
}
