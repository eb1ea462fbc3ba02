/*
 * mailto: URLs (see mailto.h).
 */
#include "mime/mailto.h"

#include "text/url.h"
#include "text/utf8.h"

static bool is_allowed(const char *const *allow, const char *name)
{
	static const char *const harmless[] = {
		"to", "cc", "subject", "body", "in-reply-to", "references", NULL};

	if (sv_is_case(sv_of(name), "to"))
		return true;
	for (allow = allow ? allow : harmless; *allow; allow++)
		if (strcmp(*allow, "*") == 0 || sv_is_case(sv_of(*allow), name))
			return true;
	return false;
}

/* One line: breaks and controls become blanks, so a value cannot become a field. */
static const char *one_line(struct arena *arena, const char *value)
{
	char *s = arena_strdup(arena, value), *p;

	for (p = s; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = ' ';
	return s;
}

/* CRLF (RFC 6068 section 5) and CR become LF; other controls but the tab go. */
static const char *many_lines(struct arena *arena, const char *value)
{
	char *s = arena_strdup(arena, value), *to = s;
	const char *p;

	for (p = value; *p; p++) {
		if (*p == '\r') {
			if (p[1] != '\n')
				*to++ = '\n';
		} else if ((unsigned char)*p >= ' ' || *p == '\n' || *p == '\t') {
			*to++ = *p;
		}
	}
	*to = 0;
	return s;
}

/* Decoded bytes may be no UTF-8 or hold encoded words (RFC 6068 section 5 allows them). */
static const char *to_text(struct arena *arena, const char *value)
{
	return header_text_in(arena, sv_of(value), NULL);
}

static void add_addresses(struct arena *arena, struct addr_list *list, const char *value)
{
	struct addr_list more;

	addr_parse(arena, sv_of(value), NULL, &more);
	addr_list_append(arena, list, &more);
}

static void take_field(struct arena *arena, const char *name, const char *value,
	const char *const *allow, struct mailto *m)
{
	bool is_body = sv_is_case(sv_of(name), "body");
	const char *line = is_body ? value : to_text(arena, one_line(arena, value));
	struct str fixed;

	if (is_body) {
		str_init(&fixed, URL_MAX * 3);
		charset_to_utf8(&fixed, sv_of(value), SV(""), NULL, NULL);
		line = many_lines(arena, fixed.s ? fixed.s : "");
		str_fini(&fixed);
	}
	if (m->n_fields < MAILTO_FIELDS_MAX)
		m->fields[m->n_fields++] = (struct build_field){name, line};
	if (!is_allowed(allow, name))
		return;
	if (is_body && !m->body)
		m->body = line;
	else if (sv_is_case(sv_of(name), "subject") && !m->subject)
		m->subject = line;
	else if (sv_is_case(sv_of(name), "to"))
		add_addresses(arena, &m->to, one_line(arena, value));
	else if (sv_is_case(sv_of(name), "cc"))
		add_addresses(arena, &m->cc, one_line(arena, value));
	else if (sv_is_case(sv_of(name), "bcc"))
		add_addresses(arena, &m->bcc, one_line(arena, value));
	else if (sv_is_case(sv_of(name), "in-reply-to") && !m->in_reply_to)
		m->in_reply_to = line;
}

/* The path is a list of percent-encoded addresses between commas; a comma inside one is encoded. */
static bool take_path(struct arena *arena, struct sv path, struct mailto *m, struct err *e)
{
	struct sv one;
	struct str text;

	while (sv_split(&path, ',', &one)) {
		bool ok;

		str_init(&text, URL_MAX);
		ok = url_decode(&text, one);
		if (ok && text.len > 0)
			add_addresses(arena, &m->to, one_line(arena, text.s));
		str_fini(&text);
		if (!ok)
			return err_set(e, ERR_INPUT, "bad %%-escape in the mailto URL");
	}
	return true;
}

bool mailto_parse(struct arena *arena, struct sv url, const char *const *allow, struct mailto *out,
	struct err *e)
{
	struct mailto m = {0};
	const char *name, *value;
	struct sv path, query = SV("");
	ptrdiff_t at;

	url = sv_trim(url);
	if (!sv_starts_case(url, SV("mailto:")))
		return err_set(e, ERR_INPUT, "not a mailto URL");
	if (url.len > URL_MAX)
		return err_set(e, ERR_INPUT, "mailto URL longer than %d bytes", URL_MAX);
	path = sv_from(url, 7);
	at = sv_chr(path, '#');
	if (at >= 0)
		path = sv_head(path, (size_t)at);
	at = sv_chr(path, '?');
	if (at >= 0) {
		query = sv_from(path, (size_t)at + 1);
		path = sv_head(path, (size_t)at);
	}
	m.fields = arena_alloc(arena, MAILTO_FIELDS_MAX * sizeof(*m.fields));
	if (!take_path(arena, path, &m, e))
		return false;
	while (url_query(arena, &query, &name, &value))
		take_field(arena, name, value, allow, &m);
	*out = m;
	return true;
}
