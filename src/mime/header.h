/*
 * A block of header fields, RFC 5322 section 2.2 and 3.6: found with their offsets, unfolded and
 * decoded on demand. A block that is wrong somewhere (a line without a colon, no empty line before
 * the body) gives the fields that are there.
 */
#ifndef MIME_HEADER_H
#define MIME_HEADER_H

#include "base/mem.h"
#include "base/str.h"
#include "text/charset.h"

#define HEADER_FIELDS_MAX 1000000      /* fields of one block; more are not looked at */
#define HEADER_TEXT_MAX (4u << 20)     /* bytes of one decoded value */

struct header {
	struct sv name; /* as it stands, without the colon and blanks before it */
	/* after the colon up to the line end, folds and all; without the last CRLF */
	struct sv raw;
	size_t at;      /* offset of the name in the block's text */
	size_t len;     /* of the whole field with its line end */
};

struct headers {
	struct header *list; /* in the arena */
	size_t count;
	struct sv block;     /* the bytes of the block without the empty line */
	size_t body_at;      /* offset behind the empty line: where the body begins */
	bool no_blank;       /* the body began without an empty line */
	bool bad_line;       /* a line that is no field was stepped over */
	bool truncated;      /* over HEADER_FIELDS_MAX */
};

/*
 * A message whose lines end with CR alone, as old Macs wrote them: the same with LF, in the arena, so
 * that all offsets hold. Any other is given back as it is: with a single LF in it CRs are no line ends,
 * or one could hide a field.
 */
struct sv headers_lf(struct arena *, struct sv message);
/* text starts with the first field; a leading mbox "From " line (or ">From ") is stepped over.
 * Never fails. */
void headers_parse(struct arena *, struct sv text, struct headers *);
/* The first field of that name (ASCII case ignored) or NULL; *_after: the next one behind h. */
const struct header *headers_find(const struct headers *, const char *name);
const struct header *headers_after(const struct headers *, const struct header *h,
	const char *name);
const struct header *headers_last(const struct headers *, const char *name);
/* The raw value of the first field, trimmed; empty when absent. */
struct sv headers_raw(const struct headers *, const char *name);

/* Appends raw with its folds undone (CRLF + blank: the blank stays) and blanks at both ends
 * gone. */
bool header_unfold(struct str *, struct sv raw);
/*
 * The value as text: unfolded, encoded words (RFC 2047) and raw 8-bit bytes (RFC 6532, or by rules)
 * decoded. UTF-8, but not safe for a terminal.
 */
bool header_text(struct str *, struct sv raw, const struct charset_rules *);
char *header_text_in(struct arena *, struct sv raw, const struct charset_rules *); /* never NULL */

#endif
