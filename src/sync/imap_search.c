/*
 * Searching on the server, for what is not here: bodies that were not fetched, and messages that have no
 * row yet. A server searches for plain text, in its own way; what an expression means is decided here.
 *
 * Two kinds of questions (box.h): one term on bodies, whose answer is the messages that match; and a
 * whole pattern as lines, whose answer is that the rows of all messages that may match are here.
 */
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/rx.h"
#include "sync/host_priv.h"
#include "sync/imap_box_priv.h"
#include "sync/search.h"

#define SILENCE_MS (5 * 60 * 1000) /* a server without an index may read all messages first */
#define FETCH_MAX 500              /* bodies that one search fetches to look into them */
#define ROWS_MAX 5000              /* rows of older messages that one search brings here, the newest */
#define ROWS_BATCH 250
#define TELL_EVERY 20

/* ---- rows of what was found ---- */

/* Those below the backfilled part that have no row, ascending, at most ROWS_MAX. */
static size_t without_row(struct imap_box *b, const struct mailbox *m, uint32_t *uids, size_t n)
{
	struct arena *a = arena_new();
	size_t kept = 0;

	for (size_t i = 0; i < n && uids[i] < m->low_uid; i++) {
		struct message_row row;

		arena_reset(a);
		if (!message_get(host_cache(b->box.host), message_id_of(m->id, uids[i]), a, &row, NULL))
			uids[kept++] = uids[i];
	}
	arena_free(a);
	return kept;
}

static bool fetch_rows(struct imap_box *b, const uint32_t *uids, size_t n, struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	struct str set;
	size_t at = 0;
	bool ok = cache_begin(c, e);

	imap_fill_start(b);
	while (ok && at < n) {
		imap_tag tag;

		str_init(&set, IMAP_SET_TEXT_MAX + 64);
		imap_write_set(&set, uids, n, &at);
		tag = imap_fetch_send(b->im, set.s, imap_fill_items(b), 0, false, e);
		ok = tag && imap_end(b->im, tag, NULL, e);
		str_fini(&set);
	}
	ok = imap_fill_end(b, ok, e);
	if (ok)
		return cache_commit(c, e);
	cache_rollback(c);
	return false;
}

/* The newest first, in pieces. */
static bool bring_rows(struct imap_box *b, const struct mailbox *m, uint32_t *uids, size_t n, struct err *e)
{
	size_t missing = without_row(b, m, uids, n), left = MIN(missing, (size_t)ROWS_MAX);
	uint32_t *from = uids + (missing - left);

	if (missing > left)
		log_write(LOG_INFO, "imap", "%s: %zu older messages may match, the newest %zu are fetched", m->name,
			missing, left);
	while (left > 0) {
		size_t count = MIN(left, (size_t)ROWS_BATCH);

		if (host_interrupted(b->box.host)) /* what is here already is not asked for again */
			return err_set(e, ERR_CANCEL, "the search was cancelled");
		if (!fetch_rows(b, from + left - count, count, e))
			return false;
		left -= count;
		host_changed(b->box.host, m->id, "messages", count);
		host_progress(b->box.host, m->id, MIN(missing, (size_t)ROWS_MAX) - left, MIN(missing, (size_t)ROWS_MAX),
			"searching");
	}
	return true;
}

/* ---- a pattern as lines ---- */

/* "2026-01-31" as SEARCH writes it. */
static bool out_date(struct imap_out *o, struct sv text)
{
	static const char *const months[] = {
		"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	struct scan s = scan_of(text);
	uint64_t y, m, d;

	if (!scan_u64(&s, &y) || !scan_byte(&s, '-') || !scan_u64(&s, &m) || !scan_byte(&s, '-') || !scan_u64(&s, &d) ||
		y > 9999 || m < 1 || m > 12 || d < 1 || d > 31)
		return false;
	imap_out_f(o, "%u-%s-%04u", (unsigned)d, months[m - 1], (unsigned)y);
	return true;
}

enum key_kind { KEY_BARE, KEY_TEXT, KEY_HEADER, KEY_NUMBER, KEY_DATE };
static const struct {
	const char *word, *key;
	enum key_kind kind;
} keys[] = {
	{"(", "(", KEY_BARE}, {")", ")", KEY_BARE}, {"or", "OR", KEY_BARE}, {"not", "NOT", KEY_BARE},
	{"all", "ALL", KEY_BARE}, {"seen", "SEEN", KEY_BARE}, {"unseen", "UNSEEN", KEY_BARE},
	{"flagged", "FLAGGED", KEY_BARE}, {"answered", "ANSWERED", KEY_BARE},
	{"from", "FROM", KEY_TEXT}, {"to", "TO", KEY_TEXT}, {"cc", "CC", KEY_TEXT}, {"bcc", "BCC", KEY_TEXT},
	{"subject", "SUBJECT", KEY_TEXT}, {"body", "BODY", KEY_TEXT}, {"text", "TEXT", KEY_TEXT},
	{"header", "HEADER", KEY_HEADER}, {"larger", "LARGER", KEY_NUMBER}, {"smaller", "SMALLER", KEY_NUMBER},
	{"since", "SINCE", KEY_DATE}, {"before", "BEFORE", KEY_DATE}, {"sentsince", "SENTSINCE", KEY_DATE},
	{"sentbefore", "SENTBEFORE", KEY_DATE},
};

static bool out_argument(struct imap_out *o, enum key_kind kind, struct sv rest)
{
	struct sv word;
	uint64_t n;

	if (kind == KEY_BARE)
		return rest.len == 0;
	imap_out_raw(o, " ");
	switch (kind) {
	case KEY_NUMBER:
		if (!sv_u64(rest, &n))
			return false;
		imap_out_f(o, "%llu", (unsigned long long)n);
		return true;
	case KEY_DATE:
		return out_date(o, rest);
	case KEY_HEADER:
		if (!sv_split(&rest, ' ', &word))
			return false;
		imap_out_astring(o, word);
		imap_out_raw(o, " ");
		imap_out_astring(o, rest);
		return true;
	default:
		imap_out_astring(o, rest);
		return true;
	}
}

/* A blank between keys, but none inside of parentheses at their ends. */
static bool out_line(struct imap_out *o, struct sv line, bool *blank)
{
	struct sv word;

	if (!sv_split(&line, ' ', &word))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		if (!sv_is(word, keys[i].word))
			continue;
		if (*blank && !sv_is(word, ")"))
			imap_out_raw(o, " ");
		imap_out_raw(o, keys[i].key);
		*blank = !sv_is(word, "(");
		return out_argument(o, keys[i].kind, line);
	}
	return false;
}

static bool has_eight_bit(struct sv v)
{
	for (size_t i = 0; i < v.len; i++)
		if ((unsigned char)v.p[i] >= 128)
			return true;
	return false;
}

static bool write_lines(struct imap_box *b, struct imap_out *o, struct sv lines)
{
	struct sv line;
	bool blank = false, ok = true;

	imap_search_start(b->im, o, has_eight_bit(lines));
	while (ok && sv_line(&lines, &line))
		ok = line.len == 0 || out_line(o, line, &blank);
	return ok;
}

/* ---- asking ---- */

/* Waits for the answer; a user who does not want it any more need not wait. */
static bool take_answer(struct imap_box *b, imap_tag tag, uint32_t **uids, size_t *n, struct err *e)
{
	if (imap_wait(b->im, tag, SILENCE_MS, e))
		return imap_search_end(b->im, tag, uids, n, e);
	if (!imap_is_dead(b->im))
		imap_leave(b->im, tag);
	return false;
}

static bool search_rows(struct imap_box *b, const struct mailbox *m, struct sv lines, struct err *e)
{
	struct imap_out o;
	uint32_t *uids = NULL;
	size_t n = 0;
	imap_tag tag;
	bool ok;

	if (m->flags & MAILBOX_COMPLETE)
		return true;
	if (!write_lines(b, &o, lines)) {
		imap_out_fini(&o);
		return err_set(e, ERR_INPUT, "the server cannot search for this");
	}
	tag = imap_search_send(b->im, &o, e);
	ok = tag && take_answer(b, tag, &uids, &n, e) && bring_rows(b, m, uids, n, e);
	free(uids);
	return ok;
}

/* ---- one term on bodies ---- */

struct body_search {
	struct imap_box *b;
	const struct mailbox *m;
	struct search_term term;
	struct str literal; /* what the server is asked for; empty: nothing is certain */
	bool server_decides; /* the literal is all that the term asks for */
	struct str bytes;
	uint64_t found[TELL_EVERY];
	size_t n;
};

static bool has_upper(struct sv v)
{
	for (size_t i = 0; i < v.len; i++)
		if (v.p[i] >= 'A' && v.p[i] <= 'Z')
			return true;
	return false;
}

static void choose_literal(struct body_search *s)
{
	bool whole = true;

	if (s->term.plain)
		(void)str_adds(&s->literal, s->term.text);
	else if (!rx_literal(s->term.text, &s->literal, &whole))
		str_clear(&s->literal);
	/* Servers ignore case; an expression with upper case means it. */
	s->server_decides = s->term.plain || (whole && !has_upper(sv_of(s->term.text)));
}

static imap_tag ask(struct body_search *s, struct err *e)
{
	struct imap_out o;

	imap_search_start(s->b->im, &o, has_eight_bit(str_sv(&s->literal)));
	/* No search looks into all headers alone: what is found too much is sorted out here. */
	imap_out_raw(&o, s->term.what == 'b' ? "BODY " : "TEXT ");
	imap_out_astring(&o, str_sv(&s->literal));
	return imap_search_send(s->b->im, &o, e);
}

static void tell(struct body_search *s, uint64_t id)
{
	if (id)
		s->found[s->n++] = id;
	if (s->n == TELL_EVERY || (!id && s->n)) {
		host_found(s->b->box.host, s->found, s->n);
		s->n = 0;
	}
}

/* Fetches it and looks into it. A message that is gone meanwhile, or that nobody can fetch, is none. */
static bool look_into(struct body_search *s, uint64_t id, struct err *e)
{
	struct cache *c = host_cache(s->b->box.host);
	struct err why = {0};
	bool found = false;

	if (!imap_box_fetch(&s->b->box, id, "text", &why)) {
		if (s->b->box.dead || why.class == ERR_CANCEL || why.class == ERR_DISK) {
			*e = why;
			return false;
		}
		return true;
	}
	if (search_message(c, id, &s->term, &s->bytes, &found) && found)
		tell(s, id);
	return true;
}

/* What the server found and the scan of what is here has not decided. */
static bool judge(struct body_search *s, const uint32_t *uids, size_t n, struct err *e)
{
	struct cache *c = host_cache(s->b->box.host);
	struct host *h = s->b->box.host;
	size_t fetched = 0, left = 0;

	for (size_t i = n; i > 0; i--) {
		uint64_t id = message_id_of(s->m->id, uids[i - 1]);

		if (body_has(c, id, "text"))
			continue;
		if (s->server_decides && s->term.what != 'h') {
			tell(s, id);
			continue;
		}
		if (host_interrupted(h))
			return err_set(e, ERR_CANCEL, "the search was cancelled");
		if (fetched++ >= FETCH_MAX) {
			left++;
			continue;
		}
		if (!look_into(s, id, e))
			return false;
		host_progress(h, s->m->id, n - i + 1, n, "searching");
	}
	tell(s, 0);
	if (left)
		log_write(LOG_WARN, "imap", "%s: %zu more messages may match; only the newest %d were looked into",
			s->m->name, left, FETCH_MAX);
	return true;
}

static void say_unsearched(struct body_search *s)
{
	uint64_t here = message_count_bodies(host_cache(s->b->box.host), s->m->id), all = imap_selected(s->b->im)->exists;

	if (here < all)
		log_write(LOG_WARN, "imap",
			"%s: %llu messages are not here, and the server cannot search for an expression without a word in it",
			s->m->name, (unsigned long long)(all - here));
}

/* The server looks while we do. */
static bool search_bodies(struct body_search *s, const char *query, struct err *e)
{
	uint32_t *uids = NULL;
	size_t n = 0;
	imap_tag tag = 0;
	bool ok;

	choose_literal(s);
	if (s->literal.len && !(tag = ask(s, e)))
		return false;
	ok = search_scan(s->b->box.host, s->m->id, query, e);
	if (!ok && tag && !imap_is_dead(s->b->im))
		imap_leave(s->b->im, tag);
	if (!ok || !tag) {
		if (ok)
			say_unsearched(s);
		return ok;
	}
	ok = take_answer(s->b, tag, &uids, &n, e);
	ok = ok && judge(s, uids, n, e) && bring_rows(s->b, s->m, uids, n, e);
	free(uids);
	return ok;
}

static bool search_term_on(struct imap_box *b, const struct mailbox *m, const char *query, struct err *e)
{
	struct body_search s = {.b = b, .m = m};
	bool ok;

	if (!search_term_parse(sv_of(query), &s.term, e))
		return false;
	str_init(&s.literal, 65536);
	str_init(&s.bytes, SEARCH_BYTES_MAX);
	ok = search_bodies(&s, query, e);
	str_fini(&s.bytes);
	str_fini(&s.literal);
	search_term_fini(&s.term);
	return ok;
}

bool imap_box_search(struct box *box, uint64_t mailbox, const char *query, struct err *e)
{
	struct imap_box *b = imap_box_of(box);
	struct sv text = sv_of(query), first;
	struct mailbox m;
	bool ok, rows = sv_line(&text, &first) && sv_is(first, SEARCH_ROWS);

	if (!mailbox_by_id(host_cache(box->host), mailbox, &m, e))
		return false;
	ok = imap_box_enabled(b, e) && imap_box_select(b, &m, true, e) &&
	     (rows ? search_rows(b, &m, text, e) : search_term_on(b, &m, query, e));
	mailbox_fini(&m);
	return ok || imap_box_fail(b);
}
