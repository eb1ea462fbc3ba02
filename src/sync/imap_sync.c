/*
 * Bringing the rows of one mailbox up to date, a piece at a time. The order is what the user sees
 * first: SELECT with what changed, the newest screenful, new messages, vanished ones and flags of
 * old ones (unless QRESYNC told already), then older messages.
 *
 * The row of the mailbox says what is certain: every message with low_uid <= UID < uidnext has a
 * row, and flags are those of modseq. It moves on in the transaction that made it true.
 *
 * A turn on the line is what costs most, so a command does not wait for the answer to the one
 * before where it need not: what is new is asked for behind the SELECT.
 */
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "sync/host_priv.h"
#include "sync/imap_box_priv.h"

#define SIZE_ITEM " RFC822.SIZE"
#define FLAGS_BATCH 20000 /* rows whose flags are asked for at once in a plain resync */
#define PASSES_MAX 3      /* comparisons of all in one round */
#define NEW_AHEAD 500     /* UIDs that are asked for before it is known whether there are any */

/* What is asked for in the flight that opens a round. 0: nothing. */
struct opening {
	imap_tag select;
	imap_tag rows;  /* the newest screenful, or what is new */
	imap_tag flags; /* changes, where SELECT does not tell them (CONDSTORE without QRESYNC) */
	bool selecting; /* SELECT goes along */
	bool first;     /* the first round since SELECT, which may have been given for an intent */
	bool search;
};

/* ---- the first look ---- */

/* UIDVALIDITY is another one: all that we have of it is void. */
static bool start_anew(struct imap_box *b, struct mailbox *m, struct err *e)
{
	struct cache *c = host_cache(b->box.host);

	if (!cache_begin(c, e) || !mailbox_reset(c, m->id, b->uidvalidity, e) ||
		!cache_commit(c, e))
		return false;
	log_write(LOG_WARN, "imap", "%s: %s was made anew on the server", host_account(b->box.host),
		m->name);
	host_changed(b->box.host, m->id, "reset", 0);
	news_clear(&b->news);
	mailbox_fini(m);
	return mailbox_by_id(c, b->selected, m, e);
}

/*
 * The screenful goes without sizes, which are asked for when it is here: RFC822.SIZE alone makes
 * Dovecot 2.3 read a file that grows with the Maildir, 90 ms for 100,000 messages, and what it
 * sends before waits for that, too. Meanwhile a row has the size of its parts.
 */
static imap_tag ask_screenful(struct imap_box *b, uint32_t told, struct err *e)
{
	struct sv all = sv_of(imap_fill_items(b));
	ptrdiff_t at = sv_find(all, SV(SIZE_ITEM));
	char *items = at < 0 ? sv_dup(all)
			     : xasprintf(SV_FMT SV_FMT, SV_ARG(sv_head(all, (size_t)at)),
				       SV_ARG(sv_from(all, (size_t)at + strlen(SIZE_ITEM))));
	imap_tag tag = imap_newest_send(b->im, BOX_FIRST, told, items, e);

	free(items);
	return tag;
}

/* The screenful when the server refuses it as a whole. */
static bool fetch_singly(struct imap_box *b, struct err *e)
{
	uint32_t *uids = NULL;
	size_t n = 0, skip;
	bool ok = imap_search(b->im, "UID 1:*", sv_make(NULL, 0), &uids, &n, e);

	skip = n > BOX_FIRST ? n - BOX_FIRST : 0;
	ok = ok && imap_fill_one_by_one(b, uids + skip, n - skip, e);
	/* Down to there all is here, or cannot be had. */
	if (ok && n > 0)
		b->fill.low = b->fill.low ? MIN(b->fill.low, uids[skip]) : uids[skip];
	free(uids);
	return ok;
}

/* Rows of the screenful, by the command that is on its way or a new one. */
static bool fetch_screenful(struct imap_box *b, imap_tag fetch, struct err *e)
{
	bool ok = true;

	imap_fill_start(b);
	if (fetch && !imap_end(b->im, fetch, NULL, e)) {
		ok = !imap_is_dead(b->im);
		fetch = 0;
	}
	/* It has shrunk since it was counted: too few. */
	if (ok && fetch && b->fill.count < MIN(imap_selected(b->im)->exists, (uint32_t)BOX_FIRST))
		fetch = 0;
	if (ok && !fetch && imap_selected(b->im)->exists > 0) {
		fetch = ask_screenful(b, 0, e);
		ok = fetch && (imap_end(b->im, fetch, NULL, e) ||
				      (!imap_is_dead(b->im) && fetch_singly(b, e)));
	}
	return imap_fill_end(b, ok, e);
}

/* The first look at a mailbox: the newest screenful, which may be on its way. */
static bool first_screen(struct imap_box *b, struct mailbox *m, imap_tag fetch, struct err *e)
{
	const struct imap_selected *sel = imap_selected(b->im);
	uint32_t exists = sel->exists, uidnext = sel->uidnext;
	struct piece done = {0};

	m->uidvalidity = b->uidvalidity;
	if (!cache_begin(host_cache(b->box.host), e) || !fetch_screenful(b, fetch, e))
		return false;
	m->low_uid = exists <= BOX_FIRST ? 1 : b->fill.low;
	/*
	 * An empty answer with messages there: take the numbers of SELECT and let older ones come
	 * by search.
	 */
	if (m->low_uid == 0)
		m->low_uid = uidnext ? uidnext : 1;
	m->uidnext = MAX(uidnext, b->fill.high + 1);
	m->modseq = sel->highestmodseq;
	if (exists <= BOX_FIRST)
		m->flags |= MAILBOX_COMPLETE;
	b->at.compared = true;
	b->at.phase = PHASE_OLDER;
	done.old = b->fill.count;
	if (!imap_piece_commit(b, m, &done, e))
		return false;
	if (done.old == 0) {
		host_changed(b->box.host, b->selected, "messages", 0);
		return true;
	}
	b->fill.sizes_tag = imap_newest_send(b->im, BOX_FIRST, 0, "UID" SIZE_ITEM, e);
	return b->fill.sizes_tag != 0;
}

/* ---- new messages ---- */

/* Which UIDs the server has from `from` on and we do not. */
static bool find_missing(struct imap_box *b, uint64_t from, struct err *e)
{
	char criteria[64];
	uint32_t *uids = NULL;
	size_t n = 0, kept = 0;

	if (from > UINT32_MAX)
		return true;
	snprintf(criteria, sizeof(criteria), "UID %llu:*", (unsigned long long)from);
	if (!imap_search(b->im, criteria, sv_make(NULL, 0), &uids, &n, e))
		return false;
	/*
	 * "n:*" always holds the last message, even when its UID is below n. Rows may be there from
	 * a killed run.
	 */
	for (size_t i = 0; i < n; i++)
		if (uids[i] >= from && !imap_fill_has_row(b, uids[i]))
			uids[kept++] = uids[i];
	wanted_set(&b->at.missing, uids, kept);
	b->at.high = kept ? uids[kept - 1] : 0;
	return true;
}

static bool ask_new(struct imap_box *b, const struct mailbox *m, struct opening *o, struct err *e)
{
	uint32_t arrived = imap_selected(b->im)->arrived - b->at.arrived;
	uint64_t last = MIN(m->uidnext + NEW_AHEAD - 1, (uint64_t)UINT32_MAX);
	char set[64];

	if (m->uidnext > UINT32_MAX || (!o->selecting && arrived == 0))
		return true;
	if (!o->selecting && arrived > NEW_AHEAD) {
		o->search = true;
		return true;
	}
	/*
	 * No '*' before we know that there is something: it would bring the last message in any
	 * case.
	 */
	if (o->selecting)
		snprintf(set, sizeof(set), "%llu:%llu", (unsigned long long)m->uidnext,
			(unsigned long long)last);
	else
		snprintf(set, sizeof(set), "%llu:*", (unsigned long long)m->uidnext);
	o->rows = imap_fetch_send(b->im, set, imap_fill_items(b), 0, false, e);
	return o->rows != 0;
}

static bool ask_changes(
	struct imap_box *b, const struct mailbox *m, struct opening *o, struct err *e)
{
	char set[64];

	if (!o->first || imap_qresync(b->im) || !imap_condstore(b->im) || !m->modseq ||
		m->uidnext <= m->low_uid)
		return true;
	snprintf(set, sizeof(set), "%llu:%llu", (unsigned long long)m->low_uid,
		(unsigned long long)m->uidnext - 1);
	o->flags = imap_fetch_send(b->im, set, b->flag_items, m->modseq, false, e);
	return o->flags != 0;
}

/* All that is known to be needed, in one flight. */
static bool take_off(struct imap_box *b, struct mailbox *m, struct opening *o, struct err *e)
{
	uint32_t told;

	o->selecting = b->selected != m->id;
	o->first = o->selecting || !b->at.opened;
	if (o->selecting) {
		/* Of a mailbox that was never seen the screenful comes first. */
		if (m->low_uid && !imap_box_deflate(b, e))
			return false;
		if (!imap_box_select_send(b, m, &o->select, e))
			return false;
	}
	if (m->low_uid)
		return ask_new(b, m, o, e) && ask_changes(b, m, o, e);
	told = imap_list_told(b, m->name);
	if (!o->selecting || (!told && !imap_has(b->im, CAP_PARTIAL)))
		return true;
	o->rows = ask_screenful(b, told, e);
	return o->rows != 0;
}

/* Answers to what was asked of a mailbox that is not what we took it for. */
static void drain(struct imap_box *b, struct opening *o)
{
	if (o->rows)
		(void)!imap_end(b->im, o->rows, NULL, NULL);
	if (o->flags)
		(void)!imap_end(b->im, o->flags, NULL, NULL);
	o->rows = o->flags = 0;
}

/* News, new messages, changed flags: one piece. */
static bool land(struct imap_box *b, struct mailbox *m, struct opening *o, struct err *e)
{
	const struct imap_selected *sel = imap_selected(b->im);
	uint64_t ahead = m->uidnext + NEW_AHEAD;
	struct piece done = {0};
	bool ok = true, refused = false;

	if (!cache_begin(host_cache(b->box.host), e))
		return false;
	imap_fill_start(b);
	b->fill.floor = (uint32_t)MIN(m->uidnext, (uint64_t)UINT32_MAX);
	if (o->rows && !imap_end(b->im, o->rows, NULL, e)) {
		ok = !imap_is_dead(b->im);
		refused = true;
	}
	if (ok && o->flags && !imap_end(b->im, o->flags, NULL, e))
		ok = !imap_is_dead(b->im);
	else if (ok && o->flags)
		b->at.flags_told = true;
	if (!imap_fill_end(b, ok, e))
		return false;
	done.new = b->fill.count;
	if (o->rows && !refused && !o->selecting)
		m->uidnext = MAX(m->uidnext, (uint64_t)b->fill.high + 1);
	else if (o->rows && !refused && sel->uidnext)
		m->uidnext = MAX(m->uidnext,
			MIN(MAX((uint64_t)sel->uidnext, (uint64_t)b->fill.high + 1), ahead));
	o->search |= refused || (o->selecting && (sel->uidnext == 0 || sel->uidnext > m->uidnext));
	return imap_piece_commit(b, m, &done, e) && (!o->search || find_missing(b, m->uidnext, e));
}

/* New messages, the newest first. When the last of them has its row, uidnext moves on. */
static bool fetch_new(struct imap_box *b, struct mailbox *m, struct err *e)
{
	return imap_fill_ask(b, &b->at.missing, e) && imap_fill_land(b, m, e);
}

/* ---- comparing without QRESYNC ---- */

/*
 * Rows whose UIDs the server does not have any more go; UIDs that should have a row and do not are
 * kept in uids, *n of them (both lists ascending).
 */
static bool drop_absent(struct imap_box *b, uint32_t *uids, size_t *n, uint64_t below,
	struct piece *done, struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	struct message_cursor *cur;
	struct message_row row;
	uint64_t *ids = NULL;
	size_t gone = 0, cap = 0, at = 0, holes = 0;
	bool ok;

	if (!message_scan(c, b->selected, MESSAGE_BY_UID, false, &cur, e))
		return false;
	err_clear(e);
	while (message_next(cur, &row, e)) {
		uint64_t uid = message_uid(row.id);

		while (at < *n && uids[at] < uid)
			uids[holes++] = uids[at++];
		if (at < *n && uids[at] == uid) {
			at++;
			continue;
		}
		if (uid >= below)
			continue;
		array_grow(ids, gone, cap);
		ids[gone++] = row.id;
	}
	message_cursor_close(cur);
	while (at < *n && uids[at] < below)
		uids[holes++] = uids[at++];
	*n = holes;
	ok = e->class == ERR_NONE;
	for (size_t i = 0; ok && i < gone; i++)
		ok = message_delete(c, ids[i], e);
	free(ids);
	done->gone += gone;
	return ok;
}

static bool compare_uids(struct imap_box *b, struct mailbox *m, struct err *e)
{
	struct piece done = {0};
	uint32_t *uids = NULL;
	size_t n = 0;
	char criteria[64];
	bool ok;

	snprintf(criteria, sizeof(criteria), "UID %llu:*",
		(unsigned long long)MAX(m->low_uid, (uint64_t)1));
	ok = imap_search(b->im, criteria, sv_make(NULL, 0), &uids, &n, e) &&
	     cache_begin(host_cache(b->box.host), e) &&
	     drop_absent(b, uids, &n, m->uidnext, &done, e) && imap_piece_commit(b, m, &done, e);
	if (!ok) {
		free(uids);
		return false;
	}
	/* Holes are filled like new ones, but do not move uidnext. */
	wanted_set(&b->at.missing, uids, n);
	b->at.high = 0;
	return true;
}

/* The last UID of a slice of rows that begins at `from`; UIDs may lie far apart. */
static bool slice_end(struct imap_box *b, const struct mailbox *m, uint64_t from, uint64_t *to,
	bool *last, struct err *e)
{
	struct message_cursor *cur;
	struct message_row row;
	size_t n = 0;

	*to = m->uidnext - 1;
	*last = true;
	if (!message_scan_range(host_cache(b->box.host), b->selected, from, *to, &cur, e))
		return false;
	err_clear(e);
	while (*last && message_next(cur, &row, e))
		if (++n == FLAGS_BATCH) {
			*to = message_uid(row.id);
			*last = *to == m->uidnext - 1;
			break;
		}
	message_cursor_close(cur);
	return e->class == ERR_NONE;
}

/*
 * Flags of old messages: those that changed (CONDSTORE), or all of them in slices. *last: through.
 */
static bool compare_flags(struct imap_box *b, struct mailbox *m, bool *last, struct err *e)
{
	uint64_t from = b->at.flags_at ? b->at.flags_at : MAX(m->low_uid, (uint64_t)1),
		 to = m->uidnext - 1;
	bool changes_only = imap_condstore(b->im) && m->modseq && b->at.modseq && !b->at.doubtful;
	struct piece done = {0};
	char set[64];
	imap_tag tag;

	*last = true;
	if (m->uidnext <= from || (changes_only && b->at.flags_told))
		return true;
	if (!changes_only && !slice_end(b, m, from, &to, last, e))
		return false;
	snprintf(set, sizeof(set), "%llu:%llu", (unsigned long long)from, (unsigned long long)to);
	tag = imap_fetch_send(b->im, set, b->flag_items, changes_only ? m->modseq : 0, false, e);
	if (!tag || !imap_end(b->im, tag, NULL, e))
		return false;
	b->at.flags_at = *last ? 0 : (uint32_t)to + 1;
	return cache_begin(host_cache(b->box.host), e) && imap_piece_commit(b, m, &done, e);
}

/*
 * What changed among the messages that we have. QRESYNC has told with SELECT. Else: when the
 * numbers add up nothing is gone; then flags.
 */
static bool compare(struct imap_box *b, struct mailbox *m, struct err *e)
{
	uint64_t rows = message_count(host_cache(b->box.host), m->id),
		 exists = imap_selected(b->im)->exists;
	bool sure, last = false;

	if (b->news.unclear) {
		/*
		 * From the beginning. A server that makes no sense again and again is not asked
		 * for ever.
		 */
		b->news.unclear = false;
		b->at.doubtful = true;
		b->at.flags_at = 0;
		b->at.passes++;
	}
	sure = (m->flags & MAILBOX_COMPLETE) && rows + b->at.missing.landed == exists &&
	       !b->at.doubtful;
	if (b->at.flags_at == 0 && !sure && !compare_uids(b, m, e))
		return false;
	if (!compare_flags(b, m, &last, e))
		return false;
	b->at.compared = last && (!b->news.unclear || b->at.passes >= PASSES_MAX);
	return true;
}

/* ---- older messages ---- */

static bool find_older(struct imap_box *b, const struct mailbox *m, struct err *e)
{
	uint32_t *uids = NULL;
	size_t n = 0;
	char criteria[64];

	if (b->at.older_known)
		return true;
	/* The screenful did not wait for it; this may be much. */
	if (!imap_box_deflate(b, e))
		return false;
	snprintf(criteria, sizeof(criteria), "UID 1:%llu", (unsigned long long)m->low_uid - 1);
	if (m->low_uid > 1 && !imap_search(b->im, criteria, sv_make(NULL, 0), &uids, &n, e))
		return false;
	wanted_set(&b->at.older, uids, n);
	b->at.older_known = true;
	return true;
}

static bool fetch_older(struct imap_box *b, struct mailbox *m, struct err *e)
{
	struct piece done = {0};
	uint32_t exists;

	if (!find_older(b, m, e) || !imap_fill_ask(b, &b->at.older, e))
		return false;
	if (b->fill.flights > 0) {
		if (!imap_fill_land(b, m, e))
			return false;
	} else {
		m->low_uid = 1;
		m->flags |= MAILBOX_COMPLETE;
		if (!cache_begin(host_cache(b->box.host), e) || !imap_piece_commit(b, m, &done, e))
			return false;
	}
	exists = imap_selected(b->im)->exists;
	host_progress(b->box.host, m->id, exists - MIN(b->at.older.landed, (size_t)exists), exists,
		"headers");
	return true;
}

/* ---- the whole ---- */

/*
 * HIGHESTMODSEQ below ours, UIDVALIDITY the same: the server was restored from a backup. What it
 * tells as changed since then is not all that differs from what we have.
 */
static bool went_back(const struct imap_box *b, const struct mailbox *m)
{
	uint64_t now = imap_selected(b->im)->highestmodseq;

	return now && m->modseq > now;
}

static void begin_round(struct imap_box *b, struct mailbox *m, bool first)
{
	const struct imap_selected *sel = imap_selected(b->im);
	bool told = !first;

	/*
	 * What changes while a mailbox is open is told, and with it how far that is (RFC 7162
	 * 3.1.1).
	 */
	if (!first)
		b->at.modseq = MAX(b->at.modseq, sel->highestmodseq);
	if (first) {
		if (went_back(b, m)) {
			log_write(LOG_WARN, "imap",
				"%s: %s went back to an earlier state on the server",
				host_account(b->box.host), m->name);
			b->news.unclear = true;
		}
		/*
		 * QRESYNC tells all about old messages with SELECT; later the session itself tells.
		 */
		told = imap_qresync(b->im) && m->modseq && m->low_uid && sel->highestmodseq;
		b->at.modseq = sel->highestmodseq;
	}
	b->at.opened = true;
	b->at.compared = told && !b->news.unclear;
	b->at.flags_told = b->at.doubtful = false;
	b->at.passes = 0;
	b->at.flags_at = 0;
	b->at.arrived = sel->arrived;
	if (sel->read_only)
		m->flags |= MAILBOX_READONLY;
	else
		m->flags &= ~(unsigned)MAILBOX_READONLY;
}

/* SELECT, and what it told; or, in a mailbox that is selected, what was told since. */
static bool open_round(struct imap_box *b, struct mailbox *m, struct err *e)
{
	struct opening o = {0};

	if (!(b->selected == m->id ? imap_fill_settle(b, m, e) : imap_box_settle(b, e)) ||
		!take_off(b, m, &o, e))
		return false;
	if (o.selecting && !imap_box_select_end(b, m, o.select, false, e)) {
		if (!imap_is_dead(b->im))
			drain(b, &o);
		return false;
	}
	if (m->uidvalidity && m->uidvalidity != b->uidvalidity) {
		drain(b, &o);
		if (!start_anew(b, m, e))
			return false;
	}
	begin_round(b, m, o.first);
	if (m->low_uid == 0)
		return first_screen(b, m, o.rows, e);
	b->at.phase = PHASE_NEW;
	return land(b, m, &o, e);
}

/* All of this round is done: the row may say so. */
static bool end_round(struct imap_box *b, struct mailbox *m, struct err *e)
{
	b->at.phase = PHASE_BEGIN;
	if (m->modseq == b->at.modseq)
		return true;
	m->modseq = b->at.modseq;
	return mailbox_update(host_cache(b->box.host), m, e);
}

/* New mail while older messages are still coming: it goes first. */
static bool has_grown(const struct imap_box *b)
{
	return imap_selected(b->im)->arrived != b->at.arrived;
}

/*
 * The server may tell what changed, but not what went wrong with us: as many rows as messages,
 * once for each SELECT. The count of the rows is that of the last piece.
 */
static bool count_rows(struct imap_box *b, const struct mailbox *m, struct err *e)
{
	struct mailbox now;

	if (b->at.counted || !b->at.compared || !(m->flags & MAILBOX_COMPLETE) || has_grown(b))
		return true;
	b->at.counted = true;
	if (!mailbox_by_id(host_cache(b->box.host), m->id, &now, e))
		return false;
	b->at.compared = now.total == imap_selected(b->im)->exists;
	mailbox_fini(&now);
	return true;
}

static bool run_piece(struct imap_box *b, struct mailbox *m, bool *more, struct err *e)
{
	*more = true;
	if (b->selected == m->id && b->fill.sizes_tag)
		return imap_fill_sizes(b, e);
	if (b->selected != m->id || (b->at.phase == PHASE_OLDER && has_grown(b)))
		b->at.phase = PHASE_BEGIN;
	if (b->at.phase == PHASE_BEGIN)
		return open_round(b, m, e);
	if (b->at.phase <= PHASE_COMPARE && b->at.missing.landed > 0)
		return fetch_new(b, m, e);
	if (b->at.phase == PHASE_NEW && !count_rows(b, m, e))
		return false;
	if (b->at.phase == PHASE_NEW)
		b->at.phase = PHASE_COMPARE;
	if (b->at.phase == PHASE_COMPARE && !b->at.compared)
		return compare(b, m, e);
	b->at.phase = PHASE_OLDER;
	if (!(m->flags & MAILBOX_COMPLETE))
		return fetch_older(b, m, e);
	*more = false;
	return end_round(b, m, e);
}

/*
 * A round through all mailboxes, which began with the list: what that showed to be unchanged is
 * left alone.
 */
static bool is_round(const struct imap_box *b)
{
	const struct job *j = b->box.host->current;

	return j && j->kind == JOB_SYNC && j->mailbox == 0;
}

bool imap_box_sync(struct box *box, uint64_t mailbox, bool *more, struct err *e)
{
	struct imap_box *b = imap_box_of(box);
	struct cache *c = host_cache(box->host);
	struct mailbox m;
	bool ok;

	*more = false;
	if (!mailbox_by_id(c, mailbox, &m, e))
		return false;
	if (is_round(b) && mailbox != b->selected && imap_box_is_current(b, &m)) {
		mailbox_fini(&m);
		return true;
	}
	ok = m.flags & MAILBOX_NOSELECT ? err_set(e, ERR_GONE, "it holds no messages")
					: run_piece(b, &m, more, e);
	if (!ok) {
		*more = false;
		cache_rollback(c);
		err_at(e, "%s", m.name);
		imap_box_fail(b);
		imap_fill_drop(b);
		/* What a rolled back piece had done is done again. */
		if (!b->box.dead && b->selected == mailbox)
			b->at.phase = PHASE_BEGIN;
	}
	mailbox_fini(&m);
	return ok;
}
