/* Encodings: round trips, and the same result however the input is cut. */
#include "mime/codec.h"
#include "tests/fuzz/fuzz.h"

static void decode_in_pieces(struct str *out, enum codec_kind kind, struct sv in, size_t piece)
{
	struct codec c;

	codec_init(&c, kind);
	for (; in.len > 0; in = sv_from(in, MIN(piece, in.len)))
		fuzz_must(codec_decode(&c, out, sv_head(in, piece)));
	fuzz_must(codec_finish(&c, out));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum codec_kind kinds[] = {CODEC_7BIT, CODEC_QP, CODEC_BASE64, CODEC_UU};
	struct sv in = fuzz_sv(data, MIN(size, 1u << 18));
	struct codec_stats stats;
	struct str a, b;
	size_t i;

	str_init(&a, 16u << 20);
	str_init(&b, 16u << 20);
	for (i = 0; i < ARRAY_LEN(kinds); i++) {
		str_clear(&a);
		str_clear(&b);
		fuzz_must(codec_decode_all(&a, kinds[i], in, NULL));
		decode_in_pieces(&b, kinds[i], in, size % 7 + 1);
		fuzz_must(sv_eq(str_sv(&a), str_sv(&b)));
	}
	str_clear(&a);
	str_clear(&b);
	fuzz_must(codec_base64(&a, in, 76) &&
		  codec_decode_all(&b, CODEC_BASE64, str_sv(&a), NULL) && sv_eq(str_sv(&b), in));
	str_clear(&a);
	str_clear(&b);
	fuzz_must(codec_qp(&a, in, false) && codec_decode_all(&b, CODEC_QP, str_sv(&a), NULL) &&
		  sv_eq(str_sv(&b), in));
	codec_scan(str_sv(&a), &stats);
	fuzz_must(stats.longest <= 76 && stats.high == 0 && !stats.bare_cr);
	codec_scan(in, &stats);
	codec_choose(&stats, true, false);
	str_fini(&a);
	str_fini(&b);
	return 0;
}
