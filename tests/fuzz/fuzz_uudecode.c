/* uuencoded blocks: they follow each other inside the text. */
#include "mime/codec.h"
#include "mime/uudecode.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sv in = fuzz_sv(data, size);
	struct uu_block block;
	size_t at = 0, last = 0;

	while (uu_find(in, &at, &block)) {
		struct str out;

		fuzz_must(block.at >= last && block.len > 0 && block.at + block.len <= in.len &&
			  at == block.at + block.len);
		last = at;
		str_init(&out, 16u << 20);
		fuzz_must(codec_decode_all(&out, CODEC_UU, block.data, NULL));
		str_fini(&out);
	}
	return 0;
}
