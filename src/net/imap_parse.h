/*
 * The grammar of IMAP responses (RFC 9051 section 9, RFC 3501, and what real servers make of it):
 * one whole response in, one struct out. Pure, bounded, no recursion. FETCH has a file of its own.
 *
 * Errors: ERR_PROTO (not a response), ERR_LIMIT.
 */
#ifndef NET_IMAP_PARSE_H
#define NET_IMAP_PARSE_H

#include "net/imap_scan.h"

enum imap_resp_kind {
	RESP_CONTINUE, /* "+ text" */
	RESP_TAGGED,   /* tag OK/NO/BAD */
	RESP_STATUS,   /* "* OK/NO/BAD/BYE/PREAUTH" */
	RESP_CAPABILITY,
	RESP_ENABLED,
	RESP_FLAGS,
	RESP_LIST,    /* and LSUB */
	RESP_MAILBOX, /* the STATUS response */
	RESP_SEARCH,  /* SEARCH and ESEARCH */
	RESP_EXISTS,
	RESP_RECENT,
	RESP_EXPUNGE,
	RESP_VANISHED,
	RESP_FETCH, /* the rest is for imap_fetch.h */
	RESP_NAMESPACE,
	RESP_QUOTA,
	RESP_OTHER, /* a response that we have no use for */
};

enum imap_status { IMAP_OK, IMAP_NO, IMAP_BAD, IMAP_BYE, IMAP_PREAUTH };

enum imap_code {
	CODE_NONE,
	CODE_ALERT,
	CODE_ALREADYEXISTS,
	CODE_APPENDUID,
	CODE_AUTHENTICATIONFAILED,
	CODE_AUTHORIZATIONFAILED,
	CODE_BADCHARSET,
	CODE_CANNOT,
	CODE_CAPABILITY,
	CODE_CLIENTBUG,
	CODE_CLOSED,
	CODE_COMPRESSIONACTIVE,
	CODE_CONTACTADMIN,
	CODE_COPYUID,
	CODE_CORRUPTION,
	CODE_EXPIRED,
	CODE_EXPUNGEISSUED,
	CODE_HASCHILDREN,
	CODE_HIGHESTMODSEQ,
	CODE_INUSE,
	CODE_LIMIT,
	CODE_MAILBOXID,
	CODE_MODIFIED,
	CODE_NOMODSEQ,
	CODE_NONEXISTENT,
	CODE_NOPERM,
	CODE_NOTSAVED,
	CODE_OVERQUOTA,
	CODE_PERMANENTFLAGS,
	CODE_PRIVACYREQUIRED,
	CODE_READ_ONLY,
	CODE_READ_WRITE,
	CODE_SERVERBUG,
	CODE_TOOBIG,
	CODE_TRYCREATE,
	CODE_UIDNEXT,
	CODE_UIDNOTSTICKY,
	CODE_UIDVALIDITY,
	CODE_UNKNOWN_CTE,
	CODE_UNAVAILABLE,
	CODE_UNSEEN,
	CODE_USEATTR,
	CODE_OTHER,
};

enum imap_attr { /* LIST attributes */
	LIST_NOSELECT = 1,
	LIST_NOINFERIORS = 2,
	LIST_HASCHILDREN = 4,
	LIST_HASNOCHILDREN = 8,
	LIST_MARKED = 16,
	LIST_UNMARKED = 32,
	LIST_SUBSCRIBED = 64,
	LIST_NONEXISTENT = 128,
};

#define IMAP_STATUS_HAS(bit) (1u << (bit))
enum {
	STATUS_MESSAGES,
	STATUS_RECENT,
	STATUS_UIDNEXT,
	STATUS_UIDVALIDITY,
	STATUS_UNSEEN,
	STATUS_HIGHESTMODSEQ,
	STATUS_SIZE,
	STATUS_ITEMS
};

enum imap_space { IMAP_PERSONAL, IMAP_OTHERS, IMAP_SHARED };
struct imap_namespace {
	enum imap_space space;
	struct sv prefix;
	char delim; /* 0: NIL */
};

/* One resource of a quota root (RFC 9208): "STORAGE" counts KiB. */
struct imap_quota {
	struct sv resource;
	uint64_t used, max;
};
#define IMAP_LIST_MAX 64 /* namespaces in a response, resources of a quota root */

struct imap_resp {
	enum imap_resp_kind kind;
	struct sv tag;           /* RESP_TAGGED */
	bool broken;             /* RESP_OTHER: it began like one we know, but makes no sense */
	enum imap_status status; /* RESP_TAGGED, RESP_STATUS */
	enum imap_code code;
	struct sv code_name;
	struct sv text;          /* for people; bytes from the server */
	uint64_t number;         /* EXISTS ..., or the number of a code (UIDNEXT, HIGHESTMODSEQ) */
	uint32_t uidvalidity;    /* APPENDUID, COPYUID */
	struct imap_set set;     /* VANISHED, SEARCH, APPENDUID; the source of COPYUID; MODIFIED */
	struct imap_set set2;    /* the destination of COPYUID */
	bool earlier;            /* VANISHED (EARLIER) */
	bool uid;                /* ESEARCH: the numbers are UIDs */
	uint64_t modseq;         /* SEARCH */
	struct imap_words words; /* CAPABILITY, ENABLED, FLAGS, PERMANENTFLAGS */
	bool lsub;
	unsigned attr;     /* LIST */
	struct sv special; /* LIST: the special use ("Sent"), without backslash */
	char delim;        /* LIST: 0 when NIL */
	struct sv mailbox; /* LIST, MAILBOX: raw name as the server wrote it; QUOTA: the root */
	struct sv old_name; /* LIST (OLDNAME) */
	unsigned has;       /* MAILBOX: which of items are there */
	uint64_t items[STATUS_ITEMS];
	struct sv object; /* MAILBOX: its MAILBOXID */
	struct imap_namespace *spaces;
	size_t nspaces;
	struct imap_quota *quotas;
	size_t nquotas;
	struct imap_scan rest; /* RESP_FETCH: after "FETCH "; number is the sequence number */
};

/*
 * raw lives as long as out is used; lists come from the arena. Untagged data that makes no sense is
 * RESP_OTHER with broken set: its extent is known, so one odd line need not end a session.
 */
bool imap_parse(struct arena *, struct imap_raw, struct imap_resp *out, struct err *e) MUST_CHECK;

const char *imap_code_name(enum imap_code);

/* ---- refusals (imap_code.c) ---- */

/* What a NO means for us: RFC 5530, and texts of servers that send no code. */
struct imap_refusal {
	enum err_class class;
	bool passing;     /* the same may well succeed a little later */
	const char *cure; /* what the user can do about it, "" when nothing is known */
};
/* about_mailbox: the command was about one mailbox, so "no such" in the text means that. */
struct imap_refusal imap_refusal_of(enum imap_code, struct sv text, bool about_mailbox);

#endif
