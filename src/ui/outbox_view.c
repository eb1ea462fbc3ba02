/*
 * The outbox: what waits to be sent and why, and what went lately. Under the list stands what is known
 * about the current message: where it is on its way, the server's words, each recipient.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "core/draft.h"
#include "core/format.h"
#include "core/func.h"
#include "core/when.h"
#include "text/doc.h"
#include "text/utf8.h"
#include "text/width.h"
#include "ui/index_priv.h"

#define DETAIL_ROWS_MAX 12
#define TO_WIDTH 24
#define LABEL_WIDTH 10
#define DETAIL_MAX (1u << 20)

struct outbox_screen {
	struct screen base;
	struct list list;
	struct outbox_item *v;
	size_t n;
	bool refill; /* the outbox has changed since it was read */
};

static struct outbox_screen *self(struct screen *s)
{
	return (struct outbox_screen *)s;
}

static void fill(struct outbox_screen *x)
{
	int64_t at = x->n > 0 ? x->v[x->list.cursor].id : 0;

	outbox_list_free(x->v, x->n);
	x->n = outbox_list(x->base.ui->session, true, &x->v);
	x->refill = false;
	list_set_count(&x->list, (int)x->n);
	for (size_t i = 0; i < x->n; i++) /* the cursor stays on its message */
		if (x->v[i].id == at)
			list_set_cursor(&x->list, (int)i);
}

static struct outbox_item *current(struct outbox_screen *x)
{
	return x->n > 0 ? &x->v[x->list.cursor] : NULL;
}

/* ---- words ---- */

static size_t count_recipients(const struct outbox_item *o)
{
	struct sv rest = sv_of(o->recipients), line;
	size_t n = 0;

	while (sv_split(&rest, '\n', &line))
		n++;
	return n;
}

/* "kai@x.example +2" */
static void add_recipients(struct str *out, const struct outbox_item *o)
{
	struct sv rest = sv_of(o->recipients), first = {0};
	size_t n = count_recipients(o);

	(void)sv_split(&rest, '\n', &first);
	utf8_add_safe(out, first, UTF8_SAFE_LINE);
	if (n > 1)
		str_addf(out, " +%zu", n - 1);
}

static int64_t left_s(const struct outbox_item *o)
{
	return MAX(o->send_at - clock_now(), 0);
}

/* The time that matters: when it goes, when it is tried again, when it was written. */
static void add_when(struct str *out, const struct outbox_item *o)
{
	int64_t now = clock_now();

	if (o->state == OUT_HELD && o->send_at)
		str_addf(out, _("in %lld s"), (long long)left_s(o));
	else if (o->state == OUT_SCHEDULED)
		when_format(out, o->send_at, now);
	else if (o->state == OUT_QUEUED && o->next_try > now)
		when_format(out, o->next_try, now);
	else if (o->server_holds)
		when_format(out, o->server_holds, now);
	else
		when_format(out, o->created, now);
}

/* Those who were refused are in rows of their own. */
static size_t sent_to(struct session *s, const struct outbox_item *o)
{
	struct outbox_recipient *list;
	size_t n = outbox_recipients(s, o->id, &list), refused = 0;

	for (size_t i = 0; i < n; i++)
		refused += list[i].refused;
	outbox_recipients_free(list, n);
	return count_recipients(o) - MIN(refused, count_recipients(o));
}

/* The state as a sentence. */
static void add_state(struct session *s, const struct outbox_item *o, struct str *out)
{
	struct str when;

	str_init(&when, 200);
	add_when(&when, o);
	switch (o->state) {
	case OUT_HELD:
		if (o->send_at)
			str_addf(out, _("goes in %lld s; e takes it back"), (long long)left_s(o));
		else
			str_adds(out, _("waits until you send it (r)"));
		break;
	case OUT_SCHEDULED:
		str_addf(out, _("goes %s"), when.s ? when.s : "");
		break;
	case OUT_QUEUED:
		if (o->next_try > clock_now())
			str_addf(out, ngettext("%u try in vain; next one %s (r: now)", "%u tries in vain; next one %s (r: now)", o->attempts),
				o->attempts, when.s ? when.s : "");
		else
			str_adds(out, _("goes as soon as there is a connection"));
		break;
	case OUT_SENDING:
	case OUT_COMMITTING:
		str_adds(out, _("is on its way to the server"));
		break;
	case OUT_UNKNOWN:
		str_adds(out, _("may or may not have been sent: m if it arrived, r sends it again"));
		break;
	case OUT_FAILED:
		str_adds(out, o->was_draft ? _("was refused: e corrects it, r tries again, d drops it")
					   : _("was refused: r tries again, d drops it"));
		break;
	case OUT_SENT:
		if (sent_to(s, o) < count_recipients(o))
			str_addf(out, _("sent to %zu of %zu"), sent_to(s, o), count_recipients(o));
		else if (o->server_holds)
			str_addf(out, _("the server has it and sends it %s"), when.s ? when.s : "");
		else
			str_adds(out, *o->fcc ? _("sent; its copy is on its way") : _("sent"));
		break;
	case OUT_FILED:
		if (sent_to(s, o) < count_recipients(o))
			str_addf(out, _("sent to %zu of %zu, and the copy is filed"), sent_to(s, o), count_recipients(o));
		else
			str_adds(out, _("sent, and the copy is filed"));
		break;
	}
	str_fini(&when);
}

/* ---- drawing ---- */

static void add_fixed(struct str *out, const struct str *text, int width)
{
	struct sv head = width_head(str_sv(text), width, NULL);

	str_add(out, head);
	str_addn(out, ' ', (size_t)MAX(0, width - width_of(head)));
}

static void line(struct screen *s, int n, int width, struct str *out)
{
	const struct outbox_item *o = &self(s)->v[n];
	struct str part;

	(void)width;
	str_init(&part, DETAIL_MAX);
	str_addf(out, "%3d ", n + 1);
	str_adds(&part, outbox_state_word(o->state));
	add_fixed(out, &part, 10);
	str_clear(&part);
	add_when(&part, o);
	str_addc(out, ' ');
	add_fixed(out, &part, 14);
	str_clear(&part);
	add_recipients(&part, o);
	str_addc(out, ' ');
	add_fixed(out, &part, TO_WIDTH);
	str_adds(out, "  ");
	if (*o->subject)
		utf8_add_safe(out, sv_of(o->subject), UTF8_SAFE_LINE);
	else
		str_adds(out, _("(no subject)"));
	str_fini(&part);
}

static struct style look(struct screen *s, int n)
{
	const struct outbox_item *o = &self(s)->v[n];
	struct ui *ui = s->ui;

	if (o->state == OUT_FAILED || o->state == OUT_UNKNOWN)
		return theme_style(ui->theme, COLOR_error);
	if (o->state == OUT_QUEUED && o->attempts > 0)
		return theme_style(ui->theme, COLOR_warning);
	return (struct style){0};
}

/* Rows of "Label:   text"; long texts go on under themselves, broken at blanks. */
struct detail {
	struct str *out;
	int width;
};

static void add_row(struct detail *d, const char *label, const char *text)
{
	int pad = LABEL_WIDTH - width_of(sv_of(label)), room = MAX(d->width - LABEL_WIDTH, 10);
	struct str safe;
	struct sv rest;

	str_init(&safe, DETAIL_MAX);
	utf8_add_safe(&safe, sv_of(text), UTF8_SAFE_LINE);
	rest = str_sv(&safe);
	str_addf(d->out, "%s%*s", label, MAX(pad, 1), "");
	for (bool first = true; first || rest.len > 0; first = false) {
		struct sv head = width_head(rest, room, NULL);
		ptrdiff_t blank = head.len < rest.len ? sv_rchr(head, ' ') : -1;

		if (!first)
			str_addf(d->out, "%*s", LABEL_WIDTH, "");
		if (blank > 0)
			head = sv_head(head, (size_t)blank);
		str_add(d->out, head);
		str_addc(d->out, '\n');
		rest = sv_from(rest, MAX(head.len, (size_t)(rest.len > 0 && head.len == 0)) + (blank > 0));
	}
	str_fini(&safe);
}

static void add_each_recipient(struct detail *out, struct session *s, const struct outbox_item *o)
{
	struct outbox_recipient *list;
	size_t n = outbox_recipients(s, o->id, &list);
	bool refused = false;

	for (size_t i = 0; i < n; i++)
		refused = refused || list[i].refused;
	/* That all of them have it needs no list. */
	for (size_t i = 0; i < n && (refused || o->state == OUT_UNKNOWN); i++) {
		const struct outbox_recipient *r = &list[i];
		char *text = xasprintf("%s %s: %s%s%s", r->has_it ? "+" : r->refused ? "-" : "?", r->addr,
			*r->cause ? r->cause : r->words, *r->cause ? " -- " : "", *r->cause ? r->words : "");

		add_row(out, i ? "" : _("Each:"), text);
		free(text);
	}
	outbox_recipients_free(list, n);
}

/* All that is known. */
static void add_detail(struct ui *ui, const struct outbox_item *o, int width, struct str *text)
{
	struct detail detail = {text, width}, *out = &detail;
	struct str part, to;
	struct sv rest = sv_of(o->recipients), one;
	char *cause = outbox_cause(o->error);

	str_init(&part, DETAIL_MAX);
	str_init(&to, DETAIL_MAX);
	while (sv_split(&rest, '\n', &one))
		str_addf(&to, "%s" SV_FMT, to.len ? ", " : "", SV_ARG(one));
	add_row(out, _("To:"), to.s ? to.s : "");
	str_addf(&part, "%s (", o->subject);
	format_size(&part, ui->conf, o->size);
	str_addc(&part, ')');
	add_row(out, _("Subject:"), part.s);
	str_clear(&part);
	add_state(ui->session, o, &part);
	add_row(out, _("State:"), part.s ? part.s : "");
	if (o->is_rest && !outbox_is_done(o->state))
		add_row(out, "", _("the other recipients were served by themselves"));
	if (*o->error)
		add_row(out, _("Said:"), o->error);
	if (*cause)
		add_row(out, _("That is:"), cause);
	add_each_recipient(out, ui->session, o);
	str_clear(&part);
	str_addf(&part, _("%s, by %s"), *o->from ? o->from : "<>", o->account);
	add_row(out, _("From:"), part.s);
	if (*o->fcc) {
		char *pretty = conf_short_path(ui->conf, o->fcc);
		add_row(out, _("Copy:"), pretty);
		free(pretty);
	}
	free(cause);
	str_fini(&to);
	str_fini(&part);
}

static int detail_rows(struct outbox_screen *x, int rows)
{
	return x->n == 0 || rows < 10 ? 0 : MIN(DETAIL_ROWS_MAX, rows / 2);
}

static void draw_detail(struct outbox_screen *x, struct area a)
{
	struct ui *ui = x->base.ui;
	struct style normal = theme_style(ui->theme, COLOR_normal), rule = theme_style(ui->theme, COLOR_status);
	struct str text;
	struct sv rest, one;
	int row = 1;

	str_init(&text, DETAIL_MAX);
	add_detail(ui, current(x), a.cols, &text);
	area_fill(a, 0, 0, a.cols, '-', rule);
	area_puts(a, 0, 0, _("-- details "), rule);
	rest = str_sv(&text);
	while (row < a.rows && sv_line(&rest, &one))
		area_put(a, row++, 0, one, normal);
	str_fini(&text);
}

static void draw(struct screen *s)
{
	struct outbox_screen *x = self(s);
	struct area a = ui_area(s->ui, s->ui->layout.list);
	int below;

	if (x->refill)
		fill(x);
	below = detail_rows(x, a.rows);
	list_draw(s, &x->list, area_part(a, 0, 0, a.rows - below, a.cols), line, look);
	if (x->n == 0)
		area_puts(a, 1, 2, _("Nothing waits to be sent."), theme_style(s->ui->theme, COLOR_message));
	else if (below > 0)
		draw_detail(x, area_part(a, a.rows - below, 0, below, a.cols));
}

static void status(struct screen *s, struct str *out, int width)
{
	struct outbox_screen *x = self(s);
	unsigned waiting = 0, trouble = 0;
	struct str title;

	for (size_t i = 0; i < x->n; i++) {
		trouble += x->v[i].state == OUT_FAILED || x->v[i].state == OUT_UNKNOWN;
		waiting += !outbox_is_done(x->v[i].state);
	}
	str_init(&title, 1024);
	str_addf(&title, ngettext("Outbox: %u waiting", "Outbox: %u waiting", waiting), waiting);
	if (trouble)
		str_addf(&title, ngettext(", %u with trouble", ", %u with trouble", trouble), trouble);
	status_title(title.s, &x->list, out, width);
	str_fini(&title);
}

static struct list *list(struct screen *s)
{
	return &self(s)->list;
}

static void entry(struct screen *s, int n, struct str *out)
{
	line(s, n, 200, out);
	str_addc(out, ' ');
	str_adds(out, self(s)->v[n].error);
}

static void shown(struct screen *s)
{
	fill(self(s));
}

static void outbox_screen_free(struct screen *s)
{
	struct outbox_screen *x = self(s);

	outbox_list_free(x->v, x->n);
	free(x);
}

static const struct hint hints[] = {
	{FN_exit, N_("Exit")}, {FN_retry_entry, N_("Send now")}, {FN_edit_entry, N_("Edit")}, {FN_hold_entry, N_("Hold")},
	{FN_reschedule_entry, N_("Later")}, {FN_delete_entry, N_("Drop")}, {FN_view_entry, N_("View")},
	{FN_help, N_("Help")}, {FN_NONE, NULL},
};

static const struct screen_ops ops = {
	.name = "outbox", .menu = MENU_OUTBOX, .layout = LAYOUT_FULL, .draw = draw, .status = status, .list = list,
	.entry = entry, .shown = shown, .free = outbox_screen_free, .hints = hints,
};

struct screen *outbox_open_view(struct ui *ui)
{
	struct outbox_screen *x = xcalloc(1, sizeof(*x));

	x->base.ops = &ops;
	x->base.ui = ui;
	fill(x);
	return &x->base;
}

/* ---- functions ---- */

/* One entry that a flow works on, whatever the cursor does meanwhile. */
struct one {
	int64_t id;
};

static struct flow *flow_of(struct ui *ui, const char *name, const struct outbox_item *o)
{
	struct one *d = xcalloc(1, sizeof(*d));

	d->id = o->id;
	return flow_new(ui, name, d, free);
}

static enum flow_state changed(struct flow *f, bool ok, const struct err *e, const char *said)
{
	if (!ok)
		return flow_fail(f, e);
	outbox_changed(f->ui);
	ui_say(f->ui, "%s", said);
	return FLOW_DONE;
}

static enum flow_state send_again(struct flow *f)
{
	struct err e;

	if (!f->choice)
		return FLOW_DONE;
	return changed(f, outbox_retry_item(f->ui->session, ((struct one *)f->data)->id, &e), &e, _("It is sent again."));
}

static enum flow_state ask_again(struct flow *f)
{
	return flow_ask_yesno(f, _("It may have arrived. Send it a second time?"), false, send_again);
}

static enum run_result run_retry(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct outbox_item *o = current(self(s));
	struct err e;

	(void)fn;
	if (!o)
		return ui_fail(ui, _("No entries."));
	if (o->state == OUT_UNKNOWN)
		return flow_run(flow_of(ui, "send again", o), ask_again);
	if (!outbox_retry_item(ui->session, o->id, &e))
		return ui_fail_err(ui, &e);
	outbox_changed(ui);
	ui_say(ui, _("Sending ..."));
	return RUN_DONE;
}

static enum run_result run_hold(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct outbox_item *o = current(self(s));
	struct err e;

	(void)fn;
	if (!o)
		return ui_fail(ui, _("No entries."));
	if (!outbox_hold_item(ui->session, o->id, &e))
		return ui_fail_err(ui, &e);
	outbox_changed(ui);
	ui_say(ui, _("It waits until you send it."));
	return RUN_DONE;
}

static enum run_result run_mark_sent(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct outbox_item *o = current(self(s));

	(void)fn;
	if (!o || o->state != OUT_UNKNOWN)
		return ui_fail(ui, _("Only a message whose fate is unknown can be marked as sent."));
	outbox_mark_sent(ui->session, o->id);
	outbox_changed(ui);
	return RUN_DONE;
}

static enum flow_state later_given(struct flow *f)
{
	struct one *d = f->data;
	struct str text;
	struct err e;
	int64_t when;
	bool ok;

	if (!when_parse(sv_of(f->text), clock_now(), &when, &e))
		return flow_fail(f, &e);
	ok = outbox_schedule_item(f->ui->session, d->id, when, &e);
	if (!ok)
		return flow_fail(f, &e);
	str_init(&text, 200);
	when_format(&text, when, clock_now());
	outbox_changed(f->ui);
	ui_say(f->ui, _("It goes %s."), text.s);
	str_fini(&text);
	return FLOW_DONE;
}

static enum flow_state later_ask(struct flow *f)
{
	return flow_ask_line(f, _("Send when (tomorrow 8:00, Fri 14:30, +2h): "), NULL, PROMPT_OTHER, later_given);
}

static enum run_result run_later(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct outbox_item *o = current(self(s));

	(void)fn;
	if (!o)
		return ui_fail(ui, _("No entries."));
	return flow_run(flow_of(ui, "send later", o), later_ask);
}

static enum run_result run_edit(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct outbox_item *o = current(self(s));
	struct err e;

	(void)fn;
	if (!o)
		return ui_fail(ui, _("No entries."));
	struct draft *d = outbox_recall_item(ui->session, o->id, &e);
	if (!d)
		return ui_fail_err(ui, &e);
	ui_pop(ui);
	write_open(ui, d);
	return RUN_DONE;
}

static enum flow_state drop_answered(struct flow *f)
{
	struct err e;

	if (!f->choice)
		return FLOW_DONE;
	if (!outbox_drop_item(f->ui->session, ((struct one *)f->data)->id, &e))
		return flow_fail(f, &e);
	outbox_changed(f->ui);
	return FLOW_DONE;
}

static enum flow_state drop_ask(struct flow *f)
{
	return flow_ask_yesno(f, _("Throw this message away? It has not been sent."), false, drop_answered);
}

static enum run_result run_delete(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct outbox_item *o = current(self(s));
	struct err e;

	if (fn == FN_undelete_entry)
		return outbox_take_back(ui) ? RUN_DONE : ui_fail(ui, _("Nothing can be taken back: e edits the message."));
	if (!o)
		return ui_fail(ui, _("No entries."));
	if (!outbox_is_done(o->state))
		return flow_run(flow_of(ui, "drop", o), drop_ask);
	if (!outbox_drop_item(ui->session, o->id, &e)) /* only the note of it goes */
		return ui_fail_err(ui, &e);
	outbox_changed(ui);
	return RUN_DONE;
}

static enum run_result run_select(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct outbox_item *o = current(self(s));
	struct str text;

	(void)fn;
	if (!o)
		return ui_fail(ui, _("No entries."));
	str_init(&text, DETAIL_MAX);
	add_detail(ui, o, MAX(ui->layout.list.cols - 1, LABEL_WIDTH * 2), &text);
	ui_push(ui, pager_open_text(ui, _("Outbox"), str_sv(&text)));
	str_fini(&text);
	return RUN_DONE;
}

/* ---- the message itself ---- */

struct reading {
	char *file;
	struct doc *doc;
};

static void have_doc(void *data, struct doc *doc, const struct err *e)
{
	struct flow *f = data;

	((struct reading *)f->data)->doc = doc;
	flow_wake(f, e);
}

static void reading_free(void *data)
{
	struct reading *r = data;

	doc_free(r->doc);
	free(r->file);
	free(r);
}

static enum flow_state show_doc(struct flow *f)
{
	struct reading *r = f->data;
	struct doc *doc = r->doc;

	if (f->failed)
		return flow_fail(f, &f->err);
	r->doc = NULL;
	ui_push(f->ui, pager_open_doc(f->ui, doc, _("Outbox")));
	return FLOW_DONE;
}

static enum flow_state read_message(struct flow *f)
{
	struct reading *r = f->data;
	struct msg_source source = {.path = r->file};
	struct str options;
	uint64_t job;

	str_init(&options, DETAIL_MAX);
	(void)session_render_options(f->ui->session, f->ui->layout.list.cols, f->ui->weed, &options);
	flow_wait(f, 0, show_doc);
	job = session_document(f->ui->session, &source, options.s ? options.s : "", have_doc, f);
	if (!f->wake)
		f->job = job;
	str_fini(&options);
	return FLOW_WAITING;
}

static enum run_result run_view(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct outbox_item *o = current(self(s));
	struct reading *r;
	char *file;

	(void)fn;
	if (!o)
		return ui_fail(ui, _("No entries."));
	file = outbox_message_file(ui->session, o->id);
	if (!file)
		return ui_fail(ui, _("The message is not kept any more: its copy is where Fcc put it."));
	r = xcalloc(1, sizeof(*r));
	r->file = file;
	return flow_run(flow_new(ui, "view", r, reading_free), read_message);
}

static enum run_result run_exit(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	(void)fn;
	ui_pop(ui);
	return RUN_DONE;
}

/* ---- the outbox in the status line, and taking mail back ---- */

void outbox_changed(struct ui *ui)
{
	struct screen *s = ui_top(ui);

	if (s && s->ops == &ops)
		self(s)->refill = true;
	ui->outbox_counts.known = false;
	ui_dirty(ui);
}

/* The status line is drawn often, the outbox changes seldom. */
static void count_outbox(struct ui *ui)
{
	struct outbox_item *v = NULL;
	size_t n = outbox_list(ui->session, false, &v);
	unsigned waiting = 0, sending = 0, failed = 0;

	for (size_t i = 0; i < n; i++) {
		enum outbox_state_shown s = v[i].state;
		waiting += s == OUT_HELD || s == OUT_QUEUED || s == OUT_SCHEDULED;
		sending += s == OUT_SENDING || s == OUT_COMMITTING;
		failed += s == OUT_FAILED || s == OUT_UNKNOWN;
	}
	outbox_list_free(v, n);
	ui->outbox_counts.waiting = waiting;
	ui->outbox_counts.sending = sending;
	ui->outbox_counts.failed = failed;
	ui->outbox_counts.known = true;
}

void outbox_summary(struct ui *ui, struct str *out)
{
	if (!ui->outbox_counts.known)
		count_outbox(ui);
	unsigned failed = ui->outbox_counts.failed, waiting = ui->outbox_counts.waiting;
	if (failed > 0)
		str_addf(out, ngettext("outbox: %u failed--", "outbox: %u failed--", failed), failed);
	else if (ui->outbox_counts.sending > 0)
		str_adds(out, _("outbox: sending--"));
	else if (waiting > 0)
		str_addf(out, _("outbox: %u--"), waiting);
}

bool outbox_can_take_back(struct ui *ui)
{
	return ui->undo_until_ms > clock_ms();
}

bool outbox_take_back(struct ui *ui)
{
	struct err e;

	if (!outbox_can_take_back(ui))
		return false;
	struct draft *d = outbox_recall_item(ui->session, ui->undo_outbox, &e);
	ui->undo_until_ms = 0;
	if (!d) {
		ui_err(ui, &e);
		return true;
	}
	if (ui_top(ui)->ops == &ops)
		ui_pop(ui);
	write_open(ui, d);
	ui_say(ui, _("The message is back: y sends it, P keeps it."));
	return true;
}

HANDLERS(outbox_handlers,
	{FN_select_entry, IN(OUTBOX), run_select}, {FN_retry_entry, IN(OUTBOX), run_retry},
	{FN_hold_entry, IN(OUTBOX), run_hold}, {FN_reschedule_entry, IN(OUTBOX), run_later},
	{FN_view_entry, IN(OUTBOX), run_view}, {FN_mark_sent, IN(OUTBOX), run_mark_sent},
	{FN_edit_entry, IN(OUTBOX), run_edit}, {FN_delete_entry, IN(OUTBOX), run_delete},
	{FN_undelete_entry, IN(OUTBOX), run_delete}, {FN_exit, IN(OUTBOX), run_exit});
