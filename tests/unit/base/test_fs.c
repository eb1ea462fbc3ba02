#include "base/fs.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "tests/unit/t.h"

static char dir[] = "/tmp/feist-test-fs-XXXXXX";

static void safe_names(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{"report.pdf", "report.pdf"},
		{"../../etc/passwd", "passwd"},
		{"C:\\Users\\x\\evil.exe", "evil.exe"},
		{".bashrc", "bashrc"},
		{"-rf", "rf"},
		{"~root", "root"},
		{"...", "part"},
		{"", "part"},
		{"/", "_"},
		{"a\nb\x1b[31m.txt", "a_b_[31m.txt"},
		{"photo\xe2\x80\xaegpj.exe", "photogpj.exe"},
		{"\xef\xbb\xbfx", "x"},
		{"na\xc3\xafve \xe6\x97\xa5.txt", "na\xc3\xafve \xe6\x97\xa5.txt"},
		{"trailing.. ", "trailing"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *got = fs_safe_name(sv_of(rows[i].in), "part");
		t_streq(got, rows[i].want, rows[i].in);
		free(got);
	}
}

static void long_names_keep_their_extension(void **state)
{
	char name[600];

	(void)state;
	for (size_t i = 0; i < 500; i += 2)
		memcpy(name + i, "\xc3\xa4", 2);
	memcpy(name + 500, ".pdf", 5);
	char *got = fs_safe_name(sv_of(name), "part");
	assert_true(strlen(got) <= 200);
	assert_string_equal(got + strlen(got) - 4, ".pdf");
	assert_int_equal((strlen(got) - 4) % 2, 0); /* no character was cut */
	free(got);
}

static void write_then_read(void **state)
{
	char *sub = fs_join(dir, "a/b/c"), *file = fs_join(sub, "f");
	struct err e;
	struct str s;
	struct stat st;

	(void)state;
	assert_true(fs_mkdirs(sub, &e));
	assert_true(fs_mkdirs(sub, &e));
	assert_true(fs_write_atomic(file, SV("hello"), 0600, &e));
	assert_true(fs_write_atomic(file, SV("hello again"), 0640, &e));
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_true(fs_read(file, 100, &s, &e));
	assert_string_equal(s.s, "hello again");
	str_fini(&s);
	assert_true(fs_read(file, 11, &s, &e)); /* exactly its size */
	str_fini(&s);
	assert_false(fs_read(file, 10, &s, &e));
	assert_int_equal(e.class, ERR_LIMIT);
	assert_false(fs_read("/nonexistent/x", 10, &s, &e));
	assert_int_equal(e.class, ERR_GONE);
	assert_non_null(strstr(e.text, "/nonexistent/x"));
	free(file);
	free(sub);
}

static void unique_files_never_overwrite(void **state)
{
	struct err e;
	int fd;
	char *a, *b;

	(void)state;
	assert_true(fs_create_unique(dir, "x.txt", &fd, &a, &e));
	close(fd);
	assert_true(fs_create_unique(dir, "x.txt", &fd, &b, &e));
	close(fd);
	assert_string_equal(fs_basename(a), "x.txt");
	assert_string_equal(fs_basename(b), "x-1.txt");
	free(a);
	free(b);
}

static void a_lock_has_one_holder(void **state)
{
	char *path = fs_join(dir, "lock");
	struct err e;
	int fd, other, holder = 0;

	(void)state;
	assert_true(fs_lock_file(path, &fd, &holder, &e));
	assert_false(fs_lock_file(path, &other, &holder, &e));
	assert_int_equal(e.class, ERR_LIMIT);
	assert_int_equal(holder, (int)getpid());
	close(fd);
	assert_true(fs_lock_file(path, &fd, &holder, &e));
	close(fd);
	free(path);
}

static void expansion(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {{"~/x", "/home/u/x"}, {"~", "/home/u"}, {"$FT/y", "val/y"}, {"${FT}z", "valz"}, {"a$", "a$"},
		{"/plain", "/plain"}, {"~nobody-here/x", "~nobody-here/x"}, {"$UNSET_FT/q", "/q"}};

	(void)state;
	setenv("HOME", "/home/u", 1);
	setenv("FT", "val", 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *got = fs_expand(rows[i].in);
		t_streq(got, rows[i].want, rows[i].in);
		free(got);
	}
	setenv("XDG_CACHE_HOME", "/c", 1);
	char *p = fs_cache_dir();
	assert_string_equal(p, "/c/feist");
	free(p);
	setenv("XDG_CACHE_HOME", "relative", 1); /* not allowed by the standard: ignored */
	p = fs_cache_dir();
	assert_string_equal(p, "/home/u/.cache/feist");
	free(p);
}

/* What was sealed stays as it is; what was not is not looked at in place. */
static void sealed_memory(void **state)
{
	struct err e;
	struct sv v;
	int fd = fs_memfd("test", &e);

	(void)state;
	assert_true(fd >= 0);
	assert_true(fs_write_all(fd, SV("document"), &e));
	assert_false(fs_map_sealed(fd, 8, &v));
	assert_true(fs_seal(fd, &e));
	assert_false(fs_map_sealed(fd, 9, &v));
	assert_false(fs_map_sealed(fd, 0, &v));
	assert_true(fs_map_sealed(fd, 8, &v));
	assert_int_equal(pwrite(fd, "x", 1, 0), -1);
	assert_int_equal(ftruncate(fd, 0), -1);
	assert_true(sv_is(v, "document"));
	fs_unmap(v);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(safe_names),
		cmocka_unit_test(long_names_keep_their_extension),
		cmocka_unit_test(write_then_read),
		cmocka_unit_test(unique_files_never_overwrite),
		cmocka_unit_test(a_lock_has_one_holder),
		cmocka_unit_test(expansion),
		cmocka_unit_test(sealed_memory),
	};

	if (!mkdtemp(dir))
		return 1;
	int failed = t_run(tests);
	return failed;
}
