/* Life of a draft, its fields and parts. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "core/draft_priv.h"
#include "core/gettext.h"
#include "core/hook.h"
#include "core/identity.h"
#include "mime/mailto.h"
#include "text/charset.h"

static const char *const field_names[FIELD_FIELDS] = {[FIELD_FROM] = "From",
	[FIELD_TO] = "To",
	[FIELD_CC] = "Cc",
	[FIELD_BCC] = "Bcc",
	[FIELD_SUBJECT] = "Subject",
	[FIELD_REPLY_TO] = "Reply-To",
	[FIELD_FCC] = "Fcc",
	[FIELD_MAIL_FOLLOWUP_TO] = "Mail-Followup-To",
	[FIELD_IN_REPLY_TO] = "In-Reply-To",
	[FIELD_REFERENCES] = "References",
	[FIELD_X_LABEL] = "X-Label"};

static const struct charset_rules rules = CHARSET_RULES_DEFAULT;

const char *draft_field_name(enum draft_field f)
{
	return field_names[f];
}

bool draft_is_address_field(enum draft_field f)
{
	return f == FIELD_FROM || f == FIELD_TO || f == FIELD_CC || f == FIELD_BCC ||
	       f == FIELD_REPLY_TO || f == FIELD_MAIL_FOLLOWUP_TO;
}

/* ---- life ---- */

struct draft *draft_alloc(struct session *s)
{
	struct draft *d = xcalloc(1, sizeof(*d));

	d->s = s;
	d->conf = s->conf;
	for (int i = 0; i < FIELD_FIELDS; i++)
		d->field[i] = xstrdup("");
	d->security = xstrdup("");
	d->delivered = xstrdup("");
	return d;
}

static void add_body(struct draft *d)
{
	struct draft_part *body = draft_add_part(d);
	struct err e;

	body->type = xstrdup(*d->conf->content_type ? d->conf->content_type : "text/plain");
	body->is_body = body->is_inline = body->unlink_after = true;
	if (!draft_temp(d->conf, ".eml", sv_make("", 0), &body->path, &e)) {
		session_fail(d->s, &e, _("A file for the message"));
		body->path = xstrdup("/nonexistent");
	}
}

struct draft *draft_new(struct session *s)
{
	struct draft *d = draft_alloc(s);
	char *from = draft_default_from(d->conf);

	draft_put_field(d, FIELD_FROM, from);
	free(from);
	add_body(d);
	return d;
}

void draft_part_fini(struct draft_part *p)
{
	if (p->unlink_after && p->path)
		(void)unlink(p->path);
	free(p->path);
	free(p->name);
	free(p->type);
	free(p->charset);
	free(p->encoding);
	free(p->description);
	free(p->content_id);
	free(p->language);
}

void draft_origin_fini(struct draft_origin *o)
{
	free(o->account);
	free(o->mailbox);
	free(o->message_id);
}

void draft_free(struct draft *d)
{
	if (!d)
		return;
	for (int i = 0; i < FIELD_FIELDS; i++)
		free(d->field[i]);
	for (size_t i = 0; i < d->header_count; i++) {
		free(d->headers[i].name);
		free(d->headers[i].value);
	}
	for (size_t i = 0; i < d->part_count; i++)
		draft_part_fini(&d->parts[i]);
	draft_part_fini(&d->second);
	for (size_t i = 0; i < d->origin_count; i++)
		draft_origin_fini(&d->origins[i]);
	if (d->edit_path)
		(void)unlink(d->edit_path);
	free(d->edit_path);
	free(d->headers);
	free(d->parts);
	free(d->origins);
	free(d->security);
	free(d->delivered);
	conf_free(d->own_conf);
	free(d->append_message_id);
	free(d->sent_message_id);
	free(d);
}

void draft_discard(struct draft *d)
{
	struct err e;

	d->s->postponed = -1;
	if (d->id && !d->postponed && !d->sent && !state_draft_delete(d->s->state, d->id, &e) &&
		e.class != ERR_GONE)
		session_fail(d->s, &e, _("Forgetting a draft"));
	if (!d->postponed && !d->sent)
		d->id = 0;
}

enum draft_kind draft_kind(const struct draft *d)
{
	return d->kind;
}

void draft_add_origin(struct draft *d, const struct draft_origin *o)
{
	struct draft_origin *copy;

	array_grow(d->origins, d->origin_count, d->origin_cap);
	copy = &d->origins[d->origin_count++];
	*copy = *o;
	copy->account = xstrdup(o->account);
	copy->mailbox = xstrdup(o->mailbox);
	copy->message_id = xstrdup(o->message_id);
}

bool draft_temp(
	const struct conf *conf, const char *suffix, struct sv bytes, char **path, struct err *e)
{
	const char *dir = *conf->tmpdraftdir ? conf->tmpdraftdir
			  : *conf->tmpdir    ? conf->tmpdir
					     : NULL;
	int fd;

	if (!fs_temp(dir, "feist", suffix, &fd, path, e))
		return false;
	if (bytes.len && !fs_write_all(fd, bytes, e)) {
		close(fd);
		(void)unlink(*path);
		free(*path);
		*path = NULL;
		return false;
	}
	close(fd);
	return true;
}

/* ---- addresses ---- */

char *draft_default_from(const struct conf *conf)
{
	char *address = conf_user_address(conf);
	struct arena *a = arena_new();
	struct addr_list list = {0};
	struct addr own = {.kind = ADDR_MAILBOX, .name = conf->realname, .addr = address};
	struct str out;

	str_init(&out, DRAFT_FIELD_MAX);
	addr_parse(a, sv_of(conf->from), &rules, &list);
	if (addr_list_mailbox(&list, 0)) {
		own = *addr_list_mailbox(&list, 0);
		if (!*own.name)
			own.name = conf->realname;
	}
	(void)addr_format(&out, &own, ADDR_DISPLAY, NULL);
	free(address);
	arena_free(a);
	return str_detach(&out);
}

struct expansion {
	struct draft *d;
	struct arena *arena;
	struct addr_list *out;
	struct { /* alias texts that are being read */
		struct addr_list list;
		size_t at;
		const struct rc_alias *alias;
	} stack[ALIAS_DEPTH_MAX];
	unsigned depth;
};

static bool alias_is_open(const struct expansion *x, const struct rc_alias *alias)
{
	for (unsigned i = 0; i <= x->depth; i++) {
		if (x->stack[i].alias == alias)
			return true;
	}
	return false;
}

/* A word without @ may be an alias. */
static const struct rc_alias *alias_of(const struct expansion *x, const struct addr *a)
{
	const char *word = *a->addr ? a->addr : a->name;

	if (a->kind != ADDR_MAILBOX || strchr(word, '@') || (*a->addr && *a->name))
		return NULL;
	return rc_alias_find(&x->d->conf->rc, sv_of(word));
}

static bool take_address(struct expansion *x, const struct addr *a, struct err *e)
{
	struct addr copy = *a;
	const char *why;

	if (a->kind == ADDR_MAILBOX && !*a->addr && *a->name && !strchr(a->name, ' ')) {
		copy.addr = a->name; /* a login name */
		copy.name = "";
	}
	if (a->kind == ADDR_MAILBOX && *copy.addr && !strchr(copy.addr, '@') &&
		x->d->conf->use_domain && *conf_domain(x->d->conf))
		copy.addr = arena_printf(x->arena, "%s@%s", copy.addr, conf_domain(x->d->conf));
	if (a->kind == ADDR_MAILBOX && !*copy.addr)
		return err_set(e, ERR_INPUT, _("not an address: %s"), a->name);
	if (a->kind == ADDR_MAILBOX && strchr(copy.addr, '@') &&
		!addr_is_valid(sv_of(copy.addr), &why))
		return err_set(e, ERR_INPUT, _("not an address: %s (%s)"), copy.addr, why);
	if (x->out->count >= DRAFT_ADDRESSES_MAX)
		return err_set(e, ERR_LIMIT, _("more than %d addresses"), DRAFT_ADDRESSES_MAX);
	addr_list_add(x->arena, x->out, &copy);
	return true;
}

bool draft_addresses(struct draft *d, const char *text, struct arena *arena, struct addr_list *out,
	struct err *e)
{
	struct expansion *x = xcalloc(1, sizeof(*x));
	bool ok = true;

	x->d = d;
	x->arena = arena;
	x->out = out;
	*out = (struct addr_list){0};
	addr_parse(arena, sv_of(text), &rules, &x->stack[0].list);
	for (;;) {
		struct addr_list *list = &x->stack[x->depth].list;
		size_t at = x->stack[x->depth].at++;
		const struct rc_alias *alias;

		if (at >= list->count) {
			if (x->depth == 0)
				break;
			x->stack[x->depth--].alias = NULL;
			continue;
		}
		alias = alias_of(x, &list->list[at]);
		if (!alias || alias_is_open(x, alias) || x->depth + 1 >= ALIAS_DEPTH_MAX) {
			ok = take_address(x, &list->list[at], e);
			if (!ok)
				break;
			continue;
		}
		x->depth++;
		x->stack[x->depth].alias = alias;
		x->stack[x->depth].at = 0;
		addr_parse(arena, sv_of(alias->addresses), &rules, &x->stack[x->depth].list);
	}
	free(x);
	return ok;
}

/* ---- fields ---- */

const char *draft_field(const struct draft *d, enum draft_field f)
{
	return d->field[f];
}

void draft_put_field(struct draft *d, enum draft_field f, const char *text)
{
	char *copy = xstrdup(text);

	free(d->field[f]);
	d->field[f] = copy;
	d->dirty = true;
}

bool draft_one_line(const char *text, const char *name, struct err *e)
{
	if (strpbrk(text, "\r\n"))
		return err_set(e, ERR_INPUT, _("%s must be one line"), name);
	return strlen(text) <= DRAFT_FIELD_MAX || err_set(e, ERR_LIMIT, _("%s is too long"), name);
}

bool draft_set_field(struct draft *d, enum draft_field f, const char *text, struct err *e)
{
	struct addr_list list;
	struct arena *a;
	struct str out;
	bool ok;

	if (!draft_one_line(text, field_names[f], e))
		return false;
	d->user_set[f] = true;
	if (!draft_is_address_field(f)) {
		draft_put_field(d, f, text);
		return true;
	}
	a = arena_new();
	str_init(&out, DRAFT_FIELD_MAX);
	ok = draft_addresses(d, text, a, &list, e);
	if (ok && !addr_list_format(&out, &list, ADDR_DISPLAY, NULL, 0))
		ok = err_set(e, ERR_LIMIT, _("%s is too long"), field_names[f]);
	if (ok)
		draft_put_field(d, f, out.s);
	else
		err_at(e, "%s", field_names[f]);
	str_fini(&out);
	arena_free(a);
	if (ok && f == FIELD_FROM) {
		draft_use_identity(d);
		if (*d->field[FIELD_FCC])
			draft_choose_fcc(d);
	}
	return ok;
}

static bool good_header_name(const char *name)
{
	for (const char *p = name; *p; p++) {
		if (*p <= ' ' || *p >= 127 || *p == ':')
			return false;
	}
	return *name;
}

static void drop_header(struct draft *d, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < d->header_count; i++) {
		if (sv_is_case(sv_of(d->headers[i].name), name)) {
			free(d->headers[i].name);
			free(d->headers[i].value);
		} else
			d->headers[n++] = d->headers[i];
	}
	d->header_count = n;
}

static void add_header(struct draft *d, const char *name, const char *value, bool by_my_hdr)
{
	array_grow(d->headers, d->header_count, d->header_cap);
	d->headers[d->header_count++] =
		(struct draft_header){xstrdup(name), xstrdup(value), by_my_hdr};
	d->dirty = true;
}

bool draft_set_header(struct draft *d, const char *name, const char *value, struct err *e)
{
	for (int f = 0; f < FIELD_FIELDS; f++) {
		if (sv_is_case(sv_of(name), field_names[f]))
			return draft_set_field(d, (enum draft_field)f, value ? value : "", e);
	}
	if (!good_header_name(name))
		return err_set(e, ERR_INPUT, _("not the name of a header: %s"), name);
	if (value && !draft_one_line(value, name, e))
		return false;
	drop_header(d, name);
	if (value)
		add_header(d, name, value, false);
	return true;
}

bool draft_header_at(const struct draft *d, size_t n, const char **name, const char **value)
{
	if (n >= d->header_count)
		return false;
	*name = d->headers[n].name;
	*value = d->headers[n].value;
	return true;
}

bool draft_set_mailto(struct draft *d, const char *url, struct err *e)
{
	struct arena *a = arena_new();
	const struct rc_words *allow = &d->conf->rc.mailto_allow;
	const char **names = arena_alloc(a, (allow->n + 1) * sizeof(*names));
	struct mailto m = {0};
	struct str list;
	bool ok;

	for (size_t i = 0; i < allow->n; i++)
		names[i] = allow->v[i];
	ok = mailto_parse(a, sv_of(url), allow->n ? names : NULL, &m, e);
	str_init(&list, DRAFT_FIELD_MAX);
	ok = ok && addr_list_format(&list, &m.to, ADDR_DISPLAY, NULL, 0) &&
	     draft_set_field(d, FIELD_TO, list.s, e);
	str_clear(&list);
	if (ok && m.cc.count)
		ok = addr_list_format(&list, &m.cc, ADDR_DISPLAY, NULL, 0) &&
		     draft_set_field(d, FIELD_CC, list.s, e);
	str_clear(&list);
	if (ok && m.bcc.count)
		ok = addr_list_format(&list, &m.bcc, ADDR_DISPLAY, NULL, 0) &&
		     draft_set_field(d, FIELD_BCC, list.s, e);
	if (ok && m.subject)
		ok = draft_set_field(d, FIELD_SUBJECT, m.subject, e);
	if (ok && m.in_reply_to)
		ok = draft_set_field(d, FIELD_IN_REPLY_TO, m.in_reply_to, e);
	if (ok && m.body)
		ok = draft_set_body(d, sv_of(m.body), e);
	str_fini(&list);
	arena_free(a);
	return ok;
}

/* ---- my_hdr and hooks ---- */

static void my_hdr_one(struct draft *d, const char *name, const char *value)
{
	struct err e;

	for (int f = 0; f < FIELD_FIELDS; f++) {
		bool adds = f == FIELD_TO || f == FIELD_CC || f == FIELD_BCC;

		if (!sv_is_case(sv_of(name), field_names[f]))
			continue;
		if (d->user_set[f] && !adds)
			return;
		if (adds && *d->field[f]) {
			char *both = strstr(d->field[f], value)
					     ? xstrdup(d->field[f])
					     : xasprintf("%s, %s", d->field[f], value);

			if (!draft_set_field(d, (enum draft_field)f, both, &e))
				session_fail(d->s, &e, "my_hdr");
			free(both);
		} else if (!draft_set_field(d, (enum draft_field)f, value, &e))
			session_fail(d->s, &e, "my_hdr");
		d->user_set[f] = false;
		return;
	}
	if (good_header_name(name) && !strpbrk(value, "\r\n"))
		add_header(d, name, value, true);
}

void draft_apply_my_hdr(struct draft *d)
{
	const struct rc_words *words = &d->conf->rc.my_hdr;
	size_t n = 0;

	for (size_t i = 0; i < d->header_count; i++) {
		if (d->headers[i].by_my_hdr) {
			free(d->headers[i].name);
			free(d->headers[i].value);
		} else
			d->headers[n++] = d->headers[i];
	}
	d->header_count = n;
	if (!d->conf->hdrs)
		return;
	for (size_t i = 0; i < words->n; i++) {
		struct sv line = sv_of(words->v[i]);
		ptrdiff_t colon = sv_chr(line, ':');
		char *name, *value;

		if (colon <= 0)
			continue;
		name = sv_dup(sv_trim(sv_head(line, (size_t)colon)));
		value = sv_dup(sv_trim(sv_from(line, (size_t)colon + 1)));
		my_hdr_one(d, name, value);
		free(name);
		free(value);
	}
}

void draft_use_identity(struct draft *d)
{
	struct conf *old = d->own_conf;
	char *from = draft_from_address(d);

	d->own_conf = NULL;
	for (size_t i = 0; i < d->s->conf->rc.hooks.n && !d->own_conf; i++)
		if (d->s->conf->rc.hooks.v[i].kind == HOOK_IDENTITY)
			d->own_conf = conf_for_identity(d->s->conf, sv_of(from));
	d->conf = d->own_conf ? d->own_conf : d->s->conf;
	conf_free(old);
	free(from);
}

void draft_set_send_at(struct draft *d, int64_t when)
{
	d->send_at = when;
}

int64_t draft_send_at(const struct draft *d)
{
	return d->send_at;
}

bool draft_asks_fcc_attach(const struct draft *d)
{
	return *d->field[FIELD_FCC] && d->part_count > 1;
}

void draft_set_fcc_attach(struct draft *d, bool whole)
{
	d->fcc_chosen = true;
	d->fcc_whole = whole;
}

void draft_set_delivered(struct draft *d, const char *addresses)
{
	free(d->delivered);
	d->delivered = xstrdup(addresses ? addresses : "");
}

const char *draft_delivered(const struct draft *d)
{
	return d->delivered;
}

void draft_run_hooks(struct draft *d)
{
	struct msg_facts facts;

	draft_msg(d, &facts);
	hook_run_send(d->s, &facts);
	if (!d->user_set[FIELD_FROM] && d->kind == DRAFT_NEW) {
		char *from = draft_default_from(d->conf); /* a hook may have set $from */

		draft_put_field(d, FIELD_FROM, from);
		free(from);
	}
	draft_use_identity(d);
	draft_apply_my_hdr(d);
}

void draft_choose_fcc(struct draft *d)
{
	struct msg_facts facts;
	char *fcc;

	if (d->user_set[FIELD_FCC] || d->conf->copy == QUAD_NO)
		return;
	draft_msg(d, &facts);
	fcc = hook_fcc(d->s, &facts);
	draft_put_field(d, FIELD_FCC, fcc ? fcc : d->conf->record);
	free(fcc);
}

void draft_msg(const struct draft *d, struct msg_facts *out)
{
	*out = (struct msg_facts){.subject = sv_of(d->field[FIELD_SUBJECT]),
		.from = sv_of(d->field[FIELD_FROM]),
		.to = sv_of(d->field[FIELD_TO]),
		.cc = sv_of(d->field[FIELD_CC]),
		.bcc = sv_of(d->field[FIELD_BCC]),
		.reply_to = sv_of(d->field[FIELD_REPLY_TO]),
		.sender = sv_of(d->field[FIELD_FROM]),
		.in_reply_to = sv_of(d->field[FIELD_IN_REPLY_TO]),
		.references = sv_of(d->field[FIELD_REFERENCES]),
		.label = sv_of(d->field[FIELD_X_LABEL]),
		.row = VIEW_NONE,
		.size = draft_size(d),
		.attachments = d->part_count ? (uint32_t)d->part_count - 1 : 0,
		.content_type = SV("text/plain")};
	if (d->s && d->conf) {
		struct identity *me = identity_new(d->conf);

		out->flags |= identity_flags(me, out->from, out->to, out->cc);
		identity_free(me);
	}
}

const char *draft_security(const struct draft *d)
{
	return d->security;
}

void draft_set_security(struct draft *d, const char *words)
{
	char *copy = xstrdup(words);

	free(d->security);
	d->security = copy;
	d->dirty = true;
}

/* ---- parts ---- */

/* Only text that the user wrote: not what is quoted, nor the signature. */
bool draft_mentions_attachment(const struct draft *d)
{
	struct str text;
	struct sv rest, line;
	struct err e;
	bool found = false;

	if (!d->conf->abort_noattach_regexp.rx || d->part_count > 1 ||
		!draft_body_text(d, &text, &e))
		return false;
	rest = str_sv(&text);
	while (!found && sv_line(&rest, &line)) {
		if (sv_is(line, "-- "))
			break;
		if (!(d->conf->quote_regexp.rx && rx_match(d->conf->quote_regexp.rx, line)))
			found = rx_match(d->conf->abort_noattach_regexp.rx, line);
	}
	str_fini(&text);
	return found;
}
