/*
 * Getting a socket: names to addresses, addresses to a connection, the fastest that answers.
 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#ifdef HAVE_IDN2
#include <idn2.h>
#endif

#include "base/clock.h"
#include "base/mem.h"
#include "base/proc.h"
#include "net/dial.h"

#define HOST_MAX 253

struct attempt {
	const struct addrinfo *ai;
	int fd; /* -1: not started or over */
};

struct race {
	struct attempt a[DIAL_ADDRESSES_MAX];
	size_t n, started;
	int last_errno;
	struct wake wake;
};

static bool host_is_ascii(const char *host)
{
	for (; *host; host++)
		if ((unsigned char)*host >= 128)
			return false;
	return true;
}

bool dial_ascii_host(const char *host, char **ascii, struct err *e)
{
	size_t len = strlen(host);

	while (len > 0 && host[len - 1] == '.')
		len--;
	if (len == 0)
		return err_set(e, ERR_INPUT, "no host name");
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)host[i] <= ' ' || host[i] == 127 || strchr("/@\"\\<>", host[i]))
			return err_set(e, ERR_INPUT, "\"%s\" is not a host name", host);
	if (host_is_ascii(host)) {
		if (len > HOST_MAX)
			return err_set(e, ERR_INPUT, "the host name is too long");
		*ascii = xstrndup(host, len);
		return true;
	}
#ifdef HAVE_IDN2
	uint8_t *out = NULL;
	char *name = xstrndup(host, len);
	int rc = idn2_lookup_u8((const uint8_t *)name, &out, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);

	free(name);
	if (rc != IDN2_OK)
		return err_set(
			e, ERR_INPUT, "\"%s\" is not a host name: %s", host, idn2_strerror(rc));
	*ascii = xstrdup((char *)out);
	idn2_free(out);
	return true;
#else
	return err_set(
		e, ERR_INPUT, "\"%s\": built without libidn2, so only plain host names", host);
#endif
}

static bool resolve(const char *host, unsigned port, struct addrinfo **list, struct err *e)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
		.ai_family = AF_UNSPEC,
		.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV};
	char service[16];
	int rc;

	snprintf(service, sizeof(service), "%u", port);
	rc = getaddrinfo(host, service, &hints, list);
	if (rc == EAI_NONAME || rc == EAI_ADDRFAMILY) {
		/*
		 * A machine that has only loopback: ADDRCONFIG hides 127.0.0.1 from some resolvers.
		 */
		hints.ai_flags = AI_NUMERICSERV;
		rc = getaddrinfo(host, service, &hints, list);
	}
	if (rc == 0)
		return true;
	if (rc == EAI_NONAME || rc == EAI_NODATA)
		return err_set(e, ERR_NET, "unknown host %s", host);
	if (rc == EAI_AGAIN)
		return err_set(
			e, ERR_NET, "cannot look up %s: the name server does not answer", host);
	return err_set(e, ERR_NET, "cannot look up %s: %s", host, gai_strerror(rc));
}

/* The resolver's order, but the families take turns, the first one's family first. */
static void order(struct race *r, const struct addrinfo *list)
{
	const struct addrinfo *same = list, *other = list;
	int family = list->ai_family;
	bool turn = true;

	while ((same || other) && r->n < DIAL_ADDRESSES_MAX) {
		const struct addrinfo **next = turn ? &same : &other;

		while (*next && ((*next)->ai_family == family) != turn)
			*next = (*next)->ai_next;
		if (*next) {
			r->a[r->n++] = (struct attempt){*next, -1};
			*next = (*next)->ai_next;
		}
		turn = !turn;
	}
}

/* Starts the next attempt. True with *fd >= 0 when it connected at once. */
static void start(struct race *r, int *fd)
{
	struct attempt *a = &r->a[r->started++];
	const struct addrinfo *ai = a->ai;
	int s = socket(
		ai->ai_family, ai->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, ai->ai_protocol);

	if (s < 0) {
		r->last_errno = errno;
		return;
	}
	if (connect(s, ai->ai_addr, ai->ai_addrlen) == 0) {
		*fd = s;
		return;
	}
	if (errno == EINPROGRESS) {
		a->fd = s;
		return;
	}
	r->last_errno = errno;
	close(s);
}

static size_t under_way(const struct race *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->started; i++)
		n += r->a[i].fd >= 0;
	return n;
}

/* One attempt has an answer: the socket, or -1. */
static int result(struct race *r, struct attempt *a)
{
	int err = 0, fd = a->fd;
	socklen_t len = sizeof(err);

	a->fd = -1;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0)
		err = errno;
	if (err == 0)
		return fd;
	r->last_errno = err;
	close(fd);
	return -1;
}

/* Waits for one of the attempts. *fd >= 0: won. */
static bool wait_answers(struct race *r, int timeout_ms, int *fd, struct err *e)
{
	struct pollfd p[DIAL_ADDRESSES_MAX + 1];
	size_t which[DIAL_ADDRESSES_MAX], n = 0;

	for (size_t i = 0; i < r->started; i++) {
		if (r->a[i].fd < 0)
			continue;
		which[n] = i;
		p[n++] = (struct pollfd){.fd = r->a[i].fd, .events = POLLOUT};
	}
	p[n] = (struct pollfd){.fd = r->wake.fn ? r->wake.fd : -1, .events = POLLIN};
	if (poll(p, n + 1, timeout_ms) < 0)
		return errno == EINTR || err_set(e, ERR_NET, "waiting: %s", strerror(errno));
	if (p[n].revents && r->wake.fn(r->wake.data))
		return err_set(e, ERR_CANCEL, "interrupted");
	for (size_t i = 0; i < n && *fd < 0; i++)
		if (p[i].revents)
			*fd = result(r, &r->a[which[i]]);
	return true;
}

static bool run(struct race *r, int timeout_ms, int *fd, struct err *e)
{
	int64_t end = clock_ms() + timeout_ms, next = 0;

	while (*fd < 0) {
		int64_t now = clock_ms();

		if (now >= end)
			return err_set(e, ERR_NET, "no answer in %d seconds", timeout_ms / 1000);
		if (r->started < r->n && (now >= next || under_way(r) == 0)) {
			start(r, fd);
			next = now + DIAL_STAGGER_MS;
			continue;
		}
		if (under_way(r) == 0)
			return err_set(e, ERR_NET, "%s",
				strerror(r->last_errno ? r->last_errno : ECONNREFUSED));
		if (!wait_answers(
			    r, (int)((r->started < r->n ? MIN(next, end) : end) - now), fd, e))
			return false;
	}
	return true;
}

bool dial(const char *host, unsigned port, int timeout_ms, struct wake wake, struct conn **out,
	struct err *e)
{
	struct race r = {.wake = wake};
	struct addrinfo *list = NULL;
	char *ascii, *peer;
	int fd = -1;
	bool ok;

	if (!dial_ascii_host(host, &ascii, e))
		return false;
	if (!resolve(ascii, port, &list, e)) {
		free(ascii);
		return false;
	}
	order(&r, list);
	peer = xasprintf("%s:%u", ascii, port);
	ok = run(&r, timeout_ms ? timeout_ms : DIAL_TIMEOUT_MS, &fd, e);
	if (!ok)
		err_at(e, "connecting to %s", peer);
	for (size_t i = 0; i < r.started; i++)
		if (r.a[i].fd >= 0)
			close(r.a[i].fd);
	freeaddrinfo(list);
	if (ok) {
		*out = conn_new(fd, peer);
		conn_set_wake(*out, wake);
	}
	free(peer);
	free(ascii);
	return ok;
}

bool dial_tunnel(const char *command, struct conn **out, struct err *e)
{
	struct proc_opts opts = PROC_OPTS_INIT;
	int fds[2];
	pid_t pid;

	if (!proc_socketpair(fds, e))
		return false;
	opts.in = opts.out = fds[1];
	opts.new_group = true;
	if (!proc_shell(command, &opts, &pid, e)) {
		close(fds[0]);
		close(fds[1]);
		return err_at(e, "starting the tunnel");
	}
	close(fds[1]);
	*out = conn_new(fds[0], "the tunnel");
	return true;
}

bool dial_unix(const char *path, struct conn **out, struct err *e)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof(sa.sun_path))
		return err_set(e, ERR_INPUT, "%s: the name of the socket is too long", path);
	memcpy(sa.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* Somebody listens at once or not at all: there is nothing to wait for. */
	if (fd < 0 || connect(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0) {
		err_set(e, ERR_NET, "connecting to %s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return false;
	}
	*out = conn_new(fd, path);
	return true;
}
