/*
 * Turning an action round, intent by intent: what is its inverse, where the message is by now, what several actions
 * on the same flag say together, and what need not be sent at all.
 */
#include "base/mem.h"
#include "store/journal_priv.h"
#include "store/message.h"

#define FOLLOW_MAX 8 /* moves of one message, one after the other */

/* ---- one inverse ---- */

/*
 * The message itself has another UID now, the one that intent `of` gave it. No Message-ID: were its UID
 * not known, another copy could be meant, and nothing may be deleted that is not ours.
 */
static void name_by(const struct journal_turn *t, struct intent *i, int64_t of, bool for_good)
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
static void follow(const struct journal_turn *t, struct intent *f)
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
static bool inverse(const struct journal_turn *t, const struct intent *f, struct intent *out)
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
static void again(const struct journal_turn *t, const struct intent *f, int64_t back, struct intent *out)
{
	*out = *f;
	out->state = INTENT_PENDING;
	out->depends = 0;
	out->created = 0;
	if (f->kind == INTENT_MOVE || f->kind == INTENT_DELETE)
		name_by(t, out, back, f->kind == INTENT_DELETE);
}

bool journal_change_kept(struct state *s, const struct intent *f, struct err *e)
{
	struct journal_rows rows = {.arena = arena_new()};
	size_t n = 0;
	bool ok = intent_rows(s,
		db_own_query(&s->db, e,
			"SELECT " INTENT_COLUMNS " FROM (SELECT * FROM intent UNION ALL SELECT * FROM done) WHERE account=?1"
			" AND mailbox=?2 AND kind=?3 AND undo=0 AND fate=0 AND file<>'' AND ((uid<>0 AND uid=?4 AND"
			" uidvalidity=?5) OR (message_id<>'' AND message_id=?6))",
			"ssiuus", f->account, f->mailbox, (int64_t)INTENT_DELETE, f->uid, f->uidvalidity, f->message_id),
		journal_keep_row, &rows, &n, e);

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
	journal_rows_fini(&rows);
	return ok;
}

/* Puts i, which turns r round, into the queue; r has nothing more to say. */
static bool add_turn(struct journal_turn *t, const struct intent *r, struct intent *i, enum intent_side side)
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
	if (!intent_insert(t->s, i, side, r->id, &id, t->e) || !journal_set_fate(t->s, r->id, FATE_SPENT, t->e))
		return false;
	if (i->kind == INTENT_FLAG && !journal_change_kept(t->s, i, t->e))
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
static const char *id_of(const struct journal_turn *t, const struct journal_place *p, const struct intent *r)
{
	struct journal_place of;
	const char *id = r->message_id;

	if (*id || p->inverse_of == 0 || !journal_find_place(t->s, p->inverse_of, &of, NULL))
		return id;
	if (of.rows.n == 1)
		id = arena_strdup(t->arena, of.rows.v[0].message_id);
	journal_rows_fini(&of.rows);
	return id;
}

bool journal_turn_round(struct journal_turn *t, const struct journal_place *p, const struct intent *r)
{
	struct intent i;
	struct journal_place of;
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
	if (!journal_find_place(t->s, p->inverse_of, &of, t->e))
		return false;
	ok = of.rows.n == 1 || err_set(t->e, ERR_GONE, "what was undone is not known any more");
	if (ok) {
		if (!*of.rows.v[0].message_id)
			of.rows.v[0].message_id = r->message_id;
		again(t, &of.rows.v[0], r->id, &i);
		ok = add_turn(t, r, &i, SIDE_FORWARD);
	}
	journal_rows_fini(&of.rows);
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
static bool flags_that_hold(struct journal_turn *t, const struct intent *f, bool f_holds, struct bits *b, bool *alone)
{
	struct journal_rows rows = {.arena = arena_new()};
	struct intent place = *f;
	size_t n = 0;
	bool ok = intent_rows(t->s,
		db_own_query(&t->s->db, t->e,
			"SELECT " INTENT_COLUMNS " FROM (SELECT * FROM done UNION ALL SELECT * FROM intent) WHERE account=?1"
			" AND message_id=?2 AND message_id<>'' AND kind=?3 AND undo=0 AND inverse_of=0 AND grp>0"
			" ORDER BY grp,id",
			"ssi", f->account, f->message_id, (int64_t)INTENT_FLAG),
		journal_keep_row, &rows, &n, t->e);

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
			/* What is no action of the user's (mail that was read), or an old one, says by its fate. */
			ok = db_number(&t->s->db, t->e, &undone, 0,
				"SELECT coalesce((SELECT undone FROM action WHERE id=?1), (SELECT fate<>0 FROM"
				" (SELECT id,fate FROM done UNION ALL SELECT id,fate FROM intent) WHERE id=?2))",
				"ii", at.group, rows.v[i].id);
			*alone = false;
		}
		count_bits(b, &rows.v[i], f->add | f->del, undone == 0);
	}
	journal_rows_fini(&rows);
	return ok;
}

bool journal_last_word(struct journal_turn *t, const struct intent *f, bool holds, int64_t after)
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
		ok = ok && intent_insert(t->s, &i, SIDE_FORWARD, 0, &id, t->e) && journal_change_kept(t->s, &i, t->e);
	}
	arena_free(t->arena);
	return ok;
}

/* ---- one row ---- */

bool journal_turn_unmark(struct journal_turn *t, const struct intent *r, bool back)
{
	int64_t there;

	if (!db_number(&t->s->db, t->e, &there, 0, "SELECT 1 FROM done WHERE id=? AND fate=?", "ii", r->of,
		    (int64_t)FATE_SPENT))
		return false;
	if (back && there && !journal_put_back(t->s, r->of, t->e))
		return false;
	if (!back && !journal_take(t->s, r->of, FATE_SPENT, t->e))
		return false;
	t->result->taken++;
	return journal_set_fate(t->s, r->id, back ? FATE_SETTLED : FATE_LIVE, t->e);
}

/* A row in the queue that nobody has begun: out with it, or its forward row holds again. */
static bool take_back(struct journal_turn *t, const struct journal_place *p, const struct intent *r)
{
	if (!journal_take(t->s, r->id, FATE_TAKEN, t->e))
		return false;
	if (r->kind == INTENT_FLAG) {
		struct intent other = *r;

		other.add = r->del;
		other.del = r->add;
		other.add_words = r->del_words;
		other.del_words = r->add_words;
		if (!journal_change_kept(t->s, &other, t->e))
			return false;
	}
	t->result->taken++;
	return p->inverse_of == 0 || journal_set_fate(t->s, p->inverse_of, FATE_LIVE, t->e);
}

static bool turn_one(struct journal_turn *t, const struct intent *r, bool queued)
{
	struct journal_place p;
	bool begun, ok;

	if (!journal_place(t->s, queued, r->id, &p, t->e))
		return false;
	journal_rows_fini(&p.rows);
	begun = !queued ||
		(r->state == INTENT_PENDING && t->eye && t->eye->begun && t->eye->begun(t->eye->data, r));
	if (r->kind == INTENT_UNMARK)
		return journal_turn_unmark(t, r, true);
	t->last_of_row = 0;
	ok = begun ? journal_turn_round(t, &p, r) : take_back(t, &p, r);
	return ok && journal_last_word(t, r, p.side == SIDE_BACK, t->last_of_row);
}

/*
 * What waits goes first, or a copy that is taken back could be deleted before the message that depends on
 * it; then what was carried out. Each newest first.
 */
bool journal_turn_side(struct journal_turn *t, int64_t action, enum intent_side side)
{
	bool ok = true;

	for (int queued = 1; ok && queued >= 0; queued--) {
		struct journal_rows rows;

		if (!journal_live_rows(t->s, queued, action, side, &rows, t->e))
			return false;
		for (size_t i = 0; ok && i < rows.n; i++)
			ok = turn_one(t, &rows.v[i], queued);
		journal_rows_fini(&rows);
	}
	return ok;
}
