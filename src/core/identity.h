/*
 * Who the user is: the addresses that count as "me" ($from, login, alternates, identity-hooks), and what a message
 * is to that person (to me, from me, to a list I know).
 */
#ifndef CORE_IDENTITY_H
#define CORE_IDENTITY_H

#include "conf/conf.h"
#include "core/msg.h"

struct identity;
/* conf is lent. Make it anew when $from, $hostname or the lists of alternates and mailing lists changed. */
struct identity *identity_new(const struct conf *);
void identity_free(struct identity *); /* NULL is fine */
bool identity_is_me(const struct identity *, struct sv addr);
/* FLAG_TO_ME, FLAG_CC_ME, FLAG_ONLY_ME, FLAG_FROM_ME, FLAG_TO_LIST, FLAG_TO_SUBSCRIBED. */
unsigned identity_flags(const struct identity *, struct sv from, struct sv to, struct sv cc);
/* The first of To and Cc that is a known (subscribed: a subscribed) list; false when none. */
bool identity_list(const struct identity *, struct sv to, struct sv cc, bool subscribed,
	struct addr_item *list);

#endif
