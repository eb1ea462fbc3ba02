/*
 * Answering a question, block by block: every block of words of the field is read from end to end (they
 * may begin and end with anything), the posts of the words that fit become a bit map of the segment's
 * messages for each thing that is wanted, and where all maps agree is the answer.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/search_priv.h"

struct live {
	int64_t id;
	uint32_t docs;
};

struct wanted {
	struct search_word word;
	char *needle; /* with the NULs that bound it */
	size_t needle_len;
	unsigned char *map;
};

struct search_query {
	struct search *s;
	enum search_field field;
	struct wanted wants[SEARCH_WORDS_MAX];
	size_t want_count;
	struct live *segments;
	size_t segment_count, segment_cap;
	size_t at;       /* the segment at hand */
	int64_t block;   /* the last one that was read */
	bool started, in_segment, in_answer, finished;
	uint32_t page;          /* of ids, in the answer */
	uint64_t mailbox;       /* of the last id, and what is known of it */
	int64_t born;
	int64_t posts_of; /* the block whose posts are at hand */
	struct str words, posts;
	uint64_t *ids;
	size_t count, cap;
	size_t *runs; /* where the ids of each segment begin: ascending up to the next one */
	size_t run_count, run_cap;
};

static char *needle_of(const struct search_word *w, size_t *len)
{
	bool left = w->look == WORD_IS || w->look == WORD_BEGINS, right = w->look == WORD_IS || w->look == WORD_ENDS;
	char *needle = xcalloc(1, w->len + 3);

	memcpy(needle + left, w->text, w->len);
	*len = w->len + left + right;
	return needle;
}

bool search_ask(struct search_query **out, struct search *s, enum search_field field, const struct search_word *words,
	size_t count, struct err *e)
{
	struct search_query *q;

	if (count > SEARCH_WORDS_MAX)
		return err_set(e, ERR_LIMIT, "more than %d words", SEARCH_WORDS_MAX);
	q = xcalloc(1, sizeof(*q));
	q->s = s;
	q->field = field;
	q->want_count = count;
	for (size_t i = 0; i < count; i++) {
		q->wants[i].word = words[i];
		if (!words[i].rx)
			q->wants[i].needle = needle_of(&words[i], &q->wants[i].needle_len);
	}
	str_init(&q->words, SIZE_MAX / 2);
	str_init(&q->posts, SIZE_MAX / 2);
	*out = q;
	return true;
}

void search_query_free(struct search_query *q)
{
	if (!q)
		return;
	if (q->started && !q->finished)
		(void)!db_run(&q->s->db, NULL, "ROLLBACK", "");
	for (size_t i = 0; i < q->want_count; i++) {
		free(q->wants[i].needle);
		free(q->wants[i].map);
	}
	str_fini(&q->words);
	str_fini(&q->posts);
	free(q->segments);
	free(q->runs);
	free(q->ids);
	free(q);
}

/* ---- beginning ---- */

static bool begin(struct search_query *q, struct err *e)
{
	struct err mine = {0};

	if (!db_run(&q->s->db, e, "BEGIN", ""))
		return false;
	q->started = true;
	sqlite3_stmt *st = db_query(&q->s->db, e, "SELECT id, docs FROM segment WHERE state=1 ORDER BY id", "");

	while (st && db_step(&q->s->db, st, &mine)) {
		array_grow(q->segments, q->segment_count, q->segment_cap);
		q->segments[q->segment_count++] =
			(struct live){sqlite3_column_int64(st, 0), (uint32_t)sqlite3_column_int64(st, 1)};
	}
	if (st && mine.class != ERR_NONE)
		*e = mine;
	return st && mine.class == ERR_NONE;
}

static void begin_segment(struct search_query *q)
{
	uint32_t docs = q->segments[q->at].docs;

	q->in_segment = true;
	q->block = block_id(q->segments[q->at].id, q->field, 0) - 1;
	for (size_t i = 0; i < q->want_count; i++) {
		free(q->wants[i].map);
		q->wants[i].map = xcalloc(docs / 8 + 1, 1);
	}
}

/* ---- a block ---- */

/* Which word of the block stands at an offset, and where its posts lie: goes on from the last answer. */
struct place {
	const char *p;
	const unsigned char *lens;
	uint32_t word, len;
	size_t post_at;
};

static bool place_move(struct place *pl, const struct block_words *b, const char *to)
{
	for (;;) {
		const char *end = memchr(pl->p, 0, (size_t)(b->text.p + b->text.len - pl->p));

		if (pl->len == 0 && !varint_take(&pl->lens, b->end, &pl->len))
			return false;
		if (!end || to <= end)
			return end != NULL;
		pl->p = end + 1;
		pl->post_at += pl->len;
		pl->len = 0;
		if (pl->p >= b->text.p + b->text.len)
			return false;
	}
}

/* The block's posts, read when the first word fits. */
static bool read_posts(struct search_query *q, struct err *e)
{
	sqlite3_stmt *st;

	if (q->posts_of == q->block)
		return true;
	st = db_query(&q->s->db, e, "SELECT posts FROM posts WHERE id=?", "i", q->block);
	if (!st)
		return false;
	if (!db_step(&q->s->db, st, e))
		return e->class == ERR_NONE ? search_bad(q->s, e, "a block is missing") : false;
	str_clear(&q->posts);
	bool ok = str_add(&q->posts, db_blob(st, 0));

	db_reset(st);
	q->posts_of = q->block;
	return ok;
}

static bool take_posts(struct search_query *q, const struct place *pl, unsigned char *map, struct err *e)
{
	if (!read_posts(q, e))
		return false;
	if (pl->post_at + pl->len > q->posts.len ||
		!posts_map(sv_make(q->posts.s + pl->post_at, pl->len), q->segments[q->at].docs, map))
		return search_bad(q->s, e, "a list of messages");
	return true;
}

/* The next hit at or behind from; NULL: no more. */
static const char *next_hit(const struct wanted *w, struct sv text, const char *from)
{
	ptrdiff_t groups[RX_GROUPS][2];

	if (!w->word.rx)
		return memmem(from, (size_t)(text.p + text.len - from), w->needle, w->needle_len);
	if (!rx_find(w->word.rx, text, (size_t)(from - text.p), groups))
		return NULL;
	return text.p + groups[0][0];
}

static bool search_one(struct search_query *q, const struct block_words *b, struct wanted *w, struct err *e)
{
	struct place pl = {.p = b->text.p + 1, .lens = b->lens};
	const char *end = b->text.p + b->text.len, *from = b->text.p;
	const char *hit;

	while (from < end && (hit = next_hit(w, b->text, from)) != NULL) {
		hit += !w->word.rx && w->needle[0] == 0;
		/* An expression may match nothing, at the very end or before a word. */
		hit += *hit == 0;
		if (hit >= end)
			break;
		if (!place_move(&pl, b, hit))
			return search_bad(q->s, e, "a block of words");
		if (!take_posts(q, &pl, w->map, e))
			return false;
		from = memchr(hit, 0, (size_t)(end - hit));
		if (!from)
			break;
	}
	return true;
}

/* The next block of this segment and field. *none: there is none. */
static bool read_block(struct search_query *q, bool *none, struct err *e)
{
	int64_t end = block_id(q->segments[q->at].id, q->field + 1u, 0);
	sqlite3_stmt *st = db_query(&q->s->db, e, "SELECT id, words FROM words WHERE id>? AND id<? ORDER BY id LIMIT 1", "ii",
		q->block, end);

	*none = false;
	if (!st)
		return false;
	if (!db_step(&q->s->db, st, e)) {
		*none = true;
		return e->class == ERR_NONE;
	}
	q->block = sqlite3_column_int64(st, 0);
	str_clear(&q->words);
	bool ok = str_add(&q->words, db_blob(st, 1));

	db_reset(st);
	return ok;
}

static bool search_block(struct search_query *q, struct err *e)
{
	struct block_words b;
	bool ok = true;

	if (!block_parse(str_sv(&q->words), &b))
		return search_bad(q->s, e, "a block of words");
	for (size_t i = 0; ok && i < q->want_count; i++)
		ok = search_one(q, &b, &q->wants[i], e);
	return ok;
}

/* ---- the answer ---- */

static bool agreed(const struct search_query *q, uint32_t doc)
{
	for (size_t i = 0; i < q->want_count; i++) {
		if (!bit_is(q->wants[i].map, doc))
			return false;
	}
	return true;
}

static bool any_agreed(struct search_query *q, uint32_t docs)
{
	unsigned char any = 0;

	if (q->want_count == 0)
		return docs > 0;
	for (size_t b = 0; b <= docs / 8; b++) {
		unsigned char all = q->wants[0].map[b];

		for (size_t i = 1; i < q->want_count; i++)
			all &= q->wants[i].map[b];
		any |= all;
	}
	return any != 0;
}

static void take_id(struct search_query *q, uint64_t id)
{
	if (id >> 32 != q->mailbox || !q->born) {
		q->mailbox = id >> 32;
		q->born = search_born(q->s, q->mailbox);
	}
	if (q->born > q->segments[q->at].id)
		return;
	array_grow(q->ids, q->count, q->cap);
	q->ids[q->count++] = id;
}

static void end_segment(struct search_query *q)
{
	q->in_segment = q->in_answer = false;
	q->at++;
}

/* A page of ids of the segment's messages in which all wants agree, without those of mailboxes that began anew. */
static bool take_page(struct search_query *q, struct err *e)
{
	const struct live *seg = &q->segments[q->at];
	uint32_t first = q->page * DOCS_PAGE;

	if (first >= seg->docs) {
		end_segment(q);
		return true;
	}
	sqlite3_stmt *st = db_query(&q->s->db, e, "SELECT ids FROM docs WHERE segment=? AND page=?", "iu", seg->id, (uint64_t)q->page);

	if (!st)
		return false;
	if (!db_step(&q->s->db, st, e))
		return e->class == ERR_NONE ? search_bad(q->s, e, "ids are missing") : false;
	struct sv ids = db_blob(st, 0);
	uint32_t n = MIN(seg->docs - first, DOCS_PAGE);
	bool ok = ids.len >= (size_t)n * 8;

	for (uint32_t i = 0; ok && i < n; i++) {
		if (agreed(q, first + i))
			take_id(q, le64(ids.p + (size_t)i * 8));
	}
	db_reset(st);
	q->page++;
	return ok || search_bad(q->s, e, "ids are missing");
}

/* All blocks were read. */
static void begin_answer(struct search_query *q)
{
	q->in_answer = true;
	array_grow(q->runs, q->run_count, q->run_cap);
	q->runs[q->run_count++] = q->count;
	q->page = 0;
	q->born = 0;
	if (!any_agreed(q, q->segments[q->at].docs))
		end_segment(q);
}

/* ---- one list ---- */

static size_t run_end(const struct search_query *q, size_t n)
{
	return n + 1 < q->run_count ? q->runs[n + 1] : q->count;
}

/* The one and the next become one. Mail comes in order: mostly they are side by side already, or the other way round. */
static void merge_runs(struct search_query *q, size_t n)
{
	size_t from = q->runs[n], mid = q->runs[n + 1], end = run_end(q, n + 1), i = 0, len = mid - from, at = from;
	uint64_t *left;

	memmove(q->runs + n + 1, q->runs + n + 2, (q->run_count - n - 2) * sizeof(*q->runs));
	q->run_count--;
	if (len == 0 || mid == end || q->ids[mid - 1] < q->ids[mid])
		return;
	left = xreallocarray(NULL, len, sizeof(*left));
	memcpy(left, q->ids + from, len * sizeof(*left));
	while (i < len) {
		if (mid < end && q->ids[mid] < left[i])
			q->ids[at++] = q->ids[mid++];
		else
			q->ids[at++] = left[i++];
	}
	free(left);
}

/* The two neighbours that are least work. */
static void merge_some(struct search_query *q)
{
	size_t best = 0, least = SIZE_MAX;

	for (size_t n = 0; n + 1 < q->run_count; n++) {
		size_t size = run_end(q, n + 1) - q->runs[n];

		if (size < least) {
			least = size;
			best = n;
		}
	}
	merge_runs(q, best);
}

static void finish(struct search_query *q)
{
	size_t n = 0;

	q->finished = true;
	(void)!db_run(&q->s->db, NULL, "COMMIT", "");
	for (size_t i = 0; i < q->count; i++) {
		if (n == 0 || q->ids[n - 1] != q->ids[i])
			q->ids[n++] = q->ids[i];
	}
	q->count = n;
}

static bool one_step(struct search_query *q, struct err *e)
{
	bool none = true;

	if (q->at == q->segment_count) {
		if (q->run_count > 1)
			merge_some(q);
		else
			finish(q);
		return true;
	}
	if (!q->in_segment)
		begin_segment(q);
	if (q->in_answer)
		return take_page(q, e);
	if (q->want_count > 0 && !read_block(q, &none, e))
		return false;
	if (!none)
		return search_block(q, e);
	begin_answer(q);
	return true;
}

bool search_step(struct search_query *q, int64_t until_us, bool *more, struct err *e)
{
	if (!q->started && !begin(q, e))
		return false;
	do {
		if (!one_step(q, e))
			return false;
		*more = !q->finished;
	} while (*more && clock_us() < until_us);
	return true;
}

const uint64_t *search_result(const struct search_query *q, size_t *count)
{
	*count = q->count;
	return q->ids;
}
