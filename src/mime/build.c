/*
 * The header of a message that is written (see build.h): RFC 5322 section 3.6, in the order that
 * people like to read.
 */
#include "mime/build.h"

#include <stdlib.h>

#include "base/clock.h"
#include "mime/build_priv.h"
#include "mime/encword.h"
#include "text/utf8.h"

#define SEND_CHARSET_DEFAULT "us-ascii:iso-8859-1:utf-8"
#define LINE_MAX_COLUMNS 76

bool build_full(struct build_out *w)
{
	return err_set(w->e, ERR_LIMIT, "the message is larger than %zu bytes", w->out->max);
}

/* Fields that hold addresses: their names are encoded one by one, not as a text. */
static bool is_address_field(const char *name)
{
	static const char *const names[] = {"From", "Sender", "Reply-To", "To", "Cc", "Bcc",
		"Mail-Followup-To", "Resent-From", "Resent-Sender", "Resent-To", "Resent-Cc",
		"Resent-Bcc", "Mail-Reply-To", "Errors-To", "Return-Receipt-To",
		"Disposition-Notification-To", "Apparently-To"};
	size_t i;

	for (i = 0; i < ARRAY_LEN(names); i++)
		if (sv_is_case(sv_of(name), names[i]))
			return true;
	return false;
}

/* RFC 5322 section 3.6.8 */
static bool is_field_name(const char *name)
{
	const char *p;

	for (p = name; *p; p++)
		if (*p <= ' ' || *p >= 0x7f || *p == ':')
			return false;
	return p > name;
}

static bool check_field(struct build_out *w, const char *name, struct sv value)
{
	size_t i;

	if (!is_field_name(name))
		return err_set(w->e, ERR_INPUT, "\"%s\" is not the name of a field", name);
	for (i = 0; i < value.len; i++)
		if (value.p[i] == '\n' || value.p[i] == '\r' || value.p[i] == 0)
			return err_set(
				w->e, ERR_INPUT, "the field %s has a line break in it", name);
	return true;
}

static bool put_addresses(struct build_out *w, const char *name, const struct addr_list *list)
{
	unsigned flags = ADDR_HEADER | (w->b->utf8_headers ? ADDR_UTF8 : 0);

	if (!list || list->count == 0)
		return true;
	return (str_addf(w->out, "%s: ", name) &&
		       addr_list_format(w->out, list, flags, w->send_charset, strlen(name) + 2) &&
		       str_addc(w->out, '\n')) ||
	       build_full(w);
}

static bool put_address_text(struct build_out *w, const char *name, struct sv value)
{
	struct arena *arena = arena_new();
	struct addr_list list;
	bool ok;

	addr_parse(arena, value, NULL, &list);
	ok = put_addresses(w, name, &list);
	arena_free(arena);
	return ok;
}

/* UTF-8 headers (RFC 6532) are folded, not encoded. */
static bool put_utf8(struct str *out, struct sv value, size_t column)
{
	while (value.len > 0) {
		struct scan s = scan_of(value);
		struct sv blanks = scan_while(&s, " \t"), word = scan_until(&s, " \t");

		if (blanks.len > 0 && column > 1 &&
			column + blanks.len + word.len > LINE_MAX_COLUMNS) {
			if (!str_addc(out, '\n'))
				return false;
			column = 0;
		}
		if (!str_add(out, blanks) || !str_add(out, word))
			return false;
		column += blanks.len + word.len;
		value = scan_rest(&s);
	}
	return true;
}

bool build_put_field(struct build_out *w, const char *name, struct sv value)
{
	size_t column = strlen(name) + 2;
	bool ok;

	value = sv_trim(value);
	if (!check_field(w, name, value))
		return false;
	if (is_address_field(name))
		return put_address_text(w, name, value);
	ok = str_addf(w->out, "%s: ", name);
	if (w->b && w->b->utf8_headers)
		ok = ok && put_utf8(w->out, value, column);
	else
		ok = ok && encword_encode(w->out, value, w->send_charset, ENCWORD_TEXT, column);
	return (ok && str_addc(w->out, '\n')) || build_full(w);
}

bool build_field(
	struct str *out, const char *name, struct sv value, const char *send_charset, struct err *e)
{
	static const struct build none;
	struct build_out w = {.out = out, .b = &none, .send_charset = send_charset, .e = e};

	return build_put_field(&w, name, value);
}

/* Ids one a line when they do not fit: References of long threads. */
static bool put_ids(struct build_out *w, const char *name, const struct msgid_list *ids)
{
	size_t column = strlen(name) + 1, i;

	if (!ids || ids->count == 0)
		return true;
	if (!str_addf(w->out, "%s:", name))
		return build_full(w);
	for (i = 0; i < ids->count; i++) {
		struct sv id = sv_of(ids->ids[i]);
		bool fold = i > 0 && column + 1 + id.len > LINE_MAX_COLUMNS;

		if (!check_field(w, name, id))
			return false;
		if (!str_adds(w->out, fold ? "\n " : " ") || !str_add(w->out, id))
			return build_full(w);
		column = (fold ? 0 : column) + 1 + id.len;
	}
	return str_addc(w->out, '\n') || build_full(w);
}

static bool put_date(struct build_out *w)
{
	struct date date = w->b->date;
	char text[DATE_TEXT_MAX];

	if (w->b->no_date)
		return true;
	if (date.epoch == 0) {
		date.epoch = clock_now();
		date.tz_minutes = date_local_offset(date.epoch);
		date.tz_known = true;
	}
	return str_addf(w->out, "Date: %s\n", date_rfc5322(text, &date)) || build_full(w);
}

/* The domain of a new id: what the configuration says, else that of the first From. */
static const char *id_domain(const struct build *b, char *buf, size_t size)
{
	const struct addr *from = b->from ? addr_list_mailbox(b->from, 0) : NULL;
	struct sv domain = from ? addr_domain(sv_of(from->addr)) : SV("");
	struct str ascii;

	if (b->hostname && *b->hostname)
		return b->hostname;
	str_init(&ascii, size - 1);
	if (!addr_to_ascii(&ascii, domain) || ascii.len == 0 || !utf8_is_ascii(str_sv(&ascii)) ||
		domain.p[0] == '[') {
		str_fini(&ascii);
		return NULL;
	}
	memcpy(buf, ascii.s, ascii.len + 1);
	str_fini(&ascii);
	return buf;
}

/* What the id and the boundaries of a reproducible message are made from. */
static void make_seed(const struct build *b, struct str *seed)
{
	size_t i;

	str_adds(seed, b->subject ? b->subject : "");
	for (i = 0; b->to && i < b->to->count; i++)
		str_adds(seed, b->to->list[i].addr);
	for (i = 0; b->in_reply_to && i < b->in_reply_to->count; i++)
		str_adds(seed, b->in_reply_to->ids[i]);
	if (b->body)
		str_add(seed, sv_head(b->body->data, 65536));
}

static bool put_message_id(struct build_out *w, char **id_out)
{
	const struct build *b = w->b;
	struct str seed;
	char domain[256], *id;
	bool ok;

	if (b->no_message_id)
		return true;
	str_init(&seed, 1u << 20);
	make_seed(b, &seed);
	id = b->message_id ? xstrdup(b->message_id)
			   : msgid_new(id_domain(b, domain, sizeof(domain)), str_sv(&seed));
	str_fini(&seed);
	ok = check_field(w, "Message-ID", sv_of(id)) &&
	     (str_addf(w->out, "Message-ID: %s\n", id) || build_full(w));
	if (ok && id_out)
		*id_out = id;
	else
		free(id);
	return ok;
}

static bool has_recipients(const struct build *b)
{
	return (b->to && b->to->count) || (b->cc && b->cc->count) ||
	       (b->bcc && b->bcc->count && b->keep_bcc);
}

static bool put_recipients(struct build_out *w)
{
	const struct build *b = w->b;

	if (!put_addresses(w, "To", b->to) || !put_addresses(w, "Cc", b->cc))
		return false;
	if (b->keep_bcc && !put_addresses(w, "Bcc", b->bcc))
		return false;
	/* RFC 5322 asks for no destination; old relays add an ugly Apparently-To when there is
	 * none. */
	if (!has_recipients(b) && b->bcc && b->bcc->count > 0)
		return str_adds(w->out, "To: undisclosed-recipients:;\n") || build_full(w);
	return true;
}

static bool put_fields(struct build_out *w)
{
	size_t i;

	for (i = 0; i < w->b->n_fields; i++)
		if (!build_put_field(w, w->b->fields[i].name, sv_of(w->b->fields[i].value)))
			return false;
	return true;
}

static bool put_message(struct build_out *w, char **id_out)
{
	static const struct build_part empty = {.type = "text/plain"};
	const struct build *b = w->b;

	return put_date(w) && put_addresses(w, "From", b->from) &&
	       put_addresses(w, "Sender", b->sender) && put_recipients(w) &&
	       (!b->subject || build_put_field(w, "Subject", sv_of(b->subject))) &&
	       put_message_id(w, id_out) && put_addresses(w, "Reply-To", b->reply_to) &&
	       put_addresses(w, "Mail-Followup-To", b->mail_followup_to) &&
	       put_ids(w, "In-Reply-To", b->in_reply_to) &&
	       put_ids(w, "References", b->references) &&
	       (!b->user_agent || build_put_field(w, "User-Agent", sv_of(b->user_agent))) &&
	       put_fields(w) && (str_adds(w->out, "MIME-Version: 1.0\n") || build_full(w)) &&
	       build_put_part(w, b->body ? b->body : &empty, 0);
}

bool build_message(struct str *out, const struct build *b, char **message_id_out, struct err *e)
{
	struct build_out w = {.out = out,
		.b = b,
		.e = e,
		.send_charset = b->send_charset ? b->send_charset : SEND_CHARSET_DEFAULT};
	size_t start = out->len;
	char *id = NULL;

	if (!put_message(&w, &id)) {
		free(id);
		str_cut(out, start);
		return false;
	}
	if (message_id_out)
		*message_id_out = id;
	else
		free(id);
	return true;
}

bool build_part_text(struct str *out, const struct build_part *part, const struct build *b,
	bool crlf, struct err *e)
{
	struct str text;
	struct build_out w = {.out = &text,
		.b = b,
		.e = e,
		.send_charset = b->send_charset ? b->send_charset : SEND_CHARSET_DEFAULT};
	bool ok;

	str_init(&text, out->max);
	ok = build_put_part(&w, part, 0);
	if (ok && !(crlf ? build_crlf(out, str_sv(&text)) : str_add(out, str_sv(&text))))
		ok = build_full(&w);
	str_fini(&text);
	return ok;
}

bool build_crlf(struct str *out, struct sv text)
{
	while (text.len > 0) {
		const char *p = text.p;
		size_t n = 0, skip;

		while (n < text.len && p[n] != '\n' && p[n] != '\r')
			n++;
		if (!str_add(out, sv_head(text, n)))
			return false;
		if (n == text.len)
			break;
		skip = p[n] == '\r' && n + 1 < text.len && p[n + 1] == '\n' ? 2 : 1;
		if (!str_adds(out, "\r\n"))
			return false;
		text = sv_from(text, n + skip);
	}
	return true;
}
