/*
 * Opening of state.db, its schema, and the small tables: drafts, history, addresses, facts.
 */
#include "store/state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/intent_priv.h"

#define DONE_MAX "100000"    /* intents that left the queue, kept for undo */
#define FILE_MIN_AGE_S 3600  /* a file is put before its row: leave young ones alone */

#define INTENT_TABLE                                                                             \
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"                                                   \
	" grp INTEGER NOT NULL,"                                                                   \
	" kind INTEGER NOT NULL,"                                                                  \
	" state INTEGER NOT NULL,"                                                                 \
	" depends INTEGER NOT NULL,"                                                               \
	" account TEXT NOT NULL,"                                                                  \
	" mailbox TEXT NOT NULL,"                                                                  \
	" uidvalidity INTEGER NOT NULL,"                                                           \
	" uid INTEGER NOT NULL,"                                                                   \
	" of_ INTEGER NOT NULL,"                                                                   \
	" message_id TEXT NOT NULL,"                                                               \
	" add_ INTEGER NOT NULL,"                                                                  \
	" del_ INTEGER NOT NULL,"                                                                  \
	" add_words TEXT NOT NULL,"                                                                \
	" del_words TEXT NOT NULL,"                                                                \
	" dest TEXT NOT NULL,"                                                                     \
	" file TEXT NOT NULL,"                                                                     \
	" date INTEGER NOT NULL,"                                                                  \
	" created INTEGER NOT NULL,"                                                               \
	" tries INTEGER NOT NULL,"                                                                 \
	" error TEXT NOT NULL,"                                                                    \
	" undo INTEGER NOT NULL DEFAULT 0"

/*
 * AUTOINCREMENT everywhere that an id is remembered elsewhere: the id of an intent lives on in the
 * cache (applied.h), so it must never come back. Not even when state.db itself is lost and begun
 * anew: the ids of intents start at the time of its making.
 */
const char *const state_steps[STATE_VERSION] = {
	"CREATE TABLE intent(" INTENT_TABLE ") STRICT;"
	"INSERT INTO sqlite_sequence(name,seq) VALUES('intent', CAST(strftime('%s','now') AS INTEGER) * 1000);"
	"CREATE INDEX intent_of_mailbox ON intent(account, mailbox);"
	"CREATE INDEX intent_of_group ON intent(grp);"
	"CREATE TABLE done(" INTENT_TABLE ") STRICT;"
	"CREATE INDEX done_of_group ON done(grp);"
	"CREATE TABLE outbox("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" state INTEGER NOT NULL,"
	" account TEXT NOT NULL,"
	" from_ TEXT NOT NULL,"
	" recipients TEXT NOT NULL,"
	" file TEXT NOT NULL,"
	" subject TEXT NOT NULL,"
	" fcc TEXT NOT NULL,"
	" options TEXT NOT NULL,"
	" orig_account TEXT NOT NULL,"
	" orig_mailbox TEXT NOT NULL,"
	" orig_uidvalidity INTEGER NOT NULL,"
	" orig_uid INTEGER NOT NULL,"
	" orig_flag INTEGER NOT NULL,"
	" created INTEGER NOT NULL,"
	" send_at INTEGER NOT NULL,"
	" next_try INTEGER NOT NULL,"
	" attempts INTEGER NOT NULL,"
	" error TEXT NOT NULL) STRICT;"
	"CREATE TABLE draft("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" changed INTEGER NOT NULL,"
	" subject TEXT NOT NULL,"
	" data BLOB NOT NULL) STRICT;"
	"CREATE TABLE history("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" kind TEXT NOT NULL,"
	" text TEXT NOT NULL,"
	" UNIQUE(kind, text)) STRICT;"
	"CREATE TABLE address("
	" addr TEXT PRIMARY KEY,"
	" name TEXT NOT NULL,"
	" count INTEGER NOT NULL,"
	" last INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE fact(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;",
	/* 2: what became of each recipient */
	"CREATE TABLE outbox_rcpt("
	" outbox INTEGER NOT NULL,"
	" addr TEXT NOT NULL,"
	" result INTEGER NOT NULL,"
	" words TEXT NOT NULL,"
	" PRIMARY KEY(outbox, addr)) STRICT, WITHOUT ROWID;",

	/* 3: the journal of actions (journal.h) */
	"ALTER TABLE intent ADD COLUMN fate INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE intent ADD COLUMN inverse_of INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE done ADD COLUMN fate INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE done ADD COLUMN inverse_of INTEGER NOT NULL DEFAULT 0;"
	"CREATE INDEX done_of_message ON done(account, message_id);"
	"CREATE INDEX intent_of_message ON intent(account, message_id);"
	"CREATE INDEX intent_of_state ON intent(account, state);"
	"CREATE INDEX intent_of_depends ON intent(depends) WHERE depends<>0;"
	"CREATE TABLE action("
	" id INTEGER PRIMARY KEY,"
	" created INTEGER NOT NULL,"
	" what TEXT NOT NULL,"
	" account TEXT NOT NULL,"
	" mailbox TEXT NOT NULL,"
	" dest TEXT NOT NULL,"
	" subject TEXT NOT NULL,"
	" count INTEGER NOT NULL,"
	" undone INTEGER NOT NULL) STRICT;",
};

/* ---- opening ---- */

static bool open_writable(struct state *s, const char *path, struct err *e)
{
	int from;

	if (!db_open(&s->db, path, DB_CREATE, STATE_BUSY_MS, e))
		return false;
	/*
	 * Never WAL: several processes write here (architecture, the store, 2). EXTRA: FULL does not sync the folder
	 * after the journal has gone, and a power cut then brings it back, and with it the state before.
	 */
	if (db_script(&s->db, "PRAGMA synchronous=EXTRA; PRAGMA temp_store=MEMORY", e) &&
		db_migrate(&s->db, STATE_APP, state_steps, STATE_VERSION, &from, e))
		return true;
	bool corrupt = s->db.corrupt;
	db_close(&s->db);
	s->db.corrupt = corrupt;
	return false;
}

#define PROBES_MAX 100000 /* numbers of rows that are tried one by one */

/* One row after the other, from one end, as far as the damage: SQLite gives up a whole statement at the first bad page. */
static uint64_t rescue_rows(struct state *s, const char *copy, const char *table, const char *key, bool backwards)
{
	char *scan = xasprintf("SELECT %s FROM bad.%s ORDER BY %s %s", key, table, key, backwards ? "DESC" : "");
	char *one = xasprintf("%s WHERE %s=?1", copy, key);
	sqlite3_stmt *from = NULL, *to = NULL;
	uint64_t rows = 0;

	if (sqlite3_prepare_v2(s->db.h, scan, -1, &from, NULL) == SQLITE_OK &&
		sqlite3_prepare_v2(s->db.h, one, -1, &to, NULL) == SQLITE_OK) {
		while (sqlite3_step(from) == SQLITE_ROW) {
			if (sqlite3_bind_value(to, 1, sqlite3_column_value(from, 0)) == SQLITE_OK &&
				sqlite3_step(to) == SQLITE_DONE)
				rows += (uint64_t)sqlite3_changes64(s->db.h);
			sqlite3_reset(to);
		}
	}
	sqlite3_finalize(from);
	sqlite3_finalize(to);
	free(scan);
	free(one);
	return rows;
}

/* What lies between two bad pages: rows are numbered, so each number can be asked for. */
static uint64_t rescue_between(struct state *s, const char *copy, const char *table)
{
	char *highest = xasprintf("SELECT coalesce(max(id),0) FROM main.%s", table), *one = xasprintf("%s WHERE id=?1", copy);
	char *next = xasprintf("SELECT min(id) FROM main.%s", table);
	sqlite3_stmt *st = NULL;
	int64_t low = 0, high = 0;
	uint64_t rows = 0;

	if (sqlite3_prepare_v2(s->db.h, next, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
		low = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	st = NULL;
	if (sqlite3_prepare_v2(s->db.h, highest, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
		high = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	st = NULL;
	if (high - low <= PROBES_MAX && sqlite3_prepare_v2(s->db.h, one, -1, &st, NULL) == SQLITE_OK) {
		for (int64_t id = low; id < high; id++) {
			if (sqlite3_bind_int64(st, 1, id) == SQLITE_OK && sqlite3_step(st) == SQLITE_DONE)
				rows += (uint64_t)sqlite3_changes64(s->db.h);
			sqlite3_reset(st);
		}
	}
	sqlite3_finalize(st);
	free(highest);
	free(next);
	free(one);
	return rows;
}

static uint64_t rescue_table(struct state *s, const char *copy, const char *table, const char *key)
{
	uint64_t rows = rescue_rows(s, copy, table, key, false) + rescue_rows(s, copy, table, key, true);

	return rows + (strcmp(key, "id") == 0 ? rescue_between(s, copy, table) : 0);
}

/* Copies what can still be read of a corrupt file into the new one. Returns the number of rows. */
static uint64_t rescue(struct state *s, const char *aside)
{
	static const struct {
		const char *table, *key, *copy;
	} tables[] = {
		/* What a file of an older version has, too. */
		{"intent", "id",
			"INSERT OR IGNORE INTO intent(" INTENT_COLUMNS ",undo) SELECT " INTENT_COLUMNS ",undo FROM bad.intent"},
		{"outbox", "id", "INSERT OR IGNORE INTO outbox SELECT * FROM bad.outbox"},
		{"outbox_rcpt", "outbox", "INSERT OR IGNORE INTO outbox_rcpt SELECT * FROM bad.outbox_rcpt"},
		{"draft", "id", "INSERT OR IGNORE INTO draft SELECT * FROM bad.draft"},
		{"address", "addr", "INSERT OR IGNORE INTO address SELECT * FROM bad.address"},
		{"fact", "name", "INSERT OR IGNORE INTO fact SELECT * FROM bad.fact"},
		{"history", "id", "INSERT OR IGNORE INTO history SELECT * FROM bad.history"},
	};
	uint64_t rows = 0;

	if (!db_run(&s->db, NULL, "ATTACH ? AS bad", "s", aside))
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		const char *table = tables[i].table, *key = tables[i].key, *copy = tables[i].copy;
		/* At once; what is very wrong can take the transaction with it, then each row by itself. */
		bool begun = db_script(&s->db, "BEGIN", NULL);
		uint64_t n = rescue_table(s, copy, table, key);

		if (begun && !db_script(&s->db, "COMMIT", NULL))
			n = rescue_table(s, copy, table, key);
		rows += n;
	}
	(void)!db_script(&s->db, "DETACH bad", NULL);
	return rows;
}

static bool start_afresh(struct state *s, const char *path, struct err *e)
{
	char suffix[48], *aside;

	snprintf(suffix, sizeof(suffix), ".bad-%lld", (long long)time(NULL));
	if (!db_set_aside(path, suffix, &aside, e))
		return false;
	if (!open_writable(s, path, e)) {
		free(aside);
		return false;
	}
	uint64_t rows = rescue(s, aside);
	s->db.corrupt = false;
	s->note = xasprintf("%s was damaged; it was moved to %s and %llu entries were rescued from it", path, aside,
		(unsigned long long)rows);
	log_write(LOG_ERROR, "store", "%s", s->note);
	free(aside);
	return true;
}

/* A damage that was met while working (state_close leaves the mark). */
static bool marked_corrupt(const char *path)
{
	char *mark = xasprintf("%s.corrupt", path);
	bool there = unlink(mark) == 0;

	free(mark);
	return there;
}

static struct state *state_new(const char *path)
{
	struct state *s = xcalloc(1, sizeof(*s));
	char *dir = fs_dirname(path);

	s->files = fs_join(dir, "files");
	free(dir);
	return s;
}

static void state_free(struct state *s)
{
	free(s->files);
	free(s->note);
	free(s);
}

bool state_open(struct state **out, const char *path, struct err *e)
{
	struct state *s = state_new(path);
	char *dir = fs_dirname(path);
	bool ok = fs_mkdirs(dir, e);

	free(dir);
	if (ok && marked_corrupt(path))
		ok = start_afresh(s, path, e);
	else if (ok && !open_writable(s, path, e))
		ok = s->db.corrupt && start_afresh(s, path, e);
	if (!ok) {
		state_free(s);
		return false;
	}
	(void)db_changed(&s->db);
	/* What no kept action has, and of the others the oldest. */
	(void)!db_script(&s->db,
		"DELETE FROM done WHERE grp NOT IN (SELECT id FROM action);"
		"DELETE FROM done WHERE id <= (SELECT id FROM done ORDER BY id DESC LIMIT 1 OFFSET " DONE_MAX ")",
		NULL);
	*out = s;
	return true;
}

bool state_open_reader(struct state **out, const char *path, struct err *e)
{
	struct state *s = state_new(path);
	int version;

	/*
	 * Opened writable all the same: what a killed ui left in the journal must be rolled back
	 * first.
	 */
	if (!db_open(&s->db, path, 0, STATE_BUSY_MS, e)) {
		state_free(s);
		return false;
	}
	s->reader = true;
	if (db_script(&s->db, "PRAGMA query_only=ON", e) && db_version(&s->db, STATE_APP, &version, e)) {
		if (version == STATE_VERSION) {
			*out = s;
			return true;
		}
		err_set(e, ERR_GONE, "%s is of version %d, not %d", path, version, STATE_VERSION);
	}
	db_close(&s->db);
	state_free(s);
	return false;
}

void state_close(struct state *s)
{
	if (!s)
		return;
	state_rollback(s);
	if (s->db.corrupt && !s->reader) {
		char *mark = xasprintf("%s.corrupt", s->db.path);
		int fd = open(mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

		if (fd >= 0)
			close(fd);
		free(mark);
	}
	db_close(&s->db);
	state_free(s);
}

const char *state_note(const struct state *s)
{
	return s->note;
}

bool state_changed(struct state *s)
{
	return db_changed(&s->db);
}

/* ---- transactions ---- */

bool state_begin(struct state *s, struct err *e)
{
	return db_run(&s->db, e, "BEGIN IMMEDIATE", "");
}

bool state_commit(struct state *s, struct err *e)
{
	if (db_run(&s->db, e, "COMMIT", ""))
		return true;
	state_rollback(s);
	return false;
}

void state_rollback(struct state *s)
{
	if (!sqlite3_get_autocommit(s->db.h))
		(void)!db_run(&s->db, NULL, "ROLLBACK", "");
}

bool state_own_begin(struct state *s, bool *own, struct err *e)
{
	*own = sqlite3_get_autocommit(s->db.h);
	return !*own || state_begin(s, e);
}

bool state_own_end(struct state *s, bool own, bool ok, struct err *e)
{
	if (!own)
		return ok;
	if (ok)
		return state_commit(s, e);
	state_rollback(s);
	return false;
}

bool state_loop_end(struct err *mine, struct err *e)
{
	if (mine->class == ERR_NONE)
		return true;
	if (e)
		*e = *mine;
	return false;
}

/* ---- files ---- */

bool state_put_new_file(struct state *s, struct sv data, char **name, struct err *e)
{
	int fd;

	if (!fs_mkdirs(s->files, e) || !fs_temp(s->files, "m", "", &fd, name, e))
		return false;
	close(fd);
	if (fs_write_atomic(*name, data, 0600, e))
		return true;
	(void)unlink(*name);
	free(*name);
	*name = NULL; /* the caller may free what it holds on every way out */
	return false;
}

bool state_put_file(struct state *s, struct sv data, char **name, struct err *e)
{
	char hash[SHA256_HEX_LEN + 1], *path;

	if (!fs_mkdirs(s->files, e))
		return false;
	hash_sha256_hex(data, hash);
	path = fs_join(s->files, hash);
	/* A file of that name has that content; its age tells the sweep that it is wanted again. */
	if (fs_exists(path) ? utimensat(AT_FDCWD, path, NULL, 0) != 0 && err_sys(e, "%s", path)
			    : !fs_write_atomic(path, data, 0600, e)) {
		free(path);
		return false;
	}
	*name = path;
	return true;
}

bool state_keep_fd(struct state *s, int fd, char **name, struct err *e)
{
	char from[64], base[96], *path;
	struct stat st;

	if (fstat(fd, &st) != 0)
		return err_sys(e, "a message");
	if (!fs_mkdirs(s->files, e))
		return false;
	snprintf(from, sizeof(from), "/proc/self/fd/%d", fd);
	/* The same file twice is the same name: a link to it is there already. */
	snprintf(base, sizeof(base), "kept-%llx-%llx-%llx", (unsigned long long)st.st_dev, (unsigned long long)st.st_ino,
		(unsigned long long)st.st_ctim.tv_sec);
	path = fs_join(s->files, base);
	if (linkat(AT_FDCWD, from, AT_FDCWD, path, AT_SYMLINK_FOLLOW) != 0 && errno != EEXIST) {
		(void)err_sys(e, "keeping a message for undo");
		free(path);
		return false;
	}
	*name = path;
	return true;
}

bool state_sweep_files(struct state *s, struct err *e)
{
	DIR *d = opendir(s->files);
	struct dirent *ent;
	bool ok = true;

	while (ok && d && (ent = readdir(d))) {
		char *path = fs_join(s->files, ent->d_name);
		struct stat st;
		int64_t used;

		if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_mtime < time(NULL) - FILE_MIN_AGE_S) {
			ok = db_number(&s->db, e, &used, 0,
				"SELECT EXISTS(SELECT 1 FROM outbox WHERE file=?1 OR instr(fcc,?1)>0) OR"
				" EXISTS(SELECT 1 FROM intent WHERE file=?1) OR EXISTS(SELECT 1 FROM done WHERE file=?1) OR"
				" EXISTS(SELECT 1 FROM draft WHERE instr(data,?1)>0)",
				"s", path);
			if (ok && !used)
				unlink(path);
		}
		free(path);
	}
	if (d)
		closedir(d);
	return ok;
}

/* ---- history ---- */

bool state_history_add(struct state *s, const char *kind, struct sv text, struct err *e)
{
	bool own;

	if (text.len == 0)
		return true;
	if (!state_own_begin(s, &own, e))
		return false;
	bool ok = db_run(&s->db, e, "INSERT OR REPLACE INTO history(kind,text) VALUES(?,?)", "st", kind, text) &&
		  db_run(&s->db, e,
			  "DELETE FROM history WHERE kind=?1 AND id <= (SELECT id FROM history WHERE kind=?1"
			  " ORDER BY id DESC LIMIT 1 OFFSET ?2)",
			  "si", kind, (int64_t)STATE_HISTORY_MAX);
	return state_own_end(s, own, ok, e);
}

bool state_history_each(struct state *s, const char *kind, state_text_fn *fn, void *data, struct err *e)
{
	sqlite3_stmt *st =
		db_own_query(&s->db, e, "SELECT text FROM history WHERE kind=? ORDER BY id DESC", "s", kind);
	struct err mine = {0};
	bool more = true;

	if (!st)
		return false;
	while (more && db_step(&s->db, st, &mine))
		more = fn(data, db_text(st, 0));
	sqlite3_finalize(st);
	return state_loop_end(&mine, e);
}

/* ---- drafts ---- */

static bool bind_blob(struct state *s, sqlite3_stmt *st, int col, struct sv data, struct err *e)
{
	return sqlite3_bind_blob64(st, col, data.p ? data.p : "", data.len, SQLITE_STATIC) == SQLITE_OK ||
	       db_fail(&s->db, e, "draft");
}

bool state_draft_save(struct state *s, int64_t *id, struct sv subject, struct sv data, struct err *e)
{
	struct err mine = {0};
	sqlite3_stmt *st;

	if (data.len > STATE_DRAFT_MAX)
		return err_set(e, ERR_LIMIT, "a draft of %zu MiB", data.len >> 20);
	st = db_query(&s->db, e,
		"INSERT INTO draft(id,changed,subject,data) VALUES(nullif(?1,0),?2,?3,?4)"
		" ON CONFLICT(id) DO UPDATE SET changed=?2, subject=?3, data=?4",
		"iit", *id, clock_now(), subject);
	if (!st || !bind_blob(s, st, 4, data, e))
		return false;
	(void)db_step(&s->db, st, &mine);
	if (!state_loop_end(&mine, e))
		return false;
	if (*id == 0)
		*id = sqlite3_last_insert_rowid(s->db.h);
	return true;
}

bool state_draft_load(struct state *s, int64_t id, struct str *data, struct err *e)
{
	sqlite3_stmt *st = db_query(&s->db, e, "SELECT data FROM draft WHERE id=?", "i", id);
	struct err mine = {0};

	if (!st)
		return false;
	if (!db_step(&s->db, st, &mine))
		return state_loop_end(&mine, e) && err_set(e, ERR_GONE, "no such draft");
	const char *p = sqlite3_column_blob(st, 0);
	str_init(data, STATE_DRAFT_MAX);
	bool ok = str_add(data, sv_make(p ? p : "", (size_t)sqlite3_column_bytes(st, 0)));
	db_reset(st);
	if (ok)
		return true;
	str_fini(data);
	return err_set(e, ERR_LIMIT, "a draft over %u MiB", STATE_DRAFT_MAX >> 20);
}

bool state_draft_delete(struct state *s, int64_t id, struct err *e)
{
	return db_run(&s->db, e, "DELETE FROM draft WHERE id=?", "i", id);
}

bool state_draft_each(struct state *s, state_draft_fn *fn, void *data, struct err *e)
{
	sqlite3_stmt *st = db_own_query(&s->db, e, "SELECT id,changed,subject FROM draft ORDER BY id", "");
	struct err mine = {0};
	bool more = true;

	if (!st)
		return false;
	while (more && db_step(&s->db, st, &mine))
		more = fn(data, sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1), db_text(st, 2));
	sqlite3_finalize(st);
	return state_loop_end(&mine, e);
}

/* ---- addresses ---- */

bool state_address_seen(struct state *s, struct sv addr, struct sv name, struct err *e)
{
	return db_run(&s->db, e,
		"INSERT INTO address VALUES(?1,?2,1,?3) ON CONFLICT(addr) DO UPDATE SET count=count+1, last=?3,"
		" name=CASE ?2 WHEN '' THEN name ELSE ?2 END",
		"tti", addr, name, clock_now());
}

/* prefix with LIKE's own characters made plain. */
static void like_pattern(struct str *out, struct sv prefix)
{
	for (size_t i = 0; i < prefix.len; i++) {
		if (strchr("%_\\", prefix.p[i]) && !str_addc(out, '\\'))
			return;
		if (!str_addc(out, prefix.p[i]))
			return;
	}
	(void)str_addc(out, '%');
}

bool state_address_find(struct state *s, struct sv prefix, unsigned limit, state_address_fn *fn, void *data,
	struct err *e)
{
	struct err mine = {0};
	struct str like;
	bool more = true;

	str_init(&like, 2048);
	like_pattern(&like, sv_head(prefix, 512));
	sqlite3_stmt *st = db_own_query(&s->db, e,
		"SELECT addr,name FROM address WHERE addr LIKE ?1 ESCAPE '\\' OR name LIKE ?1 ESCAPE '\\'"
		" OR name LIKE '% '||?1 ESCAPE '\\' ORDER BY count DESC, last DESC LIMIT ?2",
		"ti", str_sv(&like), (int64_t)limit);
	while (st && more && db_step(&s->db, st, &mine))
		more = fn(data, db_text(st, 0), db_text(st, 1));
	bool ok = st && state_loop_end(&mine, e);
	sqlite3_finalize(st);
	str_fini(&like);
	return ok;
}

/* ---- facts ---- */

char *state_get(struct state *s, const char *name)
{
	sqlite3_stmt *st = db_query(&s->db, NULL, "SELECT value FROM fact WHERE name=?", "s", name);
	char *value = NULL;

	if (st && db_step(&s->db, st, NULL)) {
		value = sv_dup(db_text(st, 0));
		db_reset(st);
	}
	return value;
}

bool state_set(struct state *s, const char *name, struct sv value, struct err *e)
{
	return db_run(&s->db, e, "INSERT INTO fact VALUES(?1,?2) ON CONFLICT(name) DO UPDATE SET value=?2", "st", name,
		value);
}
