/*
 * Bodies of parts: decoded bytes, text, and questions about a tree (see part.h).
 */
#include "mime/part.h"
#include "text/utf8.h"

#define PIECE (48u * 1024) /* encoded bytes taken at once */
#define META_LOOK 2048     /* bytes in which a <meta> charset is looked for */

static const char *const defect_names[PART_DEFECTS] = {"no-boundary", "boundary-missing",
	"unterminated-multipart", "bad-content-type", "bad-transfer-encoding", "encoded-multipart",
	"bad-header", "too-deep", "too-many-parts", "too-many-fields", "raw-8bit-header",
	"duplicate-field", "nul-in-header", "bad-tnef", "pieces-missing"};

const char *part_defect_name(unsigned bit)
{
	return bit < PART_DEFECTS ? defect_names[bit] : "unknown";
}

/* ---- the tree ---- */

struct part *part_by_id(const struct part_tree *tree, const char *id)
{
	size_t i;

	for (i = 0; i < tree->count; i++)
		if (strcmp(tree->list[i]->id, id) == 0)
			return tree->list[i];
	return NULL;
}

struct part *part_walk(const struct part *root, const struct part *at)
{
	if (at->child)
		return at->child;
	while (at != root) {
		if (at->next)
			return at->next;
		at = at->parent;
		if (!at)
			break;
	}
	return NULL;
}

bool part_is(const struct part *part, const char *type, const char *subtype)
{
	return strcmp(part->type, type) == 0 && (!subtype || strcmp(part->subtype, subtype) == 0);
}

static bool is_signature(const struct part *part)
{
	return part_is(part, "application", "pgp-signature") ||
	       part_is(part, "application", "pkcs7-signature") ||
	       part_is(part, "application", "x-pkcs7-signature") ||
	       part_is(part, "application", "pgp-encrypted");
}

/* What mutt and we leave of an attachment that was deleted from its message. */
static bool was_deleted(const struct part *part)
{
	const char *access = params_get(&part->ctype, "access-type");

	return part_is(part, "message", "external-body") && access && strcmp(access, "x-mutt-deleted") == 0;
}

bool part_is_attachment(const struct part *part)
{
	bool text = part_is(part, "text", "plain") || part_is(part, "text", "html") ||
		    part_is(part, "text", "enriched");
	bool related = part->parent && part_is(part->parent, "multipart", "related");

	if (part->kind == PART_MULTIPART)
		return false;
	if (strcmp(part->disposition, "attachment") == 0)
		return true;
	if (is_signature(part) || part_is(part, "message", "delivery-status") || was_deleted(part))
		return false;
	if (part->kind == PART_MESSAGE)
		return true;
	if (strcmp(part->disposition, "inline") == 0 && (text || related))
		return false;
	if (part->filename)
		return !text || part->parent != NULL;
	return strcmp(part->type, "text") != 0 && !related;
}

bool part_is_file(const struct part *part)
{
	return part_is_attachment(part) ||
	       (part->kind == PART_LEAF && part->parent && part->filename && !is_signature(part));
}

/* Opens what is new below and closes what is left, in one walk. */
bool part_tree_text(struct str *out, const struct part_tree *tree)
{
	const struct part *at = tree->root;

	for (;;) {
		const struct part *child = at->child && !at->child->made ? at->child : NULL;

		if (!str_addf(out, "%s/%s", at->type, at->subtype))
			return false;
		if (child) {
			if (!str_addc(out, '('))
				return false;
			at = child;
			continue;
		}
		while (at != tree->root && !at->next) {
			if (!str_addc(out, ')'))
				return false;
			at = at->parent;
		}
		if (at == tree->root)
			return true;
		if (!str_addc(out, ','))
			return false;
		at = at->next;
	}
}

/* ---- bytes ---- */

struct sv part_raw(const struct part_tree *tree, const struct part *part)
{
	(void)tree;
	return sv_make(part->source.p + part->body_at, part->body_len);
}

static bool is_encoded(const struct part *part)
{
	return part->kind != PART_MULTIPART &&
	       (part->encoding == CODEC_BASE64 || part->encoding == CODEC_QP ||
		       part->encoding == CODEC_UU || part->encoding == CODEC_YENC);
}

bool part_decode_to(const struct part_tree *tree, const struct part *part, part_sink *fn,
	void *data, struct err *e)
{
	struct sv raw = part_raw(tree, part);
	struct codec codec;
	struct str piece;
	bool ok = true;

	if (!is_encoded(part)) {
		for (; ok && raw.len > 0; raw = sv_from(raw, MIN(raw.len, PIECE)))
			ok = fn(data, sv_head(raw, PIECE), e);
		return ok;
	}
	codec_init(&codec, part->encoding);
	str_init(&piece, PIECE * 2);
	for (; ok && raw.len > 0; raw = sv_from(raw, MIN(raw.len, PIECE))) {
		str_clear(&piece);
		codec_decode(&codec, &piece, sv_head(raw, PIECE));
		ok = piece.len == 0 || fn(data, str_sv(&piece), e);
	}
	str_clear(&piece);
	if (ok && codec_finish(&codec, &piece) && piece.len > 0)
		ok = fn(data, str_sv(&piece), e);
	str_fini(&piece);
	return ok;
}

bool part_decode(
	struct str *out, const struct part_tree *tree, const struct part *part, struct err *e)
{
	struct sv raw = part_raw(tree, part);
	bool ok = is_encoded(part) ? codec_decode_all(out, part->encoding, raw, NULL)
				   : str_add(out, raw);

	return ok || err_set(e, ERR_LIMIT, "part %s is larger than %zu bytes", part->id, out->max);
}

static bool count_bytes(void *data, struct sv piece, struct err *e)
{
	(void)e;
	*(size_t *)data += piece.len;
	return true;
}

size_t part_size(const struct part_tree *tree, const struct part *part)
{
	size_t n = 0;

	if (!is_encoded(part))
		return part->body_len;
	if (!part_decode_to(tree, part, count_bytes, &n, NULL))
		return n;
	return n;
}

/* ---- text ---- */

/* charset=... in the first bytes of an HTML text. */
static struct sv meta_charset(struct sv html)
{
	static const char *const ends = " \t\r\n\"';/>";
	struct sv head = sv_head(html, META_LOOK);
	ptrdiff_t meta = sv_find_case(head, SV("<meta")), at;
	struct scan s;

	if (meta < 0)
		return SV("");
	head = sv_from(head, (size_t)meta);
	at = sv_find_case(head, SV("charset="));
	if (at < 0)
		return SV("");
	s = scan_of(sv_from(head, (size_t)at + 8));
	if (!scan_byte(&s, '"'))
		scan_byte(&s, '\'');
	return scan_until(&s, ends);
}

static struct sv text_charset(const struct part *part, struct sv bytes)
{
	struct sv label = sv_of(part->charset);

	if (sv_starts(bytes, SV("\xef\xbb\xbf")))
		return SV("utf-8");
	if ((label.len == 0 || charset_is_ascii(label)) && strcmp(part->subtype, "html") == 0) {
		struct sv meta = meta_charset(bytes);

		/* A page that could be read so far is not UTF-16, whatever it says. */
		if (meta.len > 0 && !sv_starts_case(meta, SV("utf-16")))
			return meta;
	}
	return label;
}

/* CRLF and lone CR become LF, in place; CR CR LF, which was converted twice, is one line end, too. */
static void unix_lines(struct str *s, size_t from)
{
	size_t i, n = from;

	if (s->len == from || !memchr(s->s + from, '\r', s->len - from))
		return;
	for (i = from; i < s->len; i++) {
		char c = s->s[i];

		if (c == '\r') {
			if (i + 1 < s->len && s->s[i + 1] == '\n')
				continue;
			if (i + 2 < s->len && s->s[i + 1] == '\r' && s->s[i + 2] == '\n')
				continue;
			c = '\n';
		}
		s->s[n++] = c;
	}
	str_cut(s, n);
}

/* Into out what fits: all (true), or a head (false). */
static bool convert(struct str *out, const struct part *part, struct sv bytes,
	const struct charset_rules *rules, struct charset_report *report)
{
	size_t start = out->len, room = out->max - start;
	struct sv label = text_charset(part, bytes);

	if (charset_to_utf8(out, bytes, label, rules, report))
		return true;
	str_cut(out, start);
	/* No set makes more than four bytes of one. */
	if (!charset_to_utf8(out, utf8_head(bytes, room / UTF8_MAX), label, rules, report))
		str_cut(out, start);
	return false;
}

bool part_text(struct str *out, const struct part_tree *tree, const struct part *part,
	const struct charset_rules *rules, struct charset_report *report, struct err *e)
{
	struct sv raw = part_raw(tree, part), bytes = sv_head(raw, PART_TEXT_MAX);
	bool whole = bytes.len == raw.len;
	size_t start = out->len;
	struct str decoded;

	str_init(&decoded, PART_TEXT_MAX + 8); /* no encoding makes more of it */
	if (is_encoded(part)) {
		codec_decode_all(&decoded, part->encoding, bytes, NULL);
		bytes = str_sv(&decoded);
	}
	whole = convert(out, part, bytes, rules, report) && whole;
	str_fini(&decoded);
	if (sv_starts(sv_from(str_sv(out), start), SV("\xef\xbb\xbf")))
		str_remove(out, start, 3);
	unix_lines(out, start);
	return whole || err_set(e, ERR_LIMIT, "the text of part %s is too long", part->id);
}
