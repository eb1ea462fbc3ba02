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

/* Is this row a piece? Then its body is asked for as a whole. */
bool pieces_is_piece(struct view *, uint32_t row);
/*
 * Puts a digest in the place of the body of a piece: that, and behind it the pieces near it that are
 * here, for the option pieces=yes of the renderer. False, and nothing is done, when the row is no piece.
 */
bool pieces_collect(struct session *, struct view *, uint64_t key, struct body *);

#endif
