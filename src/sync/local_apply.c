/*
 * Intents on local mailboxes: what is the same for all formats. Files first, durably, then their
 * rows in one transaction with the note that the intent is done.
 */
#include "sync/local_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "mime/addr.h"
#include "mime/mbox.h"

#define UNESCAPE_MAX (512u << 20)

/* ---- from files to rows ---- */

/* Messages that lie elsewhere since the file was rewritten. */
static bool move_places(struct local_box *b, struct mailbox *m, struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	struct message_cursor *cur;
	struct message_row row;
	struct map *moved = map_new();
	struct err mine;
	struct {
		uint64_t id;
		const struct local_place *to;
	} *list = NULL;
	size_t count = 0, cap = 0;
	char key[24];
	bool ok;

	for (size_t i = 0; i < b->place_count; i++) {
		snprintf(key, sizeof(key), "%llu", (unsigned long long)b->places[i].old_offset);
		map_set(moved, sv_of(key), &b->places[i]);
	}
	ok = message_scan(c, m->id, MESSAGE_BY_UID, false, &cur, e);
	while (ok && message_next(cur, &row, &mine)) {
		snprintf(key, sizeof(key), "%llu", (unsigned long long)row.offset);
		const struct local_place *to = map_get(moved, sv_of(key));
		if (!to || (to->offset == row.offset && to->length == row.length))
			continue;
		array_grow(list, count, cap);
		list[count].id = row.id;
		list[count++].to = to;
	}
	if (ok) {
		message_cursor_close(cur);
		ok = mine.class == ERR_NONE || err_copy(e, &mine);
	}
	for (size_t i = 0; ok && i < count; i++)
		ok = message_set_place(c, list[i].id, SV(""), list[i].to->offset, list[i].to->length, e);
	free(list);
	map_free(moved);
	return ok;
}

static bool one_row(struct cache *c, const struct apply_step *s, const struct apply_one *one, struct err *e)
{
	uint64_t id = message_id_of(s->mailbox->id, one->uid);
	struct applied done = {APPLIED_DONE, one->new_uidvalidity, one->new_uid};
	bool ok = true;

	if (s->kind == INTENT_FLAG)
		ok = message_add_flags(c, id, s->add, s->del, sv_of(s->add_words), sv_of(s->del_words), e);
	else if (s->kind == INTENT_DELETE || s->kind == INTENT_MOVE)
		ok = message_delete(c, id, e);
	return ok && applied_set(c, one->intent, &done, e);
}

/* One transaction: the rows of what is done, where the others lie now, the numbers. */
static bool write_rows(struct local_box *b, struct apply_step *s, struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	uint64_t n = 0;
	bool ok = cache_in_transaction(c) || cache_begin(c, e);

	if (ok && b->place_count > 0) {
		ok = move_places(b, s->mailbox, e);
		free(s->mailbox->token);
		s->mailbox->token = xstrdup(b->new_token);
		ok = ok && mailbox_update(c, s->mailbox, e);
	}
	b->place_count = 0;
	for (size_t i = 0; ok && i < s->count; i++) {
		if (s->one[i].done) {
			ok = one_row(c, s, &s->one[i], e);
			n++;
		}
	}
	ok = ok && (n == 0 || s->mailbox->id == 0 || mailbox_count(c, s->mailbox->id, e)) && cache_commit(c, e);
	if (!ok) {
		cache_rollback(c);
		for (size_t i = 0; i < s->count; i++)
			s->one[i].done = false; /* nothing is acknowledged that is not committed */
		return false;
	}
	host_step("local: rows written");
	if (n > 0 && s->mailbox->id != 0)
		host_changed(b->box.host, s->mailbox->id, s->kind == INTENT_FLAG ? "flags" : "messages", n);
	return true;
}

/* ---- apply: messages ---- */

/*
 * Rows that are not of today would make us copy the wrong bytes, or believe that a message has
 * gone.
 */
static bool freshen(struct local_box *b, struct mailbox *m, struct err *e)
{
	uint64_t id = m->id;

	if (local_ops_of(m)->unchanged(b, m))
		return true;
	if (!local_sync_whole(b, id, e))
		return false;
	mailbox_fini(m);
	return mailbox_by_id(host_cache(b->box.host), id, m, e);
}

static uint64_t count_of(struct local_box *b, const struct mailbox *m, const struct apply_one *one)
{
	return message_count_message_id(host_cache(b->box.host), m->id, sv_of(one->message_id));
}

/*
 * Messages that the plan had no number for, as those that an undone move must bring back: looked for by their
 * Message-ID in rows that are fresh. Those that are not there keep the number 0.
 */
static bool find_unknown(struct local_box *b, struct apply_step *s, struct err *e)
{
	bool fresh = false;

	for (size_t i = 0; i < s->count; i++) {
		struct apply_one *one = &s->one[i];
		uint64_t id;

		if (one->uid != 0 || !one->message_id || !*one->message_id)
			continue;
		if (!fresh && !freshen(b, s->mailbox, e))
			return false;
		fresh = true;
		/* Of several with one Message-ID none may go by mistake. */
		if ((s->kind == INTENT_DELETE || s->kind == INTENT_MOVE) && !s->uidvalidity &&
			count_of(b, s->mailbox, one) > 1)
			continue;
		if (message_by_message_id(host_cache(b->box.host), s->mailbox->id, sv_of(one->message_id), &id, NULL))
			one->uid = message_uid(id);
	}
	return true;
}

/*
 * What was never found was not done either, whatever a look at row 0 has said. But what was to be deleted and has no
 * row any more is as it was wished: a worker that was killed may have done it.
 */
static void refuse_unknown(struct local_box *b, struct apply_step *s)
{
	for (size_t i = 0; i < s->count; i++) {
		struct apply_one *one = &s->one[i];

		if (one->uid != 0)
			continue;
		one->done = s->kind == INTENT_DELETE && one->message_id && *one->message_id && count_of(b, s->mailbox, one) == 0;
		if (!one->done)
			err_set(&one->error, ERR_GONE, "the message is not in %s", s->mailbox->name);
	}
}

static bool change_messages(struct local_box *b, struct apply_step *s, struct err *e)
{
	const struct local_ops *ops = local_ops_of(s->mailbox);
	struct cache *c = host_cache(b->box.host);
	bool ok;

	/*
	 * Maildir notes each new place as it goes, in the transaction that write_rows ends; mbox
	 * may have to sync first.
	 */
	if (!find_unknown(b, s, e) || (ops == &maildir_ops && !cache_begin(c, e)))
		return false;
	ok = ops->change(b, s, e);
	refuse_unknown(b, s);
	return write_rows(b, s, ok ? e : NULL) && ok;
}

/* From whom, for a From_ line: the first address of From. */
static struct sv sender_of(struct arena *a, struct sv from)
{
	struct addr_list list = {0};

	addr_parse(a, from, NULL, &list);
	const struct addr *first = addr_list_mailbox(&list, 0);
	return first ? sv_of(first->addr) : SV("");
}

/*
 * A message of an mbox without the '>' that keeps its lines from being From_ lines: in memory, as a
 * file.
 */
static bool unescape(struct body *body, struct err *e)
{
	char *bytes;
	struct str plain;
	uint64_t at = 0;

	if (body->length > UNESCAPE_MAX)
		return err_set(e, ERR_LIMIT, "a message over %u MiB", UNESCAPE_MAX >> 20);
	bytes = xmalloc((size_t)body->length + 1);
	while (at < body->length) {
		ssize_t n = pread(body->fd, bytes + at, (size_t)(body->length - at), (off_t)(body->offset + at));

		if (n <= 0)
			break;
		at += (uint64_t)n;
	}
	str_init(&plain, UNESCAPE_MAX);
	bool ok = at == body->length || err_set(e, ERR_GONE, "the message has become shorter");
	ok = ok && (mbox_unescape(&plain, sv_make(bytes, (size_t)at)) || err_set(e, ERR_LIMIT, "the message is too large"));
	int fd = ok ? fs_memfd("message", e) : -1;
	ok = fd >= 0 && fs_write_all(fd, str_sv(&plain), e);
	if (ok) {
		body_close(body);
		*body = (struct body){.fd = fd, .offset = 0, .length = plain.len};
	} else if (fd >= 0) {
		close(fd);
	}
	str_fini(&plain);
	free(bytes);
	return ok;
}

static bool copy_one(struct local_box *b, struct apply_step *s, struct apply_one *one, struct arena *a, char **key,
	struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	uint64_t id = message_id_of(s->mailbox->id, one->uid);
	struct message_row row;
	struct body body;
	bool ok;

	if (!message_get(c, id, a, &row, e)) {
		/*
		 * The rows are fresh: moved before by a killed worker of ours, or deleted by
		 * somebody else.
		 */
		one->done = e->class == ERR_GONE && s->kind == INTENT_MOVE;
		return false;
	}
	if (!body_open(c, id, "", &body, e))
		return false;
	if (local_ops_of(s->mailbox) == &mbox_ops && !unescape(&body, e)) {
		body_close(&body);
		return false;
	}
	struct local_source src = {.fd = body.fd, .offset = body.offset, .length = body.length,
		.flags = row.flags & ~(unsigned)MSG_DELETED, .date = row.date_received, .sender = sender_of(a, row.from)};
	ok = local_ops_of(s->dest)->deliver(b, s->dest, one, &src, key, e);
	body_close(&body);
	return ok;
}

/* After delivery: which UIDs the new ones have got. Not knowing them is no failure. */
static void learn_uids(struct local_box *b, struct apply_step *s, struct mailbox *dest, char **keys)
{
	struct cache *c = host_cache(b->box.host);
	struct err e;

	if (!(dest->flags & MAILBOX_COMPLETE)) /* never opened: leave it to the day when it is */
		return;
	if (!local_sync_whole(b, dest->id, &e)) {
		log_write(LOG_WARN, "local", "%s", e.text);
		cache_rollback(c);
		return;
	}
	for (size_t i = 0; i < s->count; i++) {
		uint64_t id;

		if (!keys[i])
			continue;
		if (message_by_key(c, dest->id, sv_of(keys[i]), &id, NULL)) {
			s->one[i].new_uid = message_uid(id);
			s->one[i].new_uidvalidity = dest->uidvalidity;
		}
	}
}

/* Some errors are of the disk, not of the message: then the rest waits, too. */
static bool is_fatal(const struct err *e)
{
	return e->sys == ENOSPC || e->sys == EDQUOT || e->sys == EIO || e->sys == EROFS;
}

/* Takes the delivered ones off the source: a step of its own with the same ones. */
static bool delete_sources(struct local_box *b, struct apply_step *s, char **keys, struct err *e)
{
	struct apply_step del = *s;
	size_t n = 0;

	del.kind = INTENT_DELETE;
	del.one = xcalloc(s->count, sizeof(*del.one));
	for (size_t i = 0; i < s->count; i++) {
		if (keys[i])
			del.one[n++] = s->one[i];
	}
	del.count = n;
	bool ok = n == 0 || local_ops_of(s->mailbox)->change(b, &del, e);
	for (size_t i = 0, k = 0; i < s->count; i++) {
		if (!keys[i])
			continue;
		s->one[i].done = del.one[k].done;
		s->one[i].error = del.one[k++].error;
	}
	free(del.one);
	return ok;
}

/*
 * The row, the file, and rows that say what the file says: then a message can be added and counted.
 */
static bool prepare_dest(struct local_box *b, struct mailbox *dest, struct err *e)
{
	if (!local_make_ready(b, dest, e))
		return false;
	return local_ops_of(dest) != &mbox_ops || freshen(b, dest, e);
}

static void begin_delivery(struct local_box *b)
{
	map_free(b->delivered);
	b->delivered = map_new();
}

/*
 * The place before i of the same message in a move, or i. Saved twice (the first time with an error that came
 * after the disk had it, say), it must not arrive twice.
 */
static size_t same_before(const struct apply_step *s, size_t i)
{
	for (size_t k = 0; s->kind == INTENT_MOVE && s->one[i].uid != 0 && k < i; k++)
		if (s->one[k].uid == s->one[i].uid)
			return k;
	return i;
}

static void settle_repeats(struct apply_step *s)
{
	for (size_t i = 0; i < s->count; i++) {
		size_t k = same_before(s, i);

		if (k == i)
			continue;
		s->one[i].done = s->one[k].done;
		s->one[i].error = s->one[k].error;
		s->one[i].new_uidvalidity = s->one[k].new_uidvalidity;
		s->one[i].new_uid = s->one[k].new_uid;
	}
}

/*
 * A move of a message that is known by its Message-ID only, and that is not in the source but in the destination: a
 * worker that was killed, and whose notes are lost with the cache, has moved it.
 */
static bool settle_moved(struct local_box *b, struct apply_step *s, struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	bool fresh = false;

	for (size_t i = 0; s->kind == INTENT_MOVE && i < s->count; i++) {
		struct apply_one *one = &s->one[i];
		uint64_t id;

		if (one->uid != 0 || !one->message_id || !*one->message_id ||
			count_of(b, s->mailbox, one) > 0)
			continue;
		if (!fresh && !freshen(b, s->dest, e))
			return false;
		fresh = true;
		if (!message_by_message_id(c, s->dest->id, sv_of(one->message_id), &id, NULL))
			continue;
		one->done = true;
		one->error = (struct err){0};
		one->new_uidvalidity = s->dest->uidvalidity;
		one->new_uid = message_uid(id);
	}
	return true;
}

static bool transfer(struct local_box *b, struct apply_step *s, struct err *e)
{
	char **keys = xcalloc(s->count, sizeof(*keys)); /* not NULL: delivered */
	struct arena *a = arena_new();
	bool ok = freshen(b, s->mailbox, e) && find_unknown(b, s, e) && prepare_dest(b, s->dest, e);

	begin_delivery(b);
	for (size_t i = 0; ok && i < s->count; i++) {
		struct apply_one *one = &s->one[i];
		struct err why = {0};

		if (same_before(s, i) == i && !copy_one(b, s, one, a, &keys[i], &why)) {
			one->error = why;
			ok = !is_fatal(&why) || err_copy(e, &why);
		}
		arena_reset(a);
	}
	host_step("local: delivered");
	if (ok)
		learn_uids(b, s, s->dest, keys);
	if (ok && s->kind == INTENT_MOVE)
		ok = delete_sources(b, s, keys, e);
	for (size_t i = 0; s->kind == INTENT_COPY && i < s->count; i++)
		s->one[i].done = keys[i] != NULL;
	settle_repeats(s);
	refuse_unknown(b, s);
	ok = ok && settle_moved(b, s, e);
	ok = write_rows(b, s, e) && ok;
	for (size_t i = 0; i < s->count; i++)
		free(keys[i]);
	free(keys);
	arena_free(a);
	return ok;
}

static bool append_file(struct local_box *b, struct apply_step *s, struct err *e)
{
	struct apply_one *one = &s->one[0];
	struct stat st;
	char *key = NULL;
	int fd = open(s->file, O_RDONLY | O_CLOEXEC);
	bool ok = fd >= 0 && fstat(fd, &st) == 0;

	if (!ok)
		err_sys(&one->error, "%s", s->file);
	begin_delivery(b);
	if (ok && prepare_dest(b, s->mailbox, &one->error)) {
		struct local_source src = {.fd = fd, .length = (uint64_t)st.st_size, .flags = s->add,
			.date = s->date ? s->date : one->created};

		one->done = local_ops_of(s->mailbox)->deliver(b, s->mailbox, one, &src, &key, &one->error);
	}
	if (fd >= 0)
		close(fd);
	if (one->done)
		learn_uids(b, s, s->mailbox, &key);
	free(key);
	return !one->done || write_rows(b, s, e);
}

/* ---- apply: mailboxes ---- */

/* What was renamed or removed stays so after a power cut. */
static bool sync_folder_of(const char *path, struct err *e)
{
	char *dir = fs_dirname(path);
	bool ok = fs_sync_dir(dir, e);

	free(dir);
	return ok;
}

static bool rename_mailbox(struct local_box *b, struct apply_step *s, struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	const char *from = local_path(s->mailbox), *to = s->dest->name;
	const struct local_ops *ops = local_ops_of(s->mailbox);
	struct mailbox m = *s->mailbox;
	char *raw;
	bool ok;

	if (*to != '/')
		return err_set(e, ERR_INPUT, "%s is not a path", to);
	if (fs_exists(from) && fs_exists(to))
		return err_set(e, ERR_INPUT, "%s exists already", to);
	if (fs_exists(from) && rename(from, to) != 0)
		return err_sys(e, "%s", to);
	if (!sync_folder_of(to, e) || !sync_folder_of(from, e))
		return false;
	host_step("local: renamed");
	raw = xasprintf("%s:%s", ops ? ops->kind : "mbox", to);
	m.name = (char *)to;
	m.raw = raw;
	/* A row of that name is of an earlier time: no file was there. */
	ok = s->dest->id == 0 || mailbox_delete(c, s->dest->id, e);
	ok = ok && mailbox_update(c, &m, e);
	free(raw);
	return ok;
}

static bool change_mailbox(struct local_box *b, struct apply_step *s, struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	const struct local_ops *ops = local_ops_of(s->mailbox);
	struct mailbox *m = s->mailbox;

	switch (s->kind) {
	case INTENT_CREATE:
		return local_make_ready(b, m, e);
	case INTENT_RENAME:
		return rename_mailbox(b, s, e);
	case INTENT_REMOVE:
		if (!local_find_format(b, m, e))
			return e->class == ERR_GONE && mailbox_delete(c, m->id, e);
		ops = local_ops_of(m);
		return ops->remove(local_path(m), e) && sync_folder_of(local_path(m), e) && mailbox_delete(c, m->id, e);
	case INTENT_SUBSCRIBE:
		m->flags |= MAILBOX_SUBSCRIBED;
		return mailbox_update(c, m, e);
	case INTENT_UNSUBSCRIBE:
		m->flags &= ~(unsigned)MAILBOX_SUBSCRIBED;
		return mailbox_update(c, m, e);
	default:
		return err_set(e, ERR_INPUT, "local mailboxes cannot do that");
	}
}

static bool apply_mailbox(struct local_box *b, struct apply_step *s, struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	struct apply_one *one = &s->one[0];
	struct applied done = {APPLIED_DONE, 0, 0};

	local_rest_clear(b);
	if (!change_mailbox(b, s, &one->error)) {
		cache_rollback(c);
		return true;
	}
	one->done = applied_set(c, one->intent, &done, e);
	if (one->done)
		host_changed(b->box.host, 0, "list", 1);
	return one->done;
}

/* Flags of this mbox that are put off must come before anything else that is done to it. */
static bool wait_for_flags(struct local_box *b, const struct apply_step *s)
{
	if (b->put_off_since == 0 || b->flush || s->kind == INTENT_FLAG)
		return false;
	b->flush = true;
	b->box.later_ms = 1;
	return true;
}

bool local_box_apply(struct box *box, struct apply_step *s, struct err *e)
{
	struct local_box *b = (struct local_box *)box;
	bool messages = s->kind == INTENT_FLAG || s->kind == INTENT_DELETE || s->kind == INTENT_MOVE ||
			s->kind == INTENT_COPY;
	struct err why;

	if (wait_for_flags(b, s))
		return true;
	if (s->kind == INTENT_APPEND)
		return append_file(b, s, e);
	if (!messages)
		return apply_mailbox(b, s, e);
	if (!local_find_format(b, s->mailbox, &why) || (s->uidvalidity && s->mailbox->uidvalidity != s->uidvalidity)) {
		if (s->mailbox->id && s->uidvalidity && s->mailbox->uidvalidity != s->uidvalidity)
			err_set(&why, ERR_GONE, "%s was replaced: its messages are not the same any more", s->mailbox->name);
		for (size_t i = 0; i < s->count; i++)
			s->one[i].error = why;
		return true;
	}
	if (s->mailbox->id == 0 && !local_make_ready(b, s->mailbox, e)) /* the cache was made anew, and does not list it yet */
		return false;
	if (s->kind == INTENT_DELETE && local_ops_of(s->mailbox) == &maildir_ops &&
		host_conf_bool(box->host, "maildir_trash", false)) {
		/* The user wants them marked in their names (T), for another program to sweep. */
		s->kind = INTENT_FLAG;
		s->add = MSG_DELETED;
		s->del = 0;
	}
	if (s->kind == INTENT_FLAG || s->kind == INTENT_DELETE)
		return change_messages(b, s, e);
	if (s->kind == INTENT_MOVE && s->dest->id == s->mailbox->id) { /* onto itself */
		for (size_t i = 0; i < s->count; i++)
			s->one[i].done = true;
		return true;
	}
	return transfer(b, s, e);
}
