/*
 * Maildir as a mailbox: what lies in new and cur is compared with the rows of the cache, by base
 * names. Flags are letters of the file name; keywords are letters that a file dovecot-keywords
 * explains, where there is one.
 *
 * UIDs are ours: the first sync gives them in the order of delivery, but reads the newest files
 * first, so it hands out UIDs downwards from a reserved range (mailbox.low_uid). Messages that come
 * later get the next one upwards.
 */
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
#include "base/log.h"
#include "base/mem.h"
#include "sync/host_priv.h"
#include "sync/local_box.h"
#include "sync/row.h"

#define HEAD_BYTES 32768        /* of each file are read; more only while the header goes on */
#define HEADER_MAX (1u << 20)
#define FRESH_NS INT64_C(2000000000) /* a folder that changed so recently may change again within its time stamp */
#define ARRIVED_EVERY_MS 500    /* while a large mailbox is read: how often we look for new mail */

struct file {
	struct sv base;
	const char *path;   /* "cur/name" */
	unsigned flags;
	const char *words;  /* keywords */
	bool known;         /* has a row */
	int64_t order;      /* time of delivery, from the name */
};

struct listing {
	struct arena *arena;
	struct file **files;
	size_t count, cap;
	struct map *by_base;
	const char *keywords[MAILDIR_WORDS]; /* in the arena */
};

/* ---- reading the folders ---- */

/* Keyword letters of the name as words; those that are flags of ours go into *flags. */
static const char *words_of(struct listing *l, struct sv name, unsigned *flags)
{
	ptrdiff_t at = sv_find(name, SV(":2,"));
	struct str s;

	if (at < 0)
		return "";
	str_init(&s, 4096);
	for (size_t i = (size_t)at + 3; i < name.len; i++) {
		const char *word = name.p[i] >= 'a' && name.p[i] <= 'z' ? l->keywords[name.p[i] - 'a'] : NULL;
		unsigned flag = word ? message_flag_by_name(sv_of(word)) : 0;

		*flags |= flag;
		if (word && !flag && !((s.len == 0 || str_addc(&s, ' ')) && str_adds(&s, word)))
			break;
	}
	const char *words = s.len ? arena_strndup(l->arena, s.s, s.len) : "";
	str_fini(&s);
	return words;
}

static void add_file(struct listing *l, const char *sub, const char *name)
{
	struct sv n = sv_of(name), base;
	bool in_new = strcmp(sub, "new") == 0;
	unsigned flags = maildir_flags_of(n, in_new, &base);
	struct file *f = map_get(l->by_base, base);
	uint64_t order = 0;

	if (!f) {
		f = arena_alloc(l->arena, sizeof(*f));
		f->base = sv_make(arena_strndup(l->arena, base.p, base.len), base.len);
		map_set(l->by_base, f->base, f);
		array_grow(l->files, l->count, l->cap);
		l->files[l->count++] = f;
	}
	/* In both folders: it was moved to cur while we looked, and cur comes second. */
	f->path = arena_printf(l->arena, "%s/%s", sub, name);
	f->flags = flags;
	f->words = words_of(l, n, &f->flags);
	(void)sv_u64(sv_head(base, (size_t)MAX(sv_chr(base, '.'), 0)), &order);
	f->order = (int64_t)order;
}

static bool read_folder(struct listing *l, const char *root, const char *sub, struct err *e)
{
	char *path = fs_join(root, sub);
	DIR *d = opendir(path);
	struct dirent *ent;

	if (!d) {
		err_sys(e, "%s", path);
		free(path);
		return false;
	}
	while ((errno = 0, ent = readdir(d))) {
		if (ent->d_name[0] != '.')
			add_file(l, sub, ent->d_name);
	}
	bool ok = errno == 0 || err_sys(e, "%s", path);
	closedir(d);
	free(path);
	return ok;
}

static bool list_files(struct listing *l, const char *root, struct err *e)
{
	memset(l, 0, sizeof(*l));
	l->arena = arena_new();
	l->by_base = map_new();
	(void)maildir_words_read(l->arena, root, l->keywords);
	/* new before cur: what moves in between is seen twice, not never. */
	return read_folder(l, root, "new", e) && read_folder(l, root, "cur", e);
}

static void listing_fini(struct listing *l)
{
	map_free(l->by_base);
	free(l->files);
	arena_free(l->arena);
	memset(l, 0, sizeof(*l));
}

/* ---- the quick check ---- */

static bool stamp_of(const char *root, const char *sub, struct timespec *out)
{
	char *path = fs_join(root, sub);
	struct stat st;
	bool ok = stat(path, &st) == 0;

	free(path);
	if (ok)
		*out = st.st_mtim;
	return ok;
}

/*
 * Empty when the folders changed just now: a change in the same tick of the clock would not be
 * seen.
 */
static void token_of(const char *root, char out[96])
{
	struct timespec a, b, now;

	out[0] = '\0';
	if (!stamp_of(root, "new", &a) || !stamp_of(root, "cur", &b))
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	const struct timespec *last = a.tv_sec > b.tv_sec || (a.tv_sec == b.tv_sec && a.tv_nsec > b.tv_nsec) ? &a : &b;
	int64_t age = (now.tv_sec - last->tv_sec) * INT64_C(1000000000) + (now.tv_nsec - last->tv_nsec);
	if (age >= FRESH_NS)
		snprintf(out, 96, "%lld.%09ld %lld.%09ld", (long long)a.tv_sec, a.tv_nsec, (long long)b.tv_sec, b.tv_nsec);
}

static bool unchanged(struct local_box *b, const struct mailbox *m)
{
	char token[96];

	(void)b;
	token_of(local_path(m), token);
	return *m->token && (m->flags & MAILBOX_COMPLETE) && strcmp(token, m->token) == 0;
}

/* ---- comparing with the rows ---- */

struct diff {
	uint64_t *gone;
	size_t gone_count, gone_cap;
	struct {
		uint64_t id;
		struct file *file;
	} *changed;
	size_t changed_count, changed_cap;
	int64_t newest; /* order of the newest known file */
};

static void diff_fini(struct diff *d)
{
	free(d->gone);
	free(d->changed);
}

static bool compare(struct cache *c, uint64_t mailbox, struct listing *l, struct diff *d, struct err *e)
{
	struct message_cursor *cur;
	struct message_row row;
	struct err mine;

	memset(d, 0, sizeof(*d));
	if (!message_scan(c, mailbox, MESSAGE_BY_UID, false, &cur, e))
		return false;
	while (message_next(cur, &row, &mine)) {
		struct file *f = map_get(l->by_base, row.key);

		if (!f || f->known) {
			array_grow(d->gone, d->gone_count, d->gone_cap);
			d->gone[d->gone_count++] = row.id;
			continue;
		}
		f->known = true;
		d->newest = MAX(d->newest, f->order);
		if (row.flags != f->flags || !sv_is(row.path, f->path) || !sv_is(row.keywords, f->words)) {
			array_grow(d->changed, d->changed_count, d->changed_cap);
			d->changed[d->changed_count].id = row.id;
			d->changed[d->changed_count++].file = f;
		}
	}
	message_cursor_close(cur);
	if (mine.class == ERR_NONE)
		return true;
	*e = mine;
	return false;
}

static bool write_diff(struct cache *c, const struct diff *d, struct err *e)
{
	for (size_t i = 0; i < d->gone_count; i++) {
		if (!message_delete(c, d->gone[i], e))
			return false;
	}
	for (size_t i = 0; i < d->changed_count; i++) {
		const struct file *f = d->changed[i].file;

		if (!message_set_place(c, d->changed[i].id, sv_of(f->path), 0, 0, e) ||
			!message_set_flags(c, d->changed[i].id, f->flags, sv_of(f->words), 0, e))
			return false;
	}
	return true;
}

static int by_age(const void *a, const void *b)
{
	const struct file *x = *(struct file *const *)a, *y = *(struct file *const *)b;

	if (x->order != y->order)
		return x->order < y->order ? 1 : -1;
	return sv_cmp(y->base, x->base);
}

/* ---- reading headers ---- */

/* The end of the header is in there. */
static bool has_empty_line(struct sv v)
{
	const char *p = v.p, *end = v.p + v.len;

	while (p < end && (p = memchr(p, '\n', (size_t)(end - p)))) {
		p++;
		p += p < end && *p == '\r';
		if (p < end && *p == '\n')
			return true;
	}
	return false;
}

static bool read_head(const char *path, struct str *out, bool *whole, struct stat *st, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	ssize_t n = 0;

	if (fd < 0)
		return err_sys(e, "%s", path);
	bool ok = fstat(fd, st) == 0 && S_ISREG(st->st_mode);
	str_clear(out);
	while (ok && out->len < HEADER_MAX) {
		char *room = str_reserve(out, HEAD_BYTES);

		n = room ? read(fd, room, HEAD_BYTES) : -1;
		if (n <= 0)
			break;
		str_commit(out, (size_t)n);
		if (has_empty_line(str_sv(out)))
			break;
	}
	if (ok && n < 0)
		ok = err_sys(e, "%s", path);
	else if (!ok)
		err_set(e, ERR_DISK, "%s is not a message", path);
	*whole = (off_t)out->len >= st->st_size;
	close(fd);
	return ok;
}

static bool is_passing(int sys)
{
	return sys == EMFILE || sys == ENFILE || sys == ENOMEM || sys == EINTR || sys == EAGAIN;
}

/*
 * Reads one file and puts its row. What cannot be read has a row all the same: it can be seen and
 * deleted.
 */
static bool put_row(struct cache *c, const char *root, struct message_row *row, int64_t order, const struct row_rules *rules,
	struct str *bytes, struct arena *a, struct err *e)
{
	char *path = xasprintf("%s/" SV_FMT, root, SV_ARG(row->path));
	struct stat st = {0};
	struct err why;
	bool whole = false;

	if (read_head(path, bytes, &whole, &st, &why)) {
		row->date_received = st.st_mtime;
		row->size = (uint64_t)st.st_size;
		row_of_bytes(a, str_sv(bytes), whole, rules, row);
		(void)maildir_partial_size(row->key, &row->size);
	} else if (why.class == ERR_GONE) {
		free(path); /* moved or deleted meanwhile: the next look finds out */
		return true;
	} else if (is_passing(why.sys)) {
		free(path); /* of this moment, not of this message */
		*e = why;
		return false;
	} else {
		log_write(LOG_WARN, "maildir", "%s", why.text);
		row->subject = SV("(this message cannot be read)");
		row->date_sent = row->date_received = order;
	}
	free(path);
	return message_put(c, row, e);
}

static bool put_file(struct local_box *b, struct mailbox *m, const struct file *f, uint64_t uid, struct str *bytes,
	struct arena *a, struct err *e)
{
	struct message_row row = {.id = message_id_of(m->id, uid), .flags = f->flags, .key = f->base, .path = sv_of(f->path),
		.keywords = sv_of(f->words)};

	bool ok = put_row(host_cache(b->box.host), local_path(m), &row, f->order,
		&(struct row_rules){host_conf(b->box.host, "assumed_charset"), host_spam(b->box.host)}, bytes, a, e);
	if (message_parts_unknown(&row))
		m->flags &= ~(unsigned)MAILBOX_PARTS_KNOWN;
	return ok;
}

bool maildir_put_row(struct cache *c, const char *maildir, const struct message_row *row, struct sv base, struct err *e)
{
	char *found;
	if (!maildir_find(maildir, base, &found, e))
		return false;
	struct arena *a = arena_new();
	struct message_row fresh = {.id = row->id, .key = base, .path = sv_of(found), .keywords = row->keywords};
	struct str bytes;
	struct sv ignored;
	bool ok;

	str_init(&bytes, HEADER_MAX + HEAD_BYTES);
	if (!found) {
		ok = err_set(e, ERR_GONE, "the file is not there any more");
	} else {
		fresh.flags = maildir_flags_of(sv_of(fs_basename(found)), sv_starts(sv_of(found), SV("new/")), &ignored);
		ok = put_row(c, maildir, &fresh, 0, NULL, &bytes, a, e);
	}
	str_fini(&bytes);
	arena_free(a);
	free(found);
	return ok;
}

/* ---- sync ---- */

/* Gives the next file its UID: down from low_uid while older ones are filled in, else up. */
static uint64_t give_uid(struct mailbox *m, const struct file *f, int64_t newest)
{
	if (!(m->flags & MAILBOX_COMPLETE) && f->order <= newest && m->low_uid > 1)
		return --m->low_uid;
	return m->uidnext++;
}

/* Reserves UIDs for all files of a mailbox that is read for the first time. */
static void reserve_uids(struct mailbox *m, size_t files)
{
	if (m->uidvalidity == 0)
		m->uidvalidity = (uint64_t)MAX(clock_now(), 1) & MESSAGE_UID_MAX;
	if (m->uidnext == 0) {
		m->uidnext = files + 1;
		m->low_uid = m->uidnext;
	}
}

static bool finish(struct local_box *b, struct mailbox *m, const char *token, struct err *e)
{
	struct cache *c = host_cache(b->box.host);

	m->flags |= MAILBOX_COMPLETE;
	m->flags &= ~(unsigned)(MAILBOX_COUNTED | MAILBOX_GONE);
	m->checked = clock_now();
	free(m->token);
	m->token = xstrdup(token);
	return mailbox_update(c, m, e) && mailbox_count(c, m->id, e);
}

/* What a rest carries besides its files. */
struct pending {
	struct listing listing;
	char token[96];
	int64_t newest;
	struct timespec new_stamp; /* of the folder new when it was listed */
	int64_t arrived_at;        /* clock_ms of the next look into it */
};

/*
 * The files without a row, newest first; those that came later than all we know are in their own
 * order behind them.
 */
static void set_rest(struct local_box *b, const struct mailbox *m, struct listing *l, const char *token, int64_t newest,
	const struct timespec *new_stamp)
{
	size_t n = 0;
	struct pending *p;

	for (size_t i = 0; i < l->count; i++) {
		if (!l->files[i]->known)
			l->files[n++] = l->files[i];
	}
	if (n > 1)
		qsort(l->files, n, sizeof(*l->files), by_age);
	l->count = n;
	p = arena_alloc(l->arena, sizeof(*p));
	p->listing = *l;
	p->new_stamp = *new_stamp;
	snprintf(p->token, sizeof(p->token), "%s", token);
	/*
	 * In a complete mailbox all of them are new: the oldest of them first, so that UIDs follow
	 * the time.
	 */
	if (m->flags & MAILBOX_COMPLETE) {
		for (size_t i = 0; i < n / 2; i++) {
			struct file *t = l->files[i];

			l->files[i] = l->files[n - 1 - i];
			l->files[n - 1 - i] = t;
		}
	}
	p->newest = newest ? newest : INT64_MAX;
	b->rest = (struct local_rest){.mailbox = m->id, .ops = &maildir_ops, .arena = l->arena, .entries = p, .count = n, .total = n};
}

static void rest_free(struct local_box *b)
{
	struct pending *p = b->rest.entries;

	if (p) {
		map_free(p->listing.by_base);
		free(p->listing.files);
	}
	arena_free(b->rest.arena);
	memset(&b->rest, 0, sizeof(b->rest));
}

/* readdir may miss a file that is renamed meanwhile: believe only what is gone twice. */
static bool look_again(struct cache *c, const struct mailbox *m, struct listing *l, struct diff *d, struct err *e)
{
	diff_fini(d);
	memset(d, 0, sizeof(*d));
	for (size_t i = 0; i < l->count; i++)
		l->files[i]->known = false;
	return read_folder(l, local_path(m), "new", e) && read_folder(l, local_path(m), "cur", e) &&
	       compare(c, m->id, l, d, e);
}

/* First piece: look at the folders, correct what has changed, say what is still to be read. */
static bool look(struct local_box *b, struct mailbox *m, struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	struct listing l;
	struct diff d = {0};
	struct timespec stamp = {0};
	char token[96];

	token_of(local_path(m), token);
	(void)stamp_of(local_path(m), "new", &stamp);
	if (!list_files(&l, local_path(m), e) || !compare(c, m->id, &l, &d, e)) {
		listing_fini(&l);
		diff_fini(&d);
		return false;
	}
	if (d.gone_count > 0 && !look_again(c, m, &l, &d, e)) {
		listing_fini(&l);
		diff_fini(&d);
		return false;
	}
	if (d.gone_count > 0)
		*token = '\0';
	bool first = m->uidnext == 0; /* nothing to count yet, and from then on counts follow the rows */
	reserve_uids(m, l.count);
	bool ok = cache_begin(c, e) && write_diff(c, &d, e) && mailbox_update(c, m, e) &&
		  (!first || mailbox_count(c, m->id, e)) && cache_commit(c, e);
	if (!ok) {
		cache_rollback(c);
		listing_fini(&l);
	} else {
		if (d.gone_count)
			host_changed(b->box.host, m->id, "messages", d.gone_count);
		if (d.changed_count)
			host_changed(b->box.host, m->id, "flags", d.changed_count);
		set_rest(b, m, &l, token, d.newest, &stamp);
	}
	diff_fini(&d);
	return ok;
}

/* ---- what is delivered while older ones are read ---- */

static bool is_same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

/*
 * Files that have come into new since the folders were listed: their rows come first. Whatever else has changed is
 * seen when the rest is read.
 */
static bool put_arrived(struct local_box *b, struct mailbox *m, struct pending *p, size_t *count, struct err *e)
{
	struct listing *l = &p->listing;
	size_t known = l->count;
	struct timespec now;
	struct arena *a;
	struct str bytes;
	bool ok;

	if (clock_ms() < p->arrived_at || !stamp_of(local_path(m), "new", &now) || is_same_time(&now, &p->new_stamp))
		return true;
	p->arrived_at = clock_ms() + ARRIVED_EVERY_MS;
	/* A file that comes in this very tick of the clock is found by the next look. */
	p->new_stamp = now;
	if (!read_folder(l, local_path(m), "new", e))
		return false;
	a = arena_new();
	str_init(&bytes, HEADER_MAX + HEAD_BYTES);
	ok = true;
	for (size_t i = known; ok && i < l->count; i++, ++*count) {
		ok = put_file(b, m, l->files[i], m->uidnext++, &bytes, a, e);
		arena_reset(a);
	}
	l->count = known; /* they are in the map, so they are not found again, and are not part of the rest */
	str_fini(&bytes);
	arena_free(a);
	return ok;
}

/* The next piece: its UIDs in the order of reading, its rows in that of UIDs. */
static bool put_piece(struct local_box *b, struct mailbox *m, size_t n, struct err *e)
{
	struct pending *p = b->rest.entries;
	struct local_slot *slots = xcalloc(n + 1, sizeof(*slots));
	struct arena *a = arena_new();
	struct str bytes;
	bool ok = true;

	str_init(&bytes, HEADER_MAX + HEAD_BYTES);
	for (size_t i = 0; i < n; i++) {
		size_t entry = b->rest.next++;

		slots[i] = (struct local_slot){give_uid(m, p->listing.files[entry], p->newest), entry};
	}
	local_sort_slots(slots, n);
	for (size_t i = 0; ok && i < n; i++) {
		ok = put_file(b, m, p->listing.files[slots[i].entry], slots[i].uid, &bytes, a, e);
		arena_reset(a);
	}
	str_fini(&bytes);
	arena_free(a);
	free(slots);
	return ok;
}

static bool read_piece(struct local_box *b, struct mailbox *m, struct err *e)
{
	struct pending *p = b->rest.entries;
	struct cache *c = host_cache(b->box.host);
	size_t n = local_piece(&b->rest), came = 0;
	bool done = b->rest.next + n >= b->rest.count;
	uint64_t uidnext = m->uidnext;
	int64_t began = clock_ms();

	if (!cache_begin(c, e) || !put_piece(b, m, n, e) || (!done && !put_arrived(b, m, p, &came, e)) ||
		!(done ? finish(b, m, p->token, e) : mailbox_update(c, m, e)) || !cache_commit(c, e)) {
		cache_rollback(c);
		return false;
	}
	host_step("maildir: piece of sync");
	local_pace(&b->rest, clock_ms() - began);
	if (n + came > 0)
		host_changed(b->box.host, m->id, m->uidnext == uidnext ? "older" : "new", n + came);
	if (!done)
		host_progress(b->box.host, m->id, b->rest.next, b->rest.total, "reading");
	return true;
}

static bool maildir_sync(struct local_box *b, struct mailbox *m, bool *more, struct err *e)
{
	*more = false;
	if (b->rest.mailbox != m->id) {
		local_rest_clear(b);
		if (unchanged(b, m))
			return true;
		if (!look(b, m, e))
			return err_at(e, "%s", m->name);
	}
	if (!read_piece(b, m, e)) {
		rest_free(b);
		return err_at(e, "%s", m->name);
	}
	*more = b->rest.next < b->rest.count;
	if (!*more)
		rest_free(b);
	return true;
}

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

static bool maildir_change(struct local_box *b, struct apply_step *s, struct err *e)
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

static bool maildir_deliver(struct local_box *b, struct mailbox *dest, const struct apply_one *one,
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
static bool maildir_remove(const char *path, struct err *e)
{
	if (!remove_folder(path, "new", e) || !remove_folder(path, "cur", e) || !remove_folder(path, "tmp", e))
		return false;
	return rmdir(path) == 0 || errno == ENOTEMPTY || errno == EEXIST || errno == ENOENT || err_sys(e, "%s", path);
}

const struct local_ops maildir_ops = {
	.kind = "maildir",
	.sync = maildir_sync,
	.unchanged = unchanged,
	.change = maildir_change,
	.deliver = maildir_deliver,
	.rest_free = rest_free,
	.create = maildir_make,
	.remove = maildir_remove,
};
