/*
 * Which rows the limit lets through, and what the limit, searching and tagging by pattern share: testing a
 * row, and the relatives of a message that a pattern may ask for.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "core/gettext.h"
#include "core/session.h"
#include "core/view_priv.h"

/* ---- relatives ---- */

struct relatives {
	struct view *v;
	pattern_test_fn *test;
	void *ctx;
};

static bool relative_holds(struct relatives *r, uint32_t node)
{
	struct msg_facts facts;

	if (node == THREAD_NONE || !thread_is_msg(node))
		return false;
	view_facts(r->v, node, &facts);
	return r->test(r->ctx, &facts);
}

static bool any_relative(struct relatives *r, uint32_t node, enum pattern_relation relation)
{
	const struct threads *t = &r->v->order->threads;
	uint32_t top;

	switch (relation) {
	case PATTERN_PARENT:
		return relative_holds(r, thread_parent_msg(t, node));
	case PATTERN_CHILD:
		for (uint32_t c = thread_node(t, node)->first_child; c != THREAD_NONE; c = thread_node(t, c)->next) {
			if (relative_holds(r, c))
				return true;
		}
		return false;
	case PATTERN_MEMBER:
		break;
	}
	top = thread_root(t, node);
	for (uint32_t n = top; n != THREAD_NONE; n = thread_walk(t, n, top)) {
		if (relative_holds(r, n))
			return true;
	}
	return false;
}

static bool view_any_relative(
	void *data, uint32_t row, enum pattern_relation relation, pattern_test_fn *test, void *ctx)
{
	struct view *v = data;
	struct relatives r = {.v = v, .test = test, .ctx = ctx};
	bool found;

	if (!v->order->threaded || !thread_has(&v->order->threads, row) || v->nest + 1 >= VIEW_NEST)
		return false;
	v->nest++;
	found = any_relative(&r, row, relation);
	v->nest--;
	return found;
}

const struct pattern_thread *view_relatives(struct view *v, struct pattern_thread *out)
{
	*out = (struct pattern_thread){.data = v, .any = view_any_relative};
	return out;
}

/* ---- testing ---- */

bool view_row_matches(struct view *v, struct pattern *p, uint32_t row)
{
	struct msg_facts facts;
	struct pattern_thread relatives;
	struct pattern_env env = {.conf = v->conf,
		.current = v->cursor + 1,
		.count = seq_lines(v->order->seq),
		.now = clock_now()};

	if (row >= v->count)
		return false;
	view_facts(v, row, &facts);
	return pattern_match(p, &facts, view_relatives(v, &relatives), &env);
}

uint32_t view_search(struct view *v, struct pattern *p, uint32_t from, int direction, bool *wrapped)
{
	uint32_t total = view_lines(v), line = from;
	bool around = false;
	struct seq_walk w = list_walk(v, from, direction);

	for (uint32_t i = 0; i < total; i++) {
		uint32_t row = seq_next(&w);

		if (row == SEQ_NONE) {
			if (!v->conf->wrap_search || around)
				return VIEW_NONE;
			around = true;
			line = direction > 0 ? 0 : total - 1;
			w = list_walk(v, line, direction);
			row = seq_next(&w);
		}
		if (view_row_matches(v, p, row)) {
			if (wrapped)
				*wrapped = around;
			return line;
		}
		line = direction > 0 ? line + 1 : line - 1;
	}
	return VIEW_NONE;
}

/* ---- limit ---- */

void view_match_limit(struct view *v, uint32_t row)
{
	v->rows[row].limited = !v->limit || view_row_matches(v, v->limit, row);
}

static void match_all(struct view *v)
{
	view_update(v); /* threads and numbers as they are now */
	for (uint32_t r = 0; r < v->count; r++)
		view_match_limit(v, r);
	view_show_all(v);
}

static void limit_filled(void *data, const struct err *e)
{
	struct view *v = data;

	v->limit_fill = NULL;
	if (e)
		session_fail(v->session, e, _("Limit to %s"), v->limit_text);
	else
		match_all(v);
}

static void limit_off(struct view *v)
{
	if (v->limit_fill)
		session_fill_cancel(v->limit_fill);
	v->limit_fill = NULL;
	pattern_free(v->limit);
	v->limit = NULL;
	xfree_null(&v->limit_text);
}

static bool limits_nothing(struct sv text)
{
	return text.len == 0 || sv_is_case(text, "all") || sv_is(text, ".") || sv_is(text, "~A");
}

bool view_limit(struct view *v, const char *text, struct err *e)
{
	struct sv given = sv_trim(sv_of(text));
	struct pattern *p = NULL;

	if (!limits_nothing(given)) {
		p = pattern_compile(v->conf, text, PATTERN_SIMPLE | PATTERN_FULL, clock_now(), e);
		if (!p)
			return false;
	}
	limit_off(v);
	v->limit = p;
	if (p)
		v->limit_text = sv_dup(given);
	match_all(v);
	if (p && v->session && view_any_cache(v) && session_must_fill(v->session, v, p))
		v->limit_fill = session_fill_pattern(v->session, v, p, limit_filled, v);
	return true;
}

const char *view_limit_text(const struct view *v)
{
	return v->limit_text;
}

void view_limit_free(struct view *v)
{
	limit_off(v);
}
