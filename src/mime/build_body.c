/*
 * The body of a message that is written: parts, their MIME fields, encodings and boundaries.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "mime/build_priv.h"
#include "mime/encword.h"
#include "mime/flowed.h"
#include "text/utf8.h"

#define LINE_MAX_COLUMNS 76
#define BASE64_LINE 76
#define BOUNDARY_CHARS 24

/* A leaf as it goes out: its bytes in its charset, and how they are encoded. */
struct leaf {
	struct str made; /* when the bytes had to be changed */
	struct sv bytes;
	char charset[CHARSET_NAME_MAX]; /* empty: none is declared */
	enum codec_kind encoding;
};

static bool is_text(const struct build_part *p)
{
	return sv_starts_case(sv_of(p->type), SV("text/"));
}

static bool is_message(const struct build_part *p)
{
	return sv_starts_case(sv_of(p->type), SV("message/rfc822")) ||
	       sv_starts_case(sv_of(p->type), SV("message/global"));
}

static bool is_multipart(const struct build_part *p)
{
	return sv_starts_case(sv_of(p->type), SV("multipart/"));
}

/* ---- boundaries ---- */

char *build_boundary(struct sv data, unsigned n)
{
	char word[SHA256_HEX_LEN + 1];

	for (;; n++) {
		char *boundary;

		if (getenv("SOURCE_DATE_EPOCH")) {
			struct str seed;

			str_init(&seed, 66000);
			str_addf(&seed, "%u:", n);
			str_add(&seed, sv_head(data, 65536));
			hash_sha256_hex(str_sv(&seed), word);
			str_fini(&seed);
			word[BOUNDARY_CHARS] = 0;
		} else {
			random_word(word, BOUNDARY_CHARS);
		}
		/* "=_" cannot occur in quoted-printable or base64: RFC 2045 section 6.7. */
		boundary = xasprintf("=_%s", word);
		if (sv_find(data, sv_of(boundary)) < 0)
			return boundary;
		free(boundary);
	}
}

/* One that occurs in none of the leaves below (a tree of ours: its depth was checked). */
static bool occurs_in(const struct build_part *part, struct sv boundary, int depth)
{
	size_t i;

	if (sv_find(part->data, boundary) >= 0)
		return true;
	for (i = 0; i < part->n_children && depth < BUILD_DEPTH_MAX; i++)
		if (occurs_in(&part->children[i], boundary, depth + 1))
			return true;
	return false;
}

static char *new_boundary(struct build_out *w, const struct build_part *part)
{
	for (;;) {
		struct sv seed = part->n_children ? part->children[0].data : SV("");
		char *boundary = build_boundary(seed, w->boundaries++);

		if (!occurs_in(part, sv_of(boundary), 0))
			return boundary;
		free(boundary);
	}
}

/* ---- leaves ---- */

static bool add_unix_lines(struct str *out, struct sv text)
{
	while (text.len > 0) {
		ptrdiff_t cr = sv_find(text, SV("\r\n"));

		if (cr < 0)
			return str_add(out, text);
		if (!str_add(out, sv_head(text, (size_t)cr)) || !str_addc(out, '\n'))
			return false;
		text = sv_from(text, (size_t)cr + 2);
	}
	return true;
}

/* Text in UTF-8 becomes lines in the charset that is declared. */
static bool prepare_text(struct build_out *w, const struct build_part *part, struct leaf *leaf)
{
	struct str text, stuffed;
	bool ok;

	str_init(&text, BUILD_MAX);
	str_init(&stuffed, BUILD_MAX);
	str_init(&leaf->made, BUILD_MAX);
	ok = add_unix_lines(&text, part->data) &&
	     (!part->flowed || flowed_stuff(&stuffed, str_sv(&text)));
	if (!ok) {
		build_full(w);
	} else {
		struct sv from = part->flowed ? str_sv(&stuffed) : str_sv(&text);

		if (part->charset)
			snprintf(leaf->charset, sizeof(leaf->charset), "%s", part->charset);
		else
			charset_choose(from, w->send_charset, leaf->charset);
		ok = charset_from_utf8(&leaf->made, from, leaf->charset, w->e);
	}
	leaf->bytes = str_sv(&leaf->made);
	str_fini(&text);
	str_fini(&stuffed);
	return ok;
}

static bool known_encoding(struct build_out *w, const char *name, enum codec_kind *kind)
{
	*kind = codec_by_name(sv_of(name));
	if (*kind == CODEC_OTHER || *kind == CODEC_UU || *kind == CODEC_YENC)
		return err_set(w->e, ERR_INPUT, "\"%s\" is not an encoding that can be sent", name);
	return true;
}

static bool prepare(struct build_out *w, const struct build_part *part, struct leaf *leaf)
{
	struct codec_stats stats;

	leaf->bytes = part->data;
	leaf->charset[0] = 0;
	if (is_text(part) && !part->charset_done) {
		if (!prepare_text(w, part, leaf))
			return false;
	} else if (part->charset) {
		snprintf(leaf->charset, sizeof(leaf->charset), "%s", part->charset);
	}
	if (part->encoding)
		return known_encoding(w, part->encoding, &leaf->encoding);
	if (!is_text(part) && !is_message(part) && codec_has_high(leaf->bytes)) {
		leaf->encoding = CODEC_BASE64;
		return true;
	}
	codec_scan(leaf->bytes, &stats);
	leaf->encoding = codec_choose(&stats, is_text(part), w->b->allow_8bit);
	if (is_message(part)) /* RFC 2046 section 5.2.1: nothing but these */
		leaf->encoding = stats.nul || stats.longest > 998 ? CODEC_BINARY
				 : stats.high                     ? CODEC_8BIT
								  : CODEC_7BIT;
	return true;
}

static bool put_encoded(struct build_out *w, const struct build_part *part, const struct leaf *leaf)
{
	struct sv bytes = leaf->bytes;
	bool ok;

	if (leaf->encoding == CODEC_BASE64)
		ok = codec_base64(w->out, bytes, BASE64_LINE);
	else if (leaf->encoding == CODEC_QP)
		ok = codec_qp(w->out, bytes, is_text(part));
	else
		ok = str_add(w->out, bytes);
	if (ok && w->out->len > 0 && w->out->s[w->out->len - 1] != '\n')
		ok = str_addc(w->out, '\n');
	return ok || build_full(w);
}

/* ---- MIME fields ---- */

static bool put_type(struct build_out *w, const struct build_part *part, const char *charset,
	const char *boundary)
{
	size_t column = strlen("Content-Type: ") + strlen(part->type), i;
	bool ok = str_addf(w->out, "Content-Type: %s", part->type);

	if (ok && charset && *charset)
		ok = params_add(w->out, "charset", sv_of(charset), NULL, &column);
	if (ok && part->flowed)
		ok = params_add(w->out, "format", SV("flowed"), NULL, &column);
	for (i = 0; ok && i < part->n_params; i++)
		ok = params_add(
			w->out, part->params[i].name, sv_of(part->params[i].value), NULL, &column);
	if (ok && boundary)
		ok = params_add(w->out, "boundary", sv_of(boundary), NULL, &column);
	return (ok && str_addc(w->out, '\n')) || build_full(w);
}

static bool put_disposition(struct build_out *w, const struct build_part *part)
{
	const char *disposition =
		part->disposition ? part->disposition : (part->filename ? "attachment" : NULL);
	size_t column = strlen("Content-Disposition: ");
	bool ok;

	if (!disposition)
		return true;
	column += strlen(disposition);
	ok = str_addf(w->out, "Content-Disposition: %s", disposition);
	if (ok && part->filename)
		ok = params_add(w->out, "filename", sv_of(part->filename), NULL, &column);
	return (ok && str_addc(w->out, '\n')) || build_full(w);
}

/* Words that go into a header as they are must not hold a line break. */
static bool check_words(struct build_out *w, const struct build_part *part)
{
	const char *words[] = {part->type, part->charset, part->disposition, part->content_id,
		part->language};
	size_t i;

	for (i = 0; i < ARRAY_LEN(words); i++)
		if (words[i] && !encword_is_plain(sv_of(words[i])))
			return err_set(w->e, ERR_INPUT,
				"a field of a part has a character that cannot stand there");
	if (!part->type || !strchr(part->type, '/'))
		return err_set(w->e, ERR_INPUT, "a part has no type");
	return true;
}

static bool put_part_fields(struct build_out *w, const struct build_part *part,
	const struct leaf *leaf, const char *boundary)
{
	if (!put_type(w, part, leaf ? leaf->charset : NULL, boundary) || !put_disposition(w, part))
		return false;
	if (part->description &&
		!build_put_field(w, "Content-Description", sv_of(part->description)))
		return false;
	if (part->content_id && !str_addf(w->out, "Content-ID: %s\n", part->content_id))
		return build_full(w);
	if (part->language && !str_addf(w->out, "Content-Language: %s\n", part->language))
		return build_full(w);
	if (leaf && leaf->encoding != CODEC_7BIT &&
		!str_addf(w->out, "Content-Transfer-Encoding: %s\n", codec_name(leaf->encoding)))
		return build_full(w);
	return str_addc(w->out, '\n') || build_full(w);
}

static bool put_leaf(struct build_out *w, const struct build_part *part)
{
	struct leaf leaf = {.encoding = CODEC_7BIT};
	bool ok;

	str_init(&leaf.made, 1);
	ok = prepare(w, part, &leaf) && put_part_fields(w, part, &leaf, NULL) &&
	     put_encoded(w, part, &leaf);
	str_fini(&leaf.made);
	return ok;
}

static bool put_multipart(struct build_out *w, const struct build_part *part, int depth)
{
	size_t fields_end, body, i;
	char *boundary;
	bool ok;

	if (depth >= BUILD_DEPTH_MAX)
		return err_set(w->e, ERR_LIMIT, "parts are nested deeper than %d", BUILD_DEPTH_MAX);
	boundary = new_boundary(w, part);
	ok = put_part_fields(w, part, NULL, boundary);
	body = w->out->len;
	fields_end = body > 0 ? body - 1 : 0;
	for (i = 0; ok && i < part->n_children; i++) {
		/* The line break in front of a delimiter belongs to it: the part's own last LF
		 * stays the part's. */
		ok = str_addf(w->out, "%s--%s\n", i > 0 ? "\n" : "", boundary) || build_full(w);
		ok = ok && build_put_part(w, &part->children[i], depth + 1);
	}
	ok = ok && (str_addf(w->out, "\n--%s--\n", boundary) || build_full(w));
	/* RFC 2045 section 6.4: what holds 8-bit parts says so itself. */
	if (ok && !utf8_is_ascii(sv_from(str_sv(w->out), body)))
		ok = str_insert(w->out, fields_end, SV("Content-Transfer-Encoding: 8bit\n")) ||
		     build_full(w);
	free(boundary);
	return ok;
}

bool build_put_part(struct build_out *w, const struct build_part *part, int depth)
{
	if (part->verbatim)
		return str_add(w->out, part->data) || build_full(w);
	if (!check_words(w, part))
		return false;
	return is_multipart(part) ? put_multipart(w, part, depth) : put_leaf(w, part);
}
