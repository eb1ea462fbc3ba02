/*
 * Parts out of a message: into files, into pipes, to the printer. One part, all tagged ones ($attach_split:
 * one by one, else together with $attach_sep behind each), or every attachment into a folder.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/proc.h"
#include "ui/attach_priv.h"

enum what { SAVE_FILES, SAVE_TOGETHER, SAVE_FOLDER, PIPE_COMMAND, PIPE_PRINT };

struct saving {
	enum what what;
	uint32_t *parts; /* indexes */
	size_t n, at;
	char *path;      /* SAVE_FOLDER: the folder */
	char *created;   /* a new file: removed when writing it fails */
	bool convert;    /* text: to $charset */
	int fd;
	char *command;
	struct attach_plan plan; /* printing as mailcap says */
};

static void saving_free(void *data)
{
	struct saving *s = data;

	free(s->parts);
	free(s->path);
	free(s->created);
	free(s->command);
	attach_plan_fini(&s->plan);
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}

static const char *charset_of(const struct conf *c)
{
	return c->charset[0] ? c->charset : "utf-8";
}

/* The part that it is about now; NULL when the menu has gone. */
static const struct doc_part *part_of(struct flow *f)
{
	const struct saving *s = f->data;
	struct attach *a = attach_top(f->ui);

	return a && a->doc && s->parts[s->at] < a->doc->part_count ? &a->doc->parts[s->parts[s->at]] : NULL;
}

static enum flow_state fetch(struct flow *f, const struct doc_part *p, int fd, flow_step *then)
{
	const struct saving *s = f->data;
	struct attach *a = attach_top(f->ui);
	struct msg_source src = {.view = a->view, .row = a->row};
	char *options = s->convert ? xasprintf("charset=%s\n", charset_of(f->ui->conf)) : xstrdup("");

	flow_wait(f, 0, then);
	uint64_t job = session_part(f->ui->session, &src, p->id, options, fd, flow_job_done, f);
	free(options);
	if (!f->wake)
		f->job = job;
	return FLOW_WAITING;
}

/* ---- which parts ---- */

static struct saving *saving_new(enum what what, size_t room)
{
	struct saving *s = xcalloc(1, sizeof(*s));

	s->what = what;
	s->fd = s->plan.fd = -1;
	s->parts = xreallocarray(NULL, room + 1, sizeof(*s->parts));
	return s;
}

/* The tagged parts when asked for, else the one under the cursor. */
static struct saving *chosen(struct ui *ui, struct attach *a, enum what what)
{
	struct saving *s = saving_new(what, a->doc->part_count);

	for (uint32_t i = 0; ui->tag_prefix && i < a->doc->part_count; i++)
		if (a->tagged[i])
			s->parts[s->n++] = i;
	if (s->n == 0)
		s->parts[s->n++] = a->shown[a->list.cursor];
	return s;
}

static struct saving *all_attachments(struct attach *a)
{
	struct saving *s = saving_new(SAVE_FOLDER, a->doc->part_count);

	for (uint32_t i = 0; i < a->doc->part_count; i++)
		if (a->doc->parts[i].flags & DOC_PART_ATTACHMENT)
			s->parts[s->n++] = i;
	return s;
}

/* ---- saving ---- */

static enum flow_state save_ask(struct flow *f);
static enum flow_state save_part(struct flow *f);

/* Behind a part that others follow in the same file. */
static bool add_separator(struct flow *f, struct err *e)
{
	const struct saving *s = f->data;

	return fs_write_all(s->fd, sv_of(f->ui->conf->attach_sep), e);
}

static enum flow_state saved(struct flow *f)
{
	struct saving *s = f->data;
	struct err e = f->err;
	bool ok = !f->failed && (s->what != SAVE_TOGETHER || add_separator(f, &e));
	bool more = ++s->at < s->n;

	if (ok && more && s->what == SAVE_TOGETHER)
		return flow_next(f, save_part);
	if (s->fd >= 0 && close(s->fd) != 0 && ok)
		ok = err_sys(&e, "%s", s->path);
	s->fd = -1;
	if (!ok) {
		if (s->created)
			unlink(s->created);
		return flow_fail(f, &e);
	}
	if (s->what == SAVE_FOLDER) {
		if (more)
			return flow_next(f, save_part);
		ui_say(f->ui, ngettext("%zu attachment saved to %s.", "%zu attachments saved to %s.", s->n), s->n, s->path);
		return FLOW_DONE;
	}
	ui_say(f->ui, _("Attachment saved to %s."), s->path);
	return more ? flow_next(f, save_ask) : FLOW_DONE;
}

static bool may_convert(struct flow *f, const struct doc_part *p)
{
	struct sv mine = sv_of(charset_of(f->ui->conf)), its = sv_of(p->charset);

	return strncmp(p->type, "text/", 5) == 0 && its.len && !sv_eq_case(mine, its) && !sv_is_case(its, "us-ascii");
}

static enum flow_state save_fetch(struct flow *f)
{
	const struct doc_part *p = part_of(f);

	return p ? fetch(f, p, ((struct saving *)f->data)->fd, saved) : FLOW_FAILED;
}

static enum flow_state convert_answered(struct flow *f)
{
	struct saving *s = f->data;

	s->convert = f->choice == 1;
	return save_fetch(f);
}

/* The file is open. */
static enum flow_state save_part(struct flow *f)
{
	struct saving *s = f->data;
	const struct doc_part *p = part_of(f);
	struct err e;

	if (!p)
		return FLOW_FAILED;
	if (s->what == SAVE_FOLDER) {
		xfree_null(&s->created);
		if (!fs_create_unique(s->path, p->safe_name[0] ? p->safe_name : "attachment", &s->fd, &s->created, &e))
			return flow_fail(f, &e);
	}
	s->convert = false;
	if (!may_convert(f, p))
		return save_fetch(f);
	char *question = xasprintf(_("Convert from %s to %s?"), p->charset, charset_of(f->ui->conf));
	enum flow_state state = flow_ask_quad(f, f->ui->conf->attach_save_charset_convert, question, convert_answered);
	free(question);
	return state;
}

static enum flow_state save_write(struct flow *f, enum attach_existing how)
{
	struct saving *s = f->data;
	const struct doc_part *p = part_of(f);
	struct err e;
	char *opened = NULL;

	if (!p)
		return FLOW_FAILED;
	if (!attach_save_open(f->ui->conf, s->path, p, how, &s->fd, &opened, &e))
		return flow_fail(f, &e);
	free(s->path);
	s->path = opened;
	xfree_null(&s->created);
	s->created = how == ATTACH_REFUSE ? xstrdup(opened) : NULL;
	return save_part(f);
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
	s->path = conf_expand_path(f->ui->conf, sv_of(f->text));
	if (fs_exists(s->path) && !fs_is_dir(s->path))
		/* TRANSLATORS: keys for overwrite, append, cancel, in this order. */
		return flow_ask_choice(f, _("File exists, (o)verwrite, (a)ppend, or (c)ancel? "), _("oac"), 2, save_existing);
	return save_write(f, ATTACH_REFUSE);
}

static enum flow_state save_ask(struct flow *f)
{
	struct saving *s = f->data;
	const struct doc_part *p = part_of(f);

	if (!p)
		return FLOW_FAILED;
	char *path = attach_save_path(f->ui->conf, p);
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

static enum run_result run_save(struct ui *ui, struct screen *screen, enum func_id fn)
{
	struct attach *a = attach_self(screen);

	(void)fn;
	if (!attach_part(a))
		return ui_fail(ui, _("No entries."));
	struct saving *s = chosen(ui, a, ui->conf->attach_split ? SAVE_FILES : SAVE_TOGETHER);
	if (s->n == 1)
		s->what = SAVE_FILES;
	return flow_run(flow_new(ui, "save part", s, saving_free), save_ask);
}

static enum flow_state folder_named(struct flow *f)
{
	struct saving *s = f->data;
	struct err e;

	if (!*f->text)
		return FLOW_DONE;
	s->path = conf_expand_path(f->ui->conf, sv_of(f->text));
	if (!fs_mkdirs(s->path, &e))
		return flow_fail(f, &e);
	return save_part(f);
}

static enum flow_state folder_ask(struct flow *f)
{
	const struct saving *s = f->data;
	const char *dir = f->ui->conf->attach_save_dir;
	char *question = xasprintf(
		ngettext("Save %zu attachment to folder: ", "Save %zu attachments to folder: ", s->n), s->n);
	enum flow_state state = flow_ask_line(f, question, *dir ? dir : "./", PROMPT_FILE, folder_named);

	free(question);
	return state;
}

static enum run_result run_save_all(struct ui *ui, struct screen *screen, enum func_id fn)
{
	struct attach *a = attach_self(screen);

	(void)fn;
	if (!attach_part(a))
		return ui_fail(ui, _("No entries."));
	struct saving *s = all_attachments(a);
	if (s->n == 0) {
		saving_free(s);
		return ui_fail(ui, _("There are no attachments."));
	}
	return flow_run(flow_new(ui, "save all", s, saving_free), folder_ask);
}

/* ---- pipes and the printer ---- */

static enum flow_state pipe_part(struct flow *f);

static enum flow_state piped(struct flow *f)
{
	struct saving *s = f->data;

	attach_plan_fini(&s->plan);
	if (f->failed)
		return flow_fail(f, &f->err);
	return s->at < s->n ? flow_next(f, pipe_part) : FLOW_DONE;
}

static void pipe_ended(void *data, int status, const struct err *e)
{
	(void)status;
	flow_wake(data, e);
}

static enum flow_state run_command(struct flow *f)
{
	struct saving *s = f->data;
	bool by_plan = s->plan.command != NULL, print = s->what == PIPE_PRINT;
	int in = by_plan && !s->plan.on_stdin ? -1 : by_plan ? dup(s->plan.fd) : s->fd;

	if (!by_plan)
		s->fd = -1;
	if (in >= 0 && lseek(in, 0, SEEK_SET) < 0)
		log_write(LOG_WARN, "ui", "part: cannot rewind");
	flow_wait(f, 0, piped);
	/* Only behind the last one somebody has to press a key. */
	child_run_input(f->ui, by_plan ? s->plan.command : s->command, in,
		f->ui->conf->wait_key && !print && s->at >= s->n, pipe_ended, f);
	return FLOW_WAITING;
}

static enum flow_state part_here(struct flow *f)
{
	struct saving *s = f->data;
	bool together = !f->ui->conf->attach_split && s->n > 1;
	struct err e;

	s->at++;
	if (f->failed)
		return flow_fail(f, &f->err);
	if (!attach_plan_filled(&s->plan, &e))
		return flow_fail(f, &e);
	if (!together)
		return run_command(f);
	if (!add_separator(f, &e))
		return flow_fail(f, &e);
	return s->at < s->n ? flow_next(f, pipe_part) : run_command(f);
}

/* Printing one by one, an entry of mailcap for it comes before $print_command. */
static bool has_print_plan(struct flow *f, const struct doc_part *p)
{
	struct saving *s = f->data;
	struct err e;

	return s->what == PIPE_PRINT && (f->ui->conf->attach_split || s->n == 1) &&
	       attach_has_entry(f->ui->conf, p, ATTACH_PRINT) &&
	       attach_plan(f->ui->conf, p, ATTACH_PRINT, &s->plan, &e);
}

static enum flow_state pipe_part(struct flow *f)
{
	struct saving *s = f->data;
	const struct doc_part *p = part_of(f);
	struct err e;

	if (!p)
		return FLOW_FAILED;
	s->convert = s->what == PIPE_PRINT && may_convert(f, p);
	if (has_print_plan(f, p))
		return fetch(f, p, s->plan.fd, part_here);
	if (s->fd < 0 && (s->fd = fs_memfd("part", &e)) < 0)
		return flow_fail(f, &e);
	return fetch(f, p, s->fd, part_here);
}

static enum flow_state pipe_named(struct flow *f)
{
	struct saving *s = f->data;

	if (!*f->text)
		return FLOW_DONE;
	s->command = xstrdup(f->text);
	return flow_next(f, pipe_part);
}

static enum flow_state print_answered(struct flow *f)
{
	return f->choice ? flow_next(f, pipe_part) : FLOW_DONE;
}

static enum flow_state pipe_ask(struct flow *f)
{
	const struct saving *s = f->data;

	if (s->what == PIPE_PRINT)
		return flow_ask_quad(f, f->ui->conf->print,
			s->n > 1 ? _("Print tagged attachment(s)?") : _("Print attachment?"), print_answered);
	return flow_ask_line(f, _("Pipe to: "), NULL, PROMPT_SHELL, pipe_named);
}

static enum run_result run_pipe(struct ui *ui, struct screen *screen, enum func_id fn)
{
	struct attach *a = attach_self(screen);
	bool print = fn == FN_print_entry;

	if (!attach_part(a))
		return ui_fail(ui, _("No entries."));
	struct saving *s = chosen(ui, a, print ? PIPE_PRINT : PIPE_COMMAND);
	if (print)
		s->command = xstrdup(ui->conf->print_command);
	return flow_run(flow_new(ui, "pipe part", s, saving_free), pipe_ask);
}

HANDLERS(attach_save_handlers, {FN_save_entry, IN(ATTACH), run_save}, {FN_save_all, IN(ATTACH), run_save_all},
	{FN_pipe_entry, IN(ATTACH), run_pipe}, {FN_print_entry, IN(ATTACH), run_pipe});
