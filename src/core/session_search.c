/*
 * Patterns that need more than the rows that are here: older messages that only the server has, and what
 * stands in bodies. One term after the other: the index of words of each account is asked (word_search.h),
 * and where it does not know everything the worker, one mailbox of the view after the other.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "core/session_priv.h"
#include "core/view_priv.h"
#include "core/word_search.h"
#include "store/mailbox.h"

struct pattern_fill {
	struct session *s;
	struct view *view;
	struct pattern *pattern;
	session_done_fn *done;
	void *data;
	bool guess;  /* the index alone */
	unsigned *rough; /* enum rough, of a guess */
	size_t term;
	uint32_t source; /* of the view that is being searched */
	struct word_search *words; /* of the account of that source */
	size_t settled_count;
	bool *settled; /* by source: the index has answered for it, no worker need look */
	int64_t *ids;
	size_t count, cap;
	uint64_t job;
	int start; /* idle work that begins it; 0: has begun */
};

static void begin_term(struct pattern_fill *f);
static void ask_words(struct pattern_fill *f);
static void ask_workers(struct pattern_fill *f);

/*
 * What to ask a server for whose older messages have no rows here yet (caller frees); NULL: all that
 * matters is here, or it is no server.
 */
static char *rows_query(struct session *s, const struct view_source *src, const struct pattern *p)
{
	struct acct *a = session_acct_by_name(s, src->account);
	struct mailbox m;
	char *lines, *query;
	bool complete;

	if (!a || a->kind != ACCOUNT_IMAP || !src->cache || !mailbox_by_id(src->cache, src->mailbox, &m, NULL))
		return NULL;
	complete = m.flags & MAILBOX_COMPLETE;
	mailbox_fini(&m);
	lines = complete ? NULL : pattern_server_query(p);
	if (!lines)
		return NULL;
	query = xasprintf("rows\n%s", lines);
	free(lines);
	return query;
}

bool session_must_fill(struct session *s, struct view *v, const struct pattern *p)
{
	if (pattern_needs_bodies(p))
		return view_any_cache(v);
	for (uint32_t i = 0; i < v->src_count; i++) {
		char *query = rows_query(s, &v->src[i], p);

		free(query);
		if (query)
			return true;
	}
	return false;
}

static void fill_free(struct pattern_fill *f)
{
	loop_remove(f->s->loop, f->start);
	word_search_cancel(f->words);
	free(f->settled);
	free(f->ids);
	free(f);
}

static void fill_end(struct pattern_fill *f, const struct err *e)
{
	f->done(f->data, e);
	fill_free(f);
}

static void rows_found(void *data, const int64_t *ids, size_t count, bool done, const struct err *e);

/* Asks for the rows of this mailbox or the next that lacks some. False: none does. */
static bool fill_rows(struct pattern_fill *f)
{
	for (; f->source < f->view->src_count; f->source++) {
		char *query = rows_query(f->s, &f->view->src[f->source], f->pattern);
		bool asked = query != NULL;

		if (asked)
			f->job = session_search_source(f->s, f->view, f->source, query, rows_found, f);
		free(query);
		if (asked)
			return true;
	}
	return false;
}

/* The rows are there (or, without the server, what is here has to do): then the bodies. */
static void rows_found(void *data, const int64_t *ids, size_t count, bool done, const struct err *e)
{
	struct pattern_fill *f = data;

	(void)ids;
	(void)count;
	if (!done)
		return;
	f->job = 0;
	f->source++;
	if (e && e->class == ERR_CANCEL) {
		fill_end(f, e);
	} else if (!fill_rows(f)) {
		if (pattern_needs_bodies(f->pattern))
			begin_term(f);
		else
			fill_end(f, NULL);
	}
}

/* ---- a term: the index first, account by account ---- */

static bool is_first_of_account(const struct view *v, uint32_t source)
{
	for (uint32_t i = 0; i < source; i++) {
		if (strcmp(v->src[i].account, v->src[source].account) == 0)
			return false;
	}
	return true;
}

static void add_found(struct pattern_fill *f, uint32_t source, uint64_t id)
{
	array_grow(f->ids, f->count, f->cap);
	f->ids[f->count++] = (int64_t)row_key(source, id);
}

/* Ids are in order, so those of a mailbox lie together. */
static size_t first_of(const struct word_answer *a, uint64_t mailbox)
{
	size_t low = 0, high = a->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (message_mailbox(a->ids[mid]) < mailbox)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void be_rough(struct pattern_fill *f, unsigned rough)
{
	if (f->rough)
		*f->rough |= rough;
}

static void take_answer(struct pattern_fill *f, const struct word_answer *a)
{
	const char *account = f->view->src[f->source].account;

	for (uint32_t i = f->source; i < f->view->src_count; i++) {
		const struct view_source *src = &f->view->src[i];

		if (!src->mailbox || strcmp(src->account, account) != 0)
			continue;
		bool whole = a->covers(a->search, src->mailbox);

		f->settled[i] = a->exact && whole;
		be_rough(f, (whole ? 0 : ROUGH_MORE) | (a->exact ? 0 : ROUGH_LESS));
		if (!a->exact && !f->guess)
			continue;
		for (size_t n = first_of(a, src->mailbox); n < a->count && message_mailbox(a->ids[n]) == src->mailbox; n++)
			add_found(f, i, a->ids[n]);
	}
}

static void words_found(void *data, const struct word_answer *a)
{
	struct pattern_fill *f = data;

	f->words = NULL;
	if (a)
		take_answer(f, a);
	else
		be_rough(f, ROUGH_MORE);
	f->source++;
	ask_words(f);
}

/* Asks the index of the next account; when all were asked, it is up to the workers. */
static void ask_words(struct pattern_fill *f)
{
	const struct view *v = f->view;

	for (; f->source < v->src_count; f->source++) {
		if (!v->src[f->source].mailbox || !is_first_of_account(v, f->source))
			continue;
		f->words = word_search_new(f->s->loop, f->s->cache_dir, v->src[f->source].account, f->pattern, f->term,
			words_found, f);
		if (f->words)
			return;
		be_rough(f, ROUGH_MORE);
	}
	f->source = 0;
	ask_workers(f);
}

static void begin_term(struct pattern_fill *f)
{
	f->count = 0;
	f->source = 0;
	free(f->settled);
	f->settled = xcalloc(f->view->src_count, sizeof(*f->settled));
	f->settled_count = f->view->src_count;
	ask_words(f);
}

/* ---- then the workers, mailbox by mailbox ---- */

static void end_term(struct pattern_fill *f)
{
	pattern_set_found(f->pattern, f->term, f->ids, f->count);
	f->term++;
	if (pattern_body_term(f->pattern, f->term))
		begin_term(f);
	else
		fill_end(f, NULL);
}

static void worker_found(void *data, const int64_t *ids, size_t count, bool done, const struct err *e)
{
	struct pattern_fill *f = data;

	for (size_t i = 0; i < count; i++)
		add_found(f, f->source, (uint64_t)ids[i]);
	if (!done)
		return;
	f->job = 0;
	/* An account that cannot answer must not keep the others from it. */
	if (e && (!f->view->unified || err_policy(e->class) == POLICY_NOTHING)) {
		fill_end(f, e);
		return;
	}
	f->source++;
	ask_workers(f);
}

static void ask_workers(struct pattern_fill *f)
{
	const struct view *v = f->view;

	for (; !f->guess && f->source < v->src_count; f->source++) {
		if (!v->src[f->source].mailbox || (f->source < f->settled_count && f->settled[f->source]))
			continue;
		f->job = session_search_source(
			f->s, f->view, f->source, pattern_body_term(f->pattern, f->term), worker_found, f);
		return;
	}
	end_term(f);
}

/* Not before the caller has what it will be called back about. */
static bool start_terms(void *data)
{
	struct pattern_fill *f = data;

	f->start = 0;
	begin_term(f);
	return false;
}

static struct pattern_fill *fill_new(
	struct session *s, struct view *v, struct pattern *p, session_done_fn *done, void *data)
{
	struct pattern_fill *f = xcalloc(1, sizeof(*f));

	*f = (struct pattern_fill){.s = s, .view = v, .pattern = p, .done = done, .data = data};
	return f;
}

struct pattern_fill *session_fill_pattern(
	struct session *s, struct view *v, struct pattern *p, session_done_fn *done, void *data)
{
	struct pattern_fill *f = fill_new(s, v, p, done, data);

	if (fill_rows(f))
		return f;
	if (!pattern_needs_bodies(p))
		bug("a pattern that the rows answer needs no filling");
	f->start = loop_idle(s->loop, "search", start_terms, f);
	return f;
}

struct pattern_fill *session_guess_pattern(
	struct session *s, struct view *v, struct pattern *p, unsigned *rough, session_done_fn *done, void *data)
{
	struct pattern_fill *f = fill_new(s, v, p, done, data);

	f->guess = true;
	f->rough = rough;
	f->start = loop_idle(s->loop, "search", start_terms, f);
	return f;
}

void session_fill_cancel(struct pattern_fill *f)
{
	if (f->job)
		session_cancel(f->s, f->job);
	fill_free(f);
}
