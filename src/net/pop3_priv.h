/*
 * Inside of a POP3 session: pop3.c (commands, the pipeline), pop3_login.c (greeting, STLS, login),
 * pop3_list.c (LIST, UIDL), pop3_parse.c (replies, the end of a message).
 */
#ifndef NET_POP3_PRIV_H
#define NET_POP3_PRIV_H

#include "net/pop3.h"

#define CAPA_MAX 16384

/* A command that was sent and is not answered yet. */
struct pop3_sent {
	enum pop3_verb verb;
	uint32_t number;
	uint64_t size; /* what LIST promised for the answer */
};

struct pop3 {
	struct server *server;
	struct conn *conn;
	bool dead;
	bool has_capa, capa_sent; /* sent: its answer is still to be read */
	bool one_by_one;          /* whatever the server says of PIPELINING */
	struct str capa;          /* lines, LF between */
	char stamp[256];          /* APOP's, from the greeting; "" */

	/* The pipeline: a ring of commands, oldest first. */
	struct pop3_sent sent[POP3_AHEAD_MAX];
	size_t first, count;
	uint64_t promised;       /* bytes of all their answers */
	size_t window;           /* of those at most so many */
	int64_t measured_us;     /* waited for answers since the last look at the speed */
	uint64_t measured_bytes; /* that have come in that time */
	int64_t alone_since;     /* clock_ms when the oldest was sent and nothing else was under way; 0 */
	int64_t turn_ms;         /* the shortest time between such a command and its answer */
	bool was_ahead;          /* more than one command was under way */
};

/* Marks the session as of no use any more; false. */
bool pop3_die(struct pop3 *);
bool pop3_read_reply(struct pop3 *, struct pop3_reply *, struct err *e) MUST_CHECK;
/* Sends a line and reads the answer. Only when nothing else is under way. */
bool pop3_command(struct pop3 *, struct pop3_reply *, struct err *e, const char *line) MUST_CHECK;
/* A line of a list answer, dot removed. *end: it was the last. Lent. */
bool pop3_list_line(struct pop3 *, struct sv *line, bool *end, struct err *e) MUST_CHECK;
/* The server's "no" as an error: its code (RFC 2449, 3206) may change the class. False. */
bool pop3_refused(const struct pop3 *, const struct pop3_reply *, enum err_class class, const char *what,
	struct err *e);

/* Does CAPA name this word? *rest: what stands behind it, lent. */
bool pop3_has(const struct pop3 *, const char *word, struct sv *rest);
/* CAPA, and its answer when it was sent ahead. */
bool pop3_capa(struct pop3 *, struct err *e) MUST_CHECK;
bool pop3_capa_answer(struct pop3 *, struct err *e) MUST_CHECK;

/* Looks for the end of a message in its bytes as they come. */
enum pop3_end_state { LINE_START, DOT, DOT_CR, IN_LINE, CR };
/*
 * Hands the bytes of the message in `here` to the sink without the dots of stuffing. *used: bytes
 * eaten; *end: the final dot was among them.
 */
bool pop3_unstuff(struct sv here, enum pop3_end_state *st, pop3_sink *sink, void *data, size_t *used, bool *end,
	struct err *e) MUST_CHECK;

#endif
