/*
 * The words of IMAP responses. Lenient where real servers are loose (several blanks, odd atoms), strict where a
 * mistake would put data into the wrong place.
 */
#include "net/imap_scan.h"

/* ---- literals at the end of a line ---- */

bool imap_line_literal(struct sv line, uint64_t *len, bool *bad)
{
	size_t end = line.len, p;

	*bad = false;
	if (end < 3 || line.p[end - 1] != '}')
		return false;
	end--;
	if (line.p[end - 1] == '+')
		end--;
	p = end;
	while (p > 0 && ascii_is_digit((unsigned char)line.p[p - 1]))
		p--;
	if (p > 0 && p == end && line.p[p - 1] == '{') {
		*bad = true;
		return false;
	}
	if (p == 0)
		return false;
	if (line.p[p - 1] == '-') {
		*bad = p >= 2 && line.p[p - 2] == '{';
		return false;
	}
	if (line.p[p - 1] != '{')
		return false;
	/*
	 * A '{' inside of a quoted string is text: "* LIST () "/" "a{3}" ends with a quote, so it
	 * never gets here.
	 */
	if (!sv_u64(sv_make(line.p + p, end - p), len)) {
		*bad = true;
		return false;
	}
	return true;
}

/* ---- words ---- */

struct imap_scan imap_scan_of(struct arena *a, struct imap_raw raw)
{
	return (struct imap_scan){scan_of(raw.text), raw, a};
}

bool imap_scan_space(struct imap_scan *s)
{
	const char *from = s->s.p;

	while (!scan_end(&s->s) && *s->s.p == ' ')
		s->s.p++;
	return s->s.p > from;
}

/* ATOM-CHAR of RFC 9051, but '\\', ']' , '%' and 8-bit are let through (quirk: BARE_STRINGS). */
static bool is_atom_char(int c)
{
	return c > ' ' && c != 127 && c != '(' && c != ')' && c != '{' && c != '"';
}

bool imap_scan_atom(struct imap_scan *s, struct sv *atom)
{
	const char *from = s->s.p;

	while (!scan_end(&s->s) && is_atom_char((unsigned char)*s->s.p))
		s->s.p++;
	*atom = sv_make(from, (size_t)(s->s.p - from));
	return atom->len > 0;
}

/* An atom inside brackets ends at ']' too. */
bool imap_scan_code_atom(struct imap_scan *s, struct sv *atom)
{
	const char *from = s->s.p;

	while (!scan_end(&s->s) && is_atom_char((unsigned char)*s->s.p) && *s->s.p != ']')
		s->s.p++;
	*atom = sv_make(from, (size_t)(s->s.p - from));
	return atom->len > 0;
}

bool imap_scan_number(struct imap_scan *s, uint64_t *n)
{
	return scan_u64(&s->s, n);
}

bool imap_scan_u32(struct imap_scan *s, uint32_t *n)
{
	uint64_t v;

	if (!scan_u64(&s->s, &v) || v > UINT32_MAX)
		return false;
	*n = (uint32_t)v;
	return true;
}

/* The cursor stands behind the opening quote. */
static bool scan_quoted(struct imap_scan *s, struct sv *out)
{
	const char *from = s->s.p;
	size_t escapes = 0, n = 0;
	char *copy;

	while (!scan_end(&s->s) && *s->s.p != '"') {
		if (*s->s.p == '\\' && s->s.p + 1 < s->s.end) {
			escapes++;
			s->s.p++;
		}
		s->s.p++;
	}
	if (!scan_byte(&s->s, '"'))
		return false;
	*out = sv_make(from, (size_t)(s->s.p - 1 - from));
	if (escapes == 0)
		return true;
	copy = arena_alloc(s->arena, out->len + 1);
	for (size_t i = 0; i < out->len; i++) {
		if (out->p[i] == '\\' && i + 1 < out->len)
			i++;
		copy[n++] = out->p[i];
	}
	*out = sv_make(copy, n);
	return true;
}

/* The cursor stands on the '{'. */
static bool scan_literal(struct imap_scan *s, struct sv *out, bool *streamed)
{
	const char *brace = s->s.p;
	uint64_t len;

	s->s.p++;
	if (!scan_u64(&s->s, &len))
		return false;
	scan_byte(&s->s, '+');
	if (!scan_byte(&s->s, '}') || !scan_byte(&s->s, '\r') || !scan_byte(&s->s, '\n'))
		return false;
	if (s->raw.has_streamed && (size_t)(brace - s->raw.text.p) == s->raw.streamed) {
		if (!streamed)
			return false;
		*streamed = true;
		*out = sv_make("", 0);
		return true;
	}
	if (len > (uint64_t)(s->s.end - s->s.p))
		return false;
	*out = sv_make(s->s.p, (size_t)len);
	s->s.p += len;
	return true;
}

bool imap_scan_string(struct imap_scan *s, struct sv *out, bool *streamed)
{
	if (streamed)
		*streamed = false;
	if (scan_byte(&s->s, '"'))
		return scan_quoted(s, out);
	if (scan_peek(&s->s) == '~')
		s->s.p++;
	if (scan_peek(&s->s) == '{')
		return scan_literal(s, out, streamed);
	return false;
}

static bool starts_string(const struct imap_scan *s)
{
	int c = scan_peek(&s->s);

	return c == '"' || c == '{' || (c == '~' && s->s.p + 1 < s->s.end && s->s.p[1] == '{');
}

bool imap_scan_nstring(struct imap_scan *s, struct sv *out, bool *nil)
{
	struct sv atom;

	if (nil)
		*nil = false;
	if (starts_string(s))
		return imap_scan_string(s, out, NULL);
	if (!imap_scan_atom(s, &atom))
		return false;
	if (sv_is_case(atom, "NIL")) {
		*out = sv_make(NULL, 0);
		if (nil)
			*nil = true;
		return true;
	}
	*out = atom; /* quirk: BARE_STRINGS */
	return true;
}

bool imap_scan_astring(struct imap_scan *s, struct sv *out)
{
	return starts_string(s) ? imap_scan_string(s, out, NULL) : imap_scan_atom(s, out);
}

bool imap_scan_words(struct imap_scan *s, struct imap_words *out)
{
	struct sv *w = NULL;
	size_t n = 0, cap = 0;
	struct sv word;

	if (!scan_byte(&s->s, '('))
		return false;
	for (;;) {
		imap_scan_space(s);
		if (scan_byte(&s->s, ')'))
			break;
		if (!imap_scan_astring(s, &word))
			return false;
		if (n >= IMAP_WORDS_MAX)
			continue;
		if (n == cap) {
			struct sv *bigger =
				arena_alloc(s->arena, (cap ? cap * 2 : 16) * sizeof(*w));

			if (n)
				memcpy(bigger, w, n * sizeof(*w));
			cap = cap ? cap * 2 : 16;
			w = bigger;
		}
		w[n++] = word;
	}
	*out = (struct imap_words){w, n};
	return true;
}

bool imap_scan_skip(struct imap_scan *s)
{
	size_t depth = 0;
	struct sv unused;
	bool streamed;

	do {
		if (depth)
			imap_scan_space(s);
		if (scan_byte(&s->s, '(')) {
			depth++;
		} else if (scan_peek(&s->s) == ')') {
			if (depth == 0)
				return false;
			s->s.p++;
			depth--;
		} else if (starts_string(s)) {
			if (!imap_scan_string(s, &unused, &streamed))
				return false;
		} else if (!imap_scan_atom(s, &unused)) {
			return false;
		}
	} while (depth > 0);
	return true;
}

/* ---- sets ---- */

static bool scan_range(struct imap_scan *s, struct imap_range *r)
{
	if (!imap_scan_u32(s, &r->lo) || r->lo == 0)
		return false;
	r->hi = r->lo;
	if (scan_byte(&s->s, ':')) {
		if (!imap_scan_u32(s, &r->hi) || r->hi == 0)
			return false;
		if (r->hi < r->lo) {
			uint32_t t = r->lo;

			r->lo = r->hi;
			r->hi = t;
		}
	}
	return true;
}

/* "*" is not allowed in what a server says. */
bool imap_scan_set(struct imap_scan *s, struct imap_set *out)
{
	size_t n = 1, i = 0;

	for (const char *p = s->s.p;
		p < s->s.end && (ascii_is_digit((unsigned char)*p) || *p == ':' || *p == ','); p++)
		n += *p == ',';
	out->r = arena_alloc(s->arena, n * sizeof(*out->r));
	do {
		if (!scan_range(s, &out->r[i++]))
			return false;
	} while (scan_byte(&s->s, ','));
	out->n = i;
	return true;
}

uint64_t imap_set_count(const struct imap_set *set)
{
	uint64_t n = 0;

	for (size_t i = 0; i < set->n; i++)
		n += (uint64_t)set->r[i].hi - set->r[i].lo + 1;
	return n;
}

bool imap_set_has(const struct imap_set *set, uint32_t n)
{
	for (size_t i = 0; i < set->n; i++)
		if (n >= set->r[i].lo && n <= set->r[i].hi)
			return true;
	return false;
}
