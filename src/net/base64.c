/*
 * See base64.h.
 */
#include "net/base64.h"

bool base64_add(struct str *out, struct sv raw)
{
	static const char set[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *p = (const unsigned char *)raw.p;

	for (size_t i = 0; i < raw.len; i += 3) {
		size_t n = MIN((size_t)3, raw.len - i);
		uint32_t v = (uint32_t)p[i] << 16 | (n > 1 ? (uint32_t)p[i + 1] << 8 : 0) |
			     (n > 2 ? p[i + 2] : 0u);
		char q[4] = {set[v >> 18], set[v >> 12 & 63], n > 1 ? set[v >> 6 & 63] : '=',
			n > 2 ? set[v & 63] : '='};

		if (!str_add(out, sv_make(q, 4)))
			return false;
	}
	return true;
}

static int base64_value(int c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (ascii_is_digit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool base64_decode(struct str *out, struct sv text)
{
	size_t pad = 0;

	if (text.len % 4 != 0)
		return false;
	while (pad < 2 && text.len > pad && text.p[text.len - 1 - pad] == '=')
		pad++;
	for (size_t i = 0; i < text.len; i += 4) {
		bool last = i + 4 == text.len;
		size_t n = last ? 4 - pad : 4;
		uint32_t v = 0;

		for (size_t k = 0; k < 4; k++) {
			int b = k < n ? base64_value((unsigned char)text.p[i + k]) : 0;

			if (b < 0)
				return false;
			v = v << 6 | (uint32_t)b;
		}
		char raw[3] = {(char)(v >> 16), (char)(v >> 8), (char)v};
		if (!str_add(out, sv_make(raw, n - 1)))
			return false;
	}
	return true;
}
