/*
 * Parts of local messages that are too long for a first look: Maildir reads only the beginning of each
 * file, so what stands behind it (%X and ~X ask for it) is found out here, newest first, when the worker
 * has nothing else to do.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "sync/local_priv.h"
#include "sync/row.h"

#define LOOK_MS 100               /* of one piece */
#define LOOK_MESSAGES 50          /* read in it */
#define LOOK_ROWS 20000           /* looked at in it */
#define LOOK_BYTES (256u << 20)   /* of one message: parts behind them are not counted */
#define TELL_EVERY 500            /* rows after which the ui is told */

struct look {
	uint64_t ids[LOOK_MESSAGES];
	size_t count;
	uint64_t to; /* UIDs above have been looked at */
	bool end;
};

/* The next ones without a shape. All ids first: a cursor must not stay open while files are read. */
static bool collect(struct cache *c, uint64_t mailbox, struct look *l, struct err *e)
{
	struct message_cursor *cur;
	struct message_row row;
	struct err mine = {0};
	size_t rows = 0;

	if (!message_scan_down(c, mailbox, l->to, &cur, e))
		return false;
	l->end = true;
	while (message_next(cur, &row, &mine)) {
		l->to = MAX(message_uid(row.id), 1) - 1;
		if (message_parts_unknown(&row))
			l->ids[l->count++] = row.id;
		if (l->count == LOOK_MESSAGES || ++rows == LOOK_ROWS) {
			l->end = false;
			break;
		}
	}
	message_cursor_close(cur);
	if (mine.class != ERR_NONE)
		*e = mine;
	return mine.class == ERR_NONE;
}

/* What cannot be read or is longer than we look is as it seems from its beginning. */
static bool find_out(struct cache *c, uint64_t id, struct str *bytes, struct arena *a, struct err *e)
{
	struct message_row row;
	struct body body;
	struct err mine;

	if (!message_get(c, id, a, &row, &mine))
		return true; /* gone meanwhile */
	bool open = body_open(c, id, "text", &body, &mine);
	if (!open || !body_read(&body, LOOK_BYTES, bytes))
		str_clear(bytes);
	if (open)
		body_close(&body);
	if (bytes->len > 0)
		row_of_parts(a, str_sv(bytes), true, &row);
	if (row.shape.len == 0)
		row.shape = row.ctype;
	return message_set_parts(c, id, row.attachments, row.shape, e);
}

static bool look(struct local_box *b, struct mailbox *m, struct look *l, struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	int64_t until = clock_ms() + LOOK_MS;
	struct arena *a = arena_new();
	struct str bytes;
	size_t done = 0;

	str_init(&bytes, LOOK_BYTES + 1);
	bool ok = cache_begin(c, e);
	while (ok && done < l->count && (done == 0 || clock_ms() < until)) {
		ok = find_out(c, l->ids[done++], &bytes, a, e);
		arena_reset(a);
	}
	if (done < l->count) { /* the others in the next piece */
		l->to = message_uid(l->ids[done]);
		l->end = false;
	}
	if (ok && l->end) {
		m->flags |= MAILBOX_PARTS_KNOWN;
		ok = mailbox_update(c, m, e);
	}
	ok = ok && cache_commit(c, e);
	str_fini(&bytes);
	arena_free(a);
	if (!ok)
		cache_rollback(c);
	else
		b->parts.found += done;
	return ok;
}

bool local_find_parts(struct local_box *b, struct mailbox *m, bool *more, struct err *e)
{
	struct cache *c = host_cache(b->box.host);

	*more = false;
	if (m->flags & MAILBOX_PARTS_KNOWN)
		return true;
	if (b->parts.mailbox != m->id) {
		b->parts.mailbox = m->id;
		b->parts.to = MESSAGE_UID_MAX;
	}
	struct look l = {.to = b->parts.to};
	if (!collect(c, m->id, &l, e) || !look(b, m, &l, e))
		return false;
	b->parts.to = l.to;
	*more = !l.end;
	if (b->parts.found && (l.end || b->parts.found >= TELL_EVERY)) {
		host_changed(b->box.host, m->id, "flags", b->parts.found); /* rows that are known, not new ones */
		b->parts.found = 0;
	}
	if (l.end)
		b->parts.mailbox = 0;
	return true;
}

bool local_box_ahead(struct box *box, uint64_t watched, bool *more, struct err *e)
{
	struct mailbox m;

	*more = false;
	if (!watched || !mailbox_by_id(host_cache(box->host), watched, &m, NULL))
		return true;
	bool ok = !(m.flags & MAILBOX_COMPLETE) || local_find_parts((struct local_box *)box, &m, more, e);
	mailbox_fini(&m);
	return ok;
}
