/* The rows of a view, its list, cursor and tags. */
#include "core/view_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "core/identity.h"
#include "store/object.h"

#define FLAG_IDENTITY_KNOWN (1u << 31)
#define IDENTITY_FLAGS \
	(FLAG_TO_ME | FLAG_CC_ME | FLAG_ONLY_ME | FLAG_FROM_ME | FLAG_TO_LIST | \
		FLAG_TO_SUBSCRIBED | FLAG_IDENTITY_KNOWN)
/* What an overlay or the store never touch. */
#define KEPT_FLAGS \
	(IDENTITY_FLAGS | FLAG_TAGGED | FLAG_DUPLICATE | FLAG_COLLAPSED | FLAG_IN_COLLAPSED)
#define SCRATCH_MAX (1u << 20)

struct view *view_new(struct loop *loop, const struct conf *conf, const char *account,
	const char *name, const char *shown)
{
	struct view *v = xcalloc(1, sizeof(*v));

	v->loop = loop;
	v->conf = conf;
	(void)view_add_source(v, account, name);
	v->shown = xstrdup(shown);
	v->pool = strpool_new();
	v->by_id_size = 1024;
	v->by_id = xcalloc(v->by_id_size, sizeof(*v->by_id));
	v->cursor_row = VIEW_NONE;
	v->threads.first_root = THREAD_NONE;
	for (size_t i = 0; i < VIEW_NEST; i++)
		str_init(&v->scratch[i], SCRATCH_MAX);
	v->me = identity_new(conf);
	view_read_sort(v);
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
	view_limit_free(v);
	threads_fini(&v->threads);
	identity_free(v->me);
	strpool_free(v->pool);
	for (size_t i = 0; i < VIEW_NEST; i++)
		str_fini(&v->scratch[i]);
	free(v->rows);
	free(v->refs);
	free(v->by_id);
	free(v->perm);
	free(v->place);
	free(v->order);
	free(v->node_flags);
	free(v->lines);
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
		if (v->src[i].loading || v->src[i].walk_wanted)
			return true;
	}
	return false;
}

/* ---- rows ---- */

static uint32_t id_slot(const struct view *v, uint64_t id)
{
	uint32_t mask = v->by_id_size - 1,
		 s = (uint32_t)((id * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & mask;

	while (v->by_id[s] && v->rows[v->by_id[s] - 1].id != id)
		s = (s + 1) & mask;
	return s;
}

uint32_t view_find_id(const struct view *v, uint64_t id)
{
	uint32_t n = v->by_id[id_slot(v, id)];

	return n && !v->rows[n - 1].dead ? n - 1 : VIEW_NONE;
}

static void by_id_double(struct view *v)
{
	v->by_id_size *= 2;
	free(v->by_id);
	v->by_id = xcalloc(v->by_id_size, sizeof(*v->by_id));
	for (uint32_t r = 0; r < v->count; r++)
		v->by_id[id_slot(v, v->rows[r].id)] = r + 1;
}

static uint32_t row_new(struct view *v, uint64_t id)
{
	uint32_t slot = id_slot(v, id);

	if (v->by_id[slot]) {
		if (v->rows[v->by_id[slot] - 1].dead)
			v->src[id >> ROW_SOURCE_SHIFT].live++;
		return v->by_id[slot] - 1;
	}
	array_grow(v->rows, v->count, v->cap);
	v->rows[v->count] = (struct row){.id = id, .line = VIEW_NONE, .hidden_under = VIEW_NONE};
	v->by_id[slot] = ++v->count;
	v->src[id >> ROW_SOURCE_SHIFT].live++;
	if (v->count > v->by_id_size / 2)
		by_id_double(v);
	return v->count - 1;
}

static uint16_t add_ids(struct view *v, struct sv text)
{
	size_t from = v->refs_len;
	struct sv id;

	while (v->refs_len - from < UINT16_MAX && msgid_next(&text, &id)) {
		array_grow(v->refs, v->refs_len, v->refs_cap);
		v->refs[v->refs_len++] = strpool_add(v->pool, id);
	}
	/* newest first */
	for (size_t a = from, b = v->refs_len; a + 1 < b; a++, b--) {
		uint32_t swap = v->refs[a];

		v->refs[a] = v->refs[b - 1];
		v->refs[b - 1] = swap;
	}
	return (uint16_t)(v->refs_len - from);
}

/*
 * $thread_by_server: what the server holds for one thread hangs below one message that is missing, older than
 * all that References name. The id cannot be one of a message: those have an '@'.
 */
static struct sv refs_with_thread(struct view *v, const struct message_row *m)
{
	struct str *s = &v->scratch[v->nest];

	if (!v->conf->thread_by_server || m->thread.len == 0)
		return m->refs;
	str_clear(s);
	if (!str_addf(s, "<thread:" SV_FMT "> ", SV_ARG(m->thread)) || !str_add(s, m->refs))
		return m->refs;
	return str_sv(s);
}

static bool same_ids(const struct view *v, const struct row *r, struct sv irt, struct sv refs)
{
	struct sv id;
	uint32_t at = r->refs + r->irt_count, n;

	for (n = 0; n < r->irt_count; n++) {
		if (!msgid_next(&irt, &id) ||
			!sv_eq(id, strpool_text(v->pool, v->refs[at - 1 - n])))
			return false;
	}
	at += r->ref_count;
	for (n = 0; n < r->ref_count; n++) {
		if (!msgid_next(&refs, &id) ||
			!sv_eq(id, strpool_text(v->pool, v->refs[at - 1 - n])))
			return false;
	}
	return !msgid_next(&irt, &id) && !msgid_next(&refs, &id);
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

unsigned view_flags_of(const struct view *v, const struct row *r)
{
	static const struct {
		unsigned stored, shown;
	} map[] = {{MSG_SEEN, FLAG_SEEN}, {MSG_ANSWERED, FLAG_ANSWERED},
		{MSG_FLAGGED, FLAG_FLAGGED}, {MSG_DRAFT, FLAG_DRAFT}, {MSG_OLD, FLAG_OLD},
		{MSG_FORWARDED, FLAG_FORWARDED}, {MSG_DELETED, FLAG_DELETED},
		{MSG_PARTIAL, FLAG_PARTIAL}};
	unsigned flags = (r->flags & KEPT_FLAGS) | crypto_flags(strpool_text(v->pool, r->ctype));

	for (size_t i = 0; i < ARRAY_LEN(map); i++) {
		if (r->stored & map[i].stored)
			flags |= map[i].shown;
	}
	return flags & FLAG_SEEN ? flags & ~(unsigned)FLAG_OLD : flags;
}

uint32_t view_put(struct view *v, uint32_t source, const struct message_row *m)
{
	uint32_t n = row_new(v, row_key(source, m->id));
	struct row *r = &v->rows[n];
	struct strpool *p = v->pool;
	struct sv refs;

	r->dead = r->gone = false;
	r->date_sent = m->date_sent;
	r->date_received = m->date_received;
	r->size = (uint32_t)MIN(m->size, UINT32_MAX);
	r->lines = (uint32_t)MIN(m->lines, UINT32_MAX);
	r->attachments = (uint16_t)MIN(m->attachments, UINT16_MAX);
	r->tz = (int16_t)m->tz;
	r->stored = (uint16_t)m->flags;
	r->subject = strpool_add(p, m->subject);
	r->from = strpool_add(p, m->from);
	r->to = strpool_add(p, m->to);
	r->cc = strpool_add(p, m->cc);
	r->bcc = strpool_add(p, m->bcc);
	r->reply_to = strpool_add(p, m->reply_to);
	r->sender = strpool_add(p, m->sender);
	r->msgid = strpool_add(p, m->message_id);
	r->list = strpool_add(p, m->list);
	r->label = strpool_add(p, m->label);
	r->keywords = r->stored_keywords = strpool_add(p, m->keywords);
	r->ctype = strpool_add(p, m->ctype);
	r->shape = strpool_add(p, m->shape);
	view_real_subject(v, r);
	refs = refs_with_thread(v, m);
	if (!same_ids(v, r, m->in_reply_to, refs)) {
		r->refs = (uint32_t)v->refs_len;
		r->irt_count = add_ids(v, m->in_reply_to);
		r->ref_count = add_ids(v, refs);
	}
	r->flags &= ~(unsigned)IDENTITY_FLAGS;
	r->flags = view_flags_of(v, r);
	r->limited = !v->limit;
	if (v->limit)
		view_match_limit(v, n);
	v->order_valid = v->overlay_valid = false;
	return n;
}

void view_drop(struct view *v, uint32_t row)
{
	if (v->rows[row].dead)
		return;
	v->rows[row].dead = v->rows[row].gone = true;
	v->src[row_source(&v->rows[row])].live--;
	v->order_valid = false;
	view_touch(v, VIEW_LIST | VIEW_COUNTS);
}

void view_touch(struct view *v, unsigned changes)
{
	bool first = v->changes == 0 && changes != 0;

	if (changes & (VIEW_ROWS | VIEW_LIST | VIEW_COUNTS))
		v->counts_valid = false;

	v->changes |= changes; /* before: who is told takes them */
	if (first && v->notify)
		v->notify(v);
}

void view_update(struct view *v)
{
	if (!v->overlay_valid)
		view_overlay(v);
	if (!v->order_valid)
		view_make_order(v);
	if (!v->lines_valid)
		view_make_lines(v);
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
	return view_is_reading(v);
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
	return v->threaded;
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
	return v->line_count;
}

uint32_t view_row(struct view *v, uint32_t line)
{
	view_update(v);
	return line < v->line_count ? v->lines[line] : VIEW_NONE;
}

uint32_t view_line_of(struct view *v, uint32_t row)
{
	view_update(v);
	return row < v->count ? v->rows[row].line : VIEW_NONE;
}

uint32_t view_row_by_id(struct view *v, int64_t id)
{
	return view_find_id(v, (uint64_t)id);
}

uint32_t view_row_by_msgid(struct view *v, struct sv message_id)
{
	uint32_t n = strpool_find(v->pool, message_id);

	if (!n)
		return VIEW_NONE;
	for (uint32_t r = 0; r < v->count; r++) {
		if (v->rows[r].msgid == n && !v->rows[r].gone)
			return r;
	}
	return VIEW_NONE;
}

static void learn_identity(struct view *v, struct row *r)
{
	if (r->flags & FLAG_IDENTITY_KNOWN)
		return;
	r->flags |= FLAG_IDENTITY_KNOWN | identity_flags(v->me, strpool_text(v->pool, r->from),
						  strpool_text(v->pool, r->to),
						  strpool_text(v->pool, r->cc));
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
	learn_identity(v, &v->rows[row]);
	return v->rows[row].flags & ~FLAG_IDENTITY_KNOWN;
}

/* Ids newest first in the row, oldest first in the text. */
static void ids_text(struct view *v, struct str *out, uint32_t at, uint32_t count)
{
	for (uint32_t i = count; i-- > 0;) {
		if (!str_add(out, strpool_text(v->pool, v->refs[at + i])) || !str_addc(out, ' '))
			break;
	}
}

void view_facts(struct view *v, uint32_t row, struct msg_facts *out)
{
	struct row *r = &v->rows[row];
	const struct strpool *p = v->pool;
	struct str *ids = &v->scratch[v->nest];
	size_t irt_len;

	learn_identity(v, r);
	str_clear(ids);
	ids_text(v, ids, r->refs, r->irt_count);
	irt_len = ids->len;
	ids_text(v, ids, r->refs + r->irt_count, r->ref_count);
	*out = (struct msg_facts){
		.id = (int64_t)r->id,
		.row = row,
		.uid = (uint32_t)message_uid(r->id),
		.flags = r->flags & ~FLAG_IDENTITY_KNOWN,
		.date_sent = r->date_sent,
		.date_received = r->date_received,
		.tz_min = r->tz,
		.size = r->size,
		.lines = r->lines,
		.score = r->score,
		.attachments = r->attachments,
		.number = r->line == VIEW_NONE ? 0 : r->line + 1,
		.subject = strpool_text(p, r->subject),
		.from = strpool_text(p, r->from),
		.to = strpool_text(p, r->to),
		.cc = strpool_text(p, r->cc),
		.bcc = strpool_text(p, r->bcc),
		.reply_to = strpool_text(p, r->reply_to),
		.sender = strpool_text(p, r->sender),
		.message_id = strpool_text(p, r->msgid),
		.in_reply_to = sv_rtrim(sv_make(ids->s, irt_len)),
		.references = sv_rtrim(sv_make(ids->s + irt_len, ids->len - irt_len)),
		.list_id = strpool_text(p, r->list),
		.label = strpool_text(p, r->label),
		.keywords = strpool_text(p, r->keywords),
		.content_type = strpool_text(p, r->ctype),
		.shape = strpool_text(p, r->shape),
	};
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
	struct view_counts *c = &v->counts;

	view_update(v);
	if (v->counts_valid)
		return c;
	*c = (struct view_counts){.shown = v->line_count, .pending = c->pending};
	for (uint32_t i = 0; i < v->perm_len; i++) {
		const struct row *r = &v->rows[v->perm[i]];
		unsigned f = r->flags;

		c->total++;
		c->size += r->size;
		c->shown_size += r->line != VIEW_NONE ? r->size : 0;
		c->unread += !(f & FLAG_SEEN);
		c->read += !!(f & FLAG_SEEN);
		c->fresh += !(f & (FLAG_SEEN | FLAG_OLD));
		c->old += (f & (FLAG_SEEN | FLAG_OLD)) == FLAG_OLD;
		c->flagged += !!(f & FLAG_FLAGGED);
		c->tagged += !!(f & FLAG_TAGGED);
		c->deleted += !!(f & FLAG_DELETED);
		c->answered += !!(f & FLAG_ANSWERED);
	}
	v->counts_valid = true;
	return c;
}

/* ---- cursor ---- */

uint32_t view_cursor(struct view *v)
{
	view_update(v);
	return v->cursor;
}

void view_set_cursor(struct view *v, uint32_t line)
{
	view_update(v);
	if (v->line_count == 0)
		line = 0;
	else if (line >= v->line_count)
		line = v->line_count - 1;
	if (v->cursor != line)
		view_touch(v, VIEW_CURSOR);
	v->cursor = line;
	v->cursor_row = line < v->line_count ? v->lines[line] : VIEW_NONE;
}

/* ---- tags ---- */

static void tag_row(struct view *v, uint32_t row, bool on)
{
	if (on)
		v->rows[row].flags |= FLAG_TAGGED;
	else
		v->rows[row].flags &= ~(unsigned)FLAG_TAGGED;
	view_touch(v, VIEW_ROWS);
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
	uint32_t changed = 0, total = view_lines(v);

	for (uint32_t line = 0; line < total; line++) {
		uint32_t row = v->lines[line];

		if (!!(v->rows[row].flags & FLAG_TAGGED) == on || !view_row_matches(v, p, row))
			continue;
		tag_row(v, row, on);
		changed++;
	}
	return changed;
}

uint32_t view_tagged(struct view *v, uint32_t **rows)
{
	uint32_t n = 0, *list = xcalloc((size_t)v->perm_len + 1, sizeof(*list));

	view_update(v);
	for (uint32_t i = 0; i < v->perm_len; i++) {
		uint32_t row = v->perm[v->order[i]];
		const struct row *r = &v->rows[row];
		bool listed = r->line != VIEW_NONE || r->hidden_under != VIEW_NONE;

		if (listed && (r->flags & FLAG_TAGGED))
			list[n++] = row;
	}
	*rows = list;
	return n;
}
