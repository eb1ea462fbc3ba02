/*
 * The header fields come as they stand in the message, not as the server's ENVELOPE: servers differ
 * in what they make of addresses, doubled fields and raw 8-bit text, and the index must say what
 * the pager will say (quirk: ENVELOPE_DIFFERS).
 */
#include "sync/imap_row.h"

#include "mime/shape.h"
#include "net/imap_write.h"
#include "sync/row.h"
#include "sync/spam.h"
#include "text/mutf7.h"

#define WORDS_MAX 8192
#define LABEL_BLANK "\xc2\xa0"

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

static bool has_eight_bit(struct sv v)
{
	for (size_t i = 0; i < v.len; i++)
		if ((unsigned char)v.p[i] >= 128)
			return true;
	return false;
}

/*
 * A keyword is an atom, a tag any word: what is not ASCII goes as modified UTF-7, as Thunderbird
 * has it. Only what comes out with such characters is taken for that, so "R&D" stays what it is.
 */
static struct sv tag_of_keyword(struct arena *a, struct sv raw)
{
	struct sv tag = raw;
	struct str s;

	if (sv_chr(raw, '&') < 0)
		return raw;
	str_init(&s, MUTF7_MAX * 4);
	if (mutf7_decode(&s, raw, NULL) && has_eight_bit(str_sv(&s)) && sv_chr(str_sv(&s), ' ') < 0)
		tag = keep(a, &s);
	str_fini(&s);
	return tag;
}

/* False: it cannot be a keyword. */
static bool keyword_of_tag(struct arena *a, struct sv tag, struct sv *raw)
{
	struct str s;
	bool ok = true;

	*raw = tag;
	if (has_eight_bit(tag)) {
		str_init(&s, MUTF7_MAX * 4);
		ok = mutf7_encode(&s, tag, NULL);
		*raw = keep(a, &s);
		str_fini(&s);
	}
	return ok && imap_is_keyword(*raw);
}

/* Gmail's labels may hold blanks, which part tags here: U+00A0 looks the same and does not. */
static struct sv tag_of_label(struct arena *a, struct sv raw)
{
	struct str name, tag;
	struct sv out;

	str_init(&name, MUTF7_MAX * 4);
	str_init(&tag, MUTF7_MAX * 8);
	if (!mutf7_decode(&name, raw, NULL)) {
		str_clear(&name);
		if (!str_add(&name, raw))
			str_clear(&name);
	}
	for (size_t i = 0; i < name.len; i++)
		if (!(name.s[i] == ' ' ? str_adds(&tag, LABEL_BLANK) : str_addc(&tag, name.s[i])))
			break;
	out = keep(a, &tag);
	str_fini(&name);
	str_fini(&tag);
	return out;
}

static struct sv label_of_tag(struct arena *a, struct sv tag)
{
	struct str s;
	struct sv out;

	str_init(&s, MUTF7_MAX * 4);
	while (tag.len) {
		ptrdiff_t at = sv_find(tag, SV(LABEL_BLANK));
		size_t n = at < 0 ? tag.len : (size_t)at;

		if (!str_add(&s, sv_head(tag, n)) || (at >= 0 && !str_addc(&s, ' ')))
			break;
		tag = sv_from(tag, n + (at < 0 ? 0 : strlen(LABEL_BLANK)));
	}
	out = keep(a, &s);
	str_fini(&s);
	return out;
}

/* On a server with labels, what is no label has a name that begins with this. */
bool imap_row_is_keyword(struct sv word)
{
	return word.len > 0 && word.p[0] == '$';
}

static void add_word(struct str *s, struct sv word)
{
	size_t before = s->len;

	if (word.len && !((s->len == 0 || str_addc(s, ' ')) && str_add(s, word)))
		str_cut(s, before);
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

		flags |= bit;
		if (!bit && (!m->gmail || imap_row_is_keyword(m->keywords.w[i])))
			add_word(&s, tag_of_keyword(a, m->keywords.w[i]));
	}
	for (size_t i = 0; i < m->labels.n; i++)
		if (!sv_is_case(m->labels.w[i], "\\Starred")) /* is \Flagged */
			add_word(&s, tag_of_label(a, m->labels.w[i]));
	*words = keep(a, &s);
	str_fini(&s);
	return flags;
}

void imap_flags_to_server(
	struct arena *a, unsigned flags, struct sv words, bool gmail, struct imap_wire_flags *out)
{
	static const unsigned as_words[] = {MSG_FORWARDED, MSG_MDNSENT, MSG_JUNK, MSG_NOTJUNK};
	size_t most = ARRAY_LEN(as_words) + 1;
	struct sv word;

	for (size_t i = 0; i < words.len; i++)
		most += words.p[i] == ' ';
	*out = (struct imap_wire_flags){0};
	out->keywords.w = arena_alloc(a, most * sizeof(struct sv));
	out->labels.w = arena_alloc(a, most * sizeof(struct sv));
	for (size_t i = 0; i < ARRAY_LEN(flag_map); i++)
		if (flags & flag_map[i].msg)
			out->bits |= flag_map[i].imap;
	for (size_t i = 0; i < ARRAY_LEN(as_words); i++)
		if (flags & as_words[i])
			out->keywords.w[out->keywords.n++] = sv_of(message_flag_name(as_words[i]));
	out->optional = out->keywords.n;
	while (sv_split(&words, ' ', &word)) {
		if (word.len == 0)
			continue;
		if (gmail && !imap_row_is_keyword(word))
			out->labels.w[out->labels.n++] = label_of_tag(a, word);
		else if (keyword_of_tag(a, word, &out->keywords.w[out->keywords.n]))
			out->keywords.n++;
		else
			out->refused = word;
	}
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

static struct sv shape_of(struct arena *a, const struct imap_body *b)
{
	struct shape s = {.depth = -1};
	struct str text;

	if (b->n == 0 || (b->n == 1 && (!b->p[0].disposition.len || sv_is_case(b->p[0].disposition, "inline"))))
		return SV("");
	str_init(&text, SHAPE_MAX * 2);
	s.out = &text;
	for (size_t i = 0; i < b->n; i++) {
		const struct imap_part *p = &b->p[i];
		int depth = 0;
		for (int up = p->parent; up >= 0; up = b->p[up].parent)
			depth++;
		shape_add(&s, depth, p->type, p->subtype, p->disposition.len && !sv_is_case(p->disposition, "inline"));
	}
	struct sv made = sv_make(arena_strndup(a, text.s, text.len), text.len);
	str_fini(&text);
	return made;
}

static struct sv ctype_of(struct arena *a, const struct imap_body *b)
{
	struct sv type, subtype;
	char *s, *p;

	if (b->n == 0)
		return SV("text/plain");
	type = sv_head(b->p[0].type, 60);
	subtype = sv_head(b->p[0].subtype, 60);
	p = s = arena_alloc(a, type.len + subtype.len + 2);
	for (size_t i = 0; i < type.len; i++)
		*p++ = (char)ascii_lower((unsigned char)type.p[i]);
	*p++ = '/';
	for (size_t i = 0; i < subtype.len; i++)
		*p++ = (char)ascii_lower((unsigned char)subtype.p[i]);
	return sv_make(s, (size_t)(p - s));
}

/* ---- what to ask for ---- */

#define ROW_ITEMS \
	"UID FLAGS INTERNALDATE RFC822.SIZE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (DATE FROM SENDER " \
	"REPLY-TO TO CC BCC SUBJECT MESSAGE-ID IN-REPLY-TO REFERENCES LIST-POST LIST-ID X-LABEL " \
	"LINES"

static bool list_has(struct sv list, const char *word)
{
	struct sv piece;

	while (sv_split(&list, ':', &piece))
		if (sv_is_case(sv_trim(piece), word))
			return true;
	return false;
}

void imap_row_items(const struct imap *im, struct sv extra, const struct spam_rules *spam, struct str *out)
{
	str_adds(out, ROW_ITEMS);
	spam_fields(spam, out);
	str_adds(out, ")]");
	if (imap_condstore(im))
		str_adds(out, " MODSEQ");
	if (imap_has(im, CAP_GMAIL))
		str_adds(out, " X-GM-MSGID X-GM-THRID X-GM-LABELS");
	else if (imap_has(im, CAP_OBJECTID))
		str_adds(out, " EMAILID THREADID");
	if (imap_has(im, CAP_SAVEDATE) && list_has(extra, "savedate"))
		str_adds(out, " SAVEDATE");
	if (imap_has(im, CAP_PREVIEW) && list_has(extra, "preview"))
		str_adds(out, " PREVIEW");
}

void imap_flag_items(const struct imap *im, struct str *out)
{
	str_adds(out, "UID FLAGS");
	if (imap_condstore(im))
		str_adds(out, " MODSEQ");
	if (imap_has(im, CAP_GMAIL))
		str_adds(out, " X-GM-LABELS");
}

/* ---- the row ---- */

static void take_header(struct arena *a, struct sv block, const struct row_rules *given, struct message_row *row)
{
	const struct charset_rules rules = {.assumed = given ? given->assumed : NULL};
	struct headers h;
	struct envelope env;
	uint64_t lines;

	headers_parse(a, block, &h);
	envelope_parse_index(a, &h, &rules, &env);
	row_of_envelope(a, &env, row);
	row->spam = spam_tag(given ? given->spam : NULL, a, &h);
	if (sv_u64(headers_raw(&h, "Lines"), &lines))
		row->lines = lines;
}

/* Near enough until the server says: without headers, and as the parts are encoded. */
static uint64_t size_of_parts(const struct imap_body *b)
{
	uint64_t n = 0;

	for (size_t i = 0; i < b->n; i++) {
		int parent = b->p[i].parent;

		if (parent < 0 || !b->p[parent].envelope) /* what is in a message/rfc822 counts there */
			n += MIN(b->p[i].size, UINT32_MAX);
	}
	return n;
}

void imap_row_of(struct arena *a, uint64_t mailbox, const struct imap_msg *m, const struct row_rules *rules,
	struct message_row *row)
{
	struct sv header = SV("");

	*row = (struct message_row){
		.id = message_id_of(mailbox, m->uid), .key = SV(""), .path = SV("")};
	row->flags = imap_row_flags(a, m, &row->keywords);
	/* Unseen, but another session had it before us: mutt's "old". */
	if (!(m->flags & (IMAP_SEEN | IMAP_RECENT)))
		row->flags |= MSG_OLD;
	row->date_received = m->internaldate;
	row->size = m->has & FETCH_SIZE ? m->size : size_of_parts(&m->body);
	row->modseq = m->modseq;
	row->object = m->object;
	row->thread = m->thread;
	row->saved = m->saved;
	for (size_t i = 0; i < m->nsections; i++)
		if (sv_starts_case(m->sections[i].name, SV("HEADER")))
			header = m->sections[i].data;
	take_header(a, header, rules, row);
	row->ctype = ctype_of(a, &m->body);
	row->attachments = count_attachments(&m->body);
	row->shape = shape_of(a, &m->body);
	if (m->body.n == 1 && type_is(&m->body.p[0], "text", NULL))
		row->lines = m->body.p[0].lines;
}
