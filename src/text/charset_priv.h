/*
 * Character sets that are turned into a sister set before iconv sees them.
 */
#ifndef TEXT_CHARSET_PRIV_H
#define TEXT_CHARSET_PRIV_H

#include "base/str.h"

/* ISO-2022-JP (with half-width kana, JIS X 0212 and vendor rows) to EUC-JP. False when it uses
 * sets of ISO-2022-JP-2. */
bool charset_jis_to_euc(struct str *, struct sv bytes);
/* HZ (RFC 1843) to GB2312 as EUC-CN. False only at the max of out. */
bool charset_hz_to_gb(struct str *, struct sv bytes);
/* "utf-16le" or "utf-16be": by the byte order mark, which is stepped over, else by where the
 * zeros are. */
const char *charset_utf16_order(struct sv *bytes);
/* What bytes that are not UTF-8 are by the letters they would be; NULL when that is not clear. */
const char *charset_guess_script(struct sv bytes);

/* The single-byte set by its letters; words: whole words are beyond ASCII. NULL: it is no language that is known. */
const char *charset_guess_model(struct sv bytes, bool words);

#endif
