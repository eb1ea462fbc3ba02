/*
 * The layout of search-A.db. A segment is the index of some messages and never changes: their ids in
 * ascending order (table docs; a message is a number in its segment), and for each field its words in
 * order, cut into blocks. A block is two blobs: `words`, which a search reads from end to end, since what
 * is looked for may stand anywhere in a word, and `posts`, of which it reads what it needs.
 *
 * words: count, length of the text (4 bytes each, little endian), the text "\0word\0word\0", and for each
 * word the length of its posts (varint). posts of a word: varint of twice their number, plus one for a bit
 * map of the segment's messages; else differences (varint), the first one from 0.
 *
 * search_add gathers in memory (struct gather), search_flush writes it as a new segment, search_tidy makes
 * one of several of about the same size. A mailbox that begins anew has its number of the first segment
 * that may speak of it (mailbox.born).
 *
 * Beside them the texts (search_text.c).
 */
#ifndef STORE_SEARCH_PRIV_H
#define STORE_SEARCH_PRIV_H

#include "store/cache_priv.h"
#include "store/search.h"

#define SEARCH_APP 0x66737478 /* "fstx" */
#define SEARCH_VERSION 2

#define DOCS_PAGE 4096           /* ids in a row of docs, 8 bytes each, little endian */
#define DONE_PAGE 8192           /* UIDs in a row of done, a bit each */
#define BLOCK_WORDS (12u << 10)  /* bytes of text of a block */
#define BLOCK_POSTS (64u << 10)
#define WORDS_HEAD 8             /* bytes of a block before its text */
#define SEGMENT_DOCS_MAX 262144  /* larger ones are not put together */
#define SEGMENT_FAN 6            /* so many of a size become one */

enum segment_state { SEGMENT_COMING, SEGMENT_LIVE, SEGMENT_DEAD };

struct gather;
struct tidying;

struct search {
	struct db db;
	struct cache *cache;
	bool writer;
	struct gather *gather;   /* writer, search_gather.c */
	struct tidying *tidying; /* writer, search_tidy.c: what is being put together */
	int64_t texts_at;        /* writer, search_text.c: the block that was cleaned last; 0: begin at the end */
};

static inline int64_t block_id(int64_t segment, unsigned field, uint32_t n)
{
	return segment << 32 | (int64_t)field << 24 | (int64_t)n;
}
#define BLOCKS_MAX (1u << 24)

/* ---- numbers ---- */

static inline size_t varint_put(unsigned char out[5], uint32_t v)
{
	size_t n = 0;

	while (v >= 0x80) {
		out[n++] = (unsigned char)(v | 0x80);
		v >>= 7;
	}
	out[n++] = (unsigned char)v;
	return n;
}

/* False at the end of the bytes: they are damaged. */
static inline bool varint_take(const unsigned char **p, const unsigned char *end, uint32_t *out)
{
	uint32_t v = 0;

	for (unsigned shift = 0; *p < end && shift < 35; shift += 7) {
		unsigned char c = *(*p)++;

		v |= (uint32_t)(c & 0x7f) << shift;
		if (!(c & 0x80)) {
			*out = v;
			return true;
		}
	}
	return false;
}

static inline uint32_t le32(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	return u[0] | (uint32_t)u[1] << 8 | (uint32_t)u[2] << 16 | (uint32_t)u[3] << 24;
}

static inline uint64_t le64(const char *p)
{
	return le32(p) | (uint64_t)le32(p + 4) << 32;
}

static inline void le32_put(char *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (char)(v >> 8 * i);
}

static inline void le64_put(char *p, uint64_t v)
{
	le32_put(p, (uint32_t)v);
	le32_put(p + 4, (uint32_t)(v >> 32));
}

static inline void bit_set(unsigned char *map, uint32_t n)
{
	map[n >> 3] |= (unsigned char)(1u << (n & 7));
}

static inline bool bit_is(const unsigned char *map, uint32_t n)
{
	return map[n >> 3] >> (n & 7) & 1;
}

/* ---- search.c ---- */

bool search_begin(struct search *, struct err *e) MUST_CHECK;
/* Commits when ok, else rolls back and stays false. */
bool search_end(struct search *, bool ok, struct err *e) MUST_CHECK;
/* ERR_DISK, and the file counts as damaged. Always false. */
bool search_bad(struct search *, struct err *e, const char *what);
/* The first segment that may speak of the mailbox; INT64_MAX: none does. */
int64_t search_born(struct search *, uint64_t mailbox);
/* The ids of a segment; *ids is an array of docs entries (caller frees). */
bool search_docs(struct search *, int64_t segment, uint32_t docs, uint64_t **ids, struct err *e) MUST_CHECK;

/* ---- search_block.c: writing and reading segments ---- */

struct builder {
	struct search *s;
	int64_t segment;
	uint32_t docs; /* of the segment */
	unsigned field;
	uint32_t n, count;
	struct str words, lens, posts, one;
	unsigned char *map; /* for dense words */
	uint64_t bytes;
};
/* ids ascending. Inside the caller's transaction; so are the others. */
bool builder_open(struct builder *, struct search *, const uint64_t *ids, uint32_t docs, struct err *e) MUST_CHECK;
/* Words of a field in the order of their bytes, fields in order; posts ascending. */
bool builder_add(struct builder *, unsigned field, struct sv word, const uint32_t *posts, size_t count, struct err *e)
	MUST_CHECK;
/* The last block; the segment lives. */
bool builder_end(struct builder *, struct err *e) MUST_CHECK;
void builder_fini(struct builder *);

/* A block as it lies in the file; false: it makes no sense. */
struct block_words {
	uint32_t count;
	struct sv text; /* from its first NUL to its last */
	const unsigned char *lens, *end;
};
bool block_parse(struct sv words, struct block_words *out);
/* Posts appended to out (room for docs). False: damaged. */
bool posts_take(struct sv posts, uint32_t docs, uint32_t *out, size_t *count);
/* Posts as bits set in map. */
bool posts_map(struct sv posts, uint32_t docs, unsigned char *map);

/* ---- search_gather.c ---- */
/* Notes that messages (ids in order) are covered, or no longer. Inside the caller's transaction. */
bool search_mark(struct search *, const uint64_t *ids, size_t count, bool done, struct err *e) MUST_CHECK;
struct gather *gather_new(void);
void gather_free(struct gather *); /* NULL is fine */

/* ---- search_text.c: texts are gathered beside their words, and written in the same transaction ---- */
struct text_gather;
struct text_gather *text_gather_new(void);
void text_gather_free(struct text_gather *); /* NULL is fine */
void text_gather_add(struct text_gather *, uint64_t message, struct sv body, struct sv header);
size_t text_gather_bytes(const struct text_gather *); /* packed, in memory */
bool text_gather_write(struct text_gather *, struct search *, int64_t segment, struct err *e) MUST_CHECK;
/* A piece of work on them, as search_tidy; *more: there is another at once. */
bool search_texts_tidy(struct search *, search_keep_fn *, void *data, bool *more, struct err *e) MUST_CHECK;

/* ---- search_tidy.c ---- */
void tidying_free(struct tidying *); /* NULL is fine */

#endif
