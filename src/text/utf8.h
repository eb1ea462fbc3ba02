/*
 * UTF-8: decoding, checking, folding for search, stepping by what a reader sees as one character,
 * and the display filter: the one choke point through which every byte that comes from mail or a
 * server goes before it reaches a terminal.
 */
#ifndef TEXT_UTF8_H
#define TEXT_UTF8_H

#include "base/str.h"

#define UTF8_REPLACEMENT 0xFFFDu
#define UTF8_MAX 4
/* combining marks kept on one character (ncurses holds five code points) */
#define UTF8_MARKS_MAX 4

/* The code point at the start of s and how many bytes it takes (>= 1). Wrong bytes give U+FFFD: a
 * maximal wrong prefix at a time, as the Unicode standard recommends. s must not be empty. */
uint32_t utf8_decode(struct sv s, size_t *used);
/* The same, and tells a real U+FFFD from a wrong sequence. */
bool utf8_decode_ok(struct sv s, uint32_t *code, size_t *used);
/* Writes code (a wrong one as U+FFFD) and returns the number of bytes. */
size_t utf8_encode(uint32_t code, char out[UTF8_MAX]);
bool utf8_add(struct str *, uint32_t code);
bool utf8_is_valid(struct sv);
bool utf8_is_ascii(struct sv); /* no byte over 0x7f */
/* Appends s with each wrong sequence replaced by U+FFFD. */
bool utf8_add_fixed(struct str *, struct sv s);
size_t utf8_count(struct sv); /* code points */
/* At most n bytes of s, never cutting a character. */
struct sv utf8_head(struct sv s, size_t n);

/* Steps over one grapheme cluster: the offset behind the one at `at`, the start of the one
 * before `at`. */
size_t utf8_next(struct sv s, size_t at);
size_t utf8_prev(struct sv s, size_t at);

uint32_t utf8_lower(uint32_t code);
uint32_t utf8_upper(uint32_t code);
bool utf8_is_space(uint32_t code); /* all of White_Space */
bool utf8_is_word(uint32_t code);  /* letters, marks, digits, '_' */
bool utf8_is_control(uint32_t code);
bool utf8_is_bidi(uint32_t code);      /* embeddings, overrides, isolates, marks */
/* default ignorable: ZWSP, ZWJ, soft hyphen, BOM, tags ... */
bool utf8_is_invisible(uint32_t code);

/* For comparing and searching: NFKC casefold; with marks stripped "Müller" meets "muller". */
bool utf8_fold(struct str *, struct sv s, bool strip_marks);
/* Canonical composition (NFC), as names of files and mailboxes should be compared and written. */
bool utf8_nfc(struct str *, struct sv s);

enum {
	/* one line: CR, LF, tab and other controls become a space or a picture */
	UTF8_SAFE_LINE = 0,
	UTF8_SAFE_TEXT = 1,  /* LF and tab stay; CR is dropped before LF */
	/* $emoji=full: ZWJ sequences, skin tones and variation selectors stay */
	UTF8_SAFE_EMOJI = 2,
};
/*
 * Appends s so that every terminal shows the same columns and no byte can command it: wrong bytes
 * and characters without a width become U+FFFD, C0/C1 controls and DEL U+FFFD (one-line: runs of
 * blanks a space), bidi controls are dropped unless balanced isolates, of a ZWJ sequence the first
 * emoji stays, skin tones, variation selectors, keycap and tag characters go, at most
 * UTF8_MARKS_MAX marks.
 */
bool utf8_add_safe(struct str *, struct sv s, unsigned flags);
/* True when utf8_add_safe would change nothing (fast path for plain text). */
bool utf8_is_safe(struct sv s, unsigned flags);

#endif
