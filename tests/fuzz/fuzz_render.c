/*
 * Whole messages in every mode: documents are safe and go through their encoding, JSON can be made, each
 * part can be taken out.
 */
#include <fcntl.h>
#include <unistd.h>

#include "render/render.h"
#include "tests/fuzz/fuzz.h"
#include "text/utf8.h"

#define INPUT_MAX (1u << 20)
#define PARTS_TRIED 8

const char *const fuzz_shared[] = {"1-mime", "6-security", NULL};

static void check(const struct doc *d)
{
	struct str bytes;
	struct err e;

	for (uint32_t i = 0; i < d->line_count; i++)
		fuzz_must(utf8_is_safe(doc_line_text(d, i), UTF8_SAFE_EMOJI));
	str_init(&bytes, DOC_BYTES_MAX);
	fuzz_must(doc_encode(d, &bytes, &e));
	struct doc *back = doc_decode(str_sv(&bytes), &e);
	fuzz_must(back);
	fuzz_must(back->part_count == d->part_count && back->line_count == d->line_count);
	doc_free(back);
	str_fini(&bytes);
}

static void extract_parts(struct sv message, const struct doc *d)
{
	int fd = open("/dev/null", O_WRONLY);
	uint64_t bytes;
	struct err e;

	for (uint32_t i = 0; i < d->part_count && i < PARTS_TRIED; i++)
		if (!render_extract(message, d->parts[i].id, fd, &bytes, &e))
			fuzz_must(e.class == ERR_GONE);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum render_mode modes[] = {RENDER_DOC, RENDER_REPLY, RENDER_SOURCE, RENDER_HEADERS};
	struct sv message = fuzz_sv(data, MIN(size, INPUT_MAX));
	struct render_opts o;
	struct str json;
	struct err e;

	render_opts_init(&o);
	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		o.mode = modes[i];
		o.width = i & 1 ? 30 : 80;
		o.markers = o.allow_ansi = o.alternative_info = i & 1;
		struct doc *d = render_message(message, &o);
		check(d);
		if (i == 0)
			extract_parts(message, d);
		doc_free(d);
	}
	o.mode = RENDER_DOC;
	str_init(&json, 256u << 20);
	fuzz_must(render_json(message, &o, &json, &e));
	str_fini(&json);
	render_opts_fini(&o);
	return 0;
}
