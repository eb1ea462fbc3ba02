/*
 * A message of which only the beginning is here: a POP3 server has the rest ($pop_max_size). Opening
 * it asks whether to fetch that; fetch-message does it without a question.
 */
#include <stdlib.h>
#include <unistd.h>

#include "core/format.h"
#include "ui/index_priv.h"

struct partial {
	struct view *view;
	int64_t id; /* rows may be renumbered meanwhile */
};

static void here(void *data, int fd, uint64_t offset, uint64_t length, const struct err *e)
{
	(void)offset;
	(void)length;
	if (fd >= 0)
		close(fd);
	flow_wake(data, e);
}

static enum flow_state show(struct flow *f)
{
	struct screen *top = ui_top(f->ui);
	if (f->failed)
		return flow_fail(f, &f->err);
	if (pager_is_message(top))
		pager_rerender(top);
	ui_say(f->ui, _("All of the message is here."));
	return FLOW_DONE;
}

static enum flow_state fetch(struct flow *f)
{
	const struct partial *p = f->data;
	struct ui *ui = f->ui;
	uint32_t row = index_view_of(ui) == p->view ? view_row_by_id(p->view, p->id) : VIEW_NONE;
	struct msg_source src = {.view = p->view, .row = row};
	if (row == VIEW_NONE) {
		ui_error(ui, _("The message is not there any more."));
		return FLOW_FAILED;
	}
	ui_say(ui, _("Fetching the rest of the message..."));
	flow_wait(f, 0, show);
	uint64_t job = session_body(ui->session, &src, "", here, f);
	if (!f->wake)
		f->job = job;
	return FLOW_WAITING;
}

static enum flow_state asked(struct flow *f)
{
	if (f->choice == 1)
		return fetch(f);
	ui_say(f->ui, _("Only the beginning is shown; fetch-message gets the rest."));
	return FLOW_DONE;
}

static enum flow_state ask(struct flow *f)
{
	const struct partial *p = f->data;
	uint32_t row = view_row_by_id(p->view, p->id);
	struct msg_facts m;
	struct str text, size;
	if (row == VIEW_NONE || !view_msg(p->view, row, &m))
		return FLOW_DONE;
	str_init(&size, 64);
	str_init(&text, 512);
	format_size(&size, f->ui->conf, m.size);
	str_addf(&text, _("Only the beginning is here. Fetch all of it (%s)?"), size.s ? size.s : "");
	enum flow_state state = flow_ask_yesno(f, text.s, true, asked);
	str_fini(&text);
	str_fini(&size);
	return state;
}

static struct flow *begin(struct ui *ui, struct view *view, uint32_t row)
{
	struct msg_facts m;
	if (!view_msg(view, row, &m))
		return NULL;
	struct partial *p = xcalloc(1, sizeof(*p));
	*p = (struct partial){.view = view, .id = m.id};
	return flow_new(ui, "fetch message", p, free);
}

void partial_offer(struct ui *ui, struct view *view, uint32_t row)
{
	struct flow *f = ui->prompt || flow_any(ui) ? NULL : begin(ui, view, row);
	if (f)
		flow_run(f, ask);
	else
		ui_say(ui, _("Only the beginning is shown; fetch-message gets the rest."));
}

static enum run_result run_fetch(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct view *view;
	uint32_t row = target_row(ui, &view);
	(void)s;
	(void)fn;
	if (row == VIEW_NONE)
		return ui_fail(ui, _("There are no messages."));
	if (!(view_flags(view, row) & FLAG_PARTIAL)) {
		ui_say(ui, _("All of the message is here."));
		return RUN_DONE;
	}
	struct flow *f = begin(ui, view, row);
	return f ? flow_run(f, fetch) : RUN_FAILED;
}

HANDLERS(partial_handlers, {FN_fetch_message, IN(INDEX) | IN(PAGER), run_fetch});
