/*
 * Private to conf/: words of one logical configuration line, as mutt cuts them. A logical line is one
 * or more lines of a file joined at trailing backslashes; every place in it knows its file line and
 * column. Backticks outside quotes put their output into the line, where it is cut into words again.
 */
#ifndef CONF_LEX_H
#define CONF_LEX_H

#include "conf/rc.h"

#define LEX_LINE_MAX (1 << 20)
#define LEX_PARTS_MAX 4096   /* joined lines */
#define LEX_COMMANDS_MAX 100 /* backticks in a line: output may hold further ones */

enum {
	LEX_EQUAL = 1,      /* stop at = */
	LEX_CONDENSE = 2,   /* ^X becomes a control character */
	LEX_SPACE = 4,      /* blanks do not end the word: the rest of the command */
	LEX_QUOTE = 8,      /* quotes are kept */
	LEX_SEMICOLON = 16, /* ; does not end the word */
	LEX_COMMENT = 32,   /* # does not end the word */
	LEX_NOEXEC = 64,    /* no backticks, no variables */
	LEX_NAME = 128,     /* stop at =, ?, += and -= */
	LEX_QUIET = 256,    /* a broken word is not reported */
};

struct lex_part {
	size_t at;  /* offset in text */
	int line;   /* of the file */
	int column; /* of the character at that offset */
};

struct lex {
	struct rc *rc;
	struct str text;
	size_t at;
	struct lex_part *parts;
	size_t nparts, cap;
	size_t word;  /* where the last word started */
	int commands; /* backticks run */
	bool unknown; /* a backtick of the last word was left out (no_exec): its text means nothing */
};

/* text is the first file line; lex_join adds one. */
void lex_init(struct lex *, struct rc *, struct sv text, int line);
void lex_fini(struct lex *);
bool lex_join(struct lex *, struct sv text, int line);

/* A word is left in this command? Steps over blanks. */
bool lex_more(struct lex *);
bool lex_at_end(struct lex *);    /* of the line; steps over blanks */
int lex_peek(const struct lex *); /* the byte at the cursor, -1 at the end */
void lex_skip(struct lex *, size_t n);
void lex_spaces(struct lex *);
struct sv lex_rest(const struct lex *);
/*
 * The next word: out is cleared and filled. False when the line is broken (a quote or backtick that
 * does not end, a backslash at the end): the problem is reported.
 */
bool lex_word(struct lex *, unsigned flags, struct str *out);
/* To the end of this command, without running anything. */
void lex_skip_command(struct lex *);
/* Where an offset lies in the file. */
void lex_place(const struct lex *, size_t at, int *line, int *column);

#endif
