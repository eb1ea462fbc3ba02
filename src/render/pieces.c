/*
 * The option pieces=yes: a digest of a piece of a message (message/partial) and of others that may belong
 * to it becomes the message that they were.
 */
#include "mime/part.h"
#include "render/render.h"

static bool wanted(struct sv options)
{
	struct sv line;

	while (sv_line(&options, &line))
		if (sv_is(line, "pieces=yes"))
			return true;
	return false;
}

bool render_pieces(struct str *message, struct sv options)
{
	struct arena *arena;
	struct part_tree *tree;
	const struct part *first, *piece;
	struct str made;
	bool ok = true;

	if (!wanted(options))
		return true;
	arena = arena_new();
	str_init(&made, message->max);
	tree = part_parse(arena, str_sv(message), NULL);
	first = tree->root->child;
	piece = first && first->kind == PART_MESSAGE ? first->child : NULL;
	if (piece && piece->child && piece->child->made == PART_JOINED)
		ok = str_add(&made, part_raw(tree, piece->child));
	else if (piece)
		ok = str_add(&made, part_raw(tree, first));
	if (ok && piece) {
		str_fini(message);
		*message = made;
	} else {
		str_fini(&made);
	}
	arena_free(arena);
	return ok;
}
