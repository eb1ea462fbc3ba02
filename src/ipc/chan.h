/*
 * A channel: messages over a socket pair, with descriptors along (SCM_RIGHTS). Both directions are
 * bounded. The workers and the renderer use it blocking, with a deadline; the ui drives it from its
 * loop.
 *
 * The descriptor is readable when bytes wait in the socket, but messages may also wait in our
 * buffer: whoever watches chan_fd() takes messages with chan_next until it says CHAN_EMPTY before
 * watching again.
 */
#ifndef IPC_CHAN_H
#define IPC_CHAN_H

#include "ipc/wire.h"

#define CHAN_CHILD_FD 3              /* where a role finds its end */
#define CHAN_OUT_MAX (4u << 20)      /* bytes that may wait to be sent */
#define CHAN_FDS_MAX 4               /* descriptors in flight */

struct chan;

enum chan_got {
	CHAN_EMPTY, /* nothing complete there (chan_recv: the time is up) */
	CHAN_MSG,
	CHAN_EOF,   /* the other side has gone */
	CHAN_BAD,   /* *e says why (ERR_PROTO, ERR_DISK): close it */
};

/*
 * Takes fd. us: which side we are; peer: what the other side is. Messages of the wrong direction or
 * at the wrong time are CHAN_BAD. name is for the log ("work.box"); copied.
 */
struct chan *chan_new(int fd, enum msg_side us, enum msg_side peer, const char *name);
void chan_free(struct chan *); /* closes; NULL is fine */
int chan_fd(const struct chan *);

/* ---- never waiting: the ui ---- */

/*
 * Queues a message and sends what the socket takes. Its descriptor is duplicated. False (ERR_LIMIT)
 * when CHAN_OUT_MAX is reached: the other side does not read; or ERR_GONE when it has left.
 */
bool chan_post(struct chan *, const struct msg *, struct err *e) MUST_CHECK;
/* Bytes wait to be sent: watch for POLLOUT, too, and call chan_flush. */
bool chan_wants_out(const struct chan *);
bool chan_flush(struct chan *, struct err *e) MUST_CHECK;
/*
 * The next message: from the buffer, else from the socket without waiting. Its texts are lent until
 * the next chan_next or chan_recv; a descriptor in it is the caller's.
 */
enum chan_got chan_next(struct chan *, struct msg *out, struct err *e);

/* ---- waiting: worker, render ---- */

/*
 * Sends all of it, waits at most timeout_ms (-1: as long as it takes). ERR_GONE: the other side has
 * left.
 */
bool chan_send(struct chan *, const struct msg *, int timeout_ms, struct err *e) MUST_CHECK;
/* As chan_next, waiting up to timeout_ms for one (-1: for ever). */
enum chan_got chan_recv(struct chan *, int timeout_ms, struct msg *out, struct err *e);
/* True when chan_next would find something now (in the buffer or the socket, end of file too). */
bool chan_readable(struct chan *);

/* chan_say(c, e, PROGRESS, .job = 1, .done = 3): chan_send without a time limit. */
#define chan_say(c, e, NAME, ...)                                                                  \
	chan_send((c), &(struct msg){.type = MSG_##NAME, .NAME = {__VA_ARGS__}}, -1, (e))
/* The same for the ui. */
#define chan_tell(c, e, NAME, ...)                                                                 \
	chan_post((c), &(struct msg){.type = MSG_##NAME, .NAME = {__VA_ARGS__}}, (e))

#endif
