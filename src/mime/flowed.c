/*
 * format=flowed (see flowed.h).
 */
#include "mime/flowed.h"

#include "text/wrap.h"

/* Counts and steps over '>'; then over the blank of space stuffing. */
static int take_quotes(struct sv *line)
{
	int depth = 0;

	while (line->len > 0 && line->p[0] == '>' && depth < FLOWED_QUOTE_MAX) {
		*line = sv_from(*line, 1);
		depth++;
	}
	if (line->len > 0 && line->p[0] == ' ')
		*line = sv_from(*line, 1);
	return depth;
}

/* A signature line is fixed though it ends in a blank (RFC 3676 section 4.3). */
static bool is_flowed_line(struct sv line)
{
	return line.len > 0 && line.p[line.len - 1] == ' ' && !sv_is(line, "-- ");
}

bool flowed_next(struct flowed *f, int *quote_depth, struct str *para, bool *fixed)
{
	struct sv line, rest = f->rest;
	bool flows;

	str_clear(para);
	if (!sv_line(&rest, &line))
		return false;
	*quote_depth = take_quotes(&line);
	*fixed = !is_flowed_line(line);
	for (;;) {
		flows = is_flowed_line(line);
		if (flows && f->delsp)
			line.len--;
		str_add(para, line);
		f->rest = rest;
		if (!flows || !sv_line(&rest, &line))
			break;
		/* A line of another depth, or a signature, ends the paragraph (section 4.5). */
		if (take_quotes(&line) != *quote_depth || sv_is(line, "-- "))
			break;
	}
	return true;
}

bool flowed_to_text(struct str *out, struct sv text, bool delsp, int columns)
{
	struct flowed f = {text, delsp};
	struct str para, prefix;
	int depth;
	bool fixed, ok = true;

	str_init(&para, text.len + 1);
	str_init(&prefix, FLOWED_QUOTE_MAX + 2);
	while (ok && flowed_next(&f, &depth, &para, &fixed)) {
		str_clear(&prefix);
		str_addn(&prefix, '>', (size_t)depth);
		if (depth > 0 && para.len > 0)
			str_addc(&prefix, ' ');
		if (columns > 0)
			ok = wrap_text(out, para.len ? str_sv(&para) : SV("\n"), columns,
				prefix.s ? prefix.s : "");
		else
			ok = str_add(out, str_sv(&prefix)) && str_add(out, str_sv(&para)) &&
			     str_addc(out, '\n');
	}
	str_fini(&para);
	str_fini(&prefix);
	return ok;
}

bool flowed_stuff(struct str *out, struct sv text)
{
	struct sv line;

	while (sv_line(&text, &line)) {
		bool stuff = (line.len > 0 && line.p[0] == ' ') || sv_starts(line, SV("From "));

		if ((stuff && !str_addc(out, ' ')) || !str_add(out, line) || !str_addc(out, '\n'))
			return false;
	}
	return true;
}
