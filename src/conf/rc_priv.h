/* Private to conf/: what the files that carry out commands share. */
#ifndef CONF_RC_PRIV_H
#define CONF_RC_PRIV_H

#include "conf/lex.h"
#include "conf/rc.h"
#include "conf/state_priv.h"

struct rc {
	struct conf *conf;
	struct rc_opts opts;
	struct rc_problem *problems;
	size_t n, cap, errors;
	struct rc_words texts;   /* own the texts of problems */
	void *say_data;          /* for opts.say */
	const char *file;        /* what is being read */
	struct rc_words sources; /* files being read, outermost first */
	bool finish;             /* `finish` was met: leave this file */
};

/* Adds a problem at an offset of the line (lex NULL: of the whole file). */
void rc_report(struct rc *, enum rc_level, const struct lex *, size_t at, const char *fmt, ...)
	PRINTF_LIKE(5, 6);
/* Errors at the last word. Return false. */
bool rc_bad(struct rc *, const struct lex *, const char *fmt, ...) PRINTF_LIKE(3, 4);
bool rc_bad_err(struct rc *, const struct lex *, const struct err *);
/* "too few arguments" unless there is a word left. */
bool rc_need(struct rc *, struct lex *);
void rc_say(struct rc *, const char *fmt, ...) PRINTF_LIKE(2, 3);
struct conf_origin rc_origin(struct rc *, const struct lex *);
/* Runs one line inside another command (ifdef). */
void rc_run_nested(struct rc *, struct lex *, struct sv line);
/* Takes "-group NAME" words off the front; false when one is broken. Groups are made. */
bool rc_take_groups(struct rc *, struct lex *, struct rc_words *names, struct str *word);

/*
 * One for each command: reads its words. They report what is wrong and go on with the next word or
 * leave.
 */
typedef void rc_command_fn(struct rc *, struct lex *, enum cmd_id);
rc_command_fn rc_set, rc_set_env; /* rc_set.c */
rc_command_fn rc_words_command, rc_matcher_command, rc_group_command, rc_alias_command, rc_unalias,
	rc_my_hdr, rc_unmy_hdr, rc_mailboxes, rc_named_mailboxes, rc_unmailboxes,
	rc_sidebar_pin;                                               /* rc_lists.c */
rc_command_fn rc_hook, rc_unhook, rc_hooks_list;                      /* rc_hook.c */
rc_command_fn rc_color_command, rc_uncolor;                           /* rc_color.c */
rc_command_fn rc_bind_command, rc_macro, rc_unbind, rc_push, rc_exec; /* rc_bind.c */
rc_command_fn rc_attachments, rc_score, rc_unscore, rc_spam, rc_nospam, rc_subjectrx,
	rc_unsubjectrx, rc_tag_pairs; /* rc_match.c */

#endif
