/*
 * From what FETCH says of a message to the row that the store keeps of it.
 */
#ifndef SYNC_IMAP_ROW_H
#define SYNC_IMAP_ROW_H

#include "net/imap.h"
#include "store/message.h"

struct row_rules;
struct spam_rules;

/*
 * The items of a FETCH for rows, and for a comparison of flags, as far as this server has them. extra:
 * $imap_extra_data, what costs a server too much to be asked for by everybody (Dovecot needs half as
 * much again for 100,000 messages with previews).
 */
void imap_row_items(const struct imap *, struct sv extra, const struct spam_rules *, struct str *out);
void imap_flag_items(const struct imap *, struct str *out);

/* Texts lend from msg or the arena. NULL: no rules. */
void imap_row_of(struct arena *, uint64_t mailbox, const struct imap_msg *, const struct row_rules *,
	struct message_row *out);
/*
 * Flags of FETCH as those of a row; *words (in the arena) gets the other keywords, blanks between.
 */
unsigned imap_row_flags(struct arena *, const struct imap_msg *, struct sv *words);
/* On a server with labels: a keyword after all ("$Phishing"), and no label. */
bool imap_row_is_keyword(struct sv word);
/* Flags and words of an intent as the server takes them; texts lend from words or the arena. */
struct imap_wire_flags {
	unsigned bits;
	struct imap_words keywords; /* the first `optional` of them stand for flags of ours: a server may lack them */
	size_t optional;
	struct imap_words labels;   /* of Gmail, UTF-8 */
	struct sv refused;          /* a word that can be no keyword; empty: all can */
};
/* Flags that are ours alone are left out. */
void imap_flags_to_server(
	struct arena *, unsigned flags, struct sv words, bool gmail, struct imap_wire_flags *out);
/* As part_is_attachment (mime/part.h), for a part of BODYSTRUCTURE. */
bool imap_part_is_attachment(const struct imap_body *, size_t index);

#endif
