/*
 * Small lists: the log, the links of a message, postponed drafts. Each is a
 * snapshot of texts with ids; opening it again or a change makes it anew.
 */
#include <stdlib.h>

#include "base/proc.h"
#include "conf/expando.h"
#include "core/draft.h"
#include "text/doc.h"
#include "text/url.h"
#include "text/width.h"
#include "ui/index_priv.h"
#include "ui/items.h"

#define LINK_TEXT_COLUMNS 28

enum kind { KIND_LOG, KIND_LINKS, KIND_POSTPONED };

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
static const struct hint link_hints[] = {
	{FN_exit, N_("Exit")}, {FN_select_entry, N_("Open")}, {FN_copy_entry, N_("Copy")}, {FN_search, N_("Find")},
	{FN_help, N_("Help")}, {FN_NONE, NULL},
};
static const struct hint postponed_hints[] = {
	{FN_exit, N_("Exit")}, {FN_select_entry, N_("Open")}, {FN_delete_entry, N_("Del")}, {FN_undelete_entry, N_("Undel")},
	{FN_search, N_("Find")}, {FN_help, N_("Help")}, {FN_NONE, NULL},
};

static const struct screen_ops screens[] = {
	[KIND_LOG] = ITEM_OPS("log", MENU_LOG, log_hints, items_free),
	[KIND_LINKS] = ITEM_OPS("links", MENU_LOG, link_hints, items_free),
	[KIND_POSTPONED] = ITEM_OPS("postponed", MENU_POSTPONE, postponed_hints, postponed_free),
};
static const struct items_kind kinds[] = {
	[KIND_LOG] = {KIND_LOG, N_("Log"), N_("Nothing has been logged."), fill_log, log_title, true},
	[KIND_LINKS] = {KIND_LINKS, N_("Links"), N_("Nothing here."), NULL, NULL, true},
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

struct screen *postponed_open(struct ui *ui)
{
	return &open_kind(ui, KIND_POSTPONED)->base;
}

/* "  12  Read more                     (mc_eid) https://...": which parameters say who follows it. */
static char *link_line(unsigned number, const struct doc_link *l, int columns)
{
	struct str out, trackers;
	str_init(&out, DOC_URL_MAX + 1024);
	str_init(&trackers, 1024);
	str_addf(&out, "%4u  ", number);
	width_add(&out, sv_of(l->text), columns, WIDTH_LEFT, "");
	str_adds(&out, columns > 0 ? "  " : "");
	if (url_claimed_host(sv_of(l->text), sv_of(l->url)).len > 0)
		str_adds(&out, "(!) ");
	if (url_trackers(&trackers, sv_of(l->url)))
		str_addf(&out, "(%s) ", trackers.s);
	str_adds(&out, l->url);
	str_fini(&trackers);
	return str_detach(&out);
}

/* The URL whole, and what there is to know before it is opened. */
static char *link_detail(const struct doc_link *l)
{
	struct str out, trackers;
	struct sv claim = url_claimed_host(sv_of(l->text), sv_of(l->url));
	str_init(&out, 3 * DOC_URL_MAX);
	str_init(&trackers, 1024);
	str_adds(&out, l->url);
	if (claim.len > 0) {
		char *host = sv_dup(claim);
		str_addf(&out, "\n(!) ");
		str_addf(&out, _("Its text says %s, but it leads elsewhere."), host);
		free(host);
	}
	if (url_trackers(&trackers, sv_of(l->url))) {
		str_adds(&out, "\n");
		str_addf(&out, _("Tells who follows it: %s. Without that:"), trackers.s);
		str_adds(&out, "\n");
		url_untracked(&out, sv_of(l->url));
	}
	str_fini(&trackers);
	return str_detach(&out);
}

struct screen *links_open(struct ui *ui, const struct doc *d)
{
	struct items *x = open_kind(ui, KIND_LINKS);
	int columns = 0;
	for (uint32_t i = 0; i < d->link_count; i++)
		columns = MAX(columns, MIN(width_of(sv_of(d->links[i].text)), LINK_TEXT_COLUMNS));
	for (uint32_t i = 0; i < d->link_count; i++) {
		const struct doc_link *l = &d->links[i];
		struct item *it = items_add(x, (int64_t)i, link_line(i + 1, l, columns), link_detail(l));
		it->name = xstrdup(l->url);
		if (url_claimed_host(sv_of(l->text), sv_of(l->url)).len > 0)
			it->level = LOG_WARN;
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

static enum run_result copy_url(struct ui *ui, const char *url)
{
	if (!term_copy(ui->term, sv_of(url)))
		return ui_fail(ui, _("This terminal has no clipboard for us."));
	ui_say(ui, _("Copied: %s"), url);
	return RUN_DONE;
}

static enum run_result run_copy(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct item *it = items_current(self(s));
	if (!it || self(s)->kind->id != KIND_LINKS)
		return items_run_copy(ui, s, fn);
	return copy_url(ui, it->name);
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
		return links_open_url(ui, it->name);
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

static enum run_result run_delete(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct items *x = self(s);
	struct item *it = items_current(x);
	if (!it)
		return ui_fail(ui, _("No entries."));
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

HANDLERS(log_handlers,
	{FN_select_entry, IN(LOG), run_select}, {FN_copy_entry, IN(LOG), run_copy}, {FN_exit, IN(LOG), run_exit});
HANDLERS(postpone_handlers,
	{FN_select_entry, IN(POSTPONE), run_select}, {FN_delete_entry, IN(POSTPONE), run_delete},
	{FN_undelete_entry, IN(POSTPONE), run_delete}, {FN_exit, IN(POSTPONE), run_exit});
