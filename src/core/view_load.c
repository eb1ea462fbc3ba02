/*
 * Rows from the store: the newest screenful at once, the rest and every refresh in slices of the
 * loop. A refresh walks over the mailbox beside the rows that are here: unknown ones come in, changed
 * ones are replaced, those that it did not meet have gone.
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/mem.h"
#include "core/view_priv.h"

#define SLICE_US 4000 /* of LOOP_SLICE_MS; the last row may take some time */
#define ROWS_BETWEEN_CLOCKS 32
#define RESORT_SHARE 8 /* while loading: sort again when so many-th of the rows is new ... */
#define RESORT_MS 1000 /* ... and at last after this time */

static void log_error(struct view *v, const struct err *e)
{
	log_write(LOG_ERROR, "view", "reading %s: %s", v->name, e->text);
}

static void note_uid(struct view *v, uint64_t id)
{
	uint64_t uid = message_uid(id);

	if (uid > v->high_uid)
		v->high_uid = uid;
	if (v->low_uid == 0 || uid < v->low_uid)
		v->low_uid = uid;
}

/* True when the list on the screen is to be made again although more rows are coming. */
static bool worth_sorting(struct view *v)
{
	return v->unsorted > v->perm_len / RESORT_SHARE && clock_ms() - v->last_sort_ms > 50;
}

static bool same_row(const struct view *v, const struct row *r, const struct message_row *m)
{
	const struct strpool *p = v->pool;

	return r->stored == m->flags && r->date_sent == m->date_sent &&
	       r->date_received == m->date_received && r->size == m->size &&
	       r->attachments == m->attachments &&
	       sv_eq(strpool_text(p, r->stored_keywords), m->keywords) &&
	       sv_eq(strpool_text(p, r->subject), m->subject) &&
	       sv_eq(strpool_text(p, r->from), m->from) &&
	       sv_eq(strpool_text(p, r->msgid), m->message_id) &&
	       sv_eq(strpool_text(p, r->ctype), m->ctype) && r->lines == m->lines;
}

/* Only flags differ: the order may stay. */
static bool same_but_flags(const struct view *v, const struct row *r, const struct message_row *m)
{
	struct row as = *r;

	as.stored = (uint16_t)m->flags;
	as.stored_keywords = strpool_find(v->pool, m->keywords);
	return (as.stored_keywords || m->keywords.len == 0) && same_row(v, &as, m);
}

static void set_flags(struct view *v, uint32_t row, const struct message_row *m)
{
	struct row *r = &v->rows[row];

	r->stored = (uint16_t)m->flags;
	r->keywords = r->stored_keywords = strpool_find(v->pool, m->keywords);
	r->flags = view_flags_of(v, r);
	view_overlay_stale(v);
}

/* A row of the store beside what is here. */
static void take_row(struct view *v, const struct message_row *m)
{
	uint32_t row = view_find_id(v, m->id);
	bool is_new = row == VIEW_NONE;

	note_uid(v, m->id);
	if (!is_new && same_row(v, &v->rows[row], m)) {
		v->rows[row].in_walk = true;
		return;
	}
	if (!is_new && same_but_flags(v, &v->rows[row], m)) {
		v->rows[row].in_walk = true;
		set_flags(v, row, m);
		return;
	}
	/* While rows pour in the list that is on the screen stays until it is worth making a new one. */
	bool valid = v->order_valid && (v->loading || v->walk);

	row = view_put(v, m);
	v->rows[row].in_walk = true;
	v->unsorted++;
	if (valid && !worth_sorting(v))
		v->order_valid = true;
	else
		view_touch(v, VIEW_LIST | VIEW_COUNTS);
	if (is_new && v->loaded_once && !(m->flags & (MSG_SEEN | MSG_OLD)))
		view_touch(v, VIEW_NEW_MAIL);
}

static void walk_close(struct view *v)
{
	message_cursor_close(v->walk);
	v->walk = NULL;
}

/* The walk met everything that there is: what it did not meet has gone. */
static void drop_unmet(struct view *v)
{
	for (uint32_t r = 0; r < v->count; r++) {
		if (!v->rows[r].dead && !v->rows[r].in_walk)
			view_drop(v, r);
	}
}

static void walk_done(struct view *v, bool whole)
{
	walk_close(v);
	v->walk_wanted = false;
	if (whole)
		drop_unmet(v);
	if (v->unsorted) {
		v->order_valid = false;
		view_touch(v, VIEW_LIST | VIEW_COUNTS);
	}
	if (v->loading) {
		v->loading = false;
		v->loaded_once = true;
		view_touch(v, VIEW_LOADED);
	}
}

static bool walk_start(struct view *v, struct err *e)
{
	for (uint32_t r = 0; r < v->count; r++)
		v->rows[r].in_walk = false;
	return message_scan(v->cache, v->mailbox, MESSAGE_BY_UID, false, &v->walk, e);
}

/* One slice; true when there is more. */
static bool walk_slice(void *data)
{
	struct view *v = data;
	int64_t end = clock_us() + SLICE_US;
	struct message_row m;
	struct err e = {0};

	if (!v->walk && !walk_start(v, &e)) {
		log_error(v, &e);
		v->idle_id = 0;
		walk_done(v, false);
		return false;
	}
	for (unsigned n = 1; message_next(v->walk, &m, &e); n++) {
		take_row(v, &m);
		if (n % ROWS_BETWEEN_CLOCKS == 0 && clock_us() > end) {
			message_pause(v->walk);
			return true;
		}
	}
	if (e.class != ERR_NONE)
		log_error(v, &e);
	walk_done(v, e.class == ERR_NONE);
	if (v->walk_again) {
		v->walk_again = false;
		v->walk_wanted = true;
		return true;
	}
	v->idle_id = 0;
	return false;
}

static void walk_soon(struct view *v)
{
	v->walk_wanted = true;
	if (v->idle_id) {
		v->walk_again = v->walk != NULL;
		return;
	}
	if (v->loop)
		v->idle_id = loop_idle(v->loop, "view rows", walk_slice, v);
}

/* Everything with a uid in from..to, at once: news at the ends of the mailbox. */
static bool take_range(struct view *v, uint64_t from, uint64_t to, uint32_t limit)
{
	struct message_cursor *c;
	struct message_row m;
	struct err e = {0};
	uint32_t n = 0;
	bool more = false;

	if (from > to)
		return true;
	if (!message_scan_range(v->cache, v->mailbox, from, to, &c, &e)) {
		log_error(v, &e);
		return false;
	}
	while (!more && message_next(c, &m, &e)) {
		take_row(v, &m);
		more = ++n >= limit;
	}
	message_cursor_close(c);
	return !more && e.class == ERR_NONE;
}

static void take_newest(struct view *v)
{
	enum message_order order = v->sort.key == SORT_DATE_RECEIVED   ? MESSAGE_BY_RECEIVED
				   : v->sort.key == SORT_MAILBOX_ORDER ? MESSAGE_BY_UID
								       : MESSAGE_BY_SENT;
	struct message_cursor *c;
	struct message_row m;
	struct err e = {0};

	if (!message_scan(v->cache, v->mailbox, order, true, &c, &e)) {
		log_error(v, &e);
		return;
	}
	for (unsigned n = 0; n < VIEW_FIRST_ROWS && message_next(c, &m, &e); n++)
		take_row(v, &m);
	message_cursor_close(c);
	if (e.class != ERR_NONE)
		log_error(v, &e);
}

void view_attach_store(struct view *v, struct cache *cache, struct state *state, uint64_t mailbox,
	uint64_t uidvalidity)
{
	bool again = v->mailbox != mailbox || v->uidvalidity != uidvalidity;

	view_detach_cache(v);
	if (again && v->mailbox) {
		for (uint32_t r = 0; r < v->count; r++)
			view_drop(v, r);
		view_touch(v, VIEW_RESET);
	}
	v->cache = cache;
	v->state = state;
	v->mailbox = mailbox;
	v->uidvalidity = uidvalidity;
	v->overlay_valid = false;
	v->high_uid = v->low_uid = 0;
	v->loading = true;
	take_newest(v);
	v->order_valid = false;
	view_touch(v, VIEW_LIST | VIEW_COUNTS);
	if (v->live < VIEW_FIRST_ROWS && v->live == message_count(cache, mailbox)) {
		v->loading = false;
		v->loaded_once = true;
		view_touch(v, VIEW_LOADED);
		return;
	}
	walk_soon(v);
}

void view_detach_cache(struct view *v)
{
	walk_close(v);
	if (v->idle_id)
		loop_remove(v->loop, v->idle_id);
	if (v->timer_id)
		loop_remove(v->loop, v->timer_id);
	v->idle_id = v->timer_id = 0;
	v->walk_again = v->walk_wanted = false;
	v->cache = NULL;
}

#define RANGE_AT_ONCE 500 /* rows taken without slicing when news is announced */

static void resort_due(void *data)
{
	struct view *v = data;

	v->timer_id = 0;
	v->order_valid = false;
	view_touch(v, VIEW_LIST | VIEW_COUNTS);
}

/*
 * Old messages that come in while a mailbox is downloaded for the first time: the list is made anew
 * now and then, not for each batch.
 */
static bool take_older(struct view *v)
{
	bool valid = v->order_valid;

	if (v->low_uid > 1 && !take_range(v, 1, v->low_uid - 1, RANGE_AT_ONCE))
		return false;
	if (!v->unsorted || !valid || !v->loop || worth_sorting(v))
		return true;
	v->order_valid = true;
	if (!v->timer_id)
		v->timer_id = loop_timer(v->loop, "view order", RESORT_MS, resort_due, v);
	return true;
}

void view_store_changed(struct view *v, const char *what)
{
	bool flags = sv_is(sv_of(what), "flags") || sv_is(sv_of(what), "list");

	if (!v->cache)
		return;
	v->overlay_valid = false;
	view_touch(v, VIEW_ROWS | VIEW_COUNTS);
	if (v->idle_id) {
		walk_soon(v);
		return;
	}
	if (!flags && take_range(v, v->high_uid + 1, MESSAGE_UID_MAX, RANGE_AT_ONCE) &&
		take_older(v) && v->live == message_count(v->cache, v->mailbox))
		return;
	walk_soon(v);
}

void view_refresh(struct view *v, uint64_t id)
{
	struct arena *arena;
	struct message_row m;
	struct err e;

	if (!v->cache)
		return;
	arena = arena_new();
	if (message_get(v->cache, id, arena, &m, &e)) {
		take_row(v, &m);
	} else if (e.class == ERR_GONE) {
		uint32_t row = view_find_id(v, id);

		if (row != VIEW_NONE)
			view_drop(v, row);
	} else
		log_error(v, &e);
	arena_free(arena);
}

void view_load_all(struct view *v)
{
	if (v->idle_id)
		loop_remove(v->loop, v->idle_id);
	v->idle_id = 0;
	while (v->cache && v->walk_wanted && walk_slice(v))
		;
	v->order_valid = false;
}
