/* Radix and counting sorts over the keys of messages. */
#include "core/sort.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct keyed {
	uint64_t key;
	uint32_t index;
};

/* Least significant byte first; bytes that are the same everywhere cost nothing. */
static void radix_sort(struct keyed *a, uint32_t n)
{
	struct keyed *from = a, *to = xcalloc((size_t)n + 1, sizeof(*to)), *spare = to;
	uint64_t all_or = 0, all_and = UINT64_MAX;

	for (uint32_t i = 0; i < n; i++) {
		all_or |= a[i].key;
		all_and &= a[i].key;
	}
	for (unsigned shift = 0; shift < 64; shift += 8) {
		uint32_t at[257] = {0};

		if ((((all_or ^ all_and) >> shift) & 0xff) == 0)
			continue;
		for (uint32_t i = 0; i < n; i++)
			at[((from[i].key >> shift) & 0xff) + 1]++;
		for (unsigned b = 0; b < 256; b++)
			at[b + 1] += at[b];
		for (uint32_t i = 0; i < n; i++)
			to[at[(from[i].key >> shift) & 0xff]++] = from[i];
		struct keyed *swap = from;
		from = to;
		to = swap;
	}
	if (from != a)
		memcpy(a, from, n * sizeof(*a));
	free(spare);
}

uint32_t *sort_classes_i64(const int64_t *values, uint32_t n)
{
	struct keyed *a = xcalloc((size_t)n + 1, sizeof(*a));
	uint32_t *class = xcalloc((size_t)n + 1, sizeof(*class)), c = 0;

	for (uint32_t i = 0; i < n; i++)
		a[i] = (struct keyed){.key = (uint64_t)values[i] ^ (UINT64_C(1) << 63), .index = i};
	radix_sort(a, n);
	for (uint32_t i = 0; i < n; i++) {
		if (i > 0 && a[i].key != a[i - 1].key)
			c++;
		class[a[i].index] = c;
	}
	free(a);
	return class;
}

struct text_key {
	uint64_t head; /* first eight bytes in lower case, big end first */
	struct sv text;
	uint32_t number;
};

static uint64_t text_head(struct sv t)
{
	uint64_t head = 0;

	for (size_t i = 0; i < 8; i++)
		head = head << 8 |
		       (i < t.len ? (unsigned)ascii_lower((unsigned char)t.p[i]) & 0xff : 0);
	return head;
}

static int text_cmp(const struct text_key *a, const struct text_key *b)
{
	if (a->head != b->head)
		return a->head < b->head ? -1 : 1;
	return sv_cmp_case(a->text, b->text);
}

static int text_cmp_void(const void *a, const void *b)
{
	return text_cmp(a, b);
}

uint32_t *sort_classes_text(const uint32_t *numbers, uint32_t n, uint32_t limit, sort_key_fn *key,
	void *data, bool empty_last)
{
	uint32_t *of = xcalloc((size_t)limit + 1, sizeof(*of)),
		 *class = xcalloc((size_t)n + 1, sizeof(*class));
	struct text_key *keys;
	uint32_t count = 0, c = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (!of[numbers[i]]++)
			count++;
	}
	keys = xcalloc((size_t)count + 1, sizeof(*keys));
	count = 0;
	for (uint32_t i = 0; i < limit; i++) {
		if (!of[i])
			continue;
		keys[count] = (struct text_key){.text = key(data, i), .number = i};
		keys[count].head = text_head(keys[count].text);
		count++;
	}
	qsort(keys, count, sizeof(*keys), text_cmp_void);
	for (uint32_t i = 0; i < count; i++) {
		if (i > 0 && text_cmp(&keys[i - 1], &keys[i]) != 0)
			c++;
		of[keys[i].number] = keys[i].text.len == 0 && empty_last ? count : c;
	}
	for (uint32_t i = 0; i < n; i++)
		class[i] = of[numbers[i]];
	free(keys);
	free(of);
	return class;
}

void sort_by_class(uint32_t *order, uint32_t n, const uint32_t *class, bool reverse)
{
	uint32_t top = 0, *at, *out;

	for (uint32_t i = 0; i < n; i++)
		top = MAX(top, class[i]);
	at = xcalloc((size_t)top + 2, sizeof(*at));
	out = xcalloc((size_t)n + 1, sizeof(*out));
	for (uint32_t i = 0; i < n; i++)
		at[(reverse ? top - class[i] : class[i]) + 1]++;
	for (uint32_t i = 0; i <= top; i++)
		at[i + 1] += at[i];
	for (uint32_t i = 0; i < n; i++) {
		uint32_t c = class[order[i]];

		out[at[reverse ? top - c : c]++] = order[i];
	}
	memcpy(order, out, n * sizeof(*order));
	free(at);
	free(out);
}

uint32_t *sort_ranks(const uint32_t *order, uint32_t n)
{
	uint32_t *rank = xcalloc((size_t)n + 1, sizeof(*rank));

	for (uint32_t i = 0; i < n; i++)
		rank[order[i]] = i;
	return rank;
}
