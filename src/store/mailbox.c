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
	m->flags = (unsigned)sqlite3_column_int64(st, 5) & ~MAILBOX_EXACT;
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

/* Counts that are exact are not replaced by those that the caller has read some time ago. */
bool mailbox_update(struct cache *c, const struct mailbox *m, struct err *e)
{
	bool counted = m->flags & MAILBOX_COUNTED;

	return db_run(&c->db, e,
		"UPDATE mailbox SET name=?1,raw=?2,delim=?3,special=?4,uidvalidity=?6,uidnext=?7,modseq=?8,low_uid=?12,"
		"checked=?13,token=?14,object=?15,"
		"flags=CASE WHEN ?17 THEN ?5 ELSE ?5|(flags&?18) END,"
		"total=CASE WHEN ?17 OR flags&?18=0 THEN ?9 ELSE total END,"
		"unseen=CASE WHEN ?17 OR flags&?18=0 THEN ?10 ELSE unseen END,"
		"fresh=CASE WHEN ?17 OR flags&?18=0 THEN ?11 ELSE fresh END WHERE id=?16",
		"ssiiiuuuuuuuissuii", m->name, m->raw, (int64_t)m->delim, (int64_t)m->special, (int64_t)m->flags,
		m->uidvalidity, m->uidnext, m->modseq, m->total, m->unseen, m->fresh, m->low_uid, m->checked, m->token,
		m->object, m->id, (int64_t)counted, (int64_t)MAILBOX_EXACT);
}

bool mailbox_count(struct cache *c, uint64_t id, struct err *e)
{
	/* What is gathered is about rows that are counted now: to be put in before. */
	return counts_flush(c, e) &&
	       db_run(&c->db, e,
		       "UPDATE mailbox SET flags=flags|?5,(total,unseen,fresh)=(SELECT count(*), coalesce(sum(flags&1=0),0),"
		       " coalesce(sum(flags&33=0),0) FROM message WHERE id BETWEEN ?2 AND ?3)"
		       " WHERE id=?1 AND flags&?4=0",
		       "uuuii", id, message_id_of(id, 0), message_id_of(id, MESSAGE_UID_MAX),
		       (int64_t)MAILBOX_COUNTED | MAILBOX_EXACT, (int64_t)MAILBOX_EXACT);
}

/* ---- counts that follow the rows ---- */

static bool put_delta(struct cache *c, const struct count_delta *d, struct err *e)
{
	return db_run(&c->db, e,
		"UPDATE mailbox SET total=max(total+?2,0),unseen=max(unseen+?3,0),fresh=max(fresh+?4,0)"
		" WHERE id=?1 AND flags&?5<>0",
		"uiiii", d->mailbox, d->total, d->unseen, d->fresh, (int64_t)MAILBOX_EXACT);
}

bool counts_flush(struct cache *c, struct err *e)
{
	size_t n = c->deltas;

	c->deltas = 0;
	for (size_t i = 0; i < n; i++)
		if (!put_delta(c, &c->delta[i], e))
			return false;
	return true;
}

static struct count_delta *delta_of(struct cache *c, uint64_t mailbox, struct err *e)
{
	for (size_t i = 0; i < c->deltas; i++)
		if (c->delta[i].mailbox == mailbox)
			return &c->delta[i];
	if (c->deltas == COUNT_DELTAS && !counts_flush(c, e))
		return NULL;
	c->delta[c->deltas] = (struct count_delta){.mailbox = mailbox};
	return &c->delta[c->deltas++];
}

bool counts_note(struct cache *c, uint64_t message, unsigned flags, int n, struct err *e)
{
	struct count_delta *d = delta_of(c, message_mailbox(message), e);

	if (!d)
		return false;
	d->total += n;
	d->unseen += flags & MSG_SEEN ? 0 : n;
	d->fresh += flags & (MSG_SEEN | MSG_OLD) ? 0 : n;
	return cache_in_transaction(c) || counts_flush(c, e);
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
			  "uiu", uidvalidity, (int64_t)(MAILBOX_COMPLETE | MAILBOX_PARTS_KNOWN | MAILBOX_EXACT), id);
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
