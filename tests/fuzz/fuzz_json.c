/* The JSON of --filter. */
#include "main/json.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct json *v;

	if (json_parse(arena, fuzz_sv(data, size), &v, NULL))
		json_get(v, "input");
	arena_free(arena);
	return 0;
}
