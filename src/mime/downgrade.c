#include "mime/downgrade.h"

#include "base/mem.h"
#include "mime/build.h"

#define ENCODING "Content-Transfer-Encoding"

static bool has_8bit(struct sv text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.p[i] >= 128 || text.p[i] == 0)
			return true;
	return false;
}

static bool is_blank(struct sv line)
{
	return line.len == 0 || sv_is(line, "\n") || sv_is(line, "\r\n");
}

/* The next line with its end. */
static struct sv take_line(struct sv *rest)
{
	ptrdiff_t lf = sv_chr(*rest, '\n');
	struct sv line = sv_head(*rest, lf < 0 ? rest->len : (size_t)lf + 1);

	*rest = sv_from(*rest, line.len);
	return line;
}

static bool is_field(struct sv line, const char *name)
{
	size_t n = strlen(name);

	return sv_starts_case(line, sv_make(name, n)) && line.len > n &&
	       (line.p[n] == ':' || line.p[n] == ' ');
}

static bool has_field(struct sv head, const char *name)
{
	while (head.len > 0)
		if (is_field(take_line(&head), name))
			return true;
	return false;
}

/* The header of a part with its encoding replaced, and the empty line. encoding NULL: only taken away. */
static bool put_head(struct str *out, struct sv head, const char *encoding, bool is_top)
{
	bool bare = is_top && !has_field(head, "MIME-Version"),
	     untyped = bare && !has_field(head, "Content-Type");
	bool dropping = false, ok = true;
	struct sv line = {0};

	while (ok && head.len > 0) {
		line = take_line(&head);
		if (is_blank(line))
			break;
		if (line.p[0] != ' ' && line.p[0] != '\t')
			dropping = is_field(line, ENCODING);
		ok = dropping || str_add(out, line);
	}
	if (ok && bare && encoding)
		ok = str_adds(out, "MIME-Version: 1.0\n");
	if (ok && untyped && encoding)
		ok = str_adds(out, "Content-Type: text/plain; charset=unknown-8bit\n");
	if (ok && encoding)
		ok = str_addf(out, ENCODING ": %s\n", encoding);
	return ok && str_adds(out, "\n");
}

static bool put_body(struct str *out, struct sv body, enum codec_kind kind, bool is_text)
{
	struct str crlf;
	bool ok;

	if (kind != CODEC_BASE64)
		return codec_qp(out, body, is_text);
	if (!is_text)
		return codec_base64(out, body, 76);
	str_init(&crlf, BUILD_MAX);
	ok = build_crlf(&crlf, body) && codec_base64(out, str_sv(&crlf), 76);
	str_fini(&crlf);
	return ok;
}

static bool is_signed(const struct part *p)
{
	for (; p; p = p->parent)
		if (part_is(p, "multipart", "signed"))
			return true;
	return false;
}

/* What is inside of an encoded message is written in other bytes: not ours to look at. */
static bool is_here(const struct part_tree *t, const struct part *p)
{
	return p->source.p == t->message.p && !p->made;
}

static bool rewrite(struct str *out, const struct part_tree *t, const struct part *p, size_t *done)
{
	struct sv head = sv_head(sv_from(t->message, p->head_at), p->body_at - p->head_at);
	struct sv body = part_raw(t, p);
	bool raw = p->encoding == CODEC_7BIT || p->encoding == CODEC_8BIT ||
		   p->encoding == CODEC_BINARY;
	bool is_text = strcmp(p->type, "text") == 0, ok;
	struct codec_stats stats;
	enum codec_kind kind;

	/* A container only says what is in it. */
	bool container = p->kind != PART_LEAF;
	if (!raw || (container ? p->encoding == CODEC_7BIT : !has_8bit(body)))
		return true;
	ok = str_add(out, sv_head(sv_from(t->message, *done), p->head_at - *done));
	if (container) {
		*done = p->body_at;
		return ok && put_head(out, head, NULL, p->is_top);
	}
	codec_scan(body, &stats);
	kind = codec_choose(&stats, is_text, false);
	if (kind != CODEC_BASE64)
		kind = CODEC_QP;
	*done = p->body_at + p->body_len;
	return ok && put_head(out, head, codec_name(kind), p->is_top) &&
	       put_body(out, body, kind, is_text);
}

bool downgrade_7bit(struct str *out, struct sv message, bool *signed_8bit, struct err *e)
{
	struct arena *a = arena_new();
	struct part_tree *t = part_parse(a, message, NULL);
	size_t done = 0;
	bool ok = true;

	*signed_8bit = false;
	for (const struct part *p = t->root; ok && p; p = part_walk(t->root, p)) {
		if (!is_here(t, p) || p->head_at < done)
			continue;
		if (is_signed(p))
			*signed_8bit =
				*signed_8bit || (p->kind == PART_LEAF && has_8bit(part_raw(t, p)));
		else
			ok = rewrite(out, t, p, &done);
	}
	ok = ok && str_add(out, sv_from(message, done));
	arena_free(a);
	return ok || err_set(e, ERR_LIMIT, "the message is too big");
}
