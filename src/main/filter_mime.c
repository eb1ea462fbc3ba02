/*
 * Filters over the parsers of mail and text: the shapes of their outputs stand in the manual
 * ("without a screen").
 */
#include <stdlib.h>

#include "base/fs.h"
#include "main/filter.h"
#include "mime/addr.h"
#include "mime/date.h"
#include "mime/encword.h"
#include "mime/flowed.h"
#include "mime/header.h"
#include "mime/mailto.h"
#include "mime/part.h"
#include "text/mutf7.h"
#include "text/url.h"
#include "text/utf8.h"

#define TEXT_MAX (64u << 20)

/* ,"key":"value" */
static bool add_member(struct str *out, bool *first, const char *key, const char *value)
{
	bool ok = *first || str_addc(out, ',');

	*first = false;
	return ok && str_add_json(out, sv_of(key)) && str_addc(out, ':') &&
	       str_add_json(out, sv_of(value));
}

static bool rfc2047_decode(
	struct arena *arena, const struct json *input, struct str *out, struct err *e)
{
	struct sv bytes;

	return filter_bytes(arena, input, &bytes, e) &&
	       str_add_json(out, sv_of(header_text_in(arena, bytes, NULL)));
}

static bool rfc2047_encode(
	struct arena *arena, const struct json *input, struct str *out, struct err *e)
{
	const struct json *charset = json_get(input, "charset");
	char list[CHARSET_NAME_MAX * 2] = "us-ascii:utf-8";
	struct str made;
	struct sv text;
	bool ok;

	if (!filter_bytes(arena, input, &text, e))
		return false;
	if (charset && charset->kind == JSON_STRING && charset->text.len < CHARSET_NAME_MAX) {
		struct sv name = charset->text;

		memcpy(list, name.p, name.len);
		memcpy(list + name.len, ":utf-8", 7);
	}
	str_init(&made, TEXT_MAX);
	ok = encword_encode(&made, text, list, ENCWORD_TEXT, 0) && str_add_json(out, str_sv(&made));
	str_fini(&made);
	return ok;
}

static bool add_address(struct str *out, const struct addr *a)
{
	bool first = true;

	return str_addc(out, '{') && add_member(out, &first, "name", a->name) &&
	       add_member(out, &first, "addr", a->addr) && str_addc(out, '}');
}

static bool add_addresses(struct str *out, const struct addr_list *list)
{
	bool ok = str_addc(out, '['), comma = false;
	size_t i;

	for (i = 0; ok && i < list->count; i++) {
		const struct addr *a = &list->list[i];

		if (a->kind == ADDR_GROUP_END) {
			ok = str_adds(out, "]}");
			comma = true;
			continue;
		}
		ok = !comma || str_addc(out, ',');
		if (a->kind == ADDR_GROUP) {
			ok = ok && str_adds(out, "{\"group\":") &&
			     str_add_json(out, sv_of(a->name)) && str_adds(out, ",\"members\":[");
			comma = false;
			continue;
		}
		ok = ok && add_address(out, a);
		comma = true;
	}
	return ok && str_addc(out, ']');
}

static bool address_list(
	struct arena *arena, const struct json *input, struct str *out, struct err *e)
{
	struct addr_list list;
	struct sv bytes;

	if (!filter_bytes(arena, input, &bytes, e))
		return false;
	addr_parse(arena, bytes, NULL, &list);
	return add_addresses(out, &list);
}

static bool date(struct arena *arena, const struct json *input, struct str *out, struct err *e)
{
	char text[DATE_TEXT_MAX];
	struct date d;
	struct sv bytes;

	if (!filter_bytes(arena, input, &bytes, e))
		return false;
	if (!date_parse(bytes, &d))
		return err_set(e, ERR_INPUT, "not a date");
	return str_addf(out, "{\"date\":\"%s\",\"epoch\":%lld}", date_rfc3339(text, &d),
		(long long)d.epoch);
}

static bool add_params(struct str *out, const char *value, const struct params *params)
{
	bool first = true;
	size_t i;

	if (!str_adds(out, "{\"value\":") || !str_add_json(out, sv_of(value)) ||
		!str_adds(out, ",\"params\":{"))
		return false;
	for (i = 0; i < params->count; i++)
		if (!add_member(out, &first, params->list[i].name, params->list[i].value))
			return false;
	return str_adds(out, "}}");
}

static bool param_header(
	struct arena *arena, const struct json *input, struct str *out, struct err *e)
{
	struct params params;
	struct sv bytes;

	if (!filter_bytes(arena, input, &bytes, e))
		return false;
	params_parse(arena, bytes, NULL, 0, &params);
	return add_params(out, params.value, &params);
}

/* What a message takes it for; but what has the form of a type and is none stands as it is said. */
static const char *type_text(struct arena *arena, const struct part *part)
{
	struct sv said = sv_of(part->ctype.value);
	char *type;

	if (!(part->defects & PART_BAD_TYPE) || sv_chr(said, '/') <= 0)
		return arena_printf(arena, "%s/%s", part->type, part->subtype);
	type = arena_strndup(arena, said.p, said.len);
	for (char *c = type; *c; c++)
		*c = (char)ascii_lower((unsigned char)*c);
	return type;
}

static bool content_type(
	struct arena *arena, const struct json *input, struct str *out, struct err *e)
{
	struct part_tree *tree;
	struct str text;
	struct sv bytes;

	if (!filter_bytes(arena, input, &bytes, e))
		return false;
	str_init(&text, TEXT_MAX);
	str_adds(&text, "Content-Type: ");
	header_unfold(&text, bytes);
	str_adds(&text, "\n\n");
	tree = part_parse(arena, str_sv(&text), NULL);
	str_fini(&text);
	return add_params(out, type_text(arena, tree->root), &tree->root->ctype);
}

static bool add_mailto(struct str *out, const struct mailto *m, const char *path)
{
	bool first = true;
	size_t i;

	if (!str_adds(out, "{\"scheme\":\"mailto\",\"path\":") || !str_add_json(out, sv_of(path)))
		return false;
	if (!str_adds(out, ",\"to\":") || !add_addresses(out, &m->to))
		return false;
	if (m->cc.count > 0 && !(str_adds(out, ",\"cc\":") && add_addresses(out, &m->cc)))
		return false;
	if (m->bcc.count > 0 && !(str_adds(out, ",\"bcc\":") && add_addresses(out, &m->bcc)))
		return false;
	if (m->subject && !(str_adds(out, ",\"subject\":") && str_add_json(out, sv_of(m->subject))))
		return false;
	if (m->body && !(str_adds(out, ",\"body\":") && str_add_json(out, sv_of(m->body))))
		return false;
	if (!str_adds(out, ",\"headers\":{"))
		return false;
	for (i = 0; i < m->n_fields; i++)
		if (!add_member(out, &first, m->fields[i].name, m->fields[i].value))
			return false;
	return str_adds(out, "}}");
}

static bool mailto(struct arena *arena, const struct json *input, struct str *out, struct err *e)
{
	struct mailto m;
	struct url u;
	struct sv bytes;

	return filter_bytes(arena, input, &bytes, e) && mailto_parse(arena, bytes, NULL, &m, e) &&
	       url_parse(arena, bytes, &u, e) && add_mailto(out, &m, u.path ? u.path : "");
}

static bool add_url(struct arena *arena, struct str *out, const struct url *u)
{
	const struct {
		const char *key, *value;
	} members[] = {{"scheme", u->scheme}, {"user", u->user}, {"pass", u->pass},
		{"auth", u->auth}, {"host", u->host}, {"path", u->path}, {"query", u->query},
		{"fragment", u->fragment}};
	bool first = true, ok = str_addc(out, '{');
	struct sv rest = sv_of(u->query);
	const char *name, *value;
	size_t i;

	for (i = 0; ok && i < ARRAY_LEN(members); i++)
		if (members[i].value)
			ok = add_member(out, &first, members[i].key, members[i].value);
	if (ok && u->port)
		ok = str_addf(out, ",\"port\":%u", u->port);
	if (ok && u->query) {
		ok = str_adds(out, ",\"headers\":{");
		first = true;
		while (ok && url_query(arena, &rest, &name, &value))
			ok = add_member(out, &first, name, value);
		ok = ok && str_addc(out, '}');
	}
	return ok && str_addc(out, '}');
}

static bool url(struct arena *arena, const struct json *input, struct str *out, struct err *e)
{
	struct url u;
	struct sv bytes;

	if (!filter_bytes(arena, input, &bytes, e))
		return false;
	if (sv_starts_case(sv_trim(bytes), SV("mailto:")))
		return mailto(arena, input, out, e);
	if (!url_is(sv_trim(bytes)))
		return err_set(e, ERR_INPUT, "not a URL of a known scheme");
	return url_parse(arena, bytes, &u, e) && add_url(arena, out, &u);
}

static bool flowed(struct arena *arena, const struct json *input, struct str *out, struct err *e)
{
	const struct json *delsp = json_get(input, "delsp");
	int width = (int)MIN(MAX(filter_number(input, "width", 0), 0), 10000);
	struct str text, made;
	struct sv bytes;
	bool ok;

	if (!filter_bytes(arena, input, &bytes, e))
		return false;
	str_init(&text, TEXT_MAX);
	str_init(&made, TEXT_MAX);
	charset_to_utf8(&text, bytes, SV(""), NULL, NULL);
	ok = flowed_to_text(&made, str_sv(&text), delsp && delsp->number, width);
	if (ok && made.len > 0 && bytes.len > 0 && bytes.p[bytes.len - 1] != '\n')
		str_cut(&made, made.len - 1);
	ok = ok && str_add_json(out, str_sv(&made));
	str_fini(&text);
	str_fini(&made);
	return ok;
}

static bool mutf7(struct arena *arena, const struct json *input, struct str *out, struct err *e,
	bool (*fn)(struct str *, struct sv, struct err *))
{
	struct str made;
	struct sv bytes;
	bool ok;

	if (!filter_bytes(arena, input, &bytes, e))
		return false;
	str_init(&made, MUTF7_MAX * 4);
	ok = fn(&made, bytes, e) && str_add_json(out, str_sv(&made));
	str_fini(&made);
	return ok;
}

static bool mutf7_to(struct arena *arena, const struct json *input, struct str *out, struct err *e)
{
	return mutf7(arena, input, out, e, mutf7_decode);
}

/* Bytes that are no UTF-8 as U+FFFD each: a filter has no name to keep, as the names of mailboxes have. */
static bool encode_any(struct str *out, struct sv bytes, struct err *e)
{
	struct str text;
	uint32_t code;
	size_t used;

	str_init(&text, MUTF7_MAX * 4);
	bool ok = true;
	for (; ok && bytes.len; bytes = sv_from(bytes, used)) {
		if (!utf8_decode_ok(bytes, &code, &used))
			used = 1;
		ok = utf8_add(&text, code) || err_set(e, ERR_LIMIT, "the name is too long");
	}
	ok = ok && mutf7_encode(out, str_sv(&text), e);
	str_fini(&text);
	return ok;
}

static bool mutf7_from(
	struct arena *arena, const struct json *input, struct str *out, struct err *e)
{
	return mutf7(arena, input, out, e, encode_any);
}

static bool filename(struct arena *arena, const struct json *input, struct str *out, struct err *e)
{
	struct sv bytes;
	char *name;
	bool ok;

	if (!filter_bytes(arena, input, &bytes, e))
		return false;
	name = fs_safe_name(bytes, "unnamed");
	ok = str_add_json(out, sv_of(name));
	free(name);
	return ok;
}

const struct filter_kind filter_mime_kinds[] = {
	{"rfc2047-decode", rfc2047_decode},
	{"rfc2047-encode", rfc2047_encode},
	{"address-list", address_list},
	{"date", date},
	{"param-header", param_header},
	{"content-type", content_type},
	{"mailto", mailto},
	{"url", url},
	{"flowed", flowed},
	{"mutf7-decode", mutf7_to},
	{"mutf7-encode", mutf7_from},
	{"filename", filename},
	{NULL, NULL},
};
