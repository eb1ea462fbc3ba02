/*
 * The list of mailboxes: those of $folder's and the `mailboxes` command's accounts with their
 * counts, for the mailbox list, the sidebar, completion and "new mail in ...".
 */
#ifndef CORE_MAILBOXES_H
#define CORE_MAILBOXES_H

#include "core/session.h"

enum box_flags {
	BOX_NOSELECT = 1,
	BOX_WATCHED = 2 /* named by the mailboxes command */,
	BOX_SUBSCRIBED = 4,
	BOX_NEW = 8 /* mail came since it was last looked at */,
	BOX_OPEN = 16,
	BOX_HAS_CHILDREN = 32,
	BOX_COUNTED = 64 /* counts below are known */,
};
enum box_use {
	USE_NONE,
	USE_INBOX,
	USE_SENT,
	USE_DRAFTS,
	USE_TRASH,
	USE_JUNK,
	USE_ARCHIVE,
	USE_ALL,
	USE_FLAGGED,
	USE_IMPORTANT,
	USE_OUTBOX,
	USE_UNIFIED /* unified.h: several mailboxes; its account is "" */
};

struct mailbox_info {
	const char *account;
	const char *name;  /* inside the account */
	const char *full;  /* what :change-folder takes: imaps://..., /path */
	const char *shown; /* short: =Archive, !, ~/mail/x */
	const char *label; /* `mailboxes -label`, else NULL */
	char delim;        /* hierarchy delimiter, 0: flat */
	unsigned flags;    /* enum box_flags */
	enum box_use use;
	uint32_t total, unread, fresh, flagged;
};

/*
 * The list is built when something changed, from the caches alone; entries are lent until the next turn of the loop. When
 * that takes long (thousands of mailboxes) it is not done at every change: the event `mailboxes` comes once more then.
 */
size_t mailboxes_count(struct session *);
unsigned mailboxes_generation(struct session *); /* another one when the list was built anew */
const struct mailbox_info *mailboxes_at(struct session *, size_t n);
const struct mailbox_info *mailboxes_find(
	struct session *, const char *mailbox); /* any way to write it; NULL */
/* Next watched mailbox with new mail after the one given (NULL: the first); NULL when there is none. */
const struct mailbox_info *mailboxes_next_new(struct session *, const char *after);
uint32_t mailboxes_with_new(struct session *); /* %b of status_format */
/* The word for a special use: "inbox", "sent" ... "" for none. */
const char *box_use_name(enum box_use use);

/* Intents: create, rename, delete, subscribe. The mailbox shows up (or goes) at once. */
bool mailboxes_create(struct session *, const char *mailbox, struct err *e) MUST_CHECK;
bool mailboxes_rename(struct session *, const char *from, const char *to, struct err *e) MUST_CHECK;
bool mailboxes_delete(struct session *, const char *mailbox, struct err *e) MUST_CHECK;
bool mailboxes_subscribe(struct session *, const char *mailbox, bool on, struct err *e) MUST_CHECK;
/* Everything in it counts as seen. */
bool mailboxes_catch_up(struct session *, const char *mailbox, struct err *e) MUST_CHECK;

#endif
