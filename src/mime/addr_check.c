/*
 * Is an address one that RFC 5321 and 5322 (and 6531) allow? For the check before something is
 * sent.
 */
#include "mime/addr.h"
#include "text/utf8.h"

#define LOCAL_MAX 64
#define DOMAIN_MAX 255
#define LABEL_MAX 63
#define ADDRESS_MAX 254

static bool say(const char **why, const char *text)
{
	if (why)
		*why = text;
	return false;
}

static bool is_atext(unsigned char c)
{
	return ascii_is_alnum(c) || c >= 0x80 || (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

static bool quoted_ok(struct sv s, const char **why)
{
	size_t i;

	if (s.len < 2 || s.p[s.len - 1] != '"')
		return say(why, "the quoted part is not closed");
	for (i = 1; i + 1 < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '\\') {
			if (++i + 1 >= s.len)
				return say(why, "the quoted part is not closed");
			c = (unsigned char)s.p[i];
		} else if (c == '"') {
			return say(why, "a quote stands inside the quoted part");
		}
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return say(why, "a control character");
	}
	return true;
}

static bool local_ok(struct sv s, const char **why)
{
	size_t i;

	if (s.len == 0)
		return say(why, "nothing stands before the @");
	if (s.len > LOCAL_MAX)
		return say(why, "the part before the @ is longer than 64 characters");
	if (s.p[0] == '"')
		return quoted_ok(s, why);
	if (s.p[0] == '.' || s.p[s.len - 1] == '.')
		return say(why, "the part before the @ starts or ends with a dot");
	for (i = 0; i < s.len; i++) {
		if (s.p[i] == '.' && s.p[i + 1] == '.')
			return say(why, "two dots stand side by side");
		if (s.p[i] != '.' && !is_atext((unsigned char)s.p[i]))
			return say(why, "a character that needs quotes");
	}
	return true;
}

/* IPv4 in dotted form. */
static bool ipv4_ok(struct sv s)
{
	int parts = 0;
	struct sv part;

	while (sv_split(&s, '.', &part)) {
		uint64_t n;

		if (part.len > 3 || !sv_u64(part, &n) || n > 255)
			return false;
		parts++;
	}
	return parts == 4;
}

/* RFC 4291 text form: groups of hex digits, one "::", IPv4 at the end. */
static bool ipv6_ok(struct sv s)
{
	int groups = 0, gaps = 0;
	size_t i = 0;

	if (s.len < 2 || (s.p[0] == ':' && s.p[1] != ':'))
		return false;
	while (i < s.len) {
		size_t start = i;

		if (s.p[i] == ':') {
			if (i + 1 < s.len && s.p[i + 1] == ':') {
				gaps++;
				i += 2;
				if (i < s.len && s.p[i] == ':')
					return false;
				continue;
			}
			i++;
			if (i >= s.len)
				return false;
			continue;
		}
		while (i < s.len && ascii_hex((unsigned char)s.p[i]) >= 0)
			i++;
		if (i < s.len && s.p[i] == '.') {
			if (!ipv4_ok(sv_from(s, start)))
				return false;
			groups += 2;
			break;
		}
		if (i == start || i - start > 4)
			return false;
		groups++;
	}
	return gaps == 0 ? groups == 8 : gaps == 1 && groups <= 7;
}

static bool literal_ok(struct sv s, const char **why)
{
	size_t i;

	if (s.len < 3 || s.p[s.len - 1] != ']')
		return say(why, "the address in brackets is not closed");
	s = sv_make(s.p + 1, s.len - 2);
	if (sv_starts_case(s, SV("IPv6:"))) {
		if (!ipv6_ok(sv_from(s, 5)))
			return say(why, "not an IPv6 address");
		return true;
	}
	for (i = 0; i < s.len; i++)
		if (s.p[i] == '[' || s.p[i] == ']' || s.p[i] == '\\' || s.p[i] <= ' ' ||
			s.p[i] == 0x7f)
			return say(why, "a character that may not stand in brackets");
	return true;
}

static bool label_ok(struct sv label, const char **why)
{
	size_t i;

	if (label.len == 0)
		return say(why, "an empty label in the domain (two dots side by side)");
	if (label.len > LABEL_MAX && utf8_is_ascii(label))
		return say(why, "a label of the domain is longer than 63 characters");
	if (label.p[0] == '-' || label.p[label.len - 1] == '-')
		return say(why, "a label of the domain starts or ends with a hyphen");
	for (i = 0; i < label.len; i++) {
		unsigned char c = (unsigned char)label.p[i];

		if (!ascii_is_alnum(c) && c != '-' && c != '_' && c < 0x80)
			return say(why, "a character that may not stand in a domain");
	}
	return true;
}

static bool domain_ok(struct sv s, const char **why)
{
	struct sv rest = s, label;

	if (s.len == 0)
		return say(why, "nothing stands behind the @");
	if (s.p[0] == '[')
		return literal_ok(s, why);
	if (s.len > DOMAIN_MAX)
		return say(why, "the domain is longer than 255 characters");
	if (s.p[s.len - 1] == '.')
		return say(why, "the domain ends with a dot");
	while (sv_split(&rest, '.', &label))
		if (!label_ok(label, why))
			return false;
	return true;
}

/* The '@' that divides: the last one outside of quotes and brackets. */
static ptrdiff_t find_at(struct sv s)
{
	size_t i = 0;

	if (s.len > 0 && s.p[0] == '"') {
		for (i = 1; i < s.len && s.p[i] != '"'; i++)
			if (s.p[i] == '\\')
				i++;
		i++;
	}
	for (; i < s.len; i++)
		if (s.p[i] == '@')
			return (ptrdiff_t)i;
	return -1;
}

bool addr_is_valid(struct sv addr, const char **why)
{
	ptrdiff_t at;

	if (why)
		*why = NULL;
	if (!utf8_is_valid(addr))
		return say(why, "not UTF-8");
	at = find_at(addr);
	if (at < 0)
		return say(why, "there is no @");
	if (!local_ok(sv_head(addr, (size_t)at), why) ||
		!domain_ok(sv_from(addr, (size_t)at + 1), why))
		return false;
	if (addr.len > ADDRESS_MAX && utf8_is_ascii(addr))
		return say(why, "longer than 254 characters");
	return true;
}

/* ---- names ---- */

/* Bytes of an at sign at i: the ASCII one, or one of its wide forms (U+FF20, U+FE6B). 0: none. */
static size_t at_sign(struct sv s, size_t i)
{
	static const char *const forms[] = {"@", "\xef\xbc\xa0", "\xef\xb9\xab"};

	for (size_t k = 0; k < ARRAY_LEN(forms); k++)
		if (sv_starts(sv_from(s, i), sv_of(forms[k])))
			return strlen(forms[k]);
	return 0;
}

static bool ends_word(char c)
{
	return (unsigned char)c <= ' ' || strchr("\"'`()<>[]{},;:|", c);
}

bool addr_name_misleads(struct sv name, struct sv addr, struct sv *shown)
{
	size_t word = 0; /* where the word began that i is in */

	for (size_t i = 0, at; i < name.len; i += at ? at : 1) {
		at = at_sign(name, i);
		if (ends_word(name.p[i]))
			word = i + 1;
		if (!at || i == word)
			continue;
		size_t end = i + at;

		while (end < name.len && !ends_word(name.p[end]))
			end++;
		while (end > i + at && name.p[end - 1] == '.')
			end--;
		struct sv whole = sv_head(sv_from(name, word), end - word), domain = sv_from(whole, i + at - word);
		ptrdiff_t dot = sv_chr(domain, '.');

		if (dot > 0 && (size_t)dot + 1 < domain.len && !sv_eq_case(whole, addr)) {
			if (shown)
				*shown = whole;
			return true;
		}
	}
	return false;
}
