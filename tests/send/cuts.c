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
 * Runs a slice by default; everything with FEIST_TORTURE=1. ONLY=text: runs whose name holds it; VERBOSE=1;
 * KEEP=1: ends at the first failure and leaves its profile.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/send/profile.h"

#define FLUSHES 12      /* attempts to get everything out */
#define SLICE 37        /* of so many cases one is in the slice */
#define BODY_LINES 40

static struct profile me;

static void body_text(char *out, size_t size, const char *tag, int lines)
{
	size_t n = (size_t)snprintf(out, size, "Text of %s.\n.\n..dots\n", tag);

	for (int i = 0; i < lines && n < size - 100; i++)
		n += (size_t)snprintf(out + n, size - n, "line %d of a text that is long enough to be cut somewhere\n", i);
}

static int send_mail(const char *tag, int lines)
{
	static char body[1 << 20], out[FEIST_OUT_MAX];

	body_text(body, sizeof(body), tag, lines);
	return profile_feist(&me, (const char *const[]){"feist", "-n", "-F", me.rc, "-s", tag, "--", "a@y.example", "b@y.example", NULL}, body,
		out);
}

static int flush_outbox(void)
{
	static char out[FEIST_OUT_MAX];

	return profile_feist(&me, (const char *const[]){"feist", "-n", "-F", me.rc, "--flush-outbox", NULL}, "", out);
}

static bool read_outbox(char *out)
{
	int status = profile_feist(&me, (const char *const[]){"feist", "-n", "-F", me.rc, "--outbox=json", NULL}, "", out);

	if (status != 0)
		printf("    the outbox cannot be read: status %d\n", status);
	return status == 0;
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
	size_t n = recorder_ledger(me.server, v), count = 0;

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
	       p->event == AT_MIDDLE ||
	       (p->event == AT_DATA && (kill || p->action == DO_CUT_AFTER || p->action == DO_RST_AFTER));
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
	static char json[FEIST_OUT_MAX];
	bool two = p->skip > 0 && !p->lmtp, ok;
	size_t copies = 0, filed;
	int tries = 0;

	profile_new(&me, p);
	if (two) { /* first into the outbox: a server that hangs up */
		struct plan closed = *p;

		closed.event = AT_CONNECT;
		closed.action = DO_CUT;
		closed.skip = 0;
		closed.times = 4;
		recorder_plan(me.server, &closed);
		send_mail("one", BODY_LINES);
		send_mail("two", BODY_LINES);
		recorder_plan(me.server, p);
		flush_outbox();
	} else {
		recorder_plan(me.server, p);
		send_mail("one", p->chunking ? 6000 : BODY_LINES);
	}
	t->not_fired += !recorder_fired(me.server);
	for (;;) {
		if (!read_outbox(json))
			return false;
		if (!is_waiting(json) || tries++ == FLUSHES)
			break;
		flush_outbox();
	}
	ok = judge("one", p, json, t, &copies);
	if (two)
		ok = judge("two", p, json, t, &copies) && ok;
	filed = profile_copies(&me);
	if (filed < copies) { /* an append that waits: any start carries it out */
		flush_outbox();
		profile_feist(&me, (const char *const[]){"feist", "-n", "-F", me.rc, "--sync", NULL}, "", json);
		filed = profile_copies(&me);
	}
	if (filed != copies) {
		printf("    %zu copies are filed, %zu should be\n", filed, copies);
		ok = false;
	}
	return ok;
}

/* ---- all of them ---- */

static bool makes_sense(const struct plan *p)
{
	bool inside = p->event == AT_BODY || p->event == AT_MIDDLE || p->event == AT_CHUNK_MIDDLE;
	bool is_end = p->event == AT_DOT || p->event == AT_LAST;
	bool lost = p->action == DO_CUT || p->action == DO_RST || p->action == DO_STALL || p->action == DO_SPLIT ||
		    p->action == DO_GARBAGE;

	if (p->chunking ? p->event >= AT_DATA && p->event <= AT_DOT : p->event >= AT_CHUNK1 && p->event <= AT_LAST)
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
	if (me.verbose)
		printf("# %s\n", name);
	t->runs++;
	if (!run(p, t)) {
		t->failed++;
		printf("not ok - %s\n", name);
		if (getenv("KEEP")) {
			printf("# left in %s\n", me.dir);
			exit(1);
		}
	} else if (me.verbose) {
		printf("ok - %s\n", name);
	}
}

int main(void)
{
	const char *torture = getenv("FEIST_TORTURE"), *only = getenv("ONLY");
	bool all = torture && *torture;
	struct totals t = {0};
	unsigned number = 0;

	profile_init(&me);
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
	profile_fini(&me);
	printf("# %u runs of %u cases: %u recipients got it, %u are unknown, %u refused; %u plans did not come to pass; %u failed\n",
		t.runs, number, t.sent, t.unknown, t.refused, t.not_fired, t.failed);
	return t.failed != 0 || t.runs == 0;
}
