/*
 * Modified UTF-7 (see mutf7.h): printable ASCII stands for itself, "&" is "&-", everything else is
 * UTF-16 in base64 with ',' for '/', without padding, between '&' and '-'.
 */
#include "text/mutf7.h"

#include "text/utf8.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

static int sextet(char c)
{
	const char *p = c ? strchr(alphabet, c) : NULL;

	return p ? (int)(p - alphabet) : -1;
}

/* UTF-16 units come one by one; surrogates are put together. */
struct units {
	uint32_t high; /* a high surrogate that waits, or 0 */
};

static bool add_unit(struct str *out, struct units *u, uint32_t unit)
{
	if (u->high) {
		if (unit < 0xdc00 || unit > 0xdfff)
			return false;
		unit = 0x10000 + ((u->high - 0xd800) << 10) + (unit - 0xdc00);
		u->high = 0;
		return utf8_add(out, unit);
	}
	if (unit >= 0xd800 && unit <= 0xdbff) {
		u->high = unit;
		return true;
	}
	if (unit >= 0xdc00 && unit <= 0xdfff)
		return false;
	/* What can be written as itself must be: two names for one mailbox are a trap. */
	if (unit >= 0x20 && unit < 0x7f)
		return false;
	return utf8_add(out, unit);
}

/* The run between '&' and '-'. */
static bool decode_run(struct str *out, struct sv run)
{
	struct units units = {0};
	uint32_t bits = 0;
	int have = 0;
	size_t i;

	for (i = 0; i < run.len; i++) {
		int v = sextet(run.p[i]);

		if (v < 0)
			return false;
		bits = bits << 6 | (uint32_t)v;
		have += 6;
		if (have >= 16) {
			have -= 16;
			if (!add_unit(out, &units, bits >> have & 0xffff))
				return false;
			bits &= (1u << have) - 1;
		}
	}
	return have < 6 && bits == 0 && units.high == 0;
}

static bool decode(struct str *out, struct sv name)
{
	bool after_run = false;
	size_t i = 0;

	while (i < name.len) {
		unsigned char c = (unsigned char)name.p[i];
		ptrdiff_t end;

		if (c < 0x20 || c >= 0x7f)
			return false;
		if (c != '&') {
			if (!str_addc(out, (char)c))
				return false;
			after_run = false;
			i++;
			continue;
		}
		end = sv_chr(sv_from(name, i), '-');
		if (end < 0)
			return false;
		if (end == 1) {
			if (!str_addc(out, '&'))
				return false;
			after_run = false;
		} else {
			if (after_run || !decode_run(out, sv_make(name.p + i + 1, (size_t)end - 1)))
				return false;
			after_run = true;
		}
		i += (size_t)end + 1;
	}
	return true;
}

bool mutf7_decode(struct str *out, struct sv name, struct err *e)
{
	size_t start = out->len;

	if (name.len > MUTF7_MAX)
		return err_set(e, ERR_INPUT, "mailbox name longer than %d bytes", MUTF7_MAX);
	if (!decode(out, name)) {
		str_cut(out, start);
		return err_set(e, ERR_INPUT, "mailbox name is not modified UTF-7");
	}
	return true;
}

struct encoder {
	struct str *out;
	uint32_t bits;
	int have;
	bool open; /* after '&' */
};

static bool open_run(struct encoder *c)
{
	if (c->open)
		return true;
	c->open = true;
	c->bits = 0;
	c->have = 0;
	return str_addc(c->out, '&');
}

static bool close_run(struct encoder *c)
{
	if (!c->open)
		return true;
	c->open = false;
	if (c->have > 0 && !str_addc(c->out, alphabet[c->bits << (6 - c->have) & 0x3f]))
		return false;
	return str_addc(c->out, '-');
}

static bool encode_unit(struct encoder *c, uint32_t unit)
{
	c->bits = c->bits << 16 | unit;
	c->have += 16;
	while (c->have >= 6) {
		c->have -= 6;
		if (!str_addc(c->out, alphabet[c->bits >> c->have & 0x3f]))
			return false;
		c->bits &= (1u << c->have) - 1;
	}
	return true;
}

static bool encode_code(struct encoder *c, uint32_t code)
{
	if (code >= 0x20 && code < 0x7f)
		return close_run(c) && str_addc(c->out, (char)code) &&
		       (code != '&' || str_addc(c->out, '-'));
	if (!open_run(c))
		return false;
	if (code < 0x10000)
		return encode_unit(c, code);
	code -= 0x10000;
	return encode_unit(c, 0xd800 + (code >> 10)) && encode_unit(c, 0xdc00 + (code & 0x3ff));
}

bool mutf7_encode(struct str *out, struct sv name, struct err *e)
{
	struct encoder c = {.out = out};
	size_t start = out->len, used;
	uint32_t code;

	if (name.len > MUTF7_MAX)
		return err_set(e, ERR_INPUT, "mailbox name longer than %d bytes", MUTF7_MAX);
	for (; name.len > 0; name = sv_from(name, used)) {
		if (!utf8_decode_ok(name, &code, &used)) {
			str_cut(out, start);
			return err_set(e, ERR_INPUT, "mailbox name is not UTF-8");
		}
		if (!encode_code(&c, code))
			goto full;
	}
	if (close_run(&c))
		return true;
full:
	str_cut(out, start);
	return err_set(e, ERR_LIMIT, "mailbox name too long");
}
