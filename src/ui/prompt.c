/*
 * Prompts: a view of one line over the message line. A line with history and completion, a choice of
 * letters, or any key. Cancelling is always possible.
 */
#include <stdlib.h>

#include "base/proc.h"
#include "text/utf8.h"
#include "text/width.h"
#include "text/wrap.h"
#include "ui/ui_priv.h"

#define ABOVE_ROWS_MAX 8 /* of completions or help over the line */
#define CALM_MS 600      /* without a key: then whoever sits there has seen the question */

enum prompt_type { TYPE_LINE, TYPE_CHOICE, TYPE_KEY };

struct prompt {
	enum prompt_type type;
	enum prompt_kind kind;
	struct flow *flow;
	char *label;
	struct line line;
	char *letters; /* of a choice */
	int dflt;
	char *until_calm; /* shown in place of the label, while no key is heard; NULL: no more, or never */
	int calm_timer;
	bool literal;  /* quote-char: the next key is text */
	bool fresh;    /* a proposal that the first typed character replaces */
	size_t scroll; /* first byte shown */
	struct completions found;
	bool found_shown;
	size_t found_at;  /* candidate that is in the line, found.n: none yet */
	char *searched;   /* history-search: what was typed */
	char *told;       /* the text that the flow has heard of */
};

static struct history *history_of(struct ui *ui, enum prompt_kind kind)
{
	return kind == PROMPT_PASSWORD ? NULL : &ui->history[kind == PROMPT_FILES ? PROMPT_FILE : kind];
}

static struct prompt *open_prompt(struct ui *ui, struct flow *f, enum prompt_type type, const char *label)
{
	struct prompt *p = xcalloc(1, sizeof(*p));
	p->type = type;
	p->flow = f;
	p->label = xstrdup(label);
	ui->prompt = p;
	ui_clear_message(ui);
	ui_dirty(ui);
	return p;
}

void prompt_open_line(struct ui *ui, struct flow *f, const char *label, const char *initial, enum prompt_kind kind)
{
	struct prompt *p = open_prompt(ui, f, TYPE_LINE, label);
	p->kind = kind;
	p->fresh = *initial && (kind == PROMPT_PATTERN || kind == PROMPT_SEARCH || kind == PROMPT_MAILBOX ||
		kind == PROMPT_FILE || kind == PROMPT_FILES);
	line_init(&p->line, sv_of(initial), history_of(ui, kind));
	p->told = xstrdup(initial);
}

void prompt_open_choice(struct ui *ui, struct flow *f, const char *label, const char *letters, int dflt)
{
	struct prompt *p = open_prompt(ui, f, TYPE_CHOICE, label);
	p->letters = xstrdup(letters);
	p->dflt = dflt;
	line_init(&p->line, SV(""), NULL);
}

void prompt_open_key(struct ui *ui, struct flow *f, const char *label)
{
	struct prompt *p = open_prompt(ui, f, TYPE_KEY, label);
	line_init(&p->line, SV(""), NULL);
}

static void calm(void *data)
{
	struct ui *ui = data;
	ui->prompt->calm_timer = 0;
	xfree_null(&ui->prompt->until_calm);
	ui_dirty(ui);
}

static void restart_calm(struct ui *ui)
{
	struct prompt *p = ui->prompt;
	if (p->calm_timer)
		loop_remove(ui->loop, p->calm_timer);
	p->calm_timer = loop_timer(ui->loop, "calm", CALM_MS, calm, ui);
}

void prompt_wait_for_calm(struct ui *ui, const char *text)
{
	if (term_is_null(ui->term)) /* keys from a file are meant as they stand there */
		return;
	ui->prompt->until_calm = xstrdup(text);
	restart_calm(ui);
}

static const char *shown_label(const struct prompt *p)
{
	return p->until_calm ? p->until_calm : p->label;
}

void prompt_close(struct ui *ui)
{
	struct prompt *p = ui->prompt;
	if (!p)
		return;
	ui->prompt = NULL;
	if (p->calm_timer)
		loop_remove(ui->loop, p->calm_timer);
	free(p->until_calm);
	line_fini(&p->line);
	completions_fini(&p->found);
	free(p->label);
	free(p->letters);
	free(p->searched);
	free(p->told);
	free(p);
	ui_dirty(ui);
}

bool prompt_is_choice(const struct ui *ui)
{
	return ui->prompt && ui->prompt->type != TYPE_LINE;
}

bool prompt_wants_raw(const struct ui *ui)
{
	return ui->prompt && ui->prompt->literal;
}

struct flow *prompt_flow(const struct ui *ui)
{
	return ui->prompt ? ui->prompt->flow : NULL;
}

void prompt_cancel(struct ui *ui)
{
	if (!ui->prompt)
		return;
	struct flow *f = ui->prompt->flow;
	prompt_close(ui);
	flow_cancelled(f);
}

void prompt_tell(struct ui *ui)
{
	struct prompt *p = ui->prompt;
	if (!p || p->type != TYPE_LINE || !p->flow->typed || sv_is(str_sv(&p->line.text), p->told))
		return;
	free(p->told);
	p->told = sv_dup(str_sv(&p->line.text));
	p->flow->typed(p->flow, p->told);
	ui_dirty(ui);
}

static void accept_line(struct ui *ui)
{
	struct prompt *p = ui->prompt;
	struct flow *f = p->flow;
	struct history *h = history_of(ui, p->kind);
	if (h)
		history_add(h, str_sv(&p->line.text), ui->conf->history_remove_dups);
	char *text = sv_dup(str_sv(&p->line.text));
	size_t len = p->line.text.len;
	prompt_close(ui);
	flow_answer_line(f, text);
	mem_wipe(text, len);
	free(text);
}

static void answer_choice(struct ui *ui, int choice)
{
	struct flow *f = ui->prompt->flow;
	prompt_close(ui);
	flow_answer_choice(f, choice);
}

/* The index of the key among the letters; English yes and no always work where they are asked. */
static int choice_of(const struct prompt *p, uint32_t key)
{
	struct sv letters = sv_of(p->letters);
	uint32_t lower = utf8_lower(key);
	int n = 0, exact = -1, folded = -1;
	for (size_t at = 0, used; at < letters.len; at += used, n++) {
		uint32_t c = utf8_decode(sv_from(letters, at), &used);
		if (c == key && exact < 0)
			exact = n;
		if (utf8_lower(c) == lower && folded < 0)
			folded = n;
	}
	if (exact >= 0 || folded >= 0)
		return exact >= 0 ? exact : folded;
	if (strcmp(p->letters, _("ny")) == 0)
		return lower == 'y' ? 1 : lower == 'n' ? 0 : -1;
	return -1;
}

static void choice_key(struct ui *ui, uint32_t key)
{
	struct prompt *p = ui->prompt;
	if (p->type == TYPE_KEY) {
		answer_choice(ui, (int)key);
		return;
	}
	if (key == 27) {
		prompt_cancel(ui);
		return;
	}
	if (p->until_calm) {
		restart_calm(ui);
		if (ui->conf->beep)
			term_beep(ui->term);
		return;
	}
	int choice = key == 13 || key == 10 || key == K_ENTER ? p->dflt : choice_of(p, key);
	if (choice >= 0)
		answer_choice(ui, choice);
	else if (ui->conf->beep)
		term_beep(ui->term);
}

static void changed(struct prompt *p)
{
	p->fresh = false;
	p->found_shown = false;
	completions_fini(&p->found);
	p->found_at = 0;
	free(p->searched);
	p->searched = NULL;
}

void prompt_insert(struct ui *ui, struct sv text)
{
	struct prompt *p = ui->prompt;
	struct str plain;
	str_init(&plain, LINE_MAX);
	utf8_add_safe(&plain, sv_trim(text), UTF8_SAFE_LINE);
	line_insert(&p->line, str_sv(&plain));
	str_fini(&plain);
	changed(p);
}

/* `?` as the first key: the list of mailboxes or files answers in place of the line. */
static bool browse_instead(struct ui *ui)
{
	struct flow *f = ui->prompt->flow;
	enum prompt_kind kind = ui->prompt->kind;
	flow_step *next = f->next;
	if (kind != PROMPT_MAILBOX && kind != PROMPT_FILE && kind != PROMPT_FILES)
		return false;
	prompt_close(ui);
	browser_open(ui, kind == PROMPT_MAILBOX ? BROWSE_MAILBOXES : kind == PROMPT_FILES ? BROWSE_FILES_MANY : BROWSE_FILES,
		f, next);
	return true;
}

void prompt_text_key(struct ui *ui, uint32_t key)
{
	struct prompt *p = ui->prompt;
	if (p->type != TYPE_LINE) {
		choice_key(ui, key);
		return;
	}
	bool literal = p->literal;
	p->literal = false;
	if (!literal && (key == 13 || key == 10 || key == K_ENTER)) {
		accept_line(ui);
		return;
	}
	if (key >= K_SPECIAL || (key < ' ' && !literal) || key == 0)
		return;
	if (p->fresh)
		line_set(&p->line, SV(""));
	if (key == '?' && p->line.text.len == 0 && !literal && browse_instead(ui))
		return;
	char bytes[UTF8_MAX];
	size_t n = utf8_encode(key, bytes);
	line_insert(&p->line, sv_make(bytes, n));
	changed(p);
}

/* ---- completion ---- */

/* What all candidates begin with. */
static size_t common_prefix(const struct completions *c)
{
	size_t n = strlen(c->v[0]);
	for (size_t i = 1; i < c->n; i++) {
		size_t same = 0;
		while (same < n && c->v[i][same] == c->v[0][same])
			same++;
		n = same;
	}
	return utf8_head(sv_of(c->v[0]), n).len;
}

static void complete(struct ui *ui)
{
	struct prompt *p = ui->prompt;
	if (p->found_shown && p->found.n > 1) { /* again: the next candidate */
		p->found_at = p->found_at >= p->found.n ? 0 : (p->found_at + 1) % p->found.n;
		line_replace(&p->line, p->found.start, sv_of(p->found.v[p->found_at]));
		return;
	}
	changed(p);
	complete_find(ui, p->kind, str_sv(&p->line.text), p->line.cursor, &p->found);
	if (p->found.n == 0) {
		if (ui->conf->beep)
			term_beep(ui->term);
		return;
	}
	size_t typed = p->line.cursor - p->found.start;
	size_t prefix = common_prefix(&p->found);
	if (p->found.n == 1 || prefix > typed)
		line_replace(&p->line, p->found.start, sv_head(sv_of(p->found.v[0]), p->found.n == 1 ? strlen(p->found.v[0]) : prefix));
	if (p->found.n == 1) {
		completions_fini(&p->found);
		return;
	}
	p->found_shown = true;
	p->found_at = p->found.n;
}

/* Space in a mailbox prompt: the next mailbox with new mail. */
static bool cycle_mailboxes(struct ui *ui)
{
	struct prompt *p = ui->prompt;
	if (p->kind != PROMPT_MAILBOX)
		return false;
	char *next = complete_next_new(ui, p->line.text.len > 0 ? p->line.text.s : NULL);
	if (!next)
		return p->line.text.len == 0;
	line_set(&p->line, sv_of(next));
	free(next);
	return true;
}

static void search_history(struct ui *ui)
{
	struct prompt *p = ui->prompt;
	if (!p->searched)
		p->searched = sv_dup(str_sv(&p->line.text));
	char *keep = p->searched;
	p->searched = NULL;
	if (!line_history_search(&p->line, sv_of(keep)) && ui->conf->beep)
		term_beep(ui->term);
	changed(p);
	p->searched = keep;
}

static const struct {
	enum func_id fn;
	enum line_op op;
} ops[] = {
	{FN_backspace, LINE_BACKSPACE}, {FN_backward_char, LINE_BACKWARD_CHAR},
	{FN_backward_word, LINE_BACKWARD_WORD}, {FN_bol, LINE_BOL}, {FN_capitalize_word, LINE_CAPITALIZE_WORD},
	{FN_delete_char, LINE_DELETE_CHAR}, {FN_downcase_word, LINE_DOWNCASE_WORD}, {FN_eol, LINE_EOL},
	{FN_forward_char, LINE_FORWARD_CHAR}, {FN_forward_word, LINE_FORWARD_WORD},
	{FN_history_down, LINE_HISTORY_DOWN}, {FN_history_up, LINE_HISTORY_UP}, {FN_kill_eol, LINE_KILL_EOL},
	{FN_kill_eow, LINE_KILL_EOW}, {FN_kill_line, LINE_KILL_LINE}, {FN_kill_whole_line, LINE_KILL_WHOLE_LINE},
	{FN_kill_word, LINE_KILL_WORD}, {FN_transpose_chars, LINE_TRANSPOSE_CHARS},
	{FN_upcase_word, LINE_UPCASE_WORD},
};

/* Every function of the editor menu that prompts know (for the test over the table). */
bool prompt_has_function(enum func_id fn)
{
	for (size_t i = 0; i < ARRAY_LEN(ops); i++) {
		if (ops[i].fn == fn)
			return true;
	}
	return fn == FN_complete || fn == FN_complete_query || fn == FN_history_search || fn == FN_quote_char ||
		fn == FN_buffy_cycle || fn == FN_mailbox_cycle || fn == FN_cancel;
}

static void line_operation(struct ui *ui, enum line_op op)
{
	struct prompt *p = ui->prompt;
	bool was_empty = p->line.text.len == 0;
	bool done = line_do(&p->line, op);
	changed(p);
	if (done)
		return;
	if (op == LINE_BACKSPACE && was_empty && ui->conf->abort_backspace)
		prompt_cancel(ui);
	else if (ui->conf->beep)
		term_beep(ui->term);
}

/* ^T: what the query command finds for the word at the cursor. */
static void query_done(void *data, const char *const *found, size_t n)
{
	struct ui *ui = data;
	struct prompt *p = ui->prompt;
	if (!p || p->type != TYPE_LINE)
		return;
	changed(p);
	size_t start = line_word_start(&p->line, ",");
	while (start < p->line.cursor && p->line.text.s[start] == ' ')
		start++;
	p->found.start = start;
	for (size_t i = 0; i < n; i++) {
		array_grow(p->found.v, p->found.n, p->found.cap);
		p->found.v[p->found.n++] = xstrdup(found[i]);
	}
	if (n == 0) {
		ui_say(ui, _("No addresses were found."));
		return;
	}
	line_replace(&p->line, start, sv_of(found[0]));
	p->found_shown = n > 1;
	p->found_at = 0;
	ui_dirty(ui);
}

static void complete_by_query(struct ui *ui)
{
	struct prompt *p = ui->prompt;
	size_t start = line_word_start(&p->line, ",");
	struct sv word = sv_trim(sv_make(p->line.text.s + start, p->line.cursor - start));
	char *text = sv_dup(word);
	query_run_background(ui, text, query_done, ui);
	free(text);
}

void prompt_function(struct ui *ui, enum func_id fn)
{
	struct prompt *p = ui->prompt;
	ui_dirty(ui);
	if (p->type != TYPE_LINE) {
		if (fn == FN_cancel)
			prompt_cancel(ui);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(ops); i++) {
		if (ops[i].fn == fn) {
			line_operation(ui, ops[i].op);
			return;
		}
	}
	switch (fn) {
	case FN_complete:
		complete(ui);
		break;
	case FN_complete_query:
		complete_by_query(ui);
		break;
	case FN_history_search:
		search_history(ui);
		break;
	case FN_quote_char:
		p->literal = true;
		break;
	case FN_buffy_cycle:
	case FN_mailbox_cycle:
		if (!cycle_mailboxes(ui))
			prompt_text_key(ui, ' ');
		break;
	case FN_cancel:
		prompt_cancel(ui);
		break;
	default: /* functions of other menus have no place here */
		ui_say(ui, _("%s is not available in this menu."), func_table[fn].name);
		break;
	}
}

/* ---- drawing ---- */

/* Scrolls so that the cursor is inside, with something of the text before it. */
static void fit_scroll(struct prompt *p, int width)
{
	struct sv text = str_sv(&p->line.text);
	if (p->scroll > p->line.cursor)
		p->scroll = p->line.cursor;
	while (width_of(sv_make(text.p + p->scroll, p->line.cursor - p->scroll)) > width - 1)
		p->scroll = utf8_next(text, p->scroll);
	while (p->scroll > 0) {
		size_t before = utf8_prev(text, p->scroll);
		if (width_of(sv_from(text, before)) > width - 1)
			break;
		p->scroll = before;
	}
}

/* At the right end, where the text leaves room. */
static void draw_note(struct prompt *p, struct area a, int from)
{
	struct str note;
	if (p->type != TYPE_LINE)
		return;
	str_init(&note, 256);
	if (p->flow->noted)
		p->flow->noted(p->flow, &note);
	else if (p->flow->note)
		(void)str_adds(&note, p->flow->note);
	int width = width_of(str_sv(&note));
	if (width > 0 && from + 2 + width < a.cols)
		area_put(a, 0, a.cols - 1 - width, str_sv(&note), theme_style(p->flow->ui->theme, COLOR_prompt));
	str_fini(&note);
}

void prompt_draw(struct ui *ui, struct area a, int *cursor_col)
{
	struct prompt *p = ui->prompt;
	struct style label = theme_style(ui->theme, COLOR_prompt);
	struct style text = theme_style(ui->theme, COLOR_normal);
	area_clear(a, text);
	/* A label that leaves no room for the answer keeps its end, where the choices are. */
	struct sv shown = sv_of(shown_label(p));
	ptrdiff_t nl = sv_rchr(shown, '\n');
	if (nl >= 0)
		shown = sv_from(shown, (size_t)nl + 1);
	int room = p->type == TYPE_LINE ? a.cols * 2 / 3 : a.cols - 1;
	size_t next;
	/* What is too long for one line begins above it. */
	while (width_of(shown) > room) {
		wrap_line(shown, 0, room, true, &next);
		shown = sv_from(shown, next);
	}
	int col = area_put(a, 0, 0, shown, label);
	if (p->type == TYPE_LINE && p->kind != PROMPT_PASSWORD) {
		int width = MAX(2, a.cols - col);
		fit_scroll(p, width);
		struct sv line = str_sv(&p->line.text);
		area_put(a, 0, col, sv_from(line, p->scroll), text);
		col += width_of(sv_make(line.p + p->scroll, p->line.cursor - p->scroll));
	}
	draw_note(p, a, col);
	*cursor_col = MIN(col, a.cols - 1);
}

/* Lines of a label with several lines (a certificate and the like) stand above the last one. */
static int label_lines(const struct prompt *p, struct sv lines[], int max)
{
	struct sv rest = sv_of(shown_label(p)), line;
	ptrdiff_t last = sv_rchr(rest, '\n');
	int n = 0;
	if (last < 0)
		return 0;
	rest = sv_head(rest, (size_t)last);
	while (n < max && sv_line(&rest, &line))
		lines[n++] = line;
	return n;
}

static void draw_lines(struct ui *ui, const struct sv *lines, int n)
{
	struct area all = grid_area(ui->grid);
	struct style style = theme_style(ui->theme, COLOR_normal);
	n = MIN(n, all.rows - 3);
	if (n <= 0)
		return;
	int row = ui->layout.message.row - 1 - n;
	struct area box = area_part(all, MAX(0, row), 0, n, all.cols);
	area_clear(box, style);
	for (int i = 0; i < n; i++)
		area_put(box, i, 1, lines[i], style);
}

/* The lines of a label that is too long, but for the last, which stands on the message line. */
static void draw_long_label(struct ui *ui, const struct prompt *p)
{
	struct area all = grid_area(ui->grid);
	int room = p->type == TYPE_LINE ? all.cols * 2 / 3 : all.cols - 1;
	struct sv lines[8], rest = sv_of(shown_label(p));
	int n = 0;
	while (n < 8 && width_of(rest) > room) {
		size_t next;
		size_t len = wrap_line(rest, 0, room, true, &next);
		lines[n++] = sv_head(rest, len);
		rest = sv_from(rest, next);
	}
	struct style style = theme_style(ui->theme, COLOR_prompt);
	for (int i = 0; i < n; i++) {
		int row = ui->layout.message.row - n + i;
		area_clear_from(all, row, 0, style);
		area_put(all, row, 0, lines[i], style);
	}
}

static const char pattern_help[] =
	N_("~f from  ~t to  ~s subject  ~b body  ~d date  ~N new  ~U unread  ~F flagged  ~T tagged");

static void draw_found(struct ui *ui, const struct prompt *p)
{
	struct area all = grid_area(ui->grid);
	struct style style = theme_style(ui->theme, COLOR_normal);
	int widest = 8;
	for (size_t i = 0; i < p->found.n; i++)
		widest = MAX(widest, width_of(sv_of(p->found.v[i])) + 2);
	widest = MIN(widest, MAX(1, all.cols - 2));
	int columns = MAX(1, (all.cols - 1) / widest);
	int rows = (int)((p->found.n + (size_t)columns - 1) / (size_t)columns);
	int shown = MIN(rows, MIN(ABOVE_ROWS_MAX, all.rows - 4));
	if (shown < 1)
		return;
	int at = p->found_at < p->found.n ? (int)p->found_at / columns : 0;
	int first = MAX(0, MIN(at - shown / 2, rows - shown));
	struct area box = area_part(all, ui->layout.message.row - 1 - shown, 0, shown, all.cols);
	area_clear(box, style);
	for (int row = 0; row < shown; row++) {
		for (int c = 0; c < columns; c++) {
			size_t i = (size_t)((first + row) * columns + c);
			if (i >= p->found.n)
				break;
			struct style look = i == p->found_at ? style_over(style, theme_style(ui->theme, COLOR_indicator)) : style;
			area_put_width(box, row, 1 + c * widest, widest - 1, sv_of(p->found.v[i]), look, true);
		}
	}
}

void prompt_draw_above(struct ui *ui)
{
	struct prompt *p = ui->prompt;
	struct sv lines[12];
	if (!p)
		return;
	int n = label_lines(p, lines, (int)ARRAY_LEN(lines));
	if (n == 0)
		draw_long_label(ui, p);
	if (n > 0) {
		draw_lines(ui, lines, n);
	} else if (p->found_shown && p->found.n > 1) {
		draw_found(ui, p);
	} else if (p->type == TYPE_LINE && p->kind == PROMPT_PATTERN && p->line.text.len == 0) {
		lines[0] = sv_of(_(pattern_help));
		draw_lines(ui, lines, 1);
	}
}
