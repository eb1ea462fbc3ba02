/*
 * Content-Transfer-Encoding (see codec.h).
 */
#include "mime/codec.h"

#define QP_LINE_MAX 76

static const struct {
	const char *name;
	enum codec_kind kind;
} codec_names[] = {
	/* The first of each kind is the one that is written. */
	{"7bit", CODEC_7BIT},
	{"8bit", CODEC_8BIT},
	{"binary", CODEC_BINARY},
	{"quoted-printable", CODEC_QP},
	{"base64", CODEC_BASE64},
	{"x-uuencode", CODEC_UU},
	{"7-bit", CODEC_7BIT},
	{"8-bit", CODEC_8BIT},
	{"7bits", CODEC_7BIT},
	{"8bits", CODEC_8BIT},
	{"7 bit", CODEC_7BIT},
	{"8 bit", CODEC_8BIT},
	{"7", CODEC_7BIT},
	{"8", CODEC_8BIT},
	{"ascii", CODEC_7BIT},
	{"us-ascii", CODEC_7BIT},
	{"none", CODEC_7BIT},
	{"unknown", CODEC_7BIT},
	{"utf-8", CODEC_8BIT},
	{"utf8", CODEC_8BIT},
	{"quoted printable", CODEC_QP},
	{"quoted_printable", CODEC_QP},
	{"quotedprintable", CODEC_QP},
	{"quoted-printible", CODEC_QP},
	{"qp", CODEC_QP},
	{"q", CODEC_QP},
	{"base-64", CODEC_BASE64},
	{"base 64", CODEC_BASE64},
	{"base_64", CODEC_BASE64},
	{"b64", CODEC_BASE64},
	{"b", CODEC_BASE64},
	{"uuencode", CODEC_UU},
	{"uuencoded", CODEC_UU},
	{"x-uue", CODEC_UU},
	{"uue", CODEC_UU},
	{"x-uuencoded", CODEC_UU},
	{"x-yenc", CODEC_YENC},
	{"x-yencode", CODEC_YENC},
	{"yenc", CODEC_YENC},
};

enum codec_kind codec_by_name(struct sv name)
{
	size_t i;

	name = sv_trim(name);
	while (name.len > 0 && strchr("\"';,.:", name.p[0]) && name.p[0])
		name = sv_trim(sv_from(name, 1));
	while (name.len > 0 && name.p[name.len - 1] && strchr("\"';,.:", name.p[name.len - 1]))
		name = sv_trim(sv_head(name, name.len - 1));
	if (name.len == 0)
		return CODEC_7BIT;
	for (i = 0; i < ARRAY_LEN(codec_names); i++)
		if (sv_is_case(name, codec_names[i].name))
			return codec_names[i].kind;
	return CODEC_OTHER;
}

const char *codec_name(enum codec_kind kind)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(codec_names); i++)
		if (codec_names[i].kind == kind)
			return codec_names[i].name;
	return "binary";
}

#define FOOTER_RULE 8 /* underscores in a row, which no base64 has */

/* ---- decoding ---- */

/* Value of a base64 character; 64 for '=', 65 for what is stepped over silently, 66 for garbage. */
enum { B64_PAD = 64, B64_SPACE = 65, B64_BAD = 66 };
/* clang-format off */
static const unsigned char b64_values[256] = {
	66, 66, 66, 66, 66, 66, 66, 66, 66, 65, 65, 66, 66, 65, 66, 66,
	66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66,
	65, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 62, 66, 66, 66, 63,
	52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 66, 66, 66, 64, 66, 66,
	66,  0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14,
	15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 66, 66, 66, 66, 66,
	66, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
	41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 66, 66, 66, 66, 66,
	66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66,
	66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66,
	66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66,
	66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66,
	66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66,
	66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66,
	66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66,
	66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66,
};
/* clang-format on */

void codec_init(struct codec *c, enum codec_kind kind)
{
	memset(c, 0, sizeof(*c));
	c->kind = kind;
}

static void base64_end_quantum(struct codec *c, char **to)
{
	if (c->have >= 2)
		*(*to)++ = (char)(c->have == 2 ? c->bits >> 4 : c->bits >> 10);
	if (c->have == 3)
		*(*to)++ = (char)(c->bits >> 2);
	c->have = 0;
	c->bits = 0;
}

static void base64_value(struct codec *c, unsigned v, char **to)
{
	if (v < 64) {
		c->bits = c->bits << 6 | v;
		if (++c->have < 4)
			return;
		*(*to)++ = (char)(c->bits >> 16);
		*(*to)++ = (char)(c->bits >> 8);
		*(*to)++ = (char)c->bits;
		c->have = 0;
		c->bits = 0;
	} else if (v == B64_PAD && c->have > 1) {
		base64_end_quantum(c, to);
		c->done = true;
	} else if (v != B64_SPACE) {
		c->odd = true;
	}
}

/*
 * What came behind padding up to the end of its line. Some mailers join encoded pieces, so a line
 * of nothing but whole quanta goes on; the footer that list software put there in clear is not
 * decoded.
 */
static void base64_late_line(struct codec *c, char **to)
{
	size_t i, n = c->held;

	c->held = 0;
	for (i = 0; i < n; i++)
		if (b64_values[(unsigned char)c->hold[i]] > B64_PAD)
			break;
	if (n == 0)
		return;
	if (i < n || n % 4 != 0) {
		c->ended = c->odd = true;
		return;
	}
	c->done = false;
	for (i = 0; i < n; i++)
		base64_value(c, b64_values[(unsigned char)c->hold[i]], to);
}

static void base64_late(struct codec *c, char ch, char **to)
{
	if (c->ended || (c->held == 0 && ch == '='))
		return;
	if (ch == '\n' || c->held == sizeof(c->hold))
		base64_late_line(c, to);
	if (ch == '\n' || ch == '\r')
		return;
	if (!c->done)
		base64_value(c, b64_values[(unsigned char)ch], to);
	else if (!c->ended)
		c->hold[c->held++] = ch;
}

/* Whole quanta of good characters: the common case. */
static const unsigned char *base64_quanta(
	const unsigned char *p, const unsigned char *end, char **out)
{
	char *to = *out;

	while (end - p >= 4) {
		unsigned a = b64_values[p[0]], b = b64_values[p[1]], d = b64_values[p[2]],
			 f = b64_values[p[3]];

		if ((a | b | d | f) & 64)
			break;
		*to++ = (char)(a << 2 | b >> 4);
		*to++ = (char)(b << 4 | d >> 2);
		*to++ = (char)(d << 6 | f);
		p += 4;
	}
	*out = to;
	return p;
}

/* The rule over a footer that list software put behind base64 without padding: "____". */
static void base64_look_for_rule(struct codec *c, unsigned char ch)
{
	c->held = ch == '_' ? c->held + 1 : 0;
	if (c->held == FOOTER_RULE)
		c->done = c->ended = c->odd = true;
}

static bool base64_piece(struct codec *c, struct str *out, struct sv piece)
{
	const unsigned char *p = (const unsigned char *)piece.p, *end = p + piece.len;
	char *start = str_reserve(out, piece.len / 4 * 3 + sizeof(c->hold) + 6), *to = start;

	if (!start)
		return false;
	while (p < end) {
		if (c->done) {
			base64_late(c, (char)*p++, &to);
			continue;
		}
		if (c->have == 0) {
			const unsigned char *from = p;
			p = base64_quanta(p, end, &to);
			c->held = p > from ? 0 : c->held;
		}
		if (p < end) {
			base64_look_for_rule(c, *p);
			base64_value(c, b64_values[*p++], &to);
		}
	}
	str_commit(out, (size_t)(to - start));
	return true;
}

/*
 * Quoted-printable: `have` is the state. An escape may be cut in two between pieces; blanks are
 * held until it is known whether they end a line (then transport put them there: RFC 2045 rule 3).
 */
enum { QP_TEXT, QP_EQUALS, QP_HEX, QP_SOFT /* blanks after '=' */, QP_SOFT_CR };

static bool qp_flush(struct codec *c, struct str *out)
{
	bool ok = str_add(out, sv_make(c->hold, c->held));

	c->held = 0;
	return ok;
}

static bool qp_hold(struct codec *c, struct str *out, char blank)
{
	if (c->held == sizeof(c->hold) && !qp_flush(c, out))
		return false;
	c->hold[c->held++] = blank;
	return true;
}

/* A run of ordinary characters. */
static size_t qp_plain_run(struct sv s)
{
	size_t i;

	for (i = 0; i < s.len; i++) {
		unsigned char ch = (unsigned char)s.p[i];

		if (ch == '=' || ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r')
			break;
	}
	return i;
}

static bool qp_text(struct codec *c, struct str *out, char ch)
{
	if (ch == ' ' || ch == '\t')
		return qp_hold(c, out, ch);
	if (ch == '\r') /* held, too: blanks before CRLF go */
		return qp_hold(c, out, ch);
	if (ch == '\n') {
		bool cr = c->held > 0 && c->hold[c->held - 1] == '\r';

		c->held = 0;
		return str_adds(out, cr ? "\r\n" : "\n");
	}
	if (!qp_flush(c, out))
		return false;
	if (ch == '=') {
		c->have = QP_EQUALS;
		return true;
	}
	return str_addc(out, ch);
}

/* After '=' and blanks: a line end makes it a soft break, anything else shows that it was text. */
static bool qp_soft(struct codec *c, struct str *out, char ch)
{
	if (ch == '\n') {
		c->held = 0;
		c->have = QP_TEXT;
		return true;
	}
	if (ch == '\r' || ch == ' ' || ch == '\t')
		return qp_hold(c, out, ch);
	c->odd = true;
	c->have = QP_TEXT;
	return str_addc(out, '=') && qp_flush(c, out) && qp_text(c, out, ch);
}

static bool qp_escape(struct codec *c, struct str *out, char ch)
{
	int high, low;

	if (c->have == QP_EQUALS) {
		if (ascii_hex((unsigned char)ch) >= 0) {
			c->bits = (unsigned char)ch;
			c->have = QP_HEX;
			return true;
		}
		c->have = QP_SOFT;
		return qp_soft(c, out, ch);
	}
	c->have = QP_TEXT;
	high = ascii_hex((int)c->bits);
	low = ascii_hex((unsigned char)ch);
	if (low >= 0)
		return str_addc(out, (char)(high << 4 | low));
	c->odd = true;
	return str_addc(out, '=') && str_addc(out, (char)c->bits) && qp_text(c, out, ch);
}

static bool qp_piece(struct codec *c, struct str *out, struct sv s)
{
	while (s.len > 0) {
		bool ok;

		if (c->have == QP_TEXT) {
			size_t n = qp_plain_run(s);

			if (n > 0) {
				if (!qp_flush(c, out) || !str_add(out, sv_head(s, n)))
					return false;
				s = sv_from(s, n);
				continue;
			}
			ok = qp_text(c, out, s.p[0]);
		} else if (c->have == QP_SOFT) {
			ok = qp_soft(c, out, s.p[0]);
		} else {
			ok = qp_escape(c, out, s.p[0]);
		}
		if (!ok)
			return false;
		s = sv_from(s, 1);
	}
	return true;
}

/* One line of uuencode without its line end. */
static bool uu_line(struct codec *c, struct str *out, struct sv line)
{
	size_t n, i;
	unsigned char v[4];

	if (sv_starts(line, SV("begin ")) || line.len == 0)
		return true;
	if (sv_is(sv_trim(line), "end")) {
		c->done = true;
		return true;
	}
	n = ((unsigned char)line.p[0] - 0x20u) & 0x3f;
	for (i = 1; n > 0; i += 4) {
		size_t k, take = MIN(n, 3u);
		char three[3];

		for (k = 0; k < 4; k++) /* blanks at the end may have been cut: they mean 0 */
			v[k] = i + k < line.len ? ((unsigned char)line.p[i + k] - 0x20u) & 0x3f : 0;
		three[0] = (char)(v[0] << 2 | v[1] >> 4);
		three[1] = (char)(v[1] << 4 | v[2] >> 2);
		three[2] = (char)(v[2] << 6 | v[3]);
		if (!str_add(out, sv_make(three, take)))
			return false;
		n -= take;
	}
	return true;
}

/* Lines are at most 61 characters; a longer one is cut to what hold takes. */
static bool uu_piece(struct codec *c, struct str *out, struct sv s)
{
	size_t i;

	for (i = 0; i < s.len && !c->done; i++) {
		if (s.p[i] == '\n') {
			struct sv line = sv_make(c->hold, c->held);

			c->held = 0;
			if (line.len > 0 && line.p[line.len - 1] == '\r')
				line.len--;
			if (!uu_line(c, out, line))
				return false;
		} else if (c->held < sizeof(c->hold)) {
			c->hold[c->held++] = s.p[i];
		}
	}
	return true;
}

/* Each byte is 42 too high; "=" before one that is 64 higher still. Line ends carry nothing. */
static bool yenc_piece(struct codec *c, struct str *out, struct sv s)
{
	char *to = str_reserve(out, s.len);
	size_t i, n = 0;

	if (!to)
		return false;
	for (i = 0; i < s.len; i++) {
		unsigned char b = (unsigned char)s.p[i];

		if (b == '\r' || b == '\n')
			continue;
		if (b == '=' && !c->have) {
			c->have = 1;
			continue;
		}
		to[n++] = (char)(b - 42 - (c->have ? 64 : 0));
		c->have = 0;
	}
	str_commit(out, n);
	return true;
}

bool codec_decode(struct codec *c, struct str *out, struct sv piece)
{
	if (c->kind == CODEC_BASE64)
		return base64_piece(c, out, piece);
	if (c->kind == CODEC_QP)
		return qp_piece(c, out, piece);
	if (c->kind == CODEC_UU)
		return uu_piece(c, out, piece);
	if (c->kind == CODEC_YENC)
		return yenc_piece(c, out, piece);
	return str_add(out, piece);
}

bool codec_finish(struct codec *c, struct str *out)
{
	char buf[sizeof(c->hold)], *to = buf;

	if (c->kind == CODEC_BASE64) {
		if (c->done && !c->ended)
			base64_late_line(c, &to);
		c->odd = c->odd || c->have > 0;
		base64_end_quantum(c, &to);
		return str_add(out, sv_make(buf, (size_t)(to - buf)));
	}
	if (c->kind == CODEC_UU && c->held > 0 && !c->done)
		return uu_line(c, out, sv_make(c->hold, c->held));
	if (c->kind != CODEC_QP)
		return true;
	if (c->have == QP_HEX) {
		c->odd = true;
		return str_addc(out, '=') && str_addc(out, (char)c->bits);
	}
	if (c->have == QP_TEXT) { /* blanks at the very end go like those before a line end */
		while (c->held > 0 && (c->hold[c->held - 1] == ' ' || c->hold[c->held - 1] == '\t'))
			c->held--;
		return qp_flush(c, out);
	}
	return true;
}

bool codec_decode_all(struct str *out, enum codec_kind kind, struct sv data, bool *odd)
{
	struct codec c;
	bool ok;

	codec_init(&c, kind);
	ok = codec_decode(&c, out, data) && codec_finish(&c, out);
	if (odd)
		*odd = c.odd;
	return ok;
}

/* ---- encoding ---- */

bool codec_base64(struct str *out, struct sv data, size_t line_len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *p = (const unsigned char *)data.p;
	size_t left = data.len, column = 0, quanta = (left + 2) / 3;
	size_t lines = line_len ? (quanta * 4 + line_len - 1) / line_len : 0;
	char *start = str_reserve(out, quanta * 4 + lines + 1), *to = start;

	if (!start)
		return false;
	while (left > 0) {
		unsigned a = p[0], b = left > 1 ? p[1] : 0, c = left > 2 ? p[2] : 0;

		*to++ = digits[a >> 2];
		*to++ = digits[(a << 4 | b >> 4) & 63];
		*to++ = left > 1 ? digits[(b << 2 | c >> 6) & 63] : '=';
		*to++ = left > 2 ? digits[c & 63] : '=';
		p += MIN(left, 3u);
		left -= MIN(left, 3u);
		column += 4;
		if (line_len && (column >= line_len || left == 0)) {
			*to++ = '\n';
			column = 0;
		}
	}
	str_commit(out, (size_t)(to - start));
	return true;
}

/* Must this byte be escaped where it stands? next: what follows, -1 at the end. */
static bool qp_needs_escape(struct sv s, size_t i, size_t column, bool text)
{
	unsigned char c = (unsigned char)s.p[i];
	int next = i + 1 < s.len ? (unsigned char)s.p[i + 1] : -1;

	if (c == '=' || c >= 0x7f)
		return true;
	if (c == ' ' || c == '\t')
		return next < 0 || (text && next == '\n') ||
		       (text && next == '\r' && i + 2 < s.len && s.p[i + 2] == '\n');
	if (c < 0x20)
		return true;
	if (column > 0)
		return false;
	if (c == '.')
		return next < 0 || next == '\n' || next == '\r';
	return c == 'F' && sv_starts(sv_from(s, i), SV("From "));
}

/* Does the line end right behind i? Then a full last column is allowed. */
static bool qp_line_ends(struct sv s, size_t i, bool text)
{
	return i >= s.len ||
	       (text &&
		       (s.p[i] == '\n' || (s.p[i] == '\r' && i + 1 < s.len && s.p[i + 1] == '\n')));
}

bool codec_qp(struct str *out, struct sv s, bool text)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t i, column = 0;

	for (i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool escape;
		size_t width;

		if (text && c == '\r' && i + 1 < s.len && s.p[i + 1] == '\n')
			continue;
		if (text && c == '\n') {
			if (!str_addc(out, '\n'))
				return false;
			column = 0;
			continue;
		}
		escape = qp_needs_escape(s, i, column, text);
		width = escape ? 3 : 1;
		if (column + width + !qp_line_ends(s, i + 1, text) > QP_LINE_MAX) {
			if (!str_adds(out, "=\n"))
				return false;
			column = 0;
			escape = qp_needs_escape(s, i, column, text);
			width = escape ? 3 : 1;
		}
		if (escape ? !(str_addc(out, '=') && str_addc(out, hex[c >> 4]) &&
				     str_addc(out, hex[c & 15]))
			   : !str_addc(out, (char)c))
			return false;
		column += width;
	}
	return true;
}

/* ---- choosing ---- */

void codec_scan(struct sv data, struct codec_stats *out)
{
	struct codec_stats st = {.bytes = data.len};
	size_t i, line = 0;

	for (i = 0; i < data.len; i++) {
		unsigned char c = (unsigned char)data.p[i];

		if (c == '\n') {
			char before = i > 0 ? data.p[i - 1] : '\n';

			st.lines++;
			st.trailing_blank |= line > 0 && (before == ' ' || before == '\t');
			line = 0;
			continue;
		}
		if (line == 0) {
			st.from_line |= c == 'F' && sv_starts(sv_from(data, i), SV("From "));
			st.dot_line |= c == '.' && (i + 1 >= data.len || data.p[i + 1] == '\n' ||
							   data.p[i + 1] == '\r');
		}
		if (c == '\r' && i + 1 < data.len && data.p[i + 1] == '\n')
			continue;
		line++;
		st.longest = MAX(st.longest, line);
		st.high += c >= 0x80;
		st.nul += c == 0;
		st.bare_cr |= c == '\r';
		st.controls += (c < 0x20 && c != '\t' && c != '\r' && c != '\f' && c != '\033') ||
			       c == 0x7f;
	}
	st.no_final_lf = line > 0;
	*out = st;
}

bool codec_has_high(struct sv data)
{
	for (size_t i = 0; i < data.len; i++)
		if ((unsigned char)data.p[i] >= 0x80)
			return true;
	return false;
}

#define LINE_SMTP_MAX 990 /* RFC 5321 4.5.3.1.6: 998 and CRLF; some room for what gateways add */

enum codec_kind codec_choose(const struct codec_stats *st, bool is_text, bool allow_8bit)
{
	bool fits =
		st->longest <= LINE_SMTP_MAX && !st->bare_cr && st->controls == 0 && st->nul == 0;

	if (!is_text) {
		if (st->high || !fits || st->no_final_lf || st->from_line)
			return CODEC_BASE64;
		return CODEC_7BIT;
	}
	if (st->high == 0 && fits && !st->from_line)
		return CODEC_7BIT;
	if (st->high > 0 && fits && !st->from_line && allow_8bit)
		return CODEC_8BIT;
	/* QP keeps a text readable as long as less than a sixth of it is escaped. */
	if (st->nul == 0 && (st->high + st->controls) * 6 <= st->bytes)
		return CODEC_QP;
	return st->high == 0 && st->nul == 0 ? CODEC_QP : CODEC_BASE64;
}
