/*
 * Regular expressions as a muttrc means them: POSIX extended syntax with GNU's \< \> \w, matched by
 * PCRE2 (JIT, match limit) over UTF-8; invalid bytes never match and never fail.
 */
#ifndef BASE_RX_H
#define BASE_RX_H

#include "base/err.h"
#include "base/str.h"

enum { RX_ICASE = 1, RX_NOSUB = 2, RX_SMARTCASE = 4 /* ignore case unless the pattern has upper case */ };
#define RX_GROUPS 10

struct rx;
/* pattern UTF-8. ERR_INPUT names what is wrong and where. */
struct rx *rx_new(const char *pattern, unsigned flags, struct err *e) MUST_CHECK;
void rx_free(struct rx *); /* NULL is fine */
const char *rx_pattern(const struct rx *);
/* A runaway match (limit reached) counts as no match. Thread of one process only. */
bool rx_match(struct rx *, struct sv subject);
/* One line of the text (sv_line) matches, each for itself. Much faster than going through them one by one. */
bool rx_match_line(struct rx *, struct sv text);
/* Byte offsets of the match and its groups ([n][0] = start, [n][1] = end, -1 when unset). */
bool rx_find(struct rx *, struct sv subject, size_t from, ptrdiff_t groups[RX_GROUPS][2]);
/* The same for a match that begins at the start of the subject; most lines that have none cost one look at a byte. */
bool rx_find_start(struct rx *, struct sv subject, ptrdiff_t groups[RX_GROUPS][2]);

/*
 * The longest text that stands in everything the pattern can match, for a search that knows no
 * expressions. *whole: the pattern is nothing but this text. False: there is none of at least two bytes.
 */
bool rx_literal(const char *pattern, struct str *out, bool *whole);
/* All such texts, in order; lent. False: there are none, whatever is there may be missing. */
typedef void rx_literal_fn(void *data, struct sv literal);
bool rx_literals(const char *pattern, rx_literal_fn *fn, void *data);
/*
 * Every match lies within one word of ASCII letters, digits and '_' (what stands next to it may be looked
 * at), so that a search may look at words alone. False when that is not certain.
 */
bool rx_is_in_word(const char *pattern);

#endif
