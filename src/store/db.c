#include "store/db_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

/* SQLite's codes as the system's, so that err_is_passing can tell. */
static int sys_of(int code)
{
	switch (code & 0xff) {
	case SQLITE_FULL:
		return ENOSPC;
	case SQLITE_IOERR:
		return EIO;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return EAGAIN;
	case SQLITE_NOMEM:
		return ENOMEM;
	case SQLITE_CANTOPEN: /* as a rule the journal, for want of descriptors or room */
		return EMFILE;
	case SQLITE_READONLY: /* its journal could not be opened for writing, and stays so until it is opened anew */
		return EROFS;
	default:
		return 0;
	}
}

bool db_fail(struct db *db, struct err *e, const char *what)
{
	int code = db->h ? sqlite3_errcode(db->h) : SQLITE_NOMEM;

	if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
		db->corrupt = true;
	db->only_read = db->only_read || code == SQLITE_READONLY;
	if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
		err_set(e, ERR_DISK, "%s: %s is in use by another process for too long", what, db->path);
	else
		err_set(e, ERR_DISK, "%s: %s: %s", what, db->path, db->h ? sqlite3_errmsg(db->h) : "out of memory");
	if (e)
		e->sys = sys_of(code);
	return false;
}

/* SQLite makes files with 0644 minus umask; mail is nobody else's business. */
static bool create_private(const char *path, struct err *e)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_sys(e, "%s", path);
	close(fd);
	return true;
}

bool db_open(struct db *db, const char *path, unsigned how, int busy_ms, struct err *e)
{
	int flags = how & DB_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;

	memset(db, 0, sizeof(*db));
	if (how & DB_CREATE) {
		if (!create_private(path, e))
			return false;
	} else if (access(path, F_OK) != 0) {
		return err_sys(e, "%s", path);
	}
	db->path = xstrdup(path);
	/* Nobody asks how much memory SQLite has; counting it costs a lock for each piece. Once is enough, later is refused. */
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	if (sqlite3_open_v2(path, &db->h, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
		db_fail(db, e, "opening");
		db_close(db);
		return false;
	}
	/* Where it cannot open a file for writing, for want of a descriptor say, SQLite opens it for reading. */
	if (how & DB_CREATE && sqlite3_db_readonly(db->h, "main") == 1) {
		err_set(e, ERR_DISK, "%s cannot be written", path);
		if (e)
			e->sys = EROFS;
		db_close(db);
		return false;
	}
	sqlite3_extended_result_codes(db->h, 0);
	sqlite3_busy_timeout(db->h, busy_ms);
	return true;
}

void db_close(struct db *db)
{
	for (size_t i = 0; i < DB_STATEMENTS; i++)
		sqlite3_finalize(db->cached[i].st);
	if (db->h && sqlite3_close(db->h) != SQLITE_OK)
		bug("%s closed with open statements", db->path);
	free(db->path);
	memset(db, 0, sizeof(*db));
}

bool db_script(struct db *db, const char *sql, struct err *e)
{
	if (sqlite3_exec(db->h, sql, NULL, NULL, NULL) != SQLITE_OK)
		return db_fail(db, e, "database");
	return true;
}

/* ---- versions ---- */

static bool pragma_number(struct db *db, const char *sql, int64_t *out, struct err *e)
{
	sqlite3_stmt *st;
	bool ok = sqlite3_prepare_v2(db->h, sql, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW;

	if (ok)
		*out = sqlite3_column_int64(st, 0);
	else
		db_fail(db, e, "reading");
	sqlite3_finalize(st);
	return ok;
}

bool db_version(struct db *db, int32_t app, int *version, struct err *e)
{
	int64_t id, user, tables;

	if (!pragma_number(db, "PRAGMA application_id", &id, e) || !pragma_number(db, "PRAGMA user_version", &user, e))
		return false;
	if (id == app) {
		*version = (int)user;
		return true;
	}
	if (!pragma_number(db, "SELECT count(*) FROM sqlite_schema", &tables, e))
		return false;
	if (id != 0 || user != 0 || tables != 0)
		return err_set(e, ERR_INPUT, "%s is not a file of feist's", db->path);
	*version = 0;
	return true;
}

bool db_migrate(struct db *db, int32_t app, const char *const *steps, int n, int *from, struct err *e)
{
	char mark[96];

	if (!db_version(db, app, from, e))
		return false;
	if (*from > n)
		return err_set(e, ERR_INPUT, "%s was written by a newer feist (version %d, we know %d)", db->path, *from,
			n);
	if (*from == n)
		return true;
	if (!db_script(db, "BEGIN IMMEDIATE", e))
		return false;
	/* Another process may have been faster between the look and the lock. */
	bool ok = db_version(db, app, from, e);
	for (int v = *from; ok && v < n; v++)
		ok = db_script(db, steps[v], e);
	snprintf(mark, sizeof(mark), "PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT", (int)app, n);
	if (ok && db_script(db, mark, e))
		return true;
	if (!sqlite3_get_autocommit(db->h))
		(void)sqlite3_exec(db->h, "ROLLBACK", NULL, NULL, NULL);
	return err_at(e, "bringing it to version %d", n);
}

/* ---- statements ---- */

static sqlite3_stmt *compile(struct db *db, const char *sql, unsigned flags, struct err *e)
{
	sqlite3_stmt *st = NULL;

	if (sqlite3_prepare_v3(db->h, sql, -1, flags, &st, NULL) != SQLITE_OK) {
		if (sqlite3_errcode(db->h) == SQLITE_ERROR)
			log_write(LOG_ERROR, "store", "%s: %s", sqlite3_errmsg(db->h), sql);
		db_fail(db, e, "database");
		return NULL;
	}
	return st;
}

static sqlite3_stmt *cached(struct db *db, const char *sql, struct err *e)
{
	size_t at = ((uintptr_t)sql >> 3) % DB_STATEMENTS;

	for (size_t i = 0; i < DB_STATEMENTS; i++, at = (at + 1) % DB_STATEMENTS) {
		if (db->cached[at].sql == sql) {
			sqlite3_reset(db->cached[at].st);
			return db->cached[at].st;
		}
		if (!db->cached[at].sql) {
			db->cached[at].st = compile(db, sql, SQLITE_PREPARE_PERSISTENT, e);
			if (db->cached[at].st)
				db->cached[at].sql = sql;
			return db->cached[at].st;
		}
	}
	bug("more than %d statements", DB_STATEMENTS);
}

static bool bind_one(sqlite3_stmt *st, int i, char kind, va_list *ap)
{
	switch (kind) {
	case 'i':
		return sqlite3_bind_int64(st, i, va_arg(*ap, int64_t)) == SQLITE_OK;
	case 'u':
		return sqlite3_bind_int64(st, i, (int64_t)va_arg(*ap, uint64_t)) == SQLITE_OK;
	case 's': {
		const char *s = va_arg(*ap, const char *);

		return sqlite3_bind_text(st, i, s ? s : "", -1, SQLITE_STATIC) == SQLITE_OK;
	}
	case 't': {
		struct sv v = va_arg(*ap, struct sv);

		return sqlite3_bind_text64(st, i, v.p ? v.p : "", v.len, SQLITE_STATIC, SQLITE_UTF8) == SQLITE_OK;
	}
	case 'b': {
		struct sv v = va_arg(*ap, struct sv);

		return sqlite3_bind_blob64(st, i, v.p ? v.p : "", v.len, SQLITE_STATIC) == SQLITE_OK;
	}
	default:
		bug("no such kind of value: %c", kind);
	}
}

static bool bind_all(struct db *db, sqlite3_stmt *st, struct err *e, int first, const char *kinds, va_list *ap)
{
	for (int i = 0; kinds[i]; i++) {
		if (!bind_one(st, first + i, kinds[i], ap))
			return db_fail(db, e, "binding");
	}
	return true;
}

bool db_bind(struct db *db, sqlite3_stmt *st, struct err *e, int first, const char *kinds, ...)
{
	va_list ap;

	va_start(ap, kinds);
	bool ok = bind_all(db, st, e, first, kinds, &ap);
	va_end(ap);
	return ok;
}

sqlite3_stmt *db_query(struct db *db, struct err *e, const char *sql, const char *kinds, ...)
{
	sqlite3_stmt *st = cached(db, sql, e);
	va_list ap;

	if (!st)
		return NULL;
	va_start(ap, kinds);
	bool ok = bind_all(db, st, e, 1, kinds, &ap);
	va_end(ap);
	return ok ? st : NULL;
}

sqlite3_stmt *db_own_query(struct db *db, struct err *e, const char *sql, const char *kinds, ...)
{
	sqlite3_stmt *st = compile(db, sql, 0, e);
	va_list ap;

	if (!st)
		return NULL;
	va_start(ap, kinds);
	bool ok = bind_all(db, st, e, 1, kinds, &ap);
	va_end(ap);
	if (ok)
		return st;
	sqlite3_finalize(st);
	return NULL;
}

bool db_step(struct db *db, sqlite3_stmt *st, struct err *e)
{
	int rc = sqlite3_step(st);

	if (rc == SQLITE_ROW)
		return true;
	if (rc != SQLITE_DONE)
		db_fail(db, e, "database");
	else if (e)
		err_clear(e);
	sqlite3_reset(st);
	return false;
}

bool db_ids(struct db *db, sqlite3_stmt *st, uint64_t **ids, size_t *count, struct err *e)
{
	struct err mine = {0};
	size_t cap = 0;

	*ids = NULL;
	*count = 0;
	while (st && db_step(db, st, &mine)) {
		array_grow(*ids, *count, cap);
		(*ids)[(*count)++] = (uint64_t)sqlite3_column_int64(st, 0);
	}
	if (st && mine.class == ERR_NONE)
		return true;
	if (st && e)
		*e = mine;
	xfree_null(ids);
	*count = 0;
	return false;
}

void db_reset(sqlite3_stmt *st)
{
	sqlite3_reset(st);
}

bool db_run(struct db *db, struct err *e, const char *sql, const char *kinds, ...)
{
	sqlite3_stmt *st = cached(db, sql, e);
	va_list ap;

	if (!st)
		return false;
	va_start(ap, kinds);
	bool ok = bind_all(db, st, e, 1, kinds, &ap);
	va_end(ap);
	if (!ok)
		return false;
	int rc;
	do
		rc = sqlite3_step(st);
	while (rc == SQLITE_ROW);
	if (rc != SQLITE_DONE)
		db_fail(db, e, "database");
	sqlite3_reset(st);
	return rc == SQLITE_DONE;
}

bool db_number(struct db *db, struct err *e, int64_t *out, int64_t fallback, const char *sql, const char *kinds, ...)
{
	sqlite3_stmt *st = cached(db, sql, e);
	struct err mine = {0};
	va_list ap;

	if (!st)
		return false;
	va_start(ap, kinds);
	bool ok = bind_all(db, st, e, 1, kinds, &ap);
	va_end(ap);
	if (!ok)
		return false;
	if (db_step(db, st, &mine)) {
		*out = sqlite3_column_type(st, 0) == SQLITE_NULL ? fallback : sqlite3_column_int64(st, 0);
		sqlite3_reset(st);
		return true;
	}
	if (mine.class != ERR_NONE) {
		if (e)
			*e = mine;
		return false;
	}
	*out = fallback;
	return true;
}

bool db_changed(struct db *db)
{
	int64_t now;

	if (!db_number(db, NULL, &now, 0, "PRAGMA data_version", ""))
		return false;
	bool changed = now != db->seen_version;
	db->seen_version = now;
	return changed;
}

bool db_set_aside(const char *path, const char *suffix, char **aside, struct err *e)
{
	static const char *const parts[] = {"-wal", "-shm", "-journal", ""};
	char *target = xasprintf("%s%s", path, suffix);

	/* The main file last: a kill in between leaves a file that is set aside again. */
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		char *from = xasprintf("%s%s", path, parts[i]);
		char *to = xasprintf("%s%s", target, parts[i]);
		bool failed = rename(from, to) != 0 && errno != ENOENT;

		if (failed)
			err_sys(e, "renaming %s", from);
		free(from);
		free(to);
		if (failed) {
			free(target);
			return false;
		}
	}
	*aside = target;
	return true;
}
