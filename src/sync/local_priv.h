/*
 * Inside of the local mailboxes: local_box.c (formats, opening, watching), local_list.c (the list),
 * local_apply.c (intents).
 */
#ifndef SYNC_LOCAL_PRIV_H
#define SYNC_LOCAL_PRIV_H

#include "sync/host_priv.h"
#include "sync/local_box.h"

const char *local_kind_word(enum local_kind); /* "maildir", "mbox"; NULL: no mailbox */
/* Finds out the format of a row that does not say it, and notes it in the row. */
bool local_find_format(struct local_box *, struct mailbox *, struct err *e) MUST_CHECK;
/* The row of a mailbox that is to receive messages: made, file and row, when it is missing. */
bool local_make_ready(struct local_box *, struct mailbox *, struct err *e) MUST_CHECK;
/* All pieces of a sync at once. */
bool local_sync_whole(struct local_box *, uint64_t mailbox, struct err *e) MUST_CHECK;

/*
 * One piece of finding out the parts of messages of which only the beginning was read; MAILBOX_PARTS_KNOWN at
 * the end (local_parts.c).
 */
bool local_find_parts(struct local_box *, struct mailbox *, bool *more, struct err *e) MUST_CHECK;
/* Of box_ops. */
bool local_box_ahead(struct box *, uint64_t watched, bool *more, struct err *e);
bool local_box_list(struct box *, bool *more, struct err *e);
bool local_box_apply(struct box *, struct apply_step *, struct err *e);

#endif
