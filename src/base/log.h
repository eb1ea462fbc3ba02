/*
 * The log of this process: a file, or a function that carries lines elsewhere (a worker sends them
 * to the ui). Secrets never come here. Until log_open or log_to is called lines go nowhere.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/err.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

typedef void log_fn(void *data, enum log_level level, const char *room, const char *text);

/* Appends to path (0600); lines below level are dropped. */
bool log_open(const char *path, enum log_level level, struct err *e) MUST_CHECK;
/* Every line also goes to fn; NULL takes it away. */
void log_to(log_fn *fn, void *data);
void log_level_set(enum log_level level);
void log_close(void);

/* room: a word for where it comes from ("imap", "conf"). Control characters become '?'. */
void log_write(enum log_level level, const char *room, const char *fmt, ...) PRINTF_LIKE(3, 4);
const char *log_level_name(enum log_level level); /* "debug" "info" "warn" "error" */

#endif
