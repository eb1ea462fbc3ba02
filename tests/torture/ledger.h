/*
 * The ledger: where every message is, read from the disk and not from feist. One line each, sorted:
 * "NAME PLACE:FLAGS", the name is the subject with '_' for blanks, the place a mailbox below mail/ or one of
 *	@server   on the POP server            @pop      downloaded
 *	@out      has left by $sendmail or SMTP
 *	@draft    autosaved in state.db        @postponed  put off there (besides the copy in $postponed)
 *	@outbox   waits there                  @unknown  waits there, and nobody knows if it has left
 *	@refused  failed for good: the user decides
 *	@pending-KIND, @failed-, @aside-, @marked-    intents that name it by Message-ID, and are still there
 *	@history  a line of a prompt
 * A message that is not whole has "(damaged)" behind its flags. Flags: S seen, R answered, F flagged,
 * T deleted, D draft, P forwarded; whether it is old is not told, it depends on who looked.
 */
#ifndef TESTS_TORTURE_LEDGER_H
#define TESTS_TORTURE_LEDGER_H

#include "tests/torture/stage.h"

struct ledger {
	char **line;
	size_t n, cap;
};

void ledger_read(struct ledger *, const struct stage *);
/* What the caches of the accounts say about the mailboxes, in the same form. */
void ledger_read_cache(struct ledger *, const struct stage *);
void ledger_free(struct ledger *);
/* The lines of a name, with "; " between, without the name; "": none. Caller frees. */
char *ledger_of(const struct ledger *, const char *name);
bool ledger_same(const struct ledger *, const struct ledger *);
void ledger_print(const struct ledger *, const char *indent);
/* The bodies that messages of the tests have: by it damage is seen. Caller frees. */
char *ledger_body(const char *name);
char *ledger_message(const char *name, const char *fields); /* a whole one */

/*
 * True when every message is where one of states[low..high] has it. Else what is wrong, one complaint a line,
 * is added to `why`.
 */
bool ledger_fits(const struct ledger *now, const struct ledger *states, unsigned low, unsigned high,
	const char *const *also, struct str *why);

/*
 * Less is asked for: no message is lost, doubled or damaged. For runs in which the screen told of trouble, and
 * what was typed after that did other things.
 */
bool ledger_keeps(const struct ledger *now, const struct ledger *states, unsigned low, unsigned high, struct str *why);

#endif
