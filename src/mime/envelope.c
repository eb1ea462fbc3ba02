/*
 * The envelope of a message (see envelope.h).
 */
#include "mime/envelope.h"

#include "mime/param.h"
#include "text/utf8.h"

#define LIST_URLS_MAX 20

/* What a field fills: the table that envelope_parse reads. */
enum slot_kind { SLOT_ADDR, SLOT_TEXT, SLOT_IDS, SLOT_URL };

/* A constant, so that no length need be counted for each field of each message. */
#define NAME(text) {text, sizeof(text) - 1}

static const struct slot {
	struct sv name;
	enum slot_kind kind;
	size_t at;
	bool index; /* of what an index shows */
} slots[] = {
	{NAME("From"), SLOT_ADDR, offsetof(struct envelope, from), true},
	{NAME("Sender"), SLOT_ADDR, offsetof(struct envelope, sender), true},
	{NAME("Reply-To"), SLOT_ADDR, offsetof(struct envelope, reply_to), true},
	{NAME("To"), SLOT_ADDR, offsetof(struct envelope, to), true},
	{NAME("Cc"), SLOT_ADDR, offsetof(struct envelope, cc), true},
	{NAME("Bcc"), SLOT_ADDR, offsetof(struct envelope, bcc), true},
	{NAME("Mail-Followup-To"), SLOT_ADDR, offsetof(struct envelope, mail_followup_to), false},
	{NAME("Return-Path"), SLOT_ADDR, offsetof(struct envelope, return_path), false},
	{NAME("In-Reply-To"), SLOT_IDS, offsetof(struct envelope, in_reply_to), true},
	{NAME("References"), SLOT_IDS, offsetof(struct envelope, references), true},
	{NAME("Subject"), SLOT_TEXT, offsetof(struct envelope, subject), true},
	{NAME("List-Id"), SLOT_TEXT, offsetof(struct envelope, list_id), true},
	{NAME("List-Post"), SLOT_URL, offsetof(struct envelope, list_post), true},
	{NAME("List-Archive"), SLOT_URL, offsetof(struct envelope, list_archive), false},
	{NAME("List-Help"), SLOT_URL, offsetof(struct envelope, list_help), false},
	{NAME("List-Subscribe"), SLOT_URL, offsetof(struct envelope, list_subscribe), false},
	{NAME("X-Label"), SLOT_TEXT, offsetof(struct envelope, x_label), true},
	{NAME("User-Agent"), SLOT_TEXT, offsetof(struct envelope, user_agent), false},
	{NAME("X-Mailer"), SLOT_TEXT, offsetof(struct envelope, user_agent), false},
	{NAME("Organization"), SLOT_TEXT, offsetof(struct envelope, organization), false},
	{NAME("Newsgroups"), SLOT_TEXT, offsetof(struct envelope, newsgroups), false},
	{NAME("Delivered-To"), SLOT_TEXT, offsetof(struct envelope, delivered_to), false},
	{NAME("X-Original-To"), SLOT_TEXT, offsetof(struct envelope, delivered_to), false},
	{NAME("X-Spam-Status"), SLOT_TEXT, offsetof(struct envelope, spam), false},
};

static const struct slot *slot_of(struct sv name)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(slots); i++)
		if (name.len == slots[i].name.len && sv_eq_case(name, slots[i].name))
			return &slots[i];
	return NULL;
}

/* The next URL of a List-* field: what stands in <>, blanks taken out; else the next bare word
 * with a ':'. */
static const char *next_url(struct arena *arena, struct scan *s)
{
	ptrdiff_t open = sv_chr(scan_rest(s), '<'), close;
	struct sv in;
	char *url;
	size_t i, n = 0;

	if (open < 0)
		return NULL;
	in = sv_from(scan_rest(s), (size_t)open + 1);
	close = sv_chr(in, '>');
	if (close < 0)
		return NULL;
	s->p = in.p + close + 1;
	in = sv_head(in, (size_t)close);
	url = arena_alloc(arena, in.len + 1);
	for (i = 0; i < in.len; i++)
		if ((unsigned char)in.p[i] > ' ' && in.p[i] != 0x7f)
			url[n++] = in.p[i];
	return url;
}

static const char *first_url(struct arena *arena, struct sv raw)
{
	struct scan s = scan_of(raw);
	const char *url = next_url(arena, &s);
	struct sv bare;

	if (url)
		return url;
	scan_wsp(&s);
	bare = scan_until(&s, " \t\r\n(,");
	return arena_strndup(arena, bare.p ? bare.p : "", bare.len);
}

static void read_unsubscribe(struct arena *arena, struct sv raw, struct envelope *env)
{
	struct scan s = scan_of(raw);
	const char *url;

	if (env->n_list_unsubscribe > 0)
		return;
	env->list_unsubscribe = arena_alloc(arena, LIST_URLS_MAX * sizeof(*env->list_unsubscribe));
	while (env->n_list_unsubscribe < LIST_URLS_MAX && (url = next_url(arena, &s)))
		env->list_unsubscribe[env->n_list_unsubscribe++] = url;
}

static void fill_ids(struct arena *arena, struct msgid_list *ids, struct sv raw)
{
	struct msgid_list more;

	if (ids->count > 0)
		return;
	msgid_list_parse(arena, raw, &more);
	*ids = more;
}

static void fill_addr(struct arena *arena, struct addr_list *list, struct sv raw,
	const struct charset_rules *rules)
{
	struct addr_list more;

	addr_parse(arena, raw, rules, &more);
	if (list->count == 0)
		*list = more;
	else if (more.count > 0)
		addr_list_append(arena, list, &more);
}

static void fill(struct arena *arena, const struct slot *slot, struct sv raw,
	const struct charset_rules *rules, struct envelope *env)
{
	char *at = (char *)env + slot->at;
	const char **text = (const char **)at;

	switch (slot->kind) {
	case SLOT_ADDR:
		fill_addr(arena, (struct addr_list *)at, raw, rules);
		break;
	case SLOT_IDS:
		fill_ids(arena, (struct msgid_list *)at, raw);
		break;
	case SLOT_TEXT:
		if (!**text)
			*text = header_text_in(arena, raw, rules);
		break;
	case SLOT_URL:
		if (!**text)
			*text = first_url(arena, raw);
		break;
	}
}

static void read_message_id(struct arena *arena, struct sv raw, struct envelope *env)
{
	const char *id;
	struct sv bare = sv_trim(raw);

	if (*env->message_id)
		return;
	id = msgid_first(arena, raw);
	/* Without its brackets it still names the message. */
	if (!id && bare.len > 0 && bare.len < MSGID_MAX && sv_chr(bare, ' ') < 0 &&
		sv_chr(bare, '<') < 0)
		id = arena_printf(arena, "<" SV_FMT ">", SV_ARG(bare));
	if (id)
		env->message_id = id;
}

const struct charset_rules *envelope_rules(struct arena *arena, const struct headers *h,
	const struct charset_rules *rules, struct charset_rules *own)
{
	struct params ctype;
	const char *charset;

	if (utf8_is_valid(h->block) || (rules && rules->assumed && *rules->assumed))
		return rules;
	params_parse(arena, headers_raw(h, "Content-Type"), rules, 0, &ctype);
	charset = params_get(&ctype, "charset");
	if (!charset || strchr(charset, ':') || !charset_known(sv_of(charset), rules) ||
		charset_is_ascii(sv_of(charset)) || charset_is_utf8(sv_of(charset)))
		return rules;
	*own = rules ? *rules : (struct charset_rules)CHARSET_RULES_DEFAULT;
	own->assumed = arena_printf(arena, "utf-8:%s", charset);
	return own;
}

static void parse(struct arena *arena, const struct headers *h, const struct charset_rules *rules, bool all,
	struct envelope *out)
{
	struct envelope env = {.subject = "",
		.message_id = "",
		.list_id = "",
		.list_post = "",
		.list_archive = "",
		.list_help = "",
		.list_subscribe = "",
		.x_label = "",
		.user_agent = "",
		.organization = "",
		.newsgroups = "",
		.delivered_to = "",
		.spam = ""};
	struct charset_rules own;
	size_t i;

	rules = envelope_rules(arena, h, rules, &own);
	for (i = 0; i < h->count; i++) {
		const struct header *f = &h->list[i];
		const struct slot *slot = slot_of(f->name);

		if (slot && !all && !slot->index)
			continue;
		if (slot) {
			env.has_subject |= slot->at == offsetof(struct envelope, subject);
			fill(arena, slot, f->raw, rules, &env);
		} else if (sv_is_case(f->name, "Date")) {
			env.has_date = env.has_date || date_parse(f->raw, &env.date);
		} else if (sv_is_case(f->name, "Message-ID")) {
			read_message_id(arena, f->raw, &env);
		} else if (sv_is_case(f->name, "List-Unsubscribe")) {
			read_unsubscribe(arena, f->raw, &env);
		} else if (sv_is_case(f->name, "List-Unsubscribe-Post")) {
			env.list_unsubscribe_one_click = sv_find_case(f->raw, SV("One-Click")) >= 0;
		}
	}
	*out = env;
}

void envelope_parse(struct arena *arena, const struct headers *h, const struct charset_rules *rules,
	struct envelope *out)
{
	parse(arena, h, rules, true, out);
}

void envelope_parse_index(struct arena *arena, const struct headers *h, const struct charset_rules *rules,
	struct envelope *out)
{
	parse(arena, h, rules, false, out);
}

/* "Re:", "Re[2]:", "Re^2:" and what mailers of other languages write. Returns its length, 0 when
 * there is none. */
static size_t reply_prefix(struct sv s)
{
	static const char *const words[] = {
		"re", "aw", "antw", "sv", "vs", "odp", "ref", "rif", "r", "回复", "回覆", "答复"};
	size_t i;

	for (i = 0; i < ARRAY_LEN(words); i++) {
		struct scan c = scan_of(s);
		uint64_t n;

		if (!scan_lit(&c, words[i]))
			continue;
		if (scan_byte(&c, '[')) {
			if (!scan_u64(&c, &n) || !scan_byte(&c, ']'))
				continue;
		} else if (scan_byte(&c, '^') && !scan_u64(&c, &n)) {
			continue;
		}
		scan_spaces(&c);
		if (scan_byte(&c, ':') || scan_lit(&c, "："))
			return (size_t)(c.p - s.p);
	}
	return 0;
}

struct sv envelope_base_subject(struct sv subject, bool *is_reply)
{
	size_t n;

	if (is_reply)
		*is_reply = false;
	subject = sv_trim(subject);
	while ((n = reply_prefix(subject)) > 0) {
		subject = sv_trim(sv_from(subject, n));
		if (is_reply)
			*is_reply = true;
	}
	return subject;
}
