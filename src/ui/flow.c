/*
 * Flows: functions that take several turns. Each step runs from the loop and names the next; what it
 * asks is answered through a prompt, what it waits for wakes it. Only one prompt is shown at a time;
 * a flow that wants to ask while another one asks stands in line.
 */
#include <stdlib.h>

#include "ui/ui_priv.h"

enum ask_kind { ASK_NOTHING, ASK_LINE, ASK_CHOICE, ASK_KEY };

/* The public part first, so that a pointer to one is a pointer to the other. */
struct flow_private {
	struct flow f;
	enum ask_kind ask;
	bool asked; /* its prompt is on the screen */
	char *label, *initial;
	const char *letters;
	char *own_letters;
	enum prompt_kind kind;
	int dflt;
	char *unasked; /* the question without its choices, which are offered when nobody is typing; NULL: at once */
};

static struct flow_private *priv(struct flow *f)
{
	return (struct flow_private *)f;
}

struct flow *flow_new(struct ui *ui, const char *name, void *take_data, void (*free_data)(void *))
{
	struct flow_private *p = xcalloc(1, sizeof(*p));
	p->f.ui = ui;
	p->f.name = name;
	p->f.data = take_data;
	p->f.free_data = free_data;
	p->f.link = ui->flows;
	ui->flows = &p->f;
	ui->flow_count++;
	return &p->f;
}

static void clear_ask(struct flow_private *p)
{
	free(p->label);
	free(p->initial);
	free(p->own_letters);
	free(p->unasked);
	p->label = p->initial = p->own_letters = p->unasked = NULL;
	p->ask = ASK_NOTHING;
	p->asked = false;
	if (p->f.typed)
		p->f.typed(&p->f, NULL);
	xfree_null(&p->f.note);
	p->f.typed = NULL;
	p->f.noted = NULL;
}

static void flow_free(struct flow *f)
{
	struct ui *ui = f->ui;
	for (struct flow **at = &ui->flows; *at; at = &(*at)->link) {
		if (*at == f) {
			*at = f->link;
			ui->flow_count--;
			break;
		}
	}
	if (prompt_flow(ui) == f)
		prompt_close(ui);
	if (f->held_by)
		*f->held_by = NULL;
	if (f->job && ui->session)
		session_cancel(ui->session, f->job);
	if (f->fill && ui->session)
		session_fill_cancel(f->fill);
	clear_ask(priv(f));
	free(f->text);
	if (f->free_data)
		f->free_data(f->data);
	free(f);
	ui_dirty(ui);
}

static void show_prompt(struct flow_private *p)
{
	struct ui *ui = p->f.ui;
	p->asked = true;
	if (p->ask == ASK_LINE)
		prompt_open_line(ui, &p->f, p->label, p->initial, p->kind);
	else if (p->ask == ASK_CHOICE)
		prompt_open_choice(ui, &p->f, p->label, p->own_letters, p->dflt);
	else
		prompt_open_key(ui, &p->f, p->label);
	if (p->unasked)
		prompt_wait_for_calm(ui, p->unasked);
}

/* The oldest flow that stands in line gets the message line. */
static void next_prompt(struct ui *ui)
{
	struct flow *oldest = NULL;
	if (ui->prompt || ui->leaving)
		return;
	for (struct flow *f = ui->flows; f; f = f->link) {
		if (priv(f)->ask != ASK_NOTHING && !priv(f)->asked)
			oldest = f;
	}
	if (oldest)
		show_prompt(priv(oldest));
}

/* Runs steps until one waits. Frees the flow when it is over. */
static enum run_result advance(struct flow *f)
{
	struct ui *ui = f->ui;
	enum flow_state state = FLOW_DONE;
	f->running = true;
	while (f->next && !f->over) {
		flow_step *step = f->next;
		f->next = NULL;
		f->wake = false;
		ui_settle(f->ui);
		state = step(f);
		if (state != FLOW_WAITING) {
			f->over = true;
			break;
		}
		if (!f->wake)
			break;
	}
	f->running = false;
	bool over = f->over || (!f->next && priv(f)->ask == ASK_NOTHING);
	if (over)
		flow_free(f);
	next_prompt(ui);
	ui_run_queue(ui);
	return !over ? RUN_WAITING : state == FLOW_FAILED ? RUN_FAILED : RUN_DONE;
}

enum run_result flow_run(struct flow *f, flow_step *first)
{
	f->next = first;
	return advance(f);
}

enum flow_state flow_next(struct flow *f, flow_step *step)
{
	f->next = step;
	f->wake = true;
	return FLOW_WAITING;
}

static enum flow_state ask(struct flow *f, enum ask_kind kind, const char *prompt, flow_step *next)
{
	struct flow_private *p = priv(f);
	void (*typed)(struct flow *, const char *) = f->typed;
	void (*noted)(struct flow *, struct str *) = f->noted;
	f->typed = NULL;
	clear_ask(p);
	f->typed = typed;
	f->noted = noted;
	p->ask = kind;
	p->label = xstrdup(prompt);
	f->next = next;
	return FLOW_WAITING;
}

enum flow_state flow_ask_line(struct flow *f, const char *prompt, const char *initial, enum prompt_kind kind,
	flow_step *next)
{
	ask(f, ASK_LINE, prompt, next);
	priv(f)->initial = xstrdup(initial ? initial : "");
	priv(f)->kind = kind;
	return FLOW_WAITING;
}

enum flow_state flow_ask_choice(struct flow *f, const char *prompt, const char *letters, int dflt, flow_step *next)
{
	ask(f, ASK_CHOICE, prompt, next);
	priv(f)->own_letters = xstrdup(letters);
	priv(f)->dflt = dflt;
	return FLOW_WAITING;
}

enum flow_state flow_ask_unasked(struct flow *f, const char *text, const char *choices, const char *letters, int dflt,
	flow_step *next)
{
	char *label = xasprintf("%s%s", text, choices);
	flow_ask_choice(f, label, letters, dflt, next);
	free(label);
	priv(f)->unasked = xasprintf("%s ...", text);
	return FLOW_WAITING;
}

enum flow_state flow_ask_yesno(struct flow *f, const char *prompt, bool dflt, flow_step *next)
{
	char *label = xasprintf("%s (%s): ", prompt, dflt ? _("[yes]/no") : _("yes/[no]"));
	ask(f, ASK_CHOICE, label, next);
	free(label);
	/* TRANSLATORS: the keys for no and yes, in this order; the English ones always work, too. */
	priv(f)->own_letters = xstrdup(_("ny"));
	priv(f)->dflt = dflt;
	return FLOW_WAITING;
}

enum flow_state flow_ask_quad(struct flow *f, enum quad q, const char *prompt, flow_step *next)
{
	if (q == QUAD_YES || q == QUAD_NO) {
		f->choice = q == QUAD_YES;
		return flow_next(f, next);
	}
	return flow_ask_yesno(f, prompt, q == QUAD_ASK_YES, next);
}

enum flow_state flow_ask_key(struct flow *f, const char *prompt, flow_step *next)
{
	return ask(f, ASK_KEY, prompt, next);
}

enum flow_state flow_wait(struct flow *f, uint64_t job, flow_step *next)
{
	f->job = job;
	f->next = next;
	return FLOW_WAITING;
}

void flow_wake(struct flow *f, const struct err *e)
{
	f->job = 0;
	f->fill = NULL;
	f->failed = e != NULL;
	if (e)
		f->err = *e;
	if (f->running)
		f->wake = true;
	else
		advance(f);
}

void flow_job_done(void *flow, const struct err *e)
{
	flow_wake(flow, e);
}

/* ---- what prompts say ---- */

void flow_hold(struct flow *f, struct flow **place)
{
	*place = f;
	if (f)
		f->held_by = place;
}

static void let_go(struct flow *f)
{
	if (f->held_by)
		*f->held_by = NULL;
	f->held_by = NULL;
}

void flow_answer_line(struct flow *f, const char *text)
{
	char *copy = xstrdup(text);
	let_go(f);
	clear_ask(priv(f));
	free(f->text);
	f->text = copy;
	advance(f);
}

void flow_answer_choice(struct flow *f, int choice)
{
	clear_ask(priv(f));
	f->choice = choice;
	advance(f);
}

void flow_cancelled(struct flow *f)
{
	let_go(f);
	clear_ask(priv(f));
	f->next = f->cancelled;
	f->cancelled = NULL;
	if (!f->next)
		f->over = true;
	advance(f);
}

enum flow_state flow_fail(struct flow *f, const struct err *e)
{
	ui_err(f->ui, e);
	return FLOW_FAILED;
}

/* ---- all of them ---- */

bool flow_any(const struct ui *ui)
{
	for (const struct flow *f = ui->flows; f; f = f->link) {
		const struct flow_private *p = (const struct flow_private *)f;
		if (!f->background && p->ask == ASK_NOTHING)
			return true;
	}
	return false;
}

void flow_cancel_all(struct ui *ui)
{
	struct flow *next;
	for (struct flow *f = ui->flows; f; f = next) {
		next = f->link;
		if (!f->running && !f->background && priv(f)->ask == ASK_NOTHING)
			flow_free(f);
	}
}

void flow_free_all(struct ui *ui)
{
	struct flow *next;
	ui->leaving = true;
	for (struct flow *f = ui->flows; f; f = next) {
		next = f->link;
		if (f->running) /* it is the one that ends everything: its own turn frees it */
			f->over = true;
		else
			flow_free(f);
	}
}
