/*
 * Answers out of the attachment menu. On messages inside this one (the one under the cursor, the tagged
 * ones) they are about those. forward takes other parts along: texts into the text, unless they are to be files
 * ($mime_forward), what is no text as files ($mime_forward_rest). Everything else is about the whole
 * message, and the index does it.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "core/draft.h"
#include "ui/attach_priv.h"

struct answer {
	enum func_id fn;
	struct view *view;
	uint32_t row;
	uint32_t *parts;
	size_t n, at;
	struct sent_file *files; /* n of them, as far as they are fetched; without a path: it is in the text, or stays */
	bool as_text, rest;      /* texts go into the text; what is none goes along */
	struct str text;
	int fd;
};

static void answer_free(void *data)
{
	struct answer *a = data;

	if (a->fd >= 0)
		close(a->fd);
	sent_files_free(a->files, a->files ? a->n : 0);
	str_fini(&a->text);
	free(a->parts);
	free(a);
}

static bool is_message(const struct doc_part *p)
{
	return p->parent >= 0 && (strcmp(p->type, "message/rfc822") == 0 || strcmp(p->type, "message/global") == 0);
}

static bool is_text(const struct doc_part *p)
{
	return strncmp(p->type, "text/", 5) == 0;
}

/* ---- the parts are here ---- */

static char *take_path(struct answer *a)
{
	char *path = a->files[0].path;

	a->files[0].path = NULL;
	return path;
}

static enum flow_state mail_to_sender(struct flow *f)
{
	struct answer *a = f->data;
	char *from = draft_sender_of_file(a->files[0].path);

	if (!from) {
		ui_error(f->ui, _("The message has no sender."));
		return FLOW_FAILED;
	}
	write_mail_to(f->ui, from);
	free(from);
	return FLOW_DONE;
}

/* Those that are files; how many. */
static size_t keep_files(struct answer *a)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n; i++) {
		if (a->files[i].path) {
			a->files[n++] = a->files[i];
			continue;
		}
		free(a->files[i].name);
		free(a->files[i].type);
		free(a->files[i].description);
	}
	return n;
}

/* The texts between the lines that a forwarded message stands between. Caller frees; NULL: there is none. */
static char *forwarded_text(struct ui *ui, struct answer *a)
{
	struct str out, line;

	if (!a->text.len)
		return NULL;
	str_init(&out, DRAFT_TEXT_MAX);
	str_init(&line, DRAFT_TEXT_MAX);
	message_format_once(ui, ui->conf->forward_attribution_intro, a->view, a->row, &line);
	bool ok = str_add(&out, str_sv(&line)) && str_adds(&out, "\n\n") && str_add(&out, str_sv(&a->text)) &&
		  str_addc(&out, '\n');
	str_clear(&line);
	message_format_once(ui, ui->conf->forward_attribution_trailer, a->view, a->row, &line);
	ok = ok && str_add(&out, str_sv(&line)) && str_addc(&out, '\n');
	str_fini(&line);
	if (!ok)
		log_write(LOG_WARN, "ui", "the forwarded text was cut");
	return str_detach(&out);
}

static enum flow_state all_here(struct flow *f)
{
	struct answer *a = f->data;
	bool message = a->n == 1 && strcmp(a->files[0].type, "message/rfc822") == 0;
	enum run_result r;

	attach_leave(f->ui);
	if (message && a->fn == FN_compose_to_sender)
		return mail_to_sender(f);
	if (message && a->fn == FN_bounce_message) {
		r = bounce_file(f->ui, take_path(a));
	} else if (message) {
		r = write_about_file(f->ui, a->fn, take_path(a));
	} else {
		struct sent_file *files = a->files;
		size_t n = keep_files(a);
		a->files = NULL;
		r = write_with_files(f->ui, a->view, a->row, files, n, forwarded_text(f->ui, a));
	}
	return r == RUN_FAILED ? FLOW_FAILED : FLOW_DONE;
}

/* ---- fetching ---- */

static enum flow_state fetch_next(struct flow *f);

static enum flow_state fetched(struct flow *f)
{
	struct answer *a = f->data;

	if (a->fd >= 0)
		close(a->fd);
	a->fd = -1;
	if (f->failed)
		return flow_fail(f, &f->err);
	return ++a->at < a->n ? flow_next(f, fetch_next) : flow_next(f, all_here);
}

/* A text as it is read, quoted when the user wants it. */
static void add_text(struct flow *f, const struct doc *doc)
{
	struct answer *a = f->data;
	struct str indent;

	str_init(&indent, 1024);
	if (f->ui->conf->forward_quote)
		message_format_once(f->ui, f->ui->conf->indent_string, a->view, a->row, &indent);
	for (uint32_t i = doc->body_line; i < doc->line_count; i++) {
		bool goes_on = i > doc->body_line && (doc->lines[i].flags & DOC_LINE_CONT);
		if (goes_on)
			str_cut(&a->text, a->text.len - 1);
		(void)!((goes_on || str_add(&a->text, str_sv(&indent))) && str_add(&a->text, doc_line_text(doc, i)) &&
			str_addc(&a->text, '\n')); /* the user sees what is there */
	}
	str_fini(&indent);
}

static void text_arrived(void *data, struct doc *doc, const struct err *e)
{
	struct flow *f = data;

	if (doc)
		add_text(f, doc);
	doc_free(doc);
	flow_wake(f, e);
}

static enum flow_state fetch_text(struct flow *f, const struct attach *menu, const struct doc_part *p)
{
	struct msg_source src = {.view = menu->view, .row = menu->row};
	struct str options;

	str_init(&options, 1 << 20);
	session_render_options(f->ui->session, 80, false, &options);
	type_add_option(f->ui, menu->view, menu->row, &options);
	str_addf(&options, "mode=part\npart=%s\n", p->id);
	flow_wait(f, 0, fetched);
	uint64_t job = session_document(f->ui->session, &src, options.s, text_arrived, f);
	if (!f->wake)
		f->job = job;
	str_fini(&options);
	return FLOW_WAITING;
}

static enum flow_state fetch_next(struct flow *f)
{
	struct answer *a = f->data;
	struct attach *menu = attach_top(f->ui);
	struct sent_file *file = &a->files[a->at];
	struct err e;

	if (!menu || !menu->doc || a->parts[a->at] >= menu->doc->part_count)
		return FLOW_FAILED;
	const struct doc_part *p = &menu->doc->parts[a->parts[a->at]];
	if (a->as_text && is_text(p))
		return fetch_text(f, menu, p);
	if (a->as_text && !a->rest)
		return flow_next(f, fetched);
	file->name = xstrdup(p->filename);
	file->type = xstrdup(is_message(p) ? "message/rfc822" : p->type);
	file->description = xstrdup(p->description);
	if (!fs_temp(f->ui->conf->tmpdir, "feist-part", is_message(p) ? ".eml" : "", &a->fd, &file->path, &e))
		return flow_fail(f, &e);
	struct msg_source src = {.view = menu->view, .row = menu->row};
	flow_wait(f, 0, fetched);
	uint64_t job = session_part(f->ui->session, &src, p->id, "", a->fd, flow_job_done, f);
	if (!f->wake)
		f->job = job;
	return FLOW_WAITING;
}

/* ---- which parts ---- */

static bool is_chosen(struct ui *ui, const struct attach *a, uint32_t i)
{
	return ui->tag_prefix ? a->tagged[i] : a->list.count > 0 && a->shown[a->list.cursor] == i;
}

/* True when the function is about parts: messages inside, or with forward anything but a container. */
static bool chosen(struct ui *ui, struct attach *menu, struct answer *a)
{
	size_t messages = 0;

	for (uint32_t i = 0; menu->doc && i < menu->doc->part_count; i++) {
		const struct doc_part *p = &menu->doc->parts[i];
		if (!is_chosen(ui, menu, i) || p->parent < 0 || strncmp(p->type, "multipart/", 10) == 0)
			continue;
		messages += is_message(p);
		a->parts[a->n++] = i;
	}
	if (a->n == 0)
		return false;
	return a->fn == FN_forward_message || (a->n == 1 && messages == 1);
}

static enum flow_state rest_answered(struct flow *f)
{
	((struct answer *)f->data)->rest = f->choice;
	return flow_next(f, fetch_next);
}

static enum flow_state as_files_answered(struct flow *f)
{
	struct answer *a = f->data;
	const struct attach *menu = attach_top(f->ui);
	size_t texts = 0;

	if (!menu || !menu->doc)
		return FLOW_FAILED;
	a->as_text = !f->choice;
	for (size_t i = 0; i < a->n; i++)
		texts += is_text(&menu->doc->parts[a->parts[i]]);
	if (f->choice || texts == a->n)
		return flow_next(f, fetch_next);
	return flow_ask_quad(f, f->ui->conf->mime_forward_rest,
		_("Some of them are no text. Forward those as attachments?"), rest_answered);
}

static enum flow_state ask_how(struct flow *f)
{
	return flow_ask_quad(f, f->ui->conf->mime_forward, _("Forward as attachments?"), as_files_answered);
}

/* Forwarding texts: it must be known how. */
static bool is_about_text(const struct attach *menu, const struct answer *a)
{
	bool texts = false;

	for (size_t i = 0; i < a->n; i++)
		texts |= is_text(&menu->doc->parts[a->parts[i]]);
	return texts && a->fn == FN_forward_message;
}

static enum run_result run_answer(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct attach *menu = attach_self(s);
	struct answer *a = xcalloc(1, sizeof(*a));

	*a = (struct answer){.fn = fn, .view = menu->view, .row = menu->row, .fd = -1};
	str_init(&a->text, DRAFT_TEXT_MAX);
	a->parts = xcalloc(menu->doc ? menu->doc->part_count + 1 : 1, sizeof(*a->parts));
	if (!chosen(ui, menu, a)) {
		answer_free(a);
		attach_leave(ui);
		return dispatch(ui, fn);
	}
	a->files = xcalloc(a->n, sizeof(*a->files));
	return flow_run(flow_new(ui, "answer part", a, answer_free), is_about_text(menu, a) ? ask_how : fetch_next);
}

HANDLERS(attach_answer_handlers,
	{FN_bounce_message, IN(ATTACH), run_answer}, {FN_reply, IN(ATTACH), run_answer},
	{FN_group_reply, IN(ATTACH), run_answer}, {FN_group_chat_reply, IN(ATTACH), run_answer},
	{FN_list_reply, IN(ATTACH), run_answer}, {FN_forward_message, IN(ATTACH), run_answer},
	{FN_resend_message, IN(ATTACH), run_answer}, {FN_compose_to_sender, IN(ATTACH), run_answer});
