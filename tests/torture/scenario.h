/* What users do while something goes wrong: the table is in scenarios.c. */
#ifndef TESTS_TORTURE_SCENARIO_H
#define TESTS_TORTURE_SCENARIO_H

#include <stddef.h>

#define SCENARIO_STEPS 8
#define SCENARIO_BOXES 8
#define SCENARIO_ALSO 12

enum {
	SCENARIO_QUICK = 1, /* cheap enough for `make check` */
	SCENARIO_COLD = 2,  /* begins without a cache, as on the first day */
	SCENARIO_DISK = 8,    /* all of it is files: for power cuts */
	SCENARIO_BLIND = 16,  /* ends with 0 whatever was on its screens: errors are not seen */
	SCENARIO_SPOILED = 4, /* begins with a cache that is damaged */
};

struct scenario {
	const char *name;
	unsigned flags;
	/* "inbox/ a: b:S", as in tests/sync: a Maildir (name ends with /) or mbox, "@server" for POP */
	const char *have[SCENARIO_BOXES];
	const char *rc; /* besides what stage.c writes; $W is the world, $POP and $SMTP ports */
	/*
	 * Keys for the screen, which is seen after each step; neighbours are one run of the program. With "$ " in
	 * front a command of the shell, with $FEIST.
	 */
	const char *step[SCENARIO_STEPS];
	/* How the ledger must look after a run without faults; what is not named must be as before. */
	const char *want[SCENARIO_BOXES];
	/*
	 * What is also right for a message when its step was not acknowledged ("a inbox:S"), or always when it
	 * begins with '!'. A message that is nowhere: "a".
	 */
	const char *also[SCENARIO_ALSO];
};

extern const struct scenario scenarios[];
extern const size_t scenario_count;
unsigned scenario_steps(const struct scenario *);

#endif
