/*
 * A stage of the torture tests: one folder (in memory where that is possible) with a world in it:
 * mailboxes, configuration, the XDG folders, the mail that has left, and a small POP and SMTP server.
 * The world is made once for a scenario and put back before each run. Trouble of the stage itself ends
 * the program: a test that cannot run has failed.
 */
#ifndef TESTS_TORTURE_STAGE_H
#define TESTS_TORTURE_STAGE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/str.h"
#include "tests/torture/scenario.h"
#include "tests/torture/shim.h"

struct stage {
	char *dir;     /* all of it */
	char *world;   /* dir/w: what programs see; ledger.h reads it */
	char *begin;   /* dir/t: the world as it is before a run */
	char *acks;    /* dir/ack-: of steps in one run of the screen, with their number */
	char *shim;    /* path of the shim's page */
	struct shim_control *control;
	const struct scenario *scenario;
	pid_t server;  /* POP and SMTP */
	int seconds;   /* so long a step may take; 0: STEP_SECONDS */
	int pop_port, smtp_port;
	char *screens[SCENARIO_STEPS]; /* of a calm run, after each step; NULL: not known */
};

/* How a run went. */
struct outcome {
	unsigned acked; /* steps that were acknowledged: exit status 0, or what the step does was on the screen */
	unsigned tried; /* steps that were begun */
	bool strange;   /* a screen was not as in the calm run: the steps after it may have done other things */
	bool crashed;   /* by a signal that is not ours */
	bool hung;
	char note[200]; /* about the two above */
};

#define STEP_SECONDS 40 /* so long a step takes at most, on a machine with much else to do */

void must_be(bool ok, const char *what); /* ends the program with errno's text */
void stage_open(struct stage *, const char *name);
void stage_close(struct stage *); /* ends what it started, removes the folder */

/* Makes the world of a scenario; it is also what stage_reset puts back. */
void stage_set(struct stage *, const struct scenario *);
void stage_reset(struct stage *);
/* The folder of the world with nothing in it, for worlds that are made up. */
void stage_empty_folder(struct stage *);
/* The next run is recorded (disk.h): s->control->record. */
void stage_record(struct stage *);

/* The shim does nothing in the next run, but counts the calls. */
void stage_calm(struct stage *, unsigned calls);
/* Screens of the next run are kept, as what those of later runs must be. */
void stage_keep_screens(struct stage *);
/* Steps first .. last-1 of the scenario. with_shim false: without the library, as users run it. */
void stage_play(struct stage *, unsigned first, unsigned last, bool with_shim, struct outcome *);
/* feist --sync until nothing is pending any more, at most three times. False: crash or hang (note says). */
bool stage_recover(struct stage *, struct outcome *);
/* One command of the shell with the environment of the world and $FEIST, $W. The exit status, 128 + n: signal n. */
int stage_shell(struct stage *, const char *command, bool with_shim);
/* What the last programs have said on stdout and stderr; caller frees. */
char *stage_output(struct stage *);

/*
 * How many stages are played beside each other: $FEIST_TORTURE_LANES, or eight for each processor, because most
 * of the time they wait.
 */
unsigned stage_lanes(void);

void copy_tree(const char *from, const char *to);
void remove_tree(const char *path);

#endif
