/*
 * Between the files of addr: a list that is being built.
 */
#ifndef MIME_ADDR_PRIV_H
#define MIME_ADDR_PRIV_H

#include "mime/addr.h"

/* Room for one entry more; takes the strings as they are (they are in the arena already). */
void addr_list_put(struct arena *, struct addr_list *, enum addr_kind, const char *name,
	const char *addr);

/*
 * Takes the next entry when it is one of the plain ones, with its comma, and puts it into the list. False: nothing was
 * taken, and what comes may be anything.
 */
bool addr_take_plain(struct arena *, struct scan *, struct addr_list *);
/* As addr_parse, but with all entries read by tokens: the tests hold one against the other. */
void addr_parse_tokens(struct arena *, struct sv text, const struct charset_rules *, struct addr_list *out);

#endif
