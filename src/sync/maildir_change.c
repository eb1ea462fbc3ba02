/*
 * Changes of a Maildir: flags and keywords become other names of files; deletion, delivery, and the folders
 * themselves.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "sync/host_priv.h"
#include "sync/maildir_priv.h"

/* ---- flags and deletion ---- */

/* The letters after ":2," of a path. */
static struct sv letters_of(struct sv path)
{
	ptrdiff_t at = sv_find(path, SV(":2,"));

	return at >= 0 ? sv_from(path, (size_t)at + 3) : SV("");
}

/* Keywords as letters: what a step adds to a name and takes from it. */
struct letters {
	char add[MAILDIR_WORDS + 1], del[MAILDIR_WORDS + 1];
};

/* Keywords, and flags of ours that have no letter of their own. */
static bool letters_for(const char *root, unsigned flags, const char *words, bool make, char out[MAILDIR_WORDS + 1],
	struct err *e)
{
	static const unsigned named[] = {MSG_MDNSENT, MSG_JUNK, MSG_NOTJUNK};
	struct str all;
	bool ok = true;

	str_init(&all, MESSAGE_TEXT_MAX);
	for (size_t i = 0; i < ARRAY_LEN(named); i++)
		if (flags & named[i])
			ok = ok && str_addf(&all, "%s ", message_flag_name(named[i]));
	ok = ok && str_adds(&all, words ? words : "") &&
	     (all.len == 0 || maildir_words_letters(root, str_sv(&all), make, out, e));
	str_fini(&all);
	return ok;
}

/* A step that is about keywords alone is refused where there are none; else they are left out. */
static bool letters_of_step(const char *root, const struct apply_step *s, struct letters *l, struct err *e)
{
	bool words = (s->add_words && *s->add_words) || (s->del_words && *s->del_words);

	*l = (struct letters){0};
	if (s->kind != INTENT_FLAG || (letters_for(root, s->add, s->add_words, true, l->add, e) &&
					      letters_for(root, s->del, s->del_words, false, l->del, e)))
		return true;
	*l = (struct letters){0};
	return !words || (s->add | s->del) != 0;
}

static void new_letters(struct sv old, const struct letters *l, char out[MAILDIR_WORDS + 1])
{
	size_t n = 0;

	for (char c = 'a'; c <= 'z'; c++)
		if ((sv_chr(old, c) >= 0 && !strchr(l->del, c)) || strchr(l->add, c))
			out[n++] = c;
	out[n] = '\0';
}

/*
 * Renames to the new flags. The file may have been renamed by another program since we looked: it
 * is looked for, its present flags count, ours are added to them.
 */
static bool change_flags(const char *root, struct sv base, const char *path, const struct apply_step *s,
	const struct letters *l, bool *gone, struct str *new_path, struct err *e)
{
	char *now = path ? xstrdup(path) : NULL;
	bool ok = false;

	*gone = false;
	for (int tries = 0; tries < 5; tries++) {
		char *from, *to, letters[MAILDIR_WORDS + 1];
		struct sv name, ignored;

		if (!now) {
			if (!maildir_find(root, base, &now, e))
				return false;
			*gone = now == NULL;
			if (*gone)
				return true;
		}
		name = sv_of(fs_basename(now));
		bool in_new = sv_starts(sv_of(now), SV("new/"));
		unsigned flags = (maildir_flags_of(name, in_new, &ignored) & ~s->del) | s->add;
		str_clear(new_path);
		(void)str_adds(new_path, flags & (MSG_SEEN | MSG_OLD) ? "cur/" : "new/");
		new_letters(letters_of(name), l, letters);
		maildir_name_of(new_path, base, flags, sv_of(letters));
		from = fs_join(root, now);
		to = fs_join(root, new_path->s);
		ok = strcmp(from, to) == 0 || rename(from, to) == 0;
		bool missing = !ok && errno == ENOENT;
		if (!ok && !missing)
			err_sys(e, "renaming %s", from);
		free(from);
		free(to);
		xfree_null(&now);
		if (ok || !missing)
			return ok;
	}
	return err_set(e, ERR_GONE, "a message moves away whenever it is to be changed");
}

static bool remove_file(const char *root, struct sv base, const char *path, struct err *e)
{
	char *now = xstrdup(path);

	for (int tries = 0; tries < 5 && now; tries++) {
		char *full = fs_join(root, now);
		int failed = unlink(full) != 0 ? errno : 0;

		if (failed && failed != ENOENT)
			err_sys(e, "%s", full);
		free(full);
		free(now);
		if (failed == 0)
			return true;
		if (failed != ENOENT)
			return false;
		if (!maildir_find(root, base, &now, e))
			return false;
	}
	free(now);
	return true; /* it is gone, whoever did it */
}

static bool change_one(struct local_box *b, struct apply_step *s, const struct letters *l, struct apply_one *one,
	struct arena *a, struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	const char *root = local_path(s->mailbox);
	uint64_t id = message_id_of(s->mailbox->id, one->uid);
	struct message_row row;
	struct str path;
	bool gone, ok;

	if (!message_get(c, id, a, &row, e)) {
		one->done = e->class == ERR_GONE; /* not there any more: nothing is left to do */
		return one->done;
	}
	const char *old = arena_strndup(a, row.path.p, row.path.len);
	if (s->kind == INTENT_DELETE) {
		one->done = remove_file(root, row.key, old, e);
		return one->done;
	}
	str_init(&path, 4096);
	ok = change_flags(root, row.key, old, s, l, &gone, &path, e);
	if (ok && !gone)
		ok = message_set_place(c, id, str_sv(&path), 0, 0, e);
	str_fini(&path);
	one->done = ok;
	return ok;
}

/*
 * The names, before the queue forgets what was to be done: else a power cut brings a deleted message back, or
 * the old flags, and nobody remembers.
 */
static bool make_durable(struct apply_step *s, struct err *e)
{
	if (maildir_flush(local_path(s->mailbox), e))
		return true;
	for (size_t i = 0; i < s->count; i++)
		s->one[i].done = false; /* and again, which does no harm */
	return false;
}

bool maildir_change(struct local_box *b, struct apply_step *s, struct err *e)
{
	struct arena *a = arena_new();
	struct letters letters;
	struct err refused = {0};
	bool fatal = false, may = letters_of_step(local_path(s->mailbox), s, &letters, &refused);

	for (size_t i = 0; i < s->count && !fatal; i++) {
		struct err why = {0};

		if (!may)
			s->one[i].error = refused;
		else if (!change_one(b, s, &letters, &s->one[i], a, &why)) {
			s->one[i].error = why;
			/* A disk that is full stays full: the rest is tried another time. */
			fatal = why.sys == ENOSPC || why.sys == EDQUOT || why.sys == EIO || why.sys == EROFS;
			if (fatal)
				*e = why;
		}
		arena_reset(a);
	}
	host_step("maildir: files changed");
	arena_free(a);
	return !fatal && make_durable(s, e);
}

/* ---- delivery ---- */

bool maildir_deliver(struct local_box *b, struct mailbox *dest, const struct apply_one *one,
	const struct local_source *src, char **key, struct err *e)
{
	char *seed = local_seed(b, one), *base = maildir_base_of_seed(src->date, sv_of(seed)), *buf;
	struct maildir_delivery *d;
	uint64_t at = 0;
	bool ok;

	free(seed);
	ok = maildir_deliver_begin(local_path(dest), base, &d, e);
	free(base);
	if (!ok)
		return false;
	buf = xmalloc(65536);
	while (ok && at < src->length) {
		ssize_t n = pread(src->fd, buf, (size_t)MIN(src->length - at, 65536), (off_t)(src->offset + at));

		if (n <= 0)
			ok = n < 0 ? err_sys(e, "reading the message") : err_set(e, ERR_GONE, "the message has become shorter");
		else
			ok = maildir_deliver_write(d, sv_make(buf, (size_t)n), e);
		at += n > 0 ? (uint64_t)n : 0;
	}
	free(buf);
	if (ok)
		return maildir_deliver_end(d, src->flags, src->date, key, e);
	maildir_deliver_abort(d);
	return false;
}

static bool remove_folder(const char *root, const char *sub, struct err *e)
{
	char *path = fs_join(root, sub);
	DIR *d = opendir(path);
	struct dirent *ent;
	bool ok = true;

	while (ok && d && (ent = readdir(d))) {
		if (strcmp(ent->d_name, ".") == 0 || strcmp(ent->d_name, "..") == 0)
			continue;
		char *file = fs_join(path, ent->d_name);
		ok = unlink(file) == 0 || errno == ENOENT || err_sys(e, "%s", file);
		free(file);
	}
	if (d)
		closedir(d);
	ok = ok && (rmdir(path) == 0 || errno == ENOENT || err_sys(e, "%s", path));
	free(path);
	return ok;
}

/* Only what belongs to a Maildir; a folder that holds more (subfolders) keeps that. */
bool maildir_remove(const char *path, struct err *e)
{
	if (!remove_folder(path, "new", e) || !remove_folder(path, "cur", e) || !remove_folder(path, "tmp", e))
		return false;
	return rmdir(path) == 0 || errno == ENOTEMPTY || errno == EEXIST || errno == ENOENT || err_sys(e, "%s", path);
}
