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

struct enriched {
	struct str *out;
	bool ok, richtext;
	int nofill;   /* line ends count, blanks stay */
	bool param;   /* inside <param>: for colours and fonts, not for reading */
	bool comment; /* richtext */
};

static void put(struct enriched *e, const char *s)
{
	e->ok = e->ok && str_adds(e->out, s);
}

static void command(struct enriched *e, struct sv name)
{
	bool end = sv_starts(name, SV("/"));

	name = sv_from(name, end ? 1 : 0);
	if (sv_is_case(name, "param"))
		e->param = !end;
	else if (sv_is_case(name, "comment"))
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
