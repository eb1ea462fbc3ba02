/* What waits to be sent, for people: list, send now, hold, put off, drop, back into a draft. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/mem.h"
#include "core/draft_priv.h"
#include "core/gettext.h"
#include "core/outbox_priv.h"

static const struct {
	enum outbox_state state;
	enum outbox_state_shown shown;
	const char *word;
} states[] = {{OUTBOX_HELD, OUT_HELD, N_("held")},
	{OUTBOX_SCHEDULED, OUT_SCHEDULED, N_("scheduled")},
	{OUTBOX_QUEUED, OUT_QUEUED, N_("queued")}, {OUTBOX_SENDING, OUT_SENDING, N_("sending")},
	{OUTBOX_COMMITTING, OUT_COMMITTING, N_("sending")},
	{OUTBOX_UNKNOWN, OUT_UNKNOWN, N_("unknown")}, {OUTBOX_FAILED, OUT_FAILED, N_("failed")},
	{OUTBOX_SENT, OUT_SENT, N_("sent")}, {OUTBOX_FILED, OUT_FILED, N_("filed")}};

const char *outbox_state_word(enum outbox_state_shown shown)
{
	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		if (states[i].shown == shown)
			return _(states[i].word);
	}
	return "";
}

const char *outbox_state_ident(enum outbox_state_shown shown)
{
	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		if (states[i].shown == shown)
			return outbox_state_name(states[i].state);
	}
	return "";
}

bool outbox_is_done(enum outbox_state_shown shown)
{
	return shown == OUT_SENT || shown == OUT_FILED;
}

/* ---- the list ---- */

struct items {
	struct outbox_item *v;
	size_t n, cap;
	const struct session *s;
	bool done; /* those that are through, or the others */
};

static enum outbox_state_shown shown_state(enum outbox_state state)
{
	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		if (states[i].state == state)
			return states[i].shown;
	}
	return OUT_HELD;
}

static bool is_done(enum outbox_state state)
{
	return state == OUTBOX_SENT || state == OUTBOX_FILED;
}

/* Without empty lines, so that people and programs can count on one address a line. */
static char *clean_lines(const char *text)
{
	struct sv rest = sv_of(text), line;
	struct str out;
	char *clean;

	str_init(&out, DRAFT_RECIPIENTS_MAX);
	while (sv_line(&rest, &line))
		if (line.len)
			(void)str_addf(&out, "%s" SV_FMT, out.len ? "\n" : "", SV_ARG(line));
	clean = str_detach(&out);
	str_fini(&out);
	return clean;
}

static uint64_t size_of(const struct outbox_row *r)
{
	struct stat st;
	uint64_t size = 0;

	if (*r->file && stat(r->file, &st) == 0)
		return (uint64_t)st.st_size;
	return sv_u64(outbox_option(sv_of(r->options), "size"), &size) ? size : 0;
}

static void fill_item(const struct session *s, const struct outbox_row *r, struct outbox_item *i)
{
	struct sv options = sv_of(r->options), fcc = sv_of(r->fcc), first;
	uint64_t hold = 0;

	*i = (struct outbox_item){.id = r->id,
		.account = xstrdup(r->account),
		.from = xstrdup(r->from),
		.recipients = clean_lines(r->recipients),
		.subject = xstrdup(r->subject),
		.error = xstrdup(r->error),
		.fcc = sv_line(&fcc, &first) ? sv_dup(first) : xstrdup(""),
		.state = shown_state(r->state),
		.created = r->created,
		.send_at = r->send_at,
		.next_try = r->next_try,
		.attempts = r->attempts,
		.size = size_of(r),
		.was_draft = outbox_draft_of(r) != 0,
		.is_rest = outbox_option(options, "rest").len > 0,
		.error_class = outbox_class_of(s, r->id)};
	if (is_done(r->state) && sv_u64(outbox_option(options, "hold"), &hold) &&
		(int64_t)hold > clock_now())
		i->server_holds = (int64_t)hold;
}

static bool take_item(void *data, const struct outbox_row *r)
{
	struct items *items = data;

	if (is_done(r->state) != items->done)
		return true;
	array_grow(items->v, items->n, items->cap);
	fill_item(items->s, r, &items->v[items->n++]);
	return true;
}

static int newest_first(const void *a, const void *b)
{
	const struct outbox_item *x = a, *y = b;

	return (y->id > x->id) - (y->id < x->id);
}

size_t outbox_list(struct session *s, bool done, struct outbox_item **list)
{
	struct items items = {.s = s};
	struct err e;
	size_t waiting;

	if (!outbox_each(s->state, NULL, take_item, &items, &e))
		session_fail(s, &e, _("The outbox"));
	waiting = items.n;
	items.done = true;
	if (done && !outbox_each(s->state, NULL, take_item, &items, &e))
		session_fail(s, &e, _("The outbox"));
	if (items.n > waiting)
		qsort(items.v + waiting, items.n - waiting, sizeof(*items.v), newest_first);
	*list = items.v;
	return items.n;
}

bool outbox_item(struct session *s, int64_t id, struct outbox_item **item, struct err *e)
{
	struct row_copy c;

	if (!row_load(s, id, &c, e))
		return false;
	*item = xcalloc(1, sizeof(**item));
	fill_item(s, &c.row, *item);
	arena_free(c.arena);
	return true;
}

void outbox_list_free(struct outbox_item *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free((char *)list[i].account);
		free((char *)list[i].from);
		free((char *)list[i].recipients);
		free((char *)list[i].subject);
		free((char *)list[i].error);
		free((char *)list[i].fcc);
	}
	free(list);
}

/* ---- recipients ---- */

struct recipients {
	struct outbox_recipient *v;
	size_t n, cap;
};

static bool take_recipient(void *data, const struct outbox_rcpt *r)
{
	struct recipients *l = data;
	bool refused = r->result == OUTBOX_RCPT_LATER || r->result == OUTBOX_RCPT_NEVER;

	array_grow(l->v, l->n, l->cap);
	l->v[l->n++] = (struct outbox_recipient){.addr = xstrdup(r->addr),
		.words = xstrdup(r->words),
		.cause = refused ? outbox_cause(r->words) : xstrdup(""),
		.has_it = r->result == OUTBOX_RCPT_SENT,
		.refused = refused,
		.later = r->result == OUTBOX_RCPT_LATER};
	return true;
}

size_t outbox_recipients(struct session *s, int64_t id, struct outbox_recipient **list)
{
	struct recipients l = {0};
	struct err e;

	if (!outbox_rcpt_each(s->state, id, take_recipient, &l, &e))
		session_fail(s, &e, _("The outbox"));
	*list = l.v;
	return l.n;
}

void outbox_recipients_free(struct outbox_recipient *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free((char *)list[i].addr);
		free((char *)list[i].words);
		free((char *)list[i].cause);
	}
	free(list);
}

/* "draft=ID" among the options. */
int64_t outbox_draft_of(const struct outbox_row *r)
{
	uint64_t id;

	return sv_u64(outbox_option(sv_of(r->options), "draft"), &id) ? (int64_t)id : 0;
}

char *outbox_message_file(struct session *s, int64_t id)
{
	struct row_copy c;
	char *file = NULL;
	struct err e;

	if (!row_load(s, id, &c, &e))
		return NULL;
	if (*c.row.file)
		file = xstrdup(c.row.file);
	arena_free(c.arena);
	return file;
}

/* ---- what can be done with one ---- */

static bool load_idle(
	struct session *s, int64_t id, bool done_too, struct row_copy *c, struct err *e)
{
	if (!row_load(s, id, c, e))
		return false;
	if (c->row.state == OUTBOX_SENDING || c->row.state == OUTBOX_COMMITTING)
		err_set(e, ERR_INPUT, "%s", _("It is being sent at this moment."));
	else if (is_done(c->row.state) && !done_too)
		err_set(e, ERR_INPUT, "%s", _("It is sent already."));
	else
		return true;
	arena_free(c->arena);
	return false;
}

static bool end_change(struct session *s, bool ok, struct err *e)
{
	if (ok)
		ok = state_commit(s->state, e);
	else
		state_rollback(s->state);
	if (ok)
		outbox_kick(s);
	return ok;
}

/* The time for the server to keep it until, and for the header: 0 none. */
static bool set_times(
	struct session *s, const struct outbox_row *r, int64_t hold, int64_t dated, struct err *e)
{
	char number[32] = "", date[32] = "", *with_hold, *options;
	bool ok;

	if (hold)
		snprintf(number, sizeof(number), "%lld", (long long)hold);
	if (dated)
		snprintf(date, sizeof(date), "%lld", (long long)dated);
	with_hold = row_option_set(r->options, "hold", number);
	options = row_option_set(with_hold, "dated", date);
	ok = outbox_set_options(s->state, r->id, options, e);
	free(with_hold);
	free(options);
	/* Its Date is that of the time when it goes. */
	if (ok && (dated || outbox_option(sv_of(r->options), "dated").len))
		ok = draft_date_anew(s, r, dated, e);
	return ok;
}

bool outbox_retry_item(struct session *s, int64_t id, struct err *e)
{
	struct row_copy c;
	bool ok;

	if (!load_idle(s, id, false, &c, e))
		return false;
	if (c.row.state == OUTBOX_UNKNOWN) {
		outbox_answer_unknown(s, id, false);
		arena_free(c.arena);
		return true;
	}
	ok = state_begin(s->state, e) &&
	     end_change(s,
		     set_times(s, &c.row, 0, 0, e) && outbox_change(s->state, id, c.row.state,
							      OUTBOX_QUEUED, "", clock_now(), e),
		     e);
	arena_free(c.arena);
	return ok;
}

void outbox_mark_sent(struct session *s, int64_t id)
{
	outbox_answer_unknown(s, id, true);
}

bool outbox_hold_item(struct session *s, int64_t id, struct err *e)
{
	struct row_copy c;
	bool ok;

	if (!load_idle(s, id, false, &c, e))
		return false;
	if (c.row.state == OUTBOX_UNKNOWN)
		ok = err_set(e, ERR_INPUT, "%s",
			_("It may have been sent: send it again, edit it or drop it."));
	else
		ok = state_begin(s->state, e) &&
		     end_change(s,
			     set_times(s, &c.row, 0, 0, e) &&
				     outbox_change(s->state, id, c.row.state, OUTBOX_HELD,
					     c.row.error, 0, e),
			     e);
	arena_free(c.arena);
	return ok;
}

bool outbox_schedule_item(struct session *s, int64_t id, int64_t when, struct err *e)
{
	bool by_server = s->conf->smtp_future_release, ok;
	struct row_copy c;

	if (!load_idle(s, id, false, &c, e))
		return false;
	by_server = by_server && outbox_option(sv_of(c.row.options), "url").len > 0;
	if (c.row.state == OUTBOX_UNKNOWN)
		ok = err_set(e, ERR_INPUT, "%s",
			_("It may have been sent: send it again, edit it or drop it."));
	else
		ok = state_begin(s->state, e) &&
		     end_change(s,
			     set_times(s, &c.row, by_server ? when : 0, when, e) &&
				     outbox_schedule(s->state, id, c.row.state, when,
					     by_server ? clock_now() : 0, e),
			     e);
	arena_free(c.arena);
	return ok;
}

static bool is_draft_used(struct session *s, const struct outbox_row *r)
{
	struct outbox_item *list;
	size_t n = outbox_list(s, false, &list);
	bool used = false;

	for (size_t i = 0; i < n && !used; i++) {
		struct row_copy c;
		struct err e;

		if (list[i].id == r->id || !row_load(s, list[i].id, &c, &e))
			continue;
		used = outbox_draft_of(&c.row) == outbox_draft_of(r);
		arena_free(c.arena);
	}
	outbox_list_free(list, n);
	return used;
}

bool outbox_drop_item(struct session *s, int64_t id, struct err *e)
{
	struct row_copy c;
	struct err none;
	int64_t draft;
	bool ok;

	s->postponed = -1;
	if (!load_idle(s, id, true, &c, e))
		return false;
	draft = outbox_draft_of(&c.row);
	ok = outbox_drop(s->state, id, e);
	if (ok && draft && !is_draft_used(s, &c.row) &&
		!state_draft_delete(s->state, draft, &none) && none.class != ERR_GONE)
		session_fail(s, &none, _("Forgetting a draft"));
	if (ok)
		outbox_tell(s);
	arena_free(c.arena);
	return ok;
}

/* ---- back into a draft ---- */

/* Of the draft's recipients those who are not in the row: they have it. */
static void note_delivered(struct draft *d, const struct outbox_row *r)
{
	struct str all, out;
	struct err e;

	str_init(&all, DRAFT_RECIPIENTS_MAX);
	str_init(&out, DRAFT_RECIPIENTS_MAX);
	draft_set_delivered(d, "");
	if (draft_envelope(d, &all, &e)) {
		struct sv rest = str_sv(&all), line;

		while (sv_line(&rest, &line)) {
			struct sv left = sv_of(r->recipients), one;
			bool waits = false;

			while (!waits && sv_line(&left, &one))
				waits = addr_same(one, line);
			if (!waits)
				(void)str_addf(&out, SV_FMT "\n", SV_ARG(line));
		}
	}
	draft_set_delivered(d, out.s);
	/* The copy was filed when the others got it. */
	if (!*r->fcc) {
		draft_put_field(d, FIELD_FCC, "");
		d->user_set[FIELD_FCC] = true;
	}
	str_fini(&all);
	str_fini(&out);
}

/* Out of the outbox and a draft again in one step, and only if nobody has begun to send it. */
static bool take_out(struct session *s, struct draft *d, const struct outbox_row *r, struct err *e)
{
	bool ok = state_begin(s->state, e);

	if (!ok)
		return false;
	ok = outbox_change(s->state, r->id, r->state, OUTBOX_HELD, "", 0, e) &&
	     outbox_drop(s->state, r->id, e) && draft_keep(d, e);
	if (ok)
		return state_commit(s->state, e);
	state_rollback(s->state);
	return false;
}

struct draft *outbox_recall_item(struct session *s, int64_t id, struct err *e)
{
	struct draft *d = NULL;
	struct row_copy c;
	int64_t draft;

	if (!load_idle(s, id, false, &c, e))
		return NULL;
	draft = outbox_draft_of(&c.row);
	if (draft == 0)
		err_set(e, ERR_INPUT, "%s",
			_("It was not written here: it can be sent or dropped, not changed."));
	else if (draft_read(s, draft, &d, e)) {
		d->sent = false;
		d->send_at = c.row.state == OUTBOX_SCHEDULED ? c.row.send_at : 0;
		if (outbox_option(sv_of(c.row.options), "rest").len)
			note_delivered(d, &c.row);
		/* Others of its recipients wait in a row of their own: they keep the draft that is there. */
		if (is_draft_used(s, &c.row))
			d->id = 0;
		if (!take_out(s, d, &c.row, e)) {
			draft_free(d);
			d = NULL;
		}
	}
	arena_free(c.arena);
	if (d)
		outbox_tell(s);
	return d;
}
