/*
 * $display_filter: the lines of a message go through a command of the user's before they are shown.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/loop.h"
#include "base/proc.h"
#include "core/attach.h"

struct display_filter {
	struct loop *loop;
	int out; /* memory file that the command writes to */
	pid_t pid;
	int child, timer;
	display_filter_fn *fn;
	void *data;
};

static void filter_ended(void *data, pid_t pid, int status)
{
	struct display_filter *f = data;
	struct stat st;

	(void)pid;
	(void)status; /* grep says 1 when it found nothing: what was written counts */
	loop_remove(f->loop, f->timer);
	if (fstat(f->out, &st) != 0 || st.st_size == 0) {
		close(f->out);
		f->out = -1;
	}
	f->fn(f->data, f->out);
	free(f);
}

static void too_slow(void *data)
{
	struct display_filter *f = data;

	f->timer = 0;
	kill(-f->pid, SIGKILL); /* its group; filter_ended comes */
}

/* The lines as a file that can be read from its start; -1: no memory for it. */
static int lines_of(const struct doc *doc)
{
	struct str text;
	struct err e;
	int fd = fs_memfd("feist-display", &e);

	if (fd < 0)
		return -1;
	str_init(&text, DOC_BYTES_MAX);
	bool ok = doc_text(doc, 0, doc->line_count, &text) && fs_write_all(fd, str_sv(&text), &e) &&
		  lseek(fd, 0, SEEK_SET) == 0;
	str_fini(&text);
	if (ok)
		return fd;
	close(fd);
	return -1;
}

struct display_filter *display_filter_start(
	struct session *s, const struct doc *doc, int columns, display_filter_fn *done, void *data)
{
	struct display_filter *f = xcalloc(1, sizeof(*f));
	struct proc_opts opts = PROC_OPTS_INIT;
	char *width = xasprintf("COLUMNS=%d", columns);
	const char *env[] = {width, NULL};
	struct err e;

	*f = (struct display_filter){.loop = session_loop(s), .fn = done, .data = data};
	opts.in = lines_of(doc);
	opts.out = f->out = fs_memfd("feist-display", &e);
	opts.err = PROC_NULL;
	opts.env = env;
	opts.new_group = true;
	bool ok = opts.in >= 0 && f->out >= 0 &&
		  proc_shell(session_conf(s)->display_filter, &opts, &f->pid, &e);
	if (opts.in >= 0)
		close(opts.in);
	free(width);
	if (!ok) {
		if (f->out >= 0)
			close(f->out);
		free(f);
		return NULL;
	}
	f->child = loop_child(f->loop, "display_filter", f->pid, filter_ended, f);
	f->timer = loop_timer(f->loop, "display_filter", ATTACH_VIEW_TIMEOUT_MS, too_slow, f);
	return f;
}

/* Whoever waited for it has gone. */
static void forget_child(void *data, pid_t pid, int status)
{
	(void)data;
	(void)pid;
	(void)status;
}

void display_filter_cancel(struct display_filter *f)
{
	if (!f)
		return;
	kill(-f->pid, SIGKILL);
	loop_remove(f->loop, f->timer);
	loop_remove(f->loop, f->child);
	loop_child(f->loop, "display_filter", f->pid, forget_child, NULL); /* reaps it */
	close(f->out);
	free(f);
}
