/*
 * The message log: what was said on the status line, what went wrong and what to do about it; the
 * last MSGLOG_MAX lines, for the screen that shows them. Everything also goes to base/log.
 */
#ifndef CORE_MSGLOG_H
#define CORE_MSGLOG_H

#include "base/err.h"
#include "base/log.h"

#define MSGLOG_MAX 1000

struct msglog_line {
	int64_t when; /* seconds since 1970 */
	enum log_level level;
	char *room;        /* "imap", "send", ... */
	char *text;        /* what and why */
	char *cure;        /* what the user can do, or NULL */
	unsigned repeated; /* how often the same line came again */
};

struct msglog;
struct msglog *msglog_new(void);
void msglog_free(struct msglog *);
/* cure may be NULL. Text is made safe for the terminal here. */
void msglog_add(struct msglog *, enum log_level, const char *room, const char *cure,
	const char *fmt, ...) PRINTF_LIKE(5, 6);
size_t msglog_len(const struct msglog *);
const struct msglog_line *msglog_at(
	const struct msglog *, size_t n); /* 0: the oldest; lent until the next add */
/* What to do about an error of this class, for people (translated); NULL when nothing is to be done. */
const char *msglog_cure(const struct err *e);

#endif
