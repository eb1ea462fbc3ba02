/*
 * Opening of cache-A.db, its schema, and transactions. A corrupt file is found in two ways: SQLite
 * says so at opening, or it says so later; then a mark is left beside the file (cache-A.db.corrupt)
 * and the next writer sets it aside.
 */
#include "store/cache_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"

#define BUSY_MS 5000
#define CHECKPOINT_BUSY_MS 100

/*
 * Row ids of messages are mailbox << 32 | uid (message.h): the rows of a mailbox lie together in
 * the order of UIDs, and no index is needed for it. AUTOINCREMENT: the id of a deleted mailbox
 * never comes back, so an old message id cannot mean a new message.
 *
 * message.head holds the texts of an index line in one column, U+001F between them: reading 100,000
 * rows takes half the time of a column each. An index on Message-ID would triple the cost of
 * inserting.
 */
const char *const cache_steps[CACHE_VERSION] = {
	"CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE mailbox("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" name TEXT NOT NULL UNIQUE,"
	" raw TEXT NOT NULL,"
	" delim INTEGER NOT NULL DEFAULT 0,"
	" special INTEGER NOT NULL DEFAULT 0,"
	" flags INTEGER NOT NULL DEFAULT 0,"
	" uidvalidity INTEGER NOT NULL DEFAULT 0,"
	" uidnext INTEGER NOT NULL DEFAULT 0,"
	" modseq INTEGER NOT NULL DEFAULT 0,"
	" total INTEGER NOT NULL DEFAULT 0,"
	" unseen INTEGER NOT NULL DEFAULT 0,"
	" fresh INTEGER NOT NULL DEFAULT 0,"
	" low_uid INTEGER NOT NULL DEFAULT 0,"
	" checked INTEGER NOT NULL DEFAULT 0,"
	" token TEXT NOT NULL DEFAULT '') STRICT;"
	"CREATE TABLE message("
	" id INTEGER PRIMARY KEY,"
	" mailbox INTEGER NOT NULL,"
	" flags INTEGER NOT NULL,"
	" date_sent INTEGER NOT NULL,"
	" tz INTEGER NOT NULL,"
	" date_received INTEGER NOT NULL,"
	" size INTEGER NOT NULL,"
	" lines INTEGER NOT NULL,"
	" attachments INTEGER NOT NULL,"
	" modseq INTEGER NOT NULL,"
	" offset INTEGER NOT NULL,"
	" length INTEGER NOT NULL,"
	" key TEXT NOT NULL,"
	" path TEXT NOT NULL,"
	" keywords TEXT NOT NULL,"
	" message_id TEXT NOT NULL,"
	" head TEXT NOT NULL) STRICT;"
	"CREATE INDEX message_sent ON message(mailbox, date_sent);"
	"CREATE INDEX message_received ON message(mailbox, date_received);"
	"CREATE INDEX message_by_key ON message(mailbox, key) WHERE key <> '';"
	"CREATE TABLE body("
	" message INTEGER NOT NULL,"
	" section TEXT NOT NULL,"
	" hash TEXT NOT NULL,"
	" size INTEGER NOT NULL,"
	" fetched INTEGER NOT NULL,"
	" PRIMARY KEY(message, section)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX body_by_hash ON body(hash);"
	"CREATE INDEX body_by_age ON body(fetched);"
	"CREATE TABLE applied("
	" intent INTEGER PRIMARY KEY,"
	" state INTEGER NOT NULL,"
	" uidvalidity INTEGER NOT NULL,"
	" uid INTEGER NOT NULL,"
	" at INTEGER NOT NULL) STRICT;",
	/*
	 * 2: what servers say beyond RFC 3501. object: EMAILID, MAILBOXID. lost_body: bodies of messages
	 * whose row has gone and that may turn up elsewhere (object.h).
	 */
	"ALTER TABLE mailbox ADD COLUMN object TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE message ADD COLUMN object TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE message ADD COLUMN saved INTEGER NOT NULL DEFAULT 0;"
	"CREATE INDEX message_by_object ON message(object) WHERE object<>'';"
	"CREATE TABLE lost_body("
	" object TEXT NOT NULL,"
	" section TEXT NOT NULL,"
	" hash TEXT NOT NULL,"
	" size INTEGER NOT NULL,"
	" at INTEGER NOT NULL,"
	" PRIMARY KEY(object, section)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX lost_body_by_hash ON lost_body(hash);"
	"CREATE TABLE preview(message INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;"
	"CREATE TABLE quota("
	" root TEXT NOT NULL,"
	" resource TEXT NOT NULL,"
	" used INTEGER NOT NULL,"
	" max INTEGER NOT NULL,"
	" PRIMARY KEY(root, resource)) STRICT, WITHOUT ROWID;",
};

char *store_safe_account(const char *account)
{
	struct str s;

	str_init(&s, 3 * 4096);
	for (const char *p = account; *p; p++) {
		unsigned char c = (unsigned char)*p;
		bool plain = ascii_is_alnum(c) || (*p && strchr("@-_+", c)) || (c == '.' && p != account);

		if (!(plain ? str_addc(&s, *p) : str_addf(&s, "=%02X", c)))
			break;
	}
	if (s.len == 0)
		(void)str_adds(&s, "=");
	return str_detach(&s);
}

/* ---- opening ---- */

static bool read_pragmas(struct db *db, struct err *e)
{
	/*
	 * The last one to close a WAL file checkpoints it, also when it only reads: two that do so at once is what
	 * damages files (SQLite before 3.51.3). The writer is the only one here.
	 */
	(void)sqlite3_db_config(db->h, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	/* No mmap: it is a tenth faster, and doubles what the ui seems to use. */
	return db_script(db, "PRAGMA query_only=ON; PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-2000", e);
}

static bool open_reader(struct cache *c, const char *path, struct err *e)
{
	int version = 0;

	/*
	 * A reader of a WAL file must be able to make the -shm file, so the file itself is opened
	 * writable.
	 */
	if (!db_open(&c->db, path, 0, BUSY_MS, e))
		return false;
	if (read_pragmas(&c->db, e) && db_version(&c->db, CACHE_APP, &version, e)) {
		if (version == CACHE_VERSION)
			return true;
		err_set(e, ERR_GONE, "%s is of version %d, not %d", path, version, CACHE_VERSION);
	} else if (c->db.corrupt) {
		e->class = ERR_GONE; /* the worker will make a new one */
	}
	db_close(&c->db);
	return false;
}

static char *corrupt_mark(const char *path)
{
	return xasprintf("%s.corrupt", path);
}

static bool prepare_writer(struct cache *c, const char *path, struct err *e)
{
	int from = 0;

	if (!db_open(&c->db, path, DB_CREATE, BUSY_MS, e))
		return false;
	if (db_script(&c->db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-8000;"
			      "PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint=16000;"
			      "PRAGMA journal_size_limit=33554432", e) &&
		db_migrate(&c->db, CACHE_APP, cache_steps, CACHE_VERSION, &from, e)) {
		if (from == 0)
			c->fate = CACHE_WAS_NEW;
		else if (from < CACHE_VERSION)
			c->fate = CACHE_WAS_MIGRATED;
		return true;
	}
	bool rebuild = c->db.corrupt || e->class == ERR_INPUT;
	db_close(&c->db);
	c->db.corrupt = rebuild;
	return false;
}

static bool set_aside(const char *path, const char *why, struct err *e)
{
	char *aside;

	if (!db_set_aside(path, ".bad", &aside, e))
		return false;
	log_write(LOG_WARN, "store", "%s; moved to %s and built anew", why, aside);
	free(aside);
	return true;
}

static bool open_writer(struct cache *c, const char *path, struct err *e)
{
	char *mark = corrupt_mark(path);
	bool marked = access(mark, F_OK) == 0, ok;

	ok = !marked || set_aside(path, "the cache was found corrupt", e);
	if (ok && marked)
		unlink(mark);
	free(mark);
	if (!ok)
		return false;
	if (prepare_writer(c, path, e)) {
		if (marked)
			c->fate = CACHE_WAS_REBUILT;
		return true;
	}
	if (!c->db.corrupt || !set_aside(path, e->text, e) || !prepare_writer(c, path, e))
		return false;
	c->fate = CACHE_WAS_REBUILT;
	return true;
}

bool cache_open(struct cache **out, const char *dir, const char *account, enum cache_mode mode, struct err *e)
{
	struct cache *c;
	char *safe, *path, *name;
	struct err mine = {0};
	bool ok = true;

	e = e ? e : &mine;
	if (mode == CACHE_WRITE && !fs_mkdirs(dir, e))
		return err_at(e, "cache");
	c = xcalloc(1, sizeof(*c));
	c->mode = mode;
	safe = store_safe_account(account);
	name = xasprintf("cache-%s.db", safe);
	path = fs_join(dir, name);
	c->bodies = xasprintf("%s/bodies/%s", dir, safe);
	ok = mode == CACHE_READ ? open_reader(c, path, e) : open_writer(c, path, e);
	if (ok)
		(void)db_changed(&c->db);
	free(safe);
	free(name);
	free(path);
	if (!ok) {
		free(c->bodies);
		free(c);
		return err_at(e, "cache of %s", account);
	}
	*out = c;
	return true;
}

/* What SQLite found broken while we worked is set aside by the next writer. */
static void note_corruption(struct cache *c)
{
	char *mark;
	int fd;

	if (!c->db.corrupt || c->noted_corrupt)
		return;
	c->noted_corrupt = true;
	mark = corrupt_mark(c->db.path);
	fd = open(mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	free(mark);
	log_write(LOG_ERROR, "store", "%s is corrupt; it will be built anew", c->db.path);
}

/*
 * The log goes into the file and is cut to nothing. Else whoever opens it first after all have left reads all of the
 * log before anything else, 32 MB and more after much was written: half of the time to the first screen. Somebody who
 * reads just now is not waited for long; then it stays for the next time.
 */
static void checkpoint(struct cache *c)
{
	sqlite3_busy_timeout(c->db.h, CHECKPOINT_BUSY_MS);
	(void)sqlite3_wal_checkpoint_v2(c->db.h, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	sqlite3_busy_timeout(c->db.h, BUSY_MS);
}

void cache_close(struct cache *c)
{
	if (!c)
		return;
	cache_rollback(c);
	note_corruption(c);
	if (c->mode == CACHE_WRITE && !c->db.corrupt)
		checkpoint(c);
	db_close(&c->db);
	free(c->bodies);
	free(c);
}

enum cache_fate cache_fate(const struct cache *c)
{
	return c->fate;
}

bool cache_is_stuck(const struct cache *c)
{
	return c->db.only_read;
}

bool cache_changed(struct cache *c)
{
	return db_changed(&c->db);
}

const char *cache_bodies_dir(const struct cache *c)
{
	return c->bodies;
}

/* ---- transactions ---- */

bool cache_begin(struct cache *c, struct err *e)
{
	if (cache_in_transaction(c))
		bug("a transaction in a transaction");
	return db_run(&c->db, e, "BEGIN IMMEDIATE", "");
}

bool cache_commit(struct cache *c, struct err *e)
{
	if (counts_flush(c, e) && db_run(&c->db, e, "COMMIT", ""))
		return true;
	cache_rollback(c);
	return false;
}

void cache_rollback(struct cache *c)
{
	note_corruption(c);
	c->deltas = 0;
	if (cache_in_transaction(c))
		(void)!db_run(&c->db, NULL, "ROLLBACK", "");
}

bool cache_in_transaction(const struct cache *c)
{
	return !sqlite3_get_autocommit(c->db.h);
}

bool cache_set_durable(struct cache *c, bool durable, struct err *e)
{
	return db_script(&c->db, durable ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL", e);
}

/* ---- meta ---- */

char *cache_meta(struct cache *c, const char *name)
{
	sqlite3_stmt *st = db_query(&c->db, NULL, "SELECT value FROM meta WHERE name=?", "s", name);
	char *value = NULL;

	if (st && db_step(&c->db, st, NULL)) {
		value = sv_dup(db_text(st, 0));
		db_reset(st);
	}
	return value;
}

bool cache_set_meta(struct cache *c, const char *name, struct sv value, struct err *e)
{
	return db_run(&c->db, e, "INSERT INTO meta VALUES(?,?) ON CONFLICT(name) DO UPDATE SET value=excluded.value",
		"st", name, value);
}

void cache_tidy(struct cache *c)
{
	(void)!db_script(&c->db, "PRAGMA analysis_limit=400; PRAGMA optimize", NULL);
	checkpoint(c);
}
