/*
 * Messages whose bodies must stay here, whatever room they take: those that an intent of the
 * account names (it may have to be carried out, or undone, without a connection), and drafts.
 */
#ifndef SYNC_KEEP_H
#define SYNC_KEEP_H

#include "sync/box.h"

struct keep;
struct keep *keep_new(struct host *);        /* as of now */
bool keep_has(void *keep, uint64_t message); /* a body_keep_fn */
void keep_free(struct keep *);

/* $imap_prefetch_size in bytes; UINT64_MAX: no limit. */
uint64_t keep_budget(struct host *);

#endif
