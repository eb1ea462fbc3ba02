/*
 * Writing a message: RFC 5322 and MIME from draft fields and parts. Line ends are LF (what files
 * and sendmail want; SMTP and IMAP make CRLF of them). The same input under SOURCE_DATE_EPOCH gives
 * the same bytes.
 */
#ifndef MIME_BUILD_H
#define MIME_BUILD_H

#include "base/err.h"
#include "mime/addr.h"
#include "mime/date.h"
#include "mime/msgid.h"
#include "mime/part.h"

#define BUILD_MAX (512u << 20) /* bytes of a finished message */
#define BUILD_DEPTH_MAX 20

struct build_field {
	const char *name;
	const char *value; /* UTF-8, one line */
};

/* One part: the text of the message, an attachment, or a multipart that holds others. */
struct build_part {
	/* "text/plain", "application/pdf", "multipart/alternative", "message/rfc822" */
	const char *type;
	struct sv data;          /* decoded bytes; text: UTF-8 with LF unless charset_done */
	bool charset_done;       /* data is already in `charset` */
	const char *charset;     /* NULL: the first of send_charset that fits (text only) */
	const char *encoding;    /* NULL: the lightest that is safe; else a name as codec_by_name */
	const char *disposition; /* NULL none, "inline", "attachment" */
	const char *filename;    /* UTF-8 or NULL */
	const char *description; /* UTF-8 or NULL */
	const char *content_id;  /* with <> or NULL */
	const char *language;    /* Content-Language (RFC 3282) or NULL */
	/* more Content-Type parameters ("format"/"flowed", "protocol"/...) */
	const struct build_field *params;
	size_t n_params;
	const struct build_part *children; /* of a multipart */
	size_t n_children;
	/* text/plain: written as format=flowed (stuffed); trailing blanks are the caller's */
	bool flowed;
	/* data is the whole part, its headers and all (a signed part): written as it is */
	bool verbatim;
};

struct build {
	const struct addr_list *from, *sender, *reply_to, *to, *cc, *bcc, *mail_followup_to;
	const char *subject;       /* NULL: no Subject field */
	struct date date;          /* epoch 0: now, in the local time zone */
	const char *message_id;    /* NULL: a new one */
	const char *hostname;      /* domain for a new Message-ID; NULL: that of From */
	const struct msgid_list *in_reply_to, *references;
	const char *user_agent;    /* NULL: none */
	const struct build_field *fields; /* more fields (my_hdr, X-Label, Resent ...), in order */
	size_t n_fields;
	const struct build_part *body; /* NULL: empty text/plain */
	const char *send_charset;  /* colon list; NULL: "us-ascii:iso-8859-1:utf-8" */
	bool allow_8bit;           /* $allow_8bit */
	bool keep_bcc;             /* $write_bcc, drafts and Fcc: write the Bcc field */
	bool utf8_headers;         /* RFC 6532 instead of RFC 2047 (SMTPUTF8) */
	bool no_message_id, no_date; /* drafts */
};

/*
 * Appends the finished message. *message_id_out (may be NULL; caller frees) gets its id. ERR_INPUT
 * names the field that cannot be written (a line break in a header, a charset that cannot hold the
 * text), ERR_LIMIT over BUILD_MAX.
 */
bool build_message(struct str *out, const struct build *, char **message_id_out,
	struct err *e) MUST_CHECK;
/* Only one part with its MIME headers (for signing: what is signed must be written first). crlf:
 * canonical form. */
bool build_part_text(struct str *out, const struct build_part *, const struct build *, bool crlf,
	struct err *e) MUST_CHECK;
/* One field, folded and encoded as Subject is ("Name: value\n"). ERR_INPUT on a bad name or a
 * line break. */
bool build_field(struct str *out, const char *name, struct sv value, const char *send_charset,
	struct err *e) MUST_CHECK;
/* A new boundary that does not occur in data (checked). Caller frees. */
char *build_boundary(struct sv data, unsigned n);
/* LF to CRLF (lone CR and LF too), for IMAP APPEND and SMTP. */
bool build_crlf(struct str *out, struct sv text);

#endif
