/*
 * The decoded bytes of one part (render.h).
 */
#include "render/render_priv.h"

#include "base/fs.h"

struct extract {
	int fd;
	uint64_t bytes;
};

static bool write_piece(void *data, struct sv piece, struct err *e)
{
	struct extract *x = data;

	x->bytes += piece.len;
	return fs_write_all(x->fd, piece, e);
}

bool render_extract(struct sv message, const char *id, int fd, uint64_t *bytes, struct err *e)
{
	struct arena *arena = arena_new();
	struct charset_rules rules = CHARSET_RULES_DEFAULT;
	struct part_tree *tree = part_parse(arena, message, &rules);
	struct part *p = part_by_id(tree, id);
	struct extract x = {fd, 0};
	bool ok;

	if (!p)
		ok = err_set(e, ERR_GONE, "there is no part %.40s", id);
	else if (server_part(p, "section"))
		ok = err_set(e, ERR_GONE, "part %.40s is on the server", id);
	else if (p->kind == PART_LEAF)
		ok = part_decode_to(tree, p, write_piece, &x, e);
	else
		ok = write_piece(&x, part_raw(tree, p), e);
	*bytes = x.bytes;
	arena_free(arena);
	return ok;
}

/* A text in another charset than its own. */
static bool write_text(struct part_tree *tree, const struct part *p, const char *charset, struct extract *x,
	const struct charset_rules *rules, struct err *e)
{
	struct str text, made;
	bool ok;

	str_init(&text, PART_TEXT_MAX);
	str_init(&made, PART_TEXT_MAX);
	ok = part_text(&text, tree, p, rules, NULL, e);
	if (ok && !charset_is_utf8(sv_of(charset)))
		ok = charset_from_utf8(&made, str_sv(&text), charset, e) && write_piece(x, str_sv(&made), e);
	else if (ok)
		ok = write_piece(x, str_sv(&text), e);
	str_fini(&made);
	str_fini(&text);
	return ok;
}

bool render_extract_text(
	struct sv message, const char *id, const char *charset, int fd, uint64_t *bytes, struct err *e)
{
	struct arena *arena = arena_new();
	struct charset_rules rules = CHARSET_RULES_DEFAULT;
	struct part_tree *tree = part_parse(arena, message, &rules);
	struct part *p = part_by_id(tree, id);
	struct extract x = {fd, 0};
	bool ok;

	if (!p || p->kind != PART_LEAF || !part_is(p, "text", NULL) || server_part(p, "section"))
		ok = render_extract(message, id, fd, &x.bytes, e);
	else
		ok = write_text(tree, p, charset, &x, &rules, e);
	*bytes = x.bytes;
	arena_free(arena);
	return ok;
}
