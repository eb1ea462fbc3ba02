/*
 * A POP3 session (RFC 1939, 2449 CAPA, 2595 STLS, 5034 AUTH). One function a command.
 *
 * Errors: as in imap.h. After ERR_NET, ERR_TLS, ERR_LIMIT the session is dead.
 */
#ifndef NET_POP3_H
#define NET_POP3_H

#include "net/server.h"

#define POP3_LINE_MAX 65536
#define POP3_MESSAGES_MAX (4u << 20)
#define POP3_UIDL_MAX 255 /* the RFC says 70 (quirk: LONG_UIDL) */

struct pop3;
struct pop3_item {
	uint32_t number;
	uint64_t size;
	char *uidl; /* "" when the server has no UIDL */
};

bool pop3_open(struct server *, struct pop3 **, struct err *e) MUST_CHECK;
/* The same on a connection that is there already (taken, also on failure). */
bool pop3_open_on(struct conn *, struct server *, struct pop3 **, struct err *e) MUST_CHECK;
void pop3_free(struct pop3 *); /* drops the line without QUIT: the server deletes nothing */
/* Ends the session: now the server removes what pop3_delete marked. */
bool pop3_quit(struct pop3 *, struct err *e) MUST_CHECK;

/*
 * LIST and UIDL. *items: caller frees with pop3_items_free. Ascending by number; unique UIDLs only.
 */
bool pop3_list(struct pop3 *, struct pop3_item **items, size_t *n, struct err *e) MUST_CHECK;
void pop3_items_free(struct pop3_item *, size_t n);
bool pop3_has_top(const struct pop3 *);
/*
 * RETR (lines < 0) or TOP: the message's bytes, dots removed, CRLF line ends, in pieces. False from
 * the sink drops the line. Fails with ERR_NET when the end of the message did not come.
 */
typedef bool pop3_sink(void *data, struct sv piece, struct err *e);
bool pop3_retrieve(struct pop3 *, uint32_t number, int lines, pop3_sink *, void *data,
	struct err *e) MUST_CHECK;
/*
 * The same for several messages with their commands sent ahead where the server has PIPELINING:
 * done is called after each message; false stops.
 */
bool pop3_retrieve_many(struct pop3 *, const uint32_t *numbers, size_t n, pop3_sink *,
	bool (*done)(void *data, uint32_t number, struct err *e), void *data,
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
