/*
 * The texts themselves, as they were indexed: what the words cannot decide is read here, at some hundred MB a
 * second, and not from messages, which would have to be opened, parsed and decoded one by one. They lie in
 * blocks of about TEXT_BLOCK bytes, packed (pack.h), in the order in which they were added; a block is never
 * changed, but made anew without what has gone (search_texts_tidy). A message without its text here is read
 * as it was before there were any.
 *
 * texts.docs: for each message its id (8 bytes), the bytes of its body and of its header (4 each). segment:
 * the last one when the block was written, for search_born.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "store/message.h"
#include "store/pack.h"
#include "store/search_priv.h"

#define TEXT_BLOCK (192u << 10)    /* bytes of text in a block */
#define TEXT_ONE_MAX (4u << 20)    /* a message with more is not kept */
#define TEXT_BLOCK_MAX (TEXT_BLOCK + TEXT_ONE_MAX)
#define TEXT_SMALL (TEXT_BLOCK / 2)
#define TEXT_DOC 16 /* bytes in docs */
#define PACKED_MAX (64u << 20) /* between two flushes */
#define SMALL_FAN 8            /* so many small blocks become one */
#define LOOKED_AT 64           /* blocks a round that are looked through for messages that have gone */

/* ---- gathering ---- */

struct packed {
	size_t at, len; /* in bytes */
	size_t raw;
	struct str docs;
};

struct text_gather {
	struct str raw, docs; /* the block that is filled */
	struct str bytes;     /* packed ones, until they are written */
	struct packed *blocks;
	size_t count, cap;
};

struct text_gather *text_gather_new(void)
{
	struct text_gather *t = xcalloc(1, sizeof(*t));

	str_init(&t->raw, TEXT_BLOCK_MAX);
	str_init(&t->docs, SIZE_MAX / 2);
	str_init(&t->bytes, PACKED_MAX);
	return t;
}

void text_gather_free(struct text_gather *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->count; i++)
		str_fini(&t->blocks[i].docs);
	free(t->blocks);
	str_fini(&t->raw);
	str_fini(&t->docs);
	str_fini(&t->bytes);
	free(t);
}

/* What does not fit any more is not kept. */
static void end_block(struct text_gather *t)
{
	size_t at = t->bytes.len;

	if (t->docs.len > 0 && pack(&t->bytes, str_sv(&t->raw))) {
		array_grow(t->blocks, t->count, t->cap);
		t->blocks[t->count++] = (struct packed){at, t->bytes.len - at, t->raw.len, t->docs};
		str_init(&t->docs, SIZE_MAX / 2);
	} else {
		t->bytes.len = at;
		str_clear(&t->docs);
	}
	str_clear(&t->raw);
}

void text_gather_add(struct text_gather *t, uint64_t message, struct sv body, struct sv header)
{
	char doc[TEXT_DOC];
	size_t was = t->raw.len;

	if (body.len + header.len > TEXT_ONE_MAX)
		return;
	le64_put(doc, message);
	le32_put(doc + 8, (uint32_t)body.len);
	le32_put(doc + 12, (uint32_t)header.len);
	if (!str_add(&t->raw, body) || !str_add(&t->raw, header) || !str_add(&t->docs, sv_make(doc, sizeof(doc)))) {
		t->raw.len = was;
		return;
	}
	if (t->raw.len >= TEXT_BLOCK)
		end_block(t);
}

static bool write_block(struct search *s, int64_t segment, struct sv docs, size_t raw, struct sv bytes, struct err *e)
{
	return db_run(&s->db, e, "INSERT INTO texts(segment, raw, docs, bytes) VALUES(?,?,?,?)", "iubb", segment, (uint64_t)raw,
		docs, bytes);
}

size_t text_gather_bytes(const struct text_gather *t)
{
	return t->bytes.len;
}

bool text_gather_write(struct text_gather *t, struct search *s, int64_t segment, struct err *e)
{
	bool ok = true;

	end_block(t);
	for (size_t i = 0; ok && i < t->count; i++)
		ok = write_block(s, segment, str_sv(&t->blocks[i].docs), t->blocks[i].raw,
			sv_make(t->bytes.s + t->blocks[i].at, t->blocks[i].len), e);
	return ok;
}

/* ---- a block ---- */

struct text_block {
	int64_t id, segment;
	struct str docs;
	char *raw;
	size_t raw_len, raw_cap;
};

static void block_init(struct text_block *b)
{
	memset(b, 0, sizeof(*b));
	str_init(&b->docs, SIZE_MAX / 2);
}

static void block_fini(struct text_block *b)
{
	str_fini(&b->docs);
	free(b->raw);
}

struct text_doc {
	uint64_t id;
	size_t body, header; /* bytes */
};

static size_t docs_of(const struct text_block *b)
{
	return b->docs.len / TEXT_DOC;
}

static struct text_doc doc_at(const struct text_block *b, size_t n)
{
	const char *p = b->docs.s + n * TEXT_DOC;

	return (struct text_doc){le64(p), le32(p + 8), le32(p + 12)};
}

/* The lengths agree: whoever walks over the texts need not look. */
static bool block_is_sane(const struct text_block *b)
{
	size_t sum = 0;

	for (size_t i = 0; i < docs_of(b); i++) {
		struct text_doc d = doc_at(b, i);

		sum += d.body + d.header;
		if (sum > b->raw_len)
			return false;
	}
	return sum == b->raw_len && b->raw_len <= TEXT_BLOCK_MAX;
}

/* Which messages the next block below has, without its texts. *none: there is none. */
static bool block_before(struct search *s, struct text_block *b, bool *none, struct err *e)
{
	sqlite3_stmt *st = db_query(&s->db, e, "SELECT id, segment, raw, docs FROM texts WHERE id<? ORDER BY id DESC LIMIT 1",
		"i", b->id);

	*none = false;
	if (!st)
		return false;
	if (!db_step(&s->db, st, e)) {
		*none = true;
		return e->class == ERR_NONE;
	}
	b->id = sqlite3_column_int64(st, 0);
	b->segment = sqlite3_column_int64(st, 1);
	b->raw_len = (size_t)sqlite3_column_int64(st, 2);
	str_clear(&b->docs);
	bool ok = str_add(&b->docs, db_blob(st, 3));

	db_reset(st);
	return (ok && block_is_sane(b)) || search_bad(s, e, "a block of texts");
}

static bool block_unpack(struct search *s, struct text_block *b, struct err *e)
{
	sqlite3_stmt *st = db_query(&s->db, e, "SELECT bytes FROM texts WHERE id=?", "i", b->id);

	if (!st)
		return false;
	if (!db_step(&s->db, st, e))
		return e->class == ERR_NONE ? search_bad(s, e, "a block of texts is missing") : false;
	if (b->raw_cap < b->raw_len) {
		free(b->raw);
		b->raw = xmalloc(b->raw_len);
		b->raw_cap = b->raw_len;
	}
	bool ok = unpack(db_blob(st, 0), b->raw, b->raw_len);

	db_reset(st);
	return ok || search_bad(s, e, "a block of texts");
}

/* ---- walking ---- */

struct search_texts {
	struct search *s;
	uint64_t mailbox;
	int64_t born;
	search_wanted_fn *wanted;
	void *data;
	struct text_block block;
	size_t at, offset; /* of the next message in the block, and of its text */
};

struct search_texts *search_texts_new(struct search *s, uint64_t mailbox, search_wanted_fn *wanted, void *data)
{
	struct search_texts *w = xcalloc(1, sizeof(*w));

	w->s = s;
	w->mailbox = mailbox;
	w->born = search_born(s, mailbox);
	w->wanted = wanted;
	w->data = data;
	block_init(&w->block);
	w->block.id = INT64_MAX;
	return w;
}

void search_texts_free(struct search_texts *w)
{
	if (!w)
		return;
	block_fini(&w->block);
	free(w);
}

static bool is_wanted(struct search_texts *w, uint64_t id)
{
	return message_mailbox(id) == w->mailbox && w->born <= w->block.segment && w->wanted(w->data, id);
}

static bool any_wanted(struct search_texts *w)
{
	for (size_t i = 0; i < docs_of(&w->block); i++) {
		if (is_wanted(w, doc_at(&w->block, i).id))
			return true;
	}
	return false;
}

/* The next block in which something is wanted. */
static bool next_block(struct search_texts *w, bool *none, struct err *e)
{
	do {
		if (!block_before(w->s, &w->block, none, e))
			return false;
	} while (!*none && !any_wanted(w));
	w->at = w->offset = 0;
	return *none || block_unpack(w->s, &w->block, e);
}

bool search_texts_next(struct search_texts *w, struct search_text *out, struct err *e)
{
	bool none = false;

	e->class = ERR_NONE;
	for (;;) {
		while (w->at < docs_of(&w->block)) {
			struct text_doc d = doc_at(&w->block, w->at++);
			const char *text = w->block.raw + w->offset;

			w->offset += d.body + d.header;
			if (!is_wanted(w, d.id))
				continue;
			*out = (struct search_text){d.id, sv_make(text, d.body), sv_make(text + d.body, d.header)};
			return true;
		}
		if (!next_block(w, &none, e) || none)
			return false;
	}
}

/* ---- keeping them in shape ---- */

static bool is_kept(struct search *s, const struct text_block *b, uint64_t id, search_keep_fn *keep, void *data)
{
	return search_born(s, message_mailbox(id)) <= b->segment && keep(data, id);
}

/* Adds what is kept of a block to the one that is filled. */
static bool take_block(struct search *s, struct text_gather *t, struct text_block *b, search_keep_fn *keep, void *data,
	struct err *e)
{
	size_t offset = 0;

	if (!block_unpack(s, b, e))
		return false;
	for (size_t i = 0; i < docs_of(b); i++) {
		struct text_doc d = doc_at(b, i);

		if (is_kept(s, b, d.id, keep, data))
			text_gather_add(t, d.id, sv_make(b->raw + offset, d.body), sv_make(b->raw + offset + d.body, d.header));
		offset += d.body + d.header;
	}
	return true;
}

/* Blocks become one, without what has gone. Each is named by its id. */
static bool rewrite(struct search *s, const int64_t *ids, size_t count, search_keep_fn *keep, void *data, struct err *e)
{
	struct text_gather *t = text_gather_new();
	struct text_block b;
	int64_t segment = 0;
	bool ok = search_begin(s, e), none = false;

	block_init(&b);
	for (size_t i = 0; ok && i < count; i++) {
		b.id = ids[i] + 1;
		ok = block_before(s, &b, &none, e) && (none || b.id != ids[i] || take_block(s, t, &b, keep, data, e)) &&
		     db_run(&s->db, e, "DELETE FROM texts WHERE id=?", "i", ids[i]);
		segment = MAX(segment, b.segment);
	}
	ok = ok && text_gather_write(t, s, segment, e);
	block_fini(&b);
	text_gather_free(t);
	return search_end(s, ok, e);
}

/* Small blocks come of mail that comes bit by bit. */
static bool join_small(struct search *s, search_keep_fn *keep, void *data, bool *more, struct err *e)
{
	int64_t ids[SMALL_FAN];
	size_t n = 0;
	sqlite3_stmt *st = db_query(&s->db, e, "SELECT id FROM texts WHERE raw<? ORDER BY id LIMIT ?", "ii", (int64_t)TEXT_SMALL,
		(int64_t)SMALL_FAN);

	*more = false;
	if (!st)
		return false;
	while (db_step(&s->db, st, e))
		ids[n++] = sqlite3_column_int64(st, 0);
	if (e->class != ERR_NONE || n < SMALL_FAN)
		return e->class == ERR_NONE;
	*more = true;
	return rewrite(s, ids, n, keep, data, e);
}

static bool any_gone(struct search *s, const struct text_block *b, search_keep_fn *keep, void *data)
{
	for (size_t i = 0; i < docs_of(b); i++) {
		if (!is_kept(s, b, doc_at(b, i).id, keep, data))
			return true;
	}
	return false;
}

/*
 * Some blocks a round: what was deleted goes for good, sooner or later. s->texts_at: where the next round goes
 * on, downwards.
 */
static bool clean_some(struct search *s, search_keep_fn *keep, void *data, struct err *e)
{
	struct text_block b;
	bool none = false, ok = true;

	block_init(&b);
	b.id = s->texts_at ? s->texts_at : INT64_MAX;
	for (unsigned i = 0; ok && !none && i < LOOKED_AT; i++) {
		ok = block_before(s, &b, &none, e);
		if (ok && !none && any_gone(s, &b, keep, data))
			ok = rewrite(s, &b.id, 1, keep, data, e);
	}
	s->texts_at = none ? 0 : b.id;
	block_fini(&b);
	return ok;
}

bool search_texts_tidy(struct search *s, search_keep_fn *keep, void *data, bool *more, struct err *e)
{
	return join_small(s, keep, data, more, e) && (*more || clean_some(s, keep, data, e));
}
