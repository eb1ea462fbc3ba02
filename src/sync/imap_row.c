/*
 * The header fields come as they stand in the message, not as the server's ENVELOPE: servers differ
 * in what they make of addresses, doubled fields and raw 8-bit text, and the index must say what
 * the pager will say (quirk: ENVELOPE_DIFFERS).
 */
#include "sync/imap_row.h"

#include "sync/row.h"

#define WORDS_MAX 8192

/* ---- flags ---- */

static const struct {
	unsigned imap, msg;
} flag_map[] = {
	{IMAP_SEEN, MSG_SEEN},
	{IMAP_ANSWERED, MSG_ANSWERED},
	{IMAP_FLAGGED, MSG_FLAGGED},
	{IMAP_DELETED, MSG_DELETED},
	{IMAP_DRAFT, MSG_DRAFT},
};

static struct sv keep(struct arena *a, const struct str *s)
{
	return sv_make(arena_strndup(a, s->s ? s->s : "", s->len), s->len);
}

unsigned imap_row_flags(struct arena *a, const struct imap_msg *m, struct sv *words)
{
	unsigned flags = 0;
	struct str s;

	str_init(&s, WORDS_MAX);
	for (size_t i = 0; i < ARRAY_LEN(flag_map); i++)
		if (m->flags & flag_map[i].imap)
			flags |= flag_map[i].msg;
	for (size_t i = 0; i < m->keywords.n; i++) {
		unsigned bit = message_flag_by_name(m->keywords.w[i]);
		size_t before = s.len;

		flags |= bit;
		if (!bit && !((s.len == 0 || str_addc(&s, ' ')) && str_add(&s, m->keywords.w[i])))
			str_cut(&s, before);
	}
	*words = keep(a, &s);
	str_fini(&s);
	return flags;
}

unsigned imap_flags_to_server(
	struct arena *a, unsigned flags, struct sv words, struct imap_words *keywords)
{
	static const unsigned as_words[] = {MSG_FORWARDED, MSG_MDNSENT, MSG_JUNK, MSG_NOTJUNK};
	size_t most = ARRAY_LEN(as_words);
	unsigned bits = 0;
	struct sv word;

	for (size_t i = 0; i < words.len; i++)
		most += words.p[i] == ' ';
	keywords->w = arena_alloc(a, (most + 1) * sizeof(struct sv));
	keywords->n = 0;
	for (size_t i = 0; i < ARRAY_LEN(flag_map); i++)
		if (flags & flag_map[i].msg)
			bits |= flag_map[i].imap;
	for (size_t i = 0; i < ARRAY_LEN(as_words); i++)
		if (flags & as_words[i])
			keywords->w[keywords->n++] = sv_of(message_flag_name(as_words[i]));
	while (sv_split(&words, ' ', &word))
		if (word.len)
			keywords->w[keywords->n++] = word;
	return bits;
}

/* ---- structure ---- */

static bool type_is(const struct imap_part *p, const char *type, const char *subtype)
{
	return sv_is_case(p->type, type) && (!subtype || sv_is_case(p->subtype, subtype));
}

static bool has_name(const struct imap_part *p)
{
	return imap_param(p->disp_params, p->ndisp_params, "filename").len ||
	       imap_param(p->disp_params, p->ndisp_params, "filename*").len ||
	       imap_param(p->disp_params, p->ndisp_params, "filename*0").len ||
	       imap_param(p->disp_params, p->ndisp_params, "filename*0*").len ||
	       imap_param(p->params, p->nparams, "name").len ||
	       imap_param(p->params, p->nparams, "name*").len;
}

static bool is_signature(const struct imap_part *p)
{
	return type_is(p, "application", "pgp-signature") ||
	       type_is(p, "application", "pkcs7-signature") ||
	       type_is(p, "application", "x-pkcs7-signature") ||
	       type_is(p, "application", "pgp-encrypted");
}

bool imap_part_is_attachment(const struct imap_body *b, size_t index)
{
	const struct imap_part *p = &b->p[index],
			       *parent = p->parent >= 0 ? &b->p[p->parent] : NULL;
	bool text = type_is(p, "text", "plain") || type_is(p, "text", "html") ||
		    type_is(p, "text", "enriched");
	bool related = parent && type_is(parent, "multipart", "related");

	if (type_is(p, "multipart", NULL))
		return false;
	if (sv_is_case(p->disposition, "attachment"))
		return true;
	if (is_signature(p) || type_is(p, "message", "delivery-status"))
		return false;
	if (p->envelope)
		return true;
	if (sv_is_case(p->disposition, "inline") && (text || related))
		return false;
	if (has_name(p))
		return !text || parent;
	return !type_is(p, "text", NULL) && !related;
}

static unsigned count_attachments(const struct imap_body *b)
{
	unsigned n = 0;

	for (size_t i = 0; i < b->n; i++)
		n += imap_part_is_attachment(b, i);
	return n;
}

static struct sv ctype_of(struct arena *a, const struct imap_body *b)
{
	char *s;

	if (b->n == 0)
		return SV("text/plain");
	s = arena_printf(a, SV_FMT "/" SV_FMT, SV_ARG(sv_head(b->p[0].type, 60)),
		SV_ARG(sv_head(b->p[0].subtype, 60)));
	for (char *p = s; *p; p++)
		*p = (char)ascii_lower((unsigned char)*p);
	return sv_of(s);
}

/* ---- the row ---- */

static void take_header(struct arena *a, struct sv block, struct message_row *row)
{
	struct headers h;
	struct envelope env;
	uint64_t lines;

	headers_parse(a, block, &h);
	envelope_parse(a, &h, NULL, &env);
	row_of_envelope(a, &env, row);
	if (sv_u64(headers_raw(&h, "Lines"), &lines))
		row->lines = lines;
}

void imap_row_of(
	struct arena *a, uint64_t mailbox, const struct imap_msg *m, struct message_row *row)
{
	struct sv header = SV("");

	*row = (struct message_row){
		.id = message_id_of(mailbox, m->uid), .key = SV(""), .path = SV("")};
	row->flags = imap_row_flags(a, m, &row->keywords);
	/* Unseen, but another session had it before us: mutt's "old". */
	if (!(m->flags & (IMAP_SEEN | IMAP_RECENT)))
		row->flags |= MSG_OLD;
	row->date_received = m->internaldate;
	row->size = m->size;
	row->modseq = m->modseq;
	for (size_t i = 0; i < m->nsections; i++)
		if (sv_starts_case(m->sections[i].name, SV("HEADER")))
			header = m->sections[i].data;
	take_header(a, header, row);
	row->ctype = ctype_of(a, &m->body);
	row->attachments = count_attachments(&m->body);
	if (m->body.n == 1 && type_is(&m->body.p[0], "text", NULL))
		row->lines = m->body.p[0].lines;
}
