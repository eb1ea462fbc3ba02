#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include "tests/proto/peer.h"

#define WAIT_MS 10000

struct peer {
	const char *const *lines;
	SSL_CTX *ctx;
	int implicit;
	int listener;
	unsigned port;
	pthread_t thread;
	int ended;
	int fd;
	SSL *ssl;
	int deflating;
	z_stream in, out;
	size_t drip;
	char buf[65536]; /* from the client, not used yet */
	size_t have;
	char *heard;
	size_t heard_len;
	char error[512];
};

static int fail(struct peer *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (!p->error[0])
		vsnprintf(p->error, sizeof(p->error), fmt, ap);
	va_end(ap);
	return 0;
}

/* ---- bytes ---- */

static int wait_for(struct peer *p, short events)
{
	struct pollfd pfd = {.fd = p->fd, .events = events};

	return poll(&pfd, 1, WAIT_MS) > 0;
}

static int raw_send(struct peer *p, const char *s, size_t n)
{
	while (n > 0) {
		size_t part = p->drip && p->drip < n ? p->drip : n;
		ssize_t done;

		if (!p->ssl && !wait_for(p, POLLOUT))
			return fail(p, "the client does not read");
		done = p->ssl ? SSL_write(p->ssl, s, (int)part)
			      : send(p->fd, s, part, MSG_NOSIGNAL);
		if (done <= 0)
			return 0; /* the client has gone: its business */
		s += done;
		n -= (size_t)done;
	}
	return 1;
}

static int peer_send(struct peer *p, const char *s, size_t n)
{
	char z[65536];

	if (!p->deflating)
		return raw_send(p, s, n);
	p->out.next_in = (Bytef *)s;
	p->out.avail_in = (uInt)n;
	do {
		p->out.next_out = (Bytef *)z;
		p->out.avail_out = sizeof(z);
		deflate(&p->out, Z_SYNC_FLUSH);
		if (!raw_send(p, z, sizeof(z) - p->out.avail_out))
			return 0;
	} while (p->out.avail_out == 0);
	return 1;
}

static ssize_t raw_recv(struct peer *p, char *s, size_t n)
{
	if (!p->ssl && !wait_for(p, POLLIN))
		return -1;
	return p->ssl ? SSL_read(p->ssl, s, (int)n) : recv(p->fd, s, n, 0);
}

static ssize_t peer_recv(struct peer *p, char *s, size_t n)
{
	static _Thread_local char z[4096];

	if (!p->deflating)
		return raw_recv(p, s, n);
	for (;;) {
		ssize_t got;

		p->in.next_out = (Bytef *)s;
		p->in.avail_out = (uInt)n;
		inflate(&p->in, Z_SYNC_FLUSH);
		if (p->in.avail_out < n)
			return (ssize_t)(n - p->in.avail_out);
		got = raw_recv(p, z, sizeof(z));
		if (got <= 0)
			return got;
		p->in.next_in = (Bytef *)z;
		p->in.avail_in = (uInt)got;
	}
}

static int take_more(struct peer *p)
{
	ssize_t n;

	if (p->have == sizeof(p->buf))
		return fail(p, "the client sends too much at once");
	n = peer_recv(p, p->buf + p->have, sizeof(p->buf) - p->have);
	if (n <= 0)
		return 0;
	p->heard = realloc(p->heard, p->heard_len + (size_t)n + 1);
	memcpy(p->heard + p->heard_len, p->buf + p->have, (size_t)n);
	p->heard_len += (size_t)n;
	p->heard[p->heard_len] = 0;
	p->have += (size_t)n;
	return 1;
}

static void drop(struct peer *p, size_t n)
{
	memmove(p->buf, p->buf + n, p->have - n);
	p->have -= n;
}

/* One line without its CRLF. */
static int take_line(struct peer *p, char *line, size_t size)
{
	for (;;) {
		char *lf = memchr(p->buf, '\n', p->have);

		if (lf) {
			size_t n = (size_t)(lf - p->buf);

			snprintf(line, size, "%.*s", (int)(n && p->buf[n - 1] == '\r' ? n - 1 : n),
				p->buf);
			drop(p, n + 1);
			return 1;
		}
		if (!take_more(p))
			return 0;
	}
}

/* ---- the script ---- */

static int hex(int c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 0;
}

static size_t unescape(const char *s, char *out)
{
	size_t n = 0;

	for (; *s; s++) {
		if (*s != '\\' || !s[1]) {
			out[n++] = *s;
			continue;
		}
		s++;
		if (*s == 'x' && s[1] && s[2]) {
			out[n++] = (char)(hex(s[1]) << 4 | hex(s[2]));
			s += 2;
		} else {
			out[n++] = *s == 'r'   ? '\r'
				   : *s == 'n' ? '\n'
				   : *s == 't' ? '\t'
				   : *s == '0' ? 0
					       : *s;
		}
	}
	return n;
}

static int say(struct peer *p, const char *text, int crlf)
{
	char *out = malloc(strlen(text) + 3);
	size_t n = unescape(text, out);
	int ok;

	if (crlf) {
		out[n++] = '\r';
		out[n++] = '\n';
	}
	ok = peer_send(p, out, n);
	free(out);
	return ok;
}

static int start_tls(struct peer *p)
{
	p->have = 0;
	p->ssl = SSL_new(p->ctx);
	SSL_set_fd(p->ssl, p->fd);
	if (SSL_accept(p->ssl) == 1)
		return 1;
	return 0; /* the client refused: it will say why */
}

static int start_deflate(struct peer *p)
{
	p->deflating = 1;
	return inflateInit2(&p->in, -15) == Z_OK &&
	       deflateInit2(&p->out, 6, Z_DEFLATED, -15, 8, 0) == Z_OK;
}

static int garbage(struct peer *p, size_t n)
{
	unsigned x = 12345;
	char *s = malloc(n);
	int ok;

	for (size_t i = 0; i < n; i++) {
		x = x * 1103515245 + 12345;
		s[i] = (char)(x >> 16);
	}
	ok = peer_send(p, s, n);
	free(s);
	return ok;
}

static int take_data(struct peer *p)
{
	for (;;) {
		for (size_t i = 0; i + 5 <= p->have; i++)
			if (memcmp(p->buf + i, "\r\n.\r\n", 5) == 0) {
				drop(p, i + 5);
				return 1;
			}
		if (p->have >= 3 && memcmp(p->buf, ".\r\n", 3) == 0) {
			drop(p, 3);
			return 1;
		}
		if (!take_more(p))
			return 0;
	}
}

static void hang_up(struct peer *p)
{
	if (p->ssl) {
		SSL_shutdown(p->ssl);
		SSL_free(p->ssl);
	}
	p->ssl = NULL;
	if (p->deflating) {
		inflateEnd(&p->in);
		deflateEnd(&p->out);
		memset(&p->in, 0, sizeof(p->in));
		memset(&p->out, 0, sizeof(p->out));
	}
	p->deflating = 0;
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
	p->have = 0;
	p->drip = 0;
}

static int pick_up(struct peer *p)
{
	struct pollfd pfd = {.fd = p->listener, .events = POLLIN};
	int one = 1;

	if (poll(&pfd, 1, WAIT_MS) <= 0)
		return fail(p, "the client does not connect");
	p->fd = accept(p->listener, NULL, NULL);
	if (p->fd < 0)
		return fail(p, "accept: %s", strerror(errno));
	setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return !p->implicit || start_tls(p);
}

/* Reads until the client hangs up, so that it is never reset with our words unread. */
static void stall(struct peer *p)
{
	while (take_more(p))
		if (p->have > sizeof(p->buf) / 2)
			p->have = 0;
}

static int expect(struct peer *p, const char *want, int whole)
{
	static _Thread_local char line[65536];

	if (!take_line(p, line, sizeof(line)))
		return fail(p, "the client says nothing more; expected \"%s\"", want);
	if (whole ? strcmp(line, want) != 0 : strncmp(line, want, strlen(want)) != 0)
		return fail(p, "the client said \"%.200s\", expected \"%s\"", line, want);
	return 1;
}

/* Exactly these bytes come next. */
static int expect_bytes(struct peer *p, const char *text)
{
	char *want = malloc(strlen(text) + 1);
	size_t n = unescape(text, want);
	int ok = 1;

	while (ok && p->have < n)
		ok = take_more(p) || fail(p, "the client sent less than \"%s\"", text);
	if (ok && memcmp(p->buf, want, n) != 0)
		ok = fail(p, "the client sent \"%.*s\", expected \"%s\"", (int)n, p->buf, text);
	if (ok)
		drop(p, n);
	free(want);
	return ok;
}

static int word(const char *line, const char *w)
{
	return strcmp(line, w) == 0;
}

static int repeat(struct peer *p, const char *args)
{
	char *text;
	long n = strtol(args, &text, 10);

	while (n-- > 0)
		if (!say(p, *text ? text + 1 : text, 0))
			return 0;
	return 1;
}

static int step(struct peer *p, const char *l)
{
	struct linger rst = {1, 0};

	if (strncmp(l, "S:", 2) == 0)
		return say(p, l[2] ? l + 3 : "", 1);
	if (strncmp(l, "S-", 2) == 0)
		return say(p, l + 3, 0);
	if (strncmp(l, "SREP ", 5) == 0)
		return repeat(p, l + 5);
	if (strncmp(l, "C:", 2) == 0)
		return expect(p, l[2] ? l + 3 : "", 1);
	if (strncmp(l, "C~", 2) == 0)
		return expect(p, l[2] ? l + 3 : "", 0);
	if (strncmp(l, "C= ", 3) == 0)
		return expect_bytes(p, l + 3);
	if (strncmp(l, "CB ", 3) == 0) {
		size_t n = (size_t)strtoul(l + 3, NULL, 10);

		for (size_t part; n > 0; n -= part) {
			if (p->have == 0 && !take_more(p))
				return fail(p, "the client sent %zu bytes less than it should", n);
			part = p->have < n ? p->have : n;
			drop(p, part);
		}
		return 1;
	}
	if (word(l, "CDATA"))
		return take_data(p) || fail(p, "the message did not end");
	if (word(l, "TLS"))
		return start_tls(p);
	if (word(l, "DEFLATE"))
		return start_deflate(p);
	if (word(l, "CUT"))
		return hang_up(p), 1;
	if (word(l, "RST")) {
		setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &rst, sizeof(rst));
		return hang_up(p), 1;
	}
	if (word(l, "STALL"))
		return stall(p), 1;
	if (word(l, "AGAIN"))
		return hang_up(p), pick_up(p);
	if (strncmp(l, "DRIP ", 5) == 0)
		return p->drip = (size_t)strtoul(l + 5, NULL, 10), 1;
	if (strncmp(l, "GARBAGE ", 8) == 0)
		return garbage(p, (size_t)strtoul(l + 8, NULL, 10));
	return fail(p, "unknown word in the script: %s", l);
}

static void *run(void *arg)
{
	struct peer *p = arg;
	int ok = pick_up(p);

	for (size_t i = 0; ok && p->lines[i]; i++)
		ok = step(p, p->lines[i]);
	if (ok && p->fd >= 0)
		stall(p);
	hang_up(p);
	return NULL;
}

struct peer *peer_start(const char *const *lines, SSL_CTX *tls, int implicit)
{
	struct peer *p = calloc(1, sizeof(*p));
	struct sockaddr_in sin = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(sin);

	signal(SIGPIPE, SIG_IGN);
	p->lines = lines;
	p->ctx = tls;
	p->implicit = implicit;
	p->fd = -1;
	p->listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(p->listener, (struct sockaddr *)&sin, len) < 0 || listen(p->listener, 5) < 0 ||
		getsockname(p->listener, (struct sockaddr *)&sin, &len) < 0 ||
		pthread_create(&p->thread, NULL, run, p) != 0) {
		perror("peer");
		abort();
	}
	p->port = ntohs(sin.sin_port);
	return p;
}

unsigned peer_port(const struct peer *p)
{
	return p->port;
}

const char *peer_end(struct peer *p)
{
	if (!p->ended)
		pthread_join(p->thread, NULL);
	p->ended = 1;
	return p->error[0] ? p->error : NULL;
}

void peer_free(struct peer *p)
{
	peer_end(p);
	close(p->listener);
	free(p->heard);
	free(p);
}

const char *peer_heard(const struct peer *p, size_t *len)
{
	*len = p->heard_len;
	return p->heard ? p->heard : "";
}
