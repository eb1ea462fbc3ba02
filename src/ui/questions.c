/*
 * What the session must know from the user: passwords, certificates, mail whose fate is unknown. Each
 * question says first why it is asked. They come in any time and wait until nothing else is asked.
 */
#include <stdlib.h>

#include "ui/ui_priv.h"

struct pending_question {
	uint64_t id;
	enum question_kind kind;
	char *text, *cause, *account;
	struct flow *flow; /* it is being asked */
	struct pending_question *next;
};

struct questions {
	struct pending_question *first;
};

static void question_free(struct pending_question *q)
{
	free(q->text);
	free(q->cause);
	free(q->account);
	free(q);
}

static struct pending_question *find(struct ui *ui, uint64_t id)
{
	for (struct pending_question *q = ui->questions->first; q; q = q->next) {
		if (q->id == id)
			return q;
	}
	return NULL;
}

static void drop(struct ui *ui, uint64_t id)
{
	for (struct pending_question **at = &ui->questions->first; *at; at = &(*at)->next) {
		struct pending_question *q = *at;
		if (q->id == id) {
			*at = q->next;
			question_free(q);
			return;
		}
	}
}

struct ask {
	struct ui *ui;
	uint64_t id;
};

static enum flow_state password_given(struct flow *f)
{
	struct ask *a = f->data;
	session_answer_secret(a->ui->session, a->id, f->text, strlen(f->text));
	mem_wipe(f->text, strlen(f->text));
	drop(a->ui, a->id);
	return FLOW_DONE;
}

static enum flow_state password_refused(struct flow *f)
{
	struct ask *a = f->data;
	session_answer_secret(a->ui->session, a->id, NULL, 0);
	drop(a->ui, a->id);
	return FLOW_FAILED;
}

static enum flow_state certificate_answered(struct flow *f)
{
	static const char *const answers[] = {"reject", "once", "always"};
	struct ask *a = f->data;
	int choice = f->choice >= 0 && f->choice < 3 ? f->choice : 0;
	session_answer(a->ui->session, a->id, answers[choice]);
	drop(a->ui, a->id);
	return FLOW_DONE;
}

static enum flow_state certificate_refused(struct flow *f)
{
	f->choice = 0;
	return certificate_answered(f);
}

static enum flow_state yesno_answered(struct flow *f)
{
	struct ask *a = f->data;
	session_answer(a->ui->session, a->id, f->choice ? "yes" : "no");
	drop(a->ui, a->id);
	return FLOW_DONE;
}

static enum flow_state yesno_refused(struct flow *f)
{
	f->choice = 0;
	return yesno_answered(f);
}

/* Whoever does not answer must not send a message a second time by that. */
static enum flow_state fate_left_open(struct flow *f)
{
	struct ask *a = f->data;
	session_answer(a->ui->session, a->id, "later");
	drop(a->ui, a->id);
	return FLOW_DONE;
}

static enum flow_state ask_it(struct flow *f)
{
	struct ask *a = f->data;
	struct pending_question *q = find(a->ui, a->id);
	enum flow_state state = FLOW_FAILED;
	if (!q)
		return FLOW_DONE;
	char *label = NULL;
	switch (q->kind) {
	case ASK_PASSWORD:
		label = q->cause && *q->cause ? xasprintf("%s\n%s: ", q->cause, q->text) : xasprintf("%s: ", q->text);
		f->cancelled = password_refused;
		state = flow_ask_line(f, label, NULL, PROMPT_PASSWORD, password_given);
		break;
	case ASK_CERTIFICATE:
		label = xasprintf("\n%s", _("(r)eject, accept (o)nce, (a)ccept always: "));
		f->cancelled = certificate_refused;
		/* TRANSLATORS: keys for reject, once, always, in this order. */
		state = flow_ask_unasked(f, q->text, label, _("roa"), 0, certificate_answered);
		break;
	case ASK_UNKNOWN_SEND:
		label = xasprintf(" %s: ", _("yes/no"));
		f->cancelled = fate_left_open;
		state = flow_ask_unasked(f, q->text, label, _("ny"), -1, yesno_answered);
		break;
	case ASK_YESNO:
		label = xasprintf(" (%s): ", _("yes/[no]"));
		f->cancelled = yesno_refused;
		state = flow_ask_unasked(f, q->text, label, _("ny"), 0, yesno_answered);
		break;
	}
	free(label);
	return state;
}

/*
 * What an account asks that nobody looks at must not come between the keys of the user: it waits until one
 * of its mailboxes is opened, or it is connected from the list of accounts.
 */
static bool may_be_asked(struct ui *ui, const struct pending_question *q)
{
	struct view *view = index_view_of(ui);
	const char *chosen = engine_account(ui), *part;
	struct account_state a;
	bool known = false;
	if ((q->kind != ASK_PASSWORD && q->kind != ASK_CERTIFICATE) || !q->account || !view)
		return true;
	for (size_t i = 0; i < session_account_count(ui->session) && !known; i++)
		known = session_account(ui->session, i, &a) && strcmp(a.account, q->account) == 0;
	if (!known || (chosen && strcmp(chosen, q->account) == 0))
		return true;
	if (!*view_account(view)) /* a unified mailbox: one of its accounts that is wrong disturbs nobody, either */
		return false;
	for (size_t n = 0; (part = view_part_account(view, n)); n++) {
		if (strcmp(part, q->account) == 0)
			return true;
	}
	return false;
}

void questions_add(struct ui *ui, const struct question *question)
{
	struct pending_question *q = xcalloc(1, sizeof(*q));
	struct pending_question **end = &ui->questions->first;
	q->id = question->id;
	q->kind = question->kind;
	q->text = xstrdup(question->text ? question->text : "");
	q->cause = xstrdup(question->cause);
	q->account = xstrdup(question->account);
	while (*end)
		end = &(*end)->next;
	*end = q;
	if (!may_be_asked(ui, q))
		ui_say(ui, _("%s has a question: ,a and then c asks it."), q->account);
	questions_run(ui);
}

bool questions_wait_for(struct ui *ui, const char *account)
{
	for (struct pending_question *q = ui->questions ? ui->questions->first : NULL; q; q = q->next) {
		if (!q->flow && q->account && strcmp(q->account, account) == 0)
			return true;
	}
	return false;
}

void questions_run(struct ui *ui)
{
	for (struct pending_question *q = ui->questions->first; q; q = q->next) {
		if (q->flow || !may_be_asked(ui, q))
			continue;
		struct ask *a = xcalloc(1, sizeof(*a));
		a->ui = ui;
		a->id = q->id;
		q->flow = flow_new(ui, "question", a, free);
		q->flow->background = true;
		flow_run(q->flow, ask_it);
		return;
	}
}

void questions_gone(struct ui *ui, uint64_t id)
{
	struct pending_question *q = find(ui, id);
	if (!q)
		return;
	struct flow *f = q->flow;
	drop(ui, id);
	if (f) {
		if (prompt_flow(ui) == f)
			prompt_close(ui);
		f->cancelled = NULL;
		flow_cancelled(f);
	}
}

void questions_free(struct ui *ui)
{
	while (ui->questions && ui->questions->first)
		drop(ui, ui->questions->first->id);
	free(ui->questions);
	ui->questions = NULL;
}

void questions_init(struct ui *ui)
{
	ui->questions = xcalloc(1, sizeof(*ui->questions));
}
