/*
 * Rows from the store: the newest screenful at once, the rest and every refresh in slices of the
 * loop. A refresh walks over the mailbox beside the rows that are here: unknown ones come in, changed
 * ones are replaced, those that it did not meet have gone.
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/mem.h"
#include "core/identity.h"
#include "core/view_priv.h"
#include "store/mailbox.h"

#define SLICE_US 4000 /* of LOOP_SLICE_MS; the last row may take some time */
#define ROWS_BETWEEN_CLOCKS 32

static void log_error(const struct view_source *s, const struct err *e)
{
	log_write(LOG_ERROR, "view", "reading %s: %s", s->name, e->text);
}

/* ---- what a unified mailbox takes in ---- */

/* The facts that a pattern may ask about, without a row in the view. */
static void facts_of(const struct view *v, const struct message_row *m, struct msg_facts *out)
{
	struct row as = {.stored = (uint16_t)m->flags};

	*out = (struct msg_facts){
		.id = (int64_t)m->id,
		.row = VIEW_NONE,
		.uid = (uint32_t)message_uid(m->id),
		.flags = view_flags_of(v, &as) | identity_flags(v->me, m->from, m->to, m->cc),
		.date_sent = m->date_sent,
		.date_received = m->date_received,
		.tz_min = m->tz,
		.size = m->size,
		.lines = (uint32_t)m->lines,
		.attachments = m->attachments,
		.subject = m->subject,
		.from = m->from,
		.to = m->to,
		.cc = m->cc,
		.bcc = m->bcc,
		.reply_to = m->reply_to,
		.sender = m->sender,
		.message_id = m->message_id,
		.in_reply_to = m->in_reply_to,
		.references = m->refs,
		.list_id = m->list,
		.label = m->label,
		.keywords = m->keywords,
		.content_type = m->ctype,
		.shape = m->shape,
		.spam = m->spam,
	};
}

static bool is_known(const struct view *v, struct sv ids, bool as_message)
{
	struct sv id;

	while (msgid_next(&ids, &id)) {
		uint32_t n = idpool_find(v->ids, id);

		if (n && (!as_message || (n / 8 < v->ids_seen_cap && (v->ids_seen[n / 8] >> (n % 8) & 1))))
			return true;
	}
	return false;
}

/* It answers something that is here, or something that is here refers to it. */
static bool belongs_here(const struct view *v, const struct message_row *m)
{
	return v->conversations && (is_known(v, m->message_id, false) || is_known(v, m->in_reply_to, true) ||
					   is_known(v, m->refs, true));
}

/* What is in stays in until it is opened anew, as with a limit: nothing vanishes under the reader's eyes. */
static bool passes(struct view *v, uint32_t source, const struct message_row *m)
{
	struct pattern_env env = {.conf = v->conf, .now = clock_now()};
	struct msg_facts facts;

	if (v->src[source].companion)
		return belongs_here(v, m);
	if (!v->filter)
		return true;
	facts_of(v, m, &facts);
	facts.id = (int64_t)row_key(source, m->id); /* as bodies are found (session_search.c) */
	return pattern_match(v->filter, &facts, NULL, &env);
}

/* ---- rows ---- */

static bool same_row(const struct view *v, const struct row *r, const struct message_row *m)
{
	const struct strpool *p = v->pool;

	return r->stored == (m->flags & MSG_FLAGS_ALL) && r->size == (uint32_t)MIN(m->size, UINT32_MAX) &&
	       r->sent == (uint32_t)MIN(MAX(m->date_sent, 0), (int64_t)UINT32_MAX) &&
	       r->received == (uint32_t)MIN(MAX(m->date_received, 0), (int64_t)UINT32_MAX) &&
	       r->check == view_check(m) && sv_eq(strpool_text(p, r->subject), m->subject) &&
	       sv_eq(strpool_text(p, r->from), m->from) && r->msgid == idpool_find(v->ids, m->message_id);
}

/* As the store has them: of a row that intents touched the note says it. */
static struct overlaid_row *overlaid(struct view *v, uint32_t row)
{
	for (uint32_t i = 0; v->rows[row].overlaid && i < v->overlaid_len; i++) {
		if (v->overlaid[i].row == row)
			return &v->overlaid[i];
	}
	return NULL;
}

static uint32_t stored_keywords(struct view *v, uint32_t row)
{
	const struct overlaid_row *o = overlaid(v, row);

	return o ? o->keywords : v->rows[row].keywords;
}

/* Only flags differ: the order may stay. */
static bool same_but_flags(const struct view *v, const struct row *r, const struct message_row *m)
{
	struct row as = *r;

	as.stored = m->flags & MSG_FLAGS_ALL;
	return same_row(v, &as, m);
}

static void set_flags(struct view *v, uint32_t row, const struct message_row *m)
{
	struct row *r = &v->rows[row];
	uint32_t keywords = strpool_add(v->pool, m->keywords);

	r->stored = m->flags & MSG_FLAGS_ALL;
	r->keywords = keywords;
	for (uint32_t i = 0; r->overlaid && i < v->overlaid_len; i++) {
		if (v->overlaid[i].row == row)
			v->overlaid[i].keywords = keywords;
	}
	view_put_flags(v, row, view_flags_of(v, r));
	view_overlay_stale(v);
}

/* A row of the store beside what is here. */
static void take_row(struct view *v, uint32_t source, const struct message_row *m)
{
	struct view_source *s = &v->src[source];
	uint32_t row;
	bool is_new;
	/* Older mail that is only now downloaded is no news, nor is what a mailbox holds that was never read before. */
	bool is_news = v->loaded_once && (s->high_uid > 0 ? message_uid(m->id) > s->high_uid : s->was_complete);

	view_expect(v, source, m);
	row = view_find_id(v, row_key(source, m->id));
	is_new = row == VIEW_NONE;
	s->high_uid = MAX(s->high_uid, message_uid(m->id));
	if (is_new && !passes(v, source, m))
		return;
	if (!is_new && same_row(v, &v->rows[row], m) &&
		sv_eq(strpool_text(v->pool, stored_keywords(v, row)), m->keywords)) {
		v->rows[row].in_walk = true;
		return;
	}
	if (!is_new && same_but_flags(v, &v->rows[row], m)) {
		v->rows[row].in_walk = true;
		set_flags(v, row, m);
		return;
	}
	if (!is_new)
		view_cold_forget(v);
	row = view_put(v, source, m);
	v->rows[row].in_walk = true;
	if (!s->loading)
		view_touch(v, VIEW_LIST | VIEW_COUNTS);
	if (is_new && is_news && !(m->flags & (MSG_SEEN | MSG_OLD)))
		view_touch(v, VIEW_NEW_MAIL);
}

static void walk_close(struct view_source *s)
{
	message_cursor_close(s->walk);
	s->walk = NULL;
}

/* The walk met everything that there is: what it did not meet has gone. */
static void drop_unmet(struct view *v, uint32_t source)
{
	for (uint32_t r = 0; r < v->count; r++) {
		if (row_source(&v->rows[r]) == source && !v->rows[r].dead && !v->rows[r].in_walk)
			view_drop(v, r);
	}
}

static void walk_done(struct view *v, uint32_t source, bool through)
{
	struct view_source *s = &v->src[source];
	bool was_loading = s->loading;

	walk_close(s);
	if (through)
		s->whole_to = s->walk_to;
	if (through && s->walking == WALK_WHOLE)
		drop_unmet(v, source);
	s->walking = WALK_NONE;
	s->loading = false;
	if (v->dirty_len) {
		view_touch(v, VIEW_LIST | VIEW_COUNTS);
		if (v->loop)
			view_follow(v);
	}
	if (was_loading && !s->companion)
		view_read_companions(v);
	if (was_loading && !view_is_reading(v)) {
		v->loaded_once = v->say_loaded = true;
		view_say_loaded(v);
	}
}

/* From which uid on the store has all messages: below there may be some, found by a search. 0: not even begun. */
static uint64_t whole_of_store(const struct view_source *s)
{
	struct mailbox m;
	struct err e;
	uint64_t uid;

	if (!mailbox_by_id(s->cache, s->mailbox, &m, &e))
		return 0;
	uid = m.flags & MAILBOX_COMPLETE ? 1 : m.low_uid;
	mailbox_fini(&m);
	return uid;
}

static bool walk_start(struct view *v, uint32_t source, struct err *e)
{
	struct view_source *s = &v->src[source];

	s->walk_to = whole_of_store(s);
	if (s->walking == WALK_OLDER)
		return message_scan_down(s->cache, s->mailbox, s->whole_to - 1, &s->walk, e) && message_cursor_lean(s->walk, e);
	for (uint32_t r = 0; r < v->count; r++) {
		if (row_source(&v->rows[r]) == source)
			v->rows[r].in_walk = false;
	}
	return message_scan(s->cache, s->mailbox, MESSAGE_BY_UID, false, &s->walk, e) && message_cursor_lean(s->walk, e);
}

/*
 * Are the rows that are here all that the store has? After news its own count says it in no time; it may be older
 * than what went, so else the rows are counted.
 */
static bool has_all(const struct view_source *s, bool news)
{
	struct mailbox m;
	struct err e;

	if (news && mailbox_by_id(s->cache, s->mailbox, &m, &e)) {
		bool same = !(m.flags & MAILBOX_COUNTED) && m.total == s->live;

		mailbox_fini(&m);
		if (same)
			return true;
	}
	return s->live == message_count(s->cache, s->mailbox);
}

/* What comes behind a walk that is done. */
static enum view_walk walk_next(struct view_source *s, enum view_walk done)
{
	enum view_walk next = s->walk_again;
	struct mailbox m;
	struct err e;
	bool holes;

	s->walk_again = WALK_NONE;
	if (done != WALK_OLDER || next != WALK_NONE || !mailbox_by_id(s->cache, s->mailbox, &m, &e))
		return next;
	/* The last of the older mail is here: now the count tells whether something was missed. */
	holes = (m.flags & MAILBOX_COMPLETE) && !has_all(s, true);
	mailbox_fini(&m);
	return holes ? WALK_WHOLE : WALK_NONE;
}

/* Rows of one source until `end`; true when there are more. */
static bool walk_source(struct view *v, uint32_t source, int64_t end)
{
	struct view_source *s = &v->src[source];
	enum view_walk kind = s->walking;
	struct message_row m;
	struct err e = {0};

	if (!s->walk && !walk_start(v, source, &e)) {
		log_error(s, &e);
		walk_done(v, source, false);
		return false;
	}
	for (unsigned n = 1; message_next(s->walk, &m, &e); n++) {
		if (kind == WALK_OLDER && message_uid(m.id) < s->walk_to)
			break;
		take_row(v, source, &m);
		if (n % ROWS_BETWEEN_CLOCKS == 0 && clock_us() > end) {
			message_pause(s->walk);
			return true;
		}
	}
	if (e.class != ERR_NONE)
		log_error(s, &e);
	walk_done(v, source, e.class == ERR_NONE);
	s->walking = walk_next(s, kind);
	return s->walking != WALK_NONE;
}

/* One slice; true when there is more. */
static bool walk_slice(void *data)
{
	struct view *v = data;
	int64_t end = clock_us() + SLICE_US;

	for (uint32_t i = 0; i < v->src_count; i++) {
		if (!v->src[i].walking || !v->src[i].cache)
			continue;
		if (walk_source(v, i, end) || clock_us() > end)
			return true;
	}
	v->idle_id = 0;
	return false;
}

static void walk_soon(struct view *v, uint32_t source, enum view_walk kind)
{
	struct view_source *s = &v->src[source];

	if (s->walk)
		s->walk_again = MAX(s->walk_again, kind);
	else
		s->walking = MAX(s->walking, kind);
	if (v->loop && !v->idle_id)
		v->idle_id = loop_idle(v->loop, "view rows", walk_slice, v);
}

void view_read_companions(struct view *v)
{
	for (uint32_t n = 0; v->conversations && n < v->src_count; n++) {
		if (v->src[n].companion && v->src[n].cache)
			walk_soon(v, n, WALK_WHOLE);
	}
}

void view_drop_companions(struct view *v)
{
	for (uint32_t r = 0; r < v->count; r++) {
		if (v->src[row_source(&v->rows[r])].companion)
			view_drop(v, r);
	}
}

/* Everything with a uid in from..to, at once: news at the ends of the mailbox. */
static bool take_range(struct view *v, uint32_t source, uint64_t from, uint64_t to, uint32_t limit)
{
	struct view_source *s = &v->src[source];
	struct message_cursor *c;
	struct message_row m;
	struct err e = {0};
	uint32_t n = 0;
	bool more = false;

	if (from > to)
		return true;
	if (!message_scan_range(s->cache, s->mailbox, from, to, &c, &e)) {
		log_error(s, &e);
		return false;
	}
	while (!more && message_next(c, &m, &e)) {
		take_row(v, source, &m);
		more = ++n >= limit;
	}
	message_cursor_close(c);
	return !more && e.class == ERR_NONE;
}

static void take_newest(struct view *v, uint32_t source)
{
	enum message_order order = v->sort.key == SORT_DATE_RECEIVED   ? MESSAGE_BY_RECEIVED
				   : v->sort.key == SORT_MAILBOX_ORDER ? MESSAGE_BY_UID
								       : MESSAGE_BY_SENT;
	struct view_source *s = &v->src[source];
	struct message_cursor *c;
	struct message_row m;
	struct err e = {0};

	if (!message_scan(s->cache, s->mailbox, order, true, &c, &e)) {
		log_error(s, &e);
		return;
	}
	for (unsigned n = 0; n < VIEW_FIRST_ROWS && message_next(c, &m, &e); n++)
		take_row(v, source, &m);
	message_cursor_close(c);
	if (e.class != ERR_NONE)
		log_error(s, &e);
}

/* What the store says of the mailbox as a whole. */
static void learn_mailbox(struct view *v, struct view_source *s)
{
	struct mailbox m;
	struct err e;

	s->was_complete = false;
	if (!mailbox_by_id(s->cache, s->mailbox, &m, &e))
		return;
	s->was_complete = m.flags & MAILBOX_COMPLETE;
	if (!(m.flags & MAILBOX_COUNTED) && m.total > s->live)
		view_reserve(v, m.total - s->live);
	mailbox_fini(&m);
}

void view_attach_source(struct view *v, uint32_t source, struct cache *cache, struct state *state, uint64_t mailbox,
	uint64_t uidvalidity)
{
	struct view_source *s = &v->src[source];
	bool again = s->mailbox != mailbox || s->uidvalidity != uidvalidity;

	view_detach_source(v, source);
	if (again && s->mailbox) {
		for (uint32_t r = 0; r < v->count; r++) {
			if (row_source(&v->rows[r]) == source)
				view_drop(v, r);
		}
		view_touch(v, VIEW_RESET);
	}
	s->cache = cache;
	v->state = state;
	s->mailbox = mailbox;
	s->uidvalidity = uidvalidity;
	v->overlay_valid = false;
	s->high_uid = s->whole_to = 0;
	s->loading = true;
	if (v->filter_waits) {
		learn_mailbox(v, s);
		return;
	}
	take_newest(v, source);
	learn_mailbox(v, s);
	view_touch(v, VIEW_LIST | VIEW_COUNTS);
	if (s->live < VIEW_FIRST_ROWS && s->live == message_count(cache, mailbox)) {
		s->loading = false;
		s->whole_to = whole_of_store(s);
		if (!view_is_reading(v)) {
			v->loaded_once = v->say_loaded = true;
			view_say_loaded(v);
		}
		return;
	}
	walk_soon(v, source, WALK_WHOLE);
}

void view_take_rows(struct view *v)
{
	for (uint32_t i = 0; i < v->src_count; i++) {
		if (!v->src[i].cache)
			continue;
		v->src[i].loading = v->src[i].loading || v->filter_waits;
		walk_soon(v, i, WALK_WHOLE);
	}
	v->filter_waits = false;
	view_touch(v, VIEW_LIST | VIEW_COUNTS);
}

void view_detach_source(struct view *v, uint32_t source)
{
	struct view_source *s = &v->src[source];

	walk_close(s);
	s->walk_again = s->walking = WALK_NONE;
	s->loading = false;
	s->cache = NULL;
	if (view_is_reading(v))
		return;
	if (v->idle_id)
		loop_remove(v->loop, v->idle_id);
	v->idle_id = 0;
}

#define RANGE_AT_ONCE 500 /* rows taken without slicing when news is announced */

void view_source_changed(struct view *v, uint32_t source, const char *what)
{
	struct view_source *s = &v->src[source];
	bool flags = sv_is(sv_of(what), "flags") || sv_is(sv_of(what), "list");

	if (!s->cache || v->filter_waits)
		return;
	v->overlay_valid = false;
	view_cold_forget(v);
	view_touch(v, VIEW_ROWS | VIEW_COUNTS);
	if (!flags)
		view_bodies_stale(v);
	if (!s->companion && !flags)
		view_read_companions(v); /* somebody may have answered what was sent */
	if (sv_is(sv_of(what), "older") && s->whole_to > 0 && !v->filter && !s->companion) {
		walk_soon(v, source, WALK_OLDER);
		return;
	}
	if (s->walking) {
		walk_soon(v, source, WALK_WHOLE);
		return;
	}
	/* With a filter the numbers of rows say nothing. */
	if (!flags && take_range(v, source, s->high_uid + 1, MESSAGE_UID_MAX, RANGE_AT_ONCE) && !v->filter &&
		!s->companion && has_all(s, sv_is(sv_of(what), "new")))
		return;
	walk_soon(v, source, WALK_WHOLE);
}

void view_refresh(struct view *v, uint64_t key)
{
	uint32_t source = (uint32_t)(key >> ROW_SOURCE_SHIFT);
	struct view_source *s = &v->src[source];
	struct arena *arena;
	struct message_row m;
	struct err e;

	if (!s->cache)
		return;
	view_cold_forget(v);
	arena = arena_new();
	if (message_get(s->cache, key & (row_key(1, 0) - 1), arena, &m, &e)) {
		take_row(v, source, &m);
	} else if (e.class == ERR_GONE) {
		uint32_t row = view_find_id(v, key);

		if (row != VIEW_NONE)
			view_drop(v, row);
	} else
		log_error(s, &e);
	arena_free(arena);
}

void view_load_all(struct view *v)
{
	if (v->idle_id)
		loop_remove(v->loop, v->idle_id);
	v->idle_id = 0;
	while (walk_slice(v))
		;
	view_settle(v);
}
