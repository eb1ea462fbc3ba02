/*
 * Writing addresses (see addr.h).
 */
#include "mime/addr.h"
#include "mime/addr_priv.h"
#include "mime/encword.h"
#include "text/utf8.h"

#define LINE_MAX_COLUMNS 76
#define NAME_MAX_BYTES (1u << 20)

/* Can the name stand without quotes: atoms and single blanks? */
static bool is_atoms(struct sv name)
{
	size_t i;

	for (i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.p[i];

		if (c == ' ' && i + 1 < name.len && name.p[i + 1] == ' ')
			return false;
		if (!ascii_is_alnum(c) && c < 0x80 && c != ' ' &&
			!(c && strchr("!#$%&'*+-/=?^_`{|}~", c)))
			return false;
	}
	return name.len > 0;
}

static bool add_quoted(struct str *out, struct sv name)
{
	size_t i;

	if (!str_addc(out, '"'))
		return false;
	for (i = 0; i < name.len; i++) {
		char c = name.p[i];

		if (c == '\n' || c == '\r' || c == 0)
			c = ' ';
		if (((c == '"' || c == '\\') && !str_addc(out, '\\')) || !str_addc(out, c))
			return false;
	}
	return str_addc(out, '"');
}

static bool add_name(
	struct str *out, struct sv name, unsigned flags, const char *send_charset, size_t column)
{
	bool ascii_only = (flags & ADDR_HEADER) && !(flags & ADDR_UTF8);

	if (ascii_only && !encword_is_plain(name))
		return encword_encode(out, name, send_charset, ENCWORD_PHRASE, column);
	return is_atoms(name) ? str_add(out, name) : add_quoted(out, name);
}

/* Line breaks and NULs in an address are never written: they would start a new field. */
static bool add_spec(struct str *out, struct sv addr, unsigned flags)
{
	size_t i, start = out->len;
	bool ok;

	if (!(flags & ADDR_HEADER))
		ok = addr_to_unicode(out, addr);
	else
		ok = flags & ADDR_UTF8 ? str_add(out, addr) : addr_to_ascii(out, addr);
	for (i = start; i < out->len; i++)
		if ((unsigned char)out->s[i] < ' ' || out->s[i] == 0x7f)
			out->s[i] = '?';
	return ok;
}

static bool format_at(struct str *out, const struct addr *a, unsigned flags,
	const char *send_charset, size_t column)
{
	struct sv name = sv_of(a->name), addr = sv_of(a->addr);

	if (a->kind == ADDR_GROUP)
		return (name.len == 0 || add_name(out, name, flags, send_charset, column)) &&
		       str_addc(out, ':');
	if (a->kind == ADDR_GROUP_END)
		return str_addc(out, ';');
	if (addr.len == 0)
		return add_name(out, name, flags, send_charset, column);
	if (name.len == 0)
		return add_spec(out, addr, flags);
	return add_name(out, name, flags, send_charset, column) && str_adds(out, " <") &&
	       add_spec(out, addr, flags) && str_addc(out, '>');
}

bool addr_format(struct str *out, const struct addr *a, unsigned flags, const char *send_charset)
{
	return format_at(out, a, flags, send_charset, 0);
}

/* Columns of what stands behind the last LF of s. */
static size_t column_of(struct sv s, size_t before)
{
	ptrdiff_t lf = sv_rchr(s, '\n');

	return lf < 0 ? before + s.len : s.len - (size_t)lf - 1;
}

/* What goes before entry i. */
static const char *separator(const struct addr_list *list, size_t i)
{
	if (i == 0 || list->list[i].kind == ADDR_GROUP_END)
		return "";
	return list->list[i - 1].kind == ADDR_GROUP ? " " : ", ";
}

static bool format_line(struct str *out, const struct addr_list *list, unsigned flags, const char *send_charset)
{
	bool ok = true;

	for (size_t i = 0; ok && i < list->count; i++)
		ok = str_adds(out, separator(list, i)) && format_at(out, &list->list[i], flags, send_charset, 0);
	return ok;
}

static bool format_folded(struct str *out, const struct addr_list *list, unsigned flags, const char *send_charset,
	size_t column)
{
	bool ok = true;
	struct str one;

	str_init(&one, NAME_MAX_BYTES * 2);
	for (size_t i = 0; i < list->count && ok; i++) {
		const char *sep = separator(list, i);
		size_t first;
		ptrdiff_t lf;

		str_clear(&one);
		ok = format_at(&one, &list->list[i], flags, send_charset, column + strlen(sep));
		lf = sv_chr(str_sv(&one), '\n');
		first = lf < 0 ? one.len : (size_t)lf;
		if (*sep && column + strlen(sep) + first + 1 > LINE_MAX_COLUMNS) {
			str_clear(&one);
			ok = ok && format_at(&one, &list->list[i], flags, send_charset, 1);
			ok = ok && str_adds(out, *sep == ',' ? ",\n " : "\n ");
			column = 1;
		} else {
			ok = ok && str_adds(out, sep);
			column += strlen(sep);
		}
		ok = ok && str_add(out, str_sv(&one));
		column = column_of(str_sv(&one), column);
	}
	str_fini(&one);
	return ok;
}

bool addr_list_format(struct str *out, const struct addr_list *list, unsigned flags, const char *send_charset,
	size_t column)
{
	return flags & ADDR_HEADER ? format_folded(out, list, flags, send_charset, column)
				   : format_line(out, list, flags, send_charset);
}
