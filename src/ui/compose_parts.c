/*
 * The parts of a draft: attaching, detaching, moving, describing, looking at them, and running them
 * through commands.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/proc.h"
#include "text/utf8.h"
#include "ui/compose_priv.h"
#include "ui/index_priv.h"

static void child_done(void *data, int status, const struct err *e)
{
	(void)status;
	flow_wake(data, e);
}

/* ---- attaching ---- */

static enum flow_state file_named(struct flow *f)
{
	struct compose *c = compose_top(f->ui);
	struct err e;
	if (!f->text || !*f->text)
		return FLOW_FAILED;
	struct sv rest = sv_of(f->text), one;
	while (sv_split(&rest, '\n', &one)) { /* several from the file list */
		char *written = sv_dup(one);
		char *path = fs_expand(written);
		bool ok = draft_attach_file(c->draft, path, &e);
		free(path);
		free(written);
		if (!ok)
			return flow_fail(f, &e);
	}
	list_set_count(&c->list, (int)draft_part_count(c->draft));
	list_set_cursor(&c->list, c->list.count - 1);
	return FLOW_DONE;
}

static enum flow_state file_ask(struct flow *f)
{
	return flow_ask_line(f, _("Attach file ('?' for list): "), NULL, PROMPT_FILES, file_named);
}

static enum run_result run_attach(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	(void)fn;
	return flow_run(flow_new(ui, "attach file", NULL, NULL), file_ask);
}

static enum flow_state message_attached(struct flow *f)
{
	struct compose *c = compose_top(f->ui);
	if (f->failed)
		return flow_fail(f, &f->err);
	list_set_count(&c->list, (int)draft_part_count(c->draft));
	return FLOW_DONE;
}

/* A: the tagged messages of the index, else the one under its cursor. */
static enum flow_state attach_messages(struct flow *f)
{
	struct compose *c = compose_top(f->ui);
	struct index *x = index_of(f->ui);
	uint32_t *picked = NULL, n = 0, one;
	if (!x || !x->view || x->list.count == 0) {
		ui_error(f->ui, _("There are no messages."));
		return FLOW_FAILED;
	}
	n = view_tagged(x->view, &picked);
	one = index_row(x);
	flow_wait(f, 0, message_attached);
	uint64_t job = draft_attach_messages(c->draft, x->view, n > 0 ? picked : &one, n > 0 ? n : 1, flow_job_done, f);
	free(picked);
	if (!f->wake)
		f->job = job;
	return FLOW_WAITING;
}

static enum run_result run_attach_message(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	(void)fn;
	return flow_run(flow_new(ui, "attach message", NULL, NULL), attach_messages);
}

static enum run_result run_detach(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct compose *c = compose_of(s);
	struct err e;
	(void)fn;
	if (draft_part_count(c->draft) < 2)
		return ui_fail(ui, _("You may not delete the only attachment."));
	if (!draft_detach(c->draft, (size_t)c->list.cursor, &e))
		return ui_fail_err(ui, &e);
	list_set_count(&c->list, (int)draft_part_count(c->draft));
	return RUN_DONE;
}

static enum run_result run_move_part(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct compose *c = compose_of(s);
	int by = fn == FN_move_up ? -1 : 1;
	struct err e;
	if (!draft_move_part(c->draft, (size_t)c->list.cursor, by, &e))
		return ui_fail_err(ui, &e);
	list_set_cursor(&c->list, c->list.cursor + by);
	return RUN_DONE;
}

static enum run_result run_disposition(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct compose *c = compose_of(s);
	const struct draft_part *p = draft_part(c->draft, (size_t)c->list.cursor);
	struct err e;
	(void)fn;
	if (!draft_set_part(c->draft, (size_t)c->list.cursor, NULL, NULL, NULL, NULL, !p->is_inline, &e))
		return ui_fail_err(ui, &e);
	return RUN_DONE;
}

static enum run_result run_refresh(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct compose *c = compose_of(s);
	(void)fn;
	bool changed = draft_part_changed(c->draft, (size_t)c->list.cursor);
	ui_say(ui, changed ? _("The file has been read again.") : _("The file is unchanged."));
	return RUN_DONE;
}

enum part_what { PART_DESCRIPTION, PART_TYPE, PART_ENCODING, PART_NAME, PART_FILE, PART_COPY };

struct part_edit {
	enum part_what what;
};

static bool rename_part_file(struct compose *c, const struct draft_part *p, const char *to, struct err *e)
{
	size_t n = (size_t)c->list.cursor;
	char *path = fs_expand(to);
	bool ok = rename(p->path, path) == 0 || err_sys(e, "%s", path);
	if (ok)
		ok = draft_attach_file(c->draft, path, e) && draft_detach(c->draft, n, e);
	free(path);
	return ok;
}

static bool copy_part_file(const struct draft_part *p, const char *to, struct err *e)
{
	struct str data;
	char *path = fs_expand(to);
	bool ok = !fs_exists(path) || err_set(e, ERR_INPUT, "%s exists already", path);
	if (ok && (ok = fs_read(p->path, DRAFT_TEXT_MAX, &data, e))) {
		ok = fs_write_atomic(path, str_sv(&data), 0600, e);
		str_fini(&data);
	}
	free(path);
	return ok;
}

static enum flow_state part_given(struct flow *f)
{
	struct part_edit *w = f->data;
	struct compose *c = compose_top(f->ui);
	size_t n = (size_t)c->list.cursor;
	const struct draft_part *p = draft_part(c->draft, n);
	struct err e;
	bool ok = true;
	switch (w->what) {
	case PART_DESCRIPTION:
		ok = draft_set_part(c->draft, n, NULL, NULL, f->text, NULL, -1, &e);
		break;
	case PART_TYPE:
		ok = draft_set_part(c->draft, n, NULL, f->text, NULL, NULL, -1, &e);
		break;
	case PART_ENCODING:
		ok = draft_set_part(c->draft, n, NULL, NULL, NULL, f->text, -1, &e);
		break;
	case PART_NAME:
		ok = draft_set_part(c->draft, n, f->text, NULL, NULL, NULL, -1, &e);
		break;
	case PART_FILE:
		ok = !*f->text || rename_part_file(c, p, f->text, &e);
		break;
	case PART_COPY:
		ok = !*f->text || copy_part_file(p, f->text, &e);
		if (ok && *f->text)
			ui_say(f->ui, _("Saved to %s."), f->text);
		break;
	}
	return ok ? FLOW_DONE : flow_fail(f, &e);
}

static enum flow_state part_ask(struct flow *f)
{
	struct part_edit *w = f->data;
	struct compose *c = compose_top(f->ui);
	const struct draft_part *p = draft_part(c->draft, (size_t)c->list.cursor);
	const char *name = p->name ? p->name : p->path ? fs_basename(p->path) : "";
	switch (w->what) {
	case PART_DESCRIPTION:
		return flow_ask_line(f, _("Description: "), p->description, PROMPT_OTHER, part_given);
	case PART_TYPE:
		return flow_ask_line(f, _("Content-Type: "), p->type, PROMPT_OTHER, part_given);
	case PART_ENCODING:
		return flow_ask_line(f, _("Content-Transfer-Encoding: "), p->encoding, PROMPT_OTHER, part_given);
	case PART_NAME:
		return flow_ask_line(f, _("Send attachment with name: "), name, PROMPT_FILE, part_given);
	case PART_FILE:
		return flow_ask_line(f, _("Rename to: "), p->path, PROMPT_FILE, part_given);
	default:
		return flow_ask_line(f, _("Save to file: "), name, PROMPT_FILE, part_given);
	}
}

static enum run_result run_part(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct part_edit *w = xcalloc(1, sizeof(*w));
	(void)s;
	switch (fn) {
	case FN_edit_description:
		w->what = PART_DESCRIPTION;
		break;
	case FN_edit_type:
		w->what = PART_TYPE;
		break;
	case FN_edit_encoding:
		w->what = PART_ENCODING;
		break;
	case FN_rename_attachment:
		w->what = PART_NAME;
		break;
	case FN_rename_file:
		w->what = PART_FILE;
		break;
	default:
		w->what = PART_COPY;
		break;
	}
	return flow_run(flow_new(ui, "edit part", w, free), part_ask);
}

/* ---- looking at a part ---- */

static enum run_result run_view(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct compose *c = compose_of(s);
	const struct draft_part *p = draft_part(c->draft, (size_t)c->list.cursor);
	struct str text, safe;
	struct err e;
	bool is_text = p->is_body || p->is_message || strncmp(p->type ? p->type : "", "text/", 5) == 0;
	if ((!is_text && fn == FN_view_attach) || fn == FN_view_mailcap)
		return attach_view_program(ui, p->path, p->type, p->name ? p->name : fs_basename(p->path));
	if (!p->path && p->is_body) {
		str_init(&text, DRAFT_TEXT_MAX);
		if (!draft_body_text(c->draft, &text, &e)) {
			str_fini(&text);
			return ui_fail_err(ui, &e);
		}
	} else if (!fs_read(p->path, DRAFT_TEXT_MAX, &text, &e)) {
		return ui_fail_err(ui, &e);
	}
	str_init(&safe, DRAFT_TEXT_MAX);
	utf8_add_safe(&safe, str_sv(&text), UTF8_SAFE_TEXT);
	ui_push(ui, pager_open_text(ui, p->name ? p->name : _("message text"), str_sv(&safe)));
	str_fini(&safe);
	str_fini(&text);
	return RUN_DONE;
}

static enum flow_state piped(struct flow *f)
{
	return f->failed ? flow_fail(f, &f->err) : FLOW_DONE;
}

static enum flow_state pipe_to(struct flow *f)
{
	struct compose *c = compose_top(f->ui);
	const struct draft_part *p = draft_part(c->draft, (size_t)c->list.cursor);
	struct str text;
	struct err e;
	const char *command = f->choice ? f->ui->conf->print_command : f->text;
	if (!command || !*command)
		return FLOW_FAILED;
	if (p->is_body) {
		str_init(&text, DRAFT_TEXT_MAX);
		if (!draft_body_text(c->draft, &text, &e))
			return flow_fail(f, &e);
	} else if (!fs_read(p->path, DRAFT_TEXT_MAX, &text, &e)) {
		return flow_fail(f, &e);
	}
	int fd = fs_memfd("pipe", &e);
	bool ok = fd >= 0 && fs_write_all(fd, str_sv(&text), &e);
	str_fini(&text);
	if (!ok) {
		if (fd >= 0)
			close(fd);
		return flow_fail(f, &e);
	}
	if (lseek(fd, 0, SEEK_SET) < 0)
		log_write(LOG_WARN, "ui", "pipe: cannot rewind");
	flow_wait(f, 0, piped);
	child_run_input(f->ui, command, fd, !f->choice && f->ui->conf->wait_key, child_done, f);
	return FLOW_WAITING;
}

static enum flow_state pipe_ask(struct flow *f)
{
	if (f->choice)
		return flow_next(f, pipe_to);
	return flow_ask_line(f, _("Pipe to: "), NULL, PROMPT_SHELL, pipe_to);
}

static enum run_result run_pipe(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct flow *f = flow_new(ui, "pipe part", NULL, NULL);
	(void)s;
	f->choice = fn == FN_print_entry;
	return flow_run(f, pipe_ask);
}

/* filter-entry: the part's file through a command, the output takes its place. */
static enum flow_state filter_done(struct flow *f)
{
	struct compose *c = compose_top(f->ui);
	if (f->failed)
		return flow_fail(f, &f->err);
	draft_part_changed(c->draft, (size_t)c->list.cursor);
	return FLOW_DONE;
}

static enum flow_state filter_with(struct flow *f)
{
	struct compose *c = compose_top(f->ui);
	const struct draft_part *p = draft_part(c->draft, (size_t)c->list.cursor);
	struct str text, out;
	struct err e;
	int status = 0;
	if (!*f->text)
		return FLOW_FAILED;
	if (p->is_body) {
		str_init(&text, DRAFT_TEXT_MAX);
		if (!draft_body_text(c->draft, &text, &e))
			return flow_fail(f, &e);
	} else if (!fs_read(p->path, DRAFT_TEXT_MAX, &text, &e)) {
		return flow_fail(f, &e);
	}
	bool ok = proc_shell_read(f->text, str_sv(&text), DRAFT_TEXT_MAX, 10000, &out, &status, &e);
	str_fini(&text);
	if (!ok)
		return flow_fail(f, &e);
	if (status != 0)
		ok = err_set(&e, ERR_INPUT, _("%s: status %d; the part is unchanged"), f->text, status);
	else if (p->is_body)
		ok = draft_set_body(c->draft, str_sv(&out), &e);
	else
		ok = fs_write_atomic(p->path, str_sv(&out), 0600, &e);
	str_fini(&out);
	if (!ok)
		return flow_fail(f, &e);
	f->failed = false;
	return flow_next(f, filter_done);
}

static enum flow_state filter_ask(struct flow *f)
{
	return flow_ask_line(f, _("Filter through: "), NULL, PROMPT_SHELL, filter_with);
}

static enum run_result run_filter(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	(void)fn;
	return flow_run(flow_new(ui, "filter part", NULL, NULL), filter_ask);
}

HANDLERS(compose_part_handlers,
	{FN_attach_file, IN(COMPOSE), run_attach},
	{FN_attach_message, IN(COMPOSE), run_attach_message},
	{FN_detach_file, IN(COMPOSE), run_detach}, {FN_move_up, IN(COMPOSE), run_move_part},
	{FN_move_down, IN(COMPOSE), run_move_part},
	{FN_toggle_disposition, IN(COMPOSE), run_disposition},
	{FN_update_encoding, IN(COMPOSE), run_refresh},
	{FN_get_attachment, IN(COMPOSE), run_refresh},
	{FN_edit_description, IN(COMPOSE), run_part}, {FN_edit_type, IN(COMPOSE), run_part},
	{FN_edit_encoding, IN(COMPOSE), run_part}, {FN_rename_attachment, IN(COMPOSE), run_part},
	{FN_rename_file, IN(COMPOSE), run_part}, {FN_copy_file, IN(COMPOSE), run_part},
	{FN_view_attach, IN(COMPOSE), run_view}, {FN_view_text, IN(COMPOSE), run_view},
	{FN_view_pager, IN(COMPOSE), run_view}, {FN_view_mailcap, IN(COMPOSE), run_view},
	{FN_pipe_entry, IN(COMPOSE), run_pipe}, {FN_print_entry, IN(COMPOSE), run_pipe},
	{FN_filter_entry, IN(COMPOSE), run_filter});
