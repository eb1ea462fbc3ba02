/*
 * An open hash table of numbers: 1, 2, 3 ... in the order in which they come in, as rows, texts and ids of a view
 * are numbered. What a number means, its owner knows: the table gives the numbers that may be meant by a hash, and
 * its owner compares. Nothing is ever taken out.
 *
 * It grows while it is used: a bigger table takes the numbers over some at a time, with each one that comes in, and
 * until it has all of them both are asked. Making a table of a million anew would be a turn of 30 ms.
 *
 * A slot is a number and 8 bits of its hash, so that nearly no wrong one is compared: each would be a miss of
 * the processor's cache.
 */
#ifndef CORE_SLOTS_H
#define CORE_SLOTS_H

#include "base/util.h"

#define SLOTS_MAX ((1u << 24) - 1) /* numbers in a table */
#define SLOT_EMPTY 0u

struct slots {
	uint32_t *now, *old; /* old: of the smaller table, while it is emptied; else NULL */
	uint32_t size, old_size;
	uint32_t count;          /* numbers in it: 1 .. count */
	uint32_t moved, to_move; /* of those in the old table: how many the other has; how many there are */
};

/* Fine on zeroes; what it asked for is freed. */
void slots_fini(struct slots *);

/* The hash that a number came in with, asked for when it is moved. */
typedef uint32_t slots_hash_fn(const void *owner, uint32_t number);
/* The next number. 0: there are SLOTS_MAX. */
uint32_t slots_add(struct slots *, uint32_t hash, slots_hash_fn *, const void *owner);
/* So many more are to come: room is made now, and not again and again. */
void slots_reserve(struct slots *, uint32_t more, slots_hash_fn *, const void *owner);
size_t slots_bytes(const struct slots *); /* memory in use */

/* ---- asking: for (n = slots_first(s, hash, &look); n && !is_it(n); n = slots_next(&look)) ; ---- */

struct slots_look {
	const struct slots *s;
	const uint32_t *table;
	uint32_t at, size, tag;
	uint32_t hash;
};

static inline uint32_t slots_place(uint32_t hash, uint32_t size)
{
	return (uint32_t)((uint64_t)hash * size >> 32);
}

static inline uint32_t slots_next(struct slots_look *l)
{
	for (;;) {
		uint32_t slot = l->table[l->at];

		if (slot == SLOT_EMPTY) {
			if (l->table == l->s->old || !l->s->old)
				return 0;
			l->table = l->s->old;
			l->size = l->s->old_size;
			l->at = slots_place(l->hash, l->size);
			continue;
		}
		l->at = l->at + 1 == l->size ? 0 : l->at + 1;
		if (slot >> 24 == l->tag)
			return slot & SLOTS_MAX;
	}
}

static inline uint32_t slots_first(const struct slots *s, uint32_t hash, struct slots_look *l)
{
	if (!s->now)
		return 0;
	*l = (struct slots_look){s, s->now, slots_place(hash, s->size), s->size, hash & 0xff, hash};
	return slots_next(l);
}

/* It will be asked for: the memory where it lies is fetched meanwhile. */
static inline void slots_expect(const struct slots *s, uint32_t hash)
{
	if (s->now)
		__builtin_prefetch(&s->now[slots_place(hash, s->size)]);
}

#endif
