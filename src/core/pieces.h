/*
 * A message that was sent in pieces (message/partial), of which the others lie in the same view. The
 * renderer gets all of them and shows the message that they were; nothing of them is read here.
 */
#ifndef CORE_PIECES_H
#define CORE_PIECES_H

#include "core/session_priv.h"
#include "store/body.h"

#define PIECES_LOOK 1000            /* rows on both sides in which the others are looked for */
#define PIECES_MAX 200              /* messages; of other cut messages, too */
#define PIECES_BYTES_MAX (64u << 20)
#define PIECES_FETCH_MAX 100        /* messages that are fetched for one */

#define PIECES_BOUNDARY 24

/* The digest that is made: the piece that was asked for, and behind it the others. */
struct pieces {
	struct str text;
	char boundary[PIECES_BOUNDARY + 1]; /* nobody can know it before */
	unsigned count;
};
bool pieces_init(struct pieces *);
bool pieces_add(struct pieces *, struct sv message); /* false: no more fits, nothing was added */
bool pieces_end(struct pieces *);                    /* its text is whole now */
void pieces_fini(struct pieces *);
/* A whole message: is it one? */
bool pieces_is_piece_text(struct sv message);

/* Is this row a piece? Then its body is asked for as a whole. */
bool pieces_is_piece(struct view *, uint32_t row);
/*
 * Rows of pieces near this one whose bodies are on a server that can be asked now, at most max of them and
 * PIECES_BYTES_MAX in all: they must be here for pieces_collect to find them.
 */
size_t pieces_missing(struct session *, struct view *, uint64_t key, uint32_t *rows, size_t max);
/*
 * Puts a digest in the place of the body of a piece: that, and behind it the pieces near it that are
 * here, for the option pieces=yes of the renderer. False, and nothing is done, when the row is no piece.
 */
bool pieces_collect(struct session *, struct view *, uint64_t key, struct body *);

#endif
