/*
 * Opening and leaving mailboxes: change-folder and its relatives, sync, quit and exit. Leaving carries
 * out the delete marks, as $delete says; nothing else waits, since every change is in the store.
 */
#include <stdlib.h>

#include "base/proc.h"
#include "core/draft.h"
#include "core/func.h"
#include "core/mailboxes.h"
#include "ui/index_priv.h"

/* ---- leaving ---- */

enum leave_for { LEAVE_SYNC, LEAVE_CHANGE, LEAVE_QUIT };

struct leave {
	enum leave_for why;
	char *mailbox; /* LEAVE_CHANGE */
	bool readonly;
};

static void leave_free(void *data)
{
	struct leave *l = data;
	free(l->mailbox);
	free(l);
}

static void back_to_index(struct ui *ui)
{
	struct screen *index = index_screen(ui);
	while (ui_top(ui) != index)
		ui_pop(ui);
}

static enum flow_state open_it(struct flow *f)
{
	struct leave *l = f->data;
	struct ui *ui = f->ui;
	struct err e;
	struct index *x = index_of(ui);
	struct view *view = session_open(ui->session, l->mailbox, l->readonly, &e);
	if (!view)
		return flow_fail(f, &e);
	back_to_index(ui);
	index_replace_view(x, view);
	ui_conf_changed(ui); /* folder-hooks may have changed anything, colours and keys too */
	if (!view_loading(view))
		command_take_pushed(ui);
	return FLOW_DONE;
}

static enum flow_state finish_leaving(struct flow *f)
{
	struct leave *l = f->data;
	switch (l->why) {
	case LEAVE_CHANGE:
		return flow_next(f, open_it);
	case LEAVE_QUIT:
		ui_quit(f->ui, 0);
		return FLOW_DONE;
	default:
		return FLOW_DONE;
	}
}

/* "3 messages moved to =Trash, 1 deleted for good." */
static void say_synced(struct ui *ui, const struct func_synced *done)
{
	struct str text;
	if (done->trashed + done->purged + done->moved == 0)
		return;
	str_init(&text, 1000);
	if (done->trashed > 0) {
		char *trash = conf_short_path(ui->conf, ui->conf->trash);
		str_addf(&text, ngettext("%u message moved to %s", "%u messages moved to %s", done->trashed), done->trashed, trash);
		free(trash);
	}
	if (done->moved > 0)
		str_addf(&text, ngettext("%s%u message saved", "%s%u messages saved", done->moved), text.len ? ", " : "",
			done->moved);
	if (done->purged > 0)
		str_addf(&text, ngettext("%s%u message deleted for good", "%s%u messages deleted for good", done->purged),
			text.len ? ", " : "", done->purged);
	ui_say(ui, _("%s."), text.s);
	str_fini(&text);
}

static enum flow_state purge_answered(struct flow *f)
{
	struct leave *l = f->data;
	struct ui *ui = f->ui;
	struct view *view = index_view_of(ui);
	struct err e;
	struct func_synced done;
	if (f->choice) {
		if (!func_sync(ui->session, view, &done, &e))
			return flow_fail(f, &e);
		if (l->why == LEAVE_SYNC)
			say_synced(ui, &done);
	} else if (l->why != LEAVE_SYNC) {
		unmark_all(ui, view); /* the answer was no: they stay */
	}
	return flow_next(f, finish_leaving);
}

static enum flow_state ask_purge(struct flow *f)
{
	struct leave *l = f->data;
	struct ui *ui = f->ui;
	struct view *view = index_view_of(ui);
	uint32_t marked = view ? func_marked(ui->session, view) : 0;
	if (marked == 0) {
		if (l->why == LEAVE_SYNC) {
			session_check(ui->session, view);
			ui_say(ui, _("Mailbox is unchanged."));
		}
		return flow_next(f, finish_leaving);
	}
	char *question = xasprintf(ngettext("Purge %u deleted message?", "Purge %u deleted messages?", marked), marked);
	enum flow_state s = flow_ask_quad(f, ui->conf->delete, question, purge_answered);
	free(question);
	return s;
}

/* $move: what was read goes to $mbox, or where an mbox-hook says. */
static enum flow_state move_answered(struct flow *f)
{
	struct ui *ui = f->ui;
	struct view *view = index_view_of(ui);
	struct err e;
	uint32_t *rows = NULL;
	char *target = f->choice && view ? func_move_target(ui->session, view) : NULL;
	uint32_t n = target ? func_read_rows(ui->session, view, &rows) : 0;
	struct func_rows read = {view, rows, n};
	bool ok = n == 0 || func_save(ui->session, read, target, true, true, &e);
	free(rows);
	free(target);
	return ok ? flow_next(f, ask_purge) : flow_fail(f, &e);
}

static enum flow_state ask_move(struct flow *f)
{
	struct ui *ui = f->ui;
	struct view *view = index_view_of(ui);
	uint32_t *rows = NULL;
	if (!view || view_readonly(view) || ui->conf->move == QUAD_NO)
		return flow_next(f, ask_purge);
	char *target = func_move_target(ui->session, view);
	uint32_t n = target ? func_read_rows(ui->session, view, &rows) : 0;
	free(rows);
	enum flow_state state;
	if (n == 0) {
		state = flow_next(f, ask_purge);
	} else {
		char *shown = conf_pretty_path(ui->conf, target);
		char *question = xasprintf(
			ngettext("Move %u read message to %s?", "Move %u read messages to %s?", n), n, shown);
		state = flow_ask_quad(f, ui->conf->move, question, move_answered);
		free(question);
		free(shown);
	}
	free(target);
	return state;
}

static enum run_result leave(struct ui *ui, enum leave_for why, const char *mailbox, bool readonly)
{
	struct leave *l = xcalloc(1, sizeof(*l));
	*l = (struct leave){why, xstrdup(mailbox), readonly};
	return flow_run(flow_new(ui, "leave mailbox", l, leave_free), why == LEAVE_SYNC ? ask_purge : ask_move);
}

enum run_result mailbox_change(struct ui *ui, const char *mailbox, bool readonly)
{
	return leave(ui, LEAVE_CHANGE, mailbox, readonly);
}

void unmark_all(struct ui *ui, struct view *view)
{
	struct err e;
	uint32_t lines = view && view_counts(view)->deleted > 0 ? view_lines(view) : 0;
	uint32_t *rows = xreallocarray(NULL, lines + 1, sizeof(*rows));
	uint32_t n = 0;
	for (uint32_t i = 0; i < lines; i++) {
		uint32_t row = view_row(view, i);
		if (view_flags(view, row) & FLAG_DELETED)
			rows[n++] = row;
	}
	if (n > 0 && !func_delete(ui->session, (struct func_rows){view, rows, n}, FUNC_CLEAR, false, &e))
		ui_err(ui, &e);
	free(rows);
}

static enum run_result run_sync(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	(void)fn;
	return leave(ui, LEAVE_SYNC, NULL, false);
}

static enum flow_state quit_answered(struct flow *f)
{
	return f->choice ? flow_next(f, ask_move) : FLOW_DONE;
}

static enum flow_state quit_ask(struct flow *f)
{
	return flow_ask_quad(f, f->ui->conf->quit, _("Quit feist?"), quit_answered);
}

static enum run_result run_quit(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct leave *l = xcalloc(1, sizeof(*l));
	(void)s;
	(void)fn;
	l->why = LEAVE_QUIT;
	return flow_run(flow_new(ui, "quit", l, leave_free), quit_ask);
}

static enum flow_state exit_answered(struct flow *f)
{
	if (f->choice) {
		unmark_all(f->ui, index_view_of(f->ui));
		ui_quit(f->ui, 0);
	}
	return FLOW_DONE;
}

static enum flow_state exit_ask(struct flow *f)
{
	return flow_ask_quad(f, f->ui->conf->quit, _("Exit feist without saving?"), exit_answered);
}

static enum run_result run_exit(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	(void)fn;
	return flow_run(flow_new(ui, "exit", NULL, NULL), exit_ask);
}

/* ---- opening ---- */

static enum flow_state folder_named(struct flow *f)
{
	const char *name = f->text;
	bool readonly = *(bool *)f->data;
	if (!*name)
		return FLOW_FAILED;
	char *full = conf_expand_path(f->ui->conf, sv_of(name));
	mailbox_change(f->ui, full, readonly);
	free(full);
	return FLOW_DONE;
}

static enum flow_state folder_ask(struct flow *f)
{
	bool readonly = *(bool *)f->data;
	struct view *view = index_view_of(f->ui);
	const struct mailbox_info *next = mailboxes_next_new(f->ui->session, view ? view_mailbox(view) : NULL);
	return flow_ask_line(f, readonly ? _("Open mailbox in read-only mode ('?' for list): ") :
		_("Open mailbox ('?' for list): "), next ? next->shown : NULL, PROMPT_MAILBOX, folder_named);
}

static enum run_result run_change(struct ui *ui, struct screen *s, enum func_id fn)
{
	bool *readonly = xcalloc(1, sizeof(*readonly));
	(void)s;
	*readonly = fn == FN_change_folder_readonly || ui->conf->read_only;
	if (ui->tag_prefix || ui->conf->change_folder_next) { /* mutt: goes to the next mailbox with new mail */
		struct view *view = index_view_of(ui);
		const struct mailbox_info *m = mailboxes_next_new(ui->session, view ? view_mailbox(view) : NULL);
		if (ui->tag_prefix && m) {
			char *full = xstrdup(m->full);
			enum run_result r = mailbox_change(ui, full, *readonly);
			free(full);
			free(readonly);
			return r;
		}
	}
	return flow_run(flow_new(ui, "change folder", readonly, free), folder_ask);
}

static enum flow_state browsed(struct flow *f)
{
	return f->text ? folder_named(f) : FLOW_DONE;
}

static enum flow_state browse(struct flow *f)
{
	browser_open(f->ui, BROWSE_MAILBOXES, f, browsed);
	return FLOW_WAITING;
}

static enum run_result run_browse(struct ui *ui, struct screen *s, enum func_id fn)
{
	bool *readonly = xcalloc(1, sizeof(*readonly));
	(void)s;
	*readonly = fn == FN_browse_mailboxes_readonly || ui->conf->read_only;
	struct flow *f = flow_new(ui, "browse", readonly, free);
	f->background = true; /* keys go to the list while it is open */
	return flow_run(f, browse);
}

static enum run_result run_next_unread(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct view *view = index_view_of(ui);
	const struct mailbox_info *m = mailboxes_next_new(ui->session, view ? view_mailbox(view) : NULL);
	(void)s;
	if (fn == FN_previous_unread_mailbox) { /* walk round to the one before */
		const struct mailbox_info *last = m;
		for (size_t i = 0; last && i < mailboxes_count(ui->session); i++) {
			const struct mailbox_info *next = mailboxes_next_new(ui->session, last->full);
			if (!next || next == m)
				break;
			last = next;
		}
		m = last;
	}
	if (!m)
		return ui_fail(ui, _("No mailboxes have new mail"));
	char *full = xstrdup(m->full);
	enum run_result r = mailbox_change(ui, full, false);
	free(full);
	return r;
}

static enum run_result run_fetch(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	if (fn == FN_imap_logout_all) {
		session_set_offline(ui->session, true);
		ui_say(ui, _("All connections are closed."));
		return RUN_DONE;
	}
	session_reconnect(ui->session, NULL);
	session_check(ui->session, NULL);
	ui_say(ui, _("Looking for new mail ..."));
	return RUN_DONE;
}

static enum run_result run_new_list(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct str names;
	size_t n = mailboxes_count(ui->session);
	(void)s;
	(void)fn;
	str_init(&names, 4096);
	for (size_t i = 0; i < n; i++) {
		const struct mailbox_info *m = mailboxes_at(ui->session, i);
		if (!(m->flags & BOX_NEW))
			continue;
		if (names.len > 0)
			str_adds(&names, ", ");
		str_adds(&names, m->label ? m->label : m->shown);
	}
	if (names.len > 0)
		ui_say(ui, _("New mail in %s"), names.s);
	else
		ui_say(ui, _("No new mail."));
	str_fini(&names);
	return RUN_DONE;
}

static enum run_result run_stats(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	(void)fn;
	session_check(ui->session, NULL);
	return RUN_DONE;
}

static enum run_result run_write(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct view *view = index_view_of(ui);
	(void)s;
	(void)fn;
	bool readonly = !view_readonly(view);
	view_set_readonly(view, readonly);
	ui_say(ui, "%s", readonly ? _("Changes to folder will not be written.") :
		_("Changes to folder will be written on folder exit."));
	return RUN_DONE;
}

static enum run_result run_catchup(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct view *view = index_view_of(ui);
	struct err e;
	(void)s;
	(void)fn;
	if (!view)
		return ui_fail(ui, _("No mailbox is open."));
	if (!mailboxes_catch_up(ui->session, view_mailbox(view), &e))
		return ui_fail_err(ui, &e);
	return RUN_DONE;
}

/* ---- searches as mailboxes ---- */

static enum flow_state query_given(struct flow *f)
{
	struct leave *l = f->data;
	if (!*f->text)
		return FLOW_FAILED;
	l->mailbox = xasprintf(f->choice ? "virtual:%s" : "virtual:search:%s", f->text);
	return flow_next(f, ask_move);
}

static enum flow_state query_ask(struct flow *f)
{
	return f->choice ? flow_ask_line(f, _("Open virtual mailbox: "), NULL, PROMPT_OTHER, query_given)
			 : flow_ask_line(f, _("Search all mailboxes for: "), NULL, PROMPT_PATTERN, query_given);
}

static enum run_result run_query(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct leave *l = xcalloc(1, sizeof(*l));
	(void)s;
	l->why = LEAVE_CHANGE;
	l->readonly = fn == FN_vfolder_from_query_readonly;
	struct flow *f = flow_new(ui, "search", l, leave_free);
	f->choice = fn == FN_change_vfolder;
	return flow_run(f, query_ask);
}

void index_run_new_mail_command(struct index *x)
{
	struct ui *ui = x->base.ui;
	struct proc_opts o = PROC_OPTS_INIT;
	struct err e;
	pid_t pid;
	struct str command;
	o.in = o.out = o.err = PROC_NULL;
	o.new_group = true;
	str_init(&command, CONF_TEXT_MAX);
	status_format_text(ui, ui->conf->new_mail_command, x->view, NULL, 0, &command);
	if (!proc_shell(command.s ? command.s : "", &o, &pid, &e))
		ui_err(ui, &e);
	else
		loop_child(ui->loop, "new_mail_command", pid, NULL, NULL);
	str_fini(&command);
}

#define BOTH (IN(INDEX) | IN(PAGER))
HANDLERS(mailbox_handlers,
	{FN_sync_mailbox, BOTH, run_sync}, {FN_quit, BOTH, run_quit}, {FN_exit, IN(INDEX), run_exit},
	{FN_change_folder, BOTH, run_change}, {FN_change_folder_readonly, BOTH, run_change},
	{FN_browse_mailboxes, BOTH, run_browse}, {FN_browse_mailboxes_readonly, BOTH, run_browse},
	{FN_mailbox_list, BOTH, run_new_list}, {FN_buffy_list, BOTH | IN(BROWSER), run_new_list},
	{FN_next_unread_mailbox, BOTH, run_next_unread}, {FN_previous_unread_mailbox, BOTH, run_next_unread},
	{FN_fetch_mail, IN(INDEX), run_fetch}, {FN_imap_fetch_mail, BOTH, run_fetch},
	{FN_imap_logout_all, BOTH, run_fetch}, {FN_check_stats, IN(GENERIC) | IN(PAGER), run_stats},
	{FN_vfolder_from_query, BOTH, run_query}, {FN_vfolder_from_query_readonly, BOTH, run_query},
	{FN_change_vfolder, BOTH, run_query},
	{FN_toggle_write, BOTH, run_write}, {FN_catchup, IN(INDEX), run_catchup});
