#include "store/mailbox.h"

#include <stdlib.h>

#include "base/mem.h"
#include "store/cache_priv.h"
#include "store/message.h"
#include "store/object.h"

#define COLUMNS                                                                                    \
	"id,name,raw,delim,special,flags,uidvalidity,uidnext,modseq,total,unseen,fresh,low_uid,checked,token,object"

static const char *const special_names[MAILBOX_SPECIALS] = {
	[MAILBOX_PLAIN] = "", [MAILBOX_INBOX] = "inbox", [MAILBOX_ALL] = "all", [MAILBOX_ARCHIVE] = "archive",
	[MAILBOX_DRAFTS] = "drafts", [MAILBOX_FLAGGED] = "flagged", [MAILBOX_JUNK] = "junk", [MAILBOX_SENT] = "sent",
	[MAILBOX_TRASH] = "trash", [MAILBOX_IMPORTANT] = "important",
};

const char *mailbox_special_name(enum mailbox_special special)
{
	return special_names[special];
}

enum mailbox_special mailbox_special_by_name(const char *name)
{
	for (int i = 0; i < MAILBOX_SPECIALS; i++) {
		if (sv_eq_case(sv_of(name), sv_of(special_names[i])))
			return (enum mailbox_special)i;
	}
	return MAILBOX_PLAIN;
}

void mailbox_fini(struct mailbox *m)
{
	free(m->name);
	free(m->raw);
	free(m->token);
	free(m->object);
	memset(m, 0, sizeof(*m));
}

/* Texts are lent from the statement. */
static void read_row(sqlite3_stmt *st, struct mailbox *m)
{
	m->id = (uint64_t)sqlite3_column_int64(st, 0);
	m->name = (char *)db_str(st, 1);
	m->raw = (char *)db_str(st, 2);
	m->delim = (char)sqlite3_column_int(st, 3);
	m->special = (enum mailbox_special)sqlite3_column_int(st, 4);
	m->flags = (unsigned)sqlite3_column_int64(st, 5);
	m->uidvalidity = (uint64_t)sqlite3_column_int64(st, 6);
	m->uidnext = (uint64_t)sqlite3_column_int64(st, 7);
	m->modseq = (uint64_t)sqlite3_column_int64(st, 8);
	m->total = (uint64_t)sqlite3_column_int64(st, 9);
	m->unseen = (uint64_t)sqlite3_column_int64(st, 10);
	m->fresh = (uint64_t)sqlite3_column_int64(st, 11);
	m->low_uid = (uint64_t)sqlite3_column_int64(st, 12);
	m->checked = sqlite3_column_int64(st, 13);
	m->token = (char *)db_str(st, 14);
	m->object = (char *)db_str(st, 15);
	if ((unsigned)m->special >= MAILBOX_SPECIALS)
		m->special = MAILBOX_PLAIN;
}

/* The only row of st, owned by the caller. */
static bool take_row(struct cache *c, sqlite3_stmt *st, const char *what, struct mailbox *out, struct err *e)
{
	struct err mine = {0};

	if (!st)
		return false;
	if (db_step(&c->db, st, &mine)) {
		read_row(st, out);
		out->name = xstrdup(out->name);
		out->raw = xstrdup(out->raw);
		out->token = xstrdup(out->token);
		out->object = xstrdup(out->object);
		db_reset(st);
		return true;
	}
	if (mine.class == ERR_NONE)
		return err_set(e, ERR_GONE, "no mailbox %s", what);
	if (e)
		*e = mine;
	return false;
}

bool mailbox_by_name(struct cache *c, const char *name, struct mailbox *out, struct err *e)
{
	return take_row(c, db_query(&c->db, e, "SELECT " COLUMNS " FROM mailbox WHERE name=?", "s", name), name, out,
		e);
}

bool mailbox_by_id(struct cache *c, uint64_t id, struct mailbox *out, struct err *e)
{
	return take_row(c, db_query(&c->db, e, "SELECT " COLUMNS " FROM mailbox WHERE id=?", "u", id), "of that id",
		out, e);
}

bool mailbox_each(struct cache *c, mailbox_fn *fn, void *data, struct err *e)
{
	struct err mine = {0};
	sqlite3_stmt *st = db_own_query(&c->db, e, "SELECT " COLUMNS " FROM mailbox ORDER BY name", "");
	bool more = true;

	if (!st)
		return false;
	while (more && db_step(&c->db, st, &mine)) {
		struct mailbox m;

		read_row(st, &m);
		more = fn(data, &m);
	}
	sqlite3_finalize(st);
	if (mine.class == ERR_NONE)
		return true;
	if (e)
		*e = mine;
	return false;
}

bool mailbox_add(struct cache *c, const char *name, const char *raw, char delim, uint64_t *id, struct err *e)
{
	int64_t got;

	if (strlen(name) > MAILBOX_NAME_MAX)
		return err_set(e, ERR_LIMIT, "a mailbox name of %zu bytes", strlen(name));
	if (!db_run(&c->db, e,
		    "INSERT INTO mailbox(name,raw,delim) VALUES(?1,?2,?3) ON CONFLICT(name) DO UPDATE SET"
		    " raw=CASE excluded.raw WHEN '' THEN raw ELSE excluded.raw END,"
		    " delim=CASE excluded.raw WHEN '' THEN delim ELSE excluded.delim END"
		    " WHERE excluded.raw<>'' AND (raw<>excluded.raw OR delim<>excluded.delim)",
		    "ssi", name, raw, (int64_t)delim))
		return false;
	if (!db_number(&c->db, e, &got, 0, "SELECT id FROM mailbox WHERE name=?", "s", name))
		return false;
	if (got <= 0 || got > MAILBOX_ID_MAX)
		return err_set(e, ERR_LIMIT, "too many mailboxes were made in this cache");
	*id = (uint64_t)got;
	return true;
}

bool mailbox_update(struct cache *c, const struct mailbox *m, struct err *e)
{
	return db_run(&c->db, e,
		"UPDATE mailbox SET name=?,raw=?,delim=?,special=?,flags=?,uidvalidity=?,uidnext=?,modseq=?,total=?,"
		"unseen=?,fresh=?,low_uid=?,checked=?,token=?,object=? WHERE id=?",
		"ssiiiuuuuuuuissu", m->name, m->raw, (int64_t)m->delim, (int64_t)m->special, (int64_t)m->flags,
		m->uidvalidity, m->uidnext, m->modseq, m->total, m->unseen, m->fresh, m->low_uid, m->checked, m->token,
		m->object, m->id);
}

bool mailbox_count(struct cache *c, uint64_t id, struct err *e)
{
	return db_run(&c->db, e,
		"UPDATE mailbox SET (total,unseen,fresh)=(SELECT count(*), coalesce(sum(flags&1=0),0),"
		" coalesce(sum(flags&33=0),0) FROM message WHERE id BETWEEN ?2 AND ?3)"
		" WHERE id=?1 AND flags&?4=0",
		"uuui", id, message_id_of(id, 0), message_id_of(id, MESSAGE_UID_MAX), (int64_t)MAILBOX_COUNTED);
}

static bool drop_messages(struct cache *c, uint64_t id, struct err *e)
{
	uint64_t first = message_id_of(id, 0), last = message_id_of(id, MESSAGE_UID_MAX);

	return object_keep_bodies(c, first, last, e) &&
	       db_run(&c->db, e, "DELETE FROM message WHERE id BETWEEN ? AND ?", "uu", first, last) &&
	       db_run(&c->db, e, "DELETE FROM body WHERE message BETWEEN ? AND ?", "uu", first, last) &&
	       db_run(&c->db, e, "DELETE FROM preview WHERE message BETWEEN ? AND ?", "uu", first, last);
}

/* Runs the steps in the caller's transaction, or in one of their own. */
static bool own_begin(struct cache *c, bool *own, struct err *e)
{
	*own = !cache_in_transaction(c);
	return !*own || cache_begin(c, e);
}

static bool own_end(struct cache *c, bool own, bool ok, struct err *e)
{
	if (!own)
		return ok;
	if (ok)
		return cache_commit(c, e);
	cache_rollback(c);
	return false;
}

bool mailbox_reset(struct cache *c, uint64_t id, uint64_t uidvalidity, struct err *e)
{
	bool own;

	if (!own_begin(c, &own, e))
		return false;
	bool ok = drop_messages(c, id, e) &&
		  db_run(&c->db, e,
			  "UPDATE mailbox SET uidvalidity=?,uidnext=0,modseq=0,total=0,unseen=0,fresh=0,low_uid=0,"
			  "token='',flags=flags&~? WHERE id=?",
			  "uiu", uidvalidity, (int64_t)(MAILBOX_COMPLETE | MAILBOX_PARTS_KNOWN), id);
	return own_end(c, own, ok, e);
}

bool mailbox_delete(struct cache *c, uint64_t id, struct err *e)
{
	bool own;

	if (!own_begin(c, &own, e))
		return false;
	bool ok = drop_messages(c, id, e) && db_run(&c->db, e, "DELETE FROM mailbox WHERE id=?", "u", id);
	return own_end(c, own, ok, e);
}
