/*
 * Handing in a message (RFC 6409 submission, RFC 5321, LMTP: RFC 2033): one session can send
 * several. What a reply means for the message is said once, in enum smtp_result.
 */
#ifndef NET_SMTP_H
#define NET_SMTP_H

#include "net/server.h"

#define SMTP_LINE_MAX 8192
#define SMTP_REPLY_MAX 65536 /* all lines of one reply */
#define SMTP_RCPTS_MAX 10000
#define SMTP_WORDS_MAX 1000 /* bytes of a server's words that are kept */
#define SMTP_CHUNK 262144   /* bytes of one BDAT */

/*
 * How long we wait, when the account says nothing else (RFC 5321 4.5.3.2). Servers delay their
 * greeting on purpose, and the answer to the final dot may wait for filters: giving up early there
 * is what makes duplicates.
 */
#define SMTP_GREETING_MS (5 * 60 * 1000)
#define SMTP_COMMAND_MS (5 * 60 * 1000)
#define SMTP_DATA_MS (3 * 60 * 1000) /* a block of the message; the answer to DATA */
#define SMTP_DOT_MS (10 * 60 * 1000) /* also when the account says less */

struct smtp;

struct smtp_reply {
	int code;                   /* 250 */
	int klass, subject, detail; /* enhanced status (RFC 3463); klass 0: none */
	struct str text;            /* lines joined by LF, without codes */
};

enum smtp_result {
	SMTP_SENT,    /* the server has taken it */
	SMTP_LATER,   /* not now (4xx, or the connection broke before the final dot) */
	SMTP_NEVER,   /* refused (5xx) or it cannot be sent through this server */
	SMTP_UNKNOWN, /* the final dot was sent and no answer came: it may or may not be on its way */
};

struct smtp_rcpt {
	const char *addr;          /* UTF-8 */
	const char *notify;        /* DSN: "never", "success,failure"; NULL: the default */
	enum smtp_result result;   /* set by smtp_send */
	char text[SMTP_WORDS_MAX]; /* the server's words; "" when it said nothing about this one */
};

struct smtp_mail {
	const char *from; /* "" is the null sender */
	struct smtp_rcpt *rcpts;
	size_t nrcpts;
	uint64_t size;  /* bytes on the wire without dots, for SIZE */
	bool eight_bit; /* has bytes over 127 in its body */
	bool binary; /* has NUL or a CR that is no line end: arrives as it is only by BINARYMIME */
	bool utf8_headers;      /* its header is UTF-8 (RFC 6532): needs SMTPUTF8 */
	const char *dsn_return; /* "hdrs", "full" or NULL */
	const char *dsn_envid;  /* or NULL */
	bool require_tls;       /* RFC 8689: TLS on all of its way, or not at all */
	int64_t hold_until; /* RFC 4865: the server keeps it until then (epoch); 0: no. See smtp_can_hold */
	/* The message's bytes; *piece empty at the end. LF becomes CRLF on the wire. */
	bool (*read)(void *data, struct sv *piece, struct err *e);
	/* Back to the first byte: for a second attempt in another form. NULL: there is none. */
	bool (*rewind)(void *data, struct err *e);
	/*
	 * Everything but the end is on its way; rcpts say who will get it. True: commit. False
	 * (with *e): the connection is dropped and the message was not sent.
	 */
	bool (*commit)(void *data, struct err *e);
	void *data;
};

/* Connects, EHLO (with helo, or a name that says nothing about us), TLS, AUTH. server->lmtp: LHLO. */
bool smtp_open(struct server *, const char *helo, struct smtp **, struct err *e) MUST_CHECK;
/* The same on a connection that is there already (taken, also on failure). */
bool smtp_open_on(
	struct conn *, struct server *, const char *helo, struct smtp **, struct err *e) MUST_CHECK;
void smtp_free(struct smtp *); /* QUIT without waiting */
bool smtp_is_dead(const struct smtp *);
/* Nothing has come from a server that should be silent: no 421, no end. Marks it dead otherwise. */
bool smtp_is_fresh(struct smtp *);
uint64_t smtp_max_size(const struct smtp *);             /* 0: not said */
bool smtp_has(const struct smtp *, const char *keyword); /* EHLO keyword */
/* FUTURERELEASE: would it keep a message from now until then? */
bool smtp_can_hold(const struct smtp *, int64_t now, int64_t until);

/*
 * One message. False when it was not sent: *result says SMTP_LATER, SMTP_NEVER or SMTP_UNKNOWN, *e
 * the words. With some recipients refused it still is sent to the others (SMTP_SENT; rcpts tell),
 * unless all_or_none: then nothing is sent. words (may be NULL) gets the final answer.
 *
 * What decides how it goes: BDAT where CHUNKING is offered (every byte as it is), else DATA; 8BITMIME,
 * SMTPUTF8, DSN, SIZE, REQUIRETLS where offered. An address whose domain alone is international is
 * written in its ASCII form when SMTPUTF8 is missing; one with an international local part is refused.
 * By LMTP each recipient has an answer of its own after the end: when some came before the connection
 * broke, the result is SMTP_UNKNOWN and the rcpts tell who is sure.
 */
bool smtp_send(struct smtp *, struct smtp_mail *, bool all_or_none, enum smtp_result *result,
	struct str *words, struct err *e) MUST_CHECK;

/*
 * A whole reply in one go (lines with CRLF or LF); text is initialised on success. ERR_PROTO,
 * ERR_LIMIT.
 */
bool smtp_parse_reply(struct sv text, struct smtp_reply *, struct err *e) MUST_CHECK;
/* One line of a reply: its code, whether it is the last one, its words. */
bool smtp_parse_line(struct sv line, int *code, bool *last, struct sv *text) MUST_CHECK;
/* Puts a line's words and enhanced code into a reply; a code that changes is ERR_PROTO. */
bool smtp_add_line(
	struct smtp_reply *, bool first, int code, struct sv text, struct err *e) MUST_CHECK;
const char *smtp_result_name(enum smtp_result); /* "sent" "later" "never" "unknown" */

#endif
