/*
 * Spam tags (`spam`, `nospam`, $spam_separator): what the header lines of a message say to the user's rules, kept in
 * its row. As in mutt a rule is an expression on a whole line "Name: value", the first that fits says the tag of the
 * line, a line that `nospam` fits has none, and tags of several lines are joined.
 */
#ifndef SYNC_SPAM_H
#define SYNC_SPAM_H

#include "mime/header.h"

/*
 * text: one rule a line, as the ui sends them (CONF "spam"): "+EXPRESSION\x1f" and the tag with %1 .. %9, "-EXPRESSION" for
 * nospam, "," and the separator. NULL or empty: there are no rules, NULL. What cannot be compiled is left out.
 */
#define SPAM_FORMAT '\x1f'
struct spam_rules;
struct spam_rules *spam_rules_new(const char *text);
void spam_rules_free(struct spam_rules *); /* NULL is fine */
/* "" when none; in the arena. rules NULL: "". */
struct sv spam_tag(struct spam_rules *, struct arena *, const struct headers *);
/* The names of fields that rules begin with ("^X-Spam-Score:"), each with a blank before it: to be fetched. */
void spam_fields(const struct spam_rules *, struct str *out);

#endif
