/*
 * One connection to a server as a stream of bytes: plain, under TLS, compressed. Calls block, but
 * every wait looks at three things at once: the connection, the wake descriptor (the channel to the
 * ui) and the clock. What is read is bounded by the caller.
 *
 * Errors: ERR_NET (lost, timed out), ERR_TLS (a broken TLS record), ERR_LIMIT (a line longer than
 * allowed), ERR_CANCEL (the wake function said stop). After any of them the connection is of no
 * use any more: conn_free it.
 */
#ifndef NET_CONN_H
#define NET_CONN_H

#include <stdio.h>

#include "base/err.h"
#include "base/str.h"

/*
 * Who else wants the attention of this process. When fd becomes readable during any wait, fn is
 * called: it takes what is there (so that fd is not readable any more) and returns true to abandon
 * the call that waits (ERR_CANCEL). With fn NULL only conn_wait looks at fd. fd -1: nobody.
 * stop (may be NULL) is asked every now and then for some seconds after fn was called: so fn can first
 * give the call time to end well. It takes nothing from fd.
 */
struct wake {
	int fd;
	bool (*fn)(void *data);
	void *data;
	bool (*stop)(void *data);
};
#define WAKE_NONE ((struct wake){.fd = -1})
#define ASK_AGAIN_MS 100 /* how often stop is asked */

struct conn;

/* Takes fd, which becomes non-blocking. peer ("imap.example.org:993") is for messages; copied. */
struct conn *conn_new(int fd, const char *peer);
/* Says good-bye to TLS without waiting for an answer, closes. NULL is fine. */
void conn_free(struct conn *);

void conn_set_wake(struct conn *, struct wake);
/* How long the other side may be silent while we wait for it. */
void conn_set_timeout(struct conn *, int timeout_ms);
/* ... and how long it may take nothing of what we send; 0: as long. */
void conn_set_send_timeout(struct conn *, int timeout_ms);
/*
 * A line on which nothing is acknowledged for so long has ended (ERR_NET), whether we wait or not; one
 * that was quiet is found dead after twice that; at_once: after that already, for it is quiet only while
 * somebody waits. At most CONN_DEAD_MS, which is also the default.
 */
#define CONN_DEAD_MS 30000
void conn_set_dead_after(struct conn *, int ms, bool at_once);
/* A transcript ("C: ", "S: ") goes to log, which stays the caller's. NULL: none. */
void conn_set_wire_log(struct conn *, FILE *log);
/* In the transcript only the size of messages stands, not their text (wire.h). */
void conn_hide_messages(struct conn *, const char *service);
void conn_note(struct conn *, const char *fmt, ...) PRINTF_LIKE(2, 3); /* a line of ours in it */
const char *conn_peer(const struct conn *);                            /* lent */
/* Our address as SMTP writes it: "[192.0.2.1]", "[IPv6:2001:db8::1]". Caller frees. */
char *conn_own_literal(const struct conn *);
bool conn_is_tls(const struct conn *);
/* The other end is this machine (loopback address or a socket pair), so nobody can listen in. */
bool conn_is_local(const struct conn *);
/* The descriptor leads to a proxy or a tunnel, behind which stands peer: not local. */
void conn_set_peer(struct conn *, const char *peer);
/* The quickest answer so far, in ms: a round trip and what the other side needed. INT_MAX: none yet. */
int conn_quickest_ms(const struct conn *);

/*
 * Writing is buffered until conn_flush, a wait for input, or CONN_OUT_MAX bytes. While it blocks,
 * input is taken in (up to CONN_IN_AHEAD), so that two sides that both write cannot lock up.
 */
#define CONN_OUT_MAX 32768
#define CONN_IN_AHEAD (4u << 20)
bool conn_write(struct conn *, struct sv, struct err *e) MUST_CHECK;
bool conn_writef(struct conn *, struct err *e, const char *fmt, ...) PRINTF_LIKE(3, 4) MUST_CHECK;
/* The same, but the transcript shows stars. */
bool conn_write_secret(struct conn *, struct sv, struct err *e) MUST_CHECK;
/* While on, all that conn_write sends is secret for the transcript. */
void conn_mask(struct conn *, bool on);
bool conn_flush(struct conn *, struct err *e) MUST_CHECK;

/*
 * The next line without its LF or CRLF, at most max bytes. Lent until the next call that reads or
 * writes. The end of the stream is ERR_NET.
 */
bool conn_read_line(struct conn *, size_t max, struct sv *line, struct err *e) MUST_CHECK;
/* Some bytes, at least one and at most max. Lent as above. */
bool conn_read_some(struct conn *, size_t max, struct sv *piece, struct err *e) MUST_CHECK;

/* What is here (waits for at least one byte) without taking it; conn_take takes n bytes of it. */
bool conn_peek(struct conn *, struct sv *here, struct err *e) MUST_CHECK;
void conn_take(struct conn *, size_t n);

enum conn_event {
	CONN_INPUT, /* bytes are there to be read (or the end of the stream) */
	CONN_WOKEN, /* the wake descriptor was readable (its fn has been called) */
	CONN_QUIET, /* neither in timeout_ms */
};
/* Flushes, then waits for what comes first. timeout_ms -1: for ever. */
bool conn_wait(struct conn *, int timeout_ms, enum conn_event *, struct err *e) MUST_CHECK;
/* Bytes that are here already. */
size_t conn_buffered(const struct conn *);
/* Throws away what was read and not used yet: returns how many bytes that were. */
size_t conn_discard(struct conn *);

/* From now on both directions are raw DEFLATE (RFC 4978). Bytes read ahead count as compressed. */
bool conn_start_deflate(struct conn *, struct err *e) MUST_CHECK;

#endif
