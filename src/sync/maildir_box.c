/*
 * Maildir as a mailbox: what lies in new and cur is compared with the rows of the cache, by base
 * names. Flags are letters of the file name; keywords are letters that a file dovecot-keywords
 * explains, where there is one.
 *
 * UIDs are ours: the first sync gives them in the order of delivery, but reads the newest files
 * first, so it hands out UIDs downwards from a reserved range (mailbox.low_uid). Messages that come
 * later get the next one upwards.
 */
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
#include "sync/maildir_priv.h"
#include "sync/row.h"

#define HEAD_BYTES 32768        /* of each file are read; more only while the header goes on */
#define HEADER_MAX (1u << 20)
#define FRESH_NS INT64_C(2000000000) /* a folder that changed so recently may change again within its time stamp */
#define ARRIVED_EVERY_MS 500    /* while a large mailbox is read: how often we look for new mail */

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
		uint32_t file;
	} *changed;
	size_t changed_count, changed_cap;
	int64_t newest; /* time of the newest known file */
};

static void diff_fini(struct diff *d)
{
	free(d->gone);
	free(d->changed);
}

static bool compare(struct cache *c, uint64_t mailbox, struct maildir_list *l, struct diff *d, struct err *e)
{
	struct message_cursor *cur;
	struct message_row row;
	struct err mine;

	memset(d, 0, sizeof(*d));
	if (!message_scan(c, mailbox, MESSAGE_BY_UID, false, &cur, e))
		return false;
	while (message_next(cur, &row, &mine)) {
		uint32_t file = maildir_list_find(l, row.key);
		struct maildir_file f;

		if (file == MAILDIR_NO_FILE || maildir_list_known(l, file)) {
			array_grow(d->gone, d->gone_count, d->gone_cap);
			d->gone[d->gone_count++] = row.id;
			continue;
		}
		maildir_list_set_known(l, file);
		maildir_list_get(l, file, &f);
		d->newest = MAX(d->newest, maildir_list_time(l, file));
		if (row.flags != f.flags || !sv_eq(row.path, f.path) || !sv_eq(row.keywords, f.words)) {
			array_grow(d->changed, d->changed_count, d->changed_cap);
			d->changed[d->changed_count].id = row.id;
			d->changed[d->changed_count++].file = file;
		}
	}
	message_cursor_close(cur);
	if (mine.class == ERR_NONE)
		return true;
	*e = mine;
	return false;
}

static bool write_diff(struct cache *c, struct maildir_list *l, const struct diff *d, struct err *e)
{
	for (size_t i = 0; i < d->gone_count; i++) {
		if (!message_delete(c, d->gone[i], e))
			return false;
	}
	for (size_t i = 0; i < d->changed_count; i++) {
		struct maildir_file f;

		maildir_list_get(l, d->changed[i].file, &f);
		if (!message_set_place(c, d->changed[i].id, f.path, 0, 0, e) ||
			!message_set_flags(c, d->changed[i].id, f.flags, f.words, 0, e))
			return false;
	}
	return true;
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
static bool put_row(struct cache *c, const char *root, struct message_row *row, int64_t time, const struct row_rules *rules,
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
		row->date_sent = row->date_received = time;
	}
	free(path);
	return message_put(c, row, e);
}

static bool put_file(struct local_box *b, struct mailbox *m, struct maildir_list *l, uint32_t file, uint64_t uid,
	struct str *bytes, struct arena *a, struct err *e)
{
	struct maildir_file f;

	maildir_list_get(l, file, &f);
	struct message_row row = {.id = message_id_of(m->id, uid), .flags = f.flags, .key = f.base, .path = f.path,
		.keywords = f.words};
	bool ok = put_row(host_cache(b->box.host), local_path(m), &row, maildir_list_time(l, file),
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
static uint64_t give_uid(struct mailbox *m, int64_t time, int64_t newest)
{
	if (!(m->flags & MAILBOX_COMPLETE) && time <= newest && m->low_uid > 1)
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

/* What a rest carries. */
struct pending {
	struct maildir_list *list;
	uint32_t *files; /* of the list: those to be read, in this order */
	char token[96];
	int64_t newest;
	struct timespec new_stamp; /* of the folder new when it was listed */
	int64_t arrived_at;        /* clock_ms of the next look into it */
};

/*
 * The files without a row, newest first; those that came later than all we know are in their own
 * order behind them. The list is the rest's from now on.
 */
static void set_rest(struct local_box *b, const struct mailbox *m, struct maildir_list *l, const char *token, int64_t newest,
	const struct timespec *new_stamp)
{
	struct pending *p = xcalloc(1, sizeof(*p));
	size_t n;

	p->list = l;
	p->files = maildir_list_unknown(l, &n);
	p->new_stamp = *new_stamp;
	p->newest = newest ? newest : INT64_MAX;
	snprintf(p->token, sizeof(p->token), "%s", token);
	/*
	 * In a complete mailbox all of them are new: the oldest of them first, so that UIDs follow
	 * the time.
	 */
	if (m->flags & MAILBOX_COMPLETE) {
		for (size_t i = 0; i < n / 2; i++) {
			uint32_t t = p->files[i];

			p->files[i] = p->files[n - 1 - i];
			p->files[n - 1 - i] = t;
		}
	}
	b->rest = (struct local_rest){.mailbox = m->id, .ops = &maildir_ops, .entries = p, .count = n, .total = n};
}

static void rest_free(struct local_box *b)
{
	struct pending *p = b->rest.entries;

	if (p) {
		maildir_list_free(p->list);
		free(p->files);
		free(p);
	}
	memset(&b->rest, 0, sizeof(b->rest));
}

/* new before cur: what moves in between is seen twice, not never. */
static bool list_files(struct maildir_list *l, const struct mailbox *m, struct err *e)
{
	return maildir_list_read(l, local_path(m), "new", e) && maildir_list_read(l, local_path(m), "cur", e);
}

/* readdir may miss a file that is renamed meanwhile: believe only what is gone twice. */
static bool look_again(struct cache *c, const struct mailbox *m, struct maildir_list *l, struct diff *d, struct err *e)
{
	diff_fini(d);
	memset(d, 0, sizeof(*d));
	maildir_list_forget_known(l);
	return list_files(l, m, e) && compare(c, m->id, l, d, e);
}

/* First piece: look at the folders, correct what has changed, say what is still to be read. */
static bool look(struct local_box *b, struct mailbox *m, struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	struct maildir_list *l = maildir_list_new(local_path(m));
	struct diff d = {0};
	struct timespec stamp = {0};
	char token[96];

	token_of(local_path(m), token);
	(void)stamp_of(local_path(m), "new", &stamp);
	if (!list_files(l, m, e) || !compare(c, m->id, l, &d, e) ||
		(d.gone_count > 0 && !look_again(c, m, l, &d, e))) {
		maildir_list_free(l);
		diff_fini(&d);
		return false;
	}
	if (d.gone_count > 0)
		*token = '\0';
	bool first = m->uidnext == 0; /* nothing to count yet, and from then on counts follow the rows */
	reserve_uids(m, maildir_list_count(l));
	bool ok = cache_begin(c, e) && write_diff(c, l, &d, e) && mailbox_update(c, m, e) &&
		  (!first || mailbox_count(c, m->id, e)) && cache_commit(c, e);
	if (!ok) {
		cache_rollback(c);
		maildir_list_free(l);
	} else {
		if (d.gone_count)
			host_changed(b->box.host, m->id, "messages", d.gone_count);
		if (d.changed_count)
			host_changed(b->box.host, m->id, "flags", d.changed_count);
		set_rest(b, m, l, token, d.newest, &stamp);
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
	size_t known = maildir_list_count(p->list);
	struct timespec now;
	struct arena *a;
	struct str bytes;
	bool ok;

	if (clock_ms() < p->arrived_at || !stamp_of(local_path(m), "new", &now) || is_same_time(&now, &p->new_stamp))
		return true;
	p->arrived_at = clock_ms() + ARRIVED_EVERY_MS;
	/* A file that comes in this very tick of the clock is found by the next look. */
	p->new_stamp = now;
	if (!maildir_list_read(p->list, local_path(m), "new", e))
		return false;
	a = arena_new();
	str_init(&bytes, HEADER_MAX + HEAD_BYTES);
	ok = true;
	/* They stay in the list, so they are not found again, and are not part of the rest. */
	for (size_t i = known; ok && i < maildir_list_count(p->list); i++, ++*count) {
		ok = put_file(b, m, p->list, (uint32_t)i, m->uidnext++, &bytes, a, e);
		arena_reset(a);
	}
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
		uint32_t file = p->files[b->rest.next++];

		slots[i] = (struct local_slot){give_uid(m, maildir_list_time(p->list, file), p->newest), file};
	}
	local_sort_slots(slots, n);
	for (size_t i = 0; ok && i < n; i++) {
		ok = put_file(b, m, p->list, (uint32_t)slots[i].entry, slots[i].uid, &bytes, a, e);
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
