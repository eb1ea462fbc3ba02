/*
 * The display filter (utf8_add_safe, utf8_is_safe of utf8.h): what comes out here can be written to
 * any terminal. Terminals disagree about joined emoji, tags and marks, so these are not sent at all
 * (measured: design, dependencies 1.3); controls could command the terminal, bidi controls could
 * make a text read other than it is.
 */
#include <utf8proc.h>

#include "text/utf8.h"
#include "text/width.h"

#define BIDI_DEPTH 32 /* open isolates that are remembered */

struct safe {
	struct str *out;
	unsigned flags;
	int marks;    /* on the last character */
	bool base;    /* a character that can carry marks stands before */
	bool joined;  /* a ZWJ came after an emoji: what follows belongs to it */
	bool emoji;   /* the last character was a pictograph */
	bool blank;   /* one-line: a control became a space already */
	int isolates; /* open LRI, RLI, FSI */
};

static bool is_regional(uint32_t c)
{
	return c >= 0x1f1e6 && c <= 0x1f1ff;
}

static bool is_emoji(uint32_t c)
{
	return (c >= 0x1f000 && c <= 0x1faff && !is_regional(c)) || (c >= 0x2600 && c <= 0x27bf) ||
	       (c >= 0x2190 && c <= 0x21ff) || (c >= 0x2b00 && c <= 0x2bff) || c == 0xa9 ||
	       c == 0xae || c == 0x203c || c == 0x2049 || (c >= 0x2300 && c <= 0x23ff);
}

static bool is_skin_tone(uint32_t c)
{
	return c >= 0x1f3fb && c <= 0x1f3ff;
}

static bool is_variation(uint32_t c)
{
	return (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0xe0100 && c <= 0xe01ef);
}

static bool is_mark(uint32_t c)
{
	utf8proc_category_t cat = utf8proc_category((utf8proc_int32_t)c);

	return cat == UTF8PROC_CATEGORY_MN || cat == UTF8PROC_CATEGORY_ME;
}

static bool is_assigned(uint32_t c)
{
	utf8proc_category_t cat = utf8proc_category((utf8proc_int32_t)c);

	/* CO (private use) is shown: icon fonts live there and every terminal gives it one
	 * column. */
	return cat != UTF8PROC_CATEGORY_CN && cat != UTF8PROC_CATEGORY_CS;
}

/* A character with a width of its own. */
static bool put(struct safe *f, uint32_t c)
{
	f->marks = 0;
	f->base = true;
	f->joined = false;
	f->emoji = is_emoji(c);
	f->blank = false;
	return utf8_add(f->out, c);
}

static bool put_control(struct safe *f, uint32_t c, struct sv rest)
{
	if (f->flags & UTF8_SAFE_TEXT) {
		if (c == '\r' && rest.len > 0 && rest.p[0] == '\n')
			return true;
		if (c == '\n' || c == '\t') {
			while (f->isolates > 0 && c == '\n') {
				f->isolates--;
				if (!utf8_add(f->out, 0x2069))
					return false;
			}
			f->base = false;
			f->joined = f->emoji = f->blank = false;
			return str_addc(f->out, (char)c);
		}
		return put(f, UTF8_REPLACEMENT);
	}
	if (c == '\r' || c == '\n' || c == '\t') {
		if (f->blank)
			return true;
		if (!put(f, ' '))
			return false;
		f->blank = true;
		return true;
	}
	return put(f, UTF8_REPLACEMENT);
}

/* Isolates pass when they are closed on their line; everything else that steers direction goes. */
static bool put_bidi(struct safe *f, uint32_t c)
{
	if (c >= 0x2066 && c <= 0x2068 && f->isolates < BIDI_DEPTH) {
		f->isolates++;
		return utf8_add(f->out, c);
	}
	if (c == 0x2069 && f->isolates > 0) {
		f->isolates--;
		return utf8_add(f->out, c);
	}
	return true;
}

static bool put_invisible(struct safe *f, uint32_t c)
{
	if (c == 0x200d && f->emoji)
		f->joined = !(f->flags & UTF8_SAFE_EMOJI);
	if (f->flags & UTF8_SAFE_EMOJI && f->base && (c == 0x200d || is_variation(c)))
		return utf8_add(f->out, c);
	/* ZWNJ and ZWJ shape Arabic and Indic text: they stay between letters, where no terminal
	 * gives them a column. */
	if ((c == 0x200c || c == 0x200d) && f->base && !f->emoji)
		return utf8_add(f->out, c);
	return true;
}

static bool put_mark(struct safe *f, uint32_t c)
{
	if (c == 0x20e3 && !(f->flags & UTF8_SAFE_EMOJI)) /* keycap */
		return true;
	if (!f->base && !put(f, 0x25cc)) /* a mark on nothing gets a dotted circle to sit on */
		return false;
	if (f->marks >= UTF8_MARKS_MAX)
		return true;
	f->marks++;
	return utf8_add(f->out, c);
}

static bool put_code(struct safe *f, uint32_t c, struct sv rest)
{
	if (utf8_is_control(c))
		return put_control(f, c, rest);
	if (c < 0x300) {
		if (c == 0xad)
			return true;
		if (c == ' ' && f->blank)
			return true;
		return put(f, c);
	}
	if (utf8_is_bidi(c))
		return put_bidi(f, c);
	if (c == 0x2028 || c == 0x2029)
		return put(f, ' ');
	if (utf8_is_invisible(c))
		return put_invisible(f, c);
	if (is_skin_tone(c) && f->emoji && !(f->flags & UTF8_SAFE_EMOJI))
		return true;
	if (f->joined && is_emoji(c)) { /* the rest of a ZWJ sequence */
		f->joined = false;
		return true;
	}
	if (is_mark(c))
		return put_mark(f, c);
	if (!is_assigned(c) || width_of_code(c) < 0)
		return put(f, UTF8_REPLACEMENT);
	if (width_of_code(c) == 0) /* conjoining jamo vowels and other zero columns */
		return f->base ? utf8_add(f->out, c) : put(f, UTF8_REPLACEMENT);
	return put(f, c);
}

#define ALL_BYTES(b) (UINT64_C(0x0101010101010101) * (b))

/* Printable ASCII at the start, eight bytes at a time. */
static size_t printable_run(struct sv s)
{
	size_t i = 0;

	while (i + sizeof(uint64_t) <= s.len) {
		uint64_t w, del, low;

		memcpy(&w, s.p + i, sizeof(w));
		low = w - ALL_BYTES(0x20);                     /* borrows below a blank */
		del = (w ^ ALL_BYTES(0x7f)) - ALL_BYTES(0x01); /* and at 0x7f */
		if ((w | low | del) & ALL_BYTES(0x80))
			break;
		i += sizeof(w);
	}
	while (i < s.len && s.p[i] >= 0x20 && s.p[i] < 0x7f)
		i++;
	return i;
}

/* Bytes at the start that pass unchanged: printable ASCII, and LF and tab in a text. */
static size_t plain_run(struct sv s, unsigned flags)
{
	size_t i = 0;

	for (;;) {
		i += printable_run(sv_from(s, i));
		if (i >= s.len || !(flags & UTF8_SAFE_TEXT) || (s.p[i] != '\n' && s.p[i] != '\t'))
			return i;
		i++;
	}
}

bool utf8_add_safe(struct str *out, struct sv s, unsigned flags)
{
	struct safe f = {.out = out, .flags = flags};

	while (s.len > 0) {
		size_t n = f.isolates > 0 || f.blank ? 0 : plain_run(s, flags), used;
		uint32_t code;

		if (n > 0) {
			if (!str_add(out, sv_head(s, n)))
				return false;
			f.base = s.p[n - 1] != '\n' && s.p[n - 1] != '\t';
			f.marks = 0;
			f.joined = f.emoji = false;
			s = sv_from(s, n);
			continue;
		}
		code = utf8_decode(s, &used);
		s = sv_from(s, used);
		if (!put_code(&f, code, s))
			return false;
	}
	for (; f.isolates > 0; f.isolates--)
		if (!utf8_add(out, 0x2069))
			return false;
	return true;
}

bool utf8_is_safe(struct sv s, unsigned flags)
{
	struct str made;
	bool same;

	if (plain_run(s, flags) == s.len)
		return true;
	str_init(&made, s.len * 4 + 64);
	same = utf8_add_safe(&made, s, flags) && sv_eq(str_sv(&made), s);
	str_fini(&made);
	return same;
}
