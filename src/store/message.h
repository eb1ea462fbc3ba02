/*
 * The messages of an account, as rows of cache-A.db: all that an index line, a sort, a thread or a
 * pattern on headers needs, decoded to UTF-8. Bodies are elsewhere (body.h).
 *
 * The id of a message is its mailbox's id and its UID in one number, so that the rows of a mailbox
 * lie side by side in the order of UIDs. UIDs of local mailboxes are given by us and kept here.
 */
#ifndef STORE_MESSAGE_H
#define STORE_MESSAGE_H

#include "store/cache.h"

#define MESSAGE_TEXT_MAX 65536      /* a header field in a row is cut here (at a UTF-8 border) */
#define MESSAGE_UID_MAX 0xffffffffu

static inline uint64_t message_id_of(uint64_t mailbox, uint64_t uid)
{
	return mailbox << 32 | uid;
}
static inline uint64_t message_mailbox(uint64_t id)
{
	return id >> 32;
}
static inline uint64_t message_uid(uint64_t id)
{
	return id & MESSAGE_UID_MAX;
}

enum message_flag {
	MSG_SEEN = 1 << 0,
	MSG_ANSWERED = 1 << 1,
	MSG_FLAGGED = 1 << 2,
	MSG_DELETED = 1 << 3,
	MSG_DRAFT = 1 << 4,
	MSG_OLD = 1 << 5,       /* not seen, but there when the mailbox was left last (mutt's O) */
	MSG_FORWARDED = 1 << 6, /* $Forwarded, Maildir P */
	MSG_MDNSENT = 1 << 7,   /* $MDNSent */
	MSG_JUNK = 1 << 8,      /* $Junk */
	MSG_NOTJUNK = 1 << 9,   /* $NotJunk */
	MSG_PARTIAL = 1 << 10,  /* local: only its beginning is here, the rest on a POP3 server; size is the whole's */
};
#define MSG_FLAGS_ALL 0x7ffu

/*
 * One row. Text is lent: from message_next and the like it lives until the next call on the same
 * cursor; what is given to message_put only has to live during the call. Address lists are
 * `Name <user@host>, ...` with quotes where the grammar wants them: mime/addr.h parses them.
 */
struct message_row {
	uint64_t id; /* message_id_of(mailbox, uid) */
	unsigned flags;
	int64_t date_sent;     /* seconds since 1970; the received date when Date is missing or broken */
	int tz;                /* minutes east of UTC as the Date says */
	int64_t date_received; /* INTERNALDATE; delivery */
	uint64_t size;         /* bytes */
	uint64_t lines;        /* of the body, 0: not known */
	unsigned attachments;  /* by the structure */
	uint64_t modseq;
	uint64_t offset, length; /* inside a file of many (mbox): where the header begins, bytes to the end; else 0 */
	struct sv key;         /* what names it besides the UID: Maildir base name; "" else */
	struct sv path;        /* local: below the mailbox ("cur/1.x:2,S"); "" else */
	struct sv keywords;    /* other flags, blanks between: "$Phishing work" */
	struct sv subject;
	struct sv from, to, cc, bcc, reply_to, sender;
	struct sv message_id;  /* with <> */
	struct sv in_reply_to; /* ids with <>, blanks between */
	struct sv refs;        /* the same, oldest first */
	struct sv list;        /* List-Post address or List-Id, "" for none */
	struct sv label;       /* X-Label */
	int64_t saved;         /* when it came into this mailbox (SAVEDATE); 0: not known */
	struct sv object;      /* the server's own id of the message, the same in every mailbox (object.h); "" */
	struct sv ctype;       /* top content type in lower case: "multipart/signed" */
	struct sv thread;      /* the server's own id of its thread (THREADID of RFC 8474, X-GM-THRID); "" */
	struct sv shape;       /* of a message with parts (mime/shape.h); "" for a single one, or not known yet */
	struct sv spam;        /* what `spam` rules say of its header; "" for nothing */
};

/* ---- reading ---- */

enum message_order {
	MESSAGE_BY_UID,      /* the mailbox's order */
	MESSAGE_BY_SENT,
	MESSAGE_BY_RECEIVED,
};

/*
 * A cursor over the rows of one mailbox. Opening it costs the same for any size of mailbox, and
 * each message_next some 0.5 us: take as many as a slice allows and come back. Between slices it
 * holds no transaction, so the worker is never kept from its checkpoint: message_pause before you
 * return to the loop, and message_next goes on behind the last row, whatever has changed.
 */
struct message_cursor;
/* newest: from the highest down, else from the lowest up. */
bool message_scan(struct cache *, uint64_t mailbox, enum message_order, bool newest, struct message_cursor **out,
	struct err *e) MUST_CHECK;
/* As message_scan, only UIDs from..to (both included). */
bool message_scan_range(struct cache *, uint64_t mailbox, uint64_t from, uint64_t to, struct message_cursor **out,
	struct err *e) MUST_CHECK;
/* UIDs up to `to` (included), the newest first. */
bool message_scan_down(struct cache *, uint64_t mailbox, uint64_t to, struct message_cursor **out, struct err *e)
	MUST_CHECK;
/*
 * For a walk by UID over many rows: they come without modseq, offset, length, key, path, object and saved, which are 0,
 * in two thirds of the time. Before the first message_next.
 */
bool message_cursor_lean(struct message_cursor *, struct err *e) MUST_CHECK;
/* False at the end, or on an error, which is then in *e (else e->class is ERR_NONE). */
bool message_next(struct message_cursor *, struct message_row *row, struct err *e);
void message_pause(struct message_cursor *);
void message_cursor_close(struct message_cursor *); /* NULL is fine */

/*
 * Only what changes often: for refreshing a view after CHANGED "flags". Calls fn for each row of
 * the mailbox in the order of UIDs.
 */
typedef bool message_flags_fn(void *data, uint64_t id, unsigned flags, struct sv keywords, uint64_t modseq);
bool message_flags_each(struct cache *, uint64_t mailbox, message_flags_fn *, void *data, struct err *e) MUST_CHECK;

/* Its parts are not known: only the beginning of a message that has some was read. */
bool message_parts_unknown(const struct message_row *);

/* One row; texts in the arena. ERR_GONE when there is none. */
struct arena;
bool message_get(struct cache *, uint64_t id, struct arena *, struct message_row *out, struct err *e) MUST_CHECK;
/*
 * By Maildir base name (an index); by Message-ID (newest; mailbox 0: in all; looks through the
 * rows, some 30 ms at 100,000: not for every message). *id is set on success.
 */
bool message_by_key(struct cache *, uint64_t mailbox, struct sv key, uint64_t *id, struct err *e) MUST_CHECK;
bool message_by_message_id(struct cache *, uint64_t mailbox, struct sv message_id, uint64_t *id, struct err *e) MUST_CHECK;
uint64_t message_count_message_id(struct cache *, uint64_t mailbox, struct sv message_id); /* as slow as the search */
uint64_t message_count_key(struct cache *, uint64_t mailbox, struct sv key); /* rows with that key */
/* Ids of all messages of a mailbox, newest first; caller frees. 0.1 us each. */
bool message_ids(struct cache *, uint64_t mailbox, uint64_t **ids, size_t *count, struct err *e) MUST_CHECK;
bool message_exists(struct cache *, uint64_t id); /* true also when that cannot be told */
/* Number of rows; highest and lowest UID (0: none). */
uint64_t message_count(struct cache *, uint64_t mailbox);
uint64_t message_count_bodies(struct cache *, uint64_t mailbox); /* messages with a body here (remote) */
uint64_t message_uid_high(struct cache *, uint64_t mailbox);
uint64_t message_uid_low(struct cache *, uint64_t mailbox);

/* ---- the worker's side ---- */

/* Inserts or replaces the row. Key and path, too. */
bool message_put(struct cache *, const struct message_row *, struct err *e) MUST_CHECK;
/* Replaces flags and keywords. modseq 0 keeps the old one. A row that is gone is fine. */
bool message_set_flags(struct cache *, uint64_t id, unsigned flags, struct sv keywords, uint64_t modseq, struct err *e)
	MUST_CHECK;
/* A delta on flags and keywords (lists with blanks). A row that is gone is fine. */
bool message_add_flags(struct cache *, uint64_t id, unsigned add, unsigned del, struct sv add_words, struct sv del_words,
	struct err *e) MUST_CHECK;
bool message_set_modseq(struct cache *, uint64_t id, uint64_t modseq, struct err *e) MUST_CHECK; /* likewise */
bool message_set_size(struct cache *, uint64_t id, uint64_t size, struct err *e) MUST_CHECK; /* a row that is gone is fine */
bool message_set_spam(struct cache *, uint64_t id, struct sv spam, struct err *e) MUST_CHECK; /* likewise */
/* What the whole message says of its parts. */
bool message_set_parts(struct cache *, uint64_t id, unsigned attachments, struct sv shape, struct err *e) MUST_CHECK;
/* Where it lies now (Maildir rename, mbox rewrite). */
bool message_set_place(struct cache *, uint64_t id, struct sv path, uint64_t offset, uint64_t length, struct err *e)
	MUST_CHECK;
/* The row, its bodies rows (files are collected by body_sweep). */
bool message_delete(struct cache *, uint64_t id, struct err *e) MUST_CHECK;
/* The same content under another id (moved; the new UID is known): row and bodies rows move. */
bool message_move(struct cache *, uint64_t id, uint64_t new_id, struct err *e) MUST_CHECK;

/* Lists of words with blanks between: true when word is in it; old with add and without del. */
bool words_have(struct sv list, struct sv word);
bool words_apply(struct str *out, struct sv old, struct sv add, struct sv del);

/*
 * Flags and their IMAP names: "\\Seen", "$Forwarded" ...; NULL / 0 when it is a keyword like any
 * other.
 */
const char *message_flag_name(unsigned flag);
unsigned message_flag_by_name(struct sv name);

#endif
