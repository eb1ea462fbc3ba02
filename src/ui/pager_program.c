/*
 * An external $pager: the lines of a message, as the built-in pager would show them but not wrapped, in
 * a file that the program gets behind its own arguments.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/proc.h"
#include "core/func.h"
#include "text/doc.h"
#include "ui/index_priv.h"

struct reading {
	struct view *view;
	int64_t id; /* of the message: rows move */
	int fd;
	char *path;
};

static void reading_free(void *data)
{
	struct reading *r = data;

	if (r->fd >= 0)
		close(r->fd);
	if (r->path)
		unlink(r->path);
	free(r->path);
	free(r);
}

bool pager_is_external(const struct conf *c)
{
	return *c->pager && strcmp(c->pager, "builtin") != 0 && strcmp(c->pager, "internal") != 0;
}

static enum flow_state was_read(struct flow *f)
{
	struct reading *r = f->data;
	uint32_t row = view_row_by_id(r->view, r->id);
	struct err e;

	if (f->failed)
		return flow_fail(f, &f->err);
	if (row == VIEW_NONE || view_readonly(r->view) || (view_flags(r->view, row) & FLAG_SEEN))
		return FLOW_DONE;
	return func_was_read(f->ui->session, (struct func_rows){r->view, &row, 1}, &e) ? FLOW_DONE
										      : flow_fail(f, &e);
}

static void ended(void *data, int status, const struct err *e)
{
	(void)status; /* pagers are careless about it */
	flow_wake(data, e);
}

static enum flow_state run_program(struct flow *f)
{
	struct reading *r = f->data;
	struct str command;

	if (f->failed)
		return flow_fail(f, &f->err);
	str_init(&command, CONF_TEXT_MAX);
	str_addf(&command, "%s ", f->ui->conf->pager);
	proc_quote(&command, sv_of(r->path));
	flow_wait(f, 0, was_read);
	child_run_input(f->ui, command.s, -1, f->ui->conf->prompt_after, ended, f);
	str_fini(&command);
	return FLOW_WAITING;
}

static void arrived(void *data, struct doc *doc, const struct err *failed)
{
	struct flow *f = data;
	struct reading *r = f->data;
	struct str text;
	struct err e;

	if (doc) {
		str_init(&text, DOC_BYTES_MAX);
		if (!doc_text(doc, 0, doc->line_count, &text))
			err_set(&e, ERR_LIMIT, "%s", _("the message is too long")), failed = &e;
		else if (!fs_write_all(r->fd, str_sv(&text), &e))
			failed = &e;
		str_fini(&text);
		doc_free(doc);
	}
	flow_wake(f, failed);
}

static enum flow_state get_lines(struct flow *f)
{
	struct reading *r = f->data;
	struct ui *ui = f->ui;
	int columns = grid_cols(ui->grid);
	struct msg_source src = {.view = r->view, .row = view_row_by_id(r->view, r->id)};
	struct str options;
	struct err e;

	if (!fs_temp(ui->conf->tmpdir, "feist-pager", ".txt", &r->fd, &r->path, &e))
		return flow_fail(f, &e);
	str_init(&options, CONF_TEXT_MAX);
	session_render_options(ui->session, columns, ui->weed, &options);
	str_adds(&options, "unwrapped=yes\n");
	type_add_option(ui, r->view, src.row, &options);
	flow_wait(f, 0, run_program);
	uint64_t job = session_display(ui->session, &src, options.s, columns, arrived, f);
	str_fini(&options);
	if (!f->wake)
		f->job = job;
	return FLOW_WAITING;
}

enum run_result pager_run_external(struct ui *ui, struct view *view, uint32_t row)
{
	struct reading *r = xcalloc(1, sizeof(*r));
	struct msg_facts m;

	r->view = view;
	r->id = view_msg(view, row, &m) ? m.id : 0;
	r->fd = -1;
	return flow_run(flow_new(ui, "pager", r, reading_free), get_lines);
}
