/*
 * What the user sees = rows of the cache overlaid with intents: flags as deltas, delete marks, and
 * messages that are on their way out already do not show.
 */
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "core/view_priv.h"

static void remember(struct view *v, uint32_t row)
{
	array_grow(v->overlaid, v->overlaid_len, v->overlaid_cap);
	v->overlaid[v->overlaid_len++] = (struct overlaid_row){row, v->rows[row].keywords};
	v->rows[row].overlaid = true;
}

static void overlay_words(struct view *v, struct row *r, const struct intent *i)
{
	struct str words;

	str_init(&words, MESSAGE_TEXT_MAX);
	if (words_apply(&words, strpool_text(v->pool, r->keywords), sv_of(i->add_words),
		    sv_of(i->del_words)))
		r->keywords = strpool_add(v->pool, str_sv(&words));
	str_fini(&words);
}

struct overlaid {
	struct view *v;
	uint32_t source;
};

static bool overlay_intent(void *data, const struct intent *i)
{
	const struct overlaid *o = data;
	struct view *v = o->v;
	struct view_source *s = &v->src[o->source];
	uint32_t row;
	struct row *r;
	unsigned flags;

	s->overlaid_to = MAX(s->overlaid_to, i->id);
	if (i->state == INTENT_PENDING || i->state == INTENT_FAILED)
		v->counts.pending++;
	if (i->uid == 0 || i->uidvalidity != s->uidvalidity || i->state == INTENT_ASIDE ||
		i->state == INTENT_FAILED)
		return true;
	row = view_find_id(v, row_key(o->source, message_id_of(s->mailbox, i->uid)));
	if (row == VIEW_NONE)
		return true;
	r = &v->rows[row];
	remember(v, row);
	switch (i->kind) {
	case INTENT_FLAG:
		flags = (r->flags | view_shown_flags(v, i->add)) & ~view_shown_flags(v, i->del);
		view_put_flags(v, row, flags & FLAG_SEEN ? flags & ~(unsigned)FLAG_OLD : flags);
		if (i->add_words[0] || i->del_words[0])
			overlay_words(v, r, i);
		break;
	case INTENT_DELETE:
	case INTENT_MOVE:
		if (i->state == INTENT_MARKED)
			view_put_flags(v, row,
				r->flags | FLAG_DELETED |
					(i->kind == INTENT_DELETE && i->add & MSG_DELETED ? FLAG_PURGE : 0));
		else
			view_put_gone(v, row, true);
		break;
	default:
		break;
	}
	return true;
}

/* Rows that earlier intents touched look like the cache again. */
static void peel(struct view *v)
{
	/* From the last one: the first look at a row tells what it was. */
	for (uint32_t i = v->overlaid_len; i-- > 0;) {
		uint32_t row = v->overlaid[i].row;
		struct row *r = &v->rows[row];

		view_put_flags(v, row, view_flags_of(v, r));
		r->keywords = v->overlaid[i].keywords;
		r->overlaid = false;
		view_put_gone(v, row, r->dead);
	}
	v->overlaid_len = 0;
}

void view_overlay(struct view *v)
{
	struct err e;

	v->overlay_valid = true;
	peel(v);
	v->counts.pending = 0;
	for (uint32_t n = 0; v->state && n < v->src_count; n++) {
		struct view_source *s = &v->src[n];
		struct overlaid o = {v, n};

		s->overlaid_to = 0;
		if (!intent_each(v->state, s->account, s->name, overlay_intent, &o, &e))
			log_write(LOG_ERROR, "view", "reading pending changes of %s: %s", s->name, e.text);
	}
}

void view_overlay_more(struct view *v)
{
	struct err e;

	view_touch(v, VIEW_ROWS | VIEW_COUNTS);
	for (uint32_t n = 0; v->overlay_valid && v->state && n < v->src_count; n++) {
		struct view_source *s = &v->src[n];
		struct overlaid o = {v, n};

		if (!intent_each_after(v->state, s->account, s->name, s->overlaid_to, overlay_intent, &o, &e))
			v->overlay_valid = false; /* said when all of it is read */
	}
}

void view_overlay_stale(struct view *v)
{
	v->overlay_valid = false;
	view_touch(v, VIEW_ROWS | VIEW_COUNTS);
}
