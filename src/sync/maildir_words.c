/*
 * Keywords of a Maildir: letters a to z in the names of the files, which the file dovecot-keywords explains ("0 work":
 * a means work), as Dovecot writes it. A Maildir without that file keeps none: nobody would know what the letters mean.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "sync/local_box.h"

#define WORDS_FILE "dovecot-keywords"
#define FILE_MAX 65536
#define LOCK_TRIES 40
#define LOCK_WAIT_MS 50

bool maildir_words_read(struct arena *a, const char *root, const char *words[MAILDIR_WORDS])
{
	char *path = fs_join(root, WORDS_FILE);
	struct str s;
	struct sv rest, line;
	bool there = fs_read(path, FILE_MAX, &s, NULL);

	memset(words, 0, MAILDIR_WORDS * sizeof(*words));
	free(path);
	if (!there)
		return false;
	rest = str_sv(&s);
	while (sv_line(&rest, &line)) {
		ptrdiff_t blank = sv_chr(line, ' ');
		uint64_t n;

		if (blank > 0 && sv_u64(sv_head(line, (size_t)blank), &n) && n < MAILDIR_WORDS) {
			struct sv word = sv_trim(sv_from(line, (size_t)blank));

			words[n] = arena_strndup(a, word.p, word.len);
		}
	}
	str_fini(&s);
	return true;
}

static size_t place_of(const char *const words[MAILDIR_WORDS], struct sv word)
{
	for (size_t i = 0; i < MAILDIR_WORDS; i++)
		if (words[i] && sv_eq_case(sv_of(words[i]), word))
			return i;
	return MAILDIR_WORDS;
}

/* Dovecot's way: who makes the .lock may write, and what was written there takes the place of the file. */
static int lock_words(const char *lock, struct err *e)
{
	for (int i = 0; i < LOCK_TRIES; i++) {
		int fd = open(lock, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

		if (fd >= 0)
			return fd;
		if (errno != EEXIST) {
			err_sys(e, "%s", lock);
			return -1;
		}
		(void)poll(NULL, 0, LOCK_WAIT_MS);
	}
	err_set(e, ERR_LIMIT, "%s is there: another program changes the keywords of the Maildir", lock);
	return -1;
}

static bool write_words(int fd, const char *path, const char *lock, const char *const words[MAILDIR_WORDS],
	struct err *e)
{
	struct stat st;
	struct str s;
	bool ok = true;

	str_init(&s, FILE_MAX);
	for (size_t i = 0; ok && i < MAILDIR_WORDS; i++)
		ok = !words[i] || str_addf(&s, "%zu %s\n", i, words[i]) || err_set(e, ERR_LIMIT, "too long keywords");
	ok = ok && fs_write_all(fd, str_sv(&s), e) &&
	     ((stat(path, &st) == 0 && fchmod(fd, st.st_mode & 0777) == 0 && fsync(fd) == 0 && rename(lock, path) == 0) ||
		     err_sys(e, "%s", path));
	str_fini(&s);
	return ok;
}

/* The first letter that stands for nothing gets this word. */
static bool make_word(struct arena *a, const char *root, const char *words[MAILDIR_WORDS], struct sv word,
	size_t *place, struct err *e)
{
	char *path = fs_join(root, WORDS_FILE), *lock = xasprintf("%s.lock", path);
	int fd = lock_words(lock, e);
	bool ok = fd >= 0;

	/* With the lock: another program may have made it meanwhile. */
	if (ok && !maildir_words_read(a, root, words))
		ok = err_set(e, ERR_INPUT, "a Maildir keeps no keywords without %s", WORDS_FILE);
	*place = ok ? place_of(words, word) : 0;
	if (ok && *place == MAILDIR_WORDS) {
		for (*place = 0; *place < MAILDIR_WORDS && words[*place]; ++*place)
			continue;
		ok = *place < MAILDIR_WORDS || err_set(e, ERR_LIMIT, "a Maildir keeps at most %d keywords", MAILDIR_WORDS);
		if (ok) {
			words[*place] = arena_strndup(a, word.p, word.len);
			ok = write_words(fd, path, lock, words, e);
		}
	}
	if (fd >= 0) {
		close(fd);
		(void)unlink(lock); /* it is there still when nothing was written */
	}
	free(lock);
	free(path);
	return ok;
}

bool maildir_words_letters(const char *root, struct sv list, bool make, char out[MAILDIR_WORDS + 1], struct err *e)
{
	const char *words[MAILDIR_WORDS];
	struct arena *a = arena_new();
	struct sv word;
	size_t n = 0, place;
	bool ok = maildir_words_read(a, root, words) ||
		  err_set(e, ERR_INPUT, "a Maildir keeps no keywords without %s", WORDS_FILE);

	while (ok && n < MAILDIR_WORDS && sv_split(&list, ' ', &word)) {
		if (word.len == 0)
			continue;
		place = place_of(words, word);
		if (place == MAILDIR_WORDS && !make)
			continue; /* no message has it */
		if (place == MAILDIR_WORDS)
			ok = make_word(a, root, words, word, &place, e);
		out[n++] = (char)('a' + place);
	}
	out[n] = '\0';
	arena_free(a);
	return ok;
}
