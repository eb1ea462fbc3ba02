/*
 * Bringing the rows of one mailbox up to date, a piece at a time. The order is what the user sees
 * first: SELECT with what changed, the newest screenful, new messages, vanished ones and flags of
 * old ones (unless QRESYNC told already), then older messages.
 *
 * The row of the mailbox says what is certain: every message with low_uid <= UID < uidnext has a
 * row, and flags are those of modseq. It moves on in the transaction that made it true.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "sync/host_priv.h"
#include "sync/imap_box_priv.h"
#include "sync/imap_row.h"

#define FLAGS_BATCH 20000 /* UIDs whose flags are asked for at once in a plain resync */
#define NEWS_MAX (4u << 20)

/* ---- news ---- */

void news_clear(struct news *n)
{
	free(n->flags);
	free(n->gone);
	arena_reset(n->arena);
	*n = (struct news){.arena = n->arena};
}

bool news_waits(const struct imap_box *b)
{
	return b->news.nflags > 0 || b->news.ngone > 0 || b->news.unclear;
}

static void trouble(struct imap_box *b, const struct err *e)
{
	if (b->trouble.class == ERR_NONE)
		b->trouble = *e;
}

/* A message with all that a row needs. */
static void fill_row(struct imap_box *b, const struct imap_msg *m)
{
	struct arena *a = arena_new();
	struct message_row row;
	struct err e = {0};

	imap_row_of(a, b->selected, m, &row);
	if (!message_put(host_cache(b->box.host), &row, &e))
		trouble(b, &e);
	arena_free(a);
	b->filled++;
	b->filled_low = b->filled_low ? MIN(b->filled_low, m->uid) : m->uid;
	b->filled_high = MAX(b->filled_high, m->uid);
}

void imap_box_on_message(void *data, const struct imap_msg *m)
{
	struct imap_box *b = data;
	struct news *n = &b->news;
	struct flag_news *x;

	if (b->structure)
		imap_box_take_structure(b->structure, m);
	if (b->filling && (m->has & FETCH_INTERNALDATE)) {
		fill_row(b, m);
		return;
	}
	if (!(m->has & FETCH_FLAGS))
		return;
	if (n->nflags >= NEWS_MAX) {
		n->unclear = true;
		return;
	}
	array_grow(n->flags, n->nflags, n->flags_cap);
	x = &n->flags[n->nflags++];
	x->uid = m->uid;
	x->modseq = m->modseq;
	x->flags = imap_row_flags(n->arena, m, &x->words);
}

void imap_box_on_vanished(void *data, const struct imap_set *uids)
{
	struct imap_box *b = data;
	struct news *n = &b->news;

	for (size_t i = 0; i < uids->n; i++) {
		if (n->ngone >= NEWS_MAX) {
			n->unclear = true;
			return;
		}
		array_grow(n->gone, n->ngone, n->gone_cap);
		n->gone[n->ngone++] = uids->r[i];
	}
}

void imap_box_on_unclear(void *data)
{
	struct imap_box *b = data;

	b->news.unclear = true;
}

/* ---- news into the cache ---- */

/* "Old" is ours alone: it stays as long as the message is unseen. */
static bool put_flags(struct imap_box *b, const struct flag_news *x, struct arena *a, bool *changed,
	struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	uint64_t id = message_id_of(b->selected, x->uid);
	struct message_row row;
	unsigned flags = x->flags;

	arena_reset(a);
	if (!message_get(c, id, a, &row, NULL))
		return true; /* has no row yet: its flags come with it */
	if (!(flags & MSG_SEEN))
		flags |= row.flags & MSG_OLD;
	if (flags == row.flags && sv_eq(x->words, row.keywords) && x->modseq <= row.modseq)
		return true;
	*changed |= flags != row.flags || !sv_eq(x->words, row.keywords);
	return message_set_flags(c, id, flags, x->words, x->modseq, e);
}

/* Rows of a range: the range may be billions wide and the rows few, so the rows are walked. */
static bool drop_range(struct imap_box *b, struct imap_range r, size_t *count, struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	struct message_cursor *cur;
	struct message_row row;
	uint64_t *ids = NULL;
	size_t n = 0, cap = 0;
	bool ok;

	if (r.lo == r.hi) {
		uint64_t id = message_id_of(b->selected, r.lo);
		struct arena *a = arena_new();
		bool here = message_get(c, id, a, &row, NULL);

		arena_free(a);
		*count += here;
		return !here || message_delete(c, id, e);
	}
	if (!message_scan_range(c, b->selected, r.lo, r.hi, &cur, e))
		return false;
	err_clear(e);
	while (message_next(cur, &row, e)) {
		array_grow(ids, n, cap);
		ids[n++] = row.id;
	}
	message_cursor_close(cur);
	ok = e->class == ERR_NONE;
	for (size_t i = 0; ok && i < n; i++)
		ok = message_delete(c, ids[i], e);
	*count += n;
	free(ids);
	return ok;
}

struct effect {
	bool flags;
	size_t gone, new;
};

/* Inside of a transaction. What was put in is forgotten only after the commit. */
static bool put_news(struct imap_box *b, struct effect *eff, struct err *e)
{
	struct arena *a = arena_new();
	bool ok = true;

	for (size_t i = 0; ok && i < b->news.nflags; i++)
		ok = put_flags(b, &b->news.flags[i], a, &eff->flags, e);
	for (size_t i = 0; ok && i < b->news.ngone; i++)
		ok = drop_range(b, b->news.gone[i], &eff->gone, e);
	arena_free(a);
	return ok;
}

/* ---- one piece as a transaction ---- */

/* The counts of the row: our own when every message has one, else the server's total. */
static bool put_counts(struct imap_box *b, struct mailbox *m, struct err *e)
{
	struct cache *c = host_cache(b->box.host);

	m->checked = clock_now();
	if (m->flags & MAILBOX_COMPLETE) {
		m->flags &= ~(unsigned)MAILBOX_COUNTED;
		return mailbox_update(c, m, e) && mailbox_count(c, m->id, e);
	}
	m->total = imap_selected(b->im)->exists;
	m->flags |= MAILBOX_COUNTED;
	return mailbox_update(c, m, e);
}

static void say_effect(struct imap_box *b, const struct effect *eff)
{
	if (eff->new)
		host_changed(b->box.host, b->selected, "new", eff->new);
	if (eff->gone)
		host_changed(b->box.host, b->selected, "messages", eff->gone);
	if (eff->flags)
		host_changed(b->box.host, b->selected, "flags", 0);
}

/* Rows that came, news, the mailbox's row: all at once. */
static bool commit_piece(struct imap_box *b, struct mailbox *m, struct effect *eff, struct err *e)
{
	struct cache *c = host_cache(b->box.host);

	if (!put_news(b, eff, e) || !put_counts(b, m, e) || !cache_commit(c, e))
		return false;
	b->news.nflags = b->news.ngone = 0;
	arena_reset(b->news.arena);
	host_step("piece committed");
	return true;
}

static void start_filling(struct imap_box *b)
{
	b->filling = true;
	b->filled = 0;
	b->filled_low = b->filled_high = 0;
	err_clear(&b->trouble);
}

/* The handlers' own trouble comes before what the wire says. */
static bool end_filling(struct imap_box *b, bool ok, struct err *e)
{
	b->filling = false;
	if (b->trouble.class == ERR_NONE)
		return ok;
	*e = b->trouble;
	return false;
}

static const char *row_items(const struct imap_box *b)
{
	return imap_condstore(b->im) ? IMAP_ROW_ITEMS_MODSEQ : IMAP_ROW_ITEMS;
}

/* Fetches rows of these UIDs (ascending). The transaction is open. */
static bool fill_uids(struct imap_box *b, const uint32_t *uids, size_t n, struct err *e)
{
	imap_tag tags[8];
	size_t at = 0, count = 0;
	bool ok = true;

	start_filling(b);
	while (ok && at < n && count < ARRAY_LEN(tags)) {
		struct str set;

		str_init(&set, IMAP_SET_TEXT_MAX + 64);
		imap_write_set(&set, uids, n, &at);
		tags[count] = imap_fetch_send(b->im, set.s, row_items(b), 0, false, e);
		ok = tags[count] != 0;
		count += ok;
		str_fini(&set);
	}
	for (size_t i = 0; i < count; i++) {
		struct err one = {0};

		if (!imap_end(b->im, tags[i], NULL, &one) && ok) {
			ok = false;
			*e = one;
		}
	}
	return end_filling(b, ok, e);
}

/* ---- pieces ---- */

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

/* The first look at a mailbox: the newest screenful. */
static bool first_screen(struct imap_box *b, struct mailbox *m, struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	const struct imap_selected *sel = imap_selected(b->im);
	struct effect eff = {0};
	uint32_t exists = sel->exists, uidnext = sel->uidnext;
	bool ok;

	m->uidvalidity = b->uidvalidity;
	if (!cache_begin(c, e))
		return false;
	start_filling(b);
	ok = imap_fetch_newest(b->im, 0, BOX_FIRST, row_items(b), e);
	if (!end_filling(b, ok, e))
		return false;
	m->low_uid = exists <= BOX_FIRST ? 1 : b->filled_low;
	/*
	 * An empty answer with messages there: take the numbers of SELECT and let older ones come
	 * by search.
	 */
	if (m->low_uid == 0)
		m->low_uid = uidnext ? uidnext : 1;
	m->uidnext = MAX(uidnext, b->filled_high + 1);
	m->modseq = sel->highestmodseq;
	if (exists <= BOX_FIRST)
		m->flags |= MAILBOX_COMPLETE;
	b->at.compared = true;
	b->at.phase = PHASE_OLDER;
	if (!commit_piece(b, m, &eff, e))
		return false;
	say_effect(b, &eff);
	host_changed(b->box.host, b->selected, "messages", b->filled);
	return true;
}

/* Which UIDs the server has from `from` on and we do not. */
static bool find_missing(struct imap_box *b, uint64_t from, struct err *e)
{
	char criteria[64];
	size_t kept = 0;

	if (from > UINT32_MAX)
		return true;
	snprintf(criteria, sizeof(criteria), "UID %llu:*", (unsigned long long)from);
	free(b->at.missing);
	b->at.missing = NULL;
	b->at.nmissing = 0;
	if (!imap_search(b->im, criteria, sv_make(NULL, 0), &b->at.missing, &b->at.nmissing, e))
		return false;
	/*
	 * "n:*" always holds the last message, even when its UID is below n. Rows may be there from
	 * a killed run.
	 */
	for (size_t i = 0; i < b->at.nmissing; i++) {
		struct arena *a = arena_new();
		struct message_row row;
		uint32_t uid = b->at.missing[i];

		if (uid >= from && !message_get(host_cache(b->box.host),
					   message_id_of(b->selected, uid), a, &row, NULL))
			b->at.missing[kept++] = uid;
		arena_free(a);
	}
	b->at.nmissing = kept;
	b->at.high = kept ? b->at.missing[kept - 1] : 0;
	return true;
}

/* New messages, the newest first. When the last of them has its row, uidnext moves on. */
static bool fetch_new(struct imap_box *b, struct mailbox *m, struct err *e)
{
	size_t n = MIN(b->at.nmissing, (size_t)BOX_BATCH);
	struct effect eff = {0};

	if (!cache_begin(host_cache(b->box.host), e) ||
		!fill_uids(b, b->at.missing + b->at.nmissing - n, n, e))
		return false;
	b->at.nmissing -= n;
	if (b->at.nmissing == 0)
		m->uidnext = MAX(m->uidnext, (uint64_t)b->at.high + 1);
	eff.new = b->filled;
	if (!commit_piece(b, m, &eff, e))
		return false;
	say_effect(b, &eff);
	return true;
}

/* ---- comparing without QRESYNC ---- */

/* Rows whose UIDs the server does not have any more (both lists ascending). */
static bool drop_absent(struct imap_box *b, const uint32_t *uids, size_t n, uint64_t below,
	struct effect *eff, struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	struct message_cursor *cur;
	struct message_row row;
	uint64_t *ids = NULL;
	size_t gone = 0, cap = 0, at = 0;
	bool ok;

	if (!message_scan(c, b->selected, MESSAGE_BY_UID, false, &cur, e))
		return false;
	err_clear(e);
	while (message_next(cur, &row, e)) {
		uint64_t uid = message_uid(row.id);

		while (at < n && uids[at] < uid)
			at++;
		if (uid >= below || (at < n && uids[at] == uid))
			continue;
		array_grow(ids, gone, cap);
		ids[gone++] = row.id;
	}
	message_cursor_close(cur);
	ok = e->class == ERR_NONE;
	for (size_t i = 0; ok && i < gone; i++)
		ok = message_delete(c, ids[i], e);
	free(ids);
	eff->gone += gone;
	return ok;
}

static bool compare_uids(struct imap_box *b, struct mailbox *m, struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	struct effect eff = {0};
	uint32_t *uids = NULL;
	size_t n = 0;
	char criteria[64];
	bool ok;

	snprintf(criteria, sizeof(criteria), "UID %llu:*",
		(unsigned long long)MAX(m->low_uid, (uint64_t)1));
	ok = imap_search(b->im, criteria, sv_make(NULL, 0), &uids, &n, e) && cache_begin(c, e) &&
	     drop_absent(b, uids, n, m->uidnext, &eff, e) && commit_piece(b, m, &eff, e);
	free(uids);
	if (ok)
		say_effect(b, &eff);
	return ok;
}

/*
 * Flags of old messages: those that changed (CONDSTORE), or all of them in ranges. *done: through.
 */
static bool compare_flags(struct imap_box *b, struct mailbox *m, bool *done, struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	uint64_t from = b->at.flags_at ? b->at.flags_at : MAX(m->low_uid, (uint64_t)1),
		 to = m->uidnext - 1;
	bool changes_only = imap_condstore(b->im) && m->modseq && !b->news.unclear;
	struct effect eff = {0};
	char set[64];
	imap_tag tag;

	*done = true;
	if (m->uidnext <= from)
		return true;
	if (!changes_only && to - from >= FLAGS_BATCH) {
		to = from + FLAGS_BATCH - 1;
		*done = false;
	}
	snprintf(set, sizeof(set), "%llu:%llu", (unsigned long long)from, (unsigned long long)to);
	tag = imap_fetch_send(b->im, set, imap_condstore(b->im) ? "UID FLAGS MODSEQ" : "UID FLAGS",
		changes_only ? m->modseq : 0, false, e);
	if (!tag || !imap_end(b->im, tag, NULL, e))
		return false;
	b->at.flags_at = *done ? 0 : (uint32_t)to + 1;
	if (!cache_begin(c, e) || !commit_piece(b, m, &eff, e))
		return false;
	say_effect(b, &eff);
	return true;
}

/*
 * What changed among the messages that we have. QRESYNC has told with SELECT. Else: when the
 * numbers add up nothing is gone; then flags.
 */
static bool compare(struct imap_box *b, struct mailbox *m, struct err *e)
{
	uint64_t rows = message_count(host_cache(b->box.host), m->id),
		 exists = imap_selected(b->im)->exists;
	bool sure = (m->flags & MAILBOX_COMPLETE) && rows + b->at.nmissing == exists &&
		    !b->news.unclear;
	bool done = false;

	if (b->at.flags_at == 0 && !sure && !compare_uids(b, m, e))
		return false;
	if (!compare_flags(b, m, &done, e))
		return false;
	b->at.compared = done;
	if (done)
		b->news.unclear = false;
	return true;
}

/* ---- older messages ---- */

static bool fetch_older(struct imap_box *b, struct mailbox *m, struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	struct effect eff = {0};
	char criteria[64];
	size_t n;

	if (!b->at.older_known) {
		snprintf(criteria, sizeof(criteria), "UID 1:%llu",
			(unsigned long long)m->low_uid - 1);
		free(b->at.older);
		b->at.older = NULL;
		b->at.nolder = 0;
		if (m->low_uid > 1 && !imap_search(b->im, criteria, sv_make(NULL, 0), &b->at.older,
					      &b->at.nolder, e))
			return false;
		b->at.older_known = true;
	}
	n = MIN(b->at.nolder, (size_t)BOX_BATCH);
	if (!cache_begin(c, e) || (n && !fill_uids(b, b->at.older + b->at.nolder - n, n, e)))
		return false;
	m->low_uid = n < b->at.nolder ? b->at.older[b->at.nolder - n] : 1;
	if (n == b->at.nolder)
		m->flags |= MAILBOX_COMPLETE;
	if (!commit_piece(b, m, &eff, e))
		return false;
	b->at.nolder -= n;
	say_effect(b, &eff);
	if (n)
		host_changed(b->box.host, b->selected, "messages", n);
	host_progress(b->box.host, m->id, imap_selected(b->im)->exists - b->at.nolder, imap_selected(b->im)->exists,
		"headers");
	return true;
}

/* ---- the whole ---- */

/* SELECT, and what it told; or, in a mailbox that is selected, what was told since. */
static bool open_round(struct imap_box *b, struct mailbox *m, struct err *e)
{
	struct effect eff = {0};
	bool told = b->selected == m->id;

	if (!imap_box_select(b, m, false, e))
		return false;
	if (m->uidvalidity && m->uidvalidity != b->uidvalidity && !start_anew(b, m, e))
		return false;
	if (!told) {
		/*
		 * QRESYNC tells all about old messages with SELECT; later the session itself tells.
		 */
		told = imap_qresync(b->im) && m->modseq && m->low_uid;
		b->at.modseq = imap_selected(b->im)->highestmodseq;
	}
	b->at.opened = true;
	b->at.compared = told && !b->news.unclear;
	b->at.flags_at = 0;
	b->at.exists = imap_selected(b->im)->exists;
	if (imap_selected(b->im)->read_only)
		m->flags |= MAILBOX_READONLY;
	else
		m->flags &= ~(unsigned)MAILBOX_READONLY;
	if (m->low_uid == 0)
		return first_screen(b, m, e);
	b->at.phase = PHASE_NEW;
	if (!cache_begin(host_cache(b->box.host), e) || !commit_piece(b, m, &eff, e))
		return false;
	say_effect(b, &eff);
	return find_missing(b, m->uidnext, e);
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
	return imap_selected(b->im)->exists > b->at.exists;
}

static bool run_piece(struct imap_box *b, struct mailbox *m, bool *more, struct err *e)
{
	*more = true;
	if (b->selected != m->id || (b->at.phase == PHASE_OLDER && has_grown(b)))
		b->at.phase = PHASE_BEGIN;
	if (b->at.phase == PHASE_BEGIN)
		return open_round(b, m, e);
	if (b->at.phase == PHASE_NEW && b->at.nmissing > 0)
		return fetch_new(b, m, e);
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
		b->filling = false;
		*more = false;
		cache_rollback(c);
		err_at(e, "%s", m.name);
		imap_box_fail(b);
		/* What a rolled back piece had done is done again. */
		if (!b->box.dead && b->selected == mailbox)
			b->at.phase = PHASE_BEGIN;
	}
	mailbox_fini(&m);
	return ok;
}
