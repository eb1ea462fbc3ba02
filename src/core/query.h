/*
 * What a virtual mailbox is made of, as `virtual-mailboxes` and the search prompt say it:
 *
 *   PATTERN                    tried on all mailboxes but \\Trash, \\Junk, \\Drafts and \\All
 *   inboxes [PATTERN]          on those of the inboxes
 *   account:NAME [PATTERN]     on those of one account
 *   feist://?query=TEXT        one of these, percent-encoded
 *   notmuch://...?query=TEXT   notmuch's language, as far as a pattern can say it: words and "phrases",
 *                              from: to: subject: tag: is: id: attachment:, and or not ( ) *
 */
#ifndef CORE_QUERY_H
#define CORE_QUERY_H

#include "base/err.h"

struct query {
	bool inboxes;
	char *account; /* NULL: all */
	char *pattern; /* "": everything */
};

/* ERR_INPUT: something that cannot be said here. */
bool query_parse(const char *text, struct query *out, struct err *e) MUST_CHECK;
void query_fini(struct query *);

#endif
