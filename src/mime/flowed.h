/*
 * format=flowed, RFC 3676: text whose soft line breaks end in a blank (DelSp: which is not part of
 * it).
 */
#ifndef MIME_FLOWED_H
#define MIME_FLOWED_H

#include "base/str.h"

#define FLOWED_QUOTE_MAX 1000 /* '>' counted */

/* Takes paragraph by paragraph off a flowed text: initialise with the text. */
struct flowed {
	struct sv rest;
	bool delsp;
};
/*
 * The next paragraph: its quote depth, and its text in para (cleared first): soft breaks joined,
 * stuffing gone. fixed: it was a fixed line (may be wrapped only where it must). False at the end.
 */
bool flowed_next(struct flowed *, int *quote_depth, struct str *para, bool *fixed);
/* Appends the whole text for reading: quotes as "> " each level ("prefix" style of mutt: ">>"
 * then a blank), each paragraph on one line (columns 0) or wrapped. */
bool flowed_to_text(struct str *, struct sv text, bool delsp, int columns);
/* For sending: space-stuffs lines that start with a blank or "From "; those that start with '>' are
 * quotes. */
bool flowed_stuff(struct str *, struct sv text);

#endif
