/*
 * Arguments for an IMAP server. Nothing foreign gets into a command but through here.
 */
#include "net/imap_fetch.h"
#include "net/imap_write.h"
#include "text/mutf7.h"

#define OUT_MAX (1u << 20)

void imap_out_init(struct imap_out *o, size_t plus_max, bool utf8)
{
	memset(o, 0, sizeof(*o));
	str_init(&o->text, OUT_MAX);
	o->plus_max = plus_max;
	o->utf8 = utf8;
}

void imap_out_fini(struct imap_out *o)
{
	if (o->text.s)
		mem_wipe(o->text.s, o->text.cap);
	str_fini(&o->text);
}

static void put(struct imap_out *o, struct sv v)
{
	if (!str_add(&o->text, v))
		o->failed = true;
}

void imap_out_raw(struct imap_out *o, const char *text)
{
	put(o, sv_of(text));
}

void imap_out_f(struct imap_out *o, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (!str_vaddf(&o->text, fmt, ap))
		o->failed = true;
	va_end(ap);
}

/* RFC 9051 quoted: no NUL, CR, LF; 8-bit only with UTF8=ACCEPT. */
static bool may_quote(struct sv v, bool utf8)
{
	if (v.len > 1000)
		return false;
	for (size_t i = 0; i < v.len; i++) {
		unsigned char c = (unsigned char)v.p[i];

		if (c == 0 || c == '\r' || c == '\n' || (c >= 128 && !utf8))
			return false;
	}
	return true;
}

static void put_quoted(struct imap_out *o, struct sv v)
{
	put(o, SV("\""));
	for (size_t i = 0; i < v.len; i++) {
		if (v.p[i] == '"' || v.p[i] == '\\')
			put(o, SV("\\"));
		put(o, sv_make(v.p + i, 1));
	}
	put(o, SV("\""));
}

void imap_out_astring(struct imap_out *o, struct sv v)
{
	if (may_quote(v, o->utf8)) {
		put_quoted(o, v);
		return;
	}
	if (o->nliterals == IMAP_OUT_LITERALS || (v.len && memchr(v.p, 0, v.len))) {
		o->failed = true;
		return;
	}
	if (v.len <= o->plus_max) {
		imap_out_f(o, "{%zu+}\r\n", v.len);
	} else {
		imap_out_f(o, "{%zu}\r\n", v.len);
		o->literal[o->nliterals++] = o->text.len;
	}
	put(o, v);
}

void imap_out_mailbox(struct imap_out *o, struct sv name)
{
	struct str raw;

	if (sv_is_case(name, "INBOX")) {
		put(o, SV("INBOX"));
		return;
	}
	if (o->utf8) {
		imap_out_astring(o, name);
		return;
	}
	str_init(&raw, 65536);
	if (mutf7_encode(&raw, name, NULL))
		imap_out_astring(o, str_sv(&raw));
	else
		o->failed = true;
	str_fini(&raw);
}

bool imap_is_keyword(struct sv w)
{
	if (w.len == 0 || w.len > 255 || w.p[0] == '\\')
		return false;
	for (size_t i = 0; i < w.len; i++) {
		unsigned char c = (unsigned char)w.p[i];

		if (c <= ' ' || c >= 127 || strchr("(){%*\"\\]", c))
			return false;
	}
	return true;
}

void imap_out_flags(struct imap_out *o, unsigned flags, const struct sv *keywords, size_t n)
{
	static const struct {
		unsigned bit;
		const char *name;
	} names[] = {
		{IMAP_SEEN, "\\Seen"},
		{IMAP_ANSWERED, "\\Answered"},
		{IMAP_FLAGGED, "\\Flagged"},
		{IMAP_DELETED, "\\Deleted"},
		{IMAP_DRAFT, "\\Draft"},
	};
	const char *sep = "";

	put(o, SV("("));
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (!(flags & names[i].bit))
			continue;
		imap_out_f(o, "%s%s", sep, names[i].name);
		sep = " ";
	}
	for (size_t i = 0; i < n; i++) {
		if (!imap_is_keyword(keywords[i]))
			continue;
		imap_out_raw(o, sep);
		put(o, keywords[i]);
		sep = " ";
	}
	put(o, SV(")"));
}

bool imap_write_set(struct str *out, const uint32_t *uids, size_t n, size_t *at)
{
	const char *sep = "";

	if (*at >= n)
		return false;
	while (*at < n && out->len < IMAP_SET_TEXT_MAX) {
		size_t first = *at, last = first;

		while (last + 1 < n && uids[last + 1] <= uids[last] + 1 &&
			uids[last + 1] >= uids[last])
			last++;
		if (uids[last] > uids[first])
			str_addf(out, "%s%u:%u", sep, uids[first], uids[last]);
		else
			str_addf(out, "%s%u", sep, uids[first]);
		sep = ",";
		*at = last + 1;
	}
	return true;
}
