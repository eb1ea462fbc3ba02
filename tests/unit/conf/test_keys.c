/* Keys: reading, printing, macros, and what a key does in a menu. */
#include "tests/unit/conf/rc_t.h"

static void notation(void **state)
{
	static const struct {
		const char *written, *printed;
		int n;
	} rows[] = {
		{"a", "a", 1},
		{"\\Cx", "^X", 1},
		{"\\cX", "^X", 1},
		{"^X", "^X", 1},
		{"^", "^", 1},
		{"^^", "^^", 1},
		{"<f1>", "<F1>", 1},
		{"<F12>", "<F12>", 1},
		{"<Up>", "<Up>", 1},
		{"<PAGEDOWN>", "<PageDown>", 1},
		{"<esc>x", "<Esc>x", 2},
		{"\\ex", "<Esc>x", 2},
		{"\\033x", "<Esc>x", 2},
		{"<Tab>", "<Tab>", 1},
		{"\\t", "<Tab>", 1},
		{"<space>", "<Space>", 1},
		{"\\005", "^E", 1},
		{"<177>", "^?", 1},
		{"\\177", "^?", 1},
		{"gg", "gg", 2},
		{"<enter>", "<Enter>", 1},
		{"\\n", "<Enter>", 1},
		{"\\r", "<Return>", 1},
		{"<return>", "<Return>", 1},
		{"<C-Up>", "<C-Up>", 1},
		{"<S-Tab>", "<BackTab>", 1},
		{"<backtab>", "<BackTab>", 1},
		{"<C-x>", "^X", 1},
		{"<M-Left>", "<M-Left>", 1},
		{"<nosuch>", "<nosuch>", 8},
		{"<", "<", 1},
		{"<>", "<>", 2},
		{"\303\251", "\303\251", 1},
		{"\360\237\230\200x", "\360\237\230\200x", 2},
		{"'#'", "#", 1},
		{"\";\"", ";", 1},
		{"<Home><End>", "<Home><End>", 2},
		{"<KeypadEnter>", "<KeypadEnter>", 1},
		{"\\\\", "\\", 1},
		{"<delete>", "<Delete>", 1},
		{"<BackSpace>", "<BackSpace>", 1},
		{"<insert>", "<Insert>", 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct keys keys;
		struct str out;
		struct err e;
		str_init(&out, 1000);
		assert_true(keys_parse_rc(sv_of(rows[i].written), &keys, &e));
		assert_int_equal(keys.n, rows[i].n);
		keys_print(&keys, &out);
		t_streq(out.s, rows[i].printed, rows[i].written);
		str_fini(&out);
	}
}

static void bad_keys(void **state)
{
	struct keys keys;
	struct err e;

	(void)state;
	assert_false(keys_parse(SV(""), &keys, &e));
	assert_false(keys_parse(SV("12345678901234567"), &keys, &e));
	assert_true(keys_parse(SV("1234567890123456"), &keys, &e));
}

static void macros(void **state)
{
	struct str out;
	uint32_t *keys;
	struct err e;
	size_t n;

	(void)state;
	str_init(&out, 1000);
	assert_true(macro_parse(MENU_INDEX,
		SV("<change-folder>=x<enter><toggle-mailboxes>a<nosuch>"), &keys, &n, &e));
	assert_int_equal(n, 14);
	assert_int_equal(keys[0], K_FUNCTION + FN_change_folder);
	assert_int_equal(keys[3], '\n');
	for (size_t i = 0; i < n; i++)
		key_print(keys[i], &out);
	t_streq(out.s, "<change-folder>=x<Enter><toggle-mailboxes>a<nosuch>", "macro");
	free(keys);
	str_fini(&out);
}

/* What typing these keys in a menu finds. */
static const char *does(const struct conf *conf, enum menu_id menu, const char *typed)
{
	const struct rc_bind *b;
	struct keys keys;
	struct err e;

	assert_true(keys_parse_rc(sv_of(typed), &keys, &e));
	switch (keymap_find(conf, menu, keys.k, keys.n, &b)) {
	case KEYMAP_NONE:
		return "none";
	case KEYMAP_PREFIX:
		return "prefix";
	default:
		return b->macro ? b->macro : b->fn == FN_NONE ? "noop" : func_table[b->fn].name;
	}
}

static void lookup(void **state)
{
	struct rc_t *t = rc_t_new();

	(void)state;
	t_streq(does(t->conf, MENU_INDEX, "j"), "next-undeleted", "j in the index");
	t_streq(does(t->conf, MENU_BROWSER, "j"), "next-entry", "j of generic");
	t_streq(does(t->conf, MENU_PAGER, "t"), "tag-message", "t in the pager");
	t_streq(does(t->conf, MENU_PAGER, "z"), "none", "the pager has no generic");
	t_streq(does(t->conf, MENU_INDEX, "\\e"), "prefix", "Esc");
	t_streq(does(t->conf, MENU_INDEX, "\\eV"), "collapse-all", "Esc V");
	t_streq(does(t->conf, MENU_INDEX, "\\e/"), "search-reverse", "Esc / of generic");
	t_streq(does(t->conf, MENU_INDEX, ","), "prefix", ",");
	t_streq(does(t->conf, MENU_INDEX, "<nosuch>"), "none", "no key");
	rc_t_good(t,
		"bind index g noop\nbind index gg first-entry\nbind index,pager dd delete-message\n"
		"macro index X \"<quit>\" 'leave'\nbind generic QQ exit\nbind index \"Q\" "
		"query\nbind index,browser \\Cx exit");
	t_streq(does(t->conf, MENU_INDEX, "g"), "prefix", "g is the start of gg");
	t_streq(does(t->conf, MENU_INDEX, "gg"), "first-entry", "gg");
	t_streq(does(t->conf, MENU_INDEX, "d"), "prefix", "d gives way to dd");
	t_streq(does(t->conf, MENU_INDEX, "X"), "<quit>", "macro");
	t_streq(does(t->conf, MENU_INDEX, "Q"), "query",
		"own key before the longer one of generic");
	t_streq(does(t->conf, MENU_INDEX, "QQ"), "none", "generic is hidden");
	t_streq(does(t->conf, MENU_ATTACH, "QQ"), "exit", "but not elsewhere");
	rc_t_good(t, "bind index d delete-message");
	t_streq(does(t->conf, MENU_INDEX, "d"), "delete-message", "the later one wins");
	rc_t_good(t, "bind index j noop");
	t_streq(does(t->conf, MENU_INDEX, "j"), "noop", "noop hides generic");
	rc_t_good(t, "unbind index j");
	t_streq(does(t->conf, MENU_INDEX, "j"), "next-entry", "unbind opens generic");
	rc_t_good(t, "unmacro index X");
	t_streq(does(t->conf, MENU_INDEX, "X"), "none", "unmacro");
	rc_t_good(t, "unbind *");
	t_streq(does(t->conf, MENU_INDEX, "J"), "none", "unbind *");
	t_streq(does(t->conf, MENU_INDEX, ":"), "enter-command", "a way back stays");
	rc_t_free(t);
}

static void listing(void **state)
{
	struct rc_t *t = rc_t_new();
	const struct rc_bind *b;
	size_t at = 0, n = 0, with_prefix = 0;
	uint32_t comma = ',';

	(void)state;
	while ((b = keymap_next(t->conf, MENU_INDEX, NULL, 0, &at)))
		n++;
	print_message("%zu keys\n", n);
	assert_true(n > 120);
	for (at = 0; (b = keymap_next(t->conf, MENU_INDEX, &comma, 1, &at)); with_prefix++)
		assert_int_equal(b->keys.k[0], ',');
	assert_true(with_prefix >= 8);
	at = 0;
	b = keymap_next_of(t->conf, MENU_INDEX, FN_next_entry, &at);
	assert_true(b && b->keys.k[0] == 'J'); /* j and Down are next-undeleted here */
	assert_null(keymap_next_of(t->conf, MENU_INDEX, FN_next_entry, &at));
	rc_t_free(t);
}

static void completion(void **state)
{
	static const struct {
		const char *line, *first; /* "|" is the cursor */
		size_t start;
	} rows[] = {
		{"", "account-hook", 0},
		{"col", "color", 0},
		{"set pager_c", "pager_context", 4},
		{"set nopager_st", "pager_stop", 6},
		{"set quit=as", "ask-yes", 9},
		{"set quit = ", "yes", 11},
		{"set sort=thr", "threads", 9},
		{"set indent_string=", "\"> \"", 18},
		{"bind ind", "index", 5},
		{"bind index,pa", "pager", 11},
		{"bind index x next-u", "next-undeleted", 13},
		{"exec quit", "quit", 5},
		{"macro index x <change-f", "change-folder", 15},
		{"color ind", "index", 6},
		{"color index bri", "brightblack", 12},
		{"foo; unset bee", "beep", 11},
		{"unset metoo", "metoo", 6},
	};
	struct rc_t *t = rc_t_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct sv line = sv_of(rows[i].line);
		struct rc_completion c;
		struct str out;
		size_t at = 0;
		str_init(&out, 1000);
		rc_completion_at(line, line.len, &c);
		assert_int_equal(c.start, rows[i].start);
		if (!rc_complete_next(t->conf, &c, sv_from(line, c.start), &at, &out))
			fail_msg("nothing for %s", rows[i].line);
		t_streq(out.s, rows[i].first, rows[i].line);
		str_fini(&out);
	}
	rc_t_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(notation),
		cmocka_unit_test(bad_keys),
		cmocka_unit_test(macros),
		cmocka_unit_test(lookup),
		cmocka_unit_test(listing),
		cmocka_unit_test(completion),
	};

	return t_run(tests);
}
