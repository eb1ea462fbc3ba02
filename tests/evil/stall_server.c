#include "tests/evil/stall_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define DRIP_MS 50
#define SMALL_BUFFER 4096
#define LINES_MAX 8

/* One connection. */
struct peer {
	int fd;
	SSL *ssl;
	bool shaken, starting; /* TLS: done; begins when out is empty */
	bool stalled, over;
	struct model model;
	struct stall_server *s;
};

struct stall_server {
	enum model_proto proto;
	const char *state;
	int nth;
	enum stall kind;
	SSL_CTX *ctx;
	bool tls, starttls;
	int listener, plug, stop[2];
	unsigned port;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t reached;
	bool has_stalled, healed, reset_all;
	unsigned connections;
	struct peer peers[LINES_MAX];
	size_t n;
};

static const char *const names[] = {"silence", "deaf", "one-byte", "drip", "full", "half-close", "reset", "black-hole"};

const char *stall_name(enum stall k)
{
	return names[k];
}

bool stall_is_told(enum stall k)
{
	return k == STALL_HALF_CLOSE || k == STALL_RESET;
}

/* ---- stalling ---- */

/* Every packet that comes in for this socket is dropped, acknowledgements too. */
static void lose_packets(int fd)
{
	struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog prog = {1, &drop};

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) < 0)
		perror("SO_ATTACH_FILTER");
}

static void told(struct stall_server *s)
{
	pthread_mutex_lock(&s->lock);
	s->has_stalled = true;
	pthread_cond_broadcast(&s->reached);
	pthread_mutex_unlock(&s->lock);
}

static void put(struct peer *p, const char *bytes, size_t n)
{
	if (p->ssl && p->shaken)
		(void)!SSL_write(p->ssl, bytes, (int)n);
	else
		(void)!send(p->fd, bytes, n, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static const char *first_byte(enum model_proto p)
{
	return p == MODEL_IMAP ? "*" : p == MODEL_POP ? "+" : "2";
}

static void drop(struct peer *p)
{
	if (p->ssl)
		SSL_free(p->ssl);
	p->ssl = NULL;
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
	p->over = true;
}

static void reset(struct peer *p)
{
	struct linger now = {1, 0};

	setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	drop(p);
}

static void stall(struct peer *p)
{
	p->stalled = true;
	switch (p->s->kind) {
	case STALL_ONE_BYTE:
		put(p, p->ssl && !p->shaken ? "\x16" : first_byte(p->s->proto), 1);
		break;
	case STALL_HALF_CLOSE:
		shutdown(p->fd, SHUT_WR);
		break;
	case STALL_RESET:
		reset(p);
		break;
	case STALL_BLACK_HOLE:
		lose_packets(p->fd);
		break;
	default:
		break;
	}
	told(p->s);
}

static void drip(struct peer *p)
{
	if (p->s->kind == STALL_DRIP && p->stalled && !p->over)
		put(p, p->ssl && !p->shaken ? "\x16" : "x", 1);
}

/* Does a stalled connection still read? */
static bool reads(const struct peer *p)
{
	enum stall k = p->s->kind;

	return !p->stalled || (k != STALL_DEAF && k != STALL_FULL && k != STALL_BLACK_HOLE);
}

/* ---- one connection ---- */

static bool at_state(void *data, const char *state, struct fault *f)
{
	struct peer *p = data;
	struct stall_server *s = p->s;

	if (s->healed || !s->state || p->stalled || strcmp(state, s->state) != 0 || p->model.reached++ != s->nth)
		return false;
	*f = (struct fault){.how = FAULT_SILENCE, .bytes = sv_make("", 0)};
	p->stalled = true; /* what was said before goes out first */
	return true;
}

static void flush(struct peer *p)
{
	struct model *m = &p->model;

	if (m->out.len && !p->over)
		put(p, m->out.s, m->out.len);
	str_clear(&m->out);
	if (m->turn_tls && !p->ssl) {
		p->ssl = SSL_new(p->s->ctx);
		SSL_set_fd(p->ssl, p->fd);
		p->starting = true;
		m->turn_tls = false;
	}
	if (m->closed && !p->over)
		drop(p);
}

static void talk(struct peer *p, const char *bytes, size_t n)
{
	bool before = p->stalled;

	model_feed(&p->model, sv_make(bytes, n));
	flush(p);
	if (p->stalled && !before)
		stall(p);
}

static bool begins(struct peer *p)
{
	struct stall_server *s = p->s;

	if (s->state && !s->healed && strcmp(s->state, "connect") == 0) {
		stall(p);
		return false;
	}
	if (s->tls) {
		p->ssl = SSL_new(s->ctx);
		SSL_set_fd(p->ssl, p->fd);
		p->starting = true;
		return true;
	}
	model_connected(&p->model);
	flush(p);
	if (p->stalled)
		stall(p);
	return true;
}

static void shake(struct peer *p)
{
	struct stall_server *s = p->s;
	int rc;

	if (s->state && !s->healed && strcmp(s->state, "handshake") == 0) {
		stall(p);
		return;
	}
	rc = SSL_accept(p->ssl);
	if (rc == 1) {
		p->shaken = true;
		p->starting = false;
		if (s->tls) {
			model_connected(&p->model);
			p->model.secure = true;
		} else {
			model_tls_done(&p->model);
		}
		flush(p);
		if (p->stalled)
			stall(p);
	} else if (SSL_get_error(p->ssl, rc) != SSL_ERROR_WANT_READ) {
		drop(p);
	}
}

static void take_in(struct peer *p)
{
	static _Thread_local char buf[65536];
	ssize_t n;

	if (p->starting && !p->stalled) {
		shake(p);
		return;
	}
	n = p->ssl && p->shaken ? SSL_read(p->ssl, buf, sizeof(buf)) : recv(p->fd, buf, sizeof(buf), MSG_DONTWAIT);
	if (n <= 0) {
		bool again = p->ssl && p->shaken ? SSL_get_error(p->ssl, (int)n) == SSL_ERROR_WANT_READ : errno == EAGAIN;

		if (!again || n == 0)
			drop(p);
		return;
	}
	if (!p->stalled)
		talk(p, buf, (size_t)n);
	while (!p->over && p->ssl && p->shaken && SSL_pending(p->ssl) > 0 && !p->stalled) {
		n = SSL_read(p->ssl, buf, sizeof(buf));
		if (n > 0)
			talk(p, buf, (size_t)n);
	}
}

/* ---- the thread ---- */

static void pick_up(struct stall_server *s)
{
	struct peer *p = NULL;
	int fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return;
	s->connections++;
	for (size_t i = 0; i < s->n && !p; i++)
		if (s->peers[i].over)
			p = &s->peers[i];
	if (!p && s->n < LINES_MAX)
		p = &s->peers[s->n++];
	if (!p) {
		close(fd);
		return;
	}
	if (p->s)
		model_fini(&p->model);
	*p = (struct peer){.fd = fd, .s = s};
	model_init(&p->model, s->proto);
	p->model.offer_tls = s->starttls;
	p->model.ask = at_state;
	p->model.ask_data = p;
	begins(p);
}

static bool accepts(const struct stall_server *s)
{
	bool connect = s->state && strcmp(s->state, "connect") == 0;

	if (s->healed)
		return true;
	/* Silent and deaf at the door: the kernel takes the connection, nobody picks it up. */
	if (connect && s->kind == STALL_SILENCE)
		return false;
	return !(s->kind == STALL_DEAF && s->has_stalled);
}

static void *run(void *arg)
{
	struct stall_server *s = arg;

	for (;;) {
		struct pollfd p[LINES_MAX + 2] = {{.fd = s->stop[0], .events = POLLIN},
			{.fd = accepts(s) ? s->listener : -1, .events = POLLIN}};
		size_t n = s->n;

		for (size_t i = 0; i < n; i++)
			p[i + 2] = (struct pollfd){
				.fd = s->peers[i].over || !reads(&s->peers[i]) ? -1 : s->peers[i].fd, .events = POLLIN};
		poll(p, n + 2, DRIP_MS);
		if (p[0].revents)
			return NULL;
		if (p[1].revents)
			pick_up(s);
		for (size_t i = 0; s->reset_all && i < n; i++)
			if (!s->peers[i].over)
				reset(&s->peers[i]);
		s->reset_all = false;
		for (size_t i = 0; i < n; i++) {
			if (p[i + 2].revents && !s->peers[i].over)
				take_in(&s->peers[i]);
			drip(&s->peers[i]);
		}
	}
}

/* The queue of connections is full: further ones are not answered. */
static void fill_queue(struct stall_server *s)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)s->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	s->plug = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	(void)!connect(s->plug, (struct sockaddr *)&sin, sizeof(sin));
}

static void stall_at_the_door(struct stall_server *s)
{
	if (!s->state || strcmp(s->state, "connect") != 0)
		return;
	if (s->kind == STALL_BLACK_HOLE)
		lose_packets(s->listener);
	if (s->kind == STALL_DEAF)
		fill_queue(s);
	if (s->kind == STALL_BLACK_HOLE || s->kind == STALL_DEAF || s->kind == STALL_SILENCE)
		s->has_stalled = true; /* nobody will see the first connection */
}

struct stall_server *stall_server_start(enum model_proto proto, const char *state, int nth, enum stall kind,
	SSL_CTX *ctx, bool tls, bool starttls)
{
	struct stall_server *s = xcalloc(1, sizeof(*s));
	struct sockaddr_in sin = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(sin);
	int small = SMALL_BUFFER;

	signal(SIGPIPE, SIG_IGN);
	*s = (struct stall_server){.proto = proto, .state = state, .nth = nth, .kind = kind, .ctx = ctx, .tls = tls,
		.starttls = starttls, .plug = -1};
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->reached, NULL);
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (kind == STALL_FULL)
		setsockopt(s->listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	if (bind(s->listener, (struct sockaddr *)&sin, len) < 0 ||
		listen(s->listener, kind == STALL_DEAF && state && strcmp(state, "connect") == 0 ? 0 : 16) < 0 ||
		getsockname(s->listener, (struct sockaddr *)&sin, &len) < 0 || pipe2(s->stop, O_CLOEXEC) < 0)
		abort();
	s->port = ntohs(sin.sin_port);
	stall_at_the_door(s);
	if (pthread_create(&s->thread, NULL, run, s) != 0)
		abort();
	return s;
}

unsigned stall_server_port(const struct stall_server *s)
{
	return s->port;
}

unsigned stall_server_connections(const struct stall_server *s)
{
	return s->connections;
}

bool stall_server_wait(struct stall_server *s, int timeout_ms)
{
	struct timespec until;
	bool ok;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += timeout_ms / 1000;
	until.tv_nsec += timeout_ms % 1000 * 1000000L;
	if (until.tv_nsec >= 1000000000L)
		until.tv_sec++, until.tv_nsec -= 1000000000L;
	pthread_mutex_lock(&s->lock);
	while (!s->has_stalled && pthread_cond_timedwait(&s->reached, &s->lock, &until) == 0)
		;
	ok = s->has_stalled;
	pthread_mutex_unlock(&s->lock);
	return ok;
}

void stall_server_heal(struct stall_server *s)
{
	s->healed = true;
}

void stall_server_reset_all(struct stall_server *s)
{
	s->reset_all = true;
}

bool stall_server_all_over(const struct stall_server *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (!s->peers[i].over)
			return false;
	return true;
}

void stall_server_end(struct stall_server *s)
{
	(void)!write(s->stop[1], "", 1);
	pthread_join(s->thread, NULL);
	for (size_t i = 0; i < s->n; i++) {
		if (!s->peers[i].over)
			drop(&s->peers[i]);
		model_fini(&s->peers[i].model);
	}
	close(s->listener);
	if (s->plug >= 0)
		close(s->plug);
	close(s->stop[0]);
	close(s->stop[1]);
	free(s);
}
