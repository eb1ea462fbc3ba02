/*
 * Message identifiers (see msgid.h).
 */
#include "mime/msgid.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/hash.h"

/* The id at or after *at: "<...>" with folds and blanks inside taken out. NULL at the end. */
static const char *next_id(struct arena *arena, struct sv raw, size_t *at)
{
	while (*at < raw.len) {
		ptrdiff_t open = sv_chr(sv_from(raw, *at), '<'), close;
		struct sv in;
		char *id;
		size_t i, n = 0;

		if (open < 0)
			break;
		*at += (size_t)open;
		in = sv_head(sv_from(raw, *at), MSGID_MAX);
		close = sv_chr(in, '>');
		if (close < 0) { /* no end near: what follows cannot be part of it */
			(*at)++;
			continue;
		}
		in = sv_head(in, (size_t)close + 1);
		open = sv_rchr(in, '<'); /* "<a <b@c>": the inner one */
		*at += in.len;
		in = sv_from(in, (size_t)open);
		id = arena_alloc(arena, in.len + 1);
		for (i = 0; i < in.len; i++)
			if ((unsigned char)in.p[i] > ' ')
				id[n++] = in.p[i];
		if (n > 2)
			return id;
	}
	*at = raw.len;
	return NULL;
}

const char *msgid_first(struct arena *arena, struct sv raw)
{
	size_t at = 0;

	return next_id(arena, raw, &at);
}

static void add_id(struct arena *arena, struct msgid_list *list, size_t *cap, const char *id)
{
	if (list->count == *cap) {
		size_t more = *cap ? *cap * 2 : 8;
		const char **ids = arena_alloc(arena, more * sizeof(*ids));

		if (list->count > 0)
			memcpy(ids, list->ids, list->count * sizeof(*ids));
		list->ids = ids;
		*cap = more;
	}
	list->ids[list->count++] = id;
}

#define SCAN_FEW 32 /* up to here a duplicate is looked for one by one */

void msgid_list_parse(struct arena *arena, struct sv raw, struct msgid_list *out)
{
	struct msgid_list list = {0};
	struct map *seen = NULL;
	size_t at = 0, cap = 0, i;
	const char *id;

	while (list.count < MSGID_LIST_MAX && (id = next_id(arena, raw, &at))) {
		bool twice = false;

		if (list.count == SCAN_FEW && !seen) {
			seen = map_new();
			for (i = 0; i < list.count; i++)
				map_set(seen, sv_of(list.ids[i]), seen);
		}
		if (seen) {
			twice = map_has(seen, sv_of(id));
			map_set(seen, sv_of(id), seen);
		} else {
			for (i = 0; i < list.count && !twice; i++)
				twice = strcmp(list.ids[i], id) == 0;
		}
		if (!twice)
			add_id(arena, &list, &cap, id);
	}
	map_free(seen);
	*out = list;
}

void msgid_reply_refs(struct arena *arena, const struct msgid_list *references,
	const struct msgid_list *in_reply_to, const char *message_id, struct msgid_list *out)
{
	const struct msgid_list none = {0};
	const struct msgid_list *from = references && references->count > 0 ? references : &none;
	struct msgid_list list = {0};
	size_t cap = 0, i, room = MSGID_REFERENCES_MAX - 1;

	/* RFC 5322 3.6.4: In-Reply-To serves only when it names a single parent. */
	if (from->count == 0 && in_reply_to && in_reply_to->count == 1)
		from = in_reply_to;
	for (i = 0; i < from->count; i++) {
		if (from->count > room && i > 0 && i <= from->count - room)
			continue;
		if (!message_id || strcmp(from->ids[i], message_id) != 0)
			add_id(arena, &list, &cap, arena_strdup(arena, from->ids[i]));
	}
	if (message_id && *message_id)
		add_id(arena, &list, &cap, arena_strdup(arena, message_id));
	*out = list;
}

#define RANDOM_CHARS 20

char *msgid_new(const char *domain, struct sv seed)
{
	char word[SHA256_HEX_LEN + 1];

	if (!domain || !*domain)
		domain = "localhost.localdomain";
	if (getenv("SOURCE_DATE_EPOCH")) {
		hash_sha256_hex(seed, word);
		word[RANDOM_CHARS] = 0;
	} else {
		random_word(word, RANDOM_CHARS);
	}
	return xasprintf("<%llx.%s@%s>", (unsigned long long)clock_now(), word, domain);
}
