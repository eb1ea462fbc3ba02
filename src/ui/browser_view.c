/*
 * The browser: a list of mailboxes, or of the files of a folder. It opens mailboxes, and it answers
 * the questions for a mailbox or a file (`?` at the prompt).
 */
#include <dirent.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "core/format.h"
#include "core/mailboxes.h"
#include "text/width.h"
#include "ui/index_priv.h"

#define ENTRIES_MAX 100000

struct entry {
	char *name;   /* shown */
	char *full;   /* chosen */
	char *label;
	bool is_dir, is_link, is_exec, tagged;
	bool mailbox; /* one that core knows */
	unsigned flags;
	uint32_t total, unread;
	int64_t size, mtime;
	mode_t mode;
	uid_t uid;
	gid_t gid;
	nlink_t links;
};

struct browser {
	struct screen base;
	struct list list;
	struct entry *v;
	size_t n, cap;
	bool mailboxes; /* what is listed: mailboxes, or the files of dir */
	bool many;      /* several files may be chosen */
	char *dir;
	char *mask;
	struct rx *mask_rx;
	bool mask_not;
	bool subscribed_only;
	struct conf_sort sort;
	struct flow *flow;     /* who asked; NULL: it opens mailboxes by itself */
	bool for_prompt;       /* the answer goes into the prompt that is open below */
};

static struct browser *self(struct screen *s)
{
	return (struct browser *)s;
}

static void clear(struct browser *b)
{
	for (size_t i = 0; i < b->n; i++) {
		free(b->v[i].name);
		free(b->v[i].full);
		free(b->v[i].label);
	}
	b->n = 0;
}

static struct entry *add(struct browser *b, const char *name, const char *full)
{
	array_grow(b->v, b->n, b->cap);
	b->v[b->n] = (struct entry){.name = xstrdup(name), .full = xstrdup(full)};
	return &b->v[b->n++];
}

static void stat_entry(struct entry *e)
{
	struct stat st;
	if (is_server_url(sv_of(e->full)) || lstat(e->full, &st) != 0)
		return;
	e->is_link = S_ISLNK(st.st_mode);
	if (e->is_link && stat(e->full, &st) != 0)
		return;
	e->is_dir = S_ISDIR(st.st_mode);
	e->is_exec = !e->is_dir && (st.st_mode & S_IXUSR);
	e->mode = st.st_mode;
	e->uid = st.st_uid;
	e->gid = st.st_gid;
	e->links = st.st_nlink;
	e->mtime = st.st_mtime;
	if (!e->is_dir)
		e->size = st.st_size;
}

static void read_mailboxes(struct browser *b)
{
	struct ui *ui = b->base.ui;
	size_t n = mailboxes_count(ui->session);
	for (size_t i = 0; i < n && b->n < ENTRIES_MAX; i++) {
		const struct mailbox_info *m = mailboxes_at(ui->session, i);
		if (b->subscribed_only && !(m->flags & BOX_SUBSCRIBED))
			continue;
		const char *shown = ui->conf->browser_abbreviate_mailboxes ? m->shown : m->full;
		struct entry *e = add(b, m->label ? m->label : shown, m->full);
		e->label = xstrdup(m->label);
		e->mailbox = true;
		e->flags = m->flags;
		e->total = m->total;
		e->unread = m->unread;
		stat_entry(e);
	}
}

static bool masked(const struct browser *b, const char *name)
{
	if (!b->mask_rx || strcmp(name, "..") == 0)
		return false;
	return rx_match(b->mask_rx, sv_of(name)) == b->mask_not;
}

static void read_files(struct browser *b)
{
	DIR *d = opendir(b->dir);
	struct dirent *ent;
	if (!d) {
		ui_error(b->base.ui, _("%s cannot be read."), b->dir);
		return;
	}
	while ((ent = readdir(d)) && b->n < ENTRIES_MAX) {
		if (strcmp(ent->d_name, ".") == 0 || masked(b, ent->d_name))
			continue;
		char *full = fs_join(b->dir, ent->d_name);
		const struct mailbox_info *m = mailboxes_find(b->base.ui->session, full);
		struct entry *e = add(b, ent->d_name, full);
		free(full);
		stat_entry(e);
		if (m) {
			e->mailbox = true;
			e->flags = m->flags;
			e->total = m->total;
			e->unread = m->unread;
		}
	}
	closedir(d);
}

static int compare(const struct browser *b, const struct entry *x, const struct entry *y)
{
	int c = 0;
	if (!b->mailboxes && strcmp(x->name, "..") == 0)
		return -1;
	if (!b->mailboxes && strcmp(y->name, "..") == 0)
		return 1;
	if (b->base.ui->conf->browser_sort_dirs_first && x->is_dir != y->is_dir)
		return x->is_dir ? -1 : 1;
	switch (b->sort.key) {
	case SORT_DATE:
		c = (x->mtime > y->mtime) - (x->mtime < y->mtime);
		break;
	case SORT_SIZE:
		c = (x->size > y->size) - (x->size < y->size);
		break;
	case SORT_COUNT:
		c = (x->total > y->total) - (x->total < y->total);
		break;
	case SORT_UNREAD:
		c = (x->unread > y->unread) - (x->unread < y->unread);
		break;
	case SORT_MAILBOX_ORDER:
		return 0;
	default:
		c = strcmp(x->name, y->name);
		break;
	}
	return b->sort.reverse ? -c : c;
}

/* Merging keeps equal entries in their order and copes with big folders. */
static void sort_entries(struct browser *b)
{
	struct entry *tmp = xreallocarray(NULL, b->n + 1, sizeof(*tmp));
	for (size_t width = 1; width < b->n; width *= 2) {
		for (size_t lo = 0; lo < b->n; lo += 2 * width) {
			size_t mid = MIN(lo + width, b->n), hi = MIN(lo + 2 * width, b->n);
			size_t i = lo, k = mid, n = lo;
			while (i < mid && k < hi)
				tmp[n++] = compare(b, &b->v[k], &b->v[i]) < 0 ? b->v[k++] : b->v[i++];
			while (i < mid)
				tmp[n++] = b->v[i++];
			while (k < hi)
				tmp[n++] = b->v[k++];
		}
		memcpy(b->v, tmp, b->n * sizeof(*tmp));
	}
	free(tmp);
}

static void fill(struct browser *b)
{
	char *current = (size_t)b->list.cursor < b->n ? xstrdup(b->v[b->list.cursor].full) : NULL;
	clear(b);
	if (b->mailboxes)
		read_mailboxes(b);
	else
		read_files(b);
	sort_entries(b);
	list_set_count(&b->list, (int)b->n);
	for (size_t i = 0; current && i < b->n; i++) {
		if (strcmp(b->v[i].full, current) == 0)
			list_set_cursor(&b->list, (int)i);
	}
	free(current);
}

static struct entry *current(struct browser *b)
{
	return b->n > 0 ? &b->v[b->list.cursor] : NULL;
}

/* The list of mailboxes changed while it is shown. */
void browser_changed(struct ui *ui)
{
	struct screen *s = ui_top(ui);
	if (s && s->ops->menu == MENU_BROWSER && self(s)->mailboxes)
		fill(self(s));
}

/* ---- lines ---- */

struct shown_line {
	struct browser *b;
	const struct entry *e;
	int n;
};

static void add_mode(mode_t m, struct str *out)
{
	static const char bits[] = "rwxrwxrwx";
	str_addc(out, S_ISDIR(m) ? 'd' : S_ISLNK(m) ? 'l' : '-');
	for (int i = 0; i < 9; i++)
		str_addc(out, m & (0400u >> i) ? bits[i] : '-');
}

static bool number(struct expando_value *v, long n)
{
	v->kind = EXPANDO_NUMBER;
	v->number = n;
	return true;
}

static bool has_new(const struct entry *e)
{
	return (e->flags & BOX_NEW) || e->unread > 0;
}

static bool value(void *data, const struct expando_ref *ref, struct expando_value *v)
{
	const struct shown_line *l = data;
	const struct entry *e = l->e;
	switch (ref->letters.len > 0 ? ref->letters.p[0] : ref->kind) {
	case 'C':
		return number(v, l->n + 1);
	case 't':
		str_adds(v->text, e->tagged ? "*" : " ");
		v->truth = e->tagged;
		return true;
	case 'N':
		str_adds(v->text, has_new(e) ? "N" : " ");
		v->truth = has_new(e);
		return true;
	case 'F':
		if (e->mode)
			add_mode(e->mode, v->text);
		else
			str_adds(v->text, e->mailbox ? _("mailbox") : "");
		return true;
	case 'l':
		return number(v, (long)e->links);
	case 'u': {
		struct passwd *pw = e->mode ? getpwuid(e->uid) : NULL;
		str_adds(v->text, pw ? pw->pw_name : "");
		return true;
	}
	case 'g': {
		struct group *gr = e->mode ? getgrgid(e->gid) : NULL;
		str_adds(v->text, gr ? gr->gr_name : "");
		return true;
	}
	case 's':
		if (e->size > 0 || e->mode)
			format_size(v->text, l->b->base.ui->conf, (uint64_t)e->size);
		return true;
	case 'd':
	case 'D':
	case '[':
		v->kind = EXPANDO_TIME;
		v->time = e->mtime;
		v->local = true;
		v->time_fmt = ref->kind == 'D' ? l->b->base.ui->conf->date_format :
			clock_now() - e->mtime > 180LL * 86400 ? "%b %d  %Y" : "%b %d %H:%M";
		v->truth = e->mtime != 0;
		if (e->mtime == 0) {
			v->kind = EXPANDO_TEXT;
			v->truth = 0;
		}
		return true;
	case 'f':
	case 'i':
		str_adds(v->text, e->name);
		if (e->is_link)
			str_addc(v->text, '@');
		else if (e->is_dir && !e->mailbox)
			str_addc(v->text, '/');
		else if (e->is_exec)
			str_addc(v->text, '*');
		return true;
	case 'm':
		return number(v, (long)e->total);
	case 'n':
		return number(v, (long)e->unread);
	case 'a':
	case 'p':
		return number(v, e->flags & BOX_WATCHED ? 1 : 0);
	default:
		return false;
	}
}

static void line(struct screen *s, int n, int width, struct str *out)
{
	struct browser *b = self(s);
	struct shown_line l = {b, &b->v[n], n};
	const char *format = s->ui->conf->folder_format;
	if (s->ui->conf->profile == CONF_MODERN && conf_is_default(s->ui->conf, OPT_folder_format))
		format = b->mailboxes ? "%4C %t %N %-40.40f %<n?%6n&      > %<m?%6m&      >  %d" : "%4C %t %N %-40.40f %8s  %d  %F";
	struct expando *x = expando_new_lenient(SET_FOLDER, sv_of(format));
	struct expando_env env = {.value = value, .data = &l, .width = width};
	expando_format(x, &env, out, NULL);
	expando_free(x);
}

static struct style look(struct screen *s, int n)
{
	struct browser *b = self(s);
	struct style plain = {0};
	if (s->ui->conf->profile == CONF_MODERN && (b->v[n].unread > 0 || b->v[n].flags & BOX_NEW))
		plain.attrs = STYLE_BOLD;
	return plain;
}

static void draw(struct screen *s)
{
	list_draw(s, &self(s)->list, ui_area(s->ui, s->ui->layout.list), line, look);
	if (self(s)->n == 0)
		area_puts(ui_area(s->ui, s->ui->layout.list), 1, 2, _("Nothing here."), theme_style(s->ui->theme, COLOR_message));
}

static void status(struct screen *s, struct str *out, int width)
{
	struct browser *b = self(s);
	char *title;
	if (b->mailboxes) {
		unsigned news = 0; /* as many as have an N here, the open one, too */
		for (size_t i = 0; i < b->n; i++)
			news += has_new(&b->v[i]);
		title = xasprintf(_("Mailboxes [%u with new mail]"), news);
	} else {
		char *pretty = conf_short_path(s->ui->conf, b->dir);
		title = xasprintf(_("Directory [%s], File mask: %s"), pretty, b->mask && *b->mask ? b->mask : _("none"));
		free(pretty);
	}
	status_title(title, &b->list, out, width);
	free(title);
}

static struct list *list(struct screen *s)
{
	return &self(s)->list;
}

static void entry_text(struct screen *s, int n, struct str *out)
{
	str_adds(out, self(s)->v[n].name);
}

static void tag(struct screen *s, int n, int on)
{
	struct browser *b = self(s);
	if (b->mailboxes || !b->many) {
		ui_error(s->ui, _("Tagging is not supported."));
		return;
	}
	if (b->v[n].is_dir) {
		ui_error(s->ui, _("Folders cannot be attached."));
		return;
	}
	b->v[n].tagged = on < 0 ? !b->v[n].tagged : on;
}

static void browser_free(struct screen *s)
{
	struct browser *b = self(s);
	struct flow *f = b->flow;
	if (f)
		f->held_by = NULL;
	clear(b);
	free(b->v);
	free(b->dir);
	free(b->mask);
	rx_free(b->mask_rx);
	free(b);
	if (f) /* left without a choice */
		flow_cancelled(f);
}

static const struct hint hints[] = {
	{FN_exit, N_("Exit")}, {FN_select_entry, N_("Open")}, {FN_change_dir, N_("Chdir")}, {FN_goto_parent, N_("Goto")},
	{FN_enter_mask, N_("Mask")}, {FN_toggle_mailboxes, N_("Files/Mailboxes")}, {FN_create_mailbox, N_("Create")},
	{FN_delete_mailbox, N_("Delete")}, {FN_rename_mailbox, N_("Rename")}, {FN_sort, N_("Sort")}, {FN_search, N_("Find")},
	{FN_help, N_("Help")}, {FN_NONE, NULL},
};

static const struct screen_ops ops = {
	.name = "browser", .menu = MENU_BROWSER, .layout = LAYOUT_FULL, .draw = draw, .status = status, .list = list,
	.entry = entry_text, .free = browser_free, .hints = hints, .tag = tag,
};

static void set_mask(struct browser *b, const char *text)
{
	struct err e;
	free(b->mask);
	rx_free(b->mask_rx);
	b->mask = xstrdup(text);
	b->mask_not = *text == '!';
	b->mask_rx = NULL;
	const char *pattern = b->mask_not ? text + 1 : text;
	if (*pattern && !(b->mask_rx = rx_new(pattern, 0, &e)))
		ui_err(b->base.ui, &e);
}

void browser_open(struct ui *ui, enum browse_mode mode, struct flow *f, flow_step *next)
{
	struct browser *b = xcalloc(1, sizeof(*b));
	b->base.ops = &ops;
	b->base.ui = ui;
	b->mailboxes = mode == BROWSE_MAILBOXES;
	b->many = mode == BROWSE_FILES_MANY;
	b->sort = b->mailboxes ? ui->conf->sort_browser_mailboxes : ui->conf->sort_browser;
	flow_hold(f, &b->flow);
	if (f)
		f->next = next;
	char *cwd = getcwd(NULL, 0);
	b->dir = b->mailboxes ? xstrdup(ui->conf->folder) : xstrdup(cwd ? cwd : "/");
	free(cwd);
	set_mask(b, ui->conf->mask.text);
	fill(b);
	/* The cursor starts on the open mailbox. */
	for (size_t i = 0; i < b->n; i++) {
		if (b->v[i].flags & BOX_OPEN)
			list_set_cursor(&b->list, (int)i);
	}
	ui_push(ui, &b->base);
}

/* ---- choosing ---- */

static void answer(struct ui *ui, struct browser *b, const char *text)
{
	struct flow *f = b->flow;
	char *copy = xstrdup(text);
	if (f)
		f->held_by = NULL;
	b->flow = NULL;
	ui_pop(ui);
	if (f)
		flow_answer_line(f, copy);
	else
		mailbox_change(ui, copy, false);
	free(copy);
}

static void enter_folder(struct browser *b, const char *full)
{
	struct str path;
	char *real = realpath(full, NULL);
	str_init(&path, 65536);
	str_adds(&path, real ? real : full);
	free(real);
	char *old = b->dir;
	b->dir = xstrdup(path.s);
	b->mailboxes = false;
	b->list.cursor = 0;
	fill(b);
	for (size_t i = 0; i < b->n; i++) { /* where we came from */
		if (strcmp(b->v[i].full, old) == 0)
			list_set_cursor(&b->list, (int)i);
	}
	free(old);
	str_fini(&path);
}

static bool is_mail_folder(const char *path)
{
	char *cur = fs_join(path, "cur");
	char *new = fs_join(path, "new");
	bool yes = fs_is_dir(cur) && fs_is_dir(new);
	free(cur);
	free(new);
	return yes;
}

static enum run_result run_select(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct browser *b = self(s);
	struct entry *e = current(b);
	if (!e)
		return ui_fail(ui, _("No entries."));
	if (!b->mailboxes && e->is_dir && (fn == FN_descend_directory || !is_mail_folder(e->full) || b->many)) {
		enter_folder(b, e->full);
		return RUN_DONE;
	}
	if (e->flags & BOX_NOSELECT)
		return ui_fail(ui, _("%s holds mailboxes, but no messages."), e->name);
	struct str many;
	str_init(&many, 1 << 20);
	for (size_t i = 0; i < b->n; i++) {
		if (b->v[i].tagged)
			str_addf(&many, "%s%s", many.len > 0 ? "\n" : "", b->v[i].full);
	}
	char *chosen = many.len > 0 ? str_detach(&many) : xstrdup(e->full);
	str_fini(&many);
	answer(ui, b, chosen);
	free(chosen);
	return RUN_DONE;
}

static enum run_result run_view_file(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct entry *e = current(self(s));
	if (!e)
		return ui_fail(ui, _("No entries."));
	if (e->is_dir || e->mailbox)
		return run_select(ui, s, fn);
	return attach_view_file(ui, e->full, NULL, e->name);
}

static enum run_result run_exit(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	(void)fn;
	ui_pop(ui);
	return RUN_DONE;
}

/* ---- where ---- */

static enum flow_state dir_given(struct flow *f)
{
	struct browser *b = self(ui_top(f->ui));
	if (!*f->text)
		return FLOW_DONE;
	char *path = conf_expand_path(f->ui->conf, sv_of(f->text));
	bool ok = fs_is_dir(path);
	if (ok)
		enter_folder(b, path);
	else
		ui_error(f->ui, _("%s is not a directory."), path);
	free(path);
	return ok ? FLOW_DONE : FLOW_FAILED;
}

static enum flow_state dir_ask(struct flow *f)
{
	char *dir = fs_join(self(ui_top(f->ui))->dir, "");
	enum flow_state st = flow_ask_line(f, _("Chdir to: "), dir, PROMPT_FILE, dir_given);
	free(dir);
	return st;
}

static enum run_result run_dir(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct browser *b = self(s);
	char *home = NULL;
	switch (fn) {
	case FN_goto_parent: {
		char *up = fs_dirname(b->dir);
		enter_folder(b, up);
		free(up);
		return RUN_DONE;
	}
	case FN_goto_home:
		home = fs_home();
		enter_folder(b, home);
		free(home);
		return RUN_DONE;
	case FN_goto_root:
		enter_folder(b, "/");
		return RUN_DONE;
	case FN_goto_folder:
		if (!fs_is_dir(ui->conf->folder))
			return ui_fail(ui, _("%s is not a directory."), ui->conf->folder);
		enter_folder(b, ui->conf->folder);
		return RUN_DONE;
	default:
		return flow_run(flow_new(ui, "chdir", NULL, NULL), dir_ask);
	}
}

static enum run_result run_toggle(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct browser *b = self(s);
	if (fn == FN_toggle_subscribed) {
		b->subscribed_only = !b->subscribed_only;
		ui_say(ui, b->subscribed_only ? _("Subscribed mailboxes only.") : _("All mailboxes."));
	} else {
		b->mailboxes = fn == FN_mailbox_list || !b->mailboxes;
		b->sort = b->mailboxes ? ui->conf->sort_browser_mailboxes : ui->conf->sort_browser;
	}
	b->list.cursor = 0;
	fill(b);
	return RUN_DONE;
}

static enum run_result run_check(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)fn;
	session_check(ui->session, NULL);
	fill(self(s));
	return RUN_DONE;
}

static enum run_result run_name(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct entry *e = current(self(s));
	(void)fn;
	if (!e)
		return ui_fail(ui, _("No entries."));
	ui_say(ui, "%s", e->full);
	return RUN_DONE;
}

static enum flow_state mask_given(struct flow *f)
{
	struct browser *b = self(ui_top(f->ui));
	set_mask(b, f->text);
	b->mailboxes = false;
	fill(b);
	return FLOW_DONE;
}

static enum flow_state mask_ask(struct flow *f)
{
	return flow_ask_line(f, _("File Mask: "), self(ui_top(f->ui))->mask, PROMPT_OTHER, mask_given);
}

static enum run_result run_mask(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	(void)fn;
	return flow_run(flow_new(ui, "mask", NULL, NULL), mask_ask);
}

static enum flow_state sort_by(struct flow *f)
{
	static const enum sort_key keys[] = {SORT_DATE, SORT_ALPHA, SORT_SIZE, SORT_COUNT, SORT_UNREAD, SORT_MAILBOX_ORDER};
	struct browser *b = self(ui_top(f->ui));
	b->sort.key = keys[f->choice];
	b->sort.reverse = *(bool *)f->data;
	fill(b);
	return FLOW_DONE;
}

static enum flow_state sort_ask(struct flow *f)
{
	return flow_ask_choice(f, *(bool *)f->data ?
		_("Reverse sort by (d)ate, (a)lpha, si(z)e, (c)ount, (u)nread, or do(n)'t sort? ") :
		_("Sort by (d)ate, (a)lpha, si(z)e, (c)ount, (u)nread, or do(n)'t sort? "),
		/* TRANSLATORS: keys of the sort question of the browser, in the order of its words. */
		_("dazcun"), -1, sort_by);
}

static enum run_result run_sort(struct ui *ui, struct screen *s, enum func_id fn)
{
	bool *reverse = xcalloc(1, sizeof(*reverse));
	(void)s;
	*reverse = fn == FN_sort_reverse;
	return flow_run(flow_new(ui, "sort", reverse, free), sort_ask);
}

/* ---- mailboxes: make, rename, delete, subscribe ---- */

enum work { WORK_CREATE, WORK_RENAME, WORK_DELETE, WORK_NEW };

struct change {
	enum work work;
	char *full;
};

static void change_free(void *data)
{
	struct change *c = data;
	free(c->full);
	free(c);
}

static enum flow_state change_apply(struct flow *f)
{
	struct change *c = f->data;
	struct ui *ui = f->ui;
	struct err e;
	bool ok = true;
	switch (c->work) {
	case WORK_CREATE:
		if (!*f->text)
			return FLOW_DONE;
		ok = mailboxes_create(ui->session, f->text, &e);
		if (ok)
			ui_say(ui, _("Mailbox created."));
		break;
	case WORK_RENAME:
		if (!*f->text)
			return FLOW_DONE;
		ok = mailboxes_rename(ui->session, c->full, f->text, &e);
		if (ok)
			ui_say(ui, _("Mailbox renamed."));
		break;
	case WORK_DELETE:
		if (!f->choice) {
			ui_say(ui, _("Mailbox not deleted."));
			return FLOW_DONE;
		}
		ok = mailboxes_delete(ui->session, c->full, &e);
		if (ok)
			ui_say(ui, _("Mailbox deleted."));
		break;
	case WORK_NEW:
		if (*f->text)
			answer(ui, self(ui_top(ui)), f->text);
		return FLOW_DONE;
	}
	if (!ok)
		return flow_fail(f, &e);
	browser_changed(ui);
	return FLOW_DONE;
}

static enum flow_state change_ask(struct flow *f)
{
	struct change *c = f->data;
	char *label;
	enum flow_state st;
	switch (c->work) {
	case WORK_CREATE:
		return flow_ask_line(f, _("Create mailbox: "), "=", PROMPT_MAILBOX, change_apply);
	case WORK_RENAME:
		label = xasprintf(_("Rename mailbox %s to: "), c->full);
		st = flow_ask_line(f, label, c->full, PROMPT_MAILBOX, change_apply);
		free(label);
		return st;
	case WORK_DELETE:
		label = xasprintf(_("Really delete mailbox \"%s\"?"), c->full);
		st = flow_ask_yesno(f, label, false, change_apply);
		free(label);
		return st;
	default:
		return flow_ask_line(f, _("New file name: "), NULL, PROMPT_FILE, change_apply);
	}
}

static enum run_result run_change(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct entry *e = current(self(s));
	struct change *c;
	if ((fn == FN_rename_mailbox || fn == FN_delete_mailbox) && (!e || !(self(s)->mailboxes || e->mailbox)))
		return ui_fail(ui, _("This is not a mailbox."));
	c = xcalloc(1, sizeof(*c));
	c->work = fn == FN_create_mailbox ? WORK_CREATE : fn == FN_rename_mailbox ? WORK_RENAME :
		fn == FN_delete_mailbox ? WORK_DELETE : WORK_NEW;
	c->full = xstrdup(e ? e->full : "");
	return flow_run(flow_new(ui, "mailbox", c, change_free), change_ask);
}

static enum run_result run_subscribe(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct entry *e = current(self(s));
	struct err err;
	if (!e || !self(s)->mailboxes)
		return ui_fail(ui, _("This is not a mailbox."));
	bool on = fn == FN_subscribe;
	if (!mailboxes_subscribe(ui->session, e->full, on, &err))
		return ui_fail_err(ui, &err);
	ui_say(ui, on ? _("Subscribed to %s") : _("Unsubscribed from %s"), e->name);
	return RUN_DONE;
}

static enum run_result run_catchup(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct entry *e = current(self(s));
	struct err err;
	(void)fn;
	if (!e || !self(s)->mailboxes)
		return ui_fail(ui, _("This is not a mailbox."));
	if (!mailboxes_catch_up(ui->session, e->full, &err))
		return ui_fail_err(ui, &err);
	return RUN_DONE;
}

HANDLERS(browser_handlers,
	{FN_select_entry, IN(BROWSER), run_select}, {FN_descend_directory, IN(BROWSER), run_select},
	{FN_view_file, IN(BROWSER), run_view_file}, {FN_exit, IN(BROWSER), run_exit},
	{FN_change_dir, IN(BROWSER), run_dir}, {FN_goto_parent, IN(BROWSER), run_dir},
	{FN_goto_home, IN(BROWSER), run_dir}, {FN_goto_root, IN(BROWSER), run_dir}, {FN_goto_folder, IN(BROWSER), run_dir},
	{FN_toggle_mailboxes, IN(BROWSER), run_toggle}, {FN_mailbox_list, IN(BROWSER), run_toggle},
	{FN_toggle_subscribed, IN(BROWSER), run_toggle},
	{FN_check_new, IN(BROWSER), run_check}, {FN_display_filename, IN(BROWSER), run_name},
	{FN_enter_mask, IN(BROWSER), run_mask}, {FN_sort, IN(BROWSER), run_sort}, {FN_sort_reverse, IN(BROWSER), run_sort},
	{FN_create_mailbox, IN(BROWSER), run_change}, {FN_rename_mailbox, IN(BROWSER), run_change},
	{FN_delete_mailbox, IN(BROWSER), run_change}, {FN_select_new, IN(BROWSER), run_change},
	{FN_subscribe, IN(BROWSER), run_subscribe}, {FN_unsubscribe, IN(BROWSER), run_subscribe},
	{FN_catchup, IN(BROWSER), run_catchup});
