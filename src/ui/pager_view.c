/*
 * The pager: a message of the index, or any document. The text comes wrapped from the renderer; when
 * the width or an option changes a new document is asked for, and the old lines stay until it is
 * here. preview.c is the same without keys.
 */
#include <stdlib.h>

#include "core/func.h"
#include "core/hook.h"
#include "text/utf8.h"
#include "text/width.h"
#include "ui/doc_view.h"
#include "ui/index_priv.h"

struct pager {
	struct screen base;
	struct doc_view doc;
	struct view *view; /* NULL: not a message of a mailbox */
	uint32_t row;
	int64_t id;        /* of the message: rows may be renumbered */
	int64_t offered;   /* the message whose rest the user was asked about */
	uint64_t job;
	int width;         /* that the document was wrapped to */
	bool weed;
	bool images;       /* remote images of this message are links */
	char *title;
	bool source;       /* mode=source */
	int read_timer;
	bool keep_place;   /* of the document that is on its way */
	bool list_links;   /* when it is here: the key came before it */
	char *failed;      /* why there is no text */
};

static struct pager *self(struct screen *s)
{
	return (struct pager *)s;
}

bool pager_is_message(struct screen *s)
{
	return s->ops->menu == MENU_PAGER && self(s)->view != NULL;
}

uint32_t pager_row(struct screen *s)
{
	return self(s)->row;
}

static struct pager *top_pager(struct ui *ui)
{
	for (int i = ui->depth - 1; i >= 0; i--) {
		if (ui->stack[i]->ops->menu == MENU_PAGER)
			return (struct pager *)ui->stack[i];
	}
	return NULL;
}

/* ---- getting the document ---- */

static bool add_options(struct ui *ui, int width, bool weed, bool images, bool source, struct str *out)
{
	bool ok = session_render_options(ui->session, width, weed, out);
	if (images)
		ok = str_adds(out, "images=links\n") && ok;
	if (source)
		ok = str_adds(out, "mode=source\n") && ok;
	return ok;
}

static void mark_read(struct pager *p)
{
	struct ui *ui = p->base.ui;
	struct err e;
	if (!p->view || view_readonly(p->view) || (view_flags(p->view, p->row) & FLAG_SEEN))
		return;
	if (!func_was_read(ui->session, (struct func_rows){p->view, &p->row, 1}, &e))
		ui_err(ui, &e);
}

static void read_due(void *data)
{
	struct pager *p = data;
	p->read_timer = 0;
	mark_read(p);
}

static void say_about(struct pager *p)
{
	struct ui *ui = p->base.ui;
	const struct doc *d = p->doc.doc;
	if (ui->message && ui->message_level >= LOG_WARN)
		return;
	if (d->flags & DOC_BROKEN)
		ui_say(ui, _("This message is broken: it is shown as it came."));
	else if (d->flags & DOC_CUT)
		ui_say(ui, _("The message is too long: not all of it is shown."));
	else if (d->images_blocked > 0 && ui->conf->profile == CONF_MODERN)
		ui_say(ui, ngettext("%u remote image not loaded.  I:as links  U:links  v:parts",
			"%u remote images not loaded.  I:as links  U:links  v:parts", d->images_blocked), d->images_blocked);
}

/* Once for each message that is opened. */
static void offer_rest(struct pager *p)
{
	if (!p->view || p->offered == p->id || !(view_flags(p->view, p->row) & FLAG_PARTIAL))
		return;
	p->offered = p->id;
	partial_offer(p->base.ui, p->view, p->row);
}

static enum run_result list_links(struct pager *p)
{
	struct ui *ui = p->base.ui;
	p->list_links = false;
	if (p->doc.doc->link_count == 0)
		return ui_fail(ui, _("There are no links in this message."));
	ui_push(ui, links_open(ui, p->doc.doc));
	return RUN_DONE;
}

static void arrived(void *data, struct doc *doc, const struct err *e)
{
	struct pager *p = data;
	struct ui *ui = p->base.ui;
	p->job = 0;
	ui_dirty(ui);
	if (!doc) {
		free(p->failed);
		p->failed = xstrdup(e ? e->text : "");
		if (e)
			ui_err(ui, e);
		return;
	}
	free(p->failed);
	p->failed = NULL;
	doc_view_set(&p->doc, doc, p->keep_place);
	p->keep_place = true;
	say_about(p);
	offer_rest(p);
	loop_remove(ui->loop, p->read_timer);
	p->read_timer = 0;
	if (ui->conf->pager_read_delay > 0)
		p->read_timer = loop_timer(ui->loop, "read delay", (int)ui->conf->pager_read_delay * 1000, read_due, p);
	else
		mark_read(p);
	if (p->list_links && ui_top(ui) == &p->base)
		list_links(p);
}

static void request(struct pager *p, bool keep_place)
{
	struct ui *ui = p->base.ui;
	struct str options;
	if (!p->view)
		return;
	if (p->job)
		session_cancel(ui->session, p->job);
	struct msg_facts facts;
	if (!keep_place && view_msg(p->view, p->row, &facts))
		hook_run_message(ui->session, &facts);
	str_init(&options, 1 << 20);
	p->width = MAX(1, ui->layout.pager.cols);
	p->weed = ui->weed;
	p->keep_place = keep_place;
	add_options(ui, p->width, p->weed, p->images, p->source, &options);
	if (p->view)
		type_add_option(ui, p->view, p->row, &options);
	struct msg_source src = {.view = p->view, .row = p->row};
	p->job = session_display(ui->session, &src, options.s ? options.s : "",
		p->source ? 0 : p->width, arrived, p);
	str_fini(&options);
}

bool pager_is_ready(struct ui *ui)
{
	struct pager *p = top_pager(ui);
	return (!p || p->job == 0) && preview_is_ready(ui);
}

static void show_row(struct pager *p, uint32_t row)
{
	struct msg_facts m;
	p->row = row;
	p->images = p->source = p->list_links = false;
	p->id = view_msg(p->view, row, &m) ? m.id : 0;
	loop_remove(p->base.ui->loop, p->read_timer);
	p->read_timer = 0;
	request(p, false);
}

void pager_follow(struct screen *s)
{
	struct pager *p = self(s);
	struct index *x = index_of(s->ui);
	uint32_t row = x ? index_row(x) : VIEW_NONE;
	if (row == VIEW_NONE || row == p->row)
		return;
	show_row(p, row);
	ui_dirty(s->ui);
}

void pager_rerender(struct screen *s)
{
	request(self(s), true);
}

void pager_message_changed(struct ui *ui, struct view *view)
{
	struct pager *p = top_pager(ui);
	if (!p || p->view != view)
		return;
	uint32_t row = view_row_by_id(view, p->id);
	if (row != VIEW_NONE)
		p->row = row;
}

/* ---- the status line ---- */

static void modern_status(struct pager *p, const char *position, struct str *out, int width)
{
	struct str left, right;
	const struct doc *d = p->doc.doc;
	str_init(&left, 65536);
	str_init(&right, 4096);
	message_format_once(p->base.ui, "--%n: %s", p->view, p->row, &left);
	if (d && *d->body_type) {
		str_addf(&right, "--%s", d->body_type);
		if (d->images_blocked > 0)
			str_addf(&right, ngettext(" (%u image not loaded)", " (%u images not loaded)", d->images_blocked),
				d->images_blocked);
	}
	str_addf(&right, "--(%s)--", position);
	int room = width - width_of(str_sv(&right));
	width_add(out, str_sv(&left), MAX(room, 10), WIDTH_LEFT, "");
	/* The padding between both is a line, as everywhere. */
	size_t end = out->len;
	while (end > 0 && out->s[end - 1] == ' ')
		out->s[--end] = '-';
	str_add(out, str_sv(&right));
	str_fini(&left);
	str_fini(&right);
}

static void message_status(struct pager *p, struct str *out, int width)
{
	struct screen *s = &p->base;
	char buf[8];
	const char *position = doc_view_position(&p->doc, buf);
	if (!p->view) {
		str_addf(out, "--%s--(%s)--", p->title ? p->title : "", position);
		int fill = width - width_of(str_sv(out));
		if (fill > 0)
			str_addn(out, '-', (size_t)fill);
		return;
	}
	if (s->ui->conf->profile == CONF_MODERN && conf_is_default(s->ui->conf, OPT_pager_format)) {
		modern_status(p, position, out, width);
		return;
	}
	struct expando *x = expando_new_lenient(SET_INDEX, sv_of(s->ui->conf->pager_format));
	message_format(s->ui, x, p->view, p->row, width, position, false, out, NULL);
	expando_free(x);
}

static void status(struct screen *s, struct str *out, int width)
{
	struct index *x = index_of(s->ui);
	if (s->ui->layout.pager_status.rows > 0 && self(s)->view && x) /* the message's own is beside */
		status_index(s->ui, x->view, &x->list, out, width);
	else
		message_status(self(s), out, width);
}

/* ---- drawing ---- */

static void draw(struct screen *s)
{
	struct pager *p = self(s);
	struct ui *ui = s->ui;
	struct area a = ui_area(ui, ui->layout.pager);
	struct screen *index = index_screen(ui);
	if (index && p->view && ui->layout.list.rows > 0)
		index_draw_list(index, ui_area(ui, ui->layout.list), ui_area(ui, ui->layout.list_status));
	else if (ui->layout.list.rows > 0 && !p->view)
		a = grid_area(ui->grid), a = area_part(a, ui->layout.list.row, ui->layout.list.col,
			ui->layout.list.rows + ui->layout.list_status.rows + ui->layout.pager.rows, grid_cols(ui->grid));
	struct area beside = ui_area(ui, ui->layout.pager_status);
	if (!area_empty(beside) && p->view) {
		struct str text;
		str_init(&text, 65536);
		str_adds(&text, "|");
		message_status(p, &text, beside.cols - 1);
		status_paint(ui, beside, str_sv(&text));
		str_fini(&text);
	}
	p->doc.search = p->base.search_rx;
	doc_view_draw(ui, &p->doc, a);
	if (!p->doc.doc) {
		struct style style = theme_style(ui->theme, COLOR_message);
		area_put_width(a, a.rows > 2 ? 1 : 0, 2, a.cols - 4, sv_of(p->failed ? p->failed : _("Fetching message...")),
			p->failed ? theme_style(ui->theme, COLOR_error) : style, true);
	}
}

static void shown(struct screen *s)
{
	struct pager *p = self(s);
	struct ui *ui = s->ui;
	doc_view_set_rows(&p->doc, MAX(1, ui->layout.pager.rows));
	if (p->view && (p->width != MAX(1, ui->layout.pager.cols) || p->weed != ui->weed))
		request(p, true);
}

static void pager_free(struct screen *s)
{
	struct pager *p = self(s);
	if (p->job)
		session_cancel(s->ui->session, p->job);
	loop_remove(s->ui->loop, p->read_timer);
	doc_view_fini(&p->doc);
	free(p->title);
	free(p->failed);
	free(p);
}

static const struct hint message_hints[] = {
	{FN_exit, N_("Exit")}, {FN_previous_page, N_("PrevPg")}, {FN_next_page, N_("NextPg")},
	{FN_reply, N_("Reply")}, {FN_group_reply, N_("Group")}, {FN_view_attachments, N_("Parts")},
	{FN_delete_message, N_("Del")}, {FN_next_undeleted, N_("Next")}, {FN_forward_message, N_("Fwd")},
	{FN_save_message, N_("Save")}, {FN_view_links, N_("Links")}, {FN_display_toggle_weed, N_("Headers")},
	{FN_toggle_quoted, N_("Quoted")}, {FN_pipe_message, N_("Pipe")}, {FN_search, N_("Find")},
	{FN_help, N_("Help")}, {FN_NONE, NULL},
};
static const struct hint text_hints[] = {
	{FN_exit, N_("Exit")}, {FN_previous_page, N_("PrevPg")}, {FN_next_page, N_("NextPg")}, {FN_search, N_("Find")},
	{FN_help, N_("Help")}, {FN_NONE, NULL},
};

static const struct hint part_hints[] = {
	{FN_exit, N_("Exit")}, {FN_previous_page, N_("PrevPg")}, {FN_next_page, N_("NextPg")},
	{FN_next_undeleted, N_("Next")}, {FN_save_message, N_("Save")}, {FN_pipe_message, N_("Pipe")},
	{FN_print_message, N_("Print")}, {FN_delete_message, N_("Del")}, {FN_reply, N_("Reply")},
	{FN_search, N_("Find")}, {FN_help, N_("Help")}, {FN_NONE, NULL},
};

static bool cursor(struct screen *s, int *row, int *col)
{
	*row = s->ui->layout.pager.row;
	*col = s->ui->layout.pager.col;
	return true;
}

static const struct screen_ops message_ops = {
	.name = "pager", .menu = MENU_PAGER, .layout = LAYOUT_PAGER, .draw = draw, .status = status, .shown = shown,
	.free = pager_free, .hints = message_hints, .cursor = cursor,
};
static const struct screen_ops text_ops = {
	.name = "pager", .menu = MENU_PAGER, .layout = LAYOUT_PAGER, .draw = draw, .status = status, .shown = shown,
	.free = pager_free, .hints = text_hints, .cursor = cursor,
};
static const struct screen_ops part_ops = {
	.name = "pager", .menu = MENU_PAGER, .layout = LAYOUT_PAGER, .draw = draw, .status = status, .shown = shown,
	.free = pager_free, .hints = part_hints, .cursor = cursor,
};

bool pager_is_part(struct screen *s)
{
	return s->ops == &part_ops;
}

struct screen *pager_open_message(struct ui *ui, struct view *view, uint32_t row)
{
	struct pager *p = xcalloc(1, sizeof(*p));
	p->base.ops = &message_ops;
	p->base.ui = ui;
	p->view = view;
	p->doc.highlight = true;
	ui_layout(ui, LAYOUT_PAGER);
	show_row(p, row);
	return &p->base;
}

static struct screen *open_doc(struct ui *ui, const struct screen_ops *ops, struct doc *take, const char *title)
{
	struct pager *p = xcalloc(1, sizeof(*p));
	p->base.ops = ops;
	p->base.ui = ui;
	p->title = xstrdup(title);
	p->doc.highlight = true;
	doc_view_set(&p->doc, take, false);
	return &p->base;
}

struct screen *pager_open_doc(struct ui *ui, struct doc *take, const char *title)
{
	return open_doc(ui, &text_ops, take, title);
}

struct screen *pager_open_part(struct ui *ui, struct doc *take, const char *title)
{
	return open_doc(ui, &part_ops, take, title);
}

struct screen *pager_open_text(struct ui *ui, const char *title, struct sv text)
{
	return pager_open_doc(ui, doc_of_text(text), title);
}

/* ---- moving ---- */

static enum run_result next_message(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct pager *p = self(s);
	if (!p->view)
		return ui_fail(ui, _("Bottom of message is shown."));
	if (!index_step(ui, fn))
		return RUN_FAILED;
	pager_follow(s);
	return RUN_DONE;
}

static enum run_result run_scroll(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct pager *p = self(s);
	int page = MAX(1, p->doc.rows - (int)ui->conf->pager_context);
	int half = MAX(1, p->doc.rows / 2);
	switch (fn) {
	case FN_next_page:
		if (doc_view_scroll(&p->doc, page))
			return RUN_DONE;
		if (p->view && !ui->conf->pager_stop && p->doc.doc)
			return next_message(ui, s, FN_next_undeleted);
		return ui_fail(ui, _("Bottom of message is shown."));
	case FN_previous_page:
		return doc_view_scroll(&p->doc, -page) ? RUN_DONE : ui_fail(ui, _("Top of message is shown."));
	case FN_next_line:
		return doc_view_scroll(&p->doc, 1) ? RUN_DONE : ui_fail(ui, _("Bottom of message is shown."));
	case FN_previous_line:
		return doc_view_scroll(&p->doc, -1) ? RUN_DONE : ui_fail(ui, _("Top of message is shown."));
	case FN_half_down:
		if (doc_view_scroll(&p->doc, half))
			return RUN_DONE;
		if (p->view && !ui->conf->pager_stop && p->doc.doc)
			return next_message(ui, s, FN_next_undeleted);
		return ui_fail(ui, _("Bottom of message is shown."));
	case FN_half_up:
		return doc_view_scroll(&p->doc, -half) ? RUN_DONE : ui_fail(ui, _("Top of message is shown."));
	case FN_top:
		if (p->doc.top == 0)
			return ui_fail(ui, _("Top of message is shown."));
		doc_view_go(&p->doc, 0);
		return RUN_DONE;
	default: /* bottom */
		if (doc_view_at_end(&p->doc))
			return ui_fail(ui, _("Bottom of message is shown."));
		doc_view_scroll(&p->doc, (long)p->doc.count);
		return RUN_DONE;
	}
}

static enum run_result run_step(struct ui *ui, struct screen *s, enum func_id fn)
{
	return next_message(ui, s, fn);
}

static enum run_result run_exit(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	(void)fn;
	ui_pop(ui);
	return RUN_DONE;
}

/* ---- quoted text and headers ---- */

static enum run_result run_quoted(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct pager *p = self(s);
	struct doc_view *v = &p->doc;
	(void)fn;
	if (!v->doc)
		return RUN_FAILED;
	unsigned levels = (unsigned)ui->conf->toggle_quoted_show_levels, deepest = 0;
	for (uint32_t i = 0; i < v->doc->line_count; i++)
		deepest = MAX(deepest, doc_line(v->doc, i)->quote);
	if (deepest == 0)
		return ui_fail(ui, _("No quoted text in this message."));
	if (!v->hide_quoted && deepest <= levels)
		return ui_fail(ui, _("No text is quoted deeper than $toggle_quoted_show_levels."));
	doc_view_hide_quoted(v, !v->hide_quoted, levels);
	ui_say(ui, v->hide_quoted ? _("Quoted text is hidden.") : _("Quoted text is shown."));
	return RUN_DONE;
}

static const struct doc_line *line_at(const struct doc_view *v, uint32_t index)
{
	return doc_line(v->doc, doc_view_line(v, index));
}

/* S: behind the quoted text that is at or below the top; with context lines of it kept. */
static enum run_result run_skip_quoted(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct doc_view *v = &self(s)->doc;
	(void)fn;
	if (!v->doc)
		return RUN_FAILED;
	if (v->hide_quoted && v->quoted_levels == 0)
		return ui_fail(ui, _("Quoted text is hidden."));
	uint32_t i = v->top;
	uint32_t context = (uint32_t)MAX(0, ui->conf->pager_skip_quoted_context);
	if (i < v->count && line_at(v, i)->kind == DOC_HEADER) { /* from the header: first past it */
		while (i < v->count && line_at(v, i)->kind == DOC_HEADER)
			i++;
	}
	while (i < v->count && line_at(v, i)->quote == 0)
		i++;
	if (i >= v->count)
		return ui_fail(ui, _("No more quoted text."));
	while (i < v->count && line_at(v, i)->quote > 0)
		i++;
	if (i >= v->count)
		return ui_fail(ui, _("No more unquoted text after quoted text."));
	doc_view_go(v, i > context ? i - context : 0);
	return RUN_DONE;
}

static enum run_result run_skip_headers(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct doc_view *v = &self(s)->doc;
	(void)fn;
	if (!v->doc)
		return RUN_FAILED;
	for (uint32_t i = 0; i < v->count; i++) {
		if (doc_view_line(v, i) < v->doc->body_line)
			continue;
		if (v->top >= i)
			return ui_fail(ui, _("Already skipped past headers."));
		doc_view_go(v, i);
		return RUN_DONE;
	}
	return ui_fail(ui, _("No text past headers."));
}

/* ---- search ---- */

static bool search_next(struct ui *ui, struct pager *p, bool opposite)
{
	int dir = p->base.search_reverse != opposite ? -1 : 1;
	long context = MAX(0, MIN(ui->conf->search_context, p->doc.rows / 2));
	long from = (long)p->doc.top + context + dir;
	uint32_t at = doc_view_find(&p->doc, p->base.search_rx, from, dir);
	if (at == UINT32_MAX && ui->conf->wrap_search) {
		at = doc_view_find(&p->doc, p->base.search_rx, dir > 0 ? 0 : (long)p->doc.count - 1, dir);
		if (at != UINT32_MAX)
			ui_say(ui, "%s", dir > 0 ? _("Search wrapped to top.") : _("Search wrapped to bottom."));
	}
	if (at == UINT32_MAX) {
		ui_error(ui, _("Not found."));
		return false;
	}
	p->doc.highlight = true;
	doc_view_go(&p->doc, at > (uint32_t)context ? at - (uint32_t)context : 0);
	return true;
}

static enum flow_state search_text(struct flow *f)
{
	struct ui *ui = f->ui;
	struct pager *p = top_pager(ui);
	struct err e;
	if (!p || !p->doc.doc)
		return FLOW_FAILED;
	if (*f->text) {
		struct rx *rx = rx_new(f->text, RX_SMARTCASE, &e);
		if (!rx)
			return flow_fail(f, &e);
		rx_free(p->base.search_rx);
		p->base.search_rx = rx;
		free(p->base.search);
		p->base.search = xstrdup(f->text);
	}
	if (!p->base.search_rx)
		return FLOW_FAILED;
	p->base.search_reverse = f->choice;
	/* The first search also finds what is on the first line. */
	uint32_t at = doc_view_find(&p->doc, p->base.search_rx, (long)p->doc.top, f->choice ? -1 : 1);
	if (at != UINT32_MAX && p->doc.top == 0 && !f->choice) {
		long context = MAX(0, MIN(ui->conf->search_context, p->doc.rows / 2));
		p->doc.highlight = true;
		doc_view_go(&p->doc, at > (uint32_t)context ? at - (uint32_t)context : 0);
		return FLOW_DONE;
	}
	return search_next(ui, p, false) ? FLOW_DONE : FLOW_FAILED;
}

static enum flow_state search_ask(struct flow *f)
{
	struct pager *p = top_pager(f->ui);
	return flow_ask_line(f, f->choice ? _("Reverse search for: ") : _("Search for: "), p ? p->base.search : NULL,
		PROMPT_SEARCH, search_text);
}

static enum run_result run_search(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct pager *p = self(s);
	if (!p->doc.doc)
		return RUN_FAILED;
	if (fn == FN_search_toggle) {
		p->doc.highlight = !p->doc.highlight;
		return RUN_DONE;
	}
	if ((fn == FN_search_next || fn == FN_search_opposite) && p->base.search_rx)
		return search_next(ui, p, fn == FN_search_opposite) ? RUN_DONE : RUN_FAILED;
	struct flow *f = flow_new(ui, "search", NULL, NULL);
	f->choice = fn == FN_search_reverse;
	return flow_run(f, search_ask);
}

/* ---- the rest ---- */

static enum flow_state jump_to(struct flow *f)
{
	struct index *x = index_of(f->ui);
	uint64_t n;
	if (!x || !sv_u64(sv_trim(sv_of(f->text)), &n) || n < 1 || n > (uint64_t)x->list.count) {
		ui_error(f->ui, _("Invalid message number."));
		return FLOW_FAILED;
	}
	x->touched = true;
	index_set_cursor(&x->base, (uint32_t)n - 1);
	if (pager_is_message(ui_top(f->ui)))
		pager_follow(ui_top(f->ui));
	return FLOW_DONE;
}

static enum flow_state jump_ask(struct flow *f)
{
	char digit[2] = {(char)f->ui->typed_digit, '\0'};
	return flow_ask_line(f, _("Jump to message: "), digit, PROMPT_OTHER, jump_to);
}

static enum run_result run_jump(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)fn;
	if (!self(s)->view)
		return ui_fail(ui, _("Not available here: this is no message of a mailbox."));
	return flow_run(flow_new(ui, "jump", NULL, NULL), jump_ask);
}

static enum run_result run_links(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct pager *p = self(s);
	(void)fn;
	if (p->job) {
		p->list_links = true;
		return RUN_DONE;
	}
	return p->doc.doc ? list_links(p) : ui_fail(ui, _("There are no links in this message."));
}

static enum run_result run_images(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct pager *p = self(s);
	(void)fn;
	if (!p->doc.doc || p->doc.doc->images_blocked == 0)
		return ui_fail(ui, _("There are no remote images in this message."));
	p->images = !p->images;
	pager_rerender(s);
	if (p->images)
		ui_say(ui, _("Remote images are links now; U lists them."));
	return RUN_DONE;
}

static enum run_result run_raw(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)fn;
	if (s->ops->menu == MENU_PAGER) {
		struct pager *p = self(s);
		if (!p->view)
			return RUN_FAILED;
		p->source = !p->source;
		request(p, false);
		return RUN_DONE;
	}
	struct index *x = index_of(ui);
	uint32_t row = index_row(x);
	if (row == VIEW_NONE)
		return ui_fail(ui, _("There are no messages."));
	struct screen *opened = pager_open_message(ui, x->view, row);
	self(opened)->source = true;
	request(self(opened), false);
	ui_push(ui, opened);
	return RUN_DONE;
}

HANDLERS(pager_handlers,
	{FN_next_page, IN(PAGER), run_scroll}, {FN_previous_page, IN(PAGER), run_scroll},
	{FN_next_line, IN(PAGER), run_scroll}, {FN_previous_line, IN(PAGER), run_scroll},
	{FN_half_down, IN(PAGER), run_scroll}, {FN_half_up, IN(PAGER), run_scroll},
	{FN_top, IN(PAGER), run_scroll}, {FN_bottom, IN(PAGER), run_scroll},
	{FN_next_undeleted, IN(PAGER), run_step}, {FN_previous_undeleted, IN(PAGER), run_step},
	{FN_next_entry, IN(PAGER), run_step}, {FN_previous_entry, IN(PAGER), run_step},
	{FN_next_new, IN(PAGER), run_step}, {FN_previous_new, IN(PAGER), run_step},
	{FN_next_unread, IN(PAGER), run_step}, {FN_previous_unread, IN(PAGER), run_step},
	{FN_next_new_then_unread, IN(PAGER), run_step}, {FN_previous_new_then_unread, IN(PAGER), run_step},
	{FN_next_thread, IN(PAGER), run_step}, {FN_previous_thread, IN(PAGER), run_step},
	{FN_next_subthread, IN(PAGER), run_step}, {FN_previous_subthread, IN(PAGER), run_step},
	{FN_parent_message, IN(PAGER), run_step}, {FN_root_message, IN(PAGER), run_step},
	{FN_exit, IN(PAGER), run_exit},
	{FN_toggle_quoted, IN(PAGER), run_quoted}, {FN_skip_quoted, IN(PAGER), run_skip_quoted},
	{FN_skip_headers, IN(PAGER), run_skip_headers},
	{FN_search, IN(PAGER), run_search}, {FN_search_reverse, IN(PAGER), run_search},
	{FN_search_next, IN(PAGER), run_search}, {FN_search_opposite, IN(PAGER), run_search},
	{FN_search_toggle, IN(PAGER), run_search}, {FN_jump, IN(PAGER), run_jump},
	{FN_view_links, IN(PAGER), run_links}, {FN_load_images, IN(PAGER), run_images},
	{FN_view_raw_message, IN(INDEX) | IN(PAGER), run_raw});
