/*
 * Small lists: the log, the links of a message, the outbox, postponed drafts. Each is a
 * snapshot of texts with ids; opening it again or a change makes it anew.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/proc.h"
#include "conf/expando.h"
#include "core/draft.h"
#include "core/format.h"
#include "core/func.h"
#include "text/doc.h"
#include "text/width.h"
#include "ui/index_priv.h"
#include "ui/items.h"

enum kind { KIND_LOG, KIND_LINKS, KIND_OUTBOX, KIND_POSTPONED };

static struct items *self(struct screen *s)
{
	return (struct items *)s;
}

/* ---- filling ---- */

static void fill_log(struct items *x)
{
	struct msglog *log = session_log(x->base.ui->session);
	for (size_t i = msglog_len(log); i-- > 0;) {
		const struct msglog_line *l = msglog_at(log, i);
		char *when = items_time(l->when, "%H:%M:%S");
		char letter = l->level == LOG_ERROR ? 'E' : l->level == LOG_WARN ? 'W' : l->level == LOG_INFO ? 'I' : 'D';
		char *again = l->repeated > 0 ? xasprintf(" (x%u)", l->repeated + 1) : xstrdup("");
		struct item *it = items_add(x, (int64_t)i, xasprintf(" %s %c %-6s %s%s", when, letter, l->room, l->text, again),
			l->cure && *l->cure ? xasprintf(_("%s\n\nWhat to do: %s"), l->text, l->cure) : xstrdup(l->text));
		it->level = (int)l->level;
		free(again);
		free(when);
	}
}

static void fill_outbox(struct items *x)
{
	struct outbox_item *list = NULL;
	size_t n = outbox_list(x->base.ui->session, &list);
	struct str size;
	str_init(&size, 64);
	for (size_t i = 0; i < n; i++) {
		const struct outbox_item *o = &list[i];
		char *when = items_time(o->created, "%d %b %H:%M");
		str_clear(&size);
		format_size(&size, x->base.ui->conf, o->size);
		struct item *it = items_add(x, o->id, xasprintf("%3zu  %-10s %s  %-26.26s %s (%s)%s%s", i + 1, _(outbox_state_word(o->state)),
			when, o->recipients, o->subject, size.s, o->error && *o->error ? "  " : "", o->error ? o->error : ""),
			xasprintf(_("To:       %s\nSubject:  %s\nState:    %s\nAttempts: %u\n%s"), o->recipients, o->subject,
				_(outbox_state_word(o->state)), o->attempts, o->error ? o->error : ""));
		it->level = o->state == OUT_FAILED || o->state == OUT_UNKNOWN ? LOG_ERROR : LOG_INFO;
		free(when);
	}
	str_fini(&size);
	outbox_list_free(list, n);
}

static void fill_postponed(struct items *x)
{
	struct draft_info *list = NULL;
	size_t n = draft_postponed_list(x->base.ui->session, &list);
	for (size_t i = 0; i < n; i++) {
		char *when = items_time(list[i].date, "%d %b %H:%M");
		items_add(x, list[i].id, xasprintf("%4zu  %s  %-26.26s  %s", i + 1, when, list[i].to, list[i].subject), xstrdup(list[i].subject));
		free(when);
	}
	draft_info_free(list, n);
}

/* Drafts marked as deleted are thrown away when the list is left. */
static void discard_deleted(struct items *x)
{
	struct err e;
	for (size_t i = 0; i < x->n; i++) {
		if (!x->v[i].deleted || x->kind->id != KIND_POSTPONED)
			continue;
		struct draft *d = draft_recall(x->base.ui->session, x->v[i].id, &e);
		if (!d) {
			ui_err(x->base.ui, &e);
			continue;
		}
		draft_discard(d);
		draft_free(d);
	}
}

static void postponed_free(struct screen *s)
{
	discard_deleted(self(s));
	items_free(s);
}

static void log_title(struct items *x, struct str *out)
{
	unsigned errors = 0, warnings = 0;
	for (size_t i = 0; i < x->n; i++) {
		errors += x->v[i].level == LOG_ERROR;
		warnings += x->v[i].level == LOG_WARN;
	}
	str_addf(out, _("Log: %u errors, %u warnings"), errors, warnings);
}

static const struct hint log_hints[] = {
	{FN_exit, N_("Exit")}, {FN_select_entry, N_("Details")}, {FN_copy_entry, N_("Copy")}, {FN_search, N_("Find")},
	{FN_help, N_("Help")}, {FN_NONE, NULL},
};
static const struct hint outbox_hints[] = {
	{FN_exit, N_("Exit")}, {FN_select_entry, N_("Details")}, {FN_retry_entry, N_("Retry")}, {FN_edit_entry, N_("Edit")},
	{FN_delete_entry, N_("Drop")}, {FN_help, N_("Help")}, {FN_NONE, NULL},
};
static const struct hint postponed_hints[] = {
	{FN_exit, N_("Exit")}, {FN_select_entry, N_("Open")}, {FN_delete_entry, N_("Del")}, {FN_undelete_entry, N_("Undel")},
	{FN_search, N_("Find")}, {FN_help, N_("Help")}, {FN_NONE, NULL},
};

static const struct screen_ops screens[] = {
	[KIND_LOG] = ITEM_OPS("log", MENU_LOG, log_hints, items_free),
	[KIND_LINKS] = ITEM_OPS("links", MENU_LOG, log_hints, items_free),
	[KIND_OUTBOX] = ITEM_OPS("outbox", MENU_OUTBOX, outbox_hints, items_free),
	[KIND_POSTPONED] = ITEM_OPS("postponed", MENU_POSTPONE, postponed_hints, postponed_free),
};
static const struct items_kind kinds[] = {
	[KIND_LOG] = {KIND_LOG, N_("Log"), N_("Nothing has been logged."), fill_log, log_title, true},
	[KIND_LINKS] = {KIND_LINKS, N_("Links"), N_("Nothing here."), NULL, NULL, true},
	[KIND_OUTBOX] = {KIND_OUTBOX, N_("Outbox"), N_("Nothing waits to be sent."), fill_outbox, NULL, true},
	[KIND_POSTPONED] = {KIND_POSTPONED, N_("Postponed messages"), N_("No postponed messages."), fill_postponed, NULL, false},
};

static struct items *open_kind(struct ui *ui, enum kind kind)
{
	return items_open(ui, &screens[kind], &kinds[kind]);
}

struct screen *log_open_view(struct ui *ui)
{
	ui->errors_unseen = 0;
	return &open_kind(ui, KIND_LOG)->base;
}

struct screen *outbox_open_view(struct ui *ui)
{
	return &open_kind(ui, KIND_OUTBOX)->base;
}

struct screen *postponed_open(struct ui *ui)
{
	return &open_kind(ui, KIND_POSTPONED)->base;
}

struct screen *links_open(struct ui *ui, const struct doc *d)
{
	struct items *x = open_kind(ui, KIND_LINKS);
	for (uint32_t i = 0; i < d->link_count; i++) {
		const struct doc_link *l = &d->links[i];
		items_add(x, (int64_t)i, xasprintf("%4u  %-28.28s  %s", i + 1, *l->text ? l->text : "", l->url), xstrdup(l->url));
	}
	list_set_count(&x->list, (int)x->n);
	return &x->base;
}

/* ---- functions ---- */

static void opened(void *data, pid_t pid, int status)
{
	struct ui *ui = data;
	(void)pid;
	if (status != 0)
		ui_error(ui, _("The browser ended with status %d."), status);
	else
		ui_dirty(ui);
}

/* $url_command, else BROWSER, else xdg-open where there is a display; else the clipboard. */
enum run_result links_open_url(struct ui *ui, const char *url)
{
	const char *command = ui->conf->url_command;
	const char *browser = getenv("BROWSER");
	struct proc_opts o = PROC_OPTS_INIT;
	struct str line_text;
	struct err e;
	pid_t pid;
	if (!*command && browser && *browser)
		command = browser;
	if (!*command && (getenv("DISPLAY") || getenv("WAYLAND_DISPLAY")))
		command = "xdg-open";
	if (!*command) {
		if (term_copy(ui->term, sv_of(url))) {
			ui_say(ui, _("Copied: %s"), url);
			return RUN_DONE;
		}
		return ui_fail(ui, _("No program for links: set url_command"));
	}
	str_init(&line_text, CONF_TEXT_MAX);
	ptrdiff_t at = sv_find(sv_of(command), SV("%s"));
	str_add(&line_text, at < 0 ? sv_of(command) : sv_head(sv_of(command), (size_t)at));
	if (at < 0)
		str_addc(&line_text, ' ');
	proc_quote(&line_text, sv_of(url));
	if (at >= 0)
		str_adds(&line_text, command + at + 2);
	bool terminal = command != browser && strcmp(command, "xdg-open") != 0;
	enum run_result r = RUN_DONE;
	if (terminal || (browser && !getenv("DISPLAY") && !getenv("WAYLAND_DISPLAY"))) {
		child_run_input(ui, line_text.s, -1, false, NULL, NULL);
	} else {
		o.in = o.out = o.err = PROC_NULL;
		o.new_group = true;
		if (proc_shell(line_text.s, &o, &pid, &e))
			loop_child(ui->loop, "browser", pid, opened, ui);
		else
			r = ui_fail_err(ui, &e);
	}
	str_fini(&line_text);
	return r;
}

static enum run_result run_select(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct items *x = self(s);
	struct item *it = items_current(x);
	struct err e;
	(void)fn;
	if (!it)
		return ui_fail(ui, _("No entries."));
	switch (x->kind->id) {
	case KIND_LINKS:
		return links_open_url(ui, it->detail);
	case KIND_POSTPONED: {
		struct draft *d = draft_recall(ui->session, it->id, &e);
		if (!d)
			return ui_fail_err(ui, &e);
		ui_pop(ui);
		write_recalled(ui, d);
		return RUN_DONE;
	}
	default:
		ui_push(ui, pager_open_text(ui, x->base.ops->name, sv_of(it->detail)));
		return RUN_DONE;
	}
}

static enum run_result run_retry(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct item *it = items_current(self(s));
	struct err e;
	(void)fn;
	if (!it)
		return ui_fail(ui, _("No entries."));
	if (!outbox_retry_item(ui->session, it->id, &e))
		return ui_fail_err(ui, &e);
	items_fill(self(s));
	ui_say(ui, _("It is sent again."));
	return RUN_DONE;
}

static enum run_result run_edit(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct item *it = items_current(self(s));
	struct err e;
	(void)fn;
	if (!it)
		return ui_fail(ui, _("No entries."));
	struct draft *d = outbox_recall_item(ui->session, it->id, &e);
	if (!d)
		return ui_fail_err(ui, &e);
	ui_pop(ui);
	write_open(ui, d);
	return RUN_DONE;
}

struct drop {
	int64_t id;
};

static enum flow_state drop_answered(struct flow *f)
{
	struct drop *d = f->data;
	struct err e;
	if (!f->choice)
		return FLOW_DONE;
	if (!outbox_drop_item(f->ui->session, d->id, &e))
		return flow_fail(f, &e);
	if (ui_top(f->ui)->ops->menu == MENU_OUTBOX)
		items_fill(self(ui_top(f->ui)));
	return FLOW_DONE;
}

static enum flow_state drop_ask(struct flow *f)
{
	return flow_ask_yesno(f, _("Throw this message away? It has not been sent."), false, drop_answered);
}

static enum run_result run_delete(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct items *x = self(s);
	struct item *it = items_current(x);
	if (!it)
		return ui_fail(ui, _("No entries."));
	if (x->kind->id == KIND_OUTBOX) {
		struct drop *d = xcalloc(1, sizeof(*d));
		d->id = it->id;
		if (fn == FN_undelete_entry) {
			free(d);
			return RUN_DONE;
		}
		return flow_run(flow_new(ui, "drop", d, free), drop_ask);
	}
	it->deleted = fn == FN_delete_entry;
	if (ui->conf->resolve && x->list.cursor < x->list.count - 1)
		list_set_cursor(&x->list, x->list.cursor + 1);
	return RUN_DONE;
}

static enum run_result run_exit(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	(void)fn;
	ui_pop(ui);
	return RUN_DONE;
}

/* ---- the outbox in the status line, and taking mail back ---- */

void outbox_changed(struct ui *ui)
{
	struct screen *s = ui_top(ui);
	if (s && s->ops->menu == MENU_OUTBOX)
		items_fill(self(s));
}

void outbox_summary(struct ui *ui, struct str *out)
{
	struct outbox_item *list = NULL;
	size_t n = outbox_list(ui->session, &list);
	unsigned waiting = 0, sending = 0, failed = 0;
	for (size_t i = 0; i < n; i++) {
		enum outbox_state_shown s = list[i].state;
		waiting += s == OUT_HELD || s == OUT_QUEUED;
		sending += s == OUT_SENDING || s == OUT_COMMITTING;
		failed += s == OUT_FAILED || s == OUT_UNKNOWN;
	}
	outbox_list_free(list, n);
	if (failed > 0)
		str_addf(out, ngettext("outbox: %u failed--", "outbox: %u failed--", failed), failed);
	else if (sending > 0)
		str_adds(out, _("outbox: sending--"));
	else if (waiting > 0)
		str_addf(out, _("outbox: %u--"), waiting);
}

bool outbox_can_take_back(struct ui *ui)
{
	return ui->undo_until_ms > clock_ms();
}

bool outbox_take_back(struct ui *ui)
{
	struct err e;
	if (!outbox_can_take_back(ui))
		return false;
	struct draft *d = outbox_recall_item(ui->session, ui->undo_outbox, &e);
	ui->undo_until_ms = 0;
	if (!d) {
		ui_err(ui, &e);
		return true;
	}
	write_open(ui, d);
	ui_say(ui, _("The message is back: y sends it, P keeps it."));
	return true;
}

HANDLERS(log_handlers,
	{FN_select_entry, IN(LOG), run_select}, {FN_copy_entry, IN(LOG), items_run_copy}, {FN_exit, IN(LOG), run_exit});
HANDLERS(outbox_handlers,
	{FN_select_entry, IN(OUTBOX), run_select}, {FN_retry_entry, IN(OUTBOX), run_retry},
	{FN_edit_entry, IN(OUTBOX), run_edit}, {FN_delete_entry, IN(OUTBOX), run_delete},
	{FN_undelete_entry, IN(OUTBOX), run_delete}, {FN_exit, IN(OUTBOX), run_exit});
HANDLERS(postpone_handlers,
	{FN_select_entry, IN(POSTPONE), run_select}, {FN_delete_entry, IN(POSTPONE), run_delete},
	{FN_undelete_entry, IN(POSTPONE), run_delete}, {FN_exit, IN(POSTPONE), run_exit});
