#include "store/intent.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/message.h"
#include "store/state_priv.h"

#define COLUMNS                                                                                    \
	"id,grp,kind,state,depends,account,mailbox,uidvalidity,uid,of_,message_id,add_,del_,add_words,"   \
	"del_words,dest,file,date,created,tries,error"

static const char *const kind_names[INTENT_KINDS] = {"flag", "delete", "move", "copy", "append", "create", "rename",
	"remove", "subscribe", "unsubscribe"};
static const char *const state_names[INTENT_STATES] = {"marked", "pending", "failed", "aside"};

const char *intent_kind_name(enum intent_kind kind)
{
	return (unsigned)kind < INTENT_KINDS ? kind_names[kind] : "?";
}

const char *intent_state_name(enum intent_state state)
{
	return (unsigned)state < INTENT_STATES ? state_names[state] : "?";
}

/* ---- reading ---- */

static void read_row(sqlite3_stmt *st, struct intent *i)
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
}

/* Calls fn for each row of st, which is finalized. *n counts them. */
static bool each(struct state *s, sqlite3_stmt *st, intent_fn *fn, void *data, size_t *n, struct err *e)
{
	struct err mine = {0};
	bool more = true;

	if (!st)
		return false;
	while (more && db_step(&s->db, st, &mine)) {
		struct intent i;

		read_row(st, &i);
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
		return each(s,
			db_own_query(&s->db, e,
				"SELECT " COLUMNS " FROM intent WHERE account=? AND mailbox=? ORDER BY id", "ss", account,
				mailbox),
			fn, data, &n, e);
	return each(s,
		db_own_query(&s->db, e,
			"SELECT " COLUMNS " FROM intent WHERE (?1 OR account=?2) AND (?3 OR mailbox=?4) ORDER BY id",
			"isis", (int64_t)!account, account, (int64_t)!mailbox, mailbox),
		fn, data, &n, e);
}

bool intent_ready_each(struct state *s, const char *account, int64_t after, unsigned limit, intent_fn *fn, void *data,
	struct err *e)
{
	size_t n = 0;

	return each(s,
		db_own_query(&s->db, e,
			"SELECT " COLUMNS " FROM intent AS i WHERE account=? AND state=? AND id>?"
			" AND (depends=0 OR NOT EXISTS(SELECT 1 FROM intent AS d WHERE d.id=i.depends))"
			" ORDER BY id LIMIT ?",
			"siii", account, (int64_t)INTENT_PENDING, after, (int64_t)limit),
		fn, data, &n, e);
}

bool intent_get(struct state *s, int64_t id, intent_fn *fn, void *data, struct err *e)
{
	size_t n = 0;

	if (!each(s, db_own_query(&s->db, e, "SELECT " COLUMNS " FROM intent WHERE id=?", "i", id), fn, data, &n, e))
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

static bool add(struct state *s, const struct intent *i, bool undo, int64_t *id, struct err *e)
{
	if (!db_run(&s->db, e,
		    "INSERT INTO intent(grp,kind,state,depends,account,mailbox,uidvalidity,uid,of_,message_id,add_,del_,"
		    "add_words,del_words,dest,file,date,created,tries,error,undo)"
		    " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,0,'',?)",
		    "iiiissuuisiissssiii", i->group, (int64_t)i->kind, (int64_t)i->state, i->depends, i->account,
		    i->mailbox, i->uidvalidity, i->uid, i->of, i->message_id, (int64_t)i->add, (int64_t)i->del,
		    i->add_words, i->del_words, i->dest, i->file, i->date, i->created ? i->created : clock_now(),
		    (int64_t)undo))
		return false;
	*id = sqlite3_last_insert_rowid(s->db.h);
	return true;
}

bool intent_add(struct state *s, const struct intent *i, int64_t *id, struct err *e)
{
	return add(s, i, false, id, e);
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

bool intent_failed(struct state *s, int64_t id, enum intent_state state, const char *error, struct err *e)
{
	return db_run(&s->db, e, "UPDATE intent SET state=?2, error=?3, tries=tries+1 WHERE id=?1", "iis", id,
		(int64_t)state, error);
}

bool intent_retry(struct state *s, int64_t id, struct err *e)
{
	return db_run(&s->db, e, "UPDATE intent SET state=?2, error='', tries=0 WHERE id=?1", "ii", id,
		(int64_t)INTENT_PENDING);
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

bool intent_unmark(struct state *s, const char *account, const char *mailbox, uint64_t uidvalidity, uint64_t uid,
	struct err *e)
{
	return db_run(&s->db, e,
		"DELETE FROM intent WHERE account=?1 AND mailbox=?2 AND state=?3 AND (?5=0 OR (uidvalidity=?4 AND uid=?5))",
		"ssiuu", account, mailbox, (int64_t)INTENT_MARKED, uidvalidity, uid);
}

/* ---- undo ---- */

struct undo {
	struct state *state;
	int64_t group; /* of the inverses */
	bool done;     /* the rows come from the table of carried out ones */
	unsigned taken;
	enum intent_kind kind;
	int64_t *drop;
	size_t drops, drop_cap;
	struct err *e;
	bool ok;
};

/*
 * The inverse of a move names the message by the intent that moved it: its new UID is in the cache.
 */
static bool invert(struct undo *u, const struct intent *i)
{
	struct intent inverse = *i;
	int64_t id;

	inverse.group = u->group;
	inverse.state = INTENT_PENDING;
	inverse.depends = 0;
	inverse.created = 0;
	if (i->kind == INTENT_FLAG) {
		inverse.add = i->del;
		inverse.del = i->add;
		inverse.add_words = i->del_words;
		inverse.del_words = i->add_words;
	} else {
		inverse.mailbox = i->dest;
		inverse.dest = i->mailbox;
		inverse.uid = 0;
		inverse.uidvalidity = 0;
		inverse.of = i->id;
		inverse.depends = u->done ? 0 : i->id;
	}
	return add(u->state, &inverse, true, &id, u->e);
}

static bool undo_one(void *data, const struct intent *i)
{
	struct undo *u = data;
	bool waiting = !u->done && i->state != INTENT_PENDING;

	if (waiting) { /* marked, failed, aside: nothing has happened yet */
		array_grow(u->drop, u->drops, u->drop_cap);
		u->drop[u->drops++] = i->id;
	} else if (i->kind != INTENT_FLAG && i->kind != INTENT_MOVE) {
		return true;
	} else if (!invert(u, i)) {
		u->ok = false;
		return false;
	}
	u->kind = i->kind;
	u->taken++;
	return true;
}

static bool undo_group(struct undo *u, int64_t group)
{
	struct state *s = u->state;
	size_t n = 0;

	u->done = true;
	u->ok = each(s, db_own_query(&s->db, u->e, "SELECT " COLUMNS " FROM done WHERE grp=? ORDER BY id DESC", "i", group),
			undo_one, u, &n, u->e) && u->ok;
	u->done = false;
	u->ok = u->ok && each(s,
			db_own_query(&s->db, u->e, "SELECT " COLUMNS " FROM intent WHERE grp=? AND undo=0 ORDER BY id DESC",
				"i", group),
			undo_one, u, &n, u->e) && u->ok;
	for (size_t i = 0; u->ok && i < u->drops; i++)
		u->ok = intent_drop(s, u->drop[i], u->e);
	/* Not offered again. */
	return u->ok && db_run(&s->db, u->e, "UPDATE done SET undo=1 WHERE grp=?", "i", group) &&
	       db_run(&s->db, u->e, "UPDATE intent SET undo=1 WHERE grp=?", "i", group);
}

/* The newest group in which something can be taken back; 0: none. */
static bool newest_group(struct state *s, int64_t *group, struct err *e)
{
	return db_number(&s->db, e, group, 0,
		"SELECT max(grp) FROM (SELECT grp FROM done WHERE undo=0 AND grp>0 AND kind IN (?1,?2)"
		" UNION ALL SELECT grp FROM intent WHERE undo=0 AND grp>0 AND (kind IN (?1,?2) OR (kind=?3 AND"
		" state<>?4)))",
		"iiii", (int64_t)INTENT_FLAG, (int64_t)INTENT_MOVE, (int64_t)INTENT_DELETE, (int64_t)INTENT_PENDING);
}

bool intent_undo(struct state *s, struct str *text, struct err *e)
{
	struct undo u = {.state = s, .e = e, .ok = true};
	int64_t group;
	bool own;

	if (!state_own_begin(s, &own, e))
		return false;
	bool ok = newest_group(s, &group, e) && (group != 0 || err_set(e, ERR_GONE, "nothing to undo")) &&
		  intent_new_group(s, &u.group, e) && undo_group(&u, group);
	free(u.drop);
	if (!state_own_end(s, own, ok, e))
		return false;
	(void)str_addf(text, "%s %u", intent_kind_name(u.kind), u.taken);
	return true;
}
