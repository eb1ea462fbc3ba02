/*
 * IMAP accounts: the connection, the list of mailboxes, waiting for news, searching on the server.
 * Messages are in imap_sync.c, intents in imap_apply.c, bodies in imap_body.c.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "sync/host_priv.h"
#include "sync/imap_box_priv.h"
#include "sync/imap_row.h"

#define STATUS_AHEAD 16 /* STATUS commands sent before their answers are read */
#define KEEPALIVE_S 300
#define MAILBOXES_MAX 100000 /* of one account; what a server lists beyond is not looked at */
#define LIST_EVERY_MS (10 * 60 * 1000)

/* ---- life ---- */

bool imap_box_fail(struct imap_box *b)
{
	if (!b->im || imap_is_dead(b->im))
		b->box.dead = true;
	return false;
}

void imap_box_deselect(struct imap_box *b)
{
	b->selected = 0;
	b->uidvalidity = 0;
	free(b->at.older.uids);
	free(b->at.missing.uids);
	b->at = (struct progress){0};
	imap_fill_forget(b);
	news_clear(&b->news);
}

static struct box *imap_box_open(struct host *h, struct err *e)
{
	struct imap_box *b = xcalloc(1, sizeof(*b));

	(void)e;
	b->box.ops = &imap_box_ops;
	b->box.host = h;
	b->news.arena = arena_new();
	b->fill.arena = arena_new();
	remote_init(&b->remote, h, "imap");
	return &b->box;
}

static void forget_list(struct imap_box *b)
{
	map_free(b->known);
	arena_free(b->known_arena);
	b->known = NULL;
	b->known_arena = NULL;
}

static void imap_box_disconnect(struct box *box, bool politely)
{
	struct imap_box *b = imap_box_of(box);

	if (b->im && !politely)
		conn_set_timeout(imap_conn(b->im), 1);
	imap_free(b->im);
	b->im = NULL;
	xfree_null(&b->row_items);
	xfree_null(&b->flag_items);
	b->enable = 0;
	imap_box_deselect(b);
	box->online = false;
}

static void imap_box_close(struct box *box)
{
	struct imap_box *b = imap_box_of(box);

	imap_box_disconnect(box, false);
	remote_fini(&b->remote);
	forget_list(b);
	arena_free(b->news.arena);
	arena_free(b->fill.arena);
	free(b);
}

/* ---- connecting ---- */

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

static void on_list(void *data, const struct imap_list_item *item)
{
	struct imap_box *b = data;
	struct list_entry *x;

	if (!b->list || strlen(item->name) > MAILBOX_NAME_MAX || map_len(b->list) >= MAILBOXES_MAX)
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

static void on_status(void *data, const struct imap_status_item *item)
{
	struct imap_box *b = data;
	struct list_entry *x;

	if (!b->list || strlen(item->name) > MAILBOX_NAME_MAX)
		return;
	x = entry_of(b, item->name);
	x->status_has = item->has;
	memcpy(x->items, item->items, sizeof(x->items));
}

static void on_alert(void *data, struct sv text)
{
	struct imap_box *b = data;

	if (!host_conf_bool(b->box.host, "imap_servernoise", true))
		return;
	log_write(LOG_WARN, "imap", "%s: the server says: " SV_FMT, host_account(b->box.host),
		SV_ARG(sv_head(text, 300)));
}

static bool open_session(void *data, struct err *e)
{
	struct imap_box *b = data;
	struct imap_events ev = {.list = on_list,
		.status = on_status,
		.message = imap_box_on_message,
		.vanished = imap_box_on_vanished,
		.unclear = imap_box_on_unclear,
		.alert = on_alert,
		.data = b};

	return imap_open(&b->remote.server, &ev, &b->im, e);
}

/*
 * Below that a turn on the line costs less than compressing does: the loopback, a fast net. The quickest
 * turn so far counts, so a server that takes its time to sign somebody in is not yet far away.
 */
#define DEFLATE_FROM_MS 5

bool imap_box_deflate(struct imap_box *b, struct err *e)
{
	if (b->deflated || conn_quickest_ms(imap_conn(b->im)) < DEFLATE_FROM_MS)
		return true;
	b->deflated = true;
	if (!host_conf_bool(b->box.host, "imap_deflate", true))
		return true;
	return imap_compress(b->im, e) || imap_box_fail(b);
}

static void learn_items(struct imap_box *b)
{
	struct str s;

	str_init(&s, 4096);
	imap_row_items(b->im, sv_of(host_conf(b->box.host, "imap_extra_data")), &s);
	b->row_items = str_detach(&s);
	imap_flag_items(b->im, &s);
	b->flag_items = str_detach(&s);
	str_fini(&s);
}

static bool imap_box_connect(struct box *box, struct err *e)
{
	struct imap_box *b = imap_box_of(box);

	if (!remote_open(&b->remote, open_session, b, e))
		return false;
	imap_box_deselect(b);
	learn_items(b);
	b->listed_at = 0;
	b->deflated = false;
	if (((host_conf_bool(box->host, "imap_send_id", false) ||
			 imap_quirk(b->im, QUIRK_WANTS_ID)) &&
			!imap_send_id(b->im, "feist", PACKAGE_VERSION, e)) ||
		!(b->enable = imap_enable_send(b->im, e))) {
		imap_box_disconnect(box, false);
		return false;
	}
	box->online = true;
	box->dead = false;
	return true;
}

/* The answer to ENABLE, if it is still to come. */
static bool end_enable(struct imap_box *b, struct err *e)
{
	imap_tag tag = b->enable;
	struct err refused = {0};

	b->enable = 0;
	if (!tag || imap_end(b->im, tag, NULL, &refused))
		return true;
	if (!imap_is_dead(b->im))
		return true; /* then there are no extensions */
	if (e)
		*e = refused;
	return imap_box_fail(b);
}

bool imap_box_enabled(struct imap_box *b, struct err *e)
{
	if (!imap_box_settle(b, e))
		return false;
	return (imap_box_deflate(b, e) && end_enable(b, e)) || imap_box_fail(b);
}

/* ---- the list ---- */

static unsigned flags_of(const struct list_entry *x, unsigned old)
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
	return flags;
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

/* True when the row was changed. */
static bool update_row(struct imap_box *b, const struct list_entry *x, bool *changed, struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	struct mailbox m, old;
	uint64_t id;
	bool ok;

	if (!mailbox_add(c, x->name, x->raw ? x->raw : "", x->delim, &id, e) ||
		!mailbox_by_id(c, id, &m, e))
		return false;
	old = m;
	if (x->listed) {
		m.flags = flags_of(x, m.flags);
		m.special = x->special;
		m.delim = x->delim;
		if (x->raw && strcmp(m.raw, x->raw) != 0) {
			m.raw = xstrdup(x->raw);
			free(old.raw);
		}
	}
	if (x->status_has && id != b->selected)
		take_status(&m, x);
	if (m.flags != old.flags || m.special != old.special || m.delim != old.delim ||
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
	if (ok && cache_commit(c, e))
		return true;
	cache_rollback(c);
	return false;
}

/* Asks for the counts of the mailboxes that the user wants to hear of. */
static bool ask_counts(struct imap_box *b, struct err *e)
{
	struct sv rest = sv_of(host_conf(b->box.host, "mailboxes")), line;
	imap_tag tags[STATUS_AHEAD];
	size_t n = 0;
	bool more = true;

	while (more) {
		char *name;
		struct list_entry *x;
		struct mailbox m;
		bool selected = false;

		more = sv_line(&rest, &line);
		if (n == STATUS_AHEAD || (!more && n > 0)) {
			for (size_t i = 0; i < n; i++)
				if (!imap_end(b->im, tags[i], NULL, e) && imap_is_dead(b->im))
					return false;
			n = 0;
		}
		if (!more || line.len == 0)
			continue;
		name = sv_dup(line);
		x = map_get(b->list, line);
		if (mailbox_by_name(host_cache(b->box.host), name, &m, NULL)) {
			selected = m.id == b->selected;
			mailbox_fini(&m);
		}
		/* STATUS of the selected mailbox is a question that RFC 9051 6.3.11 forbids. */
		if (x && x->listed && !(x->attr & LIST_NOSELECT) && !selected) {
			tags[n] = imap_status_send(b->im, name, e);
			if (!tags[n]) {
				free(name);
				return false;
			}
			n++;
		}
		free(name);
	}
	return true;
}

static bool run_list(struct imap_box *b, struct err *e)
{
	bool lsub = !imap_has(b->im, CAP_LIST_EXTENDED);
	imap_tag tags[2] = {0};

	if (!imap_box_settle(b, e) || !imap_box_deflate(b, e))
		return false;
	tags[0] = imap_list_send(b->im, false, e);
	if (!tags[0] || (lsub && !(tags[1] = imap_lsub_send(b->im, e))))
		return false;
	if (!imap_box_enabled(b, e) || !imap_end(b->im, tags[0], NULL, e))
		return false;
	if (lsub && !imap_end(b->im, tags[1], NULL, e) && imap_is_dead(b->im))
		return false;
	return ask_counts(b, e);
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

/* The rows of the mailboxes whose counts were asked for. */
static bool store_counts(struct imap_box *b, bool *changed, struct err *e)
{
	struct sv rest = sv_of(host_conf(b->box.host, "mailboxes")), line;
	struct cache *c = host_cache(b->box.host);
	bool ok = cache_begin(c, e);

	while (ok && sv_line(&rest, &line)) {
		struct list_entry *x = map_get(b->known, line);

		if (x && x->listed && x->status_has)
			ok = update_row(b, x, changed, e);
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

	b->list = b->known;
	b->list_arena = b->known_arena;
	ok = imap_box_enabled(b, e) && ask_counts(b, e);
	b->list = NULL;
	b->list_arena = NULL;
	if (!ok)
		return imap_box_fail(b);
	return store_counts(b, changed, e);
}

static bool imap_box_list(struct box *box, bool *more, struct err *e)
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
	forget_list(b);
	if (ok) {
		b->known = b->list;
		b->known_arena = b->list_arena;
		b->listed_at = clock_ms();
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

/* ---- selecting ---- */

bool imap_box_select_send(struct imap_box *b, const struct mailbox *m, imap_tag *tag, struct err *e)
{
	struct imap_resync re = {0};
	char *known = NULL;

	imap_box_deselect(b);
	if (m->uidvalidity && m->uidvalidity <= UINT32_MAX && m->low_uid) {
		re.uidvalidity = (uint32_t)m->uidvalidity;
		re.modseq = m->modseq;
		if (m->low_uid > 1 && m->uidnext > m->low_uid)
			known = xasprintf("%llu:%llu", (unsigned long long)m->low_uid,
				(unsigned long long)m->uidnext - 1);
		re.known_uids = known;
	}
	*tag = imap_select_send(b->im, m->name, false, &re, e);
	free(known);
	return *tag != 0;
}

bool imap_box_select_end(
	struct imap_box *b, const struct mailbox *m, imap_tag tag, bool same, struct err *e)
{
	if (!end_enable(b, e) || !imap_end(b->im, tag, NULL, e)) {
		imap_box_deselect(b);
		return imap_box_fail(b);
	}
	b->selected = m->id;
	b->uidvalidity = imap_selected(b->im)->uidvalidity;
	if (m->uidvalidity && b->uidvalidity != m->uidvalidity)
		news_clear(&b->news); /* about messages that are not ours */
	if (same && b->uidvalidity != m->uidvalidity)
		return err_set(e, ERR_GONE, "%s was made anew on the server", m->name);
	return true;
}

bool imap_box_select(struct imap_box *b, const struct mailbox *m, bool same, struct err *e)
{
	imap_tag tag;

	if (!imap_box_settle(b, e))
		return false;
	if (b->selected == m->id)
		return !same || b->uidvalidity == m->uidvalidity ||
		       err_set(e, ERR_GONE, "%s was made anew on the server", m->name);
	return imap_box_deflate(b, e) && imap_box_select_send(b, m, &tag, e) &&
	       imap_box_select_end(b, m, tag, same, e);
}

/* ---- waiting ---- */

static bool keep_alive(struct imap_box *b, int timeout_ms, struct err *e)
{
	int64_t keep_ms = host_conf_number(b->box.host, "imap_keepalive", KEEPALIVE_S) * 1000;
	int wait_ms = timeout_ms < 0 ? INT32_MAX : timeout_ms;
	enum conn_event event;

	if (keep_ms > 0)
		wait_ms = (int)MIN((int64_t)wait_ms, keep_ms);
	if (!conn_wait(imap_conn(b->im), wait_ms, &event, e)) {
		b->box.dead = true;
		return false;
	}
	return event == CONN_WOKEN || imap_noop(b->im, e) || imap_box_fail(b);
}

static bool imap_box_watch(
	struct box *box, uint64_t mailbox, int timeout_ms, uint64_t *changed, struct err *e)
{
	struct imap_box *b = imap_box_of(box);
	int poll_ms = (int)MIN(MAX(host_conf_number(box->host, "mail_check", 60), INT64_C(1)),
			      INT64_C(3600)) *
		      1000;
	uint32_t exists;
	bool woken = false;

	*changed = 0;
	if (!imap_box_enabled(b, e))
		return false;
	if (mailbox == 0)
		return keep_alive(b, timeout_ms, e);
	if (mailbox != b->selected || !b->at.opened || news_waits(b)) {
		*changed = mailbox; /* sync selects it and puts in order what is known */
		return true;
	}
	exists = imap_selected(b->im)->exists;
	if (!imap_idle(b->im, timeout_ms, poll_ms, &woken, e))
		return imap_box_fail(b);
	if (news_waits(b) || imap_selected(b->im)->exists != exists)
		*changed = mailbox;
	return true;
}

/* ---- searching on the server ---- */

/* One term: ~b text (body), ~B text (all), ~h text (header); "=" for "~" as mutt has it. */
static bool search_term(struct scan *s, const char **criteria, struct sv *text)
{
	char quote;

	scan_spaces(s);
	if (!scan_byte(s, '~') && !scan_byte(s, '='))
		return false;
	switch (scan_peek(s)) {
	case 'b':
		*criteria = "BODY";
		break;
	case 'B':
		*criteria = "TEXT";
		break;
	case 's':
		*criteria = "SUBJECT";
		break;
	case 'f':
		*criteria = "FROM";
		break;
	default:
		return false;
	}
	s->p++;
	scan_spaces(s);
	if (scan_peek(s) == '"' || scan_peek(s) == '\'') {
		quote = *s->p++;
		*text = scan_until(s, quote == '"' ? "\"" : "'");
		return scan_byte(s, quote);
	}
	*text = scan_until(s, " \t");
	return text->len > 0;
}

/* Servers search for plain text; a regular expression is for us. */
static bool is_plain(struct sv text)
{
	for (size_t i = 0; i < text.len; i++)
		if (strchr("^$*+?.|()[]{}\\", text.p[i]))
			return false;
	return text.len > 0;
}

static bool imap_box_search(struct box *box, uint64_t mailbox, const char *query, struct err *e)
{
	struct imap_box *b = imap_box_of(box);
	struct scan s = scan_of(sv_trim(sv_of(query)));
	const char *criteria = NULL;
	struct sv text = {0};
	struct mailbox m;
	uint32_t *uids;
	uint64_t *ids;
	size_t n;
	bool ok;

	if (!search_term(&s, &criteria, &text) || (scan_spaces(&s), !scan_end(&s)) ||
		!is_plain(text))
		return err_set(e, ERR_INPUT, "the server cannot search for this");
	if (!mailbox_by_id(host_cache(box->host), mailbox, &m, e))
		return false;
	ok = imap_box_enabled(b, e) && imap_box_select(b, &m, true, e) &&
	     imap_search(b->im, criteria, text, &uids, &n, e);
	mailbox_fini(&m);
	if (!ok)
		return imap_box_fail(b);
	ids = xcalloc(n + 1, sizeof(*ids));
	for (size_t i = 0; i < n; i++)
		ids[i] = message_id_of(mailbox, uids[i]);
	host_found(box->host, ids, n);
	free(ids);
	free(uids);
	return true;
}

const struct box_ops imap_box_ops = {
	.kind = "imap",
	.open = imap_box_open,
	.connect = imap_box_connect,
	.disconnect = imap_box_disconnect,
	.list = imap_box_list,
	.sync = imap_box_sync,
	.watch = imap_box_watch,
	.fetch = imap_box_fetch,
	.apply = imap_box_apply,
	.search = imap_box_search,
	.close = imap_box_close,
};
