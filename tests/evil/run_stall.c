/*
 * The stall matrix: a real feist-worker against a server that stalls in one of twelve states of one of three protocols
 * in one of eight ways. For each: a cancel is obeyed within a second; without one, the line is given up within the
 * time-out (one second here, by the account's options), with a reason that names the server; and when the server is
 * healed, the worker comes back. And after a sleep of the machine it is online again at once, with what was under way
 * done on a new line.
 *
 * With --real the time-outs are those that a user has who sets none: a dead line is noticed within 30 seconds in a
 * command and within 60 on a quiet line. That takes a minute, all of it waiting.
 *
 *	run_stall [--every N] [--jobs N] [PATTERN]
 *	run_stall --real [PATTERN]
 */
#include <fcntl.h>
#include <fnmatch.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "ipc/chan.h"
#include "store/intent.h"
#include "store/mailbox.h"
#include "store/message.h"
#include "store/outbox.h"
#include "tests/evil/stall_server.h"
#include "tests/proto/certs.h"

#define TIMEOUT_S 1
#define REACH_MS 10000          /* a machine under load */
#define CANCEL_MS 1000
#define NOTICE_MS (TIMEOUT_S * 1000)
/* The kernel's probes of a quiet line: idle, interval, and its timer ticks. */
#define DEAD_QUIET_MS (3 * TIMEOUT_S * 1000)
#define SLACK_MS 1500           /* scheduling: many cases run at once */
#define MOMENT_MS 150
#define RESUME_MS 3000          /* from waking up to all as before, on a machine under load */
#define STATES 12
/* --real: what net/server.h and conn.h say. */
#define REAL_COMMAND_MS 30000
#define REAL_QUIET_MS 60000
#define REAL_PATIENCE_S 150

/* What of a session leads there. */
enum lead { LEAD_SYNC, LEAD_WATCH, LEAD_BODY, LEAD_APPEND, LEAD_SEND, LEAD_DELETE };

struct place {
	const char *label, *state;
	int nth;
	enum lead lead;
};

static const struct place imap_places[STATES] = {
	{"dns", "dns", 0, LEAD_SYNC},
	{"connect", "connect", 0, LEAD_SYNC},
	{"greeting", "greeting", 0, LEAD_SYNC},
	{"capability", "capability", 0, LEAD_SYNC},
	{"starttls", "starttls", 0, LEAD_SYNC},
	{"handshake", "handshake", 0, LEAD_SYNC},
	{"auth", "auth", 0, LEAD_SYNC},
	{"select", "select", 0, LEAD_WATCH},
	{"list", "list", 0, LEAD_SYNC},
	{"body", "body", 0, LEAD_BODY},
	{"append", "append", 0, LEAD_APPEND},
	{"idle", "idle", 0, LEAD_WATCH},
};
static const struct place pop_places[STATES] = {
	{"dns", "dns", 0, LEAD_SYNC},
	{"connect", "connect", 0, LEAD_SYNC},
	{"greeting", "greeting", 0, LEAD_SYNC},
	{"capability", "capa", 0, LEAD_SYNC},
	{"starttls", "stls", 0, LEAD_SYNC},
	{"handshake", "handshake", 0, LEAD_SYNC},
	{"auth", "auth", 0, LEAD_SYNC},
	{"uidl", "uidl", 0, LEAD_SYNC},
	{"list", "list", 0, LEAD_SYNC},
	{"retr", "retr", 0, LEAD_SYNC},
	{"dele", "dele", 0, LEAD_DELETE},
	{"quit", "quit", 0, LEAD_SYNC},
};
static const struct place smtp_places[STATES] = {
	{"dns", "dns", 0, LEAD_SEND},
	{"connect", "connect", 0, LEAD_SEND},
	{"greeting", "greeting", 0, LEAD_SEND},
	{"ehlo", "ehlo-in", 0, LEAD_SEND},
	{"starttls", "starttls", 0, LEAD_SEND},
	{"handshake", "handshake", 0, LEAD_SEND},
	{"auth", "auth", 0, LEAD_SEND},
	{"mail", "mail", 0, LEAD_SEND},
	{"rcpt", "rcpt", 0, LEAD_SEND},
	{"data", "data", 0, LEAD_SEND},
	{"dot", "dot", 0, LEAD_SEND},
	{"quit", "quit", 0, LEAD_SEND},
};

static bool real; /* --real */

struct resume_case;
struct one {
	enum model_proto proto;
	const struct place *place;
	enum stall kind;
	const struct resume_case *resume; /* NULL: a stall */
	char name[80];
};

/* One run: a worker and its server. */
struct run {
	const struct one *one;
	struct stall_server *server;
	struct certs *certs;
	SSL_CTX *ctx;
	char *dir, *cache_dir, *state_db;
	struct state *state;
	struct chan *chan;
	pid_t pid;
	uint64_t job;      /* the last job */
	bool ended;        /* it has */
	char outcome[400]; /* "done", or class and text */
	char said[400];    /* the last STATE, and its text */
	bool gone;         /* the worker */
	bool waiting;      /* STATE waiting or offline was said */
	uint64_t retry_s;  /* and it tries again so many seconds later */
	bool committing;
	bool patient;      /* longer time-outs: a cancel must not be one of those */
};

static void must(bool ok, const struct err *e)
{
	if (ok)
		return;
	printf("cannot run: %s\n", e->text);
	exit(2);
}

#define TELL(r, NAME, ...) \
	do { \
		struct err tell_e = {0}; \
		if (!chan_say((r)->chan, &tell_e, NAME, __VA_ARGS__)) \
			(r)->gone = true; \
	} while (0)

/* ---- what the worker says ---- */

static void on_msg(struct run *r, const struct msg *m)
{
	switch (m->type) {
	case MSG_STATE:
		snprintf(r->said, sizeof(r->said), SV_FMT ": " SV_FMT, SV_ARG(m->STATE.state), SV_ARG(m->STATE.text));
		r->retry_s = m->STATE.retry_s;
		r->waiting |= sv_is(m->STATE.state, "waiting") || sv_is(m->STATE.state, "offline");
		break;
	case MSG_DONE:
		if (m->DONE.job == r->job) {
			r->ended = true;
			if (!r->outcome[0])
				snprintf(r->outcome, sizeof(r->outcome), "done");
		}
		break;
	case MSG_FAILED:
		if (m->FAILED.job == r->job || m->FAILED.job == 0) {
			r->ended = true;
			snprintf(r->outcome, sizeof(r->outcome), SV_FMT ": " SV_FMT, SV_ARG(m->FAILED.class),
				SV_ARG(m->FAILED.text));
		}
		break;
	case MSG_SENT:
		if (sv_is(m->SENT.state, "committing")) {
			r->committing = true;
			TELL(r, ANSWER, .job = m->SENT.job, .value = SV("go"));
		} else { /* what became of the message */
			snprintf(r->outcome, sizeof(r->outcome), SV_FMT ": " SV_FMT, SV_ARG(m->SENT.state),
				SV_ARG(m->SENT.text));
		}
		break;
	case MSG_NEED:
		if (sv_is(m->NEED.what, "password"))
			TELL(r, SECRET, .job = m->NEED.job, .value = sv_of(MODEL_PASS));
		else
			TELL(r, ANSWER, .job = m->NEED.job, .value = SV("reject"));
		break;
	case MSG_LOG:
		if (getenv("VERBOSE"))
			printf("  log " SV_FMT ": " SV_FMT "\n", SV_ARG(m->LOG.room), SV_ARG(m->LOG.text));
		break;
	default:
		break;
	}
}

static void take(struct run *r, int timeout_ms)
{
	struct msg m;
	struct err e = {0};
	enum chan_got got = chan_recv(r->chan, timeout_ms, &m, &e);

	if (got == CHAN_MSG)
		on_msg(r, &m);
	else if (got != CHAN_EMPTY)
		r->gone = true;
}

/* Until *what is set, or the time is over. How long it took, in ms. */
static int64_t wait_for(struct run *r, const bool *what, int64_t limit_ms)
{
	int64_t from = clock_ms();

	while (!*what && !r->gone && clock_ms() - from < limit_ms)
		take(r, (int)(limit_ms - (clock_ms() - from)));
	return clock_ms() - from;
}

/* ---- setting up ---- */

static const char *dns_of(enum stall k)
{
	return k == STALL_RESET ? "none" : k == STALL_HALF_CLOSE || k == STALL_ONE_BYTE ? "again" : "silence";
}

static void start_server(struct run *r)
{
	const struct one *o = r->one;
	bool starttls = strcmp(o->place->label, "starttls") == 0;
	struct cert_opts cert = {.names = "DNS:localhost,DNS:stall.test"};

	r->certs = certs_new();
	r->ctx = certs_server(r->certs, &cert);
	r->server = stall_server_start(o->proto, strcmp(o->place->state, "dns") == 0 ? NULL : o->place->state,
		o->place->nth, o->kind, r->ctx, !starttls, starttls);
}

static void conf(struct run *r, const char *name, const char *value)
{
	TELL(r, CONF, .name = sv_of(name), .value = sv_of(value));
}

static void start_worker(struct run *r)
{
	const struct one *o = r->one;
	bool smtp = o->proto == MODEL_SMTP, dns = strcmp(o->place->label, "dns") == 0;
	char *helper = proc_helper("feist-worker"), port[16], *env_dns = xasprintf("FEIST_EVIL_DNS=%s", dns_of(o->kind)),
	     *preload = xasprintf("LD_PRELOAD=%s/tests/evil/dns_shim.so", getenv("FEIST_BUILDDIR") ? getenv("FEIST_BUILDDIR") : "."),
	     *jump = xasprintf("FEIST_EVIL_JUMP=%s/jump", r->dir);
	char *data = xasprintf("XDG_DATA_HOME=%s/data", r->dir), *home = xasprintf("HOME=%s", r->dir);
	const char *argv[] = {helper, NULL}, *env[] = {preload, env_dns, jump, data, home,
		"ASAN_OPTIONS=verify_asan_link_order=0", NULL};
	struct proc_opts opts = PROC_OPTS_INIT;
	struct err e = {0};
	int fds[2];

	opts.env = env;
	must(proc_socketpair(fds, &e), &e);
	opts.keep = fds[1];
	opts.keep_as = CHAN_CHILD_FD;
	must(proc_spawn(argv, &opts, &r->pid, &e), &e);
	close(fds[1]);
	r->chan = chan_new(fds[0], SIDE_UI, SIDE_WORKER, "stall");
	snprintf(port, sizeof(port), "%u", stall_server_port(r->server));
	TELL(r, HELLO, .version = WIRE_VERSION, .account = SV("a"),
		.kind = sv_of(smtp ? "smtp" : o->proto == MODEL_POP ? "pop" : "imap"), .role = sv_of(smtp ? "submit" : "box"),
		.cache_dir = sv_of(r->cache_dir), .state_db = sv_of(r->state_db));
	conf(r, "host", dns ? "stall.test" : "localhost");
	conf(r, "port", port);
	conf(r, "user", MODEL_USER);
	conf(r, "tls", strcmp(o->place->label, "starttls") == 0 ? "starttls" : "implicit");
	conf(r, "ssl_ca_certificates_file", certs_ca_file(r->certs));
	conf(r, "ssl_usesystemcerts", "no");
	if (!real) {
		conf(r, "connect_timeout", r->patient ? "5" : "1");
		conf(r, "socket_receive_timeout", r->patient ? "5" : "1");
	}
	conf(r, "use_ipv6", "no");
	conf(r, "mailboxes", "INBOX");
	conf(r, "pop_delete", "yes");
	conf(r, "hostname", "me.example");
	char *folder = xasprintf("%s/mail", r->dir);
	conf(r, "pop_mailbox", folder);
	conf(r, "folder", folder);
	free(folder);
	free(helper);
	free(env_dns);
	free(preload);
	free(jump);
	free(data);
	free(home);
}

static void run_begin(struct run *r, const struct one *o, bool patient)
{
	struct err e = {0};
	char dir[] = "/tmp/feist-stall-XXXXXX";

	*r = (struct run){.one = o, .patient = patient};
	if (!mkdtemp(dir))
		abort();
	r->dir = xstrdup(dir);
	r->cache_dir = xasprintf("%s/cache", dir);
	r->state_db = xasprintf("%s/state.db", dir);
	must(fs_mkdirs(r->cache_dir, &e), &e);
	must(state_open(&r->state, r->state_db, &e), &e);
	start_server(r);
	start_worker(r);
}

static void run_end(struct run *r)
{
	char *rm = xasprintf("rm -rf '%s'", r->dir);
	struct proc_opts opts = PROC_OPTS_INIT;
	struct err e = {0};
	pid_t pid;

	kill(r->pid, SIGKILL);
	proc_wait(r->pid);
	chan_free(r->chan);
	stall_server_end(r->server);
	SSL_CTX_free(r->ctx);
	certs_free(r->certs);
	state_close(r->state);
	if (proc_shell(rm, &opts, &pid, &e))
		proc_wait(pid);
	free(rm);
	free(r->dir);
	free(r->cache_dir);
	free(r->state_db);
}

/* ---- leading it there ---- */

static void begin_job(struct run *r)
{
	r->job++;
	r->ended = false;
	r->outcome[0] = 0;
}

static void watch(struct run *r)
{
	begin_job(r);
	TELL(r, WATCH, .job = r->job, .name = SV("INBOX"));
}

static uint64_t inbox_message(struct run *r)
{
	struct cache *c;
	struct mailbox m;
	struct err e = {0};
	uint64_t id;

	must(cache_open(&c, r->cache_dir, "a", CACHE_READ, &e), &e);
	must(mailbox_by_name(c, "INBOX", &m, &e), &e);
	id = message_id_of(m.id, 11);
	mailbox_fini(&m);
	cache_close(c);
	return id;
}

static void add_intent(struct run *r, struct intent *i)
{
	struct err e = {0};
	int64_t id;

	i->account = "a";
	i->state = INTENT_PENDING;
	must(intent_new_group(r->state, &i->group, &e), &e);
	must(intent_add(r->state, i, &id, &e), &e);
}

static char *message_file(struct run *r, size_t size)
{
	char *path = xasprintf("%s/message", r->dir);
	struct str s;
	struct err e = {0};

	str_init(&s, size + 200);
	str_adds(&s, "From: a@example.org\nTo: b@example.org\nSubject: x\nMessage-ID: <x@example.org>\n\n");
	while (s.len < size)
		str_adds(&s, "A line of a message that is long enough to fill what is between us.\n");
	must(fs_write_atomic(path, str_sv(&s), 0600, &e), &e);
	str_fini(&s);
	return path;
}

static void append(struct run *r)
{
	/* Big where the server never reads: then it is we who cannot say anything more. */
	char *file = message_file(r, r->one->kind == STALL_FULL ? 8u << 20 : 1000);
	struct intent i = {.kind = INTENT_APPEND, .mailbox = "Sent", .file = file, .message_id = "<x@example.org>"};

	add_intent(r, &i);
	free(file);
	begin_job(r);
	TELL(r, APPLY, .job = r->job);
}

static void send_mail(struct run *r)
{
	char *file = message_file(r, r->one->kind == STALL_FULL ? 8u << 20 : 1000);
	struct outbox_row row = {.state = OUTBOX_QUEUED,
		.account = "a",
		.from = "a@example.org",
		.recipients = "b@example.org",
		.file = file};
	struct err e = {0};
	int64_t id;

	must(outbox_add(r->state, &row, &id, &e), &e);
	free(file);
	begin_job(r);
	TELL(r, SEND, .job = r->job, .outbox = id);
}

static bool is_quit(const struct one *o)
{
	return strcmp(o->place->label, "quit") == 0;
}

static void lead(struct run *r)
{
	switch (r->one->place->lead) {
	case LEAD_SEND:
		send_mail(r);
		if (!is_quit(r->one))
			return;
		/* It keeps the line for the next message; leaving says QUIT. */
		wait_for(r, &r->ended, REACH_MS);
		begin_job(r);
		TELL(r, QUIT, .job = r->job);
		return;
	case LEAD_WATCH:
		watch(r);
		return;
	case LEAD_BODY:
		watch(r);
		wait_for(r, &r->ended, REACH_MS);
		begin_job(r);
		TELL(r, FETCH, .job = r->job, .message = inbox_message(r), .section = SV(""), .urgent = 1);
		return;
	case LEAD_APPEND:
		watch(r);
		wait_for(r, &r->ended, REACH_MS);
		append(r);
		return;
	default:
		begin_job(r);
		TELL(r, SYNC, .job = r->job, .mailbox = 0);
		return;
	}
}

/* ---- judging ---- */

static bool no(struct str *why, const char *fmt, ...) PRINTF_LIKE(2, 3);
static bool no(struct str *why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	str_vaddf(why, fmt, ap);
	va_end(ap);
	str_adds(why, "; ");
	return false;
}

/* Takes in what the worker says until the server has stalled. */
static bool reach(struct run *r, struct str *why)
{
	int64_t until = clock_ms() + REACH_MS, moment = clock_ms() + MOMENT_MS;

	/* Nobody can see these from outside: a moment, so that the worker waits. */
	if (strcmp(r->one->place->label, "dns") == 0 || stall_server_wait(r->server, 0)) {
		while (clock_ms() < moment && !r->ended)
			take(r, 10);
		return true;
	}
	/* Leaving does not wait for an answer to QUIT: the worker may be gone before the server stalls. */
	if (is_quit(r->one) && r->one->proto == MODEL_SMTP) {
		wait_for(r, &r->gone, CANCEL_MS + SLACK_MS);
		return r->gone || no(why, "it does not leave");
	}
	while (!stall_server_wait(r->server, 1)) {
		take(r, 5);
		if (clock_ms() > until)
			return no(why, "the state is never reached (%s, %s)", r->said, r->outcome);
	}
	return true;
}

static bool is_idle_place(const struct one *o)
{
	return strcmp(o->place->label, "idle") == 0;
}

/* After the end of a message only its answer counts: nobody may interrupt, and it may take ten minutes. */
static bool must_wait(const struct one *o)
{
	return strcmp(o->place->label, "dot") == 0 && !stall_is_told(o->kind) && o->kind != STALL_BLACK_HOLE;
}

/* The user cancels what he waits for. */
static bool cancels(const struct one *o, struct str *why, int64_t *took)
{
	struct run r;
	bool ok;

	run_begin(&r, o, true);
	lead(&r);
	ok = reach(&r, why);
	if (ok && !r.ended && !r.gone && !is_idle_place(o)) {
		TELL(&r, CANCEL, .job = r.job);
		*took = wait_for(&r, &r.ended, CANCEL_MS + SLACK_MS);
		if (must_wait(o) || strcmp(o->place->label, "dot") == 0)
			ok = r.committing || r.ended || no(why, "neither committing nor ended");
		else if (!r.ended || *took > CANCEL_MS)
			ok = no(why, "cancel: %s after %lld ms", r.ended ? r.outcome : "nothing", (long long)*took);
	}
	run_end(&r);
	return ok;
}

static int64_t limit_of(const struct one *o)
{
	bool quiet = is_idle_place(o);

	if (real && !stall_is_told(o->kind))
		return (quiet ? REAL_QUIET_MS : REAL_COMMAND_MS) + SLACK_MS;
	return stall_is_told(o->kind) ? SLACK_MS : (quiet ? DEAD_QUIET_MS : 2 * NOTICE_MS) + SLACK_MS;
}

/* The line is given up, and why is said. */
static bool notices(const struct one *o, struct str *why, int64_t *took)
{
	struct run r;
	bool ok, quiet = is_idle_place(o), *what = quiet ? &r.waiting : &r.ended;

	run_begin(&r, o, false);
	lead(&r);
	ok = reach(&r, why);
	if (ok && quiet && o->kind != STALL_BLACK_HOLE && !stall_is_told(o->kind)) {
		/* Nothing is wrong with a quiet IDLE; the next command shows it. */
		wait_for(&r, &r.ended, REACH_MS);
		begin_job(&r);
		TELL(&r, SYNC, .job = r.job, .mailbox = 0);
		what = &r.ended;
	}
	if (ok && !r.gone && !must_wait(o)) {
		*took = wait_for(&r, what, limit_of(o));
		if (!*what && o->kind == STALL_DRIP)
			*took = 0; /* it does say something */
		else if (!*what)
			ok = no(why, "not noticed in %lld ms: %s", (long long)*took, r.said);
		else if (!is_quit(o) && strcmp(r.outcome, "done") == 0 && !quiet)
			ok = no(why, "called done");
		else if (quiet && strcmp(r.outcome, "done") == 0 && what == &r.ended)
			ok = stall_server_connections(r.server) > 1 || no(why, "done, and the line was not left");
		else if (!is_quit(o) && !sv_starts(sv_of(quiet ? r.said : r.outcome), SV("done")) &&
			 !strstr(quiet && what == &r.waiting ? r.said : r.outcome, "localhost") &&
			 !strstr(quiet && what == &r.waiting ? r.said : r.outcome, "stall.test"))
			ok = no(why, "the reason does not name the server: %s / %s", r.said, r.outcome);
	}
	run_end(&r);
	return ok;
}

static bool run_one(const struct one *o, struct str *why)
{
	int64_t cancel_ms = -1, notice_ms = -1;
	bool ok = false;

	/* Times are real ones: a machine under load gets a second chance. */
	for (int i = 0; i < 2 && !ok; i++) {
		str_clear(why);
		ok = real || cancels(o, why, &cancel_ms);
		ok = notices(o, why, &notice_ms) && ok;
	}
	printf("%s - %s: cancel %lld ms, noticed %lld ms%s%s\n", ok ? "ok" : "not ok", o->name, (long long)cancel_ms,
		(long long)notice_ms, why->len ? ": " : "", why->s ? why->s : "");
	return ok;
}

/* ---- after a sleep ---- */

/* Waits until the server has had so many connections and the worker says "idle" again. */
static bool comes_back(struct run *r, unsigned connections, int64_t limit_ms, struct str *why)
{
	int64_t until = clock_ms() + limit_ms;

	while (stall_server_connections(r->server) < connections || strncmp(r->said, "idle", 4) != 0) {
		if (clock_ms() > until || r->gone)
			return no(why, "it does not come back: %u connections, %s", stall_server_connections(r->server), r->said);
		take(r, 50);
	}
	return true;
}

static bool is_idle_now(struct run *r, struct str *why)
{
	watch(r);
	wait_for(r, &r->ended, REACH_MS);
	return comes_back(r, 1, REACH_MS, why);
}

/* The machine slept for an hour. told: and the kernel says so to who waits. */
static void sleep_an_hour(struct run *r, bool told)
{
	char *jump = xasprintf("%s/jump", r->dir), *fifo = xasprintf("%s.%d.told", jump, (int)r->pid);
	int fd = told ? open(fifo, O_WRONLY | O_NONBLOCK | O_CLOEXEC) : -1;
	struct err e = {0};

	must(fs_write_atomic(jump, SV(""), 0600, &e), &e);
	if (told && write(fd, "12345678", 8) != 8)
		abort();
	if (fd >= 0)
		close(fd);
	free(jump);
	free(fifo);
}

/* The process was stopped, and the line went meanwhile. */
static bool resumes_stopped(struct run *r, struct str *why)
{
	if (!is_idle_now(r, why))
		return false;
	kill(r->pid, SIGSTOP);
	stall_server_reset_all(r->server);
	while (stall_server_connections(r->server) > 0 && !stall_server_all_over(r->server))
		take(r, 10);
	r->said[0] = 0;
	kill(r->pid, SIGCONT);
	return comes_back(r, 2, REACH_MS, why);
}

/* Nobody tells: the next job does not use the old line, whatever the socket says. */
static bool resumes_with_a_job(struct run *r, struct str *why)
{
	if (!is_idle_now(r, why))
		return false;
	sleep_an_hour(r, false);
	begin_job(r);
	TELL(r, SYNC, .job = r->job, .mailbox = 0);
	wait_for(r, &r->ended, REACH_MS);
	if (strcmp(r->outcome, "done") != 0)
		return no(why, "the first job after it: %s", r->outcome);
	return comes_back(r, 2, REACH_MS, why);
}

/* Nobody wants anything: at once all the same. */
static bool resumes_idle(struct run *r, struct str *why)
{
	if (!is_idle_now(r, why))
		return false;
	r->said[0] = 0;
	sleep_an_hour(r, true);
	return comes_back(r, 2, RESUME_MS, why);
}

/* What is under way is done on a new line, and nobody hears of a failure. */
static bool resumes_job(struct run *r, struct str *why)
{
	lead(r);
	if (!reach(r, why))
		return false;
	stall_server_heal(r->server);
	sleep_an_hour(r, true);
	wait_for(r, &r->ended, RESUME_MS);
	if (!r->ended || strcmp(r->outcome, "done") != 0)
		return no(why, "what was under way: %s", r->ended ? r->outcome : "nothing");
	return stall_server_connections(r->server) == 2 ||
	       no(why, "%u connections", stall_server_connections(r->server));
}

/* Long between two attempts: the next one is at once. */
static bool resumes_offline(struct run *r, struct str *why)
{
	int64_t until = clock_ms() + REACH_MS;
	unsigned before;

	watch(r);
	while (r->retry_s < 5 && clock_ms() < until)
		take(r, 50);
	if (r->retry_s < 5)
		return no(why, "it does not wait: %s", r->said);
	before = stall_server_connections(r->server);
	stall_server_heal(r->server);
	r->said[0] = 0;
	sleep_an_hour(r, true);
	return comes_back(r, before + 1, RESUME_MS, why);
}

/* The line that is kept for the next message is not used for it. */
static bool resumes_sending(struct run *r, struct str *why)
{
	for (unsigned i = 1; i <= 2; i++) {
		send_mail(r);
		wait_for(r, &r->ended, REACH_MS);
		if (strncmp(r->outcome, "sent:", 5) != 0 || stall_server_connections(r->server) != i)
			return no(why, "message %u: %s, %u connections", i, r->outcome,
				stall_server_connections(r->server));
		sleep_an_hour(r, true);
	}
	return true;
}

static const struct resume_case {
	const char *name;
	enum model_proto proto;
	struct place place;
	enum stall kind;
	bool (*run)(struct run *, struct str *why);
} resume_cases[] = {
	{"stopped", MODEL_IMAP, {"resume", "never", 0, LEAD_WATCH}, STALL_SILENCE, resumes_stopped},
	{"with-a-job", MODEL_IMAP, {"resume", "never", 0, LEAD_WATCH}, STALL_SILENCE, resumes_with_a_job},
	{"idle", MODEL_IMAP, {"resume", "never", 0, LEAD_WATCH}, STALL_SILENCE, resumes_idle},
	{"greeting", MODEL_IMAP, {"resume", "greeting", 0, LEAD_SYNC}, STALL_SILENCE, resumes_job},
	{"select", MODEL_IMAP, {"resume", "select", 0, LEAD_WATCH}, STALL_BLACK_HOLE, resumes_job},
	{"body", MODEL_IMAP, {"resume", "body", 0, LEAD_BODY}, STALL_BLACK_HOLE, resumes_job},
	{"append", MODEL_IMAP, {"resume", "append", 0, LEAD_APPEND}, STALL_FULL, resumes_job},
	{"pop-retr", MODEL_POP, {"resume", "retr", 0, LEAD_SYNC}, STALL_BLACK_HOLE, resumes_job},
	{"smtp-kept", MODEL_SMTP, {"resume", "never", 0, LEAD_SEND}, STALL_SILENCE, resumes_sending},
	{"offline", MODEL_IMAP, {"resume", "greeting", 0, LEAD_WATCH}, STALL_RESET, resumes_offline},
};

static bool run_resume(const struct one *o, struct str *why)
{
	struct run r;
	bool ok;

	run_begin(&r, o, true);
	ok = o->resume->run(&r, why);
	run_end(&r);
	printf("%s - %s%s%s\n", ok ? "ok" : "not ok", o->name, why->len ? ": " : "", why->s ? why->s : "");
	return ok;
}

/* ---- many ---- */

static size_t all_cases(struct one **out)
{
	static const struct place *const places[] = {imap_places, pop_places, smtp_places};
	struct one *v = xcalloc((size_t)3 * STATES * STALL_KINDS + ARRAY_LEN(resume_cases), sizeof(*v));
	size_t n = 0;

	for (int s = 0; s < STATES; s++)
		for (int k = 0; k < STALL_KINDS; k++)
			for (int p = MODEL_IMAP; p <= MODEL_SMTP; p++) {
				struct one *o = &v[n++];

				o->proto = (enum model_proto)p;
				o->place = &places[p][s];
				o->kind = (enum stall)k;
				snprintf(o->name, sizeof(o->name), "%s/%s/%s", model_proto_name(o->proto), o->place->label,
					stall_name(o->kind));
			}
	for (size_t i = 0; i < ARRAY_LEN(resume_cases); i++) {
		const struct resume_case *c = &resume_cases[i];
		struct one *o = &v[n++];

		*o = (struct one){.proto = c->proto, .place = &c->place, .kind = c->kind, .resume = c};
		snprintf(o->name, sizeof(o->name), "resume/%s", c->name);
	}
	*out = v;
	return n;
}

/*
 * What --real looks at: of SMTP only lines that are dead, for a server that is slow has minutes there (RFC 5321). Not
 * at its greeting: the black hole here is one in one direction, and what the server says again and again of its TLS
 * session (tickets that nobody acknowledges) shows that somebody lives.
 */
static bool is_for_real(const struct one *o)
{
	static const char *const places[] = {"connect", "greeting", "handshake", "auth", "select", "body", "idle", "retr",
		"mail", "data"};
	bool is_smtp = o->proto == MODEL_SMTP;

	if (o->resume || (is_smtp && strcmp(o->place->label, "greeting") == 0) || (o->kind != STALL_BLACK_HOLE &&
				 (is_smtp || (o->kind != STALL_SILENCE && o->kind != STALL_ONE_BYTE))))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (strcmp(o->place->label, places[i]) == 0)
			return true;
	return false;
}

static bool is_wanted(const struct one *o, size_t i, uint64_t every, const char *pattern)
{
	if (real && !is_for_real(o))
		return false;
	if (pattern)
		return fnmatch(pattern, o->name, 0) == 0;
	return real || o->resume || (i * 7 + i / 24) % every == 0;
}

static pid_t start_one(const struct one *o)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct str why;

		str_init(&why, 65536);
		alarm(real ? 2 * REAL_PATIENCE_S : 60);
		_exit((o->resume ? run_resume(o, &why) : run_one(o, &why)) ? 0 : 1);
	}
	return pid;
}

int main(int argc, char **argv)
{
	const char *pattern = NULL;
	uint64_t every = 1, jobs = 8;
	size_t n, ran = 0, failed = 0, under_way = 0;
	struct one *v;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--every") == 0 && i + 1 < argc && sv_u64(sv_of(argv[i + 1]), &every))
			i++;
		else if (strcmp(argv[i], "--jobs") == 0 && i + 1 < argc && sv_u64(sv_of(argv[i + 1]), &jobs))
			i++;
		else if (strcmp(argv[i], "--real") == 0)
			real = true, jobs = 100; /* they wait */
		else
			pattern = argv[i];
	}
	if (argc == 1) /* make check: some of each */
		every = 12;
	setvbuf(stdout, NULL, _IOLBF, 0);
	n = all_cases(&v);
	for (size_t i = 0; i < n || under_way > 0;) {
		int status;

		if (i < n && under_way < jobs) {
			bool mine = is_wanted(&v[i], i, every, pattern);

			if (mine) {
				start_one(&v[i]);
				ran++;
				under_way++;
			}
			i++;
			continue;
		}
		if (wait(&status) > 0)
			failed += !WIFEXITED(status) || WEXITSTATUS(status) != 0;
		under_way--;
	}
	printf("# %zu cases of %zu, %zu failed\n", ran, n, failed);
	free(v);
	return failed > 0 || ran == 0;
}
