#include "store/uidl.h"

#include "base/fs.h"
#include "store/db_priv.h"
#include "tests/unit/store/tmp.h"
#include "tests/unit/t.h"

struct fix {
	char *dir, *path;
	struct uidl *u;
};

static int setup(void **state)
{
	struct fix *f = xcalloc(1, sizeof(*f));
	struct err e;

	f->dir = tmp_dir();
	f->path = fs_join(f->dir, "pop/uidl.db");
	if (!uidl_open(&f->u, f->path, &e))
		fail_msg("%s", e.text);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fix *f = *state;

	uidl_close(f->u);
	tmp_remove(f->dir);
	free(f->path);
	free(f);
	return 0;
}

static void put(struct uidl *u, const char *uidl, enum uidl_state s, const char *base, const char *head)
{
	struct uidl_row row = {.state = s, .size = 10};
	struct err e;

	snprintf(row.base, sizeof(row.base), "%s", base);
	snprintf(row.head, sizeof(row.head), "%s", head);
	if (!uidl_put(u, sv_of(uidl), &row, &e))
		fail_msg("%s", e.text);
}

static enum uidl_state state_of(struct uidl *u, const char *uidl)
{
	struct uidl_row row;
	struct err e;

	if (!uidl_get(u, sv_of(uidl), &row, &e))
		fail_msg("%s", e.text);
	return row.state;
}

static void list(struct uidl *u, const char *a, const char *b, const char *c)
{
	const char *const all[] = {a, b, c};
	struct err e;

	assert_true(uidl_listing_begin(u, &e));
	for (size_t i = 0; i < 3; i++)
		assert_true(!all[i] || uidl_listing_add(u, i, sv_of(all[i]), &e));
	assert_true(uidl_listing_end(u, &e));
}

static void rows_last(void **state)
{
	struct fix *f = *state;
	struct uidl_row row;
	struct str out;
	struct err e;
	size_t n;

	assert_int_equal(state_of(f->u, "a"), UIDL_NEW);
	put(f->u, "a", UIDL_FETCHED, "1.a.h", "aa");
	put(f->u, "b", UIDL_DELETE, "1.b.h", "bb");
	uidl_close(f->u);
	assert_true(uidl_open(&f->u, f->path, &e));
	assert_true(uidl_get(f->u, SV("a"), &row, &e));
	assert_int_equal(row.state, UIDL_FETCHED);
	assert_true(row.since > 0 && row.size == 10);
	t_streq(row.base, "1.a.h", "base");
	t_streq(row.head, "aa", "head");
	assert_true(uidl_set_state(f->u, SV("a"), UIDL_WHOLE, &e) && uidl_count(f->u, UIDL_WHOLE, &n, &e) && n == 1);
	str_init(&out, UIDL_MAX);
	assert_true(uidl_by_base(f->u, SV("1.b.h"), &out, &e));
	t_streq(out.s, "b", "by base");
	assert_false(uidl_by_base(f->u, SV("1.c.h"), &out, &e));
	assert_int_equal(e.class, ERR_GONE);
	str_fini(&out);
	assert_true(uidl_rename(f->u, SV("b"), SV("a"), &e));
	assert_int_equal(state_of(f->u, "a"), UIDL_DELETE);
	assert_int_equal(state_of(f->u, "b"), UIDL_NEW);
	/* Nothing without a file is meant by no file. */
	put(f->u, "x", UIDL_LEFT, "", "");
	assert_true(uidl_delete_base(f->u, SV(""), &e));
	assert_int_equal(state_of(f->u, "x"), UIDL_LEFT);
}

static void changes_together(void **state)
{
	struct fix *f = *state;
	struct err e;

	assert_true(uidl_begin(f->u, &e));
	put(f->u, "a", UIDL_FETCHED, "1.a.h", "");
	uidl_rollback(f->u);
	uidl_rollback(f->u);
	assert_int_equal(state_of(f->u, "a"), UIDL_NEW);
	assert_true(uidl_begin(f->u, &e));
	put(f->u, "a", UIDL_FETCHED, "1.a.h", "");
	assert_true(uidl_commit(f->u, &e));
	assert_int_equal(state_of(f->u, "a"), UIDL_FETCHED);
}

static void see(void *data, size_t index, const struct uidl_row *row)
{
	str_addf(data, "%zu:%d ", index, row ? (int)row->state : -1);
}

static void listings(void **state)
{
	struct fix *f = *state;
	struct str out;
	struct err e;
	size_t n;

	put(f->u, "a", UIDL_FETCHED, "1.a.h", "aa");
	put(f->u, "b", UIDL_DELETE, "1.b.h", "bb");
	list(f->u, "c", "a", "d");
	str_init(&out, 1000);
	assert_true(uidl_listing_each(f->u, see, &out, &e));
	t_streq(out.s, "0:-1 1:1 2:-1 ", "rows of the listing");
	assert_true(uidl_vanished(f->u, &n, &e) && n == 1);
	assert_true(uidl_vanished_by_head(f->u, "bb", &out, &e));
	t_streq(out.s, "b", "known by its header");
	/* One that is listed has not another name; nor is an unknown header one. */
	assert_false(uidl_vanished_by_head(f->u, "aa", &out, &e));
	assert_false(uidl_vanished_by_head(f->u, "", &out, &e));
	assert_true(uidl_forget_vanished(f->u, &e));
	assert_int_equal(state_of(f->u, "b"), UIDL_NEW);
	assert_int_equal(state_of(f->u, "a"), UIDL_FETCHED);
	/* A listing that broke off is no listing. */
	assert_true(uidl_listing_begin(f->u, &e));
	uidl_rollback(f->u);
	assert_int_equal(state_of(f->u, "a"), UIDL_FETCHED);
	str_fini(&out);
}

static bool collect(void *data, struct sv uidl, const struct uidl_row *row)
{
	struct fix *f = data;

	(void)row;
	/* It may write while it is called. */
	return uidl_set_state(f->u, uidl, UIDL_PREVIEW, NULL);
}

static void contents_notes_each(void **state)
{
	struct fix *f = *state;
	char base[UIDL_BASE_MAX + 1];
	struct str out;
	struct err e;
	size_t n;

	assert_false(uidl_content(f->u, "h1", base));
	assert_true(uidl_content_put(f->u, "h1", "1.a.h", &e) && uidl_content_put(f->u, "h1", "1.b.h", &e));
	assert_true(uidl_content(f->u, "h1", base));
	t_streq(base, "1.b.h", "the last one");
	str_init(&out, 100);
	assert_false(uidl_note(f->u, "odd", &out));
	assert_true(uidl_note_put(f->u, "odd", "yes", &e) && uidl_note(f->u, "odd", &out));
	t_streq(out.s, "yes", "note");
	str_fini(&out);
	put(f->u, "a", UIDL_WHOLE, "1.a.h", "");
	put(f->u, "b", UIDL_WHOLE, "1.b.h", "");
	assert_true(uidl_each(f->u, UIDL_WHOLE, collect, f, &e));
	assert_true(uidl_count(f->u, UIDL_PREVIEW, &n, &e) && n == 2);
}

/* The table of the first version is brought up to date, with what it knows. */
static void first_version(void **state)
{
	struct fix *f = *state;
	struct db db = {0};
	struct err e;
	char *old = fs_join(f->dir, "old.db");

	assert_true(db_open(&db, old, DB_CREATE, 100, &e));
	assert_true(db_script(&db,
		"CREATE TABLE uidl(uidl TEXT PRIMARY KEY, state INTEGER NOT NULL, since INTEGER NOT NULL,"
		" seen INTEGER NOT NULL DEFAULT 1) STRICT, WITHOUT ROWID; INSERT INTO uidl VALUES('a',1,7,1);"
		"PRAGMA application_id=0x66737570; PRAGMA user_version=1;", &e));
	db_close(&db);
	uidl_close(f->u);
	if (!uidl_open(&f->u, old, &e))
		fail_msg("%s", e.text);
	assert_int_equal(state_of(f->u, "a"), UIDL_FETCHED);
	free(old);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rows_last, setup, teardown),
		cmocka_unit_test_setup_teardown(changes_together, setup, teardown),
		cmocka_unit_test_setup_teardown(listings, setup, teardown),
		cmocka_unit_test_setup_teardown(contents_notes_each, setup, teardown),
		cmocka_unit_test_setup_teardown(first_version, setup, teardown),
	};

	return t_run(tests);
}
