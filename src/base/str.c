#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"

#define STR_FIRST 64
#define FIND_BLOCK 256
#define COUNT_BLOCK 128 /* fewer than a byte can count */

bool ascii_is_alpha(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool ascii_is_digit(int c)
{
	return c >= '0' && c <= '9';
}

bool ascii_is_alnum(int c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c);
}

bool ascii_is_space(int c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

int ascii_lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

int ascii_upper(int c)
{
	return c >= 'a' && c <= 'z' ? c - 32 : c;
}

int ascii_hex(int c)
{
	if (ascii_is_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* memcmp with ASCII case folded. */
static int case_cmp(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int d = ascii_lower((unsigned char)a[i]) - ascii_lower((unsigned char)b[i]);
		if (d)
			return d;
	}
	return 0;
}

bool sv_eq(struct sv a, struct sv b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

bool sv_eq_case(struct sv a, struct sv b)
{
	return a.len == b.len && case_cmp(a.p, b.p, a.len) == 0;
}

bool sv_starts(struct sv a, struct sv prefix)
{
	return a.len >= prefix.len && sv_eq(sv_head(a, prefix.len), prefix);
}

bool sv_starts_case(struct sv a, struct sv prefix)
{
	return a.len >= prefix.len && sv_eq_case(sv_head(a, prefix.len), prefix);
}

bool sv_ends_case(struct sv a, struct sv suffix)
{
	return a.len >= suffix.len && sv_eq_case(sv_from(a, a.len - suffix.len), suffix);
}

ptrdiff_t sv_find(struct sv a, struct sv needle)
{
	if (needle.len == 0)
		return 0;
	if (a.len < needle.len)
		return -1;
	const char *hit = memmem(a.p, a.len, needle.p, needle.len);
	return hit ? hit - a.p : -1;
}

ptrdiff_t sv_find_case(struct sv a, struct sv needle)
{
	if (needle.len == 0)
		return 0;
	for (size_t i = 0; i + needle.len <= a.len; i++)
		if (ascii_lower((unsigned char)a.p[i]) == ascii_lower((unsigned char)needle.p[0]) &&
			case_cmp(a.p + i, needle.p, needle.len) == 0)
			return (ptrdiff_t)i;
	return -1;
}

ptrdiff_t sv_chr(struct sv a, char c)
{
	const char *hit = a.len ? memchr(a.p, c, a.len) : NULL;

	return hit ? hit - a.p : -1;
}

/*
 * May one of these bytes be the line end before it? Its first and its last letter are looked at, which is enough to
 * pass over nearly all that is none. In this form compilers make sixteen comparisons one.
 */
static bool block_may_have_line(const char *p, struct sv start)
{
	unsigned char hit = 0;
	char first = start.p[0], last = start.p[start.len - 1];

	for (size_t i = 0; i < FIND_BLOCK; i++)
		hit |= (unsigned char)((p[i] == '\n') & (p[i + 1] == first) & (p[i + start.len] == last));
	return hit != 0;
}

/* Whole mailboxes go through here, and it is ten times as fast as memmem. */
ptrdiff_t sv_find_line(struct sv a, struct sv start)
{
	size_t i = 0;

	while (i + start.len < a.len) {
		size_t n = MIN((size_t)FIND_BLOCK, a.len - start.len - i);

		if (n == FIND_BLOCK && !block_may_have_line(a.p + i, start)) {
			i += FIND_BLOCK;
			continue;
		}
		for (size_t end = i + n; i < end; i++) {
			if (a.p[i] == '\n' && memcmp(a.p + i + 1, start.p, start.len) == 0)
				return (ptrdiff_t)i + 1;
		}
	}
	return -1;
}

/* In blocks that a byte can count: so compilers compare and add sixteen bytes at once. */
size_t sv_count(struct sv a, char c)
{
	size_t n = 0, at = 0;

	for (; at + COUNT_BLOCK <= a.len; at += COUNT_BLOCK) {
		unsigned char hits = 0;

		for (size_t i = 0; i < COUNT_BLOCK; i++)
			hits = (unsigned char)(hits + (a.p[at + i] == c));
		n += hits;
	}
	for (; at < a.len; at++)
		n += a.p[at] == c;
	return n;
}

ptrdiff_t sv_rchr(struct sv a, char c)
{
	const char *hit = a.len ? memrchr(a.p, c, a.len) : NULL;

	return hit ? hit - a.p : -1;
}

struct sv sv_from(struct sv a, size_t at)
{
	if (!at)
		return a; /* also when there are no bytes at all */
	at = MIN(at, a.len);
	return (struct sv){a.p + at, a.len - at};
}

struct sv sv_head(struct sv a, size_t n)
{
	return (struct sv){a.p, MIN(n, a.len)};
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct sv sv_rtrim(struct sv a)
{
	while (a.len && is_blank(a.p[a.len - 1]))
		a.len--;
	return a;
}

struct sv sv_trim(struct sv a)
{
	while (a.len && is_blank(*a.p)) {
		a.p++;
		a.len--;
	}
	return sv_rtrim(a);
}

bool sv_split(struct sv *rest, char sep, struct sv *piece)
{
	if (rest->len == 0)
		return false;
	ptrdiff_t at = sv_chr(*rest, sep);
	*piece = at < 0 ? *rest : sv_head(*rest, (size_t)at);
	*rest = at < 0 ? sv_from(*rest, rest->len) : sv_from(*rest, (size_t)at + 1);
	return true;
}

bool sv_line(struct sv *rest, struct sv *line)
{
	if (!sv_split(rest, '\n', line))
		return false;
	if (line->len && line->p[line->len - 1] == '\r')
		line->len--;
	return true;
}

bool sv_u64(struct sv a, uint64_t *value)
{
	struct scan s = scan_of(a);
	uint64_t v;

	if (!scan_u64(&s, &v) || !scan_end(&s))
		return false;
	*value = v;
	return true;
}

char *sv_dup(struct sv a)
{
	return xstrndup(a.p, a.len);
}

int sv_cmp(struct sv a, struct sv b)
{
	size_t n = MIN(a.len, b.len);
	int d = n ? memcmp(a.p, b.p, n) : 0;

	return d ? d : (a.len > b.len) - (a.len < b.len);
}

int sv_cmp_case(struct sv a, struct sv b)
{
	int d = case_cmp(a.p, b.p, MIN(a.len, b.len));

	return d ? d : (a.len > b.len) - (a.len < b.len);
}

void str_init(struct str *s, size_t max)
{
	*s = (struct str){.max = max};
	s->s = (char *)""; /* never written: cap is 0 until the first reserve */
}

void str_fini(struct str *s)
{
	if (s->cap)
		free(s->s);
	*s = (struct str){0};
}

void str_wipe(struct str *s)
{
	if (s->cap)
		mem_wipe(s->s, s->cap);
	str_fini(s);
}

void str_clear(struct str *s)
{
	str_cut(s, 0);
}

char *str_reserve(struct str *s, size_t n)
{
	if (n > s->max || s->len > s->max - n)
		return NULL;
	if (s->len + n + 1 > s->cap) {
		size_t cap = MAX(s->cap * 2, MAX(s->len + n + 1, (size_t)STR_FIRST));
		cap = MIN(cap, s->max + 1);
		char *old = s->cap ? s->s : NULL;
		s->s = xrealloc(old, cap);
		s->cap = cap;
		s->s[s->len] = 0;
	}
	return s->s + s->len;
}

void str_commit(struct str *s, size_t n)
{
	if (n == 0)
		return;
	if (s->len + n + 1 > s->cap)
		bug("str_commit of %zu past the reserved room", n);
	s->len += n;
	s->s[s->len] = 0;
}

bool str_add(struct str *s, struct sv v)
{
	char *to = str_reserve(s, v.len);

	if (!to)
		return false;
	if (v.len)
		memcpy(to, v.p, v.len);
	str_commit(s, v.len);
	return true;
}

bool str_adds(struct str *s, const char *text)
{
	return str_add(s, sv_of(text));
}

bool str_addc(struct str *s, char c)
{
	return str_add(s, (struct sv){&c, 1});
}

bool str_addn(struct str *s, char c, size_t n)
{
	char *to = str_reserve(s, n);

	if (!to)
		return false;
	memset(to, c, n);
	str_commit(s, n);
	return true;
}

bool str_vaddf(struct str *s, const char *fmt, va_list ap)
{
	va_list again;

	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		return false;
	char *to = str_reserve(s, (size_t)n);
	if (!to)
		return false;
	vsnprintf(to, (size_t)n + 1, fmt, ap);
	str_commit(s, (size_t)n);
	return true;
}

bool str_addf(struct str *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	bool ok = str_vaddf(s, fmt, ap);
	va_end(ap);
	return ok;
}

void str_cut(struct str *s, size_t len)
{
	if (len >= s->len)
		return;
	s->len = len;
	s->s[len] = 0;
}

bool str_insert(struct str *s, size_t at, struct sv v)
{
	at = MIN(at, s->len);
	if (!str_reserve(s, v.len))
		return false;
	memmove(s->s + at + v.len, s->s + at, s->len - at);
	if (v.len)
		memcpy(s->s + at, v.p, v.len);
	str_commit(s, v.len);
	return true;
}

void str_remove(struct str *s, size_t at, size_t n)
{
	if (at >= s->len)
		return;
	n = MIN(n, s->len - at);
	memmove(s->s + at, s->s + at + n, s->len - at - n);
	str_cut(s, s->len - n);
}

char *str_detach(struct str *s)
{
	char *p = s->cap ? s->s : xstrdup("");
	size_t max = s->max;

	str_init(s, max);
	return p;
}

/* Length of the valid UTF-8 sequence at p, or 0. */
static size_t utf8_len(const unsigned char *p, size_t n)
{
	static const unsigned low[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t len = p[0] < 0x80 ? 1 : p[0] >= 0xf0 && p[0] < 0xf5 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc2 ? 2 : 0;
	unsigned c = p[0];

	if (len < 2)
		return len;
	if (p[0] >= 0xf5 || len > n)
		return 0;
	c &= 0xffu >> (len + 1);
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	return c < low[len] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ? 0 : len;
}

/*
 * What a terminal might obey, or turn round, when somebody prints JSON on one: C1 controls, marks of
 * direction, line and paragraph separators, the byte order mark. All are below U+10000.
 */
static unsigned risky_point(const unsigned char *p, size_t n)
{
	unsigned c = n == 2 ? (unsigned)(p[0] & 0x1f) << 6 | (p[1] & 0x3f)
		     : n == 3 ? (unsigned)(p[0] & 0x0f) << 12 | (unsigned)(p[1] & 0x3f) << 6 | (p[2] & 0x3f)
			      : 0;
	bool risky = (c >= 0x80 && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
		     (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;

	return risky ? c : 0;
}

bool str_add_json(struct str *s, struct sv v)
{
	size_t start = s->len;
	bool ok = str_addc(s, '"');

	for (size_t i = 0; ok && i < v.len;) {
		const unsigned char *p = (const unsigned char *)v.p + i;
		size_t n = utf8_len(p, v.len - i);
		i += n ? n : 1;
		if (n == 0)
			ok = str_adds(s, "\xef\xbf\xbd");
		else if (*p == '"' || *p == '\\')
			ok = str_addc(s, '\\') && str_addc(s, (char)*p);
		else if (*p == '\n')
			ok = str_adds(s, "\\n");
		else if (*p == '\t')
			ok = str_adds(s, "\\t");
		else if (*p == '\r')
			ok = str_adds(s, "\\r");
		else if (*p < 0x20 || *p == 0x7f)
			ok = str_addf(s, "\\u%04x", *p);
		else if (risky_point(p, n))
			ok = str_addf(s, "\\u%04x", risky_point(p, n));
		else
			ok = str_add(s, sv_make((const char *)p, n));
	}
	ok = ok && str_addc(s, '"');
	if (!ok)
		str_cut(s, start);
	return ok;
}

bool scan_byte(struct scan *s, char c)
{
	if (s->p >= s->end || *s->p != c)
		return false;
	s->p++;
	return true;
}

bool scan_lit(struct scan *s, const char *word)
{
	struct sv v = sv_of(word);

	if (!sv_starts_case(scan_rest(s), v))
		return false;
	s->p += v.len;
	return true;
}

void scan_spaces(struct scan *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\t'))
		s->p++;
}

void scan_wsp(struct scan *s)
{
	while (s->p < s->end && is_blank(*s->p))
		s->p++;
}

/* One bit for each byte: scanners ask for every byte of a message. NUL is in no set. */
struct byte_set {
	uint64_t bits[4];
};

static struct byte_set byte_set_of(const char *bytes)
{
	struct byte_set set = {{0, 0, 0, 0}};

	for (; *bytes; bytes++)
		set.bits[(unsigned char)*bytes >> 6] |= 1ull << (*bytes & 63);
	return set;
}

static bool byte_set_has(const struct byte_set *set, char c)
{
	return set->bits[(unsigned char)c >> 6] >> (c & 63) & 1;
}

struct sv scan_until(struct scan *s, const char *stop)
{
	struct byte_set set = byte_set_of(stop);
	const char *start = s->p;

	while (s->p < s->end && !byte_set_has(&set, *s->p))
		s->p++;
	return (struct sv){start, (size_t)(s->p - start)};
}

struct sv scan_while(struct scan *s, const char *bytes)
{
	struct byte_set set = byte_set_of(bytes);
	const char *start = s->p;

	while (s->p < s->end && byte_set_has(&set, *s->p))
		s->p++;
	return (struct sv){start, (size_t)(s->p - start)};
}

bool scan_u64(struct scan *s, uint64_t *value)
{
	const char *start = s->p;
	uint64_t v = 0;

	while (s->p < s->end && ascii_is_digit(*s->p)) {
		uint64_t digit = (uint64_t)(*s->p - '0');
		if (v > (UINT64_MAX - digit) / 10) {
			s->p = start;
			return false;
		}
		v = v * 10 + digit;
		s->p++;
	}
	if (s->p == start)
		return false;
	*value = v;
	return true;
}
