/*
 * The mail engine to look at and to steer: the actions that can be undone, the queue of what the servers do
 * not have yet, and the accounts with their connections.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "core/format.h"
#include "core/func.h"
#include "ui/items.h"

#define WHERE_COLUMNS 24
#define NARROW 60            /* below: columns go */
#define QUEUE_LINES_MAX 2000 /* above: alike ones are not looked for any more */

enum { KIND_ACTIONS, KIND_QUEUE, KIND_ACCOUNTS };

static struct items *self(struct screen *s)
{
	return (struct items *)s;
}

static int columns(struct items *x)
{
	return MAX(x->base.ui->layout.list.cols, 20);
}

static char *detach(struct str *s)
{
	char *text = str_detach(s);

	str_fini(s);
	return text;
}

/* ---- actions ---- */

static char *action_line(struct items *x, const struct func_action *a)
{
	char *when = items_when(a->when), count[24];
	int rest = columns(x) - 8 - 11 - 6 - 13;
	struct str s;

	str_init(&s, 4096);
	snprintf(count, sizeof(count), "%llu", (unsigned long long)a->count);
	str_addc(&s, ' ');
	items_column(&s, when, 7);
	items_column(&s, a->what, 10);
	items_column(&s, count, -5);
	str_adds(&s, "  ");
	if (rest > WHERE_COLUMNS + 12) {
		items_column(&s, a->where, WHERE_COLUMNS + (rest > 80 ? 12 : 0));
		items_column(&s, " ", 1);
		items_column(&s, a->subject, rest - WHERE_COLUMNS - (rest > 80 ? 12 : 0) - 1);
	} else {
		items_column(&s, *a->subject && a->count == 1 ? a->subject : a->where, MAX(rest, 4));
	}
	str_adds(&s, "  ");
	str_adds(&s, a->state);
	free(when);
	return detach(&s);
}

static char *action_detail(const struct func_action *a)
{
	char *when = items_time(a->when, "%a %d %b %Y %H:%M:%S"), *text;
	const char *hint = a->undone  ? _("Undone. r does it again.")
			   : a->for_good ? _("Deleted for good: it cannot be undone.")
					 : _("u undoes it, also when the server has it already.");

	text = xasprintf(_("%s: %s, %llu\nWhere:   %s\nSubject: %s\nState:   %s\n%s"), when, a->what,
		(unsigned long long)a->count, a->where, a->subject, a->state, hint);
	free(when);
	return text;
}

static void fill_actions(struct items *x)
{
	struct func_action *list;
	size_t n = func_actions(x->base.ui->session, &list);

	for (size_t i = 0; i < n; i++) {
		struct item *it = items_add(x, list[i].id, action_line(x, &list[i]), action_detail(&list[i]));

		it->level = list[i].failed ? LOG_ERROR : LOG_INFO;
		it->dim = list[i].undone;
	}
	func_actions_free(list, n);
}

static enum run_result run_action(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct item *it = items_current(self(s));
	char *what = NULL;
	struct err e;
	bool redo = fn == FN_redo_entry, ok;

	if (!it)
		return ui_fail(ui, _("No entries."));
	ok = redo ? func_action_redo(ui->session, it->id, &what, &e) : func_action_undo(ui->session, it->id, &what, &e);
	if (!ok)
		return ui_fail_err(ui, &e);
	ui_say(ui, redo ? _("Done again: %s") : _("Undone: %s"), what);
	free(what);
	items_fill(self(s));
	return RUN_DONE;
}

/* ---- the queue ---- */

/* Alike and of one account, mailbox and state: one line stands for all of them. */
static bool same_entry(const struct func_pending *a, const struct func_pending *b)
{
	return a->failed == b->failed && strcmp(a->account, b->account) == 0 && strcmp(a->mailbox, b->mailbox) == 0 &&
	       strcmp(a->what, b->what) == 0 && strcmp(a->error, b->error) == 0;
}

static const char *queue_state(struct ui *ui, const struct func_pending *p, const struct account_state *a)
{
	if (p->aside)
		return _("set aside");
	if (p->failed)
		return _("refused");
	if (p->paused)
		return _("paused");
	if (!a || ui->offline || a->held || strcmp(a->state, "offline") == 0 || strcmp(a->state, "waiting") == 0)
		return _("offline");
	return _("waits");
}

static bool find_account(struct ui *ui, const char *name, struct account_state *out)
{
	size_t n = session_account_count(ui->session);

	for (size_t i = 0; i < n; i++) {
		if (session_account(ui->session, i, out) && strcmp(out->account, name) == 0)
			return true;
	}
	return false;
}

static char *queue_line(struct items *x, const struct func_pending *p, size_t count, const char *state)
{
	char *when = items_when(p->since), number[24];
	int rest = columns(x) - 8 - 11 - 6;
	struct str s;

	str_init(&s, 4096);
	snprintf(number, sizeof(number), "%zu", count);
	str_addc(&s, ' ');
	items_column(&s, when, 7);
	items_column(&s, state, 10);
	items_column(&s, number, -5);
	str_adds(&s, "  ");
	if (columns(x) >= NARROW)
		items_column(&s, p->mailbox, WHERE_COLUMNS);
	items_column(&s, " ", 1);
	items_column(&s, p->what, MAX(rest - (columns(x) >= NARROW ? WHERE_COLUMNS : 0) - 3, 4));
	free(when);
	return detach(&s);
}

static char *queue_detail(const struct func_pending *p, const struct account_state *a, const char *state)
{
	char *when = items_time(p->since, "%a %d %b %H:%M:%S"), *text;
	const char *why = *p->error ? p->error : a && a->text ? a->text : "";

	text = xasprintf(_("%s in %s\nAccount: %s\nSince:   %s, %u tries\nState:   %s%s%s\n%s"), p->what, p->mailbox,
		p->account, when, p->tries, state, *why ? ": " : "", why, p->cure);
	free(when);
	return text;
}

static void add_id(struct item *it, int64_t id)
{
	it->ids = xreallocarray(it->ids, it->id_count + 1, sizeof(*it->ids));
	it->ids[it->id_count++] = id;
}

static void fill_queue(struct items *x)
{
	struct ui *ui = x->base.ui;
	struct func_pending *list;
	size_t n = func_pending_list(ui->session, &list);
	bool *taken = xcalloc(n + 1, sizeof(*taken));

	for (size_t i = 0; i < n; i++) {
		struct account_state a;
		bool known;
		struct item *it;
		const char *state;

		if (taken[i])
			continue;
		known = find_account(ui, list[i].account, &a);
		state = queue_state(ui, &list[i], known ? &a : NULL);
		it = items_add(x, list[i].id, NULL, queue_detail(&list[i], known ? &a : NULL, state));
		it->name = xstrdup(list[i].account);
		it->level = list[i].failed ? LOG_ERROR : list[i].paused ? LOG_WARN : LOG_INFO;
		add_id(it, list[i].id);
		for (size_t k = i + 1; k < n && x->n < QUEUE_LINES_MAX; k++) {
			if (!taken[k] && same_entry(&list[i], &list[k])) {
				taken[k] = true;
				add_id(it, list[k].id);
			}
		}
		it->text = queue_line(x, &list[i], it->id_count, state);
	}
	free(taken);
	func_pending_free(list, n);
}

static void queue_title(struct items *x, struct str *out)
{
	size_t waiting = 0, refused = 0;

	for (size_t i = 0; i < x->n; i++)
		*(x->v[i].level == LOG_ERROR ? &refused : &waiting) += x->v[i].id_count;
	str_addf(out, _("Queue: %zu wait, %zu refused"), waiting, refused);
}

/* One of several ends the run when it fails: the reason is the same for the others. */
static enum run_result run_queue(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct item *it = items_current(self(s));
	struct err e;
	size_t done = 0, n;
	int64_t *ids;
	bool ok = true;

	if (!it)
		return ui_fail(ui, _("No entries."));
	/* Each of them changes the list that the entry is in. */
	n = it->id_count;
	ids = xreallocarray(NULL, n, sizeof(*ids));
	memcpy(ids, it->ids, n * sizeof(*ids));
	for (size_t i = 0; ok && i < n; i++) {
		ok = fn == FN_retry_entry ? func_pending_retry(ui->session, ids[i], &e)
					  : func_pending_drop(ui->session, ids[i], &e);
		/* Others may have gone with one that was dropped. */
		if (!ok && e.class == ERR_GONE)
			ok = true;
		done += ok;
	}
	free(ids);
	items_fill(self(s));
	if (!ok)
		return ui_fail_err(ui, &e);
	ui_say(ui, fn == FN_retry_entry ? ngettext("%zu change is tried again.", "%zu changes are tried again.", done)
					: ngettext("%zu change dropped; the list of actions can bring it back.",
						  "%zu changes dropped; the list of actions can bring them back.", done),
		done);
	return RUN_DONE;
}

/* Of the entry's account; in the index of the mailbox's. */
static const char *account_here(struct ui *ui, struct screen *s)
{
	struct item *it;

	if (s->ops->menu == MENU_QUEUE || s->ops->menu == MENU_ACCOUNTS) {
		it = items_current(self(s));
		return it ? it->name : NULL;
	}
	struct view *view = index_view_of(ui);
	return view ? view_account(view) : NULL;
}

static enum run_result run_pause(struct ui *ui, struct screen *s, enum func_id fn)
{
	const char *here = account_here(ui, s);
	char *account = here ? xstrdup(here) : NULL;
	bool on = fn == FN_pause_queue;
	struct err e;

	if (!account)
		return ui_fail(ui, _("No entries."));
	if (!func_queue_pause(ui->session, account, on, &e)) {
		free(account);
		return ui_fail_err(ui, &e);
	}
	ui_say(ui, on ? _("The changes of %s are held back.") : _("The changes of %s are carried out again."), account);
	free(account);
	if (s->ops->menu == MENU_QUEUE || s->ops->menu == MENU_ACCOUNTS)
		items_fill(self(s));
	return RUN_DONE;
}

/* ---- accounts ---- */

static const char *account_word(struct ui *ui, const struct account_state *a)
{
	if (questions_wait_for(ui, a->account))
		return _("asks: press c");
	if (strcmp(a->state, "dead") == 0)
		return _("restarting");
	if (!a->is_remote)
		return _("local");
	if (a->held)
		return _("kept offline");
	if (a->error == ERR_AUTH)
		return _("login refused");
	if (a->error == ERR_TLS)
		return _("certificate");
	if (a->follows)
		return _("other feist");
	if (a->what && a->total > 0)
		return _("syncing");
	if (strcmp(a->state, "waiting") == 0 || strcmp(a->state, "offline") == 0)
		return _("offline");
	if (strcmp(a->state, "connecting") == 0)
		return _("connecting");
	return strcmp(a->state, "busy") == 0 ? _("syncing") : _("connected");
}

static void add_queue(const struct account_state *a, struct str *out)
{
	if (a->refused > 0)
		str_addf(out, _("%u refused "), a->refused);
	if (a->paused)
		str_addf(out, _("paused, %u queued"), a->pending);
	else if (a->pending > 0)
		str_addf(out, _("%u queued"), a->pending);
}

static char *account_line(struct items *x, const struct account_state *a)
{
	char *synced = a->synced ? items_when(a->synced) : xstrdup("-");
	int name = columns(x) >= 100 ? 36 : columns(x) >= NARROW ? 26 : 16;
	struct str s, queue;

	str_init(&s, 4096);
	str_init(&queue, 200);
	add_queue(a, &queue);
	str_addc(&s, a->transcript ? 'T' : ' ');
	items_column(&s, a->account, name);
	items_column(&s, " ", 1);
	items_column(&s, account_word(x->base.ui, a), 14);
	items_column(&s, synced, 7);
	if (a->quota_max > 0)
		str_addf(&s, "%3llu%%  ", (unsigned long long)(a->quota_used * 100 / a->quota_max));
	else
		str_adds(&s, "      ");
	if (a->what && a->total > 0)
		str_addf(&s, "%s %llu/%llu ", a->what, (unsigned long long)a->done, (unsigned long long)a->total);
	if (queue.len)
		str_add(&s, str_sv(&queue));
	else if (a->error || a->retry_s)
		str_adds(&s, a->text ? a->text : "");
	str_fini(&queue);
	free(synced);
	return detach(&s);
}

static char *account_detail(struct items *x, const struct account_state *a)
{
	struct str s;
	char *since = a->since ? items_time(a->since, "%d %b %H:%M:%S") : NULL;
	struct err why;
	const char *cure;

	err_set(&why, a->error, "%s", a->text ? a->text : "");
	cure = a->error ? msglog_cure(&why) : NULL;
	str_init(&s, 8000);
	str_addf(&s, "%s: %s%s%s", a->account, account_word(x->base.ui, a), since ? _(" since ") : "", since ? since : "");
	if (a->retry_s > 0)
		str_addf(&s, _(", next attempt in %u s"), a->retry_s);
	str_addc(&s, '\n');
	if (a->text && *a->text)
		str_addf(&s, "%s\n", a->text);
	if (cure)
		str_addf(&s, _("What to do: %s\n"), cure);
	str_addf(&s, ngettext("%u change waits for the server", "%u changes wait for the server", a->pending), a->pending);
	str_adds(&s, a->paused ? _(", held back") : "");
	if (a->refused > 0)
		str_addf(&s, _(", %u refused (Q shows them)"), a->refused);
	if (a->quota_max > 0)
		str_addf(&s, _("; %llu of %llu MB are used"), (unsigned long long)a->quota_used / 1024,
			(unsigned long long)a->quota_max / 1024);
	if (a->transcript)
		str_adds(&s, _("\nA transcript is written."));
	free(since);
	return detach(&s);
}

static void fill_accounts(struct items *x)
{
	struct session *s = x->base.ui->session;
	struct account_state a;

	for (size_t i = 0; i < session_account_count(s); i++) {
		if (!session_account(s, i, &a))
			continue;
		struct item *it = items_add(x, (int64_t)i, account_line(x, &a), account_detail(x, &a));

		it->name = xstrdup(a.account);
		it->level = questions_wait_for(x->base.ui, a.account) || a.error == ERR_AUTH || a.error == ERR_TLS || a.refused > 0 ? LOG_ERROR
			    : a.retry_s > 0 || a.paused || a.held		   ? LOG_WARN
										   : LOG_INFO;
	}
}

static enum run_result run_account(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct item *it = items_current(self(s));
	struct account_state a;
	char *name;
	bool had;

	if (!it || !find_account(ui, it->name, &a))
		return ui_fail(ui, _("No entries."));
	if (!a.is_remote && fn != FN_sync_account)
		return ui_fail(ui, _("Local mailboxes have no connection."));
	name = xstrdup(it->name); /* what is done changes the list */
	had = a.transcript;
	switch (fn) {
	case FN_disconnect_account:
		session_account_offline(ui->session, name, true);
		ui_say(ui, _("%s is kept offline; what you do waits."), name);
		break;
	case FN_toggle_transcript:
		session_transcript(ui->session, name, !had);
		ui_say(ui, had ? _("The transcript of %s has ended.")
					: _("What goes over the connections of %s is written down, without secrets."),
			name);
		break;
	case FN_sync_account:
		session_reconnect(ui->session, name);
		ui_say(ui, _("Looking for news of %s ..."), name);
		break;
	default:
		session_account_offline(ui->session, name, false);
		ui_say(ui, _("Connecting to %s ..."), name);
		break;
	}
	free(name);
	items_fill(self(s));
	questions_run(ui); /* one that waits for this account */
	return RUN_DONE;
}

/* ---- the screens ---- */

static const struct hint action_hints[] = {
	{FN_exit, N_("Exit")}, {FN_undo_entry, N_("Undo")}, {FN_redo_entry, N_("Redo")}, {FN_select_entry, N_("Details")},
	{FN_search, N_("Find")}, {FN_help, N_("Help")}, {FN_NONE, NULL},
};
static const struct hint queue_hints[] = {
	{FN_exit, N_("Exit")}, {FN_retry_entry, N_("Retry")}, {FN_delete_entry, N_("Drop")}, {FN_pause_queue, N_("Pause")},
	{FN_resume_queue, N_("Resume")}, {FN_select_entry, N_("Details")}, {FN_search, N_("Find")}, {FN_help, N_("Help")},
	{FN_NONE, NULL},
};
static const struct hint account_hints[] = {
	{FN_exit, N_("Exit")}, {FN_connect_account, N_("Connect")}, {FN_disconnect_account, N_("Disconnect")},
	{FN_sync_account, N_("Sync")}, {FN_toggle_transcript, N_("Transcript")}, {FN_show_queue, N_("Queue")},
	{FN_pause_queue, N_("Pause")}, {FN_help, N_("Help")}, {FN_NONE, NULL},
};
static const struct screen_ops screens[] = {
	[KIND_ACTIONS] = ITEM_OPS("actions", MENU_ACTIONS, action_hints, items_free),
	[KIND_QUEUE] = ITEM_OPS("queue", MENU_QUEUE, queue_hints, items_free),
	[KIND_ACCOUNTS] = ITEM_OPS("accounts", MENU_ACCOUNTS, account_hints, items_free),
};
static const struct items_kind kinds[] = {
	[KIND_ACTIONS] = {KIND_ACTIONS, N_("Actions"), N_("Nothing has been done yet."), fill_actions, NULL, true},
	[KIND_QUEUE] = {KIND_QUEUE, N_("Queue"), N_("The servers have everything."), fill_queue, queue_title, true},
	[KIND_ACCOUNTS] = {KIND_ACCOUNTS, N_("Accounts"), N_("No accounts."), fill_accounts, NULL, true},
};

static enum run_result run_open(struct ui *ui, struct screen *s, enum func_id fn)
{
	int kind = fn == FN_show_actions ? KIND_ACTIONS : fn == FN_show_queue ? KIND_QUEUE : KIND_ACCOUNTS;

	if (s->ops != &screens[kind])
		ui_push(ui, &items_open(ui, &screens[kind], &kinds[kind])->base);
	return RUN_DONE;
}

const char *engine_account(struct ui *ui)
{
	struct screen *s = ui_top(ui);

	return s && s->ops->menu == MENU_ACCOUNTS && items_current(self(s)) ? items_current(self(s))->name : NULL;
}

void engine_changed(struct ui *ui)
{
	struct screen *s = ui_top(ui);

	if (s && (s->ops->menu == MENU_QUEUE || s->ops->menu == MENU_ACTIONS || s->ops->menu == MENU_ACCOUNTS))
		items_fill(self(s));
}

#define BOTH (IN(INDEX) | IN(PAGER))
HANDLERS(engine_handlers,
	{FN_show_actions, BOTH, run_open}, {FN_show_queue, BOTH | IN(ACCOUNTS), run_open},
	{FN_show_accounts, IN(GENERIC) | IN(PAGER), run_open},
	{FN_undo_entry, IN(ACTIONS), run_action}, {FN_redo_entry, IN(ACTIONS), run_action},
	{FN_retry_entry, IN(QUEUE), run_queue}, {FN_delete_entry, IN(QUEUE), run_queue},
	{FN_pause_queue, BOTH | IN(QUEUE) | IN(ACCOUNTS), run_pause},
	{FN_resume_queue, BOTH | IN(QUEUE) | IN(ACCOUNTS), run_pause},
	{FN_connect_account, IN(ACCOUNTS), run_account}, {FN_disconnect_account, IN(ACCOUNTS), run_account},
	{FN_sync_account, IN(ACCOUNTS), run_account}, {FN_toggle_transcript, IN(ACCOUNTS), run_account},
	{FN_select_entry, IN(QUEUE) | IN(ACTIONS) | IN(ACCOUNTS), items_run_detail},
	{FN_copy_entry, IN(QUEUE) | IN(ACTIONS) | IN(ACCOUNTS), items_run_copy},
	{FN_exit, IN(QUEUE) | IN(ACTIONS) | IN(ACCOUNTS), items_run_exit});
