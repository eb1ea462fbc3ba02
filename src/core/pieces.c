/*
 * message/partial over several messages (see pieces.h).
 */
#include "core/pieces.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/hash.h"
#include "mime/mbox.h"

#define BOUNDARY_LEN 24

struct digest {
	struct session *s;
	struct view *view;
	struct str text;
	char boundary[BOUNDARY_LEN + 1]; /* nobody can know it before */
	unsigned count;
};

bool pieces_is_piece(struct view *v, uint32_t row)
{
	struct msg_facts m;

	return view_msg(v, row, &m) && sv_is_case(m.content_type, "message/partial");
}

/* One message more, without the marks of its mbox. */
static bool add(struct digest *d, const struct body *b)
{
	size_t before = d->text.len;
	struct str raw;
	bool ok;

	str_init(&raw, PIECES_BYTES_MAX);
	ok = body_read(b, PIECES_BYTES_MAX, &raw) &&
	     str_addf(&d->text, "\n--%s\nContent-Type: message/rfc822\n\n", d->boundary) &&
	     (b->offset > 0 ? mbox_unescape(&d->text, str_sv(&raw))
			    : str_add(&d->text, str_sv(&raw)));
	if (ok)
		d->count++;
	else
		str_cut(&d->text, before);
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

	for (uint32_t i = first; i < behind && d->count < PIECES_MAX; i++)
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
	str_init(&d.text, PIECES_BYTES_MAX);
	random_word(d.boundary, BOUNDARY_LEN);
	ok = str_addf(&d.text, "Content-Type: multipart/digest; boundary=%s\n", d.boundary) &&
	     add(&d, b);
	if (ok) {
		add_others(&d, row);
		ok = str_addf(&d.text, "\n--%s--\n", d.boundary) && replace(b, str_sv(&d.text));
	}
	str_fini(&d.text);
	return ok;
}
