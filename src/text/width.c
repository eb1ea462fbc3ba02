/*
 * Columns (see width.h). utf8proc's table, corrected where terminals and wcwidth(3) agree on
 * something else: conjoining Hangul vowels and finals take no column, the soft hyphen one nowhere.
 */
#include "text/width.h"

#include <utf8proc.h>

#include "text/utf8.h"

int width_of_code(uint32_t code)
{
	if (code >= 0x20 && code < 0x7f)
		return 1;
	if (code == 0)
		return 0;
	if (utf8_is_control(code))
		return 1;
	if (code < 0x300)
		return code == 0xad ? 0 : 1;
	if ((code >= 0x1160 && code <= 0x11ff) || (code >= 0xd7b0 && code <= 0xd7fb))
		return 0;
	/* Circled numbers and hexagrams: wide in every terminal with a recent table, and in libc. */
	if ((code >= 0x3248 && code <= 0x324f) || (code >= 0x4dc0 && code <= 0x4dff))
		return 2;
	if (utf8_is_invisible(code))
		return 0;
	if (utf8proc_category((utf8proc_int32_t)code) == UTF8PROC_CATEGORY_CO)
		return 1;
	return utf8proc_charwidth((utf8proc_int32_t)code);
}

int width_of(struct sv text)
{
	int columns = 0;
	size_t used;

	for (; text.len > 0; text = sv_from(text, used))
		columns += width_of_code(utf8_decode(text, &used));
	return columns;
}

int width_of_tabs(struct sv text, int at)
{
	int start = at;
	size_t used;

	for (; text.len > 0; text = sv_from(text, used)) {
		uint32_t code = utf8_decode(text, &used);

		at += code == '\t' ? 8 - at % 8 : width_of_code(code);
	}
	return at - start;
}

struct sv width_head(struct sv text, int columns, int *used_columns)
{
	size_t at = 0, used;
	int have = 0;

	while (at < text.len) {
		int w = width_of_code(utf8_decode(sv_from(text, at), &used));

		if (have + w > columns)
			break;
		have += w;
		at += used;
	}
	if (used_columns)
		*used_columns = have;
	return sv_head(text, at);
}

struct sv width_tail(struct sv text, int columns, int *used_columns)
{
	int have = width_of(text);
	size_t used = 0;

	while (text.len > 0 && have > columns) {
		have -= width_of_code(utf8_decode(text, &used));
		text = sv_from(text, used);
	}
	/* Marks of a character that is gone go, too. */
	while (text.len > 0 && used > 0 && width_of_code(utf8_decode(text, &used)) == 0)
		text = sv_from(text, used);
	if (used_columns)
		*used_columns = have;
	return text;
}

/* Head that leaves room for the ellipsis; the ellipsis is cut itself when there is no room for
 * it. */
static bool add_cut(struct str *out, struct sv text, int columns, struct sv ellipsis, int *used)
{
	int dots;

	ellipsis = width_head(ellipsis, columns, &dots);
	text = width_head(text, columns - dots, used);
	*used += dots;
	return str_add(out, text) && str_add(out, ellipsis);
}

bool width_add(
	struct str *out, struct sv text, int columns, enum width_align align, const char *ellipsis)
{
	size_t start = out->len;
	int used = 0, left = 0, fill;
	struct sv fits;

	if (columns <= 0)
		return true;
	fits = width_head(text, columns, &used);
	if (fits.len < text.len) {
		if (!add_cut(out, text, columns, sv_of(ellipsis), &used))
			return false;
		return str_addn(out, ' ', (size_t)(columns - used));
	}
	fill = columns - used;
	if (align == WIDTH_RIGHT)
		left = fill;
	else if (align == WIDTH_CENTER)
		left = fill / 2;
	if (str_addn(out, ' ', (size_t)left) && str_add(out, text) &&
		str_addn(out, ' ', (size_t)(fill - left)))
		return true;
	str_cut(out, start);
	return false;
}
