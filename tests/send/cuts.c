/*
 * Mail goes out while the server, the worker or feist itself fails at each event of the conversation.
 * Whatever happens, for every recipient one of these holds at the end:
 *
 *	the server took it once, and the outbox holds it no more;
 *	the outbox holds it (queued, failed), and the server did not take it;
 *	the outbox says that it does not know ("unknown"), and never sends it again by itself.
 *
 * Never: gone without being taken (lost), taken twice (duplicate), said to be unsent although it was
 * taken. The copy for $record is filed once for mail that is sent, and not at all otherwise.
 *
 * Runs a slice by default; everything with FEIST_TORTURE=1. ONLY=text: runs whose name holds it; VERBOSE=1.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/send/recorder.h"

#define RUN_MS 20000    /* one call of feist */
#define FLUSHES 12      /* attempts to get everything out */
#define SLICE 37        /* of so many cases one is in the slice */
#define OUT_MAX (1 << 16)
#define BODY_LINES 40

static char dir[256], rc[300], sent_box[300];
static struct recorder *server;
static bool verbose;

/* ---- files ---- */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void write_rc(const struct plan *p)
{
	FILE *f;
	char path[400];

	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	if (mkdir(dir, 0700) != 0) {
		perror(dir);
		abort();
	}
	for (const char *const *sub = (const char *const[]){"sent", "sent/cur", "sent/new", "sent/tmp", NULL}; *sub; sub++) {
		snprintf(path, sizeof(path), "%s/%s", dir, *sub);
		mkdir(path, 0700);
	}
	f = fopen(rc, "we");
	if (!f)
		abort();
	fprintf(f, "set smtp_url=\"%s://%s127.0.0.1:%u/\"\n", p->lmtp ? "lmtp" : "smtp", p->auth ? "kai:secret@" : "",
		recorder_port(server));
	fprintf(f, "set ssl_starttls=no ssl_force_tls=no from=\"kai@x.example\" realname=Kai hostname=x.example\n");
	fprintf(f, "set record=\"%s\" folder=\"%s\" spoolfile=\"%s\" socket_receive_timeout=1 connect_timeout=5\n", sent_box,
		dir, sent_box);
	fclose(f);
}

static size_t count_copies(void)
{
	static const char *const subs[] = {"cur", "new"};
	size_t n = 0;

	for (int i = 0; i < 2; i++) {
		char path[400];
		struct dirent *e;
		DIR *d;

		snprintf(path, sizeof(path), "%s/%s", sent_box, subs[i]);
		d = opendir(path);
		while (d && (e = readdir(d)))
			n += e->d_name[0] != '.';
		if (d)
			closedir(d);
	}
	return n;
}

/* ---- feist ---- */

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void set_env(const char *name, const char *sub)
{
	char text[400];

	snprintf(text, sizeof(text), "%s%s", dir, sub);
	setenv(name, text, 1);
}

/* Runs it with text as standard input; its output goes to out. Returns the exit status; -1: ended by a signal. */
static int feist(const char *const *argv, const char *text, char *out)
{
	int in[2], result[2], status = 0;
	size_t have = 0;
	pid_t pid;

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(result, O_CLOEXEC) < 0)
		abort();
	pid = fork();
	if (pid == 0) {
		char path[400];

		dup2(in[0], 0);
		dup2(result[1], 1);
		if (!verbose) {
			int null = open("/dev/null", O_WRONLY);

			dup2(null, 2);
		}
		set_env("HOME", "");
		set_env("XDG_CONFIG_HOME", "/config");
		set_env("XDG_CACHE_HOME", "/cache");
		set_env("XDG_STATE_HOME", "/state");
		set_env("XDG_DATA_HOME", "/data");
		snprintf(path, sizeof(path), "%s/feist", getenv("FEIST_BUILDDIR"));
		execv(path, (char *const *)argv);
		_exit(127);
	}
	close(in[0]);
	close(result[1]);
	recorder_target(server, pid);
	if (write(in[1], text, strlen(text)) < 0 && errno != EPIPE)
		perror("feist");
	close(in[1]);
	for (int64_t end = now_ms() + RUN_MS;;) {
		struct pollfd p = {.fd = result[0], .events = POLLIN};
		ssize_t n;

		if (poll(&p, 1, (int)(end - now_ms() > 0 ? end - now_ms() : 0)) <= 0) {
			printf("    feist hangs\n");
			kill(pid, SIGKILL);
			break;
		}
		n = read(result[0], out + have, have < OUT_MAX - 1 ? OUT_MAX - 1 - have : 0);
		if (n <= 0)
			break;
		have += (size_t)n;
	}
	out[have] = 0;
	close(result[0]);
	waitpid(pid, &status, 0);
	recorder_target(server, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void body_text(char *out, size_t size, const char *tag, int lines)
{
	size_t n = (size_t)snprintf(out, size, "Text of %s.\n.\n..dots\n", tag);

	for (int i = 0; i < lines && n < size - 100; i++)
		n += (size_t)snprintf(out + n, size - n, "line %d of a text that is long enough to be cut somewhere\n", i);
}

static int send_mail(const char *tag, int lines)
{
	static char body[1 << 20], out[OUT_MAX];

	body_text(body, sizeof(body), tag, lines);
	return feist((const char *const[]){"feist", "-n", "-F", rc, "-s", tag, "--", "a@y.example", "b@y.example", NULL}, body,
		out);
}

static int flush_outbox(void)
{
	static char out[OUT_MAX];

	return feist((const char *const[]){"feist", "-n", "-F", rc, "--flush-outbox", NULL}, "", out);
}

static void read_outbox(char *out)
{
	feist((const char *const[]){"feist", "-n", "-F", rc, "--outbox=json", NULL}, "", out);
}

/* ---- the ledger ---- */

/* The state of the row with this subject that holds the recipient; "" when there is none. */
static void state_of(const char *json, const char *tag, const char *rcpt, char state[16])
{
	char subject[64], quoted[80];

	snprintf(subject, sizeof(subject), "\"subject\":\"%s\"", tag);
	snprintf(quoted, sizeof(quoted), "\"%s\"", rcpt);
	state[0] = 0;
	for (const char *line = json; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		const char *end = strchr(line, '\n'), *s = strstr(line, "\"state\":\""), *list = strstr(line, "\"recipients\":["),
			   *close = list ? strchr(list, ']') : NULL, *who = list ? strstr(list, quoted) : NULL,
			   *what = strstr(line, subject);

		if (!end)
			end = line + strlen(line);
		if (!s || s > end || !who || who > close || !what || what > end)
			continue;
		snprintf(state, 16, "%.*s", (int)strcspn(s + 9, "\""), s + 9);
		return;
	}
}

static bool is_waiting(const char *json)
{
	return strstr(json, "\"state\":\"queued\"") || strstr(json, "\"state\":\"sending\"") ||
	       strstr(json, "\"state\":\"committing\"");
}

static size_t times_taken(const char *tag, const char *rcpt)
{
	struct record v[RECORDS_MAX];
	size_t n = recorder_ledger(server, v), count = 0;

	for (size_t i = 0; i < n; i++)
		count += strcmp(v[i].tag, tag) == 0 && strcmp(v[i].rcpt, rcpt) == 0;
	return count;
}

struct totals {
	unsigned runs, failed, sent, unknown, refused, not_fired;
};

/* Can nobody know? Only from the end of the message on. */
static bool may_be_unknown(const struct plan *p)
{
	bool kill = p->action >= DO_KILL_WORKER;

	/* A small message and its dot are in the socket before the server has read its middle. */
	return p->event == AT_DOT || p->event == AT_LAST || p->event == AT_QUIT || p->event == AT_BODY ||
	       p->event == AT_MIDDLE || (kill && p->event >= AT_DATA);
}

static bool judge(const char *tag, const struct plan *p, const char *json, struct totals *t, size_t *copies)
{
	static const char *const rcpts[] = {"a@y.example", "b@y.example"};
	bool ok = true, any_sent = false;

	for (int i = 0; i < 2; i++) {
		size_t taken = times_taken(tag, rcpts[i]);
		char state[16];
		const char *wrong = NULL;

		state_of(json, tag, rcpts[i], state);
		bool unknown = strcmp(state, "unknown") == 0;
		if (taken > 1)
			wrong = "DUPLICATE";
		else if (!taken && !*state)
			wrong = "LOST";
		else if (taken && *state && !unknown)
			wrong = "taken, and said not to be";
		else if (unknown && !may_be_unknown(p))
			wrong = "unknown, although nothing can have been taken";
		else if (is_waiting(json))
			wrong = "does not get out";
		if (wrong) {
			printf("    %s %s: %s (taken %zu times, outbox \"%s\")\n", tag, rcpts[i], wrong, taken, state);
			ok = false;
		}
		t->unknown += unknown;
		t->sent += taken && !*state;
		t->refused += strcmp(state, "failed") == 0;
		any_sent = any_sent || (taken && !*state);
	}
	*copies += any_sent;
	return ok;
}

/* ---- one run ---- */

static void plan_name(const struct plan *p, char *out, size_t size)
{
	snprintf(out, size, "%s%s%s%s %s %s%s x%d skip %d", p->lmtp ? "lmtp" : "smtp", p->pipelining ? "+pipelining" : "",
		p->chunking ? "+chunking" : "", p->auth ? "+auth" : "", event_names[p->event], action_names[p->action],
		p->taken ? " taken" : "", p->times, p->skip);
}

/*
 * The mail, or two in one session (skip: the second one is hit), then everything that waits, as often as it
 * takes, from a server that is well.
 */
static bool run(const struct plan *p, struct totals *t)
{
	static char json[OUT_MAX];
	struct plan well = *p;
	bool two = p->skip > 0 && !p->lmtp, ok;
	size_t copies = 0, filed;
	int tries = 0;

	well.times = 0;
	write_rc(p);
	if (two) { /* first into the outbox: a server that hangs up */
		struct plan closed = *p;

		closed.event = AT_CONNECT;
		closed.action = DO_CUT;
		closed.skip = 0;
		closed.times = 4;
		recorder_plan(server, &closed);
		send_mail("one", BODY_LINES);
		send_mail("two", BODY_LINES);
		recorder_plan(server, p);
		flush_outbox();
	} else {
		recorder_plan(server, p);
		send_mail("one", p->chunking ? 6000 : BODY_LINES);
	}
	t->not_fired += !recorder_fired(server);
	for (;;) {
		read_outbox(json);
		if (!is_waiting(json) || tries++ == FLUSHES)
			break;
		flush_outbox();
	}
	ok = judge("one", p, json, t, &copies);
	if (two)
		ok = judge("two", p, json, t, &copies) && ok;
	filed = count_copies();
	if (filed < copies) { /* an append that waits: any start carries it out */
		flush_outbox();
		feist((const char *const[]){"feist", "-n", "-F", rc, "--sync", NULL}, "", json);
		filed = count_copies();
	}
	if (filed != copies) {
		printf("    %zu copies are filed, %zu should be\n", filed, copies);
		ok = false;
	}
	(void)well;
	return ok;
}

/* ---- all of them ---- */

static bool makes_sense(const struct plan *p)
{
	bool inside = p->event == AT_BODY || p->event == AT_MIDDLE || p->event == AT_CHUNK_MIDDLE;
	bool is_end = p->event == AT_DOT || p->event == AT_LAST;
	bool lost = p->action == DO_CUT || p->action == DO_RST || p->action == DO_STALL || p->action == DO_SPLIT ||
		    p->action == DO_GARBAGE;

	if (p->chunking ? p->event >= AT_DATA && p->event <= AT_DOT : p->event >= AT_BDAT0 && p->event <= AT_LAST)
		return false;
	if (p->event == AT_AUTH && !p->auth)
		return false;
	if (p->taken && !(is_end && lost))
		return false;
	if (inside && (p->action == DO_SPLIT || p->action == DO_GARBAGE || p->action == DO_4XX || p->action == DO_DOUBLE ||
			      p->action == DO_CUT_AFTER || p->action == DO_RST_AFTER || p->action == DO_KILL_WORKER_AFTER ||
			      p->action == DO_KILL_UI_AFTER))
		return false;
	return true;
}

static const struct {
	struct plan plan;
	int skips; /* 1: also the second message of a session, or the second recipient of LMTP */
} kinds[] = {
	{{.pipelining = false}, 0},
	{{.pipelining = true}, 1},
	{{.pipelining = true, .auth = true}, 0},
	{{.pipelining = true, .chunking = true}, 0},
	{{.chunking = true}, 0},
	{{.lmtp = true, .pipelining = true}, 1},
};

static bool is_wanted(const struct plan *p, unsigned number, bool all, const char *only)
{
	char name[200];

	plan_name(p, name, sizeof(name));
	if (only)
		return strstr(name, only) != NULL;
	/* Silence takes its time: not in the slice. */
	return all || (number % SLICE == 0 && p->action != DO_STALL && p->times == 1);
}

static void try(const struct plan *p, bool all, const char *only, unsigned *number, struct totals *t)
{
	char name[200];

	if (!makes_sense(p) || !is_wanted(p, (*number)++, all, only))
		return;
	plan_name(p, name, sizeof(name));
	if (verbose)
		printf("# %s\n", name);
	t->runs++;
	if (!run(p, t)) {
		t->failed++;
		printf("not ok - %s\n", name);
	} else if (verbose) {
		printf("ok - %s\n", name);
	}
}

int main(void)
{
	const char *torture = getenv("FEIST_TORTURE"), *only = getenv("ONLY"), *tmp = getenv("TMPDIR");
	bool all = torture && *torture;
	struct totals t = {0};
	unsigned number = 0;

	verbose = getenv("VERBOSE") != NULL;
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
	snprintf(dir, sizeof(dir), "%s/feist-cuts-%d", tmp ? tmp : "/tmp", (int)getpid());
	snprintf(rc, sizeof(rc), "%s/rc", dir);
	snprintf(sent_box, sizeof(sent_box), "%s/sent", dir);
	server = recorder_new();
	for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++)
		for (int skip = 0; skip <= kinds[k].skips; skip++)
			for (int times = 1; times <= 2; times++)
				for (int event = 0; event < EVENTS; event++)
					for (int action = 0; action < ACTIONS * 2; action++) {
						struct plan p = kinds[k].plan;

						p.skip = skip;
						p.times = times;
						p.event = (enum event)event;
						p.action = (enum action)(action % ACTIONS);
						p.taken = action >= ACTIONS;
						try(&p, all, only, &number, &t);
					}
	recorder_free(server);
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	printf("# %u runs of %u cases: %u recipients got it, %u are unknown, %u refused; %u plans did not come to pass; %u failed\n",
		t.runs, number, t.sent, t.unknown, t.refused, t.not_fired, t.failed);
	return t.failed != 0 || t.runs == 0;
}
