/*
 * From the bytes of a message, or its parsed header, to the row that the store keeps of it.
 */
#ifndef SYNC_ROW_H
#define SYNC_ROW_H

#include "mime/envelope.h"
#include "store/message.h"

struct spam_rules;

/* What the user has to say about it. */
struct row_rules {
	const char *assumed; /* $assumed_charset, for headers with bytes over 127 that say no character set; NULL: none */
	struct spam_rules *spam; /* spam.h; NULL: none */
};

/*
 * Fills subject, addresses, dates, ids, list and label of row from an envelope; texts in the arena.
 * date_sent becomes row->date_received (set it before) when the message has no date.
 */
void row_of_envelope(struct arena *, const struct envelope *, struct message_row *row);
/*
 * The same from the first bytes of a message; also ctype, and attachments and lines as far as they
 * can be seen (whole: bytes is all of the message). NULL: no rules.
 */
void row_of_bytes(struct arena *, struct sv bytes, bool whole, const struct row_rules *, struct message_row *row);
/* The same when the header of bytes is parsed already; CR as the only line end was turned into LF (headers_lf). */
void row_of_headers(struct arena *, const struct headers *, struct sv bytes, bool whole, const struct row_rules *,
	struct message_row *row);
/* Only attachments and shape, which stays unknown when parts may come behind bytes. row->ctype is there. */
void row_of_parts(struct arena *, struct sv bytes, bool whole, struct message_row *row);
/* Content type of the top in lower case: "text/plain" when it says nothing. */
const char *row_ctype(struct arena *, const struct headers *);

#endif
