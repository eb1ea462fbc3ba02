/*
 * A session without a screen: questions are answered "no" and reported, messages go to stderr, and
 * the first failure decides the exit status.
 */
#ifndef MAIN_BATCH_H
#define MAIN_BATCH_H

#include "base/loop.h"
#include "core/session.h"
#include "main/main.h"

/* The longest that a batch run waits for anything to happen at all (a server that says nothing). */
#define BATCH_SILENCE_MS 120000

struct batch {
	struct setup setup;
	struct loop *loop;
	struct session *session;
	int64_t last_event;      /* clock_ms of the last sign of life */
	enum err_class failure;  /* the first one */
	bool ended;
	char said[1024];         /* the last line on stderr */
};

/* Reads the configuration and starts the session. flags: more of enum session_flags. */
bool batch_start(struct batch *, const struct args *, unsigned flags, struct err *e) MUST_CHECK;
/* Turns the loop until done says so (NULL: until the session is idle). False: nothing happened for too long. */
bool batch_wait(struct batch *, bool (*done)(struct batch *, void *data), void *data);
/* Ends workers, frees everything. Returns the exit status: that of the first failure, else status. */
int batch_end(struct batch *, int status);
/* Remembers a failure that was not an event. */
void batch_failed(struct batch *, const struct err *e);

#endif
