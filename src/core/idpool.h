/*
 * Message-IDs as numbers, and lists of them as numbers too. Of an id only a hash of 64 bits is kept, seeded
 * per process: that two of a million ids are taken for one happens once in forty million mailboxes, and
 * nobody can make it happen; the texts would be a third of the memory of a view. Who needs the text reads
 * it from the store.
 *
 * A list is made from its end: idpool_list(id, rest). Equal lists are stored once, nearly always, and as an answer's
 * References are its parent's with one more id, most of a list is there already.
 */
#ifndef CORE_IDPOOL_H
#define CORE_IDPOOL_H

#include "base/str.h"

struct idpool;
struct idpool *idpool_new(void);
void idpool_free(struct idpool *); /* NULL is fine */

/* Numbers are dense from 1 on; 0 is the empty id, and every new one when there are SLOTS_MAX (slots.h). */
uint32_t idpool_add(struct idpool *, struct sv id);
uint32_t idpool_find(const struct idpool *, struct sv id); /* 0: not there */
void idpool_expect(const struct idpool *, struct sv id);   /* one of these two comes soon */
uint32_t idpool_limit(const struct idpool *);              /* all numbers of ids are below */

/* So many messages are to come: room is made now, and not again and again. */
void idpool_reserve(struct idpool *, uint32_t messages);

/* 0 is the empty list. A list with the empty id before it is the list. */
uint32_t idpool_list(struct idpool *, uint32_t id, uint32_t rest);
uint32_t idpool_first(const struct idpool *, uint32_t list); /* of a list that is not empty */
uint32_t idpool_rest(const struct idpool *, uint32_t list);

#endif
