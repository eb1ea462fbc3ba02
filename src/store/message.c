/*
 * Rows of messages: cursors that can be put down and taken up again, and the changes of the worker.
 */
#include "store/message.h"

#include <stdlib.h>

#include "base/mem.h"
#include "store/cache_priv.h"
#include "store/object.h"

#define LEAN_COLUMNS "id,flags,date_sent,tz,date_received,size,lines,attachments,keywords,message_id,head"
#define LEAN_COUNT 11
#define COLUMNS LEAN_COLUMNS ",modseq,offset,length,key,path,object,saved"

/* The texts in the column head, in this order, with SEPARATOR between them. */
#define SEPARATOR '\x1f'
static const size_t head_texts[] = {
	offsetof(struct message_row, subject),     offsetof(struct message_row, from),
	offsetof(struct message_row, to),          offsetof(struct message_row, cc),
	offsetof(struct message_row, bcc),         offsetof(struct message_row, reply_to),
	offsetof(struct message_row, sender),      offsetof(struct message_row, in_reply_to),
	offsetof(struct message_row, refs),        offsetof(struct message_row, list),
	offsetof(struct message_row, label),       offsetof(struct message_row, ctype),
	offsetof(struct message_row, thread), /* from here on: rows of earlier versions end before */
	offsetof(struct message_row, shape),
	offsetof(struct message_row, spam),
};

static struct sv *text_at(struct message_row *r, size_t i)
{
	return (struct sv *)((char *)r + head_texts[i]);
}

static void split_head(struct sv head, struct message_row *r)
{
	const char *p = head.p, *end = head.p + head.len;

	for (size_t i = 0; i < ARRAY_LEN(head_texts); i++) {
		/* Most of them are empty: no call for those. */
		const char *stop = p < end && *p == SEPARATOR ? p : memchr(p, SEPARATOR, (size_t)(end - p));

		stop = stop ? stop : end;
		*text_at(r, i) = sv_make(p, (size_t)(stop - p));
		p = stop < end ? stop + 1 : end;
	}
}

static void read_lean(sqlite3_stmt *st, struct message_row *r)
{
	*r = (struct message_row){
		.id = (uint64_t)sqlite3_column_int64(st, 0),
		.flags = (unsigned)sqlite3_column_int64(st, 1),
		.date_sent = sqlite3_column_int64(st, 2),
		.tz = (int)sqlite3_column_int64(st, 3),
		.date_received = sqlite3_column_int64(st, 4),
		.size = (uint64_t)sqlite3_column_int64(st, 5),
		.lines = (uint64_t)sqlite3_column_int64(st, 6),
		.attachments = (unsigned)sqlite3_column_int64(st, 7),
		.keywords = db_text(st, 8),
		.message_id = db_text(st, 9),
	};
	split_head(db_text(st, LEAN_COUNT - 1), r);
}

static void read_row(sqlite3_stmt *st, struct message_row *r)
{
	read_lean(st, r);
	r->modseq = (uint64_t)sqlite3_column_int64(st, LEAN_COUNT);
	r->offset = (uint64_t)sqlite3_column_int64(st, LEAN_COUNT + 1);
	r->length = (uint64_t)sqlite3_column_int64(st, LEAN_COUNT + 2);
	r->key = db_text(st, LEAN_COUNT + 3);
	r->path = db_text(st, LEAN_COUNT + 4);
	r->object = db_text(st, LEAN_COUNT + 5);
	r->saved = sqlite3_column_int64(st, LEAN_COUNT + 6);
}

/* ---- cursors ---- */

struct message_cursor {
	struct cache *cache;
	sqlite3_stmt *st;
	enum message_order order;
	bool newest, lean, running;
	uint64_t mailbox;
	uint64_t from, to; /* by UID: the ids still to come, both included */
	int64_t at_date;   /* by date: behind this pair */
	uint64_t at_id;
	bool done;
};

static const char *const scan_sql[3][2] = {
	[MESSAGE_BY_UID] = {"SELECT " COLUMNS " FROM message WHERE id BETWEEN ? AND ? ORDER BY id",
		"SELECT " COLUMNS " FROM message WHERE id BETWEEN ? AND ? ORDER BY id DESC"},
	[MESSAGE_BY_SENT] = {"SELECT " COLUMNS " FROM message INDEXED BY message_sent WHERE mailbox=?"
			     " AND (date_sent,id)>(?,?) ORDER BY date_sent,id",
		"SELECT " COLUMNS " FROM message INDEXED BY message_sent WHERE mailbox=?"
		" AND (date_sent,id)<(?,?) ORDER BY date_sent DESC,id DESC"},
	[MESSAGE_BY_RECEIVED] = {"SELECT " COLUMNS " FROM message INDEXED BY message_received WHERE mailbox=?"
				 " AND (date_received,id)>(?,?) ORDER BY date_received,id",
		"SELECT " COLUMNS " FROM message INDEXED BY message_received WHERE mailbox=?"
		" AND (date_received,id)<(?,?) ORDER BY date_received DESC,id DESC"},
};

static bool cursor_new(struct cache *c, uint64_t mailbox, enum message_order order, bool newest,
	struct message_cursor **out, struct err *e)
{
	sqlite3_stmt *st = db_own_query(&c->db, e, scan_sql[order][newest], "");
	struct message_cursor *cur;

	if (!st)
		return false;
	cur = xcalloc(1, sizeof(*cur));
	cur->cache = c;
	cur->st = st;
	cur->order = order;
	cur->newest = newest;
	cur->mailbox = mailbox;
	cur->from = message_id_of(mailbox, 0);
	cur->to = message_id_of(mailbox, MESSAGE_UID_MAX);
	cur->at_date = newest ? INT64_MAX : INT64_MIN;
	cur->at_id = newest ? INT64_MAX : 0;
	*out = cur;
	return true;
}

bool message_scan(struct cache *c, uint64_t mailbox, enum message_order order, bool newest, struct message_cursor **out,
	struct err *e)
{
	return cursor_new(c, mailbox, order, newest, out, e);
}

bool message_scan_range(struct cache *c, uint64_t mailbox, uint64_t from, uint64_t to, struct message_cursor **out,
	struct err *e)
{
	if (!cursor_new(c, mailbox, MESSAGE_BY_UID, false, out, e))
		return false;
	(*out)->from = message_id_of(mailbox, MIN(from, MESSAGE_UID_MAX));
	(*out)->to = message_id_of(mailbox, MIN(to, MESSAGE_UID_MAX));
	return true;
}

bool message_scan_down(struct cache *c, uint64_t mailbox, uint64_t to, struct message_cursor **out, struct err *e)
{
	if (!cursor_new(c, mailbox, MESSAGE_BY_UID, true, out, e))
		return false;
	(*out)->to = message_id_of(mailbox, MIN(to, MESSAGE_UID_MAX));
	return true;
}

bool message_cursor_lean(struct message_cursor *cur, struct err *e)
{
	static const char *const sql[2] = {"SELECT " LEAN_COLUMNS " FROM message WHERE id BETWEEN ? AND ? ORDER BY id",
		"SELECT " LEAN_COLUMNS " FROM message WHERE id BETWEEN ? AND ? ORDER BY id DESC"};
	sqlite3_stmt *st;

	if (cur->order != MESSAGE_BY_UID)
		return true;
	st = db_own_query(&cur->cache->db, e, sql[cur->newest], "");
	if (!st)
		return false;
	sqlite3_finalize(cur->st);
	cur->st = st;
	cur->lean = true;
	return true;
}

static bool cursor_bind(struct message_cursor *cur, struct err *e)
{
	struct db *db = &cur->cache->db;

	if (cur->order == MESSAGE_BY_UID)
		return db_bind(db, cur->st, e, 1, "uu", cur->from, cur->to);
	return db_bind(db, cur->st, e, 1, "uiu", cur->mailbox, cur->at_date, cur->at_id);
}

/* Remembers where we are, so that a paused cursor can go on from here. */
static void cursor_note(struct message_cursor *cur, const struct message_row *row)
{
	if (cur->order != MESSAGE_BY_UID) {
		cur->at_date = cur->order == MESSAGE_BY_SENT ? row->date_sent : row->date_received;
		cur->at_id = row->id;
	} else if (cur->newest) {
		cur->to = row->id - 1;
	} else {
		cur->from = row->id + 1;
	}
}

bool message_next(struct message_cursor *cur, struct message_row *row, struct err *e)
{
	struct err mine;

	e = e ? e : &mine;
	e->class = ERR_NONE;
	if (cur->done || (!cur->running && !cursor_bind(cur, e)))
		return false;
	cur->running = true;
	if (!db_step(&cur->cache->db, cur->st, e)) {
		cur->running = false;
		cur->done = e->class == ERR_NONE;
		return false;
	}
	if (cur->lean)
		read_lean(cur->st, row);
	else
		read_row(cur->st, row);
	cursor_note(cur, row);
	return true;
}

void message_pause(struct message_cursor *cur)
{
	if (cur->running)
		db_reset(cur->st);
	cur->running = false;
}

void message_cursor_close(struct message_cursor *cur)
{
	if (!cur)
		return;
	sqlite3_finalize(cur->st);
	free(cur);
}

bool message_flags_each(struct cache *c, uint64_t mailbox, message_flags_fn *fn, void *data, struct err *e)
{
	struct err mine = {0};
	sqlite3_stmt *st = db_own_query(&c->db, e,
		"SELECT id,flags,keywords,modseq FROM message WHERE id BETWEEN ? AND ? ORDER BY id", "uu",
		message_id_of(mailbox, 0), message_id_of(mailbox, MESSAGE_UID_MAX));
	bool more = true;

	if (!st)
		return false;
	while (more && db_step(&c->db, st, &mine))
		more = fn(data, (uint64_t)sqlite3_column_int64(st, 0), (unsigned)sqlite3_column_int(st, 1),
			db_text(st, 2), (uint64_t)sqlite3_column_int64(st, 3));
	sqlite3_finalize(st);
	if (mine.class == ERR_NONE)
		return true;
	if (e)
		*e = mine;
	return false;
}

/* ---- one row ---- */

static void keep_texts(struct message_row *r, struct arena *a)
{
	struct sv *own[] = {&r->key, &r->path, &r->keywords, &r->message_id, &r->object};

	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		own[i]->p = arena_strndup(a, own[i]->p, own[i]->len);
	for (size_t i = 0; i < ARRAY_LEN(head_texts); i++) {
		struct sv *v = text_at(r, i);

		v->p = arena_strndup(a, v->p, v->len);
	}
}

bool message_get(struct cache *c, uint64_t id, struct arena *a, struct message_row *out, struct err *e)
{
	sqlite3_stmt *st = db_query(&c->db, e, "SELECT " COLUMNS " FROM message WHERE id=?", "u", id);
	struct err mine = {0};

	if (!st)
		return false;
	if (db_step(&c->db, st, &mine)) {
		read_row(st, out);
		keep_texts(out, a);
		db_reset(st);
		return true;
	}
	if (mine.class == ERR_NONE)
		return err_set(e, ERR_GONE, "the message is not there any more");
	if (e)
		*e = mine;
	return false;
}

static bool found(int64_t got, const char *what, struct sv name, uint64_t *id, struct err *e)
{
	if (got == 0)
		return err_set(e, ERR_GONE, "no message with %s " SV_FMT, what, SV_ARG(sv_head(name, 200)));
	*id = (uint64_t)got;
	return true;
}

bool message_by_key(struct cache *c, uint64_t mailbox, struct sv key, uint64_t *id, struct err *e)
{
	int64_t got;

	if (!db_number(&c->db, e, &got, 0, "SELECT max(id) FROM message WHERE mailbox=? AND key=? AND key<>''", "ut",
		    mailbox, key))
		return false;
	return found(got, "key", key, id, e);
}

bool message_by_message_id(struct cache *c, uint64_t mailbox, struct sv message_id, uint64_t *id, struct err *e)
{
	int64_t got;

	if (!db_number(&c->db, e, &got, 0,
		    "SELECT max(id) FROM message WHERE message_id=?1 AND message_id<>'' AND (?2=0 OR mailbox=?2)", "tu",
		    message_id, mailbox))
		return false;
	return found(got, "Message-ID", message_id, id, e);
}

uint64_t message_count_message_id(struct cache *c, uint64_t mailbox, struct sv message_id)
{
	int64_t got;

	if (!db_number(&c->db, NULL, &got, 0, "SELECT count(*) FROM message WHERE mailbox=? AND message_id=?", "ut", mailbox,
		    message_id))
		return 0;
	return (uint64_t)got;
}

uint64_t message_count_key(struct cache *c, uint64_t mailbox, struct sv key)
{
	int64_t got;

	if (!db_number(&c->db, NULL, &got, 0, "SELECT count(*) FROM message WHERE mailbox=? AND key=? AND key<>''", "ut",
		    mailbox, key))
		return 0;
	return (uint64_t)got;
}

static uint64_t number_of(struct cache *c, const char *sql, uint64_t mailbox)
{
	int64_t got;

	if (!db_number(&c->db, NULL, &got, 0, sql, "uu", message_id_of(mailbox, 0),
		    message_id_of(mailbox, MESSAGE_UID_MAX)))
		return 0;
	return (uint64_t)got;
}

uint64_t message_count(struct cache *c, uint64_t mailbox)
{
	int64_t exact;

	if (counts_flush(c, NULL) && db_number(&c->db, NULL, &exact, -1,
					     "SELECT total FROM mailbox WHERE id=? AND flags&?<>0", "ui", mailbox,
					     (int64_t)MAILBOX_EXACT) && exact >= 0)
		return (uint64_t)exact;
	return number_of(c, "SELECT count(*) FROM message WHERE id BETWEEN ? AND ?", mailbox);
}

bool message_ids(struct cache *c, uint64_t mailbox, uint64_t **ids, size_t *count, struct err *e)
{
	/* The index on the date holds the ids as well: no row is read. */
	sqlite3_stmt *st = db_query(
		&c->db, e, "SELECT id FROM message WHERE mailbox=? ORDER BY date_received DESC", "u", mailbox);

	return db_ids(&c->db, st, ids, count, e);
}

bool message_exists(struct cache *c, uint64_t id)
{
	int64_t there = 1;

	return !db_number(&c->db, NULL, &there, 0, "SELECT 1 FROM message WHERE id=?", "u", id) || there;
}

uint64_t message_count_bodies(struct cache *c, uint64_t mailbox)
{
	return number_of(c,
		"SELECT count(DISTINCT message) FROM body WHERE message BETWEEN ? AND ? AND section IN ('','text')", mailbox);
}

uint64_t message_uid_high(struct cache *c, uint64_t mailbox)
{
	return message_uid(number_of(c, "SELECT max(id) FROM message WHERE id BETWEEN ? AND ?", mailbox));
}

uint64_t message_uid_low(struct cache *c, uint64_t mailbox)
{
	return message_uid(number_of(c, "SELECT min(id) FROM message WHERE id BETWEEN ? AND ?", mailbox));
}

/* ---- writing ---- */

/* At most MESSAGE_TEXT_MAX bytes, cut between characters. */
static struct sv cut(struct sv v)
{
	size_t n = MESSAGE_TEXT_MAX;

	if (v.len <= n)
		return v;
	while (n > 0 && ((unsigned char)v.p[n] & 0xc0) == 0x80)
		n--;
	return sv_head(v, n);
}

/*
 * Joins the texts; a separator inside one (nobody writes control characters into a header) becomes
 * a blank.
 */
static bool join_head(const struct message_row *r, struct str *out)
{
	struct message_row row = *r;

	for (size_t i = 0; i < ARRAY_LEN(head_texts); i++) {
		size_t at = out->len;

		if ((i > 0 && !str_addc(out, SEPARATOR)) || !str_add(out, cut(*text_at(&row, i))))
			return false;
		for (char *p = out->s + at + (i > 0); (p = memchr(p, SEPARATOR, (size_t)(out->s + out->len - p)));)
			*p = ' ';
	}
	return true;
}

#define PUT_INTO "INTO message(" COLUMNS ",mailbox) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"

static bool put(struct cache *c, const char *sql, const struct message_row *r, struct sv head, struct err *e)
{
	return db_run(&c->db, e, sql, "uiiiiuuitttuuutttiu", r->id, (int64_t)r->flags, r->date_sent, (int64_t)r->tz,
		r->date_received, r->size, r->lines, (int64_t)r->attachments, cut(r->keywords), cut(r->message_id), head,
		r->modseq, r->offset, r->length, cut(r->key), cut(r->path), cut(r->object), r->saved,
		message_mailbox(r->id));
}

/*
 * The row is about to change or to go, and counts no more as it is; flags and whether it is there, where they are
 * asked for. One that is not there is fine.
 */
static bool uncount(struct cache *c, uint64_t id, unsigned *flags, bool *here, struct err *e)
{
	int64_t got;

	if (!db_number(&c->db, e, &got, -1, "SELECT flags FROM message WHERE id=?", "u", id))
		return false;
	if (flags)
		*flags = got < 0 ? 0 : (unsigned)got;
	if (here)
		*here = got >= 0;
	return got < 0 || counts_note(c, id, (unsigned)got, -1, e);
}

bool message_put(struct cache *c, const struct message_row *r, struct err *e)
{
	struct str head;
	bool ok;

	str_init(&head, ARRAY_LEN(head_texts) * (MESSAGE_TEXT_MAX + 1));
	/*
	 * Nearly all are new. For one that may replace another SQLite keeps a copy of every page that it touches,
	 * which is a fifth of the time of a first sync.
	 */
	ok = join_head(r, &head) && put(c, "INSERT OR IGNORE " PUT_INTO, r, str_sv(&head), e);
	if (ok && sqlite3_changes64(c->db.h) == 0)
		ok = uncount(c, r->id, NULL, NULL, e) && put(c, "INSERT OR REPLACE " PUT_INTO, r, str_sv(&head), e);
	str_fini(&head);
	return ok && counts_note(c, r->id, r->flags, 1, e);
}

bool message_parts_unknown(const struct message_row *r)
{
	return r->shape.len == 0 &&
	       (sv_starts(r->ctype, SV("multipart/")) || sv_starts(r->ctype, SV("message/")));
}

bool message_set_parts(struct cache *c, uint64_t id, unsigned attachments, struct sv shape, struct err *e)
{
	struct arena *a = arena_new();
	struct message_row row;
	struct str head;

	str_init(&head, ARRAY_LEN(head_texts) * (MESSAGE_TEXT_MAX + 1));
	bool ok = message_get(c, id, a, &row, e);
	row.shape = shape;
	ok = ok && join_head(&row, &head) &&
	     db_run(&c->db, e, "UPDATE message SET attachments=?, head=? WHERE id=?", "itu", (int64_t)attachments,
		     str_sv(&head), id);
	str_fini(&head);
	arena_free(a);
	return ok;
}

bool message_set_spam(struct cache *c, uint64_t id, struct sv spam, struct err *e)
{
	struct arena *a = arena_new();
	struct message_row row;
	struct str head;
	struct err mine = {0};

	str_init(&head, ARRAY_LEN(head_texts) * (MESSAGE_TEXT_MAX + 1));
	bool ok = message_get(c, id, a, &row, &mine), gone = !ok && mine.class == ERR_GONE;

	row.spam = spam;
	ok = ok && join_head(&row, &head) &&
	     db_run(&c->db, &mine, "UPDATE message SET head=? WHERE id=?", "tu", str_sv(&head), id);
	if (!ok && !gone)
		*e = mine;
	str_fini(&head);
	arena_free(a);
	return ok || gone;
}

bool message_set_flags(struct cache *c, uint64_t id, unsigned flags, struct sv keywords, uint64_t modseq, struct err *e)
{
	bool here;

	return uncount(c, id, NULL, &here, e) && (!here || counts_note(c, id, flags, 1, e)) &&
	       db_run(&c->db, e,
		       "UPDATE message SET flags=?2, keywords=?3, modseq=CASE ?4 WHEN 0 THEN modseq ELSE ?4 END WHERE id=?1",
		       "uitu", id, (int64_t)flags, cut(keywords), modseq);
}

static bool add_flags(struct cache *c, uint64_t id, unsigned add, unsigned del, struct err *e)
{
	unsigned flags;
	bool here;

	return uncount(c, id, &flags, &here, e) && (!here || counts_note(c, id, (flags & ~del) | add, 1, e)) &&
	       db_run(&c->db, e, "UPDATE message SET flags=(flags&~?3)|?2 WHERE id=?1", "uii", id, (int64_t)add,
		       (int64_t)del);
}

bool message_add_flags(struct cache *c, uint64_t id, unsigned add, unsigned del, struct sv add_words,
	struct sv del_words, struct err *e)
{
	struct err mine = {0};
	struct str words;

	if (add_words.len == 0 && del_words.len == 0)
		return add_flags(c, id, add, del, e);
	sqlite3_stmt *st = db_query(&c->db, e, "SELECT flags,keywords FROM message WHERE id=?", "u", id);
	if (!st)
		return false;
	if (!db_step(&c->db, st, &mine)) {
		if (mine.class != ERR_NONE && e)
			*e = mine;
		return mine.class == ERR_NONE;
	}
	str_init(&words, MESSAGE_TEXT_MAX);
	unsigned flags = ((unsigned)sqlite3_column_int(st, 0) & ~del) | add;
	bool ok = words_apply(&words, db_text(st, 1), add_words, del_words);
	db_reset(st);
	ok = ok ? message_set_flags(c, id, flags, str_sv(&words), 0, e) : err_set(e, ERR_LIMIT, "too many keywords");
	str_fini(&words);
	return ok;
}

bool message_set_modseq(struct cache *c, uint64_t id, uint64_t modseq, struct err *e)
{
	return db_run(&c->db, e, "UPDATE message SET modseq=? WHERE id=?", "uu", modseq, id);
}

bool message_set_size(struct cache *c, uint64_t id, uint64_t size, struct err *e)
{
	return db_run(&c->db, e, "UPDATE message SET size=? WHERE id=?", "uu", size, id);
}

bool message_set_place(struct cache *c, uint64_t id, struct sv path, uint64_t offset, uint64_t length, struct err *e)
{
	return db_run(&c->db, e, "UPDATE message SET path=?,offset=?,length=? WHERE id=?", "tuuu", path, offset, length,
		id);
}

bool message_delete(struct cache *c, uint64_t id, struct err *e)
{
	return uncount(c, id, NULL, NULL, e) && object_keep_bodies(c, id, id, e) && db_run(&c->db, e, "DELETE FROM message WHERE id=?", "u", id) &&
	       db_run(&c->db, e, "DELETE FROM body WHERE message=?", "u", id) &&
	       db_run(&c->db, e, "DELETE FROM preview WHERE message=?", "u", id);
}

bool message_move(struct cache *c, uint64_t id, uint64_t new_id, struct err *e)
{
	unsigned flags;
	bool here;

	return uncount(c, id, &flags, &here, e) && (!here || uncount(c, new_id, NULL, NULL, e)) &&
	       (!here || counts_note(c, new_id, flags, 1, e)) &&
	       db_run(&c->db, e, "UPDATE OR REPLACE message SET id=?, mailbox=? WHERE id=?", "uuu", new_id,
		       message_mailbox(new_id), id) &&
	       db_run(&c->db, e, "UPDATE OR REPLACE body SET message=? WHERE message=?", "uu", new_id, id) &&
	       db_run(&c->db, e, "UPDATE OR REPLACE preview SET message=? WHERE message=?", "uu", new_id, id);
}

/* ---- words ---- */

bool words_have(struct sv list, struct sv word)
{
	struct sv w;

	while (sv_split(&list, ' ', &w)) {
		if (word.len > 0 && sv_eq_case(w, word))
			return true;
	}
	return false;
}

static bool add_word(struct str *out, struct sv w)
{
	return (out->len == 0 || str_addc(out, ' ')) && str_add(out, w);
}

bool words_apply(struct str *out, struct sv old, struct sv add, struct sv del)
{
	struct sv w, rest = old;

	while (sv_split(&rest, ' ', &w)) {
		if (w.len > 0 && !words_have(del, w) && !words_have(str_sv(out), w) && !add_word(out, w))
			return false;
	}
	while (sv_split(&add, ' ', &w)) {
		if (w.len > 0 && !words_have(str_sv(out), w) && !add_word(out, w))
			return false;
	}
	return true;
}

static const struct {
	unsigned flag;
	const char *name;
} flag_names[] = {
	{MSG_SEEN, "\\Seen"}, {MSG_ANSWERED, "\\Answered"}, {MSG_FLAGGED, "\\Flagged"}, {MSG_DELETED, "\\Deleted"},
	{MSG_DRAFT, "\\Draft"}, {MSG_FORWARDED, "$Forwarded"}, {MSG_MDNSENT, "$MDNSent"}, {MSG_JUNK, "$Junk"},
	{MSG_NOTJUNK, "$NotJunk"},
	/* spellings of other clients */
	{MSG_FORWARDED, "Forwarded"}, {MSG_MDNSENT, "MDNSent"}, {MSG_JUNK, "Junk"}, {MSG_NOTJUNK, "NonJunk"},
	{MSG_NOTJUNK, "NotJunk"},
};

const char *message_flag_name(unsigned flag)
{
	for (size_t i = 0; i < ARRAY_LEN(flag_names); i++) {
		if (flag_names[i].flag == flag)
			return flag_names[i].name;
	}
	return NULL;
}

unsigned message_flag_by_name(struct sv name)
{
	for (size_t i = 0; i < ARRAY_LEN(flag_names); i++) {
		if (sv_is_case(name, flag_names[i].name))
			return flag_names[i].flag;
	}
	return 0;
}
