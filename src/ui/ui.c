/*
 * The ui: terminal, session and screens on one loop. Every turn that changed something ends with one
 * drawing of the whole picture; the terminal then gets what differs.
 */
#include "ui/ui.h"

#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/fs.h"
#include "conf/rc.h"
#include "core/draft.h"
#include "core/func.h"
#include "core/hook.h"
#include "core/mailboxes.h"
#include "text/utf8.h"
#include "ui/ui_priv.h"

#define HISTORY_FILE_MAX (4u << 20)
#define QUIT_TIMEOUT_MS 5000

/* ---- the stack ---- */

struct screen *ui_top(const struct ui *ui)
{
	return ui->depth > 0 ? ui->stack[ui->depth - 1] : NULL;
}

struct screen *ui_below(const struct ui *ui, const struct screen *s)
{
	for (int i = ui->depth - 1; i > 0; i--) {
		if (ui->stack[i] == s)
			return ui->stack[i - 1];
	}
	return NULL;
}

static void show_top(struct ui *ui)
{
	struct screen *s = ui_top(ui);
	if (!s)
		return;
	ui_layout(ui, s->ops->layout);
	if (s->ops->shown)
		s->ops->shown(s);
	ui_dirty(ui);
}

void ui_push(struct ui *ui, struct screen *take)
{
	if (ui->depth >= UI_STACK_MAX)
		bug("more than %d screens", UI_STACK_MAX);
	take->ui = ui;
	ui->stack[ui->depth++] = take;
	show_top(ui);
}

static void screen_free(struct screen *s)
{
	free(s->search);
	rx_free(s->search_rx);
	s->ops->free(s);
}

void ui_pop(struct ui *ui)
{
	if (ui->depth == 0)
		return;
	struct screen *s = ui->stack[--ui->depth];
	screen_free(s);
	show_top(ui);
}

void ui_drop(struct ui *ui, struct screen *s)
{
	int at = ui->depth - 1;
	while (at >= 0 && ui->stack[at] != s)
		at--;
	if (at == ui->depth - 1) {
		ui_pop(ui);
		return;
	}
	if (at < 0)
		return;
	ui->depth--;
	memmove(&ui->stack[at], &ui->stack[at + 1], (size_t)(ui->depth - at) * sizeof(ui->stack[0]));
	screen_free(s);
}

void ui_dirty(struct ui *ui)
{
	ui->dirty = true;
}

/* ---- the message line ---- */

static void set_message(struct ui *ui, enum log_level level, char *take)
{
	free(ui->message);
	ui->message = take;
	ui->message_level = level;
	ui_dirty(ui);
}

static char *safe_text(const char *fmt, va_list ap)
{
	struct str raw, safe;
	str_init(&raw, 8192);
	str_init(&safe, 16384);
	str_vaddf(&raw, fmt, ap);
	utf8_add_safe(&safe, str_sv(&raw), UTF8_SAFE_LINE);
	char *text = safe.s ? str_detach(&safe) : xstrdup("");
	str_fini(&raw);
	str_fini(&safe);
	return text;
}

void ui_say(struct ui *ui, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	set_message(ui, LOG_INFO, safe_text(fmt, ap));
	va_end(ap);
}

static void show_error(struct ui *ui, char *take)
{
	set_message(ui, LOG_ERROR, take);
	if (ui->conf->beep)
		term_beep(ui->term);
	if (ui->session)
		msglog_add(session_log(ui->session), LOG_WARN, "ui", NULL, "%s", ui->message);
}

void ui_error(struct ui *ui, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	show_error(ui, safe_text(fmt, ap));
	va_end(ap);
}

void ui_err(struct ui *ui, const struct err *e)
{
	if (e->class == ERR_CANCEL)
		return;
	ui_error(ui, "%s", e->text);
}

enum run_result ui_fail(struct ui *ui, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	show_error(ui, safe_text(fmt, ap));
	va_end(ap);
	return RUN_FAILED;
}

enum run_result ui_fail_err(struct ui *ui, const struct err *e)
{
	ui_err(ui, e);
	return RUN_FAILED;
}

void ui_clear_message(struct ui *ui)
{
	if (ui->message)
		set_message(ui, LOG_INFO, NULL);
}

/* ---- layout and drawing ---- */

static int tri(enum tri t)
{
	return t == TRI_AUTO ? LAYOUT_AUTO : t == TRI_YES;
}

void ui_layout(struct ui *ui, enum layout_kind kind)
{
	const struct conf *c = ui->conf;
	struct layout_in in = {
		.rows = grid_rows(ui->grid),
		.cols = grid_cols(ui->grid),
		.kind = kind,
		.help = c->help,
		.status_on_top = c->status_on_top,
		.sidebar = ui->sidebar_override != LAYOUT_AUTO ? ui->sidebar_override : tri(c->sidebar_visible),
		.sidebar_width = (int)c->sidebar_width,
		.sidebar_right = c->sidebar_on_right,
		.preview = ui->preview_override != LAYOUT_AUTO ? ui->preview_override : tri(c->preview),
		.pager_lines = c->pager_index_lines == CONF_AUTO ? LAYOUT_AUTO : (int)c->pager_index_lines,
	};
	if (in.sidebar == LAYOUT_AUTO)
		in.sidebar_width = 0;
	layout_compute(&in, &ui->layout);
	ui->sidebar_visible = ui->layout.sidebar.cols > 0;
}

struct area ui_area(struct ui *ui, struct rect r)
{
	return area_part(grid_area(ui->grid), r.row, r.col, r.rows, r.cols);
}

static void draw_message(struct ui *ui, int *cursor_row, int *cursor_col, bool *cursor)
{
	struct area a = ui_area(ui, ui->layout.message);
	if (ui->prompt) {
		prompt_draw(ui, a, cursor_col);
		*cursor_row = ui->layout.message.row;
		*cursor = true;
		return;
	}
	struct style style = theme_style(ui->theme,
		ui->message_level >= LOG_WARN ? COLOR_error : COLOR_message);
	area_clear(a, theme_style(ui->theme, COLOR_normal));
	if (ui->message)
		area_put_width(a, 0, 0, a.cols, sv_of(ui->message), style, true);
	else if (ui->tag_prefix)
		area_puts(a, 0, 0, _("tag-"), style);
}

static void draw_dividers(struct ui *ui)
{
	const struct conf *c = ui->conf;
	struct style style = theme_style(ui->theme, COLOR_sidebar_divider);
	const char *ch = c->sidebar_divider_char;
	struct rect both[] = {ui->layout.divider, ui->layout.pager_divider};
	if (!*ch || (strcmp(ch, "|") == 0 && !c->ascii_chars && c->profile == CONF_MODERN))
		ch = "│";
	for (size_t i = 0; i < ARRAY_LEN(both); i++) {
		struct area a = ui_area(ui, both[i]);
		for (int row = 0; row < a.rows; row++)
			area_puts(a, row, 0, ch, style);
	}
}

static void draw(struct ui *ui)
{
	struct screen *s = ui_top(ui);
	if (!s || ui->ended)
		return;
	int row = 0, col = 0;
	bool cursor = false;
	grid_clear(ui->grid, theme_style(ui->theme, COLOR_normal));
	ui_layout(ui, s->ops->layout);
	s->ops->draw(s);
	if (ui->sidebar_visible)
		sidebar_draw(ui);
	draw_dividers(ui);
	status_draw_help(ui);
	status_draw(ui);
	prompt_draw_above(ui);
	ui_draw_hint(ui);
	/* The hardware cursor stands on the current line, for screen readers and braille. */
	if (s->ops->cursor && s->ops->cursor(s, &row, &col))
		cursor = ui->conf->braille_friendly || ui->conf->arrow_cursor;
	else if (grid_rows(ui->grid) > 0)
		row = grid_rows(ui->grid) - 1, col = grid_cols(ui->grid) - 1;
	draw_message(ui, &row, &col, &cursor);
	term_show(ui->term, ui->grid, row, col, cursor);
	ui_set_title(ui);
}

/* feist ADDRESS: one message is written, and that was it (once it is on its way). */
static void leave_when_written(struct ui *ui)
{
	if (!ui->opts->compose || !ui->compose_started || ui->leaving || ui->depth != 1 || ui->flows || ui->child_running)
		return;
	if (session_is_idle(ui->session))
		ui_quit(ui, 0);
}

static void after_turn(void *data)
{
	struct ui *ui = data;
	if (ui->ended)
		return;
	if (ui->conf_changed)
		ui_conf_changed(ui);
	leave_when_written(ui);
	prompt_tell(ui);
	ui_settle(ui);
	if (ui->dirty && !ui->child_running) {
		ui->dirty = false;
		draw(ui);
	}
	script_after_draw(ui);
}

void ui_check_layout(struct ui *ui)
{
	for (int i = 0; i < ui->depth; i++) {
		ui_layout(ui, ui->stack[i]->ops->layout);
		if (ui->stack[i]->ops->shown)
			ui->stack[i]->ops->shown(ui->stack[i]);
	}
	ui_dirty(ui);
}

void ui_check_size(struct ui *ui)
{
	int rows = term_rows(ui->term), cols = term_cols(ui->term);
	if (rows == grid_rows(ui->grid) && cols == grid_cols(ui->grid))
		return;
	grid_resize(ui->grid, rows, cols);
	ui_check_layout(ui);
}

void ui_set_title(struct ui *ui)
{
	struct str title, icon;
	struct view *view = index_view_of(ui);
	if (!ui->conf->ts_enabled || term_is_null(ui->term) || !view)
		return;
	str_init(&title, TERM_TITLE_MAX * 4);
	str_init(&icon, TERM_TITLE_MAX * 4);
	status_format_text(ui, ui->conf->ts_status_format, view, NULL, 0, &title);
	status_format_text(ui, ui->conf->ts_icon_format, view, NULL, 0, &icon);
	term_title(ui->term, title.s ? title.s : "", icon.s);
	str_fini(&title);
	str_fini(&icon);
}

/* ---- what the session tells ---- */

static void on_view(void *data, struct view *view)
{
	struct ui *ui = data;
	/* Not at once: it may be told in the middle of a function that moves the cursor. */
	if (view == index_view_of(ui))
		ui->view_changed = true;
	ui_dirty(ui);
	ui_run_queue(ui); /* keys that wait for the list */
}

void ui_settle(struct ui *ui)
{
	struct view *view = index_view_of(ui);
	if (!ui->view_changed)
		return;
	ui->view_changed = false;
	if (view)
		index_changed(ui, view);
}

static void on_account(void *data, const struct account_state *state)
{
	(void)state;
	engine_changed(data);
	ui_dirty(data);
}

static void on_question(void *data, const struct question *q)
{
	questions_add(data, q);
}

static void on_question_gone(void *data, uint64_t id)
{
	questions_gone(data, id);
}

static void on_message(void *data, enum log_level level, const char *text, const char *cure)
{
	struct ui *ui = data;
	if (level >= LOG_ERROR)
		ui->errors_unseen++;
	if (level < LOG_INFO)
		return;
	/* Background news must not wipe out what a key has just said. */
	if (level < LOG_WARN && ui->message && ui->message_level >= LOG_WARN)
		return;
	char *line = cure && *cure && level >= LOG_WARN ? xasprintf("%s  (%s)", text, cure) : xstrdup(text);
	struct str safe;
	str_init(&safe, 16384);
	utf8_add_safe(&safe, sv_of(line), UTF8_SAFE_LINE);
	set_message(ui, level, safe.s ? str_detach(&safe) : xstrdup(""));
	str_fini(&safe);
	free(line);
}

static void on_outbox(void *data)
{
	struct ui *ui = data;
	outbox_changed(ui);
	ui_dirty(ui);
}

static void on_mailboxes(void *data, unsigned change)
{
	struct ui *ui = data;
	if (change & MAILBOXES_NEW_MAIL)
		ui_new_mail(ui);
	browser_changed(ui);
	ui_dirty(ui);
}

static void on_ended(void *data)
{
	struct ui *ui = data;
	ui->ended = true;
	loop_stop(ui->loop);
}

/* New mail in a watched mailbox: said, beeped, and $new_mail_command. */
void ui_new_mail(struct ui *ui)
{
	const struct mailbox_info *m = mailboxes_next_new(ui->session, NULL);
	/* Once for a mailbox: the counts of all are told again and again. */
	uint32_t count = mailboxes_with_new(ui->session);
	bool told = m && ui->told_new && strcmp(ui->told_new, m->full) == 0 && count <= ui->told_count;
	ui->told_count = count;
	if (!m || told)
		return;
	free(ui->told_new);
	ui->told_new = xstrdup(m->full);
	if (ui->conf->beep_new)
		term_beep(ui->term);
	if (!(m->flags & BOX_OPEN) && !ui->message)
		ui_say(ui, _("New mail in %s."), m->label ? m->label : m->shown);
	if (!ui->focused && ui->conf->beep_new)
		term_notify(ui->term, m->shown);
}

/* ---- what the terminal tells ---- */

static void on_input(void *data, const struct input_event *ev)
{
	struct ui *ui = data;
	switch (ev->kind) {
	case INPUT_KEY:
		ui_key(ui, ev->key);
		break;
	case INPUT_PASTE:
		ui_paste(ui, ev->text);
		break;
	case INPUT_FOCUS_IN:
	case INPUT_FOCUS_OUT:
		ui->focused = ev->kind == INPUT_FOCUS_IN;
		break;
	case INPUT_MOUSE:
		ui_mouse(ui, ev);
		break;
	case INPUT_REPLY:
		term_reply(ui->term, ev->text);
		ui_dirty(ui);
		break;
	}
}

static void esc_due(void *data)
{
	struct ui *ui = data;
	ui->esc_timer = 0;
	input_timeout(ui->input);
}

static void on_terminal(void *data, int fd, short revents)
{
	struct ui *ui = data;
	(void)fd;
	(void)revents;
	if (!term_read(ui->term, ui->input)) { /* the window is closed */
		loop_remove(ui->loop, ui->fd_watch);
		ui->fd_watch = 0;
		ui_quit(ui, 1);
		return;
	}
	loop_remove(ui->loop, ui->esc_timer);
	ui->esc_timer = 0;
	if (input_pending(ui->input))
		ui->esc_timer = loop_timer(ui->loop, "escape", INPUT_ESC_MS, esc_due, ui);
}

static void on_signal(void *data, int signo)
{
	struct ui *ui = data;
	switch (signo) {
	case SIGWINCH:
		if (term_resized(ui->term))
			ui_check_size(ui);
		break;
	case SIGCONT:
		term_redraw(ui->term);
		ui_dirty(ui);
		break;
	default: /* SIGHUP, SIGTERM: everything is in the store already */
		ui_quit(ui, 128 + signo);
		break;
	}
}

static void tick(void *data)
{
	struct ui *ui = data;
	/* Relative dates, retry counters, the seconds of a delayed send. */
	ui->tick_timer = loop_timer(ui->loop, "tick", 1000, tick, ui);
	ui->ticks++;
	questions_run(ui); /* what was put off, should its mailbox be open now */
	if (status_is_counting(ui) || ui->ticks % 30 == 0)
		ui_dirty(ui);
	if (ui->conf->timeout > 0 && ui->ticks % ui->conf->timeout == 0) {
		hook_run_timeout(ui->session);
		command_take_pushed(ui);
	}
}

/* ---- options ---- */

static void on_conf(void *data, enum opt_id id)
{
	struct ui *ui = data;
	(void)id;
	ui->conf_changed = true;
	if (id == OPT_sidebar_visible)
		ui->sidebar_override = LAYOUT_AUTO;
	if (id == OPT_preview)
		ui->preview_override = LAYOUT_AUTO;
}

/* After commands: everything that was made from options is made again. */
void ui_conf_changed(struct ui *ui)
{
	theme_load(ui->theme, ui->conf, term_colours(ui->term));
	for (size_t i = 0; i < PROMPT_KINDS; i++)
		ui->history[i].max = (size_t)MIN(MAX(ui->conf->history, 0), LINE_HISTORY_MAX);
	session_conf_changed(ui->session);
	index_conf_changed(ui);
	ui_check_layout(ui);
	ui->conf_changed = false;
}

/* ---- history ---- */

static const char *const history_names[PROMPT_KINDS] = {
	[PROMPT_TEXT] = "text", [PROMPT_COMMAND] = "command", [PROMPT_MAILBOX] = "mailbox", [PROMPT_FILE] = "file",
	[PROMPT_ADDRESS] = "address", [PROMPT_PATTERN] = "pattern", [PROMPT_SEARCH] = "search",
	[PROMPT_SHELL] = "shell", [PROMPT_OTHER] = "other",
};

static char *history_path(struct ui *ui)
{
	if (conf_is_default(ui->conf, OPT_history_file)) {
		char *state = fs_state_dir();
		char *path = fs_join(state, "history");
		free(state);
		return path;
	}
	return fs_expand(ui->conf->history_file);
}

static void load_history(struct ui *ui)
{
	struct str text;
	struct err e;
	for (size_t i = 0; i < PROMPT_KINDS; i++)
		history_init(&ui->history[i], (size_t)MAX(ui->conf->history, 0));
	ui->history_loaded = ui->conf->save_history <= 0;
	if (ui->history_loaded)
		return;
	char *path = history_path(ui);
	bool read = fs_read(path, HISTORY_FILE_MAX, &text, &e);
	/* One that is there but could not be read now must not be written over at the end. */
	ui->history_loaded = read || e.class == ERR_GONE;
	if (!ui->history_loaded)
		log_write(LOG_WARN, "ui", "history: %s", e.text);
	if (read) {
		struct sv rest = str_sv(&text), line;
		while (sv_line(&rest, &line)) {
			ptrdiff_t colon = sv_chr(line, ':');
			for (size_t i = 0; colon > 0 && i < PROMPT_KINDS; i++) {
				if (history_names[i] && sv_is(sv_head(line, (size_t)colon), history_names[i]))
					history_add(&ui->history[i], sv_from(line, (size_t)colon + 1), false);
			}
		}
		str_fini(&text);
	}
	free(path);
}

static void save_history(struct ui *ui)
{
	long keep = ui->conf->save_history;
	struct str text;
	struct err e;
	if (keep <= 0 || !ui->history_loaded)
		return;
	str_init(&text, HISTORY_FILE_MAX);
	for (size_t k = 0; k < PROMPT_KINDS; k++) {
		const struct history *h = &ui->history[k];
		size_t from = h->n > (size_t)keep ? h->n - (size_t)keep : 0;
		for (size_t i = from; history_names[k] && i < h->n; i++)
			str_addf(&text, "%s:%s\n", history_names[k], h->v[i]);
	}
	char *path = history_path(ui);
	char *dir = fs_dirname(path);
	if (!fs_mkdirs(dir, &e) || !fs_write_atomic(path, text.s ? str_sv(&text) : SV(""), 0600, &e))
		log_write(LOG_WARN, "ui", "history: %s", e.text);
	free(dir);
	free(path);
	str_fini(&text);
}

/* ---- start and end ---- */

void ui_quit(struct ui *ui, int status)
{
	if (ui->leaving)
		return;
	ui->exit_status = status;
	flow_free_all(ui); /* sets leaving */
	ui->leaving = true;
	save_history(ui);
	hook_run_startup(ui->session, true);
	ui_say(ui, _("Closing ..."));
	session_quit(ui->session, QUIT_TIMEOUT_MS);
}

bool ui_is_idle(struct ui *ui)
{
	if (ui->child_running || flow_any(ui) || ui->prompt)
		return !ui->child_running && ui->prompt && session_is_idle(ui->session);
	return session_is_idle(ui->session) && pager_is_ready(ui);
}

static struct term *open_terminal(const struct ui_opts *opts, struct err *e)
{
	if (opts->headless)
		return term_open_null(opts->rows > 0 ? opts->rows : 24, opts->cols > 0 ? opts->cols : 80);
	struct term_opts t = {
		.mouse = opts->conf->mouse,
		.set_title = opts->conf->ts_enabled,
		.query = true,
		.colour = -1,
	};
	return term_open(&t, e);
}

static bool start_terminal(struct ui *ui, struct err *e)
{
	ui->term = open_terminal(ui->opts, e);
	if (!ui->term)
		return false;
	ui->grid = grid_new(term_rows(ui->term), term_cols(ui->term));
	ui->input = input_new(on_input, ui);
	ui->theme = theme_new();
	theme_load(ui->theme, ui->conf, term_colours(ui->term));
	term_define_keys(ui->term, ui->input);
	if (term_fd(ui->term) >= 0)
		ui->fd_watch = loop_fd(ui->loop, "keys", term_fd(ui->term), POLLIN, on_terminal, ui);
	static const int signals[] = {SIGWINCH, SIGTERM, SIGHUP, SIGCONT};
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		ui->signal_ids[i] = loop_signal(ui->loop, "signal", signals[i], on_signal, ui);
	signal(SIGINT, SIG_IGN); /* ^C is a key; a child's ^C must not end us */
	signal(SIGQUIT, SIG_IGN);
	return true;
}

static bool start_session(struct ui *ui, struct err *e)
{
	ui->events = (struct session_events){
		.data = ui,
		.view_changed = on_view,
		.account = on_account,
		.question = on_question,
		.question_gone = on_question_gone,
		.message = on_message,
		.outbox = on_outbox,
		.mailboxes = on_mailboxes,
		.ended = on_ended,
	};
	ui->session = session_new(ui->loop, ui->conf, &ui->events, ui->opts->session_flags, ui->opts->wire_log, e);
	return ui->session != NULL;
}

static void stop(struct ui *ui)
{
	flow_free_all(ui);
	viewers_free(ui);
	while (ui->depth > 0) {
		struct screen *s = ui->stack[--ui->depth];
		screen_free(s);
	}
	sidebar_free(ui);
	preview_free(ui);
	questions_free(ui);
	term_close(ui->term);
	conf_observe(ui->conf, NULL, NULL);
	rc_set_say(ui->rc, NULL, NULL);
	if (ui->session)
		session_free(ui->session);
	loop_remove(ui->loop, ui->fd_watch);
	loop_remove(ui->loop, ui->tick_timer);
	loop_remove(ui->loop, ui->esc_timer);
	loop_remove(ui->loop, ui->pending_timer);
	loop_remove(ui->loop, ui->queue_idle);
	loop_remove(ui->loop, ui->idle_timer);
	for (size_t i = 0; i < ARRAY_LEN(ui->signal_ids); i++)
		loop_remove(ui->loop, ui->signal_ids[i]);
	loop_after_turn(ui->loop, NULL, NULL);
	for (size_t i = 0; i < PROMPT_KINDS; i++)
		history_fini(&ui->history[i]);
	input_free(ui->input);
	grid_free(ui->grid);
	theme_free(ui->theme);
	free(ui->message);
	free(ui->type_option);
	free(ui->queue.v);
	free(ui->dump_path);
	free(ui->told_new);
	str_fini(&ui->script);
	str_fini(&ui->said);
	free(ui);
}

/* What was wrong in the configuration: all of it in the log, the first on the message line. */
static void tell_problems(struct ui *ui)
{
	size_t n = rc_problem_count(ui->rc);
	for (size_t i = 0; i < n; i++) {
		const struct rc_problem *p = rc_problem_at(ui->rc, i);
		msglog_add(session_log(ui->session), p->level == RC_ERROR ? LOG_ERROR : LOG_WARN, "conf", NULL, "%s:%d:%d: %s", p->file,
			p->line, p->column, p->text);
	}
	if (rc_error_count(ui->rc) > 0) {
		size_t i = 0;
		while (rc_problem_at(ui->rc, i)->level != RC_ERROR)
			i++;
		const struct rc_problem *p = rc_problem_at(ui->rc, i);
		ui_error(ui, _("%s:%d: %s  (E: all)"), p->file, p->line, p->text);
		ui->errors_unseen += (unsigned)rc_error_count(ui->rc);
	}
	rc_clear_problems(ui->rc);
}

int ui_run(const struct ui_opts *opts, struct err *e)
{
	struct ui *ui = xcalloc(1, sizeof(*ui));
	ui->opts = opts;
	ui->loop = opts->loop;
	ui->conf = opts->conf;
	ui->rc = opts->rc;
	ui->sidebar_override = ui->preview_override = LAYOUT_AUTO;
	ui->weed = ui->conf->weed;
	ui->focused = true;
	str_init(&ui->script, 1 << 20);
	str_init(&ui->said, CONF_TEXT_MAX);
	questions_init(ui);
	if (!start_session(ui, e) || !start_terminal(ui, e)) {
		stop(ui);
		return e->class == ERR_INPUT ? 64 : 1;
	}
	load_history(ui);
	conf_observe(ui->conf, on_conf, ui);
	rc_set_say(ui->rc, command_said, ui);
	loop_after_turn(ui->loop, after_turn, ui);
	ui->tick_timer = loop_timer(ui->loop, "tick", 1000, tick, ui);
	hook_run_startup(ui->session, false);
	if (!start_open_first(ui, e)) {
		stop(ui);
		return 1;
	}
	if (opts->keys_file) {
		if (!script_source(ui, opts->keys_file, e)) {
			stop(ui);
			return 66;
		}
		ui->script_ends = true;
	}
	tell_problems(ui);
	struct view *first = index_view_of(ui);
	if (!first || !view_loading(first))
		command_take_pushed(ui);
	ui_run_queue(ui);
	ui_dirty(ui);
	loop_run(ui->loop);
	int status = ui->exit_status;
	if (opts->headless && loop_stalls(ui->loop) > 0)
		log_write(LOG_WARN, "ui", "%d stalls, longest %lld ms", loop_stalls(ui->loop),
			(long long)loop_longest_ms(ui->loop));
	stop(ui);
	return status;
}
