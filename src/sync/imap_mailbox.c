/*
 * Mailboxes made, renamed, removed and subscribed.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "sync/imap_apply_priv.h"

/* What is as it should be already counts as done. */
static bool change_mailbox(struct imap_box *b, struct apply_step *s, struct err *e)
{
	const char *name = s->mailbox->name;

	switch (s->kind) {
	case INTENT_CREATE: {
		uint64_t validity, uidnext;

		if (imap_create(b->im, name, e))
			return imap_subscribe(b->im, name, true, NULL) || !imap_is_dead(b->im);
		return !imap_is_dead(b->im) && apply_status_of(b, name, &validity, &uidnext, NULL);
	}
	case INTENT_RENAME: {
		uint64_t validity, uidnext;

		imap_box_deselect(b);
		if (imap_unselect(b->im, e) && imap_rename(b->im, name, s->dest->name, e))
			return true;
		return !imap_is_dead(b->im) && !apply_status_of(b, name, &validity, &uidnext, NULL) &&
		       apply_status_of(b, s->dest->name, &validity, &uidnext, NULL);
	}
	case INTENT_REMOVE:
		imap_box_deselect(b);
		return imap_delete(b->im, name, e) ||
		       (!imap_is_dead(b->im) && e->class == ERR_GONE);
	case INTENT_SUBSCRIBE:
	case INTENT_UNSUBSCRIBE:
		return imap_subscribe(b->im, name, s->kind == INTENT_SUBSCRIBE, e);
	default:
		return err_set(e, ERR_INPUT, "not for a mailbox");
	}
}

static bool change_row(struct imap_box *b, struct apply_step *s, struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	uint64_t id = s->mailbox->id;
	struct mailbox m;
	bool ok;

	if (s->kind == INTENT_CREATE)
		return mailbox_add(c, s->mailbox->name, "", s->mailbox->delim, &id, e);
	if (!id)
		return true;
	if (s->kind == INTENT_REMOVE)
		return mailbox_delete(c, id, e);
	if (!mailbox_by_id(c, id, &m, e))
		return e->class == ERR_GONE;
	if (s->kind == INTENT_RENAME) {
		free(m.name);
		free(m.raw);
		m.name = xstrdup(s->dest->name);
		m.raw = xstrdup("");
	} else if (s->kind == INTENT_SUBSCRIBE) {
		m.flags |= MAILBOX_SUBSCRIBED;
	} else {
		m.flags &= ~(unsigned)MAILBOX_SUBSCRIBED;
	}
	ok = mailbox_update(c, &m, e);
	mailbox_fini(&m);
	return ok;
}

bool apply_mailbox(struct imap_box *b, struct apply_step *s, struct err *e)
{
	struct cache *c = host_cache(b->box.host);

	if (!imap_box_enabled(b, e))
		return false;
	if (!change_mailbox(b, s, e))
		return apply_settle(b, s, e);
	err_clear(e);
	host_step("mailbox changed");
	if (!cache_begin(c, e) || !change_row(b, s, e) || !apply_mark_done(c, s->one, 0, 0, e) ||
		!cache_commit(c, e))
		return false;
	apply_all_done(s);
	return true;
}

