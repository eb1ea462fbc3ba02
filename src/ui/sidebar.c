/*
 * The sidebar: mailboxes by account with their counts, a mark that sidebar functions move, and the
 * open one. What `mailboxes` names is shown; without that, all that are known.
 */
#include <stdlib.h>

#include "base/hash.h"
#include "core/format.h"
#include "core/mailboxes.h"
#include "text/width.h"
#include "ui/ui_priv.h"

struct entry {
	size_t at;       /* index into mailboxes_at, or SIZE_MAX: the heading of an account */
	const char *account;
	int depth;
	int64_t rank;     /* for sorting, then by text */
	const char *text; /* NULL: by at */
};

struct sidebar {
	struct entry *v;
	size_t n, cap;
	unsigned generation; /* of the list of mailboxes that it was filled from; 0: not filled */
	uint64_t settings;   /* and what else it depends on */
	char *marked;    /* full name */
	int top;
	int rows;
};

static struct sidebar *of(struct ui *ui)
{
	if (!ui->sidebar)
		ui->sidebar = xcalloc(1, sizeof(*ui->sidebar));
	return ui->sidebar;
}

void sidebar_free(struct ui *ui)
{
	if (!ui->sidebar)
		return;
	free(ui->sidebar->v);
	free(ui->sidebar->marked);
	free(ui->sidebar);
	ui->sidebar = NULL;
}

/* ---- which ---- */

static bool any_watched(struct ui *ui, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (mailboxes_at(ui->session, i)->flags & BOX_WATCHED)
			return true;
	}
	return false;
}

static bool pinned(struct ui *ui, const struct mailbox_info *m)
{
	const struct rc_words *w = &ui->conf->rc.sidebar_pinned;
	for (size_t i = 0; i < w->n; i++) {
		if (strcmp(w->v[i], m->full) == 0 || strcmp(w->v[i], m->shown) == 0)
			return true;
	}
	return false;
}

static bool wanted(struct ui *ui, const struct mailbox_info *m, bool watched_only)
{
	const struct conf *c = ui->conf;
	if (m->flags & BOX_OPEN || pinned(ui, m))
		return true;
	if (watched_only && !(m->flags & BOX_WATCHED))
		return false;
	if (c->sidebar_new_mail_only && m->unread == 0 && !(m->flags & BOX_NEW))
		return false;
	if (c->sidebar_non_empty_mailbox_only && (m->flags & BOX_COUNTED) && m->total == 0)
		return false;
	return true;
}

/* What $sidebar_sort_method goes by. */
static void set_rank(struct ui *ui, struct entry *e)
{
	const struct mailbox_info *m = mailboxes_at(ui->session, e->at);
	struct conf_sort how = ui->conf->sidebar_sort_method;

	switch (how.key) {
	case SORT_COUNT:
		e->rank = -(int64_t)m->total;
		break;
	case SORT_UNREAD:
	case SORT_NEW:
		e->rank = -(int64_t)m->unread;
		break;
	case SORT_FLAGGED:
		e->rank = -(int64_t)m->flagged;
		break;
	default:
		e->text = m->full;
		break;
	}
	e->rank = how.reverse ? -e->rank : e->rank;
}

/* Equal ones keep their order. */
static int by_rank(const void *va, const void *vb)
{
	const struct entry *a = va, *b = vb;
	int c = a->text && b->text ? strcmp(a->text, b->text) : 0;

	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	return c ? c : a->at < b->at ? -1 : a->at > b->at;
}

static int by_rank_reversed(const void *va, const void *vb)
{
	const struct entry *a = va, *b = vb;
	int c = a->text && b->text ? strcmp(b->text, a->text) : 0;

	return c ? c : by_rank(va, vb);
}

static void sort_entries(struct ui *ui, struct sidebar *s)
{
	for (size_t i = 0; i < s->n; i++)
		set_rank(ui, &s->v[i]);
	qsort(s->v, s->n, sizeof(*s->v), ui->conf->sidebar_sort_method.reverse ? by_rank_reversed : by_rank);
}

/* unsorted: accounts as they come, in each the named ones as the configuration names them, then the rest. */
static void order_entries(struct ui *ui, struct sidebar *s)
{
	const struct rc_mailboxes *r = &ui->conf->rc.mailboxes;
	struct map *places = map_new();
	int64_t account = 0;

	for (size_t i = r->n; i > 0; i--) /* the first of equal names counts */
		map_set(places, sv_of(r->v[i - 1].path), (void *)(uintptr_t)i);
	for (size_t i = 0; i < s->n; i++) {
		const struct mailbox_info *m = mailboxes_at(ui->session, s->v[i].at);
		uintptr_t place = (uintptr_t)map_get(places, sv_of(m->full));

		account += i > 0 && strcmp(s->v[i].account, s->v[i - 1].account) != 0;
		s->v[i].rank = account << 32 | (int64_t)(place ? MIN(place, (uintptr_t)UINT32_MAX - 1) : UINT32_MAX);
	}
	map_free(places);
	if (s->n > 1)
		qsort(s->v, s->n, sizeof(*s->v), by_rank);
}

static void add(struct sidebar *s, struct entry e)
{
	array_grow(s->v, s->n, s->cap);
	s->v[s->n++] = e;
}

static int depth_of(struct ui *ui, const struct mailbox_info *m)
{
	const char *delims = m->delim ? (char[]){m->delim, '\0'} : ui->conf->sidebar_delim_chars;
	int depth = 0;
	const char *name = m->shown;
	if (*name == '=' || *name == '+')
		name++;
	for (; *name; name++) {
		if (strchr(delims, *name) && name[1])
			depth++;
	}
	return depth;
}

/* The options that decide what stands in it, and in which order. */
static uint64_t settings_of(struct ui *ui)
{
	const struct conf *c = ui->conf;

	return (uint64_t)c->sidebar_sort_method.key << 32 | (uint64_t)c->rc.sidebar_pinned.n << 16 |
	       (uint64_t)(c->rc.mailboxes.n & 0xfff) << 4 | (uint64_t)c->sidebar_sort_method.reverse << 3 |
	       (uint64_t)c->sidebar_new_mail_only << 2 | (uint64_t)c->sidebar_non_empty_mailbox_only << 1 |
	       (uint64_t)(c->profile == CONF_MUTT);
}

static void fill(struct ui *ui)
{
	struct sidebar *s = of(ui);
	unsigned generation = mailboxes_generation(ui->session);
	size_t count = mailboxes_count(ui->session);
	bool watched;

	if (s->generation == generation && s->settings == settings_of(ui))
		return;
	s->generation = generation;
	s->settings = settings_of(ui);
	watched = any_watched(ui, count);
	s->n = 0;
	for (size_t i = 0; i < count; i++) {
		const struct mailbox_info *m = mailboxes_at(ui->session, i);
		if (wanted(ui, m, watched))
			add(s, (struct entry){.at = i, .account = m->account, .depth = depth_of(ui, m)});
	}
	if (ui->conf->sidebar_sort_method.key != SORT_MAILBOX_ORDER && s->n > 1) {
		sort_entries(ui, s);
		return;
	}
	order_entries(ui, s);
	/* In the order of the accounts, each under its name when there are several. */
	bool several = false;
	for (size_t i = 1; i < s->n; i++)
		several = several || strcmp(s->v[i].account, s->v[0].account) != 0;
	if (!several || ui->conf->profile == CONF_MUTT)
		return;
	for (size_t i = 0; i < s->n; i++) {
		if ((i > 0 && strcmp(s->v[i].account, s->v[i - 1].account) == 0) || !*s->v[i].account)
			continue; /* unified mailboxes are of no account: they stand above */
		add(s, (struct entry){0});
		memmove(&s->v[i + 1], &s->v[i], (s->n - i - 1) * sizeof(*s->v));
		s->v[i] = (struct entry){.at = SIZE_MAX, .account = s->v[i + 1].account};
		i++;
	}
}

static const struct mailbox_info *info(struct ui *ui, size_t n)
{
	struct sidebar *s = of(ui);
	return n < s->n && s->v[n].at != SIZE_MAX ? mailboxes_at(ui->session, s->v[n].at) : NULL;
}

/* The marked line; when it is gone, the open one, else the first. */
static size_t marked(struct ui *ui)
{
	struct sidebar *s = of(ui);
	size_t open = SIZE_MAX, first = SIZE_MAX;
	for (size_t i = 0; i < s->n; i++) {
		const struct mailbox_info *m = info(ui, i);
		if (!m)
			continue;
		if (s->marked && strcmp(m->full, s->marked) == 0)
			return i;
		if (m->flags & BOX_OPEN)
			open = i;
		if (first == SIZE_MAX)
			first = i;
	}
	return open != SIZE_MAX ? open : first == SIZE_MAX ? 0 : first;
}

static void mark(struct ui *ui, size_t n)
{
	const struct mailbox_info *m = info(ui, n);
	if (!m)
		return;
	free(of(ui)->marked);
	of(ui)->marked = xstrdup(m->full);
}

/* ---- drawing ---- */

struct shown_line {
	struct ui *ui;
	const struct mailbox_info *m;
	int number, depth;
};

/* Without the first n parts; the last one always stays. */
static const char *without_components(const struct shown_line *l, const char *name, int n)
{
	const char *start = name;

	for (const char *p = name; *p && n > 0; p++) {
		bool delim = l->m->delim ? *p == l->m->delim : strchr(l->ui->conf->sidebar_delim_chars, *p) != NULL;

		if (delim && p[1] && p > start) {
			name = p + 1;
			n--;
		}
	}
	return name;
}

static void add_name(const struct shown_line *l, struct str *out)
{
	const struct conf *c = l->ui->conf;
	const char *name = l->m->label ? l->m->label : l->m->shown;
	char *pretty = NULL;
	if (!l->m->label && !c->sidebar_use_mailbox_shortcuts) { /* a name, not "!" */
		pretty = strlen(name) == 1 ? conf_short_path(c, l->m->full) : NULL;
		name = pretty ? pretty : name;
		if ((*name == '=' || *name == '+') && name[1])
			name++;
	}
	if (!l->m->label && (c->sidebar_short_path || c->sidebar_component_depth > 0))
		name = without_components(l, name, c->sidebar_short_path ? (int)strlen(name) : c->sidebar_component_depth);
	if (c->sidebar_folder_indent) {
		for (int i = 0; i < l->depth; i++)
			str_adds(out, c->sidebar_indent_string);
	}
	str_adds(out, name);
	free(pretty);
}

static bool number(struct expando_value *v, long n)
{
	v->kind = EXPANDO_NUMBER;
	v->number = n;
	return true;
}

static bool value(void *data, const struct expando_ref *ref, struct expando_value *v)
{
	const struct shown_line *l = data;
	const struct mailbox_info *m = l->m;
	struct view *view = m->flags & BOX_OPEN ? index_view_of(l->ui) : NULL;
	const struct view_counts *c = view ? view_counts(view) : NULL;
	long total = c ? (long)c->total : (long)m->total;
	long unread = c ? (long)c->unread : (long)m->unread;
	long flagged = c ? (long)c->flagged : (long)m->flagged;
	switch (ref->letters.len > 0 ? ref->letters.p[0] : 0) {
	case 'B':
	case 'D':
		add_name(l, v->text);
		return true;
	case 'S':
		return number(v, total);
	case 'N':
		return number(v, unread);
	case 'n':
		str_adds(v->text, m->flags & BOX_NEW || unread > 0 ? "N" : " ");
		v->truth = (m->flags & BOX_NEW) || unread > 0;
		return true;
	case 'F':
		return number(v, flagged);
	case 'Z':
		return number(v, c ? (long)c->fresh : (long)m->fresh);
	case 'o':
		return number(v, c ? (long)c->old : MAX(0, (long)m->unread - (long)m->fresh));
	case 'r':
		return number(v, total - unread);
	case 'd':
		return number(v, c ? (long)c->deleted : 0);
	case 't':
		return number(v, c ? (long)c->tagged : 0);
	case 'L':
		return number(v, c ? (long)c->shown : 0);
	case 'i':
		return number(v, l->number);
	case 'a':
	case 'p':
		return number(v, m->flags & BOX_WATCHED ? 1 : 0);
	case '!':
		if (flagged > 2)
			str_addf(v->text, "%ld!", flagged);
		else
			str_adds(v->text, flagged == 2 ? "!!" : flagged == 1 ? "!" : "");
		return true;
	default:
		return false;
	}
}

static struct style look_of(struct ui *ui, const struct mailbox_info *m, bool is_marked)
{
	const struct theme *t = ui->theme;
	struct style s = style_over(theme_style(t, COLOR_normal), theme_style(t, COLOR_sidebar_background));
	s = style_over(s, theme_style(t, COLOR_sidebar_ordinary));
	struct view *view = m->flags & BOX_OPEN ? index_view_of(ui) : NULL;
	uint32_t unread = view ? view_counts(view)->unread : m->unread;
	if (m->use == USE_INBOX)
		s = style_over(s, theme_style(t, COLOR_sidebar_spoolfile));
	if (m->flagged > 0)
		s = style_over(s, theme_style(t, COLOR_sidebar_flagged));
	if (unread > 0)
		s = style_over(s, theme_style(t, COLOR_sidebar_unread));
	if ((m->flags & BOX_NEW) || unread > 0)
		s = style_over(s, theme_style(t, COLOR_sidebar_new));
	if (m->flags & BOX_OPEN) {
		struct style open = theme_style(t, COLOR_sidebar_indicator);
		if (style_eq(open, (struct style){0}))
			open = theme_style(t, COLOR_indicator);
		s = style_over(s, open);
	}
	if (is_marked && !(m->flags & BOX_OPEN))
		s = style_over(s, theme_style(t, COLOR_sidebar_highlight));
	return s;
}

/* The account, and at the right what keeps it from its server. */
static void draw_heading(struct ui *ui, struct area a, const char *account, struct style style)
{
	struct account_state state;
	const char *mark = "";
	for (size_t i = 0; i < session_account_count(ui->session); i++) {
		if (!session_account(ui->session, i, &state) || strcmp(state.account, account) != 0 || !state.is_remote)
			continue;
		if (questions_wait_for(ui, account))
			mark = "?";
		else if (state.error == ERR_AUTH || state.error == ERR_TLS || state.refused > 0)
			mark = "!";
		else if (state.paused)
			mark = "=";
		else if (strcmp(state.state, "offline") == 0 || strcmp(state.state, "waiting") == 0)
			mark = "-";
	}
	area_put_width(a, 0, 0, a.cols - (*mark ? 2 : 0), sv_of(account), style, true);
	if (*mark)
		area_puts(a, 0, a.cols - 1, mark, style);
}

void sidebar_draw(struct ui *ui)
{
	struct sidebar *s = of(ui);
	struct area a = ui_area(ui, ui->layout.sidebar);
	struct style plain = style_over(theme_style(ui->theme, COLOR_normal),
		theme_style(ui->theme, COLOR_sidebar_background));
	const char *format = ui->conf->sidebar_format;
	if (ui->conf->profile == CONF_MODERN && conf_is_default(ui->conf, OPT_sidebar_format))
		format = "%D%*  %<N?%N/%S&%<S?%S>>";
	fill(ui);
	area_clear(a, plain);
	s->rows = a.rows;
	int at = (int)marked(ui);
	s->top = MAX(0, MIN(s->top, MAX(0, (int)s->n - a.rows)));
	if (at < s->top)
		s->top = at;
	if (at >= s->top + a.rows)
		s->top = at - a.rows + 1;
	struct expando *x = expando_new_lenient(SET_SIDEBAR, sv_of(format));
	struct str text;
	str_init(&text, 65536);
	for (int row = 0; row < a.rows && s->top + row < (int)s->n; row++) {
		size_t n = (size_t)(s->top + row);
		const struct mailbox_info *m = info(ui, n);
		if (!m) {
			draw_heading(ui, area_part(a, row, 0, 1, a.cols), s->v[n].account,
				style_over(plain, (struct style){.attrs = STYLE_BOLD}));
			continue;
		}
		struct shown_line l = {ui, m, (int)n + 1, s->v[n].depth};
		struct style look = look_of(ui, m, (int)n == at);
		struct expando_env env = {.value = value, .data = &l, .width = a.cols - 1};
		str_clear(&text);
		expando_format(x, &env, &text, NULL);
		area_clear_from(a, row, 0, look);
		area_put_width(a, row, s->v[0].at == SIZE_MAX ? 1 : 0, a.cols, text.s ? str_sv(&text) : SV(""), look, false);
	}
	str_fini(&text);
	expando_free(x);
}

/* ---- functions ---- */

static bool step(struct ui *ui, int by, bool new_only, bool wrap)
{
	struct sidebar *s = of(ui);
	long n = (long)marked(ui);
	for (size_t i = 0; i < s->n; i++) {
		n += by;
		if (n < 0 || n >= (long)s->n) {
			if (!wrap)
				return false;
			n = n < 0 ? (long)s->n - 1 : 0;
		}
		const struct mailbox_info *m = info(ui, (size_t)n);
		if (!m || (new_only && m->unread == 0 && !(m->flags & BOX_NEW)))
			continue;
		mark(ui, (size_t)n);
		return true;
	}
	return false;
}

static enum run_result run(struct ui *ui, struct screen *screen, enum func_id fn)
{
	struct sidebar *s = of(ui);
	(void)screen;
	fill(ui);
	bool wrap = ui->conf->sidebar_next_new_wrap;
	switch (fn) {
	case FN_sidebar_next:
		step(ui, 1, false, false);
		return RUN_DONE;
	case FN_sidebar_prev:
		step(ui, -1, false, false);
		return RUN_DONE;
	case FN_sidebar_next_new:
		step(ui, 1, true, wrap);
		return RUN_DONE;
	case FN_sidebar_prev_new:
		step(ui, -1, true, wrap);
		return RUN_DONE;
	case FN_sidebar_page_down:
	case FN_sidebar_page_up:
		for (int i = 0; i < MAX(1, s->rows - 1); i++)
			step(ui, fn == FN_sidebar_page_down ? 1 : -1, false, false);
		return RUN_DONE;
	case FN_sidebar_first:
		for (size_t i = s->n; i-- > 0;)
			mark(ui, i);
		return RUN_DONE;
	case FN_sidebar_last:
		for (size_t i = 0; i < s->n; i++)
			mark(ui, i);
		return RUN_DONE;
	case FN_sidebar_toggle_visible:
		ui->sidebar_override = ui->sidebar_visible ? 0 : 1;
		ui_check_layout(ui);
		return RUN_DONE;
	case FN_sidebar_open: {
		const struct mailbox_info *m = info(ui, marked(ui));
		if (!m)
			return ui_fail(ui, _("No mailbox is marked."));
		char *full = xstrdup(m->full);
		enum run_result r = mailbox_change(ui, full, false);
		free(full);
		return r;
	}
	default:
		return RUN_FAILED;
	}
}

static enum flow_state search_found(struct flow *f)
{
	struct ui *ui = f->ui;
	struct sidebar *s = of(ui);
	size_t from = marked(ui);
	for (int want = MATCH_WITHIN; want >= MATCH_LETTERS; want--) {
		for (size_t i = 1; i <= s->n; i++) {
			size_t n = (from + i) % s->n;
			const struct mailbox_info *m = info(ui, n);
			if (m && complete_match(sv_of(f->text), sv_of(m->shown)) >= want) {
				mark(ui, n);
				return FLOW_DONE;
			}
		}
	}
	ui_error(ui, _("Not found."));
	return FLOW_FAILED;
}

static enum flow_state search_ask(struct flow *f)
{
	return flow_ask_line(f, _("Sidebar search: "), NULL, PROMPT_MAILBOX, search_found);
}

static enum run_result run_search(struct ui *ui, struct screen *screen, enum func_id fn)
{
	(void)screen;
	(void)fn;
	fill(ui);
	if (of(ui)->n == 0)
		return ui_fail(ui, _("No mailboxes."));
	return flow_run(flow_new(ui, "sidebar search", NULL, NULL), search_ask);
}

bool sidebar_click(struct ui *ui, int row)
{
	const struct mailbox_info *m = info(ui, (size_t)(of(ui)->top + row));
	if (!m)
		return false;
	char *full = xstrdup(m->full);
	mailbox_change(ui, full, false);
	free(full);
	return true;
}

#define BOTH (IN(INDEX) | IN(PAGER))
HANDLERS(sidebar_handlers,
	{FN_sidebar_next, BOTH, run}, {FN_sidebar_prev, BOTH, run}, {FN_sidebar_next_new, BOTH, run},
	{FN_sidebar_prev_new, BOTH, run}, {FN_sidebar_page_down, BOTH, run}, {FN_sidebar_page_up, BOTH, run},
	{FN_sidebar_first, BOTH, run}, {FN_sidebar_last, BOTH, run}, {FN_sidebar_open, BOTH, run},
	{FN_sidebar_toggle_visible, BOTH, run}, {FN_sidebar_start_search, BOTH, run_search});
