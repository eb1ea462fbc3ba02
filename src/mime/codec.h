/*
 * Content-Transfer-Encoding, RFC 2045 section 6, uuencode and yEnc. Decoders take what there is: garbage
 * inside base64, missing padding, soft breaks with blanks; they never fail. Each is a small state
 * that is fed in pieces, so a file of any size passes through a fixed buffer.
 */
#ifndef MIME_CODEC_H
#define MIME_CODEC_H

#include "base/str.h"

enum codec_kind {
	CODEC_7BIT,
	CODEC_8BIT,
	CODEC_BINARY, /* up to here the bytes are as they are */
	CODEC_QP,
	CODEC_BASE64,
	CODEC_UU,
	CODEC_YENC,
	CODEC_OTHER,
};

/* By the name in Content-Transfer-Encoding (x-uuencode, "quoted printable" and such included);
 * empty is 7bit. */
enum codec_kind codec_by_name(struct sv name);
const char *codec_name(enum codec_kind); /* "7bit", "quoted-printable", ... */

/* ---- decoding ---- */

struct codec {
	enum codec_kind kind;
	uint32_t bits; /* base64: what is collected */
	int have;      /* base64: sextets in bits; qp: state; yEnc: after "=" */
	/* qp: blanks that may be the end of a line; base64: what came behind padding, before it underscores; uu: a line */
	size_t held;
	char hold[128];
	bool done;     /* base64: padding seen; uu: end seen */
	bool ended;    /* base64: what follows is no base64 */
	bool odd;      /* something was wrong */
};
void codec_init(struct codec *, enum codec_kind);
/* Appends the decoded form of the next piece; false only when out is at its max. */
bool codec_decode(struct codec *, struct str *out, struct sv piece);
/* What is left inside at the end. */
bool codec_finish(struct codec *, struct str *out);
/* All at once. */
bool codec_decode_all(struct str *out, enum codec_kind, struct sv data,
	bool *odd /* may be NULL */);

/* ---- encoding ---- */

/* base64 in lines of 76 ended with LF (line_len 0: one line without LF). */
bool codec_base64(struct str *, struct sv data, size_t line_len);
/* Quoted-printable. text: LF (or CRLF) is a line break; else each CR and LF is encoded. "From " and
 * a lone "." at line starts are encoded so that nothing on the way changes them. */
bool codec_qp(struct str *, struct sv data, bool text);

/* What a body holds: decides its encoding. */
struct codec_stats {
	size_t bytes, lines, high, controls, nul, longest; /* longest line */
	bool bare_cr, from_line, dot_line, trailing_blank, no_final_lf;
};
void codec_scan(struct sv data, struct codec_stats *);
/* Has it a byte over 127? Ends at the first: for big binary data, of which no more need be known. */
bool codec_has_high(struct sv data);
/* The lightest encoding that arrives unchanged: 7bit, 8bit (if allowed), qp or base64. */
enum codec_kind codec_choose(const struct codec_stats *, bool is_text, bool allow_8bit);

#endif
