/* The inside of the journal: journal.c, journal_action.c, journal_rows.c, journal_turn.c. */
#ifndef STORE_JOURNAL_PRIV_H
#define STORE_JOURNAL_PRIV_H

#include "store/intent_priv.h"
#include "store/journal.h"

/* ---- journal_rows.c ---- */

struct journal_rows {
	struct arena *arena;
	struct intent *v;
	size_t n, cap;
};

/* An intent_fn whose data is a struct journal_rows with an arena: keeps a copy. */
bool journal_keep_row(void *data, const struct intent *);
void journal_rows_fini(struct journal_rows *);
/* What holds of an action on one side, newest first, of the queue or not. */
bool journal_live_rows(struct state *, bool queued, int64_t action, enum intent_side, struct journal_rows *out,
	struct err *e) MUST_CHECK;

/* One row of table done (queued: of the queue), with what read_row does not give. */
struct journal_place {
	struct journal_rows rows;
	enum intent_side side;
	enum intent_fate fate;
	int64_t inverse_of;
};

/* rows.n 0: it is not there. The rows are the caller's to free. */
bool journal_place(struct state *, bool queued, int64_t id, struct journal_place *, struct err *e) MUST_CHECK;
/* Wherever it is: carried out, or still in the queue with its inverse behind it. */
bool journal_find_place(struct state *, int64_t id, struct journal_place *, struct err *e) MUST_CHECK;

bool journal_set_fate(struct state *, int64_t id, enum intent_fate, struct err *e) MUST_CHECK;
/* Out of the queue; what depends on it stays (and becomes free, as with one that was carried out). */
bool journal_take(struct state *, int64_t id, enum intent_fate, struct err *e) MUST_CHECK;
/* Back into the queue under its own id: should it have been carried out after all, that is found out. */
bool journal_put_back(struct state *, int64_t id, struct err *e) MUST_CHECK;

/* ---- journal_turn.c ---- */

struct journal_turn {
	struct state *s;
	const struct journal_eye *eye;
	struct journal_result *result;
	struct arena *arena; /* texts of inverses */
	int64_t last_of_row; /* what was added for the row at hand, with its flags; 0: nothing */
	unsigned last_add, last_del;
	int64_t last; /* the last intent that was added: the next inverse waits for it when it must */
	struct err *e;
};

/* What holds of an action on that side is turned to the other. */
bool journal_turn_side(struct journal_turn *, int64_t action, enum intent_side) MUST_CHECK;
/* Row r was begun or carried out: what turns it round is added on the other side. */
bool journal_turn_round(struct journal_turn *, const struct journal_place *, const struct intent *r) MUST_CHECK;
/* A mark that was taken away comes back, or goes again. */
bool journal_turn_unmark(struct journal_turn *, const struct intent *r, bool back) MUST_CHECK;
/*
 * Flags that change on a message which was deleted since: what is kept of it for undo changes, too. (The change
 * itself is in the queue all the same; when the message is gone it does nothing.)
 */
bool journal_change_kept(struct state *, const struct intent *f, struct err *e) MUST_CHECK;
/* When f was turned round or put back: the last word on its flags, behind `after` (0: nothing to wait for). */
bool journal_last_word(struct journal_turn *, const struct intent *f, bool holds, int64_t after) MUST_CHECK;

#endif
