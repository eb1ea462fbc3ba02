/* Modified UTF-7: there is one form for each name. */
#include "tests/fuzz/fuzz.h"
#include "text/mutf7.h"
#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sv in = fuzz_sv(data, MIN(size, 2000u));
	struct str a, b;

	str_init(&a, MUTF7_MAX * 4);
	str_init(&b, MUTF7_MAX * 4);
	if (mutf7_decode(&a, in, NULL)) {
		fuzz_must(utf8_is_valid(str_sv(&a)));
		fuzz_must(mutf7_encode(&b, str_sv(&a), NULL) && sv_eq(str_sv(&b), in));
	}
	str_clear(&a);
	str_clear(&b);
	if (mutf7_encode(&a, in, NULL) && !memchr(in.p, 0, in.len) && sv_find(in, SV("\x7f")) < 0)
		fuzz_must(mutf7_decode(&b, str_sv(&a), NULL) && sv_eq(str_sv(&b), in));
	str_fini(&a);
	str_fini(&b);
	return 0;
}
