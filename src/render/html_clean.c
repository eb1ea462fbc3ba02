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
#define VALUE_MAX 65536 /* bytes of an attribute; longer ones are images in themselves, and nobody reads them */
#define ATTRS_MAX 64  /* of a tag; libxml2 compares each with all before it */
#define NAMES 256     /* of elements, by hash */

struct clean {
	const char *p, *end;
	struct str *out;
	struct css_sheet *sheet;
	bool body; /* there is a <body> */
	unsigned open[NAMES]; /* start tags minus end tags */
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

static void keep(struct clean *c, const char *to)
{
	for (const char *nul; (nul = memchr(c->p, '\0', (size_t)(to - c->p)));) {
		str_add(c->out, sv_make(c->p, (size_t)(nul - c->p)));
		str_adds(c->out, REPLACEMENT); /* one for a row of them */
		for (c->p = nul; c->p < to && *c->p == '\0'; c->p++)
			;
	}
	str_add(c->out, sv_make(c->p, (size_t)(to - c->p)));
	c->p = to;
}

/* Does the quote at p begin a value? */
static bool is_value(const char *p)
{
	do
		p--;
	while (ascii_is_space((unsigned char)*p));
	return *p == '=';
}

/*
 * The '>' of a tag that p is in, or the end. *cut: where it has attributes enough, else the same. What stands before a very
 * long value is kept here, and the value is left out.
 */
static const char *tag_end(struct clean *c, const char *p, const char **cut)
{
	unsigned attrs = 0;

	for (*cut = NULL; p < c->end && *p != '>'; p++) {
		bool quote = (*p == '"' || *p == '\'') && is_value(p);
		if (quote) {
			const char *close = memchr(p + 1, *p, (size_t)(c->end - p - 1));
			if (!close) {
				p = c->end;
				break;
			}
			if (close - p > VALUE_MAX && !*cut) {
				keep(c, p + 1);
				c->p = close;
			}
			p = close;
		}
		/* At most these part two attributes. */
		attrs += quote || *p == '/' || ascii_is_space((unsigned char)*p);
		if (attrs > ATTRS_MAX && !*cut)
			*cut = p + 1;
	}
	if (!*cut)
		*cut = p;
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

/* Where the name at p is counted. */
static unsigned name_slot(const struct clean *c, const char *p)
{
	unsigned h = 0;

	for (; p < c->end && (ascii_is_alnum((unsigned char)*p) || *p == ':' || *p == '-'); p++)
		h = h * 31 + (unsigned)ascii_lower((unsigned char)*p);
	return h % NAMES;
}

static void take_tag(struct clean *c)
{
	const char *start = c->p, *cut, *end = tag_end(c, start + 1, &cut);
	struct sv tag = sv_make(start, (size_t)(end - start));

	if (end == c->end) { /* cut short, or a quote that stays open: the parser has its own way with these */
		keep(c, cut);
		c->p = end;
	} else if (opens(tag, SV("<style"))) {
		take_style(c, tag, end + 1);
	} else if (opens(tag, SV("<script"))) {
		c->p = raw_end(c, end + 1, SV("</script"));
		c->p = c->p < c->end ? behind(c, c->p, SV(">")) : c->end;
	} else {
		c->body |= opens(tag, SV("<body"));
		c->open[name_slot(c, start + 1)]++;
		keep(c, cut);
		c->p = end;
		keep(c, end + 1);
	}
}

/* libxml2 looks for the start of each end tag through all that is open: those that have none are left out. */
static void take_end_tag(struct clean *c)
{
	unsigned *open = &c->open[name_slot(c, c->p + 2)];
	struct sv tag = rest_of(c);

	if (*open > 0)
		--*open;
	else if (!opens(tag, SV("</p")) && !opens(tag, SV("</br"))) { /* these two are elements by themselves */
		c->p = behind(c, c->p, SV(">"));
		return;
	}
	keep(c, c->p + 2);
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
		else if (rest.len > 2 && c.p[1] == '/' && ascii_is_alpha((unsigned char)c.p[2]))
			take_end_tag(&c);
		else
			keep(&c, c.p + 1);
	}
	return c.body;
}
