/*
 * Line breaking (see wrap.h): a small part of Unicode's UAX 14 that reads well in a terminal.
 */
#include "text/wrap.h"

#include "text/utf8.h"
#include "text/width.h"

/* Scripts that are written without blanks: a line may end after each character. */
static bool is_ideograph(uint32_t c)
{
	return (c >= 0x2e80 && c <= 0x303e) || (c >= 0x3041 && c <= 0x33ff) ||
	       (c >= 0x3400 && c <= 0x4dbf) || (c >= 0x4e00 && c <= 0x9fff) ||
	       (c >= 0xa000 && c <= 0xa4cf) || (c >= 0xf900 && c <= 0xfaff) ||
	       (c >= 0xfe30 && c <= 0xfe4f) || (c >= 0xff00 && c <= 0xff60) ||
	       (c >= 0xffe0 && c <= 0xffe6) || (c >= 0x20000 && c <= 0x3fffd);
}

/* Must not start a line: closing marks, full stops, small kana. */
static bool is_no_start(uint32_t c)
{
	static const uint32_t codes[] = {0x3001, 0x3002, 0x3005, 0x3009, 0x300b, 0x300d, 0x300f,
		0x3011, 0x3015, 0x3017, 0x3019, 0x301b, 0x3041, 0x3043, 0x3045, 0x3047, 0x3049,
		0x3063, 0x3083, 0x3085, 0x3087, 0x308e, 0x30a1, 0x30a3, 0x30a5, 0x30a7, 0x30a9,
		0x30c3, 0x30e3, 0x30e5, 0x30e7, 0x30ee, 0x30fb, 0x30fc, 0xff01, 0xff09, 0xff0c,
		0xff0e, 0xff1a, 0xff1b, 0xff1f, 0xff3d, 0xff5d, ')', ']', '}', ',', '.', '!', '?',
		':', ';', '%', 0x2019, 0x201d, 0xbb};
	size_t i;

	for (i = 0; i < ARRAY_LEN(codes); i++)
		if (codes[i] == c)
			return true;
	return false;
}

/* Must not end a line: opening marks. */
static bool is_no_end(uint32_t c)
{
	static const uint32_t codes[] = {0x3008, 0x300a, 0x300c, 0x300e, 0x3010, 0x3014, 0x3016,
		0x3018, 0x301a, 0xff08, 0xff3b, 0xff5b, '(', '[', '{', 0x2018, 0x201c, 0xab};
	size_t i;

	for (i = 0; i < ARRAY_LEN(codes); i++)
		if (codes[i] == c)
			return true;
	return false;
}

static bool is_blank(uint32_t c)
{
	return c == ' ' || c == '\t' || c == 0x3000 || (c >= 0x2000 && c <= 0x200a && c != 0x2007);
}

/* May the line end between `before` and c? first is what stands before `before`. */
static bool may_break(uint32_t first, uint32_t before, uint32_t c)
{
	if (is_blank(c))
		return false; /* blanks hang at the end of the line */
	if (is_blank(before) || before == 0x200b)
		return true;
	if ((is_ideograph(before) || is_ideograph(c)) && width_of_code(c) > 0)
		return !is_no_start(c) && !is_no_end(before);
	/* "well-known", but not "-1", "--option" or "2026-01" */
	return before == '-' && utf8_is_word(first) && utf8_is_word(c) && !ascii_is_digit((int)c);
}

/* Blanks that do not fit hang over the edge: the next line starts behind them. */
static size_t skip_blanks(struct sv text, size_t at)
{
	size_t used;

	while (at < text.len && is_blank(utf8_decode(sv_from(text, at), &used)))
		at += used;
	return at;
}

size_t wrap_line(struct sv text, int column, int columns, bool smart, size_t *next)
{
	uint32_t first = 0, before = 0;
	size_t at = 0, brk = 0, used, end;

	for (; at < text.len; at += used) {
		uint32_t c = utf8_decode(sv_from(text, at), &used);
		int w = c == '\t' ? WRAP_TAB - column % WRAP_TAB : width_of_code(c);

		if (at > 0 && smart && may_break(first, before, c))
			brk = at;
		if (column + w > columns && w > 0 && at > 0) {
			if (smart && is_blank(c))
				brk = skip_blanks(text, at);
			break;
		}
		column += w;
		first = before;
		before = c;
	}
	if (at >= text.len) {
		*next = text.len;
		return text.len;
	}
	if (brk == 0)
		brk = at;
	*next = brk;
	for (end = brk; end > 0 && (text.p[end - 1] == ' ' || text.p[end - 1] == '\t'); end--)
		;
	/* A line of nothing but blanks keeps them: they are an indent. */
	return end == 0 ? brk : end;
}

static bool wrap_paragraph(struct str *out, struct sv para, int columns, struct sv prefix)
{
	int column = width_of(prefix);
	size_t n, next;

	do {
		n = next = 0;
		if (para.len > 0)
			n = wrap_line(para, column, columns, true, &next);
		if (!str_add(out, prefix) || !str_add(out, sv_head(para, n)) ||
			!str_addc(out, '\n'))
			return false;
		para = sv_from(para, next);
	} while (para.len > 0);
	return true;
}

bool wrap_text(struct str *out, struct sv text, int columns, const char *prefix)
{
	struct sv line;

	while (sv_line(&text, &line))
		if (!wrap_paragraph(out, line, columns, sv_of(prefix)))
			return false;
	return true;
}
