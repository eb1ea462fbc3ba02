/*
 * The mbox format: messages after "From " lines (RFC 4155 and the older dialects: mboxo, mboxrd,
 * mboxcl).
 */
#ifndef MIME_MBOX_H
#define MIME_MBOX_H

#include "base/str.h"
#include "mime/date.h"

struct mbox_entry {
	size_t from_at;  /* offset of the "From " line */
	/* the message: headers and body, without the empty line before the next one */
	size_t at, len;
	size_t next_at;  /* where the next "From " line is, or the end of the data */
	struct sv sender; /* of the From line, may be empty */
	int64_t received; /* epoch of the From line, -1 when it has none */
};

/* Is this line (without LF) a separator? Sender and date are optional out-parameters. As strict
 * as mutt: a date must follow, so that "From here on" in a text is none. */
bool mbox_is_from(struct sv line, struct sv *sender, int64_t *epoch);
/* True when data can be an mbox: empty, or starts with a From line after blank lines. When that one
 * has no date ("From -", as some programs write), those of the whole mailbox need none, but a field
 * must follow each. */
bool mbox_is_mbox(struct sv data);
/*
 * The entry whose From line is at or after *at; moves *at behind it. Content-Length is believed
 * when a From line or the end stands where it points; else From lines decide: after an empty line
 * (or at the start). False at the end.
 */
bool mbox_next(struct sv data, size_t *at, struct mbox_entry *);

/*
 * Reading from the end: the first line at or after from that is surely meant as a separator (behind an empty line, with a
 * date, a field behind it). It may still be text of a message whose Content-Length covers it: who reads on from
 * there must arrive exactly at the From lines that were found before. False: there is none.
 */
bool mbox_resync(struct sv data, size_t from, size_t *at);

/* "From sender date\n" in UTC; an empty sender is written as MAILER-DAEMON, blanks in it as '-'. */
bool mbox_add_from_line(struct str *, struct sv sender, int64_t epoch);
/* Appends a message (LF or CRLF) in mboxrd form: lines matching >*From  get one '>' more; ends with
 * an empty line. mutt reads and writes this form. */
bool mbox_add_message(struct str *, struct sv message);
/* Appends the bytes of an entry with the escape undone (one '>' off each >+From  line). */
bool mbox_unescape(struct str *, struct sv message);

#endif
