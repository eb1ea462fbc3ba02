/* uuencoded, yEnc and BinHex files: they follow each other inside the text. */
#include "mime/binhex.h"
#include "mime/codec.h"
#include "mime/text_file.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sv in = fuzz_sv(data, size);
	struct text_file f;
	size_t at = 0, last = 0;

	while (text_file_find(in, &at, &f)) {
		struct str out;

		fuzz_must(f.at >= last && f.len > 0 && f.at + f.len <= in.len &&
			  at == f.at + f.len);
		last = at;
		str_init(&out, 16u << 20);
		if (f.kind == CODEC_OTHER) {
			struct binhex_file b;
			if (binhex_unpack(&out, f.data, &b))
				fuzz_must(b.name.p >= out.s && b.data.p + b.data.len <= out.s + out.len);
		} else {
			fuzz_must(codec_decode_all(&out, f.kind, f.data, NULL));
		}
		str_fini(&out);
	}
	return 0;
}
