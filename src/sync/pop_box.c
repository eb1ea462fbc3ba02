/*
 * The box of a POP account: its places, when the server is visited, and what the worker asks for;
 * most of that is the local mailbox's to answer.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "sync/pop_priv.h"
#include "sync/row.h"

#define RETRY_S 60       /* after a failure, when nobody asks; doubled by each further one */
#define RETRY_MAX_S 3600
#define ROWS_MS 1000     /* between two looks at the Maildir while messages come */

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

static void pop_close(struct box *box)
{
	struct pop_box *b = pop_box_of(box);

	pop_visit_leave(b);
	if (b->local)
		b->local->ops->close(b->local);
	uidl_close(b->uidls);
	remote_fini(&b->remote);
	free(b->path);
	free(b);
}

/* While we wait for the server: leaving ends that, too, for a visit is taken up again where it was. */
static bool is_over(void *data)
{
	struct pop_box *b = data;

	return host_slept(b->box.host) || host_cancelled(b->box.host) || host_leaving(b->box.host);
}

static struct box *pop_open(struct host *h, struct err *e)
{
	struct pop_box *b = xcalloc(1, sizeof(*b));
	char *folder = data_folder(h), *table = fs_join(folder, "uidl.db");
	bool ok;

	b->box = (struct box){.ops = &pop_box_ops, .host = h, .online = true};
	b->path = maildir_path(h);
	b->expire_days = -1;
	remote_init(&b->remote, h, "pop");
	b->remote.server.wake = (struct wake){.fd = host_wake_fd(h), .fn = is_over, .data = b, .stop = is_over};
	ok = fs_mkdirs(folder, e) && uidl_open(&b->uidls, table, e) && maildir_make(b->path, e) &&
	     (b->local = local_box_ops.open(h, e));
	free(folder);
	free(table);
	if (ok)
		return &b->box;
	pop_close(&b->box);
	return NULL;
}

/* ---- when ---- */

static int64_t interval_ms(struct pop_box *b)
{
	int64_t s = host_conf_number(b->box.host, "pop_checkinterval", 60);

	return MIN(MAX(MAX(s, b->delay_s), INT64_C(1)), INT64_C(86400)) * 1000;
}

/* The user asks for mail now (not our own clock). */
static bool is_asked(struct pop_box *b)
{
	const struct job *j = b->box.host->current;

	return j && j->id != 0 && j->kind == JOB_SYNC;
}

static bool is_due(struct pop_box *b)
{
	if (host_conf_bool(b->box.host, "offline", false)) {
		pop_visit_leave(b);
		return false;
	}
	return b->visit || b->again_at == 0 || clock_ms() >= b->again_at;
}

static bool mend(struct pop_box *b, struct err *e)
{
	b->mended = b->mended || pop_mend(b, e);
	return b->mended;
}

static bool visit(struct pop_box *b, bool *more, struct err *e)
{
	*more = true;
	if (!mend(b, e) || (!b->visit && !pop_visit_begin(b, e)))
		return false;
	if (!pop_visit_piece(b, more, e))
		return false;
	if (!*more) {
		pop_visit_leave(b);
		b->failures = 0;
		b->again_at = clock_ms() + interval_ms(b);
	}
	return true;
}

/* mutt asks whether to go on when the line is lost; what has come is safe, so "no" means: when asked. */
static bool may_reconnect(struct pop_box *b)
{
	const char *v = host_conf(b->box.host, "pop_reconnect");

	return !v || strcmp(v, "no") != 0;
}

/* A visit that was under way is begun again, and one that was put off comes now. */
static void pop_slept(struct box *box)
{
	struct pop_box *b = pop_box_of(box);

	if (!b->visit && b->again_at == INT64_MAX)
		return; /* it waits for the user */
	pop_visit_leave(b);
	b->again_at = 0;
	b->failures = 0;
}

/*
 * The visit has failed: when is the next? At once when it brought something and the line broke:
 * what is here is not fetched again, so that comes to an end. True: at once.
 */
static bool plan_again(struct pop_box *b, const struct err *why)
{
	bool lost = why->class == ERR_NET || why->class == ERR_TLS || why->class == ERR_PROTO;
	bool progress = pop_visit_progress(b) > 0;
	int64_t pause;

	if (host_slept(b->box.host)) { /* nobody's fault */
		pop_slept(&b->box);
		return true;
	}
	pop_visit_died(b, why);
	pop_visit_leave(b);
	if (why->class == ERR_AUTH || why->class == ERR_CANCEL || (progress && lost && !may_reconnect(b))) {
		b->again_at = INT64_MAX; /* until the user asks again */
		return false;
	}
	if (progress && lost && !host_leaving(b->box.host)) {
		b->failures = 0;
		b->again_at = 0;
		return true;
	}
	pause = MAX(interval_ms(b), INT64_C(1000) * RETRY_S) << MIN(b->failures, 6u);
	b->failures++;
	b->again_at = clock_ms() + MIN(pause, MAX(interval_ms(b), INT64_C(1000) * RETRY_MAX_S));
	return false;
}

/*
 * A piece of a visit when it is time. A failure is the caller's only when the user asked; else it
 * is said and the local mailbox goes on without the server.
 */
static bool visit_when_due(struct pop_box *b, bool *more, struct err *e)
{
	struct err why = {0};

	*more = false;
	if (!is_due(b) || visit(b, more, &why))
		return true;
	*more = plan_again(b, &why);
	if (*more) {
		log_write(LOG_INFO, "pop", "%s: %s: going on", host_account(b->box.host), why.text);
		return true;
	}
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

/* What has come so far is shown, but while more comes not after each piece. */
static bool show(struct pop_box *b, uint64_t id, bool more, struct err *e)
{
	int64_t now = clock_ms();

	if (more && now < b->rows_at + ROWS_MS)
		return true;
	b->rows_at = now;
	return sync_local(b, id, e);
}

static bool make_row(struct pop_box *b, uint64_t *id, struct err *e)
{
	bool made;

	if (!inbox_row(b, id, &made, e))
		return false;
	if (made)
		host_changed(b->box.host, 0, "list", 1);
	return true;
}

static bool pop_list(struct box *box, bool *more, struct err *e)
{
	struct pop_box *b = pop_box_of(box);
	uint64_t id;

	if (!make_row(b, &id, e))
		return false;
	if (is_asked(b) && !b->visit)
		b->again_at = 0;
	return visit_when_due(b, more, e) && show(b, id, *more, e);
}

/* First what is here, then what the server has. */
static bool pop_sync(struct box *box, uint64_t mailbox, bool *more, struct err *e)
{
	struct pop_box *b = pop_box_of(box);
	uint64_t id;

	if (!make_row(b, &id, e) || !local_box_ops.sync(b->local, mailbox, more, e))
		return false;
	if (*more || !is_due(b))
		return true;
	return visit_when_due(b, more, e) && show(b, mailbox, *more, e);
}

static bool pop_ahead(struct box *box, uint64_t watched, bool *more, struct err *e)
{
	return local_box_ops.ahead(pop_box_of(box)->local, watched, more, e);
}

static bool pop_watch(
	struct box *box, uint64_t mailbox, int timeout_ms, uint64_t *changed, struct err *e)
{
	struct pop_box *b = pop_box_of(box);

	return local_box_ops.watch(b->local, mailbox, timeout_ms, changed, e);
}

/* ---- the whole of a preview ---- */

/* The row of the preview becomes that of the whole. */
static bool put_whole_row(struct pop_box *b, struct message_row *row, const char *base, struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	bool ok = cache_begin(c, e) && maildir_put_row(c, b->path, row, sv_of(base), e) && cache_commit(c, e);

	if (!ok)
		cache_rollback(c);
	else
		host_changed(b->box.host, message_mailbox(row->id), "messages", 1);
	return ok;
}

static bool fetch_whole(struct pop_box *b, struct message_row *row, struct err *e)
{
	char *preview = sv_dup(row->key), base[UIDL_BASE_MAX + 1];
	bool mine = b->visit == NULL, ok;
	struct str uidl;

	str_init(&uidl, UIDL_MAX);
	ok = uidl_by_base(b->uidls, row->key, &uidl, e);
	if (!ok && e->class == ERR_GONE)
		err_set(e, ERR_GONE, "nobody knows any more where the rest of this message is");
	if (ok && host_conf_bool(b->box.host, "offline", false))
		ok = err_set(e, ERR_NET, "offline, as you asked");
	ok = ok && (b->visit || pop_visit_begin(b, e)) && pop_visit_whole(b, str_sv(&uidl), preview, base, e);
	ok = ok && put_whole_row(b, row, base, e);
	if (!ok && e->class != ERR_GONE) {
		plan_again(b, e);
		if (b->again_at == INT64_MAX)
			b->again_at = clock_ms() + interval_ms(b);
	}
	/* It goes on with what else a visit does. */
	if (mine && b->visit)
		job_want(b->box.host, JOB_LIST, 0);
	str_fini(&uidl);
	free(preview);
	return ok;
}

static bool pop_fetch(struct box *box, uint64_t message, const char *section, struct err *e)
{
	struct pop_box *b = pop_box_of(box);
	struct arena *a = arena_new();
	struct message_row row;
	bool ok = mend(b, e) && message_get(host_cache(box->host), message, a, &row, e);

	if (ok && !*section && (row.flags & MSG_PARTIAL))
		ok = fetch_whole(b, &row, e);
	arena_free(a);
	return ok && local_box_ops.fetch(b->local, message, section, e);
}

/* ---- intents ---- */

/*
 * What is deleted here, or moved away, goes from the server, too. Noted first: killed in between,
 * the intent comes again.
 */
static bool mirror(struct pop_box *b, const struct apply_step *s, struct err *e)
{
	struct host *h = b->box.host;
	struct arena *a;
	bool ok;

	if ((s->kind != INTENT_DELETE && s->kind != INTENT_MOVE) || !host_conf_bool(h, "pop_mirror_delete", true) ||
		host_conf_bool(h, "maildir_trash", false))
		return true;
	a = arena_new();
	ok = uidl_begin(b->uidls, e);
	for (size_t i = 0; ok && i < s->count; i++) {
		struct message_row row;

		if (message_get(host_cache(h), message_id_of(s->mailbox->id, s->one[i].uid), a, &row, NULL))
			ok = uidl_delete_base(b->uidls, row.key, e);
	}
	ok = ok && uidl_commit(b->uidls, e);
	if (!ok)
		uidl_rollback(b->uidls);
	arena_free(a);
	host_step("pop: deletion noted");
	return ok;
}

static bool pop_apply(struct box *box, struct apply_step *s, struct err *e)
{
	struct pop_box *b = pop_box_of(box);
	bool ok = mirror(b, s, e) && local_box_ops.apply(b->local, s, e);

	box->later_ms = b->local->later_ms;
	return ok;
}

static bool pop_search(struct box *box, uint64_t mailbox, const char *query, struct err *e)
{
	return local_box_ops.search(pop_box_of(box)->local, mailbox, query, e);
}

const struct box_ops pop_box_ops = {
	.kind = "pop",
	.open = pop_open,
	.list = pop_list,
	.sync = pop_sync,
	.watch = pop_watch,
	.fetch = pop_fetch,
	.apply = pop_apply,
	.ahead = pop_ahead,
	.search = pop_search,
	.folders = pop_folders,
	.slept = pop_slept,
	.close = pop_close,
};
