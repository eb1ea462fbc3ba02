/*
 * Functions that work everywhere: commands, help, shell, log, tags, redraw; the mouse; and the first
 * screen, as the command line asks.
 */
#include <stdlib.h>

#include "conf/rc.h"
#include "core/draft.h"
#include "core/mailboxes.h"
#include "ui/index_priv.h"

/* ---- commands and shell ---- */

static enum flow_state command_given(struct flow *f)
{
	char *line = xstrdup(f->text);
	command_run(f->ui, line);
	free(line);
	return FLOW_DONE;
}

static enum flow_state command_ask(struct flow *f)
{
	return flow_ask_line(f, ":", NULL, PROMPT_COMMAND, command_given);
}

static enum run_result run_command(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	(void)fn;
	return flow_run(flow_new(ui, "command", NULL, NULL), command_ask);
}

static void shell_done(void *data, int status, const struct err *e)
{
	(void)status;
	flow_wake(data, e);
}

static enum flow_state shell_end(struct flow *f)
{
	session_check(f->ui->session, index_view_of(f->ui));
	return FLOW_DONE;
}

static enum flow_state shell_given(struct flow *f)
{
	const char *shell = f->ui->conf->shell;
	flow_wait(f, 0, shell_end);
	child_run_shell(f->ui, *f->text ? f->text : *shell ? shell : "${SHELL:-sh}", shell_done, f);
	return FLOW_WAITING;
}

static enum flow_state shell_ask(struct flow *f)
{
	return flow_ask_line(f, _("Shell command: "), NULL, PROMPT_SHELL, shell_given);
}

static enum run_result run_shell(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	(void)fn;
	return flow_run(flow_new(ui, "shell", NULL, NULL), shell_ask);
}

/* ---- screens that are everywhere ---- */

static enum run_result run_screen(struct ui *ui, struct screen *s, enum func_id fn)
{
	switch (fn) {
	case FN_help:
		if (help_is(s))
			return ui_fail(ui, _("Help is shown; / searches in it."));
		ui_push(ui, help_open(ui, s->ops->menu));
		return RUN_DONE;
	case FN_error_history:
	case FN_show_log_messages:
		if (s->ops->menu == MENU_LOG)
			return RUN_DONE;
		ui_push(ui, log_open_view(ui));
		return RUN_DONE;
	case FN_show_outbox:
		ui_push(ui, outbox_open_view(ui));
		return RUN_DONE;
	default:
		return RUN_FAILED;
	}
}

/* exit and select in lists without handlers of their own (help). */
static enum run_result run_exit(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	(void)fn;
	if (ui->depth > 1)
		ui_pop(ui);
	return RUN_DONE;
}

static enum run_result run_select(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)fn;
	if (help_is(s))
		return help_select(ui, s);
	return ui_fail(ui, _("There is nothing to choose here."));
}

static enum run_result run_refresh(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	(void)fn;
	term_redraw(ui->term);
	ui_clear_message(ui);
	return RUN_DONE;
}

static enum run_result run_tag_prefix(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct view *view = index_view_of(ui);
	bool any = s->ops->menu != MENU_INDEX || (view && view_counts(view)->tagged > 0);
	if (!any && fn == FN_tag_prefix_cond) {
		/* The macro goes on behind <end-cond>, or ends. */
		while (ui->queue.at < ui->queue.n) {
			if (ui->queue.v[ui->queue.at++] == K_FUNCTION + (uint32_t)FN_end_cond)
				return RUN_DONE;
		}
		ui_say(ui, _("Nothing to do."));
		return RUN_DONE;
	}
	if (ui->tag_prefix) {
		ui->tag_prefix = false;
		return RUN_DONE;
	}
	if (!any)
		return ui_fail(ui, _("No tagged messages."));
	ui->tag_prefix = true;
	return RUN_DONE;
}

static enum run_result run_small(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	switch (fn) {
	case FN_what_key:
		ui->what_key = true;
		ui_say(ui, _("Enter keys (^G to abort): "));
		return RUN_DONE;
	case FN_show_version:
		ui_say(ui, "feist %s", PACKAGE_VERSION);
		return RUN_DONE;
	case FN_toggle_preview:
		ui->preview_override = ui->layout.pager.rows > 0 && s->ops->menu == MENU_INDEX ? 0 :
			ui->preview_override == 0 ? 1 : 2;
		ui_check_layout(ui);
		if (ui->preview_override == 2 && ui->layout.pager.rows == 0) {
			ui->preview_override = 1;
			ui_check_layout(ui);
		}
		return RUN_DONE;
	case FN_toggle_offline: {
		ui->offline = !ui->offline;
		session_set_offline(ui->session, ui->offline);
		ui_say(ui, ui->offline ? _("Offline: what you do waits and is carried out later.") : _("Going online ..."));
		return RUN_DONE;
	}
	case FN_toggle_mouse: {
		struct err e;
		if (!rc_run(ui->rc, ":", SV("toggle mouse"), &e))
			return ui_fail_err(ui, &e);
		term_mouse(ui->term, ui->conf->mouse);
		ui_say(ui, ui->conf->mouse ? _("The mouse is on; Shift selects text.") : _("The mouse is off."));
		return RUN_DONE;
	}
	case FN_reload_config: {
		struct err e;
		bool own;
		char *file = conf_find_file(&own);
		bool ok = file && rc_read(ui->rc, file, &e);
		if (!file)
			return ui_fail(ui, _("There is no configuration file."));
		free(file);
		ui_conf_changed(ui);
		if (!ok)
			return ui_fail_err(ui, &e);
		if (rc_problem_count(ui->rc) > 0) {
			const struct rc_problem *p = rc_problem_at(ui->rc, 0);
			return ui_fail(ui, "%s:%d: %s", p->file, p->line, p->text);
		}
		ui_say(ui, _("The configuration has been read again."));
		return RUN_DONE;
	}
	default:
		return RUN_FAILED;
	}
}

#define ALL (IN(GENERIC) | IN(PAGER))
#define BOTH (IN(INDEX) | IN(PAGER))
HANDLERS(general_handlers,
	{FN_enter_command, ALL, run_command}, {FN_shell_escape, ALL, run_shell}, {FN_help, ALL, run_screen},
	{FN_error_history, ALL, run_screen}, {FN_show_log_messages, ALL, run_screen},
	{FN_show_outbox, BOTH, run_screen}, {FN_exit, IN(GENERIC), run_exit}, {FN_select_entry, IN(GENERIC), run_select},
	{FN_refresh, IN(GENERIC), run_refresh}, {FN_redraw_screen, IN(PAGER), run_refresh},
	{FN_tag_prefix, IN(GENERIC), run_tag_prefix}, {FN_tag_prefix_cond, IN(GENERIC), run_tag_prefix},
	{FN_what_key, ALL, run_small}, {FN_show_version, BOTH, run_small}, {FN_toggle_preview, BOTH, run_small},
	{FN_toggle_offline, ALL, run_small}, {FN_toggle_mouse, ALL, run_small}, {FN_reload_config, ALL, run_small});

/* ---- mouse ---- */

static bool inside(struct rect r, int row, int col)
{
	return row >= r.row && row < r.row + r.rows && col >= r.col && col < r.col + r.cols;
}

void ui_mouse(struct ui *ui, const struct input_event *ev)
{
	struct screen *s = ui_top(ui);
	if (ui->prompt || !ev->pressed)
		return;
	bool wheel = ev->button == 64 || ev->button == 65;
	if (wheel) {
		enum func_id fn = s->ops->menu == MENU_PAGER ?
			(ev->button == 64 ? FN_previous_line : FN_next_line) :
			(ev->button == 64 ? FN_previous_line : FN_next_line);
		for (int i = 0; i < 3; i++)
			dispatch(ui, fn);
		ui_clear_message(ui);
		return;
	}
	if (ev->button != 0)
		return;
	if (inside(ui->layout.sidebar, ev->y, ev->x)) {
		sidebar_click(ui, ev->y - ui->layout.sidebar.row);
		return;
	}
	struct list *l = s->ops->list ? s->ops->list(s) : NULL;
	if (!l || !inside(ui->layout.list, ev->y, ev->x))
		return;
	int n = l->top + ev->y - ui->layout.list.row;
	if (n >= l->count)
		return;
	bool again = n == l->cursor;
	list_set_cursor(l, n);
	if (s->ops->moved)
		s->ops->moved(s);
	ui_dirty(ui);
	if (again)
		dispatch(ui, s->ops->menu == MENU_INDEX ? FN_display_message : FN_select_entry);
}

/* ---- the first screen ---- */

static bool open_mailbox(struct ui *ui, struct err *e)
{
	const struct ui_opts *o = ui->opts;
	const char *name = o->mailbox;
	const struct mailbox_info *next = NULL;
	if (o->first_new) {
		next = mailboxes_next_new(ui->session, NULL);
		if (!next)
			return err_set(e, ERR_GONE, "%s", _("No mailbox with new mail."));
		name = next->full;
	}
	if (!name)
		name = *ui->conf->spoolfile ? ui->conf->spoolfile : getenv("MAIL");
	if (!name || !*name)
		name = *ui->conf->mbox ? ui->conf->mbox : "=";
	char *full = xstrdup(name);
	struct view *view = session_open(ui->session, full, o->readonly || ui->conf->read_only, e);
	free(full);
	if (!view && o->mailbox)
		return false;
	ui_push(ui, index_open(ui, view));
	ui_conf_changed(ui); /* folder-hooks */
	if (!view) /* a missing spool is no reason not to start */
		ui_err(ui, e);
	if (o->if_mail && view && !view_loading(view) && view_counts(view)->total == 0)
		return err_set(e, ERR_GONE, "%s", _("Mailbox is empty."));
	return true;
}

bool start_open_first(struct ui *ui, struct err *e)
{
	const struct ui_opts *o = ui->opts;
	if (!open_mailbox(ui, e))
		return false;
	if (o->compose) {
		/* Nobody stays to take it back. */
		if (!conf_set(ui->conf, OPT_send_delay, SV("0"), (struct conf_origin){.file = "command line"}, e) ||
			!write_from_command_line(ui, o->compose, e))
			return false;
		ui->compose_started = true;
	} else if (o->recall) {
		recall_start(ui);
	} else if (o->browse) {
		browser_open(ui, BROWSE_MAILBOXES, NULL, NULL);
	}
	uint32_t lost = draft_lost_count(ui->session);
	if (lost > 0)
		ui_say(ui, ngettext("%u draft of an earlier session is kept: R recalls it.",
			"%u drafts of an earlier session are kept: R recalls them.", lost), lost);
	return true;
}
