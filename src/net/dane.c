/*
 * TLSA records through the C library's resolver: nothing more is needed where somebody else checks
 * the signatures (see dane.h). It blocks, so it runs in a copy of this process.
 */
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <resolv.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
/* resolv.h brings those of sys/param.h. */
#undef MIN
#undef MAX

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "net/dane.h"

#define TYPE_TLSA 52
#define ANSWER_MAX 65535

/* ---- reading an answer ---- */

static bool take_record(ns_rr *rr, struct dane *out)
{
	const unsigned char *p = ns_rr_rdata(*rr);
	size_t len = ns_rr_rdlen(*rr);
	struct dane_record *r;

	if (ns_rr_type(*rr) != TYPE_TLSA || ns_rr_class(*rr) != ns_c_in || len < 4 ||
		len - 3 > DANE_DATA_MAX || out->n == DANE_MAX)
		return false;
	r = &out->v[out->n++];
	r->usage = p[0];
	r->selector = p[1];
	r->matching = p[2];
	r->len = len - 3;
	memcpy(r->data, p + 3, r->len);
	return true;
}

bool dane_parse(struct sv answer, struct dane *out, struct err *e)
{
	ns_msg msg;
	int rcode;

	out->n = 0;
	if (answer.len > ANSWER_MAX ||
		ns_initparse((const unsigned char *)answer.p, (int)answer.len, &msg) < 0)
		return err_set(e, ERR_NET, "the name server's answer is broken");
	rcode = ns_msg_getflag(msg, ns_f_rcode);
	if (rcode != ns_r_noerror && rcode != ns_r_nxdomain)
		return err_set(e, ERR_NET,
			"the name server cannot vouch for the TLSA records (answer %d)", rcode);
	if (!ns_msg_getflag(msg, ns_f_ad))
		return true; /* not signed: as if there were none */
	for (int i = 0; i < ns_msg_count(msg, ns_s_an); i++) {
		ns_rr rr;

		if (ns_parserr(&msg, ns_s_an, i, &rr) < 0) {
			out->n = 0;
			return err_set(e, ERR_NET, "the name server's answer is broken");
		}
		(void)take_record(&rr, out);
	}
	return true;
}

/* ---- asking ---- */

struct question {
	char name[320];
	const char *resolver;
};

static bool is_local(const struct sockaddr_in *sa)
{
	return sa->sin_family == AF_INET && (ntohl(sa->sin_addr.s_addr) >> 24) == 127;
}

/* "127.0.0.1:5353" */
static void use_resolver(res_state st, const char *text)
{
	char host[64];
	const char *colon = strrchr(text, ':');
	uint64_t port = 53;

	snprintf(host, sizeof(host), "%.*s", (int)(colon ? colon - text : (int)strlen(text)), text);
	if (colon)
		(void)sv_u64(sv_of(colon + 1), &port);
	st->nscount = 1;
	st->nsaddr_list[0] =
		(struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	inet_pton(AF_INET, host, &st->nsaddr_list[0].sin_addr);
}

/* Every name server that may answer is on this machine. */
static bool all_local(res_state st)
{
	for (int i = 0; i < st->nscount; i++)
		if (!is_local(&st->nsaddr_list[i]))
			return false;
	return st->nscount > 0;
}

#ifdef RES_TRUSTAD
#define TRUSTED_BY_ADMIN(st) ((st)->options & RES_TRUSTAD)
#define ASK_FOR_AD(st) ((st)->options |= RES_TRUSTAD)
#else
#define TRUSTED_BY_ADMIN(st) 0
#define ASK_FOR_AD(st) ((void)(st))
#endif

/* The answer as it is; nothing: nobody answers, or nobody who may be believed. */
static void ask_in_copy(void *data, int fd)
{
	const struct question *q = data;
	struct __res_state st = {0};
	unsigned char answer[ANSWER_MAX];
	int n;

	if (res_ninit(&st) != 0)
		return;
	if (q->resolver)
		use_resolver(&st, q->resolver);
	if (!TRUSTED_BY_ADMIN(&st) && !all_local(&st)) {
		(void)!fs_write_all(fd, SV("?"), NULL);
		return;
	}
	ASK_FOR_AD(&st);
	st.options |= RES_USE_EDNS0;
	st.retrans = 2;
	st.retry = 2;
	n = res_nquery(&st, q->name, ns_c_in, TYPE_TLSA, answer, sizeof(answer));
	/* "No such name" and "no such record" give -1, but h_errno tells them from trouble. */
	if (n > 0)
		(void)!fs_write_all(fd, sv_make((char *)answer, (size_t)n), NULL);
	else if (st.res_h_errno == HOST_NOT_FOUND || st.res_h_errno == NO_DATA)
		(void)!fs_write_all(fd, SV("-"), NULL);
}

static bool collect(int fd, const struct dial_opts *o, struct str *out, struct err *e)
{
	int64_t end = clock_ms() + (o->timeout_ms > 0 ? o->timeout_ms : DIAL_TIMEOUT_MS);
	char buf[4096];
	ssize_t n;

	for (;;) {
		struct pollfd p[2] = {{.fd = fd, .events = POLLIN},
			{.fd = o->wake.fn ? o->wake.fd : -1, .events = POLLIN}};
		int64_t left = end - clock_ms();

		if (left <= 0)
			return err_set(e, ERR_NET, "the name server does not answer");
		if (poll(p, 2, (int)left) < 0 && errno != EINTR)
			return err_set(e, ERR_NET, "waiting: %s", strerror(errno));
		if (p[1].revents && o->wake.fn(o->wake.data))
			return err_set(e, ERR_CANCEL, "interrupted");
		if (!p[0].revents)
			continue;
		n = read(fd, buf, sizeof(buf));
		if (n <= 0)
			break;
		if (!str_add(out, sv_make(buf, (size_t)n)))
			return err_set(e, ERR_NET, "the name server's answer is too long");
	}
	return out->len > 0 || err_set(e, ERR_NET, "the name server refuses, or does not answer");
}

bool dane_lookup(const char *host, unsigned port, const char *resolver, const struct dial_opts *o,
	struct dane **out, struct err *e)
{
	struct question q = {.resolver = resolver};
	struct dane *d = xcalloc(1, sizeof(*d));
	struct str answer;
	pid_t pid;
	bool ok;
	int fd;

	snprintf(q.name, sizeof(q.name), "_%u._tcp.%s", port, host);
	str_init(&answer, ANSWER_MAX + 1);
	ok = proc_copy(ask_in_copy, &q, 60, &fd, &pid, e);
	if (ok) {
		ok = collect(fd, o, &answer, e);
		close(fd);
		kill(pid, SIGKILL);
		(void)proc_wait(pid);
	}
	if (ok && answer.len > 1)
		ok = dane_parse(str_sv(&answer), d, e);
	str_fini(&answer);
	if (ok)
		*out = d;
	else
		free(d);
	return ok || err_at(e, "TLSA records of %s", host);
}
