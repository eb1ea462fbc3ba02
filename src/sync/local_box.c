/*
 * The account "local": mailboxes that are paths. Which format a path has, opening, watching;
 * local_list.c has the list, local_apply.c the intents.
 */
#include "sync/local_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "mime/mbox.h"
#include "sync/search.h"

static const struct local_ops *const formats[] = {&maildir_ops, &mbox_ops};

/* ---- which kind ---- */

static bool has_sub(const char *path, const char *sub)
{
	char *dir = fs_join(path, sub);
	bool there = fs_is_dir(dir);

	free(dir);
	return there;
}

static enum local_kind kind_of_file(const char *path)
{
	char head[512];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ssize_t n = fd >= 0 ? read(fd, head, sizeof(head)) : -1;
	int why = errno;
	struct sv v = sv_make(head, n > 0 ? (size_t)n : 0), line;

	if (fd >= 0)
		close(fd);
	errno = why;
	if (n < 0)
		return LOCAL_CLOSED;
	while (sv_line(&v, &line)) {
		if (line.len > 0)
			return mbox_is_from(line, NULL, NULL) ? LOCAL_MBOX : LOCAL_NONE;
	}
	return n == 0 || v.len == 0 ? LOCAL_MBOX : LOCAL_NONE;
}

enum local_kind local_kind_of(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return LOCAL_NONE;
	if (S_ISDIR(st.st_mode))
		return has_sub(path, "cur") && has_sub(path, "new") ? LOCAL_MAILDIR : LOCAL_FOLDER;
	return S_ISREG(st.st_mode) ? kind_of_file(path) : LOCAL_NONE;
}

const char *local_path(const struct mailbox *m)
{
	const char *colon = strchr(m->raw, ':');

	return colon ? colon + 1 : m->name;
}

const struct local_ops *local_ops_of(const struct mailbox *m)
{
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		size_t n = strlen(formats[i]->kind);

		if (strncmp(m->raw, formats[i]->kind, n) == 0 && m->raw[n] == ':')
			return formats[i];
	}
	return NULL;
}

const char *local_kind_word(enum local_kind kind)
{
	return kind == LOCAL_MAILDIR ? "maildir" : kind == LOCAL_MBOX ? "mbox" : NULL;
}

bool local_find_format(struct local_box *b, struct mailbox *m, struct err *e)
{
	const struct local_ops *known = local_ops_of(m);
	enum local_kind kind = local_kind_of(known ? local_path(m) : m->name);
	const char *word = local_kind_word(kind);

	if (known && word && strcmp(known->kind, word) == 0)
		return true;
	if (kind == LOCAL_CLOSED)
		return err_sys(e, "reading %s", m->name);
	if (!word)
		return kind == LOCAL_FOLDER ? err_set(e, ERR_INPUT, "%s is a folder, not a mailbox", m->name)
		       : fs_exists(m->name)  ? err_set(e, ERR_INPUT, "%s is not a mailbox", m->name)
					     : err_set(e, ERR_GONE, "there is no mailbox %s", m->name);
	/* Another format than before: its messages are others, too. */
	if (known && !mailbox_reset(host_cache(b->box.host), m->id, 0, e))
		return false;
	free(m->raw);
	m->raw = xasprintf("%s:%s", word, m->name);
	if (m->id == 0)
		return true;
	m->flags &= ~(unsigned)MAILBOX_COMPLETE;
	return mailbox_update(host_cache(b->box.host), m, e);
}

bool local_make_ready(struct local_box *b, struct mailbox *m, struct err *e)
{
	const char *type = host_conf(b->box.host, "mbox_type");
	const struct local_ops *ops = type && sv_is_case(sv_of(type), "maildir") ? &maildir_ops : &mbox_ops;
	struct cache *c = host_cache(b->box.host);
	uint64_t id;

	if (!local_ops_of(m) && m->name[0] != '/')
		return err_set(e, ERR_INPUT, "%s is not a path", m->name);
	const char *path = local_path(m);
	enum local_kind kind = local_kind_of(path);
	if (kind == LOCAL_CLOSED)
		return err_sys(e, "reading %s", path);
	if (kind == LOCAL_NONE || kind == LOCAL_FOLDER) {
		if (fs_exists(path) && !fs_is_dir(path))
			return err_set(e, ERR_INPUT, "%s is not a mailbox", path);
		ops = local_ops_of(m) ? local_ops_of(m) : kind == LOCAL_FOLDER ? &maildir_ops : ops;
		if (!ops->create(path, e))
			return err_at(e, "creating %s", path);
	}
	if (!local_find_format(b, m, e))
		return false;
	if (m->id != 0)
		return true;
	if (!mailbox_add(c, m->name, m->raw, '/', &id, e))
		return false;
	mailbox_fini(m);
	host_changed(b->box.host, 0, "list", 1);
	return mailbox_by_id(c, id, m, e);
}

char *local_seed(struct local_box *b, const struct apply_one *one)
{
	return xasprintf("%s\n%lld\n%lld\n%s", b->box.host->state_path, (long long)one->intent, (long long)one->created,
		one->message_id);
}

void local_rest_clear(struct local_box *b)
{
	if (b->rest.ops)
		b->rest.ops->rest_free(b);
}

/* ---- pieces ---- */

#define PIECE_MIN 50
#define PIECE_MAX 4000
#define PIECE_MS 120 /* what a piece may take: the user may want something else */

size_t local_piece(const struct local_rest *r)
{
	size_t n = r->piece ? r->piece : BOX_FIRST;

	return MIN(n, r->count - r->next);
}

void local_pace(struct local_rest *r, int64_t took_ms)
{
	size_t n = r->piece ? r->piece : BOX_BATCH;

	if (took_ms < PIECE_MS / 2)
		n = MIN(n * 2, (size_t)PIECE_MAX);
	else if (took_ms > PIECE_MS)
		n = MAX(n / 2, (size_t)PIECE_MIN);
	r->piece = n;
}

static int by_uid(const void *a, const void *b)
{
	const struct local_slot *x = a, *y = b;

	return x->uid < y->uid ? -1 : x->uid > y->uid;
}

void local_sort_slots(struct local_slot *slots, size_t n)
{
	if (n > 1)
		qsort(slots, n, sizeof(*slots), by_uid);
}

/* ---- the box ---- */

static struct box *local_open(struct host *h, struct err *e)
{
	struct local_box *b = xcalloc(1, sizeof(*b));

	(void)e;
	b->box.ops = &local_box_ops;
	b->box.own_uids = true;
	b->box.host = h;
	b->box.online = true;
	b->watch = local_watch_new();
	return &b->box;
}

static void local_close(struct box *box)
{
	struct local_box *b = (struct local_box *)box;

	local_rest_clear(b);
	local_watch_free(b->watch);
	free(b->places);
	map_free(b->delivered);
	free(b);
}

static bool local_sync(struct box *box, uint64_t mailbox, bool *more, struct err *e)
{
	struct local_box *b = (struct local_box *)box;
	struct mailbox m;
	bool ok;

	*more = false;
	if (!mailbox_by_id(host_cache(box->host), mailbox, &m, e))
		return false;
	ok = local_find_format(b, &m, e);
	if (ok) {
		const struct local_ops *ops = local_ops_of(&m);

		/* Watched before it is read: what comes while we read is not missed. */
		local_watch_add(b->watch, m.id, local_path(&m), ops == &maildir_ops ? LOCAL_MAILDIR : LOCAL_MBOX);
		ok = ops->sync(b, &m, more, e);
		if (ok && !*more && host_conf_bool(box->host, "parts_at_once", false))
			ok = local_find_parts(b, &m, more, e);
	}
	mailbox_fini(&m);
	return ok;
}

bool local_sync_whole(struct local_box *b, uint64_t mailbox, struct err *e)
{
	bool more = true;

	while (more) {
		if (!local_sync(&b->box, mailbox, &more, e))
			return false;
	}
	return true;
}

/* ---- watching ---- */

static void watch_mailbox(struct local_box *b, uint64_t id)
{
	struct mailbox m;

	if (!mailbox_by_id(host_cache(b->box.host), id, &m, NULL))
		return;
	const struct local_ops *ops = local_ops_of(&m);
	if (ops)
		local_watch_add(b->watch, id, local_path(&m), ops == &maildir_ops ? LOCAL_MAILDIR : LOCAL_MBOX);
	mailbox_fini(&m);
}

static bool local_wait(struct box *box, uint64_t mailbox, int timeout_ms, uint64_t *changed, struct err *e)
{
	struct local_box *b = (struct local_box *)box;

	(void)e;
	if (b->flush) { /* the queue is empty: all that waited is done */
		b->flush = false;
		b->put_off_since = 0;
	}
	if (mailbox)
		watch_mailbox(b, mailbox);
	*changed = local_watch_wait(b->watch, host_wake_fd(box->host), timeout_ms);
	return true;
}

/* ---- bodies and search ---- */

static bool local_fetch(struct box *box, uint64_t message, const char *section, struct err *e)
{
	struct body body;

	/* Nothing to fetch: it is there, or it is gone. */
	if (!body_open(host_cache(box->host), message, section, &body, e))
		return false;
	body_close(&body);
	return true;
}

static bool local_search(struct box *box, uint64_t mailbox, const char *query, struct err *e)
{
	return search_scan(box->host, mailbox, query, e);
}

const struct box_ops local_box_ops = {
	.kind = "local",
	.open = local_open,
	.list = local_box_list,
	.sync = local_sync,
	.watch = local_wait,
	.fetch = local_fetch,
	.ahead = local_box_ahead,
	.apply = local_box_apply,
	.search = local_search,
	.close = local_close,
};
