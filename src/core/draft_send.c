/*
 * The end of a draft: the finished message, the outbox, $postponed. Files that others will
 * read lie beside state.db under the hash of their content before a row names them.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "core/draft_priv.h"
#include "core/gettext.h"
#include "core/hook.h"
#include "core/identity.h"
#include "mime/build.h"
#include "mime/encword.h"
#include "mime/msgid.h"
#include "text/charset.h"

#define AGENT "feist/" PACKAGE_VERSION

static const struct charset_rules rules = CHARSET_RULES_DEFAULT;

enum purpose { FOR_SENDING, FOR_FCC, FOR_POSTPONE };

/* Everything that a struct build points to. */
struct assembly {
	struct arena *a;
	struct build build;
	struct addr_list from, to, cc, bcc, reply_to, followup;
	struct msgid_list in_reply_to, references;
	struct build_part *parts; /* [0] the text, with its second form, when it has one */
	struct build_part top;
	struct build_field *fields;
	struct str *data; /* bytes of the parts */
	size_t data_count;
};

static void assembly_fini(struct assembly *x)
{
	for (size_t i = 0; i < x->data_count; i++)
		str_fini(&x->data[i]);
	free(x->data);
	arena_free(x->a);
}

static bool take_list(struct draft *d, struct assembly *x, enum draft_field f,
	struct addr_list *out, const struct addr_list **used, struct err *e)
{
	if (!*d->field[f])
		return true;
	if (!draft_addresses(d, d->field[f], x->a, out, e))
		return err_at(e, "%s", draft_field_name(f));
	*used = out->count ? out : NULL;
	return true;
}

/* Mail-Followup-To for messages to lists ($followup_to): the lists, and the user unless subscribed. */
static void add_followup(struct draft *d, struct assembly *x)
{
	struct identity *me;
	unsigned flags;

	if (!d->conf->followup_to || x->build.mail_followup_to)
		return;
	me = identity_new(d->conf);
	flags = identity_flags(
		me, sv_make("", 0), sv_of(d->field[FIELD_TO]), sv_of(d->field[FIELD_CC]));
	if (flags & FLAG_TO_LIST) {
		size_t n = 0;

		addr_list_append(x->a, &x->followup, &x->to);
		addr_list_append(x->a, &x->followup, &x->cc);
		for (size_t i = 0; i < x->followup.count; i++) {
			if (!identity_is_me(me, sv_of(x->followup.list[i].addr)))
				x->followup.list[n++] = x->followup.list[i];
		}
		x->followup.count = n;
		if (!(flags & FLAG_TO_SUBSCRIBED))
			addr_list_append(
				x->a, &x->followup, x->reply_to.count ? &x->reply_to : &x->from);
		addr_list_dedup(&x->followup, NULL);
		x->build.mail_followup_to = &x->followup;
	}
	identity_free(me);
}

static const char *make_message_id(struct draft *d, struct assembly *x)
{
	const struct addr *from = addr_list_mailbox(&x->from, 0);
	struct sv domain = from ? addr_domain(sv_of(from->addr)) : sv_make("", 0);
	char *host = domain.len ? sv_dup(domain) : xstrdup(d->conf->hostname);
	struct str seed, ascii;
	char *id;
	const char *kept;

	str_init(&seed, DRAFT_FIELD_MAX * 4);
	str_init(&ascii, 1024);
	for (int f = 0; f < FIELD_FIELDS; f++)
		(void)str_addf(&seed, "%s\n", d->field[f]);
	if (!addr_to_ascii(&ascii, sv_of(arena_printf(x->a, "x@%s", host))) || ascii.len < 3)
		str_clear(&ascii);
	id = draft_message_id(d, ascii.len > 2 ? sv_from(str_sv(&ascii), 2) : sv_of(host), str_sv(&seed));
	kept = arena_strdup(x->a, id);
	free(id);
	free(host);
	str_fini(&seed);
	str_fini(&ascii);
	return kept;
}

static void take_fields(struct draft *d, struct assembly *x)
{
	size_t n = 0;

	x->fields = arena_alloc(x->a, (d->header_count + 2) * sizeof(*x->fields));
	for (size_t i = 0; i < d->header_count; i++) {
		if (*d->headers[i].value)
			x->fields[n++] =
				(struct build_field){d->headers[i].name, d->headers[i].value};
	}
	if (*d->field[FIELD_X_LABEL])
		x->fields[n++] = (struct build_field){"X-Label", d->field[FIELD_X_LABEL]};
	x->build.fields = x->fields;
	x->build.n_fields = n;
}

/* ---- parts ---- */

static bool is_text_type(const char *type)
{
	return strncmp(type, "text/", 5) == 0;
}

/* Text of an attached file becomes UTF-8 here; what it cannot be said of stays as it is. */
static bool text_to_utf8(
	struct draft *d, const struct draft_part *p, struct str *bytes, struct err *e)
{
	struct charset_rules own = {
		.assumed = *d->conf->attach_charset ? d->conf->attach_charset : rules.assumed};
	struct str text;

	str_init(&text, BUILD_MAX);
	if (!charset_to_utf8(&text, str_sv(bytes), sv_of(p->charset), &own, NULL)) {
		str_fini(&text);
		return err_set(e, ERR_LIMIT, _("%s is too big"), p->path);
	}
	str_fini(bytes);
	*bytes = text;
	return true;
}

/* toggle-recode: the bytes stay; only their charset is found out. */
static void keep_charset(struct draft *d, struct assembly *x, const struct draft_part *p, struct sv bytes,
	struct build_part *out)
{
	struct charset_rules own = {
		.assumed = *d->conf->attach_charset ? d->conf->attach_charset : rules.assumed};
	char name[CHARSET_NAME_MAX];

	charset_guess(bytes, &own, name);
	out->charset = p->charset ? p->charset : arena_strdup(x->a, name);
	out->charset_done = true;
}

static bool take_part(
	struct draft *d, struct assembly *x, const struct draft_part *p, struct build_part *out, struct err *e)
{
	struct str *bytes = &x->data[x->data_count];

	if (!fs_read(p->path, BUILD_MAX, bytes, e))
		return false;
	x->data_count++;
	out->type = p->type ? p->type : "application/octet-stream";
	if (is_text_type(out->type) && p->keep_charset)
		keep_charset(d, x, p, str_sv(bytes), out);
	else if (is_text_type(out->type) && !text_to_utf8(d, p, bytes, e))
		return false;
	out->data = str_sv(bytes);
	out->encoding = p->encoding;
	out->filename = p->name;
	out->description = p->description;
	out->content_id = p->content_id;
	out->language = p->language;
	if (p->is_body)
		out->flowed = d->conf->text_flowed && strcmp(out->type, "text/plain") == 0;
	else if (p != &d->second)
		out->disposition = p->is_inline ? "inline" : "attachment";
	return true;
}

/* RFC 2387 section 3.1: multipart/related says the type of its root. */
static void name_root(struct assembly *x, struct build_part *out)
{
	struct build_field *f = arena_alloc(x->a, sizeof(*f));

	*f = (struct build_field){"type", out->children[0].type};
	out->params = f;
	out->n_params = 1;
}

/* The things of a group (0: of the message) in the order of the parts. Groups nest at most DRAFT_GROUPS_MAX deep. */
static void take_group(struct draft *d, struct assembly *x, unsigned group, struct build_part *out)
{
	struct build_part *children = arena_alloc(x->a, d->part_count * sizeof(*children));
	size_t n = 0;

	for (size_t i = 0; i < d->part_count; i++) {
		if (!draft_is_in_group(d, i, group))
			continue;
		unsigned below = draft_group_below(d, i, group);
		if (!below) {
			children[n++] = x->parts[i];
			continue;
		}
		take_group(d, x, below, &children[n++]);
		while (i + 1 < d->part_count && draft_is_in_group(d, i + 1, below))
			i++;
	}
	const char *subtype = group ? d->groups[group - 1].subtype : "mixed";
	*out = (struct build_part){.type = arena_printf(x->a, "multipart/%s", subtype), .children = children, .n_children = n};
	if (strcmp(subtype, "related") == 0)
		name_root(x, out);
}

/* The text and its second form, the better one last (RFC 2046 section 5.1.4). */
static bool take_second(struct draft *d, struct assembly *x, struct err *e)
{
	struct build_part *forms = arena_alloc(x->a, 2 * sizeof(*forms));

	forms[0] = x->parts[0];
	forms[1] = (struct build_part){.type = NULL};
	if (!take_part(d, x, &d->second, &forms[1], e))
		return false;
	x->parts[0] = (struct build_part){.type = "multipart/alternative", .children = forms, .n_children = 2};
	return true;
}

static bool take_parts(struct draft *d, struct assembly *x, enum purpose purpose, struct err *e)
{
	x->parts = arena_alloc(x->a, d->part_count * sizeof(*x->parts));
	x->data = xcalloc(d->part_count + 1, sizeof(*x->data));
	for (size_t i = 0; i < d->part_count; i++) {
		if (!take_part(d, x, &d->parts[i], &x->parts[i], e))
			return false;
	}
	if (d->second.path && purpose != FOR_POSTPONE && !take_second(d, x, e))
		return false;
	take_group(d, x, 0, &x->top);
	x->build.body = x->top.n_children == 1 ? &x->top.children[0] : &x->top;
	return true;
}

static bool needs_utf8(const struct assembly *x)
{
	const struct addr_list *lists[] = {&x->from, &x->to, &x->cc, &x->bcc, &x->reply_to};

	for (size_t l = 0; l < ARRAY_LEN(lists); l++) {
		for (size_t i = 0; i < lists[l]->count; i++) {
			if (addr_needs_utf8(sv_of(lists[l]->list[i].addr)))
				return true;
		}
	}
	return false;
}

/* $fcc_attach: a question that nobody was there to answer is answered as it is by default. */
static bool copy_is_whole(const struct draft *d)
{
	enum quad q = d->conf->fcc_attach;

	if (d->part_count < 2)
		return true;
	return d->fcc_chosen ? d->fcc_whole : q == QUAD_YES || q == QUAD_ASK_YES;
}

static bool assemble(struct draft *d, struct assembly *x, enum purpose purpose, struct err *e)
{
	struct build *b = &x->build;

	x->a = arena_new();
	if (!take_list(d, x, FIELD_FROM, &x->from, &b->from, e) ||
		!take_list(d, x, FIELD_TO, &x->to, &b->to, e) ||
		!take_list(d, x, FIELD_CC, &x->cc, &b->cc, e) ||
		!take_list(d, x, FIELD_BCC, &x->bcc, &b->bcc, e) ||
		!take_list(d, x, FIELD_REPLY_TO, &x->reply_to, &b->reply_to, e) ||
		!take_list(d, x, FIELD_MAIL_FOLLOWUP_TO, &x->followup, &b->mail_followup_to, e) ||
		!take_parts(d, x, purpose, e))
		return false;
	if (purpose == FOR_FCC && !copy_is_whole(d))
		b->body = &x->parts[0];
	if (!d->conf->use_from && purpose != FOR_POSTPONE)
		b->from = NULL;
	b->subject = *d->field[FIELD_SUBJECT] ? d->field[FIELD_SUBJECT] : NULL;
	msgid_list_parse(x->a, sv_of(d->field[FIELD_IN_REPLY_TO]), &x->in_reply_to);
	msgid_list_parse(x->a, sv_of(d->field[FIELD_REFERENCES]), &x->references);
	b->in_reply_to = x->in_reply_to.count ? &x->in_reply_to : NULL;
	b->references = x->references.count ? &x->references : NULL;
	if (!d->sent_message_id)
		d->sent_message_id = xstrdup(make_message_id(d, x));
	b->message_id = d->sent_message_id;
	if (d->send_at && purpose != FOR_POSTPONE) { /* it is written for that time */
		b->date = (struct date){.epoch = d->send_at, .tz_known = true};
		b->date.tz_minutes = date_local_offset(d->send_at);
	}
	if (!d->conf->local_date_header)
		b->date = (struct date){.epoch = b->date.epoch ? b->date.epoch : clock_now(), .tz_known = true};
	b->user_agent = d->conf->user_agent ? AGENT : NULL;
	b->send_charset = *d->conf->send_charset ? d->conf->send_charset : NULL;
	b->allow_8bit = d->conf->allow_8bit;
	b->keep_bcc = purpose != FOR_SENDING || d->conf->write_bcc;
	b->utf8_headers = needs_utf8(x);
	take_fields(d, x);
	if (purpose != FOR_POSTPONE)
		add_followup(d, x);
	return true;
}

static bool build_text(struct draft *d, enum purpose purpose, struct str *out, struct err *e)
{
	struct assembly x = {0};
	bool ok = assemble(d, &x, purpose, e);

	if (ok) {
		str_init(out, BUILD_MAX);
		ok = build_message(out, &x.build, NULL, e);
		if (!ok)
			str_fini(out);
	}
	assembly_fini(&x);
	return ok;
}

bool draft_build(struct draft *d, bool with_bcc, int fd, struct err *e)
{
	struct str text;
	bool ok;

	if (!build_text(d, with_bcc ? FOR_FCC : FOR_SENDING, &text, e))
		return false;
	ok = fs_write_all(fd, str_sv(&text), e);
	str_fini(&text);
	return ok;
}

bool draft_check(const struct draft *d, struct err *e)
{
	struct arena *a;
	size_t n = 0;
	bool ok = true;

	if (!*d->field[FIELD_TO] && !*d->field[FIELD_CC] && !*d->field[FIELD_BCC])
		return err_set(e, ERR_INPUT, "%s", _("No recipients were given."));
	a = arena_new();
	for (int f = FIELD_FROM; ok && f <= FIELD_BCC; f++) {
		struct addr_list list;

		ok = draft_addresses((struct draft *)d, d->field[f], a, &list, e);
		if (!ok)
			err_at(e, "%s", draft_field_name((enum draft_field)f));
		else if (f != FIELD_FROM)
			n += addr_list_mailboxes(&list);
		for (size_t i = 0; ok && i < list.count; i++) {
			if (list.list[i].kind == ADDR_MAILBOX && !strchr(list.list[i].addr, '@') &&
				*d->conf->smtp_url)
				ok = err_set(
					e, ERR_INPUT, _("%s has no domain"), list.list[i].addr);
		}
	}
	arena_free(a);
	if (ok && n == 0)
		ok = err_set(e, ERR_INPUT, "%s", _("No recipients were given."));
	for (size_t i = 0; ok && i < d->part_count; i++) {
		if (access(d->parts[i].path, R_OK) != 0)
			ok = err_sys(e, "%s", d->parts[i].path);
	}
	return ok;
}

/* ---- to the outbox ---- */

/* Who has it already, from an earlier attempt that others refused. */
static bool has_it(const struct draft *d, struct sv addr)
{
	struct sv rest = sv_of(d->delivered), line;

	while (sv_line(&rest, &line))
		if (addr_same(line, addr))
			return true;
	return false;
}

bool draft_envelope(struct draft *d, struct str *out, struct err *e)
{
	static const enum draft_field fields[] = {FIELD_TO, FIELD_CC, FIELD_BCC};
	struct arena *a = arena_new();
	struct addr_list all = {0};
	bool ok = true;

	for (size_t i = 0; ok && i < ARRAY_LEN(fields); i++) {
		struct addr_list list;

		ok = draft_addresses(d, d->field[fields[i]], a, &list, e);
		if (ok)
			addr_list_append(a, &all, &list);
	}
	addr_list_dedup(&all, NULL);
	for (size_t i = 0; ok && i < all.count; i++) {
		if (all.list[i].kind != ADDR_MAILBOX || has_it(d, sv_of(all.list[i].addr)))
			continue;
		if (addr_needs_utf8(sv_of(all.list[i].addr)))
			ok = str_adds(out, all.list[i].addr);
		else
			ok = addr_to_ascii(out, sv_of(all.list[i].addr));
		ok = (ok && str_addc(out, '\n')) ||
		     err_set(e, ERR_LIMIT, "%s", _("too many recipients"));
	}
	arena_free(a);
	if (ok && out->len == 0)
		ok = err_set(e, ERR_INPUT, "%s", _("All of the recipients have it already."));
	return ok;
}

char *draft_envelope_sender(struct draft *d)
{
	struct arena *a = arena_new();
	struct addr_list list;
	struct str out;
	const struct addr *from;

	str_init(&out, 4096);
	addr_parse(a,
		sv_of(*d->conf->envelope_from_address ? d->conf->envelope_from_address
						      : d->field[FIELD_FROM]),
		&rules, &list);
	from = addr_list_mailbox(&list, 0);
	if (from && !(addr_needs_utf8(sv_of(from->addr)) ? str_adds(&out, from->addr)
							 : addr_to_ascii(&out, sv_of(from->addr))))
		str_clear(&out);
	arena_free(a);
	return str_detach(&out);
}

/* The bare address of From: it names the identity. Caller frees. */
char *draft_from_address(const struct draft *d)
{
	struct arena *a = arena_new();
	const struct addr *from;
	struct addr_list list;
	char *text;

	addr_parse(a, sv_of(d->field[FIELD_FROM]), &rules, &list);
	from = addr_list_mailbox(&list, 0);
	text = xstrdup(from ? from->addr : "");
	arena_free(a);
	return text;
}

static void send_options(const struct draft *d, bool utf8, struct str *out)
{
	char *identity = draft_from_address(d);

	(void)str_addf(out, "draft=%lld\n", (long long)d->id);
	(void)outbox_option_add(out, "identity", sv_of(identity));
	(void)outbox_option_add(out, "dsn_notify", sv_of(d->conf->dsn_notify));
	(void)outbox_option_add(out, "dsn_return", sv_of(d->conf->dsn_return));
	(void)outbox_option_add(out, "envid", sv_of(d->sent_message_id));
	if (d->conf->smtp_require_tls)
		(void)str_adds(out, "require_tls=yes\n");
	if (utf8)
		(void)str_adds(out, "utf8=yes\n");
	free(identity);
}

static bool beyond_ascii(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text >= 0x80)
			return true;
	}
	return false;
}

/*
 * The copy of a draft in $postponed goes. The append is never taken back, even when it still waits: the worker
 * may have carried it out a moment ago. Of what it put there, wherever that is by then, this one is the end.
 */
static bool drop_copy(struct session *s, int64_t append, const char *message_id, int64_t depends, struct err *e)
{
	char *name = NULL, *real;
	struct err none;
	struct acct *a = session_resolve(s, s->conf->postponed, &name, &none);
	struct intent gone = {.kind = INTENT_DELETE,
		.state = INTENT_PENDING,
		.of = append,
		.depends = depends ? depends : append,
		.message_id = message_id ? message_id : ""};
	bool ok = true;
	int64_t id;

	if (a) {
		gone.account = a->name;
		gone.mailbox = real = acct_mailbox_name(a, name);
		ok = intent_add(s->state, &gone, &id, e);
		free(real);
	}
	free(name);
	return ok;
}

/*
 * Draft messages of a mailbox that this one came from, and its copy in $postponed (append 0: none), go: not
 * before intent `depends` is carried out (0: at once).
 */
static bool drop_sources(struct draft *d, int64_t append, const char *message_id, int64_t depends, struct err *e)
{
	struct session *s = d->s;
	bool ok = true;
	int64_t id;

	for (size_t i = 0; ok && i < d->origin_count; i++) {
		const struct draft_origin *o = &d->origins[i];
		struct intent gone = {.kind = INTENT_DELETE,
			.state = INTENT_PENDING,
			.depends = depends,
			.account = o->account,
			.mailbox = o->mailbox,
			.uidvalidity = o->uidvalidity,
			.uid = o->uid,
			.message_id = o->message_id};

		if (o->delete_after)
			ok = intent_add(s->state, &gone, &id, e);
	}
	return ok && (!append || drop_copy(s, append, message_id, depends, e));
}

/* When it goes: now, after $send_delay, at a time; and who waits for that time. */
static void set_time(const struct draft *d, struct outbox_row *row, struct str *options)
{
	bool batch = d->s->flags & SESSION_BATCH;
	int64_t delay = batch ? 0 : d->conf->send_delay;

	if (d->send_at > row->created + delay) {
		row->state = OUTBOX_SCHEDULED;
		row->send_at = d->send_at;
		(void)str_addf(options, "dated=%lld\n", (long long)d->send_at);
		if (*d->conf->smtp_url && d->conf->smtp_future_release) {
			row->next_try = row->created + MAX(delay, 1);
			(void)str_addf(options, "hold=%lld\n", (long long)d->send_at);
		}
	} else if (delay > 0) {
		row->state = OUTBOX_HELD; /* may be taken back for a while */
		row->send_at = row->created + delay;
	}
}

static void set_origin(const struct draft *d, struct outbox_row *row)
{
	for (size_t i = 0; i < d->origin_count && !row->orig_mailbox; i++) {
		if (d->origins[i].delete_after || !d->origins[i].flag)
			continue;
		row->orig_account = d->origins[i].account;
		row->orig_mailbox = d->origins[i].mailbox;
		row->orig_uidvalidity = d->origins[i].uidvalidity;
		row->orig_uid = d->origins[i].uid;
		row->orig_flag = d->origins[i].flag;
	}
}

static bool add_row(struct draft *d, const char *file, const char *fcc, int64_t *id, struct err *e)
{
	struct outbox_row row = {.state = OUTBOX_QUEUED,
		.file = file,
		.subject = d->field[FIELD_SUBJECT],
		.fcc = fcc,
		.created = clock_now()};
	char *from = draft_envelope_sender(d), *account;
	struct str recipients, options;
	bool ok;

	str_init(&recipients, DRAFT_RECIPIENTS_MAX);
	str_init(&options, DRAFT_DATA_MAX);
	account = outbox_way_out(d->s, d->conf, &options, e);
	ok = account && draft_envelope(d, &recipients, e);
	send_options(d, ok && (beyond_ascii(recipients.s) || beyond_ascii(from)), &options);
	set_time(d, &row, &options);
	set_origin(d, &row);
	row.account = account;
	row.from = from;
	row.recipients = recipients.s;
	row.options = options.s;
	ok = ok && outbox_add(d->s->state, &row, id, e);
	free(account);
	free(from);
	str_fini(&options);
	str_fini(&recipients);
	return ok;
}

/* A copy with Bcc, or without attachments, is another file than the one that is sent. */
static bool copy_file(struct draft *d, const char *sent, char **file, struct err *e)
{
	struct str text;
	bool ok;

	if ((d->conf->write_bcc || !*d->field[FIELD_BCC]) && copy_is_whole(d)) {
		*file = xstrdup(sent);
		return true;
	}
	if (!build_text(d, FOR_FCC, &text, e))
		return false;
	ok = state_put_new_file(d->s->state, str_sv(&text), file, e);
	str_fini(&text);
	return ok;
}

bool draft_fix_message_id(struct draft *d, struct err *e)
{
	struct assembly x = {.a = arena_new()};
	bool ok = d->sent_message_id || take_list(d, &x, FIELD_FROM, &x.from, &x.build.from, e);

	if (ok && !d->sent_message_id)
		d->sent_message_id = xstrdup(make_message_id(d, &x));
	assembly_fini(&x);
	return ok;
}

bool draft_put_files(struct draft *d, char **file, char **fcc, struct err *e)
{
	char *copy = NULL;
	struct str text;
	bool ok;

	*file = *fcc = NULL;
	if (!build_text(d, FOR_SENDING, &text, e))
		return false;
	ok = state_put_new_file(d->s->state, str_sv(&text), file, e) && copy_file(d, *file, &copy, e);
	str_fini(&text);
	if (ok && *d->field[FIELD_FCC])
		*fcc = strcmp(copy, *file) == 0 ? xstrdup(d->field[FIELD_FCC])
						: xasprintf("%s\n%s", d->field[FIELD_FCC], copy);
	free(copy);
	return ok;
}

bool draft_date_anew(struct session *s, const struct outbox_row *r, int64_t date, struct err *e)
{
	struct sv message_id = outbox_option(sv_of(r->options), "envid");
	char *file, *fcc;
	struct draft *d;
	bool ok;

	if (!outbox_draft_of(r))
		return true; /* a bounce keeps its date */
	if (!draft_read(s, outbox_draft_of(r), &d, e))
		return e->class == ERR_GONE;
	draft_use_identity(d);
	d->send_at = date;
	if (message_id.len) {
		free(d->sent_message_id);
		d->sent_message_id = sv_dup(message_id);
	}
	ok = draft_put_files(d, &file, &fcc, e) && outbox_set_file(s->state, r->id, file, e);
	if (ok && *r->fcc)
		ok = outbox_set_fcc(s->state, r->id, fcc, e);
	free(file);
	free(fcc);
	draft_free(d);
	return ok;
}

/* toggle-unlink: the draft, which may come back, keeps a copy of its own; the files go when it is in the outbox. */
static bool copy_doomed(struct draft *d, char **doomed, struct err *e)
{
	for (size_t i = 1; i < d->part_count; i++) {
		struct draft_part *p = &d->parts[i];
		struct str bytes;
		char *name;
		if (!p->delete_file || p->unlink_after || !fs_read(p->path, BUILD_MAX, &bytes, e)) {
			if (p->delete_file && !p->unlink_after)
				return false;
			continue;
		}
		bool ok = state_put_file(d->s->state, str_sv(&bytes), &name, e);
		str_fini(&bytes);
		if (!ok)
			return false;
		doomed[i] = p->path;
		p->path = name;
		p->delete_file = false;
	}
	return true;
}

static void settle_doomed(struct draft *d, char **doomed, bool sent)
{
	for (size_t i = 0; i < d->part_count; i++) {
		if (doomed[i] && sent) {
			(void)unlink(doomed[i]);
		} else if (doomed[i]) {
			free(d->parts[i].path);
			d->parts[i].path = xstrdup(doomed[i]);
			d->parts[i].delete_file = true;
		}
		free(doomed[i]);
	}
	free(doomed);
}

bool draft_send_prepare(struct draft *d, struct err *e)
{
	struct msg_facts facts;

	draft_msg(d, &facts);
	hook_run_send2(d->s, &facts);
	draft_use_identity(d);
	return draft_check(d, e);
}

bool draft_send(struct draft *d, int64_t *id, struct err *e)
{
	char **doomed = xcalloc(d->part_count + 1, sizeof(*doomed)), *file = NULL, *fcc = NULL;
	bool ok = copy_doomed(d, doomed, e) && draft_send_prepare(d, e) && draft_put_files(d, &file, &fcc, e) &&
		  draft_to_outbox(d, file, fcc, id, e);

	free(file);
	free(fcc);
	settle_doomed(d, doomed, ok);
	return ok;
}

bool draft_to_outbox(struct draft *d, const char *file, const char *fcc, int64_t *id, struct err *e)
{
	struct session *s = d->s;
	bool was_postponed = d->postponed, ok;

	if (!state_begin(s->state, e))
		return false;
	d->sent = true;
	d->postponed = false;
	ok = drop_sources(d, d->append, d->append_message_id, 0, e);
	d->append = 0;
	ok = ok && draft_keep(d, e) && add_row(d, file, fcc, id, e);
	if (ok)
		ok = state_commit(s->state, e);
	else
		state_rollback(s->state);
	if (!ok) {
		d->sent = false;
		d->postponed = was_postponed;
		return false;
	}
	for (size_t i = 0; i < s->acct_count; i++)
		session_intents(s, s->accts[i]->name);
	outbox_kick(s);
	return true;
}

/* ---- postponing ---- */

static bool append_postponed(struct draft *d, struct err *e)
{
	struct session *s = d->s;
	char *name = NULL, *real, *file = NULL;
	struct str text;
	struct acct *a;
	bool ok;

	if (!*s->conf->postponed)
		return true;
	a = session_resolve(s, s->conf->postponed, &name, e);
	if (!a)
		return err_at(e, "$postponed");
	real = acct_mailbox_name(a, name);
	/* Each copy has a name of its own, so that the one before can be told from it. */
	xfree_null(&d->sent_message_id);
	ok = build_text(d, FOR_POSTPONE, &text, e);
	if (ok) {
		d->append_message_id = xstrdup(d->sent_message_id);
		ok = state_put_file(s->state, str_sv(&text), &file, e);
		str_fini(&text);
	}
	if (ok) {
		struct intent i = {.kind = INTENT_APPEND,
			.state = INTENT_PENDING,
			.account = a->name,
			.mailbox = real,
			.add = MSG_SEEN | MSG_DRAFT,
			.message_id = d->append_message_id,
			.file = file,
			.date = clock_now()};

		ok = intent_add(s->state, &i, &d->append, e);
	}
	free(real);
	free(name);
	free(file);
	return ok;
}

bool draft_postpone(struct draft *d, struct err *e)
{
	struct session *s = d->s;
	int64_t old = d->append;
	char *old_id = d->append_message_id;
	bool ok = state_begin(s->state, e), was_postponed = d->postponed;

	if (!ok)
		return false;
	d->postponed = true;
	/* The new one first: what is there goes when that is there. */
	d->append = 0;
	d->append_message_id = NULL;
	ok = append_postponed(d, e) && drop_sources(d, old, old_id, d->append, e);
	for (size_t i = 0; ok && i < d->origin_count; i++)
		d->origins[i].delete_after = false; /* it goes now; this draft is what is left */
	ok = ok && draft_keep(d, e);
	if (ok)
		ok = state_commit(s->state, e);
	else
		state_rollback(s->state);
	if (!ok) {
		d->postponed = was_postponed;
		d->append = old;
		free(d->append_message_id);
		d->append_message_id = old_id;
		return false;
	}
	free(old_id);
	for (size_t i = 0; i < s->acct_count; i++)
		session_intents(s, s->accts[i]->name);
	return true;
}
