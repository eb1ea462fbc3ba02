#include "store/cache.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "store/applied.h"
#include "store/mailbox.h"
#include "store/message.h"
#include "tests/unit/store/tmp.h"
#include "tests/unit/t.h"

static struct cache *opened(const char *dir, enum cache_mode mode)
{
	struct cache *c;
	struct err e;

	if (!cache_open(&c, dir, "me@work", mode, &e))
		fail_msg("%s", e.text);
	return c;
}

static char *file_of(const char *dir)
{
	return fs_join(dir, "cache-me@work.db");
}

static void names_of_accounts_become_files(void **state)
{
	static const struct {
		const char *account, *want;
	} rows[] = {
		{"work", "work"}, {"me@host.example", "me@host.example"}, {"a/b", "a=2Fb"}, {"..", "=2E."},
		{"", "="}, {"gr\xc3\xbc\xc3\x9f""e", "gr=C3=BC=C3=9Fe"}, {"a b\n", "a=20b=0A"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *got = store_safe_account(rows[i].account);

		t_streq(got, rows[i].want, rows[i].account);
		free(got);
	}
}

static void a_reader_waits_for_the_writer(void **state)
{
	char *dir = tmp_dir(), *file = file_of(dir);
	struct cache *c, *w;
	struct err e;
	struct stat st;

	(void)state;
	assert_false(cache_open(&c, dir, "me@work", CACHE_READ, &e));
	assert_int_equal(e.class, ERR_GONE);
	w = opened(dir, CACHE_WRITE);
	assert_int_equal(cache_fate(w), CACHE_WAS_NEW);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 077, 0);
	c = opened(dir, CACHE_READ);
	assert_false(cache_changed(c));
	assert_true(cache_set_meta(w, "x", SV("1"), &e));
	assert_true(cache_changed(c));
	assert_false(cache_changed(c));
	char *x = cache_meta(c, "x");
	assert_string_equal(x, "1");
	free(x);
	assert_false(cache_set_meta(c, "x", SV("2"), &e)); /* readers cannot write */
	cache_close(c);
	cache_close(w);
	w = opened(dir, CACHE_WRITE);
	assert_int_equal(cache_fate(w), CACHE_WAS_GOOD);
	cache_close(w);
	free(file);
	tmp_remove(dir);
}

static void overwrite(const char *path, off_t at, const char *bytes, size_t n)
{
	int fd = open(path, O_RDWR);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, n, at), n);
	close(fd);
}

/* SQLite before 3.51.3 can damage a WAL file that two connections checkpoint: doc/adr/0011. */
static void a_reader_never_checkpoints(void **state)
{
	char *dir = tmp_dir(), *file = file_of(dir), *wal = xasprintf("%s-wal", file), *fact;
	struct cache *w = opened(dir, CACHE_WRITE), *r;
	struct stat before, after;
	struct err e;

	(void)state;
	assert_true(cache_set_meta(w, "a", SV("b"), &e));
	r = opened(dir, CACHE_READ);
	fact = cache_meta(r, "a");
	assert_string_equal(fact, "b");
	free(fact);
	cache_close(w); /* with a reader there it leaves the log */
	assert_int_equal(stat(file, &before), 0);
	cache_close(r);
	assert_int_equal(stat(file, &after), 0);
	assert_true(before.st_mtim.tv_sec == after.st_mtim.tv_sec && before.st_mtim.tv_nsec == after.st_mtim.tv_nsec);
	assert_int_equal(stat(wal, &after), 0);
	r = opened(dir, CACHE_READ);
	fact = cache_meta(r, "a");
	assert_string_equal(fact, "b");
	free(fact);
	cache_close(r);
	free(wal);
	free(file);
	tmp_remove(dir);
}

static void garbage_is_set_aside(void **state)
{
	char *dir = tmp_dir(), *file = file_of(dir), *bad = xasprintf("%s.bad", file);
	struct cache *c;
	struct err e;

	(void)state;
	assert_true(fs_mkdirs(dir, &e) && fs_write_atomic(file, SV("this is not a database, it is a poem......."), 0600, &e));
	assert_false(cache_open(&c, dir, "me@work", CACHE_READ, &e));
	assert_int_equal(e.class, ERR_GONE);
	c = opened(dir, CACHE_WRITE);
	assert_int_equal(cache_fate(c), CACHE_WAS_REBUILT);
	assert_true(fs_exists(bad));
	cache_close(c);
	free(bad);
	free(file);
	tmp_remove(dir);
}

static void a_newer_version_is_set_aside(void **state)
{
	char *dir = tmp_dir(), *file = file_of(dir);
	struct cache *c = opened(dir, CACHE_WRITE);

	(void)state;
	cache_close(c);
	overwrite(file, 60, "\0\0\0\x63", 4); /* user_version in the header */
	c = opened(dir, CACHE_WRITE);
	assert_int_equal(cache_fate(c), CACHE_WAS_REBUILT);
	cache_close(c);
	free(file);
	tmp_remove(dir);
}

/* Pages broken in the middle are met while working: an error now, a fresh file the next time. */
static void damage_met_later_is_mended_at_the_next_start(void **state)
{
	char *dir = tmp_dir(), *file = file_of(dir), junk[4096];
	struct cache *c = opened(dir, CACHE_WRITE);
	uint64_t id;
	struct err e;
	struct stat st;
	bool failed = false;

	(void)state;
	assert_true(mailbox_add(c, "INBOX", "INBOX", '/', &id, &e));
	assert_true(cache_begin(c, &e));
	for (uint64_t uid = 1; uid <= 2000; uid++) {
		struct message_row r = {.id = message_id_of(id, uid), .subject = SV("some words to fill a page")};

		assert_true(message_put(c, &r, &e));
	}
	assert_true(cache_commit(c, &e));
	cache_close(c);
	memset(junk, 0x5a, sizeof(junk));
	assert_int_equal(stat(file, &st), 0);
	for (off_t at = 20 * 4096; at + 4096 <= st.st_size; at += 4096)
		overwrite(file, at, junk, sizeof(junk));
	c = opened(dir, CACHE_WRITE);
	for (uint64_t uid = 1; uid <= 2000 && !failed; uid++)
		failed = !message_set_flags(c, message_id_of(id, uid), MSG_SEEN, SV(""), 0, &e);
	assert_true(failed);
	assert_int_equal(e.class, ERR_DISK);
	cache_close(c);
	c = opened(dir, CACHE_WRITE);
	assert_int_equal(cache_fate(c), CACHE_WAS_REBUILT);
	cache_close(c);
	free(file);
	tmp_remove(dir);
}

static void transactions(void **state)
{
	char *dir = tmp_dir();
	struct cache *w = opened(dir, CACHE_WRITE), *r = opened(dir, CACHE_READ);
	struct err e;

	(void)state;
	assert_true(cache_begin(w, &e));
	assert_true(cache_in_transaction(w));
	assert_true(cache_set_meta(w, "a", SV("1"), &e));
	assert_null(cache_meta(r, "a")); /* not before the commit */
	cache_rollback(w);
	assert_null(cache_meta(w, "a"));
	assert_true(cache_begin(w, &e) && cache_set_meta(w, "a", SV("1"), &e) && cache_commit(w, &e));
	char *a = cache_meta(r, "a");
	assert_string_equal(a, "1");
	free(a);
	cache_tidy(w);
	cache_close(r);
	cache_close(w);
	tmp_remove(dir);
}

static off_t wal_size(const char *dir)
{
	char *file = file_of(dir), *path = xasprintf("%s-wal", file);
	struct stat st;
	off_t size = stat(path, &st) == 0 ? st.st_size : 0;

	free(file);
	free(path);
	return size;
}

/* Whoever comes after all have left would read all of the log first. */
static void the_writer_leaves_no_log_behind(void **state)
{
	char *dir = tmp_dir();
	struct cache *w = opened(dir, CACHE_WRITE), *r = opened(dir, CACHE_READ);
	struct err e;

	(void)state;
	for (unsigned n = 0; n < 50; n++) {
		char name[16];

		snprintf(name, sizeof(name), "n%u", n);
		assert_true(cache_set_meta(w, name, SV("1"), &e));
	}
	assert_true(wal_size(dir) > 0);
	cache_close(w);
	assert_int_equal(wal_size(dir), 0);
	cache_close(r);
	tmp_remove(dir);
}

static void applied_rows(void **state)
{
	char *dir = tmp_dir();
	struct cache *c = opened(dir, CACHE_WRITE);
	struct applied a;
	struct err e;

	(void)state;
	assert_true(applied_get(c, 5, &a, &e));
	assert_int_equal(a.state, APPLIED_NO);
	assert_true(applied_set(c, 5, &(struct applied){APPLIED_TRYING, 9, 100}, &e));
	assert_true(applied_set(c, 5, &(struct applied){APPLIED_DONE, 9, 101}, &e));
	assert_true(applied_get(c, 5, &a, &e));
	assert_int_equal(a.state, APPLIED_DONE);
	assert_int_equal(a.uid, 101);
	assert_true(applied_prune(c, 30, &e) && applied_get(c, 5, &a, &e));
	assert_int_equal(a.state, APPLIED_DONE);
	assert_true(applied_prune(c, -1, &e) && applied_get(c, 5, &a, &e));
	assert_int_equal(a.state, APPLIED_NO);
	cache_close(c);
	tmp_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_accounts_become_files),
		cmocka_unit_test(a_reader_waits_for_the_writer),
		cmocka_unit_test(a_reader_never_checkpoints),
		cmocka_unit_test(garbage_is_set_aside),
		cmocka_unit_test(a_newer_version_is_set_aside),
		cmocka_unit_test(damage_met_later_is_mended_at_the_next_start),
		cmocka_unit_test(transactions),
		cmocka_unit_test(applied_rows),
		cmocka_unit_test(the_writer_leaves_no_log_behind),
	};

	return t_run(tests);
}
