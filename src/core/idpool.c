/*
 * A table of ids by their hash; lists hang at the id that they begin with. Mostly there is one, what the answers to a
 * message have above them; and as answers come not long after it, it is found in memory that was used a moment ago.
 */
#include "core/idpool.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "core/slots.h"

#define LISTS_TRIED 16 /* of those that begin with an id; behind these a list may be there twice */

struct list {
	uint32_t id, rest;
	uint32_t next; /* that begins with this id, 0 */
};

struct idpool {
	uint64_t *hashes;   /* [0] is nobody's */
	uint32_t *list_of;  /* by id: the newest list that begins with it, 0 */
	uint32_t id_count, id_cap;
	struct slots slots; /* of ids */
	struct list *lists;
	uint32_t list_count, list_cap;
};

struct idpool *idpool_new(void)
{
	struct idpool *p = xcalloc(1, sizeof(*p));

	p->id_cap = p->list_cap = 256;
	p->hashes = xcalloc(p->id_cap, sizeof(*p->hashes));
	p->list_of = xcalloc(p->id_cap, sizeof(*p->list_of));
	p->lists = xcalloc(p->list_cap, sizeof(*p->lists));
	p->id_count = p->list_count = 1;
	return p;
}

void idpool_free(struct idpool *p)
{
	if (!p)
		return;
	free(p->hashes);
	free(p->list_of);
	free(p->lists);
	slots_fini(&p->slots);
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
	uint32_t n = slots_first(&p->slots, slot_hash(hash), &look);

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
	if (n || !slots_add(&p->slots, slot_hash(hash), hash_of_id, p))
		return n;
	if (p->id_count == p->id_cap) {
		p->id_cap *= 2;
		p->hashes = xreallocarray(p->hashes, p->id_cap, sizeof(*p->hashes));
		p->list_of = xreallocarray(p->list_of, p->id_cap, sizeof(*p->list_of));
	}
	p->hashes[p->id_count] = hash;
	p->list_of[p->id_count] = 0;
	return p->id_count++;
}

void idpool_expect(const struct idpool *p, struct sv id)
{
	slots_expect(&p->slots, slot_hash(hash_of(id)));
}

uint32_t idpool_limit(const struct idpool *p)
{
	return p->id_count;
}

/* ---- lists ---- */

uint32_t idpool_list(struct idpool *p, uint32_t id, uint32_t rest)
{
	uint32_t n = p->list_of[id];

	if (id == 0)
		return rest;
	for (unsigned tried = 0; n && tried < LISTS_TRIED; tried++, n = p->lists[n].next) {
		if (p->lists[n].rest == rest)
			return n;
	}
	array_grow(p->lists, p->list_count, p->list_cap);
	p->lists[p->list_count] = (struct list){id, rest, p->list_of[id]};
	p->list_of[id] = p->list_count;
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
	slots_reserve(&p->slots, more, hash_of_id, p);
}
