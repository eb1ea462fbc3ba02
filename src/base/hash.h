/*
 * Hashes and random bytes, and a map from strings to pointers.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/str.h"

#define SHA256_HEX_LEN 64

void hash_sha256_hex(struct sv data, char out[SHA256_HEX_LEN + 1]);

/* The same in pieces. */
struct hash;
struct hash *hash_sha256_new(void);
void hash_add(struct hash *, struct sv data);
void hash_end_hex(struct hash *, char out[SHA256_HEX_LEN + 1]); /* frees it */

void random_bytes(void *p, size_t n);
/* n lower-case letters and digits and a NUL. */
void random_word(char *out, size_t n);

uint64_t hash_of(struct sv key); /* seeded per process: foreign keys cannot force collisions */

/* String keys are copied; values are lent. */
struct map;
struct map *map_new(void);
void map_free(struct map *); /* NULL is fine */
void map_set(struct map *, struct sv key, void *value);
void *map_get(const struct map *, struct sv key); /* NULL when absent */
bool map_has(const struct map *, struct sv key);
void map_del(struct map *, struct sv key);
size_t map_len(const struct map *);
/* In the order of insertion: *at starts at 0; false at the end. key is lent. */
bool map_next(const struct map *, size_t *at, struct sv *key, void **value);

#endif
