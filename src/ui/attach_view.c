/*
 * The attachment menu: the tree of a message's parts. Viewing, saving and piping fetch only the part;
 * commands for it come from mailcap (core/attach.h), never from the message.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/proc.h"
#include "core/draft.h"
#include "core/format.h"
#include "core/parts.h"
#include "text/utf8.h"
#include "ui/attach_priv.h"

#define FILE_VIEW_MAX (256u << 20) /* bytes of a file that is looked at */

static bool hidden(const struct attach *a, uint32_t i)
{
	for (int32_t p = a->doc->parts[i].parent; p >= 0; p = a->doc->parts[p].parent) {
		if (a->collapsed[p])
			return true;
	}
	return false;
}

/* mutt's numbers begin behind the container of all, unless that is a choice of forms. */
static bool is_left_out(const struct attach *a, uint32_t i)
{
	const struct doc_part *p = &a->doc->parts[i];
	return i == 0 && a->base.ui->conf->profile == CONF_MUTT && a->doc->part_count > 1 && (p->flags & DOC_PART_MULTI) &&
		strncmp(p->type, "multipart/", 10) == 0 && strcmp(p->type, "multipart/alternative") != 0;
}

static void refill(struct attach *a)
{
	int n = 0;
	uint32_t count = a->doc->part_count;
	for (uint32_t i = 0; i < count; i++) {
		if (!hidden(a, i) && !is_left_out(a, i))
			a->shown[n++] = i;
	}
	list_set_count(&a->list, n);
}

/* Which parts count as attachments, by the rules of `attachments` where there are some; %Q and %X. */
static void count_parts(struct attach *a)
{
	const struct doc *d = a->doc;
	const struct conf *c = a->base.ui->conf;
	struct parts_walk walk = {.dead = {false}};
	memset(a->counts, 0, (d->part_count + 1) * sizeof(*a->counts));
	for (uint32_t i = 0; i < d->part_count; i++) {
		const struct doc_part *p = &d->parts[i];
		struct parts_part s = parts_part_of(p->type, p->disposition, (int)p->depth,
			i == 0 || p->parent == (int32_t)i - 1);
		a->counts[i].counts = parts_has_rules(c) ? parts_counts(&walk, c, &s) : p->flags & DOC_PART_ATTACHMENT;
		for (int32_t up = p->parent; a->counts[i].counts && up >= 0; up = d->parts[up].parent)
			a->counts[up].below++;
	}
}

static void arrived(void *data, struct doc *doc, const struct err *e)
{
	struct attach *a = data;
	a->job = 0;
	ui_dirty(a->base.ui);
	if (!doc) {
		a->failed = xstrdup(e ? e->text : "");
		return;
	}
	doc_free(a->doc);
	a->doc = doc;
	uint32_t n = doc->part_count + 1;
	a->shown = xreallocarray(a->shown, n, sizeof(*a->shown));
	free(a->tagged);
	free(a->collapsed);
	free(a->deleted);
	a->tagged = xcalloc(n, sizeof(*a->tagged));
	a->collapsed = xcalloc(n, sizeof(*a->collapsed));
	a->deleted = xcalloc(n, sizeof(*a->deleted));
	a->counts = xreallocarray(a->counts, n, sizeof(*a->counts));
	for (uint32_t i = 0; i < doc->part_count && a->base.ui->conf->digest_collapse; i++)
		a->collapsed[i] = strcmp(doc->parts[i].type, "multipart/digest") == 0;
	count_parts(a);
	refill(a);
	for (int i = 0; i < a->list.count; i++) { /* the first that can be looked at */
		if (!(attach_part_at(a, i)->flags & DOC_PART_MULTI)) {
			list_set_cursor(&a->list, i);
			break;
		}
	}
}

struct screen *attach_open(struct ui *ui, struct view *view, uint32_t row);

/* ---- lines ---- */

struct shown_line {
	struct attach *a;
	uint32_t part;
};

static bool last_child(const struct doc *d, uint32_t i)
{
	for (uint32_t k = i + 1; k < d->part_count; k++) {
		if (d->parts[k].parent == d->parts[i].parent)
			return false;
	}
	return true;
}

static void add_tree(const struct shown_line *l, struct str *out)
{
	const struct doc *d = l->a->doc;
	bool ascii = l->a->base.ui->conf->ascii_chars;
	int32_t chain[64];
	int n = 0;
	int32_t root = is_left_out(l->a, 0) ? 0 : -1;
	for (int32_t p = (int32_t)l->part; p >= 0 && d->parts[p].parent > root && n < 64; p = d->parts[p].parent)
		chain[n++] = p;
	for (int i = n - 1; i >= 0; i--) {
		bool last = last_child(d, (uint32_t)chain[i]);
		if (i == 0)
			str_adds(out, ascii ? (last ? "`->" : "|->") : last ? "└─>" : "├─>");
		else
			str_adds(out, last ? "  " : ascii ? "| " : "│ ");
	}
}

static void add_type(const struct doc_part *p, bool minor, struct str *out)
{
	struct sv type = sv_of(p->type);
	ptrdiff_t slash = sv_chr(type, '/');
	str_add(out, slash < 0 ? type : minor ? sv_from(type, (size_t)slash + 1) : sv_head(type, (size_t)slash));
}

static void add_description(const struct doc_part *p, struct str *out)
{
	bool message = strncmp(p->type, "message/", 8) == 0;
	if (message && *p->summary && !*p->description) {
		str_adds(out, p->summary);
		return;
	}
	str_adds(out, *p->description ? p->description : *p->filename ? p->filename : _("<no description>"));
	if (*p->summary && !message)
		str_addf(out, "  %s", p->summary);
}

static bool value(void *data, const struct expando_ref *ref, struct expando_value *v)
{
	const struct shown_line *l = data;
	const struct doc_part *p = &l->a->doc->parts[l->part];
	switch (ref->letters.len > 0 ? ref->letters.p[0] : 0) {
	case 'C':
		str_adds(v->text, p->charset);
		return true;
	case 'c':
		str_adds(v->text, strncmp(p->type, "text/", 5) == 0 ? "c" : " ");
		v->truth = strncmp(p->type, "text/", 5) == 0;
		return true;
	case 'd':
		add_description(p, v->text);
		return true;
	case 'D':
		str_adds(v->text, l->a->deleted[l->part] ? "D" : " ");
		v->truth = l->a->deleted[l->part];
		return true;
	case 'e':
		str_adds(v->text, p->encoding);
		return true;
	case 'f':
	case 'F':
		str_adds(v->text, p->filename);
		return true;
	case 'I':
		str_adds(v->text, p->flags & DOC_PART_INLINE ? "I" : "A");
		return true;
	case 'm':
		add_type(p, false, v->text);
		return true;
	case 'M':
		add_type(p, true, v->text);
		return true;
	case 'n':
		v->kind = EXPANDO_NUMBER;
		v->number = (long)l->part + 1 - is_left_out(l->a, 0);
		return true;
	case 'Q':
		str_adds(v->text, l->a->counts[l->part].counts ? "Q" : " ");
		v->truth = l->a->counts[l->part].counts;
		return true;
	case 's':
		format_size(v->text, l->a->base.ui->conf, p->size);
		return true;
	case 't':
		str_adds(v->text, l->a->tagged[l->part] ? "*" : " ");
		v->truth = l->a->tagged[l->part];
		return true;
	case 'T':
		add_tree(l, v->text);
		return true;
	case 'u':
		str_adds(v->text, " ");
		v->truth = 0;
		return true;
	case 'X':
		v->kind = EXPANDO_NUMBER;
		v->number = l->a->counts[l->part].below;
		return true;
	default:
		return false;
	}
}

static void line(struct screen *s, int n, int width, struct str *out)
{
	struct attach *a = attach_self(s);
	struct shown_line l = {a, a->shown[n]};
	struct expando *x = expando_new_lenient(SET_ATTACH, sv_of(s->ui->conf->attach_format));
	struct expando_env env = {.value = value, .data = &l, .width = width};
	expando_format(x, &env, out, NULL);
	expando_free(x);
}

static void draw(struct screen *s)
{
	struct attach *a = attach_self(s);
	struct area area = ui_area(s->ui, s->ui->layout.list);
	if (!a->doc) {
		area_put_width(area, 1, 2, area.cols - 4, sv_of(a->failed ? a->failed : _("Fetching message...")),
			theme_style(s->ui->theme, a->failed ? COLOR_error : COLOR_message), true);
		return;
	}
	list_draw(s, &a->list, area, line, NULL);
}

static void status(struct screen *s, struct str *out, int width)
{
	struct attach *a = attach_self(s);
	struct str title;
	str_init(&title, 65536);
	str_adds(&title, _("Parts of: "));
	message_format_once(s->ui, "%s", a->view, a->row, &title);
	status_title(title.s, &a->list, out, width);
	str_fini(&title);
}

static struct list *list(struct screen *s)
{
	return &attach_self(s)->list;
}

static void entry(struct screen *s, int n, struct str *out)
{
	line(s, n, 200, out);
}

static void tag(struct screen *s, int n, int on)
{
	struct attach *a = attach_self(s);
	bool *t = &a->tagged[a->shown[n]];
	*t = on < 0 ? !*t : on;
}

static void attach_free(struct screen *s)
{
	struct attach *a = attach_self(s);
	if (a->job)
		session_cancel(s->ui->session, a->job);
	doc_free(a->doc);
	free(a->shown);
	free(a->tagged);
	free(a->collapsed);
	free(a->deleted);
	free(a->counts);
	free(a->failed);
	free(a);
}

static const struct hint hints[] = {
	{FN_exit, N_("Exit")}, {FN_view_attach, N_("View")}, {FN_view_mailcap, N_("Mailcap")}, {FN_view_text, N_("Text")},
	{FN_save_entry, N_("Save")}, {FN_pipe_entry, N_("Pipe")}, {FN_print_entry, N_("Print")},
	{FN_reply, N_("Reply")}, {FN_help, N_("Help")}, {FN_NONE, NULL},
};

static const struct screen_ops ops = {
	.name = "attachments", .menu = MENU_ATTACH, .layout = LAYOUT_FULL, .draw = draw, .status = status, .list = list,
	.entry = entry, .free = attach_free, .hints = hints, .tag = tag,
};

static void load(struct attach *a)
{
	struct ui *ui = a->base.ui;
	struct msg_source src = {.view = a->view, .row = a->row};
	struct str options;
	str_init(&options, 1 << 20);
	session_render_options(ui->session, 80, true, &options);
	type_add_option(ui, a->view, a->row, &options);
	str_adds(&options, "mode=headers\n");
	if (a->job)
		session_cancel(ui->session, a->job);
	a->job = session_document(ui->session, &src, options.s, arrived, a);
	str_fini(&options);
}

struct screen *attach_open(struct ui *ui, struct view *view, uint32_t row)
{
	struct attach *a = xcalloc(1, sizeof(*a));
	a->base.ops = &ops;
	a->base.ui = ui;
	a->view = view;
	a->row = row;
	load(a);
	return &a->base;
}

void attach_reload(struct ui *ui)
{
	struct attach *a = attach_top(ui);
	if (a)
		load(a);
}

const struct doc_part *attach_current(struct ui *ui, struct view **view, uint32_t *row)
{
	struct attach *a = attach_top(ui);
	if (!a)
		return NULL;
	*view = a->view;
	*row = a->row;
	return attach_part(a);
}

/* ---- looking ---- */

struct looking {
	struct ui *ui;
	struct attach_plan plan;
	bool as_text;
	size_t sub; /* the part of the plan that is being fetched */
	char *name;
	/* the filter that runs */
	pid_t pid;
	int out, watch, timer;
};

static struct looking *looking_new(struct ui *ui)
{
	struct looking *l = xcalloc(1, sizeof(*l));
	l->ui = ui;
	l->plan.fd = l->out = -1;
	return l;
}

static void forget_filter(void *data, pid_t pid, int status)
{
	(void)data;
	(void)pid;
	(void)status;
}

static void looking_free(void *data)
{
	struct looking *l = data;
	struct loop *loop = l->ui->loop;
	loop_remove(loop, l->timer);
	if (l->pid > 0) { /* cancelled */
		loop_remove(loop, l->watch);
		kill(-l->pid, SIGKILL);
		loop_child(loop, "viewer", l->pid, forget_filter, NULL);
	}
	attach_plan_fini(&l->plan);
	if (l->out >= 0)
		close(l->out);
	free(l->name);
	free(l);
}

static void text_arrived(void *data, struct doc *doc, const struct err *e)
{
	struct flow *f = data;
	struct looking *l = f->data;
	if (doc)
		ui_push(f->ui, pager_open_part(f->ui, doc, l->name));
	flow_wake(f, e);
}

static enum flow_state looked(struct flow *f)
{
	return f->failed ? flow_fail(f, &f->err) : FLOW_DONE;
}

/* For the status line of the pager; the caller frees it. */
static char *title_of(const struct attach *a, const struct doc_part *p)
{
	const char *name = *p->filename ? p->filename : *p->description ? p->description : p->summary;
	unsigned n = (unsigned)(p - a->doc->parts) + 1 - is_left_out(a, 0);
	return xasprintf(_("Part %u%s%s (%s)"), n, *name ? ": " : "", name, p->type);
}

/* The part as our renderer shows it, in the pager. */
static enum flow_state show_text(struct flow *f)
{
	struct looking *l = f->data;
	struct attach *a = attach_top(f->ui);
	const struct doc_part *p = a ? attach_part(a) : NULL;
	struct str options;
	if (!p)
		return FLOW_FAILED;
	l->name = title_of(a, p);
	str_init(&options, 1 << 20);
	session_render_options(f->ui->session, grid_cols(f->ui->grid), f->ui->weed, &options);
	type_add_option(f->ui, a->view, a->row, &options);
	str_addf(&options, "mode=part\npart=%s\n%s", p->id, l->as_text ? "as=text\n" : "");
	struct msg_source src = {.view = a->view, .row = a->row};
	flow_wait(f, 0, looked);
	uint64_t job = session_document(f->ui->session, &src, options.s, text_arrived, f);
	if (!f->wake)
		f->job = job;
	str_fini(&options);
	return FLOW_WAITING;
}

/* ---- what a filter prints, in the pager ---- */

static void filter_ended(void *data, pid_t pid, int status)
{
	struct flow *f = data;
	struct looking *l = f->data;
	struct str out;
	struct err e;
	(void)pid;
	(void)status; /* many converters are careless about it: what they wrote counts */
	l->watch = l->pid = 0;
	bool ok = lseek(l->out, 0, SEEK_SET) == 0 && fs_read_fd(l->out, ATTACH_VIEW_MAX, &out, &e);
	if (ok) {
		ui_push(f->ui, pager_open_part(f->ui, doc_of_text(str_sv(&out)), l->name ? l->name : ""));
		str_fini(&out);
	}
	flow_wake(f, ok ? NULL : &e);
}

static void filter_too_slow(void *data)
{
	struct looking *l = data;
	l->timer = 0;
	if (l->pid > 0)
		kill(-l->pid, SIGKILL);
}

static enum flow_state filter_run(struct flow *f)
{
	struct looking *l = f->data;
	struct proc_opts o = PROC_OPTS_INIT;
	struct err e;
	l->out = fs_memfd("view", &e);
	if (l->out < 0)
		return flow_fail(f, &e);
	if (lseek(l->plan.fd, 0, SEEK_SET) < 0)
		log_write(LOG_WARN, "ui", "part: cannot rewind");
	o.in = l->plan.on_stdin ? l->plan.fd : PROC_NULL;
	o.out = l->out;
	o.err = PROC_NULL;
	o.new_group = true;
	if (!proc_shell(l->plan.command, &o, &l->pid, &e))
		return flow_fail(f, &e);
	l->watch = loop_child(f->ui->loop, "viewer", l->pid, filter_ended, f);
	l->timer = loop_timer(f->ui->loop, "viewer", ATTACH_VIEW_TIMEOUT_MS, filter_too_slow, l);
	return flow_wait(f, 0, looked);
}

static enum flow_state viewer_run(struct flow *f)
{
	struct looking *l = f->data;
	struct err e;
	if (f->failed)
		return flow_fail(f, &f->err);
	if (!attach_plan_filled(&l->plan, &e))
		return flow_fail(f, &e);
	if (l->plan.run == ATTACH_FILTERED)
		return filter_run(f);
	return viewer_start(f->ui, &l->plan, &e) ? FLOW_DONE : flow_fail(f, &e);
}

/* Parts of a multipart that its program wants in files. */
static enum flow_state fetch_subs(struct flow *f)
{
	struct looking *l = f->data;
	struct attach *a = attach_top(f->ui);
	if (f->failed)
		return flow_fail(f, &f->err);
	while (l->sub < l->plan.sub_count && l->plan.subs[l->sub].fd < 0)
		l->sub++;
	if (!a || l->sub >= l->plan.sub_count)
		return flow_next(f, viewer_run);
	struct attach_sub *sub = &l->plan.subs[l->sub++];
	struct msg_source src = {.view = a->view, .row = a->row};
	flow_wait(f, 0, fetch_subs);
	uint64_t job = session_part(f->ui->session, &src, sub->id, "", sub->fd, flow_job_done, f);
	if (!f->wake)
		f->job = job;
	return FLOW_WAITING;
}

static enum flow_state fetch_for_viewer(struct flow *f)
{
	struct looking *l = f->data;
	struct attach *a = attach_top(f->ui);
	const struct doc_part *p = a ? attach_part(a) : NULL;
	struct err e;
	if (!p)
		return FLOW_FAILED;
	l->name = title_of(a, p);
	if (!attach_plan_in(f->ui->conf, a->doc, p, ATTACH_VIEW, &l->plan, &e))
		return flow_fail(f, &e);
	struct msg_source src = {.view = a->view, .row = a->row};
	flow_wait(f, 0, fetch_subs);
	uint64_t job = session_part(f->ui->session, &src, p->id, "", l->plan.fd, flow_job_done, f);
	if (!f->wake)
		f->job = job;
	return FLOW_WAITING;
}

bool attach_is_text(const struct doc_part *p)
{
	return strncmp(p->type, "text/", 5) == 0 || strncmp(p->type, "message/", 8) == 0 ||
		strncmp(p->type, "multipart/", 10) == 0;
}

static enum run_result run_view(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct attach *a = attach_self(s);
	const struct doc_part *p = attach_part(a);
	if (!p)
		return ui_fail(ui, _("No entries."));
	struct looking *l = looking_new(ui);
	a->looked = fn;
	l->as_text = fn == FN_view_text;
	bool text = fn == FN_view_text || fn == FN_view_pager || (fn == FN_view_attach && attach_is_text(p));
	if (fn == FN_view_attach && !text && !attach_has_entry(ui->conf, p, ATTACH_VIEW) &&
		!attach_has_entry(ui->conf, p, ATTACH_FILTER)) {
		looking_free(l);
		return ui_fail(ui, _("No viewer in mailcap for %s. s saves it, T shows it as text."), p->type);
	}
	return flow_run(flow_new(ui, "view part", l, looking_free), text ? show_text : fetch_for_viewer);
}

/* A file of ours (compose, browser) through mailcap: the program gets a copy. */
static enum flow_state file_view(struct flow *f)
{
	return flow_next(f, viewer_run);
}

enum run_result attach_view_program(struct ui *ui, const char *path, const char *type, const char *name)
{
	struct doc_part p = {.id = "", .type = type && *type ? type : "application/octet-stream", .charset = "", .encoding = "",
		.disposition = "", .filename = name, .safe_name = name, .description = "", .content_id = "", .summary = ""};
	struct str data;
	struct err e;
	if (!fs_read(path, FILE_VIEW_MAX, &data, &e))
		return ui_fail_err(ui, &e);
	struct looking *l = looking_new(ui);
	l->name = xstrdup(name);
	bool ok = attach_plan(ui->conf, &p, ATTACH_VIEW, &l->plan, &e) && fs_write_all(l->plan.fd, str_sv(&data), &e);
	str_fini(&data);
	if (!ok) {
		looking_free(l);
		return ui_fail_err(ui, &e);
	}
	return flow_run(flow_new(ui, "view file", l, looking_free), file_view);
}

enum run_result attach_view_file(struct ui *ui, const char *path, const char *type, const char *name)
{
	struct str data, safe;
	struct err e;
	if (type && strncmp(type, "text/", 5) != 0)
		return attach_view_program(ui, path, type, name);
	if (!fs_read(path, FILE_VIEW_MAX, &data, &e))
		return ui_fail_err(ui, &e);
	str_init(&safe, FILE_VIEW_MAX);
	utf8_add_safe(&safe, str_sv(&data), UTF8_SAFE_TEXT);
	ui_push(ui, pager_open_text(ui, name, safe.s ? str_sv(&safe) : SV("")));
	str_fini(&safe);
	str_fini(&data);
	return RUN_DONE;
}

/* ---- the rest ---- */

static enum run_result run_collapse(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct attach *a = attach_self(s);
	const struct doc_part *p = attach_part(a);
	(void)fn;
	if (!p)
		return ui_fail(ui, _("No entries."));
	uint32_t i = a->shown[a->list.cursor];
	if (!(p->flags & DOC_PART_MULTI))
		return ui_fail(ui, _("There are no subparts to show!"));
	a->collapsed[i] = !a->collapsed[i];
	refill(a);
	return RUN_DONE;
}

static enum run_result run_delete(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct attach *a = attach_self(s);
	bool on = fn == FN_delete_entry;
	if (!attach_part(a))
		return ui_fail(ui, _("No entries."));
	if (view_readonly(a->view))
		return ui_fail(ui, _("The mailbox is read-only."));
	for (int n = 0; n < a->list.count; n++) {
		uint32_t i = a->shown[n];
		const struct doc_part *p = &a->doc->parts[i];
		if (ui->tag_prefix ? !a->tagged[i] : n != a->list.cursor)
			continue;
		if (on && (p->parent < 0 || (p->flags & DOC_PART_MULTI)))
			return ui_fail(ui, _("Only attachments can be deleted; for the whole message leave this menu and use d."));
		a->deleted[i] = on;
	}
	if (!ui->tag_prefix && ui->conf->resolve)
		list_set_cursor(&a->list, a->list.cursor + 1);
	return RUN_DONE;
}

static enum flow_state leave_answered(struct flow *f)
{
	struct attach *a = attach_top(f->ui);
	if (!a)
		return FLOW_FAILED;
	struct view *view = a->view;
	uint32_t row = a->row;
	const char **ids = xcalloc(a->doc->part_count + 1, sizeof(*ids));
	size_t n = 0;
	for (uint32_t i = 0; i < a->doc->part_count; i++) {
		if (a->deleted[i])
			ids[n++] = a->doc->parts[i].id;
	}
	bool ok = !f->choice || rewrite_without(f->ui, view, row, ids, n) != RUN_FAILED;
	free(ids);
	ui_pop(f->ui);
	return ok ? FLOW_DONE : FLOW_FAILED;
}

static enum flow_state leave_ask(struct flow *f)
{
	struct attach *a = attach_top(f->ui);
	unsigned n = 0;
	if (!a)
		return FLOW_FAILED;
	for (uint32_t i = 0; a->doc && i < a->doc->part_count; i++)
		n += a->deleted[i];
	if (n == 0) {
		ui_pop(f->ui);
		return FLOW_DONE;
	}
	char *question = xasprintf(ngettext("Delete %u attachment from the message?",
		"Delete %u attachments from the message?", n), n);
	enum flow_state state = flow_ask_yesno(f, question, true, leave_answered);
	free(question);
	return state;
}

static enum run_result run_exit(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	(void)fn;
	return flow_run(flow_new(ui, "leave parts", NULL, NULL), leave_ask);
}

/* ---- handlers ---- */

static enum run_result run_weed(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	(void)fn;
	ui->weed = !ui->weed;
	return RUN_DONE;
}

HANDLERS(attach_handlers,
	{FN_view_attach, IN(ATTACH), run_view}, {FN_select_entry, IN(ATTACH), run_view}, {FN_view_text, IN(ATTACH), run_view},
	{FN_view_pager, IN(ATTACH), run_view}, {FN_view_mailcap, IN(ATTACH), run_view},
	{FN_collapse_parts, IN(ATTACH), run_collapse}, {FN_exit, IN(ATTACH), run_exit},
	{FN_delete_entry, IN(ATTACH), run_delete}, {FN_undelete_entry, IN(ATTACH), run_delete},
	{FN_display_toggle_weed, IN(ATTACH), run_weed});
