/*
 * The jobs of a worker: a table of functions that do one piece each, and what comes after a piece.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "sync/apply.h"
#include "sync/index.h"
#include "sync/worker_priv.h"

#define APPLY_AGAIN_MS 60000  /* intents that failed for a reason of ours are tried again */

/* ---- jobs, one piece each ---- */

static bool step_fetch(struct worker *w, struct job *j, bool *more, struct err *e)
{
	struct host *h = w->host;

	*more = false;
	if (!body_has(h->cache, j->message, j->text) && !w->box->ops->fetch(w->box, j->message, j->text, e))
		return false;
	struct msg m = {.type = MSG_BODY, .BODY = {.job = j->id, .message = j->message, .section = sv_of(j->text)}};
	if (!chan_send(h->chan, &m, -1, e))
		h->leaving = true;
	return true;
}

static bool step_watch(struct worker *w, struct job *j, bool *more, struct err *e)
{
	struct mailbox m;

	*more = false;
	if (!*j->text) {
		w->watched = 0;
		return true;
	}
	if (j->mailbox == 0) {
		bool known = mailbox_by_name(w->host->cache, j->text, &m, e);

		if (known)
			j->mailbox = m.id;
		if (known)
			mailbox_fini(&m);
		else if (e->class != ERR_GONE || !mailbox_add(w->host->cache, j->text, "", 0, &j->mailbox, e))
			return false;
		if (!known)
			host_changed(w->host, 0, "list", 1);
		w->watched = j->mailbox;
	}
	return w->box->ops->sync(w->box, j->mailbox, more, e);
}

/* The names in option "mailboxes" that have a row. */
static void add_watched(struct worker *w, struct job *j)
{
	struct sv rest = sv_of(host_conf(w->host, "mailboxes")), line;
	size_t cap = 0;

	while (sv_line(&rest, &line)) {
		char *name = sv_dup(line);
		struct mailbox m;

		if (line.len > 0 && mailbox_by_name(w->host->cache, name, &m, NULL)) {
			if (!(m.flags & MAILBOX_NOSELECT) && m.id != w->watched) {
				array_grow(j->todo, j->todo_count, cap);
				j->todo[j->todo_count++] = m.id;
			}
			mailbox_fini(&m);
		}
		free(name);
	}
	if (w->watched) {
		array_grow(j->todo, j->todo_count, cap);
		j->todo[j->todo_count++] = w->watched;
	}
}

static bool step_sync(struct worker *w, struct job *j, bool *more, struct err *e)
{
	if (j->mailbox)
		return w->box->ops->sync(w->box, j->mailbox, more, e);
	*more = true;
	if (!j->listed) {
		bool again = false;

		if (!w->box->ops->list(w->box, &again, e))
			return false;
		if (again)
			return true;
		j->listed = true;
		add_watched(w, j);
	}
	if (j->todo_count > 0) {
		bool again = false;
		struct err mine;

		if (!w->box->ops->sync(w->box, j->todo[j->todo_count - 1], &again, &mine)) {
			/*
			 * One mailbox that cannot be read must not keep the others from the user.
			 */
			if (mine.class != ERR_GONE && mine.class != ERR_PROTO) {
				*e = mine;
				return false;
			}
			log_write(LOG_WARN, "worker", "%s: %s", w->host->account, mine.text);
			cache_rollback(w->host->cache);
		}
		j->todo_count -= !again;
	}
	*more = j->todo_count > 0;
	return true;
}

static bool step_list(struct worker *w, struct job *j, bool *more, struct err *e)
{
	(void)j;
	return w->box->ops->list(w->box, more, e);
}

static bool step_ahead(struct worker *w, struct job *j, bool *more, struct err *e)
{
	(void)j;
	*more = false;
	return !w->box->ops->ahead || w->box->ops->ahead(w->box, w->watched, more, e);
}

static bool step_index(struct worker *w, struct job *j, bool *more, struct err *e)
{
	struct host *h = w->host;

	if (!h->index)
		h->index = index_new(h);
	if (!j->listed)
		index_begin(h->index, w->watched);
	j->listed = true;
	return index_piece(h->index, more, e);
}

static bool step_search(struct worker *w, struct job *j, bool *more, struct err *e)
{
	*more = false;
	if (!w->box->ops->search)
		return err_set(e, ERR_INPUT, "this kind of mailbox cannot search");
	return w->box->ops->search(w->box, j->mailbox, j->text, e);
}

static bool step_apply(struct worker *w, struct job *j, bool *more, struct err *e)
{
	w->box->later_ms = 0;
	bool ok = apply_step_run(w->host, w->box, j, more, e);
	if (w->box->later_ms > 0) {
		int64_t at = clock_ms() + w->box->later_ms;

		w->host->wake_at = w->host->wake_at ? MIN(w->host->wake_at, at) : at;
	}
	return ok;
}

static bool step_send(struct worker *w, struct job *j, bool *more, struct err *e)
{
	struct host *h = w->host;

	*more = false;
	h->sent_said = false;
	if ((!worker_has_new_tickets(w, e) && w->submit->send(h, j->id, j->outbox, e)) || h->sent_said)
		return true;
	host_sent(h, j->id, j->outbox, "queued", e->class, e->text);
	return false;
}

static const struct {
	const char *name;
	bool (*step)(struct worker *, struct job *, bool *more, struct err *);
	bool submit; /* belongs to that role */
} jobs[JOB_KINDS] = {
	[JOB_READ] = {"fetch", step_fetch, false},
	[JOB_WATCH] = {"open", step_watch, false},
	[JOB_SEARCH] = {"search", step_search, false},
	[JOB_APPLY] = {"apply", step_apply, false},
	[JOB_SEND] = {"send", step_send, true},
	[JOB_SYNC] = {"sync", step_sync, false},
	[JOB_FETCH] = {"fetch ahead", step_fetch, false},
	[JOB_LIST] = {"list", step_list, false},
	[JOB_AHEAD] = {"read ahead", step_ahead, false},
	[JOB_INDEX] = {"index", step_index, false},
};

/* A fetch of what is here already needs no connection; so do rows of a mailbox that is closed. */
static bool needs_connection(struct worker *w, const struct job *j)
{
	if (w->submit)
		return false;
	if (j->kind == JOB_READ || j->kind == JOB_FETCH)
		return !body_has(w->host->cache, j->message, j->text);
	return j->kind != JOB_INDEX && (j->kind != JOB_WATCH || *j->text);
}

static bool run_piece(struct worker *w, struct job *j, bool *more, struct err *e)
{
	*more = false;
	if (w->submit)
		worker_enter_cage(w);
	if (!!w->submit != jobs[j->kind].submit)
		return err_set(e, ERR_PROTO, "%s is not for this role", jobs[j->kind].name);
	if (!w->submit && (needs_connection(w, j) ? !worker_ensure_online(w, e) : !worker_ensure_box(w, e)))
		return false;
	return jobs[j->kind].step(w, j, more, e);
}

/*
 * What a watch that failed leaves: without a connection the mailbox is still what the user looks
 * at, to be opened when we are back. One that does not exist leaves nothing.
 */
static void end_watch(struct worker *w, struct job *j, const struct err *e)
{
	bool offline = e->class == ERR_NET || e->class == ERR_TLS || e->class == ERR_AUTH;
	struct mailbox m;

	if (j->kind != JOB_WATCH || !*j->text || !mailbox_by_name(w->host->cache, j->text, &m, NULL))
		return;
	if (offline) {
		w->watched = m.id;
	} else if (!*m.raw && message_count(w->host->cache, m.id) == 0) {
		w->watched = 0;
		if (mailbox_delete(w->host->cache, m.id, NULL))
			host_changed(w->host, 0, "list", 1);
	}
	mailbox_fini(&m);
}

static void piece_failed(struct worker *w, struct job *j, struct err *e)
{
	if (w->host->cache)
		cache_rollback(w->host->cache);
	if (e->class == ERR_NET || e->class == ERR_TLS || (w->box && w->box->dead)) {
		bool was_online = w->box && w->box->online && w->box->ops->connect;

		worker_disconnect(w, false);
		if (was_online)
			worker_went_offline(w, e);
	}
	if (!w->submit)
		end_watch(w, j, e);
	/* Nobody asks again for what was put off: a disk that was full may have room later. */
	if (j->kind == JOB_APPLY && w->box && w->box->online && !w->host->wake_at)
		w->host->wake_at = clock_ms() + APPLY_AGAIN_MS;
	host_failed(w->host, j->id, e);
	/* The next worker opens it anew. */
	w->host->leaving = w->host->leaving || (w->host->cache && cache_is_stuck(w->host->cache));
}

void worker_work(struct worker *w)
{
	struct host *h = w->host;
	struct job *j = h->queue;
	struct err e = {0};
	bool more = false;

	h->queue = j->next;
	h->queued--;
	j->next = NULL;
	j->started = true;
	h->current = j;
	w->idle_since = 0;
	w->tidy = true;
	if (!w->submit && j->kind < JOB_LIST && (w->box == NULL || w->box->online))
		host_state_say(h, "busy", "");
	bool ok = run_piece(w, j, &more, &e);
	h->current = NULL;
	/* An interrupted piece is not a failure: its turn comes again. */
	if (!ok && e.class == ERR_CANCEL && !j->cancelled && !w->submit && !h->leaving &&
		(h->slept || (w->box && w->box->online && !w->box->dead))) {
		cache_rollback(h->cache);
		ok = more = true;
	}
	if (!ok) {
		piece_failed(w, j, &e);
	} else if (j->cancelled) {
		err_set(&e, ERR_CANCEL, "cancelled");
		host_failed(h, j->id, &e);
	} else if (more) {
		job_add(h, j);
		return;
	} else {
		w->ahead_wanted |= j->kind == JOB_WATCH || j->kind == JOB_SYNC;
		w->index_wanted |= j->kind != JOB_INDEX && j->kind != JOB_SEARCH && j->kind != JOB_LIST;
		host_done(h, j->id, "");
	}
	job_free(j);
}
