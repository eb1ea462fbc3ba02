/*
 * What is done to messages from the index and the pager: flags, deleting, saving, piping, tags. All
 * of it works on the message under the cursor or on the tagged ones, and is an intent in the store
 * before it shows.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "core/draft.h"
#include "core/format.h"
#include "core/func.h"
#include "text/doc.h"
#include "text/utf8.h"
#include "ui/index_priv.h"

/* ---- targets ---- */

uint32_t target_row(struct ui *ui, struct view **view)
{
	struct index *x = index_of(ui);
	struct screen *top = ui_top(ui);
	*view = x ? x->view : NULL;
	if (!x || !x->view)
		return VIEW_NONE;
	if (top->ops->menu == MENU_PAGER && pager_is_message(top))
		return pager_row(top);
	return index_row(x);
}

bool target_get(struct ui *ui, struct target *t)
{
	*t = (struct target){0};
	struct view *view = index_view_of(ui);
	struct screen *top = ui_top(ui);
	if (!view) {
		ui_error(ui, _("No mailbox is open."));
		return false;
	}
	t->view = view;
	bool any = view_counts(view)->tagged > 0;
	if (ui->tag_prefix || (ui->conf->auto_tag && any && top->ops->menu == MENU_INDEX)) {
		t->n = view_tagged(view, &t->rows);
		t->tagged = true;
		if (t->n == 0) {
			target_fini(t);
			ui_error(ui, _("No tagged messages."));
			return false;
		}
		return true;
	}
	uint32_t row = target_row(ui, &view);
	if (row == VIEW_NONE) {
		ui_error(ui, _("There are no messages."));
		return false;
	}
	t->rows = xmalloc(sizeof(*t->rows));
	t->rows[0] = row;
	t->n = 1;
	return true;
}

void target_fini(struct target *t)
{
	free(t->rows);
	*t = (struct target){0};
}

static struct func_rows rows_of(const struct target *t)
{
	return (struct func_rows){t->view, t->rows, t->n};
}

void target_resolve(struct ui *ui, const struct target *t, enum view_step step)
{
	struct index *x = index_of(ui);
	struct screen *top = ui_top(ui);
	if (t->tagged || !ui->conf->resolve || !x)
		return;
	uint32_t line = view_step(x->view, step, (uint32_t)x->list.cursor, NULL);
	if (line == VIEW_NONE) {
		if (top->ops->menu == MENU_PAGER && step == STEP_NEXT_UNDELETED)
			ui_pop(ui); /* the last message is done: back to the index */
		return;
	}
	x->touched = true;
	index_set_cursor(&x->base, line);
	if (top->ops->menu == MENU_PAGER && pager_is_message(top))
		pager_follow(top);
}

/* ---- flags ---- */

static enum run_result flag(struct ui *ui, enum msg_flags which, enum func_on on, enum view_step next)
{
	struct target t;
	struct err e;
	if (!target_get(ui, &t))
		return RUN_FAILED;
	bool ok = func_flag(ui->session, rows_of(&t), which, on, &e);
	if (ok)
		target_resolve(ui, &t, next);
	target_fini(&t);
	return ok ? RUN_DONE : ui_fail_err(ui, &e);
}

static enum run_result run_flag(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	switch (fn) {
	case FN_flag_message:
		return flag(ui, FLAG_FLAGGED, FUNC_TOGGLE, STEP_NEXT_UNDELETED);
	case FN_mark_as_new:
		return flag(ui, FLAG_SEEN, FUNC_CLEAR, STEP_NEXT_UNDELETED);
	default: /* toggle-new, toggle-read */
		return flag(ui, FLAG_SEEN, FUNC_TOGGLE, STEP_NEXT_UNDELETED);
	}
}

struct flag_ask {
	struct target t;
	bool clear;
};

static void flag_ask_free(void *data)
{
	struct flag_ask *a = data;
	target_fini(&a->t);
	free(a);
}

static enum flow_state flag_chosen(struct flow *f)
{
	struct flag_ask *a = f->data;
	struct ui *ui = f->ui;
	struct func_rows rows = rows_of(&a->t);
	enum func_on on = a->clear ? FUNC_CLEAR : FUNC_SET;
	enum func_on off = a->clear ? FUNC_SET : FUNC_CLEAR;
	struct err e;
	bool ok = true;
	switch (f->choice) {
	case 0: /* D */
		ok = func_delete(ui->session, rows, on, false, &e);
		break;
	case 1: /* N: new is not read and not old */
		ok = func_flag(ui->session, rows, FLAG_SEEN, off, &e) && func_flag(ui->session, rows, FLAG_OLD, FUNC_CLEAR, &e);
		break;
	case 2: /* O */
		ok = (a->clear || func_flag(ui->session, rows, FLAG_SEEN, FUNC_CLEAR, &e)) &&
			func_flag(ui->session, rows, FLAG_OLD, on, &e);
		break;
	case 3: /* r */
		ok = func_flag(ui->session, rows, FLAG_ANSWERED, on, &e);
		break;
	case 4: /* * */
		for (uint32_t i = 0; i < rows.count; i++)
			view_tag(rows.view, rows.rows[i], !a->clear);
		break;
	default: /* ! */
		ok = func_flag(ui->session, rows, FLAG_FLAGGED, on, &e);
		break;
	}
	if (!ok)
		return flow_fail(f, &e);
	target_resolve(ui, &a->t, STEP_NEXT_UNDELETED);
	return FLOW_DONE;
}

static enum flow_state flag_ask(struct flow *f)
{
	struct flag_ask *a = f->data;
	return flow_ask_choice(f, a->clear ? _("Clear flag? (D/N/O/r/*/!): ") : _("Set flag? (D/N/O/r/*/!): "), "DNOr*!", -1,
		flag_chosen);
}

static enum run_result run_set_flag(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct flag_ask *a = xcalloc(1, sizeof(*a));
	(void)s;
	a->clear = fn == FN_clear_flag;
	if (!target_get(ui, &a->t)) {
		free(a);
		return RUN_FAILED;
	}
	return flow_run(flow_new(ui, "set flag", a, flag_ask_free), flag_ask);
}

/* ---- delete and undelete ---- */

static enum run_result run_delete(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct target t;
	struct err e;
	(void)s;
	if (!target_get(ui, &t))
		return RUN_FAILED;
	bool ok = func_delete(ui->session, rows_of(&t), FUNC_SET, fn == FN_purge_message, &e);
	if (ok && t.tagged && ui->conf->delete_untag) {
		for (uint32_t i = 0; i < t.n; i++)
			view_tag(t.view, t.rows[i], false);
	}
	if (ok)
		target_resolve(ui, &t, STEP_NEXT_UNDELETED);
	target_fini(&t);
	return ok ? RUN_DONE : ui_fail_err(ui, &e);
}

static enum run_result undo(struct ui *ui, bool redo)
{
	struct err e;
	char *what = NULL;
	if (!redo && outbox_take_back(ui))
		return RUN_DONE;
	bool ok = redo ? func_redo(ui->session, &what, &e) : func_undo(ui->session, &what, &e);
	if (!ok)
		return ui_fail_err(ui, &e);
	ui_say(ui, redo ? _("Done again: %s") : _("Undone: %s"), what ? what : "");
	free(what);
	return RUN_DONE;
}

/* u: undeletes; where nothing is deleted it takes back the last action. */
static enum run_result run_undelete(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct target t;
	struct err e;
	(void)s;
	(void)fn;
	if (index_of(ui) && index_of(ui)->list.count == 0 && func_can_undo(ui->session))
		return undo(ui, false);
	if (!target_get(ui, &t))
		return RUN_FAILED;
	bool any = false;
	for (uint32_t i = 0; i < t.n; i++)
		any = any || (view_flags(t.view, t.rows[i]) & FLAG_DELETED);
	if (!any && (func_can_undo(ui->session) || outbox_can_take_back(ui)) && ui->conf->profile == CONF_MODERN) {
		target_fini(&t);
		return undo(ui, false);
	}
	bool ok = func_delete(ui->session, rows_of(&t), FUNC_CLEAR, false, &e);
	if (ok)
		target_resolve(ui, &t, STEP_NEXT);
	target_fini(&t);
	return ok ? RUN_DONE : ui_fail_err(ui, &e);
}

static enum run_result run_undo(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	return undo(ui, fn == FN_redo);
}

/* ---- whole threads ---- */

static enum run_result run_thread(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct view *view;
	uint32_t *rows = NULL, row = target_row(ui, &view);
	struct err e;
	bool ok = true;
	(void)s;
	if (row == VIEW_NONE)
		return ui_fail(ui, _("There are no messages."));
	bool sub = fn == FN_delete_subthread || fn == FN_undelete_subthread || fn == FN_read_subthread ||
		fn == FN_tag_subthread;
	uint32_t n = view_thread_rows(view, row, sub, &rows);
	struct func_rows all = {view, rows, n};
	bool tag = !(view_flags(view, row) & FLAG_TAGGED);
	enum view_step next = sub ? STEP_NEXT_SUBTHREAD : STEP_NEXT_THREAD;
	switch (fn) {
	case FN_delete_thread:
	case FN_delete_subthread:
		ok = func_delete(ui->session, all, FUNC_SET, false, &e);
		break;
	case FN_purge_thread:
		ok = func_delete(ui->session, all, FUNC_SET, true, &e);
		break;
	case FN_undelete_thread:
	case FN_undelete_subthread:
		ok = func_delete(ui->session, all, FUNC_CLEAR, false, &e);
		break;
	case FN_read_thread:
	case FN_read_subthread:
		ok = func_flag(ui->session, all, FLAG_SEEN, FUNC_SET, &e);
		break;
	default: /* tag */
		for (uint32_t i = 0; i < n; i++)
			view_tag(view, rows[i], tag);
		break;
	}
	free(rows);
	if (!ok)
		return ui_fail_err(ui, &e);
	struct target one = {.view = view};
	target_resolve(ui, &one, next);
	return RUN_DONE;
}

/* ---- patterns ---- */

enum pattern_work { WORK_TAG, WORK_UNTAG, WORK_DELETE, WORK_UNDELETE };

struct pattern_ask {
	enum pattern_work work;
	struct view *view;
	struct pattern *pattern;
};

static void pattern_ask_free(void *data)
{
	struct pattern_ask *a = data;
	pattern_free(a->pattern);
	free(a);
}

static enum flow_state pattern_apply(struct flow *f)
{
	struct pattern_ask *a = f->data;
	struct ui *ui = f->ui;
	struct err e;
	uint32_t n = 0;
	if (f->failed)
		return flow_fail(f, &f->err);
	if (a->work == WORK_TAG || a->work == WORK_UNTAG) {
		n = view_tag_pattern(a->view, a->pattern, a->work == WORK_TAG);
	} else {
		uint32_t lines = view_lines(a->view);
		uint32_t *rows = xreallocarray(NULL, lines + 1, sizeof(*rows));
		for (uint32_t i = 0; i < lines; i++) {
			uint32_t row = view_row(a->view, i);
			if (view_row_matches(a->view, a->pattern, row))
				rows[n++] = row;
		}
		bool ok = n == 0 || func_delete(ui->session, (struct func_rows){a->view, rows, n},
			a->work == WORK_DELETE ? FUNC_SET : FUNC_CLEAR, false, &e);
		free(rows);
		if (!ok)
			return flow_fail(f, &e);
	}
	if (n == 0)
		ui_say(ui, _("No messages matched criteria."));
	else
		ui_say(ui, ngettext("%u message changed.", "%u messages changed.", n), n);
	return FLOW_DONE;
}

static enum flow_state pattern_given(struct flow *f)
{
	struct pattern_ask *a = f->data;
	struct err e;
	if (!*f->text)
		return FLOW_FAILED;
	a->pattern = pattern_compile(f->ui->conf, f->text, PATTERN_SIMPLE | PATTERN_FULL, clock_now(), &e);
	if (!a->pattern)
		return flow_fail(f, &e);
	return bodies_search(f, a->view, a->pattern, pattern_apply);
}

static enum flow_state pattern_ask(struct flow *f)
{
	static const char *const labels[] = {
		[WORK_TAG] = N_("Tag messages matching: "), [WORK_UNTAG] = N_("Untag messages matching: "),
		[WORK_DELETE] = N_("Delete messages matching: "), [WORK_UNDELETE] = N_("Undelete messages matching: "),
	};
	struct pattern_ask *a = f->data;
	f->typed = narrow_tally;
	return flow_ask_line(f, _(labels[a->work]), NULL, PROMPT_PATTERN, pattern_given);
}

static enum run_result run_pattern(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct pattern_ask *a = xcalloc(1, sizeof(*a));
	(void)s;
	a->view = index_view_of(ui);
	a->work = fn == FN_tag_pattern ? WORK_TAG : fn == FN_untag_pattern ? WORK_UNTAG :
		fn == FN_delete_pattern ? WORK_DELETE : WORK_UNDELETE;
	if (!a->view) {
		free(a);
		return ui_fail(ui, _("No mailbox is open."));
	}
	return flow_run(flow_new(ui, "pattern", a, pattern_ask_free), pattern_ask);
}

/* ---- what only the worker can search ---- */

enum flow_state bodies_search(struct flow *f, struct view *view, struct pattern *p, flow_step *next)
{
	f->failed = false;
	if (!session_must_fill(f->ui->session, view, p))
		return flow_next(f, next);
	ui_say(f->ui, _("Searching ..."));
	flow_wait(f, 0, next);
	f->fill = session_fill_pattern(f->ui->session, view, p, flow_job_done, f);
	return FLOW_WAITING;
}

/* ---- save and copy ---- */

struct save {
	struct target t;
	bool copy, decode, create;
	char *mailbox;
};

static void save_free(void *data)
{
	struct save *s = data;
	target_fini(&s->t);
	free(s->mailbox);
	free(s);
}

static enum flow_state save_now(struct flow *f)
{
	struct save *s = f->data;
	struct ui *ui = f->ui;
	struct err e;
	if (!f->choice)
		return FLOW_DONE;
	if (s->decode) {
		struct func_rows none = {s->t.view, NULL, 0};
		if (s->create && !func_save(ui->session, none, s->mailbox, false, true, &e))
			return flow_fail(f, &e);
		return rewrite_decoded(ui, &s->t, s->mailbox, !s->copy) == RUN_FAILED ? FLOW_FAILED : FLOW_DONE;
	}
	if (!func_save(ui->session, rows_of(&s->t), s->mailbox, !s->copy, s->create, &e))
		return flow_fail(f, &e);
	ui_say(ui, s->copy ? ngettext("Copied %u message to %s.", "Copied %u messages to %s.", s->t.n) :
		ngettext("Saved %u message to %s.", "Saved %u messages to %s.", s->t.n), s->t.n, s->mailbox);
	if (s->t.tagged && !s->copy && ui->conf->delete_untag) {
		for (uint32_t i = 0; i < s->t.n; i++)
			view_tag(s->t.view, s->t.rows[i], false);
	}
	if (!s->copy)
		target_resolve(ui, &s->t, STEP_NEXT_UNDELETED);
	return FLOW_DONE;
}

static enum flow_state save_named(struct flow *f)
{
	struct save *s = f->data;
	struct ui *ui = f->ui;
	if (!*f->text)
		return FLOW_FAILED;
	free(s->mailbox);
	s->mailbox = xstrdup(f->text);
	bool exists = func_mailbox_exists(ui->session, s->mailbox);
	bool ask = exists ? ui->conf->confirmappend : ui->conf->confirmcreate;
	s->create = !exists;
	if (!ask) {
		f->choice = 1;
		return flow_next(f, save_now);
	}
	char *question = exists ? xasprintf(_("Append messages to %s?"), s->mailbox) : xasprintf(_("Create %s?"), s->mailbox);
	enum flow_state state = flow_ask_yesno(f, question, true, save_now);
	free(question);
	return state;
}

static enum flow_state save_ask(struct flow *f)
{
	struct save *s = f->data;
	char *proposal = save_proposal(f->ui, s->t.view, s->t.rows[0]);
	const char *label = s->copy ?
		(s->t.tagged ? _("Copy tagged to mailbox ('?' for list): ") : _("Copy to mailbox ('?' for list): ")) :
		(s->t.tagged ? _("Save tagged to mailbox ('?' for list): ") : _("Save to mailbox ('?' for list): "));
	enum flow_state state = flow_ask_line(f, label, proposal, PROMPT_MAILBOX, save_named);
	free(proposal);
	return state;
}

/* The mailbox that a save-hook names, else one called after the sender, as mutt does. Caller frees. */
char *save_proposal(struct ui *ui, struct view *view, uint32_t row)
{
	const struct rc_hooks *h = &ui->conf->rc.hooks;
	for (size_t i = 0; i < h->n; i++) {
		const struct rc_hook *hook = &h->v[i];
		struct err e;
		if (hook->kind != HOOK_SAVE)
			continue;
		struct pattern *p = pattern_compile(ui->conf, hook->pattern, 0, clock_now(), &e);
		bool yes = p && view_row_matches(view, p, row) != hook->negated;
		pattern_free(p);
		if (yes) {
			struct str out;
			str_init(&out, CONF_TEXT_MAX);
			message_format_once(ui, hook->value, view, row, &out);
			char *text = out.s ? str_detach(&out) : xstrdup("");
			str_fini(&out);
			return text;
		}
	}
	struct msg_facts m;
	struct addr_item from;
	if (!view_msg(view, row, &m) || !addr_next(&m.from, &from))
		return xstrdup("");
	struct sv who = from.addr;
	if (!ui->conf->save_address) {
		ptrdiff_t at = sv_chr(who, '@');
		if (at >= 0)
			who = sv_head(who, (size_t)at);
	}
	char *name = fs_safe_name(who, "unknown");
	char *text = xasprintf("=%s", name);
	free(name);
	return text;
}

static enum run_result run_save(struct ui *ui, struct screen *screen, enum func_id fn)
{
	struct save *s = xcalloc(1, sizeof(*s));
	(void)screen;
	s->copy = fn == FN_copy_message || fn == FN_decode_copy;
	s->decode = fn == FN_decode_copy || fn == FN_decode_save;
	if (!target_get(ui, &s->t)) {
		free(s);
		return RUN_FAILED;
	}
	return flow_run(flow_new(ui, "save", s, save_free), save_ask);
}

static enum run_result run_archive(struct ui *ui, struct screen *screen, enum func_id fn)
{
	struct target t = {0};
	struct err e;
	(void)screen;
	if (!*ui->conf->archive_folder)
		return ui_fail(ui, _("No mailbox for the archive: set archive_folder"));
	if (fn == FN_archive_thread) {
		uint32_t row = target_row(ui, &t.view);
		if (row == VIEW_NONE)
			return ui_fail(ui, _("There are no messages."));
		t.n = view_thread_rows(t.view, row, false, &t.rows);
	} else if (!target_get(ui, &t)) {
		return RUN_FAILED;
	}
	bool ok = func_save(ui->session, rows_of(&t), ui->conf->archive_folder, true, true, &e);
	if (ok) {
		char *archive = conf_short_path(ui->conf, ui->conf->archive_folder);
		ui_say(ui, ngettext("Moved %u message to %s. u: undo", "Moved %u messages to %s. u: undo", t.n), t.n, archive);
		free(archive);
		target_resolve(ui, &t, fn == FN_archive_thread ? STEP_NEXT_THREAD : STEP_NEXT_UNDELETED);
	}
	target_fini(&t);
	return ok ? RUN_DONE : ui_fail_err(ui, &e);
}

/* ---- bounce ---- */

struct bounce {
	struct target t;
	char *path; /* a message inside another, in a file of ours, instead of those of t */
	char *to;
};

static void bounce_free(void *data)
{
	struct bounce *b = data;
	target_fini(&b->t);
	if (b->path)
		unlink(b->path);
	free(b->path);
	free(b->to);
	free(b);
}

static enum flow_state bounced(struct flow *f)
{
	struct bounce *b = f->data;
	if (f->failed)
		return flow_fail(f, &f->err);
	ui_say(f->ui, b->t.n > 1 ? _("Messages bounced.") : _("Message bounced."));
	return FLOW_DONE;
}

static enum flow_state bounce_now(struct flow *f)
{
	struct bounce *b = f->data;
	struct err e;
	if (!f->choice) {
		ui_say(f->ui, _("Message not bounced."));
		return FLOW_DONE;
	}
	flow_wait(f, 0, bounced);
	struct session *s = f->ui->session;
	uint64_t job = b->path ? draft_bounce_file(s, b->path, b->to, flow_job_done, f, &e)
			       : draft_bounce(s, b->t.view, b->t.rows, b->t.n, b->to, flow_job_done, f, &e);
	if (job == 0)
		return flow_fail(f, &e);
	if (!f->wake)
		f->job = job;
	return FLOW_WAITING;
}

static enum flow_state bounce_to(struct flow *f)
{
	struct bounce *b = f->data;
	if (!*f->text)
		return FLOW_FAILED;
	b->to = xstrdup(f->text);
	char *question = xasprintf(b->t.n > 1 ? _("Bounce messages to %s?") : _("Bounce message to %s?"), b->to);
	enum flow_state s = flow_ask_quad(f, f->ui->conf->bounce, question, bounce_now);
	free(question);
	return s;
}

static enum flow_state bounce_ask(struct flow *f)
{
	struct bounce *b = f->data;
	return flow_ask_line(f, b->t.tagged ? _("Bounce tagged messages to: ") : _("Bounce message to: "), NULL,
		PROMPT_ADDRESS, bounce_to);
}

static enum run_result run_bounce(struct ui *ui, struct screen *screen, enum func_id fn)
{
	struct bounce *b = xcalloc(1, sizeof(*b));
	(void)screen;
	(void)fn;
	if (!target_get(ui, &b->t)) {
		free(b);
		return RUN_FAILED;
	}
	return flow_run(flow_new(ui, "bounce", b, bounce_free), bounce_ask);
}

enum run_result bounce_file(struct ui *ui, char *take_path)
{
	struct bounce *b = xcalloc(1, sizeof(*b));
	b->path = take_path;
	return flow_run(flow_new(ui, "bounce", b, bounce_free), bounce_ask);
}

/* ---- labels and threads ---- */

struct tagging {
	struct target t;
	bool hide; /* the messages, when it is done */
};

static void tagging_free(void *data)
{
	struct tagging *g = data;
	target_fini(&g->t);
	free(g);
}

static enum flow_state label_given(struct flow *f)
{
	struct tagging *g = f->data;
	struct func_rows rows = rows_of(&g->t);
	struct err e;
	if (!*f->text)
		return FLOW_DONE;
	if (!func_tags(f->ui->session, rows, f->text, &e))
		return flow_fail(f, &e);
	if (g->hide)
		view_hide(rows.view, rows.rows, rows.count);
	return FLOW_DONE;
}

static enum flow_state label_ask(struct flow *f)
{
	return flow_ask_line(f, _("Label (+add -remove !switch): "), NULL, PROMPT_OTHER, label_given);
}

static enum run_result run_label(struct ui *ui, struct screen *screen, enum func_id fn)
{
	struct tagging *g = xcalloc(1, sizeof(*g));
	(void)screen;
	g->hide = fn == FN_modify_labels_then_hide || fn == FN_modify_tags_then_hide;
	if (!target_get(ui, &g->t)) {
		free(g);
		return RUN_FAILED;
	}
	return flow_run(flow_new(ui, "label", g, tagging_free), label_ask);
}

static enum run_result run_hide(struct ui *ui, struct screen *screen, enum func_id fn)
{
	struct target t = {0};
	(void)screen;
	(void)fn;
	if (!target_get(ui, &t))
		return RUN_FAILED;
	struct func_rows rows = rows_of(&t);
	view_hide(rows.view, rows.rows, rows.count);
	target_fini(&t);
	return RUN_DONE;
}

/* ---- small things ---- */

static enum run_result run_address(struct ui *ui, struct screen *screen, enum func_id fn)
{
	struct view *view;
	struct msg_facts m;
	uint32_t row = target_row(ui, &view);
	(void)screen;
	(void)fn;
	if (row == VIEW_NONE || !view_msg(view, row, &m))
		return ui_fail(ui, _("There are no messages."));
	ui_say(ui, SV_FMT, SV_ARG(m.from));
	return RUN_DONE;
}

static enum run_result run_tag_message(struct ui *ui, struct screen *screen, enum func_id fn)
{
	struct view *view;
	uint32_t row = target_row(ui, &view);
	(void)screen;
	(void)fn;
	if (row == VIEW_NONE)
		return ui_fail(ui, _("There are no messages."));
	view_tag(view, row, !(view_flags(view, row) & FLAG_TAGGED));
	struct target one = {.view = view};
	target_resolve(ui, &one, STEP_NEXT);
	return RUN_DONE;
}

static enum run_result run_parts(struct ui *ui, struct screen *screen, enum func_id fn)
{
	struct view *view;
	uint32_t row = target_row(ui, &view);
	(void)screen;
	(void)fn;
	if (row == VIEW_NONE)
		return ui_fail(ui, _("There are no messages."));
	ui_push(ui, attach_open(ui, view, row));
	return RUN_DONE;
}

static enum run_result run_weed(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)fn;
	ui->weed = !ui->weed;
	ui_say(ui, ui->weed ? _("Headers are weeded.") : _("All headers are shown."));
	if (s->ops->menu == MENU_PAGER)
		pager_rerender(s);
	return RUN_DONE;
}

#define BOTH (IN(INDEX) | IN(PAGER))
HANDLERS(message_handlers,
	{FN_flag_message, BOTH, run_flag}, {FN_toggle_new, IN(INDEX), run_flag}, {FN_mark_as_new, IN(PAGER), run_flag},
	{FN_toggle_read, BOTH, run_flag},
	{FN_set_flag, BOTH, run_set_flag}, {FN_clear_flag, BOTH, run_set_flag},
	{FN_delete_message, BOTH, run_delete}, {FN_purge_message, BOTH, run_delete},
	{FN_undelete_message, BOTH, run_undelete}, {FN_undo, BOTH, run_undo}, {FN_redo, BOTH, run_undo},
	{FN_delete_thread, BOTH, run_thread}, {FN_delete_subthread, BOTH, run_thread},
	{FN_purge_thread, BOTH, run_thread},
	{FN_undelete_thread, BOTH, run_thread}, {FN_undelete_subthread, BOTH, run_thread},
	{FN_read_thread, BOTH, run_thread}, {FN_read_subthread, BOTH, run_thread},
	{FN_tag_thread, IN(INDEX), run_thread}, {FN_tag_subthread, IN(INDEX), run_thread},
	{FN_tag_pattern, IN(INDEX), run_pattern}, {FN_untag_pattern, IN(INDEX), run_pattern},
	{FN_delete_pattern, IN(INDEX), run_pattern}, {FN_undelete_pattern, IN(INDEX), run_pattern},
	{FN_save_message, BOTH, run_save}, {FN_copy_message, BOTH, run_save},
	{FN_decode_save, BOTH, run_save}, {FN_decode_copy, BOTH, run_save},
	{FN_archive_message, BOTH, run_archive}, {FN_archive_thread, BOTH, run_archive},
	{FN_bounce_message, BOTH, run_bounce}, {FN_edit_label, BOTH, run_label}, {FN_modify_labels, BOTH, run_label},
	{FN_modify_tags, BOTH, run_label}, {FN_modify_labels_then_hide, BOTH, run_label},
	{FN_modify_tags_then_hide, BOTH, run_label}, {FN_quasi_delete, BOTH, run_hide},
	{FN_display_address, BOTH, run_address}, {FN_tag_message, IN(PAGER), run_tag_message},
	{FN_view_attachments, BOTH, run_parts}, {FN_display_toggle_weed, BOTH, run_weed});
