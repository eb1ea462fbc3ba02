/* format=flowed: what is stuffed reads as it was. */
#include "mime/flowed.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sv in = fuzz_sv(data, MIN(size, 1u << 16));
	struct str out;

	str_init(&out, 256u << 20);
	fuzz_must(flowed_to_text(&out, in, size & 1, 0));
	str_clear(&out);
	fuzz_must(flowed_to_text(&out, sv_head(in, 4096), size & 2, 20));
	str_clear(&out);
	fuzz_must(flowed_stuff(&out, in));
	str_fini(&out);
	return 0;
}
