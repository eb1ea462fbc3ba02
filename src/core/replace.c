/* `subjectrx`: texts rewritten for the screen. */
#include "core/replace.h"

#include "base/util.h"

#define PASSES_MAX 100 /* lines that change one text */

/* What %L, %R, %1 ... %9 and %0 in a replacement stand for. */
static bool add_group(struct str *out, struct sv text, ptrdiff_t groups[RX_GROUPS][2], char letter)
{
	int n;

	if (letter == 'L')
		return str_add(out, sv_head(text, (size_t)groups[0][0]));
	if (letter == 'R')
		return str_add(out, sv_from(text, (size_t)groups[0][1]));
	n = letter - '0';
	if (n < 0 || n > 9 || groups[n][0] < 0)
		return true;
	return str_add(out, sv_head(sv_from(text, (size_t)groups[n][0]), (size_t)(groups[n][1] - groups[n][0])));
}

static bool add_filled(struct str *out, struct sv with, struct sv text, ptrdiff_t groups[RX_GROUPS][2])
{
	for (size_t i = 0; i < with.len; i++) {
		bool ok = with.p[i] == '%' && i + 1 < with.len ? add_group(out, text, groups, with.p[++i])
							       : str_addc(out, with.p[i]);

		if (!ok)
			return false;
	}
	return true;
}

bool replace_all(const struct rc_replaces *list, struct sv text, struct str *out)
{
	ptrdiff_t groups[RX_GROUPS][2];
	struct str next;
	bool any = false;

	str_init(&next, out->max);
	for (size_t i = 0; i < list->n && i < PASSES_MAX; i++) {
		struct sv now = any ? str_sv(out) : text;

		if (!rx_find(list->v[i].rx, now, 0, groups))
			continue;
		str_clear(&next);
		if (!add_filled(&next, sv_of(list->v[i].with), now, groups))
			continue;
		str_clear(out);
		(void)str_add(out, str_sv(&next));
		any = true;
	}
	str_fini(&next);
	return any;
}
