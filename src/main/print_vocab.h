/*
 * The vocabulary in words: for people, as JSON, as mdoc for feistrc(5), as a muttrc to start from.
 */
#ifndef MAIN_PRINT_VOCAB_H
#define MAIN_PRINT_VOCAB_H

#include "conf/conf.h"

#define PRINT_VOCAB_MAX (4 << 20)

extern const char print_vocab_kinds[]; /* "options functions ..." for messages */
extern const char print_vocab_formats[];

/* Appends; false when kind or format is unknown. conf: whose keys are printed. */
bool print_vocab(const struct conf *, const char *kind, const char *format, struct str *out);

#endif
