/*
 * Texts by which rows are sorted get ranks, small numbers that are equal for equal texts and in their order,
 * so that rows are then sorted by numbers (core/radix.h). Only distinct texts are compared, in pieces.
 */
#ifndef CORE_SORT_H
#define CORE_SORT_H

#include "base/util.h"
#include "vocab/vocab.h"

struct view;
struct text_ranks;

/* key: one of view_key_is_text. */
struct text_ranks *text_ranks_new(struct view *, enum sort_key key);
void text_ranks_free(struct text_ranks *); /* NULL is fine */
/* A text that is used (its number in the pool of the view), as often as it is; before the first step. */
void text_ranks_add(struct text_ranks *, uint32_t number);
bool text_ranks_step(struct text_ranks *); /* false: done */
uint32_t text_ranks_of(const struct text_ranks *, uint32_t number);

#endif
