/*
 * A POP3 session (RFC 1939, 2449 CAPA and response codes, 2595 STLS, 3206, 5034 AUTH, 6856 UTF8).
 *
 * Errors: as in imap.h. After ERR_NET, ERR_TLS, ERR_LIMIT the session is dead. What the response
 * codes mean for who gets them: [IN-USE], [LOGIN-DELAY], [SYS/TEMP]: ERR_NET, later it may work;
 * [SYS/PERM]: ERR_PROTO, somebody must repair it; [AUTH]: ERR_AUTH.
 */
#ifndef NET_POP3_H
#define NET_POP3_H

#include "net/server.h"

#define POP3_LINE_MAX 65536
#define POP3_MESSAGES_MAX (4u << 20)
#define POP3_UIDL_MAX 255 /* the RFC says 70 (quirk: LONG_UIDL) */

/* Commands sent ahead of their answers: bounded by what LIST says that their answers hold. */
#define POP3_AHEAD_MAX 256
#define POP3_WINDOW_MIN (128u << 10)
#define POP3_WINDOW_MAX (4u << 20)

struct pop3;
struct pop3_item {
	uint32_t number;
	uint64_t size;
	char *uidl; /* "" when the server has none that names this message alone */
};

bool pop3_open(struct server *, struct pop3 **, struct err *e) MUST_CHECK;
/* The same on a connection that is there already (taken, also on failure). */
bool pop3_open_on(struct conn *, struct server *, struct pop3 **, struct err *e) MUST_CHECK;
void pop3_free(struct pop3 *); /* drops the line without QUIT: the server deletes nothing */
/* Ends the session: now the server removes what pop3_delete marked. */
bool pop3_quit(struct pop3 *, struct err *e) MUST_CHECK;

/*
 * LIST and UIDL. *items: caller frees with pop3_items_free. Ascending by number. A UIDL that RFC
 * 1939 does not allow (too long, other bytes) is replaced by "hash-" and its SHA-256; one that is
 * there twice names nobody: both items have "".
 */
bool pop3_list(struct pop3 *, struct pop3_item **items, size_t *n, struct err *e) MUST_CHECK;
void pop3_items_free(struct pop3_item *, size_t n);
/* What CAPA says, after pop3_list. */
bool pop3_has_top(const struct pop3 *);
bool pop3_has_pipelining(const struct pop3 *);
int64_t pop3_expire_days(const struct pop3 *);  /* EXPIRE: days that mail is left there; -1: for ever, or not said */
int64_t pop3_login_delay(const struct pop3 *);  /* LOGIN-DELAY: seconds between logins; 0: not said */
/* LAST (RFC 1460): the highest message that anybody has read, 0: none. *n is 0 when the server has no LAST. */
bool pop3_last(struct pop3 *, uint64_t *n, struct err *e) MUST_CHECK;

/* ---- messages, with commands sent ahead ---- */

enum pop3_verb { POP3_RETR, POP3_TOP, POP3_DELE };

/*
 * The message's bytes, dots removed, line ends as they came, in pieces. False drops the line.
 */
typedef bool pop3_sink(void *data, struct sv piece, struct err *e);

struct pop3_answer {
	enum pop3_verb verb;
	uint32_t number;
	bool ok;
	uint64_t bytes; /* that went to the sink */
	struct err why; /* !ok: the server's no */
};

/* Never again more than one command at a time: this server has got confused before. */
void pop3_one_by_one(struct pop3 *);
/* More than one command was under way at some time. */
bool pop3_was_ahead(const struct pop3 *);
/*
 * May another command be sent now? Without PIPELINING only when nothing is under way. The window of
 * promised bytes follows the speed of the line (what comes in half a second), so that who wants to
 * use the session for something else never waits long.
 */
bool pop3_may_send(const struct pop3 *);
size_t pop3_under_way(const struct pop3 *);
/* size: what LIST says of the message; lines are for TOP. */
bool pop3_send(struct pop3 *, enum pop3_verb, uint32_t number, unsigned lines, uint64_t size, struct err *e) MUST_CHECK;
/* Which command is answered next. Only when one is under way. */
void pop3_next(const struct pop3 *, enum pop3_verb *, uint32_t *number);
/* Reads the answer to the oldest command. False: the session is dead. */
bool pop3_answer(struct pop3 *, pop3_sink *, void *data, struct pop3_answer *, struct err *e) MUST_CHECK;

/* ---- one at a time; what is under way must be answered ---- */

/*
 * RETR (lines < 0) or TOP. ERR_GONE: the server has no such message. Fails with ERR_NET when the
 * end of the message did not come.
 */
bool pop3_retrieve(struct pop3 *, uint32_t number, int lines, pop3_sink *, void *data,
	struct err *e) MUST_CHECK;
bool pop3_delete(struct pop3 *, uint32_t number, struct err *e) MUST_CHECK;
bool pop3_noop(struct pop3 *, struct err *e) MUST_CHECK;

struct pop3_reply {
	bool ok, cont;  /* "+OK", "+ challenge"; neither: -ERR */
	struct sv code; /* [IN-USE], without the brackets */
	struct sv text;
};
bool pop3_parse_reply(struct sv line, struct pop3_reply *, struct err *e) MUST_CHECK;

#endif
