/*
 * What is asked of the journal: whole actions undone and done again, entries dropped, late reports. How one intent is
 * turned round: journal_turn.c. The list of actions: journal_action.c.
 */
#include "store/journal.h"

#include <stdlib.h>

#include "base/mem.h"
#include "store/journal_priv.h"

#define DEPENDENTS_MAX JOURNAL_MAX

/* ---- whole actions ---- */

static bool is_undone(struct state *s, int64_t action, bool *undone, struct err *e)
{
	int64_t n;

	if (!db_number(&s->db, e, &n, -1, "SELECT undone FROM action WHERE id=?", "i", action))
		return false;
	if (n < 0)
		return err_set(e, ERR_GONE, "no such action");
	*undone = n > 0;
	return true;
}

static bool set_undone(struct state *s, int64_t action, bool on, struct err *e)
{
	int64_t now = 0;

	if (on && !intent_new_group(s, &now, e))
		return false;
	return db_run(&s->db, e, "UPDATE action SET undone=?2 WHERE id=?1", "ii", action, now);
}

bool journal_undo(struct state *s, int64_t action, const struct journal_eye *eye, struct journal_result *result,
	struct err *e)
{
	struct journal_turn t = {.s = s, .eye = eye, .result = result, .e = e};
	bool own, undone, ok;

	*result = (struct journal_result){0};
	if (!state_own_begin(s, &own, e))
		return false;
	ok = is_undone(s, action, &undone, e) && (!undone || err_set(e, ERR_GONE, "that is undone already")) &&
	     journal_turn_side(&t, action, SIDE_FORWARD);
	if (ok && result->taken + result->inverted == 0)
		ok = err_set(e, ERR_GONE, result->lost ? "that was for good" : "nothing is left of it");
	ok = ok && set_undone(s, action, true, e);
	return state_own_end(s, own, ok, e);
}

/* What undo took back waits again. */
static bool restore_taken(struct journal_turn *t, int64_t action)
{
	struct journal_rows rows = {.arena = arena_new()};
	size_t n = 0;
	/* Not those that turned an inverse round: the inverse holds again, and is turned by itself. */
	bool ok = intent_rows(t->s,
		db_own_query(&t->s->db, t->e,
			"SELECT " INTENT_COLUMNS " FROM done WHERE grp=? AND undo=? AND inverse_of=0 AND fate IN (?,?)"
			" ORDER BY id",
			"iiii", action, (int64_t)SIDE_FORWARD, (int64_t)FATE_TAKEN, (int64_t)FATE_SETTLED),
		journal_keep_row, &rows, &n, t->e);

	for (size_t i = 0; ok && i < rows.n; i++) {
		if (rows.v[i].kind == INTENT_UNMARK) {
			ok = journal_turn_unmark(t, &rows.v[i], false);
			continue;
		}
		ok = journal_put_back(t->s, rows.v[i].id, t->e) &&
		     (rows.v[i].kind != INTENT_FLAG || journal_change_kept(t->s, &rows.v[i], t->e)) &&
		     journal_last_word(t, &rows.v[i], true, rows.v[i].id);
		t->result->taken++;
	}
	journal_rows_fini(&rows);
	return ok;
}

bool journal_redo(struct state *s, int64_t action, const struct journal_eye *eye, struct journal_result *result,
	struct err *e)
{
	struct journal_turn t = {.s = s, .eye = eye, .result = result, .e = e};
	bool own, undone, ok;

	*result = (struct journal_result){0};
	if (!state_own_begin(s, &own, e))
		return false;
	ok = is_undone(s, action, &undone, e) && (undone || err_set(e, ERR_GONE, "that is not undone")) &&
	     journal_turn_side(&t, action, SIDE_BACK) && restore_taken(&t, action);
	if (ok && result->taken + result->inverted == 0)
		ok = err_set(e, ERR_GONE, "nothing is left of it");
	ok = ok && set_undone(s, action, false, e);
	return state_own_end(s, own, ok, e);
}

/* What a dropped inverse would have turned round holds again. */
static bool drop_one(struct state *s, const struct intent *i, struct err *e)
{
	struct journal_place p;

	if (!journal_place(s, true, i->id, &p, e))
		return false;
	journal_rows_fini(&p.rows);
	return journal_take(s, i->id, FATE_TAKEN, e) &&
	       (p.inverse_of == 0 || journal_set_fate(s, p.inverse_of, FATE_LIVE, e));
}

/* An action of which nothing holds any more counts as undone, so that it can be done again. */
static bool note_undone(struct state *s, int64_t action, struct err *e)
{
	int64_t live;

	return db_number(&s->db, e, &live, 0,
		       "SELECT 1 FROM intent WHERE grp=?1 AND undo=0 AND fate=0 UNION"
		       " SELECT 1 FROM done WHERE grp=?1 AND undo=0 AND fate=0",
		       "i", action) &&
	       set_undone(s, action, live == 0, e);
}

bool journal_drop(struct state *s, int64_t intent, struct err *e)
{
	struct journal_rows rows = {.arena = arena_new()};
	size_t n = 0;
	bool own, ok;

	if (!state_own_begin(s, &own, e)) {
		journal_rows_fini(&rows);
		return false;
	}
	ok = intent_rows(s,
		db_own_query(&s->db, e,
			"WITH RECURSIVE gone(id) AS (VALUES(?1) UNION SELECT i.id FROM intent AS i JOIN gone ON"
			" i.depends=gone.id WHERE gone.id<>0) SELECT " INTENT_COLUMNS
			" FROM intent WHERE id IN (SELECT id FROM gone)",
			"i", intent),
		journal_keep_row, &rows, &n, e);
	if (ok && n == 0)
		ok = err_set(e, ERR_GONE, "no such entry in the queue");
	for (size_t i = 0; ok && i < rows.n; i++)
		ok = drop_one(s, &rows.v[i], e);
	for (size_t i = 0; ok && i < rows.n; i++)
		ok = note_undone(s, rows.v[i].group, e);
	journal_rows_fini(&rows);
	return state_own_end(s, own, ok, e);
}

/* ---- reports that come late, or refuse ---- */

bool journal_late(struct state *s, int64_t intent, bool *added, struct err *e)
{
	struct journal_result result = {0};
	struct journal_turn t = {.s = s, .result = &result, .e = e};
	struct journal_place p;
	bool own, ok = true;

	*added = false;
	if (!state_own_begin(s, &own, e))
		return false;
	if (!journal_place(s, false, intent, &p, e))
		return state_own_end(s, own, false, e);
	if (p.rows.n == 1 && p.fate == FATE_TAKEN && p.rows.v[0].kind != INTENT_UNMARK) {
		ok = journal_turn_round(&t, &p, &p.rows.v[0]) &&
		     journal_last_word(&t, &p.rows.v[0], p.side == SIDE_BACK, t.last_of_row);
		if (ok && p.inverse_of) /* its forward row was said to hold again: it does not */
			ok = journal_set_fate(s, p.inverse_of, FATE_SPENT, e);
		if (ok && result.lost)
			ok = journal_set_fate(s, intent, FATE_LIVE, e) &&
			     db_run(&s->db, e, "UPDATE action SET undone=0 WHERE id=?", "i", p.rows.v[0].group);
		*added = ok && result.inverted > 0;
	}
	journal_rows_fini(&p.rows);
	return state_own_end(s, own, ok, e);
}

bool journal_taken_each(struct state *s, const char *account, intent_fn *fn, void *data, struct err *e)
{
	size_t n = 0;

	return intent_rows(s,
		db_own_query(&s->db, e,
			"SELECT " INTENT_COLUMNS " FROM done WHERE account=? AND fate=? AND kind<>? ORDER BY id", "sii", account,
			(int64_t)FATE_TAKEN, (int64_t)INTENT_UNMARK),
		fn, data, &n, e);
}

bool journal_taken_settled(struct state *s, const char *account, struct err *e)
{
	return db_run(&s->db, e, "UPDATE done SET fate=?3 WHERE account=?1 AND fate=?2", "sii", account,
		(int64_t)FATE_TAKEN, (int64_t)FATE_SETTLED);
}

bool journal_refused(struct state *s, int64_t intent, struct err *e)
{
	int64_t inverse_id;

	if (!db_number(&s->db, e, &inverse_id, 0,
		    "SELECT b.id FROM intent AS b JOIN intent AS f ON b.inverse_of=f.id WHERE f.id=? AND f.fate=?", "ii",
		    intent, (int64_t)FATE_SPENT))
		return false;
	return inverse_id == 0 ||
	       (journal_take(s, inverse_id, FATE_SPENT, e) && journal_take(s, intent, FATE_SETTLED, e));
}

/* ---- what depends on an action ---- */

bool journal_dependents(struct state *s, int64_t action, int64_t **ids, size_t *count, struct err *e)
{
	struct err mine = {0};
	size_t cap = 0;
	/*
	 * f is a row of an action, r one of a later action that moves or deletes the message that f moved, or
	 * is about the mailbox that f made or renamed. All rows are looked at, the queue's and the others.
	 */
	sqlite3_stmt *st = db_own_query(&s->db, e,
		"WITH RECURSIVE r AS MATERIALIZED (SELECT grp,kind,account,mailbox,dest,message_id FROM intent"
		" WHERE undo=0 AND fate=0 AND grp>0 UNION ALL SELECT grp,kind,account,mailbox,dest,message_id FROM done"
		" WHERE undo=0 AND fate=0 AND grp>0),"
		" dep(id) AS (VALUES(?1)"
		" UNION SELECT r.grp FROM dep JOIN r AS f ON f.grp=dep.id JOIN r ON r.account=f.account"
		" AND r.mailbox=f.dest AND r.message_id=f.message_id AND r.grp>f.grp AND r.kind IN (?2,?3)"
		" WHERE f.kind=?2 AND f.message_id<>''"
		" UNION SELECT r.grp FROM dep JOIN r AS f ON f.grp=dep.id AND f.kind IN (?4,?5) JOIN r"
		" ON r.account=f.account AND r.mailbox=CASE f.kind WHEN ?4 THEN f.mailbox ELSE f.dest END AND r.grp>f.grp"
		" UNION SELECT r.grp FROM dep JOIN r AS f ON f.grp=dep.id AND f.kind IN (?4,?5) JOIN r"
		" ON r.account=f.account AND r.dest=CASE f.kind WHEN ?4 THEN f.mailbox ELSE f.dest END AND r.grp>f.grp)"
		" SELECT id FROM dep JOIN action USING(id) WHERE id<>?1 AND undone=0 ORDER BY id DESC LIMIT ?6",
		"iiiiii", action, (int64_t)INTENT_MOVE, (int64_t)INTENT_DELETE, (int64_t)INTENT_CREATE,
		(int64_t)INTENT_RENAME, (int64_t)DEPENDENTS_MAX);

	*ids = NULL;
	*count = 0;
	if (!st)
		return false;
	while (db_step(&s->db, st, &mine)) {
		array_grow(*ids, *count, cap);
		(*ids)[(*count)++] = sqlite3_column_int64(st, 0);
	}
	sqlite3_finalize(st);
	if (state_loop_end(&mine, e))
		return true;
	free(*ids);
	*ids = NULL;
	return false;
}

/* ---- marks ---- */

bool journal_unmark(struct state *s, int64_t group, const char *account, const char *mailbox, uint64_t uidvalidity,
	uint64_t uid, uint64_t *count, struct err *e)
{
	struct journal_rows rows = {.arena = arena_new()};
	size_t n = 0;
	bool own, ok;

	*count = 0;
	if (!state_own_begin(s, &own, e)) {
		journal_rows_fini(&rows);
		return false;
	}
	ok = intent_rows(s,
		db_own_query(&s->db, e,
			"SELECT " INTENT_COLUMNS " FROM intent WHERE account=?1 AND mailbox=?2 AND state=?3"
			" AND (?5=0 OR (uidvalidity=?4 AND uid=?5))",
			"ssiuu", account, mailbox, (int64_t)INTENT_MARKED, uidvalidity, uid),
		journal_keep_row, &rows, &n, e);
	for (size_t i = 0; ok && i < rows.n; i++) {
		struct intent u = rows.v[i];
		int64_t id;

		u.kind = INTENT_UNMARK;
		u.group = group;
		u.of = rows.v[i].id;
		u.created = 0;
		ok = journal_take(s, rows.v[i].id, FATE_SPENT, e) &&
		     (group == 0 || (intent_insert(s, &u, SIDE_FORWARD, 0, &id, e) && intent_done(s, id, e)));
		*count += ok;
	}
	journal_rows_fini(&rows);
	return state_own_end(s, own, ok, e);
}
