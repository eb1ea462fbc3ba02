/*
 * What happens to read messages when a mailbox is left: with $move those of the spool file go to
 * $mbox, those of a mailbox with an mbox-hook where that says.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "core/func.h"
#include "core/hook.h"
#include "core/session_priv.h"
#include "core/view_priv.h"

static bool is_mailbox_of(struct session *s, const struct view *v, const char *mailbox)
{
	char *name = NULL;
	struct err e;
	struct acct *a = *mailbox ? session_resolve(s, mailbox, &name, &e) : NULL;
	bool same = a && view_has_source(v, a->name, name) && !v->unified;

	free(name);
	return same;
}

char *func_move_target(struct session *s, struct view *v)
{
	char *full, *target;

	if (v->unified)
		return NULL;
	full = account_mailbox_string(account_find(&s->accounts, v->src[0].account), v->src[0].name);
	target = hook_mbox(s, full);
	free(full);
	if (!target && is_mailbox_of(s, v, s->conf->spoolfile) && *s->conf->mbox)
		target = xstrdup(s->conf->mbox);
	if (target && is_mailbox_of(s, v, target))
		xfree_null(&target);
	return target;
}

uint32_t func_read_rows(struct session *s, struct view *v, uint32_t **rows)
{
	uint32_t n = 0;

	view_update(v);
	*rows = xcalloc((size_t)v->count + 1, sizeof(**rows));
	for (uint32_t r = 0; r < v->count; r++) {
		const struct row *row = &v->rows[r];
		bool kept = s->conf->keep_flagged && (row->flags & FLAG_FLAGGED);
		if (!row->gone && !row->dead && !kept && (row->flags & FLAG_SEEN) && !(row->flags & FLAG_DELETED))
			(*rows)[n++] = r;
	}
	return n;
}
