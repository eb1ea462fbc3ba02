#include "store/applied.h"

#include "base/clock.h"
#include "store/cache_priv.h"

bool applied_get(struct cache *c, int64_t intent, struct applied *out, struct err *e)
{
	sqlite3_stmt *st =
		db_query(&c->db, e, "SELECT state, uidvalidity, uid, at FROM applied WHERE intent=?", "i", intent);
	struct err mine = {0};

	if (!st)
		return false;
	*out = (struct applied){.state = APPLIED_NO};
	if (db_step(&c->db, st, &mine)) {
		out->state = (enum applied_state)sqlite3_column_int(st, 0);
		out->uidvalidity = (uint64_t)sqlite3_column_int64(st, 1);
		out->uid = (uint64_t)sqlite3_column_int64(st, 2);
		out->at = sqlite3_column_int64(st, 3);
		db_reset(st);
	}
	if (mine.class == ERR_NONE)
		return true;
	if (e)
		*e = mine;
	return false;
}

bool applied_set(struct cache *c, int64_t intent, const struct applied *a, struct err *e)
{
	return db_run(&c->db, e, "INSERT OR REPLACE INTO applied VALUES(?,?,?,?,?)", "iiuui", intent,
		(int64_t)a->state, a->uidvalidity, a->uid, clock_now());
}

bool applied_prune(struct cache *c, int days, struct err *e)
{
	return db_run(&c->db, e, "DELETE FROM applied WHERE state=2 AND at<?", "i", clock_now() - days * (int64_t)86400);
}
