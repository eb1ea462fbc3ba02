/*
 * Power cuts: each scenario is played once with everything that it does to files recorded; then states
 * are made in which a disk could be after the power has failed somewhere in between (disk.h), feist is
 * started on them until it is quiet, and the ledger must be right: what was acknowledged is done, the rest
 * is done or not, nothing is lost, doubled or damaged.
 *
 *	power                              a slice of 100 states ($FEIST_TORTURE: 1,500)
 *	power SCENARIO EVENT LOSS SEED     one state, as it is told when it fails
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "tests/torture/disk.h"
#include "tests/torture/ledger.h"
#include "tests/torture/scenario.h"
#include "tests/torture/stage.h"

#define SLICE_STATES 100
#define SLICE_MS 30000
#define STATES 1500

static const char *const losses[DISK_LOSSES] = {"all", "nothing", "names-only", "in-order", "by-chance"};

struct shared {
	_Atomic unsigned done, bad;
	int64_t began;
};
static struct shared *shared;

struct play {
	struct stage stage;
	const struct scenario *scenario;
	unsigned steps;
	struct ledger states[SCENARIO_STEPS + 1];
	struct disk *disk;
};

/* The ledger after each step, and the record of a whole run. */
static void set_up(struct play *p, const struct scenario *sc)
{
	struct stage *s = &p->stage;
	struct outcome o;

	p->scenario = sc;
	p->steps = scenario_steps(sc);
	stage_set(s, sc);
	for (unsigned k = 0; k <= p->steps; k++) {
		stage_reset(s);
		stage_calm(s, 0);
		stage_play(s, 0, k, false, &o);
		must_be(o.acked == k, o.note);
		(void)stage_recover(s, &o);
		ledger_read(&p->states[k], s);
	}
	stage_reset(s);
	p->disk = disk_picture(s->world);
	stage_calm(s, 0);
	stage_record(s);
	stage_play(s, 0, p->steps, true, &o);
	must_be(o.acked == p->steps, o.note);
	disk_play(p->disk, s->control->record, s->acks);
}

static void put_away(struct play *p)
{
	for (unsigned k = 0; k <= p->steps; k++)
		ledger_free(&p->states[k]);
	disk_free(p->disk);
}

static bool try_state(struct play *p, size_t event, enum disk_loss loss, uint32_t seed)
{
	unsigned low = disk_acked(p->disk, event), high = MIN(low + 1, p->steps);
	struct outcome o = {0};
	struct ledger now;
	struct str why;

	stage_empty_folder(&p->stage);
	disk_cut(p->disk, event, loss, seed);
	str_init(&why, 1 << 16);
	bool ok = stage_recover(&p->stage, &o);
	ledger_read(&now, &p->stage);
	ok = ledger_fits(&now, p->states, low, high, p->scenario->also, &why) && ok;
	if (!ok) {
		char *text = disk_event_text(p->disk, event), *said = stage_output(&p->stage);

		printf("not ok - power %s %zu %s %u (before: %s); %u of %u steps acknowledged; %s\n%s    said: %.500s\n",
			p->scenario->name, event, losses[loss], seed, text, low, p->steps, o.note, why.s ? why.s : "", said);
		fflush(stdout);
		const char *keep = getenv("FEIST_TORTURE_KEEP");
		if (keep) {
			char *to = xasprintf("%s/power-%s-%zu-%s-%u", keep, p->scenario->name, event, losses[loss], seed);

			copy_tree(p->stage.world, to);
			free(to);
		}
		free(said);
		free(text);
	}
	str_fini(&why);
	ledger_free(&now);
	return ok;
}

static void lane_main(unsigned lane, unsigned lanes, unsigned states)
{
	uint32_t dice = lane * 7919 + (states == STATES ? 1 : (uint32_t)clock_now());
	unsigned chosen = 0, k = 0;
	struct play p = {0};

	for (size_t i = 0; i < scenario_count; i++)
		chosen += (scenarios[i].flags & SCENARIO_DISK) != 0;
	stage_open(&p.stage, "power");
	for (size_t i = 0; i < scenario_count; i++) {
		if (!(scenarios[i].flags & SCENARIO_DISK) || k++ % lanes != lane)
			continue;
		set_up(&p, &scenarios[i]);
		for (unsigned n = 0; n < states / chosen + 1; n++) {
			/* A slice on a busy machine must not hold up the rest of `make check`. */
			if (states == SLICE_STATES && clock_ms() - shared->began > SLICE_MS)
				break;
			dice = dice * 1664525u + 1013904223u;
			size_t event = (dice >> 8) % (disk_events(p.disk) + 1);

			if (!try_state(&p, event, (enum disk_loss)(n % DISK_LOSSES), dice))
				atomic_fetch_add(&shared->bad, 1);
			atomic_fetch_add(&shared->done, 1);
		}
		put_away(&p);
	}
	stage_close(&p.stage);
	exit(0);
}

static int one_state(char **argv)
{
	struct play p = {0};
	bool ok = false;

	stage_open(&p.stage, "power");
	for (size_t i = 0; i < scenario_count; i++) {
		if (strcmp(scenarios[i].name, argv[0]) != 0)
			continue;
		set_up(&p, &scenarios[i]);
		for (int l = 0; l < DISK_LOSSES; l++)
			if (strcmp(losses[l], argv[2]) == 0)
				ok = try_state(&p, strtoul(argv[1], NULL, 10), (enum disk_loss)l, (uint32_t)strtoul(argv[3], NULL, 10));
		put_away(&p);
	}
	stage_close(&p.stage);
	printf("%s\n", ok ? "ok" : "not ok");
	return !ok;
}

int main(int argc, char **argv)
{
	unsigned states = getenv("FEIST_TORTURE") ? STATES : SLICE_STATES;
	unsigned lanes = stage_lanes();
	int64_t began = clock_ms();
	int status, lost = 0;

#ifdef SANITIZERS
	printf("not under sanitizers: their runtime must come first\n");
	return 77;
#endif
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must_be(shared != MAP_FAILED, "mmap");
	shared->began = began;
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 5)
		return one_state(argv + 1);
	for (unsigned i = 0; i < lanes; i++) {
		fflush(stdout);
		if (fork() == 0)
			lane_main(i, lanes, states);
	}
	while (wait(&status) > 0)
		lost += status != 0;
	printf("%s - power cuts: %u states, %u bad, %d lanes failed, %lld s\n", shared->bad || lost ? "not ok" : "ok", shared->done,
		shared->bad, lost, (long long)(clock_ms() - began) / 1000);
	return shared->bad || lost ? 1 : 0;
}
