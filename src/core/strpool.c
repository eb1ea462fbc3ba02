/*
 * Texts lie one behind the other with a NUL between; at[n] is where number n begins. An open
 * hash table of numbers finds equal ones; beside each number lie some bits of its hash, so that a
 * wrong slot is nearly never compared byte by byte.
 */
#include "core/strpool.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

#define FIRST_SLOTS 1024u

struct slot {
	uint32_t n, hash;
};

struct strpool {
	char *bytes;
	size_t len, cap;
	uint32_t *at; /* count + 1 of them: at[count] is len */
	uint32_t count, at_cap;
	struct slot *slots;
	uint32_t slot_count; /* a power of two */
};

struct strpool *strpool_new(void)
{
	struct strpool *p = xcalloc(1, sizeof(*p));

	p->cap = 4096;
	p->bytes = xmalloc(p->cap);
	p->bytes[0] = '\0';
	p->len = 1;
	p->at_cap = 256;
	p->at = xreallocarray(NULL, p->at_cap, sizeof(*p->at));
	p->at[0] = 0;
	p->at[1] = 1;
	p->count = 1;
	p->slot_count = FIRST_SLOTS;
	p->slots = xcalloc(p->slot_count, sizeof(*p->slots));
	return p;
}

void strpool_free(struct strpool *p)
{
	if (!p)
		return;
	free(p->bytes);
	free(p->at);
	free(p->slots);
	free(p);
}

static void slots_make(struct strpool *p, uint32_t count)
{
	uint32_t old_count = p->slot_count, mask = count - 1;
	struct slot *old = p->slots;

	p->slot_count = count;
	p->slots = xcalloc(p->slot_count, sizeof(*p->slots));
	for (uint32_t i = 0; i < old_count; i++) {
		uint32_t s = old[i].hash & mask;

		if (!old[i].n)
			continue;
		while (p->slots[s].n)
			s = (s + 1) & mask;
		p->slots[s] = old[i];
	}
	free(old);
}

/* The slot where text is, or where it would go. */
static uint32_t slot_of(const struct strpool *p, struct sv text, uint32_t hash)
{
	uint32_t mask = p->slot_count - 1, s = hash & mask;

	for (; p->slots[s].n; s = (s + 1) & mask) {
		if (p->slots[s].hash == hash && sv_eq(strpool_text(p, p->slots[s].n), text))
			break;
	}
	return s;
}

uint32_t strpool_find(const struct strpool *p, struct sv text)
{
	if (text.len == 0)
		return 0;
	return p->slots[slot_of(p, text, (uint32_t)hash_of(text))].n;
}

uint32_t strpool_add(struct strpool *p, struct sv text)
{
	uint32_t hash, s;

	if (text.len == 0)
		return 0;
	hash = (uint32_t)hash_of(text);
	s = slot_of(p, text, hash);
	if (p->slots[s].n)
		return p->slots[s].n;
	if (text.len >= STRPOOL_BYTES_MAX - p->len)
		return 0;
	if (p->cap - p->len < text.len + 1) {
		/* The text may be a piece of one that is in the pool. */
		bool own = text.p >= p->bytes && text.p < p->bytes + p->len;
		size_t at = own ? (size_t)(text.p - p->bytes) : 0;

		while (p->cap - p->len < text.len + 1)
			p->cap *= 2;
		p->bytes = xrealloc(p->bytes, p->cap);
		if (own)
			text.p = p->bytes + at;
	}
	memcpy(p->bytes + p->len, text.p, text.len);
	p->len += text.len;
	p->bytes[p->len++] = '\0';
	if (p->count + 2 > p->at_cap) {
		p->at_cap *= 2;
		p->at = xreallocarray(p->at, p->at_cap, sizeof(*p->at));
	}
	p->slots[s] = (struct slot){.n = p->count++, .hash = hash};
	p->at[p->count] = (uint32_t)p->len;
	if (p->count > p->slot_count / 4 * 3)
		slots_make(p, p->slot_count * 2);
	return p->count - 1;
}

struct sv strpool_text(const struct strpool *p, uint32_t n)
{
	return sv_make(p->bytes + p->at[n], p->at[n + 1] - p->at[n] - 1);
}

uint32_t strpool_limit(const struct strpool *p)
{
	return p->count;
}

size_t strpool_bytes(const struct strpool *p)
{
	return p->cap + p->at_cap * sizeof(*p->at) + p->slot_count * sizeof(*p->slots);
}

void strpool_reserve(struct strpool *p, uint32_t more)
{
	uint32_t slots = p->slot_count;

	while (p->count + more > slots / 4 * 3)
		slots *= 2;
	if (slots > p->slot_count)
		slots_make(p, slots);
}
