/* Parameters: what is written is read again as the same value. */
#include "mime/param.h"
#include "tests/fuzz/fuzz.h"
#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct params params, again;
	size_t i;

	params_parse(arena, fuzz_sv(data, size), NULL, 0, &params);
	for (i = 0; i < params.count && i < 100; i++) {
		size_t column = 20;
		struct str out;

		fuzz_must(utf8_is_valid(sv_of(params.list[i].value)));
		str_init(&out, 64u << 20);
		str_adds(&out, "attachment");
		fuzz_must(params_add(&out, "filename", sv_of(params.list[i].value), NULL, &column));
		params_parse(arena, str_sv(&out), NULL, 0, &again);
		fuzz_must(
			again.count == 1 && strcmp(again.list[0].value, params.list[i].value) == 0);
		str_fini(&out);
	}
	arena_free(arena);
	return 0;
}
