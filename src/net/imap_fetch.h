/*
 * What a FETCH response says about one message: RFC 9051 7.5.2, 7.5.1 (ENVELOPE, BODYSTRUCTURE).
 * Pure and bounded; all slices lend from the response or the arena; text is raw bytes (encoded
 * words, unknown charsets): text/charset and mime/encword make UTF-8 of it.
 */
#ifndef NET_IMAP_FETCH_H
#define NET_IMAP_FETCH_H

#include "net/imap_parse.h"

#define IMAP_ADDRS_MAX 100000
#define IMAP_PARTS_MAX 10000
#define IMAP_SECTIONS_MAX 64

struct imap_addr {
	struct sv name, mailbox,
		host; /* host.p NULL: NIL. mailbox.p NULL too: the end of a group */
};
struct imap_addrs {
	struct imap_addr *a;
	size_t n;
};

struct imap_envelope {
	struct sv date, subject, in_reply_to, message_id; /* p NULL: NIL */
	struct imap_addrs from, sender, reply_to, to, cc, bcc;
};

struct imap_param {
	struct sv name, value;
};

/* One part. Children follow in the array (pre-order); `parent` -1 for the top. */
struct imap_part {
	int parent;
	const char *id; /* section number as FETCH wants it: "1.2"; "" for a multipart at the top */
	struct sv type, subtype; /* as sent; "multipart" for those */
	struct imap_param *params;
	size_t nparams;
	struct sv content_id, description, encoding; /* p NULL: NIL */
	uint64_t size, lines;
	struct sv disposition;
	struct imap_param *disp_params;
	size_t ndisp_params;
	struct imap_envelope *envelope; /* of message/rfc822 */
};
struct imap_body {
	struct imap_part *p;
	size_t n;
};

/* BODY[section]<origin>, BINARY[..], RFC822.HEADER and so on */
struct imap_section {
	struct sv name; /* what stands in the brackets: "", "HEADER.FIELDS (REFERENCES)", "1.2" */
	bool partial;
	uint64_t origin;
	bool nil;
	bool streamed; /* the bytes went to the sink */
	struct sv data;
};

enum imap_fetch_has {
	FETCH_UID = 1,
	FETCH_FLAGS = 2,
	FETCH_INTERNALDATE = 4,
	FETCH_SIZE = 8,
	FETCH_ENVELOPE = 16,
	FETCH_BODY = 32,
	FETCH_MODSEQ = 64,
	FETCH_LABELS = 128,
	FETCH_OBJECT = 256,
	FETCH_SAVED = 512,
	FETCH_PREVIEW = 1024,
	FETCH_THREAD = 2048,
};

enum imap_flag {
	IMAP_SEEN = 1,
	IMAP_ANSWERED = 2,
	IMAP_FLAGGED = 4,
	IMAP_DELETED = 8,
	IMAP_DRAFT = 16,
	IMAP_RECENT = 32,
};

struct imap_msg {
	unsigned has;
	uint32_t uid;
	unsigned flags;
	struct imap_words keywords; /* without the system flags */
	int64_t internaldate;       /* seconds since 1970 */
	int tz_minutes;             /* its zone */
	uint64_t size, modseq;
	bool gmail;               /* the server has labels: they come with this response or not */
	struct imap_words labels; /* X-GM-LABELS, as on the wire */
	struct sv object;         /* EMAILID (RFC 8474) or X-GM-MSGID: the same text in every mailbox */
	struct sv thread;         /* THREADID (RFC 8474) or X-GM-THRID; "": in no thread */
	int64_t saved;            /* SAVEDATE (RFC 8514) */
	struct sv preview;        /* PREVIEW (RFC 8970), UTF-8 as sent */
	struct imap_envelope envelope;
	struct imap_body body;
	struct imap_section *sections;
	size_t nsections;
};

/*
 * resp of kind RESP_FETCH. Unknown items, broken envelopes and body structures are stepped over.
 * ERR_PROTO.
 */
bool imap_parse_fetch(const struct imap_resp *, struct imap_msg *, struct err *e) MUST_CHECK;

bool imap_parse_envelope(struct imap_scan *, struct imap_envelope *) MUST_CHECK;
/* BODY and BODYSTRUCTURE. */
bool imap_parse_body(struct imap_scan *, struct imap_body *) MUST_CHECK;
/* " 1-Jan-2026 10:00:00 +0100" */
bool imap_parse_date(struct sv, int64_t *seconds, int *tz_minutes);
/* Splits words into system flags and keywords (keywords from the arena). */
unsigned imap_flags_of(struct arena *, struct imap_words, struct imap_words *keywords);

/* The parameter called name (ASCII case folded); empty when absent. */
struct sv imap_param(const struct imap_param *, size_t n, const char *name);

#endif
