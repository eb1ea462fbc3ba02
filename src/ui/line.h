/*
 * The line editor: a text with a cursor, a kill buffer and a history. Pure: what is typed and which
 * operation is asked for come in, text and cursor come out; drawing is the prompt's.
 *
 * Steps are by what a reader sees as one character (grapheme cluster).
 */
#ifndef UI_LINE_H
#define UI_LINE_H

#include "base/str.h"

#define LINE_MAX 65536
#define LINE_HISTORY_MAX 10000

/* What was typed at prompts of one kind, oldest first. */
struct history {
	char **v;
	size_t n, cap;
	size_t max; /* $history */
};
void history_init(struct history *, size_t max);
void history_fini(struct history *);
/* Empty lines and repetitions of the last one are not kept; unique: older equal ones go. */
void history_add(struct history *, struct sv line, bool unique);

enum line_op {
	LINE_BACKSPACE,
	LINE_BACKWARD_CHAR,
	LINE_BACKWARD_WORD,
	LINE_BOL,
	LINE_CAPITALIZE_WORD,
	LINE_DELETE_CHAR,
	LINE_DOWNCASE_WORD,
	LINE_EOL,
	LINE_FORWARD_CHAR,
	LINE_FORWARD_WORD,
	LINE_HISTORY_DOWN,
	LINE_HISTORY_UP,
	LINE_KILL_EOL,
	LINE_KILL_EOW,
	LINE_KILL_LINE,       /* from the start to the cursor */
	LINE_KILL_WHOLE_LINE,
	LINE_KILL_WORD,       /* the word before the cursor */
	LINE_TRANSPOSE_CHARS,
	LINE_UPCASE_WORD,
	LINE_YANK,            /* what was killed last */
	LINE_OPS
};

struct line {
	struct str text;
	size_t cursor; /* byte offset */
	struct str killed;
	bool killing;  /* the last operation was a kill: the next one adds to it */
	struct history *history; /* lent, may be NULL */
	size_t history_at;       /* history->n: the line that is being typed */
	char *typed;             /* it, while an older one is shown */
};

void line_init(struct line *, struct sv text, struct history *);
void line_fini(struct line *);
void line_set(struct line *, struct sv text); /* cursor at the end */
/* False (nothing happened): at the end of the line, of history ... */
bool line_do(struct line *, enum line_op);
bool line_insert(struct line *, struct sv text);
/* Puts text in place of the bytes from start to the cursor. */
bool line_replace(struct line *, size_t start, struct sv text);
/* The next older line that holds what is typed; false when none does. */
bool line_history_search(struct line *, struct sv part);
/* Start of the word at the cursor: after the last of `breaks`. */
size_t line_word_start(const struct line *, const char *breaks);

#endif
