#include "tests/evil/line.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include "base/clock.h"
#include "net/conn_priv.h"

#define POLLS_MAX 2000000     /* more are a client that turns in a circle */
#define EPOCH_MS INT64_C(1000000000)
#define NOISE "\x80\0\xff\r(){\"*\x01}\x1b]~+"

static struct line *current; /* the one line: what the wrapped functions speak of */

static const char *const mangle_names[] = {"none", "cut", "stall", "reset", "drip", "garbage", "flip", "lf", "double",
	"drop", "swap", "literal", "deaf"};

const char *mangle_name(enum mangle m)
{
	return mangle_names[m];
}

bool line_has_mangle_lines(enum mangle m)
{
	return m == MANGLE_DOUBLE || m == MANGLE_DROP || m == MANGLE_SWAP || m == MANGLE_LITERAL;
}

/* ---- deflate, the server's side ---- */

struct deflater {
	z_stream in, out;
};

static struct deflater *deflater_new(void)
{
	struct deflater *z = xcalloc(1, sizeof(*z));

	if (inflateInit2(&z->in, -15) != Z_OK || deflateInit2(&z->out, 6, Z_DEFLATED, -15, 8, 0) != Z_OK)
		abort();
	return z;
}

static void deflater_free(struct deflater *z)
{
	if (!z)
		return;
	inflateEnd(&z->in);
	deflateEnd(&z->out);
	free(z);
}

static void squeeze(z_stream *z, int (*step)(z_stream *, int), struct sv in, struct str *out)
{
	z->next_in = (Bytef *)(uintptr_t)in.p;
	z->avail_in = (uInt)in.len;
	do {
		char buf[16384];

		z->next_out = (Bytef *)buf;
		z->avail_out = sizeof(buf);
		if (step(z, Z_SYNC_FLUSH) < 0)
			break;
		str_add(out, sv_make(buf, sizeof(buf) - z->avail_out));
	} while (z->avail_out == 0);
}

/* ---- from the model to the client ---- */

static void deliver(struct line *l, struct sv bytes)
{
	str_add(&l->said, bytes);
	if (l->z)
		squeeze(&l->z->out, deflate, bytes, &l->ready);
	else
		str_add(&l->ready, bytes);
}

static void deliver_lf(struct line *l, struct sv bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		if (bytes.p[i] != '\r' || i + 1 == bytes.len || bytes.p[i + 1] != '\n')
			deliver(l, sv_make(bytes.p + i, 1));
}

/* The line with another number in the literal at its end. */
static void deliver_literal(struct line *l, struct sv text)
{
	ptrdiff_t open = sv_rchr(text, '{');

	if (open < 0 || !sv_ends_case(sv_rtrim(text), SV("}"))) {
		deliver(l, text);
		return;
	}
	deliver(l, sv_head(text, (size_t)open + 1));
	deliver(l, sv_of(l->arg));
	deliver(l, SV("}\r\n"));
}

static void deliver_line(struct line *l, struct sv text)
{
	size_t n = l->lines++;
	bool here = line_has_mangle_lines(l->mangle) && n == l->at;

	if (here && l->mangle == MANGLE_SWAP) {
		str_add(&l->held, text);
		return;
	}
	if (here && l->mangle == MANGLE_DROP)
		return;
	if (here && l->mangle == MANGLE_LITERAL)
		deliver_literal(l, text);
	else if (l->mangle == MANGLE_LF)
		deliver_lf(l, text);
	else
		deliver(l, text);
	if (here && l->mangle == MANGLE_DOUBLE)
		deliver(l, text);
	if (l->held.len) {
		deliver(l, str_sv(&l->held));
		str_clear(&l->held);
	}
}

/* Bytes with a fault at one of them. */
static void deliver_bytes(struct line *l, struct sv bytes)
{
	size_t before = l->taken, at = l->at;
	bool here = at >= before && at < before + bytes.len;
	struct sv head = here ? sv_head(bytes, at - before) : bytes, rest = here ? sv_from(bytes, at - before) : SV("");
	char other;

	l->taken += bytes.len;
	deliver(l, head);
	if (!here)
		return;
	switch (l->mangle) {
	case MANGLE_CUT:
		l->ended = true;
		return;
	case MANGLE_RESET:
		l->reset = true;
		return;
	case MANGLE_STALL:
		l->stalled = true;
		return;
	case MANGLE_GARBAGE:
		deliver(l, SV(NOISE));
		break;
	case MANGLE_FLIP:
		other = (char)(rest.p[0] ^ 0x15);
		deliver(l, sv_make(&other, 1));
		rest = sv_from(rest, 1);
		break;
	default:
		break;
	}
	deliver(l, rest);
}

static bool by_bytes(enum mangle m)
{
	return m == MANGLE_CUT || m == MANGLE_RESET || m == MANGLE_STALL || m == MANGLE_GARBAGE || m == MANGLE_FLIP;
}

/* What the model has said goes on its way. */
static void pull(struct line *l)
{
	struct model *m = l->model;
	struct sv out = str_sv(&m->out), line;

	if (l->ended || l->reset || l->stalled)
		return;
	if (by_bytes(l->mangle)) {
		deliver_bytes(l, out);
	} else {
		while (out.len) {
			ptrdiff_t lf = sv_chr(out, '\n');

			line = sv_head(out, lf < 0 ? out.len : (size_t)lf + 1);
			deliver_line(l, line);
			out = sv_from(out, line.len);
		}
	}
	str_clear(&m->out);
	if (m->turn_deflate && !l->z) {
		l->z = deflater_new();
		m->deflating = true;
	}
	if (m->closed)
		l->ended = true;
}

/* ---- the transport ---- */

static ssize_t line_read(void *self, char *buf, size_t n, struct err *e)
{
	struct line *l = self;

	pull(l);
	n = MIN(n, l->ready.len - l->given);
	if (l->mangle == MANGLE_DRIP && n > 0) {
		n = MIN(n, l->at ? l->at : 1);
		l->now_ms += l->ms;
	}
	if (n > 0) {
		memcpy(buf, l->ready.s + l->given, n);
		l->given += n;
		if (l->given == l->ready.len) {
			str_clear(&l->ready);
			l->given = 0;
		}
		return (ssize_t)n;
	}
	if (l->reset) {
		err_set(e, ERR_NET, "connection lost: reset");
		return IO_FAILED;
	}
	return l->ended ? IO_END : IO_WANT_READ;
}

static ssize_t line_write(void *self, const char *buf, size_t n, struct err *e)
{
	struct line *l = self;
	struct sv bytes;

	if (l->mangle == MANGLE_DEAF) {
		if (l->heard >= l->at)
			return IO_WANT_WRITE;
		n = MIN(n, l->at - l->heard);
	}
	if (l->ended || l->reset) {
		err_set(e, ERR_NET, "the server closed the connection");
		return IO_FAILED;
	}
	l->heard += n;
	bytes = sv_make(buf, n);
	str_add(l->wire_tls ? &l->secret : &l->clear, bytes);
	if (l->z) {
		struct str plain;

		str_init(&plain, MODEL_OUT_MAX);
		squeeze(&l->z->in, inflate, bytes, &plain);
		model_feed(l->model, str_sv(&plain));
		str_fini(&plain);
	} else {
		model_feed(l->model, bytes);
	}
	return (ssize_t)n;
}

static bool line_pending(void *self)
{
	struct line *l = self;

	pull(l);
	return l->ready.len > 0;
}

static void line_end(void *self)
{
	(void)self;
}

struct conn *line_open(struct line *l, struct model *m)
{
	struct transport *io;

	if (current)
		abort();
	current = l;
	l->model = m;
	str_init(&l->clear, MODEL_OUT_MAX);
	str_init(&l->secret, MODEL_OUT_MAX);
	str_init(&l->said, MODEL_OUT_MAX);
	str_init(&l->ready, MODEL_OUT_MAX * 2);
	str_init(&l->held, MODEL_OUT_MAX);
	l->fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	l->conn = conn_new(l->fd, "mx.example.org:1");
	io = conn_transport(l->conn);
	*io = (struct transport){
		.read = line_read, .write = line_write, .pending = line_pending, .close = line_end, .self = l};
	model_connected(m);
	return l->conn;
}

void line_close(struct line *l)
{
	str_fini(&l->clear);
	str_fini(&l->secret);
	str_fini(&l->said);
	str_fini(&l->ready);
	str_fini(&l->held);
	deflater_free(l->z);
	l->z = NULL;
	current = NULL;
}

/* ---- the other ends of what is wrapped ---- */

int __real_poll(struct pollfd *p, nfds_t n, int timeout);
int __wrap_poll(struct pollfd *p, nfds_t n, int timeout);
int64_t __real_clock_ms(void);
int64_t __wrap_clock_ms(void);
bool __real_tls_start(struct conn *c, const struct tls_opts *o, struct tls_cert *cert, struct err *e);
bool __wrap_tls_start(struct conn *c, const struct tls_opts *o, struct tls_cert *cert, struct err *e);
int __real_getpeername(int fd, struct sockaddr *sa, socklen_t *len);
int __wrap_getpeername(int fd, struct sockaddr *sa, socklen_t *len);

int __wrap_poll(struct pollfd *p, nfds_t n, int timeout)
{
	struct line *l = current;
	short now = 0;

	if (!l || n == 0 || p[0].fd != l->fd)
		return __real_poll(p, n, timeout);
	pull(l);
	if (++l->polls > POLLS_MAX) {
		l->hung = true;
		l->reset = true;
	}
	if (l->ready.len || l->ended || l->reset)
		now |= POLLIN;
	if (l->mangle != MANGLE_DEAF || l->heard < l->at)
		now |= POLLOUT;
	for (nfds_t i = 1; i < n; i++)
		p[i].revents = 0;
	p[0].revents = now & p[0].events;
	if (p[0].revents)
		return 1;
	if (timeout < 0) {
		/* Nothing will ever come: a client that waits for it hangs. */
		l->hung = true;
		l->reset = true;
		p[0].revents = POLLIN | POLLERR;
		return 1;
	}
	l->now_ms += timeout;
	return 0;
}

int64_t __wrap_clock_ms(void)
{
	return current ? EPOCH_MS + current->now_ms : __real_clock_ms();
}

bool __wrap_tls_start(struct conn *c, const struct tls_opts *o, struct tls_cert *cert, struct err *e)
{
	struct line *l = current;

	if (!l)
		return __real_tls_start(c, o, cert, e);
	if (!conn_flush(c, e))
		return false;
	pull(l);
	/* What else came in clear is no TLS record. */
	if (l->tls_refused || !l->model->turn_tls || l->ready.len || l->ended || l->reset || l->stalled)
		return err_set(e, ERR_TLS, "mx.example.org:1: the TLS handshake failed");
	l->wire_tls = true;
	conn_transport(c)->secure = true;
	model_tls_done(l->model);
	return true;
}

/* "far": an address of the documentation net, so that the line does not count as one inside of the machine. */
int __wrap_getpeername(int fd, struct sockaddr *sa, socklen_t *len)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(1)};

	if (!current || fd != current->fd || !current->far)
		return __real_getpeername(fd, sa, len);
	in.sin_addr.s_addr = htonl(0xc0000201);
	memcpy(sa, &in, MIN((size_t)*len, sizeof(in)));
	*len = sizeof(in);
	return 0;
}
