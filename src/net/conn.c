/*
 * The connection: buffers in both directions over a transport that never blocks, and the one wait
 * that looks at the wire, the wake descriptor and the clock. Protocols are not known here.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "net/conn_priv.h"
#include "net/wire.h"

#define READ_SIZE 16384
#define NOTE_MAX 1200
#define ASK_FOR_MS 5000 /* wake.stop is asked so long after wake.fn was called */
#define LOOK_EVERY 64    /* reads without a wait, then the wake descriptor is looked at all the same */

/* A byte queue: bytes from `start` to `end` of buf are waiting. */
struct queue {
	char *buf;
	size_t start, end, cap;
};

struct conn {
	int fd;
	char *peer;
	struct transport io;
	struct wake wake;
	int timeout_ms, send_timeout_ms; /* the second 0: the first one */
	int64_t ask_until; /* clock_ms; wake.stop is asked until then */
	unsigned reads;
	bool woken; /* the wake descriptor was readable since conn_wait looked last */
	bool ended; /* the other side has closed */
	bool local;
	bool mask; /* what is written is secret */
	int quickest_ms; /* from the last byte out to the first byte in */
	struct queue in, out;
	struct wire *wire; /* the transcript; NULL */
};

/* ---- the plain transport ---- */

bool conn_lost(const struct conn *c, int why, struct err *e)
{
	if (why == 0 || why == ECONNRESET || why == EPIPE)
		return err_set(e, ERR_NET, "%s closed the connection", c->peer);
	if (why == ETIMEDOUT)
		return err_set(e, ERR_NET, "the line to %s is dead", c->peer);
	return err_set(e, ERR_NET, "the connection to %s is lost: %s", c->peer, strerror(why));
}

static ssize_t io_result(const struct conn *c, ssize_t n, ssize_t want, struct err *e)
{
	if (n >= 0)
		return n;
	if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
		return want;
	conn_lost(c, errno, e);
	return IO_FAILED;
}

static ssize_t plain_read(void *self, char *buf, size_t n, struct err *e)
{
	struct conn *c = self;

	return io_result(c, read(c->fd, buf, n), IO_WANT_READ, e);
}

static ssize_t plain_write(void *self, const char *buf, size_t n, struct err *e)
{
	struct conn *c = self;
	ssize_t done = send(c->fd, buf, n, MSG_NOSIGNAL);

	if (done < 0 && errno == ENOTSOCK)
		done = write(c->fd, buf, n);
	return io_result(c, done, IO_WANT_WRITE, e);
}

static bool plain_pending(void *self)
{
	(void)self;
	return false;
}

static void plain_close(void *self)
{
	(void)self;
}

/* ---- making and ending ---- */

static void queue_fini(struct queue *q)
{
	if (q->buf)
		mem_wipe(q->buf, q->cap);
	free(q->buf);
}

static bool fd_is_local(int fd)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);

	if (getpeername(fd, (struct sockaddr *)&sa, &len) < 0)
		return errno == ENOTSOCK; /* a pipe */
	if (sa.ss_family == AF_INET) {
		struct sockaddr_in *in = (struct sockaddr_in *)&sa;

		return (ntohl(in->sin_addr.s_addr) >> 24) == 127;
	}
	if (sa.ss_family == AF_INET6) {
		struct sockaddr_in6 *in = (struct sockaddr_in6 *)&sa;

		return IN6_IS_ADDR_LOOPBACK(&in->sin6_addr) ||
		       (IN6_IS_ADDR_V4MAPPED(&in->sin6_addr) && in->sin6_addr.s6_addr[12] == 127);
	}
	return true;
}

/*
 * Dead is a line on which nothing is acknowledged: the kernel probes one that is quiet (an IDLE, the
 * ten minutes after a message), and gives up on bytes that nobody takes. A slow server on a line that
 * lives is another matter: that is what timeout_ms is for.
 */
static void watch_line(int fd, int dead_ms, bool at_once)
{
	int apart_s = MAX(dead_ms / 3000, 1), quiet_s = at_once ? apart_s : MAX(dead_ms / 1000, 1);

	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &quiet_s, sizeof(quiet_s));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &apart_s, sizeof(apart_s));
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &dead_ms, sizeof(dead_ms));
}

struct conn *conn_new(int fd, const char *peer)
{
	struct conn *c = xcalloc(1, sizeof(*c));
	int one = 1, flags = fcntl(fd, F_GETFL);

	fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	c->fd = fd;
	c->peer = xstrdup(peer);
	c->io = (struct transport){.read = plain_read,
		.write = plain_write,
		.pending = plain_pending,
		.close = plain_close,
		.self = c};
	c->wake = WAKE_NONE;
	c->timeout_ms = CONN_DEAD_MS;
	watch_line(fd, CONN_DEAD_MS, false);
	c->quickest_ms = INT_MAX;
	c->local = fd_is_local(fd);
	return c;
}

void conn_free(struct conn *c)
{
	if (!c)
		return;
	c->io.close(c->io.self);
	close(c->fd);
	conn_set_wire_log(c, NULL);
	queue_fini(&c->in);
	queue_fini(&c->out);
	free(c->peer);
	free(c);
}

void conn_set_wake(struct conn *c, struct wake wake)
{
	c->wake = wake;
	/* What woke somebody a moment ago, while the line was made, wakes nobody again. */
	c->ask_until = wake.stop ? clock_ms() + ASK_FOR_MS : 0;
}

void conn_set_timeout(struct conn *c, int timeout_ms)
{
	c->timeout_ms = timeout_ms;
}

void conn_set_send_timeout(struct conn *c, int timeout_ms)
{
	c->send_timeout_ms = timeout_ms;
}

void conn_set_dead_after(struct conn *c, int ms, bool at_once)
{
	watch_line(c->fd, MIN(MAX(ms, 1000), CONN_DEAD_MS), at_once);
}

const char *conn_peer(const struct conn *c)
{
	return c->peer;
}

void conn_set_peer(struct conn *c, const char *peer)
{
	free(c->peer);
	c->peer = xstrdup(peer);
	c->local = false;
}

bool conn_is_tls(const struct conn *c)
{
	return c->io.secure;
}

bool conn_is_local(const struct conn *c)
{
	return c->local;
}

struct transport *conn_transport(struct conn *c)
{
	return &c->io;
}

int conn_fd(const struct conn *c)
{
	return c->fd;
}

int conn_quickest_ms(const struct conn *c)
{
	return c->quickest_ms;
}

int conn_timeout(const struct conn *c)
{
	return c->timeout_ms;
}

/* ---- the transcript ---- */

void conn_note(struct conn *c, const char *fmt, ...)
{
	char text[NOTE_MAX];
	va_list ap;

	if (!c->wire)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	wire_note(c->wire, c->peer, text);
}

void conn_set_wire_log(struct conn *c, FILE *log)
{
	conn_note(c, "end");
	wire_free(c->wire);
	c->wire = log ? wire_new(log) : NULL;
	conn_note(c, "connected");
}

void conn_hide_messages(struct conn *c, const char *service)
{
	wire_hide(c->wire, service);
}

/* ---- queues ---- */

static size_t queue_len(const struct queue *q)
{
	return q->end - q->start;
}

static struct sv queue_sv(const struct queue *q)
{
	return q->buf ? sv_make(q->buf + q->start, queue_len(q)) : sv_make("", 0);
}

/* Room for n bytes at the end. Moves to the front first, then grows. */
static char *queue_room(struct queue *q, size_t n)
{
	if (q->start == q->end)
		q->start = q->end = 0;
	if (q->cap - q->end < n && q->start > 0 && q->start >= q->cap / 2) {
		memmove(q->buf, q->buf + q->start, queue_len(q));
		q->end -= q->start;
		q->start = 0;
	}
	if (q->cap - q->end < n) {
		size_t cap = MAX(q->cap * 2, q->end + n);
		char *buf = xmalloc(cap);

		/* By hand: realloc would leave a password behind in what it frees. */
		memcpy(buf, q->buf ? q->buf : "", q->end);
		queue_fini(q);
		q->buf = buf;
		q->cap = cap;
	}
	return q->buf + q->end;
}

/* ---- the wait ---- */

/* The wake descriptor was readable. False: abandon what we do. */
static bool take_wake(struct conn *c, short revents, struct err *e)
{
	c->woken = true;
	if (c->wake.fn) {
		if (c->wake.stop)
			c->ask_until = clock_ms() + ASK_FOR_MS;
		if (c->wake.fn(c->wake.data))
			return err_set(e, ERR_CANCEL, "interrupted");
	} else if (revents & (POLLHUP | POLLERR | POLLNVAL)) {
		return err_set(e, ERR_CANCEL, "nobody is listening any more");
	}
	return true;
}

/* False: wake.fn did not want to stop at once, and wants to now. */
static bool ask_again(struct conn *c, struct err *e)
{
	if (!c->wake.stop || clock_ms() >= c->ask_until || !c->wake.stop(c->wake.data))
		return true;
	return err_set(e, ERR_CANCEL, "interrupted");
}

static int slice(const struct conn *c, int64_t left)
{
	return (int)MIN(left, clock_ms() < c->ask_until ? (int64_t)ASK_AGAIN_MS : (int64_t)1 << 30);
}

/* A POLLIN-only watch on the wake descriptor makes sense only when somebody empties it. */
static int poll_both(struct conn *c, short events, int timeout_ms, bool wake_without_fn,
	short *wire, short *wake)
{
	struct pollfd p[2] = {
		{.fd = c->fd, .events = events}, {.fd = c->wake.fd, .events = POLLIN}};
	int n;

	if (!c->wake.fn && !wake_without_fn)
		p[1].events = 0;
	n = poll(p, c->wake.fd >= 0 ? 2 : 1, timeout_ms);
	*wire = n > 0 ? p[0].revents : 0;
	*wake = n > 0 && c->wake.fd >= 0 ? p[1].revents : 0;
	if (n < 0 && errno == EINTR)
		return 1;
	return n;
}

static bool timed_out(struct conn *c, struct err *e)
{
	return err_set(
		e, ERR_NET, "%s has not answered for %d seconds", c->peer, c->timeout_ms / 1000);
}

bool conn_await(struct conn *c, ssize_t io, int64_t deadline, struct err *e)
{
	short events = io == IO_WANT_WRITE ? POLLOUT : POLLIN;

	if (deadline == 0)
		deadline = clock_ms() + c->timeout_ms;
	for (;;) {
		short wire, wake;
		int64_t left = deadline - clock_ms();

		if (left <= 0)
			return timed_out(c, e);
		if (!ask_again(c, e))
			return false;
		if (poll_both(c, events, slice(c, left), false, &wire, &wake) < 0)
			return err_set(e, ERR_NET, "waiting for %s: %s", c->peer, strerror(errno));
		if (wake && !take_wake(c, wake, e))
			return false;
		if (wire)
			return true;
	}
}

/* Reads once without waiting. Bytes go to the input queue. */
static ssize_t take_input(struct conn *c, struct err *e)
{
	char *room = queue_room(&c->in, READ_SIZE);
	ssize_t n = c->io.read(c->io.self, room, READ_SIZE, e);

	if (n > 0) {
		wire_got(c->wire, sv_make(room, (size_t)n));
		c->in.end += (size_t)n;
	}
	if (n == IO_END)
		c->ended = true;
	return n;
}

/* Where bytes never cease to come nothing is ever waited for. */
static bool look_up(struct conn *c, struct err *e)
{
	short wire, wake;

	if (++c->reads % LOOK_EVERY != 0)
		return true;
	if (poll_both(c, 0, 0, false, &wire, &wake) > 0 && wake && !take_wake(c, wake, e))
		return false;
	return ask_again(c, e);
}

static bool fill(struct conn *c, struct err *e)
{
	bool asked = c->out.start < c->out.end;
	int64_t since;

	if (asked && !conn_flush(c, e))
		return false;
	since = clock_ms();
	for (;;) {
		ssize_t n = take_input(c, e);

		if (n > 0 && asked)
			c->quickest_ms = (int)MIN((int64_t)c->quickest_ms, clock_ms() - since);
		if (n > 0)
			return look_up(c, e);
		if (n == IO_FAILED)
			return false;
		if (n == IO_END)
			return err_set(e, ERR_NET, "%s closed the connection", c->peer);
		if (!conn_await(c, n, 0, e))
			return false;
	}
}

/* ---- writing ---- */

static int send_timeout(const struct conn *c)
{
	return c->send_timeout_ms > 0 ? c->send_timeout_ms : c->timeout_ms;
}

/* The wire is full: waits until it takes more, and takes in what comes meanwhile. */
static bool await_room(struct conn *c, ssize_t io, int64_t deadline, struct err *e)
{
	short events = (short)(io == IO_WANT_READ ? POLLIN : POLLOUT), wire, wake;
	bool ahead = !c->ended && queue_len(&c->in) < CONN_IN_AHEAD;
	int64_t left = deadline - clock_ms();

	if (ahead)
		events |= POLLIN;
	if (left <= 0)
		return err_set(e, ERR_NET, "%s has taken nothing for %d seconds", c->peer,
			send_timeout(c) / 1000);
	if (!ask_again(c, e))
		return false;
	if (poll_both(c, events, slice(c, left), false, &wire, &wake) < 0)
		return err_set(e, ERR_NET, "writing to %s: %s", c->peer, strerror(errno));
	if (wake && !take_wake(c, wake, e))
		return false;
	if (ahead && (wire & POLLIN) && take_input(c, e) == IO_FAILED)
		return false;
	return true;
}

/* One write, or one push of what the transport kept back. *all: nothing is left. */
static ssize_t push_once(struct conn *c, bool *all, struct err *e)
{
	ssize_t n = 1;

	if (c->out.start < c->out.end) {
		n = c->io.write(c->io.self, c->out.buf + c->out.start, queue_len(&c->out), e);
		if (n > 0)
			c->out.start += (size_t)n;
		*all = false;
		return n;
	}
	if (c->io.flush)
		n = c->io.flush(c->io.self, e);
	*all = n > 0;
	return n;
}

/* The other side hung up while we wrote. Why may be in what it sent before: to be read with conn_buffered. */
static void take_last_words(struct conn *c)
{
	struct err none;

	while (!c->ended && queue_len(&c->in) < CONN_IN_AHEAD && take_input(c, &none) > 0)
		;
}

bool conn_flush(struct conn *c, struct err *e)
{
	int64_t deadline = clock_ms() + send_timeout(c);
	bool all = false;

	while (!all) {
		ssize_t n = push_once(c, &all, e);

		if (n == IO_FAILED) {
			take_last_words(c);
			return false;
		}
		if (n > 0)
			deadline = clock_ms() + send_timeout(c);
		else if (!await_room(c, n, deadline, e))
			return false;
	}
	if (c->out.cap)
		mem_wipe(c->out.buf, c->out.end);
	c->out.start = c->out.end = 0;
	return true;
}

static bool put(struct conn *c, struct sv bytes, struct err *e)
{
	while (bytes.len) {
		size_t n = MIN(bytes.len, (size_t)CONN_OUT_MAX);

		memcpy(queue_room(&c->out, n), bytes.p, n);
		c->out.end += n;
		bytes = sv_from(bytes, n);
		if (queue_len(&c->out) >= CONN_OUT_MAX && !conn_flush(c, e))
			return false;
	}
	return true;
}

void conn_mask(struct conn *c, bool on)
{
	c->mask = on;
}

bool conn_write(struct conn *c, struct sv bytes, struct err *e)
{
	if (c->mask)
		return conn_write_secret(c, bytes, e);
	wire_sent(c->wire, bytes);
	return put(c, bytes, e);
}

bool conn_writef(struct conn *c, struct err *e, const char *fmt, ...)
{
	struct str s;
	va_list ap;
	bool ok;

	str_init(&s, CONN_OUT_MAX);
	va_start(ap, fmt);
	ok = str_vaddf(&s, fmt, ap);
	va_end(ap);
	ok = ok ? conn_write(c, str_sv(&s), e) : err_set(e, ERR_LIMIT, "a command is too long");
	str_fini(&s);
	return ok;
}

bool conn_write_secret(struct conn *c, struct sv bytes, struct err *e)
{
	bool line = bytes.len && bytes.p[bytes.len - 1] == '\n';

	wire_sent(c->wire, line ? SV("********\r\n") : SV("********"));
	return put(c, bytes, e);
}

/* ---- reading ---- */

static struct sv take(struct conn *c, size_t n)
{
	struct sv v = sv_make(c->in.buf + c->in.start, n);

	c->in.start += n;
	return v;
}

bool conn_read_line(struct conn *c, size_t max, struct sv *line, struct err *e)
{
	size_t seen = 0; /* so many bytes are known to hold no LF */

	for (;;) {
		struct sv have = queue_sv(&c->in);
		ptrdiff_t lf = have.len ? sv_chr(sv_from(have, seen), '\n') : -1;

		if (lf >= 0) {
			size_t n = seen + (size_t)lf;

			if (n > max)
				break;
			*line = take(c, n + 1);
			line->len = n - (n > 0 && line->p[n - 1] == '\r');
			return true;
		}
		seen = have.len;
		if (seen > max)
			break;
		if (!fill(c, e))
			return false;
	}
	return err_set(e, ERR_LIMIT, "%s sent a line of more than %zu bytes", c->peer, max);
}

bool conn_read_some(struct conn *c, size_t max, struct sv *piece, struct err *e)
{
	if (queue_len(&c->in) == 0 && !fill(c, e))
		return false;
	*piece = take(c, MIN(max, queue_len(&c->in)));
	return true;
}

bool conn_peek(struct conn *c, struct sv *here, struct err *e)
{
	if (queue_len(&c->in) == 0 && !fill(c, e))
		return false;
	*here = queue_sv(&c->in);
	return true;
}

void conn_take(struct conn *c, size_t n)
{
	c->in.start += MIN(n, queue_len(&c->in));
}

size_t conn_buffered(const struct conn *c)
{
	return queue_len(&c->in);
}

size_t conn_discard(struct conn *c)
{
	size_t n = queue_len(&c->in);

	c->in.start = c->in.end = 0;
	return n;
}

bool conn_wait(struct conn *c, int timeout_ms, enum conn_event *event, struct err *e)
{
	int64_t deadline = timeout_ms < 0 ? INT64_MAX : clock_ms() + timeout_ms;

	if (!conn_flush(c, e))
		return false;
	for (;;) {
		short wire = 0, wake = 0;
		bool here = queue_len(&c->in) > 0 || c->ended || c->io.pending(c->io.self);
		int64_t left = deadline == INT64_MAX ? 1 << 30 : deadline - clock_ms();

		/*
		 * Woken earlier, while something else was waited for: then nothing is left to wake
		 * us now.
		 */
		if (poll_both(c, POLLIN, here || c->woken || left < 0 ? 0 : (int)MIN(left, 1 << 30),
			    true, &wire, &wake) < 0)
			return err_set(e, ERR_NET, "waiting for %s: %s", c->peer, strerror(errno));
		if (wake && !take_wake(c, wake, e))
			return false;
		if (c->woken) {
			c->woken = false;
			*event = CONN_WOKEN;
			return true;
		}
		if (wire && !here) {
			/* Under TLS a readable descriptor may hold no byte for us. */
			ssize_t n = take_input(c, e);

			if (n == IO_FAILED)
				return false;
			here = n > 0 || n == IO_END;
		}
		if (here) {
			*event = CONN_INPUT;
			return true;
		}
		if (left <= 0) {
			*event = CONN_QUIET;
			return true;
		}
	}
}

bool conn_start_deflate(struct conn *c, struct err *e)
{
	struct sv ahead = queue_sv(&c->in);

	if (!conn_flush(c, e) || !deflate_wrap(&c->io, ahead, e))
		return false;
	conn_discard(c);
	return true;
}

char *conn_own_literal(const struct conn *c)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	char text[INET6_ADDRSTRLEN];

	if (getsockname(c->fd, (struct sockaddr *)&sa, &len) == 0) {
		if (sa.ss_family == AF_INET &&
			inet_ntop(AF_INET, &((struct sockaddr_in *)&sa)->sin_addr, text,
				sizeof(text)))
			return xasprintf("[%s]", text);
		if (sa.ss_family == AF_INET6 &&
			inet_ntop(AF_INET6, &((struct sockaddr_in6 *)&sa)->sin6_addr, text,
				sizeof(text)))
			return xasprintf("[IPv6:%s]", text);
	}
	return xstrdup("[127.0.0.1]");
}
