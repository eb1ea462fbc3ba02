/*
 * The parser of messages (see part.h). One pass: headers of a part, then the search for the next
 * boundary line of any multipart that is open; the stack of those is an array, so depth costs no
 * stack of ours.
 */
#include "mime/part.h"

#include <stdlib.h>

#include "mime/part_priv.h"
#include "text/utf8.h"

/* A boundary line of an open multipart. */
struct hit {
	size_t line_at, line_end; /* the line with its LF */
	int frame;
	bool closes;
};

static uint32_t hash_bytes(struct sv s)
{
	uint32_t h = 2166136261u;
	size_t i;

	for (i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.p[i]) * 16777619u;
	return h;
}

/* boundary="" is used, too; blanks behind "--" would make it a signature. */
static int match_empty(const struct parser *p, struct sv line, bool *closes)
{
	int i;

	while (line.len > 0 && (line.p[line.len - 1] == '\n' || line.p[line.len - 1] == '\r'))
		line.len--;
	*closes = sv_is(line, "----");
	if (!*closes && !sv_is(line, "--"))
		return -1;
	for (i = p->depth - 1; i >= 0; i--)
		if (p->stack[i].delimited && p->stack[i].boundary.len == 0)
			return i;
	return -1;
}

/* The frame whose delimiter this line is, -1 when there is none; innermost first. line: without
 * its end. */
static int match_boundary(const struct parser *p, struct sv line, bool *closes)
{
	struct sv open, close;
	uint32_t open_hash, close_hash = 0;
	int i = match_empty(p, line, closes);

	if (i >= 0)
		return i;
	line = sv_rtrim(line);
	if (line.len < 3 || line.p[0] != '-' || line.p[1] != '-' ||
		line.len > PART_BOUNDARY_MAX + 4)
		return -1;
	open = sv_from(line, 2);
	close = open;
	if (close.len > 2 && close.p[close.len - 1] == '-' && close.p[close.len - 2] == '-')
		close.len -= 2;
	open_hash = hash_bytes(open);
	if (close.len < open.len)
		close_hash = hash_bytes(close);
	for (i = p->depth - 1; i >= 0; i--) {
		const struct frame *f = &p->stack[i];

		if (f->boundary.len == 0)
			continue;
		*closes = false;
		if (f->hash == open_hash && sv_eq(f->boundary, open))
			return i;
		*closes = true;
		if (close.len < open.len && f->hash == close_hash && sv_eq(f->boundary, close))
			return i;
	}
	return -1;
}

static bool stops_header(void *data, struct sv line)
{
	bool closes;

	return match_boundary(data, line, &closes) >= 0;
}

static bool has_boundaries(const struct parser *p)
{
	int i;

	for (i = 0; i < p->depth; i++)
		if (p->stack[i].delimited)
			return true;
	return false;
}

/* The first delimiter line of any open multipart at or after at (a line start). */
static bool find_boundary(const struct parser *p, size_t at, struct hit *hit)
{
	const char *text = p->text.p, *end = text + p->text.len, *from = text + at, *lf;
	ptrdiff_t next;

	if (!has_boundaries(p))
		return false;
	while (from < end) {
		if (end - from >= 3 && from[0] == '-' && from[1] == '-') {
			size_t len;

			lf = memchr(from, '\n', (size_t)(end - from));
			len = lf ? (size_t)(lf - from) + 1 : (size_t)(end - from);
			hit->frame = match_boundary(p, sv_make(from, len), &hit->closes);
			if (hit->frame >= 0) {
				hit->line_at = (size_t)(from - text);
				hit->line_end = hit->line_at + len;
				return true;
			}
		}
		next = sv_find_line(sv_make(from, (size_t)(end - from)), SV("--"));
		if (next < 0)
			return false;
		from += next;
	}
	return false;
}

/* The end of what stands before a delimiter: the line break in front of it belongs to the
 * delimiter. */
static size_t before_line_break(const struct parser *p, size_t start, size_t at)
{
	if (at > start && p->text.p[at - 1] == '\n')
		at--;
	if (at > start && p->text.p[at - 1] == '\r')
		at--;
	return at;
}

/* ---- one part ---- */

/* head, "." when it does not end in one, and the number (a message has a million parts: no printf). */
static const char *numbered(struct arena *arena, struct sv head, size_t number)
{
	char digits[24], *id, *to;
	size_t n = sizeof(digits);
	bool dot = head.len > 0 && head.p[head.len - 1] != '.';

	do
		digits[--n] = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	id = to = arena_alloc(arena, head.len + dot + (sizeof(digits) - n) + 1);
	memcpy(to, head.p, head.len);
	to += head.len;
	if (dot)
		*to++ = '.';
	memcpy(to, digits + n, sizeof(digits) - n);
	return id;
}

static void set_id(struct parser *p, struct part *part, const struct frame *in)
{
	size_t multi = part->kind == PART_MULTIPART;
	struct sv up;

	if (!in) {
		part->id = multi ? "0" : "1";
		return;
	}
	up = sv_of(in->part->id);
	if (in->part->kind == PART_MESSAGE) {
		part->id = numbered(p->arena, up, !multi);
		return;
	}
	/* "0" and "2.0" of the multipart above are not part of the number. */
	if (sv_is(up, "0") || (up.len > 1 && up.p[up.len - 1] == '0' && up.p[up.len - 2] == '.'))
		up.len--;
	part->id = numbered(p->arena, up, in->children);
}

struct part *part_new(struct parser *p)
{
	struct part *part = arena_alloc(p->arena, sizeof(*part));

	array_grow(p->list, p->count, p->cap);
	p->list[p->count++] = part;
	part->source = p->text;
	return part;
}

/* Hangs the part below the innermost frame. */
static void attach(struct parser *p, struct part *part)
{
	struct frame *in = p->depth > 0 ? &p->stack[p->depth - 1] : NULL;

	if (!in) {
		p->root = part;
		return;
	}
	part->parent = in->part;
	if (in->last)
		in->last->next = part;
	else
		in->part->child = part;
	in->last = part;
	in->children++;
}

static void push(struct parser *p, struct part *part, const char *boundary)
{
	struct frame *f = &p->stack[p->depth++];

	*f = (struct frame){.part = part};
	if (boundary) {
		f->delimited = true;
		f->boundary = sv_head(sv_rtrim(sv_of(boundary)), PART_BOUNDARY_MAX);
		f->hash = hash_bytes(f->boundary);
	}
}

/* The part gets text up to `end`. */
static void set_end(struct part *part, size_t end)
{
	part->body_len = end > part->body_at ? end - part->body_at : 0;
}

/* A multipart that shows no parts is shown as text: its whole body is one part. */
static void add_text_child(struct parser *p, struct frame *f)
{
	struct part *multi = f->part, *part;

	if (p->count >= PART_COUNT_MAX)
		return;
	part = part_new(p);
	part->parent = multi;
	multi->child = part;
	part_set_defaults(part);
	f->children = 1;
	set_id(p, part, f);
	part->head_at = part->body_at = multi->body_at;
	part->body_len = multi->body_len;
}

static void close_frame(struct parser *p, size_t end, unsigned defect)
{
	struct frame *f = &p->stack[p->depth - 1];

	set_end(f->part, end);
	if (f->part->kind == PART_MULTIPART && !f->part->child) {
		f->part->defects |= f->delimited ? PART_BOUNDARY_MISSING : PART_NO_BOUNDARY;
		add_text_child(p, f);
	} else if (f->part->kind == PART_MULTIPART) {
		f->part->defects |= defect;
	}
	p->defects |= f->part->defects;
	p->depth--;
}

/* boundary='b' for b: only at the top, where one look through the message is all that it costs. */
static const char *without_quotes(const struct parser *p, const char *boundary, size_t body_at)
{
	struct sv b = sv_of(boundary);

	if (p->depth > 0 || b.len < 3 || b.p[0] != '\'' || b.p[b.len - 1] != '\'' ||
		sv_find(sv_from(p->text, body_at), sv_of(arena_printf(p->arena, "--%s", boundary))) >= 0)
		return boundary;
	return arena_strndup(p->arena, b.p + 1, b.len - 2);
}

/* A part begins at `at`: reads its header, says what it is. */
static struct part *read_header(struct parser *p, size_t at)
{
	struct part *part = part_new(p);
	struct frame *in = p->depth > 0 ? &p->stack[p->depth - 1] : NULL;
	const char *boundary = NULL;
	struct sv text = sv_from(p->text, at);

	attach(p, part);
	part->head_at = at;
	part->is_top = !in || in->part->kind == PART_MESSAGE;
	headers_parse_until(p->arena, &p->fields, text, stops_header, p, &part->headers);
	part->body_at = at + part->headers.body_at;
	part_read_fields(p->arena, part, p->rules, in && part_is(in->part, "multipart", "digest"));
	if (part->kind == PART_MULTIPART)
		boundary = params_get(&part->ctype, "boundary");
	if (boundary)
		boundary = without_quotes(p, boundary, part->body_at);
	if (part->kind != PART_LEAF && p->depth == PART_DEPTH_MAX) {
		part->defects |= PART_TOO_DEEP;
		part->kind = PART_LEAF;
	}
	set_id(p, part, in);
	p->defects |= part->defects;
	if (part->kind != PART_LEAF)
		push(p, part, boundary);
	return part;
}

/* ---- the loop ---- */

static void end_leaf(struct parser *p, struct part *leaf, size_t end)
{
	if (!leaf)
		return;
	set_end(leaf, end);
	part_unpack_text(p, leaf);
}

/*
 * A part, and if it is no leaf what is inside, down to the first leaf: that is returned with its
 * end open (NULL when the innermost is a multipart, whose preamble begins).
 */
static struct part *descend(struct parser *p, size_t at)
{
	for (;;) {
		struct part *part = read_header(p, at);

		if (part->kind == PART_LEAF)
			return part;
		if (part->kind == PART_MULTIPART)
			return NULL;
		if (p->count >= PART_COUNT_MAX)
			return NULL;
		at = part->body_at; /* a message inside */
	}
}

static void note_preamble(struct parser *p, const struct hit *hit)
{
	const struct frame *f = &p->stack[hit->frame];

	if (f->part == p->root && f->children == 0)
		p->preamble = sv_make(p->text.p + f->part->body_at,
			before_line_break(p, f->part->body_at, hit->line_at) - f->part->body_at);
}

/* Where the innermost open thing began: its end cannot lie before. */
static size_t innermost(const struct parser *p, const struct part *leaf)
{
	if (leaf)
		return leaf->body_at;
	return p->depth > 0 ? p->stack[p->depth - 1].part->body_at : 0;
}

/* All that ends before the delimiter of frame number `outer`. */
static void close_inside(struct parser *p, struct part *leaf, int outer, size_t end)
{
	end_leaf(p, leaf, end);
	if (p->closed)
		set_end(p->closed, end);
	p->closed = NULL;
	while (p->depth - 1 > outer) /* multiparts that are still open were cut off */
		close_frame(p, end, PART_UNTERMINATED);
}

/* From the first byte of p->text on; below the frames that are open already. */
static void run(struct parser *p)
{
	int base = p->depth;
	struct part *leaf = descend(p, 0);
	size_t at = innermost(p, leaf);
	struct hit hit;

	while (find_boundary(p, at, &hit)) {
		note_preamble(p, &hit);
		close_inside(
			p, leaf, hit.frame, before_line_break(p, innermost(p, leaf), hit.line_at));
		leaf = NULL;
		at = hit.line_end;
		if (hit.closes) {
			struct part *part = p->stack[hit.frame].part;

			close_frame(p, hit.line_at, 0);
			p->closed = part;
			if (part == p->root) {
				p->epilogue = sv_from(p->text, at);
				break;
			}
			continue;
		}
		if (p->count >= PART_COUNT_MAX) {
			p->defects |= PART_TOO_MANY;
			break;
		}
		leaf = descend(p, at);
		at = innermost(p, leaf);
	}
	close_inside(p, leaf, base - 1, p->text.len);
}

/* How many multiparts and messages stand above. */
static int depth_of(const struct part *part)
{
	int n = 0;

	for (; part->parent; part = part->parent)
		n++;
	return n;
}

bool part_has_room(const struct parser *p, const struct part *part)
{
	return p->count < PART_COUNT_MAX && depth_of(part) < PART_DEPTH_MAX - 1;
}

void part_parse_below(struct parser *p, struct part *part, struct sv message)
{
	p->text = message;
	push(p, part, NULL);
	run(p);
	p->depth = 0;
}

/* Back to the order of the message, after more was hung into the tree. */
static void sort_list(struct parser *p)
{
	struct part *at = p->root;
	size_t i;

	for (i = 0; at; at = part_walk(p->root, at))
		p->list[i++] = at;
}

struct part_tree *part_parse(
	struct arena *arena, struct sv message, const struct charset_rules *rules)
{
	struct parser *p = xcalloc(1, sizeof(*p));
	struct part_tree *tree = arena_alloc(arena, sizeof(*tree));
	size_t before;

	p->arena = arena;
	p->rules = rules;
	message = headers_lf(arena, message.p ? message : SV(""));
	p->text = message;
	run(p);
	before = p->count;
	part_unpack_all(p);
	if (p->count > before)
		sort_list(p);
	tree->message = message;
	tree->root = p->root;
	tree->count = p->count;
	tree->list = arena_alloc(arena, p->count * sizeof(*tree->list));
	memcpy(tree->list, p->list, p->count * sizeof(*tree->list));
	tree->arena = arena;
	tree->defects = p->defects;
	tree->preamble = p->preamble;
	tree->epilogue = p->epilogue;
	free(p->fields.list);
	free(p->list);
	free(p);
	return tree;
}
