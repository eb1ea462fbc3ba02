/*
 * Shapes of messages (see shape.h).
 */
#include "mime/shape.h"

static const struct {
	char letter;
	const char *type;
} majors[] = {{'a', "application"}, {'e', "message"}, {'i', "image"}, {'m', "multipart"}, {'t', "text"},
	{'u', "audio"}, {'v', "video"}};

/* ---- writing ---- */

static bool add_word(struct str *out, struct sv word)
{
	for (size_t i = 0; i < word.len; i++) {
		char c = (char)ascii_lower((unsigned char)word.p[i]);
		if (c <= ' ' || c == 0x7f || strchr("(),/", c))
			c = '_';
		if (!str_addc(out, c))
			return false;
	}
	return true;
}

static bool add_major(struct str *out, struct sv type)
{
	for (size_t i = 0; i < ARRAY_LEN(majors); i++)
		if (sv_is_case(type, majors[i].type))
			return str_addc(out, majors[i].letter);
	return add_word(out, type);
}

static bool add_brackets(struct shape *s, int depth)
{
	if (s->depth < 0)
		return true;
	if (depth > s->depth)
		return str_addc(s->out, '(');
	for (int d = s->depth; d > depth; d--)
		if (!str_addc(s->out, ')'))
			return false;
	return str_addc(s->out, ',');
}

void shape_add(struct shape *s, int depth, struct sv type, struct sv subtype, bool attached)
{
	size_t start = s->out->len;

	if (s->full)
		return;
	bool ok = add_brackets(s, depth) && (!attached || str_addc(s->out, '+')) && add_major(s->out, type) &&
		  str_addc(s->out, '/') && add_word(s->out, subtype) && s->out->len <= SHAPE_MAX;
	if (!ok) {
		str_cut(s->out, start);
		s->full = true;
		return;
	}
	s->depth = depth;
}

static bool is_attached(const struct part *p)
{
	return p->disposition[0] && strcmp(p->disposition, "inline") != 0;
}

/* It, or something around it, was unpacked from a leaf. */
static bool is_packed(const struct part *p)
{
	for (; p; p = p->parent)
		if (p->made != PART_REAL)
			return true;
	return false;
}

void shape_of_tree(struct str *out, const struct part_tree *tree)
{
	struct shape s = {.out = out, .depth = -1};
	const struct part *root = tree->root;
	int depth = 0;

	str_clear(out);
	for (const struct part *at = root, *next; at; at = next) {
		if (!is_packed(at))
			shape_add(&s, depth, sv_of(at->type), sv_of(at->subtype), is_attached(at));
		next = part_walk(root, at);
		if (next && next->parent == at) {
			depth++;
			continue;
		}
		for (const struct part *p = at; next && p->parent != next->parent; p = p->parent)
			depth--;
	}
}

/* ---- reading ---- */

struct shape_scan shape_scan_of(struct sv shape)
{
	return (struct shape_scan){.rest = shape, .depth = 0, .first = true};
}

static struct sv full_major(struct sv type)
{
	for (size_t i = 0; type.len == 1 && i < ARRAY_LEN(majors); i++)
		if (type.p[0] == majors[i].letter)
			return sv_of(majors[i].type);
	return type;
}

/* The brackets and commas before a part. */
static void take_brackets(struct shape_scan *s)
{
	size_t i = 0;

	for (; i < s->rest.len && strchr("(),", s->rest.p[i]); i++) {
		if (s->rest.p[i] == '(')
			s->depth++;
		else if (s->rest.p[i] == ')')
			s->depth--;
		s->first = s->rest.p[i] == '(';
	}
	s->rest = sv_from(s->rest, i);
}

bool shape_next(struct shape_scan *s, struct shape_part *p)
{
	size_t n = 0;

	take_brackets(s);
	if (!s->rest.len || s->depth < 0)
		return false;
	while (n < s->rest.len && !strchr("(),", s->rest.p[n]))
		n++;
	struct sv word = sv_head(s->rest, n);
	s->rest = sv_from(s->rest, n);
	*p = (struct shape_part){.depth = s->depth, .first = s->first};
	p->attached = word.len && word.p[0] == '+';
	word = sv_from(word, p->attached);
	ptrdiff_t slash = sv_chr(word, '/');
	p->type = full_major(slash < 0 ? word : sv_head(word, (size_t)slash));
	p->subtype = slash < 0 ? SV("") : sv_from(word, (size_t)slash + 1);
	s->first = false;
	return true;
}
