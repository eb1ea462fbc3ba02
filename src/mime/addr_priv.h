/*
 * Between the files of addr: a list that is being built.
 */
#ifndef MIME_ADDR_PRIV_H
#define MIME_ADDR_PRIV_H

#include "mime/addr.h"

/* Room for one entry more; takes the strings as they are (they are in the arena already). */
void addr_list_put(struct arena *, struct addr_list *, enum addr_kind, const char *name,
	const char *addr);

#endif
