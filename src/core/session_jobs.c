/*
 * Asynchronous work: bodies, documents, parts, searches. A job goes through stages (fetch, render)
 * and always ends with one call of its function from the loop. A helper that dies gets its jobs
 * again when it is back; one that dies twice over the same job does not.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "core/attach.h"
#include "core/gettext.h"
#include "core/pieces.h"
#include "core/session_priv.h"
#include "store/body.h"
#include "text/doc.h"

#define RENDERER "feist-render"
#define FOUND_IDS_MAX 1000000

/* ---- the table ---- */

struct job *job_new(struct session *s, enum job_kind kind, void *data)
{
	struct job *j = xcalloc(1, sizeof(*j));

	j->id = s->next_id++;
	j->s = s;
	j->kind = kind;
	j->data = data;
	j->fd = -1;
	if (s->job_count >= SESSION_JOBS_MAX)
		bug("%d jobs are open", SESSION_JOBS_MAX);
	array_grow(s->jobs, s->job_count, s->job_cap);
	s->jobs[s->job_count++] = j;
	return j;
}

static struct job *job_find(struct session *s, uint64_t id)
{
	for (size_t i = 0; id && i < s->job_count; i++) {
		if (s->jobs[i]->id == id)
			return s->jobs[i];
	}
	return NULL;
}

static void job_take_out(struct job *j)
{
	struct session *s = j->s;

	for (size_t i = 0; i < s->job_count; i++) {
		if (s->jobs[i] == j) {
			s->jobs[i] = s->jobs[--s->job_count];
			return;
		}
	}
}

static void job_free(struct job *j)
{
	if (j->timer)
		loop_remove(j->s->loop, j->timer);
	if (j->fd >= 0)
		close(j->fd);
	for (size_t i = 0; i < j->piece_count; i++)
		session_cancel(j->s, j->pieces[i]);
	free(j->pieces);
	attach_views_cancel(j->views);
	display_filter_cancel(j->filter);
	doc_free(j->doc);
	for (size_t i = 0; i < j->view_count; i++)
		close(j->view_fds[i]);
	free(j->view_fds);
	free(j->path);
	free(j->section);
	free(j->part);
	free(j->options);
	free(j->term);
	free(j);
}

bool jobs_idle(const struct session *s)
{
	return s->job_count == 0;
}

void jobs_free(struct session *s)
{
	while (s->job_count) {
		struct job *j = s->jobs[s->job_count - 1];

		job_take_out(j);
		job_free(j);
	}
	free(s->jobs);
	s->jobs = NULL;
	s->job_cap = 0;
}

/* ---- ends ---- */

static void job_fail(struct job *j, const struct err *e)
{
	job_take_out(j);
	switch (j->kind) {
	case JOB_BODY:
		j->on_file(j->data, -1, 0, 0, e);
		break;
	case JOB_DOC:
		j->on_doc(j->data, NULL, e);
		break;
	case JOB_PART:
	case JOB_CHECK:
		j->on_done(j->data, e);
		break;
	case JOB_SEARCH:
		j->on_found(j->data, NULL, 0, true, e);
		break;
	}
	job_free(j);
}

static void job_succeed(struct job *j)
{
	job_take_out(j);
	if (j->kind == JOB_SEARCH)
		j->on_found(j->data, NULL, 0, true, NULL);
	else
		j->on_done(j->data, NULL);
	job_free(j);
}

static void fail_text(struct job *j, enum err_class class, const char *text)
{
	struct err e;

	err_set(&e, class, "%s", text);
	job_fail(j, &e);
}

/* ---- the renderer ---- */

static void give_doc(struct job *j, struct doc *doc)
{
	job_take_out(j);
	j->on_doc(j->data, doc, NULL);
	job_free(j);
}

/* What a filter wrote goes into the next rendering. */
static void add_view(struct job *j, const char *id, int fd)
{
	char *more = xasprintf("%sview=%s\n", j->options, id);

	free(j->options);
	j->options = more;
	array_grow(j->view_fds, j->view_count, j->view_cap);
	j->view_fds[j->view_count++] = fd;
}

static void render_again(struct job *j)
{
	j->sent = false;
	job_run(j);
}

/* The lines are whole no more: the last rendering is for the screen. */
static void on_filtered(void *data, int fd)
{
	struct job *j = data;
	char *more = xasprintf("%sunwrapped=no\n", j->options);

	j->filter = NULL;
	j->columns = 0;
	free(j->options);
	j->options = more;
	if (fd >= 0)
		add_view(j, "display", fd);
	render_again(j);
}

/* Takes the document to $display_filter. False: that is not wanted. */
static bool start_filter(struct job *j, struct doc *doc)
{
	if (!j->columns)
		return false;
	j->stage = STAGE_VIEWS;
	j->filter = display_filter_start(j->s, doc, j->columns, on_filtered, j);
	doc_free(doc);
	if (!j->filter)
		on_filtered(j, -1);
	return true;
}

/* The filters of auto_view have run. */
static void on_views(void *data, const char *const *ids, const int *fds, size_t count)
{
	struct job *j = data;
	struct doc *doc = j->doc;

	j->views = NULL;
	j->doc = NULL;
	j->viewed = true;
	if (!count) {
		if (!start_filter(j, doc))
			give_doc(j, doc);
		return;
	}
	doc_free(doc);
	for (size_t i = 0; i < count; i++)
		add_view(j, ids[i], fds[i]);
	render_again(j);
}

/* Starts the filters that parts of the document want; false: there are none. Keeps the document. */
static bool start_views(struct job *j, struct doc *doc)
{
	struct msg_source src = {
		.view = j->view, .path = j->path, .offset = j->offset, .length = j->length};

	if (j->viewed)
		return false;
	if (j->view)
		src.row = view_row_by_id(j->view, (int64_t)j->key);
	if (j->view && src.row == VIEW_NONE)
		return false;
	j->views = attach_views_start(j->s, &src, doc, on_views, j);
	if (!j->views)
		return false;
	j->doc = doc;
	j->stage = STAGE_VIEWS;
	return true;
}

/* Looked at where it lies when the renderer can no longer change it. */
static struct doc *take_doc(const struct msg_DOC *m, struct err *e)
{
	struct str bytes;
	struct sv mapped;
	struct stat st;

	if (fstat(m->fd, &st) != 0 || (uint64_t)st.st_size < m->length || m->length > DOC_BYTES_MAX ||
		lseek(m->fd, 0, SEEK_SET) != 0) {
		err_set(e, ERR_PROTO, "the renderer sent no document");
		return NULL;
	}
	if (fs_map_sealed(m->fd, m->length, &mapped))
		return doc_open(mapped, fs_unmap, e);
	if (!fs_read_fd(m->fd, DOC_BYTES_MAX, &bytes, e))
		return NULL;
	struct doc *doc = doc_decode(sv_head(str_sv(&bytes), m->length), e);
	str_fini(&bytes);
	return doc;
}

static void on_doc(struct job *j, const struct msg_DOC *m)
{
	struct err e;
	struct doc *doc = take_doc(m, &e);

	if (!doc) {
		err_at(&e, "what the renderer sent");
		job_fail(j, &e);
		return;
	}
	if (!start_views(j, doc) && !start_filter(j, doc))
		give_doc(j, doc);
}

/* The part is on the server: fetched alone, then rendered from that. */
static bool wants_part_from_server(const struct job *j, struct sv class)
{
	return j->kind == JOB_PART && j->acct && !j->tried_part &&
	       sv_is(class, err_class_name(ERR_GONE)) && !sv_is(sv_of(j->section), j->part);
}

static void on_render_failed(struct job *j, const struct msg_RENDERFAIL *m)
{
	char *class = sv_dup(m->class);
	struct err e;

	if (wants_part_from_server(j, m->class)) {
		j->tried_part = true;
		free(j->section);
		j->section = xstrdup(j->part);
		j->stage = STAGE_FETCH;
		j->sent = false;
		job_run(j);
	} else {
		err_set(&e, err_class_by_name(class), SV_FMT, SV_ARG(m->text));
		job_fail(j, &e);
	}
	free(class);
}

static void on_render_message(void *data, const struct msg *m)
{
	struct session *s = data;
	struct job *j;

	role_well(s->renderer);
	switch (m->type) {
	case MSG_DOC:
		j = job_find(s, m->DOC.job);
		if (j && j->stage == STAGE_RENDER && j->kind == JOB_DOC)
			on_doc(j, &m->DOC);
		close(m->DOC.fd);
		break;
	case MSG_SAVED:
		j = job_find(s, m->SAVED.job);
		if (j && j->stage == STAGE_RENDER && j->kind == JOB_PART)
			job_succeed(j);
		break;
	case MSG_RENDERFAIL:
		j = job_find(s, m->RENDERFAIL.job);
		if (j && j->stage == STAGE_RENDER)
			on_render_failed(j, &m->RENDERFAIL);
		break;
	default:
		break;
	}
}

/* Runs fn over every job of the moment; fn may end jobs, its own or others. */
static void each_job(struct session *s, void (*fn)(struct job *, void *), void *data)
{
	size_t n = s->job_count;
	uint64_t *ids = xcalloc(n + 1, sizeof(*ids));

	for (size_t i = 0; i < n; i++)
		ids[i] = s->jobs[i]->id;
	for (size_t i = 0; i < n; i++) {
		struct job *j = job_find(s, ids[i]);

		if (j)
			fn(j, data);
	}
	free(ids);
}

static void run_if_rendering(struct job *j, void *data)
{
	(void)data;
	if (j->stage == STAGE_RENDER && !j->sent)
		job_run(j);
}

static void on_render_started(void *data)
{
	each_job(data, run_if_rendering, NULL);
}

static void lost_renderer(struct job *j, void *data)
{
	const char *why = data;

	if (j->stage != STAGE_RENDER || !j->sent)
		return;
	j->sent = false;
	if (++j->deaths >= JOB_TRIES)
		fail_text(j, ERR_LIMIT, why);
}

static void on_render_died(void *data, const char *why, int retry_ms)
{
	struct session *s = data;
	char *text;

	if (retry_ms < 0) {
		session_helper_gone(s);
		return;
	}
	session_say(s, LOG_ERROR, _("%s. It is started again; nothing is lost."), why);
	text = xasprintf(_("the message could not be shown: %s, twice"), why);
	each_job(s, lost_renderer, text);
	free(text);
	if (s->job_count == 0)
		role_rest(s->renderer);
}

static struct role *renderer(struct session *s)
{
	if (!s->renderer) {
		struct role_events events = {.data = s,
			.message = on_render_message,
			.started = on_render_started,
			.died = on_render_died};

		s->renderer = role_new(s->loop, RENDERER, SIDE_RENDER, "render", NULL,
			!(s->flags & SESSION_BATCH), &events);
	}
	if (!s->quitting) /* nobody would end it */
		role_start(s->renderer);
	return s->renderer;
}

static bool send_views(struct job *j)
{
	for (size_t i = 0; i < j->view_count; i++)
		if (!role_tell(j->s->renderer, SAVEFD, .job = j->id, .fd = j->view_fds[i]))
			return false;
	return true;
}

/* A piece of a cut message is shown with the others. As it is, when it is written somewhere. */
static bool wants_pieces(const struct job *j)
{
	return j->view && (j->kind == JOB_DOC || (j->part && *j->part));
}

static void piece_arrived(void *data, int fd, uint64_t offset, uint64_t length, const struct err *e)
{
	struct job *j = data;

	(void)offset;
	(void)length;
	(void)e; /* what did not come is missing */
	if (fd >= 0)
		close(fd);
	if (--j->pieces_out == 0)
		job_run(j);
}

/* Those on a server come first; false: there is nothing to wait for. */
static bool fetch_pieces(struct job *j)
{
	uint32_t rows[PIECES_FETCH_MAX];

	if (j->pieces_asked || !wants_pieces(j))
		return false;
	j->pieces_asked = true;
	size_t n = pieces_missing(j->s, j->view, j->key, rows, PIECES_FETCH_MAX);
	j->pieces = xcalloc(n + 1, sizeof(*j->pieces));
	for (size_t i = 0; i < n; i++) {
		struct msg_source src = {.view = j->view, .row = rows[i]};
		j->pieces[j->piece_count++] = session_body(j->s, &src, "", piece_arrived, j);
		j->pieces_out++;
	}
	return n > 0;
}

static void collect_pieces(struct job *j, struct body *b)
{
	char *options;

	if (!wants_pieces(j) || !pieces_collect(j->s, j->view, j->key, b))
		return;
	options = xasprintf("%spieces=yes\n", j->options);
	free(j->options);
	j->options = options;
}

/* The body is here: what becomes of it. Takes the descriptor. */
static void have_body(struct job *j, struct body *b)
{
	struct session *s = j->s;
	bool alone = j->tried_part && j->section && *j->section;

	if (j->kind == JOB_BODY) {
		job_take_out(j);
		j->on_file(j->data, b->fd, b->offset, b->length, NULL);
		job_free(j);
		return;
	}
	if (fetch_pieces(j)) {
		j->stage = STAGE_PIECES;
		body_close(b);
		return;
	}
	j->stage = STAGE_RENDER;
	j->sent = true;
	collect_pieces(j, b);
	if (!role_running(renderer(s)))
		j->sent = false; /* on_render_started comes back here */
	else if (j->kind == JOB_DOC && send_views(j))
		(void)role_tell(s->renderer, RENDER, .job = j->id, .offset = b->offset,
			.length = b->length, .options = sv_of(j->options), .fd = b->fd);
	else if (role_tell(s->renderer, SAVEFD, .job = j->id, .fd = j->fd)) {
		char *options = xasprintf("%s%s", j->options, b->offset > 0 ? "unescape=yes\n" : "");
		(void)role_tell(s->renderer, SAVEPART, .job = j->id, .offset = b->offset,
			.length = b->length, .part = alone ? SV("1") : sv_of(j->part),
			.options = sv_of(options), .fd = b->fd);
		free(options);
	}
	body_close(b);
}

/* ---- bodies ---- */

static bool open_path(struct job *j, struct body *b, struct err *e)
{
	b->fd = open(j->path, O_RDONLY | O_CLOEXEC);
	b->offset = j->offset;
	b->length = j->length;
	return b->fd >= 0 || err_sys(e, "%s", j->path);
}

/*
 * A part: from the whole message if that is here, else from the single part, else from header and
 * texts (the renderer says when the part is not in them).
 */
static bool open_for_part(struct job *j, struct body *b, struct err *e)
{
	struct cache *c = j->acct->cache;

	if (body_has(c, j->message, ""))
		return body_open(c, j->message, "", b, e);
	if (body_has(c, j->message, j->part)) {
		free(j->section);
		j->section = xstrdup(j->part);
		j->tried_part = true;
		return body_open(c, j->message, j->part, b, e);
	}
	return body_open(c, j->message, j->section, b, e);
}

static bool open_body(struct job *j, struct body *b, struct err *e)
{
	if (j->path)
		return open_path(j, b, e);
	if (!acct_open_cache(j->acct))
		return err_set(e, ERR_GONE, "no cache yet");
	if (j->kind == JOB_PART)
		return open_for_part(j, b, e);
	return body_open(j->acct->cache, j->message, j->section, b, e);
}

static void ask_worker(struct job *j)
{
	struct acct *a = j->acct;

	acct_start(a);
	if (!a->ready) {
		if (a->follower)
			fail_text(j, ERR_LIMIT,
				_("the other feist has the connection: open the message there"));
		return; /* jobs_worker_ready comes back here */
	}
	j->sent = true;
	switch (j->kind) {
	case JOB_SEARCH:
		(void)role_tell(a->role, SEARCH, .job = j->id, .mailbox = j->mailbox,
			.query = sv_of(j->term));
		break;
	case JOB_CHECK:
		if (j->view) {
			char *name = acct_mailbox_name(a, j->view->src[0].name);

			(void)role_tell(a->role, WATCH, .job = j->id, .name = sv_of(name));
			free(name);
		} else
			(void)role_tell(a->role, SYNC, .job = j->id, .mailbox = 0);
		break;
	default:
		(void)role_tell(a->role, FETCH, .job = j->id, .message = j->message,
			.section = sv_of(j->section), .urgent = 1);
		break;
	}
}

void job_run(struct job *j)
{
	struct body b = {.fd = -1};
	struct err e = {0};

	if (j->kind == JOB_SEARCH || j->kind == JOB_CHECK) {
		j->stage = STAGE_WORKER;
		ask_worker(j);
		return;
	}
	if (open_body(j, &b, &e)) {
		have_body(j, &b);
		return;
	}
	if (e.class != ERR_GONE || j->path) {
		job_fail(j, &e);
		return;
	}
	j->stage = STAGE_FETCH;
	ask_worker(j);
}

static void run_soon(void *data)
{
	struct job *j = data;

	j->timer = 0;
	job_run(j);
}

static uint64_t job_soon(struct job *j)
{
	j->stage = STAGE_SOON;
	j->timer = loop_timer(j->s->loop, "job", 0, run_soon, j);
	return j->id;
}

/* ---- what the worker answers ---- */

static void body_arrived(struct job *j)
{
	struct body b = {.fd = -1};
	struct err e = {0};

	if (open_body(j, &b, &e))
		have_body(j, &b);
	else
		job_fail(j, &e);
}

static void on_found(struct job *j, struct sv ids)
{
	int64_t *list = xcalloc(ids.len / 2 + 2, sizeof(*list));
	size_t n = 0;
	struct sv word;

	while (n < FOUND_IDS_MAX && sv_split(&ids, ' ', &word)) {
		uint64_t id;

		if (sv_u64(word, &id))
			list[n++] = (int64_t)id;
	}
	j->on_found(j->data, list, n, false, NULL);
	free(list);
}

void jobs_worker_message(struct acct *a, const struct msg *m)
{
	struct session *s = a->s;
	struct job *j;

	switch (m->type) {
	case MSG_BODY:
		j = job_find(s, m->BODY.job);
		if (j && j->stage == STAGE_FETCH)
			body_arrived(j);
		break;
	case MSG_FOUND:
		j = job_find(s, m->FOUND.job);
		if (j && j->kind == JOB_SEARCH)
			on_found(j, m->FOUND.messages);
		break;
	case MSG_DONE:
		j = job_find(s, m->DONE.job);
		if (j && j->stage == STAGE_FETCH)
			body_arrived(j);
		else if (j && j->stage == STAGE_WORKER)
			job_succeed(j);
		break;
	case MSG_FAILED:
		j = job_find(s, m->FAILED.job);
		if (j && (j->stage == STAGE_FETCH || j->stage == STAGE_WORKER)) {
			char *class = sv_dup(m->FAILED.class);
			struct err e;

			err_set(&e, err_class_by_name(class), SV_FMT, SV_ARG(m->FAILED.text));
			free(class);
			job_fail(j, &e);
		}
		break;
	default:
		break;
	}
}

static void run_if_waiting(struct job *j, void *data)
{
	if (j->acct == data && !j->sent && (j->stage == STAGE_FETCH || j->stage == STAGE_WORKER))
		job_run(j);
}

void jobs_worker_ready(struct acct *a)
{
	each_job(a->s, run_if_waiting, a);
}

struct lost {
	struct acct *a;
	const char *why;
};

static void lost_worker(struct job *j, void *data)
{
	struct lost *l = data;

	if (j->acct != l->a || (j->stage != STAGE_FETCH && j->stage != STAGE_WORKER))
		return;
	/* Refused at the door: nobody will answer. */
	if (j->sent)
		j->deaths++;
	j->sent = false;
	if (j->deaths >= JOB_TRIES || l->a->was_refused)
		fail_text(j, l->a->follower ? ERR_LIMIT : ERR_NET, l->why);
}

void jobs_worker_died(struct acct *a, const char *why)
{
	struct lost l = {.a = a, .why = why};

	each_job(a->s, lost_worker, &l);
}

static void end_if_of_view(struct job *j, void *data)
{
	if (j->view == data)
		fail_text(j, ERR_CANCEL, "the mailbox was closed");
}

void jobs_view_closed(struct session *s, struct view *v)
{
	each_job(s, end_if_of_view, v);
}

bool session_render_options(struct session *s, int width, bool weed, struct str *out)
{
	return attach_render_options(s->conf, width, weed, out);
}

/* ---- the calls ---- */

static struct job *source_job(struct session *s, enum job_kind kind, const struct msg_source *src,
	const char *section, void *data)
{
	struct job *j = job_new(s, kind, data);

	j->section = xstrdup(section);
	if (src->path) {
		j->path = xstrdup(src->path);
		j->offset = src->offset;
		j->length = src->length;
		return j;
	}
	j->view = src->view;
	j->acct = session_acct_by_name(s, view_source_of(src->view, src->row)->account);
	j->key = src->view->rows[src->row].id;
	j->message = row_message(&src->view->rows[src->row]);
	if (pieces_is_piece(src->view, src->row)) {
		free(j->section);
		j->section = xstrdup("");
	}
	return j;
}

uint64_t session_body(struct session *s, const struct msg_source *src, const char *section,
	session_file_fn *fn, void *data)
{
	struct job *j = source_job(s, JOB_BODY, src, section, data);

	j->on_file = fn;
	return job_soon(j);
}

uint64_t session_document(struct session *s, const struct msg_source *src, const char *options,
	session_doc_fn *fn, void *data)
{
	struct job *j = source_job(s, JOB_DOC, src, "text", data);

	j->on_doc = fn;
	j->options = xstrdup(options);
	return job_soon(j);
}

uint64_t session_display(struct session *s, const struct msg_source *src, const char *options, int columns,
	session_doc_fn *fn, void *data)
{
	struct job *j = source_job(s, JOB_DOC, src, "text", data);
	bool filtered = s->conf->display_filter && *s->conf->display_filter;

	j->on_doc = fn;
	j->columns = filtered ? columns : 0;
	j->options = xasprintf("%s%s", options, filtered ? "unwrapped=yes\n" : "");
	return job_soon(j);
}

uint64_t session_part(struct session *s, const struct msg_source *src, const char *part,
	const char *options, int fd, session_done_fn *fn, void *data)
{
	/* Of a message whose end is missing no part is whole. */
	bool partial = src->view && (view_flags(src->view, src->row) & FLAG_PARTIAL);
	struct job *j = source_job(s, JOB_PART, src, partial ? "" : "text", data);

	j->on_done = fn;
	j->part = xstrdup(part);
	j->options = xstrdup(options);
	j->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return job_soon(j);
}

uint64_t session_rewrite(struct session *s, const struct msg_source *src, const char *options, int fd,
	session_done_fn *fn, void *data)
{
	struct job *j = source_job(s, JOB_PART, src, "", data);

	j->on_done = fn;
	j->part = xstrdup("");
	j->options = xstrdup(options);
	j->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return job_soon(j);
}

uint64_t session_search_source(struct session *s, struct view *v, uint32_t source, const char *term, session_found_fn *fn,
	void *data)
{
	struct job *j = job_new(s, JOB_SEARCH, data);

	j->on_found = fn;
	j->view = v;
	j->acct = session_acct_by_name(s, v->src[source].account);
	j->mailbox = v->src[source].mailbox;
	j->term = xstrdup(term);
	return job_soon(j);
}

uint64_t session_sync(
	struct session *s, struct view *v, const char *account, session_done_fn *fn, void *data)
{
	struct job *j = job_new(s, JOB_CHECK, data);

	j->on_done = fn;
	j->view = v;
	j->acct = session_acct_by_name(s, v ? v->src[0].account : account);
	if (!j->acct) {
		const struct account *account_known = account_find(&s->accounts, account);

		if (!account_known)
			bug("no account %s", account);
		j->acct = session_acct(s, account_known);
	}
	return job_soon(j);
}

void session_cancel(struct session *s, uint64_t id)
{
	struct job *j = job_find(s, id);

	if (!j)
		return;
	if (j->sent && j->acct && j->acct->ready &&
		(j->stage == STAGE_FETCH || j->stage == STAGE_WORKER))
		(void)role_tell(j->acct->role, CANCEL, .job = j->id);
	job_take_out(j);
	job_free(j);
}
