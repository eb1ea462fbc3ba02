/*
 * Leaves that hold more than they say: encoded messages, files inside a text, winmail.dat, AppleSingle, BinHex,
 * a message in pieces. What comes out is parts below the leaf, which are looked at in turn: the list is
 * the queue, so nothing here calls itself.
 */
#include <stdlib.h>

#include "mime/apple.h"
#include "mime/binhex.h"
#include "mime/part_priv.h"
#include "mime/partial.h"
#include "mime/text_file.h"
#include "mime/tnef.h"
#include "text/utf8.h"

#define NAME_MAX_BYTES 1000 /* of a name in a begin line */

static struct sv raw_body(const struct part *part)
{
	return sv_make(part->source.p + part->body_at, part->body_len);
}

/* Foreign bytes as a name; NULL when nothing is left. */
static const char *name_of(struct parser *p, struct sv bytes, const char *charset)
{
	struct str text;
	char *name;

	str_init(&text, NAME_MAX_BYTES * UTF8_MAX);
	charset_to_utf8(&text, sv_head(bytes, NAME_MAX_BYTES), sv_of(charset), p->rules, NULL);
	name = arena_strndup(p->arena, text.s ? text.s : "", text.len);
	str_fini(&text);
	return *name ? name : NULL;
}

/* A part below parent, behind last; its bytes are data, which lies in p->text. */
static struct part *make(struct parser *p, struct part *parent, struct part *last,
	enum part_made how, struct sv data)
{
	static const char letters[] = {
		[PART_TEXT_FILE] = 'u', [PART_TNEF] = 't', [PART_APPLE] = 'a', [PART_JOINED] = 'p'};
	struct part *part = part_new(p);
	size_t n = 1;

	part_set_defaults(part);
	part->type = "application";
	part->subtype = "octet-stream";
	part->made = how;
	part->parent = parent;
	part->encoding = CODEC_BINARY;
	part->encoding_name = "binary";
	part->disposition = "attachment";
	part->head_at = part->body_at = (size_t)(data.p - p->text.p);
	part->body_len = data.len;
	if (last) {
		const char *dot = strrchr(last->id, '.');

		n = strtoul(dot + 2, NULL, 10) + 1;
		last->next = part;
	} else {
		parent->child = part;
	}
	part->id = arena_printf(p->arena, "%s.%c%zu", parent->id, letters[how], n);
	return part;
}

/* ---- BinHex ---- */

/* The file in the letters, below parent, behind last; NULL: none. */
static struct part *make_from_binhex(struct parser *p, struct part *parent, struct part *last, struct sv letters)
{
	struct part *file = NULL;
	struct binhex_file f;
	struct str out;

	str_init(&out, PART_ENCODED_MAX - p->decoded);
	if (binhex_unpack(&out, letters, &f)) {
		p->decoded += f.data.len;
		p->text = sv_make(arena_strndup(p->arena, f.data.p ? f.data.p : "", f.data.len), f.data.len);
		file = make(p, parent, last, PART_APPLE, p->text);
		file->filename = name_of(p, f.name, "macintosh");
	}
	str_fini(&out);
	return file;
}

/* A body that is nothing else, with or without the line before it. */
static void unpack_binhex(struct parser *p, struct part *part, struct sv bytes)
{
	struct text_file f;
	struct sv letters;
	size_t at = 0, used;

	while (text_file_find(bytes, &at, &f))
		if (f.kind == CODEC_OTHER && make_from_binhex(p, part, NULL, f.data))
			return;
	if (binhex_find(bytes, &letters, &used))
		(void)make_from_binhex(p, part, NULL, letters);
}

/* ---- files in a text ---- */

void part_unpack_text(struct parser *p, struct part *text)
{
	struct sv body = raw_body(text);
	struct part *last = NULL;
	struct text_file f;
	size_t at = 0;

	if (!part_is(text, "text", "plain") || text->encoding > CODEC_BINARY ||
		!text_file_possible(body) || !part_has_room(p, text))
		return;
	while (p->count < PART_COUNT_MAX && text_file_find(body, &at, &f)) {
		if (f.kind == CODEC_OTHER) {
			struct sv before = p->text;
			struct part *file = make_from_binhex(p, text, last, f.data);
			p->text = before;
			last = file ? file : last;
			continue;
		}
		last = make(p, text, last, PART_TEXT_FILE, f.data);
		last->encoding = f.kind;
		last->encoding_name = codec_name(f.kind);
		last->filename = name_of(p, f.name, "");
		last->head_at = text->body_at + f.at;
	}
}

/* ---- decoded bytes ---- */

/* The decoded body, in the arena; false when it is too much or nothing. Then p->text. */
static bool decode(struct parser *p, const struct part *part, struct sv *bytes)
{
	struct str out;
	bool ok;

	str_init(&out, PART_ENCODED_MAX - p->decoded);
	ok = codec_decode_all(&out, part->encoding, raw_body(part), NULL) && out.len > 0;
	if (ok) {
		p->decoded += out.len;
		*bytes = sv_make(arena_strndup(p->arena, out.s, out.len), out.len);
		p->text = *bytes;
	}
	str_fini(&out);
	return ok;
}

static void open_encoded(struct parser *p, struct part *part)
{
	struct sv bytes;

	if (!decode(p, part, &bytes))
		return;
	part->kind = PART_MESSAGE;
	part_parse_below(p, part, bytes);
}

/* ---- winmail.dat ---- */

static bool is_tnef(const struct part *part)
{
	return part_is(part, "application", "ms-tnef") ||
	       part_is(part, "application", "vnd.ms-tnef");
}

static struct part *make_from_tnef(
	struct parser *p, struct part *parent, struct part *last, const struct tnef_file *f)
{
	/* Text in another character set lies beside the bytes that it was made of. */
	struct part *part = make(p, parent, last, PART_TNEF, f->data);

	part->ctype.value = f->type;
	part_read_type(p->arena, part);
	if (strcmp(part->type, "multipart") == 0 || strcmp(part->type, "message") == 0) {
		part->type = "application";
		part->subtype = "octet-stream";
	}
	part->charset = f->charset;
	part->filename = f->name && *f->name ? f->name : NULL;
	if (f->is_body)
		part->disposition = "inline";
	return part;
}

static void unpack_tnef(struct parser *p, struct part *part)
{
	struct part *last = NULL;
	struct sv bytes;
	struct tnef t;
	size_t i, used;

	if (!decode(p, part, &bytes))
		return;
	used = arena_used(p->arena);
	tnef_parse(p->arena, bytes, p->rules, PART_ENCODED_MAX - p->decoded, &t);
	p->decoded += MIN(arena_used(p->arena) - used, PART_ENCODED_MAX - p->decoded);
	if (t.damaged)
		part->defects |= PART_BAD_TNEF;
	for (i = 0; i < t.count && p->count < PART_COUNT_MAX; i++) {
		p->text = t.list[i].data;
		last = make_from_tnef(p, part, last, &t.list[i]);
	}
}

/* ---- AppleSingle ---- */

static void unpack_apple(struct parser *p, struct part *part)
{
	struct apple_file f;
	struct part *file;
	struct sv bytes;

	if (!decode(p, part, &bytes) || !apple_single(bytes, &f))
		return;
	file = make(p, part, NULL, PART_APPLE, f.data);
	file->filename = name_of(p, f.name, "macintosh");
	if (!file->filename)
		file->filename = part->filename;
}

static void unpack_decoded_binhex(struct parser *p, struct part *part)
{
	struct sv bytes;

	if (decode(p, part, &bytes))
		unpack_binhex(p, part, bytes);
}

/* ---- a message in pieces ---- */

struct piece {
	struct partial_piece is;
	struct part *part;
};

static int by_id(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;
	int order = sv_cmp(x->is.id, y->is.id);

	return order                                 ? order
	       : x->part->head_at < y->part->head_at ? -1
						     : x->part->head_at > y->part->head_at;
}

/* The pieces list[0..n) of one message, joined below the first of them. */
static void join(struct parser *p, struct piece *list, size_t n)
{
	struct partial_piece *pieces = xcalloc(n, sizeof(*pieces));
	struct part *first = list[0].part, *message;
	uint32_t total;
	size_t i, found = n;
	struct str whole;

	for (i = 0; i < n; i++)
		pieces[i] = list[i].is;
	str_init(&whole, PART_ENCODED_MAX - p->decoded);
	if (!partial_complete(pieces, &found, &total)) {
		for (i = 0; i < n; i++)
			list[i].part->defects |= PART_PIECES_MISSING;
	} else if (part_has_room(p, first) && partial_join(&whole, pieces, found)) {
		p->decoded += whole.len;
		p->text = sv_make(arena_strndup(p->arena, whole.s, whole.len), whole.len);
		message = make(p, first, NULL, PART_JOINED, p->text);
		message->type = "message";
		message->subtype = "rfc822";
		message->disposition = "inline";
		message->kind = PART_MESSAGE;
		part_parse_below(p, message, p->text);
	}
	str_fini(&whole);
	free(pieces);
}

static void join_all(struct parser *p)
{
	struct piece *list = NULL;
	size_t n = 0, cap = 0, i, from;

	for (i = 0; i < p->count && n < PARTIAL_PIECES_MAX; i++) {
		struct part *part = p->list[i];
		struct partial_piece piece;

		if (part->kind != PART_LEAF || !part_is(part, "message", "partial"))
			continue;
		if (!partial_piece_read(&piece, &part->ctype)) {
			part->defects |= PART_PIECES_MISSING;
			continue;
		}
		piece.body = raw_body(part);
		piece.headers = part->is_top ? &part->headers : NULL;
		array_grow(list, n, cap);
		list[n++] = (struct piece){piece, part};
	}
	if (n > 0)
		qsort(list, n, sizeof(*list), by_id);
	for (from = 0; from < n; from = i) {
		for (i = from + 1; i < n && sv_eq(list[i].is.id, list[from].is.id); i++)
			;
		join(p, list + from, i - from);
	}
	free(list);
}

/* ---- all ---- */

static void unpack(struct parser *p, struct part *part)
{
	if (part->kind != PART_LEAF || part->child || !part_has_room(p, part))
		return;
	if (part->defects & PART_ENCODED_MULTIPART)
		open_encoded(p, part);
	else if (is_tnef(part))
		unpack_tnef(p, part);
	else if (part_is(part, "application", "applefile"))
		unpack_apple(p, part);
	else if (part_is(part, "application", "mac-binhex40") || part_is(part, "application", "mac-binhex") ||
		 part_is(part, "application", "x-mac-binhex40"))
		unpack_decoded_binhex(p, part);
	p->defects |= part->defects;
}

void part_unpack_all(struct parser *p)
{
	size_t i = 0;

	for (; i < p->count; i++)
		unpack(p, p->list[i]);
	join_all(p);
	for (; i < p->count; i++)
		unpack(p, p->list[i]);
}
