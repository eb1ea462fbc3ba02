/*
 * Messages that go up: APPEND, several at once where the server can (MULTIAPPEND), or in the place of
 * another (REPLACE). It notes first that it tries, as copies do (imap_copy.c).
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

/* ---- several in one flight ---- */

#define UPLOADS_MAX 50          /* files that are open at once */
#define UPLOADS_BYTES (8u << 20) /* of one command: a connection that breaks costs no more */

struct parcel {
	struct upload *u[UPLOADS_MAX];
	struct imap_append a[UPLOADS_MAX];
	struct apply_one *one[UPLOADS_MAX];
	size_t n;
	uint64_t bytes;
	struct arena *arena;
};

static void parcel_free(struct parcel *p)
{
	for (size_t i = 0; i < p->n; i++) {
		close(p->u[i]->fd);
		free(p->u[i]);
	}
	arena_free(p->arena);
}

/* False: it is full and this one must wait for the next. A file that cannot be read has its error. */
static bool pack(struct imap_box *b, struct apply_step *s, struct apply_one *one, struct parcel *p)
{
	struct upload *u = xcalloc(1, sizeof(*u));
	struct imap_append a = {.mailbox = s->mailbox->name, .date = one->date, .read = read_upload, .data = u};
	struct imap_wire_flags w;
	bool ok;

	u->fd = open(one->file, O_RDONLY | O_CLOEXEC);
	ok = u->fd >= 0 ? measure(u, &a, &one->error) : err_sys(&one->error, "%s", one->file);
	if (!ok || (p->n > 0 && (p->bytes + a.size > UPLOADS_BYTES || p->n == UPLOADS_MAX))) {
		if (u->fd >= 0)
			close(u->fd);
		free(u);
		return !ok;
	}
	imap_flags_to_server(p->arena, one->add, sv_of(one->add_words), imap_has(b->im, CAP_GMAIL), &w);
	a.flags = w.bits;
	a.keywords = w.keywords.w;
	a.nkeywords = w.keywords.n;
	p->u[p->n] = u;
	p->a[p->n] = a;
	p->one[p->n] = one;
	p->n++;
	p->bytes += a.size;
	return true;
}

/*
 * Gmail takes no labels with APPEND, and what is no label is no keyword there: they are given to the message when it
 * is up, before it counts as done.
 */
static bool give_labels(struct imap_box *b, const struct apply_step *s, const struct apply_one *one, uint64_t uid,
	struct err *e)
{
	struct mailbox m = *s->mailbox;
	struct imap_wire_flags w = {0};
	struct arena *a;
	bool ok = true;

	if (!imap_has(b->im, CAP_GMAIL) || !uid || !one->add_words || !*one->add_words)
		return true;
	a = arena_new();
	imap_flags_to_server(a, 0, sv_of(one->add_words), true, &w);
	m.id = m.id ? m.id : UINT64_MAX;
	if (w.labels.n > 0) {
		imap_tag tag = 0;
		char set[24];

		snprintf(set, sizeof(set), "%llu", (unsigned long long)uid);
		ok = imap_box_select(b, &m, false, e) &&
		     (tag = imap_store_labels_send(b->im, set, '+', w.labels.w, w.labels.n, e)) &&
		     imap_end(b->im, tag, NULL, e);
	}
	if (!s->mailbox->id)
		imap_box_deselect(b);
	arena_free(a);
	return ok;
}

static uint32_t nth(const struct imap_set *set, size_t n)
{
	for (size_t i = 0; i < set->n; i++) {
		uint64_t count = (uint64_t)set->r[i].hi - set->r[i].lo + 1;

		if (n < count)
			return set->r[i].lo + (uint32_t)n;
		n -= (size_t)count;
	}
	return 0;
}

static bool note_uploaded(struct imap_box *b, const struct apply_step *s, const struct parcel *p,
	const struct imap_answer *answer, struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	bool told = imap_set_count(&answer->to) == p->n, ok = true;
	uint32_t uids[UPLOADS_MAX];

	for (size_t i = 0; i < p->n; i++)
		uids[i] = told ? nth(&answer->to, i) : 0; /* before the next command: they are lent */
	for (size_t i = 0; ok && i < p->n; i++)
		ok = give_labels(b, s, p->one[i], uids[i], e);
	ok = ok && cache_begin(c, e);
	for (size_t i = 0; ok && i < p->n; i++)
		ok = apply_mark_done(c, p->one[i], told ? answer->uidvalidity : 0, uids[i], e);
	if (!ok || !cache_commit(c, e))
		return false;
	for (size_t i = 0; i < p->n; i++)
		p->one[i]->done = true;
	return true;
}

static bool send_parcel(struct imap_box *b, const struct apply_step *s, struct parcel *p, struct err *e)
{
	struct imap_answer answer = {0};

	if (!imap_append(b->im, p->a, p->n, &answer, e))
		return false;
	host_step("appended");
	return note_uploaded(b, s, p, &answer, e);
}

static bool is_open(const struct apply_one *one)
{
	return !one->done && one->error.class == ERR_NONE;
}

/* All that are still to be done, at most `together` in a command. False: refused, or worse. */
static bool send_rest(struct imap_box *b, struct apply_step *s, size_t together, struct err *e)
{
	size_t at = 0;

	while (at < s->count) {
		struct parcel p = {.arena = arena_new()};
		bool ok = true;

		for (; at < s->count && p.n < together; at++)
			if (is_open(&s->one[at]) && !pack(b, s, &s->one[at], &p))
				break;
		if (p.n > 0)
			ok = send_parcel(b, s, &p, e);
		parcel_free(&p);
		if (!ok)
			return false;
	}
	return true;
}

/* Several that were refused together may not all be to blame: one by one each gets its own answer. */
static bool send_one_by_one(struct imap_box *b, struct apply_step *s, struct err *e)
{
	for (size_t i = 0; i < s->count; i++) {
		struct apply_step one = *s;

		one.one = &s->one[i];
		one.count = 1;
		if (!is_open(&s->one[i]) || send_rest(b, &one, 1, e))
			continue;
		if (!apply_settle(b, &one, e))
			return false;
		if (b->box.later_ms) /* a refusal that passes: the others wait, too */
			return true;
	}
	return true;
}

/* ---- in the place of another ---- */

static bool note_replaced(struct imap_box *b, struct apply_step *s, struct apply_one *one,
	const struct imap_answer *answer, struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	struct apply_one gone = {.intent = one->replaces};

	if (!cache_begin(c, e) ||
		!apply_mark_done(c, one, answer->to.n ? answer->uidvalidity : 0, nth(&answer->to, 0), e) ||
		!apply_mark_done(c, &gone, 0, 0, e) ||
		!message_delete(c, message_id_of(s->mailbox->id, one->replaces_uid), e) ||
		!apply_recount(c, s->mailbox, e) || !cache_commit(c, e))
		return false;
	one->done = one->replaced = true;
	host_changed(b->box.host, s->mailbox->id, "messages", 1);
	return true;
}

/* A draft that was saved again. What the server does not want to do so is left for APPEND and a delete. */
static bool replace(struct imap_box *b, struct apply_step *s, struct apply_one *one, struct err *e)
{
	struct parcel p = {.arena = arena_new()};
	struct imap_answer answer = {0};
	bool ok = true;

	if (!imap_box_select(b, s->mailbox, true, e)) {
		ok = !imap_is_dead(b->im);
	} else if (pack(b, s, one, &p) && p.n == 1) {
		if (imap_replace(b->im, (uint32_t)one->replaces_uid, p.a, &answer, e)) {
			host_step("replaced");
			ok = note_replaced(b, s, one, &answer, e);
		} else {
			ok = !imap_is_dead(b->im);
		}
	}
	if (ok)
		err_clear(e);
	parcel_free(&p);
	return ok;
}

static bool replace_some(struct imap_box *b, struct apply_step *s, struct err *e)
{
	for (size_t i = 0; i < s->count && imap_has(b->im, CAP_REPLACE); i++) {
		struct apply_one *one = &s->one[i];

		/* One that was tried before may be there: then it is not put there again. */
		if (is_open(one) && one->replaces && one->was.state != APPLIED_TRYING && !replace(b, s, one, e))
			return false;
	}
	return true;
}

/* ---- the step ---- */

static bool any_open(const struct apply_step *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (is_open(&s->one[i]))
			return true;
	return false;
}

/* Those that an earlier attempt has put there. */
static bool note_found(struct imap_box *b, struct apply_step *s, const uint64_t *found, struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	bool ok = true;

	for (size_t i = 0; ok && i < s->count; i++)
		ok = give_labels(b, s, &s->one[i], found[i], e);
	ok = ok && cache_begin(c, e);
	for (size_t i = 0; ok && i < s->count; i++)
		if (found[i])
			ok = apply_mark_done(c, &s->one[i], s->one[i].was.uidvalidity, found[i], e);
	if (!ok || !cache_commit(c, e))
		return false;
	for (size_t i = 0; i < s->count; i++)
		s->one[i].done |= found[i] != 0;
	return true;
}

static bool append_rest(struct imap_box *b, struct apply_step *s, struct err *e)
{
	uint64_t validity, uidnext;

	/* STATUS and a look by Message-ID want it not to be the selected one. */
	if (b->selected == s->mailbox->id)
		imap_box_deselect(b);
	if (!apply_ready_destination(b, s->mailbox->name, &validity, &uidnext, e) ||
		!apply_note_trying(b, s, validity, uidnext, e))
		return apply_settle(b, s, e);
	host_step("trying noted");
	if (send_rest(b, s, UPLOADS_MAX, e))
		return true;
	if (s->count == 1 || imap_is_dead(b->im) || imap_refusal_passes(b->im))
		return apply_settle(b, s, e);
	err_clear(e);
	return send_one_by_one(b, s, e);
}

bool apply_append(struct imap_box *b, struct apply_step *s, struct err *e)
{
	uint64_t *found = xcalloc(s->count, sizeof(*found));
	bool ok;

	s->dest = s->mailbox;
	if (!imap_box_enabled(b, e))
		ok = false;
	else if (!apply_look_for_copies(b, s, s->mailbox->name, found, e))
		ok = apply_settle(b, s, e);
	else
		ok = note_found(b, s, found, e) && replace_some(b, s, e) && (!any_open(s) || append_rest(b, s, e));
	free(found);
	return ok;
}
