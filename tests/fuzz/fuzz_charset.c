/* Character sets: any bytes under any label become UTF-8. */
#include "tests/fuzz/fuzz.h"
#include "text/charset.h"
#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const labels[] = {"", "utf-8", "us-ascii", "iso-8859-1", "iso-2022-jp",
		"iso-2022-kr", "hz", "utf-7", "utf-16", "gb2312", "big5", "shift_jis", "euc-kr",
		"koi8-r", "windows-1255", "nonsense", "iso-2022-cn"};
	struct sv in = fuzz_sv(data, MIN(size, 1u << 16));
	char name[CHARSET_NAME_MAX];
	struct charset_report report;
	struct str out;
	size_t i;

	str_init(&out, 16u << 20);
	for (i = 0; i < ARRAY_LEN(labels); i++) {
		str_clear(&out);
		fuzz_must(charset_to_utf8(&out, in, sv_of(labels[i]), NULL, &report));
		fuzz_must(utf8_is_valid(str_sv(&out)));
	}
	/* The input as a label, too. */
	str_clear(&out);
	fuzz_must(charset_to_utf8(&out, in, sv_head(in, 40), NULL, NULL) &&
		  utf8_is_valid(str_sv(&out)));
	if (utf8_is_valid(in)) {
		str_clear(&out);
		charset_choose(in, "us-ascii:iso-8859-1:iso-2022-jp:utf-8", name);
		fuzz_must(charset_from_utf8(&out, in, name, NULL));
	}
	str_fini(&out);
	return 0;
}
