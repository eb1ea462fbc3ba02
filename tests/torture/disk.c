#include "tests/torture/disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "tests/torture/shim.h"
#include "tests/torture/stage.h"

#define RECORD_MAX (512u << 20)
#define FILE_MAX (64u << 20)
#define SECTOR 512

/* A file or folder. What it holds at first; the rest is events. */
struct inode {
	uint64_t number;
	bool folder;
	mode_t mode;
	char *bytes;
	size_t len;
};

/* A name in a folder. inode 0: none. */
struct name {
	uint64_t folder, inode;
	char *text;
};

struct names {
	struct name *v;
	size_t n, cap;
};

struct event {
	struct shim_record r;
	const char *data;
	char *path;      /* for people */
	struct name set[2]; /* changes of names: text NULL: none */
	unsigned acked;  /* after it */
};

struct disk {
	char *root;
	uint64_t root_inode;
	struct inode *inodes;
	size_t inode_count, inode_cap;
	struct names first; /* of the picture */
	struct names now;   /* while the record is read */
	struct event *events;
	size_t event_count, event_cap;
	struct str record;
};

/* ---- names and inodes ---- */

static struct inode *inode_of(struct disk *d, uint64_t number)
{
	for (size_t i = 0; i < d->inode_count; i++)
		if (d->inodes[i].number == number)
			return &d->inodes[i];
	return NULL;
}

static void add_inode(struct disk *d, uint64_t number, bool folder, mode_t mode, char *bytes, size_t len)
{
	array_grow(d->inodes, d->inode_count, d->inode_cap);
	d->inodes[d->inode_count++] =
		(struct inode){.number = number, .folder = folder, .mode = mode, .bytes = bytes, .len = len};
}

static struct name *find_name(const struct names *names, uint64_t folder, const char *text)
{
	for (size_t i = 0; i < names->n; i++)
		if (names->v[i].folder == folder && strcmp(names->v[i].text, text) == 0)
			return &names->v[i];
	return NULL;
}

static void set_name(struct names *names, uint64_t folder, const char *text, uint64_t inode)
{
	struct name *n = find_name(names, folder, text);

	if (n) {
		n->inode = inode;
		return;
	}
	array_grow(names->v, names->n, names->cap);
	names->v[names->n++] = (struct name){folder, inode, xstrdup(text)};
}

static void names_free(struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->v[i].text);
	free(names->v);
	*names = (struct names){0};
}

static void names_copy(struct names *to, const struct names *from)
{
	*to = (struct names){0};
	for (size_t i = 0; i < from->n; i++)
		set_name(to, from->v[i].folder, from->v[i].text, from->v[i].inode);
}

/* The folder of an absolute path and its last word. False: it is not below root, or its folder is not known. */
static bool walk(struct disk *d, const char *path, uint64_t *folder, struct sv *last)
{
	size_t n = strlen(d->root);
	struct sv rest, word;

	if (strncmp(path, d->root, n) != 0 || path[n] != '/')
		return false;
	rest = sv_of(path + n + 1);
	*folder = d->root_inode;
	while (sv_split(&rest, '/', &word)) {
		if (rest.len == 0) {
			*last = word;
			return true;
		}
		char *text = sv_dup(word);
		struct name *name = find_name(&d->now, *folder, text);
		free(text);
		if (!name || !name->inode)
			return false;
		*folder = name->inode;
	}
	return false;
}

/* ---- the picture ---- */

static void picture_of(struct disk *d, const char *path, uint64_t number)
{
	DIR *dir = opendir(path);
	struct dirent *ent;

	must_be(dir != NULL, path);
	while ((ent = readdir(dir))) {
		char *full = fs_join(path, ent->d_name);
		struct stat st;
		struct str bytes;
		struct err e;

		if (strcmp(ent->d_name, ".") != 0 && strcmp(ent->d_name, "..") != 0 && lstat(full, &st) == 0) {
			set_name(&d->first, number, ent->d_name, st.st_ino);
			if (S_ISDIR(st.st_mode)) {
				add_inode(d, st.st_ino, true, st.st_mode, NULL, 0);
				picture_of(d, full, st.st_ino);
			} else if (fs_read(full, FILE_MAX, &bytes, &e)) {
				size_t len = bytes.len;

				add_inode(d, st.st_ino, false, st.st_mode, len ? str_detach(&bytes) : NULL, len);
			}
		}
		free(full);
	}
	closedir(dir);
}

struct disk *disk_picture(const char *root)
{
	struct disk *d = xcalloc(1, sizeof(*d));
	struct stat st;

	must_be(stat(root, &st) == 0, root);
	d->root = xstrdup(root);
	d->root_inode = st.st_ino;
	add_inode(d, st.st_ino, true, st.st_mode, NULL, 0);
	picture_of(d, root, st.st_ino);
	return d;
}

/* ---- the record ---- */

static void change_name(struct disk *d, struct event *ev, int which, const char *path, uint64_t inode)
{
	uint64_t folder;
	struct sv last;

	if (!walk(d, path, &folder, &last))
		return;
	char *text = sv_dup(last);
	set_name(&d->now, folder, text, inode);
	ev->set[which] = (struct name){folder, inode, text};
}

static uint64_t inode_at(struct disk *d, const char *path)
{
	uint64_t folder, inode = 0;
	struct sv last;

	if (walk(d, path, &folder, &last)) {
		char *text = sv_dup(last);
		struct name *n = find_name(&d->now, folder, text);

		inode = n ? n->inode : 0;
		free(text);
	}
	return inode;
}

static void take_event(struct disk *d, struct event *ev, const char *name1, const char *name2)
{
	switch ((enum shim_op)ev->r.op) {
	case SHIM_OP_CREATE:
	case SHIM_OP_MKDIR:
		add_inode(d, ev->r.inode, ev->r.op == SHIM_OP_MKDIR, 0700, NULL, 0);
		change_name(d, ev, 0, name1, ev->r.inode);
		break;
	case SHIM_OP_RENAME: {
		uint64_t inode = inode_at(d, name1);

		change_name(d, ev, 0, name1, 0);
		change_name(d, ev, 1, name2, inode);
		break;
	}
	case SHIM_OP_LINK:
		change_name(d, ev, 0, name2, inode_at(d, name1));
		break;
	case SHIM_OP_UNLINK:
	case SHIM_OP_RMDIR:
		change_name(d, ev, 0, name1, 0);
		break;
	case SHIM_OP_WRITE:
	case SHIM_OP_TRUNCATE:
	case SHIM_OP_SYNC:
	case SHIM_OP_MARK:
		break;
	}
}

void disk_play(struct disk *d, const char *record, const char *acks)
{
	size_t at = 0, n = strlen(acks);
	unsigned acked = 0;
	struct err e;

	must_be(fs_read(record, RECORD_MAX, &d->record, &e), e.text);
	names_copy(&d->now, &d->first);
	while (at + sizeof(struct shim_record) <= d->record.len) {
		struct event ev = {0};

		memcpy(&ev.r, d->record.s + at, sizeof(ev.r));
		at += sizeof(ev.r);
		char *name1 = xstrndup(d->record.s + at, ev.r.name1), *name2 = xstrndup(d->record.s + at + ev.r.name1, ev.r.name2);
		at += ev.r.name1 + ev.r.name2;
		ev.data = d->record.s + at;
		at += ev.r.data;
		if (ev.r.op == SHIM_OP_MARK)
			acked = MAX(acked, (unsigned)ev.r.offset);
		if (ev.r.op == SHIM_OP_RENAME && strncmp(name2, acks, n) == 0)
			acked = MAX(acked, (unsigned)strtoul(name2 + n, NULL, 10) + 1);
		ev.acked = acked;
		take_event(d, &ev, name1, name2);
		ev.path = xasprintf("%s%s%s", name1, *name2 ? " " : "", name2);
		array_grow(d->events, d->event_count, d->event_cap);
		d->events[d->event_count++] = ev;
		free(name1);
		free(name2);
	}
}

size_t disk_events(const struct disk *d)
{
	return d->event_count;
}

unsigned disk_acked(const struct disk *d, size_t n)
{
	return n == 0 ? 0 : d->events[n - 1].acked;
}

char *disk_event_text(const struct disk *d, size_t n)
{
	static const char *const words[] = {"", "create", "write", "truncate", "sync", "rename", "link", "unlink", "mkdir",
		"rmdir", "mark"};

	if (n >= d->event_count)
		return xstrdup("the end");
	const struct event *ev = &d->events[n];
	return xasprintf("%s %s inode %llu at %lld, %u bytes", words[ev->r.op], ev->path, (unsigned long long)ev->r.inode,
		(long long)ev->r.offset, ev->r.data);
}

void disk_free(struct disk *d)
{
	for (size_t i = 0; i < d->inode_count; i++)
		free(d->inodes[i].bytes);
	for (size_t i = 0; i < d->event_count; i++) {
		free(d->events[i].path);
		free(d->events[i].set[0].text);
		free(d->events[i].set[1].text);
	}
	names_free(&d->first);
	names_free(&d->now);
	str_fini(&d->record);
	free(d->events);
	free(d->inodes);
	free(d->root);
	free(d);
}

/* ---- the cut ---- */

struct cut {
	const struct disk *d;
	size_t n;
	enum disk_loss loss;
	uint32_t dice;
};

static unsigned roll(struct cut *c, unsigned n)
{
	c->dice = c->dice * 1664525u + 1013904223u;
	return (c->dice >> 8) % n;
}

/* Was this inode synced after event i and before the cut? */
static bool is_synced(const struct cut *c, size_t i, uint64_t inode)
{
	for (size_t k = i + 1; k < c->n; k++)
		if (c->d->events[k].r.op == SHIM_OP_SYNC && c->d->events[k].r.inode == inode)
			return true;
	return false;
}

static bool changes_names(const struct event *ev)
{
	return ev->set[0].text || ev->set[1].text;
}

/* A rename is one deed: when one of its folders was synced, both names are as they should be. */
static bool name_is_durable(const struct cut *c, size_t i)
{
	const struct event *ev = &c->d->events[i];

	return (ev->set[0].text && is_synced(c, i, ev->set[0].folder)) ||
		(ev->set[1].text && is_synced(c, i, ev->set[1].folder));
}

static void cut_names(struct cut *c, struct names *names)
{
	size_t order = 0; /* in order: all names before this event are there */

	for (size_t i = 0; i < c->n; i++)
		if (changes_names(&c->d->events[i]) && name_is_durable(c, i))
			order = i + 1;
	order += c->n > order ? roll(c, (unsigned)(c->n - order) + 1) : 0;
	for (size_t i = 0; i < c->n; i++) {
		const struct event *ev = &c->d->events[i];
		bool there = changes_names(ev) && (name_is_durable(c, i) || c->loss == DISK_LOSES_NOTHING ||
			c->loss == DISK_NAMES_ONLY || (c->loss == DISK_IN_ORDER && i < order) ||
			(c->loss == DISK_BY_CHANCE && roll(c, 2) == 0));

		for (int k = 0; there && k < 2; k++)
			if (ev->set[k].text)
				set_name(names, ev->set[k].folder, ev->set[k].text, ev->set[k].inode);
	}
}

/* How much of a write that was not synced is on the disk. */
static size_t part_of(struct cut *c, size_t len)
{
	switch (c->loss) {
	case DISK_LOSES_NOTHING:
		return len;
	case DISK_LOSES_ALL:
	case DISK_NAMES_ONLY:
		return 0;
	default:
		break;
	}
	unsigned chance = roll(c, 5);
	if (chance == 0 && len > SECTOR)
		return roll(c, (unsigned)(len / SECTOR)) * SECTOR; /* torn */
	return chance < 3 ? len : 0;
}

static void resize(struct inode *f, size_t *cap, size_t len)
{
	if (len > *cap) {
		*cap = MAX(len, *cap * 2);
		f->bytes = xrealloc(f->bytes, *cap);
	}
	if (len > f->len)
		memset(f->bytes + f->len, 0, len - f->len);
	f->len = len;
}

static void cut_bytes(struct cut *c, struct inode *f)
{
	size_t cap = f->len;
	char *copy = xmalloc(f->len + 1);

	if (f->len)
		memcpy(copy, f->bytes, f->len);
	f->bytes = copy;
	for (size_t i = 0; i < c->n; i++) {
		const struct event *ev = &c->d->events[i];

		if (ev->r.inode != f->number || (ev->r.op != SHIM_OP_WRITE && ev->r.op != SHIM_OP_TRUNCATE))
			continue;
		bool durable = is_synced(c, i, f->number);
		if (ev->r.op == SHIM_OP_TRUNCATE) {
			if (durable || part_of(c, 1))
				resize(f, &cap, (size_t)ev->r.offset);
			continue;
		}
		size_t len = durable ? ev->r.data : part_of(c, ev->r.data);
		if (len && (size_t)ev->r.offset + len > f->len)
			resize(f, &cap, (size_t)ev->r.offset + len);
		if (len)
			memcpy(f->bytes + ev->r.offset, ev->data, len);
	}
}

static void write_out(struct cut *c, const struct names *names, uint64_t folder, const char *path)
{
	for (size_t i = 0; i < names->n; i++) {
		const struct name *n = &names->v[i];
		struct inode *known = n->folder == folder && n->inode ? inode_of((struct disk *)c->d, n->inode) : NULL;
		size_t len = strlen(n->text);

		/* SQLite makes -shm files anew from the log. */
		if (!known || (len > 4 && strcmp(n->text + len - 4, "-shm") == 0))
			continue;
		char *full = fs_join(path, n->text);
		if (known->folder) {
			must_be(mkdir(full, 0700) == 0, full);
			write_out(c, names, n->inode, full);
		} else {
			struct inode f = *known;
			int fd = open(full, O_WRONLY | O_CREAT | O_EXCL, f.mode & 0777 ? f.mode & 0777 : 0600);

			cut_bytes(c, &f);
			must_be(fd >= 0 && (f.len == 0 || write(fd, f.bytes, f.len) == (ssize_t)f.len), full);
			/* Before the machine was started again, that is. */
			if (len > 5 && strcmp(n->text + len - 5, ".lock") == 0)
				futimens(fd, (const struct timespec[2]){{1000000000, 0}, {1000000000, 0}});
			close(fd);
			free(f.bytes);
		}
		free(full);
	}
}

void disk_cut(const struct disk *d, size_t n, enum disk_loss loss, uint32_t seed)
{
	struct cut c = {.d = d, .n = n, .loss = loss, .dice = seed};
	struct names names;

	names_copy(&names, &d->first);
	cut_names(&c, &names);
	write_out(&c, &names, d->root_inode, d->root);
	names_free(&names);
}
