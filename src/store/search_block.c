/*
 * Segments as bytes: the builder that writes one, and the reading of its blocks.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "store/search_priv.h"

#define BLOCK_BYTES_MAX (16u << 20)

/* ---- writing ---- */

static bool put_docs(struct search *s, int64_t segment, const uint64_t *ids, uint32_t docs, struct err *e)
{
	char *page = xmalloc(DOCS_PAGE * 8);
	bool ok = true;

	for (uint32_t at = 0; ok && at < docs; at += DOCS_PAGE) {
		uint32_t n = MIN(docs - at, DOCS_PAGE);

		for (uint32_t i = 0; i < n; i++)
			le64_put(page + (size_t)i * 8, ids[at + i]);
		ok = db_run(&s->db, e, "INSERT INTO docs VALUES(?,?,?)", "iub", segment, (uint64_t)(at / DOCS_PAGE),
			sv_make(page, (size_t)n * 8));
	}
	free(page);
	return ok;
}

bool builder_open(struct builder *b, struct search *s, const uint64_t *ids, uint32_t docs, struct err *e)
{
	memset(b, 0, sizeof(*b));
	b->s = s;
	b->docs = docs;
	b->map = xcalloc(docs / 8 + 1, 1);
	str_init(&b->words, BLOCK_BYTES_MAX);
	str_init(&b->lens, BLOCK_BYTES_MAX);
	str_init(&b->posts, BLOCK_BYTES_MAX);
	str_init(&b->one, BLOCK_BYTES_MAX);
	if (!db_run(&s->db, e, "INSERT INTO segment(state, docs, bytes) VALUES(?,?,0)", "iu", (int64_t)SEGMENT_COMING,
		    (uint64_t)docs))
		return false;
	b->segment = sqlite3_last_insert_rowid(s->db.h);
	return put_docs(s, b->segment, ids, docs, e);
}

static bool end_block(struct builder *b, struct err *e)
{
	char head[WORDS_HEAD];
	struct str blob;
	bool ok;

	if (b->count == 0)
		return true;
	if (b->n >= BLOCKS_MAX)
		return err_set(e, ERR_LIMIT, "more than %u blocks", BLOCKS_MAX);
	le32_put(head, b->count);
	le32_put(head + 4, (uint32_t)b->words.len);
	str_init(&blob, 3 * BLOCK_BYTES_MAX);
	ok = str_add(&blob, sv_make(head, sizeof(head))) && str_add(&blob, str_sv(&b->words)) &&
	     str_add(&blob, str_sv(&b->lens));
	struct sv first = sv_from(str_sv(&b->words), 1);
	uint64_t id = (uint64_t)block_id(b->segment, b->field, b->n);

	first = sv_head(first, strlen(first.p));
	ok = ok ? db_run(&b->s->db, e, "INSERT INTO words VALUES(?,?,?)", "ubb", id, first, str_sv(&blob)) &&
			  db_run(&b->s->db, e, "INSERT INTO posts VALUES(?,?)", "ub", id, str_sv(&b->posts))
		: err_set(e, ERR_LIMIT, "a block of the index is too large");
	b->bytes += blob.len + b->posts.len;
	str_fini(&blob);
	str_clear(&b->words);
	str_clear(&b->lens);
	str_clear(&b->posts);
	b->count = 0;
	b->n++;
	return ok;
}

static bool add_varint(struct str *s, uint32_t v)
{
	unsigned char bytes[5];

	return str_add(s, sv_make((const char *)bytes, varint_put(bytes, v)));
}

/* One word's posts into b->one: differences, or a bit map where that is shorter. */
static bool encode_posts(struct builder *b, const uint32_t *posts, size_t count)
{
	size_t map_len = (b->docs + 7) / 8;
	uint32_t last = 0;
	bool ok;

	str_clear(&b->one);
	ok = add_varint(&b->one, (uint32_t)count << 1);
	for (size_t i = 0; ok && i < count; i++) {
		ok = add_varint(&b->one, posts[i] - last);
		last = posts[i];
	}
	if (!ok || b->one.len <= map_len + 1)
		return ok;
	str_clear(&b->one);
	memset(b->map, 0, map_len);
	for (size_t i = 0; i < count; i++)
		bit_set(b->map, posts[i]);
	return add_varint(&b->one, (uint32_t)count << 1 | 1) && str_add(&b->one, sv_make((const char *)b->map, map_len));
}

bool builder_add(struct builder *b, unsigned field, struct sv word, const uint32_t *posts, size_t count, struct err *e)
{
	if ((field != b->field || b->words.len >= BLOCK_WORDS || b->posts.len >= BLOCK_POSTS) && !end_block(b, e))
		return false;
	if (field != b->field)
		b->n = 0;
	b->field = field;
	if ((b->words.len == 0 && !str_addc(&b->words, 0)) || !encode_posts(b, posts, count) || !str_add(&b->words, word) ||
		!str_addc(&b->words, 0) || !add_varint(&b->lens, (uint32_t)b->one.len) ||
		!str_add(&b->posts, str_sv(&b->one)))
		return err_set(e, ERR_LIMIT, "a block of the index is too large");
	b->count++;
	return true;
}

bool builder_end(struct builder *b, struct err *e)
{
	return end_block(b, e) && db_run(&b->s->db, e, "UPDATE segment SET state=?, bytes=? WHERE id=?", "iui",
					  (int64_t)SEGMENT_LIVE, b->bytes, b->segment);
}

void builder_fini(struct builder *b)
{
	str_fini(&b->words);
	str_fini(&b->lens);
	str_fini(&b->posts);
	str_fini(&b->one);
	free(b->map);
	b->map = NULL;
}

/* ---- reading ---- */

bool block_parse(struct sv words, struct block_words *out)
{
	if (words.len < WORDS_HEAD + 2)
		return false;
	uint32_t count = le32(words.p), len = le32(words.p + 4);

	if (len < 2 || len > words.len - WORDS_HEAD || count == 0 || count > len)
		return false;
	out->count = count;
	out->text = sv_make(words.p + WORDS_HEAD, len);
	out->lens = (const unsigned char *)words.p + WORDS_HEAD + len;
	out->end = (const unsigned char *)words.p + words.len;
	return out->text.p[0] == 0 && out->text.p[len - 1] == 0;
}

bool posts_take(struct sv posts, uint32_t docs, uint32_t *out, size_t *count)
{
	const unsigned char *p = (const unsigned char *)posts.p, *end = p + posts.len;
	uint32_t head, last = 0, step;
	size_t n = 0;

	if (!varint_take(&p, end, &head) || head >> 1 > docs)
		return false;
	if (head & 1) {
		if ((size_t)(end - p) < (docs + 7) / 8)
			return false;
		for (uint32_t i = 0; i < docs; i++) {
			if (bit_is(p, i))
				out[n++] = i;
		}
	} else {
		for (; n < head >> 1; n++) {
			if (!varint_take(&p, end, &step) || step >= docs - last)
				return false;
			last += step;
			out[n] = last;
		}
	}
	*count = n;
	return true;
}

bool posts_map(struct sv posts, uint32_t docs, unsigned char *map)
{
	const unsigned char *p = (const unsigned char *)posts.p, *end = p + posts.len;
	uint32_t head, last = 0, step;

	if (!varint_take(&p, end, &head))
		return false;
	if (head & 1) {
		if ((size_t)(end - p) < (docs + 7) / 8)
			return false;
		for (size_t i = 0; i < (docs + 7) / 8; i++)
			map[i] |= p[i];
		return true;
	}
	for (uint32_t i = 0; i < head >> 1; i++) {
		if (!varint_take(&p, end, &step) || step >= docs - last)
			return false;
		last += step;
		bit_set(map, last);
	}
	return true;
}
