/* The display filter, columns, wrapping, stepping: what comes out is safe, and nothing is lost
 * or cut. */
#include "tests/fuzz/fuzz.h"
#include "text/utf8.h"
#include "text/width.h"
#include "text/wrap.h"

static void check_safe(struct sv in, unsigned flags)
{
	struct str out;
	size_t at, used;

	str_init(&out, 16u << 20);
	fuzz_must(utf8_add_safe(&out, in, flags));
	fuzz_must(utf8_is_valid(str_sv(&out)) && utf8_is_safe(str_sv(&out), flags));
	for (at = 0; at < out.len; at += used) {
		uint32_t c = utf8_decode(sv_from(str_sv(&out), at), &used);

		fuzz_must(!utf8_is_control(c) ||
			  ((flags & UTF8_SAFE_TEXT) && (c == '\n' || c == '\t')));
		fuzz_must(c != 0x202e && c != 0x202d && c != 0x200e && c != 0x200f);
	}
	str_fini(&out);
}

static void check_wrap(struct sv in, int columns)
{
	size_t guard = in.len + 2;

	while (in.len > 0) {
		size_t next, n = wrap_line(in, 0, columns, true, &next);

		fuzz_must(n <= next && next > 0 && next <= in.len && guard-- > 0);
		in = sv_from(in, next);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sv in = fuzz_sv(data, MIN(size, 4096u));
	struct str out;
	size_t at;
	int columns = (int)(size % 90) + 1, used;

	check_safe(in, UTF8_SAFE_LINE);
	check_safe(in, UTF8_SAFE_TEXT);
	check_safe(in, UTF8_SAFE_TEXT | UTF8_SAFE_EMOJI);
	check_wrap(in, columns);
	for (at = 0; at < in.len;) {
		size_t next = utf8_next(in, at);

		fuzz_must(next > at);
		at = next;
	}
	for (at = in.len; at > 0;) {
		size_t before = utf8_prev(in, at);

		fuzz_must(before < at);
		at = before;
	}
	width_head(in, columns, &used);
	fuzz_must(used <= columns);
	width_tail(in, columns, &used);
	fuzz_must(used <= columns);
	str_init(&out, 16u << 20);
	fuzz_must(width_add(&out, in, columns, size % 3, "..."));
	fuzz_must(width_of(str_sv(&out)) == columns);
	str_clear(&out);
	fuzz_must(utf8_fold(&out, in, true) && utf8_nfc(&out, in));
	str_fini(&out);
	return 0;
}
