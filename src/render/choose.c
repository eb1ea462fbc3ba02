/*
 * Which parts of a message are shown. Walks the tree once, parents before their parts; what a parent
 * decided (an alternative taken, the root of a related) its parts find on a stack.
 */
#include "mime/body_text.h"
#include "render/render_priv.h"

#define SIBLINGS_LOOK 20
#define BLANK_LOOK 4096 /* decoded bytes in which text is looked for */
#define ATTACHED_TEXT_MAX \
	(256u << 10) /* a bigger text that came as an attachment is not unfolded */

bool type_matches(const char *pattern, const char *type, const char *subtype)
{
	struct sv p = sv_of(pattern), major = p, minor = SV("*");
	ptrdiff_t slash = sv_chr(p, '/');

	if (slash >= 0) {
		major = sv_head(p, (size_t)slash);
		minor = sv_from(p, (size_t)slash + 1);
	}
	return (sv_is_case(major, type) || sv_is(major, "*")) &&
	       (sv_is(minor, "*") || sv_is_case(minor, subtype));
}

static bool list_matches(const struct render_list *l, const char *type, const char *subtype)
{
	for (size_t i = 0; i < l->count; i++)
		if (type_matches(l->item[i], type, subtype))
			return true;
	return false;
}

bool list_has_type(const struct render_list *l, const struct part *p)
{
	return list_matches(l, p->type, p->subtype);
}

const char *server_part(const struct part *p, const char *param)
{
	const char *access = params_get(&p->ctype, "access-type");

	if (!part_is(p, "message", "external-body") || !access ||
		!sv_is_case(sv_of(access), "x-feist"))
		return NULL;
	const char *value = params_get(&p->ctype, param);
	return value ? value : "";
}

/* What a file name says of its content, for the types in mime_lookup. Only kinds that can be shown matter here. */
static const char *type_by_name(const char *name)
{
	static const struct {
		const char *extension, *type;
	} known[] = {{"txt", "text/plain"}, {"text", "text/plain"}, {"log", "text/plain"},
		{"asc", "text/plain"}, {"conf", "text/plain"}, {"c", "text/plain"},
		{"h", "text/plain"}, {"py", "text/plain"}, {"sh", "text/plain"},
		{"md", "text/markdown"}, {"csv", "text/csv"}, {"patch", "text/x-patch"},
		{"diff", "text/x-diff"}, {"htm", "text/html"}, {"html", "text/html"},
		{"ics", "text/calendar"}, {"vcf", "text/vcard"}, {"pdf", "application/pdf"}, {"rtf", "application/rtf"},
		{"png", "image/png"}, {"jpg", "image/jpeg"}, {"jpeg", "image/jpeg"},
		{"gif", "image/gif"}, {"zip", "application/zip"}, {"doc", "application/msword"},
		{"xls", "application/vnd.ms-excel"}, {"ppt", "application/vnd.ms-powerpoint"},
		{"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
		{"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
		{"pptx", "application/"
			 "vnd.openxmlformats-officedocument.presentationml.presentation"},
		{"odt", "application/vnd.oasis.opendocument.text"},
		{"ods", "application/vnd.oasis.opendocument.spreadsheet"}};
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < ARRAY_LEN(known); i++)
		if (sv_is_case(sv_of(dot + 1), known[i].extension))
			return known[i].type;
	return NULL;
}

void part_real_type(
	const struct view *v, const struct part *p, const char **type, const char **subtype)
{
	const char *said = server_part(p, "type");
	if (!said && p->kind == PART_LEAF && p->filename && list_has_type(&v->opts->mime_lookup, p))
		said = type_by_name(p->filename);
	const char *slash = said ? strchr(said, '/') : NULL;

	*type = p->type;
	*subtype = p->subtype;
	if (!slash)
		return;
	char *major = arena_strndup(v->arena, said, (size_t)(slash - said));
	char *minor = arena_strdup(v->arena, slash + 1);
	for (char *c = major; *c; c++)
		*c = (char)ascii_lower((unsigned char)*c);
	for (char *c = minor; *c; c++)
		*c = (char)ascii_lower((unsigned char)*c);
	*type = major;
	*subtype = minor;
}

static const struct render_view *view_named(const struct render_opts *o, const char *id)
{
	for (size_t i = 0; i < o->view_count; i++)
		if (strcmp(o->view[i].id, id) == 0)
			return &o->view[i];
	return NULL;
}

const struct render_view *view_of(const struct render_opts *o, const struct part *p)
{
	return view_named(o, p->id);
}

const struct render_view *view_of_all(const struct render_opts *o)
{
	return view_named(o, RENDER_VIEW_DISPLAY);
}

/* ---- alternatives ---- */

/* The text that a container is about: its first text part, or itself. */
static const struct part *heart(const struct part *p)
{
	for (const struct part *at = p; at; at = part_walk(p, at))
		if (at->kind == PART_LEAF && strcmp(at->type, "text") == 0)
			return at;
	return p;
}

struct look {
	size_t seen;
	bool ink;
};

static bool look_for_ink(void *data, struct sv piece, struct err *e)
{
	struct look *l = data;

	for (size_t i = 0; i < piece.len && !l->ink; i++)
		l->ink = !ascii_is_space((unsigned char)piece.p[i]) &&
			 (unsigned char)piece.p[i] != 0xa0 && (unsigned char)piece.p[i] != 0xc2;
	l->seen += piece.len;
	if (l->ink || l->seen > BLANK_LOOK)
		return err_set(e, ERR_CANCEL, "seen enough");
	return true;
}

static bool is_blank(const struct view *v, const struct part *p)
{
	struct look l = {0, false};
	struct err e;

	if (part_decode_to(v->tree, p, look_for_ink, &l, &e))
		return !l.ink;
	return !l.ink && l.seen <= BLANK_LOOK;
}

/* The last of the alternatives that a list of the user's prefers. */
static const struct part *by_order(const struct view *v, const struct part *alternative)
{
	const struct render_list *order = &v->opts->alternative_order;
	const struct part *taken = NULL;

	for (size_t i = 0; i < order->count && !taken; i++)
		for (const struct part *p = alternative->child; p; p = p->next) {
			const struct part *h = heart(p);
			if (type_matches(order->item[i], p->type, p->subtype) ||
				type_matches(order->item[i], h->type, h->subtype))
				taken = p;
		}
	return taken;
}

static const struct part *by_filter(const struct view *v, const struct part *alternative)
{
	const struct part *taken = NULL;

	for (const struct part *p = alternative->child; p; p = p->next)
		if (list_has_type(&v->opts->auto_view, heart(p)))
			taken = p;
	return taken;
}

/* enriched before plain before HTML, but nothing that is blank. */
static int text_rank(const struct view *v, const struct part *p)
{
	const struct part *h = heart(p);

	if (strcmp(h->type, "text") != 0 || is_blank(v, h))
		return 0;
	if (strcmp(h->subtype, "enriched") == 0)
		return 4;
	if (strcmp(h->subtype, "plain") == 0)
		return 3;
	if (strcmp(h->subtype, "html") == 0)
		return 2;
	return strcmp(h->subtype, "calendar") == 0 ? 0 : 1;
}

static const struct part *by_text(const struct view *v, const struct part *alternative)
{
	const struct part *taken = NULL;
	int best = 0;

	for (const struct part *p = alternative->child; p; p = p->next) {
		int rank = text_rank(v, p);
		if (rank > best) {
			taken = p;
			best = rank;
		}
	}
	return taken;
}

static const struct part *take_alternative(const struct view *v, const struct part *alternative)
{
	const struct part *p = by_order(v, alternative);

	if (!p)
		p = by_filter(v, alternative);
	if (!p)
		p = by_text(v, alternative);
	if (!p) /* the last one is the richest (RFC 2046 section 5.1.4) */
		for (p = alternative->child; p && p->next; p = p->next)
			;
	return p;
}

/* The part that a multipart/related is built around: what start= names, else the first. */
static const struct part *related_root(const struct part *related)
{
	const char *start = params_get(&related->ctype, "start");

	for (const struct part *p = related->child; start && p; p = p->next)
		if (sv_eq(sv_trim(headers_raw(&p->headers, "Content-ID")), sv_trim(sv_of(start))))
			return p;
	return related->child;
}

/* ---- one part ---- */

static bool is_one_of(const char *word, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(word, list[i]) == 0)
			return true;
	return false;
}

static enum choice choose_text(const struct view *v, const struct part *p, const char *subtype)
{
	static const char *const known[] = {
		"plain", "enriched", "calendar", "rfc822-headers", "x-patch", "x-diff",
		"vcard", "x-vcard"};
	bool attached = strcmp(p->disposition, "attachment") == 0;

	if (attached && v->opts->honor_disposition)
		return CHOICE_MARK;
	if (attached &&
		(!is_one_of(subtype, known, ARRAY_LEN(known)) || p->body_len > ATTACHED_TEXT_MAX))
		return CHOICE_MARK;
	return CHOICE_SHOW;
}

/* Is a text beside winmail.dat, before it? Then that is the body, and the one inside says the same. */
static bool has_text_before(const struct view *v, const struct part *tnef)
{
	const struct part *p = tnef->parent ? tnef->parent->child : tnef;

	for (int n = 0; p != tnef && n < SIBLINGS_LOOK; p = p->next, n++)
		if (heart(p)->kind == PART_LEAF && strcmp(heart(p)->type, "text") == 0 && !is_blank(v, heart(p)))
			return true;
	return false;
}

/* What was unpacked is listed; the text that winmail.dat has instead of a body is shown. */
static enum choice choose_made(const struct view *v, const struct part *p)
{
	if (p->made != PART_TNEF || strcmp(p->disposition, "inline") != 0)
		return CHOICE_MARK;
	if (has_text_before(v, p->parent))
		return CHOICE_HIDE;
	if (part_is_rtf(p)) /* the last resort */
		return p == p->parent->child ? CHOICE_SHOW : CHOICE_HIDE;
	if (strcmp(p->type, "text") != 0)
		return p == p->parent->child ? CHOICE_MARK : CHOICE_HIDE;
	return p == by_text(v, p->parent) ? CHOICE_SHOW : CHOICE_HIDE;
}

/* A piece of a message: with the others it is that message, alone it is shown as it came. */
static enum choice choose_piece(const struct part *p)
{
	if (p->defects & PART_PIECES_MISSING)
		return CHOICE_SHOW;
	return p->child ? CHOICE_MARK : CHOICE_HIDE;
}

static enum choice choose_leaf(const struct view *v, const struct part *p)
{
	static const char *const reports[] = {"delivery-status", "global-delivery-status",
		"disposition-notification", "feedback-report", "tracking-status"};
	const char *type, *subtype;

	if (view_of(v->opts, p))
		return CHOICE_SHOW;
	if (p->made)
		return choose_made(v, p);
	if (server_part(p, "section"))
		return CHOICE_MARK;
	if (part_is(p, "message", "partial"))
		return choose_piece(p);
	part_real_type(v, p, &type, &subtype);
	if (strcmp(type, "text") == 0)
		return choose_text(v, p, subtype);
	if (part_is(p, "application", "pgp")) /* the form before PGP/MIME: text */
		return CHOICE_SHOW;
	if (part_is_rtf(p) && !p->filename) /* a body */
		return choose_text(v, p, subtype);
	return strcmp(type, "message") == 0 && is_one_of(subtype, reports, ARRAY_LEN(reports))
		       ? CHOICE_SHOW
		       : CHOICE_MARK;
}

static enum choice choose_one(const struct view *v, const struct part *p)
{
	if (p->kind == PART_MULTIPART)
		return strcmp(p->subtype, "encrypted") == 0 ? CHOICE_MARK : CHOICE_PASS;
	if (p->kind == PART_MESSAGE)
		return v->opts->honor_disposition && strcmp(p->disposition, "attachment") == 0
			       ? CHOICE_MARK
			       : CHOICE_SHOW;
	return choose_leaf(v, p);
}

struct level {
	const struct part *part, *taken; /* taken: of an alternative or related */
	enum choice choice;
};

/* Below a multipart/encrypted nothing is looked at. */
static bool in_secret(const struct part *p)
{
	for (; p; p = p->parent)
		if (part_is(p, "multipart", "encrypted"))
			return true;
	return false;
}

/* What the parent lets its part be. */
static enum choice choose_child(const struct view *v, const struct level *up, const struct part *p)
{
	const struct part *parent = up->part;

	if (up->choice == CHOICE_MARK && parent->kind != PART_LEAF)
		return CHOICE_HIDE;
	if (up->choice == CHOICE_HIDE) /* Apple Mail puts attachments into the HTML alternative */
		return part_is(parent, "multipart", "mixed") && p->kind == PART_LEAF &&
				       part_is_attachment(p) && !in_secret(parent)
			       ? CHOICE_MARK
			       : CHOICE_HIDE;
	if (part_is(parent, "multipart", "alternative") && !v->opts->alternative_inline &&
		p != up->taken)
		return part_is(p, "text", "calendar") ? CHOICE_SHOW : CHOICE_HIDE;
	if (part_is(parent, "multipart", "related") && p != up->taken &&
		strcmp(p->disposition, "attachment") != 0)
		return p->kind == PART_LEAF && strcmp(p->type, "text") != 0 ? CHOICE_HIDE
									    : choose_one(v, p);
	if (part_is(parent, "multipart", "signed") && p != parent->child)
		return CHOICE_HIDE;
	/* The half of a file that only a Mac understands (RFC 1740). */
	if (part_is(parent, "multipart", "appledouble") && part_is(p, "application", "applefile") &&
		parent->child->next)
		return CHOICE_HIDE;
	return choose_one(v, p);
}

void choose_parts(struct view *v)
{
	struct level stack[PART_DEPTH_MAX + 3];
	int depth = 0;

	for (size_t i = 0; i < v->count; i++) {
		const struct part *p = v->tree->list[i];
		while (depth > 0 && stack[depth - 1].part != p->parent)
			depth--;
		enum choice c =
			depth > 0 ? choose_child(v, &stack[depth - 1], p) : choose_one(v, p);
		v->choice[i] = (unsigned char)c;
		if (depth == (int)ARRAY_LEN(stack))
			continue; /* cannot be: the parser's limit is lower */
		stack[depth] = (struct level){p, NULL, c};
		if (c == CHOICE_PASS && part_is(p, "multipart", "alternative"))
			stack[depth].taken = take_alternative(v, p);
		else if (c == CHOICE_PASS && part_is(p, "multipart", "related"))
			stack[depth].taken = related_root(p);
		depth++;
	}
}
