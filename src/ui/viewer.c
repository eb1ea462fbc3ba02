/*
 * Programs that mailcap names for a part. Those with windows of their own run in the background, any
 * number of them, and the screen stays. Whether an entry without needsterminal has one cannot be known,
 * so such a program is started in the background with the terminal in its hands; the kernel stops it when
 * it turns to it (TOSTOP), and then it begins anew in the foreground. Each file is removed when its program
 * has ended.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/proc.h"
#include "text/utf8.h"
#include "ui/attach_priv.h"

#define COMPLAINT_MAX 4096 /* bytes of what a program says when it fails; its last line is shown */

struct viewer {
	struct ui *ui;
	struct viewer *next;
	struct attach_plan plan;
	int in;         /* the part, for its standard input; -1: it reads the file */
	int complaints; /* memory file: its standard error */
	pid_t pid;
	int watch;
	bool guarded;   /* it can reach the terminal */
	bool waits;     /* stopped, for the terminal that another program has now */
};

static void forget(struct viewer *v)
{
	struct viewer **at = &v->ui->viewers;

	while (*at && *at != v)
		at = &(*at)->next;
	if (*at)
		*at = v->next;
	if (v->guarded && --v->ui->viewers_guarded == 0)
		term_guard(v->ui->term, false);
	attach_plan_fini(&v->plan);
	if (v->in >= 0)
		close(v->in);
	if (v->complaints >= 0)
		close(v->complaints);
	free(v);
}

/* The last line that it wrote. Caller frees. */
static char *last_words(int fd)
{
	struct str text, safe;
	struct sv rest, line, last = SV("");
	struct err e;

	if (fd < 0 || lseek(fd, 0, SEEK_SET) < 0 || !fs_read_fd(fd, COMPLAINT_MAX, &text, &e))
		return xstrdup("");
	for (rest = str_sv(&text); sv_line(&rest, &line);)
		if (sv_trim(line).len)
			last = sv_trim(line);
	str_init(&safe, COMPLAINT_MAX * 4);
	utf8_add_safe(&safe, last, UTF8_SAFE_LINE);
	str_fini(&text);
	return str_detach(&safe);
}

static void say_failed(struct viewer *v, int status)
{
	char *words = last_words(v->complaints);

	if (*words)
		ui_error(v->ui, _("The viewer ended with status %d: %s"), status, words);
	else
		ui_error(v->ui, _("The viewer ended with status %d."), status);
	free(words);
}

static void foreground_ended(void *data, int status, const struct err *e)
{
	struct viewer *v = data;

	if (!e && status != 0)
		say_failed(v, status);
	forget(v);
}

static void run_in_foreground(struct viewer *v)
{
	int in = v->in;

	if (v->guarded && --v->ui->viewers_guarded == 0)
		term_guard(v->ui->term, false);
	v->guarded = false;
	if (in >= 0 && lseek(in, 0, SEEK_SET) < 0)
		log_write(LOG_WARN, "ui", "part: cannot rewind");
	v->in = -1; /* the child's run closes it */
	child_run_input(v->ui, v->plan.command, in, false, foreground_ended, v);
}

static void reap(void *data, pid_t pid, int status)
{
	(void)data;
	(void)pid;
	(void)status;
}

/* It was stopped at its first look at the terminal, so it has done nothing yet. */
static void begin_anew(struct viewer *v)
{
	v->waits = false;
	loop_remove(v->ui->loop, v->watch);
	v->watch = 0;
	kill(-v->pid, SIGKILL);
	loop_child(v->ui->loop, "viewer", v->pid, reap, NULL);
	run_in_foreground(v);
}

static void background_ended(void *data, pid_t pid, int status)
{
	struct viewer *v = data;
	struct ui *ui = v->ui;

	(void)pid;
	if (status == LOOP_CHILD_STOPPED) {
		v->waits = ui->child_running;
		if (!v->waits)
			begin_anew(v);
		return;
	}
	if (status != 0)
		say_failed(v, status);
	forget(v);
}

static bool start_in_background(struct viewer *v, struct err *e)
{
	struct proc_opts o = PROC_OPTS_INIT;
	bool tty = v->plan.run == ATTACH_UNSURE && !term_is_null(v->ui->term);

	v->complaints = fs_memfd("viewer", e);
	if (v->complaints < 0)
		return false;
	o.in = v->in >= 0 ? v->in : tty ? -1 : PROC_NULL;
	o.out = tty ? -1 : PROC_NULL;
	o.err = v->complaints;
	o.new_group = true;
	if (tty) {
		v->guarded = true;
		v->ui->viewers_guarded++;
		term_guard(v->ui->term, true);
	}
	if (!proc_shell(v->plan.command, &o, &v->pid, e))
		return false;
	v->watch = loop_child(v->ui->loop, "viewer", v->pid, background_ended, v);
	if (tty)
		loop_child_stops(v->ui->loop, v->watch);
	return true;
}

bool viewer_start(struct ui *ui, struct attach_plan *take, struct err *e)
{
	struct viewer *v = xcalloc(1, sizeof(*v));

	*v = (struct viewer){.ui = ui, .plan = *take, .in = -1, .complaints = -1, .next = ui->viewers};
	*take = (struct attach_plan){.fd = -1};
	ui->viewers = v;
	if (v->plan.on_stdin) {
		v->in = v->plan.fd;
		if (lseek(v->in, 0, SEEK_SET) < 0)
			log_write(LOG_WARN, "ui", "part: cannot rewind");
		v->plan.fd = -1;
	}
	attach_plan_close(&v->plan);
	if (v->plan.run == ATTACH_TERMINAL) {
		run_in_foreground(v);
		return true;
	}
	if (start_in_background(v, e))
		return true;
	forget(v);
	return false;
}

void viewers_next(struct ui *ui)
{
	for (struct viewer *v = ui->viewers; v && !ui->child_running; v = v->next)
		if (v->waits) {
			begin_anew(v);
			return;
		}
}

void viewers_free(struct ui *ui)
{
	while (ui->viewers) {
		loop_remove(ui->loop, ui->viewers->watch);
		forget(ui->viewers);
	}
	attach_forget_files();
}
