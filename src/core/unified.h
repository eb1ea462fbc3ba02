/*
 * Unified mailboxes: one list of messages from several mailboxes of several accounts. Each message stays what
 * it is: flags, deletes and saves go to its own mailbox and account, answers leave from there.
 *
 *   virtual:inboxes    the inboxes of all accounts (also just "inboxes")
 *   virtual:NAME          what `virtual-mailboxes NAME QUERY` says (also just NAME)
 *   virtual:search:QUERY  what QUERY says
 *
 * QUERY: core/query.h. What matches is decided row by row from the caches (view.h: filter); terms on bodies
 * are asked of the index of words first, then of the workers as far as it does not know.
 */
#ifndef CORE_UNIFIED_H
#define CORE_UNIFIED_H

#include "core/session.h"

#define UNIFIED_SCHEME "virtual:"
#define UNIFIED_INBOXES "inboxes"
#define UNIFIED_SEARCH "search:"

struct acct;
/* The name without the scheme when the text names a unified mailbox, else NULL; lent by s or the text. */
const char *unified_name(struct session *, const char *mailbox);
/* ERR_INPUT: its pattern is wrong, or asks for bodies. */
struct view *unified_open(struct session *, const char *name, bool readonly, struct err *e) MUST_CHECK;
/* The list of mailboxes of an account is another one: those that belong into open unified ones come in. */
void unified_refresh(struct acct *);
/* Before a message of it is answered: the folder-hooks of its own mailbox say who answers. */
void unified_enter(struct session *, struct view *, uint32_t row);
/* n-th of those that there are to choose from; NULL at the end; *pattern its query. */
const char *unified_at(struct session *, size_t n, const char **query);
/*
 * Conversations: what was sent (the \\Sent mailboxes of the account, and $record) comes into the threads of an open
 * mailbox, as far as it belongs there: by an id that it answers, or that is answered. While they are shown the
 * view is a unified one. ERR_INPUT: it is one already, or nobody knows where sent mail is.
 */
bool unified_conversations(struct session *, struct view *, bool on, struct err *e) MUST_CHECK;
bool unified_has_conversations(const struct view *);
/*
 * A view of the same messages that nobody opened: not told of changes, in the order of the mailboxes, its sources
 * still to be attached. Who made it sets notify and frees it.
 */
struct view *unified_new(struct session *, const char *name, struct err *e) MUST_CHECK;
/* Sums over what it is made of; of a filtered one what was counted last (saved.h). False: not known yet. */
bool unified_counts(struct session *, const char *name, uint32_t *total, uint32_t *unread, uint32_t *fresh);

#endif
