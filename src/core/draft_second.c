/*
 * The second form of a text: what $send_multipart_alternative_filter makes of it. Its output is a line with the
 * type, an empty line, and the content in UTF-8 (or in the charset that the line names).
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/loop.h"
#include "base/proc.h"
#include "core/draft_priv.h"
#include "core/gettext.h"
#include "mime/param.h"
#include "text/utf8.h"

#define WORDS_MAX 4096 /* bytes of what a filter complains that are looked at */

struct draft_second_job {
	struct draft *d;
	int out, complaints; /* memory files */
	pid_t pid;
	int child, timer; /* of the loop */
	draft_second_fn *fn;
	void *data;
};

const struct draft_part *draft_second(const struct draft *d)
{
	return d->second.path ? &d->second : NULL;
}

void draft_drop_second(struct draft *d)
{
	draft_part_fini(&d->second);
	d->second = (struct draft_part){0};
}

bool draft_asks_second(const struct draft *d)
{
	return *d->conf->send_multipart_alternative_filter && strcmp(d->parts[0].type, "text/plain") == 0;
}

/* ---- what the filter wrote ---- */

static bool take_output(struct draft *d, struct sv output, struct err *e)
{
	const char *filter = d->conf->send_multipart_alternative_filter;
	struct sv line = SV(""), blank = SV("x");
	struct params type;
	char *path;

	if (!sv_line(&output, &line) || !sv_line(&output, &blank) || sv_trim(blank).len)
		return err_set(e, ERR_INPUT, _("\"%s\" did not write a type, an empty line and a text."), filter);
	struct arena *a = arena_new();
	params_parse(a, line, NULL, 0, &type);
	const char *charset = params_get(&type, "charset");
	bool ok = draft_is_type(type.value) ||
		  err_set(e, ERR_INPUT, _("\"%s\" did not write a type, an empty line and a text."), filter);
	if (ok && sv_starts_case(sv_of(type.value), SV("multipart/")))
		ok = err_set(e, ERR_INPUT, "%s", _("The second form cannot be a multipart."));
	ok = ok && draft_temp(d->conf, ".alt", output, &path, e);
	if (ok) {
		draft_drop_second(d);
		d->second = (struct draft_part){.path = path,
			.type = xstrdup(type.value),
			.charset = xstrdup(charset ? charset : "utf-8"),
			.is_inline = true,
			.unlink_after = true};
		d->dirty = true;
	}
	arena_free(a);
	return ok;
}

/* ---- beside the loop ---- */

/* "status 1: pandoc: not found" */
static bool say_status(int status, int complaints, const char *filter, struct err *e)
{
	struct sv rest, line, last = SV("");
	struct str text, safe;
	struct err none;

	str_init(&safe, WORDS_MAX * 4);
	bool ok = lseek(complaints, 0, SEEK_SET) == 0 && fs_read_fd(complaints, WORDS_MAX, &text, &none);
	if (ok) {
		for (rest = str_sv(&text); sv_line(&rest, &line);)
			if (sv_trim(line).len)
				last = sv_trim(line);
		utf8_add_safe(&safe, last, UTF8_SAFE_LINE);
		str_fini(&text);
	}
	err_set(e, ERR_INPUT, _("\"%s\" ended with status %d. %s"), filter, status, safe.len ? safe.s : "");
	str_fini(&safe);
	return false;
}

static void job_free(struct draft_second_job *j)
{
	if (j->out >= 0)
		close(j->out);
	if (j->complaints >= 0)
		close(j->complaints);
	free(j);
}

static void filter_ended(void *data, pid_t pid, int status)
{
	struct draft_second_job *j = data;
	struct str output;
	struct err e;

	(void)pid;
	loop_remove(session_loop(j->d->s), j->timer);
	bool ok = status == 0 || say_status(status, j->complaints, j->d->conf->send_multipart_alternative_filter, &e);
	if (ok) {
		ok = lseek(j->out, 0, SEEK_SET) == 0 || err_sys(&e, "memory");
		if (ok && (ok = fs_read_fd(j->out, DRAFT_TEXT_MAX, &output, &e))) {
			ok = take_output(j->d, str_sv(&output), &e);
			str_fini(&output);
		}
	}
	j->fn(j->data, ok ? NULL : &e);
	job_free(j);
}

static void too_slow(void *data)
{
	struct draft_second_job *j = data;

	j->timer = 0;
	kill(-j->pid, SIGKILL); /* its group; filter_ended comes */
}

/* The text as the filter's standard input; -1 and *e. */
static int text_of(const struct draft *d, struct err *e)
{
	int fd = fs_memfd("feist-text", e);
	struct str text;

	if (fd < 0 || !draft_body_text(d, &text, e)) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	bool ok = fs_write_all(fd, str_sv(&text), e) && (lseek(fd, 0, SEEK_SET) == 0 || err_sys(e, "memory"));
	str_fini(&text);
	if (ok)
		return fd;
	close(fd);
	return -1;
}

struct draft_second_job *draft_second_start(struct draft *d, draft_second_fn *done, void *data, struct err *e)
{
	struct draft_second_job *j = xcalloc(1, sizeof(*j));
	struct loop *loop = session_loop(d->s);
	struct proc_opts opts = PROC_OPTS_INIT;

	*j = (struct draft_second_job){.d = d, .fn = done, .data = data, .out = -1, .complaints = -1};
	opts.in = text_of(d, e);
	bool ok = opts.in >= 0 && (j->out = fs_memfd("feist-second", e)) >= 0 &&
		  (j->complaints = fs_memfd("feist-second", e)) >= 0;
	opts.out = j->out;
	opts.err = j->complaints;
	opts.new_group = true;
	ok = ok && proc_shell(d->conf->send_multipart_alternative_filter, &opts, &j->pid, e);
	if (opts.in >= 0)
		close(opts.in);
	if (!ok) {
		job_free(j);
		return NULL;
	}
	j->child = loop_child(loop, "second form", j->pid, filter_ended, j);
	j->timer = loop_timer(loop, "second form", DRAFT_SECOND_TIMEOUT_MS, too_slow, j);
	return j;
}

/* Whoever waited for it has gone. */
static void forget_child(void *data, pid_t pid, int status)
{
	(void)data;
	(void)pid;
	(void)status;
}

void draft_second_cancel(struct draft_second_job *j)
{
	if (!j)
		return;
	struct loop *loop = session_loop(j->d->s);

	kill(-j->pid, SIGKILL);
	loop_remove(loop, j->timer);
	loop_remove(loop, j->child);
	loop_child(loop, "second form", j->pid, forget_child, NULL); /* reaps it */
	job_free(j);
}

/* ---- at once ---- */

bool draft_make_second(struct draft *d, struct err *e)
{
	const char *filter = d->conf->send_multipart_alternative_filter;
	struct str text, output;
	int status;

	if (!draft_body_text(d, &text, e))
		return false;
	bool ok = proc_shell_read(filter, str_sv(&text), DRAFT_TEXT_MAX, DRAFT_SECOND_TIMEOUT_MS, &output, &status, e);
	str_fini(&text);
	if (!ok)
		return false;
	ok = status == 0 || err_set(e, ERR_INPUT, _("\"%s\" ended with status %d. %s"), filter, status, "");
	ok = ok && take_output(d, str_sv(&output), e);
	str_fini(&output);
	return ok;
}
