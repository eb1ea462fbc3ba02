/*
 * From what FETCH says of a message to the row that the store keeps of it.
 */
#ifndef SYNC_IMAP_ROW_H
#define SYNC_IMAP_ROW_H

#include "net/imap_fetch.h"
#include "store/message.h"

/* What imap_row_of needs: the items of a FETCH. */
#define IMAP_ROW_ITEMS \
	"UID FLAGS INTERNALDATE RFC822.SIZE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (DATE FROM " \
	"SENDER " \
	"REPLY-TO TO CC BCC SUBJECT MESSAGE-ID IN-REPLY-TO REFERENCES LIST-POST LIST-ID X-LABEL " \
	"LINES)]"
#define IMAP_ROW_ITEMS_MODSEQ IMAP_ROW_ITEMS " MODSEQ"

/* Texts lend from msg or the arena. */
void imap_row_of(
	struct arena *, uint64_t mailbox, const struct imap_msg *, struct message_row *out);
/*
 * Flags of FETCH as those of a row; *words (in the arena) gets the other keywords, blanks between.
 */
unsigned imap_row_flags(struct arena *, const struct imap_msg *, struct sv *words);
/*
 * Flags and words of an intent as bits of IMAP and keywords (in the arena). Those that are ours
 * alone are left out.
 */
unsigned imap_flags_to_server(
	struct arena *, unsigned flags, struct sv words, struct imap_words *keywords);
/* As part_is_attachment (mime/part.h), for a part of BODYSTRUCTURE. */
bool imap_part_is_attachment(const struct imap_body *, size_t index);

#endif
