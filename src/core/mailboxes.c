/*
 * The list of mailboxes, made from the caches of all accounts and the mailboxes command; made anew when
 * something has changed. Intents on mailboxes show at once.
 */
#include "core/mailboxes.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/loop.h"
#include "base/mem.h"
#include "core/gettext.h"
#include "core/session_priv.h"
#include "core/unified.h"

struct box_list {
	struct mailbox_info *v; /* strings owned */
	size_t n, cap;
	struct map *by_full;
	bool stale;
	unsigned generation;
	int64_t made_at, cost_ms; /* of the last time */
	int timer;                /* it is to be built again later */
};

#define COST_MS 5     /* from that on it is not built at every change */
#define COST_TIMES 20 /* ... but takes a twentieth of the time at most */

static void build_again(void *data);

static const char *const use_names[] = {[USE_NONE] = "",
	[USE_INBOX] = "inbox",
	[USE_SENT] = "sent",
	[USE_DRAFTS] = "drafts",
	[USE_TRASH] = "trash",
	[USE_JUNK] = "junk",
	[USE_ARCHIVE] = "archive",
	[USE_ALL] = "all",
	[USE_FLAGGED] = "flagged",
	[USE_IMPORTANT] = "important",
	[USE_OUTBOX] = "outbox",
	[USE_UNIFIED] = "unified"};

const char *box_use_name(enum box_use use)
{
	return use_names[use];
}

static enum box_use use_of(enum mailbox_special special)
{
	switch (special) {
	case MAILBOX_INBOX:
		return USE_INBOX;
	case MAILBOX_ALL:
		return USE_ALL;
	case MAILBOX_ARCHIVE:
		return USE_ARCHIVE;
	case MAILBOX_DRAFTS:
		return USE_DRAFTS;
	case MAILBOX_FLAGGED:
		return USE_FLAGGED;
	case MAILBOX_JUNK:
		return USE_JUNK;
	case MAILBOX_SENT:
		return USE_SENT;
	case MAILBOX_TRASH:
		return USE_TRASH;
	case MAILBOX_IMPORTANT:
		return USE_IMPORTANT;
	default:
		return USE_NONE;
	}
}

static void info_fini(struct mailbox_info *m)
{
	free((char *)m->account);
	free((char *)m->name);
	free((char *)m->full);
	free((char *)m->shown);
	free((char *)m->label);
}

static void list_clear(struct box_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		info_fini(&l->v[i]);
	l->n = 0;
	map_free(l->by_full);
	l->by_full = map_new();
}

void boxes_free(struct session *s)
{
	if (!s->boxes)
		return;
	if (s->boxes->timer)
		loop_remove(s->loop, s->boxes->timer);
	list_clear(s->boxes);
	map_free(s->boxes->by_full);
	free(s->boxes->v);
	free(s->boxes);
	s->boxes = NULL;
}

void boxes_stale(struct session *s)
{
	if (s->boxes)
		s->boxes->stale = true;
}

/* ---- making it ---- */

/* The entry of this mailbox; a new one when there is none yet. */
static struct mailbox_info *entry(
	struct session *s, const struct account *account, const char *name)
{
	struct box_list *l = s->boxes;
	char *full = account_mailbox_string(account, name);
	uintptr_t at = (uintptr_t)map_get(l->by_full, sv_of(full));
	struct mailbox_info *m;

	if (at) {
		free(full);
		return &l->v[at - 1];
	}
	array_grow(l->v, l->n, l->cap);
	m = &l->v[l->n++];
	*m = (struct mailbox_info){.account = xstrdup(account->name),
		.name = xstrdup(name),
		.full = full,
		.shown = conf_pretty_path(s->conf, full)};
	map_set(l->by_full, sv_of(full), (void *)(uintptr_t)l->n); /* place + 1 */
	return m;
}

static bool is_open(const struct acct *a, const char *name)
{
	for (size_t i = 0; i < a->view_count; i++) {
		if (!a->views[i]->unified && strcmp(a->views[i]->src[0].name, name) == 0)
			return true;
	}
	return false;
}

static void fill(struct mailbox_info *m, const struct acct *a, const struct mailbox *row)
{
	m->delim = row->delim;
	m->use = use_of(row->special);
	m->flags |= row->flags & MAILBOX_NOSELECT ? BOX_NOSELECT : 0;
	m->flags |= row->flags & MAILBOX_SUBSCRIBED ? BOX_SUBSCRIBED : 0;
	m->flags |= row->flags & MAILBOX_CHILDREN ? BOX_HAS_CHILDREN : 0;
	m->flags |= row->flags & MAILBOX_MARKED ? BOX_NEW : 0;
	m->flags |= row->flags & (MAILBOX_COUNTED | MAILBOX_COMPLETE) ? BOX_COUNTED : 0;
	m->flags |= is_open(a, row->name) ? BOX_OPEN : 0;
	m->total = (uint32_t)row->total;
	m->unread = (uint32_t)row->unseen;
	m->fresh = (uint32_t)row->fresh;
	if (row->fresh > 0)
		m->flags |= BOX_NEW;
}

struct account_walk {
	struct session *s;
	struct acct *a;
	const struct account *account;
};

static bool add_row(void *data, const struct mailbox *row)
{
	struct account_walk *w = data;
	struct mailbox_info *m;

	if (row->flags & MAILBOX_GONE)
		return true;
	m = entry(w->s, w->account, row->name);
	fill(m, w->a, row);
	return true;
}

static void add_account(struct session *s, const struct account *account)
{
	struct acct *a = session_acct(s, account);
	struct account_walk w = {.s = s, .a = a, .account = account};
	struct err e;

	/* Local mailboxes are those that were named; the cache has every one that was ever looked at. */
	if (account->kind == ACCOUNT_LOCAL || !acct_open_cache(a))
		return;
	if (!mailbox_each(a->cache, add_row, &w, &e))
		session_fail(s, &e, _("The mailboxes of %s"), a->name);
}

/* Local ones that were named get the numbers of their rows; the cache has every one that was ever looked at. */
static bool fill_local(void *data, const struct mailbox *row)
{
	struct account_walk *w = data;
	struct box_list *l = w->s->boxes;
	char *full = account_mailbox_string(w->account, row->name);
	uintptr_t at = (uintptr_t)map_get(l->by_full, sv_of(full));

	if (at)
		fill(&l->v[at - 1], w->a, row);
	free(full);
	return true;
}

static void add_local_rows(struct session *s)
{
	for (size_t i = 0; i < s->accounts.n; i++) {
		struct account_walk w = {.s = s, .a = session_acct(s, &s->accounts.v[i]), .account = &s->accounts.v[i]};
		struct err e;

		if (w.account->kind == ACCOUNT_LOCAL && acct_open_cache(w.a) && !mailbox_each(w.a->cache, fill_local, &w, &e))
			session_fail(s, &e, _("The mailboxes of %s"), w.a->name);
	}
}

/* What the mailboxes command and the usual options name. */
static void add_named(struct session *s, const char *mailbox, unsigned flags, const char *label)
{
	char *name = NULL, *real;
	struct err e;
	struct acct *a;
	const struct account *account;
	struct mailbox_info *m;

	if (!mailbox || !*mailbox)
		return;
	a = session_resolve(s, mailbox, &name, &e);
	if (!a)
		return;
	account = account_find(&s->accounts, a->name);
	real = acct_mailbox_name(a, name);
	m = entry(s, account, real);
	m->flags |= flags;
	if (label && !m->label)
		m->label = xstrdup(label);
	free(real);
	free(name);
}

static bool overlay(void *data, const struct intent *i)
{
	struct session *s = data;
	const struct account *account = account_find(&s->accounts, i->account);
	struct box_list *l = s->boxes;

	if (!account || i->state != INTENT_PENDING)
		return true;
	switch (i->kind) {
	case INTENT_CREATE:
		(void)entry(s, account, i->mailbox);
		break;
	case INTENT_REMOVE:
	case INTENT_RENAME:
		for (size_t n = 0; n < l->n; n++) {
			if (strcmp(l->v[n].account, i->account) == 0 &&
				strcmp(l->v[n].name, i->mailbox) == 0)
				l->v[n].flags |= BOX_NOSELECT;
		}
		if (i->kind == INTENT_RENAME)
			(void)entry(s, account, i->dest);
		break;
	case INTENT_SUBSCRIBE:
		entry(s, account, i->mailbox)->flags |= BOX_SUBSCRIBED;
		break;
	case INTENT_UNSUBSCRIBE:
		entry(s, account, i->mailbox)->flags &= ~(unsigned)BOX_SUBSCRIBED;
		break;
	default:
		break;
	}
	return true;
}

static int by_place(const void *va, const void *vb)
{
	const struct mailbox_info *a = va, *b = vb;
	int c = strcmp(a->account, b->account);

	/* Inboxes first, then by name: how lists of mailboxes are read. */
	if (c != 0)
		return c;
	if ((a->use == USE_INBOX) != (b->use == USE_INBOX))
		return a->use == USE_INBOX ? -1 : 1;
	return sv_cmp_case(sv_of(a->name), sv_of(b->name));
}

/* $imap_check_subscribed: what the user is subscribed to counts as named by `mailboxes`. */
static void watch_subscribed(struct box_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		if ((l->v[i].flags & BOX_SUBSCRIBED) && !(l->v[i].flags & BOX_NOSELECT))
			l->v[i].flags |= BOX_WATCHED;
}

/* Without an account they stand before all others. */
static void add_unified(struct session *s)
{
	struct box_list *l = s->boxes;
	const char *name, *query;

	for (size_t i = 0; (name = unified_at(s, i, &query)); i++) {
		bool built_in = strcmp(name, UNIFIED_INBOXES) == 0 && query == name;
		struct mailbox_info m = {.account = xstrdup(""),
			.name = xstrdup(name),
			.full = xasprintf(UNIFIED_SCHEME "%s", name),
			.shown = xstrdup(built_in ? _("All inboxes") : name),
			.use = USE_UNIFIED,
			.flags = BOX_WATCHED};

		if (unified_counts(s, name, &m.total, &m.unread, &m.fresh))
			m.flags |= BOX_COUNTED;
		for (size_t k = 0; k < s->acct_count; k++) {
			for (size_t v = 0; v < s->accts[k]->view_count; v++) {
				const struct view *open = s->accts[k]->views[v];

				if (open->unified && strcmp(open->unified, m.full) == 0)
					m.flags |= BOX_OPEN;
			}
		}
		array_grow(l->v, l->n, l->cap);
		l->v[l->n++] = m;
	}
}

/* Built so lately, and at such cost, that it must do for a while. */
static bool must_do(struct session *s)
{
	struct box_list *l = s->boxes;
	int64_t wait_ms = l->made_at + l->cost_ms * COST_TIMES - clock_ms();

	if (l->timer) /* never in the middle of a turn, because its time is over: entries are lent */
		return true;
	if (l->cost_ms < COST_MS || wait_ms <= 0)
		return false;
	if (s->loop)
		l->timer = loop_timer(s->loop, "mailboxes", (int)wait_ms, build_again, s);
	return l->timer != 0;
}

static void build_again(void *data)
{
	struct session *s = data;

	s->boxes->timer = 0;
	s->boxes->made_at = 0;
	session_mailboxes_changed(s, MAILBOXES_COUNTS);
}

static void make(struct session *s)
{
	const struct rc_mailboxes *named = &s->conf->rc.mailboxes;
	int64_t began = clock_ms();
	struct box_list *l;
	struct err e;

	if (!s->boxes) {
		s->boxes = xcalloc(1, sizeof(*s->boxes));
		s->boxes->stale = true;
	}
	l = s->boxes;
	if (!l->stale || must_do(s))
		return;
	list_clear(l);
	l->generation++;
	l->stale = false;
	for (size_t i = 0; i < s->accounts.n; i++)
		add_account(s, &s->accounts.v[i]);
	add_named(s, s->conf->spoolfile, 0, NULL);
	for (size_t i = 0; i < named->n; i++) {
		if (!named->v[i].virtual_)
			add_named(s, named->v[i].path, BOX_WATCHED, named->v[i].label);
	}
	add_local_rows(s);
	if (!intent_each(s->state, NULL, NULL, overlay, s, &e))
		session_fail(s, &e, _("Pending changes"));
	if (s->conf->imap_check_subscribed)
		watch_subscribed(l);
	add_unified(s);
	if (l->n > 1)
		qsort(l->v, l->n, sizeof(*l->v), by_place);
	map_free(l->by_full);
	l->by_full = map_new();
	for (size_t i = 0; i < l->n; i++)
		map_set(l->by_full, sv_of(l->v[i].full), (void *)(uintptr_t)(i + 1));
	l->made_at = clock_ms();
	l->cost_ms = l->made_at - began;
}

/* ---- asking ---- */

unsigned mailboxes_generation(struct session *s)
{
	make(s);
	return s->boxes->generation;
}

size_t mailboxes_count(struct session *s)
{
	make(s);
	return s->boxes->n;
}

const struct mailbox_info *mailboxes_at(struct session *s, size_t n)
{
	make(s);
	return n < s->boxes->n ? &s->boxes->v[n] : NULL;
}

const struct mailbox_info *mailboxes_find(struct session *s, const char *mailbox)
{
	const char *virtual_ = unified_name(s, mailbox);
	char *name = NULL, *real, *full;
	struct err e;
	struct acct *a;
	uintptr_t at;

	make(s);
	if (virtual_) {
		full = xasprintf(UNIFIED_SCHEME "%s", virtual_);
		at = (uintptr_t)map_get(s->boxes->by_full, sv_of(full));
		free(full);
		return at ? &s->boxes->v[at - 1] : NULL;
	}
	a = session_resolve(s, mailbox, &name, &e);
	if (!a)
		return NULL;
	real = acct_mailbox_name(a, name);
	full = account_mailbox_string(account_find(&s->accounts, a->name), real);
	at = (uintptr_t)map_get(s->boxes->by_full, sv_of(full));
	free(full);
	free(real);
	free(name);
	return at ? &s->boxes->v[at - 1] : NULL;
}

static bool has_new(const struct mailbox_info *m)
{
	return (m->flags & BOX_WATCHED) && (m->flags & BOX_NEW) && !(m->flags & BOX_OPEN);
}

const struct mailbox_info *mailboxes_next_new(struct session *s, const char *after)
{
	const struct mailbox_info *start = after ? mailboxes_find(s, after) : NULL;
	size_t from, n = mailboxes_count(s);

	from = start ? (size_t)(start - s->boxes->v) + 1 : 0;
	for (size_t i = 0; i < n; i++) {
		const struct mailbox_info *m = &s->boxes->v[(from + i) % n];

		if (has_new(m))
			return m;
	}
	return NULL;
}

uint32_t mailboxes_with_new(struct session *s)
{
	uint32_t count = 0;
	size_t n = mailboxes_count(s);

	for (size_t i = 0; i < n; i++)
		count += has_new(&s->boxes->v[i]);
	return count;
}

/* ---- changing ---- */

static bool box_intent(struct session *s, enum intent_kind kind, const char *mailbox,
	const char *dest, struct err *e)
{
	char *name = NULL, *real, *dest_name = NULL;
	struct acct *a = session_resolve(s, mailbox, &name, e), *to = a;
	struct intent i = {.kind = kind, .state = INTENT_PENDING};
	int64_t id;
	bool ok;

	if (!a)
		return false;
	if (dest) {
		to = session_resolve(s, dest, &dest_name, e);
		if (to && to != a)
			err_set(e, ERR_INPUT, "%s",
				_("A mailbox cannot be renamed into another account."));
	}
	real = acct_mailbox_name(a, name);
	i.account = a->name;
	i.mailbox = real;
	i.dest = dest_name;
	ok = to == a && intent_add(s->state, &i, &id, e);
	free(real);
	free(name);
	free(dest_name);
	if (!ok)
		return false;
	session_intents(s, a->name);
	session_mailboxes_changed(s, MAILBOXES_LIST);
	return true;
}

bool mailboxes_create(struct session *s, const char *mailbox, struct err *e)
{
	return box_intent(s, INTENT_CREATE, mailbox, NULL, e);
}

bool mailboxes_rename(struct session *s, const char *from, const char *to, struct err *e)
{
	return box_intent(s, INTENT_RENAME, from, to, e);
}

bool mailboxes_delete(struct session *s, const char *mailbox, struct err *e)
{
	return box_intent(s, INTENT_REMOVE, mailbox, NULL, e);
}

bool mailboxes_subscribe(struct session *s, const char *mailbox, bool on, struct err *e)
{
	return box_intent(s, on ? INTENT_SUBSCRIBE : INTENT_UNSUBSCRIBE, mailbox, NULL, e);
}

bool mailboxes_catch_up(struct session *s, const char *mailbox, struct err *e)
{
	char *name = NULL, *real;
	struct acct *a = session_resolve(s, mailbox, &name, e);
	struct message_cursor *c = NULL;
	struct message_row m;
	struct mailbox box;
	struct err why = {0};
	bool ok, found;

	if (!a)
		return false;
	real = acct_mailbox_name(a, name);
	free(name);
	found = acct_open_cache(a) && mailbox_by_name(a->cache, real, &box, e);
	if (!found) {
		free(real);
		return err_set(e, ERR_GONE, "%s", _("Nothing is known of that mailbox yet."));
	}
	ok = state_begin(s->state, e);
	if (ok && message_scan(a->cache, box.id, MESSAGE_BY_UID, false, &c, e)) {
		while (ok && message_next(c, &m, &why)) {
			struct intent i = {.kind = INTENT_FLAG,
				.state = INTENT_PENDING,
				.account = a->name,
				.mailbox = real,
				.uidvalidity = box.uidvalidity,
				.uid = message_uid(m.id),
				.add = MSG_SEEN};
			int64_t id;

			if (!(m.flags & MSG_SEEN))
				ok = intent_add(s->state, &i, &id, e);
		}
		message_cursor_close(c);
		ok = ok && state_commit(s->state, e);
	} else
		ok = false;
	if (!ok)
		state_rollback(s->state);
	mailbox_fini(&box);
	free(real);
	if (ok)
		session_intents(s, a->name);
	return ok;
}
