/*
 * What the writer has in memory before it becomes a segment: words once each, and for every word of
 * every message a pair of numbers. Bounded by the GATHER limits (search_is_full).
 */
#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "store/message.h"
#include "store/search_priv.h"

#define GATHER_DOCS 4096
#define GATHER_PAIRS (1u << 20)  /* 8 bytes each */
#define GATHER_TEXT (8u << 20)   /* bytes of words */
#define GATHER_KEPT (8u << 20)   /* bytes of packed texts */
#define GATHER_TEXT_MAX (64u << 20) /* a single message may hold this much; more words of it are not found */

struct gather_word {
	uint64_t hash;
	uint32_t text; /* where it begins in texts: its field, then the word */
	uint32_t len;
	uint32_t last; /* the last message it was in, plus one */
	uint32_t posts;
};

struct gather_pair {
	uint32_t word, doc;
};

struct gather {
	uint64_t *docs; /* in the order they came */
	size_t doc_count, doc_cap;
	struct gather_word *words;
	size_t word_count, word_cap;
	struct gather_pair *pairs;
	size_t pair_count, pair_cap;
	uint32_t *slots; /* index + 1 into words, 0: empty */
	size_t slot_count;
	struct str texts;
	unsigned field; /* being added */
	struct text_gather *kept;
};

#define SLOTS_FIRST 65536

struct gather *gather_new(void)
{
	struct gather *g = xcalloc(1, sizeof(*g));

	str_init(&g->texts, GATHER_TEXT_MAX);
	g->kept = text_gather_new();
	g->slot_count = SLOTS_FIRST;
	g->slots = xcalloc(g->slot_count, sizeof(*g->slots));
	return g;
}

void gather_free(struct gather *g)
{
	if (!g)
		return;
	text_gather_free(g->kept);
	str_fini(&g->texts);
	free(g->docs);
	free(g->words);
	free(g->pairs);
	free(g->slots);
	free(g);
}

static void grow_slots(struct gather *g)
{
	g->slot_count *= 2;
	free(g->slots);
	g->slots = xcalloc(g->slot_count, sizeof(*g->slots));
	for (size_t i = 0; i < g->word_count; i++) {
		size_t at = (size_t)g->words[i].hash & (g->slot_count - 1);

		while (g->slots[at])
			at = (at + 1) & (g->slot_count - 1);
		g->slots[at] = (uint32_t)i + 1;
	}
}

static bool is_word(const struct gather *g, const struct gather_word *w, uint64_t hash, struct sv word)
{
	return w->hash == hash && w->len == word.len && (unsigned char)g->texts.s[w->text] == g->field &&
	       memcmp(g->texts.s + w->text + 1, word.p, word.len) == 0;
}

/* The word's entry, made if need be; NULL: no room. */
static struct gather_word *find(struct gather *g, struct sv word)
{
	uint64_t hash = hash_of(word) + g->field;
	size_t at = (size_t)hash & (g->slot_count - 1);

	for (; g->slots[at]; at = (at + 1) & (g->slot_count - 1)) {
		struct gather_word *w = &g->words[g->slots[at] - 1];

		if (is_word(g, w, hash, word))
			return w;
	}
	uint32_t text = (uint32_t)g->texts.len;

	if (!str_addc(&g->texts, (char)g->field) || !str_add(&g->texts, word))
		return NULL;
	array_grow(g->words, g->word_count, g->word_cap);
	g->words[g->word_count] = (struct gather_word){.hash = hash, .text = text, .len = (uint32_t)word.len};
	g->slots[at] = (uint32_t)++g->word_count;
	if (g->word_count * 2 > g->slot_count)
		grow_slots(g);
	return &g->words[g->word_count - 1];
}

static void gather_word(void *data, struct sv word, bool odd)
{
	struct gather *g = data;
	uint32_t doc = (uint32_t)g->doc_count;

	if (odd) /* first: a new word may move the others */
		gather_word(g, SV(SEARCH_ODD_WORD), false);
	struct gather_word *w = find(g, word);

	if (!w || w->last == doc + 1)
		return;
	w->last = doc + 1;
	w->posts++;
	array_grow(g->pairs, g->pair_count, g->pair_cap);
	g->pairs[g->pair_count++] = (struct gather_pair){(uint32_t)(w - g->words), doc};
}

void search_add(struct search *s, uint64_t message, struct sv body, struct sv header)
{
	struct gather *g = s->gather;

	g->field = SEARCH_BODY;
	words_each(body, gather_word, g);
	g->field = SEARCH_HEADER;
	words_each(header, gather_word, g);
	array_grow(g->docs, g->doc_count, g->doc_cap);
	g->docs[g->doc_count++] = message;
	text_gather_add(g->kept, message, body, header);
}

bool search_is_full(const struct search *s)
{
	const struct gather *g = s->gather;

	return g->doc_count >= GATHER_DOCS || g->pair_count >= GATHER_PAIRS || g->texts.len >= GATHER_TEXT ||
	       text_gather_bytes(g->kept) >= GATHER_KEPT;
}

size_t search_pending(const struct search *s)
{
	return s->gather->doc_count;
}

/* ---- writing ---- */

struct numbered {
	uint64_t id;
	uint32_t doc;
};

static int by_id(const void *va, const void *vb)
{
	const struct numbered *a = va, *b = vb;

	return a->id < b->id ? -1 : a->id > b->id;
}

/* Numbers in the order of ids: ids[new], and new number of each old one. */
static uint32_t *number_docs(const struct gather *g, uint64_t *ids)
{
	struct numbered *list = xcalloc(g->doc_count, sizeof(*list));
	uint32_t *new_of = xcalloc(g->doc_count, sizeof(*new_of));

	for (size_t i = 0; i < g->doc_count; i++)
		list[i] = (struct numbered){g->docs[i], (uint32_t)i};
	qsort(list, g->doc_count, sizeof(*list), by_id);
	for (size_t i = 0; i < g->doc_count; i++) {
		ids[i] = list[i].id;
		new_of[list[i].doc] = (uint32_t)i;
	}
	free(list);
	return new_of;
}

struct sorted_word {
	const char *text;
	uint32_t len, word;
};

static int by_text(const void *va, const void *vb)
{
	const struct sorted_word *a = va, *b = vb;
	int cmp = memcmp(a->text, b->text, MIN(a->len, b->len));

	return cmp ? cmp : a->len < b->len ? -1 : a->len > b->len;
}

/* Fields come first in the texts, so they are in order, too. */
static struct sorted_word *sort_words(const struct gather *g)
{
	struct sorted_word *list = xcalloc(g->word_count + 1, sizeof(*list));

	for (size_t i = 0; i < g->word_count; i++)
		list[i] = (struct sorted_word){g->texts.s + g->words[i].text, g->words[i].len + 1, (uint32_t)i};
	qsort(list, g->word_count, sizeof(*list), by_text);
	return list;
}

static int by_number(const void *va, const void *vb)
{
	uint32_t a = *(const uint32_t *)va, b = *(const uint32_t *)vb;

	return a < b ? -1 : a > b;
}

/* Posts of all words side by side, from[word] where each begins. */
static uint32_t *lay_out(const struct gather *g, const uint32_t *new_of, size_t *from)
{
	uint32_t *posts = xcalloc(g->pair_count + 1, sizeof(*posts));
	size_t *at = xcalloc(g->word_count + 1, sizeof(*at)), sum = 0;

	for (size_t i = 0; i < g->word_count; i++) {
		from[i] = at[i] = sum;
		sum += g->words[i].posts;
	}
	for (size_t i = 0; i < g->pair_count; i++)
		posts[at[g->pairs[i].word]++] = new_of[g->pairs[i].doc];
	free(at);
	return posts;
}

static bool write_words(struct builder *b, const struct gather *g, const uint32_t *new_of, struct err *e)
{
	struct sorted_word *sorted = sort_words(g);
	size_t *from = xcalloc(g->word_count + 1, sizeof(*from));
	uint32_t *posts = lay_out(g, new_of, from);
	bool ok = true;

	for (size_t i = 0; ok && i < g->word_count; i++) {
		const struct sorted_word *w = &sorted[i];
		uint32_t *list = posts + from[w->word];
		size_t count = g->words[w->word].posts;

		qsort(list, count, sizeof(*list), by_number);
		ok = builder_add(b, (unsigned char)w->text[0], sv_make(w->text + 1, w->len - 1), list, count, e);
	}
	free(posts);
	free(from);
	free(sorted);
	return ok;
}

/* One page after the other. */
bool search_mark(struct search *s, const uint64_t *ids, size_t count, bool done, struct err *e)
{
	unsigned char bits[DONE_PAGE / 8];
	bool ok = true;

	for (size_t i = 0; ok && i < count;) {
		uint64_t mailbox = message_mailbox(ids[i]), page = message_uid(ids[i]) / DONE_PAGE;
		sqlite3_stmt *st = db_query(&s->db, e, "SELECT bits FROM done WHERE mailbox=? AND page=?", "uu", mailbox, page);

		memset(bits, 0, sizeof(bits));
		if (!st)
			return false;
		if (db_step(&s->db, st, e)) {
			struct sv was = db_blob(st, 0);

			memcpy(bits, was.p, MIN(was.len, sizeof(bits)));
			db_reset(st);
		}
		for (; i < count && message_mailbox(ids[i]) == mailbox && message_uid(ids[i]) / DONE_PAGE == page; i++) {
			uint32_t bit = (uint32_t)(message_uid(ids[i]) % DONE_PAGE);

			bit_set(bits, bit);
			if (!done)
				bits[bit >> 3] ^= (unsigned char)(1u << (bit & 7));
		}
		ok = db_run(&s->db, e, "INSERT OR REPLACE INTO done VALUES(?,?,?)", "uub", mailbox, page,
			sv_make((const char *)bits, sizeof(bits)));
	}
	return ok;
}

bool search_flush(struct search *s, struct err *e)
{
	struct gather *g = s->gather;
	struct builder b;
	bool ok;

	if (g->doc_count == 0)
		return true;
	uint64_t *ids = xcalloc(g->doc_count, sizeof(*ids));
	uint32_t *new_of = number_docs(g, ids);

	ok = search_begin(s, e);
	if (ok) {
		ok = builder_open(&b, s, ids, (uint32_t)g->doc_count, e) && write_words(&b, g, new_of, e) &&
		     builder_end(&b, e) && text_gather_write(g->kept, s, b.segment, e) && search_mark(s, ids, g->doc_count, true, e);
		builder_fini(&b);
		ok = search_end(s, ok, e);
	}
	free(new_of);
	free(ids);
	gather_free(g);
	s->gather = gather_new();
	return ok;
}
