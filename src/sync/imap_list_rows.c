/*
 * The list of mailboxes: names, special use, subscriptions and counts from the server, into their rows.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "sync/host_priv.h"
#include "sync/imap_box_priv.h"

#define STATUS_AHEAD 16     /* commands for counts that are sent before their answers are read */
#define COUNTS_TOGETHER 100 /* mailboxes in one of them */
#define COUNT_TRUST_MS 60000 /* then a mailbox may have grown too much to ask by its count */
#define MAILBOXES_MAX 100000 /* of one account; what a server lists beyond is not looked at */
#define LIST_EVERY_MS (10 * 60 * 1000)

/* ---- what the server says ---- */

void imap_list_forget(struct imap_box *b)
{
	map_free(b->known);
	arena_free(b->known_arena);
	b->known = NULL;
	b->known_arena = NULL;
}

static enum mailbox_special special_of(const struct imap_list_item *item)
{
	char lower[32];
	size_t i = 0;

	if (strcmp(item->name, "INBOX") == 0)
		return MAILBOX_INBOX;
	for (; item->special[i] && i < sizeof(lower) - 1; i++)
		lower[i] = (char)ascii_lower((unsigned char)item->special[i]);
	lower[i] = 0;
	return mailbox_special_by_name(lower);
}

static struct list_entry *entry_of(struct imap_box *b, const char *name)
{
	struct list_entry *x = map_get(b->list, sv_of(name));

	if (x)
		return x;
	x = arena_alloc(b->list_arena, sizeof(*x));
	x->name = arena_strdup(b->list_arena, name);
	map_set(b->list, sv_of(name), x);
	return x;
}

void imap_list_on_name(void *data, const struct imap_list_item *item)
{
	struct imap_box *b = data;
	struct list_entry *x;

	if (!b->list || b->counting || strlen(item->name) > MAILBOX_NAME_MAX || map_len(b->list) >= MAILBOXES_MAX)
		return;
	x = entry_of(b, item->name);
	if (item->lsub) {
		x->subscribed = true;
		return;
	}
	x->listed = true;
	x->raw = arena_strndup(b->list_arena, item->raw.p, item->raw.len);
	x->delim = item->delim;
	x->attr = item->attr;
	x->subscribed |= (item->attr & LIST_SUBSCRIBED) != 0;
	x->special = special_of(item);
}

void imap_list_on_status(void *data, const struct imap_status_item *item)
{
	struct imap_box *b = data;
	struct list_entry *x;

	if (strlen(item->name) > MAILBOX_NAME_MAX)
		return;
	if (b->list) {
		x = entry_of(b, item->name);
	} else {
		/* By NOTIFY: nobody has asked. */
		x = b->known ? map_get(b->known, sv_of(item->name)) : NULL;
		b->told |= x != NULL;
	}
	if (!x)
		return;
	x->status_has = item->has;
	memcpy(x->items, item->items, sizeof(x->items));
	if (item->object.len)
		x->object = arena_strndup(b->list_arena, item->object.p, item->object.len);
}

void imap_list_on_quota(void *data, struct sv root, const struct imap_quota *q)
{
	struct imap_box *b = data;

	if (!b->list || b->nquota == QUOTAS_MAX)
		return;
	b->quota[b->nquota++] = (struct quota){.root = arena_strndup(b->list_arena, root.p, root.len),
		.resource = arena_strndup(b->list_arena, q->resource.p, q->resource.len),
		.used = q->used,
		.max = q->max};
}

/* ---- namespaces ---- */

static bool is_below(const char *name, const char *prefix)
{
	size_t n = strlen(prefix);

	return n > 0 && strncmp(name, prefix, n) == 0;
}

/* MAILBOX_OTHERS, MAILBOX_SHARED or 0: by the longest prefix that fits. */
static unsigned space_of(const struct imap_box *b, const char *name)
{
	enum imap_space kind, best_kind = IMAP_PERSONAL;
	const char *prefix;
	size_t best = 0;
	char delim;

	for (size_t i = 0; imap_namespace(b->im, i, &kind, &prefix, &delim); i++) {
		if (strlen(prefix) > best && is_below(name, prefix)) {
			best = strlen(prefix);
			best_kind = kind;
		}
	}
	return best_kind == IMAP_OTHERS ? MAILBOX_OTHERS : best_kind == IMAP_SHARED ? MAILBOX_SHARED : 0;
}

static bool any_below(const struct imap_box *b, const char *prefix)
{
	struct sv name;
	size_t at = 0;
	void *x;

	while (map_next(b->list, &at, &name, &x))
		if (is_below(((struct list_entry *)x)->name, prefix))
			return true;
	return false;
}

/*
 * Mailboxes of others that "*" did not show. Names with a mark ("#news.", "~") may stand for more than
 * anybody wants to see: they are left alone.
 */
static bool list_other_spaces(struct imap_box *b, struct err *e)
{
	enum imap_space kind;
	const char *prefix;
	char delim;

	for (size_t i = 0; imap_namespace(b->im, i, &kind, &prefix, &delim); i++) {
		imap_tag tag;

		if (!*prefix || strchr("#~", *prefix) || any_below(b, prefix))
			continue;
		tag = imap_list_below_send(b->im, prefix, e);
		if (!tag || (!imap_end(b->im, tag, NULL, e) && imap_is_dead(b->im)))
			return false;
	}
	return true;
}

/* ---- rows ---- */

static unsigned flags_of(const struct imap_box *b, const struct list_entry *x, unsigned old)
{
	unsigned flags =
		old & (MAILBOX_READONLY | MAILBOX_MARKED | MAILBOX_COUNTED | MAILBOX_COMPLETE);

	if (x->attr & LIST_NOSELECT)
		flags |= MAILBOX_NOSELECT;
	if (x->attr & LIST_NOINFERIORS)
		flags |= MAILBOX_NOINFERIORS;
	if (x->attr & LIST_HASCHILDREN)
		flags |= MAILBOX_CHILDREN;
	if (x->subscribed)
		flags |= MAILBOX_SUBSCRIBED;
	return flags | space_of(b, x->name);
}

static bool has_status(const struct list_entry *x, int item)
{
	return (x->status_has & IMAP_STATUS_HAS(item)) != 0;
}

/*
 * The server's counts. uidnext and modseq of the row say how far the messages are synced, so they
 * stay; a UIDNEXT beyond ours means new mail.
 */
static void take_status(struct mailbox *m, const struct list_entry *x)
{
	if (has_status(x, STATUS_MESSAGES)) {
		m->total = x->items[STATUS_MESSAGES];
		m->flags |= MAILBOX_COUNTED;
	}
	if (has_status(x, STATUS_UNSEEN)) {
		uint64_t unseen = x->items[STATUS_UNSEEN];
		bool grown = has_status(x, STATUS_UIDNEXT) && x->items[STATUS_UIDNEXT] > m->uidnext;

		if (grown && unseen > 0) {
			m->fresh = unseen;
			m->flags |= MAILBOX_MARKED;
		} else {
			m->fresh = MIN(m->fresh, unseen);
		}
		m->unseen = unseen;
	}
	m->checked = clock_now();
}

/*
 * A name without a row, and a row without its name, of one MAILBOXID: renamed by another program. The
 * row keeps its messages.
 */
static bool follow_rename(struct imap_box *b, const struct list_entry *x, bool *changed, struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	const struct list_entry *old;
	struct mailbox m;
	uint64_t id;
	bool ok = true;

	if (!x->object)
		return true;
	if (mailbox_by_name(c, x->name, &m, NULL)) {
		mailbox_fini(&m);
		return true;
	}
	if (!object_mailbox(c, x->object, &id, NULL) || !mailbox_by_id(c, id, &m, NULL))
		return true;
	old = map_get(b->list, sv_of(m.name));
	if (!old || !old->listed) {
		log_write(LOG_INFO, "imap", "%s: %s is %s now", host_account(b->box.host), m.name, x->name);
		free(m.name);
		m.name = xstrdup(x->name);
		*changed = true;
		ok = mailbox_update(c, &m, e);
	}
	mailbox_fini(&m);
	return ok;
}

/* True when the row was changed. */
static bool update_row(struct imap_box *b, const struct list_entry *x, bool *changed, struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	struct mailbox m, old;
	uint64_t id;
	bool ok;

	if (!follow_rename(b, x, changed, e) || !mailbox_add(c, x->name, x->raw ? x->raw : "", x->delim, &id, e) ||
		!mailbox_by_id(c, id, &m, e))
		return false;
	old = m;
	if (x->listed) {
		m.flags = flags_of(b, x, m.flags);
		m.special = x->special;
		m.delim = x->delim;
		if (x->raw && strcmp(m.raw, x->raw) != 0) {
			m.raw = xstrdup(x->raw);
			free(old.raw);
		}
		if (x->object && strcmp(m.object, x->object) != 0) {
			free(m.object);
			m.object = xstrdup(x->object);
		}
	}
	if (x->status_has && id != b->selected)
		take_status(&m, x);
	if (m.flags != old.flags || m.object != old.object || m.special != old.special || m.delim != old.delim ||
		m.raw != old.raw || m.total != old.total || m.unseen != old.unseen ||
		m.fresh != old.fresh)
		*changed = true;
	ok = mailbox_update(c, &m, e);
	mailbox_fini(&m);
	return ok;
}

struct absent {
	struct imap_box *b;
	uint64_t *ids;
	size_t n, cap;
};

static bool note_absent(void *data, const struct mailbox *m)
{
	struct absent *a = data;
	const struct list_entry *x = map_get(a->b->list, sv_of(m->name));

	if (x && x->listed)
		return true;
	array_grow(a->ids, a->n, a->cap);
	a->ids[a->n++] = m->id;
	return true;
}

static bool stop_at_first(void *data, const struct intent *i)
{
	(void)i;
	*(bool *)data = true;
	return false;
}

/* A mailbox that the server has no longer: rows go, unless the user still wants something of it. */
static bool drop_row(struct imap_box *b, uint64_t id, bool *changed, struct err *e)
{
	struct host *h = b->box.host;
	struct cache *c = host_cache(h);
	bool wanted = false, ok = true;
	struct mailbox m;

	if (!mailbox_by_id(c, id, &m, e))
		return false;
	if (host_state(h))
		ok = intent_each(host_state(h), host_account(h), m.name, stop_at_first, &wanted, e);
	if (ok && wanted && !(m.flags & MAILBOX_GONE)) {
		m.flags |= MAILBOX_GONE;
		*changed = true;
		ok = mailbox_update(c, &m, e);
	} else if (ok && !wanted) {
		*changed = true;
		ok = mailbox_delete(c, id, e);
	}
	if (id == b->selected)
		imap_box_deselect(b);
	mailbox_fini(&m);
	return ok;
}

/* Told once a connection for each step, so that nobody learns it from a message that bounces. */
#define QUOTA_WARN_PERCENT 90

static void warn_quota(struct imap_box *b)
{
	uint64_t used, max;

	if (!quota_get(host_cache(b->box.host), "STORAGE", &used, &max))
		return;
	unsigned percent = (unsigned)(used >= max ? 100 : used * 100 / max);
	if (percent >= QUOTA_WARN_PERCENT && percent > b->quota_said)
		log_write(LOG_WARN, "imap", "%s: %u %% of the room on the server is used (%llu of %llu MB)",
			host_account(b->box.host), percent, (unsigned long long)used / 1024,
			(unsigned long long)max / 1024);
	b->quota_said = percent;
}

static bool store_list(struct imap_box *b, bool *changed, struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	bool subscribed_only = host_conf_bool(b->box.host, "imap_list_subscribed", false);
	struct absent absent = {.b = b};
	size_t at = 0;
	struct sv name;
	void *x;
	bool ok = cache_begin(c, e);

	while (ok && map_next(b->list, &at, &name, &x)) {
		struct list_entry *entry = x;

		/* $imap_list_subscribed: the others are as if they were not there. */
		if (subscribed_only && !entry->subscribed && entry->special != MAILBOX_INBOX)
			entry->listed = false;
		if (entry->listed)
			ok = update_row(b, entry, changed, e);
	}
	ok = ok && mailbox_each(c, note_absent, &absent, e);
	for (size_t i = 0; ok && i < absent.n; i++)
		ok = drop_row(b, absent.ids[i], changed, e);
	free(absent.ids);
	if (ok && imap_has(b->im, CAP_QUOTA))
		ok = quota_set(c, b->quota, b->nquota, e);
	if (ok && cache_commit(c, e)) {
		warn_quota(b);
		return true;
	}
	cache_rollback(c);
	return false;
}

/* ---- counts ---- */

uint32_t imap_list_told(const struct imap_box *b, const char *name)
{
	const struct list_entry *x = b->known ? map_get(b->known, sv_of(name)) : NULL;

	if (!x || !x->listed || !has_status(x, STATUS_MESSAGES) || !b->counted_at ||
		clock_ms() - b->counted_at > COUNT_TRUST_MS)
		return 0;
	return (uint32_t)MIN(x->items[STATUS_MESSAGES], (uint64_t)UINT32_MAX);
}

static bool is_selected(struct imap_box *b, const char *name)
{
	struct mailbox m;
	bool selected = false;

	if (b->selected && mailbox_by_name(host_cache(b->box.host), name, &m, NULL)) {
		selected = m.id == b->selected;
		mailbox_fini(&m);
	}
	return selected;
}

/* Commands on their way; the names are those of b->list. */
struct counting {
	const char *names[COUNTS_TOGETHER];
	size_t n;
	imap_tag tags[STATUS_AHEAD];
	size_t flying;
};

/* A mailbox that is gone or refused has no counts: no reason to stop. */
static bool land_counts(struct imap_box *b, struct counting *c, struct err *e)
{
	for (size_t i = 0; i < c->flying; i++)
		if (!imap_end(b->im, c->tags[i], NULL, e) && imap_is_dead(b->im))
			return false;
	c->flying = 0;
	return true;
}

static bool fly(struct imap_box *b, struct counting *c, imap_tag tag, struct err *e)
{
	if (!tag)
		return false;
	c->tags[c->flying++] = tag;
	return c->flying < ARRAY_LEN(c->tags) || land_counts(b, c, e);
}

/* The names that were gathered: one command for all of them, where there is one. */
static bool send_counts(struct imap_box *b, struct counting *c, struct err *e)
{
	bool together = c->n > 1 && imap_has(b->im, CAP_LIST_STATUS) && imap_has(b->im, CAP_LIST_EXTENDED);
	size_t n = c->n;

	c->n = 0;
	if (together)
		return fly(b, c, imap_counts_send(b->im, c->names, n, e), e);
	for (size_t i = 0; i < n; i++)
		if (!fly(b, c, imap_status_send(b->im, c->names[i], e), e))
			return false;
	return true;
}

/* Asks for the counts of the mailboxes that the user wants to hear of. */
static bool ask_counts(struct imap_box *b, struct err *e)
{
	struct sv rest = sv_of(host_conf(b->box.host, "mailboxes")), line;
	struct counting c = {0};
	bool ok = true;

	b->counting = true;
	while (ok && sv_line(&rest, &line)) {
		struct list_entry *x = line.len ? map_get(b->list, line) : NULL;

		/* STATUS of the selected mailbox is a question that RFC 9051 6.3.11 forbids. */
		if (!x || !x->listed || (x->attr & LIST_NOSELECT) || is_selected(b, x->name))
			continue;
		if (strpbrk(x->name, "*%")) { /* in LIST it would mean others, too */
			ok = fly(b, &c, imap_status_send(b->im, x->name, e), e);
			continue;
		}
		c.names[c.n++] = x->name;
		ok = c.n < ARRAY_LEN(c.names) || send_counts(b, &c, e);
	}
	ok = ok && send_counts(b, &c, e);
	ok = ok && land_counts(b, &c, e);
	b->counting = false;
	return ok;
}

static bool run_list(struct imap_box *b, struct err *e)
{
	bool lsub = !imap_has(b->im, CAP_LIST_EXTENDED), quota = imap_has(b->im, CAP_QUOTA);
	imap_tag tags[3] = {imap_list_send(b->im, false, e), 0, 0};
	struct err none = {0};

	b->nquota = 0;
	if (!tags[0] || (lsub && !(tags[1] = imap_lsub_send(b->im, e))) ||
		(quota && !(tags[2] = imap_quota_send(b->im, "INBOX", e))))
		return false;
	if (!imap_box_enabled(b, e) || !imap_end(b->im, tags[0], NULL, e))
		return false;
	if (lsub && !imap_end(b->im, tags[1], NULL, e) && imap_is_dead(b->im))
		return false;
	if (quota && !imap_end(b->im, tags[2], NULL, &none) && imap_is_dead(b->im)) {
		*e = none;
		return false;
	}
	return list_other_spaces(b, e) && ask_counts(b, e);
}

bool imap_box_is_current(const struct imap_box *b, const struct mailbox *m)
{
	const struct list_entry *x = b->known ? map_get(b->known, sv_of(m->name)) : NULL;

	if (!x || !(m->flags & MAILBOX_COMPLETE) || !has_status(x, STATUS_UIDNEXT) ||
		!has_status(x, STATUS_MESSAGES) || x->items[STATUS_UIDNEXT] != m->uidnext ||
		x->items[STATUS_MESSAGES] != m->total ||
		x->items[STATUS_UIDVALIDITY] != m->uidvalidity)
		return false;
	if (has_status(x, STATUS_HIGHESTMODSEQ) && m->modseq)
		return x->items[STATUS_HIGHESTMODSEQ] == m->modseq;
	return has_status(x, STATUS_UNSEEN) && x->items[STATUS_UNSEEN] == m->unseen;
}

/* What is new in a mailbox that was opened once and is to be read offline: after the counts. */
static void want_rows(struct imap_box *b, const struct list_entry *x)
{
	struct mailbox m;

	if (!imap_ahead_wants(b, x->name) || !mailbox_by_name(host_cache(b->box.host), x->name, &m, NULL))
		return;
	if (m.low_uid && m.id != b->selected && has_status(x, STATUS_UIDNEXT) && x->items[STATUS_UIDNEXT] > m.uidnext)
		job_want(b->box.host, JOB_SYNC, m.id);
	mailbox_fini(&m);
}

/* The rows of the mailboxes whose counts were asked for. */
static bool store_counts(struct imap_box *b, bool *changed, struct err *e)
{
	struct sv rest = sv_of(host_conf(b->box.host, "mailboxes")), line;
	struct cache *c = host_cache(b->box.host);
	bool ok = cache_begin(c, e);

	while (ok && sv_line(&rest, &line)) {
		struct list_entry *x = map_get(b->known, line);

		if (!x || !x->listed || !x->status_has)
			continue;
		ok = update_row(b, x, changed, e);
		want_rows(b, x);
	}
	if (ok && cache_commit(c, e))
		return true;
	cache_rollback(c);
	return false;
}

/*
 * Our own clock asks for counts every few seconds: the names themselves are not asked for that
 * often.
 */
static bool counts_will_do(const struct imap_box *b)
{
	const struct job *j = b->box.host->current;

	return b->known && b->listed_at && j && j->kind == JOB_LIST && j->id == 0 &&
	       clock_ms() - b->listed_at < LIST_EVERY_MS;
}

static bool list_counts(struct imap_box *b, bool *changed, struct err *e)
{
	bool ok;

	if (imap_watch_is_told(b)) {
		if (!b->told)
			return true;
		b->told = false;
		return store_counts(b, changed, e);
	}
	b->told = false;
	b->list = b->known;
	b->list_arena = b->known_arena;
	ok = imap_box_enabled(b, e) && ask_counts(b, e);
	b->list = NULL;
	b->list_arena = NULL;
	if (!ok)
		return imap_box_fail(b);
	b->counted_at = clock_ms();
	return store_counts(b, changed, e);
}

bool imap_box_list(struct box *box, bool *more, struct err *e)
{
	struct imap_box *b = imap_box_of(box);
	bool changed = false, ok;

	*more = false;
	if (counts_will_do(b)) {
		if (!list_counts(b, &changed, e))
			return false;
		if (changed)
			host_changed(box->host, 0, "list", 0);
		return true;
	}
	b->list_arena = arena_new();
	b->list = map_new();
	ok = run_list(b, e);
	if (ok) {
		host_step("list read");
		ok = store_list(b, &changed, e);
	} else {
		imap_box_fail(b);
	}
	imap_list_forget(b);
	if (ok) {
		b->known = b->list;
		b->known_arena = b->list_arena;
		b->listed_at = b->counted_at = clock_ms();
		b->told = false;
	} else {
		map_free(b->list);
		arena_free(b->list_arena);
	}
	b->list = NULL;
	b->list_arena = NULL;
	if (ok && changed)
		host_changed(box->host, 0, "list", 0);
	return ok;
}

/* ---- special use ---- */

static bool has_use(void *data, const struct mailbox *m)
{
	enum mailbox_special *wanted = data;

	if (m->special == *wanted && !(m->flags & MAILBOX_GONE))
		*wanted = MAILBOX_PLAIN;
	return true;
}

const char *imap_list_use_of(struct imap_box *b, const char *name)
{
	static const struct {
		const char *use, *wire;
	} uses[] = {{"trash", "Trash"}, {"sent", "Sent"}, {"drafts", "Drafts"}, {"archive", "Archive"}, {"junk", "Junk"}};
	struct sv rest = sv_of(host_conf(b->box.host, "uses")), line, word;

	while (sv_line(&rest, &line)) {
		enum mailbox_special wanted;

		if (!sv_split(&line, ' ', &word) || !sv_is(line, name))
			continue;
		for (size_t i = 0; i < ARRAY_LEN(uses); i++) {
			if (!sv_is(word, uses[i].use))
				continue;
			wanted = mailbox_special_by_name(uses[i].use);
			if (!mailbox_each(host_cache(b->box.host), has_use, &wanted, NULL))
				return NULL;
			return wanted == MAILBOX_PLAIN ? NULL : uses[i].wire;
		}
	}
	return NULL;
}
