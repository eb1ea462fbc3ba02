/*
 * A part of a message in the pager: keys that act on messages act on the part there, and those that go to
 * the next message go to the next part.
 */
#include "ui/attach_priv.h"

struct attach *attach_top(struct ui *ui)
{
	struct screen *s = ui_top(ui);
	if (s && pager_is_part(s))
		s = ui_below(ui, s);
	return s && s->ops->menu == MENU_ATTACH ? attach_self(s) : NULL;
}

void attach_leave(struct ui *ui)
{
	if (pager_is_part(ui_top(ui)))
		ui_pop(ui);
	if (attach_top(ui))
		ui_pop(ui);
}

/* What the menu has for a function of the pager; FN_NONE: the pager does it itself. */
static enum func_id menu_function(enum func_id fn)
{
	static const struct {
		enum func_id pager, menu;
	} same[] = {
		{FN_save_message, FN_save_entry}, {FN_pipe_message, FN_pipe_entry}, {FN_print_message, FN_print_entry},
		{FN_delete_message, FN_delete_entry}, {FN_undelete_message, FN_undelete_entry},
	};
	for (size_t i = 0; i < ARRAY_LEN(same); i++) {
		if (same[i].pager == fn)
			return same[i].menu;
	}
	switch (fn) {
	case FN_reply:
	case FN_group_reply:
	case FN_group_chat_reply:
	case FN_list_reply:
	case FN_forward_message:
	case FN_bounce_message:
	case FN_resend_message:
	case FN_compose_to_sender:
	case FN_edit_type:
	case FN_edit_charset:
		return fn;
	default:
		return FN_NONE;
	}
}

/* Text, or what a filter of mailcap makes text of: it comes in the pager, too. */
static bool has_text(const struct attach *a, int n)
{
	const struct doc_part *p = attach_part_at(a, n);
	return strncmp(p->type, "multipart/", 10) != 0 &&
		(attach_is_text(p) || attach_has_entry(a->base.ui->conf, p, ATTACH_FILTER));
}

/* The next part with a text, shown as the last one was. */
static enum run_result step(struct ui *ui, struct attach *a, int by)
{
	int n = a->list.cursor + by;
	while (n >= 0 && n < a->list.count && !has_text(a, n))
		n += by;
	if (n < 0)
		return ui_fail(ui, _("There is no text before this one."));
	if (n >= a->list.count)
		return ui_fail(ui, _("There is no text behind this one."));
	list_set_cursor(&a->list, n);
	ui_pop(ui);
	return dispatch(ui, a->looked);
}

static enum run_result again(struct ui *ui, struct attach *a)
{
	ui_pop(ui);
	return dispatch(ui, a->looked);
}

/* Marked in the menu, where it can be seen. */
static enum run_result mark(struct ui *ui, struct attach *a, enum func_id fn)
{
	ui_pop(ui);
	return dispatch_find(MENU_ATTACH, fn)(ui, &a->base, fn);
}

bool attach_pager_run(struct ui *ui, enum func_id fn, enum run_result *result)
{
	struct attach *a = attach_top(ui);
	enum func_id in_menu = menu_function(fn);
	if (!a || !pager_is_part(ui_top(ui)))
		return false;
	switch (fn) {
	case FN_next_entry:
	case FN_next_undeleted:
		*result = step(ui, a, 1);
		return true;
	case FN_previous_entry:
	case FN_previous_undeleted:
		*result = step(ui, a, -1);
		return true;
	case FN_display_toggle_weed:
		ui->weed = !ui->weed;
		*result = again(ui, a);
		return true;
	case FN_view_attachments:
		ui_pop(ui);
		*result = RUN_DONE;
		return true;
	case FN_delete_message:
	case FN_undelete_message:
		*result = mark(ui, a, in_menu);
		return true;
	default:
		if (in_menu == FN_NONE)
			return false;
		*result = dispatch_find(MENU_ATTACH, in_menu)(ui, &a->base, in_menu);
		return true;
	}
}
