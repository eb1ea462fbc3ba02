/*
 * The muttrc language: reading files and lines and carrying them out on a struct conf. Quoting,
 * variables, backticks, continuation and comments are mutt's. Nothing stops at the first fault:
 * every problem is kept with file, line and column.
 */
#ifndef CONF_RC_H
#define CONF_RC_H

#include "conf/conf.h"

#define RC_SOURCE_DEPTH 20     /* nested source */
#define RC_FILE_MAX (16 << 20) /* bytes of one file or command output */
#define RC_PROBLEMS_MAX 10000
#define RC_EXEC_TIMEOUT_MS 300000 /* backticks and source "cmd|": it may ask for a passphrase */

enum rc_level { RC_ERROR, RC_WARNING };

struct rc_problem {
	enum rc_level level;
	const char *file; /* "command line", ":" or a path */
	int line, column; /* from 1; column in characters */
	const char *text; /* with "did you mean" where there is one */
};

struct rc_opts {
	bool no_exec; /* backticks and source "cmd|" read as empty */
	bool no_files; /* source reads no files and cd goes nowhere: for text that is only looked at */
	/* Is this a good pattern? NULL: not checked. */
	bool (*check_pattern)(void *data, const char *pattern, struct err *e);
	/* Text for the user: echo, set ?x, hooks, version. NULL: dropped. */
	void (*say)(void *data, const char *text);
	void *data;
};

struct rc;
/* conf is lent; commands change it. */
struct rc *rc_new(struct conf *, const struct rc_opts *);
void rc_free(struct rc *); /* NULL is fine */
/* From now on texts for the user go here (the ui has a line for them). NULL: dropped. */
void rc_set_say(struct rc *, void (*say)(void *data, const char *text), void *data);

/*
 * Reads a file (trailing |: the output of a command; "preset:vi": one of ours). False when it
 * cannot be read at all.
 */
bool rc_read(struct rc *, const char *path, struct err *e) MUST_CHECK;
/* Lines of text that is called name in problems. */
void rc_read_text(struct rc *, const char *name, struct sv text);
/* One command line (-e, `:` prompt, a hook). False when it had an error; *e has the first. */
bool rc_run(struct rc *, const char *name, struct sv line, struct err *e) MUST_CHECK;

/* A problem of a whole file. */
void rc_note(struct rc *, enum rc_level, const char *file, const char *fmt, ...) PRINTF_LIKE(4, 5);

size_t rc_problem_count(const struct rc *);
const struct rc_problem *rc_problem_at(const struct rc *, size_t i);
size_t rc_error_count(const struct rc *); /* errors only */
void rc_clear_problems(struct rc *);

/* How the word under the cursor of a `:` line can be completed: what kind of word stands there. */
enum rc_want {
	RC_WANT_NOTHING,
	RC_WANT_COMMAND,
	RC_WANT_OPTION,
	RC_WANT_VALUE,
	RC_WANT_MENU,
	RC_WANT_FUNCTION,
	RC_WANT_COLOR_OBJECT,
	RC_WANT_COLOR,
	RC_WANT_PATH,
	RC_WANT_MAILBOX,
	RC_WANT_ALIAS
};
struct rc_completion {
	enum rc_want want;
	size_t start;      /* byte offset where the word starts */
	enum opt_id opt;   /* RC_WANT_VALUE: of which option */
	enum menu_id menu; /* RC_WANT_FUNCTION */
};
void rc_completion_at(struct sv line, size_t cursor, struct rc_completion *out);
/*
 * Candidates that start with the word typed so far (not paths, mailboxes, aliases); at starts at 0.
 */
bool rc_complete_next(const struct conf *, const struct rc_completion *, struct sv typed,
	size_t *at, struct str *out);

/* Puts a text in quotes so that the parser reads it as one word. */
void rc_quote(struct str *out, struct sv text);

#endif
