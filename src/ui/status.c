/*
 * The status line and the line of key hints. A muttrc's status_format is followed to the letter; the
 * modern profile's default also says how the connection is, what waits and what failed.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "core/draft.h"
#include "core/format.h"
#include "core/func.h"
#include "core/mailboxes.h"
#include "core/sort.h"
#include "text/width.h"
#include "ui/ui_priv.h"

struct status {
	struct ui *ui;
	struct view *view;
	const struct list *list;
};

static bool number(struct expando_value *v, long n)
{
	v->kind = EXPANDO_NUMBER;
	v->number = n;
	return true;
}

static void add_sort(struct ui *ui, struct view *view, char letter, struct str *out)
{
	(void)view;
	if (letter == 's')
		conf_text(ui->conf, OPT_sort, out);
	else if (letter == 'S')
		conf_text(ui->conf, OPT_sort_aux, out);
	else
		conf_text(ui->conf, OPT_sort_thread_groups, out);
}

static bool value_without_view(const struct status *s, char letter, struct expando_value *v)
{
	struct ui *ui = s->ui;
	char host[256] = "";
	char buf[8];
	switch (letter) {
	case 'b':
		return number(v, (long)mailboxes_with_new(ui->session));
	case 'B':
		return number(v, 0);
	case 'h':
		gethostname(host, sizeof(host) - 1);
		str_adds(v->text, *ui->conf->hostname ? ui->conf->hostname : host);
		return true;
	case 'p':
		return number(v, (long)draft_postponed_count(ui->session));
	case 'P':
		if (s->list)
			str_adds(v->text, list_position(s->list, buf));
		return true;
	case 's':
	case 'S':
	case 'T':
		add_sort(ui, s->view, letter, v->text);
		return true;
	case 'v':
		str_addf(v->text, "feist %s", PACKAGE_VERSION);
		return true;
	default:
		return false;
	}
}

static bool value(void *data, const struct expando_ref *ref, struct expando_value *v)
{
	const struct status *s = data;
	char letter = ref->letters.len > 0 ? ref->letters.p[0] : 0;
	if (value_without_view(s, letter, v))
		return true;
	if (!s->view) {
		if (letter == 'f')
			str_adds(v->text, _("(no mailbox)"));
		else
			number(v, 0);
		return true;
	}
	const struct view_counts *c = view_counts(s->view);
	switch (letter) {
	case 'd':
		return number(v, (long)c->deleted);
	case 'D':
	case 'f':
		str_adds(v->text, view_mailbox(s->view));
		return true;
	case 'F':
		return number(v, (long)c->flagged);
	case 'l':
		if (c->size > 0 || !ref->in_condition)
			format_size(v->text, s->ui->conf, c->size);
		v->truth = c->size > 0;
		return true;
	case 'L':
		if (view_limit_text(s->view))
			format_size(v->text, s->ui->conf, c->shown_size);
		v->truth = view_limit_text(s->view) != NULL;
		return true;
	case 'm':
		return number(v, (long)c->total);
	case 'M': /* only with a limit, as in mutt */
		return number(v, view_limit_text(s->view) ? (long)c->shown : 0);
	case 'n':
		return number(v, (long)c->fresh);
	case 'o':
		return number(v, (long)c->old);
	case 'q':
		return number(v, (long)view_quota(s->view));
	case 'r':
		str_add(v->text, conf_char(s->ui->conf->status_chars, view_readonly(s->view) ? 2 : c->deleted > 0 ? 1 : 0));
		return true;
	case 'R':
		return number(v, (long)c->read);
	case 't':
		return number(v, (long)c->tagged);
	case 'u':
		return number(v, (long)c->unread);
	case 'V':
		str_adds(v->text, view_limit_text(s->view) ? view_limit_text(s->view) : "");
		return true;
	default:
		return false;
	}
}

void status_format_text(struct ui *ui, const char *format, struct view *view, const struct list *list, int width,
	struct str *out)
{
	struct status s = {ui, view, list};
	struct expando *x = expando_new_lenient(SET_STATUS, sv_of(format));
	struct expando_env env = {.value = value, .data = &s, .width = width};
	expando_format(x, &env, out, NULL);
	expando_free(x);
}

/* ---- the modern line ---- */

static void add_bar(struct str *out, uint64_t done, uint64_t total)
{
	int filled = total > 0 ? (int)(done * 8 / total) : 0;
	for (int i = 0; i < 8; i++)
		str_addc(out, i < filled ? '#' : '.');
}

/* "12m", "3h", "40s": how long something lasts already. */
static void add_duration(int64_t seconds, struct str *out)
{
	if (seconds < 120)
		str_addf(out, "%llds", (long long)MAX(seconds, 0));
	else if (seconds < 7200)
		str_addf(out, "%lldm", (long long)seconds / 60);
	else
		str_addf(out, "%lldh", (long long)seconds / 3600);
}

/* "OFFLINE 12m, 3 queued, retry 25s", or what keeps the account from its server. */
static void add_offline(const struct account_state *a, struct str *out)
{
	if (a->error == ERR_AUTH)
		str_adds(out, _("! LOGIN REFUSED"));
	else if (a->error == ERR_TLS)
		str_adds(out, _("! CERTIFICATE"));
	else
		str_adds(out, _("OFFLINE"));
	if (a->since) {
		str_addc(out, ' ');
		add_duration(clock_now() - a->since, out);
	}
	if (a->pending > 0)
		str_addf(out, a->paused ? _(", %u queued, paused") : _(", %u queued"), a->pending);
	if (a->refused > 0)
		str_addf(out, _(", %u refused"), a->refused);
	if (a->retry_s > 0)
		str_addf(out, _(", retry %us"), a->retry_s);
}

void status_connection(struct ui *ui, const char *account, struct str *out)
{
	struct account_state a;
	size_t n = session_account_count(ui->session);
	for (size_t i = 0; i < n; i++) {
		if (!session_account(ui->session, i, &a) || strcmp(a.account, account) != 0)
			continue;
		if (a.what && a.total > 0) {
			str_addf(out, "[%s %llu/%llu ", a.what, (unsigned long long)a.done, (unsigned long long)a.total);
			add_bar(out, a.done, a.total);
			str_addc(out, ']');
			return;
		}
		if (strcmp(a.state, "dead") == 0) {
			str_adds(out, _("restarting"));
			return;
		}
		if (!a.is_remote) {
			if (a.pending > 0)
				str_addf(out, _("%u to do"), a.pending);
			return;
		}
		if (strcmp(a.state, "waiting") == 0 || strcmp(a.state, "offline") == 0) {
			add_offline(&a, out);
			return;
		}
		if (a.paused && a.pending > 0)
			str_addf(out, _("PAUSED, %u queued "), a.pending);
		else if (a.pending > 0)
			str_addf(out, _("sync %u up "), a.pending);
		if (a.refused > 0)
			str_addf(out, _("! %u refused "), a.refused);
		if (a.transcript)
			str_adds(out, _("transcript "));
		if (a.follows) {
			str_adds(out, _("shared"));
			return;
		}
		if (strcmp(a.state, "idle") == 0)
			str_adds(out, _("IDLE"));
		else
			str_adds(out, a.state);
		return;
	}
}

/* Of a unified mailbox: how many of its accounts are there, and what waits. */
static void status_parts(struct ui *ui, struct view *view, struct str *out)
{
	unsigned all = 0, off = 0, pending = 0;
	const char *name;
	struct account_state a;
	for (size_t n = 0; (name = view_part_account(view, n)); n++) {
		for (size_t i = 0; i < session_account_count(ui->session); i++) {
			if (!session_account(ui->session, i, &a) || strcmp(a.account, name) != 0)
				continue;
			all++;
			pending += a.pending;
			off += a.is_remote && (strcmp(a.state, "offline") == 0 || strcmp(a.state, "waiting") == 0 ||
				strcmp(a.state, "dead") == 0);
		}
	}
	if (off > 0)
		str_addf(out, _("%u of %u accounts OFFLINE"), off, all);
	else
		str_addf(out, ngettext("%u account", "%u accounts", all), all);
	if (pending > 0)
		str_addf(out, _(", %u queued"), pending);
}

bool status_is_counting(struct ui *ui)
{
	struct account_state a;
	size_t n = session_account_count(ui->session);
	for (size_t i = 0; i < n; i++) {
		if (session_account(ui->session, i, &a) && (a.retry_s > 0 || a.what || (a.is_remote && a.since && (strcmp(a.state, "offline") == 0 || strcmp(a.state, "waiting") == 0))))
			return true;
	}
	return ui->undo_until_ms > clock_ms();
}

/* What stands at the right: trouble first. */
static void add_right(struct ui *ui, struct view *view, struct str *out)
{
	if (ui->errors_unseen > 0) {
		str_addf(out, ngettext("! %u error (E: show)", "! %u errors (E: show)", ui->errors_unseen),
			ui->errors_unseen);
		str_adds(out, "--");
	}
	int64_t left = ui->undo_until_ms - clock_ms();
	if (left > 0)
		str_addf(out, ui->undo_is_later ? _("outbox: %llds to undo (u)--") : _("outbox: sending in %llds (u: undo)--"),
			(long long)((left + 999) / 1000));
	else
		outbox_summary(ui, out);
	size_t before = out->len;
	if (view && *view_account(view))
		status_connection(ui, view_account(view), out);
	else if (view)
		status_parts(ui, view, out);
	if (out->len > before)
		str_adds(out, "--");
}

/* The name of the mailbox, not a shortcut that says nothing ("!"). */
static void add_mailbox_name(struct ui *ui, struct view *view, struct str *out)
{
	if (!view) {
		str_adds(out, _("(no mailbox)"));
		return;
	}
	const struct mailbox_info *m = mailboxes_find(ui->session, view_mailbox(view));
	if (m && m->label) {
		str_adds(out, m->label);
		return;
	}
	const char *shown = view_mailbox(view);
	if (strlen(shown) > 1) {
		str_adds(out, shown);
		return;
	}
	char *pretty = conf_short_path(ui->conf, m ? m->full : view_name(view));
	str_adds(out, pretty);
	free(pretty);
}

static void modern_line(struct ui *ui, struct view *view, const struct list *list, struct str *out, int width)
{
	struct str left, right;
	char buf[8];
	str_init(&left, 4096);
	str_init(&right, 4096);
	str_adds(&left, "--");
	add_mailbox_name(ui, view, &left);
	if (view && view_readonly(view))
		str_adds(&left, _(" (read-only)"));
	if (view) {
		const struct view_counts *c = view_counts(view);
		if (c->fresh + c->old > 0)
			str_addf(&left, _("--%u new"), c->fresh + c->old);
		if (view_limit_text(view))
			str_addf(&left, _("--%u of %u msgs--limit: %s"), c->shown, c->total, view_limit_text(view));
		else
			str_addf(&left, ngettext("--%u msg", "--%u msgs", c->total), c->total);
		if (c->deleted > 0)
			str_addf(&left, _("--%u deleted"), c->deleted);
		if (c->tagged > 0)
			str_addf(&left, _("--%u tagged"), c->tagged);
		uint32_t drafts = draft_postponed_count(ui->session);
		if (drafts > 0)
			str_addf(&left, ngettext("--%u draft", "--%u drafts", drafts), drafts);
	}
	add_right(ui, view, &right);
	if (list)
		str_addf(&right, "(%s)--", list_position(list, buf));
	int room = width - width_of(str_sv(&right));
	struct sv l = str_sv(&left);
	if (width_of(l) > room)
		l = width_head(l, MAX(room, width / 2), NULL);
	str_add(out, l);
	int fill = width - width_of(l) - width_of(str_sv(&right));
	if (fill > 0)
		str_addn(out, '-', (size_t)fill);
	str_add(out, right.s ? str_sv(&right) : SV(""));
	str_fini(&left);
	str_fini(&right);
}

void status_index(struct ui *ui, struct view *view, struct list *list, struct str *out, int width)
{
	if (ui->conf->profile == CONF_MODERN && conf_is_default(ui->conf, OPT_status_format))
		modern_line(ui, view, list, out, width);
	else
		status_format_text(ui, ui->conf->status_format, view, list, width, out);
}

/* ---- drawing ---- */

/* `color status` with a regex colours what it matches (or a group of it). */
void status_paint(struct ui *ui, struct area a, struct sv text)
{
	const struct rc_colors *colors = &ui->conf->rc.colors;
	struct style style = theme_style(ui->theme, COLOR_status);
	area_clear(a, style);
	area_put(a, 0, 0, text, style);
	for (size_t i = 0; i < colors->n; i++) {
		const struct rc_color *c = &colors->v[i];
		ptrdiff_t groups[RX_GROUPS][2];
		if (c->object != COLOR_status || !c->rx || c->mono != theme_is_mono(ui->theme))
			continue;
		int g = c->group >= 0 && c->group < RX_GROUPS ? c->group : 0;
		for (size_t at = 0; at < text.len && rx_find(c->rx, text, at, groups);) {
			if (groups[g][0] >= 0 && groups[g][1] > groups[g][0]) {
				int col = width_of(sv_head(text, (size_t)groups[g][0]));
				int n = width_of(sv_make(text.p + groups[g][0], (size_t)(groups[g][1] - groups[g][0])));
				area_restyle(a, 0, col, n, theme_of(c->style));
			}
			at = groups[0][1] > (ptrdiff_t)at ? (size_t)groups[0][1] : at + 1;
		}
	}
}

static void draw_line(struct ui *ui, struct screen *s, struct rect r)
{
	struct area a = ui_area(ui, r);
	struct str text;
	if (area_empty(a))
		return;
	str_init(&text, 65536);
	if (s->ops->status)
		s->ops->status(s, &text, a.cols);
	status_paint(ui, a, text.s ? str_sv(&text) : SV(""));
	str_fini(&text);
}

void status_draw(struct ui *ui)
{
	draw_line(ui, ui_top(ui), ui->layout.status);
}

/* "--title----(pos)--" for lists that have no format of their own. */
void status_title(const char *title, const struct list *list, struct str *out, int width)
{
	char buf[8];
	struct str right;
	str_init(&right, 64);
	if (list)
		str_addf(&right, "(%s)--", list_position(list, buf));
	str_adds(out, "--");
	str_adds(out, title);
	int fill = width - width_of(str_sv(out)) - (int)right.len;
	if (fill > 0)
		str_addn(out, '-', (size_t)fill);
	str_add(out, right.s ? str_sv(&right) : SV(""));
	str_fini(&right);
}

/* ---- key hints ---- */

static bool hint_text(struct ui *ui, const struct screen *s, const struct hint *h, struct str *out)
{
	size_t at = 0;
	const struct rc_bind *b;
	struct str keys, best;
	str_init(&keys, 256);
	str_init(&best, 256);
	/* The key with the shortest name: "q" before "<Enter>" before "<KeypadEnter>". */
	while ((b = keymap_next_of(ui->conf, s->ops->menu, h->fn, &at))) {
		str_clear(&keys);
		keys_print(&b->keys, &keys);
		if (best.len == 0 || keys.len < best.len) {
			str_clear(&best);
			str_add(&best, str_sv(&keys));
		}
	}
	bool found = best.len > 0 && str_add(out, str_sv(&best));
	str_fini(&keys);
	str_fini(&best);
	if (!found)
		return false;
	str_addc(out, ':');
	str_adds(out, _(h->word));
	return true;
}

void status_draw_help(struct ui *ui)
{
	struct screen *s = ui_top(ui);
	struct area a = ui_area(ui, ui->layout.help);
	struct style style = theme_style(ui->theme, COLOR_status);
	if (area_empty(a) || !s->ops->hints)
		return;
	area_clear(a, style);
	size_t n = 0;
	while (s->ops->hints[n].fn != FN_NONE)
		n++;
	/* The last hint (help) always stands; of the others as many as fit. */
	struct str text, last;
	str_init(&text, 4096);
	str_init(&last, 256);
	if (n > 0)
		hint_text(ui, s, &s->ops->hints[n - 1], &last);
	for (size_t i = 0; i + 1 < n; i++) {
		struct str one;
		str_init(&one, 256);
		if (hint_text(ui, s, &s->ops->hints[i], &one)) {
			int need = width_of(str_sv(&text)) + 1 + width_of(str_sv(&one)) + 1 + width_of(str_sv(&last));
			if (need <= a.cols) {
				if (text.len > 0)
					str_addc(&text, ' ');
				str_add(&text, str_sv(&one));
			}
		}
		str_fini(&one);
	}
	if (last.len > 0) {
		if (text.len > 0)
			str_addc(&text, ' ');
		str_add(&text, str_sv(&last));
	}
	area_put(a, 0, 0, text.s ? str_sv(&text) : SV(""), style);
	str_fini(&text);
	str_fini(&last);
}
