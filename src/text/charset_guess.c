/*
 * What bytes over 127 without a label are, when they are not UTF-8 and the user assumes nothing. Looks
 * for the sets that mail was really written in: Latin letters stand alone between ASCII ones, words
 * of other scripts are bytes over 127 from end to end. Sets of two bytes a character are known by
 * their pairs, the others by their letters (charset_model.c). When nothing is clear it is windows-1252.
 */
#include "text/charset_priv.h"
#include "text/utf8.h"

#define LOOK 16384         /* bytes that are looked at */
#define HIGH_MIN 6         /* fewer bytes over 127 prove nothing */
#define JOINED_MIN 75      /* percent of them beside another: else it is Latin */
#define JOINED_ASIAN 50    /* the same for sets whose second bytes may be ASCII */
#define UTF8_MIN 90        /* percent of the sequences that are right */
#define KANA_MIN 20        /* percent of the characters; half of them in Japanese */
#define HANGUL_MIN 90
#define HANZI_MIN 85

static unsigned at_of(struct sv s, size_t i)
{
	return i < s.len ? (unsigned char)s.p[i] : 0;
}

static bool between(unsigned c, unsigned first, unsigned last)
{
	return c >= first && c <= last;
}

static bool share(size_t part, size_t all, unsigned percent)
{
	return part * 100 >= all * percent;
}

/* UTF-8 that was cut in the middle of its last character, or spoilt in a place or two. */
static bool is_nearly_utf8(struct sv s)
{
	size_t good = 0, all = 0, used, i;
	uint32_t code;

	for (i = 0; i < s.len; i += used) {
		bool ok = utf8_decode_ok(sv_from(s, i), &code, &used);

		if (at_of(s, i) < 0x80 || (!ok && i + used >= s.len))
			continue;
		all++;
		good += ok;
	}
	return good > 1 && share(good, all, UTF8_MIN);
}

/* Do words consist of such bytes? */
static bool is_other_script(struct sv s, unsigned percent)
{
	size_t high = 0, joined = 0, i;

	for (i = 0; i < s.len; i++) {
		if (at_of(s, i) < 0x80)
			continue;
		high++;
		if ((i > 0 && at_of(s, i - 1) >= 0x80) || at_of(s, i + 1) >= 0x80)
			joined++;
	}
	return high >= HIGH_MIN && share(joined, high, percent);
}

/* ---- East Asia ---- */

struct pairs {
	size_t all, common; /* characters of two bytes, and those that speak for the set */
	size_t low;         /* whose second byte is ASCII */
};

typedef bool pair_fn(unsigned lead, unsigned trail, bool *common);

static bool euc_jp(unsigned lead, unsigned trail, bool *common)
{
	*common = lead == 0xa4 || lead == 0xa5; /* kana */
	return (between(lead, 0xa1, 0xfe) || lead == 0x8e) && between(trail, 0xa1, 0xfe);
}

static bool shift_jis(unsigned lead, unsigned trail, bool *common)
{
	*common = (lead == 0x82 && between(trail, 0x9f, 0xf1)) ||
		  (lead == 0x83 && between(trail, 0x40, 0x96));
	return (between(lead, 0x81, 0x9f) || between(lead, 0xe0, 0xfc)) &&
	       (between(trail, 0x40, 0x7e) || between(trail, 0x80, 0xfc));
}

static bool euc_kr(unsigned lead, unsigned trail, bool *common)
{
	*common = between(lead, 0xb0, 0xc8); /* Hangul */
	return between(lead, 0xa1, 0xfe) && between(trail, 0xa1, 0xfe);
}

static bool gbk(unsigned lead, unsigned trail, bool *common)
{
	/* the first level of hanzi, and wide punctuation */
	*common = (between(lead, 0xb0, 0xd7) || lead == 0xa1 || lead == 0xa3) && trail >= 0xa1;
	return between(lead, 0x81, 0xfe) && between(trail, 0x40, 0xfe) && trail != 0x7f;
}

static bool big5(unsigned lead, unsigned trail, bool *common)
{
	*common = between(lead, 0xa4, 0xc6) || lead == 0xa1;
	return between(lead, 0xa1, 0xf9) &&
	       (between(trail, 0x40, 0x7e) || between(trail, 0xa1, 0xfe));
}

/* False when the bytes cannot be that. */
static bool count_pairs(struct sv s, pair_fn *fn, bool half_width, struct pairs *n)
{
	size_t i;
	bool common;

	*n = (struct pairs){0};
	for (i = 0; i < s.len; i++) {
		unsigned c = at_of(s, i), trail = at_of(s, i + 1);

		if (c < 0x80 || (half_width && between(c, 0xa1, 0xdf)))
			continue;
		if (i + 1 == s.len && s.len == LOOK) /* cut by us */
			break;
		if (!fn(c, trail, &common))
			return false;
		n->all++;
		n->common += common;
		n->low += trail < 0x80;
		i++;
	}
	return n->all > 0;
}

static const char *guess_asian(struct sv s)
{
	struct pairs n;

	if (count_pairs(s, euc_jp, false, &n) && share(n.common, n.all, KANA_MIN))
		return "euc-jp";
	if (count_pairs(s, shift_jis, true, &n) && share(n.common, n.all, KANA_MIN))
		return "shift_jis";
	if (count_pairs(s, euc_kr, false, &n) && share(n.common, n.all, HANGUL_MIN))
		return "euc-kr";
	if (count_pairs(s, big5, false, &n) && n.low > 0 && share(n.common, n.all, HANZI_MIN))
		return "big5";
	if (count_pairs(s, gbk, false, &n) && share(n.common, n.all, HANZI_MIN))
		return "gbk";
	return NULL;
}

const char *charset_guess_script(struct sv bytes)
{
	struct sv s = sv_head(bytes, LOOK);
	bool words = is_other_script(s, JOINED_MIN);
	/* First the letters: words of an even number of them are pairs, too. */
	const char *name = is_nearly_utf8(s) ? "utf-8" : charset_guess_model(s, words);

	return name || !is_other_script(s, JOINED_ASIAN) ? name : guess_asian(s);
}
