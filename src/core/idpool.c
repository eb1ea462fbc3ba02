/* Two open hash tables: of ids by their hash, of lists by what they consist of. */
#include "core/idpool.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"

#define FIRST_SLOTS 1024u

struct list {
	uint32_t id, rest;
};

struct idpool {
	uint64_t *hashes; /* [0] is nobody's */
	uint32_t id_count, id_cap;
	uint32_t *id_slots, id_slot_count;
	struct list *lists;
	uint32_t list_count, list_cap;
	uint32_t *list_slots, list_slot_count;
};

struct idpool *idpool_new(void)
{
	struct idpool *p = xcalloc(1, sizeof(*p));

	p->id_cap = p->list_cap = 256;
	p->hashes = xcalloc(p->id_cap, sizeof(*p->hashes));
	p->lists = xcalloc(p->list_cap, sizeof(*p->lists));
	p->id_count = p->list_count = 1;
	p->id_slot_count = p->list_slot_count = FIRST_SLOTS;
	p->id_slots = xcalloc(FIRST_SLOTS, sizeof(*p->id_slots));
	p->list_slots = xcalloc(FIRST_SLOTS, sizeof(*p->list_slots));
	return p;
}

void idpool_free(struct idpool *p)
{
	if (!p)
		return;
	free(p->hashes);
	free(p->lists);
	free(p->id_slots);
	free(p->list_slots);
	free(p);
}

static bool is_full(uint32_t count, uint32_t slots)
{
	return count > slots / 4 * 3;
}

/* ---- ids ---- */

static uint32_t id_slot(const struct idpool *p, uint64_t hash)
{
	uint32_t mask = p->id_slot_count - 1, s = (uint32_t)hash & mask;

	while (p->id_slots[s] && p->hashes[p->id_slots[s]] != hash)
		s = (s + 1) & mask;
	return s;
}

static void id_slots_make(struct idpool *p, uint32_t count)
{
	free(p->id_slots);
	p->id_slot_count = count;
	p->id_slots = xcalloc(p->id_slot_count, sizeof(*p->id_slots));
	for (uint32_t n = 1; n < p->id_count; n++)
		p->id_slots[id_slot(p, p->hashes[n])] = n;
}

uint32_t idpool_find(const struct idpool *p, struct sv id)
{
	return id.len ? p->id_slots[id_slot(p, hash_of(id))] : 0;
}

uint32_t idpool_add(struct idpool *p, struct sv id)
{
	uint64_t hash;
	uint32_t s;

	if (id.len == 0)
		return 0;
	hash = hash_of(id);
	s = id_slot(p, hash);
	if (p->id_slots[s])
		return p->id_slots[s];
	array_grow(p->hashes, p->id_count, p->id_cap);
	p->hashes[p->id_count] = hash;
	p->id_slots[s] = p->id_count++;
	if (is_full(p->id_count, p->id_slot_count))
		id_slots_make(p, p->id_slot_count * 2);
	return p->id_count - 1;
}

uint32_t idpool_limit(const struct idpool *p)
{
	return p->id_count;
}

/* ---- lists ---- */

static uint32_t list_slot(const struct idpool *p, struct list l)
{
	uint32_t mask = p->list_slot_count - 1;
	uint64_t both = (uint64_t)l.id << 32 | l.rest;
	uint32_t s = (uint32_t)((both * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & mask;

	for (; p->list_slots[s]; s = (s + 1) & mask) {
		const struct list *have = &p->lists[p->list_slots[s]];

		if (have->id == l.id && have->rest == l.rest)
			break;
	}
	return s;
}

static void list_slots_make(struct idpool *p, uint32_t count)
{
	free(p->list_slots);
	p->list_slot_count = count;
	p->list_slots = xcalloc(p->list_slot_count, sizeof(*p->list_slots));
	for (uint32_t n = 1; n < p->list_count; n++)
		p->list_slots[list_slot(p, p->lists[n])] = n;
}

uint32_t idpool_list(struct idpool *p, uint32_t id, uint32_t rest)
{
	struct list l = {id, rest};
	uint32_t s = list_slot(p, l);

	if (p->list_slots[s])
		return p->list_slots[s];
	array_grow(p->lists, p->list_count, p->list_cap);
	p->lists[p->list_count] = l;
	p->list_slots[s] = p->list_count++;
	if (is_full(p->list_count, p->list_slot_count))
		list_slots_make(p, p->list_slot_count * 2);
	return p->list_count - 1;
}

uint32_t idpool_first(const struct idpool *p, uint32_t list)
{
	return p->lists[list].id;
}

uint32_t idpool_rest(const struct idpool *p, uint32_t list)
{
	return p->lists[list].rest;
}

void idpool_reserve(struct idpool *p, uint32_t more)
{
	uint32_t ids = p->id_slot_count, lists = p->list_slot_count;

	while (is_full(p->id_count + more, ids))
		ids *= 2;
	while (is_full(p->list_count + more / 2, lists))
		lists *= 2;
	if (ids > p->id_slot_count)
		id_slots_make(p, ids);
	if (lists > p->list_slot_count)
		list_slots_make(p, lists);
}
