#include "core/slots.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"

#define FIRST_SIZE 512u
#define MOVES 4u /* a table grows by half of what it holds: with this it is empty long before the next time */

void slots_fini(struct slots *s)
{
	free(s->now);
	free(s->old);
	*s = (struct slots){.count = 0};
}

static bool is_full(uint32_t count, uint32_t size)
{
	return count >= size / 4 * 3;
}

static void place(struct slots *s, uint32_t hash, uint32_t number)
{
	uint32_t at = slots_place(hash, s->size);

	while (s->now[at] != SLOT_EMPTY)
		at = at + 1 == s->size ? 0 : at + 1;
	s->now[at] = hash << 24 | number;
}

static void move(struct slots *s, uint32_t most, slots_hash_fn *hash_of_number, const void *owner)
{
	for (; s->old && most > 0; most--) {
		if (s->moved == s->to_move) {
			xfree_null(&s->old);
			return;
		}
		s->moved++;
		place(s, hash_of_number(owner, s->moved), s->moved);
	}
}

static void grow(struct slots *s, uint32_t size, slots_hash_fn *hash_of_number, const void *owner)
{
	move(s, UINT32_MAX, hash_of_number, owner);
	if (s->count)
		s->old = s->now;
	else
		free(s->now);
	s->old_size = s->size;
	s->moved = 0;
	s->to_move = s->count;
	s->size = size;
	s->now = xcalloc(size, sizeof(*s->now));
}

uint32_t slots_add(struct slots *s, uint32_t hash, slots_hash_fn *hash_of_number, const void *owner)
{
	if (s->count == SLOTS_MAX)
		return 0;
	move(s, MOVES, hash_of_number, owner);
	if (is_full(s->count, s->size))
		grow(s, s->size ? s->size + s->size / 2 : FIRST_SIZE, hash_of_number, owner);
	place(s, hash, ++s->count);
	return s->count;
}

void slots_reserve(struct slots *s, uint32_t more, slots_hash_fn *hash_of_number, const void *owner)
{
	uint32_t count = MIN(more, SLOTS_MAX - s->count) + s->count;

	if (is_full(count, s->size))
		grow(s, count / 3 * 4 + FIRST_SIZE, hash_of_number, owner);
}

size_t slots_bytes(const struct slots *s)
{
	return (s->size + (s->old ? (size_t)s->old_size : 0)) * sizeof(*s->now);
}
