#include "store/outbox.h"

#include "base/clock.h"
#include "store/state_priv.h"

#define COLUMNS                                                                                    \
	"id,state,account,from_,recipients,file,subject,fcc,options,orig_account,orig_mailbox,"           \
	"orig_uidvalidity,orig_uid,orig_flag,created,send_at,next_try,attempts,error"

static const char *const names[OUTBOX_STATES] = {"held", "queued", "sending", "committing", "unknown", "sent",
	"failed"};

const char *outbox_state_name(enum outbox_state state)
{
	return (unsigned)state < OUTBOX_STATES ? names[state] : "?";
}

bool outbox_state_by_name(struct sv name, enum outbox_state *out)
{
	for (int i = 0; i < OUTBOX_STATES; i++) {
		if (sv_is(name, names[i])) {
			*out = (enum outbox_state)i;
			return true;
		}
	}
	return false;
}

int outbox_backoff_s(unsigned attempts)
{
	static const int minutes[] = {1, 1, 2, 5, 15, 30, 60};

	return 60 * minutes[MIN(attempts, ARRAY_LEN(minutes) - 1)];
}

bool outbox_add(struct state *s, const struct outbox_row *r, int64_t *id, struct err *e)
{
	if (!db_run(&s->db, e,
		    "INSERT INTO outbox(state,account,from_,recipients,file,subject,fcc,options,orig_account,orig_mailbox,"
		    "orig_uidvalidity,orig_uid,orig_flag,created,send_at,next_try,attempts,error)"
		    " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
		    "isssssssssuuiiiiis", (int64_t)r->state, r->account, r->from, r->recipients, r->file, r->subject,
		    r->fcc, r->options, r->orig_account, r->orig_mailbox, r->orig_uidvalidity, r->orig_uid,
		    (int64_t)r->orig_flag, r->created ? r->created : clock_now(), r->send_at, r->next_try,
		    (int64_t)r->attempts, r->error))
		return false;
	*id = sqlite3_last_insert_rowid(s->db.h);
	return true;
}

static void read_row(sqlite3_stmt *st, struct outbox_row *r)
{
	r->id = sqlite3_column_int64(st, 0);
	r->state = (enum outbox_state)sqlite3_column_int(st, 1);
	r->account = db_str(st, 2);
	r->from = db_str(st, 3);
	r->recipients = db_str(st, 4);
	r->file = db_str(st, 5);
	r->subject = db_str(st, 6);
	r->fcc = db_str(st, 7);
	r->options = db_str(st, 8);
	r->orig_account = db_str(st, 9);
	r->orig_mailbox = db_str(st, 10);
	r->orig_uidvalidity = (uint64_t)sqlite3_column_int64(st, 11);
	r->orig_uid = (uint64_t)sqlite3_column_int64(st, 12);
	r->orig_flag = (unsigned)sqlite3_column_int64(st, 13);
	r->created = sqlite3_column_int64(st, 14);
	r->send_at = sqlite3_column_int64(st, 15);
	r->next_try = sqlite3_column_int64(st, 16);
	r->attempts = (unsigned)sqlite3_column_int64(st, 17);
	r->error = db_str(st, 18);
}

static bool each(struct state *s, sqlite3_stmt *st, outbox_fn *fn, void *data, size_t *n, struct err *e)
{
	struct err mine = {0};
	bool more = true;

	if (!st)
		return false;
	while (more && db_step(&s->db, st, &mine)) {
		struct outbox_row r;

		read_row(st, &r);
		*n += 1;
		more = fn(data, &r);
	}
	sqlite3_finalize(st);
	return state_loop_end(&mine, e);
}

bool outbox_each(struct state *s, const char *account, outbox_fn *fn, void *data, struct err *e)
{
	size_t n = 0;

	return each(s,
		db_own_query(&s->db, e, "SELECT " COLUMNS " FROM outbox WHERE (?1 OR account=?2) ORDER BY id", "is",
			(int64_t)!account, account),
		fn, data, &n, e);
}

bool outbox_get(struct state *s, int64_t id, outbox_fn *fn, void *data, struct err *e)
{
	size_t n = 0;

	if (!each(s, db_own_query(&s->db, e, "SELECT " COLUMNS " FROM outbox WHERE id=?", "i", id), fn, data, &n, e))
		return false;
	return n > 0 || err_set(e, ERR_GONE, "no such message in the outbox");
}

bool outbox_change(struct state *s, int64_t id, enum outbox_state from, enum outbox_state to, const char *error,
	int64_t next_try, struct err *e)
{
	/* An attempt ends where it goes back into the queue or is refused. */
	bool attempt = (from == OUTBOX_SENDING || from == OUTBOX_COMMITTING) &&
		       (to == OUTBOX_QUEUED || to == OUTBOX_FAILED);

	if (!db_run(&s->db, e, "UPDATE outbox SET state=?3, error=?4, next_try=?5, attempts=attempts+?6 WHERE id=?1 AND state=?2",
		    "iiisii", id, (int64_t)from, (int64_t)to, error, next_try, (int64_t)attempt))
		return false;
	return sqlite3_changes64(s->db.h) == 1 ||
	       err_set(e, ERR_GONE, "the message is not %s any more", outbox_state_name(from));
}

bool outbox_recover(struct state *s, const char *account, uint64_t *unknown, struct err *e)
{
	bool own;

	if (!state_own_begin(s, &own, e))
		return false;
	bool ok = db_run(&s->db, e,
		"UPDATE outbox SET state=?3, error='the connection was lost while the message was handed over'"
		" WHERE account=?1 AND state=?2",
		"sii", account, (int64_t)OUTBOX_COMMITTING, (int64_t)OUTBOX_UNKNOWN);
	if (ok)
		*unknown = (uint64_t)sqlite3_changes64(s->db.h);
	ok = ok && db_run(&s->db, e, "UPDATE outbox SET state=?3 WHERE account=?1 AND state=?2", "sii", account,
			   (int64_t)OUTBOX_SENDING, (int64_t)OUTBOX_QUEUED);
	return state_own_end(s, own, ok, e);
}

bool outbox_drop(struct state *s, int64_t id, struct err *e)
{
	return db_run(&s->db, e, "DELETE FROM outbox WHERE id=?", "i", id);
}

bool outbox_due(struct state *s, const char *account, int64_t now, int64_t *id, int64_t *wait_s, struct err *e)
{
	int64_t next;

	*wait_s = -1;
	if (!db_number(&s->db, e, id, 0,
		    "SELECT id FROM outbox WHERE account=?1 AND ((state=?2 AND next_try<=?4) OR (state=?3 AND send_at>0"
		    " AND send_at<=?4)) ORDER BY id LIMIT 1",
		    "siii", account, (int64_t)OUTBOX_QUEUED, (int64_t)OUTBOX_HELD, now))
		return false;
	if (*id != 0)
		return true;
	if (!db_number(&s->db, e, &next, -1,
		    "SELECT min(CASE state WHEN ?2 THEN next_try ELSE send_at END) FROM outbox WHERE account=?1 AND"
		    " (state=?2 OR (state=?3 AND send_at>0))",
		    "sii", account, (int64_t)OUTBOX_QUEUED, (int64_t)OUTBOX_HELD))
		return false;
	if (next >= 0)
		*wait_s = MAX(next - now, 1);
	return true;
}
