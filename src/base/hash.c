#include "base/hash.h"

#include <stdlib.h>
#include <sys/random.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/sha256.h"

struct hash {
	struct sha256 sum;
};

struct hash *hash_sha256_new(void)
{
	struct hash *h = xcalloc(1, sizeof(*h));

	sha256_init(&h->sum);
	return h;
}

void hash_add(struct hash *h, struct sv data)
{
	sha256_add(&h->sum, data.p, data.len);
}

void hash_end_hex(struct hash *h, char out[SHA256_HEX_LEN + 1])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char sum[SHA256_LEN];

	sha256_end(&h->sum, sum);
	for (int i = 0; i < SHA256_LEN; i++) {
		out[i * 2] = digits[sum[i] >> 4];
		out[i * 2 + 1] = digits[sum[i] & 15];
	}
	out[SHA256_HEX_LEN] = 0;
	free(h);
}

void hash_sha256_hex(struct sv data, char out[SHA256_HEX_LEN + 1])
{
	struct hash *h = hash_sha256_new();

	hash_add(h, data);
	hash_end_hex(h, out);
}

void random_bytes(void *p, size_t n)
{
	unsigned char *to = p;

	while (n) {
		ssize_t got = getrandom(to, MIN(n, (size_t)256), 0);
		if (got <= 0)
			continue;
		to += got;
		n -= (size_t)got;
	}
}

void random_word(char *out, size_t n)
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";

	random_bytes(out, n);
	for (size_t i = 0; i < n; i++)
		out[i] = alphabet[(unsigned char)out[i] & 31];
	out[n] = 0;
}

/* FNV-1a over a random start, finished by a mix: quick, and not predictable from outside. */
uint64_t hash_of(struct sv key)
{
	static uint64_t seed;

	while (seed == 0)
		random_bytes(&seed, sizeof(seed));
	uint64_t h = seed;
	for (size_t i = 0; i < key.len; i++)
		h = (h ^ (unsigned char)key.p[i]) * 0x100000001b3u;
	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93u;
	return h ^ h >> 32;
}

/* Open addressing over an array of entries that keeps the order of insertion. */
struct entry {
	char *key; /* NULL: deleted */
	size_t len;
	uint64_t hash;
	void *value;
};

struct map {
	struct entry *entries;
	uint32_t *slots; /* index + 1 into entries, 0: empty */
	size_t len, used, cap, nslots;
};

struct map *map_new(void)
{
	return xcalloc(1, sizeof(struct map));
}

void map_free(struct map *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->used; i++)
		free(m->entries[i].key);
	free(m->entries);
	free(m->slots);
	free(m);
}

static struct entry *map_find(const struct map *m, struct sv key, uint64_t h)
{
	if (m->nslots == 0)
		return NULL;
	for (size_t at = h & (m->nslots - 1); m->slots[at]; at = (at + 1) & (m->nslots - 1)) {
		struct entry *x = &m->entries[m->slots[at] - 1];
		if (x->key && x->hash == h && sv_eq(sv_make(x->key, x->len), key))
			return x;
	}
	return NULL;
}

static void map_place(struct map *m, size_t index)
{
	size_t at = m->entries[index].hash & (m->nslots - 1);

	while (m->slots[at])
		at = (at + 1) & (m->nslots - 1);
	m->slots[at] = (uint32_t)index + 1;
}

/* Drops deleted entries and makes room for one more at a load under one half. */
static void map_rebuild(struct map *m)
{
	size_t kept = 0;

	for (size_t i = 0; i < m->used; i++)
		if (m->entries[i].key)
			m->entries[kept++] = m->entries[i];
	m->used = kept;
	size_t want = 16;
	while (want < (kept + 1) * 4)
		want *= 2;
	m->nslots = want;
	m->cap = want / 2;
	m->entries = xreallocarray(m->entries, m->cap, sizeof(*m->entries));
	free(m->slots);
	m->slots = xcalloc(m->nslots, sizeof(*m->slots));
	for (size_t i = 0; i < kept; i++)
		map_place(m, i);
}

void map_set(struct map *m, struct sv key, void *value)
{
	uint64_t h = hash_of(key);
	struct entry *x = map_find(m, key, h);

	if (x) {
		x->value = value;
		return;
	}
	if (m->used >= m->cap)
		map_rebuild(m);
	m->entries[m->used] = (struct entry){sv_dup(key), key.len, h, value};
	map_place(m, m->used);
	m->used++;
	m->len++;
}

void *map_get(const struct map *m, struct sv key)
{
	struct entry *x = map_find(m, key, hash_of(key));

	return x ? x->value : NULL;
}

bool map_has(const struct map *m, struct sv key)
{
	return map_find(m, key, hash_of(key)) != NULL;
}

void map_del(struct map *m, struct sv key)
{
	struct entry *x = map_find(m, key, hash_of(key));

	if (!x)
		return;
	xfree_null(&x->key); /* the slot stays as a stepping stone until the next rebuild */
	m->len--;
}

size_t map_len(const struct map *m)
{
	return m->len;
}

bool map_next(const struct map *m, size_t *at, struct sv *key, void **value)
{
	while (*at < m->used) {
		const struct entry *x = &m->entries[(*at)++];
		if (!x->key)
			continue;
		*key = sv_make(x->key, x->len);
		*value = x->value;
		return true;
	}
	return false;
}
