/*
 * Other `spam` rules than those that the rows were made with: rows of messages whose bytes are here get the tags of the
 * new ones, when the worker has nothing else to do. (Those that are only listed keep theirs.)
 */
#ifndef SYNC_RETAG_H
#define SYNC_RETAG_H

#include "sync/box.h"

struct retag;
/* NULL: the rows are right as they are. */
struct retag *retag_new(struct host *);
void retag_free(struct retag *); /* NULL is fine */
/* One piece of work, a transaction. *more: there is another. A killed worker begins again. */
bool retag_piece(struct retag *, bool *more, struct err *e) MUST_CHECK;

#endif
