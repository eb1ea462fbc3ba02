/*
 * The compose screen: fields, parts, a preview of the text. From here the message is edited again,
 * sent, kept or thrown away; until then it lies in the store and survives anything.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/proc.h"
#include "core/draft.h"
#include "core/format.h"
#include "core/func.h"
#include "core/when.h"
#include "text/utf8.h"
#include "text/width.h"
#include "text/wrap.h"
#include "ui/compose_priv.h"
#include "ui/index_priv.h"

#define USER_HEADERS_MAX 5 /* headers of the user's own that are shown */

/* ---- drawing ---- */

static const struct {
	enum draft_field field;
	const char *label;
} rows[] = {
	{FIELD_FROM, N_("From")}, {FIELD_TO, N_("To")}, {FIELD_CC, N_("Cc")}, {FIELD_BCC, N_("Bcc")},
	{FIELD_SUBJECT, N_("Subject")}, {FIELD_REPLY_TO, N_("Reply-To")}, {FIELD_FCC, N_("Fcc")},
};

static int label_width(void)
{
	int w = 0;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		w = MAX(w, width_of(sv_of(_(rows[i].label))));
	w = MAX(w, MAX(width_of(sv_of(_("Send"))), width_of(sv_of(_("Not to")))));
	return MAX(w, width_of(sv_of(_("Security"))));
}

static bool row_shown(const struct compose *c, size_t i, int height)
{
	/* On small screens fields that are empty and rarely filled give their lines away. */
	if (height >= 20 || *draft_field(c->draft, rows[i].field))
		return true;
	return rows[i].field != FIELD_REPLY_TO && rows[i].field != FIELD_BCC;
}

static int draw_row(struct area a, int row, int width, const char *label, const char *value, struct style label_style,
	struct style style)
{
	int pad = MAX(0, width - width_of(sv_of(label)));
	int col = area_puts(a, row, pad, label, label_style);
	col = area_puts(a, row, col, ": ", label_style);
	struct str safe;
	str_init(&safe, 1 << 20);
	utf8_add_safe(&safe, sv_of(value), UTF8_SAFE_LINE);
	area_put_width(a, row, col, a.cols - col, safe.s ? str_sv(&safe) : SV(""), style, true);
	str_fini(&safe);
	return row + 1;
}

static void draw_rule(struct ui *ui, struct area a, int row, const char *title)
{
	struct style style = theme_style(ui->theme, COLOR_status);
	area_fill(a, row, 0, a.cols, '-', style);
	char *text = xasprintf("-- %s ", title);
	area_puts(a, row, 0, text, style);
	free(text);
}

/* When it goes, and who has it already; only where there is something to say. */
static int draw_times(struct compose *c, struct area a, int row, int width, struct style label, struct style normal)
{
	struct str text;
	str_init(&text, 1 << 20);
	if (draft_send_at(c->draft)) {
		when_format(&text, draft_send_at(c->draft), clock_now());
		row = draw_row(a, row, width, _("Send"), text.s ? text.s : "", label, normal);
	}
	str_clear(&text);
	struct sv rest = sv_of(draft_delivered(c->draft)), one;
	while (sv_line(&rest, &one))
		str_addf(&text, "%s" SV_FMT, text.len ? ", " : "", SV_ARG(one));
	if (text.len)
		row = draw_row(a, row, width, _("Not to"), text.s, label, normal);
	str_fini(&text);
	return row;
}

/* Those of my_hdr and of the editor. */
static int draw_headers(struct compose *c, struct area a, int row, int width, struct style label, struct style normal)
{
	const char *name, *value;

	for (size_t i = 0; i < USER_HEADERS_MAX && c->base.ui->conf->compose_show_user_headers &&
		draft_header_at(c->draft, i, &name, &value); i++)
		row = draw_row(a, row, width, name, value, label, normal);
	return row;
}

static int draw_fields(struct compose *c, struct area a)
{
	struct ui *ui = c->base.ui;
	struct style normal = theme_style(ui->theme, COLOR_normal);
	struct style label = style_over(normal, theme_style(ui->theme, COLOR_compose_header));
	int width = label_width() + 1;
	int row = 0;
	if (ui->conf->profile == CONF_MODERN && style_eq(theme_style(ui->theme, COLOR_compose_header), (struct style){0}))
		label.attrs |= STYLE_BOLD;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (!row_shown(c, i, a.rows))
			continue;
		const char *value = draft_field(c->draft, rows[i].field);
		char *pretty = rows[i].field == FIELD_FCC && *value ? conf_short_path(ui->conf, value) : NULL;
		row = draw_row(a, row, width, _(rows[i].label), pretty ? pretty : value, label, normal);
		free(pretty);
	}
	row = draw_headers(c, a, row, width, label, normal);
	row = draw_times(c, a, row, width, label, normal);
	const char *security = draft_security(c->draft);
	struct style look = style_over(normal, theme_style(ui->theme, COLOR_compose_security_none));
	if (a.rows >= 16)
		row = draw_row(a, row, width, _("Security"), *security ? security : _("None"), label, look);
	return row;
}

struct part_line {
	struct compose *c;
	size_t n;
};

static void add_type(const struct draft_part *p, bool minor, struct str *out)
{
	struct sv type = sv_of(p->type ? p->type : "application/octet-stream");
	ptrdiff_t slash = sv_chr(type, '/');
	struct sv part = slash < 0 ? type : minor ? sv_from(type, (size_t)slash + 1) : sv_head(type, (size_t)slash);
	str_add(out, part);
}

/* Parts that are one thing are bracketed, the first of them says what they are. */
static void add_group(const struct part_line *l, struct str *out)
{
	bool ascii = l->c->base.ui->conf->ascii_chars, first, last;
	const char *subtype;
	for (unsigned level = 0; (subtype = draft_group_of(l->c->draft, l->n, level, &first, &last)); level++) {
		if (first)
			str_addf(out, "%s%s ", ascii ? ",-" : "┌─", subtype);
		else
			str_adds(out, last ? (ascii ? "`-" : "└─") : ascii ? "| " : "│ ");
	}
}

static bool part_value(void *data, const struct expando_ref *ref, struct expando_value *v)
{
	const struct part_line *l = data;
	const struct draft_part *p = draft_part(l->c->draft, l->n);
	const char *name = p->name ? p->name : p->path ? fs_basename(p->path) : "";
	const struct conf *conf = l->c->base.ui->conf;
	switch (ref->letters.len > 0 ? ref->letters.p[0] : 0) {
	case 'C':
		str_adds(v->text, p->charset ? p->charset : strncmp(p->type ? p->type : "", "text/", 5) == 0 ? "utf-8" : "");
		return true;
	case 'd':
		if (p->description && *p->description) {
			str_adds(v->text, p->description);
		} else if (p->path && !p->is_body && !(p->name && draft_part_is_ours(l->c->draft, l->n))) {
			char *pretty = conf_short_path(conf, p->path);
			str_adds(v->text, pretty);
			free(pretty);
		} else {
			str_adds(v->text, p->is_body ? _("message text") : name);
		}
		return true;
	case 'D':
		str_adds(v->text, " ");
		v->truth = 0;
		return true;
	case 'e':
		str_adds(v->text, p->encoding ? p->encoding : _("auto"));
		return true;
	case 'f':
		str_adds(v->text, p->path ? p->path : name);
		return true;
	case 'F':
		str_adds(v->text, name);
		return true;
	case 'I':
		str_adds(v->text, p->is_inline || p->is_body ? "I" : "A");
		return true;
	case 'm':
		add_type(p, false, v->text);
		return true;
	case 'M':
		add_type(p, true, v->text);
		return true;
	case 'n':
		v->kind = EXPANDO_NUMBER;
		v->number = (long)l->n + 1;
		return true;
	case 's':
		format_size(v->text, conf, p->size);
		return true;
	case 't':
		str_adds(v->text, l->n < l->c->tagged_n && l->c->tagged[l->n] ? "*" : " ");
		return true;
	case 'u':
		str_adds(v->text, p->unlink_after || p->delete_file ? "-" : " ");
		return true;
	case 'T':
		add_group(l, v->text);
		return true;
	case 'c':
		v->truth = strncmp(p->type ? p->type : "", "text/", 5) == 0;
		str_adds(v->text, !v->truth ? " " : p->keep_charset ? "n" : "c");
		return true;
	case 'Q':
		str_adds(v->text, "");
		return true;
	case 'X':
		v->kind = EXPANDO_NUMBER;
		return true;
	default:
		return false;
	}
}

static void part_text(struct screen *s, int n, int width, struct str *out)
{
	struct part_line l = {compose_of(s), (size_t)n};
	struct expando *x = expando_new_lenient(SET_ATTACH, sv_of(s->ui->conf->attach_format));
	struct expando_env env = {.value = part_value, .data = &l, .width = width};
	expando_format(x, &env, out, NULL);
	expando_free(x);
}

static void draw_preview(struct compose *c, struct area a)
{
	struct ui *ui = c->base.ui;
	struct str text, wrapped;
	struct err e;
	str_init(&text, DRAFT_TEXT_MAX);
	str_init(&wrapped, DRAFT_TEXT_MAX);
	struct style normal = theme_style(ui->theme, COLOR_normal);
	if (draft_body_text(c->draft, &text, &e)) {
		struct sv rest = str_sv(&text), line;
		uint32_t n = 0;
		int row = 0;
		while (row < a.rows && sv_line(&rest, &line)) {
			if (n++ < c->preview_top)
				continue;
			struct str safe;
			str_init(&safe, DRAFT_TEXT_MAX);
			utf8_add_safe(&safe, line, UTF8_SAFE_LINE);
			bool quoted = line.len > 0 && line.p[0] == '>';
			area_put_width(a, row++, 0, a.cols, safe.s ? str_sv(&safe) : SV(""),
				quoted ? style_over(normal, theme_quoted(ui->theme, 1)) : normal, true);
			str_fini(&safe);
		}
	}
	str_fini(&text);
	str_fini(&wrapped);
}

/* The preview with its rule; the row below it. */
static int draw_text(struct compose *c, struct area a, int row, int rows_of_text)
{
	draw_rule(c->base.ui, a, row++, _("Preview"));
	draw_preview(c, area_part(a, row, 0, rows_of_text, a.cols));
	return row + rows_of_text;
}

static void draw(struct screen *s)
{
	struct compose *c = compose_of(s);
	struct ui *ui = s->ui;
	struct area a = ui_area(ui, ui->layout.list);
	int row = draw_fields(c, a);
	list_set_count(&c->list, (int)draft_part_count(c->draft));
	int left = a.rows - row - 1; /* the rule above the parts */
	int least = MAX(1, (int)ui->conf->compose_preview_min_rows);
	int parts = MIN(c->list.count, left / 2), text = left - parts - 1;
	bool preview = ui->conf->compose_show_preview && text >= least;
	bool above = preview && ui->conf->compose_preview_above_attachments;
	if (!preview)
		parts = left;
	if (above)
		row = draw_text(c, a, row, text);
	draw_rule(ui, a, row++, _("Attachments"));
	list_draw(s, &c->list, area_part(a, row, 0, MAX(1, parts), a.cols), part_text, NULL);
	if (preview && !above)
		draw_text(c, a, row + parts, text);
}

static bool status_value(void *data, const struct expando_ref *ref, struct expando_value *v)
{
	const struct compose *c = data;
	switch (ref->letters.len > 0 ? ref->letters.p[0] : 0) {
	case 'a':
		v->kind = EXPANDO_NUMBER;
		v->number = (long)draft_part_count(c->draft);
		return true;
	case 'h': {
		char host[256] = "";
		gethostname(host, sizeof(host) - 1);
		str_adds(v->text, host);
		return true;
	}
	case 'l':
		format_size(v->text, c->base.ui->conf, draft_size(c->draft));
		return true;
	case 'v':
		str_addf(v->text, "feist %s", PACKAGE_VERSION);
		return true;
	default:
		return false;
	}
}

static void status(struct screen *s, struct str *out, int width)
{
	struct compose *c = compose_of(s);
	if (s->ui->conf->profile == CONF_MODERN && conf_is_default(s->ui->conf, OPT_compose_format)) {
		struct str right;
		str_init(&right, 1024);
		outbox_summary(s->ui, &right);
		unsigned n = (unsigned)draft_part_count(c->draft);
		str_addf(out, ngettext("--Compose: %u part, ", "--Compose: %u parts, ", n), n);
		format_size(out, s->ui->conf, draft_size(c->draft));
		int fill = width - width_of(str_sv(out)) - (int)right.len;
		if (fill > 0)
			str_addn(out, '-', (size_t)fill);
		str_add(out, right.s ? str_sv(&right) : SV(""));
		str_fini(&right);
		return;
	}
	struct expando *x = expando_new_lenient(SET_COMPOSE, sv_of(s->ui->conf->compose_format));
	struct expando_env env = {.value = status_value, .data = c, .width = width};
	expando_format(x, &env, out, NULL);
	expando_free(x);
}

static struct list *list(struct screen *s)
{
	return &compose_of(s)->list;
}

static void entry(struct screen *s, int n, struct str *out)
{
	part_text(s, n, 200, out);
}

static void tag(struct screen *s, int n, int on)
{
	struct compose *c = compose_of(s);
	size_t count = draft_part_count(c->draft);
	if (c->tagged_n < count) {
		c->tagged = xreallocarray(c->tagged, count, sizeof(*c->tagged));
		while (c->tagged_n < count)
			c->tagged[c->tagged_n++] = false;
	}
	c->tagged[n] = on < 0 ? !c->tagged[n] : on;
}

static void compose_free(struct screen *s)
{
	struct compose *c = compose_of(s);
	draft_free(c->draft);
	free(c->tagged);
	free(c);
}

static const struct hint hints[] = {
	{FN_send_message, N_("Send")}, {FN_send_later, N_("Later")}, {FN_exit, N_("Abort")}, {FN_edit_message, N_("Edit")}, {FN_edit_to, N_("To")},
	{FN_edit_cc, N_("CC")}, {FN_edit_bcc, N_("BCC")}, {FN_edit_subject, N_("Subj")},
	{FN_attach_file, N_("Attach")}, {FN_postpone_message, N_("Postpone")}, {FN_edit_description, N_("Descrip")},
	{FN_help, N_("Help")}, {FN_NONE, NULL},
};

static const struct screen_ops ops = {
	.name = "compose", .menu = MENU_COMPOSE, .layout = LAYOUT_FULL, .draw = draw, .status = status, .list = list,
	.entry = entry, .free = compose_free, .hints = hints, .tag = tag,
};

struct screen *compose_open(struct ui *ui, struct draft *take)
{
	struct compose *c = xcalloc(1, sizeof(*c));
	c->base.ops = &ops;
	c->base.ui = ui;
	c->draft = take;
	list_set_count(&c->list, (int)draft_part_count(take));
	return &c->base;
}

void write_open(struct ui *ui, struct draft *take)
{
	ui_push(ui, compose_open(ui, take));
}

/* ---- fields ---- */

struct field_edit {
	enum draft_field field;
};

static enum flow_state field_given(struct flow *f)
{
	struct field_edit *e = f->data;
	struct compose *c = compose_top(f->ui);
	struct err err;
	if (!draft_set_field(c->draft, e->field, f->text, &err)) {
		ui_err(f->ui, &err);
		return FLOW_FAILED;
	}
	if (e->field == FIELD_TO || e->field == FIELD_CC || e->field == FIELD_BCC)
		draft_run_hooks(c->draft);
	return FLOW_DONE;
}

static const struct {
	enum func_id fn;
	enum draft_field field;
	const char *label;
	enum prompt_kind kind;
} field_functions[] = {
	{FN_edit_from, FIELD_FROM, N_("From: "), PROMPT_ADDRESS}, {FN_edit_to, FIELD_TO, N_("To: "), PROMPT_ADDRESS},
	{FN_edit_cc, FIELD_CC, N_("Cc: "), PROMPT_ADDRESS}, {FN_edit_bcc, FIELD_BCC, N_("Bcc: "), PROMPT_ADDRESS},
	{FN_edit_subject, FIELD_SUBJECT, N_("Subject: "), PROMPT_OTHER},
	{FN_edit_reply_to, FIELD_REPLY_TO, N_("Reply-To: "), PROMPT_ADDRESS},
	{FN_edit_fcc, FIELD_FCC, N_("Fcc: "), PROMPT_MAILBOX},
};

static enum flow_state field_ask(struct flow *f)
{
	struct field_edit *e = f->data;
	for (size_t i = 0; i < ARRAY_LEN(field_functions); i++) {
		if (field_functions[i].field == e->field)
			return flow_ask_line(f, _(field_functions[i].label), draft_field(compose_top(f->ui)->draft, e->field),
				field_functions[i].kind, field_given);
	}
	return FLOW_FAILED;
}

static enum run_result run_field(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	for (size_t i = 0; i < ARRAY_LEN(field_functions); i++) {
		if (field_functions[i].fn != fn)
			continue;
		struct field_edit *e = xcalloc(1, sizeof(*e));
		e->field = field_functions[i].field;
		return flow_run(flow_new(ui, "edit field", e, free), field_ask);
	}
	return RUN_FAILED;
}

/* ---- editing ---- */

static enum flow_state edited(struct flow *f)
{
	struct compose *c = compose_top(f->ui);
	struct err e;
	bool changed;
	if (f->failed)
		return flow_fail(f, &f->err);
	if (!draft_edit_end(c->draft, &changed, &e))
		return flow_fail(f, &e);
	return FLOW_DONE;
}

static void child_done(void *data, int status, const struct err *e)
{
	(void)status;
	flow_wake(data, e);
}

static enum flow_state edit(struct flow *f)
{
	struct compose *c = compose_top(f->ui);
	struct err e;
	char *path = NULL;
	unsigned line = 0;
	if (!draft_edit_begin(c->draft, f->choice, &path, &line, &e))
		return flow_fail(f, &e);
	flow_wait(f, 0, edited);
	child_edit(f->ui, path, line, child_done, f);
	return FLOW_WAITING;
}

static enum run_result run_edit(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct flow *f = flow_new(ui, "edit", NULL, NULL);
	(void)s;
	f->choice = fn == FN_edit_headers || (fn == FN_edit_message && ui->conf->edit_headers);
	return flow_run(f, edit);
}

static enum flow_state file_edited(struct flow *f)
{
	struct compose *c = compose_top(f->ui);
	draft_part_changed(c->draft, (size_t)c->list.cursor);
	return FLOW_DONE;
}

static enum flow_state file_edit(struct flow *f)
{
	struct compose *c = compose_top(f->ui);
	const struct draft_part *p = draft_part(c->draft, (size_t)c->list.cursor);
	flow_wait(f, 0, file_edited);
	child_edit(f->ui, p->path, 0, child_done, f);
	return FLOW_WAITING;
}

static enum run_result run_edit_file(struct ui *ui, struct screen *s, enum func_id fn)
{
	const struct draft_part *p = draft_part(compose_of(s)->draft, (size_t)compose_of(s)->list.cursor);
	(void)fn;
	if (p->is_body)
		return run_edit(ui, s, FN_edit_message);
	return flow_run(flow_new(ui, "edit file", NULL, NULL), file_edit);
}

static enum flow_state spell(struct flow *f)
{
	struct compose *c = compose_top(f->ui);
	struct str command;
	struct err e;
	char *path = NULL;
	unsigned line;
	if (!draft_edit_begin(c->draft, false, &path, &line, &e))
		return flow_fail(f, &e);
	str_init(&command, CONF_TEXT_MAX);
	str_addf(&command, "%s -x ", f->ui->conf->ispell);
	proc_quote(&command, sv_of(path));
	flow_wait(f, 0, edited);
	child_run_input(f->ui, command.s, -1, false, child_done, f);
	str_fini(&command);
	return FLOW_WAITING;
}

static enum run_result run_spell(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	(void)fn;
	if (!*ui->conf->ispell)
		return ui_fail(ui, _("No spelling program: set ispell"));
	return flow_run(flow_new(ui, "spell", NULL, NULL), spell);
}

/* ---- the end: postpone, abort, send ---- */


static enum run_result run_postpone(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct err e;
	(void)fn;
	if (!draft_postpone(compose_of(s)->draft, &e))
		return ui_fail_err(ui, &e);
	ui_pop(ui);
	ui_say(ui, _("Message postponed."));
	return RUN_DONE;
}

static enum flow_state abort_answered(struct flow *f)
{
	struct compose *c = compose_top(f->ui);
	if (f->choice) {
		run_postpone(f->ui, &c->base, FN_postpone_message);
		return FLOW_DONE;
	}
	draft_discard(c->draft);
	ui_pop(f->ui);
	ui_say(f->ui, _("Mail not sent."));
	return FLOW_DONE;
}

static enum flow_state abort_ask(struct flow *f)
{
	return flow_ask_quad(f, f->ui->conf->postpone, _("Postpone this message?"), abort_answered);
}

static enum run_result run_exit(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	(void)fn;
	return flow_run(flow_new(ui, "abort message", NULL, NULL), abort_ask);
}

static void said_later(struct ui *ui, int64_t at, int64_t id, long delay)
{
	struct str when;
	str_init(&when, 200);
	when_format(&when, at, clock_now());
	ui->undo_until_ms = delay > 0 ? clock_ms() + delay * 1000 : 0;
	ui->undo_outbox = id;
	ui->undo_is_later = true;
	ui_say(ui, delay > 0 ? _("It goes %s.  u: take it back") : _("It goes %s."), when.s ? when.s : "");
	str_fini(&when);
}

/* It is in the outbox: the screen goes, also from below one that was opened meanwhile. */
static void sent(struct ui *ui, struct compose *c, int64_t id)
{
	int64_t at = draft_send_at(c->draft);
	long delay = ui->conf->send_delay;
	ui_drop(ui, &c->base);
	if (at > clock_now() + delay) {
		said_later(ui, at, id, delay);
	} else if (delay > 0) {
		ui->undo_until_ms = clock_ms() + delay * 1000;
		ui->undo_outbox = id;
		ui->undo_is_later = false;
		ui_say(ui, _("Sending in %ld s.  u: take it back"), delay);
	} else {
		ui_say(ui, _("Sending in the background ..."));
	}
}

struct building {
	struct compose *compose;
	struct draft_sending *job;
	int64_t id;
};

static void building_free(void *data)
{
	struct building *b = data;
	if (b->job)
		b->compose->base.busy = NULL;
	draft_send_cancel(b->job);
	free(b);
}

static void built(void *data, int64_t id, const struct err *failed)
{
	struct flow *f = data;
	struct building *b = f->data;
	b->compose->base.busy = NULL;
	b->job = NULL;
	b->id = id;
	flow_wake(f, failed);
}

static enum flow_state take_built(struct flow *f)
{
	struct building *b = f->data;
	if (f->failed)
		return flow_fail(f, &f->err);
	sent(f->ui, b->compose, b->id);
	return FLOW_DONE;
}

/* The draft is nobody's to change until it is through. */
static enum flow_state build_first(struct flow *f)
{
	struct building *b = xcalloc(1, sizeof(*b));
	struct err e;
	if (f->free_data)
		f->free_data(f->data);
	f->data = b;
	f->free_data = building_free;
	b->compose = compose_top(f->ui);
	flow_wait(f, 0, take_built);
	b->job = draft_send_start(b->compose->draft, built, f, &e);
	if (!b->job)
		return flow_fail(f, &e);
	b->compose->base.busy = N_("The message is being written; ^G stops it.");
	ui_say(f->ui, _("Writing the message ..."));
	return FLOW_WAITING;
}

static enum flow_state send_now(struct flow *f)
{
	struct compose *c = compose_top(f->ui);
	struct err e;
	int64_t id = 0;
	if (!draft_check(c->draft, &e))
		return flow_fail(f, &e);
	if (draft_is_big(c->draft))
		return flow_next(f, build_first);
	if (!draft_send(c->draft, &id, &e))
		return flow_fail(f, &e);
	sent(f->ui, c, id);
	return FLOW_DONE;
}

static enum flow_state add_second(struct flow *f)
{
	return compose_second(f, send_now);
}

static enum flow_state fcc_attach_answered(struct flow *f)
{
	draft_set_fcc_attach(compose_top(f->ui)->draft, f->choice);
	return flow_next(f, add_second);
}

static enum flow_state ask_fcc_attach(struct flow *f)
{
	if (!draft_asks_fcc_attach(compose_top(f->ui)->draft))
		return flow_next(f, add_second);
	return flow_ask_quad(f, f->ui->conf->fcc_attach, _("Keep the attachments in the copy?"), fcc_attach_answered);
}

static enum flow_state noattach_answered(struct flow *f)
{
	if (f->choice) {
		ui_say(f->ui, _("Mail not sent: a to attach a file."));
		return FLOW_DONE;
	}
	return flow_next(f, ask_fcc_attach);
}

static enum flow_state check_attachments(struct flow *f)
{
	struct compose *c = compose_top(f->ui);
	enum quad q = f->ui->conf->abort_noattach;
	if (q == QUAD_NO || !draft_mentions_attachment(c->draft))
		return flow_next(f, ask_fcc_attach);
	return flow_ask_quad(f, q, _("Attachment mentioned but not attached. Abort sending?"), noattach_answered);
}

static enum flow_state subject_answered(struct flow *f)
{
	if (f->choice) {
		ui_say(f->ui, _("No subject specified."));
		return FLOW_DONE;
	}
	return flow_next(f, check_attachments);
}

static enum flow_state check_subject(struct flow *f)
{
	struct compose *c = compose_top(f->ui);
	if (*draft_field(c->draft, FIELD_SUBJECT))
		return flow_next(f, check_attachments);
	return flow_ask_quad(f, f->ui->conf->abort_nosubject, _("No subject, abort sending?"), subject_answered);
}

static enum flow_state to_answered(struct flow *f)
{
	return f->choice ? flow_next(f, check_subject) : FLOW_DONE;
}

static enum flow_state check_to(struct flow *f)
{
	if (!f->ui->conf->confirm_empty_to || *draft_field(compose_top(f->ui)->draft, FIELD_TO))
		return flow_next(f, check_subject);
	return flow_ask_quad(f, QUAD_ASK_NO, _("To is empty, send anyhow?"), to_answered);
}

static bool has_recipients(const struct draft *d)
{
	return *draft_field(d, FIELD_TO) || *draft_field(d, FIELD_CC) || *draft_field(d, FIELD_BCC);
}

static enum run_result run_send(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)fn;
	if (!has_recipients(compose_of(s)->draft))
		return ui_fail(ui, _("No recipients specified."));
	return flow_run(flow_new(ui, "send", NULL, NULL), check_to);
}

/* An empty answer: at once, after all. */
static enum flow_state later_given(struct flow *f)
{
	struct compose *c = compose_top(f->ui);
	struct err e;
	int64_t when = 0;
	if (*f->text && !when_parse(sv_of(f->text), clock_now(), &when, &e))
		return flow_fail(f, &e);
	draft_set_send_at(c->draft, when);
	return flow_next(f, check_to);
}

static enum flow_state later_ask(struct flow *f)
{
	return flow_ask_line(f, _("Send when (tomorrow 8:00, Fri 14:30, +2h): "), NULL, PROMPT_OTHER, later_given);
}

static enum run_result run_send_later(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)fn;
	if (!has_recipients(compose_of(s)->draft))
		return ui_fail(ui, _("No recipients specified."));
	return flow_run(flow_new(ui, "send later", NULL, NULL), later_ask);
}

static enum flow_state fcc_written(struct flow *f)
{
	struct compose *c = compose_top(f->ui);
	struct err e;
	char *path = NULL;
	int fd = -1;
	if (!*f->text)
		return FLOW_FAILED;
	char *expanded = conf_expand_path(f->ui->conf, sv_of(f->text));
	char *dir = fs_dirname(expanded);
	bool ok = fs_create_unique(dir, fs_basename(expanded), &fd, &path, &e) && draft_build(c->draft, true, fd, &e);
	if (fd >= 0)
		close(fd);
	if (ok)
		ui_say(f->ui, _("Message written to %s."), path);
	free(path);
	free(dir);
	free(expanded);
	return ok ? FLOW_DONE : flow_fail(f, &e);
}

static enum flow_state fcc_ask(struct flow *f)
{
	return flow_ask_line(f, _("Write message to file: "), NULL, PROMPT_FILE, fcc_written);
}

static enum run_result run_write_fcc(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	(void)fn;
	return flow_run(flow_new(ui, "write message", NULL, NULL), fcc_ask);
}

static enum run_result run_security(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	(void)fn;
	return ui_fail(ui, _("Signing and encryption are not built in yet; nothing was changed."));
}

static enum run_result run_preview(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct compose *c = compose_of(s);
	uint32_t page = (uint32_t)MAX(1, ui->layout.list.rows / 3);
	if (fn == FN_preview_page_down)
		c->preview_top += page;
	else
		c->preview_top = c->preview_top > page ? c->preview_top - page : 0;
	return RUN_DONE;
}

static enum run_result run_weed(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	(void)fn;
	ui->weed = !ui->weed;
	return RUN_DONE;
}

HANDLERS(compose_handlers,
	{FN_edit_from, IN(COMPOSE), run_field}, {FN_edit_to, IN(COMPOSE), run_field},
	{FN_edit_cc, IN(COMPOSE), run_field}, {FN_edit_bcc, IN(COMPOSE), run_field},
	{FN_edit_subject, IN(COMPOSE), run_field}, {FN_edit_reply_to, IN(COMPOSE), run_field},
	{FN_edit_fcc, IN(COMPOSE), run_field}, {FN_edit_message, IN(COMPOSE), run_edit},
	{FN_edit_headers, IN(COMPOSE), run_edit}, {FN_edit_file, IN(COMPOSE), run_edit_file},
	{FN_ispell, IN(COMPOSE), run_spell}, {FN_postpone_message, IN(COMPOSE), run_postpone},
	{FN_exit, IN(COMPOSE), run_exit}, {FN_send_message, IN(COMPOSE), run_send},
	{FN_send_later, IN(COMPOSE), run_send_later},
	{FN_write_fcc, IN(COMPOSE), run_write_fcc}, {FN_pgp_menu, IN(COMPOSE), run_security},
	{FN_smime_menu, IN(COMPOSE), run_security},
	{FN_preview_page_down, IN(COMPOSE), run_preview},
	{FN_preview_page_up, IN(COMPOSE), run_preview},
	{FN_display_toggle_weed, IN(COMPOSE), run_weed});
