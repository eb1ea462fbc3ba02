/*
 * A message that is put into a mailbox in place of another: edited, without an attachment, decoded,
 * with other threading. The new one is appended with the flags and the date of the old one, which gets
 * the delete mark, as in mutt; it goes at the next sync, and never before the new one is safe.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "core/func_priv.h"
#include "core/gettext.h"

static bool put_intents(struct step *st, uint32_t row, struct acct *to, const char *name, const char *file,
	bool move, struct err *e)
{
	const struct row *r = &st->view->rows[row];
	struct intent append = {.kind = INTENT_APPEND,
		.state = INTENT_PENDING,
		.group = st->group,
		.account = to->name,
		.mailbox = name,
		.add = r->stored & ~(unsigned)MSG_DELETED,
		.file = file,
		.date = r->received};
	struct intent gone;
	int64_t id;

	if (!step_add(st, &append, &id, e))
		return false;
	if (!move)
		return true;
	intent_of_row(st->view, row, st, &gone);
	gone.kind = INTENT_DELETE;
	gone.state = INTENT_MARKED;
	gone.add = MSG_DELETED; /* what replaces it is here: not to the trash */
	gone.depends = id;
	return step_add(st, &gone, NULL, e);
}

bool func_put(struct session *s, struct view *v, uint32_t row, struct sv message, const char *mailbox, bool move,
	const char *what, struct err *e)
{
	char *given = NULL, *name, *file = NULL;
	struct acct *to = mailbox ? session_resolve(s, mailbox, &given, e) : session_acct_by_name(s, view_row_account(v, row));
	struct step st;
	bool ok;

	if (!to)
		return false;
	name = mailbox ? acct_mailbox_name(to, given) : xstrdup(view_source_of(v, row)->name);
	free(given);
	ok = state_put_file(s->state, message, &file, e) && step_begin(&st, s, move ? v : NULL, e);
	if (ok) {
		st.view = v;
		st.others = strcmp(to->name, view_row_account(v, row)) != 0;
		ok = put_intents(&st, row, to, name, file, move, e);
		ok = step_end(&st, ok, what, e);
	}
	if (ok)
		acct_start(to);
	free(file);
	free(name);
	return ok;
}
