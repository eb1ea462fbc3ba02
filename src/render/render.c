/*
 * A message as a document: parsed by mime/, its parts chosen, each made into lines in the order of the
 * message. Also the decoded bytes of one part.
 */
#include "render/render_priv.h"

#include <stdlib.h>

#include "base/fs.h"
#include "mime/envelope.h"
#include "render/html.h"
#include "render/plain.h"
#include "text/utf8.h"

/* charset_hook=ALIAS NAME becomes a rule. */
static void read_rules(struct view *v)
{
	const struct render_list *hooks = &v->opts->charset_hook;
	struct charset_alias *aliases =
		arena_alloc(v->arena, (hooks->count + 1) * sizeof(*aliases));
	size_t n = 0;

	v->rules = (struct charset_rules)CHARSET_RULES_DEFAULT;
	for (size_t i = 0; i < hooks->count; i++) {
		struct sv item = sv_of(hooks->item[i]);
		ptrdiff_t blank = sv_chr(item, ' ');
		if (blank <= 0)
			continue;
		aliases[n].label = arena_strndup(v->arena, item.p, (size_t)blank);
		aliases[n++].name = arena_strdup(v->arena, item.p + blank + 1);
	}
	v->rules.aliases = aliases;
	v->rules.n_aliases = n;
	if (v->opts->assumed_charset && v->opts->assumed_charset[0])
		v->rules.assumed = v->opts->assumed_charset;
	if (v->opts->charset && v->opts->charset[0])
		v->rules.assumed = v->opts->charset;
}

static struct rx *compile(struct view *v, const char *pattern, const char *name)
{
	struct err e;

	if (!pattern || !pattern[0])
		return NULL;
	struct rx *rx = rx_new(pattern, 0, &e);
	if (!rx)
		doc_add_defect(v->doc, "%s: %s", name, e.text);
	return rx;
}

/* Only plain text has quotes to look for, and compiling takes as long as drawing a short message. */
void view_compile(struct view *v)
{
	if (v->compiled || v->opts->mode == RENDER_REPLY)
		return;
	v->compiled = true;
	v->quote = compile(v, v->opts->quote_regexp, "quote_regexp");
	v->smileys = compile(v, v->opts->smileys, "smileys");
}

static const char *lower(struct arena *a, struct sv text)
{
	char *s = arena_strndup(a, text.p, text.len);

	for (char *c = s; *c; c++)
		*c = (char)ascii_lower((unsigned char)*c);
	return s;
}

/* type=ID VALUE: the user knows better than the header. Containers keep what they are: their parts are found. */
static void override_types(struct view *v)
{
	for (size_t i = 0; i < v->opts->type.count; i++) {
		struct sv item = sv_of(v->opts->type.item[i]);
		ptrdiff_t blank = sv_chr(item, ' ');
		struct params ctype;

		if (blank <= 0)
			continue;
		struct part *p = part_by_id(v->tree, arena_strndup(v->arena, item.p, (size_t)blank));
		params_parse(v->arena, sv_from(item, (size_t)blank + 1), &v->rules, 0, &ctype);
		const char *slash = strchr(ctype.value, '/');
		if (!p || p->kind != PART_LEAF || !slash || slash == ctype.value || !slash[1])
			continue;
		const char *charset = params_get(&ctype, "charset");
		p->type = lower(v->arena, sv_make(ctype.value, (size_t)(slash - ctype.value)));
		p->subtype = lower(v->arena, sv_of(slash + 1));
		p->ctype = ctype;
		p->charset = charset ? lower(v->arena, sv_of(charset)) : "";
	}
}

/* charset=NAME: so do texts, and what a header has in bytes without a label. */
static void override_charset(struct view *v)
{
	const char *name = v->opts->charset;

	for (size_t i = 0; name && name[0] && i < v->tree->count; i++)
		if (v->tree->list[i]->kind == PART_LEAF)
			v->tree->list[i]->charset = name;
}

void view_init(struct view *v, struct sv message, const struct render_opts *opts)
{
	struct charset_rules own;

	*v = (struct view){.opts = opts, .arena = arena_new(), .doc = doc_build_new()};
	read_rules(v);
	v->tree = part_parse(v->arena, message, &v->rules);
	v->rules = *envelope_rules(v->arena, &v->tree->root->headers, &v->rules, &own);
	override_types(v);
	override_charset(v);
	v->count = MIN(v->tree->count, (size_t)DOC_PARTS_MAX);
	v->choice = arena_alloc(v->arena, v->count + 1);
	choose_parts(v);
	parts_describe(v);
}

void view_fini(struct view *v)
{
	rx_free(v->quote);
	rx_free(v->smileys);
	arena_free(v->arena);
}

/* ---- what is wrong, what is secret ---- */

static void add_defects(struct view *v)
{
	for (size_t i = 0; i < v->count; i++) {
		const struct part *p = v->tree->list[i];
		for (unsigned bit = 0; bit < PART_DEFECTS; bit++)
			if (p->defects & 1u << bit)
				doc_add_defect(v->doc, "part %s: %s", p->id, part_defect_name(bit));
	}
	if (v->tree->count > v->count)
		doc_add_defect(v->doc, "too many parts");
}

static enum doc_crypto protocol_of(const struct part *p)
{
	const char *protocol = params_get(&p->ctype, "protocol");

	return protocol && sv_find_case(sv_of(protocol), SV("pkcs7")) >= 0 ? DOC_CRYPTO_SMIME
									   : DOC_CRYPTO_PGP;
}

static bool is_pkcs7(const struct part *p)
{
	return part_is(p, "application", "pkcs7-mime") || part_is(p, "application", "x-pkcs7-mime");
}

static void find_crypto(struct view *v)
{
	struct doc *d = doc_build_head(v->doc);

	for (size_t i = 0; i < v->count && !d->crypto; i++) {
		const struct part *p = v->tree->list[i];
		if (part_is(p, "multipart", "signed") || part_is(p, "multipart", "encrypted"))
			d->crypto = (uint8_t)protocol_of(p);
		else if (is_pkcs7(p))
			d->crypto = DOC_CRYPTO_SMIME;
		else if (part_is(p, "application", "pgp"))
			d->crypto = DOC_CRYPTO_PGP;
	}
}

static void crypto_note(struct view *v, size_t index)
{
	const struct part *p = v->tree->list[index];
	const char *kind = protocol_of(p) == DOC_CRYPTO_SMIME ? "S/MIME" : "PGP";

	if (part_is(p, "multipart", "signed"))
		note(v, (unsigned)index, "Signed with %s; the signature has not been checked",
			kind);
	else if (part_is(p, "multipart", "encrypted"))
		note(v, (unsigned)index, "Encrypted with %s; it has not been decrypted", kind);
	else if (is_pkcs7(p))
		note(v, (unsigned)index, "Signed or encrypted with S/MIME; it has not been opened");
}

/* ---- the walk ---- */

/* One is enough. */
static void empty_line(struct view *v, size_t index)
{
	const struct doc *d = doc_build_head(v->doc);

	if (v->started && d->lines[d->line_count - 1].len > 0)
		doc_end_line(v->doc, DOC_BODY, 0, 0, (unsigned)index);
}

/* Does a line say that this part begins? The text of the message itself needs none. */
static bool wants_mark(const struct view *v, size_t index)
{
	const struct part *p = v->tree->list[index];

	if (v->opts->mode == RENDER_REPLY)
		return false;
	if (v->choice[index] == CHOICE_MARK)
		return true;
	if (p->kind == PART_MESSAGE || part_is(p, "message", "partial"))
		return true;
	return p->filename || strcmp(p->disposition, "attachment") == 0;
}

static void show_message_header(struct view *v, size_t index)
{
	const struct part *inner = v->tree->list[index]->child;

	if (!inner || v->opts->mode == RENDER_REPLY)
		return;
	uint32_t lines = doc_build_lines(v->doc);
	doc_build_part(v->doc, (unsigned)index)->line = lines;
	headers_render(v, &inner->headers, (unsigned)index);
	if (doc_build_lines(v->doc) > lines)
		doc_end_line(v->doc, DOC_BODY, 0, 0, (unsigned)index);
	v->started = false; /* an empty line is there */
}

static void show_part(struct view *v, size_t index)
{
	const struct part *p = v->tree->list[index];
	bool mark = wants_mark(v, index);

	if (mark || v->shown)
		empty_line(v, index);
	doc_build_part(v->doc, (unsigned)index)->line = doc_build_lines(v->doc);
	if (p->kind == PART_MULTIPART) { /* encrypted: the note says all */
		crypto_note(v, index);
		return;
	}
	if (mark) {
		part_mark(v, index);
		if (v->choice[index] == CHOICE_SHOW)
			doc_end_line(v->doc, DOC_BODY, 0, 0, (unsigned)index);
	}
	if (v->choice[index] == CHOICE_MARK) {
		crypto_note(v, index);
		return;
	}
	if (p->kind == PART_MESSAGE)
		show_message_header(v, index);
	else
		part_render(v, index);
}

/* "This part also comes as text/html" ($show_multipart_alternative=info). */
static void alternative_note(struct view *v, size_t index)
{
	const struct part *p = v->tree->list[index];
	struct str types;

	str_init(&types, 400);
	for (const struct part *c = p->child; c; c = c->next)
		str_addf(&types, "%s%s/%s", types.len ? ", " : "", c->type, c->subtype);
	note(v, (unsigned)index, "Alternatives: %s", types.len ? types.s : "none");
	str_fini(&types);
}

static bool is_below(const struct part *p, const struct part *root)
{
	for (; p; p = p->parent)
		if (p == root)
			return true;
	return false;
}

/* The parts at and below one. */
static void show_parts(struct view *v, const struct part *root)
{
	bool reply = v->opts->mode == RENDER_REPLY;

	for (size_t i = 0; i < v->count; i++) {
		const struct part *p = v->tree->list[i];
		if (root != v->tree->root && !is_below(p, root))
			continue;
		if (reply && v->opts->include_onlyfirst && v->shown)
			break;
		if (v->choice[i] == CHOICE_HIDE || (reply && v->choice[i] == CHOICE_MARK))
			continue;
		if (v->choice[i] != CHOICE_PASS)
			show_part(v, i);
		else if (!reply && part_is(p, "multipart", "signed"))
			crypto_note(v, i);
		else if (!reply && v->opts->alternative_info &&
			 part_is(p, "multipart", "alternative"))
			alternative_note(v, i);
	}
}

static bool is_unparsed(const struct view *v)
{
	return v->tree->root->headers.count == 0 && v->tree->message.len > 0;
}

/* The bytes of the message as they are, in the character set that they seem to have. */
static void show_source(struct view *v, struct sv bytes, enum doc_kind kind)
{
	struct plain_opts po = {.width = view_wrap(v->opts),
		.smart = false,
		.markers = v->opts->markers,
		.kind = kind,
		.emoji = v->opts->emoji};
	struct str text, lines;

	str_init(&text, PART_TEXT_MAX);
	str_init(&lines, PART_TEXT_MAX);
	if (!charset_to_utf8(&text, bytes, SV(""), &v->rules, NULL))
		doc_build_head(v->doc)->flags |= DOC_CUT;
	for (struct sv rest = str_sv(&text), line; sv_line(&rest, &line);)
		if (!str_add(&lines, line) || !str_addc(&lines, '\n'))
			break;
	plain_render(v->doc, str_sv(&lines), &po);
	str_fini(&text);
	str_fini(&lines);
}

/* Bytes of the header lines at the start of what a display filter wrote, with the empty line below them. */
static size_t header_length(struct sv text)
{
	struct sv rest = text, line;

	while (sv_line(&rest, &line)) {
		ptrdiff_t colon = sv_chr(line, ':'), blank = sv_chr(line, ' ');
		bool folded = line.len && (line.p[0] == ' ' || line.p[0] == '\t');
		if (!sv_trim(line).len)
			return text.len - rest.len;
		if (!folded && (colon < 1 || (blank >= 0 && blank < colon)))
			break;
	}
	return 0;
}

/* Everything as $display_filter has made it: its colours count, as the user's own. */
static void show_filtered(struct view *v, struct sv output)
{
	struct plain_opts po;
	struct str text;

	str_init(&text, PART_TEXT_MAX);
	utf8_add_fixed(&text, output);
	doc_build_guard(v->doc, false); /* the filter has got guarded lines, and may leave ours as they are */
	plain_options(v, 0, &po);
	po.ansi = true;
	size_t head = header_length(str_sv(&text));
	po.kind = DOC_HEADER;
	plain_render(v->doc, sv_head(str_sv(&text), head), &po);
	doc_build_head(v->doc)->body_line = doc_build_lines(v->doc);
	po.kind = DOC_BODY;
	plain_render(v->doc, sv_from(str_sv(&text), head), &po);
	str_fini(&text);
}

static void show_doc(struct view *v, const struct part *root)
{
	const struct render_view *filtered = view_of_all(v->opts);

	if (filtered) {
		show_filtered(v, filtered->text);
		return;
	}
	if (is_unparsed(v)) {
		doc_build_head(v->doc)->flags |= DOC_BROKEN;
		doc_add_defect(v->doc, "no message header was found");
		note(v, 0, "This has no message header; shown as it came");
		doc_end_line(v->doc, DOC_BODY, 0, 0, 0);
		show_source(v, v->tree->message, DOC_BODY);
		return;
	}
	if (root == v->tree->root) {
		headers_render(v, &root->headers, 0);
		doc_end_line(v->doc, DOC_BODY, 0, 0, 0);
	}
	doc_build_head(v->doc)->body_line = doc_build_lines(v->doc);
	show_parts(v, root);
}

static size_t index_of(const struct view *v, const struct part *p)
{
	size_t i = 0;

	while (i < v->count && v->tree->list[i] != p)
		i++;
	return i;
}

static bool is_text(const struct view *v, const struct part *p)
{
	const char *type, *subtype;

	part_real_type(v, p, &type, &subtype);
	return strcmp(type, "text") == 0 || strcmp(type, "message") == 0;
}

/* One part as the attachment menu shows it. */
static void show_one(struct view *v, const struct part *p)
{
	size_t i = index_of(v, p);

	if (i == v->count)
		return;
	if (p->kind == PART_MULTIPART) {
		show_parts(v, p);
	} else if (p->kind == PART_MESSAGE) {
		show_message_header(v, i);
		if (p->child)
			show_parts(v, p->child);
	} else if (server_part(p, "section")) {
		note(v, (unsigned)i, "This part is on the server");
	} else if (v->choice[i] == CHOICE_SHOW || is_text(v, p) || v->opts->as_text ||
		   view_of(v->opts, p)) {
		part_render(v, i);
	} else {
		part_mark(v, i);
	}
}

static void show(struct view *v, const struct part *root)
{
	switch (v->opts->mode) {
	case RENDER_DOC:
		show_doc(v, root);
		break;
	case RENDER_REPLY:
		if (is_unparsed(v))
			show_source(v, v->tree->message, DOC_BODY);
		else
			show_parts(v, root);
		break;
	case RENDER_SOURCE:
		show_source(v, v->tree->message, DOC_SOURCE);
		break;
	case RENDER_PART:
		show_one(v, root);
		break;
	case RENDER_HEADERS:
		break;
	}
}

/* A text that would be shown if it were here. */
static void find_missing(struct view *v)
{
	for (size_t i = 0; i < v->count; i++) {
		const char *type, *subtype;
		if (v->choice[i] == CHOICE_HIDE || !server_part(v->tree->list[i], "section"))
			continue;
		part_real_type(v, v->tree->list[i], &type, &subtype);
		if (strcmp(type, "text") == 0)
			doc_build_head(v->doc)->flags |= DOC_PARTIAL;
	}
}

struct doc *render_message(struct sv message, const struct render_opts *opts)
{
	struct view v;

	view_init(&v, message, opts);
	doc_build_guard(v.doc, opts->mode != RENDER_REPLY);
	headers_collect(&v, &v.tree->root->headers);
	add_defects(&v);
	find_crypto(&v);
	const struct part *root =
		opts->part && opts->part[0] ? part_by_id(v.tree, opts->part) : v.tree->root;
	if (root)
		show(&v, root);
	else
		note(&v, 0, "There is no part %.40s", opts->part);
	find_missing(&v);
	struct doc *doc = doc_build_finish(v.doc);
	view_fini(&v);
	return doc;
}

struct doc *render_html_piece(struct sv html, const struct render_opts *o)
{
	struct doc_build *b = doc_build_new();
	struct html_opts ho = {.width = view_wrap(o),
		.colors = o->colors,
		.light = o->light_background,
		.refs = o->link_list,
		.link_list = o->link_list,
		.image_alt = o->image_alt,
		.image_links = o->image_links,
		.emoji = o->emoji,
		.hidden = o->hidden};

	html_render(b, html, &ho);
	return doc_build_finish(b);
}

struct doc *render_flowed_piece(struct sv text, bool delsp, const struct render_opts *o)
{
	struct doc_build *b = doc_build_new();
	struct plain_opts po = {.width = view_wrap(o),
		.smart = true,
		.flowed = true,
		.delsp = delsp,
		.space_quotes = o->reflow_space_quotes,
		.kind = DOC_BODY};

	plain_render(b, text, &po);
	return doc_build_finish(b);
}
