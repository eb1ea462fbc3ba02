/* Inside of struct state, for the files of store/ that work on its tables. */
#ifndef STORE_STATE_PRIV_H
#define STORE_STATE_PRIV_H

#include "store/db_priv.h"
#include "store/state.h"

#define STATE_APP 0x66737374 /* "fsst" */
#define STATE_VERSION 3
extern const char *const state_steps[STATE_VERSION];

struct state {
	struct db db;
	char *files; /* folder */
	char *note;
	bool reader;
};

/*
 * Begins a transaction unless the caller has one; *own says which. state_own_end commits or rolls
 * back what is own.
 */
bool state_own_begin(struct state *, bool *own, struct err *e) MUST_CHECK;
bool state_own_end(struct state *, bool own, bool ok, struct err *e) MUST_CHECK;
/* Ends a loop of db_step: *mine is what it left. */
bool state_loop_end(struct err *mine, struct err *e) MUST_CHECK;

#endif
