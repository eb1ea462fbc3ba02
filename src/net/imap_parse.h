/*
 * The grammar of IMAP responses (RFC 9051 section 9, RFC 3501, and what real servers make of it):
 * one whole response in, one struct out. Pure, bounded, no recursion. FETCH has a file of its own.
 *
 * Errors: ERR_PROTO (not a response), ERR_LIMIT.
 */
#ifndef NET_IMAP_PARSE_H
#define NET_IMAP_PARSE_H

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

#define IMAP_LINE_MAX (8u << 20)      /* a line without its literals */
#define IMAP_RESPONSE_MAX (16u << 20) /* a response with the literals that stay in memory */
#define IMAP_LITERALS_MAX 65536       /* literals in one response */
#define IMAP_DEPTH_MAX 100            /* nested parentheses that are understood */
#define IMAP_WORDS_MAX 4096           /* capabilities, flags, keywords in one list */

/*
 * The bytes of a response: lines joined by CRLF, literals in their place. A literal that went
 * somewhere else (a body that was written to a file) is not in text: its "{n}CRLF" stands at
 * `streamed` and nothing follows.
 */
struct imap_raw {
	struct sv text;
	bool has_streamed;
	size_t streamed; /* offset of the '{' */
	uint64_t streamed_len;
};

/* The cursor: a scan that knows literals. */
struct imap_scan {
	struct scan s;
	struct imap_raw raw;
	struct arena *arena;
};

struct imap_range {
	uint32_t lo, hi; /* lo <= hi */
};
struct imap_set {
	struct imap_range *r;
	size_t n;
};

struct imap_words {
	struct sv *w;
	size_t n;
};

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
 * How many bytes of literal follow this line? Looks at the end of the line for "{n}", "{n+}",
 * "~{n}". False when none. *bad: it looks like one but its number cannot be.
 */
bool imap_line_literal(struct sv line, uint64_t *len, bool *bad);
/*
 * raw lives as long as out is used; lists come from the arena. Untagged data that makes no sense is
 * RESP_OTHER with broken set: its extent is known, so one odd line need not end a session.
 */
bool imap_parse(struct arena *, struct imap_raw, struct imap_resp *out, struct err *e) MUST_CHECK;

/* ---- words, shared with imap_fetch.c; all lend from raw or the arena ---- */
struct imap_scan imap_scan_of(struct arena *, struct imap_raw);
bool imap_scan_space(struct imap_scan *); /* one blank or more (quirk: LOOSE_BLANKS) */
bool imap_scan_atom(struct imap_scan *, struct sv *atom);
bool imap_scan_number(struct imap_scan *, uint64_t *n);
/*
 * quoted, literal, literal8. A streamed literal gives *out empty and *streamed true (streamed may
 * be NULL: fails).
 */
bool imap_scan_string(struct imap_scan *, struct sv *out, bool *streamed);
/* string or NIL (*nil) */
bool imap_scan_nstring(struct imap_scan *, struct sv *out, bool *nil);
bool imap_scan_astring(struct imap_scan *, struct sv *out);
bool imap_scan_set(struct imap_scan *, struct imap_set *);
/* ( word word ... ) */
bool imap_scan_words(struct imap_scan *, struct imap_words *);
/* Steps over one value of any form, nested to any depth. */
bool imap_scan_skip(struct imap_scan *);

/* How many numbers a set holds; whether it holds one. */
uint64_t imap_set_count(const struct imap_set *);
bool imap_set_has(const struct imap_set *, uint32_t n);

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
