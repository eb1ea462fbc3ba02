/*
 * The encoding of everything we say to an IMAP server: the one choke point for arguments. A value
 * that cannot be a quoted string becomes a literal; sets are made compact; mailbox names become
 * modified UTF-7 (text/mutf7.h) unless UTF8=ACCEPT is on.
 */
#ifndef NET_IMAP_WRITE_H
#define NET_IMAP_WRITE_H

#include "base/err.h"
#include "base/str.h"
#include "net/imap_parse.h"

#define IMAP_SET_TEXT_MAX 6000 /* sets longer than this are cut into several commands */

/*
 * A command under construction: text and the places where a literal starts. The session sends it
 * piece by piece when the server has no LITERAL+.
 */
#define IMAP_OUT_LITERALS 8
struct imap_out {
	struct str text;
	size_t literal[IMAP_OUT_LITERALS]; /* offsets just after "{n}CRLF" (not "{n+}CRLF") */
	size_t nliterals;
	size_t plus_max; /* literals up to this size need no go-ahead (LITERAL+, LITERAL-): "{n+}"; 0: none */
	bool utf8;   /* UTF8=ACCEPT is on */
	bool failed; /* something did not fit: the command must not be sent */
};

void imap_out_init(struct imap_out *, size_t plus_max, bool utf8);
void imap_out_fini(struct imap_out *);
void imap_out_raw(struct imap_out *, const char *text); /* ours, never foreign */
void imap_out_f(struct imap_out *, const char *fmt, ...) PRINTF_LIKE(2, 3); /* numbers only */
void imap_out_astring(struct imap_out *, struct sv);
/* name: UTF-8 mailbox name */
void imap_out_mailbox(struct imap_out *, struct sv name);
/* Flag bits and keywords as a list with parentheses. A keyword that is no atom is left out. */
void imap_out_flags(struct imap_out *, unsigned flags, const struct sv *keywords, size_t n);

/*
 * Writes numbers (ascending) from uids[*at] on as a set; stops when the text is full and moves *at.
 * False when nothing is left.
 */
bool imap_write_set(struct str *out, const uint32_t *uids, size_t n, size_t *at);

bool imap_is_keyword(struct sv); /* may stand as a keyword flag */

#endif
