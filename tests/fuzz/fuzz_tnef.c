/* winmail.dat, compressed RTF and AppleSingle: what comes out is bounded, and lies where it should. */
#include "mime/apple.h"
#include "mime/tnef.h"
#include "tests/fuzz/fuzz.h"

#define MADE_MAX (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sv in = fuzz_sv(data, size);
	struct arena *arena = arena_new();
	struct apple_file f;
	struct str rtf;
	struct tnef t;
	size_t i;

	tnef_parse(arena, in, NULL, MADE_MAX, &t);
	fuzz_must(t.count <= TNEF_FILES_MAX);
	for (i = 0; i < t.count; i++) {
		fuzz_must(t.list[i].type && t.list[i].charset);
		fuzz_must(t.list[i].data.len <= (size > MADE_MAX ? size : MADE_MAX));
	}
	str_init(&rtf, MADE_MAX);
	if (tnef_rtf(&rtf, in))
		fuzz_must(rtf.len <= size * 9); /* two bytes make at most 17 */
	if (apple_single(in, &f))
		fuzz_must(f.data.p >= in.p && f.data.p + f.data.len <= in.p + in.len);
	str_fini(&rtf);
	arena_free(arena);
	return 0;
}
