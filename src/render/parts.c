/*
 * One part of a message: described in the document, marked by a line, or its content made into lines.
 */
#include "render/render_priv.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fs.h"
#include "mime/body_text.h"
#include "mime/text_file.h"
#include "render/calendar.h"
#include "render/enriched.h"
#include "render/html.h"
#include "render/plain.h"
#include "render/report.h"
#include "render/vcard.h"
#include "text/utf8.h"
#include "text/width.h"

#define REPLY_WIDTH 72 /* HTML in an answer, when reflow_wrap says nothing */
#define MARK_NAME_MIN 12 /* columns of a name in a mark that are always shown */
#define MARK_OTHERS 40   /* columns of a mark that are not foreign, about */
#define PGP_LOOK 65536 /* bytes of a text in which inline PGP is looked for */

/* As mutt writes sizes: 0.1K, 9.9K, 10K, 999K, 1.0M, 12M. */
void size_text(char out[16], uint64_t bytes)
{
	if (bytes == 0)
		snprintf(out, 16, "0K");
	else if (bytes < 10189)
		snprintf(out, 16, "%3.1fK", bytes < 103 ? 0.1 : (double)bytes / 1024);
	else if (bytes < 1023949)
		snprintf(out, 16, "%uK", (unsigned)((bytes + 51) / 1024));
	else if (bytes < 10433332)
		snprintf(out, 16, "%3.1fM", (double)bytes / 1048576);
	else
		snprintf(out, 16, "%lluM", (unsigned long long)((bytes + 52428) / 1048576));
}

void note(struct view *v, unsigned part, const char *fmt, ...)
{
	char text[512], line[560];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	snprintf(line, sizeof(line), "[-- %s --]", text);
	doc_put_line(v->doc, sv_of(line), DOC_NOTE, 0, 0, part);
	v->started = true;
}

const char *in_mark(struct view *v, const char *text, int others)
{
	struct str out;
	int room = v->opts->unwrapped ? INT_MAX : MAX(view_wrap(v->opts) - others, MARK_NAME_MIN);

	str_init(&out, 65536);
	utf8_add_safe(&out, sv_of(text), UTF8_SAFE_LINE);
	for (ptrdiff_t at; (at = sv_find(str_sv(&out), SV("--]"))) >= 0;)
		out.s[at + 2] = ')';
	if (width_of(str_sv(&out)) > room) {
		str_cut(&out, width_head(str_sv(&out), room - 1, NULL).len);
		str_adds(&out, "\xe2\x80\xa6");
	}
	const char *s = arena_strndup(v->arena, out.s ? out.s : "", out.len);
	str_fini(&out);
	return s;
}

/* ---- describing ---- */

const char *part_type_text(const struct view *v, const struct part *p)
{
	const char *type, *subtype;

	part_real_type(v, p, &type, &subtype);
	return arena_printf(v->arena, "%s/%s", type, subtype);
}

/* Encoded length to decoded, near enough for a size in a menu. */
static uint64_t decoded_size(uint64_t bytes, enum codec_kind encoding)
{
	return encoding == CODEC_BASE64 ? bytes * 3 / 4 * 76 / 78 : bytes;
}

static uint64_t guess_size(const struct view *v, const struct part *p)
{
	if (p->kind == PART_LEAF && p->encoding != CODEC_BASE64 && p->body_len <= (1u << 20))
		return part_size(v->tree, p);
	return decoded_size(p->body_len, p->kind == PART_LEAF ? p->encoding : CODEC_BINARY);
}

/* A part without a name gets one that says what it is. */
char *part_save_name(const struct view *v, const struct part *p, const char *name)
{
	static const struct {
		const char *type, *name;
	} known[] = {{"message/rfc822", "message.eml"}, {"message/global", "message.eml"},
		{"text/plain", "text.txt"}, {"text/html", "page.html"},
		{"text/calendar", "invitation.ics"}, {"text/vcard", "contact.vcf"},
		{"text/x-patch", "changes.patch"}, {"text/x-diff", "changes.diff"},
		{"application/pdf", "document.pdf"}, {"image/png", "image.png"},
		{"image/jpeg", "image.jpg"}, {"image/gif", "image.gif"},
		{"application/pgp-signature", "signature.asc"},
		{"application/pkcs7-signature", "smime.p7s"},
		{"application/pkcs7-mime", "smime.p7m"}};
	const char *type = part_type_text(v, p), *otherwise = "attachment";

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strcmp(type, known[i].type) == 0)
			otherwise = known[i].name;
	return fs_safe_name(sv_of(name ? name : ""), otherwise);
}

static const char *field_text(struct view *v, const struct headers *headers, const char *name)
{
	struct sv raw = headers_raw(headers, name);

	return raw.len ? doc_string(v->doc, sv_of(header_text_in(v->arena, raw, &v->rules))) : "";
}

static void describe_params(struct view *v, struct doc_part *d, const struct params *params)
{
	struct arena *arena = doc_build_head(v->doc)->arena;
	size_t n = MIN(params->count, (size_t)64);

	d->params = arena_alloc(arena, n * sizeof(*d->params) + 1);
	for (size_t i = 0; i < n; i++) {
		d->params[i].name = doc_string(v->doc, sv_of(params->list[i].name));
		d->params[i].value = doc_string(v->doc, sv_of(params->list[i].value));
	}
	d->param_count = (uint32_t)n;
}

static uint32_t flags_of(struct view *v, const struct part *p, size_t index)
{
	uint32_t f = 0;

	f |= p->kind != PART_LEAF ? DOC_PART_MULTI : 0;
	f |= part_is_file(p) ? DOC_PART_ATTACHMENT : 0;
	f |= v->choice[index] == CHOICE_SHOW ? DOC_PART_SHOWN : 0;
	f |= server_part(p, "section") ? DOC_PART_ON_SERVER : 0;
	f |= strcmp(p->disposition, "attachment") != 0 ? DOC_PART_INLINE : 0;
	f |= part_is(p, "multipart", "signed") ? DOC_PART_SIGNED : 0;
	f |= part_is(p, "multipart", "encrypted") ? DOC_PART_ENCRYPTED : 0;
	if (p->kind == PART_LEAF && v->choice[index] != CHOICE_HIDE &&
		list_has_type(&v->opts->auto_view, p) && !view_of(v->opts, p))
		f |= DOC_PART_WANTS_VIEW;
	return f;
}

static void set_name(struct view *v, struct doc_part *d, const struct part *p, const char *name)
{
	d->filename = name ? doc_string(v->doc, sv_of(name)) : "";
	if (p->kind == PART_MULTIPART)
		return;
	char *safe = part_save_name(v, p, d->filename);
	d->safe_name = doc_string(v->doc, sv_of(safe));
	free(safe);
}

/* What a part says of itself: its MIME header. */
static void describe_self(struct view *v, struct doc_part *d, const struct part *p)
{
	d->charset = doc_string(v->doc, sv_of(p->charset));
	d->encoding = doc_string(v->doc, sv_of(p->encoding_name));
	d->description = field_text(v, &p->headers, "Content-Description");
	d->content_id = field_text(v, &p->headers, "Content-ID");
	describe_params(v, d, &p->ctype);
	set_name(v, d, p, p->filename);
	if (p->kind == PART_MESSAGE && p->child)
		d->summary = field_text(v, &p->child->headers, "Subject");
	d->size = guess_size(v, p);
}

/* The same for one that is on the server: its header is the body of the pointer (RFC 2046 section 5.2.3). */
static void describe_absent(struct view *v, struct doc_part *d, const struct part *p)
{
	const char *said = server_part(p, "name"), *name = NULL;
	struct params ctype, disposition;
	struct headers h;
	uint64_t bytes;

	headers_parse(v->arena, part_raw(v->tree, p), &h);
	params_parse(v->arena, headers_raw(&h, "Content-Type"), &v->rules, 0, &ctype);
	params_parse(v->arena, headers_raw(&h, "Content-Disposition"), &v->rules, 0, &disposition);
	struct sv encoding = headers_raw(&h, "Content-Transfer-Encoding");
	name = params_get(&disposition, "filename");
	if (!name)
		name = params_get(&ctype, "name");
	if (params_get(&ctype, "charset"))
		d->charset = doc_string(v->doc, sv_of(params_get(&ctype, "charset")));
	d->encoding = encoding.len ? codec_name(codec_by_name(encoding)) : "7bit";
	d->description = field_text(v, &h, "Content-Description");
	d->content_id = field_text(v, &h, "Content-ID");
	describe_params(v, d, &ctype);
	set_name(v, d, p, name ? name : said && said[0] ? said : NULL);
	if (sv_u64(sv_of(server_part(p, "size")), &bytes))
		d->size = decoded_size(bytes, codec_by_name(encoding));
}

static void describe(struct view *v, const struct part *p, size_t index, int parent)
{
	struct doc_part *d = doc_add_part(v->doc);

	if (!d)
		return;
	d->id = doc_string(v->doc, sv_of(p->id));
	d->type = doc_string(
		v->doc, sv_of(part_type_text(v, p))); /* what mailcap is asked for, too */
	d->disposition = doc_string(v->doc, sv_of(p->disposition));
	if (server_part(p, "section"))
		describe_absent(v, d, p);
	else
		describe_self(v, d, p);
	d->flags = flags_of(v, p, index);
	d->parent = parent;
	if (parent >= 0)
		d->depth = doc_build_part(v->doc, (unsigned)parent)->depth + 1;
}

void parts_describe(struct view *v)
{
	int stack[PART_DEPTH_MAX + 3], depth = 0;

	for (size_t i = 0; i < v->count; i++) {
		const struct part *p = v->tree->list[i];
		while (depth > 0 && v->tree->list[stack[depth - 1]] != p->parent)
			depth--;
		describe(v, p, i, depth > 0 ? stack[depth - 1] : -1);
		if (depth < (int)ARRAY_LEN(stack))
			stack[depth++] = (int)i;
	}
}

/* ---- marking ---- */

static void put_mark(struct view *v, size_t index, const char *text)
{
	struct str safe;

	str_init(&safe, 65536);
	utf8_add_safe(&safe, sv_of(text), UTF8_SAFE_LINE);
	doc_put_line(v->doc, str_sv(&safe), DOC_ATTACH, 0, 0, (unsigned)index);
	str_fini(&safe);
	v->started = true;
}

static const char *kind_of(const struct part *p)
{
	if (p->kind == PART_MESSAGE)
		return "Message";
	return "Attachment";
}

/* Below the header that says so stands the header of what was there. */
static void mark_deleted(struct view *v, size_t index, const struct part *p)
{
	struct part_tree *was = part_parse(v->arena, part_raw(v->tree, p), &v->rules);
	const struct part *gone = was->root;
	const char *name = gone->filename;
	const char *type = in_mark(v, arena_printf(v->arena, "%s/%s", gone->type, gone->subtype), MARK_OTHERS);

	put_mark(v, index,
		arena_printf(v->arena, "[-- Attachment #%s%s%s (%s) was deleted --]", p->id, name ? ": " : "",
			name ? in_mark(v, name, MARK_OTHERS + width_of(sv_of(type))) : "", type));
}

static void mark_external(struct view *v, size_t index, const struct part *p)
{
	const char *access = params_get(&p->ctype, "access-type"),
		   *url = params_get(&p->ctype, "url");
	const char *site = params_get(&p->ctype, "site"), *name = params_get(&p->ctype, "name");

	if (access && strcmp(access, "x-mutt-deleted") == 0) {
		mark_deleted(v, index, p);
		return;
	}
	put_mark(v, index,
		arena_printf(v->arena, "[-- Attachment #%s is elsewhere (%s) --]", p->id,
			in_mark(v, arena_printf(v->arena, "%s%s%s%s%s", access ? access : "message/external-body",
				url || site ? ": " : "", url ? url : site ? site : "", name && !url ? " " : "",
				name && !url ? name : ""), MARK_OTHERS)));
}

static void mark_piece(struct view *v, size_t index, const struct part *p)
{
	const char *number = params_get(&p->ctype, "number"), *total = params_get(&p->ctype, "total");

	if (p->child) {
		put_mark(v, index, "[-- A message that was cut into pieces; all are here, put together below --]");
		return;
	}
	put_mark(v, index,
		arena_printf(v->arena, "[-- Piece %s of %s of a message that was cut; the others are not here --]",
			in_mark(v, number ? number : "?", 72), in_mark(v, total ? total : "?", 72)));
}

void part_mark(struct view *v, size_t index)
{
	const struct part *p = v->tree->list[index];
	const struct doc_part *d = doc_build_part(v->doc, (unsigned)index);
	const char *title = d->filename[0] ? d->filename : d->description;
	char size[16];

	if (part_is(p, "message", "external-body") && !(d->flags & DOC_PART_ON_SERVER)) {
		mark_external(v, index, p);
		return;
	}
	if (part_is(p, "message", "partial")) {
		mark_piece(v, index, p);
		return;
	}
	size_text(size, d->size);
	const char *where = d->flags & DOC_PART_ON_SERVER ? ", on the server" : "";
	const char *tail = arena_printf(v->arena, " (%s, %s%s) --]", in_mark(v, d->type, MARK_OTHERS / 2), size, where);
	const char *head = arena_printf(v->arena, "[-- %s #%s%s", kind_of(p), p->id, title[0] ? ": " : "");
	put_mark(v, index, arena_printf(v->arena, "%s%s%s", head,
		in_mark(v, title, width_of(sv_of(head)) + width_of(sv_of(tail))), tail));
}

/* ---- content ---- */

int view_wrap(const struct render_opts *o)
{
	int w = o->wrap > 0 ? MIN(o->wrap, o->width) : o->width + o->wrap;

	return MAX(w, RENDER_WIDTH_MIN);
}

/* $reflow_wrap, which may be negative: a margin. */
static int flow_width(const struct render_opts *o)
{
	int w = o->reflow_wrap > 0   ? o->reflow_wrap
		: o->reflow_wrap < 0 ? o->width + o->reflow_wrap
				     : o->width;

	return MAX(w, RENDER_WIDTH_MIN);
}

void plain_options(struct view *v, unsigned part, struct plain_opts *po)
{
	const struct render_opts *o = v->opts;
	bool reply = o->mode == RENDER_REPLY;

	view_compile(v);
	*po = (struct plain_opts){
		.width = reply || o->unwrapped ? 0 : view_wrap(o),
		.flow_width = flow_width(o),
		.smart = o->smart_wrap,
		.markers = o->markers && !reply,
		.space_quotes = o->reflow_space_quotes,
		.ansi = o->allow_ansi,
		.colors = o->colors,
		.light = o->light_background,
		.emoji = o->emoji,
		.links = !reply,
		.quote = v->quote,
		.smileys = v->smileys,
		.part = part,
		.kind = DOC_BODY,
	};
}

static void render_html(struct view *v, struct sv text, unsigned part)
{
	const struct render_opts *o = v->opts;
	bool reply = o->mode == RENDER_REPLY;
	struct html_opts ho = {
		.width = reply ? MIN(flow_width(o), o->reflow_wrap ? flow_width(o) : REPLY_WIDTH)
			       : view_wrap(o),
		.part = part,
		.colors = o->colors && !reply,
		.light = o->light_background,
		.refs = !reply && o->link_list,
		.link_list = !reply && o->link_list,
		.image_alt = o->image_alt,
		.image_links = o->image_links,
		.emoji = o->emoji,
		.hidden = o->hidden,
	};

	html_render(v->doc, text, &ho);
	doc_build_head(v->doc)->flags |= DOC_HAS_HTML;
}

/* Text around uuencoded and yEnc files; the files themselves are parts below this one. */
static void render_plain(struct view *v, const struct part *p, struct sv text, unsigned part)
{
	const char *format = params_get(&p->ctype, "format"),
		   *delsp = params_get(&p->ctype, "delsp");
	struct plain_opts po;
	struct text_file file;
	size_t at = 0, from = 0;

	plain_options(v, part, &po);
	po.flowed = v->opts->reflow_text && format && sv_is_case(sv_of(format), "flowed");
	po.delsp = delsp && sv_is_case(sv_of(delsp), "yes");
	const char *type = part_type_text(v, p);
	po.patch = strcmp(type, "text/x-patch") == 0 || strcmp(type, "text/x-diff") == 0;
	if (po.flowed)
		doc_build_head(v->doc)->flags |= DOC_FLOWED;
	while (p->child && text_file_find(text, &at, &file)) {
		plain_render(v->doc, sv_make(text.p + from, file.at - from), &po);
		from = at;
	}
	plain_render(v->doc, sv_from(text, from), &po);
}

/* PGP in the text itself (RFC 4880 section 7): said, not followed. */
static void look_for_pgp(struct view *v, struct sv text)
{
	static const char *const heads[] = {
		"-----BEGIN PGP MESSAGE-----", "-----BEGIN PGP SIGNED MESSAGE-----"};
	struct sv look = sv_head(text, PGP_LOOK);

	for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
		ptrdiff_t at = sv_find(look, sv_of(heads[i]));
		if (at == 0 || (at > 0 && look.p[at - 1] == '\n'))
			doc_build_head(v->doc)->crypto = DOC_CRYPTO_PGP_INLINE;
	}
}

static void render_view(struct view *v, const struct render_view *r, unsigned part)
{
	struct plain_opts po;
	struct str text;

	plain_options(v, part, &po);
	po.ansi = true; /* a program of the user's has written it, not the sender */
	str_init(&text, PART_TEXT_MAX);
	utf8_add_fixed(&text, r->text);
	plain_render(v->doc, str_sv(&text), &po);
	str_fini(&text);
}

static bool is_vcard(const char *type)
{
	return strcmp(type, "text/vcard") == 0 || strcmp(type, "text/x-vcard") == 0 ||
	       strcmp(type, "text/directory") == 0;
}

/* What programs wrote for programs. */
static bool render_card(struct view *v, const char *type, struct sv text, unsigned part)
{
	const char **summary = &doc_build_part(v->doc, part)->summary;
	int width = view_wrap(v->opts);

	if (strcmp(type, "text/calendar") == 0)
		return calendar_render(v->doc, text, v->opts->timezone_s, width, part, summary);
	if (is_vcard(type))
		return vcard_render(v->doc, text, width, part, summary);
	return report_render(v->doc, type, text, width, part);
}

static void render_text(struct view *v, const struct part *p, struct sv text, unsigned part)
{
	const char *type = v->opts->mode == RENDER_PART && v->opts->as_text ? "text/plain"
									    : part_type_text(v, p);

	if (strcmp(type, "text/html") == 0) {
		render_html(v, text, part);
	} else if (strcmp(type, "text/enriched") == 0 || strcmp(type, "text/richtext") == 0) {
		struct str html;
		str_init(&html, PART_TEXT_MAX);
		enriched_to_html(&html, text, strcmp(type, "text/richtext") == 0);
		render_html(v, str_sv(&html), part);
		str_fini(&html);
	} else if (!render_card(v, type, text, part)) {
		look_for_pgp(v, text);
		render_plain(v, p, text, part);
	}
}

static void report_charset(struct view *v, const struct part *p, const struct charset_report *r)
{
	if (r->unknown && p->charset[0])
		doc_add_defect(v->doc, "part %s: unknown character set %.40s", p->id, p->charset);
	else if (r->replaced)
		doc_add_defect(v->doc, "part %s: %zu characters are wrong in %s", p->id,
			r->replaced, r->used);
}

void part_render(struct view *v, size_t index)
{
	const struct part *p = v->tree->list[index];
	const struct render_view *r = view_of(v->opts, p);
	uint32_t lines = doc_build_lines(v->doc);
	struct charset_report report = {.replaced = 0};
	struct doc *head = doc_build_head(v->doc);
	struct str text;
	struct err e;

	doc_build_part(v->doc, (unsigned)index)->line = lines;
	doc_build_part(v->doc, (unsigned)index)->flags |= DOC_PART_SHOWN;
	if (!head->body_type[0])
		head->body_type = doc_build_part(v->doc, (unsigned)index)->type;
	v->shown++;
	if (r) {
		render_view(v, r, (unsigned)index);
	} else {
		str_init(&text, PART_TEXT_MAX);
		bool rtf = !v->opts->as_text && part_is_rtf(p) && part_rtf_text(&text, v->tree, p);
		if (!rtf && !part_text(&text, v->tree, p, &v->rules, &report, &e))
			head->flags |= DOC_CUT;
		report_charset(v, p, &report);
		render_text(v, p, str_sv(&text), (unsigned)index);
		str_fini(&text);
	}
	v->started |= doc_build_lines(v->doc) > lines;
}
