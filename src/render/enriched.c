/*
 * text/enriched: commands in angle brackets, "<<" for one, n line ends mean n - 1.
 */
#include "render/enriched.h"

static const struct {
	const char *name, *open, *close;
} commands[] = {
	{"bold", "<b>", "</b>"},
	{"italic", "<i>", "</i>"},
	{"underline", "<u>", "</u>"},
	{"fixed", "<code>", "</code>"},
	{"excerpt", "<blockquote>", "</blockquote>"},
	{"indent", "<dl><dd>", "</dd></dl>"},
	{"paraindent", "<dl><dd>", "</dd></dl>"},
	{"flushright", "<div align=right>", "</div>"},
	{"flushleft", "<div>", "</div>"},
	{"center", "<div>", "</div>"},
	{"flushboth", "<div>", "</div>"},
	{"paragraph", "<p>", "</p>"},
	{"heading", "<h3>", "</h3>"},
	{"signature", "<p>", "</p>"},
	{"nl", "<br>", ""}, /* richtext */
	{"np", "<hr>", ""},
	{"lt", "&lt;", ""},
};

#define PARAM_TEXT_MAX 32

struct enriched {
	struct str *out;
	bool ok, richtext;
	int nofill; /* line ends count, blanks stay */
	bool param; /* inside <param>: for colours and fonts, not for reading */
	bool color; /* the <param> of a <color> is expected */
	char value[PARAM_TEXT_MAX];
	size_t value_len;
	bool comment; /* richtext */
};

static void put(struct enriched *e, const char *s)
{
	e->ok = e->ok && str_adds(e->out, s);
}

/* A name, or "RRRR,GGGG,BBBB" in hexadecimal. */
static void open_color(struct enriched *e)
{
	struct sv v = sv_make(e->value, e->value_len);
	bool parts = v.len == 14 && v.p[4] == ',' && v.p[9] == ',';

	for (size_t i = 0; i < v.len; i++)
		if (!ascii_is_alnum((unsigned char)v.p[i]) && v.p[i] != ',')
			return;
	if (parts)
		e->ok = e->ok &&
			str_addf(e->out, "<font color=\"#%.2s%.2s%.2s\">", v.p, v.p + 5, v.p + 10);
	else
		e->ok = e->ok && str_addf(e->out, "<font color=\"" SV_FMT "\">", SV_ARG(v));
}

static void param(struct enriched *e, bool end)
{
	e->param = !end;
	if (!end) {
		e->value_len = 0;
	} else if (e->color) {
		e->color = false;
		open_color(e);
	}
}

static void command(struct enriched *e, struct sv name)
{
	bool end = sv_starts(name, SV("/"));

	name = sv_from(name, end ? 1 : 0);
	if (sv_is_case(name, "param"))
		param(e, end);
	else if (sv_is_case(name, "color")) {
		e->color = !end;
		put(e, end ? "</font>" : "");
	} else if (sv_is_case(name, "comment"))
		e->comment = !end;
	else if (sv_is_case(name, "nofill") || sv_is_case(name, "verbatim")) {
		e->nofill += end ? (e->nofill > 0 ? -1 : 0) : 1;
		put(e, end ? "</pre>" : "<pre>");
	} else {
		for (size_t i = 0; i < ARRAY_LEN(commands); i++)
			if (sv_is_case(name, commands[i].name))
				put(e, end ? commands[i].close : commands[i].open);
	}
}

static void line_ends(struct enriched *e, size_t n)
{
	if (e->nofill)
		while (n-- > 0)
			put(e, "\n");
	else if (n == 1 || e->richtext)
		put(e, "\n");
	else
		while (n-- > 1)
			put(e, "<br>");
}

static void text_char(struct enriched *e, char c)
{
	if (e->param && e->value_len < sizeof(e->value))
		e->value[e->value_len++] = c;
	if (e->param || e->comment)
		return;
	if (c == '&')
		put(e, "&amp;");
	else if (c == '<')
		put(e, "&lt;");
	else
		e->ok = e->ok && str_addc(e->out, c);
}

bool enriched_to_html(struct str *out, struct sv text, bool richtext)
{
	struct enriched e = {.out = out, .ok = true, .richtext = richtext};
	struct scan s = scan_of(text);

	while (!scan_end(&s) && e.ok) {
		struct sv ends = scan_while(&s, "\n");
		if (ends.len) {
			line_ends(&e, ends.len);
			continue;
		}
		if (!scan_byte(&s, '<')) {
			text_char(&e, *s.p++);
			continue;
		}
		if (scan_byte(&s, '<')) {
			text_char(&e, '<');
			continue;
		}
		struct sv rest = scan_rest(&s);
		struct sv name = scan_while(
			&s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-/");
		if (name.len <= 61 && scan_byte(&s, '>')) {
			command(&e, name);
		} else { /* not a command after all */
			s = scan_of(rest);
			text_char(&e, '<');
		}
	}
	return e.ok;
}
