/* RTF: its text is UTF-8 and not much longer; what fits is a beginning of it. */
#include "mime/rtf_text.h"
#include "tests/fuzz/fuzz.h"
#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sv in = fuzz_sv(data, size);
	struct str out, some;

	str_init(&out, size * 4 + 16);
	bool ok = rtf_text(&out, in);
	fuzz_must(ok == rtf_is(in));
	fuzz_must(utf8_is_valid(str_sv(&out)));
	str_init(&some, size / 8);
	if (!rtf_text(&some, in) && some.len)
		fuzz_must(some.len <= out.len);
	str_fini(&some);
	str_fini(&out);
	return 0;
}
