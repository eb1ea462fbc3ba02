/*
 * A message as a tree of parts, RFC 2045 and 2046. The parser is pure (bytes in, tree out), linear
 * in the size of the message, never recursive, and never fails: what is wrong stands in `defects`,
 * and a message that makes no sense is one text part. Nothing is decoded before it is asked for; a
 * part is a pair of offsets into the message, which must outlive the tree.
 *
 * Ids are those of IMAP (RFC 9051 section 6.4.5): "1", "2.1"; a message that is one part is "1". A
 * message/rfc822 part in base64 (forbidden, and sent every day) is decoded and opened, too. A
 * multipart that is the top of a message has no number there; here it is "0", and "2.0" inside the
 * message/rfc822 part "2".
 *
 * What is packed inside a leaf in ways of its own is below it as parts that no server counts (made):
 * files in a plain text, uuencoded or yEnc ("1.u1"); what winmail.dat holds ("2.t1"); the file of an
 * AppleSingle ("2.a1"); the message of which all pieces are here (message/partial, "1.p1", below the
 * first piece). The leaf stays what it is.
 */
#ifndef MIME_PART_H
#define MIME_PART_H

#include "base/err.h"
#include "mime/codec.h"
#include "mime/header.h"
#include "mime/param.h"

#define PART_DEPTH_MAX 100      /* nested multiparts and messages; deeper ones are leaves */
#define PART_ENCODED_MAX (64u << 20) /* bytes that are decoded to look inside, in one message */
#define PART_COUNT_MAX 100000   /* parts of one message; the rest is left out */
#define PART_BOUNDARY_MAX 998   /* bytes of a boundary that are looked at (RFC: 70) */
#define PART_TEXT_MAX (16u << 20) /* bytes of text made from one part */

enum part_kind {
	PART_LEAF,
	PART_MULTIPART, /* children: its parts */
	/* message/rfc822 or message/global: one child, the top of the message inside */
	PART_MESSAGE,
};

enum part_made { PART_REAL, PART_TEXT_FILE, PART_TNEF, PART_APPLE, PART_JOINED };

enum part_defect { /* of one part; bits */
	PART_NO_BOUNDARY = 1,        /* multipart without a boundary parameter: read as text */
	PART_BOUNDARY_MISSING = 2,   /* its boundary never comes: no parts */
	PART_UNTERMINATED = 4,       /* no closing boundary */
	PART_BAD_TYPE = 8,           /* Content-Type that cannot be read */
	PART_BAD_ENCODING = 16,      /* unknown Content-Transfer-Encoding: read as it is */
	/* multipart or message with base64 or quoted-printable: RFC forbids it */
	PART_ENCODED_MULTIPART = 32,
	PART_BAD_HEADER = 64,        /* a line that is no field, or no empty line before the body */
	PART_TOO_DEEP = 128,
	PART_TOO_MANY = 256,
	PART_HEADERS_TRUNCATED = 512,
	PART_8BIT_HEADER = 1024,     /* raw 8-bit bytes in a header that are not UTF-8 */
	PART_DUPLICATE_FIELD = 2048, /* two Content-Type or Content-Transfer-Encoding fields */
	PART_NUL = 4096,             /* NUL bytes in the header */
	PART_BAD_TNEF = 8192,        /* winmail.dat that ends too early, or is none */
	PART_PIECES_MISSING = 16384, /* message/partial whose other pieces are not all in this message */
};
#define PART_DEFECTS 15
const char *part_defect_name(unsigned bit_index); /* "no-boundary", ... */

struct part {
	struct part *parent, *child, *next; /* first child, next sibling */
	const char *id;
	enum part_kind kind;
	const char *type, *subtype; /* lower case: "text", "plain"; never NULL */
	struct params ctype;        /* parameters of Content-Type */
	const char *charset;        /* as declared, lower case; "" when it is not */
	enum codec_kind encoding;
	const char *encoding_name;  /* as declared, lower case; "7bit" when it is not */
	const char *disposition;    /* "inline", "attachment", "" or another word, lower case */
	/* Decoded, from Content-Disposition, Content-Type or what it was unpacked from; NULL when there is none.
	 * Foreign: fs_safe_name before it is used. */
	const char *filename;
	struct headers headers;     /* of the part; for the top of a message those of the message */
	/* What the offsets count in: the message, or decoded bytes of a part above. */
	struct sv source;
	size_t head_at, body_at, body_len;
	bool is_top;                /* first part of a message: headers are a message's headers */
	enum part_made made;        /* not PART_REAL: has no header, or (PART_JOINED) one of its own */
	unsigned defects;
};

struct part_tree {
	struct sv message;   /* as given; or in the arena, when its line ends were CR */
	struct part *root;   /* never NULL */
	struct part **list;  /* all of them, in the order of the message (parents first) */
	size_t count;
	struct arena *arena; /* lent */
	unsigned defects;    /* of all */
	struct sv preamble, epilogue; /* of the root multipart */
};

/* The tree lives in the arena. rules: for names of files; may be NULL. */
struct part_tree *part_parse(struct arena *, struct sv message, const struct charset_rules *);
struct part *part_by_id(const struct part_tree *, const char *id); /* NULL when there is none */
/* Next in document order, without going above root: for walking without recursion. */
struct part *part_walk(const struct part *root, const struct part *at);
bool part_is(const struct part *, const char *type, const char *subtype /* NULL: any */);
/* What a reader calls an attachment: disposition says so, or a leaf with a name that is no text
 * or an unnamed leaf that is neither text nor part of multipart/related or a signature. */
bool part_is_attachment(const struct part *);
/*
 * What a person may want to keep as a file: an attachment, or any leaf with a name of its own, also
 * an image shown inside HTML. The list of --dump and --save-attachments; the index counts only
 * part_is_attachment, or each logo of a newsletter would be one.
 */
bool part_is_file(const struct part *);
/* "multipart/mixed(text/plain,application/pdf)", without what is made. */
bool part_tree_text(struct str *, const struct part_tree *);

/* The body as it stands in the message. */
struct sv part_raw(const struct part_tree *, const struct part *);
/* Appends the decoded bytes. Text parts keep their line ends. ERR_LIMIT when out is full. */
bool part_decode(struct str *out, const struct part_tree *, const struct part *,
	struct err *e) MUST_CHECK;
/* The same in pieces of at most 64 KiB: fn returns false to stop (with *e set). */
typedef bool part_sink(void *data, struct sv piece, struct err *e);
bool part_decode_to(const struct part_tree *, const struct part *, part_sink *fn, void *data,
	struct err *e) MUST_CHECK;
/* Decoded size without keeping it. */
size_t part_size(const struct part_tree *, const struct part *);
/*
 * Appends the text of a text part: decoded, UTF-8 (by its charset, a BOM, a <meta> of HTML, or
 * rules), line ends LF. Not wrapped, not safe for a terminal. format=flowed is left to
 * mime/flowed.h.
 */
bool part_text(struct str *out, const struct part_tree *, const struct part *, const struct charset_rules *,
	struct charset_report *report /* may be NULL */, struct err *e) MUST_CHECK;

#endif
