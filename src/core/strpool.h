/*
 * A pool of strings in which equal ones are stored once and have the same number. Numbers are dense,
 * from 1 on (0 is the empty string), so that they can index arrays; text is lent until the next add.
 */
#ifndef CORE_STRPOOL_H
#define CORE_STRPOOL_H

#include "base/str.h"

#define STRPOOL_BYTES_MAX UINT32_MAX /* when it is reached, or SLOTS_MAX of them (slots.h), every new string is the empty one */

struct strpool;
struct strpool *strpool_new(void);
void strpool_free(struct strpool *); /* NULL is fine */
uint32_t strpool_add(struct strpool *, struct sv text);
void strpool_reserve(struct strpool *, uint32_t more); /* so many new ones are to come */
uint32_t strpool_find(const struct strpool *, struct sv text); /* 0 when it is not there */
void strpool_expect(const struct strpool *, struct sv text);   /* one of these two comes soon */
struct sv strpool_text(const struct strpool *, uint32_t n);    /* NUL terminated behind its end */
uint32_t strpool_limit(const struct strpool *);                /* all numbers are below */
size_t strpool_bytes(const struct strpool *);                  /* memory in use */

#endif
