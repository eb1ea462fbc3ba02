/*
 * The preview beside or under the index: the message under the cursor, once that has come to rest. It
 * has no keys and marks nothing as read.
 */
#include <stdlib.h>

#include "text/width.h"
#include "ui/doc_view.h"
#include "ui/index_priv.h"

#define PREVIEW_MS 150 /* the cursor must rest that long before the preview follows */

struct preview {
	struct doc_view doc;
	struct view *view;
	uint32_t row;   /* that the document is of; VIEW_NONE: none */
	uint32_t wanted;
	int width;
	uint64_t job;
	int timer;
	char *failed;
};

static void preview_arrived(void *data, struct doc *doc, const struct err *e)
{
	struct ui *ui = data;
	struct preview *p = ui->preview;
	p->job = 0;
	free(p->failed);
	p->failed = NULL;
	if (doc)
		doc_view_set(&p->doc, doc, false);
	else
		p->failed = xstrdup(e ? e->text : "");
	p->row = p->wanted;
	ui_dirty(ui);
}

static void preview_request(void *data)
{
	struct ui *ui = data;
	struct preview *p = ui->preview;
	struct str options;
	p->timer = 0;
	if (p->job)
		session_cancel(ui->session, p->job);
	p->job = 0;
	if (p->view != index_view_of(ui) || ui_top(ui) != index_screen(ui))
		return;
	str_init(&options, 1 << 20);
	session_render_options(ui->session, p->width, true, &options);
	struct msg_source src = {.view = p->view, .row = p->wanted};
	p->job = session_display(ui->session, &src, options.s ? options.s : "", p->width, preview_arrived, ui);
	str_fini(&options);
}

void preview_draw(struct ui *ui, struct screen *index)
{
	struct index *x = (struct index *)index;
	struct area a = ui_area(ui, ui->layout.pager);
	uint32_t row = index_row(x);
	if (!ui->preview) {
		ui->preview = xcalloc(1, sizeof(*ui->preview));
		ui->preview->row = ui->preview->wanted = VIEW_NONE;
	}
	struct preview *p = ui->preview;
	int width = a.cols;
	if (row != VIEW_NONE && (p->view != x->view || p->wanted != row || p->width != width)) {
		p->view = x->view;
		p->wanted = row;
		p->width = width;
		p->row = VIEW_NONE;
		loop_remove(ui->loop, p->timer);
		p->timer = loop_timer(ui->loop, "preview", PREVIEW_MS, preview_request, ui);
	}
	if (row == VIEW_NONE)
		return;
	doc_view_draw(ui, &p->doc, a);
	if (p->failed)
		area_put_width(a, 0, 0, a.cols, sv_of(p->failed), theme_style(ui->theme, COLOR_error), true);
	/* Beside the status: of the preview. */
	struct area st = ui_area(ui, ui->layout.pager_status);
	if (!area_empty(st)) {
		struct str text;
		str_init(&text, 4096);
		preview_status(ui, &text, st.cols);
		status_paint(ui, st, text.s ? str_sv(&text) : SV(""));
		str_fini(&text);
	}
}

bool preview_status(struct ui *ui, struct str *out, int width)
{
	struct preview *p = ui->preview;
	struct msg_facts m;
	char buf[8];
	if (!p || !p->view || p->wanted == VIEW_NONE || p->view != index_view_of(ui) || !view_msg(p->view, p->wanted, &m)) {
		str_addn(out, '-', (size_t)width);
		return true;
	}
	str_addf(out, ui->layout.pager_divider.cols > 0 ? _("|--message %u") : _("--message %u"), m.number);
	if (p->doc.doc && *p->doc.doc->body_type)
		str_addf(out, ": %s", p->doc.doc->body_type);
	str_addf(out, "--(%s)", doc_view_position(&p->doc, buf));
	int fill = width - width_of(str_sv(out));
	if (fill > 0)
		str_addn(out, '-', (size_t)fill);
	return true;
}

bool preview_is_ready(struct ui *ui)
{
	return !ui->preview || (ui->preview->job == 0 && ui->preview->timer == 0);
}

/* The mailbox was closed: nothing of it may be asked for any more. */
void preview_forget(struct ui *ui)
{
	struct preview *p = ui->preview;
	if (!p)
		return;
	if (p->job)
		session_cancel(ui->session, p->job);
	loop_remove(ui->loop, p->timer);
	doc_view_fini(&p->doc);
	free(p->failed);
	*p = (struct preview){.row = VIEW_NONE, .wanted = VIEW_NONE};
}

void preview_free(struct ui *ui)
{
	preview_forget(ui);
	free(ui->preview);
	ui->preview = NULL;
}
