/*
 * The index of words (store/search.h), built when the worker has nothing else to do: messages whose bytes
 * are here, newest first, the mailbox that the user looks at before the others. One bounded piece of work
 * a call. What was reached is in the file; a killed worker goes on there.
 */
#ifndef SYNC_INDEX_H
#define SYNC_INDEX_H

#include "store/search.h"
#include "sync/box.h"

struct index;

struct index *index_new(struct host *);
void index_free(struct index *); /* NULL is fine */
/* Messages have come or gone: look through the mailboxes again. */
void index_begin(struct index *, uint64_t watched);
/* *more: call again when there is nothing else to do. Errors are told to the log, and end it for this life. */
bool index_piece(struct index *, bool *more, struct err *e) MUST_CHECK;
/* For questions; NULL when there is none. Damaged: call index_piece before you ask again. */
struct search *index_search(struct index *);

#endif
