/*
 * search-A.db: which words stand in which messages of account A, and their texts. Only A's worker writes it, when it has
 * nothing else to do; everyone else opens it for reading. It can be rebuilt: a file that is damaged, of
 * another version, or made for another cache-A.db is thrown away by the writer.
 *
 * The index answers with the messages that were indexed (search_covers); the others are to be read.
 * Messages that have gone may still be in an answer: whoever asks knows which ones there are. A message
 * that comes under a new id (moved) is new here.
 *
 * What the words are: text/words.h. How it is laid out: search_priv.h and doc/adr.
 */
#ifndef STORE_SEARCH_H
#define STORE_SEARCH_H

#include "base/rx.h"
#include "store/cache.h"
#include "text/words.h"

struct search;

/* Which text of a message; each has words of its own. */
enum search_field {
	SEARCH_BODY,   /* mime/body_text.h */
	SEARCH_HEADER, /* all header lines, decoded: "Name: value" */
	SEARCH_FIELDS
};

/*
 * For the file beside the cache's. CACHE_READ: ERR_GONE when there is none of our version for this very
 * cache. CACHE_WRITE makes it. The cache is lent until search_close.
 */
bool search_open(struct search **out, struct cache *, enum cache_mode, struct err *e) MUST_CHECK;
void search_close(struct search *); /* what was added and not flushed is forgotten; NULL is fine */
/* SQLite has found it damaged: the writer closes it, and search_open makes a new one. */
bool search_is_damaged(const struct search *);

/* ---- asking ---- */

/* A word as it must be; rx (lent): one that the expression is found in, text is not looked at. */
struct search_word {
	enum word_look look;
	const char *text; /* folded */
	size_t len;
	struct rx *rx;
};

#define SEARCH_WORDS_MAX WORD_WANTS_MAX

/*
 * A question: messages in whose field all the words stand. Answered in steps of some tenths of a
 * millisecond, so that a loop can go on in between; the file is read as it was at the first step.
 */
struct search_query;
/* Words are copied (an rx is lent until the end). words 0: all that are indexed. */
bool search_ask(struct search_query **out, struct search *, enum search_field, const struct search_word *words,
	size_t count, struct err *e) MUST_CHECK;
/* Works until clock_us() reaches until_us, at least one step. *more: not through yet. */
bool search_step(struct search_query *, int64_t until_us, bool *more, struct err *e) MUST_CHECK;
/* Message ids, ascending, each once; lent. Valid when there is no more to do. */
const uint64_t *search_result(const struct search_query *, size_t *count);
void search_query_free(struct search_query *); /* at any time; NULL is fine */

/* Messages with odd words (text/words.h), in which an expression may find more or less, have this one, too. */
#define SEARCH_ODD_WORD "\x01"

/*
 * What a text or an expression (as base/rx.h takes it; is_rx) asks of the index. Case is ignored unless
 * it has a capital letter, as everywhere. What the index cannot say is left to reading: `exact` tells that
 * its answer is the whole truth about messages it covers, but for those with SEARCH_ODD_WORD when
 * `but_odd`, which are to be read in any case; otherwise the answer holds all that match and perhaps more.
 * count 0: the index says nothing, all are to be read.
 */
struct search_plan {
	struct search_word words[SEARCH_WORDS_MAX];
	size_t count;
	bool exact, but_odd;
	struct word_want wants[SEARCH_WORDS_MAX];
	struct rx *rx;
};
void search_plan_init(struct search_plan *, const char *text, bool is_rx);
void search_plan_fini(struct search_plan *);

/*
 * Which messages of a mailbox are indexed: asked one after the other in any order, fastest in the order of
 * ids. Read once for a mailbox: take a new one when the file has changed (search_changed).
 */
struct search_cover;
struct search_cover *search_cover_new(struct search *, uint64_t mailbox); /* never NULL: what cannot be read covers nothing */
bool search_covers(const struct search_cover *, uint64_t message);
void search_cover_free(struct search_cover *); /* NULL is fine */
bool search_changed(struct search *);
/* Every message that the mailbox has in the cache is covered. Quick: what came last is looked at, no more. */
bool search_is_whole(struct search *, uint64_t mailbox);

/*
 * The texts of covered messages of a mailbox, one after the other, block by block (those that were indexed
 * last first): for questions that words cannot answer. A message may come twice, or not at all: then it is to
 * be read otherwise. wanted is asked before a text is given out, and before its block is unpacked.
 */
struct search_texts;
struct search_text {
	uint64_t message;
	struct sv body, header; /* as search_add got them; lent until the next one */
};
typedef bool search_wanted_fn(void *data, uint64_t message);
struct search_texts *search_texts_new(struct search *, uint64_t mailbox, search_wanted_fn *, void *data);
bool search_texts_next(struct search_texts *, struct search_text *out, struct err *e); /* false: the end, or an error */
void search_texts_free(struct search_texts *); /* NULL is fine */

/* ---- the writer ---- */

/*
 * Ids of messages that have bytes here and are not covered: newest first. Caller frees *ids.
 */
struct mailbox;
bool search_missing(struct search *, const struct mailbox *, uint64_t **ids, size_t *count, struct err *e) MUST_CHECK;
/* What a message of a mailbox may be taken for depends on the mailbox's UIDVALIDITY: another one forgets it all. */
bool search_begin_mailbox(struct search *, uint64_t mailbox, uint64_t uidvalidity, struct err *e) MUST_CHECK;
bool search_forget_mailbox(struct search *, uint64_t mailbox, struct err *e) MUST_CHECK;
/* For search_is_whole: call it when nothing is missing. */
bool search_note_whole(struct search *, const struct mailbox *, struct err *e) MUST_CHECK;
/* Adds a message with its texts to what is in memory. */
void search_add(struct search *, uint64_t message, struct sv body, struct sv header);
/* So much is in memory that it should be written. */
bool search_is_full(const struct search *);
/* Messages added since the last flush. */
size_t search_pending(const struct search *);
/* Writes it in one transaction: from then on they are covered. */
bool search_flush(struct search *, struct err *e) MUST_CHECK;

/*
 * Keeps the file in shape: some pieces become one, what has gone is left out. One bounded piece of work a
 * call (some ms, 2 MB); *more: go on. A kill in between leaves nothing but pages that are used again.
 * keep: false for messages that are not there any more.
 */
typedef bool search_keep_fn(void *data, uint64_t message);
bool search_tidy(struct search *, search_keep_fn *, void *data, bool *more, struct err *e) MUST_CHECK;

struct search_state {
	uint64_t messages; /* in the index, those that have gone included */
	uint64_t segments, bytes;
};
bool search_state(struct search *, struct search_state *out, struct err *e) MUST_CHECK;

#endif
