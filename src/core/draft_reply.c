/*
 * Whom an answer goes to, from whom it comes, what it is called and what it refers to: as mutt
 * decides it from the header of the original.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "core/draft_priv.h"
#include "core/gettext.h"
#include "core/identity.h"
#include "mime/msgid.h"
#include "text/charset.h"
#include "text/doc.h"

static const struct charset_rules rules = CHARSET_RULES_DEFAULT;

static struct sv header_sv(const struct doc *doc, const char *name)
{
	return sv_of(doc_header_value(doc, name));
}

/* ---- recipients of an answer ---- */

struct recipients {
	struct arena *a;
	const struct reply *w;
	struct identity *me;
	struct addr_list from, reply_to, to, cc, followup;
	struct addr_list *out_to, *out_cc;
};

static void list_of(
	struct recipients *r, const struct doc *doc, const char *name, struct addr_list *out)
{
	addr_parse(r->a, header_sv(doc, name), &rules, out);
}

static bool is_list_address(const struct recipients *r, const char *addr)
{
	const struct rc_state *rc = &r->w->s->conf->rc;

	return rc_matches(&rc->subscribed, sv_of(addr)) || rc_matches(&rc->lists, sv_of(addr));
}

static bool first_is_me(const struct recipients *r, const struct addr_list *list)
{
	const struct addr *a = addr_list_mailbox(list, 0);

	return a && identity_is_me(r->me, sv_of(a->addr));
}

/* Reply-To that only repeats From, or that a list has put there when $ignore_list_reply_to says so. */
static bool reply_to_is_idle(const struct recipients *r)
{
	const struct addr *from = addr_list_mailbox(&r->from, 0),
			  *to = addr_list_mailbox(&r->reply_to, 0);

	if (!to)
		return true;
	if (from && addr_list_mailboxes(&r->reply_to) == 1 &&
		addr_same(sv_of(from->addr), sv_of(to->addr)) && !*to->name)
		return true;
	return r->w->s->conf->ignore_list_reply_to && is_list_address(r, to->addr) &&
	       (addr_list_has(&r->to, to->addr) || addr_list_has(&r->cc, to->addr));
}

/* Whom a plain answer goes to. */
static void default_to(struct recipients *r)
{
	if (!r->w->s->conf->reply_self && first_is_me(r, &r->from)) {
		addr_list_append(r->a, r->out_to, &r->to);
		return;
	}
	if (!r->w->ignore_reply_to && !reply_to_is_idle(r))
		addr_list_append(r->a, r->out_to, &r->reply_to);
	else
		addr_list_append(r->a, r->out_to, &r->from);
}

static void add_lists(struct recipients *r, const struct addr_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->list[i].kind == ADDR_MAILBOX && is_list_address(r, list->list[i].addr))
			addr_list_add(r->a, r->out_to, &list->list[i]);
	}
}

/* List-Post: <mailto:list@example.org> */
static void add_list_post(struct recipients *r, const struct doc *doc)
{
	struct sv post = header_sv(doc, "List-Post");
	ptrdiff_t at = sv_find_case(post, SV("<mailto:"));
	size_t end = 0;

	if (at < 0)
		return;
	post = sv_from(post, (size_t)at + 8);
	while (end < post.len && !strchr(">?", post.p[end]))
		end++;
	addr_list_add_mailbox(r->a, r->out_to, sv_make("", 0), sv_head(post, end));
}

static void list_reply(struct recipients *r, const struct doc *doc)
{
	add_lists(r, &r->to);
	add_lists(r, &r->cc);
	if (addr_list_mailboxes(r->out_to) == 0)
		add_list_post(r, doc);
}

static bool wants_followup(const struct recipients *r)
{
	enum quad honor = r->w->s->conf->honor_followup_to;

	return addr_list_mailboxes(&r->followup) > 0 && r->w->kind != DRAFT_REPLY &&
	       (honor == QUAD_YES || honor == QUAD_ASK_YES);
}

static void collect(struct recipients *r, const struct doc *doc)
{
	list_of(r, doc, "From", &r->from);
	list_of(r, doc, "Reply-To", &r->reply_to);
	list_of(r, doc, "To", &r->to);
	list_of(r, doc, "Cc", &r->cc);
	list_of(r, doc, "Mail-Followup-To", &r->followup);
	if (wants_followup(r)) {
		addr_list_append(r->a, r->out_to, &r->followup);
		return;
	}
	switch (r->w->kind) {
	case DRAFT_LIST_REPLY:
		list_reply(r, doc);
		break;
	case DRAFT_GROUP_REPLY:
		default_to(r);
		addr_list_append(r->a, r->out_cc, &r->to);
		addr_list_append(r->a, r->out_cc, &r->cc);
		break;
	case DRAFT_GROUP_CHAT_REPLY:
		default_to(r);
		addr_list_append(r->a, r->out_to, &r->to);
		addr_list_append(r->a, r->out_cc, &r->cc);
		break;
	default:
		default_to(r);
		break;
	}
}

/* Takes the user out; the last address stays when keep_one says so. */
static void remove_me(const struct recipients *r, struct addr_list *list, bool keep_one)
{
	size_t n = 0;

	for (size_t i = 0; i < list->count; i++) {
		bool mine = list->list[i].kind == ADDR_MAILBOX &&
			    identity_is_me(r->me, sv_of(list->list[i].addr));

		if (!mine || (keep_one && n == 0 && i + 1 == list->count))
			list->list[n++] = list->list[i];
	}
	list->count = n;
}

static void tidy(struct recipients *r)
{
	if (!r->w->s->conf->metoo) {
		/* Cc first, so that the user alone ends up in To. */
		remove_me(r, r->out_cc, addr_list_mailboxes(r->out_to) == 0);
		remove_me(r, r->out_to, addr_list_mailboxes(r->out_cc) == 0);
	}
	addr_list_dedup(r->out_to, NULL);
	addr_list_dedup(r->out_cc, r->out_to);
	if (addr_list_mailboxes(r->out_to) == 0 && addr_list_mailboxes(r->out_cc) > 0) {
		*r->out_to = *r->out_cc;
		*r->out_cc = (struct addr_list){0};
	}
}

static void merge_field(
	struct draft *d, enum draft_field f, struct arena *a, const struct addr_list *more)
{
	struct addr_list all;
	struct str out;

	addr_parse(a, sv_of(d->field[f]), &rules, &all);
	addr_list_append(a, &all, more);
	addr_list_dedup(&all, NULL);
	str_init(&out, DRAFT_FIELD_MAX);
	if (addr_list_format(&out, &all, ADDR_DISPLAY, NULL, 0))
		draft_put_field(d, f, out.s);
	str_fini(&out);
}

void reply_recipients(const struct reply *w, const struct doc *doc)
{
	struct arena *a = arena_new();
	struct addr_list to = {0}, cc = {0};
	struct recipients r = {
		.a = a, .w = w, .me = identity_new(w->s->conf), .out_to = &to, .out_cc = &cc};

	collect(&r, doc);
	tidy(&r);
	merge_field(w->d, FIELD_TO, a, &to);
	merge_field(w->d, FIELD_CC, a, &cc);
	identity_free(r.me);
	arena_free(a);
}

/* ---- From ---- */

static const struct addr *my_address_in(const struct identity *me, const struct addr_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->list[i].kind == ADDR_MAILBOX &&
			identity_is_me(me, sv_of(list->list[i].addr)))
			return &list->list[i];
	}
	return NULL;
}

/* $reverse_name: from the address that the message was sent to. */
void reply_from(const struct reply *w, const struct doc *doc)
{
	static const char *const places[] = {"To", "Cc", "X-Original-To", "Delivered-To", "From"};
	const struct conf *conf = w->s->conf;
	struct arena *a;
	struct identity *me;
	bool found = false;

	if (!conf->reverse_name || w->d->user_set[FIELD_FROM] || !w->first)
		return;
	a = arena_new();
	me = identity_new(conf);
	for (size_t i = 0; i < ARRAY_LEN(places) && !found; i++) {
		bool extra = i == 2 || i == 3;
		struct addr_list list;
		const struct addr *mine;
		struct addr own;
		struct str out;

		if (extra && !conf->reply_with_xorig)
			continue;
		addr_parse(a, header_sv(doc, places[i]), &rules, &list);
		mine = my_address_in(me, &list);
		if (!mine)
			continue;
		found = true;
		own = *mine;
		if (!conf->reverse_realname || !*own.name)
			own.name = conf->realname;
		str_init(&out, DRAFT_FIELD_MAX);
		if (addr_format(&out, &own, ADDR_DISPLAY, NULL))
			draft_put_field(w->d, FIELD_FROM, out.s);
		str_fini(&out);
		w->d->user_set[FIELD_FROM] = true; /* hooks and my_hdr do not change it */
	}
	identity_free(me);
	arena_free(a);
}

/* ---- subject and ids ---- */

void reply_subject(const struct reply *w, struct sv subject)
{
	const struct conf *conf = w->s->conf;
	ptrdiff_t groups[RX_GROUPS][2];
	char *text;

	if (!w->first)
		return;
	subject = sv_trim(subject);
	if (subject.len && conf->reply_regexp.rx &&
		rx_find(conf->reply_regexp.rx, subject, 0, groups) && groups[0][0] == 0)
		subject = sv_from(subject, (size_t)groups[0][1]);
	text = subject.len ? xasprintf("Re: " SV_FMT, SV_ARG(subject))
			   : xstrdup(conf->empty_subject);
	draft_put_field(w->d, FIELD_SUBJECT, text);
	free(text);
}

static void add_word(struct draft *d, enum draft_field f, const char *word)
{
	char *both;

	if (!*word || strstr(d->field[f], word))
		return;
	both = *d->field[f] ? xasprintf("%s %s", d->field[f], word) : xstrdup(word);
	draft_put_field(d, f, both);
	free(both);
}

void reply_ids(const struct reply *w, const struct doc *doc)
{
	struct arena *a = arena_new();
	struct msgid_list refs, irt, out;
	const char *id = msgid_first(a, header_sv(doc, "Message-ID"));

	msgid_list_parse(a, header_sv(doc, "References"), &refs);
	msgid_list_parse(a, header_sv(doc, "In-Reply-To"), &irt);
	msgid_reply_refs(a, &refs, &irt, id, &out);
	for (size_t i = 0; i < out.count; i++)
		add_word(w->d, FIELD_REFERENCES, out.ids[i]);
	if (id)
		add_word(w->d, FIELD_IN_REPLY_TO, id);
	arena_free(a);
}

char *draft_reply_to_question(struct session *s, struct view *v, uint32_t row)
{
	struct reply w = {.s = s, .kind = DRAFT_REPLY, .first = true};
	struct arena *a;
	struct recipients r = {.w = &w};
	struct msg_facts m;
	const struct addr *to;
	char *text = NULL;

	if (s->conf->reply_to == QUAD_YES || row >= v->count)
		return NULL;
	a = r.a = arena_new();
	r.me = identity_new(s->conf);
	view_facts(v, row, &m);
	addr_parse(a, m.from, &rules, &r.from);
	addr_parse(a, m.reply_to, &rules, &r.reply_to);
	addr_parse(a, m.to, &rules, &r.to);
	addr_parse(a, m.cc, &rules, &r.cc);
	to = addr_list_mailbox(&r.reply_to, 0);
	if (to && !reply_to_is_idle(&r) && (s->conf->reply_self || !first_is_me(&r, &r.from)))
		text = xasprintf(_("Reply to %s%s?"), to->addr,
			addr_list_mailboxes(&r.reply_to) > 1 ? ", ..." : "");
	identity_free(r.me);
	arena_free(a);
	return text;
}
