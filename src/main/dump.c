/*
 * One message from the command line: --dump, --extract, --save-attachments. The message goes to
 * feist-render as its standard input.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "core/attach.h"
#include "main/main.h"
#include "main/message_file.h"

#define DEFAULT_WIDTH 80
#define SAVE_CHUNK 65536
#define SAVE_LINE_MAX 4096

/* ---- the arguments of feist-render ---- */

struct words {
	char **v;
	size_t n, cap;
};

static void add_word(struct words *w, char *word)
{
	array_grow(w->v, w->n, w->cap);
	w->v[w->n++] = word;
}

static void words_fini(struct words *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->v[i]);
	free(w->v);
}

/* Each option line of the configuration as a word. */
static void add_options(struct words *w, const struct conf *c, int width, bool weed)
{
	struct str lines;
	struct sv rest, line;

	str_init(&lines, CONF_TEXT_MAX);
	if (attach_render_options(c, width, weed, &lines))
		for (rest = str_sv(&lines); sv_line(&rest, &line);)
			if (line.len)
				add_word(w, xasprintf("--" SV_FMT, SV_ARG(line)));
	str_fini(&lines);
}

/* Starts feist-render; out -1: our own standard output. */
static bool start(struct words *w, int in, int out, pid_t *pid, struct err *e)
{
	struct proc_opts opts = PROC_OPTS_INIT;
	char *program = proc_helper("feist-render");
	bool ok;

	if (!program)
		return err_set(e, ERR_GONE, "%s", _("feist-render is not installed"));
	free(w->v[0]);
	w->v[0] = program;
	add_word(w, NULL);
	opts.in = in;
	opts.out = out;
	ok = proc_spawn((const char *const *)w->v, &opts, pid, e);
	w->n--;
	return ok;
}

static struct words words_new(void)
{
	struct words w = {NULL, 0, 0};

	add_word(&w, NULL); /* the program's name comes with start() */
	return w;
}

static const char *operand(const struct args *a, size_t i)
{
	return i < a->operands.n ? a->operands.v[i] : "-";
}

/* ---- dumping ---- */

static int run(struct words *w, const char *message, int out, struct err *e)
{
	int fd = -1, status;
	bool pieces;
	pid_t pid;

	if (!message_open(message, &fd, &pieces, e))
		return main_fail(e->class == ERR_GONE ? EX_NOINPUT : err_exit_status(e->class), e);
	if (pieces)
		add_word(w, xstrdup("--pieces=yes"));
	status = start(w, fd, out, &pid, e) ? proc_wait(pid) : main_fail(EX_UNAVAILABLE, e);
	close(fd);
	if (status > 128)
		fprintf(stderr, "feist: %s\n",
			_("the message could not be displayed (the renderer died)"));
	return status > 128 ? EX_SOFTWARE : status;
}

/* The bytes as they are. */
static int copy_raw(const char *message, struct err *e)
{
	struct str data;
	int fd;

	if (!message_open(message, &fd, NULL, e) || !fs_read_fd(fd, MESSAGE_FILE_MAX, &data, e))
		return main_fail(EX_NOINPUT, e);
	int status = fs_write_all(STDOUT_FILENO, str_sv(&data), e) ? 0 : main_fail(EX_IOERR, e);
	str_fini(&data);
	close(fd);
	return status;
}

int main_dump(const struct args *a)
{
	struct setup setup;
	struct err e;
	int status = 0;

	if (!setup_load(&setup, a, &e))
		return main_fail(EX_CONFIG, &e);
	size_t count = MAX(a->operands.n, 1u);
	for (size_t i = 0; i < count && status == 0; i++) {
		struct words w = words_new();
		add_options(&w, setup.conf, a->width > 0 ? a->width : DEFAULT_WIDTH, a->weed);
		add_word(&w, xstrdup("--markers=no")); /* furniture of the screen, not text */
		add_word(&w, xstrdup(a->json ? "--dump=json" : "--dump=text"));
		if (a->part)
			add_word(&w, xasprintf("--part=%s", a->part));
		status = a->raw && !a->json && !a->part ? copy_raw(operand(a, i), &e)
							: run(&w, operand(a, i), -1, &e);
		words_fini(&w);
	}
	setup_fini(&setup);
	return status;
}

int main_extract(const struct args *a)
{
	struct words w = words_new();
	struct err e;
	int out = -1, status;

	if (a->output && strcmp(a->output, "-") != 0) {
		out = open(a->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		if (out < 0) {
			err_sys(&e, "%s", a->output);
			return main_fail(EX_CANTCREAT, &e);
		}
	}
	add_word(&w, xasprintf("--extract=%s", a->what));
	status = run(&w, operand(a, 0), out, &e);
	if (out >= 0)
		close(out);
	words_fini(&w);
	return status;
}

/* ---- saving ---- */

/* What feist-render --save writes, read from a pipe. */
struct stream {
	int fd;
	char buf[SAVE_CHUNK];
	size_t at, len;
};

static bool fill(struct stream *s)
{
	ssize_t n;

	if (s->at < s->len)
		return true;
	do
		n = read(s->fd, s->buf, sizeof(s->buf));
	while (n < 0 && errno == EINTR);
	s->at = 0;
	s->len = n > 0 ? (size_t)n : 0;
	return n > 0;
}

static bool read_line(struct stream *s, struct str *line)
{
	str_clear(line);
	while (fill(s)) {
		char c = s->buf[s->at++];
		if (c == '\n')
			return true;
		if (!str_addc(line, c))
			return false;
	}
	return false;
}

static bool copy_bytes(struct stream *s, uint64_t n, int fd, struct err *e)
{
	while (n > 0) {
		if (!fill(s))
			return err_set(e, ERR_PROTO, "%s",
				_("the renderer stopped in the middle of an attachment"));
		size_t step = (size_t)MIN(n, (uint64_t)(s->len - s->at));
		if (!fs_write_all(fd, sv_make(s->buf + s->at, step), e))
			return false;
		s->at += step;
		n -= step;
	}
	return true;
}

/* "ID SIZE NAME" and the bytes. The name was made safe by a program that read the message: it is not believed. */
static bool save_one(struct stream *s, struct sv line, const char *dir, struct err *e)
{
	struct scan in = scan_of(line);
	uint64_t size;
	char *path;
	int fd;

	scan_until(&in, " ");
	if (!scan_byte(&in, ' ') || !scan_u64(&in, &size) || !scan_byte(&in, ' '))
		return err_set(e, ERR_PROTO, "%s", _("the renderer said something odd"));
	char *name = fs_safe_name(scan_rest(&in), "attachment");
	bool ok = fs_create_unique(dir, name, &fd, &path, e);
	free(name);
	if (!ok)
		return false;
	ok = copy_bytes(s, size, fd, e);
	if (close(fd) != 0 && ok)
		ok = err_sys(e, "%s", path);
	if (ok)
		printf("%s\n", path);
	free(path);
	return ok;
}

static bool save_stream(int fd, const char *dir, struct err *e)
{
	struct stream *s = xcalloc(1, sizeof(*s));
	struct str line;
	bool ok = true;

	s->fd = fd;
	str_init(&line, SAVE_LINE_MAX);
	while (ok && read_line(s, &line))
		ok = save_one(s, str_sv(&line), dir, e);
	str_fini(&line);
	free(s);
	return ok;
}

int main_save_attachments(const struct args *a)
{
	struct words w = words_new();
	int pipe_fds[2], fd, status;
	struct err e;
	bool pieces;
	pid_t pid;

	if (!message_open(operand(a, 0), &fd, &pieces, &e))
		return main_fail(e.class == ERR_GONE ? EX_NOINPUT : err_exit_status(e.class), &e);
	char *dir = fs_expand(a->what);
	add_word(&w, xstrdup("--save"));
	if (pieces)
		add_word(&w, xstrdup("--pieces=yes"));
	if (!fs_mkdirs(dir, &e) || !proc_pipe(pipe_fds, &e)) {
		status = main_fail(EX_CANTCREAT, &e);
	} else {
		bool ok = start(&w, fd, pipe_fds[1], &pid, &e);
		close(pipe_fds[1]);
		if (ok) {
			ok = save_stream(pipe_fds[0], dir, &e);
			close(pipe_fds[0]);
			status = proc_wait(pid);
			status = ok ? status : main_fail(err_exit_status(e.class), &e);
		} else {
			close(pipe_fds[0]);
			status = main_fail(EX_UNAVAILABLE, &e);
		}
	}
	close(fd);
	free(dir);
	words_fini(&w);
	return status;
}
