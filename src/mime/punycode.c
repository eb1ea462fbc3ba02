#include "mime/punycode.h"

#include "text/utf8.h"

/* RFC 3492, section 5. */
enum { BASE = 36, TMIN = 1, TMAX = 26, SKEW = 38, DAMP = 700, INITIAL_BIAS = 72, INITIAL_N = 0x80 };

#define CODE_MAX 0x10ffffu

static int digit(int c)
{
	if (ascii_is_alpha(c))
		return ascii_lower(c) - 'a';
	return ascii_is_digit(c) ? c - '0' + 26 : -1;
}

/* Section 6.1. */
static uint32_t adapt(uint32_t delta, uint32_t points, bool first)
{
	uint32_t k = 0;

	delta = first ? delta / DAMP : delta / 2;
	delta += delta / points;
	for (; delta > (BASE - TMIN) * TMAX / 2; k += BASE)
		delta /= BASE - TMIN;
	return k + (BASE - TMIN + 1) * delta / (delta + SKEW);
}

/* One number of variable length, added to *i. */
static bool take_number(struct scan *s, uint32_t bias, uint32_t *i)
{
	uint64_t sum = *i, weight = 1;

	for (uint32_t k = BASE;; k += BASE) {
		int d = scan_end(s) ? -1 : digit(*s->p++);
		uint32_t t = k <= bias ? TMIN : k >= bias + TMAX ? TMAX : k - bias;
		if (d < 0)
			return false;
		sum += (uint64_t)d * weight;
		if (sum > UINT32_MAX)
			return false;
		if ((uint32_t)d < t)
			break;
		weight *= BASE - t;
		if (weight > UINT32_MAX)
			return false;
	}
	*i = (uint32_t)sum;
	return true;
}

bool punycode_decode(struct str *out, struct sv label)
{
	uint32_t code[PUNYCODE_LABEL_MAX], n = INITIAL_N, i = 0, bias = INITIAL_BIAS, count = 0;
	ptrdiff_t dash = sv_rchr(label, '-');
	struct scan s = scan_of(sv_from(label, (size_t)(dash + 1)));

	if (label.len > PUNYCODE_LABEL_MAX || dash == 0 || scan_end(&s))
		return false;
	for (ptrdiff_t at = 0; at < dash; at++) {
		if (label.p[at] & 0x80)
			return false;
		code[count++] = (uint32_t)ascii_lower((unsigned char)label.p[at]);
	}
	while (!scan_end(&s)) { /* each number takes a byte at least, so the label bounds them */
		uint32_t before = i;
		if (!take_number(&s, bias, &i))
			return false;
		bias = adapt(i - before, ++count, before == 0);
		if (i / count > CODE_MAX - n)
			return false;
		n += i / count;
		i %= count;
		if (n >= 0xd800 && n <= 0xdfff)
			return false;
		memmove(code + i + 1, code + i, (count - 1 - i) * sizeof(*code));
		code[i++] = n;
	}
	size_t start = out->len;
	for (uint32_t k = 0; k < count; k++)
		if (!utf8_add(out, code[k])) {
			str_cut(out, start);
			return false;
		}
	return true;
}
