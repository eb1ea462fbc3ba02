/*
 * Files inside a text: uuencoded ("begin 644 name" ... "end"), yEnc ("=ybegin line=128 size=9
 * name=..." ... "=yend", http://www.yenc.org/yenc-draft.1.3.txt) and BinHex (binhex.h).
 */
#ifndef MIME_TEXT_FILE_H
#define MIME_TEXT_FILE_H

#include "mime/codec.h"

struct text_file {
	size_t at, len;        /* from the first line to behind the last */
	enum codec_kind kind;  /* CODEC_UU, CODEC_YENC; CODEC_OTHER: BinHex, data are its letters */
	struct sv name;        /* foreign; of BinHex it is in the data */
	struct sv data;        /* the encoded lines between */
};

/* Can there be any? One quick look. */
bool text_file_possible(struct sv text);
/*
 * The next file at or after *at (moves *at behind it). A begin line of uuencode without lines that
 * fit or without an end is text; yEnc without its end goes to the end of the text, where nothing
 * else makes sense of it.
 */
bool text_file_find(struct sv text, size_t *at, struct text_file *);

#endif
