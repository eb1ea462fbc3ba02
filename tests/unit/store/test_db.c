#include "store/db_priv.h"

#include "base/fs.h"
#include "tests/unit/store/tmp.h"
#include "tests/unit/t.h"

#define APP 0x74657374

static const char *const steps_1[] = {"CREATE TABLE a(id INTEGER PRIMARY KEY, t TEXT) STRICT;"};
static const char *const steps_3[] = {
	"CREATE TABLE a(id INTEGER PRIMARY KEY, t TEXT) STRICT;",
	"ALTER TABLE a ADD COLUMN n INTEGER NOT NULL DEFAULT 7;",
	"CREATE TABLE b(x TEXT) STRICT; INSERT INTO b SELECT t||'!' FROM a;",
};
static const char *const steps_broken[] = {
	"CREATE TABLE a(id INTEGER PRIMARY KEY, t TEXT) STRICT;",
	"CREATE TABLE half(x INTEGER); THIS IS NOT SQL;",
};

static char *make_old(const char *dir)
{
	char *path = fs_join(dir, "x.db");
	struct db db;
	struct err e;
	int from;

	assert_true(db_open(&db, path, DB_CREATE, 100, &e));
	assert_true(db_migrate(&db, APP, steps_1, 1, &from, &e));
	assert_int_equal(from, 0);
	assert_true(db_script(&db, "INSERT INTO a VALUES(1,'old')", &e));
	db_close(&db);
	return path;
}

static void an_old_file_is_brought_up_to_date(void **state)
{
	char *dir = tmp_dir(), *path = make_old(dir);
	struct db db;
	struct err e;
	int64_t n;
	int from;

	(void)state;
	assert_true(db_open(&db, path, DB_CREATE, 100, &e));
	assert_true(db_migrate(&db, APP, steps_3, 3, &from, &e));
	assert_int_equal(from, 1);
	assert_true(db_number(&db, &e, &n, 0, "SELECT n FROM a WHERE t=?", "s", "old"));
	assert_int_equal(n, 7);
	assert_true(db_number(&db, &e, &n, 0, "SELECT count(*) FROM b WHERE x='old!'", ""));
	assert_int_equal(n, 1);
	assert_true(db_migrate(&db, APP, steps_3, 3, &from, &e)); /* nothing left to do */
	assert_int_equal(from, 3);
	db_close(&db);
	free(path);
	tmp_remove(dir);
}

static void a_failed_step_changes_nothing(void **state)
{
	char *dir = tmp_dir(), *path = make_old(dir);
	struct db db;
	struct err e;
	int64_t n;
	int from;

	(void)state;
	assert_true(db_open(&db, path, DB_CREATE, 100, &e));
	assert_false(db_migrate(&db, APP, steps_broken, 2, &from, &e));
	assert_int_equal(e.class, ERR_DISK);
	assert_true(db_version(&db, APP, &from, &e));
	assert_int_equal(from, 1);
	assert_true(db_number(&db, &e, &n, -1, "SELECT count(*) FROM sqlite_schema WHERE name='half'", ""));
	assert_int_equal(n, 0);
	db_close(&db);
	free(path);
	tmp_remove(dir);
}

static void newer_and_foreign_files_are_left_alone(void **state)
{
	char *dir = tmp_dir(), *path = make_old(dir);
	struct db db;
	struct err e;
	int from;

	(void)state;
	assert_true(db_open(&db, path, DB_CREATE, 100, &e));
	assert_true(db_script(&db, "PRAGMA user_version=9", &e));
	assert_false(db_migrate(&db, APP, steps_1, 1, &from, &e));
	assert_int_equal(e.class, ERR_INPUT);
	assert_false(db_migrate(&db, APP + 1, steps_1, 1, &from, &e));
	assert_int_equal(e.class, ERR_INPUT);
	db_close(&db);
	free(path);
	tmp_remove(dir);
}

static void values_are_bound(void **state)
{
	char *dir = tmp_dir(), *path = make_old(dir);
	struct db db;
	struct err e;
	sqlite3_stmt *st;

	(void)state;
	assert_true(db_open(&db, path, DB_CREATE, 100, &e));
	assert_true(db_run(&db, &e, "INSERT INTO a VALUES(?,?)", "it", (int64_t)2, SV("'); DROP TABLE a;--")));
	assert_true(db_run(&db, &e, "INSERT INTO a VALUES(?,?)", "us", UINT64_C(3), (const char *)NULL));
	st = db_query(&db, &e, "SELECT t FROM a WHERE id=?", "i", (int64_t)2);
	assert_non_null(st);
	assert_true(db_step(&db, st, &e));
	assert_string_equal(db_str(st, 0), "'); DROP TABLE a;--");
	assert_false(db_step(&db, st, &e));
	assert_int_equal(e.class, ERR_NONE);
	assert_false(db_run(&db, &e, "INSERT INTO a VALUES(?,'x')", "i", (int64_t)2)); /* there already */
	assert_int_equal(e.class, ERR_DISK);
	db_close(&db);
	free(path);
	tmp_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_old_file_is_brought_up_to_date),
		cmocka_unit_test(a_failed_step_changes_nothing),
		cmocka_unit_test(newer_and_foreign_files_are_left_alone),
		cmocka_unit_test(values_are_bound),
	};

	return t_run(tests);
}
