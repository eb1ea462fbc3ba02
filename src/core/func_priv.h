/* Steps of undo, shared by func.c and undo.c. */
#ifndef CORE_FUNC_PRIV_H
#define CORE_FUNC_PRIV_H

#include "core/func.h"
#include "core/session_priv.h"

#define UNDO_MAX 200 /* steps that are remembered */

enum step_kind {
	STEP_INTENTS, /* intents of one group: the store knows their inverse */
	STEP_UNMARK,  /* delete marks that were taken away: nothing is left of them in the store */
};

/* One key of the user, while it is carried out. */
struct step {
	struct session *s;
	struct view *view; /* NULL: none */
	int64_t group;
	size_t count; /* intents, or marks */
	bool others;  /* other accounts than the view's have intents, too */
	enum step_kind kind;
	struct unmarked *unmarked;
	size_t unmarked_count, unmarked_cap;
};

struct unmarked {
	uint64_t uid;
	bool purge;
};

bool step_begin(struct step *, struct session *, struct view *, struct err *e) MUST_CHECK;
bool step_add(struct step *, const struct intent *, int64_t *id, struct err *e) MUST_CHECK;
/* Commits, remembers for undo, tells workers and views. what: N_(word) for people. */
bool step_end(struct step *, bool ok, const char *what, struct err *e) MUST_CHECK;
void intent_of_row(struct view *, uint32_t row, const struct step *, struct intent *);
/* A message of a view to a mailbox of another account: when its body is here, append there; move: then delete here. */
void func_carry(struct session *, struct view *, uint32_t row, struct acct *to, const char *name,
	bool move, bool pending);

/* undo.c */
void undo_push(struct session *, struct step *, const char *what); /* takes the lists of the step */
void undo_note_unmark(struct step *, uint64_t uid, bool purge);

#endif
