/*
 * Links: which targets are given, numbers in the text, the list at the end, and warnings where a link's
 * text names another host than it leads to.
 */
#include <stdio.h>

#include "render/html_read.h"
#include "text/url.h"
#include "text/utf8.h"

/* Schemes that a reader can follow without harm by looking at them. */
bool html_scheme_is_fit(struct sv url)
{
	static const char *const bad[] = {"javascript", "vbscript", "data", "cid", "mid", "about",
		"blob", "file", "res", "jar", "view-source", "livescript", "mocha"};
	ptrdiff_t colon = sv_chr(url, ':');

	if (colon <= 0)
		return false;
	struct sv scheme = sv_head(url, (size_t)colon);
	for (size_t i = 0; i < scheme.len; i++)
		if (!ascii_is_alnum((unsigned char)scheme.p[i]) && !strchr("+-.", scheme.p[i]))
			return false;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (sv_is_case(scheme, bad[i]))
			return false;
	return true;
}

/* Line breaks and tabs vanish from URLs, what no URL may hold is encoded. */
static char *clean_url(struct html *h, struct sv url)
{
	struct str out;
	char *s;

	str_init(&out, DOC_URL_MAX / 4);
	url = sv_trim(url);
	for (size_t i = 0; i < url.len; i++) {
		unsigned char c = (unsigned char)url.p[i];
		if (c == '\n' || c == '\r' || c == '\t')
			continue;
		if (c <= ' ' || c == 0x7f || strchr("\"<>`\\^{|}", c))
			str_addf(&out, "%%%02X", c);
		else
			str_addc(&out, (char)c);
	}
	s = arena_strndup(h->layout.arena, out.len ? out.s : "", out.len);
	str_fini(&out);
	return s;
}

static struct sv url_origin(struct sv base)
{
	ptrdiff_t slashes = sv_find(base, SV("://"));

	if (slashes < 0)
		return SV("");
	ptrdiff_t path = sv_chr(sv_from(base, (size_t)slashes + 3), '/');
	return path < 0 ? base : sv_head(base, (size_t)(slashes + 3 + path));
}

/* The absolute form of an href, or NULL: nothing that a reader could follow. */
static char *resolve(struct html *h, struct sv href)
{
	href = sv_trim(href);
	if (!href.len || href.p[0] == '#' || href.len > DOC_URL_MAX / 8)
		return NULL;
	if (sv_starts(href, SV("//")))
		return clean_url(
			h, sv_of(arena_printf(h->layout.arena, "https:" SV_FMT, SV_ARG(href))));
	char *url = clean_url(h, href);
	if (html_scheme_is_fit(sv_of(url)))
		return url;
	ptrdiff_t colon = sv_chr(href, ':'), slash = sv_chr(href, '/');
	if (!h->base || (colon > 0 && (slash < 0 || colon < slash)))
		return NULL;
	struct sv base = sv_of(h->base), origin = url_origin(base);
	ptrdiff_t last = sv_rchr(base, '/');
	if (href.p[0] == '/')
		base = origin;
	else if (last >= (ptrdiff_t)origin.len)
		base = sv_head(base, (size_t)last + 1);
	return arena_printf(h->layout.arena, SV_FMT "%s%s", SV_ARG(base),
		href.p[0] != '/' && base.len && base.p[base.len - 1] != '/' ? "/" : "", url);
}

void html_set_base(struct html *h, struct sv href)
{
	if (html_scheme_is_fit(href) && url_origin(href).len && !h->base)
		h->base =
			arena_strndup(h->layout.arena, href.p, MIN(href.len, (size_t)DOC_NAME_MAX));
}

/* A link gets its number when something of it is seen; the same target, the same number. */
void html_number_anchor(struct html *h)
{
	struct anchor *a = &h->anchor;

	if (a->number)
		return;
	struct sv url = sv_of(a->url);
	a->number = (unsigned)(uintptr_t)map_get(h->urls, url);
	if (a->number)
		return;
	a->number = doc_add_link(h->doc, url, SV(""));
	if (!a->number)
		return;
	map_set(h->urls, url, (void *)(uintptr_t)a->number);
	doc_build_head(h->doc)->links[a->number - 1].line = UINT32_MAX; /* not on a line yet */
}

void html_open_anchor(struct html *h, struct sv href)
{
	static const struct doc_span plain;
	char *url = resolve(h, href);

	/* Links in a row, which style sheets keep apart. */
	if (h->link_end && h->link_end == h->para.text.len)
		para_text(&h->para, SV(" "), &plain, false);
	if (!url || html_top(h)->hidden)
		return;
	h->anchor.open = true;
	h->anchor.url = url;
	h->anchor.number = 0;
	h->anchor.image = false;
	str_clear(&h->anchor.text);
	html_top(h)->is_link = true;
}

/* "https://example.org/img/logo-small.png?v=2": "logo-small". Nothing when a machine has made the name. */
static struct sv readable_name(struct sv src)
{
	unsigned letters = 0, digits = 0;
	size_t n = 0;

	if (sv_starts_case(src, SV("data:")) || sv_starts_case(src, SV("cid:")))
		return SV("");
	while (n < src.len && src.p[n] != '?' && src.p[n] != '#')
		n++;
	src = sv_head(src, n);
	src = sv_from(src, (size_t)(sv_rchr(src, '/') + 1));
	for (n = 0; n < src.len && src.p[n] != '.'; n++) {
		unsigned char c = (unsigned char)src.p[n];
		letters += ascii_is_alpha(c);
		digits += ascii_is_digit(c);
		if (!ascii_is_alpha(c) && !ascii_is_digit(c) && c != '-' && c != '_')
			return SV("");
	}
	return letters > 1 && digits < letters && digits <= 4 && n <= IMAGE_NAME_MAX
		       ? sv_head(src, n)
		       : SV("");
}

void html_anchor_image(struct html *h, struct sv src)
{
	struct anchor *a = &h->anchor;
	struct sv name = readable_name(sv_trim(src));

	if (!a->open)
		return;
	if (!a->image || strcmp(a->image_name, "[image]") == 0)
		snprintf(a->image_name, sizeof(a->image_name), "[" SV_FMT "]",
			SV_ARG(name.len ? name : SV("image")));
	a->image = true;
}

/* "www.example.org" says nothing more than its link "https://www.example.org/". */
static bool says_the_same(struct sv text, struct sv url)
{
	static const char *const schemes[] = {"", "http://", "https://", "mailto:", "ftp://",
		"tel:", "http://www.", "https://www."};

	if (url.len && url.p[url.len - 1] == '/')
		url = sv_head(url, url.len - 1);
	if (text.len && text.p[text.len - 1] == '/')
		text = sv_head(text, text.len - 1);
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
		struct sv s = sv_of(schemes[i]);
		if (sv_starts_case(url, s) && sv_eq_case(sv_from(url, s.len), text))
			return true;
	}
	return false;
}

/* Puts "[3]" behind a link, in its last block when that is closed already. */
static void add_ref(struct html *h, unsigned number)
{
	char ref[32];
	struct doc_span look = {.style = DOC_LINKREF, .link = (uint16_t)number};
	struct html_block *b = h->cell->last;

	snprintf(ref, sizeof(ref), "\xc2\xa0[%u]", number);
	if (h->para.visible || !b || b->kind != BLOCK_TEXT) {
		bool blank = para_unblank(&h->para);
		para_raw(&h->para, sv_of(h->para.visible ? ref : ref + 2), &look);
		if (blank)
			para_text(&h->para, SV(" "), &look, false);
	} else if (!html_read_full(&h->layout)) {
		struct sv r = sv_of(ref);
		char *text = arena_alloc(h->layout.arena, b->text.len + r.len + 1);
		struct doc_span *spans =
			arena_alloc(h->layout.arena, (b->span_count + 1) * sizeof(*spans));
		memcpy(text, b->text.p, b->text.len);
		memcpy(text + b->text.len, r.p, r.len);
		memcpy(spans, b->spans, b->span_count * sizeof(*spans));
		spans[b->span_count] = look;
		spans[b->span_count].len = (uint32_t)r.len;
		b->text = sv_make(text, b->text.len + r.len);
		b->spans = spans;
		b->span_count++;
	}
	if (number >= h->shown_cap) {
		size_t cap = MAX(h->shown_cap * 2, (size_t)number + 64);
		h->shown = xrealloc(h->shown, cap);
		memset(h->shown + h->shown_cap, 0, cap - h->shown_cap);
		h->shown_cap = cap;
	}
	h->shown[number] = 1;
}

void html_close_anchor(struct html *h)
{
	struct anchor *a = &h->anchor;
	struct sv text = sv_trim(str_sv(&a->text));

	/* Pictures without words, cut into pieces that all lead to one place: one of them says it. */
	if (!text.len && a->image && html_is_visible(h, html_top(h)) && h->opts->image_alt &&
		!map_has(h->urls, sv_of(a->url))) {
		html_number_anchor(h);
		html_add_words(h, a->image_name, DOC_ALT);
	}
	a->open = false;
	if (!a->number)
		return;
	struct doc_link *link = &doc_build_head(h->doc)->links[a->number - 1];
	if (!link->text[0] && text.len)
		link->text = doc_string(h->doc, text);
	if (h->opts->refs && !says_the_same(text, sv_of(a->url)))
		add_ref(h, a->number);
}

/* ---- the list at the end ---- */

/* A target takes one line: it can be opened and copied whole from the link menu. */
static void put_target(struct html *h, unsigned number)
{
	const struct doc_link *link = &doc_build_head(h->doc)->links[number - 1];
	struct doc_span look = {.style = DOC_LINKREF, .link = (uint16_t)number};
	struct sv url = sv_of(link->url), lie = url_claimed_host(sv_of(link->text), url);
	char mark[32];
	int room;

	snprintf(mark, sizeof(mark), "[%u] ", number);
	doc_add(h->doc, sv_of(mark), &look);
	room = h->opts->width - (int)strlen(mark);
	if ((int)url.len > room && room > 8) {
		doc_add(h->doc, utf8_head(url, (size_t)room - 3), &look);
		doc_add(h->doc, SV("..."), &look);
	} else {
		doc_add(h->doc, url, &look);
	}
	doc_end_line(h->doc, DOC_BODY, 0, 0, h->opts->part);
	if (lie.len) {
		char note[256];
		snprintf(note, sizeof(note), "    (!) its text says " SV_FMT,
			(int)MIN(lie.len, (size_t)200), lie.p);
		doc_put_line(h->doc, sv_of(note), DOC_NOTE, 0, DOC_BOLD, h->opts->part);
		doc_add_defect(h->doc, "link %u leads elsewhere than its text says", number);
	}
}

void html_put_link_list(struct html *h)
{
	unsigned count = doc_build_head(h->doc)->link_count;
	bool first = true;

	for (unsigned n = h->first_link + 1; n <= count; n++) {
		if (n >= h->shown_cap || !h->shown[n])
			continue;
		if (first)
			doc_end_line(h->doc, DOC_BODY, 0, 0, h->opts->part);
		first = false;
		put_target(h, n);
	}
}

/* Links that were numbered but are on no line any more (a limit, a hidden end). */
void html_settle_links(struct html *h, uint32_t first_line)
{
	struct doc *head = doc_build_head(h->doc);

	for (unsigned n = h->first_link; n < head->link_count; n++)
		if (head->links[n].line == UINT32_MAX)
			head->links[n].line = first_line;
}
