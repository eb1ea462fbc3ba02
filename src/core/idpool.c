/* Two tables: of ids by their hash, of lists by what they consist of. */
#include "core/idpool.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "core/slots.h"

struct list {
	uint32_t id, rest;
};

struct idpool {
	uint64_t *hashes; /* [0] is nobody's */
	uint32_t id_count, id_cap;
	struct slots id_slots;
	struct list *lists;
	uint32_t list_count, list_cap;
	struct slots list_slots;
};

struct idpool *idpool_new(void)
{
	struct idpool *p = xcalloc(1, sizeof(*p));

	p->id_cap = p->list_cap = 256;
	p->hashes = xcalloc(p->id_cap, sizeof(*p->hashes));
	p->lists = xcalloc(p->list_cap, sizeof(*p->lists));
	p->id_count = p->list_count = 1;
	return p;
}

void idpool_free(struct idpool *p)
{
	if (!p)
		return;
	free(p->hashes);
	free(p->lists);
	slots_fini(&p->id_slots);
	slots_fini(&p->list_slots);
	free(p);
}

/* ---- ids ---- */

static uint32_t slot_hash(uint64_t hash)
{
	return (uint32_t)(hash >> 32);
}

static uint32_t hash_of_id(const void *owner, uint32_t n)
{
	const struct idpool *p = owner;

	return slot_hash(p->hashes[n]);
}

static uint32_t find(const struct idpool *p, uint64_t hash)
{
	struct slots_look look;
	uint32_t n = slots_first(&p->id_slots, slot_hash(hash), &look);

	while (n && p->hashes[n] != hash)
		n = slots_next(&look);
	return n;
}

uint32_t idpool_find(const struct idpool *p, struct sv id)
{
	return id.len ? find(p, hash_of(id)) : 0;
}

uint32_t idpool_add(struct idpool *p, struct sv id)
{
	uint64_t hash;
	uint32_t n;

	if (id.len == 0)
		return 0;
	hash = hash_of(id);
	n = find(p, hash);
	if (n || !slots_add(&p->id_slots, slot_hash(hash), hash_of_id, p))
		return n;
	array_grow(p->hashes, p->id_count, p->id_cap);
	p->hashes[p->id_count] = hash;
	return p->id_count++;
}

void idpool_expect(const struct idpool *p, struct sv id)
{
	slots_expect(&p->id_slots, slot_hash(hash_of(id)));
}

uint32_t idpool_limit(const struct idpool *p)
{
	return p->id_count;
}

/* ---- lists ---- */

static uint32_t hash_of_pair(struct list l)
{
	return (uint32_t)((((uint64_t)l.id << 32 | l.rest) * UINT64_C(0x9e3779b97f4a7c15)) >> 32);
}

static uint32_t hash_of_list(const void *owner, uint32_t n)
{
	const struct idpool *p = owner;

	return hash_of_pair(p->lists[n]);
}

uint32_t idpool_list(struct idpool *p, uint32_t id, uint32_t rest)
{
	struct list l = {id, rest};
	uint32_t hash = hash_of_pair(l), n;
	struct slots_look look;

	if (id == 0)
		return rest;
	n = slots_first(&p->list_slots, hash, &look);
	while (n && (p->lists[n].id != id || p->lists[n].rest != rest))
		n = slots_next(&look);
	if (n)
		return n;
	if (!slots_add(&p->list_slots, hash, hash_of_list, p))
		return rest;
	array_grow(p->lists, p->list_count, p->list_cap);
	p->lists[p->list_count] = l;
	return p->list_count++;
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
	slots_reserve(&p->id_slots, more, hash_of_id, p);
	slots_reserve(&p->list_slots, more / 2, hash_of_list, p);
}
