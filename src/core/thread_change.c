/*
 * What a change of some messages touches. All trees that hold one of them, or the id of one, or an id that
 * one of them refers to as far as that is looked at (the build says so when it meets a tree that was left out),
 * and, when subjects count, all that share a subject with them for which somebody looks. These trees are
 * taken apart and built again.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "core/thread_priv.h"

struct numbers {
	uint32_t *v, n, cap;
};

struct touched {
	struct threads *t;
	uint32_t most;
	uint8_t *seen;       /* a bit for each row: it is in msgs or gone */
	uint8_t *groups;     /* a bit for each subject: all who share it were met; NULL: none was asked for */
	struct numbers all;  /* rows that were met, and lose their place */
	struct numbers msgs; /* those of them that are built again */
	struct numbers ghosts;
	struct numbers trees; /* roots still to be looked through */
	bool too_many;
};

static void add_number(struct numbers *l, uint32_t n)
{
	array_grow(l->v, l->n, l->cap);
	l->v[l->n++] = n;
}

static bool seen(const struct touched *c, uint32_t row)
{
	return c->seen[row / 8] >> (row % 8) & 1;
}

static void see(struct touched *c, uint32_t row)
{
	c->seen[row / 8] |= (uint8_t)(1u << (row % 8));
}

/* A message whose tree is not the whole story: all who share its subject, when one of them looks for others. */
static void add_group(struct touched *c, uint32_t subject)
{
	const struct threads *t = c->t;

	if (!subject || t->in.strict || !t->answers[subject])
		return;
	if (!c->groups)
		c->groups = xcalloc((size_t)t->subject_cap / 8 + 1, 1);
	if (c->groups[subject / 8] >> (subject % 8) & 1)
		return;
	c->groups[subject / 8] |= (uint8_t)(1u << (subject % 8));
	for (uint32_t row = t->subject_first[subject]; row != THREAD_NONE && !c->too_many; row = t->subject_next[row]) {
		if (!thread_has(t, row) || seen(c, row))
			continue;
		if (c->trees.n > c->most)
			c->too_many = true;
		add_number(&c->trees, row);
	}
}

static void add_msg(struct touched *c, uint32_t row)
{
	struct thread_msg m;

	see(c, row);
	c->t->in.msg(c->t->in.data, row, &m);
	add_number(&c->all, row);
	add_number(&c->msgs, row);
	add_group(c, m.subject);
	c->too_many = c->too_many || c->msgs.n > c->most;
}

/* All of the tree of a node, unless it was met before. */
static void add_tree(struct touched *c, uint32_t node)
{
	struct threads *t = c->t;
	uint32_t root, first;

	if (thread_is_msg(node) && seen(c, node))
		return;
	root = first = thread_root(t, node);
	while (!thread_is_msg(first))
		first = thread_walk(t, first, root);
	if (seen(c, first))
		return;
	for (uint32_t n = root; n != THREAD_NONE && !c->too_many; n = thread_walk(t, n, root)) {
		if (!thread_is_msg(n))
			add_number(&c->ghosts, n);
		else if (!seen(c, n))
			add_msg(c, n);
	}
}

static void add_all_trees(struct touched *c)
{
	while (c->trees.n && !c->too_many)
		add_tree(c, c->trees.v[--c->trees.n]);
}

static void count_answer(struct threads *t, uint32_t row, const struct thread_msg *m, bool in)
{
	if (thread_searches(t, m))
		t->answers[m->subject] += in ? 1u : UINT32_MAX;
	if (in)
		t->flags[row] |= THREAD_IN; /* counted; without a place yet */
}

/* Who is new counts before groups are asked for. */
static void announce(struct touched *c, const struct thread_change *change)
{
	struct threads *t = c->t;
	struct thread_msg m;

	for (uint32_t i = 0; i < change->count; i++) {
		uint32_t row = change->rows[i];

		t->in.msg(t->in.data, row, &m);
		thread_numbers_grow(t, m.subject);
		if (t->flags[row] & THREAD_IN) {
			if (!(t->flags[row] & THREAD_CHAINED) && m.subject)
				count_answer(t, row, &m, true); /* it was forgotten */
			add_number(&c->trees, row);
		} else {
			t->nodes[row] = (struct thread_node){THREAD_NONE, THREAD_NONE, THREAD_NONE, THREAD_NONE};
			count_answer(t, row, &m, true);
			add_number(&c->trees, row);
		}
		thread_chain(t, row, &m);
		if (thread_by_id(t, m.msgid) != THREAD_NONE)
			add_number(&c->trees, thread_by_id(t, m.msgid));
	}
	for (uint32_t i = 0; i < change->gone_count; i++) {
		if (!thread_has(t, change->gone[i]))
			continue;
		add_number(&c->trees, change->gone[i]);
	}
}

static void take_apart(struct touched *c)
{
	struct threads *t = c->t;

	for (uint32_t i = 0; i < c->msgs.n; i++) {
		struct thread_msg m;

		t->in.msg(t->in.data, c->msgs.v[i], &m);
		thread_take_out(t, c->msgs.v[i], m.msgid);
		t->flags[c->msgs.v[i]] |= THREAD_IN;
	}
	for (uint32_t i = 0; i < c->ghosts.n; i++)
		thread_take_out(t, c->ghosts.v[i], 0);
	c->ghosts.n = 0;
}

struct placed {
	uint64_t place;
	uint32_t row;
};

static int place_cmp(const void *va, const void *vb)
{
	const struct placed *a = va, *b = vb;

	return a->place < b->place ? -1 : a->place > b->place;
}

static void sort_by_place(struct threads *t, uint32_t *rows, uint32_t n)
{
	struct placed *at = xcalloc((size_t)n + 1, sizeof(*at));

	for (uint32_t i = 0; i < n; i++) {
		struct thread_msg m;

		t->in.msg(t->in.data, rows[i], &m);
		at[i].place = m.place;
		at[i].row = rows[i];
	}
	qsort(at, n, sizeof(*at), place_cmp);
	for (uint32_t i = 0; i < n; i++)
		rows[i] = at[i].row;
	free(at);
}

/* Those that went are in no list any more. */
static void drop_gone(struct touched *c, const struct thread_change *change)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < change->gone_count; i++) {
		uint32_t row = change->gone[i];
		struct thread_msg m;

		if (!thread_has(c->t, row))
			continue;
		c->t->in.msg(c->t->in.data, row, &m);
		count_answer(c->t, row, &m, false);
		c->t->flags[row] &= (uint8_t)~THREAD_IN;
	}
	for (uint32_t i = 0; i < c->msgs.n; i++) {
		if (c->t->flags[c->msgs.v[i]] & THREAD_IN)
			c->msgs.v[kept++] = c->msgs.v[i];
	}
	c->msgs.n = kept;
}

/* What a build that was stopped has made of the messages. */
static void note_ghosts(struct touched *c, const struct thread_build *b)
{
	for (uint32_t g = 0; g < b->ghost_set_cap; g++) {
		if (b->ghost_set[g])
			add_number(&c->ghosts, g | THREAD_GHOST);
	}
}

static void build_again(struct touched *c, struct thread_change *change)
{
	for (;;) {
		struct thread_build *b;

		sort_by_place(c->t, c->msgs.v, c->msgs.n);
		b = threads_build(c->t, c->msgs.v, c->msgs.n);
		while (threads_build_step(b))
			;
		if (b->foreign == THREAD_NONE) {
			change->roots = b->roots;
			change->root_count = b->root_count;
			b->roots = NULL;
			threads_build_free(b);
			return;
		}
		/* One more tree. What was made of the others is void. */
		uint32_t foreign = b->foreign;

		note_ghosts(c, b);
		threads_build_free(b);
		take_apart(c);
		add_number(&c->trees, foreign);
		add_all_trees(c);
		if (c->too_many)
			return;
		take_apart(c);
	}
}

bool threads_change(struct threads *t, struct thread_change *change)
{
	struct touched c = {.t = t, .most = change->most};
	uint32_t top = 0;

	for (uint32_t i = 0; i < change->count; i++)
		top = MAX(top, change->rows[i] + 1);
	thread_rows_grow(t, top);
	thread_numbers_grow(t, 0);
	/* Who has the id of one that went is not known when the last of them counts. */
	c.too_many = !t->in.duplicates && (change->gone_count > 0 || t->forgot);
	change->out = change->roots = NULL;
	change->out_count = change->root_count = 0;
	c.seen = xcalloc((size_t)t->rows / 8 + 1, 1);
	if (!c.too_many) {
		announce(&c, change);
		add_all_trees(&c);
	}
	if (!c.too_many) {
		take_apart(&c);
		drop_gone(&c, change);
		build_again(&c, change);
	}
	change->out = c.all.v;
	change->out_count = c.all.n;
	free(c.seen);
	free(c.groups);
	free(c.msgs.v);
	free(c.ghosts.v);
	free(c.trees.v);
	return !c.too_many;
}

void threads_change_fini(struct thread_change *change)
{
	free(change->out);
	free(change->roots);
	change->out = change->roots = NULL;
}
