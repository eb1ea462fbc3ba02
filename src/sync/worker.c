/*
 * The worker's life: greeting, lock, cache, cage; then one piece of the most urgent job at a time,
 * with a look at the channel in between; when there is none, watching. Jobs are a table of
 * functions (jobs[]); what a mailbox kind does is behind box.h.
 *
 * It may be killed at any instruction: what was said was committed before, and what was begun is
 * begun again.
 */
#include "sync/worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/sandbox.h"
#include "sync/apply.h"
#include "sync/host_priv.h"
#include "sync/index.h"
#include "sync/keep.h"
#include "sync/remote.h"

#define LOOK_UP_MS 2000       /* while the index is built: how often the mailbox is looked at */
#define WATCH_MAX_MS 600000   /* the longest we lie still */
#define TIDY_AFTER_MS 30000   /* idle that long: tidy the cache, once */
#define MAIL_CHECK_S 60       /* counts of the other mailboxes, when the user says nothing */
#define LOCAL_CHECK_S 5
#define SUBMIT_KEEP_MS 30000  /* an SMTP connection is kept for the next message */
#define APPLIED_DAYS 30
#define APPLY_AGAIN_MS 60000  /* intents that failed for a reason of ours are tried again */

static const int backoff_s[] = {1, 2, 5, 10, 30, 60, 120, 300};

struct worker {
	struct host *host;
	struct box *box;
	const struct submit_ops *submit;
	int lock_fd;
	bool caged;
	uint64_t tickets;       /* inode of the Kerberos tickets that the cage lets us at */
	uint64_t watched;       /* mailbox the user looks at; 0: none */
	unsigned failures;      /* to connect, one after another */
	int64_t retry_at;       /* clock_ms; 0: not waiting */
	bool refused;           /* login: no attempt before the user does something */
	struct err why_offline;
	int64_t check_at;       /* clock_ms of the next look at the other mailboxes; 0: not yet */
	int64_t idle_since;     /* 0: busy */
	int64_t looked_at;      /* clock_ms of the last watch */
	bool tidy, apply_wanted, ahead_wanted, index_wanted;
	char *transcript;       /* file that the connection writes it to, or "" */
};

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

/* ---- the cage and the backend ---- */

static void add_path(const char **list, size_t *n, size_t max, const char *path)
{
	if (path && *path == '/' && *n < max)
		list[(*n)++] = path;
}

/* Which file the user's tickets are in; 0: there is none. */
static uint64_t ticket_inode(void)
{
	char *paths[SERVER_TICKET_PATHS];
	size_t n = server_ticket_paths(true, paths);
	struct stat st;
	uint64_t inode = n && stat(paths[0], &st) == 0 ? (uint64_t)st.st_ino : 0;

	for (size_t i = 0; i < n; i++)
		free(paths[i]);
	return inode;
}

/* Entered when the options are known and before the first foreign byte is read. */
static void enter_cage(struct worker *w)
{
	static const char *const files[] = {"ssl_ca_certificates_file", "certificate_file", "ssl_client_cert",
		"ssl_ca_certificates_path"};
	const char *writable[24] = {NULL}, *readable[8] = {NULL};
	size_t nw = 0, nr = 0;
	struct host *h = w->host;
	char **folders = NULL, *state_dir, *wire_log;

	if (w->caged)
		return;
	w->caged = true;
	state_dir = fs_dirname(h->state_path);
	wire_log = remote_log_folder();
	const struct box_ops *ops = w->submit ? NULL : box_kind(h->kind);
	if (ops && ops->folders)
		ops->folders(h, &folders);
	add_path(writable, &nw, ARRAY_LEN(writable) - 1, h->cache_dir);
	add_path(writable, &nw, ARRAY_LEN(writable) - 1, state_dir);
	add_path(writable, &nw, ARRAY_LEN(writable) - 1, wire_log);
	for (size_t i = 0; folders && folders[i]; i++)
		add_path(writable, &nw, ARRAY_LEN(writable) - 1, folders[i]);
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		add_path(readable, &nr, ARRAY_LEN(readable) - 1, host_conf(h, files[i]));
	char *tickets[SERVER_TICKET_PATHS], *kerberos[SERVER_TICKET_PATHS];
	size_t n_tickets = server_ticket_paths(true, tickets), n_kerberos = server_ticket_paths(false, kerberos);
	for (size_t i = 0; i < n_tickets; i++)
		add_path(writable, &nw, ARRAY_LEN(writable) - 1, tickets[i]);
	for (size_t i = 0; i < n_kerberos; i++)
		add_path(readable, &nr, ARRAY_LEN(readable) - 1, kerberos[i]);
	w->tickets = ticket_inode();
	bool local = !w->submit && strcmp(h->kind, "local") == 0;
	const char *level = sandbox_enter(local ? SANDBOX_LOCAL : SANDBOX_REMOTE, writable, readable);
	log_write(LOG_INFO, "worker", "%s: cage: %s", h->account, level);
	for (size_t i = 0; folders && folders[i]; i++)
		free(folders[i]);
	free(folders);
	for (size_t i = 0; i < n_tickets; i++)
		free(tickets[i]);
	for (size_t i = 0; i < n_kerberos; i++)
		free(kerberos[i]);
	free(state_dir);
	free(wire_log);
}

static bool ensure_box(struct worker *w, struct err *e)
{
	enter_cage(w);
	if (w->box)
		return true;
	w->box = box_kind(w->host->kind)->open(w->host, e);
	/*
	 * The cage cannot be mended from inside, and perhaps a folder could not be put on its list a moment ago:
	 * the next worker tries again.
	 */
	w->host->leaving = w->host->leaving || (!w->box && e->class == ERR_DISK);
	if (!w->box)
		return false;
	if (!w->box->ops->connect)
		w->box->online = true;
	return true;
}

/* ---- the connection ---- */

static void disconnect(struct worker *w, bool politely)
{
	if (!w->box || !w->box->online || !w->box->ops->connect)
		return;
	w->box->ops->disconnect(w->box, politely && !w->box->dead);
	w->box->online = false;
	w->box->dead = false;
}

/* A transcript begins, or ends: with a connection of its own, so that signing in is in it. */
static void renew_for_transcript(struct worker *w)
{
	const char *path = host_conf(w->host, "transcript");

	if (strcmp(path ? path : "", w->transcript ? w->transcript : "") == 0)
		return;
	free(w->transcript);
	w->transcript = xstrdup(path ? path : "");
	if (!w->box || !w->box->online || !w->box->ops->connect)
		return;
	disconnect(w, true);
	job_want(w->host, JOB_LIST, 0);
}

/* The user wants no connection: one that is open goes. */
static void keep_offline(struct worker *w)
{
	if (!host_conf_bool(w->host, "offline", false) || !w->box || !w->box->online || !w->box->ops->connect)
		return;
	disconnect(w, true);
	host_state_say(w->host, "offline", "offline, as you asked");
}

/* Remembers why we are offline and when to try again. */
static void went_offline(struct worker *w, const struct err *e)
{
	struct host *h = w->host;
	struct msg m = {.type = MSG_STATE, .STATE = {.state = SV("waiting"), .text = sv_of(e->text)}};
	struct err lost;

	w->why_offline = *e;
	w->refused = e->class == ERR_AUTH || e->class == ERR_CANCEL || e->class == ERR_INPUT;
	if (w->refused) {
		w->retry_at = 0;
		m.STATE.state = SV("offline");
	} else {
		int s = backoff_s[MIN(w->failures, ARRAY_LEN(backoff_s) - 1)];

		w->failures++;
		w->retry_at = clock_ms() + s * 1000;
		m.STATE.retry_s = (uint64_t)s;
	}
	snprintf(h->said_state, sizeof(h->said_state), SV_FMT, SV_ARG(m.STATE.state));
	if (!h->leaving && !chan_send(h->chan, &m, -1, &lost))
		h->leaving = true;
}

/* The machine slept: the connection is dead, whatever the socket says, and why we had none may be over. */
static void notice_sleep(struct worker *w)
{
	struct host *h = w->host;

	if (!h->slept)
		return;
	h->slept = false;
	if (w->submit) {
		w->submit->disconnect(h);
		return;
	}
	if (!w->box)
		return;
	log_write(LOG_INFO, "worker", "%s: back from sleep, connecting anew", h->account);
	disconnect(w, false);
	if (w->box->ops->slept)
		w->box->ops->slept(w->box);
	w->retry_at = 0;
	w->failures = 0;
	if (!w->refused)
		job_want(h, JOB_LIST, 0);
}

static bool may_connect(struct worker *w, struct err *e)
{
	if (host_conf_bool(w->host, "offline", false))
		return err_set(e, ERR_NET, "offline, as you asked");
	if (w->host->user_acted) {
		w->refused = false;
		w->retry_at = 0;
	}
	w->host->user_acted = false;
	if (w->refused || (w->retry_at && clock_ms() < w->retry_at)) {
		*e = w->why_offline;
		return false;
	}
	return true;
}

/* kinit makes a new file, and the cage lets us at the old one only: the next worker has the right one. */
static bool has_new_tickets(struct worker *w, struct err *e)
{
	if (w->tickets == ticket_inode())
		return false;
	log_write(LOG_INFO, "worker", "%s: new Kerberos tickets", w->host->account);
	w->host->leaving = true;
	err_set(e, ERR_NET, "new Kerberos tickets");
	return true;
}

static bool ensure_online(struct worker *w, struct err *e)
{
	if (!ensure_box(w, e))
		return false;
	if (w->box->online && w->box->dead)
		disconnect(w, false);
	if (w->box->online)
		return true;
	if (!may_connect(w, e))
		return false;
	if (has_new_tickets(w, e))
		return false;
	host_state_say(w->host, "connecting", "");
	if (!w->box->ops->connect(w->box, e)) {
		w->box->online = false;
		w->box->dead = false;
		if (!host_slept(w->host)) /* else it was too soon, and is tried again at once */
			went_offline(w, e);
		return false;
	}
	w->failures = 0;
	w->retry_at = 0;
	host_state_say(w->host, "online", "");
	/* What had to wait: intents, what the user looks at, the list. */
	w->apply_wanted = true;
	if (w->watched)
		job_want(w->host, JOB_SYNC, w->watched);
	job_want(w->host, JOB_LIST, 0);
	return true;
}

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
	if ((!has_new_tickets(w, e) && w->submit->send(h, j->id, j->outbox, e)) || h->sent_said)
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
		enter_cage(w);
	if (!!w->submit != jobs[j->kind].submit)
		return err_set(e, ERR_PROTO, "%s is not for this role", jobs[j->kind].name);
	if (!w->submit && (needs_connection(w, j) ? !ensure_online(w, e) : !ensure_box(w, e)))
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

		disconnect(w, false);
		if (was_online)
			went_offline(w, e);
	}
	if (!w->submit)
		end_watch(w, j, e);
	/* Nobody asks again for what was put off: a disk that was full may have room later. */
	if (j->kind == JOB_APPLY && w->box && w->box->online && !w->host->wake_at)
		w->host->wake_at = clock_ms() + APPLY_AGAIN_MS;
	host_failed(w->host, j->id, e);
}

/* Takes the most urgent job, does one piece of it, and puts it back or ends it. */
static void work(struct worker *w)
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
		disconnect(w, false);
		went_offline(w, &e);
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
		work(w);
}

static void end(struct worker *w)
{
	struct host *h = w->host;

	last_work(w);
	if (w->submit)
		w->submit->disconnect(h);
	disconnect(w, h->quit_asked);
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
			notice_sleep(&w);
			keep_offline(&w);
			renew_for_transcript(&w);
			if (h->queue && !h->quit_asked && should_look_up(&w))
				watch(&w, 0);
			else if (h->queue && !h->quit_asked)
				work(&w);
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
