/*
 * Building and sorting threads. Two passes build: by ids (thread_by_refs), by subject (thread_by_subject).
 *
 * Only roots are ever hung somewhere, so "is this node below that root" is asked of a union-find
 * (set_root) and costs nothing, however deep a thread is. Sorting is a distribution: nodes are taken
 * in the order of their key and appended to their parent's list, so there is no comparison at all.
 */
#include "core/thread.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct builder {
	const struct thread_in *in;
	struct thread_node *nodes;
	uint32_t total, cap;
	uint32_t first_root;
	uint32_t *by_id; /* number of an id -> node */
	uint32_t *set;   /* union-find: towards the root of the tree that a node is in */
	uint32_t moves;
};

/* ---- lists of siblings ---- */

static uint32_t *list_head(struct builder *b, uint32_t parent)
{
	return parent == THREAD_NONE ? &b->first_root : &b->nodes[parent].first_child;
}

static void list_remove(struct builder *b, uint32_t n)
{
	struct thread_node *node = &b->nodes[n];

	node->linked = false;
	if (node->next != THREAD_NONE)
		b->nodes[node->next].prev = node->prev;
	if (node->prev != THREAD_NONE)
		b->nodes[node->prev].next = node->next;
	else
		*list_head(b, node->parent) = node->next;
}

static void list_push(struct builder *b, uint32_t parent, uint32_t n)
{
	struct thread_node *node = &b->nodes[n];
	uint32_t *head = list_head(b, parent);

	node->parent = parent;
	node->linked = true;
	node->prev = THREAD_NONE;
	node->next = *head;
	if (*head != THREAD_NONE)
		b->nodes[*head].prev = n;
	*head = n;
}

/* ---- which tree is a node in ---- */

static uint32_t set_root(struct builder *b, uint32_t n)
{
	uint32_t root = n;

	while (b->set[root] != root)
		root = b->set[root];
	while (b->set[n] != root) {
		uint32_t up = b->set[n];

		b->set[n] = root;
		n = up;
	}
	return root;
}

static uint32_t node_new(struct builder *b)
{
	if (b->total >= b->cap) {
		b->cap *= 2;
		b->nodes = xreallocarray(b->nodes, b->cap, sizeof(*b->nodes));
		b->set = xreallocarray(b->set, b->cap, sizeof(*b->set));
	}
	b->nodes[b->total] = (struct thread_node){.parent = THREAD_NONE,
		.first_child = THREAD_NONE,
		.next = THREAD_NONE,
		.prev = THREAD_NONE};
	b->set[b->total] = b->total;
	return b->total++;
}

/* ---- pass 1: by ids ---- */

/*
 * Which node answers to which Message-ID. A second message with the same id hangs under the first.
 */
static void index_ids(struct builder *b)
{
	const struct thread_in *in = b->in;

	for (uint32_t i = 0; i < in->count; i++) {
		uint32_t id = in->msgs[i].msgid, n = node_new(b);

		if (!id)
			continue;
		if (b->by_id[id] == THREAD_NONE || !in->duplicates) {
			b->by_id[id] = n;
			continue;
		}
		list_push(b, b->by_id[id], n);
		b->nodes[n].duplicate = true;
		b->set[n] = b->by_id[id];
	}
}

/*
 * The ids that lead from a message upwards, nearest first: the first In-Reply-To, then References
 * (without the same id again: Eudora and others put the newest reference in In-Reply-To only), or all
 * of In-Reply-To when there are no References.
 */
struct ancestry {
	const uint32_t *irt, *refs;
	uint32_t irt_count, ref_count, at;
};

static bool ancestry_next(struct ancestry *a, uint32_t *id)
{
	if (a->irt_count > 0 && a->ref_count > 0) {
		if (a->at == 0) {
			*id = a->irt[0];
			a->at = 1;
			return true;
		}
		a->irt_count = 0;
		a->at = a->refs[0] == a->irt[0] ? 1 : 0;
	}
	if (a->irt_count > 0) {
		if (a->at >= a->irt_count)
			return false;
		*id = a->irt[a->at++];
		return true;
	}
	if (a->at >= a->ref_count)
		return false;
	*id = a->refs[a->at++];
	return true;
}

static void hang(struct builder *b, uint32_t parent, uint32_t child)
{
	if (b->nodes[child].linked)
		list_remove(b, child);
	list_push(b, parent, child);
	b->set[child] = parent;
}

/* Walks up the ids of a message as far as they tell something new. */
static void hang_by_refs(struct builder *b, uint32_t msg)
{
	const struct thread_msg *m = &b->in->msgs[msg];
	struct ancestry a = {.irt = b->in->refs + m->refs,
		.refs = b->in->refs + m->refs + m->irt_count,
		.irt_count = MIN(m->irt_count, THREAD_REFS_MAX),
		.ref_count = MIN(m->ref_count, THREAD_REFS_MAX)};
	uint32_t child = msg, id;

	while (ancestry_next(&a, &id)) {
		uint32_t up = b->by_id[id];

		if (up == THREAD_NONE) {
			up = node_new(b);
			b->by_id[id] = up;
		} else if (set_root(b, up) == child) {
			continue; /* a loop: it is below us already */
		}
		hang(b, up, child);
		child = up;
		/* A message has ids of its own to go on with; a missing one that hangs somewhere stays. */
		if (child < b->in->count || b->nodes[child].parent != THREAD_NONE)
			break;
	}
	if (!b->nodes[child].linked)
		list_push(b, THREAD_NONE, child);
}

static void thread_by_refs(struct builder *b)
{
	index_ids(b);
	for (uint32_t i = 0; i < b->in->count; i++) {
		if (!b->nodes[i].duplicate)
			hang_by_refs(b, i);
	}
}

/* ---- pass 2: by subject ---- */

static uint32_t parent_msg(const struct thread_node *nodes, uint32_t count, uint32_t n)
{
	do
		n = nodes[n].parent;
	while (n != THREAD_NONE && n >= count);
	return n;
}

static void compare_subjects(struct builder *b)
{
	for (uint32_t i = 0; i < b->in->count; i++) {
		uint32_t up = parent_msg(b->nodes, b->in->count, i);

		b->nodes[i].subject_changed =
			up == THREAD_NONE ||
			b->in->msgs[i].real_subject != b->in->msgs[up].real_subject;
	}
}

static uint32_t walk_in(const struct thread_node *nodes, uint32_t n, uint32_t top)
{
	if (nodes[n].first_child != THREAD_NONE)
		return nodes[n].first_child;
	while (n != top && nodes[n].next == THREAD_NONE)
		n = nodes[n].parent;
	return n == top ? THREAD_NONE : nodes[n].next;
}

/*
 * Messages by subject, each subject's by date: a message that looks like an answer goes under the
 * latest one before it. Whoever has become an answer itself is no candidate any more, and never again,
 * so `before` leads past those that are used up.
 */
struct candidates {
	uint32_t *first; /* number of a subject -> its first place; one more for the end */
	uint32_t *msgs;  /* by place */
	uint32_t *
		before; /* by place + 1: union-find towards the last place <= it that still counts; 0: none */
	uint32_t *stamp; /* number of a subject -> last root that asked about it, + 1 */
};

struct by_date {
	int64_t date;
	uint32_t msg;
};

static int by_date_cmp(const void *va, const void *vb)
{
	const struct by_date *a = va, *b = vb;

	if (a->date != b->date)
		return a->date < b->date ? -1 : 1;
	return a->msg < b->msg ? -1 : 1;
}

static void candidates_init(struct candidates *c, const struct thread_in *in)
{
	uint32_t *fill;
	struct by_date *order;
	bool sorted = true;

	c->first = xcalloc((size_t)in->limit + 1, sizeof(*c->first));
	c->msgs = xcalloc((size_t)in->count + 1, sizeof(*c->msgs));
	c->before = xcalloc((size_t)in->count + 1, sizeof(*c->before));
	c->stamp = xcalloc((size_t)in->limit + 1, sizeof(*c->stamp));
	fill = xcalloc((size_t)in->limit + 1, sizeof(*fill));
	order = xcalloc((size_t)in->count + 1, sizeof(*order));
	for (uint32_t i = 0; i < in->count; i++) {
		order[i] = (struct by_date){in->msgs[i].date, i};
		sorted = sorted && (i == 0 || order[i - 1].date <= order[i].date);
		c->first[in->msgs[i].real_subject + 1]++;
		c->before[i + 1] = i + 1;
	}
	if (!sorted)
		qsort(order, in->count, sizeof(*order), by_date_cmp);
	for (uint32_t s = 1; s <= in->limit; s++)
		c->first[s] += c->first[s - 1];
	for (uint32_t i = 0; i < in->count; i++) {
		uint32_t s = in->msgs[order[i].msg].real_subject;

		c->msgs[c->first[s] + fill[s]++] = order[i].msg;
	}
	free(fill);
	free(order);
}

static void candidates_fini(struct candidates *c)
{
	free(c->first);
	free(c->msgs);
	free(c->before);
	free(c->stamp);
}

static bool still_candidate(const struct builder *b, uint32_t msg)
{
	return !b->nodes[msg].fake && b->nodes[msg].subject_changed;
}

/* The last place <= place (from 1) that still counts, 0: none; forgets those that do not. */
static uint32_t last_before(struct builder *b, struct candidates *c, uint32_t place)
{
	uint32_t top = place;

	while (top && (c->before[top] != top || !still_candidate(b, c->msgs[top - 1]))) {
		if (c->before[top] == top)
			c->before[top] = top - 1;
		top = c->before[top];
	}
	while (place > top) {
		uint32_t next = c->before[place];

		c->before[place] = top;
		place = next;
	}
	return top;
}

/* The best message of this subject at or before date that is outside the tree of root. */
static uint32_t best_of_subject(
	struct builder *b, struct candidates *c, uint32_t root, uint32_t subject, int64_t date)
{
	uint32_t low = c->first[subject], high = c->first[subject + 1], start = low;

	while (low < high) { /* places of [start, low) are at or before date */
		uint32_t mid = low + (high - low) / 2;

		if (b->in->msgs[c->msgs[mid]].date <= date)
			low = mid + 1;
		else
			high = mid;
	}
	for (uint32_t place = last_before(b, c, low); place > start;
		place = last_before(b, c, place - 1)) {
		if (set_root(b, c->msgs[place - 1]) != root)
			return c->msgs[place - 1];
	}
	return THREAD_NONE;
}

/* The message under which the tree of root belongs by one of the subjects in it. */
static uint32_t find_by_subject(struct builder *b, struct candidates *c, uint32_t root)
{
	const struct thread_msg *msgs = b->in->msgs;
	uint32_t best = THREAD_NONE;
	int64_t date = INT64_MAX;

	for (uint32_t n = root; n != THREAD_NONE; n = walk_in(b->nodes, n, root)) {
		if (n < b->in->count)
			date = MIN(date, msgs[n].date);
	}
	for (uint32_t n = root; n != THREAD_NONE; n = walk_in(b->nodes, n, root)) {
		uint32_t subject, found;

		if (n >= b->in->count || (b->in->sort_re && !msgs[n].is_reply))
			continue;
		subject = msgs[n].real_subject;
		if (!subject || c->stamp[subject] == root + 1)
			continue;
		c->stamp[subject] = root + 1;
		found = best_of_subject(b, c, root, subject, date);
		if (found != THREAD_NONE &&
			(best == THREAD_NONE || msgs[best].date < msgs[found].date))
			best = found;
	}
	return best;
}

/*
 * Under its new parent a message is no news any more; what hung below it by the same subject belongs
 * to the new parent, too.
 */
static void move_fake_children(struct builder *b, uint32_t from, uint32_t parent)
{
	for (uint32_t child = b->nodes[from].first_child, next; child != THREAD_NONE;
		child = next) {
		next = b->nodes[child].next;
		if (!b->nodes[child].fake)
			continue;
		if (++b->moves > THREAD_MOVES_MAX)
			return;
		list_remove(b, child);
		list_push(b, parent, child);
	}
}

static void hang_by_subject(struct builder *b, uint32_t root, uint32_t parent)
{
	const struct thread_msg *msgs = b->in->msgs;

	b->nodes[root].fake = true;
	list_remove(b, root);
	list_push(b, parent, root);
	b->set[root] = parent;
	for (uint32_t n = root; n != THREAD_NONE; n = walk_in(b->nodes, n, root)) {
		if (n >= b->in->count || ++b->moves > THREAD_MOVES_MAX)
			continue;
		if (n == root || msgs[n].real_subject == msgs[parent].real_subject) {
			b->nodes[n].subject_changed = false;
			move_fake_children(b, n, parent);
		}
	}
}

static void thread_by_subject(struct builder *b)
{
	struct candidates c;

	candidates_init(&c, b->in);
	for (uint32_t root = b->first_root, next; root != THREAD_NONE; root = next) {
		uint32_t parent = find_by_subject(b, &c, root);

		next = b->nodes[root].next;
		if (parent != THREAD_NONE)
			hang_by_subject(b, root, parent);
	}
	candidates_fini(&c);
}

void threads_build(struct threads *t, const struct thread_in *in)
{
	struct builder b = {
		.in = in, .first_root = THREAD_NONE, .cap = in->count + in->count / 4 + 16};

	b.nodes = xreallocarray(NULL, b.cap, sizeof(*b.nodes));
	b.set = xreallocarray(NULL, b.cap, sizeof(*b.set));
	b.by_id = xreallocarray(NULL, (size_t)in->limit + 1, sizeof(*b.by_id));
	memset(b.by_id, 0xff, ((size_t)in->limit + 1) * sizeof(*b.by_id));
	thread_by_refs(&b);
	compare_subjects(&b);
	if (!in->strict)
		thread_by_subject(&b);
	free(b.by_id);
	free(b.set);
	*t = (struct threads){
		.nodes = b.nodes, .count = in->count, .total = b.total, .first_root = b.first_root};
}

void threads_fini(struct threads *t)
{
	free(t->nodes);
	*t = (struct threads){.first_root = THREAD_NONE};
}

/* ---- order ---- */

/* Nodes in an order in which every child comes after its parent. */
static uint32_t *nodes_downwards(const struct threads *t)
{
	uint32_t *order = xcalloc((size_t)t->total + 1, sizeof(*order)), n = 0;

	for (uint32_t at = t->first_root; at != THREAD_NONE; at = thread_walk(t, at))
		order[n++] = at;
	while (n < t->total)
		order[n++] =
			THREAD_NONE; /* cannot be, but a node left out is better than one shown twice */
	return order;
}

/* key[n]: the rank that stands for the tree of n among its siblings. */
static uint32_t *node_keys(const struct threads *t, const uint32_t *down, struct thread_order o)
{
	uint32_t *key = xcalloc((size_t)t->total + 1, sizeof(*key));

	for (uint32_t n = 0; n < t->total; n++)
		key[n] = n < t->count ? o.rank[n] : THREAD_NONE;
	for (uint32_t i = t->total; i-- > 0;) {
		uint32_t n = down[i], up;

		if (n == THREAD_NONE || (up = t->nodes[n].parent) == THREAD_NONE ||
			key[n] == THREAD_NONE)
			continue;
		if (key[up] == THREAD_NONE)
			key[up] = key[n];
		else if (o.last)
			key[up] = MAX(key[up], key[n]);
		else if (up >= t->count)
			key[up] = MIN(key[up], key[n]);
	}
	return key;
}

/*
 * Hands the nodes out to their parents in the order of their keys. Several nodes may have one key
 * (a thread and the message that stands for it), but never two siblings, as their trees are apart.
 */
static void distribute(
	struct threads *t, const uint32_t *down, const uint32_t *key, bool reverse, bool roots)
{
	uint32_t *bucket = xreallocarray(NULL, (size_t)t->count + 1, sizeof(*bucket));
	uint32_t *chain = xreallocarray(NULL, (size_t)t->total + 1, sizeof(*chain));

	memset(bucket, 0xff, ((size_t)t->count + 1) * sizeof(*bucket));
	for (uint32_t i = 0; i < t->total; i++) {
		uint32_t n = down[i];

		if (n == THREAD_NONE || (t->nodes[n].parent == THREAD_NONE) != roots ||
			key[n] == THREAD_NONE)
			continue;
		chain[n] = bucket[key[n]];
		bucket[key[n]] = n;
	}
	/* Pushing to the front: the greatest first gives ascending lists. */
	for (uint32_t i = 0; i < t->count; i++) {
		uint32_t k = reverse ? i : t->count - 1 - i;

		for (uint32_t n = bucket[k]; n != THREAD_NONE; n = chain[n]) {
			struct thread_node *node = &t->nodes[n];
			uint32_t *head =
				roots ? &t->first_root : &t->nodes[node->parent].first_child;

			node->prev = THREAD_NONE;
			node->next = *head;
			if (*head != THREAD_NONE)
				t->nodes[*head].prev = n;
			*head = n;
		}
	}
	free(bucket);
	free(chain);
}

void threads_sort(struct threads *t, struct thread_order inner, struct thread_order roots)
{
	uint32_t *down = nodes_downwards(t), *key = node_keys(t, down, inner);

	for (uint32_t n = 0; n < t->total; n++)
		t->nodes[n].first_child = THREAD_NONE;
	distribute(t, down, key, inner.reverse, false);
	free(key);
	key = node_keys(t, down, roots);
	t->first_root = THREAD_NONE;
	distribute(t, down, key, roots.reverse, true);
	free(key);
	free(down);
}

/* ---- walking ---- */

uint32_t thread_walk(const struct threads *t, uint32_t n)
{
	const struct thread_node *nodes = t->nodes;

	if (nodes[n].first_child != THREAD_NONE)
		return nodes[n].first_child;
	while (n != THREAD_NONE && nodes[n].next == THREAD_NONE)
		n = nodes[n].parent;
	return n == THREAD_NONE ? THREAD_NONE : nodes[n].next;
}

uint32_t thread_walk_in(const struct threads *t, uint32_t n, uint32_t top)
{
	return walk_in(t->nodes, n, top);
}

uint32_t thread_root(const struct threads *t, uint32_t n)
{
	while (t->nodes[n].parent != THREAD_NONE)
		n = t->nodes[n].parent;
	return n;
}

uint32_t thread_parent_msg(const struct threads *t, uint32_t n)
{
	return parent_msg(t->nodes, t->count, n);
}
