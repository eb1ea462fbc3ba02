/*
 * The client's side of an evil session: one walk through everything that it can do with a server, each call a step
 * with a name. What each step gave stands in the log, a line a step: "body ok 142 <sum>", "select proto: words".
 */
#ifndef TESTS_EVIL_TOUR_H
#define TESTS_EVIL_TOUR_H

#include "tests/evil/line.h"

#define TOUR_STEPS 40

struct tour_step {
	const char *name;
	bool ok, over; /* over: not done, or refused because the session had ended before */
	struct err err;
	char gave[120]; /* what it gave when ok */
};

struct tour {
	struct server server; /* security, user and so on: tour_init fills it, the caller may change it */
	bool compress;        /* IMAP: with COMPRESS */
	bool brief;           /* IMAP: without the many commands at the end */
	struct tour_step step[TOUR_STEPS];
	size_t n;
	bool dead;            /* the session has ended early */
	struct str events;    /* what the server told on its own: "list NAME", "alert TEXT", "unclear" ... */
	unsigned asked;       /* times that a secret was given */
	unsigned sent, unknown, unclear;
	bool sent_wrongly;    /* SMTP: "sent" without the server's yes, or "not sent" with it */
};

void tour_init(struct tour *, enum model_proto);
void tour_fini(struct tour *);
void tour_run(struct tour *, struct line *, struct model *);
/* The first step that failed, or NULL. */
const struct tour_step *tour_first_failure(const struct tour *);
const struct tour_step *tour_step_named(const struct tour *, const char *name);
void tour_print(const struct tour *);

#endif
