/*
 * Programs that get the terminal: editor, shell, viewers. The loop goes on while they run (workers,
 * timers, saving); only drawing and reading keys are off.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/proc.h"
#include "ui/ui_priv.h"

struct child {
	struct ui *ui;
	child_done_fn *done;
	void *data;
	bool wait_key; /* even when it went well */
	int status;
	int input;     /* descriptor to close */
	int key_watch;
};

static void finish(struct child *c)
{
	struct ui *ui = c->ui;
	child_done_fn *done = c->done;
	void *data = c->data;
	int status = c->status;
	free(c);
	ui->child_running = false;
	term_resume(ui->term);
	loop_fd_events(ui->loop, ui->fd_watch, 1);
	ui_check_size(ui);
	ui_dirty(ui);
	if (done)
		done(data, status, NULL);
	viewers_next(ui);
	ui_run_queue(ui);
}

static void key_came(void *data, int fd, short revents)
{
	struct child *c = data;
	char drop[64];
	(void)revents;
	if (read(fd, drop, sizeof(drop)) < 0) {
		/* the terminal is gone: the next read of the ui says so */
	}
	loop_remove(c->ui->loop, c->key_watch);
	finish(c);
}

static void ended(void *data, pid_t pid, int status)
{
	struct child *c = data;
	struct ui *ui = c->ui;
	(void)pid;
	if (c->input >= 0)
		close(c->input);
	c->status = status;
	/* What a failing command printed must be readable before the screen comes back. */
	bool wait = c->wait_key || (status != 0 && ui->conf->profile == CONF_MODERN);
	if (!wait || term_is_null(ui->term)) {
		finish(c);
		return;
	}
	if (status > 0 && status != 127)
		printf(_("\nThe command ended with status %d."), status);
	printf("\n%s", _("Press any key to continue..."));
	fflush(stdout);
	term_wait_key(ui->term);
	c->key_watch = loop_fd(ui->loop, "press any key", term_fd(ui->term), 1, key_came, c);
}

static struct child *begin(struct ui *ui, child_done_fn *done, void *data, int input, bool wait_key)
{
	struct child *c = xcalloc(1, sizeof(*c));
	*c = (struct child){.ui = ui, .done = done, .data = data, .input = input, .wait_key = wait_key};
	ui->child_running = true;
	loop_fd_events(ui->loop, ui->fd_watch, 0);
	term_suspend(ui->term);
	return c;
}

static void started(struct child *c, bool ok, pid_t pid, const struct err *e)
{
	struct ui *ui = c->ui;
	if (ok) {
		loop_child(ui->loop, "child", pid, ended, c);
		return;
	}
	struct err kept = *e;
	child_done_fn *done = c->done;
	void *data = c->data;
	if (c->input >= 0)
		close(c->input);
	c->done = NULL;
	c->status = 127;
	finish(c);
	ui_err(ui, &kept);
	if (done)
		done(data, 127, &kept);
}

static struct proc_opts options(struct ui *ui, int input)
{
	struct proc_opts o = PROC_OPTS_INIT;
	if (input >= 0)
		o.in = input;
	else if (term_is_null(ui->term))
		o.in = PROC_NULL;
	if (term_is_null(ui->term))
		o.out = PROC_NULL;
	return o;
}

void child_run_input(struct ui *ui, const char *command, int fd, bool wait_key, child_done_fn *done, void *data)
{
	struct child *c = begin(ui, done, data, fd, wait_key);
	struct proc_opts o = options(ui, fd);
	struct err e;
	pid_t pid = 0;
	bool ok = proc_shell(command, &o, &pid, &e);
	started(c, ok, pid, &e);
}

void child_run_shell(struct ui *ui, const char *command, child_done_fn *done, void *data)
{
	child_run_input(ui, command, -1, ui->conf->wait_key, done, data);
}

void child_run(struct ui *ui, const char *const *argv, child_done_fn *done, void *data)
{
	struct child *c = begin(ui, done, data, -1, false);
	struct proc_opts o = options(ui, -1);
	struct err e;
	pid_t pid = 0;
	bool ok = proc_spawn(argv, &o, &pid, &e);
	started(c, ok, pid, &e);
}

/* Editors that take +N before the file. */
static bool takes_line(const char *editor)
{
	static const char *const known[] = {"vi", "vim", "nvim", "view", "nano", "emacs", "emacsclient", "jed", "joe",
		"mg", "ne", "kak", "pico", "vis", "elvis", "nvi", "editor", "sensible-editor", "micro"};
	struct sv word = sv_of(editor);
	ptrdiff_t blank = sv_chr(word, ' ');
	if (blank >= 0)
		word = sv_head(word, (size_t)blank);
	ptrdiff_t slash = sv_rchr(word, '/');
	word = sv_from(word, slash < 0 ? 0 : (size_t)slash + 1);
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (sv_is(word, known[i]))
			return true;
	}
	return false;
}

void child_edit(struct ui *ui, const char *path, unsigned line, child_done_fn *done, void *data)
{
	const char *editor = conf_editor(ui->conf);
	struct str command;
	str_init(&command, CONF_TEXT_MAX);
	struct sv rest = sv_of(editor);
	ptrdiff_t at = sv_find(rest, SV("%s"));
	if (at >= 0) {
		str_add(&command, sv_head(rest, (size_t)at));
		proc_quote(&command, sv_of(path));
		str_add(&command, sv_from(rest, (size_t)at + 2));
	} else {
		str_add(&command, rest);
		if (line > 1 && takes_line(editor) && sv_find(rest, SV(" +")) < 0)
			str_addf(&command, " +%u", line);
		str_addc(&command, ' ');
		proc_quote(&command, sv_of(path));
	}
	child_run_input(ui, command.s, -1, false, done, data);
	str_fini(&command);
}

void child_suspend_self(struct ui *ui)
{
	term_suspend(ui->term);
	kill(0, SIGSTOP);
	/* Continued: the screen may have another size now. */
	term_resume(ui->term);
	ui_check_size(ui);
	ui_dirty(ui);
}
