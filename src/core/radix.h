/*
 * Sorting rows by a key of 32 bits, stably, in pieces: fill the pairs in the order that equal keys shall
 * have, then step until it is done. Keys are counted, not compared: a million take some 30 ms.
 */
#ifndef CORE_RADIX_H
#define CORE_RADIX_H

#include "base/util.h"

#define RADIX_STEP 1024u /* elements that one step takes: each of them may be the first to touch a page of memory */
#define RADIX_BUCKETS 2048u

struct radix_pair {
	uint32_t key, row;
};

struct radix {
	struct radix_pair *pairs; /* the result, when it is done */
	uint32_t count;
	/* inside */
	struct radix_pair *other;
	uint32_t *at;
	uint32_t done;
	unsigned shift;
	bool moving;
};

/* Room for count pairs, to be filled. Frees what there was. */
void radix_init(struct radix *, uint32_t count);
bool radix_step(struct radix *); /* false: done */
void radix_fini(struct radix *); /* fine on zeroes */

/* A signed key as one that sorts the same. */
static inline uint32_t radix_signed(int32_t v)
{
	return (uint32_t)v ^ 0x80000000u;
}

#endif
