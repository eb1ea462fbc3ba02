/*
 * The thread tree that is drawn before subjects, made for one row when it is asked for. What every
 * node of a thread contributes (is it visible, does it take a level, does something follow below) is noted
 * when one of its rows is drawn, and forgotten when the list changes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/view_priv.h"

static uint8_t *node_flags(const struct view *v, uint32_t n)
{
	return thread_is_msg(n) ? &v->node_flags[n] : &v->ghost_flags[n ^ THREAD_GHOST];
}

static uint8_t *grown(uint8_t *flags, uint32_t *cap, uint32_t wanted)
{
	if (wanted <= *cap)
		return flags;
	flags = xrealloc(flags, wanted);
	memset(flags + *cap, 0, wanted - *cap);
	*cap = wanted;
	return flags;
}

static bool node_visible(const struct view *v, uint32_t n)
{
	return thread_is_msg(n) && list_has(v, n) && !v->rows[n].gone;
}

/* What a node contributes, when all below it and its later siblings are done. */
static void note_node(struct view *v, uint32_t n)
{
	const struct thread_node *node = thread_node(&v->order->threads, n);
	uint8_t *f = node_flags(v, n);
	bool is_msg = thread_is_msg(n);

	if (node_visible(v, n))
		*f |= NODE_VISIBLE | NODE_DEEP | (*f & NODE_SUBTREE ? NODE_MANY : 0) | NODE_SUBTREE;
	else if (is_msg ? !v->conf->hide_limited : !v->conf->hide_missing)
		*f |= NODE_DEEP;
	if (*f & NODE_MANY) /* several trees cannot hang in the air */
		*f |= NODE_DEEP;
	if (node->parent == THREAD_NONE)
		return;
	if (node->next != THREAD_NONE && (*node_flags(v, node->next) & (NODE_SUBTREE | NODE_NEXT_SUBTREE)))
		*f |= NODE_NEXT_SUBTREE;
	if (*f & NODE_SUBTREE)
		*node_flags(v, node->parent) |= *node_flags(v, node->parent) & NODE_SUBTREE ? NODE_MANY : NODE_SUBTREE;
}

/*
 * $hide_top_missing and $hide_top_limited: something that is not shown at the top of a thread takes
 * no level unless it joins several visible trees.
 */
static void flatten_top(struct view *v, uint32_t n)
{
	bool top_limited = v->conf->hide_top_limited && !v->conf->hide_limited;
	bool top_missing = v->conf->hide_top_missing && !v->conf->hide_missing;
	uint32_t up = thread_node(&v->order->threads, n)->parent;
	uint8_t *f = node_flags(v, n);

	if (up != THREAD_NONE && (*node_flags(v, up) & NODE_DEEP))
		return; /* not at the top */
	if ((thread_is_msg(n) ? top_limited : top_missing) && !(*f & (NODE_VISIBLE | NODE_MANY)))
		*f &= (uint8_t)~NODE_DEEP;
}

/* The flags of a whole thread, which stay until the list changes. */
static void know_thread(struct view *v, uint32_t root)
{
	const struct threads *t = &v->order->threads;
	uint32_t *down = NULL, n = 0, cap = 0;

	v->node_flags = grown(v->node_flags, &v->node_cap, t->rows);
	v->ghost_flags = grown(v->ghost_flags, &v->ghost_cap, t->ghost_cap);
	if (*node_flags(v, root) & NODE_KNOWN)
		return;
	for (uint32_t at = root; at != THREAD_NONE; at = thread_walk(t, at, root)) {
		*node_flags(v, at) = 0;
		array_grow(down, n, cap);
		down[n++] = at;
	}
	for (uint32_t i = n; i-- > 0;)
		note_node(v, down[i]);
	for (uint32_t i = 0; i < n; i++)
		flatten_top(v, down[i]);
	*node_flags(v, root) |= NODE_KNOWN;
	array_grow(v->drawn, v->drawn_len, v->drawn_cap);
	v->drawn[v->drawn_len++] = root;
	free(down);
}

void view_forget_trees(struct view *v)
{
	for (uint32_t i = 0; i < v->drawn_len; i++)
		*node_flags(v, v->drawn[i]) = 0;
	v->drawn_len = 0;
}

/* ---- one row ---- */

static uint32_t place_of(struct view *v, uint32_t row)
{
	view_update(v);
	return v->order->threaded && thread_has(&v->order->threads, row) ? row : VIEW_NONE;
}

/* The first visible message in the tree of n, in the order of the tree. */
static bool first_visible_is(const struct view *v, uint32_t n, uint32_t wanted)
{
	/* Only ancestors of wanted come here: it is first when no visible one is before it. */
	const struct threads *t = &v->order->threads;

	for (uint32_t at = wanted; at != n; at = thread_node(t, at)->parent) {
		for (uint32_t s = thread_prev(t, at); s != THREAD_NONE; s = thread_prev(t, s)) {
			if (*node_flags(v, s) & NODE_SUBTREE)
				return false;
		}
	}
	return true;
}

/* A level of the tree: a deep node, with the sibling that goes on somewhere between it and the deep node above. */
struct level {
	uint32_t node;
	bool goes_on; /* a line runs down past it */
	bool fake, duplicate;
};

/* Levels from the row upwards; at most max. The top of all takes no level: it comes behind the last one. */
static size_t levels_up(const struct view *v, uint32_t node, struct level *out, size_t max)
{
	size_t n = 0;
	struct level l = {.node = node};

	const struct threads *t = &v->order->threads;

	for (uint32_t at = node; at != THREAD_NONE; at = thread_node(t, at)->parent) {
		uint8_t is = *thread_flags(t, at);

		if (at != node && (*node_flags(v, at) & NODE_DEEP)) {
			out[n++] = l;
			l = (struct level){.node = at};
			if (n == max)
				break;
		}
		l.goes_on = l.goes_on || (*node_flags(v, at) & NODE_NEXT_SUBTREE);
		l.fake = l.fake || (is & THREAD_FAKE);
		l.duplicate = l.duplicate || (at == l.node && (is & THREAD_DUPLICATE));
	}
	out[n] = l;
	return n;
}

static void put(char *out, size_t max, size_t *n, enum view_tree what)
{
	if (*n + 1 < max)
		out[(*n)++] = (char)what;
}

static enum view_tree arrow_start(const struct view *v, const struct level *l)
{
	if (l->goes_on)
		return TREE_LTEE;
	return v->order->reverse_tree ? TREE_ULCORNER : TREE_LLCORNER;
}

/* What stands where a level of the arrow lies below something that is not shown. */
static enum view_tree arrow_joint(const struct view *v, uint32_t above)
{
	if (thread_is_msg(above))
		return v->conf->hide_limited ? (v->order->reverse_tree ? TREE_BTEE : TREE_TTEE)
					     : TREE_HIDDEN;
	return v->conf->hide_missing ? (v->order->reverse_tree ? TREE_BTEE : TREE_TTEE) : TREE_MISSING;
}

#define LEVELS_MAX 256

size_t view_tree(struct view *v, uint32_t row, char *out, size_t max)
{
	struct level up[LEVELS_MAX + 1];
	uint32_t place = place_of(v, row);
	size_t count, n = 0, shown;
	bool narrow = v->conf->narrow_tree;

	out[0] = '\0';
	if (place == VIEW_NONE)
		return 0;
	know_thread(v, thread_root(&v->order->threads, place));
	count = levels_up(v, place, up, LEVELS_MAX);
	if (count == 0)
		return 0;
	/* How many levels the arrow spans: those of hidden ancestors whose first shown message this is. */
	for (shown = 1; shown < count; shown++) {
		uint32_t above = up[shown].node;

		if ((*node_flags(v, above) & NODE_VISIBLE) || !first_visible_is(v, above, place))
			break;
	}
	for (size_t i = count; i-- > shown;) {
		put(out, max, &n, up[i].goes_on ? TREE_VLINE : TREE_SPACE);
		if (!narrow)
			put(out, max, &n, TREE_SPACE);
	}
	for (size_t i = shown; i-- > 0;) {
		bool first = i == shown - 1;
		uint32_t above = up[i + 1].node;
		bool root_hidden = first && shown == count &&
				   !(*node_flags(v, above) & NODE_VISIBLE) &&
				   first_visible_is(v, above, place);

		put(out, max, &n,
			first && !root_hidden ? arrow_start(v, &up[i]) : arrow_joint(v, above));
		if (!narrow)
			put(out, max, &n,
				up[i].fake        ? TREE_STAR
				: up[i].duplicate ? TREE_EQUALS
						  : TREE_HLINE);
	}
	put(out, max, &n, TREE_RARROW);
	out[n] = '\0';
	return n;
}

bool view_subject_shown(struct view *v, uint32_t row)
{
	const struct threads *t = &v->order->threads;
	uint32_t place = place_of(v, row);

	t = &v->order->threads;
	if (place == VIEW_NONE || !v->conf->hide_thread_subject || (t->flags[place] & THREAD_SUBJECT_CHANGED))
		return true;
	know_thread(v, thread_root(t, place));
	for (uint32_t s = thread_prev(t, place); s != THREAD_NONE; s = thread_prev(t, s)) {
		if (!(*node_flags(v, s) & NODE_VISIBLE))
			continue;
		if (*thread_flags(t, s) & THREAD_SUBJECT_CHANGED)
			return true;
		break;
	}
	for (uint32_t up = thread_parent_msg(t, place); up != THREAD_NONE; up = thread_parent_msg(t, up)) {
		if (*node_flags(v, up) & NODE_VISIBLE)
			return false;
		if (t->flags[up] & THREAD_SUBJECT_CHANGED)
			return true;
	}
	return true;
}

static uint32_t count_thread(struct view *v, uint32_t place, uint32_t stop)
{
	const struct threads *t = &v->order->threads;
	uint32_t top = thread_root(t, place), count = 0;

	for (uint32_t n = top; n != THREAD_NONE; n = thread_walk(t, n, top)) {
		count += thread_is_msg(n);
		if (n == stop)
			break;
	}
	return count;
}

uint32_t view_thread_size(struct view *v, uint32_t row)
{
	uint32_t place = place_of(v, row);

	return place == VIEW_NONE ? 1 : count_thread(v, place, THREAD_NONE);
}

uint32_t view_thread_number(struct view *v, uint32_t row)
{
	uint32_t place = place_of(v, row);

	return place == VIEW_NONE ? 1 : count_thread(v, place, place);
}

/* Hidden behind the head of a collapsed thread. */
static bool is_behind(const struct view *v, uint32_t n)
{
	return thread_is_msg(n) && v->rows[n].limited &&
	       (v->rows[n].flags & (FLAG_COLLAPSED | FLAG_IN_COLLAPSED)) == FLAG_IN_COLLAPSED;
}

uint32_t view_hidden_count(struct view *v, uint32_t row)
{
	uint32_t place = place_of(v, row), top, count = 0;
	const struct threads *t = &v->order->threads;

	if (place == VIEW_NONE || !(v->rows[row].flags & FLAG_COLLAPSED))
		return 0;
	top = thread_root(t, place);
	for (uint32_t n = top; n != THREAD_NONE; n = thread_walk(t, n, top))
		count += is_behind(v, n);
	return count;
}

unsigned view_hidden_flags(struct view *v, uint32_t row)
{
	uint32_t place = place_of(v, row), top;
	const struct threads *t = &v->order->threads;
	unsigned any = 0, all = FLAG_SEEN | FLAG_OLD;

	if (place == VIEW_NONE)
		return 0;
	top = thread_root(t, place);
	for (uint32_t n = top; n != THREAD_NONE; n = thread_walk(t, n, top)) {
		unsigned f;

		if (!is_behind(v, n))
			continue;
		f = v->rows[n].flags;
		any |= f;
		all &= f & FLAG_SEEN ? FLAG_SEEN | FLAG_OLD
				     : f; /* a read one says nothing on new or old */
	}
	return (any & ~(unsigned)(FLAG_SEEN | FLAG_OLD)) | all;
}

uint32_t view_depth(struct view *v, uint32_t row)
{
	uint32_t place = place_of(v, row), depth = 0;
	const struct threads *t = &v->order->threads;

	if (place == VIEW_NONE)
		return 0;
	for (uint32_t up = thread_parent_msg(t, place); up != THREAD_NONE; up = thread_parent_msg(t, up))
		depth++;
	return depth;
}

uint32_t view_parent_row(struct view *v, uint32_t row)
{
	uint32_t place = place_of(v, row);

	return place == VIEW_NONE ? VIEW_NONE : thread_parent_msg(&v->order->threads, place);
}

uint32_t view_thread_root(struct view *v, uint32_t row)
{
	uint32_t place = place_of(v, row), root, top;
	const struct threads *t = &v->order->threads;

	if (place == VIEW_NONE)
		return row;
	top = root = thread_root(t, place);
	while (!thread_is_msg(top))
		top = thread_walk(t, top, root);
	return top;
}

bool view_label_changed(struct view *v, uint32_t row)
{
	uint32_t place = place_of(v, row), other;
	const struct threads *t = &v->order->threads;

	if (view_column(v, COLUMN_LABEL, row) == 0)
		return false;
	if (place == VIEW_NONE)
		return true;
	/* As mutt: compared with the sibling before, else with the message above. */
	other = thread_prev(t, place);
	if (other == THREAD_NONE || !thread_is_msg(other))
		other = thread_parent_msg(t, place);
	return other == THREAD_NONE ||
	       view_column(v, COLUMN_LABEL, other) != view_column(v, COLUMN_LABEL, row);
}
