/* mbox: entries lie one behind the other; what is written is found again. */
#include "mime/mbox.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sv in = fuzz_sv(data, MIN(size, 1u << 18));
	struct mbox_entry e;
	struct str box, back;
	size_t at = 0, last = 0, n = 0;

	while (mbox_next(in, &at, &e)) {
		fuzz_must(e.from_at >= last && e.at > e.from_at && e.at + e.len <= e.next_at &&
			  e.next_at <= in.len);
		last = e.next_at;
	}
	mbox_is_mbox(in);
	str_init(&box, 16u << 20);
	str_init(&back, 16u << 20);
	fuzz_must(mbox_add_from_line(&box, sv_head(in, 20), (int64_t)size * 100003) &&
		  mbox_add_message(&box, in));
	fuzz_must(mbox_add_from_line(&box, SV("second@example.org"), 0) &&
		  mbox_add_message(&box, SV("Subject: x\n\nbody\n")));
	for (at = 0; mbox_next(str_sv(&box), &at, &e);)
		n++;
	/* A foreign Content-Length that fits by chance may swallow the second one. */
	fuzz_must(n == 2 || sv_find_case(in, SV("Content-Length:")) >= 0);
	fuzz_must(mbox_unescape(&back, str_sv(&box)));
	str_fini(&box);
	str_fini(&back);
	return 0;
}
