/*
 * Sorting messages by mutt's keys without comparing messages: each key first becomes a class, a
 * small number that is equal for equal keys; then orders are made by counting. Linear but for the
 * sorting of distinct texts.
 */
#ifndef CORE_SORT_H
#define CORE_SORT_H

#include "base/str.h"

/* class[i] of n numbers: dense, ascending, equal for equal values. Caller frees. */
uint32_t *sort_classes_i64(const int64_t *values, uint32_t n);
/*
 * The same for texts, ASCII case ignored: numbers[i] names a text below limit; key gives what is
 * compared. empty_last: empty keys come behind all others, else before.
 */
typedef struct sv sort_key_fn(void *data, uint32_t number);
uint32_t *sort_classes_text(const uint32_t *numbers, uint32_t n, uint32_t limit, sort_key_fn *key,
	void *data, bool empty_last);
/* Stable: order (a permutation of 0..n-1) is sorted by class[order[i]], descending when reverse. */
void sort_by_class(uint32_t *order, uint32_t n, const uint32_t *class, bool reverse);
/* rank[order[i]] = i. Caller frees. */
uint32_t *sort_ranks(const uint32_t *order, uint32_t n);

#endif
