#include "ui/items.h"

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "conf/expando.h"
#include "text/width.h"

#define DETAIL_ROWS 8      /* at most; a third of a small screen */
#define DETAIL_FROM_ROWS 12 /* smaller screens have none */
#define DAY_S 86400

static struct items *self(struct screen *s)
{
	return (struct items *)s;
}

/* ---- entries ---- */

static void clear(struct items *x)
{
	for (size_t i = 0; i < x->n; i++) {
		free(x->v[i].text);
		free(x->v[i].detail);
		free(x->v[i].name);
		free(x->v[i].ids);
	}
	x->n = 0;
}

struct item *items_add(struct items *x, int64_t id, char *take_text, char *take_detail)
{
	array_grow(x->v, x->n, x->cap);
	x->v[x->n] = (struct item){.id = id, .text = take_text, .detail = take_detail};
	return &x->v[x->n++];
}

struct item *items_current(struct items *x)
{
	return x->n > 0 ? &x->v[x->list.cursor] : NULL;
}

void items_fill(struct items *x)
{
	struct item *current = items_current(x);
	int64_t id = current ? current->id : 0;
	bool had = current != NULL;

	if (!x->kind->fill)
		return;
	clear(x);
	x->kind->fill(x);
	list_set_count(&x->list, (int)x->n);
	for (size_t i = 0; had && i < x->n; i++) {
		if (x->v[i].id == id) {
			list_set_cursor(&x->list, (int)i);
			break;
		}
	}
}

struct items *items_open(struct ui *ui, const struct screen_ops *ops, const struct items_kind *kind)
{
	struct items *x = xcalloc(1, sizeof(*x));

	x->base.ops = ops;
	x->base.ui = ui;
	x->kind = kind;
	items_fill(x);
	return x;
}

char *items_time(int64_t when, const char *format)
{
	struct str s;
	char *text;

	str_init(&s, 256);
	date_format(&s, sv_of(format), when, 0, true);
	text = str_detach(&s);
	str_fini(&s);
	return text;
}

void items_column(struct str *out, const char *text, int columns)
{
	int room = columns < 0 ? -columns : columns, pad;
	struct sv cut = width_head(sv_of(text), room, NULL);

	pad = room - width_of(cut);
	if (columns < 0)
		str_addn(out, ' ', (size_t)MAX(pad, 0));
	str_add(out, cut);
	if (columns > 0)
		str_addn(out, ' ', (size_t)MAX(pad, 0));
}

char *items_when(int64_t when)
{
	return items_time(when, clock_now() - when < DAY_S / 2 ? "%H:%M " : "%d %b");
}

/* ---- drawing ---- */

static void line(struct screen *s, int n, int width, struct str *out)
{
	const struct item *it = &self(s)->v[n];

	(void)width;
	if (it->deleted || it->tagged)
		str_adds(out, it->deleted ? "D" : "*");
	str_adds(out, it->text + (it->deleted || it->tagged ? 1 : 0));
}

static struct style look(struct screen *s, int n)
{
	const struct item *it = &self(s)->v[n];

	if (it->level == LOG_ERROR)
		return theme_style(s->ui->theme, COLOR_error);
	if (it->level == LOG_WARN)
		return theme_style(s->ui->theme, COLOR_warning);
	return it->dim ? theme_style(s->ui->theme, COLOR_message) : (struct style){0};
}

static int detail_rows(struct items *x, int rows)
{
	if (x->n == 0 || !x->kind->detail || rows < DETAIL_FROM_ROWS)
		return 0;
	return MIN(DETAIL_ROWS, rows / 3);
}

/* At a blank where that is possible; a URL is cut where the line ends. */
static struct sv first_line(struct sv text, int cols)
{
	struct sv head = width_head(text, cols, NULL);

	for (size_t n = head.len; head.len < text.len && n > head.len / 2; n--) {
		if (text.p[n] == ' ')
			return sv_head(text, n);
	}
	return head;
}

static void draw_detail(struct items *x, struct area a)
{
	struct ui *ui = x->base.ui;
	struct style normal = theme_style(ui->theme, COLOR_normal);
	struct style rule = theme_style(ui->theme, COLOR_status);
	struct sv rest = sv_of(x->v[x->list.cursor].detail), one;
	int row = 1;

	area_fill(a, 0, 0, a.cols, '-', rule);
	area_puts(a, 0, 0, _("-- details "), rule);
	while (row < a.rows && sv_line(&rest, &one)) {
		do {
			struct sv head = first_line(one, a.cols);

			area_put(a, row++, 0, head, normal);
			one = sv_from(one, MAX(head.len, (size_t)(one.len > 0 && head.len == 0)));
			while (one.len > 0 && one.p[0] == ' ')
				one = sv_from(one, 1);
		} while (one.len > 0 && row < a.rows);
	}
}

void items_draw(struct screen *s)
{
	struct items *x = self(s);
	struct area a = ui_area(s->ui, s->ui->layout.list);
	int below = detail_rows(x, a.rows);

	list_draw(s, &x->list, area_part(a, 0, 0, a.rows - below, a.cols), line, look);
	if (x->n == 0)
		area_puts(a, 1, 2, _(x->kind->nothing), theme_style(s->ui->theme, COLOR_message));
	else if (below > 0)
		draw_detail(x, area_part(a, a.rows - below, 0, below, a.cols));
}

void items_status(struct screen *s, struct str *out, int width)
{
	struct items *x = self(s);
	struct str title;

	str_init(&title, 1000);
	if (x->kind->say_title)
		x->kind->say_title(x, &title);
	else
		str_addf(&title, "%s: %zu", _(x->kind->title), x->n);
	status_title(title.s ? title.s : "", &x->list, out, width);
	str_fini(&title);
}

struct list *items_list(struct screen *s)
{
	return &self(s)->list;
}

void items_entry(struct screen *s, int n, struct str *out)
{
	str_addf(out, "%s %s", self(s)->v[n].text, self(s)->v[n].detail);
}

void items_shown(struct screen *s)
{
	items_fill(self(s));
}

void items_free(struct screen *s)
{
	struct items *x = self(s);

	clear(x);
	free(x->v);
	free(x);
}

/* ---- functions that all have ---- */

enum run_result items_run_copy(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct item *it = items_current(self(s));

	(void)fn;
	if (!it)
		return ui_fail(ui, _("No entries."));
	if (!term_copy(ui->term, sv_of(it->detail)))
		return ui_fail(ui, _("This terminal has no clipboard for us."));
	ui_say(ui, _("Copied."));
	return RUN_DONE;
}

enum run_result items_run_exit(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	(void)fn;
	ui_pop(ui);
	return RUN_DONE;
}

enum run_result items_run_detail(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct items *x = self(s);
	struct item *it = items_current(x);

	(void)fn;
	if (!it)
		return ui_fail(ui, _("No entries."));
	ui_push(ui, pager_open_text(ui, x->base.ops->name, sv_of(it->detail)));
	return RUN_DONE;
}
