/*
 * The index: the messages of the open mailbox. Order, threads, limit and cursor are the view's; here
 * they become lines with their colours, and moving, searching and limiting get their keys.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "core/draft.h"
#include "core/format.h"
#include "core/func.h"
#include "core/pattern.h"
#include "core/unified.h"
#include "text/width.h"
#include "ui/index_priv.h"

struct index *index_of(struct ui *ui)
{
	for (int i = ui->depth - 1; i >= 0; i--) {
		if (ui->stack[i]->ops->menu == MENU_INDEX)
			return (struct index *)ui->stack[i];
	}
	return NULL;
}

struct screen *index_screen(struct ui *ui)
{
	struct index *x = index_of(ui);
	return x ? &x->base : NULL;
}

struct view *index_view_of(struct ui *ui)
{
	struct index *x = index_of(ui);
	return x ? x->view : NULL;
}

static struct index *self(struct screen *s)
{
	return (struct index *)s;
}

struct list *index_list(struct screen *s)
{
	return &self(s)->list;
}

void index_sync(struct index *x)
{
	list_options(x->base.ui, &x->list);
	if (!x->view) {
		list_set_count(&x->list, 0);
		return;
	}
	x->list.cursor = (int)view_cursor(x->view);
	list_set_count(&x->list, (int)view_lines(x->view));
}

static void moved(struct screen *s)
{
	struct index *x = self(s);
	if (x->view)
		view_set_cursor(x->view, (uint32_t)x->list.cursor);
	x->moved_ms = clock_ms();
	x->touched = true; /* by whatever way: a jump, a search, the mouse */
}

void index_set_cursor(struct screen *s, uint32_t line)
{
	struct index *x = self(s);
	if (!x->view || line == VIEW_NONE)
		return;
	view_set_cursor(x->view, line);
	index_sync(x);
	x->moved_ms = clock_ms();
	ui_dirty(s->ui);
}

/* $collapse_all, once all of a mailbox is here. */
static void collapse_at_start(struct index *x)
{
	if (x->base.ui->conf->collapse_all && !view_loading(x->view))
		view_collapse_all(x->view, true);
}

void index_changed(struct ui *ui, struct view *view)
{
	struct index *x = index_of(ui);
	if (!x || x->view != view)
		return;
	unsigned changes = view_take_changes(view);
	func_judge(ui->session, view);
	/* Mail that came above moves the list, not what is seen of it. */
	if (changes & VIEW_LIST)
		x->list.top = MAX(0, x->list.top + (int)view_cursor(view) - x->list.cursor);
	index_sync(x);
	if (changes & VIEW_NEW_MAIL)
		index_new_mail(x);
	if (changes & VIEW_RESET)
		ui_say(ui, _("The mailbox was made anew on the server; its messages are read again."));
	/* The first time that there is something: of a mailbox that was never read before, when its first mail comes. */
	if (!x->placed && !view_loading(view) && view_lines(view) > 0) {
		x->placed = true;
		collapse_at_start(x);
		if (!x->touched)
			index_set_cursor(&x->base, view_start_line(view));
	}
	narrow_changed(x);
	if (changes & VIEW_LOADED)
		command_take_pushed(ui); /* of a folder-hook: such as push <collapse-all> */
	pager_message_changed(ui, view);
}

/* ---- colours ---- */

static void forget_colours(struct index *x)
{
	for (size_t i = 0; i < x->npatterns; i++)
		pattern_free(x->patterns[i].pattern);
	free(x->patterns);
	x->patterns = NULL;
	x->npatterns = 0;
}

static bool is_index_object(enum color_id id)
{
	switch (id) {
	case COLOR_index:
	case COLOR_index_author:
	case COLOR_index_collapsed:
	case COLOR_index_date:
	case COLOR_index_flags:
	case COLOR_index_label:
	case COLOR_index_number:
	case COLOR_index_size:
	case COLOR_index_subject:
	case COLOR_index_tag:
	case COLOR_index_tags:
		return true;
	default:
		return false;
	}
}

static void compile_colours(struct index *x)
{
	struct ui *ui = x->base.ui;
	const struct rc_colors *c = &ui->conf->rc.colors;
	bool mono = theme_is_mono(ui->theme);
	forget_colours(x);
	/* The last line that matches wins: so the last comes first here. */
	for (size_t i = c->n; i-- > 0;) {
		struct err e;
		if (c->v[i].mono != mono || !is_index_object(c->v[i].object) || !c->v[i].pattern)
			continue;
		struct pattern *p = pattern_compile(ui->conf, c->v[i].pattern, PATTERN_SIMPLE, clock_now(), &e);
		if (!p) {
			log_write(LOG_WARN, "ui", "color %s: %s", c->v[i].pattern, e.text);
			continue;
		}
		x->patterns = xreallocarray(x->patterns, x->npatterns + 1, sizeof(*x->patterns));
		x->patterns[x->npatterns++] = (struct index_pattern){p, c->v[i].object, theme_of(c->v[i].style)};
	}
}

/* As $conversations says; a mailbox that has none shows what it has. */
static bool show_conversations(struct index *x, struct err *e)
{
	return !x->view || unified_conversations(x->base.ui->session, x->view, x->base.ui->conf->conversations, e);
}

void index_conf_changed(struct ui *ui)
{
	struct index *x = index_of(ui);
	if (!x)
		return;
	expando_free(x->format);
	x->format = NULL;
	compile_colours(x);
	if (x->view)
		view_resort(x->view);
	(void)show_conversations(x, NULL);
	index_sync(x);
}

static struct style pattern_style(struct index *x, enum color_id object, uint32_t row)
{
	for (size_t i = 0; i < x->npatterns; i++) {
		if (x->patterns[i].object == object && view_row_matches(x->view, x->patterns[i].pattern, row))
			return x->patterns[i].style;
	}
	return theme_style(x->base.ui->theme, object);
}

/* ---- lines ---- */

static const struct {
	char letter;
	enum color_id object;
} columns[] = {
	{'C', COLOR_index_number}, {'Z', COLOR_index_flags}, {'S', COLOR_index_flags}, {'z', COLOR_index_flags},
	{'d', COLOR_index_date}, {'D', COLOR_index_date}, {'{', COLOR_index_date}, {'[', COLOR_index_date},
	{'(', COLOR_index_date}, {'a', COLOR_index_author}, {'A', COLOR_index_author}, {'f', COLOR_index_author},
	{'F', COLOR_index_author}, {'L', COLOR_index_author}, {'n', COLOR_index_author}, {'u', COLOR_index_author},
	{'v', COLOR_index_author}, {'s', COLOR_index_subject}, {'c', COLOR_index_size}, {'l', COLOR_index_size},
	{'M', COLOR_index_collapsed}, {'y', COLOR_index_label}, {'Y', COLOR_index_label}, {'g', COLOR_index_tags},
	{'G', COLOR_index_tags},
};

/*
 * The modern profile's line, made for the width there is: flags, date, person, subject, and marks at
 * the right edge. A format that the user has set is followed as it is.
 */
static const char *format_for(struct ui *ui, int width)
{
	if (ui->conf->profile != CONF_MODERN || !conf_is_default(ui->conf, OPT_index_format))
		return ui->conf->index_format;
	if (width < 60)
		return "%Z %<[1d?%[%H:%M ]&%[%d %b]> %-12.12F %s";
	if (width < 100)
		return "%4C %Z %<[1d?%[ %H:%M]&%<[300d?%[%d %b]&%[%m/%Y]>> %-18.18F %s%*  %<M?(%M more) >%<X?@%X&  > %5c";
	return "%4C %Z %<[1d?%[ %H:%M]&%<[300d?%[%d %b]&%[%m/%Y]>> %-20.20F  %s%*  %<M?(%M more) >%<g?[%g] >%<X?@%X&  > %5c";
}

static const char *format_hook(void *data, struct sv name, const struct msg_facts *facts)
{
	struct index *x = data;
	(void)facts;
	const struct rc_hooks *h = &x->base.ui->conf->rc.hooks;
	for (size_t i = 0; i < h->n; i++) {
		const struct rc_hook *hook = &h->v[i];
		struct err e;
		if (hook->kind != HOOK_INDEX_FORMAT || !hook->name || !sv_is(name, hook->name))
			continue;
		struct pattern *p = pattern_compile(x->base.ui->conf, hook->pattern, 0, clock_now(), &e);
		bool yes = p && view_row_matches(x->view, p, x->hook_row) != hook->negated;
		pattern_free(p);
		if (yes)
			return hook->value;
	}
	return NULL;
}

void message_format(struct ui *ui, const struct expando *x, struct view *view, uint32_t row, int width,
	const char *progress, bool tree, struct str *out, struct expando_spans *spans)
{
	struct msg_facts facts;
	if (!view_msg(view, row, &facts))
		return;
	struct format_msg in = {.conf = ui->conf, .facts = &facts, .view = view, .row = row, .progress = progress,
		.tree = tree, .width = width, .now = clock_now(), .hook = format_hook, .data = index_of(ui)};
	if (!in.data)
		in.hook = NULL;
	format_msg(x, &in, out, spans);
}

void message_format_once(struct ui *ui, const char *format, struct view *view, uint32_t row, struct str *out)
{
	struct expando *x = expando_new_lenient(SET_INDEX, sv_of(format));
	message_format(ui, x, view, row, 0, NULL, false, out, NULL);
	expando_free(x);
}

static void format_line(struct index *x, uint32_t row, int width, struct str *out, struct expando_spans *spans)
{
	struct ui *ui = x->base.ui;
	const char *format = format_for(ui, width);
	if (!x->format || strcmp(expando_source(x->format), format) != 0) {
		expando_free(x->format);
		x->format = expando_new_lenient(SET_INDEX, sv_of(format));
	}
	x->hook_row = row;
	message_format(ui, x->format, x->view, row, width, NULL, true, out, spans);
}

static void paint_columns(struct index *x, struct area a, int line, int indent, uint32_t row, const struct str *text,
	const struct expando_spans *spans)
{
	struct sv all = str_sv(text);
	for (size_t i = 0; i < spans->n && i < ARRAY_LEN(spans->v); i++) {
		const struct expando_span *sp = &spans->v[i];
		int col = indent + width_of(sv_head(all, sp->start));
		for (size_t k = 0; k < ARRAY_LEN(columns); k++) {
			if (columns[k].letter != sp->letter)
				continue;
			int n = width_of(sv_make(all.p + sp->start, sp->len));
			area_restyle(a, line, col, n, pattern_style(x, columns[k].object, row));
		}
		if (sp->letter == 's') {
			struct str tree;
			str_init(&tree, 4096);
			char raw[256];
			size_t n = view_tree(x->view, row, raw, sizeof(raw));
			format_tree(&tree, raw, n, x->base.ui->conf->ascii_chars);
			area_restyle(a, line, col, width_of(str_sv(&tree)), theme_style(x->base.ui->theme, COLOR_tree));
			str_fini(&tree);
		}
	}
}

static void draw_message_line(struct index *x, struct area a, int at, uint32_t line)
{
	struct ui *ui = x->base.ui;
	uint32_t row = view_row(x->view, line);
	struct style normal = theme_style(ui->theme, COLOR_normal);
	struct style style = style_over(normal, pattern_style(x, COLOR_index, row));
	bool current = (int)line == x->list.cursor;
	bool arrow = ui->conf->arrow_cursor;
	int indent = arrow ? width_of(sv_of(ui->conf->arrow_string)) + 1 : 0;
	struct expando_spans spans = {.n = 0};
	struct str text;
	str_init(&text, EXPANDO_OUT_MAX);
	/* Unread mail stands out without any configuration. */
	if (ui->conf->profile == CONF_MODERN && !(view_flags(x->view, row) & FLAG_SEEN))
		style = style_over(style, (struct style){.attrs = STYLE_BOLD});
	format_line(x, row, a.cols - indent, &text, &spans);
	area_clear_from(a, at, 0, style);
	area_put(a, at, indent, text.s ? str_sv(&text) : SV(""), style);
	if (!current || arrow || ui->conf->cursor_overlay)
		paint_columns(x, a, at, indent, row, &text, &spans);
	if (current && arrow)
		area_puts(a, at, 0, ui->conf->arrow_string, theme_style(ui->theme, COLOR_indicator));
	else if (current)
		area_restyle(a, at, 0, a.cols, theme_style(ui->theme, COLOR_indicator));
	str_fini(&text);
}

void index_draw_list(struct screen *s, struct area a, struct area status)
{
	struct index *x = self(s);
	list_options(s->ui, &x->list);
	list_set_rows(&x->list, a.rows);
	index_sync(x);
	for (int at = 0; x->view && at < a.rows && x->list.top + at < x->list.count; at++)
		draw_message_line(x, a, at, (uint32_t)(x->list.top + at));
	if (!x->view || x->list.count == 0) {
		const char *text = !x->view ? _("No mailbox is open. Press c to choose one, y for the list.") :
			view_loading(x->view) ? _("Reading ...") :
			view_limit_text(x->view) ? _("No messages match the limit.") : _("No messages in this mailbox.");
		area_puts(a, a.rows > 4 ? 1 : 0, 2, text, theme_style(s->ui->theme, COLOR_message));
	}
	if (!area_empty(status)) {
		struct str text;
		str_init(&text, 65536);
		status_index(s->ui, x->view, &x->list, &text, status.cols);
		status_paint(s->ui, status, text.s ? str_sv(&text) : SV(""));
		str_fini(&text);
	}
}

static void draw(struct screen *s)
{
	struct ui *ui = s->ui;
	index_draw_list(s, ui_area(ui, ui->layout.list), ui_area(ui, ui->layout.list_status));
	if (!area_empty(ui_area(ui, ui->layout.pager)))
		preview_draw(ui, s);
}

static void status(struct screen *s, struct str *out, int width)
{
	struct ui *ui = s->ui;
	if (ui->layout.list_status.rows > 0 && preview_status(ui, out, width))
		return;
	status_index(ui, self(s)->view, &self(s)->list, out, width);
}

static void shown(struct screen *s)
{
	struct index *x = self(s);
	list_set_rows(&x->list, MAX(1, s->ui->layout.list.rows));
	index_sync(x);
}

static bool cursor(struct screen *s, int *row, int *col)
{
	struct index *x = self(s);
	*row = s->ui->layout.list.row + x->list.cursor - x->list.top;
	*col = s->ui->layout.list.col;
	return true;
}

static void entry(struct screen *s, int n, struct str *out)
{
	struct index *x = self(s);
	format_line(x, view_row(x->view, (uint32_t)n), 0, out, NULL);
}

static void tag(struct screen *s, int n, int on)
{
	struct index *x = self(s);
	uint32_t row = view_row(x->view, (uint32_t)n);
	bool is = view_flags(x->view, row) & FLAG_TAGGED;
	view_tag(x->view, row, on < 0 ? !is : on);
}

static void index_free(struct screen *s)
{
	struct index *x = self(s);
	forget_colours(x);
	expando_free(x->format);
	pattern_free(x->search);
	free(x->search_text);
	preview_forget(s->ui);
	if (x->view)
		session_close(s->ui->session, x->view);
	free(x);
}

static const struct hint hints[] = {
	{FN_quit, N_("Quit")}, {FN_delete_message, N_("Del")}, {FN_undelete_message, N_("Undel")},
	{FN_save_message, N_("Save")}, {FN_mail, N_("Mail")}, {FN_reply, N_("Reply")}, {FN_group_reply, N_("Group")},
	{FN_change_folder, N_("Folder")}, {FN_limit, N_("Limit")}, {FN_forward_message, N_("Fwd")},
	{FN_search, N_("Find")}, {FN_flag_message, N_("Flag")}, {FN_tag_entry, N_("Tag")},
	{FN_archive_message, N_("Archive")}, {FN_view_attachments, N_("Parts")}, {FN_pipe_message, N_("Pipe")},
	{FN_browse_mailboxes, N_("List")}, {FN_sort_mailbox, N_("Sort")}, {FN_enter_command, N_("Commands")},
	{FN_help, N_("Help")}, {FN_NONE, NULL},
};

static const struct screen_ops ops = {
	.name = "index",
	.menu = MENU_INDEX,
	.layout = LAYOUT_LIST,
	.draw = draw,
	.status = status,
	.list = index_list,
	.entry = entry,
	.moved = moved,
	.shown = shown,
	.free = index_free,
	.hints = hints,
	.tag = tag,
	.cursor = cursor,
};

struct screen *index_open(struct ui *ui, struct view *view)
{
	struct index *x = xcalloc(1, sizeof(*x));
	x->base.ops = &ops;
	x->base.ui = ui;
	x->view = view;
	x->moved_ms = clock_ms();
	compile_colours(x);
	if (view) {
		(void)show_conversations(x, NULL);
		collapse_at_start(x);
		index_set_cursor(&x->base, view_start_line(view));
		x->placed = !view_loading(view) && view_lines(view) > 0;
		view_take_changes(view);
	}
	return &x->base;
}

/* Another mailbox in place of the one that was open; the old view is closed. */
void index_replace_view(struct index *x, struct view *take)
{
	struct ui *ui = x->base.ui;
	preview_forget(ui);
	if (x->view)
		session_close(ui->session, x->view);
	pattern_free(x->search);
	x->search = NULL;
	x->view = take;
	x->list.top = 0;
	x->placed = !view_loading(take) && view_lines(take) > 0;
	x->touched = false;
	index_conf_changed(ui);
	collapse_at_start(x);
	index_set_cursor(&x->base, view_start_line(take));
	view_take_changes(take);
	x->list.top = 0;
	index_sync(x);
	ui_dirty(ui);
}

void index_new_mail(struct index *x)
{
	struct ui *ui = x->base.ui;
	const struct view_counts *c = view_counts(x->view);
	if (ui->conf->beep_new)
		term_beep(ui->term);
	if (!ui->prompt && c->fresh > 0)
		ui_say(ui, _("New mail in this mailbox."));
	if (*ui->conf->new_mail_command)
		index_run_new_mail_command(x);
}

uint32_t index_row(struct index *x)
{
	return x->view && x->list.count > 0 ? view_row(x->view, (uint32_t)x->list.cursor) : VIEW_NONE;
}

/* ---- moving by meaning ---- */

static const struct {
	enum func_id fn;
	enum view_step step;
	const char *none;
} steps[] = {
	{FN_next_undeleted, STEP_NEXT_UNDELETED, N_("You are on the last message.")},
	{FN_previous_undeleted, STEP_PREV_UNDELETED, N_("You are on the first message.")},
	{FN_next_new, STEP_NEXT_NEW, N_("No new messages")},
	{FN_previous_new, STEP_PREV_NEW, N_("No new messages")},
	{FN_next_unread, STEP_NEXT_UNREAD, N_("No unread messages")},
	{FN_previous_unread, STEP_PREV_UNREAD, N_("No unread messages")},
	{FN_next_new_then_unread, STEP_NEXT_NEW_THEN_UNREAD, N_("No unread messages")},
	{FN_previous_new_then_unread, STEP_PREV_NEW_THEN_UNREAD, N_("No unread messages")},
	{FN_next_thread, STEP_NEXT_THREAD, N_("No more threads.")},
	{FN_previous_thread, STEP_PREV_THREAD, N_("You are on the first thread.")},
	{FN_next_subthread, STEP_NEXT_SUBTHREAD, N_("No more threads.")},
	{FN_previous_subthread, STEP_PREV_SUBTHREAD, N_("You are on the first thread.")},
	{FN_parent_message, STEP_PARENT, N_("Parent message is not available.")},
	{FN_root_message, STEP_ROOT, N_("Root message is not visible in this limited view.")},
	{FN_next_entry, STEP_NEXT, N_("You are on the last message.")},
	{FN_previous_entry, STEP_PREV, N_("You are on the first message.")},
};

bool index_step(struct ui *ui, enum func_id fn)
{
	struct index *x = index_of(ui);
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		bool wrapped = false;
		if (steps[i].fn != fn)
			continue;
		uint32_t line = view_step(x->view, steps[i].step, (uint32_t)x->list.cursor, &wrapped);
		if (line == VIEW_NONE) {
			ui_error(ui, "%s", _(steps[i].none));
			return false;
		}
		x->touched = true;
		index_set_cursor(&x->base, line);
		if (wrapped)
			ui_say(ui, "%s", line < (uint32_t)x->list.cursor ? _("Search wrapped to top.") : _("Search wrapped to bottom."));
		return true;
	}
	return false;
}

static enum run_result run_step(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	return index_step(ui, fn) ? RUN_DONE : RUN_FAILED;
}

static enum run_result run_display(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct index *x = self(s);
	uint32_t row = index_row(x);
	(void)fn;
	if (row == VIEW_NONE)
		return ui_fail(ui, _("There are no messages."));
	if (view_is_collapsed(x->view, row) && ui->conf->uncollapse_jump) {
		view_collapse(x->view, row, false);
		index_sync(x);
	}
	if (pager_is_external(ui->conf))
		return pager_run_external(ui, x->view, row);
	ui_push(ui, pager_open_message(ui, x->view, row));
	return RUN_DONE;
}

/* ---- threads ---- */

static enum run_result run_collapse(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct index *x = self(s);
	uint32_t row = index_row(x);
	if (!view_threaded(x->view))
		return ui_fail(ui, _("Threading is not enabled."));
	switch (fn) {
	case FN_collapse_thread:
		view_collapse(x->view, row, !view_is_collapsed(x->view, row));
		break;
	case FN_close_thread:
		view_collapse(x->view, row, true);
		break;
	case FN_open_thread:
		view_collapse(x->view, row, false);
		break;
	default:
		x->all_collapsed = fn == FN_collapse_all ? !x->all_collapsed : fn == FN_close_all_threads;
		view_collapse_all(x->view, x->all_collapsed);
		break;
	}
	index_sync(x);
	return RUN_DONE;
}

static enum run_result run_conversations(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct index *x = self(s);
	struct err e;
	(void)fn;
	if (!conf_toggle(ui->conf, OPT_conversations, (struct conf_origin){0}, &e))
		return ui_fail(ui, "%s", e.text);
	if (!show_conversations(x, &e)) {
		struct err none;
		(void)!conf_toggle(ui->conf, OPT_conversations, (struct conf_origin){0}, &none);
		return ui_fail(ui, "%s", e.text);
	}
	if (ui->conf->conversations && !view_threaded(x->view))
		ui_say(ui, _("What was sent is shown; sort by threads to see it in place."));
	index_sync(x);
	return RUN_DONE;
}

/* ---- order ---- */

static const enum sort_key sort_keys[] = {SORT_DATE, SORT_FROM, SORT_DATE_RECEIVED, SORT_SUBJECT, SORT_TO,
	SORT_THREADS, SORT_MAILBOX_ORDER, SORT_SIZE, SORT_SCORE, SORT_SPAM, SORT_LABEL, SORT_RELEVANCE};

static enum flow_state sort_by(struct flow *f)
{
	struct ui *ui = f->ui;
	struct index *x = index_of(ui);
	bool reverse = *(bool *)f->data;
	struct err e;
	struct str text;
	struct conf_sort spec = {.key = sort_keys[f->choice], .reverse = reverse};
	view_set_sort(x->view, spec);
	/* $sort follows, so that the status line and the next mailbox have it, as in mutt. */
	str_init(&text, 64);
	conf_sort_print(OPT_sort, spec, &text);
	if (!conf_set(ui->conf, OPT_sort, str_sv(&text), (struct conf_origin){.file = "command line"}, &e))
		log_write(LOG_WARN, "ui", "%s", e.text);
	str_fini(&text);
	index_sync(x);
	return FLOW_DONE;
}

static enum flow_state sort_ask(struct flow *f)
{
	bool reverse = *(bool *)f->data;
	return flow_ask_choice(f,
		reverse ? _("Rev-Sort (d)ate/(f)rm/(r)ecv/(s)ubj/t(o)/(t)hread/(u)nsort/si(z)e/s(c)ore/s(p)am/(l)abel/rele(v)ance?: ") :
		_("Sort (d)ate/(f)rm/(r)ecv/(s)ubj/t(o)/(t)hread/(u)nsort/si(z)e/s(c)ore/s(p)am/(l)abel/rele(v)ance?: "),
		/* TRANSLATORS: keys of the sort question, in the order of its words. */
		_("dfrsotuzcplv"), -1, sort_by);
}

static enum run_result run_sort(struct ui *ui, struct screen *s, enum func_id fn)
{
	bool *reverse = xcalloc(1, sizeof(*reverse));
	(void)s;
	*reverse = fn == FN_sort_reverse;
	return flow_run(flow_new(ui, "sort", reverse, free), sort_ask);
}

/* ---- search ---- */

static enum flow_state search_go(struct flow *f);

bool index_search_next(struct ui *ui, bool opposite)
{
	struct index *x = index_of(ui);
	bool wrapped = false;
	int dir = x->base.search_reverse != opposite ? -1 : 1;
	long from = (long)x->list.cursor + dir;
	uint32_t line = VIEW_NONE;
	if (from < 0 || from >= x->list.count) {
		if (ui->conf->wrap_search) {
			line = view_search(x->view, x->search, from < 0 ? (uint32_t)x->list.count - 1 : 0, dir, &wrapped);
			wrapped = true;
		}
	} else {
		line = view_search(x->view, x->search, (uint32_t)from, dir, &wrapped);
	}
	if (line == VIEW_NONE) {
		ui_error(ui, _("Not found."));
		return false;
	}
	if (wrapped)
		ui_say(ui, "%s", dir > 0 ? _("Search wrapped to top.") : _("Search wrapped to bottom."));
	x->touched = true;
	index_set_cursor(&x->base, line);
	return true;
}

static enum flow_state search_ready(struct flow *f)
{
	if (f->failed)
		return flow_fail(f, &f->err);
	return index_search_next(f->ui, f->choice == 2) ? FLOW_DONE : FLOW_FAILED;
}

static enum flow_state search_go(struct flow *f)
{
	struct index *x = index_of(f->ui);
	struct err e;
	if (f->text[0] != '\0') {
		struct pattern *p = pattern_compile(f->ui->conf, f->text, PATTERN_SIMPLE | PATTERN_FULL, clock_now(), &e);
		if (!p)
			return flow_fail(f, &e);
		pattern_free(x->search);
		x->search = p;
		free(x->search_text);
		x->search_text = xstrdup(f->text);
	}
	if (!x->search)
		return FLOW_FAILED;
	x->base.search_reverse = f->choice == 1;
	return bodies_search(f, x->view, x->search, search_ready);
}

static enum flow_state search_ask(struct flow *f)
{
	struct index *x = index_of(f->ui);
	f->typed = narrow_tally;
	return flow_ask_line(f, f->choice ? _("Reverse search for: ") : _("Search for: "), x->search_text, PROMPT_PATTERN,
		search_go);
}

static enum run_result run_search(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct index *x = self(s);
	if (!x->view || x->list.count == 0)
		return ui_fail(ui, _("There are no messages."));
	if ((fn == FN_search_next || fn == FN_search_opposite) && x->search)
		return index_search_next(ui, fn == FN_search_opposite) ? RUN_DONE : RUN_FAILED;
	struct flow *f = flow_new(ui, "search", NULL, NULL);
	f->choice = fn == FN_search_reverse;
	return flow_run(f, search_ask);
}

HANDLERS(index_handlers,
	{FN_display_message, IN(INDEX), run_display}, {FN_select_entry, IN(INDEX), run_display},
	{FN_next_undeleted, IN(INDEX), run_step}, {FN_previous_undeleted, IN(INDEX), run_step},
	{FN_next_new, IN(INDEX), run_step}, {FN_previous_new, IN(INDEX), run_step},
	{FN_next_unread, IN(INDEX), run_step}, {FN_previous_unread, IN(INDEX), run_step},
	{FN_next_new_then_unread, IN(INDEX), run_step}, {FN_previous_new_then_unread, IN(INDEX), run_step},
	{FN_next_thread, IN(INDEX), run_step}, {FN_previous_thread, IN(INDEX), run_step},
	{FN_next_subthread, IN(INDEX), run_step}, {FN_previous_subthread, IN(INDEX), run_step},
	{FN_parent_message, IN(INDEX), run_step}, {FN_root_message, IN(INDEX), run_step},
	{FN_toggle_conversations, IN(INDEX), run_conversations},
	{FN_collapse_thread, IN(INDEX), run_collapse}, {FN_collapse_all, IN(INDEX), run_collapse},
	{FN_close_thread, IN(INDEX), run_collapse}, {FN_open_thread, IN(INDEX), run_collapse},
	{FN_close_all_threads, IN(INDEX), run_collapse}, {FN_open_all_threads, IN(INDEX), run_collapse},
	{FN_sort_mailbox, IN(INDEX) | IN(PAGER), run_sort}, {FN_sort_reverse, IN(INDEX) | IN(PAGER), run_sort},
	{FN_search, IN(INDEX), run_search}, {FN_search_reverse, IN(INDEX), run_search},
	{FN_search_next, IN(INDEX), run_search}, {FN_search_opposite, IN(INDEX), run_search});
