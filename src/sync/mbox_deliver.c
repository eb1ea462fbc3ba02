/*
 * Adding a message to an mbox: under its locks, at the end, in mboxrd form. An attempt is noted
 * before it is made, with the number of messages of the same key that were there: after a kill,
 * more of them mean that it went through. What is half there is taken out first.
 */
#include "sync/mbox_priv.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "sync/mbox_lock.h"

/* ---- delivery ---- */

/* The whole entry as it will stand in the file, and its key. */
static bool compose(const struct local_source *src, struct str *out, char key[MBOX_KEY_LEN + 1], struct err *e)
{
	char *bytes;
	struct arena *a;
	struct headers h;
	struct str message;
	bool ok;

	if (src->length > MBOX_MESSAGE_MAX)
		return err_set(e, ERR_LIMIT, "a message over %u MiB", MBOX_MESSAGE_MAX >> 20);
	bytes = xmalloc((size_t)src->length + 1);
	uint64_t at = 0;
	while (at < src->length) {
		ssize_t n = pread(src->fd, bytes + at, (size_t)(src->length - at), (off_t)(src->offset + at));

		if (n <= 0)
			break;
		at += (uint64_t)n;
	}
	if (at < src->length) {
		free(bytes);
		return err_set(e, ERR_GONE, "the message has become shorter");
	}
	a = arena_new();
	headers_parse(a, sv_make(bytes, (size_t)at), &h);
	mbox_key_of(&h, key);
	str_init(&message, 2 * (size_t)MBOX_MESSAGE_MAX);
	ok = mbox_add_header(&message, &h, src->flags, SV(""), true) &&
	     str_add(&message, sv_make(bytes + h.body_at, (size_t)at - h.body_at)) &&
	     mbox_add_from_line(out, src->sender, src->date ? src->date : clock_now()) &&
	     mbox_add_message(out, str_sv(&message));
	str_fini(&message);
	arena_free(a);
	free(bytes);
	return ok || err_set(e, ERR_LIMIT, "a message over %u MiB", MBOX_MESSAGE_MAX >> 20);
}

/*
 * How many messages with this key the mailbox holds as far as we know: its rows (fresh when the
 * step began) and what the step has added. Noted before an attempt; when there are more afterwards,
 * it went through.
 */
static uint64_t count_key(struct local_box *b, const struct mailbox *dest, const char *key)
{
	return message_count_key(host_cache(b->box.host), dest->id, sv_of(key)) +
	       (uint64_t)(uintptr_t)map_get(b->delivered, sv_of(key));
}

static struct sv separator_for(struct sv data)
{
	if (data.len == 0 || (data.len >= 2 && data.p[data.len - 1] == '\n' && data.p[data.len - 2] == '\n'))
		return SV("");
	return data.p[data.len - 1] == '\n' ? SV("\n") : SV("\n\n");
}

static bool append(int fd, const char *path, struct sv separator, struct sv entry, struct err *e)
{
	off_t end = lseek(fd, 0, SEEK_END);

	if (end < 0)
		return err_sys(e, "%s", path);
	/*
	 * In one piece, so that hardly ever half of it is there; in pieces only where the tests want to
	 * kill us in between.
	 */
	size_t piece = host_stepping() ? entry.len / 3 + 1 : entry.len;
	bool ok = fs_write_all(fd, separator, e);
	while (ok && entry.len > 0) {
		ok = fs_write_all(fd, sv_head(entry, piece), e);
		entry = sv_from(entry, piece);
		host_step("mbox: a piece appended");
	}
	ok = ok && (fsync(fd) == 0 || err_sys(e, "%s", path));
	host_step("mbox: appended");
	if (!ok)
		(void)!ftruncate(fd, end);
	return ok;
}

/*
 * Is there, an entry of the file, the beginning of ours and not all of it? The bytes tell, or, when
 * the header is whole, the bodies: flags may have been changed between the two attempts.
 */
static bool is_half(struct sv there, struct sv entry)
{
	struct mbox_entry theirs, ours;
	size_t at = 0, from = 0;
	struct headers a, b;
	char key_a[MBOX_KEY_LEN + 1], key_b[MBOX_KEY_LEN + 1];
	struct arena *arena;
	bool half;

	there = sv_rtrim(there);
	if (there.len < sv_rtrim(entry).len && sv_starts(entry, there))
		return true;
	if (!mbox_next(there, &at, &theirs) || !mbox_next(entry, &from, &ours))
		return false;
	arena = arena_new();
	headers_parse(arena, sv_make(there.p + theirs.at, theirs.len), &a);
	headers_parse(arena, sv_make(entry.p + ours.at, ours.len), &b);
	mbox_key_of(&a, key_a);
	mbox_key_of(&b, key_b);
	struct sv body = sv_rtrim(sv_make(there.p + theirs.at + a.body_at, theirs.len - a.body_at));
	struct sv whole = sv_rtrim(sv_make(entry.p + ours.at + b.body_at, ours.len - b.body_at));
	half = strcmp(key_a, key_b) == 0 && body.len < whole.len && sv_starts(whole, body);
	arena_free(arena);
	return half;
}

/*
 * The entry of the file that is half of ours. Only those with our From_ line are looked at more
 * closely.
 */
static bool find_half(struct sv data, struct sv entry, struct mbox_entry *half)
{
	struct sv rest = entry, from;
	size_t at = 0;

	(void)sv_line(&rest, &from);
	while (mbox_next(data, &at, half)) {
		struct sv raw = sv_make(data.p + half->from_at, half->next_at - half->from_at);

		if ((sv_starts(raw, from) || sv_starts(from, sv_rtrim(raw))) && is_half(raw, entry))
			return true;
	}
	return false;
}

/*
 * What a worker that was killed while it appended has left, wherever it is now: at the end, it is
 * cut off; elsewhere, because another program has written since, the file is rewritten without it.
 */
static bool drop_half(struct local_box *b, struct mailbox *dest, struct sv entry, struct err *e)
{
	const char *path = local_path(dest);
	struct mbox_map map = {.fd = -1};
	struct mbox_entry half;
	struct mbox_lock lock;

	if (!mbox_lock(&lock, path, true, true, e))
		return false;
	bool ok = mbox_map(lock.fd, path, &map, e), found = ok && find_half(map.data, entry, &half);
	if (found && half.next_at == map.data.len)
		ok = ftruncate(lock.fd, (off_t)half.from_at) == 0 || err_sys(e, "%s", path);
	else if (found)
		ok = mbox_take_out(b, dest, lock.fd, map.data, half.at, e);
	mbox_unmap(&map);
	mbox_unlock(&lock);
	host_step("mbox: half an entry dropped");
	return ok && (!found || mbox_sync_all(b, dest, e));
}

static bool add_entry(struct local_box *b, int fd, const char *path, const struct apply_one *one, struct sv entry,
	uint64_t count, struct err *e)
{
	struct mbox_map map = {.fd = -1};
	struct applied trying = {APPLIED_TRYING, 0, count};
	struct str separator;

	if (!mbox_map(fd, path, &map, e))
		return false;
	str_init(&separator, 4);
	(void)str_add(&separator, separator_for(map.data));
	mbox_unmap(&map);
	bool ok = applied_set(host_cache(b->box.host), one->intent, &trying, e);
	host_step("mbox: about to append");
	ok = ok && append(fd, path, str_sv(&separator), entry, e);
	str_fini(&separator);
	return ok;
}

bool mbox_deliver(struct local_box *b, struct mailbox *dest, const struct apply_one *one,
	const struct local_source *src, char **key, struct err *e)
{
	bool tried = one->was.state == APPLIED_TRYING, ok;
	const char *path = local_path(dest);
	char own_key[MBOX_KEY_LEN + 1];
	struct mbox_lock lock;
	struct str entry;

	str_init(&entry, 2 * (size_t)MBOX_MESSAGE_MAX);
	ok = compose(src, &entry, own_key, e) && (!tried || drop_half(b, dest, str_sv(&entry), e));
	uint64_t count = ok ? count_key(b, dest, own_key) : 0;
	if (ok && (!tried || count <= one->was.uid)) {
		ok = mbox_lock(&lock, path, true, true, e);
		if (ok) {
			ok = add_entry(b, lock.fd, path, one, str_sv(&entry), count, e);
			mbox_unlock(&lock);
		}
		if (ok)
			map_set(b->delivered, sv_of(own_key),
				(void *)((uintptr_t)map_get(b->delivered, sv_of(own_key)) + 1));
	}
	if (ok)
		*key = xstrdup(own_key);
	str_fini(&entry);
	return ok;
}
