/*
 * An mbox file as a mailbox. Looked at through a mapping; a message is found again, wherever other
 * programs have moved it, by its key: a hash of its header without the fields that change (Status and
 * friends). Flags are Status and X-Status as mutt writes them, keywords X-Keywords.
 *
 * Changing means writing a new file beside the old one, fsync, rename; and only when the old one is
 * what we have last read, under its locks. Where the folder cannot be written, the file is rewritten in
 * place, with a copy kept until that is done.
 */
#include "mime/mbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "mime/header.h"
#include "sync/host_priv.h"
#include "sync/local_box.h"
#include "sync/mbox_lock.h"
#include "sync/mbox_rescue.h"
#include "sync/row.h"

#define KEY_LEN 24
#define GATHER_MS 5000       /* flags are put off that long, so that one rewrite serves many */
#define MESSAGE_MAX (512u << 20)
#define FRESH_NS INT64_C(2000000000)

/* ---- the file ---- */

struct mapped {
	int fd; /* -1: not ours to close */
	struct sv data;
	char token[96];
};

/* size, time, inode: any change by others shows. "" when it changed within the tick of the clock. */
static void token_of(const struct stat *st, char out[96])
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	int64_t age = (now.tv_sec - st->st_mtim.tv_sec) * INT64_C(1000000000) + (now.tv_nsec - st->st_mtim.tv_nsec);
	snprintf(out, 96, "%s%lld %lld.%09ld %llu", age < FRESH_NS ? "?" : "", (long long)st->st_size,
		(long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec, (unsigned long long)st->st_ino);
}

/* The same but for the mark of freshness: for the moment, it is enough. */
static bool same_token(const char *a, const char *b)
{
	return *a && *b && strcmp(a + (*a == '?'), b + (*b == '?')) == 0;
}

static bool map_file(int fd, const char *path, struct mapped *m, struct err *e)
{
	struct stat st;
	void *p = NULL;

	m->fd = fd;
	if (fstat(fd, &st) != 0)
		return err_sys(e, "%s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_DISK, "%s is not a file", path);
	if (st.st_size > 0) {
		p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (p == MAP_FAILED)
			return err_sys(e, "%s", path);
		(void)madvise(p, (size_t)st.st_size, MADV_SEQUENTIAL);
	}
	m->data = sv_make(p ? p : "", (size_t)st.st_size);
	token_of(&st, m->token);
	return true;
}

static void unmap(struct mapped *m)
{
	if (m->data.len > 0)
		munmap((void *)m->data.p, m->data.len);
	m->data = SV("");
}

static bool unchanged(struct local_box *b, const struct mailbox *m)
{
	struct stat st;
	char token[96];

	(void)b;
	if (stat(local_path(m), &st) != 0)
		return false;
	token_of(&st, token);
	return (m->flags & MAILBOX_COMPLETE) && *token != '?' && strcmp(token, m->token) == 0;
}

/* ---- one message ---- */

static bool is_status_field(struct sv name)
{
	static const char *const names[] = {"Status", "X-Status", "X-Keywords", "X-UID", "X-IMAP", "X-IMAPbase",
		"Content-Length", "Lines", "X-Label", "X-Mozilla-Status", "X-Mozilla-Status2", "X-Mozilla-Keys"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (sv_is_case(name, names[i]))
			return true;
	}
	return false;
}

/* Without CR: a message that comes with CRLF is written with LF. */
static void add_lines(struct hash *hash, struct sv v)
{
	struct sv piece;

	if (sv_chr(v, '\r') < 0) {
		hash_add(hash, v);
		return;
	}
	while (sv_split(&v, '\r', &piece))
		hash_add(hash, piece);
}

static void key_of(const struct headers *h, char out[KEY_LEN + 1])
{
	struct hash *hash = hash_sha256_new();
	char hex[SHA256_HEX_LEN + 1];

	for (size_t i = 0; i < h->count; i++) {
		if (is_status_field(h->list[i].name))
			continue;
		hash_add(hash, h->list[i].name);
		hash_add(hash, SV(":"));
		add_lines(hash, h->list[i].raw);
		hash_add(hash, SV("\n"));
	}
	hash_end_hex(hash, hex);
	memcpy(out, hex, KEY_LEN);
	out[KEY_LEN] = '\0';
}

static const struct {
	char letter;
	unsigned flag;
	bool x; /* in X-Status */
} status_letters[] = {
	{'R', MSG_SEEN, false}, {'O', MSG_OLD, false}, {'A', MSG_ANSWERED, true}, {'F', MSG_FLAGGED, true},
	{'D', MSG_DELETED, true}, {'T', MSG_DRAFT, true},
};

static unsigned flags_of(const struct headers *h, struct str *words)
{
	struct sv status = headers_raw(h, "Status"), xstatus = headers_raw(h, "X-Status"), w;
	struct sv keywords = headers_raw(h, "X-Keywords");
	unsigned flags = 0;

	for (size_t i = 0; i < ARRAY_LEN(status_letters); i++) {
		if (sv_chr(status_letters[i].x ? xstatus : status, status_letters[i].letter) >= 0)
			flags |= status_letters[i].flag;
	}
	if (flags & MSG_SEEN) /* read ones are never "old and unread" */
		flags &= ~(unsigned)MSG_OLD;
	str_clear(words);
	while (sv_split(&keywords, ' ', &w)) {
		unsigned flag = message_flag_by_name(w);

		flags |= flag;
		if (w.len > 0 && !flag && !((words->len == 0 || str_addc(words, ' ')) && str_add(words, w)))
			break;
	}
	return flags;
}

/* The fields that say flags and keywords, as mutt writes them. */
static bool add_status(struct str *out, unsigned flags, struct sv words)
{
	struct str x;
	bool ok = true;

	if (flags & (MSG_SEEN | MSG_OLD))
		ok = str_adds(out, flags & MSG_SEEN ? "Status: RO\n" : "Status: O\n");
	str_init(&x, 64);
	for (size_t i = 0; i < ARRAY_LEN(status_letters); i++) {
		if (status_letters[i].x && (flags & status_letters[i].flag))
			ok = ok && str_addc(&x, status_letters[i].letter);
	}
	if (x.len > 0)
		ok = ok && str_addf(out, "X-Status: %s\n", x.s);
	str_fini(&x);
	static const unsigned named[] = {MSG_FORWARDED, MSG_MDNSENT, MSG_JUNK, MSG_NOTJUNK};
	bool any = words.len > 0;
	for (size_t i = 0; i < ARRAY_LEN(named); i++)
		any = any || (flags & named[i]);
	if (!any)
		return ok;
	ok = ok && str_adds(out, "X-Keywords:");
	for (size_t i = 0; i < ARRAY_LEN(named); i++) {
		if (flags & named[i])
			ok = ok && str_addf(out, " %s", message_flag_name(named[i]));
	}
	if (words.len > 0)
		ok = ok && str_addc(out, ' ') && str_add(out, words);
	return ok && str_addc(out, '\n');
}

/* The header block with new status fields and without drop's; then the empty line. */
static bool add_header(struct str *out, const struct headers *h, unsigned flags, struct sv words, bool new_copy)
{
	static const char *const drop_always[] = {"Status", "X-Status", "X-Keywords"};
	/* Counts of the old place are wrong in the new one, UIDs of another server's are not ours. */
	static const char *const drop_copy[] = {"Content-Length", "Lines", "X-UID", "X-IMAP", "X-IMAPbase"};
	bool ok = true;

	for (size_t i = 0; ok && i < h->count; i++) {
		const struct header *f = &h->list[i];
		bool drop = false;

		for (size_t k = 0; k < ARRAY_LEN(drop_always); k++)
			drop = drop || sv_is_case(f->name, drop_always[k]);
		for (size_t k = 0; new_copy && k < ARRAY_LEN(drop_copy); k++)
			drop = drop || sv_is_case(f->name, drop_copy[k]);
		if (drop)
			continue;
		ok = str_add(out, sv_make(h->block.p + f->at, f->len));
		if (ok && out->s[out->len - 1] != '\n')
			ok = str_addc(out, '\n');
	}
	return ok && add_status(out, flags, words) && str_addc(out, '\n');
}

/* ---- sync ---- */

struct entry {
	uint64_t at, len;
	int64_t received;
};

struct pending {
	struct mapped map;
	struct entry *entries; /* in the order of the file */
	size_t count;
	size_t *todo;          /* indexes into entries, in the order to read them */
	size_t todo_count;
	int64_t newest_known;  /* index of the last entry that had a row; -1: none */
};

static void pending_fini(struct pending *p)
{
	int fd = p->map.fd;

	unmap(&p->map);
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

/* Finds each entry's row by its key and corrects place and flags; entries without one are still to be read. */
static bool match(struct cache *c, struct pending *p, struct map *by_key, struct changes *n, struct err *e)
{
	struct arena *a = arena_new();
	struct str words;
	bool ok = true;

	str_init(&words, 8192);
	for (size_t i = 0; ok && i < p->count; i++) {
		struct headers h;
		char key[KEY_LEN + 1];

		headers_parse(a, sv_make(p->map.data.p + p->entries[i].at, p->entries[i].len), &h);
		key_of(&h, key);
		struct known *k = take_known(by_key, key);
		if (!k) {
			p->todo[p->todo_count++] = i;
		} else {
			unsigned flags = flags_of(&h, &words);

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
static bool last_is_in_place(struct local_box *b, const struct mailbox *m, const struct mapped *map)
{
	struct cache *c = host_cache(b->box.host);
	struct arena *a = arena_new();
	struct message_row row;
	struct headers h;
	char key[KEY_LEN + 1];
	bool same = false;

	/* UIDs follow the file, so the highest one is the last; where they do not, the whole file is compared. */
	if (message_get(c, message_id_of(m->id, message_uid_high(c, m->id)), a, &row, NULL) &&
		row.offset + row.length <= map->data.len) {
		headers_parse(a, sv_make(map->data.p + row.offset, (size_t)row.length), &h);
		key_of(&h, key);
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

/* Where the file ended when it was read last, if since then it has only grown. 0: it may be another one. */
static size_t only_grew(struct local_box *b, const struct mailbox *m, const struct mapped *map)
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
	bool ok = map_file(lock.fd, local_path(m), &p->map, e);
	size_t grown = ok ? only_grew(b, m, &p->map) : 0;
	if (ok) {
		scan_entries(p, grown);
		p->map.fd = fcntl(lock.fd, F_DUPFD_CLOEXEC, 3);
		if (p->count == 0 && sv_trim(p->map.data).len > 0)
			ok = err_set(e, ERR_INPUT, "it is no mbox: it does not begin with a From line");
	}
	/* Closing any descriptor of the file ends the fcntl lock: from here on the token tells of changes. */
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
	char key[KEY_LEN + 1];

	headers_parse(a, bytes, &h);
	key_of(&h, key);
	row.id = message_id_of(m->id, give_uid(m, p, index));
	row.flags = flags_of(&h, words);
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
	token_of(&st, token);
	return !same_token(token, p->map.token);
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

/* ---- rewriting ---- */

struct rewrite {
	struct local_box *b;
	struct apply_step *step;
	struct map *by_offset; /* "offset" -> apply_one + 1 */
	int fd;
	struct str buf;        /* not yet written */
	uint64_t at;           /* bytes written to the new file */
	struct arena *arena;
};

#define BUF_FLUSH (1u << 20)

static bool flush(struct rewrite *r, struct err *e)
{
	bool ok = fs_write_all(r->fd, str_sv(&r->buf), e);

	r->at += r->buf.len;
	str_clear(&r->buf);
	return ok;
}

static bool put(struct rewrite *r, struct sv v, struct err *e)
{
	if (v.len > BUF_FLUSH) {
		if (!flush(r, e) || !fs_write_all(r->fd, v, e))
			return false;
		r->at += v.len;
		return true;
	}
	if (r->buf.len + v.len > BUF_FLUSH && !flush(r, e))
		return false;
	return str_add(&r->buf, v) || err_set(e, ERR_LIMIT, "a header over %u MiB", MESSAGE_MAX >> 20);
}

static struct sv offset_key(uint64_t offset, char out[24])
{
	int n = snprintf(out, 24, "%llu", (unsigned long long)offset);

	return sv_make(out, (size_t)n);
}

/* The message with its flags changed by the step. */
static bool put_changed(struct rewrite *r, struct sv data, const struct mbox_entry *me, uint64_t *len, struct err *e)
{
	struct sv message = sv_make(data.p + me->at, me->len);
	struct headers h;
	struct str words, next, head;
	bool ok;

	headers_parse(r->arena, message, &h);
	str_init(&words, 8192);
	str_init(&next, 8192);
	str_init(&head, MESSAGE_MAX);
	unsigned flags = (flags_of(&h, &words) & ~r->step->del) | r->step->add;
	ok = words_apply(&next, str_sv(&words), sv_of(r->step->add_words), sv_of(r->step->del_words)) &&
	     add_header(&head, &h, flags, str_sv(&next), false);
	ok = ok || err_set(e, ERR_LIMIT, "a header over %u MiB", MESSAGE_MAX >> 20);
	*len = head.len + (me->len - h.body_at);
	ok = ok && put(r, sv_make(data.p + me->from_at, me->at - me->from_at), e) && put(r, str_sv(&head), e) &&
	     put(r, sv_make(message.p + h.body_at, me->next_at - me->at - h.body_at), e);
	str_fini(&words);
	str_fini(&next);
	str_fini(&head);
	arena_reset(r->arena);
	return ok;
}

static void note_place(struct local_box *b, uint64_t old_offset, uint64_t offset, uint64_t length)
{
	array_grow(b->places, b->place_count, b->place_cap);
	b->places[b->place_count++] = (struct local_place){old_offset, offset, length};
}

/* Copies the mailbox into r->fd with the step carried out; notes where each message lies now. */
static bool copy_changed(struct rewrite *r, struct sv data, struct err *e)
{
	struct mbox_entry me;
	size_t at = 0;
	bool first = true;

	while (mbox_next(data, &at, &me)) {
		char key[24];
		bool mine = map_has(r->by_offset, offset_key(me.at, key));
		uint64_t here, len = me.len;

		if (first && me.from_at > 0 && !put(r, sv_head(data, me.from_at), e))
			return false;
		first = false;
		if (mine && r->step->kind == INTENT_DELETE)
			continue;
		here = r->at + r->buf.len + (me.at - me.from_at);
		if (mine ? !put_changed(r, data, &me, &len, e)
			 : !put(r, sv_make(data.p + me.from_at, me.next_at - me.from_at), e))
			return false;
		note_place(r->b, me.at, here, len);
	}
	return flush(r, e);
}

/* Owner and mode as the old file has them, as far as we may. */
static bool dress(int fd, int like, const char *path, struct err *e)
{
	struct stat st;

	if (fstat(like, &st) != 0 || fchmod(fd, st.st_mode & 07777) != 0)
		return err_sys(e, "%s", path);
	(void)!fchown(fd, st.st_uid, st.st_gid); /* only root may give files away */
	return fsync(fd) == 0 || err_sys(e, "%s", path);
}

/* Opens the file to write into: beside the mailbox, or among our own when that cannot be. */
static bool open_new(struct rewrite *r, const char *path, char **temp, bool *beside, struct err *e)
{
	char *dir = fs_dirname(path);

	*beside = fs_temp(dir, ".feist-mbox-", "", &r->fd, temp, e);
	free(dir);
	if (*beside)
		return true;
	*temp = mbox_rescue_temp(host_cache_dir(r->b->box.host), path);
	r->fd = open(*temp, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (r->fd >= 0)
		return true;
	err_sys(e, "%s", *temp);
	free(*temp);
	return false;
}

/* Under the locks, with the old content in data: writes the new one and puts it in its place. */
static bool replace(struct rewrite *r, const char *path, int old_fd, struct sv data, struct err *e)
{
	char *temp, *dir = fs_dirname(path);
	bool beside, ok;

	if (!open_new(r, path, &temp, &beside, e)) {
		free(dir);
		return false;
	}
	ok = copy_changed(r, data, e) && dress(r->fd, old_fd, temp, e);
	host_step("mbox: new file written");
	if (ok && beside)
		ok = (rename(temp, path) == 0 || err_sys(e, "%s", path)) && fs_sync_dir(dir, e);
	else if (ok)
		ok = mbox_write_in_place(host_cache_dir(r->b->box.host), path, old_fd, temp, r->fd, e);
	host_step("mbox: in place");
	if (!ok)
		unlink(temp);
	close(r->fd);
	free(temp);
	free(dir);
	return ok;
}

/* Fills by_offset; those that are gone are done. False when the rows cannot be read. */
static bool find_targets(struct local_box *b, struct apply_step *s, struct map *by_offset, struct err *e)
{
	struct arena *a = arena_new();
	bool ok = true;

	for (size_t i = 0; ok && i < s->count; i++) {
		struct message_row row;
		struct err why;
		char key[24];

		if (message_get(host_cache(b->box.host), message_id_of(s->mailbox->id, s->one[i].uid), a, &row, &why))
			map_set(by_offset, offset_key(row.offset, key), &s->one[i]);
		else if (why.class == ERR_GONE)
			s->one[i].done = true;
		else
			ok = err_set(e, why.class, "%s", why.text);
	}
	arena_free(a);
	return ok;
}

static bool rewrite(struct local_box *b, struct apply_step *s, struct mapped *map, int fd, struct err *e)
{
	struct rewrite r = {.b = b, .step = s, .by_offset = map_new(), .arena = arena_new(), .fd = -1};
	bool ok;

	str_init(&r.buf, MESSAGE_MAX + 2 * BUF_FLUSH);
	ok = find_targets(b, s, r.by_offset, e);
	if (ok && map_len(r.by_offset) > 0)
		ok = replace(&r, local_path(s->mailbox), fd, map->data, e);
	str_fini(&r.buf);
	map_free(r.by_offset);
	arena_free(r.arena);
	return ok;
}

/* Brings the rows up to date before they are used for writing. */
static bool sync_all(struct local_box *b, struct mailbox *m, struct err *e)
{
	bool more = true;

	while (more) {
		if (!mbox_sync(b, m, &more, e))
			return false;
	}
	return true;
}

static void new_token(const char *path, char out[96])
{
	struct stat st;

	out[0] = '\0';
	if (stat(path, &st) == 0)
		token_of(&st, out);
}

/* Flags wait a little for company, unless something else needs them done. */
static bool put_off(struct local_box *b, const struct apply_step *s)
{
	int64_t now = clock_ms();

	if (s->kind != INTENT_FLAG || host_leaving(b->box.host) || b->flush)
		return false;
	if (b->put_off_since == 0)
		b->put_off_since = now;
	int64_t waited = now - b->put_off_since;
	/* Time is up for all that wait: local_box clears this when there is nothing left to do. */
	b->flush = waited >= GATHER_MS;
	b->box.later_ms = b->flush ? 0 : (int)(GATHER_MS - waited);
	return !b->flush;
}

static bool mbox_change(struct local_box *b, struct apply_step *s, struct err *e)
{
	const char *path = local_path(s->mailbox);

	if (put_off(b, s))
		return true;
	for (int tries = 0; tries < 3; tries++) {
		struct mbox_lock lock;
		struct mapped map = {.fd = -1};
		bool ok, current = false;

		if (!mbox_lock(&lock, path, true, false, e))
			return false;
		ok = map_file(lock.fd, path, &map, e);
		current = ok && same_token(map.token, s->mailbox->token) && (s->mailbox->flags & MAILBOX_COMPLETE);
		b->place_count = 0;
		if (ok && current)
			ok = rewrite(b, s, &map, lock.fd, e);
		unmap(&map);
		mbox_unlock(&lock);
		if (!ok)
			return false;
		if (current) {
			new_token(path, b->new_token);
			for (size_t i = 0; i < s->count; i++)
				s->one[i].done = true;
			return true;
		}
		/* Changed under us: look first, never write over it. */
		if (!sync_all(b, s->mailbox, e))
			return false;
	}
	return err_set(e, ERR_LIMIT, "%s is changed by others all the time", path);
}

/* ---- delivery ---- */

/* The whole entry as it will stand in the file, and its key. */
static bool compose(const struct local_source *src, struct str *out, char key[KEY_LEN + 1], struct err *e)
{
	char *bytes;
	struct arena *a;
	struct headers h;
	struct str message;
	bool ok;

	if (src->length > MESSAGE_MAX)
		return err_set(e, ERR_LIMIT, "a message over %u MiB", MESSAGE_MAX >> 20);
	bytes = xmalloc((size_t)src->length + 1);
	uint64_t at = 0;
	while (at < src->length) {
		ssize_t n = pread(src->fd, bytes + at, (size_t)(src->length - at), (off_t)(src->offset + at));

		if (n <= 0)
			break;
		at += (uint64_t)n;
	}
	if (at < src->length) {
		free(bytes);
		return err_set(e, ERR_GONE, "the message has become shorter");
	}
	a = arena_new();
	headers_parse(a, sv_make(bytes, (size_t)at), &h);
	key_of(&h, key);
	str_init(&message, 2 * (size_t)MESSAGE_MAX);
	ok = add_header(&message, &h, src->flags, SV(""), true) &&
	     str_add(&message, sv_make(bytes + h.body_at, (size_t)at - h.body_at)) &&
	     mbox_add_from_line(out, src->sender, src->date ? src->date : clock_now()) &&
	     mbox_add_message(out, str_sv(&message));
	str_fini(&message);
	arena_free(a);
	free(bytes);
	return ok || err_set(e, ERR_LIMIT, "a message over %u MiB", MESSAGE_MAX >> 20);
}

/*
 * How many messages with this key the mailbox holds as far as we know: its rows (fresh when the step began) and
 * what the step has added. Noted before an attempt; when there are more afterwards, it went through.
 */
static uint64_t count_key(struct local_box *b, const struct mailbox *dest, const char *key)
{
	return message_count_key(host_cache(b->box.host), dest->id, sv_of(key)) +
	       (uint64_t)(uintptr_t)map_get(b->delivered, sv_of(key));
}

static struct sv separator_for(struct sv data)
{
	if (data.len == 0 || (data.len >= 2 && data.p[data.len - 1] == '\n' && data.p[data.len - 2] == '\n'))
		return SV("");
	return data.p[data.len - 1] == '\n' ? SV("\n") : SV("\n\n");
}

static bool append(int fd, const char *path, struct sv separator, struct sv entry, struct err *e)
{
	off_t end = lseek(fd, 0, SEEK_END);

	if (end < 0)
		return err_sys(e, "%s", path);
	bool ok = fs_write_all(fd, separator, e) && fs_write_all(fd, sv_head(entry, entry.len / 4), e);
	host_step("mbox: a quarter appended");
	ok = ok && fs_write_all(fd, sv_head(sv_from(entry, entry.len / 4), entry.len / 2), e);
	host_step("mbox: most of it appended");
	ok = ok && fs_write_all(fd, sv_from(entry, entry.len / 4 + entry.len / 2), e);
	ok = ok && (fsync(fd) == 0 || err_sys(e, "%s", path));
	host_step("mbox: appended");
	if (!ok)
		(void)!ftruncate(fd, end);
	return ok;
}

/*
 * Is tail, the end of the file, the beginning of entry and not all of it? Flags do not count: they may have
 * been changed between the two attempts.
 */
static bool is_half(struct sv tail, struct sv entry)
{
	struct mbox_entry there, ours;
	size_t at = 0, from = 0;
	struct headers a, b;
	char key_a[KEY_LEN + 1], key_b[KEY_LEN + 1];
	struct arena *arena;
	bool half;

	if (tail.len < entry.len && sv_starts(entry, tail))
		return true;
	if (!mbox_next(tail, &at, &there) || there.next_at != tail.len || !mbox_next(entry, &from, &ours))
		return false;
	arena = arena_new();
	headers_parse(arena, sv_make(tail.p + there.at, there.len), &a);
	headers_parse(arena, sv_make(entry.p + ours.at, ours.len), &b);
	key_of(&a, key_a);
	key_of(&b, key_b);
	struct sv body = sv_rtrim(sv_make(tail.p + there.at + a.body_at, there.len - a.body_at));
	struct sv whole = sv_rtrim(sv_make(entry.p + ours.at + b.body_at, ours.len - b.body_at));
	half = strcmp(key_a, key_b) == 0 && body.len < whole.len && sv_starts(whole, body);
	arena_free(arena);
	return half;
}

/* Takes away what a worker that was killed while it appended has left at the end. */
static bool cut_half(int fd, struct sv data, const struct applied *was, struct sv entry)
{
	uint64_t before = was->uidvalidity;

	if (was->state != APPLIED_TRYING || before >= data.len)
		return false;
	struct sv tail = sv_from(data, (size_t)before);
	while (tail.len > 0 && tail.p[0] == '\n') /* the blank lines that we put before it */
		tail = sv_from(tail, 1);
	return (tail.len == 0 || is_half(tail, entry)) && ftruncate(fd, (off_t)before) == 0;
}

static bool add_entry(struct local_box *b, int fd, const char *path, const struct apply_one *one, struct sv entry,
	uint64_t count, struct err *e)
{
	struct mapped map = {.fd = -1};
	struct applied trying = {APPLIED_TRYING, 0, count};
	struct str separator;

	if (!map_file(fd, path, &map, e))
		return false;
	trying.uidvalidity = map.data.len; /* where it will begin */
	str_init(&separator, 4);
	(void)str_add(&separator, separator_for(map.data));
	unmap(&map);
	bool ok = applied_set(host_cache(b->box.host), one->intent, &trying, e);
	host_step("mbox: about to append");
	ok = ok && append(fd, path, str_sv(&separator), entry, e);
	str_fini(&separator);
	return ok;
}

/* Under the lock: adds the entry unless an earlier attempt has. */
static bool add_once(struct local_box *b, int fd, const char *path, const struct apply_one *one, struct sv entry,
	uint64_t count, struct err *e)
{
	struct mapped map = {.fd = -1};
	bool tried = one->was.state == APPLIED_TRYING, half = false;

	if (tried) {
		if (!map_file(fd, path, &map, e))
			return false;
		half = cut_half(fd, map.data, &one->was, entry);
		unmap(&map);
	}
	if (tried && !half && count > one->was.uid)
		return true;
	return add_entry(b, fd, path, one, entry, half ? one->was.uid : count, e);
}

static bool mbox_deliver(struct local_box *b, struct mailbox *dest, const struct apply_one *one,
	const struct local_source *src, char **key, struct err *e)
{
	const char *path = local_path(dest);
	char own_key[KEY_LEN + 1];
	struct mbox_lock lock;
	struct str entry;
	bool ok;

	str_init(&entry, 2 * (size_t)MESSAGE_MAX);
	ok = compose(src, &entry, own_key, e) && mbox_lock(&lock, path, true, true, e);
	if (ok) {
		ok = add_once(b, lock.fd, path, one, str_sv(&entry), count_key(b, dest, own_key), e);
		mbox_unlock(&lock);
	}
	if (ok) {
		*key = xstrdup(own_key);
		map_set(b->delivered, sv_of(own_key),
			(void *)((uintptr_t)map_get(b->delivered, sv_of(own_key)) + 1));
	}
	str_fini(&entry);
	return ok;
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
