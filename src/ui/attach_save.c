/*
 * Parts out of a message: into files, into pipes, to the printer. One part, or all tagged ones.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/proc.h"
#include "ui/attach_priv.h"

struct saving {
	uint32_t *parts; /* indexes */
	size_t n, at;
	char *path;
	int fd;
	char *command;
	bool print;
};

static void saving_free(void *data)
{
	struct saving *s = data;
	free(s->parts);
	free(s->path);
	free(s->command);
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}

static enum flow_state save_ask(struct flow *f);

static enum flow_state saved(struct flow *f)
{
	struct saving *s = f->data;
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	if (f->failed) {
		unlink(s->path);
		return flow_fail(f, &f->err);
	}
	ui_say(f->ui, _("Attachment saved to %s."), s->path);
	free(s->path);
	s->path = NULL;
	if (++s->at < s->n)
		return flow_next(f, save_ask);
	return FLOW_DONE;
}

static enum flow_state save_write(struct flow *f, enum attach_existing how)
{
	struct saving *s = f->data;
	struct attach *a = attach_top(f->ui);
	struct err e;
	char *opened = NULL;
	if (!a)
		return FLOW_FAILED;
	const struct doc_part *p = &a->doc->parts[s->parts[s->at]];
	if (!attach_save_open(f->ui->conf, s->path, p, how, &s->fd, &opened, &e))
		return flow_fail(f, &e);
	free(s->path);
	s->path = opened;
	struct msg_source src = {.view = a->view, .row = a->row};
	flow_wait(f, 0, saved);
	uint64_t job = session_part(f->ui->session, &src, p->id, "", s->fd, flow_job_done, f);
	if (!f->wake)
		f->job = job;
	return FLOW_WAITING;
}

static enum flow_state save_existing(struct flow *f)
{
	if (f->choice == 2)
		return FLOW_DONE;
	return save_write(f, f->choice == 0 ? ATTACH_OVERWRITE : ATTACH_APPEND);
}

static enum flow_state save_named(struct flow *f)
{
	struct saving *s = f->data;
	if (!*f->text)
		return FLOW_DONE;
	free(s->path);
	s->path = fs_expand(f->text);
	if (fs_exists(s->path) && !fs_is_dir(s->path))
		/* TRANSLATORS: keys for overwrite, append, cancel, in this order. */
		return flow_ask_choice(f, _("File exists, (o)verwrite, (a)ppend, or (c)ancel? "), _("oac"), 2, save_existing);
	return save_write(f, ATTACH_REFUSE);
}

static enum flow_state save_ask(struct flow *f)
{
	struct saving *s = f->data;
	struct attach *a = attach_top(f->ui);
	if (!a)
		return FLOW_FAILED;
	char *path = attach_save_path(f->ui->conf, &a->doc->parts[s->parts[s->at]]);
	enum flow_state st;
	if (f->ui->conf->attach_save_without_prompting && !fs_exists(path)) {
		free(s->path);
		s->path = xstrdup(path);
		st = save_write(f, ATTACH_REFUSE);
	} else {
		st = flow_ask_line(f, _("Save to file: "), path, PROMPT_FILE, save_named);
	}
	free(path);
	return st;
}

/* The tagged parts when asked for, else the one under the cursor. */
static struct saving *chosen(struct ui *ui, struct attach *a)
{
	struct saving *s = xcalloc(1, sizeof(*s));
	s->fd = -1;
	s->parts = xreallocarray(NULL, a->doc->part_count + 1, sizeof(*s->parts));
	for (uint32_t i = 0; ui->tag_prefix && i < a->doc->part_count; i++) {
		if (a->tagged[i])
			s->parts[s->n++] = i;
	}
	if (s->n == 0)
		s->parts[s->n++] = a->shown[a->list.cursor];
	return s;
}

static enum run_result run_save(struct ui *ui, struct screen *screen, enum func_id fn)
{
	struct attach *a = attach_self(screen);
	(void)fn;
	if (!attach_part(a))
		return ui_fail(ui, _("No entries."));
	return flow_run(flow_new(ui, "save part", chosen(ui, a), saving_free), save_ask);
}

static enum flow_state pipe_fetch(struct flow *f);

static enum flow_state piped(struct flow *f)
{
	return f->failed ? flow_fail(f, &f->err) : FLOW_DONE;
}

static void pipe_ended(void *data, int status, const struct err *e)
{
	(void)status;
	flow_wake(data, e);
}

static enum flow_state pipe_run(struct flow *f)
{
	struct saving *s = f->data;
	int fd = s->fd;
	s->fd = -1;
	if (lseek(fd, 0, SEEK_SET) < 0)
		log_write(LOG_WARN, "ui", "part: cannot rewind");
	flow_wait(f, 0, piped);
	child_run_input(f->ui, s->command, fd, f->ui->conf->wait_key && !s->print, pipe_ended, f);
	return FLOW_WAITING;
}

static enum flow_state pipe_fetch(struct flow *f)
{
	struct saving *s = f->data;
	struct attach *a = attach_top(f->ui);
	struct err e;
	if (f->failed)
		return flow_fail(f, &f->err);
	if (!a)
		return FLOW_FAILED;
	if (s->at >= s->n)
		return flow_next(f, pipe_run);
	if (s->fd < 0 && (s->fd = fs_memfd("part", &e)) < 0)
		return flow_fail(f, &e);
	struct msg_source src = {.view = a->view, .row = a->row};
	const struct doc_part *p = &a->doc->parts[s->parts[s->at++]];
	flow_wait(f, 0, pipe_fetch);
	uint64_t job = session_part(f->ui->session, &src, p->id, "", s->fd, flow_job_done, f);
	if (!f->wake)
		f->job = job;
	return FLOW_WAITING;
}

static enum flow_state pipe_named(struct flow *f)
{
	struct saving *s = f->data;
	if (!*f->text)
		return FLOW_DONE;
	s->command = xstrdup(f->text);
	return flow_next(f, pipe_fetch);
}

static enum flow_state print_answered(struct flow *f)
{
	return f->choice ? flow_next(f, pipe_fetch) : FLOW_DONE;
}

static enum flow_state pipe_ask(struct flow *f)
{
	struct saving *s = f->data;
	if (s->print)
		return flow_ask_quad(f, f->ui->conf->print, _("Print attachment?"), print_answered);
	return flow_ask_line(f, _("Pipe to: "), NULL, PROMPT_SHELL, pipe_named);
}

static enum run_result run_pipe(struct ui *ui, struct screen *screen, enum func_id fn)
{
	struct attach *a = attach_self(screen);
	if (!attach_part(a))
		return ui_fail(ui, _("No entries."));
	struct saving *s = chosen(ui, a);
	s->print = fn == FN_print_entry;
	if (s->print)
		s->command = xstrdup(ui->conf->print_command);
	return flow_run(flow_new(ui, "pipe part", s, saving_free), pipe_ask);
}

HANDLERS(attach_save_handlers, {FN_save_entry, IN(ATTACH), run_save}, {FN_pipe_entry, IN(ATTACH), run_pipe},
	{FN_print_entry, IN(ATTACH), run_pipe});
