/*
 * What limiting (view_narrow.c), searching and tagging by pattern share: testing a row, and the relatives
 * of a message that a pattern may ask for.
 */
#include "base/clock.h"
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

void row_test_init(struct row_test *t, struct view *v, struct pattern *p, struct pattern_memo *memo)
{
	*t = (struct row_test){.p = p, .needs = pattern_needs(p)};
	t->env = (struct pattern_env){.conf = v->conf,
		.current = v->cursor + 1,
		.count = seq_lines(v->order->seq),
		.now = clock_now(),
		.memo = memo};
}

/* As many facts as the pattern looks at: what is not held costs a look into the store. */
static void facts_for(const struct row_test *t, struct view *v, uint32_t row, struct msg_facts *out)
{
	if ((t->needs & PATTERN_NEEDS_WIDE) && view_is_cut(v, row))
		view_facts(v, row, out);
	else if (t->needs & PATTERN_NEEDS_FLAGS)
		view_facts_flags(v, row, out);
	else if (t->needs & PATTERN_NEEDS_NUMBER)
		view_facts_hot(v, row, out);
	else
		view_facts_bare(v, row, out);
}

static void complete(void *data, struct msg_facts *m)
{
	view_facts(data, m->row, m);
}

bool row_test_matches(const struct row_test *t, struct view *v, uint32_t row)
{
	struct msg_facts facts;
	struct pattern_thread relatives;

	if (row >= v->count)
		return false;
	facts_for(t, v, row, &facts);
	struct pattern_env env = t->env;

	if (t->needs & PATTERN_NEEDS_TEXTS) {
		env.complete = complete;
		env.data = v;
	}
	return pattern_match(t->p, &facts, view_relatives(v, &relatives), &env);
}

bool view_row_matches(struct view *v, struct pattern *p, uint32_t row)
{
	struct row_test t;

	row_test_init(&t, v, p, NULL);
	return row_test_matches(&t, v, row);
}

uint32_t view_search(struct view *v, struct pattern *p, uint32_t from, int direction, bool *wrapped)
{
	uint32_t total = view_lines(v), line = from;
	bool around = false;
	struct seq_walk w = list_walk(v, from, direction);
	struct row_test test;

	row_test_init(&test, v, p, NULL);
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
		if (row_test_matches(&test, v, row)) {
			if (wrapped)
				*wrapped = around;
			return line;
		}
		line = direction > 0 ? line + 1 : line - 1;
	}
	return VIEW_NONE;
}
