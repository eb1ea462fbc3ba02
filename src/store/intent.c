#include "store/intent.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/message.h"
#include "store/intent_priv.h"

static const char *const kind_names[INTENT_KINDS] = {"flag", "delete", "move", "copy", "append", "create", "rename",
	"remove", "subscribe", "unsubscribe", "unmark"};
static const char *const state_names[INTENT_STATES] = {"marked", "pending", "failed", "aside", "local"};

const char *intent_kind_name(enum intent_kind kind)
{
	return (unsigned)kind < INTENT_KINDS ? kind_names[kind] : "?";
}

const char *intent_state_name(enum intent_state state)
{
	return (unsigned)state < INTENT_STATES ? state_names[state] : "?";
}

/* ---- reading ---- */

void intent_read_row(sqlite3_stmt *st, struct intent *i)
{
	i->id = sqlite3_column_int64(st, 0);
	i->group = sqlite3_column_int64(st, 1);
	i->kind = (enum intent_kind)sqlite3_column_int(st, 2);
	i->state = (enum intent_state)sqlite3_column_int(st, 3);
	i->depends = sqlite3_column_int64(st, 4);
	i->account = db_str(st, 5);
	i->mailbox = db_str(st, 6);
	i->uidvalidity = (uint64_t)sqlite3_column_int64(st, 7);
	i->uid = (uint64_t)sqlite3_column_int64(st, 8);
	i->of = sqlite3_column_int64(st, 9);
	i->message_id = db_str(st, 10);
	i->add = (unsigned)sqlite3_column_int64(st, 11);
	i->del = (unsigned)sqlite3_column_int64(st, 12);
	i->add_words = db_str(st, 13);
	i->del_words = db_str(st, 14);
	i->dest = db_str(st, 15);
	i->file = db_str(st, 16);
	i->date = sqlite3_column_int64(st, 17);
	i->created = sqlite3_column_int64(st, 18);
	i->tries = (unsigned)sqlite3_column_int64(st, 19);
	i->error = db_str(st, 20);
	i->waits = sqlite3_column_count(st) > INTENT_COLUMN_COUNT && sqlite3_column_int(st, INTENT_COLUMN_COUNT);
}

/* Calls fn for each row of st, which is finalized. *n counts them. */
bool intent_rows(struct state *s, sqlite3_stmt *st, intent_fn *fn, void *data, size_t *n, struct err *e)
{
	struct err mine = {0};
	bool more = true;

	if (!st)
		return false;
	while (more && db_step(&s->db, st, &mine)) {
		struct intent i;

		intent_read_row(st, &i);
		*n += 1;
		more = fn(data, &i);
	}
	sqlite3_finalize(st);
	return state_loop_end(&mine, e);
}

bool intent_each(struct state *s, const char *account, const char *mailbox, intent_fn *fn, void *data, struct err *e)
{
	size_t n = 0;

	if (account && mailbox)
		return intent_rows(s,
			db_own_query(&s->db, e,
				"SELECT " INTENT_COLUMNS " FROM intent WHERE account=? AND mailbox=? ORDER BY id", "ss", account,
				mailbox),
			fn, data, &n, e);
	return intent_rows(s,
		db_own_query(&s->db, e,
			"SELECT " INTENT_COLUMNS " FROM intent WHERE (?1 OR account=?2) AND (?3 OR mailbox=?4) ORDER BY id",
			"isis", (int64_t)!account, account, (int64_t)!mailbox, mailbox),
		fn, data, &n, e);
}

bool intent_each_after(struct state *s, const char *account, const char *mailbox, int64_t after, intent_fn *fn,
	void *data, struct err *e)
{
	size_t n = 0;

	return intent_rows(s,
		db_own_query(&s->db, e,
			"SELECT " INTENT_COLUMNS " FROM intent WHERE account=? AND mailbox=? AND id>? ORDER BY id", "ssi",
			account, mailbox, after),
		fn, data, &n, e);
}

bool intent_ready_each(struct state *s, const char *account, int64_t after, unsigned limit, intent_fn *fn, void *data,
	struct err *e)
{
	size_t n = 0;

	return intent_rows(s,
		db_own_query(&s->db, e,
			"SELECT " INTENT_COLUMNS ",depends<>0 AND EXISTS(SELECT 1 FROM intent AS d WHERE d.id=i.depends)"
			" FROM intent AS i WHERE account=?1 AND state=?2 AND id>?3 AND NOT EXISTS(SELECT 1 FROM fact WHERE name='" PAUSED "'||?1)"
			" ORDER BY id LIMIT ?4",
			"siii", account, (int64_t)INTENT_PENDING, after, (int64_t)limit),
		fn, data, &n, e);
}

bool intent_get(struct state *s, int64_t id, intent_fn *fn, void *data, struct err *e)
{
	size_t n = 0;

	if (!intent_rows(s, db_own_query(&s->db, e, "SELECT " INTENT_COLUMNS " FROM intent WHERE id=?", "i", id), fn, data, &n, e))
		return false;
	return n > 0 || err_set(e, ERR_GONE, "no such entry in the queue");
}

bool intent_counts(struct state *s, const char *account, uint64_t counts[INTENT_STATES], struct err *e)
{
	sqlite3_stmt *st = db_query(&s->db, e,
		"SELECT state,count(*) FROM intent WHERE (?1 OR account=?2) GROUP BY state", "is", (int64_t)!account,
		account);
	struct err mine = {0};

	if (!st)
		return false;
	memset(counts, 0, INTENT_STATES * sizeof(*counts));
	while (db_step(&s->db, st, &mine)) {
		int state = sqlite3_column_int(st, 0);

		if (state >= 0 && state < INTENT_STATES)
			counts[state] = (uint64_t)sqlite3_column_int64(st, 1);
	}
	return state_loop_end(&mine, e);
}

/* ---- adding ---- */

bool intent_insert(struct state *s, const struct intent *i, enum intent_side side, int64_t inverse_of, int64_t *id,
	struct err *e)
{
	if (!db_run(&s->db, e,
		    "INSERT INTO intent(grp,kind,state,depends,account,mailbox,uidvalidity,uid,of_,message_id,add_,del_,"
		    "add_words,del_words,dest,file,date,created,tries,error,undo,inverse_of)"
		    " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,0,'',?,?)",
		    "iiiissuuisiissssiiii", i->group, (int64_t)i->kind, (int64_t)i->state, i->depends, i->account,
		    i->mailbox, i->uidvalidity, i->uid, i->of, i->message_id, (int64_t)i->add, (int64_t)i->del,
		    i->add_words, i->del_words, i->dest, i->file, i->date, i->created ? i->created : clock_now(),
		    (int64_t)side, inverse_of))
		return false;
	*id = sqlite3_last_insert_rowid(s->db.h);
	return true;
}

bool intent_add(struct state *s, const struct intent *i, int64_t *id, struct err *e)
{
	return intent_insert(s, i, SIDE_FORWARD, 0, id, e);
}

bool intent_new_group(struct state *s, int64_t *group, struct err *e)
{
	bool own;

	if (!state_own_begin(s, &own, e))
		return false;
	bool ok = db_run(&s->db, e,
			  "INSERT INTO fact VALUES('group','1') ON CONFLICT(name) DO UPDATE SET"
			  " value=CAST(CAST(value AS INTEGER)+1 AS TEXT)",
			  "") &&
		  db_number(&s->db, e, group, 0, "SELECT CAST(value AS INTEGER) FROM fact WHERE name='group'", "");
	return state_own_end(s, own, ok, e);
}

/* ---- what became of them ---- */

bool intent_done(struct state *s, int64_t id, struct err *e)
{
	bool own;

	if (!state_own_begin(s, &own, e))
		return false;
	bool ok = db_run(&s->db, e, "INSERT OR REPLACE INTO done SELECT * FROM intent WHERE id=?", "i", id) &&
		  db_run(&s->db, e, "DELETE FROM intent WHERE id=?", "i", id);
	return state_own_end(s, own, ok, e);
}

bool intent_has_local(struct state *s, const char *account, const char *mailbox, uint64_t uidvalidity, uint64_t uid)
{
	int64_t n = 0;

	return db_number(&s->db, NULL, &n, 0,
		       "SELECT 1 FROM intent WHERE account=? AND mailbox=? AND state=? AND uidvalidity=? AND uid=? LIMIT 1",
		       "ssiuu", account, mailbox, (int64_t)INTENT_LOCAL, uidvalidity, uid) &&
	       n > 0;
}

bool intent_is_waited_for(struct state *s, int64_t id, char **account)
{
	struct err e = {0};
	sqlite3_stmt *st =
		db_query(&s->db, &e, "SELECT account FROM intent WHERE depends=? AND depends<>0 LIMIT 1", "i", id);

	if (!st || !db_step(&s->db, st, &e))
		return false;
	*account = sv_dup(db_text(st, 0));
	db_reset(st);
	return true;
}

bool intent_failed(struct state *s, int64_t id, enum intent_state state, const char *error, struct err *e)
{
	return db_run(&s->db, e, "UPDATE intent SET state=?2, error=?3, tries=tries+1 WHERE id=?1", "iis", id,
		(int64_t)state, error);
}

bool intent_retry(struct state *s, int64_t id, struct err *e)
{
	int64_t nameless;
	bool own;

	if (!state_own_begin(s, &own, e))
		return false;
	bool ok = db_number(&s->db, e, &nameless, 0,
			  "SELECT 1 FROM intent WHERE id=? AND state=? AND uid<>0 AND message_id=''", "ii", id,
			  (int64_t)INTENT_ASIDE) &&
		  (!nameless || err_set(e, ERR_INPUT, "the message has no Message-ID by which it could be found again")) &&
		  db_run(&s->db, e,
			  "UPDATE intent SET uid=CASE state WHEN ?3 THEN 0 ELSE uid END,"
			  " uidvalidity=CASE state WHEN ?3 THEN 0 ELSE uidvalidity END,"
			  " of_=CASE state WHEN ?3 THEN 0 ELSE of_ END, state=?2, error='', tries=0 WHERE id=?1",
			  "iii", id, (int64_t)INTENT_PENDING, (int64_t)INTENT_ASIDE);
	return state_own_end(s, own, ok, e);
}

bool intent_drop(struct state *s, int64_t id, struct err *e)
{
	return db_run(&s->db, e,
		"WITH RECURSIVE gone(id) AS (VALUES(?1) UNION SELECT i.id FROM intent AS i JOIN gone ON"
		" i.depends=gone.id WHERE gone.id<>0) DELETE FROM intent WHERE id IN (SELECT id FROM gone)",
		"i", id);
}

/* ---- marks ---- */

bool intent_release_marks(struct state *s, const char *account, const char *mailbox, const char *trash,
	uint64_t *count, struct err *e)
{
	bool to_trash = trash && *trash && strcmp(trash, mailbox) != 0;

	if (!db_run(&s->db, e,
		    "UPDATE intent SET state=?4, dest=CASE WHEN kind=?6 AND add_=0 AND ?5<>'' THEN ?5 ELSE dest END,"
		    " kind=CASE WHEN kind=?6 AND add_=0 AND ?5<>'' THEN ?7 ELSE kind END"
		    " WHERE account=?1 AND mailbox=?2 AND state=?3",
		    "ssiisii", account, mailbox, (int64_t)INTENT_MARKED, (int64_t)INTENT_PENDING, to_trash ? trash : "",
		    (int64_t)INTENT_DELETE, (int64_t)INTENT_MOVE))
		return false;
	*count = (uint64_t)sqlite3_changes64(s->db.h);
	return true;
}

bool intent_keep(struct state *s, int64_t id, const char *file, unsigned flags, const char *words, int64_t date,
	struct err *e)
{
	return db_run(&s->db, e, "UPDATE intent SET file=?2, del_=?3, add_words=?4, date=?5 WHERE id=?1", "isisi", id, file,
		(int64_t)flags, words, date);
}

/* ---- pausing ---- */

bool intent_pause(struct state *s, const char *account, bool on, struct err *e)
{
	if (on)
		return db_run(&s->db, e, "INSERT OR REPLACE INTO fact VALUES('" PAUSED "'||?1, '1')", "s", account);
	return db_run(&s->db, e, "DELETE FROM fact WHERE name='" PAUSED "'||?1", "s", account);
}

bool intent_paused(struct state *s, const char *account)
{
	int64_t is;

	return db_number(&s->db, NULL, &is, 0, "SELECT 1 FROM fact WHERE name='" PAUSED "'||?1", "s", account) && is;
}
