/*
 * Rows of messages, fetched a batch at a time with the next command already on its way, so that
 * the server does not wait while we write. How large a batch is follows how fast they come: what
 * the user wants meanwhile waits for two of them at most.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/object.h"
#include "sync/host_priv.h"
#include "sync/imap_box_priv.h"
#include "sync/row.h"
#include "sync/imap_row.h"

#define BATCH_FIRST BOX_BATCH
#define BATCH_MIN 50
#define BATCH_MAX 4000 /* as a set of single UIDs that is eight commands */
#define BATCH_MS 150   /* what a batch may take */
#define ONE_BY_ONE 8   /* commands under way when a batch is looked through for what is wrong */

const char *imap_fill_items(const struct imap_box *b)
{
	return b->row_items;
}

/* ---- rows as they come ---- */

/* The sizes of the screenful, which came without. */
static bool take_size(struct imap_box *b, const struct imap_msg *m)
{
	struct fill *f = &b->fill;

	if (!f->sizes_tag || !(m->has & FETCH_SIZE) || (m->has & FETCH_BODY) ||
		f->nsizes == ARRAY_LEN(f->sizes))
		return false;
	f->sizes[f->nsizes++] = (struct size_of){m->uid, m->size};
	return (m->has & FETCH_FLAGS) == 0;
}

bool imap_fill_take(struct imap_box *b, const struct imap_msg *m)
{
	struct message_row row;
	struct err e = {0};

	if (!(m->has & FETCH_INTERNALDATE))
		return take_size(b, m);
	if (!b->fill.on) {
		/* A row that nobody takes in: who waits for it must ask again. */
		b->fill.lost |= b->fill.flights > 0;
		return false;
	}
	if (m->uid < b->fill.floor)
		return true;
	arena_reset(b->fill.arena);
	imap_row_of(b->fill.arena, b->selected, m, &(struct row_rules){host_conf(b->box.host, "assumed_charset"), host_spam(b->box.host)}, &row);
	if ((!message_put(host_cache(b->box.host), &row, &e) ||
		    ((m->has & FETCH_PREVIEW) &&
			    !preview_put(host_cache(b->box.host), row.id, m->preview, &e))) &&
		b->fill.trouble.class == ERR_NONE)
		b->fill.trouble = e;
	b->fill.count++;
	b->fill.low = b->fill.low ? MIN(b->fill.low, m->uid) : m->uid;
	b->fill.high = MAX(b->fill.high, m->uid);
	return true;
}

void imap_fill_start(struct imap_box *b)
{
	b->fill.on = true;
	b->fill.count = 0;
	b->fill.low = b->fill.high = b->fill.floor = 0;
	err_clear(&b->fill.trouble);
}

bool imap_fill_end(struct imap_box *b, bool ok, struct err *e)
{
	b->fill.on = false;
	if (b->fill.trouble.class == ERR_NONE)
		return ok;
	*e = b->fill.trouble;
	return false;
}

/* ---- what is wanted ---- */

void wanted_set(struct wanted *w, uint32_t *uids, size_t n)
{
	free(w->uids);
	*w = (struct wanted){.uids = uids, .asked = n, .landed = n};
}

/* ---- on their way ---- */

void imap_fill_forget(struct imap_box *b)
{
	b->fill.on = b->fill.lost = false;
	b->fill.flights = b->fill.nsizes = 0;
	b->fill.sizes_tag = 0;
	b->fill.batch = BATCH_FIRST;
}

/* The next batch: the last UIDs that nobody has asked for yet. */
static bool take_off(struct imap_box *b, struct wanted *w, struct err *e)
{
	size_t n = MIN(w->asked, b->fill.batch ? b->fill.batch : BATCH_FIRST), at = w->asked - n;
	struct flight f = {.of = w, .from = at, .to = w->asked};
	struct str set;
	bool ok = true;

	str_init(&set, IMAP_SET_TEXT_MAX + 64);
	while (ok && f.tags < ARRAY_LEN(f.tag)) {
		str_clear(&set);
		if (!imap_write_set(&set, w->uids, f.to, &at))
			break;
		f.tag[f.tags] = imap_fetch_send(b->im, set.s, imap_fill_items(b), 0, false, e);
		ok = f.tag[f.tags] != 0;
		f.tags += ok;
	}
	str_fini(&set);
	if (!ok)
		return false;
	w->asked = f.from;
	b->fill.flight[b->fill.flights++] = f;
	return true;
}

bool imap_fill_ask(struct imap_box *b, struct wanted *w, struct err *e)
{
	while (b->fill.flights < FLIGHTS_MAX && w->asked > 0)
		if (!take_off(b, w, e))
			return false;
	return true;
}

/* Waits for the answers. *refused: one of them was NO; what it brought all the same is here. */
static bool read_answers(struct imap_box *b, const struct flight *f, bool *refused, struct err *e)
{
	for (size_t i = 0; i < f->tags; i++) {
		struct err one = {0};

		if (imap_end(b->im, f->tag[i], NULL, &one))
			continue;
		if (imap_is_dead(b->im)) {
			*e = one;
			return false;
		}
		log_write(LOG_INFO, "imap", "%s: %s", host_account(b->box.host), one.text);
		*refused = true;
	}
	return true;
}

bool imap_fill_has_row(struct imap_box *b, uint32_t uid)
{
	struct message_row row;

	arena_reset(b->fill.arena);
	return message_get(host_cache(b->box.host), message_id_of(b->selected, uid), b->fill.arena,
		&row, NULL);
}

bool imap_fill_one_by_one(struct imap_box *b, const uint32_t *uids, size_t n, struct err *e)
{
	size_t at = 0;

	while (at < n) {
		imap_tag tag[ONE_BY_ONE];
		uint32_t uid[ONE_BY_ONE];
		size_t count = 0;

		for (; at < n && count < ONE_BY_ONE; at++) {
			char set[16];

			if (imap_fill_has_row(b, uids[at]))
				continue;
			snprintf(set, sizeof(set), "%u", uids[at]);
			uid[count] = uids[at];
			tag[count] = imap_fetch_send(b->im, set, imap_fill_items(b), 0, false, e);
			if (!tag[count])
				return false;
			count++;
		}
		for (size_t i = 0; i < count; i++) {
			struct err one = {0};

			if (imap_end(b->im, tag[i], NULL, &one))
				continue;
			if (imap_is_dead(b->im)) {
				*e = one;
				return false;
			}
			log_write(LOG_WARN, "imap", "%s: message %u cannot be read: %s",
				host_account(b->box.host), uid[i], one.text);
		}
	}
	return true;
}

/* Batches grow while they come fast, and shrink when somebody would have to wait for them. */
static void pace(struct imap_box *b, int64_t took_ms)
{
	size_t n = b->fill.batch ? b->fill.batch : BATCH_FIRST;

	if (took_ms < BATCH_MS / 2)
		b->fill.batch = MIN(n * 2, (size_t)BATCH_MAX);
	else if (took_ms > BATCH_MS)
		b->fill.batch = MAX(n / 2, (size_t)BATCH_MIN);
}

/* What the row of the mailbox may say when this flight is in. */
static void move_marks(struct imap_box *b, const struct flight *f, struct mailbox *m)
{
	struct wanted *w = f->of;

	if (w == &b->at.older) {
		m->low_uid = f->from ? w->uids[f->from] : 1;
		if (f->from == 0)
			m->flags |= MAILBOX_COMPLETE;
	} else if (f->from == 0) {
		/* New ones come newest first: only when all are here there is no hole. */
		m->uidnext = MAX(m->uidnext, (uint64_t)b->at.high + 1);
	}
}

bool imap_fill_land(struct imap_box *b, struct mailbox *m, struct err *e)
{
	struct flight f = b->fill.flight[0];
	struct piece done = {0};
	int64_t began = clock_ms();
	bool refused = false, ok;

	if (!cache_begin(host_cache(b->box.host), e))
		return false;
	imap_fill_start(b);
	ok = read_answers(b, &f, &refused, e);
	b->fill.flights--;
	memmove(b->fill.flight, b->fill.flight + 1, b->fill.flights * sizeof(f));
	if (ok && (refused || b->fill.lost))
		ok = imap_fill_one_by_one(b, f.of->uids + f.from, f.to - f.from, e);
	b->fill.lost = false;
	if (!imap_fill_end(b, ok, e))
		return false;
	move_marks(b, &f, m);
	*(f.of == &b->at.older ? &done.old : &done.new) = b->fill.count;
	if (!imap_piece_commit(b, m, &done, e))
		return false;
	f.of->landed = f.from;
	pace(b, clock_ms() - began);
	return true;
}

bool imap_fill_sizes(struct imap_box *b, struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	struct fill *f = &b->fill;
	struct err refused = {0};
	bool ok = true;

	if (!imap_end(b->im, f->sizes_tag, NULL, &refused) && imap_is_dead(b->im)) {
		*e = refused;
		return false;
	}
	f->sizes_tag = 0;
	ok = cache_begin(c, e);
	for (size_t i = 0; ok && i < f->nsizes; i++)
		ok = message_set_size(
			c, message_id_of(b->selected, f->sizes[i].uid), f->sizes[i].size, e);
	if (!ok || !cache_commit(c, e))
		return false;
	if (f->nsizes > 0)
		host_changed(b->box.host, b->selected, "flags", 0); /* rows that are known, not new ones */
	f->nsizes = 0;
	return true;
}

bool imap_fill_settle(struct imap_box *b, struct mailbox *m, struct err *e)
{
	if (b->fill.sizes_tag && !imap_fill_sizes(b, e))
		return false;
	while (b->fill.flights > 0)
		if (!imap_fill_land(b, m, e))
			return false;
	return true;
}

bool imap_box_settle(struct imap_box *b, struct err *e)
{
	struct mailbox m;
	bool ok;

	if (b->fill.flights == 0 && b->fill.sizes_tag == 0)
		return true;
	if (!mailbox_by_id(host_cache(b->box.host), b->selected, &m, e))
		return false;
	ok = imap_fill_settle(b, &m, e);
	mailbox_fini(&m);
	if (ok)
		return true;
	cache_rollback(host_cache(b->box.host));
	imap_fill_drop(b);
	return imap_box_fail(b);
}

void imap_fill_drop(struct imap_box *b)
{
	if (b->fill.sizes_tag && !imap_is_dead(b->im))
		(void)!imap_end(b->im, b->fill.sizes_tag, NULL, NULL);
	for (size_t i = 0; i < b->fill.flights; i++)
		for (size_t k = 0; k < b->fill.flight[i].tags && !imap_is_dead(b->im); k++)
			(void)!imap_end(b->im, b->fill.flight[i].tag[k], NULL, NULL);
	imap_fill_forget(b);
	b->at.missing.asked = b->at.missing.landed;
	b->at.older.asked = b->at.older.landed;
}
