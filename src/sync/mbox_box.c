/*
 * An mbox file as a mailbox. Looked at through a mapping; a message is found again, wherever other
 * programs have moved it, by its key (mbox_text.c).
 */
#include "sync/mbox_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
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
	struct entry *entries; /* in the order of the file */
	size_t count;
	size_t *todo;          /* indexes into entries, in the order to read them */
	size_t todo_count;
	int64_t newest_known;  /* index of the last entry that had a row; -1: none */
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

static void scan_entries(struct pending *p, size_t at)
{
	struct mbox_entry me;
	size_t cap = 0;

	while (mbox_next(p->map.data, &at, &me)) {
		array_grow(p->entries, p->count, cap);
		p->entries[p->count++] = (struct entry){me.at, me.len, me.received};
	}
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

		headers_parse(a, sv_make(p->map.data.p + p->entries[i].at, p->entries[i].len), &h);
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
		headers_parse(a, sv_make(map->data.p + row.offset, (size_t)row.length), &h);
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
	if (ok) {
		scan_entries(p, grown);
		p->map.fd = fcntl(lock.fd, F_DUPFD_CLOEXEC, 3);
		if (p->count == 0 && sv_trim(p->map.data).len > 0)
			ok = err_set(e, ERR_INPUT, "it is no mbox: it does not begin with a From line");
	}
	/*
	 * Closing any descriptor of the file ends the fcntl lock: from here on the token tells of
	 * changes.
	 */
	mbox_unlock(&lock);
	if (!ok || !(grown ? all_are_new(p) : compare(b, m, p, e))) {
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

static bool put_entry(struct local_box *b, struct mailbox *m, struct pending *p, size_t index, struct arena *a,
	struct str *words, struct err *e)
{
	const struct entry *en = &p->entries[index];
	struct sv bytes = sv_make(p->map.data.p + en->at, en->len);
	struct message_row row = {.offset = en->at, .length = en->len, .size = en->len, .date_received = MAX(en->received, 0)};
	struct headers h;
	char key[MBOX_KEY_LEN + 1];

	headers_parse(a, bytes, &h);
	mbox_key_of(&h, key);
	row.id = message_id_of(m->id, give_uid(m, p, index));
	row.flags = mbox_flags_of(&h, words);
	row.key = sv_of(key);
	row.keywords = str_sv(words);
	row_of_bytes(a, bytes, true, &row);
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

static bool read_piece(struct local_box *b, struct mailbox *m, struct err *e)
{
	struct pending *p = b->rest.entries;
	struct cache *c = host_cache(b->box.host);
	size_t limit = b->rest.next == 0 ? BOX_FIRST : BOX_BATCH, first = b->rest.next;
	int64_t until = clock_ms() + BOX_BATCH_MS;
	struct arena *a = arena_new();
	struct str words;
	bool ok = cache_begin(c, e);

	str_init(&words, 8192);
	for (size_t n = 0; ok && n < limit && b->rest.next < b->rest.count && clock_ms() < until; n++) {
		ok = put_entry(b, m, p, p->todo[b->rest.next++], a, &words, e);
		arena_reset(a);
	}
	bool done = b->rest.next >= b->rest.count;
	ok = ok && (done ? finish(b, m, p->map.token, e) : mailbox_update(c, m, e)) && cache_commit(c, e);
	host_step("mbox: piece of sync");
	str_fini(&words);
	arena_free(a);
	if (!ok) {
		cache_rollback(c);
		return false;
	}
	if (b->rest.next > first)
		host_changed(b->box.host, m->id, "new", b->rest.next - first);
	if (!done)
		host_progress(b->box.host, m->id, b->rest.next, b->rest.total, "reading");
	return true;
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

static bool mbox_sync(struct local_box *b, struct mailbox *m, bool *more, struct err *e)
{
	*more = false;
	if (b->rest.mailbox == m->id && rest_is_stale(b, m))
		local_rest_clear(b);
	if (b->rest.mailbox != m->id) {
		local_rest_clear(b);
		if (unchanged(b, m))
			return true;
		if (!look(b, m, e))
			return err_at(e, "%s", m->name);
	}
	if (!read_piece(b, m, e)) {
		rest_end(b);
		return err_at(e, "%s", m->name);
	}
	*more = b->rest.next < b->rest.count;
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
