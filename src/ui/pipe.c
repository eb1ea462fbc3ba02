/*
 * Messages through commands: pipe-message and print-message. What is piped is gathered first (bodies
 * may have to come from a server), then the command gets it as its standard input.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "text/doc.h"
#include "ui/index_priv.h"

struct pipe {
	struct target t;
	uint32_t at;
	char *command;
	bool decode, weed, print, split;
	int fd;     /* what was gathered */
	uint64_t job;
};

static void pipe_free(void *data)
{
	struct pipe *p = data;
	target_fini(&p->t);
	free(p->command);
	if (p->fd >= 0)
		close(p->fd);
	free(p);
}

static enum flow_state pipe_next(struct flow *f);

static enum flow_state pipe_end(struct flow *f)
{
	struct pipe *p = f->data;
	if (f->failed)
		return flow_fail(f, &f->err);
	if (p->split && p->at < p->t.n) {
		f->failed = false;
		return flow_next(f, pipe_next);
	}
	if (p->print)
		ui_say(f->ui, p->t.n > 1 ? _("Messages printed") : _("Message printed"));
	return FLOW_DONE;
}

static void pipe_child_done(void *data, int status, const struct err *e)
{
	struct flow *f = data;
	struct pipe *p = f->data;
	struct err failed;
	if (!e && status != 0 && p->print) {
		err_set(&failed, ERR_INPUT, "%s: status %d", p->command, status);
		e = &failed;
	}
	flow_wake(f, e);
}

static enum flow_state pipe_run(struct flow *f)
{
	struct pipe *p = f->data;
	int fd = p->fd;
	p->fd = -1;
	if (lseek(fd, 0, SEEK_SET) < 0)
		log_write(LOG_WARN, "ui", "pipe: cannot rewind");
	flow_wait(f, 0, pipe_end);
	child_run_input(f->ui, p->command, fd, f->ui->conf->wait_key && !p->print, pipe_child_done, f);
	return FLOW_WAITING;
}

static bool copy_bytes(int from, uint64_t offset, uint64_t length, int to, struct err *e)
{
	char buf[65536];
	uint64_t left = length > 0 ? length : UINT64_MAX;
	while (left > 0) {
		ssize_t n = pread(from, buf, (size_t)MIN(left, sizeof(buf)), (off_t)offset);
		if (n < 0)
			return err_sys(e, "reading the message");
		if (n == 0)
			return true;
		if (!fs_write_all(to, sv_make(buf, (size_t)n), e))
			return false;
		offset += (uint64_t)n;
		left -= (uint64_t)n;
	}
	return true;
}

static void pipe_gathered(struct flow *f, const struct err *e)
{
	struct pipe *p = f->data;
	p->at++;
	flow_wake(f, e);
}

static void pipe_file(void *data, int fd, uint64_t offset, uint64_t length, const struct err *e)
{
	struct flow *f = data;
	struct pipe *p = f->data;
	struct err failed;
	if (!e && !copy_bytes(fd, offset, length, p->fd, &failed))
		e = &failed;
	if (fd >= 0)
		close(fd);
	pipe_gathered(f, e);
}

static void pipe_doc(void *data, struct doc *doc, const struct err *e)
{
	struct flow *f = data;
	struct pipe *p = f->data;
	struct err failed;
	struct str text;
	if (doc) {
		str_init(&text, DOC_TEXT_MAX);
		if (!doc_text(doc, 0, doc->line_count, &text) || !fs_write_all(p->fd, str_sv(&text), &failed))
			e = &failed;
		str_fini(&text);
		doc_free(doc);
	}
	pipe_gathered(f, e);
}

static enum flow_state pipe_next(struct flow *f)
{
	struct pipe *p = f->data;
	struct ui *ui = f->ui;
	struct err e;
	if (f->failed)
		return flow_fail(f, &f->err);
	if (p->at >= p->t.n || (p->split && p->at > 0 && p->fd >= 0))
		return flow_next(f, pipe_run);
	if (p->fd < 0 && (p->fd = fs_memfd("pipe", &e)) < 0)
		return flow_fail(f, &e);
	if (p->at > 0 && !p->split && *ui->conf->pipe_sep &&
		!fs_write_all(p->fd, sv_of(ui->conf->pipe_sep), &e))
		return flow_fail(f, &e);
	struct msg_source src = {.view = p->t.view, .row = p->t.rows[p->at]};
	flow_wait(f, 0, pipe_next);
	uint64_t job;
	if (p->decode) {
		struct str options;
		str_init(&options, 65536);
		session_render_options(ui->session, 80, p->weed, &options);
		job = session_document(ui->session, &src, options.s, pipe_doc, f);
		str_fini(&options);
	} else {
		job = session_body(ui->session, &src, "", pipe_file, f);
	}
	if (!f->wake)
		f->job = job;
	return FLOW_WAITING;
}

static enum flow_state pipe_command(struct flow *f)
{
	struct pipe *p = f->data;
	if (!*f->text)
		return FLOW_FAILED;
	p->command = xstrdup(f->text);
	return flow_next(f, pipe_next);
}

static enum flow_state print_answered(struct flow *f)
{
	return f->choice ? flow_next(f, pipe_next) : FLOW_DONE;
}

static enum flow_state pipe_ask(struct flow *f)
{
	struct pipe *p = f->data;
	if (!p->print)
		return flow_ask_line(f, p->t.tagged ? _("Pipe tagged to command: ") : _("Pipe to command: "), NULL, PROMPT_SHELL,
			pipe_command);
	return flow_ask_quad(f, f->ui->conf->print, p->t.tagged ? _("Print tagged messages?") : _("Print message?"),
		print_answered);
}

static enum run_result run_pipe(struct ui *ui, struct screen *screen, enum func_id fn)
{
	struct pipe *p = xcalloc(1, sizeof(*p));
	const struct conf *c = ui->conf;
	(void)screen;
	p->fd = -1;
	p->print = fn == FN_print_message;
	p->decode = p->print ? c->print_decode : c->pipe_decode;
	p->weed = p->print ? c->print_decode_weed : c->pipe_decode_weed;
	p->split = p->print ? c->print_split : c->pipe_split;
	if (p->print)
		p->command = xstrdup(c->print_command);
	if (p->print && !*c->print_command) {
		pipe_free(p);
		return ui_fail(ui, _("No printing command has been defined."));
	}
	if (!target_get(ui, &p->t)) {
		pipe_free(p);
		return RUN_FAILED;
	}
	return flow_run(flow_new(ui, "pipe", p, pipe_free), pipe_ask);
}

#define BOTH (IN(INDEX) | IN(PAGER))
HANDLERS(pipe_handlers, {FN_pipe_message, BOTH, run_pipe}, {FN_print_message, BOTH, run_pipe});
