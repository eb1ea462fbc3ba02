/*
 * Between the parser of messages and what reads the fields of a part.
 */
#ifndef MIME_PART_PRIV_H
#define MIME_PART_PRIV_H

#include "mime/part.h"

/* text/plain, 7bit, nothing declared. */
void part_set_defaults(struct part *);
/* Type, encoding, disposition and name from part->headers; kind follows. in_digest: RFC 2046
 * section 5.1.5. */
void part_read_fields(struct arena *, struct part *, const struct charset_rules *, bool in_digest);

#endif
