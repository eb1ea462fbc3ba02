/* A merge sort from below of the distinct texts, by their first bytes and, when these are equal, the rest. */
#include "core/sort.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core/view_priv.h"

#define STEP_TEXTS 1024u /* that one step merges */

struct text {
	uint64_t head; /* first eight bytes in lower case, big end first */
	uint32_t number;
	uint32_t from, len; /* the key inside the text */
};

struct text_ranks {
	struct view *v;
	enum sort_key key;
	uint32_t *rank; /* by number, + 1; 0: not used */
	uint32_t limit;
	struct text *texts, *other;
	uint32_t count, cap;
	/* merging: runs of this width, from these places */
	uint32_t width, from, left, right, to;
	bool begun;
	uint32_t ranked, last; /* texts that have their rank, and the greatest of these */
};

struct text_ranks *text_ranks_new(struct view *v, enum sort_key key)
{
	struct text_ranks *t = xcalloc(1, sizeof(*t));

	t->v = v;
	t->key = key;
	return t;
}

void text_ranks_free(struct text_ranks *t)
{
	if (!t)
		return;
	free(t->rank);
	free(t->texts);
	free(t->other);
	free(t);
}

static uint64_t text_head(struct sv t)
{
	uint64_t head = 0;

	for (size_t i = 0; i < 8; i++)
		head = head << 8 | (i < t.len ? (unsigned)ascii_lower((unsigned char)t.p[i]) & 0xff : 0);
	return head;
}

void text_ranks_add(struct text_ranks *t, uint32_t number)
{
	struct sv key;

	if (number >= t->limit) {
		uint32_t limit = MAX(strpool_limit(t->v->pool), number + 1) + 256;

		t->rank = xreallocarray(t->rank, limit, sizeof(*t->rank));
		for (; t->limit < limit; t->limit++)
			t->rank[t->limit] = 0;
	}
	if (t->rank[number])
		return;
	t->rank[number] = 1;
	array_grow(t->texts, t->count, t->cap);
	key = view_key_text(t->v, t->key, number);
	t->texts[t->count++] = (struct text){text_head(key), number,
		key.len ? (uint32_t)(key.p - strpool_text(t->v->pool, number).p) : 0, (uint32_t)key.len};
}

static struct sv key_of(const struct text_ranks *t, const struct text *x)
{
	return sv_make(strpool_text(t->v->pool, x->number).p + x->from, x->len);
}

static int text_cmp(const struct text_ranks *t, const struct text *a, const struct text *b)
{
	bool plain = t->key != SORT_SPAM && t->key != SORT_LABEL;

	if (plain && a->head != b->head)
		return a->head < b->head ? -1 : 1;
	return view_text_cmp(t->key, key_of(t, a), key_of(t, b));
}

/* True when all have one. */
static bool give_ranks(struct text_ranks *t)
{
	uint32_t end = MIN(t->count, t->ranked + STEP_TEXTS);

	for (; t->ranked < end; t->ranked++) {
		uint32_t i = t->ranked;

		if (i == 0 || text_cmp(t, &t->texts[i - 1], &t->texts[i]) != 0)
			t->last++;
		t->rank[t->texts[i].number] = t->last;
	}
	return t->ranked == t->count;
}

static void begin_run(struct text_ranks *t, uint32_t from)
{
	t->from = t->left = t->to = from;
	t->right = MIN(from + t->width, t->count);
}

/* All runs of this width are merged, or there is nothing to merge. */
static bool next_width(struct text_ranks *t)
{
	struct text *swap = t->texts;

	t->texts = t->other;
	t->other = swap;
	t->width *= 2;
	begin_run(t, 0);
	return t->width < t->count;
}

bool text_ranks_step(struct text_ranks *t)
{
	if (!t->begun) {
		t->begun = true;
		t->other = xreallocarray(NULL, (size_t)t->count + 1, sizeof(*t->other));
		t->width = 1;
		begin_run(t, 0);
	}
	for (uint32_t n = 0; n < STEP_TEXTS && t->width < t->count; n++) {
		uint32_t mid = MIN(t->from + t->width, t->count), end = MIN(t->from + 2 * t->width, t->count);
		bool left = t->right == end ||
			    (t->left < mid && text_cmp(t, &t->texts[t->left], &t->texts[t->right]) <= 0);

		t->other[t->to++] = t->texts[left ? t->left++ : t->right++];
		if (t->to < end)
			continue;
		if (end < t->count)
			begin_run(t, end);
		else if (!next_width(t))
			break;
	}
	return t->width < t->count || !give_ranks(t);
}

uint32_t text_ranks_of(const struct text_ranks *t, uint32_t number)
{
	return number < t->limit ? t->rank[number] : 0;
}
