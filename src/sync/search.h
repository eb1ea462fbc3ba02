/*
 * Searching bytes that are here: a scan through the messages of a mailbox whose bodies the store
 * can open. For local mailboxes, and for what a server cannot search.
 */
#ifndef SYNC_SEARCH_H
#define SYNC_SEARCH_H

#include "base/rx.h"
#include "sync/box.h"

/* One term of a pattern in canonical form: ~b "some words", =h Received ... */
struct search_term {
	char what;       /* 'b' body, 'h' header, 'B' both */
	bool plain;      /* = instead of ~: a string, no regular expression */
	char *text;
	struct rx *rx;
};
/* ERR_INPUT: not a term on bytes. */
bool search_term_parse(struct sv query, struct search_term *out, struct err *e) MUST_CHECK;
void search_term_fini(struct search_term *);
/*
 * Header and text parts decoded; case as in mutt: ignored unless the term has an upper case letter.
 */
bool search_term_matches(struct search_term *, struct sv message);

/*
 * One message, with the bytes that are here: false when there are none. bytes: room of the caller
 * (str_init with SEARCH_BYTES_MAX), used again for the next.
 */
#define SEARCH_BYTES_MAX ((256u << 20) + 1)
bool search_read(struct cache *, uint64_t id, struct str *bytes);
bool search_message(struct cache *, uint64_t id, struct search_term *, struct str *bytes, bool *found);

/*
 * One term on all messages of a mailbox. What the index of words knows is not read; of what it does not, the
 * texts that are kept with it are (store/search.h), and then the messages themselves, newest first. A message
 * without bytes here does not match.
 */
struct search_found {
	/* id 0: one more was looked at. done of all that are to be read were. False: enough, ERR_CANCEL. */
	bool (*fn)(void *data, uint64_t id, size_t done, size_t all);
	void *data;
};
bool search_messages(struct host *, uint64_t mailbox, const char *query, const struct search_found *, struct err *e)
	MUST_CHECK;
/* The same for the ui: what is found is told in between (host_found), and whether it still wants it is asked. */
bool search_scan(struct host *, uint64_t mailbox, const char *query, struct err *e) MUST_CHECK;

#endif
