/*
 * Bytes of messages: content-named files for remote ones, places in other people's files for local
 * ones.
 */
#include "store/body.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/cache_priv.h"
#include "store/object.h"

#define TEMP_PREFIX "tmp-"
#define TEMP_AGE_S 86400      /* a temp file that old was left by a killed worker */
#define FROM_LINE_MAX 1024    /* how far before a message its From_ line may begin */
#define READ_STEP (1u << 20)
#define SWEEP_META "body_sweep"

void body_close(struct body *b)
{
	if (b->fd >= 0)
		close(b->fd);
	b->fd = -1;
}

static bool open_file(const char *path, struct body *out, struct err *e)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return err_sys(e, "%s", path);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return err_set(e, ERR_DISK, "%s is not a file", path);
	}
	*out = (struct body){.fd = fd, .offset = 0, .length = (uint64_t)st.st_size};
	return true;
}

/* ---- local messages ---- */

/*
 * A file of the folder whose base name is key, whatever its flags are now. NULL: none. Caller
 * frees.
 */
static char *find_by_key(const char *maildir, const char *sub, struct sv key)
{
	char *dir = xasprintf("%s/%s", maildir, sub), *found = NULL;
	DIR *d = opendir(dir);
	struct dirent *ent;

	while (d && !found && (ent = readdir(d))) {
		struct sv name = sv_of(ent->d_name);

		if (sv_starts(name, key) && (name.len == key.len || name.p[key.len] == ':'))
			found = fs_join(dir, ent->d_name);
	}
	if (d)
		closedir(d);
	free(dir);
	return found;
}

static bool open_maildir(const char *root, const struct message_row *row, struct body *out, struct err *e)
{
	char *path = xasprintf("%s/" SV_FMT, root, SV_ARG(row->path));
	bool ok = open_file(path, out, e);

	free(path);
	/* Another program may rename it between our look and our open, so look a few times. */
	for (int i = 0; !ok && e->class == ERR_GONE && i < 6; i++) {
		path = find_by_key(root, i % 2 ? "new" : "cur", row->key);
		if (path)
			ok = open_file(path, out, e);
		free(path);
	}
	return ok;
}

/* True when a From_ line ends just before offset. */
static bool after_from_line(int fd, uint64_t offset)
{
	char before[FROM_LINE_MAX];
	size_t n = (size_t)MIN(offset, sizeof(before));
	ssize_t got = pread(fd, before, n, (off_t)(offset - n));

	if (n < 6 || got != (ssize_t)n || before[n - 1] != '\n')
		return false;
	size_t at = n - 1;
	while (at > 0 && before[at - 1] != '\n')
		at--;
	return (at > 0 || n == offset) && n - at > 5 && memcmp(before + at, "From ", 5) == 0;
}

static bool open_mbox(const char *path, const struct message_row *row, struct body *out, struct err *e)
{
	if (!open_file(path, out, e))
		return false;
	if (row->offset + row->length > out->length || !after_from_line(out->fd, row->offset)) {
		body_close(out);
		return err_set(e, ERR_GONE, "%s was changed by another program", path);
	}
	out->offset = row->offset;
	out->length = row->length;
	return true;
}

/* "maildir:/path" or "mbox:/path", as mailbox.raw of a local mailbox says. */
static bool open_local(struct cache *c, uint64_t message, const char *raw, bool whole, struct body *out, struct err *e)
{
	struct arena *a = arena_new();
	struct message_row row;
	struct sv kind = sv_of(raw);
	bool ok = message_get(c, message, a, &row, e);

	if (ok && whole && (row.flags & MSG_PARTIAL))
		ok = err_set(e, ERR_GONE, "only the beginning of the message is here");
	else if (ok && sv_starts(kind, SV("maildir:")))
		ok = open_maildir(raw + 8, &row, out, e);
	else if (ok)
		ok = open_mbox(raw + 5, &row, out, e);
	arena_free(a);
	return ok;
}

static bool is_local(const char *raw)
{
	return sv_starts(sv_of(raw), SV("maildir:/")) || sv_starts(sv_of(raw), SV("mbox:/"));
}

/* ---- remote messages ---- */

static char *body_path(struct cache *c, const char *hash)
{
	return xasprintf("%s/%.2s/%s", c->bodies, hash, hash);
}

/* The hash of a section, or of the whole message where that serves. False: no row. */
static bool find_row(struct cache *c, uint64_t message, const char *section, char hash[SHA256_HEX_LEN + 1])
{
	const char *other = strcmp(section, "text") == 0 ? "" : section;
	sqlite3_stmt *st = db_query(&c->db, NULL,
		"SELECT hash FROM body WHERE message=? AND section IN (?,?) ORDER BY length(section) LIMIT 1", "uss",
		message, section, other);

	if (!st || !db_step(&c->db, st, NULL))
		return false;
	struct sv v = db_text(st, 0);
	bool ok = v.len == SHA256_HEX_LEN;
	if (ok) {
		memcpy(hash, v.p, v.len);
		hash[v.len] = '\0';
	}
	db_reset(st);
	return ok;
}

bool body_open(struct cache *c, uint64_t message, const char *section, struct body *out, struct err *e)
{
	char hash[SHA256_HEX_LEN + 1];
	struct mailbox m;
	struct err mine;

	e = e ? e : &mine;
	if (find_row(c, message, section, hash)) {
		char *path = body_path(c, hash);
		bool ok = open_file(path, out, e);

		free(path);
		return ok;
	}
	if (!mailbox_by_id(c, message_mailbox(message), &m, e))
		return false;
	bool ok;
	if (!is_local(m.raw))
		ok = err_set(e, ERR_GONE, "the message is not here yet");
	else if (*section && strcmp(section, "text") != 0)
		ok = err_set(e, ERR_GONE, "parts of local messages are not kept");
	else
		ok = open_local(c, message, m.raw, !*section, out, e);
	mailbox_fini(&m);
	return ok;
}

static bool is_partial(struct cache *c, uint64_t message)
{
	struct arena *a = arena_new();
	struct message_row row;
	bool partial = message_get(c, message, a, &row, NULL) && (row.flags & MSG_PARTIAL);

	arena_free(a);
	return partial;
}

bool body_read(const struct body *b, uint64_t max, struct str *out)
{
	uint64_t left = MIN(b->length, max), at = b->offset;

	str_clear(out);
	while (left > 0) {
		size_t want = (size_t)MIN(left, READ_STEP);
		char *room = str_reserve(out, want);
		ssize_t n = room ? pread(b->fd, room, want, (off_t)at) : -1;

		if (n < 0 && room && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		str_commit(out, (size_t)n);
		at += (uint64_t)n;
		left -= (uint64_t)n;
	}
	return true;
}

bool body_has(struct cache *c, uint64_t message, const char *section)
{
	char hash[SHA256_HEX_LEN + 1];
	struct mailbox m;

	if (find_row(c, message, section, hash)) {
		char *path = body_path(c, hash);
		bool there = fs_exists(path);

		free(path);
		return there;
	}
	if ((*section && strcmp(section, "text") != 0) || !mailbox_by_id(c, message_mailbox(message), &m, NULL))
		return false;
	bool local = is_local(m.raw);
	mailbox_fini(&m);
	return local && (*section || !is_partial(c, message));
}

/* ---- writing ---- */

struct body_writer {
	struct cache *cache;
	int fd;
	char *path;
	struct hash *hash;
	uint64_t size;
};

bool body_write_open(struct cache *c, struct body_writer **out, struct err *e)
{
	char *path;
	int fd;

	if (!fs_mkdirs(c->bodies, e) || !fs_temp(c->bodies, TEMP_PREFIX, "", &fd, &path, e))
		return err_at(e, "keeping a message");
	*out = xcalloc(1, sizeof(**out));
	(*out)->cache = c;
	(*out)->fd = fd;
	(*out)->path = path;
	(*out)->hash = hash_sha256_new();
	return true;
}

/* What is there goes through the hash as if it came now. */
static bool hash_again(struct body_writer *w, struct err *e)
{
	char buf[32768];
	ssize_t n;

	while ((n = read(w->fd, buf, sizeof(buf))) > 0) {
		hash_add(w->hash, sv_make(buf, (size_t)n));
		w->size += (size_t)n;
	}
	return n == 0 || err_sys(e, "%s", w->path);
}

bool body_write_resume(struct cache *c, const char *key, struct body_writer **out, uint64_t *have, struct err *e)
{
	char *path = xasprintf("%s/" TEMP_PREFIX "part-%s", c->bodies, key);
	struct body_writer *w;
	int fd;

	if (!fs_mkdirs(c->bodies, e) ||
		((fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) < 0 && !err_sys(e, "%s", path))) {
		free(path);
		return err_at(e, "keeping a message");
	}
	w = xcalloc(1, sizeof(*w));
	w->cache = c;
	w->fd = fd;
	w->path = path;
	w->hash = hash_sha256_new();
	if (!hash_again(w, e)) {
		body_write_abort(w);
		return err_at(e, "keeping a message");
	}
	*have = w->size;
	*out = w;
	return true;
}

bool body_write_restart(struct body_writer *w, struct err *e)
{
	char unused[SHA256_HEX_LEN + 1];

	hash_end_hex(w->hash, unused);
	w->hash = hash_sha256_new();
	w->size = 0;
	return (ftruncate(w->fd, 0) == 0 && lseek(w->fd, 0, SEEK_SET) == 0) || err_sys(e, "%s", w->path);
}

bool body_write(struct body_writer *w, struct sv data, struct err *e)
{
	if (w->size + data.len > BODY_MAX)
		return err_set(e, ERR_LIMIT, "the message is larger than %u MiB", BODY_MAX >> 20);
	if (!fs_write_all(w->fd, data, e))
		return err_at(e, "keeping a message");
	hash_add(w->hash, data);
	w->size += data.len;
	return true;
}

static void writer_free(struct body_writer *w)
{
	if (w->fd >= 0)
		close(w->fd);
	if (w->path)
		unlink(w->path);
	free(w->path);
	free(w);
}

/* Into its place under the name of its content; a file that is there already is the same. */
static bool settle(struct body_writer *w, const char *hash, struct err *e)
{
	char *target = body_path(w->cache, hash), *dir = fs_dirname(target);
	bool ok;

	if (fs_exists(target)) {
		ok = true;
	} else {
		ok = fsync(w->fd) == 0 || err_sys(e, "%s", w->path);
		ok = ok && fs_mkdirs(dir, e);
		ok = ok && (rename(w->path, target) == 0 || err_sys(e, "%s", target));
		if (ok)
			xfree_null(&w->path);
		ok = ok && fs_sync_dir(dir, e) && fs_sync_dir(w->cache->bodies, e);
	}
	free(target);
	free(dir);
	return ok;
}

bool body_write_commit(struct body_writer *w, uint64_t message, const char *section, struct err *e)
{
	char hash[SHA256_HEX_LEN + 1];
	bool ok;

	hash_end_hex(w->hash, hash);
	ok = strlen(section) <= BODY_SECTION_MAX || err_set(e, ERR_LIMIT, "section %.20s...", section);
	ok = ok && settle(w, hash, e) &&
	     db_run(&w->cache->db, e, "INSERT OR REPLACE INTO body VALUES(?,?,?,?,?)", "ussui", message, section, hash,
		     w->size, clock_now());
	writer_free(w);
	return ok || err_at(e, "keeping a message");
}

void body_write_abort(struct body_writer *w)
{
	char hash[SHA256_HEX_LEN + 1];

	if (!w)
		return;
	hash_end_hex(w->hash, hash);
	writer_free(w);
}

void body_write_pause(struct body_writer *w)
{
	if (!w)
		return;
	xfree_null(&w->path);
	body_write_abort(w);
}

bool body_put(struct cache *c, uint64_t message, const char *section, struct sv data, struct err *e)
{
	struct body_writer *w;

	if (!body_write_open(c, &w, e))
		return false;
	if (body_write(w, data, e))
		return body_write_commit(w, message, section, e);
	body_write_abort(w);
	return false;
}

/* ---- cleaning ---- */

struct forgotten {
	uint64_t message;
	char *section;
};

/* The oldest bodies, as many as it takes to get `excess` bytes. */
static bool find_oldest(struct cache *c, uint64_t excess, int64_t before, body_keep_fn *keep, void *data,
	struct forgotten **out, size_t *count, uint64_t *freed, struct err *e)
{
	sqlite3_stmt *st = db_own_query(&c->db, e,
		"SELECT b.message,b.section,b.size FROM body b LEFT JOIN message m ON m.id=b.message"
		" WHERE coalesce(m.date_received,0)<? ORDER BY coalesce(m.date_received,0)",
		"i", before);
	struct err mine = {0};
	size_t cap = 0;

	if (!st)
		return false;
	while (*freed < excess && db_step(&c->db, st, &mine)) {
		uint64_t message = (uint64_t)sqlite3_column_int64(st, 0);

		if (keep && keep(data, message))
			continue;
		array_grow(*out, *count, cap);
		(*out)[(*count)++] = (struct forgotten){message, sv_dup(db_text(st, 1))};
		*freed += (uint64_t)sqlite3_column_int64(st, 2);
	}
	sqlite3_finalize(st);
	if (mine.class != ERR_NONE && e)
		*e = mine;
	return mine.class == ERR_NONE;
}

bool body_make_room(struct cache *c, uint64_t max, int64_t before, body_keep_fn *keep, void *data, uint64_t *total,
	struct err *e)
{
	struct forgotten *list = NULL;
	size_t count = 0;
	uint64_t freed = 0;
	int64_t sum;
	bool ok;

	if (!db_number(&c->db, e, &sum, 0, "SELECT sum(size) FROM body", ""))
		return false;
	*total = (uint64_t)sum;
	if (*total <= max)
		return true;
	ok = find_oldest(c, *total - max, before, keep, data, &list, &count, &freed, e);
	for (size_t i = 0; i < count; i++) {
		ok = ok && db_run(&c->db, e, "DELETE FROM body WHERE message=? AND section=?", "us", list[i].message,
				   list[i].section);
		free(list[i].section);
	}
	free(list);
	*total -= MIN(freed, *total);
	return ok;
}

/* Rows of the oldest bodies go until the rest is below max; their files go in the walk below. */
static bool forget_oldest(struct cache *c, uint64_t max, unsigned rows, struct err *e)
{
	int64_t total;

	if (max == 0)
		return true;
	if (!db_number(&c->db, e, &total, 0, "SELECT sum(size) FROM body", ""))
		return false;
	for (unsigned i = 0; i < rows && (uint64_t)total > max; i++) {
		int64_t size;

		if (!db_number(&c->db, e, &size, 0, "SELECT size FROM body ORDER BY fetched LIMIT 1", "") ||
			!db_run(&c->db, e,
				"DELETE FROM body WHERE (message,section) IN"
				" (SELECT message,section FROM body ORDER BY fetched LIMIT 1)",
				""))
			return false;
		total -= size;
	}
	return true;
}

static bool hash_is_used(struct cache *c, const char *hash)
{
	int64_t n;

	return !db_number(&c->db, NULL, &n, 0,
		       "SELECT 1 FROM body WHERE hash=?1 UNION ALL SELECT 1 FROM lost_body WHERE hash=?1 LIMIT 1", "s",
		       hash) ||
	       n != 0;
}

/* One of the 256 folders. *left counts files looked at down. */
static void sweep_folder(struct cache *c, unsigned which, unsigned *left)
{
	char *dir = xasprintf("%s/%02x", c->bodies, which);
	DIR *d = opendir(dir);
	struct dirent *ent;

	while (d && (ent = readdir(d))) {
		if (strlen(ent->d_name) != SHA256_HEX_LEN)
			continue;
		*left -= *left > 0;
		if (!hash_is_used(c, ent->d_name)) {
			char *path = fs_join(dir, ent->d_name);

			unlink(path);
			free(path);
		}
	}
	if (d)
		closedir(d);
	free(dir);
}

static void sweep_temps(struct cache *c)
{
	DIR *d = opendir(c->bodies);
	struct dirent *ent;

	while (d && (ent = readdir(d))) {
		char *path = fs_join(c->bodies, ent->d_name);
		struct stat st;

		if (sv_starts(sv_of(ent->d_name), SV(TEMP_PREFIX)) && stat(path, &st) == 0 &&
			st.st_mtime < time(NULL) - TEMP_AGE_S)
			unlink(path);
		free(path);
	}
	if (d)
		closedir(d);
}

bool body_sweep(struct cache *c, uint64_t max, unsigned files, bool *more, struct err *e)
{
	char *meta = cache_meta(c, SWEEP_META), text[16];
	uint64_t at = 0;

	(void)sv_u64(sv_of(meta), &at);
	free(meta);
	if (at == 0) {
		sweep_temps(c);
		if (!object_forget_bodies(c, e) || !forget_oldest(c, max, files, e))
			return false;
	}
	for (unsigned left = files; left > 0 && at < 256; at++)
		sweep_folder(c, (unsigned)at, &left);
	*more = at < 256;
	snprintf(text, sizeof(text), "%u", (unsigned)(at % 256));
	return cache_set_meta(c, SWEEP_META, sv_of(text), e);
}
