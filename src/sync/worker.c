/*
 * The worker's life: greeting, lock, cache, cage; then one piece of the most urgent job at a time,
 * with a look at the channel in between; when there is none, watching. Jobs are in worker_jobs.c,
 * cage and connection in worker_line.c; what a mailbox kind does is behind box.h.
 *
 * It may be killed at any instruction: what was said was committed before, and what was begun is
 * begun again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "sync/keep.h"
#include "sync/worker_priv.h"

#define LOOK_UP_MS 2000       /* while the index is built: how often the mailbox is looked at */
#define WATCH_MAX_MS 600000   /* the longest we lie still */
#define TIDY_AFTER_MS 30000   /* idle that long: tidy the cache, once */
#define MAIL_CHECK_S 60       /* counts of the other mailboxes, when the user says nothing */
#define LOCAL_CHECK_S 5
#define SUBMIT_KEEP_MS 30000  /* an SMTP connection is kept for the next message */
#define APPLIED_DAYS 30

/* ---- beginning ---- */

static bool take_lock(struct worker *w, struct err *e)
{
	char *dir = fs_dirname(w->host->state_path), *safe = store_safe_account(w->host->account);
	char *path = xasprintf("%s/lock/%s.%s", dir, safe, w->host->role), *folder = fs_dirname(path);
	int holder = 0;
	bool ok = fs_mkdirs(folder, e) && fs_lock_file(path, &w->lock_fd, &holder, e);

	if (!ok && e->class == ERR_LIMIT)
		err_set(e, ERR_LIMIT, "another feist (process %d) works on %s already", holder, w->host->account);
	free(dir);
	free(safe);
	free(path);
	free(folder);
	return ok;
}

static const char *fate_text(enum cache_fate fate)
{
	switch (fate) {
	case CACHE_WAS_NEW:
		return "new cache";
	case CACHE_WAS_MIGRATED:
		return "cache brought up to date";
	case CACHE_WAS_REBUILT:
		return "cache was damaged and is built anew";
	case CACHE_WAS_GOOD:
		break;
	}
	return "";
}

static bool greet(struct worker *w, const struct msg_HELLO *m, struct err *e)
{
	struct host *h = w->host;
	bool submit = sv_is(m->role, "submit");

	if (m->version != WIRE_VERSION)
		return err_set(e, ERR_PROTO, "feist and feist-worker are of different versions");
	if (!submit && !sv_is(m->role, "box"))
		return err_set(e, ERR_PROTO, "role " SV_FMT, SV_ARG(m->role));
	free(h->role);
	h->role = sv_dup(m->role);
	if (submit ? !submit_kind(h->kind) : !box_kind(h->kind))
		return err_set(e, ERR_INPUT, "no such kind of account: %s", h->kind);
	w->submit = submit ? submit_kind(h->kind) : NULL;
	if (!take_lock(w, e) || (!submit && !cache_open(&h->cache, h->cache_dir, h->account, CACHE_WRITE, e)))
		return false;
	const char *fate = submit ? "" : fate_text(cache_fate(h->cache));
	h->greeted = true;
	return chan_say(h->chan, e, READY, .version = WIRE_VERSION, .info = sv_of(fate));
}

static void log_line(void *data, enum log_level level, const char *room, const char *text)
{
	struct host *h = data;
	struct err e;

	if (h->chan && !h->leaving && !chan_say(h->chan, &e, LOG, .level = level, .room = sv_of(room), .text = sv_of(text)))
		h->leaving = true;
}

/* Waits for HELLO and answers it. False: nothing to do here. */
static bool first_words(struct worker *w, struct chan *chan)
{
	struct msg m;
	struct err e;
	enum chan_got got = chan_recv(chan, -1, &m, &e);

	if (got != CHAN_MSG || m.type != MSG_HELLO)
		return false;
	char *account = sv_dup(m.HELLO.account), *kind = sv_dup(m.HELLO.kind), *dir = sv_dup(m.HELLO.cache_dir);
	char *state = sv_dup(m.HELLO.state_db);
	w->host = host_new(chan, account, kind, dir, state);
	free(account);
	free(kind);
	free(dir);
	free(state);
	log_to(log_line, w->host);
	log_level_set(LOG_INFO);
	if (greet(w, &m.HELLO, &e))
		return true;
	(void)!chan_say(chan, NULL, FAILED, .class = sv_of(err_class_name(e.class)), .text = sv_of(e.text));
	return false;
}

/* ---- nothing to do ---- */

static int mail_check_ms(struct worker *w)
{
	bool local = w->box && !w->box->ops->connect;
	int64_t s = host_conf_number(w->host, "mail_check", local ? LOCAL_CHECK_S : MAIL_CHECK_S);

	/*
	 * mutt's default of 5 s is meant for files; what is open on a server is told by IDLE
	 * anyway.
	 */
	return (int)MIN(MAX(s, local ? 1 : MAIL_CHECK_S), WATCH_MAX_MS / 1000) * 1000;
}

/* How long we may lie still before one of our own clocks rings. */
static int patience_ms(struct worker *w)
{
	int64_t now = clock_ms(), until = now + WATCH_MAX_MS;

	if (w->retry_at && !w->refused)
		until = MIN(until, w->retry_at);
	if (w->check_at)
		until = MIN(until, w->check_at);
	if (w->host->wake_at)
		until = MIN(until, w->host->wake_at);
	if (w->tidy || w->submit)
		until = MIN(until, w->idle_since + (w->submit ? SUBMIT_KEEP_MS : TIDY_AFTER_MS));
	return (int)MAX(until - now, 0);
}

/* Nothing but the index, which can wait. */
static bool is_free(const struct host *h)
{
	return !h->queue || h->queue->kind == JOB_INDEX;
}

/* What the clocks ask for becomes jobs. */
static void ring(struct worker *w)
{
	struct host *h = w->host;
	int64_t now = clock_ms();

	if (h->wake_at && now >= h->wake_at) {
		h->wake_at = 0;
		job_want(h, JOB_APPLY, 0);
	}
	if (w->box && w->box->online && now >= w->check_at) {
		if (w->check_at)
			job_want(h, JOB_LIST, 0);
		w->check_at = now + mail_check_ms(w);
	}
	if (w->retry_at && now >= w->retry_at && !w->refused) {
		w->retry_at = 0;
		job_want(h, JOB_LIST, 0);
	}
	if (w->ahead_wanted && is_free(h) && w->box && w->box->online) {
		w->ahead_wanted = false;
		job_want(h, JOB_AHEAD, 0);
	}
	if (w->index_wanted && !w->submit && is_free(h)) {
		w->index_wanted = false;
		job_want(h, JOB_INDEX, 0);
	}
	if (w->apply_wanted) {
		w->apply_wanted = false;
		job_want(h, JOB_APPLY, 0);
	}
}

static void tidy(struct worker *w)
{
	bool more = true, ok;
	uint64_t total;
	struct keep *keep;
	struct err e;

	if (!w->tidy || clock_ms() < w->idle_since + TIDY_AFTER_MS)
		return;
	w->tidy = false;
	keep = keep_new(w->host);
	ok = applied_prune(w->host->cache, APPLIED_DAYS, &e) &&
	     body_make_room(w->host->cache, keep_budget(w->host), INT64_MAX, keep_has, keep, &total, &e) &&
	     body_sweep(w->host->cache, 0, 1000, &more, &e);
	keep_free(keep);
	if (!ok)
		log_write(LOG_WARN, "worker", "%s", e.text);
	cache_tidy(w->host->cache);
}

/* Waits until something happens in the mailbox that the user looks at. */
static void watch(struct worker *w, int timeout_ms)
{
	struct host *h = w->host;
	uint64_t changed = 0;
	struct err e = {0};

	bool ok = w->box->ops->watch(w->box, w->watched, timeout_ms, &changed, &e);

	w->looked_at = clock_ms();
	if (!ok) {
		if (e.class == ERR_CANCEL)
			return;
		if (w->watched && (e.class == ERR_GONE || e.class == ERR_PROTO) && !w->box->dead) {
			/*
			 * The mailbox itself is the trouble: look at it once more, then leave it
			 * alone.
			 */
			job_want(h, JOB_SYNC, w->watched);
			w->watched = 0;
			return;
		}
		worker_disconnect(w, false);
		worker_went_offline(w, &e);
		return;
	}
	if (changed == BOX_LIST_CHANGED)
		job_want(h, JOB_LIST, 0);
	else if (changed)
		job_want(h, JOB_SYNC, changed);
}

static void lie_still(struct worker *w)
{
	struct host *h = w->host;

	if (!w->idle_since)
		w->idle_since = clock_ms();
	if (w->submit) {
		if (clock_ms() >= w->idle_since + SUBMIT_KEEP_MS)
			w->submit->disconnect(h);
		host_wait(h, MAX(patience_ms(w), 1000));
		return;
	}
	if (!w->box || !w->box->online) {
		host_wait(h, patience_ms(w));
		return;
	}
	host_state_say(h, "idle", "");
	tidy(w);
	watch(w, patience_ms(w));
}

/* The index is built for a while already: is there anything new? */
static bool should_look_up(const struct worker *w)
{
	return !w->submit && w->host->queue->kind == JOB_INDEX && w->box && w->box->online &&
	       clock_ms() >= w->looked_at + LOOK_UP_MS;
}

/* ---- the end ---- */

/* QUIT: what was put off is done, if that needs no new connection. */
static void last_work(struct worker *w)
{
	struct host *h = w->host;

	if (h->leaving || w->submit || !w->box || !w->box->online)
		return;
	if (h->wake_at)
		job_want(h, JOB_APPLY, 0);
	while (h->queue && h->queue->kind != JOB_APPLY) {
		struct job *j = h->queue;

		h->queue = j->next;
		h->queued--;
		job_free(j);
	}
	while (h->queue && h->queue->kind == JOB_APPLY && !h->leaving)
		worker_work(w);
}

static void end(struct worker *w)
{
	struct host *h = w->host;

	last_work(w);
	if (w->submit)
		w->submit->disconnect(h);
	worker_disconnect(w, h->quit_asked);
	if (w->box)
		w->box->ops->close(w->box);
	if (h->quit_asked)
		host_done(h, h->quit_job, "");
	log_to(NULL, NULL);
	if (w->lock_fd >= 0)
		close(w->lock_fd);
}

int worker_run(struct chan *chan)
{
	struct worker w = {.lock_fd = -1};
	int status = 0;

	if (first_words(&w, chan)) {
		struct host *h = w.host;

		while (!h->leaving && !h->quit_asked) {
			ring(&w);
			host_poll(h);
			worker_look_after_line(&w);
			if (h->queue && !h->quit_asked && should_look_up(&w))
				watch(&w, 0);
			else if (h->queue && !h->quit_asked)
				worker_work(&w);
			else if (!h->leaving && !h->quit_asked)
				lie_still(&w);
		}
		end(&w);
	} else {
		status = 1;
		log_to(NULL, NULL);
		if (w.lock_fd >= 0)
			close(w.lock_fd);
	}
	free(w.transcript);
	host_free(w.host);
	chan_free(chan);
	return status;
}
