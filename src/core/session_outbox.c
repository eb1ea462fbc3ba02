/*
 * Sending what is in the outbox, in the background: what is due goes to its way out, and each way takes
 * one row at a time. The row's state is durable before the next step is taken:
 *
 *	queued -> sending -> committing -> sent | failed | queued (again later) | unknown
 *
 * Before the end of DATA the worker waits for our "go", which is given when "committing" is on disk. A
 * worker, or machine, that dies behind that point leaves "unknown": the server may have the message.
 * The user is asked; it is never sent again by itself.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "core/draft.h"
#include "core/gettext.h"
#include "core/outbox_priv.h"

#define LOOK_S \
	60 /* the longest sleep: the clock may be set, the machine may sleep, others may add rows */

void outbox_tell(struct session *s)
{
	if (s->events.outbox)
		s->events.outbox(s->events.data);
}

/* ---- why rows wait, in this run ---- */

enum err_class outbox_class_of(const struct session *s, int64_t id)
{
	for (size_t i = 0; s->outbox && i < s->outbox->nwhy; i++) {
		if (s->outbox->why[i].id == id)
			return s->outbox->why[i].class;
	}
	return ERR_NONE;
}

void outbox_note_class(struct session *s, int64_t id, struct sv name)
{
	struct outbox_run *o = s->outbox;
	char *text = sv_dup(name);
	size_t i = 0;

	while (i < o->nwhy && o->why[i].id != id)
		i++;
	if (i == o->nwhy) {
		array_grow(o->why, o->nwhy, o->why_cap);
		o->why[o->nwhy++].id = id;
	}
	o->why[i].class = err_class_by_name(text);
	free(text);
}

/* ---- locks ---- */

bool outbox_lock(struct session *s, const char *account, int *fd)
{
	char *safe = store_safe_account(account),
	     *path = xasprintf("%s/lock/%s.submit", s->state_dir, safe);
	char *dir = xasprintf("%s/lock", s->state_dir);
	struct err e;
	int holder;
	bool ok = fs_mkdirs(dir, &e) && fs_lock_file(path, fd, &holder, &e);

	free(dir);
	free(path);
	free(safe);
	return ok;
}

void outbox_unlock(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* ---- what is due ---- */

void submitter_finish(struct submitter *u)
{
	u->sending = 0;
	u->committing = false;
	sendmail_forget(u);
	outbox_unlock(&u->lock_fd);
	outbox_tell(u->s);
	submitter_next(u);
}

/* From where it waits to SENDING; its copies go first when $fcc_before_send wants it so. */
static bool begin_row(struct submitter *u, int64_t id, struct row_copy *c, struct err *e)
{
	struct session *s = u->s;
	bool ok = outbox_change(s->state, id, c->row.state, OUTBOX_SENDING, "", 0, e) &&
		  outbox_rcpt_clear(s->state, id, e);

	if (ok && u->conf->fcc_before_send && *c->row.fcc)
		ok = row_fcc_first(s, &c->row, e);
	return ok;
}

static bool take_row(struct submitter *u, int64_t id, struct row_copy *c)
{
	struct session *s = u->s;
	struct err e;
	bool ok;

	if (!row_load(s, id, c, &e)) {
		session_fail(s, &e, _("The outbox"));
		return false;
	}
	ok = (c->row.state == OUTBOX_QUEUED || c->row.state == OUTBOX_HELD ||
		     c->row.state == OUTBOX_SCHEDULED) &&
	     state_begin(s->state, &e);
	if (ok) {
		ok = begin_row(u, id, c, &e);
		if (ok)
			ok = state_commit(s->state, &e);
		else
			state_rollback(s->state);
		if (!ok &&
			e.class ==
				ERR_INPUT) { /* a copy that cannot be: then it is not sent ($fcc_before_send) */
			struct err why = e;

			if (!row_failed(s, &c->row, why.text, &e))
				session_fail(s, &e, _("The outbox"));
			outbox_tell(s);
		}
	}
	if (!ok) { /* another feist was first */
		arena_free(c->arena);
		return false;
	}
	u->sending = id;
	u->committing = false;
	return true;
}

void submitter_next(struct submitter *u)
{
	struct session *s = u->s;
	int64_t id = 0, wait = -1;
	struct row_copy c;
	struct err e;

	if (u->sending || s->quitting || s->offline || (s->flags & SESSION_NO_OUTBOX))
		return;
	if (!outbox_due(s->state, u->name, clock_now(), &id, &wait, &e)) {
		session_fail(s, &e, _("The outbox"));
		return;
	}
	if (id == 0) {
		if (wait >= 0)
			outbox_kick_soon(s, wait);
		return;
	}
	if (!u->is_sendmail && !u->ready) {
		role_start(u->role);
		return; /* READY comes back here */
	}
	if (u->is_sendmail && !outbox_lock(s, u->name, &u->lock_fd)) {
		outbox_kick_soon(s, 1);
		return;
	}
	if (!take_row(u, id, &c)) {
		outbox_unlock(&u->lock_fd);
		outbox_kick_soon(s, 1);
		return;
	}
	outbox_tell(s);
	if (!u->is_sendmail) {
		submitter_send(u, id);
	} else if (!sendmail_run(u, &c.row, c.arena, &e)) {
		/* A full disk, no descriptors: not the message's fault. */
		submitter_ended(u, err_is_passing(&e) ? OUTBOX_QUEUED : OUTBOX_FAILED, e.text);
	}
	arena_free(c.arena);
}

/* ---- looking ---- */

/* Ways out of what waits: an account, and a row of it. */
struct ways {
	struct row_copy *v;
	size_t n, cap;
};

static bool is_stuck(enum outbox_state state)
{
	return state == OUTBOX_SENDING || state == OUTBOX_COMMITTING;
}

static bool collect_way(void *data, const struct outbox_row *r)
{
	struct ways *w = data;
	size_t i = 0;

	if (r->state == OUTBOX_SENT || r->state == OUTBOX_FILED || r->state == OUTBOX_FAILED)
		return true;
	while (i < w->n && strcmp(w->v[i].row.account, r->account) != 0)
		i++;
	if (i == w->n) {
		array_grow(w->v, w->n, w->cap);
		struct row_copy *c = &w->v[w->n++];
		*c = (struct row_copy){.arena = arena_new()};
		c->row.account = arena_strdup(c->arena, r->account);
		c->row.options = arena_strdup(c->arena, r->options);
		c->row.state = r->state;
	}
	if (is_stuck(r->state))
		w->v[i].row.state = r->state;
	return true;
}

static void ways_collect(struct session *s, struct ways *w)
{
	struct err e;

	*w = (struct ways){0};
	if (!outbox_each(s->state, NULL, collect_way, w, &e))
		session_fail(s, &e, _("The outbox"));
}

static void ways_fini(struct ways *w)
{
	for (size_t i = 0; i < w->n; i++)
		arena_free(w->v[i].arena);
	free(w->v);
}

static void kick_due(void *data)
{
	struct session *s = data;

	s->outbox->timer = 0;
	outbox_kick(s);
}

void outbox_kick_soon(struct session *s, int64_t wait_s)
{
	struct outbox_run *o = s->outbox;
	int64_t at = clock_ms() + MAX(0, MIN(wait_s, LOOK_S)) * 1000 + 50;

	if (!o)
		return;
	if (o->timer && o->timer_at <= at)
		return;
	if (o->timer)
		loop_remove(s->loop, o->timer);
	o->timer_at = at;
	o->timer = loop_timer(s->loop, "outbox", (int)(at - clock_ms()), kick_due, s);
}

/*
 * Rows that look as if they were sent at this moment. Whoever sends holds the submit lock of the account, so
 * when we get it, or our idle worker has it, they were left by a feist that died.
 */
static void recover_way(struct session *s, const char *account, bool ours)
{
	uint64_t unknown = 0;
	struct err e;
	int fd = -1;

	if ((ours || outbox_lock(s, account, &fd)) &&
		!outbox_recover(s->state, account, &unknown, &e))
		session_fail(s, &e, _("The outbox"));
	outbox_unlock(&fd);
}

static bool ask_about_unknown(void *data, const struct outbox_row *r)
{
	if (r->state == OUTBOX_UNKNOWN)
		row_ask_unknown(data, r);
	return true;
}

static void ask_about_all(struct session *s)
{
	struct err e;

	if (!outbox_each(s->state, NULL, ask_about_unknown, s, &e))
		session_fail(s, &e, _("The outbox"));
}

static void free_stuck(struct submitter *u)
{
	if (u->sending)
		return; /* it is this one */
	recover_way(u->s, u->name, u->ready);
	ask_about_all(u->s);
}

void outbox_kick(struct session *s)
{
	struct ways w;

	if (s->quitting || (s->flags & SESSION_NO_OUTBOX))
		return;
	if (!s->outbox) {
		outbox_start(s);
		return;
	}
	rows_look_filed(s);
	ways_collect(s, &w);
	for (size_t i = 0; i < w.n; i++) {
		struct submitter *u = submitter_get(s, &w.v[i].row);

		if (u && is_stuck(w.v[i].row.state))
			free_stuck(u);
		if (u)
			submitter_next(u);
		else
			session_say(s, LOG_WARN,
				_("The outbox has mail for %s, which is no longer configured."),
				w.v[i].row.account);
	}
	ways_fini(&w);
	outbox_tell(s);
}

void outbox_conf_changed(struct session *s)
{
	for (size_t i = 0; s->outbox && i < s->outbox->n; i++)
		submitter_conf_changed(s->outbox->v[i]);
}

void outbox_send_due(struct session *s)
{
	outbox_kick(s);
}

bool outbox_is_settled(struct session *s)
{
	int64_t id, wait;
	struct err e;

	for (size_t i = 0; s->outbox && i < s->outbox->n; i++) {
		struct submitter *u = s->outbox->v[i];

		if (u->sending || (u->role && role_running(u->role) && !u->ready))
			return false;
		/* refused: another feist has this way out, and sends what is due. */
		if (!u->refused && outbox_due(s->state, u->name, clock_now(), &id, &wait, &e) && id)
			return false;
	}
	return true;
}

/* ---- everything now ---- */

static bool collect_waiting(void *data, const struct outbox_row *r)
{
	struct ways *w = data;

	if (r->state != OUTBOX_QUEUED || r->next_try <= clock_now())
		return true;
	array_grow(w->v, w->n, w->cap);
	w->v[w->n++] = (struct row_copy){.row = {.id = r->id}};
	return true;
}

void outbox_flush(struct session *s)
{
	struct ways w = {0};
	struct err e;

	if (!s->outbox)
		outbox_start(s);
	if (!outbox_each(s->state, NULL, collect_waiting, &w, &e))
		session_fail(s, &e, _("The outbox"));
	for (size_t i = 0; i < w.n; i++) {
		if (!outbox_change(s->state, w.v[i].row.id, OUTBOX_QUEUED, OUTBOX_QUEUED, "",
			    clock_now(), &e) &&
			e.class != ERR_GONE)
			session_fail(s, &e, _("The outbox"));
	}
	free(w.v);
	outbox_kick(s);
}

/* ---- beginning and end ---- */

static void recover(struct session *s)
{
	struct ways w;

	ways_collect(s, &w);
	for (size_t i = 0; i < w.n; i++)
		recover_way(s, w.v[i].row.account, false);
	ways_fini(&w);
	ask_about_all(s);
}

void outbox_start(struct session *s)
{
	if (s->outbox || s->quitting || (s->flags & SESSION_NO_OUTBOX))
		return;
	s->outbox = xcalloc(1, sizeof(*s->outbox));
	recover(s);
	outbox_kick(s);
}

void outbox_quit(struct session *s, int timeout_ms)
{
	for (size_t i = 0; s->outbox && i < s->outbox->n; i++) {
		submitter_note_now(s->outbox->v[i]);
		if (s->outbox->v[i]->role)
			role_stop(s->outbox->v[i]->role, timeout_ms);
	}
}

unsigned outbox_helpers(const struct session *s)
{
	unsigned n = 0;

	for (size_t i = 0; s->outbox && i < s->outbox->n; i++) {
		const struct submitter *u = s->outbox->v[i];

		n += (u->role && role_running(u->role)) || u->pid > 0;
	}
	return n;
}

bool outbox_idle(struct session *s)
{
	for (size_t i = 0; s->outbox && i < s->outbox->n; i++) {
		const struct submitter *u = s->outbox->v[i];

		/* A worker that is still starting has not been given its message yet. */
		if (u->sending || (u->role && role_running(u->role) && !u->ready))
			return false;
	}
	return true;
}

void outbox_free(struct session *s)
{
	struct outbox_run *o = s->outbox;

	if (!o)
		return;
	if (o->timer)
		loop_remove(s->loop, o->timer);
	for (size_t i = 0; i < o->n; i++)
		submitter_free(o->v[i]);
	free(o->v);
	free(o->why);
	free(o);
	s->outbox = NULL;
}
