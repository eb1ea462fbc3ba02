/*
 * auto_view: the parts of a document that want a mailcap filter get it, one after the other, from the
 * loop: the part's bytes into a temporary file, the filter's output into a memory file.
 */
#include "core/attach.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/loop.h"
#include "base/proc.h"
#include "core/view_priv.h"

#define VIEWS_MAX 64 /* RENDER_VIEWS_MAX of the renderer */

struct attach_views {
	struct session *session;
	struct msg_source source;        /* its path is ours */
	int64_t message;                 /* its id: rows move */
	struct doc_part part[VIEWS_MAX]; /* copies: the document goes away */
	struct arena *arena;
	size_t parts, at;
	struct attach_plan plan;
	int out; /* memory file of the filter that runs */
	pid_t pid;
	uint64_t job;
	int child, timer, later; /* of the loop */
	const char *id[VIEWS_MAX];
	int fd[VIEWS_MAX];
	size_t done;
	attach_views_fn *fn;
	void *data;
};

static void next_part(struct attach_views *v);

static void free_views(struct attach_views *v)
{
	struct loop *loop = session_loop(v->session);

	loop_remove(loop, v->child);
	loop_remove(loop, v->timer);
	loop_remove(loop, v->later);
	attach_plan_fini(&v->plan);
	if (v->out >= 0)
		close(v->out);
	arena_free(v->arena);
	free(v);
}

static void finish(struct attach_views *v)
{
	v->fn(v->data, v->id, v->fd, v->done);
	free_views(v);
}

static bool has_output(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_size > 0;
}

static void filter_ended(void *data, pid_t pid, int status)
{
	struct attach_views *v = data;
	struct loop *loop = session_loop(v->session);

	(void)pid;
	(void)status; /* many converters are careless about it: what they wrote counts */
	loop_remove(loop, v->timer);
	v->child = v->timer = 0;
	v->pid = 0;
	if (has_output(v->out)) {
		v->id[v->done] = v->part[v->at].id;
		v->fd[v->done++] = v->out;
		v->out = -1;
	} else {
		close(v->out);
		v->out = -1;
	}
	attach_plan_fini(&v->plan);
	v->at++;
	next_part(v);
}

static void too_slow(void *data)
{
	struct attach_views *v = data;

	v->timer = 0;
	if (v->pid > 0)
		kill(-v->pid, SIGKILL); /* its group; filter_ended comes */
}

static void skip_part(struct attach_views *v)
{
	if (v->out >= 0)
		close(v->out);
	v->out = -1;
	attach_plan_fini(&v->plan);
	v->at++;
	next_part(v);
}

/* The part is in its file. */
static void part_ready(void *data, const struct err *failed)
{
	struct attach_views *v = data;
	struct loop *loop = session_loop(v->session);
	struct proc_opts opts = PROC_OPTS_INIT;
	struct err e;

	v->job = 0;
	v->out = failed || !attach_plan_filled(&v->plan, &e) ? -1 : fs_memfd("feist-view", &e);
	if (v->out < 0) {
		skip_part(v);
		return;
	}
	lseek(v->plan.fd, 0, SEEK_SET);
	opts.in = v->plan.on_stdin ? v->plan.fd : PROC_NULL;
	opts.out = v->out;
	opts.err = PROC_NULL;
	opts.new_group = true;
	if (!proc_shell(v->plan.command, &opts, &v->pid, &e)) {
		skip_part(v);
		return;
	}
	v->child = loop_child(loop, "auto_view", v->pid, filter_ended, v);
	v->timer = loop_timer(loop, "auto_view", ATTACH_VIEW_TIMEOUT_MS, too_slow, v);
}

/* Where the message stands now; false: it has gone. */
static bool find_source(struct attach_views *v)
{
	struct view *view = v->source.view;

	if (!view)
		return true;
	v->source.row = view_row_by_id(view, v->message);
	return v->source.row != VIEW_NONE;
}

static void next_part(struct attach_views *v)
{
	struct err e;

	for (; v->at < v->parts; v->at++) {
		if (!find_source(v))
			break;
		if (!attach_plan(
			    session_conf(v->session), &v->part[v->at], ATTACH_FILTER, &v->plan, &e))
			continue;
		v->job = session_part(
			v->session, &v->source, v->part[v->at].id, "", v->plan.fd, part_ready, v);
		if (v->job)
			return;
		attach_plan_fini(&v->plan);
	}
	finish(v);
}

static void start(void *data)
{
	struct attach_views *v = data;

	v->later = 0;
	next_part(v);
}

static void copy_part(struct attach_views *v, const struct doc_part *p)
{
	struct doc_part *copy = &v->part[v->parts++];

	*copy = *p;
	copy->id = arena_strdup(v->arena, p->id);
	copy->type = arena_strdup(v->arena, p->type);
	copy->safe_name = arena_strdup(v->arena, p->safe_name);
	copy->params = arena_alloc(v->arena, p->param_count * sizeof(*copy->params) + 1);
	for (uint32_t i = 0; i < p->param_count; i++) {
		copy->params[i].name = arena_strdup(v->arena, p->params[i].name);
		copy->params[i].value = arena_strdup(v->arena, p->params[i].value);
	}
}

struct attach_views *attach_views_start(struct session *s, const struct msg_source *source,
	const struct doc *doc, attach_views_fn *fn, void *data)
{
	struct attach_views *v = xcalloc(1, sizeof(*v));

	v->session = s;
	v->arena = arena_new();
	v->plan.fd = v->out = -1;
	v->fn = fn;
	v->data = data;
	for (uint32_t i = 0; i < doc->part_count && v->parts < VIEWS_MAX; i++)
		if ((doc->parts[i].flags & DOC_PART_WANTS_VIEW) &&
			!(doc->parts[i].flags & DOC_PART_ON_SERVER) &&
			attach_has_entry(session_conf(s), &doc->parts[i], ATTACH_FILTER))
			copy_part(v, &doc->parts[i]);
	if (!v->parts) {
		free_views(v);
		return NULL;
	}
	v->source = *source;
	v->message = source->view ? source->view->rows[source->row].id : 0;
	v->source.path = source->path ? arena_strdup(v->arena, source->path) : NULL;
	v->later = loop_timer(session_loop(s), "auto_view", 0, start, v);
	return v;
}

/* Whoever waited for it has gone. */
static void forget_child(void *data, pid_t pid, int status)
{
	(void)data;
	(void)pid;
	(void)status;
}

void attach_views_cancel(struct attach_views *v)
{
	if (!v)
		return;
	if (v->job)
		session_cancel(v->session, v->job);
	if (v->pid > 0) {
		kill(-v->pid, SIGKILL);
		loop_remove(session_loop(v->session), v->child);
		v->child = 0;
		loop_child(session_loop(v->session), "auto_view", v->pid, forget_child,
			NULL); /* reaps it */
	}
	for (size_t i = 0; i < v->done; i++)
		close(v->fd[i]);
	free_views(v);
}
