/*
 * Lists of addresses: adding, finding, comparing (see addr.h).
 */
#include <stdlib.h>

#include "base/hash.h"
#include "mime/addr.h"
#include "mime/addr_priv.h"

void addr_list_add(struct arena *arena, struct addr_list *list, const struct addr *a)
{
	addr_list_put(
		arena, list, a->kind, arena_strdup(arena, a->name), arena_strdup(arena, a->addr));
}

void addr_list_add_mailbox(
	struct arena *arena, struct addr_list *list, struct sv name, struct sv addr)
{
	addr_list_put(arena, list, ADDR_MAILBOX, arena_strndup(arena, name.p, name.len),
		arena_strndup(arena, addr.p, addr.len));
}

void addr_list_append(struct arena *arena, struct addr_list *list, const struct addr_list *more)
{
	size_t i;

	for (i = 0; i < more->count; i++)
		addr_list_add(arena, list, &more->list[i]);
}

bool addr_list_has(const struct addr_list *list, const char *addr)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (list->list[i].kind == ADDR_MAILBOX &&
			addr_same(sv_of(list->list[i].addr), sv_of(addr)))
			return true;
	return false;
}

/* The form under which two spellings of one address meet. */
static void add_key(struct str *out, struct sv addr)
{
	struct sv local = addr_local(addr), domain = addr_domain(addr);
	struct str ascii;
	size_t i, start = out->len;

	if (local.len >= 2 && local.p[0] == '"' && local.p[local.len - 1] == '"')
		local = sv_make(local.p + 1, local.len - 2);
	str_add(out, local);
	str_addc(out, '@');
	str_init(&ascii, 2048);
	if (!addr_to_ascii(&ascii, domain))
		str_add(&ascii, domain);
	str_add(out, str_sv(&ascii));
	str_fini(&ascii);
	for (i = start; i < out->len; i++)
		out->s[i] = (char)ascii_lower((unsigned char)out->s[i]);
}

bool addr_same(struct sv a, struct sv b)
{
	struct str ka, kb;
	bool same;

	if (sv_eq_case(a, b))
		return true;
	if (a.len == 0 || b.len == 0)
		return false;
	str_init(&ka, a.len * 8 + 4096);
	str_init(&kb, b.len * 8 + 4096);
	add_key(&ka, a);
	add_key(&kb, b);
	same = sv_eq(str_sv(&ka), str_sv(&kb));
	str_fini(&ka);
	str_fini(&kb);
	return same;
}

/* True when addr was not there yet. */
static bool remember(struct map *seen, const char *addr)
{
	struct str key;
	bool fresh;

	str_init(&key, strlen(addr) * 8 + 4096);
	add_key(&key, sv_of(addr));
	fresh = !map_has(seen, str_sv(&key));
	if (fresh)
		map_set(seen, str_sv(&key), seen);
	str_fini(&key);
	return fresh;
}

void addr_list_dedup(struct addr_list *list, const struct addr_list * not )
{
	struct map *seen = map_new();
	size_t i, n = 0;

	for (i = 0; not &&i < not ->count; i++)
		if (*not ->list[i].addr)
			remember(seen, not ->list[i].addr);
	for (i = 0; i < list->count; i++)
		if (list->list[i].kind != ADDR_MAILBOX || !*list->list[i].addr ||
			remember(seen, list->list[i].addr))
			list->list[n++] = list->list[i];
	list->count = n;
	map_free(seen);
}

const struct addr *addr_list_mailbox(const struct addr_list *list, size_t n)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (list->list[i].kind == ADDR_MAILBOX && *list->list[i].addr && n-- == 0)
			return &list->list[i];
	return NULL;
}

size_t addr_list_mailboxes(const struct addr_list *list)
{
	size_t i, n = 0;

	for (i = 0; i < list->count; i++)
		n += list->list[i].kind == ADDR_MAILBOX && *list->list[i].addr;
	return n;
}

struct sv addr_local(struct sv addr)
{
	ptrdiff_t at = sv_rchr(addr, '@');

	return at < 0 ? addr : sv_head(addr, (size_t)at);
}

struct sv addr_domain(struct sv addr)
{
	ptrdiff_t at = sv_rchr(addr, '@');

	return at < 0 ? sv_from(addr, addr.len) : sv_from(addr, (size_t)at + 1);
}
