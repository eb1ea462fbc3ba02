#include "core/word_search.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/pattern_priv.h"
#include "store/search.h"

#define SLICE_US 3000
#define QUERIES_MAX (2 * SEARCH_FIELDS)

struct word_search {
	struct loop *loop;
	int idle;
	struct cache *cache; /* our own: that of the account may go while we search */
	struct search *search;
	struct search_plan plan;
	struct query {
		enum search_field field;
		bool odd;
	} queries[QUERIES_MAX];
	size_t query_count, at;
	struct search_query *query;
	uint64_t *ids; /* of all queries so far */
	size_t count, cap;
	bool exact;
	word_search_fn *fn;
	void *data;
};

static void free_it(struct word_search *w)
{
	loop_remove(w->loop, w->idle);
	search_query_free(w->query);
	search_close(w->search);
	cache_close(w->cache);
	search_plan_fini(&w->plan);
	free(w->ids);
	free(w);
}

void word_search_cancel(struct word_search *w)
{
	if (w)
		free_it(w);
}

static bool covers(struct word_search *w, uint64_t mailbox)
{
	return search_is_whole(w->search, mailbox);
}

static void finish(struct word_search *w, bool good)
{
	struct word_answer a = {.covers = covers, .search = w, .ids = w->ids, .count = w->count, .exact = w->exact};

	w->fn(w->data, good ? &a : NULL);
	free_it(w);
}

/* ---- asking ---- */

static void add_query(struct word_search *w, enum search_field field, bool odd)
{
	w->queries[w->query_count++] = (struct query){field, odd};
}

static bool next_query(struct word_search *w, struct err *e)
{
	static const struct search_word odd = {.look = WORD_IS, .text = SEARCH_ODD_WORD, .len = sizeof(SEARCH_ODD_WORD) - 1};
	const struct query *q = &w->queries[w->at];

	return search_ask(&w->query, w->search, q->field, q->odd ? &odd : w->plan.words, q->odd ? 1 : w->plan.count, e);
}

/* What several queries found becomes one list. */
static void merge(struct word_search *w, const uint64_t *ids, size_t count)
{
	uint64_t *all = xreallocarray(NULL, w->count + count + 1, sizeof(*all));
	size_t i = 0, j = 0, n = 0;

	while (i < w->count || j < count) {
		if (j == count || (i < w->count && w->ids[i] <= ids[j])) {
			j += j < count && w->ids[i] == ids[j];
			all[n++] = w->ids[i++];
		} else
			all[n++] = ids[j++];
	}
	free(w->ids);
	w->ids = all;
	w->count = n;
}

static void end_query(struct word_search *w)
{
	size_t count;
	const uint64_t *ids = search_result(w->query, &count);

	if (w->queries[w->at].odd && count > 0)
		w->exact = false;
	merge(w, ids, count);
	search_query_free(w->query);
	w->query = NULL;
	w->at++;
}

static bool slice(void *data)
{
	struct word_search *w = data;
	int64_t until = clock_us() + SLICE_US;
	struct err e;
	bool more = true;

	do {
		if (w->at == w->query_count) {
			finish(w, true);
			return false;
		}
		if ((!w->query && !next_query(w, &e)) || !search_step(w->query, until, &more, &e)) {
			log_write(LOG_WARN, "search", "%s", e.text);
			finish(w, false);
			return false;
		}
		if (!more)
			end_query(w);
	} while (clock_us() < until);
	return true;
}

/* ---- the term ---- */

static const struct pnode *node_of(const struct pattern *p, size_t term)
{
	for (uint32_t i = 0; i < p->count; i++) {
		if (p->nodes[i].op == P_TERM && p->nodes[i].body == (int)term)
			return &p->nodes[i];
	}
	bug("a pattern without its term %zu", term);
}

static bool prepare(struct word_search *w, const struct pattern *p, size_t term, const char *cache_dir, const char *account)
{
	const struct pnode *n = node_of(p, term);
	struct err e;

	search_plan_init(&w->plan, n->arg, n->prefix != '=');
	if (w->plan.count == 0 || n->prefix == '%' || !cache_open(&w->cache, cache_dir, account, CACHE_READ, &e) ||
		!search_open(&w->search, w->cache, CACHE_READ, &e))
		return false;
	w->exact = w->plan.exact;
	for (int odd = 0; odd <= w->plan.but_odd; odd++) {
		if (n->id != PAT_header)
			add_query(w, SEARCH_BODY, odd);
		if (n->id != PAT_body)
			add_query(w, SEARCH_HEADER, odd);
	}
	return true;
}

struct word_search *word_search_new(struct loop *loop, const char *cache_dir, const char *account, const struct pattern *p,
	size_t term, word_search_fn *fn, void *data)
{
	struct word_search *w = xcalloc(1, sizeof(*w));

	w->loop = loop;
	w->fn = fn;
	w->data = data;
	if (prepare(w, p, term, cache_dir, account)) {
		w->idle = loop_idle(loop, "search words", slice, w);
		return w;
	}
	free_it(w);
	return NULL;
}
