/*
 * JSON (see json.h).
 */
#include "main/json.h"

#include "text/utf8.h"

struct reader {
	struct arena *arena;
	struct scan s;
	const char *start;
	size_t nodes;
	struct err *e;
};

static bool wrong(struct reader *r, const char *what)
{
	return err_set(r->e, ERR_INPUT, "JSON: %s at byte %zu", what, (size_t)(r->s.p - r->start));
}

static bool hex4(struct scan *s, uint32_t *value)
{
	uint32_t n = 0;
	int i;

	for (i = 0; i < 4; i++) {
		int digit = scan_end(s) ? -1 : ascii_hex((unsigned char)*s->p);

		if (digit < 0)
			return false;
		n = n << 4 | (uint32_t)digit;
		s->p++;
	}
	*value = n;
	return true;
}

/* Behind "\u": one code point, a surrogate pair put together; a lone surrogate is U+FFFD. */
static bool unicode_escape(struct scan *s, uint32_t *code)
{
	struct scan ahead;
	uint32_t low;

	if (!hex4(s, code))
		return false;
	if (*code >= 0xd800 && *code <= 0xdbff) {
		ahead = *s;
		if (scan_byte(&ahead, '\\') && scan_byte(&ahead, 'u') && hex4(&ahead, &low) &&
			low >= 0xdc00 && low <= 0xdfff) {
			*code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
			*s = ahead;
			return true;
		}
	}
	if (*code >= 0xd800 && *code <= 0xdfff)
		*code = UTF8_REPLACEMENT;
	return true;
}

static bool escape(struct reader *r, char **to)
{
	static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
	const char *at;
	uint32_t code;
	int c = scan_peek(&r->s);

	if (c < 0)
		return wrong(r, "unfinished escape");
	r->s.p++;
	if (c == 'u') {
		if (!unicode_escape(&r->s, &code))
			return wrong(r, "bad \\u escape");
		*to += utf8_encode(code, *to);
		return true;
	}
	at = c ? strchr(from, c) : NULL;
	if (!at)
		return wrong(r, "unknown escape");
	*(*to)++ = into[at - from];
	return true;
}

/* Behind the opening quote. An escape never gets longer, so the text fits in its own length. */
static bool string(struct reader *r, struct sv *out)
{
	struct scan probe = r->s;
	char *made, *to;

	while (!scan_end(&probe) && *probe.p != '"')
		probe.p += *probe.p == '\\' && probe.p + 1 < probe.end ? 2 : 1;
	if (scan_end(&probe))
		return wrong(r, "unfinished string");
	made = to = arena_alloc(r->arena, (size_t)(probe.p - r->s.p) + 1);
	while (r->s.p < probe.p) {
		char c = *r->s.p++;

		if (c == '\\') {
			if (!escape(r, &to))
				return false;
		} else if ((unsigned char)c < 0x20) {
			return wrong(r, "control character in a string");
		} else {
			*to++ = c;
		}
	}
	r->s.p = probe.p + 1;
	*out = sv_make(made, (size_t)(to - made));
	return true;
}

static bool number(struct reader *r, struct json *v)
{
	struct sv digits;
	bool minus;
	uint64_t n = 0;
	struct scan s;

	v->text = scan_while(&r->s, "+-0123456789.eE");
	s = scan_of(v->text);
	minus = scan_byte(&s, '-');
	digits = scan_while(&s, "0123456789");
	if (digits.len == 0 || !sv_u64(digits, &n))
		return wrong(r, "bad number");
	v->kind = JSON_NUMBER;
	v->number = minus ? -(int64_t)(n & INT64_MAX) : (int64_t)(n & INT64_MAX);
	return true;
}

/* A value that holds no others, or the opening of one that does. */
static bool value(struct reader *r, struct json *v)
{
	int c = scan_peek(&r->s);

	if (c == '"') {
		r->s.p++;
		v->kind = JSON_STRING;
		return string(r, &v->text);
	}
	if (scan_byte(&r->s, '{')) {
		v->kind = JSON_OBJECT;
		return true;
	}
	if (scan_byte(&r->s, '[')) {
		v->kind = JSON_ARRAY;
		return true;
	}
	if (scan_lit(&r->s, "null")) {
		v->kind = JSON_NULL;
		return true;
	}
	v->number = scan_lit(&r->s, "true");
	if (v->number || scan_lit(&r->s, "false")) {
		v->kind = JSON_BOOL;
		return true;
	}
	return number(r, v);
}

static struct json *new_node(struct reader *r)
{
	if (++r->nodes > JSON_NODES_MAX) {
		wrong(r, "too many values");
		return NULL;
	}
	return arena_alloc(r->arena, sizeof(struct json));
}

/* "key": of a member. */
static bool member_key(struct reader *r, struct json *v)
{
	struct sv key;

	scan_wsp(&r->s);
	if (!scan_byte(&r->s, '"'))
		return wrong(r, "a member without a name");
	if (!string(r, &key))
		return false;
	scan_wsp(&r->s);
	if (!scan_byte(&r->s, ':'))
		return wrong(r, "a member without ':'");
	v->key = arena_strndup(r->arena, key.p, key.len);
	return true;
}

static char closing(const struct json *v)
{
	return v->kind == JSON_OBJECT ? '}' : ']';
}

bool json_parse(struct arena *arena, struct sv text, struct json **out, struct err *e)
{
	struct reader r = {arena, scan_of(text), text.p, 0, e};
	struct json *open[JSON_DEPTH_MAX], *last[JSON_DEPTH_MAX], *v, *root = new_node(&r);
	int depth = 0;

	scan_wsp(&r.s);
	if (!root || !value(&r, root))
		return false;
	if (root->child == NULL && (root->kind == JSON_ARRAY || root->kind == JSON_OBJECT)) {
		open[0] = root;
		last[0] = NULL;
		depth = 1;
	}
	while (depth > 0) {
		struct json *in = open[depth - 1];

		scan_wsp(&r.s);
		if (scan_byte(&r.s, closing(in))) {
			depth--;
			continue;
		}
		if (last[depth - 1] && !scan_byte(&r.s, ','))
			return wrong(&r, "',' or an end expected");
		v = new_node(&r);
		if (!v || (in->kind == JSON_OBJECT && !member_key(&r, v)))
			return false;
		scan_wsp(&r.s);
		if (!value(&r, v))
			return false;
		if (last[depth - 1])
			last[depth - 1]->next = v;
		else
			in->child = v;
		last[depth - 1] = v;
		if (v->kind != JSON_ARRAY && v->kind != JSON_OBJECT)
			continue;
		if (depth == JSON_DEPTH_MAX)
			return wrong(&r, "nested too deep");
		open[depth] = v;
		last[depth++] = NULL;
	}
	scan_wsp(&r.s);
	if (!scan_end(&r.s))
		return wrong(&r, "something behind the value");
	*out = root;
	return true;
}

const struct json *json_get(const struct json *v, const char *key)
{
	const struct json *m, *found = NULL;

	if (!v || v->kind != JSON_OBJECT)
		return NULL;
	for (m = v->child; m; m = m->next)
		if (strcmp(m->key, key) == 0)
			found = m;
	return found;
}
