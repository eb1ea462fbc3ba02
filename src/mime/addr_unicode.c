/*
 * International addresses for people: the letters that the A-labels of a domain stand for (RFC 5890), where showing
 * them deceives nobody. Without a library: what is shown is decided here anyway, and a renderer has none.
 */
#include "mime/addr.h"
#include "mime/punycode.h"
#include "text/utf8.h"
#include "text/width.h"

#define DOMAIN_MAX 1024
#define PREFIX SV("xn--")

bool addr_needs_utf8(struct sv addr)
{
	return !utf8_is_ascii(addr_local(addr));
}

/*
 * The script of a letter, roughly: what is mixed in one label to deceive comes from Latin, Greek
 * and Cyrillic. 0: no letter of these.
 */
static int script_of(uint32_t c)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0x24f) ||
		(c >= 0x1e00 && c <= 0x1eff))
		return 1;
	if ((c >= 0x370 && c <= 0x3ff) || (c >= 0x1f00 && c <= 0x1fff))
		return 2;
	if (c >= 0x400 && c <= 0x52f)
		return 3;
	return 0;
}

/* A label all of whose letters look Latin though they are Cyrillic or Greek is shown as its
 * A-label. */
static bool is_lookalike(uint32_t c)
{
	static const uint32_t codes[] = {0x430, 0x435, 0x43e, 0x440, 0x441, 0x443, 0x445, 0x455,
		0x456, 0x458, 0x501, 0x51b, 0x51d, 0x4bb, 0x4cf, 0x43a, 0x442, 0x43c, 0x3bf, 0x3bd,
		0x3c5, 0x3b1, 0x3c1};
	size_t i;

	for (i = 0; i < ARRAY_LEN(codes); i++)
		if (codes[i] == c)
			return true;
	return false;
}

static bool is_honest_label(struct sv label)
{
	int script = 0;
	size_t used, letters = 0, alike = 0;

	for (; label.len > 0; label = sv_from(label, used)) {
		uint32_t c = utf8_decode(label, &used);
		int s = script_of(c);

		if (utf8_is_invisible(c) || utf8_is_control(c) || utf8_is_space(c) ||
			c == UTF8_REPLACEMENT)
			return false;
		if (c < 0x80 ? !ascii_is_alnum((int)c) && c != '-' && c != '_' : !utf8_is_word(c) && c != 0xb7 && c != 0x30fb)
			return false;
		if (c != utf8_lower(c))
			return false;
		if (s && script && s != script)
			return false;
		script = s ? s : script;
		letters += s > 1;
		alike += is_lookalike(c);
	}
	return letters == 0 || alike < letters;
}

/* As a registry would have it: composed, and beginning with something that stands by itself. */
static bool is_well_formed(struct sv label)
{
	struct str composed;
	size_t used;

	utf8_decode(label, &used);
	if (width_of(sv_head(label, used)) < 1)
		return false;
	str_init(&composed, DOMAIN_MAX);
	bool same = utf8_nfc(&composed, label) && sv_eq(str_sv(&composed), label);
	str_fini(&composed);
	return same;
}

static bool add_label(struct str *out, struct sv label)
{
	size_t start = out->len;

	if (!sv_starts_case(label, PREFIX))
		return str_add(out, label);
	if (!punycode_decode(out, sv_from(label, PREFIX.len)))
		return false;
	struct sv made = sv_from(str_sv(out), start);
	return is_honest_label(made) && is_well_formed(made);
}

static bool add_domain(struct str *out, struct sv domain)
{
	for (ptrdiff_t dot; (dot = sv_chr(domain, '.')) >= 0; domain = sv_from(domain, (size_t)dot + 1))
		if (!add_label(out, sv_head(domain, (size_t)dot)) || !str_addc(out, '.'))
			return false;
	return add_label(out, domain);
}

bool addr_to_unicode(struct str *out, struct sv addr)
{
	struct sv domain = sv_chr(addr, '@') < 0 ? addr : addr_domain(addr);
	size_t start = out->len;

	if (domain.len < DOMAIN_MAX && sv_find_case(domain, PREFIX) >= 0 &&
		str_add(out, sv_head(addr, addr.len - domain.len)) && add_domain(out, domain))
		return true;
	str_cut(out, start);
	return str_add(out, addr);
}
