/* Texts lie one behind the other with a NUL between; number n begins at texts[n].at. */
#include "core/strpool.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "core/slots.h"

struct text {
	uint32_t at, hash;
};

struct strpool {
	char *bytes;
	size_t len, cap;
	struct text *texts; /* count + 1 of them: the last begins at len */
	uint32_t count, texts_cap;
	struct slots slots;
};

struct strpool *strpool_new(void)
{
	struct strpool *p = xcalloc(1, sizeof(*p));

	p->cap = 4096;
	p->bytes = xmalloc(p->cap);
	p->bytes[0] = '\0';
	p->len = 1;
	p->texts_cap = 256;
	p->texts = xcalloc(p->texts_cap, sizeof(*p->texts));
	p->texts[1].at = 1;
	p->count = 1;
	return p;
}

void strpool_free(struct strpool *p)
{
	if (!p)
		return;
	free(p->bytes);
	free(p->texts);
	slots_fini(&p->slots);
	free(p);
}

static uint32_t hash_of_number(const void *owner, uint32_t n)
{
	const struct strpool *p = owner;

	return p->texts[n].hash;
}

static uint32_t find(const struct strpool *p, struct sv text, uint32_t hash)
{
	struct slots_look look;
	uint32_t n = slots_first(&p->slots, hash, &look);

	while (n && (p->texts[n].hash != hash || !sv_eq(strpool_text(p, n), text)))
		n = slots_next(&look);
	return n;
}

uint32_t strpool_find(const struct strpool *p, struct sv text)
{
	return text.len ? find(p, text, (uint32_t)hash_of(text)) : 0;
}

void strpool_expect(const struct strpool *p, struct sv text)
{
	slots_expect(&p->slots, (uint32_t)hash_of(text));
}

static void add_bytes(struct strpool *p, struct sv text)
{
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
}

uint32_t strpool_add(struct strpool *p, struct sv text)
{
	uint32_t hash, n;

	if (text.len == 0)
		return 0;
	hash = (uint32_t)hash_of(text);
	n = find(p, text, hash);
	if (n || text.len >= STRPOOL_BYTES_MAX - p->len || !slots_add(&p->slots, hash, hash_of_number, p))
		return n;
	add_bytes(p, text);
	if (p->count + 2 > p->texts_cap) {
		p->texts_cap *= 2;
		p->texts = xreallocarray(p->texts, p->texts_cap, sizeof(*p->texts));
	}
	p->texts[p->count++].hash = hash;
	p->texts[p->count].at = (uint32_t)p->len;
	return p->count - 1;
}

struct sv strpool_text(const struct strpool *p, uint32_t n)
{
	return sv_make(p->bytes + p->texts[n].at, p->texts[n + 1].at - p->texts[n].at - 1);
}

uint32_t strpool_limit(const struct strpool *p)
{
	return p->count;
}

size_t strpool_bytes(const struct strpool *p)
{
	return p->cap + p->texts_cap * sizeof(*p->texts) + slots_bytes(&p->slots);
}

void strpool_reserve(struct strpool *p, uint32_t more)
{
	slots_reserve(&p->slots, more, hash_of_number, p);
}
