#include "sync/row.h"

#include "mime/part.h"
#include "mime/shape.h"
#include "sync/spam.h"

#define LIST_TEXT_MAX 65536

static struct sv list_text(struct arena *a, const struct addr_list *list)
{
	struct str s;

	if (list->count == 0)
		return SV("");
	str_init(&s, LIST_TEXT_MAX);
	(void)addr_list_format(&s, list, ADDR_DISPLAY, NULL, 0);
	struct sv v = sv_make(arena_strndup(a, s.s ? s.s : "", s.len), s.len);
	str_fini(&s);
	return v;
}

static struct sv ids_text(struct arena *a, const struct msgid_list *ids)
{
	struct str s;

	str_init(&s, LIST_TEXT_MAX);
	for (size_t i = 0; i < ids->count; i++) {
		if ((i > 0 && !str_addc(&s, ' ')) || !str_adds(&s, ids->ids[i]))
			break;
	}
	struct sv v = sv_make(arena_strndup(a, s.s ? s.s : "", s.len), s.len);
	str_fini(&s);
	return v;
}

/* What a list is known by: the address to post to, else its id. */
static struct sv list_name(struct arena *a, const struct envelope *env)
{
	struct sv post = sv_of(env->list_post);
	ptrdiff_t question;

	if (sv_starts_case(post, SV("mailto:"))) {
		post = sv_from(post, 7);
		question = sv_chr(post, '?');
		return question >= 0 ? sv_head(post, (size_t)question) : post;
	}
	(void)a;
	return sv_of(env->list_id);
}

void row_of_envelope(struct arena *a, const struct envelope *env, struct message_row *row)
{
	row->subject = sv_of(env->subject);
	row->from = list_text(a, &env->from);
	row->to = list_text(a, &env->to);
	row->cc = list_text(a, &env->cc);
	row->bcc = list_text(a, &env->bcc);
	row->reply_to = list_text(a, &env->reply_to);
	row->sender = list_text(a, &env->sender);
	row->message_id = sv_of(env->message_id);
	row->in_reply_to = ids_text(a, &env->in_reply_to);
	row->refs = ids_text(a, &env->references);
	row->list = list_name(a, env);
	row->label = sv_of(env->x_label);
	row->date_sent = env->has_date ? env->date.epoch : row->date_received;
	row->tz = env->has_date ? env->date.tz_minutes : 0;
}

const char *row_ctype(struct arena *a, const struct headers *h)
{
	struct sv raw = headers_raw(h, "Content-Type");
	ptrdiff_t end = sv_chr(raw, ';');
	struct sv v = sv_trim(end >= 0 ? sv_head(raw, (size_t)end) : raw);
	ptrdiff_t slash = sv_chr(v, '/');

	if (slash <= 0 || (size_t)slash + 1 >= v.len || v.len > 100)
		return "text/plain";
	char *s = arena_strndup(a, v.p, v.len);
	for (char *p = s; *p; p++)
		*p = (char)ascii_lower((unsigned char)*p);
	return s;
}

static unsigned count_attachments(const struct part_tree *tree)
{
	unsigned n = 0;

	for (size_t i = 0; i < tree->count; i++)
		n += part_is_attachment(tree->list[i]);
	return n;
}

void row_of_parts(struct arena *a, struct sv bytes, bool whole, struct message_row *row)
{
	struct part_tree *tree = part_parse(a, bytes, NULL);
	struct str shape;

	row->attachments = count_attachments(tree);
	if (!whole && tree->root->kind != PART_LEAF)
		return; /* the rest is behind what was read */
	str_init(&shape, SHAPE_MAX * 2);
	shape_of_tree(&shape, tree);
	/* One inline part: its type says all. */
	if (tree->count > 1 || sv_starts(str_sv(&shape), SV("+")) || message_parts_unknown(row))
		row->shape = sv_make(arena_strndup(a, shape.s, shape.len), shape.len);
	str_fini(&shape);
}

void row_of_headers(struct arena *a, const struct headers *h, struct sv bytes, bool whole,
	const struct row_rules *given, struct message_row *row)
{
	const struct charset_rules rules = {.assumed = given ? given->assumed : NULL};
	struct envelope env;
	uint64_t lines;

	envelope_parse_index(a, h, &rules, &env);
	row_of_envelope(a, &env, row);
	row->spam = spam_tag(given ? given->spam : NULL, a, h);
	row->ctype = sv_of(row_ctype(a, h));
	/* One part of text cannot have attachments (but for uuencode): no need to look for them. */
	if (!sv_starts(row->ctype, SV("text/plain")) || headers_raw(h, "Content-Disposition").len)
		row_of_parts(a, bytes, whole, row);
	if (whole)
		row->lines = sv_count(sv_from(bytes, h->body_at), '\n');
	else if (sv_u64(headers_raw(h, "Lines"), &lines))
		row->lines = lines;
}

void row_of_bytes(struct arena *a, struct sv bytes, bool whole, const struct row_rules *given, struct message_row *row)
{
	struct headers h;

	bytes = headers_lf(a, bytes);
	headers_parse(a, bytes, &h);
	row_of_headers(a, &h, bytes, whole, given, row);
}
