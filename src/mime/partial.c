/*
 * message/partial (see partial.h).
 */
#include "mime/partial.h"

#include <stdlib.h>

static bool small_number(const char *s, uint32_t *out)
{
	uint64_t v;

	if (!s || !sv_u64(sv_trim(sv_of(s)), &v) || v == 0 || v > PARTIAL_PIECES_MAX)
		return false;
	*out = (uint32_t)v;
	return true;
}

bool partial_piece_read(struct partial_piece *p, const struct params *ctype)
{
	const char *id = params_get(ctype, "id");

	*p = (struct partial_piece){.id = sv_of(id)};
	small_number(params_get(ctype, "total"), &p->total);
	return id && *id && small_number(params_get(ctype, "number"), &p->number);
}

static int by_number(const void *a, const void *b)
{
	const struct partial_piece *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

bool partial_complete(struct partial_piece *list, size_t *count, uint32_t *total)
{
	size_t i, n = 0;

	*total = 0;
	if (*count > 0)
		qsort(list, *count, sizeof(*list), by_number);
	for (i = 0; i < *count; i++) {
		*total = MAX(*total, list[i].total);
		if (n == 0 || list[n - 1].number != list[i].number)
			list[n++] = list[i];
	}
	*count = n;
	return *total > 0 && n == *total && list[n - 1].number == *total;
}

/* RFC 2046 section 5.2.2.1: these are of the message inside, all others of the one around. */
static bool is_inner(struct sv name)
{
	return sv_starts_case(name, SV("Content-")) || sv_is_case(name, "Subject") ||
	       sv_is_case(name, "Message-ID") || sv_is_case(name, "Encrypted") ||
	       sv_is_case(name, "MIME-Version");
}

static bool add_fields(struct str *out, const struct headers *h, bool inner)
{
	size_t i;

	for (i = 0; i < h->count; i++) {
		const struct header *f = &h->list[i];

		if (is_inner(f->name) != inner)
			continue;
		if (!str_add(out, f->name) || !str_adds(out, ":") || !str_add(out, f->raw) ||
			!str_addc(out, '\n'))
			return false;
	}
	return true;
}

bool partial_join(struct str *out, const struct partial_piece *list, size_t count)
{
	struct arena *arena = arena_new();
	struct headers inside;
	bool ok = true;
	size_t i;

	headers_parse(arena, list[0].body, &inside);
	if (list[0].headers)
		ok = add_fields(out, list[0].headers, false) && add_fields(out, &inside, true) &&
		     str_addc(out, '\n') && str_add(out, sv_from(list[0].body, inside.body_at));
	else
		ok = str_add(out, list[0].body);
	for (i = 1; i < count && ok; i++) {
		/* Of a piece that is a part, the line end in front of the delimiter was taken away. */
		if (out->len > 0 && out->s[out->len - 1] != '\n')
			ok = str_addc(out, '\n');
		ok = ok && str_add(out, list[i].body);
	}
	arena_free(arena);
	return ok;
}
