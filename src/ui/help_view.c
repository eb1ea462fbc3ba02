/*
 * Help: the keys of a menu with what they do, searchable, and the functions that have no key. Enter
 * runs the function under the cursor in the screen that help was asked from.
 */
#include <stdlib.h>

#include "text/width.h"
#include "ui/ui_priv.h"

struct help_line {
	char *keys;
	const char *name; /* of the function, or "" */
	char *text;
	enum func_id fn;
	bool heading;
};

struct help {
	struct screen base;
	struct list list;
	struct help_line *v;
	size_t n, cap;
	enum menu_id menu;
};

static struct help *self(struct screen *s)
{
	return (struct help *)s;
}

static void add(struct help *h, struct help_line l)
{
	array_grow(h->v, h->n, h->cap);
	h->v[h->n++] = l;
}

static void add_heading(struct help *h, const char *text)
{
	if (h->n > 0)
		add(h, (struct help_line){.keys = xstrdup(""), .name = "", .text = xstrdup(""), .fn = FN_NONE, .heading = true});
	add(h, (struct help_line){.keys = xstrdup(""), .name = "", .text = xstrdup(text), .fn = FN_NONE, .heading = true});
}

static bool bound_here(struct conf *conf, enum menu_id menu, enum func_id fn)
{
	size_t at = 0;
	return keymap_next_of(conf, menu, fn, &at) != NULL;
}

/* Bindings of one map; shadowed ones of generic are left out. */
static void add_bindings(struct help *h, struct conf *conf, enum menu_id map, bool macros)
{
	const struct rc_binds *b = &conf->rc.binds;
	for (size_t i = 0; i < b->n; i++) {
		const struct rc_bind *bind = &b->v[i];
		const struct rc_bind *found = NULL;
		if (bind->menu != map || (bind->macro != NULL) != macros || (!bind->macro && bind->fn == FN_NONE))
			continue;
		if (keymap_find(conf, h->menu, bind->keys.k, bind->keys.n, &found) != KEYMAP_FOUND || found != bind)
			continue;
		struct str keys;
		str_init(&keys, 256);
		keys_print(&bind->keys, &keys);
		struct help_line l = {.keys = str_detach(&keys), .fn = bind->fn};
		if (bind->macro) {
			l.name = "M";
			l.text = bind->desc && *bind->desc ? xstrdup(bind->desc) : xstrdup(bind->macro);
		} else {
			l.name = func_table[bind->fn].name;
			l.text = xstrdup(_(func_table[bind->fn].help));
		}
		str_fini(&keys);
		add(h, l);
	}
}

static void fill(struct help *h)
{
	struct conf *conf = h->base.ui->conf;
	char *title = xasprintf(_("Keys of %s"), menu_name(h->menu));
	add_heading(h, title);
	free(title);
	add_bindings(h, conf, h->menu, false);
	size_t before = h->n;
	add_heading(h, _("Macros"));
	size_t headed = h->n;
	add_bindings(h, conf, h->menu, true);
	if (h->menu != MENU_GENERIC && menu_has_generic(h->menu))
		add_bindings(h, conf, MENU_GENERIC, true);
	while (h->n == headed && h->n > before) { /* none: no heading */
		h->n--;
		headed--;
		free(h->v[h->n].keys);
		free(h->v[h->n].text);
	}
	if (h->menu != MENU_GENERIC && menu_has_generic(h->menu)) {
		add_heading(h, _("Keys of all lists"));
		add_bindings(h, conf, MENU_GENERIC, false);
	}
	add_heading(h, _("Functions without a key (: and <name>, or bind them)"));
	for (int i = 0; i < FN_COUNT; i++) {
		const struct func *f = &func_table[i];
		bool here = (f->menus & (1u << h->menu)) || (menu_has_generic(h->menu) && (f->menus & IN(GENERIC)));
		if (!here || f->inert || bound_here(conf, h->menu, (enum func_id)i) ||
			!dispatch_find(h->menu, (enum func_id)i))
			continue;
		add(h, (struct help_line){.keys = xstrdup(""), .name = f->name, .text = xstrdup(_(f->help)), .fn = (enum func_id)i});
	}
}

static void line(struct screen *s, int n, int width, struct str *out)
{
	const struct help_line *l = &self(s)->v[n];
	(void)width;
	if (l->heading) {
		str_adds(out, l->text);
		return;
	}
	str_addc(out, ' ');
	width_add(out, sv_of(l->keys), 12, WIDTH_LEFT, "");
	str_addc(out, ' ');
	if (width >= 70) {
		width_add(out, sv_of(l->name), 25, WIDTH_LEFT, "");
		str_addc(out, ' ');
	}
	str_adds(out, l->text);
}

static struct style look(struct screen *s, int n)
{
	return self(s)->v[n].heading ? (struct style){.attrs = STYLE_BOLD} : (struct style){0};
}

static void draw(struct screen *s)
{
	list_draw(s, &self(s)->list, ui_area(s->ui, s->ui->layout.list), line, look);
}

static void status(struct screen *s, struct str *out, int width)
{
	char *title = xasprintf(_("Help for %s"), menu_name(self(s)->menu));
	status_title(title, &self(s)->list, out, width);
	free(title);
}

static struct list *list(struct screen *s)
{
	return &self(s)->list;
}

static void entry(struct screen *s, int n, struct str *out)
{
	const struct help_line *l = &self(s)->v[n];
	str_addf(out, "%s %s %s", l->keys, l->name, l->text);
}

static void help_free(struct screen *s)
{
	struct help *h = self(s);
	for (size_t i = 0; i < h->n; i++) {
		free(h->v[i].keys);
		free(h->v[i].text);
	}
	free(h->v);
	free(h);
}

static const struct hint hints[] = {
	{FN_exit, N_("Exit")}, {FN_select_entry, N_("Run it")}, {FN_search, N_("Find")}, {FN_search_next, N_("Next")},
	{FN_next_page, N_("NextPg")}, {FN_previous_page, N_("PrevPg")}, {FN_help, N_("Help")}, {FN_NONE, NULL},
};

static const struct screen_ops ops = {
	.name = "help", .menu = MENU_GENERIC, .layout = LAYOUT_FULL, .draw = draw, .status = status, .list = list,
	.entry = entry, .free = help_free, .hints = hints,
};

bool help_is(const struct screen *s)
{
	return s->ops == &ops;
}

struct screen *help_open(struct ui *ui, enum menu_id menu)
{
	struct help *h = xcalloc(1, sizeof(*h));
	h->base.ops = &ops;
	h->base.ui = ui;
	h->menu = menu;
	fill(h);
	list_set_count(&h->list, (int)h->n);
	return &h->base;
}

/* Enter: closes help and runs it there. */
enum run_result help_select(struct ui *ui, struct screen *s)
{
	struct help *h = self(s);
	enum func_id fn = h->n > 0 ? h->v[h->list.cursor].fn : FN_NONE;
	if (fn == FN_NONE)
		return ui_fail(ui, _("No function on this line."));
	ui_pop(ui);
	return dispatch(ui, fn);
}
