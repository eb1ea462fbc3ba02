/*
 * Asking the index of an account (store/search.h) about one term of a pattern on texts, in idle slices of
 * the loop. The worker is not needed: it may be busy, or not there.
 */
#ifndef CORE_WORD_SEARCH_H
#define CORE_WORD_SEARCH_H

#include "base/loop.h"
#include "core/pattern.h"

struct word_search;

struct word_answer {
	/* The worker has to look, too: not everything is indexed, or the index is not sure. */
	bool (*covers)(struct word_search *, uint64_t mailbox); /* valid during the call of done */
	struct word_search *search;
	const uint64_t *ids; /* of messages in the account's cache, ascending; lent */
	size_t count;
	bool exact; /* all of them match; else some may not */
};

/* answer NULL: there is no index. Called from the loop, once; the search is gone after it. */
typedef void word_search_fn(void *data, const struct word_answer *);
struct word_search *word_search_new(struct loop *, const char *cache_dir, const char *account, const struct pattern *,
	size_t term, word_search_fn *, void *data);
void word_search_cancel(struct word_search *); /* NULL is fine */

#endif
