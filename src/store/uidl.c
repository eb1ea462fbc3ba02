#include "store/uidl.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "store/db_priv.h"

#define UIDL_APP 0x66737570 /* "fsup" */
#define UIDL_VERSION 2
#define BUSY_MS 5000
#define PRUNE_EVERY 1000 /* new contents between two looks for too many */

struct uidl {
	struct db db;
	unsigned contents; /* put since the last prune */
};

static const char *const steps[UIDL_VERSION] = {
	"CREATE TABLE uidl("
	" uidl TEXT PRIMARY KEY,"
	" state INTEGER NOT NULL,"
	" since INTEGER NOT NULL,"
	" seen INTEGER NOT NULL DEFAULT 1) STRICT, WITHOUT ROWID;",

	"ALTER TABLE uidl DROP COLUMN seen;"
	"ALTER TABLE uidl ADD COLUMN size INTEGER NOT NULL DEFAULT -1;"
	"ALTER TABLE uidl ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE uidl ADD COLUMN base TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE uidl ADD COLUMN head TEXT NOT NULL DEFAULT '';"
	"CREATE INDEX uidl_base ON uidl(base);"
	"CREATE INDEX uidl_head ON uidl(head);"
	"CREATE TABLE content("
	" hash TEXT PRIMARY KEY,"
	" base TEXT NOT NULL,"
	" since INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE note("
	" key TEXT PRIMARY KEY,"
	" value TEXT NOT NULL) STRICT, WITHOUT ROWID;",
};

static const char listing[] = "CREATE TEMP TABLE listed(n INTEGER PRIMARY KEY, uidl TEXT NOT NULL);"
			      "CREATE INDEX temp.listed_uidl ON listed(uidl);";

bool uidl_open(struct uidl **out, const char *path, struct err *e)
{
	struct uidl *u;
	char *dir = fs_dirname(path);
	bool ok = fs_mkdirs(dir, e);
	int from;

	free(dir);
	if (!ok)
		return false;
	u = xcalloc(1, sizeof(*u));
	ok = db_open(&u->db, path, DB_CREATE, BUSY_MS, e);
	if (ok && db_script(&u->db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY", e) &&
		db_migrate(&u->db, UIDL_APP, steps, UIDL_VERSION, &from, e) && db_script(&u->db, listing, e)) {
		*out = u;
		return true;
	}
	if (ok)
		db_close(&u->db);
	free(u);
	return false;
}

void uidl_close(struct uidl *u)
{
	if (!u)
		return;
	db_close(&u->db);
	free(u);
}

/* ---- rows ---- */

#define COLUMNS "state,since,size,tries,base,head"

/* From the columns that begin at `at`. */
static void row_of(sqlite3_stmt *st, int at, struct uidl_row *r)
{
	memset(r, 0, sizeof(*r));
	r->state = (enum uidl_state)sqlite3_column_int(st, at);
	r->since = sqlite3_column_int64(st, at + 1);
	r->size = sqlite3_column_int64(st, at + 2);
	r->tries = (unsigned)sqlite3_column_int(st, at + 3);
	snprintf(r->base, sizeof(r->base), "%s", db_str(st, at + 4));
	snprintf(r->head, sizeof(r->head), "%s", db_str(st, at + 5));
}

/* What db_step left: an error, or just the end. */
static bool ended_well(const struct err *mine, struct err *e)
{
	if (mine->class == ERR_NONE)
		return true;
	if (e)
		*e = *mine;
	return false;
}

bool uidl_get(struct uidl *u, struct sv uidl, struct uidl_row *out, struct err *e)
{
	sqlite3_stmt *st = db_query(&u->db, e, "SELECT " COLUMNS " FROM uidl WHERE uidl=?", "t", uidl);
	struct err mine = {0};

	*out = (struct uidl_row){.state = UIDL_NEW, .size = -1};
	if (!st)
		return false;
	if (db_step(&u->db, st, &mine)) {
		row_of(st, 0, out);
		db_reset(st);
	}
	return ended_well(&mine, e);
}

bool uidl_put(struct uidl *u, struct sv uidl, const struct uidl_row *r, struct err *e)
{
	if (uidl.len > UIDL_MAX)
		return err_set(e, ERR_LIMIT, "a UIDL of %zu bytes", uidl.len);
	return db_run(&u->db, e, "INSERT OR REPLACE INTO uidl(uidl," COLUMNS ") VALUES(?,?,?,?,?,?,?)", "tiiiiss", uidl,
		(int64_t)r->state, r->since ? r->since : clock_now(), r->size, (int64_t)r->tries, r->base, r->head);
}

bool uidl_set_state(struct uidl *u, struct sv uidl, enum uidl_state state, struct err *e)
{
	return db_run(&u->db, e, "UPDATE uidl SET state=? WHERE uidl=?", "it", (int64_t)state, uidl);
}

bool uidl_rename(struct uidl *u, struct sv from, struct sv to, struct err *e)
{
	return db_run(&u->db, e, "UPDATE OR REPLACE uidl SET uidl=? WHERE uidl=?", "tt", to, from);
}

/* The text of the first row of st; ERR_GONE when there is none. */
static bool one_text(struct uidl *u, sqlite3_stmt *st, struct str *out, struct err *e)
{
	struct err mine = {0};

	str_clear(out);
	if (!st)
		return false;
	if (db_step(&u->db, st, &mine)) {
		bool ok = str_add(out, db_text(st, 0));

		db_reset(st);
		return ok || err_set(e, ERR_LIMIT, "a UIDL that is too long");
	}
	return ended_well(&mine, e) && err_set(e, ERR_GONE, "no such message");
}

bool uidl_delete_base(struct uidl *u, struct sv base, struct err *e)
{
	return db_run(&u->db, e, "UPDATE uidl SET state=? WHERE base=? AND base<>''", "it", (int64_t)UIDL_DELETE, base);
}

bool uidl_by_base(struct uidl *u, struct sv base, struct str *out, struct err *e)
{
	return one_text(u, db_query(&u->db, e, "SELECT uidl FROM uidl WHERE base=?", "t", base), out, e);
}

bool uidl_count(struct uidl *u, enum uidl_state state, size_t *n, struct err *e)
{
	int64_t count = 0;

	*n = 0;
	if (!db_number(&u->db, e, &count, 0, "SELECT count(*) FROM uidl WHERE state=?", "i", (int64_t)state))
		return false;
	*n = (size_t)count;
	return true;
}

bool uidl_each(struct uidl *u, enum uidl_state state, uidl_fn *fn, void *data, struct err *e)
{
	struct err mine = {0};
	struct str last;
	bool more = true;

	/* One query a row: so fn may write. */
	str_init(&last, UIDL_MAX + 1);
	while (more) {
		sqlite3_stmt *st = db_query(&u->db, e,
			"SELECT " COLUMNS ",uidl FROM uidl WHERE state=? AND uidl>? ORDER BY uidl LIMIT 1", "it", (int64_t)state,
			str_sv(&last));
		struct uidl_row row;

		if (!st) {
			str_fini(&last);
			return false;
		}
		more = db_step(&u->db, st, &mine);
		if (more) {
			row_of(st, 0, &row);
			str_clear(&last);
			more = str_add(&last, db_text(st, 6));
			db_reset(st);
			more = more && fn(data, str_sv(&last), &row);
		}
	}
	str_fini(&last);
	return ended_well(&mine, e);
}

bool uidl_begin(struct uidl *u, struct err *e)
{
	return db_run(&u->db, e, "BEGIN IMMEDIATE", "");
}

bool uidl_commit(struct uidl *u, struct err *e)
{
	return db_run(&u->db, e, "COMMIT", "");
}

void uidl_rollback(struct uidl *u)
{
	if (!sqlite3_get_autocommit(u->db.h))
		(void)!db_run(&u->db, NULL, "ROLLBACK", "");
}

/* ---- the listing ---- */

bool uidl_listing_begin(struct uidl *u, struct err *e)
{
	uidl_rollback(u);
	return db_run(&u->db, e, "BEGIN", "") && db_run(&u->db, e, "DELETE FROM listed", "");
}

bool uidl_listing_add(struct uidl *u, size_t index, struct sv uidl, struct err *e)
{
	return db_run(&u->db, e, "INSERT INTO listed VALUES(?,?)", "ut", (uint64_t)index, uidl);
}

bool uidl_listing_end(struct uidl *u, struct err *e)
{
	return db_run(&u->db, e, "COMMIT", "");
}

bool uidl_listing_each(struct uidl *u, uidl_listing_fn *fn, void *data, struct err *e)
{
	sqlite3_stmt *st = db_query(&u->db, e,
		"SELECT listed.n," COLUMNS ",uidl.uidl FROM listed LEFT JOIN uidl ON uidl.uidl=listed.uidl ORDER BY listed.n", "");
	struct err mine = {0};

	if (!st)
		return false;
	while (db_step(&u->db, st, &mine)) {
		struct uidl_row row;

		row_of(st, 1, &row);
		fn(data, (size_t)sqlite3_column_int64(st, 0), sqlite3_column_type(st, 7) == SQLITE_NULL ? NULL : &row);
	}
	return ended_well(&mine, e);
}

bool uidl_vanished(struct uidl *u, size_t *n, struct err *e)
{
	int64_t count = 0;

	if (!db_number(&u->db, e, &count, 0, "SELECT count(*) FROM uidl WHERE uidl NOT IN (SELECT uidl FROM listed)", ""))
		return false;
	*n = (size_t)count;
	return true;
}

bool uidl_vanished_by_head(struct uidl *u, const char *head, struct str *uidl, struct err *e)
{
	return one_text(u,
		db_query(&u->db, e,
			"SELECT uidl FROM uidl WHERE head=? AND head<>'' AND uidl NOT IN (SELECT uidl FROM listed)", "s", head),
		uidl, e);
}

bool uidl_forget_vanished(struct uidl *u, struct err *e)
{
	size_t n;

	/* Without a transaction when there is nothing to write. */
	return uidl_vanished(u, &n, e) &&
	       (n == 0 || db_run(&u->db, e, "DELETE FROM uidl WHERE uidl NOT IN (SELECT uidl FROM listed)", ""));
}

/* ---- contents and notes ---- */

bool uidl_content(struct uidl *u, const char *hash, char base[UIDL_BASE_MAX + 1])
{
	struct str out;
	bool ok;

	str_init(&out, UIDL_BASE_MAX);
	ok = one_text(u, db_query(&u->db, NULL, "SELECT base FROM content WHERE hash=?", "s", hash), &out, NULL);
	if (ok)
		snprintf(base, UIDL_BASE_MAX + 1, "%s", out.s ? out.s : "");
	str_fini(&out);
	return ok;
}

bool uidl_content_put(struct uidl *u, const char *hash, const char *base, struct err *e)
{
	if (!db_run(&u->db, e, "INSERT OR REPLACE INTO content VALUES(?,?,?)", "ssi", hash, base, clock_now()))
		return false;
	if (++u->contents < PRUNE_EVERY)
		return true;
	u->contents = 0;
	return db_run(&u->db, e,
		"DELETE FROM content WHERE hash IN (SELECT hash FROM content ORDER BY since DESC LIMIT -1 OFFSET ?)", "i",
		(int64_t)UIDL_CONTENTS_MAX);
}

bool uidl_note(struct uidl *u, const char *key, struct str *out)
{
	return one_text(u, db_query(&u->db, NULL, "SELECT value FROM note WHERE key=?", "s", key), out, NULL);
}

bool uidl_note_put(struct uidl *u, const char *key, const char *value, struct err *e)
{
	return db_run(&u->db, e, "INSERT OR REPLACE INTO note VALUES(?,?)", "ss", key, value);
}
