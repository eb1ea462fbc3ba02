/* The list of actions: what the user did, what has become of it, and what undo and redo mean by "the last one". */
#include "base/clock.h"
#include "store/intent_priv.h"
#include "store/journal.h"

bool action_add(struct state *s, const struct action *a, struct err *e)
{
	bool own;

	if (!state_own_begin(s, &own, e))
		return false;
	bool ok = db_run(&s->db, e, "INSERT OR REPLACE INTO action VALUES(?,?,?,?,?,?,?,?,0)", "iisssssu", a->id,
			  a->created ? a->created : clock_now(), a->what, a->account, a->mailbox, a->dest, a->subject,
			  a->count) &&
		  db_run(&s->db, e,
			  "DELETE FROM action WHERE id <= (SELECT id FROM action ORDER BY id DESC LIMIT 1 OFFSET ?)", "i",
			  (int64_t)JOURNAL_MAX);
	return state_own_end(s, own, ok, e);
}

/* The rows of both tables that an action counts: its forward side. */
#define OF_ACTION(cond) \
	"(SELECT count(*) FROM intent WHERE grp=a.id AND undo=0 AND fate=0 AND " cond ")"

static bool each_action(sqlite3_stmt *st, struct state *s, action_fn *fn, void *data, size_t *n, struct err *e)
{
	struct err mine = {0};
	bool more = true;

	if (!st)
		return false;
	while (more && db_step(&s->db, st, &mine)) {
		struct action a = {.id = sqlite3_column_int64(st, 0),
			.created = sqlite3_column_int64(st, 1),
			.what = db_str(st, 2),
			.account = db_str(st, 3),
			.mailbox = db_str(st, 4),
			.dest = db_str(st, 5),
			.subject = db_str(st, 6),
			.count = (uint64_t)sqlite3_column_int64(st, 7),
			.undone = sqlite3_column_int64(st, 8) != 0,
			.marked = (uint64_t)sqlite3_column_int64(st, 9),
			.waiting = (uint64_t)sqlite3_column_int64(st, 10),
			.failed = (uint64_t)sqlite3_column_int64(st, 11),
			.aside = (uint64_t)sqlite3_column_int64(st, 12),
			.done = (uint64_t)sqlite3_column_int64(st, 13),
			.lost = (uint64_t)sqlite3_column_int64(st, 14)};

		*n += 1;
		more = fn(data, &a);
	}
	sqlite3_finalize(st);
	return state_loop_end(&mine, e);
}

#define SELECT_ACTION                                                                              \
	"SELECT a.id,a.created,a.what,a.account,a.mailbox,a.dest,a.subject,a.count,a.undone," OF_ACTION("state=0") \
	"," OF_ACTION("state=1") "," OF_ACTION("state=2") "," OF_ACTION("state=3") ","                 \
	"(SELECT count(*) FROM done WHERE grp=a.id AND undo=0 AND fate=0)+" OF_ACTION("state=4") ","    \
	"(SELECT count(*) FROM done WHERE grp=a.id AND undo=0 AND fate=0 AND ((kind=1 AND file='') OR kind=7))" \
	" FROM action AS a"
_Static_assert(INTENT_MARKED == 0 && INTENT_PENDING == 1 && INTENT_FAILED == 2 && INTENT_ASIDE == 3 && INTENT_LOCAL == 4, "numbers in SQL");
_Static_assert(INTENT_DELETE == 1 && INTENT_REMOVE == 7, "numbers in SQL");

bool action_each(struct state *s, action_fn *fn, void *data, struct err *e)
{
	size_t n = 0;

	return each_action(db_own_query(&s->db, e, SELECT_ACTION " ORDER BY a.id DESC", ""), s, fn, data, &n, e);
}

bool action_get(struct state *s, int64_t id, action_fn *fn, void *data, struct err *e)
{
	size_t n = 0;

	if (!each_action(db_own_query(&s->db, e, SELECT_ACTION " WHERE a.id=?", "i", id), s, fn, data, &n, e))
		return false;
	return n > 0 || err_set(e, ERR_GONE, "no such action");
}

bool action_newest(struct state *s, bool undone, int64_t *id, struct err *e)
{
	if (undone) /* the column has the number that the counter of groups had then */
		return db_number(&s->db, e, id, 0,
			"SELECT id FROM action WHERE undone>0 AND undone>=(SELECT max(id) FROM action)"
			" ORDER BY undone DESC LIMIT 1",
			"");
	return db_number(&s->db, e, id, 0,
		"SELECT a.id FROM action AS a WHERE undone=0 AND ("
		"EXISTS(SELECT 1 FROM intent WHERE grp=a.id AND undo=0 AND fate=0) OR"
		" EXISTS(SELECT 1 FROM done WHERE grp=a.id AND undo=0 AND fate=0 AND NOT ((kind=1 AND file='') OR kind=7)))"
		" ORDER BY a.id DESC LIMIT 1",
		"");
}
