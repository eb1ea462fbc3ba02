#include "mime/body_text.h"

#include "mime/html_text.h"
#include "mime/rtf_text.h"

/* Text that does not call itself so. */
static const struct {
	const char *type, *subtype;
} text_types[] = {
	{"application", "json"}, {"application", "xml"}, {"application", "javascript"},
	{"application", "x-sh"}, {"application", "x-patch"}, {"application", "x-diff"},
	{"application", "x-perl"}, {"application", "x-python"}, {"application", "x-tex"},
	{"application", "sql"}, {"application", "x-yaml"}, {"application", "pgp"},
	{"message", "delivery-status"}, {"message", "disposition-notification"},
	{"message", "feedback-report"},
};

/* By the end of the name, where the type says nothing. */
static const char *const text_names[] = {".txt", ".text", ".log", ".asc", ".md", ".csv", ".tsv", ".patch",
	".diff", ".c", ".h", ".cc", ".cpp", ".py", ".pl", ".sh", ".conf", ".cfg", ".ini", ".json", ".xml",
	".yml", ".yaml", ".tex", ".ics", ".vcf", ".sql", ".html", ".htm"};

static bool is_text_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(text_names); i++) {
		if (sv_ends_case(sv_of(name), sv_of(text_names[i])))
			return true;
	}
	return false;
}

bool part_has_text(const struct part *p)
{
	if (p->kind != PART_LEAF)
		return false;
	if (strcmp(p->type, "text") == 0 || part_is_rtf(p))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(text_types); i++) {
		if (part_is(p, text_types[i].type, text_types[i].subtype))
			return true;
	}
	return part_is(p, "application", "octet-stream") && p->filename && is_text_name(p->filename);
}

static bool is_html(const struct part *p)
{
	return part_is(p, "text", "html") || part_is(p, "application", "xhtml+xml") ||
	       (part_is(p, "application", "octet-stream") &&
		       (sv_ends_case(sv_of(p->filename), SV(".html")) || sv_ends_case(sv_of(p->filename), SV(".htm"))));
}

bool part_is_rtf(const struct part *p)
{
	return p->kind == PART_LEAF && (part_is(p, "text", "rtf") || part_is(p, "application", "rtf") ||
					       part_is(p, "application", "x-rtf"));
}

bool part_rtf_text(struct str *out, const struct part_tree *tree, const struct part *p)
{
	size_t start = out->len;
	struct str rtf;
	struct err e;

	str_init(&rtf, BODY_TEXT_MAX);
	(void)!part_decode(&rtf, tree, p, &e); /* what fits is read */
	(void)!rtf_text(out, str_sv(&rtf));
	str_fini(&rtf);
	return out->len > start;
}

static void leaf_text(struct str *out, const struct part_tree *tree, const struct part *p)
{
	struct str html;
	struct err e;

	if (part_is_rtf(p) && part_rtf_text(out, tree, p)) {
		(void)!str_addc(out, '\n');
		return;
	}
	if (!is_html(p)) {
		(void)!part_text(out, tree, p, NULL, NULL, &e); /* what fits is searched */
		if (out->len > 0 && out->s[out->len - 1] != '\n')
			(void)!str_addc(out, '\n');
		return;
	}
	str_init(&html, BODY_TEXT_MAX);
	(void)!part_text(&html, tree, p, NULL, NULL, &e);
	(void)!html_text(out, str_sv(&html));
	str_fini(&html);
}

void headers_text(struct str *out, const struct headers *h)
{
	for (size_t i = 0; i < h->count; i++) {
		(void)!(str_add(out, h->list[i].name) && str_adds(out, ": ") &&
			header_text(out, h->list[i].raw, NULL) && str_addc(out, '\n'));
	}
}

void body_text(struct str *out, const struct part_tree *tree)
{
	for (size_t i = 0; i < tree->count; i++) {
		const struct part *p = tree->list[i];

		if (p->kind == PART_MESSAGE && p->child)
			headers_text(out, &p->child->headers);
		else if (part_has_text(p))
			leaf_text(out, tree, p);
	}
}
