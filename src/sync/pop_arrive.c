/*
 * From the bytes of a session to files in the Maildir. Each message has a file in tmp while it comes;
 * those that are complete wait until there are enough of them, then all are made durable together:
 * the bytes, the note under which names they will be, the names, the note that they are there. Killed
 * between any two, pop_mend looks which names are there.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "mime/date.h"
#include "mime/header.h"
#include "sync/pop_priv.h"

#define HALL_MAX 200           /* messages, each with an open file */
#define HALL_BYTES (8u << 20)
#define MESSAGE_MAX (1u << 30) /* bytes: a server that never ends a message must not fill the disk */
#define TEMP_PREFIX "feist-pop-"

struct arrival {
	struct pop_item *item;
	enum pop_todo what; /* POP_FETCH or POP_PREVIEW */
	struct maildir_delivery *d;
	struct pop_hash *hash;
	char *base;
	char head[SHA256_HEX_LEN + 1], content[SHA256_HEX_LEN + 1];
	bool folded; /* what is there already stands for it: base is its name */
	uint64_t bytes;
};

struct pop_hall {
	struct pop_box *b;
	char *prefix; /* of names of temp files */
	struct arrival at[HALL_MAX];
	size_t count;    /* complete; at[count] is on its way when open is set */
	bool open;
	uint64_t bytes;
	unsigned temps;
	struct map *names; /* base names in the Maildir, NULL: not read yet */
	struct map *coming; /* and of those that are to be there */
};

/* ---- what lies in the Maildir ---- */

static void each_file(const char *maildir, const char *sub, void (*fn)(void *, const char *dir, const char *name),
	void *data)
{
	char *dir = fs_join(maildir, sub);
	DIR *d = opendir(dir);
	struct dirent *ent;

	while (d && (ent = readdir(d))) {
		if (ent->d_name[0] != '.')
			fn(data, dir, ent->d_name);
	}
	if (d)
		closedir(d);
	free(dir);
}

static void note_name(void *data, const char *dir, const char *name)
{
	struct sv base;

	(void)dir;
	(void)maildir_flags_of(sv_of(name), false, &base);
	map_set(data, base, data);
}

static struct map *read_names(const char *maildir)
{
	struct map *names = map_new();

	/* new before cur: what moves in between is seen twice, not never. */
	each_file(maildir, "new", note_name, names);
	each_file(maildir, "cur", note_name, names);
	return names;
}

static struct map *names(struct pop_hall *h)
{
	if (!h->names)
		h->names = read_names(h->b->path);
	return h->names;
}

static void remove_temp(void *data, const char *dir, const char *name)
{
	char *path = fs_join(dir, name);

	if (sv_starts(sv_of(name), sv_of(data)))
		unlink(path);
	free(path);
}

/* Accounts may share a Maildir. Caller frees. */
static char *temp_prefix(const struct pop_box *b)
{
	char hex[SHA256_HEX_LEN + 1];

	hash_sha256_hex(sv_of(host_account(b->box.host)), hex);
	return xasprintf(TEMP_PREFIX "%.12s-", hex);
}

/* ---- one message ---- */

struct pop_hall *pop_hall_new(struct pop_box *b)
{
	struct pop_hall *h = xcalloc(1, sizeof(*h));

	h->b = b;
	h->coming = map_new();
	h->prefix = temp_prefix(b);
	return h;
}

static void arrival_fini(struct arrival *a)
{
	maildir_deliver_abort(a->d);
	pop_hash_free(a->hash);
	free(a->base);
	*a = (struct arrival){0};
}

static void empty(struct pop_hall *h)
{
	for (size_t i = 0; i < h->count; i++)
		arrival_fini(&h->at[i]);
	h->count = 0;
	h->bytes = 0;
}

void pop_hall_drop(struct pop_hall *h)
{
	if (h->open)
		arrival_fini(&h->at[h->count]);
	h->open = false;
}

void pop_hall_free(struct pop_hall *h)
{
	if (!h)
		return;
	pop_hall_drop(h);
	empty(h);
	map_free(h->names);
	map_free(h->coming);
	free(h->prefix);
	free(h);
}

void pop_hall_begin(struct pop_hall *h, struct pop_item *item, enum pop_todo what)
{
	if (h->open || h->count >= HALL_MAX)
		bug("%zu messages are in the hall", h->count);
	h->at[h->count] = (struct arrival){.item = item, .what = what, .hash = pop_hash_new()};
	h->open = true;
}

bool pop_hall_take(void *data, struct sv piece, struct err *e)
{
	struct pop_hall *h = data;
	struct arrival *a = &h->at[h->count];

	if (!a->d) {
		char *temp = xasprintf("%s%u", h->prefix, h->temps++);
		bool ok = maildir_deliver_unnamed(h->b->path, temp, &a->d, e);

		free(temp);
		if (!ok)
			return false;
	}
	a->bytes += piece.len;
	if (a->bytes > MESSAGE_MAX)
		return err_set(e, ERR_LIMIT, "a message of more than %u MB", MESSAGE_MAX >> 20);
	pop_hash_add(a->hash, piece);
	return maildir_deliver_write(a->d, piece, e);
}

/* The time in the file's name: the message's own, so that a second download makes the same name. */
static int64_t date_of(struct sv head)
{
	struct arena *a = arena_new();
	struct headers h;
	struct date d;
	int64_t epoch = 0;

	headers_parse(a, head, &h);
	if (date_parse(headers_raw(&h, "Date"), &d) && d.epoch > 0)
		epoch = d.epoch;
	arena_free(a);
	return epoch;
}

/*
 * Account, UIDL and content: accounts may share a Maildir, servers may give a UIDL away again. A
 * preview is named without its content, which grows with the lines that TOP gives.
 */
static char *base_of(const struct pop_hall *h, const struct arrival *a, int64_t date)
{
	bool preview = a->what == POP_PREVIEW;
	char *seed = xasprintf("%s\n%s\n%s\n%s", host_account(h->b->box.host), a->item->uidl, a->head,
		preview ? "" : a->content);
	char *base = maildir_base_of_seed(date, sv_of(seed)), *marked;

	free(seed);
	if (!preview)
		return base;
	marked = maildir_partial_base(base, a->item->size);
	free(base);
	return marked;
}

/* A message that the server does not name: by its header, unless another one here has the same. */
static void name_item(struct pop_item *item, const char *head)
{
	if (*item->uidl)
		return;
	free(item->uidl);
	item->uidl = xasprintf("head-%s", head);
}

/*
 * True: the table knows the message, by the name that its header gives it or by its header alone,
 * under a UIDL that the server does not list any more.
 */
static bool is_known(struct pop_hall *h, struct arrival *a, bool named, bool check, bool *known, struct err *e)
{
	struct uidl *u = h->b->uidls;
	struct pop_item *it = a->item;
	struct uidl_row row;
	struct str old;
	bool ok = true;

	*known = false;
	if (!named) {
		if (!uidl_get(u, sv_of(it->uidl), &row, e))
			return false;
		*known = row.state != UIDL_NEW;
		if (*known)
			it->state = row.state;
	}
	if (*known || !check)
		return true;
	str_init(&old, UIDL_MAX);
	if (uidl_vanished_by_head(u, a->head, &old, e)) {
		ok = uidl_rename(u, str_sv(&old), sv_of(it->uidl), e) && uidl_get(u, sv_of(it->uidl), &row, e);
		*known = ok && row.state != UIDL_NEW;
		if (*known)
			it->state = row.state;
	} else {
		ok = e->class == ERR_GONE;
	}
	str_fini(&old);
	return ok;
}

bool pop_hall_end(struct pop_hall *h, bool check, bool *known, struct err *e)
{
	struct arrival *a = &h->at[h->count];
	bool whole, named = *a->item->uidl;
	int64_t date;

	*known = false;
	/* A message without a single byte is one, too. */
	if (!a->d && !pop_hall_take(h, SV(""), e))
		return false;
	date = date_of(pop_hash_head(a->hash, &whole));
	pop_hash_end(a->hash, a->head, a->content);
	a->hash = NULL;
	name_item(a->item, a->head);
	if (!is_known(h, a, named, check, known, e))
		return false;
	if (*known) {
		pop_hall_drop(h);
		return true;
	}
	a->base = base_of(h, a, date);
	h->bytes += a->bytes;
	h->count++;
	h->open = false;
	return true;
}

bool pop_hall_full(const struct pop_hall *h)
{
	return h->count >= HALL_MAX || h->bytes >= HALL_BYTES;
}

size_t pop_hall_count(const struct pop_hall *h)
{
	return h->count;
}

/* ---- all of them ---- */

/* The same content is here already, and not deleted: one is enough. */
static void fold(struct pop_hall *h, struct arrival *a)
{
	char base[UIDL_BASE_MAX + 1];

	if (a->what != POP_FETCH || !uidl_content(h->b->uidls, a->content, base) ||
		(!map_has(names(h), sv_of(base)) && !map_has(h->coming, sv_of(base))) || strcmp(base, a->base) == 0)
		return;
	log_write(LOG_INFO, "pop", "%s: message %u is here already, and not kept twice", host_account(h->b->box.host),
		a->item->number);
	free(a->base);
	a->base = xstrdup(base);
	a->folded = true;
}

static bool note_one(struct pop_hall *h, struct arrival *a, enum uidl_state state, struct err *e)
{
	struct pop_item *it = a->item;
	struct uidl_row row = {.state = state, .size = (int64_t)it->size};

	snprintf(row.base, sizeof(row.base), "%s", a->base);
	memcpy(row.head, a->head, sizeof(row.head));
	return uidl_put(h->b->uidls, sv_of(it->uidl), &row, e);
}

static enum uidl_state final_state(const struct pop_hall *h, const struct arrival *a)
{
	if (a->what == POP_PREVIEW)
		return UIDL_PREVIEW;
	return host_conf_bool(h->b->box.host, "pop_delete", false) ? UIDL_DELETE : UIDL_FETCHED;
}

/* Of each where it will be, or (there) that it is there. */
static bool note_all(struct pop_hall *h, bool there, struct err *e)
{
	bool folding = host_conf_bool(h->b->box.host, "pop_fold_duplicates", false);
	bool ok = uidl_begin(h->b->uidls, e);

	for (size_t i = 0; ok && i < h->count; i++) {
		struct arrival *a = &h->at[i];

		if (!there && folding)
			fold(h, a);
		ok = note_one(h, a, there ? final_state(h, a) : UIDL_COMING, e);
		if (ok && !there && !a->folded && a->what == POP_FETCH) {
			map_set(h->coming, sv_of(a->base), h);
			ok = uidl_content_put(h->b->uidls, a->content, a->base, e);
		}
	}
	ok = ok && uidl_commit(h->b->uidls, e);
	if (!ok)
		uidl_rollback(h->b->uidls);
	return ok;
}

static bool place_all(struct pop_hall *h, struct err *e)
{
	for (size_t i = 0; i < h->count; i++) {
		struct arrival *a = &h->at[i];

		/* It is there when it is folded, or we were killed before it was noted. */
		if (a->folded || map_has(names(h), sv_of(a->base)))
			continue;
		if (!maildir_deliver_place(a->d, a->base, 0, e))
			return false;
		map_set(names(h), sv_of(a->base), h);
	}
	return maildir_flush(h->b->path, e);
}

bool pop_hall_commit(struct pop_hall *h, size_t *n, struct err *e)
{
	bool ok = true;

	*n = 0;
	if (h->count == 0)
		return true;
	h->b->mended = false; /* until it is through */
	for (size_t i = 0; ok && i < h->count; i++)
		ok = maildir_deliver_settle(h->at[i].d, e);
	host_step("pop: written");
	ok = ok && note_all(h, false, e);
	host_step("pop: names noted");
	ok = ok && place_all(h, e);
	host_step("pop: in place");
	ok = ok && note_all(h, true, e);
	host_step("pop: noted");
	for (size_t i = 0; ok && i < h->count; i++) {
		h->at[i].item->state = final_state(h, &h->at[i]);
		h->at[i].item->since = clock_now();
	}
	h->b->mended = ok;
	*n = ok ? h->count : 0;
	if (h->open && h->count) {
		/* The one on its way moves to the front. */
		struct arrival coming = h->at[h->count];

		empty(h);
		h->at[0] = coming;
	} else {
		empty(h);
	}
	return ok || err_at(e, "delivering");
}

/* ---- the whole in place of its preview ---- */

static bool remove_preview(struct pop_box *b, const char *preview, struct err *e)
{
	char *found, *full;
	bool ok;

	if (!maildir_find(b->path, sv_of(preview), &found, e))
		return false;
	if (!found)
		return true;
	full = fs_join(b->path, found);
	ok = unlink(full) == 0 || errno == ENOENT || err_sys(e, "%s", full);
	free(full);
	free(found);
	return ok && maildir_flush(b->path, e);
}

static unsigned flags_of_preview(struct pop_box *b, const char *preview)
{
	unsigned flags = 0;
	struct err e;
	struct sv base;
	char *found;

	if (maildir_find(b->path, sv_of(preview), &found, &e) && found)
		flags = maildir_flags_of(sv_of(fs_basename(found)), sv_starts(sv_of(found), SV("new/")), &base);
	free(found);
	return flags & ~(unsigned)MSG_PARTIAL;
}

/* The name of the whole is that of the preview without its mark. */
static char *stem_of(const char *preview)
{
	const char *mark = strrchr(preview, ',');

	return xstrndup(preview, mark ? (size_t)(mark - preview) : strlen(preview));
}

bool pop_hall_commit_whole(struct pop_hall *h, const char *preview, char base[UIDL_BASE_MAX + 1], struct err *e)
{
	struct arrival *a = &h->at[0];
	struct pop_box *b = h->b;
	struct sv uidl = sv_of(a->item->uidl);
	bool ok;

	if (h->count != 1)
		bug("%zu messages are in the hall", h->count);
	free(a->base);
	a->base = stem_of(preview);
	b->mended = false;
	ok = maildir_deliver_settle(a->d, e) && uidl_set_state(b->uidls, uidl, UIDL_WHOLE, e);
	/* From here on pop_mend knows what to do: first the note, then the file, then the preview goes. */
	host_step("pop: whole noted");
	if (ok && !map_has(names(h), sv_of(a->base)))
		ok = maildir_deliver_place(a->d, a->base, flags_of_preview(b, preview), e) && maildir_flush(b->path, e);
	host_step("pop: whole in place");
	ok = ok && remove_preview(b, preview, e) && note_one(h, a, final_state(h, a), e);
	host_step("pop: preview gone");
	if (ok) {
		map_set(names(h), sv_of(a->base), h);
		map_del(names(h), sv_of(preview));
		a->item->state = UIDL_FETCHED;
		a->item->since = clock_now();
		snprintf(base, UIDL_BASE_MAX + 1, "%s", a->base);
	}
	b->mended = ok;
	empty(h);
	return ok;
}

struct mending {
	struct pop_box *b;
	struct map *names;
	bool ok;
	struct err *e;
};

/* The whole is there: the preview, if it is still there, goes. It is not: the preview is what we have. */
static bool mend_whole(void *data, struct sv uidl, const struct uidl_row *row)
{
	struct mending *m = data;
	char *stem = stem_of(row->base);
	struct uidl_row now = *row;

	now.state = UIDL_PREVIEW;
	if (map_has(m->names, sv_of(stem))) {
		m->ok = remove_preview(m->b, row->base, m->e);
		now.state = UIDL_FETCHED;
		now.since = 0;
		snprintf(now.base, sizeof(now.base), "%s", stem);
	}
	m->ok = m->ok && uidl_put(m->b->uidls, uidl, &now, m->e);
	free(stem);
	return m->ok;
}

/* It was about to get its name: either it has it, or it comes again. */
static bool mend_coming(void *data, struct sv uidl, const struct uidl_row *row)
{
	struct mending *m = data;
	struct uidl_row now = *row;

	now.state = !map_has(m->names, sv_of(row->base))                 ? UIDL_NEW
		    : maildir_partial_size(sv_of(row->base), NULL) ? UIDL_PREVIEW
								   : UIDL_FETCHED;
	m->ok = uidl_put(m->b->uidls, uidl, &now, m->e);
	return m->ok;
}

bool pop_mend(struct pop_box *b, struct err *e)
{
	struct mending m = {.b = b, .ok = true, .e = e};
	size_t wholes = 0, coming = 0;
	char *prefix = temp_prefix(b);
	bool ok;

	/* What a killed worker of this account left. */
	each_file(b->path, "tmp", remove_temp, prefix);
	free(prefix);
	if (!uidl_count(b->uidls, UIDL_WHOLE, &wholes, e) || !uidl_count(b->uidls, UIDL_COMING, &coming, e))
		return false;
	if (wholes + coming == 0)
		return true;
	m.names = read_names(b->path);
	ok = uidl_each(b->uidls, UIDL_WHOLE, mend_whole, &m, e) && m.ok &&
	     uidl_each(b->uidls, UIDL_COMING, mend_coming, &m, e) && m.ok;
	map_free(m.names);
	return ok;
}
