#include "store/journal.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/intent_priv.h"
#include "store/message.h"

#define DEPENDENTS_MAX JOURNAL_MAX
#define FOLLOW_MAX 8 /* moves of one message, one after the other */

/* ---- actions ---- */

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
	"(SELECT count(*) FROM done WHERE grp=a.id AND undo=0 AND fate=0),"                            \
	"(SELECT count(*) FROM done WHERE grp=a.id AND undo=0 AND fate=0 AND ((kind=1 AND file='') OR kind=7))" \
	" FROM action AS a"
_Static_assert(INTENT_MARKED == 0 && INTENT_PENDING == 1 && INTENT_FAILED == 2 && INTENT_ASIDE == 3, "numbers in SQL");
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

/* ---- rows that are worked on: copies, because the tables change meanwhile ---- */

struct rows {
	struct arena *arena;
	struct intent *v;
	size_t n, cap;
};

static bool keep_row(void *data, const struct intent *i)
{
	struct rows *r = data;
	struct intent *c;

	array_grow(r->v, r->n, r->cap);
	c = &r->v[r->n++];
	*c = *i;
	c->account = arena_strdup(r->arena, i->account);
	c->mailbox = arena_strdup(r->arena, i->mailbox);
	c->message_id = arena_strdup(r->arena, i->message_id);
	c->add_words = arena_strdup(r->arena, i->add_words);
	c->del_words = arena_strdup(r->arena, i->del_words);
	c->dest = arena_strdup(r->arena, i->dest);
	c->file = arena_strdup(r->arena, i->file);
	c->error = "";
	return true;
}

static void rows_fini(struct rows *r)
{
	free(r->v);
	arena_free(r->arena);
}

/* What holds of an action on one side, newest first, of the queue or not. */
static bool live_rows(struct state *s, bool queued, int64_t action, enum intent_side side, struct rows *out, struct err *e)
{
	size_t n = 0;
	sqlite3_stmt *st = queued
				   ? db_own_query(&s->db, e,
					     "SELECT " INTENT_COLUMNS " FROM intent WHERE grp=? AND undo=? AND fate=?"
					     " ORDER BY id DESC",
					     "iii", action, (int64_t)side, (int64_t)FATE_LIVE)
				   : db_own_query(&s->db, e,
					     "SELECT " INTENT_COLUMNS " FROM done WHERE grp=? AND undo=? AND fate=?"
					     " ORDER BY id DESC",
					     "iii", action, (int64_t)side, (int64_t)FATE_LIVE);

	*out = (struct rows){.arena = arena_new()};
	if (intent_rows(s, st, keep_row, out, &n, e))
		return true;
	rows_fini(out);
	return false;
}

/* One row of table done (queued: of the queue), with what read_row does not give. */
struct place {
	struct rows rows;
	enum intent_side side;
	enum intent_fate fate;
	int64_t inverse_of;
};

static bool place_get(struct state *s, bool queued, int64_t id, struct place *p, struct err *e)
{
	size_t n = 0;
	int64_t side, fate, of;
	sqlite3_stmt *st = queued ? db_own_query(&s->db, e, "SELECT " INTENT_COLUMNS " FROM intent WHERE id=?", "i", id)
				  : db_own_query(&s->db, e, "SELECT " INTENT_COLUMNS " FROM done WHERE id=?", "i", id);

	*p = (struct place){.rows = {.arena = arena_new()}};
	if (!intent_rows(s, st, keep_row, &p->rows, &n, e) ||
		!db_number(&s->db, e, &side, 0,
			"SELECT undo FROM intent WHERE id=?1 UNION ALL SELECT undo FROM done WHERE id=?1", "i", id) ||
		!db_number(&s->db, e, &fate, 0,
			"SELECT fate FROM intent WHERE id=?1 UNION ALL SELECT fate FROM done WHERE id=?1", "i", id) ||
		!db_number(&s->db, e, &of, 0,
			"SELECT inverse_of FROM intent WHERE id=?1 UNION ALL SELECT inverse_of FROM done WHERE id=?1", "i",
			id)) {
		rows_fini(&p->rows);
		return false;
	}
	p->side = (enum intent_side)side;
	p->fate = (enum intent_fate)fate;
	p->inverse_of = of;
	return true;
}

/* Wherever it is: carried out, or still in the queue with its inverse behind it. */
static bool place_find(struct state *s, int64_t id, struct place *p, struct err *e)
{
	if (!place_get(s, false, id, p, e))
		return false;
	if (p->rows.n > 0)
		return true;
	rows_fini(&p->rows);
	return place_get(s, true, id, p, e);
}

static bool set_fate(struct state *s, int64_t id, enum intent_fate fate, struct err *e)
{
	return db_run(&s->db, e, "UPDATE intent SET fate=?2 WHERE id=?1", "ii", id, (int64_t)fate) &&
	       db_run(&s->db, e, "UPDATE done SET fate=?2 WHERE id=?1", "ii", id, (int64_t)fate);
}

/* Out of the queue; what depends on it stays (and becomes free, as with one that was carried out). */
static bool take(struct state *s, int64_t id, enum intent_fate fate, struct err *e)
{
	return intent_done(s, id, e) && set_fate(s, id, fate, e);
}

/* Back into the queue under its own id: should it have been carried out after all, that is found out. */
static bool put_back(struct state *s, int64_t id, struct err *e)
{
	return db_run(&s->db, e, "INSERT OR REPLACE INTO intent SELECT * FROM done WHERE id=?", "i", id) &&
	       db_run(&s->db, e, "DELETE FROM done WHERE id=?", "i", id) && set_fate(s, id, FATE_LIVE, e) &&
	       db_run(&s->db, e, "UPDATE intent SET error='', tries=0, state=CASE state WHEN 0 THEN 0 ELSE 1 END WHERE id=?",
		       "i", id);
}

/* ---- one inverse ---- */

struct turn {
	struct state *s;
	const struct journal_eye *eye;
	struct journal_result *result;
	struct arena *arena; /* texts of inverses */
	int64_t last_of_row; /* what was added for the row at hand, with its flags; 0: nothing */
	unsigned last_add, last_del;
	int64_t last; /* the last intent that was added: the next inverse waits for it when it must */
	struct err *e;
};

/*
 * The message itself has another UID now, the one that intent `of` gave it. No Message-ID: were its UID
 * not known, another copy could be meant, and nothing may be deleted that is not ours.
 */
static void name_by(const struct turn *t, struct intent *i, int64_t of, bool for_good)
{
	int64_t latest = 0;

	/* It may have gone and come back since `of`: what put it there last knows. */
	if (*i->message_id)
		(void)!db_number(&t->s->db, NULL, &latest, 0,
			"SELECT max(id) FROM (SELECT * FROM done UNION ALL SELECT * FROM intent)"
			" WHERE account=?1 AND message_id=?2 AND fate=0 AND state=1 AND id>?3"
			" AND ((kind=?5 AND dest=?4) OR (kind=?6 AND mailbox=?4))",
			"ssisii", i->account, i->message_id, of, i->mailbox, (int64_t)INTENT_MOVE, (int64_t)INTENT_APPEND);
	i->uid = i->uidvalidity = 0;
	i->of = latest ? latest : of;
	if (for_good)
		i->message_id = "";
}

/*
 * Where the message of f was moved since, by moves that hold: its flags are changed there. Nothing is known
 * of moves by others.
 */
static void follow(const struct turn *t, struct intent *f)
{
	int64_t from = f->id;

	for (int hops = 0; hops < FOLLOW_MAX; hops++) {
		/* By its UID where that is all that is known of it. */
		sqlite3_stmt *st = *f->message_id
					   ? db_own_query(&t->s->db, NULL,
						     "SELECT id,dest FROM (SELECT * FROM done UNION ALL SELECT * FROM intent)"
						     " WHERE account=?1 AND message_id=?2 AND mailbox=?3 AND kind=?4 AND fate=0"
						     " AND state=1 AND id>?5 AND (uid=0 OR ?6=0 OR uid=?6) ORDER BY id LIMIT 1",
						     "sssiiu", f->account, f->message_id, f->mailbox,
						     (int64_t)INTENT_MOVE, from, f->uid)
					   : db_own_query(&t->s->db, NULL,
						     "SELECT id,dest FROM (SELECT * FROM done UNION ALL SELECT * FROM intent)"
						     " WHERE account=?1 AND mailbox=?2 AND kind=?3 AND fate=0 AND state=1"
						     " AND id>?4 AND uid<>0 AND uid=?5 AND uidvalidity=?6 ORDER BY id LIMIT 1",
						     "ssiiuu", f->account, f->mailbox, (int64_t)INTENT_MOVE, from, f->uid,
						     f->uidvalidity);
		bool found = st && db_step(&t->s->db, st, NULL);

		if (found) {
			from = sqlite3_column_int64(st, 0);
			f->mailbox = arena_strdup(t->arena, db_str(st, 1));
			name_by(t, f, from, false);
		}
		sqlite3_finalize(st);
		if (!found)
			return;
	}
}

/* What turns f round. False: nothing does. */
static bool inverse(const struct turn *t, const struct intent *f, struct intent *out)
{
	*out = *f;
	out->state = INTENT_PENDING;
	out->depends = 0;
	out->created = 0;
	switch (f->kind) {
	case INTENT_FLAG:
		out->add = f->del;
		out->del = f->add;
		out->add_words = f->del_words;
		out->del_words = f->add_words;
		follow(t, out);
		return true;
	case INTENT_MOVE:
		out->mailbox = f->dest;
		out->dest = f->mailbox;
		name_by(t, out, f->id, false);
		return true;
	case INTENT_COPY:
	case INTENT_APPEND:
		out->kind = INTENT_DELETE;
		out->mailbox = f->kind == INTENT_COPY ? f->dest : f->mailbox;
		out->dest = out->file = out->add_words = "";
		out->add = MSG_DELETED;
		out->del = 0;
		name_by(t, out, f->id, true);
		return true;
	case INTENT_DELETE:
		if (!*f->file)
			return false;
		out->kind = INTENT_APPEND;
		out->add = f->del & ~(unsigned)MSG_DELETED;
		out->del = 0;
		out->uid = out->uidvalidity = 0;
		out->of = 0;
		return true;
	case INTENT_CREATE:
		out->kind = INTENT_REMOVE;
		return t->eye && t->eye->removable && t->eye->removable(t->eye->data, f);
	case INTENT_RENAME:
		out->mailbox = f->dest;
		out->dest = f->mailbox;
		return true;
	case INTENT_SUBSCRIBE:
	case INTENT_UNSUBSCRIBE:
		out->kind = f->kind == INTENT_SUBSCRIBE ? INTENT_UNSUBSCRIBE : INTENT_SUBSCRIBE;
		return true;
	default:
		return false;
	}
}

/* The forward intent f once more, after its inverse (id back). */
static void again(const struct turn *t, const struct intent *f, int64_t back, struct intent *out)
{
	*out = *f;
	out->state = INTENT_PENDING;
	out->depends = 0;
	out->created = 0;
	if (f->kind == INTENT_MOVE || f->kind == INTENT_DELETE)
		name_by(t, out, back, f->kind == INTENT_DELETE);
}

/*
 * Flags that change on a message which was deleted since: what is kept of it for undo changes, too. (The
 * change itself is in the queue all the same; when the message is gone it does nothing.)
 */
static bool change_kept(struct state *s, const struct intent *f, struct err *e)
{
	struct rows rows = {.arena = arena_new()};
	size_t n = 0;
	bool ok = intent_rows(s,
		db_own_query(&s->db, e,
			"SELECT " INTENT_COLUMNS " FROM (SELECT * FROM intent UNION ALL SELECT * FROM done) WHERE account=?1"
			" AND mailbox=?2 AND kind=?3 AND undo=0 AND fate=0 AND file<>'' AND ((uid<>0 AND uid=?4 AND"
			" uidvalidity=?5) OR (message_id<>'' AND message_id=?6))",
			"ssiuus", f->account, f->mailbox, (int64_t)INTENT_DELETE, f->uid, f->uidvalidity, f->message_id),
		keep_row, &rows, &n, e);

	for (size_t i = 0; ok && i < rows.n; i++) {
		const struct intent *k = &rows.v[i];
		struct str words;

		str_init(&words, MESSAGE_TEXT_MAX);
		ok = (words_apply(&words, sv_of(k->add_words), sv_of(f->add_words), sv_of(f->del_words)) ||
			     err_set(e, ERR_LIMIT, "too many keywords")) &&
		     db_run(&s->db, e, "UPDATE intent SET del_=?2, add_words=?3 WHERE id=?1", "iit", k->id,
			     (int64_t)((k->del | f->add) & ~f->del), str_sv(&words)) &&
		     db_run(&s->db, e, "UPDATE done SET del_=?2, add_words=?3 WHERE id=?1", "iit", k->id,
			     (int64_t)((k->del | f->add) & ~f->del), str_sv(&words));
		str_fini(&words);
	}
	rows_fini(&rows);
	return ok;
}

/* Puts i, which turns r round, into the queue; r has nothing more to say. */
static bool add_turn(struct turn *t, const struct intent *r, struct intent *i, enum intent_side side)
{
	int64_t id, queued;

	if (!db_number(&t->s->db, t->e, &queued, 0, "SELECT 1 FROM intent WHERE id=?", "i", r->id))
		return false;
	i->depends = queued ? r->id : 0;
	/* Where it is now is known when the move is done. */
	if (!i->depends && i->of) {
		if (!db_number(&t->s->db, t->e, &queued, 0, "SELECT 1 FROM intent WHERE id=?", "i", i->of))
			return false;
		i->depends = queued ? i->of : 0;
	}
	/* A copy goes only when the message is safely back where it came from. */
	if (!i->depends && i->kind == INTENT_DELETE && side == SIDE_BACK)
		i->depends = t->last;
	if (!intent_insert(t->s, i, side, r->id, &id, t->e) || !set_fate(t->s, r->id, FATE_SPENT, t->e))
		return false;
	if (i->kind == INTENT_FLAG && !change_kept(t->s, i, t->e))
		return false;
	t->last = t->last_of_row = id;
	t->last_add = i->add;
	t->last_del = i->del;
	t->result->inverted++;
	return true;
}

/*
 * The Message-ID of r, for finding later what became of the message. A delete that must not look for another
 * copy by it has none itself, but what it turns round has.
 */
static const char *id_of(const struct turn *t, const struct place *p, const struct intent *r)
{
	struct place of;
	const char *id = r->message_id;

	if (*id || p->inverse_of == 0 || !place_find(t->s, p->inverse_of, &of, NULL))
		return id;
	if (of.rows.n == 1)
		id = arena_strdup(t->arena, of.rows.v[0].message_id);
	rows_fini(&of.rows);
	return id;
}

/* Row r was begun or carried out: what turns it round is added on the other side. */
static bool turn_round(struct turn *t, const struct place *p, const struct intent *r)
{
	struct intent i;
	struct place of;
	bool ok;

	if (p->side == SIDE_FORWARD) {
		struct intent named = *r;

		t->arena = arena_new();
		named.message_id = id_of(t, p, r);
		ok = inverse(t, &named, &i);
		t->result->lost += !ok;
		ok = !ok || add_turn(t, r, &i, SIDE_BACK);
		arena_free(t->arena);
		return ok;
	}
	if (!place_find(t->s, p->inverse_of, &of, t->e))
		return false;
	ok = of.rows.n == 1 || err_set(t->e, ERR_GONE, "what was undone is not known any more");
	if (ok) {
		if (!*of.rows.v[0].message_id)
			of.rows.v[0].message_id = r->message_id;
		again(t, &of.rows.v[0], r->id, &i);
		ok = add_turn(t, r, &i, SIDE_FORWARD);
	}
	rows_fini(&of.rows);
	return ok;
}

/* ---- flags: what the actions that hold say together ---- */

struct bits {
	unsigned touched; /* by any action */
	unsigned before;  /* as they were before the first one */
	unsigned decided, value;
};

static void count_bits(struct bits *b, const struct intent *r, unsigned mine, bool holds)
{
	unsigned bits = (r->add | r->del) & mine, first = bits & ~b->touched;

	b->before |= r->del & first;
	b->touched |= bits;
	if (holds) {
		b->decided |= bits;
		b->value = (b->value & ~bits) | (r->add & bits);
	}
}

/*
 * Several actions on the same flag of the same message: the last that holds decides, and when none holds it
 * is as it was before the first. So they can be undone in any order. f_holds: whether the action of f does
 * from now on. *alone: there is no other, nothing need be said.
 */
static bool flags_that_hold(struct turn *t, const struct intent *f, bool f_holds, struct bits *b, bool *alone)
{
	struct rows rows = {.arena = arena_new()};
	struct intent place = *f;
	size_t n = 0;
	bool ok = intent_rows(t->s,
		db_own_query(&t->s->db, t->e,
			"SELECT " INTENT_COLUMNS " FROM (SELECT * FROM done UNION ALL SELECT * FROM intent) WHERE account=?1"
			" AND message_id=?2 AND message_id<>'' AND kind=?3 AND undo=0 AND inverse_of=0 AND grp>0"
			" ORDER BY grp,id",
			"ssi", f->account, f->message_id, (int64_t)INTENT_FLAG),
		keep_row, &rows, &n, t->e);

	*alone = true;
	if (ok && rows.n > 1)
		follow(t, &place);
	for (size_t i = 0; ok && i < rows.n; i++) {
		struct intent at = rows.v[i];
		int64_t undone = !f_holds;

		if (at.group != f->group) {
			follow(t, &at);
			if (!((at.add | at.del) & (f->add | f->del)) || strcmp(at.mailbox, place.mailbox) != 0)
				continue;
			ok = db_number(&t->s->db, t->e, &undone, 1, "SELECT undone FROM action WHERE id=?", "i", at.group);
			*alone = false;
		}
		count_bits(b, &rows.v[i], f->add | f->del, undone == 0);
	}
	rows_fini(&rows);
	return ok;
}

/* When f was turned round or put back: the last word, behind `after` (0: nothing to wait for). */
static bool last_word(struct turn *t, const struct intent *f, bool holds, int64_t after)
{
	struct intent i = *f;
	struct bits b = {0};
	unsigned value;
	int64_t id, queued = 0;
	bool alone, ok;

	if (f->kind != INTENT_FLAG || !(f->add | f->del) || !*f->message_id)
		return true;
	t->arena = arena_new();
	ok = flags_that_hold(t, f, holds, &b, &alone);
	if (ok && !alone) {
		value = (b.value & b.decided) | (b.before & ~b.decided);
		i.add = value & (f->add | f->del);
		i.del = ~value & (f->add | f->del);
		i.add_words = i.del_words = "";
		i.state = INTENT_PENDING;
		i.group = i.created = 0;
		follow(t, &i);
	}
	bool said = t->last_of_row && t->last_add == i.add && t->last_del == i.del;
	if (ok && !alone && !said) {
		ok = db_number(&t->s->db, t->e, &queued, 0, "SELECT 1 FROM intent WHERE id=?", "i", after ? after : i.of);
		i.depends = queued ? (after ? after : i.of) : 0;
		ok = ok && intent_insert(t->s, &i, SIDE_FORWARD, 0, &id, t->e) && change_kept(t->s, &i, t->e);
	}
	arena_free(t->arena);
	return ok;
}

/* ---- one row ---- */

/* A mark that was taken away comes back, or goes again. */
static bool turn_unmark(struct turn *t, const struct intent *r, bool back)
{
	int64_t there;

	if (!db_number(&t->s->db, t->e, &there, 0, "SELECT 1 FROM done WHERE id=? AND fate=?", "ii", r->of,
		    (int64_t)FATE_SPENT))
		return false;
	if (back && there && !put_back(t->s, r->of, t->e))
		return false;
	if (!back && !take(t->s, r->of, FATE_SPENT, t->e))
		return false;
	t->result->taken++;
	return set_fate(t->s, r->id, back ? FATE_SETTLED : FATE_LIVE, t->e);
}

/* A row in the queue that nobody has begun: out with it, or its forward row holds again. */
static bool take_back(struct turn *t, const struct place *p, const struct intent *r)
{
	if (!take(t->s, r->id, FATE_TAKEN, t->e))
		return false;
	if (r->kind == INTENT_FLAG) {
		struct intent other = *r;

		other.add = r->del;
		other.del = r->add;
		other.add_words = r->del_words;
		other.del_words = r->add_words;
		if (!change_kept(t->s, &other, t->e))
			return false;
	}
	t->result->taken++;
	return p->inverse_of == 0 || set_fate(t->s, p->inverse_of, FATE_LIVE, t->e);
}

static bool turn_one(struct turn *t, const struct intent *r, bool queued)
{
	struct place p;
	bool begun, ok;

	if (!place_get(t->s, queued, r->id, &p, t->e))
		return false;
	rows_fini(&p.rows);
	begun = !queued ||
		(r->state == INTENT_PENDING && t->eye && t->eye->begun && t->eye->begun(t->eye->data, r));
	if (r->kind == INTENT_UNMARK)
		return turn_unmark(t, r, true);
	t->last_of_row = 0;
	ok = begun ? turn_round(t, &p, r) : take_back(t, &p, r);
	return ok && last_word(t, r, p.side == SIDE_BACK, t->last_of_row);
}

/*
 * What waits goes first, or a copy that is taken back could be deleted before the message that depends on
 * it; then what was carried out. Each newest first.
 */
static bool turn_side(struct turn *t, int64_t action, enum intent_side side)
{
	bool ok = true;

	for (int queued = 1; ok && queued >= 0; queued--) {
		struct rows rows;

		if (!live_rows(t->s, queued, action, side, &rows, t->e))
			return false;
		for (size_t i = 0; ok && i < rows.n; i++)
			ok = turn_one(t, &rows.v[i], queued);
		rows_fini(&rows);
	}
	return ok;
}

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
	struct turn t = {.s = s, .eye = eye, .result = result, .e = e};
	bool own, undone, ok;

	*result = (struct journal_result){0};
	if (!state_own_begin(s, &own, e))
		return false;
	ok = is_undone(s, action, &undone, e) && (!undone || err_set(e, ERR_GONE, "that is undone already")) &&
	     turn_side(&t, action, SIDE_FORWARD);
	if (ok && result->taken + result->inverted == 0)
		ok = err_set(e, ERR_GONE, result->lost ? "that was for good" : "nothing is left of it");
	ok = ok && set_undone(s, action, true, e);
	return state_own_end(s, own, ok, e);
}

/* What undo took back waits again. */
static bool restore_taken(struct turn *t, int64_t action)
{
	struct rows rows = {.arena = arena_new()};
	size_t n = 0;
	/* Not those that turned an inverse round: the inverse holds again, and is turned by itself. */
	bool ok = intent_rows(t->s,
		db_own_query(&t->s->db, t->e,
			"SELECT " INTENT_COLUMNS " FROM done WHERE grp=? AND undo=? AND inverse_of=0 AND fate IN (?,?)"
			" ORDER BY id",
			"iiii", action, (int64_t)SIDE_FORWARD, (int64_t)FATE_TAKEN, (int64_t)FATE_SETTLED),
		keep_row, &rows, &n, t->e);

	for (size_t i = 0; ok && i < rows.n; i++) {
		if (rows.v[i].kind == INTENT_UNMARK) {
			ok = turn_unmark(t, &rows.v[i], false);
			continue;
		}
		ok = put_back(t->s, rows.v[i].id, t->e) &&
		     (rows.v[i].kind != INTENT_FLAG || change_kept(t->s, &rows.v[i], t->e)) &&
		     last_word(t, &rows.v[i], true, rows.v[i].id);
		t->result->taken++;
	}
	rows_fini(&rows);
	return ok;
}

bool journal_redo(struct state *s, int64_t action, const struct journal_eye *eye, struct journal_result *result,
	struct err *e)
{
	struct turn t = {.s = s, .eye = eye, .result = result, .e = e};
	bool own, undone, ok;

	*result = (struct journal_result){0};
	if (!state_own_begin(s, &own, e))
		return false;
	ok = is_undone(s, action, &undone, e) && (undone || err_set(e, ERR_GONE, "that is not undone")) &&
	     turn_side(&t, action, SIDE_BACK) && restore_taken(&t, action);
	if (ok && result->taken + result->inverted == 0)
		ok = err_set(e, ERR_GONE, "nothing is left of it");
	ok = ok && set_undone(s, action, false, e);
	return state_own_end(s, own, ok, e);
}

/* What a dropped inverse would have turned round holds again. */
static bool drop_one(struct state *s, const struct intent *i, struct err *e)
{
	struct place p;

	if (!place_get(s, true, i->id, &p, e))
		return false;
	rows_fini(&p.rows);
	return take(s, i->id, FATE_TAKEN, e) && (p.inverse_of == 0 || set_fate(s, p.inverse_of, FATE_LIVE, e));
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
	struct rows rows = {.arena = arena_new()};
	size_t n = 0;
	bool own, ok;

	if (!state_own_begin(s, &own, e)) {
		rows_fini(&rows);
		return false;
	}
	ok = intent_rows(s,
		db_own_query(&s->db, e,
			"WITH RECURSIVE gone(id) AS (VALUES(?1) UNION SELECT i.id FROM intent AS i JOIN gone ON"
			" i.depends=gone.id WHERE gone.id<>0) SELECT " INTENT_COLUMNS
			" FROM intent WHERE id IN (SELECT id FROM gone)",
			"i", intent),
		keep_row, &rows, &n, e);
	if (ok && n == 0)
		ok = err_set(e, ERR_GONE, "no such entry in the queue");
	for (size_t i = 0; ok && i < rows.n; i++)
		ok = drop_one(s, &rows.v[i], e);
	for (size_t i = 0; ok && i < rows.n; i++)
		ok = note_undone(s, rows.v[i].group, e);
	rows_fini(&rows);
	return state_own_end(s, own, ok, e);
}

/* ---- reports that come late, or refuse ---- */

bool journal_late(struct state *s, int64_t intent, bool *added, struct err *e)
{
	struct journal_result result = {0};
	struct turn t = {.s = s, .result = &result, .e = e};
	struct place p;
	bool own, ok = true;

	*added = false;
	if (!state_own_begin(s, &own, e))
		return false;
	if (!place_get(s, false, intent, &p, e))
		return state_own_end(s, own, false, e);
	if (p.rows.n == 1 && p.fate == FATE_TAKEN && p.rows.v[0].kind != INTENT_UNMARK) {
		ok = turn_round(&t, &p, &p.rows.v[0]) &&
		     last_word(&t, &p.rows.v[0], p.side == SIDE_BACK, t.last_of_row);
		if (ok && p.inverse_of) /* its forward row was said to hold again: it does not */
			ok = set_fate(s, p.inverse_of, FATE_SPENT, e);
		if (ok && result.lost)
			ok = set_fate(s, intent, FATE_LIVE, e) &&
			     db_run(&s->db, e, "UPDATE action SET undone=0 WHERE id=?", "i", p.rows.v[0].group);
		*added = ok && result.inverted > 0;
	}
	rows_fini(&p.rows);
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
	return inverse_id == 0 || (take(s, inverse_id, FATE_SPENT, e) && take(s, intent, FATE_SETTLED, e));
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
	struct rows rows = {.arena = arena_new()};
	size_t n = 0;
	bool own, ok;

	*count = 0;
	if (!state_own_begin(s, &own, e)) {
		rows_fini(&rows);
		return false;
	}
	ok = intent_rows(s,
		db_own_query(&s->db, e,
			"SELECT " INTENT_COLUMNS " FROM intent WHERE account=?1 AND mailbox=?2 AND state=?3"
			" AND (?5=0 OR (uidvalidity=?4 AND uid=?5))",
			"ssiuu", account, mailbox, (int64_t)INTENT_MARKED, uidvalidity, uid),
		keep_row, &rows, &n, e);
	for (size_t i = 0; ok && i < rows.n; i++) {
		struct intent u = rows.v[i];
		int64_t id;

		u.kind = INTENT_UNMARK;
		u.group = group;
		u.of = rows.v[i].id;
		u.created = 0;
		ok = take(s, rows.v[i].id, FATE_SPENT, e) &&
		     (group == 0 || (intent_insert(s, &u, SIDE_FORWARD, 0, &id, e) && intent_done(s, id, e)));
		*count += ok;
	}
	rows_fini(&rows);
	return state_own_end(s, own, ok, e);
}
