#include "sync/maildir_priv.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "base/fs.h"
#include "tests/unit/store/tmp.h"
#include "tests/unit/t.h"

static void flags_of_names(void **state)
{
	static const struct {
		const char *name;
		bool in_new;
		unsigned flags;
		const char *base;
	} rows[] = {
		{"1.a.h", true, 0, "1.a.h"},
		{"1.a.h", false, MSG_OLD, "1.a.h"},
		{"1.a.h:2,", false, MSG_OLD, "1.a.h"},
		{"1.a.h:2,S", false, MSG_SEEN, "1.a.h"},
		{"1.a.h:2,FRS", false, MSG_SEEN | MSG_FLAGGED | MSG_ANSWERED, "1.a.h"},
		{"1.a.h:2,DFPRST", false, MSG_SEEN | MSG_FLAGGED | MSG_ANSWERED | MSG_DRAFT | MSG_FORWARDED | MSG_DELETED, "1.a.h"},
		{"1.a.h:2,F", true, MSG_FLAGGED, "1.a.h"},
		{"1.a.h:2,Sab", false, MSG_SEEN, "1.a.h"},
		{"1.a.h:1,S", false, MSG_OLD, "1.a.h:1,S"}, /* experimental info is part of the name */
		{"1.a,S=100:2,S", false, MSG_SEEN, "1.a,S=100"},
		{"", true, 0, ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct sv base;
		unsigned flags = maildir_flags_of(sv_of(rows[i].name), rows[i].in_new, &base);

		if (flags != rows[i].flags || !sv_is(base, rows[i].base))
			fail_msg("%s: flags %#x base " SV_FMT, rows[i].name, flags, SV_ARG(base));
	}
}

static void names_of_flags(void **state)
{
	static const struct {
		unsigned flags;
		const char *other, *want;
	} rows[] = {
		{0, "", "1.a:2,"},
		{MSG_SEEN | MSG_ANSWERED | MSG_DRAFT, "", "1.a:2,DRS"},
		{MSG_FLAGGED | MSG_OLD | MSG_JUNK, "", "1.a:2,F"},
		{MSG_SEEN, "bSaX", "1.a:2,Sba"}, /* keyword letters stay */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str s;

		str_init(&s, 100);
		maildir_name_of(&s, SV("1.a"), rows[i].flags, sv_of(rows[i].other));
		t_streq(s.s, rows[i].want, rows[i].want);
		str_fini(&s);
	}
}

static void deliver(const char *dir, const char *base, const char *text, unsigned flags, int64_t date)
{
	struct maildir_delivery *d;
	struct err e;

	if (!maildir_deliver_begin(dir, base, &d, &e))
		fail_msg("%s", e.text);
	for (const char *p = text; *p; p++) /* one byte at a time: CR and LF may come apart */
		assert_true(maildir_deliver_write(d, sv_make(p, 1), &e));
	if (!maildir_deliver_end(d, flags, date, NULL, &e))
		fail_msg("%s", e.text);
}

static void expect_file(const char *dir, const char *path, const char *want)
{
	char *full = fs_join(dir, path);
	struct str s;
	struct err e;

	if (!fs_read(full, 1000, &s, &e))
		fail_msg("%s", e.text);
	t_streq(s.s, want, path);
	str_fini(&s);
	free(full);
}

static void delivery(void **state)
{
	char *tmp = tmp_dir(), *dir = fs_join(tmp, "sub/md"), *found;
	struct maildir_delivery *d;
	struct stat st;
	struct err e;
	char *none;

	(void)state;
	deliver(dir, "1.new", "A: b\r\n\r\nx\ry\r\n\r", 0, 0);
	expect_file(dir, "new/1.new", "A: b\n\nx\ry\n\r");
	deliver(dir, "2.seen", "x", MSG_SEEN | MSG_FLAGGED, 1000000);
	expect_file(dir, "cur/2.seen:2,FS", "x");
	char *path = fs_join(dir, "cur/2.seen:2,FS");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mtime, 1000000);
	assert_int_equal(st.st_mode & 0777, 0600);
	free(path);
	deliver(dir, "3.flagged", "x", MSG_FLAGGED, 0);
	expect_file(dir, "new/3.flagged:2,F", "x");
	deliver(dir, "2.seen", "again", 0, 0); /* the same intent a second time: nothing is added */
	expect_file(dir, "cur/2.seen:2,FS", "x");
	assert_true(maildir_find(dir, SV("2.seen"), &found, &e));
	assert_string_equal(found, "cur/2.seen:2,FS");
	free(found);
	assert_true(maildir_find(dir, SV("2.see"), &none, &e));
	assert_null(none);
	assert_true(maildir_deliver_begin(dir, NULL, &d, &e));
	assert_true(maildir_deliver_write(d, SV("half"), &e));
	maildir_deliver_abort(d);
	char *left = fs_join(dir, "tmp");
	assert_int_equal(rmdir(left), 0); /* empty */
	free(left);
	free(dir);
	tmp_remove(tmp);
}

static void bases(void **state)
{
	char *a = maildir_base_of_seed(17, SV("x")), *b = maildir_base_of_seed(17, SV("x")), *c = maildir_base_of_seed(17, SV("y"));
	char *d = maildir_new_base(), *f = maildir_new_base();

	(void)state;
	assert_string_equal(a, b);
	assert_string_not_equal(a, c);
	assert_string_not_equal(d, f);
	assert_true(sv_starts(sv_of(a), SV("17.F")));
	assert_null(strpbrk(a, "/: "));
	free(a), free(b), free(c), free(d), free(f);
}

static void kinds_of_paths(void **state)
{
	static const struct {
		const char *name, *content; /* NULL: no file */
		enum local_kind want;
	} rows[] = {
		{"none", NULL, LOCAL_NONE},
		{"empty", "", LOCAL_MBOX},
		{"mbox", "From a@b Mon Jan  1 10:00:00 2024\nA: b\n\n", LOCAL_MBOX},
		{"blank-lines", "\n\nFrom a@b Mon Jan  1 10:00:00 2024\nA: b\n\n", LOCAL_MBOX},
		{"text", "Dear all,\n", LOCAL_NONE},
		{"from-here", "From here to eternity\n", LOCAL_NONE},
		{"binary", "\x7f""ELF\1\2", LOCAL_NONE},
	};
	char *tmp = tmp_dir(), *md = fs_join(tmp, "md"), *folder = fs_join(tmp, "folder");
	struct err e;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *path = fs_join(tmp, rows[i].name);

		if (rows[i].content)
			assert_true(fs_write_atomic(path, sv_of(rows[i].content), 0600, &e));
		if (local_kind_of(path) != rows[i].want)
			fail_msg("%s", rows[i].name);
		free(path);
	}
	assert_true(maildir_make(md, &e) && fs_mkdirs(folder, &e));
	assert_int_equal(local_kind_of(md), LOCAL_MAILDIR);
	assert_int_equal(local_kind_of(folder), LOCAL_FOLDER);
	free(md), free(folder);
	tmp_remove(tmp);
}

static void watching(void **state)
{
	char *tmp = tmp_dir(), *md = fs_join(tmp, "md"), *mbox = fs_join(tmp, "mbox"), *aside = fs_join(tmp, "aside");
	struct local_watch *w = local_watch_new();
	struct err e;

	(void)state;
	assert_true(maildir_make(md, &e) && fs_write_atomic(mbox, SV(""), 0600, &e));
	local_watch_add(w, 1, md, LOCAL_MAILDIR);
	local_watch_add(w, 2, mbox, LOCAL_MBOX);
	local_watch_add(w, 2, mbox, LOCAL_MBOX);
#ifdef HAVE_SYS_INOTIFY_H
	assert_int_equal(local_watch_wait(w, -1, 0), 0);
	deliver(md, NULL, "x", 0, 0);
	assert_int_equal(local_watch_wait(w, -1, 2000), 1);
	assert_true(fs_write_atomic(aside, SV("new"), 0600, &e)); /* another file in the same folder */
	assert_int_equal(local_watch_wait(w, -1, 0), 0);
	assert_int_equal(rename(aside, mbox), 0);
	assert_int_equal(local_watch_wait(w, -1, 2000), 2);
	local_watch_add(w, 2, mbox, LOCAL_MBOX); /* the file that is there now */
	int fd = open(mbox, O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, "more", 4), 4);
	close(fd);
	assert_int_equal(local_watch_wait(w, -1, 2000), 2);
#endif
	local_watch_free(w);
	free(md), free(mbox), free(aside);
	tmp_remove(tmp);
}

static void put(const char *maildir, const char *name, const char *text)
{
	char *path = fs_join(maildir, name);
	struct err e;

	assert_true(fs_write_atomic(path, sv_of(text), 0600, &e));
	free(path);
}

static void t_file(struct maildir_list *l, const char *base, const char *path, const char *words, unsigned flags)
{
	struct maildir_file f;
	uint32_t file = maildir_list_find(l, sv_of(base));

	assert_int_not_equal(file, MAILDIR_NO_FILE);
	maildir_list_get(l, file, &f);
	if (!sv_is(f.base, base) || !sv_is(f.path, path) || !sv_is(f.words, words) || f.flags != flags)
		fail_msg("%s: " SV_FMT " '" SV_FMT "' %#x", base, SV_ARG(f.path), SV_ARG(f.words), f.flags);
}

/* A file that moves while we look, keywords, the order of reading, more files than the first table holds. */
static void listing(void **state)
{
	char *tmp = tmp_dir(), *md = fs_join(tmp, "md");
	struct maildir_list *l;
	uint32_t *rest;
	size_t n;
	struct err e;

	(void)state;
	assert_true(maildir_make(md, &e));
	put(md, "dovecot-keywords", "0 work\n2 $Junk\n");
	l = maildir_list_new(md);
	put(md, "new/17.b.h", "");
	put(md, "cur/.hidden", "");
	assert_true(maildir_list_read(l, md, "new", &e));
	t_file(l, "17.b.h", "new/17.b.h", "", 0);
	put(md, "cur/17.b.h:2,FSac", "");
	put(md, "cur/17.a.h:2,", "");
	put(md, "cur/no-time", "");
	for (int i = 0; i < 3000; i++) {
		char name[64];

		snprintf(name, sizeof(name), "cur/%d.x.h:2,S", 1000 + i);
		put(md, name, "");
	}
	assert_true(maildir_list_read(l, md, "cur", &e) && maildir_list_read(l, md, "cur", &e));
	assert_int_equal(maildir_list_count(l), 3003);
	t_file(l, "17.b.h", "cur/17.b.h:2,FSac", "work", MSG_FLAGGED | MSG_SEEN | MSG_JUNK);
	t_file(l, "no-time", "cur/no-time", "", MSG_OLD);
	t_file(l, "3999.x.h", "cur/3999.x.h:2,S", "", MSG_SEEN);
	assert_int_equal(maildir_list_find(l, SV("17.b")), MAILDIR_NO_FILE);

	maildir_list_set_known(l, maildir_list_find(l, SV("3999.x.h")));
	rest = maildir_list_unknown(l, &n);
	assert_int_equal(n, 3002);
	assert_int_equal(rest[0], maildir_list_find(l, SV("3998.x.h")));
	assert_int_equal(rest[n - 3], maildir_list_find(l, SV("17.b.h"))); /* the same second: by name */
	assert_int_equal(rest[n - 2], maildir_list_find(l, SV("17.a.h")));
	assert_int_equal(maildir_list_time(l, rest[n - 1]), 0);
	free(rest);
	maildir_list_forget_known(l);
	rest = maildir_list_unknown(l, &n);
	assert_int_equal(n, 3003);
	free(rest);
	maildir_list_free(l);
	free(md);
	tmp_remove(tmp);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags_of_names),
		cmocka_unit_test(names_of_flags),
		cmocka_unit_test(delivery),
		cmocka_unit_test(bases),
		cmocka_unit_test(kinds_of_paths),
		cmocka_unit_test(watching),
		cmocka_unit_test(listing),
	};

	return t_run(tests);
}
