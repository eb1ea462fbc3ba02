/* Messages that are written: they parse without a defect, and the text and the attachment come
 * back. */
#include "mime/build.h"
#include "mime/envelope.h"
#include "tests/fuzz/fuzz.h"
#include "text/utf8.h"

static void build_and_read(
	const char *subject, struct sv body, struct sv file, const char *name, bool flowed)
{
	struct arena *arena = arena_new();
	struct addr_list from = {0}, to = {0};
	struct build_part parts[2] = {{.type = "text/plain", .data = body, .flowed = flowed},
		{.type = "application/octet-stream", .data = file, .filename = name}};
	struct build_part mixed = {.type = "multipart/mixed", .children = parts, .n_children = 2};
	struct build b = {.from = &from, .to = &to, .subject = subject, .body = &mixed};
	struct part_tree *tree;
	struct envelope env;
	struct str out, text;

	addr_parse(arena, sv_of(subject), NULL, &to);
	addr_list_add_mailbox(arena, &from, sv_of(subject), SV("a@example.org"));
	str_init(&out, BUILD_MAX);
	str_init(&text, BUILD_MAX);
	if (build_message(&out, &b, NULL, NULL)) {
		tree = part_parse(arena, str_sv(&out), NULL);
		fuzz_must(tree->count == 3 && tree->defects == 0);
		envelope_parse(arena, &tree->root->headers, NULL, &env);
		fuzz_must(env.has_date && env.has_subject && env.from.count == 1);
		fuzz_must(sv_eq(sv_trim(sv_of(env.subject)), sv_trim(sv_of(subject))));
		fuzz_must(part_decode(&text, tree, tree->list[2], NULL));
		if (tree->list[2]->encoding == CODEC_BASE64)
			fuzz_must(sv_eq(str_sv(&text), file));
		else
			fuzz_must(sv_starts(str_sv(&text), file));
	}
	str_fini(&out);
	str_fini(&text);
	arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sv in = fuzz_sv(data, MIN(size, 1u << 16));
	struct str text, line;
	size_t i, half;

	str_init(&text, 1u << 20);
	str_init(&line, 1u << 20);
	utf8_add_fixed(&text, in);
	utf8_add_fixed(&line, sv_head(in, 300));
	for (i = 0; i < line.len; i++)
		if ((unsigned char)line.s[i] < ' ' || line.s[i] == 0x7f)
			line.s[i] = ' ';
	half = utf8_head(str_sv(&text), text.len / 2).len;
	build_and_read(line.s ? line.s : "", sv_head(str_sv(&text), half), in,
		line.len ? line.s : "x", size & 1);
	str_fini(&text);
	str_fini(&line);
	return 0;
}
