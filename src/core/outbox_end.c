/*
 * The end of an attempt to send. What became of the row is known only here, by a server's word or an exit
 * status, until it stands in state.db: so when the disk does not take it, it is kept and tried again until it
 * does. The row stays "sending" or "committing" meanwhile, and only a feist that dies before the disk is well
 * again leaves it to the user whether the mail has gone.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "core/gettext.h"
#include "core/outbox_priv.h"

#define FIRST_WAIT_MS 100
#define LONGEST_WAIT_MS 30000

void submitter_forget_rcpts(struct submitter *u)
{
	for (size_t i = 0; i < u->rcpt_count; i++) {
		free(u->rcpts[i].addr);
		free(u->rcpts[i].words);
	}
	u->rcpt_count = 0;
}

static bool note_in_row(struct submitter *u, const struct outbox_row *r, struct err *e)
{
	struct session *s = u->s;
	const char *words = u->end.words;

	switch (u->end.state) {
	case OUTBOX_SENT:
		return row_sent(s, r, words, e);
	case OUTBOX_FAILED:
		return row_failed(s, r, words, e);
	case OUTBOX_UNKNOWN:
		return row_unknown(s, r, words, e);
	case OUTBOX_SCHEDULED:
		return row_not_held(s, r, e);
	default:
		return row_later(s, r, words, e);
	}
}

/* UNKNOWN: another feist took us for dead. It may ask, but what we have heard is the answer. */
static bool is_open(const struct submitter *u, enum outbox_state state)
{
	return state == OUTBOX_SENDING || state == OUTBOX_COMMITTING ||
	       (state == OUTBOX_UNKNOWN && u->end.state == OUTBOX_SENT);
}

/*
 * True: it is noted, or there is nothing to note any more: the row was thrown away, or an earlier try did reach
 * the disk though it ended with an error.
 */
static bool note(struct submitter *u, struct err *e)
{
	struct row_copy c;
	bool ok = row_load(u->s, u->sending, &c, e);

	if (!ok)
		return e->class == ERR_GONE;
	if (is_open(u, c.row.state))
		ok = row_keep_results(u, e) && note_in_row(u, &c.row, e);
	arena_free(c.arena);
	return ok;
}

static void try_again(void *data);

static void try_to_note(struct submitter *u)
{
	struct err e;

	if (note(u, &e)) {
		xfree_null(&u->end.words);
		submitter_forget_rcpts(u);
		submitter_finish(u);
		return;
	}
	if (u->end.wait_ms == 0)
		session_fail(u->s, &e, _("Noting what became of the mail"));
	u->end.wait_ms = u->end.wait_ms ? MIN(2 * u->end.wait_ms, LONGEST_WAIT_MS) : FIRST_WAIT_MS;
	u->end.timer = loop_timer(u->s->loop, "note the end", u->end.wait_ms, try_again, u);
}

static void try_again(void *data)
{
	struct submitter *u = data;

	u->end.timer = 0;
	try_to_note(u);
}

void submitter_ended(struct submitter *u, enum outbox_state state, const char *words)
{
	if (u->end.words)
		return; /* what was said first, before the worker died, is the truth */
	u->end = (struct row_end){.state = state, .words = xstrdup(words)};
	try_to_note(u);
}

void submitter_note_now(struct submitter *u)
{
	if (!u->end.timer)
		return;
	loop_remove(u->s->loop, u->end.timer);
	u->end.timer = 0;
	try_to_note(u);
}

void submitter_forget_end(struct submitter *u)
{
	if (u->end.timer)
		loop_remove(u->s->loop, u->end.timer);
	xfree_null(&u->end.words);
	u->end = (struct row_end){0};
}
