/*
 * A set of numbers that are many and near each other: ids of messages that a search has found. Asked in
 * nearly the order of the numbers, an answer takes some ns.
 */
#ifndef CORE_IDSET_H
#define CORE_IDSET_H

#include "base/util.h"

struct idset;

/* Copies; in any order, more than once. NULL for none. */
struct idset *idset_new(const int64_t *ids, size_t count);
bool idset_has(struct idset *, int64_t id); /* NULL has none */
size_t idset_count(const struct idset *);
void idset_free(struct idset *); /* NULL is fine */

#endif
