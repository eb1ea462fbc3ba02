/* What all lists share: drawing, moving, jumping, searching, tags. */
#include <stdlib.h>

#include "text/width.h"
#include "ui/ui_priv.h"

void list_options(struct ui *ui, struct list *l)
{
	l->scroll = ui->conf->menu_scroll;
	l->context = (int)ui->conf->menu_context;
	l->move_off = ui->conf->menu_move_off;
}

void list_draw(struct screen *s, struct list *l, struct area a, list_line_fn *line,
	struct style (*look)(struct screen *, int n))
{
	struct ui *ui = s->ui;
	struct style normal = theme_style(ui->theme, COLOR_normal);
	struct str text;
	list_options(ui, l);
	list_set_rows(l, a.rows);
	bool arrow = ui->conf->arrow_cursor;
	int indent = arrow ? width_of(sv_of(ui->conf->arrow_string)) + 1 : 0;
	str_init(&text, 65536);
	for (int row = 0; row < a.rows && l->top + row < l->count; row++) {
		int n = l->top + row;
		struct style style = look ? style_over(normal, look(s, n)) : normal;
		if (n == l->cursor && !arrow)
			style = style_over(style, theme_style(ui->theme, COLOR_indicator));
		str_clear(&text);
		line(s, n, a.cols - indent, &text);
		area_clear_from(a, row, 0, style);
		area_put_width(a, row, indent, a.cols - indent, text.s ? str_sv(&text) : SV(""), style, false);
		if (n == l->cursor && arrow)
			area_puts(a, row, 0, ui->conf->arrow_string, theme_style(ui->theme, COLOR_indicator));
	}
	str_fini(&text);
}

/* ---- moving ---- */

static const struct {
	enum func_id fn;
	enum list_move move;
} moves[] = {
	{FN_next_entry, LIST_NEXT_ENTRY}, {FN_previous_entry, LIST_PREV_ENTRY}, {FN_next_line, LIST_NEXT_LINE},
	{FN_previous_line, LIST_PREV_LINE}, {FN_next_page, LIST_NEXT_PAGE}, {FN_previous_page, LIST_PREV_PAGE},
	{FN_half_down, LIST_HALF_DOWN}, {FN_half_up, LIST_HALF_UP}, {FN_first_entry, LIST_FIRST},
	{FN_last_entry, LIST_LAST}, {FN_top_page, LIST_TOP_PAGE}, {FN_middle_page, LIST_MIDDLE_PAGE},
	{FN_bottom_page, LIST_BOTTOM_PAGE}, {FN_current_top, LIST_CURRENT_TOP},
	{FN_current_middle, LIST_CURRENT_MIDDLE}, {FN_current_bottom, LIST_CURRENT_BOTTOM},
};

enum run_result list_said(struct ui *ui, struct screen *s, enum list_end end)
{
	bool messages = s->ops->menu == MENU_INDEX;
	switch (end) {
	case LIST_AT_FIRST:
		return ui_fail(ui, "%s", messages ? _("You are on the first message.") : _("You are on the first entry."));
	case LIST_AT_LAST:
		return ui_fail(ui, "%s", messages ? _("You are on the last message.") : _("You are on the last entry."));
	case LIST_AT_TOP:
		return ui_fail(ui, _("You cannot scroll up farther."));
	case LIST_AT_BOTTOM:
		return ui_fail(ui, _("You cannot scroll down farther."));
	case LIST_EMPTY:
		return ui_fail(ui, "%s", messages ? _("There are no messages.") : _("No entries."));
	default:
		return RUN_DONE;
	}
}

static enum run_result run_move(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct list *l = s->ops->list ? s->ops->list(s) : NULL;
	if (!l)
		return ui_fail(ui, _("There is nothing to move in."));
	for (size_t i = 0; i < ARRAY_LEN(moves); i++) {
		if (moves[i].fn != fn)
			continue;
		enum list_end end = list_do(l, moves[i].move);
		if (s->ops->moved)
			s->ops->moved(s);
		return list_said(ui, s, end);
	}
	return RUN_FAILED;
}

static enum flow_state jump_to(struct flow *f)
{
	struct ui *ui = f->ui;
	struct screen *s = ui_top(ui);
	struct list *l = s->ops->list ? s->ops->list(s) : NULL;
	uint64_t n = 0;
	if (!sv_u64(sv_trim(sv_of(f->text)), &n) || !l) {
		ui_error(ui, _("Argument must be a message number."));
		return FLOW_FAILED;
	}
	if (n < 1 || n > (uint64_t)l->count) {
		ui_error(ui, _("Invalid index number."));
		return FLOW_FAILED;
	}
	list_set_cursor(l, (int)n - 1);
	if (s->ops->moved)
		s->ops->moved(s);
	return FLOW_DONE;
}

static enum flow_state jump_ask(struct flow *f)
{
	char digit[2] = {(char)f->ui->typed_digit, '\0'};
	return flow_ask_line(f, _("Jump to: "), digit, PROMPT_OTHER, jump_to);
}

static enum run_result run_jump(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	(void)fn;
	return flow_run(flow_new(ui, "jump", NULL, NULL), jump_ask);
}

/* ---- searching ---- */

static bool entry_matches(struct screen *s, int n)
{
	struct str text;
	str_init(&text, 65536);
	s->ops->entry(s, n, &text);
	bool yes = rx_match(s->search_rx, text.s ? str_sv(&text) : SV(""));
	str_fini(&text);
	return yes;
}

bool list_search_next(struct ui *ui, struct screen *s, bool opposite)
{
	struct list *l = s->ops->list(s);
	int step = s->search_reverse != opposite ? -1 : 1;
	for (int i = 1; i <= l->count; i++) {
		int n = l->cursor + i * step;
		bool wrapped = n < 0 || n >= l->count;
		if (wrapped && !ui->conf->wrap_search)
			break;
		n = ((n % l->count) + l->count) % l->count;
		if (!entry_matches(s, n))
			continue;
		if (wrapped)
			ui_say(ui, "%s", step > 0 ? _("Search wrapped to top.") : _("Search wrapped to bottom."));
		list_set_cursor(l, n);
		if (s->ops->moved)
			s->ops->moved(s);
		return true;
	}
	ui_error(ui, _("Not found."));
	return false;
}

static enum flow_state search_text(struct flow *f)
{
	struct ui *ui = f->ui;
	struct screen *s = ui_top(ui);
	struct err e;
	if (f->text[0] == '\0' && !s->search)
		return FLOW_FAILED;
	if (f->text[0] != '\0') {
		struct rx *rx = rx_new(f->text, RX_SMARTCASE, &e);
		if (!rx)
			return flow_fail(f, &e);
		rx_free(s->search_rx);
		free(s->search);
		s->search_rx = rx;
		s->search = xstrdup(f->text);
	}
	s->search_reverse = f->choice;
	return list_search_next(ui, s, false) ? FLOW_DONE : FLOW_FAILED;
}

static enum flow_state search_ask(struct flow *f)
{
	return flow_ask_line(f, f->choice ? _("Reverse search for: ") : _("Search for: "), NULL, PROMPT_SEARCH, search_text);
}

static enum run_result run_search(struct ui *ui, struct screen *s, enum func_id fn)
{
	if (!s->ops->list || !s->ops->entry)
		return ui_fail(ui, _("Search is not available here."));
	if (s->ops->list(s)->count == 0)
		return ui_fail(ui, _("No entries."));
	if ((fn == FN_search_next || fn == FN_search_opposite) && s->search_rx)
		return list_search_next(ui, s, fn == FN_search_opposite) ? RUN_DONE : RUN_FAILED;
	struct flow *f = flow_new(ui, "search", NULL, NULL);
	f->choice = fn == FN_search_reverse;
	return flow_run(f, search_ask);
}

/* ---- tags ---- */

static enum run_result run_tag(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct list *l = s->ops->list ? s->ops->list(s) : NULL;
	(void)fn;
	if (!s->ops->tag || !l)
		return ui_fail(ui, _("Tagging is not supported."));
	if (l->count == 0)
		return ui_fail(ui, _("No entries."));
	if (ui->tag_prefix) {
		for (int n = 0; n < l->count; n++)
			s->ops->tag(s, n, 0);
		return RUN_DONE;
	}
	s->ops->tag(s, l->cursor, -1);
	if (ui->conf->resolve && l->cursor < l->count - 1) {
		list_set_cursor(l, l->cursor + 1);
		if (s->ops->moved)
			s->ops->moved(s);
	}
	return RUN_DONE;
}

HANDLERS(list_handlers,
	{FN_next_entry, IN(GENERIC), run_move}, {FN_previous_entry, IN(GENERIC), run_move},
	{FN_next_line, IN(GENERIC), run_move}, {FN_previous_line, IN(GENERIC), run_move},
	{FN_next_page, IN(GENERIC), run_move}, {FN_previous_page, IN(GENERIC), run_move},
	{FN_half_down, IN(GENERIC), run_move}, {FN_half_up, IN(GENERIC), run_move},
	{FN_first_entry, IN(GENERIC), run_move}, {FN_last_entry, IN(GENERIC), run_move},
	{FN_top_page, IN(GENERIC), run_move}, {FN_middle_page, IN(GENERIC), run_move},
	{FN_bottom_page, IN(GENERIC), run_move}, {FN_current_top, IN(GENERIC), run_move},
	{FN_current_middle, IN(GENERIC), run_move}, {FN_current_bottom, IN(GENERIC), run_move},
	{FN_jump, IN(GENERIC), run_jump},
	{FN_search, IN(GENERIC), run_search}, {FN_search_reverse, IN(GENERIC), run_search},
	{FN_search_next, IN(GENERIC), run_search}, {FN_search_opposite, IN(GENERIC), run_search},
	{FN_tag_entry, IN(GENERIC), run_tag});
