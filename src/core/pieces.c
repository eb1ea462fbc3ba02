/*
 * message/partial over several messages (see pieces.h).
 */
#include "core/pieces.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/hash.h"
#include "mime/header.h"
#include "mime/mbox.h"
#include "mime/param.h"

struct digest {
	struct session *s;
	struct view *view;
	struct pieces made;
};

/* ---- the digest ---- */

bool pieces_init(struct pieces *p)
{
	str_init(&p->text, PIECES_BYTES_MAX);
	random_word(p->boundary, PIECES_BOUNDARY);
	p->count = 0;
	return str_addf(&p->text, "Content-Type: multipart/digest; boundary=%s\n", p->boundary);
}

bool pieces_add(struct pieces *p, struct sv message)
{
	size_t before = p->text.len;

	if (p->count < PIECES_MAX &&
		str_addf(&p->text, "\n--%s\nContent-Type: message/rfc822\n\n", p->boundary) &&
		str_add(&p->text, message)) {
		p->count++;
		return true;
	}
	str_cut(&p->text, before);
	return false;
}

bool pieces_end(struct pieces *p)
{
	return str_addf(&p->text, "\n--%s--\n", p->boundary);
}

void pieces_fini(struct pieces *p)
{
	str_fini(&p->text);
}

bool pieces_is_piece_text(struct sv message)
{
	struct arena *a = arena_new();
	struct headers h;
	struct params type;

	headers_parse(a, message, &h);
	params_parse(a, headers_raw(&h, "Content-Type"), NULL, 0, &type);
	bool is = sv_is_case(sv_of(type.value), "message/partial");
	arena_free(a);
	return is;
}

/* ---- out of a view ---- */

bool pieces_is_piece(struct view *v, uint32_t row)
{
	struct msg_facts m;

	return view_msg(v, row, &m) && sv_is_case(m.content_type, "message/partial");
}

/* One message more, without the marks of its mbox. */
static bool add(struct digest *d, const struct body *b)
{
	struct str raw, plain;
	bool ok;

	str_init(&raw, PIECES_BYTES_MAX);
	str_init(&plain, PIECES_BYTES_MAX);
	ok = body_read(b, PIECES_BYTES_MAX, &raw);
	if (ok && b->offset > 0)
		ok = mbox_unescape(&plain, str_sv(&raw)) && pieces_add(&d->made, str_sv(&plain));
	else if (ok)
		ok = pieces_add(&d->made, str_sv(&raw));
	str_fini(&plain);
	str_fini(&raw);
	return ok;
}

static void add_row(struct digest *d, uint32_t row)
{
	struct acct *a = session_acct_by_name(d->s, view_source_of(d->view, row)->account);
	struct body b = {.fd = -1};
	struct err e;

	if (!a || !acct_open_cache(a) ||
		!body_open(a->cache, row_message(&d->view->rows[row]), "", &b, &e))
		return;
	(void)add(d, &b);
	body_close(&b);
}

/* The others lie near: they came one after the other. */
static void add_others(struct digest *d, uint32_t row)
{
	uint32_t first = row > PIECES_LOOK ? row - PIECES_LOOK : 0;
	uint32_t behind = MIN(d->view->count, row + PIECES_LOOK);

	for (uint32_t i = first; i < behind && d->made.count < PIECES_MAX; i++)
		if (i != row && pieces_is_piece(d->view, i))
			add_row(d, i);
}

/* On a server that answers, and not here. */
static bool must_be_fetched(struct session *s, struct view *v, uint32_t row, uint64_t *bytes)
{
	struct acct *a = session_acct_by_name(s, view_source_of(v, row)->account);
	struct msg_facts m;

	if (!a || !a->ready || !view_msg(v, row, &m) || !acct_open_cache(a) ||
		body_has(a->cache, row_message(&v->rows[row]), ""))
		return false;
	*bytes += m.size;
	return *bytes <= PIECES_BYTES_MAX;
}

size_t pieces_missing(struct session *s, struct view *v, uint64_t key, uint32_t *rows, size_t max)
{
	uint32_t row = view_find_id(v, key);
	uint64_t bytes = 0;
	size_t n = 0;

	if (row == VIEW_NONE || !pieces_is_piece(v, row))
		return 0;
	uint32_t first = row > PIECES_LOOK ? row - PIECES_LOOK : 0;
	uint32_t behind = MIN(v->count, row + PIECES_LOOK);
	for (uint32_t i = first; i < behind && n < max; i++)
		if (i != row && pieces_is_piece(v, i) && must_be_fetched(s, v, i, &bytes))
			rows[n++] = i;
	return n;
}

static bool replace(struct body *b, struct sv message)
{
	struct err e;
	int fd = fs_memfd("pieces", &e);

	if (fd < 0)
		return false;
	if (!fs_write_all(fd, message, &e) || lseek(fd, 0, SEEK_SET) != 0) {
		close(fd);
		return false;
	}
	body_close(b);
	*b = (struct body){.fd = fd};
	return true;
}

bool pieces_collect(struct session *s, struct view *v, uint64_t key, struct body *b)
{
	struct digest d = {.s = s, .view = v};
	uint32_t row = view_find_id(v, key);
	bool ok;

	if (row == VIEW_NONE || !pieces_is_piece(v, row))
		return false;
	ok = pieces_init(&d.made) && add(&d, b);
	if (ok) {
		add_others(&d, row);
		ok = pieces_end(&d.made) && replace(b, str_sv(&d.made.text));
	}
	pieces_fini(&d.made);
	return ok;
}
