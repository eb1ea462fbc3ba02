#include "store/outbox.h"

#include "base/clock.h"
#include "store/state_priv.h"

#define COLUMNS                                                                                    \
	"id,state,account,from_,recipients,file,subject,fcc,options,orig_account,orig_mailbox,"           \
	"orig_uidvalidity,orig_uid,orig_flag,created,send_at,next_try,attempts,error"

static const char *const names[OUTBOX_STATES] = {"held", "queued", "sending", "committing", "unknown", "sent",
	"failed", "scheduled", "filed"};
static const char *const results[] = {"open", "sent", "later", "never"};

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

const char *outbox_result_name(enum outbox_result r)
{
	return (unsigned)r < ARRAY_LEN(results) ? results[r] : "?";
}

bool outbox_result_by_name(struct sv name, enum outbox_result *out)
{
	for (size_t i = 0; i < ARRAY_LEN(results); i++) {
		if (sv_is(name, results[i])) {
			*out = (enum outbox_result)i;
			return true;
		}
	}
	return false;
}

struct sv outbox_option(struct sv options, const char *name)
{
	size_t n = strlen(name);
	struct sv line;

	while (sv_line(&options, &line))
		if (line.len > n && line.p[n] == '=' && sv_starts(line, sv_make(name, n)))
			return sv_from(line, n + 1);
	return sv_make("", 0);
}

bool outbox_option_add(struct str *options, const char *name, struct sv value)
{
	struct sv line;

	if (!sv_line(&value, &line) || line.len == 0)
		return true;
	return str_addf(options, "%s=" SV_FMT "\n", name, SV_ARG(line));
}

int outbox_backoff_s(unsigned attempts)
{
	static const int minutes[] = {OUTBOX_BACKOFF_MINUTES};

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

/* One row must have changed, or somebody else was first. */
static bool one_changed(struct state *s, enum outbox_state from, struct err *e)
{
	return sqlite3_changes64(s->db.h) == 1 ||
	       err_set(e, ERR_GONE, "the message is not %s any more", outbox_state_name(from));
}

bool outbox_change(struct state *s, int64_t id, enum outbox_state from, enum outbox_state to, const char *error,
	int64_t next_try, struct err *e)
{
	/* An attempt ends where it goes back into the queue or is refused. */
	bool attempt = (from == OUTBOX_SENDING || from == OUTBOX_COMMITTING) &&
		       (to == OUTBOX_QUEUED || to == OUTBOX_FAILED);

	return db_run(&s->db, e,
		       "UPDATE outbox SET state=?3, error=?4, next_try=?5, attempts=attempts+?6,"
		       " send_at=CASE ?3 WHEN ?7 THEN 0 ELSE send_at END WHERE id=?1 AND state=?2",
		       "iiisiii", id, (int64_t)from, (int64_t)to, error, next_try, (int64_t)attempt,
		       (int64_t)OUTBOX_HELD) &&
	       one_changed(s, from, e);
}

bool outbox_schedule(struct state *s, int64_t id, enum outbox_state from, int64_t send_at, int64_t next_try,
	struct err *e)
{
	return db_run(&s->db, e,
		       "UPDATE outbox SET state=?3, error='', send_at=?4, next_try=?5 WHERE id=?1 AND state=?2",
		       "iiiii", id, (int64_t)from, (int64_t)OUTBOX_SCHEDULED, send_at, next_try) &&
	       one_changed(s, from, e);
}

bool outbox_keep_here(struct state *s, int64_t id, struct err *e)
{
	return db_run(&s->db, e, "UPDATE outbox SET next_try=0, error='' WHERE id=?", "i", id);
}

bool outbox_set_recipients(struct state *s, int64_t id, const char *recipients, struct err *e)
{
	return db_run(&s->db, e, "UPDATE outbox SET recipients=?2 WHERE id=?1", "is", id, recipients);
}

bool outbox_set_file(struct state *s, int64_t id, const char *file, struct err *e)
{
	return db_run(&s->db, e, "UPDATE outbox SET file=?2 WHERE id=?1", "is", id, file);
}

bool outbox_set_fcc(struct state *s, int64_t id, const char *fcc, struct err *e)
{
	return db_run(&s->db, e, "UPDATE outbox SET fcc=?2 WHERE id=?1", "is", id, fcc);
}

bool outbox_set_options(struct state *s, int64_t id, const char *options, struct err *e)
{
	return db_run(&s->db, e, "UPDATE outbox SET options=?2 WHERE id=?1", "is", id, options);
}

bool outbox_forget_file(struct state *s, int64_t id, struct err *e)
{
	return db_run(&s->db, e, "UPDATE outbox SET file='', fcc='' WHERE id=?", "i", id);
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
	bool own;

	if (!state_own_begin(s, &own, e))
		return false;
	bool ok = db_run(&s->db, e, "DELETE FROM outbox_rcpt WHERE outbox=?", "i", id) &&
		  db_run(&s->db, e, "DELETE FROM outbox WHERE id=?", "i", id);
	return state_own_end(s, own, ok, e);
}

bool outbox_prune(struct state *s, int64_t now, struct err *e)
{
	int64_t old;

	/* A look first: a write of nothing costs a sync, too. */
	if (!db_number(&s->db, e, &old, 0,
		    "SELECT count(*) FROM outbox WHERE state IN (?1,?2) AND (created<?3 OR id NOT IN"
		    " (SELECT id FROM outbox WHERE state IN (?1,?2) ORDER BY id DESC LIMIT ?4))",
		    "iiii", (int64_t)OUTBOX_SENT, (int64_t)OUTBOX_FILED, now - OUTBOX_DONE_S, (int64_t)OUTBOX_DONE_MAX))
		return false;
	bool own;

	if (old == 0)
		return true;
	if (!state_own_begin(s, &own, e))
		return false;
	bool ok = db_run(&s->db, e,
		"DELETE FROM outbox WHERE state IN (?1,?2) AND (created<?3 OR id NOT IN"
		" (SELECT id FROM outbox WHERE state IN (?1,?2) ORDER BY id DESC LIMIT ?4))",
		"iiii", (int64_t)OUTBOX_SENT, (int64_t)OUTBOX_FILED, now - OUTBOX_DONE_S, (int64_t)OUTBOX_DONE_MAX);
	ok = ok && db_run(&s->db, e, "DELETE FROM outbox_rcpt WHERE outbox NOT IN (SELECT id FROM outbox)", "");
	return state_own_end(s, own, ok, e);
}

bool outbox_due(struct state *s, const char *account, int64_t now, int64_t *id, int64_t *wait_s, struct err *e)
{
	int64_t next;

	*wait_s = -1;
	if (!db_number(&s->db, e, id, 0,
		    "SELECT id FROM outbox WHERE account=?1 AND ((state=?2 AND next_try<=?5) OR"
		    " (state IN (?3,?4) AND send_at>0 AND send_at<=?5) OR"
		    " (state=?4 AND next_try>0 AND next_try<=?5)) ORDER BY id LIMIT 1",
		    "siiii", account, (int64_t)OUTBOX_QUEUED, (int64_t)OUTBOX_HELD, (int64_t)OUTBOX_SCHEDULED, now))
		return false;
	if (*id != 0)
		return true;
	if (!db_number(&s->db, e, &next, -1,
		    "SELECT min(CASE WHEN state=?2 THEN next_try WHEN state=?4 AND next_try>0 THEN min(next_try,send_at)"
		    " ELSE send_at END) FROM outbox WHERE account=?1 AND (state=?2 OR (state IN (?3,?4) AND send_at>0))",
		    "siii", account, (int64_t)OUTBOX_QUEUED, (int64_t)OUTBOX_HELD, (int64_t)OUTBOX_SCHEDULED))
		return false;
	if (next >= 0)
		*wait_s = MAX(next - now, 1);
	return true;
}

/* ---- recipients ---- */

bool outbox_rcpt_set(struct state *s, int64_t id, const struct outbox_rcpt *r, size_t n, struct err *e)
{
	bool own, ok = true;

	if (!state_own_begin(s, &own, e))
		return false;
	for (size_t i = 0; ok && i < n; i++)
		ok = db_run(&s->db, e, "INSERT OR REPLACE INTO outbox_rcpt VALUES(?,?,?,?)", "isis", id, r[i].addr,
			(int64_t)r[i].result, r[i].words);
	return state_own_end(s, own, ok, e);
}

bool outbox_rcpt_clear(struct state *s, int64_t id, struct err *e)
{
	return db_run(&s->db, e, "DELETE FROM outbox_rcpt WHERE outbox=?", "i", id);
}

bool outbox_rcpt_each(struct state *s, int64_t id, outbox_rcpt_fn *fn, void *data, struct err *e)
{
	sqlite3_stmt *st = db_own_query(&s->db, e, "SELECT addr,result,words FROM outbox_rcpt WHERE outbox=? ORDER BY addr",
		"i", id);
	struct err mine = {0};
	bool more = true;

	if (!st)
		return false;
	while (more && db_step(&s->db, st, &mine)) {
		struct outbox_rcpt r = {.addr = db_str(st, 0),
			.result = (enum outbox_result)sqlite3_column_int(st, 1),
			.words = db_str(st, 2)};

		more = fn(data, &r);
	}
	sqlite3_finalize(st);
	return state_loop_end(&mine, e);
}
