/*
 * Bodies of IMAP messages. "": all of it. "text": what a reader looks at first; a message whose big
 * other parts are replaced by pointers to them, still a valid message. "1.2": one part with its
 * MIME header. Everything is read in pieces, so that a person who presses a key in the middle is
 * not forgotten.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "mime/header.h"
#include "store/body.h"
#include "sync/imap_box_priv.h"
#include "sync/imap_row.h"

/*
 * Asked for at once; between two the queue is looked at. They grow and shrink until one takes
 * about PIECE_MS: long beside a turn on the line, short for somebody who waits.
 */
#define PIECE_BYTES (256u << 10)
#define PIECE_MIN (32u << 10)
#define PIECE_MAX (8u << 20)
#define PIECE_MS 300
#define PART_HEADER_MAX (4u << 20)
#define RESUME_FROM (1u << 20)   /* a download of so many bytes goes on where it was cut */
#define WHOLE_BYTES (192u << 10) /* messages up to this size come whole */
#define TEXT_PART_MAX (1u << 20) /* text parts up to this size come along */
#define SMALL_PART_MAX \
	(24u << 10) /* any part up to this size comes along: not worth a second trip */

struct download {
	struct imap_box *b;
	struct body_writer *w;
	uint32_t uid;
	uint64_t total; /* bytes expected in all, for the progress shown; 0: not known */
	uint64_t done;
	uint64_t mailbox;
	uint32_t uidvalidity;
	uint64_t piece;
	bool resumable; /* w may be put aside and taken up again */
	bool binary;    /* the server takes the base64 off: a quarter less on the line */
};

static bool take(void *data, struct sv piece, struct err *e)
{
	struct download *d = data;

	d->done += piece.len;
	return body_write(d->w, piece, e);
}

static bool put(struct download *d, const char *text, struct err *e)
{
	return body_write(d->w, sv_of(text), e);
}

/* $imap_fetch_chunk_size, within reason; 0: as it fits. */
static uint64_t fixed_piece(struct download *d)
{
	int64_t n = host_conf_number(d->b->box.host, "imap_fetch_chunk_size", 0);

	return n > 0 ? (uint64_t)MIN(MAX(n, INT64_C(4096)), INT64_C(16777216)) : 0;
}

static void pace(struct download *d, int64_t took_ms)
{
	if (fixed_piece(d))
		return;
	if (took_ms < PIECE_MS / 2)
		d->piece = MIN(d->piece * 2, (uint64_t)PIECE_MAX);
	else if (took_ms > PIECE_MS * 2)
		d->piece = MAX(d->piece / 2, (uint64_t)PIECE_MIN);
}

/* One section into the file, from byte `from` on. What is small comes in one go. */
static bool fetch_from(struct download *d, const char *section, uint64_t from, uint64_t size, struct err *e)
{
	struct host *h = d->b->box.host;
	uint64_t len = 0;

	bool (*fetch)(struct imap *, uint32_t, const char *, uint64_t, uint64_t, imap_sink *, void *, uint64_t *,
		struct err *) = d->binary ? imap_fetch_binary : imap_fetch_body;

	d->piece = d->piece ? d->piece : fixed_piece(d) ? fixed_piece(d) : PIECE_BYTES;
	if (from == 0 && size <= d->piece)
		return fetch(d->b->im, d->uid, section, 0, 0, take, d, &len, e);
	for (;;) {
		uint64_t piece = d->piece;
		int64_t began = clock_ms();

		if (!fetch(d->b->im, d->uid, section, from, piece, take, d, &len, e))
			return false;
		from += len;
		if (len < piece)
			return true;
		host_step("piece of a body fetched");
		host_progress(h, d->mailbox, d->done, d->total, "body");
		/* Somebody who looks at a message does not wait for an attachment. */
		if (host_cancelled(h) || host_should_yield(h))
			return err_set(e, ERR_CANCEL, "fetching was stopped");
		pace(d, clock_ms() - began);
	}
}

static bool fetch_section(struct download *d, const char *section, uint64_t size, struct err *e)
{
	return fetch_from(d, section, 0, size, e);
}

/* ---- structure ---- */

struct structure {
	struct arena *arena;
	struct imap_body body;
	uint32_t uid;
	uint64_t size;
	bool here;
};

static struct sv dup_sv(struct arena *a, struct sv v)
{
	return v.p ? sv_make(arena_strndup(a, v.p, v.len), v.len) : v;
}

static struct imap_param *dup_params(struct arena *a, const struct imap_param *p, size_t n)
{
	struct imap_param *copy = arena_alloc(a, (n + 1) * sizeof(*copy));

	for (size_t i = 0; i < n; i++)
		copy[i] = (struct imap_param){dup_sv(a, p[i].name), dup_sv(a, p[i].value)};
	return copy;
}

void imap_box_take_structure(struct structure *st, const struct imap_msg *m)
{
	struct arena *a = st->arena;

	if (m->uid != st->uid || !(m->has & FETCH_BODY) || st->here)
		return;
	st->here = true;
	st->size = m->size;
	st->body.n = m->body.n;
	st->body.p = arena_alloc(a, (m->body.n + 1) * sizeof(*st->body.p));
	for (size_t i = 0; i < m->body.n; i++) {
		struct imap_part *p = &st->body.p[i];

		*p = m->body.p[i];
		p->id = arena_strdup(a, p->id);
		p->type = dup_sv(a, p->type);
		p->subtype = dup_sv(a, p->subtype);
		p->disposition = dup_sv(a, p->disposition);
		p->encoding = dup_sv(a, p->encoding);
		p->params = dup_params(a, p->params, p->nparams);
		p->disp_params = dup_params(a, p->disp_params, p->ndisp_params);
		p->description = p->content_id = (struct sv){0};
	}
}

static bool fetch_structure(struct imap_box *b, struct structure *st, struct err *e)
{
	char set[16];
	imap_tag tag;
	bool ok;

	snprintf(set, sizeof(set), "%u", st->uid);
	b->structure = st;
	tag = imap_fetch_send(b->im, set, "UID RFC822.SIZE BODYSTRUCTURE", 0, false, e);
	ok = tag && imap_end(b->im, tag, NULL, e);
	b->structure = NULL;
	if (ok && !st->here)
		return err_set(e, ERR_GONE, "the message is not on the server any more");
	return ok;
}

/* ---- the message without its big parts ---- */

static bool is_text(const struct imap_part *p)
{
	return sv_is_case(p->type, "text") || p->type.len == 0;
}

static bool is_multipart(const struct imap_part *p)
{
	return sv_is_case(p->type, "multipart");
}

static bool comes_along(const struct imap_body *b, size_t i)
{
	const struct imap_part *p = &b->p[i];

	if (p->size <= SMALL_PART_MAX)
		return true;
	return is_text(p) && !sv_is_case(p->disposition, "attachment") && p->size <= TEXT_PART_MAX;
}

/* A parameter in quotes; what could end the line or the quotes is left out. */
static void add_param(struct str *s, const char *name, struct sv value)
{
	if (!value.len)
		return;
	str_addf(s, "; %s=\"", name);
	for (size_t i = 0; i < value.len && i < 200; i++) {
		unsigned char c = (unsigned char)value.p[i];

		if (c >= ' ' && c != 127 && c != '"' && c != '\\')
			str_addc(s, (char)c);
	}
	str_addc(s, '"');
}

static struct sv part_name(const struct imap_part *p)
{
	struct sv name = imap_param(p->disp_params, p->ndisp_params, "filename");

	return name.len ? name : imap_param(p->params, p->nparams, "name");
}

/*
 * "Content-Type: message/external-body; access-type=x-feist; section=..." and the part's own MIME
 * header.
 */
static bool put_pointer(struct download *d, const struct imap_part *p, struct err *e)
{
	struct str s;
	char *type = xasprintf(SV_FMT "/" SV_FMT, SV_ARG(p->type), SV_ARG(p->subtype));
	char *mime = xasprintf("%s.MIME", p->id);
	bool ok;

	str_init(&s, 8192);
	str_addf(&s,
		"Content-Type: message/external-body; access-type=x-feist; section=\"%s\"; "
		"size=%llu",
		p->id, (unsigned long long)p->size);
	add_param(&s, "type", sv_of(type));
	add_param(&s, "name", part_name(p));
	str_adds(&s, "\r\n");
	if (p->disposition.len && imap_is_keyword(p->disposition)) {
		str_addf(&s, "Content-Disposition: " SV_FMT, SV_ARG(p->disposition));
		add_param(&s, "filename", part_name(p));
		str_adds(&s, "\r\n");
	}
	str_adds(&s, "\r\n");
	/* The phantom body's header: what the part says of itself (RFC 2046 5.2.3). */
	ok = body_write(d->w, str_sv(&s), e) && fetch_section(d, mime, 0, e);
	str_fini(&s);
	free(type);
	free(mime);
	return ok;
}

static bool put_leaf(struct download *d, const struct imap_body *b, size_t i, struct err *e)
{
	const struct imap_part *p = &b->p[i];
	char *mime;
	bool ok;

	if (!comes_along(b, i))
		return put_pointer(d, p, e);
	mime = xasprintf("%s.MIME", p->id);
	ok = fetch_section(d, mime, 0, e) && fetch_section(d, p->id, p->size, e);
	free(mime);
	return ok;
}

/* Boundary of a multipart: only one that can stand in a line of ours. */
static bool boundary_of(const struct imap_part *p, char out[80])
{
	struct sv b = imap_param(p->params, p->nparams, "boundary");

	if (b.len == 0 || b.len > 70)
		return false;
	for (size_t i = 0; i < b.len; i++)
		if ((unsigned char)b.p[i] < ' ' || (unsigned char)b.p[i] > 126)
			return false;
	snprintf(out, 80, SV_FMT, SV_ARG(b));
	return true;
}

/* Can it be taken apart? Every multipart outside of inner messages needs a boundary. */
static bool can_split(const struct imap_body *b)
{
	char boundary[80];

	if (b->n < 2 || !is_multipart(&b->p[0]))
		return false;
	for (size_t i = 0; i < b->n; i++)
		if (is_multipart(&b->p[i]) && !boundary_of(&b->p[i], boundary))
			return false;
	/* Signatures cover every byte: what is signed or encrypted comes whole. */
	for (size_t i = 0; i < b->n; i++)
		if (is_multipart(&b->p[i]) && (sv_is_case(b->p[i].subtype, "signed") ||
						      sv_is_case(b->p[i].subtype, "encrypted")))
			return false;
	return true;
}

static bool put_boundary(
	struct download *d, const struct imap_part *multi, bool last, struct err *e)
{
	char boundary[80];

	return boundary_of(multi, boundary) && put(d, "\r\n--", e) && put(d, boundary, e) &&
	       put(d, last ? "--\r\n" : "\r\n", e);
}

/* The parts in order; a multipart is open from its own place to the last part below it. */
static bool put_parts(struct download *d, const struct imap_body *b, struct err *e)
{
	int open[IMAP_DEPTH_MAX + 1];
	size_t depth = 0;

	open[depth++] = 0;
	for (size_t i = 1; i < b->n; i++) {
		const struct imap_part *p = &b->p[i];
		int inside = p->parent;

		/* Parts of an inner message come with it, or not at all. */
		while (inside >= 0 && is_multipart(&b->p[inside]))
			inside = b->p[inside].parent;
		if (inside >= 0)
			continue;
		while (depth > 1 && open[depth - 1] != p->parent)
			if (!put_boundary(d, &b->p[open[--depth]], true, e))
				return false;
		if (!put_boundary(d, &b->p[p->parent], false, e))
			return false;
		if (is_multipart(p)) {
			char *mime = xasprintf("%s.MIME", p->id);
			bool ok = fetch_section(d, mime, 0, e);

			free(mime);
			if (!ok)
				return false;
			open[depth++] = (int)i;
		} else if (!put_leaf(d, b, i, e)) {
			return false;
		}
	}
	while (depth > 0)
		if (!put_boundary(d, &b->p[open[--depth]], true, e))
			return false;
	return true;
}

/* ---- fetching ---- */

/*
 * Opens the file for a section; *have bytes of it are there from an attempt that was cut. They are
 * those of this message as long as UIDVALIDITY is the same.
 */
static bool open_writer(struct download *d, const char *section, uint64_t *have, struct err *e)
{
	struct cache *c = host_cache(d->b->box.host);
	char *key;
	bool ok;

	*have = 0;
	if (d->w)
		return true;
	if (d->total < RESUME_FROM)
		return body_write_open(c, &d->w, e);
	key = xasprintf("%llu-%u-%u-%s", (unsigned long long)d->mailbox, d->uidvalidity, d->uid, section);
	ok = d->resumable = body_write_resume(c, key, &d->w, have, e);
	d->done = ok ? *have : 0;
	free(key);
	return ok;
}

static bool write_whole(struct download *d, struct err *e)
{
	uint64_t have;

	return open_writer(d, "", &have, e) && fetch_from(d, "", have, d->total ? d->total : UINT64_MAX, e);
}

/* *section: what was written in the end ("" when all of it came). */
static bool write_text(struct download *d, const char **section, struct err *e)
{
	struct structure st = {.arena = arena_new(), .uid = d->uid};
	bool ok, split = false;

	*section = "";
	if (d->total && d->total <= WHOLE_BYTES) {
		arena_free(st.arena);
		return write_whole(d, e);
	}
	ok = fetch_structure(d->b, &st, e);
	if (ok) {
		for (size_t i = 0; i < st.body.n; i++)
			split |= !is_multipart(&st.body.p[i]) && !comes_along(&st.body, i);
		split = split && can_split(&st.body);
		if (split)
			*section = "text";
		ok = split ? body_write_open(host_cache(d->b->box.host), &d->w, e) &&
				     fetch_section(d, "HEADER", 0, e) && put_parts(d, &st.body, e)
			   : write_whole(d, e);
	}
	arena_free(st.arena);
	return ok;
}

static bool take_text(void *data, struct sv piece, struct err *e)
{
	return str_add(data, piece) || err_set(e, ERR_LIMIT, "the header of a part is too large");
}

/*
 * The MIME header of a part. "1" of a message that is one part: its MIME header is the message's
 * own.
 */
static bool part_header(struct download *d, const char *section, struct str *out, struct err *e)
{
	struct structure st = {.arena = arena_new(), .uid = d->uid};
	bool single = strcmp(section, "1") == 0;
	uint64_t len;
	char *name;
	bool ok = !single || fetch_structure(d->b, &st, e);

	name = ok && single && st.body.n == 1 ? xstrdup("HEADER") : xasprintf("%s.MIME", section);
	ok = ok && imap_fetch_body(d->b->im, d->uid, name, 0, 0, take_text, out, &len, e);
	free(name);
	arena_free(st.arena);
	return ok;
}

/*
 * The header as it is true of what BINARY gives. False: the part is not in base64, or something covers its
 * encoded bytes.
 */
static bool header_of_binary(struct sv header, struct str *out)
{
	struct arena *a = arena_new();
	struct headers h;
	bool yes, ok = true;

	headers_parse(a, header, &h);
	yes = sv_is_case(headers_raw(&h, "Content-Transfer-Encoding"), "base64");
	for (size_t i = 0; yes && ok && i < h.count; i++) {
		const struct header *f = &h.list[i];

		ok = sv_is_case(f->name, "Content-Transfer-Encoding")
			     ? str_adds(out, "Content-Transfer-Encoding: binary\r\n")
			     : str_add(out, sv_make(f->name.p, f->len));
	}
	ok = ok && str_adds(out, "\r\n");
	arena_free(a);
	return yes && ok;
}

static bool write_part_as(struct download *d, const char *section, struct sv header, struct err *e)
{
	char *key = xasprintf("%s%s", section, d->binary ? ".binary" : "");
	uint64_t have;
	bool ok = open_writer(d, key, &have, e);

	free(key);
	if (ok && have > 0 && have < header.len) {
		ok = body_write_restart(d->w, e);
		have = d->done = 0;
	}
	if (ok && have == 0)
		ok = take(d, header, e);
	return ok && fetch_from(d, section, have ? have - header.len : 0, UINT64_MAX, e);
}

static bool write_part(struct download *d, const char *section, struct err *e)
{
	struct str header, binary;
	bool ok;

	str_init(&header, PART_HEADER_MAX);
	str_init(&binary, PART_HEADER_MAX);
	ok = part_header(d, section, &header, e);
	d->binary = ok && (imap_has(d->b->im, CAP_BINARY) || imap_has(d->b->im, CAP_IMAP4REV2)) &&
		    header_of_binary(str_sv(&header), &binary);
	if (ok && d->binary && !write_part_as(d, section, str_sv(&binary), e)) {
		/* It says NO to what is broken or new to it: then as it is. */
		ok = e->class == ERR_INPUT;
		if (ok) {
			body_write_abort(d->w);
			d->w = NULL;
			d->done = 0;
			d->binary = false;
		}
	}
	ok = ok && (d->binary || write_part_as(d, section, str_sv(&header), e));
	str_fini(&binary);
	str_fini(&header);
	return ok;
}

static bool is_part_number(const char *s)
{
	size_t n = strlen(s);

	if (n == 0 || n > 100 || !ascii_is_digit((unsigned char)s[0]) ||
		!ascii_is_digit((unsigned char)s[n - 1]))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!ascii_is_digit((unsigned char)s[i]) && (s[i] != '.' || s[i + 1] == '.'))
			return false;
	return true;
}

static bool run_download(struct download *d, const char *section, struct err *e)
{
	const char *got = section;
	uint64_t id = message_id_of(d->mailbox, d->uid);
	bool ok;

	if (*section == 0)
		ok = write_whole(d, e);
	else if (strcmp(section, "text") == 0)
		ok = write_text(d, &got, e);
	else
		ok = write_part(d, section, e);
	if (!ok) {
		/* The line or the user's patience has ended, not the message. */
		bool later = e->class == ERR_NET || e->class == ERR_TLS || e->class == ERR_CANCEL;

		(d->resumable && later ? body_write_pause : body_write_abort)(d->w);
		return false;
	}
	host_step("body fetched");
	return body_write_commit(d->w, id, got, e);
}

bool imap_box_fetch(struct box *box, uint64_t message, const char *section, struct err *e)
{
	struct imap_box *b = imap_box_of(box);
	struct cache *c = host_cache(box->host);
	struct download d = {
		.b = b, .uid = (uint32_t)message_uid(message), .mailbox = message_mailbox(message)};
	struct arena *a = arena_new();
	struct message_row row;
	struct mailbox m = {0};
	bool ok, known;

	if (*section && strcmp(section, "text") != 0 && !is_part_number(section)) {
		arena_free(a);
		return err_set(e, ERR_INPUT, "no such section: %s", section);
	}
	ok = message_get(c, message, a, &row, e) && mailbox_by_id(c, d.mailbox, &m, e);
	/* Moved here by somebody: its body may have been fetched where it was (OBJECTID). */
	if (ok && row.object.len && object_take_bodies(c, message, &known, NULL) && known && body_has(c, message, section)) {
		mailbox_fini(&m);
	} else if (ok) {
		d.total = row.size;
		d.uidvalidity = (uint32_t)m.uidvalidity;
		ok = imap_box_enabled(b, e) && imap_box_select(b, &m, true, e) &&
		     run_download(&d, section, e);
		mailbox_fini(&m);
	}
	arena_free(a);
	return ok || imap_box_fail(b);
}
