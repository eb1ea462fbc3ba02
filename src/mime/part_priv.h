/*
 * Between the parser of messages and what reads the fields of a part.
 */
#ifndef MIME_PART_PRIV_H
#define MIME_PART_PRIV_H

#include "mime/header_priv.h"
#include "mime/part.h"

/* A multipart or message whose end has not come. */
struct frame {
	struct part *part;
	struct part *last;  /* child */
	bool delimited;     /* a multipart that says a boundary */
	struct sv boundary; /* even an empty one: then its lines are "--" and "----" */
	uint32_t hash;      /* of the boundary */
	size_t children;
};

struct parser {
	struct arena *arena;
	const struct charset_rules *rules;
	struct sv text;
	struct frame stack[PART_DEPTH_MAX];
	int depth;
	struct header_buffer fields;
	struct part **list; /* heap while it grows */
	size_t count, cap;
	struct part *root;
	/* Its closing delimiter came: it ends (with its epilogue) at the next one outside. */
	struct part *closed;
	unsigned defects;
	struct sv preamble, epilogue;
	size_t decoded; /* bytes made to look inside, so far */
};

/* One more, not hung up anywhere; its offsets count in p->text. */
struct part *part_new(struct parser *);
/* A message of its own (its bytes live as long as the arena) becomes the child of a leaf. Needs depth_left. */
void part_parse_below(struct parser *, struct part *, struct sv message);
/* May something hang below it? */
bool part_has_room(const struct parser *, const struct part *);

/* ---- part_unpack.c ---- */

/* Files in a plain text become parts below it. */
void part_unpack_text(struct parser *, struct part *text);
/* All leaves that hold more than they say; p->list gets what is found at its end. */
void part_unpack_all(struct parser *);

/* ---- part_fields.c ---- */

/* text/plain, 7bit, nothing declared. */
void part_set_defaults(struct part *);
/* type and subtype from part->ctype.value. */
void part_read_type(struct arena *, struct part *);
/* Type, encoding, disposition and name from part->headers; kind follows. in_digest: RFC 2046
 * section 5.1.5. */
void part_read_fields(struct arena *, struct part *, const struct charset_rules *, bool in_digest);

#endif
