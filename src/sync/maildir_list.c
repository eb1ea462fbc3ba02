/*
 * The files of a Maildir (see maildir_priv.h). Their names stand one behind the other in one piece of memory; what a
 * name says is read anew whenever it is asked for.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#include "base/fs.h"
#include "base/mem.h"
#include "sync/maildir_priv.h"

#define SLOTS_FIRST 1024 /* a power of two */
#define PATH_ROOM 512    /* "cur/" and a name, which has at most 255 bytes */
#define WORDS_ROOM 4096

struct file {
	int64_t time;
	uint32_t name; /* where its name starts */
	uint32_t hash; /* of its base name: names lie far apart in memory, and are looked at when this is equal */
	uint8_t len, base_len;
	bool in_new, known;
};

struct maildir_list {
	struct file *files;
	size_t count, cap;
	char *names;
	size_t names_len, names_cap;
	uint32_t *slots; /* open addressing: number of a file and 1, 0: empty; at most half are taken */
	size_t slot_count;
	struct arena *arena;
	const char *keywords[MAILDIR_WORDS];
	struct str path, words; /* of the last maildir_list_get */
};

struct maildir_list *maildir_list_new(const char *root)
{
	struct maildir_list *l = xcalloc(1, sizeof(*l));

	l->arena = arena_new();
	(void)maildir_words_read(l->arena, root, l->keywords);
	l->slot_count = SLOTS_FIRST;
	l->slots = xcalloc(l->slot_count, sizeof(*l->slots));
	str_init(&l->path, PATH_ROOM);
	str_init(&l->words, WORDS_ROOM);
	return l;
}

void maildir_list_free(struct maildir_list *l)
{
	if (!l)
		return;
	free(l->files);
	free(l->names);
	free(l->slots);
	str_fini(&l->path);
	str_fini(&l->words);
	arena_free(l->arena);
	free(l);
}

/* ---- finding ---- */

static struct sv base_of(const struct maildir_list *l, const struct file *f)
{
	return sv_make(l->names + f->name, f->base_len);
}

/* The slot of that base name, or the empty one where it belongs. */
static size_t slot_of(const struct maildir_list *l, struct sv base, uint32_t hash)
{
	size_t at = hash & (l->slot_count - 1);

	for (; l->slots[at]; at = (at + 1) & (l->slot_count - 1)) {
		const struct file *f = &l->files[l->slots[at] - 1];

		if (f->hash == hash && sv_eq(base_of(l, f), base))
			break;
	}
	return at;
}

uint32_t maildir_list_find(const struct maildir_list *l, struct sv base)
{
	uint32_t slot = l->slots[slot_of(l, base, (uint32_t)hash_of(base))];

	return slot ? slot - 1 : MAILDIR_NO_FILE;
}

static void grow_slots(struct maildir_list *l)
{
	if (l->count < l->slot_count / 2)
		return;
	free(l->slots);
	l->slot_count *= 2;
	l->slots = xcalloc(l->slot_count, sizeof(*l->slots));
	for (size_t i = 0; i < l->count; i++) {
		size_t at = l->files[i].hash & (l->slot_count - 1);

		while (l->slots[at])
			at = (at + 1) & (l->slot_count - 1);
		l->slots[at] = (uint32_t)i + 1;
	}
}

/* ---- reading the folders ---- */

static bool keep_name(struct maildir_list *l, struct sv name, uint32_t *at)
{
	size_t end = l->names_len + name.len;

	if (end > UINT32_MAX || l->count >= MAILDIR_NO_FILE / 2)
		return false;
	while (end > l->names_cap) {
		l->names_cap = l->names_cap ? l->names_cap * 2 : PATH_ROOM;
		l->names = xrealloc(l->names, l->names_cap);
	}
	memcpy(l->names + l->names_len, name.p, name.len);
	*at = (uint32_t)l->names_len;
	l->names_len = end;
	return true;
}

static bool add_file(struct maildir_list *l, bool in_new, struct sv name)
{
	struct sv base;
	uint32_t at;
	uint64_t time = 0;

	if (name.len > UINT8_MAX) /* no file system has such names */
		return true;
	(void)maildir_flags_of(name, in_new, &base);
	grow_slots(l);
	uint32_t hash = (uint32_t)hash_of(base), *slot = &l->slots[slot_of(l, base, hash)];
	struct file *f = *slot ? &l->files[*slot - 1] : NULL;
	if (f && f->in_new == in_new && sv_eq(name, sv_make(l->names + f->name, f->len)))
		return true;
	if (!keep_name(l, name, &at))
		return false;
	if (!f) {
		(void)sv_u64(sv_head(base, (size_t)MAX(sv_chr(base, '.'), 0)), &time);
		array_grow(l->files, l->count, l->cap);
		f = &l->files[l->count++];
		*f = (struct file){.time = (int64_t)time, .hash = hash};
		*slot = (uint32_t)l->count;
	}
	f->name = at;
	f->len = (uint8_t)name.len;
	f->base_len = (uint8_t)base.len;
	f->in_new = in_new;
	return true;
}

bool maildir_list_read(struct maildir_list *l, const char *root, const char *sub, struct err *e)
{
	char *path = fs_join(root, sub);
	DIR *d = opendir(path);
	bool in_new = strcmp(sub, "new") == 0, fits = true;
	struct dirent *ent;

	if (!d) {
		err_sys(e, "%s", path);
		free(path);
		return false;
	}
	while (fits && (errno = 0, ent = readdir(d))) {
		if (ent->d_name[0] != '.')
			fits = add_file(l, in_new, sv_of(ent->d_name));
	}
	bool ok = !fits ? err_set(e, ERR_LIMIT, "%s: there are too many files", path) : errno == 0 || err_sys(e, "%s", path);
	closedir(d);
	free(path);
	return ok;
}

size_t maildir_list_count(const struct maildir_list *l)
{
	return l->count;
}

/* ---- the files ---- */

int64_t maildir_list_time(const struct maildir_list *l, uint32_t file)
{
	return l->files[file].time;
}

bool maildir_list_known(const struct maildir_list *l, uint32_t file)
{
	return l->files[file].known;
}

void maildir_list_set_known(struct maildir_list *l, uint32_t file)
{
	l->files[file].known = true;
}

void maildir_list_forget_known(struct maildir_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		l->files[i].known = false;
}

static int by_age(const void *a, const void *b, void *data)
{
	const struct maildir_list *l = data;
	const struct file *x = &l->files[*(const uint32_t *)a], *y = &l->files[*(const uint32_t *)b];

	if (x->time != y->time)
		return x->time < y->time ? 1 : -1;
	return sv_cmp(base_of(l, y), base_of(l, x));
}

uint32_t *maildir_list_unknown(const struct maildir_list *l, size_t *count)
{
	uint32_t *out = xcalloc(l->count + 1, sizeof(*out));

	*count = 0;
	for (size_t i = 0; i < l->count; i++) {
		if (!l->files[i].known)
			out[(*count)++] = (uint32_t)i;
	}
	qsort_r(out, *count, sizeof(*out), by_age, (void *)(uintptr_t)l);
	return out;
}

/* Keyword letters of the name as words; those that are flags of ours go into *flags. */
static void read_words(struct maildir_list *l, struct sv letters, unsigned *flags)
{
	str_clear(&l->words);
	for (size_t i = 0; i < letters.len; i++) {
		char c = letters.p[i];
		const char *word = c >= 'a' && c <= 'z' ? l->keywords[c - 'a'] : NULL;
		unsigned flag = word ? message_flag_by_name(sv_of(word)) : 0;

		*flags |= flag;
		if (word && !flag && !((l->words.len == 0 || str_addc(&l->words, ' ')) && str_adds(&l->words, word)))
			break;
	}
}

void maildir_list_get(struct maildir_list *l, uint32_t file, struct maildir_file *out)
{
	const struct file *f = &l->files[file];
	struct sv name = sv_make(l->names + f->name, f->len);
	struct sv letters = sv_from(name, MIN((size_t)f->base_len + 3, name.len)); /* behind ":2," */

	out->flags = maildir_flags_of(name, f->in_new, &out->base);
	read_words(l, letters, &out->flags);
	str_clear(&l->path);
	(void)(str_adds(&l->path, f->in_new ? "new/" : "cur/") && str_add(&l->path, name));
	out->path = str_sv(&l->path);
	out->words = str_sv(&l->words);
}
