/*
 * Real configuration files (the shared corpus): all are read to their end, and what mutt takes is
 * taken.
 */
#include <dirent.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "tests/unit/conf/rc_t.h"

static bool is_missing_file(const char *text)
{
	return strstr(text, "No such file") != NULL;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/*
 * Reads a file without running anything; counts its errors but those about files that are not here.
 */
static size_t errors_in(const char *path)
{
	struct conf *conf = conf_new(CONF_MUTT);
	struct rc_opts opts = {.no_exec = true};
	struct rc *rc = rc_new(conf, &opts);
	size_t errors = 0;
	struct err e;

	if (!rc_read(rc, path, &e))
		fail_msg("%s: %s", path, e.text);
	for (size_t i = 0; i < rc_problem_count(rc); i++) {
		const struct rc_problem *p = rc_problem_at(rc, i);
		assert_true(p->line >= 1 && p->column >= 1 && *p->file && *p->text);
		errors += p->level == RC_ERROR && !is_missing_file(p->text);
	}
	/* what was read can be printed and copied */
	struct conf *copy = conf_dup(conf);
	struct str out;
	str_init(&out, 1 << 22);
	for (int i = 0; i < OPT_COUNT; i++)
		conf_print(copy, (enum opt_id)i, &out);
	assert_true(out.len > 0);
	str_fini(&out);
	conf_free(copy);
	rc_free(rc);
	conf_free(conf);
	return errors;
}

static void real_files(void **state)
{
	const char *shared = getenv("FEIST_SHARED");
	char *dir = xasprintf("%s/corpus/4-muttrc", shared ? shared : "");
	DIR *d = opendir(dir);
	struct rc_words files = {0};
	size_t bad = 0;

	(void)state;
	if (!d) {
		print_message("no shared corpus\n");
		free(dir);
		skip();
	}
	for (struct dirent *entry; (entry = readdir(d));)
		if (sv_ends_case(sv_of(entry->d_name), SV(".muttrc")))
			rc_words_add(&files, sv_of(entry->d_name));
	closedir(d);
	qsort(files.v, files.n, sizeof(*files.v), compare);
	for (size_t i = 0; i < files.n; i++) {
		char *path = fs_join(dir, files.v[i]);
		bad += errors_in(path) > 0;
		free(path);
	}
	print_message("%zu files, %zu of them with errors that mutt sees, too\n", files.n, bad);
	assert_true(files.n > 0);
	/*
	 * mutt 2.2.12 has complaints about 24 of 100; ours are typing errors, no words that we do
	 * not know
	 */
	assert_true(bad * 100 <= files.n * 8);
	rc_words_clear(&files);
	free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(real_files)};

	return t_run(tests);
}
