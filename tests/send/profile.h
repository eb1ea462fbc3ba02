/*
 * A profile of its own for each run of feist, with the recorder as its server, and feist run in it.
 */
#ifndef TESTS_SEND_PROFILE_H
#define TESTS_SEND_PROFILE_H

#include "tests/send/recorder.h"

#define FEIST_OUT_MAX (1 << 16)

struct profile {
	char dir[256], rc[300], sent_box[300];
	struct recorder *server;
	bool verbose; /* what feist says is seen */
};

void profile_init(struct profile *); /* starts the recorder; VERBOSE in the environment */
void profile_fini(struct profile *);
/* An empty profile for a server of this kind: smtp_url, $record a Maildir, short timeouts. */
void profile_new(struct profile *, const struct plan *);
/* Runs feist with text as its standard input; its output goes to out. The exit status; -1: ended by a signal. */
int profile_feist(struct profile *, const char *const *argv, const char *text, char out[FEIST_OUT_MAX]);
size_t profile_copies(struct profile *); /* messages in $record */

#endif
