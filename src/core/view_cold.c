/*
 * What rows do not hold: the rest of the texts, read from the store when a line is drawn or a pattern wants
 * it. The last few hundred stay. Rows that are asked for one after the other, as a search does, are read
 * ahead with one query for many.
 */
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "core/view_priv.h"

#define COLD_KEPT 256
#define COLD_AHEAD 64
#define COLD_SLOTS 1024u /* of the table of those that are kept */

struct cold_row {
	uint32_t row; /* VIEW_NONE: none */
	struct arena *arena;
	struct message_row m;
};

struct cold {
	struct cold_row kept[COLD_KEPT];
	uint32_t next; /* whose turn it is to be thrown out */
	uint16_t slots[COLD_SLOTS]; /* row % COLD_SLOTS -> place in kept that may have it */
	struct cold_row nested[VIEW_NEST]; /* in patterns on relatives: what is outside must stay */
	/* Read ahead: rows first .. first + count - 1 as far as they are there. */
	uint32_t first, count, last_asked;
	struct arena *ahead_arena;
	struct message_row ahead[COLD_AHEAD];
};

struct cold *cold_new(void)
{
	struct cold *c = xcalloc(1, sizeof(*c));

	for (size_t i = 0; i < COLD_KEPT; i++)
		c->kept[i].row = VIEW_NONE;
	for (size_t i = 0; i < VIEW_NEST; i++)
		c->nested[i].row = VIEW_NONE;
	c->last_asked = VIEW_NONE;
	return c;
}

void cold_free(struct cold *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < COLD_KEPT; i++)
		arena_free(c->kept[i].arena);
	for (size_t i = 0; i < VIEW_NEST; i++)
		arena_free(c->nested[i].arena);
	arena_free(c->ahead_arena);
	free(c);
}

void view_cold_forget(struct view *v)
{
	struct cold *c = v->cold;

	for (size_t i = 0; i < COLD_KEPT; i++)
		c->kept[i].row = VIEW_NONE;
	for (size_t i = 0; i < VIEW_NEST; i++)
		c->nested[i].row = VIEW_NONE;
	c->count = 0;
}

static const struct message_row *read_one(struct view *v, struct cold_row *into, uint32_t row)
{
	const struct view_source *s = view_source_of(v, row);
	struct err e;

	into->row = VIEW_NONE;
	if (!s->cache)
		return NULL;
	if (into->arena)
		arena_reset(into->arena);
	else
		into->arena = arena_new();
	if (!message_get(s->cache, row_message(&v->rows[row]), into->arena, &into->m, &e)) {
		if (e.class != ERR_GONE)
			log_write(LOG_ERROR, "view", "reading a row of %s: %s", s->name, e.text);
		return NULL;
	}
	into->row = row;
	return &into->m;
}

static struct sv keep(struct arena *a, struct sv text)
{
	return sv_make(arena_strndup(a, text.p, text.len), text.len);
}

static void keep_texts(struct arena *a, struct message_row *m)
{
	struct sv *texts[] = {&m->keywords, &m->subject, &m->from, &m->to, &m->cc, &m->bcc, &m->reply_to, &m->sender,
		&m->message_id, &m->in_reply_to, &m->refs, &m->list, &m->label, &m->ctype, &m->shape,
		&m->spam};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		*texts[i] = keep(a, *texts[i]);
	m->key = m->path = m->object = m->thread = SV("");
}

/* Rows from this one on that lie one behind the other in the store, too. */
static void read_ahead(struct view *v, uint32_t row)
{
	const struct view_source *s = view_source_of(v, row);
	struct cold *c = v->cold;
	struct message_cursor *cursor;
	struct message_row m;
	struct err e;

	c->first = row;
	c->count = 0;
	if (!s->cache || !message_scan_range(s->cache, s->mailbox, message_uid(v->rows[row].id), MESSAGE_UID_MAX, &cursor, &e))
		return;
	if (c->ahead_arena)
		arena_reset(c->ahead_arena);
	else
		c->ahead_arena = arena_new();
	while (c->count < COLD_AHEAD && row < v->count && message_next(cursor, &m, &e)) {
		if (row_key(row_source(&v->rows[row]), m.id) != v->rows[row].id)
			break;
		keep_texts(c->ahead_arena, &m);
		c->ahead[c->count++] = m;
		row++;
	}
	message_cursor_close(cursor);
}

const struct message_row *view_cold(struct view *v, uint32_t row)
{
	struct cold *c = v->cold;
	struct cold_row *at = &c->kept[c->slots[row % COLD_SLOTS]];

	if (v->nest > 0)
		return c->nested[v->nest].row == row ? &c->nested[v->nest].m : read_one(v, &c->nested[v->nest], row);
	if (at->row == row)
		return &at->m;
	if (row >= c->first && row - c->first < c->count) {
		c->last_asked = row;
		return &c->ahead[row - c->first];
	}
	if (row == c->last_asked + 1) {
		c->last_asked = row;
		read_ahead(v, row);
		return c->count ? &c->ahead[0] : NULL;
	}
	c->last_asked = row;
	c->slots[row % COLD_SLOTS] = (uint16_t)c->next;
	at = &c->kept[c->next];
	c->next = (c->next + 1) % COLD_KEPT;
	return read_one(v, at, row);
}

const char *view_message_id(struct view *v, uint32_t row)
{
	const struct message_row *m = view_cold(v, row);

	return m ? m->message_id.p : "";
}
