/* Least significant digit first; a digit that is the same everywhere costs one look. */
#include "core/radix.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define DIGIT_BITS 11u

void radix_init(struct radix *r, uint32_t count)
{
	radix_fini(r);
	r->count = count;
	r->pairs = xreallocarray(NULL, (size_t)count + 1, sizeof(*r->pairs));
	r->other = xreallocarray(NULL, (size_t)count + 1, sizeof(*r->other));
	r->at = xcalloc(RADIX_BUCKETS + 1, sizeof(*r->at));
}

void radix_fini(struct radix *r)
{
	free(r->pairs);
	free(r->other);
	free(r->at);
	memset(r, 0, sizeof(*r));
}

static uint32_t digit(const struct radix *r, uint32_t key)
{
	return key >> r->shift & (RADIX_BUCKETS - 1);
}

static bool next_digit(struct radix *r)
{
	r->shift += DIGIT_BITS;
	r->done = 0;
	r->moving = false;
	memset(r->at, 0, (RADIX_BUCKETS + 1) * sizeof(*r->at));
	if (r->shift < 32)
		return true;
	free(r->other);
	free(r->at);
	r->other = NULL;
	r->at = NULL;
	return false;
}

/* All are counted: where each digit begins. False when there is only one digit. */
static bool counted(struct radix *r)
{
	for (uint32_t b = 1; b <= RADIX_BUCKETS; b++) {
		if (r->at[b] == r->count)
			return false;
	}
	for (uint32_t b = 0; b < RADIX_BUCKETS; b++)
		r->at[b + 1] += r->at[b];
	r->done = 0;
	r->moving = true;
	return true;
}

bool radix_step(struct radix *r)
{
	uint32_t end;

	if (!r->at)
		return false;
	end = MIN(r->count, r->done + RADIX_STEP);
	if (!r->moving) {
		for (; r->done < end; r->done++)
			r->at[digit(r, r->pairs[r->done].key) + 1]++;
		return r->done < r->count || counted(r) || next_digit(r);
	}
	for (; r->done < end; r->done++) {
		struct radix_pair p = r->pairs[r->done];

		r->other[r->at[digit(r, p.key)]++] = p;
	}
	if (r->done < r->count)
		return true;
	struct radix_pair *swap = r->pairs;

	r->pairs = r->other;
	r->other = swap;
	return next_digit(r);
}
