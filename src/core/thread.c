/*
 * Building threads, in pieces. Two passes: by ids, by subject; then siblings get their order and each thread
 * the message that stands for it.
 *
 * Only roots are ever hung somewhere, so "is this node below that root" is asked of a union-find
 * (set_root) and costs nothing, however deep a thread is.
 */
#include "core/thread_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define STEP_UNITS 2048u /* messages, or roots, of one step */

void threads_init(struct threads *t, const struct thread_in *in, const struct idpool *ids)
{
	*t = (struct threads){.in = *in, .ids = ids, .ghost_free = THREAD_NONE};
}

void threads_fini(struct threads *t)
{
	free(t->nodes);
	free(t->flags);
	free(t->subject_next);
	free(t->ghosts);
	free(t->by_id);
	free(t->subject_first);
	free(t->answers);
	*t = (struct threads){.ghost_free = THREAD_NONE};
}

/* ---- room ---- */

void thread_rows_grow(struct threads *t, uint32_t rows)
{
	uint32_t cap = MAX(t->rows, 256u);

	if (rows <= t->rows)
		return;
	while (cap < rows)
		cap += cap / 2;
	t->nodes = xreallocarray(t->nodes, cap, sizeof(*t->nodes));
	t->flags = xrealloc(t->flags, cap);
	t->subject_next = xreallocarray(t->subject_next, cap, sizeof(*t->subject_next));
	memset(t->flags + t->rows, 0, cap - t->rows);
	t->rows = cap;
}

static uint32_t *grow_numbers(uint32_t *numbers, uint32_t cap, uint32_t wanted, int fill)
{
	numbers = xreallocarray(numbers, wanted, sizeof(*numbers));
	memset(numbers + cap, fill, (size_t)(wanted - cap) * sizeof(*numbers));
	return numbers;
}

void thread_numbers_grow(struct threads *t, uint32_t subject)
{
	uint32_t ids = idpool_limit(t->ids), cap;

	if (ids > t->by_id_cap) {
		cap = ids + ids / 4 + 64;
		t->by_id = grow_numbers(t->by_id, t->by_id_cap, cap, 0xff);
		t->by_id_cap = cap;
	}
	if (subject >= t->subject_cap) {
		cap = subject + subject / 4 + 64;
		t->subject_first = grow_numbers(t->subject_first, t->subject_cap, cap, 0xff);
		t->answers = grow_numbers(t->answers, t->subject_cap, cap, 0);
		t->subject_cap = cap;
	}
}

static uint32_t ghost_new(struct threads *t, uint32_t id)
{
	struct thread_ghost *g;
	uint32_t n = t->ghost_free;

	if (n != THREAD_NONE)
		t->ghost_free = t->ghosts[n].node.next;
	else {
		if (t->ghost_count >= t->ghost_cap) {
			t->ghost_cap = t->ghost_cap ? t->ghost_cap + t->ghost_cap / 2 : 64;
			t->ghosts = xreallocarray(t->ghosts, t->ghost_cap, sizeof(*t->ghosts));
		}
		n = t->ghost_count++;
	}
	g = &t->ghosts[n];
	*g = (struct thread_ghost){.id = id, .flags = THREAD_IN};
	g->node = (struct thread_node){THREAD_NONE, THREAD_NONE, THREAD_NONE, THREAD_NONE};
	t->by_id[id] = n | THREAD_GHOST;
	return n | THREAD_GHOST;
}

void thread_take_out(struct threads *t, uint32_t n, uint32_t msgid)
{
	uint32_t id = thread_is_msg(n) ? msgid : t->ghosts[n ^ THREAD_GHOST].id;

	if (id && id < t->by_id_cap && t->by_id[id] == n)
		t->by_id[id] = THREAD_NONE;
	if (thread_is_msg(n)) {
		t->flags[n] &= THREAD_CHAINED;
		return;
	}
	n ^= THREAD_GHOST;
	t->ghosts[n].flags = 0;
	t->ghosts[n].id = 0;
	t->ghosts[n].node.next = t->ghost_free;
	t->ghost_free = n;
}

/* ---- subjects ---- */

/* With this subject a message looks for somebody to hang under. */
bool thread_searches(const struct threads *t, const struct thread_msg *m)
{
	return m->subject && !t->in.strict && (m->is_reply || !t->in.sort_re);
}

void thread_chain(struct threads *t, uint32_t row, const struct thread_msg *m)
{
	if (!m->subject || (t->flags[row] & THREAD_CHAINED))
		return;
	t->subject_next[row] = t->subject_first[m->subject];
	t->subject_first[m->subject] = row;
	t->flags[row] |= THREAD_CHAINED;
}

void threads_forget(struct threads *t, uint32_t row)
{
	struct thread_msg m;
	uint32_t *at;

	if (row >= t->rows)
		return;
	t->forgot = true;
	t->in.msg(t->in.data, row, &m);
	if ((t->flags[row] & THREAD_IN) && m.msgid && t->by_id[m.msgid] == row)
		t->by_id[m.msgid] = THREAD_NONE;
	if ((t->flags[row] & THREAD_IN) && thread_searches(t, &m))
		t->answers[m.subject]--;
	if (!(t->flags[row] & THREAD_CHAINED))
		return;
	for (at = &t->subject_first[m.subject]; *at != row; at = &t->subject_next[*at])
		;
	*at = t->subject_next[row];
	t->flags[row] &= (uint8_t)~THREAD_CHAINED;
}

/* ---- lists of siblings ---- */

static uint32_t *list_head(struct thread_build *b, uint32_t parent)
{
	return parent == THREAD_NONE ? &b->first_root : &thread_node(b->t, parent)->first_child;
}

static void list_remove(struct thread_build *b, uint32_t n)
{
	struct thread_node *node = thread_node(b->t, n);

	*thread_flags(b->t, n) &= (uint8_t)~THREAD_LINKED;
	if (node->next != THREAD_NONE)
		thread_node(b->t, node->next)->prev = node->prev;
	if (node->prev != THREAD_NONE)
		thread_node(b->t, node->prev)->next = node->next;
	else
		*list_head(b, node->parent) = node->next;
}

static void list_push(struct thread_build *b, uint32_t parent, uint32_t n)
{
	struct thread_node *node = thread_node(b->t, n);
	uint32_t *head = list_head(b, parent);

	node->parent = parent;
	*thread_flags(b->t, n) |= THREAD_LINKED;
	node->prev = THREAD_NONE;
	node->next = *head;
	if (*head != THREAD_NONE)
		thread_node(b->t, *head)->prev = n;
	*head = n;
}

/* ---- which tree is a node in ---- */

static uint32_t *set_of(struct thread_build *b, uint32_t n)
{
	return thread_is_msg(n) ? &b->row_set[n] : &b->ghost_set[n ^ THREAD_GHOST];
}

static bool is_ours(struct thread_build *b, uint32_t n)
{
	return thread_is_msg(n) ? b->row_set[n] != 0
				: (n ^ THREAD_GHOST) < b->ghost_set_cap && b->ghost_set[n ^ THREAD_GHOST] != 0;
}

static uint32_t set_root(struct thread_build *b, uint32_t n)
{
	uint32_t root = n;

	while (*set_of(b, root) != root + 1)
		root = *set_of(b, root) - 1;
	while (n != root) {
		uint32_t *set = set_of(b, n), up = *set - 1;

		*set = root + 1;
		n = up;
	}
	return root;
}

static uint32_t new_ghost(struct thread_build *b, uint32_t id)
{
	uint32_t n = ghost_new(b->t, id), g = n ^ THREAD_GHOST;

	if (g >= b->ghost_set_cap) {
		b->ghost_set = grow_numbers(b->ghost_set, b->ghost_set_cap, g + g / 2 + 64, 0);
		b->ghost_set_cap = g + g / 2 + 64;
	}
	b->ghost_set[g] = n + 1;
	return n;
}

/* ---- pass 1: by ids ---- */

/*
 * Which node answers to which Message-ID. A second message with the same id hangs under the first.
 */
static void index_one(struct thread_build *b, uint32_t row)
{
	struct threads *t = b->t;
	struct thread_msg m;
	uint32_t *have;

	t->in.msg(t->in.data, row, &m);
	thread_numbers_grow(t, m.subject);
	thread_chain(t, row, &m);
	if (!(t->flags[row] & THREAD_IN) && thread_searches(t, &m))
		t->answers[m.subject]++;
	t->flags[row] = (uint8_t)((t->flags[row] & THREAD_CHAINED) | THREAD_IN);
	t->nodes[row] = (struct thread_node){THREAD_NONE, THREAD_NONE, THREAD_NONE, THREAD_NONE};
	b->row_set[row] = row + 1;
	if (!m.msgid)
		return;
	have = &t->by_id[m.msgid];
	if (*have != THREAD_NONE && !is_ours(b, *have))
		b->foreign = *have;
	else if (*have == THREAD_NONE || !t->in.duplicates)
		*have = row;
	else {
		list_push(b, *have, row);
		t->flags[row] |= THREAD_DUPLICATE;
		b->row_set[row] = *have + 1;
	}
}

static void hang(struct thread_build *b, uint32_t parent, uint32_t child)
{
	if (*thread_flags(b->t, child) & THREAD_LINKED)
		list_remove(b, child);
	list_push(b, parent, child);
	*set_of(b, child) = parent + 1;
}

/* Walks up the ids of a message as far as they tell something new. */
static void hang_by_refs(struct thread_build *b, uint32_t row)
{
	struct threads *t = b->t;
	struct thread_msg m;
	uint32_t child = row, left = THREAD_REFS_MAX;

	if (t->flags[row] & THREAD_DUPLICATE)
		return;
	t->in.msg(t->in.data, row, &m);
	for (uint32_t list = m.ancestors; list && left > 0; list = idpool_rest(t->ids, list), left--) {
		uint32_t id = idpool_first(t->ids, list), up = t->by_id[id];

		if (up == THREAD_NONE)
			up = new_ghost(b, id);
		else if (!is_ours(b, up)) {
			b->foreign = up;
			return;
		} else if (set_root(b, up) == child)
			continue; /* a loop: it is below us already */
		hang(b, up, child);
		child = up;
		/* A message has ids of its own to go on with; a missing one that hangs somewhere stays. */
		if (thread_is_msg(child) || thread_node(t, child)->parent != THREAD_NONE)
			break;
	}
	if (!(*thread_flags(t, child) & THREAD_LINKED))
		list_push(b, THREAD_NONE, child);
}

/* ---- pass 2: by subject ---- */

static void compare_subject(struct thread_build *b, uint32_t row)
{
	struct threads *t = b->t;
	uint32_t up = thread_parent_msg(t, row);
	struct thread_msg m, above;

	t->in.msg(t->in.data, row, &m);
	if (up != THREAD_NONE)
		t->in.msg(t->in.data, up, &above);
	if (up == THREAD_NONE || m.subject != above.subject)
		t->flags[row] |= THREAD_SUBJECT_CHANGED;
}

static void candidates_fini(struct candidates *c)
{
	radix_fini(&c->sort);
	radix_fini(&c->by_date);
	free(c->msgs);
	free(c->first);
	free(c->end);
	free(c->before);
	free(c->stamp);
}

static uint32_t date_key(int64_t date)
{
	return date <= 0 ? 0 : (uint32_t)MIN(date, (int64_t)UINT32_MAX);
}

static int64_t date_of(const struct threads *t, uint32_t row)
{
	struct thread_msg m;

	t->in.msg(t->in.data, row, &m);
	return m.date;
}

static void date_one(struct thread_build *b, uint32_t row)
{
	struct radix *r = &b->c.by_date;

	r->pairs[r->count++] = (struct radix_pair){date_key(date_of(b->t, row)), row};
}

static void subject_one(struct thread_build *b, uint32_t i)
{
	uint32_t row = b->c.by_date.pairs[i].row;
	struct thread_msg m;

	b->t->in.msg(b->t->in.data, row, &m);
	b->c.sort.pairs[b->c.sort.count++] = (struct radix_pair){m.subject, row};
}

static void groups_begin(struct thread_build *b)
{
	struct candidates *c = &b->c;
	size_t subjects = (size_t)b->t->subject_cap + 1, msgs = (size_t)b->count + 1;

	c->msgs = xreallocarray(NULL, msgs, sizeof(*c->msgs));
	c->before = xreallocarray(NULL, msgs, sizeof(*c->before));
	c->first = xcalloc(subjects, sizeof(*c->first));
	c->end = xcalloc(subjects, sizeof(*c->end));
	c->stamp = xcalloc(subjects, sizeof(*c->stamp));
}

static void group_one(struct candidates *c, uint32_t i)
{
	struct radix_pair p = c->sort.pairs[i];

	c->msgs[i] = p.row;
	c->before[i + 1] = i + 1;
	if (c->end[p.key] == 0)
		c->first[p.key] = i;
	c->end[p.key] = i + 1;
}

static bool still_candidate(const struct thread_build *b, uint32_t row)
{
	return (b->t->flags[row] & (THREAD_FAKE | THREAD_SUBJECT_CHANGED)) == THREAD_SUBJECT_CHANGED;
}

/* The last place <= place (from 1) that still counts, 0: none; forgets those that do not. */
static uint32_t last_before(struct thread_build *b, uint32_t place)
{
	struct candidates *c = &b->c;
	uint32_t top = place;

	c->before[0] = 0;
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
static uint32_t best_of_subject(struct thread_build *b, uint32_t root, uint32_t subject, int64_t date)
{
	struct candidates *c = &b->c;
	uint32_t low = c->first[subject], high = c->end[subject], start = low;

	while (low < high) { /* places of [start, low) are at or before date */
		uint32_t mid = low + (high - low) / 2;

		if (date_of(b->t, c->msgs[mid]) <= date)
			low = mid + 1;
		else
			high = mid;
	}
	for (uint32_t place = last_before(b, low); place > start; place = last_before(b, place - 1)) {
		if (set_root(b, c->msgs[place - 1]) != root)
			return c->msgs[place - 1];
	}
	return THREAD_NONE;
}

/* The next node of a tree that is not below a message: those at its top, and the missing ones above them. */
static uint32_t walk_top(const struct threads *t, uint32_t n, uint32_t top)
{
	if (!thread_is_msg(n))
		return thread_walk(t, n, top);
	while (n != top && thread_node(t, n)->next == THREAD_NONE)
		n = thread_node(t, n)->parent;
	return n == top ? THREAD_NONE : thread_node(t, n)->next;
}

/*
 * The message under which the tree of root belongs by the subject of its first message; of all messages at its
 * top, when their parent is missing. What their answers are called says nothing (mutt's make_subject_list).
 */
static uint32_t find_by_subject(struct thread_build *b, uint32_t root)
{
	struct threads *t = b->t;
	uint32_t best = THREAD_NONE, searching = 0;
	int64_t date = INT64_MAX;

	b->stamp++;
	for (uint32_t n = root; n != THREAD_NONE; n = walk_top(t, n, root)) {
		struct thread_msg m;

		if (!thread_is_msg(n))
			continue;
		t->in.msg(t->in.data, n, &m);
		date = MIN(date, m.date);
		searching += thread_searches(t, &m);
	}
	for (uint32_t n = root; searching && n != THREAD_NONE; n = walk_top(t, n, root)) {
		struct thread_msg m;
		uint32_t found;

		if (!thread_is_msg(n))
			continue;
		t->in.msg(t->in.data, n, &m);
		if (!thread_searches(t, &m) || b->c.stamp[m.subject] == b->stamp)
			continue;
		b->c.stamp[m.subject] = b->stamp;
		found = best_of_subject(b, root, m.subject, date);
		if (found != THREAD_NONE && (best == THREAD_NONE || date_of(t, best) < date_of(t, found)))
			best = found;
	}
	return best;
}

/*
 * Under its new parent a message is no news any more; what hung below it by the same subject belongs
 * to the new parent, too.
 */
static void move_fake_children(struct thread_build *b, uint32_t from, uint32_t parent)
{
	for (uint32_t child = thread_node(b->t, from)->first_child, next; child != THREAD_NONE; child = next) {
		next = thread_node(b->t, child)->next;
		if (!(*thread_flags(b->t, child) & THREAD_FAKE))
			continue;
		if (++b->moves > THREAD_MOVES_MAX)
			return;
		list_remove(b, child);
		list_push(b, parent, child);
	}
}

static void hang_by_subject(struct thread_build *b, uint32_t root, uint32_t parent)
{
	struct threads *t = b->t;
	struct thread_msg m, above;

	t->in.msg(t->in.data, parent, &above);
	*thread_flags(t, root) |= THREAD_FAKE;
	list_remove(b, root);
	list_push(b, parent, root);
	*set_of(b, root) = parent + 1;
	for (uint32_t n = root; n != THREAD_NONE; n = thread_walk(t, n, root)) {
		if (!thread_is_msg(n) || ++b->moves > THREAD_MOVES_MAX)
			continue;
		t->in.msg(t->in.data, n, &m);
		if (n == root || m.subject == above.subject) {
			t->flags[n] &= (uint8_t)~THREAD_SUBJECT_CHANGED;
			move_fake_children(b, n, parent);
		}
	}
}

/* ---- order ---- */

static uint32_t stands_better(const struct threads *t, const struct thread_order *o, bool greatest, uint32_t a, uint32_t b)
{
	if (a == THREAD_NONE || b == THREAD_NONE)
		return a == THREAD_NONE ? b : a;
	return (o->cmp(t->in.data, a, b) > 0) == greatest ? a : b;
}

static void sort_siblings(struct thread_build *b, uint32_t parent)
{
	const struct thread_order *o = &b->t->in.inner;
	struct threads *t = b->t;
	uint32_t n = 0, *list, *spare;

	for (uint32_t c = thread_node(t, parent)->first_child; c != THREAD_NONE; c = thread_node(t, c)->next, n++) {
		if (2 * (n + 1) > b->siblings_cap) {
			b->siblings_cap = MAX(64u, b->siblings_cap * 2);
			b->siblings = xreallocarray(b->siblings, b->siblings_cap, sizeof(*b->siblings));
		}
		b->siblings[n] = c;
	}
	list = b->siblings;
	spare = list + n;
	/* Merging from below: by the messages that stand for them, in prev. */
	for (uint32_t width = 1; width < n; width *= 2) {
		for (uint32_t from = 0; from < n; from += 2 * width) {
			uint32_t l = from, mid = MIN(from + width, n), r = mid, end = MIN(from + 2 * width, n);

			for (uint32_t k = from; k < end; k++) {
				bool left = r == end || (l < mid && (o->cmp(t->in.data, thread_node(t, list[l])->prev,
								     thread_node(t, list[r])->prev) < 0) != o->reverse);

				spare[k] = left ? list[l++] : list[r++];
			}
		}
		uint32_t *swap = list;

		list = spare;
		spare = swap;
	}
	thread_node(t, parent)->first_child = n ? list[0] : THREAD_NONE;
	for (uint32_t i = 0; i < n; i++) {
		struct thread_node *node = thread_node(t, list[i]);

		node->prev = i ? list[i - 1] : THREAD_NONE;
		node->next = i + 1 < n ? list[i + 1] : THREAD_NONE;
	}
}

/* All of its children are done: what stands for them is in their prev. */
static void leave_node(struct thread_build *b, uint32_t n)
{
	const struct thread_order *o = &b->t->in.inner;
	struct threads *t = b->t;
	uint32_t best = thread_is_msg(n) ? n : THREAD_NONE, first = thread_node(t, n)->first_child;

	if (!thread_is_msg(n) || o->last) {
		for (uint32_t c = first; c != THREAD_NONE; c = thread_node(t, c)->next)
			best = stands_better(t, o, o->last, best, thread_node(t, c)->prev);
	}
	if (first != THREAD_NONE && (thread_node(t, first)->next != THREAD_NONE))
		sort_siblings(b, n);
	else if (first != THREAD_NONE)
		thread_node(t, first)->prev = THREAD_NONE;
	thread_node(t, n)->prev = best;
}

/* Which message stands for the whole thread. */
static uint32_t root_stand(struct thread_build *b, uint32_t root)
{
	const struct thread_order *o = &b->t->in.roots;
	struct threads *t = b->t;
	uint32_t best = THREAD_NONE, n = root;

	if (o->cmp == t->in.inner.cmp && o->last == t->in.inner.last)
		return thread_node(t, root)->prev;
	while (n != THREAD_NONE) {
		bool below = true;

		if (thread_is_msg(n)) {
			best = stands_better(t, o, o->last, best, n);
			below = o->last; /* else the one above counts for those below it */
		}
		if (below) {
			n = thread_walk(t, n, root);
			continue;
		}
		while (n != root && thread_node(t, n)->next == THREAD_NONE)
			n = thread_node(t, n)->parent;
		n = n == root ? THREAD_NONE : thread_node(t, n)->next;
	}
	return best;
}

/* Depth first, each node when all below it are done. */
static void order_tree(struct thread_build *b, uint32_t root)
{
	struct threads *t = b->t;
	uint32_t n = root;

	for (;;) {
		uint32_t next;

		while (thread_node(t, n)->first_child != THREAD_NONE)
			n = thread_node(t, n)->first_child;
		for (;;) {
			next = n == root ? THREAD_NONE : thread_node(t, n)->next;
			leave_node(b, n);
			if (n == root || next != THREAD_NONE)
				break;
			n = thread_node(t, n)->parent;
		}
		if (n == root)
			break;
		n = next;
	}
	thread_node(t, root)->prev = root_stand(b, root);
	thread_node(t, root)->next = THREAD_NONE;
	array_grow(b->roots, b->root_count, b->root_cap);
	b->roots[b->root_count++] = root;
}

/* ---- pieces ---- */

static void each_row(struct thread_build *b, void (*fn)(struct thread_build *, uint32_t row))
{
	uint32_t end = MIN(b->count, b->at + STEP_UNITS);

	for (; b->at < end && b->foreign == THREAD_NONE; b->at++)
		fn(b, b->rows[b->at]);
}

static void next_phase(struct thread_build *b, enum build_phase phase)
{
	b->phase = phase;
	b->at = 0;
}

/* After the subjects are compared. */
static void begin_subjects(struct thread_build *b)
{
	if (b->t->in.strict) {
		next_phase(b, BUILD_ORDER);
		b->at = b->first_root;
		return;
	}
	next_phase(b, BUILD_GROUP_DATES);
	radix_init(&b->c.by_date, b->count);
	b->c.by_date.count = 0;
}

static void step_rows(struct thread_build *b)
{
	if (b->phase == BUILD_INDEX)
		each_row(b, index_one);
	else if (b->phase == BUILD_HANG)
		each_row(b, hang_by_refs);
	else
		each_row(b, compare_subject);
	if (b->at < b->count)
		return;
	if (b->phase == BUILD_COMPARE)
		begin_subjects(b);
	else
		next_phase(b, b->phase + 1);
}

/* All by date, then all by subject, then where each subject begins and ends. */
static void step_groups(struct thread_build *b)
{
	uint32_t end = MIN(b->count, b->at + STEP_UNITS);

	if (b->at < b->count) {
		for (; b->at < end; b->at++) {
			if (b->phase == BUILD_GROUP_DATES)
				date_one(b, b->rows[b->at]);
			else if (b->phase == BUILD_GROUP_SUBJECTS)
				subject_one(b, b->at);
			else
				group_one(&b->c, b->at);
		}
		return;
	}
	if (b->phase == BUILD_GROUP_DATES) {
		if (radix_step(&b->c.by_date))
			return;
		radix_init(&b->c.sort, b->count);
		b->c.sort.count = 0;
		next_phase(b, BUILD_GROUP_SUBJECTS);
	} else if (b->phase == BUILD_GROUP_SUBJECTS) {
		if (radix_step(&b->c.sort))
			return;
		radix_fini(&b->c.by_date);
		groups_begin(b);
		next_phase(b, BUILD_GROUPS);
	} else {
		next_phase(b, BUILD_SUBJECT);
		b->at = b->first_root;
	}
}

static void step_roots(struct thread_build *b)
{
	for (uint32_t n = 0; n < STEP_UNITS / 8 && b->at != THREAD_NONE; n++) {
		uint32_t root = b->at;

		b->at = thread_node(b->t, root)->next;
		if (b->phase == BUILD_ORDER)
			order_tree(b, root);
		else {
			uint32_t parent = find_by_subject(b, root);

			if (parent != THREAD_NONE)
				hang_by_subject(b, root, parent);
		}
	}
	if (b->at != THREAD_NONE)
		return;
	if (b->phase == BUILD_SUBJECT) {
		b->phase = BUILD_ORDER;
		b->at = b->first_root;
	} else
		b->phase = BUILD_DONE;
}

struct thread_build *threads_build(struct threads *t, const uint32_t *rows, uint32_t count)
{
	struct thread_build *b = xcalloc(1, sizeof(*b));
	uint32_t top = 0;

	for (uint32_t i = 0; i < count; i++)
		top = MAX(top, rows[i] + 1);
	thread_rows_grow(t, top);
	thread_numbers_grow(t, 0);
	b->t = t;
	b->rows = rows;
	b->count = count;
	b->first_root = b->foreign = THREAD_NONE;
	b->row_set = xcalloc((size_t)t->rows + 1, sizeof(*b->row_set));
	b->ghost_set_cap = t->ghost_count + 64;
	b->ghost_set = xcalloc(b->ghost_set_cap, sizeof(*b->ghost_set));
	return b;
}

bool threads_build_step(struct thread_build *b)
{
	switch (b->phase) {
	case BUILD_INDEX:
	case BUILD_HANG:
	case BUILD_COMPARE:
		step_rows(b);
		break;
	case BUILD_GROUP_DATES:
	case BUILD_GROUP_SUBJECTS:
	case BUILD_GROUPS:
		step_groups(b);
		break;
	case BUILD_SUBJECT:
	case BUILD_ORDER:
		step_roots(b);
		break;
	case BUILD_DONE:
		break;
	}
	return b->phase != BUILD_DONE && b->foreign == THREAD_NONE;
}

uint32_t threads_build_roots(const struct thread_build *b, const uint32_t **roots)
{
	*roots = b->roots;
	return b->root_count;
}

void threads_build_free(struct thread_build *b)
{
	if (!b)
		return;
	candidates_fini(&b->c);
	free(b->row_set);
	free(b->ghost_set);
	free(b->roots);
	free(b->siblings);
	free(b);
}

/* ---- asking ---- */

uint32_t thread_walk(const struct threads *t, uint32_t n, uint32_t top)
{
	const struct thread_node *node = thread_node(t, n);

	if (node->first_child != THREAD_NONE)
		return node->first_child;
	while (n != top && thread_node(t, n)->next == THREAD_NONE)
		n = thread_node(t, n)->parent;
	return n == top ? THREAD_NONE : thread_node(t, n)->next;
}

uint32_t thread_root(const struct threads *t, uint32_t n)
{
	for (uint32_t up; (up = thread_node(t, n)->parent) != THREAD_NONE;)
		n = up;
	return n;
}

uint32_t thread_stands_for(const struct threads *t, uint32_t root)
{
	return thread_node(t, root)->prev;
}

uint32_t thread_parent_msg(const struct threads *t, uint32_t n)
{
	do
		n = thread_node(t, n)->parent;
	while (n != THREAD_NONE && !thread_is_msg(n));
	return n;
}

uint32_t thread_prev(const struct threads *t, uint32_t n)
{
	const struct thread_node *node = thread_node(t, n);

	return node->parent == THREAD_NONE ? THREAD_NONE : node->prev;
}

uint32_t thread_by_id(const struct threads *t, uint32_t id)
{
	return id && id < t->by_id_cap ? t->by_id[id] : THREAD_NONE;
}
