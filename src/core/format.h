/*
 * One message as a line of text: the expandos of index_format, which pager_format, attribution,
 * forward_format and the hooks share. Everything that comes from mail is made safe for a terminal.
 */
#ifndef CORE_FORMAT_H
#define CORE_FORMAT_H

#include "conf/conf.h"
#include "conf/expando.h"
#include "core/view.h"

#define FORMAT_TREE_MAX 256 /* bytes of a thread tree before the subject */

struct format_msg {
	const struct conf *conf;
	struct view *view;              /* NULL: no thread, no counts */
	uint32_t row;                   /* of the view */
	const struct msg_facts *facts;  /* NULL: those of the row */
	const char *mailbox;            /* as shown; NULL: that of the view */
	const char *progress;           /* %P, or NULL */
	int64_t now;                    /* 0: the clock */
	bool no_tree;                   /* %s without its tree */
	/* For format-hook names (%@name@): gives the format to use; NULL: none. */
	const char *(*hook)(void *data, struct sv name);
	void *data;
};

/* Appends the line; spans may be NULL. width 0: no limit and no padding. */
void format_message(const struct expando *, const struct format_msg *, int width, struct str *out,
	struct expando_spans *spans);
/* The same from the text of a format, compiled on the spot. */
void format_message_text(const char *format, const struct format_msg *, int width, struct str *out);

/* The thread tree before a subject as UTF-8 (or ASCII, $ascii_chars). Returns its bytes. */
size_t format_tree(const struct conf *, struct view *, uint32_t row, struct str *out);
/* "12K", "1.4M", as $size_show_bytes and friends say. */
void format_size(const struct conf *, uint64_t bytes, struct str *out);
/* The character of $status_chars, to_chars and so on; a blank when there is none. */
void format_char(const char *chars, size_t n, struct str *out);

#endif
