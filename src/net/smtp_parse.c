/*
 * SMTP replies (RFC 5321 4.2, RFC 3463 enhanced codes). Pure.
 */
#include "net/smtp.h"

const char *smtp_result_name(enum smtp_result r)
{
	static const char *const names[] = {"sent", "later", "never", "unknown"};

	return names[r];
}

/* "250-text", "250 text", "250" (quirk: BARE_CODES): three digits, the first 2 to 5. */
bool smtp_parse_line(struct sv line, int *code, bool *last, struct sv *text)
{
	if (line.len < 3 || line.p[0] < '2' || line.p[0] > '5' ||
		!ascii_is_digit((unsigned char)line.p[1]) ||
		!ascii_is_digit((unsigned char)line.p[2]))
		return false;
	if (line.len > 3 && line.p[3] != ' ' && line.p[3] != '-')
		return false;
	*code = (line.p[0] - '0') * 100 + (line.p[1] - '0') * 10 + (line.p[2] - '0');
	*last = line.len == 3 || line.p[3] == ' ';
	*text = sv_from(line, 4);
	return true;
}

/* "5.7.1 text": class as the code's, numbers of at most three digits. False leaves text alone. */
static bool take_enhanced(struct sv *text, struct smtp_reply *r)
{
	struct scan s = scan_of(*text);
	uint64_t a, b, c;

	if (!scan_u64(&s, &a) || !scan_byte(&s, '.') || !scan_u64(&s, &b) || !scan_byte(&s, '.') ||
		!scan_u64(&s, &c))
		return false;
	if ((int)a != r->code / 100 || a == 3 || b > 999 || c > 999 ||
		(!scan_end(&s) && !scan_byte(&s, ' ')))
		return false;
	r->klass = (int)a;
	r->subject = (int)b;
	r->detail = (int)c;
	*text = scan_rest(&s);
	return true;
}

bool smtp_add_line(struct smtp_reply *r, bool first, int code, struct sv text, struct err *e)
{
	if (first)
		r->code = code;
	else if (code != r->code)
		return err_set(e, ERR_PROTO, "the server's reply changes its code from %d to %d",
			r->code, code);
	take_enhanced(&text, r);
	if ((!first && !str_addc(&r->text, '\n')) || !str_add(&r->text, text))
		return err_set(e, ERR_LIMIT, "the server's reply is too long");
	return true;
}

bool smtp_parse_reply(struct sv text, struct smtp_reply *out, struct err *e)
{
	struct sv line;
	bool last = false, first = true;

	*out = (struct smtp_reply){0};
	str_init(&out->text, SMTP_REPLY_MAX);
	while (!last && sv_line(&text, &line)) {
		struct sv words;
		int code;

		if (!smtp_parse_line(line, &code, &last, &words)) {
			str_fini(&out->text);
			return err_set(e, ERR_PROTO, "not an SMTP reply: " SV_FMT,
				SV_ARG(sv_head(line, 80)));
		}
		if (!smtp_add_line(out, first, code, words, e)) {
			str_fini(&out->text);
			return false;
		}
		first = false;
	}
	if (last)
		return true;
	str_fini(&out->text);
	return err_set(e, ERR_PROTO, "an SMTP reply without its last line");
}
