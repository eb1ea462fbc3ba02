/*
 * Messages by their number (see message_file.h). An mbox is read as a whole, of a Maildir the files that
 * are asked for, in the order of their names.
 */
#include "main/message_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "core/pieces.h"
#include "core/gettext.h"
#include "mime/mbox.h"

/* Where messages are. */
struct store {
	const char *path;
	bool is_mbox;
	struct str data; /* of an mbox */
	char **files;    /* of a Maildir */
	size_t count, cap;
};

/* ---- one after the other ---- */

static void add_files(struct store *s, const char *folder)
{
	char *dir = fs_join(s->path, folder);
	DIR *d = opendir(dir);
	struct dirent *f;

	while (d && (f = readdir(d)) != NULL) {
		if (f->d_name[0] == '.')
			continue;
		array_grow(s->files, s->count, s->cap);
		s->files[s->count++] = fs_join(dir, f->d_name);
	}
	if (d)
		closedir(d);
	free(dir);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(fs_basename(*(char *const *)a), fs_basename(*(char *const *)b));
}

static void store_fini(struct store *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->files[i]);
	free(s->files);
	str_fini(&s->data);
}

typedef bool message_fn(void *data, uint64_t n, struct sv message); /* false: enough */

/* The messages from number first on; how many there were. */
static uint64_t each_message(struct store *s, uint64_t first, message_fn *fn, void *data)
{
	struct mbox_entry m;
	uint64_t n = 0;
	size_t at = 0;
	struct str text;
	struct err e;

	while (s->is_mbox && mbox_next(str_sv(&s->data), &at, &m))
		if (++n >= first && !fn(data, n, sv_make(s->data.s + m.at, m.len)))
			return n;
	if (s->is_mbox)
		return n;
	for (n = first; n <= s->count; n++) {
		if (!fs_read(s->files[n - 1], MESSAGE_FILE_MAX, &text, &e))
			continue;
		bool more = fn(data, n, str_sv(&text));
		str_fini(&text);
		if (!more)
			return n;
	}
	return s->count;
}

/* ---- the one ---- */

struct wanted {
	uint64_t number;
	bool found, failed;
	int fd;
	struct err *e;
	struct pieces *pieces; /* NULL: as it is */
	bool cut;              /* it is a piece */
};

static bool into_memory(struct sv bytes, int *fd, struct err *e)
{
	*fd = fs_memfd("message", e);
	if (*fd < 0)
		return false;
	if (fs_write_all(*fd, bytes, e) && lseek(*fd, 0, SEEK_SET) == 0)
		return true;
	close(*fd);
	return false;
}

static bool take_wanted(void *data, uint64_t n, struct sv message)
{
	struct wanted *w = data;

	if (n != w->number)
		return true;
	w->found = true;
	w->cut = w->pieces && pieces_is_piece_text(message) && pieces_init(w->pieces) &&
		 pieces_add(w->pieces, message);
	if (!w->cut)
		w->failed = !into_memory(message, &w->fd, w->e);
	return false;
}

static bool take_other(void *data, uint64_t n, struct sv message)
{
	struct wanted *w = data;

	if (n != w->number && pieces_is_piece_text(message))
		(void)pieces_add(w->pieces, message); /* what does not fit is missing */
	return n < w->number + PIECES_LOOK;
}

static bool take_number_of(struct store *s, uint64_t n, int *fd, bool *pieces, struct err *e)
{
	struct pieces made = {.count = 0};
	struct wanted w = {.number = n, .fd = -1, .e = e, .pieces = pieces ? &made : NULL};
	uint64_t count = each_message(s, s->is_mbox ? 1 : n, take_wanted, &w);

	if (w.cut) {
		(void)each_message(s, n > PIECES_LOOK ? n - PIECES_LOOK : 1, take_other, &w);
		w.failed = !pieces_end(&made) ? !err_set(e, ERR_LIMIT, "the pieces are too big")
					      : !into_memory(str_sv(&made.text), &w.fd, e);
	}
	pieces_fini(&made);
	if (pieces)
		*pieces = w.cut;
	*fd = w.fd;
	if (!w.found)
		return err_set(e, ERR_GONE, _("%s has only %llu messages"), s->path, (unsigned long long)count);
	return !w.failed;
}

/* ---- what was named ---- */

/* "FILE#12": the number of a message in an mbox or Maildir; 0 when there is none. */
static uint64_t take_number(const char *operand, char **path)
{
	const char *hash = strrchr(operand, '#');
	uint64_t n;

	if (!hash || hash == operand || fs_exists(operand) || !sv_u64(sv_of(hash + 1), &n) || !n) {
		*path = fs_expand(operand);
		return 0;
	}
	char *head = xstrndup(operand, (size_t)(hash - operand));
	*path = fs_expand(head);
	free(head);
	return n;
}

static bool begins_as_mbox(struct sv data)
{
	return mbox_is_from(sv_head(data, (size_t)MAX(sv_chr(data, '\n'), 0)), NULL, NULL);
}

bool message_open(const char *operand, int *fd, bool *pieces, struct err *e)
{
	struct store s = {.is_mbox = true};
	char *path;
	bool ok;

	if (pieces)
		*pieces = false;
	if (strcmp(operand, "-") == 0) {
		*fd = dup(STDIN_FILENO);
		return *fd >= 0 || err_sys(e, "standard input");
	}
	uint64_t n = take_number(operand, &path);
	s.path = path;
	if (fs_is_dir(path)) {
		s.is_mbox = false;
		str_init(&s.data, 0);
		add_files(&s, "cur");
		add_files(&s, "new");
		qsort(s.files, s.count, sizeof(*s.files), by_name);
		ok = take_number_of(&s, n ? n : 1, fd, pieces, e);
	} else if (!fs_read(path, MESSAGE_FILE_MAX, &s.data, e)) {
		free(path);
		return false;
	} else {
		ok = n || begins_as_mbox(str_sv(&s.data)) ? take_number_of(&s, n ? n : 1, fd, pieces, e)
							   : into_memory(str_sv(&s.data), fd, e);
	}
	store_fini(&s);
	free(path);
	return ok;
}
