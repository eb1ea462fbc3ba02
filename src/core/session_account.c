/* One account: its settings, its worker process and what that says, its cache, its open views. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "core/gettext.h"
#include "core/saved.h"
#include "core/session_priv.h"
#include "core/unified.h"
#include "store/applied.h"
#include "store/journal.h"

#define FOLLOW_MS 1000   /* how often a second feist looks what the worker of the first has done */
#define FOLLOW_RETRIES 5 /* after so many looks it tries to take over */
#define WORKER "feist-worker"
#define SETTING_MAX 65536
#define WATCHED_MAX (8u << 20) /* names of mailboxes in `mailboxes`, as the worker takes them (host.c) */

static void follow(void *data);

/* ---- life ---- */

struct acct *acct_new(struct session *s, const struct account *account)
{
	struct acct *a = xcalloc(1, sizeof(*a));

	a->s = s;
	a->name = xstrdup(account->name);
	a->url = xstrdup(account->url);
	a->kind = account->kind;
	a->state = xstrdup("offline");
	a->away_since = clock_now() - 1; /* an intent of this very second is of this session */
	a->text = xstrdup("");
	a->conf = account_conf(s->conf, account);
	if (a->kind != ACCOUNT_LOCAL) {
		struct err e;

		/* A copy of our own: the list of accounts may grow and move. */
		if (!server_parse(sv_of(account->url), &a->server, &e))
			a->server = (struct server){0};
		if (account->server.pass) {
			free_wiped(a->server.pass);
			a->server.pass = xstrdup(account->server.pass);
		}
		if (!a->server.user && account->server.user)
			a->server.user = xstrdup(account->server.user);
	}
	return a;
}

static void cache_away(struct acct *a)
{
	for (size_t i = 0; i < a->view_count; i++) {
		struct view *v = a->views[i];

		for (uint32_t n = 0; n < v->src_count; n++) {
			if (strcmp(v->src[n].account, a->name) == 0)
				view_detach_source(v, n);
		}
	}
	cache_close(a->cache);
	a->cache = NULL;
}

void acct_free(struct acct *a)
{
	if (a->poll_timer)
		loop_remove(a->s->loop, a->poll_timer);
	role_free(a->role);
	free(a->views);
	cache_close(a->cache);
	conf_free(a->conf);
	if (a->kind != ACCOUNT_LOCAL)
		server_fini(&a->server);
	free(a->watch_said);
	free(a->state);
	free(a->text);
	free(a->what);
	free(a->name);
	free(a->url);
	free(a);
}

/* ---- settings ---- */

void acct_send_settings(struct role *r, const struct conf *conf, const struct server *server,
	const char *extra_name, const char *extra_value)
{
	struct str value;
	const char *name;
	size_t at = 0;

	str_init(&value, SETTING_MAX);
	while (server && server_setting_next(conf, server, &at, &name, &value))
		(void)role_tell(r, CONF, .name = sv_of(name), .value = str_sv(&value));
	if (extra_name)
		(void)role_tell(r, CONF, .name = sv_of(extra_name), .value = sv_of(extra_value));
	str_fini(&value);
}

static void send_setting(struct acct *a, const char *name, const char *value)
{
	(void)role_tell(a->role, CONF, .name = sv_of(name), .value = sv_of(value));
}

/* In parts, where it is too long for one message. */
static void send_long_setting(struct acct *a, const char *name, struct sv value)
{
	char part[64];

	snprintf(part, sizeof(part), "%s+", name);
	for (; value.len > SETTING_MAX; value = sv_from(value, SETTING_MAX))
		(void)role_tell(a->role, CONF, .name = sv_of(part), .value = sv_head(value, SETTING_MAX));
	(void)role_tell(a->role, CONF, .name = sv_of(name), .value = value);
}

/* Names of the mailboxes of this account that the user wants to hear of, one a line. */
void acct_send_watched(struct acct *a)
{
	const struct rc_mailboxes *boxes = &a->s->conf->rc.mailboxes;
	struct str names;
	bool ok = true;

	str_init(&names, WATCHED_MAX);
	for (size_t i = 0; ok && i < boxes->n; i++) {
		char *name = NULL;
		struct err e;

		if (boxes->v[i].virtual_ || !boxes->v[i].poll)
			continue;
		if (session_resolve(a->s, boxes->v[i].path, &name, &e) == a) {
			char *real = acct_mailbox_name(a, name);

			ok = str_adds(&names, real) && str_addc(&names, '\n');
			free(real);
		}
		free(name);
	}
	/* Those of unified mailboxes that are open: the worker opens only one by itself. */
	for (size_t i = 0; ok && i < a->view_count; i++) {
		const struct view *v = a->views[i];

		for (uint32_t n = 0; ok && v->unified && n < v->src_count; n++) {
			if (strcmp(v->src[n].account, a->name) == 0)
				ok = str_adds(&names, v->src[n].name) && str_addc(&names, '\n');
		}
	}
	send_long_setting(a, "mailboxes", str_sv(&names));
	str_fini(&names);
}

/* Which mailboxes have a use ("trash NAME", one a line), so that one that is made gets its special use. */
static void send_uses(struct acct *a)
{
	const struct conf *c = a->s->conf;
	const struct {
		const char *use, *mailbox;
	} uses[] = {{"trash", c->trash}, {"sent", c->record}, {"drafts", c->postponed}, {"archive", c->archive_folder}};
	struct str lines;

	str_init(&lines, SETTING_MAX);
	for (size_t i = 0; i < ARRAY_LEN(uses); i++) {
		char *name = NULL;
		struct err e;

		if (*uses[i].mailbox && session_resolve(a->s, uses[i].mailbox, &name, &e) == a) {
			char *real = acct_mailbox_name(a, name);

			(void)str_addf(&lines, "%s %s\n", uses[i].use, real);
			free(real);
		}
		free(name);
	}
	(void)role_tell(a->role, CONF, .name = SV("uses"), .value = str_sv(&lines));
	str_fini(&lines);
}

/* The rules as sync/spam.h takes them. */
static void send_spam(struct acct *a, const struct conf *c)
{
	struct str rules;

	str_init(&rules, SETTING_MAX);
	for (size_t i = 0; i < c->rc.spam.n; i++)
		(void)str_addf(&rules, "+%s\x1f%s\n", c->rc.spam.v[i].text, c->rc.spam.v[i].with);
	for (size_t i = 0; rules.len && i < c->rc.nospam.n; i++)
		(void)str_addf(&rules, "-%s\n", rx_pattern(c->rc.nospam.v[i].rx));
	if (rules.len && *c->spam_separator)
		(void)str_addf(&rules, ",%s\n", c->spam_separator);
	send_setting(a, "spam", rules.len ? rules.s : "");
	str_fini(&rules);
}

void acct_send_conf(struct acct *a)
{
	char number[32];
	const struct conf *c;

	if (!a->role || !role_running(a->role))
		return;
	conf_free(a->conf);
	a->conf = account_conf(a->s->conf, account_find(&a->s->accounts, a->name));
	c = a->conf;
	acct_send_settings(a->role, c, a->kind == ACCOUNT_LOCAL ? NULL : &a->server, NULL, NULL);
	snprintf(number, sizeof(number), "%ld", MAX(c->mail_check, 1));
	send_setting(a, "mail_check", number);
	send_setting(a, "assumed_charset", c->assumed_charset);
	send_spam(a, c);
	char *transcript = acct_transcript(a);
	send_setting(a, "transcript", transcript ? transcript : "");
	free(transcript);
	send_setting(a, "offline", a->s->offline || a->offline ? "yes" : "no");
	if (a->kind != ACCOUNT_IMAP) {
		struct str value;

		str_init(&value, SETTING_MAX);
		conf_text(c, OPT_mbox_type, &value);
		send_setting(a, "mbox_type", value.s);
		str_fini(&value);
		send_setting(a, "maildir_trash", c->maildir_trash ? "yes" : "no");
		/* On a screen the numbers may come later; a list that is printed has to be right. */
		send_setting(a, "parts_at_once", a->s->flags & SESSION_BATCH ? "yes" : "no");
	}
	acct_send_watched(a);
	send_uses(a);
}

/* ---- the cache ---- */

bool acct_open_cache(struct acct *a)
{
	struct err e;
	struct stat st;
	char *file, *path;

	if (a->cache)
		return true;
	if (!cache_open(&a->cache, a->s->cache_dir, a->name, CACHE_READ, &e)) {
		if (e.class != ERR_GONE)
			session_fail(a->s, &e, _("Reading the cache of %s"), a->name);
		return false;
	}
	file = store_safe_account(a->name);
	path = xasprintf("%s/cache-%s.db", a->s->cache_dir, file);
	a->cache_inode = stat(path, &st) == 0 ? (uint64_t)st.st_ino : 0;
	free(file);
	free(path);
	return true;
}

/* The worker has set the file aside and made a new one: ours is a ghost. */
static bool cache_is_stale(struct acct *a)
{
	char *file = store_safe_account(a->name),
	     *path = xasprintf("%s/cache-%s.db", a->s->cache_dir, file);
	struct stat st;
	bool stale = stat(path, &st) != 0 || (uint64_t)st.st_ino != a->cache_inode;

	free(file);
	free(path);
	return stale;
}

struct name_search {
	const char *wanted;
	char *found;
};

static bool same_name(const char *wanted, const struct mailbox *m)
{
	if (m->special == MAILBOX_INBOX && sv_is_case(sv_of(wanted), m->name))
		return true;
	if (!m->delim || m->delim == '/')
		return false;
	for (const char *p = m->name;; p++, wanted++) {
		char c = *p == m->delim ? '/' : *p, w = *wanted == m->delim ? '/' : *wanted;

		if (c != w)
			return false;
		if (!c)
			return true;
	}
}

static bool try_name(void *data, const struct mailbox *m)
{
	struct name_search *s = data;

	if (!same_name(s->wanted, m))
		return true;
	s->found = xstrdup(m->name);
	return false;
}

char *acct_mailbox_name(struct acct *a, const char *name)
{
	struct name_search s = {.wanted = name};
	struct mailbox m;
	struct err e;

	if (a->kind != ACCOUNT_IMAP)
		return xstrdup(name);
	if (*name == '\0')
		name = s.wanted = "INBOX";
	if (!a->cache)
		return xstrdup(name);
	if (mailbox_by_name(a->cache, name, &m, &e)) {
		mailbox_fini(&m);
		return xstrdup(name);
	}
	if (!mailbox_each(a->cache, try_name, &s, &e) || !s.found)
		return xstrdup(name);
	return s.found;
}

static bool count_partial(void *data, uint64_t id, unsigned flags, struct sv keywords, uint64_t modseq)
{
	size_t *n = data;

	(void)id;
	(void)keywords;
	(void)modseq;
	*n += (flags & MSG_PARTIAL) != 0;
	return true;
}

size_t session_partials(struct session *s, const char *account)
{
	struct acct *a = session_acct_by_name(s, account);
	struct mailbox m;
	size_t n = 0;

	if (!a || a->kind != ACCOUNT_POP || !acct_open_cache(a) || !mailbox_by_name(a->cache, "INBOX", &m, NULL))
		return 0;
	if (!message_flags_each(a->cache, m.id, count_partial, &n, NULL))
		n = 0;
	mailbox_fini(&m);
	return n;
}

/* ---- views ---- */

static void set_text(char **field, struct sv text)
{
	free(*field);
	*field = sv_dup(text);
}

void acct_take_view(struct acct *a, struct view *v)
{
	array_grow(a->views, a->view_count, a->view_cap);
	a->views[a->view_count++] = v;
}

void acct_drop_view(struct acct *a, struct view *v)
{
	for (size_t i = 0; i < a->view_count; i++) {
		if (a->views[i] == v) {
			a->views[i] = a->views[--a->view_count];
			break;
		}
	}
	if (a->watched == v)
		acct_watch(a, a->view_count ? a->views[a->view_count - 1] : NULL);
}

/* The mailbox of this account that a view shows: of a unified one the first. */
static const char *name_in(const struct acct *a, const struct view *v)
{
	for (uint32_t n = 0; n < v->src_count; n++) {
		if (strcmp(v->src[n].account, a->name) == 0)
			return v->src[n].name;
	}
	return "";
}

void acct_watch(struct acct *a, struct view *v)
{
	char *name;

	a->watched = v;
	if (!a->ready)
		return;
	name = v ? acct_mailbox_name(a, name_in(a, v)) : xstrdup("");
	if (!a->watch_said || strcmp(a->watch_said, name) != 0) {
		a->watch_job = a->s->next_id++;
		(void)role_tell(a->role, WATCH, .job = a->watch_job, .name = sv_of(name));
	}
	free(a->watch_said);
	a->watch_said = name;
}

void acct_sync(struct acct *a, uint64_t mailbox)
{
	if (!a->ready) {
		a->check_wanted = true;
		return;
	}
	a->check_wanted = false;
	a->sync_job = a->s->next_id++;
	(void)role_tell(a->role, SYNC, .job = a->sync_job, .mailbox = mailbox);
}

/*
 * The login was refused: the next attempt asks the user for the password (session_secret.c knows that the
 * configured one is no good) until the right one comes or the user gives none: then it is left alone until asked for.
 */
static void ask_again(struct acct *a)
{
	if (!a->watched) {
		acct_sync(a, 0);
		return;
	}
	xfree_null(&a->watch_said);
	acct_watch(a, a->watched);
}

/* The worker has ended a WATCH or SYNC. False: another job. */
static bool sync_ended(struct acct *a, uint64_t job, const struct msg_FAILED *failed)
{
	bool watch = job == a->watch_job;

	if (job == 0 || (!watch && job != a->sync_job))
		return false;
	if (watch)
		a->watch_job = 0;
	else
		a->sync_job = 0;
	a->error = ERR_NONE;
	if (!failed)
		a->synced = clock_now();
	if (failed) {
		char *class = sv_dup(failed->class);

		a->error = err_class_by_name(class);
		free(class);
		set_text(&a->text, failed->text);
	}
	session_account_event(a);
	/* Of two jobs that failed together one tries again. */
	if (a->error == ERR_AUTH && watch == (a->watched != NULL) && !(a->s->flags & SESSION_BATCH)) {
		if (!a->declined)
			ask_again(a);
		a->declined = false;
	}
	return true;
}

/* Gives rows to a source whose mailbox has become known, or has been made anew. */
static void attach_source(struct acct *a, struct view *v, uint32_t n)
{
	struct view_source *src = &v->src[n];
	char *real = acct_mailbox_name(a, src->name);
	struct mailbox m;
	struct err e;

	if (mailbox_by_name(a->cache, real, &m, &e)) {
		/* From now on under the server's name: intents are kept under it. */
		if (strcmp(src->name, m.name) != 0) {
			free(src->name);
			src->name = xstrdup(m.name);
		}
		if (m.flags & MAILBOX_READONLY) {
			src->readonly = true;
			v->readonly = v->readonly || (!v->unified && !src->companion);
		}
		if (src->cache == a->cache && src->mailbox == m.id && src->uidvalidity == 0) {
			/* The row was there before the server had said anything. */
			src->uidvalidity = m.uidvalidity;
			view_overlay_stale(v);
		}
		if (src->cache != a->cache || src->mailbox != m.id || src->uidvalidity != m.uidvalidity)
			view_attach_source(v, n, a->cache, a->s->state, m.id, m.uidvalidity);
		mailbox_fini(&m);
	}
	free(real);
}

void acct_attach_views(struct acct *a)
{
	if (!a->cache)
		return;
	for (size_t i = 0; i < a->view_count; i++) {
		for (uint32_t n = 0; n < a->views[i]->src_count; n++) {
			if (strcmp(a->views[i]->src[n].account, a->name) == 0)
				attach_source(a, a->views[i], n);
		}
	}
}

void acct_refresh_message(struct acct *a, const char *mailbox, uint64_t uid)
{
	for (size_t i = 0; i < a->view_count; i++) {
		struct view *v = a->views[i];

		for (uint32_t n = 0; n < v->src_count; n++) {
			if (v->src[n].cache == a->cache && a->cache && strcmp(v->src[n].name, mailbox) == 0)
				view_refresh(v, row_key(n, message_id_of(v->src[n].mailbox, uid)));
		}
	}
}

static void tell_views(struct acct *a, uint64_t mailbox, const char *what)
{
	for (size_t i = 0; i < a->view_count; i++) {
		struct view *v = a->views[i];

		for (uint32_t n = 0; n < v->src_count; n++) {
			if (v->src[n].cache == a->cache && a->cache && (mailbox == 0 || v->src[n].mailbox == mailbox))
				view_source_changed(v, n, what);
		}
	}
}

/* ---- what the worker says ---- */

struct taken {
	struct acct *a;
	int64_t *ids; /* of intents that were carried out although they had been taken back */
	size_t n, cap;
};

static bool look_at_taken(void *data, const struct intent *i)
{
	struct taken *t = data;
	struct applied was;
	struct err e;

	if (applied_get(t->a->cache, i->id, &was, &e) && was.state == APPLIED_DONE && was.at >= i->created) {
		array_grow(t->ids, t->n, t->cap);
		t->ids[t->n++] = i->id;
	}
	return true;
}

/*
 * A new worker has nothing under way, so what the cache says of intents that were taken back is final: what
 * the old one did and could not report is turned round now.
 */
static void settle_taken(struct acct *a)
{
	struct state *db = a->s->state;
	struct taken t = {.a = a};
	struct err e = {0};
	bool added, ok = !a->cache || journal_taken_each(db, a->name, look_at_taken, &t, &e);

	for (size_t i = 0; ok && i < t.n; i++)
		ok = journal_late(db, t.ids[i], &added, &e);
	ok = ok && journal_taken_settled(db, a->name, &e);
	if (!ok)
		session_fail(a->s, &e, _("Undoing what the server has done meanwhile"));
	free(t.ids);
}

static void on_ready(struct acct *a, const struct msg_READY *m)
{
	if (m->info.len && !sv_is(m->info, "new cache"))
		session_say(a->s, LOG_WARN, "%s: " SV_FMT, a->name, SV_ARG(m->info));
	if (a->cache && cache_is_stale(a))
		cache_away(a);
	a->ready = true;
	a->follower = false;
	if (a->poll_timer) {
		loop_remove(a->s->loop, a->poll_timer);
		a->poll_timer = 0;
	}
	if (acct_open_cache(a))
		acct_attach_views(a);
	free(a->watch_said);
	a->watch_said = NULL;
	if (a->watched)
		acct_watch(a, a->watched);
	jobs_worker_ready(a);
	settle_taken(a);
	session_intents(a->s, a->name);
	if (a->check_wanted || !(a->s->flags & SESSION_BATCH))
		acct_sync(a, 0);
}

static void set_state(struct acct *a, struct sv state)
{
	/* "busy" and "idle" are the same to who asks since when it is connected. */
	bool was = strcmp(a->state, "offline") != 0 && strcmp(a->state, "waiting") != 0 && strcmp(a->state, "dead") != 0;
	bool is = !sv_is(state, "offline") && !sv_is(state, "waiting") && !sv_is(state, "dead");

	if (was != is || !a->since)
		a->since = clock_now();
	if (was && !is && strcmp(a->state, "connecting") != 0)
		a->away_since = clock_now();
	set_text(&a->state, state);
}

static void on_state(struct acct *a, const struct msg_STATE *m)
{
	bool online = sv_is(m->state, "online") || sv_is(m->state, "idle");
	bool trouble = m->text.len && !sv_is(m->state, "busy") && !sv_eq(m->text, sv_of(a->text));

	set_state(a, m->state);
	set_text(&a->text, m->text);
	a->retry_at = m->retry_s ? clock_now() + (int64_t)m->retry_s : 0;
	if (online) {
		xfree_null(&a->what);
		a->done = a->total = 0;
		role_well(a->role);
		secret_worked(a->s, a);
		a->error = ERR_NONE;
	}
	if (trouble && (sv_is(m->state, "offline") || sv_is(m->state, "waiting")))
		session_say(a->s, LOG_WARN, "%s: " SV_FMT, a->name, SV_ARG(m->text));
	session_account_event(a);
}

static void on_progress(struct acct *a, const struct msg_PROGRESS *m)
{
	set_text(&a->what, m->what);
	a->done = m->done;
	a->total = m->total;
	session_account_event(a);
}

static void on_changed(struct acct *a, const struct msg_CHANGED *m)
{
	char *what = sv_dup(m->what);
	bool reset = sv_is(m->what, "reset"), list = m->mailbox == 0 || sv_is(m->what, "list");

	role_well(a->role);
	if (acct_open_cache(a))
		acct_attach_views(a);
	if (list && a->watched && a->watch_said) /* its right name may be known now */
		acct_watch(a, a->watched);
	if (!reset)
		tell_views(a, m->mailbox, m->mailbox ? what : "list");
	if (list)
		unified_refresh(a);
	saved_stale(a->s);
	session_mailboxes_changed(a->s, list ? MAILBOXES_LIST
					: sv_is(m->what, "new")
						? MAILBOXES_COUNTS | MAILBOXES_NEW_MAIL
						: MAILBOXES_COUNTS);
	free(what);
}

/* FAILED without a job: the worker cannot even begin. */
static void on_refusal(struct acct *a, const struct msg_FAILED *m)
{
	struct sv class = m->class;

	a->was_refused = true;
	a->check_wanted = false;
	set_text(&a->text, m->text);
	if (sv_is(class, err_class_name(ERR_LIMIT))) {
		a->follower = true;
		/* A script must know that this may not be all. */
		if (a->s->flags & SESSION_BATCH)
			session_say(a->s, LOG_WARN, _("%s: only what the cache knows is shown"), a->text);
		return;
	}
	char *name = sv_dup(class);
	a->error = err_class_by_name(name);
	free(name);
	session_account_event(a);
	session_say(a->s, LOG_ERROR, "%s: " SV_FMT, a->name, SV_ARG(m->text));
}

static void on_message(void *data, const struct msg *m)
{
	struct acct *a = data;

	switch (m->type) {
	case MSG_READY:
		on_ready(a, &m->READY);
		break;
	case MSG_STATE:
		on_state(a, &m->STATE);
		break;
	case MSG_PROGRESS:
		on_progress(a, &m->PROGRESS);
		break;
	case MSG_CHANGED:
		on_changed(a, &m->CHANGED);
		break;
	case MSG_APPLIED: {
		char *class = sv_dup(m->APPLIED.class);

		session_note_applied(
			a->s, m->APPLIED.intent, err_class_by_name(class), m->APPLIED.text);
		free(class);
		break;
	}
	case MSG_NEED:
		secret_need(a->s, a, NULL, &m->NEED);
		break;
	case MSG_REMEMBER:
		session_remember(a->s, &m->REMEMBER);
		break;
	case MSG_LOG: {
		char *room = sv_dup(m->LOG.room), *account = xasprintf("%s: ", a->name);
		bool told = sv_starts(m->LOG.text, sv_of(account)); /* some rooms of the worker say the name themselves */

		msglog_add(a->s->log, (enum log_level)MIN(m->LOG.level, LOG_ERROR), room, NULL,
			"%s" SV_FMT, told ? "" : account, SV_ARG(m->LOG.text));
		free(account);
		free(room);
		break;
	}
	case MSG_FAILED:
		if (m->FAILED.job == 0 && !a->ready) {
			on_refusal(a, &m->FAILED);
			break;
		}
		if (!sync_ended(a, m->FAILED.job, &m->FAILED))
			jobs_worker_message(a, m);
		break;
	case MSG_DONE:
		if (!sync_ended(a, m->DONE.job, NULL))
			jobs_worker_message(a, m);
		break;
	case MSG_BODY:
	case MSG_FOUND:
		jobs_worker_message(a, m);
		break;
	default:
		break;
	}
}

static void on_started(void *data)
{
	struct acct *a = data;

	a->ready = a->was_refused = false;
	(void)role_tell(a->role, HELLO, .version = WIRE_VERSION, .account = sv_of(a->name),
		.kind = sv_of(account_kind_name(a->kind)), .role = SV("box"),
		.cache_dir = sv_of(a->s->cache_dir), .state_db = sv_of(a->s->state_path));
	acct_send_conf(a);
}

/* A second feist: what the worker of the first writes shows here, too, and its end is our turn. */
static void follow(void *data)
{
	struct acct *a = data;

	a->poll_timer = 0;
	if (acct_open_cache(a) && cache_changed(a->cache)) {
		acct_attach_views(a);
		tell_views(a, 0, "list");
		saved_stale(a->s);
		session_mailboxes_changed(a->s, MAILBOXES_COUNTS);
	}
	if (++a->follow_turns >= FOLLOW_RETRIES) {
		a->follow_turns = 0;
		a->follower = false;
		acct_start(a);
		return;
	}
	a->poll_timer = loop_timer(a->s->loop, "follow", FOLLOW_MS, follow, a);
}

static void on_died(void *data, const char *why, int retry_ms)
{
	struct acct *a = data;

	a->ready = false;
	a->watch_job = a->sync_job = 0;
	secret_owner_died(a->s, a, NULL);
	if (a->s->quitting || retry_ms < 0) {
		session_helper_gone(a->s);
		return;
	}
	if (a->follower) {
		role_rest(a->role);
		set_state(a, SV("online"));
		a->follow_turns = 0;
		a->poll_timer = a->poll_timer
					? a->poll_timer
					: loop_timer(a->s->loop, "follow", FOLLOW_MS, follow, a);
		jobs_worker_died(a, a->text);
	} else {
		set_state(a, SV("dead"));
		if (!a->was_refused)
			session_say(a->s, LOG_ERROR,
				_("%s: %s. It is started again; nothing is lost."), a->name, why);
		jobs_worker_died(a, a->was_refused ? a->text : why);
	}
	session_account_event(a);
}

void acct_start(struct acct *a)
{
	if (a->s->quitting || a->follower)
		return;
	if (!a->role) {
		struct role_events events = {
			.data = a, .message = on_message, .started = on_started, .died = on_died};

		a->role = role_new(a->s->loop, WORKER, SIDE_WORKER, a->name,
			a->s->env[0] ? (const char *const *)a->s->env : NULL,
			!(a->s->flags & SESSION_BATCH), &events);
	}
	role_start(a->role);
}
