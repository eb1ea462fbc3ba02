/* Messages: every part lies inside the message and its parent, ids are found again, text is
 * UTF-8. */
#include "mime/envelope.h"
#include "mime/part.h"
#include "tests/fuzz/fuzz.h"
#include "text/utf8.h"

const char *const fuzz_shared[] = {"1-mime", "6-security", "7-html", NULL};

#define TEXT_PARTS 8 /* of one message that are decoded */

static void check_part(const struct part_tree *tree, const struct part *part)
{
	const struct part *up = part->parent;

	fuzz_must(part->head_at <= part->body_at &&
		  part->body_at + part->body_len <= part->source.len);
	fuzz_must(part->source.p == tree->message.p || up);
	if (up && up->source.p == part->source.p)
		fuzz_must(part->head_at >= up->body_at &&
			  part->body_at + part->body_len <= up->body_at + up->body_len);
	fuzz_must(utf8_is_valid(sv_of(part->filename)));
	part_is_attachment(part);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct part_tree *tree = part_parse(arena, fuzz_sv(data, size), NULL);
	const struct part *at;
	struct envelope env;
	struct str out;
	size_t i, walked = 0, texts = 0;

	envelope_parse(arena, &tree->root->headers, NULL, &env);
	fuzz_must(utf8_is_valid(sv_of(env.subject)));
	for (at = tree->root; at; at = part_walk(tree->root, at))
		walked++;
	fuzz_must(walked == tree->count);
	for (i = 0; i < tree->count; i++) {
		const struct part *part = tree->list[i];

		check_part(tree, part);
		if (i < 100)
			fuzz_must(part_by_id(tree, part->id) == part);
		if (texts >= TEXT_PARTS)
			continue;
		texts++;
		str_init(&out, PART_TEXT_MAX);
		fuzz_must(part_decode(&out, tree, part, NULL) && out.len == part_size(tree, part));
		str_clear(&out);
		fuzz_must(part_text(&out, tree, part, NULL, NULL, NULL) &&
			  utf8_is_valid(str_sv(&out)));
		str_fini(&out);
	}
	str_init(&out, 64u << 20);
	fuzz_must(part_tree_text(&out, tree));
	str_fini(&out);
	arena_free(arena);
	return 0;
}
