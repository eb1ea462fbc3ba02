/* Rows of the tables intent (the queue) and done (what left it), shared by intent.c and journal.c. */
#ifndef STORE_INTENT_PRIV_H
#define STORE_INTENT_PRIV_H

#include "store/intent.h"
#include "store/state_priv.h"

#define INTENT_COLUMNS                                                                             \
	"id,grp,kind,state,depends,account,mailbox,uidvalidity,uid,of_,message_id,add_,del_,add_words,"   \
	"del_words,dest,file,date,created,tries,error"
#define INTENT_COLUMN_COUNT 21
#define PAUSED "paused/" /* name of the fact, before the account's */

/* Column undo: what the user did, or the taking back of it. */
enum intent_side { SIDE_FORWARD, SIDE_BACK };

/* Column fate. */
enum intent_fate {
	FATE_LIVE,    /* it holds: waits, or was carried out */
	FATE_TAKEN,   /* taken back before it was begun; a late report is still possible */
	FATE_SETTLED, /* taken back, and no report can come any more */
	FATE_SPENT,   /* another intent has turned it round (inverse_of of that one), or it was dropped */
};

/* Reads a row of INTENT_COLUMNS; texts live until the next step of st. */
void intent_read_row(sqlite3_stmt *st, struct intent *i);
/* Calls fn for each row of st, which is finalized (NULL: false). *n counts them. */
bool intent_rows(struct state *, sqlite3_stmt *st, intent_fn *, void *data, size_t *n, struct err *e) MUST_CHECK;
bool intent_insert(struct state *, const struct intent *, enum intent_side, int64_t inverse_of, int64_t *id,
	struct err *e) MUST_CHECK;

#endif
