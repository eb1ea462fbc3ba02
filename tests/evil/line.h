/*
 * A line to a server inside of the process: the client's connection reads and writes straight into a model, time is
 * virtual (a wait for nothing costs nothing and moves the clock), TLS is a switch. So a session of a hundred commands
 * takes a fraction of a millisecond, and a silent server is noticed at once after exactly as long as in life.
 *
 * The test program is linked with -Wl,--wrap for poll, clock_ms, tls_start and getpeername (line.c has the other ends).
 * One line at a time.
 *
 * On the way to the client a fault of the line can be worked in: cut, stalled or garbled at any byte, lines doubled,
 * left out, swapped, with LF only, literals with another length.
 */
#ifndef TESTS_EVIL_LINE_H
#define TESTS_EVIL_LINE_H

#include "net/server.h"
#include "tests/evil/model.h"

enum mangle {
	MANGLE_NONE,
	MANGLE_CUT,      /* closed after `at` bytes */
	MANGLE_STALL,    /* silent after `at` bytes */
	MANGLE_RESET,    /* reset after `at` bytes */
	MANGLE_DRIP,     /* `at` bytes at a time, `ms` apart */
	MANGLE_GARBAGE,  /* 16 bytes of noise put in after `at` bytes */
	MANGLE_FLIP,     /* the byte at `at` is another one */
	MANGLE_LF,       /* LF instead of CRLF */
	MANGLE_DOUBLE,   /* line `at` twice */
	MANGLE_DROP,     /* line `at` left out */
	MANGLE_SWAP,     /* line `at` after the next one */
	MANGLE_LITERAL,  /* the literal at the end of line `at` announces arg instead */
	MANGLE_DEAF,     /* takes nothing of what the client says after `at` bytes of it */
	MANGLE_KINDS
};

struct line {
	struct model *model;
	enum mangle mangle;
	size_t at;
	unsigned ms;           /* MANGLE_DRIP */
	const char *arg;       /* MANGLE_LITERAL */
	bool far;              /* the other side is not this machine: passwords must not be shown */
	bool tls_refused;      /* the handshake fails */
	/* what came of it */
	struct str clear, secret; /* all that the client said, before TLS and under it */
	struct str said;       /* all that came to the client */
	size_t lines;          /* of the server, so far */
	int64_t now_ms;        /* of virtual time that has gone by */
	bool hung;             /* somebody waited for ever */
	/* inside */
	int fd;
	struct conn *conn;
	struct str ready, held; /* bytes on the way to the client; a line that waits for its turn */
	bool ended, reset, stalled, wire_tls;
	size_t taken, heard, given;
	struct deflater *z;
	unsigned long polls;
};

/* model and line are the caller's; the line is set up (mangle ...) before. The connection is the client's. */
struct conn *line_open(struct line *, struct model *);
void line_close(struct line *); /* after the client has gone */
bool line_has_mangle_lines(enum mangle); /* `at` counts lines, not bytes */
const char *mangle_name(enum mangle);

#endif
