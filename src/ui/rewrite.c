/*
 * What makes a message anew: edit, decode-save and decode-copy, break-thread and link-threads, deleting
 * attachments. The renderer writes the new message into a memory file, func_put puts it into the
 * mailbox and marks the old one, one message after the other.
 */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/hash.h"
#include "base/proc.h"
#include "core/func.h"
#include "ui/index_priv.h"

#define MESSAGE_MAX (1u << 30) /* bytes of one message that is made anew */

struct rewriting {
	struct target t;
	uint32_t at;
	char *mailbox; /* NULL: where it is */
	bool move;
	char *options;
	const char *what; /* N_(): for undo and history */
	const char *done; /* N_(): said at the end; NULL: nothing */
	int fd;
	/* edit */
	char *path;
	uint64_t hash;
};

static void rewriting_free(void *data)
{
	struct rewriting *w = data;

	target_fini(&w->t);
	if (w->fd >= 0)
		close(w->fd);
	if (w->path)
		unlink(w->path);
	free(w->path);
	free(w->mailbox);
	free(w->options);
	free(w);
}

static struct rewriting *rewriting_new(const char *options, const char *what, const char *done)
{
	struct rewriting *w = xcalloc(1, sizeof(*w));

	*w = (struct rewriting){.fd = -1, .move = true, .options = xstrdup(options), .what = what, .done = done};
	return w;
}

static bool read_all(int fd, struct str *out, struct err *e)
{
	return lseek(fd, 0, SEEK_SET) == 0 ? fs_read_fd(fd, MESSAGE_MAX, out, e) : err_sys(e, "reading a message");
}

static enum flow_state next_message(struct flow *f);

static enum flow_state put_message(struct flow *f)
{
	struct rewriting *w = f->data;
	struct str message;
	struct err e;

	if (f->failed)
		return flow_fail(f, &f->err);
	if (!read_all(w->fd, &message, &e))
		return flow_fail(f, &e);
	bool ok = func_put(f->ui->session, w->t.view, w->t.rows[w->at], str_sv(&message), w->mailbox, w->move, w->what,
		&e);
	str_fini(&message);
	if (!ok)
		return flow_fail(f, &e);
	w->at++;
	return flow_next(f, next_message);
}

/* The renderer's new form of the message at w->at into w->fd. */
static enum flow_state fetch_message(struct flow *f, flow_step *next)
{
	struct rewriting *w = f->data;
	struct msg_source src = {.view = w->t.view, .row = w->t.rows[w->at]};
	struct err e;

	if (w->fd >= 0)
		close(w->fd);
	w->fd = fs_memfd("message", &e);
	if (w->fd < 0)
		return flow_fail(f, &e);
	flow_wait(f, 0, next);
	uint64_t job = session_rewrite(f->ui->session, &src, w->options, w->fd, flow_job_done, f);
	if (!f->wake)
		f->job = job;
	return FLOW_WAITING;
}

static enum flow_state next_message(struct flow *f)
{
	struct rewriting *w = f->data;

	if (w->at < w->t.n)
		return fetch_message(f, put_message);
	if (w->done)
		ui_say(f->ui, "%s", _(w->done));
	return FLOW_DONE;
}

/* ---- decode-save, decode-copy ---- */

enum run_result rewrite_decoded(struct ui *ui, struct target *take, const char *mailbox, bool move)
{
	struct str options;

	str_init(&options, 1 << 20);
	session_render_options(ui->session, 80, ui->conf->copy_decode_weed, &options);
	str_adds(&options, "decode=yes\n");
	struct rewriting *w = rewriting_new(options.s, move ? N_("save") : N_("copy"),
		move ? N_("Saved, decoded.") : N_("Copied, decoded."));
	str_fini(&options);
	w->t = *take;
	*take = (struct target){0};
	w->mailbox = xstrdup(mailbox);
	w->move = move;
	return flow_run(flow_new(ui, "decode", w, rewriting_free), next_message);
}

/* ---- attachments ---- */

enum run_result rewrite_without(struct ui *ui, struct view *view, uint32_t row, const char *const *ids, size_t n)
{
	struct str options;

	str_init(&options, 1 << 20);
	for (size_t i = 0; i < n; i++)
		str_addf(&options, "strip=%s\n", ids[i]);
	struct rewriting *w = rewriting_new(options.s ? options.s : "", N_("delete attachments"),
		N_("The message without them is here; the old one is marked for deletion."));
	str_fini(&options);
	w->t.view = view;
	w->t.rows = xcalloc(1, sizeof(*w->t.rows));
	w->t.rows[0] = row;
	w->t.n = 1;
	return flow_run(flow_new(ui, "delete attachments", w, rewriting_free), next_message);
}

/* ---- threads ---- */

#define UNTHREADED "drop=In-Reply-To\ndrop=References\n"

static enum run_result run_break(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct view *view;
	struct msg_facts m;
	uint32_t row = target_row(ui, &view);

	(void)s;
	(void)fn;
	if (row == VIEW_NONE || !view_msg(view, row, &m))
		return ui_fail(ui, _("There are no messages."));
	if (m.in_reply_to.len == 0 && m.references.len == 0)
		return ui_fail(ui, _("The message begins its thread: it answers nothing."));
	struct rewriting *w = rewriting_new(UNTHREADED, N_("break thread"), N_("Thread broken."));
	w->t.view = view;
	w->t.rows = xcalloc(1, sizeof(*w->t.rows));
	w->t.rows[0] = row;
	w->t.n = 1;
	return flow_run(flow_new(ui, "break thread", w, rewriting_free), next_message);
}

/* Every tagged message becomes an answer to the one under the cursor. */
static enum run_result run_link(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct view *view;
	struct msg_facts m;
	uint32_t row = target_row(ui, &view), *tagged = NULL, n, kept = 0;

	(void)s;
	(void)fn;
	if (row == VIEW_NONE || !view_msg(view, row, &m))
		return ui_fail(ui, _("There are no messages."));
	if (m.message_id.len == 0)
		return ui_fail(ui, _("No Message-ID: header available to link the thread."));
	n = view_tagged(view, &tagged);
	for (uint32_t i = 0; i < n; i++)
		if (tagged[i] != row)
			tagged[kept++] = tagged[i];
	if (kept == 0) {
		free(tagged);
		return ui_fail(ui, _("First, tag the messages that are to be linked here."));
	}
	char *options = xasprintf(UNTHREADED "add=In-Reply-To: " SV_FMT "\nadd=References: " SV_FMT "\n",
		SV_ARG(m.message_id), SV_ARG(m.message_id));
	struct rewriting *w = rewriting_new(options, N_("link threads"), N_("Threads linked."));
	free(options);
	w->t.view = view;
	w->t.rows = tagged;
	w->t.n = kept;
	for (uint32_t i = 0; i < kept; i++)
		view_tag(view, tagged[i], false);
	return flow_run(flow_new(ui, "link threads", w, rewriting_free), next_message);
}

/* ---- edit ---- */

static bool hash_file(const char *path, uint64_t *hash, struct str *text, struct err *e)
{
	if (!fs_read(path, MESSAGE_MAX, text, e))
		return false;
	*hash = hash_of(str_sv(text));
	return true;
}

static enum flow_state edited(struct flow *f)
{
	struct rewriting *w = f->data;
	struct str text;
	struct err e;
	uint64_t hash;

	if (f->failed)
		return flow_fail(f, &f->err);
	if (!hash_file(w->path, &hash, &text, &e))
		return flow_fail(f, &e);
	bool ok = true;
	if (hash == w->hash || text.len == 0)
		ui_say(f->ui, "%s", text.len == 0 ? _("The file is empty: nothing was changed.") :
						    _("The message was not changed."));
	else if ((ok = func_put(f->ui->session, w->t.view, w->t.rows[0], str_sv(&text), NULL, true, w->what, &e)))
		ui_say(f->ui, "%s", _("The edited message is here; the old one is marked for deletion."));
	str_fini(&text);
	return ok ? FLOW_DONE : flow_fail(f, &e);
}

static void editor_done(void *data, int status, const struct err *e)
{
	(void)status;
	flow_wake(data, e);
}

static enum flow_state edit_file(struct flow *f)
{
	struct rewriting *w = f->data;
	struct str text;
	struct err e;
	int to;

	if (f->failed)
		return flow_fail(f, &f->err);
	if (!read_all(w->fd, &text, &e))
		return flow_fail(f, &e);
	bool ok = fs_temp(f->ui->conf->tmpdir, "feist-edit", ".eml", &to, &w->path, &e);
	if (ok) {
		ok = fs_write_all(to, str_sv(&text), &e);
		close(to);
	}
	w->hash = hash_of(str_sv(&text));
	str_fini(&text);
	if (!ok)
		return flow_fail(f, &e);
	flow_wait(f, 0, edited);
	child_edit(f->ui, w->path, 0, editor_done, f);
	return FLOW_WAITING;
}

static enum flow_state edit_fetch(struct flow *f)
{
	return fetch_message(f, edit_file);
}

static enum run_result run_edit(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct view *view;
	uint32_t row = target_row(ui, &view);

	(void)s;
	(void)fn;
	if (row == VIEW_NONE)
		return ui_fail(ui, _("There are no messages."));
	struct rewriting *w = rewriting_new("", N_("edit"), NULL);
	w->t.view = view;
	w->t.rows = xcalloc(1, sizeof(*w->t.rows));
	w->t.rows[0] = row;
	w->t.n = 1;
	return flow_run(flow_new(ui, "edit message", w, rewriting_free), edit_fetch);
}

#define BOTH (IN(INDEX) | IN(PAGER))
HANDLERS(rewrite_handlers, {FN_edit, BOTH, run_edit}, {FN_break_thread, BOTH, run_break},
	{FN_link_threads, BOTH, run_link});
