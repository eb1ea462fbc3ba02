/*
 * feist --list and --mailboxes: what the index and the mailbox list show, as text or JSON lines.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/mem.h"
#include "conf/conf.h"
#include "core/format.h"
#include "core/mailboxes.h"
#include "core/parts.h"
#include "main/batch.h"
#include "text/utf8.h"

#define LINE_MAX_BYTES (1 << 20)
#define DEFAULT_WIDTH 80

static int batch_width(const struct args *a)
{
	struct winsize w;

	if (a->width)
		return a->width;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0)
		return w.ws_col;
	return DEFAULT_WIDTH;
}

/* ---- JSON ---- */

static void json_addresses(struct str *out, const char *name, struct sv list)
{
	struct addr_item a;
	bool first = true;

	str_addf(out, ",\"%s\":[", name);
	for (; addr_next(&list, &a); first = false) {
		str_adds(out, first ? "{\"name\":" : ",{\"name\":");
		str_add_json(out, a.name);
		str_adds(out, ",\"addr\":");
		str_add_json(out, a.addr);
		str_addc(out, '}');
	}
	str_addc(out, ']');
}

static void json_flags(struct str *out, unsigned flags)
{
	static const struct {
		unsigned flag;
		const char *name;
	} names[] = {{FLAG_SEEN, "seen"}, {FLAG_OLD, "old"}, {FLAG_ANSWERED, "answered"}, {FLAG_FLAGGED, "flagged"},
		{FLAG_DRAFT, "draft"}, {FLAG_DELETED, "deleted"}, {FLAG_FORWARDED, "forwarded"}};
	bool first = true;

	str_adds(out, ",\"flags\":[");
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (!(flags & names[i].flag))
			continue;
		str_addf(out, "%s\"%s\"", first ? "" : ",", names[i].name);
		first = false;
	}
	str_addc(out, ']');
}

static void json_words(struct str *out, const char *name, struct sv words)
{
	struct sv word;
	bool first = true;

	str_addf(out, ",\"%s\":[", name);
	while (sv_split(&words, ' ', &word)) {
		if (word.len == 0)
			continue;
		if (!first)
			str_addc(out, ',');
		str_add_json(out, word);
		first = false;
	}
	str_addc(out, ']');
}

static void json_text(struct str *out, const char *name, struct sv text)
{
	str_addf(out, ",\"%s\":", name);
	str_add_json(out, text);
}

/* Where each message stands in the list and in the threads; index: row. */
struct places {
	uint32_t *rows;     /* in list order */
	uint32_t count;
	struct place {
		uint32_t n;     /* 1.. in the list; 0: not shown */
		uint32_t parent, root; /* rows, or VIEW_NONE */
		uint32_t depth;
	} *of;
	uint32_t limit;     /* entries of `of` */
};

/* The order is that of $sort; parents are those of the thread view, whatever the order is. */
static void places_init(struct places *p, struct view *v)
{
	struct conf_sort order = view_sort(v), threads = {.key = SORT_THREADS};
	bool threaded = view_threaded(v);

	*p = (struct places){.count = view_lines(v)};
	p->rows = xcalloc(p->count, sizeof(*p->rows));
	for (uint32_t line = 0; line < p->count; line++) {
		p->rows[line] = view_row(v, line);
		p->limit = MAX(p->limit, p->rows[line] + 1);
	}
	p->of = xcalloc(p->limit, sizeof(*p->of));
	if (!threaded)
		view_set_sort(v, threads);
	for (uint32_t line = 0; line < p->count; line++) {
		uint32_t row = p->rows[line];
		p->of[row] = (struct place){.n = line + 1, .parent = view_parent_row(v, row),
			.root = view_thread_root(v, row), .depth = view_depth(v, row)};
	}
	if (!threaded)
		view_set_sort(v, order);
}

static void places_fini(struct places *p)
{
	free(p->rows);
	free(p->of);
}

/* The number of a row in the list; 0: none or not shown. */
static uint32_t number_of(const struct places *p, uint32_t row)
{
	return row < p->limit ? p->of[row].n : 0;
}

static void json_row(struct str *out, struct view *v, const struct conf *conf, const struct places *p, uint32_t line)
{
	uint32_t row = p->rows[line];
	const struct place *at = &p->of[row];
	struct msg_facts m;

	if (!view_msg(v, row, &m))
		return;
	uint32_t parent = number_of(p, at->parent), root = number_of(p, at->root);
	str_addf(out, "{\"n\":%u,\"uid\":", line + 1);
	if (m.uid)
		str_addf(out, "%u", m.uid);
	else
		str_adds(out, "null");
	json_flags(out, m.flags);
	json_addresses(out, "from", m.from);
	json_addresses(out, "to", m.to);
	json_text(out, "subject", m.subject);
	str_addf(out, ",\"date_epoch\":%lld,\"size\":%llu", (long long)m.date_sent, (unsigned long long)m.size);
	json_text(out, "message_id", m.message_id);
	str_addf(out, ",\"thread\":%u,\"parent\":", root ? root : line + 1);
	if (parent)
		str_addf(out, "%u", parent);
	else
		str_adds(out, "null");
	str_addf(out, ",\"depth\":%u,\"attachments\":%u", at->depth, parts_count(conf, &m));
	json_words(out, "tags", m.keywords);
	str_adds(out, "}\n");
}

/* ---- text ---- */

struct index_text {
	struct expando *format;
	const struct conf *conf;
	int width;
};

static void text_row(struct str *out, struct view *v, uint32_t line, const struct index_text *t)
{
	uint32_t row = view_row(v, line);
	struct msg_facts m;

	if (!view_msg(v, row, &m))
		return;
	struct format_msg f = {.conf = t->conf, .facts = &m, .view = v, .row = row, .tree = true, .width = t->width};
	format_msg(t->format, &f, out, NULL);
	while (out->len && out->s[out->len - 1] == ' ')
		str_cut(out, out->len - 1);
	str_addc(out, '\n');
}

static void print_json(struct view *v, const struct conf *conf)
{
	struct places places;
	struct str out;

	places_init(&places, v);
	str_init(&out, LINE_MAX_BYTES);
	for (uint32_t line = 0; line < places.count; line++) {
		str_clear(&out);
		json_row(&out, v, conf, &places, line);
		fwrite(out.s, 1, out.len, stdout);
	}
	str_fini(&out);
	places_fini(&places);
}

static void print_text(struct view *v, const struct conf *conf, int width)
{
	struct index_text t = {.conf = conf, .width = width};
	struct str out;

	t.format = expando_new_lenient(SET_INDEX, sv_of(conf->index_format));
	str_init(&out, LINE_MAX_BYTES);
	for (uint32_t line = 0; line < view_lines(v); line++) {
		str_clear(&out);
		text_row(&out, v, line, &t);
		fwrite(out.s, 1, out.len, stdout);
	}
	str_fini(&out);
	expando_free(t.format);
}

struct opened {
	struct view *view;
};

/* All rows are here, and the worker has said that the mailbox is up to date. */
static bool is_loaded(struct batch *b, void *data)
{
	struct opened *o = data;

	return b->failure != ERR_NONE || (!view_loading(o->view) && session_is_idle(b->session));
}

static bool print_list(struct batch *b, const struct args *a, struct err *e)
{
	const char *mailbox = a->mailbox ? a->mailbox : a->operands.n ? a->operands.v[0] : b->setup.conf->spoolfile;
	struct opened o = {0};

	if (!*mailbox)
		return err_set(e, ERR_INPUT, _("no mailbox: give one with -f, or set spoolfile"));
	o.view = session_open(b->session, mailbox, true, e);
	if (!o.view)
		return false;
	batch_wait(b, is_loaded, &o);
	bool ok = b->failure == ERR_NONE;
	if (ok && a->limit) {
		ok = view_limit(o.view, a->limit, e);
		if (ok)
			batch_wait(b, is_loaded, &o);
	}
	if (ok && a->json)
		print_json(o.view, b->setup.conf);
	else if (ok)
		print_text(o.view, b->setup.conf, batch_width(a));
	session_close(b->session, o.view);
	return ok || b->failure != ERR_NONE;
}

int main_list(const struct args *a)
{
	struct batch b;
	struct err e;

	if (!batch_start(&b, a, SESSION_NO_OUTBOX, &e))
		return main_fail(err_exit_status(e.class), &e);
	if (!print_list(&b, a, &e))
		batch_failed(&b, &e);
	return batch_end(&b, fflush(stdout) == 0 ? 0 : 1);
}

/* ---- mailboxes ---- */

static void json_mailbox(struct str *out, const struct mailbox_info *m)
{
	bool counted = m->flags & BOX_COUNTED;

	str_adds(out, "{\"account\":");
	str_add_json(out, sv_of(m->account));
	json_text(out, "name", sv_of(m->name));
	json_text(out, "mailbox", sv_of(m->full));
	json_text(out, "label", sv_of(m->label ? m->label : ""));
	json_text(out, "use", sv_of(box_use_name(m->use)));
	str_addf(out, ",\"selectable\":%s,\"subscribed\":%s", m->flags & BOX_NOSELECT ? "false" : "true",
		m->flags & BOX_SUBSCRIBED ? "true" : "false");
	if (counted)
		str_addf(out, ",\"total\":%u,\"unread\":%u,\"new\":%u}\n", m->total, m->unread, m->fresh);
	else
		str_adds(out, ",\"total\":null,\"unread\":null,\"new\":null}\n");
}

static void text_mailbox(struct str *out, const struct mailbox_info *m)
{
	str_addf(out, m->flags & BOX_COUNTED ? "%7u %7u  " : "      -       -  ", m->unread, m->total);
	utf8_add_safe(out, sv_of(m->full), UTF8_SAFE_LINE);
	if (m->use != USE_NONE)
		str_addf(out, "  (%s)", box_use_name(m->use));
	str_addc(out, '\n');
}

static void print_mailboxes(struct batch *b, const struct args *a, const char *account)
{
	struct str out;

	str_init(&out, LINE_MAX_BYTES);
	for (size_t i = 0; i < mailboxes_count(b->session); i++) {
		const struct mailbox_info *m = mailboxes_at(b->session, i);
		if (account && strcmp(m->account, account) != 0)
			continue;
		str_clear(&out);
		if (a->json)
			json_mailbox(&out, m);
		else
			text_mailbox(&out, m);
		fwrite(out.s, 1, out.len, stdout);
	}
	str_fini(&out);
}

int main_mailboxes(const struct args *a)
{
	const char *url = a->mailbox ? a->mailbox : a->operands.n ? a->operands.v[0] : NULL;
	struct view *view = NULL;
	struct batch b;
	struct err e;

	if (!batch_start(&b, a, SESSION_NO_OUTBOX, &e))
		return main_fail(err_exit_status(e.class), &e);
	/* Opening one of its mailboxes makes an account that only the URL names. */
	if (url && !(view = session_open(b.session, url, true, &e)))
		batch_failed(&b, &e);
	char *account = view ? xstrdup(view_account(view)) : NULL;
	if (b.failure == ERR_NONE) {
		session_check(b.session, NULL);
		batch_wait(&b, NULL, NULL);
	}
	if (b.failure == ERR_NONE)
		print_mailboxes(&b, a, account);
	if (view)
		session_close(b.session, view);
	free(account);
	return batch_end(&b, fflush(stdout) == 0 ? 0 : 1);
}
