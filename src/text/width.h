/*
 * Columns. Text that went through utf8_add_safe has the width that is said here on every terminal.
 */
#ifndef TEXT_WIDTH_H
#define TEXT_WIDTH_H

#include "base/str.h"

/* Columns of one code point: 0 for marks and invisible ones, 2 for wide, 1 for controls (shown
 * as one picture). */
int width_of_code(uint32_t code);
/* Columns of text (no tabs, no newlines: these count as 1). */
int width_of(struct sv text);
/* Columns when it starts in column `at` and tabs go to the next multiple of 8. */
int width_of_tabs(struct sv text, int at);
/* The longest head of whole characters (with their marks) that fits in columns; *used gets its
 * width (may be NULL). width_tail: the longest tail. */
struct sv width_head(struct sv text, int columns, int *used);
struct sv width_tail(struct sv text, int columns, int *used);

enum width_align { WIDTH_LEFT, WIDTH_RIGHT, WIDTH_CENTER };
/* Appends text in exactly `columns` columns: cut (with `ellipsis` as its last characters when not
 * empty) or filled with blanks. */
bool width_add(struct str *, struct sv text, int columns, enum width_align, const char *ellipsis);

#endif
