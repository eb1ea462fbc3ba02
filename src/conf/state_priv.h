/*
 * For the files that carry commands out: ends of single elements of the lists in state.h, and lists
 * of regular expressions.
 */
#ifndef CONF_STATE_PRIV_H
#define CONF_STATE_PRIV_H

#include "conf/state.h"

void rc_hook_fini(struct rc_hook *);
void rc_color_fini(struct rc_color *);
void rc_bind_fini(struct rc_bind *);
void rc_alias_fini(struct rc_alias *);
void rc_mailbox_fini(struct rc_mailbox *);
void rc_group_fini(struct rc_group *);
void rc_attach_fini(struct rc_attach *);
void rc_replace_fini(struct rc_replace *);
void rc_score_fini(struct rc_score *);

/* Adds a regular expression (case ignored) unless it is there. ERR_INPUT. */
bool rc_regexes_add(struct rc_regexes *, struct sv text, struct err *e) MUST_CHECK;
/* True when it was there. "*" is no special case here. */
bool rc_regexes_remove(struct rc_regexes *, struct sv text);
void rc_regexes_clear(struct rc_regexes *);

#endif
