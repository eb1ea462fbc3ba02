/*
 * Limiting a view, and counting what a pattern would find: rows are tested in idle slices, and the list
 * changes when all were. What stands in bodies comes from the index at once (a guess), then, when the limit
 * is meant, from the workers as far as the index does not know.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "core/gettext.h"
#include "core/session.h"
#include "core/view_priv.h"

#define SLICE_US 4000
#define LOOK_AT_CLOCK 256 /* rows between two looks at the clock */

/* A pattern on its way through the rows. */
struct view_matching {
	struct view *v;
	struct pattern *pattern; /* lent */
	struct pattern_memo *memo;
	struct row_test test;
	unsigned char *hits;     /* a bit for each row below end; NULL: they are only counted */
	uint32_t at, end, count;
	int idle;
	struct pattern_fill *fill; /* what the index says about bodies */
	unsigned rough; /* enum rough */
	bool finer; /* only what the limit shows already can match */
	void (*done)(struct view_matching *);
};

static void matching_free(struct view_matching *m)
{
	if (!m)
		return;
	if (m->fill)
		session_fill_cancel(m->fill);
	if (m->v->loop)
		loop_remove(m->v->loop, m->idle);
	pattern_memo_free(m->memo);
	free(m->hits);
	free(m);
}

static void match_row(struct view_matching *m, uint32_t row)
{
	if ((m->finer && !m->v->rows[row].limited) || !row_test_matches(&m->test, m->v, row))
		return;
	m->count += !m->v->rows[row].gone;
	if (m->hits)
		m->hits[row / 8] |= (unsigned char)(1u << (row & 7));
}

/* Returns false when there are more rows. until 0: all of them. */
static bool match_some(struct view_matching *m, int64_t until)
{
	while (m->at < m->end) {
		match_row(m, m->at++);
		if (until && m->at % LOOK_AT_CLOCK == 0 && clock_us() >= until)
			break;
	}
	return m->at == m->end;
}

static bool match_slice(void *data)
{
	struct view_matching *m = data;

	if (!match_some(m, clock_us() + SLICE_US))
		return true;
	m->idle = 0;
	m->done(m);
	return false;
}

/* A first slice now: most mailboxes are through with it. */
static void match_rows(struct view_matching *m)
{
	struct view *v = m->v;

	view_update(v); /* threads and numbers as they are now */
	pattern_memo_free(m->memo);
	m->memo = pattern_memo_new(m->pattern);
	row_test_init(&m->test, v, m->pattern, m->memo);
	m->at = m->count = 0;
	m->end = v->count;
	if (m->hits)
		m->hits = xreallocarray(m->hits, m->end / 8 + 1, 1);
	if (m->hits)
		memset(m->hits, 0, m->end / 8 + 1);
	if (match_some(m, v->loop ? clock_us() + SLICE_US : 0))
		m->done(m);
	else
		m->idle = loop_idle(v->loop, "match", match_slice, m);
}

static void guessed(void *data, const struct err *e)
{
	struct view_matching *m = data;

	(void)e;
	m->fill = NULL;
	match_rows(m);
}

static struct view_matching *matching_new(
	struct view *v, struct pattern *p, bool keep_hits, void (*done)(struct view_matching *))
{
	struct view_matching *m = xcalloc(1, sizeof(*m));

	m->v = v;
	m->pattern = p;
	m->hits = keep_hits ? xcalloc(1, 1) : NULL;
	m->done = done;
	return m;
}

static void matching_start(struct view_matching *m, bool guess)
{
	if (guess && m->v->session && view_any_cache(m->v) && pattern_needs_bodies(m->pattern))
		m->fill = session_guess_pattern(m->v->session, m->v, m->pattern, &m->rough, guessed, m);
	else
		match_rows(m);
}

/* ---- the limit ---- */

void view_match_limit(struct view *v, uint32_t row)
{
	struct view_matching *m = v->limiting;
	bool shown = !v->limit || view_row_matches(v, v->limit, row);

	v->rows[row].limited = shown;
	/* It has changed since its turn. */
	if (m && m->hits && row < m->at) {
		m->hits[row / 8] &= (unsigned char)~(1u << (row & 7));
		m->hits[row / 8] |= (unsigned char)(shown << (row & 7));
	}
}

/* Another limit: what fits best is something else. */
static void forget_fit(struct view *v)
{
	if (v->sort.key != SORT_RELEVANCE && v->conf->sort_aux.key != SORT_RELEVANCE)
		return;
	view_order_cancel(v);
	v->order_valid = false;
}

static void show(struct view *v)
{
	view_update(v);
	view_show_all(v);
}

static void end_limiting(struct view *v)
{
	struct view_matching *m = v->limiting;

	v->limiting = NULL;
	matching_free(m);
}

static void limit_filled(void *data, const struct err *e);

/* All rows were tested. A guess was the first answer: the whole one comes, unless nobody wants it yet. */
static void limit_matched(struct view_matching *m)
{
	struct view *v = m->v;
	bool fill = v->limit_wanted;

	for (uint32_t r = 0; r < m->end; r++)
		v->rows[r].limited = m->hits[r / 8] >> (r & 7) & 1;
	v->limit_rough = m->rough;
	v->limit_wanted = false;
	forget_fit(v);
	end_limiting(v);
	show(v);
	if (fill && v->session && view_any_cache(v) && session_must_fill(v->session, v, v->limit))
		v->limit_fill = session_fill_pattern(v->session, v, v->limit, limit_filled, v);
}

static void limit_filled(void *data, const struct err *e)
{
	struct view *v = data;

	v->limit_fill = NULL;
	if (e) {
		session_fail(v->session, e, _("Limit to %s"), v->limit_text);
		return;
	}
	v->limiting = matching_new(v, v->limit, true, limit_matched);
	matching_start(v->limiting, false);
}

static void limit_off(struct view *v)
{
	end_limiting(v);
	if (v->limit_fill)
		session_fill_cancel(v->limit_fill);
	v->limit_fill = NULL;
	if (v->limit)
		forget_fit(v);
	pattern_free(v->limit);
	v->limit = NULL;
	v->limit_wanted = false;
	v->limit_rough = 0;
	xfree_null(&v->limit_text);
}

static bool limits_nothing(struct sv text)
{
	return text.len == 0 || sv_is_case(text, "all") || sv_is(text, ".") || sv_is(text, "~A");
}

static bool set_limit(struct view *v, const char *text, bool wanted, struct err *e)
{
	struct sv given = sv_trim(sv_of(text));
	struct pattern *p = NULL;

	if (!limits_nothing(given)) {
		p = pattern_compile(v->conf, text, PATTERN_SIMPLE | PATTERN_FULL, clock_now(), e);
		if (!p)
			return false;
	}
	/* A letter more, and the list is what the one before has left. */
	bool finer = p && !wanted && v->limit && !v->limiting && !v->limit_fill && pattern_is_finer(p, v->limit);

	limit_off(v);
	v->limit = p;
	if (!p) {
		for (uint32_t r = 0; r < v->count; r++)
			v->rows[r].limited = true;
		show(v);
		return true;
	}
	v->limit_text = sv_dup(given);
	v->limit_wanted = wanted;
	v->limiting = matching_new(v, p, true, limit_matched);
	v->limiting->finer = finer;
	matching_start(v->limiting, true);
	return true;
}

bool view_limit(struct view *v, const char *text, struct err *e)
{
	return set_limit(v, text, true, e);
}

bool view_limit_guess(struct view *v, const char *text, struct err *e)
{
	return set_limit(v, text, false, e);
}

void view_limit_stop(struct view *v)
{
	end_limiting(v);
	if (v->limit_fill)
		session_fill_cancel(v->limit_fill);
	v->limit_fill = NULL;
	v->limit_wanted = false;
}

bool view_limit_busy(const struct view *v, unsigned *rough)
{
	*rough = v->limit_rough;
	return v->limiting || v->limit_fill;
}

bool view_is_searching(const struct view *v)
{
	return v->limiting || v->limit_fill || v->filter_fill || v->tally;
}

const char *view_limit_text(const struct view *v)
{
	return v->limit_text;
}

/* ---- counting ---- */

struct view_tally {
	struct view_matching *matching;
	struct pattern *pattern;
	view_tally_fn *fn;
	void *data;
};

static void tally_free(struct view *v)
{
	struct view_tally *t = v->tally;

	v->tally = NULL;
	if (!t)
		return;
	matching_free(t->matching);
	pattern_free(t->pattern);
	free(t);
}

static void tallied(struct view_matching *m)
{
	struct view *v = m->v;
	struct view_tally *t = v->tally;
	view_tally_fn *fn = t->fn;
	void *data = t->data;
	uint32_t count = m->count;
	unsigned rough = m->rough;

	tally_free(v);
	fn(data, count, rough);
}

bool view_tally(struct view *v, const char *text, view_tally_fn *fn, void *data, struct err *e)
{
	struct pattern *p;

	view_tally_cancel(v);
	p = pattern_compile(v->conf, text, PATTERN_SIMPLE | PATTERN_FULL, clock_now(), e);
	if (!p)
		return false;
	v->tally = xcalloc(1, sizeof(*v->tally));
	*v->tally = (struct view_tally){.pattern = p, .fn = fn, .data = data};
	v->tally->matching = matching_new(v, p, false, tallied);
	matching_start(v->tally->matching, true);
	return true;
}

void view_tally_cancel(struct view *v)
{
	tally_free(v);
}

void view_hide(struct view *v, const uint32_t *rows, uint32_t count)
{
	view_update(v);
	for (uint32_t i = 0; i < count; i++) {
		v->rows[rows[i]].limited = false;
		view_make_dirty(v, rows[i]);
	}
	view_touch(v, VIEW_LIST | VIEW_COUNTS);
	view_update(v);
}

/* ---- bodies of a filter, and of mail that comes ---- */

#define STALE_MS 2000

static void filter_filled(void *data, const struct err *e)
{
	struct view *v = data;

	v->filter_fill = NULL;
	if (e && v->session)
		session_fail(v->session, e, _("Searching"));
	view_take_rows(v);
}

/* What the index is sure of comes at once. */
static void filter_guessed(void *data, const struct err *e)
{
	struct view *v = data;

	(void)e;
	v->filter_fill = NULL;
	if (!(v->filter_rough & ROUGH_LESS))
		view_take_rows(v);
	if (v->filter_rough)
		v->filter_fill = session_fill_pattern(v->session, v, v->filter, filter_filled, v);
}

void view_ask_bodies(struct view *v)
{
	if (!v->session || !v->filter || !pattern_needs_bodies(v->filter))
		return;
	if (v->filter_fill)
		session_fill_cancel(v->filter_fill);
	v->filter_rough = 0;
	v->filter_fill = session_guess_pattern(v->session, v, v->filter, &v->filter_rough, filter_guessed, v);
}

static void ask_again(void *data)
{
	struct view *v = data;

	v->bodies_timer = 0;
	view_ask_bodies(v);
	if (v->limit && pattern_needs_bodies(v->limit) && !v->limiting && !v->limit_fill)
		v->limit_fill = session_fill_pattern(v->session, v, v->limit, limit_filled, v);
}

void view_bodies_stale(struct view *v)
{
	bool asks = (v->limit && pattern_needs_bodies(v->limit)) || (v->filter && pattern_needs_bodies(v->filter));

	if (asks && v->session && v->loop && !v->bodies_timer)
		v->bodies_timer = loop_timer(v->loop, "bodies", STALE_MS, ask_again, v);
}

void view_narrow_free(struct view *v)
{
	if (v->loop)
		loop_remove(v->loop, v->bodies_timer);
	if (v->filter_fill)
		session_fill_cancel(v->filter_fill);
	tally_free(v);
	limit_off(v);
}
