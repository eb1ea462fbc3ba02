/* Address lists: what is written must be read again as the same addresses, and never break a
 * line. */
#include "mime/addr.h"
#include "mime/addr_priv.h"
#include "tests/fuzz/fuzz.h"
#include "text/utf8.h"

const char *const fuzz_shared[] = {"6-security", NULL};

/* Only folds: each LF is followed by a blank. */
static bool only_folds(struct sv s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if (s.p[i] == '\r' || s.p[i] == 0 ||
			(s.p[i] == '\n' &&
				(i + 1 >= s.len || (s.p[i + 1] != ' ' && s.p[i + 1] != '\t'))))
			return false;
	return true;
}

/* Plain entries are read in one pass; read by tokens they must be the same. */
static void same_by_tokens(struct arena *arena, struct sv text, const struct addr_list *list)
{
	struct addr_list slow;

	addr_parse_tokens(arena, text, NULL, &slow);
	fuzz_must(slow.count == list->count);
	for (size_t i = 0; i < slow.count; i++)
		fuzz_must(slow.list[i].kind == list->list[i].kind && !strcmp(slow.list[i].name, list->list[i].name) &&
			  !strcmp(slow.list[i].addr, list->list[i].addr));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct addr_list list, again;
	struct str out;
	size_t i;

	addr_parse(arena, fuzz_sv(data, size), NULL, &list);
	same_by_tokens(arena, fuzz_sv(data, size), &list);
	str_init(&out, 64u << 20);
	fuzz_must(addr_list_format(&out, &list, ADDR_HEADER, NULL, 6));
	fuzz_must(only_folds(str_sv(&out)));
	addr_parse(arena, str_sv(&out), NULL, &again);
	for (i = 0; i < list.count; i++) {
		fuzz_must(utf8_is_valid(sv_of(list.list[i].name)) &&
			  utf8_is_valid(sv_of(list.list[i].addr)));
		addr_is_valid(sv_of(list.list[i].addr), NULL);
	}
	str_clear(&out);
	fuzz_must(addr_list_format(&out, &again, ADDR_DISPLAY, NULL, 0));
	addr_list_dedup(&again, &list);
	str_fini(&out);
	arena_free(arena);
	return 0;
}
