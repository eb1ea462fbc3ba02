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
	{OUTBOX_SENDING, OUT_SENDING, N_("sending")}, {OUTBOX_COMMITTING, OUT_COMMITTING, N_("sending")},
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
	*i = (struct outbox_item){.id = r->id, .account = xstrdup(r->account), .from = xstrdup(r->from),
		.recipients = xstrdup(r->recipients), .subject = xstrdup(r->subject), .error = xstrdup(r->error),
		.state = shown_state(r->state), .created = r->created, .next_try = r->next_try, .attempts = r->attempts};
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
	struct items items = {0};
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
	bool found;
	char *file, *fcc;
};

static bool take_state(void *data, const struct outbox_row *r)
{
	struct found_state *f = data;

	*f = (struct found_state){.state = r->state, .found = true, .file = xstrdup(r->file), .fcc = xstrdup(r->fcc)};
	return true;
}

static bool get_state(struct session *s, int64_t id, struct found_state *f, struct err *e)
{
	*f = (struct found_state){.found = false};
	return outbox_get(s->state, id, take_state, f, e);
}

static void found_fini(struct found_state *f)
{
	free(f->file);
	free(f->fcc);
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
	found_fini(&f);
	if (ok)
		outbox_kick(s);
	return ok;
}

bool outbox_drop_item(struct session *s, int64_t id, struct err *e)
{
	struct found_state f;
	bool ok;

	if (!get_state(s, id, &f, e))
		return false;
	ok = is_leaving(f.state) ? err_set(e, ERR_INPUT, "%s", _("It is being sent at this moment.")) :
		outbox_drop(s->state, id, e);
	found_fini(&f);
	if (ok && s->events.outbox)
		s->events.outbox(s->events.data);
	return ok;
}

/* ---- back into a draft ---- */

struct recall_outbox {
	struct session *s;
	int64_t id;
	char *fcc;
	draft_ready_fn *ready;
	void *data;
};

static void recalled(void *data, struct draft *d, const struct err *why)
{
	struct recall_outbox *r = data;
	struct err e;

	/* Out of the outbox only when the draft is kept, and only if nobody has begun to send it. */
	if (d && !outbox_drop_item(r->s, r->id, &e)) {
		draft_discard(d);
		draft_free(d);
		d = NULL;
		why = &e;
	}
	if (d && *r->fcc) {
		draft_put_field(d, FIELD_FCC, r->fcc);
		d->user_set[FIELD_FCC] = true;
	}
	r->ready(r->data, d, d ? NULL : why);
	free(r->fcc);
	free(r);
}

uint64_t outbox_recall_item(struct session *s, int64_t id, draft_ready_fn *ready, void *data, struct err *e)
{
	struct recall_outbox *r;
	struct found_state f;
	uint64_t job;
	char *cut;

	if (!get_state(s, id, &f, e))
		return 0;
	if (is_leaving(f.state)) {
		found_fini(&f);
		err_set(e, ERR_INPUT, "%s", _("It is being sent at this moment."));
		return 0;
	}
	r = xcalloc(1, sizeof(*r));
	*r = (struct recall_outbox){.s = s, .id = id, .fcc = xstrdup(f.fcc), .ready = ready, .data = data};
	if ((cut = strchr(r->fcc, '\n')))
		*cut = '\0';
	job = draft_resend_file(s, f.file, recalled, r, e);
	found_fini(&f);
	if (job == 0) {
		free(r->fcc);
		free(r);
	}
	return job;
}
