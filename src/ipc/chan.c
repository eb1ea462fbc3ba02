/*
 * Framing and descriptors over a stream socket. The bytes of a descriptor's message and the
 * descriptor itself arrive in order, because a stream keeps the order of sendmsg calls; descriptors
 * that came wait in a small queue until the message that owns one is decoded.
 */
#include "ipc/chan.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#define READ_CHUNK 65536

/* A descriptor that travels with the byte at `at` of the outgoing buffer. */
struct out_fd {
	size_t at;
	int fd;
};

struct chan {
	int fd;
	enum msg_side us, peer;
	enum wire_phase in_phase; /* of what the peer says */
	char *name;
	struct str in, out;
	size_t in_at;   /* what was decoded of `in` already */
	size_t in_wiped;/* ... and wiped: there may have been a password in it */
	size_t out_at;  /* what was sent of `out` already */
	int in_fds[CHAN_FDS_MAX];
	unsigned in_fd_count;
	struct out_fd out_fds[CHAN_FDS_MAX];
	unsigned out_fd_count;
	bool eof, bad;
	bool deaf; /* the peer takes no more; what it said before can still be read */
};

struct chan *chan_new(int fd, enum msg_side us, enum msg_side peer, const char *name)
{
	struct chan *c = xcalloc(1, sizeof(*c));
	int flags = fcntl(fd, F_GETFL);

	c->fd = fd;
	c->us = us;
	c->peer = peer;
	c->name = xstrdup(name);
	str_init(&c->in, 2 * (WIRE_FRAME_MAX + READ_CHUNK));
	str_init(&c->out, CHAN_OUT_MAX);
	/* Growing would leave copies of passwords behind: mostly this is enough. */
	(void)str_reserve(&c->in, 2 * READ_CHUNK);
	(void)str_reserve(&c->out, READ_CHUNK);
	if (flags >= 0)
		(void)fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	return c;
}

void chan_free(struct chan *c)
{
	if (!c)
		return;
	for (unsigned i = 0; i < c->in_fd_count; i++)
		close(c->in_fds[i]);
	for (unsigned i = 0; i < c->out_fd_count; i++)
		close(c->out_fds[i].fd);
	close(c->fd);
	str_wipe(&c->in);
	str_wipe(&c->out);
	free(c->name);
	free(c);
}

int chan_fd(const struct chan *c)
{
	return c->fd;
}

static void log_message(const struct chan *c, const char *arrow, const struct msg *m)
{
	struct str line;

	if (m->type == MSG_LOG) /* it is a log line already */
		return;
	str_init(&line, 2048);
	wire_describe(m, &line);
	log_write(LOG_DEBUG, "chan", "%s %s " SV_FMT, c->name, arrow, SV_ARG(str_sv(&line)));
	str_fini(&line);
}

/* ---- out ---- */

/* Takes the first n bytes away, and leaves nothing of them or of what moved. */
static void shift(struct str *s, size_t n)
{
	size_t len = s->len;

	str_remove(s, 0, n);
	mem_wipe(s->s + s->len, len - s->len);
}

/* Forgets what was sent, so that the buffer does not creep towards its maximum. */
static void out_compact(struct chan *c)
{
	if (c->out_at == 0)
		return;
	shift(&c->out, c->out_at);
	for (unsigned i = 0; i < c->out_fd_count; i++)
		c->out_fds[i].at -= c->out_at;
	c->out_at = 0;
}

static bool out_add(struct chan *c, const struct msg *m, struct err *e)
{
	int fd = wire_fd(m);
	size_t at = c->out.len;

	if (wire_from(m->type) != c->us)
		bug("%s must not say %s", wire_side_name(c->us), wire_name(m->type));
	if (c->eof || c->deaf)
		return err_set(e, ERR_GONE, "%s has ended", c->name);
	if (fd >= 0 && c->out_fd_count == CHAN_FDS_MAX)
		return err_set(e, ERR_LIMIT, "%s does not take its descriptors", c->name);
	if (!wire_encode(m, &c->out))
		return err_set(e, ERR_LIMIT, "%s does not read its messages", c->name);
	if (wire_has_fd(m->type)) {
		int copy = fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;

		if (copy < 0) {
			str_cut(&c->out, at);
			return err_sys(e, "passing a descriptor to %s", c->name);
		}
		c->out_fds[c->out_fd_count++] = (struct out_fd){at, copy};
	}
	log_message(c, "<-", m);
	return true;
}

/*
 * One sendmsg: up to the next descriptor, or with it when it is the turn of its byte. A descriptor
 * goes with the first byte of its message only, so that it cannot arrive late.
 */
static ssize_t send_some(struct chan *c)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = {c->out.s + c->out_at, c->out.len - c->out_at};
	struct msghdr h = {.msg_iov = &iov, .msg_iovlen = 1};
	bool with_fd = c->out_fd_count > 0 && c->out_fds[0].at == c->out_at;

	if (with_fd) {
		memset(&control, 0, sizeof(control));
		h.msg_control = control.room;
		h.msg_controllen = sizeof(control.room);
		struct cmsghdr *cm = CMSG_FIRSTHDR(&h);
		cm->cmsg_level = SOL_SOCKET;
		cm->cmsg_type = SCM_RIGHTS;
		cm->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cm), &c->out_fds[0].fd, sizeof(int));
		iov.iov_len = 1;
	} else if (c->out_fd_count > 0) {
		iov.iov_len = MIN(iov.iov_len, c->out_fds[0].at - c->out_at);
	}
	ssize_t n;
	do
		n = sendmsg(c->fd, &h, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n > 0 && with_fd) {
		close(c->out_fds[0].fd);
		c->out_fd_count--;
		memmove(c->out_fds, c->out_fds + 1, c->out_fd_count * sizeof(c->out_fds[0]));
	}
	return n;
}

bool chan_wants_out(const struct chan *c)
{
	return c->out.len > c->out_at && !c->deaf;
}

bool chan_flush(struct chan *c, struct err *e)
{
	while (chan_wants_out(c)) {
		ssize_t n = send_some(c);

		if (n > 0) {
			c->out_at += (size_t)n;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			break;
		} else {
			bool gone = errno == EPIPE || errno == ECONNRESET;

			c->deaf = true;
			return gone ? err_set(e, ERR_GONE, "%s has ended", c->name)
				    : err_sys(e, "sending to %s", c->name);
		}
	}
	out_compact(c);
	return true;
}

bool chan_post(struct chan *c, const struct msg *m, struct err *e)
{
	return out_add(c, m, e) && chan_flush(c, e);
}

/* Waits for events or until the deadline (-1: none). False when the time is up. */
static bool wait_for(int fd, short events, int64_t deadline)
{
	for (;;) {
		struct pollfd p = {.fd = fd, .events = events};
		int64_t left = deadline < 0 ? -1 : MAX(deadline - clock_ms(), 0);
		int n = poll(&p, 1, (int)MIN(left, INT32_MAX));

		if (n > 0)
			return true;
		if (n == 0)
			return false;
		if (errno != EINTR)
			return true; /* let the next call report it */
	}
}

static int64_t deadline_of(int timeout_ms)
{
	return timeout_ms < 0 ? -1 : clock_ms() + timeout_ms;
}

bool chan_send(struct chan *c, const struct msg *m, int timeout_ms, struct err *e)
{
	int64_t deadline = deadline_of(timeout_ms);

	if (!out_add(c, m, e))
		return false;
	for (;;) {
		if (!chan_flush(c, e))
			return false;
		if (!chan_wants_out(c))
			return true;
		if (!wait_for(c->fd, POLLOUT, deadline))
			return err_set(e, ERR_LIMIT, "%s does not read its messages", c->name);
	}
}

/* ---- in ---- */

static void take_fds(struct chan *c, struct msghdr *h)
{
	for (struct cmsghdr *cm = CMSG_FIRSTHDR(h); cm; cm = CMSG_NXTHDR(h, cm)) {
		if (cm->cmsg_level != SOL_SOCKET || cm->cmsg_type != SCM_RIGHTS)
			continue;
		size_t n = (cm->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(cm) + i * sizeof(int), sizeof(int));
			if (c->in_fd_count < CHAN_FDS_MAX) {
				c->in_fds[c->in_fd_count++] = fd;
			} else {
				close(fd);
				c->bad = true;
			}
		}
	}
	if (h->msg_flags & MSG_CTRUNC)
		c->bad = true;
}

/* Reads once, without waiting. False when there is nothing to read now. */
static bool read_some(struct chan *c)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(CHAN_FDS_MAX * sizeof(int))];
	} control;

	if (c->in_at > 0) {
		shift(&c->in, c->in_at);
		c->in_at = c->in_wiped = 0;
	}
	char *room = str_reserve(&c->in, READ_CHUNK);
	if (!room) { /* cannot be: a whole frame is decoded before more is read */
		c->bad = true;
		return false;
	}
	struct iovec iov = {room, READ_CHUNK};
	struct msghdr h = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.room,
		.msg_controllen = sizeof(control.room)};
	ssize_t n;
	do
		n = recvmsg(c->fd, &h, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return false;
	if (n <= 0) {
		c->eof = true;
		return true;
	}
	take_fds(c, &h);
	str_commit(&c->in, (size_t)n);
	return true;
}

static int pop_fd(struct chan *c)
{
	if (c->in_fd_count == 0)
		return -1;
	int fd = c->in_fds[0];
	c->in_fd_count--;
	memmove(c->in_fds, c->in_fds + 1, c->in_fd_count * sizeof(c->in_fds[0]));
	return fd;
}

static enum chan_got bad(struct chan *c)
{
	c->bad = true;
	return CHAN_BAD;
}

/* The frame at in_at, when all of it is here. */
static bool whole_frame(struct chan *c, struct sv *frame, struct err *e)
{
	struct sv rest = sv_from(str_sv(&c->in), c->in_at);
	uint32_t len = 0;

	if (rest.len < WIRE_HEAD)
		return false;
	for (int i = 0; i < WIRE_HEAD; i++)
		len |= (uint32_t)(unsigned char)rest.p[i] << (8 * i);
	if (len == 0 || len > WIRE_FRAME_MAX) {
		c->bad = true;
		return err_set(e, ERR_PROTO, "%s sent a message of %u bytes", c->name, len);
	}
	if (rest.len - WIRE_HEAD < len)
		return false;
	*frame = sv_make(rest.p + WIRE_HEAD, len);
	return true;
}

/* A message from the buffer. CHAN_EMPTY when none is complete. */
static enum chan_got decode_next(struct chan *c, struct msg *out, struct err *e)
{
	struct sv frame;

	/* What was lent with the message before. */
	if (c->in_at > c->in_wiped)
		mem_wipe(c->in.s + c->in_wiped, c->in_at - c->in_wiped);
	c->in_wiped = c->in_at;
	if (c->bad) {
		err_set(e, ERR_PROTO, "%s broke the protocol", c->name);
		return CHAN_BAD;
	}
	if (!whole_frame(c, &frame, e))
		return c->bad ? CHAN_BAD : CHAN_EMPTY;
	enum msg_type type = (enum msg_type)(unsigned char)frame.p[0];
	if (!wire_expect(&c->in_phase, c->peer, type)) {
		err_set(e, ERR_PROTO, "%s said %s, which does not belong here", c->name, wire_name(type));
		return bad(c);
	}
	int fd = wire_has_fd(type) ? pop_fd(c) : -1;
	if (!wire_decode(frame, fd, out, e)) {
		if (fd >= 0)
			close(fd);
		return bad(c);
	}
	c->in_at += WIRE_HEAD + frame.len;
	log_message(c, "->", out);
	return CHAN_MSG;
}

enum chan_got chan_next(struct chan *c, struct msg *out, struct err *e)
{
	for (;;) {
		enum chan_got got = decode_next(c, out, e);

		if (got != CHAN_EMPTY)
			return got;
		if (c->eof)
			return CHAN_EOF;
		if (!read_some(c))
			return c->bad ? decode_next(c, out, e) : CHAN_EMPTY;
	}
}

enum chan_got chan_recv(struct chan *c, int timeout_ms, struct msg *out, struct err *e)
{
	int64_t deadline = deadline_of(timeout_ms);

	for (;;) {
		enum chan_got got = chan_next(c, out, e);

		if (got != CHAN_EMPTY)
			return got;
		if (!wait_for(c->fd, POLLIN, deadline))
			return CHAN_EMPTY;
	}
}

bool chan_readable(struct chan *c)
{
	struct sv frame;
	struct err e;

	if (c->bad || c->eof || whole_frame(c, &frame, &e))
		return true;
	struct pollfd p = {.fd = c->fd, .events = POLLIN};
	return poll(&p, 1, 0) > 0;
}
