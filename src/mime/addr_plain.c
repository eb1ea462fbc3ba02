/*
 * Nearly all entries of address lists: words or a quoted name with plain letters, <local@domain>, a comma. They are
 * read in one pass, without tokens (addr.c does the rest, and would make the same of these).
 */
#include "mime/addr_priv.h"

#define NAME_MAX 256 /* bytes; the same number keeps the look at what is not plain short */
#define SPEC_MAX 320 /* 64 + 1 + 255, RFC 5321 section 4.5.3.1 */

/*
 * What an ASCII character may be part of: a: words, local parts, domains, quoted names; l: all but domains; e: local
 * parts only, since "=?" begins an encoded word; q: quoted names; x: nothing plain.
 */
static const char class_of[] =
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	"qlxlllllqqllqaal" /* blank to / */
	"aaaaaaaaaaqqqeqq" /* digits, : ; < = > ? */
	"qaaaaaaaaaaaaaaaaaaaaaaaaaaqxqla" /* @, capitals, [ \ ] ^ _ */
	"laaaaaaaaaaaaaaaaaaaaaaaaaallllx"; /* `, letters, { | } ~ DEL */
_Static_assert(sizeof(class_of) == 128 + 1, "a class for each of ASCII");

static char class(const char *p, const char *end)
{
	return p < end && (unsigned char)*p < 128 ? class_of[(unsigned char)*p] : 'x';
}

static const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
		p++;
	return p;
}

static const char *skip_word(const char *p, const char *end)
{
	for (char c; (c = class(p, end)) == 'a' || c == 'l';)
		p++;
	return p;
}

static const char *skip_local(const char *p, const char *end)
{
	for (char c; (c = class(p, end)) == 'a' || c == 'l' || c == 'e';)
		p++;
	return p;
}

/* "Ann Lee": from the opening quote to behind the closing one; NULL: blanks would have to be tidied, or more. */
static const char *quoted_name(struct arena *arena, const char *p, const char *end, const char **name)
{
	const char *start = ++p;

	for (char c; (c = class(p, end)) != 'x' && c != 'e' && p - start < NAME_MAX; p++) {
		if (*p == ' ' && (p == start || p[-1] == ' '))
			return NULL;
	}
	if (p == end || *p != '"' || p == start || p[-1] == ' ')
		return NULL;
	*name = arena_strndup(arena, start, (size_t)(p - start));
	return p + 1;
}

/* Words up to '<', with one blank between them. */
static const char *words_name(struct arena *arena, const char *p, const char *end, const char **name)
{
	char buf[NAME_MAX];
	size_t n = 0;

	while (p < end && *p != '<') {
		const char *word = p;

		p = skip_word(p, end);
		if (p == word || n + (size_t)(p - word) + 1 > sizeof(buf))
			return NULL;
		if (n > 0)
			buf[n++] = ' ';
		memcpy(buf + n, word, (size_t)(p - word));
		n += (size_t)(p - word);
		word = p;
		p = skip_blanks(p, end);
		if (p == word && p < end && *p != '<')
			return NULL;
	}
	*name = n > 0 ? arena_strndup(arena, buf, n) : "";
	return p;
}

/* local@domain; NULL: it is not plain. */
static const char *plain_spec(const char *p, const char *end)
{
	const char *start = p, *domain;

	p = skip_local(p, end);
	if (p == start || p == end || *p != '@')
		return NULL;
	domain = ++p;
	while (class(p, end) == 'a')
		p++;
	return p > domain && p[-1] != '.' && p - start <= SPEC_MAX ? p : NULL;
}

/* Behind the entry: its comma, or the end of the list. NULL: something else. */
static const char *entry_end(const char *p, const char *end)
{
	p = skip_blanks(p, end);
	if (p == end)
		return p;
	return *p == ',' ? p + 1 : NULL;
}

bool addr_take_plain(struct arena *arena, struct scan *s, struct addr_list *out)
{
	const char *p = skip_blanks(s->p, s->end), *name = "", *spec = p, *close, *end;

	close = plain_spec(spec, s->end);
	end = close ? entry_end(close, s->end) : NULL;
	if (!end) {
		p = p < s->end && *p == '"' ? quoted_name(arena, p, s->end, &name) : words_name(arena, p, s->end, &name);
		p = p ? skip_blanks(p, s->end) : NULL;
		if (!p || p == s->end || *p != '<')
			return false;
		spec = p + 1;
		close = plain_spec(spec, s->end);
		if (!close || close == s->end || *close != '>' || !(end = entry_end(close + 1, s->end)))
			return false;
	}
	addr_list_put(arena, out, ADDR_MAILBOX, name, arena_strndup(arena, spec, (size_t)(close - spec)));
	s->p = end;
	return true;
}
