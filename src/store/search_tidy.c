/*
 * Putting segments together, and clearing what is left of old ones. One piece a call, each a transaction:
 * a new segment grows as "coming" until its last block is written, in the transaction in which the old
 * ones die. What dies or never came to life is deleted piece by piece.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/search_priv.h"

#define PIECE_BYTES (2u << 20)
#define PIECE_US 50000
#define SWEEP_BLOCKS 64
#define VACUUM_PAGES 128
#define FREE_PAGES_KEPT 64
#define SOURCES_MAX 32
#define GONE UINT32_MAX
#define SMALLEST 16 /* messages of the smallest class of segments */

struct source {
	int64_t segment;
	uint32_t docs;
	uint64_t *ids;
	uint32_t *new_of; /* number in the new segment, or GONE */
	/* the block at hand */
	int64_t block;
	struct str words, posts;
	struct block_words at;
	struct sv rest;  /* of the text: this word and what follows */
	struct sv word;
	const unsigned char *lens;
	size_t post_at;
	uint32_t post_len;
	bool end;
};

struct tidying {
	struct source src[SOURCES_MAX];
	size_t count;
	uint64_t *ids;
	uint32_t docs;
	struct builder builder;
	bool building;
	uint32_t *posts;
	unsigned char *map;
};

static void source_fini(struct source *src)
{
	free(src->ids);
	free(src->new_of);
	str_fini(&src->words);
	str_fini(&src->posts);
}

void tidying_free(struct tidying *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->count; i++)
		source_fini(&t->src[i]);
	if (t->building)
		builder_fini(&t->builder);
	free(t->ids);
	free(t->posts);
	free(t->map);
	free(t);
}

/* ---- choosing ---- */

struct choice {
	int64_t segment[SOURCES_MAX];
	uint32_t docs[SOURCES_MAX];
	size_t count;
	uint64_t sum;
};

static unsigned class_of(uint32_t docs)
{
	unsigned c = 0;

	for (; docs >= SMALLEST * SEGMENT_FAN; docs /= SEGMENT_FAN)
		c++;
	return c;
}

/* The smallest class that has enough of them. */
static bool choose(struct search *s, struct choice *out, struct err *e)
{
	sqlite3_stmt *st = db_query(&s->db, e, "SELECT id, docs FROM segment WHERE state=1 ORDER BY docs", "");
	struct choice c = {.count = 0};
	unsigned class = 0;
	struct err mine = {0};

	out->count = 0;
	if (!st)
		return false;
	while (db_step(&s->db, st, &mine)) {
		uint32_t docs = (uint32_t)sqlite3_column_int64(st, 1);

		if (out->count > 0)
			continue;
		if (class_of(docs) != class || c.count == SOURCES_MAX || c.sum + docs > SEGMENT_DOCS_MAX) {
			if (c.count >= SEGMENT_FAN)
				*out = c;
			c = (struct choice){.count = 0};
			class = class_of(docs);
		}
		c.segment[c.count] = sqlite3_column_int64(st, 0);
		c.docs[c.count++] = docs;
		c.sum += docs;
	}
	if (mine.class != ERR_NONE) {
		*e = mine;
		return false;
	}
	if (out->count == 0 && c.count >= SEGMENT_FAN)
		*out = c;
	return true;
}

/* ---- the messages of the new one ---- */

struct entry {
	uint64_t id;
	uint32_t src, doc;
};

static int by_id(const void *va, const void *vb)
{
	const struct entry *a = va, *b = vb;

	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	return a->src < b->src ? -1 : a->src > b->src;
}

/* Who stays: not the ids of an earlier mailbox of that number, not what is gone, each id once. */
static size_t collect(struct search *s, struct tidying *t, struct entry *list, search_keep_fn *keep, void *data)
{
	uint64_t mailbox = 0;
	int64_t born = INT64_MAX;
	size_t n = 0;

	for (uint32_t i = 0; i < t->count; i++) {
		struct source *src = &t->src[i];

		for (uint32_t d = 0; d < src->docs; d++) {
			uint64_t m = src->ids[d] >> 32;

			src->new_of[d] = GONE;
			if (m != mailbox || born == INT64_MAX)
				born = search_born(s, m);
			mailbox = m;
			if (born <= src->segment && keep(data, src->ids[d]))
				list[n++] = (struct entry){src->ids[d], i, d};
		}
	}
	qsort(list, n, sizeof(*list), by_id);
	return n;
}

static void number(struct tidying *t, const struct entry *list, size_t n)
{
	t->ids = xcalloc(n + 1, sizeof(*t->ids));
	for (size_t i = 0; i < n; i++) {
		if (t->docs == 0 || t->ids[t->docs - 1] != list[i].id)
			t->ids[t->docs++] = list[i].id;
		t->src[list[i].src].new_of[list[i].doc] = t->docs - 1;
	}
}

/* ---- reading the old ones ---- */

static bool next_word(struct search *s, struct source *src, struct err *e);

static bool copy_blob(struct search *s, struct str *out, const char *sql, int64_t id, struct err *e)
{
	sqlite3_stmt *st = db_query(&s->db, e, sql, "i", id);
	bool ok = st && db_step(&s->db, st, e);

	if (!ok)
		return st && e->class == ERR_NONE ? search_bad(s, e, "a block is missing") : false;
	str_clear(out);
	ok = str_add(out, db_blob(st, 0));
	db_reset(st);
	return ok || err_set(e, ERR_LIMIT, "a block of the index is too large");
}

static bool next_block(struct search *s, struct source *src, struct err *e)
{
	int64_t id = 0;

	if (!db_number(&s->db, e, &id, 0, "SELECT id FROM words WHERE id>? AND id<? ORDER BY id LIMIT 1", "ii", src->block,
		    (src->segment + 1) << 32))
		return false;
	src->end = id == 0;
	if (src->end)
		return true;
	src->block = id;
	if (!copy_blob(s, &src->words, "SELECT words FROM words WHERE id=?", id, e) ||
		!copy_blob(s, &src->posts, "SELECT posts FROM posts WHERE id=?", id, e))
		return false;
	if (!block_parse(str_sv(&src->words), &src->at))
		return search_bad(s, e, "a block of words");
	src->rest = sv_from(src->at.text, 1);
	src->lens = src->at.lens;
	src->post_at = 0;
	src->post_len = 0;
	return next_word(s, src, e);
}

static bool next_word(struct search *s, struct source *src, struct err *e)
{
	if (src->rest.len == 0)
		return next_block(s, src, e);
	src->word = sv_head(src->rest, strlen(src->rest.p));
	src->rest = sv_from(src->rest, src->word.len + 1);
	src->post_at += src->post_len;
	if (!varint_take(&src->lens, src->at.end, &src->post_len) || src->post_len > src->posts.len - src->post_at)
		return search_bad(s, e, "the length of a list");
	return true;
}

static unsigned field_of(const struct source *src)
{
	return (unsigned)(src->block >> 24) & 0xff;
}

static int cmp(const struct source *a, const struct source *b)
{
	unsigned fa = field_of(a), fb = field_of(b);

	return fa != fb ? (fa < fb ? -1 : 1) : sv_cmp(a->word, b->word);
}

static struct source *lowest(struct tidying *t)
{
	struct source *low = NULL;

	for (size_t i = 0; i < t->count; i++) {
		struct source *src = &t->src[i];

		if (!src->end && (!low || cmp(src, low) < 0))
			low = src;
	}
	return low;
}

/* ---- writing the new one ---- */

static int by_number(const void *va, const void *vb)
{
	uint32_t a = *(const uint32_t *)va, b = *(const uint32_t *)vb;

	return a < b ? -1 : a > b;
}

/* Ascending, each once; posts of several sources stand one after the other. */
static size_t in_order(struct tidying *t, size_t n)
{
	size_t out = 0;

	if (n > t->docs / 64) {
		memset(t->map, 0, t->docs / 8 + 1);
		for (size_t i = 0; i < n; i++)
			bit_set(t->map, t->posts[i]);
		for (uint32_t i = 0; i < t->docs; i++) {
			if (bit_is(t->map, i))
				t->posts[out++] = i;
		}
		return out;
	}
	qsort(t->posts, n, sizeof(*t->posts), by_number);
	for (size_t i = 0; i < n; i++) {
		if (out == 0 || t->posts[out - 1] != t->posts[i])
			t->posts[out++] = t->posts[i];
	}
	return out;
}

/* Appends what remains of this source's posts. */
static bool take_posts(struct search *s, struct tidying *t, struct source *src, size_t *n, struct err *e)
{
	struct sv posts = sv_make(src->posts.s + src->post_at, src->post_len);
	uint32_t *out = t->posts + *n;
	size_t count = 0, kept = 0;

	if (!posts_take(posts, src->docs, out, &count))
		return search_bad(s, e, "a list of messages");
	for (size_t i = 0; i < count; i++) {
		if (src->new_of[out[i]] != GONE)
			out[kept++] = src->new_of[out[i]];
	}
	*n += kept;
	return true;
}

/* The lowest word of all, with what all sources know of it. */
static bool one_word(struct search *s, struct tidying *t, struct source *low, struct err *e)
{
	struct source *same[SOURCES_MAX];
	size_t count = 0, n = 0;

	for (size_t i = 0; i < t->count; i++) {
		if (!t->src[i].end && cmp(&t->src[i], low) == 0)
			same[count++] = &t->src[i];
	}
	for (size_t i = 0; i < count; i++) {
		if (!take_posts(s, t, same[i], &n, e))
			return false;
	}
	if (count > 1)
		n = in_order(t, n);
	if (n > 0 && !builder_add(&t->builder, field_of(low), low->word, t->posts, n, e))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!next_word(s, same[i], e))
			return false;
	}
	return true;
}

/* What went with the old segments is not covered any more, should it ever come back. */
static bool uncover(struct search *s, struct source *src, struct err *e)
{
	uint64_t *gone = xcalloc(src->docs + 1, sizeof(*gone));
	size_t n = 0;

	for (uint32_t d = 0; d < src->docs; d++) {
		if (src->new_of[d] == GONE && search_born(s, src->ids[d] >> 32) <= src->segment)
			gone[n++] = src->ids[d];
	}
	bool ok = search_mark(s, gone, n, false, e);

	free(gone);
	return ok;
}

static bool bury(struct search *s, struct tidying *t, struct err *e)
{
	bool ok = true;

	for (size_t i = 0; ok && i < t->count; i++) {
		ok = uncover(s, &t->src[i], e) &&
		     db_run(&s->db, e, "UPDATE segment SET state=2 WHERE id=?", "i", t->src[i].segment);
	}
	return ok;
}

/* ---- pieces ---- */

static bool start(struct search *s, const struct choice *c, search_keep_fn *keep, void *data, struct err *e)
{
	struct tidying *t = xcalloc(1, sizeof(*t));
	struct entry *list = xcalloc(c->sum + 1, sizeof(*list));
	bool ok = true;

	s->tidying = t;
	for (; ok && t->count < c->count; t->count++) {
		struct source *src = &t->src[t->count];

		src->segment = c->segment[t->count];
		src->docs = c->docs[t->count];
		src->block = (src->segment << 32) - 1;
		src->new_of = xcalloc(src->docs + 1, sizeof(*src->new_of));
		str_init(&src->words, SIZE_MAX / 2);
		str_init(&src->posts, SIZE_MAX / 2);
		ok = search_docs(s, src->segment, src->docs, &src->ids, e);
	}
	if (ok)
		number(t, list, collect(s, t, list, keep, data));
	free(list);
	t->posts = xcalloc(c->sum + 1, sizeof(*t->posts));
	t->map = xcalloc(t->docs / 8 + 1, 1);
	t->building = ok;
	ok = ok && builder_open(&t->builder, s, t->ids, t->docs, e);
	for (size_t i = 0; ok && i < t->count; i++)
		ok = next_block(s, &t->src[i], e);
	return ok;
}

static bool go_on(struct search *s, struct err *e)
{
	struct tidying *t = s->tidying;
	int64_t until = clock_us() + PIECE_US;
	uint64_t bytes = t->builder.bytes;
	struct source *low;
	size_t n = 0;

	while ((low = lowest(t)) != NULL) {
		if (!one_word(s, t, low, e))
			return false;
		if (t->builder.bytes - bytes >= PIECE_BYTES || (++n % 1000 == 0 && clock_us() >= until))
			return true;
	}
	if (!builder_end(&t->builder, e) || !bury(s, t, e))
		return false;
	tidying_free(t);
	s->tidying = NULL;
	return true;
}

/* A piece of what is left of a dead segment. *more: there was some. */
static bool sweep(struct search *s, bool *more, struct err *e)
{
	int64_t id = 0, coming = s->tidying ? s->tidying->builder.segment : 0, left = 0;

	*more = false;
	if (!db_number(&s->db, e, &id, 0, "SELECT id FROM segment WHERE state<>1 AND id<>? LIMIT 1", "i", coming))
		return false;
	if (id == 0)
		return true;
	*more = true;
	bool ok = search_begin(s, e) &&
		  db_run(&s->db, e, "DELETE FROM posts WHERE id IN (SELECT id FROM words WHERE id>=? AND id<? LIMIT ?)", "iii",
			  id << 32, (id + 1) << 32, (int64_t)SWEEP_BLOCKS) &&
		  db_run(&s->db, e, "DELETE FROM words WHERE id IN (SELECT id FROM words WHERE id>=? AND id<? LIMIT ?)", "iii",
			  id << 32, (id + 1) << 32, (int64_t)SWEEP_BLOCKS) &&
		  db_number(&s->db, e, &left, 0, "SELECT id FROM words WHERE id>=? AND id<? LIMIT 1", "ii", id << 32,
			  (id + 1) << 32) &&
		  (left != 0 || (db_run(&s->db, e, "DELETE FROM docs WHERE segment=?", "i", id) &&
				       db_run(&s->db, e, "DELETE FROM segment WHERE id=?", "i", id)));

	return search_end(s, ok, e);
}

static bool shrink(struct search *s, bool *more, struct err *e)
{
	int64_t spare = 0;

	*more = false;
	if (!db_number(&s->db, e, &spare, 0, "PRAGMA freelist_count", ""))
		return false;
	if (spare <= FREE_PAGES_KEPT)
		return true;
	*more = spare > FREE_PAGES_KEPT + VACUUM_PAGES;
	sqlite3_stmt *st = db_query(&s->db, e, "PRAGMA incremental_vacuum(128)", "");

	while (st && db_step(&s->db, st, e))
		continue;
	return st && e->class == ERR_NONE;
}

bool search_tidy(struct search *s, search_keep_fn *keep, void *data, bool *more, struct err *e)
{
	struct choice c = {.count = 0};
	bool ok;

	if (!sweep(s, more, e) || *more)
		return !e || e->class == ERR_NONE || *more;
	if (!s->tidying && !choose(s, &c, e))
		return false;
	if (!s->tidying && c.count == 0)
		return search_texts_tidy(s, keep, data, more, e) && (*more || shrink(s, more, e));
	*more = true;
	ok = search_begin(s, e);
	if (ok)
		ok = search_end(s, s->tidying ? go_on(s, e) : start(s, &c, keep, data, e), e);
	if (!ok) {
		tidying_free(s->tidying);
		s->tidying = NULL;
	}
	return ok;
}
