/*
 * Limiting the index, and what prompts for patterns show while somebody types: the list follows the limit
 * with every key, other prompts say how many messages would be found. What stands in bodies is taken from
 * the index of words then; Enter asks for all of it, and cancelling brings the old limit back.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "core/session.h"
#include "ui/index_priv.h"

/* ---- counts in prompts ---- */

static void tallied(void *data, uint32_t count, unsigned rough)
{
	struct flow *f = data;

	free(f->note);
	if (rough == ROUGH_MORE)
		f->note = xasprintf(ngettext("at least %u message", "at least %u messages", count), count);
	else if (rough)
		f->note = xasprintf(ngettext("about %u message", "about %u messages", count), count);
	else
		f->note = xasprintf(ngettext("%u message", "%u messages", count), count);
	ui_dirty(f->ui);
}

static void forget_note(struct flow *f)
{
	xfree_null(&f->note);
	ui_dirty(f->ui);
}

/* A pattern that is not finished yet says nothing. */
void narrow_tally(struct flow *f, const char *text)
{
	struct view *view = index_view_of(f->ui);
	struct err e;

	if (!view || !f->ui->conf->search_as_you_type)
		return;
	if (!text || !*text) {
		view_tally_cancel(view);
		forget_note(f);
	} else if (!view_tally(view, text, tallied, f, &e))
		forget_note(f);
}

/* ---- the limit ---- */

struct limit_ask {
	struct ui *ui;
	char *before;  /* the limit that was there; NULL: none */
	int64_t id;    /* of the message that was under the cursor, */
	int above;     /* and how many lines were above it on the screen */
	bool guessed;  /* the list shows what was typed */
	bool waiting;  /* Enter was pressed */
};

static struct view *view_of(const struct limit_ask *a)
{
	struct index *x = index_of(a->ui);

	return x ? x->view : NULL;
}

static void limit_ask_free(void *data)
{
	struct limit_ask *a = data;
	struct index *x = index_of(a->ui);
	unsigned rough;

	if (a->waiting && x && x->limit_flow)
		x->limit_flow = NULL;
	/* It was cancelled while the worker was searching: what is found already stays. */
	if (a->waiting && x && x->view && view_limit_busy(x->view, &rough))
		view_limit_stop(x->view);
	free(a->before);
	free(a);
}

static void say_limit(struct ui *ui, struct view *view)
{
	if (view_lines(view) == 0 && view_limit_text(view))
		ui_error(ui, _("No messages matched criteria."));
	else if (view_limit_text(view))
		ui_say(ui, _("To view all messages, limit to \"all\"."));
}

static enum flow_state limit_done(struct flow *f)
{
	struct index *x = index_of(f->ui);

	((struct limit_ask *)f->data)->waiting = false;
	if (x && x->view)
		say_limit(f->ui, x->view);
	return FLOW_DONE;
}

/* As if nothing had been typed. */
static void go_back(struct index *x)
{
	uint32_t row = view_row_by_id(x->view, x->limit_back_id), line = row == VIEW_NONE ? row : view_line_of(x->view, row);

	x->limit_back = false;
	if (line == VIEW_NONE)
		return;
	view_set_cursor(x->view, line);
	index_sync(x);
	x->list.top = MAX(0, (int)line - x->limit_back_above);
}

void narrow_changed(struct index *x)
{
	struct flow *f = x->limit_flow;
	unsigned rough;

	if ((!f && !x->limit_back) || view_limit_busy(x->view, &rough))
		return;
	if (x->limit_back)
		go_back(x);
	if (!f)
		return;
	x->limit_flow = NULL;
	flow_wake(f, NULL);
}

static enum flow_state limit_to(struct flow *f)
{
	struct limit_ask *a = f->data;
	struct index *x = index_of(f->ui);
	struct err e;
	unsigned rough;

	if (!x || !x->view)
		return FLOW_FAILED;
	x->limit_back = false;
	if (!view_limit(x->view, f->text, &e)) {
		struct err ignored;

		if (a->guessed && view_limit(x->view, a->before, &ignored))
			index_sync(x);
		return flow_fail(f, &e);
	}
	index_sync(x);
	if (!view_limit_busy(x->view, &rough)) {
		say_limit(f->ui, x->view);
		return FLOW_DONE;
	}
	/* Keys that follow in a macro are meant for the new list. */
	a->waiting = true;
	x->limit_flow = f;
	ui_say(f->ui, _("Searching ..."));
	return flow_wait(f, 0, limit_done);
}

static enum flow_state limit_back(struct flow *f)
{
	struct limit_ask *a = f->data;
	struct view *view = view_of(a);
	struct err e;

	if (!a->guessed || !view)
		return FLOW_FAILED;
	struct index *x = index_of(f->ui);

	x->limit_back = a->id != 0;
	x->limit_back_id = a->id;
	x->limit_back_above = a->above;
	if (!view_limit(view, a->before, &e))
		return flow_fail(f, &e);
	narrow_changed(x);
	return FLOW_FAILED;
}

static void limit_typed(struct flow *f, const char *text)
{
	struct limit_ask *a = f->data;
	struct view *view = view_of(a);
	struct err e;

	if (text && view && f->ui->conf->search_as_you_type && view_limit_guess(view, text, &e))
		a->guessed = true;
}

/* What the list shows so far. */
static void limit_noted(struct flow *f, struct str *out)
{
	struct limit_ask *a = f->data;
	struct view *view = view_of(a);
	unsigned rough;
	bool busy;

	if (!view || !a->guessed || !view_limit_text(view))
		return;
	busy = view_limit_busy(view, &rough);
	const struct view_counts *c = view_counts(view);

	if (busy)
		(void)str_adds(out, "...");
	else if (rough == ROUGH_MORE)
		(void)str_addf(out, _("at least %u of %u"), c->shown, c->total);
	else
		(void)str_addf(out, rough ? _("about %u of %u") : _("%u of %u"), c->shown, c->total);
}

static enum flow_state limit_ask(struct flow *f)
{
	struct limit_ask *a = f->data;
	struct view *view = view_of(a);
	struct index *x = index_of(f->ui);
	struct msg_facts m;

	if (view_msg(view, index_row(x), &m)) {
		a->id = m.id;
		a->above = x->list.cursor - x->list.top;
	}
	f->typed = limit_typed;
	f->noted = limit_noted;
	f->cancelled = limit_back;
	a->before = xstrdup(view_limit_text(view));
	return flow_ask_line(f, _("Limit to messages matching: "), a->before, PROMPT_PATTERN, limit_to);
}

static enum run_result limit_to_thread(struct index *x)
{
	struct msg_facts m;
	struct err e;

	if (!view_msg(x->view, view_thread_root(x->view, index_row(x)), &m))
		return RUN_FAILED;
	char *text = xasprintf("~(~i \"" SV_FMT "\")", SV_ARG(m.message_id));
	bool ok = view_limit(x->view, text, &e);

	free(text);
	index_sync(x);
	return ok ? RUN_DONE : ui_fail_err(x->base.ui, &e);
}

static enum run_result run_limit(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct index *x = index_of(ui);

	(void)s;
	if (!x || !x->view)
		return ui_fail(ui, _("No mailbox is open."));
	if (fn == FN_show_limit) {
		if (view_limit_text(x->view))
			ui_say(ui, _("Limit: %s"), view_limit_text(x->view));
		else
			ui_say(ui, _("No limit pattern is in effect."));
		return RUN_DONE;
	}
	if (fn == FN_limit_current_thread)
		return limit_to_thread(x);
	struct limit_ask *a = xcalloc(1, sizeof(*a));

	a->ui = ui;
	return flow_run(flow_new(ui, "limit", a, limit_ask_free), limit_ask);
}

HANDLERS(narrow_handlers,
	{FN_limit, IN(INDEX), run_limit}, {FN_show_limit, IN(INDEX), run_limit},
	{FN_limit_current_thread, IN(INDEX), run_limit});
