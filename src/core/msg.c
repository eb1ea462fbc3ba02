/* Walking over address lists and message ids that are texts. */
#include "core/msg.h"

struct sv addr_label(struct addr_item item)
{
	return item.name.len ? item.name : item.addr;
}

/* The end of one list item: a comma outside of quotes, angles and comments. */
static size_t item_end(struct sv s)
{
	bool quoted = false, angle = false;
	size_t i, depth = 0;

	for (i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (c == '\\' && (quoted || depth) && i + 1 < s.len)
			i++;
		else if (quoted)
			quoted = c != '"';
		else if (c == '"' && !depth)
			quoted = true;
		else if (c == '(')
			depth++;
		else if (c == ')' && depth)
			depth--;
		else if (c == '<' && !depth)
			angle = true;
		else if (c == '>' && !depth)
			angle = false;
		else if ((c == ',' || c == ';') && !angle && !depth)
			break;
	}
	return i;
}

/* "\"A, B\"" -> "A, B"; escapes inside stay, as they are rare and only looked at. */
static struct sv unquoted(struct sv s)
{
	s = sv_trim(s);
	if (s.len >= 2 && s.p[0] == '"' && s.p[s.len - 1] == '"')
		return sv_make(s.p + 1, s.len - 2);
	return s;
}

/* "Name <addr>", "<addr>", "addr", "Group: addr". */
static void item_parts(struct sv text, struct addr_item *item)
{
	ptrdiff_t open = -1, close;

	text = sv_trim(text);
	for (size_t i = 0, quoted = 0; i < text.len; i++) {
		if (text.p[i] == '\\' && quoted)
			i++;
		else if (text.p[i] == '"')
			quoted = !quoted;
		else if (text.p[i] == '<' && !quoted)
			open = (ptrdiff_t)i;
	}
	if (open < 0) {
		bool is_addr = sv_chr(text, '@') >= 0 || sv_chr(text, ' ') < 0;

		*item = is_addr ? (struct addr_item){.addr = text}
				: (struct addr_item){.name = unquoted(text)};
		return;
	}
	item->name = unquoted(sv_head(text, (size_t)open));
	item->addr = sv_from(text, (size_t)open + 1);
	close = sv_chr(item->addr, '>');
	if (close >= 0)
		item->addr = sv_trim(sv_head(item->addr, (size_t)close));
}

bool addr_next(struct sv *rest, struct addr_item *item)
{
	while (rest->len > 0) {
		size_t end = item_end(*rest);
		struct sv text = sv_trim(sv_head(*rest, end));
		ptrdiff_t colon;

		*rest = sv_from(*rest, end + 1);
		if (text.len == 0)
			continue;
		/* The name of a group stands before its first member. */
		colon = text.p[0] == '"' ? -1 : sv_chr(text, ':');
		if (colon >= 0 && sv_chr(sv_head(text, (size_t)colon), '<') < 0 &&
			sv_chr(sv_head(text, (size_t)colon), '@') < 0) {
			text = sv_trim(sv_from(text, (size_t)colon + 1));
			if (text.len == 0)
				continue;
		}
		item_parts(text, item);
		return true;
	}
	return false;
}

bool msgid_next(struct sv *rest, struct sv *id)
{
	for (;;) {
		ptrdiff_t open = sv_chr(*rest, '<'), close;

		if (open < 0)
			return false;
		*rest = sv_from(*rest, (size_t)open);
		close = sv_chr(*rest, '>');
		if (close < 0)
			return false;
		*id = sv_head(*rest, (size_t)close + 1);
		*rest = sv_from(*rest, (size_t)close + 1);
		/* "<not closed <id@x>": the last opening counts. */
		open = sv_rchr(*id, '<');
		if (open > 0)
			*id = sv_from(*id, (size_t)open);
		if (id->len > 2)
			return true;
	}
}
