/*
 * The second form of the text ($send_multipart_alternative): made before sending, and looked at before that.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "core/attach.h"
#include "text/utf8.h"
#include "ui/compose_priv.h"

/* ---- making ---- */

struct second {
	struct draft_second_job *job; /* the filter that runs */
	flow_step *next;
	enum func_id fn; /* how it is looked at */
	char *type;      /* title of the pager */
	char *path;      /* it as a message of its own */
};

static void second_free(void *data)
{
	struct second *s = data;

	draft_second_cancel(s->job);
	if (s->path)
		unlink(s->path);
	free(s->path);
	free(s->type);
	free(s);
}

static struct second *second_of(struct flow *f)
{
	if (!f->data) {
		f->data = xcalloc(1, sizeof(struct second));
		f->free_data = second_free;
	}
	return f->data;
}

static void filter_ended(void *data, const struct err *failed)
{
	struct flow *f = data;

	second_of(f)->job = NULL;
	flow_wake(f, failed);
}

static enum flow_state made(struct flow *f)
{
	return f->failed ? flow_fail(f, &f->err) : flow_next(f, second_of(f)->next);
}

static enum flow_state make(struct flow *f)
{
	struct err e;

	flow_wait(f, 0, made);
	second_of(f)->job = draft_second_start(compose_top(f->ui)->draft, filter_ended, f, &e);
	return second_of(f)->job ? FLOW_WAITING : flow_fail(f, &e);
}

static enum flow_state answered(struct flow *f)
{
	return f->choice ? flow_next(f, make) : flow_next(f, second_of(f)->next);
}

enum flow_state compose_second(struct flow *f, flow_step *next)
{
	struct draft *d = compose_top(f->ui)->draft;

	draft_drop_second(d);
	second_of(f)->next = next;
	if (!draft_asks_second(d))
		return flow_next(f, next);
	return flow_ask_quad(f, f->ui->conf->send_multipart_alternative, _("Add a second form of the text?"), answered);
}

/* ---- looking ---- */

static enum flow_state show_as_text(struct flow *f, const struct draft_part *p)
{
	struct str text, safe;
	struct err e;

	if (!fs_read(p->path, DRAFT_TEXT_MAX, &text, &e))
		return flow_fail(f, &e);
	str_init(&safe, DRAFT_TEXT_MAX);
	utf8_add_safe(&safe, str_sv(&text), UTF8_SAFE_TEXT);
	ui_push(f->ui, pager_open_text(f->ui, p->type, safe.s ? str_sv(&safe) : SV("")));
	str_fini(&safe);
	str_fini(&text);
	return FLOW_DONE;
}

static enum flow_state show_with_program(struct flow *f, const struct draft_part *p)
{
	return attach_view_program(f->ui, p->path, p->type, p->type) == RUN_FAILED ? FLOW_FAILED : FLOW_DONE;
}

static void document_here(void *data, struct doc *doc, const struct err *e)
{
	struct flow *f = data;

	if (doc)
		ui_push(f->ui, pager_open_doc(f->ui, doc, second_of(f)->type));
	flow_wake(f, e);
}

static enum flow_state shown(struct flow *f)
{
	return f->failed ? flow_fail(f, &f->err) : FLOW_DONE;
}

/* The renderer reads messages: it becomes one. */
static bool write_message(struct flow *f, const struct draft_part *p, struct err *e)
{
	struct str text, message;
	int fd = -1;

	if (!fs_read(p->path, DRAFT_TEXT_MAX, &text, e))
		return false;
	str_init(&message, DRAFT_TEXT_MAX);
	bool ok = (str_addf(&message, "Content-Type: %s; charset=\"%s\"\nContent-Transfer-Encoding: 8bit\n\n", p->type,
			   p->charset) &&
			  str_add(&message, str_sv(&text))) ||
		  err_set(e, ERR_LIMIT, "%s", _("The text is too long."));
	ok = ok && fs_temp(f->ui->conf->tmpdir, "feist", ".eml", &fd, &second_of(f)->path, e) &&
	     fs_write_all(fd, str_sv(&message), e);
	if (fd >= 0)
		close(fd);
	str_fini(&message);
	str_fini(&text);
	return ok;
}

static enum flow_state show_rendered(struct flow *f, const struct draft_part *p)
{
	struct str options;
	struct err e;

	if (!write_message(f, p, &e))
		return flow_fail(f, &e);
	str_init(&options, 1 << 20);
	session_render_options(f->ui->session, grid_cols(f->ui->grid), f->ui->weed, &options);
	str_adds(&options, "mode=part\npart=1\n");
	struct msg_source src = {.path = second_of(f)->path};
	flow_wait(f, 0, shown);
	uint64_t job = session_document(f->ui->session, &src, options.s, document_here, f);
	if (!f->wake)
		f->job = job;
	str_fini(&options);
	return FLOW_WAITING;
}

/* view-alt shows what we can show ourselves, as view-attach does. */
static enum flow_state show(struct flow *f, const struct draft_part *p)
{
	bool is_text = strncmp(p->type, "text/", 5) == 0;

	switch (second_of(f)->fn) {
	case FN_view_alt_text:
		return show_as_text(f, p);
	case FN_view_alt_mailcap:
		return show_with_program(f, p);
	case FN_view_alt_pager:
		return show_rendered(f, p);
	default:
		return is_text ? show_rendered(f, p) : show_with_program(f, p);
	}
}

static enum flow_state look(struct flow *f)
{
	struct draft *d = compose_top(f->ui)->draft;

	second_of(f)->type = xstrdup(draft_second(d)->type);
	enum flow_state state = show(f, draft_second(d));
	draft_drop_second(d); /* what is sent is made when it is sent */
	return state;
}

static enum run_result run_second(struct ui *ui, struct screen *s, enum func_id fn)
{
	if (!*ui->conf->send_multipart_alternative_filter)
		return ui_fail(ui, _("No program makes a second form: set send_multipart_alternative_filter"));
	if (!draft_asks_second(compose_of(s)->draft))
		return ui_fail(ui, _("Only plain text gets a second form."));
	struct flow *f = flow_new(ui, "second form", NULL, NULL);
	second_of(f)->fn = fn;
	second_of(f)->next = look;
	return flow_run(f, make);
}

HANDLERS(compose_second_handlers,
	{FN_view_alt, IN(COMPOSE), run_second}, {FN_view_alt_mailcap, IN(COMPOSE), run_second},
	{FN_view_alt_pager, IN(COMPOSE), run_second}, {FN_view_alt_text, IN(COMPOSE), run_second});
