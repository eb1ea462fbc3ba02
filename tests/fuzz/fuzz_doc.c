/*
 * doc_open and doc_decode: bytes of an untrusted renderer. What they take is safe to show, and what is whole
 * encodes to the same document again.
 */
#include "tests/fuzz/fuzz.h"
#include "text/doc.h"
#include "text/utf8.h"

static void keep(struct sv bytes)
{
	(void)bytes;
}

/* Asked for from the end, as somebody does who presses End. */
static void look(struct sv bytes)
{
	struct err e;
	struct doc *d = doc_open(bytes, keep, &e);

	for (uint32_t i = d ? d->line_count : 0; i-- > 0;) {
		const struct doc_line *l = doc_line(d, i);
		fuzz_must(utf8_is_safe(doc_line_text(d, i), UTF8_SAFE_EMOJI));
		fuzz_must(l->span + l->spans <= d->span_count && l->at + l->len <= d->text_len);
	}
	doc_free(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e;
	struct doc *d = doc_decode(fuzz_sv(data, size), &e), *again;
	struct str bytes;

	look(fuzz_sv(data, size));
	if (!d)
		return 0;
	for (uint32_t i = 0; i < d->line_count; i++)
		fuzz_must(utf8_is_safe(doc_line_text(d, i), UTF8_SAFE_EMOJI));
	str_init(&bytes, DOC_BYTES_MAX);
	fuzz_must(doc_encode(d, &bytes, &e));
	again = doc_decode(str_sv(&bytes), &e);
	fuzz_must(again && again->line_count == d->line_count && again->text_len == d->text_len);
	doc_free(again);
	doc_free(d);
	str_fini(&bytes);
	return 0;
}
