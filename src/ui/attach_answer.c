/*
 * Answers out of the attachment menu. On messages inside this one (the one under the cursor, the tagged
 * ones) they are about those; forward sends other parts on as they are; everything else is about the
 * whole message, and the index does it.
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
	struct sent_file *files; /* n of them, as far as they are fetched */
	int fd;
};

static void answer_free(void *data)
{
	struct answer *a = data;

	if (a->fd >= 0)
		close(a->fd);
	sent_files_free(a->files, a->files ? a->n : 0);
	free(a->parts);
	free(a);
}

static bool is_message(const struct doc_part *p)
{
	return p->parent >= 0 && (strcmp(p->type, "message/rfc822") == 0 || strcmp(p->type, "message/global") == 0);
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
		a->files = NULL;
		r = write_with_files(f->ui, a->view, a->row, files, a->n);
	}
	return r == RUN_FAILED ? FLOW_FAILED : FLOW_DONE;
}

/* ---- fetching ---- */

static enum flow_state fetch_next(struct flow *f);

static enum flow_state fetched(struct flow *f)
{
	struct answer *a = f->data;

	close(a->fd);
	a->fd = -1;
	if (f->failed)
		return flow_fail(f, &f->err);
	return ++a->at < a->n ? flow_next(f, fetch_next) : flow_next(f, all_here);
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

static enum run_result run_answer(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct attach *menu = attach_self(s);
	struct answer *a = xcalloc(1, sizeof(*a));

	*a = (struct answer){.fn = fn, .view = menu->view, .row = menu->row, .fd = -1};
	a->parts = xcalloc(menu->doc ? menu->doc->part_count + 1 : 1, sizeof(*a->parts));
	if (!chosen(ui, menu, a)) {
		answer_free(a);
		attach_leave(ui);
		return dispatch(ui, fn);
	}
	a->files = xcalloc(a->n, sizeof(*a->files));
	return flow_run(flow_new(ui, "answer part", a, answer_free), fetch_next);
}

HANDLERS(attach_answer_handlers,
	{FN_bounce_message, IN(ATTACH), run_answer}, {FN_reply, IN(ATTACH), run_answer},
	{FN_group_reply, IN(ATTACH), run_answer}, {FN_group_chat_reply, IN(ATTACH), run_answer},
	{FN_list_reply, IN(ATTACH), run_answer}, {FN_forward_message, IN(ATTACH), run_answer},
	{FN_resend_message, IN(ATTACH), run_answer}, {FN_compose_to_sender, IN(ATTACH), run_answer});
