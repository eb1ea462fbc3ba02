/*
 * Mailboxes made, renamed, removed and subscribed.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "sync/host_priv.h"
#include "sync/imap_apply_priv.h"

/* ---- the mailboxes below ---- */

struct children {
	const char *below; /* "Old/" */
	struct child {
		uint64_t id;
		char *name;
		bool subscribed;
	} *v;
	size_t n, cap;
};

static bool note_child(void *data, const struct mailbox *m)
{
	struct children *c = data;

	if (strncmp(m->name, c->below, strlen(c->below)) == 0) {
		array_grow(c->v, c->n, c->cap);
		c->v[c->n++] = (struct child){m->id, xstrdup(m->name), (m->flags & MAILBOX_SUBSCRIBED) != 0};
	}
	return true;
}

/* The mailbox itself first. False: the cache failed. */
static bool list_children(struct imap_box *b, const struct mailbox *m, struct children *out, struct err *e)
{
	char *below = m->delim ? xasprintf("%s%c", m->name, m->delim) : NULL;
	bool ok;

	*out = (struct children){.below = below};
	array_grow(out->v, out->n, out->cap);
	out->v[out->n++] = (struct child){m->id, xstrdup(m->name), (m->flags & MAILBOX_SUBSCRIBED) != 0};
	ok = !below || mailbox_each(host_cache(b->box.host), note_child, out, e);
	free(below);
	out->below = NULL;
	return ok;
}

static void children_free(struct children *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->v[i].name);
	free(c->v);
}

static char *renamed(const struct mailbox *m, const char *to, const struct child *c)
{
	return xasprintf("%s%s", to, c->name + strlen(m->name));
}

/*
 * Servers keep a subscription under its name, also when the mailbox has another one or is gone. Ours goes
 * along. to NULL: it is gone. A refusal is no trouble.
 */
static bool move_subscriptions(struct imap_box *b, const struct mailbox *m, const char *to, struct err *e)
{
	struct children list;
	bool ok = list_children(b, m, &list, e);

	for (size_t i = 0; ok && i < (to ? list.n : 1); i++) {
		char *name = to ? renamed(m, to, &list.v[i]) : NULL;

		if (list.v[i].subscribed) {
			imap_tag off = imap_subscribe_send(b->im, list.v[i].name, false, e);
			imap_tag on = off && to ? imap_subscribe_send(b->im, name, true, e) : 0;
			bool off_ok = off && imap_end(b->im, off, NULL, e), on_ok = !on || imap_end(b->im, on, NULL, e);

			ok = (off_ok && on_ok) || !imap_is_dead(b->im);
		}
		free(name);
	}
	children_free(&list);
	return ok;
}

/* ---- on the server ---- */

static bool exists(struct imap_box *b, const char *name)
{
	uint64_t validity, uidnext;

	return apply_status_of(b, name, &validity, &uidnext, NULL);
}

/* What is as it should be already counts as done. */
static bool change_mailbox(struct imap_box *b, struct apply_step *s, struct err *e)
{
	const char *name = s->mailbox->name;

	switch (s->kind) {
	case INTENT_CREATE:
		if (imap_create(b->im, name, imap_list_use_of(b, name), e))
			return imap_subscribe(b->im, name, true, NULL) || !imap_is_dead(b->im);
		return !imap_is_dead(b->im) && exists(b, name);
	case INTENT_RENAME:
		imap_box_deselect(b);
		if (imap_unselect(b->im, e) && imap_rename(b->im, name, s->dest->name, e))
			return move_subscriptions(b, s->mailbox, s->dest->name, e);
		return !imap_is_dead(b->im) && !exists(b, name) && !imap_is_dead(b->im) && exists(b, s->dest->name);
	case INTENT_REMOVE:
		imap_box_deselect(b);
		if (imap_delete(b->im, name, e))
			return move_subscriptions(b, s->mailbox, NULL, e);
		return !imap_is_dead(b->im) && e->class == ERR_GONE;
	case INTENT_SUBSCRIBE:
	case INTENT_UNSUBSCRIBE:
		return imap_subscribe(b->im, name, s->kind == INTENT_SUBSCRIBE, e);
	default:
		return err_set(e, ERR_INPUT, "not for a mailbox");
	}
}

/* ---- rows ---- */

static bool rename_row(struct cache *c, uint64_t id, const char *name, struct err *e)
{
	struct mailbox m;
	bool ok;

	if (!mailbox_by_id(c, id, &m, e))
		return e->class == ERR_GONE;
	free(m.name);
	free(m.raw);
	m.name = xstrdup(name);
	m.raw = xstrdup("");
	ok = mailbox_update(c, &m, e);
	mailbox_fini(&m);
	return ok;
}

/* RENAME takes the mailboxes below along (RFC 9051 6.3.6): so do their rows. */
static bool rename_rows(struct imap_box *b, const struct mailbox *m, const char *to, struct err *e)
{
	struct children list;
	bool ok = list_children(b, m, &list, e);

	for (size_t i = 0; ok && i < list.n; i++) {
		char *name = renamed(m, to, &list.v[i]);

		ok = rename_row(host_cache(b->box.host), list.v[i].id, name, e);
		free(name);
	}
	children_free(&list);
	return ok;
}

static bool mark_subscribed(struct cache *c, uint64_t id, bool on, struct err *e)
{
	struct mailbox m;
	bool ok;

	if (!mailbox_by_id(c, id, &m, e))
		return e->class == ERR_GONE;
	m.flags = on ? m.flags | MAILBOX_SUBSCRIBED : m.flags & ~(unsigned)MAILBOX_SUBSCRIBED;
	ok = mailbox_update(c, &m, e);
	mailbox_fini(&m);
	return ok;
}

static bool change_row(struct imap_box *b, struct apply_step *s, struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	uint64_t id = s->mailbox->id;

	if (s->kind == INTENT_CREATE)
		return mailbox_add(c, s->mailbox->name, "", s->mailbox->delim, &id, e);
	if (!id)
		return true;
	switch (s->kind) {
	case INTENT_REMOVE:
		return mailbox_delete(c, id, e);
	case INTENT_RENAME:
		/* Its messages have moved, but it is still there (RFC 9051 6.3.6). */
		return strcmp(s->mailbox->name, "INBOX") == 0 || rename_rows(b, s->mailbox, s->dest->name, e);
	default:
		return mark_subscribed(c, id, s->kind == INTENT_SUBSCRIBE, e);
	}
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
	/* Flags, delimiter and special use are the server's to tell. */
	b->listed_at = 0;
	job_want(b->box.host, JOB_LIST, 0);
	return true;
}

