/*
 * What is taken out of HTML before libxml2 sees it: comments, scripts and style sheets, which it would read
 * character by character through its slowest path, and which make up half of a newsletter; "<![if !mso]>" and
 * "<![CDATA[", which it shows as text and browsers do not; NUL, where it stops.
 *
 * Tags are followed by their quotes (HTML 5.2, 8.2.4), so that "<!--" in an attribute is no comment. One pass; each
 * search for an end that is not there is made once.
 */
#include "render/html_css.h"
#include "render/html_read.h"

#define REPLACEMENT "\xef\xbf\xbd"

struct clean {
	const char *p, *end;
	struct str *out;
	struct css_sheet *sheet;
	bool body; /* there is a <body> */
};

static struct sv rest_of(const struct clean *c)
{
	return sv_make(c->p, (size_t)(c->end - c->p));
}

/* Behind the next `what` from p on; the end when there is none. */
static const char *behind(const struct clean *c, const char *p, struct sv what)
{
	ptrdiff_t at = sv_find(sv_make(p, (size_t)(c->end - p)), what);

	return at < 0 ? c->end : p + at + what.len;
}

/* p stands behind "<!--"; "<!-->" is a whole one. */
static const char *comment_end(const struct clean *c, const char *p)
{
	struct sv rest = sv_make(p, (size_t)(c->end - p));

	if (sv_starts(rest, SV(">")))
		return p + 1;
	if (sv_starts(rest, SV("->")))
		return p + 2;
	return behind(c, p, SV("-->"));
}

/* Does the quote at p begin a value? */
static bool is_value(const char *p)
{
	do
		p--;
	while (ascii_is_space((unsigned char)*p));
	return *p == '=';
}

/* The '>' of a tag that p is in, or the end. */
static const char *tag_end(const struct clean *c, const char *p)
{
	for (; p < c->end && *p != '>'; p++)
		if ((*p == '"' || *p == '\'') && is_value(p)) {
			p = memchr(p + 1, *p, (size_t)(c->end - p - 1));
			if (!p)
				return c->end;
		}
	return p;
}

/* Is this "<name" followed by the end of a name? */
static bool opens(struct sv tag, struct sv name)
{
	return sv_starts_case(tag, name) && !(tag.len > name.len && ascii_is_alnum((unsigned char)tag.p[name.len]));
}

/* The "</name" that ends the text of an element that is no markup; the end when there is none. */
static const char *raw_end(const struct clean *c, const char *p, struct sv name)
{
	while (p < c->end) {
		const char *slash = memchr(p, '<', (size_t)(c->end - p));
		if (!slash)
			break;
		if (opens(sv_make(slash, (size_t)(c->end - slash)), name))
			return slash;
		p = slash + 1;
	}
	return c->end;
}

static void keep(struct clean *c, const char *to)
{
	for (const char *nul; (nul = memchr(c->p, '\0', (size_t)(to - c->p))); c->p = nul + 1) {
		str_add(c->out, sv_make(c->p, (size_t)(nul - c->p)));
		str_adds(c->out, REPLACEMENT);
	}
	str_add(c->out, sv_make(c->p, (size_t)(to - c->p)));
	c->p = to;
}

/* <style media="print">: for paper. */
static bool is_for_paper(struct sv tag)
{
	ptrdiff_t media = sv_find_case(tag, SV("media"));
	struct sv which = sv_from(tag, (size_t)MAX(media, 0));

	return media >= 0 && sv_find_case(which, SV("print")) >= 0 && sv_find_case(which, SV("screen")) < 0 &&
	       sv_find_case(which, SV("all")) < 0;
}

static void take_style(struct clean *c, struct sv tag, const char *text)
{
	const char *end = raw_end(c, text, SV("</style"));

	if (!is_for_paper(tag))
		css_sheet_add(c->sheet, sv_make(text, (size_t)(end - text)));
	c->p = end < c->end ? behind(c, end, SV(">")) : end;
}

static void take_tag(struct clean *c)
{
	const char *end = tag_end(c, c->p + 1);
	struct sv tag = sv_make(c->p, (size_t)(end - c->p));

	if (end == c->end) { /* cut short, or a quote that stays open: the parser has its own way with these */
		keep(c, end);
	} else if (opens(tag, SV("<style"))) {
		take_style(c, tag, end + 1);
	} else if (opens(tag, SV("<script"))) {
		c->p = raw_end(c, end + 1, SV("</script"));
		c->p = c->p < c->end ? behind(c, c->p, SV(">")) : c->end;
	} else {
		c->body |= opens(tag, SV("<body"));
		keep(c, end + 1);
	}
}

bool html_clean(struct str *out, struct sv html, struct css_sheet *sheet)
{
	struct clean c = {.p = html.p, .end = html.p + html.len, .out = out, .sheet = sheet};

	while (c.p < c.end) {
		struct sv rest = rest_of(&c);
		const char *tag = memchr(c.p, '<', rest.len);
		if (tag != c.p)
			keep(&c, tag ? tag : c.end);
		else if (sv_starts(rest, SV("<!--")))
			c.p = comment_end(&c, c.p + 4);
		else if (sv_starts(rest, SV("<![")))
			c.p = behind(&c, c.p, SV(">"));
		else if (rest.len > 1 && ascii_is_alpha((unsigned char)c.p[1]))
			take_tag(&c);
		else
			keep(&c, c.p + 1);
	}
	return c.body;
}
