/*
 * HTML at several widths: lines are safe to show, links that spans name exist, and the document goes
 * through its own encoding.
 */
#include "render/render.h"
#include "tests/fuzz/fuzz.h"
#include "text/utf8.h"

#define INPUT_MAX (256u << 10)

const char *const fuzz_shared[] = {"7-html", NULL};

static void check(const struct doc *d)
{
	struct str bytes;
	struct err e;

	for (uint32_t i = 0; i < d->line_count; i++)
		fuzz_must(utf8_is_safe(doc_line_text(d, i), UTF8_SAFE_EMOJI));
	for (uint32_t i = 0; i < d->span_count; i++)
		fuzz_must(d->spans[i].link <= d->link_count);
	for (uint32_t i = 0; i < d->link_count; i++)
		fuzz_must(d->links[i].line <= d->line_count);
	str_init(&bytes, DOC_BYTES_MAX);
	fuzz_must(doc_encode(d, &bytes, &e));
	struct doc *back = doc_decode(str_sv(&bytes), &e);
	fuzz_must(back);
	doc_free(back);
	str_fini(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int widths[] = {80, 21, 10};
	struct render_opts o;

	render_opts_init(&o);
	for (size_t i = 0; i < ARRAY_LEN(widths); i++) {
		o.width = widths[i];
		struct doc *d = render_html_piece(fuzz_sv(data, MIN(size, INPUT_MAX)), &o);
		check(d);
		doc_free(d);
	}
	render_opts_fini(&o);
	return 0;
}
