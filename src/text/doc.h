/*
 * The styled document: what feist-render makes of a message and what the ui shows. Lines of text
 * with spans of style, the parts of the message, its links, its decoded headers, and complaints.
 *
 * A document crosses a wall: the renderer has read foreign bytes and is not trusted, so doc_decode
 * checks everything again. What it accepts is sound UTF-8 without control or bidi characters, every
 * index is inside its list, every size under its limit; the ui may print it without another look.
 */
#ifndef TEXT_DOC_H
#define TEXT_DOC_H

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

#define DOC_TEXT_MAX (64u << 20) /* bytes of all lines together */
#define DOC_LINES_MAX (2u << 20)
#define DOC_SPANS_MAX (4u << 20)
#define DOC_LINE_MAX (1u << 20) /* bytes of one line; longer ones are broken */
#define DOC_PARTS_MAX 10000u
#define DOC_LINKS_MAX 20000u
#define DOC_HEADERS_MAX 20000u
#define DOC_DEFECTS_MAX 200u
#define DOC_NAME_MAX 4096u /* part ids, types, file names ... */
#define DOC_URL_MAX 65536u
#define DOC_VALUE_MAX (1u << 20)   /* one header value */
#define DOC_BYTES_MAX (256u << 20) /* the whole encoded document */

enum doc_style {
	DOC_BOLD = 1 << 0,
	DOC_ITALIC = 1 << 1,
	DOC_UNDERLINE = 1 << 2,
	DOC_STRIKE = 1 << 3,
	DOC_CODE = 1 << 4,
	DOC_DIM = 1 << 5,
	DOC_HEADING = 1 << 6,
	DOC_NAME = 1 << 7,     /* the field name of a header line */
	DOC_QMARK = 1 << 8,    /* the quote markers before a quoted line ("> ") */
	DOC_WRAPMARK = 1 << 9, /* the "+" of $markers */
	DOC_LINKREF = 1 << 10, /* the "[3]" after a link */
	DOC_ALT = 1 << 11,     /* stands for an image */
	DOC_RULE = 1 << 12,    /* lines drawn by us: table borders, <hr> */
	DOC_STYLES = (1 << 13) - 1,
};

enum doc_kind {
	DOC_BODY,
	DOC_HEADER, /* of the message, or of a message inside it (then quoted by an attachment line) */
	DOC_SIGNATURE,
	DOC_ATTACH,    /* "-- Attachment 2 ..." and what belongs to it */
	DOC_NOTE,      /* said by feist, not by the message */
	DOC_DIFF_FILE, /* "diff --git", "---", "+++", "index" */
	DOC_DIFF_HUNK, /* "@@ ... @@" */
	DOC_DIFF_ADD,
	DOC_DIFF_DEL,
	DOC_SOURCE, /* mode=source: the message as it came */
	DOC_KINDS
};

#define DOC_COLOR_NONE 0u
#define DOC_COLOR_RGB 0x1000000u /* | 0xrrggbb */

/* A stretch of one line that looks the same. Spans are in order and cover their line without gaps. */
struct doc_span {
	uint32_t len; /* bytes */
	uint32_t fg,
		bg; /* DOC_COLOR_NONE or DOC_COLOR_RGB | 0xrrggbb, already readable on each other */
	uint16_t style; /* enum doc_style */
	uint16_t link;  /* 0, or the number of a link: links[link - 1] */
};

enum { DOC_LINE_CONT = 1 /* goes on with the line before (was wrapped there) */ };

struct doc_line {
	uint32_t at, len;     /* bytes in doc->text, no newline */
	uint32_t span, spans; /* first in doc->spans, and how many */
	uint16_t part;        /* index into parts: where the line comes from */
	uint8_t kind;         /* enum doc_kind */
	uint8_t quote;        /* quote level, 0: not quoted */
	uint8_t flags;
};

enum doc_part_flags {
	DOC_PART_MULTI = 1 << 0,      /* a container: multipart/x or message/rfc822 */
	DOC_PART_ATTACHMENT = 1 << 1, /* listed as an attachment (--dump "attachments") */
	DOC_PART_SHOWN = 1 << 2,      /* its content is among the lines */
	DOC_PART_ON_SERVER = 1 << 3,  /* not here: fetch section `id` first */
	DOC_PART_WANTS_VIEW =
		1 << 4, /* matches auto_view: run its mailcap filter and give the output back */
	DOC_PART_ENCRYPTED = 1 << 5,
	DOC_PART_SIGNED = 1 << 6,
	DOC_PART_INLINE = 1 << 7, /* disposition inline or none */
	DOC_PART_FLAGS = (1 << 8) - 1,
};

struct doc_param {
	const char *name, *value; /* name in lower case */
};

/* Strings are never NULL: empty when absent. All are safe to show. */
struct doc_part {
	const char
		*id; /* "1.2": as IMAP numbers sections; "0" the message when it is a container */
	const char *type; /* "text/plain", lower case */
	const char *charset;
	const char *encoding;    /* "7bit", "base64" ... lower case */
	const char *disposition; /* "inline", "attachment" or "" */
	const char *filename;    /* decoded, as the sender wrote it: for show only */
	const char *safe_name;   /* to create a file with; "" for a multipart */
	const char *description;
	const char *content_id;
	const char *summary;      /* a word on the content: "Thu 26 Nov 14:00" for an invitation, a message's subject */
	struct doc_param *params; /* of Content-Type, for %{name} in mailcap */
	uint32_t param_count;
	uint32_t flags; /* enum doc_part_flags */
	uint64_t size;  /* decoded bytes (estimated when on the server) */
	uint32_t depth; /* 0: the message itself */
	uint32_t line;  /* first line about it */
	int32_t parent; /* index, -1: none; always before its children */
};

struct doc_link {
	const char *url;
	const char *text; /* what it was shown as, may be empty */
	uint32_t line;
};

/*
 * One field of the message's own header, unfolded and decoded. Fields with addresses are written so
 * that they parse again into the same addresses (names quoted where they must be).
 */
struct doc_header {
	const char *name, *value;
};

enum doc_flags {
	DOC_CUT = 1 << 0,      /* a limit was reached: not everything is here */
	DOC_BROKEN = 1 << 1,   /* could not be parsed: shown raw */
	DOC_HAS_HTML = 1 << 2, /* the body shown is HTML */
	DOC_FLOWED = 1 << 3,   /* the body shown is format=flowed */
	DOC_PARTIAL = 1 << 4,  /* something shown needs a part that is on the server */
	DOC_FLAGS = (1 << 5) - 1,
};

enum doc_crypto {
	DOC_CRYPTO_NONE,
	DOC_CRYPTO_PGP,
	DOC_CRYPTO_SMIME,
	DOC_CRYPTO_PGP_INLINE,
	DOC_CRYPTO_KINDS
};

struct doc_rest;

struct doc {
	struct arena *arena; /* all strings and lists below; lines, spans and text of a decoded document: rest */
	const char *text; /* no NUL at its end */
	uint32_t text_len;
	struct doc_rest *rest; /* a decoded document: what doc_line goes on with; else NULL */
	struct doc_line *lines; /* readers ask doc_line: one that nobody has asked for may not be there yet */
	uint32_t line_count;
	struct doc_span *spans;
	uint32_t span_count;
	struct doc_part *parts;
	uint32_t part_count;
	struct doc_link *links;
	uint32_t link_count;
	struct doc_header *headers;
	uint32_t header_count;
	const char **defects;
	uint32_t defect_count;
	uint32_t flags;          /* enum doc_flags */
	uint32_t images_blocked; /* remote images that were not loaded */
	uint32_t body_line;      /* first line after the header */
	uint8_t crypto;          /* enum doc_crypto */
	const char *body_type;   /* type of the (first) part that is shown, "text/html" */
};

void doc_free(struct doc *); /* NULL is fine */
/* Decodes as far as this line (doc_open). */
void doc_read_to(const struct doc *, uint32_t line);
/* line < line_count. Its spans are there, too. */
static inline const struct doc_line *doc_line(const struct doc *d, uint32_t line)
{
	if (d->rest)
		doc_read_to(d, line);
	return &d->lines[line];
}
static inline struct sv doc_line_text(const struct doc *d, uint32_t line)
{
	const struct doc_line *l = doc_line(d, line);

	return sv_make(d->text + l->at, l->len);
}
/* The part with this id, or NULL. */
const struct doc_part *doc_part_by_id(const struct doc *, const char *id);
/* First header of this name (case folded), or NULL. */
const char *doc_header_value(const struct doc *, const char *name);
/* Lines [from, to) as text with newlines; false at out's max. */
bool doc_text(const struct doc *, uint32_t from, uint32_t to, struct str *out);

/* The bytes of a document; false (ERR_LIMIT) when out is full. */
bool doc_encode(const struct doc *, struct str *out, struct err *e) MUST_CHECK;
/* A document out of untrusted bytes; nothing in it points into them. NULL with ERR_PROTO or ERR_LIMIT. */
struct doc *doc_decode(struct sv bytes, struct err *e) MUST_CHECK;
/*
 * The same, but lines are decoded and checked when they are asked for, so that a text of any length opens at once.
 * Takes the bytes: they must never change, and `release` gets them when the document is freed, at once when NULL is
 * returned. A line that turns out to be bad is empty, so are all after it, and the document is DOC_CUT.
 */
typedef void doc_release_fn(struct sv bytes);
struct doc *doc_open(struct sv bytes, doc_release_fn *release, struct err *e) MUST_CHECK;

/*
 * Building one (renderer and tests). Text given here must be UTF-8; control and bidi characters in
 * it are replaced, tabs go to the next stop of 8. What goes over a limit is dropped and sets DOC_CUT.
 */
struct doc_build;
struct doc_build *doc_build_new(void);
void doc_build_free(struct doc_build *); /* NULL is fine */
/*
 * From now on (or no longer) a line of what the message says that reads like one of ours, "[-- Good signature --]",
 * gets DOC_GUARD before its bracket. Ours are the kinds DOC_ATTACH and DOC_NOTE, the source is nobody's.
 */
#define DOC_GUARD "\\"
void doc_build_guard(struct doc_build *, bool on);
/* Adds to the line under construction. */
void doc_add(struct doc_build *, struct sv text, const struct doc_span *look);
/* Ends it; the next line starts. */
void doc_end_line(
	struct doc_build *, enum doc_kind kind, unsigned quote, unsigned flags, unsigned part);
/* A whole line in one look. */
void doc_put_line(struct doc_build *, struct sv text, enum doc_kind kind, unsigned quote,
	unsigned style, unsigned part);
uint32_t doc_build_lines(const struct doc_build *); /* ended so far */
/* Lent until the next call that adds to the same list; NULL at the limit. */
struct doc_part *doc_add_part(struct doc_build *);
struct doc_part *doc_build_part(struct doc_build *, unsigned index);
unsigned doc_add_link(
	struct doc_build *, struct sv url, struct sv text); /* number, 0 at the limit */
void doc_add_header(struct doc_build *, struct sv name, struct sv value);
void doc_add_defect(struct doc_build *, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* A copy in the document's arena, made safe to show. */
const char *doc_string(struct doc_build *, struct sv text);
/* The head of the document: flags, crypto ... are set here by the builder's owner. */
struct doc *doc_build_head(struct doc_build *);
/* Hands the document out; the builder is gone. */
struct doc *doc_build_finish(struct doc_build *);
/* Lines of plain text, made safe to show. */
struct doc *doc_of_text(struct sv);

#endif
