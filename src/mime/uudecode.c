/*
 * uuencoded blocks in a text (see uudecode.h).
 */
#include "mime/uudecode.h"

/* "begin MODE NAME" */
static bool is_begin(struct sv line, unsigned *mode, struct sv *name)
{
	unsigned value = 0;
	size_t digits = 0;

	if (!sv_starts(line, SV("begin ")))
		return false;
	line = sv_from(line, 6);
	while (line.len > 0 && line.p[0] >= '0' && line.p[0] <= '7' && digits < 5) {
		value = value * 8 + (unsigned)(line.p[0] - '0');
		line = sv_from(line, 1);
		digits++;
	}
	if (digits < 3 || line.len < 2 || line.p[0] != ' ')
		return false;
	*mode = value;
	*name = sv_trim(line);
	return name->len > 0;
}

/* A data line: its first character says how many bytes it carries; the length must go with that. */
static bool is_data(struct sv line, bool *last)
{
	size_t n, want, i;

	*last = line.len == 0 || line.p[0] == '`' || line.p[0] == ' ';
	if (line.len == 0)
		return true;
	for (i = 0; i < line.len; i++)
		if (line.p[i] < 0x20 || line.p[i] > 0x60)
			return false;
	n = ((unsigned char)line.p[0] - 0x20u) & 0x3f;
	want = (n + 2) / 3 * 4;
	/* One character more: some encoders add a checksum. Fewer: blanks at the end were cut. */
	return line.len - 1 <= want + 1 && (line.len - 1 >= want || n <= 45);
}

/* From behind a begin line to behind "end". */
static bool take_block(struct sv text, struct sv *data, size_t *used)
{
	struct sv rest = text, line;
	bool last = false, any = false;

	for (;;) {
		const char *start = rest.p;

		if (!sv_line(&rest, &line))
			return false;
		if (sv_is(sv_rtrim(line), "end")) {
			*data = sv_make(text.p, (size_t)(start - text.p));
			*used = (size_t)(rest.p - text.p);
			return any || last;
		}
		if (last || !is_data(line, &last))
			return false;
		any = any || !last;
	}
}

bool uu_find(struct sv text, size_t *at, struct uu_block *out)
{
	while (*at < text.len) {
		struct sv rest = sv_from(text, *at), line;
		struct uu_block block = {.at = *at};
		size_t used;

		if (!sv_line(&rest, &line))
			break;
		*at = (size_t)(rest.p - text.p);
		if (line.len < 11 || line.p[0] != 'b' || !is_begin(line, &block.mode, &block.name))
			continue;
		if (!take_block(rest, &block.data, &used))
			continue;
		*at += used;
		block.len = *at - block.at;
		*out = block;
		return true;
	}
	return false;
}
