#include "core/idset.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define PAGE 512 /* numbers */

struct page {
	int64_t page;
	uint64_t bits[PAGE / 64];
};

struct idset {
	struct page *pages;
	size_t count, cap, ids;
	size_t last; /* that was asked for */
};

static int by_number(const void *va, const void *vb)
{
	int64_t a = *(const int64_t *)va, b = *(const int64_t *)vb;

	return a < b ? -1 : a > b;
}

static void add(struct idset *s, int64_t id)
{
	uint64_t bit = UINT64_C(1) << (id & 63);

	if (s->count == 0 || s->pages[s->count - 1].page != id / PAGE) {
		array_grow(s->pages, s->count, s->cap);
		memset(&s->pages[s->count], 0, sizeof(*s->pages));
		s->pages[s->count++].page = id / PAGE;
	}
	uint64_t *word = &s->pages[s->count - 1].bits[id % PAGE / 64];

	s->ids += !(*word & bit);
	*word |= bit;
}

struct idset *idset_new(const int64_t *ids, size_t count)
{
	struct idset *s = xcalloc(1, sizeof(*s));
	int64_t *sorted = NULL;

	for (size_t i = 1; i < count && !sorted; i++) {
		if (ids[i] >= ids[i - 1])
			continue;
		sorted = xreallocarray(NULL, count, sizeof(*sorted));
		memcpy(sorted, ids, count * sizeof(*ids));
		qsort(sorted, count, sizeof(*sorted), by_number);
	}
	for (size_t i = 0; i < count; i++)
		add(s, sorted ? sorted[i] : ids[i]);
	free(sorted);
	return s;
}

bool idset_has(struct idset *s, int64_t id)
{
	size_t low = 0, high = s ? s->count : 0;

	if (high > 0 && s->pages[s->last].page == id / PAGE)
		low = high = s->last;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->pages[mid].page < id / PAGE)
			low = mid + 1;
		else
			high = mid;
	}
	if (!s || low >= s->count || s->pages[low].page != id / PAGE)
		return false;
	s->last = low;
	return s->pages[low].bits[id % PAGE / 64] >> (id & 63) & 1;
}

size_t idset_count(const struct idset *s)
{
	return s->ids;
}

void idset_free(struct idset *s)
{
	if (!s)
		return;
	free(s->pages);
	free(s);
}
