/*
 * The thread tree that is drawn before subjects, made for one row when it is asked for. What every
 * node contributes (is it visible, does it take a level, does something follow below) is noted for
 * all of them once after each change of the list: view_make_tree.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/view_priv.h"

static bool node_visible(const struct view *v, uint32_t n)
{
	const struct row *r;

	if (!thread_is_msg(&v->threads, n))
		return false;
	r = &v->rows[v->perm[n]];
	return r->line != VIEW_NONE || r->hidden_under != VIEW_NONE;
}

static void note_nodes(struct view *v, const uint32_t *down, uint32_t count)
{
	uint8_t *f = v->node_flags;

	for (uint32_t i = count; i-- > 0;) {
		uint32_t n = down[i], up = v->threads.nodes[n].parent,
			 next = v->threads.nodes[n].next;
		bool is_msg = thread_is_msg(&v->threads, n);

		if (node_visible(v, n)) {
			f[n] |= NODE_VISIBLE | NODE_DEEP | (f[n] & NODE_SUBTREE ? NODE_MANY : 0) |
				NODE_SUBTREE;
		} else if (is_msg ? !v->conf->hide_limited : !v->conf->hide_missing)
			f[n] |= NODE_DEEP;
		if (f[n] & NODE_MANY) /* several trees cannot hang in the air */
			f[n] |= NODE_DEEP;
		if (next != THREAD_NONE && (f[next] & (NODE_SUBTREE | NODE_NEXT_SUBTREE)))
			f[n] |= NODE_NEXT_SUBTREE;
		if (up != THREAD_NONE && (f[n] & NODE_SUBTREE))
			f[up] |= f[up] & NODE_SUBTREE ? NODE_MANY : NODE_SUBTREE;
	}
}

/*
 * $hide_top_missing and $hide_top_limited: something that is not shown at the top of a thread takes
 * no level unless it joins several visible trees.
 */
static void flatten_tops(struct view *v, const uint32_t *down, uint32_t count)
{
	bool top_limited = v->conf->hide_top_limited && !v->conf->hide_limited;
	bool top_missing = v->conf->hide_top_missing && !v->conf->hide_missing;

	for (uint32_t i = 0; i < count && (top_limited || top_missing); i++) {
		uint32_t n = down[i], up = v->threads.nodes[n].parent;
		uint8_t *f = v->node_flags;
		bool hide = thread_is_msg(&v->threads, n) ? top_limited : top_missing;

		if (up != THREAD_NONE && (f[up] & NODE_DEEP))
			continue; /* not at the top */
		if (hide && !(f[n] & (NODE_VISIBLE | NODE_MANY)))
			f[n] &= (uint8_t)~NODE_DEEP;
	}
}

void view_make_tree(struct view *v)
{
	uint32_t *down = xcalloc((size_t)v->threads.total + 1, sizeof(*down)), n = 0;

	v->node_flags = xreallocarray(v->node_flags, (size_t)v->threads.total + 1, 1);
	memset(v->node_flags, 0, (size_t)v->threads.total + 1);
	for (uint32_t at = v->threads.first_root; at != THREAD_NONE;
		at = thread_walk(&v->threads, at))
		down[n++] = at;
	note_nodes(v, down, n);
	flatten_tops(v, down, n);
	free(down);
}

/* ---- one row ---- */

static uint32_t place_of(struct view *v, uint32_t row)
{
	view_update(v);
	return v->threaded && row < v->count ? v->place[row] : VIEW_NONE;
}

/* The first visible message in the tree of n, in the order of the tree. */
static bool first_visible_is(const struct view *v, uint32_t n, uint32_t wanted)
{
	/* Only ancestors of wanted come here: it is first when no visible one is before it. */
	for (uint32_t at = wanted; at != n; at = v->threads.nodes[at].parent) {
		for (uint32_t s = v->threads.nodes[at].prev; s != THREAD_NONE;
			s = v->threads.nodes[s].prev) {
			if (v->node_flags[s] & NODE_SUBTREE)
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

	for (uint32_t at = node; at != THREAD_NONE; at = v->threads.nodes[at].parent) {
		const struct thread_node *t = &v->threads.nodes[at];

		if (at != node && (v->node_flags[at] & NODE_DEEP)) {
			out[n++] = l;
			l = (struct level){.node = at};
			if (n == max)
				break;
		}
		l.goes_on = l.goes_on || (v->node_flags[at] & NODE_NEXT_SUBTREE);
		l.fake = l.fake || t->fake;
		l.duplicate = l.duplicate || (at == l.node && t->duplicate);
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
	return v->reverse_tree ? TREE_ULCORNER : TREE_LLCORNER;
}

/* What stands where a level of the arrow lies below something that is not shown. */
static enum view_tree arrow_joint(const struct view *v, uint32_t above)
{
	if (thread_is_msg(&v->threads, above))
		return v->conf->hide_limited ? (v->reverse_tree ? TREE_BTEE : TREE_TTEE)
					     : TREE_HIDDEN;
	return v->conf->hide_missing ? (v->reverse_tree ? TREE_BTEE : TREE_TTEE) : TREE_MISSING;
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
	count = levels_up(v, place, up, LEVELS_MAX);
	if (count == 0)
		return 0;
	/* How many levels the arrow spans: those of hidden ancestors whose first shown message this is. */
	for (shown = 1; shown < count; shown++) {
		uint32_t above = up[shown].node;

		if ((v->node_flags[above] & NODE_VISIBLE) || !first_visible_is(v, above, place))
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
				   !(v->node_flags[above] & NODE_VISIBLE) &&
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
	uint32_t place = place_of(v, row);
	const struct thread_node *nodes = v->threads.nodes;

	if (place == VIEW_NONE || !v->conf->hide_thread_subject || nodes[place].subject_changed)
		return true;
	for (uint32_t s = nodes[place].prev; s != THREAD_NONE; s = nodes[s].prev) {
		if (!(v->node_flags[s] & NODE_VISIBLE))
			continue;
		if (nodes[s].subject_changed)
			return true;
		break;
	}
	for (uint32_t up = nodes[place].parent; up != THREAD_NONE; up = nodes[up].parent) {
		if (!thread_is_msg(&v->threads, up))
			continue;
		if (v->node_flags[up] & NODE_VISIBLE)
			return false;
		if (nodes[up].subject_changed)
			return true;
	}
	return true;
}

static uint32_t count_thread(struct view *v, uint32_t place, uint32_t stop)
{
	uint32_t top = thread_root(&v->threads, place), count = 0;

	for (uint32_t n = top; n != THREAD_NONE; n = thread_walk_in(&v->threads, n, top)) {
		count += thread_is_msg(&v->threads, n);
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

uint32_t view_hidden_count(struct view *v, uint32_t row)
{
	uint32_t place = place_of(v, row), top, count = 0;

	if (place == VIEW_NONE || !(v->rows[row].flags & FLAG_COLLAPSED))
		return 0;
	top = thread_root(&v->threads, place);
	for (uint32_t n = top; n != THREAD_NONE; n = thread_walk_in(&v->threads, n, top))
		count += thread_is_msg(&v->threads, n) && v->rows[v->perm[n]].hidden_under == row;
	return count;
}

unsigned view_hidden_flags(struct view *v, uint32_t row)
{
	uint32_t place = place_of(v, row), top;
	unsigned any = 0, all = FLAG_SEEN | FLAG_OLD;

	if (place == VIEW_NONE)
		return 0;
	top = thread_root(&v->threads, place);
	for (uint32_t n = top; n != THREAD_NONE; n = thread_walk_in(&v->threads, n, top)) {
		unsigned f;

		if (!thread_is_msg(&v->threads, n) || v->rows[v->perm[n]].hidden_under != row)
			continue;
		f = v->rows[v->perm[n]].flags;
		any |= f;
		all &= f & FLAG_SEEN ? FLAG_SEEN | FLAG_OLD
				     : f; /* a read one says nothing on new or old */
	}
	return (any & ~(unsigned)(FLAG_SEEN | FLAG_OLD)) | all;
}

uint32_t view_depth(struct view *v, uint32_t row)
{
	uint32_t place = place_of(v, row), depth = 0;

	if (place == VIEW_NONE)
		return 0;
	for (uint32_t up = thread_parent_msg(&v->threads, place); up != THREAD_NONE;
		up = thread_parent_msg(&v->threads, up))
		depth++;
	return depth;
}

uint32_t view_parent_row(struct view *v, uint32_t row)
{
	uint32_t place = place_of(v, row), up;

	if (place == VIEW_NONE)
		return VIEW_NONE;
	up = thread_parent_msg(&v->threads, place);
	return up == THREAD_NONE ? VIEW_NONE : v->perm[up];
}

uint32_t view_thread_root(struct view *v, uint32_t row)
{
	uint32_t place = place_of(v, row), top;

	if (place == VIEW_NONE)
		return row;
	top = thread_root(&v->threads, place);
	while (!thread_is_msg(&v->threads, top))
		top = thread_walk(&v->threads, top);
	return v->perm[top];
}

bool view_label_changed(struct view *v, uint32_t row)
{
	uint32_t place = place_of(v, row), other;

	if (v->rows[row].label == 0)
		return false;
	if (place == VIEW_NONE)
		return true;
	/* As mutt: compared with the sibling before, else with the message above. */
	other = v->threads.nodes[place].prev;
	if (other == THREAD_NONE || !thread_is_msg(&v->threads, other))
		other = thread_parent_msg(&v->threads, place);
	return other == THREAD_NONE || v->rows[v->perm[other]].label != v->rows[row].label;
}
