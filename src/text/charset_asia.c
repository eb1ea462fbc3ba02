/*
 * Stateful sets of East Asia. iconv's ISO-2022-JP refuses the vendor characters and half-width kana
 * that Japanese mail is full of, while its EUC-JP-MS has them: the same codes with the high bits
 * set.
 */
#include "text/charset_priv.h"

enum jis_set { JIS_ASCII, JIS_KANJI, JIS_KANA, JIS_SUPPLEMENT };

static const struct {
	const char *escape;
	enum jis_set set;
} jis_escapes[] = {
	{"\033(B", JIS_ASCII},
	{"\033(J", JIS_ASCII},
	{"\033(H", JIS_ASCII},
	{"\033$@", JIS_KANJI},
	{"\033$B", JIS_KANJI},
	{"\033$(@", JIS_KANJI},
	{"\033$(B", JIS_KANJI},
	{"\033(I", JIS_KANA},
	{"\033$(D", JIS_SUPPLEMENT},
};

/* Steps over an escape that is known here. */
static bool take_escape(struct sv *s, enum jis_set *set)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(jis_escapes); i++) {
		struct sv escape = sv_of(jis_escapes[i].escape);

		if (sv_starts(*s, escape)) {
			*set = jis_escapes[i].set;
			*s = sv_from(*s, escape.len);
			return true;
		}
	}
	return false;
}

static bool is_jis_byte(char c)
{
	return c > 0x20 && c < 0x7f;
}

bool charset_jis_to_euc(struct str *out, struct sv s)
{
	enum jis_set set = JIS_ASCII;

	while (s.len > 0) {
		char c = s.p[0];
		size_t used = 1;
		bool ok = true;

		if (c == '\033') {
			if (take_escape(&s, &set))
				continue;
			if (sv_starts(s, SV("\033$A")) || sv_starts(s, SV("\033$(C")) ||
				sv_starts(s, SV("\033.")))
				return false;
		}
		if (c == '\n' || c == '\r')
			set = JIS_ASCII; /* RFC 1468: each line begins in ASCII */
		if ((set == JIS_KANJI || set == JIS_SUPPLEMENT) && s.len > 1 && is_jis_byte(c) &&
			is_jis_byte(s.p[1])) {
			used = 2;
			if (set == JIS_SUPPLEMENT)
				ok = str_addc(out, '\x8f');
			ok = ok && str_addc(out, (char)(c | 0x80)) &&
			     str_addc(out, (char)(s.p[1] | 0x80));
		} else if (set == JIS_KANA && is_jis_byte(c) && c < 0x60) {
			ok = str_addc(out, '\x8e') && str_addc(out, (char)(c | 0x80));
		} else if ((unsigned char)c >= 0xa1 && (unsigned char)c <= 0xdf) {
			ok = str_addc(out, '\x8e') && str_addc(out, c); /* 8-bit kana of JIS8 */
		} else {
			ok = str_addc(out, c);
		}
		if (!ok)
			return false;
		s = sv_from(s, used);
	}
	return true;
}

bool charset_hz_to_gb(struct str *out, struct sv s)
{
	bool gb = false;

	while (s.len > 0) {
		size_t used = 1;
		bool ok = true;

		if (sv_starts(s, SV("~{")) && !gb) {
			gb = true;
			used = 2;
		} else if (sv_starts(s, SV("~}")) && gb) {
			gb = false;
			used = 2;
		} else if (sv_starts(s, SV("~~")) && !gb) {
			ok = str_addc(out, '~');
			used = 2;
		} else if (sv_starts(s, SV("~\n")) && !gb) {
			used = 2;
		} else if (gb && s.len > 1 && is_jis_byte(s.p[0]) && is_jis_byte(s.p[1])) {
			ok = str_addc(out, (char)(s.p[0] | 0x80)) &&
			     str_addc(out, (char)(s.p[1] | 0x80));
			used = 2;
		} else {
			gb = gb && s.p[0] != '\n';
			ok = str_addc(out, s.p[0]);
		}
		if (!ok)
			return false;
		s = sv_from(s, used);
	}
	return true;
}

#define ORDER_PROBE 512

const char *charset_utf16_order(struct sv *bytes)
{
	size_t i, even = 0, odd = 0;

	if (sv_starts(*bytes, SV("\xff\xfe"))) {
		*bytes = sv_from(*bytes, 2);
		return "utf-16le";
	}
	if (sv_starts(*bytes, SV("\xfe\xff"))) {
		*bytes = sv_from(*bytes, 2);
		return "utf-16be";
	}
	for (i = 0; i + 1 < MIN(bytes->len, ORDER_PROBE); i += 2) {
		even += bytes->p[i] == 0;
		odd += bytes->p[i + 1] == 0;
	}
	return odd > even ? "utf-16le" : "utf-16be"; /* RFC 2781: big endian without a mark */
}
