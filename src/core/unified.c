#include "core/unified.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "core/gettext.h"
#include "core/hook.h"
#include "core/mailboxes.h"
#include "core/query.h"
#include "core/saved.h"
#include "core/session_priv.h"

#define NEWS_EVERY_S 30 /* mailboxes that no worker has open are looked at so often, at most */

/* ---- names ---- */

static const struct rc_mailbox *named(struct session *s, const char *name)
{
	const struct rc_mailboxes *list = &s->conf->rc.mailboxes;

	for (size_t i = 0; i < list->n; i++) {
		if (list->v[i].virtual_ && list->v[i].label && strcmp(list->v[i].label, name) == 0)
			return &list->v[i];
	}
	return NULL;
}

const char *unified_name(struct session *s, const char *mailbox)
{
	const struct rc_mailbox *m;
	const char *base = strrchr(mailbox, '/');

	if (strncmp(mailbox, UNIFIED_SCHEME, strlen(UNIFIED_SCHEME)) == 0)
		return mailbox + strlen(UNIFIED_SCHEME);
	if (strcmp(mailbox, UNIFIED_INBOXES) == 0)
		return UNIFIED_INBOXES;
	/* A prompt may have made a path of it. */
	m = named(s, mailbox);
	if (!m && base && *mailbox != '=' && !strstr(mailbox, "://") && access(mailbox, F_OK) != 0)
		m = named(s, base + 1);
	return m ? m->label : NULL;
}

const char *unified_at(struct session *s, size_t n, const char **query)
{
	const struct rc_mailboxes *list = &s->conf->rc.mailboxes;
	size_t remote = 0;

	for (size_t i = 0; i < list->n; i++) {
		if (list->v[i].virtual_ && list->v[i].label && n-- == 0) {
			*query = list->v[i].path;
			return list->v[i].label;
		}
	}
	/* The one that is there without being named, where there is something to unite. */
	for (size_t i = 0; i < s->accounts.n; i++)
		remote += s->accounts.v[i].kind != ACCOUNT_LOCAL;
	if (n > 0 || remote < 2 || named(s, UNIFIED_INBOXES))
		return NULL;
	*query = UNIFIED_INBOXES;
	return UNIFIED_INBOXES;
}

/* ---- what belongs in ---- */

/* query_fini it. ERR_GONE: there is no such one. */
static bool query_of(struct session *s, const char *name, struct query *out, struct err *e)
{
	const struct rc_mailbox *m = named(s, name);
	size_t word = strlen(UNIFIED_SEARCH);

	if (m)
		return query_parse(m->path, out, e);
	if (strcmp(name, UNIFIED_INBOXES) == 0)
		return query_parse(UNIFIED_INBOXES, out, e);
	if (strncmp(name, UNIFIED_SEARCH, word) == 0)
		return query_parse(name + word, out, e);
	return err_set(e, ERR_GONE, _("there is no virtual mailbox %s"), name);
}

static bool belongs(const struct mailbox_info *m, const struct query *q)
{
	if (m->flags & BOX_NOSELECT || !m->account || !*m->account || (q->account && strcmp(q->account, m->account) != 0))
		return false;
	if (q->inboxes)
		return m->use == USE_INBOX;
	return m->use != USE_ALL && m->use != USE_TRASH && m->use != USE_JUNK && m->use != USE_DRAFTS &&
	       m->use != USE_FLAGGED && m->use != USE_IMPORTANT;
}

static void add_source(struct session *s, struct view *v, const char *account, const char *name)
{
	struct acct *a = session_acct_by_name(s, account);
	bool has = false;

	if (view_has_source(v, account, name) || v->src_count == VIEW_SOURCES_MAX)
		return;
	if (v->apart) {
		(void)view_add_source(v, account, name);
		return;
	}
	for (size_t i = 0; a && i < a->view_count; i++)
		has = has || a->views[i] == v;
	(void)view_add_source(v, account, name);
	if (a && !has)
		acct_take_view(a, v);
}

static bool has_account(const struct view *v, const char *account)
{
	for (uint32_t n = 0; n < v->src_count; n++) {
		if (strcmp(v->src[n].account, account) == 0)
			return true;
	}
	return false;
}

/* The inbox of an account of which nothing is known yet. */
static void add_unknown(struct session *s, struct view *v, const struct account *account)
{
	char *url, *name = NULL, *real;
	struct err e;
	struct acct *a;

	if (account->kind == ACCOUNT_LOCAL || has_account(v, account->name))
		return;
	url = account_mailbox_string(account, "");
	a = session_resolve(s, url, &name, &e);
	if (a) {
		real = acct_mailbox_name(a, name);
		add_source(s, v, a->name, real);
		free(real);
	}
	free(name);
	free(url);
}

/* $spoolfile when it is local: it is an inbox, too. */
static void add_spool(struct session *s, struct view *v)
{
	char *name = NULL;
	struct err e;
	struct acct *a = *s->conf->spoolfile ? session_resolve(s, s->conf->spoolfile, &name, &e) : NULL;

	if (a && a->kind == ACCOUNT_LOCAL && access(name, F_OK) == 0)
		add_source(s, v, a->name, name);
	free(name);
}

static void add_sources(struct session *s, struct view *v, const struct query *q)
{
	size_t n = mailboxes_count(s);

	for (size_t i = 0; i < n; i++) {
		const struct mailbox_info *m = mailboxes_at(s, i);

		if (belongs(m, q))
			add_source(s, v, m->account, m->name);
	}
	for (size_t i = 0; i < s->accounts.n; i++) {
		if (!q->account || strcmp(q->account, s->accounts.v[i].name) == 0)
			add_unknown(s, v, &s->accounts.v[i]);
	}
	if (!q->account)
		add_spool(s, v);
}

static bool set_filter(struct session *s, struct view *v, const char *text, struct err *e)
{
	if (!*text)
		return true;
	v->filter = pattern_compile(s->conf, text, PATTERN_SIMPLE | PATTERN_FULL, clock_now(), e);
	v->filter_waits = v->filter && pattern_needs_bodies(v->filter);
	return v->filter != NULL;
}

/* ---- opening ---- */

/* The first source makes the view; the empty one of the start is taken for it. */
static struct view *new_view(struct session *s, const char *name, const char *full)
{
	struct view *v = view_new(s->loop, s->conf, "", "", name);

	free(v->src[0].account);
	free(v->src[0].name);
	v->src_count = 0;
	v->unified = xstrdup(full); /* NULL stays NULL */
	v->session = s;
	v->notify = session_view_notify;
	v->state = s->state;
	return v;
}

static void start_parts(struct session *s, struct view *v)
{
	for (size_t i = 0; i < s->acct_count; i++) {
		struct acct *a = s->accts[i];

		if (!has_account(v, a->name))
			continue;
		if (acct_open_cache(a))
			acct_attach_views(a);
		acct_watch(a, v);
		if (a->role && role_running(a->role) && a->ready)
			acct_send_watched(a);
		acct_start(a);
		acct_sync(a, 0); /* the other mailboxes that are shown */
	}
}

struct view *unified_new(struct session *s, const char *name, struct err *e)
{
	struct query q = {.inboxes = false};
	struct view *v;

	if (!query_of(s, name, &q, e)) {
		query_fini(&q);
		return NULL;
	}
	v = new_view(s, name, NULL);
	v->sort = (struct conf_sort){.key = SORT_MAILBOX_ORDER};
	v->sort_is_users = true;
	v->apart = true;
	if (set_filter(s, v, q.pattern, e)) {
		add_sources(s, v, &q);
	} else {
		view_free(v);
		v = NULL;
	}
	query_fini(&q);
	return v;
}

struct view *unified_open(struct session *s, const char *name, bool readonly, struct err *e)
{
	struct query q = {.inboxes = false};
	struct view *v;
	char *full;

	if (!query_of(s, name, &q, e)) {
		query_fini(&q);
		return NULL;
	}
	full = xasprintf(UNIFIED_SCHEME "%s", name);
	v = new_view(s, named(s, name) ? name : q.inboxes ? _("All inboxes") : q.pattern, full);
	free(full);
	if (!set_filter(s, v, q.pattern, e)) {
		view_free(v);
		query_fini(&q);
		return NULL;
	}
	free(s->conf->rc.current_mailbox);
	s->conf->rc.current_mailbox = xstrdup(v->unified);
	hook_run_folder(s, v->unified, v->shown);
	view_read_sort(v);
	v->readonly = readonly || s->conf->read_only;
	add_sources(s, v, &q);
	query_fini(&q);
	if (v->src_count == 0) {
		view_free(v);
		err_set(e, ERR_GONE, "%s", _("there are no mailboxes to unite"));
		return NULL;
	}
	start_parts(s, v);
	view_ask_bodies(v);
	return v;
}

/* ---- conversations ---- */

bool unified_has_conversations(const struct view *v)
{
	return v->conversations;
}

/* The mailboxes with sent mail become sources, once. */
static void add_sent(struct session *s, struct view *v)
{
	char *name = NULL;
	struct err e;
	struct acct *a = *s->conf->record ? session_resolve(s, s->conf->record, &name, &e) : NULL;
	size_t n = mailboxes_count(s);

	for (size_t i = 0; i < n; i++) {
		const struct mailbox_info *m = mailboxes_at(s, i);

		if (m->use == USE_SENT && m->account && strcmp(m->account, v->src[0].account) == 0)
			add_source(s, v, m->account, m->name);
	}
	if (a && (a->kind != ACCOUNT_LOCAL || access(name, F_OK) == 0)) {
		char *real = acct_mailbox_name(a, name);

		add_source(s, v, a->name, real);
		free(real);
	}
	free(name);
	for (uint32_t i = 1; i < v->src_count; i++)
		v->src[i].companion = true;
}

bool unified_conversations(struct session *s, struct view *v, bool on, struct err *e)
{
	if (on == v->conversations)
		return true;
	if (on && v->unified)
		return err_set(e, ERR_INPUT, "%s", _("A virtual mailbox shows what it is made of."));
	if (!on) {
		v->conversations = false;
		xfree_null(&v->unified);
		view_drop_companions(v);
		return true;
	}
	if (v->src_count == 1)
		add_sent(s, v);
	if (v->src_count == 1)
		return err_set(e, ERR_INPUT, "%s", _("Nobody knows where sent mail is: see $record."));
	v->conversations = true;
	v->unified = xasprintf(UNIFIED_SCHEME "%s", v->shown);
	start_parts(s, v);
	view_read_companions(v);
	return true;
}

/* ---- while it is open ---- */

/* Nobody has these open: their worker looks when it is told to. */
static void ask_for_news(struct acct *a, struct view *v)
{
	int64_t now = clock_now();
	bool first = true;

	for (uint32_t n = 0; n < v->src_count; n++) {
		struct view_source *src = &v->src[n];

		if (strcmp(src->account, a->name) != 0)
			continue;
		if (!first && src->mailbox && now - src->asked >= NEWS_EVERY_S) {
			src->asked = now;
			acct_sync(a, src->mailbox);
		}
		first = false;
	}
}

void unified_refresh(struct acct *a)
{
	struct session *s = a->s;

	boxes_stale(s);
	for (size_t i = 0; i < a->view_count; i++) {
		struct view *v = a->views[i];
		uint32_t had = v->src_count;
		struct query q = {.inboxes = false};

		if (!v->unified || v->conversations || !query_of(s, v->unified + strlen(UNIFIED_SCHEME), &q, NULL)) {
			query_fini(&q);
			continue;
		}
		add_sources(s, v, &q);
		query_fini(&q);
		if (v->src_count != had) {
			acct_attach_views(a);
			acct_send_watched(a);
		}
		ask_for_news(a, v);
	}
}

void unified_enter(struct session *s, struct view *v, uint32_t row)
{
	const struct view_source *src = view_source_of(v, row);
	const struct account *account = v->unified ? account_find(&s->accounts, src->account) : NULL;
	char *full, *shown;

	if (!account)
		return;
	full = account_mailbox_string(account, src->name);
	shown = conf_pretty_path(s->conf, full);
	hook_run_folder(s, full, shown);
	free(full);
	free(shown);
}

bool unified_counts(struct session *s, const char *name, uint32_t *total, uint32_t *unread, uint32_t *fresh)
{
	struct query q = {.inboxes = false};
	size_t n = mailboxes_count(s);
	bool sums = query_of(s, name, &q, NULL) && !*q.pattern;

	*total = *unread = *fresh = 0;
	if (!sums) {
		struct saved_count count = {0};
		const struct rc_mailbox *m = named(s, name);
		bool known = m && saved_counts(s, name, m->path, &count);

		query_fini(&q);
		*total = count.total;
		*unread = count.unread;
		*fresh = count.fresh;
		return known;
	}
	for (size_t i = 0; i < n; i++) {
		const struct mailbox_info *m = mailboxes_at(s, i);

		if (!belongs(m, &q))
			continue;
		*total += m->total;
		*unread += m->unread;
		*fresh += m->fresh;
	}
	query_fini(&q);
	return true;
}
