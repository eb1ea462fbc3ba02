/*
 * The kill test: each scenario is played to its end once, and the calls that change anything are counted.
 * Then it is played again and again; at the n-th call a program is killed, or the call fails. After that
 * feist is started until it is quiet, and the ledger must be right: what was acknowledged is done, what
 * was not is done or not, nothing is lost, doubled or damaged, and the caches say what the disk says.
 *
 *	faults                            a slice: random points, about half a minute ($FEIST_TORTURE: all points)
 *	faults --memory                   malloc is refused instead
 *	faults SCENARIO [POINT DEED]      one scenario, or one point; deeds as they are printed
 * $FEIST_TORTURE_MINUTES=N: not longer than that. $FEIST_TORTURE_LANES=N: so many beside each other.
 * $FEIST_TORTURE_KEEP=FOLDER: what a failure has left is copied there.
 *	faults --steps SCENARIO           plays it and shows the ledger after each step
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "tests/torture/ledger.h"
#include "tests/torture/scenario.h"
#include "tests/torture/stage.h"

#define SLICE_POINTS 500
#define SLICE_MS 45000
#define MEMORY_POINTS 300
#define OUTAGE_SECONDS 5
#define TROUBLE_SECONDS 5 /* a batch run that cannot note what it did gives up after two minutes only */
#define OUTAGE 30 /* calls: so long a disk is full or broken, and then it is not */
#define FAILURES_MAX 1000 /* so many are told */

static const struct deed {
	const char *name;
	enum shim_deed what;
	int error;
	bool forever;
	unsigned calls; /* that count */
} deeds[] = {
	/* kills first: see pick_deed */
	{"kill-before", SHIM_KILL_BEFORE, 0, false, SHIM_CHANGES},
	{"kill-after", SHIM_KILL_AFTER, 0, false, SHIM_CHANGES},
	{"kill-all-before", SHIM_KILL_ALL_BEFORE, 0, false, SHIM_CHANGES},
	{"kill-all-after", SHIM_KILL_ALL_AFTER, 0, false, SHIM_CHANGES},
	{"enospc", SHIM_FAIL, ENOSPC, false, SHIM_CHANGES},
	{"eio", SHIM_FAIL, EIO, false, SHIM_CHANGES},
	{"eintr", SHIM_FAIL, EINTR, false, SHIM_CHANGES},
	{"short", SHIM_SHORT, 0, false, SHIM_CHANGES},
	{"emfile", SHIM_FAIL, EMFILE, false, SHIM_FDS},
	/* and those that take their time */
	{"enospc-for-long", SHIM_FAIL, ENOSPC, true, SHIM_CHANGES},
	{"eio-for-long", SHIM_FAIL, EIO, true, SHIM_CHANGES},
	{"short-then-full", SHIM_SHORT, ENOSPC, true, SHIM_CHANGES},
	{"emfile-for-long", SHIM_FAIL, EMFILE, true, SHIM_FDS},
	{"nomem", SHIM_FAIL, ENOMEM, false, SHIM_MEMORY},
};
#define KILLS 4
#define ERRORS 9
#define QUICK_ERRORS 5
#define NOMEM 13

/* What the lanes (processes beside each other) have in common. */
struct shared {
	_Atomic unsigned done, bad, hit, told, waited;
	int64_t began;
};

static struct shared *shared;

/* ---- one scenario ---- */

struct play {
	struct stage *stage;
	const struct scenario *scenario;
	struct ledger states[SCENARIO_STEPS + 1]; /* after so many steps, without faults */
	unsigned steps;
	uint32_t points[3]; /* changes, descriptors, memory: calls of a run without faults */
};

static void say_failure(const struct play *p, const char *what, const char *why)
{
	if (atomic_fetch_add(&shared->told, 1) >= FAILURES_MAX)
		return;
	printf("not ok - %s: %s\n%s", p->scenario->name, what, why);
	fflush(stdout);
}

/* The ledger after 0, 1 .. steps, each from a fresh run. */
static void play_calmly(struct play *p, bool show)
{
	struct outcome o;

	p->steps = scenario_steps(p->scenario);
	for (unsigned k = 0; k <= p->steps; k++) {
		stage_reset(p->stage);
		stage_calm(p->stage, 0);
		stage_play(p->stage, 0, k, false, &o);
		stage_keep_screens(p->stage);
		must_be(o.acked == k || show, o.note);
		if (show)
			printf("after %u steps (%u acknowledged) %s\n%s", k, o.acked, o.note, stage_output(p->stage));
		(void)stage_recover(p->stage, &o);
		ledger_read(&p->states[k], p->stage);
		if (show)
			ledger_print(&p->states[k], "    ");
	}
}

static void count_points(struct play *p)
{
	static const unsigned calls[3] = {SHIM_CHANGES, SHIM_FDS, SHIM_MEMORY};
	struct outcome o;

	for (int i = 0; i < 3; i++) {
		stage_reset(p->stage);
		stage_calm(p->stage, calls[i]);
		stage_play(p->stage, 0, p->steps, true, &o);
		p->points[i] = p->stage->control->count;
	}
}

/* "inbox a:F b:S": the whole of a mailbox, in any order. */
static bool is_as_wanted(const struct ledger *l, const char *want, struct str *why)
{
	struct sv rest = sv_of(want), box, item;
	size_t n = 0, there = 0;
	bool ok = true;

	(void)sv_split(&rest, ' ', &box);
	if (box.len && box.p[box.len - 1] == '/')
		box.len--;
	while (sv_split(&rest, ' ', &item)) {
		struct sv name, flags = item;
		bool found = false;

		if (item.len == 0)
			continue;
		(void)sv_split(&flags, ':', &name);
		char *line = xasprintf(SV_FMT " " SV_FMT ":" SV_FMT, SV_ARG(name), SV_ARG(box), SV_ARG(flags));
		for (size_t i = 0; i < l->n; i++)
			found |= strcmp(l->line[i], line) == 0;
		if (!found)
			ok = false, (void)str_addf(why, "    missing: %s\n", line);
		free(line);
		n++;
	}
	char *place = xasprintf(" " SV_FMT ":", SV_ARG(box));
	for (size_t i = 0; i < l->n; i++)
		there += strstr(l->line[i], place) != NULL;
	free(place);
	if (ok && there != n)
		(void)str_addf(why, "    %s has %zu messages\n", want, there);
	return ok && there == n;
}

static void check_wants(struct play *p)
{
	struct str why;
	bool ok = true;

	str_init(&why, 65536);
	for (size_t i = 0; i < SCENARIO_BOXES && p->scenario->want[i]; i++)
		ok = is_as_wanted(&p->states[p->steps], p->scenario->want[i], &why) && ok;
	if (!ok) {
		say_failure(p, "without faults", why.s);
		ledger_print(&p->states[p->steps], "    is: ");
		shared->bad++;
	}
	str_fini(&why);
}

static void set_up(struct play *p, struct stage *s, const struct scenario *sc, bool show)
{
	memset(p, 0, sizeof(*p));
	p->stage = s;
	p->scenario = sc;
	stage_set(s, sc);
	play_calmly(p, show);
	count_points(p);
}

static void put_away(struct play *p)
{
	for (unsigned k = 0; k <= p->steps; k++)
		ledger_free(&p->states[k]);
}

/* ---- one point ---- */

/* The caches of local mailboxes say what is on the disk. */
static bool cache_is_true(struct play *p, const struct ledger *now, struct str *why)
{
	struct ledger rows, files = {0};

	ledger_read_cache(&rows, p->stage);
	for (size_t i = 0; i < now->n; i++) {
		const char *place = strchr(now->line[i], ' ') + 1;

		if (*place == '@' && strncmp(place, "@pop:", 5) != 0)
			continue;
		array_grow(files.line, files.n, files.cap);
		files.line[files.n++] = xstrdup(now->line[i]);
	}
	bool ok = ledger_same(&rows, &files);
	for (size_t i = 0; !ok && i < MAX(rows.n, files.n); i++)
		(void)str_addf(why, "    cache: %-30s disk: %s\n", i < rows.n ? rows.line[i] : "", i < files.n ? files.line[i] : "");
	ledger_free(&rows);
	ledger_free(&files);
	return ok;
}

/* $FEIST_TORTURE_KEEP is a folder: what a failure has left is copied there. */
static void keep_world(const struct play *p, uint32_t point, const char *deed)
{
	const char *folder = getenv("FEIST_TORTURE_KEEP");
	char *to = xasprintf("%s/%s-%u-%s", folder ? folder : "", p->scenario->name, point, deed);

	if (folder)
		copy_tree(p->stage->world, to);
	free(to);
}

static bool try_point(struct play *p, const struct deed *d, uint32_t point)
{
	struct stage *s = p->stage;
	struct ledger now;
	struct outcome o, after = {0};
	struct str why;
	int64_t began = clock_ms();

	stage_reset(s);
	stage_calm(s, d->calls);
	s->control->at = point;
	s->control->deed = d->what;
	s->control->error = d->error;
	s->control->forever = d->forever ? OUTAGE : 0;
	/* In trouble a program waits for better times, and longer each time: it is ended before. */
	s->seconds = d->forever ? OUTAGE_SECONDS : d->what >= SHIM_FAIL ? TROUBLE_SECONDS : 0;
	stage_play(s, 0, p->steps, true, &o);
	s->seconds = 0;
	if (s->control->hits)
		atomic_fetch_add(&shared->hit, 1);
	char *said = stage_output(s), hit[sizeof(s->control->hit)];
	snprintf(hit, sizeof(hit), "%s", s->control->hit);
	/* Without memory programs give up in their own way. */
	bool ok = (!o.crashed || d->calls == SHIM_MEMORY) && (!o.hung || d->what >= SHIM_FAIL);
	atomic_fetch_add(&shared->waited, o.hung);
	ok = stage_recover(s, &after) && ok;
	ledger_read(&now, s);
	str_init(&why, 1 << 16);
	/* Killed, a program shows what it has done; what fails is told, and then the user does something else. */
	if (d->what >= SHIM_FAIL && (o.strange || p->scenario->flags & SCENARIO_BLIND))
		ok = ledger_keeps(&now, p->states, 0, o.tried, &why) && ok;
	else
		ok = ledger_fits(&now, p->states, o.acked, o.tried, p->scenario->also, &why) && ok;
	ok = ok && cache_is_true(p, &now, &why);
	if (!ok) {
		char *what = xasprintf("%s %u %s (at %s); %u of %u steps acknowledged; %s%s", p->scenario->name, point, d->name, hit,
			o.acked, p->steps, o.note, after.note);
		char *all = xasprintf("%s    said: %.600s\n", why.s ? why.s : "", said);

		say_failure(p, what, all);
		keep_world(p, point, d->name);
		free(all);
		free(what);
	}
	if (getenv("FEIST_TORTURE_SLOW") && clock_ms() - began > 1500)
		printf("# %lld ms: %s %u %s (at %s)\n", (long long)(clock_ms() - began), p->scenario->name, point, d->name, hit);
	str_fini(&why);
	ledger_free(&now);
	free(said);
	return ok;
}

/* ---- all of them, in lanes ---- */

struct job {
	unsigned scenario;
	unsigned deed;
	uint32_t point;
};

static uint32_t dice;

static unsigned roll(unsigned n)
{
	dice = dice * 1664525u + 1013904223u;
	return n ? (dice >> 8) % n : 0;
}

static uint32_t points_of(const struct play *p, unsigned deed)
{
	return p->points[deeds[deed].calls == SHIM_CHANGES ? 0 : deeds[deed].calls == SHIM_FDS ? 1 : 2];
}

static bool wanted(const struct scenario *sc, const char *only, bool everything)
{
	return only ? strcmp(only, sc->name) == 0 : everything || sc->flags & SCENARIO_QUICK;
}

/*
 * What is not begun by then ($FEIST_TORTURE_MINUTES) is left out, and the count says how much there was. A slice on
 * a machine with much else to do must not hold up the rest of `make check`.
 */
static bool is_late(void)
{
	const char *minutes = getenv("FEIST_TORTURE_MINUTES");
	int64_t most_ms = minutes ? strtol(minutes, NULL, 10) * 60000 : getenv("FEIST_TORTURE") ? INT64_MAX : SLICE_MS;

	return clock_ms() - shared->began > most_ms;
}

static void run_one(struct play *p, unsigned deed, uint32_t point)
{
	if (is_late())
		return;
	if (!try_point(p, &deeds[deed], point))
		atomic_fetch_add(&shared->bad, 1);
	atomic_fetch_add(&shared->done, 1);
}

/* Every n-th point of a scenario is this lane's; each is killed at once and failed once, in ways that go round. */
static void all_points(struct play *p, unsigned lane, unsigned lanes)
{
	for (uint32_t n = 1; n <= p->points[0]; n++) {
		if (n % lanes != lane)
			continue;
		run_one(p, n / lanes % KILLS, n);
		run_one(p, KILLS + n / lanes % ERRORS, n);
	}
}

static void some_points(struct play *p, unsigned n, bool memory)
{
	for (unsigned i = 0; i < n; i++) {
		unsigned deed = memory ? NOMEM : i % 2 ? KILLS + roll(QUICK_ERRORS) : roll(KILLS);

		run_one(p, deed, 1 + roll(points_of(p, deed)));
	}
}

static void lane_main(unsigned lane, unsigned lanes, const char *only, bool everything, bool memory)
{
	unsigned chosen = 0, k = 0;
	struct stage s;

	dice = (uint32_t)(lane * 7919 + (everything ? 1 : (unsigned)clock_now()));
	stage_open(&s, "torture");
	for (size_t i = 0; i < scenario_count; i++)
		chosen += wanted(&scenarios[i], only, everything);
	for (size_t i = 0; i < scenario_count; i++) {
		struct play p;

		if (!wanted(&scenarios[i], only, everything))
			continue;
		/* A slice: each lane has scenarios of its own, so that the calm runs are made once. */
		if (!everything && !only && k++ % lanes != lane)
			continue;
		if (is_late())
			break;
		set_up(&p, &s, &scenarios[i], false);
		if (lane == 0 || (!everything && !only))
			check_wants(&p);
		if (lane == 0 && everything)
			printf("# %lld s: %s, %u changes\n", (long long)(clock_ms() - shared->began) / 1000, scenarios[i].name,
				p.points[0]);
		if (everything && !memory)
			all_points(&p, lane, lanes);
		else
			some_points(&p, (memory ? MEMORY_POINTS : SLICE_POINTS) / MAX(chosen, 1) / (everything || only ? lanes : 1) + 1,
				memory);
		put_away(&p);
	}
	stage_close(&s);
	exit(0);
}

static int run_lanes(const char *only, bool everything, bool memory)
{
	unsigned lanes = stage_lanes();
	int64_t began = shared->began = clock_ms();
	int status, lost_lanes = 0;

	for (unsigned i = 0; i < lanes; i++) {
		fflush(stdout);
		if (fork() == 0)
			lane_main(i, lanes, only, everything, memory);
	}
	while (wait(&status) > 0)
		lost_lanes += status != 0;
	printf("%s - faults%s: %u points, %u met, %u ended while waiting, %u bad, %d lanes failed, %lld s\n", shared->bad || lost_lanes ? "not ok" : "ok",
		memory ? " of memory" : "", shared->done, shared->hit, shared->waited, shared->bad, lost_lanes,
		(long long)(clock_ms() - began) / 1000);
	return shared->bad || lost_lanes ? 1 : 0;
}

/* ---- by hand ---- */

static const struct scenario *find(const char *name)
{
	for (size_t i = 0; i < scenario_count; i++)
		if (strcmp(scenarios[i].name, name) == 0)
			return &scenarios[i];
	printf("no scenario %s\n", name);
	exit(1);
}

static int by_hand(const char *name, const char *point, const char *deed)
{
	struct stage s;
	struct play p;

	stage_open(&s, "torture");
	set_up(&p, &s, find(name), !point);
	check_wants(&p);
	printf("%s: %u changes, %u descriptors, %u times memory\n", name, p.points[0], p.points[1], p.points[2]);
	for (size_t i = 0; point && i < ARRAY_LEN(deeds); i++)
		if (strcmp(deeds[i].name, deed) == 0)
			printf("%s\n", try_point(&p, &deeds[i], (uint32_t)strtoul(point, NULL, 10)) ? "ok" : "not ok");
	if (point)
		printf("hit: %s\n", s.control->hit);
	put_away(&p);
	stage_close(&s);
	return shared->bad ? 1 : 0;
}

int main(int argc, char **argv)
{
	bool everything = getenv("FEIST_TORTURE") != NULL;

#ifdef SANITIZERS
	printf("not under sanitizers: their runtime must come first\n");
	return 77;
#endif
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must_be(shared != MAP_FAILED, "mmap");
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 3 && strcmp(argv[1], "--steps") == 0)
		return by_hand(argv[2], NULL, NULL);
	if (argc == 4)
		return by_hand(argv[1], argv[2], argv[3]);
	if (argc == 2 && strcmp(argv[1], "--memory") == 0)
		return run_lanes(NULL, everything, true);
	return run_lanes(argc == 2 ? argv[1] : NULL, everything, false);
}
