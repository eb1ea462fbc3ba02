/*
 * Looking keys up. The list of bindings is short enough (some 600) and typing slow enough that
 * walking it backwards, latest first, is the whole algorithm: 5 us a key.
 */
#include "conf/conf.h"
#include "conf/keys.h"

static bool starts_with(const struct rc_bind *b, const uint32_t *keys, int n)
{
	if (b->keys.n < n)
		return false;
	for (int i = 0; i < n; i++)
		if (b->keys.k[i] != keys[i])
			return false;
	return true;
}

/*
 * Is a binding made before one that hides it in the same menu: its keys start the other's, or the
 * other's start its?
 */
static bool hidden(const struct rc_binds *list, size_t at)
{
	const struct rc_bind *b = &list->v[at];

	for (size_t i = at + 1; i < list->n; i++) {
		const struct rc_bind *later = &list->v[i];
		if (later->menu != b->menu)
			continue;
		if (starts_with(b, later->keys.k, later->keys.n) ||
			starts_with(later, b->keys.k, b->keys.n))
			return true;
	}
	return false;
}

static enum keymap_result find_in(const struct rc_binds *list, enum menu_id menu,
	const uint32_t *keys, int n, const struct rc_bind **bind)
{
	for (size_t i = list->n; i-- > 0;) {
		const struct rc_bind *b = &list->v[i];
		if (b->menu != menu || !starts_with(b, keys, n))
			continue;
		if (b->keys.n == n) {
			*bind = b;
			return KEYMAP_FOUND;
		}
		if (!hidden(list, i))
			return KEYMAP_PREFIX;
	}
	return KEYMAP_NONE;
}

enum keymap_result keymap_find(const struct conf *conf, enum menu_id menu, const uint32_t *keys,
	int n, const struct rc_bind **bind)
{
	*bind = NULL;
	if (n <= 0 || n > KEYS_MAX)
		return KEYMAP_NONE;
	enum keymap_result own = find_in(&conf->rc.binds, menu, keys, n, bind);
	if (own != KEYMAP_NONE || !menu_has_generic(menu))
		return own;
	/* a shorter sequence that is bound here takes its keys away from generic */
	for (int i = 1; i < n; i++) {
		const struct rc_bind *shorter;
		if (find_in(&conf->rc.binds, menu, keys, i, &shorter) == KEYMAP_FOUND)
			return KEYMAP_NONE;
	}
	return find_in(&conf->rc.binds, MENU_GENERIC, keys, n, bind);
}

/* Is this binding what its own keys do in the menu? */
static bool effective(const struct conf *conf, enum menu_id menu, const struct rc_bind *b)
{
	const struct rc_bind *found;

	for (int i = 1; i < b->keys.n; i++)
		if (keymap_find(conf, menu, b->keys.k, i, &found) == KEYMAP_FOUND)
			return false;
	return keymap_find(conf, menu, b->keys.k, b->keys.n, &found) == KEYMAP_FOUND && found == b;
}

static bool visible_in(const struct rc_bind *b, enum menu_id menu)
{
	return b->menu == menu || (b->menu == MENU_GENERIC && menu_has_generic(menu));
}

const struct rc_bind *keymap_next_of(
	const struct conf *conf, enum menu_id menu, enum func_id fn, size_t *at)
{
	while (*at < conf->rc.binds.n) {
		const struct rc_bind *b = &conf->rc.binds.v[(*at)++];
		if (b->fn == fn && !b->macro && visible_in(b, menu) && effective(conf, menu, b))
			return b;
	}
	return NULL;
}

const struct rc_bind *keymap_next(
	const struct conf *conf, enum menu_id menu, const uint32_t *prefix, int n, size_t *at)
{
	while (*at < conf->rc.binds.n) {
		const struct rc_bind *b = &conf->rc.binds.v[(*at)++];
		bool noop = b->fn == FN_NONE && !b->macro;
		if (!noop && visible_in(b, menu) && starts_with(b, prefix, n) &&
			effective(conf, menu, b))
			return b;
	}
	return NULL;
}
