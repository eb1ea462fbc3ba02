/* The queue as the user sees it: what waits, what was refused, what can be done about it. */
#include <stdlib.h>

#include "base/mem.h"
#include "core/func_priv.h"
#include "core/gettext.h"
#include "store/journal.h"

struct pending_list {
	struct session *s;
	struct func_pending *v;
	size_t n, cap;
};

static const char *flag_words(unsigned flags)
{
	static const struct {
		unsigned flag;
		const char *word;
	} words[] = {{MSG_SEEN, N_("read")}, {MSG_FLAGGED, N_("flagged")}, {MSG_ANSWERED, N_("answered")},
		{MSG_FORWARDED, N_("forwarded")}, {MSG_DELETED, N_("deleted")}, {MSG_DRAFT, N_("draft")},
		{MSG_OLD, N_("old")}, {MSG_JUNK, N_("junk")}, {MSG_NOTJUNK, N_("not junk")}};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (flags & words[i].flag)
			return _(words[i].word);
	}
	return "";
}

static char *flag_text(const struct intent *i)
{
	if (i->add)
		return xasprintf(_("mark as %s"), flag_words(i->add));
	if (i->del)
		return xasprintf(_("unmark: %s"), flag_words(i->del));
	return xasprintf("%s%s", *i->add_words ? "+" : "-", *i->add_words ? i->add_words : i->del_words);
}

static char *what_text(struct session *s, const struct intent *i)
{
	char *dest = *i->dest ? func_shown(s, i->account, i->dest) : NULL, *text;

	switch (i->kind) {
	case INTENT_FLAG:
		text = flag_text(i);
		break;
	case INTENT_MOVE:
		text = xasprintf(_("move to %s"), dest ? dest : "");
		break;
	case INTENT_COPY:
		text = xasprintf(_("copy to %s"), dest ? dest : "");
		break;
	case INTENT_DELETE:
		text = xstrdup(_("delete for good"));
		break;
	case INTENT_APPEND:
		text = xstrdup(_("add a message"));
		break;
	case INTENT_CREATE:
		text = xstrdup(_("create the mailbox"));
		break;
	case INTENT_RENAME:
		text = xasprintf(_("rename to %s"), dest ? dest : "");
		break;
	case INTENT_REMOVE:
		text = xstrdup(_("delete the mailbox"));
		break;
	case INTENT_SUBSCRIBE:
		text = xstrdup(_("subscribe"));
		break;
	case INTENT_UNSUBSCRIBE:
		text = xstrdup(_("unsubscribe"));
		break;
	default:
		text = xstrdup(intent_kind_name(i->kind));
		break;
	}
	free(dest);
	return text;
}

static const char *cure_text(const struct intent *i)
{
	if (i->state == INTENT_ASIDE)
		return _("The server replaced the mailbox, or the message is gone. Retry looks for the message by its "
			 "Message-ID; drop forgets the change.");
	if (i->state == INTENT_FAILED)
		return _("The server refused. Mend what it complains about and retry, or drop the change.");
	return "";
}

static bool take_pending(void *data, const struct intent *i)
{
	struct pending_list *l = data;
	struct func_pending *p;

	if (i->state == INTENT_MARKED || i->state == INTENT_LOCAL)
		return true;
	array_grow(l->v, l->n, l->cap);
	p = &l->v[l->n++];
	*p = (struct func_pending){.id = i->id,
		.account = xstrdup(i->account),
		.mailbox = func_shown(l->s, i->account, i->mailbox),
		.what = what_text(l->s, i),
		.error = xstrdup(i->error),
		.cure = xstrdup(cure_text(i)),
		.since = i->created,
		.tries = i->tries,
		.failed = i->state == INTENT_FAILED || i->state == INTENT_ASIDE,
		.aside = i->state == INTENT_ASIDE,
		.paused = i->state == INTENT_PENDING && intent_paused(l->s->state, i->account)};
	return true;
}

size_t func_pending_list(struct session *s, struct func_pending **list)
{
	struct pending_list l = {.s = s};
	struct err e;

	if (!intent_each(s->state, NULL, NULL, take_pending, &l, &e))
		session_fail(s, &e, _("Pending changes"));
	*list = l.v;
	return l.n;
}

void func_pending_free(struct func_pending *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(list[i].account);
		free(list[i].mailbox);
		free(list[i].what);
		free(list[i].error);
		free(list[i].cure);
	}
	free(list);
}

static void tell_all(struct session *s)
{
	for (size_t i = 0; i < s->acct_count; i++)
		session_intents(s, s->accts[i]->name);
}

bool func_pending_retry(struct session *s, int64_t id, struct err *e)
{
	if (!intent_retry(s->state, id, e))
		return false;
	tell_all(s);
	return true;
}

bool func_pending_drop(struct session *s, int64_t id, struct err *e)
{
	if (!journal_drop(s->state, id, e))
		return false;
	tell_all(s);
	session_mailboxes_changed(s, MAILBOXES_LIST);
	return true;
}

bool func_queue_pause(struct session *s, const char *account, bool on, struct err *e)
{
	bool ok = state_begin(s->state, e);

	if (!ok)
		return false;
	for (size_t i = 0; ok && i < s->accounts.n; i++) {
		if (!account || strcmp(s->accounts.v[i].name, account) == 0)
			ok = intent_pause(s->state, s->accounts.v[i].name, on, e);
	}
	if (!ok) {
		state_rollback(s->state);
		return false;
	}
	if (!state_commit(s->state, e))
		return false;
	tell_all(s);
	return true;
}

bool func_queue_paused(struct session *s, const char *account)
{
	return intent_paused(s->state, account);
}
