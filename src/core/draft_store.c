/*
 * A draft as text in state.db: one line for each fact ("field", "header", "part", ...), tabs between
 * values, then an empty line and the text of the message. Parts are files; those of ours are kept beside
 * state.db under the hash of their content, so that they outlive this process.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "core/draft_priv.h"
#include "core/gettext.h"

#define MAGIC "feist-draft 1\n"
#define VALUES_MAX 12

/* ---- writing ---- */

static bool put_value(struct str *out, const char *text)
{
	bool ok = true;

	for (; ok && text && *text; text++) {
		switch (*text) {
		case '\\':
			ok = str_adds(out, "\\\\");
			break;
		case '\n':
			ok = str_adds(out, "\\n");
			break;
		case '\t':
			ok = str_adds(out, "\\t");
			break;
		default:
			ok = str_addc(out, *text);
		}
	}
	return ok;
}

static bool put_line(struct str *out, const char *const *values)
{
	bool ok = true;

	for (size_t i = 0; ok && values[i]; i++)
		ok = (i == 0 || str_addc(out, '\t')) && put_value(out, values[i]);
	return ok && str_addc(out, '\n');
}

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

/* A file of ours moves beside state.db. */
static bool settle_part(struct draft *d, struct draft_part *p, struct err *e)
{
	struct str bytes;
	char *name;
	bool ok;

	if (!p->unlink_after || p->is_body)
		return true;
	if (!fs_read(p->path, STATE_DRAFT_MAX * 4, &bytes, e))
		return false;
	ok = state_put_file(d->s->state, str_sv(&bytes), &name, e);
	str_fini(&bytes);
	if (!ok)
		return false;
	(void)unlink(p->path);
	free(p->path);
	p->path = name;
	p->unlink_after = false;
	return true;
}

/* word: "part", or "second": a form of the text. */
static bool put_part(struct str *out, const char *word, const struct draft_part *p)
{
	char flags[8], group[16];

	snprintf(flags, sizeof(flags), "%s%s%s%s%s", p->is_inline ? "i" : "", p->is_body ? "b" : "",
		p->is_message ? "m" : "", p->delete_file ? "d" : "", p->keep_charset ? "n" : "");
	snprintf(group, sizeof(group), "%u", p->group);
	return put_line(out, (const char *[]){word, p->is_body ? "-" : p->path, or_empty(p->name),
				     or_empty(p->type), or_empty(p->charset), or_empty(p->encoding),
				     or_empty(p->description), flags, or_empty(p->content_id),
				     or_empty(p->language), group, NULL});
}

static bool put_group(struct str *out, unsigned number, const struct draft_group *g)
{
	char text[16], parent[16];

	if (!g->used)
		return true;
	snprintf(text, sizeof(text), "%u", number);
	snprintf(parent, sizeof(parent), "%u", g->parent);
	return put_line(out, (const char *[]){"group", text, g->subtype, parent, NULL});
}

static bool put_origin(struct str *out, const struct draft_origin *o)
{
	char validity[32], uid[32], flag[32];

	snprintf(validity, sizeof(validity), "%llu", (unsigned long long)o->uidvalidity);
	snprintf(uid, sizeof(uid), "%llu", (unsigned long long)o->uid);
	snprintf(flag, sizeof(flag), "%u", o->flag);
	return put_line(out, (const char *[]){"origin", o->account, o->mailbox, validity, uid, flag,
				     o->delete_after ? "delete" : "", o->message_id, NULL});
}

static bool serialize(struct draft *d, struct str *out, struct err *e)
{
	char number[32], append[32], send_at[32];
	bool ok;

	for (size_t i = 0; i < d->part_count; i++) {
		if (!settle_part(d, &d->parts[i], e))
			return false;
	}
	if (!settle_part(d, &d->second, e))
		return false;
	snprintf(number, sizeof(number), "%d", (int)d->kind);
	snprintf(append, sizeof(append), "%lld", (long long)d->append);
	snprintf(send_at, sizeof(send_at), "%lld", (long long)d->send_at);
	ok = str_adds(out, MAGIC) && put_line(out, (const char *[]){"kind", number, NULL}) &&
	     put_line(out, (const char *[]){"state",
				   d->sent        ? "sent"
				   : d->postponed ? "postponed"
						  : "editing",
				   NULL}) &&
	     put_line(out, (const char *[]){"append", append, or_empty(d->append_message_id), NULL}) &&
	     put_line(out, (const char *[]){"security", d->security, NULL}) &&
	     put_line(out, (const char *[]){"sendat", send_at, NULL}) &&
	     put_line(out, (const char *[]){"delivered", d->delivered, NULL}) &&
	     (!d->fcc_chosen || put_line(out, (const char *[]){"fcc_attach",
						      d->fcc_whole ? "yes" : "no", NULL}));
	for (int f = 0; ok && f < FIELD_FIELDS; f++) {
		if (*d->field[f])
			ok = put_line(out,
				(const char *[]){"field", draft_field_name((enum draft_field)f),
					d->field[f], d->user_set[f] ? "user" : "", NULL});
	}
	for (size_t i = 0; ok && i < d->header_count; i++) {
		if (!d->headers[i].by_my_hdr)
			ok = put_line(out, (const char *[]){"header", d->headers[i].name,
						   d->headers[i].value, NULL});
	}
	for (size_t i = 0; ok && i < d->origin_count; i++)
		ok = put_origin(out, &d->origins[i]);
	for (unsigned g = 1; ok && g <= d->group_count; g++)
		ok = put_group(out, g, &d->groups[g - 1]);
	for (size_t i = 0; ok && i < d->part_count; i++)
		ok = put_part(out, "part", &d->parts[i]);
	if (ok && d->second.path)
		ok = put_part(out, "second", &d->second);
	return (ok && str_addc(out, '\n')) ||
	       err_set(e, ERR_LIMIT, "%s", _("The draft is too big."));
}

bool draft_keep(struct draft *d, struct err *e)
{
	struct str data, text;
	bool ok;

	d->s->postponed = -1;
	str_init(&data, STATE_DRAFT_MAX);
	if (!draft_body_text(d, &text, e)) {
		str_fini(&data);
		return false;
	}
	ok = serialize(d, &data, e);
	if (ok && !str_add(&data, str_sv(&text)))
		ok = err_set(e, ERR_LIMIT, "%s", _("The draft is too big."));
	ok = ok && state_draft_save(
			   d->s->state, &d->id, sv_of(d->field[FIELD_SUBJECT]), str_sv(&data), e);
	if (ok)
		d->dirty = false;
	str_fini(&text);
	str_fini(&data);
	return ok;
}

/* ---- reading ---- */

static char *take_value(struct sv text)
{
	struct str out;

	str_init(&out, text.len + 1);
	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];

		if (c == '\\' && i + 1 < text.len) {
			c = text.p[++i];
			c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
		}
		(void)str_addc(&out, c);
	}
	return str_detach(&out);
}

static uint64_t number_of(const char *text)
{
	uint64_t n;

	return sv_u64(sv_of(text), &n) ? n : 0;
}

static void read_field(struct draft *d, char **v)
{
	for (int f = 0; f < FIELD_FIELDS; f++) {
		if (strcmp(v[1], draft_field_name((enum draft_field)f)) != 0)
			continue;
		draft_put_field(d, (enum draft_field)f, v[2]);
		d->user_set[f] = strcmp(v[3], "user") == 0;
	}
}

static char *or_null(const char *s)
{
	return *s ? xstrdup(s) : NULL;
}

static void read_part(struct draft_part *p, char **v)
{
	p->is_inline = strchr(v[7], 'i');
	p->is_body = strchr(v[7], 'b');
	p->is_message = strchr(v[7], 'm');
	p->path = p->is_body ? NULL : xstrdup(v[1]);
	p->name = or_null(v[2]);
	p->type = or_null(v[3]);
	p->charset = or_null(v[4]);
	p->encoding = or_null(v[5]);
	p->description = or_null(v[6]);
	p->delete_file = strchr(v[7], 'd');
	p->keep_charset = strchr(v[7], 'n');
	p->content_id = or_null(v[8]);
	p->language = or_null(v[9]);
	p->group = (unsigned)MIN(number_of(v[10]), DRAFT_GROUPS_MAX);
}

static void read_second(struct draft *d, char **v)
{
	draft_drop_second(d);
	read_part(&d->second, v);
}

static void read_group(struct draft *d, char **v)
{
	uint64_t number = number_of(v[1]), parent = number_of(v[3]);

	if (number == 0 || number > DRAFT_GROUPS_MAX || parent > DRAFT_GROUPS_MAX || parent == number)
		return;
	struct draft_group *g = &d->groups[number - 1];
	*g = (struct draft_group){.used = true, .parent = (unsigned)parent};
	snprintf(g->subtype, sizeof(g->subtype), "%s", v[2]);
	d->group_count = MAX(d->group_count, (unsigned)number);
}

static void read_append(struct draft *d, char **v)
{
	d->append = (int64_t)number_of(v[1]);
	free(d->append_message_id);
	d->append_message_id = or_null(v[2]);
}

static void read_line(struct draft *d, char **v)
{
	struct err e;

	if (strcmp(v[0], "kind") == 0)
		d->kind = (enum draft_kind)MIN(number_of(v[1]), DRAFT_RESEND);
	else if (strcmp(v[0], "state") == 0)
		d->postponed = strcmp(v[1], "postponed") == 0;
	else if (strcmp(v[0], "group") == 0)
		read_group(d, v);
	else if (strcmp(v[0], "append") == 0)
		read_append(d, v);
	else if (strcmp(v[0], "security") == 0)
		draft_set_security(d, v[1]);
	else if (strcmp(v[0], "sendat") == 0)
		d->send_at = (int64_t)number_of(v[1]);
	else if (strcmp(v[0], "delivered") == 0)
		draft_set_delivered(d, v[1]);
	else if (strcmp(v[0], "fcc_attach") == 0)
		draft_set_fcc_attach(d, strcmp(v[1], "yes") == 0);
	else if (strcmp(v[0], "field") == 0)
		read_field(d, v);
	else if (strcmp(v[0], "header") == 0 && !draft_set_header(d, v[1], v[2], &e))
		log_write(LOG_WARN, "draft", "%s", e.text);
	else if (strcmp(v[0], "origin") == 0)
		draft_add_origin(d, &(struct draft_origin){.account = v[1],
					    .mailbox = v[2],
					    .uidvalidity = number_of(v[3]),
					    .uid = number_of(v[4]),
					    .flag = (unsigned)number_of(v[5]),
					    .delete_after = strcmp(v[6], "delete") == 0,
					    .message_id = v[7]});
	else if (strcmp(v[0], "part") == 0)
		read_part(draft_add_part(d), v);
	else if (strcmp(v[0], "second") == 0)
		read_second(d, v);
}

static void parse(struct draft *d, struct sv *rest)
{
	struct sv line, piece;

	while (sv_line(rest, &line) && line.len > 0) {
		char *v[VALUES_MAX + 1] = {NULL};
		size_t n = 0;

		while (n < VALUES_MAX && sv_split(&line, '\t', &piece))
			v[n++] = take_value(piece);
		while (n < VALUES_MAX)
			v[n++] = xstrdup("");
		read_line(d, v);
		for (size_t i = 0; i < n; i++)
			free(v[i]);
	}
}

bool draft_read(struct session *s, int64_t id, struct draft **out, struct err *e)
{
	struct str data;
	struct sv rest;
	struct draft *d;
	bool ok;

	if (!state_draft_load(s->state, id, &data, e))
		return false;
	rest = str_sv(&data);
	if (!sv_starts(rest, SV(MAGIC))) {
		str_fini(&data);
		return err_set(
			e, ERR_DISK, "%s", _("The draft was written by another version of feist."));
	}
	rest = sv_from(rest, sizeof(MAGIC) - 1);
	d = draft_alloc(s);
	d->id = id;
	parse(d, &rest);
	draft_check_groups(d);
	ok = d->part_count > 0 && d->parts[0].is_body;
	if (ok) {
		d->parts[0].unlink_after = true;
		ok = draft_temp(d->conf, ".eml", rest, &d->parts[0].path, e);
	} else
		err_set(e, ERR_DISK, "%s", _("The draft has no text."));
	for (size_t i = 0; i < d->part_count; i++)
		(void)draft_part_changed(d, i);
	str_fini(&data);
	if (!ok) {
		draft_free(d);
		return false;
	}
	d->dirty = false;
	*out = d;
	return true;
}

/* ---- lists ---- */

struct kept {
	struct session *s;
	struct draft_info *v;
	size_t n, cap;
};

/* The first lines of the data tell what it is: "editing", "postponed", "sent". */
static bool is_in_state(struct session *s, int64_t id, struct sv state, char **to)
{
	struct str data;
	struct err e;
	struct sv rest, line;
	bool found = false;

	if (!state_draft_load(s->state, id, &data, &e))
		return false;
	rest = str_sv(&data);
	while (sv_line(&rest, &line) && line.len > 0) {
		if (sv_starts(line, SV("state\t")))
			found = sv_eq(sv_from(line, 6), state);
		if (to && sv_starts(line, SV("field\tTo\t"))) {
			struct sv value = sv_from(line, 9), piece = value;

			(void)sv_split(&value, '\t', &piece);
			free(*to);
			*to = take_value(piece);
		}
	}
	str_fini(&data);
	return found;
}

static bool take_kept(void *data, int64_t id, int64_t changed, struct sv subject)
{
	struct kept *k = data;

	array_grow(k->v, k->n, k->cap);
	k->v[k->n++] = (struct draft_info){
		.id = id, .date = changed, .subject = sv_dup(subject), .to = xstrdup("")};
	return true;
}

static size_t list_kept(struct session *s, struct sv state, struct draft_info **list)
{
	struct kept k = {.s = s};
	struct err e;
	size_t n = 0;

	if (!state_draft_each(s->state, take_kept, &k, &e))
		session_fail(s, &e, _("The drafts"));
	for (size_t i = 0; i < k.n; i++) {
		if (is_in_state(s, k.v[i].id, state, (char **)&k.v[i].to)) {
			k.v[n++] = k.v[i];
			continue;
		}
		free((char *)k.v[i].to);
		free((char *)k.v[i].subject);
	}
	*list = k.v;
	return n;
}

static int newest_first(const void *va, const void *vb)
{
	const struct draft_info *a = va, *b = vb;

	return a->date != b->date ? (a->date < b->date ? 1 : -1) : (a->id < b->id ? 1 : -1);
}

size_t draft_postponed_list(struct session *s, struct draft_info **list)
{
	size_t n = list_kept(s, SV("postponed"), list);

	if (n > 1)
		qsort(*list, n, sizeof(**list), newest_first);
	return n;
}

void draft_info_free(struct draft_info *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free((char *)list[i].to);
		free((char *)list[i].subject);
	}
	free(list);
}

uint32_t draft_postponed_count(struct session *s)
{
	struct draft_info *list;
	size_t n;

	if (s->postponed < 0) { /* asked for with every status line */
		n = list_kept(s, SV("postponed"), &list);
		draft_info_free(list, n);
		s->postponed = (int64_t)n;
	}
	return (uint32_t)s->postponed;
}

uint32_t draft_lost_count(struct session *s)
{
	struct draft_info *list;
	size_t n = list_kept(s, SV("editing"), &list);

	draft_info_free(list, n);
	return (uint32_t)n;
}

bool draft_is_postponed_view(struct session *s, const struct view *v)
{
	char *name = NULL;
	struct err e;
	struct acct *a =
		*s->conf->postponed ? session_resolve(s, s->conf->postponed, &name, &e) : NULL;
	bool same = a && !v->unified && view_has_source(v, a->name, name);

	free(name);
	return same;
}

struct draft *draft_recall(struct session *s, int64_t id, struct err *e)
{
	struct draft *d;

	return draft_read(s, id, &d, e) ? d : NULL;
}
