/*
 * Changing an mbox means writing a new file beside the old one, fsync, rename; and only when the
 * old one is what we have last read, under its locks. Where the folder cannot be written, the file
 * is rewritten in place, with a copy kept until that is done (mbox_rescue.c).
 */
#include "sync/mbox_priv.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "sync/mbox_lock.h"
#include "sync/mbox_rescue.h"

#define GATHER_MS 5000 /* flags are put off that long, so that one rewrite serves many */

/* ---- rewriting ---- */

struct rewrite {
	struct local_box *b;
	struct apply_step *step;
	struct map *by_offset; /* "offset" -> apply_one + 1 */
	int fd;
	struct str buf;        /* not yet written */
	uint64_t at;           /* bytes written to the new file */
	struct arena *arena;
};

#define BUF_FLUSH (1u << 20)

static bool flush(struct rewrite *r, struct err *e)
{
	bool ok = fs_write_all(r->fd, str_sv(&r->buf), e);

	r->at += r->buf.len;
	str_clear(&r->buf);
	return ok;
}

static bool put(struct rewrite *r, struct sv v, struct err *e)
{
	if (v.len > BUF_FLUSH) {
		if (!flush(r, e) || !fs_write_all(r->fd, v, e))
			return false;
		r->at += v.len;
		return true;
	}
	if (r->buf.len + v.len > BUF_FLUSH && !flush(r, e))
		return false;
	return str_add(&r->buf, v) || err_set(e, ERR_LIMIT, "a header over %u MiB", MBOX_MESSAGE_MAX >> 20);
}

static struct sv offset_key(uint64_t offset, char out[24])
{
	int n = snprintf(out, 24, "%llu", (unsigned long long)offset);

	return sv_make(out, (size_t)n);
}

/* The message with its flags changed by the step. */
static bool put_changed(struct rewrite *r, struct sv data, const struct mbox_entry *me, uint64_t *len, struct err *e)
{
	struct sv message = sv_make(data.p + me->at, me->len);
	struct headers h;
	struct str words, next, head;
	bool ok;

	headers_parse(r->arena, message, &h);
	str_init(&words, 8192);
	str_init(&next, 8192);
	str_init(&head, MBOX_MESSAGE_MAX);
	unsigned flags = (mbox_flags_of(&h, &words) & ~r->step->del) | r->step->add;
	ok = words_apply(&next, str_sv(&words), sv_of(r->step->add_words), sv_of(r->step->del_words)) &&
	     mbox_add_header(&head, &h, flags, str_sv(&next), false);
	ok = ok || err_set(e, ERR_LIMIT, "a header over %u MiB", MBOX_MESSAGE_MAX >> 20);
	*len = head.len + (me->len - h.body_at);
	ok = ok && put(r, sv_make(data.p + me->from_at, me->at - me->from_at), e) && put(r, str_sv(&head), e) &&
	     put(r, sv_make(message.p + h.body_at, me->next_at - me->at - h.body_at), e);
	str_fini(&words);
	str_fini(&next);
	str_fini(&head);
	arena_reset(r->arena);
	return ok;
}

static void note_place(struct local_box *b, uint64_t old_offset, uint64_t offset, uint64_t length)
{
	array_grow(b->places, b->place_count, b->place_cap);
	b->places[b->place_count++] = (struct local_place){old_offset, offset, length};
}

/* Copies the mailbox into r->fd with the step carried out; notes where each message lies now. */
static bool copy_changed(struct rewrite *r, struct sv data, struct err *e)
{
	struct mbox_entry me;
	size_t at = 0;
	bool first = true;

	while (mbox_next(data, &at, &me)) {
		char key[24];
		bool mine = map_has(r->by_offset, offset_key(me.at, key));
		uint64_t here, len = me.len;

		if (first && me.from_at > 0 && !put(r, sv_head(data, me.from_at), e))
			return false;
		first = false;
		if (mine && r->step->kind == INTENT_DELETE)
			continue;
		here = r->at + r->buf.len + (me.at - me.from_at);
		if (mine ? !put_changed(r, data, &me, &len, e)
			 : !put(r, sv_make(data.p + me.from_at, me.next_at - me.from_at), e))
			return false;
		note_place(r->b, me.at, here, len);
	}
	return flush(r, e);
}

/* Owner and mode as the old file has them, as far as we may. */
static bool dress(int fd, int like, const char *path, struct err *e)
{
	struct stat st;

	if (fstat(like, &st) != 0 || fchmod(fd, st.st_mode & 07777) != 0)
		return err_sys(e, "%s", path);
	(void)!fchown(fd, st.st_uid, st.st_gid); /* only root may give files away */
	return fsync(fd) == 0 || err_sys(e, "%s", path);
}

/* Opens the file to write into: beside the mailbox, or among our own when that cannot be. */
static bool open_new(struct rewrite *r, const char *path, char **temp, bool *beside, struct err *e)
{
	char *dir = fs_dirname(path);

	*beside = fs_temp(dir, ".feist-mbox-", "", &r->fd, temp, e);
	free(dir);
	if (*beside)
		return true;
	*temp = mbox_rescue_temp(host_cache_dir(r->b->box.host), path);
	r->fd = open(*temp, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (r->fd >= 0)
		return true;
	err_sys(e, "%s", *temp);
	free(*temp);
	return false;
}

/* Under the locks, with the old content in data: writes the new one and puts it in its place. */
static bool replace(struct rewrite *r, const char *path, int old_fd, struct sv data, struct err *e)
{
	char *temp, *dir = fs_dirname(path);
	bool beside, ok;

	if (!open_new(r, path, &temp, &beside, e)) {
		free(dir);
		return false;
	}
	ok = copy_changed(r, data, e) && dress(r->fd, old_fd, temp, e);
	host_step("mbox: new file written");
	if (ok && beside)
		ok = (rename(temp, path) == 0 || err_sys(e, "%s", path)) && fs_sync_dir(dir, e);
	else if (ok)
		ok = mbox_write_in_place(host_cache_dir(r->b->box.host), path, old_fd, temp, r->fd, e);
	host_step("mbox: in place");
	if (!ok)
		unlink(temp);
	close(r->fd);
	free(temp);
	free(dir);
	return ok || err_at(e, "rewriting %s", path);
}

/* Fills by_offset; those that are gone are done. False when the rows cannot be read. */
static bool find_targets(struct local_box *b, struct apply_step *s, struct map *by_offset, struct err *e)
{
	struct arena *a = arena_new();
	bool ok = true;

	for (size_t i = 0; ok && i < s->count; i++) {
		struct message_row row;
		struct err why;
		char key[24];

		if (message_get(host_cache(b->box.host), message_id_of(s->mailbox->id, s->one[i].uid), a, &row, &why))
			map_set(by_offset, offset_key(row.offset, key), &s->one[i]);
		else if (why.class == ERR_GONE)
			s->one[i].done = true;
		else
			ok = err_copy(e, &why);
	}
	arena_free(a);
	return ok;
}

static bool rewrite(struct local_box *b, struct apply_step *s, struct mbox_map *map, int fd, struct err *e)
{
	struct rewrite r = {.b = b, .step = s, .by_offset = map_new(), .arena = arena_new(), .fd = -1};
	bool ok;

	str_init(&r.buf, MBOX_MESSAGE_MAX + 2 * BUF_FLUSH);
	ok = find_targets(b, s, r.by_offset, e);
	if (ok && map_len(r.by_offset) > 0)
		ok = replace(&r, local_path(s->mailbox), fd, map->data, e);
	str_fini(&r.buf);
	map_free(r.by_offset);
	arena_free(r.arena);
	return ok;
}

bool mbox_take_out(struct local_box *b, struct mailbox *m, int fd, struct sv data, uint64_t offset, struct err *e)
{
	struct apply_step s = {.kind = INTENT_DELETE, .mailbox = m};
	struct rewrite r = {.b = b, .step = &s, .by_offset = map_new(), .arena = arena_new(), .fd = -1};
	char key[24];
	bool ok;

	map_set(r.by_offset, offset_key(offset, key), &s);
	str_init(&r.buf, MBOX_MESSAGE_MAX + 2 * BUF_FLUSH);
	ok = replace(&r, local_path(m), fd, data, e);
	b->place_count = 0; /* the caller looks at the file again */
	str_fini(&r.buf);
	map_free(r.by_offset);
	arena_free(r.arena);
	return ok;
}

static void new_token(const char *path, char out[96])
{
	struct stat st;

	out[0] = '\0';
	if (stat(path, &st) == 0)
		mbox_token_of(&st, out);
}

/* Flags wait a little for company, unless something else needs them done. */
static bool put_off(struct local_box *b, const struct apply_step *s)
{
	int64_t now = clock_ms();

	if (s->kind != INTENT_FLAG || host_leaving(b->box.host) || b->flush)
		return false;
	if (b->put_off_since == 0)
		b->put_off_since = now;
	int64_t waited = now - b->put_off_since;
	/* Time is up for all that wait: local_box clears this when there is nothing left to do. */
	b->flush = waited >= GATHER_MS;
	b->box.later_ms = b->flush ? 0 : (int)(GATHER_MS - waited);
	return !b->flush;
}

bool mbox_change(struct local_box *b, struct apply_step *s, struct err *e)
{
	const char *path = local_path(s->mailbox);

	if (put_off(b, s))
		return true;
	for (int tries = 0; tries < 3; tries++) {
		struct mbox_lock lock;
		struct mbox_map map = {.fd = -1};
		bool ok, current = false;

		if (!mbox_lock(&lock, path, true, false, e))
			return false;
		ok = mbox_map(lock.fd, path, &map, e);
		current = ok && mbox_same_token(map.token, s->mailbox->token) && (s->mailbox->flags & MAILBOX_COMPLETE);
		b->place_count = 0;
		if (ok && current)
			ok = rewrite(b, s, &map, lock.fd, e);
		mbox_unmap(&map);
		mbox_unlock(&lock);
		if (!ok)
			return false;
		if (current) {
			new_token(path, b->new_token);
			for (size_t i = 0; i < s->count; i++)
				s->one[i].done = true;
			return true;
		}
		/* Changed under us: look first, never write over it. */
		if (!mbox_sync_all(b, s->mailbox, e))
			return false;
	}
	return err_set(e, ERR_LIMIT, "%s is changed by others all the time", path);
}
