#include "base/hash.h"

#include <stdlib.h>
#include <string.h>
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

/* The 128 bits of a product, folded. */
static uint64_t fold(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
	__extension__ unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
#else
	uint64_t al = (uint32_t)a, ah = a >> 32, bl = (uint32_t)b, bh = b >> 32;
	uint64_t cross = (al * bl >> 32) + (uint32_t)(al * bh) + (uint32_t)(ah * bl);

	return a * b ^ (ah * bh + (al * bh >> 32) + (ah * bl >> 32) + (cross >> 32));
#endif
}

static uint64_t word_at(const char *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	return w;
}

/*
 * Sixteen bytes a step, as Wang Yi's wyhash does it: one multiplication, where a byte a step was most of the time
 * that a view of many messages takes to load. Its constants are random here: with ones that are known a text could
 * be made that turns a product into 0, whatever the seed is.
 */
uint64_t hash_of(struct sv key)
{
	static uint64_t secret[4];
	const char *p = key.p, *end = key.p + key.len;
	char last[16] = {0};
	uint64_t h;

	while (secret[0] == 0)
		random_bytes(secret, sizeof(secret));
	h = secret[0];
	for (; end - p > 16; p += 16)
		h = fold(word_at(p) ^ secret[1], word_at(p + 8) ^ h);
	if (key.len >= 16)
		p = end - 16;
	else if (key.len > 0)
		p = memcpy(last, p, key.len);
	else
		p = last;
	h = fold(word_at(p) ^ secret[2], word_at(p + 8) ^ h);
	return fold(h ^ secret[3], key.len ^ secret[1]);
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
