/*
 * Keys on their way to functions. Typed keys run at once; keys of macros, push and scripts wait in a
 * queue until what the key before has started is finished. ^G and ^C take back whatever is going on.
 */
#include <stdio.h>
#include <stdlib.h>

#include "core/func.h"
#include "ui/ui_priv.h"

#define KEYS_A_TURN 200 /* keys of the queue that run in one turn of the loop */

enum { KEY_CTRL_C = 3, KEY_CTRL_G = 7, KEY_CTRL_Z = 26 };

enum menu_id ui_menu(const struct ui *ui)
{
	if (ui->prompt)
		return MENU_EDITOR;
	return ui->depth > 0 ? ui->stack[ui->depth - 1]->ops->menu : MENU_GENERIC;
}

/* ---- the queue ---- */

void ui_clear_queue(struct ui *ui)
{
	ui->queue.n = ui->queue.at = 0;
}

static size_t queued(const struct ui *ui)
{
	return ui->queue.n - ui->queue.at;
}

void ui_queue_keys(struct ui *ui, const uint32_t *keys, size_t n, bool front)
{
	struct key_queue *q = &ui->queue;
	size_t left = queued(ui);
	if (left + n > UI_QUEUE_MAX) {
		ui_error(ui, _("Macro loop detected."));
		ui_clear_queue(ui);
		return;
	}
	size_t need = left + n;
	uint32_t *v = xreallocarray(NULL, need + 1, sizeof(*v));
	if (left > 0)
		memcpy(v + (front ? n : 0), q->v + q->at, left * sizeof(*v));
	if (n > 0)
		memcpy(v + (front ? 0 : left), keys, n * sizeof(*v));
	free(q->v);
	*q = (struct key_queue){v, need, need, 0};
	ui_run_queue(ui);
}

void ui_queue_text(struct ui *ui, enum menu_id menu, const char *text, bool front)
{
	uint32_t *keys = NULL;
	size_t n = 0;
	struct err e;
	if (!macro_parse(menu, sv_of(text), &keys, &n, &e)) {
		ui_err(ui, &e);
		return;
	}
	ui_queue_keys(ui, keys, n, front);
	free(keys);
}

/* "Delete what matches" right behind "limit" must not meet the list as it was. */
static bool list_pending(struct ui *ui)
{
	struct view *view = index_view_of(ui);

	return view && !ui->prompt && ui_top(ui) == index_screen(ui) && view_list_pending(view);
}

static bool can_take(struct ui *ui)
{
	if (list_pending(ui) || ui->waiting_idle || ui->child_running || ui->leaving || ui->ended || ui->dump_path)
		return false;
	return ui->prompt || !flow_any(ui);
}

static void process_key(struct ui *ui, uint32_t key);

static void take_one(struct ui *ui)
{
	uint32_t key = ui->queue.v[ui->queue.at++];
	if (key >= K_FUNCTION && key < K_FUNCTION + FN_COUNT) {
		enum func_id fn = (enum func_id)(key - K_FUNCTION);
		if (!ui->prompt)
			ui_clear_message(ui);
		if (ui->prompt)
			prompt_function(ui, fn);
		else if (dispatch(ui, fn) == RUN_FAILED && ui->script.len == 0)
			ui_clear_queue(ui);
		return;
	}
	process_key(ui, key);
}

static bool run_slice(void *data)
{
	struct ui *ui = data;
	for (int i = 0; i < KEYS_A_TURN; i++) {
		if (!can_take(ui))
			break;
		if (queued(ui) == 0 && !script_next(ui))
			break;
		if (queued(ui) > 0)
			take_one(ui);
	}
	bool more = can_take(ui) && (queued(ui) > 0 || ui->script.len > 0);
	if (!more)
		ui->queue_idle = 0;
	ui_dirty(ui);
	return more;
}

void ui_run_queue(struct ui *ui)
{
	if (ui->queue_idle == 0 && can_take(ui) && (queued(ui) > 0 || ui->script.len > 0))
		ui->queue_idle = loop_idle(ui->loop, "keys", run_slice, ui);
}

/* ---- the pop-up of what can follow ---- */

static void stop_pending(struct ui *ui)
{
	ui->pending.n = 0;
	ui->hint = false;
	loop_remove(ui->loop, ui->pending_timer);
	ui->pending_timer = 0;
}

static void hint_due(void *data)
{
	struct ui *ui = data;
	ui->pending_timer = 0;
	if (ui->pending.n > 0 && ui->conf->key_hints && !ui->prompt) {
		ui->hint = true;
		ui_dirty(ui);
	}
}

struct hint_line {
	char keys[32];
	const char *text;
};

static size_t hint_lines(struct ui *ui, struct hint_line *lines, size_t max)
{
	size_t n = 0, at = 0;
	const struct rc_bind *b;
	while (n < max && (b = keymap_next(ui->conf, ui_menu(ui), ui->pending.k, ui->pending.n, &at))) {
		struct str s;
		if (b->keys.n <= ui->pending.n || (!b->macro && b->fn == FN_NONE))
			continue;
		str_init(&s, sizeof(lines[n].keys) - 1);
		for (int i = ui->pending.n; i < b->keys.n; i++)
			key_print(b->keys.k[i], &s);
		snprintf(lines[n].keys, sizeof(lines[n].keys), "%s", s.s ? s.s : "");
		str_fini(&s);
		lines[n++].text = b->macro ? (b->desc && *b->desc ? b->desc : b->macro) : _(func_table[b->fn].help);
	}
	return n;
}

void ui_draw_hint(struct ui *ui)
{
	struct hint_line lines[64];
	if (!ui->hint || ui->pending.n == 0)
		return;
	size_t n = hint_lines(ui, lines, ARRAY_LEN(lines));
	if (n == 0)
		return;
	struct area all = grid_area(ui->grid);
	int columns = all.cols >= 100 ? 3 : all.cols >= 64 ? 2 : 1;
	int rows = (int)(n + (size_t)columns - 1) / columns;
	rows = MIN(rows, all.rows - 4);
	if (rows < 1)
		return;
	struct style style = theme_style(ui->theme, COLOR_normal);
	struct style key_style = style_over(style, (struct style){.attrs = STYLE_BOLD});
	struct area box = area_part(all, all.rows - 2 - rows - 2, 0, rows + 2, all.cols);
	area_clear(box, style);
	area_frame(box, style, ui->conf->ascii_chars);
	struct str title;
	str_init(&title, 256);
	str_addc(&title, ' ');
	for (int i = 0; i < ui->pending.n; i++)
		key_print(ui->pending.k[i], &title);
	str_adds(&title, " ... ");
	area_put(box, 0, 2, str_sv(&title), key_style);
	str_fini(&title);
	int width = (box.cols - 2) / columns;
	for (size_t i = 0; i < n && (int)i < rows * columns; i++) {
		int row = (int)i % rows, col = (int)i / rows;
		struct area cell = area_part(box, 1 + row, 1 + col * width, 1, width - 1);
		int x = area_puts(cell, 0, 1, lines[i].keys, key_style);
		x = MAX(x + 1, 4);
		area_put_width(cell, 0, x, cell.cols - x, sv_of(lines[i].text), style, true);
	}
	const char *close = _(" Esc closes ");
	area_puts(box, box.rows - 1, MAX(2, box.cols - (int)strlen(close) - 2), close, style);
}

/* ---- one key ---- */

static void say_key(struct ui *ui, uint32_t key)
{
	struct str s;
	str_init(&s, 128);
	key_print(key, &s);
	ui_say(ui, _("Key %s, octal %o, decimal %u  (^G ends)"), s.s, (unsigned)key, (unsigned)key);
	str_fini(&s);
}

static void cancel_everything(struct ui *ui)
{
	bool pending = ui->pending.n > 0 || queued(ui) > 0;
	stop_pending(ui);
	ui_clear_queue(ui);
	ui->tag_prefix = false;
	ui->what_key = false;
	if (ui->prompt) {
		prompt_cancel(ui);
		return;
	}
	if (flow_any(ui)) {
		flow_cancel_all(ui);
		ui_say(ui, _("Cancelled."));
	} else if (!pending) {
		ui_clear_message(ui);
	}
	ui_dirty(ui);
}

/* Keys that no binding begins with. */
static void unbound(struct ui *ui, const struct keys *typed)
{
	uint32_t last = typed->k[typed->n - 1];
	if (ui->prompt) {
		if (typed->n == 2 && typed->k[0] == 27 && last == 27)
			prompt_cancel(ui);
		else if (typed->n == 1)
			prompt_text_key(ui, last);
		return;
	}
	if (last == 27) /* Esc closes the pop-up, nothing more */
		return;
	struct str help;
	size_t at = 0;
	str_init(&help, 64);
	const struct rc_bind *b = keymap_next_of(ui->conf, ui_menu(ui), FN_help, &at);
	if (b)
		keys_print(&b->keys, &help);
	if (help.len > 0)
		ui_error(ui, _("Key is not bound.  Press '%s' for help."), help.s);
	else
		ui_error(ui, _("Key is not bound."));
	str_fini(&help);
	if (ui->script.len == 0)
		ui_clear_queue(ui);
}

static void run_binding(struct ui *ui, const struct rc_bind *b, uint32_t last)
{
	enum menu_id menu = ui_menu(ui);
	if (b->macro) {
		char *text = xstrdup(b->macro);
		ui_queue_text(ui, menu, text, true);
		free(text);
		return;
	}
	if (b->fn == FN_NONE) {
		/* `bind editor <space> noop` is how people let prompts take blanks: the key is text then */
		if (ui->prompt && b->keys.n == 1)
			prompt_text_key(ui, last);
		return;
	}
	if (ui->prompt) {
		prompt_function(ui, b->fn);
		return;
	}
	ui->typed_digit = last >= '0' && last <= '9' ? last : 0;
	if (dispatch(ui, b->fn) == RUN_FAILED && ui->script.len == 0)
		ui_clear_queue(ui);
}

/* ^G and ^C always; $abort_key only while a prompt or the rest of a key sequence is awaited, since it may be Esc. */
static bool is_abort(const struct ui *ui, uint32_t key)
{
	struct keys own;
	struct err e;

	if (key == KEY_CTRL_G || key == KEY_CTRL_C)
		return true;
	return (ui->prompt || ui->pending.n > 0) && keys_parse(sv_of(ui->conf->abort_key), &own, &e) && own.n == 1 &&
	       own.k[0] == key;
}

static void process_key(struct ui *ui, uint32_t key)
{
	if (!ui->prompt)
		ui_clear_message(ui);
	ui_dirty(ui);
	if (is_abort(ui, key)) {
		cancel_everything(ui);
		return;
	}
	if (key == KEY_CTRL_Z && ui->conf->suspend && !term_is_null(ui->term)) {
		child_suspend_self(ui);
		return;
	}
	if (ui->what_key) {
		say_key(ui, key);
		return;
	}
	if (ui->prompt && (prompt_is_choice(ui) || prompt_wants_raw(ui))) {
		prompt_text_key(ui, key);
		return;
	}
	if (ui->pending.n >= KEYS_MAX)
		stop_pending(ui);
	ui->pending.k[ui->pending.n++] = key;
	const struct rc_bind *b = NULL;
	switch (keymap_find(ui->conf, ui_menu(ui), ui->pending.k, ui->pending.n, &b)) {
	case KEYMAP_PREFIX:
		loop_remove(ui->loop, ui->pending_timer);
		ui->pending_timer = loop_timer(ui->loop, "key hint", UI_HINT_MS, hint_due, ui);
		return;
	case KEYMAP_FOUND:
		stop_pending(ui);
		run_binding(ui, b, key);
		return;
	case KEYMAP_NONE:
		break;
	}
	struct keys typed = ui->pending;
	stop_pending(ui);
	unbound(ui, &typed);
}

void ui_key(struct ui *ui, uint32_t key)
{
	if (ui->leaving)
		return;
	if (is_abort(ui, key)) {
		str_clear(&ui->script); /* a script that is typed away does not go on */
		process_key(ui, key);
	} else if (queued(ui) == 0 && !list_pending(ui))
		process_key(ui, key);
	else
		ui_queue_keys(ui, &key, 1, false);
}

void ui_paste(struct ui *ui, struct sv text)
{
	if (ui->prompt && !prompt_is_choice(ui)) {
		prompt_insert(ui, text);
		ui_dirty(ui);
		return;
	}
	ui_say(ui, _("Pasted text is only taken at a prompt."));
}
