/*
 * Intents carried out on an IMAP server: one step, and deletes, which can be repeated without harm. Flags
 * are in imap_flags.c, copies and moves in imap_copy.c, messages that go up in imap_upload.c, mailboxes
 * in imap_mailbox.c.
 */
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "sync/imap_apply_priv.h"
#include "sync/imap_row.h"

#define REFUSED_AGAIN_MS 30000 /* "in use", "unavailable": the server may do it later */

/* ---- sets of messages ---- */

static int compare_uids(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Those that are still to be done. At most BOX_APPLY_MAX, so the set fits one command. */
void batch_make(struct batch *x, const struct apply_step *s)
{
	struct str set;
	size_t at = 0;

	x->uids = xcalloc(s->count + 1, sizeof(*x->uids));
	x->n = 0;
	for (size_t i = 0; i < s->count; i++)
		if (!s->one[i].done && s->one[i].error.class == ERR_NONE && s->one[i].uid &&
			s->one[i].uid <= UINT32_MAX)
			x->uids[x->n++] = (uint32_t)s->one[i].uid;
	qsort(x->uids, x->n, sizeof(*x->uids), compare_uids);
	str_init(&set, 1u << 16);
	while (imap_write_set(&set, x->uids, x->n, &at))
		if (at < x->n)
			str_addc(&set, ',');
	x->set = str_detach(&set);
	str_fini(&set);
}

void batch_free(struct batch *x)
{
	free(x->uids);
	free(x->set);
}

/* ---- results ---- */

/* The server said no: that is the answer to all that were asked together. */
static void refuse_all(struct apply_step *s, const struct err *why)
{
	for (size_t i = 0; i < s->count; i++)
		if (!s->one[i].done && s->one[i].error.class == ERR_NONE)
			s->one[i].error = *why;
}

/*
 * False: the connection is gone, nothing more can be said. Else the refusal goes to the intents, or
 * they wait when it is one that passes, and the step is over.
 */
bool apply_settle(struct imap_box *b, struct apply_step *s, struct err *e)
{
	if (imap_is_dead(b->im) || e->class == ERR_NET || e->class == ERR_CANCEL ||
		e->class == ERR_DISK)
		return imap_box_fail(b);
	if (imap_refusal_passes(b->im)) { /* they stay in the queue */
		log_write(LOG_WARN, "imap", "%s: %s: %s", host_account(b->box.host), s->mailbox->name, e->text);
		b->box.later_ms = REFUSED_AGAIN_MS;
		err_clear(e);
		return true;
	}
	refuse_all(s, e);
	err_clear(e);
	return true;
}

bool apply_mark_done(
	struct cache *c, struct apply_one *one, uint64_t uidvalidity, uint64_t uid, struct err *e)
{
	struct applied done = {APPLIED_DONE, uidvalidity, uid};

	if (!applied_set(c, one->intent, &done, e))
		return false;
	one->new_uidvalidity = uidvalidity;
	one->new_uid = uid;
	return true;
}

/* After the commit. */
void apply_all_done(struct apply_step *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->one[i].error.class == ERR_NONE)
			s->one[i].done = true;
}

bool apply_recount(struct cache *c, const struct mailbox *m, struct err *e)
{
	return !m || !m->id || mailbox_count(c, m->id, e);
}

/* Intents that name no UID. */
static bool find_uids(struct imap_box *b, struct apply_step *s, struct err *e)
{
	for (size_t i = 0; i < s->count; i++) {
		struct apply_one *one = &s->one[i];

		if (one->uid || one->done)
			continue;
		if (!apply_find_by_id(b, one->message_id, 0, &one->uid, e))
			return false;
		if (!one->uid)
			err_set(&one->error, ERR_GONE, "the message is not in %s any more",
				s->mailbox->name);
	}
	return true;
}

/* ---- several commands in one flight ---- */

bool apply_board(struct sent_together *f, imap_tag tag)
{
	if (tag)
		f->tag[f->n++] = tag;
	return tag != 0;
}

bool apply_land(struct imap_box *b, struct sent_together *f, bool sent, struct err *e)
{
	bool ok = sent;

	for (size_t i = 0; i < f->n; i++) {
		struct err one = {0};

		if (!imap_end(b->im, f->tag[i], NULL, &one) && ok) {
			ok = false;
			*e = one;
		}
	}
	return ok;
}

/* ---- deleting ---- */

/*
 * Without UIDPLUS there is only EXPUNGE, which takes all that is marked, also what another program has
 * marked and its user may still want. Then nothing is expunged and the user is told; marked they are.
 */
static bool expunge_all(struct imap_box *b, const struct batch *x, struct err *e)
{
	char *criteria = xasprintf("DELETED NOT UID %s", x->set);
	uint32_t *others = NULL;
	size_t n = 0;
	bool ok = imap_search(b->im, criteria, sv_make(NULL, 0), &others, &n, e);

	free(criteria);
	free(others);
	if (ok && n > 0)
		return err_set(e, ERR_LIMIT,
			"the server cannot remove single messages, and %zu others are marked as deleted there: "
			"marked, too, but kept (undelete or expunge the others with the program that marked them)",
			n);
	return ok && imap_expunge_all(b->im, e);
}

/* The server has said of each, since there were `from` ranges of news, that it is gone. */
static bool all_vanished(const struct imap_box *b, const struct batch *x, size_t from)
{
	for (size_t i = 0; i < x->n; i++) {
		bool gone = false;

		for (size_t k = from; !gone && k < b->news.ngone; k++)
			gone = x->uids[i] >= b->news.gone[k].lo && x->uids[i] <= b->news.gone[k].hi;
		if (!gone)
			return false;
	}
	return true;
}

/*
 * Dovecot 2.3 was seen to answer OK to an EXPUNGE right behind its STORE and to leave the messages marked:
 * where it tells what is gone, those it does not tell of are asked for once more.
 */
bool apply_expunge(struct imap_box *b, const struct batch *x, struct err *e)
{
	bool uidplus = imap_has(b->im, CAP_UIDPLUS);
	size_t told = b->news.ngone;
	struct sent_together f = {0}, again = {0};
	bool sent = apply_board(&f, imap_store_send(b->im, x->set, '+', IMAP_DELETED, NULL, 0, 0, e)) &&
		    (!uidplus || apply_board(&f, imap_expunge_send(b->im, x->set, e)));

	if (!apply_land(b, &f, sent, e))
		return false;
	if (!uidplus)
		return expunge_all(b, x, e);
	if (!imap_qresync(b->im) || all_vanished(b, x, told))
		return true;
	sent = apply_board(&again, imap_expunge_send(b->im, x->set, e));
	return apply_land(b, &again, sent, e);
}

bool apply_drop_rows(
	struct imap_box *b, struct apply_step *s, const struct imap_answer *moved, struct err *e)
{
	struct cache *c = host_cache(b->box.host);

	for (size_t i = 0; i < s->count; i++) {
		struct apply_one *one = &s->one[i];
		uint32_t to = moved ? apply_copied_to(moved, (uint32_t)one->uid) : 0;
		uint64_t id = message_id_of(s->mailbox->id, one->uid);

		if (one->error.class != ERR_NONE)
			continue;
		if (!apply_mark_done(c, one, to ? moved->uidvalidity : 0, to, e))
			return false;
		/* The row goes along when the destination is known well enough to take it. */
		if (to && s->dest && s->dest->id && s->dest->uidvalidity == moved->uidvalidity
				? !message_move(c, id, message_id_of(s->dest->id, to), e)
				: !message_delete(c, id, e))
			return false;
	}
	return true;
}

static bool apply_delete(
	struct imap_box *b, struct apply_step *s, const struct batch *x, struct err *e)
{
	struct cache *c = host_cache(b->box.host);

	if (!apply_expunge(b, x, e))
		return apply_settle(b, s, e);
	host_step("expunged");
	if (!cache_begin(c, e) || !apply_drop_rows(b, s, NULL, e) || !apply_recount(c, s->mailbox, e) ||
		!cache_commit(c, e))
		return false;
	apply_all_done(s);
	return true;
}

/* ---- one step ---- */

static bool apply_messages(struct imap_box *b, struct apply_step *s, struct err *e)
{
	struct batch x;
	bool ok;

	if (!imap_box_enabled(b, e))
		return false;
	if (s->uidvalidity && s->mailbox->uidvalidity != s->uidvalidity)
		err_set(e, ERR_GONE, "%s was made anew: its messages are not the same any more",
			s->mailbox->name);
	if (e->class != ERR_NONE || !imap_box_select(b, s->mailbox, true, e) || !find_uids(b, s, e))
		return apply_settle(b, s, e);
	batch_make(&x, s);
	if (x.n == 0)
		ok = true;
	else if (s->kind == INTENT_FLAG)
		ok = apply_flags(b, s, &x, e);
	else if (s->kind == INTENT_DELETE)
		ok = apply_delete(b, s, &x, e);
	else if (s->kind == INTENT_MOVE)
		ok = apply_move(b, s, &x, e);
	else
		ok = apply_copy(b, s, e);
	batch_free(&x);
	return ok;
}

static void say_changes(struct imap_box *b, const struct apply_step *s)
{
	bool any = false;

	for (size_t i = 0; i < s->count; i++)
		any |= s->one[i].done;
	if (!any)
		return;
	switch (s->kind) {
	case INTENT_FLAG:
		host_changed(b->box.host, s->mailbox->id, "flags", s->count);
		break;
	case INTENT_DELETE:
	case INTENT_MOVE:
		host_changed(b->box.host, s->mailbox->id, "messages", s->count);
		if (s->dest && s->dest->id)
			host_changed(b->box.host, s->dest->id, "messages", s->count);
		break;
	case INTENT_COPY:
	case INTENT_APPEND:
		break;
	default:
		host_changed(b->box.host, 0, "list", 1);
		break;
	}
}

bool imap_box_apply(struct box *box, struct apply_step *s, struct err *e)
{
	struct imap_box *b = imap_box_of(box);
	struct err mine = {0};
	bool ok;

	switch (s->kind) {
	case INTENT_FLAG:
	case INTENT_DELETE:
	case INTENT_MOVE:
	case INTENT_COPY:
		ok = apply_messages(b, s, &mine);
		break;
	case INTENT_APPEND:
		ok = apply_append(b, s, &mine);
		break;
	default:
		ok = apply_mailbox(b, s, &mine);
		break;
	}
	if (!ok) {
		cache_rollback(host_cache(box->host));
		imap_box_fail(b);
		if (e)
			*e = mine;
		return false;
	}
	say_changes(b, s);
	return true;
}
