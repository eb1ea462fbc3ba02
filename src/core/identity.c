/* As mutt_addr_is_user: login, login@host, $from, alternates; lists by the lists and subscribe commands. */
#include "core/identity.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "conf/account.h"

struct identity {
	const struct conf *conf;
	char *login, *login_host, *address;
};

struct identity *identity_new(const struct conf *conf)
{
	struct identity *me = xcalloc(1, sizeof(*me));
	const struct passwd *pw = getpwuid(getuid());
	const char *login = pw && pw->pw_name ? pw->pw_name : getenv("LOGNAME");

	me->conf = conf;
	me->login = xstrdup(login ? login : "");
	if (me->login[0] && *conf_domain(conf))
		me->login_host = xasprintf("%s@%s", me->login, conf_domain(conf));
	me->address = conf_user_address(conf);
	return me;
}

void identity_free(struct identity *me)
{
	if (!me)
		return;
	free(me->login);
	free(me->login_host);
	free(me->address);
	free(me);
}

bool identity_is_me(const struct identity *me, struct sv addr)
{
	if (addr.len == 0)
		return false;
	if ((me->login[0] && sv_is_case(addr, me->login)) ||
		(me->login_host && sv_is_case(addr, me->login_host)) ||
		(me->address && sv_is_case(addr, me->address)))
		return true;
	return rc_matches(&me->conf->rc.alternates, addr) || conf_is_identity(me->conf, addr);
}

static bool list_of(const struct identity *me, struct sv addr, bool subscribed)
{
	const struct rc_state *rc = &me->conf->rc;

	return rc_matches(&rc->subscribed, addr) || (!subscribed && rc_matches(&rc->lists, addr));
}

static unsigned flags_of_list(
	const struct identity *me, struct sv list, unsigned mine, uint32_t *count)
{
	unsigned flags = 0;
	struct addr_item item;

	while (addr_next(&list, &item)) {
		(*count)++;
		if (identity_is_me(me, item.addr))
			flags |= mine;
		if (list_of(me, item.addr, false))
			flags |= FLAG_TO_LIST;
		if (list_of(me, item.addr, true))
			flags |= FLAG_TO_SUBSCRIBED;
	}
	return flags;
}

unsigned identity_flags(const struct identity *me, struct sv from, struct sv to, struct sv cc)
{
	uint32_t to_count = 0, cc_count = 0;
	unsigned flags = 0;
	struct addr_item item;

	if (addr_next(&from, &item) && identity_is_me(me, item.addr))
		flags |= FLAG_FROM_ME;
	flags |= flags_of_list(me, to, FLAG_TO_ME, &to_count);
	flags |= flags_of_list(me, cc, FLAG_CC_ME, &cc_count);
	if ((flags & FLAG_TO_ME) && to_count == 1 && cc_count == 0)
		flags |= FLAG_ONLY_ME;
	return flags;
}

bool identity_list(const struct identity *me, struct sv to, struct sv cc, bool subscribed,
	struct addr_item *list)
{
	while (addr_next(&to, list)) {
		if (list_of(me, list->addr, subscribed))
			return true;
	}
	while (addr_next(&cc, list)) {
		if (list_of(me, list->addr, subscribed))
			return true;
	}
	return false;
}
