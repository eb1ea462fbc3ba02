/* Life of a session: its accounts, events, message lines, open mailboxes. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "core/gettext.h"
#include "core/hook.h"
#include "core/mailboxes.h"
#include "core/saved.h"
#include "core/session_priv.h"
#include "core/unified.h"
#include "store/journal.h"

#define APPLIED_FLUSH_MS 10
#define STATE_POLL_MS 1000  /* another feist on this profile may have written state.db */
#define START_OTHERS_MS 300 /* workers of accounts that nobody looks at yet */

/* ---- beginning ---- */

static void poll_state(void *data)
{
	struct session *s = data;

	if (state_changed(s->state)) {
		s->postponed = -1;
		for (size_t i = 0; i < s->acct_count; i++)
			session_intents(s, s->accts[i]->name);
		outbox_kick(s);
	}
	s->poll_timer = loop_timer(s->loop, "state.db", STATE_POLL_MS, poll_state, s);
}

/* Accounts of the configuration that are not open yet: for new mail elsewhere and for what waits in the queue. */
static void start_others(void *data)
{
	struct session *s = data;

	s->start_timer = 0;
	for (size_t i = 0; i < s->accounts.n; i++)
		acct_start(session_acct(s, &s->accounts.v[i]));
	outbox_start(s);
}

struct session *session_new(struct loop *loop, struct conf *conf,
	const struct session_events *events, unsigned flags, const char *wire_log, struct err *e)
{
	struct session *s = xcalloc(1, sizeof(*s));

	s->loop = loop;
	s->conf = conf;
	s->events = *events;
	s->flags = flags;
	s->offline = flags & SESSION_OFFLINE;
	s->next_id = 1;
	s->postponed = -1;
	s->log = msglog_new();
	s->cache_dir = fs_cache_dir();
	s->state_dir = fs_state_dir();
	s->state_path = fs_join(s->state_dir, "state.db");
	if (wire_log)
		s->env[0] = xasprintf("FEIST_WIRE_LOG=%s", wire_log);
	accounts_init(&s->accounts, conf);
	if (!state_open(&s->state, s->state_path, e)) {
		session_free(s);
		return NULL;
	}
	if (state_note(s->state))
		session_say(s, LOG_WARN, "%s", state_note(s->state));
	if (!(flags & SESSION_BATCH)) {
		s->poll_timer = loop_timer(loop, "state.db", STATE_POLL_MS, poll_state, s);
		s->start_timer = loop_timer(loop, "accounts", START_OTHERS_MS, start_others, s);
	}
	return s;
}

/* ---- the end ---- */

static void flush_applied(void *data);

static void timer_off(struct session *s, int *id)
{
	if (*id)
		loop_remove(s->loop, *id);
	*id = 0;
}

void session_quit(struct session *s, int timeout_ms)
{
	if (s->quitting)
		return;
	s->quitting = true;
	for (size_t i = 0; i < s->acct_count; i++) {
		if (s->accts[i]->role)
			role_stop(s->accts[i]->role, timeout_ms);
	}
	outbox_quit(s, timeout_ms);
	if (s->renderer)
		role_stop(s->renderer, timeout_ms);
	session_helper_gone(s);
}

static void tell_ended(void *data)
{
	struct session *s = data;

	s->start_timer = 0;
	flush_applied(s);
	if (s->events.ended)
		s->events.ended(s->events.data);
}

void session_helper_gone(struct session *s)
{
	if (!s->quitting || s->ended_told || outbox_helpers(s) > 0 ||
		(s->renderer && role_running(s->renderer)))
		return;
	for (size_t i = 0; i < s->acct_count; i++) {
		if (s->accts[i]->role && role_running(s->accts[i]->role))
			return;
	}
	s->ended_told = true;
	timer_off(s, &s->start_timer);
	s->start_timer = loop_timer(s->loop, "ended", 0, tell_ended, s);
}

/* One of several mailboxes may be known to several accounts: that of its first mailbox frees it. */
static void free_views(struct session *s)
{
	for (size_t i = 0; i < s->acct_count; i++) {
		struct acct *a = s->accts[i];
		size_t n = a->view_count;

		a->view_count = 0;
		for (size_t v = 0; v < n; v++) {
			if (strcmp(a->views[v]->src[0].account, a->name) != 0)
				continue;
			struct view *view = a->views[v];
			for (size_t k = i + 1; k < s->acct_count && view->src_count > 1; k++)
				acct_drop_view(s->accts[k], view);
			view_free(view);
		}
	}
}

void session_free(struct session *s)
{
	if (!s)
		return;
	if (s->state)
		flush_applied(s);
	timer_off(s, &s->applied_timer);
	timer_off(s, &s->poll_timer);
	timer_off(s, &s->start_timer);
	s->quitting = true;
	jobs_free(s);
	outbox_free(s);
	secrets_free(s);
	free_views(s);
	for (size_t i = 0; i < s->acct_count; i++)
		acct_free(s->accts[i]);
	role_free(s->renderer);
	saved_free(s);
	boxes_free(s);
	hook_forget(s);
	free(s->hooks);
	accounts_fini(&s->accounts);
	state_close(s->state);
	msglog_free(s->log);
	free(s->accts);
	free(s->applied);
	free(s->env[0]);
	free(s->cache_dir);
	free(s->state_dir);
	free(s->state_path);
	free(s);
}

/* ---- small things ---- */

struct msglog *session_log(struct session *s)
{
	return s->log;
}
struct conf *session_conf(struct session *s)
{
	return s->conf;
}
struct loop *session_loop(struct session *s)
{
	return s->loop;
}

static void say(struct session *s, enum log_level level, const char *room, const char *cure,
	const char *text)
{
	const struct msglog_line *line;

	msglog_add(s->log, level, room, cure, "%s", text);
	line = msglog_at(s->log, msglog_len(s->log) - 1);
	if (s->events.message)
		s->events.message(s->events.data, level, line->text, line->cure);
}

void session_say(struct session *s, enum log_level level, const char *fmt, ...)
{
	char text[1200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	say(s, level, "feist", NULL, text);
}

void session_fail(struct session *s, const struct err *e, const char *fmt, ...)
{
	char what[400], text[1200];
	va_list ap;

	if (e && err_policy(e->class) == POLICY_NOTHING)
		return;
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	snprintf(text, sizeof(text), "%s: %s", what, e ? e->text : "");
	say(s, LOG_ERROR, "feist", e ? msglog_cure(e) : NULL, text);
}

/* ---- accounts ---- */

struct acct *session_acct_by_name(struct session *s, const char *name)
{
	for (size_t i = 0; i < s->acct_count; i++) {
		if (strcmp(s->accts[i]->name, name) == 0)
			return s->accts[i];
	}
	return NULL;
}

struct acct *session_acct(struct session *s, const struct account *account)
{
	struct acct *a = session_acct_by_name(s, account->name);
	uint64_t counts[INTENT_STATES] = {0};
	struct err e;

	if (a)
		return a;
	a = acct_new(s, account);
	array_grow(s->accts, s->acct_count, s->acct_cap);
	s->accts[s->acct_count++] = a;
	/* What waits from before: shown before its worker is there. */
	if (intent_counts(s->state, a->name, counts, &e))
		a->pending = (unsigned)counts[INTENT_PENDING];
	return a;
}

struct acct *session_resolve(struct session *s, const char *mailbox, char **name, struct err *e)
{
	const struct account *account;

	if (!account_of_mailbox(&s->accounts, s->conf, sv_of(mailbox), &account, name, e))
		return NULL;
	return session_acct(s, account);
}

size_t session_account_count(struct session *s)
{
	return s->accounts.n;
}

void session_mailboxes_changed(struct session *s, unsigned change)
{
	boxes_stale(s);
	if (s->events.mailboxes)
		s->events.mailboxes(s->events.data, change);
}

void session_conf_changed(struct session *s)
{
	struct accounts fresh;

	/* Accounts only ever come: what is open stays open. */
	accounts_init(&fresh, s->conf);
	for (size_t i = 0; i < fresh.n; i++) {
		const struct account *known;
		char *url = account_mailbox_string(&fresh.v[i], ""), *name = NULL;
		struct err e;

		if (!account_find(&s->accounts, fresh.v[i].name) &&
			account_of_mailbox(&s->accounts, s->conf, sv_of(url), &known, &name, &e))
			free(name);
		free(url);
	}
	accounts_fini(&fresh);
	for (size_t i = 0; i < s->acct_count; i++)
		acct_send_conf(s->accts[i]);
	for (size_t i = 0; i < s->acct_count; i++) {
		for (size_t v = 0; v < s->accts[i]->view_count; v++) {
			view_identity_stale(s->accts[i]->views[v]);
			view_resort(s->accts[i]->views[v]);
		}
	}
	outbox_conf_changed(s);
	boxes_stale(s);
	hook_forget(s);
}

/* ---- mailboxes ---- */

void session_view_notify(struct view *v)
{
	struct session *s = v->session;

	if (s->events.view_changed)
		s->events.view_changed(s->events.data, v);
}

static bool local_exists(const char *path, struct err *e)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return err_sys(e, "%s", path);
	return true;
}

static bool is_same_mailbox(
	struct session *s, const char *option, const struct acct *a, const char *name)
{
	struct acct *other;
	char *other_name = NULL;
	struct err e;
	bool same;

	if (!option || !*option)
		return false;
	other = session_resolve(s, option, &other_name, &e);
	same = other == a && strcmp(name, other_name) == 0;
	free(other_name);
	return same;
}

struct view *session_open(struct session *s, const char *mailbox, bool readonly, struct err *e)
{
	const char *virtual_ = unified_name(s, mailbox);
	char *name = NULL, *full, *shown;
	struct acct *a = virtual_ ? NULL : session_resolve(s, mailbox, &name, e);
	const struct account *account;
	struct view *v;

	if (virtual_)
		return unified_open(s, virtual_, readonly, e);
	if (!a)
		return NULL;
	if (a->kind == ACCOUNT_LOCAL && !local_exists(name, e)) {
		free(name);
		return NULL;
	}
	account = account_find(&s->accounts, a->name);
	full = account_mailbox_string(account, name);
	shown = conf_pretty_path(s->conf, full);
	/* conf->rc.current_mailbox and last_mailbox are what ^ and - mean. */
	free(s->conf->rc.current_mailbox);
	s->conf->rc.current_mailbox = xstrdup(full);
	hook_run_folder(s, full, shown); /* before anything is made from the options that it sets */
	v = view_new(s->loop, s->conf, a->name, name, shown);
	v->session = s;
	v->notify = session_view_notify;
	v->state = s->state;
	v->readonly = readonly || s->conf->read_only;
	v->sent_like = is_same_mailbox(s, s->conf->record, a, name) ||
		       is_same_mailbox(s, s->conf->postponed, a, name);
	acct_take_view(a, v);
	free(name);
	free(full);
	free(shown);
	if (acct_open_cache(a))
		acct_attach_views(a);
	acct_watch(a, v);
	acct_start(a);
	return v;
}

/* N becomes O when the mailbox is left ($mark_old). */
static void mark_old(struct session *s, struct view *v)
{
	struct err e;
	bool any = false;

	if ((s->flags & SESSION_BATCH) || !s->conf->mark_old || v->readonly || !view_any_cache(v) ||
		!state_begin(s->state, &e))
		return;
	for (uint32_t r = 0; r < v->count; r++) {
		const struct row *row = &v->rows[r];
		struct intent i = {.kind = INTENT_FLAG,
			.state = INTENT_PENDING,
			.account = v->src[row_source(row)].account,
			.mailbox = v->src[row_source(row)].name,
			.uidvalidity = v->src[row_source(row)].uidvalidity,
			.uid = message_uid(row->id),
			.add = MSG_OLD};
		int64_t id;

		if (row->gone || (row->flags & (FLAG_SEEN | FLAG_OLD)))
			continue;
		if (!intent_add(s->state, &i, &id, &e)) {
			state_rollback(s->state);
			session_fail(s, &e, _("Marking messages of %s as old"), v->shown);
			return;
		}
		any = true;
	}
	if (!state_commit(s->state, &e))
		session_fail(s, &e, _("Marking messages of %s as old"), v->shown);
	for (size_t n = 0; any && view_part_account(v, n); n++)
		session_intents(s, view_part_account(v, n));
}

void session_close(struct session *s, struct view *v)
{
	mark_old(s, v);
	free(s->conf->rc.last_mailbox);
	s->conf->rc.last_mailbox =
		v->unified && !v->conversations
			? xstrdup(v->unified)
			   : account_mailbox_string(account_find(&s->accounts, v->src[0].account), v->src[0].name);
	jobs_view_closed(s, v);
	for (size_t n = 0; view_part_account(v, n); n++)
		acct_drop_view(session_acct_by_name(s, view_part_account(v, n)), v);
	view_free(v);
}

static bool shows_account(const struct view *v, const char *account)
{
	for (size_t n = 0; view_part_account(v, n); n++) {
		if (strcmp(view_part_account(v, n), account) == 0)
			return true;
	}
	return false;
}

void session_check(struct session *s, struct view *v)
{
	for (size_t i = 0; i < s->acct_count; i++) {
		struct acct *a = s->accts[i];

		if (v && !shows_account(v, a->name))
			continue;
		acct_start(a);
		acct_sync(a, v && !v->unified ? v->src[0].mailbox : 0);
	}
}

/* ---- intents ---- */

static void tell_worker(struct session *s, struct acct *a)
{
	uint64_t counts[INTENT_STATES] = {0};
	struct err e;

	if (intent_counts(s->state, a->name, counts, &e) && a->pending != counts[INTENT_PENDING]) {
		a->pending = (unsigned)counts[INTENT_PENDING];
		session_account_event(a);
	}
	if (a->pending == 0)
		return;
	a->apply_wanted = true;
	acct_start(a);
	if (a->ready && role_tell(a->role, APPLY, .job = 0))
		a->apply_wanted = false;
}

void session_intents(struct session *s, const char *account)
{
	struct acct *a = session_acct_by_name(s, account);

	if (!a)
		return;
	for (size_t i = 0; i < a->view_count; i++)
		view_overlay_stale(a->views[i]);
	tell_worker(s, a);
}

void session_intents_added(struct session *s, const char *account)
{
	struct acct *a = session_acct_by_name(s, account);

	if (!a)
		return;
	for (size_t i = 0; i < a->view_count; i++)
		view_overlay_more(a->views[i]);
	tell_worker(s, a);
}

/*
 * Workers report intents by the hundred; they leave state.db in one transaction, because each one is an
 * fsync. Until then the rows of the cache are right already, and the overlay says the same.
 */
struct applied_note {
	int64_t intent;
	enum err_class class;
	char *text;
};

struct intent_place {
	struct session *s;
	char *account, *mailbox;
	uint64_t uid;
	uint64_t uidvalidity;
	enum intent_kind kind;
	bool is_tag; /* a change of tags, and of nothing else */
};

static bool take_place(void *data, const struct intent *i)
{
	struct intent_place *p = data;

	p->account = xstrdup(i->account);
	p->mailbox = xstrdup(i->mailbox);
	p->uid = i->uid;
	p->kind = i->kind;
	p->uidvalidity = i->uidvalidity;
	p->is_tag = i->kind == INTENT_FLAG && !i->add && !i->del;
	return true;
}

/* One that was taken back while the worker carried it out: its inverse is in the queue now. */
static void settle_late(struct session *s, const struct applied_note *n)
{
	struct err e = {0};
	bool added = false;

	if (n->class == ERR_NONE && !journal_late(s->state, n->intent, &added, &e))
		session_fail(s, &e, _("Undoing what the server has done meanwhile"));
	s->queue_grew = s->queue_grew || added;
}

static void say_refused(struct session *s, const struct applied_note *n)
{
	struct err why;

	err_set(&why, n->class, "%s", n->text);
	say(s, LOG_ERROR, "sync", msglog_cure(&why), n->text);
}

/*
 * What the other side cannot keep is kept here; what takes such a tag away is, too, even when the other side
 * had nothing against it.
 */
static bool is_local_tag(struct session *s, const struct applied_note *n, const struct intent_place *p)
{
	return p->is_tag &&
	       (n->class == ERR_INPUT ||
		       (n->class == ERR_NONE && intent_has_local(s->state, p->account, p->mailbox, p->uidvalidity, p->uid)));
}

static bool keep_local(struct session *s, const struct applied_note *n, struct err *e)
{
	if (!s->said_local && n->class != ERR_NONE)
		say(s, LOG_INFO, "sync", NULL, _("Tags of this mailbox are kept here only: it cannot keep them."));
	s->said_local = true;
	return intent_failed(s->state, n->intent, INTENT_LOCAL, n->text, e);
}

static void settle(struct session *s, const struct applied_note *n, struct intent_place *p)
{
	struct err e = {0};
	char *account;
	bool ok, local;

	if (!intent_get(s->state, n->intent, take_place, p, &e)) {
		settle_late(s, n);
		return;
	}
	if (intent_is_waited_for(s->state, n->intent, &account)) {
		free(account);
		s->queue_grew = true;
	}
	local = is_local_tag(s, n, p);
	if (local)
		ok = keep_local(s, n, &e);
	else if (n->class == ERR_NONE)
		ok = intent_done(s->state, n->intent, &e);
	else
		ok = journal_refused(s->state, n->intent, &e) &&
		     intent_failed(s->state, n->intent,
			     n->class == ERR_GONE ? INTENT_ASIDE : INTENT_FAILED, n->text, &e);
	if (!ok && e.class != ERR_GONE)
		session_fail(s, &e, _("Noting what the server has done"));
	if (n->class != ERR_NONE && !local)
		say_refused(s, n);
}

static void flush_applied(void *data)
{
	struct session *s = data;
	struct intent_place *places;
	struct err e;
	bool begun;

	timer_off(s, &s->applied_timer); /* it may be called before its time: on leaving */
	if (s->applied_count == 0)
		return;
	places = xcalloc(s->applied_count, sizeof(*places));
	begun = state_begin(s->state, &e);
	for (size_t i = 0; i < s->applied_count; i++)
		settle(s, &s->applied[i], &places[i]);
	if (begun && !state_commit(s->state, &e))
		session_fail(s, &e, _("Noting what the server has done"));
	for (size_t i = 0; i < s->applied_count; i++) {
		struct acct *a =
			places[i].account ? session_acct_by_name(s, places[i].account) : NULL;

		if (a && places[i].uid)
			acct_refresh_message(a, places[i].mailbox, places[i].uid);
		if (a && places[i].kind >= INTENT_CREATE)
			boxes_stale(s);
		free(places[i].account);
		free(places[i].mailbox);
		free(s->applied[i].text);
	}
	s->applied_count = 0;
	if (s->queue_grew) { /* what waited for these can go now */
		s->queue_grew = false;
		for (size_t i = 0; i < s->acct_count; i++)
			session_intents(s, s->accts[i]->name);
	}
	for (size_t i = 0; i < s->acct_count; i++) {
		uint64_t counts[INTENT_STATES] = {0};
		struct acct *a = s->accts[i];

		for (size_t v = 0; v < a->view_count; v++)
			view_overlay_stale(a->views[v]);
		if (intent_counts(s->state, a->name, counts, &e) &&
			a->pending != counts[INTENT_PENDING]) {
			a->pending = (unsigned)counts[INTENT_PENDING];
			session_account_event(a);
		}
	}
	free(places);
}

void session_note_applied(struct session *s, int64_t intent, enum err_class class, struct sv text)
{
	array_grow(s->applied, s->applied_count, s->applied_cap);
	s->applied[s->applied_count++] =
		(struct applied_note){.intent = intent, .class = class, .text = sv_dup(text)};
	if (!s->applied_timer)
		s->applied_timer =
			loop_timer(s->loop, "applied", APPLIED_FLUSH_MS, flush_applied, s);
}

/* ---- idle? ---- */

bool session_is_idle(struct session *s)
{
	if (!jobs_idle(s) || !outbox_idle(s) || s->applied_count > 0 || s->start_timer || !saved_is_idle(s))
		return false;
	for (size_t i = 0; i < s->acct_count; i++) {
		struct acct *a = s->accts[i];

		for (size_t v = 0; v < a->view_count; v++) {
			if (view_loading(a->views[v]) || view_is_searching(a->views[v]))
				return false;
		}
		if (a->role && !a->ready && !a->follower)
			return false;
		if (a->ready && (a->watch_job || a->sync_job || a->check_wanted))
			return false;
		if (a->ready &&
			(strcmp(a->state, "busy") == 0 || strcmp(a->state, "connecting") == 0))
			return false;
		if (a->ready && a->pending > 0 && strcmp(a->state, "idle") == 0 &&
			!intent_paused(s->state, a->name))
			return false;
	}
	return true;
}
