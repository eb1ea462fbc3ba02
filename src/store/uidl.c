#include "store/uidl.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "store/db_priv.h"

#define UIDL_APP 0x66737570 /* "fsup" */
#define UIDL_VERSION 1
#define BUSY_MS 5000

struct uidl {
	struct db db;
};

static const char *const steps[UIDL_VERSION] = {
	"CREATE TABLE uidl("
	" uidl TEXT PRIMARY KEY,"
	" state INTEGER NOT NULL,"
	" since INTEGER NOT NULL,"
	" seen INTEGER NOT NULL DEFAULT 1) STRICT, WITHOUT ROWID;",
};

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
	if (ok && db_script(&u->db, "PRAGMA synchronous=FULL", e) &&
		db_migrate(&u->db, UIDL_APP, steps, UIDL_VERSION, &from, e)) {
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

bool uidl_get(struct uidl *u, struct sv uidl, enum uidl_state *out, int64_t *since, struct err *e)
{
	sqlite3_stmt *st = db_query(&u->db, e, "SELECT state,since FROM uidl WHERE uidl=?", "t", uidl);
	struct err mine = {0};

	if (!st)
		return false;
	*out = UIDL_NEW;
	*since = 0;
	if (db_step(&u->db, st, &mine)) {
		*out = (enum uidl_state)sqlite3_column_int(st, 0);
		*since = sqlite3_column_int64(st, 1);
		db_reset(st);
	}
	if (mine.class == ERR_NONE)
		return true;
	if (e)
		*e = mine;
	return false;
}

bool uidl_set(struct uidl *u, struct sv uidl, enum uidl_state state, struct err *e)
{
	if (uidl.len > UIDL_MAX)
		return err_set(e, ERR_LIMIT, "a UIDL of %zu bytes", uidl.len);
	if (state == UIDL_NEW)
		return db_run(&u->db, e, "DELETE FROM uidl WHERE uidl=?", "t", uidl);
	return db_run(&u->db, e,
		"INSERT INTO uidl VALUES(?,?,?,1) ON CONFLICT(uidl) DO UPDATE SET state=excluded.state, seen=1", "tii",
		uidl, (int64_t)state, clock_now());
}

bool uidl_list_begin(struct uidl *u, struct err *e)
{
	return db_run(&u->db, e, "BEGIN IMMEDIATE", "") && db_run(&u->db, e, "UPDATE uidl SET seen=0", "");
}

bool uidl_list_seen(struct uidl *u, struct sv uidl, struct err *e)
{
	return db_run(&u->db, e, "UPDATE uidl SET seen=1 WHERE uidl=?", "t", uidl);
}

bool uidl_list_end(struct uidl *u, struct err *e)
{
	if (db_run(&u->db, e, "DELETE FROM uidl WHERE seen=0", "") && db_run(&u->db, e, "COMMIT", ""))
		return true;
	(void)!db_run(&u->db, NULL, "ROLLBACK", "");
	return false;
}

void uidl_list_abort(struct uidl *u)
{
	if (!sqlite3_get_autocommit(u->db.h))
		(void)!db_run(&u->db, NULL, "ROLLBACK", "");
}
