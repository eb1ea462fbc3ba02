/*
 * UTF-8 (see utf8.h). Properties of characters come from utf8proc.
 */
#include "text/utf8.h"

#include <stdlib.h>
#include <utf8proc.h>

#include "text/width.h"

/* The least code point of each sequence length, to refuse overlong forms. */
static const uint32_t utf8_least[UTF8_MAX + 1] = {0, 0, 0x80, 0x800, 0x10000};

/* Length of the sequence that a lead byte announces, 0 for a byte that cannot lead. */
static size_t lead_length(unsigned char c)
{
	if (c < 0x80)
		return 1;
	if (c >= 0xc2 && c < 0xe0)
		return 2;
	if (c >= 0xe0 && c < 0xf0)
		return 3;
	if (c >= 0xf0 && c < 0xf5)
		return 4;
	return 0;
}

/* What the second byte may be after this lead: keeps out overlong forms, surrogates and >
 * U+10FFFF. */
static bool second_ok(unsigned char lead, unsigned char c)
{
	switch (lead) {
	case 0xe0:
		return c >= 0xa0 && c <= 0xbf;
	case 0xed:
		return c >= 0x80 && c <= 0x9f;
	case 0xf0:
		return c >= 0x90 && c <= 0xbf;
	case 0xf4:
		return c >= 0x80 && c <= 0x8f;
	default:
		return (c & 0xc0) == 0x80;
	}
}

bool utf8_decode_ok(struct sv s, uint32_t *code, size_t *used)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t n = lead_length(p[0]), i;
	uint32_t c;

	*used = 1;
	*code = UTF8_REPLACEMENT;
	if (n == 1) {
		*code = p[0];
		return true;
	}
	if (n == 0)
		return false;
	c = p[0] & (0xffu >> (n + 1));
	for (i = 1; i < n; i++) {
		if (i >= s.len || (i == 1 ? !second_ok(p[0], p[1]) : (p[i] & 0xc0) != 0x80)) {
			*used = i;
			return false;
		}
		c = c << 6 | (p[i] & 0x3f);
	}
	*used = n;
	*code = c;
	return c >= utf8_least[n];
}

uint32_t utf8_decode(struct sv s, size_t *used)
{
	uint32_t code;

	utf8_decode_ok(s, &code, used);
	return code;
}

size_t utf8_encode(uint32_t code, char out[UTF8_MAX])
{
	if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		code = UTF8_REPLACEMENT;
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xe0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3f));
		out[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3f));
	out[2] = (char)(0x80 | (code >> 6 & 0x3f));
	out[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

bool utf8_add(struct str *out, uint32_t code)
{
	char buf[UTF8_MAX];

	return str_add(out, sv_make(buf, utf8_encode(code, buf)));
}

/* How many bytes at the start of s are ASCII; eight at a time. */
static size_t ascii_run(struct sv s)
{
	size_t i = 0;
	uint64_t word;

	while (i + sizeof(word) <= s.len) {
		memcpy(&word, s.p + i, sizeof(word));
		if (word & UINT64_C(0x8080808080808080))
			break;
		i += sizeof(word);
	}
	while (i < s.len && (unsigned char)s.p[i] < 0x80)
		i++;
	return i;
}

bool utf8_is_ascii(struct sv s)
{
	return ascii_run(s) == s.len;
}

/* How many bytes at the start of s are right. */
static size_t valid_run(struct sv s)
{
	size_t at = 0, used;
	uint32_t code;

	while (at < s.len) {
		at += ascii_run(sv_from(s, at));
		if (at >= s.len || !utf8_decode_ok(sv_from(s, at), &code, &used))
			break;
		at += used;
	}
	return at;
}

bool utf8_is_valid(struct sv s)
{
	return valid_run(s) == s.len;
}

bool utf8_add_fixed(struct str *out, struct sv s)
{
	while (s.len > 0) {
		size_t n = valid_run(s), used;

		if (!str_add(out, sv_head(s, n)))
			return false;
		s = sv_from(s, n);
		if (s.len == 0)
			break;
		utf8_decode(s, &used);
		if (!utf8_add(out, UTF8_REPLACEMENT))
			return false;
		s = sv_from(s, used);
	}
	return true;
}

size_t utf8_count(struct sv s)
{
	size_t n = 0, used;

	for (; s.len > 0; s = sv_from(s, used), n++)
		utf8_decode(s, &used);
	return n;
}

struct sv utf8_head(struct sv s, size_t n)
{
	size_t back = 0;

	if (n >= s.len)
		return s;
	while (back < 3 && back < n && ((unsigned char)s.p[n - back] & 0xc0) == 0x80)
		back++;
	/* A stray continuation byte is a character of its own. */
	if (back > 0 && lead_length((unsigned char)s.p[n - back]) <= back)
		back = 0;
	return sv_head(s, n - back);
}

size_t utf8_next(struct sv s, size_t at)
{
	utf8proc_int32_t state = 0;
	size_t used;
	uint32_t before, code;

	if (at >= s.len)
		return s.len;
	before = utf8_decode(sv_from(s, at), &used);
	at += used;
	while (at < s.len) {
		code = utf8_decode(sv_from(s, at), &used);
		if (utf8proc_grapheme_break_stateful(
			    (utf8proc_int32_t)before, (utf8proc_int32_t)code, &state))
			break;
		at += used;
		before = code;
	}
	return at;
}

/* Clusters are short: looks back over at most this many bytes for a safe place to count from. */
#define CLUSTER_LOOK_BACK 256

size_t utf8_prev(struct sv s, size_t at)
{
	size_t from, next;

	at = MIN(at, s.len);
	if (at == 0)
		return 0;
	from = at;
	while (from > 0 && at - from < CLUSTER_LOOK_BACK) {
		from--;
		if ((unsigned char)s.p[from] < 0x80 && from + 1 < at)
			break;
	}
	while (from > 0 && ((unsigned char)s.p[from] & 0xc0) == 0x80)
		from--;
	while ((next = utf8_next(s, from)) < at)
		from = next;
	return from;
}

uint32_t utf8_lower(uint32_t code)
{
	return (uint32_t)utf8proc_tolower((utf8proc_int32_t)code);
}

uint32_t utf8_upper(uint32_t code)
{
	return (uint32_t)utf8proc_toupper((utf8proc_int32_t)code);
}

bool utf8_is_space(uint32_t code)
{
	return (code >= 9 && code <= 13) || code == ' ' || code == 0x85 || code == 0xa0 ||
	       code == 0x1680 || (code >= 0x2000 && code <= 0x200a) || code == 0x2028 ||
	       code == 0x2029 || code == 0x202f || code == 0x205f || code == 0x3000;
}

bool utf8_is_word(uint32_t code)
{
	utf8proc_category_t c;

	if (code < 0x80)
		return ascii_is_alnum((int)code) || code == '_';
	c = utf8proc_category((utf8proc_int32_t)code);
	return (c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_NO);
}

bool utf8_is_control(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

bool utf8_is_bidi(uint32_t code)
{
	return code == 0x61c || code == 0x200e || code == 0x200f ||
	       (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

bool utf8_is_invisible(uint32_t code)
{
	if (code < 0xad)
		return false;
	return code == 0xad || code == 0x34f || code == 0x61c ||
	       (code >= 0x115f && code <= 0x1160) || (code >= 0x17b4 && code <= 0x17b5) ||
	       (code >= 0x180b && code <= 0x180f) || (code >= 0x200b && code <= 0x200f) ||
	       (code >= 0x202a && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) ||
	       code == 0x3164 || (code >= 0xfe00 && code <= 0xfe0f) || code == 0xfeff ||
	       code == 0xffa0 || (code >= 0xfff0 && code <= 0xfff8) ||
	       (code >= 0x1bca0 && code <= 0x1bca3) || (code >= 0x1d173 && code <= 0x1d17a) ||
	       (code >= 0xe0000 && code <= 0xe0fff);
}

/* Runs utf8proc over s and appends what it makes; s itself when it cannot. */
static bool add_mapped(struct str *out, struct sv s, utf8proc_option_t options)
{
	utf8proc_uint8_t *made = NULL;
	utf8proc_ssize_t n;
	struct str fixed;
	bool ok;

	str_init(&fixed, s.len * 3 + 1);
	if (!utf8_add_fixed(&fixed, s)) {
		str_fini(&fixed);
		return str_add(out, s);
	}
	n = utf8proc_map(
		(const utf8proc_uint8_t *)fixed.s, (utf8proc_ssize_t)fixed.len, &made, options);
	ok = n >= 0 ? str_add(out, sv_make((const char *)made, (size_t)n))
		    : str_add(out, str_sv(&fixed));
	free(made);
	str_fini(&fixed);
	return ok;
}

bool utf8_fold(struct str *out, struct sv s, bool strip_marks)
{
	utf8proc_option_t options =
		UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
	size_t i, n = ascii_run(s);
	char *p;

	if (n == s.len) {
		if (n == 0)
			return true;
		p = str_reserve(out, n);
		if (!p)
			return false;
		for (i = 0; i < n; i++)
			p[i] = (char)ascii_lower((unsigned char)s.p[i]);
		str_commit(out, n);
		return true;
	}
	if (strip_marks)
		options |= UTF8PROC_STRIPMARK;
	return add_mapped(out, s, options);
}

bool utf8_nfc(struct str *out, struct sv s)
{
	if (utf8_is_ascii(s))
		return str_add(out, s);
	return add_mapped(out, s, UTF8PROC_COMPOSE | UTF8PROC_STABLE);
}
