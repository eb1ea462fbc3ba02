/*
 * POP accounts: what is on the server is downloaded into a Maildir of ours, and that is the mailbox
 * (local_box.c does the rest). A message is acknowledged in three steps that survive a kill between
 * any two: the file is durable under a name made of its UIDL, so a repeated download adds nothing;
 * the UIDL table says FETCHED (or DELETE); only then the server is told to delete it.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "mime/date.h"
#include "mime/header.h"
#include "net/pop3.h"
#include "store/uidl.h"
#include "sync/host_priv.h"
#include "sync/local_box.h"
#include "sync/remote.h"

#define HEAD_MAX (256u << 10) /* of a message are held back until its date is known */
#define RETRY_S 60            /* after a failure, when nobody asks */

struct pop_box {
	struct box box;
	struct box *local;
	struct remote remote;
	struct pop3 *pop;
	struct uidl *uidls;
	char *path; /* of the Maildir */
	/* A visit to the server: what is left to fetch and to delete, by message numbers. */
	struct pop3_item *items;
	size_t nitems, next;
	size_t fetched;
	int64_t again_at;  /* clock_ms of the next visit when nobody asks; 0: at once */
	struct err failed; /* why the last one did not work */
};

static struct pop_box *pop_box_of(struct box *b)
{
	return (struct pop_box *)b;
}

/* ---- places ---- */

static char *data_folder(struct host *h)
{
	char *data = fs_data_dir(), *safe = store_safe_account(host_account(h));
	char *folder = xasprintf("%s/mail/%s", data, safe);

	free(data);
	free(safe);
	return folder;
}

static char *maildir_path(struct host *h)
{
	const char *given = host_conf(h, "pop_mailbox");
	char *folder, *path = given && *given ? fs_expand(given) : NULL;

	if (path && *path == '/')
		return path;
	free(path);
	folder = data_folder(h);
	path = fs_join(folder, "INBOX");
	free(folder);
	return path;
}

static void pop_folders(struct host *h, char ***out)
{
	size_t n = 0;

	*out = xcalloc(3, sizeof(**out));
	(*out)[n++] = maildir_path(h);
	(*out)[n++] = data_folder(h);
	/* The cage wants folders that exist. */
	for (size_t i = 0; i < n; i++)
		if (!fs_mkdirs((*out)[i], NULL))
			log_write(LOG_WARN, "pop", "cannot make %s", (*out)[i]);
}

/* ---- life ---- */

static void leave(struct pop_box *b)
{
	pop3_free(b->pop);
	b->pop = NULL;
	pop3_items_free(b->items, b->nitems);
	b->items = NULL;
	b->nitems = b->next = 0;
}

static void pop_close(struct box *box)
{
	struct pop_box *b = pop_box_of(box);

	leave(b);
	if (b->local)
		b->local->ops->close(b->local);
	uidl_close(b->uidls);
	remote_fini(&b->remote);
	free(b->path);
	free(b);
}

static struct box *pop_open(struct host *h, struct err *e)
{
	struct pop_box *b = xcalloc(1, sizeof(*b));
	char *folder = data_folder(h), *table = fs_join(folder, "uidl.db");
	bool ok;

	b->box = (struct box){.ops = &pop_box_ops, .host = h, .online = true};
	b->path = maildir_path(h);
	remote_init(&b->remote, h, "pop");
	ok = fs_mkdirs(folder, e) && uidl_open(&b->uidls, table, e) && maildir_make(b->path, e) &&
	     (b->local = local_box_ops.open(h, e));
	free(folder);
	free(table);
	if (ok)
		return &b->box;
	pop_close(&b->box);
	return NULL;
}

/* ---- one message ---- */

struct arrival {
	struct pop_box *b;
	const char *uidl;
	struct maildir_delivery *d;
	struct str head; /* what came before the delivery could begin */
};

/* The time in the file's name: the message's own, so that a second download makes the same name. */
static int64_t date_of(struct sv head)
{
	struct arena *a = arena_new();
	struct headers h;
	struct date d;
	int64_t epoch = 0;

	headers_parse(a, head, &h);
	if (date_parse(headers_raw(&h, "Date"), &d) && d.epoch > 0)
		epoch = d.epoch;
	arena_free(a);
	return epoch;
}

static bool begin_delivery(struct arrival *x, struct err *e)
{
	char *base = maildir_base_of_seed(date_of(str_sv(&x->head)), sv_of(x->uidl));
	bool ok = maildir_deliver_begin(x->b->path, base, &x->d, e) &&
		  maildir_deliver_write(x->d, str_sv(&x->head), e);

	free(base);
	str_clear(&x->head);
	return ok;
}

static bool take_piece(void *data, struct sv piece, struct err *e)
{
	struct arrival *x = data;

	if (x->d)
		return maildir_deliver_write(x->d, piece, e);
	while (piece.len) {
		struct sv part = sv_head(piece, HEAD_MAX - x->head.len);
		bool whole;

		str_add(&x->head, part);
		piece = sv_from(piece, part.len);
		whole = sv_find(str_sv(&x->head), SV("\r\n\r\n")) >= 0 || x->head.len >= HEAD_MAX;
		if (whole)
			return begin_delivery(x, e) &&
			       (piece.len == 0 || maildir_deliver_write(x->d, piece, e));
	}
	return true;
}

static bool end_delivery(struct arrival *x, struct err *e)
{
	struct maildir_delivery *d;

	if (!x->d && !begin_delivery(x, e))
		return false;
	d = x->d;
	x->d = NULL;
	return maildir_deliver_end(d, 0, 0, NULL, e);
}

static bool fetch_one(struct pop_box *b, const struct pop3_item *item, struct err *e)
{
	struct arrival x = {.b = b, .uidl = item->uidl};
	bool ok;

	str_init(&x.head, HEAD_MAX);
	ok = pop3_retrieve(b->pop, item->number, -1, take_piece, &x, e) && end_delivery(&x, e);
	maildir_deliver_abort(x.d);
	str_fini(&x.head);
	return ok;
}

/* ---- a visit ---- */

static bool open_session(void *data, struct err *e)
{
	struct pop_box *b = data;

	return pop3_open(&b->remote.server, &b->pop, e);
}

static bool hash_piece(void *data, struct sv piece, struct err *e)
{
	(void)e;
	hash_add(data, piece);
	return true;
}

/* A server without UIDL (quirk: NO_UIDL): the message's header stands for it. */
static bool make_uidl(struct pop_box *b, struct pop3_item *item, struct err *e)
{
	struct hash *h = hash_sha256_new();
	char hex[SHA256_HEX_LEN + 1];
	bool ok = pop3_retrieve(b->pop, item->number, 0, hash_piece, h, e);

	hash_end_hex(h, hex);
	if (!ok)
		return false;
	free(item->uidl);
	item->uidl = xasprintf("sha256-%s", hex);
	return true;
}

static bool make_uidls(struct pop_box *b, struct err *e)
{
	for (size_t i = 0; i < b->nitems; i++)
		if (!*b->items[i].uidl && !make_uidl(b, &b->items[i], e))
			return false;
	return true;
}

/* What the server has no longer is forgotten. */
static bool note_seen(struct pop_box *b, struct err *e)
{
	if (!uidl_list_begin(b->uidls, e))
		return false;
	for (size_t i = 0; i < b->nitems; i++) {
		if (!uidl_list_seen(b->uidls, sv_of(b->items[i].uidl), e)) {
			uidl_list_abort(b->uidls);
			return false;
		}
	}
	return uidl_list_end(b->uidls, e);
}

static bool arrive(struct pop_box *b, struct err *e)
{
	host_state_say(b->box.host, "connecting", "");
	if (!remote_open(&b->remote, open_session, b, e))
		return false;
	host_state_say(b->box.host, "online", "");
	b->fetched = 0;
	return pop3_list(b->pop, &b->items, &b->nitems, e) && make_uidls(b, e) && note_seen(b, e);
}

/* Fetches or deletes one message as the table says. */
static bool visit_one(struct pop_box *b, const struct pop3_item *item, struct err *e)
{
	bool remove = host_conf_bool(b->box.host, "pop_delete", false);
	struct sv uidl = sv_of(item->uidl);
	enum uidl_state state;
	int64_t since;

	if (!uidl_get(b->uidls, uidl, &state, &since, e))
		return false;
	if (state == UIDL_NEW) {
		if (!fetch_one(b, item, e))
			return false;
		host_step("message delivered");
		b->fetched++;
		state = remove ? UIDL_DELETE : UIDL_FETCHED;
		if (!uidl_set(b->uidls, uidl, state, e))
			return false;
		host_step("uidl noted");
	} else if (state == UIDL_FETCHED && remove) {
		state = UIDL_DELETE;
		if (!uidl_set(b->uidls, uidl, state, e))
			return false;
	}
	return state != UIDL_DELETE || pop3_delete(b->pop, item->number, e);
}

/* A piece of a visit; *more: not at its end. */
static bool visit(struct pop_box *b, bool *more, struct err *e)
{
	int64_t until = clock_ms() + BOX_BATCH_MS;
	size_t done = 0;
	bool ok;

	*more = true;
	if (!b->pop && !arrive(b, e))
		return false;
	while (b->next < b->nitems && done < BOX_BATCH && clock_ms() < until) {
		if (done && host_interrupted(b->box.host))
			return true;
		if (!visit_one(b, &b->items[b->next], e))
			return false;
		b->next++;
		done++;
	}
	host_progress(b->box.host, 0, b->next, b->nitems, "download");
	if (b->next < b->nitems)
		return true;
	*more = false;
	ok = pop3_quit(b->pop, e);
	host_step("quit");
	leave(b);
	return ok;
}

static int64_t interval_ms(struct pop_box *b)
{
	int64_t s = host_conf_number(b->box.host, "pop_checkinterval", 60);

	return MIN(MAX(s, INT64_C(1)), INT64_C(86400)) * 1000;
}

/* The user asks for mail now (not our own clock). */
static bool is_asked(struct pop_box *b)
{
	const struct job *j = b->box.host->current;

	return j && j->id != 0 && j->kind == JOB_SYNC;
}

static bool is_due(struct pop_box *b)
{
	if (host_conf_bool(b->box.host, "offline", false))
		return false;
	return b->pop || b->again_at == 0 || clock_ms() >= b->again_at;
}

/*
 * A piece of a visit when it is time. A failure is the caller's only when the user asked; else it
 * is said and the local mailbox goes on without the server.
 */
static bool visit_when_due(struct pop_box *b, bool *more, struct err *e)
{
	struct err why = {0};

	*more = false;
	if (!is_due(b))
		return true;
	if (visit(b, more, &why)) {
		if (!*more)
			b->again_at = clock_ms() + interval_ms(b);
		return true;
	}
	leave(b);
	*more = false;
	b->again_at = clock_ms() + MAX(interval_ms(b), INT64_C(1000) * RETRY_S);
	if (why.class == ERR_AUTH || why.class == ERR_CANCEL)
		b->again_at = INT64_MAX; /* until the user asks again */
	if (why.class == ERR_DISK || is_asked(b)) {
		*e = why;
		return false;
	}
	host_state_say(b->box.host, "waiting", why.text);
	log_write(LOG_WARN, "pop", "%s: %s", host_account(b->box.host), why.text);
	return true;
}

/* ---- the mailbox ---- */

static bool inbox_row(struct pop_box *b, uint64_t *id, bool *made, struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	char *raw = xasprintf("maildir:%s", b->path);
	struct mailbox m;
	bool ok;

	*made = false;
	if (mailbox_by_name(c, "INBOX", &m, NULL)) {
		ok = true;
		*id = m.id;
		if (strcmp(m.raw, raw) != 0 || m.special != MAILBOX_INBOX) {
			free(m.raw);
			m.raw = xstrdup(raw);
			m.special = MAILBOX_INBOX;
			m.flags &= ~(unsigned)MAILBOX_GONE;
			ok = mailbox_update(c, &m, e);
			*made = true;
		}
		mailbox_fini(&m);
	} else {
		*made = true;
		ok = mailbox_add(c, "INBOX", raw, 0, id, e) && mailbox_by_id(c, *id, &m, e);
		if (ok) {
			m.special = MAILBOX_INBOX;
			ok = mailbox_update(c, &m, e);
			mailbox_fini(&m);
		}
	}
	free(raw);
	return ok;
}

static bool sync_local(struct pop_box *b, uint64_t id, struct err *e)
{
	bool more = true;

	while (more)
		if (!local_box_ops.sync(b->local, id, &more, e))
			return false;
	return true;
}

static bool pop_list(struct box *box, bool *more, struct err *e)
{
	struct pop_box *b = pop_box_of(box);
	bool made, visiting = b->pop != NULL;
	uint64_t id;

	if (!inbox_row(b, &id, &made, e))
		return false;
	if (made)
		host_changed(box->host, 0, "list", 1);
	if (is_asked(b) && !visiting)
		b->again_at = 0;
	if (!visit_when_due(b, more, e))
		return false;
	/* What has come so far is shown. */
	return sync_local(b, id, e);
}

/* First what is here, then what the server has. */
static bool pop_sync(struct box *box, uint64_t mailbox, bool *more, struct err *e)
{
	struct pop_box *b = pop_box_of(box);
	bool made;
	uint64_t id;

	if (!inbox_row(b, &id, &made, e))
		return false;
	if (made)
		host_changed(box->host, 0, "list", 1);
	if (!local_box_ops.sync(b->local, mailbox, more, e))
		return false;
	if (*more)
		return true;
	if (!is_due(b))
		return true;
	if (!visit_when_due(b, more, e))
		return false;
	return sync_local(b, mailbox, e);
}

static bool pop_watch(
	struct box *box, uint64_t mailbox, int timeout_ms, uint64_t *changed, struct err *e)
{
	struct pop_box *b = pop_box_of(box);

	return local_box_ops.watch(b->local, mailbox, timeout_ms, changed, e);
}

static bool pop_fetch(struct box *box, uint64_t message, const char *section, struct err *e)
{
	return local_box_ops.fetch(pop_box_of(box)->local, message, section, e);
}

static bool pop_apply(struct box *box, struct apply_step *s, struct err *e)
{
	struct pop_box *b = pop_box_of(box);
	bool ok = local_box_ops.apply(b->local, s, e);

	box->later_ms = b->local->later_ms;
	return ok;
}

const struct box_ops pop_box_ops = {
	.kind = "pop",
	.open = pop_open,
	.list = pop_list,
	.sync = pop_sync,
	.watch = pop_watch,
	.fetch = pop_fetch,
	.apply = pop_apply,
	.folders = pop_folders,
	.close = pop_close,
};
