/*
 * The worker and the outside: the cage, the backend, and the connection, which comes and goes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/sandbox.h"
#include "sync/remote.h"
#include "sync/worker_priv.h"

static const int backoff_s[] = {1, 2, 5, 10, 30, 60, 120, 300};

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

void worker_enter_cage(struct worker *w)
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

bool worker_ensure_box(struct worker *w, struct err *e)
{
	worker_enter_cage(w);
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

void worker_disconnect(struct worker *w, bool politely)
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
	worker_disconnect(w, true);
	job_want(w->host, JOB_LIST, 0);
}

/* The user wants no connection: one that is open goes. */
static void keep_offline(struct worker *w)
{
	if (!host_conf_bool(w->host, "offline", false) || !w->box || !w->box->online || !w->box->ops->connect)
		return;
	worker_disconnect(w, true);
	host_state_say(w->host, "offline", "offline, as you asked");
}

void worker_went_offline(struct worker *w, const struct err *e)
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
	worker_disconnect(w, false);
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

bool worker_has_new_tickets(struct worker *w, struct err *e)
{
	if (w->tickets == ticket_inode())
		return false;
	log_write(LOG_INFO, "worker", "%s: new Kerberos tickets", w->host->account);
	w->host->leaving = true;
	err_set(e, ERR_NET, "new Kerberos tickets");
	return true;
}

bool worker_ensure_online(struct worker *w, struct err *e)
{
	if (!worker_ensure_box(w, e))
		return false;
	if (w->box->online && w->box->dead)
		worker_disconnect(w, false);
	if (w->box->online)
		return true;
	if (!may_connect(w, e))
		return false;
	if (worker_has_new_tickets(w, e))
		return false;
	host_state_say(w->host, "connecting", "");
	if (!w->box->ops->connect(w->box, e)) {
		w->box->online = false;
		w->box->dead = false;
		if (!host_slept(w->host)) /* else it was too soon, and is tried again at once */
			worker_went_offline(w, e);
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

void worker_look_after_line(struct worker *w)
{
	notice_sleep(w);
	keep_offline(w);
	renew_for_transcript(w);
}
