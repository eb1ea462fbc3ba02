/* The rows of a view, its list, cursor and tags. */
#include "core/view_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/identity.h"
#include "store/object.h"

#define FLAG_IDENTITY_KNOWN (1u << 31)
#define CRYPTO_FLAGS (FLAG_SIGNED | FLAG_ENCRYPTED | FLAG_PGP_KEY)
#define IDENTITY_FLAGS \
	(FLAG_TO_ME | FLAG_CC_ME | FLAG_ONLY_ME | FLAG_FROM_ME | FLAG_TO_LIST | \
		FLAG_TO_SUBSCRIBED | FLAG_IDENTITY_KNOWN)
/* What an overlay or the store never touch. */
#define KEPT_FLAGS \
	(IDENTITY_FLAGS | CRYPTO_FLAGS | FLAG_TAGGED | FLAG_DUPLICATE | FLAG_COLLAPSED | FLAG_IN_COLLAPSED)

struct view *view_new(struct loop *loop, const struct conf *conf, const char *account,
	const char *name, const char *shown)
{
	struct view *v = xcalloc(1, sizeof(*v));

	v->loop = loop;
	v->conf = conf;
	(void)view_add_source(v, account, name);
	v->shown = xstrdup(shown);
	v->pool = strpool_new();
	v->ids = idpool_new();
	v->cold = cold_new();
	v->duplicates_valid = true;
	v->cursor_row = VIEW_NONE;
	v->me = identity_new(conf);
	view_read_sort(v);
	v->reply_regexp = xstrdup(conf->reply_regexp.text);
	v->order = view_order_new(v);
	view_scores_follow(v);
	return v;
}

void view_free(struct view *v)
{
	if (!v)
		return;
	for (uint32_t i = 0; i < v->src_count; i++) {
		view_detach_source(v, i);
		free(v->src[i].account);
		free(v->src[i].name);
	}
	free(v->src);
	free(v->unified);
	pattern_free(v->filter);
	view_narrow_free(v);
	view_scorer_free(v);
	view_order_cancel(v);
	view_order_free(v->order);
	identity_free(v->me);
	strpool_free(v->pool);
	idpool_free(v->ids);
	cold_free(v->cold);
	free(v->reply_regexp);
	free(v->real);
	free(v->ids_seen);
	free(v->ref_notes);
	free(v->rows);
	for (size_t i = 0; i < COLUMN_COUNT; i++)
		free(v->columns[i]);
	slots_fini(&v->by_id);
	free(v->dirty);
	free(v->node_flags);
	free(v->ghost_flags);
	free(v->drawn);
	free(v->overlaid);
	free(v->shown);
	free(v);
}

/* ---- sources ---- */

uint32_t view_add_source(struct view *v, const char *account, const char *name)
{
	if (v->src_count == VIEW_SOURCES_MAX)
		bug("a view of more than %d mailboxes", VIEW_SOURCES_MAX);
	array_grow(v->src, v->src_count, v->src_cap);
	v->src[v->src_count] = (struct view_source){.account = xstrdup(account), .name = xstrdup(name)};
	return v->src_count++;
}

const struct view_source *view_source_of(const struct view *v, uint32_t row)
{
	return &v->src[row_source(&v->rows[row])];
}

bool view_has_source(const struct view *v, const char *account, const char *name)
{
	for (uint32_t i = 0; i < v->src_count; i++) {
		if (strcmp(v->src[i].account, account) == 0 && strcmp(v->src[i].name, name) == 0)
			return true;
	}
	return false;
}

bool view_any_cache(const struct view *v)
{
	for (uint32_t i = 0; i < v->src_count; i++) {
		if (v->src[i].cache)
			return true;
	}
	return false;
}

bool view_is_reading(const struct view *v)
{
	for (uint32_t i = 0; i < v->src_count; i++) {
		if (v->src[i].loading || v->src[i].walking)
			return true;
	}
	return false;
}

/* ---- rows ---- */

static uint32_t hash_of_key(uint64_t id)
{
	return (uint32_t)((id * UINT64_C(0x9e3779b97f4a7c15)) >> 32);
}

static uint32_t hash_of_row(const void *owner, uint32_t n)
{
	const struct view *v = owner;

	return hash_of_key(v->rows[n - 1].id);
}

/* Also one that is dead. */
static uint32_t find_row(const struct view *v, uint64_t id)
{
	struct slots_look look;
	uint32_t n = slots_first(&v->by_id, hash_of_key(id), &look);

	while (n && v->rows[n - 1].id != id)
		n = slots_next(&look);
	return n ? n - 1 : VIEW_NONE;
}

uint32_t view_find_id(const struct view *v, uint64_t id)
{
	uint32_t row = find_row(v, id);

	return row != VIEW_NONE && !v->rows[row].dead ? row : VIEW_NONE;
}

void view_reserve(struct view *v, uint64_t messages)
{
	uint32_t more = (uint32_t)MIN(messages, (uint64_t)SEQ_ROWS_MAX);

	slots_reserve(&v->by_id, more, hash_of_row, v);
	idpool_reserve(v->ids, more);
	strpool_reserve(v->pool, more / 4); /* subjects, mostly */
}

static void rows_grow(struct view *v)
{
	uint32_t cap = v->cap ? v->cap + v->cap / 2 : 512;

	v->rows = xreallocarray(v->rows, cap, sizeof(*v->rows));
	for (size_t i = 0; i < COLUMN_COUNT; i++) {
		if (!v->columns[i])
			continue;
		v->columns[i] = xreallocarray(v->columns[i], cap, sizeof(**v->columns));
		memset(v->columns[i] + v->cap, 0, (cap - v->cap) * sizeof(**v->columns));
	}
	v->cap = cap;
}

static uint32_t row_new(struct view *v, uint64_t id)
{
	uint32_t row = find_row(v, id);

	if (row != VIEW_NONE) {
		v->src[id >> ROW_SOURCE_SHIFT].live += v->rows[row].dead;
		return row;
	}
	if (v->count == v->cap)
		rows_grow(v);
	v->rows[v->count] = (struct row){.id = id, .dead = true, .gone = true};
	if (!slots_add(&v->by_id, hash_of_key(id), hash_of_row, v))
		bug("more than %u rows in a view", SLOTS_MAX);
	v->src[id >> ROW_SOURCE_SHIFT].live++;
	return v->count++;
}

#define EXPECT_AHEAD 2

void view_expect(const struct view *v, uint32_t source, const struct message_row *m)
{
	/* UIDs mostly follow one another: the place of one of the next is fetched while this row is taken in. */
	slots_expect(&v->by_id, hash_of_key(row_key(source, m->id + EXPECT_AHEAD)));
	idpool_expect(v->ids, m->message_id);
	strpool_expect(v->pool, m->subject);
	strpool_expect(v->pool, m->from);
}

static unsigned crypto_flags(struct sv ctype)
{
	if (sv_is_case(ctype, "multipart/signed"))
		return FLAG_SIGNED;
	if (sv_is_case(ctype, "multipart/encrypted") ||
		sv_is_case(ctype, "application/pkcs7-mime") ||
		sv_is_case(ctype, "application/x-pkcs7-mime"))
		return FLAG_ENCRYPTED;
	return sv_is_case(ctype, "application/pgp-keys") ? FLAG_PGP_KEY : 0;
}

unsigned view_shown_flags(const struct view *v, unsigned stored)
{
	static const struct {
		unsigned stored, shown;
	} map[] = {{MSG_SEEN, FLAG_SEEN}, {MSG_ANSWERED, FLAG_ANSWERED},
		{MSG_FLAGGED, FLAG_FLAGGED}, {MSG_DRAFT, FLAG_DRAFT}, {MSG_OLD, FLAG_OLD},
		{MSG_FORWARDED, FLAG_FORWARDED}, {MSG_DELETED, FLAG_DELETED},
		{MSG_PARTIAL, FLAG_PARTIAL}};
	unsigned shown = 0;

	if (!v->conf->mark_old)
		stored &= ~(unsigned)MSG_OLD;
	for (size_t i = 0; i < ARRAY_LEN(map); i++) {
		if (stored & map[i].stored)
			shown |= map[i].shown;
	}
	return shown;
}

unsigned view_flags_of(const struct view *v, const struct row *r)
{
	unsigned flags = (r->flags & KEPT_FLAGS) | view_shown_flags(v, r->stored);

	return flags & FLAG_SEEN ? flags & ~(unsigned)FLAG_OLD : flags;
}

/* ---- flags, and what is counted ---- */

static void count_flags(struct view_counts *c, unsigned f, uint32_t by)
{
	c->unread += !(f & FLAG_SEEN) ? by : 0;
	c->read += f & FLAG_SEEN ? by : 0;
	c->fresh += !(f & (FLAG_SEEN | FLAG_OLD)) ? by : 0;
	c->old += (f & (FLAG_SEEN | FLAG_OLD)) == FLAG_OLD ? by : 0;
	c->flagged += f & FLAG_FLAGGED ? by : 0;
	c->tagged += f & FLAG_TAGGED ? by : 0;
	c->deleted += f & FLAG_DELETED ? by : 0;
	c->answered += f & FLAG_ANSWERED ? by : 0;
}

void view_put_flags(struct view *v, uint32_t row, unsigned flags)
{
	struct row *r = &v->rows[row];

	if (!r->gone) {
		count_flags(&v->counts, r->flags, UINT32_MAX);
		count_flags(&v->counts, flags, 1);
	}
	r->flags = flags;
}

void view_put_gone(struct view *v, uint32_t row, bool gone)
{
	struct row *r = &v->rows[row];

	if (r->gone == gone)
		return;
	r->gone = gone;
	v->some_gone = v->some_gone || gone;
	count_flags(&v->counts, r->flags, gone ? UINT32_MAX : 1);
	v->counts.total += gone ? UINT32_MAX : 1;
	v->counts.size += gone ? -(uint64_t)r->size : r->size;
	view_make_dirty(v, row);
	view_touch(v, VIEW_LIST | VIEW_COUNTS);
}

/* A second message with this id: which of all have one before them is found out when somebody asks. */
static void note_id(struct view *v, uint32_t id)
{
	if (!id)
		return;
	if (id / 8 >= v->ids_seen_cap) {
		uint32_t cap = idpool_limit(v->ids) / 4 + 64;

		v->ids_seen = xrealloc(v->ids_seen, cap);
		memset(v->ids_seen + v->ids_seen_cap, 0, cap - v->ids_seen_cap);
		v->ids_seen_cap = cap;
	}
	if (v->ids_seen[id / 8] >> (id % 8) & 1)
		v->duplicates_valid = false;
	v->ids_seen[id / 8] |= (uint8_t)(1u << (id % 8));
}

struct twice {
	uint32_t msgid, row;
	uint64_t id;
};

static int twice_cmp(const void *va, const void *vb)
{
	const struct twice *a = va, *b = vb;

	if (a->msgid != b->msgid)
		return a->msgid < b->msgid ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

/* ~=: a message whose Message-ID an earlier one has. */
void view_mark_duplicates(struct view *v)
{
	struct twice *twice;
	uint8_t *once, *again;
	uint32_t n = 0, ids = idpool_limit(v->ids);

	if (v->duplicates_valid)
		return;
	v->duplicates_valid = true;
	once = xcalloc((size_t)ids / 8 + 1, 1);
	again = xcalloc((size_t)ids / 8 + 1, 1);
	for (uint32_t r = 0; r < v->count; r++) {
		uint32_t id = v->rows[r].msgid;
		uint8_t bit = (uint8_t)(1u << (id % 8));

		v->rows[r].flags &= ~(unsigned)FLAG_DUPLICATE;
		if (v->rows[r].gone || !id)
			continue;
		n += !!(once[id / 8] & bit);
		again[id / 8] |= once[id / 8] & bit;
		once[id / 8] |= bit;
	}
	twice = xcalloc(2 * (size_t)n + 1, sizeof(*twice));
	n = 0;
	for (uint32_t r = 0; r < v->count; r++) {
		const struct row *row = &v->rows[r];

		if (!row->gone && row->msgid && (again[row->msgid / 8] >> (row->msgid % 8) & 1)) {
			twice[n].msgid = row->msgid;
			twice[n].row = r;
			twice[n++].id = row->id;
		}
	}
	qsort(twice, n, sizeof(*twice), twice_cmp);
	for (uint32_t i = 1; i < n; i++) {
		if (twice[i].msgid == twice[i - 1].msgid)
			v->rows[twice[i].row].flags |= FLAG_DUPLICATE;
	}
	free(once);
	free(again);
	free(twice);
}

/* ---- rows ---- */

static uint32_t seconds(int64_t date)
{
	return date <= 0 ? 0 : (uint32_t)MIN(date, (int64_t)UINT32_MAX);
}

/* Of all that a row does not hold: so that a change of it is noticed. */
unsigned view_check(const struct message_row *m)
{
	uint64_t sum = (uint64_t)m->lines * 31 + m->attachments + (uint64_t)(unsigned)m->tz * 7;
	const struct sv *texts[] = {&m->to, &m->cc, &m->ctype, &m->reply_to, &m->list, &m->shape, &m->thread,
		&m->spam};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		sum = sum * 131 + texts[i]->len + (texts[i]->len ? (unsigned char)texts[i]->p[texts[i]->len - 1] : 0);
	return (unsigned)(sum ^ sum >> 16 ^ sum >> 32) & 0x7fff;
}

static void put_texts(struct view *v, uint32_t n, const struct message_row *m)
{
	struct row *r = &v->rows[n];
	struct strpool *p = v->pool;

	r->sent = seconds(m->date_sent);
	r->received = seconds(m->date_received);
	r->size = (uint32_t)MIN(m->size, UINT32_MAX);
	r->subject = strpool_add(p, m->subject);
	r->from = strpool_add(p, m->from);
	r->msgid = idpool_add(v->ids, m->message_id);
	r->ancestors = view_ancestors(v, m);
	r->check = view_check(m);
	view_set_column(v, COLUMN_LABEL, n, strpool_add(p, m->label));
	view_set_column(v, COLUMN_SPAM, n, strpool_add(p, m->spam));
	if (v->to_known || v->job)
		view_set_column(v, COLUMN_TO, n, strpool_add(p, m->to));
	view_set_column(v, COLUMN_SCORE, n, 0);
	note_id(v, r->msgid);
}

uint32_t view_put(struct view *v, uint32_t source, const struct message_row *m)
{
	uint32_t n = row_new(v, row_key(source, m->id));
	struct row *r = &v->rows[n];
	unsigned flags;

	if (r->msgid || r->subject) {
		/* What is known by its id and subject is to be forgotten before they change. */
		if (v->job)
			view_order_cancel(v);
		threads_forget(&v->order->threads, n);
	}
	if (!r->gone) {
		list_remove(v->order, n); /* its size may change */
		v->counts.size -= r->size;
	}
	put_texts(v, n, m);
	r = &v->rows[n];
	v->counts.size += r->gone ? 0 : r->size;
	r->dead = false;
	r->stored = m->flags & MSG_FLAGS_ALL;
	r->keywords = strpool_add(v->pool, m->keywords);
	flags = (r->flags & ~(unsigned)(IDENTITY_FLAGS | CRYPTO_FLAGS)) | crypto_flags(m->ctype);
	view_put_flags(v, n, flags);
	view_put_flags(v, n, view_flags_of(v, r));
	view_put_gone(v, n, false);
	view_make_dirty(v, n);
	r->limited = !v->limit;
	if (v->limit)
		view_match_limit(v, n);
	v->overlay_valid = false;
	return n;
}

void view_drop(struct view *v, uint32_t row)
{
	if (v->rows[row].dead)
		return;
	v->rows[row].dead = true;
	v->src[row_source(&v->rows[row])].live--;
	view_put_gone(v, row, true);
	view_make_dirty(v, row);
	v->duplicates_valid = v->duplicates_valid && !(v->rows[row].flags & FLAG_DUPLICATE);
	view_touch(v, VIEW_LIST | VIEW_COUNTS);
}

void view_touch(struct view *v, unsigned changes)
{
	bool first = v->changes == 0 && changes != 0;

	v->changes |= changes; /* before: who is told takes them */
	if (first && v->notify)
		v->notify(v);
}

void view_update(struct view *v)
{
	view_scores_follow(v);
	if (!v->overlay_valid)
		view_overlay(v);
	if (!v->order_valid || v->dirty_len)
		view_follow(v);
	if (!v->cursor_valid)
		list_keep_cursor(v);
}

/* ---- what is asked ---- */

const char *view_mailbox(const struct view *v)
{
	return v->shown;
}
const char *view_account(const struct view *v)
{
	return v->unified ? "" : v->src[0].account;
}
const char *view_name(const struct view *v)
{
	return v->unified ? v->unified : v->src[0].name;
}
const char *view_part_account(const struct view *v, size_t n)
{
	for (uint32_t i = 0; i < v->src_count; i++) {
		bool first = true;

		for (uint32_t k = 0; k < i && first; k++)
			first = strcmp(v->src[k].account, v->src[i].account) != 0;
		if (first && n-- == 0)
			return v->src[i].account;
	}
	return NULL;
}
const char *view_row_account(const struct view *v, uint32_t row)
{
	return view_source_of(v, row)->account;
}
char *view_preview(const struct view *v, uint32_t row)
{
	const struct view_source *src = view_source_of(v, row);

	return src->cache ? preview_get(src->cache, row_message(&v->rows[row])) : NULL;
}

int64_t view_saved(const struct view *v, uint32_t row)
{
	const struct view_source *src = view_source_of(v, row);
	struct arena *a = arena_new();
	struct message_row m = {0};

	if (!src->cache || !message_get(src->cache, row_message(&v->rows[row]), a, &m, NULL))
		m.saved = 0;
	arena_free(a);
	return m.saved;
}

unsigned view_quota(const struct view *v)
{
	uint64_t used, max;

	if (!v->src[0].cache || !quota_get(v->src[0].cache, "STORAGE", &used, &max))
		return 0;
	return (unsigned)(used >= max ? 100 : used * 100 / max);
}

bool view_readonly(const struct view *v)
{
	return v->readonly;
}
bool view_loading(const struct view *v)
{
	return view_is_reading(v) || v->order_id;
}
bool view_list_pending(const struct view *v)
{
	return v->limiting || (v->order_id && !view_is_reading(v));
}
bool view_is_sent_like(const struct view *v)
{
	return v->sent_like;
}
struct conf_sort view_sort(const struct view *v)
{
	return v->sort;
}
bool view_threaded(const struct view *v)
{
	return v->order->threaded;
}

void view_set_readonly(struct view *v, bool readonly)
{
	v->readonly = readonly;
	view_touch(v, VIEW_COUNTS);
}

unsigned view_take_changes(struct view *v)
{
	unsigned changes = v->changes;

	v->changes = 0;
	return changes;
}

uint32_t view_lines(struct view *v)
{
	view_update(v);
	return seq_lines(v->order->seq);
}

uint32_t view_row(struct view *v, uint32_t line)
{
	view_update(v);
	return list_row(v, line);
}

uint32_t view_line_of(struct view *v, uint32_t row)
{
	view_update(v);
	return list_line(v, row);
}

uint32_t view_row_by_id(struct view *v, int64_t id)
{
	return view_find_id(v, (uint64_t)id);
}

uint32_t view_row_by_msgid(struct view *v, struct sv message_id)
{
	uint32_t n = idpool_find(v->ids, message_id), node;

	if (!n)
		return VIEW_NONE;
	view_update(v);
	node = v->order->threaded ? thread_by_id(&v->order->threads, n) : THREAD_NONE;
	if (node != THREAD_NONE && thread_is_msg(node) && !v->rows[node].gone)
		return node;
	for (uint32_t r = 0; r < v->count; r++) {
		if (v->rows[r].msgid == n && !v->rows[r].gone)
			return r;
	}
	return VIEW_NONE;
}

static void learn_identity(struct view *v, uint32_t row)
{
	const struct message_row *m;

	if (v->rows[row].flags & FLAG_IDENTITY_KNOWN)
		return;
	m = view_cold(v, row);
	v->rows[row].flags |= FLAG_IDENTITY_KNOWN |
			      (m ? identity_flags(v->me, m->from, m->to, m->cc)
				 : identity_flags(v->me, strpool_text(v->pool, v->rows[row].from), SV(""), SV("")));
}

void view_identity_stale(struct view *v)
{
	identity_free(v->me);
	v->me = identity_new(v->conf);
	for (uint32_t r = 0; r < v->count; r++)
		v->rows[r].flags &= ~(unsigned)IDENTITY_FLAGS;
	view_touch(v, VIEW_ROWS);
}

unsigned view_flags(struct view *v, uint32_t row)
{
	view_update(v);
	return v->rows[row].flags & ~(unsigned)(IDENTITY_FLAGS | FLAG_DUPLICATE);
}

void view_facts_hot(struct view *v, uint32_t row, struct msg_facts *out)
{
	uint32_t line = list_line(v, row);

	view_facts_bare(v, row, out);
	out->number = line == VIEW_NONE ? 0 : line + 1;
	out->score = view_score(v, row);
}

void view_facts_bare(struct view *v, uint32_t row, struct msg_facts *out)
{
	const struct row *r = &v->rows[row];

	*out = (struct msg_facts){
		.id = (int64_t)r->id,
		.row = row,
		.uid = (uint32_t)message_uid(r->id),
		.flags = r->flags & ~FLAG_IDENTITY_KNOWN,
		.date_sent = r->sent,
		.date_received = r->received,
		.size = r->size,
		.subject_no = r->subject,
		.from_no = r->from,
		.subject = strpool_text(v->pool, r->subject),
		.from = strpool_text(v->pool, r->from),
		.label = strpool_text(v->pool, view_column(v, COLUMN_LABEL, row)),
		.spam = strpool_text(v->pool, view_column(v, COLUMN_SPAM, row)),
		.keywords = strpool_text(v->pool, r->keywords),
	};
}

bool view_is_cut(const struct view *v, uint32_t row)
{
	const struct row *r = &v->rows[row];

	return r->sent == 0 || r->sent == UINT32_MAX || r->received == 0 || r->received == UINT32_MAX || r->size == UINT32_MAX;
}

void view_facts_flags(struct view *v, uint32_t row, struct msg_facts *out)
{
	view_mark_duplicates(v);
	learn_identity(v, row);
	view_facts_hot(v, row, out);
}

void view_facts(struct view *v, uint32_t row, struct msg_facts *out)
{
	const struct message_row *m;

	view_facts_flags(v, row, out);
	m = view_cold(v, row);
	if (!m)
		return;
	out->date_sent = m->date_sent;
	out->date_received = m->date_received;
	out->tz_min = m->tz;
	out->lines = (uint32_t)MIN(m->lines, UINT32_MAX);
	out->attachments = m->attachments;
	out->to = m->to;
	out->cc = m->cc;
	out->bcc = m->bcc;
	out->reply_to = m->reply_to;
	out->sender = m->sender;
	out->message_id = m->message_id;
	out->in_reply_to = m->in_reply_to;
	out->references = m->refs;
	out->list_id = m->list;
	out->content_type = m->ctype;
	out->shape = m->shape;
}

bool view_msg(struct view *v, uint32_t row, struct msg_facts *out)
{
	if (row >= v->count)
		return false;
	view_update(v);
	view_facts(v, row, out);
	return true;
}

const struct view_counts *view_counts(struct view *v)
{
	view_update(v);
	v->counts.shown = seq_lines(v->order->seq);
	v->counts.shown_size = v->order->shown_size;
	return &v->counts;
}

/* ---- cursor ---- */

uint32_t view_cursor(struct view *v)
{
	view_update(v);
	return v->cursor;
}

void view_set_cursor(struct view *v, uint32_t line)
{
	uint32_t lines = view_lines(v);

	line = lines == 0 ? 0 : MIN(line, lines - 1);
	if (v->cursor != line)
		view_touch(v, VIEW_CURSOR);
	v->cursor = line;
	v->cursor_row = list_row(v, line);
}

/* ---- tags ---- */

static void tag_row(struct view *v, uint32_t row, bool on)
{
	unsigned flags = v->rows[row].flags;

	view_put_flags(v, row, on ? flags | FLAG_TAGGED : flags & ~(unsigned)FLAG_TAGGED);
	view_touch(v, VIEW_ROWS | VIEW_COUNTS);
}

bool view_tag(struct view *v, uint32_t row, bool on)
{
	if (row >= v->count || v->rows[row].gone)
		return false;
	tag_row(v, row, on);
	return true;
}

uint32_t view_tag_thread(struct view *v, uint32_t row, bool on)
{
	uint32_t *rows, n = view_thread_rows(v, row, false, &rows);

	for (uint32_t i = 0; i < n; i++)
		tag_row(v, rows[i], on);
	free(rows);
	return n;
}

uint32_t view_tag_pattern(struct view *v, struct pattern *p, bool on)
{
	uint32_t changed = 0;
	struct seq_walk w;

	view_update(v);
	w = list_walk(v, 0, 1);
	for (uint32_t row; (row = seq_next(&w)) != SEQ_NONE;) {
		if (!!(v->rows[row].flags & FLAG_TAGGED) == on || !view_row_matches(v, p, row))
			continue;
		tag_row(v, row, on);
		changed++;
	}
	return changed;
}

uint32_t view_tagged(struct view *v, uint32_t **rows)
{
	uint32_t n = 0, *list;
	struct seq_walk w;

	view_update(v);
	list = xcalloc((size_t)v->counts.tagged + 1, sizeof(*list));
	w = list_walk_all(v);
	for (uint32_t row; n < v->counts.tagged && (row = seq_next(&w)) != SEQ_NONE;) {
		if ((v->rows[row].flags & FLAG_TAGGED) && v->rows[row].limited)
			list[n++] = row;
	}
	*rows = list;
	return n;
}
