/*
 * What the server says of the selected mailbox on its own or with an answer (flags, vanished
 * messages), gathered while commands run, and put into the cache with the next piece.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "sync/host_priv.h"
#include "sync/imap_box_priv.h"
#include "sync/imap_row.h"

#define NEWS_MAX (4u << 20)

/* ---- gathering ---- */

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

bool news_take_flags(struct imap_box *b, struct arena *a, uint32_t uid, struct flag_news *out)
{
	struct news *n = &b->news;
	bool found = false;
	size_t kept = 0;

	for (size_t i = 0; i < n->nflags; i++) {
		if (n->flags[i].uid != uid) {
			n->flags[kept++] = n->flags[i];
			continue;
		}
		*out = n->flags[i];
		found = true;
	}
	n->nflags = kept;
	if (found)
		out->words = sv_make(arena_strndup(a, out->words.p, out->words.len), out->words.len);
	return found;
}

void imap_box_on_message(void *data, const struct imap_msg *m)
{
	struct imap_box *b = data;
	struct news *n = &b->news;
	struct flag_news *x;

	if (b->structure)
		imap_box_take_structure(b->structure, m);
	imap_ahead_take(b, m);
	if (imap_fill_take(b, m))
		return;
	if (b->change && imap_flags_take(b->change, m))
		return;
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
	x->no_labels = m->gmail && !(m->has & FETCH_LABELS);
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

/* Flags came without the labels of the message: those of the row stay. */
static struct sv add_labels(struct arena *a, struct sv words, struct sv old)
{
	struct sv word;

	while (sv_split(&old, ' ', &word))
		if (word.len && !imap_row_is_keyword(word))
			words = sv_of(arena_printf(a, SV_FMT "%s" SV_FMT, SV_ARG(words),
				words.len ? " " : "", SV_ARG(word)));
	return words;
}

/* "Old" is ours alone: it stays as long as the message is unseen. */
static bool put_flags(struct imap_box *b, const struct flag_news *x, struct arena *a, bool *changed,
	struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	uint64_t id = message_id_of(b->selected, x->uid);
	struct message_row row;
	unsigned flags = x->flags;
	struct sv words = x->words;

	arena_reset(a);
	if (!message_get(c, id, a, &row, NULL))
		return true; /* has no row yet: its flags come with it */
	/* Said before the row was fetched, in the same breath: the row is newer. */
	if (x->modseq && x->modseq < row.modseq && !b->at.doubtful)
		return true;
	if (!(flags & MSG_SEEN))
		flags |= row.flags & MSG_OLD;
	if (x->no_labels)
		words = add_labels(a, words, row.keywords);
	if (flags == row.flags && sv_eq(words, row.keywords) && x->modseq <= row.modseq)
		return true;
	*changed |= flags != row.flags || !sv_eq(words, row.keywords);
	return message_set_flags(c, id, flags, words, x->modseq, e);
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

/* Inside of a transaction. What was put in is forgotten only after the commit. */
static bool put_news(struct imap_box *b, struct piece *done, struct err *e)
{
	struct arena *a = arena_new();
	bool ok = true;

	for (size_t i = 0; ok && i < b->news.nflags; i++)
		ok = put_flags(b, &b->news.flags[i], a, &done->flags, e);
	for (size_t i = 0; ok && i < b->news.ngone; i++)
		ok = drop_range(b, b->news.gone[i], &done->gone, e);
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

static void say_effect(struct imap_box *b, const struct piece *done)
{
	if (done->new)
		host_changed(b->box.host, b->selected, "new", done->new);
	if (done->old)
		host_changed(b->box.host, b->selected, "older", done->old);
	if (done->gone)
		host_changed(b->box.host, b->selected, "messages", done->gone);
	if (done->flags)
		host_changed(b->box.host, b->selected, "flags", 0);
}

/* Rows that came, news, the mailbox's row: all at once. */
bool imap_piece_commit(struct imap_box *b, struct mailbox *m, struct piece *done, struct err *e)
{
	struct cache *c = host_cache(b->box.host);

	if (!put_news(b, done, e) || !put_counts(b, m, e) || !cache_commit(c, e))
		return false;
	b->news.nflags = b->news.ngone = 0;
	arena_reset(b->news.arena);
	host_step("piece committed");
	say_effect(b, done);
	return true;
}
