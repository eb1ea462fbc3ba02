/*
 * What the header of a part says about it: RFC 2045 sections 5 and 6, RFC 2183.
 */
#include "mime/part_priv.h"
#include "text/utf8.h"

#define TYPE_MAX 127 /* RFC 6838 section 4.2 */

void part_set_defaults(struct part *part)
{
	part->kind = PART_LEAF;
	part->type = "text";
	part->subtype = "plain";
	part->ctype.value = "text/plain";
	part->charset = "";
	part->encoding = CODEC_7BIT;
	part->encoding_name = "7bit";
	part->disposition = "";
}

static const char *lower_in(struct arena *arena, struct sv s)
{
	char *p = arena_strndup(arena, s.p, s.len);
	size_t i;

	for (i = 0; i < s.len; i++)
		p[i] = (char)ascii_lower((unsigned char)p[i]);
	return p;
}

static bool is_type_word(struct sv s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if (s.p[i] <= ' ' || s.p[i] >= 0x7f || strchr("()<>@,;:\\\"/[]?=", s.p[i]))
			return false;
	return s.len > 0 && s.len <= TYPE_MAX;
}

/* The words are static for the types that nearly all parts have. */
static bool known_type(struct part *part, struct sv type, struct sv subtype)
{
	static const char *const known[][2] = {{"text", "plain"}, {"text", "html"},
		{"multipart", "mixed"}, {"multipart", "alternative"}, {"multipart", "related"},
		{"image", "jpeg"}, {"image", "png"}, {"application", "pdf"},
		{"application", "octet-stream"}, {"message", "rfc822"}};
	size_t i;

	for (i = 0; i < ARRAY_LEN(known); i++)
		if (sv_is_case(subtype, known[i][1]) && sv_is_case(type, known[i][0])) {
			part->type = known[i][0];
			part->subtype = known[i][1];
			return true;
		}
	return false;
}

/* "type/subtype", blanks around the slash allowed. RFC 2045 section 5.2: what cannot be read is
 * text/plain. */
void part_read_type(struct arena *arena, struct part *part)
{
	struct sv value = sv_of(part->ctype.value), type, subtype;
	ptrdiff_t slash = sv_chr(value, '/');

	type = sv_trim(slash < 0 ? value : sv_head(value, (size_t)slash));
	subtype = slash < 0 ? SV("") : sv_trim(sv_from(value, (size_t)slash + 1));
	if (subtype.len > 0) { /* "text/html foo": what follows a blank is noise */
		struct scan s = scan_of(subtype);

		subtype = scan_until(&s, " \t,");
	}
	if (is_type_word(type) && is_type_word(subtype)) {
		if (known_type(part, type, subtype))
			return;
		part->type = lower_in(arena, type);
		part->subtype = lower_in(arena, subtype);
		return;
	}
	part->defects |= PART_BAD_TYPE;
	if (sv_is_case(type, "multipart"))
		part->type = "multipart", part->subtype = "mixed";
	else if (sv_is_case(type, "message"))
		part->type = "message", part->subtype = "rfc822";
}

static void read_encoding(struct arena *arena, struct part *part)
{
	struct sv raw = headers_raw(&part->headers, "Content-Transfer-Encoding");
	struct params value;

	if (raw.len == 0)
		return;
	part->encoding = codec_by_name(raw);
	if (part->encoding != CODEC_OTHER) {
		part->encoding_name = codec_name(part->encoding);
		return;
	}
	/* With a comment, parameters or more words behind it. */
	params_parse(arena, raw, NULL, PARAM_NO_2047, &value);
	raw = sv_of(value.value);
	if (sv_chr(raw, ' ') > 0)
		raw = sv_head(raw, (size_t)sv_chr(raw, ' '));
	part->encoding = codec_by_name(raw);
	part->encoding_name = part->encoding == CODEC_OTHER
				      ? lower_in(arena, sv_head(raw, TYPE_MAX))
				      : codec_name(part->encoding);
	if (part->encoding == CODEC_OTHER)
		part->defects |= PART_BAD_ENCODING;
}

/* Old mailers put "?" for what their charset had not into the one name, and wrote it well into the other. */
static bool is_spoilt(const char *name, const char *other)
{
	return strchr(name, '?') && other && *other && !strchr(other, '?');
}

static void read_disposition(
	struct arena *arena, struct part *part, const struct charset_rules *rules)
{
	struct sv raw = headers_raw(&part->headers, "Content-Disposition");
	struct params params;

	if (raw.len > 0) {
		params_parse(arena, raw, rules, 0, &params);
		if (strchr(params.value, '=')) /* the word is missing: "filename=a.pdf" */
			params_parse(arena, sv_of(arena_printf(arena, "attachment; " SV_FMT, SV_ARG(raw))), rules, 0, &params);
		part->disposition = lower_in(arena, sv_head(sv_of(params.value), TYPE_MAX));
		part->filename = params_get(&params, "filename");
		if (!part->filename)
			part->filename = params_get(&params, "name");
	}
	const char *name = params_get(&part->ctype, "name");
	if (!part->filename || !*part->filename || is_spoilt(part->filename, name)) {
		part->filename = name;
		if (!part->filename)
			part->filename = params_get(&part->ctype, "filename");
	}
	if (part->filename && !*part->filename)
		part->filename = NULL;
}

static void set_kind(struct part *part)
{
	bool encoded = part->encoding == CODEC_BASE64 || part->encoding == CODEC_QP ||
		       part->encoding == CODEC_UU || part->encoding == CODEC_YENC;

	if (strcmp(part->type, "multipart") == 0) {
		part->kind = PART_MULTIPART;
		if (encoded)
			part->defects |= PART_ENCODED_MULTIPART;
		part->encoding =
			part->encoding == CODEC_OTHER || encoded ? CODEC_BINARY : part->encoding;
		return;
	}
	if (!part_is(part, "message", "rfc822") && !part_is(part, "message", "global"))
		return;
	/* An encoded message is opened after it was decoded, as a file: it has no offsets here. */
	if (encoded)
		part->defects |= PART_ENCODED_MULTIPART;
	else
		part->kind = PART_MESSAGE;
}

static void check_header(struct part *part)
{
	const struct headers *h = &part->headers;
	const struct header *f = headers_find(h, "Content-Type"),
			    *g = headers_find(h, "Content-Transfer-Encoding");

	if (h->bad_line || (h->no_blank && h->count > 0))
		part->defects |= PART_BAD_HEADER;
	if (h->truncated)
		part->defects |= PART_HEADERS_TRUNCATED;
	if (!utf8_is_valid(h->block))
		part->defects |= PART_8BIT_HEADER;
	if (h->block.len > 0 && memchr(h->block.p, 0, h->block.len))
		part->defects |= PART_NUL;
	if ((f && headers_after(h, f, "Content-Type")) ||
		(g && headers_after(h, g, "Content-Transfer-Encoding")))
		part->defects |= PART_DUPLICATE_FIELD;
}

void part_read_fields(
	struct arena *arena, struct part *part, const struct charset_rules *rules, bool in_digest)
{
	struct sv raw = headers_raw(&part->headers, "Content-Type");
	const char *charset;

	part_set_defaults(part);
	if (raw.len > 0) {
		params_parse(arena, raw, rules, 0, &part->ctype);
		part_read_type(arena, part);
	} else if (in_digest) {
		part->type = "message";
		part->subtype = "rfc822";
		part->ctype.value = "message/rfc822";
	}
	charset = params_get(&part->ctype, "charset");
	if (charset)
		part->charset = lower_in(arena, sv_head(sv_trim(sv_of(charset)), TYPE_MAX));
	read_encoding(arena, part);
	read_disposition(arena, part, rules);
	set_kind(part);
	check_header(part);
}
