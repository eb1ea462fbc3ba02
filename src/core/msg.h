/*
 * What a pattern, a format string, a hook or the screen may ask of one message: plain values and
 * lent slices of UTF-8 text, the same for a row of a mailbox and for a draft. Address lists are text
 * in the form of the store: `Name <a@b>, "Quoted, name" <c@d>`; addr_next walks over them.
 */
#ifndef CORE_MSG_H
#define CORE_MSG_H

#include "base/str.h"

/* Flags of a message as the user sees them: the cache's flags overlaid with pending intents. */
enum msg_flags {
	FLAG_SEEN = 1 << 0,
	FLAG_OLD = 1 << 1, /* unread, and it was there in an earlier session */
	FLAG_ANSWERED = 1 << 2,
	FLAG_FLAGGED = 1 << 3,
	FLAG_DRAFT = 1 << 4,
	FLAG_DELETED = 1 << 5, /* marked: done at the next sync */
	FLAG_PURGE = 1 << 6,   /* marked to be deleted past $trash */
	FLAG_TAGGED = 1 << 7,
	FLAG_FORWARDED = 1 << 8,
	FLAG_ATTACH = 1 << 9, /* marked for the attachment of a draft */
	FLAG_SIGNED = 1 << 10,
	FLAG_ENCRYPTED = 1 << 11,
	FLAG_PGP_KEY = 1 << 12,
	FLAG_GHOST = 1 << 13, /* still on its way from a pending move or append: no uid yet */
	FLAG_PARTIAL = 1 << 14, /* only its beginning is here */
	/* computed for the user's identity: */
	FLAG_TO_ME = 1 << 16, /* one of To is me */
	FLAG_CC_ME = 1 << 17,
	FLAG_ONLY_ME = 1 << 18, /* To is me alone and there is no Cc */
	FLAG_FROM_ME = 1 << 19,
	FLAG_TO_LIST = 1 << 20, /* To or Cc has a known list */
	FLAG_TO_SUBSCRIBED = 1 << 21,
	/* computed for the mailbox: */
	FLAG_DUPLICATE = 1 << 22,
	FLAG_SUPERSEDED = 1 << 23,
	FLAG_COLLAPSED = 1 << 24, /* root of a collapsed thread */
	FLAG_IN_COLLAPSED = 1 << 25,
	FLAG_BROKEN = 1 << 26, /* the parser had complaints */
};

struct msg_facts {
	int64_t id;                                     /* in cache-A.db; 0 for a draft */
	uint32_t row, uid;                              /* row of its view, for its relatives */
	unsigned flags;                                 /* enum msg_flags */
	int64_t date_sent, date_received, date_expires; /* seconds since 1970; expires 0: none */
	int tz_min;                                     /* of the sender, minutes east of UTC */
	uint64_t size;                                  /* bytes */
	uint32_t lines;
	int32_t score;
	uint32_t attachments; /* without `attachments` rules; parts_count (core/parts.h) knows them */
	uint32_t number; /* 1.. in the order of the list */
	uint32_t subject_no, from_no; /* equal texts have equal numbers in one view; 0: not known */
	struct sv subject, from, to, cc, bcc, reply_to, sender;
	struct sv message_id; /* with its angle brackets */
	struct sv in_reply_to,
		references; /* ids with brackets, separated by blanks, oldest first */
	struct sv list_id, label, keywords; /* keywords: separated by blanks */
	struct sv content_type;
	struct sv spam;  /* what `spam` rules said of its header */
	struct sv shape; /* mime/shape.h; "" for a single part, or not known yet */
};

/* One address of a list in the store's form. */
struct addr_item {
	struct sv name; /* without quotes; may be empty */
	struct sv addr;
};
/* Takes the next address off *rest; false at the end. Pure; never fails on odd text. */
bool addr_next(struct sv *rest, struct addr_item *item);
/* What stands for a person: the name, else the address. */
struct sv addr_label(struct addr_item item);

/* Takes the next <id> off a References or In-Reply-To text, brackets included. */
bool msgid_next(struct sv *rest, struct sv *id);

#endif
