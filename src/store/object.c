#include "store/object.h"

#include "base/clock.h"
#include "store/cache_priv.h"

bool object_keep_bodies(struct cache *c, uint64_t first, uint64_t last, struct err *e)
{
	return db_run(&c->db, e,
		"INSERT OR REPLACE INTO lost_body SELECT m.object,b.section,b.hash,b.size,?3 FROM body b"
		" JOIN message m ON m.id=b.message WHERE b.message BETWEEN ?1 AND ?2 AND m.object<>''",
		"uui", first, last, clock_now());
}

bool object_take_bodies(struct cache *c, uint64_t message, bool *got, struct err *e)
{
	int64_t n;

	*got = false;
	if (!db_run(&c->db, e,
		    "INSERT OR IGNORE INTO body SELECT ?1,b.section,b.hash,b.size,?2 FROM message me"
		    " JOIN message m ON m.object=me.object AND m.object<>'' AND m.id<>me.id JOIN body b ON b.message=m.id"
		    " WHERE me.id=?1",
		    "ui", message, clock_now()) ||
		!db_run(&c->db, e,
			"INSERT OR IGNORE INTO body SELECT ?1,b.section,b.hash,b.size,?2 FROM message me"
			" JOIN lost_body b ON b.object=me.object WHERE me.id=?1 AND me.object<>''",
			"ui", message, clock_now()) ||
		!db_number(&c->db, e, &n, 0, "SELECT count(*) FROM body WHERE message=?", "u", message))
		return false;
	*got = n > 0;
	return true;
}

bool object_forget_bodies(struct cache *c, struct err *e)
{
	return db_run(&c->db, e, "DELETE FROM lost_body WHERE at<?", "i",
		clock_now() - (int64_t)OBJECT_BODY_DAYS * 86400);
}

bool object_mailbox(struct cache *c, const char *object, uint64_t *id, struct err *e)
{
	int64_t got;

	if (!db_number(&c->db, e, &got, 0, "SELECT id FROM mailbox WHERE object=? AND object<>'' LIMIT 1", "s", object))
		return false;
	*id = (uint64_t)got;
	return got > 0 || err_set(e, ERR_GONE, "no mailbox of that id");
}

/* ---- previews ---- */

bool preview_put(struct cache *c, uint64_t message, struct sv text, struct err *e)
{
	size_t n = MIN(text.len, (size_t)PREVIEW_MAX);

	while (n > 0 && n < text.len && ((unsigned char)text.p[n] & 0xc0) == 0x80)
		n--;
	return db_run(&c->db, e, "INSERT OR REPLACE INTO preview VALUES(?,?)", "ut", message, sv_head(text, n));
}

char *preview_get(struct cache *c, uint64_t message)
{
	sqlite3_stmt *st = db_query(&c->db, NULL, "SELECT text FROM preview WHERE message=?", "u", message);
	char *text = NULL;

	if (st && db_step(&c->db, st, NULL)) {
		text = sv_dup(db_text(st, 0));
		db_reset(st);
	}
	return text;
}

/* ---- quotas ---- */

bool quota_set(struct cache *c, const struct quota *q, size_t n, struct err *e)
{
	bool own = !cache_in_transaction(c);
	bool ok = (!own || cache_begin(c, e)) && db_run(&c->db, e, "DELETE FROM quota", "");

	for (size_t i = 0; ok && i < n; i++)
		ok = db_run(&c->db, e, "INSERT OR REPLACE INTO quota VALUES(?,?,?,?)", "ssuu", q[i].root, q[i].resource,
			q[i].used, q[i].max);
	if (!own)
		return ok;
	if (ok)
		return cache_commit(c, e);
	cache_rollback(c);
	return false;
}

bool quota_get(struct cache *c, const char *resource, uint64_t *used, uint64_t *max)
{
	sqlite3_stmt *st = db_query(&c->db, NULL,
		"SELECT used,max FROM quota WHERE resource=? AND max>0 ORDER BY used*1.0/max DESC LIMIT 1", "s", resource);
	bool found = st && db_step(&c->db, st, NULL);

	if (found) {
		*used = (uint64_t)sqlite3_column_int64(st, 0);
		*max = (uint64_t)sqlite3_column_int64(st, 1);
		db_reset(st);
	}
	return found;
}
