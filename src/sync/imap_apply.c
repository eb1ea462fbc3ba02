/*
 * Intents carried out on an IMAP server. Flags, deletes and MOVE can be repeated without harm.
 * COPY, APPEND and a move made of COPY cannot: they note first that they try, with UIDVALIDITY and
 * UIDNEXT of the destination, and after a lost answer they look for the message there before they
 * do it again.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "sync/imap_box_priv.h"
#include "sync/imap_row.h"

#define READ_SIZE 65536
#define REFUSED_AGAIN_MS 30000 /* "in use", "unavailable": the server may do it later */

/* ---- sets of messages ---- */

struct batch {
	uint32_t *uids; /* ascending, unique */
	size_t n;
	char *set; /* all of them as text */
};

static int compare_uids(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Those that are still to be done. At most BOX_APPLY_MAX, so the set fits one command. */
static void batch_make(struct batch *x, const struct apply_step *s)
{
	struct str set;
	size_t at = 0;

	x->uids = xcalloc(s->count + 1, sizeof(*x->uids));
	x->n = 0;
	for (size_t i = 0; i < s->count; i++)
		if (!s->one[i].done && s->one[i].error.class == ERR_NONE && s->one[i].uid &&
			s->one[i].uid <= UINT32_MAX)
			x->uids[x->n++] = (uint32_t)s->one[i].uid;
	qsort(x->uids, x->n, sizeof(*x->uids), compare_uids);
	str_init(&set, 1u << 16);
	while (imap_write_set(&set, x->uids, x->n, &at))
		if (at < x->n)
			str_addc(&set, ',');
	x->set = str_detach(&set);
	str_fini(&set);
}

static void batch_free(struct batch *x)
{
	free(x->uids);
	free(x->set);
}

/* ---- results ---- */

/* The server said no: that is the answer to all that were asked together. */
static void refuse_all(struct apply_step *s, const struct err *why)
{
	for (size_t i = 0; i < s->count; i++)
		if (!s->one[i].done && s->one[i].error.class == ERR_NONE)
			s->one[i].error = *why;
}

/*
 * False: the connection is gone, nothing more can be said. Else the refusal goes to the intents, or
 * they wait when it is one that passes, and the step is over.
 */
static bool settle(struct imap_box *b, struct apply_step *s, struct err *e)
{
	if (imap_is_dead(b->im) || e->class == ERR_NET || e->class == ERR_CANCEL ||
		e->class == ERR_DISK)
		return imap_box_fail(b);
	if (imap_refusal_passes(b->im)) { /* they stay in the queue */
		log_write(LOG_WARN, "imap", "%s: %s: %s", host_account(b->box.host), s->mailbox->name, e->text);
		b->box.later_ms = REFUSED_AGAIN_MS;
		err_clear(e);
		return true;
	}
	refuse_all(s, e);
	err_clear(e);
	return true;
}

static bool mark_done(
	struct cache *c, struct apply_one *one, uint64_t uidvalidity, uint64_t uid, struct err *e)
{
	struct applied done = {APPLIED_DONE, uidvalidity, uid};

	if (!applied_set(c, one->intent, &done, e))
		return false;
	one->new_uidvalidity = uidvalidity;
	one->new_uid = uid;
	return true;
}

/* After the commit. */
static void all_done(struct apply_step *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->one[i].error.class == ERR_NONE)
			s->one[i].done = true;
}

static bool recount(struct cache *c, const struct mailbox *m, struct err *e)
{
	return !m || !m->id || mailbox_count(c, m->id, e);
}

/* Where COPYUID says that message went; 0: it does not. */
static uint32_t copied_to(const struct imap_answer *a, uint32_t uid)
{
	uint64_t index = 0, skipped = 0;
	bool found = false;

	for (size_t i = 0; i < a->from.n && !found; i++) {
		found = uid >= a->from.r[i].lo && uid <= a->from.r[i].hi;
		index += found ? uid - a->from.r[i].lo
			       : (uint64_t)a->from.r[i].hi - a->from.r[i].lo + 1;
	}
	for (size_t i = 0; found && i < a->to.n; i++) {
		uint64_t n = (uint64_t)a->to.r[i].hi - a->to.r[i].lo + 1;

		if (index < skipped + n)
			return (uint32_t)(a->to.r[i].lo + (index - skipped));
		skipped += n;
	}
	return 0;
}

/* ---- finding messages ---- */

/* The highest UID at or above `from` of a message with that id in the selected mailbox; 0: none. */
static bool find_by_id(
	struct imap_box *b, const char *message_id, uint64_t from, uint64_t *uid, struct err *e)
{
	char criteria[96];
	uint32_t *uids;
	size_t n;

	*uid = 0;
	if (!message_id || !*message_id)
		return true;
	snprintf(criteria, sizeof(criteria), "UID %llu:* HEADER Message-ID",
		(unsigned long long)MAX(from, (uint64_t)1));
	if (!imap_search(b->im, criteria, sv_of(message_id), &uids, &n, e))
		return false;
	if (n && uids[n - 1] >= from)
		*uid = uids[n - 1];
	free(uids);
	return true;
}

/* Intents that name no UID. */
static bool find_uids(struct imap_box *b, struct apply_step *s, struct err *e)
{
	for (size_t i = 0; i < s->count; i++) {
		struct apply_one *one = &s->one[i];

		if (one->uid || one->done)
			continue;
		if (!find_by_id(b, one->message_id, 0, &one->uid, e))
			return false;
		if (!one->uid)
			err_set(&one->error, ERR_GONE, "the message is not in %s any more",
				s->mailbox->name);
	}
	return true;
}

/* ---- flags ---- */

static bool store(struct imap_box *b, const char *set, char op, unsigned flags, const char *words,
	struct err *e)
{
	struct arena *a = arena_new();
	struct imap_words keywords;
	unsigned bits = imap_flags_to_server(a, flags, sv_of(words), &keywords);
	imap_tag tag;
	bool ok = true;

	if (bits || keywords.n) {
		tag = imap_store_send(b->im, set, op, bits, keywords.w, keywords.n, e);
		ok = tag && imap_end(b->im, tag, NULL, e);
	}
	arena_free(a);
	return ok;
}

static bool apply_flags(
	struct imap_box *b, struct apply_step *s, const struct batch *x, struct err *e)
{
	struct cache *c = host_cache(b->box.host);

	if (!store(b, x->set, '+', s->add, s->add_words, e) ||
		!store(b, x->set, '-', s->del, s->del_words, e))
		return settle(b, s, e);
	host_step("flags stored");
	if (!cache_begin(c, e))
		return false;
	for (size_t i = 0; i < s->count; i++) {
		struct apply_one *one = &s->one[i];

		if (one->error.class != ERR_NONE)
			continue;
		if (!message_add_flags(c, message_id_of(s->mailbox->id, one->uid), s->add, s->del,
			    sv_of(s->add_words), sv_of(s->del_words), e) ||
			!mark_done(c, one, 0, 0, e))
			return false;
	}
	if (!recount(c, s->mailbox, e) || !cache_commit(c, e))
		return false;
	all_done(s);
	return true;
}

/* ---- deleting ---- */

static bool expunge(struct imap_box *b, const struct batch *x, struct err *e)
{
	imap_tag tag = imap_store_send(b->im, x->set, '+', IMAP_DELETED, NULL, 0, e);

	return tag && imap_end(b->im, tag, NULL, e) && imap_expunge(b->im, x->set, e);
}

static bool drop_rows(
	struct imap_box *b, struct apply_step *s, const struct imap_answer *moved, struct err *e)
{
	struct cache *c = host_cache(b->box.host);

	for (size_t i = 0; i < s->count; i++) {
		struct apply_one *one = &s->one[i];
		uint32_t to = moved ? copied_to(moved, (uint32_t)one->uid) : 0;
		uint64_t id = message_id_of(s->mailbox->id, one->uid);

		if (one->error.class != ERR_NONE)
			continue;
		if (!mark_done(c, one, to ? moved->uidvalidity : 0, to, e))
			return false;
		/* The row goes along when the destination is known well enough to take it. */
		if (to && s->dest && s->dest->id && s->dest->uidvalidity == moved->uidvalidity
				? !message_move(c, id, message_id_of(s->dest->id, to), e)
				: !message_delete(c, id, e))
			return false;
	}
	return true;
}

static bool apply_delete(
	struct imap_box *b, struct apply_step *s, const struct batch *x, struct err *e)
{
	struct cache *c = host_cache(b->box.host);

	if (!expunge(b, x, e))
		return settle(b, s, e);
	host_step("expunged");
	if (!cache_begin(c, e) || !drop_rows(b, s, NULL, e) || !recount(c, s->mailbox, e) ||
		!cache_commit(c, e))
		return false;
	all_done(s);
	return true;
}

/* ---- trying ---- */

/* Notes what the destination looks like before the attempt. */
static bool note_trying(struct imap_box *b, struct apply_step *s, uint64_t uidvalidity,
	uint64_t uidnext, struct err *e)
{
	struct cache *c = host_cache(b->box.host);

	if (!cache_begin(c, e))
		return false;
	for (size_t i = 0; i < s->count; i++) {
		struct applied trying = {APPLIED_TRYING, uidvalidity, uidnext};

		if (!s->one[i].done && s->one[i].error.class == ERR_NONE &&
			!applied_set(c, s->one[i].intent, &trying, e))
			return false;
	}
	return cache_commit(c, e);
}

/* UIDVALIDITY and UIDNEXT of a mailbox that is not selected. */
static bool status_of(struct imap_box *b, const char *name, uint64_t *uidvalidity,
	uint64_t *uidnext, struct err *e)
{
	struct list_entry *x;
	bool ok;
	imap_tag tag;

	b->list_arena = arena_new();
	b->list = map_new();
	tag = imap_status_send(b->im, name, e);
	ok = tag && imap_end(b->im, tag, NULL, e);
	x = map_get(b->list, sv_of(name));
	*uidvalidity = x ? x->items[STATUS_UIDVALIDITY] : 0;
	*uidnext = x ? x->items[STATUS_UIDNEXT] : 0;
	map_free(b->list);
	arena_free(b->list_arena);
	b->list = NULL;
	b->list_arena = NULL;
	return ok;
}

/* The destination is made when it is missing: Sent and Trash often are, the first time. */
static bool ready_destination(struct imap_box *b, const char *name, uint64_t *uidvalidity,
	uint64_t *uidnext, struct err *e)
{
	if (status_of(b, name, uidvalidity, uidnext, e))
		return true;
	if (imap_is_dead(b->im))
		return false;
	err_clear(e);
	return imap_create(b->im, name, e) && status_of(b, name, uidvalidity, uidnext, e);
}

/*
 * An earlier attempt may have gone through: those whose message is at the destination, above the
 * UIDNEXT of then, are done there. *found gets their new UIDs (in the order of the step; 0: not
 * there).
 */
static bool look_for_copies(
	struct imap_box *b, struct apply_step *s, const char *dest, uint64_t *found, struct err *e)
{
	struct mailbox m = {.name = (char *)(uintptr_t)dest};
	bool any = false;

	for (size_t i = 0; i < s->count; i++)
		any |= s->one[i].was.state == APPLIED_TRYING && s->one[i].message_id &&
		       *s->one[i].message_id;
	if (!any)
		return true;
	m.id = s->dest && s->dest->id ? s->dest->id : UINT64_MAX;
	if (!imap_box_select(b, &m, false, e)) {
		if (!imap_is_dead(b->im))
			err_clear(e); /* it is not there, so nothing is in it */
		return !imap_is_dead(b->im);
	}
	for (size_t i = 0; i < s->count; i++) {
		const struct applied *was = &s->one[i].was;

		if (was->state != APPLIED_TRYING ||
			(was->uidvalidity && was->uidvalidity != b->uidvalidity))
			continue;
		if (!find_by_id(b, s->one[i].message_id, was->uid, &found[i], e))
			return false;
	}
	imap_box_deselect(b);
	return true;
}

/* ---- copy and move ---- */

/* Copies those that are not there yet. The answer's sets are lent until the next command. */
static bool copy_rest(struct imap_box *b, struct apply_step *s, const uint64_t *found,
	struct imap_answer *answer, struct err *e)
{
	struct batch rest;
	imap_tag tag;
	bool ok = true;

	for (size_t i = 0; i < s->count; i++)
		s->one[i].done = s->one[i].done || found[i];
	batch_make(&rest, s);
	for (size_t i = 0; i < s->count; i++)
		s->one[i].done = false;
	if (rest.n) {
		tag = imap_copy_send(b->im, rest.set, s->dest->name, e);
		ok = tag && imap_end(b->im, tag, answer, e);
	}
	batch_free(&rest);
	return ok;
}

static bool commit_copies(struct imap_box *b, struct apply_step *s, const uint64_t *found,
	const struct imap_answer *a, struct err *e)
{
	struct cache *c = host_cache(b->box.host);

	if (!cache_begin(c, e))
		return false;
	for (size_t i = 0; i < s->count; i++) {
		uint64_t to = found[i] ? found[i] : copied_to(a, (uint32_t)s->one[i].uid);
		uint64_t validity = found[i] ? s->one[i].was.uidvalidity : a->uidvalidity;

		if (s->one[i].error.class == ERR_NONE &&
			!mark_done(c, &s->one[i], to ? validity : 0, to, e))
			return false;
	}
	if (!cache_commit(c, e))
		return false;
	all_done(s);
	return true;
}

/* The copy part of copy, and of move where the server has no MOVE. *answer: where they went. */
static bool copy_safely(struct imap_box *b, struct apply_step *s, uint64_t *found,
	struct imap_answer *answer, struct err *e)
{
	uint64_t validity, uidnext;

	if (!look_for_copies(b, s, s->dest->name, found, e) ||
		!imap_box_select(b, s->mailbox, true, e) ||
		!ready_destination(b, s->dest->name, &validity, &uidnext, e) ||
		!note_trying(b, s, validity, uidnext, e))
		return false;
	host_step("trying noted");
	if (!copy_rest(b, s, found, answer, e))
		return false;
	host_step("copied");
	return true;
}

static bool apply_copy(struct imap_box *b, struct apply_step *s, struct err *e)
{
	uint64_t *found = xcalloc(s->count, sizeof(*found));
	struct imap_answer answer = {0};
	bool ok = copy_safely(b, s, found, &answer, e);

	ok = ok ? commit_copies(b, s, found, &answer, e) : settle(b, s, e);
	free(found);
	return ok;
}

/* Every message must be at its destination before one leaves its place. */
static bool verify_copies(struct imap_box *b, const struct apply_step *s, const uint64_t *found,
	const struct imap_answer *a, struct err *e)
{
	if (!imap_has(b->im, CAP_UIDPLUS))
		return true; /* an OK without COPYUID: COPY is all or nothing (RFC 9051 6.4.7) */
	for (size_t i = 0; i < s->count; i++)
		if (s->one[i].error.class == ERR_NONE && !found[i] && a->from.n &&
			!copied_to(a, (uint32_t)s->one[i].uid))
			return err_set(e, ERR_PROTO, "the server did not copy all messages to %s",
				s->dest->name);
	return true;
}

/* The answer's sets lend from the session; what comes next would overwrite them. */
static void keep_answer(struct arena *a, struct imap_answer *answer)
{
	struct imap_range *from = arena_alloc(a, (answer->from.n + 1) * sizeof(*from));
	struct imap_range *to = arena_alloc(a, (answer->to.n + 1) * sizeof(*to));

	if (answer->from.n)
		memcpy(from, answer->from.r, answer->from.n * sizeof(*from));
	if (answer->to.n)
		memcpy(to, answer->to.r, answer->to.n * sizeof(*to));
	answer->from.r = from;
	answer->to.r = to;
}

static bool commit_move(
	struct imap_box *b, struct apply_step *s, const struct imap_answer *answer, struct err *e)
{
	struct cache *c = host_cache(b->box.host);

	if (!cache_begin(c, e) || !drop_rows(b, s, answer, e) || !recount(c, s->mailbox, e) ||
		!recount(c, s->dest, e) || !cache_commit(c, e))
		return false;
	all_done(s);
	return true;
}

static bool move_by_copy(
	struct imap_box *b, struct apply_step *s, const struct batch *x, struct err *e)
{
	uint64_t *found = xcalloc(s->count, sizeof(*found));
	struct imap_answer answer = {0};
	struct arena *a = arena_new();
	bool ok = copy_safely(b, s, found, &answer, e) && verify_copies(b, s, found, &answer, e);

	keep_answer(a, &answer);
	ok = ok && expunge(b, x, e);
	ok = ok ? commit_move(b, s, &answer, e) : settle(b, s, e);
	arena_free(a);
	free(found);
	return ok;
}

static bool apply_move(
	struct imap_box *b, struct apply_step *s, const struct batch *x, struct err *e)
{
	struct imap_answer answer = {0};
	struct arena *a;
	imap_tag tag;
	bool ok;

	if (!imap_has(b->im, CAP_MOVE))
		return move_by_copy(b, s, x, e);
	tag = imap_move_send(b->im, x->set, s->dest->name, e);
	ok = tag && imap_end(b->im, tag, &answer, e);
	if (!ok && !imap_is_dead(b->im) &&
		(answer.code == CODE_TRYCREATE || answer.code == CODE_NONEXISTENT)) {
		err_clear(e);
		ok = imap_create(b->im, s->dest->name, e) &&
		     (tag = imap_move_send(b->im, x->set, s->dest->name, e)) &&
		     imap_end(b->im, tag, &answer, e);
	}
	if (!ok)
		return settle(b, s, e);
	host_step("moved");
	a = arena_new();
	keep_answer(a, &answer);
	ok = commit_move(b, s, &answer, e);
	arena_free(a);
	return ok;
}

/* ---- append ---- */

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

static bool upload_size(struct upload *u, uint64_t *size, struct err *e)
{
	struct sv piece;

	*size = 0;
	do {
		if (!read_upload(u, &piece, e))
			return false;
		*size += piece.len;
	} while (piece.len);
	u->after_cr = false;
	return lseek(u->fd, 0, SEEK_SET) == 0 || err_sys(e, "reading the message");
}

static bool upload(struct imap_box *b, struct apply_step *s, struct upload *u,
	struct imap_answer *answer, struct err *e)
{
	struct arena *a = arena_new();
	struct imap_words words;
	struct imap_append ap = {
		.mailbox = s->mailbox->name, .date = s->date, .read = read_upload, .data = u};
	bool ok;

	ap.flags = imap_flags_to_server(a, s->add, sv_of(s->add_words), &words);
	ap.keywords = words.w;
	ap.nkeywords = words.n;
	ok = upload_size(u, &ap.size, e) && imap_append(b->im, &ap, answer, e);
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
	if (!ready_destination(b, s->mailbox->name, &validity, &uidnext, e) ||
		!note_trying(b, s, validity, uidnext, e))
		return false;
	host_step("trying noted");
	if (!upload(b, s, u, answer, e))
		return false;
	host_step("appended");
	return true;
}

static bool apply_append(struct imap_box *b, struct apply_step *s, struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	struct upload *u;
	struct imap_answer answer = {0};
	uint64_t found = 0;
	bool ok;

	if (!imap_box_enabled(b, e))
		return false;
	s->dest = s->mailbox;
	if (!look_for_copies(b, s, s->mailbox->name, &found, e))
		return settle(b, s, e);
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
		return settle(b, s, e);
	if (!cache_begin(c, e) ||
		!mark_done(c, s->one, found ? s->one->was.uidvalidity : answer.uidvalidity,
			found ? found : answer.uid, e) ||
		!cache_commit(c, e))
		return false;
	all_done(s);
	return true;
}

/* ---- mailboxes ---- */

/* What is as it should be already counts as done. */
static bool change_mailbox(struct imap_box *b, struct apply_step *s, struct err *e)
{
	const char *name = s->mailbox->name;

	switch (s->kind) {
	case INTENT_CREATE: {
		uint64_t validity, uidnext;

		if (imap_create(b->im, name, e))
			return imap_subscribe(b->im, name, true, NULL) || !imap_is_dead(b->im);
		return !imap_is_dead(b->im) && status_of(b, name, &validity, &uidnext, NULL);
	}
	case INTENT_RENAME: {
		uint64_t validity, uidnext;

		imap_box_deselect(b);
		if (imap_unselect(b->im, e) && imap_rename(b->im, name, s->dest->name, e))
			return true;
		return !imap_is_dead(b->im) && !status_of(b, name, &validity, &uidnext, NULL) &&
		       status_of(b, s->dest->name, &validity, &uidnext, NULL);
	}
	case INTENT_REMOVE:
		imap_box_deselect(b);
		return imap_delete(b->im, name, e) ||
		       (!imap_is_dead(b->im) && e->class == ERR_GONE);
	case INTENT_SUBSCRIBE:
	case INTENT_UNSUBSCRIBE:
		return imap_subscribe(b->im, name, s->kind == INTENT_SUBSCRIBE, e);
	default:
		return err_set(e, ERR_INPUT, "not for a mailbox");
	}
}

static bool change_row(struct imap_box *b, struct apply_step *s, struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	uint64_t id = s->mailbox->id;
	struct mailbox m;
	bool ok;

	if (s->kind == INTENT_CREATE)
		return mailbox_add(c, s->mailbox->name, "", s->mailbox->delim, &id, e);
	if (!id)
		return true;
	if (s->kind == INTENT_REMOVE)
		return mailbox_delete(c, id, e);
	if (!mailbox_by_id(c, id, &m, e))
		return e->class == ERR_GONE;
	if (s->kind == INTENT_RENAME) {
		free(m.name);
		free(m.raw);
		m.name = xstrdup(s->dest->name);
		m.raw = xstrdup("");
	} else if (s->kind == INTENT_SUBSCRIBE) {
		m.flags |= MAILBOX_SUBSCRIBED;
	} else {
		m.flags &= ~(unsigned)MAILBOX_SUBSCRIBED;
	}
	ok = mailbox_update(c, &m, e);
	mailbox_fini(&m);
	return ok;
}

static bool apply_mailbox(struct imap_box *b, struct apply_step *s, struct err *e)
{
	struct cache *c = host_cache(b->box.host);

	if (!imap_box_enabled(b, e))
		return false;
	if (!change_mailbox(b, s, e))
		return settle(b, s, e);
	err_clear(e);
	host_step("mailbox changed");
	if (!cache_begin(c, e) || !change_row(b, s, e) || !mark_done(c, s->one, 0, 0, e) ||
		!cache_commit(c, e))
		return false;
	all_done(s);
	return true;
}

/* ---- one step ---- */

static bool apply_messages(struct imap_box *b, struct apply_step *s, struct err *e)
{
	struct batch x;
	bool ok;

	if (!imap_box_enabled(b, e))
		return false;
	if (s->uidvalidity && s->mailbox->uidvalidity != s->uidvalidity)
		err_set(e, ERR_GONE, "%s was made anew: its messages are not the same any more",
			s->mailbox->name);
	if (e->class != ERR_NONE || !imap_box_select(b, s->mailbox, true, e) || !find_uids(b, s, e))
		return settle(b, s, e);
	batch_make(&x, s);
	if (x.n == 0)
		ok = true;
	else if (s->kind == INTENT_FLAG)
		ok = apply_flags(b, s, &x, e);
	else if (s->kind == INTENT_DELETE)
		ok = apply_delete(b, s, &x, e);
	else if (s->kind == INTENT_MOVE)
		ok = apply_move(b, s, &x, e);
	else
		ok = apply_copy(b, s, e);
	batch_free(&x);
	return ok;
}

static void say_changes(struct imap_box *b, const struct apply_step *s)
{
	bool any = false;

	for (size_t i = 0; i < s->count; i++)
		any |= s->one[i].done;
	if (!any)
		return;
	switch (s->kind) {
	case INTENT_FLAG:
		host_changed(b->box.host, s->mailbox->id, "flags", s->count);
		break;
	case INTENT_DELETE:
	case INTENT_MOVE:
		host_changed(b->box.host, s->mailbox->id, "messages", s->count);
		if (s->dest && s->dest->id)
			host_changed(b->box.host, s->dest->id, "messages", s->count);
		break;
	case INTENT_COPY:
	case INTENT_APPEND:
		break;
	default:
		host_changed(b->box.host, 0, "list", 1);
		break;
	}
}

bool imap_box_apply(struct box *box, struct apply_step *s, struct err *e)
{
	struct imap_box *b = imap_box_of(box);
	struct err mine = {0};
	bool ok;

	switch (s->kind) {
	case INTENT_FLAG:
	case INTENT_DELETE:
	case INTENT_MOVE:
	case INTENT_COPY:
		ok = apply_messages(b, s, &mine);
		break;
	case INTENT_APPEND:
		ok = apply_append(b, s, &mine);
		break;
	default:
		ok = apply_mailbox(b, s, &mine);
		break;
	}
	if (!ok) {
		cache_rollback(host_cache(box->host));
		imap_box_fail(b);
		if (e)
			*e = mine;
		return false;
	}
	say_changes(b, s);
	return true;
}
