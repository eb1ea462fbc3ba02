/*
 * Functions to handlers. The tables lie beside the code that does the work; here they become one
 * matrix of menus and functions, in which every function has at most one handler a menu.
 */
#include <stdlib.h>

#include "ui/ui_priv.h"

static const struct handler_table *const tables[] = {
	&list_handlers, &index_handlers, &message_handlers, &write_handlers, &pager_handlers, &compose_handlers,
	&browser_handlers, &attach_handlers, &alias_handlers, &query_handlers, &postpone_handlers,
	&outbox_handlers, &log_handlers, &general_handlers, &sidebar_handlers, &mailbox_handlers, &extra_handlers, &attach_save_handlers, &attach_answer_handlers, &rewrite_handlers, &type_handlers, &narrow_handlers,
	&compose_part_handlers, &compose_mime_handlers, &compose_second_handlers, &pipe_handlers, &engine_handlers, &partial_handlers,
};

static fn_handler *find_in(enum menu_id menu, enum func_id fn)
{
	for (size_t t = 0; t < ARRAY_LEN(tables); t++) {
		for (size_t i = 0; i < tables[t]->n; i++) {
			const struct handler *h = &tables[t]->v[i];
			if (h->fn == fn && (h->menus & (1u << menu)))
				return h->run;
		}
	}
	return NULL;
}

size_t dispatch_count(enum menu_id menu, enum func_id fn)
{
	size_t n = 0;
	for (size_t t = 0; t < ARRAY_LEN(tables); t++) {
		for (size_t i = 0; i < tables[t]->n; i++) {
			const struct handler *h = &tables[t]->v[i];
			n += h->fn == fn && (h->menus & (1u << menu));
		}
	}
	return n;
}

fn_handler *dispatch_find(enum menu_id menu, enum func_id fn)
{
	fn_handler *h = find_in(menu, fn);
	if (!h && menu != MENU_GENERIC && menu_has_generic(menu))
		h = find_in(MENU_GENERIC, fn);
	return h;
}

/* One that does nothing to what the screen shows. */
static bool is_harmless(fn_handler *run)
{
	static const struct handler_table *const harmless[] = {&general_handlers, &list_handlers};
	for (size_t t = 0; t < ARRAY_LEN(harmless); t++)
		for (size_t i = 0; i < harmless[t]->n; i++)
			if (harmless[t]->v[i].run == run)
				return true;
	return false;
}

/* What must be there before the function makes sense. */
static bool check_needs(struct ui *ui, enum func_id fn)
{
	unsigned needs = func_table[fn].needs;
	enum menu_id menu = ui_menu(ui);
	if (menu != MENU_INDEX && menu != MENU_PAGER)
		return true;
	if (menu == MENU_PAGER && !pager_is_message(ui_top(ui)) && (needs & ~(unsigned)NEEDS_ALL)) {
		ui_error(ui, _("Not available here: this is no message of a mailbox."));
		return false;
	}
	struct view *view = index_view_of(ui);
	if ((needs & (NEEDS_MAILBOX | NEEDS_MESSAGE | NEEDS_WRITABLE)) && !view) {
		ui_error(ui, _("No mailbox is open."));
		return false;
	}
	if ((needs & NEEDS_ALL) && menu == MENU_INDEX && view && view_loading(view)) {
		view_load_all(view);
		index_changed(ui, view);
	}
	if ((needs & NEEDS_MESSAGE) && view_lines(view) == 0 && menu == MENU_INDEX) {
		ui_error(ui, _("There are no messages."));
		return false;
	}
	if ((needs & NEEDS_WRITABLE) && view_readonly(view)) {
		ui_error(ui, _("Mailbox is read-only."));
		return false;
	}
	return true;
}

enum run_result dispatch(struct ui *ui, enum func_id fn)
{
	struct screen *s = ui_top(ui);
	if (!s || fn == FN_NONE)
		return RUN_FAILED;
	if (fn == FN_end_cond)
		return RUN_DONE;
	ui_settle(ui);
	fn_handler *h = dispatch_find(s->ops->menu, fn);
	/* A macro was read for another menu: the name may mean the same thing under another function here. */
	if (!h) {
		enum func_id same = func_find(s->ops->menu, sv_of(func_table[fn].name));
		if (same != FN_NONE && same != fn)
			h = dispatch_find(s->ops->menu, fn = same);
	}
	if (!h) {
		ui_error(ui, _("%s is not available in this menu."), func_table[fn].name);
		return RUN_FAILED;
	}
	if (s->busy && !is_harmless(h)) {
		ui_error(ui, "%s", _(s->busy));
		return RUN_FAILED;
	}
	enum run_result r;
	if (pager_is_part(s) && attach_pager_run(ui, fn, &r)) {
		ui->tag_prefix = false;
		ui_dirty(ui);
		return r;
	}
	if (!check_needs(ui, fn)) {
		ui->tag_prefix = false;
		return RUN_FAILED;
	}
	bool prefix = fn == FN_tag_prefix || fn == FN_tag_prefix_cond;
	r = h(ui, s, fn);
	if (!prefix)
		ui->tag_prefix = false;
	ui_dirty(ui);
	return r;
}
