/*
 * Bodies before anybody asks for them ($imap_prefetch): when nothing else is to be done, the
 * newest first, within the budget of days and megabytes. What is there already is skipped, so a
 * worker that was killed goes on where it was. Small messages come many at once, large ones as
 * imap_body.c fetches them.
 */
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "sync/imap_box_priv.h"
#include "sync/keep.h"

#define TOGETHER_SIZE (64u << 10) /* messages up to this size come together, */
#define TOGETHER_MAX 32           /* so many at most, */
#define BYTES_FIRST (64u << 10)   /* and so many bytes, which grow and shrink with the line */
#define BYTES_MIN (16u << 10)
#define BYTES_MAX (1u << 20)
#define PACE_MS 200
#define WHOLE_MAX (32u << 20) /* larger messages are for those who ask for them */

enum mode { MODE_HEADERS, MODE_TEXT, MODE_ALL };

struct candidate {
	uint64_t id;
	uint64_t size;
};

/* A mailbox that was gone through, as it was then. */
struct through {
	uint64_t mailbox, uidnext, low_uid;
};

struct ahead {
	uint64_t *todo; /* mailboxes, the last goes next */
	size_t ntodo;
	struct message_cursor *cursor; /* in the mailbox at the end of todo; NULL: not begun */
	enum mode mode;
	int64_t since;
	struct through *through;
	size_t nthrough, through_cap;
	uint64_t bytes; /* that are asked for together */
	uint64_t total; /* that all bodies take */
	bool on;        /* bodies that come are kept */
	struct err trouble;
};

void imap_ahead_free(struct ahead *a)
{
	if (!a)
		return;
	message_cursor_close(a->cursor);
	free(a->todo);
	free(a->through);
	free(a);
}

/* ---- what the user wants ---- */

static enum mode mode_named(struct sv name, enum mode fallback)
{
	return sv_is_case(name, "all")       ? MODE_ALL
	       : sv_is_case(name, "text")    ? MODE_TEXT
	       : sv_is_case(name, "headers") ? MODE_HEADERS
					     : fallback;
}

/*
 * '*' is anything, '?' one byte. Walks back to the last '*' only: linear for all practical names.
 */
bool imap_ahead_match(struct sv pattern, struct sv name)
{
	size_t p = 0, n = 0, star = SIZE_MAX, mark = 0;

	while (n < name.len) {
		if (p < pattern.len && pattern.p[p] == '*') {
			star = p++;
			mark = n;
		} else if (p < pattern.len && (pattern.p[p] == '?' || pattern.p[p] == name.p[n])) {
			p++;
			n++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			n = ++mark;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.p[p] == '*')
		p++;
	return p == pattern.len;
}

/* $imap_prefetch_mailboxes is "INBOX=all, Lists*=headers": the first that matches. */
static enum mode mode_of(struct host *h, const char *mailbox)
{
	struct sv rest = sv_of(host_conf(h, "imap_prefetch_mailboxes")), one;
	const char *option = host_conf(h, "imap_prefetch");
	enum mode mode = mode_named(sv_of(option), MODE_HEADERS);

	while (sv_split(&rest, ',', &one)) {
		ptrdiff_t eq = sv_rchr(one, '=');

		if (eq > 0 && imap_ahead_match(sv_trim(sv_head(one, (size_t)eq)), sv_of(mailbox)))
			return mode_named(sv_trim(sv_from(one, (size_t)eq + 1)), mode);
	}
	return mode;
}

bool imap_ahead_wants(struct imap_box *b, const char *mailbox)
{
	return mode_of(b->box.host, mailbox) != MODE_HEADERS;
}

static int64_t oldest_wanted(struct host *h)
{
	int64_t days = host_conf_number(h, "imap_prefetch_days", 0);

	return days > 0 ? clock_now() - days * 86400 : INT64_MIN;
}

/* ---- which mailboxes ---- */

static void add_todo(struct imap_box *b, const char *name)
{
	struct ahead *a = b->ahead;
	struct mailbox m;

	if (mode_of(b->box.host, name) == MODE_HEADERS ||
		!mailbox_by_name(host_cache(b->box.host), name, &m, NULL))
		return;
	for (size_t i = 0; i < a->ntodo; i++)
		if (a->todo[i] == m.id) {
			memmove(a->todo + i, a->todo + i + 1,
				(a->ntodo - i - 1) * sizeof(*a->todo));
			a->ntodo--;
			break;
		}
	if (!(m.flags & (MAILBOX_NOSELECT | MAILBOX_GONE)) && m.low_uid) {
		a->todo = xreallocarray(a->todo, a->ntodo + 1, sizeof(*a->todo));
		a->todo[a->ntodo++] = m.id;
	}
	mailbox_fini(&m);
}

static bool is_through(struct ahead *a, const struct mailbox *m)
{
	for (size_t i = 0; i < a->nthrough; i++)
		if (a->through[i].mailbox == m->id)
			return a->through[i].uidnext == m->uidnext &&
			       a->through[i].low_uid == m->low_uid;
	return false;
}

static void note_through(struct ahead *a, const struct mailbox *m)
{
	struct through now = {m->id, m->uidnext, m->low_uid};

	for (size_t i = 0; i < a->nthrough; i++)
		if (a->through[i].mailbox == m->id) {
			a->through[i] = now;
			return;
		}
	array_grow(a->through, a->nthrough, a->through_cap);
	a->through[a->nthrough++] = now;
}

/*
 * The one the user looks at goes first, so it is last in the list; then those that are watched, in
 * their order.
 */
static void plan(struct imap_box *b, uint64_t watched)
{
	const char *names = host_conf(b->box.host, "mailboxes");
	struct sv rest = sv_of(names), line;
	struct mailbox m;

	while (rest.len > 0) {
		ptrdiff_t nl;
		char *name;

		rest = sv_rtrim(rest);
		nl = sv_rchr(rest, '\n');
		line = sv_from(rest, (size_t)(nl + 1));
		rest = sv_head(rest, nl < 0 ? 0 : (size_t)nl);
		name = sv_dup(line);
		if (line.len > 0)
			add_todo(b, name);
		free(name);
	}
	if (watched && mailbox_by_id(host_cache(b->box.host), watched, &m, NULL)) {
		add_todo(b, m.name);
		mailbox_fini(&m);
	}
}

/* ---- bodies as they come ---- */

void imap_ahead_take(struct imap_box *b, const struct imap_msg *m)
{
	struct ahead *a = b->ahead;
	struct err e = {0};

	if (!a || !a->on)
		return;
	for (size_t i = 0; i < m->nsections; i++) {
		const struct imap_section *s = &m->sections[i];

		if (s->name.len == 0 && !s->nil && !s->partial && s->data.len > 0 &&
			!body_put(host_cache(b->box.host), message_id_of(b->selected, m->uid), "",
				s->data, &e) &&
			a->trouble.class == ERR_NONE)
			a->trouble = e;
	}
}

static void pace(struct ahead *a, int64_t took_ms)
{
	if (took_ms < PACE_MS / 2)
		a->bytes = MIN(a->bytes * 2, (uint64_t)BYTES_MAX);
	else if (took_ms > PACE_MS)
		a->bytes = MAX(a->bytes / 2, (uint64_t)BYTES_MIN);
}

/* One command for some small messages. */
static bool fetch_together(
	struct imap_box *b, const struct candidate *list, size_t n, struct err *e)
{
	struct ahead *a = b->ahead;
	struct err refused = {0};
	struct str set;
	int64_t began = clock_ms();
	imap_tag tag;
	bool ok;

	str_init(&set, IMAP_SET_TEXT_MAX);
	for (size_t i = 0; i < n; i++)
		str_addf(&set, "%s%u", i ? "," : "", (unsigned)message_uid(list[i].id));
	err_clear(&a->trouble);
	a->on = true;
	tag = imap_fetch_send(b->im, set.s, "UID BODY.PEEK[]", 0, false, e);
	ok = tag && (imap_end(b->im, tag, NULL, &refused) || !imap_is_dead(b->im));
	a->on = false;
	str_fini(&set);
	if (tag && !ok)
		*e = refused;
	if (ok && a->trouble.class != ERR_NONE) {
		*e = a->trouble;
		return false;
	}
	pace(a, clock_ms() - began);
	return ok;
}

static bool fetch_alone(struct imap_box *b, const struct candidate *x, struct err *e)
{
	const char *section = b->ahead->mode == MODE_ALL ? "" : "text";
	struct err mine = {0};

	if (imap_box_fetch(&b->box, x->id, section, &mine))
		return true;
	/* One that cannot be had is no reason to leave the others. */
	if (!b->box.dead &&
		(mine.class == ERR_GONE || mine.class == ERR_PROTO || mine.class == ERR_LIMIT)) {
		log_write(LOG_DEBUG, "imap", "%s: not fetched ahead: %s", host_account(b->box.host),
			mine.text);
		return true;
	}
	*e = mine;
	return false;
}

/* ---- one piece ---- */

/* *room false: there is none for it, nor for anything older. */
static bool make_room(struct imap_box *b, const struct message_row *row, bool *room, struct err *e)
{
	uint64_t max = keep_budget(b->box.host);
	struct ahead *a = b->ahead;
	struct keep *keep;
	bool ok;

	*room = row->size <= max;
	if (!*room || a->total + row->size <= max)
		return true;
	keep = keep_new(b->box.host);
	ok = body_make_room(host_cache(b->box.host), max - row->size, row->date_received, keep_has,
		keep, &a->total, e);
	keep_free(keep);
	*room = ok && a->total + row->size <= max;
	return ok;
}

/* The next messages without their bodies. *end: that was the last of the mailbox. */
static bool gather(struct imap_box *b, struct candidate *list, size_t *n, bool *end, struct err *e)
{
	struct ahead *a = b->ahead;
	const char *section = a->mode == MODE_ALL ? "" : "text";
	int64_t until = clock_ms() + BOX_BATCH_MS;
	uint64_t bytes = 0;
	struct message_row row;

	*n = 0;
	*end = false;
	while (*n < TOGETHER_MAX && bytes < a->bytes && clock_ms() < until &&
		!host_interrupted(b->box.host)) {
		bool room;

		if (!message_next(a->cursor, &row, e)) {
			*end = true;
			return e->class == ERR_NONE;
		}
		if (row.date_received < a->since) {
			*end = true;
			break;
		}
		if ((row.flags & MSG_DELETED) || row.size > WHOLE_MAX ||
			body_has(host_cache(b->box.host), row.id, section))
			continue;
		/* The cursor's row does not outlive a write. */
		struct candidate x = {row.id, row.size};
		message_pause(a->cursor);
		if (!make_room(b, &row, &room, e))
			return false;
		if (!room) {
			*end = true;
			break;
		}
		list[(*n)++] = x;
		bytes += x.size;
		a->total += x.size;
		if (x.size > TOGETHER_SIZE)
			break; /* alone: it is the last of the list */
	}
	message_pause(a->cursor);
	return true;
}

static bool run(struct imap_box *b, const struct mailbox *m, bool *end, struct err *e)
{
	struct candidate list[TOGETHER_MAX];
	size_t n;
	bool large;

	if (!gather(b, list, &n, end, e))
		return false;
	if (n == 0)
		return true;
	if (!imap_box_enabled(b, e) || !imap_box_select(b, m, true, e))
		return false;
	large = list[n - 1].size > TOGETHER_SIZE;
	if (n - large > 0 && !fetch_together(b, list, n - large, e))
		return false;
	return !large || fetch_alone(b, &list[n - 1], e);
}

static void begin(struct imap_box *b, const struct mailbox *m)
{
	struct ahead *a = b->ahead;
	struct err e = {0};

	a->mode = mode_of(b->box.host, m->name);
	a->since = oldest_wanted(b->box.host);
	if (!body_make_room(host_cache(b->box.host), UINT64_MAX, 0, NULL, NULL, &a->total, &e) ||
		!message_scan(host_cache(b->box.host), m->id, MESSAGE_BY_RECEIVED, true, &a->cursor,
			&e)) {
		log_write(LOG_WARN, "imap", "%s", e.text);
		a->cursor = NULL;
	}
}

static void next_mailbox(struct ahead *a)
{
	message_cursor_close(a->cursor);
	a->cursor = NULL;
	a->ntodo -= a->ntodo > 0;
}

bool imap_box_ahead(struct box *box, uint64_t watched, bool *more, struct err *e)
{
	struct imap_box *b = imap_box_of(box);
	struct ahead *a = b->ahead;
	struct mailbox m;
	bool end = false, ok;

	if (!a) {
		a = b->ahead = xcalloc(1, sizeof(*a));
		a->bytes = BYTES_FIRST;
	}
	if (a->ntodo == 0)
		plan(b, watched);
	*more = a->ntodo > 0;
	if (!*more)
		return true;
	if (!mailbox_by_id(host_cache(box->host), a->todo[a->ntodo - 1], &m, NULL)) {
		next_mailbox(a);
		*more = a->ntodo > 0;
		return true;
	}
	if (!a->cursor && !is_through(a, &m))
		begin(b, &m);
	ok = !a->cursor || run(b, &m, &end, e);
	if (ok && end)
		note_through(a, &m);
	if (!a->cursor || end || (!ok && e->class != ERR_CANCEL))
		next_mailbox(a);
	mailbox_fini(&m);
	*more = ok && a->ntodo > 0;
	return ok || imap_box_fail(b);
}
