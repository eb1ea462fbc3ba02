/*
 * uuencoded, yEnc and BinHex files in a text (see text_file.h).
 */
#include "mime/text_file.h"

#include "mime/binhex.h"

#define UU_BEGIN_MIN 11 /* "begin 644 x" */

/* ---- uuencode ---- */

/* "begin MODE NAME" */
static bool uu_begin(struct sv line, struct sv *name)
{
	size_t digits = 0;

	if (line.len < UU_BEGIN_MIN || !sv_starts(line, SV("begin ")))
		return false;
	line = sv_from(line, 6);
	while (line.len > 0 && line.p[0] >= '0' && line.p[0] <= '7' && digits < 5) {
		line = sv_from(line, 1);
		digits++;
	}
	if (digits < 3 || line.len < 2 || line.p[0] != ' ')
		return false;
	*name = sv_trim(line);
	return name->len > 0;
}

/* A data line: its first character says how many bytes it carries; the length must go with that. */
static bool uu_data(struct sv line, bool *last)
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
static bool uu_block(struct sv text, struct sv *data, size_t *used)
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
		if (last || !uu_data(line, &last))
			return false;
		any = any || !last;
	}
}

/* ---- yEnc ---- */

/* "=ybegin part=1 total=2 line=128 size=19338 name=file name.bin": the name goes to the end. */
static bool yenc_begin(struct sv line, struct sv *name)
{
	ptrdiff_t at;

	if (!sv_starts(line, SV("=ybegin ")))
		return false;
	at = sv_find(line, SV(" name="));
	if (at < 0 || sv_find(sv_head(line, (size_t)at), SV(" line=")) < 0 ||
		sv_find(sv_head(line, (size_t)at), SV(" size=")) < 0)
		return false;
	*name = sv_trim(sv_from(line, (size_t)at + 6));
	if (name->len > 2 && name->p[0] == '"' && name->p[name->len - 1] == '"')
		*name = sv_make(name->p + 1, name->len - 2);
	return name->len > 0;
}

/* From behind a begin line (and the "=ypart" line that may follow) to behind "=yend". */
static void yenc_block(struct sv text, struct sv *data, size_t *used)
{
	struct sv rest = text, line;
	const char *from = text.p, *start;

	for (;;) {
		start = rest.p;
		if (!sv_line(&rest, &line))
			break;
		if (start == from && sv_starts(line, SV("=ypart ")))
			from = rest.p;
		else if (sv_starts(line, SV("=yend")))
			break;
	}
	*data = sv_make(from, (size_t)(start - from));
	*used = (size_t)(rest.p - text.p);
}

/* ---- all ---- */

bool text_file_possible(struct sv text)
{
	return sv_find(text, SV("begin ")) >= 0 || /* of "=ybegin ", too */
	       sv_find(text, SV("with BinHex")) >= 0;
}

bool text_file_find(struct sv text, size_t *at, struct text_file *out)
{
	while (*at < text.len) {
		struct sv rest = sv_from(text, *at), line;
		struct text_file f = {.at = *at, .kind = CODEC_UU};
		size_t used;

		if (!sv_line(&rest, &line))
			break;
		*at = (size_t)(rest.p - text.p);
		if (line.len == 0 || (line.p[0] != 'b' && line.p[0] != '=' && line.p[0] != '('))
			continue;
		if (line.p[0] == '(') {
			if (!binhex_begins(line) || !binhex_find(rest, &f.data, &used))
				continue;
			f.kind = CODEC_OTHER;
		} else if (yenc_begin(line, &f.name)) {
			f.kind = CODEC_YENC;
			yenc_block(rest, &f.data, &used);
		} else if (!uu_begin(line, &f.name) || !uu_block(rest, &f.data, &used)) {
			continue;
		}
		*at += used;
		f.len = *at - f.at;
		*out = f;
		return true;
	}
	return false;
}
