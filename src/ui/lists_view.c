/*
 * Small lists: the log, the links of a message, the outbox, postponed drafts, accounts. Each is a
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

enum kind { KIND_LOG, KIND_LINKS, KIND_OUTBOX, KIND_POSTPONED, KIND_ACCOUNTS };

struct item {
	int64_t id;
	char *text;   /* the line */
	char *detail; /* all of it: URL, error, cure */
	int level;
	bool tagged, deleted;
};

struct items {
	struct screen base;
	struct list list;
	enum kind kind;
	struct item *v;
	size_t n, cap;
};

static struct items *self(struct screen *s)
{
	return (struct items *)s;
}

static void clear(struct items *x)
{
	for (size_t i = 0; i < x->n; i++) {
		free(x->v[i].text);
		free(x->v[i].detail);
	}
	x->n = 0;
}

static struct item *add(struct items *x, int64_t id, char *take_text, char *take_detail)
{
	array_grow(x->v, x->n, x->cap);
	x->v[x->n] = (struct item){.id = id, .text = take_text, .detail = take_detail};
	return &x->v[x->n++];
}

static char *time_text(int64_t when, const char *format)
{
	struct str s;
	str_init(&s, 256);
	date_format(&s, sv_of(format), when, 0, true);
	char *text = str_detach(&s);
	str_fini(&s);
	return text;
}

/* ---- filling ---- */

static void fill_log(struct items *x)
{
	struct msglog *log = session_log(x->base.ui->session);
	for (size_t i = msglog_len(log); i-- > 0;) {
		const struct msglog_line *l = msglog_at(log, i);
		char *when = time_text(l->when, "%H:%M:%S");
		char letter = l->level == LOG_ERROR ? 'E' : l->level == LOG_WARN ? 'W' : l->level == LOG_INFO ? 'I' : 'D';
		char *again = l->repeated > 0 ? xasprintf(" (x%u)", l->repeated + 1) : xstrdup("");
		struct item *it = add(x, (int64_t)i, xasprintf(" %s %c %-6s %s%s", when, letter, l->room, l->text, again),
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
		char *when = time_text(o->created, "%d %b %H:%M");
		str_clear(&size);
		format_size(&size, x->base.ui->conf, o->size);
		struct item *it = add(x, o->id, xasprintf("%3zu  %-10s %s  %-26.26s %s (%s)%s%s", i + 1, _(outbox_state_word(o->state)),
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
		char *when = time_text(list[i].date, "%d %b %H:%M");
		add(x, list[i].id, xasprintf("%4zu  %s  %-26.26s  %s", i + 1, when, list[i].to, list[i].subject), xstrdup(list[i].subject));
		free(when);
	}
	draft_info_free(list, n);
}

static void fill_accounts(struct items *x)
{
	struct session *s = x->base.ui->session;
	struct account_state a;
	for (size_t i = 0; i < session_account_count(s); i++) {
		if (!session_account(s, i, &a))
			continue;
		struct item *it = add(x, (int64_t)i, xasprintf(" %-36s %-11s %s", a.account, a.is_remote ? a.state : _("local"),
			a.text ? a.text : ""), xstrdup(a.account));
		it->level = a.retry_s > 0 ? LOG_WARN : LOG_INFO;
	}
}

static void fill(struct items *x)
{
	clear(x);
	switch (x->kind) {
	case KIND_LOG:
		fill_log(x);
		break;
	case KIND_OUTBOX:
		fill_outbox(x);
		break;
	case KIND_POSTPONED:
		fill_postponed(x);
		break;
	case KIND_ACCOUNTS:
		fill_accounts(x);
		break;
	default:
		break;
	}
	list_set_count(&x->list, (int)x->n);
}

/* ---- drawing ---- */

static void line(struct screen *s, int n, int width, struct str *out)
{
	const struct item *it = &self(s)->v[n];
	(void)width;
	if (it->deleted || it->tagged)
		str_adds(out, it->deleted ? "D" : "*");
	str_adds(out, it->text + (it->deleted || it->tagged ? 1 : 0));
}

static struct style look(struct screen *s, int n)
{
	int level = self(s)->v[n].level;
	if (level == LOG_ERROR)
		return theme_style(s->ui->theme, COLOR_error);
	return level == LOG_WARN ? theme_style(s->ui->theme, COLOR_warning) : (struct style){0};
}

/* What is said about the current entry, under the list. */
static int detail_rows(struct items *x, int rows)
{
	if (x->n == 0 || x->kind == KIND_POSTPONED || x->kind == KIND_ACCOUNTS || rows < 12)
		return 0;
	return MIN(8, rows / 3);
}

static void draw_detail(struct items *x, struct area a)
{
	struct ui *ui = x->base.ui;
	struct style normal = theme_style(ui->theme, COLOR_normal);
	struct style rule = theme_style(ui->theme, COLOR_status);
	area_fill(a, 0, 0, a.cols, '-', rule);
	area_puts(a, 0, 0, _("-- details "), rule);
	struct sv rest = sv_of(x->v[x->list.cursor].detail), one;
	int row = 1;
	while (row < a.rows && sv_line(&rest, &one)) {
		do { /* long lines are broken: a URL must be readable as a whole */
			struct sv head = width_head(one, a.cols, NULL);
			area_put(a, row++, 0, head, normal);
			one = sv_from(one, MAX(head.len, (size_t)(one.len > 0 && head.len == 0)));
		} while (one.len > 0 && row < a.rows);
	}
}

static const char *nothing(enum kind k)
{
	switch (k) {
	case KIND_LOG:
		return _("Nothing has been logged.");
	case KIND_OUTBOX:
		return _("Nothing waits to be sent.");
	case KIND_POSTPONED:
		return _("No postponed messages.");
	default:
		return _("Nothing here.");
	}
}

static void draw(struct screen *s)
{
	struct items *x = self(s);
	struct area a = ui_area(s->ui, s->ui->layout.list);
	int below = detail_rows(x, a.rows);
	list_draw(s, &x->list, area_part(a, 0, 0, a.rows - below, a.cols), line, look);
	if (x->n == 0)
		area_puts(a, 1, 2, nothing(x->kind), theme_style(s->ui->theme, COLOR_message));
	else if (below > 0)
		draw_detail(x, area_part(a, a.rows - below, 0, below, a.cols));
}

static void status(struct screen *s, struct str *out, int width)
{
	static const char *const titles[] = {
		[KIND_LOG] = N_("Log"), [KIND_LINKS] = N_("Links"), [KIND_OUTBOX] = N_("Outbox"),
		[KIND_POSTPONED] = N_("Postponed messages"), [KIND_ACCOUNTS] = N_("Accounts"),
	};
	struct items *x = self(s);
	unsigned errors = 0, warnings = 0;
	char *title;
	for (size_t i = 0; i < x->n; i++) {
		errors += x->v[i].level == LOG_ERROR;
		warnings += x->v[i].level == LOG_WARN;
	}
	if (x->kind == KIND_LOG)
		title = xasprintf(_("Log: %u errors, %u warnings"), errors, warnings);
	else
		title = xasprintf("%s: %zu", _(titles[x->kind]), x->n);
	status_title(title, &x->list, out, width);
	free(title);
}

static struct list *list(struct screen *s)
{
	return &self(s)->list;
}

static void entry(struct screen *s, int n, struct str *out)
{
	str_addf(out, "%s %s", self(s)->v[n].text, self(s)->v[n].detail);
}

static void shown(struct screen *s)
{
	struct items *x = self(s);
	if (x->kind != KIND_LINKS)
		fill(x);
}

/* Drafts marked as deleted are thrown away when the list is left. */
static void discard_deleted(struct items *x)
{
	struct err e;
	for (size_t i = 0; i < x->n; i++) {
		if (!x->v[i].deleted || x->kind != KIND_POSTPONED)
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

static void items_free(struct screen *s)
{
	struct items *x = self(s);
	discard_deleted(x);
	clear(x);
	free(x->v);
	free(x);
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

#define ITEM_OPS(n, m, h)                                                                          \
	{                                                                                          \
		.name = n, .menu = m, .layout = LAYOUT_FULL, .draw = draw, .status = status, .list = list, .entry = entry, \
		.shown = shown, .free = items_free, .hints = h,                                    \
	}
static const struct screen_ops kinds[] = {
	[KIND_LOG] = ITEM_OPS("log", MENU_LOG, log_hints),
	[KIND_LINKS] = ITEM_OPS("links", MENU_LOG, log_hints),
	[KIND_OUTBOX] = ITEM_OPS("outbox", MENU_OUTBOX, outbox_hints),
	[KIND_POSTPONED] = ITEM_OPS("postponed", MENU_POSTPONE, postponed_hints),
	[KIND_ACCOUNTS] = ITEM_OPS("accounts", MENU_LOG, log_hints),
};

static struct items *open_kind(struct ui *ui, enum kind kind)
{
	struct items *x = xcalloc(1, sizeof(*x));
	x->base.ops = &kinds[kind];
	x->base.ui = ui;
	x->kind = kind;
	fill(x);
	return x;
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

struct screen *accounts_open(struct ui *ui)
{
	return &open_kind(ui, KIND_ACCOUNTS)->base;
}

struct screen *links_open(struct ui *ui, const struct doc *d)
{
	struct items *x = open_kind(ui, KIND_LINKS);
	for (uint32_t i = 0; i < d->link_count; i++) {
		const struct doc_link *l = &d->links[i];
		add(x, (int64_t)i, xasprintf("%4u  %-28.28s  %s", i + 1, *l->text ? l->text : "", l->url), xstrdup(l->url));
	}
	list_set_count(&x->list, (int)x->n);
	return &x->base;
}

/* ---- functions ---- */

static struct item *current(struct items *x)
{
	return x->n > 0 ? &x->v[x->list.cursor] : NULL;
}

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
	struct item *it = current(x);
	struct err e;
	(void)fn;
	if (!it)
		return ui_fail(ui, _("No entries."));
	switch (x->kind) {
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
	case KIND_ACCOUNTS:
		session_reconnect(ui->session, it->detail);
		ui_say(ui, _("Connecting to %s ..."), it->detail);
		return RUN_DONE;
	default:
		ui_push(ui, pager_open_text(ui, x->base.ops->name, sv_of(it->detail)));
		return RUN_DONE;
	}
}

static enum run_result run_copy(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct item *it = current(self(s));
	(void)fn;
	if (!it)
		return ui_fail(ui, _("No entries."));
	if (!term_copy(ui->term, sv_of(it->detail)))
		return ui_fail(ui, _("This terminal has no clipboard for us."));
	ui_say(ui, _("Copied."));
	return RUN_DONE;
}

static enum run_result run_retry(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct item *it = current(self(s));
	struct err e;
	(void)fn;
	if (!it)
		return ui_fail(ui, _("No entries."));
	if (!outbox_retry_item(ui->session, it->id, &e))
		return ui_fail_err(ui, &e);
	fill(self(s));
	ui_say(ui, _("It is sent again."));
	return RUN_DONE;
}

static enum run_result run_edit(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct item *it = current(self(s));
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
		fill(self(ui_top(f->ui)));
	return FLOW_DONE;
}

static enum flow_state drop_ask(struct flow *f)
{
	return flow_ask_yesno(f, _("Throw this message away? It has not been sent."), false, drop_answered);
}

static enum run_result run_delete(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct items *x = self(s);
	struct item *it = current(x);
	if (!it)
		return ui_fail(ui, _("No entries."));
	if (x->kind == KIND_OUTBOX) {
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
		fill(self(s));
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
	{FN_select_entry, IN(LOG), run_select}, {FN_copy_entry, IN(LOG), run_copy}, {FN_exit, IN(LOG), run_exit});
HANDLERS(outbox_handlers,
	{FN_select_entry, IN(OUTBOX), run_select}, {FN_retry_entry, IN(OUTBOX), run_retry},
	{FN_edit_entry, IN(OUTBOX), run_edit}, {FN_delete_entry, IN(OUTBOX), run_delete},
	{FN_undelete_entry, IN(OUTBOX), run_delete}, {FN_exit, IN(OUTBOX), run_exit});
HANDLERS(postpone_handlers,
	{FN_select_entry, IN(POSTPONE), run_select}, {FN_delete_entry, IN(POSTPONE), run_delete},
	{FN_undelete_entry, IN(POSTPONE), run_delete}, {FN_exit, IN(POSTPONE), run_exit});
