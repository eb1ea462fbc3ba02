/*
 * Writing parameters (params_add of param.h).
 */
#include "mime/param.h"
#include "text/utf8.h"

#define LINE_MAX_COLUMNS 76

static bool is_token(struct sv s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if (s.p[i] <= ' ' || s.p[i] >= 0x7f || strchr("()<>@,;:\\\"/[]?='*%", s.p[i]))
			return false;
	return s.len > 0;
}

/* attribute-char of RFC 2231 section 7 */
static bool is_attribute_char(unsigned char c)
{
	return ascii_is_alnum(c) || (c && strchr("!#$&+-.^_`{|}~", c));
}

/* ";" and a fold or blank before something of n columns. */
static bool start(struct str *out, size_t n, size_t *column)
{
	if (*column + 2 + n > LINE_MAX_COLUMNS - 1 && *column > 2) {
		*column = 1 + n;
		return str_adds(out, ";\n ");
	}
	*column += 2 + n;
	return str_adds(out, "; ");
}

static bool add_quoted(struct str *out, struct sv value)
{
	size_t i;

	if (!str_addc(out, '"'))
		return false;
	for (i = 0; i < value.len; i++)
		if (((value.p[i] == '"' || value.p[i] == '\\') && !str_addc(out, '\\')) ||
			!str_addc(out, value.p[i]))
			return false;
	return str_addc(out, '"');
}

static size_t quoted_length(struct sv value)
{
	size_t i, n = value.len + 2;

	for (i = 0; i < value.len; i++)
		n += value.p[i] == '"' || value.p[i] == '\\';
	return n;
}

static bool add_percent(struct str *out, unsigned char c)
{
	static const char hex[] = "0123456789ABCDEF";

	if (is_attribute_char(c))
		return str_addc(out, (char)c);
	return str_addc(out, '%') && str_addc(out, hex[c >> 4]) && str_addc(out, hex[c & 15]);
}

/* How many bytes of s fit in room columns; a character of UTF-8 is not cut. */
static size_t percent_fit(struct sv s, size_t room, bool is_utf8)
{
	size_t n = 0, columns = 0;

	while (n < s.len) {
		size_t used = 1, i, need = 0;

		if (is_utf8)
			utf8_decode(sv_from(s, n), &used);
		for (i = 0; i < used; i++)
			need += is_attribute_char((unsigned char)s.p[n + i]) ? 1 : 3;
		if (columns + need > room && n > 0)
			break;
		columns += need;
		n += used;
	}
	return n;
}

static bool add_extended(
	struct str *out, const char *name, struct sv bytes, const char *charset, size_t *column)
{
	bool is_utf8 = charset_is_utf8(sv_of(charset)), many;
	size_t prefix = strlen(name) + strlen("*=''") + strlen(charset), i, section = 0;
	size_t room = LINE_MAX_COLUMNS - 2 - MIN(prefix + 6, LINE_MAX_COLUMNS - 20u);

	many = percent_fit(bytes, room, is_utf8) < bytes.len;
	do {
		size_t n = percent_fit(bytes, room, is_utf8), width = 0;

		for (i = 0; i < n; i++)
			width += is_attribute_char((unsigned char)bytes.p[i]) ? 1 : 3;
		if (!start(out, prefix + width + (many ? 3 : 0), column) || !str_adds(out, name))
			return false;
		if (many ? !str_addf(out, "*%zu*=", section) : !str_adds(out, "*="))
			return false;
		if (section == 0 && !str_addf(out, "%s''", charset))
			return false;
		for (i = 0; i < n; i++)
			if (!add_percent(out, (unsigned char)bytes.p[i]))
				return false;
		bytes = sv_from(bytes, n);
		section++;
	} while (bytes.len > 0);
	return true;
}

/* ASCII that is too long for one line: plain sections, quoted. */
static bool add_sections(struct str *out, const char *name, struct sv value, size_t *column)
{
	size_t section = 0, room = LINE_MAX_COLUMNS - 10 - MIN(strlen(name), 40u);

	do {
		size_t n = 0, width = 2;
		struct sv part;

		while (n < value.len && width + 2 <= room) {
			width += value.p[n] == '"' || value.p[n] == '\\' ? 2 : 1;
			n++;
		}
		part = sv_head(value, n);
		if (!start(out, strlen(name) + 4 + quoted_length(part), column) ||
			!str_addf(out, "%s*%zu=", name, section++) || !add_quoted(out, part))
			return false;
		value = sv_from(value, n);
	} while (value.len > 0);
	return true;
}

static bool has_controls(struct sv s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return true;
	return false;
}

bool params_add(
	struct str *out, const char *name, struct sv value, const char *charset, size_t *column)
{
	struct str bytes;
	bool ok;

	if (utf8_is_ascii(value) && !has_controls(value) && sv_find(value, SV("=?")) < 0) {
		if (is_token(value))
			return start(out, strlen(name) + 1 + value.len, column) &&
			       str_addf(out, "%s=", name) && str_add(out, value);
		if (strlen(name) + 1 + quoted_length(value) < LINE_MAX_COLUMNS - 1 ||
			strcmp(name, "boundary") == 0)
			return start(out, strlen(name) + 1 + quoted_length(value), column) &&
			       str_addf(out, "%s=", name) && add_quoted(out, value);
		return add_sections(out, name, value, column);
	}
	str_init(&bytes, PARAM_VALUE_MAX);
	if (!charset || !charset_from_utf8(&bytes, value, charset, NULL)) {
		charset = "utf-8";
		str_clear(&bytes);
		utf8_add_fixed(&bytes, value);
	}
	ok = add_extended(out, name, str_sv(&bytes), charset, column);
	str_fini(&bytes);
	return ok;
}
