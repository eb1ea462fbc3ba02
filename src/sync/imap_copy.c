/*
 * Copies and moves. MOVE can be repeated without harm; COPY, and a move made of it, cannot: they note
 * first that they try, with UIDVALIDITY and UIDNEXT of the destination, and after a lost answer they
 * look for the message there before they do it again.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "sync/imap_apply_priv.h"

/* Where COPYUID says that message went; 0: it does not. */
uint32_t apply_copied_to(const struct imap_answer *a, uint32_t uid)
{
	uint64_t index = 0, skipped = 0;
	bool found = false;

	for (size_t i = 0; i < a->from.n && !found; i++) {
		found = uid >= a->from.r[i].lo && uid <= a->from.r[i].hi;
		index += found ? uid - a->from.r[i].lo
			       : (uint64_t)a->from.r[i].hi - a->from.r[i].lo + 1;
	}
	for (size_t i = 0; found && i < a->to.n; i++) {
		uint64_t n = (uint64_t)a->to.r[i].hi - a->to.r[i].lo + 1;

		if (index < skipped + n)
			return (uint32_t)(a->to.r[i].lo + (index - skipped));
		skipped += n;
	}
	return 0;
}

/* ---- trying ---- */

/* The highest UID at or above `from` of a message with that id in the selected mailbox; 0: none. */
bool apply_find_by_id(
	struct imap_box *b, const char *message_id, uint64_t from, uint64_t *uid, struct err *e)
{
	char criteria[96];
	uint32_t *uids;
	size_t n;

	*uid = 0;
	if (!message_id || !*message_id)
		return true;
	snprintf(criteria, sizeof(criteria), "UID %llu:* HEADER Message-ID",
		(unsigned long long)MAX(from, (uint64_t)1));
	if (!imap_search(b->im, criteria, sv_of(message_id), &uids, &n, e))
		return false;
	if (n && uids[n - 1] >= from)
		*uid = uids[n - 1];
	free(uids);
	return true;
}

/* Notes what the destination looks like before the attempt. */
bool apply_note_trying(struct imap_box *b, struct apply_step *s, uint64_t uidvalidity,
	uint64_t uidnext, struct err *e)
{
	struct cache *c = host_cache(b->box.host);

	if (!cache_begin(c, e))
		return false;
	for (size_t i = 0; i < s->count; i++) {
		struct applied trying = {APPLIED_TRYING, uidvalidity, uidnext};

		if (!s->one[i].done && s->one[i].error.class == ERR_NONE &&
			!applied_set(c, s->one[i].intent, &trying, e))
			return false;
	}
	return cache_commit(c, e);
}

/* UIDVALIDITY and UIDNEXT of a mailbox that is not selected. */
bool apply_status_of(struct imap_box *b, const char *name, uint64_t *uidvalidity,
	uint64_t *uidnext, struct err *e)
{
	struct list_entry *x;
	bool ok;
	imap_tag tag;

	b->list_arena = arena_new();
	b->list = map_new();
	tag = imap_status_send(b->im, name, e);
	ok = tag && imap_end(b->im, tag, NULL, e);
	x = map_get(b->list, sv_of(name));
	*uidvalidity = x ? x->items[STATUS_UIDVALIDITY] : 0;
	*uidnext = x ? x->items[STATUS_UIDNEXT] : 0;
	map_free(b->list);
	arena_free(b->list_arena);
	b->list = NULL;
	b->list_arena = NULL;
	return ok;
}

/* The destination is made when it is missing: Sent and Trash often are, the first time. */
bool apply_ready_destination(struct imap_box *b, const char *name, uint64_t *uidvalidity,
	uint64_t *uidnext, struct err *e)
{
	if (apply_status_of(b, name, uidvalidity, uidnext, e))
		return true;
	if (imap_is_dead(b->im))
		return false;
	err_clear(e);
	return imap_create(b->im, name, imap_list_use_of(b, name), e) && apply_status_of(b, name, uidvalidity, uidnext, e);
}

/*
 * An earlier attempt may have gone through: those whose message is at the destination, above the
 * UIDNEXT of then, are done there. *found gets their new UIDs (in the order of the step; 0: not
 * there).
 */
bool apply_look_for_copies(
	struct imap_box *b, struct apply_step *s, const char *dest, uint64_t *found, struct err *e)
{
	struct mailbox m = {.name = (char *)(uintptr_t)dest};
	bool any = false;

	for (size_t i = 0; i < s->count; i++)
		any |= s->one[i].was.state == APPLIED_TRYING && s->one[i].message_id &&
		       *s->one[i].message_id;
	if (!any)
		return true;
	m.id = s->dest && s->dest->id ? s->dest->id : UINT64_MAX;
	if (!imap_box_select(b, &m, false, e)) {
		if (!imap_is_dead(b->im))
			err_clear(e); /* it is not there, so nothing is in it */
		return !imap_is_dead(b->im);
	}
	for (size_t i = 0; i < s->count; i++) {
		const struct applied *was = &s->one[i].was;

		if (was->state != APPLIED_TRYING ||
			(was->uidvalidity && was->uidvalidity != b->uidvalidity))
			continue;
		if (!apply_find_by_id(b, s->one[i].message_id, was->uid, &found[i], e))
			return false;
	}
	imap_box_deselect(b);
	return true;
}

/* ---- copy and move ---- */

/* Copies those that are not there yet. The answer's sets are lent until the next command. */
static bool copy_rest(struct imap_box *b, struct apply_step *s, const uint64_t *found,
	struct imap_answer *answer, struct err *e)
{
	struct batch rest;
	imap_tag tag;
	bool ok = true;

	for (size_t i = 0; i < s->count; i++)
		s->one[i].done = s->one[i].done || found[i];
	batch_make(&rest, s);
	for (size_t i = 0; i < s->count; i++)
		s->one[i].done = false;
	if (rest.n) {
		tag = imap_copy_send(b->im, rest.set, s->dest->name, e);
		ok = tag && imap_end(b->im, tag, answer, e);
	}
	batch_free(&rest);
	return ok;
}

static bool commit_copies(struct imap_box *b, struct apply_step *s, const uint64_t *found,
	const struct imap_answer *a, struct err *e)
{
	struct cache *c = host_cache(b->box.host);

	if (!cache_begin(c, e))
		return false;
	for (size_t i = 0; i < s->count; i++) {
		uint64_t to = found[i] ? found[i] : apply_copied_to(a, (uint32_t)s->one[i].uid);
		uint64_t validity = found[i] ? s->one[i].was.uidvalidity : a->uidvalidity;

		if (s->one[i].error.class == ERR_NONE &&
			!apply_mark_done(c, &s->one[i], to ? validity : 0, to, e))
			return false;
	}
	if (!cache_commit(c, e))
		return false;
	apply_all_done(s);
	return true;
}

/* The copy part of copy, and of move where the server has no MOVE. *answer: where they went. */
static bool copy_safely(struct imap_box *b, struct apply_step *s, uint64_t *found,
	struct imap_answer *answer, struct err *e)
{
	uint64_t validity, uidnext;

	if (!apply_look_for_copies(b, s, s->dest->name, found, e) ||
		!imap_box_select(b, s->mailbox, true, e) ||
		!apply_ready_destination(b, s->dest->name, &validity, &uidnext, e) ||
		!apply_note_trying(b, s, validity, uidnext, e))
		return false;
	host_step("trying noted");
	if (!copy_rest(b, s, found, answer, e))
		return false;
	host_step("copied");
	return true;
}

bool apply_copy(struct imap_box *b, struct apply_step *s, struct err *e)
{
	uint64_t *found = xcalloc(s->count, sizeof(*found));
	struct imap_answer answer = {0};
	bool ok = copy_safely(b, s, found, &answer, e);

	ok = ok ? commit_copies(b, s, found, &answer, e) : apply_settle(b, s, e);
	free(found);
	return ok;
}

/* Every message must be at its destination before one leaves its place. */
static bool verify_copies(struct imap_box *b, const struct apply_step *s, const uint64_t *found,
	const struct imap_answer *a, struct err *e)
{
	if (!imap_has(b->im, CAP_UIDPLUS))
		return true; /* an OK without COPYUID: COPY is all or nothing (RFC 9051 6.4.7) */
	for (size_t i = 0; i < s->count; i++)
		if (s->one[i].error.class == ERR_NONE && !found[i] && a->from.n &&
			!apply_copied_to(a, (uint32_t)s->one[i].uid))
			return err_set(e, ERR_PROTO, "the server did not copy all messages to %s",
				s->dest->name);
	return true;
}

/* The answer's sets lend from the session; what comes next would overwrite them. */
static void keep_answer(struct arena *a, struct imap_answer *answer)
{
	struct imap_range *from = arena_alloc(a, (answer->from.n + 1) * sizeof(*from));
	struct imap_range *to = arena_alloc(a, (answer->to.n + 1) * sizeof(*to));

	if (answer->from.n)
		memcpy(from, answer->from.r, answer->from.n * sizeof(*from));
	if (answer->to.n)
		memcpy(to, answer->to.r, answer->to.n * sizeof(*to));
	answer->from.r = from;
	answer->to.r = to;
}

static bool commit_move(
	struct imap_box *b, struct apply_step *s, const struct imap_answer *answer, struct err *e)
{
	struct cache *c = host_cache(b->box.host);

	if (!cache_begin(c, e) || !apply_drop_rows(b, s, answer, e) || !apply_recount(c, s->mailbox, e) ||
		!apply_recount(c, s->dest, e) || !cache_commit(c, e))
		return false;
	apply_all_done(s);
	return true;
}

static bool move_by_copy(
	struct imap_box *b, struct apply_step *s, const struct batch *x, struct err *e)
{
	uint64_t *found = xcalloc(s->count, sizeof(*found));
	struct imap_answer answer = {0};
	struct arena *a = arena_new();
	bool ok = copy_safely(b, s, found, &answer, e) && verify_copies(b, s, found, &answer, e);

	keep_answer(a, &answer);
	ok = ok && apply_expunge(b, x, e);
	ok = ok ? commit_move(b, s, &answer, e) : apply_settle(b, s, e);
	arena_free(a);
	free(found);
	return ok;
}

bool apply_move(
	struct imap_box *b, struct apply_step *s, const struct batch *x, struct err *e)
{
	struct imap_answer answer = {0};
	struct arena *a;
	imap_tag tag;
	bool ok;

	if (!imap_has(b->im, CAP_MOVE))
		return move_by_copy(b, s, x, e);
	tag = imap_move_send(b->im, x->set, s->dest->name, e);
	ok = tag && imap_end(b->im, tag, &answer, e);
	if (!ok && !imap_is_dead(b->im) &&
		(answer.code == CODE_TRYCREATE || answer.code == CODE_NONEXISTENT)) {
		err_clear(e);
		ok = imap_create(b->im, s->dest->name, imap_list_use_of(b, s->dest->name), e) &&
		     (tag = imap_move_send(b->im, x->set, s->dest->name, e)) &&
		     imap_end(b->im, tag, &answer, e);
	}
	if (!ok)
		return apply_settle(b, s, e);
	host_step("moved");
	a = arena_new();
	keep_answer(a, &answer);
	ok = commit_move(b, s, &answer, e);
	arena_free(a);
	return ok;
}

