/*
 * International addresses: A-labels for the wire, Unicode for people (RFC 5890, 6531). Through
 * libidn2 when it is there.
 */
#include <stdlib.h>

#include "mime/addr.h"
#include "text/utf8.h"

#ifdef HAVE_IDN2
#include <idn2.h>
#endif

#define DOMAIN_MAX 1024

bool addr_needs_utf8(struct sv addr)
{
	return !utf8_is_ascii(addr_local(addr));
}

static bool add_with_domain(struct str *out, struct sv addr, struct sv domain)
{
	size_t head = addr.len - addr_domain(addr).len;

	return str_add(out, sv_head(addr, head)) && str_add(out, domain);
}

#ifdef HAVE_IDN2

/* A domain alone may be given, too: then there is no '@'. */
static struct sv domain_of(struct sv addr)
{
	return sv_chr(addr, '@') < 0 ? addr : addr_domain(addr);
}

static bool replace_domain(struct str *out, struct sv addr, const char *domain)
{
	if (sv_chr(addr, '@') < 0)
		return str_adds(out, domain);
	return add_with_domain(out, addr, sv_of(domain));
}

bool addr_to_ascii(struct str *out, struct sv addr)
{
	struct sv domain = domain_of(addr);
	char text[DOMAIN_MAX], *made = NULL;
	bool ok;

	if (utf8_is_ascii(domain) || domain.len >= sizeof(text))
		return str_add(out, addr);
	memcpy(text, domain.p, domain.len);
	text[domain.len] = 0;
	if (idn2_to_ascii_8z(text, &made, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK)
		return str_add(out, addr);
	ok = replace_domain(out, addr, made);
	idn2_free(made);
	return ok;
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
		if (c >= 0x80 && !utf8_is_word(c) && c != 0xb7 && c != 0x30fb)
			return false;
		if (s && script && s != script)
			return false;
		script = s ? s : script;
		letters += s > 1;
		alike += is_lookalike(c);
	}
	return letters == 0 || alike < letters;
}

static bool is_honest_domain(struct sv domain)
{
	struct sv label;

	while (sv_split(&domain, '.', &label))
		if (!is_honest_label(label))
			return false;
	return true;
}

bool addr_to_unicode(struct str *out, struct sv addr)
{
	struct sv domain = domain_of(addr);
	char text[DOMAIN_MAX], *made = NULL;
	bool ok;

	if (sv_find_case(domain, SV("xn--")) < 0 || domain.len >= sizeof(text))
		return str_add(out, addr);
	memcpy(text, domain.p, domain.len);
	text[domain.len] = 0;
	if (idn2_to_unicode_8z8z(text, &made, 0) != IDN2_OK)
		return str_add(out, addr);
	ok = is_honest_domain(sv_of(made)) ? replace_domain(out, addr, made) : str_add(out, addr);
	idn2_free(made);
	return ok;
}

#else

bool addr_to_ascii(struct str *out, struct sv addr)
{
	return add_with_domain(out, addr, addr_domain(addr));
}

bool addr_to_unicode(struct str *out, struct sv addr)
{
	return add_with_domain(out, addr, addr_domain(addr));
}

#endif
