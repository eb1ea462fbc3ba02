/*
 * edit-type and edit-charset: a part is read as another type, or all texts in another character set,
 * than the message says, until this is done to another message. Nothing is written; mutt forgets it
 * when the mailbox is left.
 */
#include <stdlib.h>

#include "text/charset.h"
#include "text/doc.h"
#include "ui/index_priv.h"

struct type_edit {
	struct view *view;
	uint32_t row;
	char *part, *was; /* NULL for edit-charset */
	bool from_menu;
};

static void type_edit_free(void *data)
{
	struct type_edit *t = data;

	free(t->part);
	free(t->was);
	free(t);
}

void type_add_option(struct ui *ui, struct view *view, uint32_t row, struct str *options)
{
	struct msg_facts m;

	if (ui->type_option && view_msg(view, row, &m) && m.id == ui->type_message)
		str_addf(options, "%s\n", ui->type_option);
}

/* Takes the option, which may be NULL, and shows the message again. */
static bool read_as(struct type_edit *t, struct ui *ui, char *option)
{
	struct msg_facts m;

	if (!view_msg(t->view, t->row, &m)) {
		free(option);
		return false;
	}
	free(ui->type_option);
	ui->type_message = m.id;
	ui->type_option = option;
	if (t->from_menu)
		attach_reload(ui);
	else if (ui_top(ui)->ops->menu == MENU_PAGER && pager_is_message(ui_top(ui)))
		pager_rerender(ui_top(ui));
	return true;
}

static enum flow_state type_given(struct flow *f)
{
	struct type_edit *t = f->data;
	struct ui *ui = f->ui;
	char *value = sv_dup(sv_trim(sv_of(f->text)));
	enum flow_state state = FLOW_FAILED;

	if (sv_chr(sv_of(value), '/') <= 0) {
		ui_fail(ui, "%s", _("Content-Type is of the form base/sub"));
	} else if (read_as(t, ui, xasprintf("type=%s %s", t->part, value))) {
		ui_say(ui, _("Part %s is read as %s now."), t->part, value);
		state = FLOW_DONE;
	}
	free(value);
	return state;
}

static enum flow_state charset_given(struct flow *f)
{
	struct ui *ui = f->ui;
	char *value = sv_dup(sv_trim(sv_of(f->text)));
	enum flow_state state = FLOW_FAILED;

	if (*value && !charset_known(sv_of(value), NULL)) {
		ui_fail(ui, _("The character set %s is not known."), value);
	} else if (read_as(f->data, ui, *value ? xasprintf("charset=%s", value) : NULL)) {
		if (*value)
			ui_say(ui, _("The message is read in %s now."), value);
		else
			ui_say(ui, "%s", _("The message is read as it says."));
		state = FLOW_DONE;
	}
	free(value);
	return state;
}

static enum flow_state charset_ask(struct flow *f)
{
	return flow_ask_line(f, _("Character set (none: what the message says): "), "", PROMPT_OTHER, charset_given);
}

static enum flow_state type_ask(struct flow *f)
{
	struct type_edit *t = f->data;

	return flow_ask_line(f, _("Content-Type: "), t->was, PROMPT_OTHER, type_given);
}

static char *type_of(const struct doc_part *p)
{
	struct str text;

	str_init(&text, 65536);
	str_adds(&text, p->type);
	for (uint32_t i = 0; i < p->param_count; i++)
		str_addf(&text, "; %s=%s", p->params[i].name, p->params[i].value);
	char *out = sv_dup(str_sv(&text));
	str_fini(&text);
	return out;
}

static enum run_result run_edit_type(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct type_edit *t = xcalloc(1, sizeof(*t));
	const struct doc_part *p = attach_current(ui, &t->view, &t->row);
	struct msg_facts m;

	(void)s;
	(void)fn;
	if (p) {
		t->from_menu = true;
		t->part = xstrdup(p->id);
		t->was = type_of(p);
		return flow_run(flow_new(ui, "edit type", t, type_edit_free), type_ask);
	}
	t->row = target_row(ui, &t->view);
	if (t->row == VIEW_NONE || !view_msg(t->view, t->row, &m)) {
		free(t);
		return ui_fail(ui, _("There are no messages."));
	}
	t->part = xstrdup("1");
	t->was = sv_dup(m.content_type);
	return flow_run(flow_new(ui, "edit type", t, type_edit_free), type_ask);
}

static enum run_result run_edit_charset(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct type_edit *t = xcalloc(1, sizeof(*t));
	struct msg_facts m;

	(void)s;
	(void)fn;
	t->from_menu = attach_current(ui, &t->view, &t->row) != NULL;
	if (!t->from_menu)
		t->row = target_row(ui, &t->view);
	if (t->row == VIEW_NONE || !view_msg(t->view, t->row, &m)) {
		free(t);
		return ui_fail(ui, _("There are no messages."));
	}
	return flow_run(flow_new(ui, "edit charset", t, type_edit_free), charset_ask);
}

HANDLERS(type_handlers, {FN_edit_type, IN(INDEX) | IN(PAGER) | IN(ATTACH), run_edit_type},
	{FN_edit_charset, IN(PAGER) | IN(ATTACH), run_edit_charset});
