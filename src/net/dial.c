/*
 * Getting a socket: names to addresses, addresses to a connection, the fastest that answers.
 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#ifdef HAVE_IDN2
#include <idn2.h>
#endif

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "net/dial.h"

#define HOST_MAX 253

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

/* ---- the resolver, which cannot be interrupted, in a copy of this process ---- */

struct address {
	int family;
	socklen_t len;
	struct sockaddr_storage sa;
};

/* How long a wait may be, and whether it may go on at all (wake.stop). */
static int slice(const struct wake *w, int64_t left)
{
	return (int)(w->stop ? MIN(left, (int64_t)ASK_AGAIN_MS) : left);
}

static bool may_go_on(const struct wake *w, struct err *e)
{
	return !w->stop || !w->stop(w->data) || err_set(e, ERR_CANCEL, "interrupted");
}

/* What the copy says, in one piece. */
struct found {
	int rc; /* of getaddrinfo */
	unsigned n;
	struct address a[DIAL_ADDRESSES_MAX];
};

struct lookup {
	const char *host;
	char service[16];
	bool no_ipv6;
};

static void find(const struct lookup *l, int flags, struct found *out)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
		.ai_family = l->no_ipv6 ? AF_INET : AF_UNSPEC,
		.ai_flags = AI_NUMERICSERV | flags};
	struct addrinfo *list = NULL;

	*out = (struct found){.rc = getaddrinfo(l->host, l->service, &hints, &list)};
	for (struct addrinfo *ai = list; ai && out->n < DIAL_ADDRESSES_MAX; ai = ai->ai_next) {
		struct address *a = &out->a[out->n++];

		a->family = ai->ai_family;
		a->len = (socklen_t)MIN(ai->ai_addrlen, sizeof(a->sa));
		memcpy(&a->sa, ai->ai_addr, a->len);
	}
	if (list)
		freeaddrinfo(list);
}

static void find_in_copy(void *data, int fd)
{
	struct found found;

	find(data, AI_ADDRCONFIG, &found);
	/* Only loopback is up: ADDRCONFIG hides 127.0.0.1 from some resolvers. */
	if (found.rc == EAI_NONAME || found.rc == EAI_ADDRFAMILY)
		find(data, 0, &found);
	(void)!fs_write_all(fd, sv_make((char *)&found, sizeof(found)), NULL);
}

static bool silent_resolver(const char *host, struct err *e)
{
	return err_set(e, ERR_NET, "cannot look up %s: the name server does not answer", host);
}

static bool await_found(int fd, const char *host, const struct dial_opts *o, int64_t end,
	struct found *out, struct err *e)
{
	size_t got = 0;

	while (got < sizeof(*out)) {
		struct pollfd p[2] = {{.fd = fd, .events = POLLIN},
			{.fd = o->wake.fn ? o->wake.fd : -1, .events = POLLIN}};
		int64_t left = end - clock_ms();
		ssize_t n;

		if (left <= 0)
			return silent_resolver(host, e);
		if (!may_go_on(&o->wake, e))
			return false;
		if (poll(p, 2, slice(&o->wake, left)) < 0 && errno != EINTR)
			return err_set(e, ERR_NET, "waiting: %s", strerror(errno));
		if (p[1].revents && o->wake.fn(o->wake.data))
			return err_set(e, ERR_CANCEL, "interrupted");
		if (!p[0].revents)
			continue;
		n = read(fd, (char *)out + got, sizeof(*out) - got);
		if (n <= 0)
			return err_set(e, ERR_NET, "cannot look up %s", host);
		got += (size_t)n;
	}
	return true;
}

static bool judge_found(const struct lookup *l, const struct found *f, struct err *e)
{
	switch (f->rc) {
	case 0:
		return f->n > 0 || err_set(e, ERR_NET, "unknown host %s", l->host);
	case EAI_NONAME:
	case EAI_NODATA:
		return err_set(e, ERR_NET,
			l->no_ipv6 ? "unknown host %s, or it has no IPv4 address ($use_ipv6 is off)"
				   : "unknown host %s",
			l->host);
	case EAI_AGAIN:
		return silent_resolver(l->host, e);
	default:
		return err_set(e, ERR_NET, "cannot look up %s: %s", l->host, gai_strerror(f->rc));
	}
}

/* The one name that nobody needs to be asked for (RFC 6761 6.3). */
static bool find_localhost(const struct lookup *l, struct found *out)
{
	static const char *const loopback[] = {"127.0.0.1", "::1"};

	*out = (struct found){.rc = 0};
	for (size_t i = 0; i < (l->no_ipv6 ? 1 : ARRAY_LEN(loopback)); i++) {
		struct lookup one = *l;
		struct found f;

		one.host = loopback[i];
		find(&one, AI_NUMERICHOST, &f);
		for (size_t k = 0; f.rc == 0 && k < f.n && out->n < ARRAY_LEN(out->a); k++)
			out->a[out->n++] = f.a[k];
	}
	return out->n > 0;
}

/* end: clock_ms at which it must be over. */
static bool resolve(const char *host, unsigned port, const struct dial_opts *o, int64_t end,
	struct found *out, struct err *e)
{
	struct lookup l = {.host = host, .no_ipv6 = o->no_ipv6};
	pid_t pid;
	bool ok;
	int fd;

	snprintf(l.service, sizeof(l.service), "%u", port);
	find(&l, AI_NUMERICHOST, out); /* an address needs nobody */
	if (out->rc == 0 || (sv_is_case(sv_of(host), "localhost") && find_localhost(&l, out)))
		return judge_found(&l, out, e);
	if (!proc_copy(find_in_copy, &l, (unsigned)(end - clock_ms()) / 1000 + 2, &fd, &pid, e))
		return err_at(e, "looking up %s", host);
	ok = await_found(fd, host, o, end, out, e);
	close(fd);
	kill(pid, SIGKILL);
	(void)proc_wait(pid);
	return ok && judge_found(&l, out, e);
}

/* ---- the race ---- */

struct attempt {
	const struct address *to;
	int fd; /* -1: not started or over */
};

struct race {
	struct attempt a[DIAL_ADDRESSES_MAX];
	size_t n, started;
	int last_errno;
	struct wake wake;
};

/* The resolver's order, but the families take turns, the first one's family first. */
static void order(struct race *r, const struct found *f)
{
	size_t same = 0, other = 0;
	bool turn = true;

	while (same < f->n || other < f->n) {
		size_t *next = turn ? &same : &other;

		while (*next < f->n && (f->a[*next].family == f->a[0].family) != turn)
			++*next;
		if (*next < f->n)
			r->a[r->n++] = (struct attempt){&f->a[(*next)++], -1};
		turn = !turn;
	}
}

/* Starts the next attempt. True with *fd >= 0 when it connected at once. */
static void start(struct race *r, int *fd)
{
	struct attempt *a = &r->a[r->started++];
	int s = socket(a->to->family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (s < 0) {
		r->last_errno = errno;
		return;
	}
	if (connect(s, (const struct sockaddr *)&a->to->sa, a->to->len) == 0) {
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
	if (!may_go_on(&r->wake, e))
		return false;
	if (poll(p, n + 1, slice(&r->wake, timeout_ms)) < 0)
		return errno == EINTR || err_set(e, ERR_NET, "waiting: %s", strerror(errno));
	if (p[n].revents && r->wake.fn(r->wake.data))
		return err_set(e, ERR_CANCEL, "interrupted");
	for (size_t i = 0; i < n && *fd < 0; i++)
		if (p[i].revents)
			*fd = result(r, &r->a[which[i]]);
	return true;
}

static bool run(struct race *r, int timeout_ms, int64_t end, int *fd, struct err *e)
{
	int64_t next = 0;

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

static int dial_timeout(const struct dial_opts *o)
{
	return o->timeout_ms > 0 ? o->timeout_ms : DIAL_TIMEOUT_MS;
}

bool dial(const char *host, unsigned port, const struct dial_opts *o, struct conn **out,
	struct err *e)
{
	struct race r = {.wake = o->wake};
	int64_t end = clock_ms() + dial_timeout(o);
	struct found found;
	char *ascii, *peer;
	int fd = -1;
	bool ok;

	if (!dial_ascii_host(host, &ascii, e))
		return false;
	if (!resolve(ascii, port, o, end, &found, e)) {
		free(ascii);
		return false;
	}
	order(&r, &found);
	peer = xasprintf(strchr(ascii, ':') ? "[%s]:%u" : "%s:%u", ascii, port);
	ok = run(&r, dial_timeout(o), end, &fd, e);
	if (!ok)
		err_at(e, "connecting to %s", peer);
	for (size_t i = 0; i < r.started; i++)
		if (r.a[i].fd >= 0)
			close(r.a[i].fd);
	if (ok) {
		*out = conn_new(fd, peer);
		conn_set_wake(*out, o->wake);
	}
	free(peer);
	free(ascii);
	return ok;
}

bool dial_addresses(
	const char *host, const struct dial_opts *o, char list[][48], size_t *n, struct err *e)
{
	struct race r = {.wake = o->wake};
	struct found found;
	char *ascii;
	bool ok;

	if (!dial_ascii_host(host, &ascii, e))
		return false;
	ok = resolve(ascii, 1, o, clock_ms() + dial_timeout(o), &found, e);
	free(ascii);
	if (!ok)
		return false;
	order(&r, &found);
	for (*n = 0; *n < r.n; ++*n)
		if (getnameinfo((const struct sockaddr *)&r.a[*n].to->sa, r.a[*n].to->len, list[*n],
			    48, NULL, 0, NI_NUMERICHOST) != 0)
			break;
	return *n > 0 || err_set(e, ERR_NET, "unknown host %s", host);
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
