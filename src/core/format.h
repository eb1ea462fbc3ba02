/*
 * The expandos of the index set ($index_format, $pager_format, $attribution, $forward_format, ...)
 * filled from a message: one place for the index line on the screen, in `feist --list`, and for the
 * texts of answers. All texts come out safe for a terminal.
 */
#ifndef CORE_FORMAT_H
#define CORE_FORMAT_H

#include "conf/expando.h"
#include "core/msg.h"
#include "core/view.h"

struct format_msg {
	const struct conf *conf;
	const struct msg_facts *facts;
	struct view *view;        /* NULL: a message outside a list; then no tree, no %M %e %E %m */
	uint32_t row;             /* with view */
	const char *mailbox;      /* %b; NULL: view_mailbox */
	const char *progress;     /* %P ("45%", "all"); NULL: empty */
	bool tree;                /* %s begins with the thread tree, and the subject may be left out */
	int width;                /* columns; 0: no padding and no limit */
	int64_t now;              /* 0: the clock */
	const char *locale;       /* language of dates ($attribution_locale); NULL: the user's */
	/* Value of %@NAME@ (index-format-hook) as a format; NULL: none. Lent until the next call. */
	const char *(*hook)(void *data, struct sv name, const struct msg_facts *);
	const char *(*save_mailbox)(void *data, const struct msg_facts *); /* %O */
	void *data;
};

/* Appends the formatted text. spans may be NULL. */
void format_msg(const struct expando *, const struct format_msg *, struct str *out, struct expando_spans *spans);
/* Compiles, formats and throws away: for the odd text, not for lists. */
void format_msg_once(const char *format, const struct format_msg *, struct str *out);

/* The thread tree (view_tree) as text: line drawing, or ASCII with $ascii_chars. Appends. */
void format_tree(struct str *out, const char *tree, size_t len, bool ascii);
/* A size as mutt shows it: 0K 0.1K 9.9K 10K 999K 1.0M 10M, by $size_show_* . Appends. */
void format_size(struct str *out, const struct conf *, uint64_t bytes);
/* %S and the first and last mark of %Z: clusters of $flag_chars, $to_chars (lent by conf). */
struct sv format_status_char(const struct format_msg *, bool single);
struct sv format_to_char(const struct format_msg *);
struct sv format_crypt_char(const struct format_msg *);

#endif
