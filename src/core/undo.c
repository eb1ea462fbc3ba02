/*
 * Undo and redo: what the store decides about intents (journal.h), with the eyes of the session: which
 * intents a worker may have begun stands in the caches.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "core/func_priv.h"
#include "core/gettext.h"
#include "store/applied.h"
#include "store/journal.h"

/*
 * A worker that could act has perhaps done so, and was killed before it committed the note: only one that had no
 * way to the mailbox since the intent was made has surely not.
 */
static bool may_be_at_it(const struct acct *a, const struct intent *i)
{
	static const char *const away[] = {"offline", "connecting", "waiting"};

	if (a->kind == ACCOUNT_LOCAL || a->kind == ACCOUNT_POP)
		return true;
	for (size_t k = 0; k < ARRAY_LEN(away); k++)
		if (strcmp(a->state, away[k]) == 0)
			return i->created <= a->away_since;
	return true;
}

static bool has_begun(void *data, const struct intent *i)
{
	struct acct *a = session_acct_by_name(data, i->account);
	struct applied was;
	struct err e;

	if (!a || !acct_open_cache(a))
		return false;
	if (may_be_at_it(a, i))
		return true;
	/* A note that is older than the intent is about another one: an id of a lost state.db. */
	return applied_get(a->cache, i->id, &was, &e) && was.state != APPLIED_NO && was.at >= i->created;
}

static bool is_empty(void *data, const struct intent *i)
{
	struct acct *a = session_acct_by_name(data, i->account);
	struct mailbox m;
	struct err e;

	if (!a || !acct_open_cache(a) || !mailbox_by_name(a->cache, i->mailbox, &m, &e))
		return false;
	bool empty = m.total == 0 && message_count(a->cache, m.id) == 0;
	mailbox_fini(&m);
	return empty;
}

static struct journal_eye eye_of(struct session *s)
{
	return (struct journal_eye){.begun = has_begun, .removable = is_empty, .data = s};
}

static void tell_all(struct session *s)
{
	for (size_t i = 0; i < s->accounts.n; i++)
		session_intents(s, session_acct(s, &s->accounts.v[i])->name);
	session_mailboxes_changed(s, MAILBOXES_COUNTS);
}

/* ---- what an action is called ---- */

static bool copy_action(void *data, const struct action *a)
{
	struct action *copy = data;

	*copy = *a;
	copy->what = xstrdup(a->what);
	copy->account = xstrdup(a->account);
	copy->mailbox = xstrdup(a->mailbox);
	copy->dest = xstrdup(a->dest);
	copy->subject = xstrdup(a->subject);
	return true;
}

static void action_fini(struct action *a)
{
	free((char *)a->what);
	free((char *)a->account);
	free((char *)a->mailbox);
	free((char *)a->dest);
	free((char *)a->subject);
}

/* "delete (3 messages)", "save: Budget 2027" */
static char *describe(struct session *s, int64_t id)
{
	struct action a = {0};
	struct err e;
	char *text;

	if (!action_get(s->state, id, copy_action, &a, &e))
		return xstrdup("");
	if (a.count > 1)
		text = xasprintf(ngettext("%s (%llu message)", "%s (%llu messages)", a.count), _(a.what),
			(unsigned long long)a.count);
	else if (*a.subject)
		text = xasprintf("%s: %s", _(a.what), a.subject);
	else
		text = xstrdup(_(a.what));
	action_fini(&a);
	return text;
}

/* ---- undoing ---- */

size_t func_action_depends(struct session *s, int64_t id)
{
	int64_t *ids = NULL;
	size_t n = 0;
	struct err e;

	if (!journal_dependents(s->state, id, &ids, &n, &e))
		return 0;
	free(ids);
	return n;
}

static bool undo_with_dependents(struct session *s, int64_t id, size_t *others, struct journal_result *r, struct err *e)
{
	struct journal_eye eye = eye_of(s);
	int64_t *ids = NULL;
	bool ok;

	*others = 0;
	if (!state_begin(s->state, e))
		return false;
	ok = journal_dependents(s->state, id, &ids, others, e);
	for (size_t i = 0; ok && i < *others; i++)
		ok = journal_undo(s->state, ids[i], &eye, r, e);
	free(ids);
	ok = ok && journal_undo(s->state, id, &eye, r, e);
	if (ok)
		return state_commit(s->state, e);
	state_rollback(s->state);
	return false;
}

bool func_action_undo(struct session *s, int64_t id, char **what, struct err *e)
{
	struct journal_result r = {0};
	size_t others;

	if (!undo_with_dependents(s, id, &others, &r, e)) {
		if (e->class == ERR_GONE && r.lost > 0)
			return err_set(e, ERR_GONE, "%s", _("That was deleted for good; it cannot be undone."));
		return false;
	}
	*what = describe(s, id);
	if (others > 0 || r.lost > 0) {
		char *first = *what;

		if (r.lost > 0)
			*what = xasprintf(ngettext("%s; %u message is gone for good", "%s; %u messages are gone for good", r.lost),
				first, r.lost);
		else
			*what = xasprintf(ngettext("%s, and %zu later action", "%s, and %zu later actions", others), first,
				others);
		free(first);
	}
	tell_all(s);
	return true;
}

bool func_action_redo(struct session *s, int64_t id, char **what, struct err *e)
{
	struct journal_eye eye = eye_of(s);
	struct journal_result r;

	if (!journal_redo(s->state, id, &eye, &r, e))
		return false;
	*what = describe(s, id);
	tell_all(s);
	return true;
}

bool func_can_undo(struct session *s)
{
	struct err e;
	int64_t id;

	return action_newest(s->state, false, &id, &e) && id != 0;
}

bool func_undo(struct session *s, char **what, struct err *e)
{
	int64_t id;

	if (!action_newest(s->state, false, &id, e))
		return false;
	if (id == 0)
		return err_set(e, ERR_GONE, "%s", _("Nothing to undo."));
	return func_action_undo(s, id, what, e);
}

bool func_redo(struct session *s, char **what, struct err *e)
{
	int64_t id;

	if (!action_newest(s->state, true, &id, e))
		return false;
	if (id == 0)
		return err_set(e, ERR_GONE, "%s", _("Nothing to redo."));
	return func_action_redo(s, id, what, e);
}

/* ---- the list ---- */

static char *state_text(const struct action *a)
{
	uint64_t open = a->marked + a->waiting;

	if (a->undone)
		return xstrdup(_("undone"));
	if (a->failed + a->aside > 0)
		return xasprintf(_("%llu failed"), (unsigned long long)(a->failed + a->aside));
	if (a->waiting > 0 && a->done > 0)
		return xasprintf(_("%llu of %llu done"), (unsigned long long)a->done, (unsigned long long)(a->done + open));
	if (a->waiting > 0)
		return xstrdup(_("waiting"));
	if (a->marked > 0)
		return xstrdup(_("marked"));
	if (a->done == 0)
		return xstrdup(_("taken back"));
	return xstrdup(a->lost == a->done ? _("for good") : _("done"));
}

struct actions {
	struct session *s;
	struct func_action *v;
	size_t n, cap;
};

/* A mailbox of an account as the user knows it. */
char *func_shown(struct session *s, const char *account, const char *mailbox)
{
	const struct account *known = account_find(&s->accounts, account);
	char *full, *shown;

	if (!known)
		return xstrdup(mailbox);
	full = account_mailbox_string(known, mailbox);
	shown = conf_pretty_path(s->conf, full);
	/* "!" and the like say nothing in a list. */
	if (strlen(shown) < 2) {
		free(shown);
		shown = conf_short_path(s->conf, full);
	}
	free(full);
	return shown;
}

static bool take_action(void *data, const struct action *a)
{
	struct actions *l = data;
	struct func_action *f;
	char *from = func_shown(l->s, a->account, a->mailbox);
	char *to = *a->dest ? strchr(a->dest, ':') || *a->dest == '/' ? conf_pretty_path(l->s->conf, a->dest)
								     : func_shown(l->s, a->account, a->dest)
			    : NULL;

	array_grow(l->v, l->n, l->cap);
	f = &l->v[l->n++];
	*f = (struct func_action){.id = a->id,
		.when = a->created,
		.what = xstrdup(_(a->what)),
		.where = to ? xasprintf("%s > %s", from, to) : xstrdup(from),
		.subject = xstrdup(a->subject),
		.count = a->count,
		.state = state_text(a),
		.undone = a->undone,
		.failed = a->failed + a->aside > 0,
		.for_good = !a->undone && a->done > 0 && a->lost == a->done && a->waiting + a->marked == 0};
	free(from);
	free(to);
	return true;
}

size_t func_actions(struct session *s, struct func_action **list)
{
	struct actions l = {.s = s};
	struct err e;

	if (!action_each(s->state, take_action, &l, &e))
		session_fail(s, &e, _("The list of actions"));
	*list = l.v;
	return l.n;
}

void func_actions_free(struct func_action *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(list[i].what);
		free(list[i].where);
		free(list[i].subject);
		free(list[i].state);
	}
	free(list);
}
