/*
 * Message identifiers, RFC 5322 section 3.6.4: kept with their angle brackets, "<left@right>".
 */
#ifndef MIME_MSGID_H
#define MIME_MSGID_H

#include "base/mem.h"
#include "base/str.h"

#define MSGID_MAX 998         /* bytes of one; longer ones are not ids */
#define MSGID_LIST_MAX 100000 /* ids of one field */
#define MSGID_REFERENCES_MAX 50 /* ids that an answer carries on */

struct msgid_list {
	const char **ids;
	size_t count;
};

/* The first <...> of a field body (folds and comments inside are undone); NULL when there is
 * none. */
const char *msgid_first(struct arena *, struct sv raw);
/* All of them, in order, each once. */
void msgid_list_parse(struct arena *, struct sv raw, struct msgid_list *);
/* References of an answer: those of the parent (else its single In-Reply-To) and its own id; at
 * most MSGID_REFERENCES_MAX: the first and the last ones stay. */
void msgid_reply_refs(struct arena *, const struct msgid_list *references, const struct msgid_list *in_reply_to,
	const char *message_id, struct msgid_list *out);
/* A new one: unique, says nothing of the machine but the domain (NULL or "":
 * "localhost.localdomain"). Under SOURCE_DATE_EPOCH it is made from seed alone. Caller frees. */
char *msgid_new(const char *domain, struct sv seed);

#endif
