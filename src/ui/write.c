/*
 * Starting a message: mail, the replies, forward, resend, recall. Questions before the editor as the
 * options ask for them; then the draft is edited and the compose screen opens.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "core/draft.h"
#include "core/func.h"
#include "ui/index_priv.h"

struct start {
	enum draft_kind kind;
	struct target t;
	struct draft *draft;
	bool quote;
	char *to;      /* for mail: address to begin with */
	char *path;    /* a message inside another, in a file of ours, instead of those of t */
	int64_t recall;
	struct sent_file *files; /* for mail: to be attached */
	size_t file_count;
	char *subject, *text; /* for mail: to begin with; NULL */
	const struct ui_compose *asked; /* by the command line; lent */
};

static void start_free(void *data)
{
	struct start *s = data;
	target_fini(&s->t);
	if (s->draft)
		draft_free(s->draft);
	free(s->to);
	if (s->path)
		unlink(s->path);
	free(s->path);
	free(s->subject);
	free(s->text);
	sent_files_free(s->files, s->file_count);
	free(s);
}

void sent_files_free(struct sent_file *files, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (files[i].path)
			unlink(files[i].path);
		free(files[i].path);
		free(files[i].name);
		free(files[i].type);
		free(files[i].description);
	}
	free(files);
}

/* The draft has them now, and removes them when it is through. */
static bool attach_files(struct start *s, struct err *e)
{
	for (size_t i = 0; i < s->file_count; i++) {
		struct sent_file *file = &s->files[i];
		if (!draft_attach_file(s->draft, file->path, e))
			return false;
		size_t n = draft_part_count(s->draft) - 1;
		draft_set_unlink(s->draft, n, true);
		xfree_null(&file->path);
		if (!draft_set_part(s->draft, n, file->name, file->type, file->description, NULL, -1, e))
			return false;
	}
	return true;
}

/* ---- after the editor ---- */

static enum flow_state open_compose(struct flow *f)
{
	struct start *s = f->data;
	struct draft *d = s->draft;
	s->draft = NULL;
	ui_push(f->ui, compose_open(f->ui, d));
	return FLOW_DONE;
}

static enum flow_state unmodified_answered(struct flow *f)
{
	struct start *s = f->data;
	if (!f->choice)
		return flow_next(f, open_compose);
	draft_discard(s->draft);
	ui_say(f->ui, _("Aborted unmodified message."));
	return FLOW_DONE;
}

static enum flow_state edited(struct flow *f)
{
	struct start *s = f->data;
	struct err e;
	bool changed = true;
	if (f->failed)
		return flow_fail(f, &f->err);
	if (!draft_edit_end(s->draft, &changed, &e)) {
		ui_err(f->ui, &e); /* bad headers: what was written is kept, and can be edited again */
		return flow_next(f, open_compose);
	}
	draft_choose_fcc(s->draft);
	if (!changed && s->kind != DRAFT_RESEND && s->recall == 0)
		return flow_ask_quad(f, f->ui->conf->abort_unmodified, _("Abort unmodified message?"), unmodified_answered);
	return flow_next(f, open_compose);
}

static void editor_done(void *data, int status, const struct err *e)
{
	struct flow *f = data;
	if (!e && status != 0)
		ui_error(f->ui, _("The editor ended with status %d: is $editor right?"), status);
	flow_wake(f, e);
}

static enum flow_state edit(struct flow *f)
{
	struct start *s = f->data;
	struct err e;
	char *path = NULL;
	unsigned line = 0;
	if (!draft_edit_begin(s->draft, f->ui->conf->edit_headers, &path, &line, &e))
		return flow_fail(f, &e);
	flow_wait(f, 0, edited);
	child_edit(f->ui, path, line, editor_done, f);
	return FLOW_WAITING;
}

/* ---- fields before the editor ---- */

static enum flow_state subject_given(struct flow *f);

static bool set(struct flow *f, enum draft_field field, const char *text)
{
	struct start *s = f->data;
	struct err e;
	if (draft_set_field(s->draft, field, text, &e))
		return true;
	ui_err(f->ui, &e);
	return false;
}

static bool is_reply(enum draft_kind k)
{
	return k != DRAFT_NEW && k != DRAFT_RESEND && k != DRAFT_FORWARD && k != DRAFT_FORWARD_MIME;
}

static enum flow_state start_editing(struct flow *f)
{
	struct start *s = f->data;
	bool forward = s->kind == DRAFT_FORWARD || s->kind == DRAFT_FORWARD_MIME;
	draft_run_hooks(s->draft);
	draft_choose_fcc(s->draft);
	if (forward && f->ui->conf->forward_edit == QUAD_NO)
		return flow_next(f, open_compose);
	return flow_next(f, edit);
}

static enum flow_state no_subject_answered(struct flow *f)
{
	struct start *s = f->data;
	if (!f->choice)
		return flow_next(f, start_editing);
	draft_discard(s->draft);
	ui_say(f->ui, _("No subject, aborting."));
	return FLOW_DONE;
}

static enum flow_state subject_given(struct flow *f)
{
	struct start *s = f->data;
	if (!set(f, FIELD_SUBJECT, f->text))
		return FLOW_FAILED;
	if (!*draft_field(s->draft, FIELD_SUBJECT))
		return flow_ask_quad(f, f->ui->conf->abort_nosubject, _("No subject, abort?"), no_subject_answered);
	return flow_next(f, start_editing);
}

static enum flow_state ask_subject(struct flow *f)
{
	struct start *s = f->data;
	const char *subject = draft_field(s->draft, FIELD_SUBJECT);
	if (f->ui->conf->fast_reply && *subject)
		return flow_next(f, start_editing);
	return flow_ask_line(f, _("Subject: "), subject, PROMPT_OTHER, subject_given);
}

static enum flow_state bcc_given(struct flow *f)
{
	return set(f, FIELD_BCC, f->text) ? flow_next(f, ask_subject) : FLOW_FAILED;
}

static enum flow_state ask_bcc(struct flow *f)
{
	struct start *s = f->data;
	if (!f->ui->conf->askbcc)
		return flow_next(f, ask_subject);
	return flow_ask_line(f, _("Bcc: "), draft_field(s->draft, FIELD_BCC), PROMPT_ADDRESS, bcc_given);
}

static enum flow_state cc_given(struct flow *f)
{
	return set(f, FIELD_CC, f->text) ? flow_next(f, ask_bcc) : FLOW_FAILED;
}

static enum flow_state ask_cc(struct flow *f)
{
	struct start *s = f->data;
	if (!f->ui->conf->askcc)
		return flow_next(f, ask_bcc);
	return flow_ask_line(f, _("Cc: "), draft_field(s->draft, FIELD_CC), PROMPT_ADDRESS, cc_given);
}

static enum flow_state to_given(struct flow *f)
{
	struct start *s = f->data;
	if (!set(f, FIELD_TO, f->text))
		return flow_ask_line(f, _("To: "), f->text, PROMPT_ADDRESS, to_given);
	draft_run_hooks(s->draft);
	return flow_next(f, ask_cc);
}

static enum flow_state ask_fields(struct flow *f)
{
	struct start *s = f->data;
	const char *to = draft_field(s->draft, FIELD_TO);
	const struct conf *c = f->ui->conf;
	if (s->recall != 0 || (s->kind != DRAFT_NEW && c->autoedit && c->edit_headers) ||
		(s->kind == DRAFT_NEW && c->autoedit && c->edit_headers))
		return flow_next(f, s->recall != 0 ? open_compose : start_editing);
	if (s->kind == DRAFT_RESEND || (is_reply(s->kind) && c->fast_reply && *to))
		return flow_next(f, start_editing);
	if (s->kind != DRAFT_NEW && c->fast_reply && *to)
		return flow_next(f, ask_subject);
	return flow_ask_line(f, _("To: "), s->to && !*to ? s->to : to, PROMPT_ADDRESS, to_given);
}

/* ---- the draft itself ---- */

static void draft_ready(void *data, struct draft *draft, const struct err *e)
{
	struct flow *f = data;
	struct start *s = f->data;
	s->draft = draft;
	flow_wake(f, e);
}

static enum flow_state started(struct flow *f)
{
	struct start *s = f->data;
	if (f->failed || !s->draft)
		return f->failed ? flow_fail(f, &f->err) : FLOW_FAILED;
	return flow_next(f, ask_fields);
}

static enum flow_state make_draft(struct flow *f)
{
	struct start *s = f->data;
	struct ui *ui = f->ui;
	struct err e;
	if (s->kind == DRAFT_NEW) {
		s->draft = draft_new(ui->session);
		if ((s->text && !draft_set_body(s->draft, sv_of(s->text), &e)) || !draft_add_signature(s->draft, &e))
			ui_err(ui, &e);
		if (s->subject && !draft_set_field(s->draft, FIELD_SUBJECT, s->subject, &e))
			ui_err(ui, &e);
		return attach_files(s, &e) ? flow_next(f, ask_fields) : flow_fail(f, &e);
	}
	flow_wait(f, 0, started);
	uint64_t job = s->path ?
		draft_start_file(ui->session, s->kind, s->path, s->quote, draft_ready, f, &e) :
		draft_start(ui->session, s->kind, s->t.view, s->t.rows, s->t.n, s->quote, draft_ready, f, &e);
	if (job == 0)
		return flow_fail(f, &e);
	if (!f->wake)
		f->job = job;
	return FLOW_WAITING;
}

static enum flow_state include_answered(struct flow *f)
{
	struct start *s = f->data;
	s->quote = f->choice;
	return flow_next(f, make_draft);
}

static enum flow_state ask_include(struct flow *f)
{
	struct start *s = f->data;
	if (!is_reply(s->kind))
		return flow_next(f, make_draft);
	return flow_ask_quad(f, f->ui->conf->include, _("Include message in reply?"), include_answered);
}

static enum flow_state mime_answered(struct flow *f)
{
	struct start *s = f->data;
	if (f->choice)
		s->kind = DRAFT_FORWARD_MIME;
	return flow_next(f, ask_include);
}

static enum flow_state reply_to_answered(struct flow *f)
{
	draft_set_ignore_reply_to(f->ui->session, !f->choice);
	return flow_next(f, ask_include);
}

static enum flow_state first_question(struct flow *f)
{
	struct start *s = f->data;
	struct ui *ui = f->ui;
	if (s->kind == DRAFT_FORWARD)
		return flow_ask_quad(f, ui->conf->mime_forward, _("Forward as attachment?"), mime_answered);
	if (is_reply(s->kind) && s->t.n > 0) {
		char *question = draft_reply_to_question(ui->session, s->t.view, s->t.rows[0]);
		if (question) {
			enum flow_state state = flow_ask_quad(f, ui->conf->reply_to, question, reply_to_answered);
			free(question);
			return state;
		}
	}
	return flow_next(f, ask_include);
}

static enum flow_state postponed_answered(struct flow *f);

static enum flow_state ask_recall(struct flow *f)
{
	struct start *s = f->data;
	if (s->kind != DRAFT_NEW || s->to || draft_postponed_count(f->ui->session) == 0)
		return flow_next(f, first_question);
	return flow_ask_quad(f, f->ui->conf->recall, _("Recall postponed message?"), postponed_answered);
}

static enum flow_state postponed_answered(struct flow *f)
{
	if (!f->choice)
		return flow_next(f, first_question);
	recall_start(f->ui);
	return FLOW_DONE;
}

static enum run_result start_kind(struct ui *ui, enum draft_kind kind, const char *to)
{
	struct start *s = xcalloc(1, sizeof(*s));
	s->kind = kind;
	s->to = xstrdup(to);
	if (kind != DRAFT_NEW && !target_get(ui, &s->t)) {
		free(s->to);
		free(s);
		return RUN_FAILED;
	}
	return flow_run(flow_new(ui, "write", s, start_free), ask_recall);
}

static enum draft_kind kind_of(enum func_id fn)
{
	switch (fn) {
	case FN_reply:
		return DRAFT_REPLY;
	case FN_group_reply:
		return DRAFT_GROUP_REPLY;
	case FN_group_chat_reply:
		return DRAFT_GROUP_CHAT_REPLY;
	case FN_list_reply:
		return DRAFT_LIST_REPLY;
	case FN_forward_message:
		return DRAFT_FORWARD;
	case FN_resend_message:
		return DRAFT_RESEND;
	default:
		return DRAFT_NEW;
	}
}

static enum run_result run_write(struct ui *ui, struct screen *screen, enum func_id fn)
{
	(void)screen;
	return start_kind(ui, kind_of(fn), NULL);
}

enum run_result write_about_file(struct ui *ui, enum func_id fn, char *take_path)
{
	struct start *s = xcalloc(1, sizeof(*s));
	s->kind = kind_of(fn);
	s->path = take_path;
	return flow_run(flow_new(ui, "write", s, start_free), first_question);
}

enum run_result write_with_files(
	struct ui *ui, struct view *view, uint32_t row, struct sent_file *take, size_t n, char *take_text)
{
	struct start *s = xcalloc(1, sizeof(*s));
	struct str subject;
	s->kind = DRAFT_NEW;
	s->files = take;
	s->file_count = n;
	s->text = take_text;
	str_init(&subject, 65536);
	message_format_once(ui, ui->conf->forward_format, view, row, &subject);
	s->subject = str_detach(&subject);
	return flow_run(flow_new(ui, "write", s, start_free), first_question);
}

static enum run_result run_to_sender(struct ui *ui, struct screen *screen, enum func_id fn)
{
	struct view *view;
	struct msg_facts m;
	uint32_t row = target_row(ui, &view);
	(void)screen;
	(void)fn;
	if (row == VIEW_NONE || !view_msg(view, row, &m))
		return ui_fail(ui, _("There are no messages."));
	char *from = sv_dup(m.from);
	enum run_result r = start_kind(ui, DRAFT_NEW, from);
	free(from);
	return r;
}

void write_mail_to(struct ui *ui, const char *address)
{
	start_kind(ui, DRAFT_NEW, address);
}

/* ---- drafts that are there ---- */

static enum flow_state recalled_edit(struct flow *f)
{
	return flow_next(f, edit);
}

/* A kept draft: into the editor, then the compose screen. */
void write_recalled(struct ui *ui, struct draft *take)
{
	struct start *s = xcalloc(1, sizeof(*s));
	s->kind = DRAFT_NEW;
	s->draft = take;
	s->recall = 1;
	flow_run(flow_new(ui, "recall", s, start_free), recalled_edit);
}

static enum flow_state recalled_here(struct flow *f)
{
	struct start *s = f->data;
	if (f->failed || !s->draft)
		return f->failed ? flow_fail(f, &f->err) : FLOW_FAILED;
	return flow_next(f, edit);
}

static enum flow_state recall_message(struct flow *f)
{
	struct start *s = f->data;
	struct err e;
	flow_wait(f, 0, recalled_here);
	uint64_t job = draft_recall_message(f->ui->session, s->t.view, s->t.rows[0], draft_ready, f, &e);
	if (job == 0)
		return flow_fail(f, &e);
	if (!f->wake)
		f->job = job;
	return FLOW_WAITING;
}

/* In the mailbox of the drafts, which may have come from elsewhere, it is the message under the cursor. */
static enum run_result recall_here(struct ui *ui)
{
	struct start *s = xcalloc(1, sizeof(*s));
	s->kind = DRAFT_NEW;
	s->recall = 1;
	if (!target_get(ui, &s->t)) {
		free(s);
		return RUN_FAILED;
	}
	return flow_run(flow_new(ui, "recall", s, start_free), recall_message);
}

void recall_start(struct ui *ui)
{
	struct draft_info *list = NULL;
	struct err e;
	size_t n = draft_postponed_list(ui->session, &list);
	if (n == 0 && *ui->conf->postponed) {
		mailbox_change(ui, ui->conf->postponed, false);
		ui_say(ui, _("R goes on with the draft under the cursor."));
	} else if (n == 0) {
		ui_error(ui, _("No postponed messages."));
	} else if (n == 1) {
		struct draft *d = draft_recall(ui->session, list[0].id, &e);
		if (d)
			write_recalled(ui, d);
		else
			ui_err(ui, &e);
	} else {
		ui_push(ui, postponed_open(ui));
	}
	draft_info_free(list, n);
}

static enum run_result run_recall(struct ui *ui, struct screen *screen, enum func_id fn)
{
	struct view *view = index_view_of(ui);
	(void)screen;
	(void)fn;
	if (view && view_counts(view)->total > 0 && draft_is_postponed_view(ui->session, view))
		return recall_here(ui);
	recall_start(ui);
	return RUN_DONE;
}

/* ---- what the command line asks for ---- */

static enum flow_state command_line_ready(struct flow *f)
{
	struct start *s = f->data;
	const struct conf *c = f->ui->conf;
	if (!*draft_field(s->draft, FIELD_TO) && !*draft_field(s->draft, FIELD_CC) && !*draft_field(s->draft, FIELD_BCC))
		return flow_next(f, ask_fields);
	if (!*draft_field(s->draft, FIELD_SUBJECT) && !(c->autoedit && c->edit_headers))
		return flow_next(f, ask_subject);
	return flow_next(f, start_editing);
}

/* What the command line says goes into the draft. */
static bool fill_from_command_line(struct draft *d, const struct ui_compose *c, struct err *e)
{
	bool ok = (!c->mailto || draft_set_mailto(d, c->mailto, e)) && (!c->to || draft_set_field(d, FIELD_TO, c->to, e)) &&
		(!c->cc || draft_set_field(d, FIELD_CC, c->cc, e)) && (!c->bcc || draft_set_field(d, FIELD_BCC, c->bcc, e)) &&
		(!c->subject || draft_set_field(d, FIELD_SUBJECT, c->subject, e));
	if (ok && c->body_file) {
		struct str text;
		ok = fs_read(c->body_file, DRAFT_TEXT_MAX, &text, e);
		if (ok) {
			ok = draft_set_body(d, str_sv(&text), e);
			str_fini(&text);
		}
	}
	for (size_t i = 0; ok && c->attach && c->attach[i]; i++)
		ok = draft_attach_file(d, c->attach[i], e);
	return ok;
}

/* -H: the header and the text come from a file. */
static enum flow_state draft_file_ready(struct flow *f)
{
	struct start *s = f->data;
	struct err e;
	if (f->failed || !s->draft)
		return f->failed ? flow_fail(f, &f->err) : FLOW_FAILED;
	if (!fill_from_command_line(s->draft, s->asked, &e))
		return flow_fail(f, &e);
	return flow_next(f, command_line_ready);
}

static enum flow_state draft_file_read(struct flow *f)
{
	struct start *s = f->data;
	struct err e;
	flow_wait(f, 0, draft_file_ready);
	uint64_t job = draft_start_file(f->ui->session, DRAFT_RESEND, s->asked->draft_file, false, draft_ready, f, &e);
	if (job == 0)
		return flow_fail(f, &e);
	if (!f->wake)
		f->job = job;
	return FLOW_WAITING;
}

bool write_from_command_line(struct ui *ui, const struct ui_compose *c, struct err *e)
{
	struct start *s = xcalloc(1, sizeof(*s));
	s->kind = c->draft_file ? DRAFT_RESEND : DRAFT_NEW;
	s->asked = c;
	if (c->draft_file) {
		flow_run(flow_new(ui, "write", s, start_free), draft_file_read);
		return true;
	}
	s->draft = draft_new(ui->session);
	if (!fill_from_command_line(s->draft, c, e) || !draft_add_signature(s->draft, e)) {
		start_free(s);
		return false;
	}
	flow_run(flow_new(ui, "write", s, start_free), command_line_ready);
	return true;
}

#define BOTH (IN(INDEX) | IN(PAGER))
HANDLERS(write_handlers,
	{FN_mail, BOTH, run_write}, {FN_reply, BOTH, run_write}, {FN_group_reply, BOTH, run_write},
	{FN_group_chat_reply, BOTH, run_write}, {FN_list_reply, BOTH, run_write}, {FN_forward_message, BOTH, run_write},
	{FN_resend_message, BOTH, run_write}, {FN_compose_to_sender, BOTH, run_to_sender},
	{FN_recall_message, BOTH, run_recall});
