/*
 * Breaking a paragraph into lines that fit: at blanks, after hyphens in words, between ideographs
 * (with the closing and opening punctuation rules), never inside a character with its marks; a word
 * that is too long is cut. Pure arithmetic over UTF-8: what a line looks like is the caller's.
 */
#ifndef TEXT_WRAP_H
#define TEXT_WRAP_H

#include "base/str.h"

#define WRAP_TAB 8

/*
 * text: what is left of one paragraph (no LF; not empty). Returns how many bytes stand on this line
 * (without the blanks at the break), at least one character's worth; *next gets where the next line
 * starts, text.len when there is none. column: where the line starts (indent, tabs count from 0).
 * smart false: break at the last column, whatever stands there (mutt's $smart_wrap unset).
 */
size_t wrap_line(struct sv text, int column, int columns, bool smart, size_t *next);

/* Appends text (may hold LFs) wrapped to columns, each line after `prefix` and ended with LF. */
bool wrap_text(struct str *out, struct sv text, int columns, const char *prefix);

#endif
