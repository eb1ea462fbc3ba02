#include "sync/imap_row.h"

#include "mime/addr.h"
#include "mime/date.h"
#include "mime/header.h"
#include "mime/msgid.h"

#define ADDRS_TEXT_MAX 65536
#define WORDS_MAX 8192

static const struct charset_rules rules = CHARSET_RULES_DEFAULT;

/* ---- flags ---- */

static const struct {
	unsigned imap, msg;
} flag_map[] = {
	{IMAP_SEEN, MSG_SEEN}, {IMAP_ANSWERED, MSG_ANSWERED}, {IMAP_FLAGGED, MSG_FLAGGED},
	{IMAP_DELETED, MSG_DELETED}, {IMAP_DRAFT, MSG_DRAFT},
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

unsigned imap_flags_to_server(struct arena *a, unsigned flags, struct sv words, struct imap_words *keywords)
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

/* ---- addresses ---- */

/* "user@host" of an entry; the local part is quoted where it must be. */
static struct sv addr_spec(struct arena *a, const struct imap_addr *in)
{
	bool quote = in->mailbox.len == 0;
	struct str s;
	struct sv v;

	str_init(&s, 4096);
	for (size_t i = 0; i < in->mailbox.len; i++) {
		unsigned char c = (unsigned char)in->mailbox.p[i];

		quote |= c <= ' ' || c == 127 || strchr("()<>[]:;@\\,\"", c) != NULL;
	}
	/* A server that keeps the quotes of the local part in place sends them along. */
	if (in->mailbox.len > 1 && in->mailbox.p[0] == '"')
		quote = false;
	if (quote)
		str_addc(&s, '"');
	for (size_t i = 0; i < in->mailbox.len; i++) {
		if (quote && (in->mailbox.p[i] == '"' || in->mailbox.p[i] == '\\'))
			str_addc(&s, '\\');
		str_addc(&s, in->mailbox.p[i]);
	}
	if (quote)
		str_addc(&s, '"');
	if (in->host.len && !sv_is_case(in->host, ".MISSING-HOST-NAME.") && !sv_is_case(in->host, "MISSING_DOMAIN")) {
		str_addc(&s, '@');
		str_add(&s, in->host);
	}
	v = keep(a, &s);
	str_fini(&s);
	return v;
}

static struct sv addrs_text(struct arena *a, const struct imap_addrs *in)
{
	struct addr_list list = {0};
	struct str s;
	struct sv v;

	if (in->n == 0)
		return SV("");
	for (size_t i = 0; i < in->n; i++) {
		const struct imap_addr *x = &in->a[i];
		struct addr one = {.kind = ADDR_MAILBOX, .name = "", .addr = ""};

		if (!x->host.p && x->mailbox.p) {
			one.kind = ADDR_GROUP;
			one.name = header_text_in(a, x->mailbox, &rules);
		} else if (!x->host.p) {
			one.kind = ADDR_GROUP_END;
		} else {
			one.name = header_text_in(a, x->name, &rules);
			one.addr = addr_spec(a, x).p;
		}
		addr_list_add(a, &list, &one);
	}
	str_init(&s, ADDRS_TEXT_MAX);
	(void)addr_list_format(&s, &list, ADDR_DISPLAY, NULL, 0);
	v = keep(a, &s);
	str_fini(&s);
	return v;
}

static struct sv ids_text(struct arena *a, struct sv raw)
{
	struct msgid_list ids;
	struct str s;
	struct sv v;

	if (raw.len == 0)
		return SV("");
	msgid_list_parse(a, raw, &ids);
	str_init(&s, MESSAGE_TEXT_MAX);
	for (size_t i = 0; i < ids.count; i++)
		if ((i > 0 && !str_addc(&s, ' ')) || !str_adds(&s, ids.ids[i]))
			break;
	v = keep(a, &s);
	str_fini(&s);
	return v;
}

/* ---- structure ---- */

static bool type_is(const struct imap_part *p, const char *type, const char *subtype)
{
	return sv_is_case(p->type, type) && (!subtype || sv_is_case(p->subtype, subtype));
}

static bool has_name(const struct imap_part *p)
{
	return imap_param(p->disp_params, p->ndisp_params, "filename").len
	       || imap_param(p->disp_params, p->ndisp_params, "filename*").len
	       || imap_param(p->disp_params, p->ndisp_params, "filename*0").len
	       || imap_param(p->disp_params, p->ndisp_params, "filename*0*").len
	       || imap_param(p->params, p->nparams, "name").len || imap_param(p->params, p->nparams, "name*").len;
}

static bool is_signature(const struct imap_part *p)
{
	return type_is(p, "application", "pgp-signature") || type_is(p, "application", "pkcs7-signature")
	       || type_is(p, "application", "x-pkcs7-signature");
}

bool imap_part_is_attachment(const struct imap_body *b, size_t index)
{
	const struct imap_part *p = &b->p[index], *parent = p->parent >= 0 ? &b->p[p->parent] : NULL;
	bool text = type_is(p, "text", "plain") || type_is(p, "text", "html") || type_is(p, "text", "enriched");
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

/* Parts of a message inside are its own affair. */
static bool is_inside_message(const struct imap_body *b, size_t index)
{
	for (int up = b->p[index].parent; up >= 0; up = b->p[up].parent)
		if (b->p[up].envelope)
			return true;
	return false;
}

static unsigned count_attachments(const struct imap_body *b)
{
	unsigned n = 0;

	for (size_t i = 0; i < b->n; i++)
		n += imap_part_is_attachment(b, i) && !is_inside_message(b, i);
	return n;
}

static struct sv ctype_of(struct arena *a, const struct imap_body *b)
{
	char *s;

	if (b->n == 0)
		return SV("text/plain");
	s = arena_printf(a, SV_FMT "/" SV_FMT, SV_ARG(sv_head(b->p[0].type, 60)), SV_ARG(sv_head(b->p[0].subtype, 60)));
	for (char *p = s; *p; p++)
		*p = (char)ascii_lower((unsigned char)*p);
	return sv_of(s);
}

/* ---- the row ---- */

/* "<mailto:list@example.org>" gives the address, else the id of the list. */
static struct sv list_name(struct arena *a, const struct headers *h)
{
	struct sv post = headers_raw(h, "List-Post"), id = headers_raw(h, "List-Id");
	ptrdiff_t at = sv_find_case(post, SV("<mailto:")), end;

	if (at >= 0) {
		post = sv_from(post, (size_t)at + 8);
		end = sv_chr(post, '>');
		post = sv_head(post, end < 0 ? post.len : (size_t)end);
		end = sv_chr(post, '?');
		return sv_head(post, end < 0 ? post.len : (size_t)end);
	}
	at = sv_rchr(id, '<');
	if (at >= 0) {
		id = sv_from(id, (size_t)at + 1);
		end = sv_chr(id, '>');
		return sv_head(id, end < 0 ? id.len : (size_t)end);
	}
	return sv_of(header_text_in(a, id, &rules));
}

static void take_fields(struct arena *a, struct sv block, struct message_row *row)
{
	struct headers h;
	uint64_t lines;

	headers_parse(a, block, &h);
	row->refs = ids_text(a, headers_raw(&h, "References"));
	row->list = list_name(a, &h);
	row->label = sv_of(header_text_in(a, headers_raw(&h, "X-Label"), &rules));
	if (sv_u64(headers_raw(&h, "Lines"), &lines))
		row->lines = lines;
}

static struct sv message_id_of_envelope(struct arena *a, struct sv raw)
{
	const char *id = msgid_first(a, raw);

	return sv_of(id ? id : "");
}

void imap_row_of(struct arena *a, uint64_t mailbox, const struct imap_msg *m, struct message_row *row)
{
	const struct imap_envelope *v = &m->envelope;
	struct date date;

	*row = (struct message_row){.id = message_id_of(mailbox, m->uid), .key = SV(""), .path = SV(""), .refs = SV(""),
		.list = SV(""), .label = SV("")};
	row->flags = imap_row_flags(a, m, &row->keywords);
	row->date_received = m->internaldate;
	row->size = m->size;
	row->modseq = m->modseq;
	if (date_parse(v->date, &date)) {
		row->date_sent = date.epoch;
		row->tz = date.tz_minutes;
	} else {
		row->date_sent = m->internaldate;
		row->tz = m->tz_minutes;
	}
	row->subject = sv_of(header_text_in(a, v->subject, &rules));
	row->from = addrs_text(a, &v->from);
	row->to = addrs_text(a, &v->to);
	row->cc = addrs_text(a, &v->cc);
	row->bcc = addrs_text(a, &v->bcc);
	row->reply_to = addrs_text(a, &v->reply_to);
	row->sender = addrs_text(a, &v->sender);
	/* Servers fill in From where these are missing (RFC 9051 7.5.2): then they say nothing. */
	if (sv_eq(row->reply_to, row->from))
		row->reply_to = SV("");
	if (sv_eq(row->sender, row->from))
		row->sender = SV("");
	row->message_id = message_id_of_envelope(a, v->message_id);
	row->in_reply_to = ids_text(a, v->in_reply_to);
	row->ctype = ctype_of(a, &m->body);
	row->attachments = count_attachments(&m->body);
	if (m->body.n == 1 && type_is(&m->body.p[0], "text", NULL))
		row->lines = m->body.p[0].lines;
	for (size_t i = 0; i < m->nsections; i++)
		if (sv_starts_case(m->sections[i].name, SV("HEADER.FIELDS")))
			take_fields(a, m->sections[i].data, row);
}
