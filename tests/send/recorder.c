#include "tests/send/recorder.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define STALL_MS 2500
#define RCPTS_MAX 8

const char *const event_names[EVENTS] = {"connect", "ehlo", "auth", "mail", "rcpt1", "rcpt2", "data", "body", "middle",
	"dot", "bdat0", "chunk", "chunk-middle", "last", "quit"};
const char *const action_names[ACTIONS] = {"cut", "rst", "stall", "split", "garbage", "421", "4xx", "5xx", "double",
	"cut-after", "rst-after", "kill-worker", "kill-worker-after", "kill-ui", "kill-ui-after", "kill-both"};

struct recorder {
	int listener, fd;
	unsigned port;
	pthread_t thread;
	pthread_mutex_t lock;
	struct plan plan;
	int seen[EVENTS], done;
	bool fired, ending;
	pid_t target, peer; /* what is tried now; what this conversation was begun by */
	struct record ledger[RECORDS_MAX];
	size_t records, bytes;
	/* the conversation */
	char in[1 << 16];
	size_t have;
	char rcpts[RCPTS_MAX][64];
	int nrcpts;
	char tag[32];
	size_t size;
	bool bare_lf; /* the line that was read last had no CR */
	bool gone; /* the connection was ended by an action */
	char mail[512]; /* the last MAIL command */
	char *message;
	size_t message_len, message_cap;
};

/* ---- killing ---- */

static pid_t parent_of(pid_t pid, char *name, size_t size)
{
	char path[64], text[512] = "";
	int ppid = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (fgets(text, sizeof(text), f)) {
		char *open = strchr(text, '('), *close = strrchr(text, ')');

		if (open && close && close > open) {
			snprintf(name, size, "%.*s", (int)(close - open - 1), open + 1);
			sscanf(close + 1, " %*c %d", &ppid);
		}
	}
	fclose(f);
	return ppid;
}

/* All feist-workers whose parent is pid. */
static void kill_workers(pid_t pid)
{
	DIR *d = opendir("/proc");
	struct dirent *e;

	while (d && (e = readdir(d))) {
		char name[64] = "";
		pid_t p = (pid_t)atoi(e->d_name);

		if (p > 0 && parent_of(p, name, sizeof(name)) == pid && strncmp(name, "feist-worker", 12) == 0)
			kill(p, SIGKILL);
	}
	if (d)
		closedir(d);
}

static void kill_target(struct recorder *r, enum action a)
{
	if (r->peer <= 0)
		return;
	if (a == DO_KILL_WORKER || a == DO_KILL_WORKER_AFTER || a == DO_KILL_BOTH)
		kill_workers(r->peer);
	if (a == DO_KILL_UI || a == DO_KILL_UI_AFTER || a == DO_KILL_BOTH)
		kill(r->peer, SIGKILL);
}

/* ---- bytes ---- */

static void put(struct recorder *r, const char *text, size_t n)
{
	while (n > 0 && !r->gone) {
		ssize_t done = send(r->fd, text, n, MSG_NOSIGNAL);

		if (done <= 0)
			break;
		text += done;
		n -= (size_t)done;
	}
}

static bool more(struct recorder *r)
{
	struct pollfd p = {.fd = r->fd, .events = POLLIN};
	ssize_t n;

	if (r->have == sizeof(r->in) || poll(&p, 1, 30000) <= 0)
		return false;
	n = recv(r->fd, r->in + r->have, sizeof(r->in) - r->have, 0);
	if (n <= 0)
		return false;
	pthread_mutex_lock(&r->lock);
	r->bytes += (size_t)n;
	pthread_mutex_unlock(&r->lock);
	r->have += (size_t)n;
	return true;
}

static void keep(struct recorder *r, const char *bytes, size_t n)
{
	if (r->message_len + n > r->message_cap) {
		r->message_cap = (r->message_len + n) * 2;
		r->message = realloc(r->message, r->message_cap);
	}
	memcpy(r->message + r->message_len, bytes, n);
	r->message_len += n;
}

static void drop(struct recorder *r, size_t n)
{
	memmove(r->in, r->in + n, r->have - n);
	r->have -= n;
}

static bool read_line(struct recorder *r, char *line, size_t size)
{
	for (;;) {
		char *lf = memchr(r->in, '\n', r->have);

		if (lf) {
			size_t n = (size_t)(lf - r->in);

			r->bare_lf = !(n && r->in[n - 1] == '\r');
			snprintf(line, size, "%.*s", (int)(r->bare_lf ? n : n - 1), r->in);
			drop(r, n + 1);
			return true;
		}
		if (!more(r))
			return false;
	}
}

/* ---- the ledger ---- */

static void take_for(struct recorder *r, const char *rcpt)
{
	pthread_mutex_lock(&r->lock);
	if (r->records < RECORDS_MAX) {
		struct record *x = &r->ledger[r->records++];

		snprintf(x->tag, sizeof(x->tag), "%s", r->tag);
		snprintf(x->rcpt, sizeof(x->rcpt), "%s", rcpt);
		x->bytes = r->size;
	}
	pthread_mutex_unlock(&r->lock);
}

static void take_all(struct recorder *r)
{
	for (int i = 0; i < r->nrcpts; i++)
		take_for(r, r->rcpts[i]);
}

static void see_header(struct recorder *r, const char *line)
{
	if (strncasecmp(line, "Subject: ", 9) == 0 && !r->tag[0])
		snprintf(r->tag, sizeof(r->tag), "%.31s", line + 9);
}

/* ---- the plan ---- */

static bool is_now(struct recorder *r, enum event at)
{
	bool yes;

	pthread_mutex_lock(&r->lock);
	yes = r->plan.event == at && r->done < r->plan.times && r->seen[at]++ >= r->plan.skip;
	if (yes) {
		r->done++;
		r->fired = true;
	}
	pthread_mutex_unlock(&r->lock);
	return yes;
}

static void hang_up(struct recorder *r, bool rst)
{
	struct linger l = {1, 0};

	if (rst)
		setsockopt(r->fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	else
		shutdown(r->fd, SHUT_RDWR);
	r->gone = true;
}

/* Silence until the client has enough; never so long that it counts on us. */
static void stall(struct recorder *r)
{
	struct pollfd p = {.fd = r->fd, .events = POLLIN};
	char sink[4096];

	while (poll(&p, 1, STALL_MS) > 0 && recv(r->fd, sink, sizeof(sink), 0) > 0)
		;
	r->gone = true;
}

/* The answer to an event, or what the plan makes of it. False: the conversation is over, or nothing was accepted. */
static bool answer(struct recorder *r, enum event at, const char *reply)
{
	char text[512];
	size_t n = (size_t)snprintf(text, sizeof(text), "%s\r\n", reply);
	enum action a = r->plan.action;

	if (!is_now(r, at)) {
		put(r, text, n);
		return true;
	}
	switch (a) {
	case DO_CUT:
	case DO_RST:
		hang_up(r, a == DO_RST);
		return false;
	case DO_STALL:
		stall(r);
		return false;
	case DO_SPLIT:
		put(r, text, 2);
		hang_up(r, false);
		return false;
	case DO_GARBAGE:
		put(r, "what?\r\n", 7);
		return false;
	case DO_421:
		put(r, "421 4.3.2 shutting down\r\n", 25);
		hang_up(r, false);
		return false;
	case DO_4XX:
		put(r, "451 4.3.0 not now\r\n", 19);
		return false;
	case DO_5XX:
		put(r, "554 5.7.1 never\r\n", 17);
		return false;
	case DO_DOUBLE:
		memcpy(text + n, text, n);
		put(r, text, 2 * n);
		return true;
	case DO_CUT_AFTER:
	case DO_RST_AFTER:
		put(r, text, n);
		hang_up(r, a == DO_RST_AFTER);
		return true;
	case DO_KILL_WORKER_AFTER:
	case DO_KILL_UI_AFTER:
		put(r, text, n);
		kill_target(r, a);
		return true;
	default:
		kill_target(r, a);
		put(r, text, n);
		return true;
	}
}

/*
 * The end of the message came. Is it taken? A server that says no has not; one whose answer is lost may
 * have (plan.taken).
 */
static bool is_taken(struct recorder *r, enum event at)
{
	enum action a = r->plan.action;
	bool wrong;

	pthread_mutex_lock(&r->lock);
	wrong = r->plan.event == at && r->done < r->plan.times && r->seen[at] >= r->plan.skip;
	pthread_mutex_unlock(&r->lock);
	if (!wrong)
		return true;
	if (a == DO_421 || a == DO_4XX || a == DO_5XX)
		return false;
	if (a == DO_CUT || a == DO_RST || a == DO_STALL || a == DO_SPLIT || a == DO_GARBAGE)
		return r->plan.taken;
	return true;
}

/* ---- messages ---- */

static void finish(struct recorder *r, enum event at)
{
	if (!r->plan.lmtp) {
		if (is_taken(r, at))
			take_all(r);
		(void)answer(r, at, "250 2.0.0 taken");
		return;
	}
	for (int i = 0; i < r->nrcpts; i++) {
		if (r->gone ? r->plan.taken : is_taken(r, at))
			take_for(r, r->rcpts[i]);
		if (!r->gone)
			(void)answer(r, at, "250 2.0.0 taken");
	}
}

/* At a moment inside of the message no answer is due: what is done is done out of turn. */
static bool interfere(struct recorder *r, enum event at)
{
	enum action a = r->plan.action;

	if (!is_now(r, at))
		return true;
	if (a == DO_421 || a == DO_5XX) {
		const char *text = a == DO_421 ? "421 4.3.2 shutting down\r\n" : "552 5.3.4 too big\r\n";

		put(r, text, strlen(text));
		hang_up(r, false);
	} else if (a == DO_STALL) {
		stall(r);
	} else if (a == DO_RST || a == DO_CUT) {
		hang_up(r, a == DO_RST);
	} else {
		kill_target(r, a);
	}
	return !r->gone;
}

static bool read_message(struct recorder *r)
{
	char line[4096];
	size_t lines = 0;

	r->message_len = 0;
	if (!interfere(r, AT_BODY))
		return false;
	while (read_line(r, line, sizeof(line))) {
		if (strcmp(line, ".") == 0) {
			finish(r, AT_DOT);
			return !r->gone;
		}
		see_header(r, line);
		r->size += strlen(line) + 2 - (line[0] == '.');
		keep(r, line, strlen(line));
		keep(r, r->bare_lf ? "\n" : "\r\n", r->bare_lf ? 1 : 2);
		if (++lines == 12 && !interfere(r, AT_MIDDLE))
			return false;
	}
	return false;
}

static bool read_chunk(struct recorder *r, const char *args)
{
	size_t n = (size_t)strtoul(args, NULL, 10), left = n;
	bool last = strcasestr(args, "LAST") != NULL;
	char head[8192] = "";
	size_t have_head = 0;

	while (left > 0) {
		size_t part;

		if (r->have == 0 && !more(r))
			return false;
		part = r->have < left ? r->have : left;
		keep(r, r->in, part);
		if (have_head < sizeof(head) - 1) {
			size_t k = part < sizeof(head) - 1 - have_head ? part : sizeof(head) - 1 - have_head;

			memcpy(head + have_head, r->in, k);
			have_head += k;
		}
		drop(r, part);
		if (left == n && !interfere(r, AT_CHUNK_MIDDLE))
			return false;
		left -= part;
	}
	bool first = r->size == 0;
	r->size += n;
	char *subject = strncasecmp(head, "Subject: ", 9) == 0 ? head : strcasestr(head, "\nSubject: ");
	subject += subject && *subject == '\n';
	char *end = subject ? strpbrk(subject, "\r\n") : NULL;
	if (end) {
		*end = 0;
		see_header(r, subject);
	}
	if (last)
		finish(r, AT_LAST);
	else
		(void)answer(r, first ? AT_CHUNK1 : AT_CHUNK, "250 2.0.0 octets");
	return !r->gone;
}

/* ---- the conversation ---- */

static void reset(struct recorder *r)
{

	r->nrcpts = 0;
	r->tag[0] = 0;
	r->size = 0;
}

static void ehlo(struct recorder *r)
{
	char text[400];

	snprintf(text, sizeof(text), "250-recorder\r\n%s%s%s%s%s250 ENHANCEDSTATUSCODES",
		r->plan.pipelining ? "250-PIPELINING\r\n" : "", r->plan.chunking ? "250-CHUNKING\r\n250-BINARYMIME\r\n" : "",
		r->plan.auth ? "250-AUTH PLAIN\r\n" : "", r->plan.seven_bit ? "" : "250-8BITMIME\r\n",
		r->plan.hold ? "250-FUTURERELEASE 86400 2099-01-01T00:00:00Z\r\n" : "");
	(void)answer(r, AT_EHLO, text);
}

static bool rcpt(struct recorder *r, const char *line)
{
	const char *open = strchr(line, '<'), *close = open ? strchr(open, '>') : NULL;
	enum event at = r->nrcpts == 0 ? AT_RCPT1 : AT_RCPT2;

	if (!close || r->nrcpts == RCPTS_MAX)
		return false;
	if (answer(r, at, "250 2.1.5 ok")) {
		snprintf(r->rcpts[r->nrcpts], sizeof(r->rcpts[0]), "%.*s", (int)(close - open - 1), open + 1);
		r->nrcpts++;
	}
	return true;
}

static bool is_verb(const char *line, const char *verb)
{
	return strncasecmp(line, verb, strlen(verb)) == 0;
}

static bool command(struct recorder *r, const char *line)
{
	if (is_verb(line, "EHLO") || is_verb(line, "LHLO")) {
		ehlo(r);
	} else if (is_verb(line, "AUTH")) {
		(void)answer(r, AT_AUTH, "235 2.7.0 in");
	} else if (is_verb(line, "MAIL")) {
		reset(r);
		r->message_len = 0;
		snprintf(r->mail, sizeof(r->mail), "%.500s", line);
		(void)answer(r, AT_MAIL, "250 2.1.0 ok");
	} else if (is_verb(line, "RCPT")) {
		(void)rcpt(r, line);
	} else if (is_verb(line, "DATA")) {
		if (r->nrcpts == 0)
			put(r, "554 5.5.1 no recipients\r\n", 25);
		else if (answer(r, AT_DATA, "354 go") && !r->gone)
			return read_message(r);
	} else if (is_verb(line, "BDAT")) {
		return read_chunk(r, line + 4);
	} else if (is_verb(line, "RSET")) {
		reset(r);
		put(r, "250 2.0.0 ok\r\n", 14);
	} else if (is_verb(line, "QUIT")) {
		(void)answer(r, AT_QUIT, "221 2.0.0 bye");
		return false;
	} else {
		put(r, "500 5.5.2 what?\r\n", 17);
	}
	return !r->gone;
}

static void converse(struct recorder *r)
{
	char line[4096];

	pthread_mutex_lock(&r->lock);
	r->peer = r->target; /* it may end before we come to the event: nobody else is meant */
	pthread_mutex_unlock(&r->lock);
	r->have = 0;
	r->gone = false;
	reset(r);
	(void)answer(r, AT_CONNECT, "220 recorder ESMTP");
	while (!r->gone && read_line(r, line, sizeof(line)) && command(r, line))
		;
	close(r->fd);
}

static void *serve(void *arg)
{
	struct recorder *r = arg;

	while (!r->ending) {
		struct pollfd p = {.fd = r->listener, .events = POLLIN};

		if (poll(&p, 1, 200) <= 0)
			continue;
		r->fd = accept(r->listener, NULL, NULL);
		if (r->fd >= 0)
			converse(r);
	}
	return NULL;
}

/* ---- for the driver ---- */

struct recorder *recorder_new(void)
{
	struct recorder *r = calloc(1, sizeof(*r));
	struct sockaddr_in sin = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(sin);

	signal(SIGPIPE, SIG_IGN);
	pthread_mutex_init(&r->lock, NULL);
	r->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(r->listener, (struct sockaddr *)&sin, len) < 0 || listen(r->listener, 16) < 0 ||
		getsockname(r->listener, (struct sockaddr *)&sin, &len) < 0 ||
		pthread_create(&r->thread, NULL, serve, r) != 0) {
		perror("recorder");
		abort();
	}
	r->port = ntohs(sin.sin_port);
	return r;
}

void recorder_free(struct recorder *r)
{
	r->ending = true;
	pthread_join(r->thread, NULL);
	close(r->listener);
	free(r->message);
	free(r);
}

unsigned recorder_port(const struct recorder *r)
{
	return r->port;
}

void recorder_plan(struct recorder *r, const struct plan *plan)
{
	pthread_mutex_lock(&r->lock);
	r->plan = *plan;
	r->done = 0;
	r->fired = false;
	r->records = r->bytes = 0;
	memset(r->seen, 0, sizeof(r->seen));
	pthread_mutex_unlock(&r->lock);
}

void recorder_target(struct recorder *r, pid_t feist)
{
	pthread_mutex_lock(&r->lock);
	r->target = feist;
	pthread_mutex_unlock(&r->lock);
}

bool recorder_fired(struct recorder *r)
{
	return r->fired;
}

size_t recorder_ledger(struct recorder *r, struct record out[RECORDS_MAX])
{
	size_t n;

	pthread_mutex_lock(&r->lock);
	n = r->records;
	memcpy(out, r->ledger, n * sizeof(*out));
	pthread_mutex_unlock(&r->lock);
	return n;
}

const char *recorder_mail(struct recorder *r)
{
	return r->mail;
}

const char *recorder_message(struct recorder *r, size_t *len)
{
	*len = r->message_len;
	return r->message;
}

size_t recorder_bytes(struct recorder *r)
{
	return r->bytes;
}
