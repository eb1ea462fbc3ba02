/*
 * edit-type: a part is read as another type or charset than its header says, until another message's
 * type is edited. Nothing is written; mutt forgets it when the mailbox is left.
 */
#include <stdlib.h>

#include "text/doc.h"
#include "ui/index_priv.h"

struct type_edit {
	struct view *view;
	uint32_t row;
	char *part, *was;
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
		str_addf(options, "type=%s\n", ui->type_option);
}

static enum flow_state type_given(struct flow *f)
{
	struct type_edit *t = f->data;
	struct ui *ui = f->ui;
	struct msg_facts m;
	struct sv value = sv_trim(sv_of(f->text));

	if (value.len == 0 || sv_chr(value, '/') <= 0)
		return ui_fail(ui, "%s", _("Content-Type is of the form base/sub")), FLOW_FAILED;
	if (!view_msg(t->view, t->row, &m))
		return FLOW_FAILED;
	free(ui->type_option);
	ui->type_message = m.id;
	ui->type_option = xasprintf("%s " SV_FMT, t->part, SV_ARG(value));
	if (t->from_menu)
		attach_reload(ui);
	else if (ui_top(ui)->ops->menu == MENU_PAGER && pager_is_message(ui_top(ui)))
		pager_rerender(ui_top(ui));
	ui_say(ui, _("Part %s is read as " SV_FMT " now."), t->part, SV_ARG(value));
	return FLOW_DONE;
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

HANDLERS(type_handlers, {FN_edit_type, IN(INDEX) | IN(PAGER) | IN(ATTACH), run_edit_type});
