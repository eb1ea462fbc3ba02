/*
 * People: the alias menu, the query menu ($query_command), making aliases, and what completion knows
 * of addresses.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/proc.h"
#include "conf/rc.h"
#include "text/utf8.h"
#include "ui/index_priv.h"

#define QUERY_OUTPUT_MAX (4u << 20)
#define QUERY_RESULTS_MAX 10000

struct person {
	char *name, *address, *extra;
	bool tagged, deleted;
};

struct people {
	struct screen base;
	struct list list;
	struct person *v;
	size_t n, cap;
	bool query;      /* results of a query, not aliases */
	char *question;
	bool reverse, by_address;
	struct flow *flow;
};

static struct people *self(struct screen *s)
{
	return (struct people *)s;
}

static void add(struct people *p, struct sv name, struct sv address, struct sv extra)
{
	if (p->n >= QUERY_RESULTS_MAX)
		return;
	array_grow(p->v, p->n, p->cap);
	p->v[p->n++] = (struct person){sv_dup(name), sv_dup(address), sv_dup(extra), false, false};
}

static void clear(struct people *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->v[i].name);
		free(p->v[i].address);
		free(p->v[i].extra);
	}
	p->n = 0;
}

/* ---- lines ---- */

struct shown_line {
	const struct person *e;
	int n;
	bool query;
};

static bool value(void *data, const struct expando_ref *ref, struct expando_value *v)
{
	const struct shown_line *l = data;
	char letter = ref->letters.len > 0 ? ref->letters.p[0] : 0;
	switch (letter) {
	case 'c':
	case 'C':
	case 'i':
		v->kind = EXPANDO_NUMBER;
		v->number = l->n + 1;
		return true;
	case 't':
		str_adds(v->text, l->e->tagged ? "*" : " ");
		v->truth = l->e->tagged;
		return true;
	case 'e':
	case 'E':
		str_adds(v->text, l->e->extra);
		return true;
	case 'f':
		str_adds(v->text, l->e->deleted ? "D" : " ");
		v->truth = l->e->deleted;
		return true;
	case 'n':
		if (!l->query) {
			v->kind = EXPANDO_NUMBER;
			v->number = l->n + 1;
			return true;
		}
		str_adds(v->text, l->e->name);
		return true;
	case 'N':
		str_adds(v->text, l->e->name);
		return true;
	case 'a':
		str_adds(v->text, l->query ? l->e->address : l->e->name);
		return true;
	case 'r':
	case 'A':
		str_adds(v->text, l->e->address);
		return true;
	default:
		return false;
	}
}

static void line(struct screen *s, int n, int width, struct str *out)
{
	struct people *p = self(s);
	struct shown_line l = {&p->v[n], n, p->query};
	struct expando *x = expando_new_lenient(p->query ? SET_QUERY : SET_ALIAS,
		sv_of(p->query ? s->ui->conf->query_format : s->ui->conf->alias_format));
	struct expando_env env = {.value = value, .data = &l, .width = width};
	expando_format(x, &env, out, NULL);
	expando_free(x);
}

static void draw(struct screen *s)
{
	struct people *p = self(s);
	struct area a = ui_area(s->ui, s->ui->layout.list);
	list_draw(s, &p->list, a, line, NULL);
	if (p->n == 0)
		area_puts(a, 1, 2, p->query ? _("Nobody was found.") : _("You have no aliases!"),
			theme_style(s->ui->theme, COLOR_message));
}

static void status(struct screen *s, struct str *out, int width)
{
	struct people *p = self(s);
	char *title = p->query ? xasprintf(_("Query '%s'"), p->question) : xstrdup(_("Aliases"));
	status_title(title, &p->list, out, width);
	free(title);
}

static struct list *list(struct screen *s)
{
	return &self(s)->list;
}

static void entry(struct screen *s, int n, struct str *out)
{
	const struct person *e = &self(s)->v[n];
	str_addf(out, "%s %s %s", e->name, e->address, e->extra);
}

static void tag(struct screen *s, int n, int on)
{
	bool *t = &self(s)->v[n].tagged;
	*t = on < 0 ? !*t : on;
}

/* Aliases marked as deleted go from memory (and the alias file is the user's to edit). */
static void forget_deleted(struct people *p)
{
	struct err e;
	for (size_t i = 0; i < p->n && !p->query; i++) {
		if (!p->v[i].deleted)
			continue;
		struct str command;
		str_init(&command, 65536);
		str_adds(&command, "unalias ");
		rc_quote(&command, sv_of(p->v[i].name));
		if (!rc_run(p->base.ui->rc, ":", str_sv(&command), &e))
			ui_err(p->base.ui, &e);
		str_fini(&command);
	}
}

static void people_free(struct screen *s)
{
	struct people *p = self(s);
	struct flow *f = p->flow;
	if (f)
		f->held_by = NULL;
	forget_deleted(p);
	clear(p);
	free(p->v);
	free(p->question);
	free(p);
	if (f)
		flow_cancelled(f);
}

static const struct hint alias_hints[] = {
	{FN_exit, N_("Exit")}, {FN_delete_entry, N_("Del")}, {FN_undelete_entry, N_("Undel")},
	{FN_select_entry, N_("Select")}, {FN_tag_entry, N_("Tag")}, {FN_search, N_("Find")}, {FN_help, N_("Help")},
	{FN_NONE, NULL},
};
static const struct hint query_hints[] = {
	{FN_exit, N_("Exit")}, {FN_mail, N_("Mail")}, {FN_query, N_("New Query")}, {FN_create_alias, N_("Make Alias")},
	{FN_search, N_("Find")}, {FN_help, N_("Help")}, {FN_NONE, NULL},
};

static const struct screen_ops alias_ops = {
	.name = "aliases", .menu = MENU_ALIAS, .layout = LAYOUT_FULL, .draw = draw, .status = status, .list = list,
	.entry = entry, .free = people_free, .hints = alias_hints, .tag = tag,
};
static const struct screen_ops query_ops = {
	.name = "query", .menu = MENU_QUERY, .layout = LAYOUT_FULL, .draw = draw, .status = status, .list = list,
	.entry = entry, .free = people_free, .hints = query_hints, .tag = tag,
};

static int compare(const struct people *p, const struct person *a, const struct person *b)
{
	int c = p->by_address ? strcmp(a->address, b->address) : sv_cmp_case(sv_of(a->name), sv_of(b->name));
	return p->reverse ? -c : c;
}

static void sort_people(struct people *p)
{
	for (size_t i = 1; i < p->n; i++) { /* some hundreds: by insertion, stable */
		struct person e = p->v[i];
		size_t at = i;
		for (; at > 0 && compare(p, &p->v[at - 1], &e) > 0; at--)
			p->v[at] = p->v[at - 1];
		p->v[at] = e;
	}
}

struct screen *aliases_open(struct ui *ui, struct flow *f, flow_step *next)
{
	struct people *p = xcalloc(1, sizeof(*p));
	const struct rc_aliases *a = &ui->conf->rc.aliases;
	p->base.ops = &alias_ops;
	p->base.ui = ui;
	flow_hold(f, &p->flow);
	if (f)
		f->next = next;
	for (size_t i = 0; i < a->n; i++)
		add(p, sv_of(a->v[i].name), sv_of(a->v[i].addresses), sv_of(a->v[i].comment));
	struct conf_sort how = ui->conf->sort_alias;
	p->by_address = how.key == SORT_ADDRESS;
	p->reverse = how.reverse;
	if (how.key != SORT_MAILBOX_ORDER)
		sort_people(p);
	list_set_count(&p->list, (int)p->n);
	return &p->base;
}

/* ---- queries ---- */

/* The output of a query command: a line of text first, then "address TAB name TAB more". */
static void parse_output(struct people *p, struct sv text)
{
	struct sv row;
	struct str safe;
	if (!sv_line(&text, &row))
		return;
	str_init(&safe, 65536);
	while (sv_line(&text, &row)) {
		struct sv field[3] = {{"", 0}, {"", 0}, {"", 0}};
		str_clear(&safe);
		for (int i = 0; i < 3; i++) {
			struct sv one;
			if (!sv_split(&row, '\t', &one))
				break;
			field[i] = sv_trim(one);
		}
		if (field[0].len == 0 || !utf8_is_safe(field[0], UTF8_SAFE_LINE))
			continue;
		add(p, field[1], field[0], field[2]);
	}
	str_fini(&safe);
}

struct query {
	struct ui *ui;
	int fd, watch;
	struct str out;
	void (*done)(void *data, struct sv output);
	void *data;
};

static void query_over(struct query *q)
{
	loop_remove(q->ui->loop, q->watch);
	close(q->fd);
	q->done(q->data, q->out.s ? str_sv(&q->out) : SV(""));
	str_fini(&q->out);
	ui_dirty(q->ui);
	free(q);
}

static void query_readable(void *data, int fd, short revents)
{
	struct query *q = data;
	char buf[65536];
	(void)revents;
	ssize_t n = read(fd, buf, sizeof(buf));
	if (n > 0 && str_add(&q->out, sv_make(buf, (size_t)n)))
		return;
	query_over(q);
}

/* $query_command with its %s, beside; what it prints comes to done. */
static bool query_run(struct ui *ui, const char *question, void (*done)(void *, struct sv), void *data, struct err *e)
{
	struct str command;
	struct proc_opts o = PROC_OPTS_INIT;
	int fds[2];
	pid_t pid;
	if (!*ui->conf->query_command)
		return err_set(e, ERR_INPUT, "%s", _("Query command not defined."));
	if (!proc_pipe(fds, e))
		return false;
	str_init(&command, CONF_TEXT_MAX);
	struct sv rest = sv_of(ui->conf->query_command);
	ptrdiff_t at = sv_find(rest, SV("%s"));
	str_add(&command, at < 0 ? rest : sv_head(rest, (size_t)at));
	if (at < 0)
		str_addc(&command, ' ');
	proc_quote(&command, sv_of(question));
	if (at >= 0)
		str_add(&command, sv_from(rest, (size_t)at + 2));
	o.in = PROC_NULL;
	o.out = fds[1];
	o.err = PROC_NULL;
	o.new_group = true;
	bool ok = proc_shell(command.s, &o, &pid, e);
	str_fini(&command);
	close(fds[1]);
	if (!ok) {
		close(fds[0]);
		return false;
	}
	loop_child(ui->loop, "query", pid, NULL, NULL);
	struct query *q = xcalloc(1, sizeof(*q));
	*q = (struct query){.ui = ui, .fd = fds[0], .done = done, .data = data};
	str_init(&q->out, QUERY_OUTPUT_MAX);
	q->watch = loop_fd(ui->loop, "query", q->fd, POLLIN, query_readable, q);
	return true;
}

struct background_query {
	query_fn *fn;
	void *data;
	struct ui *ui;
};

static char *full_address(const struct person *e)
{
	if (!*e->name)
		return xstrdup(e->address);
	bool quote = strpbrk(e->name, ",;:()<>@\"\\[]") != NULL;
	return quote ? xasprintf("\"%s\" <%s>", e->name, e->address) : xasprintf("%s <%s>", e->name, e->address);
}

static void background_done(void *data, struct sv output)
{
	struct background_query *b = data;
	struct people p = {.base = {.ui = b->ui}};
	parse_output(&p, output);
	char **found = xreallocarray(NULL, p.n + 1, sizeof(*found));
	for (size_t i = 0; i < p.n; i++)
		found[i] = full_address(&p.v[i]);
	b->fn(b->data, (const char *const *)found, p.n);
	for (size_t i = 0; i < p.n; i++)
		free(found[i]);
	free(found);
	clear(&p);
	free(p.v);
	free(b);
}

void query_run_background(struct ui *ui, const char *question, query_fn *fn, void *data)
{
	struct background_query *b = xcalloc(1, sizeof(*b));
	struct err e;
	*b = (struct background_query){fn, data, ui};
	if (!query_run(ui, question, background_done, b, &e)) {
		ui_err(ui, &e);
		free(b);
	}
}

struct asking {
	char *question;
	bool append;
	struct ui *ui;
};

static void asking_free(void *data)
{
	struct asking *a = data;
	free(a->question);
	free(a);
}

static void query_done(void *data, struct sv output)
{
	struct flow *f = data;
	struct asking *a = f->data;
	struct screen *top = ui_top(f->ui);
	struct people *p;
	if (top->ops->menu == MENU_QUERY) {
		p = self(top);
		if (!a->append)
			clear(p);
	} else {
		p = xcalloc(1, sizeof(*p));
		p->base.ops = &query_ops;
		p->base.ui = f->ui;
		p->query = true;
	}
	free(p->question);
	p->question = xstrdup(a->question);
	parse_output(p, output);
	list_set_count(&p->list, (int)p->n);
	if (&p->base != top)
		ui_push(f->ui, &p->base);
	flow_wake(f, NULL);
}

static enum flow_state query_end(struct flow *f)
{
	(void)f;
	return FLOW_DONE;
}

static enum flow_state query_go(struct flow *f)
{
	struct asking *a = f->data;
	struct err e;
	if (!*f->text)
		return FLOW_FAILED;
	a->question = xstrdup(f->text);
	ui_say(f->ui, _("Waiting for response..."));
	flow_wait(f, 0, query_end);
	if (!query_run(f->ui, a->question, query_done, f, &e))
		return flow_fail(f, &e);
	return FLOW_WAITING;
}

static enum flow_state query_ask(struct flow *f)
{
	return flow_ask_line(f, _("Query: "), NULL, PROMPT_OTHER, query_go);
}

static enum run_result run_query(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct asking *a;
	(void)s;
	if (!*ui->conf->query_command)
		return ui_fail(ui, _("Query command not defined."));
	a = xcalloc(1, sizeof(*a));
	a->append = fn == FN_query_append;
	struct flow *f = flow_new(ui, "query", a, asking_free);
	f->background = true;
	return flow_run(f, query_ask);
}

/* ---- what is done with people ---- */

static char *tagged_addresses(struct ui *ui, struct people *p)
{
	struct str out;
	str_init(&out, 1 << 20);
	for (size_t i = 0; i < p->n; i++) {
		if (!p->v[i].tagged)
			continue;
		char *one = p->query ? full_address(&p->v[i]) : xstrdup(p->v[i].address);
		str_addf(&out, "%s%s", out.len > 0 ? ", " : "", one);
		free(one);
	}
	if (out.len == 0 && p->n > 0) {
		char *one = p->query ? full_address(&p->v[p->list.cursor]) : xstrdup(p->v[p->list.cursor].address);
		str_adds(&out, one);
		free(one);
	}
	(void)ui;
	char *text = out.s ? str_detach(&out) : xstrdup("");
	str_fini(&out);
	return text;
}

static enum run_result run_choose(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct people *p = self(s);
	(void)fn;
	if (p->n == 0)
		return ui_fail(ui, _("No entries."));
	char *to = tagged_addresses(ui, p);
	struct flow *f = p->flow;
	if (f)
		f->held_by = NULL;
	p->flow = NULL;
	ui_pop(ui);
	if (f)
		flow_answer_line(f, to);
	else
		write_mail_to(ui, to);
	free(to);
	return RUN_DONE;
}

static enum run_result run_delete(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct people *p = self(s);
	if (p->n == 0)
		return ui_fail(ui, _("No entries."));
	bool any = false;
	for (size_t i = 0; ui->tag_prefix && i < p->n; i++) {
		if (p->v[i].tagged) {
			p->v[i].deleted = fn == FN_delete_entry;
			any = true;
		}
	}
	if (!any) {
		p->v[p->list.cursor].deleted = fn == FN_delete_entry;
		if (ui->conf->resolve && p->list.cursor < p->list.count - 1)
			list_set_cursor(&p->list, p->list.cursor + 1);
	}
	return RUN_DONE;
}

static enum run_result run_sort(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct people *p = self(s);
	(void)ui;
	p->reverse = fn == FN_sort_alias_reverse;
	p->by_address = !p->by_address;
	sort_people(p);
	return RUN_DONE;
}

static enum run_result run_exit(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	(void)fn;
	ui_pop(ui);
	return RUN_DONE;
}

static enum run_result run_aliases(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	(void)fn;
	ui_push(ui, aliases_open(ui, NULL, NULL));
	return RUN_DONE;
}

/* ---- making an alias ---- */

struct making {
	char *name, *address, *person;
};

static void making_free(void *data)
{
	struct making *m = data;
	free(m->name);
	free(m->address);
	free(m->person);
	free(m);
}

static char *alias_line(const struct making *m)
{
	struct str out;
	str_init(&out, 65536);
	str_addf(&out, "alias %s ", m->name);
	if (*m->person) {
		bool quote = strpbrk(m->person, ",;:()<>@\"\\[]#'`$") != NULL;
		str_addf(&out, quote ? "\\\"%s\\\" <%s>" : "%s <%s>", m->person, m->address);
	} else {
		str_adds(&out, m->address);
	}
	char *text = str_detach(&out);
	str_fini(&out);
	return text;
}

static enum flow_state alias_save(struct flow *f)
{
	struct making *m = f->data;
	struct str file;
	struct err e;
	char *line_text = alias_line(m);
	bool ok = rc_run(f->ui->rc, ":", sv_of(line_text), &e);
	if (ok && *f->text) {
		char *path = fs_expand(f->text);
		int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
		str_init(&file, 65536);
		str_addf(&file, "%s\n", line_text);
		ok = fd >= 0 ? fs_write_all(fd, str_sv(&file), &e) : err_sys(&e, "%s", path);
		if (fd >= 0)
			close(fd);
		str_fini(&file);
		free(path);
		if (ok)
			ui_say(f->ui, _("Alias added."));
	}
	free(line_text);
	return ok ? FLOW_DONE : flow_fail(f, &e);
}

static enum flow_state alias_file(struct flow *f)
{
	if (!f->choice)
		return FLOW_DONE;
	return flow_ask_line(f, _("Save to file: "), f->ui->conf->alias_file, PROMPT_FILE, alias_save);
}

static enum flow_state alias_person(struct flow *f)
{
	struct making *m = f->data;
	free(m->person);
	m->person = xstrdup(f->text);
	char *question = xasprintf(_("[%s = %s <%s>] Accept?"), m->name, m->person, m->address);
	enum flow_state s = flow_ask_yesno(f, question, true, alias_file);
	free(question);
	return s;
}

static enum flow_state alias_address(struct flow *f)
{
	struct making *m = f->data;
	if (!*f->text)
		return FLOW_FAILED;
	free(m->address);
	m->address = xstrdup(f->text);
	return flow_ask_line(f, _("Personal name: "), m->person, PROMPT_OTHER, alias_person);
}

static enum flow_state alias_name(struct flow *f)
{
	struct making *m = f->data;
	if (!*f->text)
		return FLOW_FAILED;
	if (rc_alias_find(&f->ui->conf->rc, sv_of(f->text))) {
		ui_error(f->ui, _("You already have an alias defined with that name!"));
		return FLOW_FAILED;
	}
	for (const char *p = f->text; *p; p++) {
		if (strchr(" \t,;:<>()\"\\@", *p)) {
			ui_error(f->ui, _("Warning: This alias name may not work."));
			return FLOW_FAILED;
		}
	}
	m->name = xstrdup(f->text);
	return flow_ask_line(f, _("Address: "), m->address, PROMPT_ADDRESS, alias_address);
}

static enum flow_state alias_ask(struct flow *f)
{
	struct making *m = f->data;
	struct sv user = sv_of(m->address);
	ptrdiff_t at = sv_chr(user, '@');
	char *proposal = sv_dup(at < 0 ? user : sv_head(user, (size_t)at));
	for (char *p = proposal; *p; p++)
		*p = (char)ascii_lower(*p);
	enum flow_state s = flow_ask_line(f, _("Alias as: "), proposal, PROMPT_OTHER, alias_name);
	free(proposal);
	return s;
}

static enum run_result run_create(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct making *m = xcalloc(1, sizeof(*m));
	(void)fn;
	if (s->ops->menu == MENU_QUERY && self(s)->n > 0) {
		const struct person *e = &self(s)->v[self(s)->list.cursor];
		m->address = xstrdup(e->address);
		m->person = xstrdup(e->name);
	} else {
		struct view *view;
		struct msg_facts facts;
		struct addr_item from = {0};
		uint32_t row = target_row(ui, &view);
		if (row != VIEW_NONE && view_msg(view, row, &facts)) {
			struct sv list_of = facts.flags & FLAG_FROM_ME ? facts.to : facts.from;
			addr_next(&list_of, &from);
		}
		m->address = sv_dup(from.addr);
		m->person = sv_dup(from.name);
	}
	return flow_run(flow_new(ui, "create alias", m, making_free), alias_ask);
}

/* Senders and recipients of the open mailbox, newest first. */
void seen_addresses(struct ui *ui, struct sv typed, struct completions *c)
{
	struct view *view = index_view_of(ui);
	uint32_t lines = view ? MIN(view_lines(view), 5000u) : 0;
	for (uint32_t i = 0; i < lines && c->n < 50; i++) {
		struct msg_facts m;
		if (!view_msg(view, view_row(view, i), &m))
			continue;
		struct sv lists[] = {m.from, m.to};
		for (size_t k = 0; k < ARRAY_LEN(lists); k++) {
			struct addr_item item;
			while (addr_next(&lists[k], &item)) {
				if (sv_find_case(item.addr, typed) < 0 && sv_find_case(item.name, typed) < 0)
					continue;
				struct person e = {sv_dup(item.name), sv_dup(item.addr), NULL, false, false};
				char *full = full_address(&e);
				if (utf8_is_safe(sv_of(full), UTF8_SAFE_LINE)) {
					array_grow(c->v, c->n, c->cap);
					c->v[c->n++] = full;
				} else {
					free(full);
				}
				free(e.name);
				free(e.address);
			}
		}
	}
}

HANDLERS(alias_handlers,
	{FN_select_entry, IN(ALIAS), run_choose}, {FN_delete_entry, IN(ALIAS), run_delete},
	{FN_undelete_entry, IN(ALIAS), run_delete}, {FN_sort_alias, IN(ALIAS) | IN(QUERY), run_sort},
	{FN_sort_alias_reverse, IN(ALIAS) | IN(QUERY), run_sort}, {FN_exit, IN(ALIAS) | IN(QUERY), run_exit},
	{FN_alias_dialog, IN(INDEX) | IN(PAGER), run_aliases},
	{FN_create_alias, IN(INDEX) | IN(PAGER) | IN(QUERY), run_create});
HANDLERS(query_handlers,
	{FN_query, IN(INDEX) | IN(QUERY), run_query}, {FN_query_append, IN(QUERY), run_query},
	{FN_select_entry, IN(QUERY), run_choose}, {FN_mail, IN(QUERY), run_choose});
