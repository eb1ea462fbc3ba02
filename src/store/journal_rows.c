/* Rows of the tables intent and done as the journal works on them: copies, because the tables change meanwhile. */
#include <stdlib.h>

#include "base/mem.h"
#include "store/journal_priv.h"

bool journal_keep_row(void *data, const struct intent *i)
{
	struct journal_rows *r = data;
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

void journal_rows_fini(struct journal_rows *r)
{
	free(r->v);
	arena_free(r->arena);
}

bool journal_live_rows(struct state *s, bool queued, int64_t action, enum intent_side side, struct journal_rows *out,
	struct err *e)
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

	*out = (struct journal_rows){.arena = arena_new()};
	if (intent_rows(s, st, journal_keep_row, out, &n, e))
		return true;
	journal_rows_fini(out);
	return false;
}

bool journal_place(struct state *s, bool queued, int64_t id, struct journal_place *p, struct err *e)
{
	size_t n = 0;
	int64_t side, fate, of;
	sqlite3_stmt *st = queued ? db_own_query(&s->db, e, "SELECT " INTENT_COLUMNS " FROM intent WHERE id=?", "i", id)
				  : db_own_query(&s->db, e, "SELECT " INTENT_COLUMNS " FROM done WHERE id=?", "i", id);

	*p = (struct journal_place){.rows = {.arena = arena_new()}};
	if (!intent_rows(s, st, journal_keep_row, &p->rows, &n, e) ||
		!db_number(&s->db, e, &side, 0,
			"SELECT undo FROM intent WHERE id=?1 UNION ALL SELECT undo FROM done WHERE id=?1", "i", id) ||
		!db_number(&s->db, e, &fate, 0,
			"SELECT fate FROM intent WHERE id=?1 UNION ALL SELECT fate FROM done WHERE id=?1", "i", id) ||
		!db_number(&s->db, e, &of, 0,
			"SELECT inverse_of FROM intent WHERE id=?1 UNION ALL SELECT inverse_of FROM done WHERE id=?1", "i",
			id)) {
		journal_rows_fini(&p->rows);
		return false;
	}
	p->side = (enum intent_side)side;
	p->fate = (enum intent_fate)fate;
	p->inverse_of = of;
	return true;
}

bool journal_find_place(struct state *s, int64_t id, struct journal_place *p, struct err *e)
{
	if (!journal_place(s, false, id, p, e))
		return false;
	if (p->rows.n > 0)
		return true;
	journal_rows_fini(&p->rows);
	return journal_place(s, true, id, p, e);
}

bool journal_set_fate(struct state *s, int64_t id, enum intent_fate fate, struct err *e)
{
	return db_run(&s->db, e, "UPDATE intent SET fate=?2 WHERE id=?1", "ii", id, (int64_t)fate) &&
	       db_run(&s->db, e, "UPDATE done SET fate=?2 WHERE id=?1", "ii", id, (int64_t)fate);
}

bool journal_take(struct state *s, int64_t id, enum intent_fate fate, struct err *e)
{
	return intent_done(s, id, e) && journal_set_fate(s, id, fate, e);
}

bool journal_put_back(struct state *s, int64_t id, struct err *e)
{
	return db_run(&s->db, e, "INSERT OR REPLACE INTO intent SELECT * FROM done WHERE id=?", "i", id) &&
	       db_run(&s->db, e, "DELETE FROM done WHERE id=?", "i", id) && journal_set_fate(s, id, FATE_LIVE, e) &&
	       db_run(&s->db, e, "UPDATE intent SET error='', tries=0, state=CASE state WHEN 0 THEN 0 ELSE 1 END WHERE id=?",
		       "i", id);
}
