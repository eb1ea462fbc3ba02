/*
 * Undo and redo. What intents did the store can invert (intent_undo: the newest group that is not
 * undone, also one of an earlier session). Here is kept what the store does not know: marks that were
 * taken away, and what redo must do again.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "core/func_priv.h"
#include "core/gettext.h"

struct undo_step {
	enum step_kind kind;
	const char *what;
	char *account, *mailbox;
	uint64_t uidvalidity;
	struct unmarked *unmarked;
	size_t unmarked_count;
	struct intent *intents; /* copies for redo; strings owned */
	size_t intent_count, intent_cap;
};

static void intent_copy_fini(struct intent *i)
{
	free((char *)i->account);
	free((char *)i->mailbox);
	free((char *)i->message_id);
	free((char *)i->add_words);
	free((char *)i->del_words);
	free((char *)i->dest);
	free((char *)i->file);
}

static void undo_step_fini(struct undo_step *u)
{
	for (size_t i = 0; i < u->intent_count; i++)
		intent_copy_fini(&u->intents[i]);
	free(u->intents);
	free(u->unmarked);
	free(u->account);
	free(u->mailbox);
}

void func_free_undo(struct session *s)
{
	for (size_t i = 0; i < s->undo_count; i++)
		undo_step_fini(&s->undo[i]);
	free(s->undo);
	s->undo = NULL;
	s->undo_count = s->undo_at = 0;
}

void undo_note_unmark(struct step *st, uint64_t uid, bool purge)
{
	array_grow(st->unmarked, st->unmarked_count, st->unmarked_cap);
	st->unmarked[st->unmarked_count++] = (struct unmarked){.uid = uid, .purge = purge};
}

struct collect {
	int64_t group;
	struct undo_step *u;
};

static bool collect_intent(void *data, const struct intent *i)
{
	struct collect *c = data;
	struct undo_step *u = c->u;
	struct intent *copy;

	if (i->group != c->group)
		return true;
	array_grow(u->intents, u->intent_count, u->intent_cap);
	copy = &u->intents[u->intent_count++];
	*copy = *i;
	copy->account = xstrdup(i->account);
	copy->mailbox = xstrdup(i->mailbox);
	copy->message_id = xstrdup(i->message_id);
	copy->add_words = xstrdup(i->add_words);
	copy->del_words = xstrdup(i->del_words);
	copy->dest = xstrdup(i->dest);
	copy->file = xstrdup(i->file);
	copy->error = "";
	return true;
}

void undo_push(struct session *s, struct step *st, const char *what)
{
	struct undo_step u = {.kind = st->kind,
		.what = what,
		.unmarked = st->unmarked,
		.unmarked_count = st->unmarked_count};
	struct collect c = {.group = st->group, .u = &u};
	struct err e;

	if (st->view) {
		u.account = xstrdup(st->view->account);
		u.mailbox = xstrdup(st->view->name);
		u.uidvalidity = st->view->uidvalidity;
	}
	if (st->kind == STEP_INTENTS &&
		!intent_each(s->state, u.account && !st->others ? u.account : NULL, NULL,
			collect_intent, &c, &e))
		log_write(LOG_WARN, "undo", "%s", e.text);
	st->unmarked = NULL;
	/* What was undone before cannot be redone after something new. */
	while (s->undo_count > s->undo_at)
		undo_step_fini(&s->undo[--s->undo_count]);
	if (s->undo_count == UNDO_MAX) {
		undo_step_fini(&s->undo[0]);
		memmove(s->undo, s->undo + 1, (UNDO_MAX - 1) * sizeof(*s->undo));
		s->undo_count--;
	}
	array_grow(s->undo, s->undo_count, s->undo_cap);
	s->undo[s->undo_count++] = u;
	s->undo_at = s->undo_count;
}

static void tell_all(struct session *s)
{
	for (size_t i = 0; i < s->acct_count; i++)
		session_intents(s, s->accts[i]->name);
}

static bool in_transaction(struct session *s, bool ok, struct err *e)
{
	if (ok)
		return state_commit(s->state, e);
	state_rollback(s->state);
	return false;
}

static bool mark_again(struct session *s, const struct undo_step *u, struct err *e)
{
	bool ok = state_begin(s->state, e);

	if (!ok)
		return false;
	for (size_t n = 0; ok && n < u->unmarked_count; n++) {
		struct intent i = {.kind = INTENT_DELETE,
			.state = INTENT_MARKED,
			.account = u->account,
			.mailbox = u->mailbox,
			.uidvalidity = u->uidvalidity,
			.uid = u->unmarked[n].uid,
			.add = u->unmarked[n].purge ? MSG_DELETED : 0};
		int64_t id;

		ok = intent_add(s->state, &i, &id, e);
	}
	return in_transaction(s, ok, e);
}

static bool unmark_again(struct session *s, const struct undo_step *u, struct err *e)
{
	bool ok = state_begin(s->state, e);

	if (!ok)
		return false;
	for (size_t n = 0; ok && n < u->unmarked_count; n++)
		ok = intent_unmark(
			s->state, u->account, u->mailbox, u->uidvalidity, u->unmarked[n].uid, e);
	return in_transaction(s, ok, e);
}

/* Moved messages may have come back under another UID: they are found by their Message-ID. */
static bool intents_again(struct session *s, const struct undo_step *u, struct err *e)
{
	bool ok = state_begin(s->state, e);
	int64_t group, id, depends = 0;

	if (!ok)
		return false;
	ok = intent_new_group(s->state, &group, e);
	for (size_t n = 0; ok && n < u->intent_count; n++) {
		struct intent i = u->intents[n];
		bool moved = i.kind == INTENT_MOVE && i.state == INTENT_PENDING;

		i.group = group;
		i.depends = i.depends ? depends : 0;
		if (moved && *i.message_id)
			i.uid = i.uidvalidity = 0;
		ok = intent_add(s->state, &i, &id, e);
		depends = id;
	}
	return in_transaction(s, ok, e);
}

bool func_can_undo(struct session *s)
{
	return s->undo_at > 0;
}

bool func_undo(struct session *s, char **what, struct err *e)
{
	struct undo_step *u = s->undo_at > 0 ? &s->undo[s->undo_at - 1] : NULL;
	struct str text;
	bool ok;

	str_init(&text, 1000);
	if (u && u->kind == STEP_UNMARK)
		ok = mark_again(s, u, e);
	else
		ok = intent_undo(s->state, &text, e);
	if (!ok) {
		str_fini(&text);
		return false;
	}
	*what = xasprintf(_("Undone: %s"), u ? _(u->what) : text.s);
	str_fini(&text);
	if (u)
		s->undo_at--;
	tell_all(s);
	return true;
}

bool func_redo(struct session *s, char **what, struct err *e)
{
	struct undo_step *u;

	if (s->undo_at >= s->undo_count)
		return err_set(e, ERR_GONE, "%s", _("nothing to redo"));
	u = &s->undo[s->undo_at];
	if (u->kind == STEP_UNMARK ? !unmark_again(s, u, e) : !intents_again(s, u, e))
		return false;
	s->undo_at++;
	*what = xasprintf(_("Done again: %s"), _(u->what));
	tell_all(s);
	return true;
}
