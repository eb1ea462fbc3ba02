/*
 * Commands of the ui itself, typed after `:` like those of a muttrc: :source-keys, :dump-screen,
 * :wait-idle and some words for people. Screen tests are made of them.
 *
 * A keys file holds one line for each step: text that is typed as a macro would type it (<names> of keys
 * and functions, \Cx, \e); a line that starts with ':' is a command; '#' starts a comment. :wait-idle holds the keys back until nothing is
 * under way; :dump-screen FILE writes the picture (and :dump-styles FILE its looks).
 */
#include <stdlib.h>

#include "base/fs.h"
#include "base/proc.h"
#include "conf/rc.h"
#include "ui/ui_priv.h"

#define SCRIPT_MAX (1u << 20)
#define IDLE_CHECK_MS 10

typedef void command_fn(struct ui *, struct sv args);

static void source_keys(struct ui *ui, struct sv args)
{
	struct err e;
	char *path = sv_dup(args);
	if (!script_source(ui, path, &e))
		ui_err(ui, &e);
	free(path);
}

static void write_dump(struct ui *ui, const char *path, bool styles)
{
	struct str text;
	struct err e;
	str_init(&text, 8u << 20);
	bool ok = styles ? grid_dump_styles(ui->grid, &text) : grid_dump(ui->grid, &text);
	if (ok && !fs_write_atomic(path, str_sv(&text), 0600, &e))
		ui_err(ui, &e);
	str_fini(&text);
}

static void dump_screen(struct ui *ui, struct sv args)
{
	free(ui->dump_path);
	ui->dump_path = sv_dup(args);
	ui->dump_styles = false;
	ui_dirty(ui);
}

static void dump_styles(struct ui *ui, struct sv args)
{
	dump_screen(ui, args);
	ui->dump_styles = true;
}

static void idle_check(void *data)
{
	struct ui *ui = data;
	ui->idle_timer = 0;
	/* Twice in a row: what ends one thing may start the next. */
	if (ui_is_idle(ui) && ++ui->idle_seen >= 2) {
		ui->waiting_idle = false;
		ui_run_queue(ui);
		return;
	}
	if (!ui_is_idle(ui))
		ui->idle_seen = 0;
	ui->idle_timer = loop_timer(ui->loop, "wait idle", IDLE_CHECK_MS, idle_check, ui);
}

static void wait_idle(struct ui *ui, struct sv args)
{
	(void)args;
	ui->waiting_idle = true;
	ui->idle_seen = 0;
	loop_remove(ui->loop, ui->idle_timer);
	ui->idle_timer = loop_timer(ui->loop, "wait idle", IDLE_CHECK_MS, idle_check, ui);
}

static void resize(struct ui *ui, struct sv args)
{
	struct scan s = scan_of(args);
	uint64_t rows = 0, cols = 0;
	if (!term_is_null(ui->term) || !scan_u64(&s, &rows) || !scan_byte(&s, 'x') || !scan_u64(&s, &cols) ||
		rows < 1 || cols < 1 || rows > GRID_ROWS_MAX || cols > GRID_COLS_MAX) {
		ui_error(ui, _("resize: needs ROWSxCOLUMNS, in tests only"));
		return;
	}
	term_set_size(ui->term, (int)rows, (int)cols);
	ui_check_size(ui);
}

static void stalls(struct ui *ui, struct sv args)
{
	struct err e;
	char *text = xasprintf("%d stalls, longest turn %lld ms", loop_stalls(ui->loop), (long long)loop_longest_ms(ui->loop));
	if (args.len == 0) {
		ui_say(ui, "%s", text);
	} else {
		char *path = sv_dup(args);
		if (!fs_write_atomic(path, sv_of(text), 0600, &e))
			ui_err(ui, &e);
		free(path);
	}
	free(text);
}

static const struct {
	const char *name;
	command_fn *run;
} commands[] = {
	{"source-keys", source_keys}, {"dump-screen", dump_screen}, {"dump-styles", dump_styles},
	{"wait-idle", wait_idle}, {"resize", resize}, {"stalls", stalls},
};

bool script_command(struct ui *ui, struct sv line)
{
	line = sv_trim(line);
	ptrdiff_t blank = sv_chr(line, ' ');
	struct sv word = blank < 0 ? line : sv_head(line, (size_t)blank);
	struct sv args = blank < 0 ? SV("") : sv_trim(sv_from(line, (size_t)blank));
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		if (sv_is(word, commands[i].name)) {
			commands[i].run(ui, args);
			return true;
		}
	}
	return false;
}

bool script_source(struct ui *ui, const char *path, struct err *e)
{
	struct str text;
	if (!fs_read(path, SCRIPT_MAX, &text, e))
		return false;
	bool ok = str_insert(&ui->script, 0, str_sv(&text));
	str_fini(&text);
	if (!ok)
		return err_set(e, ERR_LIMIT, "%s: too long", path);
	ui_run_queue(ui);
	return true;
}

/* The escapes of the rc language that stand for keys: a macro in a file has them read before. */
static char *unescape(const char *line)
{
	char *out = xmalloc(strlen(line) + 1), *w = out;
	for (; *line; line++) {
		if (line[0] == '\\' && (line[1] == 'C' || line[1] == 'c') && line[2]) {
			*w++ = (char)(ascii_upper((unsigned char)line[2]) & 0x1f);
			line += 2;
		} else if (line[0] == '\\' && line[1] == 'e') {
			*w++ = 27;
			line++;
		} else if (line[0] == '\\' && line[1] == '\\') {
			*w++ = '\\';
			line++;
		} else {
			*w++ = *line;
		}
	}
	*w = '\0';
	return out;
}

/* The next line of the script: a command runs, text goes into the queue. False when there is none. */
bool script_next(struct ui *ui)
{
	if (ui->script.len == 0)
		return false;
	struct sv rest = str_sv(&ui->script), line;
	sv_line(&rest, &line);
	char *text = sv_dup(line);
	str_remove(&ui->script, 0, ui->script.len - rest.len);
	struct sv s = sv_of(text);
	if (s.len > 0 && s.p[0] == ':')
		command_run(ui, text + 1);
	else if (s.len > 0 && s.p[0] != '#') {
		char *keys = unescape(text);
		ui_queue_text(ui, ui_menu(ui), keys, true);
		free(keys);
	}
	free(text);
	return true;
}

void script_after_draw(struct ui *ui)
{
	if (ui->dump_path && !ui->dirty && !ui->child_running) {
		char *path = ui->dump_path;
		ui->dump_path = NULL;
		write_dump(ui, path, ui->dump_styles);
		free(path);
		ui_run_queue(ui);
	}
	if (ui->script_ends && ui->script.len == 0 && ui->queue.at == ui->queue.n && !ui->waiting_idle &&
		!ui->dump_path && !ui->leaving && !ui->child_running && !flow_any(ui)) {
		ui->script_ends = false;
		ui_quit(ui, 0);
	}
}

void script_complete(struct sv typed, struct completions *c)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		if (!sv_starts(sv_of(commands[i].name), typed))
			continue;
		array_grow(c->v, c->n, c->cap);
		c->v[c->n++] = xstrdup(commands[i].name);
	}
}

/* What commands left to be typed or executed. */
void command_take_pushed(struct ui *ui)
{
	char *text;
	while ((text = rc_take_pushed(&ui->conf->rc))) {
		ui_queue_text(ui, ui_menu(ui), text, true);
		free(text);
	}
	while ((text = rc_take_exec(&ui->conf->rc))) {
		enum func_id fn = func_find(ui_menu(ui), sv_of(text));
		if (fn == FN_NONE)
			ui_error(ui, _("%s: no such function in this menu"), text);
		else
			ui_queue_keys(ui, &(uint32_t){K_FUNCTION + (uint32_t)fn}, 1, false);
		free(text);
	}
}

/* What a command told: on the message line, or in the pager when it is more. */
static void show_said(struct ui *ui)
{
	struct sv text = sv_rtrim(str_sv(&ui->said));
	if (text.len == 0)
		return;
	if (sv_chr(text, '\n') < 0)
		ui_say(ui, SV_FMT, SV_ARG(text));
	else
		ui_push(ui, pager_open_text(ui, _("Output"), text));
	str_clear(&ui->said);
}

void command_said(void *data, const char *text)
{
	struct ui *ui = data;
	str_addf(&ui->said, "%s\n", text);
}

void command_run(struct ui *ui, const char *line)
{
	struct err e;
	struct sv text = sv_trim(sv_of(line));
	if (text.len == 0 || script_command(ui, text))
		return;
	rc_clear_problems(ui->rc);
	str_clear(&ui->said);
	bool ok = rc_run(ui->rc, ":", text, &e);
	ui_conf_changed(ui);
	if (!ok)
		ui_err(ui, &e);
	else
		show_said(ui);
	command_take_pushed(ui);
}
