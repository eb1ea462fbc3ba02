/*
 * Which message is which: by its UIDL as far as that can be relied on, else by its header. A server
 * may give none, the same twice, others with every session, or one again that it gave to another
 * message; none of that may lose a message or bring it twice.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "sync/pop_visit_priv.h"

struct seen {
	struct pop_visit *v;
	size_t known, fresh;
};

static void see_row(void *data, size_t index, const struct uidl_row *row)
{
	struct seen *s = data;
	struct pop_item *it = &s->v->items[index];

	it->todo = POP_NOTHING;
	if (!row || row->state == UIDL_NEW) {
		it->state = UIDL_NEW;
		it->tries = row ? row->tries : 0;
		s->fresh++;
		return;
	}
	it->state = row->state;
	it->since = row->since;
	s->known++;
	/* Another size: perhaps another message under a UIDL that was given away again. */
	if (row->size >= 0 && it->size && (uint64_t)row->size != it->size)
		it->todo = POP_CHECK;
}

/* The listing goes to the table, and what that knows comes back. */
static bool compare(struct pop_visit *v, struct seen *s, struct err *e)
{
	struct uidl *u = v->b->uidls;
	bool ok = uidl_listing_begin(u, e);

	for (size_t i = 0; ok && i < v->n; i++)
		ok = !*v->items[i].uidl || uidl_listing_add(u, i, sv_of(v->items[i].uidl), e);
	ok = ok && uidl_listing_end(u, e) && uidl_listing_each(u, see_row, s, e);
	if (!ok)
		uidl_rollback(u);
	return ok;
}

static bool note_odd(struct pop_visit *v, struct err *e)
{
	struct str have;
	bool known;

	v->check = true;
	str_init(&have, 16);
	known = uidl_note(v->b->uidls, "odd", &have);
	str_fini(&have);
	if (known)
		return true;
	log_write(LOG_INFO, "pop", "%s: this server's UIDLs cannot be relied on: messages are known by their headers, too",
		host_account(v->b->box.host));
	return uidl_note_put(v->b->uidls, "odd", "yes", e);
}

/* $pop_last: what was read elsewhere before our first visit is not fetched. Asked once. */
static bool ask_last(struct pop_visit *v, struct seen *s, struct err *e)
{
	struct uidl *u = v->b->uidls;
	struct str have;
	uint64_t last = 0;
	bool ok = true, visited;

	str_init(&have, 16);
	visited = uidl_note(u, "visited", &have);
	str_fini(&have);
	if (visited)
		return true;
	if (s->known == 0 && host_conf_bool(v->b->box.host, "pop_last", false) && !pop3_last(v->pop, &last, e))
		return false;
	ok = uidl_begin(u, e) && uidl_note_put(u, "visited", "yes", e);
	for (size_t i = 0; ok && i < v->n && v->items[i].number <= last; i++) {
		struct uidl_row row = {.state = UIDL_LEFT, .size = (int64_t)v->items[i].size};

		if (!*v->items[i].uidl)
			continue;
		v->items[i].state = UIDL_LEFT;
		ok = uidl_put(u, sv_of(v->items[i].uidl), &row, e);
	}
	ok = ok && uidl_commit(u, e);
	if (!ok)
		uidl_rollback(u);
	return ok;
}

/* Which messages must be looked at before anything is done with them. */
bool pop_who_check(struct pop_visit *v, struct err *e)
{
	struct seen s = {.v = v};
	size_t vanished;
	struct str note;
	bool renumbered;

	if (!compare(v, &s, e) || !uidl_vanished(v->b->uidls, &vanished, e))
		return false;
	str_init(&note, 16);
	v->check = v->check || uidl_note(v->b->uidls, "odd", &note);
	str_fini(&note);
	/* Nothing of what was there, and others instead: new mail, or new names of the old. */
	renumbered = s.known == 0 && s.fresh > 0 && vanished > 0;
	v->check = v->check || renumbered;
	if (!ask_last(v, &s, e))
		return false;
	pop_phase_begin(v, PHASE_CHECK);
	for (size_t i = 0; i < v->n; i++) {
		struct pop_item *it = &v->items[i];

		if (v->check && vanished > 0 && it->state == UIDL_NEW && *it->uidl)
			it->todo = POP_CHECK;
		if (it->todo == POP_CHECK && !v->no_top)
			v->order[v->count++] = i;
		else if (it->todo == POP_CHECK)
			it->todo = POP_NOTHING;
	}
	return true;
}

/* The answer: is it what the table says, or what it said of another UIDL? */
bool pop_who_checked(struct pop_visit *v, struct pop_item *it, const char *head, struct err *e)
{
	struct uidl *u = v->b->uidls;
	struct uidl_row row;
	struct str old;
	bool ok;

	it->todo = POP_NOTHING;
	if (!uidl_get(u, sv_of(it->uidl), &row, e))
		return false;
	if (row.state != UIDL_NEW) {
		if (!*row.head || strcmp(row.head, head) == 0) {
			row.size = (int64_t)it->size;
			return uidl_put(u, sv_of(it->uidl), &row, e);
		}
		/* The UIDL was given to another message: that one is new. */
		it->state = UIDL_NEW;
		return uidl_put(u, sv_of(it->uidl), &(struct uidl_row){.state = UIDL_NEW, .size = (int64_t)it->size}, e) &&
		       note_odd(v, e);
	}
	str_init(&old, UIDL_MAX);
	ok = uidl_vanished_by_head(u, head, &old, e);
	if (ok) {
		ok = uidl_rename(u, str_sv(&old), sv_of(it->uidl), e) && uidl_get(u, sv_of(it->uidl), &row, e) &&
		     note_odd(v, e);
		it->state = row.state;
		it->since = row.since;
	} else {
		ok = e->class == ERR_GONE;
	}
	str_fini(&old);
	return ok;
}

/*
 * A message that the server does not name (quirk: NO_UIDL, REPEATED_UIDL) has the name of its
 * header; those with the same header are numbered.
 */
void pop_who_named(struct pop_visit *v, struct pop_item *it, const char *head)
{
	uintptr_t same = (uintptr_t)map_get(v->heads, sv_of(head));

	map_set(v->heads, sv_of(head), (void *)(same + 1));
	free(it->uidl);
	it->uidl = same ? xasprintf("head-%s-%zu", head, (size_t)same + 1) : xasprintf("head-%s", head);
}

bool pop_who_names(struct pop_visit *v, struct err *e)
{
	pop_phase_begin(v, PHASE_NAMES);
	for (size_t i = 0; i < v->n; i++) {
		v->unnamed = v->unnamed || !*v->items[i].uidl;
		if (!*v->items[i].uidl && !v->no_top)
			v->order[v->count++] = i;
	}
	return !v->unnamed || note_odd(v, e);
}

bool pop_who_compare(struct pop_visit *v, struct err *e)
{
	struct seen s = {.v = v};

	return compare(v, &s, e);
}
