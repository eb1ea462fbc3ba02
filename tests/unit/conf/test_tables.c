/* Loops over the vocabulary: what the tables say works in the parser. */
#include "conf/expando.h"
#include "tests/unit/conf/rc_t.h"

/* Every default is printed as rc text and read again: the value is the same. */
static void defaults_read_again(void **state)
{
	struct rc_t *t = rc_t_new();
	struct str line, before, after;

	(void)state;
	str_init(&line, 1 << 20);
	str_init(&before, 1 << 20);
	str_init(&after, 1 << 20);
	for (int i = 0; i < OPT_COUNT; i++) {
		const struct opt *o = &opt_table[i];
		str_clear(&line);
		str_clear(&before);
		str_clear(&after);
		conf_text(t->conf, (enum opt_id)i, &before);
		str_addf(&line, "set %s = ", o->name);
		rc_quote(&line, str_sv(&before));
		rc_t_good(t, line.s);
		conf_text(t->conf, (enum opt_id)i, &after);
		t_streq(after.s, before.s, o->name);
		if (i != OPT_defaults)
			assert_true(conf_is_default(t->conf, (enum opt_id)i));
		t_streq(conf_origin_of(t->conf, (enum opt_id)i).file, "test", o->name);
	}
	str_fini(&line);
	str_fini(&before);
	str_fini(&after);
	rc_t_free(t);
}

/* The table's default and the modern one, as written there, are good values. */
static void table_defaults(void **state)
{
	struct rc_t *t = rc_t_new();
	struct str line;

	(void)state;
	str_init(&line, 1 << 20);
	for (int i = 0; i < OPT_COUNT; i++) {
		const struct opt *o = &opt_table[i];
		const char *texts[] = {o->init, o->modern};
		for (size_t n = 0; n < ARRAY_LEN(texts); n++) {
			if (!texts[n])
				continue;
			str_clear(&line);
			str_addf(&line, "set %s=", o->name);
			rc_quote(&line, sv_of(texts[n]));
			rc_t_good(t, line.s);
		}
		str_clear(&line);
		str_addf(&line, "unset %s; reset %s", o->name, o->name);
		rc_t_good(t, line.s);
		if (!conf_is_default(t->conf, (enum opt_id)i))
			fail_msg("%s is not its default after reset", o->name);
	}
	str_fini(&line);
	rc_t_free(t);
}

static void examples(void **state)
{
	(void)state;
	for (int i = 0; i < OPT_COUNT; i++) {
		struct rc_t *t = rc_t_new();
		if (opt_table[i].example)
			rc_t_good(t, opt_table[i].example);
		rc_t_free(t);
	}
	for (int i = 0; i < CMD_COUNT; i++) {
		const struct cmd *c = &cmd_table[i];
		struct rc_t *t = rc_t_new();
		if (c->example)
			rc_t_good(t, c->example);
		if (c->example && cmd_find(sv_head(sv_of(c->example), strcspn(c->example, " "))) !=
					  (enum cmd_id)i)
			fail_msg("%s: the example is of another command", c->name);
		rc_t_free(t);
	}
}

/*
 * A fresh profile takes the modern defaults, a muttrc mutt's; set defaults= switches, and what was
 * set stays.
 */
static void profiles(void **state)
{
	struct conf *modern = conf_new(CONF_MODERN);
	struct rc_t *t = rc_t_new();

	(void)state;
	for (int i = 0; i < OPT_COUNT; i++)
		if (!conf_is_default(modern, (enum opt_id)i))
			fail_msg("%s", opt_table[i].name);
	assert_true(modern->imap_idle);
	assert_int_equal(modern->sort.key, SORT_THREADS);
	rc_t_good(t, "set pager_stop=no\nset defaults=modern");
	assert_false(t->conf->pager_stop);
	assert_true(t->conf->imap_idle);
	assert_int_equal(t->conf->sidebar_visible, TRI_AUTO);
	assert_true(t->conf->pager_index_lines == CONF_AUTO);
	rc_t_good(t, "set defaults=mutt");
	assert_false(t->conf->imap_idle);
	assert_int_equal(t->conf->sidebar_visible, TRI_NO);
	conf_free(modern);
	rc_t_free(t);
}

/* Formats that are defaults hold only expandos that there are. */
static void formats(void **state)
{
	struct err e;

	(void)state;
	for (int i = 0; i < OPT_COUNT; i++) {
		const struct opt *o = &opt_table[i];
		const char *texts[] = {o->init, o->modern};
		for (size_t n = 0; o->set != SET_NONE && n < ARRAY_LEN(texts); n++) {
			if (!texts[n])
				continue;
			struct expando *x = expando_new(o->set, sv_of(texts[n]), &e);
			if (!x)
				fail_msg("%s: %s", o->name, e.text);
			expando_free(x);
		}
	}
}

/* The keys of every menu print and read again as the same. */
static void keys_again(void **state)
{
	struct rc_t *t = rc_t_new();

	(void)state;
	assert_true(t->conf->rc.binds.n > 350);
	for (size_t i = 0; i < t->conf->rc.binds.n; i++) {
		const struct rc_bind *b = &t->conf->rc.binds.v[i];
		struct keys again;
		struct str text;
		struct err e;
		str_init(&text, 1000);
		keys_print_rc(&b->keys, &text);
		assert_true(keys_parse_rc(str_sv(&text), &again, &e));
		assert_int_equal(again.n, b->keys.n);
		assert_memory_equal(again.k, b->keys.k, (size_t)again.n * sizeof(again.k[0]));
		str_clear(&text);
		keys_print(&b->keys, &text);
		assert_true(text.len > 0);
		str_fini(&text);
	}
	rc_t_free(t);
}

/* Every function of mutt's daily use has a key in a menu where it works. */
static void daily_functions_have_keys(void **state)
{
	static const char *const names[] = {"enter-command", "help", "search", "tag-prefix",
		"bounce-message", "change-folder", "copy-message", "delete-message",
		"display-message", "forward-message", "group-reply", "limit", "list-reply", "mail",
		"pipe-message", "print-message", "quit", "recall-message", "reply", "save-message",
		"sync-mailbox", "undelete-message", "view-attachments", "archive-message",
		"error-history", "redo", "show-outbox"};
	struct rc_t *t = rc_t_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		enum func_id fn = func_find(MENU_INDEX, sv_of(names[i]));
		size_t at = 0;
		if (fn == FN_NONE || !keymap_next_of(t->conf, MENU_INDEX, fn, &at))
			fail_msg("%s has no key", names[i]);
	}
	rc_t_free(t);
}

/* The presets are good rc text. */
static void presets(void **state)
{
	struct rc_t *t = rc_t_new();

	(void)state;
	rc_t_good(t, "source preset:vi\nsource preset:emacs\nsource preset:dark\nsource "
		     "preset:light\nsource preset:mono");
	rc_t_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_read_again),
		cmocka_unit_test(table_defaults),
		cmocka_unit_test(examples),
		cmocka_unit_test(profiles),
		cmocka_unit_test(formats),
		cmocka_unit_test(keys_again),
		cmocka_unit_test(daily_functions_have_keys),
		cmocka_unit_test(presets),
	};

	return t_run(tests);
}
