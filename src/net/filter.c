/*
 * The wire parsers seen from outside: bytes in, JSON out. Strings that are not UTF-8 are decoded as
 * far as JSON needs it (U+FFFD); encoded words stay as they are.
 */
#include "net/filter.h"
#include "net/imap_fetch.h"
#include "net/pop3.h"
#include "net/smtp.h"

struct json {
	struct str *out;
	bool comma; /* the next value needs one before it */
};

static void put(struct json *j, const char *text)
{
	str_adds(j->out, text);
}

static void key(struct json *j, const char *name)
{
	if (j->comma)
		put(j, ",");
	str_addf(j->out, "\"%s\":", name);
	j->comma = true;
}

static void item(struct json *j)
{
	if (j->comma)
		put(j, ",");
	j->comma = true;
}

static void open_with(struct json *j, const char *bracket)
{
	put(j, bracket);
	j->comma = false;
}

static void close_with(struct json *j, const char *bracket)
{
	put(j, bracket);
	j->comma = true;
}

static void string(struct json *j, struct sv v)
{
	if (v.p)
		str_add_json(j->out, v);
	else
		put(j, "null");
}

static void field(struct json *j, const char *name, struct sv v)
{
	key(j, name);
	string(j, v);
}

static void number(struct json *j, const char *name, uint64_t n)
{
	key(j, name);
	str_addf(j->out, "%llu", (unsigned long long)n);
}

static void words(struct json *j, const char *name, const struct imap_words *w)
{
	key(j, name);
	open_with(j, "[");
	for (size_t i = 0; i < w->n; i++) {
		item(j);
		string(j, w->w[i]);
	}
	close_with(j, "]");
}

static void set(struct json *j, const char *name, const struct imap_set *s)
{
	key(j, name);
	open_with(j, "[");
	for (size_t i = 0; i < s->n; i++) {
		item(j);
		str_addf(j->out, "[%u,%u]", s->r[i].lo, s->r[i].hi);
	}
	close_with(j, "]");
}

/* ---- ENVELOPE ---- */

static void address(struct json *j, const struct imap_addr *a)
{
	open_with(j, "{");
	field(j, "name", a->name);
	field(j, "mailbox", a->mailbox);
	field(j, "host", a->host);
	close_with(j, "}");
}

/* RFC 9051 7.5.2: a host of NIL opens a group, name and host of NIL close it. */
static void addresses(struct json *j, const char *name, const struct imap_addrs *list)
{
	bool in_group = false;

	key(j, name);
	open_with(j, "[");
	for (size_t i = 0; i < list->n; i++) {
		const struct imap_addr *a = &list->a[i];

		if (!a->host.p && a->mailbox.p && !in_group) {
			item(j);
			open_with(j, "{");
			field(j, "group", a->mailbox);
			key(j, "members");
			open_with(j, "[");
			in_group = true;
		} else if (!a->host.p && !a->mailbox.p) {
			if (in_group) {
				close_with(j, "]");
				close_with(j, "}");
			}
			in_group = false;
		} else {
			item(j);
			address(j, a);
		}
	}
	if (in_group) {
		close_with(j, "]");
		close_with(j, "}");
	}
	close_with(j, "]");
}

static void envelope(struct json *j, const struct imap_envelope *v)
{
	open_with(j, "{");
	field(j, "date", v->date);
	field(j, "subject", v->subject);
	addresses(j, "from", &v->from);
	addresses(j, "sender", &v->sender);
	addresses(j, "reply_to", &v->reply_to);
	addresses(j, "to", &v->to);
	addresses(j, "cc", &v->cc);
	addresses(j, "bcc", &v->bcc);
	field(j, "in_reply_to", v->in_reply_to);
	field(j, "message_id", v->message_id);
	close_with(j, "}");
}

/* ---- BODYSTRUCTURE ---- */

static void params(struct json *j, const char *name, const struct imap_param *p, size_t n)
{
	key(j, name);
	open_with(j, "{");
	for (size_t i = 0; i < n; i++) {
		struct str lower;

		str_init(&lower, p[i].name.len + 1);
		for (size_t k = 0; k < p[i].name.len; k++)
			str_addc(&lower, (char)ascii_lower((unsigned char)p[i].name.p[k]));
		item(j);
		str_add_json(j->out, sv_make(lower.s ? lower.s : "", lower.len));
		put(j, ":");
		string(j, p[i].value);
		str_fini(&lower);
	}
	close_with(j, "}");
}

static void part(struct json *j, const struct imap_part *p)
{
	open_with(j, "{");
	field(j, "part", sv_of(p->id));
	key(j, "parent");
	str_addf(j->out, "%d", p->parent);
	field(j, "type", p->type);
	field(j, "subtype", p->subtype);
	params(j, "params", p->params, p->nparams);
	if (!sv_is_case(p->type, "multipart")) {
		field(j, "id", p->content_id);
		field(j, "description", p->description);
		field(j, "encoding", p->encoding);
		number(j, "size", p->size);
		number(j, "lines", p->lines);
	}
	if (p->disposition.p) {
		field(j, "disposition", p->disposition);
		params(j, "disposition_params", p->disp_params, p->ndisp_params);
	}
	if (p->envelope) {
		key(j, "envelope");
		envelope(j, p->envelope);
	}
	close_with(j, "}");
}

static void body(struct json *j, const struct imap_body *b)
{
	open_with(j, "[");
	for (size_t i = 0; i < b->n; i++) {
		item(j);
		part(j, &b->p[i]);
	}
	close_with(j, "]");
}

/* ---- FETCH ---- */

static void flags(struct json *j, const struct imap_msg *m)
{
	static const char *const names[] = {
		"\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft", "\\Recent"};

	key(j, "flags");
	open_with(j, "[");
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (!(m->flags & 1u << i))
			continue;
		item(j);
		string(j, sv_of(names[i]));
	}
	for (size_t i = 0; i < m->keywords.n; i++) {
		item(j);
		string(j, m->keywords.w[i]);
	}
	close_with(j, "]");
}

static void sections(struct json *j, const struct imap_msg *m)
{
	key(j, "sections");
	open_with(j, "[");
	for (size_t i = 0; i < m->nsections; i++) {
		item(j);
		open_with(j, "{");
		field(j, "name", m->sections[i].name);
		if (m->sections[i].partial)
			number(j, "origin", m->sections[i].origin);
		field(j, "data", m->sections[i].nil ? sv_make(NULL, 0) : m->sections[i].data);
		close_with(j, "}");
	}
	close_with(j, "]");
}

static bool fetch(struct json *j, const struct imap_resp *r, struct err *e)
{
	struct imap_msg m;

	if (!imap_parse_fetch(r, &m, e))
		return false;
	if (m.has & FETCH_UID)
		number(j, "uid", m.uid);
	if (m.has & FETCH_FLAGS)
		flags(j, &m);
	if (m.has & FETCH_INTERNALDATE) {
		key(j, "internaldate");
		str_addf(j->out, "%lld", (long long)m.internaldate);
	}
	if (m.has & FETCH_SIZE)
		number(j, "size", m.size);
	if (m.has & FETCH_MODSEQ)
		number(j, "modseq", m.modseq);
	if (m.has & FETCH_ENVELOPE) {
		key(j, "envelope");
		envelope(j, &m.envelope);
	}
	if (m.has & FETCH_BODY) {
		key(j, "body");
		body(j, &m.body);
	}
	if (m.nsections)
		sections(j, &m);
	return true;
}

/* ---- responses ---- */

static const char *const kind_names[] = {
	[RESP_CONTINUE] = "continue",
	[RESP_TAGGED] = "tagged",
	[RESP_STATUS] = "status",
	[RESP_CAPABILITY] = "capability",
	[RESP_ENABLED] = "enabled",
	[RESP_FLAGS] = "flags",
	[RESP_LIST] = "list",
	[RESP_MAILBOX] = "mailbox",
	[RESP_SEARCH] = "search",
	[RESP_EXISTS] = "exists",
	[RESP_RECENT] = "recent",
	[RESP_EXPUNGE] = "expunge",
	[RESP_VANISHED] = "vanished",
	[RESP_FETCH] = "fetch",
	[RESP_NAMESPACE] = "namespace",
	[RESP_QUOTA] = "quota",
	[RESP_OTHER] = "other",
};
static const char *const status_names[] = {"OK", "NO", "BAD", "BYE", "PREAUTH"};

static void status(struct json *j, const struct imap_resp *r)
{
	if (r->kind == RESP_TAGGED)
		field(j, "tag", r->tag);
	field(j, "status", sv_of(status_names[r->status]));
	if (r->code != CODE_NONE) {
		field(j, "code", r->code_name);
		number(j, "number", r->number);
		if (r->uidvalidity)
			number(j, "uidvalidity", r->uidvalidity);
		set(j, "set", &r->set);
		set(j, "set2", &r->set2);
		words(j, "words", &r->words);
	}
	field(j, "text", r->text);
}

static void list(struct json *j, const struct imap_resp *r)
{
	char delim[2] = {r->delim, 0};

	field(j, "mailbox", r->mailbox);
	field(j, "delim", r->delim ? sv_of(delim) : sv_make(NULL, 0));
	number(j, "attr", r->attr);
	field(j, "special", r->special);
}

static void mailbox(struct json *j, const struct imap_resp *r)
{
	static const char *const names[] = {
		"messages", "recent", "uidnext", "uidvalidity", "unseen", "highestmodseq", "size"};

	field(j, "mailbox", r->mailbox);
	for (size_t i = 0; i < STATUS_ITEMS; i++)
		if (r->has & IMAP_STATUS_HAS(i))
			number(j, names[i], r->items[i]);
}

static bool response(struct json *j, const struct imap_resp *r, struct err *e)
{
	open_with(j, "{");
	field(j, "kind", sv_of(kind_names[r->kind]));
	switch (r->kind) {
	case RESP_TAGGED:
	case RESP_STATUS:
		status(j, r);
		break;
	case RESP_CONTINUE:
	case RESP_OTHER:
		field(j, "text", r->text);
		break;
	case RESP_CAPABILITY:
	case RESP_ENABLED:
	case RESP_FLAGS:
		words(j, "words", &r->words);
		break;
	case RESP_LIST:
		list(j, r);
		break;
	case RESP_NAMESPACE: /* the first, as a list would show it */
		if (r->nspaces)
			list(j, &(struct imap_resp){.mailbox = r->spaces[0].prefix, .delim = r->spaces[0].delim});
		break;
	case RESP_QUOTA:
		field(j, "root", r->mailbox);
		for (size_t i = 0; i < r->nquotas; i++)
			field(j, "resource", r->quotas[i].resource);
		break;
	case RESP_MAILBOX:
		mailbox(j, r);
		break;
	case RESP_SEARCH:
	case RESP_VANISHED:
		set(j, "set", &r->set);
		break;
	case RESP_EXISTS:
	case RESP_RECENT:
	case RESP_EXPUNGE:
		number(j, "number", r->number);
		break;
	case RESP_FETCH:
		number(j, "number", r->number);
		if (!fetch(j, r, e))
			return false;
		break;
	}
	close_with(j, "}");
	return true;
}

static struct sv without_line_end(struct sv v)
{
	if (v.len && v.p[v.len - 1] == '\n')
		v.len--;
	if (v.len && v.p[v.len - 1] == '\r')
		v.len--;
	return v;
}

static bool filter_response(struct arena *a, struct sv in, struct json *j, struct err *e)
{
	struct imap_resp r;

	return imap_parse(a, (struct imap_raw){.text = without_line_end(in)}, &r, e) &&
	       response(j, &r, e);
}

static bool broken(struct err *e, const char *what, const struct imap_scan *s)
{
	return err_set(e, ERR_PROTO, "%s is broken near \"" SV_FMT "\"", what,
		SV_ARG(sv_head(scan_rest(&s->s), 40)));
}

/*
 * The value may stand with or without the parentheses around it, as the vectors of others have it.
 */
static struct imap_scan value_of(struct arena *a, struct sv in)
{
	return imap_scan_of(a, (struct imap_raw){.text = without_line_end(in)});
}

static bool filter_body(struct arena *a, struct sv in, struct json *j, struct err *e)
{
	struct imap_scan s = value_of(a, in);
	struct imap_body b;

	if (!imap_parse_body(&s, &b) || (imap_scan_space(&s), !scan_end(&s.s))) {
		/* Without the outer parentheses: put them around and try once more. */
		char *whole = arena_printf(a, "(" SV_FMT ")", SV_ARG(without_line_end(in)));

		s = value_of(a, sv_of(whole));
		if (!imap_parse_body(&s, &b))
			return broken(e, "the body structure", &s);
	}
	body(j, &b);
	return true;
}

static bool filter_envelope(struct arena *a, struct sv in, struct json *j, struct err *e)
{
	struct imap_scan s = value_of(a, in);
	struct imap_envelope v;

	if (!imap_parse_envelope(&s, &v))
		return broken(e, "the envelope", &s);
	envelope(j, &v);
	return true;
}

/*
 * Lines without their indentation and without empty ones: vectors come indented from other people's
 * sources.
 */
static struct sv undented(struct arena *a, struct sv in)
{
	char *out = arena_alloc(a, in.len + 2);
	struct sv line;
	size_t n = 0;

	while (sv_line(&in, &line)) {
		while (line.len && line.p[0] == ' ')
			line = sv_from(line, 1);
		if (line.len == 0)
			continue;
		memcpy(out + n, line.p, line.len);
		n += line.len;
		out[n++] = '\n';
	}
	return sv_make(out, n);
}

static bool filter_smtp(struct arena *a, struct sv in, struct json *j, struct err *e)
{
	struct smtp_reply r;

	if (!smtp_parse_reply(undented(a, in), &r, e))
		return false;
	open_with(j, "{");
	number(j, "code", (uint64_t)r.code);
	key(j, "enhanced");
	if (r.klass)
		str_addf(j->out, "\"%d.%d.%d\"", r.klass, r.subject, r.detail);
	else
		put(j, "null");
	field(j, "text", sv_make(r.text.s ? r.text.s : "", r.text.len));
	close_with(j, "}");
	str_fini(&r.text);
	return true;
}

static bool filter_pop3(struct arena *a, struct sv in, struct json *j, struct err *e)
{
	struct pop3_reply r;

	(void)a;
	if (!pop3_parse_reply(without_line_end(in), &r, e))
		return false;
	open_with(j, "{");
	field(j, "status", r.ok ? SV("+OK") : r.cont ? SV("+") : SV("-ERR"));
	field(j, "code", r.code);
	field(j, "text", r.text);
	close_with(j, "}");
	return true;
}

static const struct {
	const char *name;
	bool (*run)(struct arena *, struct sv, struct json *, struct err *);
} kinds[] = {
	{"imap-response", filter_response},
	{"imap-bodystructure", filter_body},
	{"imap-envelope", filter_envelope},
	{"smtp-reply", filter_smtp},
	{"pop3-reply", filter_pop3},
};

bool net_filter_has(const char *kind)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(kind, kinds[i].name) == 0)
			return true;
	return false;
}

bool net_filter(const char *kind, struct sv input, struct str *out, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct json j = {.out = out};
		size_t before = out->len;
		struct arena *a;
		bool ok;

		if (strcmp(kind, kinds[i].name) != 0)
			continue;
		a = arena_new();
		ok = kinds[i].run(a, input, &j, e);
		arena_free(a);
		if (!ok)
			str_cut(out, before);
		return ok;
	}
	return err_set(e, ERR_INPUT, "no filter called %s", kind);
}
