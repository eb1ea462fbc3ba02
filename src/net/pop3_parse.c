/*
 * POP3's grammar: a reply, and where a message ends. It ends with CRLF "." CRLF and nothing else: a
 * lone LF does not count, or a sender could end his message early and put words into the server's
 * mouth.
 */
#include "net/pop3_priv.h"

bool pop3_parse_reply(struct sv line, struct pop3_reply *r, struct err *e)
{
	*r = (struct pop3_reply){0};
	if (sv_starts_case(line, SV("+OK")) &&
		(line.len == 3 || line.p[3] == ' ' || line.p[3] == '\t')) {
		r->ok = true;
		line = sv_from(line, 3);
	} else if (sv_starts_case(line, SV("-ERR")) &&
		   (line.len == 4 || line.p[4] == ' ' || line.p[4] == '\t')) {
		line = sv_from(line, 4);
	} else if (sv_starts(line, SV("+")) && (line.len == 1 || line.p[1] == ' ')) {
		r->cont = true;
		line = sv_from(line, 1);
	} else {
		return err_set(
			e, ERR_PROTO, "not a POP3 reply: " SV_FMT, SV_ARG(sv_head(line, 80)));
	}
	line = sv_trim(line);
	if (line.len && line.p[0] == '[') {
		ptrdiff_t end = sv_chr(line, ']');

		if (end > 1) {
			r->code = sv_make(line.p + 1, (size_t)end - 1);
			line = sv_trim(sv_from(line, (size_t)end + 1));
		}
	}
	r->text = line;
	return true;
}

bool pop3_unstuff(struct sv here, enum pop3_end_state *st, pop3_sink *sink, void *data, size_t *used,
	bool *end, struct err *e)
{
	size_t from = 0, i = 0;

	*end = false;
	for (; i < here.len && !*end; i++) {
		char c = here.p[i];

		switch (*st) {
		case LINE_START:
			if (c == '.') {
				if (i > from && !sink(data, sv_make(here.p + from, i - from), e))
					return false;
				from = i + 1;
				*st = DOT;
				continue;
			}
			break;
		case DOT:
			if (c == '\r') {
				*st = DOT_CR;
				from = i + 1;
				continue;
			}
			break;
		case DOT_CR:
			if (c == '\n') {
				*end = true;
				from = i + 1;
				continue;
			}
			if (!sink(data, SV("\r"), e))
				return false;
			break;
		case CR:
			if (c == '\n') {
				*st = LINE_START;
				continue;
			}
			break;
		case IN_LINE:
			break;
		}
		*st = c == '\r' ? CR : IN_LINE;
	}
	*used = i;
	return *end || i <= from || sink(data, sv_make(here.p + from, i - from), e);
}
