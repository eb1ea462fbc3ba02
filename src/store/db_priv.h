/*
 * The only place that calls SQLite's opening, preparing and binding. A struct db is one connection
 * with its cached statements: SQL text stands beside its use as a literal, whose address is the key
 * of the cache, so a statement is compiled once for a connection.
 *
 * Bound values follow a word of letters: i int64_t, u uint64_t, s const char * (NULL is ""), t
 * struct sv, b struct sv as bytes.
 */
#ifndef STORE_DB_PRIV_H
#define STORE_DB_PRIV_H

#include <sqlite3.h>
#include <stdarg.h>

#include "base/err.h"
#include "base/str.h"

#define DB_STATEMENTS 128 /* cached of one connection; a power of two */

struct db {
	sqlite3 *h;
	char *path;
	int64_t seen_version; /* PRAGMA data_version of the last look */
	bool corrupt;         /* SQLite has said so */
	bool only_read;       /* it has refused to write: so it stays until the file is opened anew */
	struct {
		const char *sql;
		sqlite3_stmt *st;
	} cached[DB_STATEMENTS];
};

enum { DB_READ = 1, DB_CREATE = 2 };

/* No journal mode is set and nothing is read yet. Files are made 0600. */
bool db_open(struct db *, const char *path, unsigned how, int busy_ms, struct err *e) MUST_CHECK;
void db_close(struct db *);
/* Several statements without values or results: pragmas, migrations. */
bool db_script(struct db *, const char *sql, struct err *e) MUST_CHECK;

/*
 * Brings the file to version n by running steps[version..n-1] in one transaction (steps[0] makes an
 * empty file version 1). *from is the version it had; app is our mark in the file. ERR_INPUT: the
 * file is of a newer version, or not ours (then it is untouched).
 */
bool db_migrate(struct db *, int32_t app, const char *const *steps, int n, int *from, struct err *e) MUST_CHECK;
/* The version in the file, 0 in an empty one; ERR_INPUT when it is not ours. */
bool db_version(struct db *, int32_t app, int *version, struct err *e) MUST_CHECK;

/*
 * A cached statement, reset and bound; NULL with *e set. Step it with db_step; db_reset when done
 * early.
 */
sqlite3_stmt *db_query(struct db *, struct err *e, const char *sql, const char *kinds, ...) MUST_CHECK;
/* The same, but the caller's own (loops whose callback may ask again): sqlite3_finalize it. */
sqlite3_stmt *db_own_query(struct db *, struct err *e, const char *sql, const char *kinds, ...) MUST_CHECK;
/* True: a row is there. False: the end (e->class ERR_NONE) or an error. Resets then. */
bool db_step(struct db *, sqlite3_stmt *st, struct err *e);
/* The first column of all rows, message ids. st NULL: db_query failed, *e is set. Caller frees *ids. */
bool db_ids(struct db *, sqlite3_stmt *st, uint64_t **ids, size_t *count, struct err *e) MUST_CHECK;
void db_reset(sqlite3_stmt *st);
/* Runs to the end; results are thrown away. */
bool db_run(struct db *, struct err *e, const char *sql, const char *kinds, ...) MUST_CHECK;
/* The first column of the first row, or fallback when there is none. */
bool db_number(struct db *, struct err *e, int64_t *out, int64_t fallback, const char *sql, const char *kinds, ...)
	MUST_CHECK;

bool db_bind(struct db *, sqlite3_stmt *st, struct err *e, int first, const char *kinds, ...) MUST_CHECK;

static inline struct sv db_text(sqlite3_stmt *st, int col) /* lent until the next step */
{
	const char *p = (const char *)sqlite3_column_text(st, col);

	return p ? sv_make(p, (size_t)sqlite3_column_bytes(st, col)) : sv_make("", 0);
}
static inline struct sv db_blob(sqlite3_stmt *st, int col) /* lent until the next step */
{
	const char *p = sqlite3_column_blob(st, col);

	return p ? sv_make(p, (size_t)sqlite3_column_bytes(st, col)) : sv_make("", 0);
}
static inline const char *db_str(sqlite3_stmt *st, int col)
{
	const char *p = (const char *)sqlite3_column_text(st, col);

	return p ? p : "";
}

/* PRAGMA data_version against the last look. */
bool db_changed(struct db *);
/* Fills *e with SQLite's words and notes corruption. Always false. */
bool db_fail(struct db *, struct err *e, const char *what);
/* path, path-wal, path-shm, path-journal -> path.bad...; *aside is the new name; caller frees. */
bool db_set_aside(const char *path, const char *suffix, char **aside, struct err *e) MUST_CHECK;

#endif
