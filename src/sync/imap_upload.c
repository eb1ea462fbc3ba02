/*
 * Messages that go up: APPEND. It notes first that it tries, as copies do (imap_copy.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "sync/imap_apply_priv.h"
#include "sync/imap_row.h"

#define READ_SIZE 65536

/* A message file has LF line ends; the wire wants CRLF. */
struct upload {
	int fd;
	char in[READ_SIZE];
	char out[READ_SIZE * 2];
	bool after_cr;
};

static size_t to_crlf(struct upload *u, size_t n)
{
	size_t o = 0;

	for (size_t i = 0; i < n; i++) {
		if (u->in[i] == '\n' && !u->after_cr)
			u->out[o++] = '\r';
		u->out[o++] = u->in[i];
		u->after_cr = u->in[i] == '\r';
	}
	return o;
}

static bool read_upload(void *data, struct sv *piece, struct err *e)
{
	struct upload *u = data;
	ssize_t n;

	do
		n = read(u->fd, u->in, sizeof(u->in));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_sys(e, "reading the message");
	*piece = sv_make(u->out, to_crlf(u, (size_t)n));
	return true;
}

/* What the server must know before the first byte: how long it is, and of what kind. */
static bool measure(struct upload *u, struct imap_append *a, struct err *e)
{
	bool header = true, line_begins = true;
	struct sv piece;

	do {
		if (!read_upload(u, &piece, e))
			return false;
		a->size += piece.len;
		a->binary = a->binary || (piece.len && memchr(piece.p, 0, piece.len));
		for (size_t i = 0; header && i < piece.len; i++) {
			char c = piece.p[i];

			a->utf8 |= (unsigned char)c >= 128;
			header = c != '\n' || !line_begins;
			line_begins = c == '\n' || (c == '\r' && line_begins);
		}
	} while (piece.len);
	u->after_cr = false;
	return lseek(u->fd, 0, SEEK_SET) == 0 || err_sys(e, "reading the message");
}

static bool upload(struct imap_box *b, struct apply_step *s, struct upload *u,
	struct imap_answer *answer, struct err *e)
{
	struct arena *a = arena_new();
	struct imap_wire_flags w;
	struct imap_append ap = {
		.mailbox = s->mailbox->name, .date = s->date, .read = read_upload, .data = u};
	bool ok;

	imap_flags_to_server(a, s->add, sv_of(s->add_words), imap_has(b->im, CAP_GMAIL), &w);
	ap.flags = w.bits;
	ap.keywords = w.keywords.w;
	ap.nkeywords = w.keywords.n;
	ok = measure(u, &ap, e) && imap_append(b->im, &ap, 1, answer, e);
	arena_free(a);
	return ok;
}

static bool append_safely(struct imap_box *b, struct apply_step *s, struct upload *u,
	struct imap_answer *answer, struct err *e)
{
	uint64_t validity, uidnext;

	/* STATUS and a look by Message-ID want it not to be the selected one. */
	if (b->selected == s->mailbox->id)
		imap_box_deselect(b);
	if (!apply_ready_destination(b, s->mailbox->name, &validity, &uidnext, e) ||
		!apply_note_trying(b, s, validity, uidnext, e))
		return false;
	host_step("trying noted");
	if (!upload(b, s, u, answer, e))
		return false;
	host_step("appended");
	return true;
}

bool apply_append(struct imap_box *b, struct apply_step *s, struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	struct upload *u;
	struct imap_answer answer = {0};
	uint64_t found = 0;
	bool ok;

	if (!imap_box_enabled(b, e))
		return false;
	s->dest = s->mailbox;
	if (!apply_look_for_copies(b, s, s->mailbox->name, &found, e))
		return apply_settle(b, s, e);
	u = xcalloc(1, sizeof(*u));
	u->fd = open(s->file, O_RDONLY | O_CLOEXEC);
	if (u->fd < 0) {
		free(u);
		err_sys(&s->one->error, "%s", s->file);
		return true;
	}
	ok = found || append_safely(b, s, u, &answer, e);
	close(u->fd);
	free(u);
	if (!ok)
		return apply_settle(b, s, e);
	if (!cache_begin(c, e) ||
		!apply_mark_done(c, s->one, found ? s->one->was.uidvalidity : answer.uidvalidity,
			found ? found : answer.to.n ? answer.to.r[0].lo : 0, e) ||
		!cache_commit(c, e))
		return false;
	apply_all_done(s);
	return true;
}

