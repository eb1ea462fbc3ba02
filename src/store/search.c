/*
 * Opening of search-A.db, its tables, and which messages are in it.
 */
#include "store/search_priv.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/mailbox.h"
#include "store/message.h"

#define BUSY_MS 5000
#define IDENTITY_LEN 16

/* AUTOINCREMENT: numbers of segments only grow, mailbox.born lives by that. */
static const char *const search_steps[SEARCH_VERSION] = {
	"CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE mailbox("
	" id INTEGER PRIMARY KEY,"
	" uidvalidity INTEGER NOT NULL,"
	" born INTEGER NOT NULL,"
	" whole INTEGER NOT NULL) STRICT;" /* every message up to this UID is covered */
	"CREATE TABLE done("
	" mailbox INTEGER NOT NULL,"
	" page INTEGER NOT NULL,"
	" bits BLOB NOT NULL,"
	" PRIMARY KEY(mailbox, page)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE segment("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" state INTEGER NOT NULL,"
	" docs INTEGER NOT NULL,"
	" bytes INTEGER NOT NULL) STRICT;"
	"CREATE TABLE docs("
	" segment INTEGER NOT NULL,"
	" page INTEGER NOT NULL,"
	" ids BLOB NOT NULL,"
	" PRIMARY KEY(segment, page)) STRICT;"
	"CREATE TABLE words(id INTEGER PRIMARY KEY, first BLOB NOT NULL, words BLOB NOT NULL) STRICT;"
	"CREATE TABLE posts(id INTEGER PRIMARY KEY, posts BLOB NOT NULL) STRICT;",
	/* 2: the texts, too. What was indexed without them is indexed again. */
	"CREATE TABLE texts("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" segment INTEGER NOT NULL,"
	" raw INTEGER NOT NULL,"
	" docs BLOB NOT NULL,"
	" bytes BLOB NOT NULL) STRICT;"
	"CREATE INDEX texts_small ON texts(raw);"
	"DELETE FROM done; UPDATE mailbox SET whole=0; UPDATE segment SET state=2;",
};

/* ---- opening ---- */

/* Beside cache-A.db. */
static char *path_of(const struct cache *c)
{
	char *dir = fs_dirname(c->db.path), *path;
	const char *base = strrchr(c->db.path, '/');

	base = base ? base + 1 : c->db.path;
	path = xasprintf("%s/search-%s", dir, strncmp(base, "cache-", 6) == 0 ? base + 6 : base);
	free(dir);
	return path;
}

static char *meta(struct search *s, const char *name)
{
	sqlite3_stmt *st = db_query(&s->db, NULL, "SELECT value FROM meta WHERE name=?", "s", name);
	char *value = NULL;

	if (st && db_step(&s->db, st, NULL)) {
		value = sv_dup(db_text(st, 0));
		db_reset(st);
	}
	return value;
}

/* Ids of messages mean what they mean in one cache file only. */
static bool is_of_cache(struct search *s, const char *identity)
{
	char *ours = meta(s, "cache");
	bool same = ours && strcmp(ours, identity) == 0;

	free(ours);
	return same;
}

static bool open_reader(struct search *s, const char *path, struct err *e)
{
	char *identity = cache_meta(s->cache, "identity");
	int version = 0;
	bool ok = identity && access(path, R_OK) == 0 && db_open(&s->db, path, 0, BUSY_MS, e);

	if (ok) {
		(void)sqlite3_db_config(s->db.h, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
		ok = db_script(&s->db, "PRAGMA query_only=ON; PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-4000", e) &&
		     db_version(&s->db, SEARCH_APP, &version, e) && version == SEARCH_VERSION && is_of_cache(s, identity);
		if (!ok)
			db_close(&s->db);
	}
	free(identity);
	return ok || err_set(e, ERR_GONE, "%s is not there yet", path);
}

static bool prepare_writer(struct search *s, const char *path, const char *identity, struct err *e)
{
	int from = 0;

	if (!db_open(&s->db, path, DB_CREATE, BUSY_MS, e))
		return false;
	/* The first two only matter in an empty file. */
	if (db_script(&s->db, "PRAGMA page_size=16384; PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL;"
			      "PRAGMA synchronous=NORMAL; PRAGMA cache_size=-8000; PRAGMA temp_store=MEMORY;"
			      "PRAGMA wal_autocheckpoint=1000; PRAGMA journal_size_limit=16777216", e) &&
		db_migrate(&s->db, SEARCH_APP, search_steps, SEARCH_VERSION, &from, e) &&
		(from > 0 || db_run(&s->db, e, "INSERT INTO meta VALUES('cache',?)", "s", identity)) &&
		(is_of_cache(s, identity) || err_set(e, ERR_INPUT, "it belongs to another cache")))
		return true;
	db_close(&s->db);
	return false;
}

static void throw_away(const char *path)
{
	static const char *const ends[] = {"", "-wal", "-shm"};

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		char *name = xasprintf("%s%s", path, ends[i]);

		unlink(name);
		free(name);
	}
}

/* Damaged by a reader's account (search_close left a mark), or by what opening it says: away with it. */
static bool open_writer(struct search *s, const char *path, struct err *e)
{
	char *identity = cache_meta(s->cache, "identity"), *mark = xasprintf("%s.corrupt", path), *aside = NULL;
	bool ok = true;

	if (!identity) {
		char word[IDENTITY_LEN + 1];

		random_word(word, IDENTITY_LEN);
		identity = xstrdup(word);
		ok = cache_set_meta(s->cache, "identity", sv_of(word), e);
	}
	if (ok && access(mark, F_OK) == 0) {
		ok = db_set_aside(path, ".bad", &aside, e);
		log_write(LOG_WARN, "search", "%s was found damaged and is built anew", path);
		unlink(mark);
	}
	if (ok && !prepare_writer(s, path, identity, e)) {
		bool damaged = s->db.corrupt;

		ok = damaged || e->class == ERR_INPUT;
		if (ok)
			log_write(LOG_WARN, "search", "%s: %s; it is built anew", path, e->text);
		if (damaged)
			ok = db_set_aside(path, ".bad", &aside, e);
		else if (ok)
			throw_away(path);
		s->db.corrupt = false;
		ok = ok && prepare_writer(s, path, identity, e);
	}
	free(aside);
	free(mark);
	free(identity);
	return ok;
}

/* What a killed writer left of segments that never lived is cleared by search_tidy. */
bool search_open(struct search **out, struct cache *c, enum cache_mode mode, struct err *e)
{
	struct search *s = xcalloc(1, sizeof(*s));
	char *path = path_of(c);
	bool ok;

	s->cache = c;
	s->writer = mode == CACHE_WRITE;
	ok = s->writer ? open_writer(s, path, e) : open_reader(s, path, e);
	free(path);
	if (!ok) {
		free(s);
		return false;
	}
	if (s->writer)
		s->gather = gather_new();
	(void)db_changed(&s->db);
	*out = s;
	return true;
}

static void mark_damaged(struct search *s)
{
	char *mark = xasprintf("%s.corrupt", s->db.path);
	struct err e;

	if (!fs_write_atomic(mark, SV(""), 0600, &e))
		log_write(LOG_WARN, "search", "%s", e.text);
	free(mark);
}

void search_close(struct search *s)
{
	if (!s)
		return;
	gather_free(s->gather);
	tidying_free(s->tidying);
	if (s->db.corrupt)
		mark_damaged(s);
	db_close(&s->db);
	free(s);
}

bool search_is_damaged(const struct search *s)
{
	return s->db.corrupt;
}

bool search_changed(struct search *s)
{
	return db_changed(&s->db);
}

bool search_bad(struct search *s, struct err *e, const char *what)
{
	s->db.corrupt = true;
	return err_set(e, ERR_DISK, "%s is damaged: %s", s->db.path, what);
}

bool search_begin(struct search *s, struct err *e)
{
	return db_run(&s->db, e, "BEGIN IMMEDIATE", "");
}

bool search_end(struct search *s, bool ok, struct err *e)
{
	if (ok && db_run(&s->db, e, "COMMIT", ""))
		return true;
	if (!sqlite3_get_autocommit(s->db.h))
		(void)!db_run(&s->db, NULL, "ROLLBACK", "");
	return false;
}

/* ---- mailboxes ---- */

/* The cache knows another UIDVALIDITY already: what the index says is about other messages. */
static bool is_another(struct search *s, uint64_t mailbox, uint64_t uidvalidity)
{
	struct mailbox m;

	if (!mailbox_by_id(s->cache, mailbox, &m, NULL))
		return true;
	bool same = m.uidvalidity == uidvalidity;

	mailbox_fini(&m);
	return !same;
}

int64_t search_born(struct search *s, uint64_t mailbox)
{
	sqlite3_stmt *st = db_query(&s->db, NULL, "SELECT born, uidvalidity FROM mailbox WHERE id=?", "u", mailbox);
	int64_t born = INT64_MAX;
	uint64_t uidvalidity = 0;

	if (!st || !db_step(&s->db, st, NULL))
		return INT64_MAX;
	born = sqlite3_column_int64(st, 0);
	uidvalidity = (uint64_t)sqlite3_column_int64(st, 1);
	db_reset(st);
	return is_another(s, mailbox, uidvalidity) ? INT64_MAX : born;
}

static bool begin_anew(struct search *s, uint64_t mailbox, uint64_t uidvalidity, struct err *e)
{
	/* The number of the next segment: one that is only reserved will do. */
	bool ok = search_begin(s, e) &&
		  db_run(&s->db, e, "DELETE FROM done WHERE mailbox=?", "u", mailbox) &&
		  db_run(&s->db, e, "INSERT INTO segment(state, docs, bytes) VALUES(2,0,0)", "") &&
		  db_run(&s->db, e, "INSERT OR REPLACE INTO mailbox VALUES(?,?,?,0)", "uui", mailbox, uidvalidity,
			  (int64_t)sqlite3_last_insert_rowid(s->db.h));

	return search_end(s, ok, e);
}

bool search_begin_mailbox(struct search *s, uint64_t mailbox, uint64_t uidvalidity, struct err *e)
{
	int64_t was = -1;

	if (!db_number(&s->db, e, &was, -1, "SELECT uidvalidity FROM mailbox WHERE id=?", "u", mailbox))
		return false;
	if (was == (int64_t)uidvalidity)
		return true;
	/* What is in memory may be of the old one; it is not covered, so its turn comes again. */
	gather_free(s->gather);
	s->gather = gather_new();
	return begin_anew(s, mailbox, uidvalidity, e);
}

bool search_forget_mailbox(struct search *s, uint64_t mailbox, struct err *e)
{
	bool ok = search_begin(s, e) && db_run(&s->db, e, "DELETE FROM done WHERE mailbox=?", "u", mailbox) &&
		  db_run(&s->db, e, "DELETE FROM mailbox WHERE id=?", "u", mailbox);

	return search_end(s, ok, e);
}

/* ---- what is covered ---- */

struct cover_page {
	uint64_t page;
	unsigned char bits[DONE_PAGE / 8];
};

struct search_cover {
	uint64_t mailbox;
	struct cover_page *pages;
	size_t count, cap;
};

struct search_cover *search_cover_new(struct search *s, uint64_t mailbox)
{
	struct search_cover *c = xcalloc(1, sizeof(*c));

	c->mailbox = mailbox;
	if (search_born(s, mailbox) == INT64_MAX)
		return c;
	sqlite3_stmt *st = db_query(&s->db, NULL, "SELECT page, bits FROM done WHERE mailbox=? ORDER BY page", "u", mailbox);

	while (st && db_step(&s->db, st, NULL)) {
		struct sv bits = db_blob(st, 1);

		array_grow(c->pages, c->count, c->cap);
		struct cover_page *p = &c->pages[c->count++];

		p->page = (uint64_t)sqlite3_column_int64(st, 0);
		memset(p->bits, 0, sizeof(p->bits));
		memcpy(p->bits, bits.p, MIN(bits.len, sizeof(p->bits)));
	}
	return c;
}

bool search_covers(const struct search_cover *c, uint64_t message)
{
	uint64_t uid = message_uid(message), page = uid / DONE_PAGE;
	size_t low = 0, high = c->count;

	if (message_mailbox(message) != c->mailbox)
		return false;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (c->pages[mid].page == page)
			return bit_is(c->pages[mid].bits, (uint32_t)(uid % DONE_PAGE));
		if (c->pages[mid].page < page)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

void search_cover_free(struct search_cover *c)
{
	if (!c)
		return;
	free(c->pages);
	free(c);
}

/* Messages behind a UID, newest first. */
static bool ids_behind(struct cache *c, uint64_t mailbox, uint64_t uid, uint64_t **ids, size_t *count, struct err *e)
{
	sqlite3_stmt *st = db_query(&c->db, e, "SELECT id FROM message WHERE id>? AND id<=? ORDER BY id DESC", "uu",
		message_id_of(mailbox, uid), message_id_of(mailbox, MESSAGE_UID_MAX));

	return db_ids(&c->db, st, ids, count, e);
}

/* The same of a server's mailbox, only those whose bodies are here. */
static bool ids_with_bodies(struct cache *c, uint64_t mailbox, uint64_t uid, uint64_t **ids, size_t *count, struct err *e)
{
	sqlite3_stmt *st = db_query(&c->db, e,
		"SELECT DISTINCT message FROM body WHERE message>? AND message<=? AND section IN ('','text') ORDER BY message DESC",
		"uu", message_id_of(mailbox, uid), message_id_of(mailbox, MESSAGE_UID_MAX));

	return db_ids(&c->db, st, ids, count, e);
}

static bool is_local(const struct mailbox *m)
{
	return sv_starts(sv_of(m->raw), SV("maildir:/")) || sv_starts(sv_of(m->raw), SV("mbox:/"));
}

bool search_missing(struct search *s, const struct mailbox *m, uint64_t **ids, size_t *count, struct err *e)
{
	struct search_cover *cover;
	int64_t whole = 0;
	size_t kept = 0;

	/* All up to there are covered: a million is not gone through because one has come. */
	if (!db_number(&s->db, e, &whole, 0, "SELECT whole FROM mailbox WHERE id=?", "u", m->id) ||
		!(is_local(m) && whole == 0 ? message_ids(s->cache, m->id, ids, count, e)
			: (is_local(m) ? ids_behind : ids_with_bodies)(s->cache, m->id, (uint64_t)whole, ids, count, e)))
		return false;
	cover = search_cover_new(s, m->id);
	for (size_t i = 0; i < *count; i++) {
		if (!search_covers(cover, (*ids)[i]))
			(*ids)[kept++] = (*ids)[i];
	}
	*count = kept;
	search_cover_free(cover);
	return true;
}

static bool covers_all(struct search *s, uint64_t mailbox, uint64_t from_uid)
{
	struct search_cover *cover = search_cover_new(s, mailbox);
	sqlite3_stmt *st = db_query(&s->cache->db, NULL, "SELECT id FROM message WHERE id>? AND id<=?", "uu",
		message_id_of(mailbox, from_uid), message_id_of(mailbox, MESSAGE_UID_MAX));
	bool all = st != NULL;

	while (all && db_step(&s->cache->db, st, NULL))
		all = search_covers(cover, (uint64_t)sqlite3_column_int64(st, 0));
	if (st)
		db_reset(st);
	search_cover_free(cover);
	return all;
}

bool search_is_whole(struct search *s, uint64_t mailbox)
{
	int64_t whole = 0;

	return search_born(s, mailbox) != INT64_MAX &&
	       db_number(&s->db, NULL, &whole, 0, "SELECT whole FROM mailbox WHERE id=?", "u", mailbox) && whole > 0 &&
	       covers_all(s, mailbox, (uint64_t)whole);
}

bool search_note_whole(struct search *s, const struct mailbox *m, struct err *e)
{
	uint64_t high = message_uid_high(s->cache, m->id), *ids = NULL;
	int64_t was = 0;
	size_t n = 0;
	bool all = m->flags & MAILBOX_COMPLETE;

	if (!db_number(&s->db, e, &was, 0, "SELECT whole FROM mailbox WHERE id=?", "u", m->id))
		return false;
	if (was == (int64_t)high || !all)
		return true;
	/* The ids alone: the rows are large. */
	struct search_cover *cover = search_cover_new(s, m->id);

	if (was > 0)
		all = covers_all(s, m->id, (uint64_t)was);
	else
		all = message_ids(s->cache, m->id, &ids, &n, NULL);
	for (size_t i = 0; all && i < n; i++)
		all = search_covers(cover, ids[i]);
	free(ids);
	search_cover_free(cover);
	return !all || db_run(&s->db, e, "UPDATE mailbox SET whole=? WHERE id=?", "uu", high, m->id);
}

/* ---- segments ---- */

bool search_docs(struct search *s, int64_t segment, uint32_t docs, uint64_t **ids, struct err *e)
{
	sqlite3_stmt *st = db_query(&s->db, e, "SELECT ids FROM docs WHERE segment=? ORDER BY page", "i", segment);
	uint64_t *list = xcalloc(docs + 1, sizeof(*list));
	size_t n = 0;
	struct err mine = {0};

	while (st && db_step(&s->db, st, &mine)) {
		struct sv blob = db_blob(st, 0);

		for (size_t i = 0; i + 8 <= blob.len && n < docs; i += 8)
			list[n++] = le64(blob.p + i);
	}
	if (st && mine.class == ERR_NONE && n == docs) {
		*ids = list;
		return true;
	}
	free(list);
	if (!st)
		return false;
	if (mine.class == ERR_NONE)
		return search_bad(s, e, "ids are missing");
	*e = mine;
	return false;
}

bool search_state(struct search *s, struct search_state *out, struct err *e)
{
	int64_t n = 0, docs = 0, pages = 0, size = 0;
	bool ok = db_number(&s->db, e, &n, 0, "SELECT count(*) FROM segment WHERE state=1", "") &&
		  db_number(&s->db, e, &docs, 0, "SELECT sum(docs) FROM segment WHERE state=1", "") &&
		  db_number(&s->db, e, &pages, 0, "PRAGMA page_count", "") &&
		  db_number(&s->db, e, &size, 0, "PRAGMA page_size", "");

	*out = (struct search_state){.messages = (uint64_t)docs, .segments = (uint64_t)n, .bytes = (uint64_t)(pages * size)};
	return ok;
}
