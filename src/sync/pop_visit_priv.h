/*
 * A visit to the server, inside: pop_visit.c goes through its phases, pop_who.c finds out which
 * message is which.
 */
#ifndef SYNC_POP_VISIT_PRIV_H
#define SYNC_POP_VISIT_PRIV_H

#include "sync/pop_priv.h"

enum pop_phase { PHASE_NAMES, PHASE_CHECK, PHASE_LOAD, PHASE_CLEAN, PHASE_QUIT };

struct pop_visit {
	struct pop_box *b;
	struct pop3 *pop;
	struct pop_item *items;
	size_t n;
	enum pop_phase phase;
	size_t *order; /* of the phase: indices into items */
	size_t count, sent, answered;
	struct pop_hall *hall;
	struct pop_hash *hash; /* of the header that comes now */
	struct map *heads; /* hash of a header -> how many unnamed messages have it */
	char digest[SHA256_HEX_LEN + 1]; /* of the list; "" not made */
	bool unnamed;        /* the server does not name all of them */
	bool no_top;         /* this server has none: what a message is shows when it is here */
	bool check;          /* UIDLs are not to be relied on */
	size_t came;         /* messages that are here now */
	uint64_t whole, taken; /* bytes of the message that somebody waits for, 0 none; and what has come */
	int64_t told_at;
	size_t failed; /* that could not be had */
};

/* The phase has no commands yet: its indices go to order[count++]. */
void pop_phase_begin(struct pop_visit *, enum pop_phase);

/* ---- pop_who.c ---- */

/* Begins PHASE_NAMES: messages that the server does not name are to be known by their headers. */
bool pop_who_names(struct pop_visit *, struct err *e) MUST_CHECK;
/* An answer of that phase. */
void pop_who_named(struct pop_visit *, struct pop_item *, const char *head);
/* Begins PHASE_CHECK: what the table knows comes into the items; those in doubt are looked at. */
bool pop_who_check(struct pop_visit *, struct err *e) MUST_CHECK;
bool pop_who_checked(struct pop_visit *, struct pop_item *, const char *head, struct err *e) MUST_CHECK;
/* The table's knowledge once more, now that all have names. */
bool pop_who_compare(struct pop_visit *, struct err *e) MUST_CHECK;

#endif
