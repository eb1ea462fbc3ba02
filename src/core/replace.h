/*
 * `subjectrx REGEX REPLACEMENT` as in mutt: each line whose expression is found makes a new text of the old one,
 * for the next line to look at. In the replacement %L is what stands left of the match, %R right of it, %1 to %9
 * are groups, %0 is the match.
 */
#ifndef CORE_REPLACE_H
#define CORE_REPLACE_H

#include "conf/state.h"

/* True: *out (empty before) is the new text. False: no line fits. */
bool replace_all(const struct rc_replaces *, struct sv text, struct str *out);

#endif
