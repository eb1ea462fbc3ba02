/*
 * The mailboxes of one account, as rows of cache-A.db. Ids are stable for the life of the cache
 * file, also when UIDVALIDITY changes (then all messages of it are new, see mailbox_reset).
 */
#ifndef STORE_MAILBOX_H
#define STORE_MAILBOX_H

#include "store/cache.h"

/* Message ids are made of a mailbox id and a UID (message.h), so ids stay below this. */
#define MAILBOX_ID_MAX 0x7fffffff
#define MAILBOX_NAME_MAX 4096

enum mailbox_flag {
	MAILBOX_NOSELECT = 1 << 0,    /* a name only */
	MAILBOX_NOINFERIORS = 1 << 1,
	MAILBOX_CHILDREN = 1 << 2,    /* the server says it has some */
	MAILBOX_GONE = 1 << 3,        /* not on the server any more, rows kept while intents name it */
	MAILBOX_SUBSCRIBED = 1 << 4,
	MAILBOX_READONLY = 1 << 5,
	MAILBOX_MARKED = 1 << 6,      /* new mail since it was last looked at */
	MAILBOX_COUNTED = 1 << 7,     /* total and unseen are the server's, not a count of rows */
	MAILBOX_COMPLETE = 1 << 8,    /* every message of it has a row */
	MAILBOX_OTHERS = 1 << 9,      /* in the namespace of other users */
	MAILBOX_SHARED = 1 << 10,     /* in a shared namespace */
	MAILBOX_PARTS_KNOWN = 1 << 11, /* local: every message with parts has its shape (message.h) */
};

/* Special use (RFC 6154), at most one. */
enum mailbox_special {
	MAILBOX_PLAIN,
	MAILBOX_INBOX,
	MAILBOX_ALL,
	MAILBOX_ARCHIVE,
	MAILBOX_DRAFTS,
	MAILBOX_FLAGGED,
	MAILBOX_JUNK,
	MAILBOX_SENT,
	MAILBOX_TRASH,
	MAILBOX_IMPORTANT,
	MAILBOX_SPECIALS
};

struct mailbox {
	uint64_t id;
	char *name; /* UTF-8, the account's own form: "Lists/feist"; a local one: absolute path */
	char *raw;  /* as the protocol spells it (modified UTF-7 or UTF-8); local: the kind, "maildir" or "mbox" */
	char delim; /* hierarchy delimiter, 0: none */
	enum mailbox_special special;
	unsigned flags; /* enum mailbox_flag */
	uint64_t uidvalidity, uidnext, modseq;
	uint64_t total, unseen, fresh; /* fresh: not seen and not old (mutt's N) */
	uint64_t low_uid;  /* backfill: every message with a uid >= this one has a row; 0: not begun */
	int64_t checked;   /* seconds since 1970 of the last time it was compared with the source */
	char *object;      /* the server's own id of it (MAILBOXID), which a rename does not change; "" or NULL: none */
	char *token;       /* the backend's own quick check ("mtime size"), "" when none */
};

void mailbox_fini(struct mailbox *); /* frees the strings */

/* All false with ERR_GONE when there is none. *out is for mailbox_fini. */
bool mailbox_by_name(struct cache *, const char *name, struct mailbox *out, struct err *e) MUST_CHECK;
bool mailbox_by_id(struct cache *, uint64_t id, struct mailbox *out, struct err *e) MUST_CHECK;

/* Called with each mailbox in the order of names (lent); false ends it early, which is no error. */
typedef bool mailbox_fn(void *data, const struct mailbox *);
bool mailbox_each(struct cache *, mailbox_fn *, void *data, struct err *e) MUST_CHECK;

const char *mailbox_special_name(enum mailbox_special); /* "", "inbox", "all", "archive", "drafts", ... */
enum mailbox_special mailbox_special_by_name(const char *name);

/* ---- the worker's side ---- */

/* Finds or makes the row of name; *id gets its id. raw "" keeps what is there. */
bool mailbox_add(struct cache *, const char *name, const char *raw, char delim, uint64_t *id, struct err *e) MUST_CHECK;
/* Writes every field of the row m->id (name too: a rename). */
bool mailbox_update(struct cache *, const struct mailbox *m, struct err *e) MUST_CHECK;
/*
 * From now on total, unseen and fresh follow the rows of messages with each commit (unless MAILBOX_COUNTED). They are
 * counted when that was not so: some ms at 100,000.
 */
bool mailbox_count(struct cache *, uint64_t id, struct err *e) MUST_CHECK;
/*
 * UIDVALIDITY changed: drops all its messages and bodies rows, sets uidvalidity, keeps id and name.
 */
bool mailbox_reset(struct cache *, uint64_t id, uint64_t uidvalidity, struct err *e) MUST_CHECK;
/* Drops the row and all below it. */
bool mailbox_delete(struct cache *, uint64_t id, struct err *e) MUST_CHECK;

#endif
