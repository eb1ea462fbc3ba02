/*
 * One message as JSON, and all its attachments as a stream, for `feist --dump=json` and
 * `--save-attachments` (design: batch.md). Nothing here is safe for a terminal; JSON escapes it.
 */
#include "render/render_priv.h"

#include <stdlib.h>

#include "base/fs.h"
#include "base/hash.h"
#include "mime/envelope.h"

#define JSON_TEXTS_MAX (48u << 20) /* bytes of the whole behind which no text of a part is added */
/* Containers lie in each other, so that their bytes together can be many times those of the message. */
#define JSON_HASH_TIMES 8
#define JSON_HASH_MIN (1u << 20)

/* Writes members of an object; ok becomes false when out is full. */
struct json_out {
	struct str *out;
	bool ok, comma;
	uint64_t hash_left; /* bytes of containers that may still be hashed */
};

static void put(struct json_out *j, const char *s)
{
	j->ok = j->ok && str_adds(j->out, s);
}

static void put_string(struct json_out *j, const char *s)
{
	j->ok = j->ok && str_add_json(j->out, sv_of(s));
}

static void put_or_null(struct json_out *j, const char *s)
{
	if (s)
		put_string(j, s);
	else
		put(j, "null");
}

static void key(struct json_out *j, const char *name)
{
	if (j->comma)
		put(j, ",");
	j->comma = true;
	put_string(j, name);
	put(j, ":");
}

static void member(struct json_out *j, const char *name, const char *value)
{
	key(j, name);
	put_string(j, value);
}

static void number(struct json_out *j, const char *name, int64_t value)
{
	key(j, name);
	j->ok = j->ok && str_addf(j->out, "%lld", (long long)value);
}

static void open(struct json_out *j, const char *bracket)
{
	put(j, bracket);
	j->comma = false;
}

static void close(struct json_out *j, const char *bracket)
{
	put(j, bracket);
	j->comma = true;
}

static void element(struct json_out *j)
{
	if (j->comma)
		put(j, ",");
	j->comma = true;
}

/* ---- the envelope ---- */

static void address(struct json_out *j, const struct addr *a)
{
	element(j);
	open(j, "{");
	member(j, "name", a->name);
	member(j, "addr", a->addr);
	close(j, "}");
}

static void addresses(struct json_out *j, const char *name, const struct addr_list *l)
{
	key(j, name);
	open(j, "[");
	for (size_t i = 0; i < l->count; i++)
		if (l->list[i].kind == ADDR_MAILBOX)
			address(j, &l->list[i]);
	close(j, "]");
}

static void strings(struct json_out *j, const char *name, const char *const *list, size_t n)
{
	key(j, name);
	open(j, "[");
	for (size_t i = 0; i < n; i++) {
		element(j);
		put_string(j, list[i]);
	}
	close(j, "]");
}

static void dates(struct json_out *j, const struct envelope *env)
{
	char text[DATE_TEXT_MAX];

	key(j, "date");
	if (env->has_date)
		put_string(j, date_rfc3339(text, &env->date));
	else
		put(j, "null");
	if (env->has_date) {
		number(j, "date_epoch", env->date.epoch);
	} else {
		key(j, "date_epoch");
		put(j, "null");
	}
}

static void envelope(struct json_out *j, struct view *v)
{
	struct envelope env;

	envelope_parse(v->arena, &v->tree->root->headers, &v->rules, &env);
	member(j, "subject", env.subject);
	addresses(j, "from", &env.from);
	addresses(j, "to", &env.to);
	addresses(j, "cc", &env.cc);
	addresses(j, "bcc", &env.bcc);
	addresses(j, "reply_to", &env.reply_to);
	addresses(j, "sender", &env.sender);
	dates(j, &env);
	member(j, "message_id", env.message_id);
	strings(j, "in_reply_to", env.in_reply_to.ids, env.in_reply_to.count);
	strings(j, "references", env.references.ids, env.references.count);
	key(j, "list");
	open(j, "{");
	member(j, "id", env.list_id);
	member(j, "post", env.list_post);
	strings(j, "unsubscribe", env.list_unsubscribe, env.n_list_unsubscribe);
	close(j, "}");
}

static void headers(struct json_out *j, struct view *v)
{
	const struct headers *h = &v->tree->root->headers;
	struct str value;

	str_init(&value, HEADER_TEXT_MAX);
	key(j, "headers");
	open(j, "[");
	for (size_t i = 0; i < h->count && j->ok; i++) {
		str_clear(&value);
		header_text(&value, h->list[i].raw, &v->rules);
		element(j);
		open(j, "[");
		element(j);
		j->ok = j->ok && str_add_json(j->out, h->list[i].name);
		element(j);
		j->ok = j->ok && str_add_json(j->out, str_sv(&value));
		close(j, "]");
	}
	close(j, "]");
	str_fini(&value);
}

/* ---- parts ---- */

struct digest {
	struct hash *hash;
	uint64_t bytes;
};

static bool digest_piece(void *data, struct sv piece, struct err *e)
{
	struct digest *d = data;

	(void)e;
	hash_add(d->hash, piece);
	d->bytes += piece.len;
	return true;
}

/* Size and hash of the decoded bytes; of a container the bytes as they stand, while there is time for it. */
static uint64_t digest(struct json_out *j, const struct view *v, const struct part *p, char hex[SHA256_HEX_LEN + 1])
{
	struct sv raw = part_raw(v->tree, p);
	struct digest d = {NULL, 0};
	struct err e;

	hex[0] = '\0';
	if (p->kind != PART_LEAF) {
		if (raw.len > j->hash_left)
			return raw.len;
		j->hash_left -= raw.len;
	}
	d.hash = hash_sha256_new();
	if (p->kind != PART_LEAF)
		digest_piece(&d, raw, &e);
	else if (!part_decode_to(v->tree, p, digest_piece, &d, &e))
		d.bytes = 0;
	hash_end_hex(d.hash, hex);
	return d.bytes;
}

static bool is_text(const struct part *p)
{
	return p->kind == PART_LEAF &&
	       (strcmp(p->type, "text") == 0 || part_is(p, "message", "delivery-status"));
}

static void part_text_member(struct json_out *j, const struct view *v, const struct part *p)
{
	struct str text;
	struct err e;

	str_init(&text, PART_TEXT_MAX);
	/* Of a long text the head; of very many texts the first. */
	if (j->out->len < JSON_TEXTS_MAX)
		(void)!part_text(&text, v->tree, p, &v->rules, NULL, &e);
	key(j, "text");
	j->ok = j->ok && str_add_json(j->out, str_sv(&text));
	str_fini(&text);
}

static void part(struct json_out *j, struct view *v, const struct part *p)
{
	char hex[SHA256_HEX_LEN + 1];
	uint64_t size = digest(j, v, p, hex);
	char *safe = p->filename ? fs_safe_name(sv_of(p->filename), "attachment") : NULL;

	element(j);
	open(j, "{");
	member(j, "id", p->id);
	member(j, "type", part_type_text(v, p));
	/* RFC 2046 section 4.1.2: us-ascii when none is said. */
	member(j, "charset", *p->charset || strcmp(p->type, "text") != 0 ? p->charset : "us-ascii");
	member(j, "encoding", p->encoding_name);
	member(j, "disposition", p->disposition);
	key(j, "filename");
	put_or_null(j, p->filename);
	key(j, "safe_filename");
	put_or_null(j, safe);
	number(j, "size", (int64_t)size);
	member(j, "sha256", hex);
	key(j, "children");
	open(j, "[");
	for (const struct part *c = p->child; c; c = c->next) {
		element(j);
		put_string(j, c->id);
	}
	close(j, "]");
	if (is_text(p))
		part_text_member(j, v, p);
	close(j, "}");
	free(safe);
}

static void parts(struct json_out *j, struct view *v)
{
	key(j, "parts");
	open(j, "[");
	for (size_t i = 0; i < v->tree->count && j->ok; i++)
		part(j, v, v->tree->list[i]);
	close(j, "]");
	struct str tree;
	str_init(&tree, 64u << 20);
	part_tree_text(&tree, v->tree);
	member(j, "tree", tree.len ? tree.s : "");
	str_fini(&tree);
}

static void attachments(struct json_out *j, const struct view *v)
{
	key(j, "attachments");
	open(j, "[");
	for (size_t i = 0; i < v->tree->count; i++) {
		if (!part_is_file(v->tree->list[i]))
			continue;
		element(j);
		put_string(j, v->tree->list[i]->id);
	}
	close(j, "]");
}

/* ---- the whole ---- */

static void body(struct json_out *j, const struct doc *d)
{
	struct str text;

	str_init(&text, DOC_TEXT_MAX + DOC_LINES_MAX);
	doc_text(d, d->body_line, d->line_count, &text);
	key(j, "body_text");
	j->ok = j->ok && str_add_json(j->out, str_sv(&text));
	str_fini(&text);
}

/* Covered is what a signature or encryption is about: the first part of it, or the whole. */
static void crypto(struct json_out *j, const struct view *v, const struct doc *d)
{
	static const char *const kinds[DOC_CRYPTO_KINDS] = {"none", "pgp", "smime", "pgp-inline"};

	key(j, "crypto");
	open(j, "{");
	member(j, "kind", kinds[d->crypto]);
	member(j, "status", d->crypto ? "unchecked" : "none");
	member(j, "signer", "");
	key(j, "covers");
	open(j, "[");
	for (size_t i = 0; i < v->count; i++) {
		const struct part *p = v->tree->list[i];
		if (!part_is(p, "multipart", "signed") || !p->child)
			continue;
		element(j);
		put_string(j, p->child->id);
	}
	close(j, "]");
	close(j, "}");
}

bool render_json(struct sv message, const struct render_opts *opts, struct str *out, struct err *e)
{
	struct json_out j = {.out = out, .ok = true, .hash_left = message.len * (uint64_t)JSON_HASH_TIMES + JSON_HASH_MIN};
	struct view v;
	struct doc *d = render_message(message, opts);

	view_init(&v, message, opts);
	open(&j, "{");
	envelope(&j, &v);
	headers(&j, &v);
	parts(&j, &v);
	body(&j, d);
	attachments(&j, &v);
	crypto(&j, &v, d);
	strings(&j, "defects", d->defects, d->defect_count);
	close(&j, "}\n");
	doc_build_free(v.doc);
	view_fini(&v);
	doc_free(d);
	return j.ok || err_set(e, ERR_LIMIT, "the message is too big for JSON");
}

/* ---- all attachments ---- */

static bool write_piece(void *data, struct sv piece, struct err *e)
{
	return fs_write_all(*(int *)data, piece, e);
}

/* Decoded twice, for the size and for the bytes: an attachment of any size passes through a small buffer. */
static bool save_one(const struct view *v, const struct part *p, int fd, struct err *e)
{
	char *name = part_save_name(v, p, p->filename);
	bool leaf = p->kind == PART_LEAF;
	size_t size = leaf ? part_size(v->tree, p) : part_raw(v->tree, p).len;
	struct str head;

	str_init(&head, 4096);
	bool ok = str_addf(&head, "%s %zu %s\n", p->id, size, name) ||
		  err_set(e, ERR_LIMIT, "a name is too long");
	ok = ok && fs_write_all(fd, str_sv(&head), e);
	if (ok && leaf)
		ok = part_decode_to(v->tree, p, write_piece, &fd, e);
	else if (ok)
		ok = fs_write_all(fd, part_raw(v->tree, p), e);
	str_fini(&head);
	free(name);
	return ok;
}

bool render_save(struct sv message, const struct render_opts *opts, int fd, struct err *e)
{
	struct view v;
	bool ok = true;

	view_init(&v, message, opts);
	for (size_t i = 0; i < v.tree->count && ok; i++)
		if (part_is_file(v.tree->list[i]))
			ok = save_one(&v, v.tree->list[i], fd, e);
	doc_build_free(v.doc);
	view_fini(&v);
	return ok;
}
