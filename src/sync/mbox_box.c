/*
 * An mbox file as a mailbox. Looked at through a mapping; a message is found again, wherever other
 * programs have moved it, by its key (mbox_text.c).
 */
#include "sync/mbox_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "sync/mbox_lock.h"
#include "sync/mbox_rescue.h"
#include "sync/row.h"

static bool unchanged(struct local_box *b, const struct mailbox *m)
{
	struct stat st;
	char token[96];

	(void)b;
	if (stat(local_path(m), &st) != 0)
		return false;
	mbox_token_of(&st, token);
	return (m->flags & MAILBOX_COMPLETE) && *token != '?' && strcmp(token, m->token) == 0;
}

/* ---- sync ---- */

struct entry {
	uint64_t at, len;
	int64_t received;
};

struct pending {
	struct mbox_map map;
	struct entry *entries; /* in the order of the file; when it is read backwards those of one slice */
	size_t count, cap;
	size_t *todo;          /* indexes into entries, in the order to read them */
	size_t todo_count;
	int64_t newest_known;  /* index of the last entry that had a row; -1: none */
	bool backwards;        /* nothing of it was known: from the end, a slice at a time */
	size_t first;          /* backwards: the first From line */
	size_t low;            /* ... and where the slices that were looked at begin */
	size_t slice;          /* bytes of the next one */
	size_t done;           /* messages whose rows were put */
};

static void pending_fini(struct pending *p)
{
	int fd = p->map.fd;

	mbox_unmap(&p->map);
	if (fd >= 0)
		close(fd);
	free(p->entries);
	free(p->todo);
}

static void add_entry(struct pending *p, const struct mbox_entry *me)
{
	array_grow(p->entries, p->count, p->cap);
	p->entries[p->count++] = (struct entry){me->at, me->len, me->received};
}

static void scan_entries(struct pending *p, size_t at)
{
	struct mbox_entry me;

	while (mbox_next(p->map.data, &at, &me))
		add_entry(p, &me);
}

/* ---- from the end ---- */

#define SLICE_FIRST (2u << 20)
#define SLICE (32u << 20)
#define ENTRY_MIN 32 /* bytes of the smallest message with its From line: so many UIDs are set aside */

/*
 * The entries of the slice before p->low, in the order to read them: the newest first. *fits false: what was taken for
 * the beginning of a message, there or in a slice before, was none.
 */
static void look_at_slice(struct pending *p, bool *fits)
{
	size_t size = p->slice, at = 0, start;
	struct mbox_entry me;

	*fits = true;
	do {
		start = p->low > size ? p->low - size : 0;
		size *= 2; /* no beginning in there: a message larger than the slice */
	} while ((!mbox_resync(sv_head(p->map.data, p->low), start, &at) || at >= p->low) && start > 0);
	p->count = p->todo_count = 0;
	start = at;
	while (*fits && at < p->low && mbox_next(p->map.data, &at, &me)) {
		add_entry(p, &me);
		*fits = me.next_at <= p->low;
	}
	*fits = *fits && p->count > 0 && at >= p->low;
	p->low = start;
	p->slice = SLICE;
	p->todo = xreallocarray(p->todo, p->count + 1, sizeof(*p->todo));
	for (size_t i = p->count; i > 0; i--)
		p->todo[p->todo_count++] = i - 1;
}

/* Rows of the cache by key; equal keys in the order of UIDs. */
struct known {
	struct known *next; /* of the same key */
	uint64_t id, offset, length;
	unsigned flags;
	const char *words;
	bool taken;
};

static bool load_known(struct cache *c, uint64_t mailbox, struct arena *a, struct map *by_key, size_t *count,
	struct err *e)
{
	struct message_cursor *cur;
	struct message_row row;
	struct err mine;

	/* From the newest down and each put in front: the oldest of equal keys comes first. */
	if (!message_scan(c, mailbox, MESSAGE_BY_UID, true, &cur, e))
		return false;
	while (message_next(cur, &row, &mine)) {
		struct known *k = arena_alloc(a, sizeof(*k));

		k->id = row.id;
		k->offset = row.offset;
		k->length = row.length;
		k->flags = row.flags;
		k->words = arena_strndup(a, row.keywords.p, row.keywords.len);
		k->next = map_get(by_key, row.key);
		map_set(by_key, row.key, k);
		*count += 1;
	}
	message_cursor_close(cur);
	if (mine.class == ERR_NONE)
		return true;
	*e = mine;
	return false;
}

static struct known *take_known(struct map *by_key, const char *key)
{
	struct known *k = map_get(by_key, sv_of(key));

	while (k && k->taken)
		k = k->next;
	if (k)
		k->taken = true;
	return k;
}

struct changes {
	uint64_t gone, flags;
};

/* Rows whose message is not in the file any more go. */
static bool drop_untaken(struct cache *c, struct map *by_key, struct changes *n, struct err *e)
{
	struct sv key;
	void *value;
	size_t at = 0;

	while (map_next(by_key, &at, &key, &value)) {
		for (struct known *k = value; k; k = k->next) {
			if (k->taken)
				continue;
			if (!message_delete(c, k->id, e))
				return false;
			n->gone++;
		}
	}
	return true;
}

/*
 * Finds each entry's row by its key and corrects place and flags; entries without one are still to
 * be read.
 */
static bool match(struct cache *c, struct pending *p, struct map *by_key, struct changes *n, struct err *e)
{
	struct arena *a = arena_new();
	struct str words;
	bool ok = true;

	str_init(&words, 8192);
	for (size_t i = 0; ok && i < p->count; i++) {
		struct headers h;
		char key[MBOX_KEY_LEN + 1];

		struct sv bytes = sv_make(p->map.data.p + p->entries[i].at, p->entries[i].len);

		mbox_headers(a, &bytes, &h);
		mbox_key_of(&h, key);
		struct known *k = take_known(by_key, key);
		if (!k) {
			p->todo[p->todo_count++] = i;
		} else {
			unsigned flags = mbox_flags_of(&h, &words);

			p->newest_known = (int64_t)i;
			if (k->offset != p->entries[i].at || k->length != p->entries[i].len)
				ok = message_set_place(c, k->id, SV(""), p->entries[i].at, p->entries[i].len, e);
			if (ok && (flags != k->flags || !sv_is(str_sv(&words), k->words))) {
				n->flags++;
				ok = message_set_flags(c, k->id, flags, str_sv(&words), 0, e);
			}
		}
		arena_reset(a);
	}
	str_fini(&words);
	arena_free(a);
	return ok;
}

static void reserve_uids(struct mailbox *m, size_t messages)
{
	if (m->uidvalidity == 0)
		m->uidvalidity = (uint64_t)MAX(clock_now(), 1) & MESSAGE_UID_MAX;
	if (m->uidnext == 0) {
		m->uidnext = messages + 1;
		m->low_uid = m->uidnext;
	}
}

/* Newest first while the mailbox is filled; what came later in its own order. */
static void order_todo(struct pending *p, const struct mailbox *m)
{
	if (m->flags & MAILBOX_COMPLETE)
		return;
	for (size_t i = 0; i < p->todo_count / 2; i++) {
		size_t t = p->todo[i];

		p->todo[i] = p->todo[p->todo_count - 1 - i];
		p->todo[p->todo_count - 1 - i] = t;
	}
}

static bool all_are_new(struct pending *p)
{
	p->todo = xreallocarray(NULL, p->count + 1, sizeof(*p->todo));
	for (size_t i = 0; i < p->count; i++)
		p->todo[p->todo_count++] = i;
	p->newest_known = -1;
	return true;
}

static bool compare(struct local_box *b, struct mailbox *m, struct pending *p, struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	struct arena *a = arena_new();
	struct map *by_key = map_new();
	struct changes n = {0};
	size_t rows = 0;
	bool ok;

	p->todo = xreallocarray(NULL, p->count + 1, sizeof(*p->todo));
	p->newest_known = -1;
	ok = load_known(c, m->id, a, by_key, &rows, e) && cache_begin(c, e);
	if (ok && rows == 0) {
		for (size_t i = 0; i < p->count; i++)
			p->todo[p->todo_count++] = i;
	} else if (ok) {
		ok = match(c, p, by_key, &n, e) && drop_untaken(c, by_key, &n, e);
	}
	if (ok) {
		reserve_uids(m, p->count);
		order_todo(p, m);
		ok = mailbox_update(c, m, e) && cache_commit(c, e);
	}
	if (!ok)
		cache_rollback(c);
	map_free(by_key);
	arena_free(a);
	if (ok && n.gone)
		host_changed(b->box.host, m->id, "messages", n.gone);
	if (ok && n.flags)
		host_changed(b->box.host, m->id, "flags", n.flags);
	return ok;
}

/* Any change before it would have moved the last message. */
static bool last_is_in_place(struct local_box *b, const struct mailbox *m, const struct mbox_map *map)
{
	struct cache *c = host_cache(b->box.host);
	struct arena *a = arena_new();
	struct message_row row;
	struct headers h;
	char key[MBOX_KEY_LEN + 1];
	bool same = false;

	/*
	 * UIDs follow the file, so the highest one is the last; where they do not, the whole file
	 * is compared.
	 */
	if (message_get(c, message_id_of(m->id, message_uid_high(c, m->id)), a, &row, NULL) &&
		row.offset + row.length <= map->data.len) {
		struct sv bytes = sv_make(map->data.p + row.offset, (size_t)row.length);

		mbox_headers(a, &bytes, &h);
		mbox_key_of(&h, key);
		same = sv_is(row.key, key);
	}
	arena_free(a);
	return same;
}

/* Size and inode number of a token (token_of: "[?]size time inode ..."). */
static bool token_parts(const char *token, uint64_t *size, uint64_t *inode)
{
	struct scan s = scan_of(sv_of(token));

	scan_byte(&s, '?');
	if (!scan_u64(&s, size) || !scan_byte(&s, ' '))
		return false;
	scan_until(&s, " ");
	return scan_byte(&s, ' ') && scan_u64(&s, inode);
}

/*
 * Where the file ended when it was read last, if since then it has only grown. 0: it may be another
 * one.
 */
static size_t only_grew(struct local_box *b, const struct mailbox *m, const struct mbox_map *map)
{
	uint64_t size, ino, now_size, now_ino;
	struct sv line, rest;

	if (!(m->flags & MAILBOX_COMPLETE) || !token_parts(m->token, &size, &ino) ||
		!token_parts(map->token, &now_size, &now_ino) || ino != now_ino || size == 0 || size >= now_size)
		return 0;
	rest = sv_from(map->data, (size_t)size);
	if (!sv_line(&rest, &line) || !mbox_is_from(line, NULL, NULL))
		return 0;
	return last_is_in_place(b, m, map) ? (size_t)size : 0;
}

/* A mailbox of which nothing is known, and that begins like any other. */
static bool may_go_backwards(struct local_box *b, struct mailbox *m, struct pending *p)
{
	uint64_t most = p->map.data.len / ENTRY_MIN + 2;

	if (m->uidnext != 0 || message_uid_high(host_cache(b->box.host), m->id) != 0 || most > MESSAGE_UID_MAX / 2 ||
		!mbox_resync(p->map.data, 0, &p->first))
		return false;
	reserve_uids(m, (size_t)most);
	p->low = p->map.data.len;
	p->slice = SLICE_FIRST;
	p->newest_known = -1;
	return true;
}

static bool look(struct local_box *b, struct mailbox *m, struct err *e)
{
	struct mbox_lock lock;
	struct pending *p;
	struct arena *a;

	if (!mbox_rescue(host_cache_dir(b->box.host), local_path(m), e) ||
		!mbox_lock(&lock, local_path(m), false, false, e))
		return false;
	a = arena_new();
	p = arena_alloc(a, sizeof(*p));
	p->map.fd = -1;
	bool ok = mbox_map(lock.fd, local_path(m), &p->map, e);
	size_t grown = ok ? only_grew(b, m, &p->map) : 0;
	p->backwards = ok && !grown && may_go_backwards(b, m, p);
	if (ok) {
		if (!p->backwards)
			scan_entries(p, grown);
		p->map.fd = fcntl(lock.fd, F_DUPFD_CLOEXEC, 3);
		if (!p->backwards && p->count == 0 && sv_trim(p->map.data).len > 0)
			ok = err_set(e, ERR_INPUT, "it is no mbox: it does not begin with a From line");
	}
	/*
	 * Closing any descriptor of the file ends the fcntl lock: from here on the token tells of
	 * changes.
	 */
	mbox_unlock(&lock);
	if (!ok || !(p->backwards ? true : grown ? all_are_new(p) : compare(b, m, p, e))) {
		pending_fini(p);
		arena_free(a);
		return false;
	}
	b->rest = (struct local_rest){.mailbox = m->id, .ops = &mbox_ops, .arena = a, .entries = p, .count = p->todo_count,
		.total = p->todo_count};
	return true;
}

static uint64_t give_uid(struct mailbox *m, const struct pending *p, size_t index)
{
	if (!(m->flags & MAILBOX_COMPLETE) && m->low_uid > 1 &&
		(p->newest_known < 0 || (int64_t)index < p->newest_known))
		return --m->low_uid;
	return m->uidnext++;
}

static bool put_entry(struct local_box *b, struct mailbox *m, struct pending *p, size_t index, uint64_t uid,
	struct arena *a, struct str *words, struct err *e)
{
	const struct entry *en = &p->entries[index];
	struct sv bytes = sv_make(p->map.data.p + en->at, en->len);
	struct message_row row = {.offset = en->at, .length = en->len, .size = en->len, .date_received = MAX(en->received, 0)};
	struct headers h;
	char key[MBOX_KEY_LEN + 1];

	mbox_headers(a, &bytes, &h);
	mbox_key_of(&h, key);
	row.id = message_id_of(m->id, uid);
	row.flags = mbox_flags_of(&h, words);
	row.key = sv_of(key);
	row.keywords = str_sv(words);
	row_of_headers(a, &h, bytes, true,
		&(struct row_rules){host_conf(b->box.host, "assumed_charset"), host_spam(b->box.host)}, &row);
	return message_put(host_cache(b->box.host), &row, e);
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

/* The next piece: its UIDs in the order of reading, its rows in that of UIDs. */
static bool put_piece(struct local_box *b, struct mailbox *m, size_t n, struct err *e)
{
	struct pending *p = b->rest.entries;
	struct local_slot *slots = xcalloc(n + 1, sizeof(*slots));
	struct arena *a = arena_new();
	struct str words;
	bool ok = true;

	str_init(&words, 8192);
	for (size_t i = 0; i < n; i++) {
		size_t entry = p->todo[b->rest.next++];

		slots[i] = (struct local_slot){give_uid(m, p, entry), entry};
	}
	local_sort_slots(slots, n);
	for (size_t i = 0; ok && i < n; i++) {
		ok = put_entry(b, m, p, slots[i].entry, slots[i].uid, a, &words, e);
		arena_reset(a);
	}
	str_fini(&words);
	arena_free(a);
	free(slots);
	return ok;
}

static bool is_through(const struct local_box *b)
{
	const struct pending *p = b->rest.entries;

	return b->rest.next >= b->rest.count && (!p->backwards || p->low <= p->first);
}

/* How many there will be, by how much of the file is read. */
static uint64_t expected(const struct local_box *b)
{
	const struct pending *p = b->rest.entries;
	uint64_t all = p->map.data.len, read = all - p->low, found = p->done - b->rest.next + b->rest.count;

	return p->backwards && read > 0 ? (uint64_t)((double)found * (double)all / (double)read) : b->rest.total;
}

static bool read_piece(struct local_box *b, struct mailbox *m, struct err *e)
{
	struct pending *p = b->rest.entries;
	struct cache *c = host_cache(b->box.host);
	size_t n = local_piece(&b->rest);
	uint64_t uidnext = m->uidnext;
	int64_t began = clock_ms();

	/* Nothing to count yet, and from then on counts follow the rows. */
	bool first = p->backwards && p->done == 0;

	if (!cache_begin(c, e) || (first && !mailbox_count(c, m->id, e)) || !put_piece(b, m, n, e) ||
		!(is_through(b) ? finish(b, m, p->map.token, e) : mailbox_update(c, m, e)) || !cache_commit(c, e)) {
		cache_rollback(c);
		return false;
	}
	host_step("mbox: piece of sync");
	local_pace(&b->rest, clock_ms() - began);
	p->done += n;
	if (n > 0)
		host_changed(b->box.host, m->id, m->uidnext == uidnext ? "older" : "new", n);
	if (!is_through(b))
		host_progress(b->box.host, m->id, p->done, expected(b), "reading");
	return true;
}

/* The slice before, when all of the last one is read. False: the beginnings do not fit together. */
static bool take_slice(struct local_box *b)
{
	struct pending *p = b->rest.entries;
	size_t page = (size_t)sysconf(_SC_PAGESIZE), old = p->low;
	bool fits;

	if (!p->backwards || b->rest.next < b->rest.count || p->low <= p->first)
		return true;
	look_at_slice(p, &fits);
	b->rest.next = 0;
	b->rest.count = p->todo_count;
	/* What is behind is not needed any more: else all of the file counts as our memory in the end. */
	old += page - 1;
	old -= old % page;
	if (old < p->map.data.len)
		(void)madvise((char *)(uintptr_t)p->map.data.p + old, p->map.data.len - old, MADV_DONTNEED);
	return fits;
}

static void rest_end(struct local_box *b)
{
	pending_fini(b->rest.entries);
	arena_free(b->rest.arena);
	memset(&b->rest, 0, sizeof(b->rest));
}

/* Between two pieces somebody may have written: then what is mapped is not what is there. */
static bool rest_is_stale(struct local_box *b, const struct mailbox *m)
{
	struct pending *p = b->rest.entries;
	struct stat st;
	char token[96];

	if (stat(local_path(m), &st) != 0)
		return true;
	mbox_token_of(&st, token);
	return !mbox_same_token(token, p->map.token);
}

/*
 * What was delivered while older messages are read, when nothing else has changed: its rows at once, and on with the
 * rest.
 */
static bool follow(struct local_box *b, struct mailbox *m, struct err *e)
{
	struct pending *p = b->rest.entries;
	struct cache *c = host_cache(b->box.host);
	struct pending new = {.map = {.fd = -1}};
	struct local_rest rest = b->rest;
	struct mbox_lock lock;
	uint64_t size, now_size, ino, now_ino;
	bool ok;

	if (!p->backwards || !mbox_lock(&lock, local_path(m), false, false, NULL))
		return false;
	ok = mbox_map(lock.fd, local_path(m), &new.map, NULL);
	new.map.fd = fcntl(lock.fd, F_DUPFD_CLOEXEC, 3);
	ok = ok && token_parts(p->map.token, &size, &ino) && token_parts(new.map.token, &now_size, &now_ino) &&
	     ino == now_ino && now_size > size && mbox_resync(sv_from(new.map.data, size), 0, &new.first) && last_is_in_place(b, m, &new.map);
	if (ok)
		scan_entries(&new, (size_t)size);
	mbox_unlock(&lock);
	new.todo = xcalloc(new.count + 1, sizeof(*new.todo));
	for (size_t i = 0; i < new.count; i++)
		new.todo[i] = i;
	/* The same as a rest of its own; its UIDs go up. */
	b->rest = (struct local_rest){.entries = &new, .count = new.count};
	m->flags |= MAILBOX_COMPLETE;
	ok = ok && cache_begin(c, e) && put_piece(b, m, new.count, e);
	m->flags &= ~(unsigned)MAILBOX_COMPLETE;
	ok = ok && mailbox_update(c, m, e) && cache_commit(c, e);
	b->rest = rest;
	if (ok) {
		struct mbox_map old = p->map;

		p->map = new.map;
		new.map = old;
		host_changed(b->box.host, m->id, "new", new.count);
	} else {
		cache_rollback(c);
	}
	pending_fini(&new);
	return ok;
}

static bool mbox_sync(struct local_box *b, struct mailbox *m, bool *more, struct err *e)
{
	*more = false;
	if (b->rest.mailbox == m->id && rest_is_stale(b, m) && !follow(b, m, e))
		local_rest_clear(b);
	if (b->rest.mailbox != m->id) {
		local_rest_clear(b);
		if (unchanged(b, m))
			return true;
		if (!look(b, m, e))
			return err_at(e, "%s", m->name);
	}
	if (!take_slice(b)) {
		/* Rows are there now, so the whole file is read from its beginning and compared with them. */
		rest_end(b);
		*more = true;
		return true;
	}
	if (!read_piece(b, m, e)) {
		rest_end(b);
		return err_at(e, "%s", m->name);
	}
	*more = !is_through(b);
	if (!*more)
		rest_end(b);
	return true;
}

/* Brings the rows up to date before they are used for writing. */
bool mbox_sync_all(struct local_box *b, struct mailbox *m, struct err *e)
{
	bool more = true;

	while (more) {
		if (!mbox_sync(b, m, &more, e))
			return false;
	}
	return true;
}

static bool mbox_create(const char *path, struct err *e)
{
	char *dir = fs_dirname(path);
	bool ok = fs_mkdirs(dir, e);
	int fd;

	free(dir);
	if (!ok)
		return false;
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(e, "%s", path);
	close(fd);
	return true;
}

static bool mbox_remove(const char *path, struct err *e)
{
	return unlink(path) == 0 || errno == ENOENT || err_sys(e, "%s", path);
}

const struct local_ops mbox_ops = {
	.kind = "mbox",
	.sync = mbox_sync,
	.unchanged = unchanged,
	.change = mbox_change,
	.deliver = mbox_deliver,
	.rest_free = rest_end,
	.create = mbox_create,
	.remove = mbox_remove,
};
