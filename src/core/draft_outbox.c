/* What waits to be sent, for people: list, retry, drop, back into a draft. */
#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/mem.h"
#include "core/draft_priv.h"
#include "core/gettext.h"

static const struct {
	enum outbox_state state;
	enum outbox_state_shown shown;
	const char *word;
} states[] = {{OUTBOX_HELD, OUT_HELD, N_("held")}, {OUTBOX_QUEUED, OUT_QUEUED, N_("queued")},
	{OUTBOX_SENDING, OUT_SENDING, N_("sending")},
	{OUTBOX_COMMITTING, OUT_COMMITTING, N_("sending")},
	{OUTBOX_UNKNOWN, OUT_UNKNOWN, N_("unknown")}, {OUTBOX_SENT, OUT_SENT, N_("sent")},
	{OUTBOX_FAILED, OUT_FAILED, N_("failed")}};

const char *outbox_state_word(enum outbox_state_shown shown)
{
	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		if (states[i].shown == shown)
			return _(states[i].word);
	}
	return "";
}

struct items {
	struct outbox_item *v;
	size_t n, cap;
	const struct session *s;
};

static enum outbox_state_shown shown_state(enum outbox_state state)
{
	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		if (states[i].state == state)
			return states[i].shown;
	}
	return OUT_HELD;
}

static bool take_item(void *data, const struct outbox_row *r)
{
	struct items *items = data;
	struct outbox_item *i;
	struct stat st;

	array_grow(items->v, items->n, items->cap);
	i = &items->v[items->n++];
	*i = (struct outbox_item){.id = r->id,
		.account = xstrdup(r->account),
		.from = xstrdup(r->from),
		.recipients = xstrdup(r->recipients),
		.subject = xstrdup(r->subject),
		.error = xstrdup(r->error),
		.state = shown_state(r->state),
		.created = r->created,
		.next_try = r->next_try,
		.attempts = r->attempts,
		.error_class = outbox_class_of(items->s, r->id)};
	if (stat(r->file, &st) == 0)
		i->size = (uint64_t)st.st_size;
	/* One a line in the store; for people on one line. */
	for (char *c = (char *)i->recipients; *c; c++) {
		if (*c == '\n')
			*c = c[1] ? ' ' : '\0';
		if (!*c)
			break;
	}
	return true;
}

size_t outbox_list(struct session *s, struct outbox_item **list)
{
	struct items items = {.s = s};
	struct err e;

	if (!outbox_each(s->state, NULL, take_item, &items, &e))
		session_fail(s, &e, _("The outbox"));
	*list = items.v;
	return items.n;
}

void outbox_list_free(struct outbox_item *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free((char *)list[i].account);
		free((char *)list[i].from);
		free((char *)list[i].recipients);
		free((char *)list[i].subject);
		free((char *)list[i].error);
	}
	free(list);
}

struct found_state {
	enum outbox_state state;
	int64_t draft; /* what it was made of, 0: not known */
};

/* "draft=ID" among the options. */
int64_t outbox_draft_of(const struct outbox_row *r)
{
	struct sv rest = sv_of(r->options), line;
	uint64_t id;

	while (sv_line(&rest, &line)) {
		if (sv_starts(line, SV("draft=")) && sv_u64(sv_from(line, 6), &id))
			return (int64_t)id;
	}
	return 0;
}

static bool take_state(void *data, const struct outbox_row *r)
{
	struct found_state *f = data;

	*f = (struct found_state){.state = r->state, .draft = outbox_draft_of(r)};
	return true;
}

static bool get_state(struct session *s, int64_t id, struct found_state *f, struct err *e)
{
	*f = (struct found_state){.draft = 0};
	return outbox_get(s->state, id, take_state, f, e);
}

static bool is_leaving(enum outbox_state state)
{
	return state == OUTBOX_SENDING || state == OUTBOX_COMMITTING;
}

bool outbox_retry_item(struct session *s, int64_t id, struct err *e)
{
	struct found_state f;
	bool ok;

	if (!get_state(s, id, &f, e))
		return false;
	if (is_leaving(f.state))
		ok = err_set(e, ERR_INPUT, "%s", _("It is being sent at this moment."));
	else
		ok = outbox_change(s->state, id, f.state, OUTBOX_QUEUED, "", clock_now(), e);
	if (ok)
		outbox_kick(s);
	return ok;
}

bool outbox_drop_item(struct session *s, int64_t id, struct err *e)
{
	struct found_state f;
	struct err none;
	bool ok;

	s->postponed = -1;
	if (!get_state(s, id, &f, e))
		return false;
	ok = is_leaving(f.state)
		     ? err_set(e, ERR_INPUT, "%s", _("It is being sent at this moment."))
		     : outbox_drop(s->state, id, e);
	if (ok && f.draft && !state_draft_delete(s->state, f.draft, &none) &&
		none.class != ERR_GONE)
		session_fail(s, &none, _("Forgetting a draft"));
	if (ok && s->events.outbox)
		s->events.outbox(s->events.data);
	return ok;
}

/* ---- back into a draft ---- */

struct draft *outbox_recall_item(struct session *s, int64_t id, struct err *e)
{
	struct found_state f;
	struct draft *d = NULL;
	bool ok;

	if (!get_state(s, id, &f, e))
		return NULL;
	if (is_leaving(f.state))
		err_set(e, ERR_INPUT, "%s", _("It is being sent at this moment."));
	else if (f.draft == 0)
		err_set(e, ERR_INPUT, "%s",
			_("It was not written here: it can be sent or dropped, not changed."));
	else if (draft_read(s, f.draft, &d, e)) {
		/* Out of the outbox and a draft again in one step, and only if nobody has begun to send it. */
		d->sent = false;
		ok = state_begin(s->state, e);
		if (ok) {
			ok = outbox_change(s->state, id, f.state, OUTBOX_HELD, "", 0, e) &&
			     outbox_drop(s->state, id, e) && draft_keep(d, e);
			if (ok)
				ok = state_commit(s->state, e);
			else
				state_rollback(s->state);
		}
		if (!ok) {
			draft_free(d);
			d = NULL;
		}
	}
	if (d && s->events.outbox)
		s->events.outbox(s->events.data);
	return d;
}
