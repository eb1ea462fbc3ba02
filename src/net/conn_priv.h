/*
 * What conn.c, tls.c and deflate.c share: the transport under a connection. A transport never
 * blocks; it says what it waits for.
 */
#ifndef NET_CONN_PRIV_H
#define NET_CONN_PRIV_H

#include <sys/types.h>

#include "net/conn.h"

enum { IO_END = 0, IO_FAILED = -1, IO_WANT_READ = -2, IO_WANT_WRITE = -3 };

struct transport {
	/* Bytes moved (> 0) or an IO_ value; IO_FAILED with *e set. */
	ssize_t (*read)(void *self, char *buf, size_t n, struct err *e);
	ssize_t (*write)(void *self, const char *buf, size_t n, struct err *e);
	/*
	 * What write kept back goes out: 1 when all is out, else an IO_ value. NULL: keeps nothing
	 * back.
	 */
	ssize_t (*flush)(void *self, struct err *e);
	/* Bytes that read would give without touching the descriptor. */
	bool (*pending)(void *self);
	/* Ends and frees it, and those below it. */
	void (*close)(void *self);
	void *self;
	bool secure;
};

/* Puts deflate on top of io (deflate.c). ahead: compressed bytes that were read already. */
bool deflate_wrap(struct transport *io, struct sv ahead, struct err *e) MUST_CHECK;

struct transport *conn_transport(struct conn *);
int conn_fd(const struct conn *);
/*
 * Waits until the descriptor is ready for what io (IO_WANT_READ or IO_WANT_WRITE) says. Handles
 * wake and the deadline (clock_ms; the connection's timeout when 0).
 */
bool conn_await(struct conn *, ssize_t io, int64_t deadline, struct err *e) MUST_CHECK;
int conn_timeout(const struct conn *);
/* What an errno of the descriptor means (0: the end came without a good-bye), as ERR_NET; false. */
bool conn_lost(const struct conn *, int why, struct err *e);

#endif
