#include "sync/search.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "mime/body_text.h"
#include "store/search.h"

#define SEARCH_MESSAGE_MAX (256u << 20) /* larger ones are searched up to here */
#define FOUND_BATCH 200
#define TELL_MS 200
#define LOOK_AT_CLOCK 16 /* messages */

/* ---- the term ---- */

/* A word, or a string in quotes with backslash before what would end it. */
static char *take_argument(struct sv v)
{
	struct str s;
	char quote = v.len > 0 && (v.p[0] == '"' || v.p[0] == '\'') ? v.p[0] : 0;

	str_init(&s, 65536);
	for (size_t i = quote != 0; i < v.len && v.p[i] != quote; i++) {
		/*
		 * In double quotes \" and \\ are one character; everything else belongs to the
		 * expression.
		 */
		if (quote == '"' && v.p[i] == '\\' && i + 1 < v.len && (v.p[i + 1] == '"' || v.p[i + 1] == '\\'))
			i++;
		if (!str_addc(&s, v.p[i]))
			break;
	}
	return str_detach(&s);
}

bool search_term_parse(struct sv query, struct search_term *out, struct err *e)
{
	struct sv v = sv_trim(query);

	memset(out, 0, sizeof(*out));
	if (v.len < 3 || (v.p[0] != '~' && v.p[0] != '=') || !strchr("bBh", v.p[1]))
		return err_set(e, ERR_INPUT, "cannot search for " SV_FMT, SV_ARG(sv_head(v, 100)));
	out->plain = v.p[0] == '=';
	out->what = v.p[1];
	out->text = take_argument(sv_trim(sv_from(v, 2)));
	if (!out->plain) {
		out->rx = rx_new(out->text, RX_SMARTCASE | RX_NOSUB, e);
		if (!out->rx) {
			search_term_fini(out);
			return false;
		}
	}
	return true;
}

void search_term_fini(struct search_term *t)
{
	rx_free(t->rx);
	free(t->text);
	memset(t, 0, sizeof(*t));
}

static bool has_upper(struct sv v)
{
	for (size_t i = 0; i < v.len; i++) {
		if (v.p[i] >= 'A' && v.p[i] <= 'Z')
			return true;
	}
	return false;
}

static bool text_matches(struct search_term *t, struct sv text)
{
	if (!t->plain)
		return rx_match(t->rx, text);
	struct sv want = sv_of(t->text);
	return (has_upper(want) ? sv_find(text, want) : sv_find_case(text, want)) >= 0;
}

/* Line by line, as mutt does: an expression with ^ means the line. */
static bool lines_match(struct search_term *t, struct sv text)
{
	return t->plain ? text_matches(t, text) : rx_match_line(t->rx, text);
}

/* Header lines one by one in any case: their names and values stand in one. */
static bool header_matches(struct search_term *t, struct sv lines)
{
	struct sv line;

	if (!t->plain)
		return rx_match_line(t->rx, lines);
	while (sv_line(&lines, &line)) {
		if (text_matches(t, line))
			return true;
	}
	return false;
}

static bool texts_match(struct search_term *t, struct sv body, struct sv header)
{
	return (t->what != 'b' && header_matches(t, header)) || (t->what != 'h' && lines_match(t, body));
}

bool search_term_matches(struct search_term *t, struct sv message)
{
	struct arena *a = arena_new();
	struct str text;
	struct headers h;
	bool found = false;

	str_init(&text, BODY_TEXT_MAX);
	if (t->what != 'b') {
		headers_parse(a, message, &h);
		headers_text(&text, &h);
		found = header_matches(t, str_sv(&text));
	}
	if (!found && t->what != 'h') {
		str_clear(&text);
		body_text(&text, part_parse(a, message, NULL));
		found = lines_match(t, str_sv(&text));
	}
	str_fini(&text);
	arena_free(a);
	return found;
}

/* ---- bytes ---- */

bool search_read(struct cache *c, uint64_t id, struct str *out)
{
	struct body b;
	struct err e;

	if (!body_open(c, id, "", &b, &e) && !body_open(c, id, "text", &b, &e))
		return false;
	bool ok = body_read(&b, SEARCH_MESSAGE_MAX, out);
	body_close(&b);
	return ok;
}

bool search_message(struct cache *c, uint64_t id, struct search_term *term, struct str *bytes, bool *found)
{
	if (!search_read(c, id, bytes))
		return false;
	*found = search_term_matches(term, str_sv(bytes));
	return true;
}

/* ---- what the index knows ---- */

/* Of one field: ids that may match, ascending. */
struct answer {
	uint64_t *ids;
	size_t count;
	enum { ANSWER_MAYBE, ANSWER_EXACT, ANSWER_ODD } kind; /* odd: whatever the others say, these are to be read */
};

struct narrowing {
	struct search_cover *cover; /* NULL: the index says nothing */
	struct answer answers[2 * SEARCH_FIELDS]; /* each in itself; together: any of them */
	size_t count;
};

static void narrowing_fini(struct narrowing *n)
{
	search_cover_free(n->cover);
	for (size_t i = 0; i < n->count; i++)
		free(n->answers[i].ids);
	memset(n, 0, sizeof(*n));
}

/* Adds the answer to some words; false: there is none, all must be read. */
static bool add_answer(struct narrowing *n, struct search *s, enum search_field field, const struct search_word *words,
	size_t count, int kind)
{
	struct search_query *q;
	struct err e;
	const uint64_t *ids;
	size_t found;
	bool more = true, ok = search_ask(&q, s, field, words, count, &e);

	while (ok && more)
		ok = search_step(q, INT64_MAX, &more, &e);
	if (ok) {
		struct answer *a = &n->answers[n->count++];

		ids = search_result(q, &found);
		*a = (struct answer){xcalloc(found + 1, sizeof(*ids)), found, kind};
		if (found)
			memcpy(a->ids, ids, found * sizeof(*ids));
	} else
		log_write(LOG_WARN, "index", "%s", e.text);
	search_query_free(q);
	return ok;
}

static bool ask_index(struct narrowing *n, struct search *s, const struct search_term *t, const struct search_plan *plan)
{
	static const struct search_word odd_word = {
		.look = WORD_IS, .text = SEARCH_ODD_WORD, .len = sizeof(SEARCH_ODD_WORD) - 1};

	for (int f = 0; f < SEARCH_FIELDS; f++) {
		if (t->what == (f == SEARCH_BODY ? 'h' : 'b'))
			continue;
		if (!add_answer(n, s, (enum search_field)f, plan->words, plan->count,
			    plan->exact ? ANSWER_EXACT : ANSWER_MAYBE))
			return false;
		if (plan->but_odd && !add_answer(n, s, (enum search_field)f, &odd_word, 1, ANSWER_ODD))
			return false;
	}
	return true;
}

static void narrow(struct narrowing *n, struct host *h, uint64_t mailbox, const struct search_term *t)
{
	struct search *s = host_search(h);
	struct search_plan plan;

	memset(n, 0, sizeof(*n));
	if (!s)
		return;
	search_plan_init(&plan, t->text, !t->plain);
	if (plan.count > 0 && ask_index(n, s, t, &plan))
		n->cover = search_cover_new(s, mailbox);
	else
		narrowing_fini(n);
	search_plan_fini(&plan);
}

static int id_cmp(const void *va, const void *vb)
{
	uint64_t a = *(const uint64_t *)va, b = *(const uint64_t *)vb;

	return a < b ? -1 : a > b;
}

enum verdict { NOT_FOUND, FOUND, MUST_READ };

static enum verdict judge(const struct narrowing *n, uint64_t id)
{
	enum verdict v = NOT_FOUND;

	if (!n->cover || !search_covers(n->cover, id))
		return MUST_READ;
	for (size_t i = 0; i < n->count; i++) {
		const struct answer *a = &n->answers[i];

		if (a->count == 0 || !bsearch(&id, a->ids, a->count, sizeof(id), id_cmp))
			continue;
		if (a->kind == ANSWER_ODD)
			return MUST_READ;
		if (v != FOUND)
			v = a->kind == ANSWER_EXACT ? FOUND : MUST_READ;
	}
	return v;
}

/* ---- message by message ---- */

struct searcher {
	struct host *host;
	struct search_term term;
	struct narrowing narrowing;
	struct str bytes;
};

static bool searcher_new(struct searcher **out, struct host *h, uint64_t mailbox, const char *query, struct err *e)
{
	struct searcher *s = xcalloc(1, sizeof(*s));

	s->host = h;
	if (!search_term_parse(sv_of(query), &s->term, e)) {
		free(s);
		return false;
	}
	narrow(&s->narrowing, h, mailbox, &s->term);
	str_init(&s->bytes, SEARCH_BYTES_MAX);
	*out = s;
	return true;
}

static bool read_and_match(struct searcher *s, uint64_t message)
{
	return search_read(host_cache(s->host), message, &s->bytes) && search_term_matches(&s->term, str_sv(&s->bytes));
}

static void searcher_free(struct searcher *s)
{
	narrowing_fini(&s->narrowing);
	str_fini(&s->bytes);
	search_term_fini(&s->term);
	free(s);
}

/* ---- a whole mailbox ---- */

struct search_run {
	struct searcher *s;
	uint64_t mailbox;
	uint64_t *ids; /* that are to be read yet, descending */
	bool *read;    /* those that were */
	size_t count, done;
	const struct search_found *found;
};

static bool tell(struct search_run *c, uint64_t id, bool match)
{
	return c->found->fn(c->found->data, match ? id : 0, c->done, c->count);
}

/* The index decides what it can; what is to be read stays in ids. False: enough. */
static bool ask_words(struct search_run *c)
{
	size_t left = 0, all = c->count;
	bool go_on = true;

	for (size_t i = 0; go_on && i < all; i++) {
		enum verdict v = judge(&c->s->narrowing, c->ids[i]);

		if (v == FOUND)
			go_on = tell(c, c->ids[i], true);
		else if (v == MUST_READ)
			c->ids[left++] = c->ids[i];
	}
	c->count = left;
	return go_on;
}

static bool place_of(const struct search_run *c, uint64_t id, size_t *at)
{
	size_t low = 0, high = c->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (c->ids[mid] > id)
			low = mid + 1;
		else
			high = mid;
	}
	*at = low;
	return low < c->count && c->ids[low] == id;
}

static bool is_unread(void *data, uint64_t id)
{
	const struct search_run *c = data;
	size_t at;

	return place_of(c, id, &at) && !c->read[at];
}

/* Texts that are kept. What cannot be read there is read otherwise. */
static bool read_texts(struct search_run *c)
{
	struct search *index = host_search(c->s->host);
	struct search_texts *texts;
	struct search_text t;
	struct err e = {0};
	size_t at;
	bool go_on = true;

	if (!index || c->count == 0)
		return true;
	texts = search_texts_new(index, c->mailbox, is_unread, c);
	while (go_on && search_texts_next(texts, &t, &e)) {
		if (!place_of(c, t.message, &at))
			continue;
		c->read[at] = true;
		c->done++;
		go_on = tell(c, t.message, texts_match(&c->s->term, t.body, t.header));
	}
	if (go_on && e.class != ERR_NONE)
		log_write(LOG_WARN, "index", "%s", e.text);
	search_texts_free(texts);
	return go_on;
}

static bool read_messages(struct search_run *c)
{
	bool go_on = true;

	for (size_t i = 0; go_on && i < c->count; i++) {
		if (c->read[i])
			continue;
		c->done++;
		go_on = tell(c, c->ids[i], read_and_match(c->s, c->ids[i]));
	}
	return go_on;
}

bool search_messages(struct host *h, uint64_t mailbox, const char *query, const struct search_found *found, struct err *e)
{
	struct search_run c = {.mailbox = mailbox, .found = found};

	if (!searcher_new(&c.s, h, mailbox, query, e))
		return false;
	bool ok = message_ids(host_cache(h), mailbox, &c.ids, &c.count, e);

	c.read = xcalloc(c.count + 1, sizeof(*c.read));
	if (ok && !(ask_words(&c) && read_texts(&c) && read_messages(&c)))
		ok = err_set(e, ERR_CANCEL, "the search was cancelled");
	searcher_free(c.s);
	free(c.read);
	free(c.ids);
	return ok;
}

/* ---- for the ui ---- */

struct telling {
	struct host *host;
	uint64_t mailbox;
	uint64_t found[FOUND_BATCH];
	size_t n, seen;
	int64_t at;
};

static bool tell_host(void *data, uint64_t id, size_t done, size_t all)
{
	struct telling *t = data;

	if (id)
		t->found[t->n++] = id;
	if (t->n < FOUND_BATCH && (++t->seen % LOOK_AT_CLOCK != 0 || clock_ms() < t->at))
		return true;
	host_found(t->host, t->found, t->n);
	host_progress(t->host, t->mailbox, done, all, "searching");
	t->n = 0;
	t->at = clock_ms() + TELL_MS;
	return !host_cancelled(t->host);
}

bool search_scan(struct host *h, uint64_t mailbox, const char *query, struct err *e)
{
	struct telling t = {.host = h, .mailbox = mailbox, .at = clock_ms() + TELL_MS};
	struct search_found found = {tell_host, &t};

	if (!search_messages(h, mailbox, query, &found, e))
		return false;
	host_found(h, t.found, t.n);
	return true;
}
