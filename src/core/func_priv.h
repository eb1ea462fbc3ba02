/* Steps: what one key does, shared by func*.c. */
#ifndef CORE_FUNC_PRIV_H
#define CORE_FUNC_PRIV_H

#include "core/func.h"
#include "core/session_priv.h"

#define SUBJECT_KEPT 200 /* bytes of a subject in the list of actions */

/* One key of the user, while it is carried out. */
struct step {
	struct session *s;
	struct view *view; /* NULL: none */
	int64_t group;
	size_t count; /* intents, or marks */
	size_t extra; /* of them those that are no message of their own */
	bool others;  /* other accounts than the view's have intents, too */
	bool removed; /* intents went out of the queue, too */
	bool quiet;   /* not an action of the user's: undo steps over it */
	char *subject; /* of the first message; NULL */
	char *dest;    /* where to; NULL */
	const char *from_account, *from_mailbox; /* when there is no view; NULL */
};

bool step_begin(struct step *, struct session *, struct view *, struct err *e) MUST_CHECK;
bool step_add(struct step *, const struct intent *, int64_t *id, struct err *e) MUST_CHECK;
/* Commits, with its entry in the journal; tells workers and views. what: N_(word) for people. */
bool step_end(struct step *, bool ok, const char *what, struct err *e) MUST_CHECK;
void intent_of_row(struct view *, uint32_t row, struct step *, struct intent *);
/* The list of actions names this message (the first one counts). */
void step_about(struct step *, const struct view *, uint32_t row);
bool row_is_here(const struct func_rows *, uint32_t n);
/* length 0: to the end of the file. In an mbox (offset > 0) the lines that would be From_ lines are escaped. */
bool func_read_bytes(int fd, uint64_t offset, uint64_t length, struct str *out, struct err *e) MUST_CHECK;
/* A message of a view to a mailbox of another account: when its body is here, append there; move: then delete here. */
void func_carry(struct session *, struct view *, uint32_t row, struct acct *to, const char *name,
	bool move, bool pending);

/* A mailbox of an account as the user knows it: "=Archive". Caller frees. (undo.c) */
char *func_shown(struct session *, const char *account, const char *mailbox);

#endif
