/*
 * Addresses, RFC 5322 section 3.4 with the obsolete forms of 4.4, RFC 6532 (UTF-8), groups,
 * comments, routes, and what real mailers write instead of them.
 */
#ifndef MIME_ADDR_H
#define MIME_ADDR_H

#include "base/mem.h"
#include "base/str.h"
#include "text/charset.h"

#define ADDR_LIST_MAX 1000000   /* entries of one list; more are not looked at */
#define ADDR_COMMENT_DEPTH 1000 /* nested comments; counted, not recursed */

enum addr_kind {
	ADDR_MAILBOX,
	ADDR_GROUP,     /* name: ... the members follow */
	ADDR_GROUP_END, /* ; name and addr are empty */
};

struct addr {
	enum addr_kind kind;
	const char *name; /* decoded UTF-8, "" when there is none; never NULL */
	/* local@domain as it was written (quoted where it must be; UTF-8 when the sender used it), "" in a
	 * group or when there was only a phrase; never NULL. */
	const char *addr;
};

struct addr_list {
	struct addr *list;
	size_t count, cap; /* cap is used by addr_list_add only */
};

/*
 * text: a field body (may be folded) or what a user typed. Never fails: what cannot be an address
 * becomes an entry with a name and no addr. Encoded words and 8-bit bytes in names are decoded. The
 * list and its strings live in the arena.
 */
void addr_parse(struct arena *, struct sv text, const struct charset_rules *,
	struct addr_list *out);

/* Adds a copy of one entry (strings copied into the arena); merges nothing. */
void addr_list_add(struct arena *, struct addr_list *, const struct addr *);
void addr_list_add_mailbox(struct arena *, struct addr_list *, struct sv name, struct sv addr);
void addr_list_append(struct arena *, struct addr_list *, const struct addr_list *more);
bool addr_list_has(const struct addr_list *, const char *addr); /* by addr_same */
/* Takes out later entries with the same address, and those that are in `not` (may be NULL). */
void addr_list_dedup(struct addr_list *, const struct addr_list *not);
/* The n-th real mailbox, NULL when there are fewer. */
const struct addr *addr_list_mailbox(const struct addr_list *, size_t n);
size_t addr_list_mailboxes(const struct addr_list *); /* how many real ones with an addr */

enum {
	/* UTF-8 for people and for typing again; IDN shown as Unicode when that is safe */
	ADDR_DISPLAY = 0,
	/* names as RFC 2047 (send_charset), domains as A-labels unless ADDR_UTF8 */
	ADDR_HEADER = 1,
	ADDR_UTF8 = 2,    /* with ADDR_HEADER: the message is sent with SMTPUTF8 */
};
/* "Name" <a@b>, quoting only where needed. send_charset: as for encword_encode, NULL fine. */
bool addr_format(struct str *, const struct addr *, unsigned flags, const char *send_charset);
/* Entries joined with ", ", groups with ':' and ';'. With ADDR_HEADER folded with LF + blank at 76
 * columns; column: where the first line starts. */
bool addr_list_format(struct str *, const struct addr_list *, unsigned flags,
	const char *send_charset, size_t column);

/* How well an addr-spec obeys the RFC: for the check before sending. why (may be NULL) gets a
 * literal. */
bool addr_is_valid(struct sv addr, const char **why);
/*
 * Does a display name (UTF-8) show an address that is not addr, so that a reader takes it for the sender?
 * shown (may be NULL): the part of name that does.
 */
bool addr_name_misleads(struct sv name, struct sv addr, struct sv *shown);
/* Equal as mail systems see it: domain without case (A-label or Unicode), local part without
 * case, too (no system in use tells "Bob@" from "bob@"), quotes ignored. */
bool addr_same(struct sv a, struct sv b);
struct sv addr_local(struct sv addr);  /* before the last '@' */
struct sv addr_domain(struct sv addr); /* after it; empty when there is none */
/* True when it can only travel with SMTPUTF8: a local part beyond ASCII. */
bool addr_needs_utf8(struct sv addr);
/* Appends addr with its domain as A-labels (for SMTP and headers), or as Unicode when it is one
 * script (for people). Without libidn2 the first appends it as it is. */
bool addr_to_ascii(struct str *, struct sv addr);
bool addr_to_unicode(struct str *, struct sv addr);

#endif
